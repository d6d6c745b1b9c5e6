"""Every score against scikit-learn's, on random predictions with ties, rare classes and classes that do not occur."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from chainrule.tabular.scores import classification_scores, regression_scores, roc_auc

seeds = st.integers(0, 10**6)


def _predictions(seed: int, rows: int, classes: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """True classes, and probabilities that are multiples of 1 / steps: many ties for few steps."""
    generator = np.random.Generator(np.random.PCG64(seed))
    counts = generator.multinomial(steps, np.full(classes, 1 / classes), size=rows)
    return generator.integers(0, classes, size=rows), counts / steps


@given(seed=seeds, rows=st.integers(2, 40), classes=st.integers(2, 5), steps=st.sampled_from([3, 10, 1000]))
@settings(max_examples=150, deadline=None)
def test_classification_scores_are_those_of_scikit_learn(seed, rows, classes, steps):
    truth, probabilities = _predictions(seed, rows, classes, steps)
    predicted, every = probabilities.argmax(1), list(range(classes))
    found = classification_scores(truth, probabilities)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert found["error_rate"] == pytest.approx(1 - metrics.accuracy_score(truth, predicted))
    assert found["confusion"] == metrics.confusion_matrix(truth, predicted, labels=every).tolist()
    recalls = metrics.recall_score(truth, predicted, labels=np.unique(truth), average=None, zero_division=0)
    assert found["balanced_accuracy"] == pytest.approx(np.mean(recalls))
    if classes == 2:
        expected = metrics.f1_score(truth, predicted, zero_division=0)
    else:
        expected = metrics.f1_score(truth, predicted, labels=every, average="macro", zero_division=0)
    assert found["f1"] == pytest.approx(expected)
    tiny = np.clip(probabilities, 1e-15, None)  # a probability of 0 costs as much as one of 1e-15
    assert found["log_loss"] == pytest.approx(-np.mean(np.log(tiny[np.arange(rows), truth])))


@given(seed=seeds, classes=st.integers(2, 4))
@settings(max_examples=50, deadline=None)
def test_log_loss_is_scikit_learns_where_no_probability_is_zero(seed, classes):
    truth, probabilities = _predictions(seed, 30, classes, 50)
    probabilities = (probabilities + 0.1) / (1 + 0.1 * classes)
    expected = metrics.log_loss(truth, probabilities, labels=range(classes))
    assert classification_scores(truth, probabilities)["log_loss"] == pytest.approx(expected)


@given(seed=seeds, rows=st.integers(2, 60), steps=st.sampled_from([1, 3, 1000]))
@settings(max_examples=150, deadline=None)
def test_the_area_counts_ties_half(seed, rows, steps):
    truth, probabilities = _predictions(seed, rows, 2, steps)
    found = roc_auc(truth == 1, probabilities[:, 1])
    if len(np.unique(truth)) < 2:
        assert found is None
    else:
        assert found == pytest.approx(metrics.roc_auc_score(truth, probabilities[:, 1]))


@given(seed=seeds, classes=st.integers(3, 5))
@settings(max_examples=50, deadline=None)
def test_the_area_of_several_classes_is_the_mean_of_one_against_the_rest(seed, classes):
    truth, probabilities = _predictions(seed, 60, classes, 20)
    truth[:classes] = range(classes)  # every class occurs
    expected = metrics.roc_auc_score(truth, probabilities, multi_class="ovr", average="macro")
    assert classification_scores(truth, probabilities)["roc_auc"] == pytest.approx(expected)


def test_a_class_missing_among_the_rows_is_left_out_of_the_means_that_need_it():
    truth = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]])
    found = classification_scores(truth, probabilities)
    assert found["balanced_accuracy"] == pytest.approx((1 / 2 + 1 / 2) / 2)
    first = metrics.roc_auc_score(truth == 0, probabilities[:, 0])
    second = metrics.roc_auc_score(truth == 1, probabilities[:, 1])
    assert found["roc_auc"] == pytest.approx((first + second) / 2)
    assert found["confusion"][2] == [0, 0, 0]


def test_one_class_alone_has_no_area():
    found = classification_scores(np.zeros(3, np.int64), np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]]))
    assert found["roc_auc"] is None
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["f1"] == 0.0


@given(seed=seeds, rows=st.integers(2, 50))
@settings(max_examples=100, deadline=None)
def test_regression_scores_are_those_of_scikit_learn(seed, rows):
    generator = np.random.Generator(np.random.PCG64(seed))
    truth = 1e3 + 10 * generator.normal(size=rows)
    predicted = truth + generator.normal(size=rows)
    found = regression_scores(truth, predicted)
    assert found["rmse"] == pytest.approx(metrics.mean_squared_error(truth, predicted) ** 0.5)
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(truth, predicted))
    assert found["r2"] == pytest.approx(metrics.r2_score(truth, predicted))


def test_equal_values_have_no_r2():
    assert regression_scores(np.full(3, 5.0), np.array([5.0, 5.0, 6.0]))["r2"] is None
