"""Optimizers made of other optimizers: dynamic loss scaling, and different rules for different variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

from .. import ops
from ..errors import ArgumentError, MissingNameError
from ..ir import layer_scope
from ..primitives.arithmetic import as_operand
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..variables import Variable
from .arguments import SHARED, refuse_unknown
from .base import Optimizer
from .updates import assign_if


@builtin
class LossScaleOptimizer(Optimizer):
    """Scales the loss so that small gradients do not vanish in float16, and finds the scale by itself.

    If all gradients are finite: the inner optimizer gets gradients / scale, and after `dynamic_growth_steps` such steps
    in a row the scale doubles. Otherwise the step is left out and the scale halves.

    Args:
        inner_optimizer: the optimizer that does the steps.
        initial_scale: default 2^15.
        dynamic_growth_steps: default 2000.
        name: default 'loss_scale_optimizer', made unique.

    Raises: ArgumentError for any other argument: those belong to the inner optimizer.

    Source: Micikevicius et al. 2018, section 3.2.

    Example:
    >>> from chainrule.optimizers import SGD
    >>> w, optimizer = Variable([1.0]), LossScaleOptimizer(SGD(1.0), initial_scale=4.0)
    >>> optimizer.apply([2.0 * ops.ones(1)], [w])
    >>> float(w[0])
    0.5
    """

    def __init__(
        self, inner_optimizer: Optimizer, initial_scale: float = 2.0**15, dynamic_growth_steps: int = 2000,
        name: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if not kwargs.pop("dynamic", True):
            raise ArgumentError("LossScaleOptimizer: for a fixed scale set loss_scale_factor of the inner optimizer.")
        for key, value in SHARED.items():
            if kwargs.pop(key, value) != value:
                raise ArgumentError(f"LossScaleOptimizer does not take {key}; give it to the inner optimizer.")
        refuse_unknown(type(self), kwargs)
        super().__init__(0.0, name=name)
        self.inner_optimizer, self.initial_scale = inner_optimizer, initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None  # or gradients would be divided twice

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.step_counter = self.add_variable((), dtype="int64", name="step_counter")
        self.dynamic_scale = self.add_variable((), self.initial_scale, "float32", name="dynamic_scale")
        self.inner_optimizer.build(variables)

    @property
    def variables(self) -> list[Variable]:
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        return self.inner_optimizer.iterations

    def scale_loss(self, loss: Any) -> Any:
        return loss * (self.dynamic_scale.value if self.built else self.initial_scale)

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        if not len(grads):
            return
        variables = self._targets(len(grads), trainable_variables)
        scale: Any = self.dynamic_scale.value
        finite = ops.all(ops.stack([ops.all(ops.isfinite(g)) for g in grads if g is not None] or [True]))
        is_plain = [g is None or v.overwrite_with_gradient for g, v in zip(grads, variables, strict=True)]
        unscaled = [g if p else as_operand(g) / ops.cast(scale, g.dtype) for g, p in zip(grads, is_plain, strict=True)]
        state = [*variables, *self.inner_optimizer.variables]
        assign_if(finite, lambda: self.inner_optimizer.apply(unscaled, variables), state)
        with layer_scope(self.name):
            grown = ops.equal(self.step_counter, self.dynamic_growth_steps - 1)
            self.dynamic_scale.assign(ops.where(finite, ops.where(grown, 2 * scale, scale), 0.5 * scale))
            counts = ops.logical_and(finite, ops.logical_not(grown))
            self.step_counter.assign(ops.where(counts, ops.add(self.step_counter, 1), 0))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name, "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale, "dynamic_growth_steps": self.dynamic_growth_steps,
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
        inner = deserialize_keras_object(config["inner_optimizer"], custom_objects)
        return cls(**{**config, "inner_optimizer": inner})


@builtin
class OptimizerMap(MutableMapping[str, Optimizer]):
    """Which optimizer takes which variable: regular expressions of variable paths, and a default.

    Args: default_optimizer: for paths that no pattern matches; optimizer_map: dict of patterns and optimizers.

    Raises: ArgumentError for a path that several patterns match.

    Example:
    >>> from chainrule.optimizers import SGD, Adam
    >>> optimizers = OptimizerMap(Adam(), {".*/bias": SGD()})
    >>> type(optimizers["dense/bias"]).__name__, type(optimizers["dense/kernel"]).__name__
    ('SGD', 'Adam')
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None) -> None:
        self.default_optimizer = _plain(default_optimizer)
        self._map = {pattern: _plain(optimizer) for pattern, optimizer in (optimizer_map or {}).items()}

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._map:
            return self._map[key]
        matching = [pattern for pattern in self._map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ArgumentError(f"OptimizerMap: expected one pattern for variable {key!r}; {matching} all match.")
        return self._map[matching[0]] if matching else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if key in self._map:
            raise ArgumentError(f"OptimizerMap: {key!r} has an optimizer already; delete it first.")
        self._map[key] = _plain(optimizer)

    def __delitem__(self, key: str) -> None:
        del self._map[key]

    def __len__(self) -> int:
        return len(self._map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._map)

    def __call__(self, variable: Variable) -> Optimizer:
        """The optimizer of a variable."""
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """The optimizers as plain data."""
        return {
            "default_optimizer": serialize_keras_object(self.default_optimizer),
            "optimizer_map": serialize_keras_object(self._map),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> OptimizerMap:
        """The map that `get_config` describes."""
        return cls(**{key: deserialize_keras_object(value, custom_objects) for key, value in config.items()})


@builtin
class MultiOptimizer(Optimizer):
    """Different rules for different variables.

    Args:
        optimizer_map: an `OptimizerMap`, or a function from a variable to its optimizer.
        loss_scale_factor: float or None; set on all of them.
        name: default 'multi_optimizer', made unique.

    Example:
    >>> from chainrule.optimizers import SGD
    >>> kernel, bias = Variable([1.0], name="kernel"), Variable([1.0], name="bias")
    >>> optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {"bias": SGD(0.25)}))
    >>> optimizer.apply([ops.ones(1), ops.ones(1)], [kernel, bias])
    >>> float(kernel[0]), float(bias[0])
    (0.5, 0.75)
    """

    def __init__(self, optimizer_map: Any, loss_scale_factor: float | None = None, name: str | None = None) -> None:
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        self._parts: list[tuple[Optimizer, list[Variable]]] = []
        if isinstance(optimizer_map, OptimizerMap):
            known = dict.fromkeys([*optimizer_map.values(), optimizer_map.default_optimizer])
            self._parts = [(optimizer, []) for optimizer in known]

    def add_slots(self, variables: Sequence[Variable]) -> None:
        for variable in variables:
            optimizer = _plain(self._optimizer_map(variable))
            if all(optimizer is not known for known in self.optimizers):
                self._parts.append((optimizer, []))
            next(group for known, group in self._parts if known is optimizer).append(variable)
        for optimizer, group in self._parts:
            optimizer.loss_scale_factor = self.loss_scale_factor
            optimizer.build(group)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers: those of an `OptimizerMap` in its order, its default last."""
        return [optimizer for optimizer, _ in self._parts]

    @property
    def variables(self) -> list[Variable]:
        return [*self._variables, *(v for optimizer in self.optimizers for v in optimizer.variables)]

    @property
    def learning_rate(self) -> Any:
        raise MissingNameError("MultiOptimizer has no learning rate of its own; take those of its `optimizers`.")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise MissingNameError("MultiOptimizer has no learning rate of its own; set those of its `optimizers`.")

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        if not len(grads):
            return
        variables = self._targets(len(grads), trainable_variables)
        gradient_of = {id(v): g for g, v in zip(grads, variables, strict=True)}
        for optimizer, group in self._parts:
            present = [v for v in group if id(v) in gradient_of]
            if present:
                optimizer.apply([gradient_of[id(v)] for v in present], present)
        self._iterations.assign_add(1)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        chosen = {id(v) for v in var_list}
        for optimizer, group in self._parts:
            optimizer.finalize_variable_values([v for v in group if id(v) in chosen])

    def get_config(self) -> dict[str, Any]:
        data = serialize_keras_object(self._optimizer_map)
        return {"optimizer_map": data, "loss_scale_factor": self.loss_scale_factor, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
        return cls(**{**config, "optimizer_map": deserialize_keras_object(config["optimizer_map"], custom_objects)})


def _plain(optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer) or isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise ArgumentError(f"expected an optimizer with a rule of its own; got {type(optimizer).__name__}.")
    return optimizer
