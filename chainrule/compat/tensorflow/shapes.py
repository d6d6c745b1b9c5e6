"""`tf.TensorShape`: a tuple of sizes that answers to TensorFlow's methods."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any


class TensorShape(tuple):
    """Sizes, None where unknown.

    >>> TensorShape([None, 3]).as_list(), TensorShape([2, 3]).rank, TensorShape([2, 3])[1:]
    ([None, 3], 2, (3,))
    """

    def __new__(cls, dims: Iterable[Any] | int | None = ()) -> TensorShape:
        sizes = () if dims is None else (dims,) if isinstance(dims, int) else dims
        return tuple.__new__(cls, [None if n is None else int(n) for n in sizes])

    def as_list(self) -> list[int | None]:
        """The sizes as a list."""
        return list(self)

    @property
    def rank(self) -> int:
        """How many there are."""
        return len(self)

    ndims = rank

    @property
    def dims(self) -> list[int | None]:
        """The sizes."""
        return list(self)

    def num_elements(self) -> int | None:
        """Their product, None if one is unknown."""
        return None if None in self else math.prod(self)

    def is_fully_defined(self) -> bool:
        """Whether all are known."""
        return None not in self

    def is_compatible_with(self, other: Any) -> bool:
        """Whether both can be the shape of one tensor."""
        return len(self) == len(other) and all(
            a is None or b is None or a == b for a, b in zip(self, other, strict=True)
        )

    def concatenate(self, other: Any) -> TensorShape:
        """The sizes of both, one after the other."""
        return TensorShape((*self, *other))

    def __add__(self, other: Any) -> TensorShape:  # type: ignore[override]
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape((*other, *self))

    def __eq__(self, other: object) -> bool:
        return tuple.__eq__(self, tuple(other)) if isinstance(other, (tuple, list)) else False

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        return TensorShape(found) if isinstance(key, slice) else found


__all__ = ["TensorShape"]
