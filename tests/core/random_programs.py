"""Random Programs for Hypothesis, and the corpus of those that once failed.

Normally a few hundred Programs are tried, the same ones each time. With CHAINRULE_FUZZ=5000 in the environment it is
5000 a test, and other ones in each run; what fails is made small and kept in tests/corpus.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from chainrule.ir import Program, parse_program

from .generators import GENERATORS, SMOOTH
from .maker import SMALL, Maker, Scale, array_of, smooth_array

EXAMPLES = int(os.environ.get("CHAINRULE_FUZZ", "0"))  # so many, and other ones in each run; 0: always the same few
CORPUS = Path(__file__).parent.parent / "corpus"


def program_from(rng: Random, count: int, smooth: bool = False, scale: Scale = SMALL) -> Program:
    """A Program of about `count` steps (a step may take several equations)."""
    return Maker(rng, SMOOTH if smooth else GENERATORS, smooth=smooth, scale=scale).program(count)


def arrays_for(program: Program, seed: int, smooth: bool = False) -> list[np.ndarray]:
    make = smooth_array if smooth else array_of
    return [make(t, seed + i) for i, t in enumerate(program.input_types)]


def settings_for(examples: int) -> settings:
    return settings(
        max_examples=EXAMPLES or examples, derandomize=not EXAMPLES, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


@st.composite
def cases(draw: Callable, smooth: bool = False, most: int = 8, scale: Scale = SMALL) -> tuple[Program, int]:
    """A Program and the seed of its inputs.

    Half of them come from a plain seed, which gives larger and more varied Programs; the others from a generator
    that Hypothesis controls step by step and can make smaller.
    """
    rng = draw(st.integers(0, 2**32 - 1).map(Random) | st.randoms(use_true_random=False))
    return program_from(rng, draw(st.integers(1, most)), smooth, scale), draw(st.integers(0, 99))


@contextmanager
def kept_when_failing(program: Program, seed: int, kind: str) -> Iterator[None]:
    """Write the Program into the corpus if the block fails. Hypothesis ends with the smallest, which stays."""
    try:
        yield
    except Exception as error:
        reason = re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")[:200]
        CORPUS.joinpath(f"new_{kind}.txt").write_text(f"# {kind}, seed {seed}: {reason}\n{program}\n", encoding="utf-8")
        raise


def read_corpus() -> dict[str, tuple[Program, int, str]]:
    """Name -> (Program, seed of its inputs, kind): the first line of a file says the kind and the seed."""
    found = {}
    for path in sorted(CORPUS.glob("*.txt")):
        first, _, text = path.read_text(encoding="utf-8").partition("\n")
        match = re.match(r"# (\w+), seed (\d+):", first)
        assert match, f"{path.name}: the first line is like '# exact, seed 3: what was wrong'"
        found[path.stem] = (parse_program(text), int(match[2]), match[1])
    return found
