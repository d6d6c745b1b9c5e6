"""`derive`: the mathematics of a user's own network, with the numbers of a row or batch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ... import config
from ...errors import ArgumentError, NotBuiltError, ShapeError, UnsupportedError, did_you_mean
from ...ir import Tensor, TensorType
from ...ir.tree import flatten, map_structure
from ...training import custom
from ...training.data import array_data
from ...variables import Variable
from ..compiled import loss_of
from ..lint.rules import Hit
from ..words import Words
from .checking import Checks, check_formulas, check_gradients, check_rules, check_step, sure_elements
from .flow import Flow, flow_of, walk_of
from .lines import Line, N, backward_lines, forward_lines
from .plain import plain
from .reading_setup import findings_of
from .recording import STAND_IN, Recording, record_forward
from .terms import Term
from .updates import Update, update_of
from .walking import Walk

NOTATIONS = ("row", "column")
MOST_ROWS = 32  # a larger batch is cut to its first rows: numbers that nobody reads


@dataclass(frozen=True)
class Step:
    """The numbers of one training step.

    Args:
        walk: Walk. Every value and derivative.
        numbers: dict from symbols to arrays, as they are printed.
        loss: float.
        gradients, before, after: dicts from the paths of weights to arrays, in the layout of Keras.
        updates: dict from the values of the update's Program to tensors.
    """

    walk: Walk
    numbers: dict[Term, Any]
    loss: float
    gradients: dict[str, np.ndarray]
    before: dict[str, np.ndarray]
    after: dict[str, np.ndarray]
    updates: dict[Any, Tensor]


class Derivation:
    """A derivation, ready to be written: `text()`, `html()`, `latex()`, `mermaid()`; its numbers: `steps`, `value`.

    Made by `derive`.
    """

    def __init__(
        self, model: Any, recording: Recording, flow: Flow, update: Update, parts: Any, rows: dict[str, Any], lang: str
    ) -> None:
        self.model, self.recording, self.flow, self.update = model, recording, flow, update
        self.rows, self.lang = rows, lang
        self.steps: list[Step] = []
        self._parts = parts
        self.forward: list[Line] = forward_lines(flow)
        self.backward: list[Line] = backward_lines(flow)

    @property
    def loss(self) -> float:
        """The loss before the first step."""
        return self._first().loss

    @property
    def gradients(self) -> dict[str, np.ndarray]:
        """The derivative of the loss by each weight in the first step, by the path of the weight."""
        return self._first().gradients

    @property
    def weights_after(self) -> dict[str, np.ndarray]:
        """Each weight after the last step, by its path."""
        return self.steps[-1].after if self.steps else self._first().after

    def value(self, name: str, step: int = 1) -> np.ndarray:
        """The number behind a symbol, as it is printed (in column notation a sample is a column).

        Args: name: as in the text, such as 'z⁽¹⁾', 'δ⁽²⁾', 'ŷ', '∂L/∂W⁽¹⁾'; step: from 1.
        Raises: ArgumentError: there is no such symbol, or there are no numbers.
        """
        self._first()
        found = {plain(term): array for term, array in self.steps[step - 1].numbers.items()}
        if name not in found:
            raise ArgumentError(f"derive: there is no value {name!r}.{did_you_mean(name, found)}")
        return np.asarray(found[name])

    @cached_property
    def findings(self) -> list[Hit]:
        """What cannot work about the set-up: see `chainrule.insight.lint.setups`."""
        targets = [None] * self.recording.outputs
        if self._parts is not None:
            given = list(flatten(self._parts[1]))
            targets = given if len(given) == len(targets) else targets
        outputs = self.recording.program.outputs[1 : 1 + self.recording.outputs]
        return findings_of(self.flow, outputs, targets, loss_of(self.model))

    @property
    def warnings(self) -> list[str]:
        """The findings in words."""
        return [hit.sentence(self.lang) for hit in self.findings]

    @cached_property
    def checks(self) -> Checks | None:
        """The derivation checked; None without numbers. Takes about as long as the derivation."""
        if not self.steps:
            return None
        first = self.steps[0]
        lines = check_formulas([*self.forward, *self.backward], first.numbers, not self.flow.column)
        rules = check_rules(r.numbered(self.update, first.updates, lambda a: a) for r in self.update.rules)
        formulas = lines[0] + rules[0], max(lines[1], rules[1])
        operands = [np.asarray(first.walk.values[v].numpy()) for v in self.recording.program.inputs]
        entries = check_gradients(self.recording.program, operands, list(first.gradients.values()))
        after = dict(zip(self.recording.trained, self.steps[-1].after.values(), strict=True))
        sure = dict(zip(self.recording.trained, sure_elements([s.gradients for s in self.steps]), strict=True))
        executor = "eager" if self.model.run_eagerly else config.executor()
        return Checks(*formulas, *entries, executor, check_step(self.model, self._parts, len(self.steps), after, sure))

    def text(self) -> str:
        """Plain text."""
        from .page import blocks_of
        from .textpage import text_page

        return text_page(blocks_of(self))

    def html(self) -> str:
        """One self-contained HTML page."""
        from .htmlpage import html_page
        from .page import blocks_of, title_of

        return html_page(title_of(self), blocks_of(self), self.lang)

    def latex(self) -> str:
        """A LaTeX document."""
        from .latexpage import latex_page
        from .page import blocks_of

        return latex_page(blocks_of(self), self.lang == "zh")

    def mermaid(self) -> str:
        """The flow chart in Mermaid's language."""
        from .page import chart_of

        return chart_of(self).mermaid

    def _repr_html_(self) -> str:
        return self.html()

    def _first(self) -> Step:
        if not self.steps:
            raise ArgumentError("derive: there are no numbers, because no data were given. Call derive(model, x, y).")
        return self.steps[0]


