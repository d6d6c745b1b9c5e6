"""Windows of one, two or three axes of space reduced to their largest element or their mean."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import ops
from ..serialization import builtin
from .checks import one_of
from .convolution.base import format_of, sizes_of
from .layer import Layer
from .spec import InputSpec


class _Pooling(Layer):
    """The six of them: a window, strides, padding."""

    rank: ClassVar[int]

    def __init__(
        self, pool_size: Any, strides: Any, padding: str, data_format: str | None, name: str | None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = sizes_of(self, "pool_size", pool_size, self.rank)
        self.strides = sizes_of(self, "strides", pool_size if strides is None else strides, self.rank)
        self.padding = one_of(self, "padding", str(padding).lower(), ("valid", "same"))
        self.data_format = format_of(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)


class _Max(_Pooling):
    def call(self, inputs: Any) -> Any:
        """The largest elements."""
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class _Average(_Pooling):
    def call(self, inputs: Any) -> Any:
        """The means."""
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


@builtin
class MaxPooling1D(_Max):
    """The largest value of each window of steps, channel by channel.

    Args:
        pool_size: int, the steps in a window (default 2).
        strides: int, from one window to the next (default None: pool_size).
        padding: 'valid' (no window reaches beyond the sequence, default) or 'same' (they may; what lies outside never
            wins).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).

    Shapes: (batch, steps, channels) -> (batch, new steps, channels), or (batch, channels, steps) and so on.
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.
    Source: Riesenhuber and Poggio 1999, "Hierarchical models of object recognition in cortex".

    Example:
    >>> MaxPooling1D()([[[1.0], [3.0], [2.0], [0.0]]]).tolist()
    [[[3.0], [2.0]]]
    """

    rank = 1

    def __init__(
        self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", data_format: str | None = None,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@builtin
class MaxPooling2D(_Max):
    """The largest value of each window of pixels, channel by channel.

    Args:
        pool_size: int or two, rows and columns of a window (default (2, 2)).
        strides: int or two, from one window to the next (default None: pool_size).
        padding, data_format: as for `MaxPooling1D`.

    Shapes: (batch, rows, columns, channels) -> (batch, new rows, new columns, channels), or (batch, channels, rows,
        columns) and so on.
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.
    Source: Riesenhuber and Poggio 1999, "Hierarchical models of object recognition in cortex".

    Example:
    >>> MaxPooling2D()([[[[1.0], [3.0]], [[2.0], [0.0]]]]).tolist()
    [[[[3.0]]]]
    """

    rank = 2

    def __init__(
        self, pool_size: Any = (2, 2), strides: Any = None, padding: str = "valid", data_format: str | None = None,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@builtin
class MaxPooling3D(_Max):
    """The largest value of each window of a volume, channel by channel.

    Args:
        pool_size: int or three, the sizes of a window (default (2, 2, 2)).
        strides: int or three, from one window to the next (default None: pool_size).
        padding, data_format: as for `MaxPooling1D`.

    Shapes: (batch, *space, channels) -> (batch, *new space, channels) with three axes of space, or (batch, channels,
        *space) and so on.
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.

    Example:
    >>> MaxPooling3D().compute_output_shape((None, 4, 5, 6, 3))
    (None, 2, 2, 3, 3)
    """

    rank = 3

    def __init__(
        self, pool_size: Any = (2, 2, 2), strides: Any = None, padding: str = "valid",
        data_format: str | None = None, name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@builtin
class AveragePooling1D(_Average):
    """The mean of each window of steps, channel by channel; what 'same' adds around does not count.

    Args: as for `MaxPooling1D`; pool_size has no default.
    Shapes: (batch, steps, channels) -> (batch, new steps, channels), or (batch, channels, steps) and so on.
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.
    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition".

    Example:
    >>> AveragePooling1D(2)([[[1.0], [3.0], [2.0], [0.0]]]).tolist()
    [[[2.0], [1.0]]]
    """

    rank = 1

    def __init__(
        self, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@builtin
class AveragePooling2D(_Average):
    """The mean of each window of pixels, channel by channel; what 'same' adds around does not count.

    Args: as for `MaxPooling2D`; pool_size has no default.
    Shapes: (batch, rows, columns, channels) -> (batch, new rows, new columns, channels), or (batch, channels, rows,
        columns) and so on.
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.
    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition".

    Example:
    >>> AveragePooling2D(2)([[[[1.0], [3.0]], [[2.0], [0.0]]]]).tolist()
    [[[[1.5]]]]
    """

    rank = 2

    def __init__(
        self, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)


@builtin
class AveragePooling3D(_Average):
    """The mean of each window of a volume, channel by channel; what 'same' adds around does not count.

    Args: as for `MaxPooling3D`; pool_size has no default.
    Shapes: (batch, *space, channels) -> (batch, *new space, channels) with three axes of space, or (batch, channels,
        *space) and so on.
    Raises: ArgumentError: an argument is not allowed. ShapeError: no window fits.

    Example:
    >>> AveragePooling3D(2).compute_output_shape((None, 4, 5, 6, 3))
    (None, 2, 2, 3, 3)
    """

    rank = 3

    def __init__(
        self, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)
