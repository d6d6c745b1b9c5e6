"""Which rows train, stop and test, and how much each counts: groups, time, weights, balance, thresholds, blanks."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from chainrule.data import Table, Target, fold_groups, fold_in_order, split_groups, split_in_order
from chainrule.errors import ArgumentError, DataError
from chainrule.tabular import Options, TableModel, Training
from chainrule.tabular.parts import Part, balanced
from chainrule.tabular.problem import make_problem
from chainrule.tabular.threshold import best_threshold
from tests.cli.commands import QUICK, command  # noqa: F401
from tests.tabular.tables import fitted


def write(path: Path, columns: dict[str, object]) -> str:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return str(path)


def patients(rows: int = 200, seed: int = 0) -> dict[str, np.ndarray]:
    """Ten visits of each patient; the label is the patient's."""
    g = np.random.default_rng(seed)
    patient = np.repeat(np.arange(rows // 10), 10)
    label = g.integers(0, 2, rows // 10)[patient]
    days = (np.datetime64("2020-01-01") + g.permutation(rows)).astype(str)
    return {"patient": patient + 1000, "day": days, "x": label + g.normal(size=rows), "w": g.uniform(0.5, 2, rows),
            "label": np.where(label, "ill", "well")}  # fmt: skip


def problem(**options):
    return make_problem(Table.from_columns(patients()), Options("label", **options))


def test_groups_are_never_torn_apart():
    made = problem(group="patient")
    train, test = (set(part.table.column("patient").numbers()) for part in (made.train, made.test))
    assert not train & test
    assert len(made.train) == 160
    for held in made.folds(5, seed=3):
        inside = set(made.train.take(held).table.column("patient").numbers())
        outside = set(made.train.take(np.setdiff1d(np.arange(160), held)).table.column("patient").numbers())
        assert not inside & outside
    assert next(r for r in made.reports if r.name == "patient").kind == "unused"


def test_the_latest_rows_are_held_out():
    made = problem(time="day")
    days = [part.table.column("day") for part in (made.train, made.test)]
    days = [np.array([d.text(i) for i in range(len(d))], "datetime64[D]") for d in days]
    assert days[0].max() < days[1].min()
    assert len(made.test) == 40
    folds = made.folds(5, seed=0)
    newest, oldest = (days[0][folds[i]] for i in (0, -1))
    assert newest.min() > oldest.max()
    assert next(r for r in made.reports if r.name == "day").kind == "date"  # it is still learnt from


def test_rows_of_one_moment_stay_together():
    split = split_in_order(np.array([1.0, 2, 2, 2, 3]), 0.4)
    assert (split.train.tolist(), split.test.tolist()) == ([0], [1, 2, 3, 4])
    assert split_in_order(np.array([1.0, 1, 1, 2]), 0.5).test.tolist() == [3]
    with pytest.raises(DataError, match="different moments"):
        split_in_order(np.ones(4), 0.5)
    with pytest.raises(DataError, match="two groups"):
        split_groups(np.zeros(4, int), 0.5)


@pytest.mark.parametrize("count", [2, 3, 7])
def test_folds_cover_every_row_once(count):
    g = np.random.default_rng(0)
    groups, times = g.integers(0, 12, 100), g.normal(size=100)
    for parts in (fold_groups(groups, count, 1), fold_in_order(times, count)):
        assert sorted(np.concatenate(parts).tolist()) == list(range(100))
        assert max(map(len, parts)) - min(map(len, parts)) <= 12


def test_balance_makes_classes_count_the_same():
    table = Table.from_columns({"x": np.arange(10)})
    part = Part(table, np.array([0] * 8 + [1] * 2), np.array([1.0] * 9 + [3.0]))
    weights = balanced(part, Target("y", "binary", ("a", "b"))).weights
    assert weights[:8].sum() == pytest.approx(weights[8:].sum())
    assert weights[9] == pytest.approx(3 * weights[8])
    assert weights.sum() == pytest.approx(12)


def test_rows_of_weight_zero_teach_nothing(tmp_path):
    """Half of the rows contradict the other half; those that count decide."""
    g = np.random.default_rng(0)
    x = g.normal(size=400)
    trusted = np.arange(400) % 2 == 0
    label = np.where((x > 0) == trusted, "up", "down")
    test = write(tmp_path / "test.csv", {"x": x, "w": 0 * x + 1, "label": np.where(x > 0, "up", "down")})
    for right, weights in ((True, trusted), (False, ~trusted)):
        path = write(tmp_path / "train.csv", {"x": x, "w": weights.astype(int), "label": label})
        training = Training(layers=(8,), networks=1, epochs=40)
        found = fitted(path, "label", weights="w", test=test, training=training).metrics["test"]["accuracy"]
        assert found > 0.9 if right else found < 0.1


def test_what_stands_for_missing_is_missing_in_new_rows_as_well(tmp_path):
    columns = patients()
    columns["x"] = columns["x"] + 10
    columns["x"][:60] = 0
    path = write(tmp_path / "train.csv", columns)
    made = fitted(path, "label", missing=("x=0",), group="patient")
    names = made.model.encoders[0].feature_names
    assert "x is missing" in names
    made.model.save(str(tmp_path))
    again = TableModel.load(str(tmp_path))
    new = Table.from_columns({**{k: v[:2].tolist() for k, v in columns.items()}, "x": ["0", ""]})
    encoded = again.encoders[0].transform(new)
    own = [column == "x" for column in again.encoders[0].feature_columns]
    assert (encoded[0, own] == encoded[1, own]).all()
    assert encoded[0, names.index("x is missing")] == 1


def test_a_threshold_is_the_best_of_all():
    g = np.random.default_rng(0)
    classes = (g.uniform(size=300) < 0.1).astype(int)
    scores = np.clip(0.1 + 0.15 * classes + 0.1 * g.normal(size=300), 0, 1).round(2)

    def quality(t: float, measure: str) -> float:
        said = scores >= t
        hit, false = (said & (classes == 1)).sum(), (said & (classes == 0)).sum()
        recall, spared = hit / classes.sum(), 1 - false / (classes == 0).sum()
        return 2 * hit / (said.sum() + classes.sum()) if measure == "f1" else (recall + spared) / 2

    for measure in ("f1", "balanced"):
        found = best_threshold(classes, scores, measure)
        assert quality(found, measure) == max(quality(t, measure) for t in np.linspace(0.001, 0.999, 999))
    assert best_threshold(np.array([0, 1]), np.array([0.2, 0.9]), "f1") == pytest.approx(0.55)


def test_a_threshold_is_kept_with_the_model(tmp_path):
    columns = patients()
    columns["label"] = np.where(columns["x"] > 1.8, "rare", "usual")
    path = write(tmp_path / "t.csv", columns)
    made = fitted(path, "label", threshold=0.9)
    assert made.model.target.threshold == 0.9
    made.model.save(str(tmp_path))
    again = TableModel.load(str(tmp_path))
    outputs = np.array([[0.15, 0.85], [0.05, 0.95]])
    assert again.answers(outputs) == ["rare", "usual"]  # "usual" is the second label
    assert again.score(outputs, np.array([0, 1]))["accuracy"] == 1.0
    chosen = fitted(path, "label", threshold="f1").model.target.threshold
    assert 0 < chosen < 1


WRONG = [
    ({"group": "patient", "time": "day"}, "not by both"),
    ({"group": "patien"}, "Did you mean 'patient'"),
    ({"time": "label"}, "is the target"),
    ({"weights": "day"}, "expected a weight"),
    ({"missing": ("x=77",)}, "holds no cell '77'"),
    ({"missing": ("zzz",)}, "holds no cell 'zzz'"),
    ({"threshold": 1.5}, "between 0 and 1"),
    ({"budget": -1.0}, "a time such as 60s"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_wrong_options_are_said(options, message):
    with pytest.raises((ArgumentError, DataError), match=message):
        problem(**options)


def test_balance_and_threshold_need_classes():
    table = Table.from_columns({"x": np.arange(60.0) % 7, "y": np.arange(60.0) ** 2})
    with pytest.raises(ArgumentError, match="no classes"):
        make_problem(table, Options("y", balance=True))


def test_the_command_line(command, tmp_path):  # noqa: F811
    path = write(tmp_path / "t.csv", patients())
    done = command("fit", path, "--target", "label", "--time", "day", "--time", "60s", "--balance", "--threshold", "f1",
                   "--weights", "w", "--missing", "x=0.5", *QUICK)  # fmt: skip
    assert "holds no cell '0.5'" in done.error
    done = command("fit", path, "--target", "label", "--time", "day", "--time", "60s", "--balance", "--threshold", "f1",
                   "--weights", "w", *QUICK)  # fmt: skip
    assert done.status == 0, done.error
    assert "the latest by 'day'" in done.out and "threshold: 'well'" in done.out
    assert "'w' weighs the rows" in done.out
    assert json.loads(Path("t.model/metrics.json").read_text())["rows"]["test"] == 40
    assert "one budget" in command.fails("fit", path, "--target", "label", "--time", "60s", "--budget", "1h", *QUICK)
    assert "one column" in command.fails("fit", path, "--target", "label", "--time", "x", "--time", "day", *QUICK)
    assert "such as 60s" in command.fails("fit", path, "--target", "label", "--budget", "soon", *QUICK)
    assert "expected f1" in command.fails("fit", path, "--target", "label", "--threshold", "best", *QUICK)


def test_a_column_that_gives_the_target_away_is_said():
    columns = patients()
    columns["diagnosis"] = np.where(columns["label"] == "ill", "J10", "none")
    made = make_problem(Table.from_columns(columns), Options("label"))
    assert [note for note in made.notes if "'diagnosis' is the target 'label' in other words" in note]
    assert [note for note in problem().notes if "'patient' alone tells nearly everything" in note]
    assert not [note for note in problem(group="patient").notes if "in other words" in note or "alone tells" in note]
    dropped = make_problem(Table.from_columns(columns), Options("label", drop=("diagnosis",)))
    assert not [note for note in dropped.notes if "in other words" in note]

