"""`tf.*` and `keras.backend` against NumPy."""

from __future__ import annotations

import logging
import statistics
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.compat import active
from chainrule.compat.tensorflow.math import BINARY, REDUCTIONS, UNARY

A = np.array([[0.3, -0.7, 0.2], [0.9, 0.5, -0.4]], "float32")
B = np.array([[0.5, 0.1, -0.2], [0.4, 0.5, 0.8]], "float32")


@pytest.fixture(name="tf")
def tensorflow() -> Iterator[Any]:
    with active():
        import tensorflow

        yield tensorflow


@pytest.fixture(name="K")
def backend() -> Iterator[ModuleType]:
    with active():
        from keras import backend as K

        yield K


NUMPY = {  # TensorFlow's name: NumPy's, where they differ
    "abs": np.abs, "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh,
    "atan": np.arctan, "atanh": np.arctanh, "is_finite": np.isfinite, "is_inf": np.isinf, "is_nan": np.isnan,
    "log_sigmoid": lambda x: -np.log1p(np.exp(-x)), "rsqrt": lambda x: 1 / np.sqrt(x),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "softplus": lambda x: np.log1p(np.exp(x)),
    "softsign": lambda x: x / (1 + np.abs(x)), "erf": lambda x: np.vectorize(__import__("math").erf)(x),
    "atan2": np.arctan2, "floordiv": np.floor_divide, "floormod": np.mod, "pow": np.power, "truediv": np.true_divide,
    "realdiv": np.true_divide, "erfinv": lambda x: np.vectorize(statistics.NormalDist().inv_cdf)((x + 1) / 2) / 2**0.5,
    "reduce_logsumexp": lambda x, axis, keepdims: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
    "reduce_variance": np.var,
}  # fmt: skip


def numpy_name(name: str) -> Any:
    return NUMPY.get(name) or getattr(np, name.removeprefix("reduce_"))


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_tensor(name: str, tf: Any) -> None:
    x = A + 2 if name == "acosh" else abs(A) if name in ("log", "log1p", "rsqrt", "sqrt") else A
    x = A > 0 if name.startswith("logical") else x
    np.testing.assert_allclose(getattr(tf.math, name)(x, name="x"), numpy_name(name)(x), rtol=2e-6)
    assert getattr(tf, name) is getattr(tf.math, name)


@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_tensors(name: str, tf: Any) -> None:
    x, y = (A > 0, B > 0.3) if name.startswith("logical") else (abs(A) if name == "pow" else A, B)
    np.testing.assert_allclose(getattr(tf, name)(x, y, name="x"), numpy_name(name)(x, y), rtol=2e-6)


@pytest.mark.parametrize("name", [*REDUCTIONS, "reduce_mean"])
@pytest.mark.parametrize("axis", [None, 0, [0, 1]])
def test_reductions(name: str, axis: Any, tf: Any) -> None:
    x = A > -0.5 if name in ("reduce_all", "reduce_any") else A
    expected = numpy_name(name)(x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=True)
    np.testing.assert_allclose(getattr(tf, name)(input_tensor=x, axis=axis, keepdims=True), expected, rtol=2e-6)


