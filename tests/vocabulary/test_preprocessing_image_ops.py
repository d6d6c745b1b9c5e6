"""Functions of images against Keras, against plain loops, and compiled."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Model, layers, ops, value_and_grad
from chainrule.errors import ArgumentError, ShapeError

from .golden_layers import cases, numbers, run

CASES = cases("image_ops")


def pixels(shape, dtype, start=0):
    values = (np.arange(start, start + int(np.prod(shape))) * 37 % 256).reshape(shape)
    return values.astype(dtype) if dtype == "uint8" else (values / 255).astype(dtype)


def inputs_of(case):
    return [pixels(*one) if one[1:] and isinstance(one[1], str) else np.array(one, "float32")
            for one in case["inputs"]]  # fmt: skip


def call(case, arrays):
    kwargs = {key: tuple(v) if isinstance(v, list) else v for key, v in case["kwargs"].items()}
    return getattr(ops.image, case["function"])(*arrays, **kwargs)


def name_of(case):
    return case["function"] + "-" + ",".join(f"{k}={v}" for k, v in case["kwargs"].items())[:60].replace(" ", "")


CLOSE = {"rtol": 2e-5, "atol": 4e-6}


def same(y, case):
    """Floats are close; whole numbers are what the floats, before they were rounded, are close to."""
    if case["dtype"] == "uint8" and case["function"] == "resize":
        wanted, exact = np.array(case["expected"]), call(case, [inputs_of(case)[0].astype("float32")])
        np.testing.assert_allclose(wanted, np.clip(exact, 0, 255), atol=0.5 + 1e-4, rtol=0)
        np.testing.assert_allclose(y, np.clip(exact, 0, 255), atol=0.5 + 1e-4, rtol=0)
    else:
        np.testing.assert_allclose(y, np.array(case["expected"]), **CLOSE)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_values(case):
    y = np.asarray(call(case, inputs_of(case)))
    assert y.dtype == case["dtype"]
    same(y, case)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_compiled_values_are_the_same(case):
    arrays = inputs_of(case)
    (y,) = run(lambda *xs: [call(case, xs)], [ops.convert_to_tensor(a) for a in arrays])
    same(y, case)


@pytest.mark.parametrize("case", [c for c in CASES if "gradient" in c], ids=name_of)
def test_gradients(case):
    first, *others = inputs_of(case)

    def score(x):
        y = call(case, [x, *others])
        return ops.sum(y * numbers(y.shape, 50).astype("float32"))

    _, gradient = value_and_grad(score)(first)
    np.testing.assert_allclose(gradient, np.array(case["gradient"]), rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("case", [c for c in CASES if c["function"] not in ("map_coordinates", "scale_and_translate")],
                         ids=name_of)  # fmt: skip
def test_channels_first_is_channels_last_with_the_axes_moved(case):
    arrays = inputs_of(case)
    rank = 3 if case["function"].endswith("3d") else 2
    images = len(arrays) if case["function"] == "ssim" else 1
    moved = [np.moveaxis(a, -1, -rank - 1) for a in arrays[:images]] + arrays[images:]
    kwargs = {key: tuple(v) if isinstance(v, list) else v for key, v in case["kwargs"].items()}
    y = np.asarray(getattr(ops.image, case["function"])(*moved, data_format="channels_first", **kwargs))
    wanted = np.asarray(call(case, arrays))
    if case["function"] == "sobel_edges":
        wanted = np.moveaxis(wanted, -2, 1)
    elif case["function"] != "ssim":
        wanted = np.moveaxis(wanted, -1, -rank - 1)
    np.testing.assert_allclose(y, wanted, rtol=1e-6, atol=1e-6)


def test_a_function_of_images_is_a_node_of_a_model_that_is_saved(tmp_path):
    inputs = layers.Input((6, 6, 3))
    outputs = layers.Flatten()(ops.image.resize(ops.image.rgb_to_grayscale(inputs), (3, 2)))
    model = Model(inputs, outputs)
    assert model.output_shape == (None, 6)
    x = pixels((4, 6, 6, 3), "float32")
    expected = model.predict(x, verbose=0)
    model.save(tmp_path / "model.keras")
    from chainrule.models import load_model

    np.testing.assert_array_equal(load_model(tmp_path / "model.keras").predict(x, verbose=0), expected)


def test_the_identity_transform_changes_nothing():
    x = pixels((2, 5, 4, 3), "float32")
    for how in ("nearest", "bilinear"):
        for mode in ("constant", "nearest", "wrap", "mirror", "reflect"):
            y = ops.image.affine_transform(x, [1, 0, 0, 0, 1, 0, 0, 0], how, mode)
            np.testing.assert_array_equal(y, x)


def test_beyond_the_edge_is_what_numpy_pads():
    """Moved by three pixels; the modes of numpy.pad: 'symmetric' is 'reflect', 'reflect' is 'mirror'."""
    x = pixels((1, 6, 7, 1), "float32")
    names = {"nearest": "edge", "wrap": "wrap", "mirror": "reflect", "reflect": "symmetric", "constant": "constant"}
    for mode, name in names.items():
        wanted = np.pad(x[0, :, :, 0], 3, mode=name)[0:6, 6:13]
        y = ops.image.affine_transform(x, [1, 0, 3, 0, 1, -3, 0, 0], fill_mode=mode)[0, :, :, 0]
        np.testing.assert_allclose(y, wanted, atol=1e-6)
        grid = np.stack(np.meshgrid(np.arange(6) - 3.0, np.arange(7) + 3.0, indexing="ij"))
        np.testing.assert_allclose(ops.image.map_coordinates(x[0, :, :, 0], grid, 1, mode), wanted, atol=1e-6)


def test_colours_go_there_and_back():
    x = pixels((3, 4, 5, 3), "float64")
    np.testing.assert_allclose(ops.image.hsv_to_rgb(ops.image.rgb_to_hsv(x)), x, atol=1e-12)


def test_the_gradient_of_hue_saturation_and_value():
    x = pixels((1, 2, 3, 3), "float64")
    direction = numbers(x.shape, 1)

    def score(z):
        y = ops.image.rgb_to_hsv(z)
        return ops.sum(y * numbers(y.shape, 2))

    step = 1e-6
    wanted = (float(score(x + step * direction)) - float(score(x - step * direction))) / (2 * step)
    _, gradient = value_and_grad(score)(x)
    np.testing.assert_allclose((np.asarray(gradient) * direction).sum(), wanted, rtol=1e-6)


def test_rows_and_columns_are_blurred_each_with_its_own_width():
    x = np.zeros((7, 9, 1))
    x[3, 4] = 1
    y = np.asarray(ops.image.gaussian_blur(x, (3, 5), (0.5, 2.0)))[2:5, 2:7, 0]
    lines = [np.exp(-0.5 * (np.arange(-n, n + 1) / s) ** 2) for n, s in ((1, 0.5), (2, 2.0))]
    np.testing.assert_allclose(y, np.outer(*(line / line.sum() for line in lines)), rtol=1e-12)


def test_patches_are_the_windows():
    x = pixels((2, 6, 7, 3), "float32")
    found = np.asarray(ops.image.extract_patches(x, (3, 2), strides=(2, 3)))
    for i in range(found.shape[1]):
        for j in range(found.shape[2]):
            np.testing.assert_array_equal(found[:, i, j], x[:, 2 * i : 2 * i + 3, 3 * j : 3 * j + 2].reshape(2, -1))


def test_wrinkles_move_little_and_come_from_the_seed():
    x = pixels((2, 16, 16, 1), "float32")
    twice = [np.asarray(ops.image.elastic_transform(x, seed=3)) for _ in range(2)]
    np.testing.assert_array_equal(*twice)
    assert (twice[0] != np.asarray(ops.image.elastic_transform(x, seed=4))).any()
    assert twice[0].min() >= x.min() - 1e-6
    assert twice[0].max() <= x.max() + 1e-6
    np.testing.assert_allclose(ops.image.elastic_transform(x, alpha=0.0), x, atol=1e-6)


@pytest.mark.parametrize(
    "function,error",
    [
        (lambda x: ops.image.resize(x, (2, 2), "cubic"), ArgumentError),
        (lambda x: ops.image.resize(x, 2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), ArgumentError),
        (lambda x: ops.image.resize(x[0, 0], (2, 2)), ShapeError),
        (lambda x: ops.image.crop_images(x, 1, 1), ArgumentError),
        (lambda x: ops.image.crop_images(x, 3, 0, 3, 0), ShapeError),
        (lambda x: ops.image.pad_images(x, 0, 0, target_height=2, target_width=9), ShapeError),
        (lambda x: ops.image.affine_transform(x, [1.0] * 6), ShapeError),
        (lambda x: ops.image.affine_transform(x, [1.0] * 8, fill_mode="none"), ArgumentError),
        (lambda x: ops.image.map_coordinates(x, [[1.0]], 1), ShapeError),
        (lambda x: ops.image.map_coordinates(x[0, 0, 0], [[1.0]], 3), ArgumentError),
        (lambda x: ops.image.rgb_to_hsv(x[..., :2]), ShapeError),
    ],
)
def test_errors(function, error):
    with pytest.raises(error):
        function(pixels((1, 4, 5, 3), "float32"))
