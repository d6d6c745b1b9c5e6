"""What each token of a text, or each moment of a series, contributed: against sums that are known."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import layers
from chainrule.errors import ArgumentError, UnsupportedError
from chainrule.insight import explain
from chainrule.models import Sequential


def reader(*rest, mask: bool = False):
    return Sequential([layers.Input((4,), dtype="int32"), layers.Embedding(6, 3, mask_zero=mask), *rest])


def test_of_a_linear_reader_each_token_contributes_its_own_share():
    model = reader(layers.GlobalAveragePooling1D(), layers.Dense(2))
    vectors, kernel = model.layers[0].get_weights()[0], model.layers[-1].get_weights()[0]
    tokens = np.array([5, 1, 0, 5])
    values, gap = explain.token_gradients(model, tokens, output=1)
    np.testing.assert_allclose(values, (vectors[tokens] - vectors[0]) @ kernel[:, 1] / 4, atol=1e-6)
    assert abs(gap) < 1e-6 and values[2] == 0
    other, _ = explain.token_gradients(model, tokens, output=1, baseline=5)
    np.testing.assert_allclose(other, (vectors[tokens] - vectors[5]) @ kernel[:, 1] / 4, atol=1e-6)


@pytest.mark.parametrize("rest", [[layers.LSTM(5)], [layers.Conv1D(4, 2, activation="tanh"), layers.Flatten()]])
def test_contributions_add_up_in_any_network(rest):
    model = reader(*rest, layers.Dense(3, activation="softmax"))
    tokens = np.array([3, 4, 1, 2])
    values, gap = explain.token_gradients(model, tokens)
    said = model.predict(np.stack([tokens, np.zeros(4, int)]), verbose=0)
    k = said[0].argmax()
    assert values.shape == (4,) and abs(gap) < 1e-4
    assert values.sum() + gap == pytest.approx(said[0, k] - said[1, k], abs=1e-6)


def test_a_word_that_decides_is_found():
    generator = np.random.default_rng(0)
    texts = generator.integers(1, 6, (400, 4))
    model = reader(layers.GlobalMaxPooling1D(), layers.Dense(1, activation="sigmoid"))
    model.compile("adam", "binary_crossentropy")
    model.optimizer.learning_rate = 0.05
    model.fit(texts, (texts == 3).any(1).astype("float32"), epochs=30, verbose=0)
    values, _ = explain.token_gradients(model, np.array([1, 2, 3, 5]))
    assert values.argmax() == 2 and values[2] > 2 * np.abs(np.delete(values, 2)).max()


def test_of_a_series_the_moment_that_was_read_is_found():
    """A network that adds up what stands at the fourth moment, and nothing else."""
    model = Sequential([layers.Input((6, 2)), layers.Flatten(), layers.Dense(1)])
    kernel = np.zeros((12, 1))
    kernel[6:8, 0] = 2, -1
    model.layers[-1].set_weights([kernel, np.zeros(1)])
    x = np.arange(1.0, 13.0).reshape(6, 2)
    values, gap = explain.pixel_gradients(model, x)
    np.testing.assert_allclose(values[3], [2 * 7, -8], rtol=1e-5)
    assert np.all(np.delete(values, 3, 0) == 0) and abs(gap) < 1e-5


def test_what_cannot_be_explained_is_said():
    model = reader(layers.Flatten(), layers.Dense(1))
    with pytest.raises(ArgumentError, match="token_gradients"):
        explain.pixel_gradients(model, np.array([1, 2, 3, 4]))
    with pytest.raises(ArgumentError, match="expected whole numbers"):
        explain.token_gradients(model, np.zeros((2, 4), int))
    with pytest.raises(UnsupportedError, match="Embedding; got Sequential"):
        explain.token_gradients(Sequential([layers.Input((4,)), layers.Dense(1)]), np.arange(4))
    masked = reader(layers.LSTM(3), layers.Dense(1), mask=True)
    with pytest.raises(UnsupportedError, match="mask_zero=False"):
        explain.token_gradients(masked, np.array([1, 2, 0, 0]))
