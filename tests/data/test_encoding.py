from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.data import DataWarning, Table, TableEncoder, inspect_columns, read_table
from chainrule.data.encoding import pieces_for
from chainrule.data.number_code import NumberCode
from chainrule.errors import ArgumentError, DataError, NotBuiltError


def encoder_of(table, target=None, pieces="auto", kinds=None):
    return TableEncoder(pieces).fit(table, inspect_columns(table, target, kinds), target)


def encode(train, new, **arguments):
    """(matrix, notes) of new rows, both tables given as dicts of columns."""
    notes: list[str] = []
    encoder = encoder_of(Table.from_columns(train), **arguments)
    return encoder.transform(Table.from_columns(new), notes), notes


def test_numbers_are_standardised_with_the_population_deviation():
    x = np.random.default_rng(0).normal(5, 3, 100)
    out, notes = encode({"x": x}, {"x": [5.0, 8.0]}, pieces=0)
    np.testing.assert_allclose(out[:, 0], (np.array([5, 8]) - x.mean()) / x.std(), rtol=1e-6)
    assert (out.dtype, out.shape, notes) == (np.float32, (2, 1), [])


def test_missing_numbers_become_the_median_and_say_so():
    encoder = encoder_of(Table.from_columns({"x": [1, 2, None, 9, 2.5, 3]}), pieces=0)
    assert encoder.feature_names == ["x", "x is missing"]
    out = encoder.transform(Table.from_columns({"x": [None, 2.5]}))
    assert out[:, 1].tolist() == [1, 0]
    assert out[0, 0] == out[1, 0]  # 2.5 is the median


def test_a_number_missing_only_in_new_rows_becomes_the_median():
    out, _ = encode({"x": [1, 2, 4]}, {"x": [None, 2]}, pieces=0)
    assert out[0].tolist() == out[1].tolist()


def test_outliers_are_cut_and_skewed_columns_bent():
    x = np.random.default_rng(0).normal(size=1000)
    out, _ = encode({"x": x}, {"x": [1e9, -1e30, 1e308]}, pieces=0)
    assert out[:, 0].tolist() == [5, -5, 5]
    skewed = np.exp(3 * x)
    bent, _ = encode({"x": skewed}, {"x": skewed}, pieces=0)
    median, (low, high) = np.median(skewed), np.quantile(skewed, [0.25, 0.75])
    z = np.arcsinh((skewed - median) / ((high - low) / 1.349))
    np.testing.assert_allclose(bent[:, 0], np.clip((z - z.mean()) / z.std(), -5, 5), rtol=1e-5, atol=1e-6)


def test_pieces_follow_the_quantiles():
    x = np.arange(100) + 0.5
    encoder = encoder_of(Table.from_columns({"x": x}), pieces=4)
    assert encoder.feature_names == [
        "x", "x in [0.5, 25.25]", "x in [25.25, 50]", "x in [50, 74.75]", "x in [74.75, 99.5]",
    ]  # fmt: skip
    out = encoder.transform(Table.from_columns({"x": [0.5, 50.0, 87.125, -9.0, 200.0]}))[:, 1:]
    progress = np.array([[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0.5], [0, 0, 0, 0], [1, 1, 1, 1]])
    train = np.clip((x[:, None] - np.array([0.5, 25.25, 50, 74.75])) / 24.75, 0, 1)
    np.testing.assert_allclose(out, 0.5 * (progress - train.mean(axis=0)), atol=1e-6)


def test_frequent_values_end_pieces_and_leave_the_others_to_the_rest():
    x = np.array([0.0] * 90 + [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5])
    assert NumberCode.fit_values("x", x, 4).edges == [0.0, 1.5, 4.5, 7.5, 10.5]


def test_few_whole_numbers_get_indicators():
    encoder = encoder_of(Table.from_columns({"x": [1, 2, 2, 4] * 20}))
    assert encoder.feature_names == ["x", "x=1", "x=2", "x=4"]
    out = encoder.transform(Table.from_columns({"x": [2, 3]}))
    np.testing.assert_allclose(out[:, 1:], [[-0.25, 0.5, -0.25], [-0.25, -0.5, -0.25]])


def test_how_many_pieces():
    by_rows = {10: 0, 40: 2, 100: 5, 614: 12, 3300: 16, 6000: 30, 16_000: 80, 10**6: 13}
    assert {rows: pieces_for(rows, 10) for rows in by_rows} == by_rows
    assert pieces_for(10**6, 28) == 4  # about half a GiB of float32
    assert pieces_for(60_000, 784) == 0
    with pytest.raises(ArgumentError, match="pieces"):
        TableEncoder(pieces=-1)


