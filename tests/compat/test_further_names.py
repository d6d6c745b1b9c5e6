"""TensorFlow and older Keras beyond numbers: files, checkpoints, summaries, generators of pictures, messages."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule.callbacks.events import masked_crc
from chainrule.compat import active
from chainrule.errors import DataError, TracedValueError


@pytest.fixture(name="tf")
def tensorflow() -> Iterator[Any]:
    with active():
        import tensorflow

        yield tensorflow


def test_records_are_written_and_read(tf: Any, tmp_path: Path) -> None:
    file, raw = tmp_path / "a.tfrecord", bytes(range(256))
    with tf.io.TFRecordWriter(str(file)) as writer:
        for k in range(3):
            features = {
                "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[raw])),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[k])),
                "words": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"a", "é".encode()][: k + 1])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString())
    size = struct.unpack("<Q", file.read_bytes()[:8])[0]
    assert struct.unpack("<I", file.read_bytes()[8:12])[0] == masked_crc(struct.pack("<Q", size))
    wanted = {
        "image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64, -1),
        "words": tf.io.VarLenFeature(tf.string), "absent": tf.io.FixedLenFeature([2], tf.float32, [0.5, 1.5]),
    }  # fmt: skip
    rows = list(tf.data.TFRecordDataset(str(file)).map(lambda one: tf.io.parse_single_example(one, wanted)))
    assert [int(row["label"]) for row in rows] == [0, 1, 2]
    assert tf.io.decode_raw(rows[0]["image"], tf.uint8).tolist() == list(range(256))
    assert tf.sparse.to_dense(rows[1]["words"]).tolist() == ["a", "é"]
    assert rows[0]["absent"].tolist() == [0.5, 1.5]
    damaged = bytearray(file.read_bytes())
    damaged[40] ^= 1
    file.write_bytes(bytes(damaged))
    with pytest.raises(DataError, match="damaged"):
        list(tf.data.TFRecordDataset(str(file)))


def test_checkpoints_keep_the_newest(tf: Any, tmp_path: Path) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
    step = tf.Variable(0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(step=step, model=model), tmp_path / "c", max_to_keep=2)
    assert manager.latest_checkpoint is None
    for _ in range(3):
        step.assign_add(1)
        manager.save()
    assert len(manager.checkpoints) == 2
    weights = model.get_weights()
    model.set_weights([w + 1 for w in weights])
    again, other = tf.Variable(0), tf.train.Checkpoint
    other(step=again, model=model).restore(manager.latest_checkpoint).assert_consumed()
    assert int(again) == 3
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


def test_summaries_are_event_files(tf: Any, tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default(step=4):
        assert tf.summary.scalar("loss", 0.5)
        tf.summary.image("picture", np.zeros((1, 4, 4, 3)))
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    assert b"loss" in data and b"\x89PNG" in data
    assert not tf.summary.scalar("loss", 0.5, step=1)


def test_rows_of_different_lengths_in_a_data_set(tf: Any) -> None:
    rows = tf.ragged.constant([[1, 2], [3], [], [4, 5, 6]])
    data = tf.data.Dataset.from_tensor_slices((rows, np.arange(4))).batch(2)
    assert [(x.to_list(), y.tolist()) for x, y in data] == [([[1, 2], [3]], [0, 1]), ([[], [4, 5, 6]], [2, 3])]
    lookup = tf.keras.layers.StringLookup(output_mode="multi_hot")
    words = tf.ragged.constant([["a", "b"], ["b"]])
    lookup.adapt(words)
    assert np.asarray(lookup(words)).tolist() == [[0, 1, 1], [0, 1, 0]]


def test_graphs_of_a_model_may_have_rows_of_their_own(tf: Any) -> None:
    class Sums(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.last = tf.keras.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            nodes, places = inputs
            return self.last(tf.math.segment_sum(nodes, places))

    model = Sums()
    model.compile("sgd", "mse", run_eagerly=True)
    data = tf.data.Dataset.from_generator(
        lambda: iter([((np.ones((3, 2), "float32"), np.array([0, 0, 1])), np.zeros((2, 1), "float32"))] * 3)
    )
    history = model.fit(data, epochs=2, verbose=0).history["loss"]
    assert len(history) == 2 and history[1] < history[0]


def test_sizes_that_depend_on_captured_arrays_are_known(tf: Any) -> None:
    edges = tf.constant(np.stack([np.arange(40) // 4, np.arange(40) % 10], 1))

    @tf.function
    def degrees(x: Any) -> Any:
        counts = tf.math.bincount(edges[:, 0])
        sums = tf.math.unsorted_segment_sum(tf.gather(x, edges[:, 1]), edges[:, 0], tf.reduce_max(edges[:, 0]) + 1)
        return tf.repeat(sums, counts)

    found = degrees(np.arange(10, dtype="float32"))
    assert found.shape == (40,) and not degrees._is_plain


def test_python_inside_of_a_program_says_what_to_do(tf: Any) -> None:
    with pytest.raises(TracedValueError, match=r"tf\.py_function: a Program is being recorded"):
        tf.keras.layers.Lambda(lambda x: tf.py_function(lambda a: a, [x], tf.float32))(tf.keras.Input((2,)))


def test_text_is_reshaped_in_front_of_a_lookup(tf: Any) -> None:
    words = tf.keras.Input((), dtype="string")
    lookup = tf.keras.layers.StringLookup(
        vocabulary=["a", "b"], num_oov_indices=0, mask_token=None, output_mode="one_hot"
    )
    model = tf.keras.Model(words, lookup(tf.keras.ops.expand_dims(words, -1)))
    assert np.asarray(model(tf.constant(["b", "a"]))).tolist() == [[0, 1], [1, 0]]


def test_generated_pictures_begin_again(tf: Any, recwarn: Any) -> None:
    from keras.preprocessing.image import ImageDataGenerator

    x = np.random.default_rng(0).random((12, 8, 8, 1))
    flow = ImageDataGenerator(rotation_range=20, zoom_range=0.1, horizontal_flip=True).flow(x, np.arange(12) % 2, 4)
    model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    assert len(model.fit(flow, steps_per_epoch=3, epochs=3, verbose=0).history["loss"]) == 3
    assert not [w for w in recwarn if "ended after" in str(w.message)]
    assert model.predict(flow, verbose=0).shape == (12, 1)
    turned = ImageDataGenerator(vertical_flip=True).random_transform(x[0], np.random.default_rng(1))
    assert sorted(turned.ravel()) == sorted(x[0].ravel().astype("float32"))


def test_words_have_numbers(tf: Any) -> None:
    from keras.preprocessing.text import Tokenizer, tokenizer_from_json

    words = Tokenizer(num_words=3, oov_token="?")
    words.fit_on_texts(["a b a", "c a b"])
    assert words.texts_to_sequences(["a c d"]) == [[2, 1, 1]]
    assert tokenizer_from_json(words.to_json()).word_index == words.word_index == {"?": 1, "a": 2, "b": 3, "c": 4}


def test_what_keras_2_had(tf: Any) -> None:
    model = tf.keras.Sequential()
    with pytest.raises(AttributeError, match=r"fit_generator.*Use fit\(generator\)"):
        model.fit_generator([])
    with pytest.raises(ValueError, match="no TPU"):
        tf.distribute.cluster_resolver.TPUClusterResolver()
    with tf.distribute.MirroredStrategy().scope():
        assert tf.distribute.get_strategy().num_replicas_in_sync == 1
    with pytest.raises(NotImplementedError, match="TensorFlow 1"):
        tf.compat.v1.Session()
    assert tf.constant([[1, 2]]).shape.as_list() == [1, 2] and tf.rank([[1]]).numpy() == 2


def test_data_sets_further(tf: Any, tmp_path: Path) -> None:
    numbers = tf.data.Dataset.range(6)
    assert [int(x) for x in numbers.take_while(lambda x: x < 3)] == [0, 1, 2]
    assert [int(x) for x in numbers.scan(0, lambda s, x: (s + x, s + x))] == [0, 1, 3, 6, 10, 15]
    assert [int(x) for x in numbers.map(lambda x: x % 2).unique()] == [0, 1]
    groups = numbers.group_by_window(lambda x: x % 2, lambda key, them: them.batch(2), 2)
    assert [x.tolist() for x in groups] == [[0, 2], [1, 3], [4], [5]]
    pairs = tf.data.Dataset.from_tensor_slices((np.arange(3), np.ones((3, 2))))
    pairs.save(str(tmp_path / "kept"))
    assert [int(a) for a, b in tf.data.Dataset.load(str(tmp_path / "kept")) if b.shape == (2,)] == [0, 1, 2]
    bad = tf.data.Dataset.from_tensor_slices(["1", "x", "3"]).map(lambda s: tf.strings.to_number(s, tf.int32))
    assert [int(x) for x in bad.ignore_errors()] == [1, 3]
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,y\n")
    (x, y), = tf.data.experimental.make_csv_dataset(str(tmp_path / "t.csv"), 2, label_name="a", num_epochs=1,
                                                    shuffle=False)  # fmt: skip
    assert x["b"].tolist() == ["x", "y"] and y.tolist() == [1, 2]


def test_numpy_reckons_with_complex_numbers(tf: Any) -> None:
    wave = np.sin(2 * np.pi * 5 * np.arange(64) / 64).astype("float32")
    bins = tf.signal.rfft(wave)
    assert int(np.argmax(np.abs(bins))) == 5
    np.testing.assert_allclose(np.abs(bins[5]), 32, rtol=1e-5)
    twice = np.full(33, 2.0, "float32") * bins
    assert type(twice) is type(bins)
    np.testing.assert_allclose(np.angle(twice), np.angle(bins.numpy()), atol=1e-5)
    np.testing.assert_array_equal((np.ones(33, "float32") - bins).numpy(), 1 - bins.numpy())


def test_one_of_many_strings_is_a_tensor_too(tf: Any) -> None:
    joined = tf.strings.join([tf.constant(["a", "é"]), tf.constant(["b", "c"])])
    assert joined[1].numpy().decode("utf-8") == "éc"
    assert joined[0] == "ab"
    assert [word.numpy() for word in joined] == [b"ab", "éc".encode()]


def test_texts_as_rows_of_their_own_lengths(tf: Any) -> None:
    layer = tf.keras.layers.TextVectorization(ragged=True)
    layer.adapt(["a b b", "b"])
    found = layer(tf.constant(["b", "a b c b"]))
    assert found.to_list() == [[2], [3, 2, 1, 2]]
    assert found[:, :-1].to_tensor().tolist() == [[0, 0, 0], [3, 2, 1]]
    short = tf.keras.layers.TextVectorization(ragged=True, output_sequence_length=2, vocabulary=["a", "b"])
    assert short(["a b a", "b"]).to_list() == [[2, 3], [3]]
    assert short.get_config()["ragged"]
    with pytest.raises(ValueError, match="output_mode='int' with ragged"):
        tf.keras.layers.TextVectorization(ragged=True, output_mode="count")


def test_a_function_of_arrays_inside_of_a_tape(tf: Any) -> None:
    @tf.numpy_function(Tout=[tf.float32, tf.int32])
    def surroundings(action: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert isinstance(action, np.ndarray)
        return action * 2, np.array(3)

    weight = tf.Variable(2.0)
    for _ in range(3):  # the third time the tape is compiled
        with tf.GradientTape() as tape:
            state, count = surroundings(weight.numpy())
            loss = weight * state
        assert float(tape.gradient(loss, weight)) == 4.0
        assert int(count) == 3
    with pytest.raises(TracedValueError, match="calls no Python"):
        tf.keras.Sequential([tf.keras.layers.Lambda(surroundings)]).predict(np.ones((2, 2), "float32"), verbose=0)


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
def test_tables_and_lines_of_packed_files(tf: Any, tmp_path: Path, kind: str) -> None:
    pack = {"GZIP": gzip.compress, "ZLIB": zlib.compress}[kind]
    (tmp_path / "a.csv").write_bytes(pack(b"1,2.5\n3,4.5\n"))
    rows = tf.data.experimental.CsvDataset(str(tmp_path / "a.csv"), [0, 0.0], compression_type=kind)
    assert [(int(a), float(b)) for a, b in rows] == [(1, 2.5), (3, 4.5)]
    lines = tf.data.TextLineDataset(str(tmp_path / "a.csv"), compression_type=kind)
    assert [line.numpy() for line in lines] == [b"1,2.5", b"3,4.5"]
    (tmp_path / "plain.csv").write_bytes(b"1,2.5\n")
    with pytest.raises(DataError, match=f"packed as {kind}"):
        list(tf.data.TextLineDataset(str(tmp_path / "plain.csv"), compression_type=kind))
    with pytest.raises(ValueError, match="'GZIP' or 'ZLIB'"):
        tf.data.TextLineDataset("a", compression_type="ZIP")


def test_what_a_checkpoint_holds(tf: Any, tmp_path: Path) -> None:
    checkpoint = tf.train.Checkpoint(step=tf.Variable(3), rows=tf.Variable([[1.0, 2.0]]))
    path = checkpoint.save(str(tmp_path / "ckpt"))
    assert ("rows", [1, 2]) in tf.train.list_variables(path)
    assert tf.train.list_variables(str(tmp_path)) == tf.train.list_variables(path)
    assert tf.train.load_variable(path, "rows").tolist() == [[1.0, 2.0]]
    with pytest.raises(ValueError, match="no Variable is named 'row'; there are 'rows'"):
        tf.train.load_variable(path, "row")


@pytest.mark.filterwarnings("ignore:tf.function")
def test_what_a_function_prints_is_printed_at_every_call_with_its_numbers(tf: Any, capfd: Any) -> None:
    @tf.function
    def counted(n: Any) -> Any:
        total = tf.constant(0)
        for k in tf.range(n):
            if k % 2 == 0:
                tf.print("even", k)
            else:
                total += k
        return total

    assert int(counted(tf.constant(4))) == 4
    assert int(counted(tf.constant(1))) == 0
    assert capfd.readouterr().err.splitlines() == ["even 0", "even 2", "even 0"]

    class Loud(tf.keras.layers.Layer):
        def call(self, x: Any) -> Any:
            tf.print("x", x)
            return x

    model = tf.keras.Sequential([Loud()])
    with pytest.warns(UserWarning, match="nothing is printed"):
        model.predict(np.ones((1, 2), "float32"), verbose=0)
    assert "x" not in capfd.readouterr().err


def test_a_file_of_sound_is_written_and_read(tf: Any, tmp_path: Path) -> None:
    sound = np.linspace(-1, 1, 50, dtype="float32")[:, None]
    tf.io.write_file(str(tmp_path / "a.wav"), tf.audio.encode_wav(sound, 8000))
    found, rate = tf.audio.decode_wav(tf.io.read_file(str(tmp_path / "a.wav")))
    assert int(rate) == 8000
    np.testing.assert_allclose(found, sound, atol=1e-4)


def test_derivatives_row_by_row(tf: Any) -> None:
    x = tf.constant(np.random.default_rng(0).normal(size=(3, 2)).astype("float32"))
    w = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.sin(x @ w)
    found, whole = tape.batch_jacobian(y, x), tape.jacobian(y, x)
    assert found.shape == (3, 3, 2)
    np.testing.assert_allclose(found, np.stack([whole.numpy()[k, :, k] for k in range(3)]), rtol=1e-6)
    with pytest.raises(ValueError, match="as many rows"):
        tape.batch_jacobian(y, w)
    assert tf.size(x).numpy() == 6
