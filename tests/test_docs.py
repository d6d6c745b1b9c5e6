"""The documentation is run: Python blocks with what they print, console transcripts, links, generated tables."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_TRANSCRIPTS = [p for p in PAGES if "```console\n" in p.read_text(encoding="utf-8")]
_PYTHON = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_KNOB = re.compile(r"\bCHAINRULE_[A-Z_]+")
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(page: Path) -> list[tuple[int, str, str]]:
    """(line, code, what it prints) of the Python blocks that are run here; those that are files run in a transcript."""
    text = page.read_text(encoding="utf-8")
    found = [(text.count("\n", 0, m.start()) + 1, m[1], m[2] or "") for m in _PYTHON.finditer(text)]
    return [block for block in found if not block[1].startswith("# file: ")]


@pytest.fixture
def tables() -> Iterator[None]:
    """Tables that a page may add to: afterwards they are what they were."""
    import chainrule.autodiff as autodiff
    from chainrule.executors.native.scalars import ELEMENT
    from chainrule.ir import PRIMITIVES
    from chainrule.ops import OPS

    from .core import oracle, samples, scalars
    from .native import enlarge, test_samples

    kept: list[dict[str, Any]] = [
        PRIMITIVES, autodiff.RULES, autodiff.TABLE, OPS, samples.SAMPLES, samples.elementwise.BINARY, oracle.ORACLE,
        scalars.BINARY, ELEMENT, enlarge.ENLARGE, test_samples.ULPS,
    ]  # fmt: skip
    before = [dict(table) for table in kept]
    yield
    for table, old in zip(kept, before, strict=True):
        table.clear()
        table.update(old)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=name_of)
def test_python_blocks_print_what_the_page_says(page: Path, tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": "page"}
    for line, code, expected in blocks(page):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + code, f"<{name_of(page)}>", "exec"), names)
        assert printed.getvalue() == expected, f"{name_of(page)}, line {line}"


def test_a_page_leaves_nothing_behind(tables: None) -> None:
    from chainrule.ir import PRIMITIVES

    assert "hypot" not in PRIMITIVES


@pytest.fixture(scope="module")
def options() -> set[str]:
    """Those of all commands, and of the scripts that pages name."""
    from chainrule.cli import COMMANDS, main

    found = {"--seeds", "--docs"}
    for words in ([], *([name] for name in COMMANDS)):
        with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.suppress(SystemExit):
            main([*words, "--help"])
        found |= set(re.findall(r"--[a-z-]+", printed.getvalue()))
    return found


@pytest.fixture(scope="module")
def knobs() -> set[str]:
    """The variables of the environment that some file reads."""
    files = [*(ROOT / "chainrule").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").glob("*.py")]
    return {knob for file in files for knob in _KNOB.findall(file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_options_knobs_and_files_that_are_named_exist(page: Path, options: set[str], knobs: set[str]) -> None:
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - options == set()
    assert set(_KNOB.findall(text)) - knobs == set()
    for path in re.findall(r"`((?:chainrule|tests|scripts|bench|docs|examples)/[\w/.-]+)`", text):
        assert (ROOT / path).exists() or path == "bench/.peers", f"{name_of(page)} names {path}"


def test_the_map_of_the_house_has_every_room() -> None:
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    rooms = {f"chainrule/{p.name}/" for p in (ROOT / "chainrule").iterdir() if (p / "__init__.py").exists()}
    rooms |= {f"chainrule/{p.name}" for p in (ROOT / "chainrule").glob("[!_]*.py")}
    assert set(re.findall(r"`(chainrule/\w+(?:/|\.py))`", text)) == rooms
    way = text.partition("How a call travels")[2].split("```")[1]
    for path in re.findall(r"\b[a-z]+/[\w/]*(?:\.py)?", way):
        assert (ROOT / "chainrule" / path).exists(), f"docs/index.md names {path}"


def test_the_decisions_are_all_listed() -> None:
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"\]\(design/([\w-]+\.md)\) \|", text)
    assert listed == sorted(p.name for p in (ROOT / "docs" / "design").glob("*.md"))


def test_the_tour_is_as_short_as_it_says() -> None:
    code = [line for _, block, _ in blocks(ROOT / "docs" / "tour.md") for line in block.splitlines() if line.strip()]
    assert len(code) <= 300


@pytest.mark.parametrize("page", WITH_TRANSCRIPTS, ids=name_of)
def test_transcripts_print_what_the_page_says(page: Path) -> None:
    transcripts = script("transcripts")
    for documented, found in transcripts.run_page(page.read_text(encoding="utf-8")):
        assert transcripts.same(documented, found), f"{name_of(page)}: now it prints\n{found}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    for target in _LINK.findall(text):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{name_of(page)} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{name_of(page)} links to {target}"


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_a_page_names_exist(page: Path) -> None:
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    for named in re.findall(r"`((?:chainrule|tests|scripts|examples|docs)/[\w/.-]*)`", text):
        assert (ROOT / named).exists(), f"{name_of(page)} names {named}"


def test_every_decision_is_on_the_map() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    decisions = sorted((ROOT / "docs" / "design").glob("*.md"))
    numbers = [p.name[:3] for p in decisions]
    assert all(number.isdigit() for number in numbers) and len(set(numbers)) == len(numbers)
    assert all(f"(design/{p.name})" in index for p in decisions)


def test_the_page_of_findings_is_up_to_date() -> None:
    page = script("findings_page")
    assert page.PAGE.read_text(encoding="utf-8") == page.page()


def test_the_list_of_keras_names_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/keras_coverage.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
