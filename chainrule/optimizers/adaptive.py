"""Rules that divide by what they have seen of the gradient: each element finds its own rate.

In the formulas w is a variable, g its gradient, t the number of the update (from 1), lr the learning rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from .. import ops
from ..variables import Variable
from .arguments import Shared, check_number, rule
from .base import Optimizer, Rate


@rule
class RMSprop(Optimizer):
    """The gradient over the root of its average square.

    v <- rho · v + (1 - rho) · g^2;  d = lr · g / sqrt(v + epsilon);  w <- w - d.
    centered: a <- rho · a + (1 - rho) · g, and v - a^2, the variance, in the place of v.
    With momentum: m <- momentum · m + d; w <- w - m.

    Args:
        learning_rate: float, schedule or function; default 0.001.
        rho: default 0.9; the memory of the averages.
        momentum: default 0.0.
        epsilon: default 1e-7; keeps the division finite.
        centered: default False.
        and the arguments of `Optimizer`.

    Source: Hinton 2012, lecture 6e; centered: Graves 2013, eq. 38 to 45.

    Example:
    >>> w = Variable([1.0])
    >>> RMSprop(learning_rate=0.5, rho=0.0).apply([7.0 * ops.ones(1)], [w])
    >>> round(float(w[0]), 4)
    0.5
    """

    settings = ("rho", "momentum", "epsilon", "centered")

    def __init__(
        self, learning_rate: Rate = 0.001, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7,
        centered: bool = False, **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, "velocity")
        if self.momentum > 0:
            self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self.add_optimizer_variables(variables, "average_gradient")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        v = self.slots(variable, "velocity")
        v = v.assign(self.rho * v + (1 - self.rho) * ops.square(gradient))
        if self.centered:
            a = self.slots(variable, "average_gradient")
            a.assign(self.rho * a + (1 - self.rho) * gradient)
            v = v - a * a
        step = learning_rate * gradient / ops.sqrt(v + self.epsilon)
        if self.momentum > 0:
            m = self.slots(variable, "momentum")
            step = m.assign(self.momentum * m + step)
        variable.assign_sub(step)


@rule
class Adagrad(Optimizer):
    """The gradient over the root of the sum of all its squares so far.

    a <- a + g^2;  w <- w - lr · g / sqrt(a + epsilon).

    Args:
        learning_rate: float, schedule or function; default 0.001.
        initial_accumulator_value: default 0.1; what a starts with.
        epsilon: default 1e-7; keeps the division finite.
        and the arguments of `Optimizer`.

    Source: Duchi, Hazan and Singer 2011, figure 1 (diagonal).

    Example:
    >>> w = Variable([1.0])
    >>> Adagrad(learning_rate=0.5, initial_accumulator_value=0.0).apply([7.0 * ops.ones(1)], [w])
    >>> round(float(w[0]), 4)
    0.5
    """

    settings = ("initial_accumulator_value", "epsilon")

    def __init__(
        self, learning_rate: Rate = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, "accumulator", self.initial_accumulator_value)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        a = self.slots(variable, "accumulator")
        a.assign(a + ops.square(gradient))
        variable.assign_sub(learning_rate * gradient / ops.sqrt(a + self.epsilon))


@rule
class Adadelta(Optimizer):
    """Steps in units of the steps before them.

    a <- rho · a + (1 - rho) · g^2;  d = g · sqrt(s + epsilon) / sqrt(a + epsilon);
    s <- rho · s + (1 - rho) · d^2;  w <- w - lr · d.

    Args:
        learning_rate: float, schedule or function; default 0.001. The paper has 1.0.
        rho: default 0.95; the memory of the averages.
        epsilon: default 1e-7; keeps the division finite and the first steps from being 0.
        and the arguments of `Optimizer`.

    Source: Zeiler 2012, algorithm 1.

    Example:
    >>> w = Variable([1.0])
    >>> Adadelta(learning_rate=1.0, epsilon=0.01).apply([ops.ones(1)], [w])
    >>> round(float(w[0]), 3)
    0.592
    """

    settings = ("rho", "epsilon")

    def __init__(
        self, learning_rate: Rate = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **shared: Unpack[Shared]
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho, self.epsilon = rho, epsilon

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, ["accumulated_grad", "accumulated_delta_var"])

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        a, s = self.slots(variable, "accumulated_grad", "accumulated_delta_var")
        a.assign(self.rho * a + (1 - self.rho) * ops.square(gradient))
        step = gradient * ops.sqrt(s + self.epsilon) / ops.sqrt(a + self.epsilon)
        s.assign(self.rho * s + (1 - self.rho) * ops.square(step))
        variable.assign_sub(learning_rate * step)


@rule
class Adafactor(Optimizer):
    """Adam without momentum, that keeps only row and column means of the squares of a matrix.

    beta = 1 - t^beta_2_decay;  q = g^2 + epsilon_1;  for a matrix
    r <- beta · r + (1 - beta) · (mean of q over columns);  c <- beta · c + (1 - beta) · (mean of q over rows);
    v = r c^T / mean(r);  for a vector v <- beta · v + (1 - beta) · q;
    d = g / sqrt(v);  d <- d / max(1, rms(d) / clip_threshold);
    w <- w - max(epsilon_2, rms(w)) · min(lr, 1 / sqrt(t)) · d,  with rms(x) = sqrt(mean(x^2)).

    Args:
        learning_rate: float, schedule or function; default 0.001.
        beta_2_decay: default -0.8.
        epsilon_1: default 1e-30; keeps v above 0.
        epsilon_2: default 0.001; the least scale of a variable.
        clip_threshold: default 1.0; the largest rms of d.
        relative_step: default True. In Keras 3 the rate is min(lr, 1 / sqrt(t)) either way, and so it is here.
        and the arguments of `Optimizer`.

    Source: Shazeer and Stern 2018, algorithms 4 and 5.

    Example:
    >>> w = Variable([1.0])
    >>> Adafactor(learning_rate=0.5).apply([7.0 * ops.ones(1)], [w])
    >>> round(float(w[0]), 4)
    0.5
    """

    settings = ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step")

    def __init__(
        self, learning_rate: Rate = 0.001, beta_2_decay: float = -0.8, epsilon_1: float = 1e-30,
        epsilon_2: float = 0.001, clip_threshold: float = 1.0, relative_step: bool = True, **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.beta_2_decay, self.epsilon_1, self.epsilon_2 = beta_2_decay, epsilon_1, epsilon_2
        self.clip_threshold, self.relative_step = clip_threshold, relative_step

    def add_slots(self, variables: Sequence[Variable]) -> None:
        for w in variables:
            means = {"rows": w.shape[:-1], "columns": (*w.shape[:-2], *w.shape[-1:])}
            for name, shape in (means if w.ndim > 1 else {"velocity": w.shape}).items():
                self._slots[name, w] = self.add_variable(shape, dtype=w.dtype, name=f"{w.name}_{name}")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        t = self.time(variable)
        v = self._squares(variable, ops.square(gradient) + self.epsilon_1, 1 - ops.power(t, self.beta_2_decay))
        step = gradient / ops.sqrt(v)
        step = step / ops.maximum(_rms(step) / self.clip_threshold, 1.0)
        size = ops.maximum(_rms(variable), self.epsilon_2) * ops.minimum(learning_rate, 1 / ops.sqrt(t))
        variable.assign_sub(size * step)

    def _squares(self, variable: Variable, square: Any, beta: Any) -> Any:
        if variable.ndim < 2:
            v = self.slots(variable, "velocity")
            return v.assign(beta * v + (1 - beta) * square)
        r, c = self.slots(variable, "rows", "columns")
        r = r.assign(beta * r + (1 - beta) * ops.mean(square, axis=-1))
        c = c.assign(beta * c + (1 - beta) * ops.mean(square, axis=-2))
        return ops.expand_dims(r / ops.mean(r, axis=-1, keepdims=True), -1) * ops.expand_dims(c, -2)


def _rms(x: Any) -> Any:
    return ops.sqrt(ops.mean(x * x))


@rule
class Ftrl(Optimizer):
    """Follow the regularized leader: weights that L1 holds at exactly 0.

    With p = -learning_rate_power, l1, l2 and s the strengths, h = g + 2 · s · w:
    z <- z + h - ((n + g^2)^p - n^p) / lr · w;  n <- n + g^2;
    w <- (clip(z, -l1, l1) - z) / ((beta + n^p) / lr + 2 · l2).

    Args:
        learning_rate: float, schedule or function; default 0.001.
        learning_rate_power: default -0.5; at most 0. 0 gives a fixed rate.
        initial_accumulator_value: default 0.1; what n starts with; at least 0.
        l1_regularization_strength: default 0.0; at least 0.
        l2_regularization_strength: default 0.0; at least 0.
        l2_shrinkage_regularization_strength: default 0.0; at least 0; a penalty on the size of w that acts through g.
        beta: default 0.0; the paper's beta.
        and the arguments of `Optimizer`.

    Raises: ArgumentError for a strength or an initial value below 0, or a power above 0.

    Source: McMahan et al. 2013, algorithm 1.

    Example:
    >>> w = Variable([0.0])
    >>> Ftrl(learning_rate=0.5, initial_accumulator_value=0.0).apply([4.0 * ops.ones(1)], [w])
    >>> float(w[0])
    -0.5
    """

    settings = (
        "learning_rate_power", "initial_accumulator_value", "l1_regularization_strength", "l2_regularization_strength",
        "l2_shrinkage_regularization_strength", "beta",
    )  # fmt: skip

    def __init__(
        self, learning_rate: Rate = 0.001, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0, **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.learning_rate_power, self.initial_accumulator_value = learning_rate_power, initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        check_number("Ftrl", "-learning_rate_power", -learning_rate_power, 0)
        for name in self.settings[1:5]:
            check_number("Ftrl", name, getattr(self, name), 0)

    def add_slots(self, variables: Sequence[Variable]) -> None:
        initial = [self.initial_accumulator_value, 0.0]
        self.add_optimizer_variables(variables, ["accumulator", "linear"], initial)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        n, z = self.slots(variable, "accumulator", "linear")
        p, l1, l2 = -self.learning_rate_power, self.l1_regularization_strength, self.l2_regularization_strength
        shrunk = gradient + 2 * self.l2_shrinkage_regularization_strength * variable
        after = n + ops.square(gradient)
        z.assign(z + shrunk - (after**p - n**p) / learning_rate * variable)
        n.assign(after)
        variable.assign((ops.clip(z, -l1, l1) - z) / ((self.beta + n**p) / learning_rate + 2 * l2))
