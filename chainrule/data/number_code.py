"""Numbers: standardised, with pieces or indicators beside them. `codes.py` tells what was measured."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from .cells import number_text
from .codes import ColumnCode
from .columns import least_count, odd_cells_note
from .table import Column, Table

CUT = 5.0
PIECE_SCALE = 0.5
SKEWED = 2.0
MOST_INDICATORS = 12
LARGEST = 1e100  # what is beyond counts as this, so that squares stay finite


class NumberCode(ColumnCode):
    """Median for what is missing, asinh if skewed, standardisation, cut; beside it pieces or indicators.

    With m the median, b the bend, mu and s mean and deviation of the (bent) training values, p_j the progress through
    piece j and bars for training means, a value x becomes

        z = clip((x - mu) / s, -5, 5)                  or, bent, z = clip((asinh((x - m) / b) - mu) / s, -5, 5),
        0.5 (p_j - mean p_j),  p_j = clip((x - e_j) / (e_j+1 - e_j), 0, 1),     j = 0 .. k - 1,
        or, for 3 to 12 different whole numbers v, which may be codes of categories, [x = v] - mean [x = v].

    Args:
        column: str.
        median: float. What stands in for a missing value.
        missing: bool. Whether there is an indicator output.
        bend: float or None. The scale of the asinh; None without one.
        mean, deviation: floats.
        edges: list of the k + 1 ends of the pieces, ascending; empty for none.
        values: list of the numbers that have an indicator; empty for none.
        means: list of floats, the training means of pieces or indicators.

    >>> code = NumberCode.fit(Table.from_columns({"x": [1, 2, 3, None]}).column("x"), pieces=0)
    >>> code.outputs, code.median
    (['x', 'x is missing'], 2.0)
    """

    kind = "number"

    def __init__(
        self, column: str, median: float, missing: bool, bend: float | None, mean: float, deviation: float,
        edges: list[float], values: list[float], means: list[float],
    ) -> None:  # fmt: skip
        self.column, self.median, self.missing, self.bend = column, median, missing, bend
        self.mean, self.deviation = mean, deviation
        self.edges, self.values, self.means = edges, values, means

    @classmethod
    def fit(cls, column: Column, pieces: int) -> NumberCode:
        """Learn from training rows; at most `pieces` pieces, none and no indicators if below 2."""
        return cls.fit_values(column.name, column.numbers(), pieces)

    @classmethod
    def fit_values(cls, name: str, cells: np.ndarray, pieces: int) -> NumberCode:
        """Learn from float64 (n,), NaN for missing."""
        cells = np.clip(cells, -LARGEST, LARGEST)
        gone = np.isnan(cells)
        known = cells[~gone] if not gone.all() else np.zeros(1)
        median = float(np.median(known))
        values = _indicated(known) if pieces > 1 else []
        edges = _edges(known, pieces) if pieces > 1 and not values else []
        code = cls(name, median, bool(gone.any()), _bend(known, median), 0.0, 1.0, edges, values, [])
        filled = np.where(gone, median, cells)
        bent = code._bent(filled)
        deviation = float(bent.std())
        code.mean = float(bent.mean())
        code.deviation = deviation if deviation > 1e-9 * max(1e-3, abs(code.mean)) else 1.0
        code.means = [float(code._beside(filled, j).mean()) for j in range(max(len(values), len(edges) - 1))]
        return code

    @property
    def outputs(self) -> list[str]:
        ends = [number_text(float(f"{edge:.4g}")) for edge in self.edges]
        pieces = [f"{self.column} in [{low}, {high}]" for low, high in itertools.pairwise(ends)]
        indicators = [f"{self.column}={number_text(value)}" for value in self.values]
        return [self.column, *pieces, *indicators, *([f"{self.column} is missing"] if self.missing else [])]

    def write(self, table: Table, column: Column, out: np.ndarray, notes: list[str]) -> None:
        odd = column.odd_rows()
        if len(odd):
            notes.append(odd_cells_note(table, column, odd))
        self.write_values(column.numbers(), out)

    def write_values(self, cells: np.ndarray, out: np.ndarray) -> None:
        """Encode float64 (n,), NaN for missing."""
        cells = np.clip(cells, -LARGEST, LARGEST)
        gone = np.isnan(cells)
        filled = np.where(gone, self.median, cells)
        out[:, 0] = np.clip((self._bent(filled) - self.mean) / self.deviation, -CUT, CUT)
        for j, mean in enumerate(self.means):
            out[:, 1 + j] = (1.0 if self.values else PIECE_SCALE) * (self._beside(filled, j) - mean)
        if self.missing:
            out[:, -1] = gone

    def to_config(self) -> dict[str, Any]:
        return {"kind": self.kind, **vars(self)}

    def _bent(self, filled: np.ndarray) -> np.ndarray:
        return filled if self.bend is None else np.arcsinh((filled - self.median) / self.bend)

    def _beside(self, filled: np.ndarray, j: int) -> np.ndarray:
        """The j-th indicator or piece, before centring."""
        if self.values:
            return (filled == self.values[j]).astype(np.float64)
        low, high = self.edges[j], self.edges[j + 1]
        return np.clip(filled - low, 0.0, high - low) / (high - low)


def _bend(known: np.ndarray, median: float) -> float | None:
    """The scale of the asinh for skewed values: their normal-consistent interquartile range, or mean distance."""
    deviation = known.std()
    if deviation == 0 or abs((((known - known.mean()) / deviation) ** 3).mean()) <= SKEWED:
        return None
    low, high = np.quantile(known, [0.25, 0.75])
    middle = float(high - low) / 1.349
    return middle if middle > 1e-6 * deviation else float(np.abs(known - median).mean())


def _indicated(known: np.ndarray) -> list[float]:
    """The numbers that get an indicator: of 3 to 12 different whole numbers those that are frequent enough."""
    distinct, counts = np.unique(known, return_counts=True)
    if not 3 <= len(distinct) <= MOST_INDICATORS or (distinct != np.round(distinct)).any():
        return []
    return [float(value) for value in distinct[counts >= least_count(len(known))]]


def _edges(known: np.ndarray, pieces: int) -> list[float]:
    """Ends of the pieces; one piece would add nothing.

    Every value where there are few; else the values that alone are as frequent as a piece, such as the 0 of a column
    that is mostly 0, and quantiles of the others: so that they do not all fall together.
    """
    distinct, counts = np.unique(known, return_counts=True)
    ends = distinct
    if len(distinct) > pieces + 1:
        frequent = distinct[counts > len(known) / pieces]
        others = known[~np.isin(known, frequent)]
        ends = np.unique([*frequent, *np.quantile(others, np.linspace(0, 1, pieces + 1 - len(frequent)))])
    return [float(end) for end in ends] if len(ends) > 2 else []
