"""The pipeline: verification after each pass, dumped stages, places of origin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule import primitives as P
from chainrule.errors import FileError, ProgramError
from chainrule.ir import Program, TensorType, Var, layer_scope, parse_program, trace
from chainrule.passes import PASSES, optimize, pipeline

T = TensorType("float32", (2, 3))
WASTE = parse_program(
    'program "my model/step"(%0: float32[]) -> (float32[]) {'
    " %1: float32[] = exp(%0) %2: float32[] = exp(%0) %3: float32[] = neg(%2) %4: float32[] = neg(%3) return %4 }"
)


def broken(program: Program) -> Program:
    return program.replace(outputs=(Var(T),))


def test_check_2_verifies_after_each_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "PASSES", (*PASSES, broken))
    monkeypatch.setenv("CHAINRULE_CHECK", "2")
    with pytest.raises(ProgramError, match="after the pass 'broken': V4"):
        optimize(WASTE)
    monkeypatch.setenv("CHAINRULE_CHECK", "1")
    monkeypatch.setattr(pipeline, "_ROUNDS", 1)
    assert optimize(WASTE).output_types == (T,)


def test_dump_writes_every_stage_as_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHAINRULE_DUMP", str(tmp_path / "stages"))
    found = optimize(WASTE)
    files = sorted((tmp_path / "stages").iterdir())
    stages = [f.name.partition("_my_model_step.")[2] for f in files]
    assert stages[0] == "00_input.txt" and {"01_simplify.txt", "02_cse.txt", "03_dce.txt"} <= set(stages)
    assert str(parse_program(files[0].read_text())) == str(WASTE)
    assert str(parse_program(files[-1].read_text())) == str(found)
    optimize(WASTE)  # another compilation has another number
    assert len(list((tmp_path / "stages").iterdir())) == 2 * len(files)


def test_dump_into_something_that_is_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAINRULE_DUMP", str(tmp_path / "file"))
    with pytest.raises(FileError, match=r"CHAINRULE_DUMP: expected a folder to write to; got .*file"):
        optimize(WASTE)


def test_what_stands_for_an_equation_comes_from_where_it_came_from() -> None:
    def function(x: object) -> list:
        with layer_scope("shift"):
            y = P.neg(x)
        with layer_scope("dense"):
            z = P.add(y, x)  # becomes x - x
        with layer_scope("scale"):
            two = P.add(np.float32([[1, 1, 1]] * 2), np.float32([[1, 1, 1]] * 2))  # becomes a constant
            return [P.mul(z, two)]

    program, _ = trace(function, [T], "f")
    found = [(e.primitive.name, e.where.layer) for e in optimize(program).equations]
    assert found == [("sub", "dense"), ("constant", "scale"), ("mul", "scale")]


def test_deep_programs_settle_in_few_rounds() -> None:
    def function(x: object) -> list:
        for _ in range(60):
            x = P.neg(P.transpose(P.neg(P.reshape(x, shape=x.shape)), axes=(1, 0)))  # type: ignore[attr-defined]
        return [x]

    program, _ = trace(function, [T], "f")
    assert optimize(program).equations == ()
