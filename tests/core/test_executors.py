"""The reference executor: what it accepts, watches and frees; the way to an executor by name."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from chainrule import primitives as P
from chainrule.errors import ArgumentError, ProgramError
from chainrule.executors import EXECUTORS, compile_program, first_nonfinite
from chainrule.executors.reference import Reference
from chainrule.ir import Equation, TensorType, layer_scope, parse_program, trace

S = TensorType("float32", ())
CHAIN = parse_program(
    "program f(%0: float32[]) -> (float32[]) {"
    " %1: float32[] = exp(%0) %2: float32[] = neg(%1) %3: float32[] = sin(%2) return %3 }"
)


def test_an_executor_by_name() -> None:
    assert "reference" in EXECUTORS
    for name in EXECUTORS:
        found = compile_program(CHAIN, name)([np.float32(0)])[0]
        np.testing.assert_array_max_ulp(found, np.sin(np.float32(-1)), maxulp=0 if name == "reference" else 1)
    with pytest.raises(ArgumentError, match=r"expected one of reference.*; got 'refrence'. Did you mean 'reference'\?"):
        compile_program(CHAIN, "refrence")


def test_inputs_of_the_wrong_type_or_number() -> None:
    run = compile_program(CHAIN, "reference")
    for arrays in ([np.float64(1)], [np.ones(1, "float32")], [], [np.float32(1)] * 2):
        with pytest.raises(ProgramError, match="program 'f' takes"):
            run(arrays)


def test_no_warnings_for_ieee_results(recwarn: pytest.WarningsRecorder) -> None:
    program, _ = trace(lambda x: [P.log(x), P.div(x, x), P.exp(P.exp(P.exp(x)))], [S])
    found = compile_program(program, "reference")([np.float32(0)])
    assert found[0] == -np.inf and np.isnan(found[1]) and not recwarn.list


def test_every_equation_can_be_watched_those_of_bodies_too() -> None:
    seen: list[tuple[str, int, int]] = []

    def watch(e: Equation, operands: Any, results: Any) -> None:
        seen.append((e.primitive.name, len(operands), len(results)))

    body, _ = trace(lambda x: [P.neg(x)], [S], "body")
    program, _ = trace(lambda x: [P.loop(P.exp(x), body=body, length=2, invariants=0, carries=1)[0]], [S])
    Reference(watch).compile(program)([np.float32(0)])
    assert seen == [("exp", 1, 1), ("neg", 1, 1), ("neg", 1, 1), ("loop", 1, 1)]


def test_arrays_are_freed_after_their_last_use() -> None:
    alive: list[weakref.ref] = []
    counts: list[int] = []

    class Result(np.ndarray):
        """An array that can be referred to weakly, and so be seen to go."""

    def watch(e: Equation, operands: Any, results: Any) -> None:
        gc.collect()
        counts.append(sum(r() is not None for r in alive))
        alive.extend(weakref.ref(r) for r in results)

    program, _ = trace(lambda x: [P.neg(P.neg(P.neg(P.neg(x))))], [TensorType("float32", (100,))])
    Reference(watch).compile(program)([np.ones(100, "float32")])
    assert counts == [0, 1, 1, 1]  # while an equation runs, only its operand is alive


def test_a_program_can_run_many_times_and_leaves_its_inputs_alone() -> None:
    program, _ = trace(lambda x, i, u: [P.scatter_add(x, i, u)], [
        TensorType("float32", (3,)), TensorType("int32", (2, 1)), TensorType("float32", (2,)),
    ])  # fmt: skip
    x, run = np.zeros(3, "float32"), compile_program(program, "reference")
    for _ in range(2):
        assert run([x, np.array([[1], [1]], "int32"), np.ones(2, "float32")])[0].tolist() == [0, 2, 0]
    assert not x.any()


def test_the_first_equation_that_makes_nan_is_named() -> None:
    def function(x: Any) -> list[Any]:
        with layer_scope("block"):
            y = P.log(x)
        with layer_scope("scale"):
            return [P.mul(y, y)]

    program, _ = trace(function, [S])
    assert first_nonfinite(program, [np.float32(1)]) == ""
    assert "log" in first_nonfinite(program, [np.float32(-1)]) and "block" in first_nonfinite(program, [np.float32(-1)])
    assert "infinity" in first_nonfinite(program, [np.float32(0)])
