"""chainrule: a deep-learning system with Keras's API, its own automatic differentiation and compiler.

    import chainrule
    model = chainrule.Sequential([chainrule.layers.Dense(8, activation="relu"), chainrule.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y)

Everything is imported when it is first used; `import chainrule` itself loads nothing but this file.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_MODULES = (
    "activations", "autodiff", "callbacks", "config", "constraints", "dtype_policies", "errors", "executors",
    "initializers", "insight", "ir", "layers", "losses", "metrics", "models", "ops", "optimizers", "passes",
    "primitives", "quantizers", "random", "regularizers", "saving", "training", "utils", "wrappers",
)  # fmt: skip
_NAMES = {
    "Function": "models", "Model": "models", "Sequential": "models", "Input": "layers", "InputSpec": "layers",
    "Layer": "layers", "Operation": "layers.operation",
    "Loss": "losses", "Metric": "metrics", "Optimizer": "optimizers", "Initializer": "initializers",
    "Regularizer": "regularizers", "Variable": "variables", "KerasTensor": "ops", "Tensor": "ir", "Program": "ir",
    "grad": "transforms", "value_and_grad": "transforms", "jvp": "transforms", "compile": "transforms",
    "check_gradients": "transforms", "trace_function": "transforms", "ChainruleError": "errors",
    "profile": "executors", "derive": "insight.derive",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _NAMES:
        value = getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
        globals()[name] = value
        return value
    if name.startswith("__"):
        raise AttributeError(name)
    from .errors import MissingNameError, did_you_mean

    raise MissingNameError(f"chainrule has no {name!r}.{did_you_mean(name, [*_MODULES, *_NAMES])}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES, *_NAMES])


__all__ = ["__version__", *_MODULES, *_NAMES]  # noqa: PLE0604
