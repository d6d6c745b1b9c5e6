"""Contrast that is made larger place by place."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...errors import ArgumentError
from ...serialization import builtin
from ..checks import label
from .image_layer import Drawn, PointwiseLayer
from .tones import histogram

_LEVELS = 256


@builtin
class ContrastLimitedAdaptiveHistogramEqualization(PointwiseLayer):
    """Maps the values around each place of an image so that all are about equally frequent there.

    An image is cut into tiles; each channel of a tile has a table of its own, and a pixel is mapped by the four tables
    around it, the nearer the more.

    Args:
        value_range: what values pixels may have (default (0, 255)).
        clip_limit: how much more frequent than the mean a value may be counted, so that noise is not made large
            (default 4.0); 0 or less: as it is.
        tile_grid_size: tiles along rows and columns (default (8, 8)).
        data_format: default `config.image_data_format()`.

    Shapes: (rows, columns, channels) or (batch, rows, columns, channels) -> the same. In training and otherwise.
    Raises: ArgumentError: tile_grid_size is not two positive integers.
    Source: Zuiderveld 1994, "Contrast limited adaptive histogram equalization", Graphics gems IV.

    Example:
    >>> layer = ContrastLimitedAdaptiveHistogramEqualization(clip_limit=0, tile_grid_size=(1, 1))
    >>> layer([[[10.0], [11.0], [12.0]]]).ravel().tolist()
    [85.0, 170.0, 255.0]
    """

    active_always = True

    def __init__(self, value_range: Any = (0, 255), clip_limit: float = 4.0, tile_grid_size: Any = (8, 8),
                 data_format: str | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self._start(None, data_format, random=False)
        self._keep_range(value_range)
        self.clip_limit = clip_limit
        good = isinstance(tile_grid_size, (list, tuple)) and len(tile_grid_size) == 2
        if not good or any(not isinstance(n, int) or n < 1 for n in tile_grid_size):
            raise ArgumentError(f"{label(self)}: expected tile_grid_size as (rows, columns); got {tile_grid_size!r}.")
        self.tile_grid_size = tuple(tile_grid_size)

    def change(self, x: Any, drawn: Drawn) -> Any:
        """The images with equalized values."""
        n, height, width, channels = x.shape
        rows, columns = self.tile_grid_size
        size = -(-height // rows), -(-width // columns)
        more = [(0, 0), (0, size[0] * rows - height), (0, size[1] * columns - width), (0, 0)]
        whole = ops.pad(ops.cast(self.to_range(x, 0, 255), "float32"), more, mode="symmetric")
        levels = ops.cast(ops.clip(whole, 0, 255), "int32")
        tiles = ops.reshape(levels, (n, rows, size[0], columns, size[1], channels))
        lines = ops.reshape(ops.transpose(tiles, (0, 1, 3, 5, 2, 4)), (n * rows * columns * channels, -1))
        found = self._mapped(self._tables(lines), levels, size)[:, :height, :width]
        return ops.cast(self.from_range(found, 0, 255), x.dtype)

    def _tables(self, lines: Any) -> Any:
        """What each level becomes: (tiles, pixels) -> (tiles, levels)."""
        counts, pixels = histogram(lines, _LEVELS), lines.shape[1]
        if self.clip_limit > 0:
            kept = ops.minimum(counts, self.clip_limit * pixels / _LEVELS)
            counts = kept + ops.sum(counts - kept, axis=-1, keepdims=True) / _LEVELS
        below = ops.cumsum(counts, axis=-1)
        lowest = ops.min(below, axis=-1, keepdims=True)
        span = pixels - lowest
        return ops.clip((below - lowest) * 255.0 / ops.where(span == 0, 1.0, span), 0.0, 255.0)

    def _mapped(self, tables: Any, levels: Any, size: tuple[int, int]) -> Any:
        """Each pixel by the tables of the four tiles around it."""
        n, height, width, channels = levels.shape
        rows, columns = self.tile_grid_size
        (above, below, down), (left, right, across) = (
            _neighbours(height, size[0], rows), _neighbours(width, size[1], columns)
        )  # fmt: skip
        flat, image = ops.reshape(tables, (-1,)), np.arange(n)[:, None, None, None] * (rows * columns)

        def value(row: np.ndarray, column: np.ndarray) -> Any:
            tile = image + (row[:, None] * columns + column)[None, :, :, None]
            place = (tile * channels + np.arange(channels)) * _LEVELS
            return ops.take(flat, levels + place.astype("int32"))

        across, down = across[:, None], down[:, None, None]
        upper = value(above, left) * (1 - across) + value(above, right) * across
        lower = value(below, left) * (1 - across) + value(below, right) * across
        return upper * (1 - down) + lower * down


def _neighbours(length: int, size: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each place the tiles before and behind it, by their middles, and the share of the second.

    >>> [a.tolist() for a in _neighbours(4, 2, 2)]
    [[0, 0, 0, 1], [0, 1, 1, 1], [0.5, 0.0, 0.5, 0.0]]
    """
    at = (np.arange(length, dtype="float32") - size / 2) / size
    first = np.floor(at)
    tiles = (np.clip(first + k, 0, count - 1).astype(int) for k in (0, 1))
    return *tiles, (at - first).astype("float32")
