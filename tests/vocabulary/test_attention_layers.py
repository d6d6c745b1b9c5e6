"""Attention layers and spectral normalization: what holds beyond the golden values."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Model, Sequential, layers, ops, optimizers
from chainrule.errors import ArgumentError, ShapeError, UnsupportedError
from chainrule.utils import set_random_seed

from .golden_layers import numbers, same_after_saving

Q, V = numbers((2, 3, 4), 1).astype("float32"), numbers((2, 5, 4), 2).astype("float32")


def by_hand(query, key, value, mask=None):
    """Head by head, query by query; a query that sees nothing gets the mean."""
    y = np.zeros((*query.shape[:3], value.shape[-1]))
    for b, t, h in np.ndindex(*query.shape[:3]):
        scores = key[b, :, h] @ query[b, t, h] / np.sqrt(query.shape[-1])
        seen = np.ones(len(scores), bool) if mask is None else np.broadcast_to(
            mask, (len(query), query.shape[2], query.shape[1], key.shape[1]))[b, h, t]  # fmt: skip
        weights = np.exp(scores) * seen if seen.any() else np.ones(len(scores))
        y[b, t, h] = weights / weights.sum() @ value[b, :, h]
    return y


def heads(count, steps, size, seed):
    return numbers((2, steps, count, size), seed)


@pytest.mark.parametrize("seen", [None, "all heads", "each head", "nothing"])
def test_dot_product_attention_by_hand(seen):
    q, k, v = heads(3, 4, 2, 1), heads(3, 5, 2, 2), heads(3, 5, 6, 3)
    mask = {None: None, "all heads": numbers((2, 1, 4, 5), 7) > 0, "each head": numbers((2, 3, 4, 5), 8) > 0,
            "nothing": np.zeros((1, 1, 4, 5), bool)}[seen]  # fmt: skip
    np.testing.assert_allclose(ops.dot_product_attention(q, k, v, mask=mask), by_hand(q, k, v, mask), rtol=1e-9)


def test_dot_product_attention_causal_with_bias_scale_and_cap():
    q, k, v = heads(2, 4, 3, 1), heads(2, 4, 3, 2), heads(2, 4, 3, 3)
    causal = np.tri(4, dtype=bool)
    found = ops.dot_product_attention(q, k, v, is_causal=True)
    np.testing.assert_allclose(found, by_hand(q, k, v, causal), rtol=1e-9)
    bias = np.where(causal, 0.0, -1e30)
    np.testing.assert_allclose(ops.dot_product_attention(q, k, v, bias=bias), found, rtol=1e-9)
    np.testing.assert_allclose(ops.dot_product_attention(q * 2, k, v, scale=0.5 / np.sqrt(3), is_causal=True), found,
                               rtol=1e-9)  # fmt: skip
    capped = ops.dot_product_attention(q * 1e3, k, v, attn_logits_soft_cap=1e-3)
    np.testing.assert_allclose(capped, np.broadcast_to(v.mean(1, keepdims=True), v.shape), atol=2e-3)


def test_fewer_heads_of_keys_serve_several_of_queries():
    q, k, v = heads(4, 3, 2, 1), heads(2, 5, 2, 2), heads(2, 5, 2, 3)
    found = ops.dot_product_attention(q, k, v)
    np.testing.assert_allclose(found, by_hand(q, k.repeat(2, 2), v.repeat(2, 2)), rtol=1e-9)
    with pytest.raises(ShapeError, match="expected key and value with 4 heads, or a divisor"):
        ops.dot_product_attention(q, heads(3, 5, 2, 2), heads(3, 5, 2, 3))


def test_half_precision_stays_finite():
    q = np.full((1, 2, 1, 4), 200, "float16")
    y = ops.dot_product_attention(q, q, q, mask=np.array([[[[True, False], [False, False]]]]))
    assert y.dtype == "float16" and np.isfinite(np.asarray(y)).all()
    layer = layers.MultiHeadAttention(2, 3, dtype="float16")
    x = np.ones((1, 3, 4), "float16")
    y, weights = layer(x, x, use_causal_mask=True, return_attention_scores=True)
    assert y.dtype == weights.dtype == "float16"
    assert np.asarray(weights)[0, 0, 0].tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_grouped_queries_are_many_heads_with_repeated_keys(groups):
    grouped = layers.GroupQueryAttention(3, 4, groups)
    many = layers.MultiHeadAttention(4, 3)
    grouped(Q, V)
    many(Q, V)
    weights = grouped.get_weights()
    many.set_weights([np.repeat(w, 4 // groups, -2) if k in (2, 3, 4, 5) else w for k, w in enumerate(weights)])
    np.testing.assert_allclose(grouped(Q, V), many(Q, V), rtol=1e-5, atol=1e-6)
    mask = numbers((2, 4, 3, 5), 3) > -0.5
    found = grouped(Q, V, attention_mask=mask, return_attention_scores=True)
    for a, b in zip(found, many(Q, V, attention_mask=mask, return_attention_scores=True), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", [lambda: layers.MultiHeadAttention(2, 3), lambda: layers.GroupQueryAttention(3, 2, 1)])
def test_masks_come_with_the_tensors(make):
    ids, others = np.array([[1, 2, 0]]), np.array([[3, 0, 1, 0]])
    table, layer = layers.Embedding(4, 4, mask_zero=True), make()
    query, value = table(ids), table(others)
    y = layer(query, value)
    seen = (ids != 0)[:, :, None] & (others != 0)[:, None, :]
    plain = np.asarray(query), np.asarray(value)
    np.testing.assert_allclose(y, layer(*plain, attention_mask=seen), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(y, layer(*plain, query_mask=ids != 0, value_mask=others != 0), rtol=1e-5, atol=1e-6)
    assert np.asarray(y._keras_mask).tolist() == [[True, True, False]]
    changed = plain[1].copy()
    changed[0, 1] += 1.0  # a masked place
    np.testing.assert_array_equal(layer(plain[0], changed, value_mask=others != 0)[0, 0],
                                  layer(*plain, value_mask=others != 0)[0, 0])  # fmt: skip


@pytest.mark.parametrize("make", [lambda r: layers.MultiHeadAttention(2, 3, dropout=r, seed=1),
                                  lambda r: layers.GroupQueryAttention(3, 2, 1, dropout=r, seed=1)])  # fmt: skip
def test_dropout_of_weights(make):
    layer, plain = make(0.5), make(0.0)
    x = np.ones((8, 40, 4), "float32")
    layer(x, x)
    plain(x, x)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(x, x), plain(x, x), rtol=1e-5, atol=1e-6)
    trained = np.asarray(layer(x, x, training=True))
    assert not np.allclose(trained, layer(x, x))
    np.testing.assert_allclose(trained.mean((0, 1)), np.asarray(plain(x, x))[0, 0], atol=0.1)
    np.testing.assert_array_equal(plain(x, x, training=True), plain(x, x))


def test_dropout_of_attention():
    layer = layers.Attention(dropout=0.5, seed=1)
    value = np.ones((40, 50, 4), "float32")
    y = np.asarray(layer([np.ones((40, 3, 4), "float32"), value], training=True))
    assert abs(y.mean() - 1) < 0.05 and y.std() > 0.1
    np.testing.assert_allclose(layer([value, value]), np.ones((40, 50, 4)), rtol=1e-5)


def test_projections_begin_with_numbers_of_their_own():
    layer = layers.MultiHeadAttention(2, 3, kernel_initializer="random_normal")
    layer(Q, Q)
    first, second = layer.query_dense.kernel.numpy(), layer.key_dense.kernel.numpy()
    assert first.shape == second.shape and not np.allclose(first, second)
    seeded = layers.MultiHeadAttention(2, 3, kernel_initializer={"class_name": "RandomNormal", "config": {"seed": 3}})
    seeded(Q, Q)
    np.testing.assert_array_equal(seeded.query_dense.kernel.numpy(), seeded.key_dense.kernel.numpy())


def test_a_transformer_block_learns_and_is_saved(tmp_path):
    """Whether the first token occurs again: attention has to compare places."""
    set_random_seed(1)
    ids = np.random.default_rng(0).integers(1, 6, (128, 6))
    target = (ids[:, 1:] == ids[:, :1]).any(1).astype("float32")
    inputs = layers.Input((6,), dtype="int32")
    x = layers.Embedding(6, 16)(inputs)
    attended = layers.MultiHeadAttention(2, 8, dropout=0.05)(x, x)
    x = layers.LayerNormalization()(x + attended)
    x = layers.LayerNormalization()(x + layers.Dense(16, activation="gelu")(x))
    outputs = layers.Dense(1, activation="sigmoid")(layers.Flatten()(x))
    model = Model(inputs, outputs)
    model.compile(optimizers.Adam(0.01), "binary_crossentropy")
    losses = model.fit(ids, target, batch_size=32, epochs=40, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0]
    same_after_saving(model, ids[:8], tmp_path)


def test_symbolic_calls_with_several_outputs():
    query, value = layers.Input((None, 4)), layers.Input((None, 6))
    y, weights = layers.MultiHeadAttention(2, 3)(query, value, return_attention_scores=True)
    assert y.shape == (None, None, 4)
    assert weights.shape[:2] == (None, 2)
    assert layers.MultiHeadAttention(2, 3, output_shape=7).compute_output_shape((None, 5, 4), (None, 3, 6)) == (
        None, 5, 7,
    )  # fmt: skip
    assert layers.Attention()([query, layers.Input((None, 4))]).shape == (None, None, 4)
    named = layers.MultiHeadAttention(2, 3)(query=query, value=value, use_causal_mask=True)
    assert named.shape == (None, None, 4)


def test_activities_of_the_projections_count():
    layer = layers.MultiHeadAttention(1, 2, activity_regularizer="l2")
    layer(Q, V)
    assert len(layer.losses) == 4
    assert layer.get_config()["activity_regularizer"]["class_name"] == "L2"


def test_spectral_normalization_brings_the_largest_singular_value_to_one():
    layer = layers.SpectralNormalization(layers.Dense(5, kernel_initializer="random_normal"), power_iterations=30)
    x = numbers((8, 6), 1).astype("float32")
    layer(x)
    plain = layer.layer.kernel.numpy()
    layer(x)
    np.testing.assert_array_equal(layer.layer.kernel.numpy(), plain)
    layer(x, training=True)
    assert abs(np.linalg.svd(layer.layer.kernel.numpy())[1][0] - 1) < 1e-3
    model = Sequential([layers.Input((6,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(x, np.ones((8, 1)), epochs=3, verbose=0).history["loss"]).all()


def test_spectral_normalization_of_zeros_and_of_embeddings():
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    assert not np.asarray(layer(np.ones((1, 3)), training=True)).any()
    table = layers.SpectralNormalization(layers.Embedding(4, 3), power_iterations=30)
    assert table(np.array([[0, 3]]), training=True).shape == (1, 2, 3)
    assert abs(np.linalg.svd(table.layer.embeddings.numpy())[1][0] - 1) < 1e-3


WRONG = [
    (lambda: layers.MultiHeadAttention(0, 3), ArgumentError, "expected num_heads to be a positive integer"),
    (lambda: layers.MultiHeadAttention(2, 3, value_dim=0), ArgumentError, "expected value_dim to be a positive"),
    (lambda: layers.MultiHeadAttention(2, 3, attention_axes="all"), ArgumentError, "expected attention_axes to be an"),
    (lambda: layers.MultiHeadAttention(2, 3, sliding_window=0), ArgumentError, "expected sliding_window to be a pos"),
    (lambda: layers.MultiHeadAttention(2, 3, flash_attention=True), UnsupportedError, "flash_attention=True is not"),
    (lambda: layers.MultiHeadAttention(2, 3)(Q, V, V[:, :4]), ShapeError, "expected value and key with the same axes"),
    (lambda: layers.GroupQueryAttention(3, 4, 3), ArgumentError, "to be a multiple of num_key_value_heads=3; got 4"),
    (lambda: layers.Attention(score_mode="sum"), ArgumentError, "expected score_mode to be one of dot, concat"),
    (lambda: layers.Attention()([Q]), ArgumentError, "expected a list of inputs"),
    (lambda: layers.AdditiveAttention()([Q, V, V, V]), ArgumentError, "expected a list of inputs"),
    (lambda: layers.SpectralNormalization(layers.Dense(2), 0), ArgumentError, "expected power_iterations to be a"),
    (lambda: layers.SpectralNormalization(layers.Flatten())(Q), ArgumentError, "a layer with a kernel or embeddings"),
    (lambda: ops.dot_product_attention(Q, Q, Q), ShapeError, "expected query, key and value with 4 axes"),
    (lambda: ops.dot_product_attention(Q, Q, Q, flash_attention=True), UnsupportedError, "is not available"),
]  # fmt: skip


@pytest.mark.parametrize("make,error,message", WRONG, ids=lambda v: v[:30] if isinstance(v, str) else "")
def test_arguments_that_are_wrong(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_after_several_heads_only_the_result_is_masked():
    steps = layers.Input((4,), dtype="int32")
    x = layers.Embedding(9, 6, mask_zero=True)(steps)
    y = layers.MultiHeadAttention(2, 3)(x, x)
    model = Model(steps, [x, y, layers.add([x, y])])
    ids = np.array([[3, 1, 0, 0]])
    masks = [getattr(t, "_keras_mask", None) for t in model(ids)]
    assert masks[0] is None and masks[2] is None  # as on Keras 3.15.1
    np.testing.assert_array_equal(masks[1], ids != 0)
