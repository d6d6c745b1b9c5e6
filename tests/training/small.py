"""Small data and models for the tests of training."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from chainrule import layers

RNG = np.random.default_rng(5)
X = RNG.normal(size=(22, 3)).astype("float32")
Y = (X[:, 0] - X[:, 1] > 0).astype("int32")
REAL = (X @ np.array([1.0, -2.0, 0.5]) + 0.1).astype("float32")


def binary(units: int = 4, **compile_arguments: Any) -> Any:
    """A small classifier, compiled, its weights always the same."""
    model = cr.Sequential([cr.Input((3,)), layers.Dense(units, activation="tanh", name="hidden"),
                           layers.Dense(1, activation="sigmoid", name="out")])  # fmt: skip
    fill(model)
    model.compile(**{"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"], **compile_arguments})
    return model


def linear(**compile_arguments: Any) -> Any:
    """One neuron, compiled, its weights always the same."""
    model = cr.Sequential([cr.Input((3,)), layers.Dense(1, name="neuron")])
    fill(model)
    model.compile(**{"optimizer": cr.optimizers.SGD(0.05), "loss": "mse", **compile_arguments})
    return model


def fill(model: Any) -> None:
    """Weights that are the same each time."""
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(scale=0.5, size=w.shape).astype("float32") for w in model.weights])


def same_weights(one: Any, other: Any) -> bool:
    """Whether two models (or lists of arrays) have bit for bit the same weights."""
    a, b = (m.get_weights() if hasattr(m, "get_weights") else m for m in (one, other))
    return len(a) == len(b) and all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))
