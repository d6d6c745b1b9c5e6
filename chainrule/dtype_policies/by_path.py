"""One policy for many layers: which of them has which."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any

from ..errors import ArgumentError, DTypeError
from ..serialization import builtin
from .finding import deserialize, get, serialize
from .policy import DTypePolicy


@builtin
class DTypePolicyMap(DTypePolicy, MutableMapping[str, DTypePolicy]):
    """Policies by the paths of layers; given as a layer's dtype, it says those of all layers inside.

    Args: default_policy: of paths that are not listed (default: the policy that was set); policy_map: `{path or
        pattern: policy}`. A path that is listed itself comes first; a pattern must match the whole path.

    Raises: ArgumentError: default_policy is such a map, a key is given twice, or two patterns match a path; DTypeError:
        policy_map is no dict.

    Example:
    >>> policies = DTypePolicyMap("float32", {"encoder/.*": "bfloat16"})
    >>> policies["encoder/dense"], policies["encoder"]
    (<DTypePolicy "bfloat16">, <DTypePolicy "float32">)
    """

    def __init__(self, default_policy: Any = None, policy_map: Any = None) -> None:
        if isinstance(default_policy, DTypePolicyMap):
            raise ArgumentError("DTypePolicyMap: expected default_policy to be one policy; got a DTypePolicyMap.")
        if policy_map is not None and not isinstance(policy_map, dict):
            raise DTypeError(f"DTypePolicyMap: expected policy_map to be a dict; got {type(policy_map).__name__}.")
        self._given = default_policy
        self._policies = {key: get(value) for key, value in (policy_map or {}).items()}

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of paths that are not listed."""
        return get(self._given)

    @property
    def name(self) -> str:
        """Of the default policy, with `map_` in front."""
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self) -> str:
        """That of the default policy."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """That of the default policy."""
        return self.default_policy.variable_dtype

    @property
    def quantization_mode(self) -> str | None:
        """That of the default policy."""
        return self.default_policy.quantization_mode

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policies:
            return self._policies[key]
        found = [pattern for pattern in self._policies if re.fullmatch(pattern, key)]
        if len(found) > 1:
            raise ArgumentError(f"DTypePolicyMap: expected one pattern that matches {key!r}; got {found}.")
        return self._policies[found[0]] if found else self.default_policy

    def __setitem__(self, key: str, policy: Any) -> None:
        if key in self._policies:
            raise ArgumentError(f"DTypePolicyMap: {key!r} has a policy already; delete it first.")
        self._policies[key] = get(policy)

    def __delitem__(self, key: str) -> None:
        del self._policies[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policies

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def __len__(self) -> int:
        return len(self._policies)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicyMap) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        mapping = [(key, policy.name) for key, policy in self._policies.items()]
        return f"<DTypePolicyMap default_policy={self.default_policy.name}, mapping={mapping}>"

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this map again."""
        given = self._given if self._given is None or isinstance(self._given, str) else serialize(get(self._given))
        return {"default_policy": given, "policy_map": {key: serialize(p) for key, p in self._policies.items()}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> DTypePolicyMap:
        """The map that `get_config` describes."""
        policies = {key: deserialize(value) for key, value in config["policy_map"].items()}
        return cls(config["default_policy"], policies)
