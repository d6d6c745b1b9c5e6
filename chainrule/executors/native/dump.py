"""`CHAINRULE_DUMP`: the stages of a compilation as text files."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

from ... import config
from ...ir import Var
from .emit import bytes_of
from .plan import Plan
from .units import compile_unit, compile_units, cut

_numbers = itertools.count()


def compiled(name: str, plan: Plan, text: str) -> list[bytes]:
    """The object code of a module; plan, text, optimized text and assembly are written where CHAINRULE_DUMP says."""
    units, folder = cut(text), config.dump_folder()
    if not folder:
        return compile_units(units)
    made = [compile_unit(unit, keep_text=True) for unit in units]
    stem = f"native_{next(_numbers):04d}_" + re.sub(r"\W+", "_", name)
    stages = {"1_plan.txt": describe(plan), "2_made.ll": text}
    stages["3_optimized.ll"] = "\n".join(unit.optimized for unit in made)
    stages["4_code.s"] = "\n".join(unit.assembly for unit in made)
    Path(folder).mkdir(parents=True, exist_ok=True)
    for stage, content in stages.items():
        Path(folder, f"{stem}.{stage}").write_text(content, encoding="utf-8")
    return [unit.code for unit in made]


def describe(plan: Plan, indent: str = "", names: dict[Var, str] | None = None) -> str:
    """The steps of a plan, one a line: what is computed together, from what, to where."""
    names = {} if names is None else names
    name = lambda v: names.setdefault(v, f"%{len(names)}")  # noqa: E731
    lines = [f"{indent}{plan.program.name}: {plan.size} bytes, inputs {' '.join(map(name, plan.program.inputs))}"]
    for step in plan.steps:
        for node in step.cluster.nodes:
            reads = ", ".join(name(s.root) if s.root else str(s.literal) for s in node.sources)
            writes = ", ".join(f"{name(v)}: {v.type}{_place(plan, v, step.stored, name)}" for v in node.outputs)
            joined = "  " if node is step.cluster.nodes[0] else "+ "
            lines.append(f"{indent}  {joined}{writes} = {node.name}({reads})")
        lines += [describe(sub, indent + "    ", names) for sub in step.subs]
    lines.append(f"{indent}  return {', '.join(map(name, plan.graph.outputs))}")
    return "\n".join(lines)


def _place(plan: Plan, v: Var, stored: set[Var], name: Callable[[Var], str]) -> str:
    if v in plan.offsets:
        return f" at {plan.offsets[v]}..{plan.offsets[v] + bytes_of(v)}"
    if v in plan.in_place:
        return f" in place of {name(plan.in_place[v])}"
    return " outside" if v in stored else ""
