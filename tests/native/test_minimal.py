"""Convolutions with fewer multiplications: which they are, and how near the results are to what is meant."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from chainrule import config, ops
from chainrule import primitives as P
from chainrule.autodiff import reverse
from chainrule.executors.native import compile_program
from chainrule.executors.native.filters import POINTS, Factors, filter_with
from chainrule.executors.native.living import living
from chainrule.executors.native.plan import plan_program
from chainrule.ir import Program, TensorType, evaluate, trace

from .sharing import run_with_threads

_NEAR = 3.0  # times the error of the direct convolution, over all results


class Case(NamedTuple):
    """A convolution of (groups, batch, *space, channels), and what becomes of it and of its gradients."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    strides: tuple[int, ...] = ()
    dilation: tuple[int, ...] = ()

    def layer(self, x: Any, w: Any) -> list[Any]:
        ones = (1,) * len(self.padding)
        strides, dilation = self.strides or ones, self.dilation or ones
        return [P.conv(x, w, strides=strides, padding=self.padding, dilation=dilation)]

    def program(self, dtype: str = "float32") -> Program:
        return trace(self.layer, [TensorType(dtype, self.x), TensorType(dtype, self.w)], "layer")[0]

    def gradients(self, dtype: str = "float32") -> Program:
        """By the image and by the kernel, of the results times numbers that are given."""
        both = reverse(self.program(dtype), [0, 1])
        return both.replace(outputs=both.outputs[1:])


IMAGES = {
    "valid": Case((1, 16, 13, 13, 32), (1, 3, 3, 32, 64), ((0, 0), (0, 0))),
    "same": Case((1, 8, 17, 19, 32), (1, 3, 3, 32, 32), ((1, 1), (1, 1))),
    "full": Case((1, 8, 11, 11, 64), (1, 3, 3, 64, 32), ((2, 2), (2, 2))),
    "uneven": Case((1, 8, 15, 14, 32), (1, 3, 4, 32, 32), ((0, 1), (1, 2))),
    "groups": Case((4, 8, 9, 10, 16), (4, 3, 3, 16, 16), ((1, 1), (1, 1))),
    "five": Case((1, 8, 14, 21, 16), (1, 5, 5, 16, 32), ((2, 2), (2, 2))),
    "two": Case((1, 8, 14, 21, 32), (1, 2, 2, 32, 32), ((0, 1), (0, 1))),
    "one image": Case((1, 1, 32, 31, 32), (1, 3, 3, 32, 32), ((1, 1), (1, 1))),
    "a line": Case((1, 16, 61, 64), (1, 3, 64, 48), ((2, 0),)),
    "volumes": Case((1, 8, 5, 6, 12, 16), (1, 3, 2, 3, 16, 32), ((1, 1), (0, 0), (1, 1))),
    "steps": Case((1, 8, 23, 18, 32), (1, 3, 3, 32, 32), ((1, 1), (1, 1)), strides=(2, 1), dilation=(2, 1)),
    "one row": Case((1, 32, 1, 40, 64), (1, 1, 3, 64, 64), ((0, 0), (1, 1))),
    "cut off": Case((1, 8, 17, 19, 32), (1, 3, 3, 32, 32), ((1, 1), (-1, 1))),
}
AS_THEY_ARE = {
    "steps along the row": Case((1, 8, 17, 19, 32), (1, 3, 3, 32, 32), ((1, 1), (1, 1)), strides=(1, 2)),
    "spread taps": Case((1, 8, 17, 19, 32), (1, 3, 3, 32, 32), ((1, 1), (1, 1)), dilation=(1, 2)),
    "few channels": Case((1, 8, 28, 28, 8), (1, 3, 3, 8, 64), ((1, 1), (1, 1))),
    "few filters": Case((1, 8, 28, 28, 32), (1, 3, 3, 32, 8), ((1, 1), (1, 1))),
    "parts of vectors": Case((1, 8, 28, 28, 33), (1, 3, 3, 33, 35), ((1, 1), (1, 1))),
    "one tap": Case((1, 8, 28, 28, 32), (1, 1, 1, 32, 64), ((0, 0), (0, 0))),
    "short rows": Case((1, 8, 28, 3, 32), (1, 3, 3, 32, 64), ((0, 0), (0, 0))),
    "hardly any work": Case((1, 8, 8, 8, 16), (1, 3, 3, 16, 16), ((1, 1), (1, 1))),
}


@pytest.fixture(autouse=True)
def minimal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAINRULE_FILTERS", raising=False)


def steps(program: Program) -> list[str]:
    return [node.name for step in plan_program(living(program)).steps for node in step.cluster.nodes]


def operands(program: Program, seed: int = 0) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.standard_normal(t.shape).astype("float32") for t in program.input_types]


def error(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.sqrt(np.mean((found - exact) ** 2)))


