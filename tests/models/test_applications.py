"""The named architectures against real Keras (tests/golden/applications.json), and what goes wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chainrule import Sequential, applications, layers
from chainrule.applications import preparing
from chainrule.errors import ArgumentError, FileError, MissingNameError

from . import architectures

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "applications.json").read_text())["cases"]

@pytest.mark.parametrize("name", GOLDEN)
def test_the_network_is_that_of_keras(name: str) -> None:
    found, expected = architectures.described(getattr(applications, name), name), GOLDEN[name]
    logits, wanted = found.pop("logits"), expected["logits"]
    np.testing.assert_allclose(logits, wanted, rtol=1e-4, atol=5e-5)
    assert found == {key: value for key, value in expected.items() if key != "logits"}


def test_without_the_top_and_on_another_layer() -> None:
    image = layers.Input((40, 40, 3))
    base = applications.MobileNetV2(
        weights=None, include_top=False, pooling="avg", alpha=0.35, input_tensor=layers.Rescaling(1 / 127.5, -1)(image)
    )
    assert base.output_shape == (None, 1280)
    assert base.inputs[0] is image
    base.trainable = False
    model = Sequential([base, layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((4, 40, 40, 3)), np.zeros((4, 2)), epochs=1, verbose=0)
    assert len(model.trainable_weights) == 2


def test_weights_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(FileError, match=r"mobilenet_1_0_224_tf_no_top\.h5 in ~/\.keras/models.*nothing is downloaded"):
        applications.MobileNet(include_top=False)
    made = applications.MobileNet(weights=None, alpha=0.25, classes=3)
    made.save_weights(tmp_path / "own.weights.h5")
    again = applications.MobileNet(weights=tmp_path / "own.weights.h5", alpha=0.25, classes=3)
    for a, b in zip(made.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pooling": "sum"}, "expected pooling to be None, 'avg' or 'max'; got 'sum'"),
        ({"input_shape": (16, 16, 3)}, "at least 32 x 32"),
        ({"input_shape": (64, 64)}, r"expected input_shape \(rows, columns, channels\)"),
        ({"weights": "imagenet", "classes": 3}, "there are 1000 classes; got classes=3"),
    ],
)
def test_settings_that_do_not_fit(arguments: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        applications.ResNet50(**{"weights": None, **arguments})


def test_what_is_not_there() -> None:
    with pytest.raises(MissingNameError, match=r"ResNet51.*Did you mean 'ResNet"):
        applications.ResNet51  # noqa: B018


def test_images_are_prepared_in_three_ways() -> None:
    x = np.array([[[[255.0, 0.0, 127.5]]]])
    np.testing.assert_allclose(preparing.preprocess_input(x, mode="tf"), [[[[1, -1, 0]]]])
    np.testing.assert_allclose(
        preparing.preprocess_input(x), [[[[127.5 - 103.939, -116.779, 255 - 123.68]]]], rtol=1e-6
    )
    wanted = [[[[(1 - 0.485) / 0.229, -0.456 / 0.224, (0.5 - 0.406) / 0.225]]]]
    np.testing.assert_allclose(preparing.preprocess_input(x, mode="torch"), wanted, rtol=1e-6)
    with pytest.raises(ArgumentError, match="expected mode"):
        preparing.preprocess_input(x, mode="jax")
    with pytest.raises(FileError, match=r"imagenet_class_index\.json"):
        preparing.decode_predictions(np.zeros((1, 1000)))
