"""Effect curves and interactions of functions whose own are known."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Input, Model, layers
from chainrule.errors import ArgumentError
from chainrule.insight import explain

from .networks import linear, normal, people, product, random_net, table_model


def test_the_curve_of_a_linear_function_is_its_line():
    x = normal(80, 2)
    found = explain.effect_curve(explain.subject(linear([3.0, -2.0], 1.0), x), "x0", points=10)
    assert found.is_number and len(found.values) == 10 and found.outputs == ("value",)
    expected = 3 * found.positions - 2 * x[:, 1].mean() + 1
    assert found.mean[:, 0] == pytest.approx(expected, abs=1e-4)
    assert found.high[:, 0] - found.mean[:, 0] == pytest.approx(1.96 * 2 * x[:, 1].std(ddof=1) / np.sqrt(80), rel=1e-3)
    assert found.positions[0] == x[:, 0].min() and found.positions[-1] == x[:, 0].max()


def test_individual_curves_show_what_the_mean_hides():
    """x0 * x1: the mean curve of x0 is nearly flat, each row's own has the slope x1."""
    x = normal(300, 3)
    x[:, 1] -= x[:, 1].mean()
    found = explain.effect_curve(explain.subject(product(), x), "x0", individual=300)
    assert np.ptp(found.mean) < 0.01
    slopes = (found.individual[:, -1, 0] - found.individual[:, 0, 0]) / (found.positions[-1] - found.positions[0])
    assert slopes == pytest.approx(x[:, 1], abs=1e-4)
    assert np.mean(found.individual, 0) == pytest.approx(found.mean, abs=1e-5)


def test_categories_come_with_the_commonest_first_and_missing_is_one():
    table = people(200)
    about = explain.subject(table_model(table), table)
    found = explain.effect_curve(about, "colour")
    counts = {c: int(sum(table.column("colour").text(i) == c for i in range(200))) for c in found.values}
    assert not found.is_number and list(counts.values()) == sorted(counts.values(), reverse=True)
    assert found.mean.shape == (3, 2) and found.mean.sum(1) == pytest.approx(1.0)
    assert explain.effect_curve(about, "note").is_number


def test_dates_are_in_order():
    from chainrule.data import Table, TableEncoder, Target, inspect_columns
    from chainrule.tabular import TableModel

    texts = [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(100)]
    table = Table.from_columns({"when": texts, "size": np.arange(100.0) % 7, "price": np.arange(100.0)})
    encoder = TableEncoder().fit(table, inspect_columns(table, "price"), "price")
    model = TableModel([random_net(encoder.width, (4,), 1, 0)], [encoder], Target("price", "regression"), [50.0, 10.0])
    found = explain.effect_curve(explain.subject(model, table), "when", points=12)
    assert list(found.values) == sorted(found.values) and found.is_number and (np.diff(found.positions) > 0).all()


def test_an_unknown_column_is_refused_with_the_closest():
    with pytest.raises(ArgumentError, match=r"no column 'agge' that the model reads\. Did you mean 'age'"):
        explain.effect_curve(explain.subject(table_model(people()), people()), "agge")


def test_a_sum_has_no_interactions():
    for pair in explain.interactions(explain.subject(linear([1.0, 2.0, 3.0]), normal(100, 3))):
        assert pair.share.high < 1e-3 and pair.size.high < 1e-3


def test_a_logistic_model_has_none_in_log_odds():
    about = explain.subject(linear([1.0, -2.0], activation="sigmoid"), normal(100, 2), np.arange(100) % 2)
    assert about.task == "binary"
    assert explain.interactions(about)[0].share.high < 0.01


def test_a_product_is_all_interaction_and_the_pair_is_found():
    x = normal(300, 3)
    found = explain.interactions(explain.subject(product(), x))
    assert (found[0].first, found[0].second) == ("x0", "x1")
    assert found[0].share.value == pytest.approx(1.0, abs=0.1)
    spread = (x[:, 0] * x[:, 1]).std()
    assert found[0].size.low < spread < found[0].size.high < 1.5 * spread
    assert all(pair.size.value < 1e-3 for pair in found[1:])


def test_h_of_a_sum_and_a_product_is_the_known_share():
    """f = x0 + c x0 x1: H^2 = c^2 / (1 + c^2) of centred columns with variance 1."""
    c, x = 0.7, normal(4000, 3)
    inputs = Input((3,))
    one, two = (layers.Dense(1, use_bias=False, name=name)(inputs) for name in ("a", "b"))
    net = Model(inputs, layers.Add()([one, layers.Multiply()([one, two])]))
    net.get_layer("a").set_weights([np.array([[1.0], [0.0], [0.0]])])
    net.get_layer("b").set_weights([np.array([[0.0], [c], [0.0]])])
    found = explain.interactions(explain.subject(net, x), ["x0", "x1"], samples=10, points=200, rows=200)[0]
    assert found.share.low < np.sqrt(c**2 / (1 + c**2)) < found.share.high
    assert found.share.high - found.share.low < 0.1


def test_samples_out_of_range_are_refused():
    with pytest.raises(ArgumentError, match=r"expected samples from 2 to 10, .* got samples=1"):
        explain.interactions(explain.subject(linear([1.0, 2.0]), normal(9, 2)), samples=1)
