"""Activation functions, under Keras's names: what `Dense(64, activation="relu")` refers to.

Most are the functions of `chainrule.ops` themselves; the few whose arguments differ there stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import ops
from .ops import (
    celu,
    elu,
    exp,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    multiply,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    swish,
    tanh,
    tanh_shrink,
    threshold,
    where,
)
from .serialization import builtin, deserialize_keras_object, resolve, serialize_keras_object


def linear(x: Any) -> Any:
    """x itself.

    Args: x: tensor.

    >>> linear(2.0)
    2.0
    """
    return x


def exponential(x: Any) -> Any:
    """e^x.

    Args: x: tensor.

    >>> exponential([0.0]).tolist()
    [1.0]
    """
    return exp(x)


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """x where x > threshold, else negative_slope (x - threshold); never above max_value.

    Args: x: tensor; negative_slope: number (default 0); max_value: number or None (default, no limit);
        threshold: number (default 0).
    Source: Glorot, Bordes and Bengio 2011, "Deep sparse rectifier neural networks".

    >>> relu([-1.0, 2.0, 9.0], negative_slope=0.5, max_value=6.0).tolist()
    [-0.5, 2.0, 6.0]
    """
    if negative_slope or threshold:
        y = where(ops.less_equal(x, threshold), ops.subtract(x, threshold) * negative_slope, x)
    else:
        y = ops.relu(x)
    return y if max_value is None else where(y > max_value, max_value, y)


def gelu(x: Any, approximate: bool = False) -> Any:
    """x Phi(x), where Phi is the distribution function of the standard normal law.

    Args: x: tensor; approximate: bool (default False): whether Phi is approximated by a tanh.
    Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.

    >>> gelu([0.0, 100.0]).tolist()
    [0.0, 100.0]
    """
    return ops.gelu(x, approximate)


def mish(x: Any) -> Any:
    """x tanh(softplus(x)).

    Args: x: tensor.
    Source: Misra 2019, arXiv:1908.08681.

    >>> mish([0.0, 100.0]).tolist()
    [0.0, 100.0]
    """
    return multiply(x, tanh(softplus(x)))


_FUNCTIONS: list[Callable[..., Any]] = [
    celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, leaky_relu, linear,
    log_sigmoid, log_softmax, mish, relu, relu6, selu, sigmoid, silu, soft_shrink, softmax, softplus, softsign,
    sparse_plus, sparse_sigmoid, sparsemax, squareplus, tanh, tanh_shrink, threshold,
]  # fmt: skip
ALL: dict[str, Callable[..., Any]] = {f.__name__: builtin(f) for f in _FUNCTIONS}
ALL |= {"swish": silu, "hard_swish": hard_silu}


def get(identifier: Any) -> Callable[..., Any]:
    """The activation function that an argument stands for.

    Args: identifier: a name, a function, the plain data of one, or None (linear).
    Raises: ArgumentError: the name is not known.

    >>> get("relu") is relu, get(None) is linear
    (True, True)
    """
    return linear if identifier is None else resolve("activation", identifier, ALL)


def serialize(activation: Callable[..., Any]) -> Any:
    """Plain data for an activation function: its name, or a dict for a registered one.

    >>> serialize(swish)
    'silu'
    """
    activation = get(activation)
    name = getattr(activation, "__name__", "")
    return name if ALL.get(name) is activation else serialize_keras_object(activation)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The activation function behind plain data (a name or a dict).

    >>> deserialize("tanh") is tanh
    True
    """
    if isinstance(config, str):
        return (custom_objects or {}).get(config) or get(config)
    return deserialize_keras_object(config, custom_objects)


__all__ = [
    "ALL", "celu", "deserialize", "elu", "exponential", "gelu", "get", "glu", "hard_shrink", "hard_sigmoid",
    "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu",
    "relu6", "selu", "serialize", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus",
    "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink", "threshold",
]  # fmt: skip
