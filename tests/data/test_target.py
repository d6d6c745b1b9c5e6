from __future__ import annotations

import numpy as np
import pytest

from chainrule.data import Table, Target, find_target, read_table, resolve_target
from chainrule.errors import ArgumentError, DataError


def table_of(values, name="y"):
    return Table.from_columns({"x": range(len(values)), name: values})


@pytest.mark.parametrize(
    ("values", "task", "labels"),
    [
        (["spam", "ham"] * 5, "binary", ("ham", "spam")),
        (["yes", "no"] * 5, "binary", ("no", "yes")),
        (["+", "-"] * 5, "binary", ("-", "+")),
        ([True, False] * 5, "binary", ("False", "True")),
        ([1, 0] * 5, "binary", ("0", "1")),
        ([2.5, 0.5] * 5, "binary", ("0.5", "2.5")),
        (["c", "a", "b"] * 5, "multiclass", ("a", "b", "c")),
        ([10, 9, 2] * 5, "multiclass", ("2", "9", "10")),
        (["01", "02", "03"] * 5, "multiclass", ("01", "02", "03")),
        (["None", "mild", "severe"] * 5, "multiclass", ("None", "mild", "severe")),
        (["0", "1", "unknown"] * 5, "multiclass", ("0", "1", "unknown")),
        ([1, 2, 3, 4], "regression", ()),
        ([0.5, 1.5, 2.5] * 5, "regression", ()),
        (list(range(21)) * 10, "regression", ()),
        (list(range(20)) * 10, "multiclass", tuple(str(i) for i in range(20))),
        ([str(i / 7) for i in range(200)] + ["n.a."], "regression", ()),
    ],
)
def test_tasks_and_labels(values, task, labels):
    target = find_target(table_of(values), "y")
    assert (target.task, target.labels) == (task, labels)
    assert target.is_classification is (task != "regression")
    assert target.reason


def test_the_task_can_be_chosen():
    table = table_of([1, 2, 3] * 10)
    assert find_target(table, "y", "regression").task == "regression"
    assert find_target(table_of(list(range(25)) * 3), "y", "classification").task == "multiclass"
    assert "--task classification" in find_target(table_of(list(range(25)) * 3), "y").reason
    with pytest.raises(DataError, match="'binary' needs two labels; 'y' has 3"):
        find_target(table, "y", "binary")
    with pytest.raises(DataError, match=r"row 1, column 'y': regression needs numbers; got 'a'"):
        find_target(table_of(["a", "b"] * 5), "y", "regression")
    with pytest.raises(ArgumentError, match="Did you mean 'regression'"):
        find_target(table, "y", "regresion")


def test_the_target_can_be_named_or_counted():
    table = Table.from_columns({"a": [1], "b": [2], "2": [3]})
    assert [resolve_target(table, t) for t in ("a", 1, "1", "first", "last", "-1", -2, 3)] == [
        "a", "a", "a", "a", "2", "2", "b", "2",
    ]  # fmt: skip
    assert resolve_target(table, "2") == "2"  # a name goes before a position
    for wrong in ("0", "4", "-4"):
        with pytest.raises(DataError, match="no column"):
            resolve_target(table, wrong)


def test_a_wrong_target(tmp_path):
    with pytest.raises(DataError, match=r"no column 'lable' for the target\. Did you mean 'label'\?"):
        find_target(table_of([0, 1], "label"), "lable")
    (tmp_path / "t.csv").write_text("1,0\n2,1\n3,0\n")
    with pytest.raises(DataError, match="no header: name the target by its position"):
        find_target(read_table(tmp_path / "t.csv"), "label")


def test_targets_that_teach_nothing():
    with pytest.raises(DataError, match="one value only"):
        find_target(table_of(["a"] * 10), "y")
    with pytest.raises(DataError, match="one value only"):
        find_target(table_of([3.5] * 10), "y")
    with pytest.raises(DataError, match="one value only"):
        find_target(table_of([3.5] * 10), "y", "regression")
    with pytest.raises(DataError, match="every cell of the target column 'y' is missing"):
        find_target(table_of([None, "NA", "?"]), "y")
    with pytest.raises(DataError, match="10 different values in every row"):
        find_target(table_of([f"t{i}" for i in range(10)]), "y")


