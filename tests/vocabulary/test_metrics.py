"""Metrics against Keras's values batch by batch; recording, alignment, weights, names, independent formulas."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule import losses, metrics, ops
from chainrule.errors import ArgumentError, NotBuiltError, ShapeError, UnsupportedError
from chainrule.ir import Tensor, evaluate, trace, type_of
from chainrule.metrics.counting import KINDS, count_at, count_in_bins
from chainrule.primitives.arithmetic import as_operand
from chainrule.serialization import deserialize_keras_object, serialize_keras_object
from chainrule.variables import StateScope, reset_names

from .keras_facts import array, bases, configs, found, golden, parameters, signatures

GOLDEN = golden("metrics")
CASES = [pytest.param(c, id=f"{c['class']}-{i}") for i, c in enumerate(GOLDEN["cases"]) if "class" in c]
FUNCTIONS = [pytest.param(c, id=f"{c['function']}-{i}") for i, c in enumerate(GOLDEN["cases"]) if "function" in c]


def make(case):
    config = {key: getattr(losses, value) if key == "fn" else value for key, value in case["config"].items()}
    return getattr(metrics, case["class"])(**config)


def updates(case):
    return [{key: array(value) for key, value in update.items()} for update in case["updates"]]


def without_mask(case):
    """Keras counts ignored classes in the metric's mean, unless there are weights; in the loss it never does."""
    return case["class"] == "SparseCategoricalCrossentropy" and "ignore_class" in case["config"] and (
        "sample_weight" not in case["updates"][0]
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_values_are_those_of_keras(case):
    metric = make(case)
    if "initial" in case:
        np.testing.assert_array_equal(metric.result().numpy(), np.array(case["initial"], "float32"))
    for update, expected in zip(updates(case), case["expected"], strict=True):
        metric.update_state(**update)
        value = metric.result().numpy()
        assert value.shape == np.shape(expected)
        if not without_mask(case):
            np.testing.assert_allclose(value, expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("case", FUNCTIONS)
def test_functions_are_those_of_keras(case):
    value = getattr(metrics, case["function"])(array(case["y_true"]), array(case["y_pred"]), **case["kwargs"])
    assert value.shape == np.shape(case["expected"])
    np.testing.assert_allclose(value.numpy(), case["expected"], rtol=2e-6, atol=1e-6)


def recorded_update(metric, names, count):
    """(state, arguments) -> (new state, result)."""

    def step(*tensors):
        new = metric.stateless_update_state(tensors[:count], **dict(zip(names, tensors[count:], strict=True)))
        return [*new, metric.stateless_result(new)]

    return step


@pytest.mark.parametrize("case", CASES)
def test_an_update_can_be_recorded(case):
    """The state after each batch, computed by a Program, is the one of the eager update; so is the result."""
    metric, again = make(case), make(case)
    for update in updates(case):
        metric.update_state(**update)
        again.build(*(np.shape(update.get(key, ())) for key in ("y_true", "y_pred")))
        names, arrays = list(update), list(update.values())
        state = [v.numpy() for v in again.variables]

        step = recorded_update(again, names, len(state))
        program, captured = trace(step, [type_of(a) for a in [*state, *arrays]], "update")
        with np.errstate(all="ignore"):
            *new, value = evaluate(program, [*state, *arrays, *(t.numpy() for t in captured)])
        np.testing.assert_array_equal(value, metric.result().numpy())
        for variable, kept, numbers in zip(again.variables, metric.variables, new, strict=True):
            np.testing.assert_array_equal(variable.numpy(), state[again.variables.index(variable)])  # untouched
            np.testing.assert_array_equal(numbers, kept.numpy())
            variable.assign(numbers)


def test_names_are_those_of_keras():
    for name, kind in GOLDEN["names"].items():
        assert metrics.ALL[name].__name__ == kind["class"]


@pytest.mark.parametrize("path", [p for p, s in signatures("metrics").items() if s["kind"] != "property"])
def test_signature_is_that_of_keras(path):
    expected = signatures("metrics")[path]
    assert parameters(metrics, path, expected["kind"]) == expected["parameters"]
    assert isinstance(found(metrics, path), type) == (expected["kind"] == "class")


@pytest.mark.parametrize(("name", "parents"), bases("metrics").items())
def test_bases_are_those_of_keras(name, parents):
    assert all(issubclass(getattr(metrics, name), getattr(metrics, parent)) for parent in parents)


# Arguments that Keras leaves out of the configuration, so that it loses them when a model is saved.
KEPT = {"CosineSimilarity": {"axis": -1}, "SparseTopKCategoricalAccuracy": {"from_sorted_ids": False}}


@pytest.mark.parametrize("case", configs("metrics"), ids=lambda c: c["class"])
def test_configurations_are_those_of_keras(case):
    reset_names()
    name = case["class"].rpartition(".")[2]
    config = getattr(metrics, name)(**case["arguments"]).get_config()
    assert json.loads(json.dumps(config)) == {**case["expected"], **KEPT.get(name, {})}


@pytest.mark.parametrize("case", CASES)
def test_a_metric_survives_being_written_down(case):
    metric = make(case)
    data = json.loads(json.dumps(metrics.serialize(metric)))
    again, anywhere = metrics.deserialize(data), deserialize_keras_object(data)  # the latter among losses of that name
    assert type(again) is type(anywhere) is type(metric)
    assert again.get_config() == anywhere.get_config() == metric.get_config()


def test_get_takes_names_classes_objects_and_plain_data():
    assert isinstance(metrics.get("mse"), metrics.MeanSquaredError)
    assert isinstance(metrics.get(metrics.AUC), metrics.AUC) and metrics.get(None) is None
    assert metrics.get({"class_name": "Precision", "config": {"thresholds": 0.2}}).thresholds == [0.2]
    written_by_keras = {"module": "keras.metrics", "class_name": "Poisson", "config": {"name": "p"}}
    assert isinstance(metrics.get(written_by_keras), metrics.Poisson)
    assert isinstance(metrics.get({"class_name": "Poisson", "config": {}}), metrics.Poisson)
    with pytest.raises(ValueError, match="Did you mean 'precision'"):
        metrics.get("precison")


# --- which metric "accuracy" is

SHAPES = [
    ((8,), (8, 1), "Binary"), ((8, 1), (8, 1), "Binary"), ((8,), (8, 3), "SparseCategorical"),
    ((8, 1), (8, 3), "SparseCategorical"), ((8, 3), (8, 3), "Categorical"), ((8, 5), (8, 5, 3), "SparseCategorical"),
    ((8, 5, 1), (8, 5, 1), "Binary"), ((8, 5, 3), (8, 5, 3), "Categorical"), ((8,), (8, 5, 1), "Binary"),
]  # fmt: skip


@pytest.mark.parametrize(("y_shape", "p_shape", "kind"), SHAPES)
def test_accuracy_and_crossentropy_are_chosen_by_shape(y_shape, p_shape, kind):
    for name in ("accuracy", "acc"):
        metric = metrics.resolve_metric(name, y_shape, p_shape)
        assert type(metric).__name__ == f"{kind}Accuracy" and metric.name == name
    for name in ("crossentropy", "ce"):
        metric = metrics.resolve_metric(name, y_shape, p_shape)
        assert type(metric).__name__ == f"{kind}Crossentropy" and metric.name == name


def test_other_metrics_by_name_function_and_object():
    assert metrics.resolve_metric("mse", (8,), (8, 1)).name == "mse"
    assert metrics.resolve_metric(metrics.mean_absolute_error, (8,), (8, 1)).name == "mean_absolute_error"
    auc = metrics.AUC(name="a")
    assert metrics.resolve_metric(auc, (8,), (8, 1)) is auc and metrics.resolve_metric(None, (8,), (8, 1)) is None


# --- state


def test_a_result_prints_and_counts_like_a_number():
    metric = metrics.BinaryAccuracy()
    metric.update_state(np.array([1, 0, 1]), np.array([[0.9], [0.2], [0.3]]))
    value = metric.result()
    assert f"{value:.2f}" == "0.67" and f"{value * 100:.1f}%" == "66.7%"
    assert float(value) == pytest.approx(2 / 3) and isinstance(value.numpy(), np.ndarray)
    assert float(metric([0], [[0.1]])) == 0.75  # a call updates and gives the result
    metric.reset_state()
    assert float(metric.result()) == 0.0 and repr(metric) == "<BinaryAccuracy name=binary_accuracy>"


def test_names_count_up():
    reset_names()
    assert [metrics.AUC().name, metrics.AUC().name, metrics.IoU(2, [0]).name] == ["auc", "auc_1", "io_u"]


class Pair(metrics.Metric):
    """A metric made of others, one of them in a list, and of state of its own."""

    def __init__(self):
        super().__init__(name="pair")
        self.parts = [metrics.Mean(), metrics.Sum()]
        self.last = metrics.Mean()
        self.seen = self.add_weight(shape=(2,), initializer="ones", dtype="int32", name="seen")

    def update_state(self, values, sample_weight=None):
        for part in [*self.parts, self.last]:
            part.update_state(values, sample_weight)
        self.seen.assign_add([1, 2])

    def result(self):
        return {"mean": self.parts[0].result(), "sum": self.parts[1].result()}


def test_a_metric_of_metrics_owns_their_state():
    metric = Pair()
    assert len(metric.variables) == 6 and metric.seen.dtype == "int32"
    metric.update_state([1.0, 3.0])
    assert {k: float(v) for k, v in metric.result().items()} == {"mean": 2.0, "sum": 4.0}
    assert metric.seen.numpy().tolist() == [2, 3]
    new = metric.stateless_update_state([v.value for v in metric.variables], [5.0])
    assert float(metric.stateless_result(new)["sum"]) == 9.0 and float(metric.result()["sum"]) == 4.0
    assert all(not np.any(t.numpy()) for t in metric.stateless_reset_state())
    metric.reset_state()
    assert all(not np.any(v.numpy()) for v in metric.variables)


def test_mistakes_in_metrics_of_ones_own_say_what_to_do():
    class Early(metrics.Metric):
        def __init__(self):
            self.inner = metrics.Mean()

    with pytest.raises(NotBuiltError, match=r"call super\(\).__init__\(\)"):
        Early()
    for call in (metrics.Metric().update_state, metrics.Metric().result):
        with pytest.raises(UnsupportedError, match="none is defined"):
            call()


# --- shapes, weights, masks

COLUMN = ["MeanSquaredError", "RootMeanSquaredError", "BinaryAccuracy", "Accuracy", "AUC", "Precision", "Recall",
          "TruePositives", "BinaryCrossentropy", "Hinge", "R2Score", "BinaryIoU"]  # fmt: skip


@pytest.mark.parametrize("name", COLUMN)
def test_targets_of_shape_n_fit_outputs_of_shape_n_1(name):
    y, p = np.array([0.0, 1.0, 1.0, 0.0], "float32"), np.array([[0.3], [0.6], [0.9], [0.7]], "float32")
    make = getattr(metrics, name)
    expected = float(make()(y[:, None], p))
    assert float(make()(y, p)) == expected
    weights = np.array([1.0, 2.0, 1.0, 3.0], "float32")
    by_row = float(make()(y, p, sample_weight=weights))
    assert by_row == float(make()(y, p, sample_weight=weights[:, None])) == float(make()(y[:, None], p, weights))


@pytest.mark.parametrize(
    ("name", "y_true", "y_pred", "advice"),
    [
        ("MeanSquaredError", (4, 3), (4, 1), "as many units"), ("Precision", (4, 2), (4, 3), "as many units"),
        ("BinaryAccuracy", (4,), (4, 3), r"y_true of shape \(4,\) and y_pred of shape \(4, 3\)"),
        ("CategoricalAccuracy", (4,), (4, 3), "use sparse_categorical_accuracy"),
        ("SparseCategoricalAccuracy", (4, 3), (4, 3), "Integer targets have shape"),
        ("F1Score", (4,), (4, 3), "Both must be"), ("R2Score", (4,), (4,), "Both must be"),
        ("BinaryIoU", (4,), (5,), "as many units"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_an_error_that_says_what_to_do(name, y_true, y_pred, advice):
    with pytest.raises(ShapeError, match=advice):
        getattr(metrics, name)().update_state(np.zeros(y_true, "int32"), np.ones(y_pred, "float32"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.Precision(thresholds=1.5), "thresholds from 0 to 1"),
        (lambda: metrics.AUC(num_thresholds=1), "at least 2"), (lambda: metrics.AUC(curve="RCO"), "Did you mean 'ROC'"),
        (lambda: metrics.SensitivityAtSpecificity(1.5), "specificity from 0 to 1"),
        (lambda: metrics.RecallAtPrecision(0.5, num_thresholds=0), "at least 1"),
        (lambda: metrics.FBetaScore(beta=-1.0), "beta"), (lambda: metrics.FBetaScore(average="mean"), "average"),
        (lambda: metrics.F1Score(threshold=2.0), "threshold"), (lambda: metrics.R2Score("mean"), "class_aggregation"),
        (lambda: metrics.R2Score(num_regressors=-1), "num_regressors"), (lambda: metrics.IoU(2, [2]), "from 0 to 1"),
        (lambda: metrics.F1Score().result(), "before the first update"),
        (lambda: metrics.R2Score().result(), "before the first update"),
        (lambda: metrics.Precision(class_id=3)([[0, 1]], [[0.1, 0.9]]), "a class 3 on the last axis"),
    ],
)  # fmt: skip
def test_arguments_out_of_range_are_an_error(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()


class Masked(Tensor):
    """A tensor that carries a mask."""

    __slots__ = ("_keras_mask",)


def test_masked_steps_do_not_count():
    p = Masked(np.array([[0.1], [0.9], [0.2]], "float32"))
    p._keras_mask = Tensor(np.array([True, False, True]))
    y = np.array([[0], [0], [1]])
    assert float(metrics.BinaryAccuracy()(y, p)) == 0.5
    assert float(metrics.BinaryAccuracy()(y, p, sample_weight=[1.0, 1.0, 3.0])) == 0.25
    assert float(metrics.MeanSquaredError()(y, p)) == pytest.approx((0.01 + 0.64) / 2)


def test_an_ignored_class_does_not_count_where_there_are_weights_else_as_no_error():
    """As Keras 3.15 has it: 0.78462 is the number of its own test."""
    y, p = np.array([0, 1, 2, 1]), np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.05, 0.05, 0.9], [0.1, 0.6, 0.3]])
    metric, loss = metrics.SparseCategoricalCrossentropy(ignore_class=1), losses.SparseCategoricalCrossentropy
    assert float(metric(y, p, np.ones(4))) == pytest.approx(float(loss(ignore_class=1)(y, p)), rel=1e-6)
    assert float(metric.result()) == pytest.approx(-(np.log(0.7) + np.log(0.9)) / 2)
    plain = metrics.SparseCategoricalCrossentropy(ignore_class=0)
    found = plain(np.array([0, 1, 2]), np.array([[0.8, 0.1, 0.1], [0.05, 0.95, 0], [0.1, 0.8, 0.1]]))
    assert float(found) == pytest.approx(0.78462, abs=1e-5)


# --- independent formulas

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("lowest", [0.0, -1e-7])
@pytest.mark.parametrize("per_label", [False, True])
def test_counting_in_bins_is_counting_at_thresholds(lowest, per_label):
    y, p = RNG.integers(0, 2, (50, 3)), RNG.integers(0, 9, (50, 3)) / 8  # many outputs lie on thresholds
    weights = RNG.integers(0, 5, (50, 3)).astype("float64")
    thresholds = [lowest, *(i / 8 for i in range(1, 8)), 1 - lowest]
    args = [as_operand(y), as_operand(p), thresholds, as_operand(weights), per_label]
    bins, plain = count_in_bins(*args), count_at(*args)
    assert set(bins) == set(plain) == set(KINDS)
    for kind, expected in plain.items():
        np.testing.assert_array_equal(bins[kind].numpy(), expected.numpy())


def test_auc_is_the_share_of_pairs_in_the_right_order():
    y, p = RNG.integers(0, 2, 200), RNG.integers(0, 100, 200) / 99  # every output lies on a threshold or between
    positive, negative = p[y == 1][:, None], p[y == 0][None]
    pairs = np.mean((positive > negative) + 0.5 * (positive == negative))
    assert float(metrics.AUC(num_thresholds=1000)(y, p)) == pytest.approx(pairs, abs=1e-6)
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(y[order])
    average = np.sum(y[order] * hits / np.arange(1, 201)) / y.sum()  # average precision: near the area, not the same
    assert float(metrics.AUC(curve="PR", num_thresholds=1000)(y, p)) == pytest.approx(average, abs=0.02)


def test_curves_of_perfect_and_of_useless_outputs():
    y = np.array([0, 1] * 50)
    for curve in ("ROC", "PR", "PRGAIN"):
        assert float(metrics.AUC(curve=curve)(y, y.astype("float32"))) == pytest.approx(1.0)
    assert float(metrics.AUC()(y, np.full(100, 0.3))) == pytest.approx(0.5)
    assert float(metrics.AUC()([0, 1, 1, 0], [-0.3, 0.4, 1.7, 0.2])) == 1.0  # as if they were 0 and 1


# Keras 3.15.1's answers: PRGAIN is not in the golden file.
GAINS = [
    ([0, 1, 1, 0, 1, 0], [0.1, 0.4, 0.8, 0.5, 0.9, 0.05], 7, (0.9166666, 0.8333333, 1.0)),
    ([0, 1, 1, 0, 1, 0, 0], [0.1, 0.4, 0.8, 0.5, 0.9, 0.05, 0.3], 200, (0.8828125, 0.859375, 0.90625)),
    ([1, 1, 0, 0, 0, 1], [0.6, 0.2, 0.7, 0.1, 0.35, 0.3], 200, (-0.1666667, -0.5, 0.1666666)),
    ([1, 1, 0, 0, 0, 1], [0.6, 0.2, 0.7, 0.1, 0.35, 0.3], 5, (0.0, 0.0, 0.0)),
    ([1, 0, 0], [0.2, 0.9, 0.1], 3, (0.5, 0.0, 1.0)), ([1, 0, 0], [0.9, 0.2, 0.1], 3, (1.0, 1.0, 1.0)),
    ([1, 1, 1], [0.2, 0.9, 0.1], 3, (1.0, 1.0, 1.0)),
]  # fmt: skip


@pytest.mark.parametrize(("y", "p", "count", "expected"), GAINS)
def test_precision_recall_gain_is_that_of_keras(y, p, count, expected):
    for method, value in zip(("interpolation", "minoring", "majoring"), expected, strict=True):
        metric = metrics.AUC(count, "PRGAIN", method)
        assert float(metric(y, p)) == pytest.approx(value, abs=1e-6)


def test_r2_keeps_its_digits_for_targets_far_from_zero():
    y = 1e5 + RNG.standard_normal((1000, 1))
    p = y + 0.1 * RNG.standard_normal((1000, 1))
    y, p = y.astype("float32"), p.astype("float32")
    metric = metrics.R2Score()
    for k in range(0, 1000, 64):
        metric.update_state(y[k : k + 64], p[k : k + 64])
    exact = 1 - np.sum((y.astype(float) - p) ** 2) / np.sum((y.astype(float) - y.astype(float).mean()) ** 2)
    assert float(metric.result()) == pytest.approx(exact, abs=1e-4)


def test_r2_of_targets_that_do_not_vary():
    assert float(metrics.R2Score()([[2.0], [2.0]], [[2.0], [2.0]])) == 1.0
    assert float(metrics.R2Score()([[2.0], [2.0]], [[2.0], [3.0]])) == 0.0


def test_f_scores_by_their_definition():
    y, p = RNG.integers(0, 2, (60, 4)), RNG.uniform(size=(60, 4)).astype("float32")
    called = p > 0.4
    hits, precision_of, recall_of = (called & (y == 1)).sum(0), called.sum(0), y.sum(0)
    precision, recall = hits / precision_of, hits / recall_of
    expected = 5 * precision * recall / (4 * precision + recall)
    scores = metrics.FBetaScore(beta=2.0, threshold=0.4)(y, p).numpy()
    np.testing.assert_allclose(scores, expected, rtol=1e-6)
    weighted = metrics.FBetaScore("weighted", 2.0, 0.4)(y, p)
    assert float(weighted) == pytest.approx(np.sum(expected * recall_of) / recall_of.sum(), rel=1e-6)


def test_state_flows_through_a_loop_over_batches():
    """A whole epoch as one Program: the loop carries the state."""
    metric = metrics.AUC(num_thresholds=20)
    y, p = RNG.integers(0, 2, (5, 16)), RNG.uniform(size=(5, 16)).astype("float32")

    def body(state, batch):
        with StateScope(dict(zip(metric.variables, state, strict=True))) as scope:
            metric.update_state(*batch)
            return [scope.values[v] for v in metric.variables], None

    def epoch(y, p):
        state, _ = ops.scan(body, metric.stateless_reset_state(), (y, p))
        return [metric.stateless_result(state)]

    program, captured = trace(epoch, [type_of(y), type_of(p)], "epoch")
    value = evaluate(program, [y, p, *(t.numpy() for t in captured)])[0]
    assert float(metrics.AUC(num_thresholds=20)(y.ravel(), p.ravel())) == float(value)


def test_loss_and_metric_of_one_name_are_told_apart_in_files():
    both = json.loads(json.dumps(serialize_keras_object([losses.Poisson(), metrics.Poisson()])))
    loss, metric = deserialize_keras_object(both)
    assert isinstance(loss, losses.Poisson) and isinstance(metric, metrics.Poisson)


@pytest.mark.parametrize(("first", "weight", "expected"), [
    ([[1.0, 3.0], [5.0, 7.0]], None, (2 + 6 + 4) / 3),  # rows of any length count once
    ([[1.0, 3.0], [5.0, 7.0]], [1.0, 3.0], (2 + 3 * 6 + 4) / 5),
    ([[1.0, 3.0], [5.0, 7.0]], [[1.0, 0.0], [2.0, 2.0]], (0.5 + 12 + 4) / 3.5),
    ([1.0, 3.0], 2.0, (2 * 2 + 4) / 3),  # one weight for all: they count as one
])  # fmt: skip
def test_mean_of_batches_with_rows_of_other_lengths(first, weight, expected):
    metric = metrics.Mean()
    metric.update_state(first, sample_weight=weight)
    metric.update_state([[4.0, 2.0, 6.0]])
    assert float(metric.result()) == pytest.approx(expected, rel=1e-6)


def test_weights_that_integer_counts_cut_are_warned_of():
    cut, whole = metrics.MeanIoU(3), metrics.MeanIoU(3, dtype="float32")
    with pytest.warns(UserWarning, match=r"cut to integers.*dtype='float32'"):
        cut.update_state([0, 1, 1], [0, 1, 0], sample_weight=[0.2, 1.4, 2.0])
    whole.update_state([0, 1, 1], [0, 1, 0], sample_weight=[0.2, 1.4, 2.0])
    np.testing.assert_array_equal(cut.total_cm, [[0, 0, 0], [2, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(whole.total_cm, [[0.2, 0, 0], [2, 1.4, 0], [0, 0, 0]], rtol=1e-6)
