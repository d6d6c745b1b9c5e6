"""`keras.StatelessScope` and `keras.SymbolicScope`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from ..errors import ArgumentError, ShapeError
from ..ir import Tensor
from ..ops import cast, convert_to_tensor
from ..variables import StateScope, Variable


class StatelessScope(StateScope):
    """Inside, Variables are read as, and assigned to, values of the scope; they themselves stay as they are.

    Args: state_mapping: pairs of a Variable and its value inside (default none: each is what it is); collect_losses,
        initialize_variables: accepted.

    Raises: ArgumentError: a key is no Variable; ShapeError: a value has another shape.

    Example:
    >>> v = Variable(1.0)
    >>> with StatelessScope([(v, 5.0)]) as scope:
    ...     doubled = v.assign(v * 2)
    >>> float(scope.get_current_value(v)), float(v)
    (10.0, 1.0)
    """

    def __init__(
        self, state_mapping: Iterable[tuple[Any, Any]] | None = None, collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:  # fmt: skip
        super().__init__({})
        self.collect_losses, self.initialize_variables = collect_losses, initialize_variables
        self.losses: list[Any] = []
        for variable, value in state_mapping or ():
            self.add_update((variable, value))

    def add_loss(self, loss: Any) -> None:
        """Keep a loss in `losses`."""
        self.losses.append(loss)

    def add_update(self, update: tuple[Any, Any]) -> None:
        """Let a Variable have a value inside. Args: update: both."""
        variable, value = update
        if not isinstance(variable, Variable):
            raise ArgumentError(f"StatelessScope: expected pairs of a Variable and its value; got {variable!r} first.")
        tensor = cast(convert_to_tensor(value), variable.dtype)
        if tensor.shape != variable.shape:
            raise ShapeError(
                f"StatelessScope: expected shape {variable.shape} for {variable.path!r}; got {tensor.shape}."
            )
        self.values[variable] = tensor

    def get_current_value(self, variable: Variable) -> Tensor | None:
        """The value of a Variable in this scope; None if it was neither given nor assigned."""
        return self.values.get(variable)


class SymbolicScope:
    """Accepted: symbolic tensors may be made anywhere.

    >>> with SymbolicScope() as scope:
    ...     pass
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        return None


__all__ = ["StatelessScope", "SymbolicScope"]
