"""`lint_script`: every rule that can be seen in the text of a script."""

from __future__ import annotations

from importlib.util import decode_source
from pathlib import Path

from ...errors import DataError, FileError, did_you_mean
from .by_hand import RULES_OF_FORMULAS
from .flow import RULES_OF_SCRIPTS
from .networks import RULES_OF_NETWORKS
from .reader import Reader
from .rules import Hit


def lint_text(source: str) -> list[Hit]:
    """What is wrong with a script, by line; it is not run.

    Args:
        source: str. Python.

    Raises:
        SyntaxError: it is no Python.

    >>> text = "model = keras.Sequential([keras.layers.Dense(1, activation='softmax')])"
    >>> [hit.rule for hit in lint_text(text)]
    ['softmax-one-unit']
    """
    script = Reader(source)
    hits = [hit for network in script.networks for rule in RULES_OF_NETWORKS for hit in rule(network)]
    hits += [hit for rule in RULES_OF_SCRIPTS for hit in rule(script)]
    hits += [hit for rule in RULES_OF_FORMULAS for hit in rule(script.tree)]
    found = {(hit.line, hit.rule): hit for hit in reversed(hits)}
    return [found[key] for key in sorted(found)]


def lint_script(path: str) -> list[Hit]:
    """What is wrong with a script in a file; it is not run.

    Args:
        path: str.

    Raises:
        FileError: it cannot be read.
        DataError: it is no Python.
    """
    file = Path(path)
    if file.is_dir() or not file.exists():
        near = [other.name for other in file.parent.glob("*.py")] if file.parent.is_dir() else []
        what = "is a folder; give the script in it" if file.is_dir() else "does not exist"
        raise FileError(f"lint: {path!r} {what}.{did_you_mean(file.name, near)}")
    try:
        return lint_text(decode_source(file.read_bytes()))
    except OSError as error:
        raise FileError(f"lint: cannot read {path!r}: {error.strerror}.") from None
    except (UnicodeDecodeError, ValueError) as error:
        raise DataError(f"lint: {path!r} is not a Python script: {error}.") from None
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""  # none: its encoding is said wrongly
        raise DataError(f"lint: {path!r} is not a Python script: {line}{error.msg}.") from None
