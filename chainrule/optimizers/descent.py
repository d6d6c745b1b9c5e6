"""Rules that follow the gradient, its running sum, its sign, or its orthogonal factor.

In the formulas w is a variable, g its gradient, t the number of the update (from 1), lr the learning rate.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Unpack

from .. import ops
from ..variables import Variable
from .adam import adam_step
from .arguments import Shared, SharedButDecay, check_number, rule
from .base import Optimizer, Rate
from .updates import norm


@rule
class SGD(Optimizer):
    """Gradient descent, w <- w - lr · g, optionally with momentum.

    With momentum: m <- momentum · m - lr · g; w <- w + m.
    With Nesterov's: w <- w + momentum · m - lr · g, with the new m.

    Args:
        learning_rate: float, schedule or function; default 0.01.
        momentum: default 0.0; from 0 to 1.
        nesterov: default False; look ahead along the momentum. Without momentum it changes nothing.
        and the arguments of `Optimizer`.

    Raises: ArgumentError if momentum is not from 0 to 1.

    Source: Robbins and Monro 1951; momentum: Polyak 1964; Sutskever et al. 2013, eq. 1 to 4 (Nesterov's in the form
    that keeps w itself at the point looked ahead to).

    Example:
    >>> w = Variable([1.0])
    >>> SGD(learning_rate=0.5).apply([ops.ones(1)], [w])
    >>> float(w[0])
    0.5
    """

    settings = ("momentum", "nesterov")

    def __init__(
        self, learning_rate: Rate = 0.01, momentum: float = 0.0, nesterov: bool = False, **shared: Unpack[Shared]
    ) -> None:
        super().__init__(learning_rate, **shared)
        check_number("SGD", "momentum", momentum, 0, 1)
        self.momentum, self.nesterov = momentum, nesterov

    def add_slots(self, variables: Sequence[Variable]) -> None:
        if self.momentum:
            self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        step = -learning_rate * gradient
        if self.momentum:
            m = self.slots(variable, "momentum")
            m.assign(self.momentum * m + step)
            step = self.momentum * m + step if self.nesterov else m
        variable.assign_add(step)


@rule
class Lion(Optimizer):
    """w <- w - lr · sign(beta_1 · m + (1 - beta_1) · g); m <- beta_2 · m + (1 - beta_2) · g.

    Every element moves by lr, so the learning rate should be 3 to 10 times smaller than with Adam.

    Args:
        learning_rate: float, schedule or function; default 0.001.
        beta_1: default 0.9; the share of the average in the direction; above 0, at most 1.
        beta_2: default 0.99; the memory of the average.
        and the arguments of `Optimizer`.

    Raises: ArgumentError if beta_1 is not above 0 and at most 1.

    Source: Chen et al. 2023, algorithm 2.

    Example:
    >>> w = Variable([1.0])
    >>> Lion(learning_rate=0.25).apply([7.0 * ops.ones(1)], [w])
    >>> float(w[0])
    0.75
    """

    settings = ("beta_1", "beta_2")

    def __init__(
        self, learning_rate: Rate = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, **shared: Unpack[Shared]
    ) -> None:
        super().__init__(learning_rate, **shared)
        check_number("Lion", "beta_1", beta_1, math.ulp(0.0), 1)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m = self.slots(variable, "momentum")
        variable.assign_sub(learning_rate * ops.sign(self.beta_1 * m + (1 - self.beta_1) * gradient))
        m.assign(self.beta_2 * m + (1 - self.beta_2) * gradient)


@rule
class Muon(Optimizer):
    """Momentum whose matrices are replaced by their nearest orthogonal ones; Adam for all that is not a matrix.

    m <- momentum · m + g; d = g + momentum · m (nesterov) or m;
    w <- w - lr · rms_rate · sqrt(max(rows, columns)) · orthogonal(d), where orthogonal(d) is about U V^T for
    d = U S V^T (see `orthogonal`). A variable that has not exactly two axes, belongs to an embedding or is named by
    exclude_layers gets Adam's rule, with the rate lr · adam_lr_ratio.

    Args:
        learning_rate: float, schedule or function; default 0.001.
        adam_beta_1, adam_beta_2: default 0.9 and 0.999; beta_1 and beta_2 of Adam.
        adam_weight_decay: default 0.004; the weight decay of the variables that Adam takes.
        epsilon: default 1e-7; Adam's.
        weight_decay: default 0.004; the weight decay of the others.
        exclude_layers: default none; patterns (regular expressions) of paths of variables that Adam takes. The output
            layer should be among them.
        exclude_embeddings: default True; variables with 'embedding' in their path are for Adam.
        muon_a, muon_b, muon_c: default 3.4445, -4.775, 2.0315; the polynomial of `orthogonal`.
        adam_lr_ratio: default 1.
        momentum: default 0.95. ns_steps: default 5; the rounds of `orthogonal`. nesterov: default True.
        rms_rate: default 0.2, which gives updates the size of Adam's; None leaves the factor out.
        and the arguments of `Optimizer`.

    Source: Jordan et al. 2024 (Muon); the factor and the decay: Liu et al. 2025 (arXiv:2502.16982), eq. 4.

    Example:
    >>> w = Variable([[3.0, 0.0], [0.0, 2.0]])
    >>> Muon(learning_rate=1.0, weight_decay=None, rms_rate=None).apply([w.value], [w])
    >>> bool(abs(w[0, 0] - 2.0) < 0.3)  # the gradient's orthogonal factor is about the identity
    True
    """

    settings = (
        "adam_beta_1", "adam_beta_2", "epsilon", "exclude_layers", "muon_a", "muon_b", "muon_c", "adam_lr_ratio",
        "momentum", "ns_steps", "nesterov", "exclude_embeddings", "adam_weight_decay", "rms_rate",
    )  # fmt: skip

    def __init__(
        self, learning_rate: Rate = 0.001, adam_beta_1: float = 0.9, adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004, epsilon: float = 1e-7, weight_decay: float | None = 0.004, *,
        exclude_layers: Sequence[str] | None = None, exclude_embeddings: bool = True, muon_a: float = 3.4445,
        muon_b: float = -4.7750, muon_c: float = 2.0315, adam_lr_ratio: float = 1, momentum: float = 0.95,
        ns_steps: int = 5, nesterov: bool = True, rms_rate: float | None = 0.2, **shared: Unpack[SharedButDecay],
    ) -> None:  # fmt: skip
        super().__init__(learning_rate, weight_decay, **shared)
        self.adam_beta_1, self.adam_beta_2, self.adam_weight_decay = adam_beta_1, adam_beta_2, adam_weight_decay
        self.epsilon, self.adam_lr_ratio = epsilon, adam_lr_ratio
        self.exclude_layers, self.exclude_embeddings = list(exclude_layers or ()), exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c, self.ns_steps = muon_a, muon_b, muon_c, ns_steps
        self.momentum, self.nesterov, self.rms_rate = momentum, nesterov, rms_rate

    def add_slots(self, variables: Sequence[Variable]) -> None:
        self.add_optimizer_variables(variables, "momentum")
        self.add_optimizer_variables([v for v in variables if self._for_adam(v)], "velocity")

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m = self.slots(variable, "momentum")
        if self._for_adam(variable):
            v, t, rate = self.slots(variable, "velocity"), self.time(variable), learning_rate * self.adam_lr_ratio
            adam_step(variable, gradient, m, v, t, rate, self.adam_beta_1, self.adam_beta_2, self.epsilon)
            return
        m.assign(self.momentum * m + gradient)
        direction = gradient + self.momentum * m if self.nesterov else m.value
        size = 1.0 if self.rms_rate is None else self.rms_rate * math.sqrt(max(variable.shape))
        coefficients = (self.muon_a, self.muon_b, self.muon_c)
        variable.assign_sub(learning_rate * size * orthogonal(direction, self.ns_steps, coefficients))

    def _for_adam(self, variable: Variable) -> bool:
        if variable.ndim != 2 or (self.exclude_embeddings and "embedding" in variable.path.lower()):
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def _decay_of(self, variable: Variable) -> float | None:
        if self._spared(variable):
            return None
        return self.adam_weight_decay if self._for_adam(variable) else self.weight_decay


def orthogonal(x: Any, rounds: int, coefficients: tuple[float, float, float]) -> Any:
    """About U V^T for a matrix x = U S V^T, by Newton-Schulz steps on x / |x|:

    x <- a · x + (b · x x^T + c · (x x^T)^2) x. Each singular value s becomes a·s + b·s^3 + c·s^5; with Jordan's a, b, c
    five rounds bring all but tiny ones between 0.7 and 1.2.

    Source: Jordan et al. 2024.
    """
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    x = ops.transpose(x) if tall else x
    x = x / (norm(x) + 1e-7)
    for _ in range(rounds):
        square = x @ ops.transpose(x)
        x = a * x + (b * square + c * square @ square) @ x
    return ops.transpose(x) if tall else x
