"""A Program to code that can be called, or the code that was made of the same Program before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

from ... import config
from ...ir import Equation, Program
from . import cache
from .image import Image
from .keys import key_of
from .linking import Code, Linked, Loaded, link

_KEPT = 128  # Programs whose code the process remembers


class Facts(NamedTuple):
    """What a caller must know of the code. `faults`, `constants`: numbers of equations, in the order of `walk`."""

    is_shared: bool  # whether threads do some of it together
    seconds: float  # a guess at a run on one core
    arena: int  # bytes
    workspace: int  # bytes for each thread
    faults: Sequence[int]
    constants: Sequence[int]


@dataclass(frozen=True)
class Built:
    """Code, what must be known to call it, and the steps that have clocks."""

    code: Code
    facts: Facts
    timed: list[Any] = field(default_factory=list)


_known: OrderedDict[str, Built] = OrderedDict()  # by key, the last used at the end


def build(program: Program, watched: str = "", profile: bool = False) -> Built:
    """The code of a Program: from this process, from the folder of `config.cache_folder`, or made now."""
    if profile or config.dump_folder() or not config.cache_folder():
        return _made(program, watched, profile)[0]
    key = key_of(program, watched)
    built = _known.get(key) or _loaded(key)
    if built is None:
        built, kept, code = _made(program, watched)
        cache.save(key, kept, code)
    _known[key] = built
    _known.move_to_end(key)
    while len(_known) > _KEPT:
        _known.popitem(last=False)
    return built


def _loaded(key: str) -> Built | None:
    """The code that the folder has, if this process can use it."""
    found = cache.load(key)
    if found is None:
        return None
    kept, code = found
    with suppress(KeyError, TypeError, OSError):  # facts of another kind; no memory that can be executed
        facts = Facts(**kept["facts"])
        if "entry" in kept:
            return Built(Loaded(Image(code, kept["entry"], kept["slots"])), facts)
        ends = zip(kept["sizes"], accumulate(kept["sizes"]), strict=True)
        return Built(Linked([code[end - size : end] for size, end in ends]), facts)
    return None


def _made(program: Program, watched: str, profile: bool = False) -> tuple[Built, dict[str, Any], bytes]:
    """Compiled now; what to keep of it; and its code."""
    from .driver import Driver
    from .dump import compiled
    from .plan import plan_program

    plan = plan_program(program, watched=watched)
    driver = Driver(plan, watched, profile)
    facts = Facts(
        driver.is_shared, sum(step.work.seconds for step in plan.steps), plan.size, plan.workspace,
        *_numbers(program, driver.faults, driver.constants),
    )  # fmt: skip
    objects = compiled(program.name, plan, driver.text())
    code, image = link(objects)
    built, kept = Built(code, facts, driver.timed), {"facts": facts._asdict()}
    if image is not None:
        return built, kept | {"entry": image.entry, "slots": image.slots}, image.code
    return built, kept | {"sizes": list(map(len, objects))}, b"".join(objects)


def _numbers(program: Program, faults: Sequence[Equation], constants: Sequence[Any]) -> tuple[list[int], list[int]]:
    """Where in the Program equations and arrays stand."""
    places: dict[int, int] = {}
    for i, e in enumerate(program.walk()):
        places[id(e)] = i
        if e.primitive.name == "constant":
            places[id(e.params.value)] = i
    return [places[id(e)] for e in faults], [places[id(value)] for value in constants]
