"""Layers against the golden files that `scripts/golden/layer_cases.py` makes: one call, and all that is known of it."""

from __future__ import annotations

import json
import math

import numpy as np

from chainrule import config, layers
from chainrule.autodiff import pull_back
from chainrule.executors import compile_program
from chainrule.ir import Tensor, trace
from chainrule.ir.tree import flatten
from chainrule.models import load_model
from chainrule.passes import optimize
from chainrule.primitives.arithmetic import as_operand
from chainrule.variables import StateScope

from .keras_facts import golden

# both sides compute in float32, and sum in different orders
CLOSE = {"rtol": 1e-5, "atol": 1e-6}
EXACT = {"rtol": 1e-8, "atol": 1e-9}  # float64, given with nine digits


def cases(name):
    return golden(name)["cases"]


def case_name(case):
    words = [f"{key}={value}" for key, value in {**case["config"], **case.get("call", {})}.items()]
    return f"{case['class']}-{','.join(words)[:70]}".replace(" ", "")


def numbers(shape, seed):
    """Numbers of two digits between -1 and 1, as the script that made the files has them."""
    count = np.arange(math.prod(shape))
    return (((count * 7919 + seed * 104729) % 199 - 99) / 100).reshape(shape)


def made(name, arguments):
    """A layer; lists are tuples, `[CLASS, config]` under the name of an inner layer is a layer."""
    inner = {key: inside(arguments[key]) for key in ("layer", "backward_layer", "cell", "cells") if key in arguments}
    plain = {key: tuple(v) if isinstance(v, list) else v for key, v in arguments.items() if key not in inner}
    return getattr(layers, name)(**plain, **inner)


def inside(value):
    return [made(*one) for one in value] if isinstance(value[0], list) else made(*value)


def argument(name, value):
    """An array from a list; `mask` of layers with several inputs is a list of them."""
    if name == "mask" and (value[0] is None or isinstance(value[0][0], list)):
        return [None if one is None else np.array(one) for one in value]
    return np.array(value) if isinstance(value, list) else value


class Called:
    """A case's layer with the golden weights, and what it is called on."""

    def __init__(self, case):
        self.case, self.layer = case, made(case["class"], case["config"])
        self.how = case.get("how", "one")
        self.dtype = self.layer.compute_dtype
        self.inputs = [numbers(shape, 1 + k).astype(self.dtype) for k, shape in enumerate(case["inputs"])]
        self.arguments = {key: argument(key, v) for key, v in case.get("call", {}).items()}
        self.outputs(self.layer, self.inputs)
        assert [list(w.shape) for w in self.layer.weights] == case.get("shapes", [])
        assert [w.name for w in self.layer.weights] == case.get("names", [])
        self.layer.set_weights([numbers(w.shape, 100 + k) for k, w in enumerate(self.layer.weights)])
        self.start()
        self.close = CLOSE if self.dtype == "float32" else EXACT

    def start(self):
        """A stateful layer begins anew."""
        if getattr(self.layer, "stateful", False):
            self.layer.reset_state()

    def outputs(self, layer, inputs):
        """The outputs as a flat list."""
        arguments = dict(self.arguments)
        if self.how == "states":
            arguments["initial_state"] = list(inputs[1:])
        given = {"one": inputs, "separate": inputs, "list": [list(inputs)], "states": inputs[:1]}[self.how]
        return flatten(layer(*given, **arguments))

    def gradients(self):
        """Those of sum(cotangent * output) by the inputs and by the trainable weights, computed by the executor."""
        weights = self.layer.trainable_weights
        tensors = [as_operand(x) for x in self.inputs]
        operands = [*tensors, *(w.value for w in weights)]

        def forward(*values):
            with StateScope(dict(zip(weights, values[len(tensors) :], strict=True))):
                return self.outputs(self.layer, list(values[: len(tensors)]))

        program, captured = trace(forward, [t.type for t in operands])

        def backward(*values):
            seeds = [Tensor(numbers(t.shape, 50 + k).astype(t.dtype)) for k, t in enumerate(program.output_types)]
            wrt = range(len(operands))
            return [g if g is not None else v * 0.0 for g, v in zip(
                pull_back(program, list(values), seeds, wrt)[1], values, strict=False)]  # fmt: skip

        found = run(backward, [*operands, *captured])
        return found[: len(tensors)], found[len(tensors) :]


def run(function, operands):
    """`function` recorded, optimized and run by the executor that the environment chooses."""
    program, captured = trace(function, [t.type for t in operands])
    executable = compile_program(optimize(program), config.executor())
    return executable([np.asarray(t) for t in (*operands, *captured)])