def derive(
    model: Any, x: Any = None, y: Any = None, sample_weight: Any = None, *, row: int | None = None, steps: int = 1,
    notation: str = "row", lang: str = "en",
) -> Derivation:  # fmt: skip
    """Write out the mathematics of a network: forward pass, loss, every gradient by the chain rule, the update.

    Everything is read off the Program that training runs and the gradient table; the model is left as it is.

    Args:
        model: a compiled Model.
        x, y, sample_weight: as for `fit`; a batch larger than 32 rows is cut to its first 32. Without x (default None)
            there are formulas and shapes, and no numbers; the model's weights must then exist.
        row: int or None; only this row of the data, counted from 0 (default None: the batch).
        steps: int from 1; how many updates are made, each on the same rows (default 1).
        notation: 'row' (x W + b, as in Keras; the default) or 'column' (W x + b).
        lang: 'en' (default) or 'zh'.

    Returns: `Derivation`.
    Raises: NotBuiltError: the model is not compiled, or has no weights yet; ArgumentError, ShapeError, DataError: what
        is given does not fit; NotDifferentiableError: an operation has no derivative; UnsupportedError: the model has
        a `train_step` of its own.
    Source: Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors".

    Example:
    >>> from chainrule import Sequential, layers
    >>> model = Sequential([layers.Dense(1, kernel_initializer="ones", input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> found = derive(model, [[2.0, 3.0]], [[1.0]])
    >>> found.loss, found.gradients["dense/kernel"].ravel().tolist()  # doctest: +SKIP
    (16.0, [16.0, 24.0])
    """
    Words(lang)
    _check(model, row, steps, notation)
    if x is None:
        parts, rows = _shapes(model), dict[str, Any]()
    else:
        parts, rows = _chosen(model, x, y, sample_weight, row)
    recording = record_forward(model, parts)
    flow = flow_of(recording, notation == "column")
    letters = [flow.names.terms[v] for v in recording.program.inputs[: len(recording.trained)]]
    update = update_of(model, recording.trained, letters, flow.column)
    found = Derivation(model, recording, flow, update, parts if rows else None, rows, lang)
    if rows:
        _compute(found, [np.asarray(a) for a in flatten(parts) if a is not None], steps)
    return found


