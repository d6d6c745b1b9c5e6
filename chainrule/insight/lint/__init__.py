"""The linter: classical mistakes, seen in the text of a script or when a model is compiled and trained.

    rules.py       the table: which mistakes each rule covers, an example that breaks it and one that does not
    setups.py      what cannot work about an output, its loss and its targets; a derivation asks it too
    facts.py       networks, data, events; reader.py: a script as such facts, without running it
    networks.py    rules about networks and losses
    flow.py        rules about what a script does with its rows
    by_hand.py     rules about networks written in NumPy
    live.py        rules about models and data, at `compile` and `fit`
"""

from ...later import later
from .rules import RULES, Hit, Rule

__getattr__ = later(__name__, {"script": ("lint_script", "lint_text"), "live": ("LintWarning", "recording")})

__all__ = ["RULES", "Hit", "LintWarning", "Rule", "lint_script", "lint_text", "recording"]
