"""exp, log and their kin: how far from the exact value, in units in the last place."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from chainrule.executors.native import compile_program
from chainrule.ir import Params, TensorType

from ..core.compare import program_of
from ..core.random_programs import EXAMPLES

_erf = np.vectorize(math.erf, otypes=[np.longdouble])


def _sigmoid(x: np.ndarray) -> np.ndarray:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


# name: exact value, interval, bound in float32 and in float64
FUNCTIONS: dict[str, tuple[Callable, tuple[float, float], float, float]] = {
    "exp": (np.exp, (-100, 88), 1, 1),
    "expm1": (np.expm1, (-20, 80), 2, 2),
    "log": (np.log, (1e-30, 1e30), 1, 1),
    "log1p": (np.log1p, (-0.999, 1e6), 2, 2),
    "tanh": (np.tanh, (-20, 20), 1.5, 1.5),
    "sigmoid": (_sigmoid, (-80, 80), 2.35, 2.35),
    "erf": (_erf, (-5, 5), 1.25, 1),
    "sin": (np.sin, (-1e4, 1e4), 1, 1),
    "cos": (np.cos, (-1e4, 1e4), 1, 1),
    "sqrt": (np.sqrt, (0, 1e30), 0.5, 0.5),
}


def points(low: float, high: float, dtype: str) -> np.ndarray:
    """Spread evenly, and evenly in the exponent, on both sides of 0 and of 1."""
    rng = np.random.default_rng(0)
    even = rng.uniform(low, high, 30000)
    small = np.exp(rng.uniform(math.log(1e-12), math.log(max(abs(low), high)), 30000))
    near_one = 1 + rng.uniform(-0.3, 0.4, 30000)
    every = np.concatenate([even, small, -small, near_one, 1 - small]).astype(dtype)
    return every[(every >= low) & (every <= high)]


def error_in_ulps(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    size = np.maximum(np.abs(exact.astype(found.dtype)), np.finfo(found.dtype).tiny)
    return np.abs(found.astype(np.longdouble) - exact) / np.spacing(size)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_bound(name: str, dtype: str) -> None:
    exact, (low, high), *bounds = FUNCTIONS[name]
    if dtype == "float64" and np.finfo(np.longdouble).nmant <= 52:
        pytest.skip("this machine has no format wider than float64 to compare with")
    x = points(low, high, dtype)
    run = compile_program(program_of(name, Params(), [TensorType(dtype, x.shape)]))
    worst = float(np.max(error_in_ulps(run([x])[0], exact(x.astype(np.longdouble)))))
    assert worst <= bounds[dtype == "float64"] + 0.01, f"{name} {dtype}: {worst:.3f} ulp"


ALONG = sorted(set(FUNCTIONS) - {"erf"})  # NumPy has no erf that is fast enough
STEP = 257 if EXAMPLES else 4099  # bit patterns


@pytest.mark.parametrize("name", ALONG)
def test_bound_along_all_of_float32(name: str) -> None:
    """From 0 to the largest number and on through infinity and NaN, of both signs, at equal steps of the bits."""
    exact, _, bound, _ = FUNCTIONS[name]
    patterns = np.arange(0, 1 << 32, STEP, dtype=np.uint64).astype(np.uint32)
    run = compile_program(program_of(name, Params(), [TensorType("float32", (1 << 20,))]))
    for part in np.array_split(patterns, -(-patterns.size // (1 << 20))):
        x = np.resize(part, 1 << 20).view(np.float32)
        with np.errstate(all="ignore"):
            found, meant = run([x])[0], exact(x.astype(np.float64))
            rounded = meant.astype(np.float32)
        np.testing.assert_array_equal(np.isnan(found), np.isnan(meant))
        number = ~np.isnan(meant)
        np.testing.assert_array_equal(np.signbit(found)[number], np.signbit(rounded)[number])
        finite = np.isfinite(rounded) & np.isfinite(found)
        np.testing.assert_array_equal(found[number & ~finite], rounded[number & ~finite])
        worst = float(np.max(error_in_ulps(found[finite], meant[finite]), initial=0))
        assert worst <= bound, f"{name}: {worst:.3f} ulp"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["tanh", "expm1", "log1p", "sin", "erf", "erf_inv", "sqrt", "floor", "ceil", "round"])
def test_zero_keeps_its_sign(name: str, dtype: str) -> None:
    run = compile_program(program_of(name, Params(), [TensorType(dtype, (40,))]))
    x = np.resize(np.array([0.0, -0.0], dtype), 40)
    found = run([x])[0]
    np.testing.assert_array_equal(found, 0)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bound_of_pow(dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, w = np.exp(rng.uniform(-5, 5, 20000)).astype(dtype), rng.uniform(-8, 8, 20000).astype(dtype)
    run = compile_program(program_of("pow", Params(), [TensorType(dtype, x.shape)] * 2))
    exact = np.power(x.astype(np.longdouble), w.astype(np.longdouble))
    assert float(np.max(error_in_ulps(run([x, w])[0], exact))) <= 1.01


@pytest.mark.parametrize("name", ["exp", "log", "log1p", "tanh", "sqrt"])
def test_subnormal_numbers_are_not_flushed(name: str) -> None:
    x = {"exp": np.linspace(-103, -88, 500), "log": np.logspace(-44, -38, 500)}.get(name, np.logspace(-44, -38, 500))
    x = x.astype("float32")
    run = compile_program(program_of(name, Params(), [TensorType("float32", x.shape)]))
    with np.errstate(under="ignore"):
        exact = getattr(np, name)(x.astype("float64")).astype("float32")
    assert np.max(np.abs(run([x])[0].view(np.int32) - exact.view(np.int32))) <= 1
