"""How a primitive is defined: a type rule, a meaning, a page of documentation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ChainruleError, DTypeError, ShapeError
from ..ir import BOOL, DTYPES, FLOAT, INTEGER, NUMBER, Params, Primitive, TensorType, register

IN_WORDS = {
    DTYPES: "any dtype", NUMBER: "numbers", FLOAT: "floats", INTEGER: "integers", BOOL + INTEGER: "integers or bool",
}  # fmt: skip


def define(
    name: str,
    family: str,
    infer: Callable[..., Any],
    evaluate: Callable[..., Any],
    doc: str,
    *,
    multiple: bool = False,
    canonical: Callable[..., Params] | None = None,
) -> Primitive:
    """Register a primitive. `canonical` turns the keyword arguments of a call into its parameters."""
    extra = {"canonical": canonical} if canonical else {}
    return register(Primitive(name, family, infer, evaluate, doc, multiple, **extra))


def require(holds: bool, rule: str, expected: str, got: object, error: type[ChainruleError] = ShapeError) -> None:
    """Raise unless a numbered constraint of a primitive holds; `rule` is like `'dot_general C3'`."""
    if not holds:
        raise error(f"{rule}: expected {expected}; got {got}.")


def require_dtype(rule: str, x: TensorType, allowed: Sequence[str]) -> None:
    """Raise unless the dtype of `x` is one of `allowed`."""
    require(x.dtype in allowed, rule, f"a dtype among {', '.join(allowed)}", x, DTypeError)


def require_axes(rule: str, axes: Sequence[int], rank: int) -> None:
    """Raise unless `axes` are distinct axes of a tensor of this rank, counted from 0."""
    ok = len(set(axes)) == len(axes) and all(0 <= a < rank for a in axes)
    require(ok, rule, f"distinct axes from 0 to {rank - 1}", tuple(axes))


def integers(values: Sequence[Any]) -> tuple[int, ...]:
    """A tuple of Python integers, the canonical form of shapes and axes in parameters."""
    return tuple(int(v) for v in values)
