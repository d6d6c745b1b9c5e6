"""Golden values of functions of images: tests/golden/image_ops.json.

Not here, because Keras 3.15.1 on TensorFlow does not do what its documentation says: `map_coordinates` with 'reflect'
and 'mirror' below 0, `gaussian_blur` with a kernel that is not the same in both directions.
"""

from __future__ import annotations

from typing import Any

from common import case, keras, np, tf, write
from layer_cases import numbers

Config = dict[str, Any]
ABOUT = (
    "keras.ops.image.FUNCTION(*inputs, **kwargs) == expected; an input [shape, dtype] is pixels(shape, dtype): "
    "(37 i mod 256) for i = 0, 1, ... in row-major order, divided by 255 for floats; other inputs are float32 numbers; "
    "gradient: of sum(numbers(shape of the result, 50) * result) by the first input, numbers as in layer_cases.py"
)
IMAGE, BATCH, BYTES = [[4, 5, 3], "float32"], [[2, 4, 5, 3], "float32"], [[2, 4, 5, 3], "uint8"]
GREY = [[2, 4, 5, 1], "float32"]
TURN = [1.2, 0.1, -2.3, -0.2, 0.9, 1.4, 0.0, 0.0]
TILT = [0.9, 0.2, 0.4, 0.1, 1.1, -0.7, 0.02, 0.01]
PLACES = [[0.5, -1.2, 2.4, 3.7, 1.5], [1.5, 1.0, 6.1, -2.2, 0.5]]
CORNERS = [[[0.0, 0.0], [4.0, 0.0], [0.0, 3.0], [4.0, 3.0]]]
MOVED = [[[0.5, 0.3], [4.0, 0.2], [0.1, 3.0], [3.5, 2.5]]]

