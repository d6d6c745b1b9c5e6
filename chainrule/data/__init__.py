"""From a file to the arrays that a network trains on.

    table = read_table("data.csv")                      # reading.py
    target = find_target(table, "label")                # target.py
    encoded = target.encode(table)                      # rows that have a target, and their values
    table = table.take(encoded.rows)
    reports = inspect_columns(table, target.name)       # columns.py: what each column is, and why
    split = split_rows(len(table), labels=encoded.values, seed=0)
    encoder = TableEncoder().fit(table.take(split.train), reports, target.name)   # encoding.py
    x_train = encoder.transform(table.take(split.train))

    profile_table(table, "label")                       # profile/: what a person should look at first

Everything learnt is learnt from training rows; everything unusual is said in a note or an error that names the file,
the line and the column. Nothing here imports a layer, an executor or, before a Parquet file is read, pyarrow.
"""

from .blanks import blank_table, blanks_of
from .columns import ColumnReport, inspect_columns
from .duplicates import count_duplicates, count_shared
from .encoding import DataWarning, TableEncoder
from .ordered import fold_groups, fold_in_order, split_groups, split_in_order
from .profile import TableProfile, profile_table
from .reading import read_table
from .splitting import Split, fold_rows, split_rows
from .table import Column, NumberColumn, Table, TextColumn
from .target import EncodedTarget, Target, find_target, resolve_target

__all__ = [
    "Column", "ColumnReport", "DataWarning", "EncodedTarget", "NumberColumn", "Split", "Table", "TableEncoder",
    "TableProfile", "Target", "TextColumn", "blank_table", "blanks_of", "count_duplicates", "count_shared",
    "find_target", "fold_groups", "fold_in_order", "fold_rows", "inspect_columns", "profile_table", "read_table",
    "resolve_target", "split_groups", "split_in_order", "split_rows",
]  # fmt: skip
