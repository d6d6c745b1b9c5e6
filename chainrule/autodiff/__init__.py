"""Derivatives: Program -> Program. The mathematics is in `rules.py`, one page."""

from .forward import forward, push_forward
from .reverse import TABLE, pull_back, reverse
from .rules import NONE, RULES, ZERO

__all__ = ["NONE", "RULES", "TABLE", "ZERO", "forward", "pull_back", "push_forward", "reverse"]
