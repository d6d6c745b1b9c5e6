"""What a compiled model measures: its loss, its metrics, and the numbers that they make of an epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ..callbacks.callback import plain_logs
from ..errors import ChainruleError
from ..ir import Tensor, eager, is_tracing
from ..ir.tree import flatten
from ..metrics import Metric
from ..primitives.arithmetic import as_operand
from ..variables import Variable, is_scoped, structure_version
from .compiled import CompiledMetrics, CompileLoss, CompileMetrics, by_output, total_with, variables_of
from .data import ArrayData
from .terms import Term, terms_of


class Measuring:
    """The half of `Trainer` that holds losses and metrics."""

    variables: list[Variable]
    losses: list[Any]
    optimizer: Any = None
    _compiled = False
    _loss_tracker: Any = None
    _compile_loss: CompileLoss | None = None
    _compile_metrics: CompileMetrics | None = None
    _compile_arguments: dict[str, Any] = {}

    @cached_property
    def _kept(self) -> dict[str, tuple[int, list[Any]]]:
        """What `_remembered` keeps, with the version of the structure that it belongs to."""
        return {}

    _flatten_layers: Callable[[], list[Any]]

    def _output_symbols(self, x: Any) -> Any:
        raise NotImplementedError

    def _output_names(self, y_pred: Any) -> list[str]:
        raise NotImplementedError

    def _output_labels(self, y_pred: Any) -> list[str]:
        raise NotImplementedError

    def _names_outputs(self, y_pred: Any) -> bool:
        raise NotImplementedError

    # made when the shapes of data and outputs are known

    def _setup_outputs(self, data: ArrayData) -> None:
        y_pred = self._output_symbols(data.x)
        self._make_outputs(y_pred, self._targets(data.y, y_pred))

    def _targets(self, y: Any, y_pred: Any) -> list[Any]:
        """The target of each output or None. Outputs without a loss may be left out."""
        names = self._output_names(y_pred)
        if self._measures_nothing():  # y may have any form: only a `compute_loss` of the user's looks at it
            return [None] * len(names)
        leaves = None if y is None or isinstance(y, Mapping) else flatten(y)
        if leaves is not None and len(leaves) < len(names) and self._compile_arguments.get("loss") is not None:
            measured = sorted({k for term in self._loss_terms(y_pred, names) for k in flatten(term.place)})
            if len(leaves) == len(measured):
                given = dict(zip(measured, leaves, strict=True))
                return [given.get(k) for k in range(len(names))]
        return by_output(y, names, "y")

    def _loss_terms(self, y_pred: Any, names: list[str]) -> list[Term]:
        return terms_of(self._compile_arguments["loss"], self._compile_arguments["loss_weights"], y_pred, names)

    def _make_outputs(self, y_pred: Any, targets: list[Any]) -> None:
        arguments, made, names = self._compile_arguments, None, self._output_names(y_pred)
        shapes = [(None, *t.shape[1:]) for t in flatten(y_pred)]
        y_shapes = [None if y is None else (None, *np.shape(y)[1:]) for y in targets]
        is_named = self._names_outputs(y_pred)
        if arguments["loss"] is not None:
            made = CompileLoss(self._loss_terms(y_pred, names), names, y_shapes, shapes, is_named)
        labels = self._output_labels(y_pred) if is_named else None
        compiled = CompileMetrics(arguments["metrics"], arguments["weighted_metrics"], y_pred, names, labels)
        compiled.build(y_shapes, shapes)
        self._create_lazy_state(compiled, shapes, targets)
        self._compile_loss, self._compile_metrics = made, compiled

    def _create_lazy_state(self, compiled: CompileMetrics, shapes: list[Any], targets: list[Any]) -> None:
        """Metrics that make their state at the first update are given one row, outside of every recording."""
        for k, _, metric, _ in compiled.entries:
            if targets[k] is not None and not metric.variables:
                with eager():
                    fake = np.zeros((1, *(n or 1 for n in shapes[k][1:])), "float32")
                    metric.update_state(as_operand(targets[k][:1]), as_operand(fake))
                metric.reset_state()

    # one step, as recorded

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The number that training makes small: the compiled losses plus what layers added. May be overridden.

        Args: x, y, y_pred, sample_weight: of one batch, tensors that are being recorded; training.
        """
        loss = None
        if self._compile_metrics is None:
            self._complete(y, y_pred)
        if self._compile_loss is not None:
            weights = by_output(sample_weight, self._compile_loss.names, "sample_weight")
            loss = self._compile_loss(self._targets(y, y_pred), flatten(y_pred), weights)
        return total_with(loss, self.losses)

    def _loss_of(self, x: Any, y: Any, y_pred: Any, weight: Any, training: bool) -> Tensor:
        """`compute_loss`, also where a subclass overrides it without the argument `training`."""
        takes = inspect.signature(self.compute_loss).parameters
        known = "training" in takes or any(p.kind == p.VAR_KEYWORD for p in takes.values())
        loss = self.compute_loss(x, y, y_pred, weight, **({"training": training} if known else {}))
        return total_with(as_operand(loss), ())

    def _update_metrics(self, loss: Tensor, x: Any, y: Any, y_pred: Any, weight: Any) -> None:
        count = float(next(a for a in flatten(x) if a is not None).shape[0])
        self._loss_tracker.update_state(loss, sample_weight=count)
        if type(self).compute_metrics is not Measuring.compute_metrics:
            self.__dict__["_own_logs"] = self.compute_metrics(x, y, y_pred, weight)  # taken by `train_step`
        else:
            self._update_compiled(y, y_pred, weight)

    def _measures_nothing(self) -> bool:
        return all(self._compile_arguments.get(key) is None for key in ("loss", "metrics", "weighted_metrics"))

    def _complete(self, y: Any, y_pred: Any) -> None:
        """Make losses and metrics for outputs that only a step of the user's knows, while it is recorded."""
        if self._measures_nothing():
            return
        fakes = [None if t is None else np.zeros(t.shape, np.dtype(t.dtype)) for t in self._targets(y, y_pred)]
        with eager():
            self._make_outputs(y_pred, fakes)

    def _update_compiled(self, y: Any, y_pred: Any, weight: Any) -> None:
        if self._compile_metrics is None:
            self._complete(y, y_pred)
        if self._compile_metrics is not None:
            weights = by_output(weight, self._compile_metrics.names, "sample_weight")
            self._compile_metrics.update(self._targets(y, y_pred), flatten(y_pred), weights)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Take a batch into account. May be overridden, to update metrics of one's own, or to return more numbers.

        Returns: the numbers of the logs by name.
        """
        self._update_compiled(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """The current values of loss and metrics by name."""
        found: dict[str, Any] = {}
        for name, metric in self._named_metrics():
            result = metric.result()
            found |= result if isinstance(result, dict) else {name: result}
        return found

    # state

    @property
    def metrics(self) -> list[Metric]:
        """The loss tracker, the compiled metrics as one, the trackers of single losses, and metrics held by layers."""
        own = self._remembered("own metrics", lambda: [
            m for layer in self._flatten_layers() if layer is self or not isinstance(layer, Measuring)
            for m in _held(layer)
        ])  # fmt: skip
        together = [m for m in (self._loss_tracker, self.compiled_metrics) if m is not None] if self._compiled else []
        return list(dict.fromkeys([*together, *self._loss_trackers(), *own]))

    @property
    def compiled_metrics(self) -> CompiledMetrics | None:
        """The metrics that `compile` was given, as one; None if there are none. Steps of one's own update it."""
        if not self._compiled or not any(self._compile_arguments[key] for key in ("metrics", "weighted_metrics")):
            return None
        return self.__dict__.setdefault("_metrics_together", CompiledMetrics(self))

    def _loss_trackers(self) -> list[Metric]:
        return list(self._compile_loss.trackers) if self._compile_loss else []

    def _single_metrics(self) -> list[Metric]:
        """`metrics` with each compiled metric by itself."""
        return list(dict.fromkeys(
            m for metric in self.metrics for m in (metric.metrics if isinstance(metric, CompiledMetrics) else [metric])
        ))  # fmt: skip

    def _remembered(self, what: str, find: Callable[[], list[Any]]) -> list[Any]:
        """What `find` found by walking over the layers, for as long as they are the same."""
        version, found = self._kept.get(what, (None, []))
        if version != structure_version():
            found = find()
            self._kept[what] = (structure_version(), found)
        return found

    def _compiled_metrics(self) -> list[Metric]:
        if not self._compiled:
            return []
        found = [self._loss_tracker, *(self._compile_metrics.metrics if self._compile_metrics else [])]
        return found + self._loss_trackers()

    def _test_state(self) -> list[Variable]:
        """Everything that a step of evaluation reads or assigns."""
        held = self._remembered("metrics", lambda: [m for layer in self._flatten_layers() for m in _held(layer)])
        return list(dict.fromkeys([*self.variables, *variables_of([*self._compiled_metrics(), *self.metrics, *held])]))

    @property
    def metrics_variables(self) -> list[Variable]:
        """The state of all metrics."""
        return variables_of(self._single_metrics())

    def reset_metrics(self) -> None:
        """Start counting again."""
        if is_tracing() or is_scoped():
            for metric in self.metrics:
                metric.reset_state()
            return
        for part in self._remembered("counters", lambda: _counters(self._single_metrics())):
            if isinstance(part, Variable):
                old = part._value.numpy()
                part._value = Tensor(np.zeros(old.shape, old.dtype))
            else:
                part.reset_state()

    # the numbers

    def _named_metrics(self) -> list[tuple[str, Metric]]:
        """The metrics by their names in the logs."""
        metrics = self._single_metrics()
        compiled = self._compile_metrics.named() if self._compile_metrics else []
        named = [(key, metric) for key, metric in compiled if metric in metrics]
        known = {id(m) for _, m in named}
        return named + [(m.name, m) for m in metrics if id(m) not in known]

    def _report(self) -> dict[str, Tensor] | None:
        """The values as tensors of the Program that is being recorded; None if a metric can only say them in Python."""
        try:
            return {name: as_operand(value) for name, value in self.get_metrics_result().items()}
        except (ChainruleError, TypeError, ValueError):
            return None

    def _logs(self) -> dict[str, Any]:
        """The current values of loss and metrics, keys sorted."""
        return plain_logs(self.get_metrics_result())

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        return [name for name, _ in self._in_order(self._logs())] if self._compiled else []

    def _in_order(self, logs: dict[str, Any]) -> list[tuple[str, Any]]:
        """As Keras lists them: the loss, the metrics as compiled, the losses of the outputs; then the rest, sorted."""
        first = [m.name for m in self._single_metrics() if m.name in logs]  # a name may stand for two, and counts twice
        return [(name, logs[name]) for name in [*first, *(n for n in sorted(logs) if n not in first)]]

    def _values(self, logs: dict[str, Any]) -> Any:
        values = [value for _, value in self._in_order(logs)]
        return values[0] if len(values) == 1 else values


def _counters(metrics: list[Metric]) -> list[Any]:
    """The state of the metrics that just go back to zero, and the metrics that have a way of their own."""
    plain = [m for m in metrics if type(m).reset_state is Metric.reset_state]
    return [*variables_of(plain), *(m for m in metrics if m not in plain)]


def _held(layer: Any) -> list[Metric]:
    """The metrics among a layer's own attributes."""
    return [part for part in layer._parts() if isinstance(part, Metric)]
