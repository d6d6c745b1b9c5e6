"""`tf.print`: Python's, where there are numbers to print."""

from __future__ import annotations

import builtins
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...errors import TracedValueError
from ...ir import current_builder

_recorded: list[bool] = []  # functions that can give way to plain Python


@contextmanager
def able_to_give_way() -> Iterator[None]:
    """What is recorded inside is done by plain Python if it needs to print."""
    _recorded.append(True)
    try:
        yield
    finally:
        _recorded.pop()


def print(*inputs: Any, output_stream: Any = None, end: str = "\n", sep: str = " ", **kwargs: Any) -> None:
    """Python's `print`, to standard error unless `output_stream` says otherwise.

    A `tf.function` that prints runs as plain Python. In a step that `fit` compiles nothing is printed, and a warning
    says so.
    """
    builder = current_builder()
    if builder is None or builder.concrete:
        builtins.print(*inputs, file=output_stream or sys.stderr, end=end, sep=sep)
    elif _recorded:
        raise TracedValueError("tf.print is to print the numbers of every call. A Program calls no Python.")
    else:
        warnings.warn(
            "tf.print: a compiled step calls no Python, nothing is printed; compile(..., run_eagerly=True) prints in "
            "every batch.", stacklevel=2,
        )  # fmt: skip


__all__ = ["print"]
