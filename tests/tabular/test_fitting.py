from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule.data import fold_rows, read_table
from chainrule.errors import ArgumentError, DataError, NonFiniteError
from chainrule.tabular import Options, Training, fit_table
from chainrule.tabular.members import train_members
from chainrule.tabular.network import plan
from chainrule.tabular.problem import read_problem

from .tables import QUICK, Listener, fitted, write_classes, write_values

TWO = Training(layers=(8,), networks=2, epochs=3)


@pytest.fixture(scope="module")
def classes(tmp_path_factory) -> str:
    return write_classes(tmp_path_factory.mktemp("tables") / "classes.csv")


@pytest.fixture(scope="module")
def values(tmp_path_factory) -> str:
    return write_values(tmp_path_factory.mktemp("tables") / "values.csv")


def test_classes_are_learnt_better_than_the_baseline(classes):
    long = Training(layers=(16,), networks=2, epochs=40, learning_rate=0.01)
    result = fitted(classes, "label", training=long)
    metrics = result.metrics
    assert metrics["task"] == "binary"
    assert metrics["target"] == "label"
    assert metrics["seed"] == 0
    assert metrics["labels"] == ["no", "yes"]
    assert metrics["rows"] == {"train": 96, "validation": 39, "test": 24}
    assert metrics["test"]["accuracy"] > metrics["baseline"]["accuracy"] + 0.15
    assert metrics["test"]["log_loss"] < metrics["baseline"]["log_loss"] - 0.15
    assert metrics["test"]["roc_auc"] > 0.9
    assert metrics["seconds"] > 0
    assert not result.interrupted
    json.dumps(metrics, allow_nan=False)


def test_values_are_learnt_in_their_own_units(values):
    long = Training(layers=(16,), networks=2, epochs=40, learning_rate=0.01)
    metrics = fitted(values, "price", training=long).metrics
    assert metrics["task"] == "regression"
    assert metrics["test"]["rmse"] < metrics["baseline"]["rmse"] / 2
    assert metrics["test"]["r2"] > 0.7
    assert metrics["labels"] == []


def test_several_classes(tmp_path):
    path = write_classes(tmp_path / "three.csv", labels=("low", "mid", "top"))
    result = fitted(path, "label", training=TWO)
    assert result.metrics["task"] == "multiclass"
    outputs = result.model.outputs(read_table(path))
    assert outputs.shape == (120, 3)
    assert np.allclose(outputs.sum(1), 1)
    assert np.array(result.metrics["test"]["confusion"]).sum() == result.metrics["rows"]["test"]


def test_the_same_seed_gives_the_same_bits_and_another_gives_others(classes):
    def run(seed: int):
        result = fitted(classes, "label", seed=seed, training=TWO)
        without_time = {key: value for key, value in result.metrics.items() if key != "seconds"}
        return json.dumps(without_time), result.model.outputs(read_table(classes)), result.log

    first, again, other = run(5), run(5), run(6)
    assert first[0] == again[0]
    assert np.array_equal(first[1], again[1])
    assert first[2] == again[2]
    assert first[0] != other[0]
    assert not np.array_equal(first[1], other[1])


def test_without_a_test_part_every_row_is_trained_on(classes):
    result = fitted(classes, "label", test_size=0.0, training=Training(layers=(4,), networks=5, epochs=2))
    metrics = result.metrics
    assert metrics["rows"] == {"train": 120, "validation": 120, "test": 0}
    assert metrics["test"] is None
    assert metrics["measured_on"] == "validation"
    assert np.array(metrics["validation"]["confusion"]).sum() == 120


