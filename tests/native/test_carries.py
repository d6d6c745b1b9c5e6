"""Large carries of a loop: the first round reads them where the operands lie, nothing is copied before it."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from chainrule import ops
from chainrule import primitives as P
from chainrule.executors.native import flow
from chainrule.executors.native.driver import Driver
from chainrule.executors.native.plan import plan_program
from chainrule.ir import Program, TensorType, evaluate, trace

from .sharing import run_with_threads

MATRIX = TensorType("float32", (48, 64))


def stepped(rounds: int, reverse: bool = False) -> Program:
    """w and m are updated in place; `last` is what the round before had; each round hands out a number."""

    def body(x: Any, w: Any, m: Any, last: Any, factor: Any) -> Any:
        m = m * 0.5 + P.dot_general(x, w, contract=((0,), (0,)))
        new = w - factor * m
        return [new, m, w, ops.sum(new) * factor]

    step, _ = trace(body, [TensorType("float32", (48, 48)), MATRIX, MATRIX, MATRIX, TensorType("float32", ())], "step")
    types = [*step.input_types[:-1], TensorType("float32", (rounds,))]
    loop = lambda *a: P.loop(*a, body=step, length=rounds, invariants=1, carries=3, reverse=reverse)  # noqa: E731
    return trace(lambda *a: [*loop(*a)], types, "steps")[0]


def operands(program: Program) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.standard_normal(t.shape).astype(t.dtype) / 8 for t in program.input_types]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("rounds", [0, 1, 2, 5])
def test_the_first_round_reads_the_operands(rounds: int, reverse: bool) -> None:
    program = stepped(rounds, reverse)
    arrays = operands(program)
    before = [a.copy() for a in arrays]
    with patch.object(flow, "_LARGE", 0):
        for forced in (False, True):
            found = run_with_threads(program, arrays, forced)
            for a, b in zip(found, evaluate(program, arrays), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


def copies(program: Program) -> int:
    """How many matrices are copied as they are."""
    text = Driver(plan_program(program)).text()
    return sum("memcpy" in line and f"i64 {4 * MATRIX.size}" in line for line in text.split("\n"))


def test_nothing_is_copied_before_the_first_round() -> None:
    program = stepped(5)
    (loop,) = (step for step in plan_program(program).steps if step.control)
    assert len(loop.subs[0].in_place) == copies(program) == 3
    with patch.object(flow, "_LARGE", 4 * MATRIX.size):
        assert copies(program) == 0
    with patch.object(flow, "_LARGE", 4 * MATRIX.size + 1):
        assert copies(program) == 3
