"""Steps that a user writes: `train_step`, `test_step`, `predict_step` of a subclass of Model.

They are recorded as the built-in ones are, once for all batches of an epoch. What they return besides the state are
the numbers of the logs: those of the last batch, or, where the names are those of the model's metrics, the values of
the metrics after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .. import ops
from ..errors import ArgumentError, ChainruleError, TracedValueError
from ..ir import Program, Tensor, TensorType, is_tracing, trace, type_of
from ..ir.tree import flatten, map_structure, unflatten
from ..layers.preprocessing.reading import hidden
from ..primitives.arithmetic import as_operand
from ..utils import pack_x_y_sample_weight, unpack_x_y_sample_weight
from ..variables import StateScope, Variable
from . import step as steps
from .data import ArrayData
from .effects import place_of, refuse_effects
from .measuring import Measuring
from .stateless_steps import call_stateless, is_stateless, state_of

BUILT_IN: dict[str, steps.Step] = {
    "train": steps.train_step, "test": steps.test_step, "predict": steps.predict_step,
}  # fmt: skip

METHODS = {"train": "train_step", "test": "test_step", "predict": "predict_step"}


class Steps:
    """The steps of a model, which a subclass may override, and what such steps call."""

    get_metrics_result: Callable[[], dict[str, Any]]
    compute_loss: Callable[..., Any]
    _update_compiled: Callable[..., None]

    def train_step(self, data: Any) -> dict[str, Any]:
        """Forward pass, loss, gradient, update and metrics for one batch. May be overridden.

        Also in the way of Keras on JAX: `train_step(self, state, data)` returns logs and the new state.

        Args: data: a batch as `fit` was given it: `x`, `(x, y)` or `(x, y, sample_weight)`; from a generator or data
            set of batches, what that yields. The tensors are being recorded: their numbers are not known.
        Returns: the numbers of the logs by name.
        """
        steps.train_step(self, *unpack_x_y_sample_weight(data))
        return self._computed()

    def test_step(self, data: Any) -> dict[str, Any]:
        """Forward pass, loss and metrics for one batch of `evaluate`. May be overridden, as `train_step`."""
        steps.test_step(self, *unpack_x_y_sample_weight(data))
        return self._computed()

    def _computed(self) -> dict[str, Any]:
        """What a `compute_metrics` of the user's returned, else the values of the metrics."""
        own = self.__dict__.pop("_own_logs", None)
        return self.get_metrics_result() if own is None else own

    def predict_step(self, data: Any) -> Any:
        """The outputs for one batch of `predict`. May be overridden, as `train_step`."""
        return steps.predict_step(self, *unpack_x_y_sample_weight(data))

    def stateless_compute_loss(
        self, trainable_variables: Sequence[Any], non_trainable_variables: Sequence[Any],
        metrics_variables: Sequence[Any], x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None,
        training: bool = True,
    ) -> tuple[Any, tuple[Any, list[Any], list[Any]]]:  # fmt: skip
        """`compute_loss` as a function of all state, which itself does not change.

        Args: values of `trainable_variables`, `non_trainable_variables` and `metrics_variables`; the rest as there.
        Returns: the loss, and the values of the three groups after it.
        """
        groups = [*state_of(self, "test")]
        given = (trainable_variables, non_trainable_variables, metrics_variables)
        scope = StateScope({
            variable: as_operand(value)
            for group, values in zip(groups, given, strict=True)
            for variable, value in zip(group, values, strict=True)
        })  # fmt: skip
        with scope:
            loss = self.compute_loss(x, y, y_pred, sample_weight, training)
        others, metrics = ([scope.values[v] for v in group] for group in groups[1:])
        return loss, (trainable_variables, others, metrics)

    def compiled_loss(self, y: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None) -> Any:
        """The older name of `compute_loss`; losses that layers added are part of it in any case."""
        return self.compute_loss(x=None, y=y, y_pred=y_pred, sample_weight=sample_weight)


def is_own(model: Any, kind: str) -> bool:
    """Whether the step of a kind ("train", "test", "predict") is the user's."""
    name = METHODS[kind]
    computes = kind != "predict" and type(model).compute_metrics is not Measuring.compute_metrics
    return computes or getattr(type(model), name) is not getattr(Steps, name) or name in model.__dict__


def step_of(model: Any, kind: str, whole: bool = False) -> steps.Step:
    """The step of a kind, as the recording of epochs calls it: `(model, x, y, sample weight) -> results`.

    Args: whole: x is all that a data set yields for a batch, to be handed on as it is (default False).
    """
    if not is_own(model, kind):
        built_in = BUILT_IN[kind]
        return (lambda model, x, *rest: built_in(model, *_unpacked(x))) if whole else built_in

    def own_step(model: Any, x: Any, y: Any, weight: Any) -> Any:
        return call(model, kind, x if whole else pack_x_y_sample_weight(x, y, weight))

    return own_step


