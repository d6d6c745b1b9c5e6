"""Details in which Keras's users would notice a difference: arguments, errors, dtypes, masks, first weights."""

from __future__ import annotations

import json

import numpy as np
import pytest

import chainrule
from chainrule import Input, Model, initializers, layers, ops
from chainrule.errors import ArgumentError, DTypeError, ShapeError

from .golden_layers import numbers


def test_projections_of_attention_begin_with_the_spread_of_a_dense_layer():
    attention = layers.MultiHeadAttention(8, 16, kernel_initializer="lecun_normal")
    attention.build((None, 10, 32), (None, 10, 32))
    assert attention.query_dense.kernel.numpy().std() == pytest.approx(32**-0.5, rel=0.05)
    assert attention.output_dense.kernel.numpy().std() == pytest.approx((8 * 16) ** -0.5, rel=0.05)
    chosen = initializers.LecunNormal(input_axes=[1], output_axes=[0, 2])
    dense = layers.EinsumDense("abc,cde->abde", (None, 8, 16), kernel_initializer=chosen)
    dense.build((None, 10, 32))
    assert dense.kernel.numpy().std() == pytest.approx(8**-0.5, rel=0.05)
    assert dense.get_config()["kernel_initializer"]["config"]["input_axes"] == [1]


def test_dropped_weights_of_attention_are_those_that_are_returned():
    query, value = numbers((2, 3, 4), 1), numbers((2, 5, 4), 2)
    means, weights = layers.Attention(dropout=0.5, seed=1)(
        [query, value], return_attention_scores=True, training=True)  # fmt: skip
    assert 0 < (weights.numpy() == 0).mean() < 1
    np.testing.assert_allclose(means, weights.numpy() @ value, rtol=1e-5)


@pytest.mark.parametrize("layer", [layers.Attention, layers.AdditiveAttention])
def test_attention_asks_for_lists_of_inputs_and_masks(layer):
    x = np.ones((1, 2, 2))
    for inputs, mask in [(x, None), ([x] * 4, None), ([x, x], x), ([x, x], [x])]:
        with pytest.raises(ArgumentError, match="expected a list of"):
            layer()(inputs, mask=mask)


def test_shapes_of_value_and_key_are_compared_without_data():
    with pytest.raises(ShapeError, match="value and key with the same axes"):
        layers.MultiHeadAttention(2, 2).compute_output_shape((2, 4, 8), (2, 2, 8), (2, 1, 7))
    grouped = layers.GroupQueryAttention(2, 4, 4)
    with pytest.raises(ShapeError, match="value and key with the same axes"):
        grouped.compute_output_shape((2, 4, 8), (2, 2, 8), (2, 1, 8))
    with pytest.raises(ShapeError, match="query and value of the same size"):
        grouped.compute_output_shape((2, 4, 8), (2, 2, 7))


def test_mask_of_a_concatenation_of_inputs_with_unknown_batch():
    seen = np.array([[True, False, True, True]])
    x, w = Input((4, 2)), Input((4, 2))
    layer = layers.Concatenate(axis=1)
    full = np.broadcast_to(seen[..., None], (1, 4, 2))
    assert layer.compute_mask([x, w], [full, full]).tolist() == [[*seen[0].tolist()] * 2]
    parts = [np.ones((1, 4, 2)), np.ones((1, 4, 2))]
    assert layer.compute_mask([*map(ops.convert_to_tensor, parts)], [ops.convert_to_tensor(seen), None]).tolist() == [
        [True, False, True, True, True, True, True, True]
    ]


@pytest.mark.parametrize("layer", [layers.LayerNormalization(dtype="mixed_float16"),
                                   layers.GroupNormalization(2, dtype="mixed_float16")])  # fmt: skip