def check_call(case):
    """Outputs, losses, weights and states after the call."""
    c = Called(case)
    found = c.outputs(c.layer, c.inputs)
    expected = case["expected"]
    assert len(found) == len(expected)
    for y, wanted in zip(found, expected, strict=True):
        assert y.shape == np.shape(wanted)
        assert y.dtype == c.dtype
        np.testing.assert_allclose(y, wanted, **c.close)
    np.testing.assert_allclose([float(loss) for loss in c.layer.losses], case.get("losses", []), rtol=2e-5)
    start = [numbers(w.shape, 100 + k) for k, w in enumerate(c.layer.weights)]
    for weight, wanted in zip(c.layer.weights, case.get("weights_after", start), strict=True):
        np.testing.assert_allclose(weight.numpy(), wanted, err_msg=weight.name, **c.close)
    if "states_after" in case:
        for state, wanted in zip(flatten(c.layer.states), case["states_after"], strict=True):
            np.testing.assert_allclose(state.numpy(), wanted, **c.close)


def check_compiled(case):
    """The same outputs as one compiled Program."""
    c = Called(case)

    def function(*inputs):
        with StateScope():
            return c.outputs(c.layer, list(inputs))

    for y, wanted in zip(run(function, [as_operand(x) for x in c.inputs]), case["expected"], strict=True):
        np.testing.assert_allclose(y, wanted, **c.close)


def check_gradients(case):
    c = Called(case)
    by_inputs, by_weights = c.gradients()
    for name, found, wanted in (("input", by_inputs, case["gradients"]),
                                ("weight", by_weights, case.get("weight_gradients", []))):  # fmt: skip
        assert len(found) == len(wanted)
        for k, (g, expected) in enumerate(zip(found, wanted, strict=True)):
            scale = max(1.0, float(np.abs(expected).max(initial=0)))  # sums of many terms: relative to the largest
            limit = {**c.close, "atol": c.close["atol"] * scale}
            np.testing.assert_allclose(g, expected, err_msg=f"{name} {k}", **limit)


def check_configuration(case):
    """Plain data, JSON and back give an equal layer."""
    c = Called(case)
    data = json.loads(json.dumps(layers.serialize(c.layer)))
    again = layers.deserialize(data)
    assert type(again) is type(c.layer)
    assert layers.serialize(again) == data
    weights = c.layer.get_weights()
    expected = [np.asarray(y) for y in c.outputs(c.layer, c.inputs)]
    c.outputs(again, c.inputs)
    again.set_weights(weights)
    if getattr(again, "stateful", False):
        again.reset_state()
    for y, wanted in zip(c.outputs(again, c.inputs), expected, strict=True):
        np.testing.assert_array_equal(y, wanted)


def check_symbolic(case):
    """A symbolic call, and `compute_output_shape`, find the real shapes for any batch size."""
    c = Called(case)
    if getattr(c.layer, "stateful", False):
        return
    masked = any(isinstance(v, (np.ndarray, list)) for v in c.arguments.values())  # they have a batch size
    symbols = [layers.Input(batch_shape=(None if not masked else x.shape[0], *x.shape[1:]), dtype=c.dtype)
               for x in c.inputs]  # fmt: skip
    shapes = [y.shape for y in c.outputs(c.layer, symbols)]
    wanted = [np.shape(y) for y in case["expected"]]
    assert shapes == [s if masked else (None, *s[1:]) for s in wanted]
    if "symbolic" in case:
        found = c.layer.compute_output_shape((None, *c.inputs[0].shape[1:]))
        assert json.loads(json.dumps(found)) == case["symbolic"]


def check_config_of_keras(case, more=()):
    """The keys and values that Keras writes, `more` besides; and what it writes is read."""
    theirs, name = case["expected"], case["class"]
    ours = made(name, {**case["arguments"], "name": theirs["name"]}).get_config()
    assert set(theirs) == set(ours) - set(more)
    for key in set(ours) & set(theirs) - {"dtype"}:
        same_plain_data(ours[key], theirs[key], key)
    module = {"module": "keras.layers", "class_name": name, "config": theirs, "registered_name": None}
    layer = layers.deserialize(module)
    assert type(layer) is getattr(layers, name)
    assert layer.name == theirs["name"]


def same_plain_data(ours, theirs, key):
    """Equal but for what belongs to Keras: modules, dtype policies, what a nested config has besides."""
    if isinstance(theirs, dict) and "class_name" in theirs:
        assert ours["class_name"] == theirs["class_name"], key
    elif isinstance(theirs, list) and theirs and isinstance(theirs[0], dict):
        for a, b in zip(ours, theirs, strict=True):
            same_plain_data(a, b, key)
    else:
        assert json.loads(json.dumps(ours)) == theirs, key


def same_after_saving(model, inputs, folder):
    """A model saved and loaded predicts the same bits; returns the loaded one."""
    expected = model.predict(inputs, verbose=0)
    path = folder / "model.keras"
    model.save(path)
    again = load_model(path)
    for y, wanted in zip(flatten(again.predict(inputs, verbose=0)), flatten(expected), strict=True):
        np.testing.assert_array_equal(y, wanted)
    return again
