"""Layers that act in training only: noise, dropped units, penalties on activity."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from .. import config, ops
from ..errors import ArgumentError
from ..ops import random
from ..ops.windows import FORMATS
from ..regularizers import L1L2
from ..serialization import builtin
from ..variables import SeedGenerator
from .checks import label, number, one_of
from .layer import Layer
from .spec import InputSpec


class _Noisy(Layer):
    """A layer that draws random numbers in training: one key a call, the same again for the same seed."""

    def _keep_seed(self, seed: int | None) -> None:
        self.seed = seed
        if getattr(self, "rate", 1) > 0 and getattr(self, "stddev", 1) > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True


def _sizes(layer: Layer, noise_shape: Any) -> tuple[int | None, ...] | None:
    if noise_shape is None:
        return None
    sizes = tuple(noise_shape) if isinstance(noise_shape, (list, tuple)) else (noise_shape,)
    good = all(n is None or (isinstance(n, int) and n > 0) for n in sizes)
    if not (good and isinstance(noise_shape, (list, tuple))):
        raise ArgumentError(
            f"{label(layer)}: expected noise_shape as positive integers, None for the input's; got {noise_shape!r}."
        )
    return sizes


@builtin
class Dropout(_Noisy):
    """In training sets a random share of the inputs to 0 and divides the others by `1 - rate`; else does nothing.

    Args:
        rate: number from 0 to 1, the share that is dropped.
        noise_shape: sizes of the random choice, None for those of the input; along a size of 1 all elements are
            dropped or kept together (default None: each element for itself).
        seed: int (default None: the next default seed).

    Shapes: any; the output has the shape of the input.
    Raises: ArgumentError: rate is not from 0 to 1.
    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".

    Example:
    >>> Dropout(0.5)([1.0, 2.0]).tolist(), sorted(set(Dropout(0.5, seed=1)([1.0] * 99, training=True).tolist()))
    ([1.0, 2.0], [0.0, 2.0])
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = number(self, "rate", rate, 0, 1)
        self.noise_shape = _sizes(self, noise_shape)
        self._keep_seed(seed)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """The inputs, in training with some of them dropped."""
        if not training or self.rate == 0:
            return inputs
        return random.dropout(self.seed_generator.next(), inputs, self.rate, self.noise_shape)


@builtin
class SpatialDropout1D(_Noisy):
    """In training drops whole channels of a sequence: the same at every step.

    Args: rate: number from 0 to 1; seed: int (default None: the next default seed).
    Shapes: (batch, steps, channels) -> the same.
    Source: Tompson et al. 2015, arXiv:1411.4280, section 3.2.

    Example:
    >>> SpatialDropout1D(0.5)([[[1.0], [2.0]]]).tolist()
    [[[1.0], [2.0]]]
    """

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.rate = number(self, "rate", rate, 0, 1)
        self._keep_seed(seed)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """The inputs, in training with some channels dropped."""
        if not training or self.rate == 0:
            return inputs
        return random.dropout(self.seed_generator.next(), inputs, self.rate, (None, 1, None))


class _SpatialDropout(_Noisy):
    rank: ClassVar[int]

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None, name: str | None = None,
                 dtype: Any = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.rate = number(self, "rate", rate, 0, 1)
        self.data_format = one_of(self, "data_format", data_format or config.image_data_format(), FORMATS)
        self._keep_seed(seed)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """The inputs, in training with some channels dropped."""
        if not training or self.rate == 0:
            return inputs
        ones = (1,) * self.rank
        shape = (None, *ones, None) if self.data_format == "channels_last" else (None, None, *ones)
        return random.dropout(self.seed_generator.next(), inputs, self.rate, shape)


