"""CHAINRULE_DUMP shows every stage; without it nothing is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule.executors.native import compile_program
from chainrule.ir import parse_program

TEXT = (
    "program twice(%0: float32[40]) -> (float32[40]) { "
    "%1: float32[40] = exp(%0) %2: float32[40] = add(%1, %1) return %2 }"
)


def test_the_stages_of_a_compilation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_DUMP", str(tmp_path))
    run = compile_program(parse_program(TEXT))
    np.testing.assert_array_equal(run([np.zeros(40, "float32")])[0], 2)
    found = {p.name.split(".", 1)[1]: p.read_text() for p in tmp_path.glob("native_*")}
    assert sorted(found) == ["1_plan.txt", "2_made.ll", "3_optimized.ll", "4_code.s"]
    assert "exp(" in found["1_plan.txt"] and "+ " in found["1_plan.txt"]  # the two equations are one loop
    assert "define i32 @run" in found["2_made.ll"]
    assert "x float>" in found["3_optimized.ll"]  # exp is vectorised
