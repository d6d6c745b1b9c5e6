"""The index work behind some rows of the gradient table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..ir import Params, Tensor, trace
from ..primitives import (
    bit_and,
    bit_not,
    bit_or,
    broadcast,
    concatenate,
    conv,
    cummax,
    cummin,
    cumprod,
    dot_general,
    eq,
    gather,
    gt,
    iota,
    log,
    loop,
    pad,
    reduce_sum,
    reshape,
    reverse,
    scatter,
    scatter_add,
    select,
    slice,
    transpose,
)  # fmt: skip
from ..primitives.arithmetic import cast, full, zeros_like
from ..primitives.contraction import free_axes
from ..primitives.window import dilated


def inverse(axes: Sequence[int]) -> tuple[int, ...]:
    """The permutation that undoes `axes`."""
    return tuple(sorted(range(len(axes)), key=lambda k: axes[k]))


def share(chosen: Tensor, tied: Tensor, g: Tensor) -> Tensor:
    """1 where chosen, 1/2 where tied, else 0."""
    return cast(chosen, g.dtype) + cast(tied, g.dtype) * 0.5


def log_or_zero(x: Tensor) -> Tensor:
    """ln x where x > 0, else 0, with derivatives of every order that are numbers."""
    return log(select(gt(x, zeros_like(x)), x, full(x.shape, 1, x.dtype)))


def power_base(x: Tensor, w: Tensor) -> Tensor:
    """`x`, but 1 where x = w = 0: the slope of 0^0 = 1 is 0."""
    both = bit_and(eq(x, zeros_like(x)), eq(w, zeros_like(w)))
    return select(both, full(x.shape, 1, x.dtype), x)


def along(p: Params, g: Tensor, x: Tensor) -> Tensor:
    """A reduced tensor repeated along the axes that were reduced."""
    return broadcast(g, shape=x.shape, axes=tuple(a for a in range(x.ndim) if a not in p.axes))


def unbroadcast(p: Params, g: Tensor, x: Tensor) -> Tensor:
    """`g` summed over every axis along which `x` was repeated."""
    repeated = [a for k, a in enumerate(p.axes) if x.shape[k] == 1 and p.shape[a] != 1]
    new = [a for a in range(len(p.shape)) if a not in p.axes]
    return reshape(reduce_sum(g, axes=sorted(repeated + new)), shape=x.shape)


def unslice(p: Params, g: Tensor, x: Tensor) -> Tensor:
    """`g` put back where the slice was taken, zeros elsewhere."""
    used = [lo + dilated(n, s) for lo, n, s in zip(p.start, g.shape, p.strides, strict=True)]
    high = [size - u for size, u in zip(x.shape, used, strict=True)]
    return pad(g, low=p.start, high=high, interior=[s - 1 for s in p.strides])


def unpad(p: Params, g: Tensor, x: Tensor) -> Tensor:
    """The elements of `g` that came from `x`; zeros for elements that were cut off."""
    whole = pad(g, low=[-n for n in p.low], high=[-n for n in p.high])
    return slice(whole, start=(0,) * x.ndim, stop=whole.shape, strides=[i + 1 for i in p.interior])


def pieces(p: Params, g: Tensor, xs: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """`g` cut at the joints of a concatenation."""
    parts, position = [], 0
    for x in xs:
        start, stop = [0] * x.ndim, list(g.shape)
        start[p.axis], stop[p.axis] = position, position + x.shape[p.axis]
        position = stop[p.axis]
        parts.append(slice(g, start=start, stop=stop))
    return tuple(parts)


def equal_share(p: Params, y: Tensor, x: Tensor) -> Tensor:
    """1/k at each of the k elements equal to the reduced value."""
    hits = cast(eq(x, along(p, y, x)), x.dtype)
    return hits / along(p, reduce_sum(hits, axes=p.axes), x)


def product_of_others(p: Params, x: Tensor) -> Tensor:
    """For each element the product of the others along the reduced axes."""
    order = tuple(a for a in range(x.ndim) if a not in p.axes) + p.axes
    moved = transpose(x, axes=order)
    kept = moved.shape[: x.ndim - len(p.axes)]
    size = x.size // max(1, math.prod(kept)) if x.size else math.prod(moved.shape[len(kept) :])
    lines = reshape(moved, shape=(*kept, size))
    others = exclusive_product(lines, False) * exclusive_product(lines, True)
    return transpose(reshape(others, shape=moved.shape), axes=inverse(order))


def exclusive_product(x: Tensor, reverse: bool) -> Tensor:
    """Along the last axis the product of all elements before (after) each one."""
    axis = x.ndim - 1
    if not x.shape[axis]:
        return x
    one = full((*x.shape[:-1], 1), 1, x.dtype)
    inner = slice(x, start=(0,) * axis + (1,), stop=x.shape) if reverse else slice(
        x, start=(0,) * x.ndim, stop=(*x.shape[:-1], x.shape[axis] - 1)
    )  # fmt: skip
    return cumprod(concatenate(*((inner, one) if reverse else (one, inner)), axis=axis), axis=axis, reverse=reverse)


def contract_left(p: Params, g: Tensor, x: Tensor, w: Tensor) -> Tensor:
    """dx = g contracted with w over w's free axes, axes put in x's order."""
    batch = len(p.batch[0])
    free_x, free_w = free_axes(x.ndim, p.contract[0], p.batch[0]), free_axes(w.ndim, p.contract[1], p.batch[1])
    of_g = tuple(range(batch + len(free_x), g.ndim))
    d = dot_general(g, w, contract=(of_g, free_w), batch=(tuple(range(batch)), p.batch[1]))
    by_w = sorted(range(len(p.contract[1])), key=lambda k: p.contract[1][k])  # contracted axes come in w's order
    order = p.batch[0] + free_x + tuple(p.contract[0][k] for k in by_w)
    return transpose(d, axes=inverse(order))


def contract_right(p: Params, g: Tensor, x: Tensor, w: Tensor) -> Tensor:
    """dw = x contracted with g over x's free axes, axes put in w's order."""
    batch = len(p.batch[0])
    free_x, free_w = free_axes(x.ndim, p.contract[0], p.batch[0]), free_axes(w.ndim, p.contract[1], p.batch[1])
    of_g = tuple(range(batch, batch + len(free_x)))
    d = dot_general(x, g, contract=(free_x, of_g), batch=(p.batch[0], tuple(range(batch))))
    by_x = sorted(range(len(p.contract[0])), key=lambda k: p.contract[0][k])
    order = p.batch[1] + tuple(p.contract[1][k] for k in by_x) + free_w
    return transpose(d, axes=inverse(order))


def winners(g: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """1 for updates that a scatter kept, 0 for those that a later equal index overwrote."""
    counts = indices.shape[:-1]
    number = reshape(iota(shape=(math.prod(counts),)), shape=counts)
    places = g.shape[: indices.shape[-1]]
    kept = gather(scatter(full(places, 0, "int32"), indices, number), indices)
    mask = cast(eq(kept, number), g.dtype)
    return broadcast(mask, shape=updates.shape, axes=tuple(range(len(counts))))


def unsort(g: Tensor, order: Tensor, axis: int, x: Tensor) -> Tensor:
    """`g` carried back to the positions that `order` names along an axis."""
    grid = [order if a == axis else iota(shape=order.shape, axis=a) for a in range(x.ndim)]
    stacked = [reshape(i, shape=(*i.shape, 1)) for i in grid]
    return scatter_add(zeros_like(x), concatenate(*stacked, axis=x.ndim), g)


def cumprod_gradient(p: Params, g: Tensor, x: Tensor) -> Tensor:
    """dx[i] = before[i] S[i] with S[i] = g[i] + x[i+1] S[i+1], in the direction of the product."""
    order = (p.axis, *(a for a in range(x.ndim) if a != p.axis))
    x, g = transpose(x, axes=order), transpose(g, axes=order)
    last_first = transpose(x, axes=(*range(1, x.ndim), 0))
    before = transpose(exclusive_product(last_first, p.reverse), axes=(x.ndim - 1, *range(x.ndim - 1)))
    line = x.type.with_shape(x.shape[1:])

    def step(total: Tensor, element: Tensor, cotangent: Tensor) -> list[Tensor]:
        here = cotangent + total
        return [element * here, here]

    body, _ = trace(step, [line, line, line], "recurrence")
    start = full(line.shape, 0, x.dtype)
    sums = loop(start, x, g, body=body, length=x.shape[0], invariants=0, carries=1, reverse=not p.reverse)[1]
    return transpose(before * sums, axes=inverse(order))


def running_gradient(p: Params, g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Each element of `g` goes to the first position of its run of equal running values."""
    positions = iota(shape=x.shape, axis=p.axis)
    size = x.shape[p.axis]
    low, high = [0] * x.ndim, [0] * x.ndim
    (high if p.reverse else low)[p.axis] = 1
    start, stop = [0] * x.ndim, list(x.shape)
    (start if p.reverse else stop)[p.axis] += 1 if p.reverse else -1
    previous = pad(slice(y, start=start, stop=stop), low=low, high=high) if size else y
    edge = eq(positions, full(x.shape, size - 1 if p.reverse else 0, "int32"))
    changed = bit_or(edge, bit_and(bit_not(edge), bit_not(eq(y, previous))))
    outside = full(x.shape, size if p.reverse else -1, "int32")
    follow = cummin if p.reverse else cummax
    first = follow(select(changed, positions, outside), axis=p.axis, reverse=p.reverse)
    return unsort(g, first, p.axis, x)


