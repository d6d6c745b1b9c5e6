"""What a computation is: types, Programs, how they are recorded, verified, printed and rewritten."""

from .builder import (
    Builder,
    Tensor,
    TracedTensor,
    as_tensor,
    bind,
    current_builder,
    current_where,
    eager,
    inline,
    is_tracing,
    layer_scope,
    trace,
    user_source,
    where,
)
from .program import (
    NOWHERE,
    PRIMITIVES,
    Equation,
    Params,
    Primitive,
    Program,
    Var,
    Where,
    evaluate,
    interpret,
    register,
)
from .text import parse_program, print_program
from .types import (
    BOOL,
    DTYPES,
    FLOAT,
    INTEGER,
    NUMBER,
    SIGNED,
    UNSIGNED,
    TensorType,
    dtype_name,
    type_of,
)
from .verify import verify

__all__ = [
    "BOOL", "DTYPES", "FLOAT", "INTEGER", "NOWHERE", "NUMBER", "PRIMITIVES", "SIGNED", "UNSIGNED", "Builder",
    "Equation", "Params", "Primitive", "Program", "Tensor", "TensorType", "TracedTensor", "Var", "Where",
    "as_tensor", "bind", "current_builder", "current_where", "dtype_name", "eager", "evaluate", "inline",
    "interpret", "is_tracing", "layer_scope", "parse_program", "print_program", "register", "trace", "type_of",
    "user_source", "verify", "where",
]  # fmt: skip