def _check(model: Any, row: Any, steps: Any, notation: Any) -> None:
    if not getattr(model, "compiled", False):
        raise NotBuiltError("derive: call model.compile(optimizer=..., loss=...) first: the loss and the update of the "
                            "weights are part of the mathematics.")  # fmt: skip
    if custom.is_own(model, "train"):
        raise UnsupportedError(
            f"derive: {type(model).__name__} has a train_step of its own, so its training is not forward pass, loss "
            "and update. derive takes models that train as Model does; for the gradients of a function there is "
            "chainrule.value_and_grad."
        )
    if notation not in NOTATIONS:
        raise ArgumentError(f"notation: expected 'row' or 'column'; got {notation!r}."
                            f"{did_you_mean(str(notation), NOTATIONS)}")  # fmt: skip
    if not isinstance(steps, int) or steps < 1:
        raise ArgumentError(f"steps: expected a positive whole number; got {steps!r}.")
    if row is not None and (not isinstance(row, (int, np.integer)) or row < 0):
        raise ArgumentError(f"row: expected a whole number from 0; got {row!r}.")


def _chosen(model: Any, x: Any, y: Any, weight: Any, row: int | None) -> tuple[Any, dict[str, Any]]:
    """The rows that are computed on, and what to say of them."""
    data = array_data(model._numbers(x, training=True), y, weight)
    count = data.rows
    if row is not None and row >= count:
        raise ArgumentError(f"row: there are {count} rows, so the last one is number {count} (row={count - 1} from "
                            f"Python, which counts from 0); got number {row + 1} (row={row}).")  # fmt: skip
    first, last = (row, row + 1) if row is not None else (0, min(count, MOST_ROWS))
    parts = map_structure(lambda a: None if a is None else np.asarray(a)[first:last], data.parts)
    model._setup(data, training=True)
    return parts, {"row": row, "n": last - first, "all": count}


def _shapes(model: Any) -> Any:
    """Types for data that nobody gave, from the model's inputs and loss."""
    if not model.built or not getattr(model, "inputs", None):
        raise NotBuiltError("derive: without data the model must know the shapes of its inputs. Give x and y, or begin "
                            "the model with an Input.")  # fmt: skip
    if any(None in t.shape[1:] for t in (*model.inputs, *model.outputs)):
        raise ShapeError("derive: an axis of the model's input has no fixed size; give x and y.")
    tiny = [np.zeros((2, *t.shape[1:]), _dtype(t)) for t in model.inputs]
    y, loss = [], model._compile_arguments["loss"]
    for t in model.outputs:
        is_class = "sparse" in str(getattr(loss, "name", loss))
        y.append(np.zeros((2,), "int32") if is_class else np.zeros((2, *t.shape[1:]), "float32"))
    data = array_data(tiny if len(tiny) > 1 else tiny[0], y if len(y) > 1 else y[0], None)
    model._setup(data, training=True)
    return map_structure(
        lambda a: None if a is None else TensorType(str(a.dtype), (STAND_IN, *a.shape[1:])), data.parts
    )  # fmt: skip


def _dtype(tensor: Any) -> str:
    return np.dtype(tensor.dtype).name


def _compute(found: Derivation, data: list[np.ndarray], steps: int) -> None:
    """Fill in the numbers of the steps; the state goes from one to the next, and not into the model."""
    recording = found.recording
    values: dict[Variable, Tensor] = {v: v.value for v in (*recording.state, *found.update.state)}
    for _ in range(steps):
        before = _arrays(recording, values)
        walk = walk_of(recording, found.flow, [values[v] for v in recording.state], data)
        values.update(zip(recording.changed, walk.outputs()[1 + recording.outputs :], strict=True))
        gradients = [_gradient(walk, recording, k) for k in range(len(recording.trained))]
        updates = found.update.apply(values, gradients)
        numbers = {**found.flow.numbers(walk), N: np.asarray(float(recording.rows))}
        found.steps.append(Step(
            walk, numbers, float(walk.outputs()[0]),
            {path: np.array(g.numpy()) for path, g in zip(recording.paths, gradients, strict=True)}, before,
            _arrays(recording, values), updates,
        ))  # fmt: skip


def _arrays(recording: Recording, values: dict[Variable, Tensor]) -> dict[str, np.ndarray]:
    pairs = zip(recording.paths, recording.trained, strict=True)
    return {path: np.array(values[variable].numpy()) for path, variable in pairs}


def _gradient(walk: Walk, recording: Recording, k: int) -> Tensor:
    v = recording.program.inputs[k]
    return walk.gradients[v] if v in walk.gradients else Tensor(np.zeros(v.type.shape, v.type.dtype))
