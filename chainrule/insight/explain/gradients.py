"""Integrated gradients: an output as a sum over the inputs, by the network's own gradient along straight lines.

From a start b to the row x, with f the output and both as the network reads them,

    IG_i = (x_i - b_i) * integral from 0 to 1 of  df/dx_i (b + t (x - b))  dt,      sum of IG_i = f(x) - f(b).

Sources: Sundararajan, Taly and Yan 2017, arXiv:1703.01365, eq. 1; many starts instead of one: Erion, Janizek,
Sturmfels, Lundberg and Lee 2021, arXiv:1906.10670 (expected gradients). The integral is a Gauss-Legendre sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, ChainruleError
from ...models import Model
from ...tabular import TableModel
from .importance import drawn
from .results import Attribution
from .shapley import contributions
from .slope import Slope
from .subject import ArraySubject, Subject, TableSubject

_STEPS = (32, 64, 128, 256)
_CLOSE = 1e-3  # of the largest change of the output that the gap may be


def along_lines(slope: Slope, starts: np.ndarray, end: np.ndarray, weights: np.ndarray, steps: int) -> np.ndarray:
    """Integrated gradients from each start to the end.

    Args:
        slope: Slope.
        starts: array (b, ...).
        end: array (...).
        weights: array (k,). Which output: one number each.
        steps: int. Points on each line.

    Returns:
        float64 array (b, ...): contributions of the inputs.
    """
    points, shares = np.polynomial.legendre.leggauss(steps)
    points, shares = (points + 1) / 2, shares / 2
    found = np.empty(starts.shape, np.float64)
    for i, start in enumerate(starts):
        way = (end - start).astype(np.float64)
        t = points.reshape(-1, *[1] * end.ndim)
        found[i] = way * np.tensordot(shares, slope(start + t * way, weights), 1)
    return found


def integrated_gradients(
    about: Subject, row: int = 0, *, output: str | int | None = None, background: int = 100, steps: int | None = None,
    seed: int = 0,
) -> Attribution:  # fmt: skip
    """What each column of a row contributes to its output, by gradients of the network or of all members.

    Lines lead from rows of the background to the row, in the space that each network reads; a column gets the sum over
    the inputs that it became, the mean over the background, and of each member as much as it counts in the model.
    Prediction and base are those of the whole model, so `gap` also shows what happens outside the networks.

    Args:
        about: Subject.
        row: int from 0, default 0.
        output: a class or its number; default None: the class that is decided on.
        background: int, default 100. At most so many rows of the background are starts.
        steps: int or None. Points on each line; default None: 32, doubled up to 256 while the gap is above 0.1 % of
            the largest difference from a start.
        seed: int, default 0.

    Raises:
        ArgumentError: there is no such row or output.
        UnsupportedError: the model has no gradient.

    >>> from chainrule import Sequential, layers
    >>> from .subject import subject
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> net.set_weights([np.array([[3.0], [-1.0]]), np.array([5.0])])
    >>> found = integrated_gradients(subject(net, np.array([[1, 2], [0, 0]], "float32")))
    >>> [(c.column, round(c.value.value, 5)) for c in found.contributions]
    [('x0', 1.5), ('x1', -1.0)]
    """
    about.check_row(row)
    own = about.ask(about.whole(np.array([row])))
    k = about.output(output, int(about.decide(own)[0]) if about.is_classification else 0)
    others = drawn(about.background, background, seed)
    bases, prediction = about.ask(about.whole(others))[:, k], float(own[0, k])
    base, largest = float(bases.mean()), float(np.abs(prediction - bases).max())
    members = _members(about, row, others, k)
    for count in _STEPS if steps is None else (steps,):
        values = np.sum([sums @ along_lines(slope, starts, end, weights, count).T
                         for slope, starts, end, weights, sums in members], 0).T  # fmt: skip
        gap = prediction - base - float(values.mean(0).sum())
        if abs(gap) <= _CLOSE * largest:
            break
    return Attribution(
        "integrated gradients", about.outputs[k], prediction, base, contributions(about, row, values), gap, False,
        len(others), sum(slope.taken for slope, *_ in members),
    )  # fmt: skip


_Member = tuple[Slope, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _members(about: Subject, row: int, others: np.ndarray, k: int) -> list[_Member]:
    """For each network: its slope, starts, end, weights of outputs, and (columns, inputs) which inputs a column is."""
    if isinstance(about, ArraySubject):
        units = about.model.output_shape[-1] if isinstance(about.model, Model) else 1
        weights = _class_weights(about.task, units, k, 1.0)
        sums = np.eye(len(about.names))[:, about.place]
        return [(Slope(about.model), about.pool[others], about.pool[row], weights, sums)]
    assert isinstance(about, TableSubject)
    table, found = about.table(about.whole(np.concatenate([others, [row]]))), []
    model = about.model
    for network, encoder, share in zip(model.networks, model.encoders, model.weights, strict=True):
        encoded = encoder.transform(table, [])
        positions = [about.columns.index(name) for name in encoder.feature_columns]
        sums = np.eye(len(about.names))[:, about.place[positions]]
        weights = share * _class_weights(about.task, network.output_shape[-1], k, _unit(model))
        found.append((Slope(network), encoded[:-1], encoded[-1], weights, sums))
    return found


def _unit(model: TableModel) -> float:
    """How much of the target one unit of a network's output is."""
    return 1.0 if model.target.is_classification else float(model.prior[1])


