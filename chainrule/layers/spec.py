"""What a layer expects of its input's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ShapeError
from ..serialization import builtin


@builtin
class InputSpec:
    """Constraints on an input.

    Args: dtype, shape (None: any size), ndim, max_ndim, min_ndim, axes: `{axis: size}`,
        allow_last_axis_squeeze, name, optional.

    >>> InputSpec(min_ndim=2, axes={-1: 8}).check((None, 8))
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype, self.name, self.optional = dtype, name, optional
        self.shape = tuple(shape) if shape is not None else None
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(k): v for k, v in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze

    def check(self, shape: Sequence[int | None]) -> None:
        """Raise `ShapeError` unless a shape satisfies all constraints."""
        rank = len(shape)
        low = self.ndim if self.ndim is not None else self.min_ndim
        high = self.ndim if self.ndim is not None else self.max_ndim
        if (low is not None and rank < low) or (high is not None and rank > high):
            wanted = f"{low}" if low == high else f"at least {low}" if high is None else f"at most {high}"
            raise ShapeError(
                f"expected input with {wanted} axes (the batch axis included); got shape {tuple(shape)}. "
                "A single row is x[None, :]; a vector of numbers is x[:, None]."
            )
        wanted_sizes = dict(enumerate(self.shape)) if self.shape is not None else {}
        for axis, size in {**wanted_sizes, **self.axes}.items():
            found = shape[axis]
            if size is not None and found is not None and size != found:
                where = "on its last axis" if axis in (-1, rank - 1) else f"on axis {axis}"
                raise ShapeError(f"expected input of size {size} {where}; got shape {tuple(shape)}.")

    def __repr__(self) -> str:
        return f"InputSpec({', '.join(f'{key}={value}' for key, value in self.get_config().items() if value)})"

    def get_config(self) -> dict[str, Any]:
        """The constraints as plain data."""
        return {
            "dtype": self.dtype, "shape": self.shape, "ndim": self.ndim, "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim, "axes": self.axes,
        }  # fmt: skip
