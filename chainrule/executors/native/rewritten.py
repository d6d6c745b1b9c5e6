"""What an equation is replaced by before it is compiled, where the same result takes less work another way."""

from __future__ import annotations

from collections.abc import Iterator

from ...ir import Equation
from .depthwise import written_out
from .phases import in_phases

WAYS = (written_out, in_phases)


def rewritten(e: Equation) -> Iterator[Equation]:
    """The equations that are compiled for an equation; mostly that one."""
    for way in WAYS:
        parts = way(e)
        if len(parts) > 1:
            for part in parts:
                yield from rewritten(part)
            return
    yield e