def test_encoding_classes_drops_rows_without_target():
    table = table_of(["b", None, "a", "b", "NA"])
    target = find_target(table, "y")
    encoded = target.encode(table)
    assert encoded.rows.tolist() == [0, 2, 3]
    assert encoded.values.tolist() == [1, 0, 1]
    assert encoded.values.dtype == np.int64
    assert encoded.notes == ("2 rows have no target ('y') and cannot be used",)


def test_encoding_values():
    table = table_of([str(i / 7) for i in range(200)] + ["", "inf", "n.a."])
    encoded = find_target(table, "y").encode(table)
    assert len(encoded.rows) == 200
    assert encoded.values[14] == 2.0
    assert "3 rows have no target" in encoded.notes[0]
    assert "'inf' (row 202), 'n.a.' (row 203)" in encoded.notes[1]


def test_two_spellings_of_one_number_are_one_class():
    table = table_of(["1", "0", "1.0", "1", "0"])
    target = find_target(table, "y")
    assert target.labels == ("0", "1")
    assert target.encode(table).values.tolist() == [1, 0, 1, 1, 0]


def test_labels_of_another_file():
    target = Target("y", "binary", ("<=50K", ">50K"))
    encoded = target.encode(table_of([">50K.", "<=50k .", ">50K"]))
    assert encoded.values.tolist() == [1, 0, 1]
    assert "'>50K.' as '>50K'" in encoded.notes[0]
    with pytest.raises(DataError, match=r"expected the labels '<=50K', '>50K' of the training data; got '>90K'"):
        target.encode(table_of([">50K.", ">90K"]))
    assert Target("y", "binary", ("0", "1")).encode(table_of([1.0, 0.0])).values.tolist() == [1, 0]
    with pytest.raises(DataError, match="no row has a value in the target column"):
        target.encode(table_of([None]))
    with pytest.raises(DataError, match="got 'A'"):
        Target("y", "multiclass", ("a", "b", "B")).encode(table_of(["A", "b"]))  # case tells classes apart here


def test_config_round_trip():
    import json

    target = find_target(table_of(["a", "b"] * 3), "y")
    assert Target.from_config(json.loads(json.dumps(target.to_config()))) == target


def test_codes_are_classes_and_quantities_are_not():
    g = np.random.default_rng(0)
    shares = g.dirichlet(np.full(23, 0.3))
    codes = np.concatenate([np.arange(23), g.choice(23, 20_000, p=shares)])
    assert find_target(Table.from_columns({"y": codes}), "y").task == "multiclass"
    for values in (g.poisson(12, 20_000), g.integers(0, 24, 20_000), g.geometric(0.1, 20_000), codes * 2):
        assert find_target(Table.from_columns({"y": values}), "y").task == "regression"
    assert find_target(Table.from_columns({"y": codes[:1000]}), "y").task == "regression"  # too few rows to say



def test_labels_that_differ_in_capitals_and_spaces_only_are_one():
    table = Table.from_columns({"y": ["yes"] * 5 + ["Yes", "YES ", "no", "No", "no"]})
    target = find_target(table, "y")
    assert (target.task, target.labels) == ("binary", ("no", "yes"))
    encoded = target.encode(table)
    assert encoded.values.tolist() == [1] * 7 + [0] * 3
    assert "'Yes' as 'yes'" in encoded.notes[0]
    assert find_target(Table.from_columns({"y": list("aAbB") * 3}), "y").labels == ("A", "B", "a", "b")


def test_infinite_values_do_not_make_a_value_a_class():
    table = Table.from_columns({"y": [str(i / 7) for i in range(60)] + ["inf"] * 10})
    target = find_target(table, "y")
    assert target.task == "regression" and len(target.encode(table).rows) == 60


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_values_whose_squares_are_no_numbers_are_refused(size):
    with pytest.raises(DataError, match="Give it in another unit, or its logarithm"):
        find_target(Table.from_columns({"y": [size * i / 7 for i in range(60)]}), "y")
