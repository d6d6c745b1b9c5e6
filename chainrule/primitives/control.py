"""Control flow: primitives that hold sub-programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..errors import ProgramError
from ..ir import BOOL, Params, Program, TensorType, evaluate
from .definition import define, require, require_dtype

Run = Callable[[Program, Sequence[np.ndarray]], list[np.ndarray]]  # how an executor runs a sub-program


def loop_parts(p: Params, operands: Sequence) -> tuple[list, list, list]:
    """Operands (or types, or body inputs) of a loop as (invariants, carries, sequences)."""
    carries_at, sequences_at = p.invariants, p.invariants + p.carries
    return list(operands[:carries_at]), list(operands[carries_at:sequences_at]), list(operands[sequences_at:])


def infer_loop(p: Params, *operands: TensorType) -> tuple[TensorType, ...]:
    require(p.length >= 0, "loop C4", "a length of 0 or more", p.length)
    invariants, carries, sequences = loop_parts(p, operands)
    for t in sequences:
        ok = t.rank >= 1 and t.shape[0] == p.length
        require(ok, "loop C1", f"sequences with {p.length} elements on axis 0", t)
    expected = (*invariants, *carries, *(t.with_shape(t.shape[1:]) for t in sequences))
    taken = p.body.input_types
    require(taken == expected, "loop C2", f"a body that takes {_show(expected)}", _show(taken))
    results = p.body.output_types
    kept = results[: p.carries] == tuple(carries)
    require(kept, "loop C3", f"a body that returns {_show(carries)} first", _show(results))
    return (*carries, *(t.with_shape((p.length, *t.shape)) for t in results[p.carries :]))


def evaluate_loop(p: Params, *operands: np.ndarray, run: Run = evaluate) -> tuple[np.ndarray, ...]:
    invariants, carries, sequences = loop_parts(p, operands)
    stacked = [np.empty((p.length, *t.shape), t.dtype) for t in p.body.output_types[p.carries :]]
    for i in reversed(range(p.length)) if p.reverse else range(p.length):
        results = run(p.body, [*invariants, *carries, *(s[i, ...] for s in sequences)])
        carries = results[: p.carries]
        for whole, element in zip(stacked, results[p.carries :], strict=True):
            whole[i] = element
    return (*carries, *stacked)


def _show(types: Sequence[TensorType]) -> str:
    return "(" + ", ".join(map(str, types)) + ")"


def _canonical_loop(body: Program, length: int, invariants: int, carries: int, reverse: bool = False) -> Params:
    return Params(
        body=body, length=int(length), invariants=int(invariants), carries=int(carries), reverse=bool(reverse)
    )


loop = define(
    "loop", "control", infer_loop, evaluate_loop,
    """for i in 0 .. length-1: carries, element = body(invariants, carries, sequences[i])

    Operands: the invariants (the same in every round), the carries (handed from round to round), the sequences (one
        element of axis 0 a round); any dtypes.
    Params: body: a Program (invariants, carries, elements) -> (carries, elements); length: the number of rounds;
        invariants, carries: how many operands are of each kind; reverse: from the last round to the first.
    Result: the last carries, then each element result stacked along a new axis 0 (at its own i, also in reverse).
    Constraints: C1 sequences have length elements; C2 the body takes these types; C3 the body returns the carries;
        C4 a length of 0 or more.
    Gradient: a loop in the other direction over the saved carries (Griewank and Walther 2008, ch. 4).
    Numerics: those of the body.
    Source: the scan of JAX and Theano.
    Example:
    >>> body = parse_program('program step(%0: float64[], %1: float64[]) -> (float64[], float64[]) {'
    ...                      '%2: float64[] = add(%0, %1) return %2, %2 }')
    >>> total, sums = loop(np.array(0.), np.array([1., 2., 3.]), body=body, length=3, invariants=0, carries=1)
    >>> total.tolist(), sums.tolist()
    (6.0, [1.0, 3.0, 6.0])
    """,
    multiple=True, canonical=_canonical_loop,
)  # fmt: skip


def infer_while_loop(p: Params, *carries: TensorType) -> tuple[TensorType, ...]:
    taken = p.test.input_types
    require(taken == carries, "while_loop C1", f"a test that takes {_show(carries)}", _show(taken))
    truth = (TensorType("bool", ()),)
    require(p.test.output_types == truth, "while_loop C2", "a test that returns one bool[]", _show(p.test.output_types))
    ok = p.body.input_types == carries and p.body.output_types == carries
    require(ok, "while_loop C3", f"a body that takes and returns {_show(carries)}", _show(p.body.output_types))
    return carries


def evaluate_while_loop(p: Params, *carries: np.ndarray, run: Run = evaluate) -> tuple[np.ndarray, ...]:
    values = list(carries)
    while run(p.test, values)[0]:
        values = run(p.body, values)
    return tuple(values)


while_loop = define(
    "while_loop", "control", infer_while_loop, evaluate_while_loop,
    """while test(carries): carries = body(carries)

    Operands: the carries, any dtypes.
    Params: test: a Program carries -> bool[]; body: a Program carries -> carries.
    Result: the last carries.
    Constraints: C1 the test takes the carries; C2 it returns bool[]; C3 the body takes and returns the carries.
    Gradient: not differentiable (the number of rounds, and so the memory, is unknown); use a loop of fixed length.
    Numerics: those of the body.
    Source: StableHLO, while.
    Example:
    >>> test = parse_program('program test(%0: int32[]) -> (bool[]) {'
    ...                      '%1: int32[] = constant() {value=int32[]<10>} %2: bool[] = lt(%0, %1) return %2 }')
    >>> body = parse_program('program body(%0: int32[]) -> (int32[]) { %1: int32[] = add(%0, %0) return %1 }')
    >>> while_loop(np.array(3, 'int32'), test=test, body=body)[0].tolist()
    12
    """,
    multiple=True, canonical=lambda test, body: Params(test=test, body=body),
)  # fmt: skip


def infer_cond(p: Params, choice: TensorType, *operands: TensorType) -> tuple[TensorType, ...]:
    require(len(p.branches) > 0, "cond C1", "at least one branch", 0)
    allowed = BOOL if len(p.branches) == 2 else ()
    require(choice.shape == (), "cond C2", "a choice without axes", choice)
    require_dtype("cond C2", choice, (*allowed, "int32"))
    for branch in p.branches:
        taken, results = branch.input_types, branch.output_types
        require(taken == operands, "cond C3", f"branches that take {_show(operands)}", _show(taken))
        first = p.branches[0].output_types
        require(results == first, "cond C4", f"branches that return {_show(first)}", _show(results))
    return p.branches[0].output_types


def evaluate_cond(p: Params, choice: np.ndarray, *operands: np.ndarray, run: Run = evaluate) -> tuple[np.ndarray, ...]:
    index = min(max(int(choice), 0), len(p.branches) - 1)
    return tuple(run(p.branches[index], operands))


def _canonical_cond(branches: Sequence[Program]) -> Params:
    if not all(isinstance(b, Program) for b in branches):
        raise ProgramError("cond: branches are Programs.")
    return Params(branches=tuple(branches))


cond = define(
    "cond", "control", infer_cond, evaluate_cond,
    """results = branches[choice](operands)

    Operands: choice: int32 (or bool, for two branches: false takes the first), no axes; then the operands.
    Params: branches: Programs of one type.
    Result: those of the chosen branch; the others are not run.
    Constraints: C1 at least one branch; C2 a scalar int32 or bool choice; C3 the branches take the operands;
        C4 they return the same types.
    Gradient: the cond of the branches' gradients.
    Numerics: a choice below 0 takes the first branch, one beyond the last the last.
    Source: StableHLO, case.
    Example:
    >>> double = parse_program('program double(%0: int32[]) -> (int32[]) { %1: int32[] = add(%0, %0) return %1 }')
    >>> keep = parse_program('program keep(%0: int32[]) -> (int32[]) { return %0 }')
    >>> cond(np.array(True), np.array(4, 'int32'), branches=(keep, double))[0].tolist()
    8
    """,
    multiple=True, canonical=_canonical_cond,
)  # fmt: skip
