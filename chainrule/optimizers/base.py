"""The base of all optimizers: what happens around the rule of each.

One step can be recorded as a whole, state in and state out: no Python decision hangs on a number that training
computes.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from .. import ops
from ..errors import ArgumentError, DTypeError, MissingNameError, NotBuiltError, UnsupportedError
from ..ir import eager, layer_scope
from ..primitives.arithmetic import as_operand
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..variables import StateScope, Variable, unique_name
from .arguments import SHARED, check_number, check_shared, refuse_unknown
from .repeated import Repeated
from .schedules import LearningRateSchedule
from .state import OptimizerState
from .updates import assign_if, clip_by_global_norm, clip_by_norm, overwritten, paired

Rate = float | LearningRateSchedule | Callable[[], Any]


@builtin
class Optimizer(OptimizerState):
    """Base class of optimizers: subclass it, make slots in `add_slots` (or `build`), write the rule in `update_step`.

    A step: gradients / loss_scale_factor; accumulation; clipping; weight decay w <- w - learning_rate · decay · w;
    the rule, variable by variable; the moving average; constraints; iterations + 1.

    Args:
        learning_rate: a number, a `LearningRateSchedule` (called with the count of steps), or a function without
            arguments, which is called once when a step is recorded.
        weight_decay: float or None; decoupled decay (Loshchilov and Hutter 2019): the part of each weight that a step
            at learning rate 1 takes off.
        clipnorm: float or None; the largest length of the gradient of one variable.
        clipvalue: float or None; the largest absolute value of an element of a gradient.
        global_clipnorm: float or None; the largest length of all gradients together. One of the three at most.
        use_ema: default False; keep a moving average of the variables (Polyak and Juditsky 1992).
        ema_momentum: default 0.99; average <- ema_momentum · average + (1 - ema_momentum) · variable.
        ema_overwrite_frequency: int or None; every so many updates the variables become their averages. With None
            that happens only in `finalize_variable_values`, which `fit` calls at its end.
        loss_scale_factor: float or None; `scale_loss` multiplies the loss by it and `apply` divides the gradients.
        gradient_accumulation_steps: int of at least 2, or None; update once in so many calls of `apply`, with the
            mean of the gradients. `iterations` then counts updates, while a schedule still counts calls.
        name: default the class name in lower case with underscores, made unique.

    Raises: ArgumentError (a ValueError) for an unknown argument or a value that makes no sense.

    Example:
    >>> class Descent(Optimizer):
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         variable.assign_sub(learning_rate * gradient)
    >>> w = Variable([1.0, 2.0])
    >>> Descent(0.5).apply([ops.ones(2)], [w])
    >>> w.numpy().tolist()
    [0.5, 1.5]
    """

    settings: ClassVar[tuple[str, ...]] = ()  # a rule's own arguments: its attributes, and entries of its config

    def __init__(
        self,
        learning_rate: Rate,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop("decay", None) is not None:
            warnings.warn("Argument `decay` is no longer supported and is ignored: use a schedule.", stacklevel=4)
        refuse_unknown(type(self), kwargs)
        check_shared(type(self).__name__, locals())
        super().__init__(name or unique_name(_snake_case(type(self).__name__)))
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._repeated = Repeated(self)
        self._not_decayed: tuple[set[Variable], str] = (set(), "")  # variables, a pattern of names
        self._iterations: Any = self.add_variable((), dtype="int64", name="iteration")
        self._learning_rate = self._rate(learning_rate)

    def _rate(self, value: Any) -> Any:
        if callable(value):
            return value
        check_number(type(self).__name__, "learning_rate (unless a schedule or a function)", value)
        return self.add_variable((), float(value), name="learning_rate")

    @property
    def iterations(self) -> Any:
        """How many updates were made: a Variable, or a tensor where gradients are accumulated."""
        steps = self.gradient_accumulation_steps
        return ops.floor_divide(self._iterations, steps) if steps else self._iterations

    @property
    def learning_rate(self) -> Any:
        """The rate of the next step: a Variable that can be assigned to, or what the schedule gives now."""
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate() if callable(rate) else rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        old = self._learning_rate
        if callable(value):
            self._variables = [v for v in self._variables if v is not old]
            self._learning_rate = value
        elif isinstance(old, Variable):
            old.assign(value)
        else:
            raise DTypeError(
                f"{self.name}: the learning rate comes from a {type(old).__name__}, so a number cannot be assigned to "
                "it. Make the optimizer with a number, or assign another schedule."
            )

    @property
    def lr(self) -> Any:
        """Not there: it is called `learning_rate`."""
        raise MissingNameError(f"{type(self).__name__} has no attribute 'lr'. Did you mean 'learning_rate'?")

    @lr.setter
    def lr(self, value: Any) -> None:  # Keras 3 accepts this and nothing comes of it: say so
        warnings.warn("Setting `lr` of an optimizer has no effect: set `learning_rate`.", stacklevel=2)

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state for these trainable variables; a second call does nothing."""
        if self.built:
            return
        self._trainable_variables = list(variables)
        self._indices = {v: index for index, v in enumerate(self._trainable_variables)}
        if self.use_ema:
            self.add_optimizer_variables(self._trainable_variables, "average")
        if self.gradient_accumulation_steps:
            self.add_optimizer_variables(self._trainable_variables, "gradient_accumulator")
        self.add_slots(self._trainable_variables)
        self.built = True

    def add_slots(self, variables: Sequence[Variable]) -> None:
        """Make what the rule remembers of each variable, with `add_optimizer_variables`. Nothing unless overridden."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """The rule: assign to a variable and its slots. Gradient and learning rate have the variable's dtype."""
        raise UnsupportedError(f"{type(self).__name__}: override update_step(gradient, variable, learning_rate).")

    def time(self, variable: Variable) -> Any:
        """t of the formulas: 1 in the first update; in the dtype of the variable."""
        return ops.cast(self.iterations + 1, variable.dtype)

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """One step.

        Args:
            grads: a gradient for each variable, of its shape; None where the loss does not depend on it.
            trainable_variables: default those that the optimizer was built with; the first call may build it.

        Raises: ArgumentError if no gradient exists or a variable is unknown, ShapeError, NotBuiltError.
        """
        if not len(grads):
            return
        gradients, variables = paired(grads, self._targets(len(grads), trainable_variables))
        gradients, variables = overwritten(gradients, variables)
        if variables and not self._repeated.apply(gradients, variables):
            self.apply_paired(gradients, variables)

    def apply_paired(self, gradients: list[Any], variables: list[Variable]) -> None:
        """One step with a gradient for every variable, whatever `apply` was given."""
        with layer_scope(self.name):
            if self.loss_scale_factor is not None:
                gradients = [g / self.loss_scale_factor for g in gradients]
            self._accumulate(gradients, variables)
            self._average()
            for variable in variables:
                if variable.constraint is not None:
                    variable.assign(variable.constraint(variable.value))
            self._iterations.assign_add(1)

    def _targets(self, count: int, given: Sequence[Variable] | None) -> list[Variable]:
        if not self.built:
            if given is None:
                raise NotBuiltError(
                    f"{self.name}: apply(grads) does not know the variables; call build(variables) first."
                )
            with eager():  # a step may be recorded: what the state begins with is known nevertheless
                self.build(list(given))
        variables = self._trainable_variables if given is None else list(given)
        if count != len(variables):
            raise ArgumentError(f"{self.name}: expected {len(variables)} gradients, one a variable; got {count}.")
        for variable in variables:
            self._get_variable_index(variable)
        return variables

    def _accumulate(self, gradients: list[Any], variables: list[Variable]) -> None:
        """Update, every time or every `gradient_accumulation_steps`-th."""
        steps = self.gradient_accumulation_steps
        if not steps:
            self._update(gradients, variables)
            return
        sums = [self.slots(v, "gradient_accumulator") for v in variables]
        for total, gradient in zip(sums, gradients, strict=True):
            total.assign_add(gradient)

        def update() -> None:
            self._update([total / steps for total in sums], variables)
            for variable in self._trainable_variables:
                total = self.slots(variable, "gradient_accumulator")
                total.assign(ops.zeros_like(total))

        state = [v for v in self._variables if v is not self._iterations and v is not self._learning_rate]
        due = ops.equal((self._iterations + 1) % steps, 0)
        assign_if(due, update, [*variables, *state])

    def _update(self, gradients: list[Any], variables: list[Variable]) -> None:
        gradients = self._clip_gradients(gradients)
        rate = self.learning_rate
        for variable in variables:
            decay = self._decay_of(variable)
            if decay:
                variable.assign_sub(ops.cast(rate, variable.dtype) * decay * variable)
        self.update_all(gradients, variables, rate)

    def update_all(self, gradients: Sequence[Any], variables: Sequence[Variable], learning_rate: Any) -> None:
        """`update_step` for each variable; override it for what a rule does once in an update."""
        for gradient, variable in zip(gradients, variables, strict=True):
            with layer_scope(variable.path):
                dtype = variable.dtype
                self.update_step(ops.cast(gradient, dtype), variable, ops.cast(learning_rate, dtype))

    def _clip_gradients(self, gradients: list[Any]) -> list[Any]:
        if self.clipnorm and self.clipnorm > 0:
            return [clip_by_norm(g, self.clipnorm) for g in gradients]
        if self.global_clipnorm and self.global_clipnorm > 0:
            return clip_by_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue and self.clipvalue > 0:
            return [ops.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        return gradients

    def _average(self) -> None:
        """average <- momentum · average + (1 - momentum) · variable; the first average is the variable itself."""
        if not self.use_ema:
            return
        momentum = ops.where(ops.equal(self.iterations, 0), 0.0, self.ema_momentum)
        for variable in self._trainable_variables:
            average, m = self.slots(variable, "average"), ops.cast(momentum, variable.dtype)
            average.assign(m * average + (1 - m) * variable)
            if self.ema_overwrite_frequency:
                due = ops.equal((self.iterations + 1) % self.ema_overwrite_frequency, 0)
                variable.assign(ops.where(due, average, variable))

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Called at the end of training: with `use_ema` the variables become their averages."""
        if self.use_ema and self.built:
            for variable in var_list:
                variable.assign(self.slots(variable, "average"))

    def exclude_from_weight_decay(
        self, var_list: Sequence[Variable] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """No weight decay for some variables. Call it before training.

        Args: var_list: variables; var_names: patterns (regular expressions) to be found in the names of variables.
        """
        self._not_decayed = (set(var_list or ()), "|".join(var_names or ()))

    def _decay_of(self, variable: Variable) -> float | None:
        return None if self._spared(variable) else self.weight_decay

    def _spared(self, variable: Variable) -> bool:
        spared, pattern = self._not_decayed
        return variable in spared or bool(pattern and re.search(pattern, variable.name))

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """`apply` on pairs (gradient, variable); returns the count of such calls, a Variable."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self._iterations

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[Any], list[Any]]:
        """`apply` as a function of tensors: (new values of the trainable variables, new values of `variables`)."""
        if not self.built:
            raise NotBuiltError(f"{self.name}: stateless_apply needs the state to exist; call build(variables) first.")
        before = [*trainable_variables, *optimizer_variables]
        known = [*self._trainable_variables, *self.variables]
        if len(before) != len(known):
            raise ArgumentError(f"{self.name}: expected {len(known)} values of variables; got {len(before)}.")
        with StateScope({v: as_operand(x) for v, x in zip(known, before, strict=True)}) as scope:
            self.apply(grads)
        after = [scope.values[v] for v in known]
        count = len(self._trainable_variables)
        return after[:count], after[count:]

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`, to be done before its gradients are taken."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # Keras's names for what a rule does to a variable; in chainrule a Variable does it by itself.

    def assign(self, variable: Variable, value: Any) -> None:
        """`variable.assign(value)`."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """`variable.assign_add(value)`."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """`variable.assign_sub(value)`."""
        variable.assign_sub(value)

    def get_config(self) -> dict[str, Any]:
        """The arguments as plain data; the learning rate is the current one."""
        rate = self._learning_rate
        plain = float(rate) if isinstance(rate, Variable) else serialize_keras_object(rate)
        own = {key: getattr(self, key) for key in (*SHARED, *self.settings)}
        return {"learning_rate": plain, **own}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
        """The optimizer that `get_config` describes, without its state."""
        rate = config.get("learning_rate")
        if isinstance(rate, dict):
            config = {**config, "learning_rate": deserialize_keras_object(rate, custom_objects)}
        return cls(**config)


def _snake_case(name: str) -> str:
    """Keras's spelling: `AdamW` is `adam_w`, `RMSprop` is `rm_sprop`."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
