"""Pooling to a number of windows that is given, whatever the size of the input."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import ops
from ..serialization import builtin
from .convolution.base import format_of, sizes_of
from .layer import Layer
from .spec import InputSpec


class _AdaptivePooling(Layer):
    rank: ClassVar[int]

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output_size = sizes_of(self, "output_size", output_size, self.rank)
        self.data_format = format_of(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)


class _AdaptiveAverage(_AdaptivePooling):
    def call(self, inputs: Any) -> Any:
        """The means."""
        return ops.adaptive_average_pool(inputs, self.output_size, self.data_format)


class _AdaptiveMax(_AdaptivePooling):
    def call(self, inputs: Any) -> Any:
        """The largest elements."""
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


@builtin
class AdaptiveAveragePooling1D(_AdaptiveAverage):
    """The means of as many parts of a sequence as asked for, channel by channel.

    Part i of m of n steps goes from floor(i n / m) to ceil((i + 1) n / m): neighbours may overlap.

    Args: output_size: int, how many parts; data_format: 'channels_last' or 'channels_first' (default
        `config.image_data_format()`).
    Shapes: (batch, steps, channels) -> (batch, output_size, channels), or 'channels_first'.
    Raises: ArgumentError: an argument is not allowed.
    Source: He et al. 2014, arXiv:1406.4729, section 2.2.

    Example:
    >>> AdaptiveAveragePooling1D(2)([[[1.0], [3.0], [2.0]]]).tolist()
    [[[2.0], [2.5]]]
    """

    rank = 1


@builtin
class AdaptiveAveragePooling2D(_AdaptiveAverage):
    """The means of as many parts of an image as asked for, channel by channel.

    Args: output_size: int or two, how many rows and columns; data_format: as for `AdaptiveAveragePooling1D`.
    Shapes: (batch, rows, columns, channels) -> (batch, *output_size, channels), or 'channels_first'.
    Raises: ArgumentError: an argument is not allowed.
    Source: He et al. 2014, arXiv:1406.4729, section 2.2.

    Example:
    >>> AdaptiveAveragePooling2D((1, 2))([[[[1.0], [3.0]], [[5.0], [7.0]]]]).tolist()
    [[[[3.0], [5.0]]]]
    """

    rank = 2


@builtin
class AdaptiveAveragePooling3D(_AdaptiveAverage):
    """The means of as many parts of a volume as asked for, channel by channel.

    Args: output_size: int or three; data_format: as for `AdaptiveAveragePooling1D`.
    Shapes: (batch, *space, channels) -> (batch, *output_size, channels), or 'channels_first'.
    Raises: ArgumentError: an argument is not allowed.

    Example:
    >>> AdaptiveAveragePooling3D(2).compute_output_shape((None, 5, 6, 7, 3))
    (None, 2, 2, 2, 3)
    """

    rank = 3


@builtin
class AdaptiveMaxPooling1D(_AdaptiveMax):
    """The largest values of as many parts of a sequence as asked for, channel by channel.

    Args: as for `AdaptiveAveragePooling1D`.
    Shapes: (batch, steps, channels) -> (batch, output_size, channels), or 'channels_first'.
    Raises: ArgumentError: an argument is not allowed.
    Source: He et al. 2014, arXiv:1406.4729, section 2.2.

    Example:
    >>> AdaptiveMaxPooling1D(2)([[[1.0], [0.0], [2.0]]]).tolist()
    [[[1.0], [2.0]]]
    """

    rank = 1


@builtin
class AdaptiveMaxPooling2D(_AdaptiveMax):
    """The largest values of as many parts of an image as asked for, channel by channel.

    Args: as for `AdaptiveAveragePooling2D`.
    Shapes: (batch, rows, columns, channels) -> (batch, *output_size, channels), or 'channels_first'.
    Raises: ArgumentError: an argument is not allowed.
    Source: He et al. 2014, arXiv:1406.4729, section 2.2.

    Example:
    >>> AdaptiveMaxPooling2D((1, 2))([[[[1.0], [3.0]], [[5.0], [7.0]]]]).tolist()
    [[[[5.0], [7.0]]]]
    """

    rank = 2


@builtin
class AdaptiveMaxPooling3D(_AdaptiveMax):
    """The largest values of as many parts of a volume as asked for, channel by channel.

    Args: as for `AdaptiveAveragePooling3D`.
    Shapes: (batch, *space, channels) -> (batch, *output_size, channels), or 'channels_first'.
    Raises: ArgumentError: an argument is not allowed.

    Example:
    >>> AdaptiveMaxPooling3D(2).compute_output_shape((None, 5, 6, 7, 3))
    (None, 2, 2, 2, 3)
    """

    rank = 3
