"""Layers under Keras's names: what networks are built from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import MissingNameError, did_you_mean
from ..serialization import deserialize_keras_object, serialize_keras_object
from .activation import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from .batch_normalization import BatchNormalization
from .core import Identity, Lambda, Masking, Wrapper
from .dense import Dense, EinsumDense
from .embedding import Embedding
from .encoding import CategoryEncoding, Discretization
from .input import Input, InputLayer
from .layer import Layer
from .merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from .normalization import GroupNormalization, LayerNormalization, RMSNormalization, UnitNormalization
from .pooling import GlobalAveragePooling1D, GlobalMaxPooling1D
from .regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
)
from .reshaping import Cropping1D, Flatten, Permute, RepeatVector, Reshape, UpSampling1D, ZeroPadding1D
from .spec import InputSpec
from .standardizing import Normalization, Rescaling

GlobalAvgPool1D, GlobalMaxPool1D = GlobalAveragePooling1D, GlobalMaxPooling1D

ALL: dict[str, type[Layer]] = {
    cls.__name__: cls for cls in list(globals().values()) if isinstance(cls, type) and issubclass(cls, Layer)
}


def serialize(layer: Layer) -> dict[str, Any]:
    """Plain data for a layer: its class and its `get_config()`; the weights are not part of it.

    >>> serialize(Flatten(name="flat"))["config"]["name"]
    'flat'
    """
    return serialize_keras_object(layer)


def deserialize(config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The layer behind plain data; its weights are new.

    >>> deserialize(serialize(Dense(3, activation="relu"))).units
    3
    """
    name = config.get("class_name") if isinstance(config, dict) else None
    if name in ALL and config.get("registered_name") in (None, name):  # else a class of that name is the user's
        config = {**config, "module": "chainrule.layers", "registered_name": None}
    return deserialize_keras_object(config, custom_objects)


def __getattr__(name: str) -> Any:
    raise MissingNameError(f"chainrule.layers has no {name!r} yet.{did_you_mean(name, __all__)}")


__all__ = [
    "ALL", "ELU", "Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average", "BatchNormalization",
    "CategoryEncoding", "Concatenate", "Cropping1D", "Dense", "Discretization", "Dot", "Dropout", "EinsumDense",
    "Embedding", "Flatten", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D", "GlobalAvgPool1D",
    "GlobalMaxPool1D", "GlobalMaxPooling1D", "GroupNormalization", "Identity", "Input", "InputLayer", "InputSpec",
    "Lambda", "Layer", "LayerNormalization", "LeakyReLU", "Masking", "Maximum", "Minimum", "Multiply", "Normalization",
    "PReLU", "Permute", "RMSNormalization", "ReLU", "RepeatVector", "Rescaling", "Reshape", "Softmax",
    "SpatialDropout1D", "Subtract", "UnitNormalization", "UpSampling1D", "Wrapper", "ZeroPadding1D", "add", "average",
    "concatenate", "deserialize", "dot", "maximum", "minimum", "multiply", "serialize", "subtract",
]  # fmt: skip
