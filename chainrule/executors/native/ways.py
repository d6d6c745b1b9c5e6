"""The ways in which an equation is compiled: as it is, or as others that do the same with less work.

A way is asked with an equation and how its operands lie in memory. It answers with the equations that take its place,
or with none if it is not for this one. The first that answers is taken, and the same is asked for what it answered; so
a way may leave to others what it need not know. All that comes behind (`nodes.py`) sees only the end of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...ir import Equation
from .depthwise import as_shifted_sums
from .minimal import with_minimal_filters
from .pairs import in_pairs
from .phases import in_phases
from .sources import Source
from .widening import in_float32
from .window import framed

Way = Callable[[Equation, Sequence[Source]], Sequence[Equation]]

WAYS: dict[str, tuple[Way, ...]] = {
    "dot_general": (
        in_pairs,  # bfloat16, where the processor has instructions for it
        in_float32,  # numbers of 16 bits: a product of float32 between conversions
    ),
    "conv": (
        in_float32,
        as_shifted_sums,  # every channel has a kernel of its own: no products, shifted images are added
        in_phases,  # zeros between the elements of the operand: products without them
        with_minimal_filters,  # narrow windows over many channels: fewer multiplications
        framed,  # padding that cannot be made real image by image: a step before
    ),
}


def another_way(e: Equation, operands: Sequence[Source]) -> Sequence[Equation]:
    """The equations that are compiled in the place of one; none if it is compiled as it is."""
    for way in WAYS.get(e.primitive.name, ()):
        found = way(e, operands)
        if found:
            return found
    return ()
