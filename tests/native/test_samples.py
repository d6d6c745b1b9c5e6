"""Every primitive at every sample, as it is and enlarged: native as the reference, with any number of threads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from chainrule.executors import reference
from chainrule.executors.native import compile_program
from chainrule.ir import PRIMITIVES, kind_of, trace, type_of

from ..core.compare import program_of, types_of
from ..core.random_programs import EXAMPLES
from ..core.samples import SAMPLES, Sample
from .compare import assert_close, run_both
from .enlarge import AS_THEY_ARE, ENLARGE, enlarged
from .noise import assert_close_but_for_noise
from .sharing import is_shared, run_with_threads

NAMES = sorted(PRIMITIVES)
# The C library's or NumPy's function and ours each stay within their own bound; these are the sums of both.
ULPS = {"exp": 3, "expm1": 3, "log": 3, "log1p": 3, "tanh": 3, "sigmoid": 4, "erf": 2, "erf_inv": 16, "pow": 4,
        "sin": 2, "cos": 2, "atan2": 2, "mod": 1, "floordiv": 0}  # fmt: skip
SUMS = ("reduce_sum", "reduce_prod", "dot_general", "conv", "window_sum", "cumsum", "cumprod", "loop", "cond",
        "scatter_add")  # fmt: skip

_SEVERAL, _MANY = 2000, 600_000  # elements
NOT_SHARED = {"dynamic_update_slice", "scatter", "scatter_add"}  # short rows: the updates of a row come in order


@pytest.mark.parametrize("name", NAMES)
def test_native_agrees_with_the_reference(name: str) -> None:
    ulps = ULPS.get(name, 8 if name in SUMS else 0)
    with np.errstate(all="ignore"):
        for s in SAMPLES[name].good:
            program = program_of(name, s.canonical(name), types_of(s.operands))
            assert_close(*run_both(program, s.operands), ulps)


def check_threads(name: str, s: Sample, forced: bool) -> None:
    program = program_of(name, s.canonical(name), types_of(s.operands))
    meant = reference.compile_program(program)(s.operands)
    found = run_with_threads(program, s.operands, forced)
    assert_close_but_for_noise(program, s.operands, found, meant)


def test_every_primitive_can_be_enlarged() -> None:
    assert set(ENLARGE) | AS_THEY_ARE == set(NAMES)


def some_of(name: str) -> Sequence[Sample]:
    """A large sample of floats, one of integers and one of bool; all of them while CHAINRULE_FUZZ is set."""
    if EXAMPLES:
        return SAMPLES[name].good
    by_kind: dict[str, Sample] = {}
    for s in sorted(SAMPLES[name].good, key=lambda s: sum(o.size for o in s.operands)):
        by_kind[kind_of(s.operands[0].dtype).replace("u", "i") if s.operands else ""] = s
    return list(by_kind.values())


@pytest.mark.parametrize("name", NAMES)
def test_threads_share_samples(name: str) -> None:
    """As they are, and with enough elements for every thread to have several rounds of the loops."""
    for s in some_of(name):
        larger = None if name in AS_THEY_ARE else enlarged(name, s, _SEVERAL)
        if larger:
            check_threads(name, larger, forced=True)
        if EXAMPLES or not larger:
            check_threads(name, s, forced=True)


@pytest.mark.parametrize("name", sorted(ENLARGE))
def test_threads_share_large_samples(name: str) -> None:
    """So large that they are shared anyway."""
    found = [enlarged(name, s, _MANY) for s in some_of(name)]
    large = max(filter(None, found), key=lambda s: sum(o.size for o in s.operands))
    check_threads(name, large, forced=False)
    program = program_of(name, large.canonical(name), types_of(large.operands))
    assert is_shared(program) or name in NOT_SHARED


@pytest.mark.parametrize("name", [n for n, entry in sorted(SAMPLES.items()) if any(b.when_run for b in entry.bad)])
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