def call(model: Any, kind: str, data: Any) -> Any:
    """The user's step of a kind on a batch as it knows it; of what it returns the numbers by name."""
    method = getattr(model, METHODS[kind])
    name = f"{type(model).__name__}.{METHODS[kind]}"
    with _located(name), refuse_effects(model, method, name) if is_tracing() else _as_it_is():
        data = hidden(data)
        result = call_stateless(model, method, kind, data, name) if is_stateless(method) else method(data)
        return result if kind == "predict" else _numbers(name, result)


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def _located(name: str) -> Iterator[None]:
    """Errors that are raised inside say which step, and which line of the user's."""
    try:
        yield
    except TracedValueError as error:
        error.args = (f"{name} ({place_of(error)}): {error.args[0]}",)
        raise
    except ChainruleError as error:
        raise error.located(f"{name} ({place_of(error)})") from None


def _numbers(name: str, result: Any) -> dict[str, Any]:
    """What a step returned as a dict of single numbers; of several numbers the mean, as the progress bar shows it."""
    if result is None:
        return {}
    if not isinstance(result, dict):
        raise ArgumentError(f"{name}: expected a dict of numbers by name; got {type(result).__name__}.")

    def number(value: Any) -> Tensor:
        tensor = as_operand(value)
        return ops.mean(tensor) if tensor.ndim else tensor

    return {str(key): map_structure(number, value) for key, value in result.items()}


def report_of(model: Any, kind: str) -> steps.Report | None:
    """What the Program of a pass hands out besides the state; None for the outputs of predictions."""
    if kind == "predict":
        return None
    if not is_own(model, kind):
        return lambda result: model._report()
    return lambda result: _chosen(model._report(), map_structure(_last, result))


def _chosen(measured: Any, logs: dict[str, Any]) -> Any:
    """The metrics after the last batch if the logs have their names, else the logs."""
    return measured if measured is not None and set(measured) == set(logs) else logs


def _last(stacked: Tensor) -> Tensor:
    return stacked[-1] if stacked.ndim else stacked


def eager_logs(model: Any, kind: str, result: Any) -> Any:
    """The logs after a batch that was computed operation by operation; None if they are the model's metrics."""
    if result is None or not is_own(model, kind):
        return None
    logs = map_structure(lambda t: t.numpy(), result)
    return None if set(model._logs()) == set(logs) else logs


def set_up(model: Any, data: ArrayData, training: bool = False) -> None:
    """Weights, losses and metrics that can be made before an own step is recorded; it makes the others itself."""
    needs_all = is_stateless(model.train_step if training else model.test_step)  # what there is, it is given
    if model._graph is not None or needs_all or callable_on_data(model):
        _set_up_model(model, data)
    if training and needs_all and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def _set_up_model(model: Any, data: ArrayData) -> None:
    x, y, weight = _unpacked(data.x) if data.is_whole else data.parts
    try:
        model._prepare(x)
        if model._compile_metrics is None:
            model._setup_outputs(ArrayData(x, y, weight))
    except Exception:  # the model is called by its own step alone, and in its own way
        model._compile_loss = model._compile_metrics = None


def callable_on_data(model: Any) -> bool:
    """Whether a subclass says in `call` what the model does."""
    return any("call" in vars(cls) for cls in type(model).__mro__ if not cls.__module__.startswith("chainrule."))


def _unpacked(element: Any) -> tuple[Any, Any, Any]:
    is_batch = isinstance(element, (tuple, list)) and 1 <= len(element) <= 3
    return unpack_x_y_sample_weight(element) if is_batch else (element, None, None)


def record_element(
    step: steps.Step, model: Any, state: Sequence[Variable], data: Any, name: str, report: steps.Report | None
) -> tuple[Program, Any]:
    """The Program `(state, data) -> (state, results)` of one step on data as they are, whatever their rows."""
    leaves = flatten(data)
    types: list[TensorType] = [v.type for v in state] + [type_of(a) for a in leaves if a is not None]
    kept: list[Any] = []

    def function(*tensors: Tensor) -> list[Tensor]:
        source = iter(tensors)
        values = [next(source) for _ in state]
        filled = unflatten(data, [None if a is None else next(source) for a in leaves])
        new, result = steps.with_state(lambda: step(model, *filled), state, values)
        kept.append(steps.reported(report, state, new, result))
        return [*new, *(as_operand(t) for t in flatten(kept[0]) if t is not None)]

    return *steps._closed(trace(function, types, name)), kept[0]  # type: ignore[return-value]
