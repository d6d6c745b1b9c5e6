"""What all metrics share: state that adds up over batches, and a result made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import initializers, ops
from ..errors import NotBuiltError, UnsupportedError
from ..ir import Tensor
from ..ir.tree import flatten
from ..losses.alignment import dtype_of
from ..losses.loss import snake_case
from ..primitives.arithmetic import as_operand
from ..serialization import deserialize_keras_object
from ..variables import StateScope, Variable, naming, unique_name


def ratio(numerator: Any, denominator: Any) -> Any:
    """numerator / denominator, 0 where the denominator is 0."""
    zero = ops.equal(denominator, 0)
    return ops.where(zero, 0.0, numerator / ops.where(zero, 1.0, denominator))


class Metric:
    """Base of metrics: subclass it, make state with `add_weight`, write `update_state` and `result`.

    Args:
        dtype: of the state; default `floatx`.
        name: for histories; default the class's name in snake case.

    Inside training `update_state` is recorded once for all batches: no Python `if` on values there, use `ops.where`.

    Example:
    >>> class Worst(Metric):
    ...     def __init__(self, name="worst", **kwargs):
    ...         super().__init__(name=name, **kwargs)
    ...         self.error = self.add_weight(shape=(), initializer="zeros", name="error")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         distance = ops.abs(ops.convert_to_tensor(y_true) - ops.convert_to_tensor(y_pred))
    ...         self.error.assign(ops.maximum(self.error, ops.max(distance)))
    ...     def result(self):
    ...         return self.error
    >>> worst = Worst()
    >>> worst.update_state([1.0, 2.0], [1.5, 2.0]); worst.update_state([1.0], [4.0])
    >>> float(worst.result())
    3.0
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self._variables: list[Variable] = []
        self._metrics: list[Metric] = []
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._dtype = dtype_of(dtype)
        self.built = False

    def __setattr__(self, name: str, value: Any) -> None:
        """State and metrics set as attributes, alone or in lists and dicts, belong to this metric."""
        for leaf in flatten(value) if isinstance(value, (list, tuple, dict)) else [value]:
            if isinstance(leaf, (Variable, Metric)):
                self._own(leaf)
        super().__setattr__(name, value)

    def _own(self, part: Variable | Metric) -> None:
        if "_variables" not in vars(self):
            raise NotBuiltError(f"{type(self).__name__}: call super().__init__() before setting state or metrics.")
        owned: list[Any] = self._variables if isinstance(part, Variable) else self._metrics
        if not any(part is other for other in owned):
            owned.append(part)

    @property
    def dtype(self) -> str:
        """The dtype of the state."""
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        """The state, that of metrics inside included."""
        return [*self._variables, *(v for metric in self._metrics for v in metric.variables)]

    def add_variable(
        self, shape: Sequence[int], initializer: Any, dtype: Any = None, aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """New state.

        Args: shape; initializer: a name, an initializer or a function of shape and dtype, None for zeros; dtype:
            default the metric's; aggregation: accepted and without effect; name.
        """
        with naming(self.name, self):
            variable = Variable(
                initializers.get(initializer or "zeros"), tuple(shape), dtype or self.dtype, trainable=False,
                aggregation=aggregation, name=name,
            )  # fmt: skip
        self._own(variable)
        return variable

    def add_weight(
        self, shape: Sequence[int] = (), initializer: Any = None, dtype: Any = None, name: str | None = None
    ) -> Variable:
        """New state, zero unless an initializer is given."""
        return self.add_variable(shape, initializer, dtype, name=name)

    def build(self, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> None:
        """Make the state that depends on shapes; `update_state` calls it the first time."""
        self.built = True

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in a batch."""
        raise UnsupportedError(f"{type(self).__name__}: expected a method update_state; none is defined.")

    def result(self) -> Any:
        """The value for all batches so far."""
        raise UnsupportedError(f"{type(self).__name__}: expected a method result; none is defined.")

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Tensor]:
        """The state after a batch, from the state before it; the metric itself does not change."""
        with self._scope(metric_variables) as scope:
            self.update_state(*args, **kwargs)
            return [scope.values[variable] for variable in self.variables]

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """The value for a given state."""
        with self._scope(metric_variables):
            return self.result()

    def stateless_reset_state(self) -> list[Tensor]:
        """The state before the first batch."""
        with self._scope([variable.value for variable in self.variables]) as scope:
            self.reset_state()
            return [scope.values[variable] for variable in self.variables]

    def _scope(self, values: Sequence[Any]) -> StateScope:
        return StateScope({v: as_operand(t) for v, t in zip(self.variables, values, strict=True)})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this metric again."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """A metric from what `get_config` gave."""
        return cls(**{key: deserialize_keras_object(value) for key, value in config.items()})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    __str__ = __repr__
