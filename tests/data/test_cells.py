from __future__ import annotations

import math

import pytest

from chainrule.data.cells import decorated_number, number, number_text, plain
from chainrule.data.moments import moment


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1.0), ("-1.5", -1.5), (".5", 0.5), ("1e3", 1000.0), ("+7", 7.0), ("007", 7.0), ("１２", 12.0)],
)
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "abc", "1,000", "1_000", "5 %", "$3", "1.2.3", "0x10", "--1"])
def test_what_is_no_number(text):
    assert number(text) is None


def test_infinities_parse_so_that_they_can_be_reported():
    assert number("inf") == math.inf
    assert number("1e999") == math.inf


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (-0.25, "-0.25"), (1e20, "1e+20"), (0.1, "0.1"), (-0.0, "0")])
def test_number_text(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01", 0),
        ("1970-01-01 00:01", 60),
        ("1970-01-01T00:00:05", 5),
        ("1970-01-01T00:00:05.75", 5),
        ("1970/1/2", 86400),
        ("1970-02", 31 * 86400),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1970-01-01 00:00:00Z", 0),
        ("1969-12-31", -86400),
    ],
)
def test_moments(text, seconds):
    assert moment(text) == seconds


@pytest.mark.parametrize("text", ["1970", "31.05.2024", "05/31/2024", "2024-13-01", "2024-02-30", "19700101", "now"])
def test_what_is_no_moment(text):
    assert moment(text) is None


def test_spellings_of_one_number_agree():
    assert plain("1.0") == plain("1") == plain("01") == plain(" 1 ") == "1"
    assert plain("a ") == "a"


def test_decorated_numbers_are_recognised_and_plain_ones_are_not():
    assert all(map(decorated_number, ["1,234", "45%", "$ 5", "1'000"]))
    assert not any(map(decorated_number, ["12", "abc", "", "A5"]))
