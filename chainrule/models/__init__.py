"""Model, Sequential, the functional graph, columns of tables as features, saving."""

from ..later import later
from .cloning import clone_model
from .model import Model
from .saving import load_model, model_from_json, save_model
from .sequential import Sequential

__getattr__ = later(__name__, {"feature_space": ("FeatureSpace",), "function": ("Function",)})

__all__ = [
    "FeatureSpace", "Function", "Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model",
]  # fmt: skip
