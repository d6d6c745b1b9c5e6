"""The shape of the house: who imports whom, how long files and functions are, what `import chainrule` loads.

The rules are read from the syntax trees of all files, so imports inside functions count too.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "chainrule"
FILES = sorted(PACKAGE.rglob("*.py"))

BASE = {"errors", "config", "later"}
CORE = BASE | {"ir", "primitives"}
LANGUAGE = CORE | {"ops", "variables", "serialization"}  # what layers, losses, ... are written in
VOCABULARY = {
    "activations", "callbacks", "constraints", "dtype_policies", "initializers", "layers", "losses", "metrics",
    "optimizers", "quantizers", "random", "regularizers", "utils",
}  # fmt: skip
ENGINE = {"autodiff", "passes", "executors"}
MODELS = LANGUAGE | VOCABULARY | ENGINE | {"training", "files", "transforms"}
PRODUCT = MODELS | {"models", "saving", "data"}

ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "config": {"errors"},
    "later": {"errors"},
    "files": BASE,
    "serialization": BASE,
    "ir": BASE,
    "primitives": BASE | {"ir"},
    "autodiff": CORE,
    "passes": CORE,
    "executors": CORE,
    "ops": CORE,
    "variables": CORE | {"ops"},
    **dict.fromkeys(VOCABULARY, LANGUAGE | VOCABULARY),
    "optimizers": LANGUAGE | VOCABULARY | {"transforms"},  # an update outside a recording is compiled
    "utils": LANGUAGE | VOCABULARY | {"files"},
    "transforms": LANGUAGE | ENGINE,
    "training": LANGUAGE | VOCABULARY | ENGINE | {"transforms"},
    "models": MODELS,
    "saving": MODELS | {"models"},
    "data": BASE | {"files"},
    **dict.fromkeys(("tabular", "insight", "deploy", "applications", "wrappers"), PRODUCT | {"tabular"}),
    "compat": PRODUCT,
    "cli": PRODUCT | {"tabular", "insight", "deploy", "applications", "compat"},
    "__main__": {"cli"},
    "__init__": BASE,  # the public names are looked up when they are first used
}
EXECUTORS = ("reference", "native", "xla")  # they never import one another

EVERYWHERE = {"numpy"}
OPTIONAL: dict[str, set[str]] = {  # imported inside functions only, and only there
    "ml_dtypes": {"ir"},
    "pyarrow": {"data"},
    "pandas": {"data"},
    "sqlalchemy": {"data"},
    "openpyxl": {"data"},
    "safetensors": {"models"},
    "h5py": {"models"},
    "optuna": {"tabular"},
    "sklearn": {"tabular", "wrappers"},
    "PIL": {"utils"},
    "rich": {"cli", "callbacks"},
    "llvmlite": {"executors/native"},
    "jax": {"executors/xla"},
}
WHEN_LOADED = {  # files that are themselves imported late, by the library that they name
    "tabular/estimators.py": "sklearn",  # classes that inherit from scikit-learn's
    "wrappers/estimators.py": "sklearn",
}
HEAVY = (
    "pandas", "pyarrow", "sklearn", "optuna", "scipy", "matplotlib", "jax", "torch", "tensorflow", "keras", "llvmlite",
    "rich",
)  # fmt: skip

LINES_OF_A_FILE = 500
LINES_OF_THE_CORE = 4000
LINES_OF_A_FUNCTION = 40
LONG_FUNCTIONS = {  # why each is as long as it is
    "autodiff/control.py:vjp_loop": "the loop's operands come in six kinds, named once each in one place",
}


def package_of(path: Path) -> tuple[str, ...]:
    """`('chainrule', 'ir')` for chainrule/ir/types.py and for chainrule/ir/__init__.py."""
    return path.relative_to(ROOT).parent.parts


def top_of(path: Path) -> str:
    """The name directly below chainrule that a file belongs to."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules_named(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[tuple[str, ...]]:
    """The modules that one import statement names, with their full names."""
    if isinstance(node, ast.Import):
        yield from (tuple(alias.name.split(".")) for alias in node.names)
        return
    base = package_of(path)[: len(package_of(path)) - node.level + 1] if node.level else ()
    module = (*base, *(node.module.split(".") if node.module else ()))
    if len(module) > 1 or module[0] != "chainrule":
        yield module
    else:  # from .. import config, __version__
        yield from (("chainrule", alias.name) for alias in node.names)


def imports_of(path: Path) -> list[tuple[int, tuple[str, ...]]]:
    """(line, module) of every import of a file; not those for type checkers alone."""
    tree = tree_of(path)
    checked = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    return [
        (node.lineno, module)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in checked
        for module in modules_named(node, path)
    ]


def edges() -> dict[str, dict[str, str]]:
    """Which name below chainrule imports which, and a place where it does."""
    found: dict[str, dict[str, str]] = {}
    for path in FILES:
        for line, module in imports_of(path):
            if module[0] == "chainrule" and len(module) > 1 and not module[1].startswith("__"):
                other = module[1] if module[1] != top_of(path) else ""
                if other:
                    found.setdefault(top_of(path), {})[other] = f"{path.relative_to(ROOT)}:{line}"
    return found


