"""The base class of layers: weights, calls, state, symbolic calls, configuration."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import layers, ops
from chainrule.autodiff import pull_back
from chainrule.errors import ArgumentError, NotBuiltError, ShapeError, TracedValueError, UnsupportedError
from chainrule.executors.reference import compile_program
from chainrule.ir import Tensor, TensorType, trace
from chainrule.layers import Dense, Input, Layer
from chainrule.serialization import custom_object_scope, register_keras_serializable
from chainrule.variables import SeedGenerator, StateScope, Variable

ROWS = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]], "float32")


class Block(Layer):
    """Layers in a list and a dict, one of them shared, a weight of its own, a generator."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first = Dense(3, name="first")
        self.rest = [Dense(3, name="in_list"), self.first]
        self.heads = {"a": Dense(2, name="in_dict")}
        self.noise = layers.Dropout(0.5, seed=1)
        self.generator = SeedGenerator(3)
        self.offset = Variable(np.zeros(3), name="offset")

    def build(self, input_shape):
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")
        self.steps = self.add_weight(shape=(), dtype="int32", trainable=False, name="steps")

    def call(self, inputs, training=None):
        self.steps.assign_add(1)
        x = self.first(inputs * self.factor + self.offset)
        for layer in self.rest:
            x = layer(x)
        return self.heads["a"](self.noise(x))


def built_block():
    block = Block()
    block(ROWS)
    return block


def test_layers_in_attributes_lists_and_dicts_are_tracked_once():
    names = [w.name for w in built_block().weights]
    assert names == ["factor", "offset", "steps", *["kernel", "bias"] * 3]
    assert len(built_block()._flatten_layers()) == 5  # itself, three Dense, one Dropout


def test_weights_are_trainable_first_then_the_layers_inside_in_the_order_of_assignment():
    block = built_block()
    assert [w.path for w in block.trainable_variables] == [
        f"{block.name}/factor", "offset",
        *(f"{block.name}/{layer}/{name}" for layer in ("first", "in_list", "in_dict") for name in ("kernel", "bias")),
    ]  # fmt: skip
    assert [w.name for w in block.non_trainable_weights] == ["steps"]
    assert len(block.variables) == len(block.weights) + 2  # the states of two generators


def test_trainable_reaches_the_layers_inside():
    block = built_block()
    block.trainable = False
    assert block.trainable_weights == [] and block.first.trainable_weights == []
    assert len(block.non_trainable_weights) == len(block.weights)
    block.trainable = True
    block.first.trainable = False
    found = [w.path for w in block.trainable_weights][2:4]
    assert found == [f"{block.name}/in_list/kernel", f"{block.name}/in_list/bias"]


def test_weights_given_by_trainable_false_stay_in_the_list():
    layer = Dense(2, trainable=False)
    layer.build((None, 3))
    assert layer.trainable_weights == [] and [w.name for w in layer.weights] == ["kernel", "bias"]


def test_get_and_set_weights():
    layer = Dense(2)
    layer.build((None, 3))
    layer.set_weights([np.ones((3, 2)), np.full(2, 5.0)])
    copy = layer.get_weights()
    copy[0][:] = 0
    assert layer(ROWS).tolist() == [[11.0, 11.0], [6.5, 6.5]]
    assert layer.count_params() == 8


def test_set_weights_says_what_does_not_fit_and_changes_nothing():
    layer = Dense(2, name="hidden", kernel_initializer="ones")
    layer.build((None, 3))
    with pytest.raises(ArgumentError, match=r"Dense 'hidden' \(made at test_layer_base.py:\d+\): expected 2 arrays"):
        layer.set_weights([np.zeros((3, 2))])
    with pytest.raises(ShapeError, match=r"'hidden/bias' expected shape \(2,\); got \(3,\)"):
        layer.set_weights([np.zeros((3, 2)), np.zeros(3)])
    assert layer.kernel.numpy().min() == 1


def test_weights_before_they_exist():
    with pytest.raises(NotBuiltError, match="call it on data"):
        Dense(2).count_params()
    with pytest.raises(ArgumentError, match="expected 0 arrays"):
        Dense(2).set_weights([1])


def test_forgotten_super_init_is_said():
    class Forgot(Layer):
        def __init__(self):
            self.inner = Dense(2)

    with pytest.raises(NotBuiltError, match=r"Forgot: call super\(\).__init__\(\)"):
        Forgot()(ROWS)


def test_super_init_may_come_late():
    class Late(Layer):
        def __init__(self):
            self.inner = Dense(2)
            super().__init__()

        def call(self, inputs):
            return self.inner(inputs)

    layer = Late()
    assert layer(ROWS).shape == (2, 2) and len(layer.weights) == 2


