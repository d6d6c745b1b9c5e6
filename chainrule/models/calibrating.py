"""Layers of a model are brought to few bits by what it makes of data (GPTQ, AWQ)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from ..errors import ArgumentError, UnsupportedError
from ..ir import eager
from ..layers import Dense, EinsumDense
from ..quantizers.fitting import Seen


def quantize_by_data(model: Any, settings: Any, is_meant: Callable[[Any], bool], type_check: bool) -> None:
    """Every `Dense` and `EinsumDense` of the blocks, block after block; a later one sees what quantized ones make.

    The blocks are those of `settings.quantization_layer_structure`, or of the model's method
    `get_quantization_layer_structure(mode)`; without either the layers of a Sequential, or the model as a whole: its
    layers then see what the model made before.

    Args: model: built; settings: a `GPTQConfig` or `AWQConfig`; is_meant: whether a layer is to be quantized;
        type_check: leave subclasses alone.
    Raises: ArgumentError: there are no data, or no blocks.
    """
    before, blocks = _structure(model, settings)
    with eager():
        batches = [_through(before, batch) for batch in settings.batches()]
        for block in blocks:
            layers = [layer for layer in _fitting(block, type_check) if is_meant(layer)]
            with _watched(layers) as seen:
                for batch in batches if layers else ():
                    block(batch)
            for layer, what in zip(layers, seen, strict=True):
                _fit(layer, what, settings)
            if block is not blocks[-1]:
                batches = [_through([block], batch) for batch in batches]


def _structure(model: Any, settings: Any) -> tuple[Sequence[Any], Sequence[Any]]:
    """The layers that are left alone, and the blocks."""
    own = getattr(model, "get_quantization_layer_structure", None)
    found = settings.quantization_layer_structure or (own(settings.mode) if own is not None else None)
    if found is None:
        from .sequential import Sequential

        return (), model.layers if isinstance(model, Sequential) else [model]
    if not found.get("sequential_blocks"):
        raise ArgumentError("quantize: expected quantization_layer_structure to have 'sequential_blocks'; got none.")
    return found.get("pre_block_layers", ()), found["sequential_blocks"]


def _through(layers: Sequence[Any], batch: Any) -> Any:
    for layer in layers:
        batch = layer(batch)
    return batch


def _fitting(block: Any, type_check: bool) -> Iterator[Any]:
    """The layers of a block that can be quantized so."""
    for layer in block._flatten_layers():
        if not isinstance(layer, (Dense, EinsumDense)) or layer.quantization_mode is not None:
            continue
        if type_check and type(layer) not in (Dense, EinsumDense):
            continue
        if layer.lora_enabled or not _has_one_order(layer):
            warnings.warn(f"{layer.name!r} cannot be fitted to data and stays as it is.", stacklevel=5)
            continue
        yield layer


def _has_one_order(layer: Any) -> bool:
    """Whether what is summed over has the same order in inputs and matrix."""
    if isinstance(layer, Dense):
        return True
    inputs, kernel, output = layer._terms()
    summed = [[c for c in term if c.isalpha() and c not in output] for term in (inputs, kernel)]
    return summed[0] == summed[1]


class _Watcher:
    """Stands where inputs are rounded: looks at them, and hands them on as they are."""

    def __init__(self) -> None:
        self.seen: Seen | None = None

    def __call__(self, inputs: Any, axis: tuple[int, ...]) -> tuple[Any, float]:
        x = np.asarray(inputs, "float32")
        summed = [a % x.ndim for a in axis]
        flat = x.transpose([*(a for a in range(x.ndim) if a not in summed), *summed])
        flat = flat.reshape(-1, int(np.prod([x.shape[a] for a in summed])))
        self.seen = self.seen or Seen(flat.shape[1])
        self.seen.add(flat)
        return inputs, 1.0


@contextmanager
def _watched(layers: Sequence[Any]) -> Iterator[list[Any]]:
    """Inside, it is noted what layers are called on; the list has it afterwards, in their order."""
    found: list[Any] = []
    watchers = [_Watcher() for _ in layers]
    for layer, watcher in zip(layers, watchers, strict=True):
        layer.__dict__["inputs_quantizer"] = watcher
    try:
        yield found
    finally:
        for layer in layers:
            layer.__dict__.pop("inputs_quantizer")
        found.extend(watcher.seen for watcher in watchers)


def _fit(layer: Any, seen: Seen | None, settings: Any) -> None:
    if seen is None:
        warnings.warn(f"{layer.name!r} saw no data, and stays as it is.", stacklevel=5)
        return
    try:
        layer._take_few_bits(settings, settings, partial(settings.fitted, seen=seen))
    except UnsupportedError as error:
        warnings.warn(f"{error} It stays as it is.", stacklevel=5)
