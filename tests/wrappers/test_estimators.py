"""`keras.wrappers`: scikit-learn's own checks of estimators, and what they do not look at."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError, DataError, NotBuiltError

pytest.importorskip("sklearn")

from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from chainrule.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

QUIET = {"epochs": 20, "verbose": 0}
POINTS = np.random.default_rng(0).normal(size=(120, 3))


def network(X, y, loss="mse", activation=None, units=8):
    """A network for data of any width."""
    outputs = y.shape[1] if y.ndim > 1 else 1
    model = cr.Sequential([
        cr.Input(X.shape[1:]), layers.Dense(units, activation="relu"), layers.Dense(outputs, activation=activation)
    ])  # fmt: skip
    model.compile(cr.optimizers.Adam(0.02), loss)
    return model


def classifier(**fit):
    settings = {"loss": "categorical_crossentropy", "activation": "softmax"}
    return SKLearnClassifier(network, model_kwargs=settings, fit_kwargs={**QUIET, **fit})


ESTIMATORS = [
    classifier(), SKLearnRegressor(network, fit_kwargs=QUIET), SKLearnTransformer(network, fit_kwargs=QUIET)
]  # fmt: skip


# scikit-learn's own names of these tests hold the address of `network`, another one in each process.
CHECKS = [
    pytest.param(estimator, check, id=f"{type(estimator).__name__}-{check.func.__name__}")
    for each in ESTIMATORS for estimator, check in estimator_checks_generator(each, legacy=False)
]  # fmt: skip


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


def test_classes_of_any_kind():
    words = np.where(POINTS[:, 0] > 0.5, "high", np.where(POINTS[:, 0] < -0.5, "low", "middle"))
    estimator = classifier(epochs=100).fit(POINTS, words)
    assert estimator.classes_.tolist() == ["high", "low", "middle"]
    assert estimator.score(POINTS, words) > 0.9
    assert estimator.decision_function(POINTS).shape == (120, 3)
    with pytest.raises(DataError, match="only one class is present"):
        classifier().fit(POINTS, np.ones(120, int))
    with pytest.raises(DataError, match="one class a row"):
        classifier().fit(POINTS, POINTS[:, 0])


def test_a_given_model_is_not_touched():
    model = network(POINTS, POINTS[:, :1])
    before = model.get_weights()
    estimator = SKLearnRegressor(model).fit(POINTS, POINTS.sum(1), epochs=60, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert estimator.model_ is not model
    truth = LinearRegression().fit(POINTS, POINTS.sum(1)).predict(POINTS)
    assert np.corrcoef(estimator.predict(POINTS), truth)[0, 1] > 0.98
    warm = SKLearnRegressor(model, warm_start=True, fit_kwargs=QUIET).fit(POINTS, POINTS.sum(1))
    first = warm.history_.history["loss"]
    assert warm.model_ is model
    assert warm.fit(POINTS, POINTS.sum(1)).history_.history["loss"][0] < first[0]


def test_pipelines_searches_and_cross_validation():
    target = POINTS @ [1.0, -2.0, 0.5]
    pipeline = make_pipeline(StandardScaler(), SKLearnRegressor(network, fit_kwargs={"epochs": 60, "verbose": 0}))
    assert cross_val_score(pipeline, POINTS, target, cv=3).min() > 0.9
    regressor = SKLearnRegressor(network, fit_kwargs={"epochs": 40, "verbose": 0})
    search = GridSearchCV(regressor, {"model_kwargs": [{"units": 1}, {"units": 16}]}, cv=2).fit(POINTS, target)
    assert search.best_params_ == {"model_kwargs": {"units": 16}}


def test_what_does_not_fit():
    with pytest.raises(NotBuiltError, match="expected a compiled model"):
        SKLearnRegressor(cr.Sequential([layers.Dense(1)])).fit(POINTS, POINTS[:, 0])
    with pytest.raises(ArgumentError, match="expected model to make a Model; got int"):
        SKLearnRegressor(lambda X, y: 3).fit(POINTS, POINTS[:, 0])
