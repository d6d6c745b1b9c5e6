"""Trainings of models with nested outputs, some of whose losses are of a whole branch, or several of one output.

The same program runs with chainrule, and with Keras to make tests/golden/branches.json (scripts/golden/branches.py).
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

Pair = namedtuple("Pair", ["first", "second"])
X = np.sin(np.arange(36.0)).reshape(12, 3).astype("float32")
TARGETS = {name: np.cos(np.arange(12.0) * (k + 1)).reshape(12, 1).astype("float32") for k, name in enumerate("abcd")}
ROWS = np.linspace(0.25, 3, 12).astype("float32")

# Outputs by the names of their layers; what compile is given ("branch" is a function of a whole branch); whether
# sample weights are given
YES, NO = True, False
DEEP = {"p": ("a", "b"), "q": {"q1": "c", "q2": "d"}}
CASES: dict[str, tuple[Any, dict[str, Any], bool]] = {
    "list, several each": (["a", "b"], {"loss": [["mse", "mae"], "mse"]}, NO),
    "list, weighted": (["a", "b"], {"loss": ["mse", "mae"], "loss_weights": (2.0, 0.5)}, NO),
    "list, several weighted": (["a", "b"], {"loss": ["mse", ["mse", "mae"]], "loss_weights": [1.5, 2.0, 0.5]}, NO),
    "list, by name": (["b", "a"], {"loss": {"a": "mse", "b": "mae"}, "loss_weights": {"a": 2.0, "b": 3.0}}, NO),
    "tuple, branch and each": (("a", "b"), {"loss": ["branch", ("mse", "mae")]}, NO),
    "tuple, weighted": (("a", "b"), {"loss": ["branch", ("mse", "mae")], "loss_weights": [1.5, (2, 0.5)]}, NO),
    "tuple, several of all": (("a", "b"), {"loss": [["mse", "mae"], ("mae", None)]}, NO),
    "named tuple": (Pair("a", "b"), {"loss": ["branch", Pair("mse", "mae")]}, NO),
    "dict, branch and one": ({"z": "a", "y": "b"}, {"loss": ["branch", {"y": "mae"}]}, NO),
    "dict, several": ({"z": "a", "y": "b"},
                      {"loss": {"z": ["mse", "mae"], "y": "mae"}, "loss_weights": {"z": [2.0, 3.0], "y": 0.5}}, NO),
    "deep": (DEEP, {"loss": "mse"}, YES),
    "deep, some": (DEEP, {"loss": {"p": [None, "mae"]},
                          "metrics": {"p": ("mae", "mse"), "q": {"q1": "mae", "q2": None}}}, NO),
    "deep, branches": (DEEP, {"loss": {"p": "branch", "q": "branch"}, "loss_weights": {"p": 2.0, "q": 0.5}}, NO),
    "deep, and parts": (DEEP, {"loss": {"p": ["branch", (None, "mae")], "q": ["branch", {"q1": "mse"}]}}, NO),
    "deep, all as one": (DEEP, {"loss": ["branch"]}, NO),
    "deep, flat": (DEEP, {"loss": ["mse", None, "mae", "mse"], "loss_weights": [1.0, 2.0, 3.0, 4.0]}, NO),
    "list in list": (["a", ["b", "c"]], {"loss": ["mse", "branch"], "metrics": ["mae", (["mse", "mae"], "mae")]}, NO),
}  # fmt: skip


def run(name: str, keras: Any) -> dict[str, Any]:
    """Train and evaluate; the history, the evaluation as dict and list, and the bias of each output afterwards."""
    outputs, compiled, has_weights = CASES[name]

    def branch(y_true: Any, y_pred: Any) -> Any:
        """The absolute errors of all, each twice as important as the one before."""
        pairs = zip(leaves(y_true), leaves(y_pred), strict=True)
        return sum(2.0**k * keras.ops.mean(keras.ops.abs(t - p)) for k, (t, p) in enumerate(pairs))

    x = keras.Input((3,), name="x")
    made = {}
    for k, layer in enumerate(sorted(leaves(outputs))):
        made[layer] = keras.layers.Dense(1, name=layer)
        made[layer].build((None, 3))
        made[layer].set_weights([np.cos(np.arange(3.0) + k).reshape(3, 1), np.full(1, 0.1 * k)])
    model = keras.Model(x, along(outputs, lambda layer: made[layer](x)))
    compiled = {key: along(value, lambda v: branch if v == "branch" else v) for key, value in compiled.items()}
    model.compile(keras.optimizers.SGD(0.05), **compiled)
    data = (X, along(outputs, TARGETS.get))
    rows = {"sample_weight": ROWS} if has_weights else {}
    fit = model.fit(*data, batch_size=4, epochs=2, shuffle=False, verbose=0, **rows)
    rows = {**rows, "batch_size": 6, "verbose": 0}
    measured = [model.evaluate(*data, return_dict=as_dict, **rows) for as_dict in (True, False)]
    return {
        "history": {key: list(map(float, values)) for key, values in fit.history.items()},
        "evaluate": {key: float(value) for key, value in measured[0].items()},
        "list": np.ravel(measured[1]).tolist(),
        "biases": [float(np.asarray(made[layer].get_weights()[1])[0]) for layer in sorted(made)],
    }


def leaves(tree: Any) -> list[Any]:
    """The leaves of nested lists, tuples and dicts; dicts by their keys in order."""
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree) for leaf in leaves(tree[key])]
    return [leaf for item in tree for leaf in leaves(item)] if isinstance(tree, (list, tuple)) else [tree]


def along(tree: Any, function: Any) -> Any:
    """The same nesting with a function of each leaf in its place."""
    if isinstance(tree, dict):
        return {key: along(value, function) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        items = [along(item, function) for item in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    return function(tree)
