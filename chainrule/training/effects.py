"""What a step of the user's does besides computing: found, and refused with the line that does it.

A step is recorded once for all batches. What Python itself changes in it, a counter or a list, would change once an
epoch instead of once a batch.
"""

from __future__ import annotations

import ast
import inspect
import os
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import UnsupportedError
from ..ir import TracedTensor
from ..ir.tree import flatten

_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "")
_LIBRARY = os.path.join(os.path.dirname(os.path.realpath(os.__file__)), "")
_GROWING = ("append", "extend", "insert", "add", "update", "pop", "remove", "clear")


def place_of(error: BaseException) -> str:
    """`file.py:12` of the innermost line outside chainrule that an error came through.

    >>> try: raise ValueError
    ... except ValueError as error: print(place_of(error) == "")
    True
    """
    found, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith((_PACKAGE, _LIBRARY, "<")) and "site-packages" not in file:
            found = f"{os.path.basename(file)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


@contextmanager
def refuse_effects(model: Any, method: Callable[..., Any], name: str) -> Iterator[None]:
    """Raise if a step has changed numbers or lists that the model holds, or keeps tensors in them.

    Raises: UnsupportedError: naming the line.
    """
    before = _plain_state(model)
    yield
    held = {key: before.get(key, getattr(type(model), key, value)) for key, value in _plain_state(model).items()}
    changed = {key for key, value in _plain_state(model).items() if held[key] != value}
    kept = {key for key, value in vars(model).items() if key not in model._untracked and _holds_traced(value)}
    for attribute, line in _changes(method):
        if attribute in changed or attribute in kept:
            what = "changes" if attribute in changed else "keeps a tensor in"
            file = os.path.basename(inspect.getsourcefile(method) or "")
            error = UnsupportedError(
                f"{name} ({file}:{line}) {what} self.{attribute} with Python. The step is recorded once and then runs "
                "for all batches without Python. Make it a Variable (self.add_weight, trainable=False) and use assign "
                "or assign_add, use a metric, or compile(..., run_eagerly=True)."
            )
            error._located = True  # type: ignore[attr-defined]  # the place is in the message
            raise error


def _plain_state(model: Any) -> dict[str, Any]:
    """Numbers and the sizes of lists, dicts and sets among the attributes."""
    found: dict[str, Any] = {}
    for key, value in vars(model).items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[key] = value
        elif isinstance(value, (list, dict, set)) and key not in model._untracked:
            found[key] = len(value)
    return found


def _holds_traced(value: Any) -> bool:
    leaves = flatten(value) if isinstance(value, (list, tuple, dict)) and len(value) < 100 else [value]
    return any(isinstance(leaf, TracedTensor) and leaf._array is None for leaf in leaves)


def _changes(method: Callable[..., Any]) -> Iterator[tuple[str, int]]:
    """The attributes of `self` that a method adds to, or appends to, and the lines: as its source says."""
    try:
        lines, first = inspect.getsourcelines(method)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return
    for node in ast.walk(tree):
        target: Any = None
        if isinstance(node, ast.AugAssign):
            target = node.target
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0] if _mentions(node.value, node.targets[0]) else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _GROWING:
            target = node.func.value
        target = target.value if isinstance(target, ast.Subscript) else target
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            yield target.attr, first + node.lineno - 1  # type: ignore[attr-defined]


def _mentions(value: ast.expr, target: ast.expr) -> bool:
    """Whether an expression reads what is assigned to: `self.count = self.count + 1`."""
    return any(ast.unparse(node) == ast.unparse(target) for node in ast.walk(value) if isinstance(node, ast.expr))
