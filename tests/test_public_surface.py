"""What is public is exported, documented, and nothing heavier than it must be."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

import chainrule

MODULES = sorted(
    {
        "chainrule", "chainrule.data", "chainrule.tabular", "chainrule.transforms", "chainrule.variables",
        "chainrule.serialization", "chainrule.files", "chainrule.optimizers.schedules",
        *(f"chainrule.{name}" for name in chainrule._MODULES),
    }
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_every_exported_name_exists_and_is_documented(name):
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    own = [n for n, v in vars(module).items() if not n.startswith("_") and getattr(v, "__module__", None) == name]
    names = getattr(module, "__all__", own)
    undocumented = []
    for public in names:
        value = getattr(module, public)
        documented = inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value)
        if documented and not public.startswith("__") and not inspect.getdoc(value):
            undocumented.append(public)
    assert not undocumented


@pytest.mark.parametrize("package", ["layers", "losses", "metrics", "optimizers", "callbacks", "models"])
def test_public_methods_are_documented(package):
    module = importlib.import_module(f"chainrule.{package}")
    missing = []
    for name in module.__all__:
        cls = getattr(module, name)
        if inspect.isclass(cls):
            for method, function in vars(cls).items():
                public = inspect.isfunction(function) and not method.startswith("_")
                if public and not inspect.getdoc(getattr(cls, method)):
                    missing.append(f"{name}.{method}")
    assert not missing


def test_lazy_names_resolve_and_a_wrong_one_is_explained():
    for name in (*chainrule._MODULES, *chainrule._NAMES):
        assert getattr(chainrule, name) is not None
    with pytest.raises(AttributeError, match="Did you mean 'Sequential'"):
        chainrule.Sequentail  # noqa: B018


HEAVY = ["pandas", "pyarrow", "sklearn", "matplotlib", "jax", "torch", "tensorflow", "keras", "scipy", "rich"]


@pytest.mark.parametrize("code", ["import chainrule", "from chainrule import layers, models, tabular, transforms"])
def test_importing_loads_nothing_heavy(code):
    listing = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [name for name in listing if name.split(".")[0] in HEAVY]
    if code == "import chainrule":
        assert "numpy" not in listing
