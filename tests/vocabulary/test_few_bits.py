"""Layers in few bits and with low-rank additions, against the numbers of Keras."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import dtype_policies, layers, ops, quantizers
from chainrule.errors import ArgumentError, NotBuiltError, UnsupportedError

GOLDEN = Path(__file__).parent.parent / "golden"
FOUND = json.loads((GOLDEN / "few_bits.json").read_text(encoding="utf-8"))
CLOSE = {"rtol": 2e-6, "atol": 2e-6}  # both compute in float32
X = np.random.default_rng(0).normal(size=(16, 6)).astype("float32")
INDICES = ("Embedding", "ReversibleEmbedding")


def numbers(shape, seed):
    """Numbers of two digits between -1 and 1, as the scripts that make golden files have them."""
    count = np.arange(np.prod(shape))
    return (((count * 7919 + seed * 104729) % 199 - 99) / 100).reshape(shape)


def inputs_of(case):
    return np.array(case["x"], "int32" if case["layer"] in INDICES else "float32")


def made(case):
    """The layer before it is quantized, with the weights that Keras's had."""
    layer = getattr(layers, case["layer"]).from_config({**case["config"], "quantization_config": None})
    layer.build(np.shape(case["x"]))
    layer.set_weights([numbers(w.shape, k + 1) for k, w in enumerate(layer.weights)])
    return layer


def config_of(case):
    if case["mode"] == "int4":
        return quantizers.Int4QuantizationConfig(block_size=case.get("block"))
    return quantizers.Int8QuantizationConfig(activation_quantizer=None) if case["weights_alone"] else None


