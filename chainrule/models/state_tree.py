"""All numbers of a model as one tree, by kind and by the parts of their paths."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError, did_you_mean
from ..variables import Variable

_FORMATS = ("backend_tensor", "numpy_array")


class StateTree:
    """The half of `Model` that hands out its whole state."""

    def _kinds(self) -> dict[str, list[Variable]]:
        model: Any = self
        found = {"trainable_variables": model.trainable_variables,
                 "non_trainable_variables": model.non_trainable_variables}  # fmt: skip
        if getattr(model, "optimizer", None) is not None:
            found["optimizer_variables"] = model.optimizer.variables
        return {**found, "metrics_variables": model.metrics_variables}

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """The values of all variables, nested by kind and by the parts of their paths.

        Args: value_format: 'backend_tensor' (default) or 'numpy_array'.
        Returns: {'trainable_variables': {'dense': {'kernel': ...}}, 'non_trainable_variables': ...,
            'optimizer_variables': ..., 'metrics_variables': ...}.
        Raises: ArgumentError: no such format, or two variables with one path.
        """
        if value_format not in _FORMATS:
            raise ArgumentError(f"get_state_tree: expected a format among {', '.join(_FORMATS)}; got {value_format!r}.")
        tree: dict[str, Any] = {}
        for kind, variables in self._kinds().items():
            tree[kind] = {}
            for variable in variables:
                *around, last = variable.path.split("/")
                branch = tree[kind]
                for part in around:
                    branch = branch.setdefault(part, {})
                if last in branch:
                    raise ArgumentError(f"get_state_tree: two variables have the path {variable.path!r}; rename one.")
                branch[last] = variable.numpy() if value_format == "numpy_array" else variable.value
        return tree

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Assign the values of a tree like that of `get_state_tree`; kinds that are left out stay as they are.

        Raises: ArgumentError: a path that the model does not have.
        """
        kinds = self._kinds()
        pairs = []
        for kind, tree in state_tree.items():
            if kind not in kinds:
                raise ArgumentError(f"set_state_tree: expected {', '.join(kinds)}; got {kind!r}.")
            known = {v.path: v for v in kinds[kind]}
            for path, value in _leaves(tree):
                if path not in known:
                    raise ArgumentError(f"set_state_tree: no variable {path!r}.{did_you_mean(path, known)}")
                pairs.append((known[path], value))
        for variable, value in pairs:
            variable.assign(np.asarray(value))


def _leaves(tree: dict[str, Any], around: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in tree.items():
        path = f"{around}{name}"
        found += _leaves(value, f"{path}/") if isinstance(value, dict) else [(path, value)]
    return found


__all__ = ["StateTree"]