def test_normalization_sees_what_float16_cannot_hold(layer):
    x = 70000 + 100 * numbers((2, 4, 8), 3).astype("float32")
    y = layer(x)
    exact = type(layer)(**({"groups": 2} if layer.name.startswith("group") else {}))(x).numpy()
    assert y.dtype == "float16" and np.isfinite(exact).all()
    np.testing.assert_allclose(y, exact, atol=2e-3)
    layer.gamma.assign(np.full(8, 1e5, "float32"))  # beyond float16 as well
    assert np.isfinite(layer(x * 0 + numbers((2, 4, 8), 3) * 1e-6).numpy()).all()


def test_normalization_over_the_last_axis_takes_other_ranks():
    for layer in (layers.LayerNormalization(), layers.RMSNormalization()):
        layer.build((2, 3, 4))
        assert layer(np.ones((5, 2, 3, 4), "float32")).shape == (5, 2, 3, 4)
        with pytest.raises(ShapeError, match="of size 4 on its last axis"):
            layer(np.ones((5, 2, 3)))
    assert layers.LayerNormalization(dtype="float64")(np.ones((2, 3), "float32")).dtype == "float64"


@pytest.mark.parametrize(
    "make", [lambda: layers.LayerNormalization(axis={"axis": -1}), lambda: layers.UnitNormalization(axis="last"),
             lambda: layers.UpSampling1D(size=2.5), lambda: layers.Dense("many")])  # fmt: skip
def test_arguments_of_another_type_are_type_errors_and_value_errors(make):
    with pytest.raises(DTypeError, match="integer") as caught:
        make()
    assert isinstance(caught.value, TypeError) and isinstance(caught.value, ValueError)


def test_windows_are_strided_or_dilated():
    for layer in (layers.Conv2D, layers.Conv2DTranspose, layers.ConvLSTM2D):
        with pytest.raises(ArgumentError, match="strides or dilation_rate above 1, not both"):
            layer(2, 2, strides=2, dilation_rate=(2, 1))


def test_configurations_hold_tuples_where_keras_has_them():
    assert layers.ZeroPadding2D(((1, 1), (2, 2))).get_config()["padding"] == ((1, 1), (2, 2))
    assert layers.AdaptiveMaxPooling2D((8, 16)).get_config()["output_size"] == (8, 16)
    assert layers.LayerNormalization(axis=[1, 2]).get_config()["axis"] == [1, 2]


def test_small_images_are_stretched_and_cut_with_their_boxes():
    x = numbers((2, 11, 3, 2), 4)
    by_ratio = layers.Resizing(5, 17, crop_to_aspect_ratio=True)(x)
    assert by_ratio.shape == (2, 5, 17, 2) and np.isfinite(by_ratio.numpy()).all()
    np.testing.assert_allclose(layers.CenterCrop(5, 17)(x), by_ratio)
    boxes = {"boxes": np.array([[2.0, 1, 4, 3]]), "labels": np.array([1])}
    crop = layers.CenterCrop(20, 20, bounding_box_format="xyxy")  # 10 x 8 becomes 25 x 20, of which 2.5 rows are cut
    found = crop({"images": np.ones((10, 8, 3)), "bounding_boxes": boxes})["bounding_boxes"]["boxes"]
    np.testing.assert_allclose(found, [[5, 0, 10, 5]])


def test_windows_of_the_fourier_initializer():
    angles = 2 * np.pi * np.outer(np.arange(8), np.arange(5)) / 8
    plain = initializers.STFT("real", None)((8, 1, 5))
    np.testing.assert_allclose(plain.numpy()[:, 0], np.cos(angles), atol=1e-6)
    given = np.arange(1.0, 9.0)
    scaled = initializers.STFT("imag", list(given), "spectrum")((8, 1, 5))
    np.testing.assert_allclose(scaled.numpy()[:, 0], -np.sin(angles) * given[:, None] / 36, atol=1e-6)
    tukey = initializers.STFT("real", "tukey", None)((9, 1, 1)).numpy().ravel()
    np.testing.assert_allclose(tukey, [0, 0.5, 1, 1, 1, 1, 1, 0.5, 0], atol=1e-6)  # cosines over the outer quarters
    with pytest.raises(ShapeError, match="a window of 8 numbers"):
        initializers.STFT(window=[1.0, 2.0])((8, 1, 5))


