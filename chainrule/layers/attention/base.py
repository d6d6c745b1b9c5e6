"""What layers with attention heads share: projections, one mask made of many, weights and means."""

from __future__ import annotations

import math
from typing import Any

from ... import constraints, initializers, ops, regularizers
from ...errors import ShapeError, UnsupportedError
from ...ops.attention import lowest_score
from ..activation import HIDDEN, HIDDEN_HALF
from ..checks import label, number, positive_integer
from ..dense import EinsumDense
from ..layer import Layer
from ..regularization import Dropout


class Heads(Layer):
    """Base of `MultiHeadAttention` and `GroupQueryAttention`."""

    def _keep(
        self, dropout: Any, use_bias: bool, sliding_window: Any, flash_attention: Any, kernel_initializer: Any,
        bias_initializer: Any, kernel_regularizer: Any, bias_regularizer: Any, kernel_constraint: Any,
        bias_constraint: Any, use_gate: bool, seed: Any,
    ) -> None:  # fmt: skip
        if flash_attention:
            raise UnsupportedError(f"{label(self)}: flash_attention=True is not available; leave it out.")
        self.dropout = number(self, "dropout", dropout, 0, 1)
        self.use_bias, self.use_gate, self.flash_attention, self.seed = use_bias, use_gate, flash_attention, seed
        self.sliding_window = sliding_window
        if sliding_window is not None:
            positive_integer(self, "sliding_window", sliding_window)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.supports_masking = True
        self._dropout = Dropout(self.dropout, seed=seed, dtype=self.dtype_policy)

    def _regularize_activity(self, outputs: Any) -> None:
        """Nothing: the activities that count are those of the projections."""

    def _projection(self, name: str, equation: str, sizes: Any, shape: Any, activation: Any = None) -> EinsumDense:
        """A dense layer whose bias has the axes that the kernel adds."""
        kernel, output = equation.split(",")[1].split("->")
        added = "".join(c for c in output if c in kernel)
        free = len(output) - len(sizes) - 1
        copy = lambda of, x: of.get(of.serialize(x))  # noqa: E731  a random one without a seed draws other numbers
        dense = EinsumDense(
            equation, (*(None,) * free, *sizes), activation, added if self.use_bias else None,
            copy(initializers, self.kernel_initializer), copy(initializers, self.bias_initializer),
            self.kernel_regularizer, self.bias_regularizer, self.kernel_constraint, self.bias_constraint, name=name,
            dtype=self.dtype_policy, activity_regularizer=self.activity_regularizer,
        )  # fmt: skip
        dense.build(shape)
        return dense

    def _check_shapes(self, value_shape: Any, key_shape: Any) -> None:
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ShapeError(f"expected value and key with the same axes but the last; got {tuple(value_shape)} and "
                             f"{tuple(key_shape)}.")  # fmt: skip

    def _mask(self, query: Any, value: Any, masks: tuple[Any, Any, Any], given: Any, causal: bool) -> Any:
        """One mask of all: (batch, queries, keys) or less; None if everything is seen."""
        query_mask, *others = masks
        found = [] if query_mask is None else [ops.expand_dims(ops.cast(query_mask, "bool"), -1)]
        found += [ops.expand_dims(ops.cast(mask, "bool"), -2) for mask in others if mask is not None]
        rows = ops.reshape(ops.arange(query.shape[1]), (1, -1, 1))
        columns = ops.reshape(ops.arange(value.shape[1]), (1, 1, -1))
        if causal:
            found.append(rows >= columns)
        if self.sliding_window is not None:
            found.append(ops.abs(rows - columns) < self.sliding_window)
        if given is not None:
            found.append(ops.cast(given, "bool"))
        merged = None
        for mask in found:
            merged = mask if merged is None else ops.logical_and(merged, mask)
        return merged

    def _softmax(self, scores: Any, mask: Any, axes: int, strict: bool) -> Any:
        """softmax over the last axes; where nothing is seen, equal weights, or with `strict` zeros."""
        if mask is not None:
            mask = ops.reshape(mask, _with_heads(mask.shape, scores.ndim, 2 * axes))
            half = scores.type.dtype == "float16"
            low = (HIDDEN_HALF if half else HIDDEN) if strict else lowest_score(scores.type.dtype)
            scores = ops.where(mask, scores, low)
        flat = ops.reshape(scores, (*scores.shape[:-axes], math.prod(scores.shape[-axes:])))
        weights = ops.reshape(ops.softmax(flat), scores.shape)
        return ops.where(mask, weights, 0.0) if strict and mask is not None else weights

    def _attend(self, equations: Any, q: Any, k: Any, v: Any, mask: Any, axes: int, strict: bool) -> Any:
        """The weighed means of the values, and the weights, which with `strict` are zeros for what sees nothing."""
        to_scores, to_means = equations
        scores = ops.einsum(to_scores, q * (1.0 / math.sqrt(q.shape[-1])), k)
        weights = self._softmax(scores, mask, axes, strict or self.dropout > 0)
        return ops.einsum(to_means, self._dropout(weights), v), weights

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {key: value for key, value in super().get_config().items() if key != "flash_attention"}


def _with_heads(shape: tuple[int, ...], rank: int, last: int) -> tuple[int, ...]:
    """A mask's shape with axes of size 1 before its last axes, as many as are missing."""
    return (*shape[:-last], *(1,) * (rank - len(shape)), *shape[-last:])


def carried(mask: Any, tensor: Any) -> Any:
    """The mask as given, else the one that a tensor carries."""
    return getattr(tensor, "_keras_mask", None) if mask is None else mask
