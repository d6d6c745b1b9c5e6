"""Every primitive at every sample: native as the reference."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.executors.native import compile_program
from chainrule.ir import PRIMITIVES, trace, type_of

from ..core.compare import program_of, types_of
from ..core.samples import SAMPLES
from .compare import assert_close, run_both

NAMES = sorted(PRIMITIVES)
# The C library's or NumPy's function and ours each stay within their own bound; these are the sums of both.
ULPS = {"exp": 3, "expm1": 3, "log": 3, "log1p": 3, "tanh": 3, "sigmoid": 4, "erf": 2, "erf_inv": 16, "pow": 4,
        "sin": 2, "cos": 2, "atan2": 2, "mod": 1, "floordiv": 0}  # fmt: skip
SUMS = ("reduce_sum", "reduce_prod", "dot_general", "conv", "window_sum", "cumsum", "cumprod", "loop", "cond",
        "scatter_add")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_native_agrees_with_the_reference(name: str) -> None:
    ulps = ULPS.get(name, 8 if name in SUMS else 0)
    with np.errstate(all="ignore"):
        for s in SAMPLES[name].good:
            program = program_of(name, s.canonical(name), types_of(s.operands))
            assert_close(*run_both(program, s.operands), ulps)


@pytest.mark.parametrize("name", [n for n in NAMES if any(b.when_run for b in SAMPLES[n].bad)])
def test_indices_out_of_range_are_refused(name: str) -> None:
    for b in SAMPLES[name].bad:
        if b.when_run:
            types = [type_of(o) for o in b.operands]
            program, _ = trace(lambda *ts, b=b: _tuple(PRIMITIVES[name](*ts, **b.params)), types)
            with pytest.raises(b.error, match=b.rule):
                compile_program(program)(b.operands)
            run_both(program, b.operands)


def _tuple(result: object) -> tuple:
    return result if isinstance(result, tuple) else (result,)
