"""Activations: functions of one element (and `glu`), under Keras's names.

Every one is written so that its derivative is right too: a branch that is not chosen is never fed a number on which
it would overflow, the derivative at a kink is TensorFlow's, and NaN stays NaN.
"""

from __future__ import annotations

import math
from typing import Any

from .. import primitives as P
from ..errors import ShapeError
from ..ir import Tensor
from ..primitives.arithmetic import as_operand
from .math import floating, normalize_axis, where
from .shaping import split
from .symbolic import op


@op
def relu(x: Any) -> Tensor:
    """max(x, 0); its derivative at 0 is 0.

    Args: x: tensor of numbers.
    Source: Glorot, Bordes and Bengio 2011, "Deep sparse rectifier neural networks".

    >>> relu([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """
    x = as_operand(x)
    return x if x.type.dtype == "bool" else where(x <= 0, 0, x)


@op
def relu6(x: Any) -> Tensor:
    """min(max(x, 0), 6); its derivative at 0 and at 6 is 0.

    Args: x: tensor of numbers.
    Source: Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10".

    >>> relu6([-1.0, 2.0, 7.0]).tolist()
    [0.0, 2.0, 6.0]
    """
    y = relu(x)
    y = floating(y) if y.type.dtype == "bool" else y
    return where(y >= 6, 6, y)


@op
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """x where x > 0, else negative_slope * x.

    Args: x: tensor; negative_slope: number (default 0.2), the slope below 0.
    Source: Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".

    >>> leaky_relu([-1.0, 2.0], negative_slope=0.5).tolist()
    [-0.5, 2.0]
    """
    x = floating(x)
    return where(x > 0, x, x * negative_slope)


def _bend(x: Tensor, below: Tensor, alpha: float, width: float = 1.0) -> Any:
    """alpha (e^(x / width) - 1) where `below` holds, else x."""
    return where(below, P.expm1(where(below, x, 0.0) / width) * alpha, x)


@op
def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where x > 0, else alpha (e^x - 1).

    Args: x: tensor; alpha: number (default 1), minus the limit at -infinity.
    Source: Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289, equation 15.

    >>> elu([-100.0, 2.0], alpha=0.5).tolist()
    [-0.5, 2.0]
    """
    x = floating(x)
    return _bend(x, x <= 0, alpha)


_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # mean 0 and variance 1 are a fixed point


@op
def selu(x: Any) -> Tensor:
    """1.0507 x where x >= 0, else 1.0507 * 1.6733 (e^x - 1).

    Args: x: tensor.
    Source: Klambauer et al. 2017, arXiv:1706.02515, equations 2 and 14.

    >>> float(selu(2.0)) / float(selu(1.0))
    2.0
    """
    x = floating(x)
    return _bend(x, x < 0, _SELU_ALPHA) * _SELU_SCALE


@op
def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where x > 0, else alpha (e^(x / alpha) - 1); its slope at 0 is 1 for every alpha.

    Args: x: tensor; alpha: number other than 0 (default 1), minus the limit at -infinity.
    Source: Barron 2017, arXiv:1704.07483.

    >>> celu([-100.0, 2.0], alpha=0.5).tolist()
    [-0.5, 2.0]
    """
    x = floating(x)
    return _bend(x, x <= 0, alpha, alpha)


@op
def gelu(x: Any, approximate: bool = True) -> Tensor:
    """x Phi(x), where Phi is the distribution function of the standard normal law.

    Args: x: tensor; approximate: bool (default True): Phi(x) = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2,
        else Phi(x) = (1 + erf(x / sqrt(2))) / 2.
    Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.

    >>> gelu([0.0, 100.0]).tolist()
    [0.0, 100.0]
    """
    x = floating(x)
    if approximate:
        return x * 0.5 * (1.0 + P.tanh((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)))
    return x * 0.5 * (1.0 + P.erf(x * math.sqrt(0.5)))


@op
def sigmoid(x: Any) -> Tensor:
    """1 / (1 + e^-x). The result remembers x, so that a cross-entropy on it is computed from the logits.

    Args: x: tensor.

    >>> sigmoid([0.0]).tolist()
    [0.5]
    """
    x = floating(x)
    y = P.sigmoid(x)
    y.logits = ("sigmoid", x)
    return y


@op
def silu(x: Any) -> Tensor:
    """x sigmoid(x), also called swish.

    Args: x: tensor.
    Source: Ramachandran, Zoph and Le 2017, arXiv:1710.05941.

    >>> silu([0.0, 100.0]).tolist()
    [0.0, 100.0]
    """
    x = floating(x)
    return x * P.sigmoid(x)


swish = silu


@op
def softplus(x: Any) -> Tensor:
    """log(1 + e^x), without overflow; derivatives of every order are exact, at 0 too.

    Args: x: tensor.
    Source: Dugas et al. 2001, "Incorporating second-order functional knowledge for better option pricing".

    >>> softplus([-1000.0, 1000.0]).tolist()
    [0.0, 1000.0]
    """
    x = floating(x)
    above = x > 0
    return where(above, x, 0.0) + P.log1p(P.exp(where(above, -x, x)))


