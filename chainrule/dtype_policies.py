"""Dtype policies: in which dtype a layer keeps its weights, and in which it computes."""

from __future__ import annotations

from typing import Any

from . import config
from .errors import ArgumentError, UnsupportedError
from .ir import FLOAT, dtype_name
from .serialization import builtin

_MIXED = "mixed_"
_MISSING = {
    "int8": "layers are not quantized: use 'float32' or 'mixed_float16'.",
    "int4": "layers are not quantized: use 'float32' or 'mixed_float16'.",
    "float8": "layers are not quantized: use 'float32' or 'mixed_float16'.",
    "gptq": "layers are not quantized: use 'float32' or 'mixed_float16'.",
    "awq": "layers are not quantized: use 'float32' or 'mixed_float16'.",
}


@builtin
class DTypePolicy:
    """The dtype of a layer's weights and that of its computation.

    Args: name: a dtype, for both ('float32', 'bfloat16', 'float64', 'int32', ...), or 'mixed_float16' or
        'mixed_bfloat16': weights in float32, computation in 16 bits. None: the policy that `set_dtype_policy` chose.

    Raises: UnsupportedError: a quantized policy; ArgumentError: no policy has that name.

    Source: Micikevicius et al. 2018, Mixed precision training, section 3.

    Example:
    >>> policy = DTypePolicy("mixed_float16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('float16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        name = dtype_policy().name if name is None else name
        if not isinstance(name, str):
            raise ArgumentError(f"DTypePolicy: expected a name such as 'mixed_float16'; got {name!r}.")
        for word, advice in _MISSING.items():
            if word in name and name not in ("uint8", "mixed_uint8"):
                raise UnsupportedError(f"dtype policy {name!r}: {advice}")
        plain = name.removeprefix(_MIXED)
        if name.startswith(_MIXED) and plain not in FLOAT:
            raise ArgumentError(f"DTypePolicy: expected a dtype, 'mixed_float16', 'mixed_bfloat16'; got {name!r}.")
        self._name = name
        self._compute_dtype = dtype_name(plain)
        self._variable_dtype = "float32" if name.startswith(_MIXED) else self._compute_dtype

    @property
    def name(self) -> str:
        """The name of the policy."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype of inputs, computation and outputs."""
        return self._compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights."""
        return self._variable_dtype

    @property
    def quantization_mode(self) -> None:
        """None: nothing is quantized."""
        return None

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """An input as a layer takes it: floats in `dtype` if `autocast` says so."""
        from .primitives.arithmetic import as_operand, cast

        tensor = as_operand(x)
        return cast(tensor, dtype) if autocast and tensor.type.dtype in FLOAT else tensor

    def get_config(self) -> dict[str, Any]:
        """The argument that makes this policy again."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicy:
        """The policy that `get_config` describes."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


FloatDTypePolicy = DTypePolicy


def dtype_policy() -> DTypePolicy:
    """The policy of layers that are made without a dtype: `floatx`, unless `set_dtype_policy` chose another.

    >>> dtype_policy()
    <DTypePolicy "float32">
    """
    chosen = config._settings.get("dtype_policy")
    return chosen if isinstance(chosen, DTypePolicy) else DTypePolicy(config.floatx())


def set_dtype_policy(policy: Any) -> None:
    """Choose the policy of layers that are made from now on.

    Args: policy: a name ('mixed_float16', 'float32', ...) or a `DTypePolicy`.
    """
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
        return DTypePolicy(str.__str__(identifier))
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
    return DTypePolicy(variable_dtype if variable_dtype == compute_dtype else _MIXED + compute_dtype)


def saved(policy: DTypePolicy) -> Any:
    """A policy in a layer's config: the name of the dtype if it is one, else plain data.

    >>> saved(DTypePolicy("float64"))
    'float64'
    """
    return serialize(policy) if policy.compute_dtype != policy.variable_dtype else policy.name


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """Plain data for a policy."""
    config = dtype_policy.get_config()
    return {"module": "keras", "class_name": "DTypePolicy", "config": config, "registered_name": None}


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> DTypePolicy:
    """The policy behind plain data.

    >>> deserialize(serialize(DTypePolicy("float64")))
    <DTypePolicy "float64">
    """
    if config.get("class_name") not in ("DTypePolicy", "FloatDTypePolicy"):
        raise UnsupportedError(f"dtype policy {config.get('class_name')!r}: layers are not quantized.")
    return DTypePolicy(config["config"]["name"])


__all__ = [
    "DTypePolicy", "FloatDTypePolicy", "deserialize", "dtype_policy", "dtypes", "get", "policy_of", "saved",
    "serialize", "set_dtype_policy",
]  # fmt: skip
