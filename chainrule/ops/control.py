"""Loops and branches as ops: one equation each, whatever the number of rounds."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from .. import primitives as P
from ..errors import ShapeError
from ..ir import Tensor, TensorType, Var, trace
from ..ir.tree import flatten, unflatten
from ..primitives.arithmetic import as_operand
from .symbolic import op


def _trees(function: Callable[..., Any], types: list[TensorType], like: Any) -> tuple[Any, list[Tensor], Any]:
    """Record `function` on trees; returns (program, captured tensors, the structure of its result)."""
    kept: list[Any] = []

    def run(*tensors: Tensor) -> list[Tensor]:
        kept.append(function(*unflatten(like, list(tensors))))
        return [as_operand(leaf) for leaf in flatten(kept[0]) if leaf is not None]

    name = getattr(function, "__name__", "body").strip("<>")
    program, captured = trace(run, types, name)
    return program, captured, kept[0]


@op
def scan(
    f: Callable[..., Any], init: Any, xs: Any = None, length: int | None = None, reverse: bool = False, unroll: Any = 1
) -> tuple[Any, Any]:
    """`for x in xs: carry, y = f(carry, x)`; returns the last carry and the ys stacked.

    Args: f: (carry, x) -> (carry, y), trees of tensors; init: the first carry; xs: a tree of tensors whose axis 0 is
        the sequence; length: the number of rounds when xs is None; reverse: from the last element to the first.
    """
    carries = [as_operand(t) for t in flatten(init)]
    sequences = [as_operand(t) for t in flatten(xs) if t is not None]
    n = length if length is not None else sequences[0].shape[0]
    elements = [s.type.with_shape(s.shape[1:]) for s in sequences]
    types = [*(c.type for c in carries), *elements]

    @wraps(f, assigned=("__name__",))
    def body(*tensors: Tensor) -> tuple[Any, Any]:
        source = iter(tensors)
        carry = unflatten(init, [next(source) for _ in carries])
        x = unflatten(xs, [next(source) for _ in sequences]) if xs is not None else None
        return f(carry, x)

    program, captured, result = _trees(body, types, tuple(types))
    found = [v.type for v in program.outputs[: len(carries)]]
    if found != [c.type for c in carries]:
        raise ShapeError(f"scan: expected f to return a carry of types {[str(c.type) for c in carries]}; "
                         f"got {[str(t) for t in found]}.")  # fmt: skip
    program = _captured_first(program, len(types))
    outputs = P.loop(
        *captured, *carries, *sequences,
        body=program, length=n, invariants=len(captured), carries=len(carries), reverse=reverse,
    )  # fmt: skip
    stacked = outputs[len(carries) :]
    ys = unflatten(result[1], list(stacked)) if stacked else None
    return unflatten(init, list(outputs[: len(carries)])), ys


def _captured_first(program: Any, declared: int) -> Any:
    return program.replace(inputs=(*program.inputs[declared:], *program.inputs[:declared]))


@op
def fori_loop(lower: int, upper: int, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """`for i in range(lower, upper): value = body_fun(i, value)`; i is an int32 tensor."""
    from .shaping import arange

    return scan(lambda value, i: (body_fun(i, value), None), init_val, arange(lower, upper, dtype="int32"))[0]


@op
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """`while cond(*vars): vars = body(*vars)`. Has no gradient; `fori_loop` and `scan` have one."""
    many = isinstance(loop_vars, (list, tuple))
    state = (list(loop_vars) if many else [loop_vars], 0)
    leaves = [as_operand(t, "int32" if t is state[1] and i else None) for i, t in enumerate(flatten(state))]
    limit = maximum_iterations

    def test(values: Any, count: Any) -> Any:
        more = as_operand(cond(*values), "bool")
        return more if limit is None else P.bit_and(more, count < limit)

    def step(values: Any, count: Any) -> Any:
        result = body(*values)
        return (list(result) if isinstance(result, (list, tuple)) else [result], count + 1)

    types = [t.type for t in leaves]
    test_program, test_captured, _ = _trees(lambda *s: test(*s), types, state)
    body_program, body_captured, _ = _trees(lambda *s: step(*s), types, state)
    extra = [*test_captured, *body_captured]
    test_program, body_program = _share(test_program, body_program, len(types), len(test_captured), extra)
    outputs = P.while_loop(*leaves, *extra, test=test_program, body=body_program)
    values = unflatten(state, list(outputs[: len(leaves)]))[0]
    return type(loop_vars)(values) if many else values[0]


def _share(test: Any, body: Any, declared: int, of_test: int, extra: list[Tensor]) -> tuple[Any, Any]:
    """Both programs on one list of inputs: the loop's variables, then what either captured."""
    new_test = [Var(t.type) for t in extra[of_test:]]
    new_body = [Var(t.type) for t in extra[:of_test]]
    inputs = (*body.inputs[:declared], *new_body, *body.inputs[declared:])
    return (
        test.replace(inputs=(*test.inputs, *new_test)),
        body.replace(inputs=inputs, outputs=(*body.outputs, *inputs[declared:])),
    )


@op
def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """`branches[index](*operands)`; only the chosen branch runs. An index out of range takes the nearest branch."""
    tensors = [as_operand(t) for t in flatten(operands)]
    types = [t.type for t in tensors]
    recorded = [_trees(branch, types, operands) for branch in branches]
    extra = [t for _, captured, _ in recorded for t in captured]
    programs, done = [], 0
    for program, captured, _ in recorded:
        before = [Var(t.type) for t in extra[:done]]
        done += len(captured)
        after = [Var(t.type) for t in extra[done:]]
        inputs = (*program.inputs[: len(types)], *before, *program.inputs[len(types) :], *after)
        programs.append(program.replace(inputs=inputs))
    outputs = P.cond(as_operand(index), *tensors, *extra, branches=tuple(programs))
    return unflatten(recorded[0][2], list(outputs)) if outputs else None


@op
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` if pred else `false_fn()`; only one of them runs.

    >>> float(cond(True, lambda: 1.0, lambda: 2.0))
    1.0
    """
    return switch(as_operand(pred, "bool"), [false_fn, true_fn])


@op
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """`f` applied to each slice of axis 0, results stacked."""
    return scan(lambda _, x: (0, f(x)), 0, xs)[1]
