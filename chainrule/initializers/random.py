"""Initializers with chance: every one draws from `chainrule.random` with a seed of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError
from ..ir import eager
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..variables import SeedGenerator, draw_key, next_default_seed
from .base import Initializer, Shape, checked_dtype, checked_number, checked_shape

Axes = int | Sequence[int] | None
_CUT = 0.87962566103423978  # the standard deviation of a standard normal number that lies between -2 and 2


class RandomInitializer(Initializer):
    """Base of the random ones.

    Args: seed: an integer (every call gives the same numbers), a `SeedGenerator` (every call gives new ones), or None
        (default: an integer chosen now, different for every initializer).
    Raises: ArgumentError: seed is something else.
    """

    def __init__(self, seed: Any = None) -> None:
        seed = deserialize_keras_object(seed)
        if not (seed is None or isinstance(seed, SeedGenerator) or hasattr(seed, "__index__")):
            raise ArgumentError(f"{type(self).__name__}: expected seed to be an integer, a SeedGenerator or None; "
                                f"got {seed!r}.")  # fmt: skip
        self._given_seed = seed
        self.seed = next_default_seed() if seed is None else seed

    def _key(self) -> Any:
        return draw_key(self.seed)

    def get_config(self) -> dict[str, Any]:
        return {"seed": serialize_keras_object(self._given_seed)}


@builtin
class RandomNormal(RandomInitializer):
    """Normal numbers.

    Args: mean: number (default 0); stddev: number (default 0.05); seed: see `RandomInitializer`.

    >>> RandomNormal(seed=1)((2, 3)).shape
    (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean = checked_number("RandomNormal", "mean", mean)
        self.stddev = checked_number("RandomNormal", "stddev", stddev)

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        shape = checked_shape("RandomNormal", shape)
        return ops.random.normal(self._key(), shape, self.mean, self.stddev, checked_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@builtin
class TruncatedNormal(RandomInitializer):
    """Normal numbers of which those beyond two standard deviations are never drawn.

    Args: mean: number (default 0); stddev: number (default 0.05), before the cut; seed: see `RandomInitializer`.

    >>> bool((abs(TruncatedNormal(stddev=1.0, seed=1)((99,)).numpy()) <= 2).all())
    True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.mean = checked_number("TruncatedNormal", "mean", mean)
        self.stddev = checked_number("TruncatedNormal", "stddev", stddev)

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        shape = checked_shape("TruncatedNormal", shape)
        return ops.random.truncated_normal(self._key(), shape, self.mean, self.stddev, checked_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@builtin
class RandomUniform(RandomInitializer):
    """Uniform numbers in [minval, maxval).

    Args: minval: number (default -0.05); maxval: number (default 0.05); seed: see `RandomInitializer`.

    >>> bool((abs(RandomUniform(seed=1)((99,)).numpy()) <= 0.05).all())
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        self.minval = checked_number("RandomUniform", "minval", minval)
        self.maxval = checked_number("RandomUniform", "maxval", maxval)

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        shape = checked_shape("RandomUniform", shape)
        return ops.random.uniform(self._key(), shape, self.minval, self.maxval, checked_dtype(dtype))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


def compute_fans(shape: Shape, input_axes: Axes = None, output_axes: Axes = None) -> tuple[int, int]:
    """How many weights enter an output, and how many leave an input (fan_in, fan_out).

    Args: shape: of a dense kernel (inputs, outputs) or a convolution kernel (*window, inputs, outputs); input_axes,
        output_axes: which axes are the inputs and the outputs, for kernels of another kind (default None).

    >>> compute_fans((3, 3, 16, 32)), compute_fans((10, 4, 8), input_axes=[0], output_axes=[1, 2])
    ((144, 288), (10, 32))
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in _listed(input_axes)), math.prod(shape[a] for a in _listed(output_axes))
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


def _listed(axes: Any) -> list[int]:
    return [axes] if isinstance(axes, int) else list(axes)


@builtin
class VarianceScaling(RandomInitializer):
    """Numbers of mean 0 and variance scale / n, n from the shape, so that signals keep their size from layer to layer.

    Args: scale: positive number (default 1); mode: 'fan_in' (default: n inputs), 'fan_out' (n outputs) or 'fan_avg'
        (their mean); distribution: 'truncated_normal' (default), 'untruncated_normal' or 'uniform'; seed: see
        `RandomInitializer`; input_axes, output_axes: see `compute_fans`.
    Raises: ArgumentError: scale, mode or distribution is not allowed.
    Source: He et al. 2015, arXiv:1502.01852, section 2.2.

    >>> kernel = VarianceScaling(distribution="uniform", seed=1)((300, 10)).numpy()
    >>> bool((abs(kernel) <= 0.1).all())
    True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Axes = None,
        output_axes: Axes = None,
    ) -> None:
        super().__init__(seed)
        self.scale = checked_number(type(self).__name__, "scale", scale)
        self.mode, self.distribution = str(mode).lower(), str(distribution).lower()
        self.distribution = "truncated_normal" if self.distribution == "normal" else self.distribution
        self.input_axes, self.output_axes = input_axes, output_axes
        if not 0 < self.scale < math.inf:
            raise ArgumentError(f"VarianceScaling: expected a positive scale; got {scale!r}.")
        if self.mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ArgumentError(f"VarianceScaling: expected mode 'fan_in', 'fan_out' or 'fan_avg'; got {mode!r}.")
        if self.distribution not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise ArgumentError("VarianceScaling: expected distribution 'truncated_normal', 'untruncated_normal' or "
                                f"'uniform'; got {distribution!r}.")  # fmt: skip

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        shape, dtype = checked_shape(type(self).__name__, shape), checked_dtype(dtype)
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(n, 1.0))
        if self.distribution == "uniform":
            limit = math.sqrt(3) * stddev
            return ops.random.uniform(self._key(), shape, -limit, limit, dtype)
        if self.distribution == "untruncated_normal":
            return ops.random.normal(self._key(), shape, 0.0, stddev, dtype)
        return ops.random.truncated_normal(self._key(), shape, 0.0, stddev / _CUT, dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(), "scale": self.scale, "mode": self.mode, "distribution": self.distribution,
            "input_axes": self.input_axes, "output_axes": self.output_axes,
        }  # fmt: skip


