"""GPTQ and AWQ: against their definitions; whole models, their files and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import dtype_policies, layers
from chainrule.errors import ArgumentError
from chainrule.quantizers import AWQConfig, GPTQConfig
from chainrule.quantizers.fitting import Seen, fit_awq, fit_gptq, fit_nearest

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(400, 6)) @ RNG.normal(size=(6, 24)) + 0.3 * RNG.normal(size=(400, 24))  # related ones
UNEQUAL = RNG.normal(size=(400, 24)) * np.geomspace(0.05, 8, 24)[RNG.permutation(24)]
WEIGHTS = RNG.normal(size=(24, 10))


def hessian(x=INPUTS):
    seen = Seen(x.shape[1])
    for part in np.array_split(x, 3):
        seen.add(part)
    return seen.hessian


def error(fitted, x=INPUTS):
    return np.sum((x @ (fitted.matrix() - WEIGHTS)) ** 2)


def brain_surgery(w, h, damping, bits):
    """Optimal brain quantization (equation 2 of the paper), the inverse made anew for the rows that are left."""
    w, h = w.copy(), h + np.eye(len(h)) * damping * np.diag(h).mean()
    grid = fit_nearest(w, bits, -1)
    scale, zero = grid.scale[0], grid.zero[0]
    out = np.zeros_like(w)
    for i in range(len(w)):
        inverse = np.linalg.inv(h[i:, i:])
        out[i] = (np.clip(np.round(w[i] / scale) + zero, 0, 2**bits - 1) - zero) * scale
        w[i:] -= np.outer(inverse[:, 0] / inverse[0, 0], w[i] - out[i])
    return out


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_gptq_is_optimal_brain_quantization_in_a_fixed_order(bits):
    np.testing.assert_allclose(
        fit_gptq(WEIGHTS, hessian(), bits, -1).matrix(), brain_surgery(WEIGHTS, hessian(), 0.01, bits), atol=1e-9
    )


def test_inputs_without_relation_to_each_other_leave_nothing_to_make_up_for():
    found, plain = fit_gptq(WEIGHTS, np.eye(24), 4, 8), fit_nearest(WEIGHTS, 4, 8)
    np.testing.assert_array_equal(found.numbers, plain.numbers)
    np.testing.assert_array_equal(found.scale, plain.scale)


@pytest.mark.parametrize("arguments", [
    {"bits": 4}, {"bits": 3, "group_size": 8}, {"bits": 4, "group_size": 8, "by_importance": True},
    {"bits": 4, "symmetric": True}, {"bits": 2, "group_size": 5},
])  # fmt: skip
def test_gptq_changes_outputs_less_than_rounding(arguments):
    arguments = {"group_size": -1, **arguments}
    plain = {key: value for key, value in arguments.items() if key != "by_importance"}
    assert error(fit_gptq(WEIGHTS, hessian(), **arguments)) < 0.7 * error(fit_nearest(WEIGHTS, **plain))


def test_many_rows_are_done_in_blocks_with_the_same_outcome():
    x = RNG.normal(size=(600, 300)) @ RNG.normal(size=(300, 300))
    w = RNG.normal(size=(300, 4))
    found = fit_gptq(w, hessian(x), 4, -1).matrix()
    np.testing.assert_allclose(found, brain_surgery(w, hessian(x), 0.01, 4), atol=1e-6)
    grouped = [fit_gptq(w, hessian(x), 4, size).matrix() for size in (100, 256)]
    for other in grouped:
        assert np.sum((x @ (other - w)) ** 2) < np.sum((x @ (fit_nearest(w, 4, 100).matrix() - w)) ** 2)


@pytest.mark.parametrize("group_size", [-1, 8])
def test_awq_changes_outputs_less_than_rounding(group_size):
    found = fit_awq(WEIGHTS, hessian(UNEQUAL), np.abs(UNEQUAL).mean(0), 4, group_size)
    assert error(found, UNEQUAL) < 0.8 * error(fit_nearest(WEIGHTS, 4, group_size), UNEQUAL)
    assert found.row_scale.max() > 2 * found.row_scale.min()


def test_inputs_that_are_always_zero_do_not_matter():
    x = INPUTS.copy()
    x[:, 3] = 0
    for found in (fit_gptq(WEIGHTS, hessian(x)), fit_awq(WEIGHTS, hessian(x), np.abs(x).mean(0))):
        assert np.isfinite(found.matrix()).all()


# whole models

ROWS = INPUTS[:200].astype("float32")
CONFIGS = {
    "gptq": GPTQConfig(ROWS, group_size=-1, num_samples=200),
    "gptq in groups": GPTQConfig(ROWS, group_size=8, weight_bits=3, activation_order=True, symmetric=True),
    "awq": AWQConfig(ROWS, group_size=-1, num_samples=200),
    "awq in groups": AWQConfig(ROWS, group_size=8, num_grid_points=5),
}


def network():
    cr.utils.set_random_seed(0)
    return cr.Sequential([cr.Input((24,)), layers.Dense(33, "relu"), layers.Dense(5, name="last")])


def off(model):
    return np.mean((model.predict(ROWS, verbose=0) - network().predict(ROWS, verbose=0)) ** 2)


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("file", ["m.keras", "m.weights.h5"])
def test_models_are_quantized_saved_and_read(name, file, tmp_path):
    model, config = network(), CONFIGS[name]
    model.quantize(config.mode, config)
    assert [w.dtype for w in model.layers[0].weights].count("uint8") == 2  # numbers, zeros
    assert {layer.quantization_mode for layer in model.layers} == {config.mode}
    path, found = tmp_path / file, network()
    if file.endswith(".keras"):
        model.save(path)
        found = cr.models.load_model(path)
        assert found.layers[0].quantization_config.get_config() == config.get_config()
    else:
        pytest.importorskip("h5py")
        model.save_weights(path)
        alike = {key: getattr(config, key) for key in ("weight_bits", "group_size")}
        found.quantize(config.mode, type(config)(-ROWS, **alike))
        found.load_weights(path)
    np.testing.assert_array_equal(found.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))
    assert found.layers[0].dtype_policy.name == model.layers[0].dtype_policy.name


@pytest.mark.parametrize("mode", ["gptq", "awq"])
def test_outputs_change_less_than_by_rounding(mode):
    fitted, plain = network(), network()
    fitted.quantize(mode, CONFIGS[mode])
    plain.quantize("int4")
    assert off(fitted) < (0.5 if mode == "gptq" else 1.0) * off(plain)


def test_the_matrix_that_a_layer_computes_with():
    model = network()
    matrix = model.layers[0].kernel.numpy()
    model.quantize("gptq", CONFIGS["gptq"])
    seen = Seen(24)
    seen.add(ROWS)
    expected = fit_gptq(matrix, seen.hessian, 4, -1)
    np.testing.assert_allclose(model.layers[0]._matrix(), expected.matrix(), atol=1e-6)
    np.testing.assert_array_equal(model.layers[0].kernel, expected.numbers)


class Words:
    def tokenize(self, text):
        return [ord(letter) % 20 for letter in text]


@pytest.mark.parametrize("config", [GPTQConfig, AWQConfig])
def test_blocks_of_a_model_of_texts(config):
    cr.utils.set_random_seed(0)
    x = cr.Input((6,), dtype="int32")
    table, attention, last = layers.Embedding(20, 16), layers.MultiHeadAttention(2, 4), layers.Dense(3)
    embedded = table(x)
    model = cr.Model(x, last(attention(embedded, embedded)))
    tokens = np.arange(30).reshape(5, 6) % 20
    before = model.predict(tokens, verbose=0)
    settings = config(["a text that is cut", "into windows"], Words(), num_samples=8, sequence_length=6, group_size=8)
    model.quantize(settings.mode, settings)
    parts = [layer for layer in attention._flatten_layers() if isinstance(layer, layers.EinsumDense)]
    assert {layer.quantization_mode for layer in (*parts, last)} == {settings.mode} and len(parts) == 4
    assert table.quantization_mode is None
    assert 0 < np.abs(model.predict(tokens, verbose=0) - before).max() < 0.2 * np.abs(before).max()


def test_only_the_blocks_that_are_named():
    model = network()
    structure = {"pre_block_layers": [model.layers[0]], "sequential_blocks": [model.layers[1]]}
    model.quantize("gptq", GPTQConfig(ROWS, quantization_layer_structure=structure))
    assert [layer.quantization_mode for layer in model.layers] == [None, "gptq"]
    other = network()
    other.quantize("awq", AWQConfig(ROWS), filters="dense")
    assert [layer.quantization_mode for layer in other.layers] == ["awq", None]


def test_windows_of_tokens():
    config = GPTQConfig([[1, 2, 3], np.array([4, 5])], Words(), num_samples=3, sequence_length=4)
    np.testing.assert_array_equal(np.concatenate(list(config.batches())), [[1, 2, 3, 4], [5, 1, 2, 3], [4, 5, 1, 2]])


@pytest.mark.parametrize(("make", "text"), [
    (lambda: GPTQConfig(ROWS, weight_bits=5), r"weight_bits among \(2, 3, 4, 8\); got 5"),
    (lambda: AWQConfig(ROWS, weight_bits=8), "weight_bits among"),
    (lambda: GPTQConfig(ROWS, group_size=0), "group_size above 0, or -1"),
    (lambda: GPTQConfig(ROWS, num_samples=0), "num_samples above 0"),
    (lambda: GPTQConfig(ROWS, hessian_damping=2), "hessian_damping from 0 to 1"),
    (lambda: AWQConfig(ROWS, num_grid_points=0), "num_grid_points above 0"),
    (lambda: network().quantize("gptq", GPTQConfig(None)), "expected dataset to be texts or arrays; got NoneType"),
    (lambda: network().quantize("gptq", GPTQConfig([])), "the dataset is empty"),
    (lambda: network().quantize("awq", AWQConfig(["a"])), "texts need a tokenizer"),
    (lambda: network().quantize("awq", GPTQConfig(ROWS)), "the config is for 'gptq'"),
    (lambda: network().quantize("awq", AWQConfig(ROWS, quantization_layer_structure={"a": 1})), "sequential_blocks"),
    (lambda: dtype_policies.get("gptq/4_from_float32"), "a mode such as 'gptq/4/128'"),
    (lambda: dtype_policies.get("awq/8/128_from_float32"), "bits among"),
])  # fmt: skip
def test_what_is_refused(make, text):
    with pytest.raises(ArgumentError, match=text):
        make()
