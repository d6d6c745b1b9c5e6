"""Explanation: which columns matter, what the network does with them, why a row got its answer, what would change it.

    subject.py         a model and its rows, asked about rows put together from cells of other rows
    importance.py      how much worse it gets without a column
    shapley.py         an output as a sum over the columns
    gradients.py       the same by the network's own gradients, and for images
    results.py         what comes out
"""

from .gradients import integrated_gradients, pixel_gradients
from .importance import permutation_importance
from .results import (
    Attribution,
    ColumnImportance,
    Contribution,
    Counterfactual,
    Counterfactuals,
    EffectCurve,
    Estimate,
    Fairness,
    Gap,
    Group,
    Importance,
    Interaction,
    ModelExplanation,
    Neighbour,
    RowExplanation,
    as_plain,
)
from .shapley import shapley_values
from .subject import Subject, subject

__all__ = [
    "Attribution", "ColumnImportance", "Contribution", "Counterfactual", "Counterfactuals", "EffectCurve", "Estimate",
    "Fairness", "Gap", "Group", "Importance", "Interaction", "ModelExplanation", "Neighbour", "RowExplanation",
    "Subject", "as_plain", "integrated_gradients", "permutation_importance", "pixel_gradients", "shapley_values",
    "subject",
]  # fmt: skip
