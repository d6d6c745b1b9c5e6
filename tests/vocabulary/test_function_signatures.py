"""Parameter names and defaults of activations, initializers, regularizers, constraints, random numbers, neural ops."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

from chainrule import activations, constraints, initializers, ops, random, regularizers
from chainrule.ops import activation as activation_ops
from chainrule.ops import arranging, fourier, functions, linalg, numbers, segments, sequences, spectral, statistics
from chainrule.ops import attention as attention_ops
from chainrule.ops import convolution as convolution_ops
from chainrule.ops import nn as neural_ops
from chainrule.ops import pooling as pooling_ops

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "signatures.json").read_text())["signatures"]
MODULES = {
    "activations": activations, "constraints": constraints, "initializers": initializers, "random": random,
    "regularizers": regularizers,
}  # fmt: skip
FAMILIES = (
    activation_ops, attention_ops, convolution_ops, neural_ops, pooling_ops, arranging, fourier, functions, linalg,
    numbers, segments, sequences, spectral, statistics,
)  # fmt: skip
NEURAL = [f for m in FAMILIES for f in vars(m).values() if getattr(f, "__module__", "") == m.__name__]
NEURAL = [f for f in NEURAL if hasattr(ops, f.__name__)]
NAMES = [n for n in GOLDEN if n.count(".") == 2 and n.split(".")[1] in MODULES]
NAMES += [f"keras.ops.{f.__name__}" for f in dict.fromkeys(NEURAL) if not f.__name__.startswith("_")]
KINDS = {"POSITIONAL_OR_KEYWORD": "pk", "KEYWORD_ONLY": "k", "VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}


def parameters(function):
    found = inspect.signature(function).parameters.values()
    return [[p.name, KINDS[p.kind.name], *([] if p.default is p.empty else [repr(p.default)])] for p in found]


@pytest.mark.parametrize("name", NAMES)
def test_signature_is_that_of_keras(name):
    _, module, last = name.split(".")
    ours = getattr(ops if module == "ops" else MODULES[module], last)
    expected = GOLDEN[name]["parameters"]
    if expected == [["args", "*"], ["kwargs", "**"]]:  # a class without a constructor of its own
        expected = []
    assert parameters(ours) == expected
    assert inspect.isclass(ours) == (GOLDEN[name]["kind"] == "class")


@pytest.mark.parametrize("module", MODULES)
def test_all_public_names_exist(module):
    theirs = {n.split(".")[2] for n in GOLDEN if n.count(".") == 2 and n.split(".")[1] == module}
    assert theirs - set(MODULES[module].__all__) == set()
    assert all(hasattr(MODULES[module], name) for name in MODULES[module].__all__)
