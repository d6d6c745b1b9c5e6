"""Layers that change images: against Keras where nothing is left to chance, else what must hold for any numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule import Sequential, layers, ops
from chainrule.errors import ArgumentError, ShapeError
from chainrule.ir import Tensor

from .golden_layers import CLOSE, check_config_of_keras, made, run, same_after_saving
from .keras_facts import golden
from .test_preprocessing_image_ops import pixels

CASES = golden("image_layers")["cases"]
SEVERAL = pixels((6, 8, 9, 3), "float32") * 255


def image_of(shape, dtype):
    values = pixels(shape, dtype)
    return values if dtype == "uint8" else (values * 255).astype("float32")


def name_of(case):
    return f"{case['class']}-{case['config']}".replace(" ", "")[:80]


def same(y, case):
    """Floats are close; whole numbers are what the floats, before they were rounded, are close to."""
    wanted = np.array(case["expected"])
    if case.get("dtype") == "uint8":
        exact = made(case["class"], case["config"])(image_of(*case["image"]).astype("float32"))
        np.testing.assert_allclose(wanted, exact, rtol=0, atol=0.5 + 1e-3)
        np.testing.assert_allclose(y, exact, rtol=0, atol=0.5 + 1e-3)
    else:
        np.testing.assert_allclose(y, wanted, rtol=2e-5, atol=2e-3)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_values(case):
    layer, x = made(case["class"], case["config"]), image_of(*case["image"])
    y = layer(x, training=case["training"])
    assert y.dtype == case.get("dtype", "float32")
    same(y, case)
    if "expected_masks" in case:
        masks = pixels((*x.shape[:-1], 1), "uint8")
        found = layer({"images": x, "segmentation_masks": masks}, training=True)["segmentation_masks"]
        np.testing.assert_array_equal(found, np.array(case["expected_masks"]))


@pytest.mark.parametrize("case", [c for c in CASES if len(c["image"][0]) == 4 and c["training"]], ids=name_of)
def test_compiled_and_symbolic(case):
    layer, x = made(case["class"], case["config"]), image_of(*case["image"])
    shape = np.shape(case["expected"])
    symbol = layer(layers.Input(batch_shape=(None, *x.shape[1:]), dtype=x.dtype.name))
    assert symbol.shape == (None, *shape[1:])
    assert symbol.dtype == case["dtype"]
    key = layer.generator.state if hasattr(layer, "generator") else None
    from chainrule.variables import StateScope

    def function(image, state):
        with StateScope({key: state} if key is not None else {}):
            return [layer(image, training=True)]

    (y,) = run(function, [Tensor(x), Tensor(np.array([1, 0], "uint32"))])
    same(y, case)


@pytest.mark.parametrize("case", golden("image_layers")["configs"], ids=lambda c: c["class"])
def test_configurations(case):
    theirs = case["expected"]
    # a seed and a layout are kept where Keras leaves them out; a factor of 0 is written -0 there
    more = set(made(case["class"], case["arguments"]).get_config()) - set(theirs)
    assert more <= {"seed", "data_format"}
    check_config_of_keras(case, more)


RANDOM = [
    layers.RandomFlip(seed=1), layers.RandomFlip("vertical", seed=1), layers.RandomRotation(0.3, seed=1),
    layers.RandomZoom(0.4, seed=1), layers.RandomZoom(0.2, 0.3, seed=1), layers.RandomTranslation(0.3, 0.2, seed=1),
    layers.RandomCrop(4, 5, seed=1), layers.RandomContrast(0.5, seed=1), layers.RandomBrightness(0.5, seed=1),
    layers.RandomShear(0.3, 0.2, seed=1), layers.RandomPerspective(seed=1), layers.RandomElasticTransform(seed=1),
    layers.RandomHue(0.5, seed=1), layers.RandomSaturation((0.2, 0.8), seed=1), layers.RandomSharpness(0.9, seed=1),
    layers.RandomColorDegeneration(0.9, seed=1), layers.RandomGrayscale(0.5, seed=1),
    layers.RandomPosterization(7, seed=1), layers.Solarization(0.5, 0.9, seed=1), layers.RandomInvert(seed=1),
    layers.RandomGaussianBlur(seed=1), layers.RandomErasing(seed=1), layers.MixUp(seed=1), layers.CutMix(seed=1),
    layers.RandAugment(seed=1), layers.AugMix(seed=1),
    layers.RandomColorJitter((0, 255), 0.3, 0.3, (0.3, 0.7), 0.2, seed=1),
]  # fmt: skip


def again(layer):
    return type(layer).from_config(layer.get_config())


@pytest.mark.parametrize("layer", RANDOM, ids=lambda l: type(l).__name__)
def test_the_seed_decides_and_every_call_is_another(layer):
    first, second = again(layer), again(layer)
    a, b = (np.asarray(first(SEVERAL, training=True)) for _ in range(2))
    np.testing.assert_array_equal(a, second(SEVERAL, training=True))
    np.testing.assert_array_equal(b, second(SEVERAL, training=True))
    assert (a != b).any()
    assert np.isfinite(a).all()
    assert a.min() >= -1e-3
    assert a.max() <= 255.001


@pytest.mark.parametrize("layer", RANDOM, ids=lambda l: type(l).__name__)
def test_nothing_happens_when_a_model_is_asked(layer):
    wanted = SEVERAL[:, 2:6, 2:7] if isinstance(layer, layers.RandomCrop) else SEVERAL
    np.testing.assert_array_equal(again(layer)(SEVERAL, training=False), wanted)
    model = Sequential([again(layer)])
    np.testing.assert_array_equal(model.predict(SEVERAL, verbose=0), wanted)


@pytest.mark.parametrize("layer", RANDOM, ids=lambda l: type(l).__name__)
def test_one_image_is_a_batch_of_one(layer):
    single = np.asarray(again(layer)(SEVERAL[0], training=True))
    np.testing.assert_array_equal(single, np.asarray(again(layer)(SEVERAL[:1], training=True))[0])


@pytest.mark.parametrize("layer", RANDOM, ids=lambda l: type(l).__name__)
def test_channels_first(layer):
    config = {**layer.get_config(), "data_format": "channels_first"}
    first = type(layer).from_config(config)
    y = np.asarray(first(np.moveaxis(SEVERAL, -1, 1), training=True))
    np.testing.assert_allclose(np.moveaxis(y, 1, -1), again(layer)(SEVERAL, training=True), **CLOSE)


@pytest.mark.parametrize("layer", RANDOM, ids=lambda l: type(l).__name__)
def test_a_model_that_trains_with_it_and_is_saved(layer, tmp_path):
    model = Sequential([layers.Input((8, 9, 3)), again(layer), layers.Rescaling(1 / 255), layers.Flatten(),
                        layers.Dense(1)])  # fmt: skip
    model.compile(loss="mse", optimizer="sgd")
    model.fit(SEVERAL, np.zeros((6, 1)), epochs=2, verbose=0)
    same_after_saving(model, SEVERAL, tmp_path)


def test_images_are_flipped_or_not():
    x = pixels((64, 3, 4, 1), "float32")
    y = np.asarray(layers.RandomFlip("horizontal", seed=3)(x, training=True))
    flipped = [(a == b[:, ::-1]).all() for a, b in zip(y, x, strict=True)]
    same = [(a == b).all() for a, b in zip(y, x, strict=True)]
    assert all(f != s for f, s in zip(flipped, same, strict=True))
    assert 15 < sum(flipped) < 49


def test_masks_follow_the_images():
    masks = (np.arange(6 * 8 * 9) % 5).reshape(6, 8, 9, 1).astype("uint8")
    images = np.repeat(masks, 3, -1).astype("float32")
    for layer in RANDOM:
        if layer.moves and not isinstance(layer, layers.RandAugment):
            config = layer.get_config()
            nearest = {**config, "interpolation": "nearest"} if "interpolation" in config else config
            found = type(layer).from_config(nearest)({"images": images, "segmentation_masks": masks}, training=True)
            assert found["segmentation_masks"].dtype == "uint8"
            np.testing.assert_array_equal(found["images"][..., :1], found["segmentation_masks"])


def test_labels_are_mixed_as_the_images_are():
    x = np.eye(4, dtype="float32")[:, None, None, :] * np.ones((1, 10, 10, 1), "float32")
    for layer in (layers.MixUp(1.0, seed=2), layers.CutMix(seed=2)):
        found = layer({"images": x, "labels": np.eye(4, dtype="float32")}, training=True)
        shares = np.asarray(found["images"]).mean((1, 2))
        np.testing.assert_allclose(np.asarray(found["labels"]).sum(1), 1, rtol=1e-6)
        near = 1e-5 if isinstance(layer, layers.MixUp) else 0.2  # a box ends between pixels
        np.testing.assert_allclose(found["labels"], shares, atol=near)
    found = layers.RandomFlip(seed=1)({"images": x, "labels": np.eye(4)}, training=True)
    np.testing.assert_array_equal(found["labels"], np.eye(4))


def test_shears_go_both_ways():
    x = np.zeros((40, 9, 9, 1), "float32")
    x[:, 8, 4] = 1.0
    y = np.asarray(layers.RandomShear((0.25, 0.25), fill_mode="constant", seed=1)(x, training=True))
    columns = {int(image[8, :, 0].argmax()) for image in y}
    assert columns == {2, 6}


def test_erasing_stays_within_its_share():
    x = np.ones((50, 20, 20, 1), "float32")
    y = np.asarray(layers.RandomErasing((1.0, 1.0), (0.1, 0.2), fill_value=0.0, seed=1)(x, training=True))
    shares = 1 - y.mean((1, 2, 3))
    assert shares.min() >= 0.04
    assert shares.max() <= 0.3


def test_equalization_treats_each_image_by_itself():
    layer = layers.Equalization()
    together = np.asarray(layer(SEVERAL))
    for k in range(len(SEVERAL)):
        np.testing.assert_array_equal(together[k], np.asarray(layer(SEVERAL[k])))


def test_whole_numbers_stay_whole_numbers():
    x = pixels((2, 8, 9, 3), "uint8")
    for layer in (layers.RandomFlip(seed=1, dtype="uint8"), layers.Resizing(4, 5),
                  layers.RandomRotation(0.1, seed=1, dtype="uint8"), layers.CenterCrop(4, 4, dtype="uint8")):
        y = layer(x, training=True)
        assert y.dtype == "uint8"
        exact = type(layer).from_config({**layer.get_config(), "dtype": "float32"})(x.astype("float32"), training=True)
        np.testing.assert_allclose(y, exact, atol=0.5001)


def test_json_is_enough():
    for layer in RANDOM:
        data = json.loads(json.dumps(layers.serialize(layer)))
        assert layers.serialize(layers.deserialize(data)) == data


@pytest.mark.parametrize(
    "function,error",
    [
        (lambda: layers.RandomRotation(3), ArgumentError),
        (lambda: layers.RandomContrast(-0.5), ArgumentError),
        (lambda: layers.RandomFlip("diagonal"), ArgumentError),
        (lambda: layers.RandomBrightness(0.1, value_range=3), ArgumentError),
        (lambda: layers.RandomPosterization(9), ArgumentError),
        (lambda: layers.Resizing(0, 3), ArgumentError),
        (lambda: layers.Resizing(2, 3, "area"), ArgumentError),
        (lambda: layers.Resizing(2, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), ArgumentError),
        (lambda: layers.CenterCrop(2, 2)(np.zeros((2, 2))), ShapeError),
        (lambda: layers.RandomFlip()({"pictures": SEVERAL}), ArgumentError),
        (lambda: layers.RandomHue(0.1)(SEVERAL[..., :2]), ShapeError),
    ],
)
def test_errors(function, error):
    with pytest.raises(error):
        function()


def test_a_gradient_goes_through():
    from chainrule import value_and_grad

    layer = layers.RandomRotation((0.1, 0.1), seed=1)
    _, gradient = value_and_grad(lambda x: ops.sum(layer(x, training=True) ** 2))(SEVERAL[:1])
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 0
