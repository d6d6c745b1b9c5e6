"""The main job: a table in, trained and evaluated networks out.

    problem.py     what is to be learnt: rows that train, rows that test, what is unusual
    preparing.py   which kinds of networks: presets.py (their list), budget.py (what fits into the time), search.py,
                   rate_finder.py; clearness.py: whether they are held back
    network.py     sizes, rates and loss, chosen from the data; architectures.py, blocks.py: what networks consist of
    members.py     several networks, each stopped on rows of its own (training.py: one of them; crew.py: side by side)
    combining.py   how much each counts (weighting.py), how sure they may be (calibration.py, conformal.py)
    model.py       what answers for new rows, and its files
    scores.py      how good the answers are; report.py says it
    fitting.py     all of it in order; folder.py: the folder that is written
    estimators.py  the same as estimators of scikit-learn: `ChainruleClassifier`, `ChainruleRegressor`
"""

from ..later import later
from .fitting import Fitted, fit_table
from .folder import check_folder, default_folder, save
from .frames import fit
from .members import Show
from .model import TableModel
from .network import Plan, Training, parse_layers, plan
from .problem import Options
from .report import final_table
from .training import Watch

__all__ = [
    "Fitted", "Options", "Plan", "Show", "TableModel", "Training", "Watch", "check_folder", "default_folder",
    "final_table", "fit", "fit_table", "parse_layers", "plan", "save",
]  # fmt: skip

__getattr__ = later(__name__, {"estimators": ("ChainruleClassifier", "ChainruleRegressor")})