def test_every_network_learns_its_encoding_and_weights_from_rows_that_it_does_not_hold_out(classes):
    problem = read_problem(classes, Options("label"))
    members, interrupted = train_members(problem, plan(TWO, 96), 0, Listener())
    assert not interrupted
    assert [m.watch.number for m in members] == [1, 2]
    for member in members:
        rest = np.setdiff1d(np.arange(96), member.held)
        sizes = problem.train.table.take(rest).column("size").numbers()
        assert member.encoder.codes[0].mean == pytest.approx(sizes.mean())
    assert not set(members[0].held) & set(members[1].held)
    assert not np.array_equal(members[0].network.get_weights()[0], members[1].network.get_weights()[0])


def test_the_first_weights_do_not_depend_on_how_many_networks_there_are(classes):
    one = fitted(classes, "label", training=QUICK).model.networks[0].get_weights()
    two = fitted(classes, "label", training=TWO).model.networks[0].get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(one[:-2], two[:-2], strict=True))
    assert np.allclose(one[-2] / one[-2].max(), two[-2] / two[-2].max())  # the temperature is that of all networks


def test_test_rows_change_nothing_but_the_scores(tmp_path):
    """Rows of the test part are replaced by nonsense: encoders and weights stay as they are."""
    path = write_classes(tmp_path / "a.csv")
    problem = read_problem(path, Options("label"))
    lines = (tmp_path / "a.csv").read_text().splitlines()
    for line in problem.test.table.lines:
        label = lines[line - 1].rsplit(",", 1)[1]
        lines[line - 1] = f"99,red,{label}"
    (tmp_path / "b.csv").write_text("\n".join(lines) + "\n")
    before, after = (fitted(str(tmp_path / f"{name}.csv"), "label") for name in "ab")
    assert before.model.encoders[0].to_config() == after.model.encoders[0].to_config()
    for a, b in zip(before.model.networks[0].get_weights(), after.model.networks[0].get_weights(), strict=True):
        assert np.array_equal(a, b)
    assert before.metrics["test"] != after.metrics["test"]


def test_a_test_file_is_what_is_scored(classes, tmp_path):
    other = write_classes(tmp_path / "other.csv", rows=50, seed=9)
    text = (tmp_path / "other.csv").read_text().replace("yes", "YES.")
    (tmp_path / "other.csv").write_text(text)
    listener = Listener()
    result = fit_table(classes, Options("label", test=other, training=QUICK), listener)
    assert result.metrics["rows"] == {"train": 120, "validation": 24, "test": 50}
    assert any("'YES.' as 'yes'" in line for line in listener.lines)


def test_a_test_file_without_header_is_matched_by_position(tmp_path):
    write_classes(tmp_path / "named.csv", rows=100)
    lines = (tmp_path / "named.csv").read_text().splitlines()[1:]
    (tmp_path / "train.csv").write_text("\n".join(lines[:70]))
    (tmp_path / "test.csv").write_text("\n".join(lines[70:]))
    (tmp_path / "narrow.csv").write_text("\n".join(line.split(",", 1)[1] for line in lines[70:]))
    options = {"target": "last", "training": QUICK}
    result = fit_table(str(tmp_path / "train.csv"), Options(test=str(tmp_path / "test.csv"), **options))
    assert result.metrics["rows"]["test"] == 30
    assert result.metrics["target"] == "column_3"
    with pytest.raises(DataError, match=r"narrow\.csv: expected 3 columns, as in .*train\.csv; got 2"):
        fit_table(str(tmp_path / "train.csv"), Options(test=str(tmp_path / "narrow.csv"), **options))


