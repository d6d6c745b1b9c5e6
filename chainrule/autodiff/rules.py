"""The gradient table: how the cotangent `g` of a result becomes the cotangents of the operands.

One row a primitive. `p` are the parameters, `g` the cotangent of the result, `y` the result, `x, w` the operands.
A row is linear in `g` and written in primitives, so gradients have gradients, and forward mode is the same table
read the other way round (`forward.py`). `None` is a cotangent of zero. Control flow has its rows in `control.py`.
"""

from __future__ import annotations

import math
from typing import Any

from ..primitives import (
    argsort,
    cos,
    cumsum,
    dynamic_slice,
    dynamic_update_slice,
    eq,
    exp,
    floordiv,
    gather,
    gt,
    lt,
    pow,
    reshape,
    reverse,
    scatter,
    scatter_add,
    select,
    sign,
    sin,
    transpose,
)  # fmt: skip
from ..primitives.arithmetic import cast, zeros_like
from . import structural as s
from . import windows

ZERO = "zero"  # the derivative is zero wherever it exists
NONE = "not differentiable"  # operands or results are integers or truth values, or there are no operands

RULES: dict[str, Any] = {
    # elementwise
    "neg": lambda p, g, y, x: (-g,),
    "abs": lambda p, g, y, x: (g * sign(x),),
    "exp": lambda p, g, y, x: (g * y,),
    "expm1": lambda p, g, y, x: (g * (y + 1.0),),
    "log": lambda p, g, y, x: (g / x,),
    "log1p": lambda p, g, y, x: (g / (x + 1.0),),
    "sqrt": lambda p, g, y, x: (g / (y * 2.0),),
    "sin": lambda p, g, y, x: (g * cos(x),),
    "cos": lambda p, g, y, x: (-g * sin(x),),
    "tanh": lambda p, g, y, x: (g * (1.0 - y * y),),
    "sigmoid": lambda p, g, y, x: (g * y * (1.0 - y),),
    "erf": lambda p, g, y, x: (g * (2.0 / math.sqrt(math.pi)) * exp(-x * x),),
    "erf_inv": lambda p, g, y, x: (g * (math.sqrt(math.pi) / 2.0) * exp(y * y),),
    "add": lambda p, g, y, x, w: (g, g),
    "sub": lambda p, g, y, x, w: (g, -g),
    "mul": lambda p, g, y, x, w: (g * w, g * x),
    "div": lambda p, g, y, x, w: (g / w, -g * y / w),
    "pow": lambda p, g, y, x, w: (g * w * pow(s.power_base(x, w), w - 1.0), g * y * s.log_or_zero(x)),
    "max": lambda p, g, y, x, w: (g * s.share(gt(x, w), eq(x, w), g), g * s.share(lt(x, w), eq(x, w), g)),
    "min": lambda p, g, y, x, w: (g * s.share(lt(x, w), eq(x, w), g), g * s.share(gt(x, w), eq(x, w), g)),
    "mod": lambda p, g, y, x, w: (g, -g * floordiv(x, w)),
    "atan2": lambda p, g, y, x, w: (g * w / (x * x + w * w), -g * x / (x * x + w * w)),
    "select": lambda p, g, y, c, x, w: (None, select(c, g, zeros_like(g)), select(c, zeros_like(g), g)),
    "convert": lambda p, g, y, x: (cast(g, x.dtype),),
    # movement
    "reshape": lambda p, g, y, x: (reshape(g, shape=x.shape),),
    "broadcast": lambda p, g, y, x: (s.unbroadcast(p, g, x),),
    "transpose": lambda p, g, y, x: (transpose(g, axes=s.inverse(p.axes)),),
    "slice": lambda p, g, y, x: (s.unslice(p, g, x),),
    "pad": lambda p, g, y, x: (s.unpad(p, g, x),),
    "concatenate": lambda p, g, y, *xs: s.pieces(p, g, xs),
    "reverse": lambda p, g, y, x: (reverse(g, axes=p.axes),),
    "dynamic_slice": lambda p, g, y, x, start: (dynamic_update_slice(zeros_like(x), g, start), None),
    "dynamic_update_slice": lambda p, g, y, x, update, start: (
        dynamic_update_slice(g, zeros_like(update), start),
        dynamic_slice(g, start, sizes=update.shape),
        None,
    ),
    # reduction and contraction
    "reduce_sum": lambda p, g, y, x: (s.along(p, g, x),),
    "reduce_prod": lambda p, g, y, x: (s.along(p, g, x) * s.product_of_others(p, x),),
    "reduce_max": lambda p, g, y, x: (s.along(p, g, x) * s.equal_share(p, y, x),),
    "reduce_min": lambda p, g, y, x: (s.along(p, g, x) * s.equal_share(p, y, x),),
    "dot_general": lambda p, g, y, x, w: (s.contract_left(p, g, x, w), s.contract_right(p, g, x, w)),
    # indexing and ordering
    "gather": lambda p, g, y, x, i: (scatter_add(zeros_like(x), i, g), None),
    "scatter": lambda p, g, y, x, i, u: (scatter(g, i, zeros_like(u)), None, gather(g, i) * s.winners(g, i, u)),
    "scatter_add": lambda p, g, y, x, i, u: (g, None, gather(g, i)),
    "sort": lambda p, g, y, x: (s.unsort(g, argsort(x, **p), p.axis, x),),
    "top_k": lambda p, g, y, x: (s.unsort(g[0], y[1], x.ndim - 1, x),),
    "cumsum": lambda p, g, y, x: (cumsum(g, axis=p.axis, reverse=not p.reverse),),
    "cumprod": lambda p, g, y, x: (s.cumprod_gradient(p, g, x),),
    "cummax": lambda p, g, y, x: (s.running_gradient(p, g, y, x),),
    "cummin": lambda p, g, y, x: (s.running_gradient(p, g, y, x),),
    # window
    "conv": lambda p, g, y, x, w: (s.conv_input(p, g, x, w), s.conv_kernel(p, g, x, w)),
    "window_sum": lambda p, g, y, x: (windows.unwindow_sum(p, g, x),),
    "window_max": lambda p, g, y, x: (windows.unwindow_max(p, g, y, x),),
    # zero by definition, or nothing to differentiate
    **dict.fromkeys(("sign", "floor", "ceil", "round", "floordiv", "stop_gradient"), ZERO),
    **dict.fromkeys(("bit_and", "bit_or", "bit_xor", "bit_not", "shift_left", "shift_right"), NONE),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge", "argmax", "argmin", "argsort"), NONE),
    **dict.fromkeys(("constant", "iota", "random_bits"), NONE),
}
