"""Equations as formulas: a row a primitive says how it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...autodiff import TABLE
from ...ir import Equation, Program, Tensor, Var, trace
from .recording import STAND_IN
from .terms import (
    ONE,
    Term,
    absolute,
    at,
    call,
    cases,
    hadamard,
    matmul,
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
    transposed,
    words,
)

Operands = Sequence[Term]
_SHOWN = 6  # arrays of so many numbers are written out inside a formula


class Writer:
    """Formulas for the values of one Program.

    Args:
        names: dict. The values that have a name; all others are written as what they are computed from.
        column: bool. Whether a sample is a column: every matrix is then the transpose of what is stored.
        program: Program. Whose equations.
    """

    def __init__(self, names: dict[Var, Term], column: bool, program: Program) -> None:
        self.names, self.column = names, column
        self.made = {v: e for e in program.equations for v in e.outputs}

    def term(self, v: Var) -> Term:
        """A value's name, or its formula."""
        return self.names[v] if v in self.names else self.formula(self.made[v], v)

    def formula(self, equation: Equation, output: Var | None = None) -> Term:
        """The right side of an equation."""
        name = equation.primitive.name
        if name in ELEMENTWISE:
            return ELEMENTWISE[name](*map(self.term, equation.inputs))
        if name in SPECIAL:
            return SPECIAL[name](self, equation)
        if name == "cond":
            return self._either(equation, 0 if output is None else equation.outputs.index(output))
        index = f", {equation.outputs.index(output)}" if output is not None and len(equation.outputs) > 1 else ""
        return call(f"{name}{index}", *map(self.term, equation.inputs))

    def _either(self, equation: Equation, k: int) -> Term:
        """A result of a cond: what each of its branches makes of the operands."""
        choice, *operands = map(self.term, equation.inputs)
        sides = [
            Writer(dict(zip(b.inputs, operands, strict=True)), self.column, b).term(b.outputs[k])
            for b in equation.params.branches
        ]
        if equation.inputs[0].type.dtype == "bool":
            return cases(choice, sides[1], sides[0])
        found = sides[-1]
        for place, side in reversed(list(enumerate(sides[:-1]))):
            found = cases(relation("=", choice, number(place)), side, found)
        return found

    def is_scalar(self, v: Var) -> bool:
        """Whether a value is one number, perhaps repeated."""
        if not v.type.shape:
            return True
        made = self.made.get(v)
        return v not in self.names and made is not None and made.primitive.name == "broadcast" and (
            self.is_scalar(made.inputs[0])
        )  # fmt: skip


def _multiplied(writer: Writer, e: Equation) -> Term:
    a, b = map(writer.term, e.inputs)
    scalars = [writer.is_scalar(v) for v in e.inputs]
    if all(scalars) and a == b:
        return power(a, number(2))
    if scalars[1] and not scalars[0]:
        return times(b, a)
    return times(a, b) if any(scalars) else hadamard(a, b)


def _constant(writer: Writer, e: Equation) -> Term:
    value = np.asarray(e.params.value)
    if value.size and np.all(value == value.flat[0]):
        return counted(value.flat[0].item())
    if value.size <= _SHOWN:
        return words(str(value.tolist()))
    return words(f"constants {'×'.join(map(str, value.shape))}")


def counted(value: float) -> Term:
    """A number; where it is the stand-in for the number of rows, n."""
    if isinstance(value, bool):
        return words(str(value).lower())
    if value and value % STAND_IN == 0 and value != float("inf"):
        return times(number(value / STAND_IN), symbol("n"))
    return number(value)


