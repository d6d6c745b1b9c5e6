"""What each layer says when something does not fit, and the behaviour that golden values do not show."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule
from chainrule import layers, ops
from chainrule.errors import ChainruleError, IndexRangeError, MissingNameError, ShapeError
from chainrule.executors.reference import compile_program
from chainrule.ir import TensorType, trace
from chainrule.layers import Dense, Input, Layer

X = np.ones((2, 3), "float32")
Y = np.ones((2, 4), "float32")
STEPS = np.ones((2, 3, 4), "float32")

MADE_WRONG = [
    (lambda: Dense(0, name="hidden"), r"^Dense 'hidden': expected units to be a positive integer; got units=0 \(int\)"),
    (lambda: Dense(2.0), r"got units=2.0 \(float\)"),
    (lambda: Dense("64"), r"got units='64' \(str\)"),
    (lambda: Dense(True), r"got units=True \(bool\)"),
    (lambda: Dense(2, activation="rellu"), r"got 'rellu'. Did you mean 'relu'?"),
    (lambda: Dense(2, kernel_initializer="glorot"), r"got 'glorot'"),
    (lambda: layers.EinsumDense("abc", 4), r"expected an equation such as 'ab,bc->ac'"),
    (lambda: layers.EinsumDense("ab,bc->ac", 4, bias_axes="x"), r"expected bias_axes to be letters of the output 'ac'"),
    (lambda: layers.Dropout(1.5), r"expected rate to be a number from 0 to 1; got rate=1.5"),
    (lambda: layers.Dropout("0.5"), r"got rate='0.5' \(str\)"),
    (lambda: layers.GaussianDropout(1.0), r"expected rate to be a number from 0"),
    (lambda: layers.GaussianNoise(-1), r"expected stddev to be a number of at least 0; got stddev=-1"),
    (lambda: layers.LeakyReLU(-0.1), r"expected negative_slope to be a number of at least 0"),
    (lambda: layers.LeakyReLU(None), r"got negative_slope=None"),
    (lambda: layers.ReLU(max_value=-1.0), r"expected max_value"),
    (lambda: layers.BatchNormalization(momentum=2.0), r"expected momentum to be a number from 0 to 1"),
    (lambda: layers.GroupNormalization(0), r"expected groups to be a positive integer or -1; got 0"),
    (lambda: layers.Embedding(0, 3), r"expected input_dim to be a positive integer"),
    (lambda: layers.Embedding(3, 2, weights=X), r"expected weights of shape \(3, 2\); got \(2, 3\)"),
    (lambda: layers.Reshape((-1, -1)), r"at most one of them -1; got \(-1, -1\)"),
    (lambda: layers.Permute((0, 1)), r"expected each of 1 to 2 once in dims; got \(0, 1\)"),
    (lambda: layers.RepeatVector(0), r"expected n to be a positive integer; got n=0"),
    (lambda: layers.Flatten("last"), r"expected data_format to be one of channels_last, channels_first; got 'last'"),
    (lambda: layers.ZeroPadding1D(-1), r"expected padding to be an integer of at least 0, or two; got -1"),
    (lambda: layers.Dot((1, 2, 3)), r"expected axes to be an integer or two of them"),
    (lambda: layers.CategoryEncoding(), r"expected num_tokens to be a positive integer; got num_tokens=None"),
    (lambda: layers.CategoryEncoding(3, "hot"), r"one of multi_hot, one_hot, count; got 'hot'"),
    (lambda: layers.CategoryEncoding(3, sparse=True), r"sparse tensors are not available"),
    (lambda: layers.Discretization(), r"expected bin_boundaries, or num_bins"),
    (lambda: layers.Discretization([1.0, 0.0]), r"expected ascending bin_boundaries"),
    (lambda: layers.Normalization(mean=1.0), r"expected both mean and variance, or neither"),
    (lambda: layers.Wrapper(3), r"expected layer to be a Layer; got 3 \(int\)"),
    (lambda: layers.Lambda(3), r"expected a function; got 3"),
    (lambda: Input(), r"expected shape, or batch_shape with the batch axis; got neither"),
    (lambda: Input((3,), batch_shape=(2, 3)), r"got both"),
    (lambda: Input(shape=784), r"expected a tuple of sizes such as \(784,\); got 784"),
    (lambda: layers.Dense(1)(Input((3,), dtype="string")), r"expected numbers; got .*StringLookup and TextVector"),
    (lambda: Input((3,), sparse=True), r"give dense ones"),
    (lambda: Input(tensor=X), r"expected a symbolic tensor; got ndarray"),
]


@pytest.mark.parametrize("make, message", MADE_WRONG, ids=[m for _, m in MADE_WRONG])
def test_a_wrong_argument_is_named(make, message):
    with pytest.raises(ChainruleError, match=message) as caught:
        make()
    assert isinstance(caught.value, (ValueError, TypeError, NotImplementedError))


def built(layer, inputs=X):
    layer(inputs)
    return layer


CALLED_WRONG = [
    (lambda: built(Dense(2)), Y, r"expected input of size 3 on its last axis; got shape \(2, 4\)"),
    (lambda: Dense(2), np.ones(3, "float32"), r"expected input with at least 2 axes .*; got shape \(3,\)"),
    (lambda: Dense(2), Input((None,)), r"expected a known size on the last axis.*got shape \(None, None\)"),
    (lambda: layers.EinsumDense("abc,cd->abd", (None, 2)), X, r"expected input with the axes 'abc'; got shape"),
    (lambda: layers.EinsumDense("ab,bc->ac", (2, 3)), X, r"expected output_shape to give the sizes of the axes c"),
    (lambda: layers.EinsumDense("abc,cd->abd", (5, 2)), STEPS, r"expected size 3 for 'b'.*\(5, 2\)"),
    (lambda: built(layers.BatchNormalization()), Y, r"expected input of size 3 on its last axis"),
    (lambda: layers.BatchNormalization(axis=4), X, r"expected input with an axis 4; got shape \(2, 3\)"),
    (lambda: built(layers.LayerNormalization()), Y, r"expected input of size 3"),
    (lambda: layers.GroupNormalization(2), X, r"divisible by groups=2; got 3 in shape \(2, 3\)"),
    (lambda: layers.Reshape((5,)), X, r"expected rows of 5 elements, to reshape to \(5,\); got rows of shape \(3,\)"),
    (lambda: layers.Permute((2, 1)), X, r"expected input with 3 axes"),
    (lambda: layers.RepeatVector(2), STEPS, r"expected input with 2 axes"),
    (lambda: layers.Cropping1D(2), STEPS, r"expected more than 4 steps to crop from"),
    (lambda: layers.SpatialDropout1D(0.5), X, r"expected input with 3 axes"),
    (lambda: layers.Add(), X, r"expected a list of tensors; got shape \(2, 3\)"),
    (lambda: layers.Add(), [X, Y], r"whose shapes broadcast; got \(2, 3\) and \(2, 4\), which differ on axis 1"),
    (lambda: layers.Add(), [Input((3,)), Input((4,))], r"got \(None, 3\) and \(None, 4\)"),
    (lambda: layers.Subtract(), [X, X, X], r"expected a list of 2 tensors; got a list of 3"),
    (lambda: layers.Concatenate(), [X, STEPS], r"expected inputs with equally many axes"),
    (lambda: layers.Concatenate(0), [X, Y], r"expected inputs of equal sizes but for axis 0; got"),
    (lambda: layers.Dot(1), [X, Y], r"expected equal sizes on the axes \(1, 1\); got shapes \(2, 3\) and \(2, 4\)"),
    (lambda: layers.Dot(0), [X, X], r"expected axes after the batch axis"),
    (lambda: layers.Normalization(), Input((None,)), r"expected a known size on the last axis"),
    (lambda: layers.Discretization(num_bins=3), X, r"call adapt\(data\) first"),
]


@pytest.mark.parametrize("make, inputs, message", CALLED_WRONG, ids=[m for _, _, m in CALLED_WRONG])
def test_a_wrong_input_names_the_layer_where_it_was_made_and_the_shapes(make, inputs, message):
    layer = make()
    with pytest.raises(ChainruleError, match=message) as caught:
        layer(inputs)
    assert str(caught.value).startswith(f"{type(layer).__name__} '{layer.name}' (made at test_layer_errors.py:")
    assert isinstance(caught.value, ValueError)


def test_a_shape_error_inside_call_names_the_innermost_layer():
    class Outer(Layer):
        def __init__(self):
            super().__init__(name="outer")
            self.inner = Dense(2, name="inner")

        def call(self, inputs):
            return self.inner(inputs)

    layer = built(Outer())
    with pytest.raises(ShapeError, match=r"^Dense 'inner' \(made at test_layer_errors.py:\d+\): expected input of"):
        layer(Y)


@pytest.mark.parametrize("index", [4, -1, 2**31 - 1])
def test_an_index_out_of_range_names_the_layer(index):
    layer = layers.Embedding(4, 2, name="words")
    with pytest.raises(IndexRangeError, match=rf"words.*expected indices from 0 to 3 .*; got {index}"):
        layer(np.array([[0, index]]))


def test_an_index_out_of_range_in_a_program_names_the_layer():
    layer = layers.Embedding(4, 2, name="words")
    layer(np.array([0]))
    program, captured = trace(lambda x: [layer(x)], [TensorType("int32", (2,))])
    with pytest.raises(IndexRangeError, match=r"layer 'words', test_layer_errors.py:\d+:.*indices from 0 to 3"):
        compile_program(program)([np.array([1, 7], "int32"), *(t.numpy() for t in captured)])


def test_missing_names_are_named():
    with pytest.raises(MissingNameError, match=r"chainrule.layers has no 'Conv7D' yet"):
        _ = layers.Conv7D
    with pytest.raises(MissingNameError, match=r"has no 'Dnese' yet\. Did you mean 'Dense'\?"):
        _ = layers.Dnese
    assert all(hasattr(layers, name) for name in layers.__all__)
    assert not hasattr(layers, "Conv7D")


def test_old_names_of_arguments_are_taken_with_a_warning():
    with pytest.warns(UserWarning, match="negative_slope"):
        assert layers.LeakyReLU(alpha=0.2).negative_slope == 0.2
    with pytest.warns(UserWarning, match="input_length"):
        layers.Embedding(3, 2, input_length=4)
    with pytest.warns(UserWarning, match="now called shape"):
        assert layers.InputLayer(input_shape=(3,)).output.shape == (None, 3)


def test_input():
    x = Input(shape=(3, None), name="rows", dtype="int32", batch_size=4)
    assert (x.shape, x.dtype, x.name) == ((4, 3, None), "int32", "rows")
    layer = x.node.operation
    assert isinstance(layer, layers.InputLayer) and layer.output is x and layer.input is x
    assert layer.get_config()["batch_shape"] == [4, 3, None]
    assert layers.InputLayer.from_config(layer.get_config()).output.shape == (4, 3, None)
    assert Input(tensor=x) is x
    assert Input(batch_shape=(None, 2)).shape == (None, 2)
    assert chainrule.layers.Input((2,)).dtype == "float32"


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "average", "maximum", "minimum"])
def test_functional_forms_of_merging_layers(name):
    a, b = np.array([[1.0, 8.0]], "float32"), np.array([[2.0, 4.0]], "float32")
    expected = {"average": (a + b) / 2}.get(name)
    expected = getattr(np, name)(a, b) if expected is None else expected
    np.testing.assert_array_equal(getattr(layers, name)([a, b]), expected)
    x = Input((2,))
    assert getattr(layers, name)([x, x], name="merged").node.operation.name == "merged"


def test_functional_forms_with_an_axis():
    assert layers.concatenate([X, Y]).shape == (2, 7)
    assert layers.concatenate([X, X], axis=0).shape == (4, 3)
    assert layers.dot([X, X], axes=1).tolist() == [[3.0], [3.0]]


def test_dropping_everything_and_nothing():
    assert layers.Dropout(1.0)(X, training=True).numpy().max() == 0
    assert layers.Dropout(0.0)(X, training=True).tolist() == X.tolist()


def test_training_by_position_and_by_default():
    class Custom(Layer):
        def call(self, inputs, training=True):
            return inputs * 2.0 if training else inputs

    assert Custom()(X)[0, 0] == 2.0 and Custom()(X, False)[0, 0] == 1.0
    assert Custom()(X, training=False)[0, 0] == 1.0


def test_softmax_of_a_row_that_is_hidden_altogether_is_zero():
    masked = layers.Softmax()(X, mask=np.array([[True, True, False], [False] * 3]))
    assert masked.tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]


def test_global_average_pooling_leaves_masked_steps_out():
    rows = np.array([[[1.0], [3.0], [8.0]]], "float32")
    assert layers.GlobalAveragePooling1D()(rows, mask=np.array([[True, True, False]])).tolist() == [[2.0]]
    assert layers.GlobalAveragePooling1D(keepdims=True)(rows).shape == (1, 1, 1)
    assert layers.GlobalMaxPooling1D("channels_first")(rows).tolist() == [[1.0, 3.0, 8.0]]


def test_embedding_starts_from_given_weights():
    table = np.arange(6.0).reshape(3, 2)
    for weights in (table, [table]):
        np.testing.assert_array_equal(layers.Embedding(3, 2, weights=weights)(np.array([2])), [[4.0, 5.0]])


def test_normalization_adapts_to_batches_as_to_the_whole():
    data = np.random.default_rng(0).normal(1e4, 2.0, (50, 3))
    whole, parts = layers.Normalization(), layers.Normalization()
    whole.adapt(data)
    parts.adapt(iter([data[:7], data[7:7], data[7:40], data[40:]]))
    np.testing.assert_allclose(whole.variance, parts.variance, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(whole.mean), data.mean(0)[None], rtol=1e-6)
    np.testing.assert_allclose(np.asarray(whole.variance)[0], data.var(0), rtol=1e-5)
    whole.adapt(data[:2])
    assert int(whole.count.value) == 2
    whole.reset_state()
    np.testing.assert_array_equal(whole(X), X)


def test_normalization_of_a_vector_and_of_nothing():
    layer = layers.Normalization(axis=None)
    layer.adapt(np.arange(6.0))
    np.testing.assert_allclose(layer(np.array([[2.5]])), [[0.0]], atol=1e-7)
    with pytest.raises(ChainruleError, match="expected data with at least one row"):
        layers.Normalization().adapt(np.zeros((0, 3)))
    with pytest.raises(ChainruleError, match="they were given"):
        layers.Normalization(mean=0.0, variance=1.0).adapt(X)


def test_discretization_shares_data_out_evenly():
    layer = layers.Discretization(num_bins=4)
    layer.adapt(np.arange(20.0))
    assert layer.bin_boundaries == [4.0, 9.0, 14.0]  # what Keras finds
    again = layers.deserialize(layers.serialize(layer))
    assert again(np.array([0.0, 4.0, 20.0])).tolist() == [0, 1, 3]


def test_names_are_numbered():
    chainrule.variables.reset_names()
    assert [Dense(1).name, Dense(1).name, layers.PReLU().name] == ["dense", "dense_1", "p_re_lu"]
    assert Dense(1, name="mine").name == "mine"


def test_a_softmax_or_sigmoid_output_remembers_its_logits():
    kind, logits = Dense(2, activation="softmax")(X).logits
    assert kind == "softmax" and logits.shape == (2, 2)
    assert layers.Activation("sigmoid")(X).logits[0] == "sigmoid"
    assert layers.Softmax()(X).logits[0] == "softmax"
    assert not hasattr(Dense(2)(X), "logits")
    assert ops.relu(X).shape == (2, 3)
