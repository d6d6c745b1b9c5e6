"""Several targets of one table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from chainrule.data import Table
from chainrule.errors import ArgumentError, DataError, FileError
from chainrule.tabular.several import load_several, targets_of
from tests.cli.commands import QUICK, command  # noqa: F401


def write(path: Path) -> str:
    g = np.random.default_rng(0)
    x = g.normal(size=200)
    rows = zip(x.round(4), np.where(x > 0, "up", "down"), (10 * x + g.normal(size=200)).round(3), strict=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["x", "way", "size"], *rows])
    return str(path)


def test_a_model_for_each_and_none_sees_the_others(command, tmp_path):  # noqa: F811
    path = write(tmp_path / "t.csv")
    done = command("fit", path, "--target", "way,size", "--out", "both", *QUICK)
    assert done.status == 0, done.error
    assert "target 'way':" in done.out and "target 'size':" in done.out
    models = load_several("both")
    assert [(m.target.name, m.target.task, m.encoders[0].columns) for m in models] == [
        ("way", "binary", ["x"]), ("size", "regression", ["x"]),
    ]  # fmt: skip
    assert set(json.loads(Path("both/metrics.json").read_text())) == {"way", "size"}
    Path("new.csv").write_text("x\n0.5\n-0.5\n")
    answers = list(csv.reader(command("predict", "both", "new.csv").out.splitlines()))
    assert answers[0] == ["way prediction", "way p_down", "way p_up", "size prediction"]
    assert len(answers) == 3
    scores = json.loads(command("evaluate", "both", path, "--json").out)
    assert scores["way"]["rows"] == scores["size"]["rows"] == 200
    assert "target 'size':" in command("evaluate", "both", path).out


def test_repeated_options_mean_the_same(command, tmp_path):  # noqa: F811
    path = write(tmp_path / "t.csv")
    done = command("fit", path, "--target", "2", "--target", "last", "--out", "both", "--quiet", *QUICK)
    assert [m.target.name for m in load_several("both")] == ["way", "size"], done.error


def test_which_columns_are_named():
    table = Table.from_columns({"a,b": [1], "c": [2], "d": [3]})
    assert targets_of(table, "a,b") == ["a,b"]
    assert targets_of(table, "c, last") == ["c", "d"]
    with pytest.raises(ArgumentError, match="named twice"):
        targets_of(table, "c,2")
    with pytest.raises(ArgumentError, match="none is left"):
        targets_of(Table.from_columns({"a": [1], "b": [2]}), "a,b")
    with pytest.raises(DataError, match="no column 'e'"):
        targets_of(table, "c,e")


def test_a_list_of_targets_never_leads_out_of_its_folder(tmp_path):
    (tmp_path / "targets.json").write_text('{"targets": [{"name": "a", "folder": "../elsewhere"}]}')
    with pytest.raises(FileError, match="damaged"):
        load_several(str(tmp_path))
