"""What `compile` is given, resolved against the model's outputs: losses and metrics by output name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import losses, metrics
from ..errors import ArgumentError, ShapeError, listed
from ..ir import FLOAT, Tensor
from ..ir.tree import flatten, map_structure
from ..metrics import Mean, Metric
from ..primitives.arithmetic import as_operand, cast
from ..variables import Variable
from .terms import Term, by_names


def by_output(spec: Any, names: Sequence[str], what: str) -> list[Any]:
    """One array an output from a list, a dict by output name, arrays nested as outputs are, or one for all."""
    if spec is None:
        return [None] * len(names)
    if isinstance(spec, Mapping):
        is_deep = any(_leads_on(key, names) for key in spec) and len(flatten(spec)) == len(names)
        return flatten(spec) if is_deep else by_names(spec, names, what)
    leaves = flatten(spec)
    if len(leaves) == 1 and len(names) > 1 and what == "sample_weight":
        return leaves * len(names)
    if len(leaves) != len(names):
        raise ArgumentError(
            f"{what}: expected {len(names)} arrays, one an output ({listed(names)}); got {len(leaves)}."
        )
    return leaves


def _leads_on(key: str, names: Sequence[str]) -> bool:
    return key not in names and any(name.startswith(f"{key}/") for name in names)


def metrics_by_output(spec: Any, outputs: Any, names: Sequence[str], what: str) -> list[Any]:
    """The metrics of each output: from a list for all, a list or dict by output, or nested as the outputs are.

    >>> metrics_by_output({"a": ("mae", ["mse", "mae"])}, {"a": (0, 0), "b": 0}, ["a/x", "a/y", "b"], "metrics")
    ['mae', ['mse', 'mae'], None]
    """
    if spec is None or len(names) == 1:
        return [flatten(spec)] if spec is not None else [None] * len(names)
    if isinstance(spec, Mapping) and set(spec) <= set(names):
        return by_names(spec, names, what)
    if isinstance(spec, Mapping) and not isinstance(outputs, Mapping):
        return by_names(spec, names, what)  # which says what is wrong
    nested = _along(spec, outputs, what)
    if nested is not None:
        return nested
    if isinstance(spec, Mapping):
        raise ArgumentError(f"{what}: expected metrics nested as the outputs ({listed(names)}) are; got {spec!r}.")
    is_flat_list = isinstance(spec, (list, tuple)) and len(spec) == len(names)
    return list(spec) if is_flat_list else [spec] * len(names)


def _along(spec: Any, outputs: Any, what: str) -> list[Any] | None:
    """The entries of metrics nested as outputs are, in the order of the outputs; None if they are nested otherwise."""
    if spec is None:
        return [None] * len(flatten(outputs))
    if isinstance(outputs, Mapping):
        if not isinstance(spec, Mapping):
            return None
        by_names(spec, list(outputs), what)
        parts = [_along(spec.get(key), outputs[key], what) for key in sorted(outputs)]
    elif isinstance(outputs, (list, tuple)):
        if not isinstance(spec, (list, tuple)) or len(spec) != len(outputs):
            return None
        parts = [_along(*pair, what) for pair in zip(spec, outputs, strict=True)]
    else:
        return [spec]
    return None if any(part is None for part in parts) else [entry for part in parts for entry in part or ()]


def check_names(loss: Any, *metric_groups: Any) -> None:
    """Raise for a loss or metric that nobody knows: when compiling, not when training."""
    for leaf in _leaves(loss):
        if leaf not in ("crossentropy", "ce"):
            losses.get(leaf)
    for leaf in _leaves(metric_groups):
        if leaf not in ("accuracy", "acc", "crossentropy", "ce"):  # their meaning depends on the shapes of the outputs
            metrics.get(leaf)


def _leaves(spec: Any) -> list[Any]:
    """Names, and what is nothing that a loss or metric can be; functions, objects and plain data are taken as given."""
    if isinstance(spec, Mapping):
        return [] if "class_name" in spec else [leaf for value in spec.values() for leaf in _leaves(value)]
    if isinstance(spec, (list, tuple)):
        return [leaf for item in spec for leaf in _leaves(item)]
    return [] if spec is None or callable(spec) or hasattr(spec, "get_config") else [spec]


class CompileLoss:
    """The loss of a model: losses of outputs, or of branches of nested outputs, weighted and added.

    Args: terms: which losses there are; names: of the outputs; y_shapes, pred_shapes: of targets and outputs; is_named:
        whether the logs say these names: else, as in Keras, those of the losses.
    """

    def __init__(
        self, terms: Sequence[Term], names: Sequence[str], y_shapes: Sequence[Any], pred_shapes: Sequence[Any],
        is_named: bool = True,
    ) -> None:  # fmt: skip
        self.names, self.terms = list(names), list(terms)
        self.losses = [_loss_of(term, y_shapes, pred_shapes) for term in self.terms]
        self.trackers = [Mean(name=f"{self._label(k, is_named)}_loss") for k in range(len(terms))]
        if len(self.trackers) == 1:  # it is the whole
            self.trackers.clear()

    def _label(self, k: int, is_named: bool) -> str:
        own = is_named or not self.terms[k].is_single
        return self.terms[k].label(self.names) if own else getattr(self.losses[k], "name", self.names[0])

    def __call__(self, y: list[Any], y_pred: list[Tensor], weight: list[Any]) -> Tensor:
        total: Any = None
        for k, (term, loss) in enumerate(zip(self.terms, self.losses, strict=True)):
            rows = self._weight(term, weight)
            value = loss(self._targets(term, y), _at(term.place, y_pred), sample_weight=rows)
            if self.trackers:  # each batch counts alike, as with Keras on TensorFlow
                self.trackers[k].update_state(value)
            value = value * term.weight if term.weight != 1.0 else value
            total = value if total is None else total + value
        return total

    def _targets(self, term: Term, y: list[Any]) -> Any:
        for k in flatten(term.place):
            if y[k] is None and term.is_single:
                raise ArgumentError(f"expected a target y for output {self.names[k]!r}; got none.")
        return _at(term.place, y)

    def _weight(self, term: Term, weight: Sequence[Any]) -> Any:
        first, *others = (weight[k] for k in flatten(term.place))
        if any(other is not first for other in others):
            raise ArgumentError(
                f"sample_weight: expected one array for the outputs {term.label(self.names)!r}, which have a loss "
                "together; got several."
            )
        return first


def _at(place: Any, leaves: Sequence[Any]) -> Any:
    """What belongs to outputs, nested as they are."""
    return leaves[place] if isinstance(place, int) else map_structure(lambda k: leaves[k], place)


def _loss_of(term: Term, y_shapes: Sequence[Any], pred_shapes: Sequence[Any]) -> Any:
    """The loss itself; only that of one output may depend on shapes."""
    if not term.is_single:
        return losses.resolve_loss(term.loss, (), ())
    return losses.resolve_loss(term.loss, y_shapes[term.place] or (), pred_shapes[term.place])


class CompileMetrics:
    """The metrics of a model, by output; made when the shapes of targets and outputs are known.

    Args: spec, weighted: as `compile` was given them; outputs: nested as those of the model; names: of the outputs;
        labels: their names in the logs, None if these do not name them.
    """

    def __init__(
        self, spec: Any, weighted: Any, outputs: Any, names: Sequence[str], labels: Sequence[str] | None = None
    ) -> None:
        self.names, self.labels = list(names), labels if len(names) > 1 else None
        self.plain = [_as_list(e) for e in metrics_by_output(spec, outputs, names, "metrics")]
        self.weighted = [_as_list(e) for e in metrics_by_output(weighted, outputs, names, "weighted_metrics")]
        self.entries: list[tuple[int, str, Metric, bool]] = []  # output, key in logs, metric, weighted?
        self.built = False

    def build(self, y_shapes: Sequence[Any], pred_shapes: Sequence[Any]) -> None:
        """Make the metric objects."""
        for k in range(len(self.names)):
            prefix = f"{self.labels[k]}_" if self.labels else ""
            for weighted, group in ((False, self.plain[k]), (True, self.weighted[k])):
                for identifier in group:
                    metric = metrics.resolve_metric(identifier, y_shapes[k] or (), pred_shapes[k])
                    if metric is not None:
                        self.entries.append((k, prefix + metric.name, metric, weighted))
        self.built = True

    @property
    def metrics(self) -> list[Metric]:
        return [metric for _, _, metric, _ in self.entries]

    def update(self, y: list[Any], y_pred: list[Tensor], weight: list[Any]) -> None:
        """Take a batch into account."""
        for k, _, metric, weighted in self.entries:
            if y[k] is None:
                raise ArgumentError(f"expected a target y for the metrics of output {self.names[k]!r}; got none.")
            metric.update_state(y[k], y_pred[k], sample_weight=weight[k] if weighted else None)

    def named(self) -> list[tuple[str, Metric]]:
        """The metrics by their keys in the logs: a second one of a name is `weighted_NAME`, or numbered."""
        found: dict[str, Metric] = {}
        for of_weighted in (False, True):
            for _, key, metric, weighted in self.entries:
                if weighted == of_weighted:
                    prefix = key.removesuffix(metric.name)
                    other = f"{prefix}weighted_{metric.name}" if weighted and key in found else key
                    found[_free(other, found)] = metric
        return list(found.items())


class CompiledMetrics(Metric):
    """The metrics that `compile` was given, as one: what `model.metrics` holds of them.

    Args: model: whose metrics.
    """

    def __init__(self, model: Any) -> None:
        super().__init__(name="compile_metrics")
        self._model = model

    @property
    def metrics(self) -> list[Metric]:
        """The metrics themselves; none before the model knows the shapes of its outputs."""
        made = self._model._compile_metrics
        return made.metrics if made else []

    @property
    def variables(self) -> list[Variable]:
        """The state of all."""
        return variables_of(self.metrics)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch: all outputs of the model; only `weighted_metrics` look at the weights."""
        self._model._update_compiled(y_true, y_pred, sample_weight)

    def result(self) -> dict[str, Any]:
        """The values by name."""
        made = self._model._compile_metrics
        return {name: metric.result() for name, metric in made.named()} if made else {}

    def reset_state(self) -> None:
        """Forget all batches."""
        for metric in self.metrics:
            metric.reset_state()


def _free(key: str, taken: Mapping[str, Any]) -> str:
    number, free = 1, key
    while free in taken:
        free, number = f"{key}_{number}", number + 1
    return free


def _as_list(entry: Any) -> list[Any]:
    if entry is None:
        return []
    return list(entry) if isinstance(entry, (list, tuple)) else [entry]


def total_with(loss: Any, extra: Sequence[Any]) -> Tensor:
    """The compiled loss plus what layers added."""
    total: Any = loss
    for term in extra:
        term = as_operand(term)
        term = term.sum() if term.ndim else term
        total = term if total is None else total + cast(term, total.type.dtype)
    if total is None:
        raise ArgumentError("fit: the model has neither a compiled loss nor an add_loss; compile(loss=...) gives one.")
    if total.ndim or total.type.dtype not in FLOAT:
        raise ShapeError(f"compute_loss: expected one float; got {total.type}. Use ops.mean or ops.sum on it.")
    return total  # type: ignore[no-any-return]


def variables_of(parts: Sequence[Metric | None]) -> list[Variable]:
    """The state of metrics, each variable once."""
    return list(dict.fromkeys(v for m in parts if m is not None for v in m.variables))
