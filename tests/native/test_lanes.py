"""Short loops that are written in vectors: lengths that fill them and that do not, every kind of thing they read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule import ops
from chainrule.executors.native.driver import Driver
from chainrule.executors.native.machine import machine
from chainrule.executors.native.plan import plan_program
from chainrule.ir import Program, TensorType, trace
from chainrule.passes import optimize

from .compare import assert_close, run_both

LANES = machine().vector_bytes // 4
LENGTHS = [LANES // 2 - 1, LANES // 2, LANES - 1, LANES, LANES + 1, 2 * LANES, 5 * LANES + 3, 512, 513, 4096, 4097]


def elementwise(x: Any, n: Any, b: Any) -> Any:
    gate = ops.sigmoid(x) * ops.tanh(x + 1.0) / (1.0 + ops.exp(-x))
    return [gate, ops.where(b, x, gate), ops.logical_not(ops.logical_and(b, x > 0.0)), n * 3 - 7, x * 2.0]


def sums(x: Any, n: Any, b: Any) -> Any:
    y = ops.log(1.0 + ops.square(x))
    return [ops.sum(y), ops.max(x), ops.min(x + 5.0), ops.prod(1.0 + x * 1e-3), ops.sum(n), y]


def with_numbers(x: Any, n: Any, b: Any) -> Any:
    place = ops.arange(x.shape[0], dtype="int32")
    return [x * ops.sum(x), ops.cast(place, "float32") * x, place * 2 + n, ops.sqrt(ops.abs(x)) + x[0]]


CASES: list[Callable] = [elementwise, sums, with_numbers]


def program_of(case: Callable, size: int) -> Program:
    types = [TensorType(dtype, (size,)) for dtype in ("float32", "int32", "bool")]
    return optimize(trace(case, types)[0])


def arrays_of(size: int) -> list[np.ndarray]:
    rng = np.random.default_rng(size)
    floats = rng.standard_normal(size).astype("float32")
    return [floats, rng.integers(-9, 9, size).astype("int32"), rng.random(size) < 0.5]


@pytest.mark.parametrize("size", LENGTHS)
@pytest.mark.parametrize("case", CASES)
def test_every_length_gives_what_the_reference_gives(case: Callable, size: int) -> None:
    found, meant = run_both(program_of(case, size), arrays_of(size))
    assert_close(found, meant, ulps=64.0)


def test_infinities_and_nans_stay_in_their_lanes() -> None:
    size = 3 * LANES
    x, n, b = arrays_of(size)
    x[[0, 5, size - 1]] = np.inf, np.nan, -np.inf
    found, meant = run_both(program_of(elementwise, size), [x, n, b])
    for mine, theirs in zip(found, meant, strict=True):
        np.testing.assert_array_equal(np.isnan(mine), np.isnan(theirs))


def kernels(size: int) -> list[str]:
    return Driver(plan_program(program_of(lambda x, n, b: [ops.tanh(x) * 2.0], size))).text().split("\n\n")


@pytest.mark.parametrize(("size", "in_vectors"), [(64 * LANES, True), (4097 * LANES, False)])
def test_short_loops_are_written_in_vectors_and_long_ones_are_not(size: int, in_vectors: bool) -> None:
    (kernel,) = [part for part in kernels(size) if "define internal void @kernel" in part]
    assert bool(re.search(rf"fdiv <{LANES} x float>", kernel)) is in_vectors


def test_loops_of_different_lengths_are_one_kernel() -> None:
    texts = {kernels(size)[0] for size in (2 * LANES, 7 * LANES, 20 * LANES)}
    assert len(texts) == 1


def table(x: Any, row: Any, column: Any) -> Any:
    """Sums of columns, and maps that read along rows, along columns, and where they are."""
    gate = ops.where(x > 0.0, x * row, column)
    place = ops.cast(ops.reshape(ops.arange(x.shape[0] * x.shape[1]), x.shape), "float32")
    return [ops.sum(gate, axis=0), ops.max(x, axis=0), ops.min(x - column, axis=0), gate, place * x + row]


ROWS_AND_COLUMNS = [(2, 3), (3, LANES), (7, LANES + 1), (33, 2 * LANES), (5, 3 * LANES), (12, 4 * LANES),
                    (9, 5 * LANES), (4, 8 * LANES - 3), (300, 10)]  # fmt: skip


@pytest.mark.parametrize("shape", ROWS_AND_COLUMNS, ids=str)
def test_tables_of_every_width_give_what_the_reference_gives(shape: tuple[int, int]) -> None:
    types = [TensorType("float32", part) for part in (shape, (shape[1],), (shape[0], 1))]
    rng = np.random.default_rng(sum(shape))
    arrays = [rng.standard_normal(t.shape).astype("float32") for t in types]
    arrays[0][-1, -1] = -np.inf
    found, meant = run_both(optimize(trace(table, types)[0]), arrays)
    assert_close(found, meant, ulps=64.0)


def test_sums_of_columns_are_in_vectors_and_one_kernel_for_batches_of_all_sizes() -> None:
    def text(rows: int) -> str:
        types = [TensorType("float32", (rows, 4 * LANES))]
        return Driver(plan_program(trace(lambda x: [ops.sum(x * x, axis=0)], types)[0])).text().split("\n\n")[0]

    assert f"fadd reassoc <{LANES} x float>" in text(32)
    assert text(32) == text(12)


def test_gradients_of_weights_are_one_kernel_for_batches_of_all_sizes() -> None:
    def text(rows: int) -> str:
        types = [TensorType("float32", (rows, 20)), TensorType("float32", (rows, 2 * LANES))]
        program = trace(lambda x, g: [ops.matmul(ops.transpose(x), g)], types)[0]
        return Driver(plan_program(program)).text().split("\n\n")[0]

    assert text(32) == text(12)
