"""Model, Sequential, the functional graph, columns of tables as features, learning from a teacher, saving."""

from ..later import later
from ..serialization import builtin_later
from .cloning import clone_model
from .model import Model
from .sequential import Sequential

_TAUGHT = ("DistillationLoss", "FeatureDistillation", "LogitsDistillation")
_LATER = {
    "feature_space": ("FeatureSpace",), "function": ("Function",), "distiller": ("Distiller",),
    "file_editor": ("KerasFileEditor",),
    "saving": ("load_model", "model_from_json", "save_model"),
}  # fmt: skip
__getattr__ = later(__name__, {**_LATER, "distillation": _TAUGHT})
builtin_later(("Distiller", *_TAUGHT), __getattr__)

__all__ = [
    "DistillationLoss", "Distiller", "FeatureDistillation", "FeatureSpace", "Function", "KerasFileEditor",
    "LogitsDistillation", "Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model",
]  # fmt: skip
