"""Samples of control flow; the sub-programs are written as text."""

from __future__ import annotations

import numpy as np

from chainrule.errors import DTypeError
from chainrule.ir import Program, parse_program

from .entry import Entry, bad, sample, smooth

SUM = parse_program(
    "program sum(%0: float64[], %1: float64[]) -> (float64[], float64[]) { %2: float64[] = add(%0, %1) return %2, %2 }"
)
CELL = parse_program(  # invariant W, carry h, sequence x: h <- tanh(h W + x), element h x
    "program cell(%0: float64[2,2], %1: float64[2,2], %2: float64[2,2]) -> (float64[2,2], float64[2,2]) {"
    " %3: float64[2,2] = dot_general(%1, %0) {contract=((1,), (0,)), batch=((), ())}"
    " %4: float64[2,2] = add(%3, %2) %5: float64[2,2] = tanh(%4) %6: float64[2,2] = mul(%1, %2)"
    " return %5, %6 }"
)
COUNT = parse_program(  # carries: a number, how often; the number of rounds does not matter to the stacked result
    "program count(%0: int32[]) -> (int32[], int32[]) {"
    " %1: int32[] = constant() {value=int32[]<1>} %2: int32[] = add(%0, %1) return %2, %0 }"
)
MIXED = parse_program(  # an integer and a float are carried; the float is multiplied by the integer
    "program mixed(%0: int32[], %1: float64[2]) -> (int32[], float64[2]) {"
    " %2: int32[] = constant() {value=int32[]<1>} %3: int32[] = add(%0, %2)"
    ' %4: float64[] = convert(%3) {dtype="float64"}'
    " %5: float64[2] = broadcast(%4) {axes=(), shape=(2,)} %6: float64[2] = mul(%1, %5) %7: float64[2] = sin(%6)"
    " return %3, %7 }"
)
BELOW = parse_program("program below(%0: int32[], %1: int32[]) -> (bool[]) { %2: bool[] = lt(%0, %1) return %2 }")
DOUBLE = parse_program(
    "program double(%0: int32[], %1: int32[]) -> (int32[], int32[]) { %2: int32[] = add(%0, %0) return %2, %1 }"
)
PUT = parse_program(  # needs an array, not a number, as element of a sequence: it is written into
    "program put(%0: float64[], %1: float64[]) -> (float64[], float64[]) {"
    " %2: int32[0] = constant() {value=int32[0]<>} %3: float64[] = scatter(%1, %2, %0) return %1, %3 }"
)
NEVER = parse_program("program never() -> (bool[]) { %0: bool[] = constant() {value=bool[]<False>} return %0 }")
NOTHING = parse_program("program nothing() -> () { return }")


def unary(name: str) -> Program:
    return parse_program(f"program {name}(%0: float64[3]) -> (float64[3]) {{ %1: float64[3] = {name}(%0) return %1 }}")


_KEEP = parse_program("program keep(%0: float64[3]) -> (float64[3]) { return %0 }")
_SQUARE = parse_program("program square(%0: float64[3]) -> (float64[3]) { %1: float64[3] = mul(%0, %0) return %1 }")
_BRANCHES = (unary("sin"), _SQUARE, _KEEP)
_I, _F = (lambda n: np.array(n, "int32")), np.ones(3)
_W, _H, _S = smooth((2, 2), (2, 2), (3, 2, 2))

SAMPLES: dict[str, Entry] = {
    "loop": Entry(
        [
            *(sample(np.array(0.5), np.array([1.0, 2.0, 3.0]), body=SUM, length=3, invariants=0, carries=1, reverse=r)
              for r in (False, True)),
            sample(np.array(0.5), np.zeros(0), body=SUM, length=0, invariants=0, carries=1),
            sample(_W, body=parse_program(
                "program negate(%0: float64[2]) -> (float64[2]) { %1: float64[2] = neg(%0) return %1 }"),
                length=2, invariants=0, carries=0, smooth=True),
            sample(_I(4), body=COUNT, length=5, invariants=0, carries=1),
            sample(_I(4), body=COUNT, length=0, invariants=0, carries=1),
            sample(_I(4), body=COUNT, length=3, invariants=0, carries=1, reverse=True),
            *(sample(_W, _H, _S, body=CELL, length=3, invariants=1, carries=1, reverse=r, smooth=True)
              for r in (False, True)),
            sample(_W, _H, _S[:1], body=CELL, length=1, invariants=1, carries=1, smooth=True),
            sample(_W, _H, _S[:0], body=CELL, length=0, invariants=1, carries=1, smooth=True),
            sample(_I(0), *smooth((2,)), body=MIXED, length=3, invariants=0, carries=2, smooth=True),
            sample(np.array(0.5), np.array([1.0, 2.0]), body=PUT, length=2, invariants=0, carries=1, smooth=True),
            sample(body=NOTHING, length=2, invariants=0, carries=0),
        ],
        [
            bad("loop C1", np.array(0.5), np.zeros(2), body=SUM, length=3, invariants=0, carries=1),
            bad("loop C1", np.array(0.5), np.array(1.0), body=SUM, length=3, invariants=0, carries=1),
            bad("loop C2", np.array(0.5), np.zeros(3, "float32"), body=SUM, length=3, invariants=0, carries=1),
            bad("loop C2", np.array(0.5), body=SUM, length=3, invariants=0, carries=1),
            bad("loop C3", np.ones(3), body=parse_program(
                "program f(%0: float64[3]) -> (float64[]) { %1: float64[] = reduce_sum(%0) {axes=(0,)} return %1 }"),
                length=3, invariants=0, carries=1),
            bad("loop C4", np.array(0.5), body=parse_program("program f(%0: float64[]) -> (float64[]) { return %0 }"),
                length=-1, invariants=0, carries=1),
        ],
        ulps=4,
    ),
    "while_loop": Entry(
        [
            sample(_I(3), _I(100), test=BELOW, body=DOUBLE), sample(_I(300), _I(100), test=BELOW, body=DOUBLE),
            sample(test=NEVER, body=NOTHING),
        ],
        [
            bad("while_loop C1", _I(3), test=BELOW, body=DOUBLE),
            bad("while_loop C2", _I(3), _I(4), test=DOUBLE, body=DOUBLE),
            bad("while_loop C3", _I(3), _I(4), test=BELOW, body=BELOW),
        ],
    ),
    "cond": Entry(
        [
            *(sample(_I(n), *smooth((3,)), branches=_BRANCHES, smooth=True) for n in (-1, 0, 1, 2, 7)),
            *(sample(np.array(c), *smooth((3,)), branches=_BRANCHES[:2], smooth=True) for c in (False, True)),
            sample(_I(0), _F, branches=(_KEEP,)), sample(np.array(True), branches=(NOTHING, NOTHING)),
        ],
        [
            bad("cond C1", _I(0), branches=()), bad("cond C2", np.zeros(1, "int32"), _F, branches=_BRANCHES),
            bad("cond C2", np.array(True), _F, branches=_BRANCHES, error=DTypeError),
            bad("cond C2", np.float32(1), _F, branches=_BRANCHES, error=DTypeError),
            bad("cond C3", _I(0), np.ones(2), branches=_BRANCHES),
            bad("cond C4", np.array(True), _F, branches=(_KEEP, parse_program(
                "program f(%0: float64[3]) -> (float64[]) { %1: float64[] = reduce_sum(%0) {axes=(0,)} return %1 }"))),
        ],
        ulps=4,
    ),
}  # fmt: skip
