from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import Table, inspect_columns, read_table
from chainrule.errors import ArgumentError, DataError

ROWS = 200
SEEDED = np.random.default_rng(0)


def inspect(values, name="x", **arguments):
    """The report of one column beside a good one."""
    table = Table.from_columns({name: values, "good": np.arange(len(values)) % 7 + 0.5})
    return inspect_columns(table, **arguments)[0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (SEEDED.normal(size=ROWS), "number"),
        ([str(i % 9) for i in range(ROWS)], "number"),
        ([1, 2] * 100, "number"),
        ([0, 1] * 100, "boolean"),
        (["yes", "No"] * 100, "boolean"),
        (["True", "False"] * 100, "boolean"),
        ([True, False] * 100, "boolean"),
        (["male", "female"] * 100, "category"),
        (["a", "b", "c", ""] * 50, "category"),
        ([f"2024-01-{i % 28 + 1:02}" for i in range(ROWS)], "date"),
        ([f"{1949 + i // 12}-{i % 12 + 1:02}" for i in range(ROWS)], "date"),
        ([None] * ROWS, "empty"),
        (["?", "NA"] * 100, "empty"),
        (["same"] * ROWS, "constant"),
        ([5.0] * ROWS, "constant"),
        (list(range(1, ROWS + 1)), "identifier"),
        ([f"user {i} of many" for i in range(ROWS)], "identifier"),
        ([f"u{i}" for i in range(ROWS)], "identifier"),
        ([f"a {'good' if i % 3 else 'bad'} film, number {i}" for i in range(ROWS)], "text"),
        ([f"{i % 28 + 1}.{i % 12 + 1}.{1800 + i}" for i in range(ROWS)], "date"),
        ([f"{i % 24}:{i % 60:02}" for i in range(ROWS)], "date"),
        ([f"May {i % 28 + 1}, {1800 + i}" for i in range(ROWS)], "date"),
        ([f"u{i // 2}" for i in range(ROWS)], "category"),
        (["present", ""] * 100, "category"),
    ],
)
def test_kinds(values, kind):
    report = inspect(values)
    assert report.kind == kind
    assert "'x'" in report.reason
    assert report.reason.startswith("dropped") is not report.used


def test_identifiers_are_named_only_on_strong_evidence():
    shuffled = SEEDED.permutation(ROWS) + 1000
    assert inspect(shuffled, "customer_id").kind == "identifier"
    assert inspect(shuffled, "PassengerId").kind == "identifier"
    assert inspect(shuffled, "humid").kind == "number"
    assert inspect(shuffled, "paid").kind == "number"
    assert inspect(np.arange(1900, 1900 + ROWS), "year").kind == "number"
    assert inspect(np.arange(1900, 1900 + ROWS), "row_id").kind == "identifier"
    assert inspect(shuffled // 2, "customer_id").kind == "number"  # ids that repeat may tell something
    assert inspect(shuffled + 0.5, "customer_id").kind == "number"
    assert inspect([1, 2, 3, 4, 5]).kind == "number"  # a toy
    assert inspect([1, 2, 3, 4, 5], "id").kind == "identifier"
    assert "it numbers the rows (1 to 5)" in inspect([1, 2, 3, 4, 5], "id").reason


def test_a_few_cells_of_text_among_numbers_are_missing_and_said(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i / 7},a" for i in range(ROWS)]
    rows[3], rows[100] = "abc,a", "12 kg,b"
    path.write_text("x,y\n" + "\n".join(rows))
    report = inspect_columns(read_table(path))[0]
    assert (report.kind, report.reason) == ("number", "'x': numbers, 2 missing")
    assert report.notes == (
        "column 'x': 2 cells are no numbers: 'abc' (line 5), '12 kg' (line 102); they count as missing",
    )


def test_one_spelling_of_missing_that_is_not_in_the_list():
    values = [str(i / 3) for i in range(100)] + ["unknown"] * 30
    report = inspect(values)
    assert report.kind == "number"
    assert "30 cells are no numbers" in report.notes[0]


def test_many_texts_among_numbers_make_categories():
    values = [str(i % 5) for i in range(150)] + [f"level {i % 4}" for i in range(50)]
    report = inspect(values)
    assert report.kind == "category"
    assert "5 of 9 different values are numbers" in report.notes[0]


def test_infinities_are_missing_and_said():
    values = [str(i / 3) for i in range(100)] + ["inf", "-inf"]
    report = inspect(values)
    assert report.kind == "number"
    assert report.notes == (
        "column 'x': 2 cells are infinite: 'inf' (row 101), '-inf' (row 102); they count as missing",
    )
    assert "1 cell is infinite: '1e999' (row 1)" in inspect(["1e999"] + [str(i) for i in range(50)]).notes[0]


def test_hints_for_numbers_and_dates_in_other_clothes():
    assert "write it without separators" in inspect([f"$ {i},{i:03}" for i in range(ROWS)]).reason
    assert "write them as YYYY-MM-DD" in inspect([f"{i % 12 + 1}/{i % 12 + 1}/{1800 + i}" for i in range(ROWS)]).reason
    assert "write them without separators" in inspect([f"{i % 10},000" for i in range(ROWS)]).notes[0]


def test_rare_text_with_gaps_tells_whether_there_is_one():
    report = inspect([f"C{i}" if i % 4 == 0 else None for i in range(ROWS)])
    assert report.kind == "category"
    assert "used is whether there is one" in report.reason


def test_the_target_is_no_feature_and_the_user_has_the_last_word():
    table = Table.from_columns({"id": range(50), "a": ["1", "2"] * 25, "y": [0, 1] * 25})
    kinds = {r.name: r.kind for r in inspect_columns(table, "y", {"id": "number", "a": "category"})}
    assert kinds == {"id": "number", "a": "category"}
    assert inspect_columns(table, "y", {"a": "unused", "id": "number"})[1].reason == "dropped 'a': you said so"
    with pytest.raises(ArgumentError, match="Did you mean 'number'"):
        inspect_columns(table, "y", {"a": "numbr"})
    with pytest.raises(DataError, match="Did you mean 'id'"):
        inspect_columns(table, "y", {"idd": "number"})


def test_nothing_left_to_learn_from():
    table = Table.from_columns({"id": range(50), "c": [1] * 50, "y": [0, 1] * 25})
    with pytest.raises(DataError, match=r"no column is left.*numbers the rows.*every row holds '1'"):
        inspect_columns(table, "y")
    with pytest.raises(DataError, match="no column besides the target"):
        inspect_columns(Table.from_columns({"y": [1, 2]}), "y")


def test_words_for_no_value_among_numbers_are_missing():
    words = ["unknown", "n.a.", "#REF!", "missing", "not available"]
    report = inspect([words[i % 5] if i % 4 == 0 else i / 7 for i in range(ROWS)])
    assert (report.kind, report.reason) == ("number", "'x': numbers, 50 missing")
    assert "50 cells are no numbers: 'unknown' (row 1)" in report.notes[0]
    assert inspect([f"word {i % 5}" if i % 4 == 0 else i / 7 for i in range(ROWS)]).kind != "number"
