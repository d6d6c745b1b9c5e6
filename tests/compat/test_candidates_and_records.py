"""`tf`: losses over drawn classes, features of any length in records, data sets drawn from others.

The numbers of losses and of expected counts are TensorFlow 2.21's, for these inputs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from chainrule.callbacks import events
from chainrule.compat import active
from chainrule.errors import UnsupportedError

with active():
    import tensorflow as tf

NCE = [6.251015663146973, 7.942762851715088, 7.541373252868652]
NCE_WITHOUT_HITS = [6.251015663146973, 7.923501968383789, 6.203204154968262]
SAMPLED = [0.5751073360443115, 6.4734883308410645, 2.1070635318756104]
TWO_TRUE = [1.507150411605835, 3.9424901008605957, 3.5500240325927734]


def test_losses_over_drawn_classes() -> None:
    rng = np.random.default_rng(0)
    given = [rng.normal(size=size).astype("float32") for size in ((12, 4), 12, (3, 4))]
    weights, biases, inputs = given
    often = np.array([[0.5], [0.2], [0.1]], "float32"), np.array([0.9, 0.4, 0.2, 0.5], "float32")
    drawn = np.array([0, 3, 7, 2]), *often
    labels = np.array([[1], [3], [7]])
    assert tf.nn.nce_loss(weights, biases, labels, inputs, 4, 12, 1, drawn).numpy() == pytest.approx(NCE, rel=1e-5)
    found = tf.nn.nce_loss(weights, biases, labels, inputs, 4, 12, 1, drawn, remove_accidental_hits=True)
    assert found.numpy() == pytest.approx(NCE_WITHOUT_HITS, rel=1e-5)
    found = tf.nn.sampled_softmax_loss(weights, biases, labels, inputs, 4, 12, 1, drawn)
    assert found.numpy() == pytest.approx(SAMPLED, rel=1e-5)
    two = np.array([[1, 2], [3, 0], [7, 5]])
    of_two = drawn[0], np.array([[0.5, 0.4], [0.2, 0.6], [0.1, 0.3]], "float32"), drawn[2]
    found = tf.nn.sampled_softmax_loss(weights, biases, two, inputs, 4, 12, 2, of_two, remove_accidental_hits=False)
    assert found.numpy() == pytest.approx(TWO_TRUE, rel=1e-5)
    assert np.isfinite(tf.nn.nce_loss(weights, biases, labels, inputs, 4, 12)).all()


def test_draws_of_classes() -> None:
    true = np.array([[1], [3], [7]])
    _, often, _ = tf.random.log_uniform_candidate_sampler(true, 1, 4, False, 12)
    assert np.ravel(often) == pytest.approx([0.6323, 0.3480, 0.1837], abs=1e-4)
    unigrams = {"unigrams": [1, 2, 3, 4], "distortion": 0.75}
    _, often, _ = tf.random.fixed_unigram_candidate_sampler([[1]], 1, 2, False, 4, **unigrams)
    assert float(often) == pytest.approx(0.4318, abs=1e-4)
    draws = [tf.random.log_uniform_candidate_sampler(true, 1, 4, True, 12, seed=k) for k in range(300)]
    classes = np.stack([np.asarray(d[0]) for d in draws])
    assert all(len(set(row)) == 4 for row in classes.tolist())
    shares = np.bincount(classes.ravel(), minlength=12) / 300
    every = np.arange(12)[:, None]
    expected = np.ravel(tf.random.log_uniform_candidate_sampler(every, 1, 4, True, 12)[1])
    assert shares == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 300))
    assert expected.sum() == pytest.approx(4, rel=1e-5)


def numbers(*values: int) -> Any:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def test_features_of_any_length() -> None:
    rows = [{"v": numbers(1, 2, 3), "s": numbers(0, 1, 3), "l": numbers(1, 2)},
            {"v": numbers(4), "s": numbers(0, 1), "l": numbers(1)}]  # fmt: skip
    records = [tf.train.Example(features=tf.train.Features(feature=row)).SerializeToString() for row in rows]
    ragged = tf.io.RaggedFeature
    spec = {"v": ragged(tf.int64), "r": ragged(tf.int64, "v", [ragged.RowSplits("s")]),
            "q": ragged(tf.int64, "v", [ragged.RowLengths("l")])}  # fmt: skip
    one, all_of_them = tf.io.parse_single_example(records[0], spec), tf.io.parse_example(records, spec)
    assert one["v"].tolist() == [1, 2, 3] and one["r"].to_list() == one["q"].to_list() == [[1], [2, 3]]
    assert all_of_them["v"].to_list() == [[1, 2, 3], [4]]
    assert all_of_them["r"].to_list() == all_of_them["q"].to_list() == [[[1], [2, 3]], [[4]]]
    sparse = tf.io.parse_example(records, {"v": tf.io.VarLenFeature(tf.int64)})["v"]
    assert tf.sparse.to_dense(sparse).numpy().tolist() == [[1, 2, 3], [4, 0, 0]]


def test_data_sets_by_rule_and_by_chance() -> None:
    data = tf.data.Dataset
    assert [int(v) for v in data.counter(3, 2).take(3)] == [3, 5, 7]
    first, again = ([int(v) for v in data.random(seed=4).take(4)] for _ in range(2))
    assert first == again and len(set(first)) == 4
    skewed = data.from_tensor_slices(np.repeat([0, 1], [800, 200])).shuffle(1000, seed=0)
    for known in ([0.8, 0.2], None):
        kept = [int(k) for k, _ in skewed.rejection_resample(lambda k: k, [0.5, 0.5], known, seed=3)]
        assert len(kept) > 300 and abs(np.mean(kept) - 0.5) < 0.1
    batches = list(data.range(5).apply(tf.data.experimental.dense_to_ragged_batch(2)))
    assert batches[-1].to_list() == [4] if hasattr(batches[-1], "to_list") else batches[-1].tolist() == [4]


def test_a_saved_model_says_what_to_do(tmp_path: Any) -> None:
    for act in (lambda: tf.saved_model.save(None, tmp_path), lambda: tf.saved_model.load(tmp_path)):
        with pytest.raises(UnsupportedError, match=r"model\.keras"):
            act()
    with pytest.raises(UnsupportedError) as refused:
        tf.saved_model.save(None, tmp_path)
    assert ".export(" not in str(refused.value)  # which is refused as well
    assert not tf.saved_model.contains_saved_model(tmp_path)


def test_checksums_of_long_records() -> None:
    assert events.crc32c(b"\0" * 32) == 0x8A9136AA and events.crc32c(bytes(range(32))) == 0x46DD794E  # RFC 3720, B.4
    rng = np.random.default_rng(0)
    for size in (1023, 1024, 1025, 5000, 70_001):
        data = rng.bytes(size)
        assert events.crc32c(data) == events._step(0xFFFFFFFF, data) ^ 0xFFFFFFFF, size
