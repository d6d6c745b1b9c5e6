"""What explanations are: plain frozen records, for the terminal, for reports and as JSON."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Z95 = 1.959963984540054  # a normal value lies so many deviations or fewer from its mean in 95 of 100 cases


@dataclass(frozen=True)
class Estimate:
    """A number that was measured, and the interval in which the true one lies in 95 of 100 such measurements.

    Args:
        value: float.
        low, high: floats. The ends of the interval; both equal `value` where nothing is uncertain.
    """

    value: float
    low: float
    high: float

    @staticmethod
    def normal(value: float, error: float) -> Estimate:
        """From a standard error.

        >>> Estimate.normal(1.0, 0.0)
        Estimate(value=1.0, low=1.0, high=1.0)
        """
        return Estimate(float(value), float(value - Z95 * error), float(value + Z95 * error))


@dataclass(frozen=True)
class ColumnImportance:
    """How much a column matters.

    Args:
        column: str.
        increase: Estimate. How much worse the measure becomes when the cells of the column are exchanged among rows.
        twins: tuple of str. Columns that tell nearly the same (rank correlation 0.8 or more): while one of them is
            shuffled the network may read the other, so both can look less important than they are together.
    """

    column: str
    increase: Estimate
    twins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Importance:
    """Permutation importance of all columns, the most important first.

    Args:
        measure: str. "log loss", "RMSE", or, without true answers, "movement": how far the outputs move.
        intact: float. The measure on rows as they are; 0 for "movement".
        rows: int. How many rows were used.
        repeats: int. How often each column was shuffled.
        columns: tuple of ColumnImportance.
    """

    measure: str
    intact: float
    rows: int
    repeats: int
    columns: tuple[ColumnImportance, ...]


@dataclass(frozen=True)
class EffectCurve:
    """What the network says when one column is set to a value and all others stay as they are.

    Args:
        column: str.
        is_number: bool. Whether the values have an order.
        values: tuple of str. The values, as they stand in the table.
        positions: float64 (g,). Where each value stands on an axis; 0, 1, 2, ... for categories.
        outputs: tuple of str. What the network answers: the classes, or the target.
        mean, low, high: float64 (g, k). Partial dependence: the mean over the rows, and its interval.
        individual: float64 (r, g, k). The curves of some rows of their own (ICE).
        rows: int. How many rows the mean is of.
    """

    column: str
    is_number: bool
    values: tuple[str, ...]
    positions: np.ndarray
    outputs: tuple[str, ...]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    individual: np.ndarray
    rows: int


@dataclass(frozen=True)
class Interaction:
    """How far the effect of a column depends on another one.

    Args:
        first, second: str. The columns.
        share: Estimate. Friedman's H: 0 where the two effects add up, 1 where there is nothing but interaction.
        size: Estimate. The root mean square of the interaction, in log odds, or in units of the target.
    """

    first: str
    second: str
    share: Estimate
    size: Estimate


@dataclass(frozen=True)
class Contribution:
    """What one column of a row contributes to its output.

    Args:
        column: str.
        cell: str. What stands there.
        value: Estimate. In units of the output (probability, or units of the target).
    """

    column: str
    cell: str
    value: Estimate


@dataclass(frozen=True)
class Attribution:
    """An output of a row as a sum: base + contributions = prediction, up to the gap.

    Args:
        method: str. "Shapley values" or "integrated gradients".
        output: str. Which output: a class, or the target.
        prediction: float. What the network says of the row.
        base: float. The mean of what it says of the background rows.
        contributions: tuple of Contribution, the largest first.
        gap: float. prediction - base - sum of the contributions: what the method left unexplained.
        is_exact: bool. Whether all orders of the columns were counted, not some drawn.
        background: int. How many rows the row was compared with.
        asked: int. How many rows the network was asked about (or how many gradients were taken).
    """

    method: str
    output: str
    prediction: float
    base: float
    contributions: tuple[Contribution, ...]
    gap: float
    is_exact: bool
    background: int
    asked: int


@dataclass(frozen=True)
class Neighbour:
    """A training row that is like the row in question.

    Args:
        row: int. Its number, from 1, in the file of training rows.
        distance: float. The mean over the columns of 0 (equal) to 1 (as different as can be).
        different: dict of column -> (cell of the row in question, cell of this one), the most different first.
        truth: str or None. What it was in truth, where known.
        answer: str. What the network says of it.
    """

    row: int
    distance: float
    different: dict[str, tuple[str, str]]
    truth: str | None
    answer: str


@dataclass(frozen=True)
class Counterfactual:
    """A change of few cells after which the network decides otherwise.

    Args:
        changes: dict of column -> (cell before, cell after).
        answer: str. The decision after the change.
        output: float. The output of that answer after the change: its probability, or the value.
        output_before: float. The same output before.
        cost: float. The sum over the columns of 0 (unchanged) to 1 (as different as can be).
        nearest: float. The distance of the changed row from the nearest training row (`Neighbour.distance`).
    """

    changes: dict[str, tuple[str, str]]
    answer: str
    output: float
    output_before: float
    cost: float
    nearest: float


@dataclass(frozen=True)
class Counterfactuals:
    """What would have to be different.

    Args:
        before: str. The decision as it is.
        wanted: str. The decision that was looked for.
        fixed: tuple of str. Columns that were not to be touched.
        found: tuple of Counterfactual, the smallest change first; empty if none was found.
        usual: float. How far a training row is from the nearest other one: 95 of 100 are nearer than that.
    """

    before: str
    wanted: str
    fixed: tuple[str, ...]
    found: tuple[Counterfactual, ...]
    usual: float


@dataclass(frozen=True)
class Group:
    """Some rows, and how they are treated.

    Args:
        name: str. What they have in common.
        rows: int.
        measures: dict of name -> Estimate or None where there is no row to measure it on.
        bins: tuple of (mean prediction, share or mean in truth as Estimate, rows): calibration.
    """

    name: str
    rows: int
    measures: dict[str, Estimate | None]
    bins: tuple[tuple[float, Estimate, int], ...] = ()


@dataclass(frozen=True)
class Gap:
    """The largest difference between two groups in one measure.

    Args:
        measure: str.
        higher, lower: str. The groups.
        difference: Estimate.
    """

    measure: str
    higher: str
    lower: str
    difference: Estimate


@dataclass(frozen=True)
class Fairness:
    """A table by group.

    Args:
        column: str. What makes the groups.
        output: str. The class in question ("positive"), or the target.
        groups: tuple of Group, the largest first.
        gaps: tuple of Gap, one a measure.
    """

    column: str
    output: str
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class ModelExplanation:
    """What a network does with the columns, over many rows.

    Args:
        target: str.
        task: str. "binary", "multiclass" or "regression".
        outputs: tuple of str. The classes, or the target.
        importance: Importance.
        curves: tuple of EffectCurve, of the most important columns.
        interactions: tuple of Interaction, the strongest first.
        fairness: tuple of Fairness.
        notes: tuple of str.
    """

    target: str
    task: str
    outputs: tuple[str, ...]
    importance: Importance
    curves: tuple[EffectCurve, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    fairness: tuple[Fairness, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowExplanation:
    """Why a row got its answer.

    Args:
        row: int. Its number, from 1.
        target: str.
        answer: str. What the network decides.
        truth: str or None. What it was, where known.
        outputs: dict of output -> what the network says.
        shapley: Attribution.
        gradients: Attribution or None. Integrated gradients; None where the network has none.
        neighbours: tuple of Neighbour, the nearest first.
        counterfactuals: Counterfactuals or None. None where no decision is made (a value, and none was wanted).
        notes: tuple of str.
    """

    row: int
    target: str
    answer: str
    truth: str | None
    outputs: dict[str, float]
    shapley: Attribution
    gradients: Attribution | None = None
    neighbours: tuple[Neighbour, ...] = ()
    counterfactuals: Counterfactuals | None = None
    notes: tuple[str, ...] = ()


def as_plain(record: Any) -> Any:
    """A record as dicts, lists, texts and numbers, for JSON; what is not finite becomes None.

    Args:
        record: any of the classes above.

    >>> as_plain(Estimate(1.0, 0.5, float("inf")))
    {'value': 1.0, 'low': 0.5, 'high': None}
    """
    if dataclasses.is_dataclass(record):
        return {field.name: as_plain(getattr(record, field.name)) for field in dataclasses.fields(record)}
    if isinstance(record, dict):
        return {str(key): as_plain(value) for key, value in record.items()}
    if isinstance(record, (list, tuple, np.ndarray)):
        return [as_plain(value) for value in record]
    if isinstance(record, (float, np.floating)):
        return float(record) if math.isfinite(record) else None
    return int(record) if isinstance(record, np.integer) else record