def test_mathematics_with_rules_of_its_own(tf: Any) -> None:
    assert tf.argmax(A).tolist() == A.argmax(0).tolist() and str(tf.argmax(A).dtype) == "int64"
    assert tf.argmin(A, 1).tolist() == A.argmin(1).tolist()
    assert tf.reduce_mean([1, 2]).numpy() == 1 and str(tf.reduce_mean(tf.constant([1, 2])).dtype) == "int32"
    assert tf.cumsum([1, 2, 3]).tolist() == [1, 3, 6] and tf.cumsum([1, 2, 3], exclusive=True).tolist() == [0, 1, 3]
    assert tf.math.cumprod([2, 3, 4], reverse=True).tolist() == [24, 12, 4]
    np.testing.assert_allclose(tf.add_n([A, B, A]), A + B + A)
    np.testing.assert_allclose(tf.math.squared_difference(A, B), (A - B) ** 2, rtol=1e-6)
    assert tf.math.count_nonzero([[0, 1], [2, 3]], axis=0).tolist() == [1, 2]
    np.testing.assert_allclose(tf.math.l2_normalize(A, axis=1), A / np.linalg.norm(A, axis=1, keepdims=True), rtol=1e-6)
    best = tf.math.top_k(A, k=2)
    assert best.indices.tolist() == [[0, 2], [0, 1]] and best.values.shape == (2, 2)
    assert tf.math.in_top_k([0, 2], A, 1).tolist() == [True, False]
    weighted = tf.math.confusion_matrix([0, 1, 1], [0, 0, 1], num_classes=3, weights=[1, 2, 3])
    assert weighted.tolist() == [[1, 0, 0], [2, 3, 0], [0, 0, 0]]
    with pytest.raises(cr.ChainruleError, match="argmax"):
        tf.math.confusion_matrix([[0, 1]], [1])


def test_linear_algebra(tf: Any) -> None:
    np.testing.assert_allclose(tf.matmul(A, B, transpose_b=True), A @ B.T, rtol=1e-6)
    np.testing.assert_allclose(tf.linalg.matmul(A, B, transpose_a=True), A.T @ B, rtol=1e-6)
    np.testing.assert_allclose(tf.tensordot(A, B, axes=2), np.tensordot(A, B, 2), rtol=1e-6)
    for order in (1, 2, np.inf):
        expected = np.linalg.norm(A, order, axis=1)
        np.testing.assert_allclose(tf.norm(A, ord=order, axis=1), expected, rtol=1e-6)
    assert tf.eye(2).tolist() == [[1, 0], [0, 1]]
    np.testing.assert_allclose(tf.einsum("ij,kj->ik", A, B), A @ B.T, rtol=1e-6)


def test_tensors_and_shapes(tf: Any) -> None:
    assert tf.constant(2.0, shape=(2, 2)).tolist() == [[2, 2], [2, 2]]
    assert tf.constant([1, 2, 3, 4], shape=(2, 2)).tolist() == [[1, 2], [3, 4]]
    assert str(tf.constant([1, 2]).dtype) == "int32" and str(tf.constant([1.0]).dtype) == "float32"
    assert str(tf.constant(np.zeros(1)).dtype) == "float64" and str(tf.constant([1], tf.float64).dtype) == "float64"
    assert tf.shape(A) == (2, 3) and tf.shape(A)[0] == 2 and int(tf.size(A)) == 6 and tf.rank(A) == 2
    assert tf.reshape(tf.range(6), [tf.shape(A)[0], -1]).shape == (2, 3)
    assert [part.shape for part in tf.split(A, 3, axis=1)] == [(2, 1)] * 3
    assert [part.shape for part in tf.split(A, [1, 2], axis=1)] == [(2, 1), (2, 2)]
    assert tf.concat([A, B], 0).shape == (4, 3) and tf.stack([A, B]).shape == (2, 2, 3) and len(tf.unstack(A)) == 2
    assert tf.gather(A, [1]).shape == (1, 3) and tf.squeeze(tf.expand_dims(A, 0)).shape == (2, 3)
    assert tf.tile([[1, 2]], [2, 1]).tolist() == [[1, 2], [1, 2]] and tf.repeat([1, 2], 2).tolist() == [1, 1, 2, 2]
    assert tf.reverse([1, 2, 3], [0]).tolist() == [3, 2, 1] and tf.roll([1, 2, 3], 1, 0).tolist() == [3, 1, 2]
    assert tf.pad([[1]], [[1, 0], [0, 2]]).tolist() == [[0, 0, 0], [1, 0, 0]]
    assert tf.where([True, False], 1, 2).tolist() == [1, 2] and tf.boolean_mask([1, 2], [False, True]).tolist() == [2]
    assert tf.one_hot([1], 2, on_value=5.0, off_value=-1.0).tolist() == [[-1, 5]]
    assert tf.sort([3, 1, 2], direction="DESCENDING").tolist() == [3, 2, 1] and tf.argsort([3, 1, 2]).tolist() == [
        1,
        2,
        0,
    ]
    assert (
        tf.fill([2], 7).tolist() == [7, 7]
        and tf.ones_like(A).shape == (2, 3)
        and tf.zeros([1], tf.int32).tolist() == [0]
    )
    assert tf.linspace(0.0, 1.0, 3).tolist() == [0, 0.5, 1] and tf.broadcast_to([1], [2]).tolist() == [1, 1]
    assert tf.transpose(A, perm=[1, 0]).shape == (3, 2) and tf.identity(A).shape == (2, 3)
    assert float(tf.cond(True, lambda: 1.0, lambda: 2.0)) == 1 and float(tf.stop_gradient(3.0)) == 3
    assert tf.clip_by_value([1, 5], 2, 4).tolist() == [2, 4] and tf.is_tensor(tf.constant(1)) and not tf.is_tensor(A)


