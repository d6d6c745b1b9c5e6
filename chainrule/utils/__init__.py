"""Helpers around training: targets as one-hot rows, seeds, batches of one's own, names of custom objects."""

from ..serialization import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from .arrays import normalize, pad_sequences, to_categorical
from .batches import PyDataset, Sequence, pack_x_y_sample_weight, unpack_x_y_sample_weight
from .session import clear_session, is_keras_tensor, set_random_seed, standardize_dtype

__all__ = [
    "CustomObjectScope", "PyDataset", "Sequence", "clear_session", "custom_object_scope", "deserialize_keras_object",
    "get_custom_objects", "get_registered_name", "get_registered_object", "is_keras_tensor", "normalize",
    "pack_x_y_sample_weight", "pad_sequences", "register_keras_serializable", "serialize_keras_object",
    "set_random_seed", "standardize_dtype", "to_categorical", "unpack_x_y_sample_weight",
]  # fmt: skip
