"""Random Programs: native as the reference."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from chainrule.ir import Program

from ..core.random_programs import arrays_for, cases, settings_for
from .compare import assert_close, run_both


@settings_for(150)
@given(cases())
def test_native_agrees_with_the_reference(case: tuple[Program, int]) -> None:
    program, seed = case
    with np.errstate(all="ignore"):
        assert_close(*run_both(program, arrays_for(program, seed)), ulps=64)  # several equations, each with its own
