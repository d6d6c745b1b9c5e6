"""Modules cut into units, compiled apart; and object code laid out as an image."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

import chainrule.primitives  # noqa: F401  # Programs are made of them
from chainrule import config
from chainrule.executors.native import compile_program, image, machine, units
from chainrule.executors.native.driver import Driver
from chainrule.executors.native.plan import plan_program
from chainrule.executors.native.units import compile_unit, compile_units, cut
from chainrule.ir import parse_program

TEXT = """program f(%0: float32[64,48], %1: float32[48,32], %2: float64[9]) -> (float32[64,32], float64[9]) {
  %3: float32[64,32] = dot_general(%0, %1) {batch=((), ()), contract=((1,), (0,))}
  %4: float32[64,32] = tanh(%3) %5: float64[9] = sin(%2) return %4, %5 }"""


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CHAINRULE_CACHE", "off")
    units._known.clear()
    yield
    units._known.clear()


def module(text: str = TEXT) -> str:
    return Driver(plan_program(parse_program(text))).text()


def test_every_kernel_is_a_unit_and_run_calls_them_by_their_text() -> None:
    text = module()
    found = cut(text)
    assert len(found) == 1 + len(re.findall("^define internal .*@kernel", text, re.MULTILINE))
    *kernels, run = found
    names = [re.search(r"^define .*@(\w+)\(", unit.text)[1] for unit in kernels]  # type: ignore[index]
    assert len(set(names)) == len(names)
    for name in names:
        assert f"declare void @{name}(" in run.text and f"call void @{name}(" in run.text
    assert "define i32 @run(" in run.text and "internal" not in "".join(unit.text for unit in kernels)


def test_a_kernel_is_the_same_unit_in_every_module() -> None:
    other = TEXT.replace("return %4, %5", "%6: float64[9] = neg(%5) return %4, %6")
    shared = {unit.text for unit in cut(module())} & {unit.text for unit in cut(module(other))}
    assert any("@sin" not in text and "@run" not in text for text in shared)


def test_what_is_written_in_vectors_skips_the_passes() -> None:
    product = TEXT.replace("%4: float32[64,32] = tanh(%3) ", "").replace("return %4, %5", "return %3, %5")
    found = {re.search(r"llvm.fma.v|@sin\(|@run\(", unit.text)[0]: unit.passes for unit in cut(module(product))}  # type: ignore[index]
    assert found == {"llvm.fma.v": "registers", "@sin(": "all", "@run(": "registers"}


def test_run_is_compiled_in_a_hurry_and_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(dtype) for shape, dtype in
              (((64, 48), "float32"), ((48, 32), "float32"), (9, "float64"))]  # fmt: skip
    found = compile_program(parse_program(TEXT))(arrays)
    assert [unit.in_a_hurry for unit in cut(module())] == [False] * (len(cut(module())) - 1) + [True]
    levels = []
    monkeypatch.setattr(units, "target", lambda level=3: levels.append(level) or machine.target(3))
    units._known.clear()
    np.testing.assert_equal(compile_program(parse_program(TEXT))(arrays), found)
    assert 0 in levels


def test_one_thread_or_several_make_the_same_code() -> None:
    found = cut(module())
    codes = []
    for threads in (1, 3):
        units._known.clear()
        config.set_threads(threads)
        try:
            codes.append(compile_units(found))
        finally:
            config.set_threads(None)
    assert codes[0] == codes[1]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_a_unit_is_raised(threads: int) -> None:
    config.set_threads(threads)
    try:
        with pytest.raises(RuntimeError, match="expected"):
            compile_units([*cut(module()), units.Unit("define nonsense")])
    finally:
        config.set_threads(None)


def test_without_llvmlites_inside_the_lock_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """`_cfn` is a detail of llvmlite; where it is gone the function itself is called."""
    found = cut(module())
    expected = [compile_unit(unit).code for unit in found]
    from llvmlite.binding import ffi

    monkeypatch.setattr(units, "_unlocked", lambda name: getattr(ffi.lib, name))
    assert [compile_unit(unit).code for unit in found] == expected


def test_images_are_made_of_known_things_alone() -> None:
    objects = compile_units(cut(module()))
    made = image.lay_out(objects)
    if objects[0][:4] != b"\x7fELF" or objects[0][18:20] != b"\x3e\x00":
        assert made is None
        pytest.skip("no ELF for x86-64")
    assert made is not None and "sin" in {name for _, name in made.slots}
    assert image.lay_out([b""]) is None
    assert image.lay_out([b"\x7fELF" + bytes(100)]) is None
    assert image.lay_out([code[:-40] for code in objects]) is None
    unknown = [code.replace(b"\0sin\0", b"\0sim\0") for code in objects]
    assert image.lay_out(unknown) is None  # a function that code may not call


def test_an_image_is_the_same_each_time() -> None:
    objects = compile_units(cut(module()))
    assert image.lay_out(objects) == image.lay_out(objects)
    np.testing.assert_equal(objects, compile_units(cut(module())))
