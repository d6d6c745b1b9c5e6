"""Real tables as they come, which the project does not ship."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

from chainrule.data import (
    TableEncoder,
    count_duplicates,
    count_shared,
    find_target,
    inspect_columns,
    read_table,
    split_rows,
)
from chainrule.errors import DataError
from tests.data.shared import ROOT, shared

TABLES = [
    # path, rows, columns, header, target, task, class counts
    ("pima_diabetes/pima-indians-diabetes.csv", 768, 9, False, "9", "binary", [500, 268]),
    ("titanic/titanic.csv.gz", 891, 12, True, "Survived", "binary", [549, 342]),
    ("adult/adult-train.csv.gz", 32561, 15, False, "last", "binary", [24720, 7841]),
    ("wine_quality/winequality-red.csv.gz", 1599, 12, False, "-1", "multiclass", [10, 53, 681, 638, 199, 18]),
    ("wine_quality/winequality-white.csv.gz", 4898, 12, False, -1, "multiclass", [20, 163, 1457, 2198, 880, 175, 5]),
    ("banknote/banknote_authentication.csv.gz", 1372, 5, False, 5, "binary", [762, 610]),
    ("california_housing/housing.csv.gz", 20640, 10, True, "median_house_value", "regression", None),
    ("abalone/abalone.csv.gz", 4177, 9, False, "last", "regression", None),
    ("bank_marketing/bank-additional-full.csv.gz", 41188, 21, True, "y", "binary", [36548, 4640]),
    ("breast_cancer_ljubljana/breast-cancer.csv", 286, 10, False, "last", "binary", [201, 85]),
    ("boston_housing/housing.csv.gz", 506, 14, False, "last", "regression", None),
    ("sonar/sonar.csv.gz", 208, 61, False, "last", "binary", [111, 97]),
    ("higgs_small/binary.test.gz", 500, 29, False, "first", "binary", None),
    ("spambase/spambase.tsv.gz", 4601, 58, True, "target", "binary", [2788, 1813]),
]


@pytest.mark.parametrize(("path", "rows", "columns", "header", "target", "task", "counts"), TABLES)
def test_from_file_to_matrix(path, rows, columns, header, target, task, counts):
    table = read_table(shared(path))
    assert (len(table), len(table.names), table.header) == (rows, columns, header)
    found = find_target(table, target)
    encoded = found.encode(table)
    assert found.task == task
    if counts is not None:
        assert np.bincount(encoded.values).tolist() == counts
    labels = encoded.values if found.is_classification else None
    split = split_rows(rows, labels=labels, validation_size=0.1, seed=0)
    encoder = TableEncoder().fit(table.take(split.train), inspect_columns(table, found.name), found.name)
    x = encoder.transform(table.take(split.train), notes := [])
    assert x.dtype == np.float32
    assert np.isfinite(x).all()
    assert np.abs(x).max() <= 5
    assert notes == []


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("titanic/titanic.csv.gz", {}),
        ("bank_marketing/bank-additional-full.csv.gz", {"sep": ";"}),
        ("adult/adult-train.csv.gz", {"header": None, "skipinitialspace": True}),
        ("california_housing/housing.csv.gz", {}),
        ("breast_cancer_ljubljana/breast-cancer.csv", {"header": None, "quotechar": "'"}),
        ("higgs_small/binary.train.gz", {"header": None, "sep": "\t", "compression": "gzip"}),
    ],
)
def test_the_cells_are_those_that_pandas_reads(path, arguments):
    pandas = pytest.importorskip("pandas")
    table = read_table(shared(path))
    frame = pandas.read_csv(shared(path), **arguments)
    assert len(frame) == len(table)
    for column, name in zip(table.columns, frame.columns, strict=True):
        if pandas.api.types.is_numeric_dtype(frame[name]):
            np.testing.assert_array_equal(column.numbers(), frame[name].to_numpy(float))
        else:
            texts = frame[name].astype(object).where(frame[name].notna(), "").tolist()
            mine = [column.text(row) for row in range(len(table))]
            assert ["" if cell in ("NA", "nan") else cell for cell in mine] == texts


def test_titanic_in_words():
    table = read_table(shared("titanic/titanic.csv.gz"))
    reports = {report.name: report for report in inspect_columns(table, "Survived")}
    assert reports["PassengerId"].reason == "dropped 'PassengerId': it numbers the rows (1 to 891)"
    assert reports["Name"].reason == "'Name': free text (each cell is different)"
    assert reports["Ticket"].kind == "identifier"
    assert reports["Age"].reason == "'Age': numbers, 177 missing"
    assert reports["Sex"].reason == "'Sex': 2 categories"
    assert "used is whether there is one" in reports["Cabin"].reason
    assert [name for name, report in reports.items() if not report.used] == ["PassengerId", "Ticket"]


def test_only_titanic_loses_columns():
    """No false alarms on tables whose columns all mean something."""
    for path, _, _, _, target, _, _ in TABLES:
        if "titanic" in path:
            continue
        table = read_table(shared(path))
        dropped = [r.name for r in inspect_columns(table, find_target(table, target).name) if not r.used]
        assert dropped == [], path


def test_adult_has_a_test_file_with_labels_of_its_own():
    table = read_table(shared("adult/adult-train.csv.gz"))
    other = read_table(shared("adult/adult-test.csv.gz"), known_names=table.names)
    target = find_target(table, "last")
    encoded = target.encode(other)
    assert target.labels == ("<=50K", ">50K")
    assert np.bincount(encoded.values).tolist() == [12435, 3846]
    assert "'<=50K.' as '<=50K'" in encoded.notes[0]
    reports = inspect_columns(table, target.name)
    assert "1836 missing" in reports[1].reason
    x = TableEncoder().fit(table, reports, target.name).transform(other, notes := [])
    assert (x.shape[0], notes) == (16281, [])
    assert count_duplicates(table) == 24
    # the labels of the two files differ by a point, so without the target; pandas counts 26, too
    assert count_shared(table.without(target.name), other.without(target.name)) == 26


def test_wine_has_duplicates_and_says_so():
    assert count_duplicates(read_table(shared("wine_quality/winequality-red.csv.gz"))) == 240
    assert count_duplicates(read_table(shared("wine_quality/winequality-white.csv.gz"))) == 937


def test_a_latin_1_file_is_not_guessed():
    path = shared("movielens_100k/u.item.gz")
    with pytest.raises(DataError, match="line 543, byte 8: the byte 0xe9 is not UTF-8"):
        read_table(path)
    assert len(read_table(path, encoding="latin-1")) == 1682


def test_dates_of_a_time_series():
    table = read_table(shared("time_series/ETTh1.csv.gz"))
    assert inspect_columns(table, "OT")[0].kind == "date"
    pollution = read_table(shared("time_series/pollution.csv.gz"))
    reports = {report.name: report.kind for report in inspect_columns(pollution, "pm2.5")}
    assert (reports["No"], reports["year"], reports["cbwd"]) == ("identifier", "number", "category")


@pytest.mark.slow
def test_half_a_million_rows():
    path = shared("kddcup99/kddcup.tsv.gz")
    start = time.process_time()
    table = read_table(path)
    seconds = time.process_time() - start
    target = find_target(table, "target", "classification")
    encoded = target.encode(table)
    assert (len(table), len(table.names), len(target.labels)) == (494020, 42, 23)
    assert sorted(np.bincount(encoded.values))[0] == 2
    reports = inspect_columns(table, target.name)
    assert [r.name for r in reports if r.kind == "constant"] == ["Atr-19", "Atr-20"]
    split = split_rows(len(table), labels=encoded.values)
    assert set(encoded.values[split.train]) == set(range(23))
    x = TableEncoder().fit(table.take(split.train), reports, target.name).transform(table.take(split.train))
    assert np.isfinite(x).all()
    assert seconds < 20


@pytest.mark.slow
def test_half_a_million_rows_fit_into_little_memory():
    """In a process of its own, in which nothing else has been."""
    if not sys.platform.startswith("linux"):
        pytest.skip("/proc tells what a process needed")
    code = f"""if True:
        import re
        from chainrule.data import TableEncoder, find_target, inspect_columns, read_table, split_rows
        table = read_table({shared("kddcup99/kddcup.tsv.gz")!r})
        labels = find_target(table, "target", "classification").encode(table).values
        train = table.take(split_rows(len(table), labels=labels).train)
        TableEncoder().fit(train, inspect_columns(table, "target"), "target").transform(train)
        status = open("/proc/self/status").read()  # the maximum of getrusage is that of the parent, too
        print(int(re.search(r"VmHWM:\\s*(\\d+) kB", status)[1]) / 2**20)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert float(done.stdout) < 1.5  # GiB
