"""Folding, sharing, dead code, loops, liveness: Programs before and after."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule import primitives as P
from chainrule.errors import IndexRangeError
from chainrule.executors import compile_program
from chainrule.ir import Program, TensorType, parse_program, trace, verify
from chainrule.passes import Interval, cse, dce, fold, liveness, loops, optimize

from .recording import D, F, assert_same_meaning, bare, record

S, N = TensorType("float32", ()), TensorType("int32", ())
KEY = TensorType("uint32", (2,))


def program(text: str) -> Program:
    return verify(parse_program(text))


def names(p: Program) -> list[str]:
    return [e.primitive.name for e in p.equations]


# fold --------------------------------------------------------------------------------------------------------------


def test_fold_computes_small_constants() -> None:
    found = dce(fold(record(lambda: P.exp(P.sub(np.float32([3, 1]), np.float32([3, 2]))))))
    assert names(found) == ["constant"]
    value = found.equations[0].params.value
    assert value.dtype == "float32" and value.tolist() == np.exp(np.float32([0, -1])).tolist()


def test_fold_keeps_the_sign_of_zero_and_nan() -> None:
    found = dce(fold(record(lambda: P.div(np.array([-0.0, 0.0]), np.array([1.0, 0.0])))))
    assert bare(found).count("float64[2]<-0.0, nan>") == 1


def test_fold_repeats_one_number_for_large_results() -> None:
    def function(x: Any) -> Any:
        two = P.broadcast(np.float32(2), shape=(5, 7), axes=())
        return P.mul(x, P.sqrt(P.add(two, two)))

    t = TensorType("float32", (5, 7))
    before = record(function, t)
    found = dce(fold(before))
    assert names(found) == ["constant", "broadcast", "mul"] and found.equations[0].params.value == 2
    assert_same_meaning(before, found)


@pytest.mark.parametrize(
    "function",
    [
        lambda: P.add(np.arange(17), np.arange(17)),  # the result is too large
        lambda: P.iota(shape=(4,)),  # nothing to compute from: it stays readable as what it is
        lambda: P.random_bits(np.array([1, 2], "uint32"), shape=(4,)),
        lambda: P.reduce_sum(np.zeros(2000), axes=(0,)),  # too much work while compiling
        lambda: P.gather(np.arange(3), np.array([[7]])),  # an error, raised when it runs
    ],
)
def test_fold_leaves_alone(function: Any) -> None:
    before = record(function)
    assert fold(before) is before


def test_an_error_stays_an_error_where_it_was() -> None:
    found = optimize(record(lambda: P.gather(np.arange(3), np.array([[7]]))))
    with pytest.raises(IndexRangeError, match=r"test_passes\.py:\d+: gather C3"):
        compile_program(found, "reference")([])


# cse ---------------------------------------------------------------------------------------------------------------


def test_cse_shares_equal_equations() -> None:
    def function(x: Any, w: Any) -> Any:
        return P.mul(P.add(P.exp(x), P.sin(w)), P.add(P.sin(w), P.exp(x)))

    found = dce(cse(record(function, F, F)))
    assert names(found) == ["exp", "sin", "add", "mul"]


@pytest.mark.parametrize(
    ("function", "types"),
    [
        (lambda x, w: (P.sub(x, w), P.sub(w, x)), (F, F)),  # not commutative
        (lambda x: (P.reduce_sum(x, axes=(0,)), P.reduce_sum(x, axes=(1,))), (TensorType("float32", (3, 3)),)),
        (lambda x: (P.pad(x, low=(1, 0), high=(0, 0), value=0.0), P.pad(x, low=(1, 0), high=(0, 0), value=-0.0)), (F,)),
        (lambda: (P.constant(value=np.array([0.0])), P.constant(value=np.array([-0.0]))), ()),
        (lambda: (P.constant(value=np.array([1])), P.constant(value=np.array([1.0]))), ()),
        (lambda k, l: (P.random_bits(k, shape=(4,)), P.random_bits(l, shape=(4,))), (KEY, KEY)),
        (lambda x: (P.convert(x, dtype="int32"), P.convert(x, dtype="int64")), (F,)),
    ],
)
def test_cse_tells_different_equations_apart(function: Any, types: tuple[TensorType, ...]) -> None:
    before = record(function, *types)
    assert cse(before) is before


def test_cse_shares_constants_random_bits_and_loops() -> None:
    def bodies() -> list[Program]:
        return [trace(lambda x: [P.neg(x)], [S], "body")[0] for _ in range(2)]  # two objects that read the same

    def function(x: Any, k: Any) -> Any:
        looped = [P.loop(x, body=b, length=2, invariants=0, carries=1)[0] for b in bodies()]
        bits = [P.random_bits(k, shape=(2,)) for _ in range(2)]
        return *looped, *bits, np.float32([1]), np.float32([1])

    found = dce(cse(record(function, S, KEY)))
    assert sorted(names(found)) == ["constant", "loop", "random_bits"]


def test_cse_works_inside_sub_programs_and_not_across() -> None:
    body, _ = trace(lambda x: [P.add(P.exp(x), P.exp(x))], [S], "body")
    before = record(lambda x: (P.loop(x, body=body, length=2, invariants=0, carries=1)[0], P.exp(x)), S)
    found = dce(cse(before))
    assert [e.primitive.name for e in found.walk()] == ["loop", "exp", "add", "exp"]
    assert_same_meaning(before, found)


# dce ---------------------------------------------------------------------------------------------------------------


def test_dce_keeps_inputs_outputs_and_what_leads_to_them() -> None:
    def function(x: Any, w: Any) -> Any:
        P.exp(w)
        P.neg(P.exp(w))
        return P.neg(x), x, P.top_k(x, k=1)[1]

    found = dce(record(function, F, F))
    assert names(found) == ["neg", "top_k"] and found.input_types == (F, F)
    assert dce(found) is found


LOOP = """program f(%0: float32[], %1: float32[], %2: int32[], %3: float32[4], %4: float32[4]) -> (float32[]) {
  %5: float32[], %6: int32[], %7: float32[], %8: float32[4], %9: float32[4] = loop(%0, %1, %2, %0, %3, %4) {
    body=program body(%0: float32[], %1: float32[], %2: int32[], %3: float32[], %4: float32[], %5: float32[])
        -> (float32[], int32[], float32[], float32[], float32[]) {
      %6: float32[] = mul(%1, %4)
      %7: int32[] = add(%2, %2)
      %8: float32[] = add(%3, %1)
      %9: float32[] = mul(%0, %5)
      return %6, %7, %8, %9, %1
    }, carries=3, invariants=1, length=4, reverse=False}
  return %OUT
}"""


def test_dce_prunes_a_loop_to_what_is_wanted() -> None:
    first = program(LOOP.replace("%OUT", "%5"))
    found = verify(dce(first))
    (loop,) = found.equations
    assert (loop.params.invariants, loop.params.carries, len(loop.inputs), len(loop.outputs)) == (0, 1, 2, 1)
    assert names(loop.params.body) == ["mul"] and found.input_types == first.input_types
    assert_same_meaning(first, found)


def test_dce_keeps_a_carry_that_another_one_reads() -> None:
    third = program(LOOP.replace("%OUT", "%7"))
    (loop,) = verify(dce(third)).equations
    assert (loop.params.carries, len(loop.outputs), names(loop.params.body)) == (2, 2, ["mul", "add"])
    assert_same_meaning(third, dce(third))


def test_dce_keeps_what_a_stacked_result_reads() -> None:
    whole = LOOP.replace("-> (float32[]) {\n  %5", "-> (float32[4]) {\n  %5")
    for out, carries, inside in (("%8", 0, ["mul"]), ("%9", 1, ["mul"])):
        before = program(whole.replace("%OUT", out))
        (loop,) = verify(dce(before)).equations
        assert (loop.params.carries, names(loop.params.body)) == (carries, inside)
        assert_same_meaning(before, dce(before))


def test_dce_prunes_nested_loops() -> None:
    inner, _ = trace(lambda x, w: [P.neg(x), P.exp(w)], [S, S], "inner")
    outer, _ = trace(lambda x, w: list(P.loop(x, w, body=inner, length=2, invariants=0, carries=2)), [S, S], "outer")
    before = record(lambda x, w: P.loop(x, w, body=outer, length=2, invariants=0, carries=2)[0], S, S)
    found = verify(dce(before))
    assert [e.primitive.name for e in found.walk()] == ["loop", "loop", "neg"]
    assert_same_meaning(before, found)


def test_dce_prunes_a_while_loop_but_keeps_what_its_test_reads() -> None:
    test, _ = trace(lambda n, x, w: [P.lt(n, np.int32(3))], [N, S, S], "test")
    body, _ = trace(lambda n, x, w: [P.add(n, np.int32(1)), P.exp(x), P.neg(w)], [N, S, S], "body")
    before = record(lambda x, w: P.while_loop(np.int32(0), x, w, test=test, body=body)[2], S, S)
    found = verify(dce(before))
    (loop,) = found.equations[-1:]
    assert len(loop.inputs) == 2 and sorted(names(loop.params.body)) == ["add", "constant", "neg"]
    assert_same_meaning(before, found)


def test_dce_prunes_a_cond() -> None:
    first, _ = trace(lambda x, w, v: [P.neg(x), P.exp(v)], [S] * 3, "first")
    second, _ = trace(lambda x, w, v: [P.add(w, w), P.exp(x)], [S] * 3, "second")
    before = record(lambda c, x, w, v: P.cond(c, x, w, v, branches=(first, second))[0], TensorType("bool", ()), S, S, S)
    found = verify(dce(before))
    (cond,) = found.equations
    assert len(cond.inputs) == 3 and [names(b) for b in cond.params.branches] == [["neg"], ["add"]]
    assert_same_meaning(before, found)


# loops -------------------------------------------------------------------------------------------------------------


def test_a_carry_that_stays_becomes_an_invariant() -> None:
    body, _ = trace(lambda rate, x: [rate, P.mul(rate, x), P.add(x, x)], [S, S], "body")
    before = record(lambda r, x: P.loop(r, x, body=body, length=3, invariants=0, carries=2), S, S)
    found = verify(loops(before))
    (loop,) = found.equations
    assert (loop.params.invariants, loop.params.carries, len(loop.outputs)) == (1, 1, 2)
    assert found.outputs[0] is found.inputs[0]
    assert_same_meaning(before, found)


def test_a_loop_that_changes_nothing_goes() -> None:
    body, _ = trace(lambda x: [x], [S], "body")
    before = record(lambda x: P.loop(x, body=body, length=3, invariants=0, carries=1), S)
    assert loops(before).equations == () and loops(before).outputs == loops(before).inputs


def test_what_is_stacked_twice_is_stacked_once() -> None:
    def step(total: Any, x: Any) -> Any:
        return P.add(total, x), P.exp(x), P.exp(x)

    body = record(step, S, S)
    types = S, TensorType("float32", (3,))
    before = record(lambda t, xs: P.loop(t, xs, body=cse(body), length=3, carries=1, invariants=0)[1:], *types)
    after = dce(loops(before))
    (e,) = after.equations
    assert len(e.outputs) == 1
    assert after.outputs[0] is after.outputs[1]
    assert_same_meaning(before, after)


def test_two_carries_that_change_places_stay() -> None:
    body, _ = trace(lambda x, w: [w, x], [S, S], "body")
    before = record(lambda x, w: P.loop(x, w, body=body, length=3, invariants=0, carries=2), S, S)
    assert loops(before) is before and optimize(before) is before
    assert_same_meaning(before, optimize(before))


def test_small_constants_move_into_bodies_and_branches() -> None:
    body, _ = trace(lambda one, x: [P.mul(x, P.broadcast(one, shape=(2, 3), axes=()))], [S, F], "body")
    before = record(lambda x: P.loop(np.float32(1), x, body=body, length=3, invariants=1, carries=1), F)
    assert bare(optimize(before)) == "program f(%0: float32[2,3]) -> (float32[2,3]) {\n  return %0\n}"
    first, _ = trace(lambda n, x: [P.add(n, x)], [N, N], "first")
    second, _ = trace(lambda n, x: [x], [N, N], "second")
    before = record(lambda c, x: P.cond(c, np.int32(0), x, branches=(first, second)), TensorType("bool", ()), N)
    (cond,) = optimize(before).equations
    assert len(cond.inputs) == 2 and [names(b) for b in cond.params.branches] == [[], []]
    assert_same_meaning(before, optimize(before))


def test_large_constants_stay_outside() -> None:
    body, _ = trace(lambda table, x: [P.add(x, table)], [TensorType("int64", (20,))] * 2, "body")

    def function(x: Any) -> Any:
        table = P.constant(value=np.arange(20))
        return P.loop(table, x, body=body, length=3, invariants=1, carries=1)

    before = record(function, TensorType("int64", (20,)))
    assert loops(before) is before


# liveness ----------------------------------------------------------------------------------------------------------


def test_liveness() -> None:
    p = program(
        "program f(%0: float32[], %1: float32[], %2: float32[]) -> (float32[], float32[]) {"
        " %3: float32[] = exp(%0) %4: float32[] = neg(%3) %5: float32[] = add(%0, %4) return %5, %1 }"
    )
    found = liveness(p)
    assert [found[v] for v in p.inputs] == [Interval(-1, 2), Interval(-1, 3), Interval(-1, -1)]
    assert [found[e.outputs[0]] for e in p.equations] == [Interval(0, 1), Interval(1, 2), Interval(2, 3)]


# all of them -------------------------------------------------------------------------------------------------------


def test_the_gradient_of_a_dense_layer_becomes_what_one_would_write() -> None:
    from chainrule.autodiff import reverse

    def loss(w: Any, b: Any, x: Any) -> Any:
        z = P.dot_general(x, w, contract=((1,), (0,)))
        return P.reduce_sum(P.tanh(P.add(z, P.broadcast(b, shape=(8, 4), axes=(1,)))), axes=(0, 1))

    types = [TensorType("float64", s) for s in ((3, 4), (4,), (8, 3))]
    gradient = reverse(record(loss, *types), [0, 1])
    found = verify(optimize(gradient))
    assert names(found) == [
        "dot_general", "broadcast", "add", "tanh", "reduce_sum",  # forward
        "broadcast", "mul", "constant", "broadcast", "sub", "mul", "reduce_sum", "dot_general",  # 1 - y y, db, dW
    ]  # fmt: skip
    assert_same_meaning(gradient, found)


def test_optimize_ends_where_it_began_when_there_is_nothing_to_do() -> None:
    before = record(lambda x, w: P.mul(P.add(x, w), w), D, D)
    assert optimize(before) is before
