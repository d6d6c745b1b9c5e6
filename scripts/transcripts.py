"""The transcripts in the documentation: run the commands of its console blocks again, and write what they print.

    python scripts/transcripts.py README.md docs/cli.md           says which blocks print something else now
    python scripts/transcripts.py --write README.md docs/cli.md   puts the new output in

A block that begins with three backquotes and `console` holds commands, each after `$ `, and what they print. All blocks
of a page run in one fresh folder in which `examples` is that of the repository. A Python block whose first line is
`# file: NAME` is written into that folder first.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BARS = re.compile("[\u2581-\u258f]+")  # pictures of numbers, made of blocks
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")


def run_page(text: str) -> Iterator[tuple[str, str]]:
    """(block, the block with what its commands print now) for each console block of a page."""
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT / "examples", Path(folder, "examples"))
        environment = _environment(Path(folder))
        for match in _BLOCK.finditer(text):
            kind, body = match.groups()
            if kind == "console":
                commands = [line for line in body.splitlines() if line.startswith("$ ")]
                yield body, "".join(f"{c}\n{_output(c[2:], folder, environment)}" for c in commands)
            elif body.startswith("# file: "):
                name, _, rest = body.partition("\n")
                Path(folder, name.removeprefix("# file: ").strip()).write_text(rest, encoding="utf-8")


def _environment(folder: Path) -> dict[str, str]:
    """The command `chainrule` of this repository first on the path, whether or not it is installed."""
    programs = folder / ".bin"
    programs.mkdir()
    command = programs / "chainrule"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m chainrule "$@"\n')
    command.chmod(0o755)
    path = os.pathsep.join((str(programs), str(Path(sys.executable).parent), os.environ["PATH"]))
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}


def _output(command: str, folder: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, text=True, encoding="utf-8", timeout=300,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    text = done.stdout.replace(folder, "...")
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n" if text else ""


def same(documented: str, found: str) -> bool:
    """Whether two outputs differ in numbers, bars and spacing only.

    Times differ from run to run, and the last digits of a training from machine to machine, so how many lines of
    progress there are may differ as well.
    """
    return _shape(documented) == _shape(found)


def _shape(text: str) -> list[str]:
    lines = [" ".join(_NUMBER.sub("#", _BARS.sub("", line)).split()) for line in text.splitlines()]
    lines = [re.sub(r"# ?(us|ms|s)\b", "# s", line) for line in lines]
    return [line for line in lines if line and not re.match(r"(network # of #, )?epoch #", line)]


def main() -> int:
    """Check the given pages, or rewrite them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true", help="put the new output in")
    args = parser.parse_args()
    different = 0
    for page in args.pages:
        text = page.read_text(encoding="utf-8")
        for old, new in run_page(text):
            if not same(old, new):
                different += 1
                print(f"{page}: another output:\n{new}")
            if args.write:
                text = text.replace(f"```console\n{old}```", f"```console\n{new}```")
        if args.write:
            page.write_text(text, encoding="utf-8")
    return 1 if different and not args.write else 0


if __name__ == "__main__":
    sys.exit(main())
