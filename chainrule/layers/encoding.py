"""Categories and ranges of numbers as vectors of zeros and ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, NotBuiltError, UnsupportedError
from ..serialization import builtin
from .checks import label, number, one_of, positive_integer
from .layer import Layer
from .standardizing import batches_of

MODES = ("multi_hot", "one_hot", "count")


def encoded(indices: Any, size: int, mode: str, dtype: str, weights: Any = None) -> Any:
    """Integers as vectors of `size`: 'one_hot' one for each integer, the others one for all on the last axis.

    An integer that is not from 0 to size - 1 counts nowhere.

    >>> encoded(np.array([[0, 2, 2]]), 3, "count", "float32").tolist()
    [[1.0, 0.0, 2.0]]
    """
    indices = ops.cast(indices, "int32")
    if mode == "one_hot" and indices.ndim > 1 and indices.shape[-1] == 1:
        indices = ops.squeeze(indices, -1)
    if mode != "one_hot" and not indices.ndim:
        indices = ops.expand_dims(indices, 0)
    hits = ops.one_hot(indices, size, dtype=dtype)
    if mode == "one_hot":
        return hits
    if mode == "multi_hot":
        return ops.max(hits, -2)
    return ops.sum(hits if weights is None else hits * ops.expand_dims(ops.cast(weights, dtype), -1), -2)


@builtin
class CategoryEncoding(Layer):
    """Integers as vectors of zeros and ones.

    Args:
        num_tokens: int, the number of categories: integers from 0 to num_tokens - 1.
        output_mode: 'multi_hot' (default): 1 for each category that a row holds; 'one_hot': one vector for each
            integer; 'count': how often a row holds each category.
        sparse: must be False.

    Shapes: (batch, n) -> (batch, num_tokens); 'one_hot': (batch,) or (batch, 1) -> (batch, num_tokens). `count_weights`
        (in the call, for 'count'): a weight for each integer.
    Raises: ArgumentError: num_tokens is missing, or output_mode is not known.

    Example:
    >>> CategoryEncoding(num_tokens=3)([[0, 2, 2]]).tolist()
    [[1.0, 0.0, 1.0]]
    """

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.num_tokens = positive_integer(self, "num_tokens", num_tokens)
        self.output_mode = one_of(self, "output_mode", output_mode, MODES)
        self.sparse = _dense(self, sparse)

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """The vectors."""
        if count_weights is not None and self.output_mode != "count":
            raise ArgumentError(f"expected count_weights with output_mode='count' only; got {self.output_mode!r}.")
        return encoded(inputs, self.num_tokens, self.output_mode, self.compute_dtype, count_weights)


@builtin
class Discretization(Layer):
    """Numbers as the index of the range that holds them.

    Args:
        bin_boundaries: ascending numbers; with k of them there are k + 1 ranges, each with its lower boundary.
        num_bins: int, instead of bin_boundaries: `adapt(data)` finds boundaries that share the data out evenly.
        epsilon: number, how coarse the summary of the data is that quantiles are read from (default 0.01).
        output_mode: 'int' (default): the index; 'one_hot', 'multi_hot', 'count': as for `CategoryEncoding`.
        sparse: must be False.

    Shapes: 'int': any; the output has the shape of the input, int32. Else as for `CategoryEncoding`.
    Raises: ArgumentError: neither bin_boundaries nor num_bins is given.

    Example:
    >>> Discretization(bin_boundaries=[0.0, 1.0])([-0.5, 0.0, 7.0]).tolist()
    [0, 1, 2]
    """

    def __init__(
        self, bin_boundaries: Any = None, num_bins: int | None = None, epsilon: float = 0.01, output_mode: str = "int",
        sparse: bool = False, dtype: Any = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(dtype=dtype, name=name, **kwargs)
        if bin_boundaries is None and num_bins is None:
            raise ArgumentError(f"{label(self)}: expected bin_boundaries, or num_bins and then adapt(data).")
        self.bin_boundaries = None if bin_boundaries is None else [float(b) for b in bin_boundaries]
        if self.bin_boundaries and sorted(self.bin_boundaries) != self.bin_boundaries:
            raise ArgumentError(f"{label(self)}: expected ascending bin_boundaries; got {self.bin_boundaries}.")
        self.num_bins = None if num_bins is None else positive_integer(self, "num_bins", num_bins)
        self.epsilon = number(self, "epsilon", epsilon, 1e-9, 1)
        self.reset_state()
        self.output_mode = one_of(self, "output_mode", output_mode, ("int", *MODES))
        self.sparse = _dense(self, sparse)

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find boundaries that share data out evenly over `num_bins` ranges.

        Args: data: array, or an iterable of arrays (batches); steps: how many batches are taken (default None: all).
        """
        if self.num_bins is None:
            raise ArgumentError(f"{self._label()}: expected num_bins to adapt; bin_boundaries were given.")
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forget the data seen so far."""
        self._summary: np.ndarray | None = None

    def update_state(self, data: Any) -> None:
        """Take one more batch into account."""
        own = summarized(np.asarray(data, np.float32).ravel(), self.epsilon)
        both = own if self._summary is None else np.concatenate([own, self._summary], 1)
        self._summary = compressed(both[:, np.argsort(both[0], kind="stable")], self.epsilon)

    def finalize_state(self) -> None:
        """Find the boundaries in the summary of the data."""
        if self._summary is None:
            raise ArgumentError(f"{self._label()}: expected data with at least one number to adapt to; got none.")
        assert self.num_bins is not None
        self.bin_boundaries = compressed(self._summary, 1 / self.num_bins)[0, :-1].tolist()
        self.reset_state()

    def call(self, inputs: Any) -> Any:
        """The indices, or their vectors."""
        if self.bin_boundaries is None:
            raise NotBuiltError("call adapt(data) first, or give bin_boundaries.")
        x = ops.cast(inputs, self.compute_dtype)
        indices = ops.digitize(x, np.asarray(self.bin_boundaries, self.compute_dtype))
        if self.output_mode == "int":
            return indices
        return encoded(indices, len(self.bin_boundaries) + 1, self.output_mode, self.compute_dtype)


def summarized(values: np.ndarray, epsilon: float) -> np.ndarray:
    """A row of some of the values, ascending, and a row of how many each stands for: float32, to round as Keras does.

    >>> summarized(np.array([3.0, 1.0, 2.0]), 0.01).tolist()
    [[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]
    """
    step = max(len(values) * epsilon, 1.0)
    chosen = np.sort(values)[int(step - 1) :: int(step)]
    return np.stack([chosen, np.full(len(chosen), step)]).astype(np.float32)


def compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """A summary with one value for each share `epsilon` of the data, on straight lines between its values.

    >>> compressed(summarized(np.arange(1.0, 5.0), 0.01), 0.5).tolist()
    [[2.0, 4.0], [2.0, 2.0]]
    """
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    below = summary[1].cumsum()
    values, counts = (np.interp(shares, below / below[-1], row) for row in (summary[0], below))
    return np.stack([values, np.diff(counts, prepend=0.0)]).astype(np.float32)


def _dense(layer: Layer, sparse: bool) -> bool:
    if sparse:
        raise UnsupportedError(f"{label(layer)}: sparse tensors are not available; leave sparse out.")
    return False
