"""Text in the `call` or the step of a subclass: the same numbers as when it is looked up before."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import chainrule
from chainrule import Model, Sequential, layers, ops
from chainrule.compat import active
from chainrule.errors import MissingNameError, UnsupportedError

USERS = [f"user {k}" for k in range(7)]
FILMS = [f"Film {k}" for k in range(9)]
DOCUMENTS = np.array(["the cat sat", "A dog ran far away", "the dog", "cats and dogs run"] * 6)
CLASSES = np.array([0, 1, 1, 0] * 6)
tf = None


@pytest.fixture(autouse=True)
def names_of_tensorflow(monkeypatch):
    """`tf` is there inside a test only."""
    with active():
        import tensorflow

        monkeypatch.setattr(sys.modules[__name__], "tf", tensorflow, raising=False)
        yield


def chosen():
    random = np.random.default_rng(0)
    return random.choice(USERS, 48), random.choice(FILMS, 48), random.random((48, 1), "float32")


def tower(words):
    return Sequential([layers.StringLookup(vocabulary=words), layers.Embedding(len(words) + 1, 4)])


class Ranking(Model):
    def __init__(self):
        super().__init__()
        self.users, self.films, self.head = tower(USERS), tower(FILMS), layers.Dense(1)

    def call(self, x):
        return self.head(ops.concatenate([self.users(x["user"]), self.films(x["film"])], 1))


class OfPlaces(Ranking):
    """The same network on places that were looked up before."""

    def call(self, x):
        found = [tower.layers[1](x[name]) for tower, name in ((self.users, "user"), (self.films, "film"))]
        return self.head(ops.concatenate(found, 1))


def trained(kind, x, y, **options):
    chainrule.utils.set_random_seed(3)
    model = kind()
    model.compile("adam", "mse")
    return model, model.fit(x, y, verbose=0, epochs=3, **options).history["loss"]


def places(words, values):
    return np.asarray(layers.StringLookup(vocabulary=words)(values))


def test_lookups_inside_a_subclass_are_those_before_it():
    user, film, y = chosen()
    model, losses = trained(Ranking, {"user": user, "film": film}, y, batch_size=16)
    other, expected = trained(OfPlaces, {"user": places(USERS, user), "film": places(FILMS, film)}, y, batch_size=16)
    assert losses == expected
    few = {"user": user[:3], "film": film[:3]}
    outputs = other.predict({"user": places(USERS, user[:3]), "film": places(FILMS, film[:3])}, verbose=0)
    for found in (model.predict(few, verbose=0), model.predict_on_batch(few), np.asarray(model(few))):
        np.testing.assert_allclose(found, outputs, rtol=1e-6)


def test_batches_of_a_data_set_are_read_one_by_one():
    user, film, y = chosen()
    x = {"user": user, "film": film}
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(16).map(lambda x, y: (x, y))
    _, losses = trained(Ranking, batches, None)
    _, expected = trained(Ranking, x, y, batch_size=16, shuffle=False)
    np.testing.assert_allclose(losses, expected, rtol=1e-6)


class Retrieval(Model):
    """Two towers that only their own step calls: there is no `call`."""

    def __init__(self):
        super().__init__()
        self.users, self.films = tower(USERS), tower(FILMS)

    def compute_loss(self, features):
        scores = tf.matmul(self.users(features["user"]), self.films(features["film"]), transpose_b=True)
        truth = tf.eye(tf.shape(scores)[0])
        return tf.reduce_mean(chainrule.losses.categorical_crossentropy(truth, scores, from_logits=True))

    def train_step(self, features):
        with tf.GradientTape() as tape:
            loss = self.compute_loss(features)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return {"entropy": loss}

    def test_step(self, features):
        return {"entropy": self.compute_loss(features)}


def test_a_step_of_ones_own_reads_text():
    user, film, _ = chosen()
    data = tf.data.Dataset.from_tensor_slices({"user": user, "film": film}).batch(16)
    model = Retrieval()
    model.compile(chainrule.optimizers.Adagrad(0.5))
    before = model.evaluate(data, verbose=0, return_dict=True)["entropy"]
    losses = model.fit(data, epochs=4, verbose=0).history["entropy"]
    assert before > losses[-1] and losses[0] > losses[-1]
    tables = [np.asarray(part.layers[1].embeddings) for part in (model.users, model.films)]
    scores = tables[0][places(USERS, user[32:])] @ tables[1][places(FILMS, film[32:])].T
    probability = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    last = model.evaluate(data.skip(2), verbose=0, return_dict=True)["entropy"]
    np.testing.assert_allclose(last, -np.log(np.diag(probability)).mean(), rtol=1e-5)


@chainrule.saving.register_keras_serializable("text in a subclass")
class Classifier(Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.vectorize = layers.TextVectorization(30, output_sequence_length=5)
        self.embed, self.head = layers.Embedding(30, 4, mask_zero=True), layers.Dense(2, activation="softmax")
        self.together = layers.GlobalAveragePooling1D()

    def call(self, text):
        text = tf.strings.regex_replace(tf.strings.lower(text), "dogs", "dog")
        return self.head(self.together(self.embed(self.vectorize(text))))


def classifier():
    model = Classifier()
    model.vectorize.adapt(DOCUMENTS)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_text_is_changed_and_cut_into_words_inside_a_subclass():
    model = classifier()
    model.fit(DOCUMENTS, CLASSES, batch_size=8, epochs=2, verbose=0)
    reported = model.evaluate(DOCUMENTS, CLASSES, verbose=0, return_dict=True)
    right = np.asarray(model(DOCUMENTS)).argmax(1) == CLASSES
    assert reported["accuracy"] == pytest.approx(right.mean())
    np.testing.assert_array_equal(
        model.predict(np.array(["cats and DOGS run"]), verbose=0),
        model.predict(np.array(["cats and dog run"]), verbose=0),
    )


def test_a_vocabulary_that_was_learned_is_in_the_file(tmp_path):
    model = classifier()
    model.fit(DOCUMENTS, CLASSES, epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    again = chainrule.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(DOCUMENTS[:4], verbose=0), model.predict(DOCUMENTS[:4], verbose=0))


class OfTable(Model):
    def __init__(self):
        super().__init__()
        pairs = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2])
        self.table, self.embed = tf.lookup.StaticHashTable(pairs, 0), layers.Embedding(3, 1)

    def call(self, x):
        is_a = tf.cast(x["word"] == "a", "float32")
        return self.embed(self.table.lookup(x["word"])) + tf.expand_dims(is_a, 1) + x["number"]


def test_tables_comparisons_and_numbers_beside_text():
    x = {"word": np.array(["a", "b", "?", "a"]), "number": np.arange(4, dtype="float32")[:, None]}
    model = OfTable()
    model.compile("sgd", "mse")
    model.fit(x, np.ones((4, 1), "float32"), verbose=0)
    table = np.asarray(model.embed.embeddings)
    expected = table[[1, 2, 0, 1]] + np.array([[1.0], [0], [0], [1]]) + x["number"]
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-6)


def test_other_functions_of_text_are_refused_with_a_way_out():
    class Counts(Model):
        def call(self, x):
            return ops.ones((x.shape[0], 1)) * len(x.numpy()[0])

    class Asks(Model):
        def call(self, x):
            return np.asarray(x)

    for kind, error in ((Counts, MissingNameError), (Asks, UnsupportedError)):
        model = kind()
        model.compile("sgd", "mse")
        with pytest.raises(error, match=r"StringLookup, Hashing and TextVectorization.*Make numbers of it"):
            model.fit(DOCUMENTS, CLASSES, verbose=0)