def conv_input(p: Params, g: Tensor, x: Tensor, w: Tensor) -> Tensor:
    """dx: `g` spread by the strides, convolved with the kernel turned round, channels and filters exchanged."""
    rank = len(p.strides)
    if not g.size:
        return zeros_like(x)
    turned = reverse(w, axes=tuple(range(1, 1 + rank)))
    turned = transpose(turned, axes=(*range(1 + rank), rank + 2, rank + 1))
    padding = []
    for axis in range(rank):
        extent = dilated(w.shape[1 + axis], p.dilation[axis])
        size, count = dilated(x.shape[2 + axis], p.spread[axis]), dilated(g.shape[2 + axis], p.strides[axis])
        low = extent - 1 - p.padding[axis][0]
        padding.append((low, size - 1 - count - low + extent))
    return conv(g, turned, strides=p.spread, padding=padding, dilation=p.dilation, spread=p.strides)


def conv_kernel(p: Params, g: Tensor, x: Tensor, w: Tensor) -> Tensor:
    """dw: `x` convolved with `g`, batch and channels exchanged, strides and dilation exchanged."""
    rank = len(p.strides)
    if not g.size:
        return zeros_like(w)
    space = tuple(range(2, 2 + rank))
    images = transpose(x, axes=(0, 2 + rank, *space, 1))
    kernels = transpose(g, axes=(0, *space, 1, 2 + rank))
    padding = []
    for axis in range(rank):
        extent = dilated(w.shape[1 + axis], p.dilation[axis])
        size, count = dilated(x.shape[2 + axis], p.spread[axis]), dilated(g.shape[2 + axis], p.strides[axis])
        low = p.padding[axis][0]
        padding.append((low, extent - 1 + count - size - low))
    d = conv(images, kernels, strides=p.dilation, padding=padding, dilation=p.strides, spread=p.spread)
    return transpose(d, axes=(0, *space, 1, 2 + rank))
