"""Shapley values and integrated gradients against closed forms, against one another, and what they must always be."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from chainrule.errors import ArgumentError, UnsupportedError
from chainrule.insight import explain

from .networks import by_column, linear, normal, people, product, random_net, table_model


@pytest.mark.parametrize("method", [explain.shapley_values, explain.integrated_gradients])
def test_of_a_linear_function_each_column_gets_its_weight_times_its_distance_from_the_mean(method):
    x, weights = normal(40, 5), np.array([3.0, -1.0, 0.5, 0.0, 2.0])
    found = method(explain.subject(linear(weights, 7.0), x), 4)
    expected = weights * (x[4] - x.mean(0))
    assert [by_column(found)[f"x{j}"] for j in range(5)] == pytest.approx(expected, abs=1e-5)
    assert found.base == pytest.approx(float(x.mean(0) @ weights) + 7, abs=1e-5)
    assert found.gap == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("method", [explain.shapley_values, explain.integrated_gradients])
def test_a_product_is_shared_in_halves(method):
    x = np.array([[2.0, 3.0, 5.0]], np.float32)
    found = method(explain.subject(product(), x, train=np.zeros((1, 3), np.float32)))
    assert by_column(found) == pytest.approx({"x0": 3.0, "x1": 3.0, "x2": 0.0}, abs=1e-4)
    assert (found.prediction, found.base) == (6.0, 0.0)


def brute_force(about: explain.Subject, row: int, other: int, k: int) -> np.ndarray:
    """The mean over all orders, written out."""
    d = len(about.names)
    total = np.zeros(d)
    for order in itertools.permutations(range(d)):
        cells = np.full((1, d), other)
        last = about.ask(cells)[0, k]
        for j in order:
            cells[0, j] = row
            now = about.ask(cells)[0, k]
            total[j] += now - last
            last = now
    return total / math.factorial(d)


def test_all_sets_are_all_orders():
    about = explain.subject(random_net(4, (6,), 3, 1), normal(3, 4))
    expected = np.mean([brute_force(about, 0, other, 2) for other in range(3)], 0)
    found = explain.shapley_values(about, 0, output=2)
    assert found.is_exact and found.output == "2"
    assert [by_column(found)[f"x{j}"] for j in range(4)] == pytest.approx(expected, abs=1e-6)


def test_drawn_orders_add_up_exactly_and_lie_around_the_exact_values():
    about = explain.subject(random_net(8, (16, 16), 3, 2), normal(60, 8))
    exact = by_column(explain.shapley_values(about, 5, output=1, background=60, exact=True))
    inside = total = 0
    for seed in range(20):
        found = explain.shapley_values(about, 5, output=1, background=60, orders=120, exact=False, seed=seed)
        assert not found.is_exact and abs(found.gap) < 1e-9
        for c in found.contributions:  # with the same background, so the error is that of the orders alone
            inside += c.value.low <= exact[c.column] <= c.value.high
            total += 1
    assert inside >= 0.95 * total


def test_the_interval_holds_for_other_backgrounds():
    """A linear function with a background drawn from N(0, 1): the value of a column is w x."""
    net, inside = linear([1.0, 2.0]), 0
    x = np.array([[1.0, -1.0]], np.float32)
    for seed in range(200):
        found = explain.shapley_values(explain.subject(net, x, train=normal(50, 2, seed)))
        inside += all(c.value.low <= {"x0": 1.0, "x1": -2.0}[c.column] <= c.value.high for c in found.contributions)
    assert 0.83 * 200 <= inside <= 0.96 * 200  # 0.95^2 = 0.90


def test_integrated_gradients_are_complete_and_near_the_shapley_values_of_a_smooth_net():
    about = explain.subject(random_net(6, (16, 8), 3, 3), normal(30, 6))
    for row in (0, 7):
        found = explain.integrated_gradients(about, row, background=30)
        shapley = explain.shapley_values(about, row, output=found.output, background=30)
        assert abs(found.gap) < 1e-3 and abs(found.base - shapley.base) < 1e-9
        a, b = ([by_column(f)[n] for n in about.names] for f in (found, shapley))
        assert np.corrcoef(a, b)[0, 1] > 0.7
        total = found.base + sum(c.value.value for c in found.contributions) + found.gap
        assert total == pytest.approx(found.prediction, abs=1e-9)


def test_of_a_relu_net_steps_are_doubled_until_the_gap_is_small():
    about = explain.subject(random_net(5, (32, 32), 1, 4, activation="relu"), normal(30, 5))
    coarse, fine = explain.integrated_gradients(about, 1, steps=2), explain.integrated_gradients(about, 1)
    spread = abs(fine.prediction - fine.base)
    assert abs(fine.gap) < abs(coarse.gap) and abs(fine.gap) < 5e-3 * spread


def test_of_a_table_model_they_add_up_in_the_users_columns():
    table = people()
    about = explain.subject(table_model(table), table)
    answer = about.ask(about.whole([2]))[0]
    for method in (explain.shapley_values, explain.integrated_gradients):
        found = method(about, 2)
        assert found.output == ("no", "yes")[int(answer.argmax())]
        assert found.prediction == pytest.approx(answer.max())
        assert sorted(by_column(found)) == ["age", "colour", "note"]
        assert abs(found.prediction - found.base - sum(by_column(found).values())) < 2e-3
        other = method(about, 2, output="no" if found.output == "yes" else "yes")
        assert by_column(other) == pytest.approx({n: -v for n, v in by_column(found).items()}, abs=2e-3)


def test_members_count_as_they_do_in_the_model():
    table = people()

    def found(*weights):
        about = explain.subject(table_model(table, 3, weights=weights), table)
        return explain.integrated_gradients(about, 4, output="yes")

    mixed, first, second = found(0.7, 0.3, 0.0), by_column(found(1.0, 0.0, 0.0)), by_column(found(0.0, 1.0, 0.0))
    assert abs(mixed.gap) < 2e-3
    assert by_column(mixed) == pytest.approx({n: 0.7 * first[n] + 0.3 * second[n] for n in first}, abs=1e-4)


def test_of_very_many_columns_those_that_matter_least_count_as_one():
    """Linear in 150 columns: the 100 largest weights have their own values, the sum of the others is one."""
    x, weights = normal(40, 150), np.random.default_rng(5).choice([-1.0, 1.0], 150) * np.linspace(1, 3, 150)
    weights[:50] *= 0.01
    about = explain.subject(linear(weights), x, x @ weights)
    assert about.names[-1] == "(50 other columns)" and about.names[:2] == ["x50", "x51"] and len(about.names) == 101
    expected = weights * (x[3] - x.mean(0))
    for method in (explain.shapley_values, explain.integrated_gradients):
        found = by_column(method(about, 3))
        assert [found[n] for n in about.names[:-1]] == pytest.approx(expected[50:], abs=1e-4)
        assert found["(50 other columns)"] == pytest.approx(expected[:50].sum(), abs=1e-4)
    changes = explain.counterfactuals(about, 3, want=">1000" if x[3] @ weights > 0 else "<-1000")
    assert changes.found == ()
    with pytest.raises(ArgumentError, match="no column 'x3' that the model reads"):
        explain.effect_curve(about, "x3")


def test_data_frames_are_tables():
    pandas = pytest.importorskip("pandas")
    table = people(60)
    frame = pandas.DataFrame({n: [table.column(n).text(i) or None for i in range(60)] for n in table.names})
    of_frame, of_table = (explain.subject(table_model(table), rows) for rows in (frame, table))
    assert explain.shapley_values(of_frame, 3) == explain.shapley_values(of_table, 3)


def test_a_column_that_nothing_depends_on_gets_nothing():
    about = explain.subject(random_net(3, (4,), 2, 5), normal(20, 3))
    weights = about.model.get_weights()
    weights[0][1] = 0
    about.model.set_weights(weights)
    for method in (explain.shapley_values, explain.integrated_gradients):
        assert by_column(method(about, 0))["x1"] == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"row": 20}, "expected a row from 0 to 19"),
        ({"row": 0, "output": "maybe"}, "no output 'maybe'. There are '0', '1'"),
        ({"row": 0, "exact": True}, "expected at most 20 columns for exact=True; there are 25"),
    ],
)
def test_what_is_not_there_is_refused(arguments, message):
    about = explain.subject(random_net(25, (4,), 2, 5), normal(20, 25))
    with pytest.raises(ArgumentError, match=message):
        explain.shapley_values(about, **arguments)


def test_other_models_have_shapley_values_and_no_gradients():
    class Doubled:
        def predict(self, x, batch_size=None, verbose=0):
            return 2 * x[:, :1]

    about = explain.subject(Doubled(), normal(10, 2))
    assert explain.shapley_values(about).gap == pytest.approx(0, abs=1e-9)
    with pytest.raises(UnsupportedError, match="expected a model of chainrule; got Doubled"):
        explain.integrated_gradients(about)
