"""Layers that pad, crop and enlarge images and volumes."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import ops
from ..errors import ArgumentError, ShapeError
from ..ops.resampling import KERNELS, resampled
from ..serialization import builtin
from .checks import label, one_of
from .convolution.base import format_of, sizes_of
from .layer import Layer
from .spec import InputSpec

Pairs = tuple[tuple[int, int], ...]


class _InSpace(Layer):
    """Base: knows which axes are those of space."""

    rank: ClassVar[int]

    def _keep_format(self, data_format: str | None) -> None:
        self.data_format = format_of(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _first(self) -> int:
        """The first axis of space."""
        return 1 if self.data_format == "channels_last" else 2

    def _pairs(self, name: str, value: Any) -> Pairs:
        """Two sizes, before and after, for each axis of space: from an int, one an axis, or a pair an axis."""
        listed = tuple(value) if isinstance(value, (list, tuple)) else (value,) * self.rank
        pairs = tuple(tuple(pair) if isinstance(pair, (list, tuple)) else (pair, pair) for pair in listed)
        good = len(pairs) == self.rank and all(len(pair) == 2 for pair in pairs)
        if not good or not all(isinstance(n, int) and n >= 0 for pair in pairs for n in pair):
            raise ArgumentError(f"{label(self)}: expected {name} to be an integer of at least 0, {self.rank} of them, "
                                f"or {self.rank} pairs (before, after); got {value!r}.")  # fmt: skip
        return pairs  # type: ignore[return-value]


class _ZeroPadding(_InSpace):
    padding: Pairs

    def call(self, inputs: Any) -> Any:
        """The inputs, padded."""
        pairs = [(0, 0)] * inputs.ndim
        pairs[self._first : self._first + self.rank] = self.padding
        return ops.pad(inputs, pairs)


class _Cropping(_InSpace):
    cropping: Pairs

    def call(self, inputs: Any) -> Any:
        """The inputs, cropped."""
        kept = [slice(None)] * inputs.ndim
        for axis, (before, after) in enumerate(self.cropping, start=self._first):
            if before + after >= inputs.shape[axis]:
                raise ShapeError(f"expected more than {before + after} elements on axis {axis} to crop from; got shape "
                                 f"{inputs.shape}.")  # fmt: skip
            kept[axis] = slice(before, inputs.shape[axis] - after)
        return inputs[tuple(kept)]


class _UpSampling(_InSpace):
    size: tuple[int, ...]

    def call(self, inputs: Any) -> Any:
        """The inputs, enlarged."""
        for axis, times in enumerate(self.size, start=self._first):
            inputs = ops.repeat(inputs, times, axis)
        return inputs


@builtin
class ZeroPadding2D(_ZeroPadding):
    """Zeros added around an image.

    Args: padding: int, two (rows, columns), or two pairs (before, after) (default (1, 1)); data_format: 'channels_last'
        or 'channels_first' (default `config.image_data_format()`).
    Shapes: (batch, rows, columns, channels) -> (batch, new rows, new columns, channels), or 'channels_first'.
    Raises: ArgumentError: padding is something else.

    Example:
    >>> ZeroPadding2D(((1, 0), (0, 1)))([[[[5.0]]]])[0, :, :, 0].tolist()
    [[0.0, 0.0], [5.0, 0.0]]
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = self._pairs("padding", padding)
        self._keep_format(data_format)


@builtin
class ZeroPadding3D(_ZeroPadding):
    """Zeros added around a volume.

    Args: padding: int, three, or three pairs (before, after) (default 1 everywhere); data_format: as for
        `ZeroPadding2D`.
    Shapes: (batch, *space, channels) -> (batch, *new space, channels) with three axes of space, or 'channels_first'.
    Raises: ArgumentError: padding is something else.

    Example:
    >>> ZeroPadding3D((1, 0, 2)).compute_output_shape((None, 4, 4, 4, 3))
    (None, 6, 4, 8, 3)
    """

    rank = 3

    def __init__(self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = self._pairs("padding", padding)
        self._keep_format(data_format)


@builtin
class Cropping2D(_Cropping):
    """Rows and columns cut off around an image.

    Args: cropping: int, two (rows, columns), or two pairs (before, after) (default: nothing); data_format:
        'channels_last' or 'channels_first' (default `config.image_data_format()`).
    Shapes: (batch, rows, columns, channels) -> (batch, new rows, new columns, channels), or 'channels_first'.
    Raises: ArgumentError: cropping is something else. ShapeError: nothing would be left.

    Example:
    >>> Cropping2D(((1, 0), (0, 1)))([[[[1.0], [2.0]], [[3.0], [4.0]]]]).tolist()
    [[[[3.0]]]]
    """

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = self._pairs("cropping", cropping)
        self._keep_format(data_format)


@builtin
class Cropping3D(_Cropping):
    """Cut off around a volume.

    Args: cropping: int, three, or three pairs (before, after) (default 1 everywhere); data_format: as for `Cropping2D`.
    Shapes: (batch, *space, channels) -> (batch, *new space, channels) with three axes of space, or 'channels_first'.
    Raises: ArgumentError: cropping is something else. ShapeError: nothing would be left.

    Example:
    >>> Cropping3D().compute_output_shape((None, 4, 5, 6, 3))
    (None, 2, 3, 4, 3)
    """

    rank = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = self._pairs("cropping", cropping)
        self._keep_format(data_format)


@builtin
class UpSampling2D(_UpSampling):
    """An image made larger.

    Args:
        size: int or two, how many times as many rows and columns (default (2, 2)).
        data_format: 'channels_last' or 'channels_first' (default `config.image_data_format()`).
        interpolation: 'nearest' (pixels repeated, default), 'bilinear', 'bicubic', 'lanczos3' or 'lanczos5'.

    Shapes: (batch, rows, columns, channels) -> (batch, rows size[0], columns size[1], channels), or 'channels_first'.
    Raises: ArgumentError: an argument is not allowed.
    Source: Keys 1981, "Cubic convolution interpolation"; Duchon 1979, "Lanczos filtering".

    Example:
    >>> UpSampling2D((1, 2))([[[[1.0], [2.0]]]])[0, :, :, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0]]
    """

    rank = 2

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.size = sizes_of(self, "size", size, self.rank)
        self._keep_format(data_format)
        self.interpolation = one_of(self, "interpolation", str(interpolation).lower(), ("nearest", *KERNELS))

    def call(self, inputs: Any) -> Any:
        """The inputs, enlarged."""
        if self.interpolation == "nearest":
            return super().call(inputs)
        for axis, times in enumerate(self.size, start=self._first):
            inputs = resampled(inputs, axis, times, self.interpolation) if times > 1 else inputs
        return inputs


@builtin
class UpSampling3D(_UpSampling):
    """A volume made larger: its elements repeated.

    Args: size: int or three, how often along each axis (default (2, 2, 2)); data_format: as for `UpSampling2D`.
    Shapes: (batch, *space, channels) -> (batch, *new space, channels) with three axes of space, or 'channels_first'.
    Raises: ArgumentError: size is something else.

    Example:
    >>> UpSampling3D((1, 2, 3)).compute_output_shape((None, 4, 4, 4, 1))
    (None, 4, 8, 12, 1)
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = sizes_of(self, "size", size, self.rank)
        self._keep_format(data_format)
