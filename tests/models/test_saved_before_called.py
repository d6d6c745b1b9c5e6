"""Models that are saved before they were called: layers that have weights already keep them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, models
from chainrule.quantizers import Int4QuantizationConfig

ROWS = np.arange(6).reshape(2, 3)


@pytest.mark.parametrize(
    "how",
    [None, "int8", "int4", Int4QuantizationConfig(block_size=None)],
    ids=["float32", "int8", "int4", "int4, one block"],
)
def test_a_table_that_was_built_without_a_shape(how, tmp_path: Path):
    table = layers.Embedding(6, 4)
    table.build()
    if how is not None:
        table.quantize(how if isinstance(how, str) else None, config=None if isinstance(how, str) else how)
    expected = table(ROWS).numpy()
    assert np.ptp(expected) > 0
    cr.Sequential([table]).save(tmp_path / "table.keras")
    assert np.array_equal(models.load_model(tmp_path / "table.keras")(ROWS), expected)


def test_a_layer_that_was_built_with_a_shape_by_name(tmp_path: Path):
    dense = layers.Dense(2)
    dense.build(input_shape=[None, 3])
    expected = dense(ROWS).numpy()
    cr.Sequential([dense]).save(tmp_path / "dense.keras")
    assert np.array_equal(models.load_model(tmp_path / "dense.keras")(ROWS), expected)


def test_weights_for_layers_that_are_not_built_are_said(tmp_path: Path):
    pytest.importorskip("h5py")
    whole = cr.Sequential([cr.Input((3,)), layers.Dense(2, name="first"), layers.Dense(2, name="told")])
    whole.save_weights(tmp_path / "whole.weights.h5")
    first = layers.Dense(2, name="first")
    first.build((None, 3))
    with pytest.warns(UserWarning, match=r"read in part; left as they were: told\."):
        cr.Sequential([first, layers.Dense(2, name="told")]).load_weights(tmp_path / "whole.weights.h5")
    assert np.array_equal(first.kernel, whole.layers[0].kernel)
