"""Formats of other programs, and the way there."""

from __future__ import annotations

from ..errors import ArgumentError, UnsupportedError, did_you_mean

_FORMATS = {
    "tf_saved_model": "TensorFlow", "onnx": "tf2onnx", "openvino": "OpenVINO", "litert": "TensorFlow",
    "torch": "PyTorch",
}  # fmt: skip


def refuse(format: str) -> None:
    """Say how a model comes into a format.

    Raises: UnsupportedError: always; ArgumentError: there is no such format.
    """
    if format not in _FORMATS:
        raise ArgumentError(
            f"export: expected a format among {', '.join(_FORMATS)}; got {format!r}.{did_you_mean(format, _FORMATS)}"
        )
    raise UnsupportedError(
        f"export: {format!r} is made by {_FORMATS[format]}, which is no part of chainrule. Write the model with "
        f"model.save('model.keras') (h5py installed), and where Keras 3 and {_FORMATS[format]} are installed: "
        f"keras.models.load_model('model.keras').export('path', format={format!r})."
    )
