"""How results are compared, and how a primitive is called in a Program of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chainrule.executors.reference import Reference
from chainrule.ir import PRIMITIVES, Equation, Params, Program, TensorType, Var, finfo, kind_of, parse_program, type_of

Arrays = Sequence[np.ndarray]


def program_of(name: str, params: Params, types: Sequence[TensorType]) -> Program:
    """A Program of one equation."""
    primitive = PRIMITIVES[name]
    inputs = tuple(Var(t) for t in types)
    outputs = tuple(Var(t) for t in primitive.infer_types(params, types))
    return Program(name, inputs, (Equation(primitive, inputs, params, outputs),), outputs)


def types_of(arrays: Arrays) -> list[TensorType]:
    return [type_of(a) for a in arrays]


def widened(arrays: Arrays) -> list[np.ndarray]:
    """bfloat16 as float32: NumPy's own tests take its NaN for unequal numbers."""
    return [a.astype(np.float32) if a.dtype.kind == "V" else a for a in arrays]


def assert_same_bits(found: Arrays, expected: Arrays) -> None:
    """Types and every bit, the payload and sign of a NaN aside."""
    assert types_of(found) == types_of(expected)
    for a, b in zip(widened(found), widened(expected), strict=True):
        np.testing.assert_array_equal(a, b)
        if kind_of(a.dtype) == "f":
            number = ~np.isnan(a)
            np.testing.assert_array_equal(np.signbit(a)[number], np.signbit(b)[number])


def assert_within(found: Arrays, expected: Arrays, ulps: int) -> None:
    """Types, and floats within some units in the last place of the largest element of the result."""
    assert types_of(found) == types_of(expected)
    for a, b in zip(found, expected, strict=True):
        if kind_of(a.dtype) != "f" or not ulps:
            np.testing.assert_array_equal(*widened([a, b]))
        else:
            info = finfo(a.dtype.name)
            a, b = widened([a, b])
            size = np.max(np.abs(b), initial=0, where=np.isfinite(b)).astype(np.float64)
            step = max(float(info.eps) * min(size, 1.0), float(info.smallest_subnormal))
            np.testing.assert_allclose(a, b, rtol=ulps * float(info.eps), atol=ulps * step, equal_nan=True)


def assert_round_trip(program: Program) -> Program:
    """Printed and parsed a Program reads the same; returns the parsed one."""
    again = parse_program(str(program))
    assert str(again) == str(program)
    return again


class LaidOut(Reference):
    """The reference executor with every operand in row-major order in memory.

    NumPy adds (and multiplies matrices) in an order that depends on the strides of its operands. With one layout
    for all, two Programs that compute the same numbers give the same bits.
    """

    def _apply(self, equation: Equation, operands: Arrays) -> tuple[np.ndarray, ...]:
        return super()._apply(equation, [np.array(o, order="C") for o in operands])


def run_laid_out(program: Program, arrays: Arrays) -> list[np.ndarray]:
    with np.errstate(all="ignore"):
        return LaidOut().run(program, list(arrays))


def work(program: Program) -> int:
    """The number of equations, those of sub-programs too; constants are values, not work."""
    return sum(e.primitive.name != "constant" for e in program.walk())
