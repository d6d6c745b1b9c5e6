"""`tf.saved_model`: a format of TensorFlow's own, graphs of its operations. What to use in its place."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from ...errors import UnsupportedError


def save(obj: Any, export_dir: Any, signatures: Any = None, options: Any = None) -> NoReturn:
    """Not there.

    Raises: UnsupportedError: says what is.
    """
    raise UnsupportedError(
        f"tf.saved_model.save({os.fspath(export_dir)!r}): a SavedModel holds TensorFlow's graph. Save a Keras model as "
        "model.save('model.keras') (h5py installed), which TensorFlow's Keras reads too and can export from there. "
        "Variables of a tf.Module: tf.train.Checkpoint."
    )


def load(export_dir: Any, tags: Any = None, options: Any = None) -> NoReturn:
    """Not there.

    Raises: UnsupportedError: says what is.
    """
    raise UnsupportedError(
        f"tf.saved_model.load({os.fspath(export_dir)!r}): a SavedModel holds TensorFlow's graph, which chainrule does "
        "not run. Save the model where it was made with model.save('model.keras') and load that."
    )


def contains_saved_model(export_dir: Any) -> bool:
    """Whether a folder holds a SavedModel."""
    return any(os.path.isfile(os.path.join(os.fspath(export_dir), f"saved_model.{e}")) for e in ("pb", "pbtxt"))


__all__ = ["contains_saved_model", "load", "save"]
