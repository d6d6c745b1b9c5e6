"""The ops beyond the neural ones against Keras: results, dtypes, gradients, inside a recording and outside."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import ops
from chainrule.errors import UnsupportedError
from chainrule.ir.tree import flatten

CASES = json.loads((Path(__file__).parents[1] / "golden" / "ops.json").read_text(encoding="utf-8"))["cases"]
COMPLEX = {"fft", "fft2", "ifft2", "irfft", "istft"}
SIGNS = {"svd", "eigh", "qr"}  # columns could as well have the other sign: compared by what they make up
WITH_NUMBERS = {"nonzero", "unique", "nextafter"}  # not inside a recording
LOOSE = {"istft", "fft", "erfc", "i0"}  # sums of many numbers, or series: float32 on both sides
CLOSE = {"rtol": 2e-5, "atol": 2e-6}  # both sides compute in float32


def made(value):
    if isinstance(value, dict) and "array" in value:
        return np.asarray(value["array"], value["dtype"])
    if isinstance(value, list) and not any(isinstance(v, (dict, list)) for v in value):
        return tuple(value)
    return [made(v) for v in value] if isinstance(value, list) else value


class Call:
    """One case: the op and what it is called with."""

    def __init__(self, case):
        self.case, self.name = case, case["op"]
        self.args = [made(v) for v in case["args"]]
        self.kwargs = {key: made(v) for key, v in case.get("kwargs", {}).items()}
        if self.name in COMPLEX:
            self.args[0] = tuple(self.args[0])

    def __call__(self, *arrays):
        """With these in place of the arrays among the arguments."""
        source = iter(arrays)
        args = [next(source) if isinstance(v, np.ndarray) and arrays else v for v in self.args]
        return flatten(getattr(ops, self.name)(*args, **self.kwargs))

    @property
    def arrays(self):
        return [v for v in self.args if isinstance(v, np.ndarray)]

    def check(self, found, **close):
        expected = self.case["expected"]
        assert len(found) == len(expected)
        if self.name in SIGNS and len(found) > 1:
            assert [np.shape(y) for y in found] == [np.shape(y) for y in expected]
            found, expected = alike(self.name, found), alike(self.name, expected)
        for y, wanted in zip(found, expected, strict=True):
            assert np.shape(y) == np.shape(wanted)
            if self.name == "istft":  # at the ends, where fewer stretches lie over one another, TensorFlow is not exact
                y, wanted = (np.asarray(t)[..., 8:-8] for t in (y, wanted))
            np.testing.assert_allclose(np.asarray(y), wanted, **(close or CLOSE))


def alike(name, parts):
    """Matrices whose columns may have either sign, as what does not depend on it."""
    parts = [np.asarray(p, float) for p in parts]
    if name == "eigh":
        values, vectors = parts
        return [values, vectors[..., :, None, :] * vectors[..., None, :, :]]
    if name == "qr":
        return [parts[0] @ np.eye(*parts[0].shape[-1:], parts[1].shape[-2]) @ parts[1], np.abs(parts[1])]
    u, s, vt = parts
    k = s.shape[-1]
    both = u[..., :, None, :k] * np.swapaxes(vt, -1, -2)[..., None, :, :k]
    rest = [t @ np.swapaxes(t, -1, -2) for t in (u[..., k:], np.swapaxes(vt, -1, -2)[..., k:])]
    return [s, both, *rest]


def label(case):
    kinds = ",".join(v["dtype"] for v in case["args"] if isinstance(v, dict))
    words = ",".join(f"{key}={v}" for key, v in case.get("kwargs", {}).items() if not isinstance(v, dict))
    return f"{case['op']}-{kinds}-{words}".replace(" ", "")


@pytest.mark.parametrize("case", CASES, ids=label)
def test_values_and_dtypes(case):
    call = Call(case)
    found = call()
    assert [str(np.asarray(y).dtype) for y in found] == case["dtypes"]
    slack = {"rtol": 1e-4, "atol": 1e-5} if "gradients" in case or call.name in LOOSE else {}
    call.check(found, **slack)


@pytest.mark.parametrize("case", [c for c in CASES if made(c["args"][0]) is not None and c["op"] not in WITH_NUMBERS
                                  and isinstance(made(c["args"][0]), np.ndarray)], ids=label)  # fmt: skip
def test_compiled_agrees(case):
    call = Call(case)
    if call.kwargs.get("strategy") == "beam_search" or (call.name.startswith("segment") and not call.kwargs):
        with pytest.raises(UnsupportedError):
            cr.compile(lambda *arrays: call(*arrays))(*call.arrays)
        return
    found = cr.compile(lambda *arrays: call(*arrays))(*call.arrays)
    for y, wanted in zip(flatten(found), call(), strict=True):
        assert y.dtype == wanted.dtype
        np.testing.assert_allclose(np.asarray(y), np.asarray(wanted), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", [c for c in CASES if "gradients" in c], ids=label)
def test_gradients(case):
    call = Call(case)

    def total(*arrays):
        parts = [ops.sum(y * y) * (k + 1.0) + ops.sum(ops.sin(y * y)) for k, y in enumerate(call(*arrays))]
        return sum(parts[1:], parts[0])

    found = cr.grad(total, argnums=tuple(range(len(call.arrays))))(*call.arrays)
    for g, wanted in zip(found, case["gradients"], strict=True):
        if call.name in ("cholesky", "eigh", "logdet"):  # of symmetric matrices: how it is split between both sides
            g, wanted = (np.asarray(t) + np.swapaxes(np.asarray(t), -1, -2) for t in (g, wanted))
        scale = float(np.abs(wanted).max())
        np.testing.assert_allclose(np.asarray(g), wanted, rtol=5e-3, atol=5e-4 * scale)


@pytest.mark.parametrize("name", ["eigh", "svd", "inv", "cholesky", "qr", "det"])
def test_second_derivatives_against_differences(name):
    rows = np.array([[2.0, 0.3, -0.4], [0.3, 1.1, 0.2], [-0.4, 0.2, 0.5]])
    way = np.array([[0.3, -0.2, 0.5], [-0.2, 0.1, 0.4], [0.5, 0.4, -0.6]])

    def along(t):
        parts = flatten(getattr(ops, name)(rows + t * way))
        return sum((ops.sum(ops.sin(y * y) * np.arange(1.0, y.size + 1).reshape(y.shape)) for y in parts), 0.0)

    slope = cr.grad(along)
    step = 1e-4
    first = (float(along(np.float64(step))) - float(along(np.float64(-step)))) / (2 * step)
    second = (float(slope(np.float64(step))) - float(slope(np.float64(-step)))) / (2 * step)
    np.testing.assert_allclose(float(slope(np.float64(0))), first, rtol=2e-5, atol=1e-7)
    np.testing.assert_allclose(float(cr.grad(slope)(np.float64(0))), second, rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize("shape", [(40, 40), (30, 12), (5, 17)])
def test_larger_matrices_in_double_precision(shape):
    x = np.random.default_rng(3).normal(size=shape)
    u, s, vt = (np.asarray(t) for t in ops.svd(x, full_matrices=False))
    np.testing.assert_allclose(s, np.linalg.svd(x, compute_uv=False), rtol=1e-9)
    np.testing.assert_allclose(u * s @ vt, x, atol=1e-11)
    q, r = (np.asarray(t) for t in ops.qr(x))
    np.testing.assert_allclose(q @ r, x, atol=1e-12)
    values, vectors = (np.asarray(t) for t in ops.eigh(x @ x.T))
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(len(values)), atol=1e-11)
    np.testing.assert_allclose(vectors * values @ vectors.T, x @ x.T, atol=1e-9)


def test_equal_eigenvalues_are_no_trouble():
    values, vectors = ops.eigh(np.eye(3) * 2.0)
    np.testing.assert_array_equal(np.asarray(values), [2.0, 2.0, 2.0])
    assert np.isfinite(np.asarray(cr.grad(lambda x: ops.sum(ops.eigh(x)[0] ** 2))(np.eye(3)))).all()
    np.testing.assert_allclose(np.asarray(vectors) @ np.asarray(vectors).T, np.eye(3), atol=1e-7)


@pytest.mark.parametrize("n", [1, 2, 17, 37, 97, 128, 360, 1000])
def test_fourier_against_numpy(n):
    x = np.random.default_rng(n).normal(size=(2, n))
    wanted = np.fft.fft(x[0] + 1j * x[1])
    re, im = ops.fft((x[0], x[1]))
    np.testing.assert_allclose(np.asarray(re) + 1j * np.asarray(im), wanted, atol=1e-12 * n)
    back = ops.irfft(ops.rfft(x), n)
    np.testing.assert_allclose(np.asarray(back), x, atol=1e-13 * n)


def test_stft_there_and_back():
    x = np.random.default_rng(0).normal(size=(2, 50))
    pair = ops.stft(x, 16, 4, 16)
    np.testing.assert_allclose(np.asarray(ops.istft(pair, 16, 4, 16, length=50)), x, atol=1e-12)


@pytest.mark.parametrize("reverse", [False, True])
def test_associative_scan(reverse):
    a, b = np.random.default_rng(1).normal(size=(2, 7, 3))
    combine = lambda x, y: (x[0] * y[0], y[0] * x[1] + y[1])  # noqa: E731
    found = ops.associative_scan(combine, (a, b), reverse=reverse)
    order = range(7)[::-1] if reverse else range(7)
    carry, wanted = None, {}
    for k in order:
        carry = (a[k], b[k]) if carry is None else combine(carry, (a[k], b[k]))
        wanted[k] = carry
    for part in (0, 1):
        np.testing.assert_allclose(np.asarray(found[part]), [wanted[k][part] for k in range(7)], rtol=1e-12)
    total = ops.associative_scan(lambda x, y: x + y, np.arange(12).reshape(3, 4), axis=1)
    np.testing.assert_array_equal(np.asarray(total), np.cumsum(np.arange(12).reshape(3, 4), 1))


def test_vectorize_with_a_signature():
    product = ops.vectorize(lambda x, y: ops.sum(x * y), signature="(n),(n)->()")
    x, y = np.random.default_rng(2).normal(size=(2, 4, 3))
    np.testing.assert_allclose(np.asarray(product(x, y[0])), (x * y[0]).sum(-1), rtol=1e-12)
    scaled = ops.vectorize(lambda x, k: x * k, excluded={1})
    np.testing.assert_array_equal(np.asarray(scaled(np.arange(3), 2)), [0, 2, 4])


def test_vectorized_map_on_trees():
    found = ops.vectorized_map(lambda t: {"s": t["a"] + t["b"]}, {"a": np.arange(3), "b": np.ones(3, int)})
    np.testing.assert_array_equal(np.asarray(found["s"]), [1, 2, 3])


def test_what_needs_numbers_says_so_inside_a_model():
    with pytest.raises(UnsupportedError, match=r"ops.nonzero: it needs the numbers themselves"):
        cr.compile(ops.nonzero)(np.ones(3))


def test_symbolic_shapes():
    x = cr.Input((6,))
    assert ops.quantile(x, [0.1, 0.5], axis=1).shape == (2, None)
    assert ops.fft((x, x))[0].shape == (None, 6)
    assert ops.diff(x).shape == (None, 5)
    assert ops.norm(x, axis=-1).shape == (None,)
    assert ops.stft(x, 4, 2, 4)[0].shape == (None, 4, 3)


def test_in_a_saved_model(tmp_path):
    i = cr.Input((4, 4))
    model = cr.Model(i, ops.trace(ops.inv(i + 5.0 * np.eye(4, dtype="float32")), axis1=1, axis2=2))
    x = np.random.default_rng(0).normal(size=(3, 4, 4)).astype("float32")
    model.save(tmp_path / "m.keras")
    wanted = np.trace(np.linalg.inv(x + 5 * np.eye(4)), axis1=1, axis2=2)
    np.testing.assert_allclose(cr.models.load_model(tmp_path / "m.keras").predict(x, verbose=0), wanted, rtol=1e-4)


@pytest.mark.parametrize(("name", "dtypes", "expected"), [
    ("floor", ["int32"], "float32"), ("ceil", ["int64"], "float32"), ("floor", ["bool"], "float32"),
    ("sum", ["int8"], "int32"), ("sum", ["int16"], "int32"), ("sum", ["uint8"], "uint32"), ("sum", ["bool"], "int32"),
    ("prod", ["int16"], "int32"), ("prod", ["uint8"], "uint32"), ("trace", ["uint8"], "uint32"),
    ("square", ["bool"], "int32"), ("square", ["int8"], "int8"), ("matmul", ["int8", "int8"], "int32"),
    ("matmul", ["bool", "bool"], "bool"), ("dot", ["bool", "bool"], "bool"), ("matmul", ["int8", "int16"], "int16"),
])  # fmt: skip
def test_dtypes_of_small_integers(name, dtypes, expected):
    """As Keras 3.15.1 on TensorFlow says; values as NumPy computes them in int64."""
    arrays = [np.array([[1, 0], [1, 1]], dtype) for dtype in dtypes]
    found = getattr(ops, name)(*arrays)
    wide = getattr(np, name)(*[a.astype("int64") for a in arrays])
    assert found.dtype == expected
    np.testing.assert_array_equal(np.asarray(found).astype("int64"), wide != 0 if expected == "bool" else wide)


def test_grids_of_both_kinds():
    for vectors in (([1, 2, 3], [4, 5]), ([1, 2], [3, 4, 5], [6, 7, 8, 9]), ([1, 2, 3],)):
        for indexing in ("xy", "ij"):
            found = ops.meshgrid(*vectors, indexing=indexing)
            for one, expected in zip(found, np.meshgrid(*vectors, indexing=indexing), strict=True):
                np.testing.assert_array_equal(one, expected)


@pytest.mark.parametrize(("shift", "axis"), [((1, 2), (0, 1)), (2, (0, 1)), ((-1, 4), [1, -2]), (3, None), (-1, 1)])
def test_rolling_along_several_axes(shift, axis):
    x = np.arange(12.0, dtype="float32").reshape(3, 4)
    np.testing.assert_array_equal(ops.roll(x, shift, axis), np.roll(x, shift, axis))
    known_later = np.asarray(shift, "int32")
    rolled = cr.compile(lambda x, shift: ops.roll(x, shift, axis))
    np.testing.assert_array_equal(rolled(x, known_later), np.roll(x, shift, axis))


def test_counting_as_far_as_there_are_numbers():
    assert ops.bincount([0, 1, 1, 3]).tolist() == [1, 2, 0, 1]
    assert ops.bincount([0, 1, 1, 3], minlength=6).tolist() == [1, 2, 0, 1, 0, 0]
    weights = [0.5, 1.0, 2.0, 4.0]
    np.testing.assert_allclose(ops.bincount([0, 1, 1, 3], weights=weights), np.bincount([0, 1, 1, 3], weights))


def test_where_alone_tells_the_positions():
    x = np.array([[1.0, -1.0], [-2.0, 3.0]])
    for found, expected in zip(ops.where(x > 0), np.where(x > 0), strict=True):
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match="both x1 and x2"):
        ops.where(x > 0, 1.0)


def test_full_is_of_floats_unless_told_otherwise():
    assert ops.full((2,), 7).dtype == "float32" and ops.full((2,), 7, "int32").dtype == "int32"
