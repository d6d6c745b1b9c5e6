"""Losses against Keras's values and gradients; weights, reductions, alignment, logits, derivatives in float64."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from chainrule import losses, ops
from chainrule.autodiff import reverse
from chainrule.errors import ArgumentError, ShapeError, UnsupportedError
from chainrule.ir import Tensor, evaluate, trace, type_of
from chainrule.serialization import register_keras_serializable, serialize_keras_object
from chainrule.variables import reset_names

from ..core.gradients import check
from .keras_facts import array, bases, configs, found, golden, parameters, signatures

GOLDEN = golden("losses")
CASES = [pytest.param(c, id=f"{c.get('class', c.get('function'))}-{i}") for i, c in enumerate(GOLDEN["cases"])]
WITH_GRADIENT = [p for p in CASES if "gradient" in p.values[0] and "mask" not in p.values[0]]


class Masked(Tensor):
    """A tensor that carries a mask, as the output of a masking layer does."""

    __slots__ = ("_keras_mask",)


def output(case):
    tensor = Masked(array(case["y_pred"]).astype("float32"))
    if "mask" in case:
        tensor._keras_mask = Tensor(np.array(case["mask"]))
    return tensor


def weight(case):
    return None if "sample_weight" not in case else array(case["sample_weight"])


@pytest.mark.parametrize("case", CASES)
def test_values_are_those_of_keras(case):
    y_true = array(case["y_true"])
    if "class" in case:
        value = getattr(losses, case["class"])(**case["config"])(y_true, output(case), sample_weight=weight(case))
    else:
        value = getattr(losses, case["function"])(y_true, output(case), **case["kwargs"])
    expected = np.array(case["expected"], "float32")
    assert value.shape == expected.shape
    # log(1 - 1e-7) is rounded to one or two units of 1.2e-7 in float32, as the order of operations wants it
    np.testing.assert_allclose(value.numpy(), expected, rtol=1e-5, atol=2e-7)


@pytest.mark.parametrize("case", WITH_GRADIENT)
def test_gradients_are_those_of_keras(case):
    loss, y_pred = getattr(losses, case["class"])(**case["config"]), array(case["y_pred"]).astype("float32")
    y_true = array(case["y_true"])
    program, captured = trace(lambda p: [loss(y_true, p, sample_weight=weight(case))], [type_of(y_pred)])
    with np.errstate(all="ignore"):
        operands = [y_pred, *(t.numpy() for t in captured), np.float32(1)]
        gradient = evaluate(reverse(program, [0]), operands)[1]
    expected = np.array(case["gradient"], "float32")  # None becomes NaN: Keras's is not finite there
    finite = np.isfinite(expected)
    assert finite.any()
    np.testing.assert_allclose(gradient[finite], expected[finite], rtol=2e-5, atol=1e-6)


def test_names_are_those_of_keras():
    for name, kind in GOLDEN["names"].items():
        (expected,) = kind.values()
        assert losses.ALL[name].__name__ == expected
        assert isinstance(losses.ALL[name], type) == ("class" in kind)


@pytest.mark.parametrize("path", [p for p, s in signatures("losses").items() if s["kind"] != "property"])
def test_signature_is_that_of_keras(path):
    expected = signatures("losses")[path]
    assert parameters(losses, path, expected["kind"]) == expected["parameters"]
    assert isinstance(found(losses, path), type) == (expected["kind"] == "class")


@pytest.mark.parametrize(("name", "parents"), bases("losses").items())
def test_bases_are_those_of_keras(name, parents):
    assert all(issubclass(getattr(losses, name), getattr(losses, parent)) for parent in parents)


# Arguments that Keras leaves out of the configuration, so that it loses them when a model is saved.
KEPT = {"CosineSimilarity": {"axis": -1}, "Huber": {"delta": 1.0}, "SparseCategoricalCrossentropy": {"axis": -1}}


@pytest.mark.parametrize("case", configs("losses"), ids=lambda c: c["class"])
def test_configurations_are_those_of_keras(case):
    reset_names()
    name = case["class"].rpartition(".")[2]
    config = getattr(losses, name)(**case["arguments"]).get_config()
    assert json.loads(json.dumps(config)) == {**case["expected"], **KEPT.get(name, {})}


@pytest.mark.parametrize("case", [p for p in CASES if "class" in p.values[0] and p.values[0]["config"]])
def test_a_loss_survives_being_written_down(case):
    loss = getattr(losses, case["class"])(**case["config"], name="mine")
    again = losses.deserialize(json.loads(json.dumps(losses.serialize(loss))))
    assert type(again) is type(loss) and again.get_config() == loss.get_config()
    y_true, y_pred = array(case["y_true"]), array(case["y_pred"]).astype("float32")
    np.testing.assert_array_equal(loss(y_true, y_pred).numpy(), again(y_true, y_pred).numpy())


def test_get_takes_names_classes_functions_objects_and_plain_data():
    assert losses.get("mse") is losses.get("MSE") is losses.mean_squared_error
    assert isinstance(losses.get("Huber"), losses.Huber) and isinstance(losses.get(losses.Huber), losses.Huber)
    assert losses.get(None) is None and losses.get(abs) is abs
    assert losses.get(losses.serialize(losses.Huber(3.0))).delta == 3.0
    assert losses.deserialize(losses.serialize(losses.mean_squared_error)) is losses.mean_squared_error
    written_by_keras = {"module": "keras.losses", "class_name": "Poisson", "config": {"name": "p"}}
    assert isinstance(losses.get(written_by_keras), losses.Poisson)
    with pytest.raises(ValueError, match="Did you mean 'mean_squared_error'"):
        losses.get("mean_squarred_error")
    with pytest.raises(ValueError, match="expected a name, an object or a function"):
        losses.get(3)


def test_a_wrapped_function_keeps_its_arguments():
    loss = losses.LossFunctionWrapper(losses.huber, name="h", delta=2.0)
    again = losses.deserialize(losses.serialize(loss))
    assert again.get_config() == loss.get_config() and again.fn is losses.huber
    assert float(again([[0.0]], [[9.0]])) == float(losses.Huber(2.0)([[0.0]], [[9.0]]))


# --- one target a row, one weight a row


@pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy", "Hinge", "Poisson", "LogCosh", "Dice"])
def test_targets_of_shape_n_fit_outputs_of_shape_n_1(name):
    y, p = np.array([0.0, 1.0, 1.0, 0.0], "float32"), np.array([[0.3], [0.6], [0.9], [0.2]], "float32")
    loss = getattr(losses, name)()
    expected = float(loss(y[:, None], p))
    assert float(loss(y, p)) == float(loss(y[:, None], p[:, 0])) == expected
    assert float(losses.LossFunctionWrapper(loss.fn)(y, p)) == expected
    weights = np.array([1.0, 2.0, 0.0, 0.5], "float32")
    if name != "Dice":  # one number for the whole batch
        assert float(loss(y, p, sample_weight=weights)) == float(loss(y, p, sample_weight=weights[:, None]))


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "Hinge", "Huber"])
def test_one_number_is_a_target_for_all_outputs(name):
    p = np.random.default_rng(0).normal(size=(4, 5, 1)).astype("float32")
    loss = getattr(losses, name)()
    assert float(loss(-1.0, p)) == float(loss(-np.ones_like(p), p))


@pytest.mark.parametrize(
    ("name", "y_true", "y_pred", "advice"),
    [
        ("MeanSquaredError", (4, 3), (4, 1), "as many units as a target has numbers"),
        ("MeanSquaredError", (3,), (4, 3), r"y_true of shape \(3,\) and y_pred of shape \(4, 3\)"),
        ("CategoricalCrossentropy", (4,), (4, 3), "use sparse_categorical_crossentropy"),
        ("CategoricalCrossentropy", (4, 1), (4, 3), "use sparse_categorical_crossentropy"),
        ("CategoricalFocalCrossentropy", (4,), (4, 3), "use sparse_categorical_crossentropy"),
        ("SparseCategoricalCrossentropy", (4, 3), (4, 3), "use categorical_crossentropy"),
        ("SparseCategoricalCrossentropy", (5,), (4, 3), r"have shape \(4,\) here"),
        ("BinaryCrossentropy", (4,), (4, 3), "for one of several classes use a softmax"),
        ("BinaryCrossentropy", (5, 1), (4, 1), r"\(5, 1\) and y_pred of shape \(4, 1\)"),
        ("CategoricalHinge", (4,), (4, 3), "One-hot encode"),
        ("Circle", (5,), (4, 3), "labels"),
        ("CTC", (4,), (4, 3, 2), "labels"),
    ],
)
def test_shapes_that_do_not_fit_are_an_error_that_says_what_to_do(name, y_true, y_pred, advice):
    with pytest.raises(ShapeError, match=advice):
        getattr(losses, name)()(np.zeros(y_true, "int32"), np.ones(y_pred, "float32"))


def test_a_weight_a_row_counts_for_all_values_of_the_row():
    y, p = np.zeros((2, 2, 3), "float32"), np.ones((2, 2, 3), "float32")
    loss = losses.MeanSquaredError(reduction="none")
    for weights in ([1.0, 3.0], [[1.0], [3.0]], [[1.0, 1.0], [3.0, 3.0]]):
        assert loss(y, p, sample_weight=np.array(weights)).tolist() == [[1.0, 1.0], [3.0, 3.0]]
    with pytest.raises(ShapeError, match="expected one weight a sample"):
        loss(y, p, sample_weight=np.ones(3))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None])
def test_weights_of_one_change_nothing(reduction):
    y, p = np.arange(6.0).reshape(3, 2), np.arange(6.0).reshape(3, 2)[::-1]
    loss = losses.MeanAbsoluteError(reduction=reduction)
    np.testing.assert_array_equal(loss(y, p).numpy(), loss(y, p, sample_weight=np.ones(3)).numpy())


def test_reductions_and_their_names():
    y, p, w = np.zeros((2, 1)), np.array([[1.0], [2.0]]), np.array([1.0, 3.0])
    values = {r: losses.MeanSquaredError(reduction=r)(y, p, sample_weight=w).tolist() for r in losses.loss.REDUCTIONS}
    assert values == {"sum_over_batch_size": 6.5, "mean": 6.5, "sum": 13.0, "mean_with_sample_weight": 3.25,
                      "none": [1.0, 12.0], None: [1.0, 12.0]}  # fmt: skip
    with pytest.raises(ValueError, match="Did you mean 'sum'"):
        losses.MeanSquaredError(reduction="summ")


def test_a_mask_takes_time_steps_out_of_the_mean():
    p = Masked(np.array([[[1.0], [5.0]], [[2.0], [2.0]]], "float32"))
    p._keras_mask = Tensor(np.array([[True, False], [True, True]]))
    y = np.zeros((2, 2, 1), "float32")
    assert float(losses.MeanSquaredError()(y, p)) == pytest.approx(3.0)  # (1 + 4 + 4) / 3
    assert float(losses.MeanSquaredError(reduction="sum")(y, p, sample_weight=[1.0, 2.0])) == pytest.approx(17.0)


# --- logits


def saturated(loss, activation, x, y):
    """The loss of `activation(x)` and its gradient by x."""
    program, captured = trace(lambda t: [loss(y, activation(t))], [type_of(x)])
    operands = [x, *(t.numpy() for t in captured), np.float32(1)]
    value, gradient = evaluate(reverse(program, [0]), operands)
    return float(value), gradient.tolist()


def test_cross_entropy_of_a_sigmoid_or_softmax_is_computed_from_the_logits():
    column, row = np.array([[200.0]], "float32"), np.array([[0.0, 200.0]], "float32")
    assert saturated(losses.BinaryCrossentropy(), ops.sigmoid, column, np.zeros(1, "int32")) == (200.0, [[1.0]])
    assert saturated(losses.BinaryFocalCrossentropy(), ops.sigmoid, column, np.zeros((1, 1)))[0] == 200.0
    expected = (200.0, [[-1.0, 1.0]])
    assert saturated(losses.SparseCategoricalCrossentropy(), ops.softmax, row, np.zeros(1, "int32")) == expected
    assert saturated(losses.CategoricalCrossentropy(), ops.softmax, row, np.array([[1, 0]])) == expected


def test_logits_survive_a_change_of_dtype_and_of_rank():
    p = ops.sigmoid(np.array([100.0], "float32"))
    assert float(losses.BinaryCrossentropy(dtype="float64")(np.array([[0.0]]), p)) == 100.0


def test_logits_of_the_wrong_kind_are_not_used():
    p = ops.softmax(np.array([[0.0, 50.0]], "float32"))  # two probabilities, each compared by itself
    expected = losses.binary_crossentropy([[1.0, 0.0]], p.numpy())
    assert losses.binary_crossentropy([[1.0, 0.0]], p).tolist() == expected.tolist()
    turned = ops.softmax(np.array([[0.0, 50.0], [1.0, 2.0]], "float32"))
    expected = losses.categorical_crossentropy(np.eye(2), turned.numpy(), axis=0)
    assert losses.categorical_crossentropy(np.eye(2), turned, axis=0).tolist() == expected.tolist()


# --- classes that do not exist


def test_a_target_that_is_no_class_is_an_error_and_nan_in_a_recording():
    loss, p = losses.SparseCategoricalCrossentropy(), np.full((2, 3), 1 / 3, "float32")
    for wrong in (3, -1):
        with pytest.raises(ArgumentError, match=f"from 0 to 2, one of the 3 classes of the last layer; got {wrong}"):
            loss(np.array([0, wrong]), p)
        program, _ = trace(lambda y: [loss(y, p)], [type_of(np.zeros(2, "int32"))])
        assert np.isnan(evaluate(program, [np.array([0, wrong], "int32")])[0])
    assert float(losses.SparseCategoricalCrossentropy(ignore_class=-1)([0, -1], p)) == pytest.approx(np.log(3))


def test_class_numbers_stay_exact_in_half_precision():
    p = np.zeros((1, 4001), "float16")
    p[0, 4000] = 10.0
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float16")
    exact = np.log1p(4000 * np.exp(-10.0))
    assert float(loss(np.array([4000]), p)) == pytest.approx(exact, rel=0.02)  # 3999 would give 10.2


# --- losses of one's own


def test_a_loss_of_ones_own():
    class Worst(losses.Loss):
        def call(self, y_true, y_pred):
            assert y_true.type.dtype == y_pred.type.dtype == "float32"
            return ops.max(ops.abs(y_true - y_pred), axis=-1)

    loss = Worst()
    assert loss.name.startswith("worst") and loss.get_config()["reduction"] == "sum_over_batch_size"
    assert float(loss([[0, 1], [0, 0]], [[2.0, 1.0], [1.0, 0.0]], sample_weight=[1.0, 2.0])) == 2.0
    with pytest.raises(UnsupportedError, match="expected a method call"):
        losses.Loss()([0.0], [1.0])


def test_a_function_of_ones_own():
    @register_keras_serializable("test")
    def distance(y_true, y_pred):
        assert y_true.shape == y_pred.shape == (2, 1)
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)

    loss = losses.resolve_loss(distance, (2,), (2, 1))
    assert loss.name == "distance" and float(loss(np.array([1.0, 2.0]), np.array([[2.0], [4.0]]))) == 1.5
    assert losses.get(serialize_keras_object(distance)) is distance


def test_structures_reach_the_function_with_aligned_parts():
    loss = losses.LossFunctionWrapper(lambda t, p: ops.abs(t["a"] - p["a"]) + ops.abs(t["b"] - p["b"]))
    y, p = {"a": np.array([1.0]), "b": np.array([[2.0]])}, {"a": np.array([[2.0]]), "b": np.array([[4.0]])}
    assert float(loss(y, p)) == 3.0


@pytest.mark.parametrize(
    ("y_shape", "p_shape", "function"),
    [
        ((8,), (8, 1), losses.binary_crossentropy), ((8, 1), (8, 1), losses.binary_crossentropy),
        ((8,), (8, 3), losses.sparse_categorical_crossentropy), ((8, 3), (8, 3), losses.categorical_crossentropy),
        ((8, 1), (8, 3), losses.sparse_categorical_crossentropy), ((8,), (8,), losses.binary_crossentropy),
        ((8, 5), (8, 5, 3), losses.sparse_categorical_crossentropy),
    ],
)  # fmt: skip
def test_crossentropy_is_chosen_by_shape(y_shape, p_shape, function):
    loss = losses.resolve_loss("ce", y_shape, p_shape)
    assert loss.fn is function and loss.name == "ce"
    assert losses.resolve_loss("mse", y_shape, p_shape).name == "mse"
    assert losses.resolve_loss(None, y_shape, p_shape) is None


# --- independent checks


def test_ctc_is_the_sum_over_all_paths():
    rng = np.random.default_rng(0)
    logits, labels = rng.standard_normal((3, 4, 3)), np.array([[1, 2], [1, 1], [2, 0]])
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)

    def read(path):
        merged = [k for k, _ in itertools.groupby(path)]
        return [k for k in merged if k]

    expected = []
    for n, label in enumerate(labels):
        paths = [q for q in itertools.product(range(3), repeat=4) if read(q) == [k for k in label if k]]
        expected.append(-np.log(sum(np.prod([p[n, t, k] for t, k in enumerate(q)]) for q in paths)))
    np.testing.assert_allclose(losses.ctc(labels, logits).numpy(), expected, rtol=1e-12)
    assert losses.ctc([[1, 1, 1]], logits[:1]).tolist() == [np.inf]  # needs five steps, has four


RNG = np.random.default_rng(3)
REAL = (RNG.standard_normal((4, 3)), RNG.standard_normal((4, 3)))
POSITIVE = (RNG.uniform(0.5, 3, (4, 3)), RNG.uniform(0.5, 3, (4, 3)))
SHARES = (RNG.dirichlet(np.ones(3), 4), RNG.dirichlet(np.ones(3), 4))
BITS = (np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]), RNG.uniform(0.1, 0.9, (2, 3)))
NUMBERS = (np.array([0, 2, 1, 2]), SHARES[1])
SMOOTH = [
    (losses.MeanSquaredError(), REAL), (losses.MeanAbsoluteError(), REAL),
    (losses.MeanAbsolutePercentageError(), POSITIVE), (losses.MeanSquaredLogarithmicError(), POSITIVE),
    (losses.Huber(0.7), REAL), (losses.LogCosh(), REAL), (losses.CosineSimilarity(), REAL),
    (losses.KLDivergence(), SHARES), (losses.Poisson(), POSITIVE), (losses.BinaryCrossentropy(), BITS),
    (losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), (BITS[0], REAL[1][:2])),
    (losses.BinaryFocalCrossentropy(apply_class_balancing=True), BITS),
    (losses.BinaryFocalCrossentropy(from_logits=True), (BITS[0], REAL[1][:2])),
    (losses.CategoricalCrossentropy(), SHARES), (losses.CategoricalCrossentropy(from_logits=True), SHARES),
    (losses.CategoricalFocalCrossentropy(label_smoothing=0.1), SHARES),
    (losses.CategoricalFocalCrossentropy(from_logits=True), SHARES),
    (losses.SparseCategoricalCrossentropy(), NUMBERS), (losses.SparseCategoricalCrossentropy(ignore_class=2), NUMBERS),
    (losses.SparseCategoricalCrossentropy(from_logits=True), NUMBERS),
    (losses.CategoricalGeneralizedCrossEntropy(0.3), NUMBERS),
    (losses.Hinge(), (np.sign(REAL[0]), REAL[1])), (losses.SquaredHinge(), (np.sign(REAL[0]), REAL[1])),
    (losses.CategoricalHinge(), (np.eye(3)[[0, 2, 1, 2]], REAL[1])),
    (losses.Dice(axis=1), BITS), (losses.Tversky(alpha=0.3, beta=0.7), BITS), (losses.Circle(gamma=2.0), NUMBERS),
    (losses.CTC(), (np.array([[1, 2], [2, 2]]), RNG.standard_normal((2, 5, 3)))),
]  # fmt: skip


def test_every_loss_is_checked():
    every = {cls for cls in losses.CLASSES if cls not in (losses.Loss, losses.LossFunctionWrapper)}
    assert {type(loss) for loss, _ in SMOOTH} == every


@pytest.mark.parametrize(("loss", "data"), SMOOTH, ids=lambda x: getattr(x, "name", ""))
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_is_the_difference_quotient(loss, data, weighted):
    """In float64, by reverse and by forward mode, through weights as well."""
    y_true, y_pred = data
    again = type(loss).from_config({**loss.get_config(), "dtype": "float64"})
    weights = RNG.uniform(0.5, 2, y_pred.shape[0])

    def function(p, w):
        one = type(loss) in (losses.Dice, losses.Tversky) and loss.axis is None
        return [again(y_true, p, sample_weight=w if weighted and not one else None), ops.sum(w)]

    program, captured = trace(function, [type_of(y_pred), type_of(weights)])
    check(program, [y_pred, weights, *(t.numpy() for t in captured)])


def test_a_function_that_gives_one_number_for_a_batch_may_meet_weights_for_every_step():
    y, p = np.zeros((2, 3), "float32"), np.ones((2, 3), "float32")
    loss = losses.LossFunctionWrapper(lambda y_true, y_pred: ops.mean(y_pred) * 3)
    outputs = ops.convert_to_tensor(p)
    outputs._keras_mask = ops.convert_to_tensor([[True, False, False], [True, True, False]])
    assert float(loss(y, outputs)) == pytest.approx(3, rel=1e-6)
    assert float(loss(y, p, sample_weight=np.full((2, 3), 2.0))) == pytest.approx(6, rel=1e-6)
