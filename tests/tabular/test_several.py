"""Several targets of one table."""

from __future__ import annotations

import csv
import json
import re
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


def test_the_outer_folder_is_enough(command, tmp_path):  # noqa: F811
    path = write(tmp_path / "t.csv")
    done = command("fit", path, "--target", "way,size", "--out", "both", *QUICK)
    assert done.status == 0, done.error
    page = Path("both/report.html").read_text(encoding="utf-8")
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors)) and {"target1-answer", "target2-quality", "target2-made"} <= set(anchors)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(anchors)
    for number, name in enumerate(("way", "size"), 1):
        own = Path(f"both/{number}-{name}/report.html").read_text(encoding="utf-8")
        answer = re.search(r'<p class="answer">(.*?)</p>', own)[1]
        assert answer in page
    receipts = json.loads(Path("both/receipt.json").read_text())
    assert receipts["size"]["command"][-2:] == ["--target=size", "--drop=way"]
    verified = command("verify", "both", path)
    assert verified.status == 0 and verified.out.count("give the same network") == 2, verified.out + verified.error
    other = write_other(Path(path), tmp_path / "other.csv")
    assert command("verify", "both", other).status == 1
    explained = command("explain", "both", path, "--row", "3")
    assert explained.status == 0 and "target 'way':" in explained.out and "target 'size':" in explained.out
    assert set(json.loads(command("explain", "both", path, "--json").out)) == {"way", "size"}
    for target in ("way", "size"):
        derived = command("derive", "both", path, "--target", target, "--row", "2")
        assert derived.status == 0 and ("entropy" in derived.out) == (target == "way"), derived.error
    assert "Did you mean 'size'?" in command.fails("derive", "both", path, "--target", "sise")
    diagnosed = command("diagnose", "both", path, "--json")
    assert diagnosed.status == 0 and set(json.loads(diagnosed.out)) == {"way", "size"}, diagnosed.error
    refused = command.fails("diagnose", "both", path, "--fix")
    assert "holds 2. Name one of its folders: 'both/1-way', 'both/2-size'" in refused


def write_other(path: Path, other: Path) -> str:
    other.write_text(path.read_text().replace("up", "down", 1))
    return str(other)


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
