"""Helpers around training: targets as one-hot rows, seeds, batches of one's own, names of custom objects."""

from ..later import later
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

__getattr__ = later(__name__, {
    "bounding_boxes": (),
    "drawing": ("get_source_inputs", "model_to_dot", "plot_model"),
    "files": ("get_file",),
    "folders": ("audio_dataset_from_directory", "image_dataset_from_directory", "text_dataset_from_directory"),
    "images": ("array_to_img", "img_to_array", "load_img", "save_img"),
    "progress": ("Config", "Progbar", "disable_interactive_logging", "enable_interactive_logging",
                 "is_interactive_logging_enabled"),
    "sequences": ("split_dataset", "timeseries_dataset_from_array"),
})  # fmt: skip

__all__ = [
    "Config", "CustomObjectScope", "Progbar", "PyDataset", "Sequence", "array_to_img",
    "audio_dataset_from_directory", "clear_session", "custom_object_scope", "deserialize_keras_object",
    "disable_interactive_logging", "enable_interactive_logging", "get_custom_objects", "get_file",
    "get_registered_name", "get_registered_object", "get_source_inputs", "image_dataset_from_directory",
    "img_to_array", "is_interactive_logging_enabled", "is_keras_tensor", "load_img", "model_to_dot", "normalize",
    "pack_x_y_sample_weight", "pad_sequences", "plot_model", "register_keras_serializable", "save_img",
    "serialize_keras_object", "set_random_seed", "split_dataset", "standardize_dtype",
    "text_dataset_from_directory", "timeseries_dataset_from_array", "to_categorical", "unpack_x_y_sample_weight",
]  # fmt: skip
