"""Every identity: the Program before, the Program after, the same bits at special numbers. And the non-identities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule import primitives as P
from chainrule.ir import Program, TensorType, parse_program, trace, verify
from chainrule.passes import dce, optimize, simplify
from tests.core.compare import work

from .recording import B, D, F, I, U, assert_same_meaning, bare, full, record

S = TensorType("float32", ())
ROW = TensorType("float32", (3,))
LINE = TensorType("float32", (1, 3))
WIDE = TensorType("float32", (2, 1, 3))
Function = Callable[..., Any]


def keep(x: Any) -> Any:
    return x


def repeat(x: Any, *shape: int, axes: tuple[int, ...] = ()) -> Any:
    return P.broadcast(x, shape=shape, axes=axes)


def convert(x: Any, *dtypes: str) -> Any:
    for d in dtypes:
        x = P.convert(x, dtype=d)
    return x


def settled(program: Program) -> Program:
    """Simplified until nothing changes: an identity may make way for another."""
    for _ in range(4):
        before, program = program, verify(dce(simplify(program)))
        assert work(program) <= work(before)
    assert simplify(program) is program
    return program


ARITHMETIC: list[tuple[str, tuple[TensorType, ...], Function, Function]] = [
    ("- - x", (F,), lambda x: P.neg(P.neg(x)), keep),
    ("not not x", (B,), lambda x: P.bit_not(P.bit_not(x)), keep),
    ("| |x| |", (F,), lambda x: P.abs(P.abs(x)), P.abs),
    ("| -x |", (I,), lambda x: P.abs(P.neg(x)), P.abs),
    ("floor floor x", (F,), lambda x: P.floor(P.floor(x)), P.floor),
    ("ceil ceil x", (F,), lambda x: P.ceil(P.ceil(x)), P.ceil),
    ("round round x", (F,), lambda x: P.round(P.round(x)), P.round),
    ("sign sign x", (F,), lambda x: P.sign(P.sign(x)), P.sign),
    ("stop stop x", (F,), lambda x: P.stop_gradient(P.stop_gradient(x)), P.stop_gradient),
    ("x + 0, integers", (I,), lambda x: P.add(x, full(0, I)), keep),
    ("0 + x, integers", (I,), lambda x: P.add(full(0, I), x), keep),
    ("x + -0, floats", (F,), lambda x: P.add(x, full(-0.0, F)), keep),
    ("x - 0", (F,), lambda x: P.sub(x, full(0.0, F)), keep),
    ("x - 0, integers", (U,), lambda x: P.sub(x, full(0, U)), keep),
    ("1 x", (F,), lambda x: P.mul(full(1, F), x), keep),
    ("x 1", (I,), lambda x: P.mul(x, full(1, I)), keep),
    ("x 1, repeated", (D,), lambda x: P.mul(x, repeat(np.array(1.0), 2, 3)), keep),
    ("x 0, integers", (I,), lambda x: P.mul(x, full(0, I)), lambda x: full(0, I)),
    ("x / 1", (F,), lambda x: P.div(x, full(1, F)), keep),
    ("x ^ 1", (F,), lambda x: P.pow(x, full(1, F)), keep),
    ("x << 0", (I,), lambda x: P.shift_left(x, full(0, I)), keep),
    ("x >> 0", (U,), lambda x: P.shift_right(x, full(0, U)), keep),
    ("x and 1", (B,), lambda x: P.bit_and(x, full(True, B)), keep),
    ("all bits and x", (U,), lambda x: P.bit_and(full(255, U), x), keep),
    ("x and 0", (I,), lambda x: P.bit_and(x, full(0, I)), lambda x: full(0, I)),
    ("x or 0", (I,), lambda x: P.bit_or(x, full(0, I)), keep),
    ("x or all bits", (I,), lambda x: P.bit_or(x, full(-1, I)), lambda x: full(-1, I)),
    ("x xor 0", (B,), lambda x: P.bit_xor(full(False, B), x), keep),
    ("x and x", (I,), lambda x: P.bit_and(x, x), keep),
    ("x or x", (B,), lambda x: P.bit_or(x, x), keep),
    ("max(x, x)", (F,), lambda x: P.max(x, x), keep),
    ("min(x, x)", (F,), lambda x: P.min(x, x), keep),
    ("x + -w", (F, F), lambda x, w: P.add(x, P.neg(w)), P.sub),
    ("-x + w", (F, F), lambda x, w: P.add(P.neg(x), w), lambda x, w: P.sub(w, x)),
    ("x - -w", (I, I), lambda x, w: P.sub(x, P.neg(w)), P.add),
    ("-x -w", (F, F), lambda x, w: P.mul(P.neg(x), P.neg(w)), P.mul),
    ("-x -x", (U,), lambda x: P.mul(P.neg(x), P.neg(x)), lambda x: P.mul(x, x)),
    ("-x / -w", (D, D), lambda x, w: P.div(P.neg(x), P.neg(w)), P.div),
    ("select true", (F, F), lambda x, w: P.select(full(True, B), x, w), lambda x, w: x),
    ("select false", (F, F), lambda x, w: P.select(full(False, B), x, w), lambda x, w: w),
    ("select equal", (B, F), lambda c, x: P.select(c, x, x), lambda c, x: x),
    ("select not", (B, F, F), lambda c, x, w: P.select(P.bit_not(c), x, w), lambda c, x, w: P.select(c, w, x)),
    ("convert to itself", (F,), lambda x: convert(x, "float32"), keep),
    ("convert there and back", (F,), lambda x: convert(x, "float64", "float32"), keep),
    ("convert by a wider float", (F,), lambda x: convert(x, "float64", "float16"), lambda x: convert(x, "float16")),
    ("convert by a wider integer", (U,), lambda x: convert(x, "int32", "float32"), lambda x: convert(x, "float32")),
    ("convert by anything from bool", (B,), lambda x: convert(x, "float16", "bool"), keep),
]
MOVEMENT: list[tuple[str, tuple[TensorType, ...], Function, Function]] = [
    ("reshape to itself", (F,), lambda x: P.reshape(x, shape=(2, 3)), keep),
    (
        "reshape reshape", (F,),
        lambda x: P.reshape(P.reshape(x, shape=(6,)), shape=(3, 2)), lambda x: P.reshape(x, shape=(3, 2)),
    ),
    ("transpose nothing", (F,), lambda x: P.transpose(x, axes=(0, 1)), keep),
    ("transpose twice", (F,), lambda x: P.transpose(P.transpose(x, axes=(1, 0)), axes=(1, 0)), keep),
    (
        "transpose transpose", (TensorType("int32", (2, 3, 4)),),
        lambda x: P.transpose(P.transpose(x, axes=(1, 2, 0)), axes=(0, 2, 1)), lambda x: P.transpose(x, axes=(1, 0, 2)),
    ),
    (
        "transpose of axes of size 1", (WIDE,),
        lambda x: P.transpose(x, axes=(0, 2, 1)), lambda x: P.reshape(x, shape=(2, 3, 1)),
    ),
    ("broadcast to itself", (F,), lambda x: repeat(x, 2, 3, axes=(0, 1)), keep),
    (
        "broadcast broadcast", (ROW,),
        lambda x: repeat(repeat(x, 2, 3, axes=(1,)), 2, 4, 3, axes=(0, 2)), lambda x: repeat(x, 2, 4, 3, axes=(2,)),
    ),
    ("broadcast of axes of size 1", (ROW,), lambda x: repeat(x, 1, 3, axes=(1,)), lambda x: P.reshape(x, shape=(1, 3))),
    (
        "broadcast of a new axis", (ROW,),
        lambda x: repeat(P.reshape(x, shape=(1, 3)), 2, 3, axes=(0, 1)), lambda x: repeat(x, 2, 3, axes=(1,)),
    ),
    (
        "broadcast of new axes", (LINE,),
        lambda x: repeat(P.reshape(x, shape=(1, 1, 3, 1)), 4, 5, 3, 2, axes=(0, 1, 2, 3)),
        lambda x: repeat(x, 4, 5, 3, 2, axes=(0, 2)),
    ),
    (
        "reverse twice", (F,),
        lambda x: P.reverse(P.reverse(x, axes=(0, 1)), axes=(1,)), lambda x: P.reverse(x, axes=(0,)),
    ),
    ("reverse no axes", (F,), lambda x: P.reverse(x, axes=()), keep),
    ("reverse one element", (WIDE,), lambda x: P.reverse(x, axes=(1,)), keep),
    ("slice everything", (F,), lambda x: P.slice(x, start=(0, 0), stop=(2, 3)), keep),
    (
        "slice slice", (TensorType("int32", (20,)),),
        lambda x: P.slice(P.slice(x, start=(1,), stop=(20,), strides=(2,)), start=(1,), stop=(8,), strides=(3,)),
        lambda x: P.slice(x, start=(3,), stop=(16,), strides=(6,)),
    ),
    (
        "slice slice nothing", (TensorType("int32", (20,)),),
        lambda x: P.slice(P.slice(x, start=(1,), stop=(20,), strides=(2,)), start=(10,), stop=(10,)),
        lambda x: P.slice(x, start=(0,), stop=(0,), strides=(2,)),
    ),
    ("pad nothing", (F,), lambda x: P.pad(x, low=(0, 0), high=(0, 0)), keep),
    ("concatenate one", (F,), lambda x: P.concatenate(x, axis=0), keep),
    (
        "concatenate with nothing", (F, TensorType("float32", (0, 3))),
        lambda x, w: P.concatenate(w, x, w, axis=0), lambda x, w: x,
    ),
    ("max along no axis", (F,), lambda x: P.reduce_max(x, axes=()), keep),
    ("min along no axis", (B,), lambda x: P.reduce_min(x, axes=()), keep),
    ("product along no axis", (F,), lambda x: P.reduce_prod(x, axes=()), keep),
    ("reshape of a repeated number", (S,), lambda x: P.reshape(repeat(x, 2, 3), shape=(6,)), lambda x: repeat(x, 6)),
    (
        "transpose of a repeated number", (S,),
        lambda x: P.transpose(repeat(x, 2, 3), axes=(1, 0)), lambda x: repeat(x, 3, 2),
    ),
    (
        "slice of a repeated number", (S,),
        lambda x: P.slice(repeat(x, 5), start=(1,), stop=(4,)), lambda x: repeat(x, 3),
    ),
    ("reverse of a repeated number", (S,), lambda x: P.reverse(repeat(x, 5), axes=(0,)), lambda x: repeat(x, 5)),
    (
        "function of a repeated row", (ROW,),
        lambda x: P.exp(repeat(x, 2, 3, axes=(1,))), lambda x: repeat(P.exp(x), 2, 3, axes=(1,)),
    ),
    (
        "function of two repeated rows", (ROW, ROW),
        lambda x, w: P.mul(repeat(x, 2, 3, axes=(1,)), repeat(w, 2, 3, axes=(1,))),
        lambda x, w: repeat(P.mul(x, w), 2, 3, axes=(1,)),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "types", "before", "after"), ARITHMETIC + MOVEMENT, ids=lambda v: v if isinstance(v, str) else ""
)
def test_identity(name: str, types: tuple[TensorType, ...], before: Function, after: Function) -> None:
    program, expected = record(before, *types), record(after, *types)
    found = settled(program)
    assert bare(found) == bare(expected)
    assert work(found) <= work(dce(program))
    assert_same_meaning(program, found)


NOT_IDENTITIES: list[tuple[str, tuple[TensorType, ...], Function]] = [
    ("-0 + 0 is +0", (F,), lambda x: P.add(x, full(0.0, F))),
    ("-0 - -0 is +0", (F,), lambda x: P.sub(x, full(-0.0, F))),
    ("0 - x is not -x for 0", (F,), lambda x: P.sub(full(0.0, F), x)),
    ("NaN 0 is NaN", (F,), lambda x: P.mul(x, full(0.0, F))),
    ("x -1 is another equation, not none", (F,), lambda x: P.mul(x, full(-1.0, F))),
    ("x - x is NaN for infinity", (F,), lambda x: P.sub(x, x)),
    ("x / x is NaN for 0", (F,), lambda x: P.div(x, x)),
    ("1 / x", (F,), lambda x: P.div(full(1.0, F), x)),
    ("1 ^ x, as 1 is the base", (F,), lambda x: P.pow(full(1.0, F), x)),
    ("x = x is false for NaN", (F,), lambda x: P.eq(x, x)),
    ("-(x - w) is not w - x for equal ones", (F, F), lambda x, w: P.neg(P.sub(x, w))),
    ("ones in part only", (F,), lambda x: P.mul(x, np.array([[1, 1, 1], [1, 1, 2]], "float32"))),
    ("stop_gradient has a derivative of its own", (F,), lambda x: P.stop_gradient(x)),
    ("a narrower float loses digits", (D,), lambda x: convert(x, "float32", "float64")),
    ("a float loses digits of an integer", (I,), lambda x: convert(x, "float32", "int32")),
    ("an unsigned integer has no sign", (I,), lambda x: convert(x, "uint32", "float32")),
    ("a negative number wraps", (TensorType("int8", (2,)),), lambda x: convert(x, "uint8", "int32")),
    ("a sum along no axis makes -0 to +0", (F,), lambda x: P.reduce_sum(x, axes=())),
    ("a transpose that moves", (F,), lambda x: P.transpose(x, axes=(1, 0))),
    ("a broadcast that is not of one number", (ROW,), lambda x: P.reverse(repeat(x, 2, 3, axes=(1,)), axes=(1,))),
    ("a pad that cuts", (F,), lambda x: P.pad(x, low=(-1, 0), high=(1, 0))),
    (
        "rows and columns", (ROW, TensorType("float32", (2,))),
        lambda x, w: P.add(repeat(x, 2, 3, axes=(1,)), repeat(w, 2, 3, axes=(0,))),
    ),
    ("a repeated row used elsewhere too", (ROW,), lambda x: (lambda y: (P.exp(y), y))(repeat(x, 2, 3, axes=(1,)))),
    ("a reshape that does more than new axes", (F,), lambda x: repeat(P.reshape(x, shape=(1, 6)), 4, 6, axes=(0, 1))),
    ("a reshape that drops an axis", (LINE,), lambda x: repeat(P.reshape(x, shape=(3,)), 4, 3, axes=(1,))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "types", "function"), NOT_IDENTITIES, ids=lambda v: v if isinstance(v, str) else "")
def test_no_identity(name: str, types: tuple[TensorType, ...], function: Function) -> None:
    program = record(function, *types)
    assert simplify(program) is program


DOUBLE = parse_program("program double(%0: int32[2,3]) -> (int32[2,3]) { %1: int32[2,3] = add(%0, %0) return %1 }")
MINUS = parse_program("program minus(%0: int32[2,3]) -> (int32[2,3]) { %1: int32[2,3] = neg(%0) return %1 }")


@pytest.mark.parametrize(
    ("choice", "after"), [(-3, P.neg), (0, P.neg), (1, lambda x: P.add(x, x)), (9, lambda x: P.add(x, x))]
)
def test_a_cond_with_a_known_choice_is_its_branch(choice: int, after: Function) -> None:
    program = record(lambda x: P.cond(np.array(choice, "int32"), x, branches=(MINUS, DOUBLE)), I)
    found = verify(dce(simplify(program)))
    assert bare(found) == bare(record(after, I))
    assert_same_meaning(program, found)


def test_one_branch_taken_twice_defines_its_values_twice_apart() -> None:
    def function(x: Any) -> Any:
        (once,) = P.cond(np.array(True), x, branches=(MINUS, DOUBLE))
        return P.cond(np.array(True), once, branches=(MINUS, DOUBLE))

    program = record(function, I)
    assert_same_meaning(program, verify(simplify(program)))


def test_sub_programs_are_simplified_too() -> None:
    body, _ = trace(lambda x: [P.neg(P.neg(P.mul(x, x)))], [F], "body")
    program = record(lambda x: P.loop(x, body=body, length=2, invariants=0, carries=1), F)
    found = verify(dce(simplify(program)))
    assert "neg" not in bare(found)
    assert_same_meaning(program, found)


def padded(x: Any, low: int, high: int, value: float = 0.0) -> Any:
    return P.pad(x, low=(0, low), high=(0, high), interior=(0, 0), value=value)


def test_padded_parts_side_by_side_are_a_concatenation() -> None:
    before = record(lambda x, w, v: padded(w, 3, 3) + padded(x, 0, 6) + padded(v, 6, 0), F, F, F)
    after = optimize(before)
    names = [e.primitive.name for e in after.equations]
    assert names.count("concatenate") == 1
    assert "pad" not in names
    assert_same_meaning(before, after)  # -0 + 0 is 0


def test_what_surrounds_neighbours_stays_zero() -> None:
    before = record(lambda x, w: padded(x, 1, 5) + padded(w, 4, 2), F, F)
    after = optimize(before)
    assert [e.primitive.name for e in after.equations][-2:] == ["concatenate", "pad"]
    assert_same_meaning(before, after)


APART: list[tuple[str, Function]] = [
    ("overlap", lambda x, w: padded(x, 0, 2) + padded(w, 2, 0)),
    ("a gap", lambda x, w: padded(x, 0, 4) + padded(w, 4, 0)),
    ("not zeros", lambda x, w: padded(x, 0, 3, 1.0) + padded(w, 3, 0)),
    ("a part removed", lambda x, w: padded(x, -1, 3) + padded(w, 2, 0)),
    ("along two axes", lambda x, w: P.pad(x, low=(0, 0), high=(2, 3), interior=(0, 0), value=0.0)
     + P.pad(w, low=(2, 3), high=(0, 0), interior=(0, 0), value=0.0)),
    ("read elsewhere too", lambda x, w: (lambda a: [a + padded(w, 3, 0), a])(padded(x, 0, 3))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "function"), APART, ids=[name for name, _ in APART])
def test_other_sums_of_padded_parts_stay(name: str, function: Function) -> None:
    before = record(function, F, F)
    after = optimize(before)
    assert "concatenate" not in str(after)
    assert_same_meaning(before, after)
