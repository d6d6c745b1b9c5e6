"""Encoded rows in a file, and batches of them in an order drawn anew for each epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

_AT_ONCE = 1 << 26  # bytes of rows that are shuffled together
_BLOCKS = 16  # of which places of the file they are


class EncodedFile:
    """Rows of float32: the inputs, the target, and the weight where rows have one.

    Args:
        path: str.
        width: int. Inputs of a row.
        weighted: bool. Whether a weight is kept with each row.
    """

    def __init__(self, path: str, width: int, weighted: bool) -> None:
        self.path, self.width, self.weighted, self.rows = path, width, weighted, 0
        self._file: Any = None

    @classmethod
    @contextmanager
    def writing(cls, path: str, width: int, weighted: bool) -> Iterator[EncodedFile]:
        """A new file, open for `append` until the block ends."""
        found = cls(path, width, weighted)
        with open(path, "wb") as file:
            found._file = file
            yield found
        found._file = None

    @property
    def numbers(self) -> int:
        """Numbers kept of each row."""
        return self.width + 1 + self.weighted

    @property
    def bytes(self) -> int:
        """The size of the file."""
        return 4 * self.numbers * self.rows

    def append(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> None:
        """Add rows: x (n, width), y (n, 1), weights (n,) or None."""
        parts = [x, y.astype(np.float32), *([] if weights is None else [weights.astype(np.float32)[:, None]])]
        np.concatenate(parts, axis=1).astype(np.float32, copy=False).tofile(self._file)
        self.rows += len(x)

    def batches(self, size: int, seed: Sequence[int]) -> Batches:
        """All rows in batches of `size`, in another order each time; those that fill no batch are left out."""
        return Batches(self, min(size, self.rows), seed)


class Batches:
    """Goes through an `EncodedFile`: blocks in a random order, the rows of 16 of them shuffled together.

    Args:
        file: EncodedFile.
        size: int. Rows of a batch.
        seed: sequence of int.
    """

    def __init__(self, file: EncodedFile, size: int, seed: Sequence[int]) -> None:
        self.file, self.size, self.seed, self.epochs = file, size, tuple(seed), 0

    def __len__(self) -> int:
        return self.file.rows // self.size

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence((*self.seed, self.epochs))))
        self.epochs += 1
        left = np.zeros((0, self.file.numbers), np.float32)
        for rows in self._groups(generator):
            rows = np.concatenate([left, rows])
            full = len(rows) // self.size * self.size
            for start in range(0, full, self.size):
                yield self._batch(rows[start : start + self.size])
            left = rows[full:]

    def _groups(self, generator: np.random.Generator) -> Iterator[np.ndarray]:
        numbers = self.file.numbers
        block = max(1, _AT_ONCE // (4 * numbers * _BLOCKS))
        starts = generator.permutation(np.arange(0, self.file.rows, block))
        with open(self.file.path, "rb") as file:
            for first in range(0, len(starts), _BLOCKS):
                parts = []
                for start in starts[first : first + _BLOCKS].tolist():
                    file.seek(4 * numbers * start)
                    count = min(block, self.file.rows - start)
                    parts.append(np.fromfile(file, np.float32, count * numbers).reshape(count, numbers))
                rows = np.concatenate(parts)
                yield rows[generator.permutation(len(rows))]

    def _batch(self, rows: np.ndarray) -> tuple[Any, ...]:
        width = self.file.width
        x, y = np.ascontiguousarray(rows[:, :width]), np.ascontiguousarray(rows[:, width : width + 1])
        return (x, y, np.ascontiguousarray(rows[:, width + 1])) if self.file.weighted else (x, y)