def test_dtypes(tf: Any) -> None:
    assert tf.float32 == "float32" == tf.float32.name and repr(tf.int64) == "tf.int64"
    assert tf.cast(A, tf.int32).dtype == tf.int32 and tf.bool.is_bool and tf.float16.is_floating and tf.uint8.is_integer
    assert np.dtype(tf.float64) == np.float64 and tf.float32.as_numpy_dtype is np.float32
    assert tf.as_dtype(np.int8) == tf.dtypes.int8 and tf.double is tf.double and tf.half == "float16"
    layer = cr.layers.Dense(2, dtype=tf.float64)
    assert layer(np.ones((1, 2))).dtype == tf.float64


def test_variables(tf: Any) -> None:
    v = tf.Variable([1.0, 2.0], name="v", trainable=False)
    v.assign_sub([1.0, 1.0])
    assert (v.numpy().tolist(), v.trainable, v.name) == ([0, 1], False, "v") and isinstance(v, cr.Variable)
    assert str(tf.Variable(np.zeros(1)).dtype) == "float64" and str(tf.Variable(1, dtype=tf.float32).dtype) == "float32"
    assert tf.Variable(tf.ones([2]) * 3).shape == (2,) and tf.Variable(lambda: 4.0).numpy() == 4

    class Scale(tf.keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.factor = tf.Variable(1.0, name="factor")

        def call(self, x: Any) -> Any:
            return x * self.factor

    model = tf.keras.Sequential([tf.keras.Input((1,)), Scale()])
    model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    x = np.ones((4, 1), "float32")
    model.fit(x, 3 * x, epochs=60, verbose=0)
    assert model.layers[0].factor.numpy() == pytest.approx(3, abs=0.01)


def test_networks(tf: Any) -> None:
    assert tf.nn.relu is cr.activations.relu and tf.nn.softmax is cr.activations.softmax
    assert (
        tf.nn.leaky_relu([-1.0]).numpy() == pytest.approx(-0.2) and tf.nn.leaky_relu([-1.0], alpha=0.5).numpy() == -0.5
    )
    logits, labels = np.array([[2.0, -1.0]], "float32"), np.array([[1.0, 0.0]], "float32")
    p = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(tf.nn.softmax_cross_entropy_with_logits(labels, logits), -np.log(p[:, 0]), rtol=1e-6)
    np.testing.assert_allclose(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0], logits=logits), -np.log(p[:, 0]), rtol=1e-6
    )
    s = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(
        tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits),
        -(labels * np.log(s) + (1 - labels) * np.log(1 - s)), rtol=1e-6,
    )  # fmt: skip
    mean, variance = tf.nn.moments(A, axes=[0])
    np.testing.assert_allclose(mean, A.mean(0), rtol=1e-6)
    np.testing.assert_allclose(variance, A.var(0), rtol=1e-5)
    assert tf.nn.bias_add(A, [1.0, 1.0, 1.0]).shape == (2, 3)


