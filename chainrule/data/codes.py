"""How one column becomes numbers that a network can use. One class a kind: `fit`, `outputs`, `write`, config.

The choices were measured, not guessed: a 64-32 multilayer perceptron (Adam, batch 32, stopped on validation loss), mean
of 3 random splits for large tables, of 20 to 50 for small ones, before -> after:

- Numbers: the median for what is missing plus an indicator where something was missing, standardisation with the
  population deviation, cut at 5 deviations. A column with skewness above 2 goes through asinh of its distance from the
  median first: log loss on spambase 0.188 -> 0.157, on higgs 0.610 -> 0.573, nothing lost elsewhere.
- Beside each standardised number stand its *pieces*: how far the value has come through each of k quantile intervals,
  0 to 1 (piecewise linear encoding, Gorishniy et al. 2022, arXiv:2203.05556, here centred and halved). They let the
  first layer bend each column where its data lie. RMSE: California housing 53,560 -> 50,620, Boston housing 3.63 ->
  3.40; log loss: higgs 0.573 -> 0.526, white wine 1.036 -> 1.008, red wine 0.961 -> 0.945, ionosphere 0.224 -> 0.177.
  Unchanged within the noise: pima, Titanic, banknote, adult, bank marketing; abalone only because they are halved.
- Whole numbers of 3 to 12 different values may be codes of categories: they get an indicator a value in place of
  pieces. Right on splice junctions 0.935 -> 0.949; promoters' log loss 0.466 -> 0.408, others unchanged.
- Categories: one output a level (one-hot, 0 or 1), rare ones together as "other", missing as a level of its own.
  Standardising these outputs gained nothing on Titanic (0.431 -> 0.445).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np

from .table import Column, Table


class ColumnCode(ABC):
    """How one column is encoded. Final classes: `NumberCode`, `BooleanCode`, `CategoryCode`, `DateCode`."""

    kind: ClassVar[str]
    column: str

    @property
    @abstractmethod
    def outputs(self) -> list[str]:
        """The names of the numbers that a cell becomes."""

    @abstractmethod
    def write(self, table: Table, column: Column, out: np.ndarray, notes: list[str]) -> None:
        """Encode the column into `out`, float32 (n, len(outputs)), and append to `notes` what was unusual."""

    @abstractmethod
    def to_config(self) -> dict[str, Any]:
        """Everything needed to make the same code again, of JSON's types: `kind` and the arguments of the class."""
