"""The table of rules: what each says, which mistakes it covers, an example that has it and one that has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One mistake.

    Args:
        severity: "error" (cannot work), "warning" (costs accuracy or trust) or "hint".
        mistakes: str. Which of the classical mistakes E1 to E22 it covers, if any.
        message: str. What is wrong; a `str.format` template.
        remedy: str. What to do.
        bad, good: str. A script that has it, and one that has not.
        seen: tuple. "script": in the text; "run": when `compile` and `fit` are called.
    """

    severity: str
    mistakes: str
    message: str
    remedy: str
    bad: str
    good: str
    seen: tuple[str, ...] = ("script",)


@dataclass(frozen=True)
class Hit:
    """A rule that a script breaks.

    Args:
        rule: str. Its id.
        line: int.
        values: dict, for the message.
    """

    rule: str
    line: int
    values: Mapping[str, Any]

    @property
    def severity(self) -> str:
        """Of the rule."""
        return RULES[self.rule].severity

    @property
    def text(self) -> str:
        """What is wrong, and what to do.

        >>> Hit("softmax-one-unit", 3, {}).text
        "Softmax over one unit is always 1: nothing can be learnt. Use Dense(1, activation='sigmoid')."
        """
        rule = RULES[self.rule]
        return f"{rule.message} {rule.remedy}".format(**self.values)


def _model(head: str, loss: str, metrics: str = "['accuracy']") -> str:
    """A script with a network of two layers: its head and its loss."""
    return f"""import keras
from keras.layers import Dense
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((4,)), Dense(8, activation='relu'), {head}])
model.compile(optimizer='adam', loss={loss}, metrics={metrics})
"""


_SIGMOID = _model("Dense(1, activation='sigmoid')", "'binary_crossentropy'")
_SOFTMAX = _model("Dense(3, activation='softmax')", "'sparse_categorical_crossentropy'")
_LINEAR = _model("Dense(1)", "'mse'", "['mae']")
_RANDOM = "import numpy as np\nx = np.random.default_rng(0).normal(size=(64, 4))\n"
_FIT = "model.fit(x_train, y_train, epochs=5)\nmodel.evaluate(x_test, y_test)\n"
_SPLIT = """import keras
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
"""
_NET = """keras.utils.set_random_seed(0)
model = keras.Sequential([keras.layers.Dense(1, activation='sigmoid')])
model.compile(optimizer='adam', loss='binary_crossentropy')
"""
_HALVES = "x_train, x_test, y_train, y_test = train_test_split(x, y, stratify=y, random_state=0)\n"

