"""The few names of JAX that Keras's guides use: transformed functions, trees. `jax.numpy` is `chainrule.ops`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..errors import UnsupportedError
from ..ir.tree import flatten, map_structure
from ..transforms import compile as _compile


def jit(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """The same function, compiled; also as a decorator with options, which are accepted and without effect.

    >>> float(jit(lambda x: x * x)(3.0))
    9.0
    """
    return (lambda f: _compile(f)) if function is None else _compile(function)


def vmap(function: Callable[..., Any], in_axes: int = 0, out_axes: int = 0) -> Callable[..., Any]:
    """A function of whole batches from one of single elements, along the first axis; see `ops.vectorized_map`.

    Raises: UnsupportedError: other axes are asked for.

    >>> vmap(lambda x: x * 2)(ops.convert_to_tensor([1.0, 2.0])).tolist()
    [2.0, 4.0]
    """
    if in_axes != 0 or out_axes != 0:
        raise UnsupportedError(
            f"jax.vmap: expected in_axes=0 and out_axes=0; got in_axes={in_axes}, out_axes={out_axes}. "
            "Move the axes by hand."
        )
    return lambda *args: ops.vectorized_map(lambda one: function(*one), args)


def one_hot(x: Any, num_classes: int, dtype: str = "float32", axis: int = -1) -> Any:
    """Rows of zeros with a 1 at each index.

    >>> one_hot([1, 0], 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return ops.one_hot(x, num_classes, axis=axis, dtype=dtype)


def tree_map(f: Callable[..., Any], tree: Any, *rest: Any) -> Any:
    """A function applied to the leaves of nested lists, tuples and dicts.

    >>> tree_map(lambda a, b: a + b, {"a": [1]}, {"a": [2]})
    {'a': [3]}
    """
    return map_structure(f, tree, *rest)


def tree_leaves(tree: Any) -> list[Any]:
    """The leaves of nested lists, tuples and dicts, without None.

    >>> tree_leaves({"b": [1, None], "a": 2})
    [2, 1]
    """
    return [leaf for leaf in flatten(tree) if leaf is not None]


def device_count(backend: str | None = None) -> int:
    """How many devices compute: one."""
    return 1


local_device_count = device_count


def devices(backend: str | None = None) -> list[str]:
    """The devices by name.

    >>> devices()
    ['cpu:0']
    """
    return ["cpu:0"]


def default_backend() -> str:
    """The kind of device."""
    return "cpu"


def device_get(x: Any) -> Any:
    """Tensors as NumPy arrays."""
    return map_structure(ops.convert_to_numpy, x)


def device_put(x: Any, device: Any = None) -> Any:
    """Arrays as tensors."""
    return map_structure(ops.convert_to_tensor, x)


def block_until_ready(x: Any) -> Any:
    """The same: nothing is computed later."""
    return x


__all__ = [
    "block_until_ready", "default_backend", "device_count", "device_get", "device_put", "devices", "jit",
    "local_device_count", "one_hot", "tree_leaves", "tree_map", "vmap",
]  # fmt: skip