def test_zero_variance_in_training_is_safe():
    table = Table.from_columns({"x": [1.5] * 30 + [2.5, 3.5], "z": range(10, 74, 2)})
    reports = inspect_columns(table)
    encoder = TableEncoder().fit(table.take(np.arange(30)), reports)
    assert np.isfinite(encoder.transform(table)).all()
    assert (encoder.transform(table)[:30, 0] == 0).all()
    empty = Table.from_columns({"x": [None] * 30 + [2.5, 3.5], "z": range(10, 74, 2)})
    encoder = TableEncoder().fit(empty.take(np.arange(30)), inspect_columns(empty))
    assert np.isfinite(encoder.transform(empty)).all()


def test_categories_are_one_hot_with_other_and_missing():
    train = ["a"] * 60 + ["b"] * 40 + ["rare"] + [None] * 10
    encoder = encoder_of(Table.from_columns({"x": train * 3}))
    assert encoder.feature_names == ["x=a", "x=b", "x=rare", "x is missing"]
    train = ["a"] * 600 + ["b"] * 400 + ["r1", "r2"] + [None] * 10
    encoder = encoder_of(Table.from_columns({"x": train}))
    assert encoder.feature_names == ["x=a", "x=b", "x=other", "x is missing"]
    out = encoder.transform(Table.from_columns({"x": ["b", "r1", "new", None, "a"]}), notes := [])
    assert out.tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]]
    assert notes == []


def test_a_category_never_seen_is_an_average_one_and_said():
    out, notes = encode({"x": ["a", "a", "b", "a"] * 5}, {"x": ["c", None, "b"]})
    np.testing.assert_allclose(out, [[0.75, 0.25], [0.75, 0.25], [0, 1]])
    assert notes == ["column 'x': 1 cell is of no category seen in training ('c'); treated as an average one"]


def test_categories_match_in_other_spellings_of_a_number():
    out, notes = encode({"x": ["1", "2", "x"] * 10}, {"x": [1.0, 2.0]}, kinds={"x": "category"})
    assert out.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert notes == []


def test_a_thousand_categories_make_few_outputs():
    values = [f"c{i % 1000}" for i in range(50_000)]
    encoder = encoder_of(Table.from_columns({"x": values}))
    assert encoder.width == 64 + 64  # outputs of their own, and outputs that the others share
    x = encoder.transform(Table.from_columns({"x": [f"c{i}" for i in range(1000)]}))
    assert len(np.unique(x, axis=0)) > 980
    assert encoder.feature_names[-1] == "x hashed 64"


def test_yes_and_no_are_one_and_zero():
    train = {"x": ["no", "YES", "yes", None] * 5}
    encoder = encoder_of(Table.from_columns({"x": ["no", "yes", "yes", None] * 5}))
    assert encoder.feature_names == ["x=yes", "x is missing"]
    out, notes = encode({"x": ["no", "yes", "yes", None] * 5}, {"x": ["Yes", "no", None, "maybe"]})
    np.testing.assert_allclose(out, [[1, 0], [0, 0], [2 / 3, 1], [2 / 3, 1]], rtol=1e-6)
    assert notes == ["column 'x': 1 cell is neither 'no', 'yes' ('maybe'); missing"]
    assert encode(train, {"x": ["yes"]})[0][0, 0] == 1
    assert encode({"x": [0, 1, 1]}, {"x": [1, 0]})[0].tolist() == [[1], [0]]


def test_dates_become_days_and_cycles():
    days = [f"2024-{1 + i % 12:02}-{1 + i % 28:02} {i % 24:02}:00" for i in range(100)]
    encoder = encoder_of(Table.from_columns({"when": days}), pieces=0)
    waves = [f"when {f}({c})" for c in ("year", "week", "day") for f in ("sin", "cos")]
    assert encoder.feature_names == ["when", *waves]
    new = Table.from_columns({"when": ["2024-01-01 06:00", "soon"]})
    out = encoder.transform(new, notes := [])
    np.testing.assert_allclose(out[0, 5:], [1, 0], atol=1e-6)  # 6 o'clock is a quarter of the day
    np.testing.assert_allclose(out[0, 3:5], [np.sin(np.pi / 14), np.cos(np.pi / 14)], atol=1e-6)  # Monday, 6 o'clock
    assert (out[1, 1:] == 0).all()
    assert notes == ["row 2, column 'when': 'soon' is no date like 2024-05-31 (1 such cells); missing"]
    monthly = Table.from_columns({"when": [f"{1949 + i // 12}-{1 + i % 12:02}" for i in range(60)]})
    assert encoder_of(monthly, pieces=0).feature_names == ["when", "when sin(year)", "when cos(year)"]


TRAIN = {"age": [20.5, 30, 40, 35], "sex": ["m", "f", "f", "m"], "y": [0, 1, 1, 0]}


def test_columns_match_by_name_in_any_order():
    encoder = encoder_of(Table.from_columns(TRAIN), "y")
    one = encoder.transform(Table.from_columns({"age": [30], "sex": ["f"]}))
    other = encoder.transform(Table.from_columns({"extra": ["?"], "sex": ["f"], "age": [30]}))
    np.testing.assert_array_equal(one, other)
    assert encoder.columns == ["age", "sex"]
    assert encoder.feature_columns == ["age", "sex", "sex"]


