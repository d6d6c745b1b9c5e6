"""The text form: what is printed is read back, and what cannot be read is refused with the line."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule.errors import ChainruleError, ProgramError
from chainrule.ir import (
    DTYPES,
    PRIMITIVES,
    Equation,
    Params,
    Program,
    TensorType,
    Var,
    Where,
    evaluate,
    parse_program,
    trace,
    verify,
)
from chainrule.primitives import cond, constant, loop, mul, pad, while_loop

from .compare import assert_round_trip, assert_same_bits, program_of
from .samples.control import BELOW, CELL, DOUBLE
from .samples.entry import special

F = TensorType("float32", (2,))


def constant_program(value: np.ndarray) -> Program:
    return program_of("constant", Params(value=value), [])


@pytest.mark.parametrize("dtype", DTYPES)
def test_constants_of_every_dtype_with_nan_and_infinities(dtype: str) -> None:
    for value in (special(dtype)[:16], special(dtype), special(dtype)[:1].reshape(1, 1, 1), special(dtype)[:0]):
        program = constant_program(value)
        again = assert_round_trip(program)
        assert_same_bits(evaluate(again, []), [value])
        assert not again.equations[0].params.value.flags.writeable


def test_large_constants_are_printed_as_base64_and_come_back_to_the_bit() -> None:
    value = np.random.default_rng(0).standard_normal((5, 7)).astype("float32")
    program = constant_program(value)
    assert "base64" in str(program)
    assert_same_bits(evaluate(assert_round_trip(program), []), [value])
    transposed = constant_program(value.T)  # not contiguous
    assert_same_bits(evaluate(assert_round_trip(transposed), []), [value.T])


def test_provenance_with_quotes_backslashes_and_line_ends() -> None:
    x, y = Var(F), Var(F)
    places = ['the "hidden" layer', "back\\slash", 'both \\" at once', "line\nend", "ends in \\", "层", "", "@ {}()"]
    for place in places:
        e = Equation(PRIMITIVES["neg"], (x,), Params(), (y,), Where(place, "f.py:1"))
        again = assert_round_trip(Program("f", (x,), (e,), (y,)))
        assert again.equations[0].where == Where(place, "f.py:1")


@pytest.mark.parametrize(
    "name", ["f", "a.b_c", "my model", "dense/relu", 'say "hi"', "", "lambda>", "%0", "模型", "f-1"]
)
def test_program_names_of_every_kind(name: str) -> None:
    x = Var(F)
    assert assert_round_trip(Program(name, (x,), (), (x,))).name == name


def test_parameters_of_every_kind() -> None:
    for value in (
        0,
        -3,
        2.5,
        -0.0,
        1e-300,
        1e22,
        float("inf"),
        float("-inf"),
        float("nan"),
        np.float32(0.1),
        np.int8(-4),
    ):
        program = program_of("pad", PRIMITIVES["pad"].canonical(low=(1,), high=(0,), value=value), [F])
        again = assert_round_trip(program)
        assert_same_bits(evaluate(again, [np.ones(2, "float32")]), evaluate(program, [np.ones(2, "float32")]))
    for axes in ((), (1,), (1, 0)):  # no element, one (with its comma), two
        t = TensorType("float32", (2, 3)[: len(axes)] or ())
        assert_round_trip(program_of("reverse", Params(axes=axes[:0]), [t]))
    assert "axes=(1,)" in str(program_of("reverse", Params(axes=(1,)), [TensorType("float32", (2, 3))]))
    with pytest.raises(ProgramError, match="a parameter of type list has no text form"):
        str(program_of("reverse", Params(axes=[0]), [F]))


def test_nested_sub_programs() -> None:
    square = cell = TensorType("float64", (2, 2))

    def body(w: object, h: object, x: object) -> list:
        inner = loop(w, h, np.zeros((2, 2, 2)), body=CELL, length=2, invariants=1, carries=1)
        return [cond(np.array(True), inner[0], x, branches=(first, second))[0]]

    first, _ = trace(lambda a, b: [mul(a, b)], [square, square], "first")
    second, _ = trace(lambda a, b: [b], [square, square], "second")
    outer, captured = trace(body, [cell] * 3, "outer")
    assert not captured
    program, _ = trace(
        lambda w, h, xs: [loop(w, h, xs, body=outer, length=3, invariants=1, carries=1)[0]],
        [cell, cell, TensorType("float64", (3, 2, 2))],
        "nested",
    )
    verify(program)
    again = verify(assert_round_trip(program))
    assert [e.primitive.name for e in again.walk()] == [e.primitive.name for e in program.walk()]
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(t.shape) for t in program.input_types]
    assert_same_bits(evaluate(again, arrays), evaluate(program, arrays))


def test_while_loops_and_equations_without_results() -> None:
    program, _ = trace(
        lambda x, n: list(while_loop(x, n, test=BELOW, body=DOUBLE)), [TensorType("int32", ())] * 2, "doubling"
    )
    assert evaluate(assert_round_trip(program), [np.int32(3), np.int32(20)])[0] == 24
    nothing = parse_program("program nothing() -> () { return }")
    empty = Equation(PRIMITIVES["loop"], (), Params(body=nothing, length=2, invariants=0, carries=0), ())
    assert_round_trip(verify(Program("f", (), (empty,), ())))


def test_spaces_and_line_ends_do_not_matter() -> None:
    text = "program f(%0: float32[2], %1:float32[2])->(float32[2]){%5:float32[2]=add(%0,%1)return %5}"
    spread = text.replace(",", " ,\n").replace("(", "\t( ").replace("[", " [ ").replace(":", " : ")
    assert str(parse_program(spread)) == str(parse_program(text))


def test_a_call_of_a_primitive_prints_its_canonical_parameters() -> None:
    program, _ = trace(lambda x: [pad(x, low=[np.int64(1)], high=np.array([2]))], [F], "f")
    assert "{high=(2,), interior=(0,), low=(1,), value=0}" in str(program)
    assert_round_trip(program)
    small, _ = trace(lambda: [constant(value=3)], [], "g")
    assert "constant() {value=int64[]<3>}" in str(small)


GOOD = "program f(%0: float32[2]) -> (float32[2]) {\n  %1: float32[2] = neg(%0)\n  return %1\n}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("program", "programme", "line 1.*expected 'program'; got 'programme'"),
        ("f(", "(", r"line 1.*expected a word; got '\('"),
        ("%0: float32", "x: float32", "line 1.*expected a var; got 'x'"),
        ("float32[2])", "float99[2])", "expected a dtype among"),
        ("float32[2])", "float32[-2])", "line 1.*expected a size; got '-2'"),
        ("float32[2])", "float32[2.5])", "line 1.*expected a size; got '2.5'"),
        ("float32[2])", "float32[inf])", "line 1.*expected a size; got 'inf'"),
        ("float32[2])", "float32 2)", r"line 1.*expected '\['; got '2'"),
        ("->", "", r"line 1.*expected '->'"),
        ("= neg", "= nag", "V3: 'nag' is not a registered primitive"),
        ("neg(%0)", "neg(%7)", "V1: %7 is used before it is defined"),
        ("neg(%0)", "neg(%0", "line 3.*expected ','; got 'return'"),
        ("neg(%0)", "neg(%0) {axes}", "line 2.*expected '='"),
        ("neg(%0)", 'neg(%0) {a="x}', "line 2.*got '\"x}"),
        ("neg(%0)", 'neg(%0) @ "layer"', "line 3.*expected a string; got 'return'"),
        ("%1: float32[2] =", "%0: float32[2] =", "V1: %0 is defined twice"),
        ("%1: float32[2] =", "%1: float32[2]", "line 2.*expected '='"),
        ("return %1", "return %2", "V1: %2 is used before it is defined"),
        ("return %1", "", "line 4.*expected a word; got '}'"),
        ("\n}", "", "expected '}'; got ''"),
        ("\n}", "\n}\n}", "line 5.*expected the end of the text; got '}'"),
        ("return %1", "return %1, %1", r"results \(float32\[2\]\); it returns \(float32\[2\], float32\[2\]\)"),
        ("-> (float32[2])", "-> (int32[2])", r"results \(int32\[2\]\); it returns \(float32\[2\]\)"),
    ],
)
def test_text_that_is_not_a_program(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(ChainruleError, match=message):
        parse_program(GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("float32[2]<1.0>", r"elements of a float32\[2\]"),
        ("float32[2]<1.0, 2.0, 3.0>", r"elements of a float32\[2\]"),
        ("int8[]<300>", r"elements of a int8\[\]"),
        ("int8[]<nan>", r"elements of a int8\[\]"),
        ('int8[1]<"text">', r"elements of a int8\[1\]"),
        ('float32[17]<base64 "AAAA">', r"elements of a float32\[17\]"),
        ('float32[17]<base64 "A">', r"elements of a float32\[17\]"),
        ("float32[2]<1.0 2.0>", "expected ','; got '2.0'"),
        ("float32[2]", "expected '<'"),
        ("%1", "expected a word; got '%1'"),
    ],
)
def test_constants_that_are_none(value: str, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        parse_program(f"program f() -> (float32[2]) {{ %0: float32[2] = constant() {{value={value}}} return %0 }}")
