"""What the three ways to write a formula share: brackets, sums, products, and what stands between terms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from .symbols import SIGNS, dotted
from .terms import Term, binding


@dataclass(frozen=True)
class Printer:
    """Writes formulas; a way to write is one of these with its table.

    Args:
        writers: dict of kind of term to what writes its parts. Sums, products and relations need no row.
        between: dict. What is written for "+", "-", "dot" (a product of numbers), "nothing" (other products), "odot".
        row: function of the parts of a row.
        bracketed: function of a text.
        number: function of a float that is not negative.
        place: int, 0 or 1. Which spelling of `SIGNS` it is.
        relation: function of such a sign: how it stands between two sides.
        first: int. How strongly the first factor of a product must bind.
        factor: function of a factor and its text, for what else asks for brackets.
    """

    writers: dict[str, Callable[..., str]]
    between: dict[str, str]
    row: Callable[..., str]
    bracketed: Callable[[str], str]
    number: Callable[[float], str]
    place: int = 0
    relation: Callable[[str], str] = " {} ".format
    first: int = 2
    factor: Callable[[Term, str], str] = lambda term, text: text

    def __call__(self, term: Term, least: int = 0) -> str:
        """The formula, in brackets if it binds less than `least`."""
        shared = _SHARED.get(term.kind)
        text = self.writers[term.kind](*term.parts) if shared is None else shared(self, *term.parts)
        return self.bracketed(text) if binding(term) < least else text

    def joined(self, sign: str, terms: tuple[Term, ...], least: int = 0) -> str:
        """The terms with the sign between them."""
        parts = [self(terms[0], least)]
        for term in terms[1:]:
            parts += [sign, self(term, least)]
        return self.row(*parts)

    def sum(self, *terms: Term) -> str:
        """`a + b - c`."""
        parts = [self(terms[0], 1)]
        for term in terms[1:]:
            if term.kind == "negative":
                parts += [self.between["-"], self(term.parts[0], 2)]
            elif term.kind == "number" and term.parts[0] < 0:
                parts += [self.between["-"], self.number(-term.parts[0])]
            else:
                parts += [self.between["+"], self(term, 1)]
        return self.row(*parts)

    def times(self, *factors: Term) -> str:
        """`2 a b`, with a dot where two numbers would touch."""
        parts = [self.factor(factors[0], self(factors[0], self.first))]
        for before, factor in pairwise(factors):
            sign = self.between["dot" if dotted(before, factor) else "nothing"]
            is_sum = factor.kind == "total"
            parts += [sign, self(factor) if is_sum else self.factor(factor, self(factor, 3))]
        return self.row(*parts)

    def hadamard(self, *factors: Term) -> str:
        """Element by element."""
        return self.joined(self.between["odot"], factors, 3)

    def related(self, sign: str, *sides: Term) -> str:
        """`a = b`."""
        return self.joined(self.relation(SIGNS[sign][self.place]), sides)


_SHARED: dict[str, Callable[..., str]] = {
    "sum": Printer.sum, "times": Printer.times, "hadamard": Printer.hadamard, "relation": Printer.related,
}  # fmt: skip
