"""Schedules: Keras's rates at golden steps, recording, configs, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule import ops
from chainrule.errors import ArgumentError, UnsupportedError
from chainrule.ir import TensorType, evaluate, trace
from chainrule.optimizers import schedules
from chainrule.variables import Variable

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "schedules.json").read_text())
STEPS, CASES = GOLDEN["steps"], GOLDEN["cases"]
NAMES = [f"{case['class']}-{index}" for index, case in enumerate(CASES)]


def schedule_of(case: dict[str, Any]) -> Any:
    return getattr(schedules, case["class"])(**case["config"])


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_golden_rates(case: dict[str, Any]) -> None:
    # float32: powers and cosines of two libraries differ in the last bits; next to 0, (1 + cos) cancels
    schedule = schedule_of(case)
    rates = [float(schedule(np.asarray(step, "int64"))) for step in STEPS]
    np.testing.assert_allclose(rates, case["expected"], rtol=2e-6, atol=1e-8)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_recorded_rates_are_the_eager_ones(case: dict[str, Any]) -> None:
    schedule = schedule_of(case)
    program, captured = trace(lambda step: [schedule(step)], [TensorType("int64", ())])
    assert not captured
    for step in STEPS:
        (rate,) = evaluate(program, [np.asarray(step, "int64")])
        assert rate.dtype == np.float32 and rate.shape == ()
        assert rate == schedule(step).numpy() == schedule(Variable(step, dtype="int64")).numpy(), step


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_config(case: dict[str, Any]) -> None:
    schedule = schedule_of(case)
    assert json.loads(json.dumps(schedule.get_config())) == case["get_config"]
    again = schedules.deserialize(json.loads(json.dumps(schedules.serialize(schedule))))
    assert type(again) is type(schedule) and again.get_config() == schedule.get_config()
    assert [float(again(step)) for step in STEPS] == [float(schedule(step)) for step in STEPS]


def test_restarts_against_the_definition() -> None:
    """Against the definition: periods one after another, in Python's numbers."""
    schedule, t_mul, m_mul, alpha = schedules.CosineDecayRestarts(0.3, 7, 1.7, 0.9, 0.02), 1.7, 0.9, 0.02
    start, length, height, expected = 0.0, 7.0, 1.0, []
    for step in range(0, 200, 3):
        while step >= start + length:
            start, length, height = start + length, length * t_mul, height * m_mul
        wave = 0.5 * height * (1 + np.cos(np.pi * (step - start) / length))
        expected.append(0.3 * ((1 - alpha) * wave + alpha))
    rates = [float(schedule(step)) for step in range(0, 200, 3)]
    np.testing.assert_allclose(rates, expected, rtol=3e-5)  # the part of a period is a difference of larger numbers


def test_piecewise_compares_large_steps_exactly() -> None:
    schedule = schedules.PiecewiseConstantDecay([2**30], [0.5, 0.25])
    at = [float(schedule(np.asarray(2**30 + more, "int64"))) for more in (0, 1)]
    assert at == [0.5, 0.25]  # as float32 the two steps are the same number


def test_warmup_of_no_steps_has_no_division_by_zero() -> None:
    schedule = schedules.CosineDecay(0.0, 10, warmup_target=0.5, warmup_steps=0)
    with np.errstate(all="raise"):
        assert float(schedule(0)) == 0.5


class Rising(schedules.LearningRateSchedule):
    """A schedule as users write one."""

    def __call__(self, step: Any) -> Any:
        return 0.1 * ops.cast(step, "float32")


def test_own_schedule() -> None:
    assert float(Rising()(5)) == pytest.approx(0.5)
    with pytest.raises(UnsupportedError, match=r"Rising: override get_config"):
        Rising().get_config()
    with pytest.raises(NotImplementedError, match=r"override __call__"):
        schedules.LearningRateSchedule()(0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "decay_steps to be a number above 0; got decay_steps=0"),
        (lambda: schedules.InverseTimeDecay(0.1, -1, 0.5), "got decay_steps=-1"),
        (lambda: schedules.PolynomialDecay(0.1, "10"), "got decay_steps='10'"),
        (lambda: schedules.CosineDecay(0.1, 0), "CosineDecay: expected decay_steps"),
        (lambda: schedules.CosineDecayRestarts(0.1, 0), "first_decay_steps"),
        (lambda: schedules.CosineDecayRestarts(0.1, 5, t_mul=0), "t_mul"),
        (lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]), "2 boundaries and 2 values"),
        (lambda: schedules.PiecewiseConstantDecay([5, 2], [0.1, 0.2, 0.3]), "boundaries that rise"),
    ],
)
def test_errors(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        make()
    assert isinstance(caught.value, ValueError)
