"""The tables in examples/data/ are what their README says."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from chainrule.data import TableEncoder, count_duplicates, find_target, inspect_columns, read_table, split_rows
from tests.data.shared import ROOT

FOLDER = ROOT / "examples" / "data"
TABLES = [
    ("penguins.csv", "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93", 344, 8),
    ("breast_cancer_wisconsin.csv", "518936fa92ca3d8a78c420aee22030c4e519ffcba3be15dd23e83f2fc22e20e5", 569, 31),
]


@pytest.mark.parametrize(("name", "digest", "rows", "columns"), TABLES)
def test_the_files_are_unchanged(name, digest, rows, columns):
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest
    table = read_table(FOLDER / name)
    assert (len(table), len(table.names)) == (rows, columns)
    assert f"| `{name}` | {rows} x {columns} |" in (FOLDER / "README.md").read_text()


@pytest.mark.parametrize(
    ("name", "target", "task", "counts"),
    [
        ("penguins.csv", "species", "multiclass", [152, 68, 124]),
        ("penguins.csv", "sex", "binary", [165, 168]),
        ("penguins.csv", "body_mass_g", "regression", None),
        ("breast_cancer_wisconsin.csv", "diagnosis", "binary", [357, 212]),
    ],
)
def test_the_whole_way(name, target, task, counts):
    table = read_table(FOLDER / name)
    found = find_target(table, target)
    encoded = found.encode(table)
    assert found.task == task
    assert counts is None or np.bincount(encoded.values).tolist() == counts
    table = table.take(encoded.rows)
    reports = inspect_columns(table, found.name)
    assert all(report.used for report in reports)
    split = split_rows(len(table), labels=encoded.values if found.is_classification else None)
    encoder = TableEncoder().fit(table.take(split.train), reports, found.name)
    x = encoder.transform(table, notes := [])
    assert np.isfinite(x).all()
    assert notes == []


def test_what_the_penguins_are():
    table = read_table(FOLDER / "penguins.csv")
    reasons = {report.name: report.reason for report in inspect_columns(table, "species")}
    assert reasons["body_mass_g"] == "'body_mass_g': numbers, 2 missing"
    assert reasons["sex"] == "'sex': 2 categories, 11 missing"
    assert count_duplicates(table) == 0


def test_the_script_writes_the_same_files(tmp_path, monkeypatch):
    pytest.importorskip("palmerpenguins")
    pytest.importorskip("sklearn")
    import runpy

    script = runpy.run_path(str(ROOT / "scripts" / "make_example_data.py"))
    script["_write"].__globals__["FOLDER"] = tmp_path
    script["penguins"]()
    script["breast_cancer_wisconsin"]()
    for name, digest, _, _ in TABLES:
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
