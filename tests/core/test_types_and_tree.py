"""Types and nested structures."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

import numpy as np
import pytest

from chainrule.errors import ArgumentError, DTypeError, ShapeError
from chainrule.ir import DTYPES, TensorType, dtype_name, type_of
from chainrule.ir.tree import flatten, map_structure, structure, unflatten

Pair = namedtuple("Pair", "x y")


def test_a_type_is_a_dtype_and_a_shape() -> None:
    t = TensorType("float32", (2, 0, 3))
    assert (t.rank, t.size, str(t)) == (3, 0, "float32[2,0,3]") and str(TensorType("bool", ())) == "bool[]"
    assert t == TensorType("float32", (2, 0, 3)) != TensorType("float64", (2, 0, 3)) and len({t, t}) == 1
    assert t.with_shape([4]) == TensorType("float32", (4,)) and t.with_dtype("int8").dtype == "int8"
    with pytest.raises(DTypeError, match="expected a dtype among bool, int8"):
        TensorType("float", ())
    for shape in ((-1,), (2.0,), (None,), ("2",)):
        with pytest.raises(ShapeError, match="non-negative integers"):
            TensorType("float32", shape)


@pytest.mark.parametrize("dtype", DTYPES)
def test_names_of_dtypes(dtype: str) -> None:
    for form in (dtype, np.dtype(dtype), np.dtype(dtype).type):
        assert dtype_name(form) == dtype
    assert type_of(np.zeros((1, 2), dtype)) == TensorType(dtype, (1, 2))


def test_what_is_no_dtype() -> None:
    assert dtype_name(bool) == "bool" and dtype_name(float) == "float64"
    for form in ("float128", "text", object(), np.complex64, "O", 3):
        with pytest.raises(DTypeError, match="expected a dtype among"):
            dtype_name(form)


TREES = [1, None, [], [1, (2, None)], {"b": 1, "a": [2, 3]}, Pair(1, {"x": 2}), OrderedDict(z=1, a=2), ({}, [()])]


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_trees_come_apart_and_together(tree: object) -> None:
    leaves = flatten(tree)
    again = unflatten(tree, leaves)
    assert again == tree and flatten(again) == leaves and structure(again) == structure(tree)
    if isinstance(tree, Pair):
        assert isinstance(again, Pair)


def test_trees_of_another_structure() -> None:
    assert map_structure(lambda a, b: (a, b), {"x": [1]}, {"x": [2]}) == {"x": [(1, 2)]}
    assert structure([1]) != structure((1,)) != structure({"a": 1}) and structure([1]) != structure([None])
    with pytest.raises(ArgumentError, match="trees of one structure"):
        map_structure(lambda a, b: a, [1], [1, 2])
    with pytest.raises(ArgumentError, match="more leaves than places"):
        unflatten([0], [1, 2])
    with pytest.raises(ArgumentError, match="fewer leaves than places"):
        unflatten([0, 0], [1])
