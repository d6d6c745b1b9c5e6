"""Elementwise work that a product does at its end: which, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule import config, ops
from chainrule import primitives as P
from chainrule.executors.native import compile_program
from chainrule.executors.native.plan import plan_program
from chainrule.ir import Program, TensorType, evaluate, trace


def times(x: Any, w: Any) -> Any:
    return P.dot_general(x, w, contract=((1,), (0,)))


def dense(x: Any, w: Any, b: Any, *others: Any) -> Any:
    """Bias, relu, and the mask that its gradient reads."""
    z = times(x, w) + b
    return [ops.relu(z), z > 0.0]


def with_product(x: Any, w: Any, b: Any, *others: Any) -> Any:
    z = times(x, w)
    return [z, z + b]


def around(x: Any, w: Any, b: Any, left: Any, *others: Any) -> Any:
    return [left + times(x, w) + b]


def two_products(x: Any, w: Any, b: Any, *others: Any) -> Any:
    return [times(x, w) + times(x, w + 1.0)]


def scaled(x: Any, w: Any, b: Any, left: Any, right: Any) -> Any:
    return [ops.where(left > right, -times(x, w) * 0.5, 2.0)]


def convolved(x: Any, w: Any, b: Any, *others: Any) -> Any:
    image, kernel = ops.reshape(x, (1, *x.shape, 1)), ops.reshape(w[:9], (3, 3, 1, -1))
    y = ops.conv(image, kernel) + b
    return [ops.relu(y), y > 0.0]


def in_a_loop(x: Any, w: Any, b: Any, *others: Any) -> Any:
    body, _ = trace(lambda w, b, h: [ops.minimum(times(h, w) + b, 9.0)], [w.type, b.type, x.type], "step")
    return [P.loop(w, b, x, body=body, length=3, invariants=2, carries=1)[0]]


ENDED: list[tuple[Callable[..., Any], tuple[int, int, int]]] = [
    (dense, (37, 70, 45)), (dense, (1, 5, 3)), (dense, (1, 5, 1)), (dense, (1, 1, 7)), (dense, (1, 1, 1)),
    (dense, (128, 3000, 65)), (dense, (64, 10, 300)), (with_product, (40, 30, 50)),
    (with_product, (40, 2000, 50)), (around, (33, 20, 66)), (two_products, (20, 30, 40)),
    (scaled, (50, 17, 19)), (in_a_loop, (30, 30, 30)),
]  # fmt: skip


def program_of(function: Callable[..., Any], shape: tuple[int, int, int], dtype: str = "float32") -> Program:
    m, k, n = shape
    shapes = [(m, k), (k, n), (n,), (m, n), (m, n)]
    return trace(function, [TensorType(dtype, s) for s in shapes], "ended")[0]


def operands(program: Program) -> list[np.ndarray]:
    """Small whole numbers: every order of adding them up gives the same."""
    random = np.random.default_rng(0)
    return [random.integers(-4, 5, t.shape).astype(t.dtype) for t in program.input_types]


def ended(program: Program) -> int:
    """How many products of the Program do something at their end."""
    plans = [plan_program(program)]
    plans += [sub for step in plans[0].steps for sub in step.subs]
    return sum(len(s.cluster.nodes) > 1 and not s.cluster.fused for plan in plans for s in plan.steps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("function", "shape"), ENDED, ids=[f"{f.__name__} {s}" for f, s in ENDED])
def test_the_product_does_what_follows(function: Callable[..., Any], shape: tuple[int, int, int], dtype: str) -> None:
    program = program_of(function, shape, dtype)
    assert ended(program) == 1
    arrays = operands(program)
    expected = evaluate(program, arrays)
    run = compile_program(program)
    for threads in (1, 3):
        config.set_threads(threads)
        for found, wanted in zip(run(arrays), expected, strict=True):
            np.testing.assert_array_equal(found, wanted)


def test_convolutions_too() -> None:
    program = program_of(convolved, (40, 30, 20))
    assert ended(program) == 1
    arrays = operands(program)
    for found, wanted in zip(compile_program(program)(arrays), evaluate(program, arrays), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_weight_is_updated_in_its_place() -> None:
    """w - x'x: done by the product, it would need a second w and a copy in every round."""

    def body(x: Any, w: Any) -> Any:
        return [w - P.dot_general(x, x, contract=((0,), (0,)))]

    types = [TensorType("float32", (20, 30)), TensorType("float32", (30, 30))]
    step = trace(body, types, "step")[0]
    program = trace(lambda x, w: [P.loop(x, w, body=step, length=3, invariants=1, carries=1)[0]], types, "updates")[0]
    assert not ended(program)
    (loop,) = (s for s in plan_program(program).steps if s.control)
    assert len(loop.subs[0].in_place) == 1
    arrays = operands(program)
    np.testing.assert_array_equal(compile_program(program)(arrays)[0], evaluate(program, arrays)[0])


APART: list[tuple[str, Callable[..., Any]]] = [
    ("costly", lambda x, w, b, *o: [ops.tanh(times(x, w))]),
    ("read in another order", lambda x, w, b, *o: [ops.transpose(times(x, w)) + 1.0]),
    ("only a mask is left", lambda x, w, b, *o: [times(x, w) > b]),
    ("whole numbers", lambda x, w, b, *o: [ops.cast(times(x, w), "int32") + 1]),
    ("a sum", lambda x, w, b, *o: [ops.sum(times(x, w) + b)]),
    ("nothing to sum", lambda x, w, b, *o: [times(x[:, :0], w[:0]) + b]),
]


@pytest.mark.parametrize(("name", "function"), APART, ids=[name for name, _ in APART])
def test_the_rest_stays_apart(name: str, function: Callable[..., Any]) -> None:
    program = program_of(function, (20, 30, 40))
    assert not ended(program)
    arrays = operands(program)
    for found, wanted in zip(compile_program(program)(arrays), evaluate(program, arrays), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
