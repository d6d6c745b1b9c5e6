"""Layers that move elements and compute nothing."""

from __future__ import annotations

import math
from typing import Any

from .. import config, ops
from ..errors import ArgumentError, DTypeError, ShapeError
from ..serialization import builtin
from .checks import label, one_of, positive_integer
from .layer import Layer
from .spec import InputSpec

FORMATS = ("channels_last", "channels_first")


@builtin
class Flatten(Layer):
    """All axes but the batch axis become one.

    Args: data_format: 'channels_last' (default) or 'channels_first': the channels, on axis 1, are moved to the end
        first.
    Shapes: (batch, ...) -> (batch, product of the rest); (batch,) -> (batch, 1).

    Example:
    >>> Flatten()([[[1, 2], [3, 4]]]).tolist()
    [[1, 2, 3, 4]]
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = one_of(self, "data_format", data_format or config.image_data_format(), FORMATS)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """The inputs with two axes."""
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = ops.moveaxis(inputs, 1, -1)
        return ops.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))


@builtin
class Reshape(Layer):
    """The elements of each row in another shape.

    Args: target_shape: sizes without the batch axis; one may be -1.
    Shapes: (batch, ...) -> (batch, *target_shape).
    Raises: ShapeError: the target has another number of elements.

    Example:
    >>> Reshape((2, -1))([[1, 2, 3, 4]]).tolist()
    [[[1, 2], [3, 4]]]
    """

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        listed = target_shape if isinstance(target_shape, (list, tuple)) else (target_shape,)
        self.target_shape = tuple(int(n) for n in listed)
        if sum(n < 0 for n in self.target_shape) > 1 or any(n < -1 for n in self.target_shape):
            raise ArgumentError(f"{label(self)}: expected sizes, at most one of them -1; got {self.target_shape}.")

    def call(self, inputs: Any) -> Any:
        """The inputs in another shape."""
        known, size = math.prod(n for n in self.target_shape if n != -1), math.prod(inputs.shape[1:])
        free = -1 in self.target_shape
        if (free and (not known or size % known)) or (not free and size != known):
            raise ShapeError(f"expected rows of {known} elements{' or a multiple' if free else ''}, to reshape to "
                             f"{self.target_shape}; got rows of shape {inputs.shape[1:]}.")  # fmt: skip
        return ops.reshape(inputs, (inputs.shape[0], *(size // known if n == -1 else n for n in self.target_shape)))


@builtin
class Permute(Layer):
    """The axes after the batch axis in another order.

    Args: dims: a permutation of 1, 2, ..., one entry an axis: (2, 1) exchanges the first two.
    Shapes: (batch, ...) -> (batch, the sizes in that order).

    Example:
    >>> Permute((2, 1))([[[1, 2], [3, 4]]]).tolist()
    [[[1, 3], [2, 4]]]
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ArgumentError(f"{label(self)}: expected each of 1 to {len(self.dims)} once in dims; got {self.dims}.")
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        """The inputs, their axes permuted."""
        return ops.transpose(inputs, (0, *self.dims))


@builtin
class RepeatVector(Layer):
    """Each row repeated n times along a new axis.

    Args: n: int, above 0.
    Shapes: (batch, size) -> (batch, n, size).

    Example:
    >>> RepeatVector(2)([[1, 2]]).tolist()
    [[[1, 2], [1, 2]]]
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(n, int):
            raise DTypeError(f"{label(self)}: expected n to be a positive integer; got n={n!r} ({type(n).__name__}).")
        self.n = positive_integer(self, "n", n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """The inputs, repeated."""
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, 1)


def _pair(layer: Layer, name: str, value: Any) -> tuple[int, int]:
    """Two sizes, before and after, from an int or a pair."""
    pair = tuple(value) if isinstance(value, (list, tuple)) else (value, value)
    if len(pair) != 2 or not all(isinstance(n, int) and n >= 0 for n in pair):
        raise ArgumentError(f"{label(layer)}: expected {name} to be an integer of at least 0, or two; got {value!r}.")
    return pair


@builtin
class ZeroPadding1D(Layer):
    """Zeros added before and after the steps of a sequence.

    Args: padding: int, or two: before and after (default 1); data_format: 'channels_last' (default) or
        'channels_first'.
    Shapes: (batch, steps, channels) -> (batch, steps + before + after, channels).

    Example:
    >>> ZeroPadding1D((1, 0))([[[1, 2]]]).tolist()
    [[[0, 0], [1, 2]]]
    """

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = _pair(self, "padding", padding)
        self.data_format = one_of(self, "data_format", data_format or config.image_data_format(), FORMATS)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        """The inputs, padded."""
        last = self.data_format == "channels_last"
        return ops.pad(inputs, ((0, 0), self.padding, (0, 0)) if last else ((0, 0), (0, 0), self.padding))


@builtin
class Cropping1D(Layer):
    """Steps cut off before and after a sequence.

    Args: cropping: int, or two: before and after (default (1, 1)).
    Shapes: (batch, steps, channels) -> (batch, steps - before - after, channels).
    Raises: ShapeError: nothing would be left.

    Example:
    >>> Cropping1D((1, 0))([[[1], [2], [3]]]).tolist()
    [[[2], [3]]]
    """

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = _pair(self, "cropping", cropping)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        """The inputs, cropped."""
        before, after = self.cropping
        if before + after >= inputs.shape[1]:
            raise ShapeError(f"expected more than {before + after} steps to crop from; got {inputs.shape[1]}.")
        return inputs[:, before : inputs.shape[1] - after]


@builtin
class UpSampling1D(Layer):
    """Each step of a sequence repeated.

    Args: size: int, how often (default 2).
    Shapes: (batch, steps, channels) -> (batch, steps * size, channels).

    Example:
    >>> UpSampling1D(2)([[[1], [2]]]).tolist()
    [[[1], [1], [2], [2]]]
    """

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = positive_integer(self, "size", size)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        """The inputs, repeated."""
        return ops.repeat(inputs, self.size, 1)
