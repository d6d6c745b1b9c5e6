"""Every layer, loss and optimizer in a small network: a few steps on the native executor as on the reference.

All of them while CHAINRULE_FUZZ is set; otherwise those that are computed in ways of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule import layers, losses, optimizers

from ..core.random_programs import EXAMPLES
from .networks import LAYERS, LOSSES, OPTIMIZERS, around, loss_network, plain, targets, trained

# Six steps in float32 with sums in another order: some 1e-7 of each gradient, of which steps of descent keep the size.
STEPS = {"rtol": 1e-5, "atol": 1e-6}
# These divide gradients by their own size, so that what is 1e-7 of the largest becomes more of the smallest.
SCALED = {"rtol": 1e-3, "atol": 1e-4}

SOME_LAYERS = (
    "BatchNormalization", "Conv2DTranspose", "DepthwiseConv2D", "Embedding", "GRU", "MaxPooling2D",
    "MultiHeadAttention", "UpSampling2D",
)  # fmt: skip
SOME_LOSSES = ("BinaryCrossentropy", "Huber", "SparseCategoricalCrossentropy")
SOME_OPTIMIZERS = ("Adafactor", "Ftrl", "LossScaleOptimizer")


def assert_alike(make: Callable[[], Any], y: np.ndarray, close: dict[str, float] = STEPS) -> None:
    meant, found = (trained(executor, make, y) for executor in ("reference", "native"))
    assert len(meant) == len(found) and all(np.isfinite(a).all() for a in meant)
    for a, b in zip(found, meant, strict=True):
        np.testing.assert_allclose(a, b, **close)


def classes_of(module: Any, base: type) -> set[str]:
    """The classes that a module gives out, by their own names; images that are changed at random have no weights."""
    found = (kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, base))
    return {kind.__name__ for kind in found if ".preprocessing" not in kind.__module__}


def test_every_class_has_a_network() -> None:
    cells = {"GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"}  # in RNN
    assert classes_of(layers, layers.Layer) == set(LAYERS) | cells | {"InputLayer", "Layer", "Wrapper"}
    assert classes_of(losses, losses.Loss) == set(LOSSES) | {"Loss", "LossFunctionWrapper"}
    assert classes_of(optimizers, optimizers.Optimizer) == set(OPTIMIZERS) | {"Optimizer", "MultiOptimizer"}


@pytest.mark.parametrize("name", sorted(LAYERS) if EXAMPLES else SOME_LAYERS)
def test_layers(name: str) -> None:
    assert_alike(lambda: around(name), targets("real"))


@pytest.mark.parametrize("name", sorted(LOSSES) if EXAMPLES else SOME_LOSSES)
def test_losses(name: str) -> None:
    assert_alike(lambda: loss_network(name), targets(LOSSES[name][0]))


@pytest.mark.parametrize("name", sorted(OPTIMIZERS) if EXAMPLES else SOME_OPTIMIZERS)
def test_optimizers(name: str) -> None:
    assert_alike(lambda: plain(OPTIMIZERS[name]()), targets("real"), SCALED)
