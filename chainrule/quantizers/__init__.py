"""Quantizers (`keras.quantizers`): numbers in few bits, and how layers are brought to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..later import later
from ..serialization import builtin_later, deserialize_keras_object, resolve, serialize_keras_object
from .quantizers import (
    AbsMaxQuantizer,
    Quantizer,
    abs_max_quantize,
    abs_max_quantize_grouped_with_zero_point,
    pack_int4,
    unpack_int4,
)
from .settings import Int4QuantizationConfig, Int8QuantizationConfig, QuantizationConfig

_ROUNDING = (
    "compute_float8_amax_history", "compute_float8_scale", "fake_quant_with_min_max_vars", "quantize_and_dequantize",
)  # fmt: skip
_FITTED = ("AWQConfig", "GPTQConfig")
__getattr__ = later(__name__, {"rounding": _ROUNDING, "fitted_settings": _FITTED})
builtin_later(_FITTED, __getattr__)
_BY_NAME = {"AbsMaxQuantizer": AbsMaxQuantizer, "abs_max_quantizer": AbsMaxQuantizer}


def get(identifier: Any) -> Any:
    """The quantizer that an argument stands for: a name, plain data, a class or an object; None stays None.

    >>> get("abs_max_quantizer").value_range
    (-127, 127)
    """
    return resolve("quantizer", identifier, _BY_NAME)


def serialize(initializer: Any) -> Any:
    """Plain data for a quantizer."""
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The quantizer behind plain data.

    >>> deserialize(serialize(AbsMaxQuantizer(axis=0))).axis
    (0,)
    """
    return deserialize_keras_object(config, custom_objects)


__all__ = [
    "AWQConfig", "AbsMaxQuantizer", "GPTQConfig", "Int4QuantizationConfig", "Int8QuantizationConfig",
    "QuantizationConfig", "Quantizer",
    "abs_max_quantize", "abs_max_quantize_grouped_with_zero_point", "compute_float8_amax_history",
    "compute_float8_scale", "deserialize", "fake_quant_with_min_max_vars", "get", "pack_int4",
    "quantize_and_dequantize", "serialize", "unpack_int4",
]  # fmt: skip
