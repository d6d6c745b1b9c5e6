"""Dates as people write them."""

from __future__ import annotations

import datetime

import pytest

from chainrule.data import Table, TableEncoder, inspect_columns
from chainrule.data.moments import FORMATS, find_format, moment, seconds

DAYS = [datetime.date(1999, 1, 1) + datetime.timedelta(days=37 * i) for i in range(60)]


@pytest.mark.parametrize(
    ("style", "form"),
    [("%Y-%m-%d", "iso"), ("%Y.%m.%d", "iso"), ("%d.%m.%Y", "day first"), ("%d/%m/%Y", "day first"),
     ("%m/%d/%Y", "month first"), ("%m-%d-%y", "month first"), ("%d %b %Y", "month by name"),
     ("%B %d, %Y", "month by name"), ("%d-%b-%y", "month by name"), ("%a, %d %b %Y", "month by name")],
)  # fmt: skip
def test_each_style_is_found_and_means_the_day(style, form):
    texts = [day.strftime(style) for day in DAYS]
    assert find_format(texts) == form
    for text, day in zip(texts, DAYS, strict=True):
        assert seconds(text, form) == (day - datetime.date(1970, 1, 1)).days * 86400


def test_clocks_and_zones():
    assert seconds("5/31/2024 6:30 PM", "month first") == datetime.datetime(2024, 5, 31, 18, 30).timestamp() - _local()
    assert seconds("31.05.2024 00:30", "day first") % 86400 == 1800
    assert seconds("2024-05-31T10:00:00+02:00", "iso") % 86400 == 8 * 3600
    assert seconds("12:15 AM", "time") == 900
    assert seconds("13:15 PM", "time") is None
    assert seconds("32.01.2024", "day first") is None


def _local() -> float:
    return datetime.datetime(2024, 5, 31).timestamp() - datetime.datetime(2024, 5, 31, tzinfo=datetime.UTC).timestamp()


@pytest.mark.parametrize("texts", [["1/2/2024", "3/4/2024"], ["soon", "later"], [], ["12345678"], ["1-2"]])
def test_what_is_not_clear_is_not_guessed(texts):
    assert find_format(texts) is None


def test_the_encoder_keeps_the_format():
    texts = [day.strftime("%d.%m.%Y") for day in DAYS]
    table = Table.from_columns({"when": texts, "y": range(60)})
    encoder = TableEncoder().fit(table, inspect_columns(table, "y"), "y")
    again = TableEncoder.from_config(encoder.to_config())
    ambiguous = Table.from_columns({"when": ["01.02.2003", "31.12.2004"]})  # the first alone could be either
    x = again.transform(ambiguous)
    assert x[0, 0] < x[1, 0]
    notes: list[str] = []
    again.transform(Table.from_columns({"when": ["2003-02-01"]}), notes)
    assert "no date like 31.05.2024" in notes[0]
    assert set(FORMATS) >= {"iso", "time"}


def test_dates_written_in_several_ways():
    assert find_format(["2024-05-31", "31.05.2024", "1 May 2024"]) == "several ways, day first"
    assert find_format(["2024-05-31", "05/31/2024"]) == "several ways, month first"
    assert find_format(["2024-01-02", "1/2/2024"]) is None  # the second could be either
    for text in ("2024-05-31", "31.05.2024"):
        assert seconds(text, "several ways, day first") == moment("2024-05-31")
