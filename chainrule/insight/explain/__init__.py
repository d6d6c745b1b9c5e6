"""Explanation: which columns matter, what the network does with them, why a row got its answer, what would change it.

    about = explain.subject(model, rows)        # a TableModel and a Table, or a Keras-style model and an array
    explain.explain_model(about)                # or one by one:

    subject.py         a model and its rows, asked about rows put together from cells of other rows
    importance.py      how much worse it gets without a column
    curves.py          what it says when a column is set to a value
    interactions.py    how far the effect of one column depends on another
    fairness.py        how groups are treated
    shapley.py         an output as a sum over the columns
    gradients.py       the same by the network's own gradients
    slope.py           the gradient; which of very many columns matter
    images.py          where in an image a network looks; pictures of it
    tokens.py          what each token of a text contributed
    distance.py        rows that are like a row
    counterfactual.py  the smallest change that leads to another decision
    whole.py           all of it; results.py: what comes out; show.py: as text
"""

from .counterfactual import counterfactuals
from .curves import effect_curve
from .distance import nearest_rows
from .fairness import fairness
from .gradients import integrated_gradients, pixel_gradients
from .images import grad_cam, overlay, save_overlay
from .importance import permutation_importance
from .interactions import interactions
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
from .show import PLAIN, model_text, row_text
from .subject import Subject, subject
from .tokens import token_gradients
from .whole import explain_model, explain_row

__all__ = [
    "PLAIN", "Attribution", "ColumnImportance", "Contribution", "Counterfactual", "Counterfactuals", "EffectCurve",
    "Estimate", "Fairness", "Gap", "Group", "Importance", "Interaction", "ModelExplanation", "Neighbour",
    "RowExplanation", "Subject", "as_plain", "counterfactuals", "effect_curve", "explain_model", "explain_row",
    "fairness", "grad_cam", "integrated_gradients", "interactions", "model_text", "nearest_rows", "overlay",
    "permutation_importance", "pixel_gradients", "row_text", "save_overlay", "shapley_values", "subject",
    "token_gradients",
]  # fmt: skip
