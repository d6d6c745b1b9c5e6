"""What TensorFlow's tensors answer to beside Keras's. Only a script that imports TensorFlow comes here."""

from __future__ import annotations

import functools
from typing import Any

from ... import ops
from ... import variables as _variables
from ...ir import Tensor
from .shapes import TensorShape


def _sizes(tensor: Any) -> TensorShape:
    """The shape of a tensor, which answers to TensorFlow's methods."""
    return _shape_of(tensor.type.shape)


_shape_of = functools.lru_cache(4096)(TensorShape)  # scripts ask for few shapes, and often


def _set_shape(tensor: Any, shape: Any) -> None:
    """Accepted: sizes are known."""


Tensor.shape = property(_sizes)  # type: ignore[assignment,method-assign]
Tensor.get_shape = ops.KerasTensor.get_shape = lambda self: TensorShape(self.shape)  # type: ignore[attr-defined]
_variables.Variable.get_shape = lambda self: TensorShape(self.shape)  # type: ignore[attr-defined]
Tensor.set_shape = ops.KerasTensor.set_shape = _set_shape  # type: ignore[attr-defined]
