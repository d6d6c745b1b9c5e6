from __future__ import annotations

import pytest

from chainrule.data.dialect import WHITESPACE, Dialect, find_dialect, has_header, sample_rows
from chainrule.errors import ArgumentError


def dialect_of(text, delimiter=None):
    return find_dialect(text.splitlines(keepends=True), True, delimiter)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a\tb\n1\t2\n", "\t"),
        ("a;b\n1;2\n", ";"),
        ("a|b\n1|2\n", "|"),
        ("a b  c\n1   2 3\n 4 5 6\n", WHITESPACE),
        ("39, State-gov, 77516\n50, Private, 83311\n", ","),  # not spaces, though they cut evenly, too
        ("when,x\n2024-01-01 00:00,1\n2024-01-02 00:00,2\n", ","),
        ("ham\tGo, now, please\nspam\tWin; win; win\nham\tok\n", "\t"),
        ('"a,b";"c,d"\n"e,f";"g,h"\n', ";"),
        ("a,b,c\n1,2;3,4\n5,6;7,8\n", ","),
        ("name\nAnn\nBob\n", ","),
        ("a,b,c\n1,2,3\n1,2\n4,5,6\n7,8,9\n", ","),  # one uneven row does not change the separator
    ],
)
def test_delimiters_are_found(text, delimiter):
    assert dialect_of(text).delimiter == delimiter


def test_a_decimal_comma_is_found_where_commas_do_not_separate():
    assert dialect_of("a;b\n1,5;2,25\n3,5;x\n").decimal == ","
    assert dialect_of("a;b\n1.5;2,25\n3.5;x\n").decimal == "."
    assert dialect_of("a,b\n1,5\n").decimal == "."


def test_single_quotes_are_found_by_evidence():
    assert dialect_of("'40-49','a,b','yes'\n'50-59','c','no'\n").quote == "'"
    assert dialect_of("'40-49',3,nan\n'50-59',4,'no'\n").quote == "'"
    assert dialect_of("O'Brien,3\nO'Neill,4\n").quote == '"'
    assert dialect_of("a,b\n'tis,3\nit's,4\n").quote == '"'


def test_a_given_delimiter_is_obeyed_and_checked():
    assert dialect_of("a;b,c\n1;2,3\n", ";").delimiter == ";"
    assert dialect_of("a b\n1 2\n", "tab").delimiter == "\t"
    assert dialect_of("a:b\n1:2\n", ":").delimiter == ":"
    with pytest.raises(ArgumentError, match="one character"):
        dialect_of("a,b\n", ",,")


def test_a_record_that_may_be_cut_off_is_not_judged():
    lines = ["a,b\n", "1,2\n", '3,"4\n']
    assert sample_rows(lines, False, Dialect()) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b\n1,2\n3,4\n", True),
        ("1,2\n3,4\n", False),
        ("a,b\nx,y\n", True),
        ("yes,red\nno,blue\nyes,red\n", False),
        ("name,age\nAnn,33\n", True),
        ("Ann,33\nBob,44\n", False),
        ("M,0.4,15\nF,0.5,7\n", False),
        (",a,b\n0,1,2\n1,3,4\n", True),
        ("0,1,2,target\n0.5,3.1,2.2,1\n0.7,4.4,2.1,0\n", True),  # names that count
        ("5,7,9,x\n0.5,3.1,2.2,1\n0.7,4.4,2.1,0\n", False),
        ("2024-01-01,ham\n2024-01-02,spam\n", False),
        ("day,kind\n2024-01-01,ham\n2024-01-02,spam\n", True),
        ("a,b\n", True),
        ("1,b\n", False),
        ("a,?\n1,2\n", True),
        ("a,a\nx,y\n", False),
    ],
)
def test_headers(text, header):
    assert has_header([line.split(",") for line in text.splitlines()]) is header


def test_known_names_settle_it():
    rows = [["red", "round"], ["blue", "square"]]
    assert has_header(rows)
    assert not has_header(rows, ["column_1", "column_2"])
    assert has_header([["shape", "colour"], ["x", "y"], ["shape", "y"]], ["colour", "shape"])
    assert not has_header([["0", "1", "0", "0", "3.5"], ["0", "1", "1", "0", "2.5"]], ["0", "1", "2", "3", "target"])


def test_a_header_of_numbers_in_any_order_and_one_word_many_times():
    """As in tables of gene expression: a number for each patient, and `call` beside it."""
    patients = ["1", "3", "2", "5", "4"]
    first = ["gene", *[cell for patient in patients for cell in (patient, "call")]]
    below = [[f"g{i}", *[cell for p in range(5) for cell in (str(i * 7 + p), "AP"[(i + p) % 2])]] for i in range(40)]
    assert has_header([first, *below])
    assert not has_header([below[0], *below[1:]])
    assert not has_header([["g", *["1", "A"] * 5], *below])  # numbers that do not count are data