def test_missing_columns_are_named():
    encoder = encoder_of(Table.from_columns(TRAIN), "y")
    with pytest.raises(DataError, match=r"the column 'age'.* is missing\. For 'age': did you mean 'Age'\?"):
        encoder.transform(Table.from_columns({"Age": [30], "sex": ["f"]}))
    with pytest.raises(DataError, match=r"the columns 'age', 'sex'.* are missing"):
        encoder.transform(Table.from_columns({"y": [30]}))


@pytest.fixture
def headerless(tmp_path):
    def write(text):
        (tmp_path / "t.csv").write_text(text)
        return read_table(tmp_path / "t.csv", header=False)

    return write


def test_without_header_columns_match_by_position(headerless):
    train = headerless("0,1.5,a\n1,2.5,b\n1,3.5,a\n0,4.5,a\n")
    encoder = encoder_of(train, "column_1")
    with_target = encoder.transform(headerless("1,2.5,b\n"))
    without = encoder.transform(headerless("2.5,b\n"))
    np.testing.assert_array_equal(with_target, without)
    with pytest.raises(DataError, match=r"training had 2 or 3 \(with or without the target\); got 4"):
        encoder.transform(headerless("1,2.5,b,c\n"))
    named = Table.from_columns({"size": [2.5], "kind": ["b"]})
    np.testing.assert_array_equal(encoder.transform(named, notes := []), without)
    assert notes == ["the training table had no header: its columns were matched by position"]


def test_a_headerless_file_for_a_model_with_names(headerless):
    encoder = encoder_of(Table.from_columns(TRAIN), "y")
    expected = encoder.transform(Table.from_columns({"age": [30], "sex": ["f"]}))
    np.testing.assert_array_equal(encoder.transform(headerless("30,f\n")), expected)


def test_text_in_a_number_column_of_new_rows_is_missing_and_warned_about():
    encoder = encoder_of(Table.from_columns(TRAIN), "y")
    new = Table.from_columns({"age": ["31", "old", "inf"], "sex": ["f"] * 3})
    with pytest.warns(DataWarning, match=r"2 cells are no numbers: 'old' \(row 2\), 'inf' \(row 3\)"):
        out = encoder.transform(new)
    assert np.isfinite(out).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder.transform(new, notes := [])
    assert len(notes) == 1


def test_config_round_trip_through_json():
    table = Table.from_columns(
        {
            "n": [*np.random.default_rng(1).exponential(size=99), None],
            "k": ["a", "b", "c", "d"] * 25,
            "b": ["yes", "no"] * 50,
            "w": [1, 2, 3, 5] * 25,
            "t": [f"2024-{1 + i % 12:02}-{1 + i % 28:02}" for i in range(100)],
            "y": [0, 1] * 50,
        }
    )
    encoder = encoder_of(table, "y")
    config = json.loads(json.dumps(encoder.to_config(), allow_nan=False))
    again = TableEncoder.from_config(config)
    assert again.feature_names == encoder.feature_names
    assert again.to_config() == config
    np.testing.assert_array_equal(again.transform(table), encoder.transform(table))
    with pytest.raises(DataError, match="not the config of a TableEncoder"):
        TableEncoder.from_config({"pieces": 0})
    with pytest.raises(DataError, match="not the config"):
        TableEncoder.from_config({**config, "codes": [{"kind": "number"}]})


def test_use_before_fit_and_fit_on_nothing():
    table = Table.from_columns({"x": [1.5, 2.5, 3.5]})
    with pytest.raises(NotBuiltError, match="fit first"):
        TableEncoder().transform(table)
    with pytest.raises(DataError, match="no training rows"):
        TableEncoder().fit(table.take(np.arange(0)), inspect_columns(table))


def test_no_rows_make_an_empty_matrix():
    encoder = encoder_of(Table.from_columns(TRAIN), "y")
    assert encoder.transform(Table.from_columns(TRAIN).take(np.arange(0))).shape == (0, encoder.width)


CELLS = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-5, 5),
    st.sampled_from(["a", "b", "", "?", "yes", "no", "2024-01-01", "1e999", "-inf", "1.0"]),
    st.text(max_size=3),
)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS, st.floats(-10, 10)), min_size=1, max_size=30), cut=st.integers(1, 30))
def test_whatever_the_cells_hold_the_matrix_is_finite(rows, cut):
    first, second, third = zip(*rows, strict=True)
    table = Table.from_columns({"a": first, "b": second, "c": third})
    try:
        reports = inspect_columns(table, kinds={"c": "number"})
    except DataError:
        return
    for pieces in ("auto", 4):
        encoder = TableEncoder(pieces).fit(table.take(np.arange(min(cut, len(rows)))), reports)
        out = encoder.transform(table, [])
        assert np.isfinite(out).all()
        config = json.loads(json.dumps(encoder.to_config(), allow_nan=False))
        np.testing.assert_array_equal(TableEncoder.from_config(config).transform(table, []), out)