@pytest.mark.parametrize("case", FOUND["quantized"], ids=lambda c: c["name"])
def test_the_numbers_are_those_of_keras(case):
    layer = made(case)
    layer.quantize(case["mode"], config=config_of(case))
    assert (layer.quantization_mode, layer.dtype_policy.name) == (case["mode"], case["policy"])
    store = {}
    layer.save_own_variables(store)
    stored = [np.array(a) for a in case["stored"]]
    assert len(stored) == len(store)
    for k, wanted in enumerate(stored):
        np.testing.assert_allclose(store[str(k)], wanted, rtol=1e-6, atol=0)
    x = inputs_of(case)
    y = layer(x)
    np.testing.assert_allclose(y, case["y"], **CLOSE)
    if "logits" in case:
        np.testing.assert_allclose(layer(numbers((2, 4), 5).astype("float32"), reverse=True), case["logits"], **CLOSE)
    if "gradient" in case:
        weights = numbers(y.shape, 4).astype("float32")
        gradient = cr.grad(lambda x: ops.sum(layer(x) * weights))(x)
        np.testing.assert_allclose(gradient, case["gradient"], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("case", FOUND["quantized"], ids=lambda c: c["name"])
def test_a_layer_is_made_in_few_bits_from_its_config(case):
    layer = made(case)
    layer.quantize(case["mode"], config=config_of(case))
    again = layers.deserialize(layers.serialize(layer))
    again.build(np.shape(case["x"]))
    assert [(w.shape, w.dtype) for w in again.weights] == [(w.shape, w.dtype) for w in layer.weights]
    store = {}
    layer.save_own_variables(store)
    again.load_own_variables(store)
    x = inputs_of(case)
    np.testing.assert_array_equal(again(x), layer(x))


@pytest.mark.parametrize("case", FOUND["low_rank"], ids=lambda c: c["layer"])
def test_low_rank_additions_are_those_of_keras(case):
    plain = {**case["config"], "lora_rank": None, "quantization_config": None}
    layer = getattr(layers, case["layer"]).from_config(plain)
    x = inputs_of(case)
    layer.build(x.shape)
    layer.enable_lora(2, lora_alpha=3)
    assert [w.name for w in layer.trainable_weights] == case["trainable"]
    layer.set_weights([np.array(w) for w in case["weights"]])
    np.testing.assert_allclose(layer(x), case["y"], **CLOSE)
    store = {}
    layer.save_own_variables(store)
    np.testing.assert_allclose(store["0"], case["merged"], **CLOSE)
    again = layers.deserialize(layers.serialize(layer))
    again.build(x.shape)
    assert (again.lora_enabled, again.lora_rank, again.lora_alpha) == (True, 2, 3)


def test_an_addition_is_trained_and_the_rest_is_not():
    model = cr.Sequential([cr.Input((6,)), layers.Dense(5, activation="tanh"), layers.Dense(1)])
    before = model.predict(X, verbose=0)
    for layer in model.layers:
        layer.enable_lora(2)
    assert np.array_equal(model.predict(X, verbose=0), before)
    kernels = [layer._kernel.numpy() for layer in model.layers]
    model.compile(cr.optimizers.Adam(0.05), "mse")
    history = model.fit(X, X.sum(1, keepdims=True), epochs=30, verbose=0).history["loss"]
    assert history[-1] < 0.5 * history[0]
    assert all(np.array_equal(layer._kernel, k) for layer, k in zip(model.layers, kernels, strict=True))
    after = model.predict(X, verbose=0)
    model.quantize("int8")  # the addition goes on beside a quantized matrix
    assert np.abs(model.predict(X, verbose=0) - after).max() < 0.05 * np.abs(after).max()
    model.compile("adam", "mse")
    model.fit(X, X.sum(1, keepdims=True), verbose=0)
    assert {w.dtype for w in model.weights} == {"int8", "float32"}


def attentive():
    i = cr.Input((4,), dtype="int32")
    e = layers.Embedding(10, 8)(i)
    e = layers.MultiHeadAttention(2, 3, name="m")(e, e)
    return cr.Model(i, layers.Dense(2, name="o")(layers.LayerNormalization()(e)))


@pytest.mark.parametrize("ending", ["m.keras", "m.h5", "folder"])
@pytest.mark.parametrize("mode", ["int8", "int4", "lora"])
def test_models_in_files(mode, ending, tmp_path):
    pytest.importorskip("h5py")
    model, x = attentive(), np.arange(12).reshape(3, 4) % 10
    if mode == "lora":
        attention = model.get_layer("m")
        attention.query_dense.enable_lora(2)
        attention.query_dense.lora_kernel_b.assign(numbers((2, 3), 1))
    else:
        with pytest.warns(UserWarning, match="cannot be quantized"):
            model.quantize(mode)
    y = model.predict(x, verbose=0)
    model.save(tmp_path / ending, zipped=ending != "folder")
    again = cr.models.load_model(tmp_path / ending)
    np.testing.assert_allclose(again.predict(x, verbose=0), y, rtol=1e-5, atol=1e-6)
    assert [w.dtype for w in again.weights] == [w.dtype for w in model.weights]
    again.compile("sgd", "mse")
    again.fit(x, y, verbose=0)


def test_a_file_of_keras_in_few_bits():
    pytest.importorskip("h5py")
    case = FOUND["whole"][0]
    model = cr.models.load_model(GOLDEN / "keras_files" / "few_bits.keras")
    assert [layer.quantization_mode for layer in model.layers[1:]] == ["int8", "int4"]
    np.testing.assert_allclose(model.predict(np.array(case["x"]), verbose=0), case["y"], **CLOSE)


def test_which_layers_are_meant():
    model = cr.Sequential([cr.Input((6,)), layers.Dense(5, name="first"), layers.Dense(1, name="last")])
    model.quantize("int8", filters="^la")
    assert [layer.quantization_mode for layer in model.layers] == [None, "int8"]
    model.quantize(config=quantizers.Int8QuantizationConfig(), filters=lambda layer: layer.name == "first")
    assert {layer.quantization_mode for layer in model.layers} == {"int8"}
    assert sum(w.numpy().nbytes for w in model.weights if w.dtype == "int8") == 35
    with pytest.raises(ArgumentError, match="expected filters"):
        model.quantize("int8", filters=3)


@pytest.mark.parametrize(("mode", "config", "error", "message"), [
    ("float8", None, UnsupportedError, "no numbers of 8 bits"),
    ("gptq", None, ArgumentError, r"config=GPTQConfig\(dataset"),
    ("awq", quantizers.AWQConfig(None), UnsupportedError, "call model.quantize"),
    ("int7", None, ArgumentError, "expected one of"), (None, None, ArgumentError, "neither"),
    ("int4", quantizers.Int8QuantizationConfig(), ArgumentError, "is for 'int8'"),
    (None, 3, ArgumentError, "to be a QuantizationConfig"),
])  # fmt: skip
def test_what_is_refused(mode, config, error, message):
    layer = layers.Dense(2)
    layer.build((None, 3))
    with pytest.raises(error, match=message):
        layer.quantize(mode, config=config)


def test_what_cannot_be_done_twice_or_too_early():
    layer = layers.Dense(2)
    with pytest.raises(NotBuiltError, match="no weights to quantize yet"):
        layer.quantize("int8")
    with pytest.raises(NotBuiltError, match="no kernel to add to yet"):
        layer.enable_lora(2)
    layer.build((None, 3))
    layer.quantize("int8")
    layer.enable_lora(2)
    with pytest.raises(ArgumentError, match="quantized already"):
        layer.quantize("int8")
    with pytest.raises(ArgumentError, match="called before"):
        layer.enable_lora(2)
    with pytest.raises(UnsupportedError, match="no matrix of weights"):
        layers.Dropout(0.5).quantize("int8")
    half = layers.Dense(2, dtype="mixed_float16")
    half.build((None, 3))
    with pytest.raises(ArgumentError, match="float16"):
        half.quantize("int8")
    assert half.quantization_mode is None
    bounded = layers.Dense(2, kernel_constraint="non_neg")
    bounded.build((None, 3))
    with pytest.raises(ArgumentError, match="no kernel_constraint"):
        bounded.enable_lora(2)


def test_policies_by_path():
    policies = dtype_policies.DTypePolicyMap("float32", {"a/.*": "bfloat16", "a/b": "int8_from_float32"})
    assert policies["a/b"].quantization_mode == "int8"
    assert (policies["a/c"].name, policies["a"].name, policies.name) == ("bfloat16", "float32", "map_float32")
    again = dtype_policies.deserialize(dtype_policies.serialize(policies))
    assert again == policies
    policies["a/[x-z]"] = "float16"
    with pytest.raises(ArgumentError, match="one pattern"):
        policies["a/x"]
    with pytest.raises(ArgumentError, match="has a policy already"):
        policies["a/b"] = "float32"
    assert layers.Dense(1, dtype=policies, name="a/b").dtype_policy == policies["a/b"]


def test_numbers_of_4_bits_come_back():
    whole = np.random.default_rng(1).integers(-8, 8, (5, 4, 3)).astype("int8")
    for axis in range(-3, 3):
        packed, shape, length = quantizers.pack_int4(whole, axis=axis)
        assert packed.shape == shape
        assert np.array_equal(quantizers.unpack_int4(packed, length, axis=axis), whole)


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2"])
def test_rounding_is_that_of_a_library_with_such_numbers(name):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    kind = getattr(ml_dtypes, name)
    x = np.random.default_rng(2).normal(size=4000).astype("float32") * 2.0 ** np.arange(4000 // 200).repeat(200)
    x = np.concatenate([x, x * 1e-6, [0.0, 1e9, -1e9]]).astype("float32")
    most = float(ml_dtypes.finfo(kind).max)
    wanted = np.clip(x / 0.5, -most, most).astype(kind).astype("float32") * 0.5
    assert np.array_equal(quantizers.quantize_and_dequantize(x, 0.5, name, "float32"), wanted)


@pytest.mark.parametrize("axis", [None, 1])
def test_few_steps_between_two_ends(axis):
    x = np.linspace(-3, 3, 24).reshape(4, 3, 2).astype("float32")
    low, high = (-1.1, 2.0) if axis is None else (np.array([-1.1, -0.6, -2.0]), np.array([2.0, 0.7, 0.4]))
    y = np.array(quantizers.fake_quant_with_min_max_vars(x, low, high, num_bits=4, axis=axis))
    for k in range(3):
        part = y[:, k] if axis else y
        assert len(np.unique(part)) <= 16
        first, last = (low[k], high[k]) if axis else (low, high)
        step = (last - first) / 15
        assert np.allclose(part / step, np.round(part / step), atol=1e-3)  # 0 is one of the steps
        inside = np.clip(x[:, k] if axis else x, part.min(), part.max())
        assert np.abs(part - inside).max() <= step / 2 + 1e-5
    slopes = cr.grad(lambda x: ops.sum(quantizers.fake_quant_with_min_max_vars(x, low, high, 4, axis=axis)))(x)
    step = np.reshape((np.array(high) - low) / 15, (-1, 1) if axis else ())
    below = np.round(-np.reshape(low, step.shape) / step)  # steps under 0
    assert np.array_equal(slopes, (x > -below * step) & (x < (15 - below) * step))