CASES: list[tuple[str, list[Any], Config]] = [
    *(("resize", [BATCH], {"size": size, "interpolation": method, "antialias": antialias})
      for method in ("nearest", "bilinear", "lanczos3", "lanczos5") for antialias in (False, True)
      for size in ([3, 7], [8, 2])),
    *(("resize", [BATCH], {"size": size, "interpolation": "bicubic", "antialias": True}) for size in ([3, 7], [8, 2])),
    ("resize", [BATCH], {"size": [8, 10], "interpolation": "bicubic"}),
    *(("resize", [BYTES], {"size": [3, 7], "interpolation": method}) for method in ("nearest", "bilinear", "lanczos3")),
    ("resize", [IMAGE], {"size": [2, 3]}),
    *(("resize", [BATCH], {"size": size, flag: True}) for flag in ("crop_to_aspect_ratio", "pad_to_aspect_ratio")
      for size in ([2, 2], [3, 6], [7, 3])),
    ("resize", [BATCH], {"size": [3, 6], "pad_to_aspect_ratio": True, "fill_value": 0.5}),
    *(("affine_transform", [BATCH, TURN], {"interpolation": how, "fill_mode": mode, "fill_value": 0.5})
      for how in ("nearest", "bilinear") for mode in ("constant", "nearest", "reflect")),
    ("affine_transform", [BATCH, [1.0, 0.0, 2.0, 0.0, 1.0, -1.0, 0.0, 0.0]], {"fill_mode": "wrap"}),
    ("affine_transform", [BATCH, [TURN, TILT]], {}), ("affine_transform", [IMAGE, TILT], {}),
    *(("map_coordinates", [[[4, 5], "float32"], PLACES], {"order": order, "fill_mode": mode, "fill_value": 7.0})
      for order in (0, 1) for mode in ("constant", "nearest", "wrap")),
    ("perspective_transform", [[[1, 4, 5, 3], "float32"], CORNERS, MOVED], {}),
    ("perspective_transform", [[[1, 4, 5, 3], "float32"], MOVED, [[[0.2, 0.1], [4.0, 0.0], [0.0, 3.0], [3.9, 2.9]]]],
     {"interpolation": "nearest"}),
    ("crop_images", [BATCH], {"top_cropping": 1, "left_cropping": 2, "target_height": 2, "target_width": 2}),
    ("crop_images", [BATCH], {"bottom_cropping": 1, "right_cropping": 2, "target_height": 2, "left_cropping": 0}),
    ("pad_images", [BATCH], {"top_padding": 1, "left_padding": 2, "target_height": 6, "target_width": 8}),
    ("pad_images", [IMAGE], {"bottom_padding": 1, "right_padding": 0, "top_padding": 0, "target_width": 8}),
    ("rgb_to_grayscale", [BATCH], {}), ("rgb_to_grayscale", [BYTES], {}), ("rgb_to_grayscale", [IMAGE], {}),
    ("rgb_to_hsv", [BATCH], {}), ("hsv_to_rgb", [BATCH], {}),
    ("gaussian_blur", [BATCH], {}), ("gaussian_blur", [BATCH], {"kernel_size": [5, 5], "sigma": [2.0, 2.0]}),
    ("gaussian_blur", [IMAGE], {"kernel_size": [3, 3], "sigma": [0.5, 0.5]}),
    ("extract_patches", [BATCH], {"size": 2}), ("extract_patches", [BATCH], {"size": [2, 3], "strides": 1}),
    ("extract_patches", [BATCH], {"size": [2, 2], "strides": [2, 1], "padding": "same"}),
    ("extract_patches", [BATCH], {"size": 2, "strides": 1, "dilation_rate": 2}),
    ("extract_patches", [IMAGE], {"size": [2, 2]}),
    ("extract_patches_3d", [[[1, 4, 4, 2, 2], "float32"]], {"size": 2}),
    ("extract_patches_3d", [[[1, 4, 4, 2, 2], "float32"]], {"size": [2, 3, 1], "strides": [1, 1, 1]}),
    ("sobel_edges", [BATCH], {}),
    ("ssim", [[[2, 12, 13, 2], "float32"], [[2, 12, 13, 2], "float32", 3]], {}),
    ("scale_and_translate", [IMAGE], {"output_shape": [6, 4, 3], "scale": [1.5, 0.7], "translation": [0.3, -0.4],
                                      "spatial_dims": [0, 1], "method": "linear"}),
    ("scale_and_translate", [IMAGE], {"output_shape": [6, 4, 3], "scale": [1.5, 0.7], "translation": [0.3, 0.2],
                                      "spatial_dims": [0, 1], "method": "cubic", "antialias": False}),
]  # fmt: skip
ARRAYS = ("scale", "translation")
WITHOUT_GRADIENT = (  # TensorFlow's goes through the inverse transform; that of hues is not the derivative everywhere
    "affine_transform", "perspective_transform", "rgb_to_hsv",
)  # fmt: skip


def pixels(shape: list[int], dtype: str, start: int = 0) -> Any:
    """Values from 0 to 255 that neighbours do not share; floats from 0 to 1."""
    values = (np.arange(start, start + int(np.prod(shape))) * 37 % 256).reshape(shape)
    return values.astype(dtype) if dtype == "uint8" else (values / 255).astype(dtype)


def image_case(name: str, inputs: list[Any], kwargs: Config) -> Config:
    """One call, and its gradient by the images where they are floats."""
    is_image = [len(one) > 1 and isinstance(one[1], str) for one in inputs]
    listed = [pixels(*one) if yes else np.array(one, "float32") for one, yes in zip(inputs, is_image, strict=True)]
    arrays = [tf.constant(one) for one in listed]
    given = {k: np.array(v, "float32") if k in ARRAYS else tuple(v) if isinstance(v, list) else v
             for k, v in kwargs.items()}  # fmt: skip
    with tf.GradientTape() as tape:
        tape.watch(arrays)
        y = getattr(keras.ops.image, name)(*arrays, **given)
        score = tf.reduce_sum(y * numbers(y.shape, 50)) if y.dtype.is_floating else None
    gradient = None
    if score is not None and name not in WITHOUT_GRADIENT and kwargs.get("interpolation") != "nearest":
        gradient = tape.gradient(score, arrays[0])
    return case(function=name, inputs=inputs, kwargs=kwargs, dtype=y.dtype.name, expected=y, gradient=gradient)


if __name__ == "__main__":
    write("image_ops.json", ABOUT, cases=[image_case(*row) for row in CASES])
