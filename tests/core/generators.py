"""How each primitive is used in a random Program.

In smooth mode only float64 and differentiable primitives are used: arguments are kept inside the domains by functions
such as 2 + sin x, results are kept small by tanh.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.ir import BOOL, DTYPES, FLOAT, INTEGER, NUMBER, PRIMITIVES, Equation, Params, Program, TensorType, Var

from .maker import LARGE, Generator, Maker, array_of
from .samples.elementwise import BINARY, UNARY

# elementwise -------------------------------------------------------------------------------------------------------


def _unary(name: str) -> Generator:
    return lambda m: _ignore(m.emit(name, m.pick(UNARY[name][0])))


def _binary(name: str) -> Generator:
    def make(m: Maker) -> None:
        x = m.pick(BINARY[name][0])
        pair = [x, m.operand(x.type)]
        m.emit(name, *(pair if m.rng.random() < 0.5 else pair[::-1]))

    return make


def _ignore(v: Var) -> None:
    return None


def make_select(m: Maker) -> None:
    x = m.pick()
    c = m.constant(x.type.with_dtype("bool")) if m.smooth else m.operand(x.type.with_dtype("bool"))
    m.emit("select", c, x, m.operand(x.type))


def make_convert(m: Maker) -> None:
    x, dtype = m.pick(), "float64" if m.smooth else m.rng.choice(DTYPES)
    if x.type.dtype in FLOAT and dtype in INTEGER:  # out of range is undefined
        x = m.emit("select", m.emit("eq", x, x), x, m.number(0, x.type))
        low = 0 if dtype.startswith("u") else -100
        x = m.emit("min", m.emit("max", x, m.number(low, x.type)), m.number(100, x.type))
    m.emit("convert", x, dtype=dtype)


# creation and movement ---------------------------------------------------------------------------------------------


def make_constant(m: Maker) -> None:
    m.constant(TensorType("float64" if m.smooth else m.rng.choice(DTYPES), m.shape()))


def make_iota(m: Maker) -> None:
    shape = m.shape(1)
    m.emit("iota", shape=shape, axis=m.rng.randrange(len(shape)), dtype="float64" if m.smooth else m.rng.choice(NUMBER))


def make_random_bits(m: Maker) -> None:
    m.emit("random_bits", m.operand(TensorType("uint32", (2,))), shape=m.shape())


def make_reshape(m: Maker) -> None:
    x = m.pick()
    shape = list(x.type.shape)
    m.rng.shuffle(shape)
    if len(shape) > 1 and m.rng.random() < 0.5:
        shape = [shape[0] * shape[1], *shape[2:]]
    if m.rng.random() < 0.5:
        shape.insert(m.rng.randint(0, len(shape)), 1)
    m.emit("reshape", x, shape=[n for n in shape if n != 1 or m.rng.random() < 0.7])


def make_broadcast(m: Maker) -> None:
    x = m.pick()
    shape: list[int] = []
    axes: list[int] = []
    for n in x.type.shape:
        if m.rng.random() < 0.3:
            shape.append(m.extent(1 if m.smooth else 0, 3))
        axes.append(len(shape))
        shape.append(m.extent(1, 3) if n == 1 and m.rng.random() < 0.5 else n)
    if m.rng.random() < 0.3 or not shape:
        shape.append(m.extent(1, 3))
    if math.prod(shape) <= 2 * m.scale.elements:
        m.emit("broadcast", x, shape=shape, axes=axes)


def make_transpose(m: Maker) -> None:
    x = m.pick(rank=1)
    m.emit("transpose", x, axes=m.order(x.type.rank))


def make_slice(m: Maker) -> None:
    x = m.pick(rank=1)
    start = [m.rng.randint(0, n if not m.smooth else max(n - 1, 0)) for n in x.type.shape]
    stop = [m.rng.randint(lo if not m.smooth else min(lo + 1, n), n) for lo, n in zip(start, x.type.shape, strict=True)]
    m.emit("slice", x, start=start, stop=stop, strides=[m.rng.randint(1, 3) for _ in start])


def make_pad(m: Maker) -> None:
    x = m.pick()
    low, high = ([m.rng.randint(-1, 2) for _ in x.type.shape] for _ in range(2))
    value = m.rng.choice([0, 1]) if x.type.dtype not in FLOAT else m.rng.choice([0, 0.5, -1.5])
    m.emit("pad", x, low=low, high=high, interior=[m.rng.randint(0, 1) for _ in low], value=value)


def make_concatenate(m: Maker) -> None:
    x = m.pick(rank=1)
    axis, parts = m.axis(x), [x]
    for _ in range(m.rng.randint(0, 2)):
        shape = list(x.type.shape)
        shape[axis] = m.extent(0, 2)
        parts.append(m.operand(x.type.with_shape(shape)))
    m.rng.shuffle(parts)
    m.emit("concatenate", *parts, axis=axis)


def make_reverse(m: Maker) -> None:
    x = m.pick()
    m.emit("reverse", x, axes=m.axes(x))


def _start(m: Maker, x: Var, sizes: Sequence[int]) -> Var:
    start = [m.rng.randint(0, n - size) for n, size in zip(x.type.shape, sizes, strict=True)]
    return m.fixed(np.array(start, m.rng.choice(["int32", "int64"])))


def make_dynamic_slice(m: Maker) -> None:
    x = m.pick()
    sizes = [m.rng.randint(min(n, 1) if m.smooth else 0, n) for n in x.type.shape]
    m.emit("dynamic_slice", x, _start(m, x, sizes), sizes=sizes)


def make_dynamic_update_slice(m: Maker) -> None:
    x = m.pick()
    sizes = [m.rng.randint(0, n) for n in x.type.shape]
    m.emit("dynamic_update_slice", x, m.operand(x.type.with_shape(sizes)), _start(m, x, sizes))


# reduction, contraction, indexing, ordering, windows ---------------------------------------------------------------


def _reduction(name: str, dtypes: Sequence[str]) -> Generator:
    def make(m: Maker) -> None:
        x = m.pick(dtypes)
        m.emit(name, x, axes=[a for a in m.axes(x) if x.type.shape[a] or name in ("reduce_sum", "reduce_prod")])

    return make


def _position(name: str) -> Generator:
    def make(m: Maker) -> None:
        x = m.pick(rank=1)
        axis = m.axis(x)
        if x.type.shape[axis]:
            m.emit(name, x, axis=axis)

    return make


def make_dot_general(m: Maker) -> None:
    dtype = "float64" if m.smooth else m.rng.choice(NUMBER)
    batch, contract = ([m.dimension() for _ in range(m.rng.choice([0, 0, 1, 2]))] for _ in range(2))
    free = [[m.dimension() for _ in range(m.rng.randint(0, 1))] for _ in range(2)]
    while math.prod((*batch, *contract, *free[0], *free[1])) > m.scale.products:
        largest = max((batch, contract, *free), key=lambda sizes: max(sizes, default=0))
        largest.remove(max(largest))
    sides, axes = [], []
    for i in range(2):
        sizes = [*batch, *contract, *free[i]]
        order = m.order(len(sizes))  # axis k of the operand is size order[k]
        sides.append(m.operand(TensorType(dtype, tuple(sizes[k] for k in order))))
        axes.append([order.index(k) for k in range(len(batch) + len(contract))])
    n = len(batch)
    m.emit("dot_general", *sides, contract=(axes[0][n:], axes[1][n:]), batch=(axes[0][:n], axes[1][:n]))


def make_gather(m: Maker) -> None:
    x = m.pick()
    m.emit("gather", x, m.indices(x.type.shape[: m.rng.randint(0, x.type.rank)]))


def _scatter(name: str, dtypes: Sequence[str]) -> Generator:
    def make(m: Maker) -> None:
        x = m.pick(dtypes)
        k = m.rng.randint(0, x.type.rank)
        indices = m.indices(x.type.shape[:k])
        m.emit(name, x, indices, m.operand(x.type.with_shape((*indices.type.shape[:-1], *x.type.shape[k:]))))

    return make


def _order(name: str) -> Generator:
    def make(m: Maker) -> None:
        x = m.pick(rank=1)
        m.emit(name, x, axis=m.axis(x), descending=m.rng.random() < 0.5)

    return make


def make_top_k(m: Maker) -> None:
    x = m.pick(rank=1)
    m.emit("top_k", x, k=m.rng.randint(0, x.type.shape[-1]))


def _cumulative(name: str) -> Generator:
    def make(m: Maker) -> None:
        x = m.pick(NUMBER, rank=1)
        m.emit(name, x, axis=m.axis(x), reverse=m.rng.random() < 0.5)

    return make


def _few(m: Maker, least: int, most: int) -> int:
    """Channels, images: a number from `least` to `most`, or in large values up to 40."""
    large = m.scale is LARGE and m.rng.random() < 0.7
    return m.rng.choice([1, 3, 8, 17, 32, 40]) if large else m.rng.randint(least, most)


def _window_params(m: Maker, rank: int) -> dict[str, Any]:
    return {
        "strides": [m.rng.randint(1, 2) for _ in range(rank)],
        "padding": [(m.rng.randint(-1, 2), m.rng.randint(-1, 2)) for _ in range(rank)],
        "dilation": [m.rng.randint(1, 2) for _ in range(rank)],
    }


def make_conv(m: Maker) -> None:
    rank, dtype = m.rng.randint(0, 2), "float64" if m.smooth else m.rng.choice(FLOAT)
    large = m.scale is LARGE
    groups, channels, filters = m.rng.randint(1, 2), _few(m, 0, 2), _few(m, 1, 2)
    space = [m.rng.randint(0, 30 if large else 3) for _ in range(rank)]
    window = [m.rng.randint(1, 5 if large else 3) for _ in range(rank)]
    images = _few(m, 0, 2)
    if math.prod((groups, images, *space, *window, channels, filters)) > m.scale.products:
        images = channels = 1
    x = m.operand(TensorType(dtype, (groups, images, *space, channels)))
    w = m.operand(TensorType(dtype, (groups, *window, channels, filters)))
    m.emit("conv", x, w, **_window_params(m, rank), spread=[m.rng.randint(1, 2) for _ in range(rank)])


def _pool(name: str) -> Generator:
    def make(m: Maker) -> None:
        x = m.pick(NUMBER)
        window = [m.rng.randint(1, 3 if m.scale is LARGE else 2) for _ in x.type.shape]
        m.emit(name, x, window=window, **_window_params(m, x.type.rank))

    return make


# control -----------------------------------------------------------------------------------------------------------


def _some(m: Maker, most: int) -> list[Var]:
    return [m.pick() for _ in range(m.rng.randint(0, most))]


def make_loop(m: Maker) -> None:
    length = m.rng.randint(0, 3)
    invariants, carries = _some(m, 2), _some(m, 2)
    rows = [m.operand(TensorType(v.type.dtype, (length, *v.type.shape[:2]))) for v in _some(m, 2)]
    types = [v.type for v in (*invariants, *carries)] + [v.type.with_shape(v.type.shape[1:]) for v in rows]
    body = m.sub_program("body", types, [v.type for v in carries], extra=2)
    m.emit(
        "loop", *invariants, *carries, *rows, body=body, length=length,
        invariants=len(invariants), carries=len(carries), reverse=m.rng.random() < 0.5,
    )  # fmt: skip


def make_cond(m: Maker) -> None:
    count = m.rng.randint(1, 3)
    dtype = "bool" if count == 2 and m.rng.random() < 0.5 else "int32"
    choice = m.fixed(array_of(TensorType(dtype, ()), m.seed(), False)) if m.smooth else m.operand(TensorType(dtype, ()))
    operands = _some(m, 3)
    first = m.sub_program("branch", [v.type for v in operands], [], extra=2)
    others = [m.sub_program("branch", [v.type for v in operands], first.output_types) for _ in range(count - 1)]
    m.emit("cond", choice, *operands, branches=(first, *others))


def make_while_loop(m: Maker) -> None:
    """A counter runs up to a small number, other carries go along."""
    counter, others = TensorType("int32", ()), _some(m, 2)
    inner = Maker(m.rng, m.table, [counter, *(v.type for v in others)], depth=m.depth + 1, scale=m.scale)
    below = inner.emit("lt", inner.inputs[0], inner.fixed(np.array(m.rng.randint(0, 4), "int32")))
    test = Program("test", tuple(inner.inputs), tuple(inner.equations), (below,))
    body = m.sub_program("step", test.input_types, [v.type for v in others])
    one, following = Var(counter), Var(counter)
    count = (
        Equation(PRIMITIVES["constant"], (), Params(value=np.array(1, "int32")), (one,)),
        Equation(PRIMITIVES["add"], (body.inputs[0], one), Params(), (following,)),
    )
    body = body.replace(equations=body.equations + count, outputs=(following, *body.outputs))
    m.emit("while_loop", m.fixed(np.array(m.rng.randint(0, 3), "int32")), *others, test=test, body=body)


GENERATORS: dict[str, Generator] = {
    **{name: _unary(name) for name in UNARY},
    **{name: _binary(name) for name in BINARY},
    "select": make_select, "convert": make_convert, "constant": make_constant, "iota": make_iota,
    "random_bits": make_random_bits, "reshape": make_reshape, "broadcast": make_broadcast,
    "transpose": make_transpose, "slice": make_slice, "pad": make_pad, "concatenate": make_concatenate,
    "reverse": make_reverse, "dynamic_slice": make_dynamic_slice, "dynamic_update_slice": make_dynamic_update_slice,
    **{name: _reduction(name, NUMBER) for name in ("reduce_sum", "reduce_prod")},
    **{name: _reduction(name, BOOL + NUMBER) for name in ("reduce_max", "reduce_min")},
    "argmax": _position("argmax"), "argmin": _position("argmin"), "dot_general": make_dot_general,
    "gather": make_gather, "scatter": _scatter("scatter", DTYPES), "scatter_add": _scatter("scatter_add", NUMBER),
    "sort": _order("sort"), "argsort": _order("argsort"), "top_k": make_top_k,
    **{name: _cumulative(name) for name in ("cumsum", "cumprod", "cummax", "cummin")},
    "conv": make_conv, "window_sum": _pool("window_sum"), "window_max": _pool("window_max"),
    "loop": make_loop, "cond": make_cond, "while_loop": make_while_loop,
}  # fmt: skip


# smooth ------------------------------------------------------------------------------------------------------------


def _above_one(m: Maker, x: Var) -> Var:
    """2 + sin x."""
    return m.emit("add", m.number(2, x.type), m.emit("sin", x))


def _inside(name: str) -> Generator:
    """f(2 + sin x)."""
    return lambda m: _ignore(m.small(m.emit(name, _above_one(m, m.pick()))))


def _bounded(name: str) -> Generator:
    """f(0.9 tanh x)."""

    def make(m: Maker) -> None:
        x = m.pick()
        m.emit(name, m.emit("mul", m.number(0.9, x.type), m.emit("tanh", x)))

    return make


def _above(name: str) -> Generator:
    """f(x, 2 + sin w), and for pow f(2 + sin x, tanh w)."""

    def make(m: Maker) -> None:
        x = m.pick()
        w = m.operand(x.type)
        m.emit(name, *((_above_one(m, x), m.small(w)) if name == "pow" else (x, _above_one(m, w))))

    return make


def _small(generator: Generator) -> Generator:
    """What a generator makes, through tanh."""

    def make(m: Maker) -> None:
        before = len(m.equations)
        generator(m)
        for e in m.equations[before:][-1:]:
            for v in e.outputs:
                m.small(v)

    return make


_LINEAR = (
    "reshape", "broadcast", "transpose", "slice", "pad", "concatenate", "reverse", "dynamic_slice",
    "dynamic_update_slice", "gather", "scatter", "select", "convert", "constant",
)  # fmt: skip
_GROWING = (
    "add", "sub", "mul", "reduce_sum", "reduce_prod", "dot_general", "scatter_add", "cumsum", "cumprod", "conv",
    "window_sum", "loop", "cond",
)  # fmt: skip
SMOOTH: dict[str, Generator] = {
    **{name: GENERATORS[name] for name in (*_LINEAR, "neg", "sin", "cos", "tanh", "sigmoid", "erf")},
    **{name: _small(GENERATORS[name]) for name in _GROWING},
    **{name: _inside(name) for name in ("log", "sqrt", "log1p")},
    **{name: _bounded(name) for name in ("exp", "expm1", "erf_inv")},
    **{name: _above(name) for name in ("div", "atan2", "pow")},
}
