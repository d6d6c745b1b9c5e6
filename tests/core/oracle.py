"""The oracle: every primitive once more, as loops over indices in plain Python.

It is written from the formulas of the documentation, not from the NumPy code, and shares nothing with it: arrays
are only containers, read and written one element at a time.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from chainrule.ir import Params, Program, interpret, kind_of

from .scalars import BINARY, SHIFTS, UNARY, store

Array = np.ndarray
Index = tuple[int, ...]


def indices(shape: Sequence[int]) -> Iterator[Index]:
    return itertools.product(*map(range, shape))


def build(shape: Sequence[int], dtype: Any, element: Callable[[Index], Any]) -> Array:
    """The array whose element at index i is `element(i)`."""
    result = np.empty(tuple(shape), dtype)
    for i in indices(shape):
        result[i] = store(element(i), dtype)
    return result


def at(x: Array, i: Sequence[int]) -> Any:
    """One element as a Python number."""
    return x[tuple(i)].item()


def without(i: Sequence[int], axes: Sequence[int]) -> Index:
    return tuple(n for a, n in enumerate(i) if a not in axes)


def with_at(i: Index, axis: int, n: int) -> Index:
    """Index i with a component n put in at `axis`."""
    return (*i[:axis], n, *i[axis:])


# elementwise -------------------------------------------------------------------------------------------------------


def oracle_unary(name: str, p: Params, x: Array) -> Array:
    return build(x.shape, x.dtype, lambda i: UNARY[name](at(x, i)))


def oracle_binary(name: str, p: Params, x: Array, w: Array) -> Array:
    compare = name in ("eq", "ne", "lt", "le", "gt", "ge")
    return build(x.shape, "bool" if compare else x.dtype, lambda i: BINARY[name](at(x, i), at(w, i)))


def oracle_shift(name: str, p: Params, x: Array, w: Array) -> Array:
    return build(x.shape, x.dtype, lambda i: SHIFTS[name](at(x, i), at(w, i), 8 * x.dtype.itemsize))


def oracle_select(p: Params, c: Array, x: Array, w: Array) -> Array:
    return build(x.shape, x.dtype, lambda i: at(x, i) if at(c, i) else at(w, i))


def oracle_convert(p: Params, x: Array) -> Array:
    to_integer = kind_of(np.dtype(p.dtype)) in "iu"
    to_bool = p.dtype == "bool"

    def element(i: Index) -> Any:
        value = at(x, i)
        return value != 0 if to_bool else math.trunc(value) if to_integer else float(value)

    return build(x.shape, p.dtype, element)


# creation and random -----------------------------------------------------------------------------------------------


def oracle_constant(p: Params) -> Array:
    return build(p.value.shape, p.value.dtype, lambda i: at(p.value, i))


def oracle_iota(p: Params) -> Array:
    return build(p.shape, p.dtype, lambda i: i[p.axis])


def philox_block(counter: Sequence[int], key: Sequence[int]) -> list[int]:
    """Philox4x32-10 as in Salmon et al. 2011, section 4.4: ten rounds of two 32 x 32 bit products."""
    c, k = list(counter), list(key)
    for _ in range(10):
        left, right = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(right >> 32) ^ c[1] ^ k[0], right % 2**32, (left >> 32) ^ c[3] ^ k[1], left % 2**32]
        k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
    return c


def oracle_random_bits(p: Params, key: Array) -> Array:
    size = math.prod(p.shape)
    quarter = -(-size // 4)
    words = [philox_block((i % quarter, 0, 0, 0), key.tolist())[i // quarter] for i in range(size)]
    numbers = iter(words)
    return build(p.shape, "uint32", lambda i: next(numbers))


# movement ----------------------------------------------------------------------------------------------------------


def oracle_reshape(p: Params, x: Array) -> Array:
    elements = iter([at(x, i) for i in indices(x.shape)])
    return build(p.shape, x.dtype, lambda i: next(elements))


def oracle_broadcast(p: Params, x: Array) -> Array:
    def element(i: Index) -> Any:
        return at(x, [i[a] if n != 1 else 0 for a, n in zip(p.axes, x.shape, strict=True)])

    return build(p.shape, x.dtype, element)


def oracle_transpose(p: Params, x: Array) -> Array:
    def element(i: Index) -> Any:
        j = [0] * x.ndim
        for k, a in enumerate(p.axes):
            j[a] = i[k]
        return at(x, j)

    return build([x.shape[a] for a in p.axes], x.dtype, element)


def oracle_slice(p: Params, x: Array) -> Array:
    lines = [list(range(lo, hi, s)) for lo, hi, s in zip(p.start, p.stop, p.strides, strict=True)]
    return build(map_len(lines), x.dtype, lambda i: at(x, [line[n] for line, n in zip(lines, i, strict=True)]))


def map_len(lines: Sequence[Sequence[Any]]) -> list[int]:
    return [len(line) for line in lines]


def oracle_pad(p: Params, x: Array) -> Array:
    """Along each axis a list: the index of an element of x, or None for the value."""
    lines: list[list[int | None]] = []
    for n, low, high, interior in zip(x.shape, p.low, p.high, p.interior, strict=True):
        line: list[int | None] = []
        for k in range(n):
            line += [k] if k == 0 else [None] * interior + [k]
        line = [None] * low + line if low >= 0 else cut(line, -low)
        line = line + [None] * high if high >= 0 else cut(line[::-1], -high)[::-1]
        lines.append(line)

    def element(i: Index) -> Any:
        j = [line[n] for line, n in zip(lines, i, strict=True)]
        return p.value if None in j else at(x, j)  # type: ignore[arg-type]

    return build(map_len(lines), x.dtype, element)


def cut(line: list[int | None], count: int) -> list[int | None]:
    """A list without its first elements; the samples never remove more than there are."""
    assert count <= len(line)
    return line[count:]


def oracle_concatenate(p: Params, *xs: Array) -> Array:
    owner = [(x, n) for x in xs for n in range(x.shape[p.axis])]
    shape = list(xs[0].shape)
    shape[p.axis] = len(owner)

    def element(i: Index) -> Any:
        x, n = owner[i[p.axis]]
        return at(x, (*i[: p.axis], n, *i[p.axis + 1 :]))

    return build(shape, xs[0].dtype, element)


def oracle_reverse(p: Params, x: Array) -> Array:
    return build(x.shape, x.dtype, lambda i: at(x, [x.shape[a] - 1 - n if a in p.axes else n for a, n in enumerate(i)]))


def oracle_dynamic_slice(p: Params, x: Array, start: Array) -> Array:
    return build(p.sizes, x.dtype, lambda i: at(x, [s + n for s, n in zip(start.tolist(), i, strict=True)]))


def oracle_dynamic_update_slice(p: Params, x: Array, update: Array, start: Array) -> Array:
    def element(i: Index) -> Any:
        j = [n - s for s, n in zip(start.tolist(), i, strict=True)]
        inside = all(0 <= n < size for n, size in zip(j, update.shape, strict=True))
        return at(update, j) if inside else at(x, i)

    return build(x.shape, x.dtype, element)


# reduction and contraction -----------------------------------------------------------------------------------------


def lines_along(x: Array, axes: Sequence[int]) -> dict[Index, list[Any]]:
    """For each index of the other axes the elements along `axes`, in row-major order."""
    lines: dict[Index, list[Any]] = {i: [] for i in indices([n for a, n in enumerate(x.shape) if a not in axes])}
    for i in indices(x.shape):
        lines[without(i, axes)].append(at(x, i))
    return lines


def oracle_reduce(combine: Callable[[list[Any]], Any], p: Params, x: Array) -> Array:
    lines = lines_along(x, p.axes)
    return build([n for a, n in enumerate(x.shape) if a not in p.axes], x.dtype, lambda i: combine(lines[i]))


def total(numbers: list[Any]) -> Any:
    result = 0
    for n in numbers:
        result = result + n
    return result


def product(numbers: list[Any]) -> Any:
    result = 1
    for n in numbers:
        result = result * n
    return result


def largest(numbers: list[Any]) -> Any:
    return next((n for n in numbers if n != n), max(numbers))


def smallest(numbers: list[Any]) -> Any:
    return next((n for n in numbers if n != n), min(numbers))


def oracle_arg(best: Callable[[list[Any]], Any], p: Params, x: Array) -> Array:
    def position(line: list[Any]) -> int:
        value = best(line)
        return next(k for k, n in enumerate(line) if n == value or (n != n and value != value))

    lines = lines_along(x, (p.axis,))
    return build(without(x.shape, (p.axis,)), "int32", lambda i: position(lines[i]))


def oracle_dot_general(p: Params, x: Array, w: Array) -> Array:
    (cx, cw), (bx, bw) = p.contract, p.batch
    fx = [a for a in range(x.ndim) if a not in cx and a not in bx]
    fw = [a for a in range(w.ndim) if a not in cw and a not in bw]
    shape = [x.shape[a] for a in bx] + [x.shape[a] for a in fx] + [w.shape[a] for a in fw]

    def place(rank: int, axes: Sequence[int], numbers: Sequence[int]) -> list[int]:
        j = [0] * rank
        for a, n in zip(axes, numbers, strict=True):
            j[a] = n
        return j

    def element(i: Index) -> Any:
        b, rows, columns = i[: len(bx)], i[len(bx) : len(bx) + len(fx)], i[len(bx) + len(fx) :]
        return total([
            at(x, place(x.ndim, (*bx, *fx, *cx), (*b, *rows, *k)))
            * at(w, place(w.ndim, (*bw, *fw, *cw), (*b, *columns, *k)))
            for k in indices([x.shape[a] for a in cx])
        ])  # fmt: skip

    return build(shape, x.dtype, element)


# indexing and ordering ---------------------------------------------------------------------------------------------


def oracle_gather(p: Params, x: Array, ids: Array) -> Array:
    lead = ids.ndim - 1
    rest = x.shape[ids.shape[-1] :]
    return build((*ids.shape[:-1], *rest), x.dtype, lambda i: at(x, (*ids[i[:lead]].tolist(), *i[lead:])))


def oracle_scatter(p: Params, x: Array, ids: Array, updates: Array) -> Array:
    result = oracle_constant(Params(value=x))
    for i in indices(ids.shape[:-1]):
        for rest in indices(x.shape[ids.shape[-1] :]):
            result[(*ids[i].tolist(), *rest)] = at(updates, (*i, *rest))
    return result


def oracle_scatter_add(p: Params, x: Array, ids: Array, updates: Array) -> Array:
    result = oracle_constant(Params(value=x))
    for i in indices(ids.shape[:-1]):
        for rest in indices(x.shape[ids.shape[-1] :]):
            j = (*ids[i].tolist(), *rest)
            result[j] = store(at(result, j) + at(updates, (*i, *rest)), x.dtype)
    return result


def order_of(line: list[Any], descending: bool) -> list[int]:
    """By insertion, one after another: an element goes before the first one that it must precede."""

    def before(a: Any, b: Any) -> bool:  # in ascending order, NaN last
        return a == a and (b != b or a < b)

    order: list[int] = []
    for k, value in enumerate(line):
        place = 0
        while place < len(order):
            other = line[order[place]]
            if before(other, value) if descending else before(value, other):
                break
            place += 1
        order.insert(place, k)
    return order


def along_axis(x: Array, axis: int, dtype: Any, change: Callable[[list[Any]], list[Any]]) -> Array:
    """Every line along an axis replaced by `change(line)`."""
    lines = {i: change(line) for i, line in lines_along(x, (axis,)).items()}
    return build(x.shape, dtype, lambda i: lines[without(i, (axis,))][i[axis]])


def oracle_argsort(p: Params, x: Array) -> Array:
    return along_axis(x, p.axis, "int32", lambda line: order_of(line, p.descending))


def oracle_sort(p: Params, x: Array) -> Array:
    return along_axis(x, p.axis, x.dtype, lambda line: [line[k] for k in order_of(line, p.descending)])


def oracle_top_k(p: Params, x: Array) -> tuple[Array, Array]:
    lines = lines_along(x, (x.ndim - 1,))
    orders = {i: order_of(line, True) for i, line in lines.items()}
    shape = (*x.shape[:-1], p.k)
    values = build(shape, x.dtype, lambda i: lines[i[:-1]][orders[i[:-1]][i[-1]]])
    return values, build(shape, "int32", lambda i: orders[i[:-1]][i[-1]])


def oracle_cumulative(combine: Callable[[list[Any]], Any], p: Params, x: Array) -> Array:
    def running(line: list[Any]) -> list[Any]:
        ahead = line[::-1] if p.reverse else line
        result = [store(combine(ahead[: k + 1]), x.dtype) for k in range(len(ahead))]
        return result[::-1] if p.reverse else result

    return along_axis(x, p.axis, x.dtype, running)


# windows -----------------------------------------------------------------------------------------------------------


def window_counts(sizes: Sequence[int], window: Sequence[int], p: Params) -> list[int]:
    """How many windows fit, by trying: the last element of window n must lie inside the padded line."""
    counts = []
    for size, extent, stride, (low, high), step in zip(sizes, window, p.strides, p.padding, p.dilation, strict=True):
        count = 0
        while extent and count * stride + (extent - 1) * step < low + size + high:
            count += 1
        counts.append(count)
    return counts


def window_positions(i: Sequence[int], k: Sequence[int], p: Params) -> list[int]:
    """Where in the (spread) operand element k of window i lies, along each axis; may be outside."""
    return [
        n * stride + o * step - low
        for n, o, stride, step, (low, _) in zip(i, k, p.strides, p.dilation, p.padding, strict=True)
    ]


def oracle_conv(p: Params, x: Array, w: Array) -> Array:
    space, window = x.shape[2:-1], w.shape[1:-2]
    spread = [(n - 1) * s + 1 if n else 0 for n, s in zip(space, p.spread, strict=True)]
    counts = window_counts(spread, window, p)

    def element(i: Index) -> Any:
        group, image, place, filter = i[0], i[1], i[2:-1], i[-1]
        result = 0.0
        for k in indices(window):
            j = window_positions(place, k, p)
            inside = all(0 <= n < size and n % s == 0 for n, size, s in zip(j, spread, p.spread, strict=True))
            for c in range(x.shape[-1]) if inside else ():
                pixel = (group, image, *(n // s for n, s in zip(j, p.spread, strict=True)), c)
                result += at(x, pixel) * at(w, (group, *k, c, filter))
        return result

    return build((*x.shape[:2], *counts, w.shape[-1]), x.dtype, element)


def oracle_window(combine: Callable[[list[Any]], Any], empty: Callable[[np.dtype], Any], p: Params, x: Array) -> Array:
    def element(i: Index) -> Any:
        places = [window_positions(i, k, p) for k in indices(p.window)]
        inside = [at(x, j) for j in places if all(0 <= n < size for n, size in zip(j, x.shape, strict=True))]
        return combine(inside) if inside else empty(x.dtype)

    return build(window_counts(x.shape, p.window, p), x.dtype, element)


def lowest(dtype: np.dtype) -> Any:
    return -math.inf if kind_of(dtype) == "f" else np.iinfo(dtype).min


# control -----------------------------------------------------------------------------------------------------------


def run(program: Program, arrays: Sequence[Array]) -> list[Array]:
    """A Program by the oracle."""

    def apply(e: Any, values: list[Array]) -> Sequence[Array]:
        result = ORACLE[e.primitive.name](e.params, *values)
        return result if e.primitive.multiple else (result,)

    return interpret(program, arrays, apply)


def oracle_loop(p: Params, *operands: Array) -> tuple[Array, ...]:
    n, k = p.invariants, p.carries
    invariants, carries, sequences = operands[:n], list(operands[n : n + k]), operands[n + k :]
    elements: dict[int, list[Array]] = {}
    for i in range(p.length)[::-1] if p.reverse else range(p.length):
        found = run(p.body, [*invariants, *carries, *(np.asarray(s[i]) for s in sequences)])
        carries, elements[i] = found[:k], found[k:]

    def stacked(m: int) -> Array:
        t = p.body.output_types[k + m]
        return build((p.length, *t.shape), t.dtype, lambda i: at(elements[i[0]][m], i[1:]))

    return (*carries, *(stacked(m) for m in range(len(p.body.outputs) - k)))


def oracle_while_loop(p: Params, *carries: Array) -> tuple[Array, ...]:
    while run(p.test, carries)[0].item():
        carries = tuple(run(p.body, carries))
    return carries


def oracle_cond(p: Params, choice: Array, *operands: Array) -> tuple[Array, ...]:
    number = max(0, min(len(p.branches) - 1, int(choice.item())))
    return tuple(run(p.branches[number], operands))


ORACLE: dict[str, Callable[..., Any]] = {
    **{name: partial(oracle_unary, name) for name in UNARY},
    **{name: partial(oracle_binary, name) for name in BINARY},
    **{name: partial(oracle_shift, name) for name in SHIFTS},
    "select": oracle_select,
    "convert": oracle_convert,
    "constant": oracle_constant,
    "iota": oracle_iota,
    "random_bits": oracle_random_bits,
    "reshape": oracle_reshape,
    "broadcast": oracle_broadcast,
    "transpose": oracle_transpose,
    "slice": oracle_slice,
    "pad": oracle_pad,
    "concatenate": oracle_concatenate,
    "reverse": oracle_reverse,
    "dynamic_slice": oracle_dynamic_slice,
    "dynamic_update_slice": oracle_dynamic_update_slice,
    "reduce_sum": partial(oracle_reduce, total),
    "reduce_prod": partial(oracle_reduce, product),
    "reduce_max": partial(oracle_reduce, largest),
    "reduce_min": partial(oracle_reduce, smallest),
    "argmax": partial(oracle_arg, largest),
    "argmin": partial(oracle_arg, smallest),
    "dot_general": oracle_dot_general,
    "gather": oracle_gather,
    "scatter": oracle_scatter,
    "scatter_add": oracle_scatter_add,
    "argsort": oracle_argsort,
    "sort": oracle_sort,
    "top_k": oracle_top_k,
    "cumsum": partial(oracle_cumulative, total),
    "cumprod": partial(oracle_cumulative, product),
    "cummax": partial(oracle_cumulative, largest),
    "cummin": partial(oracle_cumulative, smallest),
    "conv": oracle_conv,
    "window_sum": partial(oracle_window, total, lambda dtype: 0),
    "window_max": partial(oracle_window, largest, lowest),
    "loop": oracle_loop,
    "while_loop": oracle_while_loop,
    "cond": oracle_cond,
}
