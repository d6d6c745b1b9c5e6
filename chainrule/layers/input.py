"""Where a model's data comes in."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config as settings
from ..errors import ArgumentError, UnsupportedError
from ..ir import dtype_name
from ..ops.symbolic import KerasTensor, Node
from ..serialization import builtin
from ..variables import unique_name
from .layer import Layer


@builtin
class InputLayer(Layer):
    """A model's input: it holds the symbolic tensor that `Input` returns.

    Args:
        shape: sizes without the batch axis, None where unknown.
        batch_size: int or None (default: any).
        dtype: default `floatx`; 'string' for text, which layers such as `TextVectorization` take.
        batch_shape: sizes with the batch axis, instead of shape and batch_size.
        input_tensor: a symbolic tensor to take instead of a new one.
        optional: whether the input may be left out (default False).
        name: default 'input_layer', numbered.

    Raises: ArgumentError: neither or both of shape and batch_shape are given.

    Example:
    >>> InputLayer(shape=(8,)).output.shape
    (None, 8)
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Sequence[int | None] | None = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        for old, value in (("input_shape", shape), ("batch_input_shape", batch_shape)):
            if old in kwargs and value is None:
                warnings.warn(f"InputLayer: {old} is now called {old.replace('input_', '')}.", stacklevel=2)
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        name = name or unique_name("input_layer")
        place = f"InputLayer {name!r}"
        if sparse or ragged:
            raise UnsupportedError(f"{place}: sparse and ragged tensors are not available; give dense ones.")
        if input_tensor is not None and not isinstance(input_tensor, KerasTensor):
            raise ArgumentError(f"{place}: expected a symbolic tensor; got {type(input_tensor).__name__}.")
        if input_tensor is not None:
            _check_tensor(place, input_tensor, shape, batch_size, batch_shape, dtype)
        whole = input_tensor.shape if input_tensor is not None else _whole_shape(place, shape, batch_size, batch_shape)
        dtype = input_tensor.dtype if input_tensor is not None and dtype is None else dtype
        dtype = settings.floatx() if dtype is None else dtype
        super().__init__(dtype=None if dtype == "string" else dtype, name=name, **kwargs)
        self.dtype = "string" if dtype == "string" else self.dtype
        self.batch_shape, self.optional = whole, optional
        self.sparse = self.ragged = False
        tensor = input_tensor if input_tensor is not None else KerasTensor(whole, self.dtype, name=name)
        self._inbound.append(Node(self, (), {}, tensor))
        self.built = True

    def call(self, inputs: Any = None) -> Any:
        """The inputs."""
        return inputs

    @property
    def input(self) -> Any:
        """The symbolic tensor."""
        return self.output

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {
            "batch_shape": list(self.batch_shape), "dtype": self.dtype, "sparse": self.sparse, "ragged": self.ragged,
            "name": self.name, "optional": self.optional,
        }  # fmt: skip


def _check_tensor(
    place: str, tensor: KerasTensor, shape: Any, batch_size: int | None, batch_shape: Any, dtype: Any
) -> None:  # fmt: skip
    """Raise if anything that was said beside a symbolic tensor contradicts it."""
    said = {
        "shape": (None if shape is None else tuple(shape), tensor.shape[1:]),
        "batch_size": (batch_size, tensor.shape[0]),
        "batch_shape": (None if batch_shape is None else tuple(batch_shape), tensor.shape),
        "dtype": (None if dtype is None else dtype if dtype == "string" else dtype_name(dtype), tensor.dtype),
    }  # fmt: skip
    for key, (given, own) in said.items():
        if given is not None and given != own:
            raise ArgumentError(f"{place}: expected {key} of input_tensor, {own}; got {given}. Leave it out.")


def _whole_shape(place: str, shape: Any, batch_size: int | None, batch_shape: Any) -> tuple[int | None, ...]:
    if (shape is None) == (batch_shape is None):
        what = "both" if shape is not None else "neither"
        raise ArgumentError(f"{place}: expected shape, or batch_shape with the batch axis; got {what}.")
    if batch_shape is not None and batch_size is not None:
        raise ArgumentError(f"{place}: expected batch_size, or batch_shape which begins with it; got both.")
    given = shape if shape is not None else batch_shape
    if isinstance(given, (list, tuple)):
        given = tuple(int(n) if isinstance(n, np.integer) else n for n in given)
    good = isinstance(given, tuple) and all(n is None or (isinstance(n, int) and n >= 0) for n in given)
    if not good:
        example = f"({given},)" if isinstance(given, int) else "(8,)"
        raise ArgumentError(f"{place}: expected a tuple of sizes such as {example}; got {given!r}.")
    return tuple(given) if shape is None else (batch_size, *given)


def Input(  # noqa: N802  Keras's name
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> Any:
    """A symbolic tensor that stands for a model's input.

    Args:
        shape: sizes without the batch axis, None where unknown.
        batch_size: int or None (default: any).
        dtype: default `floatx`; 'string' for text, which layers such as `TextVectorization` take.
        batch_shape: sizes with the batch axis, instead of shape and batch_size.
        name: default 'input_layer', numbered.
        tensor: a symbolic tensor to take instead of a new one.
        optional: whether the input may be left out (default False).

    Raises: ArgumentError: neither or both of shape and batch_shape are given, or not as sizes.

    Example:
    >>> Input(shape=(8,), name="features")
    <KerasTensor shape=(None, 8), dtype=float32, name=features>
    """
    layer = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
    return layer.output
