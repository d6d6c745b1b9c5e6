"""Random Programs: native as the reference, with any number of threads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given

from chainrule.ir import Program

from ..core.maker import LARGE
from ..core.random_programs import arrays_for, cases, kept_when_failing, read_corpus, settings_for
from .compare import run_both
from .noise import assert_close_but_for_noise
from .sharing import run_with_threads


def check_native(program: Program, arrays: Sequence[np.ndarray]) -> None:
    with np.errstate(all="ignore"):
        found, meant = run_both(program, arrays)
        assert_close_but_for_noise(program, arrays, found, meant)


def check_threads(program: Program, arrays: Sequence[np.ndarray], forced: bool = True) -> None:
    with np.errstate(all="ignore"):
        _, meant = run_both(program, arrays)
        found = run_with_threads(program, arrays, forced)
        assert_close_but_for_noise(program, arrays, found, meant)


def check_large(program: Program, arrays: Sequence[np.ndarray]) -> None:
    check_threads(program, arrays, forced=False)


CHECKS = {"native": check_native, "threads": check_threads, "large": check_large}


@settings_for(150)
@given(cases())
def test_native_agrees_with_the_reference(case: tuple[Program, int]) -> None:
    program, seed = case
    with kept_when_failing(program, seed, "native"):
        check_native(program, arrays_for(program, seed))


@settings_for(40)
@given(cases())
def test_threads_that_share_every_kernel(case: tuple[Program, int]) -> None:
    program, seed = case
    with kept_when_failing(program, seed, "threads"):
        check_threads(program, arrays_for(program, seed))


@settings_for(25)
@given(cases(scale=LARGE))
def test_large_values(case: tuple[Program, int]) -> None:
    program, seed = case
    with kept_when_failing(program, seed, "large"):
        check_large(program, arrays_for(program, seed))


@pytest.mark.parametrize("name", sorted(read_corpus()))
def test_corpus(name: str) -> None:
    program, seed, kind = read_corpus()[name]
    arrays = arrays_for(program, seed, kind == "smooth")
    check_threads(program, arrays)
    CHECKS.get(kind, check_native)(program, arrays)
