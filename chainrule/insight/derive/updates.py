"""The optimizer's rule for each weight, read off the Program of its step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...ir import Program, Tensor, Var
from ...variables import Variable
from .expressions import Writer
from .naming import LETTERS as OF_WEIGHTS
from .naming import LOSS
from .plain import plain
from .recording import record_update
from .terms import ONE, Term, minus, number, partial, relation, substitute, symbol
from .walking import walk_forward

THETA, TIME, RATE = "theta", symbol("t"), symbol("eta")
SLOTS = {
    "momentum": "m", "velocity": "v", "velocity_hat": "u", "norm": "u", "accumulator": "s", "average_gradient": "c",
    "accumulated_grad": "s", "accumulated_delta_var": "d", "gradient_accumulator": "G", "average": "A",
    "linear": "l",
}  # fmt: skip
SETTINGS = {
    "beta_1": ("beta", "1"), "beta_2": ("beta", "2"), "epsilon": ("epsilon", ""), "rho": ("rho", ""),
    "momentum": ("mu", ""), "weight_decay": ("lambda", ""),
}  # fmt: skip
Numbered = list[tuple[Term, dict[Term, Any], np.ndarray]]  # a formula, the numbers of its symbols, its value
_WORTH = 7  # a value used twice gets a name of its own if its formula has more parts


@dataclass(frozen=True)
class Rule:
    """The rule for one weight.

    Args:
        variable: Variable.
        formulas: tuple of Term. 'new = formula of old', in order, the weight last.
        settings: dict from symbols to the numbers they stand for.
        names: dict from values of the Program to their symbols.
    """

    variable: Variable
    formulas: tuple[Term, ...]
    settings: dict[Term, float]
    names: dict[Var, Term]

    def numbered(self, update: Update, values: dict[Var, Tensor], shown: Callable[[Any], Any]) -> Numbered:
        """The formulas with the numbers of a step; arrays of the weight's shape as `shown` displays them."""
        outputs, known, new = set(update.program.outputs), dict[Term, Any](self.settings), dict[Term, Any]()
        for v, term in self.names.items():
            if v in values:
                array = np.asarray(values[v].numpy())
                displayed = shown(array) if array.shape == self.variable.shape else array
                (new if v in outputs else known)[term] = displayed
                if term == minus(TIME, ONE):
                    known[TIME] = array + 1
        found = []
        for formula in self.formulas:
            sign, left, _ = formula.parts
            value = new.get(left, known.get(left))
            before = {t: a for t, a in known.items() if sign == "<-" or t != left}
            if value is not None:
                found.append((formula, before, np.asarray(value)))
                known[left] = value
        return found

    @property
    def key(self) -> str:
        """Equal for weights with the same rule."""
        return "; ".join(map(plain, self.formulas))


@dataclass(frozen=True)
class Update:
    """The step of an optimizer.

    Args:
        program: Program. (weights, state of the optimizer, gradients) -> new values.
        state, changed: what its inputs and outputs belong to.
        rules: list of Rule, one a weight.
    """

    program: Program
    state: list[Variable]
    changed: list[Variable]
    rules: list[Rule]

    def apply(self, values: dict[Variable, Tensor], gradients: Sequence[Tensor]) -> dict[Var, Tensor]:
        """Every value of a step; `values` is given what the state becomes."""
        walk = walk_forward(self.program, [*(values[v] for v in self.state), *gradients])
        values.update(zip(self.changed, walk.outputs(), strict=True))
        return walk.values

    def groups(self) -> list[list[Rule]]:
        """The rules, those that read the same together."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            found.setdefault(rule.key, []).append(rule)
        return list(found.values())


def update_of(model: Any, trained: Sequence[Variable], letters: Sequence[Term], column: bool) -> Update:
    """The step of a model's optimizer, for weights that have these symbols."""
    program, state, changed = record_update(model, trained)
    rules = [_rule(model.optimizer, program, state, changed, trained, k, letters, column) for k in range(len(trained))]
    return Update(program, state, changed, rules)