RULES: dict[str, Rule] = {
    "softmax-one-unit": Rule(
        "error", "E12", "Softmax over one unit is always 1: nothing can be learnt.",
        "Use Dense(1, activation='sigmoid').",
        _model("Dense(1, activation='softmax')", "'binary_crossentropy'"), _SIGMOID, ("script", "run"),
    ),
    "loss-and-head": Rule(
        "error", "E11, E12", "The loss {loss} does not fit an output of {head}.", "{fix}",
        _model("Dense(3, activation='sigmoid')", "'sparse_categorical_crossentropy'"), _SOFTMAX, ("script", "run"),
    ),
    "logits-missing": Rule(
        "error", "E13", "{loss} takes the linear output for probabilities.",
        "Give the last layer activation='{activation}', or the loss from_logits=True.",
        _model("Dense(3)", "'sparse_categorical_crossentropy'"),
        _model("Dense(3)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"), ("script", "run"),
    ),
    "from-logits-twice": Rule(
        "error", "E13", "from_logits=True applies {activation} to an output that {activation} has made already.",
        "Take the activation out of the last layer, or from_logits=True out of the loss.",
        _model("Dense(3, activation='softmax')", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        _SOFTMAX, ("script", "run"),
    ),
    "softmax-twice": Rule(
        "warning", "E12", "Softmax is applied twice: the probabilities can no longer come near 0 or 1.",
        "Leave one of them out.",
        _model("Dense(3, activation='softmax'), keras.layers.Softmax()", "'sparse_categorical_crossentropy'"), _SOFTMAX,
        ("script", "run"),
    ),
    "unreachable-targets": Rule(
        "error", "E4", "The targets reach from {low:g} to {high:g}; the output, {head}, can only give {range}.",
        "Use a linear output, or scale the targets into that range.",
        _model("Dense(2, activation='sigmoid')", "'mse'", "None")
        + "import numpy as np\nx_train = np.array([[1.0, 2.0, 3.0, 4.0]])\ny_train = np.array([[3.0, 4.0]])\n"
        "model.fit(x_train, y_train, verbose=0)\n",
        _model("Dense(2)", "'mse'", "None")
        + "import numpy as np\nx_train = np.array([[1.0, 2.0, 3.0, 4.0]])\ny_train = np.array([[3.0, 4.0]])\n"
        "model.fit(x_train, y_train, verbose=0)\n",
        ("run",),
    ),
    "labels-outside": Rule(
        "error", "E11", "The labels reach from {low:g} to {high:g}; {loss} with {units} output units takes {wanted}.",
        "Number the classes from 0, one output unit a class.",
        _SIGMOID + _RANDOM + "y = np.where(x[:, 0] > 0, 2, 1)\nmodel.fit(x, y, verbose=0)\n",
        _SIGMOID + _RANDOM + "y = np.where(x[:, 0] > 0, 1, 0)\nmodel.fit(x, y, verbose=0)\n", ("run",),
    ),
    "constant-target": Rule(
        "error", "E18", "All targets are {value:g}: there is nothing to learn.", "Check how the targets were made.",
        _LINEAR + _RANDOM + "model.fit(x, np.ones(64), verbose=0)\n",
        _LINEAR + _RANDOM + "model.fit(x, x[:, 0] + x[:, 1], verbose=0)\n", ("run",),
    ),
    "unscaled-inputs": Rule(
        "warning", "E19", "The inputs reach values around {size:.3g}: a network begins with weights that suit inputs "
        "around 1, and learns slowly or not at all.",
        "Standardise them (StandardScaler, a Normalization layer), or divide pixels by 255.",
        _LINEAR + _RANDOM + "model.fit(5000 + 1000 * x, x[:, 0], verbose=0)\n",
        _LINEAR + _RANDOM + "model.fit(x, x[:, 0], verbose=0)\n", ("run",),
    ),
    "unscaled-targets": Rule(
        "warning", "E19", "The targets reach values around {size:.3g}; the output begins near 0 and gets there in "
        "small steps.",
        "Standardise the targets and scale the predictions back.",
        _LINEAR + _RANDOM + "model.fit(x, 200000 + 50000 * x[:, 0], verbose=0)\n",
        _LINEAR + _RANDOM + "model.fit(x, 2 + x[:, 0], verbose=0)\n", ("run",),
    ),
    "sorted-validation": Rule(
        "warning", "E16", "validation_split takes the last {rows} rows, and the targets are sorted: the validation "
        "rows have other targets than the training rows.",
        "Shuffle the rows before, or pass validation_data.",
        _LINEAR + _RANDOM + "x = x[np.argsort(x[:, 0])]\nmodel.fit(x, x[:, 0], validation_split=0.2, verbose=0)\n",
        _LINEAR + _RANDOM + "model.fit(x, x[:, 0], validation_split=0.2, verbose=0)\n", ("run",),
    ),
    "validation-is-training": Rule(
        "warning", "E18", "The validation rows are the training rows: overfitting cannot be seen.",
        "Hold rows out (validation_split, train_test_split).",
        _LINEAR + _RANDOM + "y = x[:, 0]\nmodel.fit(x, y, validation_data=(x, y), verbose=0)\n"
        "model.evaluate(x[:9], y[:9], verbose=0)\n",
        _LINEAR + _RANDOM + "y = x[:, 0]\nmodel.fit(x[:48], y[:48], validation_data=(x[48:], y[48:]), verbose=0)\n",
        ("run",),
    ),
    "accuracy-imbalanced": Rule(
        "warning", "E19", "{share:.0%} of the rows are of one class: an accuracy of {share:.0%} is reached without "
        "looking at a row, and accuracy is the only metric.",
        "Add metrics=[keras.metrics.AUC(curve='PR')] or Recall, or weigh the classes (class_weight).",
        _SIGMOID + _RANDOM + "y = (np.arange(64) % 16 == 0).astype(int)\nmodel.fit(x, y, verbose=0)\n",
        _SIGMOID + _RANDOM + "y = (np.arange(64) % 2 == 0).astype(int)\nmodel.fit(x, y, verbose=0)\n", ("run",),
    ),
    "accuracy-of-values": Rule(
        "warning", "E19", "Accuracy counts equal numbers; for the loss {loss} and a linear output it says nothing.",
        "Use metrics=['mae'].", _model("Dense(1)", "'mse'"), _LINEAR, ("script", "run"),
    ),
    "metric-repeats-loss": Rule(
        "hint", "E19", "The metric {metric} is the loss once more.",
        "Take one in other units, such as 'mae' beside 'mse'.", _model("Dense(1)", "'mse'", "['mse']"), _LINEAR,
    ),
    "linear-layers": Rule(
        "warning", "E14, E15", "Two dense layers without an activation between them are one linear layer.",
        "Give the hidden layer an activation: Dense({units}, activation='relu').",
        _model("Dense(8), Dense(1)", "'mse'", "['mae']"), _LINEAR,
    ),
    "relu-output": Rule(
        "warning", "E4", "ReLU as the output gives no negative values, and no gradient once it is at 0.",
        "Use a linear output, or softplus for values that cannot be negative.",
        _model("Dense(1, activation='relu')", "'mse'", "['mae']"), _LINEAR,
    ),
    "no-bias": Rule(
        "hint", "E3", "No layer has a bias: every unit must pass through 0.", "Leave use_bias at True.",
        _model("Dense(1, use_bias=False)", "'mse'", "['mae']").replace("Dense(8,", "Dense(8, use_bias=False,"), _LINEAR,
    ),
    "scaled-before-split": Rule(
        "warning", "E16", "The rows are scaled by numbers of all of them (line {scaled}) before they are split: the "
        "training part knows something of the test part.",
        "Split first; fit the scaler on the training rows and transform both.",
        _SPLIT + _NET + "x = StandardScaler().fit_transform(x)\n" + _HALVES + _FIT,
        _SPLIT + _NET + _HALVES + "scaler = StandardScaler()\nx_train = scaler.fit_transform(x_train)\n"
        "x_test = scaler.transform(x_test)\n" + _FIT,
    ),
    "scaler-fitted-on-test": Rule(
        "warning", "E16", "The scaler is fitted on test rows: they get another scale than the rows trained on.",
        "Use transform, with the scaler of the training rows.",
        _SPLIT + _NET + _HALVES + "scaler = StandardScaler()\nx_train = scaler.fit_transform(x_train)\n"
        "x_test = scaler.fit_transform(x_test)\n" + _FIT,
        _SPLIT + _NET + _HALVES + "scaler = StandardScaler()\nx_train = scaler.fit_transform(x_train)\n"
        "x_test = scaler.transform(x_test)\n" + _FIT,
    ),
    "scaler-saw-validation": Rule(
        "hint", "E16", "The scaler of line {scaled} was fitted on rows that validation_split holds out afterwards.",
        "Hold the validation rows out before, or use a Normalization layer adapted on the rest.",
        _SPLIT + _NET + _HALVES + "x_train = StandardScaler().fit_transform(x_train)\n"
        "model.fit(x_train, y_train, validation_split=0.2)\nmodel.evaluate(x_test, y_test)\n",
        _SPLIT + _NET + _HALVES + "x_train, x_val, y_train, y_val = train_test_split(x_train, y_train, "
        "stratify=y_train, random_state=0)\nscaler = StandardScaler().fit(x_train)\n"
        "model.fit(scaler.transform(x_train), y_train, validation_data=(scaler.transform(x_val), y_val))\n"
        "model.evaluate(scaler.transform(x_test), y_test)\n",
    ),
    "scaler-not-saved": Rule(
        "hint", "E16", "The model is saved, the scaler is not: new rows cannot be scaled as the training rows were.",
        "Save it as well, or put a Normalization layer into the model.",
        _SPLIT + _NET + _HALVES + "scaler = StandardScaler()\nx_train = scaler.fit_transform(x_train)\n" + _FIT
        + "model.save('model.keras')\n",
        _NET.replace("[keras", "[keras.layers.Normalization(), keras").join(["import keras\n", ""]) + _FIT
        + "model.save('model.keras')\n",
    ),
    "rows-dropped": Rule(
        "hint", "E16", "dropna() drops every row with a gap: the rest may be other rows than those that come later, "
        "and new rows with gaps cannot be predicted.",
        "Fill the gaps with numbers of the training rows, and add a column that says where they were.",
        "import pandas as pd\nframe = pd.read_csv('rows.csv')\nframe = frame.dropna()\n",
        "import pandas as pd\nframe = pd.read_csv('rows.csv')\n",
    ),
    "not-stratified": Rule(
        "hint", "E16", "The rows of a classification are split without regard to the classes: a rare class may be on "
        "one side only.",
        "train_test_split(..., stratify=y).",
        _SPLIT + _NET + _HALVES.replace("stratify=y, ", "") + _FIT, _SPLIT + _NET + _HALVES + _FIT,
    ),
    "trained-on-test": Rule(
        "error", "E18", "The network is trained on the rows that it is tested on.",
        "Train on the training part only.",
        _SPLIT + _NET + _HALVES + "model.fit(x, y, epochs=5)\nmodel.evaluate(x_test, y_test)\n",
        _SPLIT + _NET + _HALVES + _FIT,
    ),
    "test-as-validation": Rule(
        "hint", "E20", "The test rows are the validation rows as well: what is chosen by them looks better than it is.",
        "Take a third part for validation.",
        _SPLIT + _NET + _HALVES + "model.fit(x_train, y_train, validation_data=(x_test, y_test))\n"
        "model.evaluate(x_test, y_test)\n",
        _SPLIT + _NET + _HALVES + "model.fit(x_train, y_train, validation_split=0.2)\nmodel.evaluate(x_test, y_test)\n",
    ),
    "tested-on-training": Rule(
        "warning", "E18", "The network is only evaluated on the rows that it was trained on.",
        "Hold rows out and evaluate on those.",
        _SPLIT + _NET + _HALVES + "model.fit(x_train, y_train)\nmodel.evaluate(x_train, y_train)\n",
        _SPLIT + _NET + _HALVES + _FIT,
    ),
    "never-tested": Rule(
        "hint", "E18, E19", "The network is trained and never evaluated on rows held out.",
        "model.evaluate(x_test, y_test), or validation_split.",
        "import keras\n" + _NET + "model.fit(x_train, y_train)\n", "import keras\n" + _NET + _FIT,
    ),
    "random-labels": Rule(
        "warning", "E18", "The labels are drawn at random (line {drawn}): no network can be right more often than by "
        "chance on other rows.",
        "Use real labels, or make them from the inputs.",
        "import keras\nimport numpy as np\n" + _NET + "x = np.random.rand(100, 4)\n"
        "y = np.random.randint(0, 2, (100, 1))\n"
        "model.fit(x[:80], y[:80])\nmodel.evaluate(x[80:], y[80:])\n",
        "import keras\nimport numpy as np\n" + _NET + "x = np.random.rand(100, 4)\ny = x[:, 0] > 0.5\n"
        "model.fit(x[:80], y[:80])\nmodel.evaluate(x[80:], y[80:])\n",
    ),
    "unseeded": Rule(
        "hint", "E17", "Nothing seeds the network: under Keras every run gives other results{split}.",
        "keras.utils.set_random_seed(0) at the top. (chainrule is seeded without it.)",
        "import keras\n" + _NET.replace("keras.utils.set_random_seed(0)\n", "") + _FIT, "import keras\n" + _NET + _FIT,
    ),
    "stops-by-training-loss": Rule(
        "warning", "E20", "Training is stopped by the training {monitor}, which gets better while the network learns "
        "by heart.",
        "Monitor val_loss.",
        "import keras\n" + _NET + "model.fit(x_train, y_train, validation_split=0.2,\n"
        "          callbacks=[keras.callbacks.EarlyStopping(monitor='loss', restore_best_weights=True)])\n",
        "import keras\n" + _NET + "model.fit(x_train, y_train, validation_split=0.2,\n"
        "          callbacks=[keras.callbacks.EarlyStopping(monitor='val_loss', restore_best_weights=True)])\n",
    ),
    "best-weights-lost": Rule(
        "hint", "E20", "EarlyStopping leaves the weights of the last epoch, not of the best one.",
        "EarlyStopping(..., restore_best_weights=True).",
        "import keras\n" + _NET + "model.fit(x_train, y_train, validation_split=0.2,\n"
        "          callbacks=[keras.callbacks.EarlyStopping(monitor='val_loss')])\n",
        "import keras\n" + _NET + "model.fit(x_train, y_train, validation_split=0.2,\n"
        "          callbacks=[keras.callbacks.EarlyStopping(monitor='val_loss', restore_best_weights=True)])\n",
    ),
    "bias-never-updated": Rule(
        "error", "E3", "The weights are updated and the bias {bias} never is.", "Subtract its gradient too.",
        "for _ in range(100):\n    y = x @ w + b\n    w -= 0.1 * x.T @ (y - t)\n",
        "for _ in range(100):\n    y = x @ w + b\n    w -= 0.1 * x.T @ (y - t)\n    b -= 0.1 * (y - t).sum(0)\n",
    ),
    "climbs": Rule(
        "error", "E10", "{weight} moves along the gradient {gradient}: the loss falls along the negative gradient.",
        "{weight} -= rate * {gradient}.",
        "for _ in range(100):\n    grad_w = x.T @ (x @ w - t)\n    w += 0.1 * grad_w\n",
        "for _ in range(100):\n    grad_w = x.T @ (x @ w - t)\n    w -= 0.1 * grad_w\n",
    ),
    "overflow": Rule(
        "warning", "E13", "exp({what}) overflows for large inputs, and the result is nan.",
        "Subtract the maximum first: exp(z - z.max(axis=-1, keepdims=True)).",
        "import numpy as np\np = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)\n",
        "import numpy as np\nz = z - z.max(axis=1, keepdims=True)\n"
        "p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)\n",
    ),
    "log-of-zero": Rule(
        "warning", "E13", "log({what}) is -inf once the probability reaches 0.",
        "Compute the loss from the logits, or clip: np.clip(p, 1e-12, 1).",
        "import numpy as np\nloss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))\n",
        "import numpy as np\np = np.clip(p, 1e-12, 1 - 1e-12)\n"
        "loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))\n",
    ),
}

# What becomes of the mistakes that no rule of this table can see.
ELSEWHERE = {
    "E1": "NumPy refuses the shapes; `chainrule.check_gradients` compares any gradient with finite differences",
    "E2": "cannot be told from names; `chainrule.check_gradients` finds it",
    "E5": "a matter of notation; a factor in a gradient is found by `chainrule.check_gradients`",
    "E6": "a matter of notation; `chainrule.check_gradients` finds a wrong delta",
    "E7": "a matter of words, not of programs",
    "E8": "a factor left out of a gradient is found by `chainrule.check_gradients`",
    "E9": "a factor left out of a gradient is found by `chainrule.check_gradients`",
    "E21": "`chainrule.insight.diagnose` measures remedies before it names them",
    "E22": "a matter of references, not of programs",
}
