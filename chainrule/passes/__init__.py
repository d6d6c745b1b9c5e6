"""Program -> Program: the same results, less work."""

from .cse import cse
from .dce import dce
from .fold import fold
from .liveness import Interval, liveness
from .loops import loops
from .pipeline import PASSES, optimize
from .simplify import simplify

__all__ = ["PASSES", "Interval", "cse", "dce", "fold", "liveness", "loops", "optimize", "simplify"]
