"""What convolution and pooling share: arguments one an axis of space, padding, the two orders of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import config
from ..errors import ArgumentError, ShapeError
from ..ir import Tensor
from ..primitives.window import dilated, window_count

FORMATS = ("channels_last", "channels_first")
Pads = tuple[tuple[int, int], ...]


def per_axis(name: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """One integer an axis of space from an integer or several.

    >>> per_axis("strides", 2, 2), per_axis("strides", [1, 3], 2)
    ((2, 2), (1, 3))
    """
    listed = tuple(value) if isinstance(value, (list, tuple)) else (value,) * rank
    good = all(hasattr(n, "__index__") and not isinstance(n, bool) and n >= least for n in listed)
    if len(listed) != rank or not good:
        many = f", or {rank} of them" if rank > 1 else ""
        raise ArgumentError(f"expected {name} to be an integer of at least {least}{many}; got {name}={value!r}.")
    return tuple(int(n) for n in listed)


def is_channels_last(data_format: str | None) -> bool:
    """Whether the channels are the last axis; None asks `config.image_data_format()`."""
    data_format = data_format or config.image_data_format()
    if data_format not in FORMATS:
        raise ArgumentError(f"expected data_format to be one of {', '.join(FORMATS)}; got {data_format!r}.")
    return data_format == "channels_last"


def space_of(name: str, x: Tensor, last: bool) -> tuple[int, ...]:
    """The sizes of the axes of space of (batch, *space, channels) or (batch, channels, *space)."""
    if x.ndim not in (3, 4, 5):
        raise ShapeError(f"{name}: expected 3, 4 or 5 axes (batch, 1 to 3 of space, channels); got shape {x.shape}.")
    return x.shape[1:-1] if last else x.shape[2:]


def padding_of(
    name: str, padding: Any, sizes: Sequence[int], window: Sequence[int], strides: Sequence[int],
    dilation: Sequence[int],
) -> Pads:  # fmt: skip
    """Zeros before and after each axis of space for 'valid', 'same' or 'causal'.

    Raises: ArgumentError: another word; ShapeError: no window fits.
    """
    kind = str(padding).lower()
    if kind not in ("valid", "same", "causal") or (kind == "causal" and len(sizes) > 1):
        known = "'valid', 'same' or 'causal'" if len(sizes) == 1 else "'valid' or 'same'"
        raise ArgumentError(f"{name}: expected padding to be {known}; got {padding!r}.")
    extents = [dilated(n, step) for n, step in zip(window, dilation, strict=True)]
    if kind == "causal":
        return ((extents[0] - 1, 0),)
    if kind == "same":
        return tuple(map(same_padding, sizes, extents, strides))
    none: Pads = ((0, 0),) * len(sizes)
    if not all(map(window_count, sizes, window, strides, none, dilation)):
        raise ShapeError(
            f"{name}: expected at least {tuple(extents)} along the axes of space, the extent of the window; "
            f"got {tuple(sizes)}. padding='same' adds zeros around."
        )
    return none


def same_padding(size: int, extent: int, stride: int) -> tuple[int, int]:
    """Zeros before and after so that ceil(size / stride) windows fit, the odd one after.

    >>> same_padding(5, 3, 1), same_padding(5, 2, 2)
    ((1, 1), (0, 1))
    """
    total = max((-(-size // stride) - 1) * stride + extent - size, 0)
    return total // 2, total - total // 2
