"""Reference and native executor side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.errors import IndexRangeError
from chainrule.executors import reference
from chainrule.executors.native import compile_program
from chainrule.ir import Program, finfo, kind_of, type_of
from tests.core.compare import widened


def run_both(program: Program, arrays: Sequence[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """(native, reference) results; an index out of range must give the same message on both, and no results."""
    native = compile_program(program)
    try:
        meant = reference.compile_program(program)(arrays)
    except IndexRangeError as error:
        try:
            native(arrays)
        except IndexRangeError as other:
            assert str(other) == str(error)
            return [], []
        raise
    found = native(arrays)
    again = native(arrays)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(found, again, strict=True)), "not the same bits twice"
    return found, meant


def assert_close(found: Sequence[np.ndarray], meant: Sequence[np.ndarray], ulps: float) -> None:
    """Types, integers to the bit, floats within some units in the last place of the largest finite number."""
    assert [type_of(a) for a in found] == [type_of(a) for a in meant]
    for a, b in zip(found, meant, strict=True):
        if kind_of(a.dtype) != "f":
            np.testing.assert_array_equal(a, b)
            continue
        info = finfo(a.dtype.name)
        a, b = widened([a, b])
        size = float(np.max(np.abs(b), initial=0, where=np.isfinite(b)))
        step = max(float(info.eps) * min(size, 1.0), float(info.smallest_subnormal))
        np.testing.assert_allclose(a, b, rtol=ulps * float(info.eps), atol=ulps * step, equal_nan=True)