@op
def log_sigmoid(x: Any) -> Tensor:
    """log(sigmoid(x)) = -softplus(-x), without overflow.

    Args: x: tensor.

    >>> log_sigmoid([-1000.0]).tolist()
    [-1000.0]
    """
    x = floating(x)
    return -softplus(-x)


@op
def softsign(x: Any) -> Tensor:
    """x / (1 + |x|).

    Args: x: tensor.
    Source: Turian, Bergstra and Bengio 2009, "Quadratic features and deep architectures for chunking".

    >>> softsign([-1.0, 3.0]).tolist()
    [-0.5, 0.75]
    """
    x = floating(x)
    return x / (P.abs(x) + 1.0)


@op
def hard_sigmoid(x: Any) -> Tensor:
    """relu6(x + 3) / 6: straight from 0 at -3 to 1 at 3.

    Args: x: tensor.
    Source: Howard et al. 2019, arXiv:1905.02244, section 5.2.

    >>> hard_sigmoid([-3.0, 0.0, 4.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    x = floating(x)
    return relu6(x + 3.0) / 6.0


@op
def hard_silu(x: Any) -> Tensor:
    """x hard_sigmoid(x), also called hard_swish.

    Args: x: tensor.
    Source: Howard et al. 2019, arXiv:1905.02244, section 5.2.

    >>> hard_silu([-3.0, 3.0]).tolist()
    [-0.0, 3.0]
    """
    x = floating(x)
    return x * hard_sigmoid(x)


hard_swish = hard_silu


@op
def hard_tanh(x: Any) -> Tensor:
    """min(max(x, -1), 1); its derivative at -1 and at 1 is 1.

    Args: x: tensor.
    Source: Collobert 2004, "Large scale machine learning".

    >>> hard_tanh([-2.0, 0.5, 2.0]).tolist()
    [-1.0, 0.5, 1.0]
    """
    x = floating(x)
    return where(x > 1, 1.0, where(x < -1, -1.0, x))


@op
def tanh_shrink(x: Any) -> Tensor:
    """x - tanh(x).

    Args: x: tensor.

    >>> tanh_shrink([-100.0]).tolist()
    [-99.0]
    """
    x = floating(x)
    return x - P.tanh(x)


@op
def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """0 where |x| <= threshold, else x.

    Args: x: tensor; threshold: number (default 0.5).

    >>> hard_shrink([-1.0, 0.25, 2.0]).tolist()
    [-1.0, 0.0, 2.0]
    """
    x = floating(x)
    return where(P.abs(x) <= threshold, 0.0, x)


@op
def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """0 where |x| <= threshold, else x moved towards 0 by threshold.

    Args: x: tensor; threshold: number (default 0.5).
    Source: Donoho 1995, "De-noising by soft-thresholding".

    >>> soft_shrink([-1.0, 0.25, 2.0]).tolist()
    [-0.5, 0.0, 1.5]
    """
    x = floating(x)
    return where(P.abs(x) <= threshold, 0.0, x - P.sign(x) * threshold)


@op
def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """x where x > threshold, else default_value.

    Args: x: tensor; threshold: number; default_value: number.

    >>> threshold([1.0, 2.0], 1.0, -5.0).tolist()
    [-5.0, 2.0]
    """
    x = floating(x)
    return where(x <= threshold, default_value, x)


@op
def squareplus(x: Any, b: float = 4) -> Tensor:
    """(x + sqrt(x^2 + b)) / 2, a smooth relu.

    Args: x: tensor; b: number (default 4), how round the bend is; 0 gives relu.
    Source: Barron 2021, arXiv:2112.11687, equation 1.

    >>> squareplus([0.0]).tolist()
    [1.0]
    """
    x = floating(x)
    return (x + P.sqrt(x * x + b)) * 0.5


@op
def sparse_plus(x: Any) -> Tensor:
    """0 where x <= -1, x where x >= 1, else (x + 1)^2 / 4.

    Args: x: tensor.

    >>> sparse_plus([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.25, 3.0]
    """
    x = floating(x)
    return where(x <= -1, 0.0, where(x >= 1, x, (x + 1.0) * (x + 1.0) * 0.25))


@op
def sparse_sigmoid(x: Any) -> Tensor:
    """0 where x <= -1, 1 where x >= 1, else (x + 1) / 2: the derivative of sparse_plus.

    Args: x: tensor.
    Source: Martins and Astudillo 2016, arXiv:1602.02068, section 2.2.

    >>> sparse_sigmoid([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    x = floating(x)
    return where(x <= -1, 0.0, where(x >= 1, 1.0, (x + 1.0) * 0.5))


@op
def glu(x: Any, axis: int = -1) -> Tensor:
    """a sigmoid(b), where a and b are the two halves of x along an axis.

    Args: x: tensor with an even size on `axis`; axis: integer (default -1).
    Shapes: the size of `axis` is halved.
    Raises: ShapeError: the size is odd.
    Source: Dauphin et al. 2016, arXiv:1612.08083, equation 1.

    >>> glu([3.0, 0.0]).tolist()
    [1.5]
    """
    x = floating(x)
    if x.shape[normalize_axis(axis, x.ndim)] % 2:
        raise ShapeError(f"glu: expected an even size on axis {axis}, to be cut in two; got shape {x.shape}.")
    a, b = split(x, 2, axis)
    return a * P.sigmoid(b)
