"""`tf.distribute` on one machine: a scope in which everything is as outside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ...errors import ArgumentError, UnsupportedError


class Strategy:
    """How training is spread: here it never is, one replica computes everything.

    Args: what TensorFlow takes: accepted.

    >>> strategy = MirroredStrategy()
    >>> with strategy.scope():
    ...     strategy.num_replicas_in_sync
    1
    """

    num_replicas_in_sync = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    @contextmanager
    def scope(self) -> Iterator[None]:
        """As without it."""
        yield

    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, options: Any = None) -> Any:
        """The function, called once."""
        return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: Any, value: Any, axis: int | None) -> Any:
        """The value of the one replica; summed or averaged over an axis if one is given."""
        from ... import ops

        if axis is None:
            return value
        return ops.mean(value, axis) if str(reduce_op).upper().endswith("MEAN") else ops.sum(value, axis)

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """The data set."""
        return dataset

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """The values of all replicas."""
        return (value,)

    def gather(self, value: Any, axis: int) -> Any:
        """The value of the one replica."""
        return value


class MirroredStrategy(Strategy):
    """Several GPUs in TensorFlow; one replica here."""


class OneDeviceStrategy(Strategy):
    """One device."""


class ReduceOp:
    """How values of replicas are put together."""

    SUM, MEAN = "SUM", "MEAN"


def get_strategy() -> Strategy:
    """The strategy of one replica."""
    return Strategy()


def has_strategy() -> bool:
    """Always False."""
    return False


def in_cross_replica_context() -> bool:
    """Always True."""
    return True


class _Elsewhere:
    """A strategy for machines that are not there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise UnsupportedError(
            f"tf.distribute.{type(self).__name__}: training runs on this machine only. Use "
            "tf.distribute.MirroredStrategy() or tf.distribute.get_strategy(), whose scope changes nothing."
        )


class MultiWorkerMirroredStrategy(_Elsewhere):
    """Several machines: not here."""


class ParameterServerStrategy(_Elsewhere):
    """Several machines: not here."""


class TPUStrategy(_Elsewhere):
    """TPUs: not here."""


class TPUClusterResolver:
    """Where TPUs are. Raises: ArgumentError: always; scripts that look for a TPU first go on without it."""

    def __init__(self, tpu: Any = None, **kwargs: Any) -> None:
        raise ArgumentError("TPUClusterResolver: no TPU is found. Use tf.distribute.get_strategy().")

    @classmethod
    def connect(cls, tpu: Any = None, **kwargs: Any) -> Any:
        """Raises: ArgumentError: always."""
        return cls(tpu)


__all__ = [
    "MirroredStrategy", "MultiWorkerMirroredStrategy", "OneDeviceStrategy", "ParameterServerStrategy", "ReduceOp",
    "Strategy", "TPUClusterResolver", "TPUStrategy", "get_strategy", "has_strategy", "in_cross_replica_context",
]  # fmt: skip
