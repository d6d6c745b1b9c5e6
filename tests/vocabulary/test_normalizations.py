"""Batch renormalization and older settings of normalizations, against the numbers of Keras."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError

from .test_few_bits import numbers

CASES = json.loads((Path(__file__).parent.parent / "golden" / "normalizations.json").read_text())["cases"]
CLOSE = {"rtol": 2e-5, "atol": 2e-5}  # a difference of numbers near each other, in float32


def made(case):
    layer = getattr(layers, case["class_name"])(**case["settings"])
    layer.build((4, 3, 2))
    for k, weight in enumerate(layer.trainable_weights):
        weight.assign(numbers(weight.shape, k + 1) + 1)
    return layer


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_training_and_after(case):
    layer = made(case)
    is_batch = case["class_name"] == "BatchNormalization"
    for call in case["calls"]:
        x = np.array(call["x"], "float32")
        weights = numbers(x.shape, 5).astype("float32")
        values = [w.value for w in layer.trainable_weights]
        others = [w.value for w in layer.non_trainable_variables]

        def loss(x, values, weights=weights, others=others):
            more = {"training": True} if is_batch else {}
            y, _ = layer.stateless_call(values, others, x, **more)
            return ops.sum(y * weights)

        gradients = cr.grad(loss, argnums=(0, 1))(x, values)
        y = layer(x, training=True) if is_batch else layer(x)
        np.testing.assert_allclose(y, call["y"], **CLOSE)
        for found, wanted in zip([gradients[0], *gradients[1]], call["gradients"], strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(layer(x), case["after"], **CLOSE)
    assert [w.name for w in layer.weights] == [name for name, _ in case["weights"]]
    for found, (_, wanted) in zip(layer.weights, case["weights"], strict=True):
        np.testing.assert_allclose(found, wanted, **CLOSE)
    again = layers.deserialize(layers.serialize(layer))
    assert again.get_config() == layer.get_config()


def test_limits_that_make_no_sense():
    for limits in ({"least": 1}, {"rmin": 2.0, "rmax": 1.0}, {"dmax": -1.0}):
        with pytest.raises(ArgumentError, match="renorm_clipping"):
            layers.BatchNormalization(renorm=True, renorm_clipping=limits)
