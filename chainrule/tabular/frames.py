"""`fit`: from a data frame, or whatever holds a table, to trained and evaluated networks, in one call."""

from __future__ import annotations

import dataclasses
from typing import Any

from ..errors import ArgumentError, did_you_mean, listed
from .fitting import Fitted, fit_table
from .members import Show
from .network import Training
from .options import Options


def fit(data: Any, target: str | int, show: Show | None = None, **options: Any) -> Fitted:
    """Learn to predict one column of a table from the others: the same as `chainrule fit`.

    Args:
        data: pandas or polars DataFrame, pyarrow Table, mapping name -> values, `chainrule.data.Table`, or the path or
            URL of a table. Frames are not changed, and columns of floats not copied.
        target: str or int. The column to predict: its name, or its position from 1 or from the end with -1.
        show: Show or None, default None (silent).
        **options: the fields of `Options` (`test_size`, `seed`, `group`, `time`, `weights`, `balance`, ...) and of
            `Training` (`layers`, `networks`, `epochs`, ...).

    Returns:
        Fitted: `model` answers for new tables, `metrics` is what `metrics.json` holds.

    Raises:
        ArgumentError: an option does not exist or is out of range.
        DataError: the table cannot be used.

    >>> rows = {"size": [i / 20 for i in range(200)], "kind": ["small"] * 100 + ["large"] * 100}
    >>> fitted = fit(rows, "kind", networks=1, layers=(8,), epochs=150)
    >>> fitted.model.answers(fitted.model.outputs({"size": [1.5, 8.5]}))
    ['small', 'large']
    """
    training = {field.name for field in dataclasses.fields(Training)}
    known = {field.name for field in dataclasses.fields(Options)} - {"target", "training"}
    for name in options:
        if name not in training | known:
            hint = did_you_mean(name, [*known, *training]) or f" There are {listed(sorted(known | training), 40)}."
            raise ArgumentError(f"fit: {name!r} is no option.{hint}")
    how = Training(**{name: value for name, value in options.items() if name in training})
    rest = {name: value for name, value in options.items() if name in known}
    return fit_table(data, Options(target=str(target), training=how, **rest), show)
