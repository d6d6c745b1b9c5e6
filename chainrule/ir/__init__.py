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
    evaluate_equation,
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
    NARROW,
    NUMBER,
    SIGNED,
    UNSIGNED,
    TensorType,
    dtype_name,
    dtype_of,
    finfo,
    kind_of,
    type_of,
)
from .verify import verify

__all__ = [
    "BOOL", "DTYPES", "FLOAT", "INTEGER", "NARROW", "NOWHERE", "NUMBER", "PRIMITIVES", "SIGNED", "UNSIGNED", "Builder",
    "Equation", "Params", "Primitive", "Program", "Tensor", "TensorType", "TracedTensor", "Var", "Where",
    "as_tensor", "bind", "current_builder", "current_where", "dtype_name", "dtype_of", "eager", "evaluate",
    "evaluate_equation", "finfo", "inline", "interpret", "is_tracing", "kind_of", "layer_scope", "parse_program",
    "print_program", "register", "trace", "type_of", "user_source", "verify", "where",
]  # fmt: skip
