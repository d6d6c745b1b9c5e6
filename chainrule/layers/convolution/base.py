"""What convolution layers share: a window that slides over space, channels on one of two sides."""

from __future__ import annotations

from typing import Any, ClassVar

from ... import config, ops
from ...errors import ArgumentError, ChainruleError
from ...ops.windows import FORMATS, per_axis
from ..checks import known_size, label, one_of
from ..dense import Weighted
from ..layer import Layer
from ..spec import InputSpec

Sizes = tuple[int, ...]


def sizes_of(layer: Layer, name: str, value: Any, rank: int, least: int = 1) -> Sizes:
    """One integer an axis of space; raises `ArgumentError` that names the layer."""
    try:
        return per_axis(name, value, rank, least)
    except ChainruleError as error:
        raise error.located(label(layer)) from None


def format_of(layer: Layer, data_format: str | None) -> str:
    """The order of axes, that of `config.image_data_format()` for None."""
    return one_of(layer, "data_format", data_format or config.image_data_format(), FORMATS)


def one_above_1(layer: Layer, strides: Sizes, dilation_rate: Sizes) -> None:
    """Raise `ArgumentError` if windows are both strided and dilated."""
    if max(strides) > 1 and max(dilation_rate) > 1:
        raise ArgumentError(f"{label(layer)}: expected strides or dilation_rate above 1, not both; got {strides} and "
                            f"{dilation_rate}.")  # fmt: skip


class Convolution(Weighted):
    """Base of convolution layers. A subclass says how many axes of space there are and computes in `call`."""

    rank: ClassVar[int]
    _paddings: ClassVar[tuple[str, ...]] = ("valid", "same")

    def _keep_window(self, kernel_size: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any) -> None:
        self.kernel_size = sizes_of(self, "kernel_size", kernel_size, self.rank)
        self.strides = sizes_of(self, "strides", strides, self.rank)
        self.dilation_rate = sizes_of(self, "dilation_rate", dilation_rate, self.rank)
        self.padding = one_of(self, "padding", str(padding).lower(), self._paddings)
        self.data_format = format_of(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def _channels(self, input_shape: Any) -> int:
        """How many channels come in; from now on no other number may."""
        channels = known_size(self, input_shape, self._channel_axis)
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._channel_axis: channels})
        return channels

    @property
    def _places(self) -> dict[str, Any]:
        """Where the windows lie, as the ops call it."""
        return {"strides": self.strides, "padding": self.padding, "data_format": self.data_format,
                "dilation_rate": self.dilation_rate}  # fmt: skip

    def _finished(self, y: Any) -> Any:
        """Bias, one number a filter, and activation."""
        if self.bias is not None:
            last = self.data_format == "channels_last"
            y = y + (self.bias if last else ops.reshape(self.bias, (-1, *(1,) * self.rank)))
        return y if self.activation is None else self.activation(y)


def divisible(layer: Layer, name: str, value: int, groups: int) -> None:
    """Raise `ArgumentError` unless the groups divide a number."""
    if value % groups:
        raise ArgumentError(f"{label(layer)}: expected {name} to be a multiple of groups={groups}; got {value}.")
