"""JSON and sheets of Excel give the same table as the text file of the same rows."""

from __future__ import annotations

import datetime
import gzip
import json

import numpy as np
import pytest

from chainrule.data import read_table
from chainrule.data.chunks import table_chunks
from chainrule.errors import DataError, FileError

ROWS = [{"age": 20, "sex": "m", "ok": True, "home": {"city": "Rom"}}, {"age": 30.5, "sex": "f", "ok": False},
        {"age": None, "sex": "f", "ok": True, "home": {"city": "Bonn"}, "tags": [1, 2]}]  # fmt: skip


def lines(rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize("form", ["lines", "list", "packed"])
def test_objects_are_rows(tmp_path, form):
    path = tmp_path / "t.json"
    text = json.dumps(ROWS, indent=1) if form == "list" else lines(ROWS)
    path.write_bytes(gzip.compress(text.encode()) if form == "packed" else text.encode())
    table = read_table(path)
    assert table.names == ["age", "sex", "ok", "home.city", "tags"]
    np.testing.assert_array_equal(table.column("age").numbers(), [20, 30.5, np.nan])
    assert [table.column("home.city").text(row) for row in range(3)] == ["Rom", "", "Bonn"]
    assert table.column("tags").text(2) == "[1, 2]"
    assert [len(part) for part in table_chunks(path, rows=2)] == [2, 1]


def test_what_is_no_table_is_said(tmp_path):
    path = tmp_path / "t.jsonl"
    for text, said in (
        (lines(ROWS) + '{"age": 3\n', "line 4: this is no JSON"), ('[{"a": 1}, 5]', "row 2 is '5'"),
        ('{\n "a": 1\n}', "Write one object a line, or a list of objects"),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(DataError, match=said):
            read_table(path)


def test_the_first_sheet_of_a_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "people"
    for row in (["age", "when", "sex"], [20, datetime.datetime(2024, 5, 31), "m"], [None, None, None],
                [30.5, datetime.datetime(2024, 6, 1, 18, 30), "f"]):  # fmt: skip
        sheet.append(row)
    book.create_sheet("other")
    path = tmp_path / "t.xlsx"
    book.save(path)
    table = read_table(path)
    assert table.names == ["age", "when", "sex"] and len(table) == 2
    assert table.column("age").numbers().tolist() == [20, 30.5]
    assert [table.column("when").text(row) for row in range(2)] == ["2024-05-31", "2024-06-01 18:30:00"]
    assert table.notes == ("Excel, sheet 'people'; the sheets 'other' are not read",)
    assert read_table(path, header=False).names == ["column_1", "column_2", "column_3"]
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises((FileError, DataError), match="damaged"):
        read_table(path)
