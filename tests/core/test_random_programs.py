"""Random Programs: whatever holds for one Program holds for all. Failures are kept in tests/corpus and replayed."""

from __future__ import annotations

import collections

import numpy as np
import pytest
from hypothesis import given

from chainrule.executors import compile_program
from chainrule.ir import PRIMITIVES, Program, evaluate, verify
from chainrule.passes import PASSES, dce, liveness, optimize

from .compare import assert_round_trip, assert_same_bits, run_laid_out, work
from .generators import GENERATORS, SMOOTH
from .gradients import check_twice
from .random_programs import Random, arrays_for, cases, kept_when_failing, program_from, read_corpus, settings_for


def check_text_and_executor(program: Program, arrays: list[np.ndarray]) -> None:
    verify(program)
    again = assert_round_trip(program)
    with np.errstate(all="ignore"):
        meant = evaluate(program, arrays)
        assert tuple((a.dtype.name, a.shape) for a in meant) == tuple((t.dtype, t.shape) for t in program.output_types)
        assert_same_bits(evaluate(again, arrays), meant)
    assert_same_bits(compile_program(program, "reference")(arrays), meant)


def check_passes(program: Program, arrays: list[np.ndarray]) -> None:
    """Every pass, and all of them together: the same bits, no more work, the same places of origin."""
    meant, places = run_laid_out(program, arrays), {e.where for e in program.walk()}
    for step in (*PASSES, optimize):
        shorter = verify(step(program))
        assert shorter.input_types == program.input_types and shorter.output_types == program.output_types
        assert work(dce(shorter)) <= work(dce(program)), step.__name__
        assert {e.where for e in shorter.walk()} <= places
        assert_same_bits(run_laid_out(shorter, arrays), meant)
    assert optimize(shorter) is shorter
    assert work(shorter) <= work(program)


def check_derivatives(program: Program, arrays: list[np.ndarray]) -> None:
    check_twice(verify(program), arrays, tolerance=1e-6)
    check_twice(optimize(program), arrays, tolerance=1e-6)  # identities keep derivatives


CHECKS = {"exact": check_text_and_executor, "passes": check_passes, "smooth": check_derivatives}


@settings_for(400)
@given(cases())
def test_text_and_reference_executor(case: tuple[Program, int]) -> None:
    program, seed = case
    with kept_when_failing(program, seed, "exact"):
        check_text_and_executor(program, arrays_for(program, seed))


@settings_for(400)
@given(cases())
def test_passes(case: tuple[Program, int]) -> None:
    program, seed = case
    with kept_when_failing(program, seed, "passes"):
        check_passes(program, arrays_for(program, seed))


@settings_for(120)
@given(cases(smooth=True, most=6))
def test_derivatives(case: tuple[Program, int]) -> None:
    program, seed = case
    with kept_when_failing(program, seed, "smooth"):
        check_derivatives(program, arrays_for(program, seed, smooth=True))


@pytest.mark.parametrize("name", sorted(name for name, case in read_corpus().items() if case[2] in CHECKS))
def test_corpus(name: str) -> None:
    program, seed, kind = read_corpus()[name]
    CHECKS[kind](program, arrays_for(program, seed, kind == "smooth"))


def test_the_generators_reach_every_primitive() -> None:
    assert set(GENERATORS) == set(PRIMITIVES) and set(SMOOTH) < set(PRIMITIVES)
    seen: collections.Counter[str] = collections.Counter()
    inside = outside = 0
    for seed in range(600):
        program = program_from(Random(seed), 8)
        seen.update(e.primitive.name for e in program.walk())
        outside += len(program.equations)
        inside += len(list(program.walk())) - len(program.equations)
    assert min(seen[name] for name in PRIMITIVES) > 20
    assert outside > 600 * 8 and inside > 600  # loops and branches have bodies worth the name


def test_liveness_is_when_values_are_read() -> None:
    for seed in range(100):
        program = program_from(Random(seed), 6)
        intervals = liveness(program)
        for i, e in enumerate(program.equations):
            assert all(intervals[v].birth < i <= intervals[v].death for v in e.inputs)
            assert all(intervals[v].birth == i <= intervals[v].death for v in e.outputs)
        assert all(intervals[v].death == len(program.equations) for v in program.outputs)
        read = {v: i for i, e in enumerate(program.equations) for v in (*e.inputs, *e.outputs)}
        kept = set(program.outputs)
        assert all(v in kept or interval.death == read.get(v, -1) for v, interval in intervals.items())
