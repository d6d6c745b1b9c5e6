"""`tf`: control flow, functions of Python inside of others, and lists of tensors that grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

from ... import ops
from ...errors import ArgumentError, TracedValueError
from ...ir import Tensor, current_builder, eager
from ...ir.tree import flatten, map_structure, unflatten
from ...layers.preprocessing.strings import is_text, text_array


def switch_case(branch_index: Any, branch_fns: Any, default: Any = None, name: str = "switch_case") -> Any:
    """What the function of a number returns; the last one, or `default`, for numbers out of range.

    >>> float(switch_case(1, [lambda: 1.0, lambda: 2.0]))
    2.0
    """
    functions = _numbered(branch_fns)
    index = ops.convert_to_tensor(branch_index)
    if not all(callable(f) for f in functions):
        raise ArgumentError("switch_case: expected functions without arguments.")
    last = functions[-1] if default is None else default
    inside = ops.logical_and(index >= 0, index < len(functions))
    return ops.switch(ops.where(inside, index, len(functions)), [*functions, last])


def _numbered(functions: Any) -> list[Callable[[], Any]]:
    """The functions in the order of their numbers."""
    if isinstance(functions, Mapping):
        functions = sorted(functions.items())
    return [f[1] if isinstance(f, tuple) else f for f in functions]


def case(
    pred_fn_pairs: Any, default: Any = None, exclusive: bool = False, strict: bool = False, name: Any = None
) -> Any:
    """What the function of the first true condition returns, else that of `default`."""
    pairs = list(pred_fn_pairs.items() if isinstance(pred_fn_pairs, Mapping) else pred_fn_pairs)
    if not pairs:
        return default()
    (condition, function), rest = pairs[0], pairs[1:]
    if not rest and default is None:
        return function()
    return ops.cond(condition, function, lambda: case(rest, default))


def scan(
    fn: Callable[..., Any], elems: Any, initializer: Any = None, reverse: bool = False, name: str | None = None,
    **kwargs: Any,
) -> Any:  # fmt: skip
    """`state = fn(state, element)` for every row; all states, stacked.

    >>> scan(lambda total, x: total + x, [1.0, 2.0, 3.0]).tolist()
    [1.0, 3.0, 6.0]
    """
    rows = map_structure(ops.convert_to_tensor, elems) if isinstance(elems, tuple) else ops.convert_to_tensor(elems)
    first = initializer
    if first is None:
        first = map_structure(lambda t: t[-1 if reverse else 0], rows)
        rows = map_structure(lambda t: t[:-1] if reverse else t[1:], rows)
    start = map_structure(ops.convert_to_tensor, first)

    def step(state: Any, row: Any) -> tuple[Any, Any]:
        state = fn(state, row)
        return state, state

    states = ops.scan(step, start, rows, reverse=reverse)[1]
    if initializer is not None:
        return states
    ends = zip(flatten(start), flatten(states), strict=True)
    parts = [ops.concatenate([s, ops.expand_dims(f, 0)] if reverse else [ops.expand_dims(f, 0), s]) for f, s in ends]
    return unflatten(states, parts)


def foldl(fn: Callable[..., Any], elems: Any, initializer: Any = None, name: str | None = None, **kwargs: Any) -> Any:
    """The last of the states of `scan`."""
    return map_structure(lambda t: t[-1], scan(fn, elems, initializer))


def foldr(fn: Callable[..., Any], elems: Any, initializer: Any = None, name: str | None = None, **kwargs: Any) -> Any:
    """The last of the states of `scan`, from the end."""
    return map_structure(lambda t: t[0], scan(fn, elems, initializer, reverse=True))


def numpy_function(
    func: Callable[..., Any] | None = None, inp: Sequence[Any] | None = None, Tout: Any = None, stateful: bool = True,
    name: Any = None,
) -> Any:  # fmt: skip
    """A function of NumPy arrays, as part of what runs on tensors outside of a Program.

    Args: func: of arrays; inp: what it is called with; Tout: the dtype of each result. Without func and inp it is a
        decorator.
    Raises: TracedValueError: inside of a Program, which does not call Python.
    """
    if func is None:
        return lambda function: wraps(function)(lambda *inputs: numpy_function(function, inputs, Tout))
    return _python("numpy_function", func, _array, inp or (), Tout)


def py_function(func: Callable[..., Any], inp: Sequence[Any], Tout: Any, name: str | None = None) -> Any:
    """A function of tensors that looks at their numbers; see `numpy_function`."""
    return _python("py_function", func, lambda x: x if is_text(x) else ops.convert_to_tensor(x), inp, Tout)


def _array(x: Any) -> Any:
    return text_array(x).numpy() if is_text(x) else np.asarray(x)


def _python(
    name: str, func: Callable[..., Any], convert: Callable[[Any], Any], inputs: Sequence[Any], dtypes: Any
) -> Any:
    builder = current_builder()
    if builder is not None and not builder.concrete:
        raise TracedValueError(
            f"tf.{name}: a Program is being recorded, and it calls no Python. Write it with tf's functions, use it in "
            "tf.data's map, or compile(..., run_eagerly=True)."
        )
    with eager():
        found = func(*map(convert, inputs))
    if isinstance(dtypes, (list, tuple)):
        return [
            _cast(x, t) for x, t in zip(found if isinstance(found, (list, tuple)) else [found], dtypes, strict=True)
        ]
    return _cast(found[0] if isinstance(found, (list, tuple)) and len(found) == 1 else found, dtypes)


def _cast(value: Any, dtype: Any) -> Any:
    return text_array(value) if is_text(value) else ops.cast(ops.convert_to_tensor(value), dtype)


class TensorArray:
    """Tensors that are written one by one and stacked in the end.

    Args: dtype; size: how many there are at first; dynamic_size: accepted, it always grows; element_shape and the
        others: accepted.

    >>> rows = TensorArray("float32", size=2)
    >>> rows.write(0, 1.0).write(1, 2.0).stack().tolist()
    [1.0, 2.0]
    """

    def __init__(
        self, dtype: Any, size: Any = 0, dynamic_size: bool = False, clear_after_read: bool = True,
        tensor_array_name: Any = None, handle: Any = None, flow: Any = None, infer_shape: bool = True,
        element_shape: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.dtype, self.element_shape = str(dtype), element_shape
        self._parts: list[Any] = [None] * int(size or 0)

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put a tensor in a place; this array itself comes back."""
        place = self._place(index)
        self._parts += [None] * (place + 1 - len(self._parts))
        self._parts[place] = ops.cast(ops.convert_to_tensor(value), self.dtype)
        return self

    def _place(self, index: Any) -> int:
        try:
            return int(index)
        except TracedValueError:
            raise TracedValueError(
                "TensorArray: a place that is computed inside of a Program. Loop with Python's range(), or use tf.scan."
            ) from None

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The tensor in a place.

        Raises: ArgumentError: nothing was written there.
        """
        place = self._place(index)
        if place >= len(self._parts) or self._parts[place] is None:
            raise ArgumentError(f"TensorArray.read: nothing was written at {place}.")
        return self._parts[place]  # type: ignore[no-any-return]

    def stack(self, name: str | None = None) -> Tensor:
        """All tensors along a new first axis; zeros where nothing was written."""
        like = next((p for p in self._parts if p is not None), None)
        if like is None:
            return ops.zeros((len(self._parts),), self.dtype)  # type: ignore[no-any-return]
        return ops.stack([ops.zeros_like(like) if p is None else p for p in self._parts])  # type: ignore[no-any-return]

    def concat(self, name: str | None = None) -> Tensor:
        """All tensors one after the other along their first axis."""
        return ops.concatenate(self._parts, 0)  # type: ignore[no-any-return]

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The tensors in these places, stacked."""
        return ops.take(self.stack(), indices, 0)  # type: ignore[no-any-return]

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """Take the rows of a tensor."""
        self._parts = list(ops.unstack(ops.convert_to_tensor(value)))
        return self

    def size(self, name: str | None = None) -> int:
        """How many places there are."""
        return len(self._parts)

    __len__ = size


@contextmanager
def control_dependencies(control_inputs: Any) -> Iterator[None]:
    """Accepted: what is written first is done first."""
    yield


@contextmanager
def init_scope() -> Iterator[None]:
    """Accepted: nothing is built apart."""
    yield


def no_op(name: str | None = None) -> None:
    """Nothing."""


def group(*inputs: Any, **kwargs: Any) -> None:
    """Nothing: what is given here has been computed already."""


def identity_n(input: Sequence[Any], name: str | None = None) -> list[Any]:
    """The tensors themselves."""
    return [ops.convert_to_tensor(x) for x in input]


__all__ = [
    "TensorArray", "case", "control_dependencies", "foldl", "foldr", "group", "identity_n", "init_scope", "no_op",
    "numpy_function", "py_function", "scan", "switch_case",
]  # fmt: skip
