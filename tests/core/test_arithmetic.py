"""What stands in front of the primitives: promotion, broadcasting, operators, matrix products."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from chainrule import config
from chainrule.errors import DTypeError, ShapeError
from chainrule.ir import DTYPES, FLOAT, NARROW, Tensor, evaluate, trace, type_of
from chainrule.primitives import arithmetic as a


@pytest.mark.parametrize("first", DTYPES)
def test_promotion_is_symmetric_and_holds_both(first: str) -> None:
    for second in DTYPES:
        result = a.result_type(first, second)
        assert result == a.result_type(second, first)
        assert a.result_type(first, first) == first and a.result_type("bool", first) == first
        if first in FLOAT or second in FLOAT:
            floats = [d for d in FLOAT if d in (first, second)]
            wider = "float32" if set(floats) == set(NARROW) else floats[-1]
            assert result == wider  # the wider float, whatever the width of an integer
        elif {first, second} != {"uint64"} and not ("uint64" in (first, second) and "int" in (first[:3], second[:3])):
            assert np.can_cast(first, result) and np.can_cast(second, result)


@pytest.mark.parametrize(
    ("operands", "expected"),
    [
        (("int8", "uint8"), "int16"), (("int32", "uint32"), "int64"), (("int8", "uint64"), "float32"),
        (("float16", "int64"), "float16"), (("float16", "float64"), "float64"), (("bool", "uint8"), "uint8"),
        ((1, 2), "int32"), ((1, 2.0), "float32"), ((True, False), "bool"), ((True, 1), "int32"),
        (("uint8", 1), "uint8"), (("uint8", 1.5), "float32"), (("bool", 1), "int32"), (("bool", 1.0), "float32"),
        (("float16", 1e10), "float16"), (("float16", np.float64(2)), "float16"), (("float64", 1), "float64"),
        (("int64", True), "int64"), (("bfloat16", "float16"), "float32"), (("bfloat16", "int64"), "bfloat16"),
        (("bfloat16", "float32"), "float32"), (("bfloat16", 2.5), "bfloat16"),
    ],
)  # fmt: skip
def test_promotion_table(operands: tuple[Any, ...], expected: str) -> None:
    assert a.result_type(*operands) == a.result_type(*operands[::-1]) == expected


def test_promotion_follows_floatx() -> None:
    config.set_floatx("float64")
    try:
        assert a.result_type("int32", 1.5) == a.result_type(1.5) == "float64"
        assert a.as_operand([1.5]).dtype == a.divide(np.array(1), np.array(2)).dtype == "float64"
    finally:
        config.set_floatx("float32")


def test_operands_from_everything() -> None:
    for value, dtype, shape in (
        (1, "int32", ()), (1.5, "float32", ()), (True, "bool", ()), ([1, 2], "int32", (2,)),
        ([[1.0], [2]], "float32", (2, 1)),
        (np.float64(2), "float64", ()), (np.arange(3), "int64", (3,)), ((), "float32", (0,)),
        ([Tensor(np.float32(1)), Tensor(np.float32(2))], "float32", (2,)),
    ):  # fmt: skip
        found = a.as_operand(value)
        assert (found.dtype, found.shape) == (dtype, shape), value
    assert a.as_operand([1, 2], "float16").dtype == "float16"
    with pytest.raises(ShapeError, match="rows of one length"):
        a.as_operand([[1, 2], [3]])
    for text in ("a", ["a", "b"], [None]):
        with pytest.raises(DTypeError, match="expected numbers"):
            a.as_operand(text)


_OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
]  # fmt: skip


@pytest.mark.parametrize("op", _OPERATORS, ids=lambda f: f.__name__)
def test_operators_agree_with_numpy_in_all_combinations(op: Any) -> None:
    x = np.array([[1, 2.5, 3], [0.5, 2, 4]], "float32")
    row = np.array([1, 2, 3], "float32")
    for left, right in ((x, row), (row, x), (x, 2), (2, x), (x, 2.5), (x, row[:1]), (x, np.float64(1.5))):
        expected = np.asarray(op(left, right))
        expected = expected.astype("float32") if expected.dtype.kind == "f" else expected
        found = op(*(Tensor(v) if isinstance(v, np.ndarray) else v for v in (left, right)))
        assert isinstance(found, Tensor) and found.dtype == expected.dtype
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)
        arrays = [v for v in (left, right) if isinstance(v, np.ndarray)]

        def recorded(*tensors: Tensor, pair: tuple = (left, right)) -> list[Tensor]:
            rest = list(tensors)
            return [op(*(rest.pop(0) if isinstance(v, np.ndarray) else v for v in pair))]

        program, _ = trace(recorded, [type_of(v) for v in arrays])
        np.testing.assert_array_equal(evaluate(program, arrays)[0], found.numpy())


@pytest.mark.parametrize("op", [operator.and_, operator.or_, operator.xor], ids=lambda f: f.__name__)
def test_bit_operators(op: Any) -> None:
    for x, w in ((np.array([True, False]), np.array([True, True])), (np.array([5, 6]), np.array([3, 4]))):
        assert op(Tensor(x), Tensor(w)).tolist() == op(x, w).tolist() == op(Tensor(x), w).tolist()
    assert (~Tensor(np.array([True]))).tolist() == [False] and (-Tensor(np.array([1]))).tolist() == [-1]
    assert abs(Tensor(np.array([-2]))).tolist() == [2] and (+Tensor(np.array([-2]))).tolist() == [-2]


def test_division_of_integers_is_true() -> None:
    found = Tensor(np.array([1, 2], "int32")) / Tensor(np.array([2, 2], "int32"))
    assert found.dtype == "float32" and found.tolist() == [0.5, 1]


@pytest.mark.parametrize("exponent", [1, 2, 3, 4, 2.0, 5, 0, -1, 0.5])
def test_powers(exponent: float) -> None:
    x = np.array([-2.0, 0.5, 3.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose((Tensor(x) ** exponent).numpy(), x**exponent, rtol=1e-15)
    if isinstance(exponent, int) and exponent >= 0:
        whole = Tensor(np.array([-3, 2], "int32")) ** exponent
        assert whole.dtype == "int32" and whole.tolist() == [(-3) ** exponent, 2**exponent]
    assert (2 ** Tensor(np.array([1.0, 3.0]))).tolist() == [2, 8]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (3,)),
        ((3,), (5, 3, 2)), ((5, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4)), ((6, 1, 2, 3), (5, 3, 4)), ((2, 0), (0, 3)),
        ((2, 3), (5, 3, 4)),
    ],
)  # fmt: skip
def test_matmul_agrees_with_numpy(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(left), rng.standard_normal(right)
    np.testing.assert_allclose((Tensor(x) @ Tensor(w)).numpy(), x @ w, rtol=1e-13)


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match=r"expected shapes that broadcast together; got \(2,\) and \(3,\)"):
        Tensor(np.ones(2)) + Tensor(np.ones(3))
    with pytest.raises(ShapeError, match=r"broadcasts to \(3,\); got \(2,\)"):
        a.broadcast_to(Tensor(np.ones(2)), (3,))
    with pytest.raises(ShapeError, match="matmul: expected operands with at least one axis"):
        a.matmul(np.float32(1), np.ones(2))
    with pytest.raises(ShapeError, match=r"dot_general C3: expected contracted axes of equal sizes; got \(3,\) of"):
        a.matmul(np.ones((2, 3)), np.ones((4, 2)))


def test_broadcasting_and_filling() -> None:
    assert a.broadcast_to(Tensor(np.arange(3)[:, None]), (2, 3, 2)).numpy()[1].tolist() == [[0, 0], [1, 1], [2, 2]]
    x = Tensor(np.ones(2))
    assert a.broadcast_to(x, (2,)) is x and a.cast(x, "float64") is x
    assert a.full((2, 0), 1, "int8").shape == (2, 0) and a.full((), 3, "int8").item() == 3
    assert a.zeros_like(x).tolist() == [0, 0] and a.broadcast_shape((3, 1), (2,), ()) == (3, 2)
