"""The main job: a table in, a trained and evaluated network out."""

from .fitting import Fitted, Options, check_folder, fit_table, save_fitted
from .model import TableModel
from .network import Training, parse_layers
from .report import final_table

__all__ = [
    "Fitted", "Options", "TableModel", "Training", "check_folder", "final_table", "fit_table", "parse_layers",
    "save_fitted",
]  # fmt: skip
