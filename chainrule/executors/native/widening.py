"""Products of 16-bit floats become products of float32 between conversions, so that they run in the fast tiles.

The sums of such a product are float32 anyway; the conversions are exact on the way in and round once on the way out.
"""

from __future__ import annotations

from typing import Any

from ...ir import NARROW, PRIMITIVES, Equation, Params, Program, Var

_PRODUCTS = ("dot_general", "conv")


def widened(program: Program) -> Program:
    """The Program with its narrow products in float32.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('program f(%0: float16[2,2]) -> (float16[2,2]) {'
    ...                   '%1: float16[2,2] = dot_general(%0, %0) {batch=((), ()), contract=((1,), (0,))} return %1 }')
    >>> [e.primitive.name for e in widened(p).equations]
    ['convert', 'convert', 'dot_general', 'convert']
    """
    found = [new for equation in program.equations for new in _replaced(equation)]
    return program.replace(equations=tuple(found))


def _replaced(e: Equation) -> list[Equation]:
    if e.primitive.name in _PRODUCTS and e.outputs[0].type.dtype in NARROW:
        return _in_float32(e)
    if e.params.has_programs():
        params = Params({key: _value(value) for key, value in e.params.items()})
        return [Equation(e.primitive, e.inputs, params, e.outputs, e.where)]
    return [e]


def _value(value: Any) -> Any:
    if isinstance(value, Program):
        return widened(value)
    return tuple(map(_value, value)) if isinstance(value, tuple) else value


def _in_float32(e: Equation) -> list[Equation]:
    wide = [Var(v.type.with_dtype("float32")) for v in e.inputs]
    product = Var(e.outputs[0].type.with_dtype("float32"))
    return [
        *(_converted(v, w, e) for v, w in zip(e.inputs, wide, strict=True)),
        Equation(e.primitive, tuple(wide), e.params, (product,), e.where),
        _converted(product, e.outputs[0], e),
    ]


def _converted(v: Var, w: Var, e: Equation) -> Equation:
    return Equation(PRIMITIVES["convert"], (v,), Params(dtype=w.type.dtype), (w,), e.where)
