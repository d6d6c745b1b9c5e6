"""Numbers: the measured default, see `codes.py` for the evidence."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .cells import number_text
from .codes import ColumnCode
from .columns import odd_cells_note
from .table import Column, Table

CUT = 5.0
PIECE_SCALE = 0.5
SKEWED = 2.0


class NumberCode(ColumnCode):
    """Median, optional asinh, standardisation, cut, pieces, missing indicator.

    Args:
        column: str.
        median: float, what stands in for a missing value.
        missing: bool, whether there is an indicator output.
        bend: None, or the scale of the asinh of the distance from the median.
        mean, deviation: floats, of the (bent) training values; population standard deviation.
        edges: list of the k + 1 ends of the pieces, ascending; empty for none.
        piece_means: list of k floats, of the training values.

    >>> code = NumberCode.fit(Table.from_columns({"x": [1, 2, 3, None]}).column("x"), pieces=0)
    >>> code.outputs, code.median
    (['x', 'x is missing'], 2.0)
    """

    kind = "number"

    def __init__(
        self, column: str, median: float, missing: bool, bend: float | None, mean: float, deviation: float,
        edges: list[float], piece_means: list[float],
    ) -> None:  # fmt: skip
        self.column, self.median, self.missing, self.bend = column, median, missing, bend
        self.mean, self.deviation = mean, deviation
        self.edges, self.piece_means = edges, piece_means

    @classmethod
    def fit(cls, column: Column, pieces: int) -> NumberCode:
        """Learn from training rows; at most `pieces` pieces."""
        return cls.fit_values(column.name, column.numbers(), pieces)

    @classmethod
    def fit_values(cls, name: str, values: np.ndarray, pieces: int) -> NumberCode:
        """Learn from float64 (n,), NaN for missing."""
        gone = np.isnan(values)
        known = values[~gone] if not gone.all() else np.zeros(1)
        median = float(np.median(known))
        filled = np.where(gone, median, values)
        code = cls(name, median, bool(gone.any()), _bend(known, median), 0.0, 1.0, _edges(known, pieces), [])
        bent = code._bent(filled)
        deviation = float(bent.std())
        code.mean = float(bent.mean())
        code.deviation = deviation if deviation > 1e-9 * max(1e-3, abs(code.mean)) else 1.0
        code.piece_means = [float(code._piece(filled, j).mean()) for j in range(len(code.edges) - 1)]
        return code

    @property
    def outputs(self) -> list[str]:
        ends = [number_text(float(f"{edge:.4g}")) for edge in self.edges]
        pieces = [f"{self.column} in [{low}, {high}]" for low, high in itertools.pairwise(ends)]
        return [self.column, *pieces, *([f"{self.column} is missing"] if self.missing else [])]

    def write(self, table: Table, column: Column, out: np.ndarray, notes: list[str]) -> None:
        odd = column.odd_rows()
        if len(odd):
            notes.append(odd_cells_note(table, column, odd))
        self.write_values(column.numbers(), out)

    def write_values(self, values: np.ndarray, out: np.ndarray) -> None:
        """Encode float64 (n,), NaN for missing."""
        gone = np.isnan(values)
        filled = np.where(gone, self.median, values)
        out[:, 0] = np.clip((self._bent(filled) - self.mean) / self.deviation, -CUT, CUT)
        for j, mean in enumerate(self.piece_means):
            out[:, 1 + j] = PIECE_SCALE * (self._piece(filled, j) - mean)
        if self.missing:
            out[:, -1] = gone

    def to_config(self) -> dict[str, Any]:
        return {"kind": self.kind, **vars(self)}

    def _bent(self, filled: np.ndarray) -> np.ndarray:
        return filled if self.bend is None else np.arcsinh((filled - self.median) / self.bend)

    def _piece(self, filled: np.ndarray, j: int) -> np.ndarray:
        low, high = self.edges[j], self.edges[j + 1]
        return np.clip((filled - low) / (high - low), 0.0, 1.0)


def _bend(known: np.ndarray, median: float) -> float | None:
    """The scale of the asinh for skewed values: their normal-consistent interquartile range, or mean distance."""
    deviation = known.std()
    if deviation == 0 or abs((((known - known.mean()) / deviation) ** 3).mean()) <= SKEWED:
        return None
    low, high = np.quantile(known, [0.25, 0.75])
    return float((high - low) / 1.349 or np.abs(known - median).mean())


def _edges(known: np.ndarray, pieces: int) -> list[float]:
    """Ends of the pieces: every value where there are few, else quantiles. One piece adds nothing and is none."""
    if pieces < 2:
        return []
    distinct = np.unique(known)
    ends = distinct if len(distinct) <= pieces + 1 else np.unique(np.quantile(known, np.linspace(0, 1, pieces + 1)))
    return [float(end) for end in ends] if len(ends) > 2 else []
