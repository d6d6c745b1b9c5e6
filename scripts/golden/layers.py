"""Golden forward values, gradients and states of the layers of dense networks: tests/golden/layers.json."""

from __future__ import annotations

import math
from typing import Any

from common import case, keras, np, plain, tf, write

Config = dict[str, Any]


def wave(*shape: int, phase: float = 0.0, scale: float = 2.0) -> list[Any]:
    """Made-up numbers of two digits, the same every time."""
    count = np.arange(math.prod(shape))
    return np.round(scale * np.sin(count * 1.7 + phase) * np.cos(count * 0.6 + phase), 2).reshape(shape).tolist()


ROWS, SEQUENCE, IMAGE = wave(4, 3), wave(2, 3, 4, phase=0.5), wave(2, 2, 3, 4, phase=1.0)
SHARP = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 7.0]
PAIR, TRIPLE = [wave(2, 3), wave(2, 3, phase=1.0)], [wave(2, 3), wave(2, 3, phase=1.0), wave(2, 3, phase=2.0)]
IDS = [[1, 0, 3], [2, 2, 0]]
L2 = {"class_name": "L2", "config": {"l2": 0.1}}
TRAINING = {"training": True}
INFERENCE = {"training": False}

# class, config, inputs (a list of arrays under "several"), and what else matters
LAYERS: list[tuple[str, Config, Any, Config]] = [
    ("Dense", {"units": 2}, ROWS, {}), ("Dense", {"units": 2, "use_bias": False}, ROWS, {}),
    *(("Dense", {"units": 3, "activation": name}, ROWS, {}) for name in ("relu", "sigmoid", "tanh", "softmax",
            "linear")),
    ("Dense", {"units": 2, "activation": "gelu"}, SEQUENCE, {}), ("Dense", {"units": 5}, IMAGE, {}),
    ("Dense", {"units": 2, "kernel_regularizer": L2, "bias_regularizer": "l1"}, ROWS, {}),
    ("Dense", {"units": 2, "activity_regularizer": "l2"}, ROWS, {}),
    ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": "c"}, ROWS, {}),
    ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [None, 2], "bias_axes": "d"}, SEQUENCE, {}),
    ("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 3, "bias_axes": "y", "activation": "relu"}, SEQUENCE,
            {}),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": [None, 2, 3]}, SEQUENCE, {}),
    ("Activation", {"activation": "relu"}, SHARP, {}), ("Activation", {"activation": "softplus"}, SHARP, {}),
    ("ReLU", {}, SHARP, {}), ("ReLU", {"max_value": 1.5}, SHARP, {}),
    ("ReLU", {"negative_slope": 0.1, "threshold": 0.75}, SHARP, {}),
    ("LeakyReLU", {}, SHARP, {}), ("LeakyReLU", {"negative_slope": 0.1}, SHARP, {}),
    ("ELU", {}, SHARP, {}), ("ELU", {"alpha": 0.5}, SHARP, {}),
    ("PReLU", {}, ROWS, {}), ("PReLU", {"shared_axes": [1]}, SEQUENCE, {}),
            ("PReLU", {"shared_axes": [1, 2]}, IMAGE, {}),
    ("Softmax", {}, ROWS, {}), ("Softmax", {"axis": 1}, SEQUENCE, {}), ("Softmax", {"axis": [1, 2]}, SEQUENCE, {}),
    ("Softmax", {}, ROWS, {"mask": [[True, True, False], [True, False, False], [True] * 3, [False, True, True]]}),
    ("Identity", {}, ROWS, {}),
    ("BatchNormalization", {}, ROWS, TRAINING), ("BatchNormalization", {}, ROWS, INFERENCE),
    ("BatchNormalization", {"momentum": 0.5, "epsilon": 0.1}, ROWS, TRAINING),
    *(("BatchNormalization", {"center": center, "scale": scale}, ROWS, mode)
      for center, scale in ((False, True), (True, False), (False, False)) for mode in (TRAINING, INFERENCE)),
    ("BatchNormalization", {"axis": 1}, SEQUENCE, TRAINING), ("BatchNormalization", {"axis": 1}, SEQUENCE, INFERENCE),
    ("BatchNormalization", {}, IMAGE, TRAINING), ("BatchNormalization", {"axis": 1}, IMAGE, TRAINING),
    ("BatchNormalization", {}, SEQUENCE, {**TRAINING, "mask": [[True, True, False], [True, False, False]]}),
    ("BatchNormalization", {"trainable": False}, ROWS, TRAINING), ("BatchNormalization", {}, ROWS[:1], TRAINING),
    ("LayerNormalization", {}, ROWS, {}), ("LayerNormalization", {}, SEQUENCE, {}),
    ("LayerNormalization", {"axis": 1}, SEQUENCE, {}), ("LayerNormalization", {"axis": [1, 2]}, SEQUENCE, {}),
    ("LayerNormalization", {"center": False}, ROWS, {}), ("LayerNormalization", {"scale": False}, ROWS, {}),
    ("LayerNormalization", {"center": False, "scale": False, "epsilon": 0.1}, ROWS, {}),
    ("RMSNormalization", {}, ROWS, {}), ("RMSNormalization", {"epsilon": 0.01}, SEQUENCE, {}),
    ("GroupNormalization", {"groups": 2}, SEQUENCE, {}), ("GroupNormalization", {"groups": 4}, IMAGE, {}),
    ("GroupNormalization", {"groups": 1}, IMAGE, {}), ("GroupNormalization", {"groups": -1}, IMAGE, {}),
    ("GroupNormalization", {"groups": 3, "axis": 1}, SEQUENCE, {}),
    ("GroupNormalization", {"groups": 2, "center": False, "scale": False, "epsilon": 0.1}, SEQUENCE, {}),
    ("UnitNormalization", {}, ROWS, {}), ("UnitNormalization", {"axis": 1}, SEQUENCE, {}),
    ("UnitNormalization", {"axis": [1, 2]}, SEQUENCE, {}), ("UnitNormalization", {}, [[0.0, 0.0], [3.0, 4.0]], {}),
    ("Embedding", {"input_dim": 4, "output_dim": 2}, IDS, {}),
    ("Embedding", {"input_dim": 4, "output_dim": 3, "mask_zero": True}, IDS, {}),
    ("Embedding", {"input_dim": 4, "output_dim": 2}, [3, 0], {}), ("Embedding", {"input_dim": 4, "output_dim": 2},
            [[1.0, 2.0]], {}),
    ("Masking", {}, [[[0.0, 0.0], [1.0, 0.0]], [[2.0, 3.0], [0.0, 0.0]]], {}),
    ("Masking", {"mask_value": -1.0}, [[[-1.0, -1.0], [-1.0, 0.0]]], {}),
    ("Flatten", {}, SEQUENCE, {}), ("Flatten", {}, ROWS, {}), ("Flatten", {}, [1.0, 2.0, 3.0], {}),
            ("Flatten", {}, IMAGE, {}),
    ("Flatten", {"data_format": "channels_first"}, IMAGE, {}),
    ("Reshape", {"target_shape": [4, 3]}, SEQUENCE, {}), ("Reshape", {"target_shape": [-1, 2]}, SEQUENCE, {}),
    ("Reshape", {"target_shape": [-1]}, SEQUENCE, {}), ("Reshape", {"target_shape": [2, -1, 3]}, SEQUENCE, {}),
    ("Permute", {"dims": [2, 1]}, SEQUENCE, {}), ("Permute", {"dims": [3, 1, 2]}, IMAGE, {}),
    ("RepeatVector", {"n": 3}, ROWS, {}),
    ("ZeroPadding1D", {"padding": 2}, SEQUENCE, {}), ("ZeroPadding1D", {"padding": [0, 1]}, SEQUENCE, {}),
    ("Cropping1D", {}, SEQUENCE, {}), ("UpSampling1D", {"size": 2}, SEQUENCE, {}),
    *((name, {}, inputs, {}) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum") for inputs in (PAIR,
            TRIPLE)),
    ("Add", {}, [wave(2, 3, 4), wave(2, 4, phase=3.0)], {}), ("Multiply", {}, [wave(2, 3), wave(2, 1, phase=1.0)], {}),
    ("Subtract", {}, PAIR, {}),
    ("Concatenate", {}, PAIR, {}), ("Concatenate", {"axis": 1}, [wave(2, 3), wave(2, 1, phase=2.0), wave(2, 2,
            phase=3.0)], {}),
    ("Concatenate", {"axis": 1}, [SEQUENCE, wave(2, 1, 4, phase=2.0)], {}),
            ("Concatenate", {"axis": -2}, [SEQUENCE, SEQUENCE], {}),
    ("Dot", {"axes": 1}, PAIR, {}), ("Dot", {"axes": 1, "normalize": True}, PAIR, {}), ("Dot", {"axes": -1}, PAIR, {}),
    ("Dot", {"axes": [2, 1]}, [SEQUENCE, wave(2, 4, 2, phase=2.0)], {}), ("Dot", {"axes": 2}, [SEQUENCE, SEQUENCE], {}),
    ("Dot", {"axes": [1, 2], "normalize": True}, [SEQUENCE, wave(2, 2, 3, phase=2.0)], {}),
    ("Rescaling", {"scale": 0.5}, ROWS, {}), ("Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, [[0, 128], [255, 7]],
            {}),
    ("Rescaling", {"scale": [1.0, 2.0, 3.0], "offset": [0.0, 1.0, -1.0]}, ROWS, {}),
    *(("CategoryEncoding", {"num_tokens": 4, "output_mode": mode}, inputs, {})
      for mode, inputs in (("one_hot", [3, 2, 0, 1]), ("one_hot", [[3], [0]]),
              ("multi_hot", [[0, 1], [0, 0], [1, 2], [3, 1]]),
                           ("multi_hot", [0, 3]), ("count", [[0, 1, 1], [2, 2, 2]]))),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, [[0, 1], [0, 0], [1, 2], [3, 1]],
     {"count_weights": [[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]]}),
    ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0]}, [[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]], {}),
    ("Discretization", {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot"}, [[-1.0], [0.5], [4.0]], {}),
    ("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, ROWS, {}),
    *(("Normalization", {"mean": mean, "variance": variance, "invert": invert, **axis}, ROWS, {})
      for mean, variance, axis in (([1.0, 0.0, -1.0], [4.0, 1.0, 0.25], {}), (0.5, 2.0, {"axis": None}),
              (0.5, 0.0, {"axis": None}))
      for invert in (False, True)),
    *(("Normalization", {"axis": axis, "invert": invert}, inputs, {"adapt": data})
      for axis, inputs, data in ((-1, ROWS, wave(7, 3, phase=4.0)), (None, ROWS, wave(7, 3, phase=4.0)),
                                 (1, SEQUENCE, wave(5, 3, 4, phase=4.0)), ([1, 2], SEQUENCE, wave(5, 3, 4, phase=4.0)),
                                 (-1, SEQUENCE, wave(5, 3, 4, phase=4.0)), (-1, [[1.0, 5.0]], [[1.0, 2.0], [1.0, 4.0]]),
                                 (-1, [[3.0]], [[1], [2], [4]]))
      for invert in (False, True)),
]  # fmt: skip
MERGING = {"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"}
NO_GRADIENT = {"CategoryEncoding", "Discretization", "Embedding", "Masking"}

RANDOM: list[tuple[str, Config]] = [
    *(("Dropout", {"rate": rate}) for rate in (0.0, 0.2, 0.5, 0.9)), ("Dropout", {"rate": 0.5, "noise_shape": [None,
            1]}),
    ("GaussianDropout", {"rate": 0.3}), ("GaussianNoise", {"stddev": 0.4}), ("AlphaDropout", {"rate": 0.3}),
    ("SpatialDropout1D", {"rate": 0.3}),
]  # fmt: skip


def tensor(values: Any) -> Any:
    """bool and int32 as they are, float32 for the rest."""
    found = np.asarray(values)
    return tf.constant(found.astype({"b": "bool", "i": "int32"}.get(found.dtype.kind, "float32")))


def set_weights(layer: Any) -> Config:
    """Gives the layer weights that are all different, variances positive, and returns them by name, in order."""
    if type(layer).__name__ != "Normalization":
        for index, variable in enumerate(layer.weights):
            values = np.asarray(wave(*variable.shape, phase=2.0 + index, scale=1.5))
            variable.assign(np.abs(values) + 0.25 if "variance" in variable.name else values)
    return {variable.name: plain(variable.numpy()) for variable in layer.weights}


def gradients(layer: Any, inputs: Any, arguments: Config) -> Config:
    """The output, and for one cotangent the gradient by inputs and each trainable weight."""
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        output = layer(inputs, **arguments)
        if type(layer).__name__ in NO_GRADIENT - {"Embedding"} or not output.dtype.is_floating:
            return {"expected": output}
        cotangent = np.asarray(wave(*output.shape, phase=5.0)) + 0.5
        total = tf.reduce_sum(output * tf.constant(cotangent, "float32"))
    weights = [variable.value for variable in layer.trainable_weights]
    by_inputs, by_weights = tape.gradient(total, [inputs, weights])
    found = {v.name: tf.convert_to_tensor(g) for v, g in zip(layer.trainable_weights, by_weights, strict=True)}
    by_inputs = None if type(layer).__name__ == "Embedding" else by_inputs
    return {"expected": output, "cotangent": cotangent, "gradient": by_inputs, "weight_gradients": found or None}


def layer_case(name: str, config: Config, inputs: Any, extra: Config) -> dict[str, Any]:
    """Weights, one call, what comes out, and what the call changed."""
    made = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    layer = getattr(keras.layers, name)(**made)
    if "adapt" in extra:
        layer.adapt(np.asarray(extra["adapt"], "float32"))
    given: Any = [tensor(one) for one in inputs] if name in MERGING else tensor(inputs)
    call = {key: value for key, value in extra.items() if key != "adapt"}
    arguments = {key: tensor(value) if isinstance(value, list) else value for key, value in call.items()}
    if not layer.built:  # adapt() has built it
        layer.build([tuple(one.shape) for one in given] if name in MERGING else tuple(given.shape))
    weights = set_weights(layer)
    results = {key: plain(value) for key, value in gradients(layer, given, arguments).items()}
    after = {variable.name: plain(variable.numpy()) for variable in layer.weights}
    mask = layer.compute_mask(given, None) if name in ("Embedding", "Masking") else None
    return case(**{"class": name}, config=config, adapt=extra.get("adapt"), weights=weights, inputs=inputs,
                call=call or None, **results, weights_after=after if after != weights else None,
                        losses=layer.losses or None,
                output_mask=mask)  # fmt: skip


def random_case(name: str, config: Config) -> dict[str, Any]:
    """On ones of shape (400, 250), or (400, 5, 50), in training: the share of zeros and the moments of the rest."""
    shape = (400, 5, 50) if name == "SpatialDropout1D" else (400, 250)
    layer = getattr(keras.layers, name)(**config, seed=3)
    output = np.asarray(layer(np.ones(shape, "float32"), training=True), "float64")
    kept = output[output != 0]
    same_in_inference = bool((np.asarray(layer(np.ones(shape, "float32"), training=False)) == 1).all())
    moments = {"mean": output.mean(), "std": output.std(), "zero_fraction": (output == 0).mean(),
               "nonzero_min": kept.min(), "nonzero_max": kept.max()}  # fmt: skip
    rows_agree = bool((output == output[:, :1]).all())
    return case(**{"class": name}, config=config, shape=shape, statistics=moments, constant_along_axis_1=rows_agree,
                inference_is_identity=same_in_inference)  # fmt: skip


if __name__ == "__main__":
    write(
        "layers.json",
        "layer = keras.layers.CLASS(**config), adapt(adapt) if given, built for inputs, its weights set (by name, in "
        "the order of layer.weights); layer(inputs, **call) == expected; gradient and weight_gradients are of "
        "sum(cotangent * expected) by inputs and by each trainable weight; weights_after: the weights, where the call "
        "changes them; losses: layer.losses; output_mask: compute_mask; merging layers get a list of inputs; "
        "random: statistics on ones in training",
        cases=[layer_case(*row) for row in LAYERS],
        random=[random_case(*row) for row in RANDOM],
    )
