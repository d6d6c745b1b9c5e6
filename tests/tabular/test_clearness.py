"""Networks are held back where rows leave doubt, and only there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chainrule.data import Table
from chainrule.tabular import Options, Training, plan
from chainrule.tabular.architectures import Layout
from chainrule.tabular.budget import programme, seconds_of
from chainrule.tabular.clearness import asks_whether_clear, is_clear
from chainrule.tabular.members import train_members
from chainrule.tabular.preparing import prepared
from chainrule.tabular.problem import make_problem

from .tables import Listener


def problem_of(wrong: float, rows: int = 1200, value: bool = False):
    """Squares of a board in black and white, a share of them painted over; or a smooth value with noise."""
    generator = np.random.default_rng(0)
    columns = {name: [f"{name}{k}" for k in generator.integers(0, 4, rows)] for name in ("row", "column", "other")}
    place = [int(a[-1]) + int(b[-1]) for a, b in zip(columns["row"], columns["column"], strict=True)]
    y = np.array(place) % 2 ^ (generator.uniform(size=rows) < wrong)
    target = np.array(place) + wrong * generator.normal(size=rows) if value else y
    return make_problem(Table.from_columns({**columns, "y": target.tolist()}), Options("y", test_size=0.0))


@pytest.mark.parametrize("value", [False, True], ids=["classes", "value"])
def test_without_noise_it_is_clear_and_with_some_it_is_not(value):
    assert is_clear(problem_of(0.0, value=value), Training(), 0)
    assert not is_clear(problem_of(0.5 if value else 0.05, value=value), Training(), 0)


def test_networks_that_are_not_held_back_learn_more_where_it_is_clear():
    problem, short = problem_of(0.0), Training(networks=2, epochs=30, preset="mlp")
    losses = []
    for clear in (False, True):
        members, _ = train_members(problem, plan(replace(short, clear=clear), len(problem.train)), 0, Listener())
        losses.append(np.mean([member.watch.best for member in members]))
    assert losses[1] < losses[0] / 2


def test_what_was_asked_for_stays_and_is_not_tried():
    assert asks_whether_clear(Training(), 1000, 60.0)
    for wanted in (Training(dropout=0.2), Training(weight_decay=1.0), Training(layers=(8,)), Training(preset="tabm")):
        assert not asks_whether_clear(wanted, 1000, 60.0)
    assert not asks_whether_clear(Training(), 100, 60.0) and not asks_whether_clear(Training(), 1000, 2.0)
    (chosen,) = programme(Training(clear=True, networks=3, epochs=500, seconds=20.0), 50_000, Layout.plain(100), 1)
    assert (chosen.networks, chosen.epochs, chosen.dropout) == (3, 500, 0.0)


def test_it_is_said_and_planned_within_the_time():
    listener = Listener()
    (chosen,), _ = prepared(problem_of(0.0), Training(seconds=30.0), 0, listener)
    assert (chosen.preset, chosen.clear, chosen.dropout) == ("mlp", True, 0.0)
    assert [line for line in listener.lines if line.startswith("the columns leave hardly any doubt")]
    for rows in (1000, 10_000, 50_000, 400_000):
        plans = programme(Training(clear=True), rows, Layout.plain(200), 5)
        assert sum(seconds_of(one, Layout.plain(200), 5, rows) for one in plans) <= 80
