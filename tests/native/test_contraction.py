"""Products of many shapes: tiles and their rests, packed and not, blocks of k and of rows, operands turned round."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.executors.native import compile_program
from chainrule.ir import TensorType
from chainrule.primitives import PRIMITIVES

from ..core.compare import program_of

SHAPES = [
    (1, 1, 1), (1, 7, 33), (3, 1, 5), (17, 5, 1), (4, 33, 2), (13, 31, 17), (32, 20, 64), (29, 16, 47), (33, 65, 70),
    (31, 700, 129), (97, 641, 161), (400, 330, 65), (2, 900, 300), (300, 900, 2), (45, 1300, 90), (700, 50, 700),
]  # fmt: skip


def product(x: np.ndarray, w: np.ndarray, **params: object) -> np.ndarray:
    canonical = PRIMITIVES["dot_general"].canonical(**params)
    types = [TensorType(a.dtype.name, a.shape) for a in (x, w)]
    return compile_program(program_of("dot_general", canonical, types))([x, w])[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turned", [(False, False), (False, True), (True, False), (True, True)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_matrices(shape: tuple[int, int, int], turned: tuple[bool, bool], dtype: str) -> None:
    m, k, n = shape
    rng = np.random.default_rng(0)
    a, b = rng.integers(-3, 4, (m, k)).astype(dtype), rng.integers(-3, 4, (k, n)).astype(dtype)  # sums are exact
    x, w = (np.ascontiguousarray(v.T) if t else v for v, t in zip((a, b), turned, strict=True))
    contract = ((0 if turned[0] else 1,), (1 if turned[1] else 0,))
    np.testing.assert_array_equal(product(x, w, contract=contract), a @ b)


@pytest.mark.parametrize("sizes", [(2, 3, 4, 5), (3, 40, 17, 50), (2, 70, 130, 600)], ids=str)
def test_batches_and_several_axes(sizes: tuple[int, int, int, int]) -> None:
    b, i, j, k = sizes
    rng = np.random.default_rng(0)
    x, w = rng.integers(-3, 4, (b, i, k)).astype("float32"), rng.integers(-3, 4, (b, j, k)).astype("float32")
    found = product(x, w, contract=((2,), (2,)), batch=((0,), (0,)))
    np.testing.assert_array_equal(found, np.einsum("bik,bjk->bij", x, w))
    found = product(x, w, contract=((0, 2), (0, 2)))
    np.testing.assert_array_equal(found, np.einsum("bik,bjk->ij", x, w))
    found = product(x, np.ascontiguousarray(w.transpose(2, 0, 1)), contract=((2,), (0,)))
    np.testing.assert_array_equal(found, np.einsum("bik,cjk->bicj", x, w))
