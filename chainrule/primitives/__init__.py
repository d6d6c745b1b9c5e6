"""The operations that everything is made of: one definition each (type rule, NumPy meaning, documentation)."""

from ..ir import PRIMITIVES
from . import arithmetic
from .contraction import dot_general
from .control import cond, loop, loop_parts, while_loop
from .creation import constant, iota, random_bits
from .elementwise import (
    abs,
    add,
    atan2,
    bit_and,
    bit_not,
    bit_or,
    bit_xor,
    ceil,
    convert,
    cos,
    div,
    eq,
    erf,
    erf_inv,
    exp,
    expm1,
    floor,
    floordiv,
    ge,
    gt,
    le,
    log,
    log1p,
    lt,
    max,
    min,
    mod,
    mul,
    ne,
    neg,
    pow,
    round,
    select,
    shift_left,
    shift_right,
    sigmoid,
    sign,
    sin,
    sqrt,
    stop_gradient,
    sub,
    tanh,
)
from .indexing import gather, scatter, scatter_add
from .movement import (
    broadcast,
    concatenate,
    dynamic_slice,
    dynamic_update_slice,
    pad,
    reshape,
    reverse,
    slice,
    transpose,
)
from .ordering import argsort, cummax, cummin, cumprod, cumsum, sort, top_k
from .reduction import argmax, argmin, reduce_max, reduce_min, reduce_prod, reduce_sum
from .window import conv, window_max, window_sum

__all__ = ["PRIMITIVES", "arithmetic", "loop_parts"]
__all__ += list(PRIMITIVES)
