"""`tf.errors`: the names that scripts catch; chainrule's own errors, and Python's, are among them."""

from __future__ import annotations

from ...errors import ChainruleError, DataError, FileError, MemoryLimitError, UnsupportedError
from .debugging import InvalidArgumentError as _CheckError

OpError = ChainruleError
InvalidArgumentError = _CheckError
NotFoundError = FileError
ResourceExhaustedError = MemoryLimitError
UnimplementedError = UnsupportedError
DataLossError = DataError
OutOfRangeError = StopIteration
FailedPreconditionError = InternalError = UnknownError = AbortedError = CancelledError = ChainruleError
UnavailableError = ChainruleError

__all__ = [
    "AbortedError", "CancelledError", "DataLossError", "FailedPreconditionError", "InternalError",
    "InvalidArgumentError", "NotFoundError", "OpError", "OutOfRangeError", "ResourceExhaustedError",
    "UnavailableError", "UnimplementedError", "UnknownError",
]  # fmt: skip
