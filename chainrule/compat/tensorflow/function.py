"""`tf.function`: a Python function as compiled Programs, one for each set of shapes."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from ...errors import TracedValueError
from ...ir import current_builder
from ...training.effects import place_of
from ...transforms import CompiledFunction
from .machine import functions_run_eagerly


class Function:
    """What `tf.function` makes of a Python function: it is recorded once for each signature, compiled, and run.

    Args: python_function: any function of tensors, Variables and plain values.

    A function that looks at the numbers of its tensors cannot be recorded. It is then run as plain Python, operation
    by operation, and a warning says which line looks at them.

    Example:
    >>> import numpy as np
    >>> double = Function(lambda x: 2 * x)
    >>> double(np.ones(2, "float32")).tolist()
    [2.0, 2.0]
    """

    def __init__(self, python_function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, python_function)
        self.python_function = python_function
        self._compiled = CompiledFunction(python_function)
        self._is_plain = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._is_plain or functions_run_eagerly() or current_builder() is not None:
            return self.python_function(*args, **kwargs)
        try:
            return self._compiled(*args, **kwargs)
        except TracedValueError as error:
            self._is_plain = True
            name = getattr(self.python_function, "__name__", "the function")
            warnings.warn(
                f"tf.function: {name} ({place_of(error)}) needs the numbers of a tensor, and so runs as plain Python, "
                "operation by operation. tf.cond, tf.where and tf.while_loop can be compiled.", stacklevel=2,
            )  # fmt: skip
        return self.python_function(*args, **kwargs)

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
