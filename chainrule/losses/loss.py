"""What all losses share: values, weights and masks reduced to one number."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from .. import config, ops
from ..errors import ArgumentError, UnsupportedError, did_you_mean
from ..ir import Tensor, layer_scope
from ..ir.tree import flatten, unflatten
from ..primitives.arithmetic import as_operand
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from ..variables import unique_name
from .alignment import convert_tree, dtype_of, floating, same_rank, spread_weight

Reduction = str | None
MEAN = "sum_over_batch_size"
REDUCTIONS = (MEAN, "mean", "sum", "mean_with_sample_weight", "none", None)


def snake_case(name: str) -> str:
    """A class's name as the name of its objects.

    >>> snake_case("BinaryIoU"), snake_case("KLDivergence"), snake_case("R2Score")
    ('binary_io_u', 'kl_divergence', 'r2_score')
    """
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def mask_of(x: Any) -> Tensor | None:
    """The mask that a tensor carries, if any: which of its time steps count."""
    mask = getattr(x, "_keras_mask", None)
    return None if mask is None else as_operand(mask)


def join_masks(first: Tensor | None, second: Tensor | None) -> Tensor | None:
    """What counts in both; None counts everything."""
    if first is None or second is None:
        return second if first is None else first
    return ops.logical_and(*same_rank(first, second))


def apply_mask(sample_weight: Any, mask: Any, dtype: Any, reduction: Reduction) -> Tensor | None:
    """Weights that are zero where the mask is false.

    For a mean the rest is scaled up, so that the mean is over what counts.
    """
    weight = None if sample_weight is None else ops.cast(sample_weight, dtype)
    if mask is None:
        return weight
    mask = ops.cast(mask, dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        mask = ops.multiply(mask, mask.size / (ops.sum(mask) + config.epsilon()))
    if weight is None:
        return mask
    weight, mask = same_rank(weight, mask)
    if weight.ndim < mask.ndim:
        return ops.multiply(spread_weight(weight, mask.shape), mask)
    return ops.multiply(weight, spread_weight(mask, weight.shape))


def reduce_weighted_values(
    values: Any, sample_weight: Any = None, mask: Any = None, reduction: Reduction = MEAN, dtype: Any = None
) -> Tensor:
    """Losses of single samples times their weights, reduced as `Loss` says."""
    values = floating(values, dtype_of(dtype))
    weight = apply_mask(sample_weight, mask, values.dtype, reduction)
    if weight is not None:
        values, weight = same_rank(values, weight)
        # one number for the whole batch, as functions of one's own give, counts wherever a weight says
        values = values * (spread_weight(weight, values.shape) if values.ndim else weight)
    if reduction in ("none", None) or values.shape in ((), (0,)):
        return values
    total = ops.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weight is not None:
        count = ops.sum(weight)
        return ops.where(count == 0, 0.0, total / ops.where(count == 0, 1.0, count))
    return total / float(math.prod(values.shape))


class Loss:
    """Base of losses: subclass it and write `call(y_true, y_pred)`, one number a sample.

    Args:
        name: for messages and histories; default the class's name in snake case.
        reduction: how the numbers of a batch become one: `'sum_over_batch_size'` or `'mean'` (weighted sum divided by
            the number of values; the default), `'sum'`, `'mean_with_sample_weight'` (divided by the sum of the
            weights), `'none'` or None (no reduction).
        dtype: in which targets and outputs are given to `call`; default `floatx`.

    Calling it: `loss(y_true, y_pred, sample_weight=None)`; a weight a sample, (n,) or (n, 1), or one a value.

    Example:
    >>> class Distance(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return ops.mean(ops.abs(y_true - y_pred), axis=-1)
    >>> float(Distance()([[0.0, 1.0]], [[2.0, 1.0]]))
    1.0
    """

    def __init__(self, name: str | None = None, reduction: Reduction = MEAN, dtype: Any = None) -> None:
        if reduction not in REDUCTIONS:
            raise ArgumentError(
                f"{type(self).__name__}: expected reduction among {', '.join(map(repr, REDUCTIONS))}; got "
                f"{reduction!r}.{did_you_mean(str(reduction), REDUCTIONS)}"
            )
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.reduction = reduction
        self._dtype = dtype_of(dtype)
        self._own_dtype = dtype is not None

    @property
    def dtype(self) -> str:
        """The dtype in which the loss is computed."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        carried = mask_of(y_pred)
        with layer_scope(self.name):
            y_true = convert_tree(y_true, self._target)
            y_pred = convert_tree(y_pred, lambda t: floating(t, self.dtype))
            values = as_operand(self.call(y_true, y_pred))
            mask = join_masks(carried, self._mask(y_true, y_pred))
            return reduce_weighted_values(values, sample_weight, mask, self.reduction, self.dtype)

    def _target(self, y_true: Any) -> Tensor:
        """A target as `call` gets it."""
        return floating(y_true, self.dtype)

    def _mask(self, y_true: Any, y_pred: Any) -> Tensor | None:
        """Which values count, None for all; losses that ignore some targets say so here."""
        return None

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One number a sample (or more, which are reduced as well) from targets and outputs."""
        raise UnsupportedError(f"{type(self).__name__}: expected a method call(self, y_true, y_pred); none is defined.")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this loss again."""
        own = {"dtype": self.dtype} if self._own_dtype else {}
        return {"name": self.name, "reduction": self.reduction, **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """A loss from what `get_config` gave."""
        return cls(**{key: deserialize_keras_object(value) for key, value in config.items()})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


@builtin
class LossFunctionWrapper(Loss):
    """A function of targets and outputs as a loss.

    Args:
        fn: `fn(y_true, y_pred, **kwargs)`, one number a sample. A target of shape (n,) reaches it as (n, 1) if the
            output is (n, 1).
        reduction, name, dtype: see `Loss`.
        kwargs: passed on to `fn`.

    Example:
    >>> loss = LossFunctionWrapper(lambda t, p: ops.max(ops.abs(t - p), axis=-1), name="worst")
    >>> float(loss([[0.0, 1.0]], [[2.0, 1.5]]))
    2.0
    """

    def __init__(
        self, fn: Callable[..., Any], reduction: Reduction = MEAN, name: str | None = None,
        dtype: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, reduction, dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """`fn` on aligned targets and outputs."""
        targets, outputs = flatten(y_true), flatten(y_pred)
        if len(targets) == len(outputs):
            pairs = [same_rank(t, p) for t, p in zip(targets, outputs, strict=True)]
            y_true, y_pred = unflatten(y_true, [t for t, _ in pairs]), unflatten(y_pred, [p for _, p in pairs])
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this loss again; the function by its name."""
        return {**super().get_config(), "fn": serialize_keras_object(self.fn), **self._fn_kwargs}


class NamedLoss(LossFunctionWrapper):
    """A loss whose class stands for its function: the arguments of the function are attributes of the loss."""

    def __init__(self, fn: Callable[..., Any], reduction: Reduction, name: str, dtype: Any, **kwargs: Any) -> None:
        super().__init__(fn, reduction, name, dtype, **kwargs)
        vars(self).update(kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this loss again."""
        config = super().get_config()
        return {key: value for key, value in config.items() if key != "fn"}
