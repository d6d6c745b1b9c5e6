"""docs/findings.md, written from the tables of findings and of the linter's rules.

    python scripts/findings_page.py            says whether the page is up to date
    python scripts/findings_page.py --write    writes it
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from chainrule.insight.diagnosis.about import ABOUT
from chainrule.insight.lint.rules import ELSEWHERE, RULES
from chainrule.insight.words import TEXTS, Words

PAGE = Path(__file__).resolve().parents[1] / "docs" / "findings.md"
HEAD = """# What can be wrong, and what to do

Written by `scripts/findings_page.py` from the tables in the code.

- [Findings](#findings) are made from data, a model and its training: `chainrule diagnose MODEL DATA`, `chainrule fit
  --fix`, `chainrule.insight.diagnose(model, x, y, history=...)`. Remedies are **tried**: the network is trained on
  folds with and without each, and a remedy is named with the gain that was measured and its interval
  ([how](design/030-remedies-are-measured.md)).
- [Rules](#rules) are about scripts and models: `chainrule lint script.py` reads a script without running it, `--run`
  runs it as well, and `compile` and `fit` warn (`LintWarning`, once for a model) of what is marked "run". Where a rule
  is wrong: `warnings.filterwarnings("ignore", category=chainrule.insight.lint.LintWarning)`.

## Findings

| finding | for example | when | tried against it |
|---|---|---|---|
"""
RULES_HEAD = """
## Rules

| rule | severity | seen in | mistakes |
|---|---|---|---|
"""
MISTAKES = """
## The mistakes E1 to E22

Where each of the classical mistakes of introductory texts is seen.

| mistake | seen by |
|---|---|
"""


def page() -> str:
    """The whole page."""
    parts = [[HEAD], findings(), [RULES_HEAD], overview(), rules(), [MISTAKES], where()]
    return "".join(line for part in parts for line in part)


def said(name: str) -> str:
    """What a rule says, its placeholders as they are."""
    message, fix = TEXTS[f"rule.{name}"][0], TEXTS[f"rule.{name}.fix"][0]
    return f"{message} {fix}".replace("{fix:s}", "The message says what fits.").replace(":s}", "}")


def findings() -> Iterator[str]:
    """A row for each finding."""
    for key, (when, tried, example) in ABOUT.items():
        yield f"| `{key}` | {Words()(f'finding.{key}', **example)} | {when} | {tried} |\n"


def overview() -> Iterator[str]:
    """A row for each rule."""
    for name, rule in RULES.items():
        yield f"| [{name}](#{name}) | {rule.severity} | {', '.join(rule.seen)} | {rule.mistakes} |\n"


def rules() -> Iterator[str]:
    """A section for each rule, with both examples."""
    for name, rule in RULES.items():
        yield f"\n### {name}\n\n{said(name)}\n\n"
        for title, source in (("Wrong", rule.bad), ("Right", rule.good)):
            yield f"{title}:\n\n" + "".join(f"    {line}\n" for line in source.rstrip().splitlines()) + "\n"


def where() -> Iterator[str]:
    """A row for each mistake."""
    for number in range(1, 23):
        mistake = f"E{number}"
        found = [f"[{name}](#{name})" for name, rule in RULES.items() if mistake in rule.mistakes.split(", ")]
        yield f"| {mistake} | {', '.join(found) or ELSEWHERE[mistake]} |\n"


def main() -> int:
    """Check the page, or write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    same = PAGE.read_text(encoding="utf-8") == page()
    print("up to date" if same else f"{PAGE} is not up to date: python scripts/findings_page.py --write")
    return int(not same)


if __name__ == "__main__":
    raise SystemExit(main())
