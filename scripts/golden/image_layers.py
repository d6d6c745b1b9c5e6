"""Golden values of layers that change images, their factors left no choice: tests/golden/image_layers.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, tf, write
from image_ops import pixels
from layer_cases import config_case

Config = dict[str, Any]
ABOUT = (
    "keras.layers.CLASS(**config)(image, training=training) == expected, and dtype; lists in the config are tuples; "
    "the input [shape, dtype] is 255 * pixels(shape, float32) as in image_ops.json, for uint8 pixels(shape, uint8); "
    "masks: expected_masks of pixels([batch, rows, columns, 1], uint8); configs: get_config() of CLASS(**arguments)"
)
ONE, TWO, BYTES = [[4, 5, 3], "float32"], [[2, 4, 5, 3], "float32"], [[2, 4, 5, 3], "uint8"]
SINGLE = [[1, 4, 5, 3], "float32"]

CASES: list[tuple[str, Config, Any]] = [
    ("Resizing", {"height": 2, "width": 3}, TWO), ("Resizing", {"height": 7, "width": 3}, ONE),
    ("Resizing", {"height": 2, "width": 3, "interpolation": "nearest"}, BYTES),
    ("Resizing", {"height": 2, "width": 3}, BYTES),
    ("Resizing", {"height": 2, "width": 2, "crop_to_aspect_ratio": True, "interpolation": "lanczos3"}, TWO),
    ("Resizing", {"height": 3, "width": 6, "pad_to_aspect_ratio": True, "fill_value": 9.0, "antialias": True}, TWO),
    ("CenterCrop", {"height": 2, "width": 2}, TWO), ("CenterCrop", {"height": 3, "width": 4}, ONE),
    ("CenterCrop", {"height": 6, "width": 3}, TWO), ("CenterCrop", {"height": 4, "width": 5}, TWO),
    ("RandomCrop", {"height": 6, "width": 3}, TWO), ("RandomCrop", {"height": 4, "width": 5}, TWO),
    *(("RandomRotation", {"factor": [f, f], "fill_mode": mode, "interpolation": how}, TWO)
      for f, mode, how in ((0.1, "reflect", "bilinear"), (-0.2, "constant", "bilinear"), (0.3, "nearest", "nearest"))),
    ("RandomRotation", {"factor": [0.1, 0.1], "fill_mode": "constant", "fill_value": 7.0}, ONE),
    ("RandomZoom", {"height_factor": [0.2, 0.2]}, TWO),
    ("RandomZoom", {"height_factor": [-0.3, -0.3], "width_factor": [0.2, 0.2], "fill_mode": "constant"}, TWO),
    ("RandomTranslation", {"height_factor": [0.2, 0.2], "width_factor": [-0.25, -0.25]}, TWO),
    ("RandomTranslation", {"height_factor": [0.25, 0.25], "width_factor": [0.2, 0.2], "fill_mode": "nearest"}, TWO),
    ("RandomTranslation", {"height_factor": [-0.1, -0.1], "width_factor": [0.5, 0.5], "fill_mode": "constant"}, ONE),
    ("RandomShear", {}, TWO),
    ("RandomBrightness", {"factor": [0.2, 0.2]}, TWO), ("RandomBrightness", {"factor": [-0.5, -0.5]}, TWO),
    ("RandomBrightness", {"factor": [0.2, 0.2], "value_range": [0, 1]}, ONE),
    ("RandomContrast", {"factor": [-0.2, 0.2]}, TWO), ("RandomContrast", {"factor": [-0.5, 0.5]}, ONE),
    ("RandomSaturation", {"factor": [0.2, 0.2]}, TWO), ("RandomSaturation", {"factor": [0.4, 0.4]}, TWO),
    ("RandomColorDegeneration", {"factor": [0.2, 0.2]}, TWO), ("RandomColorDegeneration", {"factor": [1.0, 1.0]}, TWO),
    ("RandomGrayscale", {"factor": 1.0}, TWO), ("RandomGrayscale", {"factor": 0.0}, TWO),
    ("RandomHue", {"factor": [1.0, 1.0]}, SINGLE), ("RandomHue", {"factor": [0.0, 0.0]}, TWO),
    ("RandomSharpness", {"factor": [0.2, 0.2]}, TWO), ("RandomSharpness", {"factor": [0.9, 0.9]}, TWO),
    ("RandomPosterization", {"factor": [3, 3]}, TWO), ("RandomPosterization", {"factor": [1, 1]}, BYTES),
    ("Solarization", {}, TWO), ("Solarization", {"value_range": [0, 510]}, TWO),
    ("RandomInvert", {"factor": [1.0, 1.0]}, TWO),
    ("RandomGaussianBlur", {"factor": [1.0, 1.0], "sigma": [0.7, 0.7]}, TWO),
    ("RandomErasing", {"factor": [1.0, 1.0], "scale": [1.0, 1.0], "fill_value": 3.0}, TWO),
    ("RandomPerspective", {"factor": [1.0, 1.0], "scale": 0.0}, TWO),
    ("Equalization", {}, SINGLE), ("Equalization", {"bins": 16}, SINGLE),
    ("AutoContrast", {}, TWO), ("AutoContrast", {"value_range": [0, 1]}, TWO),
    ("RandomColorJitter", {"brightness_factor": [0.1, 0.1], "saturation_factor": [0.4, 0.4]}, TWO),
    ("RandomFlip", {}, None), ("MixUp", {}, None), ("CutMix", {}, None), ("RandAugment", {}, None),
    ("AugMix", {}, None), ("RandomElasticTransform", {}, None),
]  # fmt: skip
MASKED = ("RandomRotation", "RandomZoom", "RandomTranslation")
ARGUMENTS: dict[str, Config] = {
    "Resizing": {"height": 2, "width": 3}, "CenterCrop": {"height": 2, "width": 3},
    "RandomCrop": {"height": 2, "width": 3, "seed": 1}, "RandomZoom": {"height_factor": 0.2},
    "RandomTranslation": {"height_factor": 0.2, "width_factor": [0.1, 0.2]}, "RandomPosterization": {"factor": 3},
}  # fmt: skip
WITH_FACTOR = (
    "RandomRotation", "RandomBrightness", "RandomContrast", "RandomSaturation", "RandomColorDegeneration", "RandomHue",
    "RandomSharpness",
)  # fmt: skip


def image_of(shape: list[int], dtype: str) -> Any:
    """What a layer is called on."""
    values = pixels(shape, dtype)
    return values if dtype == "uint8" else (values * 255).astype("float32")


def layer_case(name: str, config: Config, image: Any) -> Config:
    """Outputs in training and after it."""
    layer = getattr(keras.layers, name)(**{k: tuple(v) if isinstance(v, list) else v for k, v in config.items()})
    if image is None:
        image = TWO
        return case(**{"class": name}, config=config, image=image, training=False,
                    expected=layer(tf.constant(image_of(*image)), training=False))  # fmt: skip
    x = tf.constant(image_of(*image))
    y = layer(x, training=True)
    masks = None
    if name in MASKED and len(image[0]) == 4:
        given = pixels([*image[0][:-1], 1], "uint8")
        masks = layer({"images": x, "segmentation_masks": given}, training=True)["segmentation_masks"]
    return case(**{"class": name}, config=config, image=image, training=True, dtype=y.dtype.name, expected=y,
                expected_masks=None if masks is None else np.asarray(masks))  # fmt: skip


def config_of(name: str) -> Config:
    """The configuration of a layer made with few arguments."""
    arguments = ARGUMENTS.get(name, {"factor": 0.3} if name in WITH_FACTOR else {})
    return config_case(name, arguments)


if __name__ == "__main__":
    names = dict.fromkeys(name for name, _, _ in CASES)
    write("image_layers.json", ABOUT, cases=[layer_case(*row) for row in CASES],
          configs=[config_of(name) for name in names])  # fmt: skip
