"""All layers of a model that can be are brought to few bits."""

from __future__ import annotations

import re
import warnings
from functools import partial
from typing import Any

from .. import dtype_policies
from ..errors import ArgumentError, NotBuiltError, UnsupportedError
from ..quantizers.fitting import fit_nearest
from ..quantizers.settings import settings_for, settings_of


def quantize(model: Any, mode: Any, config: Any, filters: Any, type_check: bool) -> None:
    """`Model.quantize`: every layer without layers inside, if `filters` lets it.

    Raises: ArgumentError: filters is neither a pattern, nor several, nor a function; or of the arguments;
        NotBuiltError: the model was not built.
    """
    settings = settings_for(mode, config)
    if filters is not None and not isinstance(filters, (str, list, tuple)) and not callable(filters):
        raise ArgumentError(f"quantize: expected filters to be patterns of names or a function; got {filters!r}.")
    if not model.built:
        raise NotBuiltError(f"{model._label()} has no weights to quantize yet: call it on data first.")
    if settings.mode in ("gptq", "awq"):
        from .calibrating import quantize_by_data

        return quantize_by_data(model, settings, lambda layer: _is_meant(layer, filters), type_check)
    given = None if config is None or isinstance(config, str) else config
    for layer in model._flatten_layers():
        if len(layer._flatten_layers()) > 1 or not layer._own() or not _is_meant(layer, filters):
            continue
        try:
            layer.quantize(settings.mode, type_check=type_check, config=given)
        except UnsupportedError as error:
            warnings.warn(f"{error} It stays as it is.", stacklevel=3)


def _is_meant(layer: Any, filters: Any) -> bool:
    if filters is None:
        return True
    if callable(filters):
        return bool(filters(layer))
    patterns = [filters] if isinstance(filters, str) else filters
    return any(re.search(pattern, layer.name) for pattern in patterns)


def variants(model: Any) -> dict[str, dict[str, Any]]:
    """Which layers are in few bits or have an addition, by their places: layers that make others may not know."""
    layers = list(enumerate(model._flatten_layers()))
    added = {str(k): [v.lora_rank, v.lora_alpha] for k, v in layers if getattr(v, "lora_enabled", False)}
    return {"few_bits": {str(k): v.dtype_policy.name for k, v in layers if v.quantization_mode}, "additions": added}


def _take_policy(layer: Any, name: str) -> None:
    """Bring a layer to few bits; numbers that were fitted to data are read later, until then they are the nearest."""
    policy = dtype_policies.get(name)
    if policy.quantization_mode not in ("gptq", "awq"):
        layer.dtype_policy = policy
        return
    settings = settings_of(policy)
    nearest = partial(fit_nearest, bits=settings.weight_bits, group_size=settings.group_size)
    layer._take_few_bits(settings, None, nearest)


def make_variants(model: Any, config: dict[str, Any]) -> None:
    """Bring the layers of a model that was just made to what `variants` said of them."""
    layers = model._flatten_layers()
    for place, policy in config.get("few_bits", {}).items():
        if layers[int(place)].quantization_mode is None:
            _take_policy(layers[int(place)], policy)
    for place, (rank, alpha) in config.get("additions", {}).items():
        if not layers[int(place)].lora_enabled:
            layers[int(place)].enable_lora(rank, alpha)
