"""Regularizers and constraints against Keras's values and gradients; names, configs, errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chainrule import constraints, ops, regularizers
from chainrule.autodiff import reverse
from chainrule.errors import ArgumentError, ShapeError
from chainrule.executors.reference import compile_program
from chainrule.ir import trace, type_of
from chainrule.variables import Variable

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "regularizers_constraints.json").read_text())


def cases(section):
    return [pytest.param(row, id=f"{row['class']}-{i}") for i, row in enumerate(GOLDEN[section])]


def value_and_gradient(function, x):
    program, _ = trace(lambda t: [function(t)], [type_of(x)])
    return compile_program(reverse(program, [0]))([x, np.ones((), x.dtype)])


@pytest.mark.parametrize("case", cases("regularizers"))
def test_penalties_and_gradients_are_those_of_keras(case):
    regularizer = getattr(regularizers, case["class"])(**case["config"])
    x = np.array(case["x"], "float32")
    penalty, gradient = value_and_gradient(regularizer, x)
    np.testing.assert_allclose(penalty, case["expected"], rtol=1e-5)
    np.testing.assert_allclose(gradient, case.get("gradient", np.zeros_like(x)), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(regularizer(Variable(x)), penalty, rtol=1e-6)  # layers pass their weights


@pytest.mark.parametrize("name", ["l1", "l2", "l1_l2", "orthogonal_regularizer"])
def test_derivative_by_central_differences(name):
    regularizer = {"l1_l2": regularizers.L1L2(0.3, 0.2)}.get(name) or regularizers.get(name)
    x = np.random.default_rng(0).normal(size=(3, 4))
    _, gradient = value_and_gradient(regularizer, x)
    direction = np.random.default_rng(1).normal(size=x.shape)
    ahead, behind = (float(regularizer(x + s * direction)) for s in (1e-6, -1e-6))
    assert np.sum(gradient * direction) == pytest.approx((ahead - behind) / 2e-6, rel=1e-7)


@pytest.mark.parametrize("case", cases("constraints"))
def test_constrained_weights_are_those_of_keras(case):
    constraint = getattr(constraints, case["class"])(**case["config"])
    x = np.array(case["x"], "float32")
    np.testing.assert_allclose(constraint(x), case["expected"], rtol=2e-6, atol=1e-9)
    np.testing.assert_allclose(constraint(Variable(x)), case["expected"], rtol=2e-6, atol=1e-9)
    program, _ = trace(lambda t: [constraint(t)], [type_of(x)])
    np.testing.assert_array_equal(compile_program(program)([x])[0], constraint(x))


def test_constraints_hold_afterwards():
    w = np.random.default_rng(0).normal(0, 3, (5, 7)).astype("float32")
    assert (np.linalg.norm(constraints.MaxNorm(1.5)(w), axis=0) <= 1.5 + 1e-5).all()
    np.testing.assert_allclose(np.linalg.norm(constraints.UnitNorm(axis=1)(w), axis=1), 1, rtol=1e-5)
    norms = np.linalg.norm(constraints.MinMaxNorm(4.0, 5.0)(w), axis=0)
    assert ((norms > 4 - 1e-4) & (norms < 5 + 1e-4)).all()
    assert constraints.NonNeg()(np.array([-np.inf, -1.0, 2.0, np.nan])).tolist()[:3] == [0, 0, 2]
    assert np.isnan(constraints.NonNeg()(np.array([np.nan])).numpy()[0])


@pytest.mark.parametrize(
    ("module", "section"), [(regularizers, "regularizer_names"), (constraints, "constraint_names")]
)
def test_names_are_those_of_keras(module, section):
    for name, row in GOLDEN[section].items():
        assert type(module.get(name)).__name__ == row["class"]
    assert set(module.ALL) - set(GOLDEN[section]) <= {"l1_l2"}  # the old function's name is taken too


@pytest.mark.parametrize(
    "made",
    [regularizers.L1(0.1), regularizers.L2(0.2), regularizers.L1L2(0.1, 0.2),
     regularizers.OrthogonalRegularizer(0.5, "columns"), constraints.MaxNorm(3, axis=[0, 1]), constraints.NonNeg(),
     constraints.UnitNorm(1), constraints.MinMaxNorm(0.5, 2.0, 0.9, 1)],
    ids=lambda made: type(made).__name__,
)  # fmt: skip
def test_config_round_trip(made):
    module = regularizers if isinstance(made, regularizers.Regularizer) else constraints
    plain = json.loads(json.dumps(module.serialize(made)))
    for again in (module.deserialize(plain), module.get(plain), type(made).from_config(made.get_config())):
        assert type(again) is type(made)
        assert again.get_config() == made.get_config()
    assert module.get(made) is made
    assert isinstance(module.get(type(made)), type(made))


def test_get_takes_functions_and_none():
    assert regularizers.get(None) is None
    assert constraints.get(None) is None
    assert constraints.get(ops.absolute) is ops.absolute
    assert regularizers.deserialize("l2").get_config() == {"l2": 0.01}
    assert constraints.deserialize("non_neg")([-1.0]).tolist() == [0.0]


@pytest.mark.parametrize("bad", [-1, "a", float("nan"), float("inf"), [1.0]])
@pytest.mark.parametrize("cls", [regularizers.L1, regularizers.L2, regularizers.L1L2])
def test_bad_factors(cls, bad):
    with pytest.raises(ArgumentError, match="expected a non-negative"):
        cls(bad)


def test_other_errors():
    with pytest.raises(ArgumentError, match="Did you mean 'max_norm'"):
        constraints.get("maxnorm_")
    with pytest.raises(ArgumentError, match="expected mode 'rows' or 'columns'; got 'x'"):
        regularizers.OrthogonalRegularizer(mode="x")
    with pytest.raises(ShapeError, match="expected a matrix"):
        regularizers.OrthogonalRegularizer()(np.ones((2, 2, 2)))
    with pytest.raises(NotImplementedError, match="has no get_config"):
        regularizers.Regularizer().get_config()


def test_no_penalty_at_all():
    assert float(regularizers.L1L2()(np.ones(3))) == 0
    assert regularizers.Regularizer()(np.ones(3)) == 0
    assert float(regularizers.OrthogonalRegularizer()(np.ones((1, 3)))) == 0  # no pair of rows
    assert regularizers.L1L2(None, None).get_config() == {"l1": 0.0, "l2": 0.0}
