from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import NumberColumn, Table, TextColumn
from chainrule.data.table import column_of
from chainrule.errors import DataError


def test_missing_spellings_and_the_plus_that_makes_a_minus_a_value():
    column = column_of("x", ["a", "", "NA", "?", "nan", "null", "-", None, float("nan"), "None"])
    assert column.factor()[0].tolist() == [0] + [-1] * 9
    signs = column_of("x", ["+", "-", "-"])
    assert signs.factor()[1] == ["+", "-"]
    assert column_of("x", ["none", "a"]).factor(frozenset([""]))[1] == ["none", "a"]


def test_python_and_numpy_values_become_columns():
    assert isinstance(column_of("x", [1, np.float32(2.5), None, np.int64(3)]), NumberColumn)
    assert column_of("x", np.array([1, 2])).numbers().tolist() == [1, 2]
    assert isinstance(column_of("x", [True, False]), TextColumn)
    assert column_of("x", [1.0, float("inf")]).odd_rows().tolist() == [1]
    assert column_of("x", [1.0, float("-inf")]).text(1) == "-inf"


def test_number_columns_factor_as_text_columns_do():
    values = [3.0, 1.5, None, 3.0]
    numbers, texts = column_of("x", values), column_of("x", ["3", "1.5", "", "3"])
    for column in (numbers, texts):
        codes, levels = column.factor()
        assert [levels[c] if c >= 0 else None for c in codes] == ["3", "1.5", None, "3"]


def test_take_keeps_odd_cells_in_their_rows():
    column = NumberColumn("x", np.array([1.0, np.nan, 2.0, np.nan]), {1: "abc", 3: "inf"})
    taken = column.take(np.array([3, 0, 1]))
    assert [taken.text(row) for row in range(3)] == ["inf", "1", "abc"]
    assert taken.odd_rows().tolist() == [0, 2]
    assert taken.factor()[1] == ["1", "abc", "inf"]


def test_a_table_checks_its_columns():
    with pytest.raises(DataError, match="occurs twice"):
        Table((column_of("a", [1]), column_of("a", [2])))
    with pytest.raises(DataError, match=r"one length; got 'a' 1, 'b' 2"):
        Table.from_columns({"a": [1], "b": [1, 2]})
    with pytest.raises(DataError, match=r"no column 'agee'\. Did you mean 'age'\?"):
        Table.from_columns({"age": [1]}).column("agee")


def test_take_without_and_place():
    table = Table((column_of("a", [1, 2, 3]), column_of("b", list("xyz"))), "t.csv", lines=np.array([2, 5, 6]))
    small = table.take(np.array([2, 1])).without("b")
    assert small.names == ["a"]
    assert small.place(1, "a") == "t.csv, line 5, column 'a'"
    assert Table.from_columns({"a": [1]}).place(0) == "row 1"
