"""Where weights start, under Keras's names: what `Dense(64, kernel_initializer="he_normal")` refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..ir import Tensor
from ..serialization import deserialize_keras_object, resolve, serialize_keras_object
from .base import Initializer
from .constant import STFT, Constant, Identity, Ones, Zeros
from .random import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomInitializer,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    compute_fans,
)

IdentityInitializer, OrthogonalInitializer, STFTInitializer = Identity, Orthogonal, STFT  # Keras's other names
zeros, ones, constant, identity, stft, orthogonal = Zeros, Ones, Constant, Identity, STFT, Orthogonal
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling = VarianceScaling
glorot_normal, glorot_uniform, he_normal, he_uniform = GlorotNormal, GlorotUniform, HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform

_SNAKE: dict[str, type[Initializer]] = {
    "constant": Constant, "glorot_normal": GlorotNormal, "glorot_uniform": GlorotUniform, "he_normal": HeNormal,
    "he_uniform": HeUniform, "identity": Identity, "initializer": Initializer, "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform, "ones": Ones, "orthogonal": Orthogonal, "random_normal": RandomNormal,
    "random_uniform": RandomUniform, "stft": STFT, "truncated_normal": TruncatedNormal,
    "variance_scaling": VarianceScaling, "zeros": Zeros,
}  # fmt: skip
ALL: dict[str, type[Initializer]] = {
    **_SNAKE,
    **{cls.__name__: cls for cls in _SNAKE.values()},
    "normal": RandomNormal, "uniform": RandomUniform, "one": Ones, "zero": Zeros,
    "IdentityInitializer": Identity, "OrthogonalInitializer": Orthogonal, "STFTInitializer": STFT,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """The initializer that an argument stands for.

    Args: identifier: a name, plain data, an initializer or its class, a function `(shape, dtype=None) -> tensor`, an
        array (the values themselves), or None.
    Raises: ArgumentError: the name is not known.

    >>> get("he_normal"), get(None)
    (HeNormal(seed=None, input_axes=None, output_axes=None), None)
    """
    if isinstance(identifier, (np.ndarray, Tensor)):
        return Constant(identifier)
    return resolve("initializer", identifier, ALL)


def serialize(initializer: Any) -> Any:
    """Plain data for an initializer.

    >>> serialize(Constant(0.5))["config"]
    {'value': 0.5}
    """
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The initializer behind plain data.

    >>> deserialize(serialize(Constant(0.5)))
    Constant(value=0.5)
    """
    return get(config) if isinstance(config, str) else deserialize_keras_object(config, custom_objects)


__all__ = [
    "ALL", "STFT", "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity",
    "IdentityInitializer", "Initializer", "LecunNormal", "LecunUniform", "Ones", "Orthogonal",
    "OrthogonalInitializer", "RandomInitializer", "RandomNormal", "RandomUniform", "STFTInitializer",
    "TruncatedNormal", "VarianceScaling", "Zeros", "compute_fans", "constant", "deserialize", "get", "glorot_normal",
    "glorot_uniform", "he_normal", "he_uniform", "identity", "lecun_normal", "lecun_uniform", "ones", "orthogonal",
    "random_normal", "random_uniform", "serialize", "stft", "truncated_normal", "variance_scaling", "zeros",
]  # fmt: skip
