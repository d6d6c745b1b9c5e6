"""Scopes, operations and functions as scripts for Keras 3 use them."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.compat import active
from chainrule.errors import ArgumentError, ShapeError


def test_a_model_without_its_state():
    with active():
        import keras
        from keras import ops

        layer = keras.layers.BatchNormalization(momentum=0.5)
        layer.build((None, 2))
        before = [np.array(w) for w in layer.weights]
        mapping = [(w, ops.ones(w.shape, w.dtype) * 2) for w in layer.weights]
        with keras.StatelessScope(state_mapping=mapping) as scope:
            y = layer(np.array([[1.0, 2.0], [3.0, 6.0]], "float32"), training=True)
        # mean 2, 4; variance 1, 4: half of it and half of 2
        np.testing.assert_allclose(scope.get_current_value(layer.moving_mean), [2.0, 3.0])
        np.testing.assert_allclose(scope.get_current_value(layer.moving_variance), [1.5, 3.0])
        np.testing.assert_allclose(y, 2 * np.array([[-1, -1], [1, 1]]) + 2, atol=2e-3)
        assert all(np.array_equal(w, b) for w, b in zip(layer.weights, before, strict=True))
        with pytest.raises(ArgumentError, match="pairs of a Variable"):
            keras.StatelessScope([(3, 4)])
        with pytest.raises(ShapeError, match=r"expected shape \(2,\)"):
            keras.StatelessScope([(layer.gamma, [1.0])])
        with keras.SymbolicScope():
            assert keras.KerasTensor((2, 3)).shape == (2, 3)


def test_an_operation_of_the_users_in_a_model(tmp_path):
    with active():
        import keras

        @keras.saving.register_keras_serializable("scopes")
        class Scale(keras.Operation):
            def __init__(self, factor, *, name=None):
                super().__init__(name=name)
                self.factor = factor

            def call(self, x):
                return x * self.factor

            def compute_output_spec(self, x):
                return keras.KerasTensor(x.shape, dtype=x.dtype)

        x = keras.Input((3,))
        model = keras.Model(x, keras.layers.Dense(1)(Scale(3.0)(x)))
        data = np.ones((2, 3), "float32")
        wanted = 3 * data @ np.array(model.weights[0]) + np.array(model.weights[1])
        np.testing.assert_allclose(model.predict(data, verbose=0), wanted, rtol=1e-6)
        model.save(tmp_path / "m.keras")
        again = keras.models.load_model(tmp_path / "m.keras")
        np.testing.assert_allclose(again.predict(data, verbose=0), wanted, rtol=1e-6)


def test_a_function_from_its_config():
    with active():
        import keras

        a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
        function = keras.Function({"a": a, "b": b}, [a + b, a * 2.0], name="both")
        again = keras.Function.from_config(function.get_config())
        data = {"a": np.array([[1.0, 2.0]]), "b": np.array([[3.0, 4.0]])}
        for one in (function, again):
            total, double = one(data)
            assert (np.array(total).tolist(), np.array(double).tolist()) == ([[4.0, 6.0]], [[2.0, 4.0]])
        assert again.name == "both" and set(function.input) == {"a", "b"} and len(function.output) == 2
        assert [t.shape for t in function.symbolic_call({"a": a, "b": a})] == [(None, 2), (None, 2)]


def test_limits_for_scripts_that_are_tried_out(monkeypatch):
    with active():
        import keras

        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        x, y = np.zeros((48, 2)), np.zeros((48, 1))
        counted = []
        count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: counted.append(batch))
        keras.config.set_max_epochs(2)
        keras.config.set_max_steps_per_epoch(3)
        try:
            assert len(model.fit(x, y, batch_size=8, epochs=9, verbose=0, callbacks=[count]).history["loss"]) == 2
            assert counted == [0, 1, 2] * 2
            assert model.predict(x, batch_size=8, verbose=0).shape == (24, 1)
            assert len(model.fit(x, y, batch_size=24, epochs=9, verbose=0, callbacks=[count]).history["loss"]) == 2
            assert counted == [0, 1, 2] * 2 + [0, 1] * 2
        finally:
            keras.config.set_max_epochs(None)
            keras.config.set_max_steps_per_epoch(None)
        assert model.predict(x, batch_size=8, verbose=0).shape == (48, 1)
        with pytest.raises(ArgumentError, match="set_max_epochs: expected a positive integer"):
            keras.config.set_max_epochs(0)
