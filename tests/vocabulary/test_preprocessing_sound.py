"""Layers on sound, and `Pipeline`."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule import Input, Model, Sequential, layers
from chainrule.errors import ArgumentError, ShapeError
from chainrule.models import load_model

from .golden_layers import check_config_of_keras, made, numbers
from .keras_facts import golden

CASES = golden("sound_layers")["cases"]


def name_of(case):
    return f"{case['class']}-{case['config']}-{case['shape']}".replace(" ", "")[:120]


def close(y, case):
    wanted = np.array(case["expected"])
    scale = np.abs(wanted).max()
    if case["class"] == "MelSpectrogram" and case["config"].get("power_to_db", True):
        return np.testing.assert_allclose(y, wanted, atol=0.02)  # decibels of sums that cancel
    return np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_values(case):
    layer = made(case["class"], case["config"])
    x = numbers(case["shape"], 1).astype("float32")
    y = layer(x)
    close(y, case)
    assert [w.name for w in layer.weights] == case["names"]
    assert [list(w.shape) for w in layer.weights] == case["shapes"]


@pytest.mark.parametrize("case", [c for c in CASES if len(c["shape"]) > 1], ids=name_of)
def test_in_a_model_that_is_saved(case, tmp_path):
    x = numbers(case["shape"], 1).astype("float32")
    inputs = Input(x.shape[1:])
    layer = made(case["class"], case["config"])
    model = Model(inputs, layer(inputs))
    assert model.output_shape == (None, *np.shape(case["expected"])[1:])
    assert tuple(layer.compute_output_shape((None, *x.shape[1:]))) == model.output_shape
    close(model.predict(x, verbose=0), case)
    model.save(tmp_path / "model.keras")
    close(load_model(tmp_path / "model.keras").predict(x, verbose=0), case)


@pytest.mark.parametrize("case", golden("sound_layers")["configs"], ids=lambda c: c["class"])
def test_configurations(case):
    check_config_of_keras(case)


def test_the_angle_is_that_of_the_parts():
    x = numbers((2, 70, 1), 1).astype("float32")
    re, im, angle = (np.asarray(layers.STFTSpectrogram(mode, frame_length=16)(x)) for mode in ("real", "imag", "angle"))
    np.testing.assert_allclose(np.exp(1j * angle), (re + 1j * im) / np.abs(re + 1j * im), atol=1e-4)


def test_a_fourier_transform_of_each_frame():
    x = numbers((1, 64, 1), 1)
    y = layers.STFTSpectrogram("stft", frame_length=16, frame_step=16, window=None, scaling=None, dtype="float64")(x)
    wanted = np.fft.rfft(x.reshape(4, 16))
    np.testing.assert_allclose(np.asarray(y)[0], np.concatenate([wanted.real, wanted.imag], -1), atol=1e-12)


def test_channels_first():
    x = numbers((2, 70, 3), 1).astype("float32")
    for expand in (False, True):
        last = layers.STFTSpectrogram("psd", frame_length=16, expand_dims=expand)
        first = layers.STFTSpectrogram("psd", frame_length=16, expand_dims=expand, data_format="channels_first")
        a, b = np.asarray(last(x)), np.asarray(first(np.moveaxis(x, 2, 1)))
        np.testing.assert_allclose(np.moveaxis(a, -1, 1), b, rtol=1e-6)


@pytest.mark.parametrize(
    "function,error",
    [
        (lambda: layers.MelSpectrogram(window="square"), ArgumentError),
        (lambda: layers.MelSpectrogram(fft_length=16, sequence_length=32), ArgumentError),
        (lambda: layers.MelSpectrogram()(np.zeros((1, 2, 3))), ShapeError),
        (lambda: layers.STFTSpectrogram(mode="power"), ArgumentError),
        (lambda: layers.STFTSpectrogram(frame_length=16, fft_length=8), ArgumentError),
        (lambda: layers.STFTSpectrogram(frame_length=16)(np.zeros((1, 8, 1))), ShapeError),
        (lambda: layers.Pipeline([3]), ArgumentError),
    ],
)
def test_errors(function, error):
    with pytest.raises(error):
        function()


def test_a_pipeline_is_its_layers(tmp_path):
    x = numbers((2, 8, 8, 3), 1).astype("float32")
    pipeline = layers.Pipeline([layers.Rescaling(0.5), layers.RandomFlip(seed=1), layers.CenterCrop(4, 4)])
    found = np.asarray(pipeline(x, training=False))
    np.testing.assert_array_equal(found, 0.5 * x[:, 2:6, 2:6])
    data = json.loads(json.dumps(layers.serialize(pipeline)))
    assert layers.serialize(layers.deserialize(data)) == data
    model = Sequential([Input((8, 8, 3)), pipeline])
    np.testing.assert_array_equal(model.predict(x, verbose=0), found)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "model.keras").predict(x, verbose=0), found)


def test_a_pipeline_of_text():
    pipeline = layers.Pipeline([layers.StringLookup(vocabulary=["a", "b"]), layers.CategoryEncoding(3, "one_hot")])
    assert pipeline(["a", "q"]).tolist() == [[0, 1, 0], [1, 0, 0]]
