"""The directional check of derivatives in float64.

For cotangents c of the results and a direction v of the operands, c . (f(x + e v) - f(x - e v)) / 2e tends to
c . J v. Reverse mode gives (J^T c) . v and forward mode c . (J v): three numbers that must agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.autodiff import forward, reverse
from chainrule.ir import FLOAT, Program, evaluate, verify

Arrays = Sequence[np.ndarray]


def float_positions(arrays: Arrays) -> list[int]:
    return [i for i, a in enumerate(arrays) if a.dtype.name in FLOAT]


def run(program: Program, arrays: Arrays) -> list[np.ndarray]:
    with np.errstate(all="ignore"):
        return evaluate(program, arrays)


def inner(a: Arrays, b: Arrays) -> float:
    return sum(float(np.sum(x * w)) for x, w in zip(a, b, strict=True))


def slope(program: Program, arrays: Arrays, wrt: Sequence[int], directions: Arrays, cotangents: Arrays) -> float:
    """c . J v by central differences, extrapolated from two step lengths (the error is of order e^4)."""

    def at(step: float) -> float:
        moved = list(arrays)
        for i, v in zip(wrt, directions, strict=True):
            moved[i] = moved[i] + step * v
        results = run(program, moved)
        return inner([results[i] for i in float_positions(results)], cotangents)

    def central(step: float) -> float:
        return (at(step) - at(-step)) / (2 * step)

    return (4 * central(1e-4) - central(2e-4)) / 3


def check(program: Program, arrays: Arrays, seed: int = 0, tolerance: float = 1e-7) -> tuple[Program, list[np.ndarray]]:
    """Compare the three numbers; returns the gradient Program and its operands, to be checked in turn."""
    rng = np.random.default_rng(seed)
    results, wrt = run(program, arrays), float_positions(arrays)
    cotangents = [rng.standard_normal(results[i].shape) for i in float_positions(results)]
    directions = [rng.standard_normal(arrays[i].shape) for i in wrt]
    backward, ahead = verify(reverse(program, wrt)), verify(forward(program, wrt))
    from_reverse = run(backward, [*arrays, *cotangents])
    from_forward = run(ahead, [*arrays, *directions])
    for found in (from_reverse, from_forward):  # the results come first and are those of the Program
        for a, b in zip(found, results, strict=False):
            np.testing.assert_array_equal(a, b)
    by_reverse = inner(from_reverse[len(results) :], directions)
    by_forward = inner(from_forward[len(results) :], cotangents)
    expected = slope(program, arrays, wrt, directions, cotangents)
    size = 1 + sum(float(np.sum(np.abs(a))) for a in from_reverse[len(results) :])
    np.testing.assert_allclose(by_reverse, by_forward, rtol=1e-11, atol=1e-12 * size)
    np.testing.assert_allclose(by_reverse, expected, rtol=tolerance, atol=tolerance * size)
    return backward, [*arrays, *cotangents]


def check_twice(program: Program, arrays: Arrays, seed: int = 0, tolerance: float = 1e-7) -> None:
    """The gradient, and the gradient of the gradient."""
    backward, operands = check(program, arrays, seed, tolerance)
    check(backward, operands, seed + 1, 10 * tolerance)
