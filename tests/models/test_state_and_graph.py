"""The whole state as a tree, graphs as functions, what `compute_metrics` adds to the logs, Variables as numbers."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule import layers, ops
from chainrule.errors import ArgumentError, UnsupportedError

X, Y = np.arange(12.0).reshape(4, 3).astype("float32"), np.arange(4.0).reshape(4, 1)


def compiled() -> cr.Model:
    model = cr.Sequential([cr.Input((3,)), layers.Dense(1, name="d")], name="m")
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, verbose=0)
    return model


def test_the_state_as_a_tree_there_and_back() -> None:
    model = compiled()
    tree = model.get_state_tree("numpy_array")
    assert set(tree) == {"trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables"}
    kernel = tree["trainable_variables"]["m"]["d"]["kernel"]
    assert np.array_equal(kernel, model.layers[0].kernel.numpy())
    assert tree["optimizer_variables"]["adam"]["iteration"] == 1
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(kernel, model.layers[0].kernel.numpy())
    model.set_state_tree(tree)
    assert np.array_equal(kernel, model.layers[0].kernel.numpy()) and int(model.optimizer.iterations) == 1
    for wrong in ({"weights": {}}, {"trainable_variables": {"m": {"d": {"kern": kernel}}}}):
        with pytest.raises(ArgumentError):
            model.set_state_tree(wrong)
    with pytest.raises(ArgumentError):
        model.get_state_tree("list")


def test_what_is_not_there_says_so() -> None:
    model = compiled()
    for call, error in (
        (lambda: model.export("x"), UnsupportedError), (lambda: model.export("x", format="y"), ArgumentError),
        (lambda: model.quantize("float8"), UnsupportedError), (lambda: model.quantize("int7"), ArgumentError),
    ):  # fmt: skip
        with pytest.raises(error):
            call()


def test_a_graph_as_a_function() -> None:
    a, b = cr.Input((2,)), cr.Input((2,))
    function = cr.Function([a, b], {"sum": a + b, "twice": ops.multiply(a, 2)})
    found = function([np.ones((1, 2)), np.full((1, 2), 3.0)])
    assert found["sum"].tolist() == [[4.0, 4.0]] and found["twice"].tolist() == [[2.0, 2.0]]
    assert function.compute_output_shape([(None, 2)] * 2)["sum"] == (None, 2) and len(function.inputs) == 2


@pytest.mark.parametrize("own", [True, False])
def test_what_compute_metrics_returns_is_logged(own: bool) -> None:
    class Watching(cr.Sequential):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            found = super().compute_metrics(x, y, y_pred, sample_weight) if own else {}
            return {**found, "mean": ops.mean(y_pred)}

    model = Watching([cr.Input((3,)), layers.Dense(1)])
    model.compile(cr.optimizers.SGD(0.0), "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=2, batch_size=4, verbose=0, validation_data=(X, Y)).history
    names = {"loss", "mae", "mean"} if own else {"mean"}
    assert set(history) == names | {f"val_{name}" for name in names}
    assert history["mean"] == pytest.approx([model.predict(X, verbose=0).mean()] * 2, rel=1e-5)
    assert set(model.evaluate(X, Y, verbose=0, return_dict=True)) == names
    assert set(model.train_on_batch(X, Y, return_dict=True)) == names


def test_variables_compare_as_numbers_and_are_themselves() -> None:
    a, b = cr.Variable([1.0, 2.0]), cr.Variable([1.0, 2.0])
    assert (a == 1.0).tolist() == [True, False] and (a != np.array([1.0, 3.0])).tolist() == [False, True]
    assert a == a and a != b and a in [b, a] and a not in [b] and len({a, b}) == 2 and a != "a" and a is not None


def test_a_cell_of_another_dtype_computes_in_its_own() -> None:
    rnn = layers.RNN(layers.LSTMCell(2), dtype="float64")
    assert rnn(np.ones((1, 3, 2))).dtype == "float32" and rnn.weights[0].dtype == "float32"


def test_masks_of_merged_inputs() -> None:
    masked = layers.Masking()
    one, two = masked(np.array([[[0.0], [1.0], [3.0]]])), masked(np.array([[[2.0], [0.0], [4.0]]]))
    for layer, expected in ((layers.Multiply(), [2.0, 1.0, 12.0]), (layers.Maximum(), [2.0, 1.0, 4.0])):
        y = layer([one, two])
        assert y.numpy().ravel().tolist() == expected and y._keras_mask.tolist() == [[True, True, True]]
    plain = layers.Add()([one, np.ones((1, 3, 1))])
    assert getattr(plain, "_keras_mask", None) is None
    rows = layers.Concatenate(axis=1)([one, np.ones((1, 1, 1))])
    assert rows._keras_mask.tolist() == [[False, True, True, True]]
    with pytest.raises(ArgumentError):
        layers.Add().compute_mask([one, two], [None])


def test_cloning_with_a_function_that_calls() -> None:
    x = cr.Input((3,))
    model = cr.Model(x, layers.Dense(2)(layers.Dense(4)(x)))

    def call(layer, *args, **kwargs):
        found = layer(*args, **kwargs)
        return layers.ReLU()(found) if isinstance(layer, layers.Dense) else found

    copy = cr.models.clone_model(model, call_function=call)
    assert [type(layer).__name__ for layer in copy.layers[1:]] == ["Dense", "ReLU", "Dense", "ReLU"]
    outer = cr.Sequential([cr.Input((3,)), cr.Sequential([cr.Input((3,)), layers.Dense(2)]), layers.Dense(1)])
    kinds: list[str] = []
    cr.models.clone_model(outer, clone_function=lambda l: kinds.append(type(l).__name__) or type(l).from_config(
        l.get_config()), recursive=True)  # fmt: skip
    assert kinds == ["Dense", "Dense"]
    with pytest.raises(ArgumentError, match="functional"):
        cr.models.clone_model(outer, call_function=call)
