"""Scaling of numbers: by fixed factors, or to the mean and variance of data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .. import config, ops
from ..errors import ArgumentError, DTypeError
from ..ir import eager
from ..serialization import builtin, serialize_keras_object
from .affine import axes_of
from .checks import known_size, label
from .layer import Layer
from .spec import InputSpec


@builtin
class Rescaling(Layer):
    """`inputs * scale + offset`.

    Args: scale, offset: numbers, or lists that broadcast along the last axis (offset default 0).
    Shapes: any; the output has the shape of the input.

    Example:
    >>> Rescaling(1 / 255)([0, 255]).tolist()
    [0.0, 1.0]
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The inputs, rescaled."""
        x = ops.cast(inputs, self.compute_dtype)
        return x * ops.cast(self.scale, x.dtype) + ops.cast(self.offset, x.dtype)


@builtin
class Normalization(Layer):
    """Brings data to mean 0 and variance 1: `(inputs - mean) / sqrt(variance)`.

    Mean and variance are given, or found by `adapt(data)`; training does not change them.

    Args:
        axis: int or list of ints, the axes that have a mean of their own (default -1: one a column); None: one mean.
        mean, variance: numbers or arrays, both or neither (default None: found by `adapt`).
        invert: whether the layer goes back instead: `inputs * sqrt(variance) + mean` (default False).

    Shapes: (batch, ...) -> the same. Weights, unless mean and variance are given: mean, variance (the sizes of the
        axes), count.
    Raises: ArgumentError: only one of mean and variance is given.

    Example:
    >>> layer = Normalization()
    >>> layer.adapt([[1.0], [3.0]])
    >>> layer([[1.0], [2.0], [3.0]]).tolist()
    [[-1.0], [0.0], [1.0]]
    """

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
        if (mean is None) != (variance is None):
            raise ArgumentError(f"{label(self)}: expected both mean and variance, or neither; got one of them.")
        self.invert = invert
        self.input_mean = None if mean is None else np.asarray(mean, self.dtype)
        self.input_variance = None if variance is None else np.asarray(variance, self.dtype)
        self.supports_masking = True
        self._rank = max([len(self.axis), *self.axis]) + 1  # until it is known from the inputs

    def build(self, input_shape: Any) -> None:
        """Create mean, variance and count, unless they are given."""
        axes = axes_of(self.axis, len(input_shape))
        sizes = {axis: known_size(self, input_shape, axis) for axis in axes}
        if self.input_mean is None:
            shape = tuple(sizes.values())
            self.adapt_mean = self.add_weight(shape, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(shape, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", "int64", trainable=False, name="count")
        self._rank, self._sizes = len(input_shape), list(sizes.values())
        self.input_spec = InputSpec(axes={axis - len(input_shape): size for axis, size in sizes.items()})
        self.built = True

    @property
    def mean(self) -> Any:
        """The mean, in a shape that broadcasts against the inputs; None before it is known."""
        return self._broadcast(self.input_mean, "adapt_mean", self._rank)

    @property
    def variance(self) -> Any:
        """The variance, in a shape that broadcasts against the inputs; None before it is known."""
        return self._broadcast(self.input_variance, "adapt_variance", self._rank)

    def _broadcast(self, given: Any, weight: str, rank: int) -> Any:
        if given is None and not self.built:
            return None
        value = ops.convert_to_tensor(getattr(self, weight) if given is None else given, self.compute_dtype)
        axes = axes_of(self.axis, rank)
        if self.built and value.ndim < len(axes):
            value = ops.broadcast_to(value, self._sizes)
        sizes = iter(value.shape)
        fits = value.ndim == len(axes) and axes
        return ops.reshape(value, [next(sizes) if a in axes else 1 for a in range(rank)]) if fits else value

    def call(self, inputs: Any) -> Any:
        """The inputs, normalized (or brought back)."""
        x = ops.cast(inputs, self.compute_dtype)
        mean = self._broadcast(self.input_mean, "adapt_mean", x.ndim)
        deviation = ops.sqrt(self._broadcast(self.input_variance, "adapt_variance", x.ndim))
        deviation = ops.maximum(deviation, config.epsilon())
        return mean + x * deviation if self.invert else (x - mean) / deviation

    def adapt(self, data: Any) -> None:
        """Find mean and variance of data, in float64; what was found before is forgotten.

        Args: data: array, or an iterable of arrays (batches), or of tuples that begin with one.
        Raises: ArgumentError: mean and variance were given, or there are no data.
        """
        if self.input_mean is not None:
            raise ArgumentError(f"{self._label()}: expected to adapt without mean and variance given; they were given.")
        total, mean, spread = 0, np.zeros(()), np.zeros(())
        for batch in batches_of(data):
            if not self.built:
                self.build((None, *batch.shape[1:]) if batch.ndim > 1 or not self.axis else batch.shape)
            axes = axes_of(self.axis, batch.ndim)
            over = tuple(a for a in range(batch.ndim) if a not in axes)
            count = int(np.prod([batch.shape[a] for a in over], dtype=np.int64))
            shift = batch.mean(over) - mean  # the parallel formula of Chan, Golub and LeVeque 1979
            spread = spread + batch.var(over) * count + shift**2 * (total * count / (total + count))
            mean, total = mean + shift * (count / (total + count)), total + count
        if not total:
            raise ArgumentError(f"{self._label()}: expected data with at least one row to adapt to; got none.")
        with eager():
            self.adapt_mean.assign(mean)
            self.adapt_variance.assign(spread / total)
            self.count.assign(total)

    def reset_state(self) -> None:
        """Forget what `adapt` found."""
        if self.built and self.input_mean is None:
            self.set_weights([np.zeros(self.adapt_mean.shape), np.ones(self.adapt_variance.shape), np.zeros(())])

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; what `adapt` found are weights."""
        given = (None if v is None else v.tolist() for v in (self.input_mean, self.input_variance))
        own = {"axis": self.axis or None, "invert": self.invert, **dict(zip(("mean", "variance"), given, strict=True))}
        return {**self._base_config(), **serialize_keras_object(own)}


def batches_of(data: Any, steps: int | None = None) -> Iterator[np.ndarray]:
    """Arrays of float64, from one array or from an iterable of arrays (or of tuples that begin with one).

    Empty ones are left out. A list is an iterable of batches if it holds arrays of at least two axes, or tuples.
    """
    listed = isinstance(data, (list, tuple))
    several = listed and all(isinstance(b, tuple) or getattr(b, "ndim", 0) > 1 for b in data)
    whole = hasattr(data, "__array__") or (listed and not several)
    if not whole and not isinstance(data, Iterable):
        raise ArgumentError(f"adapt: expected an array or an iterable of arrays; got {type(data).__name__}.")
    for count, batch in enumerate([data] if whole else data):
        if steps is not None and count >= steps:
            return
        array = np.asarray(batch[0] if isinstance(batch, tuple) else batch, np.float64)
        if not array.ndim:
            raise DTypeError(f"adapt: expected batches that are arrays; got {batch!r}.")
        if array.size:
            yield array
