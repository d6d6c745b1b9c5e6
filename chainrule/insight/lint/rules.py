"""The table of rules: which mistakes each covers, an example that has it and one that has not."""

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
        bad, good: str. A script that has it, and one that has not.
        seen: tuple. "script": in the text; "run": when `compile` and `fit` are called.
    """

    severity: str
    mistakes: str
    bad: str
    good: str
    seen: tuple[str, ...] = ("script",)


@dataclass(frozen=True)
class Hit:
    """A rule that a script, a model or its data break.

    Args:
        rule: str. Its id. What it says stands in `chainrule/insight/words/rules.py`.
        line: int. 0 where there is none.
        values: dict, for the message.
        key: str or None. Which text says it; None: the one of the rule.
    """

    rule: str
    line: int
    values: Mapping[str, Any]
    key: str | None = None

    @property
    def severity(self) -> str:
        """Of the rule."""
        return RULES[self.rule].severity

    def sentence(self, language: str = "en") -> str:
        """What is wrong, and what to do.

        Args:
            language: "en" or "zh".

        >>> print(Hit("softmax-one-unit", 3, {}).sentence())
        Softmax over one unit is always 1: nothing can be learnt. Use Dense(1, activation='sigmoid').
        """
        from ..words import Words

        words = Words(language)
        parts = (words(f"rule.{key}", **self.values) for key in (self.key or self.rule, f"{self.rule}.fix"))
        return words.joined(*parts)


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
        "error", "E12",
        _model("Dense(1, activation='softmax')", "'binary_crossentropy'"), _SIGMOID, ("script", "run"),
    ),
    "loss-and-head": Rule(
        "error", "E11, E12",
        _model("Dense(3, activation='sigmoid')", "'sparse_categorical_crossentropy'"), _SOFTMAX, ("script", "run"),
    ),
    "logits-missing": Rule(
        "error", "E13",
        _model("Dense(3)", "'sparse_categorical_crossentropy'"),
        _model("Dense(3)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"), ("script", "run"),
    ),
    "from-logits-twice": Rule(
        "error", "E13",
        _model("Dense(3, activation='softmax')", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        _SOFTMAX, ("script", "run"),
    ),
    "softmax-twice": Rule(
        "warning", "E12",
        _model("Dense(3, activation='softmax'), keras.layers.Softmax()", "'sparse_categorical_crossentropy'"), _SOFTMAX,
        ("script", "run"),
    ),
    "unreachable-targets": Rule(
        "error", "E4",
        _model("Dense(2, activation='sigmoid')", "'mse'", "None")
        + "import numpy as np\nx_train = np.array([[1.0, 2.0, 3.0, 4.0]])\ny_train = np.array([[3.0, 4.0]])\n"
        "model.fit(x_train, y_train, verbose=0)\n",
        _model("Dense(2)", "'mse'", "None")
        + "import numpy as np\nx_train = np.array([[1.0, 2.0, 3.0, 4.0]])\ny_train = np.array([[3.0, 4.0]])\n"
        "model.fit(x_train, y_train, verbose=0)\n",
        ("run",),
    ),
    "labels-outside": Rule(
        "error", "E11",
        _SIGMOID + _RANDOM + "y = np.where(x[:, 0] > 0, 2, 1)\nmodel.fit(x, y, verbose=0)\n",
        _SIGMOID + _RANDOM + "y = np.where(x[:, 0] > 0, 1, 0)\nmodel.fit(x, y, verbose=0)\n", ("run",),
    ),
    "constant-target": Rule(
        "error", "E18",
        _LINEAR + _RANDOM + "model.fit(x, np.ones(64), verbose=0)\n",
        _LINEAR + _RANDOM + "model.fit(x, x[:, 0] + x[:, 1], verbose=0)\n", ("run",),
    ),
    "unscaled-inputs": Rule(
        "warning", "E19",
        _LINEAR + _RANDOM + "model.fit(5000 + 1000 * x, x[:, 0], verbose=0)\n",
        _LINEAR + _RANDOM + "model.fit(x, x[:, 0], verbose=0)\n", ("run",),
    ),
    "unscaled-targets": Rule(
        "warning", "E19",
        _LINEAR + _RANDOM + "model.fit(x, 200000 + 50000 * x[:, 0], verbose=0)\n",
        _LINEAR + _RANDOM + "model.fit(x, 2 + x[:, 0], verbose=0)\n", ("run",),
    ),
    "sorted-validation": Rule(
        "warning", "E16",
        _LINEAR + _RANDOM + "x = x[np.argsort(x[:, 0])]\nmodel.fit(x, x[:, 0], validation_split=0.2, verbose=0)\n",
        _LINEAR + _RANDOM + "model.fit(x, x[:, 0], validation_split=0.2, verbose=0)\n", ("run",),
    ),
    "validation-is-training": Rule(
        "warning", "E18",
        _LINEAR + _RANDOM + "y = x[:, 0]\nmodel.fit(x, y, validation_data=(x, y), verbose=0)\n"
        "model.evaluate(x[:9], y[:9], verbose=0)\n",
        _LINEAR + _RANDOM + "y = x[:, 0]\nmodel.fit(x[:48], y[:48], validation_data=(x[48:], y[48:]), verbose=0)\n",
        ("run",),
    ),
    "accuracy-imbalanced": Rule(
        "warning", "E19",
        _SIGMOID + _RANDOM + "y = (np.arange(64) % 16 == 0).astype(int)\nmodel.fit(x, y, verbose=0)\n",
        _SIGMOID + _RANDOM + "y = (np.arange(64) % 2 == 0).astype(int)\nmodel.fit(x, y, verbose=0)\n", ("run",),
    ),
    "accuracy-of-values": Rule(
        "warning", "E19",
        _model("Dense(1)", "'mse'"), _LINEAR, ("script", "run"),
    ),
    "metric-repeats-loss": Rule(
        "hint", "E19",
        _model("Dense(1)", "'mse'", "['mse']"), _LINEAR,
    ),
    "linear-layers": Rule(
        "warning", "E14, E15",
        _model("Dense(8), Dense(1)", "'mse'", "['mae']"), _LINEAR,
    ),
    "relu-output": Rule(
        "warning", "E4",
        _model("Dense(1, activation='relu')", "'mse'", "['mae']"), _LINEAR,
    ),
    "no-bias": Rule(
        "hint", "E3",
        _model("Dense(1, use_bias=False)", "'mse'", "['mae']").replace("Dense(8,", "Dense(8, use_bias=False,"), _LINEAR,
    ),
    "scaled-before-split": Rule(
        "warning", "E16",
        _SPLIT + _NET + "x = StandardScaler().fit_transform(x)\n" + _HALVES + _FIT,
        _SPLIT + _NET + _HALVES + "scaler = StandardScaler()\nx_train = scaler.fit_transform(x_train)\n"
        "x_test = scaler.transform(x_test)\n" + _FIT,
    ),
    "scaler-fitted-on-test": Rule(
        "warning", "E16",
        _SPLIT + _NET + _HALVES + "scaler = StandardScaler()\nx_train = scaler.fit_transform(x_train)\n"
        "x_test = scaler.fit_transform(x_test)\n" + _FIT,
        _SPLIT + _NET + _HALVES + "scaler = StandardScaler()\nx_train = scaler.fit_transform(x_train)\n"
        "x_test = scaler.transform(x_test)\n" + _FIT,
    ),
    "scaler-saw-validation": Rule(
        "hint", "E16",
        _SPLIT + _NET + _HALVES + "x_train = StandardScaler().fit_transform(x_train)\n"
        "model.fit(x_train, y_train, validation_split=0.2)\nmodel.evaluate(x_test, y_test)\n",
        _SPLIT + _NET + _HALVES + "x_train, x_val, y_train, y_val = train_test_split(x_train, y_train, "
        "stratify=y_train, random_state=0)\nscaler = StandardScaler().fit(x_train)\n"
        "model.fit(scaler.transform(x_train), y_train, validation_data=(scaler.transform(x_val), y_val))\n"
        "model.evaluate(scaler.transform(x_test), y_test)\n",
    ),
    "scaler-not-saved": Rule(
        "hint", "E16",
        _SPLIT + _NET + _HALVES + "scaler = StandardScaler()\nx_train = scaler.fit_transform(x_train)\n" + _FIT
        + "model.save('model.keras')\n",
        _NET.replace("[keras", "[keras.layers.Normalization(), keras").join(["import keras\n", ""]) + _FIT
        + "model.save('model.keras')\n",
    ),
    "rows-dropped": Rule(
        "hint", "E16",
        "import pandas as pd\nframe = pd.read_csv('rows.csv')\nframe = frame.dropna()\n",
        "import pandas as pd\nframe = pd.read_csv('rows.csv')\n",
    ),
    "not-stratified": Rule(
        "hint", "E16",
        _SPLIT + _NET + _HALVES.replace("stratify=y, ", "") + _FIT, _SPLIT + _NET + _HALVES + _FIT,
    ),
    "trained-on-test": Rule(
        "error", "E18",
        _SPLIT + _NET + _HALVES + "model.fit(x, y, epochs=5)\nmodel.evaluate(x_test, y_test)\n",
        _SPLIT + _NET + _HALVES + _FIT,
    ),
    "test-as-validation": Rule(
        "hint", "E20",
        _SPLIT + _NET + _HALVES + "model.fit(x_train, y_train, validation_data=(x_test, y_test))\n"
        "model.evaluate(x_test, y_test)\n",
        _SPLIT + _NET + _HALVES + "model.fit(x_train, y_train, validation_split=0.2)\nmodel.evaluate(x_test, y_test)\n",
    ),
    "tested-on-training": Rule(
        "warning", "E18",
        _SPLIT + _NET + _HALVES + "model.fit(x_train, y_train)\nmodel.evaluate(x_train, y_train)\n",
        _SPLIT + _NET + _HALVES + _FIT,
    ),
    "never-tested": Rule(
        "hint", "E18, E19",
        "import keras\n" + _NET + "model.fit(x_train, y_train)\n", "import keras\n" + _NET + _FIT,
    ),
    "random-labels": Rule(
        "warning", "E18",
        "import keras\nimport numpy as np\n" + _NET + "x = np.random.rand(100, 4)\n"
        "y = np.random.randint(0, 2, (100, 1))\n"
        "model.fit(x[:80], y[:80])\nmodel.evaluate(x[80:], y[80:])\n",
        "import keras\nimport numpy as np\n" + _NET + "x = np.random.rand(100, 4)\ny = x[:, 0] > 0.5\n"
        "model.fit(x[:80], y[:80])\nmodel.evaluate(x[80:], y[80:])\n",
    ),
    "unseeded": Rule(
        "hint", "E17",
        "import keras\n" + _NET.replace("keras.utils.set_random_seed(0)\n", "") + _FIT, "import keras\n" + _NET + _FIT,
    ),
    "stops-by-training-loss": Rule(
        "warning", "E20",
        "import keras\n" + _NET + "model.fit(x_train, y_train, validation_split=0.2,\n"
        "          callbacks=[keras.callbacks.EarlyStopping(monitor='loss', restore_best_weights=True)])\n",
        "import keras\n" + _NET + "model.fit(x_train, y_train, validation_split=0.2,\n"
        "          callbacks=[keras.callbacks.EarlyStopping(monitor='val_loss', restore_best_weights=True)])\n",
    ),
    "best-weights-lost": Rule(
        "hint", "E20",
        "import keras\n" + _NET + "model.fit(x_train, y_train, validation_split=0.2,\n"
        "          callbacks=[keras.callbacks.EarlyStopping(monitor='val_loss')])\n",
        "import keras\n" + _NET + "model.fit(x_train, y_train, validation_split=0.2,\n"
        "          callbacks=[keras.callbacks.EarlyStopping(monitor='val_loss', restore_best_weights=True)])\n",
    ),
    "bias-never-updated": Rule(
        "error", "E3",
        "for _ in range(100):\n    y = x @ w + b\n    w -= 0.1 * x.T @ (y - t)\n",
        "for _ in range(100):\n    y = x @ w + b\n    w -= 0.1 * x.T @ (y - t)\n    b -= 0.1 * (y - t).sum(0)\n",
    ),
    "climbs": Rule(
        "error", "E10",
        "for _ in range(100):\n    grad_w = x.T @ (x @ w - t)\n    w += 0.1 * grad_w\n",
        "for _ in range(100):\n    grad_w = x.T @ (x @ w - t)\n    w -= 0.1 * grad_w\n",
    ),
    "overflow": Rule(
        "warning", "E13",
        "import numpy as np\np = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)\n",
        "import numpy as np\nz = z - z.max(axis=1, keepdims=True)\n"
        "p = np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)\n",
    ),
    "log-of-zero": Rule(
        "warning", "E13",
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
