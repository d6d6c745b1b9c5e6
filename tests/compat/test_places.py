"""`tf`: places, pieces, windows and pictures, against NumPy."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from chainrule.compat import active
from chainrule.errors import ArgumentError, FileError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4, 5)).astype("float32")
IMAGES = RNG.normal(size=(2, 6, 6, 4)).astype("float32")


@pytest.fixture(name="tf")
def tensorflow() -> Iterator[Any]:
    with active():
        import tensorflow

        yield tensorflow


def test_gathering_and_scattering(tf: Any) -> None:
    for places in ([[0, 1], [2, 3]], [[[0, 1, 2]], [[1, 1, 1]]], [[1]]):
        expected = X[tuple(np.moveaxis(np.array(places), -1, 0))]
        np.testing.assert_array_equal(tf.gather_nd(X, places), expected)
    added, replaced = X[0].copy(), X[0].copy()
    np.add.at(added, [1, 1], X[1, :2])
    replaced[[1, 3]] = X[1, :2]
    np.testing.assert_allclose(tf.tensor_scatter_nd_add(X[0], [[1], [1]], X[1, :2]), added, rtol=1e-6)
    np.testing.assert_array_equal(tf.tensor_scatter_nd_update(X[0], [[1], [3]], X[1, :2]), replaced)
    assert tf.scatter_nd([[0], [2], [0]], [1.0, 2.0, 3.0], (4,)).numpy().tolist() == [4, 0, 2, 0]
    with pytest.raises(ShapeError, match="batch_dims"):
        tf.gather_nd(X, [[0]], batch_dims=1)


def test_pieces_and_grids(tf: Any) -> None:
    np.testing.assert_array_equal(tf.slice(X, [0, 1, 2], [2, -1, 2]), X[:2, 1:, 2:4])
    for found, expected in zip(tf.meshgrid([1, 2, 3], [4, 5]), np.meshgrid([1, 2, 3], [4, 5]), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert tf.searchsorted([1.0, 2.0, 3.0], [0.5, 2.0, 9.0]).numpy().tolist() == [0, 1, 3]
    assert tf.ensure_shape(X, [None, 4, 5]).shape == X.shape
    with pytest.raises(ShapeError, match=r"expected shape \(None, 4, 6\)"):
        tf.ensure_shape(X, [None, 4, 6])


def test_clipping_by_norms(tf: Any) -> None:
    norm = np.linalg.norm(X)
    np.testing.assert_allclose(tf.clip_by_norm(X, 2.0), X * 2 / norm, rtol=1e-5)
    np.testing.assert_allclose(tf.clip_by_norm(X, norm * 2), X, rtol=1e-6)
    (one, none, two), total = tf.clip_by_global_norm([X, None, 2 * X], 3.0)
    assert none is None
    np.testing.assert_allclose(total, norm * np.sqrt(5), rtol=1e-5)
    np.testing.assert_allclose(np.sqrt(np.sum(np.square(one)) + np.sum(np.square(two))), 3.0, rtol=1e-5)


def test_functions_of_rows_and_loops(tf: Any) -> None:
    np.testing.assert_allclose(tf.map_fn(lambda row: row * 2, X), X * 2)
    np.testing.assert_allclose(tf.vectorized_map(tf.reduce_sum, X), X.sum((1, 2)), rtol=1e-5)
    k, total = tf.while_loop(lambda k, s: k < 4, lambda k, s: (k + 1, s + k), [tf.constant(0), tf.constant(0)])
    assert (int(k), int(total)) == (4, 6)


def test_windows(tf: Any) -> None:
    filters = np.zeros((3, 3, 4, 1), "float32")
    filters[1, 1, 2] = 2.0  # the middle of the third channel, twice
    np.testing.assert_allclose(tf.nn.conv2d(IMAGES, filters, [1, 1, 1, 1], "SAME")[..., 0], 2 * IMAGES[..., 2])
    blocks = IMAGES.reshape(2, 3, 2, 3, 2, 4)
    np.testing.assert_array_equal(tf.nn.max_pool2d(IMAGES, 2, 2, "VALID"), blocks.max((2, 4)))
    means = tf.nn.avg_pool2d(IMAGES, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    np.testing.assert_allclose(means, blocks.mean((2, 4)), atol=1e-6)
    np.testing.assert_array_equal(tf.nn.depth_to_space(tf.nn.space_to_depth(IMAGES, 3), 3), IMAGES)
    np.testing.assert_array_equal(tf.nn.embedding_lookup(X[0], [1, 0]), X[0][[1, 0]])
    kept = np.asarray(tf.nn.dropout(np.ones(4000, "float32"), 0.25, seed=1))
    assert set(np.unique(kept).round(4)) == {0, np.float32(1 / 0.75).round(4)} and abs((kept == 0).mean() - 0.25) < 0.03
    np.testing.assert_array_equal(tf.image.rot90(IMAGES[0]), np.rot90(IMAGES[0]))
    same = np.asarray(tf.image.per_image_standardization(IMAGES))
    np.testing.assert_allclose([same.mean((1, 2, 3)), same.std((1, 2, 3))], [[0, 0], [1, 1]], atol=1e-5)


def test_pictures_in_files(tf: Any, tmp_path: Any) -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = RNG.integers(0, 256, (4, 5, 3)).astype("uint8")
    buffer = io.BytesIO()
    image.fromarray(pixels).save(buffer, "PNG")
    path = str(tmp_path / "a.png")
    tf.io.write_file(path, buffer.getvalue())
    read = tf.io.decode_png(tf.io.read_file(path), channels=3)
    np.testing.assert_array_equal(read, pixels)
    assert tf.image.decode_jpeg(tf.io.read_file(path), channels=1).shape == (4, 5, 1)
    floats = tf.io.decode_image(tf.io.read_file(tf.constant(path)), dtype=tf.float32)
    np.testing.assert_allclose(floats, pixels / 255, atol=1e-6)
    files = tf.data.Dataset.from_tensor_slices([path, path])
    batch = next(iter(files.map(lambda p: tf.image.decode_png(tf.io.read_file(p), channels=3)).batch(2)))
    np.testing.assert_array_equal(batch, [pixels, pixels])
    with pytest.raises(FileError, match="no picture"):
        tf.io.decode_image(b"nothing")
    with pytest.raises(ArgumentError, match="channels 0, 1, 3 or 4"):
        tf.io.decode_image(buffer.getvalue(), channels=2)
    with pytest.raises(FileError, match="cannot read"):
        tf.io.read_file(path + ".missing")
