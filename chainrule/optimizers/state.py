"""What an optimizer remembers between steps: Variables in a stable order, and slots, which belong to one variable."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any

import numpy as np

from .. import config, ops
from ..errors import ArgumentError, NotBuiltError, ShapeError
from ..variables import Variable


class OptimizerState:
    """The state of an optimizer; `Optimizer` adds what is done with it."""

    def __init__(self, name: str) -> None:
        self._variables: list[Variable] = []
        self._slots: dict[tuple[str, Variable], Variable] = {}
        self._trainable_variables: list[Variable] = []
        self._indices: dict[Variable, int] = {}  # the place of each trainable variable
        self.built = False
        self.name = name

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Variable) and all(value is not v for v in self._variables):
            self._variables.append(value)  # what a step assigns to has to be known as state
        super().__setattr__(name, value)

    @property
    def variables(self) -> list[Variable]:
        """All state, in the order in which it was made: iterations, learning rate, averages, slots."""
        return list(self._variables)

    def add_variable(
        self, shape: Sequence[int], initializer: Any = "zeros", dtype: Any = None, aggregation: str = "none",
        layout: Any = None, name: str | None = None,
    ) -> Variable:  # fmt: skip
        """A new piece of state, a Variable.

        Args:
            shape: a tuple of integers.
            initializer: 'zeros', a number, a tensor of that shape, an initializer or its name.
            dtype: default `floatx`.
            aggregation, layout: accepted for scripts written for several devices; without effect.
            name: default 'variable', made unique.
        """
        dtype = dtype or config.floatx()
        variable = Variable(_initial(initializer, shape, dtype), shape, dtype, trainable=False, name=name)
        variable.path = f"{self.name}/{variable.name}"
        self._variables.append(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """A slot: state with the shape and dtype of a trainable variable. `slots` finds it by its name."""
        label = f"{reference_variable.path.replace('/', '_')}_{name or 'var'}"
        made = self.add_variable(reference_variable.shape, initializer, reference_variable.dtype, name=label)
        self._slots[name or "var", reference_variable] = made
        return made

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """A slot for each variable, a list. Several names (with as many initializers) give a tuple of lists."""
        names = [name] if isinstance(name, str) else list(name)
        initial = list(initializer) if isinstance(initializer, (list, tuple)) else [initializer] * len(names)
        if len(initial) != len(names):
            raise ArgumentError(f"{self.name}: expected an initializer for each of {names}; got {len(initial)}.")
        made: tuple[list[Variable], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for column, label, start in zip(made, names, initial, strict=True):
                column.append(self.add_variable_from_reference(variable, label, start))
        return made[0] if isinstance(name, str) else made

    def slots(self, variable: Variable, *names: str) -> Any:
        """The slots of a variable: one Variable for one name, else a list of them."""
        self._get_variable_index(variable)
        found = [self._slots[name, variable] for name in names]
        return found[0] if len(names) == 1 else found

    def _get_variable_index(self, variable: Variable) -> int:
        if variable not in self._indices:
            raise ArgumentError(
                f"{self.name}: unknown variable {variable.path!r}. Expected one of the {len(self._indices)} variables "
                "that the optimizer was built with; make a new optimizer for other variables."
            )
        return self._indices[variable]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign to all state, given in the order of `variables`."""
        if not self.built:
            raise NotBuiltError(f"{self.name}: set_weights before the state exists; call build(variables) first.")
        if len(weights) != len(self.variables):
            raise ArgumentError(f"{self.name}: expected {len(self.variables)} arrays; got {len(weights)}.")
        for variable, weight in zip(self.variables, weights, strict=True):
            if np.shape(weight) != variable.shape:
                raise ShapeError(f"{variable.path!r}: expected shape {variable.shape}; got {np.shape(weight)}.")
            variable.assign(weight)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put all state into `store`, under '0', '1', ... in the order of `variables`."""
        for index, variable in enumerate(self.variables):
            store[str(index)] = variable.numpy()

    def load_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Take all state from `store`; a warning, and nothing else, where the number of variables differs."""
        if len(store.keys()) != len(self.variables):
            warnings.warn(
                f"optimizer {self.name!r} has {len(self.variables)} variables, the saved one {len(store.keys())}: its "
                f"state is not loaded.{'' if self.built else ' It is not built yet: call build(variables) first.'}",
                stacklevel=2,
            )
            return
        for index, variable in enumerate(self.variables):
            variable.assign(store[str(index)])


def _initial(initializer: Any, shape: Sequence[int], dtype: Any) -> Any:
    """What `Variable` takes: an array, or a function of shape and dtype."""
    if isinstance(initializer, str):
        if initializer == "zeros":
            return np.zeros(tuple(shape), dtype)
        from .. import initializers

        return initializers.get(initializer)
    return ops.full(tuple(shape), initializer, dtype) if isinstance(initializer, (int, float)) else initializer
