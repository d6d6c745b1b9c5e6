"""What `compile` is given, resolved against the model's outputs: losses and metrics by output name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import losses, metrics
from ..errors import ArgumentError, ShapeError, UnknownNameError, did_you_mean, listed
from ..ir import FLOAT, Tensor
from ..ir.tree import flatten
from ..metrics import Mean, Metric
from ..primitives.arithmetic import as_operand, cast
from ..variables import Variable


def by_output(spec: Any, names: Sequence[str], what: str, many: bool) -> list[Any]:
    """One entry an output from a list, a dict by output name, entries nested as outputs are, or one value for all.

    Args: many: whether an entry is itself a list (metrics), so that a flat list is meant for every output.
    """
    if spec is None:
        return [None] * len(names)
    if not many and _is_deep(spec, names):
        return flatten(spec)
    if isinstance(spec, Mapping):
        for key in spec:
            if key not in names:
                raise UnknownNameError(f"{what}: no output is named {key!r}; the outputs are {listed(names)}."
                                    f"{did_you_mean(str(key), names)}")  # fmt: skip
        return [spec.get(name) for name in names]
    if isinstance(spec, (list, tuple)) and not (many and not _is_nested(spec, names)):
        if len(spec) != len(names):
            raise ArgumentError(f"{what}: expected {len(names)} entries, one an output; got {len(spec)}.")
        return list(spec)
    return [spec] * len(names)


def _is_deep(spec: Any, names: Sequence[str]) -> bool:
    """Whether entries are nested as outputs are: not one a name, nor one an output in a single list."""
    if isinstance(spec, Mapping):
        return any(_leads_on(key, names) for key in spec) and len(flatten(spec)) == len(names)
    return isinstance(spec, (list, tuple)) and len(spec) != len(names) and len(flatten(spec)) == len(names) > 1


def _leads_on(key: str, names: Sequence[str]) -> bool:
    return key not in names and any(name.startswith(f"{key}/") for name in names)


def _is_nested(spec: Sequence[Any], names: Sequence[str]) -> bool:
    if len(names) == 1:
        return len(spec) == 1 and isinstance(spec[0], (list, tuple))
    return len(spec) == len(names)


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
    """The loss of a model: one loss an output, weighted and added.

    Args: spec, weights: as `compile` was given them; names: of the outputs; y_shapes, pred_shapes; is_named: whether
        the logs say these names: else, as in Keras, those of the losses.
    """

    def __init__(
        self, spec: Any, weights: Any, names: Sequence[str], y_shapes: Sequence[Any], pred_shapes: Sequence[Any],
        is_named: bool = True,
    ) -> None:  # fmt: skip
        entries = by_output(spec, names, "loss", many=False)
        self.names = list(names)
        self.losses = [
            _loss_of(entry, y_shape or (), pred_shape)
            for entry, y_shape, pred_shape in zip(entries, y_shapes, pred_shapes, strict=True)
        ]
        self.weights = [_as_weight(w) for w in by_output(weights, names, "loss_weights", many=False)]
        if all(loss is None for loss in self.losses):
            raise ArgumentError("compile: expected a loss for at least one output; got None for all.")
        several = sum(loss is not None for loss in self.losses) > 1
        shown = [name if is_named else getattr(e, "name", name) for name, e in zip(names, self.losses, strict=True)]
        self.trackers = [Mean(name=f"{n}_loss") if several and e is not None else None
                         for n, e in zip(shown, self.losses, strict=True)]  # fmt: skip

    def __call__(self, y: list[Any], y_pred: list[Tensor], weight: list[Any]) -> Tensor:
        total: Any = None
        for k, loss in enumerate(self.losses):
            if loss is None:
                continue
            if y[k] is None:
                raise ArgumentError(f"expected a target y for output {self.names[k]!r}; got none.")
            value = loss(y[k], y_pred[k], sample_weight=weight[k])
            tracker = self.trackers[k]
            if tracker is not None:  # each batch counts alike, as with Keras on TensorFlow
                tracker.update_state(value)
            value = value * self.weights[k] if self.weights[k] != 1.0 else value
            total = value if total is None else total + value
        return total


def _loss_of(entry: Any, y_shape: Any, pred_shape: Any) -> Any:
    """The loss of one output; several are added."""
    if not isinstance(entry, (list, tuple)):
        return losses.resolve_loss(entry, y_shape, pred_shape)
    parts = [found for one in entry if (found := _loss_of(one, y_shape, pred_shape)) is not None]
    if len(parts) < 2:
        return parts[0] if parts else None
    return lambda y, y_pred, sample_weight=None: sum(part(y, y_pred, sample_weight=sample_weight) for part in parts)


def _as_weight(weight: Any) -> float:
    try:
        return 1.0 if weight is None else float(weight)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"compile: expected loss_weights to be numbers; got {weight!r}. The third argument of compile is "
            "loss_weights: write metrics=[...] with its name."
        ) from None


class CompileMetrics:
    """The metrics of a model, by output; made when the shapes of targets and outputs are known.

    Args: spec, weighted: as `compile` was given them; names: of the outputs; is_named: whether the logs say them.
    """

    def __init__(self, spec: Any, weighted: Any, names: Sequence[str], is_named: bool = True) -> None:
        self.names, self.is_named = list(names), is_named
        self.plain = [_as_list(e) for e in by_output(spec, names, "metrics", many=True)]
        self.weighted = [_as_list(e) for e in by_output(weighted, names, "weighted_metrics", many=True)]
        self.entries: list[tuple[int, str, Metric, bool]] = []  # output, key in logs, metric, weighted?
        self.built = False

    def build(self, y_shapes: Sequence[Any], pred_shapes: Sequence[Any]) -> None:
        """Make the metric objects."""
        for k, name in enumerate(self.names):
            prefix = f"{name}_" if self.is_named and len(self.names) > 1 else ""
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


def flat(tree: Any, count: int, names: Sequence[str], what: str) -> list[Any]:
    """Targets or weights in the order of the outputs: from one array, a list, or a dict by output name."""
    if tree is None:
        return [None] * count
    if isinstance(tree, Mapping):
        return by_output(tree, names, what, many=False)
    leaves = flatten(tree)
    if len(leaves) == 1 and count > 1 and what == "sample_weight":
        return leaves * count
    if len(leaves) != count:
        raise ArgumentError(f"{what}: expected {count} arrays, one an output ({listed(names)}); got {len(leaves)}.")
    return leaves


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