def test_what_is_unusual_is_said(tmp_path):
    write_classes(tmp_path / "a.csv", rows=60)
    lines = (tmp_path / "a.csv").read_text().splitlines()
    odd = [f"{lines[0]},constant", *(f"{line},7" for line in lines[1:])]
    odd[3], odd[5], odd[7] = "huge,red,yes,7", "inf,blue,no,7", "0.5,green,,7"
    path = tmp_path / "odd.csv"
    path.write_text("\n".join([*odd, *[odd[20]] * 3]) + "\n")
    listener = Listener()
    result = fit_table(str(path), Options("label", training=QUICK), listener)
    said = "\n".join(listener.lines)
    for part in (
        "63 rows, 3 columns and the target 'label'", "task: two classes (text, 2 different labels)",
        "columns: 1 number, 1 category; 1 dropped", "dropped 'constant': every row holds '7'",
        "'huge' (line 4), 'inf' (line 6)", "1 row has no target",
        "exact cop", "test scores are that much too good",
    ):  # fmt: skip
        assert part in said, part
    assert set(result.metrics["notes"]) == {line[6:] for line in listener.lines if line.startswith("note: ")}


def test_columns_can_be_left_out(classes):
    result = fitted(classes, "label", drop=("colour",))
    assert result.model.encoders[0].columns == ["size"]
    with pytest.raises(DataError, match="Did you mean 'colour'"):
        fitted(classes, "label", drop=("color",))
    with pytest.raises(ArgumentError, match="'label' is the target"):
        fitted(classes, "label", drop=("label",))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test_size": 1.5}, r"--test-size: expected a share from 0 up to, not including, 1; got 1\.5"),
        ({"seed": -1}, "--seed: expected a whole number from 0; got -1"),
        ({"training": Training(epochs=0)}, "--epochs"),
    ],
)
def test_options_out_of_range_are_refused(classes, options, message):
    with pytest.raises(ArgumentError, match=message):
        fitted(classes, "label", **options)


def test_a_training_that_explodes_says_so(values):
    with pytest.raises(NonFiniteError, match="smaller --learning-rate"):
        fitted(values, "price", training=Training(layers=(8,), networks=1, epochs=3, learning_rate=1e30))


@pytest.mark.parametrize("rows", [2, 3, 5, 9])
def test_tables_of_a_few_rows_work(tmp_path, rows):
    write_values(tmp_path / "few.csv", rows=rows)
    result = fitted(str(tmp_path / "few.csv"), "price", training=Training(layers=(2,), epochs=2))
    assert np.isfinite(result.model.outputs(read_table(str(tmp_path / "few.csv")))).all()
    (tmp_path / "few2.csv").write_text("x,label\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(rows)))
    result = fitted(str(tmp_path / "few2.csv"), "label", training=Training(layers=(2,), epochs=2))
    assert result.metrics["measured_on"] in ("test", "validation", "train")


def test_a_class_of_one_row_is_always_trained_on(tmp_path):
    path = write_classes(tmp_path / "a.csv", rows=40)
    with open(path, "a") as file:
        file.write("9,red,once\n")
    problem = read_problem(path, Options("label"))
    members, _ = train_members(problem, plan(Training(layers=(2,), networks=5, epochs=1), 33), 0, Listener())
    once = problem.target.labels.index("once")
    assert (problem.train.values == once).sum() == 1
    assert not any((problem.train.values[m.held] == once).any() for m in members)


def test_folds_are_disjoint_even_and_stratified():
    labels = np.repeat([0, 1, 2], [50, 23, 1])
    folds = fold_rows(74, 5, labels=labels, seed=3)
    together = np.concatenate(folds)
    assert len(np.unique(together)) == len(together) == 73  # the class of one row is in none
    assert {len(fold) for fold in folds} <= {14, 15}
    for fold in folds:
        assert np.array_equal(fold, np.sort(fold))
        assert (labels[fold] == 0).sum() == 10
        assert (labels[fold] == 1).sum() in (4, 5)
    assert all(np.array_equal(a, b) for a, b in zip(folds, fold_rows(74, 5, labels=labels, seed=3), strict=True))
    assert not np.array_equal(folds[0], fold_rows(74, 5, labels=labels, seed=4)[0])
    with pytest.raises(ArgumentError, match="one label for each of 3 rows"):
        fold_rows(3, 2, labels=labels)
    with pytest.raises(ArgumentError, match="count"):
        fold_rows(3, 0)
