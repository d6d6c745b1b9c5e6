"""Policies by name, as plain data and back."""

from __future__ import annotations

from typing import Any

from .. import config
from ..errors import ArgumentError
from ..ir import dtype_name
from ..serialization import deserialize_keras_object
from .policy import MIXED, DTypePolicy, dtype_policy
from .quantized import is_quantized_name, quantized_of_name

_PUBLIC_AT_TOP = ("DTypePolicy", "FloatDTypePolicy")


def set_dtype_policy(policy: Any) -> None:
    """Choose the policy of layers that are made from now on.

    Args: policy: a name ('mixed_float16', 'float32', ...) or a `DTypePolicy`.
    Raises: ArgumentError: None.
    """
    if policy is None:
        raise ArgumentError("set_dtype_policy: expected a name such as 'mixed_float16', or a policy; got None.")
    config._settings["dtype_policy"] = get(policy)


def get(identifier: Any) -> DTypePolicy:
    """The policy behind a name, a dtype, plain data or a policy; None: the one that was set.

    >>> get("mixed_float16").variable_dtype
    'float32'
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        name = str.__str__(identifier)
        return quantized_of_name(name) if is_quantized_name(name) else DTypePolicy(name)
    return DTypePolicy(dtype_name(getattr(identifier, "compute_dtype", identifier)))


def dtypes(identifier: Any) -> tuple[str, str]:
    """The dtypes of weights and of computation that a policy means.

    >>> dtypes("mixed_float16")
    ('float32', 'float16')
    """
    policy = get(identifier)
    return policy.variable_dtype, policy.compute_dtype


def policy_of(variable_dtype: str, compute_dtype: str) -> DTypePolicy:
    """The policy that means these dtypes.

    >>> policy_of("float32", "float16")
    <DTypePolicy "mixed_float16">
    """
    return DTypePolicy(variable_dtype if variable_dtype == compute_dtype else MIXED + compute_dtype)


def plain(policy: DTypePolicy) -> Any:
    """What a layer of the user's is made with again, as in Keras: the name, if that says all.

    >>> plain(DTypePolicy("mixed_float16")), plain(get("int8_from_float32"))
    ('mixed_float16', <QuantizedDTypePolicy "int8_from_float32">)
    """
    return policy.name if type(policy) is DTypePolicy else policy


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Plain data for a policy."""
    name, config = type(dtype_policy).__name__, dtype_policy.get_config()
    module = "keras" if name in _PUBLIC_AT_TOP else "keras.dtype_policies"
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> DTypePolicy:
    """The policy behind plain data.

    >>> deserialize(serialize(DTypePolicy("float64")))
    <DTypePolicy "float64">
    """
    found = deserialize_keras_object(config, custom_objects)
    if not isinstance(found, DTypePolicy):
        raise ArgumentError(f"dtype policy: expected plain data of a policy; got that of a {type(found).__name__}.")
    return found
