"""Names that are imported when they are first used: the tables say just what the modules hold."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from chainrule import layers, models, ops, quantizers, utils
from chainrule.errors import MissingNameError
from chainrule.later import later
from chainrule.layers import preprocessing


@pytest.mark.parametrize("package", [layers, models, ops, preprocessing, quantizers, utils], ids=lambda p: p.__name__)
def test_every_public_name_is_found(package):
    assert all(getattr(package, name) is not None for name in package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)


@pytest.mark.parametrize("module", [m for m in ops._LATER if m != "image"])
def test_the_table_of_ops_is_complete(module):
    held = vars(import_module(f"chainrule.ops.{module}"))
    public = {
        name for name, value in held.items()
        if callable(value) and getattr(value, "__module__", "") == f"chainrule.ops.{module}" and name[0] != "_"
    }  # fmt: skip
    assert public - ops._HIDDEN == set(ops._LATER[module])


def test_ops_are_found_by_name_before_they_are_imported():
    code = "from chainrule.ops import OPS; import sys; assert 'chainrule.ops.linalg' not in sys.modules;"
    code += "assert 'det' in OPS and OPS['det'].__name__ == 'det' and OPS.get('nonsense') is None"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_that_is_nowhere():
    with pytest.raises(MissingNameError, match=r"chainrule\.layers has no 'Dens' yet\..*'Dense'"):
        later("chainrule.layers", {"preprocessing": preprocessing.__all__})("Dens")
