"""Loops of rewritten functions: Python where the rounds are known, else one equation. See `branching.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ... import ops
from ...errors import TracedValueError, UnsupportedError
from ...ir import Builder, Tensor, TensorType, current_builder
from ...ir.tree import flatten, structure, unflatten
from ...primitives.arithmetic import as_operand, cast
from ...variables import StateScope, Variable
from .branching import (
    UNDEFINED,
    Get,
    Put,
    both,
    branch,
    cast_all,
    choose,
    either,
    in_words,
    is_open,
    is_tensors,
    negated,
    same,
)

_FEW = 4  # rounds that are written out one after the other
_TRIALS = 3  # until the dtypes of what is carried stay as they are


class Numbers:
    """`range(...)` or `tf.range(...)`, perhaps of numbers that are not known yet."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    @property
    def is_open(self) -> bool:
        """Whether how many there are is not known."""
        return any(is_open(a) for a in self.arguments)

    def limits(self) -> tuple[Any, Any, Any]:
        """First, end, step."""
        given = list(self.arguments)
        start, stop = (0, given[0]) if len(given) == 1 else given[:2]
        return start, stop, given[2] if len(given) > 2 else 1


def loop_while(
    test: Callable[[], Any], body: Callable[[], None], get: Get, put: Put, names: Sequence[str], line: int
) -> None:
    """`while test(): body()`"""
    more = test()
    while not is_open(more):
        if not more:
            return
        body()
        more = test()
    loop = _Loop(lambda _: body(), get, put, names, line, [])

    def goes_on(*values: Tensor) -> Any:
        return loop.inside(list(values), lambda: test())

    final = ops.while_loop(goes_on, lambda *values: loop.round(list(values), None), loop.start())
    loop.finish(final)


def loop_for(
    source: Any, body: Callable[[Any], None], get: Get, put: Put, names: Sequence[str], line: int
) -> None:  # fmt: skip
    """`for item in source: body(item)`"""
    if isinstance(source, Numbers) and source.is_open:
        _count(source, body, get, put, names, line)
        return
    if isinstance(source, Numbers):
        source = source.function(*source.arguments)
    if isinstance(source, Tensor) and current_builder() is not None and source.shape and len(source) > _FEW:
        before = get()
        try:
            _scan(source, body, get, put, names, line)
            return
        except (UnsupportedError, TracedValueError):  # a list that grows, a place that has to be known, ...
            put(before)
    for item in source:
        body(item)


def _count(source: Numbers, body: Callable[[Any], None], get: Get, put: Put, names: Sequence[str], line: int) -> None:
    start, stop, step = (as_operand(a) for a in source.limits())
    loop = _Loop(body, get, put, names, line, [start.type])
    is_up = step > 0

    def goes_on(number: Tensor, *values: Tensor) -> Any:
        return ops.where(is_up, number < stop, number > stop)

    def one(number: Tensor, *values: Tensor) -> list[Any]:
        return [cast(number + step, start.type.dtype), *loop.round(list(values), number)]

    loop.finish(ops.while_loop(goes_on, one, [start, *loop.start()])[1:])


def _scan(rows: Tensor, body: Callable[[Any], None], get: Get, put: Put, names: Sequence[str], line: int) -> None:
    loop = _Loop(body, get, put, names, line, [rows.type.with_shape(rows.type.shape[1:])])
    final, _ = ops.scan(lambda values, row: (loop.round(list(values), row), None), loop.start(), rows)
    loop.finish(final)


