"""Layers that turn strings and integers into a fixed number of bins, without a vocabulary."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError, DTypeError, ShapeError, UnsupportedError
from ...ir import INTEGER
from ...serialization import builtin
from ..checks import label, one_of, positive_integer
from .fingerprint import crossed, fingerprint64, siphash
from .host import HostLayer, encoded_on_host, encoded_shape, map_host
from .strings import is_text, text_array


class _Binning(HostLayer):
    """Base: bins, and vectors of them."""

    def _keep(self, num_bins: Any, output_mode: str, sparse: bool, modes: tuple[str, ...]) -> None:
        self.num_bins = positive_integer(self, "num_bins", num_bins)
        self.output_mode = one_of(self, "output_mode", output_mode, modes)
        if sparse:
            raise UnsupportedError(f"{label(self)}: sparse tensors are not available; leave sparse out.")
        self.sparse = False

    @property
    def output_dtype(self) -> str:
        """int64 for bins, floats for vectors, unless the layer's dtype says otherwise."""
        if self.output_mode == "int":
            return self.dtype if self.dtype in INTEGER else "int64"
        return self.dtype if self.dtype not in INTEGER else "float32"


def _bytes_of(inputs: Any) -> tuple[np.ndarray, list[bytes]]:
    """The array, and its elements as bytes: strings in UTF-8, numbers in decimal."""
    array = text_array(inputs) if is_text(inputs) else np.asarray(inputs)
    if array.dtype.kind not in "OSU":
        array = array.astype(np.int64)
    return array, [str(item).encode() for item in array.ravel().tolist()]


@builtin
class Hashing(_Binning):
    """Strings and integers as bins: equal ones share a bin, and by chance others too.

    Args:
        num_bins: int, the number of bins.
        mask_value: a string or integer that has bin 0 of its own (default None: none).
        salt: an integer, or two, for another way of hashing (default None: FarmHash's Fingerprint64; else SipHash).
        output_mode: 'int' (default): the bin; 'one_hot', 'multi_hot', 'count': as for `StringLookup`.
        sparse: must be False.

    Shapes: 'int': the shape of the input, int64; 'one_hot' adds an axis; the others replace the last one.

    Example:
    >>> Hashing(num_bins=3)([["A"], ["B"], ["C"], ["D"], ["E"]]).ravel().tolist()
    [1, 0, 1, 1, 2]
    """

    def __init__(
        self, num_bins: int, mask_value: Any = None, salt: Any = None, output_mode: str = "int", sparse: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        if output_mode == "int":
            kwargs["dtype"] = kwargs.get("dtype") or "int64"
        super().__init__(**kwargs)
        self._keep(num_bins, output_mode, sparse, ("int", "one_hot", "multi_hot", "count"))
        if output_mode == "int" and self.dtype not in INTEGER:
            raise ArgumentError(f"{label(self)}: expected integers as dtype with output_mode 'int'; got {self.dtype}.")
        self.mask_value, self.salt = mask_value, salt
        pair = (salt, salt) if isinstance(salt, int) else tuple(salt) if salt is not None else None
        if pair is not None and len(pair) != 2:
            raise ArgumentError(f"{label(self)}: expected salt to be an integer or two; got {salt!r}.")
        self._salt = pair

    def on_host(self, inputs: Any) -> Any:
        """The bins."""
        array, items = _bytes_of(inputs)
        masked = None if self.mask_value is None else str(self.mask_value).encode()
        found = np.array([self._bin(item, masked) for item in items], np.int64).reshape(array.shape)
        return encoded_on_host(found, self.num_bins, self.output_mode, self.output_dtype)

    def _bin(self, item: bytes, masked: bytes | None) -> int:
        if masked is not None and item == masked:
            return 0
        bins = self.num_bins - (masked is not None)
        code = fingerprint64(item) if self._salt is None else siphash(item, self._salt)
        return code % max(bins, 1) + (masked is not None)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the result."""
        return encoded_shape(input_shape, self.num_bins, self.output_mode)


@builtin
class HashedCrossing(_Binning):
    """Combinations of several strings and integers as bins.

    Args: num_bins: int, the number of bins; output_mode: 'int' (default) or 'one_hot'; sparse: must be False.
    Inputs: a list or tuple of arrays, all (batch,) or (batch, 1), or all scalars.
    Shapes: 'int': the shape of the inputs, int64; 'one_hot': (batch, num_bins).

    Example:
    >>> HashedCrossing(num_bins=5)([["A", "B", "A"], [101, 101, 102]]).tolist()
    [1, 4, 3]
    """

    def __init__(
        self, num_bins: int, output_mode: str = "int", sparse: bool = False, name: str | None = None,
        dtype: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if output_mode == "int":
            dtype = dtype or "int64"
        super().__init__(name=name, dtype=dtype, **kwargs)
        self._keep(num_bins, output_mode, sparse, ("int", "one_hot"))

    def prepared(self, inputs: Any) -> Any:
        """Each of the inputs as an array."""
        return [map_host(x) for x in inputs] if isinstance(inputs, (list, tuple)) else inputs

    def on_host(self, inputs: Any) -> Any:
        """The bins."""
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ArgumentError("expected a list of at least two inputs to cross; got one.")
        arrays = [text_array(x) if is_text(x) else np.asarray(x) for x in inputs]
        if any(a.dtype.kind == "f" for a in arrays):
            raise DTypeError(f"expected inputs of strings or integers; got {[str(a.dtype) for a in arrays]}.")
        arrays = [a if a.dtype.kind in "OSU" else a.astype(np.int64) for a in arrays]
        if len({a.shape for a in arrays}) > 1 or arrays[0].ndim > 2 or (arrays[0].ndim == 2 and arrays[0].shape[1] > 1):
            raise ShapeError(
                f"expected inputs of one shape, (batch,) or (batch, 1); got {[a.shape for a in arrays]}."
            )
        codes = [[fingerprint64(v.encode()) if isinstance(v, str) else v & (1 << 64) - 1 for v in a.ravel().tolist()]
                 for a in arrays]  # fmt: skip
        found = np.array([crossed(row) % self.num_bins for row in zip(*codes, strict=True)], np.int64)
        return encoded_on_host(found.reshape(arrays[0].shape), self.num_bins, self.output_mode, self.output_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the result for a list of shapes."""
        return encoded_shape(input_shape[0], self.num_bins, self.output_mode)
