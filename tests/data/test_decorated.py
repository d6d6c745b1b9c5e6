"""Numbers with units, separators, currency signs: columns of them are numbers, what is only like them stays text."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import Table, find_target, read_table
from chainrule.data.decorated import without_signs
from chainrule.tabular import Options, Training, fit_table


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["$1,200", "$950", "-$3", "($20)", "$0.50"], [1200, 950, -3, -20, 0.5]),
        (["12 kg", "7.5 kg", "8kg", "-1 kg"], [12, 7.5, 8, -1]),
        (["45%", "3.5 %", "100%"], [45, 3.5, 100]),
        (["1.986,75 €", "290,48 €", "1.000.000,00 €"], [1986.75, 290.48, 1e6]),
        (["613,6 %", "542,2 %", "5 %"], [613.6, 542.2, 5]),
        (["1,234", "5,678,901", "12"], [1234, 5678901, 12]),
        (["1 234", "5 678 901", "7"], [1234, 5678901, 7]),
        (["1'234.5", "12.25", "3'000"], [1234.5, 12.25, 3000]),
        (["1.234.567", "2.345.678", "3.000.000"], [1234567, 2345678, 3000000]),
        (["0,234", "0,500", "0,125"], [0.234, 0.5, 0.125]),
        (["EUR 12", "EUR 14.50", "EUR 1,000"], [12, 14.5, 1000]),
        (["5 °C", "-3 °C", "NA"], [5, -3, np.nan]),
        (["12 km/h", "100 km/h", "0 km/h"], [12, 100, 0]),
    ],
)
def test_numbers_are_read(cells, numbers):
    table = without_signs(Table.from_columns({"x": cells}))
    np.testing.assert_array_equal(table.column("x").numbers(), np.array(numbers, float))
    assert f"cells like {cells[0]!r} are read as numbers" in table.notes[-1]


@pytest.mark.parametrize(
    "cells",
    [
        ["12 kg", "7 g", "8 kg"],  # different units
        ["12a", "13b", "14c"],
        ["1st", "2nd", "3rd"],
        ["12:30", "13:00", "14:15"],
        ["2020-01-01", "2021-01-01", "2022-01-01"],
        ["1.2.3", "1.10.0", "2.0.1"],  # versions
        ["192.168.1.1", "10.0.0.1", "8.8.8.8"],
        ["555-1234", "555-9999", "555-1111"],
        ["1,234", "5,67,8", "9"],
        ["$5", "5 €", "£5"],
        ["A12", "B13", "C14"],
        ["x", "y", "z"],
        ["1.5", "2.5", "3.5"],  # plain numbers have nothing to take off
        ["1.5", "2.5", "abc", "3 kg"],
        ["1", "2", "3 kg"],
    ],
)
def test_what_only_looks_like_it_stays_text(cells):
    table = Table.from_columns({"x": cells})
    assert without_signs(table) is table


def test_a_word_among_numbers_is_no_example_of_a_sign():
    plain = Table.from_columns({"x": ["abc", *map(str, range(60))]})
    assert without_signs(plain) is plain
    signs = without_signs(Table.from_columns({"x": ["abc", *(f"${n}" for n in range(60))]}))
    assert "cells like '$0' are read as numbers: 0" in signs.notes[-1]


def test_a_target_with_a_currency_is_a_value(tmp_path):
    generator = np.random.default_rng(0)
    size = generator.uniform(10, 90, 200)
    path = tmp_path / "t.csv"
    path.write_text("size;price\n" + "".join(f'{s:.1f} m²;"{1000 * s:,.0f} $"\n' for s in size), encoding="utf-8")
    table = read_table(path)
    assert find_target(table, "price").task == "regression"
    np.testing.assert_allclose(table.column("price").numbers(), np.round(1000 * size))
    fitted = fit_table(str(path), Options("price", training=Training(layers=(8,), networks=2, epochs=200)))
    assert fitted.metrics["test"]["r2"] > 0.9
    assert [r.kind for r in fitted.problem.reports] == ["number"]
    assert sum("are read as numbers" in note for note in fitted.problem.notes) == 2
