"""Names for the values of a Program: x, W, b, z, a, y as in textbooks, v for whatever those have no letter for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...ir import Equation, Program, Var
from ...variables import Variable
from .expressions import Writer
from .recording import Recording
from .terms import Term, at, partial, symbol
from .units import Unit

LETTERS = {
    "kernel": "W", "bias": "b", "gamma": "gamma", "beta": "beta", "embeddings": "E", "recurrent_kernel": "U",
    "moving_mean": "mu", "moving_variance": "sigma2", "depthwise_kernel": "D", "pointwise_kernel": "P",
}  # fmt: skip
WEIGHTED = ("affine", "convolution")  # kinds of units that make the z of a layer
_CARRIES = "hcsuq"
_LONG = 6  # the formula of a value that nothing is differentiated by is put in place of a name up to this many parts
LOSS = symbol("L")


@dataclass
class Names:
    """What each value is called.

    Args:
        terms: dict from values to symbols.
        layers: dict. The number of each layer with weights, by the path of its weights.
        hidden: the values without a name: their formula stands wherever they are used.
        reserved: symbols that mean something else around a loop.
        numbered: how many values are called v with a number, here and around.
    """

    terms: dict[Var, Term] = field(default_factory=dict)
    layers: dict[str, int] = field(default_factory=dict)
    hidden: set[Var] = field(default_factory=set)
    reserved: set[Term] = field(default_factory=set)
    numbered: int = 0

    def gradient(self, v: Var) -> Term:
        """The derivative of the loss by a value: δ for the z of a layer."""
        term = self.terms[v]
        if term == LOSS:
            return partial(LOSS, LOSS)
        name, *rest = term.parts
        return symbol("delta", *rest) if term.kind == "symbol" and name == "z" else partial(LOSS, term)

    def taken(self) -> set[Term]:
        """The symbols given so far."""
        return self.reserved | set(self.terms.values())

    def give(self, v: Var, name: str, upper: str = "", lower: str = "") -> None:
        """Give a symbol, with another index if it is taken."""
        taken, mark = self.taken(), 1
        term = symbol(name, upper, lower)
        while term in taken:
            mark += 1
            term = symbol(name, f"{upper},{mark}" if upper else str(mark), lower)
        self.terms[v] = term

    def number(self, v: Var) -> None:
        """Call a value v with the next number."""
        self.numbered += 1
        self.terms[v] = symbol("v", "", str(self.numbered))


def name_inputs(recording: Recording) -> Names:
    """Symbols for weights, other state and data."""
    names = Names()
    inputs, state = recording.program.inputs, recording.state
    read = [v for e in recording.program.equations for v in e.inputs]
    order = {v: k for k, v in reversed(list(enumerate(read)))}
    owners = [(order[v], own, v) for v, own in zip(inputs, state, strict=False) if v in order]
    layered = sorted((o for o in owners if "/" in o[1].path and own_layer(o[1])), key=lambda o: o[0])
    seen: dict[str, int] = {}
    owner = {}
    for _, own, v in layered:  # several layers may have one path, as the two cells of a Bidirectional
        seen[own.path] = seen.get(own.path, 0) + 1
        owner[v] = f"{own.path.rpartition('/')[0]}:{seen[own.path]}"
        names.layers.setdefault(owner[v], len(names.layers) + 1)
    for _, own, v in layered:
        number = str(names.layers[owner[v]]) if len(names.layers) > 1 else ""
        names.give(v, LETTERS.get(own.name, own.name), number)
    for v, own in zip(inputs, state, strict=False):
        if v not in names.terms:
            names.give(v, LETTERS.get(own.name, own.name))
    for key, letter in (("x", "x"), ("y", "y"), ("weight", "s")):
        places = recording.data[key]
        for k, place in enumerate(places, 1):
            names.give(inputs[place], letter, "", str(k) if len(places) > 1 else "")
    for k, v in enumerate(inputs[len(state) + sum(map(len, recording.data.values())) :], 1):
        names.give(v, "C", "", str(k))
    return names


def own_layer(variable: Variable) -> bool:
    """Whether a Variable is a weight rather than the key of random numbers or a counter."""
    return variable.value.type.dtype.startswith(("float", "bfloat"))


def name_values(
    names: Names, program: Program, units: Sequence[Unit], active: set[Var], outputs: Sequence[Var], column: bool
) -> None:
    """Symbols for what the units make. A value that nothing is differentiated by and that is short stays without."""
    letters = {v: ("yhat", "", str(k) if len(outputs) > 1 else "") for k, v in enumerate(outputs, 1)}
    read = {v for unit in units if unit.kind != "plain" for v in unit.inputs}
    for unit in units:
        v = unit.output
        if v in names.terms:
            continue
        if v is program.outputs[0] and outputs:
            names.terms[v] = LOSS
        elif v in letters:
            names.give(v, *letters[v])
        elif unit.kind in (*WEIGHTED, "activation"):
            names.give(v, *_layered(names, unit))
        elif unit.kind == "plain" and v not in active | read and _is_short(names, program, unit.detail, column):
            names.hidden.add(v)
        else:
            names.number(v)
        for other in unit.detail.outputs[1:] if unit.kind in ("plain", "loop") else ():
            names.number(other)


def _layered(names: Names, unit: Unit) -> tuple[str, str]:
    """z of a layer with weights, a of what its activation makes of it."""
    of = unit.inputs[1] if unit.kind in WEIGHTED else unit.inputs[0]
    term = names.terms.get(of)
    upper = term.parts[1] if term is not None and term.kind == "symbol" else ""
    return ("z" if unit.kind in WEIGHTED else "a"), upper


def _is_short(names: Names, program: Program, equation: Equation, column: bool) -> bool:
    if equation.primitive.name in ("loop", "random_bits", "cond", "while_loop", "gather"):
        return False
    if equation.primitive.name in ("constant", "broadcast", "convert", "iota"):
        return True
    return _size(Writer(names.terms, column, program).formula(equation)) <= _LONG


def _size(term: Term) -> int:
    return 1 + sum(_size(p) for p in term.parts if isinstance(p, Term))


def name_body(names: Names, equation: Equation) -> Names:
    """Symbols for the inputs of a loop's body: what does not change keeps its name, the rest gets the index t."""
    p, inner = equation.params, Names(layers=names.layers, reserved=names.taken(), numbered=names.numbered)
    body: Program = p.body
    for k, v in enumerate(body.inputs):
        outer = names.terms.get(equation.inputs[k])
        if k < p.invariants:
            inner.terms[v] = outer if outer is not None else symbol("c", "", str(k))
        elif k < p.invariants + p.carries:
            letter = _CARRIES[min(k - p.invariants, len(_CARRIES) - 1)]
            inner.give(v, letter, "", "t+1" if p.reverse else "t-1")
        else:
            inner.terms[v] = at(outer, "t") if outer is not None else symbol("x", "", "t")
    for k, v in enumerate(body.outputs[: p.carries]):
        if v not in inner.terms:
            inner.give(v, _CARRIES[min(k, len(_CARRIES) - 1)], "", "t")
    return inner
