"""Layers that work on text, and so in NumPy: in front of the compiled part of a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import config, ops
from ...errors import ChainruleError, UnsupportedError
from ...ir import INTEGER, Tensor, TracedTensor
from ...ops.symbolic import TEXT_OPS, KerasTensor, symbolic_leaves, symbolic_result
from ...serialization import builtin
from ..layer import Layer
from ..trees import map_tensors
from .reading import follow, followed_in
from .strings import Text, is_text, text_array

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


class HostLayer(Layer):
    """Base: a layer that computes in NumPy, on strings or numbers that are there already.

    Called on data it gives a tensor (or strings, as `Text`); in a model it runs before the compiled part. A subclass
    defines `on_host(inputs)`, `compute_output_shape` and `output_dtype`.
    """

    runs_on_host = True

    def on_host(self, inputs: Any) -> Any:
        """The result, a NumPy array."""
        raise NotImplementedError

    @property
    def input_dtype(self) -> str:
        """The dtype that a model's input has in front of this layer."""
        return "string"

    def prepared(self, inputs: Any) -> Any:
        """The inputs as arrays."""
        return map_host(inputs)

    @property
    def output_dtype(self) -> str:
        """The dtype of the result; 'string' for text."""
        return "int64"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if symbolic_leaves((args, kwargs)):
            return self._symbolic_call(args, kwargs)
        if followed_in(args, kwargs):
            return follow(self, args, kwargs)
        self.built = True
        if hasattr(args[0] if args else None, "with_values"):
            return self._on_rows(args[0])
        try:
            found = self.on_host(self.prepared(args[0] if args else kwargs["inputs"]))
        except ChainruleError as error:
            raise error.located(self._label()) from None
        is_rows = hasattr(found, "with_values")
        return found if is_rows or found.dtype.kind in "OSU" else Tensor(found)

    def _on_rows(self, rows: Any) -> Any:
        """The result for rows of different lengths: for each value one, or for each row one."""
        if getattr(self, "output_mode", "int") in ("int", "one_hot"):
            return rows.with_values(self(rows.flat_values))
        return Tensor(np.concatenate([np.atleast_2d(np.asarray(self(row))) for row in rows]))

    def call(self, inputs: Any) -> Any:
        """The result for strings, or for numbers."""
        return self(inputs)

    def _symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.built = True
        shapes = map_tensors(args[0] if args else kwargs["inputs"], lambda t: t.shape)
        return KerasTensor(self.compute_output_shape(shapes), self.output_dtype)


@builtin
class TextShaping(HostLayer):
    """Text in another shape: what `ops.expand_dims`, `squeeze` and `reshape` are in a model.

    Args: op: the name of the op; arguments: what it is called with beside the text.
    """

    def __init__(self, op: str, arguments: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.op, self.arguments = op, arguments

    def on_host(self, inputs: Any) -> Any:
        """The text in its new shape."""
        return getattr(np, self.op)(inputs, *self.arguments)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that the op gives to numbers."""
        function = getattr(ops, self.op)
        return symbolic_result(lambda x: function(x, *self.arguments), (KerasTensor(input_shape),), {}).shape

    @property
    def output_dtype(self) -> str:
        """Text."""
        return "string"


def _shaping(op: str) -> Any:
    return lambda x, *args, **kwargs: TextShaping(op, [*args, *kwargs.values()])(x)


TEXT_OPS.update({op: _shaping(op) for op in ("expand_dims", "reshape", "squeeze")})


def map_host(value: Any) -> Any:
    """Nested inputs as arrays: text as `Text`, tensors as NumPy arrays."""
    if is_text(value):
        return text_array(value)
    if isinstance(value, dict):
        return {key: map_host(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)) and value and not isinstance(value[0], (int, float, np.generic)):
        parts = [map_host(item) for item in value]
        same = isinstance(value, list) and all(isinstance(p, np.ndarray) and p.dtype.kind in "iuf" for p in parts)
        return np.array(value) if same and isinstance(value[0], list) else type(value)(parts)
    if isinstance(value, TracedTensor):
        raise UnsupportedError("it works on values that are there, before the compiled part of a model begins; here "
                               "its input is computed by the model.")  # fmt: skip
    return np.asarray(value)


def encoded_shape(shape: tuple[int | None, ...], size: int | None, mode: str) -> tuple[int | None, ...]:
    """The shape of encoded indices of a shape."""
    shape = tuple(shape)
    if mode == "int":
        return shape
    if mode == "one_hot":
        return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), size) if shape else (1, size)
    return (*shape[:-1], size)


def encoded_on_host(indices: np.ndarray, size: int, mode: str, dtype: str, weights: Any = None) -> np.ndarray:
    """Whole numbers as vectors of `size`: 'one_hot' for each its own, the other modes one for all on the last axis.

    A negative number counts nowhere; 'tf_idf' multiplies the counts by `weights`.

    >>> encoded_on_host(np.array([[0, 2, 2]]), 3, "count", "int64").tolist()
    [[1, 0, 2]]
    """
    if mode == "int":
        return indices.astype(dtype)
    if mode == "one_hot":
        last = indices.shape[-1:] == (1,) and indices.ndim > 1
        indices = indices if last else np.atleast_1d(indices)[..., None]
    lines = indices.reshape(-1, indices.shape[-1] if indices.ndim else 1)
    row = np.repeat(np.arange(len(lines)), lines.shape[1])
    good = (lines.ravel() >= 0) & (lines.ravel() < size)
    counts = np.zeros((len(lines), size), "float32" if mode == "tf_idf" else "int64")
    np.add.at(counts, (row[good], lines.ravel()[good]), 1)
    if mode in ("multi_hot", "one_hot"):
        counts = np.minimum(counts, 1)
    if mode == "tf_idf":
        counts = counts * np.asarray(weights, "float32")
    return counts.reshape(*indices.shape[:-1], size).astype(dtype)


def encoded_in_program(indices: Any, size: int, mode: str, dtype: str, weights: Any = None) -> Any:
    """The same for tensors that a Program computes."""
    if mode == "int":
        return ops.cast(indices, dtype)
    if mode == "one_hot" and indices.ndim > 1 and indices.shape[-1] == 1:
        indices = ops.squeeze(indices, -1)
    if not indices.ndim:
        indices = ops.expand_dims(indices, 0)
    hits = ops.one_hot(indices, size, dtype="float32")
    if mode == "one_hot":
        return ops.cast(hits, dtype)
    found = ops.max(hits, -2) if mode == "multi_hot" else ops.sum(hits, -2)
    return ops.cast(found * np.asarray(weights, "float32") if mode == "tf_idf" else found, dtype)


def dtype_for(layer_dtype: str, mode: str) -> str:
    """The dtype of encoded indices: whole numbers, but for weighted counts."""
    if mode == "tf_idf":
        return layer_dtype if layer_dtype not in INTEGER else config.floatx()
    return layer_dtype if layer_dtype in INTEGER else "int64"


__all__ = ["MODES", "HostLayer", "Text", "dtype_for", "encoded_in_program", "encoded_on_host", "encoded_shape"]
