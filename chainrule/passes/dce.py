"""Dead code: equations whose results nobody needs, and what loops and branches carry for nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..ir import Equation, Params, Program, Var
from ..primitives import loop_parts


def dce(program: Program) -> Program:
    """Remove what does not lead to an output. Inputs and outputs stay as they are.

    From loops, whiles and conds that stay, unused results, carries and operands are removed as well. An error that
    only a removed equation would have raised is not raised any more.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('program f(%0: float32[]) -> (float32[]) {'
    ...                   '%1: float32[] = exp(%0) %2: float32[] = neg(%0) return %2 }')
    >>> print(dce(p))
    program f(%0: float32[]) -> (float32[]) {
      %1: float32[] = neg(%0)
      return %1
    }
    """
    needed, kept = set(program.outputs), []
    for equation in reversed(program.equations):
        wanted = [v in needed for v in equation.outputs]
        if any(wanted):
            prune = PRUNE.get(equation.primitive.name)
            kept.append(prune(equation, wanted) if prune else equation)
            needed.update(kept[-1].inputs)
    kept.reverse()
    same = len(kept) == len(program.equations) and all(map(lambda a, b: a is b, kept, program.equations))
    return program if same else program.replace(equations=tuple(kept))


def needed_for(program: Program, outputs: Sequence[Var]) -> tuple[Program, list[bool]]:
    """The Program reduced to some outputs, and which of its inputs it still reads."""
    smaller = program if tuple(outputs) == program.outputs else program.replace(outputs=tuple(outputs))
    smaller = dce(smaller)
    read = {*smaller.outputs, *(v for e in smaller.equations for v in e.inputs)}
    return smaller, [v in read for v in smaller.inputs]


def _chosen(items: Sequence, flags: Sequence[bool]) -> tuple:
    return tuple(item for item, flag in zip(items, flags, strict=True) if flag)


def _changed(e: Equation, inputs: Sequence[bool], params: Params, wanted: Sequence[bool]) -> Equation:
    same = all(inputs) and all(wanted) and all(map(lambda a, b: a is b, e.params.programs(), params.programs()))
    return e if same else Equation(e.primitive, _chosen(e.inputs, inputs), params, _chosen(e.outputs, wanted), e.where)


def prune_loop(e: Equation, wanted: list[bool]) -> Equation:
    """A carry is alive if its last value is wanted, or if a living carry or a wanted element is computed from it."""
    p, live = e.params, list(wanted)
    while True:
        body, read = needed_for(p.body, _chosen(p.body.outputs, live))
        _, carried, _ = loop_parts(p, read)
        grown = [a or b for a, b in zip(live, (*carried, *live[p.carries :]), strict=True)]
        if grown == live:
            break
        live = grown
    invariants, _, sequences = loop_parts(p, read)
    inputs = [*invariants, *live[: p.carries], *sequences]
    if not all(inputs):
        body = body.replace(inputs=_chosen(body.inputs, inputs))
    params = Params({**p, "body": body, "invariants": sum(invariants), "carries": sum(live[: p.carries])})
    return _changed(e, inputs, params, live)


def prune_while_loop(e: Equation, wanted: list[bool]) -> Equation:
    """As for a loop; a carry that the test reads is alive too."""
    p = e.params
    test, read = needed_for(p.test, p.test.outputs)
    live = [a or b for a, b in zip(wanted, read, strict=True)]
    while True:
        body, read = needed_for(p.body, _chosen(p.body.outputs, live))
        grown = [a or b for a, b in zip(live, read, strict=True)]
        if grown == live:
            break
        live = grown
    if not all(live):
        test, body = (q.replace(inputs=_chosen(q.inputs, live)) for q in (test, body))
    return _changed(e, live, Params(test=test, body=body), live)


def prune_cond(e: Equation, wanted: list[bool]) -> Equation:
    """An operand is alive if one of the branches reads it."""
    found = [needed_for(branch, _chosen(branch.outputs, wanted)) for branch in e.params.branches]
    live = [any(flags) for flags in zip(*(read for _, read in found), strict=True)]
    branches = tuple(b if all(live) else b.replace(inputs=_chosen(b.inputs, live)) for b, _ in found)
    return _changed(e, [True, *live], Params(branches=branches), wanted)


PRUNE: dict[str, Callable[[Equation, list[bool]], Equation]] = {
    "loop": prune_loop, "while_loop": prune_while_loop, "cond": prune_cond,
}  # fmt: skip
