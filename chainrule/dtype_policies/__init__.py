"""Dtype policies: in which dtype a layer keeps its weights, and in which it computes."""

from .by_path import DTypePolicyMap
from .finding import deserialize, dtypes, get, plain, policy_of, serialize, set_dtype_policy
from .policy import DTypePolicy, FloatDTypePolicy, dtype_policy
from .quantized import AWQDTypePolicy, GPTQDTypePolicy, Int4DTypePolicy, QuantizedDTypePolicy

__all__ = [
    "AWQDTypePolicy", "DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "GPTQDTypePolicy", "Int4DTypePolicy",
    "QuantizedDTypePolicy", "deserialize", "dtype_policy", "dtypes", "get", "plain", "policy_of", "serialize",
    "set_dtype_policy",
]  # fmt: skip
