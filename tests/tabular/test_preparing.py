"""Rates that are found, settings that are searched for, folds, and what is said with a stated coverage."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from chainrule.errors import ArgumentError
from chainrule.tabular import Options, Training, fit_table, plan
from chainrule.tabular.architectures import Layout
from chainrule.tabular.calibration import tempered
from chainrule.tabular.combining import combine
from chainrule.tabular.members import train_members
from chainrule.tabular.network import Plan
from chainrule.tabular.problem import read_problem
from chainrule.tabular.rate_finder import find_learning_rate
from chainrule.tabular.search import search, trials_for

from ..cli.commands import command  # noqa: F401
from .tables import Listener, write_classes, write_values

SHORT = Training(layers=(16,), networks=1, epochs=15, batch_size=16)


def test_the_rate_that_is_found_learns_more_than_a_hundredth_of_it(tmp_path):
    path = write_classes(tmp_path / "a.csv", rows=300)
    problem = read_problem(path, Options("label"))
    rate, rates, losses = find_learning_rate(problem, plan(SHORT, 240), 0)
    assert len(rates) == len(losses) <= 120 and rates[0] == 1e-6
    assert (rate, *find_learning_rate(problem, plan(SHORT, 240), 0)[1][:3]) == (rate, *rates[:3])

    def loss(learning_rate: float) -> float:
        training = Training(layers=(16,), networks=1, epochs=2, batch_size=16, learning_rate=learning_rate)
        return fit_table(path, Options("label", training=training)).log[-1]["val_loss"]

    assert loss(rate) < loss(rate / 100)


def test_the_rate_is_part_of_the_settings_and_of_the_record(tmp_path):
    training = Training(layers=(8,), networks=1, epochs=2, finds_rate=True)
    listener = Listener()
    metrics = fit_table(write_values(tmp_path / "a.csv"), Options("price", training=training), listener).metrics
    (tried,) = metrics["learning_rates"]
    assert metrics["settings"]["learning_rate"] == tried["found"]
    assert any(line.startswith("learning rate of mlp: ") for line in listener.lines)


def test_a_search_finds_what_a_bad_beginning_lacks(tmp_path):
    pytest.importorskip("optuna")
    problem = read_problem(write_classes(tmp_path / "a.csv", rows=200), Options("label"))
    bad = plan(Training(layers=(64,), epochs=4, batch_size=32, learning_rate=1e-5, dropout=0.5), 160)
    listener = Listener()
    found, same = (search(problem, bad, 8, seed=1, show=listener) for _ in range(2))
    assert found.plan == same.plan and found.trials == same.trials
    assert len(found.trials) == 8
    assert found.trials[0]["learning_rate"] == 1e-5
    assert min(trial["loss"] for trial in found.trials) < found.trials[0]["loss"]
    best = min(found.trials, key=lambda trial: trial["loss"])
    assert found.plan.learning_rate == best["learning_rate"] and list(found.plan.layers) == best["layers"]
    assert (found.plan.networks, found.plan.epochs, found.plan.preset) == (bad.networks, bad.epochs, bad.preset)
    assert listener.lines[0].startswith("search: 8 trials of mlp; loss on rows held out ")


def test_how_many_trials_there_are_is_counted():
    chosen, layout = plan(Training(), 5_000), Layout.plain(50)
    counts = [trials_for(chosen, layout, 1, 5_000, seconds) for seconds in (1, 60, 600, 10**7)]
    assert counts == sorted(counts) and counts[0] == 5 and counts[-1] == 200


def test_a_search_is_told_in_the_metrics(tmp_path):
    pytest.importorskip("optuna")
    training = Training(preset="mlp", networks=1, epochs=2, searches=True, seconds=4.0)
    metrics = fit_table(write_values(tmp_path / "a.csv"), Options("price", training=training)).metrics
    (tried,) = metrics["search"]
    assert tried["preset"] == "mlp" and len(tried["trials"]) >= 1


def test_with_folds_every_row_is_held_out_once_and_scores_are_those_of_the_folds(tmp_path):
    training = Training(layers=(8,), epochs=4, folds=4)
    listener = Listener()
    fitted = fit_table(write_classes(tmp_path / "a.csv"), Options("label", training=training), listener)
    found = fitted.metrics["cross_validation"]
    assert (found["folds"], found["rows"], len(fitted.model.networks)) == (4, 96, 4)
    assert fitted.metrics["rows"]["validation"] == 96
    assert found["accuracy"]["mean"] == pytest.approx(np.mean(found["accuracy"]["each"]))
    assert found["accuracy"]["deviation"] == pytest.approx(np.std(found["accuracy"]["each"], ddof=1))
    assert fitted.metrics["validation"]["accuracy"] == pytest.approx(found["accuracy"]["mean"])  # folds of 24 rows
    assert any(line.startswith("cross-validation over 4 folds: log loss ") for line in listener.lines)
    with pytest.raises(ArgumentError, match="--folds: expected a whole number from 2"):
        plan(Training(folds=1), 100)
    assert isinstance(plan(Training(folds=10), 100), Plan) and plan(Training(folds=10), 100).networks == 10


def test_more_networks_than_parts_hold_out_other_parts_and_every_row_counts_once(tmp_path):
    training = Training(layers=(8,), epochs=4, folds=2, networks=5)
    fitted = fit_table(write_classes(tmp_path / "a.csv"), Options("label", training=training))
    members, _ = train_members(fitted.problem, plan(training, 96), 0, Listener())
    held = [set(member.held.tolist()) for member in members]
    assert [len(rows) for rows in held] == [48] * 5
    for first, second in ((0, 1), (2, 3)):
        assert not held[first] & held[second]
    assert len({frozenset(rows) for rows in held}) == 5
    combined = combine(members, fitted.problem, 1)
    assert sorted(combined.held.tolist()) == list(range(96)) and combined.sizes == [48, 48]
    assert fitted.metrics["cross_validation"]["folds"] == 2
    row = int(combined.held[0])
    said = [member.outputs[list(member.held).index(row)] for member in members if row in member.held]
    assert len(said) >= 2  # two cuts, and perhaps the fifth network
    mean = tempered(np.mean(said, axis=0)[None], combined.temperature)[0]
    np.testing.assert_allclose(combined.outputs[0], mean, rtol=1e-6)


def test_coverage_on_the_command_line(command):  # noqa: F811
    for name, write, target in (("a", write_classes, "label"), ("b", write_values, "price")):
        path = write(Path(f"{name}.csv"), rows=300)
        assert command("fit", path, "--target", target, "--layers", "16", "--epochs", "20", "--out", name).status == 0
        rows = list(csv.DictReader(io.StringIO(command("predict", name, path, "--coverage", "0.9").out)))
        truth = [row[target] for row in csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8")))]
        if name == "a":
            assert list(rows[0]) == ["prediction", "p_no", "p_yes", "set"]
            held = [t in row["set"].split("|") for t, row in zip(truth, rows, strict=True)]
            assert all(row["prediction"] in row["set"].split("|") for row in rows)
        else:
            assert list(rows[0]) == ["prediction", "low", "high"]
            held = [float(r["low"]) <= float(t) <= float(r["high"]) for t, r in zip(truth, rows, strict=True)]
        assert np.mean(held) > 0.8
        assert "--coverage: expected a share" in command.fails("predict", name, path, "--coverage", "90")
