"""One training step and one epoch, as functions that are recorded.

The state (weights, optimizer slots, random generators, metric counters) is a list of Variables; inside a recording
each stands for a tensor in a `StateScope`. A step reads and assigns them; an epoch is a loop whose carry is the
state and whose sequence is the row numbers of each batch. Shuffling, batching, step and metrics are one Program.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from .. import primitives as P
from ..autodiff import pull_back
from ..ir import Tensor, TensorType, inline, is_tracing, trace, type_of
from ..ir.tree import flatten, map_structure, unflatten
from ..primitives.arithmetic import as_operand, full
from ..variables import StateScope, Variable

Step = Callable[[Any, Any, Any, Any], Any]  # (model, x, y, sample weight)
WATCHED = "batch_step"  # the body of the loop over batches, by the name that executors know it by


def train_step(model: Any, x: Any, y: Any, weight: Any) -> None:
    """Forward, loss, metrics, gradient, update. Reads and assigns Variables; runs inside a `StateScope` or eagerly."""
    trained = model.trainable_variables
    assigned: list[Variable] = []
    names: list[str] = []  # of what a `compute_metrics` of the user's returned

    def forward(*values: Tensor) -> list[Tensor]:
        given = dict(zip(trained, values, strict=True))
        with StateScope(given) as scope:
            y_pred = model._forward(x, training=True)
            loss = model._loss_of(x, y, y_pred, weight, training=True)
            model._update_metrics(loss, x, y, y_pred, weight)
        assigned.extend(v for v, t in scope.values.items() if t is not given.get(v))
        logs = model.__dict__.pop("_own_logs", {})
        names.extend(logs)
        return [model.optimizer.scale_loss(loss), *(scope.values[v] for v in assigned), *map(as_operand, logs.values())]

    weights = [v.value for v in trained]
    arrays = [w.numpy() for w in weights] if model.run_eagerly and not is_tracing() else None
    program, captured = trace(forward, [w.type for w in weights], "step", arrays)
    seeds: list[Tensor | None] = [full((), 1, program.outputs[0].type.dtype)] + [None] * (len(program.outputs) - 1)
    (_, *new), gradients = pull_back(program, [*weights, *captured], seeds, range(len(trained)))
    for variable, value in zip(assigned, new, strict=False):
        variable.assign(value)
    if names:
        model.__dict__["_own_logs"] = dict(zip(names, new[len(assigned) :], strict=True))
    model.optimizer.apply(gradients, trained)


def test_step(model: Any, x: Any, y: Any, weight: Any) -> None:
    """Forward, loss and metrics, nothing trained."""
    y_pred = model._forward(x, training=False)
    loss = model._loss_of(x, y, y_pred, weight, training=False)
    model._update_metrics(loss, x, y, y_pred, weight)


def predict_step(model: Any, x: Any, y: Any, weight: Any) -> Any:
    """The outputs."""
    return model._forward(x, training=False)


def rows(data: Any, index: Tensor) -> Any:
    """The rows of a tree of tensors that `index` names."""
    column = P.reshape(index, shape=(*index.shape, 1))
    return map_structure(lambda a: None if a is None else P.gather(a, column), data)


class UnknownStateError(Exception):
    """A step reads or assigns Variables that are not part of the state: record it again with these."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        super().__init__(f"unknown variables {[v.path for v in variables]}")
        self.variables = list(variables)


class _Watching(StateScope):
    """A scope that notes which Variables are read that it does not know."""

    def __init__(self, values: dict[Variable, Tensor]) -> None:
        super().__init__(values)
        self.unknown: dict[Variable, None] = {}

    def read(self, variable: Variable) -> Tensor | None:
        if variable not in self.values:
            self.unknown[variable] = None
        return self.values.get(variable)


def with_state(function: Callable[[], Any], state: Sequence[Variable], values: Sequence[Tensor]) -> tuple[list, Any]:
    """Run `function` with the state given as tensors; returns the new state and the result."""
    scope = _Watching(dict(zip(state, values, strict=True)))
    with scope:
        result = function()
    known = set(state)
    unknown = [v for v in {**scope.unknown, **scope.values} if v not in known]
    if unknown:
        raise UnknownStateError(unknown)
    return [scope.values[v] for v in state], result


def over_batches(
    step: Step, model: Any, state: Sequence[Variable], values: Sequence[Tensor], data: Any, batches: Tensor
) -> tuple[list[Tensor], Any]:
    """A loop over batches of row numbers (steps, batch); returns the new state and the stacked results."""

    def batch_step(carry: Any, index: Tensor) -> tuple[Any, Any]:
        x, y, weight = rows(data, index)
        return with_state(lambda: step(model, x, y, weight), state, carry)

    return ops.scan(batch_step, list(values), batches)


