"""The gradient of a network by its input; and with it, which of very many columns matter enough to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import ops, transforms
from ...errors import NotDifferentiableError, UnsupportedError
from ...models import Model
from ...tabular import TableModel

_BLOCK = 1024
_MOST, _ROWS = 100, 64


class Slope:
    """The gradient of a weighted sum of a network's outputs by its input, compiled once.

    Args:
        network: Model of one input.

    Raises:
        UnsupportedError: it is no model of chainrule, so it has no gradient here.

    >>> from chainrule import Sequential, layers
    >>> net = Sequential([layers.Input((2,)), layers.Dense(1)])
    >>> net.set_weights([np.array([[3.0], [-1.0]]), np.array([5.0])])
    >>> Slope(net)(np.zeros((1, 2), "float32"), np.ones(1)).tolist()
    [[3.0, -1.0]]
    """

    def __init__(self, network: Any) -> None:
        if not isinstance(network, Model):
            raise UnsupportedError(f"gradients: expected a model of chainrule; got {type(network).__name__}.")
        self.network = network
        self.run: Callable[..., Any] = transforms.compile(transforms.grad(self._sum))
        self.taken = 0

    def _sum(self, x: Any, weights: Any) -> Any:
        return ops.sum(self.network(x) * weights)

    def __call__(self, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Gradients (n, ...) at inputs (n, ...); `weights` has one number an output."""
        weights = np.asarray(weights, np.float32)
        found = np.empty(x.shape, np.float64)
        for start in range(0, len(x), _BLOCK):
            part = x[start : start + _BLOCK]
            size = min(_BLOCK, max(32, 1 << (len(part) - 1).bit_length()))
            padded = np.concatenate([part, np.repeat(part[-1:], size - len(part), 0)]).astype(np.float32)
            found[start : start + len(part)] = self.run(padded, weights).numpy()[: len(part)]
        self.taken += len(x)
        return found


def foremost(model: Any, columns: Sequence[str], table: Any) -> np.ndarray:
    """The columns that are explained one by one: all of up to 100, else the 100 on which the answers depend most.

    Their score is the mean over some rows of |gradient * (input - its mean)|, summed over a column's inputs, outputs
    and networks.

    Args:
        model: TableModel or Keras-style model.
        columns: sequence of str.
        table: Table or array, some rows of it.

    Returns:
        int array of positions in `columns`, ascending. All of them if the model has no gradient.
    """
    if len(columns) <= _MOST:
        return np.arange(len(columns))
    score = np.zeros(len(columns))
    try:
        if not isinstance(model, TableModel):
            score = _scores(model, table[:_ROWS])
        else:
            place = {name: j for j, name in enumerate(columns)}
            rows = table.take(np.arange(min(_ROWS, len(table))))
            for network, encoder in zip(model.networks, model.encoders, strict=True):
                inputs = _scores(network, encoder.transform(rows, []))
                np.add.at(score, [place[name] for name in encoder.feature_columns], inputs)
    except (UnsupportedError, NotDifferentiableError):
        return np.arange(len(columns))
    return np.sort(np.argsort(-score, kind="stable")[:_MOST])


def _scores(network: Any, x: np.ndarray) -> np.ndarray:
    """One score an input, (inputs,)."""
    slope = Slope(network)
    return np.sum([np.abs(slope(x, one) * (x - x.mean(0))).mean(0) for one in np.eye(network.output_shape[-1])], 0)
