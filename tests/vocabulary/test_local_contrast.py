"""Contrast made larger place by place, against the numbers of Keras."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers
from chainrule.errors import ArgumentError

CASES = json.loads((Path(__file__).parent.parent / "golden" / "local_contrast.json").read_text())["cases"]
NAME = "ContrastLimitedAdaptiveHistogramEqualization"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_numbers_are_those_of_keras(case):
    layer = getattr(layers, NAME)(**case["config"])
    x, y = np.array(case["x"], "float32"), np.array(case["y"])
    highest = case["config"].get("value_range", (0, 255))[1]
    np.testing.assert_allclose(layer(x), y, rtol=0, atol=2e-6 * highest + 5e-5)
    again = layers.deserialize(layers.serialize(layer))
    assert np.array_equal(again(x, training=False), layer(x))
    if x.ndim == 4:
        model = cr.Sequential([cr.Input(x.shape[1:]), again])
        np.testing.assert_allclose(model.predict(x, verbose=0), y, rtol=0, atol=2e-6 * highest + 5e-5)


def test_tiles_that_make_no_sense():
    with pytest.raises(ArgumentError, match="expected tile_grid_size"):
        getattr(layers, NAME)(tile_grid_size=(0, 2))
