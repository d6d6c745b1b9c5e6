"""Loops whose rows go their own ways: every row of the batch through all steps, whatever the others do.

In a recurrent loop a row of the state depends on the same row before, on that row of the sequence, and on weights which
are the same for all. Such a loop is done block of rows by block of rows, each from the first step to the last, and
threads meet at its end instead of twice in every step. See docs/design/038-rows-of-ones-own.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ...errors import ChainruleError
from ...ir import Equation, Params, Program, Var
from ...primitives import loop_parts
from ...primitives.contraction import free_axes
from .emit import bytes_of

_ROWS = 32  # of a block at most: tiles want some
_FIXED = 1 << 17  # bytes of weights that stay near every core; of larger ones each core better reads its part


class Blocks(NamedTuple):
    """A loop in blocks: how many, the body for one of them, and which inputs of the body are rows (the others serve
    all blocks). All outputs are rows.
    """

    number: int
    body: Program
    are_rows: tuple[bool, ...]


def blocks_of(e: Equation) -> Blocks | None:
    """How a loop is cut into blocks; None if its rows depend on one another, or cannot be shown not to."""
    p = e.params
    carries = loop_parts(p, p.body.inputs)[1]
    sizes = {v.type.shape[:1] for v in (*carries, *p.body.outputs)}
    if not carries or len(sizes) > 1 or sizes == {()} or not p.length:
        return None
    ((rows,),) = sizes
    size = max((n for n in range(2, min(_ROWS, rows // 2) + 1) if rows % n == 0), default=0)
    if size * 4 < min(_ROWS, rows):
        return None  # too many, and too small
    return _Body(p.body, p.invariants, rows, size).blocks()


def blocks_of_rows(body: Program, fixed: int, rows: int, size: int) -> Blocks | None:
    """A Program in blocks of `size` of its rows, if they go their own ways. Inputs but the first `fixed` are rows."""
    return _Body(body, fixed, rows, size).blocks()


class _CannotError(Exception):
    """Rows may depend on one another."""


class _Body:
    """The body of a loop in the making, for `size` of its rows."""

    def __init__(self, body: Program, invariants: int, rows: int, size: int) -> None:
        self.body, self.invariants, self.rows, self.size = body, set(body.inputs[:invariants]), rows, size
        self.is_row = {v: v not in self.invariants for v in body.inputs}
        self.new: dict[Var, Var] = {}

    def blocks(self) -> Blocks | None:
        try:
            for v in self.body.inputs:
                if self.is_row[v]:
                    self._require(v.type.shape[:1] == (self.rows,))
            self._find_rows()
            return self._made()
        except _CannotError:
            return None

    def _require(self, holds: bool) -> None:
        if not holds:
            raise _CannotError

    # which values are rows

    def _find_rows(self) -> None:
        """What is computed of rows is rows; so is what lies beside them, such as a mask for all steps."""
        beside: set[Var] = set()
        for e in self.body.equations:
            if e.primitive.family == "elementwise" and any(self.is_row[v] for v in e.inputs):
                beside.update(v for v in e.inputs if not self.is_row[v])
                self._require(beside <= self.invariants)
                self.is_row.update(dict.fromkeys(beside, True))
            self.is_row.update(dict.fromkeys(e.outputs, self._makes_rows(e)))
        for e in self.body.equations:  # once more: what was fixed when it was first read may have become rows
            self._require(self._makes_rows(e) == self.is_row[e.outputs[0]])
        self._require(all(self.is_row[v] for v in self.body.outputs))

    def _makes_rows(self, e: Equation) -> bool:
        given = [self.is_row[v] for v in e.inputs]
        name, shape = e.primitive.name, e.outputs[0].type.shape
        if not any(given):
            return name in _SPREAD and shape[:1] == (self.rows,) and _SPREAD[name](e, self.rows)
        if e.primitive.family == "elementwise":
            self._require(all(given))
        else:
            self._require(name in _APART and _APART[name](e, given) and shape[:1] == (self.rows,))
        return True

    # the body for a block

    def _made(self) -> Blocks:
        inputs = tuple(self._block(v) for v in self.body.inputs)
        self.new.update(zip(self.body.inputs, inputs, strict=True))
        equations = tuple(map(self._rewritten, self.body.equations))
        outputs = tuple(self.new[v] for v in self.body.outputs)
        self._require(sum(bytes_of(v) for v in self.invariants if not self.is_row[v]) <= _FIXED)
        body = self.body.replace(inputs=inputs, equations=equations, outputs=outputs)
        return Blocks(self.rows // self.size, body, tuple(self.is_row[v] for v in self.body.inputs))

    def _block(self, v: Var) -> Var:
        return Var(v.type.with_shape((self.size, *v.type.shape[1:]))) if self.is_row[v] else v

    def _rewritten(self, e: Equation) -> Equation:
        if not self.is_row[e.outputs[0]]:
            return e
        params = Params({key: self._cut(e, key, value) for key, value in e.params.items()})
        inputs, outputs = tuple(self.new.get(v, v) for v in e.inputs), tuple(map(self._block, e.outputs))
        try:
            types = e.primitive.infer_types(params, [v.type for v in inputs])
        except ChainruleError:
            raise _CannotError from None
        self._require([v.type for v in outputs] == list(types))
        self.new.update(zip(e.outputs, outputs, strict=True))
        return Equation(e.primitive, inputs, params, outputs, e.where)

    def _cut(self, e: Equation, key: str, value: object) -> object:
        """A parameter, for a block."""
        if (e.primitive.name, key) in _SHAPES:
            return (self.size, *value[1:])  # type: ignore[index]
        if e.primitive.name == "constant":
            return value[: self.size]  # type: ignore[index]
        return value


_SHAPES = {("reshape", "shape"), ("broadcast", "shape"), ("iota", "shape"), ("slice", "stop")}

_Given = Sequence[bool]

_SPREAD: dict[str, Callable[[Equation, int], bool]] = {  # made of no rows, and every row of the result the same
    "broadcast": lambda e, rows: 0 not in e.params.axes or e.inputs[0].type.shape[e.params.axes.index(0)] == 1,
    "constant": lambda e, rows: is_one_number(e.params.value),
    "iota": lambda e, rows: bool(e.params.axis != 0),
}  # fmt: skip


def is_one_number(value: np.ndarray) -> bool:
    """Whether an array is one number repeated."""
    return value.size > 0 and value.tobytes() == value.ravel()[:1].tobytes() * value.size


def _is_whole(e: Equation) -> bool:
    p, rows = e.params, e.inputs[0].type.shape[0]
    return bool((p.start[0], p.stop[0], p.strides[0]) == (0, rows, 1))


def _keeps_rows(e: Equation, given: _Given) -> bool:
    """A product of rows with something that is the same for all of them, or a product of its own for every row."""
    p, (x, _) = e.params, e.inputs
    if all(given):
        return [axes[:1] for axes in p.batch] == [(0,), (0,)]
    free = free_axes(x.type.rank, p.contract[0], p.batch[0])
    return list(given) == [True, False] and not p.batch[0] and list(free[:1]) == [0]


_APART: dict[str, Callable[[Equation, _Given], bool]] = {  # every row of the result of the same row of the operands
    "dot_general": _keeps_rows,
    "reshape": lambda e, given: True,
    "broadcast": lambda e, given: bool(e.params.axes[:1] == (0,) and e.inputs[0].type.shape[0] == e.params.shape[0]),
    "transpose": lambda e, given: bool(e.params.axes[0] == 0),
    "slice": lambda e, given: _is_whole(e),
    "pad": lambda e, given: e.params.low[0] == e.params.high[0] == e.params.interior[0] == 0,
    "concatenate": lambda e, given: all(given) and e.params.axis != 0,
    "stop_gradient": lambda e, given: True,
    **dict.fromkeys(
        ("reduce_sum", "reduce_prod", "reduce_max", "reduce_min"), lambda e, given: 0 not in e.params.axes
    ),
}  # fmt: skip
