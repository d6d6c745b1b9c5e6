"""Modules that Keras's guides import beside Keras: JAX where it is absent, distribution over one device, old names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from chainrule.compat import active, finder
from chainrule.errors import ArgumentError, UnsupportedError


@pytest.fixture(name="keras")
def package() -> Iterator[Any]:
    with active():
        import keras

        yield keras


def test_a_loop_in_the_way_of_jax(keras: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "_is_elsewhere", lambda top: False)
    import jax
    import jax.numpy as jnp

    x = np.random.default_rng(1).normal(size=(32, 3)).astype("float32")
    y = x @ np.array([[1.0], [-2.0], [0.5]], "float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(model.trainable_variables)

    def loss(trained: Any, others: Any, x: Any, y: Any) -> Any:
        y_pred, others = model.stateless_call(trained, others, x)
        return jnp.mean(jnp.square(y - y_pred)), others

    @jax.jit
    def step(state: Any, x: Any, y: Any) -> Any:
        trained, others, of_optimizer = state
        (value, others), slopes = jax.value_and_grad(loss, has_aux=True)(trained, others, x, y)
        trained, of_optimizer = optimizer.stateless_apply(of_optimizer, slopes, trained)
        return value, (trained, others, of_optimizer)

    groups = (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
    state = tuple([v.value for v in group] for group in groups)
    kernel, bias = (v.numpy() for v in model.trainable_variables)
    before = kernel.copy()
    values = []
    for _ in range(5):
        value, state = step(state, x, y)
        values.append(float(value))
        error = x @ kernel + bias - y
        assert values[-1] == pytest.approx(float(np.mean(error**2)), rel=1e-4)
        kernel, bias = kernel - 0.2 * x.T @ error / 32, bias - 0.2 * error.mean(0)
    np.testing.assert_allclose(state[0][0], kernel, rtol=1e-4, atol=1e-6)
    assert np.array_equal(model.trainable_variables[0].numpy(), before)  # the model itself has not changed
    assert jax.tree_util.tree_map(lambda a: a + 1, {"b": 1, "a": [2]}) == {"b": 2, "a": [3]}
    assert jax.vmap(lambda a: a * 2)(jnp.arange(3)).tolist() == [0, 2, 4]
    with pytest.raises(UnsupportedError, match="got in_axes=1, out_axes=0"):
        jax.vmap(lambda a: a, in_axes=1)


def test_a_jax_that_is_installed_is_left_alone(keras: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "_is_elsewhere", lambda top: True)
    assert finder._finder.find_spec("jax") is None


def test_one_device_is_distributed_over(keras: Any) -> None:
    d = keras.distribution
    mesh = d.DeviceMesh(shape=(1, 1), axis_names=["batch", "model"], devices=d.list_devices())
    layouts = d.LayoutMap(mesh)
    layouts["dense.*kernel"] = d.TensorLayout([None, "model"])
    layouts["dense.*bias"] = ("model",)
    parallel = d.ModelParallel(layout_map=layouts)
    assert d.distribution() is None and parallel.batch_dim_name == "batch"
    with parallel.scope():
        assert d.distribution() is parallel
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
        model.compile("sgd", "mse")
        model.fit(np.ones((4, 2)), np.ones((4, 3)), verbose=0)
    assert d.distribution() is None
    assert parallel.get_variable_layout(model.weights[0]).axes == (None, "model")
    assert parallel.get_data_layout((4, 2)).axes == ("batch", None) and layouts["other"] is None


def test_distribution_says_what_does_not_fit(keras: Any) -> None:
    d = keras.distribution
    for arguments, message in [
        (((2,), ["batch"]), "number of devices, 1"),
        (((1,), ["a", "b"]), "a name for each axis"),
    ]:
        with pytest.raises(ArgumentError, match=message):
            d.DeviceMesh(*arguments)
    layouts = d.LayoutMap(d.DeviceMesh((1,), ["model"]))
    with pytest.raises(ArgumentError, match="expected axes of"):
        layouts["kernel"] = ("batch",)
    layouts["a.*"], layouts[".*b"] = (None,), (None,)
    with pytest.raises(ArgumentError, match="several keys"):
        layouts["ab"]
    with pytest.raises(UnsupportedError, match="this machine only"):
        d.initialize("10.0.0.1:1234,10.0.0.2:2345", 2, 0)


def test_names_of_keras_2(keras: Any) -> None:
    import tensorflow as tf

    y, p = np.array([[0.0, 1.0]], "float32"), np.array([[0.5, 0.5]], "float32")
    assert float(tf.keras.losses.mse(y, p)[0]) == float(tf.keras.metrics.MSE(y, p)[0]) == 0.25
    assert float(tf.keras.losses.MeanAbsoluteError(reduction=tf.keras.losses.Reduction.SUM)(y, p)) == 0.5
    layer = tf.keras.layers.ThresholdedReLU(theta=0.7)
    assert layer.__class__.from_config(layer.get_config())([0.6, 0.8]).tolist() == pytest.approx([0.0, 0.8])


def test_structures_keep_the_order_of_their_keys(keras: Any) -> None:
    assert list(keras.tree.map_structure(lambda v: v, {"b": 1, "a": 2})) == ["b", "a"]
    assert keras.tree.pack_sequence_as({"b": 0, "a": 0}, [1, 2]) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("x", "y", "axes", "formula"),
    [
        ((2, 3, 4), (2, 4, 5), None, "bij,bjk->bik"),
        ((2, 3, 4), (2, 4), None, "bij,bj->bi"),
        ((2, 3, 4), (2, 5, 4), (2, 2), "bij,bkj->bik"),
        ((2, 3, 4), (2, 3, 4), 1, "bij,bik->bjk"),
        ((2, 3, 4, 5), (2, 5, 6), (-1, -2), "bijk,bkl->bijl"),
    ],
)
def test_products_of_batches(keras: Any, x: Any, y: Any, axes: Any, formula: str) -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=x).astype("float32"), rng.normal(size=y).astype("float32")
    np.testing.assert_allclose(keras.backend.batch_dot(a, b, axes), np.einsum(formula, a, b), rtol=1e-4, atol=1e-5)


def test_the_rest_of_the_backend(keras: Any) -> None:
    backend, rng = keras.backend, np.random.default_rng(3)
    x = rng.normal(size=(2, 6, 3)).astype("float32")
    a, b = rng.normal(size=(2, 3)).astype("float32"), rng.normal(size=(2, 3)).astype("float32")
    np.testing.assert_allclose(backend.batch_dot(a, b), np.sum(a * b, 1, keepdims=True), rtol=1e-5)
    with pytest.raises(ArgumentError, match="axis 0 is the batch"):
        backend.batch_dot(a, b, (0, 1))
    kernel = rng.normal(size=(2, 3, 4)).astype("float32")
    before = np.concatenate([np.zeros((2, 2, 3)), x], axis=1)  # causal, two steps apart
    found = backend.conv1d(x, kernel, padding="causal", dilation_rate=2)
    np.testing.assert_allclose(found, before[:, :6] @ kernel[0] + before[:, 2:] @ kernel[1], rtol=1e-4, atol=1e-5)
    pooled = backend.pool2d(x[..., None], (2, 3), (2, 3), pool_mode="avg")
    assert float(pooled[0, 0, 0, 0]) == pytest.approx(float(x[0, :2].mean()), rel=1e-4)
    assert backend.foldl(lambda total, row: total * 2 + row, np.array([1.0, 2.0, 3.0])) == 11
    assert backend.foldr(lambda total, row: total * 2 + row, np.array([1.0, 2.0, 3.0])) == 17
    picture = np.arange(4.0).reshape(1, 2, 2, 1)
    assert backend.resize_images(picture, 1, 2, "channels_last")[0, :, :, 0].tolist() == [[0, 0, 1, 1], [2, 2, 3, 3]]
    mean = backend.variable([1.0, 2.0])
    backend.moving_average_update(mean, [3.0, 3.0], 0.9)
    assert mean.numpy().tolist() == pytest.approx([1.2, 2.1])
    with pytest.raises(UnsupportedError, match="GradientTape"):
        backend.gradients(mean, [mean])


def test_pictures_are_resized_without_distortion(keras: Any) -> None:
    wide = np.tile(np.arange(8.0)[None, :, None], (4, 1, 1))
    small = keras.preprocessing.image.smart_resize(wide, (2, 2))
    assert isinstance(small, np.ndarray) and small[:, :, 0].tolist() == [[2.5, 4.5], [2.5, 4.5]]  # of columns 2 to 5
