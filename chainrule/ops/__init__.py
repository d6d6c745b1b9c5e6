"""What users compute with: NumPy-like and neural functions under `keras.ops` names, composed of primitives.

Outside a recording they compute at once and return a `Tensor` that behaves like a NumPy array; inside one they
write equations.
"""

from __future__ import annotations

from typing import Any

from ..errors import MissingNameError
from ..ir import Tensor
from ..ir.tree import remade
from ..later import later
from . import activation as _activation
from . import attention as _attention
from . import control as _control
from . import convolution as _convolution
from . import indexing as _indexing
from . import math as _math
from . import nn as _nn
from . import pooling as _pooling
from . import random, symbolic
from . import shaping as _shaping
from . import summation as _summation
from .symbolic import OPS, KerasTensor, Node, op

_MODULES = (_math, _shaping, _indexing, _activation, _nn, _control, _summation, _convolution, _pooling, _attention)
_LATER: dict[str, tuple[str, ...]] = {  # imported when they are first used
    "arranging": ("append", "argpartition", "array", "array_split", "bartlett", "blackman", "copy", "cross", "diag",
        "diagflat", "diagonal", "diff", "dsplit", "dstack", "empty", "empty_like", "fliplr", "flipud", "geomspace",
        "get_item", "hamming", "hanning", "hsplit", "hstack", "inner", "kaiser", "kron", "logspace", "nonzero",
        "outer", "ptp", "rot90", "select", "trace", "trapezoid", "tri", "unique", "unravel_index", "vander", "vdot",
        "vsplit", "vstack"),
    "fourier": ("extract_sequences", "fft", "fft2", "ifft2", "irfft", "istft", "rfft", "stft"),
    "functions": ("associative_scan", "rearrange", "vectorize", "vectorized_map"),
    "linalg": ("cdist", "cholesky", "cholesky_inverse", "det", "eig", "inv", "logdet", "lu_factor", "norm", "qr",
        "slogdet", "solve", "solve_triangular"),
    "numbers": ("allclose", "angle", "bitwise_invert", "bitwise_left_shift", "bitwise_right_shift", "cbrt", "conj",
        "conjugate", "divide_no_nan", "dtype", "erfc", "exp2", "fabs", "fmax", "fmin", "fmod", "gcd", "heaviside",
        "hypot", "i0", "imag", "is_tensor", "isclose", "isin", "isneginf", "isposinf", "isreal", "lcm", "ldexp",
        "logaddexp2", "nan_to_num", "nextafter", "real", "saturate_cast", "signbit", "sinc", "trunc", "view"),
    "segments": ("depth_to_space", "fold", "psnr", "segment_max", "segment_min", "segment_prod", "segment_sum",
        "space_to_depth", "unfold"),
    "sequences": ("ctc_decode", "ctc_loss"),
    "spectral": ("eigh", "lstsq", "matrix_rank", "pinv", "svd"),
    "statistics": ("average", "corrcoef", "correlate", "histogram", "median", "nanargmax", "nanargmin", "nancumprod",
        "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin", "nanpercentile", "nanprod", "nanquantile", "nanstd",
        "nansum", "nanvar", "percentile", "quantile"),
    "image": (),
}  # fmt: skip
_HIDDEN = {
    "op", "floating", "keep_axes", "align_three", "builtin_sum", "make_full", "block", "result_type", "normalize_axis",
    "normalize_axes", "lowest_score", "outside_recordings", "max_of", "min_of", "align_vectors", "counted",
}  # fmt: skip


def _public() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for module in _MODULES:
        for name, value in vars(module).items():
            own = getattr(value, "__module__", None) == module.__name__
            if callable(value) and own and not name.startswith("_") and name not in _HIDDEN:
                names[name] = value
    names["full"] = _shaping.make_full
    names["slice"] = _indexing.block
    return names


globals().update(_public())

_METHODS = (
    "sum", "mean", "max", "min", "prod", "std", "var", "any", "all", "argmax", "argmin", "cumsum", "reshape",
    "transpose", "squeeze", "repeat", "ravel", "clip", "round", "argsort", "swapaxes", "take",
)  # fmt: skip


def _reshape_method(self: Any, *newshape: Any) -> Any:
    return _shaping.reshape(self, newshape[0] if len(newshape) == 1 else newshape)


def _ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's functions on tensors: recorded where an op of that name exists, else computed on the arrays."""
    function = OPS.get(ufunc.__name__)
    if method == "__call__" and function and not kwargs:
        return function(*inputs)
    arrays = [x.numpy() if isinstance(x, Tensor) else x for x in inputs]
    return getattr(ufunc, method)(*arrays, **kwargs)


def _numpy_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy's other functions (`np.mean`, `np.argmax`, `np.concatenate`, ...) on tensors: computed on the arrays."""
    return function(*_as_arrays(args), **{key: _as_arrays(value) for key, value in kwargs.items()})


def _as_arrays(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return remade(value, [_as_arrays(item) for item in value])
    return value.numpy() if isinstance(value, Tensor) else value


def _attach_methods() -> None:
    for name in _METHODS:
        setattr(Tensor, name, lambda self, *args, f=OPS[name], **kwargs: f(self, *args, **kwargs))
    classes: tuple[Any, ...] = (Tensor, KerasTensor)
    for cls in classes:
        cls.reshape = _reshape_method
        cls.astype = lambda self, dtype: _math.cast(self, dtype)
        cls.T = property(lambda self: _shaping.transpose(self))
        cls.__getitem__ = lambda self, key: OPS["getitem"](self, key)
    classes[0].flatten = lambda self: _shaping.ravel(self)
    classes[0].__array_ufunc__ = _ufunc
    classes[0].__array_function__ = _numpy_function


_OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide",
    "mod": "mod", "pow": "power", "matmul": "matmul", "and": "logical_and", "or": "logical_or", "xor": "logical_xor",
}  # fmt: skip
_COMPARISONS = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}


def _attach_symbolic_operators() -> None:
    cls: Any = KerasTensor
    for name, function in _OPERATORS.items():
        f = OPS[function]
        setattr(KerasTensor, f"__{name}__", lambda self, other, f=f: f(self, other))
        setattr(KerasTensor, f"__r{name}__", lambda self, other, f=f: f(other, self))
    for name, function in _COMPARISONS.items():
        setattr(KerasTensor, f"__{name}__", lambda self, other, f=OPS[function]: f(self, other))
    cls.__neg__ = lambda self: OPS["negative"](self)
    cls.__abs__ = lambda self: OPS["absolute"](self)


_attach_methods()
_attach_symbolic_operators()

__all__ = ["OPS", "KerasTensor", "Node", "Tensor", "image", "op", "random", "symbolic"]
__all__ += list(_public())
for _names in _LATER.values():
    __all__ += list(_names)


__getattr__ = later(__name__, _LATER)


def _find(name: str) -> Any:
    """An op that is not imported yet, wherever it is."""
    try:
        return __getattr__(name)
    except MissingNameError:
        from . import image

        if name not in image.__all__:
            raise
        return getattr(image, name)


OPS.find = _find
