from __future__ import annotations

import numpy as np

from chainrule.data import Table, count_duplicates, count_shared
from chainrule.data.duplicates import row_hashes


def test_duplicates_are_counted_once_each():
    table = Table.from_columns({"a": [1, 1, 2, 1], "b": ["x", "x", "x", "y"]})
    assert count_duplicates(table) == 1
    assert count_duplicates(table.without("b")) == 2


def test_the_same_cells_hash_alike_however_they_are_kept():
    texts = Table.from_columns({"a": ["1", "2.50", "", "abc", "-0"]})
    numbers = Table.from_columns({"a": [1, 2.5, None, 7, 0.0]})
    same = row_hashes(texts) == row_hashes(numbers)
    assert same.tolist() == [True, True, True, False, True]


def test_the_order_of_cells_matters():
    table = Table.from_columns({"a": [1, 2], "b": [2, 1]})
    assert count_duplicates(table) == 0


def test_rows_shared_by_two_tables_with_columns_in_another_order():
    train = Table.from_columns({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    test = Table.from_columns({"b": ["y", "x", "y"], "a": [2, 2, 2]})
    assert count_shared(train, test) == 2


def test_no_chance_hits_among_many_rows():
    table = Table.from_columns({"a": np.arange(100_000), "b": np.arange(100_000) % 10})
    assert count_duplicates(table) == 0
