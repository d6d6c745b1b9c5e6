"""Where the elements of a value come from: a buffer read with strides, one number repeated, or a count.

Movement (broadcast, transpose, slice, reverse, reshape where strides allow it) moves nothing: it changes the offset and
the strides with which the buffer behind a value is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...ir import Params, TensorType, Var


@dataclass(frozen=True)
class Source:
    """Element i of a value: element `offset + sum of i[a] strides[a]` of the buffer `root`.

    Without a root it is the number `literal`, or (literal None) that index itself, as `iota` counts.
    """

    type: TensorType
    root: Var | None
    strides: tuple[int, ...]
    offset: int = 0
    literal: Any = None

    @property
    def buffer(self) -> Var:
        """The root, where there must be one."""
        assert self.root is not None
        return self.root

    def along(self, axes: Sequence[int]) -> tuple[int, ...]:
        """The strides of some axes."""
        return tuple(self.strides[a] for a in axes)


def contiguous(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of a row-major array."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


def whole(v: Var) -> Source:
    """All of a buffer, in order."""
    return Source(v.type, v, contiguous(v.type.shape))


def is_whole(s: Source) -> bool:
    """Whether a source is all of its buffer, in order (axes of size 1 aside)."""
    if s.root is None or s.offset or s.root.type.size != s.type.size:
        return False
    pairs = zip(s.type.shape, s.strides, contiguous(s.type.shape), strict=True)
    return not s.type.size or all(a == b for n, a, b in pairs if n != 1)


def move_broadcast(p: Params, s: Source) -> Source:
    """New axes, and repeated ones, have stride 0."""
    strides = [0] * len(p.shape)
    for size, stride, axis in zip(s.type.shape, s.strides, p.axes, strict=True):
        strides[axis] = stride if size == p.shape[axis] else 0
    return replace(s, type=s.type.with_shape(p.shape), strides=tuple(strides))


def move_transpose(p: Params, s: Source) -> Source:
    """The strides in another order."""
    return replace(s, type=s.type.with_shape(s.type.shape[a] for a in p.axes), strides=s.along(p.axes))


def move_slice(p: Params, s: Source) -> Source:
    """The offset of the first element; strides times steps."""
    shape = [-(-(hi - lo) // step) for lo, hi, step in zip(p.start, p.stop, p.strides, strict=True)]
    offset = s.offset + sum(lo * stride for lo, stride in zip(p.start, s.strides, strict=True))
    strides = tuple(a * b for a, b in zip(s.strides, p.strides, strict=True))
    return replace(s, type=s.type.with_shape(shape), offset=offset, strides=strides)


def move_reverse(p: Params, s: Source) -> Source:
    """The offset of the last element; negative strides."""
    offset = s.offset + sum((s.type.shape[a] - 1) * s.strides[a] for a in p.axes)
    strides = tuple(-stride if a in p.axes else stride for a, stride in enumerate(s.strides))
    return replace(s, offset=offset, strides=strides)


def move_reshape(p: Params, s: Source) -> Source | None:
    """None when the elements do not lie so that strides can say it."""
    if s.literal is not None or not s.type.size:
        return replace(s, type=s.type.with_shape(p.shape), strides=(0,) * len(p.shape))
    runs = merged(s.type.shape, [s.strides])
    strides: list[int] = []
    sizes = list(reversed(p.shape))
    for n, (step,) in reversed(runs):
        rest = n
        while rest > 1:
            if not sizes or rest % sizes[0]:
                return None
            size = sizes.pop(0)
            strides.append(step)
            step, rest = step * size, rest // size
    strides += [0] * len(sizes)
    return replace(s, type=s.type.with_shape(p.shape), strides=tuple(reversed(strides)))


MOVE: dict[str, Callable[[Params, Source], Source | None]] = {
    "broadcast": move_broadcast, "transpose": move_transpose, "slice": move_slice, "reverse": move_reverse,
    "reshape": move_reshape,
}  # fmt: skip


def merged(shape: Sequence[int], accesses: Sequence[Sequence[int]]) -> list[tuple[int, tuple[int, ...]]]:
    """The axes as few loops: (size, the stride of each access), axes of size 1 dropped.

    Neighbours become one loop where every access goes on with the stride it had.

    >>> merged((2, 3, 4), [(12, 4, 1), (0, 4, 1)])
    [(2, (12, 0)), (12, (1, 1))]
    """
    loops: list[tuple[int, tuple[int, ...]]] = []
    for axis, n in enumerate(shape):
        steps = tuple(strides[axis] for strides in accesses)
        if n == 1:
            continue
        if loops and all(outer == step * n for outer, step in zip(loops[-1][1], steps, strict=True)):
            loops[-1] = (loops[-1][0] * n, steps)
        else:
            loops.append((n, steps))
    return loops
