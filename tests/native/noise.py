"""How much the results of a Program depend on the last places of what happens inside it."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from chainrule.executors.reference import Reference
from chainrule.ir import Equation, Params, Program, finfo, kind_of
from chainrule.primitives.movement import evaluate_pad
from chainrule.primitives.window import at_offset

from .compare import assert_close

_ULPS = 64  # several equations, each with its own
_TIMES = 64  # what one unit in the last place here and there makes of a result: sums in another order lose more
_ROUNDED = {"exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "erf_inv", "pow", "sin", "cos", "atan2", "mod"}
_EITHER = {"max", "min", "reduce_max", "reduce_min", "cummax", "cummin", "window_max"}  # of 0 and -0
_SUMMED = {"reduce_sum", "reduce_prod", "dot_general", "conv", "window_sum", "cumsum", "cumprod", "scatter_add"}


class Noisy(Reference):
    """The reference, where functions are off by up to one unit in the last place, and sums by what their length makes.

    + - * / and the square root are exact to the last bit on every executor, and so are they here. Which of 0 and -0 is
    the larger one, and what the sum of one -0 is, nobody has said: NumPy does not treat all dtypes alike.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._rng = np.random.default_rng(seed)

    def _apply(self, equation: Equation, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        name = equation.primitive.name
        if name in _SUMMED:
            operands = [self._walked(a, equation) for a in operands]
        results = self._computed(equation, operands)
        if name in _ROUNDED | _SUMMED:
            results = tuple(map(self._moved, results))
        return tuple(map(self._signed, results)) if name in _EITHER | _SUMMED else results

    def _computed(self, equation: Equation, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        return super()._apply(equation, operands)

    def _moved(self, a: np.ndarray) -> np.ndarray:
        if kind_of(a.dtype) != "f":
            return a
        eps = finfo(a.dtype.name).eps
        return np.asarray(a * (1 + self._rng.choice([-eps, 0, eps], a.shape)).astype(a.dtype), a.dtype)

    def _walked(self, a: np.ndarray, equation: Equation) -> np.ndarray:
        """The terms of a sum, all larger or all smaller: what is rounded on the way goes like a random walk."""
        if kind_of(a.dtype) != "f":
            return a
        rounds = a.size / max(1, min(v.type.size for v in equation.outputs))
        step = finfo(a.dtype.name).eps * (1 + rounds**0.5 / 8) * self._rng.choice([-1, 1])
        return np.asarray(a + a.dtype.type(step) * np.abs(a), a.dtype)

    def _signed(self, a: np.ndarray) -> np.ndarray:
        if kind_of(a.dtype) != "f":
            return a
        return np.asarray(np.where((a == 0) & (self._rng.random(a.shape) < 0.5), -a, a), a.dtype)


class Apart(Reference):
    """The reference, where zeros between the elements of a spread operand are not multiplied: by infinity they are NaN.

    That is the only thing in which native code may do otherwise (`phases.py`).
    """

    def _apply(self, equation: Equation, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        return _apart(equation, operands) or super()._apply(equation, operands)


class NoisyApart(Noisy):
    """Both."""

    def _computed(self, equation: Equation, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        return _apart(equation, operands) or super()._computed(equation, operands)


def _is_spread(e: Equation) -> bool:
    return e.primitive.name == "conv" and max(e.params.spread, default=1) > 1


def _apart(e: Equation, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """The result of a convolution of a spread operand, summed over places of x alone; nothing for other equations."""
    shape = e.outputs[0].type.shape
    if not _is_spread(e) or 0 in shape:
        return ()
    p, wide_type = e.params, np.promote_types(operands[0].dtype, np.float32)
    x, w = (a.astype(wide_type) for a in operands)
    low, high = zip(*p.padding, strict=True)
    frame = Params(low=(0, 0, *low, 0), high=(0, 0, *high, 0), interior=(0, 0, *(s - 1 for s in p.spread), 0), value=0)
    wide, y = evaluate_pad(frame, x), np.zeros(shape, wide_type)
    axes = [(np.arange(n) - before) % s == 0 for n, before, s in zip(wide.shape[2:-1], low, p.spread, strict=True)]
    elements = functools.reduce(np.logical_and.outer, axes)[None, None, ..., None]
    for offset in np.ndindex(w.shape[1:-2]):
        pixels, are = (at_offset(a, 2, offset, shape[2:-1], p) for a in (wide, elements))
        terms = np.einsum("gn...c,gco->gn...o", pixels, w[(slice(None), *offset)])
        y += np.where(are, terms, 0)
    return (y.astype(operands[0].dtype),)


def noise_of(program: Program, arrays: Sequence[np.ndarray], runs: int = 4, apart: bool = False) -> list[float]:
    """For each result the largest change that such noise makes, infinite where it changes what is finite or whole."""
    plain, noisy = (Apart, NoisyApart) if apart else (Reference, Noisy)
    with np.errstate(all="ignore"):
        meant = plain().run(program, list(arrays))
        others = [noisy(seed).run(program, list(arrays)) for seed in range(runs)]
        return [max(_change(a, b[i]) for b in others) for i, a in enumerate(meant)]


def _change(a: np.ndarray, b: np.ndarray) -> float:
    if kind_of(a.dtype) != "f":
        return float("inf") if (a != b).any() else 0.0
    finite = np.isfinite(a)
    if (finite != np.isfinite(b)).any():
        return float("inf")
    return float(np.max(np.abs(a[finite].astype(float) - b[finite].astype(float)), initial=0))


def assert_close_but_for_noise(
    program: Program, arrays: Sequence[np.ndarray], found: Sequence[np.ndarray], meant: Sequence[np.ndarray]
) -> None:
    """As `assert_close`; where digits are lost (a difference of nearly equal numbers) as far as digits are left.

    A result that jumps when something before it moves by a unit in the last place (a comparison of numbers that are
    equal but for rounding) says nothing. Where an operand is spread, all may be as if its zeros were not multiplied.
    """
    try:
        _assert_close_but_for_noise(program, arrays, found, meant)
    except AssertionError:
        if not any(map(_is_spread, program.walk())):
            raise
        with np.errstate(all="ignore"):
            apart = Apart().run(program, list(arrays))
        _assert_close_but_for_noise(program, arrays, found, apart, apart=True)


def _assert_close_but_for_noise(
    program: Program,
    arrays: Sequence[np.ndarray],
    found: Sequence[np.ndarray],
    meant: Sequence[np.ndarray],
    apart: bool = False,
) -> None:
    try:
        assert_close(found, meant, _ULPS)
    except AssertionError:
        for a, b, noise in zip(found, meant, noise_of(program, arrays, apart=apart), strict=True):
            if noise == 0:
                assert_close([a], [b], _ULPS)
            elif np.isfinite(noise):
                lost = ~(np.isfinite(a) | np.isfinite(b))  # inf - inf, but inf where a product is not rounded before
                rtol = _ULPS * float(finfo(a.dtype.name).eps)
                np.testing.assert_allclose(a[~lost], b[~lost], rtol=rtol, atol=_TIMES * noise)