def test_constants_that_are_arrays_are_plain_in_the_configuration():
    made = initializers.Constant(np.array([1.0, 2.0]))
    again = initializers.Constant.from_config(made.get_config())
    assert made.get_config()["value"]["class_name"] == "__array__"
    assert again((3, 2)).tolist() == [[1.0, 2.0]] * 3


def test_both_directions_keep_what_has_no_place_in_the_configuration():
    both = layers.Bidirectional(layers.GRU(1, use_cudnn=False))
    assert both.forward_layer.use_cudnn is False and both.backward_layer.use_cudnn is False


def test_loops_and_branches_on_symbolic_tensors():
    x = Input((3,))
    doubled = ops.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 2), (0, x))[1]
    total, sums = ops.scan(lambda carry, row: (carry + row, carry), ops.zeros((3,)), x)
    chosen = ops.cond(ops.sum(x) > 0, lambda: 1.0, lambda: -1.0)
    outputs = [doubled, ops.map(ops.square, x), total, ops.fori_loop(0, 2, lambda i, v: v + 1, x), chosen]
    found = Model(x, outputs)(np.array([[1.0, 2, 3], [4, 5, 6]], "float32"))
    rows = np.array([[1.0, 2, 3], [4, 5, 6]])
    expected = [rows * 8, rows**2, rows.sum(0), rows + 2, 1.0]
    for y, z in zip(found, expected, strict=True):
        np.testing.assert_allclose(y, z)
    assert doubled.shape == (None, 3) and sums.shape == (None, 3)


def test_sizes_that_only_other_inputs_know():
    x, w = Input((None, 4)), Input((5, 4))
    assert (x + w).shape == (None, 5, 4)
    assert layers.Add()([x, w]).shape == (None, 5, 4)
    assert ops.where(x > 0, x, w).shape == (None, 5, 4)
    model = Model([x, w], layers.Multiply()([x, w]))
    a, b = numbers((2, 5, 4), 1).astype("float32"), numbers((2, 5, 4), 2).astype("float32")
    np.testing.assert_allclose(model([a, b]), a * b)
    with pytest.raises(ShapeError, match="broadcast"):
        Input((None, 3)) + Input((5, 4))


LINEAR = {
    "cholesky": lambda x: ops.cholesky(x @ ops.swapaxes(x, -1, -2) + 4 * np.eye(4)),
    "det": ops.det,
    "eigh": lambda x: ops.eigh(x + ops.swapaxes(x, -1, -2)),
    "inv": ops.inv,
    "lu_factor": ops.lu_factor,
    "qr": lambda x: ops.qr(x[..., :3], "complete"),
    "slogdet": ops.slogdet,
    "solve": lambda x: ops.solve(x, x[..., 0] + 1),
    "solve_triangular": lambda x: ops.solve_triangular(x, x[..., :2] + 1, lower=True),
    "svd": lambda x: ops.svd(x[..., :3], full_matrices=False),
    "wide svd": lambda x: ops.svd(x[..., :3, :], full_matrices=False),
}


