"""Programs of several equations at sizes that fill vectors: what is fused, kept in place and read with strides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule import ops
from chainrule.executors.native.clusters import clusters_of
from chainrule.executors.native.nodes import graph_of
from chainrule.executors.native.plan import plan_program
from chainrule.ir import Program, TensorType, parse_program, trace
from chainrule.passes import optimize

from .compare import assert_close, run_both


def softmax(x: Any) -> Any:
    return ops.softmax(x, axis=-1)


def normalise(x: Any) -> Any:
    mean = ops.mean(x, axis=0, keepdims=True)
    return (x - mean) / ops.sqrt(ops.mean((x - mean) ** 2.0, axis=0, keepdims=True) + 1e-3)


def turned(x: Any) -> Any:
    y = ops.exp(x * 0.1)
    return y[::-1, 3:] + ops.transpose(ops.transpose(ops.tanh(y)))[:, 3:]


def both_sums(x: Any) -> Any:
    y = ops.maximum(x, 0.5) * 2.0
    return [ops.sum(y, axis=0), ops.sum(y, axis=1), ops.max(y), y, ops.sum(ops.cast(y > 1.5, "int32"))]


def gelu(x: Any) -> Any:
    return 0.5 * x * (1.0 + ops.erf(x / 2.0**0.5))


def reshaped(x: Any) -> Any:
    return ops.reshape(ops.transpose(x * 2.0), (-1,)) + ops.reshape(x, (-1,))


CASES: list[Callable] = [softmax, normalise, turned, both_sums, gelu, reshaped]
SHAPES = [(37, 130), (1, 1), (64, 64), (5, 1000), (1000, 5)]


def program_for(function: Callable, types: list[TensorType]) -> Program:
    return trace(lambda *ts: r if isinstance(r := function(*ts), list) else [r], types, function.__name__)[0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("case", CASES, ids=lambda f: f.__name__)
def test_agrees_with_the_reference(case: Callable, shape: tuple[int, int], dtype: str) -> None:
    if case is turned and shape[1] < 4:
        shape = (3, 4)
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    program = program_for(case, [TensorType(dtype, shape)])
    with np.errstate(all="ignore"):
        assert_close(*run_both(program, [x]), ulps=64)  # sums of up to 5000 numbers, in another order


def count(program: Program) -> int:
    return len(clusters_of(graph_of(optimize(program))))


def test_a_chain_is_one_loop_and_so_is_what_it_is_reduced_to() -> None:
    t = TensorType("float32", (37, 130))
    assert count(program_for(gelu, [t])) == 1
    assert count(program_for(both_sums, [t])) == 1
    assert count(program_for(softmax, [t])) == 4  # the largest; e^(x - largest) and its sum; 1 / sum; the product


LOOP = """program f(%0: float32[64], %1: float32[64]) -> (float32[64], float32[64]) {{
  %2: float32[64], %3: float32[64] = loop(%0, %1) {{body=program step(%0: float32[64], %1: float32[64])
    -> (float32[64], float32[64]) {{ {body} }}, carries=2, invariants=0, length=7, reverse=False}}
  return %2, %3 }}"""
BODIES = {
    "both in place": ("%2: float32[64] = add(%0, %1) %3: float32[64] = sin(%2) return %2, %3", 2),
    "exchanged": ("%2: float32[64] = sin(%1) return %2, %0", 1),
    "the same twice": ("%2: float32[64] = add(%0, %1) return %2, %2", 1),
    "read later": ("%2: float32[64] = sin(%0) %3: float32[64] = reverse(%0) {axes=(0,)} "
                   "%4: float32[64] = add(%3, %1) return %2, %4", 1),
    "read backwards": ("%2: float32[64] = reverse(%0) {axes=(0,)} %3: float32[64] = cos(%2) return %3, %1", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_carries(name: str) -> None:
    body, at_least = BODIES[name]
    program = parse_program(LOOP.format(body=body))
    arrays = [np.random.default_rng(i).standard_normal(64).astype("float32") for i in (0, 1)]
    assert_close(*run_both(program, arrays), ulps=32)
    plans = [s.subs[0] for s in plan_program(optimize(program)).steps if s.subs]
    assert all(len(p.in_place) >= min(at_least, len(p.graph.outputs)) for p in plans)
