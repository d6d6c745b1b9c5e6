"""The identities behind `simplify`: each looks at one equation and returns what stands for its result, or None."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import BOOL, FLOAT, INTEGER, UNSIGNED, Equation, Params, Var
from .rewrite import Rewriter

Identity = Callable[[Rewriter, Equation], Any]

NEUTRAL: dict[str, tuple[float, bool]] = {  # the number that leaves the other operand as it is; on the left as well?
    "add": (-0.0, True), "sub": (0.0, False), "mul": (1, True), "div": (1, False), "pow": (1, False),
    "bit_and": (-1, True), "bit_or": (0, True), "bit_xor": (0, True), "shift_left": (0, False),
    "shift_right": (0, False),
}  # fmt: skip
ABSORBING = {"mul": 0, "bit_and": 0, "bit_or": -1}  # integers and truth values: this number wins over the other


def same_value(r: Rewriter, e: Equation) -> Var | None:
    """An operand that is the result already: nothing is moved, converted, reversed or reduced."""
    p, result = e.params, e.outputs[0].type
    still = {
        "transpose": lambda: p.axes == tuple(range(result.rank)),
        "reverse": lambda: all(result.shape[a] <= 1 for a in p.axes),
        "pad": lambda: not any((*p.low, *p.high, *p.interior)),
    }.get(e.primitive.name, lambda: True)
    return next((x for x in e.inputs if x.type == result), None) if still() else None


def special_number(r: Rewriter, e: Equation) -> Var | None:
    """An operand that is neutral, or that decides alone: x 1 = x, x and 0 = 0."""
    x, w = e.inputs
    neutral, on_the_left = NEUTRAL[e.primitive.name]
    if _is(r, w, neutral):
        return x
    if on_the_left and _is(r, x, neutral):
        return w
    if e.primitive.name in ABSORBING and x.type.dtype not in FLOAT:
        return next((v for v in (x, w) if _is(r, v, ABSORBING[e.primitive.name])), None)
    return None


def _is(r: Rewriter, v: Var, number: float) -> bool:
    """Whether every element of `v` is this number, to the bit (so -0 is not 0)."""
    splat = r.splat(v)
    return splat is not None and splat.tobytes() == np.asarray(number).astype(splat.dtype).tobytes()


def twice(r: Rewriter, e: Equation) -> Var | None:
    """f(f(x)) = x."""
    return r.operand(e.inputs[0], e.primitive.name)


def again(r: Rewriter, e: Equation) -> Var | None:
    """f(f(x)) = f(x)."""
    return e.inputs[0] if r.operand(e.inputs[0], e.primitive.name) else None


def equal_operands(r: Rewriter, e: Equation) -> Var | None:
    """f(x, x) = x."""
    return e.inputs[-1] if e.inputs[-1] is e.inputs[-2] else None


def merged(r: Rewriter, e: Equation) -> Var | None:
    """Two movements of one kind are one."""
    name = e.primitive.name
    x = r.operand(e.inputs[0], name)
    return r.emit(name, x, **MERGE[name](e.params, r.made_by[e.inputs[0]].params)) if x else None


def _slices(p: Params, q: Params) -> dict[str, Any]:
    start, stop, strides = [], [], []
    for low, high, step, first, stride in zip(p.start, p.stop, p.strides, q.start, q.strides, strict=True):
        count = -(-(high - low) // step)
        start.append(first + low * stride if count else 0)
        strides.append(step * stride)
        stop.append(start[-1] + (count - 1) * strides[-1] + 1 if count else 0)
    return {"start": start, "stop": stop, "strides": strides}


MERGE: dict[str, Callable[[Params, Params], dict[str, Any]]] = {  # the movement p after the movement q
    "reshape": lambda p, q: {"shape": p.shape},
    "transpose": lambda p, q: {"axes": [q.axes[a] for a in p.axes]},
    "broadcast": lambda p, q: {"shape": p.shape, "axes": [p.axes[a] for a in q.axes]},
    "reverse": lambda p, q: {"axes": sorted({*p.axes} ^ {*q.axes})},
    "slice": _slices,
}


def signs(r: Rewriter, e: Equation) -> Var | None:
    """Signs of operands: x + -w = x - w, -x + w = w - x, x - -w = x + w, -x -w = x w, -x / -w = x / w, |-x| = |x|."""
    name, x, w = e.primitive.name, e.inputs[0], e.inputs[-1]
    plain_x, plain_w = r.operand(x, "neg"), r.operand(w, "neg")
    if name == "abs":
        signed = x.type.dtype not in UNSIGNED  # without a sign, -x is a large number and |x| is x
        return r.emit("abs", plain_x) if plain_x and signed else None
    if name in ("mul", "div"):
        return r.emit(name, plain_x, plain_w) if plain_x and plain_w else None
    if plain_w:
        return r.emit("sub" if name == "add" else "add", x, plain_w)
    return r.emit("sub", w, plain_x) if plain_x and name == "add" else None


def known_choice(r: Rewriter, e: Equation) -> Var | None:
    """A condition that is the same everywhere, or negated."""
    c, x, w = e.inputs
    if (number := r.splat(c)) is not None:
        return x if number else w
    positive = r.operand(c, "bit_not")
    return r.emit("select", positive, w, x) if positive else None


def lossless_convert(r: Rewriter, e: Equation) -> Var | None:
    """Two conversions are one if the first of them loses nothing."""
    x, between = r.operand(e.inputs[0], "convert"), e.inputs[0].type.dtype
    if x is None:
        return None
    kinds = [kind for kind in (INTEGER, FLOAT) if x.type.dtype in kind and between in kind]
    exact = x.type.dtype in BOOL or (kinds and np.can_cast(x.type.dtype, between))
    return r.emit("convert", x, dtype=e.params.dtype) if exact else None


def only_shape(r: Rewriter, e: Equation) -> Var | None:
    """A movement that keeps all elements in order is a reshape: of axes of size 1, or a broadcast that repeats none."""
    (x,), shape = e.inputs, e.outputs[0].type.shape
    moving = [a for a in e.params.axes if e.primitive.name == "transpose" and x.type.shape[a] != 1]
    kept = x.type.size == e.outputs[0].type.size and moving == sorted(moving)
    return r.emit("reshape", x, shape=shape) if kept else None


def repeated_number(r: Rewriter, e: Equation) -> Var | None:
    """One number repeated looks the same from everywhere."""
    x = r.operand(e.inputs[0], "broadcast")
    return r.emit("broadcast", x, shape=e.outputs[0].type.shape, axes=()) if x and not x.type.rank else None


def new_axes(r: Rewriter, e: Equation) -> Var | None:
    """A broadcast of a reshape that only put in axes of size 1 is a broadcast."""
    x = r.operand(e.inputs[0], "reshape")
    axes: list[int] = []
    if x is None:
        return None
    for axis, n in enumerate(e.inputs[0].type.shape):
        if len(axes) < x.type.rank and x.type.shape[len(axes)] == n:
            axes.append(axis)
        elif n != 1:
            return None
    if len(axes) != x.type.rank:
        return None
    return r.emit("broadcast", x, shape=e.params.shape, axes=[e.params.axes[a] for a in axes])


def repeat_later(r: Rewriter, e: Equation) -> Var | None:
    """f(repeated x, repeated w) = repeated f(x, w), unless the repeated operands are used elsewhere too."""
    made = [r.made_by[v] for v in e.inputs if r.operand(v, "broadcast")]
    kinds = {(m.inputs[0].type.shape, m.params.shape, m.params.axes) for m in made}
    if len(made) < len(e.inputs) or len(kinds) > 1 or any(r.uses[v] > e.inputs.count(v) for v in e.inputs):
        return None
    small = r.emit(e.primitive.name, *(m.inputs[0] for m in made), **e.params)
    return r.emit("broadcast", small, **made[0].params)


def known_branch(r: Rewriter, e: Equation) -> list[Var] | None:
    """A cond whose choice is known is its branch."""
    choice = r.constant(e.inputs[0])
    if choice is None:
        return None
    last = len(e.params.branches) - 1
    return r.splice(e.params.branches[min(max(int(choice), 0), last)], e.inputs[1:])
