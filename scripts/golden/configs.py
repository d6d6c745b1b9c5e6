"""get_config() of minimally constructed objects, and serialized models: tests/golden/configs.json."""

from __future__ import annotations

import inspect
import json
from typing import Any

from common import case, keras, write

Config = dict[str, Any]

LAYERS: list[tuple[str, Config]] = [
    ("Dense", {"units": 4}), ("Dense", {"units": 2, "activation": "relu", "kernel_regularizer": "l2",
            "name": "hidden"}),
    ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 4}), ("Activation", {"activation": "relu"}),
    ("Dropout", {"rate": 0.5}), ("AlphaDropout", {"rate": 0.5}), ("GaussianDropout", {"rate": 0.5}),
            ("GaussianNoise", {"stddev": 0.1}),
    ("SpatialDropout1D", {"rate": 0.5}), ("ActivityRegularization", {}),
    ("BatchNormalization", {}), ("LayerNormalization", {}), ("RMSNormalization", {}), ("GroupNormalization", {}),
    ("UnitNormalization", {}), ("Normalization", {}), ("Normalization", {"mean": [1.0, 2.0], "variance": [4.0, 1.0]}),
    ("Embedding", {"input_dim": 5, "output_dim": 3}), ("Masking", {}),
    ("ReLU", {}), ("LeakyReLU", {}), ("PReLU", {}), ("ELU", {}), ("Softmax", {}), ("Identity", {}),
    ("Flatten", {}), ("Reshape", {"target_shape": (2, -1)}), ("Permute", {"dims": (2, 1)}), ("RepeatVector", {"n": 3}),
    ("Add", {}), ("Subtract", {}), ("Multiply", {}), ("Average", {}), ("Maximum", {}), ("Minimum", {}),
            ("Concatenate", {}),
    ("Dot", {"axes": 1}), ("Rescaling", {"scale": 0.5}), ("CategoryEncoding", {"num_tokens": 4}),
    ("Discretization", {"bin_boundaries": [0.0, 1.0]}), ("InputLayer", {"shape": (4,)}),
]  # fmt: skip
NEEDED: dict[str, Config] = {  # what a class cannot be made without
    "MeanMetricWrapper": {"fn": "mean_absolute_error"}, "IoU": {"num_classes": 3, "target_class_ids": [0]},
            "MeanIoU": {"num_classes": 3},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0]}, "OneHotMeanIoU": {"num_classes": 3},
    "SensitivityAtSpecificity": {"specificity": 0.5}, "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "PrecisionAtRecall": {"recall": 0.5}, "RecallAtPrecision": {"precision": 0.5},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
    "PiecewiseConstantDecay": {"boundaries": [10], "values": [0.1, 0.01]},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 10},
}  # fmt: skip
ABSTRACT = {"Initializer", "Regularizer", "Constraint", "Loss", "Metric", "Optimizer", "LearningRateSchedule",
        "MeanMetricWrapper",
            "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}  # fmt: skip
FAMILIES = ("initializers", "regularizers", "constraints", "losses", "metrics", "optimizers", "optimizers.schedules")


def config_case(family: str, name: str, arguments: Config) -> dict[str, Any]:
    """get_config() of the object, automatic names counted from the start, so that they carry no number."""
    keras.backend.clear_session()
    module = keras
    for part in family.split("."):
        module = getattr(module, part)
    made = getattr(module, name)(**arguments)
    return case(**{"class": f"keras.{family}.{name}"}, arguments=arguments, expected=made.get_config())


def of_family(family: str) -> list[dict[str, Any]]:
    """Every concrete class of a module, each once (aliases left out)."""
    module = keras
    for part in family.split("."):
        module = getattr(module, part)
    classes = {name: thing for name, thing in vars(module).items() if inspect.isclass(thing) and name == thing.__name__}
    return [config_case(family, name, NEEDED.get(name, {})) for name in sorted(set(classes) - ABSTRACT)]


def models() -> list[dict[str, Any]]:
    """to_json() of a Sequential and of a functional model; serialize_keras_object of a layer and of compiled parts."""
    keras.backend.clear_session()
    chain = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(1)], name="chain"
    )
    left = keras.Input((4,), name="left")
    hidden = keras.layers.Dense(3, name="hidden")(left)
    joined = keras.layers.Concatenate(name="joined")([left, hidden])
    graph = keras.Model(left, [keras.layers.Dense(1, name="out")(joined), hidden], name="graph")
    chain_json = json.loads(chain.to_json())
    chain.compile("adam", "mse", metrics=["mae"])
    serialize = keras.saving.serialize_keras_object
    return [
        case(name="Sequential.to_json", expected=chain_json),
        case(name="Model.to_json", expected=json.loads(graph.to_json())),
        case(name="serialize_keras_object(Dense)", expected=serialize(keras.layers.Dense(2, name="two"))),
        case(name="serialize_keras_object(Adam)", expected=serialize(keras.optimizers.Adam())),
        case(name="serialize_keras_object(L2)", expected=serialize(keras.regularizers.L2(0.5))),
        case(name="losses.serialize(mse)", expected=keras.losses.serialize(keras.losses.get("mse"))),
        case(
            name="losses.serialize(BinaryCrossentropy)",
            expected=keras.losses.serialize(keras.losses.BinaryCrossentropy()),
        ),
        case(name="activations.serialize(relu)", expected=keras.activations.serialize(keras.activations.relu)),
        case(name="compiled get_compile_config", expected=chain.get_compile_config()),
    ]


if __name__ == "__main__":
    write(
        "configs.json",
        "CLASS(**arguments).get_config() == expected, automatic names counted from the start; models: "
        "serialized forms; numbers have 9 digits (a learning rate is a float32 in Keras), tuples are lists",
        cases=[config_case("layers", name, arguments) for name, arguments in LAYERS]
        + [found for family in FAMILIES for found in of_family(family)],
        models=models(),
    )
