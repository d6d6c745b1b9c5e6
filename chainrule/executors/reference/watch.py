"""Where the first NaN comes from: a replay that looks at every result."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...ir import Equation, Program
from . import Reference


class _FoundError(Exception):
    def __init__(self, text: str) -> None:
        super().__init__(text)


def _bad(arrays: Sequence[np.ndarray], test: np.ufunc) -> bool:
    return any(a.dtype.kind == "f" and bool(test(a).any()) for a in arrays)


def first_nonfinite(program: Program, arrays: Sequence[np.ndarray]) -> str:
    """The first equation that makes NaN from inputs without NaN; failing that, infinity from finite inputs.

    >>> from chainrule.ir import parse_program
    >>> log = parse_program('program f(%0: float32[]) -> (float32[]) { %1: float32[] = log(%0) return %1 }')
    >>> first_nonfinite(log, [np.float32(-1)])
    'log makes NaN'
    """
    for test, word in ((np.isnan, "NaN"), (np.isinf, "infinity")):
        if _bad([np.asarray(a) for a in arrays], test):
            return f"the inputs hold {word} already"

        def watch(
            equation: Equation, operands: Sequence[np.ndarray], results: Sequence[np.ndarray],
            test: np.ufunc = test, word: str = word,
        ) -> None:  # fmt: skip
            if equation.primitive.family != "control" and not _bad(operands, test) and _bad(results, test):
                made = equation.primitive.family in ("creation", "movement")
                if not made:  # a fill value that is infinite on purpose is no fault
                    raise _FoundError(_describe(equation, operands, word))

        try:
            Reference(watch).compile(program)(arrays)
        except _FoundError as found:
            return str(found)
    return ""


def _describe(equation: Equation, operands: Sequence[np.ndarray], word: str) -> str:
    text = f"{equation.primitive.name} makes {word}"
    ranges = [f"{a.min():.4g} to {a.max():.4g}" for a in operands if a.size > 1 and a.dtype.kind == "f"]
    text += f" from values {', '.join(ranges)}" if ranges else ""
    return f"{text} in {equation.where}" if str(equation.where) else text
