"""The same networks asked by shap, scikit-learn and a sum of 20,000 midpoints (scripts/golden/explanations.py)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chainrule import Sequential, layers
from chainrule.insight import explain
from chainrule.insight.explain.gradients import Slope

from .networks import by_column

CASES = json.loads((Path(__file__).parents[1] / "golden" / "explanations.json").read_text())["cases"]
IDS = ["-".join(map(str, case["sizes"])) for case in CASES]


def arrays(case, name: str) -> np.ndarray:
    return np.array(case[name], np.float32)


def net_of(case) -> Sequential:
    sizes = case["sizes"]
    net = Sequential([layers.Input((sizes[0],)), *[layers.Dense(n, activation=case["activation"]) for n in sizes[1:-1]],
                      layers.Dense(sizes[-1], activation="softmax" if sizes[-1] > 1 else None)])  # fmt: skip
    net.set_weights([np.array(w) for w in case["weights"]])
    return net


def about_of(case) -> explain.Subject:
    return explain.subject(net_of(case), arrays(case, "rows"), train=arrays(case, "background"))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_exact_shapley_values_are_those_of_shap(case):
    about, expected = about_of(case), np.array(case["exact"])
    expected = expected.reshape(3, case["sizes"][0], -1)
    for row in range(3):
        for k in range(case["sizes"][-1]):
            found = by_column(explain.shapley_values(about, row, output=k, exact=True))
            assert [found[n] for n in about.names] == pytest.approx(expected[row, :, k], abs=2e-6)
            if "kernel" in case:
                kernel = np.array(case["kernel"]).reshape(3, case["sizes"][0], -1)
                assert [found[n] for n in about.names] == pytest.approx(kernel[row, :, k], abs=1e-5)


def test_drawn_orders_are_as_near_to_the_exact_values_as_those_of_shap():
    """Both draw orders with their reverses: 200 for each background row there, 400 with all of them here."""
    case = CASES[2]
    about, exact = about_of(case), np.array(case["exact"]).reshape(3, 10)
    theirs = np.abs(np.array(case["permutation"]).reshape(3, 10) - exact).max()
    ours = 0.0
    for row in range(3):
        found = by_column(explain.shapley_values(about, row, exact=False, orders=8000))
        ours = max(ours, np.abs(np.array([found[n] for n in about.names]) - exact[row]).max())
    assert ours <= 1.5 * theirs and ours < 0.02


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_integrated_gradients_are_those_of_many_midpoints(case):
    """Smooth nets to rounding. Of a kink at most the jump times the share of one point, 1/2 pi / 256, is missed."""
    start = arrays(case, "background")[0]
    about = explain.subject(net_of(case), arrays(case, "rows"), train=start[None])
    weights = np.eye(case["sizes"][-1])[0]
    for row in range(3):
        way = arrays(case, "rows")[row] - start
        slopes = Slope(about.model)(start + np.linspace(0, 1, 4001)[:, None] * way, weights)
        jumps = np.abs(np.diff(slopes, axis=0)).sum(0) if case["activation"] == "relu" else 0.0
        found = by_column(explain.integrated_gradients(about, row, output=0, steps=256))
        error = np.abs(np.array([found[n] for n in about.names]) - case["gradients"][row])
        assert (error <= np.abs(way) * jumps * (np.pi / 512) + 5e-6).all()


@pytest.mark.parametrize("case", CASES[1:3], ids=IDS[1:3])
def test_partial_dependence_and_single_curves_are_those_of_scikit_learn(case):
    """Its grid is not of cells that occur, so the grid is put among the rows."""
    background, grid = arrays(case, "background"), np.array(case["grid"], np.float32)
    about = explain.subject(net_of(case), np.tile(grid[:, None], (1, background.shape[1])), train=background)
    cells = np.tile(about.whole(about.background), (len(grid), 1))
    cells[:, 1] = np.repeat(np.arange(len(grid)), len(background))
    found = about.ask(cells)[:, 0].reshape(len(grid), -1)
    assert found.mean(1) == pytest.approx(case["dependence"], abs=1e-5)
    assert np.abs(found.T - case["individual"]).max() < 1e-5
    curve = explain.effect_curve(about, "x1")  # at cells that occur: the lines between the grid points pass by
    inside = (curve.positions >= grid[0]) & (curve.positions <= grid[-1])
    between = np.interp(curve.positions[inside], grid, case["dependence"])
    assert curve.mean[inside, 0] == pytest.approx(between, abs=0.08)


@pytest.mark.parametrize("case", CASES[1:3], ids=IDS[1:3])
def test_permutation_importance_is_that_of_scikit_learn(case):
    """It counts the mean squared error, this the root: both from many shuffles of the same rows."""
    about = explain.subject(net_of(case), arrays(case, "background"), np.array(case["truth"]))
    found = explain.permutation_importance(about, repeats=400)
    increase = {c.column: (c.increase.value + found.intact) ** 2 - found.intact**2 for c in found.columns}
    expected = np.array(case["importance"])
    assert [increase[n] for n in about.names] == pytest.approx(expected, abs=0.03 * expected.max())
