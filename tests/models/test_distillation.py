"""A student that learns from a teacher: the losses against their formulas, what is trained, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule import Input, Model, Sequential, layers, losses, ops, optimizers
from chainrule.errors import ArgumentError, ShapeError
from chainrule.models import DistillationLoss, Distiller, FeatureDistillation, LogitsDistillation, load_model

X = np.random.default_rng(0).normal(size=(24, 5)).astype("float32")
Y = np.arange(24) % 3


def network(units: int, name: str) -> Sequential:
    return Sequential([Input((5,)), layers.Dense(units, "tanh", name=name), layers.Dense(3)])


def softmax(x: Any) -> Any:
    powers = np.exp(x - x.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def divergence(teacher: Any, student: Any, temperature: float) -> float:
    p, q = softmax(teacher / temperature), softmax(student / temperature)
    return float(np.mean(np.sum(p * np.log(p / q), 1)) * temperature**2)


@pytest.mark.parametrize("loss", ["kl_divergence", losses.KLDivergence()])
def test_the_loss_is_that_of_the_targets_and_that_of_the_teacher(loss: Any) -> None:
    teacher, student = network(8, "wide"), network(4, "narrow")
    distiller = Distiller(teacher, student, LogitsDistillation(2.0, loss), student_loss_weight=0.4)
    distiller.compile("sgd", losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    of_teacher, of_student = (model.predict(X, verbose=0) for model in (teacher, student))
    own = float(np.mean(-np.log(softmax(of_student)[np.arange(24), Y])))
    taught = divergence(of_teacher, of_student, 2.0)
    found = distiller.evaluate(X, Y, verbose=0, batch_size=24, return_dict=True)
    assert found["student_loss"] == pytest.approx(own, rel=1e-5)
    assert found["distillation_loss"] == pytest.approx(taught, rel=1e-4)
    total = pytest.approx(0.4 * own + 0.6 * taught, rel=1e-5)
    assert found["loss"] == total and found["total_loss"] == total
    assert found["accuracy"] == pytest.approx(float(np.mean(of_student.argmax(1) == Y)), rel=1e-6)


def test_the_student_learns_and_the_teacher_stays_as_it_is() -> None:
    teacher, student = network(8, "wide"), network(8, "narrow")
    features = FeatureDistillation("mse", teacher_layer_name="wide", student_layer_name="narrow")
    both = [LogitsDistillation(3.0, "mse"), features]
    distiller = Distiller(teacher, student, both, [1.0, 0.5], student_loss_weight=0.0)
    distiller.compile(optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    before = teacher.get_weights()

    def hidden(model: Sequential) -> Any:
        return np.tanh(X @ model.get_weights()[0] + model.get_weights()[1])

    logits = np.mean((teacher.predict(X, verbose=0) - student.predict(X, verbose=0)) ** 2) / 9
    expected = logits + 0.5 * np.mean((hidden(teacher) - hidden(student)) ** 2)
    history = distiller.fit(X, Y, batch_size=24, epochs=60, verbose=0).history["distillation_loss"]
    assert history[0] == pytest.approx(float(expected), rel=1e-4)
    assert history[-1] < 0.2 * history[0]
    assert all(np.array_equal(a, b) for a, b in zip(before, teacher.get_weights(), strict=True))
    assert distiller.trainable_variables == student.trainable_variables


def test_a_distiller_comes_back_from_its_file(tmp_path: Path) -> None:
    features = FeatureDistillation("cosine_similarity", "wide", "narrow")
    distiller = Distiller(network(4, "wide"), network(4, "narrow"), [features, LogitsDistillation()])
    distiller(X)
    distiller.save(tmp_path / "d.keras")
    again = load_model(tmp_path / "d.keras")
    np.testing.assert_array_equal(again.predict(X, verbose=0), distiller.predict(X, verbose=0))
    assert [type(loss).__name__ for loss in again.distillation_losses] == ["FeatureDistillation", "LogitsDistillation"]
    assert again.distillation_losses[0].teacher_layer_name == "wide"


def test_what_does_not_fit_is_told() -> None:
    teacher, student, other = network(4, "wide"), network(4, "narrow"), Sequential([Input((5,)), layers.Dense(2)])

    class Twice(DistillationLoss):
        def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
            return ops.mean(teacher_outputs - student_outputs, axis=1)

    with pytest.raises(ShapeError, match="the same outputs"):
        Distiller(teacher, other, LogitsDistillation())
    with pytest.raises(ValueError, match="deep"):
        Distiller(teacher, student, FeatureDistillation(teacher_layer_name="deep"))
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        Distiller(teacher, student, LogitsDistillation(), student_loss_weight=2)
    with pytest.raises(ArgumentError, match="one a loss"):
        Distiller(teacher, student, [LogitsDistillation()], [1.0, 2.0])
    with pytest.raises(ArgumentError, match="above 0"):
        LogitsDistillation(temperature=0)
    with pytest.raises(ArgumentError, match="at least one output"):
        FeatureDistillation(loss=[None, None])
    with pytest.raises(ArgumentError, match="expected loss"):
        Distiller(teacher, student, LogitsDistillation()).compile("sgd")
    wrong = Distiller(teacher, student, Twice())
    wrong.compile("sgd", "mse")
    with pytest.raises(ShapeError, match="expected one number"):
        wrong.fit(X, np.eye(3)[Y], verbose=0)
    assert isinstance(wrong, Model)