@builtin
class SpatialDropout2D(_SpatialDropout):
    """In training drops whole channels of an image: the same at every pixel.

    Args: rate: number from 0 to 1; data_format: 'channels_last' or 'channels_first' (default
        `config.image_data_format()`); seed: int (default None: the next default seed).
    Shapes: (batch, rows, columns, channels) -> the same.
    Source: Tompson et al. 2015, arXiv:1411.4280, section 3.2.

    Example:
    >>> SpatialDropout2D(0.5)([[[[1.0], [2.0]]]]).tolist()
    [[[[1.0], [2.0]]]]
    """

    rank = 2


@builtin
class SpatialDropout3D(_SpatialDropout):
    """In training drops whole channels of a volume: the same everywhere in it.

    Args: as for `SpatialDropout2D`.
    Shapes: (batch, *space, channels) -> the same, with three axes of space.
    Source: Tompson et al. 2015, arXiv:1411.4280, section 3.2.

    Example:
    >>> SpatialDropout3D(0.5)([[[[[1.0], [2.0]]]]]).tolist()
    [[[[[1.0], [2.0]]]]]
    """

    rank = 3


@builtin
class GaussianNoise(_Noisy):
    """In training adds normal noise.

    Args: stddev: number of at least 0, the noise's standard deviation; seed: int (default None: the next default seed).
    Shapes: any; the output has the shape of the input.
    Source: Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".

    Example:
    >>> GaussianNoise(0.1)([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = number(self, "stddev", stddev, 0)
        self._keep_seed(seed)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """The inputs, in training with noise."""
        if not training or self.stddev == 0:
            return inputs
        return inputs + random.normal(self.seed_generator.next(), inputs.shape, 0.0, self.stddev, self.compute_dtype)


@builtin
class GaussianDropout(_Noisy):
    """In training multiplies by normal numbers of mean 1 and variance `rate / (1 - rate)`.

    Args: rate: number from 0 to below 1; seed: int (default None: the next default seed).
    Shapes: any; the output has the shape of the input.
    Source: Srivastava et al. 2014, section 10.

    Example:
    >>> GaussianDropout(0.1)([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = number(self, "rate", rate, 0, math.nextafter(1, 0))
        self._keep_seed(seed)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """The inputs, in training with multiplicative noise."""
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * random.normal(self.seed_generator.next(), inputs.shape, 1.0, stddev, self.compute_dtype)


@builtin
class AlphaDropout(_Noisy):
    """In training sets a random share of the inputs to the limit of `selu`, keeping mean 0 and variance 1.

    Args: rate: number from 0 to below 1; noise_shape: as for `Dropout`; seed: int (default None: the next default
        seed).
    Shapes: any; the output has the shape of the input.
    Source: Klambauer et al. 2017, arXiv:1706.02515, section 3 and appendix.

    Example:
    >>> AlphaDropout(0.1)([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """

    _LIMIT = -1.0507009873554805 * 1.6732632423543772  # selu(-infinity)

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = number(self, "rate", rate, 0, math.nextafter(1, 0))
        self.noise_shape = _sizes(self, noise_shape)
        self._keep_seed(seed)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """The inputs, in training with some of them at the limit."""
        if not training or self.rate == 0:
            return inputs
        sizes = self.noise_shape or (None,) * inputs.ndim
        shape = [n if m is None else m for n, m in zip(inputs.shape, sizes, strict=True)]
        kept = random.unit_uniform(self.seed_generator.next(), shape, "float32") >= self.rate
        scale = ((1.0 - self.rate) * (1.0 + self.rate * self._LIMIT**2)) ** -0.5
        return scale * (ops.where(kept, inputs, self._LIMIT) - self._LIMIT * self.rate)


@builtin
class ActivityRegularization(Layer):
    """Adds `l1 sum(|x|) + l2 sum(x^2)` of its inputs to the loss and hands them on.

    Args: l1, l2: non-negative numbers (default 0).
    Shapes: any; the output is the input.

    Example:
    >>> layer = ActivityRegularization(l1=0.5)
    >>> y = layer([[1.0, -3.0]])
    >>> [float(loss) for loss in layer.losses]
    [2.0]
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {key: value for key, value in super().get_config().items() if key != "activity_regularizer"}
