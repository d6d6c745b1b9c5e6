"""Adam and its relatives: averages of the gradient and of its square, corrected for starting at zero.

In the formulas w is a variable, g its gradient, t the number of the update (from 1), lr the learning rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from .. import ops
from ..errors import ArgumentError
from ..variables import Variable
from .arguments import Shared, SharedButDecay, rule
from .base import Optimizer, Rate
from .updates import norm


def adam_step(
    w: Any, g: Any, m: Any, v: Any, t: Any, lr: Any, beta_1: float, beta_2: float, epsilon: float, largest: Any = None
) -> None:
    """Adam's rule, see there; `largest` is AMSGrad's running maximum of v."""
    m.assign(m + (1 - beta_1) * (g - m))
    v.assign(v + (1 - beta_2) * (ops.square(g) - v))
    if largest is not None:
        v = largest.assign(ops.maximum(largest, v))
    alpha = lr * ops.sqrt(1 - ops.power(beta_2, t)) / (1 - ops.power(beta_1, t))
    w.assign_sub(alpha * m / (ops.sqrt(v) + epsilon))


@rule
class Adam(Optimizer):
    """Steps of about the same size for every element: the average gradient over the root of the average square.

    m <- beta_1 · m + (1 - beta_1) · g;  v <- beta_2 · v + (1 - beta_2) · g^2;
    w <- w - lr · sqrt(1 - beta_2^t) / (1 - beta_1^t) · m / (sqrt(v) + epsilon).

    With amsgrad v is replaced in the last line by the largest v so far.

    Args:
        learning_rate: float, schedule or function; default 0.001.
        beta_1: default 0.9; the memory of m.
        beta_2: default 0.999; the memory of v.
        epsilon: default 1e-7; keeps the division finite (the paper's epsilon-hat, added before the correction).
        amsgrad: default False.
        and the arguments of `Optimizer`.

    Source: Kingma and Ba 2015, algorithm 1 in the form that ends section 2; amsgrad: Reddi et al. 2018, algorithm 2.

    Example:
    >>> w = Variable([1.0])
    >>> Adam(learning_rate=0.5).apply([7.0 * ops.ones(1)], [w])
    >>> round(float(w[0]), 4)
    0.5
    """

    settings = ("beta_1", "beta_2", "epsilon", "amsgrad")

    def __init__(
        self, learning_rate: Rate = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        amsgrad: bool = False, **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, ["momentum", "velocity"])
        if self.amsgrad:
            self.add_optimizer_variables(variables, "velocity_hat")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m, v = self.slots(variable, "momentum", "velocity")
        largest = self.slots(variable, "velocity_hat") if self.amsgrad else None
        t = self.time(variable)
        adam_step(variable, gradient, m, v, t, learning_rate, self.beta_1, self.beta_2, self.epsilon, largest)


@rule
class AdamW(Adam):
    """Adam after decoupled weight decay: w <- w - lr · weight_decay · w, then Adam's rule.

    Args:
        learning_rate: float, schedule or function; default 0.001.
        weight_decay: default 0.004.
        beta_1, beta_2, epsilon, amsgrad: as for `Adam`.
        and the arguments of `Optimizer`.

    Raises: ArgumentError if weight_decay is None.

    Source: Loshchilov and Hutter 2019, algorithm 2.

    Example:
    >>> w = Variable([1.0])
    >>> AdamW(learning_rate=0.5, weight_decay=0.5).apply([ops.zeros(1)], [w])
    >>> float(w[0])
    0.75
    """

    def __init__(
        self, learning_rate: Rate = 0.001, weight_decay: float = 0.004, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float = 1e-7, amsgrad: bool = False, **shared: Unpack[SharedButDecay],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **shared)
        if weight_decay is None:
            raise ArgumentError("AdamW: expected weight_decay to be a number; got None. Without it, use Adam.")


@rule
class Adamax(Optimizer):
    """Adam with the largest gradient instead of the average square.

    m <- beta_1 · m + (1 - beta_1) · g;  u <- max(beta_2 · u, |g|);
    w <- w - lr / (1 - beta_1^t) · m / (u + epsilon).

    Args:
        learning_rate: float, schedule or function; default 0.001.
        beta_1: default 0.9; the memory of m.
        beta_2: default 0.999; how fast u is forgotten.
        epsilon: default 1e-7; keeps the division finite.
        and the arguments of `Optimizer`.

    Source: Kingma and Ba 2015, algorithm 2.

    Example:
    >>> w = Variable([1.0])
    >>> Adamax(learning_rate=0.5).apply([7.0 * ops.ones(1)], [w])
    >>> round(float(w[0]), 4)
    0.5
    """

    settings = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self, learning_rate: Rate = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, ["momentum", "norm"])

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m, u = self.slots(variable, "momentum", "norm")
        m.assign(m + (1 - self.beta_1) * (gradient - m))
        u.assign(ops.maximum(self.beta_2 * u, ops.abs(gradient)))
        correction = 1 - ops.power(self.beta_1, self.time(variable))
        variable.assign_sub(learning_rate * m / (correction * (u + self.epsilon)))


@rule
class Nadam(Optimizer):
    """Adam with Nesterov's momentum.

    mu_t = beta_1 · (1 - 0.96^t / 2);  P_t = mu_1 · ... · mu_t;
    m <- beta_1 · m + (1 - beta_1) · g;  v <- beta_2 · v + (1 - beta_2) · g^2;
    w <- w - lr · (mu_{t+1} · m / (1 - P_{t+1}) + (1 - mu_t) · g / (1 - P_t)) / (sqrt(v / (1 - beta_2^t)) + epsilon).

    Args:
        learning_rate: float, schedule or function; default 0.001.
        beta_1: default 0.9; the memory of m.
        beta_2: default 0.999; the memory of v.
        epsilon: default 1e-7; keeps the division finite.
        and the arguments of `Optimizer`.

    Source: Dozat 2016, algorithm 2, with the schedule of mu of Sutskever et al. 2013.

    Example:
    >>> w = Variable([1.0])
    >>> Nadam(learning_rate=0.25).apply([7.0 * ops.ones(1)], [w])
    >>> 0.5 < float(w[0]) < 0.8
    True
    """

    settings = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self, learning_rate: Rate = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, ["momentum", "velocity"])
        self._product = self.add_variable((), 1.0, variables[0].dtype if variables else None, name="product")

    def _mu(self, t: Any) -> Any:
        return self.beta_1 * (1 - 0.5 * ops.power(0.96, t))

    def update_all(self, gradients: Sequence[Any], variables: Sequence[Variable], learning_rate: Any) -> None:
        self._product.assign(self._product * self._mu(self.time(self._product)))
        super().update_all(gradients, variables, learning_rate)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m, v = self.slots(variable, "momentum", "velocity")
        t, beta_2 = self.time(variable), ops.cast(self.beta_2, variable.dtype)
        now, then = self._mu(t), self._mu(t + 1)
        product = ops.cast(self._product, variable.dtype)
        m.assign(m + (1 - self.beta_1) * (gradient - m))
        v.assign(v + (1 - beta_2) * (ops.square(gradient) - v))
        direction = then * m / (1 - product * then) + (1 - now) * gradient / (1 - product)
        spread = ops.sqrt(v / (1 - ops.power(beta_2, t)))
        variable.assign_sub(learning_rate * direction / (spread + self.epsilon))


@rule
class Lamb(Optimizer):
    """Adam with each variable's step scaled to the size of the variable: for very large batches.

    m <- beta_1 · m + (1 - beta_1) · g;  v <- beta_2 · v + (1 - beta_2) · g^2;
    d = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon);  w <- w - lr · |w| / |d| · d,
    where the ratio |w| / |d| is 1 if one of them is 0.

    Args:
        learning_rate: float, schedule or function; default 0.001.
        beta_1: default 0.9; the memory of m.
        beta_2: default 0.999; the memory of v.
        epsilon: default 1e-7; keeps the division finite.
        and the arguments of `Optimizer`.

    Source: You et al. 2020, algorithm 2.

    Example:
    >>> w = Variable([2.0])
    >>> Lamb(learning_rate=0.25).apply([7.0 * ops.ones(1)], [w])
    >>> round(float(w[0]), 4)
    1.5
    """

    settings = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self, learning_rate: Rate = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, ["momentum", "velocity"])

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m, v = self.slots(variable, "momentum", "velocity")
        t = self.time(variable)
        m.assign(m + (1 - self.beta_1) * (gradient - m))
        v.assign(v + (1 - self.beta_2) * (ops.square(gradient) - v))
        mean, square = m / (1 - ops.power(self.beta_1, t)), v / (1 - ops.power(self.beta_2, t))
        direction = mean / (ops.sqrt(square) + self.epsilon)
        size, length = norm(variable), norm(direction)
        moves = ops.logical_and(size > 0, length > 0)
        ratio = ops.where(moves, size / ops.where(moves, length, 1.0), 1.0)
        variable.assign_sub(ratio * learning_rate * direction)


@rule
class ScheduleFreeAdamW(Optimizer):
    """Adam without a schedule: gradients are taken at y, a mix of the fast z and of the average x of all z so far.

    The variable is y. lr_t = lr · min(1, t / warmup_steps);  v <- beta_2 · v + (1 - beta_2) · g^2;
    z <- z - lr_t · g / (sqrt(v / (1 - beta_2^t)) + epsilon);
    x <- (1 - 1/t) · x + z / t;  y <- (1 - beta_1) · z + beta_1 · x.
    Only y and z are kept: x is (y - (1 - beta_1) · z) / beta_1. (Keras 3.15 on TensorFlow takes the new z there instead
    of the old one, and so gives other numbers from the second step on.)

    Args:
        learning_rate: float, schedule or function; default 0.0025.
        beta_1: default 0.9; the share of the average in y.
        beta_2: default 0.999; the memory of v.
        epsilon: default 1e-8; keeps the division finite.
        warmup_steps: default 0; the rate rises in a straight line for so many updates.
        and the arguments of `Optimizer`.

    Source: Defazio et al. 2024, algorithm 1 with equal weights.

    Example:
    >>> w = Variable([1.0])
    >>> ScheduleFreeAdamW(learning_rate=0.5).apply([7.0 * ops.ones(1)], [w])
    >>> round(float(w[0]), 4)
    0.5
    """

    settings = ("beta_1", "beta_2", "epsilon", "warmup_steps")

    def __init__(
        self, learning_rate: Rate = 0.0025, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8,
        warmup_steps: int = 0, **shared: Unpack[Shared],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, **shared)
        self.beta_1, self.beta_2, self.epsilon, self.warmup_steps = beta_1, beta_2, epsilon, warmup_steps

    def add_slots(self, variables: Sequence[Variable]) -> None:
        for variable in variables:
            self.add_variable_from_reference(variable, "momentum", variable.value)  # z starts where w does
            self.add_variable_from_reference(variable, "velocity")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        z, v = self.slots(variable, "momentum", "velocity")
        t, beta_2 = self.time(variable), ops.cast(self.beta_2, variable.dtype)
        rate = learning_rate * ops.minimum(t / self.warmup_steps, 1.0) if self.warmup_steps > 0 else learning_rate
        x = (variable - (1 - self.beta_1) * z) / self.beta_1
        v.assign(v + (1 - beta_2) * (ops.square(gradient) - v))
        z.assign(z - rate * gradient / (ops.sqrt(v / (1 - ops.power(beta_2, t))) + self.epsilon))
        x = (1 - 1 / t) * x + z / t
        variable.assign((1 - self.beta_1) * z + self.beta_1 * x)
