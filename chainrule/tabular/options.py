"""What the user of `chainrule fit` may choose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..errors import ArgumentError
from .network import Training

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?)", re.IGNORECASE)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
THRESHOLDS = ("f1", "balanced")


@dataclass(frozen=True)
class Options:
    """What the user may choose; the defaults are those of `chainrule fit`.

    Args:
        target: str. Name or position of the target column.
        task: None (found out), "classification" or "regression".
        test: str or None. A file of its own to evaluate on; then no row of the table is held out for it.
        test_size: float, default 0.2. Else the share of rows held out; 0 for none.
        seed: int from 0, default 0. Splits, weights and orders of rows follow from it.
        training: Training. Sizes and rates.
        header, delimiter, encoding: how the files are read, see `read_table`.
        drop: tuple of str. Columns to leave out.
        missing: tuple of str. "COLUMN=TEXT" or "TEXT": what stands for a missing value.
        group: str or None. A column that names what belongs together (a patient, a household): its rows are held out
            together, and it is no feature.
        time: str or None. A column with the time of each row: the latest rows are held out.
        weights: str or None. A column with the weight of each row in training; it is no feature.
        balance: bool, default False. Whether classes weigh the same in training, however many rows each has.
        threshold: None (the likelier class), "f1", "balanced", or a probability from 0 to 1: from where on the second
            of two classes is the answer. The words choose it on rows that the networks hold out.
        budget: float or None. Seconds that the training may take.
        stream: bool or None, default None (found out from the sizes of file and memory). Whether it is read piece
            by piece and trained from disk.
        query: str or None. Of a database: a SELECT in place of a table.
    """

    target: str
    task: str | None = None
    test: str | None = None
    test_size: float = 0.2
    seed: int = 0
    training: Training = field(default_factory=Training)
    header: Any = "auto"
    delimiter: str | None = None
    encoding: str = "utf-8"
    drop: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    group: str | None = None
    time: str | None = None
    weights: str | None = None
    balance: bool = False
    threshold: str | float | None = None
    budget: float | None = None
    query: str | None = None
    stream: bool | None = None


def check_options(options: Options) -> None:
    """Refuse what cannot be, before a large file is read.

    Args:
        options: Options.

    Raises:
        ArgumentError: an option is out of range; the message names it as on the command line.
    """
    if not 0 <= options.test_size < 1:
        raise ArgumentError(
            f"--test-size: expected a share from 0 up to, not including, 1; got {options.test_size}. "
            "For 20 % of the rows write 0.2."
        )
    if options.seed < 0:
        raise ArgumentError(f"--seed: expected a whole number from 0; got {options.seed}.")
    if options.group is not None and options.time is not None:
        raise ArgumentError("--group and --time: rows are held out by groups or by time, not by both; give one.")
    if options.budget is not None and not options.budget >= 0:
        raise ArgumentError(f"--budget: expected a time such as 60s, or 0 for any; got {options.budget:g} seconds.")
    if isinstance(options.threshold, float) and not 0 < options.threshold < 1:
        raise ArgumentError(f"--threshold: expected a probability between 0 and 1; got {options.threshold:g}.")


def parse_duration(text: str) -> float | None:
    """Seconds of a time such as `60s`, `2min` or `1h`; None if it is none.

    Args:
        text: str.

    >>> parse_duration("60s"), parse_duration("1.5 min"), parse_duration("date")
    (60.0, 90.0, None)
    """
    found = _DURATION.fullmatch(text.strip())
    return None if found is None else float(found[1]) * _SECONDS[found[2][0].lower()]


def parse_budget(text: str) -> float:
    """Seconds of a time; a plain number counts as seconds.

    Args:
        text: str.

    Raises:
        ArgumentError: it is no time.

    >>> parse_budget("90"), parse_budget("2m")
    (90.0, 120.0)
    """
    seconds = parse_duration(text)
    if seconds is None:
        try:
            seconds = float(text)
        except ValueError:
            raise ArgumentError(f"--budget: expected a time such as 60s, 5min or 1h; got {text!r}.") from None
    return seconds


def parse_threshold(text: str) -> str | float:
    """A word of `THRESHOLDS`, or a probability.

    Args:
        text: str.

    Raises:
        ArgumentError: it is neither.

    >>> parse_threshold("f1"), parse_threshold("0.3")
    ('f1', 0.3)
    """
    if text in THRESHOLDS:
        return text
    try:
        return float(text)
    except ValueError:
        raise ArgumentError(
            f"--threshold: expected f1, balanced, or a probability between 0 and 1; got {text!r}."
        ) from None
