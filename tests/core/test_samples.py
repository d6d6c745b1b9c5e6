"""Every primitive at every sample: type rule, meaning, oracle, errors, executor, text."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from chainrule import primitives as P
from chainrule.executors import compile_program
from chainrule.ir import PRIMITIVES, TensorType, evaluate, parse_program, trace, type_of, verify

from .compare import assert_round_trip, assert_same_bits, assert_within, program_of, types_of
from .oracle import ORACLE
from .samples import SAMPLES

NAMES = sorted(PRIMITIVES)


def _tuple(result: object) -> tuple:
    return result if isinstance(result, tuple) else (result,)


@pytest.fixture(autouse=True)
def _quiet():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("name", NAMES)
def test_types_and_meaning_agree_with_the_oracle(name: str) -> None:
    entry, primitive = SAMPLES[name], PRIMITIVES[name]
    for s in entry.good:
        params = s.canonical(name)
        found = primitive.evaluate_arrays(params, s.operands)
        assert tuple(types_of(found)) == primitive.infer_types(params, types_of(s.operands)), s
        assert_within(found, _tuple(ORACLE[name](params, *s.operands)), entry.ulps)


@pytest.mark.parametrize("name", NAMES)
def test_operands_are_left_alone(name: str) -> None:
    for s in SAMPLES[name].good:
        before = [o.copy() for o in s.operands]
        PRIMITIVES[name].evaluate_arrays(s.canonical(name), s.operands)
        assert_same_bits(s.operands, before)


@pytest.mark.parametrize("name", NAMES)
def test_eager_evaluate_and_reference_agree(name: str) -> None:
    for s in SAMPLES[name].good:
        program = program_of(name, s.canonical(name), types_of(s.operands))
        verify(program)
        meant = evaluate(program, s.operands)
        assert_same_bits(compile_program(program, "reference")(s.operands), meant)
        assert_same_bits([t.numpy() for t in _tuple(PRIMITIVES[name](*s.operands, **s.params))], meant)


@pytest.mark.parametrize("name", NAMES)
def test_text_says_everything(name: str) -> None:
    for s in SAMPLES[name].good:
        program = program_of(name, s.canonical(name), types_of(s.operands))
        assert_same_bits(evaluate(assert_round_trip(program), s.operands), evaluate(program, s.operands))


@pytest.mark.parametrize("name", NAMES)
def test_errors_cite_the_constraint(name: str) -> None:
    for b in SAMPLES[name].bad:
        with pytest.raises(b.error, match=b.rule):
            PRIMITIVES[name](*b.operands, **b.params)
        types = [type_of(o) for o in b.operands]
        if b.when_run:  # the types are right: it records, and fails when it runs
            program, _ = trace(lambda *ts, b=b: _tuple(PRIMITIVES[name](*ts, **b.params)), types)
            with pytest.raises(b.error, match=b.rule):
                compile_program(program, "reference")(b.operands)
        else:
            with pytest.raises(b.error, match=b.rule):
                trace(lambda *ts, b=b: _tuple(PRIMITIVES[name](*ts, **b.params)), types)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_number_of_operands_is_refused(name: str) -> None:
    variable = {"concatenate", "loop", "while_loop", "cond"}  # these take any number, and their samples test it
    if name not in variable:
        s = SAMPLES[name].good[0]
        extra = TensorType("int32", (2,))
        with pytest.raises(TypeError):
            PRIMITIVES[name].infer_types(s.canonical(name), [*types_of(s.operands), extra])


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_the_documentation_runs(name: str) -> None:
    names = {**{n: getattr(P, n) for n in P.__all__}, "np": np, "parse_program": parse_program}
    test = doctest.DocTestParser().get_doctest(PRIMITIVES[name].doc, names, name, None, 0)
    assert test.examples, f"{name} has no example"
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)