def test_unknown_argument_and_attribute():
    with pytest.raises(ArgumentError, match=r"unknown argument 'activaton'. Did you mean 'activation'?"):
        Dense(2, activaton="relu")
    with pytest.raises(AttributeError, match="Dense 'hidden' has no attribute 'kernle'"):
        _ = Dense(2, name="hidden").kernle


def test_arguments_for_a_first_layer_are_kept():
    assert Dense(2, input_shape=(8,))._input_shape_arg == (None, 8)
    assert Dense(2, input_dim=8)._input_shape_arg == (None, 8)
    assert Dense(2, batch_input_shape=(4, 8))._input_shape_arg == (4, 8)
    assert Dense(2, input_shape=(8,), batch_size=4)._input_shape_arg == (4, 8)


def test_a_layer_without_call_says_so():
    with pytest.raises(NotImplementedError, match="Layer does not define call"):
        Layer()(ROWS)


def test_layers_built_inside_call():
    class Lazy(Layer):
        def call(self, inputs):
            if not hasattr(self, "inner"):
                self.inner = Dense(2)
            return self.inner(inputs)

    layer = Lazy()
    assert layer(Input((3,))).shape == (None, 2)
    assert [w.shape for w in layer.weights] == [(3, 2), (2,)]
    assert layer(ROWS).shape == (2, 2)


def test_nested_inputs_and_outputs():
    class Both(Layer):
        def build(self, input_shape):
            self.shapes = input_shape

        def call(self, inputs):
            return {"sum": inputs["a"] + inputs["b"][0], "pair": (inputs["a"], inputs["b"][0] * 2)}

    layer = Both()
    symbolic = layer({"a": Input((3,)), "b": [Input((3,))]})
    assert layer.shapes == {"a": (None, 3), "b": [(None, 3)]}
    assert symbolic["sum"].shape == (None, 3) and symbolic["pair"][1].shape == (None, 3)
    found = layer({"a": ROWS, "b": [ROWS]})
    np.testing.assert_array_equal(found["pair"][1], 2 * ROWS)


def test_several_inputs_build_by_name():
    class Two(Layer):
        def build(self, query_shape, value_shape):
            self.q, self.v = query_shape, value_shape

        def call(self, query, value):
            return ops.matmul(query, ops.transpose(value))

    layer = Two()
    assert layer(Input((3,)), value=Input(batch_shape=(5, 3))).shape == (None, 5)
    assert (layer.q, layer.v) == ((None, 3), (5, 3))
    assert layer.compute_output_shape((None, 3), (5, 3)) == (None, 5)


def test_arrays_given_by_name_become_tensors_and_numbers_stay():
    seen = {}

    class Keep(Layer):
        def call(self, inputs, scale=None, count=0, sizes=()):
            seen.update(scale=scale, count=count, sizes=sizes)
            return inputs

    Keep(dtype="float64")(inputs=ROWS, scale=np.ones(2, "float32"), count=3, sizes=[1, 2])
    assert isinstance(seen["scale"], Tensor) and seen["scale"].dtype == "float64"
    assert seen["count"] == 3 and seen["sizes"] == [1, 2]


def test_inputs_by_name_are_checked_and_built():
    layer = Dense(2)
    assert layer(inputs=ROWS).shape == (2, 2)
    with pytest.raises(ShapeError, match="expected input of size 3"):
        layer(inputs=ROWS[:, :2])


def test_dtype_of_weights_and_computation():
    layer = Dense(2, dtype="float64")
    assert layer(ROWS).dtype == "float64" and layer.kernel.dtype == "float64"
    assert layer(Input((3,))).dtype == "float64"
    assert Dense(2)(np.ones((2, 3))).dtype == "float32"
    assert Dense(2)(np.ones((2, 3), "int32")).dtype == "float32"
    assert layer.get_config()["dtype"]["config"]["name"] == "float64"


def test_training_is_handed_to_the_layers_inside():
    block = Block()
    assert not np.allclose(block(ROWS, training=True), block(ROWS, training=False))
    np.testing.assert_array_equal(block(ROWS), block(ROWS, training=False))


def test_symbolic_call_draws_a_graph_and_computes_nothing():
    layer = Block()
    y = layer(Input((3,)), training=True)
    assert y.shape == (None, 2) and y.node.operation is layer
    assert layer.input.shape == (None, 3) and layer.output is y
    assert layer.steps.numpy() == 0 and layer.noise.seed_generator.state.numpy().tolist() == [1, 0]
    with pytest.raises(TracedValueError, match="NumPy"):
        np.asarray(y)
    with pytest.raises(NotBuiltError, match="was not called on an Input yet"):
        _ = Dense(2).output


