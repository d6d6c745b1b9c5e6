"""One layer, one call: outputs, gradients by inputs and weights, symbolic shapes. What the layer scripts share.

Inputs, weights and cotangents are not stored: `numbers` makes them from a shape and a seed, here and in the tests.
"""

from __future__ import annotations

import math
from typing import Any

from common import case, keras, np, tf

Config = dict[str, Any]
ABOUT = (
    "layer = keras.layers.CLASS(**config) (lists are tuples; {'layer': [CLASS, config]} stands for a layer inside), "
    "built by a first call; its k-th weight is numbers(shape, 100 + k), the k-th input numbers(its shape, 1 + k), the "
    "k-th cotangent numbers(shape of the k-th output, 50 + k), all in the layer's dtype; numbers(shape, seed) is "
    "((7919 i + 104729 seed) mod 199 - 99) / 100 for i = 0, 1, ... in row-major order; how the inputs are passed: "
    "'one', 'list' (a list of them), 'separate' (one after the other), 'states' (the first, the others as a list "
    "initial_state); call: further arguments; expected: the outputs; gradients and weight_gradients are of "
    "sum(cotangent * output); names, shapes: those of the weights; weights_after: where the call changes them; "
    "states_after: stateful layers; losses: layer.losses; "
    "symbolic: compute_output_shape for an unknown batch size"
)


def numbers(shape: Any, seed: int) -> Any:
    """Numbers of two digits between -1 and 1, the same on every machine."""
    count = np.arange(math.prod(shape))
    return (((count * 7919 + seed * 104729) % 199 - 99) / 100).reshape(shape)


def made(name: str, config: Config) -> Any:
    """The layer; lists in the config are tuples, `[CLASS, config]` under a layer's argument is a layer."""
    inner = {key: _inside(config[key]) for key in ("layer", "backward_layer", "cell", "cells") if key in config}
    plain = {key: tuple(v) if isinstance(v, list) else v for key, v in config.items() if key not in inner}
    return getattr(keras.layers, name)(**plain, **inner)


def _inside(value: Any) -> Any:
    return [made(*one) for one in value] if isinstance(value[0], list) else made(*value)


def called(layer: Any, inputs: list[Any], how: str, call: Config) -> Any:
    """The outputs, as a flat list."""
    arguments = {key: _argument(key, value) for key, value in call.items()}
    if how == "states":
        arguments["initial_state"] = list(inputs[1:])
    positional = {"one": inputs, "separate": inputs, "list": [list(inputs)], "states": inputs[:1]}[how]
    return keras.tree.flatten(layer(*positional, **arguments))


def _argument(name: str, value: Any) -> Any:
    """A tensor from a list; `mask` of layers with several inputs is a list of them."""
    several = name == "mask" and isinstance(value, list) and (value[0] is None or isinstance(value[0][0], list))
    if several:
        return [None if one is None else tf.constant(one) for one in value]
    return tf.constant(value) if isinstance(value, list) else value


def layer_case(name: str, config: Config, shapes: Any, how: str = "one", **call: Any) -> Config:
    """Everything about one call."""
    listed = [shapes] if how == "one" else shapes
    layer = made(name, config)
    inputs = [tf.constant(numbers(shape, 1 + k), layer.compute_dtype) for k, shape in enumerate(listed)]
    called(layer, inputs, how, call)
    stateful = getattr(layer, "stateful", False)
    if stateful:
        layer.reset_state()
    for k, variable in enumerate(layer.weights):
        variable.assign(numbers(variable.shape, 100 + k))
    before = layer.get_weights()
    results = _gradients(layer, inputs, how, call)
    after = layer.get_weights()
    changed = any((a != b).any() for a, b in zip(before, after, strict=True))
    symbolic = None if how != "one" or stateful else _symbolic(layer, listed[0], results["expected"])
    return case(
        **{"class": name}, config=config, inputs=listed, how=how if how != "one" else None, call=call or None,
        names=[v.name for v in layer.weights] or None, shapes=[v.shape for v in layer.weights] or None, **results,
        weights_after=after if changed else None, symbolic=symbolic,
        states_after=[v.numpy() for v in keras.tree.flatten(layer.states)] if stateful else None,
    )  # fmt: skip


def _gradients(layer: Any, inputs: list[Any], how: str, call: Config) -> Config:
    """The outputs and losses of a call, and the gradients of sum(cotangent * output)."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = called(layer, inputs, how, call)
        cotangents = [tf.constant(numbers(y.shape, 50 + k), y.dtype) for k, y in enumerate(outputs)]
        total = tf.add_n([tf.reduce_sum(y * c) for y, c in zip(outputs, cotangents, strict=True)])
    losses = [float(loss) for loss in layer.losses]
    weights = [variable.value for variable in layer.trainable_weights]
    zero = tf.UnconnectedGradients.ZERO
    by_inputs, by_weights = tape.gradient(total, [inputs, weights], unconnected_gradients=zero)
    by_weights = [tf.convert_to_tensor(g) for g in by_weights]
    return {"expected": outputs, "gradients": by_inputs, "weight_gradients": by_weights or None,
            "losses": losses or None}  # fmt: skip


def _symbolic(layer: Any, shape: Any, outputs: list[Any]) -> Any:
    """None where Keras does not say the shapes that come out (Bidirectional with layers of different sizes)."""
    found = layer.compute_output_shape((None, *shape[1:]))
    listed = found if isinstance(found[0], (tuple, list)) else [found]
    return found if [tuple(s[1:]) for s in listed] == [tuple(y.shape[1:]) for y in outputs] else None


def config_case(name: str, arguments: Config) -> Config:
    """get_config() of a layer made with as few arguments as possible."""
    keras.backend.clear_session()
    return case(**{"class": name}, arguments=arguments, expected=made(name, arguments).get_config())
