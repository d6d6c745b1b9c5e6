"""Nothing is missing: rows, documentation, samples, exports. Absence is a row too."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re

import pytest

from chainrule import autodiff, executors, ir, passes, primitives
from chainrule.autodiff import NONE, TABLE, ZERO
from chainrule.ir import PRIMITIVES

from .oracle import ORACLE
from .samples import SAMPLES

NAMES = sorted(PRIMITIVES)
SECTIONS = ("Operands", "Result", "Constraints", "Gradient", "Numerics", "Source", "Example")
WITHOUT_PARAMS = ("elementwise", "indexing")
UNBREAKABLE = {  # constraints that no operands break: why
    **{f"{name} C1": "every dtype is allowed" for name in ("eq", "ne", "lt", "le", "gt", "ge", "argmax", "argmin")},
    **{f"{name} C1": "every dtype is allowed" for name in ("reduce_max", "reduce_min")},
    "convert C1": "what is no dtype is refused before the type rule sees it",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_primitive_has_a_row_everywhere(name: str) -> None:
    assert name in TABLE and (TABLE[name] in (ZERO, NONE) or callable(TABLE[name]))
    assert name in SAMPLES and SAMPLES[name].good
    assert name in ORACLE
    assert getattr(primitives, name) is PRIMITIVES[name] and name in primitives.__all__


def test_no_table_has_rows_of_no_primitive() -> None:
    assert set(TABLE) == set(SAMPLES) == set(ORACLE) == set(PRIMITIVES)


@pytest.mark.parametrize("name", NAMES)
def test_documentation_has_all_sections(name: str) -> None:
    doc = PRIMITIVES[name].doc
    first, *rest = doc.split("\n")
    assert first.strip() and "=" in first, f"{name}: the formula comes first"
    sections = re.findall(r"^    ([A-Z]\w+):", "\n".join(rest), re.MULTILINE)
    needed = list(SECTIONS)
    if SAMPLES[name].good[0].params and PRIMITIVES[name].family not in WITHOUT_PARAMS:
        needed.insert(1, "Params")
    assert [s for s in sections if s in needed] == needed, name
    assert max(map(len, doc.split("\n"))) <= 120


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_documented(name: str) -> None:
    params = {key for s in SAMPLES[name].good for key in s.canonical(name)}
    section = PRIMITIVES[name].doc.partition("Params:")[2].partition("Result:")[0]
    assert all(re.search(rf"\b{key}\b", section) for key in params), (name, params)


@pytest.mark.parametrize("name", NAMES)
def test_every_constraint_is_broken_by_a_sample(name: str) -> None:
    section = PRIMITIVES[name].doc.partition("Constraints:")[2].partition("Gradient:")[0]
    if "C1 to C5 as for scatter" in section:
        section += "C1 C2 C3 C4 C5"
    stated = {f"{name} {code}" for code in re.findall(r"\bC\d+\b", section)}
    assert stated or "none" in section
    broken = {b.rule for b in SAMPLES[name].bad}
    assert stated - broken <= set(UNBREAKABLE), stated - broken
    cited = {rule for rule in broken if re.search(r" C\d+$", rule)}
    assert cited <= stated, f"cited and not documented: {cited - stated}"


@pytest.mark.parametrize("name", NAMES)
def test_gradient_section_agrees_with_the_table(name: str) -> None:
    section = PRIMITIVES[name].doc.partition("Gradient:")[2].partition("Numerics:")[0].strip()
    if TABLE[name] == ZERO:
        assert section.startswith("zero"), section
    if TABLE[name] == NONE:
        assert section.startswith("none"), section


PACKAGES = (ir, primitives, autodiff, passes, executors)


def modules() -> list[str]:
    found = []
    for package in PACKAGES:
        found.append(package.__name__)
        found += [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return found


@pytest.mark.parametrize("module", modules())
def test_public_names_have_docstrings(module: str) -> None:
    loaded = importlib.import_module(module)
    assert (loaded.__doc__ or "").strip(), f"{module} has no docstring"
    public = {n: v for n, v in vars(loaded).items() if not n.startswith("_") and getattr(v, "__module__", "") == module}
    rule_families = re.compile(r"(infer|evaluate|vjp|lower)_")  # their documentation is the primitive's
    for name, value in public.items():
        if inspect.isfunction(value) and not rule_families.match(name) and value.__name__ == name:
            assert value.__doc__, f"{module}.{name} has no docstring"
        if inspect.isclass(value):
            assert value.__doc__ and not value.__doc__.startswith(f"{name}("), f"{module}.{name} has no docstring"


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.__name__)
def test_all_lists_names_that_exist_in_order(package: object) -> None:
    names = package.__all__  # type: ignore[attr-defined]
    assert len(set(names)) == len(names)
    assert all(hasattr(package, n) for n in names)
    assert package.__doc__
