"""What Keras keeps at its top and in `keras.config`, and chainrule elsewhere or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import ArgumentError
from ..variables import naming
from .table import KERAS_VERSION

__version__ = KERAS_VERSION


def version() -> str:
    """The version of Keras whose names and numbers are meant.

    >>> version()
    '3.15.1+chainrule'
    """
    return KERAS_VERSION


def backend() -> str:
    """What computes: always `'chainrule'`.

    >>> backend()
    'chainrule'
    """
    return "chainrule"


@contextmanager
def device(device_name: str) -> Iterator[None]:
    """Accepted for scripts that place work on a device; everything runs on the chosen executor.

    Args: device_name: such as 'cpu:0'.
    """
    yield


def remat(function: Callable[..., Any]) -> Callable[..., Any]:
    """Accepted for scripts that compute activations again to save memory: the function as it is.

    >>> remat(abs)(-2)
    2
    """
    return function


@contextmanager
def RematScope(mode: str = "full", output_size_threshold: int = 1024, layer_names: Any = None) -> Iterator[None]:  # noqa: N802
    """Accepted, without effect: nothing is computed twice.

    Args: mode: 'full', 'activations', 'larger_than', 'list_of_layers' or None; output_size_threshold, layer_names.
    """
    modes = ("full", "activations", "larger_than", "list_of_layers", None)
    if mode not in modes:
        raise ArgumentError(f"RematScope: expected a mode among {modes}; got {mode!r}.")
    yield


@contextmanager
def name_scope(name: str, caller: object = None) -> Iterator[None]:
    """The paths of Variables made inside begin with `name`.

    Args: name: text without slashes; caller: what the name belongs to, if anything: it is then said once.
    """
    if not isinstance(name, str) or not name or "/" in name:
        raise ArgumentError(f"name_scope: expected text without slashes; got {name!r}.")
    with naming(name, caller):
        yield
