"""`Layer`, the base of all layers: weights, attributes, calls, configs."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError, NotBuiltError, ShapeError

X = np.arange(6, dtype="float32").reshape(2, 3)


class Scale(layers.Layer):
    def __init__(self, start=1.0, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer=cr.initializers.Constant(self.start))

    def call(self, inputs):
        return inputs * self.factor


# weights


def test_add_weight_in_its_forms():
    layer = layers.Layer(name="mine")
    made = [
        layer.add_weight(shape=(2, 3), initializer="ones", name="kernel"),
        layer.add_weight((2,), "zeros", "float64", trainable=False, name="moving"),
        layer.add_weight("old", shape=[4]),
        layer.add_weight(name="number"),
        layer.add_weight(shape=(), dtype="int32", name="count"),
        layer.add_weight(shape=(3,), regularizer="l2", constraint="non_neg", name="held"),
    ]
    assert [v.path for v in made] == [f"mine/{n}" for n in ("kernel", "moving", "old", "number", "count", "held")]
    assert [v.shape for v in made] == [(2, 3), (2,), (4,), (), (), (3,)]
    assert [v.dtype for v in made] == ["float32", "float64", "float32", "float32", "int32", "float32"]
    assert made[0].numpy().all() and made[4].numpy() == 0 and abs(made[2].numpy()).max() > 0  # glorot-uniform
    assert layer.weights == [v for v in made if v.trainable] + [made[1]]
    assert len(layer.losses) == 1 and made[5].constraint is not None


@pytest.mark.parametrize(("arguments", "text"), [
    (((2,), "zeros", "float32", True), "at most without names"), ((("kernel"), (3,), "zeros", "f", "g"), "at most"),
    (((None, 3),), r"sizes that are known; got shape \(None, 3\)"),
])  # fmt: skip
def test_add_weight_given_wrongly(arguments, text):
    with pytest.raises(ArgumentError, match=text):
        layers.Layer().add_weight(*arguments)


def test_attributes_are_parts_in_the_order_of_assignment():
    class Parts(layers.Layer):
        def __init__(self):
            super().__init__()
            self.late = None
            self._private = layers.Dense(1, name="private")
            self.listed = [layers.Dense(1, name="listed")]
            self.late = layers.Dense(1, name="late")
            self.alias = self._private  # the same once
            self.variable = cr.Variable(1.0, name="loose")

        def call(self, inputs):
            return self.late(self.listed[0](self._private(inputs))) * self.variable

    layer = Parts()
    layer(X)
    assert [part.name for part in layer._flatten_layers()][1:] == ["private", "listed", "late"]
    assert len(layer.weights) == 7 and len(layer.trainable_variables) == 7
    del layer.variable
    assert len(layer.weights) == 6


def test_non_trainable_and_random_state():
    class State(layers.Layer):
        def __init__(self):
            super().__init__()
            self.a, self.b = cr.Variable(1.0), cr.Variable(2.0, trainable=False)
            self.seed, self.mean = cr.random.SeedGenerator(1), cr.metrics.Mean()

        def call(self, inputs):
            return inputs

    layer = State()
    assert layer.trainable_variables == [layer.a] and layer.non_trainable_weights == [layer.b]
    assert layer.non_trainable_variables == [layer.b, layer.seed.state] and layer.weights == [layer.a, layer.b]
    assert layer.metrics == [layer.mean] and len(layer.get_weights()) == 2
    layer.trainable = False
    assert layer.trainable_variables == [] and layer.trainable_weights == []


# calling


def test_build_comes_once_with_the_shape():
    class Counting(layers.Layer):
        shapes = []

        def build(self, input_shape):
            self.shapes.append(input_shape)
            super().build(input_shape)

        def call(self, inputs):
            return inputs

    layer = Counting()
    layer(X)
    layer(X[:1])
    assert layer.shapes == [(2, 3)] and layer.built
    drawn = Counting()
    drawn(cr.Input((7,)))
    assert layer.shapes[1:] == [(None, 7)]


def test_build_with_several_shapes():
    class Two(layers.Layer):
        def build(self, left_shape, right_shape):
            self.shapes = (left_shape, right_shape)

        def call(self, left, right):
            return left + ops.sum(right)

    layer = Two()
    assert layer(X, np.ones(4)).shape == (2, 3) and layer.shapes == ((2, 3), (4,))
    drawn = Two()
    assert drawn(cr.Input((3,)), right=cr.Input((5,))).shape == (None, 3) and drawn.shapes == ((None, 3), (None, 5))


def test_arguments_by_name_and_nested_outputs():
    class Nested(layers.Layer):
        def call(self, inputs, scale=1.0, mode=None):
            return {"a": inputs["x"] * scale, "mode": mode, "both": (inputs["x"], inputs["y"])}

    found = Nested()({"x": X, "y": 2 * X}, scale=3.0, mode="fast")
    np.testing.assert_array_equal(found["a"], 3 * X)
    assert found["mode"] == "fast" and isinstance(found["both"], tuple)
    symbols = Nested()({"x": cr.Input((3,)), "y": cr.Input((4,))})
    assert symbols["a"].shape == (None, 3) and symbols["both"][1].shape == (None, 4)


def test_floats_come_in_the_dtype_of_the_layer_and_integers_stay():
    class Look(layers.Layer):
        def call(self, inputs):
            self.seen = inputs.type.dtype
            return inputs

    for dtype, given, seen in (
        (None, X.astype("float64"), "float32"), ("float64", X, "float64"), (None, X.astype("int64"), "int64"),
        ("float16", X, "float16"), (None, X > 1, "bool"),
    ):  # fmt: skip
        layer = Look(dtype=dtype)
        layer(given)
        assert layer.seen == seen and layer.compute_dtype == (dtype or "float32")
    kept = Look(autocast=False)
    kept(X.astype("float64"))
    assert kept.seen == "float64"


def test_training_goes_down_to_the_layers_inside():
    class Flag(layers.Layer):
        def call(self, inputs, training=None):
            self.seen = training
            return inputs

    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.flag = Flag()

        def call(self, inputs):
            return self.flag(inputs)

    outer = Outer()
    for given in (True, False):
        outer(X, training=given)
        assert outer.flag.seen is given
    outer(X)
    assert outer.flag.seen is None
    outer.flag(X, True)
    assert outer.flag.seen is True


def test_add_loss_is_of_the_last_call():
    class Loss(layers.Layer):
        def call(self, inputs):
            self.add_loss(ops.sum(inputs))
            return inputs

    layer = Loss()
    layer(X)
    layer(X[:1])
    assert [float(loss) for loss in layer.losses] == [3.0]


def test_activity_regularizer_is_divided_by_the_rows():
    layer = layers.Dense(1, kernel_initializer="ones", activity_regularizer=cr.regularizers.L1(0.5))
    layer(X)
    np.testing.assert_allclose([float(loss) for loss in layer.losses], [0.5 * X.sum() / 2], rtol=1e-6)


def test_input_spec_is_checked_when_called():
    class Three(layers.Layer):
        def __init__(self):
            super().__init__(name="three")
            self.input_spec = layers.InputSpec(ndim=2, axes={-1: 3})

        def call(self, inputs):
            return inputs

    layer = Three()
    layer(X)
    with pytest.raises(ShapeError, match=r"Three 'three' \(made at test_layer.py:\d+\): expected input of size 3 on "):
        layer(X[:, :2])
    with pytest.raises(ShapeError, match=r"expected input with 2 axes .*; got shape \(3,\). A single row is x\[None"):
        layer(X[0])
    for spec, shape, good in (
        (layers.InputSpec(min_ndim=2), (1,), False), (layers.InputSpec(max_ndim=2), (1, 2, 3), False),
        (layers.InputSpec(shape=(None, 3)), (5, 3), True), (layers.InputSpec(shape=(None, 3)), (5, 4), False),
        (layers.InputSpec(min_ndim=1, max_ndim=3), (1, 2), True), (layers.InputSpec(axes={1: 2}), (None, None), True),
    ):  # fmt: skip
        if good:
            spec.check(shape)
        else:
            with pytest.raises(ShapeError):
                spec.check(shape)


def test_shapes_without_data():
    assert layers.Dense(4).compute_output_shape((None, 3)) == (None, 4)
    assert Scale().compute_output_shape((2, 3)) == (2, 3)
    layer = layers.Dense(4)
    layer.build((None, 3))
    assert layer.built and layer.kernel.shape == (3, 4) and layer.count_params() == 16
    with pytest.raises(NotBuiltError, match="no symbolic input or output"):
        layer.output  # noqa: B018
    assert layer(cr.Input((3,))).shape == layer.output.shape == (None, 4) and layer.input.shape == (None, 3)


def test_calls_as_functions_of_all_state():
    norm = layers.BatchNormalization(momentum=0.5)
    norm(X)
    before = norm.get_weights()
    own, others = ([v.numpy() for v in vs] for vs in (norm.trainable_variables, norm.non_trainable_variables))
    outputs, new = norm.stateless_call(own, [o + 1 for o in others], X, training=True)
    assert outputs.shape == (2, 3) and len(new) == 2
    np.testing.assert_allclose(new[0], 0.5 * (others[0] + 1) + 0.5 * X.mean(0), rtol=1e-6)
    for a, b in zip(before, norm.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    dense = layers.Dense(1, kernel_regularizer=cr.regularizers.L2(1.0))
    dense(X)
    loss = lambda w: ops.mean(dense.stateless_call([w, np.zeros(1)], [], X)[0])  # noqa: E731
    np.testing.assert_allclose(cr.grad(loss)(dense.kernel.numpy()), X.mean(0)[:, None], rtol=1e-6)
    assert len(dense.stateless_call(dense.trainable_variables, [], X, return_losses=True)[2]) == 1
    with pytest.raises(ArgumentError, match=r"expected 2 trainable and 0 other values.*got 1 and 0"):
        dense.stateless_call([np.zeros((3, 1))], [], X)


# configs


def test_config_of_a_layer_of_ones_own_is_made_from_its_arguments():
    layer = Scale(2.0, name="s", trainable=False, dtype="float64")
    config = layer.get_config()
    assert config["dtype"]["config"] == {"name": "float64"}
    assert {k: v for k, v in config.items() if k != "dtype"} == {"name": "s", "trainable": False, "start": 2.0}
    again = Scale.from_config(config)
    assert again.start == 2.0 and again.name == "s" and not again.trainable and again.dtype == "float64"


def test_config_with_layers_arrays_and_functions_inside():
    @cr.saving.register_keras_serializable("tests")
    class Wrap(layers.Layer):
        def __init__(self, inner, table, names=("a", "b"), **kwargs):
            super().__init__(**kwargs)
            self.inner, self.table, self.names = inner, np.asarray(table), names

        def call(self, inputs):
            return self.inner(inputs) + self.table

    layer = Wrap(layers.Dense(2, activation="relu"), [1.0, 2.0])
    again = Wrap.from_config(layer.get_config())
    assert isinstance(again.inner, layers.Dense) and again.inner.units == 2
    np.testing.assert_array_equal(again.table, [1.0, 2.0])
    layer(X), again(X)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(layer(X), again(X))


def test_unknown_arguments_and_attributes():
    with pytest.raises(ArgumentError, match=r"Scale 'scale.*unknown argument 'strat'. Did you mean 'start'"):
        Scale(strat=2.0)
    with pytest.raises(ArgumentError, match=r"unknown argument 'input_shap'. Did you mean 'input_shape'"):
        layers.Dense(1, input_shap=(3,))
    with pytest.raises(AttributeError, match="Scale 's' has no attribute 'wieght'"):
        Scale(name="s").wieght  # noqa: B018
    with pytest.raises(NotImplementedError, match="does not define call"):
        layers.Layer()(X)


def test_layers_print_what_they_are():
    assert repr(layers.Dense(2, name="d")) == "<Dense name=d, built=False>"


@pytest.mark.parametrize("layer", [layers.Dense(3, activation="relu"), layers.Conv1D(3, 1, activation="relu")])
def test_an_activation_may_be_taken_away(layer):
    """As scripts do to see what comes before a softmax."""
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    model = cr.Sequential([cr.Input((4, 3)), layer])
    expected = x @ np.reshape(layer.get_weights()[0], (3, 3))
    np.testing.assert_allclose(model.predict(x, verbose=0), np.maximum(expected, 0), atol=1e-6)
    model.layers[-1].activation = None
    np.testing.assert_allclose(model(x), expected, atol=1e-6)
    assert model.layers[-1].get_config()["activation"] == "linear"


def test_layers_of_a_frozen_model_may_be_trained_again():
    """The usual way of fine-tuning: freeze a model, then set its last layers free."""
    base = cr.Sequential([cr.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)])
    model = cr.Sequential([cr.Input((3,)), base, layers.Dense(1)])
    base.trainable = False
    assert len(model.trainable_variables) == 2
    base.layers[-1].trainable = True
    assert len(model.trainable_variables) == 4 and base.trainable_variables == [] and not base.trainable
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(np.ones((4, 3)), np.ones(4), verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed[:2] == [False, False] and changed[-4:] == [True] * 4


def test_freezing_says_so_in_the_weights_too():
    """As in Keras, whose flags stand here."""
    norm = layers.BatchNormalization()
    norm.trainable = False
    norm.build((None, 3))
    assert [v.trainable for v in norm.weights] == [False] * 4 and len(norm.non_trainable_weights) == 4
    norm.trainable = True
    assert [v.trainable for v in norm.weights] == [True, True, False, False]
    assert [v.name for v in norm.trainable_weights] == ["gamma", "beta"]

    inner = cr.Sequential([cr.Input((3,)), layers.Dense(2)])
    outer = cr.Sequential([cr.Input((3,)), inner, layers.Dense(1)])
    outer.trainable = False
    inner.trainable = True
    assert [v.trainable for v in outer.weights] == [True, True, False, False]
    assert outer.trainable_weights == [] and len(inner.trainable_weights) == 2
    assert not layers.Dense(2, trainable=False).trainable
    dense = layers.Dense(2, trainable=False)
    dense.build((None, 3))
    assert [v.trainable for v in dense.weights] == [False, False]
    copy = cr.models.clone_model(cr.Sequential([cr.Input((3,)), dense], trainable=False))
    assert not copy.trainable and [v.trainable for v in copy.weights] == [False, False]


def test_a_weight_may_be_frozen_by_itself_after_compile():
    model = cr.Sequential([cr.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.layers[0].kernel.trainable = False
    kernel, bias = model.get_weights()
    model.fit(np.ones((4, 3)), np.arange(4), verbose=0)
    assert np.array_equal(kernel, model.get_weights()[0]) and not np.array_equal(bias, model.get_weights()[1])


def test_plain_arguments_need_not_be_kept():
    class Careless(layers.Layer):
        def __init__(self, rate, *, kind="x", sizes=(1, 2), **kwargs):
            super().__init__(**kwargs)

        def call(self, inputs):
            return inputs

    config = Careless(0.5, sizes=[3]).get_config()
    assert (config["rate"], config["kind"], config["sizes"]) == (0.5, "x", [3])
    assert Careless.from_config(config).get_config() == config


def test_a_layer_is_built_once():
    """As in Keras: a second build would add every weight again."""
    dense = layers.Dense(2)
    dense.build((None, 3))
    with pytest.raises(ValueError, match="'kernel' is there already"):
        dense.build((None, 3))
    assert len(dense.weights) == 2
    table = layers.Embedding(4, 2)
    table.build((None,))
    table.build((None, 7))  # of any shape: Keras takes it too
    assert len(table.weights) == 1


def test_what_is_not_there_yet_is_an_attribute_error(tmp_path):
    with pytest.raises(AttributeError, match="not called on an Input yet"):
        layers.Dense(1).output  # noqa: B018
    assert not hasattr(layers.Dense(1), "input")

    class Forgetful(layers.Layer):
        def __init__(self):
            self.size = 1

    with pytest.raises(RuntimeError, match=r"call super\(\).__init__\(\)"):
        Forgetful()(X)
    with pytest.raises(ValueError, match="no weights yet"):
        cr.Sequential([layers.Dense(1)]).save_weights(tmp_path / "w.weights.h5")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_only_trained_by_its_own_step_saves_the_weights_inside(tmp_path):
    class Trained(cr.Model):
        def __init__(self):
            super().__init__()
            self.inner = cr.Sequential([cr.Input((2,)), layers.Dense(1)])

    model, other = Trained(), Trained()
    assert not model.built
    model.save_weights(tmp_path / "w.weights.h5")
    other.load_weights(tmp_path / "w.weights.h5")
    assert np.array_equal(model.inner.layers[0].kernel, other.inner.layers[0].kernel)



def test_shapes_of_dicts_of_tensors_are_lists():
    a, b = cr.Input((4,)), cr.Input((2,))
    model = cr.Model({"a": a, "b": b}, {"x": layers.Dense(1)(a)})
    assert model.input_shape == [(None, 4), (None, 2)] and model.output_shape == (None, 1)


def test_small_things_that_are_as_in_keras():
    assert repr(layers.InputSpec(shape=(None, 2))) == "InputSpec(shape=(None, 2), ndim=2)"
    with pytest.raises(ValueError, match="expected shape to be a tuple"):
        layers.Layer().add_weight(shape=3)
    with pytest.raises(ValueError, match="it is no number"):
        float(cr.Input((3,)))
    dense = layers.Dense(1)
    dense.build((None, 3))
    outputs, _ = dense.stateless_call([np.ones((3, 1)), np.zeros(1)], [], X)  # float64 becomes the dtype of the weights
    assert outputs.dtype == "float32"