def test_random_numbers_follow_the_seed(tf: Any) -> None:
    draws = []
    for _ in range(2):
        tf.random.set_seed(5)
        draws.append(
            [tf.random.normal([3]).tolist(), tf.random.uniform([3]).tolist(), tf.random.shuffle([1, 2, 3]).tolist()]
        )
    assert draws[0] == draws[1] and tf.random.normal([3]).tolist() != draws[0][0]
    numbers = tf.random.uniform([200], 2, 5, dtype=tf.int32)
    assert set(numbers.tolist()) == {2, 3, 4} and abs(tf.random.truncated_normal([99]).numpy()).max() <= 2


def test_random_numbers_inside_a_layer_differ_from_step_to_step(tf: Any) -> None:
    class Noise(tf.keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return x * 0.0 + tf.random.normal(tf.shape(x))

    model = tf.keras.Sequential([tf.keras.Input((2,)), Noise()])
    rows = model.predict(np.zeros((6, 2)), batch_size=2, verbose=0)
    assert len(np.unique(rows)) == 12


def test_the_machine(tf: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert tf.config.list_physical_devices("GPU") == [] == tf.config.experimental.list_physical_devices("GPU")
    assert [device.device_type for device in tf.config.list_physical_devices()] == ["CPU"]
    assert not tf.test.is_gpu_available() and tf.test.gpu_device_name() == "" and tf.executing_eagerly()
    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.experimental.enable_op_determinism()
    tf.config.run_functions_eagerly(True)
    tf.config.run_functions_eagerly(False)
    tf.autograph.set_verbosity(0)
    tf.debugging.set_log_device_placement(False)
    assert tf.__version__ == tf.version.VERSION
    tf.compat.v1.set_random_seed(1)
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    assert tf.get_logger().level == logging.ERROR and tf.get_logger().name == "tensorflow"
    tf.print("a", 1, sep="-")
    assert capsys.readouterr().err == "a-1\n"
    with tf.device("/GPU:0"), tf.name_scope("part"):
        assert int(tf.function(lambda x: x + 1)(1)) == 2


def test_backend_functions(K: Any) -> None:
    assert (K.epsilon(), K.floatx(), K.image_data_format()) == (1e-7, "float32", "channels_last")
    np.testing.assert_allclose(K.mean(K.square(A - B), axis=-1), ((A - B) ** 2).mean(-1), rtol=1e-6)
    assert K.argmax(A).tolist() == A.argmax(-1).tolist() and K.argmin(A).tolist() == A.argmin(-1).tolist()
    assert K.concatenate([A, B]).shape == (2, 6) and K.expand_dims(A).shape == (2, 3, 1) and K.flatten(A).shape == (6,)
    assert K.batch_flatten(np.zeros((2, 3, 4))).shape == (2, 12) and K.int_shape(A) == (2, 3) and K.count_params(A) == 6
    assert K.cumsum(A).shape == (2, 3) and K.permute_dimensions(A, (1, 0)).shape == (3, 2)
    np.testing.assert_allclose(K.cumprod(A), A.cumprod(0), rtol=1e-6)
    assert K.constant([1, 2]).dtype == "float32" and K.dtype(K.cast(A, "int32")) == "int32" and K.eye(2).shape == (2, 2)
    assert K.pow(2.0, 3).numpy() == 8 and K.hard_sigmoid([0.0, 9.0]).tolist() == [0.5, 1.0]
    np.testing.assert_allclose(K.l2_normalize(A, axis=0), A / np.linalg.norm(A, axis=0), rtol=1e-6)
    assert K.relu([-1.0, 3.0], alpha=0.5, max_value=2.0).tolist() == [-0.5, 2.0]
    assert K.switch(True, lambda: K.ones(2), lambda: K.zeros(2)).tolist() == [1, 1]
    assert K.switch(np.array([True, False]), A, B).tolist() == [A[0].tolist(), B[1].tolist()]
    assert K.repeat_elements(A, 2, 0).shape == (4, 3) and K.reverse([1, 2], 0).tolist() == [2, 1]
    assert K.gather(A, [1]).shape == (1, 3) and K.in_top_k(A, [0, 2], 1).tolist() == [True, False]
    assert K.is_float_dtype("float16") and K.is_int_dtype("int8") and not K.is_sparse(A)
    assert K.cast_to_floatx(np.zeros(1)).dtype == np.float32 and K.cast_to_floatx([1]).dtype == "float32"


def test_backend_variables(K: Any) -> None:
    v, w = K.variable([1.0, 2.0], name="v"), K.variable(0.0)
    K.set_value(v, [3.0, 4.0])
    K.batch_set_value([(w, 5.0)])
    assert [x.tolist() for x in K.batch_get_value([v, w])] == [[3, 4], 5] and K.eval(w) == 5 and K.get_value(7) == 7
    K.update(w, 1.0)
    K.update_add(w, 2.0)
    K.update_sub(w, 0.5)
    assert float(w) == 2.5
    assert K.random_normal((2, 2)).shape == K.random_uniform((2, 2)).shape == K.truncated_normal((2, 2)).shape == (2, 2)


def test_a_name_that_stands_for_nothing(tf: Any) -> None:
    assert tf.newaxis is None
    assert tf.constant([1.0, 2.0])[:, tf.newaxis].shape == (2, 1)


def test_classes_and_gamma_numbers_by_chance(tf: Any) -> None:
    logits = np.log(np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], "float32"))
    drawn = np.asarray(tf.random.categorical(logits, 4000, seed=1))
    assert drawn.shape == (2, 4000) and drawn.dtype == "int64"
    for row, shares in zip(drawn, np.exp(logits), strict=True):
        np.testing.assert_allclose(np.bincount(row, minlength=3) / 4000, shares, atol=0.03)
    numbers = np.asarray(tf.random.gamma([6000], [0.5, 3.0], beta=2.0, seed=1))
    assert numbers.shape == (6000, 2) and numbers.min() > 0
    np.testing.assert_allclose(numbers.mean(0), [0.25, 1.5], rtol=0.06)  # mean alpha / beta
    np.testing.assert_allclose(numbers.var(0), [0.125, 0.75], rtol=0.15)  # variance alpha / beta^2


