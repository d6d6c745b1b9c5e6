"""What shap 0.51.0 and scikit-learn 1.9.1 answer about small networks: tests/golden/explanations.json.

    PYTHON scripts/golden/explanations.py

where PYTHON is an interpreter with `shap==0.51.0` and `scikit-learn==1.9.1`; the networks are computed in NumPy. The
integrated gradients are a sum of 20,000 midpoints with a backward pass written out here.
"""

from __future__ import annotations

import itertools
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import shap
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import partial_dependence, permutation_importance

FILE = Path(__file__).resolve().parents[2] / "tests" / "golden" / "explanations.json"
ABOUT = (
    "weights: kernels and biases of dense layers, hidden ones with `activation`, the last with softmax if it has more "
    "than one output; exact, kernel, permutation: shap's values (rows, columns, outputs) for `rows` with `background`; "
    "gradients: integrated gradients of `output` from `background[0]`; dependence: of column 1 at `grid`, over "
    "`background`; importance: sklearn's mean increase of the mean squared error over 400 shuffles of `background`"
)
_STEPS = 20_000


class Net(RegressorMixin, BaseEstimator):
    """A dense network in float64."""

    def __init__(self, sizes: tuple[int, ...] = (1, 1), activation: str = "tanh", seed: int = 0) -> None:
        self.sizes, self.activation, self.seed = sizes, activation, seed
        generator = np.random.default_rng(seed)
        self.weights: list[np.ndarray] = []
        for a, b in itertools.pairwise(sizes):
            self.weights += [generator.normal(size=(a, b)) * 0.8, generator.normal(size=b) * 0.3]
        self.weights = [np.float32(w).astype(np.float64) for w in self.weights]

    def fit(self, x: np.ndarray, y: np.ndarray) -> Net:
        """Nothing to learn; scikit-learn asks."""
        self.is_fitted_ = True
        return self

    def layers(self, x: np.ndarray) -> list[np.ndarray]:
        """Activations of all layers; the last one is linear."""
        found, last = [x], len(self.weights) // 2 - 1
        for i in range(last + 1):
            z = found[-1] @ self.weights[2 * i] + self.weights[2 * i + 1]
            found.append(z if i == last else np.tanh(z) if self.activation == "tanh" else np.maximum(z, 0))
        return found

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """Probabilities, or the value (n, 1)."""
        z = self.layers(np.asarray(x, np.float64))[-1]
        if z.shape[1] == 1:
            return z
        e = np.exp(z - z.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The value (n,)."""
        return self.outputs(x)[:, 0]

    def gradient(self, x: np.ndarray, k: int) -> np.ndarray:
        """The gradient of output k by the inputs, (n, columns)."""
        a, p = self.layers(x), self.outputs(x)
        g = np.ones((len(x), 1)) if p.shape[1] == 1 else p[:, [k]] * (np.eye(p.shape[1])[k] - p)
        for i in reversed(range(len(self.weights) // 2)):
            if i < len(self.weights) // 2 - 1:
                g = g * (1 - a[i + 1] ** 2 if self.activation == "tanh" else a[i + 1] > 0)
            g = g @ self.weights[2 * i].T
        return g


def integrated(net: Net, start: np.ndarray, end: np.ndarray, k: int) -> np.ndarray:
    """A sum of midpoints."""
    t = (np.arange(_STEPS) + 0.5) / _STEPS
    return (end - start) * net.gradient(start + t[:, None] * (end - start), k).mean(0)


def network_case(sizes: tuple[int, ...], activation: str, seed: int) -> dict[str, Any]:
    """All that is asked about one network."""
    net, generator = Net(sizes, activation, seed), np.random.default_rng(100 + seed)
    x = np.float32(generator.normal(size=(23, sizes[0])).round(3)).astype(np.float64)
    rows, background = x[:3], x[3:]
    masker = shap.maskers.Independent(background, max_samples=len(background))
    found: dict[str, Any] = {
        "sizes": sizes, "activation": activation, "weights": net.weights, "rows": rows, "background": background,
        "exact": shap.explainers.Exact(net.outputs, masker)(rows).values,
        "gradients": [integrated(net, background[0], row, 0) for row in rows], "output": 0,
    }  # fmt: skip
    if sizes[0] <= 6:
        kernel = shap.KernelExplainer(net.outputs, background)
        found["kernel"] = np.array(kernel.shap_values(rows, nsamples=2 ** sizes[0], silent=True))
    else:
        permutation = shap.explainers.Permutation(net.outputs, masker, seed=0)
        found["permutation"] = permutation(rows, max_evals=200 * (2 * sizes[0] + 1)).values
    if sizes[-1] == 1:
        net.fit(background, np.zeros(len(background)))
        dependence = partial_dependence(net, background, [1], method="brute", grid_resolution=10, kind="both")
        found |= {"grid": dependence["grid_values"][0], "dependence": dependence["average"][0],
                  "individual": dependence["individual"][0]}  # fmt: skip
        y = net.predict(background) + generator.normal(size=len(background)).round(3) * 0.5
        importance = permutation_importance(net, background, y, scoring="neg_mean_squared_error", n_repeats=400,
                                            random_state=0)  # fmt: skip
        found |= {"truth": y, "importance": importance.importances_mean}
    return found


def plain(value: Any) -> Any:
    """As JSON, floats with 9 digits."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{float(value):.9g}")
    return int(value) if isinstance(value, np.integer) else value


if __name__ == "__main__":
    cases = [((5, 8, 6, 3), "tanh", 1), ((4, 12, 1), "relu", 2), ((10, 16, 1), "tanh", 3), ((3, 2), "tanh", 4)]
    source = {"library": "shap", "version": version("shap"), "scikit-learn": version("scikit-learn"),
              "script": "scripts/golden/explanations.py", "about": ABOUT}  # fmt: skip
    lines = ",\n".join(json.dumps(plain(network_case(*arguments))) for arguments in cases)
    FILE.write_text(f'{{\n"source": {json.dumps(source)},\n"cases": [\n{lines}\n]\n}}\n', encoding="utf-8")
    print(f"{FILE.name}: {FILE.stat().st_size / 1024:.1f} KiB")
