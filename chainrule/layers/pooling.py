"""A sequence reduced to one row."""

from __future__ import annotations

from typing import Any

from .. import config, ops
from ..serialization import builtin
from .checks import one_of
from .layer import Layer
from .reshaping import FORMATS
from .spec import InputSpec


class _GlobalPooling1D(Layer):
    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = one_of(self, "data_format", data_format or config.image_data_format(), FORMATS)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=3)

    @property
    def _steps(self) -> int:
        return 1 if self.data_format == "channels_last" else 2


@builtin
class GlobalAveragePooling1D(_GlobalPooling1D):
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

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The means."""
        if mask is None:
            return ops.mean(inputs, self._steps, keepdims=self.keepdims)
        weight = ops.expand_dims(ops.cast(mask, inputs.dtype), 3 - self._steps)
        count = ops.sum(weight, self._steps, keepdims=self.keepdims)
        return ops.sum(inputs * weight, self._steps, keepdims=self.keepdims) / count

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: no steps are left."""
        return None


@builtin
class GlobalMaxPooling1D(_GlobalPooling1D):
    """The largest value over the steps of a sequence.

    Args: data_format: 'channels_last' (default) or 'channels_first'; keepdims: whether the step axis stays, with size 1
        (default False).
    Shapes: (batch, steps, channels) -> (batch, channels).

    Example:
    >>> GlobalMaxPooling1D()([[[1.0], [3.0]]]).tolist()
    [[3.0]]
    """

    def call(self, inputs: Any) -> Any:
        """The largest values."""
        return ops.max(inputs, self._steps, keepdims=self.keepdims)
