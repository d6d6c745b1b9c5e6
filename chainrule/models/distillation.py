"""How far a student's outputs, or what its layers give, are from its teacher's."""

from __future__ import annotations

from typing import Any

from .. import losses, ops
from ..errors import ArgumentError, ShapeError
from ..ir.tree import flatten, map_structure, structure
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object


class DistillationLoss:
    """Base of what a `Distiller` adds to the student's own loss: a subclass writes `compute_loss`."""

    teacher_layer_name: str | None = None
    student_layer_name: str | None = None

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """One number for a batch. Args: teacher_outputs, student_outputs: tensors, or nested ones."""
        raise NotImplementedError(f"{type(self).__name__}: expected a method compute_loss; none is defined.")

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        """Raises: ShapeError: the outputs are nested in two ways."""
        if _nesting(teacher_outputs) != _nesting(student_outputs):
            raise ShapeError(
                f"{type(self).__name__}: expected teacher and student to give the same structure of outputs; got "
                f"{_nesting(teacher_outputs)} and {_nesting(student_outputs)}."
            )

    def validate_model_compatibility(self, teacher: Any, student: Any) -> None:
        """Raises: ArgumentError: a layer that is named does not exist, or cannot be asked."""
        for what, model, name in (
            ("teacher", teacher, self.teacher_layer_name), ("student", student, self.student_layer_name)
        ):  # fmt: skip
            if name is None:
                continue
            if getattr(model, "inputs", None) is None:
                raise ArgumentError(
                    f"{type(self).__name__}: the {what} is a subclassed model, whose layers cannot be asked one by "
                    f"one; use a functional or Sequential model, or leave {what}_layer_name out."
                )
            model.get_layer(name)


def _nesting(tree: Any) -> Any:
    return structure(map_structure(lambda leaf: 0, tree))


class _ByOutput(DistillationLoss):
    """A loss for each output, nested as the outputs are."""

    def __init__(self, loss: Any) -> None:
        self.loss = map_structure(lambda one: losses.get(one) if isinstance(one, str) else one, loss)
        if all(one is None for one in flatten(self.loss)):
            raise ArgumentError(f"{type(self).__name__}: expected a loss for at least one output; got {loss!r}.")

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        """Raises: ShapeError: the outputs are nested otherwise than each other, or than the losses."""
        super().validate_outputs(teacher_outputs, student_outputs)
        if _nesting(self.loss) != _nesting(teacher_outputs):
            raise ShapeError(
                f"{type(self).__name__}: expected losses in the structure of the outputs, {_nesting(teacher_outputs)}; "
                f"got {_nesting(self.loss)}."
            )

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """The sum over the outputs of the mean over the batch."""
        total: Any = 0.0
        rows = zip(*(flatten(tree) for tree in (self.loss, teacher_outputs, student_outputs)), strict=True)
        for loss, teacher, student in rows:
            total = total if loss is None else total + self._of_output(loss, teacher, student)
        return total

    def _of_output(self, loss: Any, teacher: Any, student: Any) -> Any:
        return ops.mean(loss(teacher, student))

    def get_config(self) -> dict[str, Any]:
        """Plain data for `from_config`."""
        return {"loss": map_structure(serialize_keras_object, self.loss)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The same loss again."""
        return cls(**{**config, "loss": deserialize_keras_object(config["loss"])})


@builtin
class FeatureDistillation(_ByOutput):
    """What a layer of the student gives shall be like what a layer of the teacher gives.

    Args:
        loss: a name or a loss (default 'mse'); for several outputs nested like them, None for those left alone.
        teacher_layer_name, student_layer_name: default the outputs of the models.
    Raises: ArgumentError: no loss is given.
    Source: Romero et al. 2015, "FitNets: Hints for Thin Deep Nets", arXiv:1412.6550.

    >>> teacher, student = ops.convert_to_tensor([[1.0, 3.0]]), ops.convert_to_tensor([[1.0, 1.0]])
    >>> float(FeatureDistillation().compute_loss(teacher, student))
    2.0
    """

    def __init__(
        self, loss: Any = "mse", teacher_layer_name: str | None = None, student_layer_name: str | None = None
    ) -> None:
        super().__init__(loss)
        self.teacher_layer_name, self.student_layer_name = teacher_layer_name, student_layer_name

    def get_config(self) -> dict[str, Any]:
        """Plain data for `from_config`."""
        names = {"teacher_layer_name": self.teacher_layer_name, "student_layer_name": self.student_layer_name}
        return {**super().get_config(), **names}


@builtin
class LogitsDistillation(_ByOutput):
    """The student's outputs shall be like the teacher's, both divided by a temperature.

    With the Kullback-Leibler divergence T^2 KL(softmax(t / T), softmax(s / T)); other losses see t / T and s / T.

    Args: temperature: T, above 0 (default 3.0); loss: as of `FeatureDistillation` (default 'kl_divergence').
    Raises: ArgumentError: no loss is given, or no temperature above 0.
    Source: Hinton, Vinyals, Dean 2015, "Distilling the Knowledge in a Neural Network", arXiv:1503.02531.

    >>> logits = ops.convert_to_tensor([[1.0, 3.0]])
    >>> float(LogitsDistillation(2.0).compute_loss(logits, logits))
    0.0
    """

    def __init__(self, temperature: float = 3.0, loss: Any = "kl_divergence") -> None:
        super().__init__(loss)
        if not isinstance(temperature, (int, float)) or temperature <= 0:
            raise ArgumentError(f"LogitsDistillation: expected a temperature above 0; got {temperature!r}.")
        self.temperature = temperature

    def _of_output(self, loss: Any, teacher: Any, student: Any) -> Any:
        teacher, student = teacher / self.temperature, student / self.temperature
        if loss is losses.kl_divergence or isinstance(loss, losses.KLDivergence):
            return ops.mean(loss(ops.softmax(teacher), ops.softmax(student))) * self.temperature**2
        return ops.mean(loss(teacher, student))

    def get_config(self) -> dict[str, Any]:
        """Plain data for `from_config`."""
        return {**super().get_config(), "temperature": self.temperature}


__all__ = ["DistillationLoss", "FeatureDistillation", "LogitsDistillation"]
