"""What each finding rests on and which remedies are tried, with an example: the table behind docs/findings.md."""

from __future__ import annotations

from typing import Any

# id: (when it is said, what is tried against it, values for an example of its sentence)
ABOUT: dict[str, tuple[str, str, dict[str, Any]]] = {
    "no-signal": (
        "The model is not clearly better than the baseline, and of 19 trainings on shuffled targets at least one "
        "orders rows held out as well as the trainings on the true ones (AUC, correlation).",
        "none: other columns are needed", {"as_good": 3, "trials": 12, "p": 0.31},
    ),
    "no-better-than-baseline": (
        "On rows held out the mean loss is not below that of the share of each class, or of the mean.",
        "those of the findings beside it", {"measure": "log loss", "model": 0.7239, "baseline": 0.6911},
    ),
    "target-copy": (
        "Each value of a column goes with one value of the target, and the other way round (for values: they lie on a "
        "line).",
        "`--drop COLUMN`", {"said": "'answer' is the target 'label' in other words: each of its values goes with one "
        "value of the target, and the other way round"},
    ),
    "leakage": (
        "One column alone leaves at most 2 % of the errors of naming the commonest class, on rows that were not used "
        "to find that out (for values: explains 97 % of the variance).",
        "`--drop COLUMN`", {"said": "'refund' alone tells nearly everything about 'label': was it known before that "
        "was?"},
    ),
    "after-the-fact": (
        "In order of a date (or of `--time`), a column tells most of what is not known yet of the next row's target, "
        "or is its running total.",
        "`--drop COLUMN`", {"said": "in order of 'day', 'paid' tells 93% of what the targets so far do not tell of "
        "the NEXT row's 'label': it seems to be known only afterwards"},
    ),
    "identifier": (
        "Whole numbers that count the rows.", "`--drop COLUMN`", {"column": "id", "distinct": 400, "rows": 400},
    ),
    "duplicates-across": (
        "Rows of the test part whose inputs equal those of a training row; a warning from a fifth of them on.",
        "another split", {"count": 37, "rows": 100},
    ),
    "validation-disagrees": (
        "The mean losses on validation and test rows differ by more than 4 standard errors and a tenth.",
        "none: the two parts are not of one kind",
        {"measure": "log loss", "validation": 0.31, "test": 1.2, "deviations": 7.3},
    ),
    "learning-rate-too-large": (
        "The loss is not finite, jumps about, or does not fall; and a smaller rate is proven better.",
        "a third, a tenth, a hundredth of the rate, and the usual one of the optimizer",
        {"rate": "1", "rises": 9, "epochs": 20, "better": "0.001"},
    ),
    "learning-rate-too-small": (
        "The training loss still falls in the last tenth of the epochs, and a larger rate is proven better.",
        "3, 10 and 30 times the rate; three times the epochs",
        {"rate": "1e-05", "epochs": 20, "measure": "training loss", "loss": 0.7173, "better": "0.0003"},
    ),
    "training-too-short": (
        "The same, and only more epochs are proven better.", "three times the epochs",
        {"epochs": 4, "measure": "training loss", "fall": 0.02},
    ),
    "slow-convergence": (
        "With another rate a third of the epochs reach the same training loss, and rows held out do as well.",
        "3 and 10 times the rate", {"better": "0.01", "fewer": 38, "measure": "training loss", "epochs": 400},
    ),
    "slow-data": (
        "More than half of the time of an epoch goes into fetching batches, and it is more than half a second.",
        "data in memory", {"share": 0.9, "seconds": 10.0},
    ),
    "slow-compute": (
        "An epoch computes for more than 30 s.", "none", {"share": 0.98, "seconds": 95.0, "weights": 21_000_000},
    ),
    "unscaled-inputs": (
        "Inputs deviate by more than 30, or 100 times more than others, and standardised ones are proven better.",
        "a `Normalization` layer", {"smallest": 0.9, "largest": 1000.0},
    ),
    "overfitting": (
        "The validation loss has risen by a tenth above its best for three epochs or more while the training loss "
        "fell, and the best weights were not kept.",
        "early stopping, L2 penalties, dropout, a smaller network",
        {"epoch": 7, "measure": "loss", "best": 0.41, "last": 0.66},
    ),
    "underfitting": (
        "Training rows and rows held out are predicted equally badly, and a larger network is proven better.",
        "another hidden layer, four times the units (`--layers`)",
        {"measure": "log loss", "train": 0.4825, "validation": 0.4936},
    ),
    "dead-units": (
        "More than half of the units of a layer are 0 for a thousand rows.",
        "smaller rates, another initializer, scaled inputs", {"count": 27, "units": 32, "layer": "hidden_1"},
    ),
    "saturated-units": (
        "More than half of the units of a layer are within 2 % of an end of their range for 95 % of the rows.",
        "another initializer, ReLU",
        {"count": 26, "units": 32, "layer": "hidden_1", "activation": "sigmoid"},
    ),
    "vanishing-gradients": (
        "Before the training, the gradients of one layer are 10,000 times smaller than those of another.",
        "another initializer, ReLU", {"layer": "hidden_0", "other": "output", "ratio": 5.1e6},
    ),
    "exploding-gradients": (
        "Before the training, the gradients of a layer are more than 100 times as large as its weights.",
        "another initializer, scaled inputs, clipped gradients", {"layer": "output", "ratio": 1.4e5},
    ),
    "label-noise": (
        "Of the answers of each class the surest third is wrong nearly as often as those after it: the rows are "
        "those of confident learning (Northcutt et al. 2021) on predictions by networks that had not seen them. For "
        "values: a target far outside the others, with a gap between, and 12 robust deviations from what is expected.",
        "training without them",
        {"count": 61, "rows": 800, "share": 0.07625, "listed": "rows 78 (no, probably yes), 225 (no, probably yes)"},
    ),
    "imbalance-ignored": (
        "Less than a quarter of a rare class is found although the network ranks it well, and weights are proven to "
        "lower the balanced error rate.",
        "class weights (`--balance`)", {"label": "fraud", "rows": 56, "recall": 0.05, "accuracy": 0.961},
    ),
    "too-little-data": (
        "The second half of the rows is proven to have brought something.", "more rows",
        {"half": 160, "rows": 320, "measure": "RMSE", "before": 0.1919, "after": 0.1177, "double": 640,
         "expected": 0.0898},
    ),
}  # fmt: skip
