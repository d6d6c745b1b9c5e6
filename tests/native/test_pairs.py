"""Products of bfloat16, two k at a time: every layout, odd sizes, several axes, views, and where pairs are made.

Sums of small integers are exact in float32, so results are known to the last bit: they are rounded once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from chainrule import ops
from chainrule.executors.native import compile_program, pairs
from chainrule.executors.native.machine import Machine, machine
from chainrule.executors.native.nodes import graph_of
from chainrule.ir import Program, TensorType, dtype_of, trace
from chainrule.primitives import PRIMITIVES, broadcast, dot_general, reshape, transpose

from .sharing import run_with_threads
from .test_contraction import SHAPES

BFLOAT16 = dtype_of("bfloat16")
SLICE = PRIMITIVES["slice"]
LAYOUTS = [(False, False), (False, True), (True, False), (True, True)]
needs_pairs = pytest.mark.skipif(not machine().adds_pairs, reason="this processor has no AVX512_BF16")


def integers(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).integers(-3, 4, shape).astype(BFLOAT16)


def traced(function: Callable, *shapes: tuple[int, ...]) -> Program:
    return trace(lambda *tensors: [function(*tensors)], [TensorType("bfloat16", s) for s in shapes], "products")[0]


def assert_products(function: Callable, meaning: Callable, *arrays: np.ndarray) -> None:
    """A function of arrays of bfloat16 against one of the same in float64, rounded."""
    found = compile_program(traced(function, *(a.shape for a in arrays)))(list(arrays))[0]
    meant = meaning(*(a.astype("float64") for a in arrays)).astype("float32").astype(BFLOAT16)
    assert found.dtype == BFLOAT16
    np.testing.assert_array_equal(found.astype("float32"), meant.astype("float32"))


@pytest.mark.parametrize("turned", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_matrices(shape: tuple[int, int, int], turned: tuple[bool, bool]) -> None:
    m, k, n = shape
    contract = ((0 if turned[0] else 1,), (1 if turned[1] else 0,))
    x, w = integers(*(k, m) if turned[0] else (m, k)), integers(*(n, k) if turned[1] else (k, n))
    assert_products(
        lambda a, b: dot_general(a, b, contract=contract),
        lambda a, b: (a.T if turned[0] else a) @ (b.T if turned[1] else b), x, w,
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_several_summed_axes_and_batches(size: int) -> None:
    assert_products(
        lambda a, b: dot_general(a, b, contract=((1, 3), (3, 1)), batch=((0,), (0,))),
        lambda a, b: np.einsum("bijk,bkli->bjl", a, b), integers(2, 3, 4, size), integers(2, size, 5, 3),
    )  # fmt: skip


def test_views() -> None:
    def views(a: object, b: object) -> object:
        left = SLICE(a, start=(0, 1), stop=(8, 17), strides=(2, 2))  # neighbours are not neighbours in memory
        right = SLICE(transpose(b, axes=(1, 0)), start=(2, 0), stop=(10, 6))
        return dot_general(left, right, contract=((1,), (0,)))

    assert_products(views, lambda a, b: a[::2, 1:17:2] @ b.T[2:10], integers(8, 20), integers(6, 12))


def test_one_number_repeated() -> None:
    def repeated(a: object, b: object) -> object:
        return dot_general(a, broadcast(reshape(b, shape=(1, 1)), shape=(6, 4), axes=(0, 1)), contract=((1,), (0,)))

    assert_products(repeated, lambda a, b: a @ np.full((6, 4), b[0]), integers(3, 6), integers(1))


@pytest.mark.parametrize(
    ("shape", "made"),
    [((4, 6, 8), 1), ((4, 7, 8), 2), ((4, 1, 8), 2)],
    ids=["rows lie in pairs", "an odd number is filled up", "one number"],
)
@needs_pairs
def test_pairs_are_made_where_numbers_do_not_lie_so(shape: tuple[int, int, int], made: int) -> None:
    m, k, n = shape
    program = traced(lambda a, b: dot_general(a, b, contract=((1,), (0,))), (m, k), (k, n))
    names = [node.name for node in graph_of(program).nodes]
    assert names.count("pair") == made
    assert names.count("dot_of_pairs") == 1


def test_processors_without_them_multiply_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "machine", lambda: Machine(32, 16))
    program = traced(lambda a, b: dot_general(a, b, contract=((1,), (0,))), (4, 6), (6, 8))
    names = [node.name for node in graph_of(program).nodes]
    assert "dot_general" in names
    assert "dot_of_pairs" not in names


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_what_is_not_finite_spreads_as_far_as_it_should(value: float) -> None:
    x, w = integers(5, 7).astype("float32"), np.abs(integers(7, 20).astype("float32")) + 1
    x[2, 6] = value
    program = traced(lambda a, b: dot_general(a, b, contract=((1,), (0,))), (5, 7), (7, 20))
    found = compile_program(program)([x.astype(BFLOAT16), w.astype(BFLOAT16)])[0]
    with np.errstate(invalid="ignore"):
        meant = (x @ w).astype(BFLOAT16)
    np.testing.assert_array_equal(found.astype("float32"), meant.astype("float32"))


def test_any_number_of_threads_gives_the_same_bits() -> None:
    random = np.random.default_rng(1)
    x, w = (random.standard_normal(s).astype("float32").astype(BFLOAT16) for s in ((256, 301), (301, 260)))
    program = traced(lambda a, b: ops.exp(dot_general(a, b, contract=((1,), (0,)))), x.shape, w.shape)
    run_with_threads(program, [x, w], forced=True)
