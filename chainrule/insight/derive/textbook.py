"""The lines that textbooks have for activations and losses: formula, and derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .terms import (
    ONE,
    ZERO,
    Term,
    absolute,
    call,
    cases,
    hadamard,
    minus,
    number,
    over,
    plus,
    power,
    relation,
    root,
    symbol,
    times,
    total,
)


@dataclass(frozen=True)
class Activation:
    """An activation a = f(z).

    Args:
        name: str. How f is written.
        formula: (z, parameter) -> Term.
        slope: (z, a, parameter) -> Term; None for a softmax, whose outputs depend on one another.
    """

    name: str
    formula: Callable[[Term, float | None], Term]
    slope: Callable[[Term, Term, float | None], Term] | None


def _sigma(z: Term) -> Term:
    return call("sigma", z)


def _where(z: Term, sign: str, limit: Term, yes: Term, no: Term) -> Term:
    return cases(relation(sign, z, limit), yes, no)


def _parameter(value: float | None) -> Term:
    return ONE if value is None else number(value)


_SCALE, _SELU = 1.0507009873554805, 1.0507009873554805 * 1.6732632423543772
_BEND = root(over(number(2), symbol("π")))


def _cubic(z: Term) -> Term:
    return times(_BEND, plus(z, times(number(0.044715), power(z, number(3)))))


def _gelu_slope(z: Term) -> Term:
    u = call("tanh", _cubic(z))
    inner = times(_BEND, plus(ONE, times(number(3 * 0.044715), power(z, number(2)))))
    return plus(
        times(number(0.5), plus(ONE, u)),
        hadamard(times(number(0.5), z), plus(ONE, minus(power(u, number(2)))), inner),
    )


def _softmax(z: Term) -> Term:
    return over(call("exp", z), total("sum", "k", call("exp", z), (-1,)))


ACTIVATIONS = {
    "sigmoid": Activation("sigma", lambda z, p: over(ONE, plus(ONE, call("exp", minus(z)))),
                          lambda z, a, p: hadamard(a, minus(ONE, a))),
    "tanh": Activation("tanh", lambda z, p: over(minus(call("exp", z), call("exp", minus(z))),
                                                 plus(call("exp", z), call("exp", minus(z)))),
                       lambda z, a, p: minus(ONE, hadamard(a, a))),
    "relu": Activation("ReLU", lambda z, p: call("max", ZERO, z), lambda z, a, p: _where(z, ">", ZERO, ONE, ZERO)),
    "leaky_relu": Activation("LeakyReLU", lambda z, p: _where(z, ">", ZERO, z, times(_parameter(p), z)),
                             lambda z, a, p: _where(z, ">", ZERO, ONE, _parameter(p))),
    "elu": Activation("ELU", lambda z, p: _where(z, ">", ZERO, z, times(_parameter(p), minus(call("exp", z), ONE))),
                      lambda z, a, p: _where(z, ">", ZERO, ONE, plus(a, _parameter(p)))),
    "selu": Activation("SELU", lambda z, p: _where(z, ">=", ZERO, times(number(_SCALE), z),
                                                   times(number(_SELU), minus(call("exp", z), ONE))),
                       lambda z, a, p: _where(z, ">=", ZERO, number(_SCALE), plus(a, number(_SELU)))),
    "softplus": Activation("softplus", lambda z, p: call("ln", plus(ONE, call("exp", z))), lambda z, a, p: _sigma(z)),
    "silu": Activation("SiLU", lambda z, p: hadamard(z, _sigma(z)),
                       lambda z, a, p: plus(_sigma(z), hadamard(a, minus(ONE, _sigma(z))))),
    "gelu": Activation("GELU", lambda z, p: hadamard(z, call("Phi", z)),
                       lambda z, a, p: plus(call("Phi", z), hadamard(z, call("phi", z)))),
    "gelu_tanh": Activation("GELU", lambda z, p: hadamard(times(number(0.5), z), plus(ONE, call("tanh", _cubic(z)))),
                            lambda z, a, p: _gelu_slope(z)),
    "softsign": Activation("softsign", lambda z, p: over(z, plus(ONE, absolute(z))),
                           lambda z, a, p: over(ONE, power(plus(ONE, absolute(z)), number(2)))),
    "relu6": Activation("ReLU6", lambda z, p: call("min", call("max", ZERO, z), number(6)),
                        lambda z, a, p: cases(relation("<", ZERO, z, number(6)), ONE, ZERO)),
    "hard_sigmoid": Activation(
        "hardσ", lambda z, p: over(call("min", call("max", ZERO, plus(z, number(3))), number(6)), number(6)),
        lambda z, a, p: cases(relation("<", number(-3), z, number(3)), number(1 / 6), ZERO)),
    "exponential": Activation("exp", lambda z, p: call("exp", z), lambda z, a, p: a),
    "softmax": Activation("softmax", lambda z, p: _softmax(z), None),
}  # fmt: skip


@dataclass(frozen=True)
class LossParts:
    """What the formula of a loss is made of.

    Args:
        y, p: the target, and what the loss is computed from (the output, or what its activation was applied to).
        output: the output itself.
        samples: Term. n, or 1 for a batch of one.
        each: int. The numbers that a sample has.
        weight: Term or None. The weights of the samples.
        classes: int. The size of the output's last axis.
    """

    y: Term
    p: Term
    output: Term
    samples: Term
    each: int
    weight: Term | None
    classes: int

    def mean(self, body: Term, per_number: bool = True) -> Term:
        """1/n times the sum of `body`, each sample with its weight."""
        body = body if self.weight is None else hadamard(self.weight, body)
        return times(self.factor(1, per_number), total("sum", "", body))

    def factor(self, value: float = 1, per_number: bool = True) -> Term:
        """value / n, or value / (n K) where the mean is over K numbers of each sample too."""
        below = times(self.samples, number(self.each)) if per_number and self.each != 1 else self.samples
        return over(number(value), below)

    def slope(self, body: Term, value: float = 1, per_number: bool = True) -> Term:
        """The derivative of `mean`, from that of its body."""
        body = body if self.weight is None else hadamard(self.weight, body)
        return times(self.factor(value, per_number), body)

    def onehot(self) -> Term:
        """The target's class as a row with a single 1."""
        return call("onehot", self.y, number(self.classes))