def _axes_text(writer: Writer, v: Var, axes: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    flipped = tuple(1 - a if writer.column and v.type.rank == 2 else a for a in axes)
    return "axis " + ", ".join(map(str, sorted(flipped))), flipped


def _reduced(sign: str) -> Callable[[Writer, Equation], Term]:
    def write(writer: Writer, e: Equation) -> Term:
        (x,) = e.inputs
        body = writer.term(x)
        if not e.params.axes or all(x.type.shape[a] == 1 for a in e.params.axes):
            return body
        if len(e.params.axes) == x.type.rank:
            return total(sign, "", body)
        under, axes = _axes_text(writer, x, e.params.axes)
        if x.type.rank == 2:
            return total(sign, under, body, axes)
        return call({"sum": "Σ", "prod": "Π"}.get(sign, sign), body, words(f"over {under}"))

    return write


def _dot(writer: Writer, e: Equation) -> Term:
    a, b = e.inputs
    left, right = writer.term(a), writer.term(b)
    p = e.params
    if p.batch == ((), ()) and len(p.contract[0]) == 1:
        (i,), (j,) = p.contract
        if a.type.rank == b.type.rank == 2:
            first = left if i == 1 else transposed(left)
            second = right if j == 0 else transposed(right)
            if not writer.column:
                return matmul(first, second)
            first = right if j == 0 else transposed(right)
            return matmul(first, left if i == 1 else transposed(left))
        if b.type.rank == 2 and i == a.type.rank - 1:
            stored = (j == 0) != writer.column
            return matmul(left, right if stored else transposed(right))
    return _by_index(left, right, a, b, p)


def _by_index(left: Term, right: Term, a: Var, b: Var, p: Any) -> Term:
    letters = iter("ijklmnopqrstuvw")
    index_a, index_b = [""] * a.type.rank, [""] * b.type.rank
    for i, j in zip(p.batch[0], p.batch[1], strict=True):
        index_a[i] = index_b[j] = next(letters)
    summed = []
    for i, j in zip(p.contract[0], p.contract[1], strict=True):
        index_a[i] = index_b[j] = next(letters)
        summed.append(index_a[i])
    for index in (index_a, index_b):
        index[:] = [letter or next(letters) for letter in index]
    parts = [at(t, ",".join(index)) if index else t for t, index in ((left, index_a), (right, index_b))]
    return total("sum", ",".join(summed), times(*parts)) if summed else times(*parts)


def _broadcast(writer: Writer, e: Equation) -> Term:
    return writer.term(e.inputs[0])


def _reshape(writer: Writer, e: Equation) -> Term:
    (x,) = e.inputs
    before, after = ([n for n in s if n != 1] for s in (x.type.shape, e.params.shape))
    term = writer.term(x)
    return term if before == after else call("reshape", term, words(shape_text(e.params.shape)))


def shape_text(shape: Sequence[int]) -> str:
    """Sizes as `n×3`; the stand-in for the number of rows is n.

    >>> shape_text((10007, 3)), shape_text(())
    ('n×3', '1×1')
    """
    sizes = [f"{n // STAND_IN if n > STAND_IN else ''}n" if n and n % STAND_IN == 0 else str(n) for n in shape]
    return "×".join(sizes) or "1×1"


def _transpose(writer: Writer, e: Equation) -> Term:
    axes, term = tuple(e.params.axes), writer.term(e.inputs[0])
    if axes == tuple(range(len(axes))):
        return term
    if axes == (1, 0):
        return transposed(term)
    return call("transpose", term, words(f"axes {axes}"))


def _slice(writer: Writer, e: Equation) -> Term:
    p = e.params
    steps = [f"{lo}:{hi}" + (f":{s}" if s != 1 else "") for lo, hi, s in zip(p.start, p.stop, p.strides, strict=True)]
    whole = [lo == 0 and hi == n for lo, hi, n in zip(p.start, p.stop, e.inputs[0].type.shape, strict=True)]
    return at(writer.term(e.inputs[0]), ",".join(":" if w else s for w, s in zip(whole, steps, strict=True)))


def _with_words(name: str, *keys: str) -> Callable[[Writer, Equation], Term]:
    def write(writer: Writer, e: Equation) -> Term:
        said = [words(f"{key} {e.params[key]}") for key in keys]
        return call(name, *map(writer.term, e.inputs), *said)

    return write


def _conv(writer: Writer, e: Equation) -> Term:
    x, w = map(writer.term, e.inputs)
    return call("conv", x, w)


def _comparison(sign: str) -> Callable[[Term, Term], Term]:
    return lambda a, b: relation(sign, a, b)


SPECIAL: dict[str, Callable[[Writer, Equation], Term]] = {
    "mul": _multiplied,
    "constant": _constant,
    "broadcast": _broadcast,
    "reshape": _reshape,
    "transpose": _transpose,
    "slice": _slice,
    "dot_general": _dot,
    "conv": _conv,
    "convert": lambda writer, e: writer.term(e.inputs[0]),
    "stop_gradient": lambda writer, e: writer.term(e.inputs[0]),
    "reduce_sum": _reduced("sum"),
    "reduce_prod": _reduced("prod"),
    "reduce_max": _reduced("max"),
    "reduce_min": _reduced("min"),
    "concatenate": _with_words("concatenate", "axis"),
    "pad": _with_words("pad", "low", "high"),
    "gather": lambda writer, e: call("rows", *map(writer.term, e.inputs)),
    "iota": lambda writer, e: words(f"0, 1, 2, … ({shape_text(e.params.shape)})"),
    "loop": lambda writer, e: call("loop", *map(writer.term, e.inputs)),
    "cumsum": _with_words("cumsum", "axis"),
    "window_max": lambda writer, e: call("max over windows", *map(writer.term, e.inputs)),
    "window_sum": lambda writer, e: call("sum over windows", *map(writer.term, e.inputs)),
}  # fmt: skip
ELEMENTWISE: dict[str, Callable[..., Term]] = {
    "neg": minus,
    "abs": absolute,
    "sqrt": root,
    "log": lambda x: call("ln", x),
    "log1p": lambda x: call("ln", plus(ONE, x)),
    "expm1": lambda x: minus(call("exp", x), ONE),
    "sigmoid": lambda x: call("sigma", x),
    "bit_not": lambda x: call("not", x),
    "bit_and": lambda a, b: call("and", a, b),
    "bit_or": lambda a, b: call("or", a, b),
    **{name: (lambda x, name=name: call(name, x)) for name in ("exp", "tanh", "sin", "cos", "sign", "floor", "erf")},
    "add": plus,
    "sub": lambda a, b: minus(a, b),
    "div": over,
    "pow": power,
    "max": lambda a, b: call("max", a, b),
    "min": lambda a, b: call("min", a, b),
    "select": cases,
    **{n: _comparison(s) for n, s in
       (("eq", "="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="))},
}  # fmt: skip


def rule_formulas(equation: Equation, names: Sequence[Term], result: Term, gradient: Term, column: bool) -> list[Any]:
    """The row of the gradient table for an equation, as a formula for each of its inputs (None: no derivative).

    Args:
        equation: Equation with one result, no control flow.
        names: the names of its inputs.
        result, gradient: the names of its result and of the derivative by it.
        column: bool. See `Writer`.
    """
    given: list[bool] = []

    def function(g: Tensor, y: Tensor, *operands: Tensor) -> list[Tensor]:
        found = TABLE[equation.primitive.name](equation.params, g, y, *operands)
        given.extend(d is not None for d in found)
        return [d for d in found if d is not None]

    out = equation.outputs[0].type
    program, captured = trace(function, [out, out, *(v.type for v in equation.inputs)], "rule")
    known = dict(zip(program.inputs, [gradient, result, *names, *(words("constants") for _ in captured)], strict=True))
    writer = Writer(known, column, program)
    terms = iter([writer.term(v) for v in program.outputs])
    return [next(terms) if has else None for has in given]