@pytest.mark.parametrize("name", LINEAR)
def test_linear_algebra_at_once_is_that_of_a_recording(name):
    x = numbers((2, 4, 4), 5) + 2 * np.eye(4)
    at_once, recorded = LINEAR[name](x), chainrule.compile(LINEAR[name], executor="reference")(x)
    for a, b in zip(*(t if isinstance(t, tuple) else (t,) for t in (at_once, recorded)), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_singular_and_indefinite_matrices():
    assert ops.det(np.ones((3, 3))).tolist() == 0 and not np.isfinite(ops.inv(np.zeros((2, 2))).numpy()).any()
    with pytest.raises(ArgumentError, match="positive eigenvalues only"):
        ops.cholesky([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(ArgumentError, match="axis"):
        ops.norm(np.ones(3), axis=(0, 1))
    assert ops.svd(np.ones((3, 2), "float16"), compute_uv=False).dtype == "float16"


def test_reductions_that_leave_the_range_of_float16():
    assert float(ops.mean(np.full(3, 65504, "float16"))) == 65504
    mean, variance = ops.moments(np.array([1e4, -1e4], "float16"), 0)
    assert float(mean) == 0 and float(variance) == 65504  # 1e8, cut to what float16 holds
    assert ops.max(np.zeros((1, 0)), initial=1).tolist() == 1
    assert ops.min(np.zeros((2, 0)), axis=1, keepdims=True, initial=3).tolist() == [[3], [3]]


def test_whole_numbers_are_rounded_to_tens():
    assert ops.round(np.array([123, 235, -345]), -1).tolist() == [120, 240, -340]
    assert ops.round(np.array([7]), 1).tolist() == [7]


@pytest.mark.parametrize("call", [
    lambda x: ops.pad(x, 1, "reflect", constant_values=0), lambda x: ops.meshgrid(x, x, indexing="kk"),
    lambda x: ops.argpartition(x, (1, 2)), lambda x: ops.digitize(x, np.ones((2, 2))),
    lambda x: ops.unstack(x, 3), lambda x: ops.depth_to_space(np.ones((1, 2, 2, 4)), 1),
])  # fmt: skip
def test_arguments_that_do_not_fit_are_value_errors(call):
    with pytest.raises(ValueError, match="expected"):
        call(np.ones((2, 2), "float32"))


def test_patches_of_volumes_and_blur_with_arrays():
    volume = numbers((1, 4, 4, 4, 1), 6)
    patches = ops.image.extract_patches(volume, (2, 2, 4))
    np.testing.assert_allclose(patches[0, 1, 0, 0], volume[0, 2:4, :2, :, 0].ravel())
    image = numbers((5, 5, 1), 7)
    by_array = ops.image.gaussian_blur(image, (3, 3), np.array([1.0, 2.0]))
    np.testing.assert_allclose(by_array, ops.image.gaussian_blur(image, (3, 3), (1.0, 2.0)))


def test_ctc_loss_of_narrow_floats():
    labels, logits = np.array([[1, 2]]), numbers((1, 4, 3), 8)
    exact = float(ops.ctc_loss(labels, logits, [2], [4])[0])
    narrow = ops.ctc_loss(labels, ops.cast(logits, "float16"), [2], [4])
    assert narrow.dtype == "float32" and float(narrow[0]) == pytest.approx(exact, rel=5e-3)


def test_normalization_takes_the_inputs_of_batches_with_targets():
    x = numbers((24, 4, 3), 9).astype("float32")
    exact = layers.Normalization(axis=(1, 2))
    exact.adapt(x)
    for batches in ([x[i : i + 8] for i in range(0, 24, 8)], [(x[i : i + 8], np.zeros(8)) for i in range(0, 24, 8)]):
        layer = layers.Normalization(axis=(1, 2))
        layer.adapt(batches)
        np.testing.assert_allclose(layer(x), exact(x), atol=1e-5)
    assert exact.mean.shape == (1, 4, 3)
    with pytest.raises(DTypeError, match="batches that are arrays"):
        layers.Normalization().adapt(iter([42]))


def test_given_means_have_the_axes_of_the_inputs():
    layer = layers.Normalization(axis=(1, 2), mean=np.arange(5.0), variance=np.ones(5))
    layer.build((None, 7, 5, 3))
    np.testing.assert_allclose(layer.mean, np.broadcast_to(np.arange(5.0)[:, None], (1, 7, 5, 1)))
    layer = layers.Normalization(mean=5.0, variance=1.0)
    layer.build((3, 7))
    assert layer.mean.tolist() == [[5.0] * 7]


def test_a_mask_that_is_given_is_handed_on():
    class Passing(layers.Layer):
        def __init__(self):
            super().__init__()
            self.supports_masking = True

        def call(self, x, mask=None):
            return x

    mask = ops.convert_to_tensor(np.array([True, False]))
    assert Passing()(np.ones((2, 3)), mask=mask)._keras_mask.tolist() == [True, False]


def test_weights_are_not_added_in_a_call():
    class Growing(layers.Layer):
        def call(self, x):
            return x * self.add_weight(shape=(), initializer="ones")

    with pytest.raises(ArgumentError, match="in __init__ or build"):
        Growing()(np.ones((2, 3)))


@pytest.mark.parametrize("make", [
    lambda: layers.Dense(2, trainable="yes"), lambda: Input(batch_size=4, batch_shape=(4, 3)),
    lambda: layers.Hashing(3, dtype="float32"), lambda: layers.IntegerLookup(max_tokens=1),
    lambda: layers.HashedCrossing(10)((np.array([1.5]), np.array([1.0]))),
    lambda: layers.STFTSpectrogram(frame_length=256, frame_step=1024, fft_length=512),
    lambda: layers.STFTSpectrogram(window="round"),
])  # fmt: skip
def test_layers_refuse_what_has_no_meaning(make):
    with pytest.raises(ValueError, match="expected"):
        make()


def test_sizes_may_be_numbers_of_numpy():
    assert Input((np.int64(3), None)).shape == (None, 3, None)
    assert layers.STFTSpectrogram(window="tukey", frame_length=8, frame_step=4)(np.ones((1, 16, 1))).shape == (1, 3, 5)


def test_numbers_between_symbolic_ends():
    low, high = Input((3,)), Input((3,))
    line, step = ops.linspace(low, high, 5, retstep=True, axis=1)
    outputs = [line, step, ops.linspace(low, 9.0, 4, endpoint=False), ops.logspace(low, 2.0, 3),
               ops.geomspace(low, high, 4, axis=-1)]  # fmt: skip
    a, b = np.array([[1.0, 2, 3]], "float32"), np.array([[4.0, 8, 30]], "float32")
    expected = [*np.linspace(a, b, 5, retstep=True, axis=1), np.linspace(a, 9, 4, endpoint=False),
                np.logspace(a, 2, 3), np.geomspace(a, b, 4, axis=-1)]  # fmt: skip
    for found, y in zip(Model([low, high], outputs)([a, b]), expected, strict=True):
        np.testing.assert_allclose(found, y, rtol=1e-5)
    assert line.shape == (None, 5, 3) and ops.size(Input(batch_shape=(2, 3))) == 6 and ops.size(low) is None


def test_each_nan_is_one_of_its_own():
    assert ops.unique(np.array([1.0, np.nan, 2.0, np.nan])).shape == (4,)


def test_blocks_to_the_end_of_an_axis():
    x = numbers((3, 4), 10)
    np.testing.assert_allclose(ops.slice(x, (1, 1), (-1, 2)), x[1:, 1:3])
    assert ops.slice(Input(batch_shape=(3, None)), (1, 1), (-1, -1)).shape == (2, None)


def test_scores_of_narrow_floats_are_float32():
    logits = ops.cast(numbers((1, 4, 3), 11), "float16")
    for strategy in ("greedy", "beam_search"):
        assert ops.ctc_decode(logits, [4], strategy)[1].dtype == "float32"
    assert ops.saturate_cast(np.array([1.5]), None).dtype == "float32"


@pytest.mark.parametrize("call", [
    lambda: ops.normalize(np.ones(3), order=-1), lambda: ops.normalize(np.ones(3), order="a"),
    lambda: ops.image.map_coordinates(np.ones((4, 4, 3)), np.ones(3), 0), lambda: chainrule.Function(Input((2,)), []),
])  # fmt: skip
def test_calls_without_meaning_are_value_errors(call):
    with pytest.raises(ValueError, match="expected"):
        call()


@pytest.mark.parametrize("layer", [layers.RandomTranslation, layers.RandomZoom])
def test_two_factors_are_the_same_after_a_file(layer):
    config = layer((0.1, 0.2), (0.0, 0.1)).get_config()
    assert layer.from_config(json.loads(json.dumps(config))).get_config() == config