class _Loop:
    """What a loop carries: the names that had a value before it, and the Variables that a round assigns to."""

    def __init__(
        self, body: Callable[[Any], None], get: Get, put: Put, names: Sequence[str], line: int, item: list[TensorType]
    ) -> None:
        self.body, self.get, self.put, self.names, self.line = body, get, put, names, line
        self.before = get()
        self.kept = [k for k, v in enumerate(self.before) if v is not UNDEFINED and is_tensors(v)]
        leaves = [leaf for k in self.kept for leaf in flatten(self.before[k])]
        self.leaves = [as_operand(leaf) for leaf in leaves]
        self.weak = [isinstance(leaf, (bool, int, float)) for leaf in leaves]  # may become another dtype
        self.variables: list[Variable] = []
        for _ in range(_TRIALS):
            if not self._trial(item):
                return
        raise UnsupportedError(f"line {line}: a loop over tensors: the dtypes that it carries change in every round.")

    def _trial(self, item: list[TensorType]) -> bool:
        """Record a round to see what it does. Returns: whether another is needed."""
        with Builder("trial") as builder, StateScope() as scope:
            inputs = [builder.input(t.type) for t in self.leaves]
            element = builder.input(item[0]) if item else None
            after = self._ran(inputs, element)
            self.variables = list(scope.values)
            found = [as_operand(leaf) for k in self.kept for leaf in flatten(after[k])]
        changed = False
        for i, (new, old) in enumerate(zip(found, self.leaves, strict=True)):
            if new.shape != old.shape:
                raise self._error(i, f"a shape that stays as it is, {tuple(old.shape)}; got {tuple(new.shape)}")
            if new.type.dtype != old.type.dtype and self.weak[i]:
                self.leaves[i], changed = cast(old, new.type.dtype), True
        return changed

    def _error(self, leaf: int, what: str) -> UnsupportedError:
        owner = [self.names[k] for k in self.kept for _ in flatten(self.before[k])][leaf]
        return UnsupportedError(f"line {self.line}: a loop over tensors: expected {owner} to have {what}.")

    def _values(self, leaves: Sequence[Any]) -> tuple[Any, ...]:
        """All names with these tensors in place of what is carried."""
        source, values = iter(leaves), list(self.before)
        for k in self.kept:
            values[k] = unflatten(self.before[k], [next(source) for _ in flatten(self.before[k])])
        return tuple(values)

    def _ran(self, leaves: Sequence[Any], item: Any) -> tuple[Any, ...]:
        """The names after a round."""
        self.put(self._values(leaves))
        try:
            self.body(item)
            after = self.get()
        finally:
            self.put(self.before)
        for k, (old, new) in enumerate(zip(self.before, after, strict=True)):
            is_kept = k in self.kept and is_tensors(new) and structure(new) == structure(old)
            if not is_kept and old is not UNDEFINED and not same(old, new):
                raise UnsupportedError(
                    f"line {self.line}: a loop over tensors: expected {self.names[k]} to stay {in_words(old)}, or to "
                    f"be tensors of one kind; got {in_words(new)}."
                )
        return after

    # what `while_loop` and `scan` are given

    def start(self) -> list[Tensor]:
        """What the first round begins with."""
        return [*self.leaves, *(v.value for v in self.variables)]

    def round(self, values: list[Tensor], item: Any) -> list[Tensor]:
        """What a round makes of it."""
        count = len(self.leaves)
        with StateScope(dict(zip(self.variables, values[count:], strict=True))) as scope:
            after = self._ran(values[:count], item)
            found = [leaf for k in self.kept for leaf in flatten(after[k])]
            dtypes = [t.type.dtype for t in self.leaves]
            return [*cast_all(found, dtypes), *(scope.values[v] for v in self.variables)]

    def inside(self, values: list[Tensor], question: Callable[[], Any]) -> Any:
        """The answer to a question about the names between two rounds."""
        count = len(self.leaves)
        with StateScope(dict(zip(self.variables, values[count:], strict=True))):
            self.put(self._values(values[:count]))
            try:
                return question()
            finally:
                self.put(self.before)

    def finish(self, final: Sequence[Tensor]) -> None:
        """Go on after the loop; what was not there before it is not there now."""
        count = len(self.leaves)
        self.put(self._values(final[:count]))
        for variable, value in zip(self.variables, final[count:], strict=True):
            variable.assign(value)


__all__ = [
    "UNDEFINED", "Numbers", "both", "branch", "choose", "either", "loop_for", "loop_while", "negated",
]  # fmt: skip
