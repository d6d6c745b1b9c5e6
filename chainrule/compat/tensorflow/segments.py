"""`tf.math.segment_sum` and its kin: rows of one group taken together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import ops
from ...errors import ArgumentError


def _means(data: Any, ids: Any, count: int | None) -> Any:
    x = ops.convert_to_tensor(data)
    sums = ops.segment_sum(x, ids, count)
    sizes = ops.segment_sum(ops.ones(ops.shape(ids), x.dtype), ids, count)
    return sums / ops.reshape(ops.maximum(sizes, 1), (-1, *[1] * (x.ndim - 1)))


def _over_roots(data: Any, ids: Any, count: int | None) -> Any:
    x = ops.convert_to_tensor(data)
    sizes = ops.segment_sum(ops.ones(ops.shape(ids), x.dtype), ids, count)
    return ops.segment_sum(x, ids, count) / ops.reshape(ops.sqrt(ops.maximum(sizes, 1)), (-1, *[1] * (x.ndim - 1)))


def _empty_is_zero(op: Callable[..., Any]) -> Callable[..., Any]:
    """A sorted segment without rows gives 0 in TensorFlow."""

    def reduce(data: Any, ids: Any, count: int | None) -> Any:
        x, found = ops.convert_to_tensor(data), op(data, ids, count)
        sizes = ops.segment_sum(ops.ones(ops.shape(ids), "int32"), ids, count)
        return ops.where(ops.reshape(sizes, (-1, *[1] * (x.ndim - 1))) > 0, found, ops.zeros((), x.dtype))

    return reduce


_SORTED = {
    "segment_sum": ops.segment_sum, "segment_mean": _means, "segment_prod": ops.segment_prod,
    "segment_max": _empty_is_zero(ops.segment_max), "segment_min": _empty_is_zero(ops.segment_min),
}  # fmt: skip
_UNSORTED = {
    "unsorted_segment_sum": ops.segment_sum, "unsorted_segment_mean": _means, "unsorted_segment_prod": ops.segment_prod,
    "unsorted_segment_max": ops.segment_max, "unsorted_segment_min": ops.segment_min,
    "unsorted_segment_sqrt_n": _over_roots,
}  # fmt: skip


def _sorted(reduce: Callable[..., Any]) -> Callable[..., Any]:
    def function(data: Any, segment_ids: Any, name: str | None = None) -> Any:
        return reduce(data, segment_ids, int(ops.max(segment_ids)) + 1)

    return function


def _unsorted(reduce: Callable[..., Any]) -> Callable[..., Any]:
    def function(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
        return _over_rows(reduce, data, segment_ids, int(num_segments))

    return function


def _over_rows(reduce: Callable[..., Any], data: Any, ids: Any, count: int) -> Any:
    """Numbers of groups may have several axes: those of the data in front."""
    x, groups = ops.convert_to_tensor(data), ops.convert_to_tensor(ids)
    if groups.shape != x.shape[: groups.ndim]:
        raise ArgumentError(f"expected segment_ids for the first axes of data {x.shape}; got {groups.shape}.")
    return reduce(ops.reshape(x, (-1, *x.shape[groups.ndim :])), ops.reshape(groups, (-1,)), count)


def _define() -> None:
    for table, make in ((_SORTED, _sorted), (_UNSORTED, _unsorted)):
        for name, reduce in table.items():
            function = make(reduce)
            function.__name__ = function.__qualname__ = name
            function.__doc__ = "The rows of `data` with one number among `segment_ids`, taken together."
            globals()[name] = function


_define()
__all__ = [*_SORTED, *_UNSORTED]  # noqa: PLE0604
