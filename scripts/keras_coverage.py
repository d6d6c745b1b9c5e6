"""Which of Keras's public names chainrule has: docs/keras.md, made from tests/golden/signatures.json.

    python scripts/keras_coverage.py           writes docs/keras.md anew
    python scripts/keras_coverage.py --check   fails if that would change it

A name counts as there if a script under `chainrule run` finds it. A parameter of Keras's signature counts as there if
ours has it by name or takes any keyword.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from chainrule.compat import active  # noqa: E402

GOLDEN = ROOT / "tests" / "golden" / "signatures.json"
PAGE = ROOT / "docs" / "keras.md"
ABSENT = object()
VARIABLE = ("*", "**")

EXAMPLES: dict[str, Callable[[Any], Any]] = {  # objects of classes that keep some public names in the object only
    "keras.Layer": lambda cls: cls(),
    "keras.Model": lambda cls: compiled(cls()),
    "keras.Sequential": lambda cls: compiled(cls()),
    "keras.Metric": lambda cls: cls(),
    "keras.Variable": lambda cls: cls(0.0),
    "keras.KerasTensor": lambda cls: cls((None, 1)),
    "keras.layers.Dense": lambda cls: built(cls(1)),
    "keras.layers.Embedding": lambda cls: built(cls(2, 1)),
    "keras.layers.Normalization": lambda cls: built(cls()),
    "keras.layers.BatchNormalization": lambda cls: built(cls()),
    "keras.utils.PyDataset": lambda cls: cls(),
}

HEAD = """# Which of Keras is there

This page is made by `scripts/keras_coverage.py` from the public names of Keras {version}, as
`tests/golden/signatures.json` lists them. A test fails when it is out of date. A name counts as there if a script under
`chainrule run` finds it; whether it does the same is the business of the golden tests in `tests/vocabulary/` and
`tests/training/`. What is there and behaves otherwise is listed in [design/015](design/015-what-we-do-otherwise.md).

A name that is missing raises an error that says which one:

```python
from chainrule.compat import active

with active():
    from tensorflow import keras

    try:
        keras.layers.Conv7D(4, 3)
    except AttributeError as error:
        print(error)
```

```text
keras.layers.Conv7D is not part of chainrule yet. Did you mean 'Conv3D'?
```
"""


def built(layer: Any) -> Any:
    """The layer with its weights."""
    layer.build((None, 1))
    return layer


def compiled(model: Any) -> Any:
    """The model after `compile`."""
    model.compile(loss="mse")
    return model


def find(name: str) -> Any:
    """The object of a dotted name, as a Keras script would find it; ABSENT if there is none."""
    parts = name.split(".")
    for at in range(len(parts), 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:at]))
        except ImportError:
            continue
        for position, part in enumerate(parts[at:], at):
            if inspect.isclass(thing):
                return member(".".join(parts[:position]), thing, part)
            thing = getattr(thing, part, ABSENT)
            if thing is ABSENT:
                return ABSENT
        return thing
    return ABSENT


def member(path: str, cls: type, name: str) -> Any:
    """A method or property of a class, or what its objects hold under that name."""
    found = inspect.getattr_static(cls, name, ABSENT)
    if found is ABSENT and path in EXAMPLES:
        found = getattr(EXAMPLES[path](cls), name, ABSENT)
        return found if found is ABSENT else property()
    return found


def parameters(thing: Any) -> set[str] | None:
    """The names of what can be passed; None if anything can."""
    function = getattr(thing, "__func__", thing)
    if inspect.isclass(thing):
        function = thing.__init__
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind == p.VAR_KEYWORD for p in found):
        return None
    return {p.name for p in found}


def lacking(thing: Any, entry: dict[str, Any]) -> list[str]:
    """The parameters of Keras that ours does not have."""
    ours = parameters(thing)
    if ours is None or isinstance(thing, property):
        return []
    return [name for name, kind, *_ in entry.get("parameters", ()) if kind not in VARIABLE and name not in ours]


def group_of(name: str) -> str:
    """`keras.layers` for a layer, `keras.Model` for a method of Model."""
    return name.rpartition(".")[0]


def coverage() -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, list[str]], str]:
    """By group: all names, the missing ones, and by name the missing parameters; and Keras's version."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    names: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    fewer: dict[str, list[str]] = {}
    with active():
        for name, entry in sorted(golden["signatures"].items()):
            group = group_of(name)
            if inherited(name, golden["bases"], golden["signatures"]):
                continue
            names.setdefault(group, []).append(name)
            thing = find(name)
            if thing is ABSENT:
                missing.setdefault(group, []).append(name)
            elif gone := lacking(thing, entry):
                fewer[name] = gone
    return names, missing, fewer, golden["source"]["version"]


def inherited(name: str, bases: dict[str, list[str]], signatures: dict[str, Any]) -> bool:
    """Whether a method is listed for a base class already."""
    group, _, last = name.rpartition(".")
    return any(f"{base}.{last}" in signatures for base in bases.get(group, ()))


def is_class(group: str) -> bool:
    """Whether a group holds the methods of a class."""
    return group.rpartition(".")[2][:1].isupper()


def table(groups: Iterable[str], names: dict[str, list[str]], missing: dict[str, list[str]]) -> list[str]:
    lines = ["| | there | of |", "|---|---|---|"]
    there = count = 0
    for group in groups:
        total, gone = len(names[group]), len(missing.get(group, ()))
        there, count = there + total - gone, count + total
        lines.append(f"| `{group}` | {total - gone} | {total} |")
    return [*lines, f"| all | {there} | {count} |"]


def listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name.rpartition('.')[2]}`" for name in names)


def page() -> str:
    names, missing, fewer, version = coverage()
    modules = [g for g in names if not is_class(g)]
    classes = [g for g in names if is_class(g)]
    lines = [HEAD.format(version=version), "## By module", "", *table(modules, names, missing)]
    lines += ["", "Methods and properties of classes that a user derives from or holds in hand, inherited once:", ""]
    lines += table(classes, names, missing)
    lines += ["", "## Missing", ""]
    for group in [*modules, *classes]:
        if group in missing:
            lines += [*textwrap.wrap(f"**{group}**: {listed(missing[group])}.", 120, break_on_hyphens=False), ""]
    lines += ["## There, without some parameters", ""]
    lines += [f"- `{name}`: {', '.join(f'`{p}`' for p in gone)}" for name, gone in fewer.items()] or ["None."]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if the page is out of date")
    text = page()
    if parser.parse_args().check:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            print("docs/keras.md is out of date: run python scripts/keras_coverage.py", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