def _rule(
    optimizer: Any, program: Program, state: list[Variable], changed: list[Variable], trained: Sequence[Variable],
    k: int, letters: Sequence[Term], column: bool,
) -> Rule:  # fmt: skip
    own = _slots(optimizer, trained[k])
    slots = [v for v in own if any(v is c for c in changed)]
    old, new = ("t-1", "t") if slots else ("", "")
    names = _inputs(optimizer, program, state, letters, k, own, old)
    outputs = dict(zip(changed, program.outputs, strict=True))
    targets = [(outputs[v], symbol(SLOTS.get(own[v], own[v]), "", new)) for v in slots]
    if trained[k] in outputs:
        targets.append((outputs[trained[k]], symbol(THETA, "", new)))
    order = {v: i for i, e in enumerate(program.equations) for v in e.outputs}
    targets.sort(key=lambda pair: (pair[1].parts[0] == THETA, order.get(pair[0], -1)))
    made = [*targets[:-1], *_shared(program, names, dict(targets), column)]
    made.sort(key=lambda pair: order.get(pair[0], -1))
    formulas, known, settings = [], dict(names), _settings(optimizer)
    used: dict[Term, float] = {}
    for v, term in [*made, *targets[-1:]]:
        right = Writer({w: t for w, t in known.items() if w is not v}, column, program).term(v)
        right = substitute(right, lambda t: _setting(t, settings, used))
        formulas.append(relation("=" if slots else "<-", term, right))
        known[v] = term
    return Rule(trained[k], tuple(formulas), used, known)


def _slots(optimizer: Any, variable: Variable) -> dict[Variable, str]:
    """What the optimizer remembers of a weight, with the name of each."""
    found = {v: name for (name, own), v in getattr(optimizer, "_slots", {}).items() if own is variable}
    inner = getattr(optimizer, "inner_optimizer", None)
    return found or (_slots(inner, variable) if inner is not None else {})


def _inputs(
    optimizer: Any, program: Program, state: list[Variable], letters: Sequence[Term], k: int,
    own: dict[Variable, str], old: str,
) -> dict[Var, Term]:  # fmt: skip
    names: dict[Var, Term] = {}
    for i, (v, variable) in enumerate(zip(program.inputs, state, strict=False)):
        if i < len(letters):
            names[v] = symbol(THETA, "", old) if i == k else letters[i]
        elif variable in own:
            names[v] = symbol(SLOTS.get(own[variable], own[variable]), "", old)
        elif variable is optimizer._iterations:
            names[v] = minus(TIME, ONE)
        elif variable is optimizer._learning_rate:
            names[v] = RATE
        else:
            names[v] = symbol(OF_WEIGHTS.get(variable.name, variable.name))
    for i, v in enumerate(program.inputs[len(state) :]):
        names[v] = symbol("g") if i == k else partial(LOSS, letters[i])
    return names


def _shared(
    program: Program, names: dict[Var, Term], outputs: dict[Var, Term], column: bool
) -> list[tuple[Var, Term]]:  # fmt: skip
    """Values that are used more than once and take long to write, with a symbol each."""
    cone, uses = set(outputs), dict.fromkeys(outputs, 0)
    for equation in reversed(program.equations):
        if any(v in cone for v in equation.outputs):
            cone.update(equation.inputs)
            for v in set(equation.inputs):
                uses[v] = uses.get(v, 0) + 1
    writer = Writer({**names, **outputs}, column, program)
    found: list[tuple[Var, Term]] = []
    for equation in program.equations:
        for v in equation.outputs:
            if v in cone and v not in outputs and uses[v] > 1 and _size(writer.formula(equation, v)) > _WORTH:
                found.append((v, symbol("r", "", str(len(found) + 1))))
                writer.names[v] = found[-1][1]
    return found


def _size(term: Term) -> int:
    return 1 + sum(_size(p) for p in term.parts if isinstance(p, Term))


def _settings(optimizer: Any) -> dict[Term, float]:
    """The optimizer's numbers that no other of them could be mistaken for."""
    config = {k: v for k, v in optimizer.get_config().items() if k in SETTINGS and isinstance(v, float) and 0 < v < 1}
    values = [np.float32(v) for v in config.values()]
    return {symbol(SETTINGS[k][0], "", SETTINGS[k][1]): v for k, v in config.items()
            if values.count(np.float32(v)) == 1}  # fmt: skip


def _setting(term: Term, settings: dict[Term, float], used: dict[Term, float]) -> Term | None:
    """The symbol for a number of the optimizer, or for 1 less such a number."""
    if term.kind != "number":
        return None
    for name, value in settings.items():
        for candidate, written in ((value, name), (1 - value, minus(ONE, name))):
            if np.float32(term.parts[0]) == np.float32(candidate):
                used[name] = value
                return written
    return number(float(f"{term.parts[0]:.7g}"))
