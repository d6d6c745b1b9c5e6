"""All of space reduced to one row of channels."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import config, ops
from ..serialization import builtin
from .checks import one_of
from .layer import Layer
from .reshaping import FORMATS
from .spec import InputSpec


class _GlobalPooling(Layer):
    rank: ClassVar[int]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = one_of(self, "data_format", data_format or config.image_data_format(), FORMATS)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _space(self) -> list[int]:
        first = 1 if self.data_format == "channels_last" else 2
        return list(range(first, first + self.rank))


class _GlobalAverage(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        """The means."""
        return ops.mean(inputs, self._space, keepdims=self.keepdims)


class _GlobalMax(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        """The largest values."""
        return ops.max(inputs, self._space, keepdims=self.keepdims)


@builtin
class GlobalAveragePooling1D(_GlobalPooling):
    """The mean over the steps of a sequence.

    Args: data_format: 'channels_last' (default) or 'channels_first'; keepdims: whether the step axis stays, with size 1
        (default False).
    Shapes: (batch, steps, channels) -> (batch, channels). `mask` (in the call): truth values (batch, steps); what they
        hide does not count, a row hidden altogether gives NaN.
    Source: Lin, Chen and Yan 2014, arXiv:1312.4400, section 3.2.

    Example:
    >>> GlobalAveragePooling1D()([[[1.0], [3.0]]]).tolist()
    [[2.0]]
    """

    rank = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The means."""
        if mask is None:
            return ops.mean(inputs, self._space, keepdims=self.keepdims)
        weight = ops.expand_dims(ops.cast(mask, inputs.dtype), 3 - self._space[0])
        count = ops.sum(weight, self._space, keepdims=self.keepdims)
        return ops.sum(inputs * weight, self._space, keepdims=self.keepdims) / count

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: no steps are left."""
        return None


@builtin
class GlobalAveragePooling2D(_GlobalAverage):
    """The mean over the pixels of an image, channel by channel.

    Args: data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`); keepdims: whether the
        axes of space stay, with size 1 (default False).
    Shapes: (batch, rows, columns, channels) -> (batch, channels).
    Source: Lin, Chen and Yan 2014, arXiv:1312.4400, section 3.2.

    Example:
    >>> GlobalAveragePooling2D()([[[[1.0], [3.0]]]]).tolist()
    [[2.0]]
    """

    rank = 2


@builtin
class GlobalAveragePooling3D(_GlobalAverage):
    """The mean over a volume, channel by channel.

    Args: as for `GlobalAveragePooling2D`.
    Shapes: (batch, *space, channels) -> (batch, channels), with three axes of space.

    Example:
    >>> GlobalAveragePooling3D()([[[[[1.0], [3.0]]]]]).tolist()
    [[2.0]]
    """

    rank = 3


@builtin
class GlobalMaxPooling1D(_GlobalMax):
    """The largest value over the steps of a sequence.

    Args: data_format: 'channels_last' (default) or 'channels_first'; keepdims: whether the step axis stays, with size 1
        (default False).
    Shapes: (batch, steps, channels) -> (batch, channels).

    Example:
    >>> GlobalMaxPooling1D()([[[1.0], [3.0]]]).tolist()
    [[3.0]]
    """

    rank = 1


@builtin
class GlobalMaxPooling2D(_GlobalMax):
    """The largest value over the pixels of an image, channel by channel.

    Args: as for `GlobalAveragePooling2D`.
    Shapes: (batch, rows, columns, channels) -> (batch, channels).

    Example:
    >>> GlobalMaxPooling2D()([[[[1.0], [3.0]]]]).tolist()
    [[3.0]]
    """

    rank = 2


@builtin
class GlobalMaxPooling3D(_GlobalMax):
    """The largest value over a volume, channel by channel.

    Args: as for `GlobalAveragePooling2D`.
    Shapes: (batch, *space, channels) -> (batch, channels), with three axes of space.

    Example:
    >>> GlobalMaxPooling3D()([[[[[1.0], [3.0]]]]]).tolist()
    [[3.0]]
    """

    rank = 3