@pytest.mark.parametrize(
    ("shape", "axis", "shared"), [((2, 6), 1, 1), ((2, 3, 2), -1, 1), ((2, 5, 7), None, 2), ((2,), 1, 1)]
)
def test_gathering_within_rows(shape: tuple[int, ...], axis: int | None, shared: int, tf: Any) -> None:
    rng = np.random.default_rng(0)
    x, places = rng.random((2, 5, 3, 4)).astype("float32"), rng.integers(0, 3, shape)
    along = {None: shared, -1: 3, 1: 1}[axis]
    expected = np.array([np.take(x[k], places[k], along - 1) for k in range(2)])
    if shared == 2:
        expected = np.array([[np.take(x[k, m], places[k, m], along - 2) for m in range(5)] for k in range(2)])
    np.testing.assert_array_equal(tf.gather(x, places, axis=axis, batch_dims=shared), expected)
    assert tf.gather(np.array(["no", "yes"]), [1, 0]).tolist() == ["yes", "no"]


def test_a_function_of_text_reads_it(tf: Any) -> None:
    @tf.function
    def length(x: Any) -> Any:
        return tf.strings.length(x) if x.dtype == tf.string else x + 1

    assert int(length(tf.constant("four"))) == 4 and int(length(tf.constant(4))) == 5
    assert tf.shape(["a", "b"])[0] == 2 and tf.string == "string" and tf.float32 != tf.string
