"""One table of samples per primitive; it drives the tests of type rules, meaning, errors, gradients and executors.

>>> sorted(SAMPLES) == sorted(PRIMITIVES)
True
"""

from chainrule.primitives import PRIMITIVES

from . import contraction, control, creation, elementwise, indexing, movement, ordering, reduction, window
from .entry import Bad, Entry, Sample

SAMPLES: dict[str, Entry] = {
    **elementwise.SAMPLES,
    **creation.SAMPLES,
    **movement.SAMPLES,
    **reduction.SAMPLES,
    **contraction.SAMPLES,
    **indexing.SAMPLES,
    **ordering.SAMPLES,
    **window.SAMPLES,
    **control.SAMPLES,
}

__all__ = ["PRIMITIVES", "SAMPLES", "Bad", "Entry", "Sample"]