class _Named(VarianceScaling):
    """A `VarianceScaling` with its scale, mode and distribution fixed."""

    recipe: tuple[float, str, str]

    def __init__(self, seed: Any = None, input_axes: Axes = None, output_axes: Axes = None) -> None:
        super().__init__(*self.recipe, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {key: config[key] for key in ("seed", "input_axes", "output_axes")}


@builtin
class GlorotUniform(_Named):
    """Uniform numbers in [-r, r), r = sqrt(6 / (fan_in + fan_out)); also called Xavier. Keras's default for kernels.

    Args: seed: see `RandomInitializer`; input_axes, output_axes: see `compute_fans`.
    Source: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
        equation 16.

    >>> bool((abs(GlorotUniform(seed=1)((2, 4)).numpy()) <= 1).all())
    True
    """

    recipe = (1.0, "fan_avg", "uniform")


@builtin
class GlorotNormal(_Named):
    """Truncated normal numbers of variance 2 / (fan_in + fan_out); also called Xavier.

    Args: seed: see `RandomInitializer`; input_axes, output_axes: see `compute_fans`.
    Source: Glorot and Bengio 2010, equation 12.

    >>> GlorotNormal(seed=1)((2, 4)).shape
    (2, 4)
    """

    recipe = (1.0, "fan_avg", "truncated_normal")


@builtin
class HeUniform(_Named):
    """Uniform numbers in [-r, r), r = sqrt(6 / fan_in): for relu.

    Args: seed: see `RandomInitializer`; input_axes, output_axes: see `compute_fans`.
    Source: He et al. 2015, arXiv:1502.01852, equation 10.

    >>> bool((abs(HeUniform(seed=1)((6, 2)).numpy()) <= 1).all())
    True
    """

    recipe = (2.0, "fan_in", "uniform")


@builtin
class HeNormal(_Named):
    """Truncated normal numbers of variance 2 / fan_in: for relu.

    Args: seed: see `RandomInitializer`; input_axes, output_axes: see `compute_fans`.
    Source: He et al. 2015, arXiv:1502.01852, equation 10.

    >>> HeNormal(seed=1)((2, 4)).shape
    (2, 4)
    """

    recipe = (2.0, "fan_in", "truncated_normal")


@builtin
class LecunUniform(_Named):
    """Uniform numbers in [-r, r), r = sqrt(3 / fan_in).

    Args: seed: see `RandomInitializer`; input_axes, output_axes: see `compute_fans`.
    Source: LeCun et al. 1998, "Efficient BackProp", equation 16.

    >>> bool((abs(LecunUniform(seed=1)((3, 2)).numpy()) <= 1).all())
    True
    """

    recipe = (1.0, "fan_in", "uniform")


@builtin
class LecunNormal(_Named):
    """Truncated normal numbers of variance 1 / fan_in: for selu.

    Args: seed: see `RandomInitializer`; input_axes, output_axes: see `compute_fans`.
    Source: LeCun et al. 1998, "Efficient BackProp", equation 16.

    >>> LecunNormal(seed=1)((2, 4)).shape
    (2, 4)
    """

    recipe = (1.0, "fan_in", "truncated_normal")


@builtin
class Orthogonal(RandomInitializer):
    """gain times a random matrix with orthonormal columns (rows, if it is wider than high), uniform among them.

    Args: gain: number (default 1); seed: see `RandomInitializer`.
    Shapes: two axes or more; all but the last are taken together as rows.
    Raises: ShapeError: fewer than two axes.
    Source: Saxe, McClelland and Ganguli 2013, arXiv:1312.6120; Mezzadri 2007, arXiv:math-ph/0609050, section 5.

    >>> q = Orthogonal(seed=1)((3, 3)).numpy()
    >>> bool(np.allclose(q.T @ q, np.eye(3), atol=1e-6))
    True
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        self.gain = checked_number("Orthogonal", "gain", gain)

    def __call__(self, shape: Shape, dtype: Any = None) -> Any:
        shape = checked_shape("Orthogonal", shape, "at least a matrix")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        with eager():
            draw = ops.random.normal(self._key(), (max(rows, columns), min(rows, columns)), dtype="float64").numpy()
        q, r = np.linalg.qr(draw)
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # without this, QR's choice of signs is not uniform
        value = (q.T if rows < columns else q).reshape(shape) * self.gain
        return ops.convert_to_tensor(value.astype(checked_dtype(dtype)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}
