"""Categories and yes-or-no columns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import DataError, listed
from .cells import number_text, plain
from .codes import ColumnCode
from .columns import least_count
from .table import Column, Table

_SHARED, _ON, _MOST_HASHED = 64, 3, 10_000
_FALSE_WORDS = ("no", "false", "n", "f", "off")


class BooleanCode(ColumnCode):
    """0 or 1; what is missing or unknown becomes the share of ones, with an indicator where something was missing.

    Args:
        column: str.
        levels: list of the two texts, the one for 0 first.
        mean: float, share of ones among the known training cells.
        missing: bool, whether there is an indicator output.

    Raises:
        DataError: from `fit`, more than two values.

    >>> BooleanCode.fit(Table.from_columns({"x": ["yes", "no", "yes"]}).column("x")).levels
    ['no', 'yes']
    """

    kind = "boolean"

    def __init__(self, column: str, levels: list[str], mean: float, missing: bool) -> None:
        self.column, self.levels, self.mean, self.missing = column, levels, mean, missing

    @classmethod
    def fit(cls, column: Column) -> BooleanCode:
        """Learn from training rows."""
        code = cls(column.name, _two_levels(column), 0.0, False)
        values = code._values(column, [])
        code.missing = bool(np.isnan(values).any())
        code.mean = float(np.nanmean(values)) if not np.isnan(values).all() else 0.0
        return code

    @property
    def outputs(self) -> list[str]:
        first = f"{self.column}={self.levels[-1]}" if self.levels else self.column
        return [first, *([f"{self.column} is missing"] if self.missing else [])]

    def write(self, table: Table, column: Column, out: np.ndarray, notes: list[str]) -> None:
        values = self._values(column, notes)
        gone = np.isnan(values)
        out[:, 0] = np.where(gone, self.mean, values)
        if self.missing:
            out[:, 1] = gone

    def to_config(self) -> dict[str, Any]:
        return {"kind": self.kind, **vars(self)}

    def _values(self, column: Column, notes: list[str]) -> np.ndarray:
        """float64 (n,): 0, 1, or NaN where missing or neither."""
        codes, texts = column.factor()
        known = {plain(level).casefold(): float(i) for i, level in enumerate(self.levels)}
        by_text = np.array([known.get(plain(text).casefold(), np.nan) for text in texts] + [np.nan])
        strange = np.flatnonzero(np.isnan(by_text[codes]) & (codes >= 0))
        if len(strange):
            names = listed(sorted({column.text(row) for row in strange[:1000]}), 3)
            notes.append(f"column {column.name!r}: {_cells(strange)} neither {listed(self.levels)} ({names}); missing")
        return by_text[codes]


def _two_levels(column: Column) -> list[str]:
    numbers = column.numbers()
    distinct = np.unique(numbers[~np.isnan(numbers)])
    if len(distinct):
        levels = [number_text(value) for value in distinct]
    else:
        codes, texts = column.factor()
        used = np.bincount(codes[codes >= 0], minlength=len(texts)) > 0
        levels = sorted({t.casefold(): t for t, u in zip(texts, used, strict=True) if u}.values(), key=_false_first)
    if len(levels) > 2:
        raise DataError(f"column {column.name!r}: expected two values; got {len(levels)}: {listed(levels)}.")
    return levels


def _places(level: str) -> list[int]:
    """Which of the shared outputs a level switches on."""
    digest = hashlib.blake2b(plain(level).encode(), digest_size=32).digest()
    return list(dict.fromkeys(byte % _SHARED for byte in digest))[:_ON]


def _false_first(text: str) -> tuple[bool, str]:
    return text.casefold() not in _FALSE_WORDS, text


def _cells(rows: np.ndarray) -> str:
    return "1 cell is" if len(rows) == 1 else f"{len(rows)} cells are"


class CategoryCode(ColumnCode):
    """One output a level, hashed ones for many more, then "other" and "missing" where training had such cells.

    Where more levels are frequent enough than may have an output of their own, each of the rest switches on 3 of 64
    shared outputs, chosen by a hash of its text: a network can still tell nearly all of them apart. Rare levels go to
    "other", and so does a level never seen: it is one more rare one. Without that output, each level gets its share in
    training (the average row), so that no untrained weight is touched. A missing cell without a "missing" output
    likewise. Nothing looks at the target.

    Args:
        column: str.
        levels: list of str, commonest first.
        other: bool. Whether training had rarer levels.
        missing: bool. Whether training had missing cells.
        shares: list of floats, the share of each output in training.
        hashed: list of str. The levels that share outputs.

    Source: Serra and Karatzoglou 2017 (Bloom embeddings).

    >>> code = CategoryCode.fit(Table.from_columns({"x": ["a", "b", "a", None]}).column("x"), most=8)
    >>> code.outputs
    ['x=a', 'x=b', 'x is missing']
    """

    kind = "category"

    def __init__(
        self, column: str, levels: list[str], other: bool, missing: bool, shares: list[float],
        hashed: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.column, self.levels, self.other, self.missing, self.shares = column, levels, other, missing, shares
        self.hashed = list(hashed)

    @classmethod
    def fit(cls, column: Column, most: int) -> CategoryCode:
        """Learn from training rows; at most `most` levels, each frequent enough (`least_count`)."""
        codes, texts = column.factor()
        counts = np.bincount(codes[codes >= 0], minlength=len(texts))
        order = np.argsort(-counts, kind="stable")
        frequent = [int(i) for i in order[: most + _MOST_HASHED] if counts[i] >= least_count(len(codes))]
        kept, beside = frequent[:most], frequent[most:]
        rest, gone = int(counts.sum() - counts[frequent].sum()), int((codes < 0).sum())
        places = [_places(texts[i]) for i in beside]
        shared = sum((np.bincount(p, minlength=_SHARED) * counts[i] for p, i in zip(places, beside, strict=True)),
                     np.zeros(_SHARED if beside else 0))  # fmt: skip
        sizes = [*counts[kept], *shared, *([rest] if rest else []), *([gone] if gone else [])]
        shares = [float(size / max(1, len(codes))) for size in sizes]
        return cls(column.name, [texts[i] for i in kept], rest > 0, gone > 0, shares, [texts[i] for i in beside])

    @property
    def outputs(self) -> list[str]:
        names = [f"{self.column}={level}" for level in self.levels]
        names += [f"{self.column} hashed {i + 1}" for i in range(_SHARED if self.hashed else 0)]
        other = [f"{self.column}=other"] if self.other else []
        return [*names, *other, *([f"{self.column} is missing"] if self.missing else [])]

    def write(self, table: Table, column: Column, out: np.ndarray, notes: list[str]) -> None:
        codes, texts = column.factor()
        exact = {level: i for i, level in enumerate(self.levels)}
        loose = {plain(level): i for i, level in enumerate(self.levels)}
        first_shared = len(self.levels)
        other = first_shared + (_SHARED if self.hashed else 0) if self.other else -1
        missing = len(out[0]) - 1 if self.missing and len(out) else -1
        hashed = {plain(level) for level in self.hashed}
        shared = np.array([plain(text) in hashed for text in texts] + [False], bool)
        places = [exact.get(text, loose.get(plain(text), other)) for text in texts]
        place = np.where(shared[codes], first_shared, np.array([*places, missing], np.intp)[codes])
        average = place < 0
        out[:] = np.where(average[:, None], np.array(self.shares, np.float32), np.float32(0))
        one = ~average & ~shared[codes]
        out[np.flatnonzero(one), place[one]] = 1
        rows = np.flatnonzero(shared[codes])
        if len(rows):
            pairs = zip(texts, shared[:-1], strict=True)
            switched = np.array([_places(text) if there else [0] * _ON for text, there in pairs])
            for j in range(_ON):
                out[rows, first_shared + switched[codes[rows], j]] = 1
        if not self.other:
            self._note_new(column, np.flatnonzero(average & (codes >= 0)), notes)

    def to_config(self) -> dict[str, Any]:
        return {"kind": self.kind, **vars(self)}

    def _note_new(self, column: Column, rows: np.ndarray, notes: list[str]) -> None:
        if len(rows):
            names = listed(sorted({column.text(row) for row in rows[:1000]}), 3)
            notes.append(
                f"column {column.name!r}: {_cells(rows)} of no category seen in training ({names}); "
                "treated as an average one"
            )
