"""Dtype policies: in which dtype a layer keeps its weights, and in which it computes."""

from __future__ import annotations

from typing import Any

from .. import config
from ..errors import ArgumentError, DTypeError
from ..ir import FLOAT, dtype_name
from ..serialization import builtin

MIXED = "mixed_"

@builtin
class DTypePolicy:
    """The dtype of a layer's weights and that of its computation.

    Args: name: a dtype, for both ('float32', 'bfloat16', 'float64', 'int32', ...), or 'mixed_float16' or
        'mixed_bfloat16': weights in float32, computation in 16 bits. None: the policy that `set_dtype_policy` chose.

    Raises: ArgumentError: no policy has that name; DTypeError: it is no text.

    Source: Micikevicius et al. 2018, Mixed precision training, section 3.

    Example:
    >>> policy = DTypePolicy("mixed_float16")
    >>> policy.compute_dtype, policy.variable_dtype
    ('float16', 'float32')
    """

    def __init__(self, name: str | None = None) -> None:
        name = dtype_policy().name if name is None else name
        if not isinstance(name, str):
            raise DTypeError(f"DTypePolicy: expected a name such as 'mixed_float16'; got {name!r}.")
        plain = name.removeprefix(MIXED)
        if name.startswith(MIXED) and plain not in FLOAT:
            raise ArgumentError(f"DTypePolicy: expected a dtype, 'mixed_float16', 'mixed_bfloat16'; got {name!r}.")
        self._name = name
        self._compute_dtype = dtype_name(plain)
        self._variable_dtype = "float32" if name.startswith(MIXED) else self._compute_dtype

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
    def quantization_mode(self) -> str | None:
        """'int8' or 'int4' if weights are kept in so many bits, else None."""
        return None

    def convert_input(self, x: Any, autocast: bool, dtype: Any) -> Any:
        """An input as a layer takes it: floats in `dtype` if `autocast` says so."""
        from ..primitives.arithmetic import as_operand, cast

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
        return isinstance(other, DTypePolicy) and self.get_config() == other.get_config()

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
