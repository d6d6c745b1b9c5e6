"""Samples made so large that threads can share them: copies of the operands along a new first axis, or an old one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.ir import PRIMITIVES, Params

from ..core.samples import Sample

Arrays = Sequence[np.ndarray]


class Copies(NamedTuple):
    """`times` copies of a sample: its operands and its canonical parameters."""

    times: int
    operands: Arrays
    params: Params

    def every(self) -> list[np.ndarray]:
        """All operands, along a new first axis."""
        return [self.stack(o) for o in self.operands]

    def stack(self, operand: np.ndarray) -> np.ndarray:
        """An operand, along a new first axis."""
        return np.ascontiguousarray(np.broadcast_to(operand, (self.times, *operand.shape)))

    def repeat(self, operand: np.ndarray, axis: int) -> np.ndarray:
        """An operand, along an old axis."""
        return np.tile(operand, [self.times if a == axis % operand.ndim else 1 for a in range(operand.ndim)])


def _behind(axes: Sequence[int]) -> tuple[int, ...]:
    """The same axes behind a new first one."""
    return tuple(a + 1 for a in axes)


def _with(**changes: Callable[[Copies, Any], Any]) -> Callable[[Copies], tuple[Arrays, dict[str, Any]]]:
    """All operands along a new first axis; each parameter becomes what its function makes of it."""
    return lambda c: (c.every(), {**c.params, **{name: f(c, c.params[name]) for name, f in changes.items()}})


def _first(value: Any) -> Callable[[Copies, Any], Any]:
    return lambda c, old: (value, *old)


def _shape(c: Copies, shape: tuple[int, ...]) -> tuple[int, ...]:
    return (c.times, *shape)


def _axes(c: Copies, axes: Sequence[int]) -> tuple[int, ...]:
    return _behind(axes)


def _axis(c: Copies, axis: int) -> int:
    return axis + 1


def _pairs(c: Copies, pairs: tuple[Sequence[int], Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    return _behind(pairs[0]), _behind(pairs[1])


def _batched(c: Copies) -> tuple[Arrays, dict[str, Any]]:
    """One more batch axis of a product."""
    batch = tuple((0, *_behind(axes)) for axes in c.params.batch)
    return c.every(), {"contract": _pairs(c, c.params.contract), "batch": batch}


def _images(c: Copies) -> tuple[Arrays, dict[str, Any]]:
    """More images of a convolution."""
    x, w = c.operands
    return [c.repeat(x, 1), w], dict(c.params)


def _taken(c: Copies) -> tuple[Arrays, dict[str, Any]]:
    """More indices into the same table."""
    table, *others = c.operands
    return [table, *map(c.stack, others)], dict(c.params)


def _started(c: Copies) -> tuple[Arrays, dict[str, Any]]:
    """A new first axis, of which a dynamic slice takes all."""
    *blocks, start = c.operands
    params = {"sizes": (c.times, *c.params.sizes)} if "sizes" in c.params else {}
    return [*map(c.stack, blocks), np.concatenate([np.zeros(1, start.dtype), start])], params


def _placed(c: Copies) -> tuple[Arrays, dict[str, Any]]:
    """Axes of a broadcast, which says where they go."""
    axes = (0, *_behind(c.params.axes))
    return c.every(), {"shape": (c.times, *c.params.shape), "axes": axes}


def _counted(c: Copies) -> tuple[Arrays, dict[str, Any]]:
    return [], {**c.params, "shape": (c.times, *c.params.shape), "axis": c.params.axis + 1}


def _bits(c: Copies) -> tuple[Arrays, dict[str, Any]]:
    return c.operands, {"shape": (c.times, *c.params.shape)}


_WINDOW = _with(window=_first(1), strides=_first(1), padding=_first((0, 0)), dilation=_first(1))
ENLARGE: dict[str, Callable[[Copies], tuple[Arrays, dict[str, Any]]]] = {
    **{name: _with() for name, p in PRIMITIVES.items() if p.family == "elementwise"},
    **{name: _with(axes=_axes) for name in ("reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reverse")},
    **{name: _with(axis=_axis) for name in (
        "argmax", "argmin", "concatenate", "sort", "argsort", "cumsum", "cumprod", "cummax", "cummin")},
    "top_k": _with(), "reshape": _with(shape=_shape), "transpose": _with(axes=lambda c, axes: (0, *_behind(axes))),
    "slice": _with(start=_first(0), stop=_shape, strides=_first(1)), "broadcast": _placed,
    "pad": _with(low=_first(0), high=_first(0), interior=_first(0)), "window_sum": _WINDOW, "window_max": _WINDOW,
    "dot_general": _batched, "conv": _images, "gather": _taken, "scatter": _taken, "scatter_add": _taken,
    "dynamic_slice": _started, "dynamic_update_slice": _started, "iota": _counted, "random_bits": _bits,
}  # fmt: skip
AS_THEY_ARE = {"constant", "loop", "while_loop", "cond"}  # a value; and Programs: random ones are large


def enlarged(name: str, s: Sample, elements: int) -> Sample | None:
    """A sample with some `elements` in its largest operand; None if it has none of which there could be more."""
    params = s.canonical(name)
    size = max([o.size for o in s.operands] + [int(np.prod(params.get("shape", 0)))])
    if not size:
        return None
    operands, changed = ENLARGE[name](Copies(-(-elements // size), s.operands, params))
    return Sample(tuple(operands), changed)
