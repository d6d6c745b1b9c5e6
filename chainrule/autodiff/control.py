"""The gradient rows of control flow, whose parameters are Programs themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import NotDifferentiableError
from ..ir import FLOAT, Params, Program, Tensor, TensorType, Var, trace
from ..primitives import cond, loop_parts
from ..primitives.arithmetic import full, zeros_like
from .summing import sum_afterwards

# Results that take longer to compute again than to read.
COSTLY = frozenset((
    "dot_general", "conv", "exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "erf_inv", "sin", "cos", "pow",
    "atan2", "reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "window_max", "random_bits",
))  # fmt: skip


def costly_values(body: Program) -> list[Var]:
    """The results in a loop's body that are kept for the way back."""
    return [v for e in body.equations if e.primitive.name in COSTLY for v in e.outputs]


def keep_values(p: Params) -> Params:
    """The loop that also returns, stacked, the carries that each round began with, and what is costly to compute.

    Those that the gradient does not read are removed as dead code, here and there.
    """
    carried = p.body.inputs[p.invariants : p.invariants + p.carries]
    return Params({**p, "body": p.body.replace(outputs=(*p.body.outputs, *carried, *costly_values(p.body)))})


def _zeros(t: TensorType) -> Tensor:
    return full(t.shape, 0, t.dtype)


def vjp_loop(p: Params, g: Any, y: Any, *operands: Tensor, wanted: Sequence[bool]) -> list[Tensor | None]:
    """A loop in the other direction. Its carries are the cotangents of the carries and the sums of those of the
    invariants; its sequences are the saved carries and values, the sequences and the cotangents of the stacked results.
    """
    from .reverse import pull_back

    body: Program = p.body
    n_inv, n_car, n_seq = p.invariants, p.carries, len(operands) - p.invariants - p.carries
    costly = costly_values(body)
    saved = y[len(body.outputs) :]
    invariants, _, sequences = loop_parts(p, operands)
    wrt = _on_the_way(p, wanted)
    of_inv, of_car, of_seq = (
        [i for i in wrt if lo <= i < hi]
        for lo, hi in ((0, n_inv), (n_inv, n_inv + n_car), (n_inv + n_car, n_inv + n_car + n_seq))
    )
    out_types = body.output_types
    stacked_floats = [k for k in range(n_car, len(out_types)) if out_types[k].dtype in FLOAT]
    seeds_car = [_zeros(out_types[i - n_inv]) if g[i - n_inv] is None else g[i - n_inv] for i in of_car]
    seeds_seq = [_zeros_stacked(out_types[k], p.length) if g[k] is None else g[k] for k in stacked_floats]

    def step(*values: Tensor) -> list[Tensor]:
        rest = list(values)
        take = lambda n: [rest.pop(0) for _ in range(n)]  # noqa: E731
        inv, sums, d_car, car, known, seq, d_seq = (
            take(n) for n in (n_inv, len(of_inv), len(of_car), n_car, len(costly), n_seq, len(stacked_floats))
        )
        seeds: list[Tensor | None] = [None] * len(body.outputs)
        for i, d in zip(of_car, d_car, strict=True):
            seeds[i - n_inv] = d
        for k, d in zip(stacked_floats, d_seq, strict=True):
            seeds[k] = d
        _, found = pull_back(body, [*inv, *car, *seq], seeds, wrt, dict(zip(costly, known, strict=True)))
        totals = [s + d for s, d in zip(sums, found[: len(of_inv)], strict=True)]
        return [*totals, *found[len(of_inv) :]]

    sums = [zeros_like(invariants[i]) for i in of_inv]
    carries_in = [*sums, *seeds_car]
    sequences_in = [*saved, *sequences, *seeds_seq]
    types = [t.type for t in (*invariants, *carries_in)] + [s.type.with_shape(s.shape[1:]) for s in sequences_in]
    backward, _ = trace(step, types, f"{body.name}_gradient")
    params = Params(body=backward, length=p.length, invariants=n_inv, carries=len(carries_in), reverse=not p.reverse)
    results = sum_afterwards(params, [*invariants, *carries_in, *sequences_in], len(sums))
    gradients: list[Tensor | None] = [None] * len(operands)
    for i, d in zip([*of_inv, *of_car, *of_seq], results, strict=True):
        gradients[i] = d
    return gradients


def _on_the_way(p: Params, wanted: Sequence[bool]) -> list[int]:
    """The inputs of a loop's body that carry a derivative: those asked for, and the carries that depend on them."""
    from .reverse import active_values

    wrt = {i for i, take in enumerate(wanted) if take}
    while True:
        active = active_values(p.body, sorted(wrt))
        reached = {p.invariants + k for k in range(p.carries) if p.body.outputs[k] in active}
        if reached <= wrt:
            return sorted(wrt)
        wrt |= reached


def _zeros_stacked(t: TensorType, length: int) -> Tensor:
    return full((length, *t.shape), 0, t.dtype)


def vjp_cond(p: Params, g: Any, y: Any, choice: Tensor, *operands: Tensor, wanted: Sequence[bool]) -> list[Any]:
    """The cond of the branches' gradients."""
    from .reverse import pull_back

    wrt = [i for i, take in enumerate(wanted[1:]) if take]
    floats = [k for k, v in enumerate(p.branches[0].outputs) if v.type.dtype in FLOAT]
    seeds = [zeros_like(y[k]) if g[k] is None else g[k] for k in floats]

    def gradient_of(branch: Program) -> Program:
        def function(*values: Tensor) -> list[Tensor]:
            all_seeds: list[Tensor | None] = [None] * len(branch.outputs)
            for k, d in zip(floats, values[len(operands) :], strict=True):
                all_seeds[k] = d
            return pull_back(branch, values[: len(operands)], all_seeds, wrt)[1]

        return trace(function, [t.type for t in (*operands, *seeds)], f"{branch.name}_gradient")[0]

    found = cond(choice, *operands, *seeds, branches=tuple(gradient_of(b) for b in p.branches))
    gradients: list[Any] = [None] * (1 + len(operands))
    for i, d in zip(wrt, found, strict=True):
        gradients[1 + i] = d
    return gradients


def vjp_while_loop(p: Params, g: Any, y: Any, *operands: Tensor, wanted: Sequence[bool]) -> list[Any]:
    raise NotDifferentiableError(
        "while_loop has no gradient: the number of rounds is not known before it runs. Use a loop of fixed length "
        "(ops.fori_loop, ops.scan), or ops.stop_gradient on its result."
    )


CONTROL_RULES: dict[str, Any] = {"loop": vjp_loop, "cond": vjp_cond, "while_loop": vjp_while_loop}

__all__ = ["CONTROL_RULES", "keep_values"]
