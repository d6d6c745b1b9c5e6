"""Weights kept at a spectral norm of 1."""

from __future__ import annotations

from typing import Any

from .. import initializers, ops
from ..errors import ArgumentError
from ..serialization import builtin
from .checks import known_size, positive_integer
from .core import Wrapper
from .layer import Layer
from .spec import InputSpec


@builtin
class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer, in each training step, by its largest singular value.

    The singular value is followed by power iteration: `v = u W^T / |u W^T|`, `u = v W / |v W|`, `sigma = v W u^T`. The
    kernel itself is replaced; its gradient is that of the replaced one.

    Args: layer: a layer with a `kernel` or `embeddings`; power_iterations: int, iterations a step (default 1).
    Shapes: those of the layer. Weights: those of the layer, and vector_u (1, last size of the kernel), not trained.
    Raises: ArgumentError: power_iterations is not a positive integer, or the layer has no kernel.
    Source: Miyato et al. 2018, arXiv:1802.05957, algorithm 1.

    Example:
    >>> from chainrule.layers import Dense
    >>> layer = SpectralNormalization(Dense(2, use_bias=False, kernel_initializer="ones"), power_iterations=3)
    >>> layer([[1.0, 1.0]], training=True).numpy().round(4).tolist()
    [[1.0, 1.0]]
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.power_iterations = positive_integer(self, "power_iterations", power_iterations)

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside and the vector."""
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: known_size(self, input_shape)})
        found = [getattr(self.layer, name, None) for name in ("kernel", "embeddings")]
        self.kernel: Any = next((weight for weight in found if weight is not None), None)
        if self.kernel is None:
            raise ArgumentError(f"expected a layer with a kernel or embeddings; got {self.layer!r}.")
        self.vector_u = self.add_weight(
            (1, self.kernel.shape[-1]), initializers.TruncatedNormal(stddev=0.02), dtype=self.kernel.dtype,
            trainable=False, name="vector_u",
        )  # fmt: skip

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """What the layer inside makes of the inputs, in training with its kernel divided first."""
        if training:
            self._normalize()
        return self.layer(inputs)

    def _normalize(self) -> None:
        kernel, u = ops.stop_gradient(self.kernel.value), self.vector_u.value
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        for _ in range(self.power_iterations):
            v = ops.normalize(ops.matmul(u, ops.transpose(matrix)))
            u = ops.normalize(ops.matmul(v, matrix))
        sigma = ops.matmul(ops.matmul(v, matrix), ops.transpose(u))
        empty = ops.all(ops.equal(kernel, 0.0))  # a kernel of zeros has no direction: it stays
        change = ops.where(empty, 0.0, kernel / ops.reshape(sigma, ()) - kernel)
        self.kernel.assign(self.kernel.value + change)
        self.vector_u.assign(ops.where(empty, self.vector_u.value, u))
