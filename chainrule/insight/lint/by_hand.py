"""Rules about networks written by hand, in NumPy."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from .rules import Hit

_WEIGHT = re.compile(r"(^|[._])([wW]\d*|weights?\d*|theta\d*)(_\w+)?$")
_BIAS = re.compile(r"(^|[._])(b\d*|bias(es)?\d*)(_\w+)?$")
_GRADIENT = re.compile(r"^(grad|d[lLeEjJ](oss)?_?d)")


def _updates(tree: ast.Module) -> Iterator[tuple[str, ast.operator, ast.expr, int]]:
    """(what changes, + or -, by what, line) of `w -= ...` and `w = w - ...`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign):
            yield ast.unparse(node.target), node.op, node.value, node.lineno
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and len(node.targets) == 1:
            name = ast.unparse(node.targets[0])
            if ast.unparse(node.value.left) == name:
                yield name, node.value.op, node.value.right, node.lineno


def bias_never_updated(tree: ast.Module) -> Iterator[Hit]:
    """Weights that are updated beside biases that are not."""
    changed = {name: line for name, _, _, line in _updates(tree)}
    weights = [line for name, line in changed.items() if _WEIGHT.search(name)]
    if not weights:
        return
    added = {ast.unparse(node.right) for node in ast.walk(tree)
             if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_product(node.left)}  # fmt: skip
    for name in sorted(added):
        if _BIAS.search(name) and name not in changed:
            yield Hit("bias-never-updated", weights[-1], {"bias": name})


def _is_product(node: ast.expr) -> bool:
    """Whether it is `x @ w`, `x * w` or `np.dot(x, w)`, or a sum of such."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.MatMult, ast.Mult)) or (isinstance(node.op, ast.Add) and _is_product(node.left))
    return isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("dot", "matmul")


def climbs(tree: ast.Module) -> Iterator[Hit]:
    """Weights that move along the gradient."""
    for name, operator, value, line in _updates(tree):
        if isinstance(operator, ast.Add) and (_WEIGHT.search(name) or _BIAS.search(name)):
            turned = any(isinstance(n, (ast.USub, ast.Sub)) for n in ast.walk(value))
            for part in ast.walk(value):
                if isinstance(part, ast.Name) and _is_gradient(part.id, name) and not turned:
                    yield Hit("climbs", line, {"weight": name, "gradient": part.id})


def _is_gradient(name: str, weight: str) -> bool:
    """Whether it is called like a gradient: `grad_w`, `dL_dw`, or of this weight: `dw`."""
    return bool(_GRADIENT.match(name)) or name.replace("_", "").lower() == f"d{weight.replace('_', '')}".lower()


def _called(node: ast.AST, name: str) -> ast.expr | None:
    """The argument of `np.<name>(argument)`."""
    if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] == name:
        return node.args[0]
    return None


def overflow(tree: ast.Module) -> Iterator[Hit]:
    """exp(z) / sum(exp(z)) without taking the maximum away."""
    assignments = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    safe = {ast.unparse(t) for node in assignments if "max(" in ast.unparse(node.value) for t in node.targets}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
            continue
        what = _called(node.left, "exp")
        inner = [ast.unparse(found) for n in ast.walk(node.right) if (found := _called(n, "exp")) is not None]
        if isinstance(what, ast.Name) and what.id not in safe and what.id in inner:
            yield Hit("overflow", node.lineno, {"what": what.id})


def log_of_zero(tree: ast.Module) -> Iterator[Hit]:
    """y * log(p) where nothing keeps p from 0."""
    guarded = {ast.unparse(t) for node in ast.walk(tree) if isinstance(node, ast.Assign)
               and re.search(r"clip|maximum|eps|1e-", ast.unparse(node.value)) for t in node.targets}  # fmt: skip
    seen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            what = _called(node.right, "log")
            if isinstance(what, ast.Name) and what.id not in guarded and node.lineno not in seen:
                seen.add(node.lineno)
                yield Hit("log-of-zero", node.lineno, {"what": what.id})


RULES_OF_FORMULAS: tuple[Callable[[ast.Module], Iterator[Hit]], ...] = (
    bias_never_updated, climbs, overflow, log_of_zero,
)  # fmt: skip
