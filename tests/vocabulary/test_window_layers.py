"""Convolution, pooling and reshaping layers: what holds beyond the golden values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from chainrule import Model, Sequential, config, layers, ops, optimizers
from chainrule.errors import ArgumentError, ShapeError
from chainrule.models import model_from_json
from chainrule.utils import set_random_seed

from .golden_layers import case_name, cases, made, numbers, same_after_saving

LAST = [c for c in cases("windows") if "data_format" not in c["config"] and "activation" not in c["config"]]


@pytest.mark.parametrize("case", LAST, ids=case_name)
def test_channels_first_is_channels_last_with_the_axes_moved(case):
    plain = {key: value for key, value in case["config"].items() if key != "dtype"}
    last = made(case["class"], {**plain, "data_format": "channels_last"})
    first = made(case["class"], {**plain, "data_format": "channels_first"})
    x = numbers(case["inputs"][0], 1).astype("float32")
    wanted = np.asarray(last(x))
    first(np.moveaxis(x, -1, 1))
    first.set_weights(last.get_weights())
    found = np.asarray(first(np.moveaxis(x, -1, 1)))
    wanted = np.moveaxis(wanted, -1, 1) if wanted.ndim > 2 else wanted
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, (3, 1)])
@pytest.mark.parametrize("dilation", [1, (2, 1), 3])
def test_a_transposed_convolution_is_the_adjoint_of_the_convolution(padding, strides, dilation):
    places = {"strides": strides, "padding": padding, "dilation_rate": dilation}
    x, kernel = numbers((2, 9, 10, 3), 1), numbers((3, 2, 3, 4), 2)
    y = ops.conv(x, kernel, **places)
    g = numbers(y.shape, 3)
    more = {} if padding == "same" else {"output_padding": [
        n - ((m - 1) * s + (k - 1) * d + 1) for n, m, s, k, d in zip(
            x.shape[1:-1], y.shape[1:-1], np.broadcast_to(strides, 2).tolist(), kernel.shape, np.broadcast_to(
                dilation, 2).tolist(), strict=False)]}  # fmt: skip
    back = np.asarray(ops.conv_transpose(g, kernel, **places, **more))
    if back.shape != x.shape:  # 'same' gives the next multiple of the strides
        assert padding == "same"
        x = np.pad(x, [(0, a - b) for a, b in zip(back.shape, x.shape, strict=True)])
        y = np.asarray(ops.conv(x, kernel, **places))
    np.testing.assert_allclose((np.asarray(y) * g).sum(), (back * x).sum(), rtol=1e-9)


def scalar_conv(x, kernel, stride, low, high, dilation):
    """One axis of space, one number after the other."""
    size, window = x.shape[1], kernel.shape[0]
    count = (size + low + high - (window - 1) * dilation - 1) // stride + 1
    y = np.zeros((x.shape[0], count, kernel.shape[2]))
    for b, i, k, c, o in itertools.product(*map(range, (x.shape[0], count, *kernel.shape))):
        place = i * stride + k * dilation - low
        if 0 <= place < size:
            y[b, i, o] += x[b, place, c] * kernel[k, c, o]
    return y


@pytest.mark.parametrize("stride,dilation", [(1, 1), (2, 1), (1, 3), (2, 2)])
def test_convolution_one_number_after_the_other(stride, dilation):
    x, kernel = numbers((2, 8, 3), 1), numbers((3, 3, 2), 2)
    places = {"strides": stride, "dilation_rate": dilation}
    reach = 2 * dilation
    found = ops.conv(x, kernel, **places)
    np.testing.assert_allclose(found, scalar_conv(x, kernel, stride, 0, 0, dilation), rtol=1e-12)
    found = ops.conv(x, kernel, padding="causal", **places)
    np.testing.assert_allclose(found, scalar_conv(x, kernel, stride, reach, 0, dilation), rtol=1e-12)
    total = max((-(-8 // stride) - 1) * stride + reach + 1 - 8, 0)
    found = ops.conv(x, kernel, padding="same", **places)
    np.testing.assert_allclose(
        found, scalar_conv(x, kernel, stride, total // 2, total - total // 2, dilation), rtol=1e-12
    )


def test_groups_are_convolutions_side_by_side():
    x, kernel = numbers((2, 6, 6, 4), 1), numbers((3, 3, 2, 6), 2)
    halves = [ops.conv(x[..., 2 * k : 2 * k + 2], kernel[..., 3 * k : 3 * k + 3]) for k in (0, 1)]
    np.testing.assert_allclose(ops.conv(x, kernel), np.concatenate(halves, -1), rtol=1e-12)


def test_of_equal_elements_the_first_gets_the_gradient():
    from chainrule import grad

    g = grad(lambda x: ops.sum(ops.max_pool(x, 2)))(np.ones((1, 2, 2, 1), "float32"))
    assert np.asarray(g)[0, :, :, 0].tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_what_same_adds_neither_wins_nor_counts():
    x = np.full((1, 3, 3, 1), -2.0, "float32")
    for layer in (layers.MaxPooling2D(2, padding="same"), layers.AveragePooling2D(3, 1, "same")):
        assert set(np.asarray(layer(x)).ravel().tolist()) == {-2.0}


@pytest.mark.parametrize("size,parts", [(7, 3), (10, 7), (4, 4), (3, 5), (6, 2), (5, 1)])
def test_adaptive_windows(size, parts):
    x = numbers((1, size, 2), 1)
    edges = [(i * size // parts, -(-(i + 1) * size // parts)) for i in range(parts)]
    found = ops.adaptive_max_pool(x, parts), ops.adaptive_average_pool(x, parts)
    np.testing.assert_array_equal(found[0], np.stack([x[:, a:b].max(1) for a, b in edges], 1))
    np.testing.assert_allclose(found[1], np.stack([x[:, a:b].mean(1) for a, b in edges], 1), rtol=1e-12)


UNKNOWN = [
    (layers.Conv2D(4, 3, strides=32), (None, None, None, 4)),
    (layers.Conv2D(4, 3, padding="same"), (None, None, None, 4)),
    (layers.Conv2DTranspose(4, 3, strides=2), (None, None, None, 4)),
    (layers.SeparableConv2D(4, 3), (None, None, None, 4)),
    (layers.MaxPooling2D(16), (None, None, None, 3)),
    (layers.AveragePooling2D(3, 2, "same"), (None, None, None, 3)),
    (layers.AdaptiveAveragePooling2D((7, 5)), (None, 7, 5, 3)),
    (layers.GlobalMaxPooling2D(), (None, 3)),
    (layers.UpSampling2D(2, interpolation="bilinear"), (None, None, None, 3)),
    (layers.ZeroPadding2D(2), (None, None, None, 3)),
    (layers.Cropping2D(2), (None, None, None, 3)),
]  # fmt: skip


@pytest.mark.parametrize("layer,wanted", UNKNOWN, ids=lambda v: type(v).__name__)
def test_sizes_of_space_may_be_unknown(layer, wanted):
    assert layer(layers.Input((None, None, 3))).shape == wanted
    assert layer.compute_output_shape((None, None, None, 3)) == wanted


def test_integers_become_floats_and_half_precision_stays():
    assert layers.Conv2D(2, 2)(np.ones((1, 3, 3, 1), "uint8")).dtype == "float32"
    assert layers.Conv2D(2, 2, dtype="float16")(np.ones((1, 3, 3, 1), "float32")).dtype == "float16"
    assert layers.MaxPooling2D()(np.ones((1, 4, 4, 1), "int32")).dtype == "int32"


def test_the_default_order_of_axes_is_that_of_the_settings():
    config.set_image_data_format("channels_first")
    try:
        assert layers.Conv2D(4, 3).compute_output_shape((None, 3, 8, 8)) == (None, 4, 6, 6)
        assert ops.max_pool(np.ones((1, 3, 4, 4)), 2).shape == (1, 3, 2, 2)
    finally:
        config.set_image_data_format("channels_last")
    assert layers.Conv2D(4, 3).data_format == "channels_last"


@pytest.mark.parametrize("name,shape", [("SpatialDropout2D", (40, 5, 5, 20)), ("SpatialDropout3D", (40, 2, 3, 2, 20))])
def test_spatial_dropout_drops_whole_channels(name, shape):
    layer = getattr(layers, name)(0.4, seed=1)
    y = np.asarray(layer(np.ones(shape, "float32"), training=True)).reshape(shape[0], -1, shape[-1])
    assert (y == y[:, :1]).all()
    np.testing.assert_allclose(np.unique(y), [0, 1 / 0.6], rtol=1e-6)
    assert abs((y == 0).mean() - 0.4) < 5 * np.sqrt(0.24 / 800)
    np.testing.assert_array_equal(layer(np.ones(shape, "float32")), np.ones(shape))
    first = getattr(layers, name)(0.4, data_format="channels_first", seed=1)
    turned = np.asarray(first(np.ones(np.moveaxis(np.empty(shape), -1, 1).shape, "float32"), training=True))
    assert (turned.reshape(shape[0], shape[-1], -1) == turned.reshape(shape[0], shape[-1], -1)[:, :, :1]).all()


def images():
    """Squares that are dark, each in one corner of four."""
    generator = np.random.default_rng(0)
    y = generator.integers(0, 4, 64)
    x = generator.normal(0, 0.1, (64, 8, 8, 1)).astype("float32")
    for row, corner in zip(x, y, strict=True):
        row[4 * (corner // 2) : 4 * (corner // 2) + 4, 4 * (corner % 2) : 4 * (corner % 2) + 4] += 1
    return x, y


def test_a_network_learns_and_is_saved(tmp_path):
    set_random_seed(1)
    x, y = images()
    model = Sequential([
        layers.Input((8, 8, 1)), layers.Conv2D(8, 3, activation="relu", padding="same"), layers.MaxPooling2D(),
        layers.SeparableConv2D(8, 3, activation="relu"), layers.BatchNormalization(), layers.AveragePooling2D(2),
        layers.SpatialDropout2D(0.1), layers.Flatten(), layers.Dense(4, activation="softmax"),
    ])  # fmt: skip
    model.compile(optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    losses = model.fit(x, y, batch_size=16, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0]
    same_after_saving(model, x, tmp_path)


def test_an_encoder_and_decoder_as_a_functional_model(tmp_path):
    inputs = layers.Input((None, None, 2))
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(inputs)
    x = layers.Conv2DTranspose(2, 3, strides=2, padding="same")(x)
    outputs = ops.max_pool(ops.conv(x, np.ones((1, 1, 2, 3), "float32")), 2)
    model = Model(inputs, [x, outputs])
    assert [tuple(t.shape) for t in model.outputs] == [(None, None, None, 2), (None, None, None, 3)]
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    image = numbers((1, 6, 8, 2), 1).astype("float32")
    for a, b in zip(model.predict(image, verbose=0), again.predict(image, verbose=0), strict=True):
        np.testing.assert_array_equal(a, b)
    same_after_saving(model, image, tmp_path)


WRONG = [
    (lambda: layers.Conv2D(0, 3), "Conv2D 'conv2d.*expected filters to be a positive integer; got filters=0"),
    (lambda: layers.Conv2D(4, (3, 3, 3)), "expected kernel_size to be an integer of at least 1, or 2 of them"),
    (lambda: layers.Conv2D(4, 3, strides=0), "expected strides to be an integer of at least 1"),
    (lambda: layers.Conv2D(4, 3, padding="causal"), "expected padding to be one of valid, same; got 'causal'"),
    (lambda: layers.Conv1D(4, 3, padding="full"), "expected padding to be one of valid, same, causal"),
    (lambda: layers.Conv2D(4, 3, data_format="first"), "expected data_format to be one of channels_last"),
    (lambda: layers.Conv2D(4, 3, groups=3), "expected filters to be a multiple of groups=3; got 4"),
    (lambda: layers.Conv2DTranspose(4, 3, 2, output_padding=2), "smaller than strides"),
    (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), "expected depth_multiplier to be a positive"),
    (lambda: layers.MaxPooling2D((2, -1)), "expected pool_size to be an integer of at least 1"),
    (lambda: layers.AveragePooling1D(2, padding="causal"), "expected padding to be one of valid, same"),
    (lambda: layers.AdaptiveMaxPooling2D(0), "expected output_size to be an integer of at least 1"),
    (lambda: layers.ZeroPadding2D((1, 2, 3)), r"expected padding to be .* 2 pairs \(before, after\)"),
    (lambda: layers.Cropping3D(-1), "expected cropping to be an integer of at least 0"),
    (lambda: layers.UpSampling2D(2, interpolation="cubic"), "expected interpolation to be one of nearest, bilinear"),
    (lambda: ops.conv(np.ones((1, 4, 1)), np.ones((2, 1, 1)), padding="both"), "'valid', 'same' or 'causal'"),
    (lambda: ops.conv_transpose(np.ones((1, 4, 1)), np.ones((2, 1, 1)), padding="causal"), "'valid' or 'same'"),
    (lambda: ops.max_pool(np.ones((1, 4, 1)), 2, padding="causal"), "'valid' or 'same'"),
]  # fmt: skip


@pytest.mark.parametrize("make,message", WRONG, ids=lambda v: v[:30] if isinstance(v, str) else "")
def test_arguments_that_are_wrong(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


MISFITS = [
    (layers.Conv2D(4, 3, groups=2), (1, 8, 8, 3), "expected a number of channels divisible by groups=2; got 3"),
    (layers.Conv2D(4, 3), (1, 2, 8, 3), r"expected at least \(3, 3\) along the axes of space.*got \(2, 8\)"),
    (layers.Conv2D(4, 3), (1, 8, 3), "expected input with 4 axes"),
    (layers.Conv2D(4, 3), (1, 8, 8, None), "expected a known size on the last axis"),
    (layers.MaxPooling2D(4), (1, 3, 8, 3), "expected at least"),
    (layers.Cropping2D(4), (1, 8, 9, 3), "expected more than 8 elements on axis 1 to crop from"),
]  # fmt: skip


@pytest.mark.parametrize("layer,shape,message", MISFITS, ids=lambda v: v[:30] if isinstance(v, str) else "")
def test_inputs_that_do_not_fit_name_the_layer(layer, shape, message):
    with pytest.raises(ShapeError, match=f"{type(layer).__name__} '{layer.name}'.*{message}"):
        layer(layers.Input(batch_shape=shape))


def test_other_channels_than_before():
    layer = layers.Conv1D(2, 2)
    layer(np.ones((1, 4, 3)))
    with pytest.raises(ShapeError, match="expected input of size 3 on its last axis"):
        layer(np.ones((1, 4, 5)))


def test_ops_name_what_does_not_fit():
    with pytest.raises(ShapeError, match="expected a kernel for 3 channels"):
        ops.conv(np.ones((1, 4, 3)), np.ones((2, 2, 4)))
    with pytest.raises(ShapeError, match="expected a kernel with 4 axes"):
        ops.conv(np.ones((1, 4, 4, 3)), np.ones((2, 3, 4)))
    with pytest.raises(ShapeError, match="depthwise_conv: expected a kernel for 3 channels"):
        ops.depthwise_conv(np.ones((1, 4, 3)), np.ones((2, 2, 1)))
    with pytest.raises(ShapeError, match="conv_transpose: expected a kernel for 3 channels"):
        ops.conv_transpose(np.ones((1, 4, 3)), np.ones((2, 2, 4)))
    with pytest.raises(ShapeError, match="max_pool: expected 3, 4 or 5 axes"):
        ops.max_pool(np.ones((4, 3)), 2)
