"""Models and layers written as classes."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError, NotBuiltError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(10, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int32")
REAL = X[:, 1] * 2


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


class Plain(cr.Model):
    def __init__(self):
        super(Plain, self).__init__()  # noqa: UP008  as it is often written
        self.dense1 = layers.Dense(5, activation="relu")
        self.dense2 = layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        return self.dense2(self.dense1(inputs))


def test_built_at_the_first_call_or_fit_or_predict():
    for build in (lambda m: m(X), lambda m: m.fit(X, Y, verbose=0), lambda m: m.predict(X, verbose=0),
                  lambda m: m.evaluate(X, Y, verbose=0), lambda m: m.build((None, 4)),
                  lambda m: m.train_on_batch(X, Y)):  # fmt: skip
        model = Plain()
        model.compile(optimizer=cr.optimizers.Adam(), loss=cr.losses.BinaryCrossentropy(), metrics=["accuracy"])
        assert model.weights == []
        build(model)
        assert [w.shape for w in model.weights] == [(4, 5), (5,), (5, 1), (1,)] and model.count_params() == 31
        assert [layer.name for layer in model.layers] == [model.dense1.name, model.dense2.name]
        model.fit(X, Y, verbose=0)


def test_not_built_yet_says_so():
    with pytest.raises(NotBuiltError, match=r"Plain 'plain.*has no weights yet"):
        Plain().count_params()
    with pytest.raises(NotBuiltError, match=r"no symbolic inputs and outputs: it was not made from Input\(\)"):
        Plain().inputs  # noqa: B018


def test_forgetting_super_says_so():
    class Forgetful(cr.Model):
        def __init__(self):
            self.dense = layers.Dense(1)

        def call(self, inputs):
            return self.dense(inputs)

    with pytest.raises(NotBuiltError, match=r"Forgetful: call super\(\).__init__\(\)"):
        Forgetful()(X)


def test_no_call_says_so():
    with pytest.raises(NotImplementedError, match=r"define call\(self, inputs\)"):
        cr.Model()(X)


def test_layers_in_lists_and_dicts_and_private_attributes_in_the_order_of_assignment():
    class Many(cr.Model):
        def __init__(self):
            super().__init__()
            self._first = layers.Dense(4, name="first")
            self.blocks = [layers.Dense(4, name=f"block{k}") for k in range(2)]
            self.heads = {"a": layers.Dense(1, name="head_a"), "b": [layers.Dense(2, name="head_b")]}
            self.scale = cr.Variable(2.0, name="scale")

        def call(self, inputs):
            x = self._first(inputs)
            for block in self.blocks:
                x = x + block(x)
            return {"a": self.heads["a"](x) * self.scale, "b": self.heads["b"][0](x)}

    model = Many()
    found = model.predict(X, verbose=0)
    assert found["a"].shape == (10, 1) and found["b"].shape == (10, 2)
    assert [layer.name for layer in model.layers] == ["first", "block0", "block1", "head_a", "head_b"]
    assert len(model.trainable_variables) == 11
    model.compile("sgd", {"a": "mse", "b": "mse"})
    assert list(model.fit(X, {"a": REAL, "b": X[:, :2]}, verbose=0).history) == ["a_loss", "b_loss", "loss"]
    assert float(model.scale) != 2.0


def test_training_argument_is_handed_on():
    seen = []

    class Inner(layers.Layer):
        def call(self, inputs, training=None):
            seen.append(training)
            return inputs

    class Outer(cr.Model):
        def __init__(self):
            super().__init__()
            self.inner, self.dense, self.drop = Inner(), layers.Dense(1), layers.Dropout(0.5)

        def call(self, inputs, training=False):
            return self.dense(self.drop(self.inner(inputs), training=training))

    model = Outer()
    model(X)
    model(X, training=True)
    assert seen == [False, True]
    model.compile("sgd", "mse")
    seen.clear()
    model.fit(X, REAL, verbose=0)
    assert True in seen
    seen.clear()
    close(model.predict(X, verbose=0), model.dense(X))
    assert set(seen) == {False}


def test_add_loss_in_layers_and_models():
    class Penalty(layers.Layer):
        def call(self, inputs):
            self.add_loss(0.5 * ops.mean(ops.square(inputs)))
            return inputs

    model = cr.Sequential([cr.Input((4,)), Penalty(), layers.Dense(1)])
    model.compile(cr.optimizers.SGD(0.1), "mse")
    plain = float(np.mean((np.asarray(model(X))[:, 0] - REAL) ** 2))
    assert [float(loss) for loss in model.losses] == pytest.approx([0.5 * (X**2).mean()], rel=1e-6)
    np.testing.assert_allclose(model.evaluate(X, REAL, verbose=0), plain + 0.5 * (X**2).mean(), rtol=1e-5)

    class Coder(cr.Model):
        """No target: the loss comes from call."""

        def __init__(self):
            super().__init__()
            self.down, self.up = layers.Dense(2), layers.Dense(4)

        def call(self, inputs):
            out = self.up(self.down(inputs))
            self.add_loss(ops.mean(ops.square(out - inputs)))
            return out

    coder = Coder()
    coder.compile(cr.optimizers.Adam(0.05))
    history = coder.fit(X, epochs=30, verbose=0).history["loss"]
    assert history[-1] < 0.5 * history[0]
    np.testing.assert_allclose(coder.evaluate(X, verbose=0), np.mean((coder.predict(X, verbose=0) - X) ** 2), rtol=1e-5)


def test_own_compute_loss():
    class Weighted(cr.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1, kernel_initializer="zeros")
            self.seen = cr.metrics.Mean(name="doubled")

        def call(self, inputs):
            return self.dense(inputs)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = super().compute_loss(x, y, y_pred, sample_weight, training)
            self.seen.update_state(2 * loss)
            return 3 * loss

    model, plain = Weighted(), cr.Sequential([layers.Dense(1, kernel_initializer="zeros")])
    for m in (model, plain):
        m.compile(cr.optimizers.SGD(0.0), "mse")
    expected = plain.fit(X, REAL, verbose=0).history["loss"][0]
    history = model.fit(X, REAL, verbose=0).history
    assert list(history) == ["doubled", "loss"]
    np.testing.assert_allclose([history["loss"][0], history["doubled"][0]], [3 * expected, 2 * expected], rtol=1e-6)


def test_compute_loss_without_training_and_with_metrics_of_its_own():
    class Old(cr.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)
            self.loss_tracker = cr.metrics.Mean(name="loss")

        def call(self, inputs):
            return self.dense(inputs)

        def compute_loss(self, x, y, y_pred, sample_weight):
            loss = ops.mean(ops.square(y_pred[:, 0] - y))
            self.loss_tracker.update_state(loss)
            return loss

        def reset_metrics(self):
            self.loss_tracker.reset_state()

        @property
        def metrics(self):
            return [self.loss_tracker]

    model = Old()
    model.compile("sgd")
    history = model.fit(X, REAL, epochs=3, verbose=0).history
    assert list(history) == ["loss"] and history["loss"][2] < history["loss"][0]
    expected = np.mean((model.predict(X, verbose=0)[:, 0] - REAL) ** 2)
    np.testing.assert_allclose(model.evaluate(X, REAL, verbose=0), expected, rtol=1e-5)


def test_several_inputs_as_list_tuple_and_dict():
    class Two(cr.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, inputs):
            a, b = inputs
            return self.dense(ops.concatenate([a, b], axis=-1))

    class Named(Two):
        def call(self, inputs):
            return super().call([inputs["a"], inputs["b"]])

    for model, x in ((Two(), [X, X[:, :1]]), (Two(), (X, X[:, :1])), (Named(), {"a": X, "b": X[:, :1]})):
        model.compile("sgd", "mse")
        model.fit(x, REAL, verbose=0)
        assert model.predict(x, verbose=0).shape == (10, 1) and model.dense.kernel.shape == (5, 1)
        close(model.predict(x, verbose=0), model(x))


def test_nested_subclassed_models_and_functional_parts():
    class Outer(cr.Model):
        def __init__(self):
            super().__init__()
            inputs = cr.Input((4,))
            self.part = cr.Model(inputs, layers.Dense(4, activation="tanh")(inputs))
            self.plain, self.stack = Plain(), cr.Sequential([layers.Dense(4)])

        def call(self, inputs):
            return self.plain(self.stack(self.part(inputs)))

    model = Outer()
    model.compile("adam", "binary_crossentropy")
    model.fit(X, Y, epochs=2, verbose=0)
    assert len(model.weights) == 8 and len(model.layers) == 3
    assert len(model._flatten_layers()) == 9  # the model, three parts, their layers (one of them an input)


def test_build_of_ones_own():
    class Built(cr.Model):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def build(self, input_shape):
            self.kernel = self.add_weight((input_shape[-1], self.units), "glorot_uniform", name="kernel")
            self.hidden = layers.Dense(self.units)
            self.hidden.build((None, self.units))
            self.built = True

        def call(self, inputs):
            return self.hidden(inputs @ self.kernel)

    model = Built(3)
    model.compile("sgd", "mse")
    model.fit(X, X[:, :3], verbose=0)
    assert [w.shape for w in model.weights] == [(4, 3), (3, 3), (3,)]


def test_layer_of_ones_own_with_every_kind_of_state():
    class Counting(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.seed = cr.random.SeedGenerator(3)

        def build(self, input_shape):
            self.w = self.add_weight((input_shape[-1], self.units), "ones", name="w", regularizer="l2")
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False, name="count", dtype="int32")

        def call(self, inputs, training=None):
            if training:
                self.count.assign_add(1)
                inputs = inputs + 0.0 * cr.random.normal(inputs.shape, seed=self.seed)
            return ops.matmul(inputs, self.w)

    layer = Counting(2)
    model = cr.Sequential([layer])
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], batch_size=3, epochs=2, verbose=0)
    assert int(layer.count) == 8 and layer.built and layer.count.dtype == "int32"
    assert int(layer.seed.state.numpy()[1]) == 8  # one draw a step
    assert len(model.trainable_weights) == 1 and len(model.non_trainable_weights) == 1 and len(model.losses) == 1
    assert [w.path for w in model.weights] == [f"{model.name}/{layer.name}/w", f"{model.name}/{layer.name}/count"]


def test_state_assigned_while_shapes_are_found_out_is_forgotten():
    class Counter(layers.Layer):
        def build(self, shape):
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, inputs):
            self.count.assign_add(1.0)
            return inputs

    layer = Counter()
    model = cr.Model(*(lambda x: (x, layer(x)))(cr.Input((4,))))
    assert float(layer.count) == 0
    model(X)
    assert float(layer.count) == 1
    model.predict(X, batch_size=5, verbose=0)
    assert float(layer.count) == 3


def test_a_layer_used_eagerly_behaves_like_numpy():
    layer = layers.Dense(2, kernel_initializer="ones")
    y = layer([[1.0, 2.0, 3.0]])
    assert y.numpy().tolist() == [[6.0, 6.0]] and float(np.sum(y)) == 12.0 and float(np.exp(y)[0, 0]) > 400
    assert np.mean(y) == 6.0 and np.argmax(y, axis=1).tolist() == [0] and np.std(y) == 0.0
    assert np.concatenate([y, y]).shape == (2, 2) and np.round(y).tolist() == [[6.0, 6.0]] and np.allclose(y, 6.0)
    with pytest.raises(ShapeError, match=r"Dense 'dense.*made at test_subclassed.py:\d+.*size 3.*got shape \(1, 2\)"):
        layer([[1.0, 2.0]])


def test_attributes_that_models_of_users_often_have():
    """`self.loss`, `self.history`, a list that is filled later: none of them is taken."""

    class Usual(cr.Model):
        def __init__(self):
            super().__init__()
            self.loss = "unset"
            self.blocks = []
            for _ in range(2):
                self.blocks.append(layers.Dense(4))
            self.out = layers.Dense(1)
            self.config_of_mine = {"a": 1}

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return self.out(x)

    model = Usual()
    model.compile("sgd", "mse")
    model.fit(X, REAL, verbose=0)
    assert len(model.weights) == 6 and model.loss == "mse"
    with pytest.raises(ArgumentError, match="'layers' is taken"):
        model.layers = []


def test_weights_are_read_and_assigned_by_name():
    model = Plain()
    model(X)
    model.dense1.kernel.assign(np.zeros((4, 5)))
    model.dense2.bias.assign([2.0])
    close(model(X), np.full((10, 1), 1 / (1 + np.exp(-2.0))))
    assert model.dense1.kernel.path == f"{model.name}/{model.dense1.name}/kernel"


def test_a_variable_of_a_wrong_shape():
    model = Plain()
    model(X)
    with pytest.raises(ShapeError, match=r"variable '.*/kernel': expected a value of shape \(4, 5\); got \(5, 4\)"):
        model.dense1.kernel.assign(np.zeros((5, 4)))


def test_errors_inside_call_come_through_unchanged():
    class Broken(cr.Model):
        def call(self, inputs):
            return inputs.no_such_method()

    with pytest.raises(AttributeError, match="no_such_method"):
        Broken()(X)


def test_a_build_of_ones_own_may_call_the_one_above():
    class Late(cr.Model):
        builds = 0

        def build(self, input_shape):
            self.builds += 1
            self.dense = layers.Dense(2)
            super().build(input_shape)

        def call(self, inputs):
            return self.dense(inputs)

    for start in (lambda m: m(X), lambda m: m.fit(X, X[:, :2], verbose=0), lambda m: m.build((None, 4))):
        model = Late()
        model.compile(loss="mse")
        start(model)
        assert (model.builds, [w.shape for w in model.weights]) == (1, [(4, 2), (2,)])