def epoch(
    step: Step, model: Any, state: Sequence[Variable], values: Sequence[Tensor], data: Any, order: Tensor, batch: int
) -> tuple[list[Tensor], Any]:
    """All rows in the given order, in batches; the last one may be smaller and counts too."""
    count = order.shape[0]
    whole = count // batch if count > batch else 0  # one batch needs no loop
    new, results = list(values), []
    if whole:
        cut = P.reshape(P.slice(order, start=(0,), stop=(whole * batch,)), shape=(whole, batch))
        new, stacked = over_batches(step, model, state, new, data, cut)
        if stacked is not None:
            results.append(map_structure(_joined, stacked))
    if whole * batch < count:
        last = P.slice(order, start=(whole * batch,), stop=(count,))
        new, result = with_state(lambda: step(model, *rows(data, last)), state, new)
        if result is not None:
            results.append(map_structure(lambda t: ops.reshape(t, (1,)) if t.ndim == 0 else t, result))
    if len(results) == 2:
        return new, map_structure(lambda a, b: P.concatenate(a, b, axis=0), *results)
    return new, (results[0] if results else None)


def _joined(stacked: Tensor) -> Tensor:
    """Outputs of many batches, one after the other: (batches, rows, ...) as (all rows, ...)."""
    if stacked.ndim < 2:
        return stacked
    batches, rows, *rest = stacked.shape
    return P.reshape(stacked, shape=(batches * rows, *rest))


Report = Callable[[Any], Any]  # what is handed out at the end, of the new state, from the results of the steps


def reported(report: Report | None, state: Sequence[Variable], values: Sequence[Tensor], result: Any) -> Any:
    """What a Program hands out besides the state: the report if there is one, else the results of the steps."""
    if report is None:
        return result
    with StateScope(dict(zip(state, values, strict=True))):
        return report(result)


def record_epoch(
    step: Step, model: Any, state: Sequence[Variable], data: Any, batch: int, shuffle: bool, name: str,
    report: Report | None = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The Program `(state, data, key if shuffled) -> (state, results)` of a whole epoch; and the results' structure."""
    leaves = flatten(data)
    types = [v.type for v in state] + [type_of(a) for a in leaves if a is not None]
    kept: list[Any] = []
    count = len(next(a for a in leaves if a is not None))

    def function(*tensors: Tensor) -> list[Tensor]:
        source = iter(tensors)
        values = [next(source) for _ in state]
        filled = unflatten(data, [None if a is None else next(source) for a in leaves])
        order = ops.random.permutation(next(source), count) if shuffle else P.iota(shape=(count,))
        new, result = epoch(step, model, state, values, filled, order, batch)
        result = reported(report, state, new, result)
        kept.append(result)
        return [*new, *(as_operand(t) for t in flatten(result) if t is not None)]

    key = [TensorType("uint32", (2,))] if shuffle else []
    return *_closed(trace(function, [*types, *key], name)), kept[0]  # type: ignore[return-value]


def record_piece(
    step: Step, model: Any, state: Sequence[Variable], data: Any, shape: tuple[int, int], name: str,
    report: Report | None = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The Program `(state, data, row numbers (steps, batch)) -> (state, results)` of a part of an epoch."""
    leaves = flatten(data)
    types = [v.type for v in state] + [type_of(a) for a in leaves if a is not None]
    kept: list[Any] = []

    def function(*tensors: Tensor) -> list[Tensor]:
        source = iter(tensors)
        values = [next(source) for _ in state]
        filled = unflatten(data, [None if a is None else next(source) for a in leaves])
        new, result = over_batches(step, model, state, values, filled, next(source))
        result = reported(report, state, new, result)
        kept.append(result)
        return [*new, *(as_operand(t) for t in flatten(result) if t is not None)]

    return *_closed(trace(function, [*types, TensorType("int32", shape)], name)), kept[0]  # type: ignore[return-value]


def _closed(traced: tuple[Any, list[Tensor]]) -> tuple[Any]:
    """The Program with everything it captured as constants: its inputs are state, data and order alone."""
    program, captured = traced
    if not captured:
        return (program,)
    declared = program.input_types[: len(program.inputs) - len(captured)]
    def function(*tensors: Tensor) -> list[Tensor]:
        constants = [P.constant(value=t.numpy()) for t in captured]
        return inline(program, [*tensors, *constants])

    return (trace(function, declared, program.name)[0],)