@dataclass(frozen=True)
class LossRow:
    """A loss.

    Args:
        formula: LossParts -> Term. The loss.
        gradient: LossParts -> Term. Its derivative by what it is computed from.
        by_output: LossParts -> Term, or None. Its derivative by the output, where the loss is computed from what the
            output's activation was applied to, and a factor cancels.
        computed: LossParts -> Term, or None. How it is computed, where that is another formula.
    """

    formula: Callable[[LossParts], Term]
    gradient: Callable[[LossParts], Term]
    by_output: Callable[[LossParts], Term] | None = None
    computed: Callable[[LossParts], Term] | None = None


def _ln(a: Term) -> Term:
    return call("ln", a)


def _binary(s: LossParts, p: Term) -> Term:
    return minus(s.mean(plus(hadamard(s.y, _ln(p)), hadamard(minus(ONE, s.y), _ln(minus(ONE, p))))))


def _binary_logits(s: LossParts) -> Term:
    z = s.p
    terms = (call("max", z, ZERO), minus(hadamard(z, s.y)), _ln(plus(ONE, call("exp", minus(absolute(z))))))
    return s.mean(plus(*terms))


def _classes(s: LossParts, y: Term, p: Term) -> Term:
    return minus(s.mean(hadamard(y, _ln(p)), per_number=False))


def _probabilities(s: LossParts) -> Term:
    return call("softmax", s.p)


def _huber(s: LossParts) -> Term:
    error = minus(s.p, s.y)
    half = times(number(0.5), hadamard(error, error))
    return s.mean(_where(absolute(error), "<=", ONE, half, minus(absolute(error), number(0.5))))


LOSSES = {
    "squared": LossRow(lambda s: s.mean(power(minus(s.p, s.y), number(2))), lambda s: s.slope(minus(s.p, s.y), 2)),
    "absolute": LossRow(lambda s: s.mean(absolute(minus(s.p, s.y))),
                        lambda s: s.slope(call("sign", minus(s.p, s.y)))),
    "binary": LossRow(lambda s: _binary(s, s.p),
                      lambda s: s.slope(over(minus(s.p, s.y), hadamard(s.p, minus(ONE, s.p))))),
    "binary_from_sigmoid": LossRow(
        lambda s: _binary(s, s.output), lambda s: s.slope(minus(s.output, s.y)),
        lambda s: s.slope(over(minus(s.output, s.y), hadamard(s.output, minus(ONE, s.output)))), _binary_logits),
    "binary_from_logits": LossRow(lambda s: _binary(s, _sigma(s.p)), lambda s: s.slope(minus(_sigma(s.p), s.y)),
                                  None, _binary_logits),
    "classes_from_softmax": LossRow(
        lambda s: _classes(s, s.y, s.output),
        lambda s: s.slope(minus(hadamard(total("sum", "k", s.y, (-1,)), s.output), s.y), per_number=False),
        lambda s: minus(s.slope(over(s.y, s.output), per_number=False))),
    "classes_from_logits": LossRow(
        lambda s: _classes(s, s.y, _probabilities(s)),
        lambda s: s.slope(minus(hadamard(total("sum", "k", s.y, (-1,)), _probabilities(s)), s.y), per_number=False)),
    "numbered_from_softmax": LossRow(
        lambda s: _classes(s, s.onehot(), s.output), lambda s: s.slope(minus(s.output, s.onehot()), per_number=False),
        lambda s: minus(s.slope(over(s.onehot(), s.output), per_number=False))),
    "numbered_from_logits": LossRow(
        lambda s: _classes(s, s.onehot(), _probabilities(s)),
        lambda s: s.slope(minus(_probabilities(s), s.onehot()), per_number=False)),
    "huber": LossRow(_huber, lambda s: s.slope(call("max", number(-1), call("min", ONE, minus(s.p, s.y))))),
}  # fmt: skip

