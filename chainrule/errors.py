"""The one tree of exceptions.

Every error that chainrule raises on purpose is a `ChainruleError` **and** the built-in exception that a Keras
or NumPy user would catch: `except ValueError` keeps working. A message says where, what was expected, what
came and what to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any


class ChainruleError(Exception):
    """Base of every error raised by chainrule on purpose."""

    def located(self, place: str) -> ChainruleError:
        """Put `place` (a layer, a source line) in front of the message, once."""
        message = str(self.args[0]) if self.args else ""
        if place and not getattr(self, "_located", False):
            self.args = (f"{place}: {message}", *self.args[1:])
            self._located = True
        return self


class ArgumentError(ChainruleError, ValueError):
    """An argument has a value that is not allowed."""


class UnknownNameError(ArgumentError, KeyError):
    """A dict has a key that names nothing."""

    __str__ = Exception.__str__  # that of KeyError is the repr of the message


class UnknownObjectError(ArgumentError, TypeError):
    """Plain data speak of a class or function that is not known."""


class ReservedNameError(ArgumentError, AttributeError):
    """An attribute that is not for users to set."""


class ShapeError(ArgumentError):
    """Shapes do not fit together."""


class DTypeError(ChainruleError, TypeError, ValueError):
    """A tensor has a dtype, or an argument a type, that is not allowed."""


class IndexRangeError(ChainruleError, IndexError):
    """An index lies outside the axis that it indexes."""


class NotDifferentiableError(ChainruleError, TypeError):
    """A derivative was asked for where none exists."""


class TracedValueError(ChainruleError, TypeError, ValueError):
    """The number behind a tensor was asked for while the tensor is only being recorded."""


class NonFiniteError(ChainruleError, ArithmeticError, RuntimeError):
    """A computation produced NaN or infinity where that is not allowed."""


class MissingNameError(ChainruleError, AttributeError):
    """A name is not part of chainrule."""


class NotBuiltError(ChainruleError, ValueError):
    """A layer or model is used before its weights exist."""


class NoGraphError(NotBuiltError, AttributeError):
    """A model or layer has no symbolic inputs and outputs, or not yet."""


class ForgottenInitError(NotBuiltError, RuntimeError):
    """A class of the user's does not call super().__init__() first."""


class DataError(ChainruleError, ValueError):
    """Data cannot be read or used as it stands."""


class FileError(ChainruleError, OSError, ValueError):
    """A file cannot be read or written."""

    def __str__(self) -> str:  # OSError would print a tuple for two arguments
        return str(self.args[0]) if self.args else ""


class MissingFileError(FileError, FileNotFoundError):
    """There is no such file."""


class DependencyError(ChainruleError, ImportError):
    """An optional package is needed and not installed."""


class UnsupportedError(ChainruleError, NotImplementedError):
    """Something is part of the interface and not available here."""


class ProgramError(ChainruleError, RuntimeError):
    """A Program breaks a rule: a fault of chainrule (or of a hand-written Program), not of the user's model."""


class MemoryLimitError(ChainruleError, MemoryError):
    """A computation needs more memory than there is."""


class Interrupted(KeyboardInterrupt):  # no error, and nobody should catch it as one
    """Ctrl-C in a compiled run, which ended after the round it was in. `outputs`: what it had computed by then."""

    def __init__(self, outputs: Sequence[Any]) -> None:
        super().__init__()
        self.outputs = list(outputs)


def did_you_mean(name: str, known: Iterable[object]) -> str:
    """` Did you mean 'label'?`, or an empty string when nothing comes close.

    >>> did_you_mean("lable", ["label", "age"]), did_you_mean("adma", ["adamax", "adam"])
    (" Did you mean 'label'?", " Did you mean 'adam'?")
    """
    import difflib

    names = [str(k) for k in known]
    close = difflib.get_close_matches(name, names, n=5, cutoff=0.6)
    if not close:
        folded = {k.casefold(): k for k in names}
        close = [folded[k] for k in difflib.get_close_matches(name.casefold(), list(folded), n=5, cutoff=0.6)]
    # Of the close ones that with the same letters: 'adma' is 'adam', though 'adamax' shares a longer run with it.
    best = min(close, key=lambda k: _different_letters(name, k), default=None)
    return "" if best is None else f" Did you mean {best!r}?"


def _different_letters(a: str, b: str) -> int:
    left, right = Counter(a), Counter(b)
    return ((left - right) + (right - left)).total()


def listed(names: Iterable[object], most: int = 12) -> str:
    """`'a', 'b', 'c' and 4 more`.

    >>> listed("abcde", most=2)
    "'a', 'b' and 3 more"
    """
    items = [repr(str(n)) for n in names]
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"