def test_compute_output_shape_of_a_layer_that_was_never_called():
    assert Block().compute_output_shape((None, 3)) == (None, 2)
    assert layers.BatchNormalization().compute_output_shape((None, 3)) == (None, 3)
    assert layers.Concatenate().compute_output_shape([(None, 3), (None, 4)]) == (None, 7)
    assert layers.Flatten().compute_output_shape((None, None, 3)) == (None, None)


def test_losses_are_those_of_the_last_call():
    layer = Block()
    layer.first.activity_regularizer = layers.ActivityRegularization(l2=1.0).activity_regularizer
    layer(ROWS)
    assert len(layer.losses) == 2  # `first` is called twice in one call
    layer(ROWS)
    assert len(layer.losses) == 2
    layer(Input((3,)))
    assert layer.losses == []


def test_add_loss_and_regularizers_of_weights():
    class Penalized(Layer):
        def call(self, inputs):
            self.add_loss(ops.sum(inputs))
            return inputs

    layer = Penalized()
    layer(ROWS)
    assert [float(x) for x in layer.losses] == [7.5]
    dense = Dense(1, kernel_initializer="ones", kernel_regularizer="l2")
    dense(ROWS)
    assert float(dense.losses[0]) == pytest.approx(0.03)
    dense.trainable = False
    assert dense.losses == []


def run(program, arrays):
    return compile_program(program)(arrays)


def recorded_step(layer, rows):
    """One training call as a Program from (input, variables) to (output, variables)."""
    layer(rows)
    variables = layer.variables

    def step(x, *values):
        with StateScope(dict(zip(variables, values, strict=True))) as scope:
            y = layer(x, training=True)
        return [y, *(scope.values[v] for v in variables)]

    types = [TensorType("float32", rows.shape), *(v.type for v in variables)]
    return trace(step, types)[0], [v.value.numpy() for v in variables], variables


def test_batch_normalization_state_flows_through_a_recorded_step():
    layer = layers.BatchNormalization(momentum=0.5)
    program, state, variables = recorded_step(layer, ROWS)
    before = [v.numpy() for v in variables]
    outputs = run(program, [ROWS, *state])
    once = run(program, [ROWS, *outputs[1:]])
    for v, value in zip(variables, before, strict=True):  # recording and running leave the layer alone
        np.testing.assert_array_equal(v.numpy(), value)
    mean, variance = ROWS.mean(0), ROWS.var(0)
    np.testing.assert_allclose(outputs[3], 0.5 * mean, rtol=1e-6)
    np.testing.assert_allclose(once[3], 0.75 * mean, rtol=1e-6)
    np.testing.assert_allclose(once[4], 0.25 + 0.75 * variance, rtol=1e-6)
    layer(ROWS, training=True)
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.5 * mean, rtol=1e-6)


def test_dropout_draws_anew_in_each_recorded_step_and_the_same_for_the_same_seed():
    ones = np.ones((20, 30), "float32")
    program, state, _ = recorded_step(layers.Dropout(0.4, seed=7), ones)
    first = run(program, [ones, *state])
    second = run(program, [ones, *first[1:]])
    assert not np.array_equal(first[0], second[0])
    layer = layers.Dropout(0.4, seed=7)
    np.testing.assert_array_equal(layer(ones, training=True), first[0])
    np.testing.assert_array_equal(layer(ones, training=True), second[0])
    assert set(np.unique(first[0]).tolist()) == {0.0, float(np.float32(1 / 0.6))}


def test_frozen_batch_normalization_is_inference():
    layer = layers.BatchNormalization()
    layer(ROWS)
    layer.trainable = False
    np.testing.assert_array_equal(layer(ROWS, training=True), layer(ROWS))
    assert layer.moving_mean.numpy().tolist() == [0.0, 0.0, 0.0]


GRADIENT_CASES = [
    (lambda: Dense(3, activation="tanh", dtype="float64"), (4, 3)),
    (lambda: layers.EinsumDense("abc,cd->abd", (None, 2), bias_axes="d", activation="softplus", dtype="float64"),
     (2, 3, 4)),
    (lambda: layers.BatchNormalization(epsilon=0.1, dtype="float64"), (5, 3)),
    (lambda: layers.LayerNormalization(dtype="float64"), (3, 4)),
    (lambda: layers.GroupNormalization(2, dtype="float64"), (2, 3, 4)),
    (lambda: layers.RMSNormalization(dtype="float64"), (3, 4)),
    (lambda: layers.PReLU(alpha_initializer="ones", dtype="float64"), (3, 4)),
]  # fmt: skip


