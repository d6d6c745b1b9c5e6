from __future__ import annotations

import math
import re

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc

from chainrule.insight.report.classes import precision_curve, reliability, roc_curve
from chainrule.insight.report.markup import tag
from chainrule.insight.report.numbers import number, percent, share_interval
from chainrule.insight.report.plot import WIDTH, Axis, Plot, bars


@pytest.fixture
def scored():
    generator = np.random.default_rng(0)
    positive = generator.random(150) < 0.3
    score = np.clip(np.round(0.35 * positive + 0.6 * generator.random(150), 2), 0, 1)  # with ties
    return positive, score


def test_roc_is_that_of_scikit_learn(scored):
    positive, score = scored
    x, y = roc_curve(positive, score)
    expected_x, expected_y, _ = sklearn_roc(positive, score, drop_intermediate=False)
    np.testing.assert_allclose(x, expected_x)
    np.testing.assert_allclose(y, expected_y)


def test_average_precision_is_that_of_scikit_learn(scored):
    positive, score = scored
    assert precision_curve(positive, score)[2] == pytest.approx(average_precision_score(positive, score))


def test_reliability_is_that_of_scikit_learn(scored):
    positive, score = scored
    score = 0.998 * score + 0.0005  # no score on the edge between two groups
    groups = reliability(score, positive)
    share, mean = calibration_curve(positive, score, n_bins=10)
    np.testing.assert_allclose([p for p, _, _ in groups], mean)
    np.testing.assert_allclose([t / n for _, t, n in groups], share)
    assert sum(n for _, _, n in groups) == 150


def test_long_curves_stay_short_and_what_lies_below_them_stays():
    """Of a rare class, too, whose few rows are nearly all at the beginning of the order."""
    generator = np.random.default_rng(1)
    for share in (0.5, 1e-3):
        positive = generator.random(100_000) < share
        score = positive * generator.normal(2, 1, 100_000) + generator.normal(size=100_000)
        x, y = roc_curve(positive, score)
        assert len(x) < 400 and (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
        assert np.trapezoid(y, x) == pytest.approx(roc_auc_score(positive, score), abs=2e-3)
        recall, precision, area = precision_curve(positive, score)
        assert len(recall) < 800 and (recall[0], recall[-1]) == (0, 1)
        assert np.sum(np.diff(recall) * precision[1:]) == pytest.approx(area, abs=1e-2)


def test_the_interval_of_a_share_is_wilsons():
    """Its ends are the shares p from which the one seen is 1.96 deviations, sqrt(p (1 - p) / n), away."""
    for right, of in ((81, 100), (1, 10), (0, 10), (69, 69)):
        low, high = share_interval(right, of)
        assert 0 <= low <= right / of <= high <= 1
        for p in (low, high):
            if 0 < p < 1:
                assert abs(right / of - p) == pytest.approx(1.959964 * (p * (1 - p) / of) ** 0.5)
    assert share_interval(0, 10)[0] == 0 and share_interval(69, 69)[1] == 1


@pytest.mark.parametrize("low, high", [(0, 1), (0, 97), (-3.2, 8), (1e-9, 3e-9), (0, 1.5e9), (5, 5), (0, 0), (0.98, 1)])
def test_ticks_are_few_round_and_around_everything(low, high):
    axis = Axis("x", low, high)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 8
    assert axis.ends[0] <= low and axis.ends[1] >= high
    steps = np.diff(ticks)
    np.testing.assert_allclose(steps, steps[0])
    lead = steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-9)
    assert min(abs(lead - m) for m in (1, 2, 2.5, 5, 10)) < 1e-6


def test_a_point_lands_where_its_value_is():
    chart = Plot(Axis("x", 0, 10), Axis("y", 0, 100))
    left, bottom = chart.at(0, 0)
    right, top = chart.at(10, 100)
    assert chart.at(5, 50) == pytest.approx(((left + right) / 2, (bottom + top) / 2), abs=0.1)
    assert left < right < WIDTH and top < bottom < chart.height
    log = Plot(Axis("x", 1, 100, log=True), Axis("y", 0, 1))
    assert log.at(10, 0)[0] == pytest.approx((log.at(1, 0)[0] + log.at(100, 0)[0]) / 2, abs=0.1)


def test_what_is_no_number_is_not_drawn():
    chart = Plot(Axis("x", 0, 2), Axis("y", 0, 1))
    chart.line([0, 1, 2], [0.5, float("nan"), 0.7], "s1")
    assert "nan" not in chart.svg("t") and chart.marks[0].count(",") == 2


def test_bars_are_as_long_as_their_values():
    drawn = bars([("a", 4.0, "4", "s1"), ("b", 2.0, "2", "s2")], "t")
    first, second = (float(w) for w in re.findall(r'<rect[^>]* width="([\d.]+)"', drawn))
    assert first == pytest.approx(2 * second, abs=0.2)


def test_numbers_are_readable():
    assert [number(v) for v in (0, 1, 12345, 0.5, 1e-12, float("inf"), float("nan"), 123.456, 99.96)] == [
        "0", "1", "12,345", "0.5", "1×10⁻¹²", "∞", "–", "123", "100",
    ]  # fmt: skip
    assert [percent(v) for v in (0.5, 0.0004, 0.99999, 1, 0)] == ["50.0%", "< 0.1%", "> 99.9%", "100%", "0%"]


def test_attributes_are_escaped():
    assert tag("p", title='"><b>') == '<p title="&quot;&gt;&lt;b&gt;"></p>'