def _class_weights(task: str, units: int, k: int, unit: float) -> np.ndarray:
    """The weights that make output k of the model of the outputs of a network."""
    if task == "binary" and units == 1:
        return np.array([1.0 if k else -1.0])
    weights = np.zeros(units)
    weights[k] = unit
    return weights


def pixel_gradients(
    model: Any, image: np.ndarray, *, output: int | None = None, baseline: Any = 0.0, steps: int = 64
) -> tuple[np.ndarray, float]:
    """Integrated gradients of one input of any shape, such as an image.

    Args:
        model: Model of one input.
        image: array (...), without a batch axis.
        output: int or None. Which output; default None: the largest.
        baseline: number or array (...), default 0. Where the line starts: an image that shows nothing, such as black.
        steps: int, default 64. Points on the line.

    Returns:
        float64 array (...) of contributions, and the gap f(image) - f(baseline) - sum.

    Raises:
        ArgumentError: shapes do not fit.
        UnsupportedError: no model of chainrule.

    >>> from chainrule import Sequential, layers
    >>> net = Sequential([layers.Input((2, 2, 1)), layers.Flatten(), layers.Dense(1, kernel_initializer="ones")])
    >>> values, gap = pixel_gradients(net, np.ones((2, 2, 1), "float32"))
    >>> values.sum().round(4), abs(gap) < 1e-4
    (np.float64(4.0), True)
    """
    image = np.asarray(image, np.float32)
    start = np.broadcast_to(np.asarray(baseline, np.float32), image.shape)
    slope = Slope(model)
    if model.inputs and not str(model.inputs[0].dtype).startswith(("float", "bfloat")):
        raise ArgumentError("pixel_gradients: the model takes whole numbers, between which there is nothing. Of texts: "
                            "token_gradients.")  # fmt: skip
    try:
        ends = np.asarray(model.predict(np.stack([start, image]), verbose=0), np.float64)
    except ChainruleError as error:
        raise ArgumentError(f"pixel_gradients: {error}") from None
    k = int(ends[1].argmax()) if output is None else output
    if ends.ndim != 2 or not 0 <= k < ends.shape[1]:
        raise ArgumentError(f"pixel_gradients: expected a number of an output of {ends.shape[1:]}; got {k}.")
    weights = np.zeros(ends.shape[1])
    weights[k] = 1
    values = along_lines(slope, start[None], image, weights, steps)[0]
    return values, float(ends[1, k] - ends[0, k] - values.sum())
