"""Sums over the rounds of a loop, as one operation on all rounds after it.

The gradient of what all rounds read, such as the weights of a recurrent layer, is a sum of one product a round. One
product over all rounds does the same work better: it is large enough for several threads, and its sum is not read and
written in every round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..ir import Equation, Params, Program, Tensor, Var, bind
from ..primitives import loop, loop_parts


class _Summed:
    """The totals of a loop's body that can be summed after the loop, and the values that this takes."""

    def __init__(self, p: Params, totals: int) -> None:
        self.body: Program = p.body
        self.made = {v: e for e in self.body.equations for v in e.outputs}
        invariants, carries, sequences = loop_parts(p, self.body.inputs)
        self.given = {*invariants, *carries}
        self.sequences = set(sequences)
        self.stacked: dict[Var, None] = {}  # values of the body, in order, that must come out of the loop
        self.chosen: dict[int, Var] = {}  # number of a total -> what a round adds to it
        for k in range(totals):
            e = self.made.get(self.body.outputs[k])
            if e is None or e.primitive.name != "add" or e.inputs[0] is not carries[k]:
                continue
            needed = self.needed(e.inputs[1])
            if needed is not None:
                self.chosen[k] = e.inputs[1]
                self.stacked.update(dict.fromkeys(v for v in needed if v not in self.sequences))

    def needed(self, v: Var) -> list[Var] | None:
        """The values whose stacks give the sum of v over all rounds; None if they cannot."""
        e = self.made.get(v)
        if e is None or e.primitive.name not in SUM:
            return None
        if e.primitive.name in ("dot_general", "reduce_sum"):
            return None if any(w in self.given for w in e.inputs) else list(e.inputs)
        parts = [self.needed(w) for w in e.inputs]
        return None if any(part is None for part in parts) else [w for part in parts for w in part or ()]


def sum_afterwards(p: Params, operands: Sequence[Tensor], totals: int) -> Sequence[Tensor]:
    """The results of a loop whose first carries are sums over its rounds.

    Args: p: of the loop; its body adds to the first `totals` carries. operands: of the loop.
    Returns: as the loop itself: the sums, the other carries, the stacked results.
    """
    summed = _Summed(p, totals)
    outputs = (*p.body.outputs, *summed.stacked)
    found = loop(*operands, **{**p, "body": p.body.replace(outputs=outputs)})
    count = len(p.body.outputs)
    stacks = dict(zip(summed.stacked, found[count:], strict=True))
    stacks |= zip(loop_parts(p, p.body.inputs)[2], loop_parts(p, operands)[2], strict=True)
    first = loop_parts(p, operands)[1]
    results = list(found[:count])
    for k, v in summed.chosen.items():
        results[k] = first[k] + _total(v, summed.made, stacks)
    return results


def _total(v: Var, made: dict[Var, Equation], stacks: dict[Var, Tensor]) -> Tensor:
    """The sum of v over all rounds."""
    e = made[v]
    return SUM[e.primitive.name](e, lambda w: _total(w, made, stacks), stacks)


def _product(e: Equation, total: object, stacks: dict[Var, Tensor]) -> Tensor:
    """Products without batches are contracted over the rounds as well."""
    contract, batch = ([tuple(a + 1 for a in axes) for axes in pair] for pair in (e.params.contract, e.params.batch))
    contract = [(0, *axes) for axes in contract]
    operands = [stacks[w] for w in e.inputs]
    return bind(e.primitive, operands, Params(contract=tuple(contract), batch=tuple(batch)))  # type: ignore[no-any-return]


def _sum(e: Equation, total: object, stacks: dict[Var, Tensor]) -> Tensor:
    axes = (0, *(a + 1 for a in e.params.axes))
    return bind(e.primitive, [stacks[e.inputs[0]]], Params(axes=axes))  # type: ignore[no-any-return]


def _linear(e: Equation, total: Callable[[Var], Tensor], stacks: object) -> Tensor:
    """A sum of sums, or a sum in another shape."""
    return bind(e.primitive, [total(w) for w in e.inputs], e.params)  # type: ignore[no-any-return]


SUM: dict[str, Callable[..., Tensor]] = {
    "dot_general": _product, "reduce_sum": _sum, "add": _linear, "transpose": _linear, "reshape": _linear,
}  # fmt: skip
