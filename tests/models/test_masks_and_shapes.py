"""Masks in functional models, and layers that say the shape of what they give. What stands here is as in Keras 3."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops

TOKENS = np.array([[1, 0, 2]])


class Seeing(layers.Layer):
    """Notes which masks it is given."""

    def call(self, x, mask=None):
        self.masks = [mask is not None] if not isinstance(mask, list) else [m is not None for m in mask]
        return x


class Pair(layers.Layer):
    def call(self, a, b, a_mask=None, b_mask=None):
        self.masks = [a_mask is not None, b_mask is not None]
        return a + b


@pytest.fixture
def tokens():
    return cr.Input((3,))


@pytest.fixture
def embedded(tokens):
    return layers.Embedding(5, 2, mask_zero=True, embeddings_initializer="ones")(tokens)


def test_symbolic_tensors_carry_masks_as_far_as_layers_hand_them_on(tokens, embedded):
    assert embedded._keras_mask.shape == (None, 3) and embedded._keras_mask.dtype == "bool"
    assert layers.Embedding(5, 2, mask_zero=True).compute_mask(tokens).shape == (None, 3)
    kept = [layers.Dense(2), layers.Dropout(0.1), layers.LSTM(2, return_sequences=True), layers.LayerNormalization()]
    for layer in kept:
        assert layer(embedded)._keras_mask is not None
    assert layers.LSTM(2)(embedded)._keras_mask is None
    for layer in (layers.Flatten(), layers.Conv1D(2, 2)):
        with pytest.warns(UserWarning, match="does not support masking"):
            assert layer(embedded)._keras_mask is None
    mask = cr.Model(tokens, embedded._keras_mask).predict(TOKENS, verbose=0)
    np.testing.assert_array_equal(mask, [[True, False, True]])


def test_layers_of_ones_own_are_given_masks_and_lose_them(tokens, embedded):
    layer = Seeing()
    with pytest.warns(UserWarning, match="Seeing .* carries a mask"):
        out = layer(embedded)
    assert layer.masks == [True] and out._keras_mask is None
    layer.supports_masking = True
    assert layer(embedded)._keras_mask is not None
    layer.masks = None
    cr.Model(tokens, layer(embedded)).predict(TOKENS, verbose=0)
    assert layer.masks == [True]
    other = cr.Input((3, 2))
    pair, several = Pair(), Seeing()
    with pytest.warns(UserWarning, match="Pair"):
        pair(embedded, other)
    assert pair.masks == [True, False]
    pair(other, embedded)
    assert pair.masks == [False, True]
    with pytest.warns(UserWarning, match="Seeing"):
        several([embedded, other])
    assert several.masks == [True, False]


def test_a_mask_goes_with_one_input_alone():
    """As in Keras: where an initial state is given too, a mask has to be given by name."""
    states = layers.SimpleRNN(1, kernel_initializer="ones", recurrent_initializer="ones", activation=None)
    steps = layers.Embedding(5, 2, mask_zero=True, embeddings_initializer="ones")(np.array([[1, 0, 0]]))
    start = [np.ones((1, 1), "float32")]
    assert float(states(steps)[0, 0]) == 2.0
    assert float(states(steps, initial_state=start)[0, 0]) == 7.0
    assert float(states(steps, initial_state=start, mask=steps._keras_mask)[0, 0]) == 3.0


def test_a_layer_that_says_its_shape_is_believed():
    class Wide(layers.Layer):
        def call(self, x):
            raise RuntimeError("called")

        def compute_output_shape(self, input_shape):
            return (input_shape[0], 7)

    out = Wide()(cr.Input((3,), dtype="int32"))
    assert out.shape == (None, 7) and out.dtype == "float32"
    assert Wide(dtype="float16")(cr.Input((3,))).dtype == "float16"
    assert Wide().compute_output_spec(out).shape == (None, 7)

    class Two(layers.Layer):
        def call(self, a, b):
            return {"first": a, "second": b}

        def compute_output_shape(self, a_shape, b_shape):
            return {"first": a_shape, "second": (b_shape[0], 1)}

    found = Two()(cr.Input((3,)), cr.Input((4,)))
    assert found["first"].shape == (None, 3) and found["second"].shape == (None, 1)


def test_layers_inside_one_that_says_its_shape_are_built_all_the_same():
    class Around(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner, self.supports_masking = layers.Dense(2), True

        def call(self, x):
            return ops.relu(self.inner(x))

        def compute_output_shape(self, input_shape):
            return (*input_shape[:-1], 2)

    layer = Around()
    steps = layers.Masking()(cr.Input((3, 4)))
    out = layer(steps)
    assert layer.inner.built and out.shape == (None, 3, 2) and out._keras_mask.shape == (None, 3)
    assert len(cr.Sequential([cr.Input((4,)), Around()]).weights) == 2


def test_unstack_may_say_a_size_that_is_not_known():
    inputs = cr.Input((3, None))
    parts = ops.unstack(inputs, num=4, axis=2)
    assert [p.shape for p in parts] == [(None, 3)] * 4
    x = np.arange(24.0, dtype="float32").reshape(2, 3, 4)
    np.testing.assert_array_equal(cr.Model(inputs, parts[1]).predict(x, verbose=0), x[:, :, 1])
    with pytest.raises(ValueError, match="4 slices"):
        cr.Model(inputs, parts[1])(np.ones((2, 3, 5)))
    assert [p.shape for p in ops.unstack(inputs, num=2)] == [(3, None)] * 2


def test_masks_survive_another_dtype():
    steps = layers.Masking()(np.array([[[1.0], [0.0]]]))
    layer = Seeing(dtype="float16")
    assert layer(steps).dtype == "float16" and layer.masks == [True]


def test_a_shape_that_is_not_said_is_found():
    class Vague(layers.Layer):
        def call(self, x):
            return ops.concatenate([x, x], axis=-1)

        def compute_output_shape(self, input_shape):
            raise NotImplementedError

    assert Vague()(cr.Input((3,))).shape == (None, 6)


def test_a_build_for_several_inputs_names_them():
    class Odd(layers.Layer):
        def build(self, a_shape, other):
            pass

        def call(self, a, b):
            return a

    with pytest.raises(ValueError, match=r"called like one of call.*a_shape.*b_shape.*got 'other'"):
        Odd()(np.ones((1, 2)), np.ones((1, 2)))


def test_a_list_for_inputs_by_name():
    first, second = cr.Input((2,), name="b"), cr.Input((2,), name="a")
    model = cr.Model({"b": first, "a": second}, first - second)
    with pytest.raises(ValueError, match="doesn't match the expected structure"):
        model([np.ones((1, 2)), np.zeros((1, 2))])
    assert "activity_regularizer" not in layers.Dense(1).get_config()
