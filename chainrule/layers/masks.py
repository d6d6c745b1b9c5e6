"""Masks that tensors carry: which steps count. Who is given them, and who hands them on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from ..ir import Tensor
from .arguments import first_input
from .trees import leaves, map_tensors


def masks_of(tree: Any) -> Any:
    """The masks that tensors carry, nested like them; None if no tensor carries one."""
    found = [getattr(t, "_keras_mask", None) for t in leaves(tree)]
    return None if all(mask is None for mask in found) else _nested(tree)


def _nested(tree: Any) -> Any:
    return map_tensors(tree, lambda t: getattr(t, "_keras_mask", None))


def with_masks(
    parameters: Mapping[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[dict[str, Any], Any]:
    """The arguments of `call` with the masks that it takes, and the mask of its first argument.

    As in Keras: `mask` is that of the only argument that holds tensors; where several do, the mask of `x` is `x_mask`.

    Args: parameters: what `call` takes; args, kwargs: what it is given.
    """
    masks = masks_of(first_input(args, kwargs))
    wanted = [name for name in parameters if name.endswith("mask")]
    if not wanted:
        return kwargs, masks
    given = {**dict(zip(parameters, args, strict=False)), **kwargs}
    if given.get("mask") is not None:
        return kwargs, given["mask"]
    holders = [name for name, value in given.items() if leaves(value)]
    if len(holders) == 1:
        found = {"mask": _nested(given[holders[0]])}
    else:
        found = {f"{name}_mask": _nested(given[name]) for name in holders}
    new = {name: mask for name, mask in found.items() if name in wanted and given.get(name) is None}
    return {**kwargs, **{name: mask for name, mask in new.items() if mask is not None}}, masks


def mark(outputs: Any, masks: Any) -> None:
    """Let outputs carry their masks."""
    flat = masks if isinstance(masks, (list, tuple)) else [masks]
    for tensor, mask in zip(leaves(outputs), flat, strict=False):
        if mask is not None:
            setattr(tensor, "_keras_mask" if isinstance(tensor, Tensor) else "_mask", mask)


def lose_masks(label: str, inputs: Any, outputs: Any) -> None:
    """What a layer that knows nothing of masks does: its symbolic outputs carry none, and it says so."""
    unmark(outputs)
    if masks_of(inputs) is not None:
        warnings.warn(
            f"{label} was passed an input that carries a mask. It does not support masking: the layers behind it will "
            "not see the mask. If its steps are those of the input, set self.supports_masking = True.", stacklevel=4,
        )  # fmt: skip


def unmark(tree: Any) -> None:
    """Take the masks off tensors."""
    for tensor in leaves(tree):
        setattr(tensor, "_keras_mask" if isinstance(tensor, Tensor) else "_mask", None)
