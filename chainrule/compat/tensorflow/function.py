"""`tf.function`: a Python function as compiled Programs, one for each set of shapes."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from ...errors import DTypeError, TracedValueError, UnsupportedError
from ...ir import Tensor, current_builder
from ...ir.tree import flatten
from ...layers.preprocessing.strings import is_text
from ...training.effects import place_of
from ...transforms import CompiledFunction
from .machine import functions_run_eagerly
from .printing import able_to_give_way
from .rewriting import loops_over_tensors, rewritten


class Function:
    """What `tf.function` makes of a Python function: it is recorded once for each signature, compiled, and run.

    Args: python_function: any function of tensors, Variables and plain values.

    Where the function looks at the numbers of its tensors, in an `if`, a `while` or a `for`, it is rewritten to say so
    with `cond` and loops. What cannot be rewritten runs as plain Python, operation by operation, and a warning says
    which line needs the numbers.

    Example:
    >>> import numpy as np
    >>> double = Function(lambda x: 2 * x)
    >>> double(np.ones(2, "float32")).tolist()
    [2.0, 2.0]
    """

    def __init__(self, python_function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, python_function)
        self.python_function = python_function
        self._is_plain = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._is_plain or functions_run_eagerly():
            return self.python_function(*args, **kwargs)
        if current_builder() is not None:
            return (self._rewritten or self.python_function)(*args, **kwargs)
        while not self._is_plain:
            try:
                with able_to_give_way():
                    return self._compiled(*args, **kwargs)
            except (TracedValueError, UnsupportedError) as error:
                self._give_way(error)
            except DTypeError:
                if not any(is_text(leaf) for leaf in flatten((args, kwargs)) if not isinstance(leaf, Tensor)):
                    raise
                break  # text is no matter of Programs
        return self.python_function(*args, **kwargs)

    def _give_way(self, error: Exception) -> None:
        """Record the rewritten function from now on, or nothing any more."""
        if isinstance(error, TracedValueError) and self._rewritten not in (None, self._recorded):
            self._recorded = self._rewritten
            del self._compiled  # it is made anew
        else:
            self._is_plain = True
            self._warn(error)

    @functools.cached_property
    def _recorded(self) -> Callable[..., Any]:
        return (loops_over_tensors(self.python_function) and self._rewritten) or self.python_function

    @functools.cached_property
    def _compiled(self) -> CompiledFunction:
        return CompiledFunction(self._recorded)

    @functools.cached_property
    def _rewritten(self) -> Callable[..., Any] | None:
        return rewritten(self.python_function)

    def _warn(self, error: Exception) -> None:
        name = getattr(self.python_function, "__name__", "the function")
        reason = str(error).split(". ")[0].rstrip(".")
        warnings.warn(
            f"tf.function: {name} ({place_of(error)}): {reason}. It runs as plain Python, operation by "
            "operation; tapes and updates that come again are compiled all the same, and so are tf.functions inside.",
            stacklevel=4,
        )

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As a method: one Function for each object."""
        if instance is None:
            return self
        bound = Function(self.python_function.__get__(instance, owner))
        instance.__dict__.setdefault(self.python_function.__name__, bound)
        return instance.__dict__[self.python_function.__name__]

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """The function itself: its signatures are found when it is called."""
        return self


def function(
    func: Callable[..., Any] | None = None, input_signature: Any = None, autograph: bool = True,
    jit_compile: Any = None, reduce_retracing: bool = False, **kwargs: Any,
) -> Any:  # fmt: skip
    """Compile a function, also as a decorator with or without arguments.

    Args: func; the others are accepted for TensorFlow scripts: signatures are found by themselves.

    >>> @function(jit_compile=True)
    ... def double(x): return 2 * x
    >>> double(3.0)
    Tensor(6., dtype=float32)
    """
    return Function if func is None else Function(func)


__all__ = ["Function", "function"]
