"""Other machines than this one: narrower vectors, another instruction set."""

from __future__ import annotations

import re

import llvmlite.binding as llvm
import numpy as np
import pytest

from chainrule.executors.native import machine, vectors
from chainrule.executors.native.driver import Driver
from chainrule.executors.native.plan import plan_program
from chainrule.ir import Program, parse_program

from .compare import assert_close, run_both

LAYER = """program layer(%0: float32[33,70], %1: float32[70,50], %2: float32[50]) -> (float32[33,50]) {
  %3: float32[33,50] = dot_general(%0, %1) {batch=((), ()), contract=((1,), (0,))}
  %4: float32[33,50] = broadcast(%2) {axes=(1,), shape=(33, 50)}
  %5: float32[33,50] = add(%3, %4) %6: float32[33,50] = tanh(%5) return %6 }"""
MACHINES = {"AVX2": machine.Machine(32, 16), "NEON": machine.Machine(16, 32), "SSE": machine.Machine(16, 16)}


@pytest.fixture
def layer() -> Program:
    return parse_program(LAYER)


@pytest.mark.parametrize("name", MACHINES)
def test_narrower_vectors_give_the_same(name: str, layer: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "machine", lambda: MACHINES[name])
    monkeypatch.setenv("CHAINRULE_CACHE", "off")  # which keeps code of the real machine
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(t.shape).astype(t.dtype) for t in layer.input_types]
    assert_close(*run_both(layer, arrays), ulps=64)  # 70 products, added in another order


TARGETS = {"aarch64-unknown-linux-gnu": "fmla", "x86_64-unknown-linux-gnu": "ymm"}  # what vector code looks like there


@pytest.mark.parametrize("triple", TARGETS)
def test_code_for_other_machines(triple: str, layer: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    neon = triple.startswith("aarch64")
    monkeypatch.setattr(vectors, "machine", lambda: MACHINES["NEON" if neon else "AVX2"])
    text = Driver(plan_program(layer)).text().replace('"min-legal-vector-width"="512"', "").replace('="512"', '="256"')
    text = text.replace('call void asm sideeffect "pause", ""()', "")  # an instruction of this machine
    machine.target()
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        host = llvm.Target.from_triple(triple).create_target_machine(
            cpu="generic" if neon else "haswell", opt=3, features=""
        )
    except RuntimeError:
        pytest.skip(f"this llvmlite was built without {triple}")
    code = llvm.parse_assembly(re.sub(".*asm sideeffect.*", "", text))  # no assembler for other machines here
    code.triple = triple
    assembly = host.emit_assembly(code)
    assert TARGETS[triple] in assembly
    assert "fmaf" not in assembly  # no vector is taken apart into calls
