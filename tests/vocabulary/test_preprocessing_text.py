"""Layers on text and categories: against Keras, in models, in files."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule import Input, Model, Sequential, layers
from chainrule.errors import (
    ArgumentError,
    DataError,
    DTypeError,
    FileError,
    NotBuiltError,
    ShapeError,
    UnsupportedError,
)
from chainrule.layers.preprocessing.fingerprint import fingerprint64, siphash
from chainrule.models import load_model
from chainrule.serialization import register_keras_serializable

from .golden_layers import check_config_of_keras, made
from .keras_facts import golden

CASES = golden("text_layers")["cases"]


def array(value, name):
    if isinstance(value, dict):
        return tuple(array(one, name) for one in value["pair"])
    found = np.array(value)
    return found if found.dtype.kind == "U" else found.astype("float32" if name == "Discretization" else "int64")


def name_of(case):
    return f"{case['class']}-{case['config']}".replace(" ", "")[:90]


def ready(case):
    layer = made(case["class"], {k: v for k, v in case["config"].items() if k != "vocabulary"} | {
        k: list(v) for k, v in case["config"].items() if k == "vocabulary"})  # fmt: skip
    if "adapt" in case:
        layer.adapt(array(case["adapt"], case["class"]))
    return layer


def same(y, wanted):
    if np.asarray(wanted).dtype.kind == "U":
        assert np.asarray(y).tolist() == wanted
    else:
        np.testing.assert_allclose(y, np.array(wanted), rtol=1e-6)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_values(case):
    layer = ready(case)
    if "vocabulary" in case:
        assert layer.get_vocabulary() == case["vocabulary"]
        assert layer.vocabulary_size() == len(case["vocabulary"])
    for call, wanted, dtype in zip(case["calls"], case["expected"], case["dtypes"], strict=True):
        y = layer(array(call, case["class"]))
        same(y, wanted)
        if case["class"] in ("StringLookup", "IntegerLookup", "TextVectorization", "Hashing", "HashedCrossing"):
            assert y.dtype == ("object" if dtype == "string" else dtype)
    if "shape" in case:
        shape = layer.compute_output_shape((None, *np.shape(case["calls"][0])[1:]))
        assert list(shape) == case["shape"]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_json_keeps_all(case):
    layer = ready(case)
    data = json.loads(json.dumps(layers.serialize(layer)))
    again = layers.deserialize(data)
    assert layers.serialize(again) == data
    for call in case["calls"]:
        x = array(call, case["class"])
        np.testing.assert_array_equal(again(x), layer(x))


@pytest.mark.parametrize("case", [c for c in CASES if not c["config"].get("invert") and c["class"] != "HashedCrossing"],
                         ids=name_of)  # fmt: skip
def test_in_a_model_that_is_saved(case, tmp_path):
    layer = ready(case)
    x = array(case["calls"][0], case["class"])
    kind = x.dtype.name if x.dtype.kind != "U" else "string"
    x = x[:, None] if x.ndim == 1 and case["class"] == "TextVectorization" else x
    inputs = Input(x.shape[1:], dtype=kind)
    outputs = layer(inputs)
    model = Model(inputs, layers.Rescaling(2.0)(outputs))
    wanted = 2.0 * np.array(case["expected"][0])
    wanted = wanted[:, None] if case["config"].get("split", "") is None else wanted
    found = model.predict(x, verbose=0)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert outputs.shape == (None, *[n if s is not None else None for n, s in zip(
        wanted.shape[1:], outputs.shape[1:], strict=True)])  # fmt: skip
    assert outputs.dtype == layer(x).dtype
    np.testing.assert_array_equal(model(x), found)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "model.keras").predict(x, verbose=0), found)


@pytest.mark.parametrize("case", golden("text_layers")["configs"], ids=lambda c: f"{c['class']}-{c['arguments']}")
def test_configurations(case):
    ours = set(made(case["class"], case["arguments"]).get_config())
    more = {"salt", "sparse", "trainable"} & ours - set(case["expected"])
    check_config_of_keras(case, more)


TEXTS = np.array(["the cat sat", "a dog ran far", "the dog sat", "cats run"] * 4)
LABELS = np.array([0.0, 1.0, 0.0, 1.0] * 4)


def vectorizer(**more):
    layer = layers.TextVectorization(max_tokens=20, output_sequence_length=5, **more)
    layer.adapt(TEXTS)
    return layer


def classifier(first):
    found = [first] if first is not None else []
    model = Sequential([*found, layers.Embedding(20, 8, mask_zero=True), layers.GlobalAveragePooling1D(),
                        layers.Dense(1, activation="sigmoid")])  # fmt: skip
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def test_a_sequential_model_learns_from_strings(tmp_path):
    model = classifier(vectorizer())
    history = model.fit(TEXTS, LABELS, epochs=60, verbose=0, validation_data=(TEXTS, LABELS)).history
    assert history["val_accuracy"][-1] == 1.0
    wanted = model.predict(TEXTS, verbose=0)
    for form in (TEXTS.tolist(), TEXTS.astype(object), TEXTS[:, None], np.char.encode(TEXTS), [TEXTS]):
        np.testing.assert_array_equal(model.predict(form, verbose=0), wanted)
    np.testing.assert_allclose(model(TEXTS), wanted, rtol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(TEXTS), wanted, rtol=1e-6)
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(TEXTS, verbose=0), wanted)
    again.fit(TEXTS, LABELS, verbose=0)
    again.train_on_batch(TEXTS, LABELS)


def test_training_on_strings_is_training_on_their_numbers():
    from chainrule.utils import set_random_seed

    found = []
    for on_text in (True, False):
        set_random_seed(3)
        first = vectorizer()
        model = classifier(first if on_text else None)
        x = TEXTS if on_text else np.asarray(first(TEXTS))
        found.append(model.fit(x, LABELS, epochs=3, batch_size=5, verbose=0).history["loss"])
    assert found[0] == found[1]


def test_a_trained_model_behind_a_vectorizer():
    core = classifier(None)
    first = vectorizer()
    core.fit(np.asarray(first(TEXTS)), LABELS, verbose=0)
    inputs = Input(shape=(1,), dtype="string")
    whole = Model(inputs, core(first(inputs)))
    wanted = core.predict(np.asarray(first(TEXTS)), verbose=0)
    np.testing.assert_array_equal(whole.predict(TEXTS, verbose=0), wanted)
    stacked = Sequential([Input(shape=(1,), dtype="string"), first, core])
    np.testing.assert_array_equal(stacked.predict(TEXTS, verbose=0), wanted)
    nested = Sequential([Input(shape=(1,), dtype="string"), whole])
    np.testing.assert_allclose(nested.predict(TEXTS, verbose=0), wanted, rtol=1e-6)
    nested.compile(loss="mse")
    with pytest.raises(UnsupportedError, match="weights to train"):
        nested.fit(TEXTS, LABELS, verbose=0)
    whole.compile(loss="binary_crossentropy", metrics=["accuracy"])
    assert whole.evaluate(TEXTS, LABELS, verbose=0)[0] > 0


class Batches:
    """Batches that are gone through again and again, of strings and labels."""

    def __len__(self):
        return 4

    def __iter__(self):
        for k in range(4):
            yield TEXTS[4 * k : 4 * k + 4], LABELS[4 * k : 4 * k + 4]


def test_batches_of_strings():
    model = classifier(vectorizer())
    model.fit(Batches(), epochs=2, verbose=0, validation_data=Batches())
    np.testing.assert_allclose(model.evaluate(Batches(), verbose=0), model.evaluate(TEXTS, LABELS, batch_size=4,
                               verbose=0), rtol=1e-6)  # fmt: skip
    np.testing.assert_allclose(model.predict((x for x, _ in Batches()), verbose=0), model.predict(TEXTS, verbose=0),
                               rtol=1e-6)  # fmt: skip
    model.fit(iter(Batches()), verbose=0)


def test_columns_of_strings_and_numbers(tmp_path):
    kind, age = Input((1,), name="kind", dtype="string"), Input((1,), name="age")
    number = Input((1,), name="number", dtype="int64")
    scaled = layers.Normalization()
    scaled.adapt(np.array([[1.0], [3.0]]))
    crossed = layers.HashedCrossing(8, output_mode="one_hot")((kind, number))
    joined = layers.concatenate([layers.StringLookup(vocabulary=["x", "y"], output_mode="one_hot")(kind), scaled(age),
                                 layers.IntegerLookup(vocabulary=[5, 6], output_mode="multi_hot")(number),
                                 crossed])  # fmt: skip
    model = Model({"kind": kind, "age": age, "number": number}, layers.Dense(1)(joined))
    data = {"age": np.array([1.0, 2.0, 3.0]), "kind": np.array(["x", "y", "q"]), "number": np.array([5, 6, 7])}
    model.compile("adam", "mse")
    model.fit(data, np.ones(3), verbose=0)
    found = model.predict(data, verbose=0)
    np.testing.assert_allclose(model(data), found, rtol=1e-6)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "model.keras").predict(data, verbose=0), found)
    with pytest.raises(ArgumentError, match="missing"):
        model.predict({"age": data["age"], "kind": data["kind"]}, verbose=0)


def test_a_class_of_ones_own_reads_text():
    class Reader(Model):
        def __init__(self):
            super().__init__()
            self.first, self.last = vectorizer(), classifier(None)

        def call(self, inputs):
            return self.last(self.first(inputs))

    model = Reader()
    wanted = model.last.predict(np.asarray(model.first(TEXTS)), verbose=0)
    np.testing.assert_allclose(model(TEXTS), wanted, rtol=1e-6)
    np.testing.assert_allclose(model.predict(TEXTS, verbose=0), wanted, rtol=1e-6)


def test_hashing_integers_is_done_before_the_compiled_part():
    inputs = Input((1,), dtype="int64")
    layer = layers.Hashing(7)
    model = Model(inputs, layers.Rescaling(2)(layer(inputs)))
    x = np.array([[1], [2], [300]])
    np.testing.assert_array_equal(model.predict(x, verbose=0), 2 * np.asarray(layer(x)))


@register_keras_serializable("test")
def shout(text):
    return np.char.upper(text.astype(str))


@register_keras_serializable("test")
def by_comma(text):
    return [s.split(",") for s in text]


def test_functions_standardize_and_split(tmp_path):
    layer = layers.TextVectorization(standardize=shout, split=by_comma)
    layer.adapt(["a,b", "b c,a,b"])
    assert layer.get_vocabulary() == ["", "[UNK]", "B", "A", "B C"]
    model = Sequential([Input((1,), dtype="string"), layer, layers.Rescaling(1)])
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(["b,x", "a"], verbose=0), [[2, 1], [3, 0]])


def test_adapt_takes_batches_generators_and_single_strings():
    wanted = layers.TextVectorization()
    wanted.adapt(TEXTS)
    for data in (TEXTS.tolist(), (TEXTS[k : k + 3] for k in range(0, 16, 3)), iter(TEXTS.tolist()), TEXTS[:, None]):
        layer = layers.TextVectorization()
        layer.adapt(data)
        assert layer.get_vocabulary() == wanted.get_vocabulary()
    layer = layers.TextVectorization()
    layer.adapt((TEXTS[k : k + 2] for k in range(0, 16, 2)), steps=1)
    assert "the" in layer.get_vocabulary()
    assert "cats" not in layer.get_vocabulary()


def test_adapting_anew_forgets():
    layer = layers.StringLookup()
    layer.adapt(["a", "b"])
    layer.adapt(["c"])
    assert layer.get_vocabulary() == ["[UNK]", "c"]


def test_a_vocabulary_in_a_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("[UNK]\nein\nzwei\n", encoding="utf-8")
    assert layers.StringLookup(vocabulary=path)(["zwei", "drei"]).tolist() == [2, 0]
    assert layers.TextVectorization(vocabulary=str(path)).get_vocabulary() == ["", "[UNK]", "ein", "zwei"]
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("7\n9\n", encoding="utf-8")
    assert layers.IntegerLookup(vocabulary=str(numbers))([9, 7, 1]).tolist() == [2, 1, 0]


def test_places_become_strings_again():
    there = layers.StringLookup(vocabulary=list("abc"))
    back = layers.StringLookup(vocabulary=there.get_vocabulary(), invert=True)
    found = back(there([["a", "c", "q"]]))
    assert found.tolist() == [["a", "c", "[UNK]"]]
    assert found.numpy().tolist() == [[b"a", b"c", b"[UNK]"]]


def test_a_large_vocabulary_of_integers_is_found():
    terms = np.random.default_rng(0).permutation(5000)[:3001] * 3 - 4000
    layer = layers.IntegerLookup(vocabulary=terms)
    x = np.arange(-5000, 12000, 7)
    place = {t: k + 1 for k, t in enumerate(terms.tolist())}
    assert layer(x).tolist() == [place.get(v, 0) for v in x.tolist()]


def test_hashes_by_their_definition():
    """SipHash: the vectors of the paper's reference program, key 00 01 ... 0f, inputs 00, 00 01, ..."""
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    assert siphash(b"", key) == 0x726FDB47DD0E0E31
    assert siphash(bytes(range(8)), key) == 0x93F5F5799A932462
    # FarmHash: what TensorFlow 2.21's tf.strings.to_hash_bucket_fast gives for 2^62 buckets
    for text, wanted in golden("text_layers").get("fingerprints", []):
        assert fingerprint64(text.encode()) % 2**62 == wanted


