"""Products of 16-bit floats become products of float32 between conversions, so that they run in the fast tiles.

The sums of such a product are float32 anyway; the conversions are exact on the way in and round once on the way out.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import NARROW, Equation
from .sources import Source
from .writing import Writer


def in_float32(e: Equation, operands: Sequence[Source]) -> Sequence[Equation]:
    """The equations that do what a narrow product does; none for other dtypes."""
    dtype = e.outputs[0].type.dtype
    if dtype not in NARROW:
        return ()
    w = Writer(e)
    wide = [w.emit("convert", v, dtype="float32") for v in e.inputs]
    return w.finished(w.emit("convert", w.emit(e.primitive, *wide, **e.params), dtype=dtype))
