"""Normalisation, multi-hot codes and cross-entropy of `chainrule.ops`, against formulas written in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import ops
from chainrule.autodiff import reverse
from chainrule.errors import ArgumentError, ShapeError
from chainrule.executors.reference import compile_program
from chainrule.ir import trace, type_of

X = np.random.default_rng(0).normal(1, 3, (4, 3, 5))


def assert_gradients(function, *arrays):
    """Every input's derivative, by central differences along one random direction."""
    random = np.random.default_rng(1)
    program, _ = trace(lambda *tensors: [function(*tensors)], [type_of(a) for a in arrays])
    y = compile_program(program)(arrays)[0]
    cotangent = random.normal(size=y.shape)
    gradients = compile_program(reverse(program, range(len(arrays))))([*arrays, cotangent])[1:]
    directions = [random.normal(size=a.shape) for a in arrays]
    ahead, behind = (
        compile_program(program)([a + s * d for a, d in zip(arrays, directions, strict=True)])[0] for s in (1e-6, -1e-6)
    )
    numeric = np.sum(cotangent * (ahead - behind)) / 2e-6
    assert sum(np.sum(g * d) for g, d in zip(gradients, directions, strict=True)) == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_batch_normalization(axis):
    n = X.shape[axis]
    mean, variance, offset, scale = (np.linspace(1, 2, n) + k for k in range(4))
    shape = [n if a == axis % 3 else 1 for a in range(3)]
    m, v, o, s = (t.reshape(shape) for t in (mean, variance, offset, scale))
    expected = (X - m) / np.sqrt(v + 1e-3) * s + o
    np.testing.assert_allclose(ops.batch_normalization(X, mean, variance, axis, offset, scale), expected, rtol=1e-12)
    np.testing.assert_allclose(ops.batch_normalization(X, mean, variance, axis), (expected - o) / s, rtol=1e-12)
    assert_gradients(lambda *t: ops.batch_normalization(t[0], t[1], t[2], axis, t[3], t[4]), X, mean, variance, offset,
                     scale)  # fmt: skip


@pytest.mark.parametrize("axis", [0, -1, (1, 2), [-1, 1]])
def test_layer_and_rms_normalization(axis):
    axes = tuple(sorted(a % 3 for a in np.atleast_1d(axis).tolist()))
    shape = tuple(X.shape[a] for a in axes)
    gamma, beta = np.linspace(1, 2, np.prod(shape)).reshape(shape), np.linspace(-1, 1, np.prod(shape)).reshape(shape)
    wide = [X.shape[a] if a in axes else 1 for a in range(3)]
    centred = (X - X.mean(axes, keepdims=True)) / np.sqrt(X.var(axes, keepdims=True) + 0.1)
    expected = centred * gamma.reshape(wide) + beta.reshape(wide)
    np.testing.assert_allclose(ops.layer_normalization(X, gamma, beta, axis, epsilon=0.1), expected, rtol=1e-10)
    expected = X / np.sqrt((X**2).mean(axes, keepdims=True) + 1e-7) * gamma.reshape(wide)
    np.testing.assert_allclose(ops.rms_normalization(X, gamma, axis), expected, rtol=1e-10)
    assert_gradients(lambda x, g, b: ops.layer_normalization(x, g, b, axis), X, gamma, beta)
    assert_gradients(lambda x, g: ops.rms_normalization(x, g, axis), X, gamma)


def test_normalization_errors():
    with pytest.raises(ShapeError, match=r"layer_normalization: expected shape \(5,\) for axes \(2,\)"):
        ops.layer_normalization(X, gamma=np.ones(4))
    with pytest.raises(ShapeError, match=r"batch_normalization: expected shape \(3,\)"):
        ops.batch_normalization(X, np.ones(5), np.ones(5), 1)


@pytest.mark.parametrize("order", [1, 2, 3, np.inf])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_normalize(order, axis):
    expected = X / np.linalg.norm(X, order, axis=axis, keepdims=True)
    np.testing.assert_allclose(ops.normalize(X, axis, order), expected, rtol=1e-10)
    assert not ops.normalize(np.zeros((2, 3)), axis=1, order=order).numpy().any()


