"""What stands in the place of `if` in functions that `rewriting.py` made: Python where numbers are known, else `cond`.

A branch and a round of a loop work on names of the function (`get` gives their values, `put` sets them) and on
Variables. Where the condition has no number yet, both are carried through one `cond`, `while_loop` or `loop` equation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import ops
from ...errors import TracedValueError, UnsupportedError
from ...ir import Builder, Tensor, TracedTensor
from ...ir.tree import flatten, structure, unflatten
from ...primitives.arithmetic import as_operand, cast, result_type
from ...variables import StateScope, Variable


class _Undefined:
    """A name that was not assigned to yet."""

    def __repr__(self) -> str:
        return "a name that was not assigned to"


UNDEFINED = _Undefined()
Get = Callable[[], tuple[Any, ...]]
Put = Callable[[tuple[Any, ...]], None]


def is_open(value: Any) -> bool:
    """Whether a tensor has no number yet."""
    value = value.value if isinstance(value, Variable) else value
    if not isinstance(value, TracedTensor):
        return False
    try:
        value.numpy()
    except TracedValueError:
        return True
    return False


def both(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """`first and second`."""
    left = first()
    return ops.logical_and(left, second()) if is_open(left) else left and second()


def either(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """`first or second`."""
    left = first()
    return ops.logical_or(left, second()) if is_open(left) else left or second()


def negated(value: Any) -> Any:
    """`not value`."""
    return ops.logical_not(value) if is_open(value) else not value


def branch(
    test: Any, then: Callable[[], Any], other: Callable[[], Any], get: Get, put: Put, names: Sequence[str], line: int
) -> None:
    """`if test: then() else: other()`"""
    if not is_open(test):
        (then if test else other)()
        return
    sides = [_Side(f, get, put) for f in (then, other)]
    kept, types = _common([side.after for side in sides], names, line)
    variables = list(dict.fromkeys(v for side in sides for v in side.assigned))
    for side in sides:
        side.fix(kept, types, variables)
    found = ops.cond(test, *sides) if kept or variables else ([], [])
    after = [_plain(*(side.after[k] for side in sides)) for k in range(len(names))]
    for k, value in zip(kept, found[0], strict=True):
        after[k] = value
    put(tuple(after))
    for variable, value in zip(variables, found[1], strict=True):
        variable.assign(value)


def choose(
    test: Any, then: Callable[[], Any], other: Callable[[], Any], get: Get | None, put: Put | None,
    names: Sequence[str], line: int,
) -> Any:  # fmt: skip
    """`then() if test else other()`, also where both return from the function."""
    if not is_open(test):
        return then() if test else other()
    box: list[Any] = [UNDEFINED]

    def returning(side: Callable[[], Any]) -> Callable[[], None]:
        def run() -> None:
            box[0] = side()

        return run

    start = get() if get else ()

    def put_all(values: tuple[Any, ...]) -> None:
        box[0] = values[0]
        if put:
            put(start)

    branch(test, returning(then), returning(other), lambda: (box[0],), put_all, ("the result",), line)
    return None if box[0] is UNDEFINED else box[0]


class _Side:
    """A branch of an `if`, tried once to see what it changes."""

    def __init__(self, run: Callable[[], Any], get: Get, put: Put) -> None:
        self.run, self.get, self.put, self.before = run, get, put, get()
        with Builder("trial"), StateScope() as scope:
            self.after = self._ran()
            self.assigned = list(scope.values)

    def _ran(self) -> tuple[Any, ...]:
        self.put(self.before)
        try:
            self.run()
            return self.get()
        finally:
            self.put(self.before)

    def fix(self, kept: list[int], types: list[Any], variables: list[Variable]) -> None:
        """Which names and Variables come out of it, and of which dtypes."""
        self.kept, self.types, self.variables = kept, types, variables

    def __call__(self) -> tuple[list[Any], list[Tensor]]:
        with StateScope() as scope:
            after = self._ran()
            values = [cast_all(after[k], t) for k, t in zip(self.kept, self.types, strict=True)]
            return values, [scope.values.get(v, v.value) for v in self.variables]


def _common(afters: list[tuple[Any, ...]], names: Sequence[str], line: int) -> tuple[list[int], list[Any]]:
    """Which names the branches give new tensors to, and the dtypes that both can have."""
    kept, types = [], []
    for k, name in enumerate(names):
        values = [after[k] for after in afters]
        if same(*values) or any(v is UNDEFINED for v in values):
            continue
        if not all(is_tensors(v) for v in values) or structure(values[0]) != structure(values[1]):
            raise UnsupportedError(
                f"line {line}: an `if` on a tensor: expected both branches to give {name} tensors alike; got "
                f"{in_words(values[0])} and {in_words(values[1])}."
            )
        leaves = [[as_operand(leaf) for leaf in flatten(v)] for v in values]
        for a, b in zip(*leaves, strict=True):
            if a.shape != b.shape:
                raise UnsupportedError(
                    f"line {line}: an `if` on a tensor: expected both branches to give {name} one shape; got "
                    f"{tuple(a.shape)} and {tuple(b.shape)}."
                )
        kept.append(k)
        types.append([result_type(*pair) for pair in zip(*[flatten(v) for v in values], strict=True)])
    return kept, types


def _plain(a: Any, b: Any) -> Any:
    """What a name is after both branches that need no tensor for it; nothing if one branch alone has it."""
    return a if same(a, b) else UNDEFINED


def same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, (bool, int, float, str)) and a == b)


def is_tensors(value: Any) -> bool:
    leaves = flatten(value)
    kinds = (Tensor, np.ndarray, np.generic, bool, int, float, Variable)
    return bool(leaves) and all(isinstance(leaf, kinds) for leaf in leaves)


def in_words(value: Any) -> str:
    return str(as_operand(value).type) if is_tensors(value) and len(flatten(value)) == 1 else repr(value)[:60]


def cast_all(value: Any, dtypes: Sequence[str]) -> Any:
    return unflatten(value, [cast(as_operand(leaf), t) for leaf, t in zip(flatten(value), dtypes, strict=True)])


__all__ = [
    "UNDEFINED", "both", "branch", "cast_all", "choose", "either", "in_words", "is_open", "is_tensors", "negated",
    "same",
]  # fmt: skip
