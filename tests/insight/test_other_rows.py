"""Rows that are like a row, and changes that lead to another decision."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from chainrule.data import Table
from chainrule.errors import ArgumentError
from chainrule.insight import explain
from chainrule.insight.explain.distance import Distance
from chainrule.insight.explain.pool import joined

from .networks import linear, normal, people, random_net, table_model


def test_the_nearest_row_is_the_nearest_and_says_what_is_different():
    table = people()
    about = explain.subject(table_model(table), table)
    found = explain.nearest_rows(about, 5, count=10)
    numbers = {n: table.column(n).numbers() for n in ("age", "note")}
    spans = {n: np.subtract(*np.nanquantile(v, [0.95, 0.05])) for n, v in numbers.items()}

    def apart(a: int, b: int) -> float:
        parts = [float(table.column("colour").text(a) != table.column("colour").text(b))]
        for n, v in numbers.items():
            gone = np.isnan(v[[a, b]])
            parts.append(float(gone[0] != gone[1]) if gone.any() else min(1.0, abs(v[a] - v[b]) / spans[n]))
        return sum(parts) / 3

    all_apart = sorted((apart(5, i), i + 1) for i in range(300) if i != 5)
    assert [n.distance for n in found] == pytest.approx([d for d, _ in all_apart[:10]])
    for near in found:
        assert near.distance == pytest.approx(apart(5, near.row - 1))
        assert near.truth == table.column("label").text(near.row - 1) and near.answer in ("no", "yes")
        for name in ("age", "colour", "note"):
            here, there = table.column(name).text(5), table.column(name).text(near.row - 1)
            assert (name in near.different) == (here != there)


def test_training_rows_come_from_their_own_file():
    table = people()
    train = table.take(np.arange(100, 200))
    about = explain.subject(table_model(table), table.take(np.array([150])), train=train)
    first = explain.nearest_rows(about, 0)[0]
    assert about.has_training_rows and (first.row, first.distance, first.different) == (51, 0.0, {})


def test_tables_read_differently_are_one_pool():
    """Few numbers are kept as texts, many as numbers: 7 is 7 in both."""
    a = Table.from_columns({"x": ["7", "8.5", "", "inf"]})
    b = Table.from_columns({"x": [7.0, 8.5, None]})
    both = joined([a, b], ["x"]).column("x")
    assert both.numbers()[[0, 1, 4, 5]].tolist() == [7, 8.5, 7, 8.5] and np.isnan(both.numbers()[[2, 3, 6]]).all()
    levels = both.factor()[0]
    assert levels[0] == levels[4] and levels[2] == levels[6] == -1


def smallest_by_brute_force(about: explain.Subject, wanted: int, usual: float) -> tuple[float, float]:
    """The least price for row 0 over every combination of cells of the background: of plausible rows, and of all."""
    distance = Distance(about)
    cells = np.array(list(itertools.product(range(about.rows), repeat=len(about.names))))
    cells = cells[about.decide(about.ask(cells)) == wanted]
    apart = distance.costs(cells, 0)
    price = apart.sum(1) + 0.1 * (apart > 0).sum(1)
    order = np.argsort(price)
    plausible = (price[i] for i in order if distance.nearest(cells[i], 0) <= usual)
    return next(plausible, np.inf), float(price.min(initial=np.inf))


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_smallest_of_all_combinations(seed):
    """25 rows of 3 columns: 15,625 rows can be made of their cells."""
    about = explain.subject(random_net(3, (8,), 3, seed), normal(25, 3, seed))
    before = int(about.decide(about.ask(about.whole(np.array([0]))))[0])
    for wanted in {0, 1, 2} - {before}:
        found = explain.counterfactuals(about, 0, want=str(wanted), count=1)
        plausible, any_ = smallest_by_brute_force(about, wanted, found.usual)
        if not found.found:
            assert any_ == np.inf
            continue
        price, is_far = found.found[0].cost + 0.1 * len(found.found[0].changes), found.found[0].nearest > found.usual
        best = any_ if is_far else plausible
        assert best - 1e-9 <= price <= 1.01 * best + 1e-9


@pytest.fixture(scope="module")
def about() -> explain.Subject:
    table = people()
    return explain.subject(table_model(table), table)


def test_after_the_change_the_decision_is_another_one(about):
    """Checked by asking the model about a table with the changed cells written in."""
    checked = 0
    for row in range(30):
        found = explain.counterfactuals(about, row)
        for other in found.found:
            cells = {n: about.cell(row, j) for j, n in enumerate(about.names)}
            assert all(cells[name] == before for name, (before, _) in other.changes.items())
            cells |= {name: after for name, (_, after) in other.changes.items()}
            table = Table.from_columns({n: [None if c == "(missing)" else c] for n, c in cells.items()})
            outputs = about.model.outputs(table, [])
            assert about.model.answers(outputs) == [other.answer] == [found.wanted] != [found.before]
            assert outputs[0].max() == pytest.approx(other.output, abs=1e-5)
            checked += 1
    assert checked > 20


def test_values_are_those_of_the_data(about):
    pool = {n: {about.cell(i, j) for i in range(about.rows)} for j, n in enumerate(about.names)}
    for row in range(10):
        for other in explain.counterfactuals(about, row).found:
            assert all(after in pool[name] for name, (_, after) in other.changes.items())


def test_fixed_columns_are_never_touched_and_each_answer_changes_other_columns(about):
    for row in range(20):
        found = explain.counterfactuals(about, row, fixed=("age", "label"))
        assert all("age" not in other.changes for other in found.found)
        sets = [frozenset(other.changes) for other in found.found]
        assert len(set(sets)) == len(sets)
    found = explain.counterfactuals(about, 0, fixed=("age", "colour", "note"))
    assert found.found == () and found.fixed == ("age", "colour", "note")


def test_a_number_is_moved_no_farther_than_needed():
    """Of 0, 1, ..., 99 with the border at 60.5 the nearest value on the other side is 61."""
    x = np.stack([np.arange(100.0), np.zeros(100)], 1).astype(np.float32)
    about = explain.subject(linear([1.0, 0.0], -60.5, activation="sigmoid"), x, (x[:, 0] > 60.5).astype(int))
    found = explain.counterfactuals(about, 20)
    assert found.found[0].changes == {"x0": ("20", "61")} and found.before == "0" and found.wanted == "1"
    assert explain.counterfactuals(about, 80).found[0].changes == {"x0": ("80", "60")}


def test_of_values_it_is_said_what_is_wanted():
    about = explain.subject(linear([1.0, 0.0]), normal(50, 2))
    found = explain.counterfactuals(about, 0, want="> 1.5")
    assert found.wanted == ">1.5" and found.found[0].output > 1.5 and set(found.found[0].changes) == {"x0"}
    for want in (None, "1.5", ">much"):
        with pytest.raises(ArgumentError, match="say what is wanted, such as '>100' or '<100'"):
            explain.counterfactuals(about, 0, want=want)


def test_what_is_so_already_is_refused(about):
    answer = explain.counterfactuals(about, 0).before
    with pytest.raises(ArgumentError, match=f"row 1 is decided as '{answer}' already"):
        explain.counterfactuals(about, 0, want=answer)
    with pytest.raises(ArgumentError, match=r"no column 'agge' that the model reads\. Did you mean 'age'"):
        explain.counterfactuals(about, 0, fixed=("agge",))
