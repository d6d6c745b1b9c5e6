"""Where the first NaN comes from: a replay that looks at every result."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir import Equation, Program, kind_of
from . import Reference


class _FoundError(Exception):
    pass


def first_nonfinite(program: Program, arrays: Sequence[np.ndarray]) -> str:
    """The equation that is to blame for the first NaN, in words; failing that, for the first infinity; "" if none.

    A NaN that comes out of infinities is blamed on the equation that made them from finite numbers. Infinities that
    were written down (a fill value, a mask) are no fault as long as no NaN comes of them.

    >>> from chainrule.ir import parse_program
    >>> log = parse_program('program f(%0: float32[]) -> (float32[]) { %1: float32[] = log(%0) return %1 }')
    >>> first_nonfinite(log, [np.float32(-1)])
    'log makes NaN'
    """
    for test, word in ((np.isnan, "NaN"), (np.isinf, "infinity")):
        if _has(test, [np.asarray(a) for a in arrays]):
            return f"the inputs hold {word} already"
    search = _Search()
    try:
        Reference(search.look).compile(program)(arrays)
    except _FoundError as found:
        return str(found)
    return search.first


def _has(test: np.ufunc, arrays: Sequence[np.ndarray]) -> bool:
    return any(kind_of(a.dtype) == "f" and bool(test(a).any()) for a in arrays)


class _Search:
    """Follows infinities from the equation that made them to the first NaN."""

    def __init__(self) -> None:
        self.first = ""  # the first equation that made infinity from finite numbers
        self.origins: dict[int, tuple[np.ndarray, str]] = {}  # infinite arrays by id (kept alive), and whom to blame

    def look(self, equation: Equation, operands: Sequence[np.ndarray], results: Sequence[np.ndarray]) -> None:
        if equation.primitive.family == "control":  # its equations were looked at one by one
            self._remember(results, self.first)
            return
        came_in = [self.origins[id(a)][1] for a in operands if id(a) in self.origins]
        if _has(np.isnan, results) and not _has(np.isnan, operands):
            blamed = next((text for text in came_in if text), "")
            raise _FoundError(blamed or _describe(equation, operands, "NaN"))
        if _has(np.isinf, results):
            self._remember(results, came_in[0] if came_in else self._made_here(equation, operands))

    def _made_here(self, equation: Equation, operands: Sequence[np.ndarray]) -> str:
        if equation.primitive.family in ("creation", "movement"):
            return ""  # written down on purpose
        text = _describe(equation, operands, "infinity")
        self.first = self.first or text
        return text

    def _remember(self, arrays: Sequence[np.ndarray], text: str) -> None:
        self.origins.update((id(a), (a, text)) for a in arrays if _has(np.isinf, [a]))


def _describe(equation: Equation, operands: Sequence[np.ndarray], word: str) -> str:
    text = f"{equation.primitive.name} makes {word}"
    ranges = [f"{a.min():.4g} to {a.max():.4g}" for a in operands if a.size > 1 and kind_of(a.dtype) == "f"]
    text += f" from values {', '.join(ranges)}" if ranges else ""
    return f"{text} in {equation.where}" if str(equation.where) else text
