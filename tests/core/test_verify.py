"""The verifier: each rule broken once, and what the message shows."""

from __future__ import annotations

import dataclasses

import pytest

from chainrule.errors import ProgramError
from chainrule.ir import PRIMITIVES, Equation, Params, Primitive, Program, TensorType, Var, verify

F = TensorType("float32", (2,))
I = TensorType("int32", (2,))


def equation(name: str, inputs: tuple[Var, ...], outputs: tuple[Var, ...], **params: object) -> Equation:
    return Equation(PRIMITIVES[name], inputs, Params(params), outputs)


def refused(program: Program, message: str) -> str:
    with pytest.raises(ProgramError, match=message) as caught:
        verify(program)
    return str(caught.value)


def test_a_good_program_comes_back_unchanged() -> None:
    x, y = Var(F), Var(F)
    program = Program("f", (x,), (equation("neg", (x,), (y,)),), (y, x, y))
    assert verify(program) is program


def test_v1_an_input_is_listed_twice() -> None:
    x = Var(F)
    refused(Program("f", (x, x), (), (x,)), "V1: program 'f' lists one input twice")


def test_v1_a_value_is_used_before_it_is_defined() -> None:
    x, y, z = Var(F), Var(F), Var(F)
    late = (equation("neg", (y,), (z,)), equation("neg", (x,), (y,)))
    refused(Program("f", (x,), late, (z,)), "V1: neg uses a value that is not defined before it")


def test_v1_a_value_is_defined_a_second_time() -> None:
    x, y = Var(F), Var(F)
    twice = (equation("neg", (x,), (y,)), equation("abs", (x,), (y,)))
    refused(Program("f", (x,), twice, (y,)), "V1: abs defines a value a second time")
    refused(Program("f", (x,), (equation("neg", (x,), (x,)),), (x,)), "V1: neg defines a value a second time")
    pair = equation("top_k", (x,), (y, y), k=2)
    refused(Program("f", (x,), (pair,), (y,)), "V1: top_k defines a value a second time")


def test_v2_a_result_has_another_type_than_the_type_rule_gives() -> None:
    x, y = Var(F), Var(I)
    message = r"V2: neg gives float32\[2\] by its type rule; the equation says int32\[2\]"
    refused(Program("f", (x,), (equation("neg", (x,), (y,)),), (y,)), message)


def test_v2_a_result_too_many_or_too_few() -> None:
    x, y, z = Var(F), Var(F), Var(F)
    refused(Program("f", (x,), (equation("neg", (x,), (y, z)),), (y,)), "V2")
    refused(Program("f", (x,), (equation("neg", (x,), ()),), ()), "V2")


def test_v2_operands_that_the_type_rule_refuses() -> None:
    x, w, y = Var(F), Var(I), Var(F)
    refused(Program("f", (x, w), (equation("add", (x, w), (y,)),), (y,)), "V2: add C2: expected operands of one dtype")


def test_v2_a_parameter_is_missing_or_an_operand_too_many() -> None:
    x, y = Var(F), Var(F)
    refused(Program("f", (x,), (equation("reverse", (x,), (y,)),), (y,)), "V2: the type rule of reverse.*'axes'")
    refused(Program("f", (x,), (equation("neg", (x, x), (y,)),), (y,)), "V2: the type rule of neg.*operands")
    refused(Program("f", (x,), (equation("add", (x,), (y,)),), (y,)), "V2: the type rule of add.*operands")


def test_v3_a_primitive_that_is_not_registered() -> None:
    x, y = Var(F), Var(F)
    stranger = Primitive("stranger", "elementwise", lambda p, x: x, lambda p, x: x, "")
    refused(Program("f", (x,), (Equation(stranger, (x,), Params(), (y,)),), (y,)), "V3: 'stranger'")
    double = dataclasses.replace(PRIMITIVES["neg"])  # of the same name, and not the registered one
    refused(Program("f", (x,), (Equation(double, (x,), Params(), (y,)),), (y,)), "V3: 'neg'")


def test_v4_an_output_is_never_defined() -> None:
    refused(Program("f", (Var(F),), (), (Var(F),)), "V4: an output of program 'f' is never defined")


def test_v5_a_sub_program_is_not_closed() -> None:
    choice, x, y = Var(TensorType("bool", ())), Var(F), Var(F)
    inner, result = Var(F), Var(F)
    keep = Program("keep", (inner,), (), (inner,))
    stray = Program("stray", (inner,), (equation("add", (inner, x), (result,)),), (result,))  # x is of the outer one
    branch = equation("cond", (choice, x), (y,), branches=(keep, stray))
    message = refused(Program("f", (choice, x), (branch,), (y,)), "V5: sub-program 'stray' of cond: V1: add uses")
    assert "in program 'stray'" in message and "in program 'f'" in message


def test_the_message_shows_the_equations_around_with_the_numbers_of_the_printed_program() -> None:
    x, w = Var(F), Var(F)
    values = [Var(F) for _ in range(9)]
    chain = [equation("neg", (w,), (values[0],))]
    chain += [equation("neg", (values[i],), (values[i + 1],)) for i in range(8)]
    chain[5] = equation("neg", (values[4],), (Var(I),))
    program = Program("f", (x, w), tuple(chain), (values[8],))
    shown = refused(program, "V2").splitlines()[1:]
    assert shown[0] == "in program 'f':"
    assert shown[1:] == [
        "    %4: float32[2] = neg(%3)",
        "    %5: float32[2] = neg(%4)",
        "    %6: float32[2] = neg(%5)",
        "  > %7: int32[2] = neg(%6)",
        "    %9: float32[2] = neg(%8)",
        "    %10: float32[2] = neg(%9)",
    ]
    assert shown[4].strip(" >") in str(program)
