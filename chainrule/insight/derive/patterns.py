"""Which equations are a textbook's function: each is recorded by itself and compared with those of the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ... import losses, ops
from ...errors import ChainruleError
from ...ir import Equation, Params, Program, Tensor, TensorType, Var, trace
from ...passes.dce import dce

HOLE = 0.123456789  # stands in a pattern for a parameter, whatever its value


@dataclass(frozen=True)
class Pattern:
    """A function to be found among equations.

    Args:
        name: str. Its key in the tables of formulas.
        function: tensors -> tensor, as the library records it.
    """

    name: str
    function: Callable[..., Tensor]


ACTIVATIONS = (
    Pattern("softmax", ops.softmax),
    Pattern("gelu", lambda x: ops.gelu(x, approximate=False)),
    Pattern("gelu_tanh", lambda x: ops.gelu(x, approximate=True)),
    Pattern("silu", ops.silu),
    Pattern("softplus", ops.softplus),
    Pattern("softsign", ops.softsign),
    Pattern("selu", ops.selu),
    Pattern("elu", lambda x: ops.elu(x, HOLE)),
    Pattern("elu", ops.elu),
    Pattern("leaky_relu", lambda x: ops.leaky_relu(x, HOLE)),
    Pattern("relu6", ops.relu6),
    Pattern("relu", ops.relu),
    Pattern("hard_sigmoid", ops.hard_sigmoid),
    Pattern("sigmoid", ops.sigmoid),
    Pattern("tanh", ops.tanh),
    Pattern("exponential", ops.exp),
)


def _loss(loss: Any, head: Callable[..., Tensor] | None = None) -> Callable[..., Tensor]:
    """A loss as a function of (weight if any, target, output), or of what the output's activation was applied to."""

    def function(*operands: Tensor) -> Tensor:
        *weight, y, z = operands
        return loss(y, z if head is None else head(z), *weight)  # type: ignore[no-any-return]

    return function


_BY_NAME = losses.LossFunctionWrapper(losses.sparse_categorical_crossentropy)  # what compile makes of the name

LOSSES = (
    Pattern("squared", _loss(losses.MeanSquaredError())),
    Pattern("absolute", _loss(losses.MeanAbsoluteError())),
    Pattern("binary_from_sigmoid", _loss(losses.BinaryCrossentropy(), ops.sigmoid)),
    Pattern("binary_from_logits", _loss(losses.BinaryCrossentropy(from_logits=True))),
    Pattern("binary", _loss(losses.BinaryCrossentropy())),
    Pattern("classes_from_softmax", _loss(losses.CategoricalCrossentropy(), ops.softmax)),
    Pattern("classes_from_logits", _loss(losses.CategoricalCrossentropy(from_logits=True))),
    Pattern("numbered_from_softmax", _loss(losses.SparseCategoricalCrossentropy(), ops.softmax)),
    Pattern("numbered_from_softmax", _loss(_BY_NAME, ops.softmax)),
    Pattern("numbered_from_logits", _loss(losses.SparseCategoricalCrossentropy(from_logits=True))),
    Pattern("huber", _loss(losses.Huber())),
)


@lru_cache(maxsize=1024)
def recorded(pattern: Pattern, types: tuple[TensorType, ...]) -> Program | None:
    """The pattern on operands of these types; None if it takes no such operands."""
    try:
        program, captured = trace(lambda *tensors: [pattern.function(*tensors)], types, pattern.name)
    except ChainruleError:
        return None
    return None if captured else dce(program)


@dataclass(frozen=True)
class Match:
    """Where a pattern was found.

    Args:
        pattern: Pattern.
        start, stop: int. The equations from `start` up to `stop`.
        operands: the values that stand for its inputs.
        output: the value that stands for its result.
        parameter: float or None. What stands for `HOLE`.
    """

    pattern: Pattern
    start: int
    stop: int
    operands: tuple[Var, ...]
    output: Var
    parameter: float | None


def match(pattern: Pattern, operands: Sequence[Var], equations: Sequence[Equation], anchor: int) -> Match | None:
    """The pattern on `operands`, if equation `anchor` is the first of its equations that reads the last of them."""
    program = recorded(pattern, tuple(v.type for v in operands))
    if program is None or not program.equations or program.outputs[0] in program.inputs:
        return None
    read = next((k for k, e in enumerate(program.equations) if program.inputs[-1] in e.inputs), None)
    if read is None or anchor < read or anchor - read + len(program.equations) > len(equations):
        return None
    start, known = anchor - read, dict(zip(program.inputs, operands, strict=True))
    parameter = None
    for own, found in zip(program.equations, equations[start:], strict=False):
        same, parameter = _same(own, found, known, parameter)
        if not same:
            return None
        known.update(zip(own.outputs, found.outputs, strict=True))
    stop = start + len(program.equations)
    return Match(pattern, start, stop, tuple(operands), known[program.outputs[0]], parameter)


def _same(
    own: Equation, found: Equation, known: dict[Var, Var], parameter: float | None
) -> tuple[bool, float | None]:
    if own.primitive is not found.primitive or len(own.inputs) != len(found.inputs):
        return False, parameter
    if any(known[a] is not b for a, b in zip(own.inputs, found.inputs, strict=True)):
        return False, parameter
    if any(a.type != b.type for a, b in zip(own.outputs, found.outputs, strict=True)):
        return False, parameter
    if own.primitive.name == "constant" and _is_hole(own.params.value):
        return True, float(found.params.value)
    return _same_params(own.params, found.params), parameter


def _is_hole(value: np.ndarray) -> bool:
    return value.size == 1 and value.dtype.kind == "f" and value.item() == value.dtype.type(HOLE).item()


def _same_params(a: Params, b: Params) -> bool:
    if a.keys() != b.keys():
        return False
    for key, value in a.items():
        if isinstance(value, np.ndarray):
            if value.dtype != b[key].dtype or not np.array_equal(value, b[key], equal_nan=value.dtype.kind == "f"):
                return False
        elif isinstance(value, Program) or value != b[key]:
            return False
    return True