@pytest.mark.parametrize("make, shape", GRADIENT_CASES)
def test_gradients_agree_with_central_differences(make, shape):
    random = np.random.default_rng(0)
    layer, rows = make(), random.standard_normal(shape)
    layer(rows)
    layer.set_weights([w + 0.3 * random.standard_normal(w.shape) for w in layer.get_weights()])
    weights = layer.trainable_weights
    cotangent = random.standard_normal(layer(rows).shape)

    def total(x, *values):
        with StateScope(dict(zip(weights, values, strict=True))):
            return [ops.sum(layer(x, training=True) * cotangent)]

    point = [Tensor(rows), *(w.value for w in weights)]
    program, captured = trace(total, [t.type for t in point])
    _, slopes = pull_back(program, [*point, *captured], [Tensor(np.float64(1))], list(range(len(point))))
    arrays = [np.array(t.numpy()) for t in point]
    for k, slope in enumerate(slopes):
        direction = random.standard_normal(arrays[k].shape)
        ends = []
        for sign in (1, -1):
            moved = [a + sign * 1e-6 * direction if i == k else a for i, a in enumerate(arrays)]
            ends.append(float(total(*map(Tensor, moved))[0]))
        expected = (ends[0] - ends[1]) / 2e-6
        # second-order error of the difference is about 1e-12, rounding about 1e-9
        np.testing.assert_allclose(float(np.sum(np.asarray(slope) * direction)), expected, rtol=1e-6, atol=1e-7)


def test_embedding_gradient_adds_up_for_repeated_indices():
    layer = layers.Embedding(4, 2, dtype="float64")
    indices = np.array([[1, 1], [3, 1]])
    layer(indices)

    def total(table):
        with StateScope({layer.embeddings: table}):
            return [ops.sum(layer(indices))]

    program, captured = trace(total, [layer.embeddings.type])
    point = [layer.embeddings.value, *captured]
    _, (slope,) = pull_back(program, point, [Tensor(np.float64(1))], [0])
    assert slope.tolist() == [[0, 0], [3, 3], [0, 0], [1, 1]]


def test_configuration_of_a_users_layer():
    @register_keras_serializable()
    class Scale(Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, inputs):
            return inputs * self.factor

    layer = Scale(2.0, name="twice")
    assert {**layer.get_config(), "dtype": 0} == {"name": "twice", "trainable": True, "dtype": 0, "factor": 2.0}
    again = layers.deserialize(layers.serialize(layer))
    assert again(ROWS).tolist() == (2 * ROWS).tolist() and again.name == "twice"


def test_configuration_that_cannot_be_known():
    class Hides(Layer):
        def __init__(self, factor):
            super().__init__()
            self.secret = factor

    with pytest.raises(NotImplementedError, match=r"argument 'factor' is not kept as self.factor"):
        Hides(object()).get_config()


def test_a_users_class_of_a_known_name_stays_the_users():
    @register_keras_serializable(package="Mine", name="Dense")
    class Dense(layers.Dense):
        pass

    plain = layers.serialize(Dense(2))
    assert type(layers.deserialize(plain)) is Dense
    assert type(layers.deserialize(layers.serialize(layers.Dense(2)))) is layers.Dense


def test_wrapper_keeps_the_layer_inside():
    layer = layers.Wrapper(Dense(2, name="inner"), name="outer")
    assert layer(ROWS).shape == (2, 2) and len(layer.weights) == 2
    again = layers.deserialize(layers.serialize(layer))
    assert again.layer.units == 2 and again.layer.name == "inner"


def test_lambda_is_saved_by_name_only():
    @register_keras_serializable()
    def plus_one(x):
        return x + 1

    again = layers.deserialize(layers.serialize(layers.Lambda(plus_one)))
    assert again([1.0]).tolist() == [2.0]
    assert layers.deserialize(layers.serialize(layers.Lambda(ops.square)))([3.0]).tolist() == [9.0]


def test_lambda_of_an_unknown_function_is_refused_when_loaded():
    def square(x):  # the name of an op, and not that op
        return x

    plain = layers.serialize(layers.Lambda(square, name="mine"))
    with pytest.raises(ArgumentError, match=r"Lambda 'mine': expected a function that is known here.*'square'"):
        layers.deserialize(plain)
    assert layers.deserialize(plain, {"square": square})([2.0]).tolist() == [2.0]
    with custom_object_scope({"square": square}):
        assert layers.deserialize(plain)([2.0]).tolist() == [2.0]
    bytecode = {"class_name": "__lambda__", "config": {"code": "4wEAAAAA"}}
    with pytest.raises(ArgumentError, match="Python bytecode, which is never run"):
        layers.Lambda.from_config({"name": "x", "function": bytecode})


def test_lambda_gets_mask_training_and_arguments():
    layer = layers.Lambda(lambda x, k, training=None: x * k if training else x, arguments={"k": 3.0})
    assert layer([1.0]).tolist() == [1.0] and layer([1.0], training=True).tolist() == [3.0]


def test_unsupported_variants_of_layers_are_refused_by_name():
    with pytest.raises(UnsupportedError, match="'float8': there are no numbers of 8 bits"):
        Dense(2, dtype="float8_from_float32")
