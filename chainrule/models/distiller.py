"""A model that trains its student on the targets and on what its teacher says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import losses, ops
from ..errors import ArgumentError, ShapeError
from ..ir.tree import flatten, map_structure
from ..metrics import Mean
from ..serialization import builtin, serialize_keras_object
from .distillation import DistillationLoss
from .model import Model


@builtin
class Distiller(Model):
    """Trains a student: w loss(y, student) + (1 - w) sum of the distillation losses. The teacher is frozen.

    Args:
        teacher: a trained model; student: a model for the same inputs and outputs.
        distillation_losses: one, or a list of them; distillation_loss_weights: their factors (default 1 each).
        student_loss_weight: w, from 0 to 1 (default 0.5); name: default 'distiller'.

    Raises: ArgumentError: an argument makes no sense; ShapeError: teacher and student do not fit each other.

    Afterwards `student` is used by itself. The logs also have `student_loss`, `distillation_loss`, `total_loss`.

    Example:
    >>> from chainrule import Input, Sequential, layers
    >>> from chainrule.models import LogitsDistillation
    >>> teacher, student = (Sequential([Input((2,)), layers.Dense(3)]) for _ in range(2))
    >>> distiller = Distiller(teacher, student, LogitsDistillation(temperature=2.0))
    >>> distiller.compile("adam", loss="mse")
    >>> sorted(distiller.fit([[1.0, 2.0]], [[0.0, 0.0, 1.0]], verbose=0).history)
    ['distillation_loss', 'loss', 'student_loss', 'total_loss']
    """

    def __init__(
        self, teacher: Any, student: Any, distillation_losses: Any,
        distillation_loss_weights: Sequence[float] | None = None, student_loss_weight: float = 0.5,
        name: str = "distiller", **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, **kwargs)
        _check_models(teacher, student)
        self.teacher, self.student = teacher, student
        if not isinstance(student_loss_weight, (int, float)) or not 0 <= student_loss_weight <= 1:
            raise ArgumentError(
                f"Distiller: expected student_loss_weight to be a number from 0 to 1; got {student_loss_weight!r}."
            )
        self.student_loss_weight = student_loss_weight
        single = not isinstance(distillation_losses, (list, tuple))
        self.distillation_losses = [distillation_losses] if single else list(distillation_losses)
        for loss in self.distillation_losses:
            if not isinstance(loss, DistillationLoss):
                raise ArgumentError(f"Distiller: expected a DistillationLoss, or a list of them; got {loss!r}.")
            loss.validate_model_compatibility(teacher, student)
        weights = distillation_loss_weights
        self.distillation_loss_weights = [1.0] * len(self.distillation_losses) if weights is None else list(weights)
        if len(self.distillation_loss_weights) != len(self.distillation_losses):
            raise ArgumentError(
                f"Distiller: expected {len(self.distillation_losses)} distillation_loss_weights, one a loss; got "
                f"{len(self.distillation_loss_weights)}."
            )
        teacher.trainable = False
        self._features = {
            "teacher": _features_of(teacher, [loss.teacher_layer_name for loss in self.distillation_losses]),
            "student": _features_of(student, [loss.student_layer_name for loss in self.distillation_losses]),
        }
        self.student_loss_tracker = Mean(name="student_loss")
        self.distillation_loss_tracker = Mean(name="distillation_loss")
        self.total_loss_tracker = Mean(name="total_loss")

    def compile(self, optimizer: Any = "adam", loss: Any = None, metrics: Any = None, **kwargs: Any) -> None:  # type: ignore[override]
        """As `Model.compile`. Args: loss: the student's own, which must be given.

        Raises: ArgumentError: there is none.
        """
        if loss is None:
            raise ArgumentError("Distiller: expected loss, the student's own; got None.")
        self._student_loss = map_structure(lambda one: losses.get(one) if isinstance(one, str) else one, loss)
        super().compile(optimizer=optimizer, metrics=metrics, **kwargs)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """What the student says."""
        return self.student(inputs, training=training)

    def compute_loss(  # type: ignore[override]
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Both losses, weighted."""
        y_pred = self(x, training=training) if y_pred is None else y_pred
        own, taught = ops.zeros(()), ops.zeros(())
        if self.student_loss_weight > 0 and y is not None:
            own = self._own_loss(y, y_pred)
        if self.student_loss_weight < 1:
            taught = self._distillation_loss(x, y_pred)
        total = self.student_loss_weight * own + (1.0 - self.student_loss_weight) * taught
        self.student_loss_tracker.update_state(own)
        self.distillation_loss_tracker.update_state(taught)
        self.total_loss_tracker.update_state(total)
        return total

    def _own_loss(self, y: Any, y_pred: Any) -> Any:
        rows = zip(*(flatten(tree) for tree in (self._student_loss, y, y_pred)), strict=True)
        return ops.mean(sum(loss(target, found) for loss, target, found in rows))

    def _distillation_loss(self, x: Any, y_pred: Any) -> Any:
        teacher, student = self._features["teacher"], self._features["student"]
        taught = {None: self.teacher(x, training=False)} if teacher is None else teacher(x, training=False)
        learnt = {None: y_pred} if student is None else student(x, training=True)
        total = ops.zeros(())
        for loss, weight in zip(self.distillation_losses, self.distillation_loss_weights, strict=True):
            of_teacher = taught[_key(loss.teacher_layer_name, teacher)]
            of_student = y_pred if loss.student_layer_name is None else learnt[loss.student_layer_name]
            loss.validate_outputs(of_teacher, of_student)
            value = ops.convert_to_tensor(loss.compute_loss(of_teacher, of_student))
            if value.ndim:
                raise ShapeError(f"{type(loss).__name__}.compute_loss: expected one number; got shape {value.shape}.")
            total = total + weight * value
        return total

    def get_config(self) -> dict[str, Any]:
        """Plain data for `from_config`."""
        parts = {key: getattr(self, key) for key in ("teacher", "student", "distillation_losses")}
        return {
            "name": self.name, **{key: serialize_keras_object(part) for key, part in parts.items()},
            "distillation_loss_weights": self.distillation_loss_weights,
            "student_loss_weight": self.student_loss_weight,
        }  # fmt: skip


_OUTPUT = "outputs of the model"


def _key(name: str | None, features: Any) -> str | None:
    return _OUTPUT if name is None and features is not None else name


def _features_of(model: Any, names: list[str | None]) -> Any:
    """A model of what layers give, by name, and of the outputs; None if no layer is named."""
    wanted = {name: model.get_layer(name).output for name in names if name is not None}
    return Model(model.inputs, {**wanted, _OUTPUT: model.outputs[0]}) if wanted else None


def _check_models(teacher: Any, student: Any) -> None:
    for what, model in (("teacher", teacher), ("student", student)):
        if not isinstance(model, Model):
            raise ArgumentError(f"Distiller: expected {what} to be a Model; got {type(model).__name__}.")
    for what in ("inputs", "outputs"):
        first, second = (flatten(getattr(model, what, None)) for model in (teacher, student))
        if None in (*first, *second):
            continue
        if len(first) != len(second) or not all(_fit(a, b) for a, b in zip(first, second, strict=True)):
            raise ShapeError(
                f"Distiller: expected teacher and student to have the same {what}; got "
                f"{[(t.shape, t.dtype) for t in first]} and {[(t.shape, t.dtype) for t in second]}."
            )


def _fit(a: Any, b: Any) -> bool:
    same = len(a.shape) == len(b.shape) and all(
        m is None or n is None or m == n for m, n in zip(a.shape, b.shape, strict=True)
    )
    return same and a.dtype == b.dtype


__all__ = ["Distiller"]
