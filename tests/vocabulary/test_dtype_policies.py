"""Policies: dtypes of weights and computation, what layers and models make of them, what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import chainrule as cr
from chainrule import dtype_policies, layers
from chainrule.errors import ArgumentError, UnsupportedError


@pytest.fixture
def mixed() -> Iterator[None]:
    dtype_policies.set_dtype_policy("mixed_float16")
    yield
    dtype_policies.set_dtype_policy("float32")


def test_names_and_plain_data() -> None:
    policy = dtype_policies.get("mixed_float16")
    assert (policy.compute_dtype, policy.variable_dtype, policy.name) == ("float16", "float32", "mixed_float16")
    assert dtype_policies.deserialize(dtype_policies.serialize(policy)) == policy != dtype_policies.get(np.float16)
    assert dtype_policies.get("float64").compute_dtype == dtype_policies.get("float64").variable_dtype == "float64"
    assert dtype_policies.get(None) == dtype_policies.dtype_policy() == dtype_policies.DTypePolicy("float32")
    assert policy.convert_input(np.ones(2), True, "float16").dtype == "float16"


@pytest.mark.parametrize(("name", "error", "message"), [
    ("float8_from_float32", UnsupportedError, "no numbers of 8 bits"),
    ("mixed_int32", ArgumentError, "mixed_float16"), ("flaot32", TypeError, "flaot32"),
])  # fmt: skip
def test_what_is_refused(name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        dtype_policies.set_dtype_policy(name)
    assert dtype_policies.dtype_policy().name == "float32"


def test_layers_compute_in_one_dtype_and_keep_weights_in_another(mixed: None) -> None:
    dense = layers.Dense(2)
    outputs = dense(np.ones((1, 3), "float32"))
    assert (dense.kernel.dtype, outputs.dtype, dense.kernel.value.dtype) == ("float32", "float16", "float32")
    assert layers.Embedding(3, 2)(np.array([1])).dtype == "float16"
    assert layers.Dense(1, dtype="float32")(outputs).dtype == "float32"
    assert layers.MultiHeadAttention(1, 2)(*[np.ones((1, 3, 2), "float32")] * 2).dtype == "float16"
    assert layers.LSTM(2)(np.ones((1, 3, 2), "float32")).dtype == "float16"
    normal = layers.BatchNormalization()
    normal(np.full((4, 2), 1000.3, "float32"), training=True)
    assert normal.moving_mean.dtype == "float32"


@pytest.mark.parametrize("executor", ["reference", "native"])
@pytest.mark.parametrize("policy", ["bfloat16", "mixed_bfloat16"])
def test_bfloat16_is_float32_rounded(policy: str, executor: str) -> None:
    cr.config.set_executor(executor)
    try:
        dense = layers.Dense(3, dtype=policy)
        x = np.linspace(-2, 2, 8, dtype="float32").reshape(2, 4)
        model = cr.Sequential([cr.Input((4,)), dense])
        rounded = lambda a: np.asarray(cr.ops.cast(cr.ops.cast(a, "bfloat16"), "float32"))  # noqa: E731
        exact = rounded(x) @ rounded(dense.kernel.numpy())
        found = model.predict(x, verbose=0)
    finally:
        cr.config.set_executor("native")
    assert found.dtype == "bfloat16" and dense.kernel.dtype == policy.replace("mixed_bfloat16", "float32")
    np.testing.assert_allclose(found.astype("float32"), exact, rtol=2.0**-8, atol=1e-6)
    assert np.array_equal(found.astype("float32"), rounded(found))


def test_rounding_to_bfloat16_is_to_nearest_even() -> None:
    x = np.array([1 + 2.0**-8, 1 + 3 * 2.0**-8, 1 + 2.0**-8 + 2.0**-20, 3.4e38, 1e-40, np.inf, np.nan], "float32")
    found = np.asarray(cr.ops.cast(cr.ops.cast(x, "bfloat16"), "float32"))
    truth = [1, 1 + 2.0**-6, 1 + 2.0**-7, np.inf, 2.0**-133, np.inf, np.nan]
    np.testing.assert_allclose(found, truth, rtol=1e-4)


def test_small_gradients_survive_through_the_scale(mixed: None) -> None:
    model = cr.Sequential([cr.Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(cr.optimizers.SGD(1.0), "mse")
    assert isinstance(model.optimizer, cr.optimizers.LossScaleOptimizer)
    x = np.full((4, 2), 2.0**-11, "float32")
    model.fit(x, model.predict(x, verbose=0) + np.float32(2.0**-12), verbose=0)
    change = model.get_weights()[0][0, 0] - 1.0
    assert change == pytest.approx(2 * 2.0**-12 * 2.0**-11, rel=0.5), "2^-22, which float16 holds with two bits"
    plain = cr.Sequential([cr.Input((2,)), layers.Dense(1)])
    plain.compile(cr.optimizers.SGD(1.0), "mse", auto_scale_loss=False)
    assert isinstance(plain.optimizer, cr.optimizers.SGD)


def test_models_are_saved_with_their_policies(mixed: None, tmp_path: object) -> None:
    model = cr.Sequential([cr.Input((3,)), layers.Dense(2), layers.Dense(1, dtype="float32")])
    x = np.ones((2, 3), "float32")
    model.save(f"{tmp_path}/model.keras")
    dtype_policies.set_dtype_policy("float32")
    other = cr.saving.load_model(f"{tmp_path}/model.keras")
    assert [layer.dtype_policy.name for layer in other.layers] == ["mixed_float16", "float32"]
    assert np.array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))
