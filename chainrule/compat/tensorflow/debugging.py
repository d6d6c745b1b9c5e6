"""`tf.debugging`: checks of tensors. They look at numbers where those are known, outside of Programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ... import ops
from ...errors import ArgumentError, ChainruleError
from ...ir import FLOAT, INTEGER, Tensor, TracedTensor
from ...layers.preprocessing.strings import is_text
from .machine import set_log_device_placement


class InvalidArgumentError(ChainruleError, ValueError):
    """A check of `tf.debugging` failed."""


_COMPARISONS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "assert_equal": (np.equal, "equal to"),
    "assert_none_equal": (np.not_equal, "different from"),
    "assert_greater": (np.greater, "greater than"),
    "assert_greater_equal": (np.greater_equal, "at least"),
    "assert_less": (np.less, "less than"),
    "assert_less_equal": (np.less_equal, "at most"),
}
_SIGNS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "assert_positive": (np.greater, "positive"),
    "assert_negative": (np.less, "negative"),
    "assert_non_negative": (np.greater_equal, "not negative"),
    "assert_non_positive": (np.less_equal, "not positive"),
}


def _known(x: Any) -> np.ndarray | None:
    """The numbers of a tensor, None inside of a Program."""
    value = getattr(x, "value", x)
    return None if isinstance(value, (TracedTensor, ops.KerasTensor)) else np.asarray(value)


def _check(holds: Any, what: str, message: Any) -> None:
    if not np.all(holds):
        raise InvalidArgumentError(f"{message or ''} {what}".strip())


def _comparison(name: str) -> Callable[..., None]:
    test, words = _COMPARISONS[name]

    def check(x: Any, y: Any, message: Any = None, summarize: Any = None, name: Any = None) -> None:
        a, b = _known(x), _known(y)
        if a is not None and b is not None:
            _check(test(a, b), f"Expected every element to be {words} the other: {a} and {b}.", message)

    return check


def _sign(name: str) -> Callable[..., None]:
    test, words = _SIGNS[name]

    def check(x: Any, message: Any = None, summarize: Any = None, name: Any = None) -> None:
        a = _known(x)
        if a is not None:
            _check(test(a, 0), f"Expected every element to be {words}: {a}.", message)

    return check


def _define() -> None:
    for table, make in ((_COMPARISONS, _comparison), (_SIGNS, _sign)):
        for name, (_, words) in table.items():
            function = make(name)
            function.__name__ = function.__qualname__ = name
            function.__doc__ = f"Raises: InvalidArgumentError: an element is not {words} (the other)."
            globals()[name] = function


def assert_near(x: Any, y: Any, rtol: Any = None, atol: Any = None, message: Any = None, **kwargs: Any) -> None:
    """Raises: InvalidArgumentError: elements differ by more than atol + rtol |y| (default 10 epsilon each)."""
    a, b = _known(x), _known(y)
    if a is not None and b is not None:
        least = 10 * np.finfo(a.dtype if a.dtype.kind == "f" else np.float32).eps
        bound = (least if atol is None else atol) + (least if rtol is None else rtol) * np.abs(b)
        _check(np.abs(a - b) <= bound, f"Expected elements near one another: {a} and {b}.", message)


def assert_shapes(shapes: Any, data: Any = None, message: Any = None, **kwargs: Any) -> None:
    """Raises: InvalidArgumentError: a size is not as given, or one letter stands for two sizes."""
    sizes: dict[str, int] = {}
    for x, shape in shapes.items() if isinstance(shapes, dict) else shapes:
        found = tuple(ops.shape(x))
        _check(len(found) == len(shape), f"Expected shape {shape}; got {found}.", message)
        for n, wanted in zip(found, shape, strict=True):
            known = sizes.setdefault(wanted, n) if isinstance(wanted, str) else wanted
            _check(known in (None, n), f"Expected shape {shape}; got {found}.", message)


def assert_rank(x: Any, rank: Any, message: Any = None, name: Any = None) -> None:
    """Raises: InvalidArgumentError: x has another number of axes."""
    _check(ops.ndim(x) == int(rank), f"Expected {int(rank)} axes; got shape {tuple(ops.shape(x))}.", message)


def assert_rank_at_least(x: Any, rank: Any, message: Any = None, name: Any = None) -> None:
    """Raises: InvalidArgumentError: x has fewer axes."""
    _check(ops.ndim(x) >= int(rank), f"Expected {int(rank)} axes or more; got shape {tuple(ops.shape(x))}.", message)


def assert_rank_in(x: Any, ranks: Iterable[Any], message: Any = None, name: Any = None) -> None:
    """Raises: InvalidArgumentError: x has a number of axes that is not among these."""
    wanted = [int(r) for r in ranks]
    _check(ops.ndim(x) in wanted, f"Expected {wanted} axes; got shape {tuple(ops.shape(x))}.", message)


def assert_scalar(tensor: Any, message: Any = None, name: Any = None) -> Any:
    """The tensor. Raises: InvalidArgumentError: it has axes."""
    assert_rank(tensor, 0, message)
    return tensor


def assert_type(tensor: Any, tf_type: Any, message: Any = None, name: Any = None) -> None:
    """Raises: InvalidArgumentError: the dtype is another one."""
    dtype = "string" if is_text(tensor) else ops.convert_to_tensor(tensor).type.dtype
    _check(dtype == str(tf_type), f"Expected dtype {tf_type!s}; got {dtype}.", message)


def assert_integer(x: Any, message: Any = None, name: Any = None) -> None:
    """Raises: InvalidArgumentError: x does not hold integers."""
    dtype = ops.convert_to_tensor(x).type.dtype
    _check(dtype in INTEGER, f"Expected integers; got {dtype}.", message)


def assert_all_finite(x: Any, message: Any, name: Any = None) -> Any:
    """The tensor. Raises: InvalidArgumentError: it holds NaN or infinite numbers."""
    numbers = _known(x)
    if numbers is not None:
        _check(np.isfinite(numbers), f"Tensor had NaN or Inf: {numbers}.", message)
    return ops.convert_to_tensor(x)


check_numerics = assert_all_finite


def Assert(condition: Any, data: Any = None, summarize: Any = None, name: Any = None) -> None:  # noqa: N802
    """Raises: InvalidArgumentError: the condition does not hold."""
    known = _known(condition)
    if known is not None:
        _check(known, f"The condition does not hold: {data}.", None)


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether it is a tensor of numbers."""
    return isinstance(tensor, Tensor) and tensor.type.dtype in (*INTEGER, *FLOAT)


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """From now on NaN and infinite numbers stop a training, as `chainrule.config` has it.

    Accepted: training says where NaN comes from without it.
    """


def disable_check_numerics() -> None:
    """Accepted; see `enable_check_numerics`."""


disable_traceback_filtering = enable_traceback_filtering = disable_check_numerics
_define()
__all__ = [
    "ArgumentError", "Assert", "InvalidArgumentError", "assert_all_finite", "assert_integer", "assert_near",
    "assert_rank", "assert_rank_at_least", "assert_rank_in", "assert_scalar", "assert_shapes", "assert_type",
    "check_numerics", "disable_check_numerics", "disable_traceback_filtering", "enable_check_numerics",
    "enable_traceback_filtering", "is_numeric_tensor", "set_log_device_placement",
]  # fmt: skip
__all__ += [*_COMPARISONS, *_SIGNS]  # noqa: PLE0604