def test_who_may_import_whom() -> None:
    wrong = [
        f"{place}: {name} may not import {other}"
        for name, others in edges().items()
        for other, place in others.items()
        if other not in ALLOWED.get(name, set())
    ]
    assert not wrong, "\n".join(wrong)


def test_every_part_has_a_row_in_the_table() -> None:
    parts = {top_of(path) for path in FILES}
    assert parts <= set(ALLOWED), f"say who may be imported by {sorted(parts - set(ALLOWED))}"


def test_no_cycles() -> None:
    graph = {name: set(others) for name, others in edges().items()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way[way.index(name) :], name))
        if name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, (*way, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_executors_do_not_know_one_another() -> None:
    for path in FILES:
        parts = package_of(path)
        for line, module in imports_of(path):
            if module[:2] == ("chainrule", "executors") and len(module) > 2 and module[2] in EXECUTORS:
                own = parts[2] if len(parts) > 2 else module[2]  # executors/__init__.py may name any
                assert parts[:2] == ("chainrule", "executors") and module[2] == own, f"{path}:{line}"


def test_autodiff_never_meets_an_executor() -> None:
    assert "executors" not in edges()["autodiff"] and "executors" not in edges()["passes"]


def test_other_libraries() -> None:
    """NumPy anywhere; optional ones where the table says so, and there inside functions."""
    wrong = []
    for path in FILES:
        lazy = {id(n) for f in ast.walk(tree_of(path)) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
        early = {n.lineno for n in ast.walk(tree_of(path)) if isinstance(n, ast.stmt) and id(n) not in lazy}
        here = "/".join(path.relative_to(PACKAGE).parts)
        for line, module in imports_of(path):
            name = module[0]
            if name in sys.stdlib_module_names or name in EVERYWHERE or name == "chainrule":
                continue
            if not any(here.startswith(place) for place in OPTIONAL.get(name, ())):
                wrong.append(f"{here}:{line} imports {name}")
            elif line in early and WHEN_LOADED.get(here) != name:
                wrong.append(f"{here}:{line} imports {name} when it is loaded; import it inside the function")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "statement",
    [
        "import chainrule",
        "from chainrule import ir, primitives, autodiff, passes, executors, ops",
        "from chainrule import Sequential, Model, layers, losses, metrics, optimizers, callbacks",
    ],
)
def test_importing_loads_nothing_heavy(statement: str) -> None:
    code = f"{statement}; import sys; print(*(n for n in {HEAVY} if n in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert found.returncode == 0, found.stderr
    assert not found.stdout.strip(), f"{statement} loads {found.stdout}"


def count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_file_is_too_long() -> None:
    everything = [*FILES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")]
    long = {str(p.relative_to(ROOT)): n for p in everything if (n := count(p)) > LINES_OF_A_FILE}
    assert not long, f"more than {LINES_OF_A_FILE} lines: {long}"


def test_the_core_is_small() -> None:
    """ir, primitives, autodiff, passes and the reference executor, blank lines not counted."""
    folders = ("ir", "primitives", "autodiff", "passes", "executors/reference")
    files = [p for f in folders for p in (PACKAGE / f).rglob("*.py")]
    lines = sum(bool(line.strip()) for p in files for line in p.read_text("utf-8").splitlines())
    assert lines < LINES_OF_THE_CORE


def functions() -> Iterator[tuple[str, int]]:
    """`folder/file.py:name` and the lines of the body (without the docstring) of every function of the package."""
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                yield f"{path.relative_to(PACKAGE)}:{node.name}", length


def test_no_function_is_too_long() -> None:
    long = {name: n for name, n in functions() if n > LINES_OF_A_FUNCTION}
    unexplained = {name: n for name, n in long.items() if name not in LONG_FUNCTIONS}
    assert not unexplained, f"more than {LINES_OF_A_FUNCTION} lines: {unexplained}"
    assert set(LONG_FUNCTIONS) <= set(long), "no longer too long: take it off the list"


def test_functions_are_short_nearly_always() -> None:
    lengths = [n for _, n in functions()]
    assert sum(n > 25 for n in lengths) <= 0.02 * len(lengths)


def test_every_file_says_what_it_is_for() -> None:
    silent = [str(p.relative_to(ROOT)) for p in FILES if not ast.get_docstring(tree_of(p))]
    assert not silent


def test_every_folder_of_the_core_has_a_readme() -> None:
    for folder in ("ir", "primitives", "autodiff", "passes", "executors"):
        assert (PACKAGE / folder / "README.md").read_text("utf-8").startswith(f"# {folder}")


def test_the_reader_of_imports_sees_what_it_should() -> None:
    """Relative imports, of names and of modules, have full names."""
    text = "from ..executors import native\nfrom .. import config\nimport jax.numpy as jnp\n"
    path = PACKAGE / "autodiff" / "imagined.py"
    found = [
        m for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Import, ast.ImportFrom))
        for m in modules_named(node, path)
    ]  # fmt: skip
    assert found == [("chainrule", "executors"), ("chainrule", "config"), ("jax", "numpy")]
