"""What does not change from round to round is not carried, results come out once, small constants live where they are
used.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..ir import Equation, Params, Program, Var
from ..primitives import loop_parts
from .rewrite import SMALL, Rewriter, rewrite


def loops(program: Program) -> Program:
    """Turn carries that a loop hands on as they are into invariants, and move small constants into sub-programs.

    Inside a loop body or a branch a constant can be folded and simplified further.

    >>> from chainrule.ir import parse_program
    >>> p = parse_program('''program f(%0: float32[], %1: float32[]) -> (float32[], float32[]) {
    ...   %2: float32[], %3: float32[] = loop(%0, %1) {body=program step(%0: float32[], %1: float32[])
    ...      -> (float32[], float32[]) { %2: float32[] = mul(%0, %1) return %0, %2 },
    ...      carries=2, invariants=0, length=3, reverse=False}
    ...   return %2, %3 }''')
    >>> print(loops(p))
    program f(%0: float32[], %1: float32[]) -> (float32[], float32[]) {
      %2: float32[] = loop(%0, %1) {body=program step(%0: float32[], %1: float32[]) -> (float32[]) {
        %2: float32[] = mul(%0, %1)
        return %2
      }, carries=1, invariants=1, length=3, reverse=False}
      return %0, %2
    }
    """
    return rewrite(program, _apply)


def _apply(r: Rewriter, e: Equation) -> Sequence[Var] | None:
    if e.primitive.name == "loop":
        return _loop(r, e)
    if e.primitive.name == "cond":
        known = [False, *(_small(r, v) for v in e.inputs[1:])]
        if any(known):
            branches = tuple(_with_constants(r, b, e.inputs[1:], known[1:]) for b in e.params.branches)
            inputs = tuple(v for v, k in zip(e.inputs, known, strict=True) if not k)
            r.append(Equation(e.primitive, inputs, Params(branches=branches), e.outputs, e.where))
            return e.outputs
    return None


def _loop(r: Rewriter, e: Equation) -> Sequence[Var] | None:
    p, body = e.params, e.params.body
    invariants, carries, sequences = loop_parts(p, range(len(e.inputs)))
    still = [i for i, result in zip(carries, body.outputs, strict=False) if body.inputs[i] is result]
    known = [i in invariants and _small(r, v) for i, v in enumerate(e.inputs)]
    same = {k: body.outputs.index(v) for k, v in enumerate(body.outputs) if k >= p.carries}
    same = {k: first for k, first in same.items() if p.carries <= first < k}  # stacked twice
    if not still and not same and not any(known):
        return None
    body = _with_constants(r, body, e.inputs, known)
    constant = [i for i in invariants if not known[i]] + still
    moving = [i for i in carries if i not in still]
    order = [*constant, *moving, *sequences]
    kept = [k for k in range(len(e.outputs)) if (k not in same if k >= p.carries else carries[k] in moving)]
    body = body.replace(inputs=tuple(p.body.inputs[i] for i in order), outputs=tuple(body.outputs[k] for k in kept))
    params = Params({**p, "body": body, "invariants": len(constant), "carries": len(moving)})
    if kept:
        inputs, outputs = tuple(e.inputs[i] for i in order), tuple(e.outputs[k] for k in kept)
        r.append(Equation(e.primitive, inputs, params, outputs, e.where))
    return [
        v if k in kept else e.outputs[same[k]] if k in same else e.inputs[carries[k]] for k, v in enumerate(e.outputs)
    ]


def _small(r: Rewriter, v: Var) -> bool:
    value = r.constant(v)
    return value is not None and value.size <= SMALL


def _with_constants(r: Rewriter, program: Program, operands: Sequence[Var], known: Sequence[bool]) -> Program:
    """The sub-program with constants in place of the inputs whose value is known."""
    pairs = [(v, r.made_by[w]) for v, w, k in zip(program.inputs, operands, known, strict=True) if k]
    made = tuple(Equation(e.primitive, (), e.params, (v,), e.where) for v, e in pairs)
    inputs = tuple(v for v, k in zip(program.inputs, known, strict=True) if not k)
    return program.replace(inputs=inputs, equations=made + program.equations)
