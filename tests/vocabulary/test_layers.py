"""Layers against values made by Keras (tests/golden/layers.json, signatures.json, configs.json)."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import numpy as np
import pytest

from chainrule import layers
from chainrule.autodiff import pull_back
from chainrule.ir import FLOAT, Tensor, trace
from chainrule.layers.trees import leaves
from chainrule.primitives.arithmetic import as_operand
from chainrule.variables import StateScope

FOLDER = Path(__file__).parents[1] / "golden"
GOLDEN = json.loads((FOLDER / "layers.json").read_text())
SIGNATURES = json.loads((FOLDER / "signatures.json").read_text())["signatures"]
CONFIGS = [c for c in json.loads((FOLDER / "configs.json").read_text())["cases"] if c["class"][:13] == "keras.layers."]
MERGING = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"}
VARIANTS = {"lora_rank", "lora_alpha", "quantization_config", "gptq_unpacked_column_size"}

# float32 on both sides, sums in different orders
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


def case_name(case):
    return f"{case['class']}-{','.join(f'{k}={v}' for k, v in case['config'].items())[:60]}"


def array(values):
    found = np.asarray(values)
    return found.astype({"b": "bool", "i": "int32"}.get(found.dtype.kind, "float32"))


def made(case):
    config = {key: tuple(value) if isinstance(value, list) else value for key, value in case["config"].items()}
    layer = getattr(layers, case["class"])(**config)
    if "adapt" in case:
        layer.adapt(array(case["adapt"]))
    return layer


def inputs_of(case):
    return [array(x) for x in case["inputs"]] if case["class"] in MERGING else array(case["inputs"])


def called(case):
    """The layer with the golden weights, its inputs, the other arguments of the call."""
    layer, inputs = made(case), inputs_of(case)
    arguments = {key: array(v) if isinstance(v, list) else v for key, v in case.get("call", {}).items()}
    if not layer.built:
        layer(inputs)
    assert [w.name for w in layer.weights] == list(case["weights"])
    layer.set_weights([np.asarray(value) for value in case["weights"].values()])
    return layer, inputs, arguments


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=case_name)
def test_outputs_states_losses_and_masks(case):
    layer, inputs, arguments = called(case)
    output = layer(inputs, **arguments)
    expected = array(case["expected"])
    assert output.shape == expected.shape
    assert (output.type.dtype in FLOAT) == (expected.dtype.kind == "f")
    np.testing.assert_allclose(output, expected, **CLOSE)
    np.testing.assert_allclose([float(loss) for loss in layer.losses], case.get("losses", []), rtol=1e-5)
    after = case.get("weights_after", case["weights"])
    for weight in layer.weights:
        np.testing.assert_allclose(weight.numpy(), after[weight.name], err_msg=weight.name, **CLOSE)
    if "output_mask" in case:
        mask = layer.compute_mask(as_operand(inputs))
        assert (None if mask is None else mask.tolist()) == case["output_mask"]


def gradients(layer, inputs, arguments, cotangent):
    """The gradient of sum(cotangent * output) by each input and each trainable weight."""
    many = isinstance(inputs, list)
    tensors = [as_operand(x) for x in (inputs if many else [inputs])]
    weights = layer.trainable_weights
    floats = [i for i, t in enumerate(tensors) if t.type.dtype in FLOAT]
    wrt = [*floats, *range(len(tensors), len(tensors) + len(weights))]

    def forward(*values):
        state = dict(zip(weights, values[len(tensors) :], strict=True))
        with StateScope(state):
            given = list(values[: len(tensors)])
            return leaves(layer(given if many else given[0], **arguments))

    operands = [*tensors, *(w.value for w in weights)]
    program, captured = trace(forward, [t.type for t in operands])
    seed = Tensor(np.asarray(cotangent, program.output_types[0].dtype))
    _, found = pull_back(program, [*operands, *captured], [seed], wrt)
    return found[: len(floats)], dict(zip((w.name for w in weights), found[len(floats) :], strict=True))


@pytest.mark.parametrize("case", [c for c in GOLDEN["cases"] if "cotangent" in c], ids=case_name)
def test_gradients(case):
    layer, inputs, arguments = called(case)
    by_inputs, by_weights = gradients(layer, inputs, arguments, case["cotangent"])
    expected = case.get("gradient")
    for found, wanted in zip(by_inputs, expected if case["class"] in MERGING else [expected], strict=False):
        if wanted is not None:
            # a gradient through a variance is a difference of numbers that nearly cancel
            np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=5e-6)
    for name, wanted in (case.get("weight_gradients") or {}).items():
        np.testing.assert_allclose(by_weights[name], wanted, err_msg=name, rtol=2e-5, atol=5e-6)


@pytest.mark.parametrize("case", GOLDEN["random"], ids=case_name)
def test_random_layers_in_training(case):
    config = {key: tuple(value) if isinstance(value, list) else value for key, value in case["config"].items()}
    ones = np.ones(case["shape"], "float32")
    output = np.asarray(getattr(layers, case["class"])(**config, seed=3)(ones, training=True), "float64")
    expected = case["statistics"]
    draws = output.size if not case["constant_along_axis_1"] else output[:, 0].size
    spread = 5 * max(expected["std"], 1e-12) / np.sqrt(draws) + 1e-6  # five standard errors, on either side
    np.testing.assert_allclose(output.mean(), expected["mean"], atol=2 * spread)
    np.testing.assert_allclose(output.std(), expected["std"], atol=4 * spread)
    np.testing.assert_allclose((output == 0).mean(), expected["zero_fraction"], atol=5 / np.sqrt(draws))
    if case["class"] not in ("GaussianNoise", "GaussianDropout"):
        found = [output[output != 0].min(), output[output != 0].max()]
        np.testing.assert_allclose(found, [expected["nonzero_min"], expected["nonzero_max"]], rtol=1e-5)
    assert bool((output == output[:, :1]).all()) == case["constant_along_axis_1"]
    assert np.array_equal(getattr(layers, case["class"])(**config)(ones), ones) == case["inference_is_identity"]


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=case_name)
def test_configuration_makes_an_equal_layer(case):
    layer, inputs, arguments = called(case)
    config = json.loads(json.dumps(layers.serialize(layer)))
    again = layers.deserialize(config)
    assert type(again) is type(layer)
    assert layers.serialize(again) == config
    if not again.built:
        again(inputs)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(inputs, **arguments), layer(inputs, **arguments))


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=case_name)
def test_symbolic_call_finds_the_shape_for_any_batch(case):
    layer, inputs, arguments = called(case)
    listed = inputs if isinstance(inputs, list) else [inputs]
    batch = None if listed[0].ndim > 1 else listed[0].shape[0]
    tensors = [layers.Input(batch_shape=(batch, *x.shape[1:]), dtype=str(x.dtype)) for x in listed]
    symbolic = layer(tensors if isinstance(inputs, list) else tensors[0], **(arguments if batch else {}))
    shape = np.shape(case["expected"])
    wanted = shape if batch else (None, *shape[1:])
    assert symbolic.shape == wanted
    assert symbolic.node.operation is layer
    shapes = [t.shape for t in tensors]
    assert layer.compute_output_shape(shapes if isinstance(inputs, list) else shapes[0]) == wanted


def parameters(function, skip):
    kinds = {"POSITIONAL_OR_KEYWORD": "pk", "KEYWORD_ONLY": "k", "VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    found = list(inspect.signature(function).parameters.values())[skip:]
    return [[p.name, kinds[p.kind.name], *([] if p.default is p.empty else [repr(p.default)])] for p in found]


OURS = [n for n in SIGNATURES if n.startswith("keras.layers.") and n.split(".")[2] in layers.__all__]


@pytest.mark.parametrize("name", [n for n in OURS if n.count(".") == 2])
def test_signature_is_that_of_keras(name):
    ours = getattr(layers, name.split(".")[2])
    function, skip = (ours.__init__, 1) if inspect.isclass(ours) else (ours, 0)
    # what changes how a layer computes (LoRA, quantization) is no argument here, see below
    expected = [p for p in SIGNATURES[name]["parameters"] if p[0] not in VARIANTS]
    found = parameters(function, skip)
    if ["kwargs", "**"] not in expected:  # two layers of Keras take no further arguments; here every layer does
        found = [p for p in found if p != ["kwargs", "**"]]
    assert found == expected


@pytest.mark.parametrize("name", [n for n in OURS if n.split(".")[-1] in ("call", "adapt", "build")])
def test_methods_take_what_keras_takes(name):
    _, _, layer, method = name.split(".")
    assert parameters(getattr(getattr(layers, layer), method), 1) == SIGNATURES[name]["parameters"]


CLASSES = [name for name in layers.__all__ if inspect.isclass(getattr(layers, name)) and name != "InputSpec"]


@pytest.mark.parametrize("name", CLASSES)
def test_call_takes_what_keras_takes(name):
    cls = getattr(layers, name)
    positional = [p for p in inspect.signature(cls.call).parameters if p != "self"]
    assert positional[0] in ("inputs", "x", "args", "query", "sequences", "data")


@pytest.mark.parametrize("case", [c for c in CONFIGS if c["class"][13:] in layers.__all__],
                         ids=lambda c: c["class"][13:])  # fmt: skip
def test_configuration_has_the_keys_of_keras(case):
    made = getattr(layers, case["class"][13:])(**{"name": "it", **case["arguments"]})
    config = json.loads(json.dumps(made.get_config()))
    theirs = {**case["expected"], "name": case["arguments"].get("name", "it")}
    absent = VARIANTS | {"activity_regularizer"}
    assert set(theirs) - set(config) <= absent
    assert set(config) - set(theirs) <= {"activity_regularizer", "trainable", "sparse"}
    policy = config["dtype"]
    assert policy == "float32" if case["class"].endswith("InputLayer") else policy["config"] == {"name": "float32"}
    for key in set(config) & set(theirs) - {"dtype"}:
        if isinstance(theirs[key], dict):
            assert config[key]["class_name"] == theirs[key]["class_name"]
        else:
            assert config[key] == theirs[key]


@pytest.mark.parametrize("case", [c for c in CONFIGS if c["class"][13:] in layers.__all__],
                         ids=lambda c: c["class"][13:])  # fmt: skip
def test_configuration_written_by_keras_is_read(case):
    name = case["class"][13:]
    plain = {"module": "keras.layers", "class_name": name, "config": case["expected"], "registered_name": None}
    layer = layers.deserialize(plain)
    assert type(layer) is getattr(layers, name)
    assert layer.name == case["expected"]["name"]
    assert layer.dtype == "float32"