def check(program: Program, exact: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the direct convolution, both against float64."""
    arrays = operands(program)
    meant = evaluate(exact, [a.astype("float64") for a in arrays])
    found = run_with_threads(program, arrays, forced=True)
    monkeypatch.setenv("CHAINRULE_FILTERS", "direct")
    direct = compile_program(program)(arrays)
    for a, b, wanted in zip(found, direct, meant, strict=True):
        assert a.shape == wanted.shape
        assert error(a, wanted) <= _NEAR * error(b, wanted) + 1e-12


class TestFilters:
    @pytest.mark.parametrize("taps", range(2, POINTS))
    def test_they_are_exact(self, taps: int) -> None:
        f, random = filter_with(taps=taps), np.random.default_rng(taps)
        kernel, tile = random.standard_normal(taps), random.standard_normal(POINTS)
        found = applied(f.result, applied(f.kernel, kernel) * applied(f.image, tile))
        np.testing.assert_allclose(found, np.correlate(tile, kernel, "valid"), rtol=1e-12, atol=1e-13)

    @pytest.mark.parametrize("taps", range(2, POINTS))
    def test_numbers_of_tiles_and_results_are_exact_in_float32(self, taps: int) -> None:
        f = filter_with(taps=taps)
        numbers = [c for matrix in (*f.image, *f.result) for row in matrix for c in row]
        assert all(float(np.float32(float(c))) == c for c in numbers)


def applied(factors: Factors, values: np.ndarray) -> np.ndarray:
    for matrix in factors:
        values = np.array(matrix, dtype="float64") @ values
    return values


class TestLayers:
    @pytest.mark.parametrize("name", IMAGES)
    def test_near_the_direct_convolution(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        case = IMAGES[name]
        assert "filtered_conv" in steps(case.program())
        check(case.program(), case.program("float64"), monkeypatch)

    @pytest.mark.parametrize("name", AS_THEY_ARE)
    def test_others_stay_as_they_are(self, name: str) -> None:
        assert not {"split", "filtered_conv", "join"} & set(steps(AS_THEY_ARE[name].program()))

    def test_float64_stays_as_it_is(self) -> None:
        assert "filtered_conv" not in steps(IMAGES["same"].program("float64"))

    def test_one_can_ask_for_direct_convolutions(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CHAINRULE_FILTERS", "direct")
        assert "filtered_conv" not in steps(IMAGES["same"].program())

    def test_channels_first_are_right(self) -> None:
        """Rows of channels that lie apart are multiplied as they are."""
        x, w = operands(IMAGES["same"].program())
        function = lambda x, w: [ops.conv(x, w, padding="same", data_format="channels_first")]  # noqa: E731
        image = np.ascontiguousarray(np.moveaxis(x[0], -1, 1))
        program = trace(function, [TensorType("float32", a.shape) for a in (image, w[0])], "first")[0]
        found = np.moveaxis(compile_program(program)([image, w[0]])[0], 1, -1)
        meant = evaluate(IMAGES["same"].program("float64"), [x.astype("float64"), w.astype("float64")])[0][0]
        np.testing.assert_allclose(found, meant, rtol=1e-4, atol=1e-4)


GRADIENTS = ["valid", "same", "uneven", "groups", "five", "a line", "volumes", "steps"]


class TestGradients:
    @pytest.mark.parametrize("name", GRADIENTS)
    def test_near_the_direct_convolutions(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        case = IMAGES[name]
        found = steps(case.gradients())
        assert found.count("join") == 1  # by the kernel
        if name != "steps":
            assert found.count("filtered_conv") == 1  # by the image
        check(case.gradients(), case.gradients("float64"), monkeypatch)


class TestEndings:
    def test_bias_and_relu_are_part_of_the_join(self) -> None:
        case = IMAGES["same"]

        def function(x: Any, w: Any, b: Any) -> list[Any]:
            z = case.layer(x, w)[0] + b
            return [ops.relu(z), z > 0.0]

        types = [*case.program().input_types, TensorType("float32", (32,))]
        program = trace(function, types, "ended")[0]
        clusters = [step.cluster for step in plan_program(program).steps]
        assert len(clusters) == 2  # split, and all the rest
        assert [node.name for node in clusters[1].nodes][:2] == ["filtered_conv", "add"]
        arrays = operands(program)
        plain = compile_program(case.program())(arrays[:2])[0] + arrays[2]
        for found, wanted in zip(compile_program(program)(arrays), (np.maximum(plain, 0), plain > 0), strict=True):
            np.testing.assert_array_equal(found, wanted)


class TestNumbersThatAreNone:
    """One that is not finite reaches the results of its tile, and of the one that overlaps with it; no others."""

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_they_stay_near(self, value: float) -> None:
        x, w = operands(IMAGES["valid"].program())
        run = compile_program(IMAGES["valid"].program())
        before = run([x, w])[0]
        x[0, 5, 6, 6, 3] = value
        after = run([x, w])[0]
        touched = ~np.isfinite(after)
        assert touched[0, 5, 4:7, 4:7].all()  # as by any convolution
        touched[0, 5, 4:7, 4:8] = False  # the tile of results 4 to 7
        assert not touched.any()
        same = np.ones(before.shape, bool)
        same[0, 5, 4:7, 4:8] = False
        np.testing.assert_array_equal(before[same], after[same])

    def test_zero_is_exact(self) -> None:
        x, w = operands(IMAGES["same"].program())
        assert not np.any(compile_program(IMAGES["same"].program())([0 * x, w])[0])


def test_the_switch_is_part_of_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Code that was kept for one kind is not taken for the other."""
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))
    program = IMAGES["same"].program()
    arrays = operands(program)
    found: list[np.ndarray] = []
    for way in ("minimal", "direct", "minimal"):
        monkeypatch.setenv("CHAINRULE_FILTERS", way)
        assert config.filters_minimally() == (way == "minimal")
        found += compile_program(program)(arrays)
    assert found[0].tobytes() == found[2].tobytes() != found[1].tobytes()
