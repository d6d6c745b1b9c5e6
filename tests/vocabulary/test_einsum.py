"""`ops.einsum` against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import ops
from chainrule.autodiff import pull_back
from chainrule.errors import ShapeError
from chainrule.ir import Tensor, trace
from chainrule.ops import KerasTensor

EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ba", (2, 3)), ("ij->", (2, 3)), ("abc->b", (2, 3, 4)),
    ("abc->cab", (2, 3, 4)), ("i,j->ij", (2,), (3,)), ("i,i", (3,), (3,)), (",ij->ij", (), (2, 3)),
    ("ii", (3, 3)), ("ii->i", (3, 3)), ("iji->j", (3, 2, 3)), ("iii->i", (3, 3, 3)), ("aab,bc->ac", (2, 2, 3), (3, 4)),
    ("...x,xy->...y", (2, 5, 3), (3, 4)), ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)), ("i...->...", (2, 3, 4)),
    ("...", (2, 3)), ("a...b,b...->a...", (2, 3, 4), (4, 3)), ("bhqd,bhkd->bhqk", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("ab,bc,cd->ad", (2, 3), (3, 4), (4, 5)), ("ij,ij,ij->ij", (2, 3), (2, 3), (2, 3)), ("ab,cb->", (2, 3), (4, 3)),
    ("ab,ab->ba", (2, 3), (2, 3)), ("ij,jk,kl,lm->im", (2, 9), (9, 3), (3, 9), (9, 2)), ("ab,b->ab", (2, 0), (0,)),
]  # fmt: skip


@pytest.mark.parametrize("equation, shapes", [(e, s) for e, *s in EQUATIONS], ids=[e for e, *_ in EQUATIONS])
def test_values(equation, shapes):
    random = np.random.default_rng(0)
    arrays = [random.standard_normal(shape) for shape in shapes]
    found = np.asarray(ops.einsum(equation, *arrays))
    expected = np.einsum(equation, *arrays)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_sizes_of_one_are_repeated_and_dtypes_promoted():
    found = ops.einsum("ij,ij->ij", np.ones((1, 3), "float32"), np.full((2, 3), 2, "int32"))
    assert found.dtype == "float32" and found.tolist() == [[2.0] * 3] * 2


def test_symbolic_tensors():
    assert ops.einsum("...x,xy->...y", KerasTensor((None, 5, 3)), np.ones((3, 4), "float32")).shape == (None, 5, 4)


def test_gradient_of_a_diagonal_and_a_product():
    x, w = np.arange(9.0).reshape(3, 3), np.arange(3.0)
    program, captured = trace(lambda a, b: [ops.einsum("ii,i->", a, b)], [Tensor(x).type, Tensor(w).type])
    _, (by_x, by_w) = pull_back(program, [Tensor(x), Tensor(w), *captured], [Tensor(np.float64(1))], [0, 1])
    np.testing.assert_array_equal(by_x, np.diag(w))
    np.testing.assert_array_equal(by_w, np.diag(x))


@pytest.mark.parametrize("equation, shapes, message", [
    ("ij,jk->ik", [(2, 3), (2, 3)], r"'ij,jk->ik': expected one size for 'j'; got 3 and 2 in shapes \(2, 3\) and"),
    ("ij->ik", [(2, 3)], "expected each letter of the result once, and in an operand"),
    ("ij->ii", [(2, 2)], "expected each letter of the result once"),
    ("ij", [(3,)], r"expected 'ij' to name the axes of its operand; got shape \(3,\)"),
    ("ij", [(3, 3, 3)], "expected 'ij' to name the axes"),
    ("ij,jk", [(2, 2)], "expected one term an operand; got 2 in 'ij,jk' for 1"),
])  # fmt: skip
def test_what_does_not_fit_is_said(equation, shapes, message):
    with pytest.raises(ShapeError, match=message):
        ops.einsum(equation, *[np.ones(shape) for shape in shapes])