def test_moments():
    mean, variance = ops.moments(X, (0, 2))
    np.testing.assert_allclose(mean, X.mean((0, 2)), rtol=1e-12)
    np.testing.assert_allclose(variance, X.var((0, 2)), rtol=1e-12)
    assert [t.shape for t in ops.moments(X, (0, 2), keepdims=True)] == [(1, 3, 1)] * 2


@pytest.mark.parametrize(
    ("inputs", "axis", "expected"),
    [  # what Keras gives
        ([0, 2], -1, [1, 0, 1, 0]),
        ([[0, 2], [1, 1]], -1, [[1, 0, 1, 0], [0, 1, 0, 0]]),
        ([[0, 2], [1, 1]], 0, [[1, 0], [1, 1], [0, 1], [0, 0]]),
        ([[[0, 1], [1, 2]]], -1, [[[1, 1, 0, 0], [0, 1, 1, 0]]]),
        ([[0, -1], [7, 1]], -1, [[1, 0, 0, 0], [0, 1, 0, 0]]),
    ],
)
def test_multi_hot(inputs, axis, expected):
    y = ops.multi_hot(np.array(inputs), 4, axis=axis)
    assert y.dtype == "float32"
    assert y.tolist() == expected
    assert ops.multi_hot(np.array(inputs), num_tokens=4, axis=axis, dtype="int32").tolist() == expected


def test_multi_hot_needs_the_number_of_classes():
    with pytest.raises(ArgumentError, match="expected num_classes"):
        ops.multi_hot([0, 1])


def test_crossentropies_agree_with_their_definitions():
    random = np.random.default_rng(2)
    logits, target = random.normal(0, 2, (6, 4)), random.dirichlet(np.ones(4), 6)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = -(target * np.log(p)).sum(1)
    np.testing.assert_allclose(ops.categorical_crossentropy(target, logits, True), expected, rtol=1e-10)
    np.testing.assert_allclose(ops.categorical_crossentropy(target, p), expected, rtol=1e-6)
    classes = random.integers(0, 4, 6)
    expected = -np.log(p[np.arange(6), classes])
    np.testing.assert_allclose(ops.sparse_categorical_crossentropy(classes, logits, True), expected, rtol=1e-10)
    np.testing.assert_allclose(ops.sparse_categorical_crossentropy(classes[:, None], p), expected, rtol=1e-6)
    s = 1 / (1 + np.exp(-logits))
    expected = -(target * np.log(s) + (1 - target) * np.log(1 - s))
    np.testing.assert_allclose(ops.binary_crossentropy(target, logits, True), expected, rtol=1e-10)
    np.testing.assert_allclose(ops.binary_crossentropy(target, s), expected, rtol=1e-6)
    for function in (ops.categorical_crossentropy, ops.binary_crossentropy):
        assert_gradients(lambda t, x, f=function: f(t, x, True), target, logits)
        assert_gradients(lambda t, x, f=function: f(t, x), target, s)


def test_crossentropy_of_extreme_logits_is_finite():
    far = np.array([[1e4, -1e4], [-1e4, 1e4]], "float32")
    target = np.array([[1, 0], [1, 0]], "float32")
    assert ops.binary_crossentropy(target, far, True).tolist() == [[0, 0], [1e4, 1e4]]
    assert ops.categorical_crossentropy(target, far, True).tolist() == [0, 2e4]
    assert ops.sparse_categorical_crossentropy([0, 0], far, True).tolist() == [0, 2e4]
    assert np.isfinite(ops.binary_crossentropy(target, ops.sigmoid(far)).numpy()).all()


@pytest.mark.parametrize("name", ["batch_normalization", "layer_normalization", "rms_normalization", "multi_hot"])
def test_symbolic_tensors(name):
    ones = np.ones(5, "float32")
    arguments = {"batch_normalization": (ones, ones, -1), "multi_hot": (7,)}.get(name, ())
    dtype = "int32" if name == "multi_hot" else "float32"
    y = ops.OPS[name](ops.KerasTensor((None, 5), dtype), *arguments)
    assert y.shape == (None, 7 if name == "multi_hot" else 5)


def test_a_missing_name_is_named():
    with pytest.raises(AttributeError, match=r"has no 'softmx' yet\. Did you mean 'softmax'"):
        _ = ops.softmx
