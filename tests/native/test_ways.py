"""Convolutions that are compiled as something else: the same results, and that it happens where it should."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from chainrule.executors.native.nodes import graph_of
from chainrule.ir import Program, TensorType, trace
from chainrule.primitives import conv

from .compare import assert_close, run_both
from .noise import assert_close_but_for_noise


def program_of(x: Sequence[int], w: Sequence[int], **params: Any) -> Program:
    types = [TensorType("float64", tuple(x)), TensorType("float64", tuple(w))]
    return trace(lambda a, b: [conv(a, b, **params)], types, "convolution")[0]


def compiled_for(program: Program) -> list[str]:
    """The names of what computes in the place of a Program's equations."""
    return [node.name for node in graph_of(program).nodes if node.name != "copy"]


def shapes() -> list[tuple[int, ...]]:
    """spread, window, padding before and after, elements"""
    return list(itertools.product((2, 3), (1, 2, 3, 5), (-1, 0, 1, 2, 4), (0, 1, 3), (1, 4, 5)))


@pytest.mark.parametrize("case", shapes()[::7], ids=str)
def test_spread_operands_without_their_zeros(case: tuple[int, ...]) -> None:
    spread, window, low, high, size = case
    program = program_of(
        (2, 3, size, 3, 4), (2, window, 2, 4, 5),
        strides=(1, 1), padding=((low, high), (1, 1)), spread=(spread, 2),
    )  # fmt: skip
    random = np.random.default_rng(0)
    inputs = [random.standard_normal(v.type.shape) for v in program.inputs]
    found, meant = run_both(program, inputs)
    assert_close(found, meant, 64)


@pytest.mark.parametrize(
    ("spread", "products"),
    [((2, 2), 4), ((3, 1), 3), ((1, 1), 0), ((9, 9), 0)],
    ids=["a product a phase", "along one axis", "nothing is spread", "too many phases"],
)
def test_a_convolution_a_phase(spread: tuple[int, int], products: int) -> None:
    program = program_of((1, 2, 4, 4, 3), (1, 3, 3, 3, 5), strides=(1, 1), padding=((2, 2), (2, 2)), spread=spread)
    names = compiled_for(program)
    assert names.count("conv") == max(1, products)
    assert len(names) > 1 or not products


def test_a_phase_without_a_place_in_the_window_is_zero() -> None:
    program = program_of((1, 2, 4, 4, 3), (1, 1, 1, 3, 5), strides=(1, 1), padding=((0, 1), (0, 1)), spread=(2, 2))
    assert compiled_for(program).count("conv") == 1


def test_strides_and_spread_together_stay() -> None:
    program = program_of((1, 2, 9, 3), (1, 3, 3, 5), strides=(2,), padding=((1, 1),), spread=(3,))
    assert compiled_for(program) == ["pad", "conv"]


def test_channels_with_kernels_of_their_own_become_sums() -> None:
    program = program_of((8, 2, 5, 5, 1), (8, 3, 3, 1, 1), strides=(2, 2), padding=((1, 1), (1, 1)))
    assert "conv" not in compiled_for(program)


def test_zeros_between_elements_are_all_that_is_not_multiplied() -> None:
    """An infinite element of the kernel: NaN where it meets a zero of x or of the padding, and nowhere else."""
    program = program_of((1, 1, 4, 1), (1, 3, 1, 1), strides=(1,), padding=((2, 2),), spread=(2,))
    x, w = np.float64([1, 0, -3, 4]).reshape(1, 1, 4, 1), np.float64([2, 1, np.inf]).reshape(1, 3, 1, 1)
    (found,), meant = run_both(program, [x, w])
    np.testing.assert_array_equal(found.ravel(), [np.inf, 1, np.nan, 0, -np.inf, -3, np.inf, 4, np.nan])
    assert_close_but_for_noise(program, [x, w], [found], meant)
    for place, wrong in ((0, 3), (1, np.nan), (2, 0), (3, np.inf), (8, 8)):
        changed = found.copy()
        changed.ravel()[place] = wrong
        with pytest.raises(AssertionError):
            assert_close_but_for_noise(program, [x, w], [changed], meant)
