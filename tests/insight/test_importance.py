"""Permutation importance against what it must be for functions that are known."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import Table
from chainrule.errors import ArgumentError
from chainrule.insight import explain

from .networks import linear, normal, people, table_model


def test_of_a_linear_function_it_is_known():
    """With y = w . x, exchanged cells make an error of w (x' - x): its mean square is 2 w^2."""
    x = normal(2000, 3)
    weights = np.array([3.0, 1.0, 0.0])
    found = explain.permutation_importance(explain.subject(linear(weights), x, x @ weights))
    assert found.measure == "RMSE" and found.rows == 2000 and found.intact < 1e-5
    assert [c.column for c in found.columns] == ["x0", "x1", "x2"]
    for column, weight in zip(found.columns, weights, strict=True):
        assert column.increase.low - 1e-6 <= np.sqrt(2) * weight <= column.increase.high + 1e-6
        assert column.increase.high - column.increase.low < 0.15 * weight + 1e-6


def test_the_interval_holds_in_95_of_100_cases():
    """Fresh rows with noise: the RMSE goes from 1 to sqrt(1 + 2 w^2)."""
    net, inside = linear([0.8, 0.0]), 0
    for seed in range(150):
        x = normal(300, 2, seed)
        y = 0.8 * x[:, 0] + np.random.default_rng(1000 + seed).normal(size=300)
        found = explain.permutation_importance(explain.subject(net, x, y), seed=seed)
        first = next(c for c in found.columns if c.column == "x0").increase
        inside += first.low <= np.sqrt(1 + 2 * 0.64) - 1 <= first.high
    assert 0.9 * 150 <= inside <= 0.995 * 150


def test_classes_lose_in_log_loss_and_the_useless_column_loses_nothing():
    x = normal(1500, 2)
    y = (x[:, 0] + 0.5 * np.random.default_rng(1).normal(size=1500) > 0).astype(int)
    about = explain.subject(linear([4.0, 0.0], activation="sigmoid"), x, y)
    found = explain.permutation_importance(about)
    assert found.measure == "log loss" and about.task == "binary" and about.outputs == ["0", "1"]
    assert found.columns[0].column == "x0" and found.columns[0].increase.low > 0.5
    assert found.columns[1].increase.value == 0


def test_a_column_that_hardly_matters_has_a_narrow_interval():
    """How different the rows' own losses are does not count: half the width is far below their standard error."""
    x = normal(1000, 2)
    y = (x[:, 0] + 2 * np.random.default_rng(1).normal(size=1000) > 0).astype(int)
    about = explain.subject(linear([1.0, 0.02], activation="sigmoid"), x, y)
    spread = about.losses(about.ask(about.whole(np.arange(1000))), y).std() / np.sqrt(1000)
    weak = next(c for c in explain.permutation_importance(about).columns if c.column == "x1").increase
    assert weak.high - weak.low < 0.2 * spread


def test_without_answers_it_is_how_far_the_outputs_move():
    x = normal(1000, 2)
    found = explain.permutation_importance(explain.subject(linear([2.0, 1.0]), x))
    assert found.measure == "movement"
    for column, weight in zip(found.columns, (2.0, 1.0), strict=True):  # E |x' - x| of two normal values: 2 / sqrt(pi)
        assert column.increase.value == pytest.approx(weight * 2 / np.sqrt(np.pi), rel=0.05)


def test_columns_that_tell_the_same_are_named():
    x = normal(500, 3)
    x[:, 1] = np.exp(x[:, 0])
    found = explain.permutation_importance(explain.subject(linear([1.0, 1.0, 1.0]), x, x.sum(1)))
    assert {c.column: c.twins for c in found.columns} == {"x0": ("x1",), "x1": ("x0",), "x2": ()}


def test_of_a_table_it_is_by_the_users_columns_and_the_same_each_time():
    table = people()
    about = explain.subject(table_model(table), table)
    found = explain.permutation_importance(about, seed=3)
    assert sorted(c.column for c in found.columns) == ["age", "colour", "note"]
    assert found == explain.permutation_importance(about, seed=3)
    assert found != explain.permutation_importance(about, seed=4)


def test_rows_without_a_true_answer_are_left_out():
    table = people(100)
    half = [table.column("label").text(i) if i % 2 else None for i in range(100)]
    columns = {name: [table.column(name).text(i) or None for i in range(100)] for name in ("age", "colour", "note")}
    found = explain.permutation_importance(
        explain.subject(table_model(table), Table.from_columns({**columns, "label": half}))
    )
    assert found.rows == 50 and found.measure == "log loss"


def test_one_row_is_too_few():
    with pytest.raises(ArgumentError, match="expected 2 rows and repeats or more; got 1, 5"):
        explain.permutation_importance(explain.subject(linear([1.0]), normal(1, 1)))
