"""Tables from data frames, Arrow files and databases mean the same as from a text file."""

from __future__ import annotations

import datetime
import sqlite3
import sys

import numpy as np
import pytest

from chainrule.data import Table, read_table
from chainrule.data.frames import table_of
from chainrule.errors import ArgumentError, DataError, DependencyError, FileError

COLUMNS = {
    "size": [1.5, float("nan"), 3.0], "count": [1, 2, 3], "kind": ["a", None, "b"],
    "when": [datetime.datetime(2024, 5, 31), None, datetime.datetime(2024, 6, 1)], "yes": [True, False, True],
}  # fmt: skip


def check(table: Table) -> None:
    assert table.names == list(COLUMNS)
    np.testing.assert_array_equal(table.column("size").numbers(), [1.5, np.nan, 3])
    np.testing.assert_array_equal(table.column("count").numbers(), [1, 2, 3])
    assert [table.column("kind").text(i) for i in range(3)] == ["a", "", "b"]
    assert table.column("when").text(0).startswith("2024-05-31") and table.column("when").text(1) == ""
    assert [table.column("yes").text(i) for i in range(3)] == ["True", "False", "True"]


def test_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(COLUMNS)
    check(table_of(frame))
    check(table_of(frame.convert_dtypes()))  # the types of pandas with their own missing value
    check(table_of(frame.assign(kind=frame["kind"].astype("category"))))
    values = np.arange(4.0)
    assert np.shares_memory(table_of(pandas.DataFrame({"x": values}, copy=False)).column("x").numbers(), values)
    with pytest.raises(DataError, match="occurs twice"):
        table_of(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(DataError, match="no rows"):
        table_of(frame[:0])


def test_polars():
    polars = pytest.importorskip("polars")
    check(table_of(polars.DataFrame(COLUMNS)))


def test_arrow_and_feather(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    feather = pytest.importorskip("pyarrow.feather")
    table = pyarrow.table({**COLUMNS, "size": pyarrow.array([1.5, None, 3.0])})
    check(table_of(table))
    feather.write_feather(table, str(tmp_path / "t.feather"))
    check(read_table(tmp_path / "t.feather"))
    (tmp_path / "t.feather").write_bytes((tmp_path / "t.feather").read_bytes()[:-40])
    with pytest.raises(FileError, match="Arrow file is damaged"):
        read_table(tmp_path / "t.feather")


def test_mappings_arrays_and_nonsense():
    check(table_of(COLUMNS))
    assert table_of(np.array([[1, 2], [3, 4]])).names == ["column_1", "column_2"]
    assert table_of(Table.from_columns({"x": [1]})).names == ["x"]
    for wrong, message in ((7, "got builtins.int"), (np.zeros(3), "shape"), ({}, "no rows")):
        with pytest.raises(DataError, match=message):
            table_of(wrong)


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "pets.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE pets (name TEXT, legs INTEGER, weight REAL)")
        connection.executemany("INSERT INTO pets VALUES (?, ?, ?)", [("Rex", 4, 20.5), (None, 2, None)])
    connection.close()
    return path


def test_a_table_of_a_database(database):
    for path in (f"sqlite:///{database}#pets", f"sqlite:///{database}", str(database)):
        table = read_table(path)
        assert table.names == ["name", "legs", "weight"]
        np.testing.assert_array_equal(table.column("weight").numbers(), [20.5, np.nan])
        assert table.column("name").text(0) == "Rex"
    assert len(read_table(str(database), query="SELECT legs FROM pets WHERE weight > 1")) == 1


def test_what_is_wrong_with_a_database(database, tmp_path, monkeypatch):
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE owners (name TEXT, photo BLOB)")
    with pytest.raises(DataError, match=r"several tables.*'owners', 'pets'.*#owners"):
        read_table(str(database))
    with pytest.raises(DataError, match=r"no table 'pet'\. Did you mean 'pets'"):
        read_table(f"sqlite:///{database}#pet")
    with pytest.raises(DataError, match="2 columns and no rows"):
        read_table(f"sqlite:///{database}#owners")
    connection.execute("INSERT INTO owners VALUES ('Ann', x'00ff')")
    connection.commit()
    connection.close()
    owners = read_table(f"sqlite:///{database}#owners")
    assert owners.column("photo").text(0) == "" and "'photo' holds bytes" in owners.notes[1]
    with pytest.raises(DataError, match="SQLite says: no such column"):
        read_table(str(database), query="SELECT paws FROM pets")
    with pytest.raises(DataError, match="readonly"):
        read_table(str(database), query="DELETE FROM pets")
    with pytest.raises(FileError, match=r"Did you mean 'pets\.db'"):
        read_table(f"sqlite:///{tmp_path}/pet.db")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ArgumentError, match="for databases"):
        read_table(tmp_path / "t.csv", query="SELECT 1")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(DependencyError, match=r"chainrule\[sql\]"):
        read_table("postgresql://ann:secret@localhost/pets#x")


def test_other_databases_through_sqlalchemy(database, monkeypatch):
    pytest.importorskip("sqlalchemy")
    from chainrule.data import database as module

    with module._alchemy_rows(f"sqlite:///{database}", "pets", None, 1) as (names, rows):
        assert (names, [row[1] for chunk in rows for row in chunk]) == (["name", "legs", "weight"], [4, 2])
    unknown = module._alchemy_rows("nosuch://ann:secret@x", "a", None, 1)
    with pytest.raises(DataError, match="the database says"), unknown:
        pass