@pytest.mark.parametrize(
    "function,error",
    [
        (lambda: layers.StringLookup()(["a"]), NotBuiltError),
        (lambda: layers.TextVectorization()(["a"]), NotBuiltError),
        (lambda: layers.StringLookup(vocabulary=["a", "a"]), ArgumentError),
        (lambda: layers.StringLookup(vocabulary=["a", "[UNK]"]), ArgumentError),
        (lambda: layers.StringLookup(vocabulary=["a", "b"], max_tokens=2), ArgumentError),
        (lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"]), ArgumentError),
        (lambda: layers.IntegerLookup(vocabulary=[1], num_oov_indices=0)([2]), ArgumentError),
        (lambda: layers.IntegerLookup(vocabulary=["x"]), ArgumentError),
        (lambda: layers.StringLookup(vocabulary=["a"])(np.array([1, 2])), DataError),
        (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"), ArgumentError),
        (lambda: layers.StringLookup(vocabulary=["a"], invert=True, output_mode="count"), ArgumentError),
        (lambda: layers.StringLookup(pad_to_max_tokens=True), ArgumentError),
        (lambda: layers.StringLookup(sparse=True), UnsupportedError),
        (lambda: layers.StringLookup(vocabulary="no such file"), FileError),
        (lambda: layers.TextVectorization(ragged=True), UnsupportedError),
        (lambda: layers.TextVectorization(standardize="upper"), ArgumentError),
        (lambda: layers.TextVectorization(ngrams=0), ArgumentError),
        (lambda: layers.TextVectorization(output_mode="count", output_sequence_length=3), ArgumentError),
        (lambda: vectorizer()(np.array([["a", "b"]])), ShapeError),
        (lambda: vectorizer().adapt([]), ArgumentError),
        (lambda: vectorizer().adapt(Batches()), DataError),
        (lambda: layers.Hashing(0), ArgumentError),
        (lambda: layers.HashedCrossing(5)(["a"]), ArgumentError),
        (lambda: layers.HashedCrossing(5)((np.array(["a"]), np.array([1, 2]))), ShapeError),
        (lambda: Model((i := Input((1,), dtype="string")), i), UnsupportedError),
        (lambda: layers.Dense(1)(Input((1,), dtype="string")), DTypeError),
    ],
)
def test_errors(function, error):
    with pytest.raises(error):
        function()
