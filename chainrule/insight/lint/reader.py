"""Reads a script without running it: which networks it makes, and what it does with which rows.

The statements are gone through in the order in which they stand, functions and loops once. What cannot be known stays
unknown, and no rule speaks about what is unknown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ... import layers, losses
from .facts import UNKNOWN, Data, Event, Layer, Network, snake

_LAYERS = set(layers.__all__)
_LOSSES = {c.__name__ for c in losses.CLASSES}
_SCALERS = re.compile(r"(Scaler|Normalizer|Imputer|PCA|KBest|PowerTransformer|QuantileTransformer)$")
_PART = re.compile(r"(^|_)(train|test|val|valid|validation|dev)(_|$|\d)", re.IGNORECASE)
_LABELS_DRAWN = ("randint", "choice", "binomial", "integers")
_DRAWS = (*_LABELS_DRAWN, "rand", "random", "uniform", "randn", "normal", "standard_normal")
_ROWS = re.compile(r"([xXyY]|features|labels|targets|inputs|df|data|frame)$")
_STATISTICS = ("mean", "std", "max", "min", "median", "var")
_SEEDS = ("set_random_seed", "set_seed", "manual_seed", "enable_op_determinism")
_IN_ORDER = {"Dense": ("units", "activation"), "Activation": ("activation",), "LSTM": ("units", "activation"),
             "GRU": ("units", "activation"), "SimpleRNN": ("units", "activation")}  # fmt: skip


Keywords = dict[str, Any]


class Scaler:
    """An object that learns a scale from rows."""


class Statistic(Data):
    """A number that was computed from rows: their mean, deviation, ..."""


class Tensor(list):  # type: ignore[type-arg]
    """The layers that a symbolic tensor has come through."""


class Module(dict):  # type: ignore[type-arg]
    """A class of the user's that is a model: its layers by attribute, and `call`."""

    call: ast.FunctionDef | None = None


class Reader:
    """A script, read.

    Args:
        source: str.

    Raises:
        SyntaxError: it is no Python.
    """

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.known: dict[str, Any] = {}
        self.used: set[int] = set()  # lines of random numbers that something else was made from
        self.networks: list[Network] = []
        self.events: list[Event] = []
        self._block(self.tree.body)

    def event(self, kind: str, node: ast.AST, **values: Any) -> None:
        """Note what the script does there."""
        self.events.append(Event(kind, getattr(node, "lineno", 0), values))

    # statements

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            value = self.value(node.value)
            for inner in (n for n in ast.walk(node.value) if isinstance(n, ast.Name)):
                made_from = self.known.get(inner.id)
                if isinstance(made_from, Data) and made_from.drawn:
                    self.used.add(made_from.drawn)
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self._assign(target, value, node.value)
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        elif isinstance(node, (ast.Expr, ast.Return)) and node.value is not None:
            self.value(node.value)
        elif isinstance(node, ast.With):
            for item in node.items:
                self.value(item.context_expr)
            self._block(node.body)
        else:
            for name in ("body", "orelse", "finalbody"):
                self._block([s for s in getattr(node, name, []) if isinstance(s, ast.stmt)])

    def _assign(self, target: ast.expr, value: Any, source: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            many = value if isinstance(value, (list, tuple)) and len(value) == len(target.elts) else None
            for i, element in enumerate(target.elts):
                self._assign(element, many[i] if many else UNKNOWN, source)
            return
        name = ast.unparse(target)
        if isinstance(target, ast.Name):
            part = _part(name)
            if isinstance(value, Data) and not value.part and part:
                value = replace(value, part=part)
            if value is UNKNOWN:
                value = _named(name)
        self.known[name] = value

    def _class(self, node: ast.ClassDef) -> None:
        if not any(ast.unparse(base).endswith(("Model", "Sequential")) for base in node.bases):
            self._block(node.body)
            return
        outer, self.known = self.known, dict(self.known)
        made = Module()
        for function in (f for f in node.body if isinstance(f, ast.FunctionDef)):
            if function.name == "__init__":
                self._block(function.body)
            if function.name == "call":
                made.call = function
        made.update({k: v for k, v in self.known.items() if k.startswith("self.")})
        self.known = outer
        self.known[node.name] = made

    # expressions

    def value(self, node: ast.expr | None) -> Any:
        """What an expression is, as far as it can be known."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._name(node)
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self.value(element) for element in node.elts]
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            return self._picked(node)
        if isinstance(node, ast.BinOp):
            return self._binary(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            number = self.value(node.operand)
            return -number if isinstance(number, (int, float)) else UNKNOWN
        return UNKNOWN

    def _picked(self, node: ast.Subscript) -> Any:
        """Some of the rows, or some columns of all of them."""
        rows = self.value(node.value)
        if not isinstance(rows, Data):
            return UNKNOWN
        index = node.slice.elts[0] if isinstance(node.slice, ast.List) and node.slice.elts else node.slice
        is_column = isinstance(index, ast.Constant) and isinstance(index.value, str)
        return rows if is_column else replace(rows, root=f"{rows.root}[{ast.unparse(node.slice)}]")

    def _name(self, node: ast.Name | ast.Attribute) -> Any:
        text = ast.unparse(node)
        if text in self.known:
            return self.known[text]
        if isinstance(node, ast.Attribute):
            base = self.value(node.value)
            return base if isinstance(base, Data) and node.attr in ("values", "T", "iloc", "loc") else UNKNOWN
        return _named(text)

    def _binary(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        rows = next((v for v in (left, right) if type(v) is Data), None)
        if rows is None:
            return UNKNOWN
        measured = [v for v in (left, right) if isinstance(v, Statistic) and not v.part]
        scaled = node.lineno if measured and not rows.part else rows.scaled
        return replace(rows, scaled=scaled)

    def _call(self, node: ast.Call) -> Any:
        name = ast.unparse(node.func).split(".")[-1] if not isinstance(node.func, ast.Call) else ""
        arguments = [self.value(a) for a in node.args]
        keywords = {k.arg: self.value(k.value) for k in node.keywords if k.arg}
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value)
            method = _METHODS.get(type(owner))
            if method is not None:
                return method(self, owner, name, node, arguments, keywords)
        else:
            called = self.value(node.func)
            if isinstance(called, Layer):
                return Tensor([*(arguments[0] if arguments and isinstance(arguments[0], Tensor) else []), called])
            if isinstance(called, Module):
                return self._module(called, node)
        attribute = self.known.get(ast.unparse(node.func))
        if isinstance(attribute, Layer):  # self.dense1(x)
            return Tensor([*(arguments[0] if arguments and isinstance(arguments[0], Tensor) else []), attribute])
        return self._function(name, node, arguments, keywords)

    def _function(self, name: str, node: ast.Call, arguments: list[Any], keywords: Keywords) -> Any:
        if name == "Sequential":
            return self._sequential(node, arguments, keywords)
        if name == "Model" and (arguments or keywords):
            return self._functional(node, arguments[1:] or [keywords.get("outputs")])
        if name == "Input":
            return Tensor()
        if name in _LAYERS and name[0].isupper():
            in_order = dict(zip(_IN_ORDER.get(name, ()), arguments, strict=False))
            return Layer(name, {**in_order, **keywords}, node.lineno)
        if name in _LOSSES:
            return Network(loss=snake(name), from_logits=keywords.get("from_logits") is True)
        if _SCALERS.search(name):
            return Scaler()
        if name == "train_test_split":
            return self._split(node, arguments, keywords)
        if name == "load_data":
            root = f"load_data:{node.lineno}"
            return [[Data(root, "train"), Data(f"{root}:y", "train")], [Data(root, "test"), Data(f"{root}:y", "test")]]
        return self._other(name, node, arguments, keywords)

    def _other(self, name: str, node: ast.Call, arguments: list[Any], keywords: Keywords) -> Any:
        text = ast.unparse(node.func)
        if name in _SEEDS or (name == "seed" and "random" in text):
            self.event("seed" if name in _SEEDS else "numpy-seed", node)
        if name in ("EarlyStopping", "ModelCheckpoint"):
            self.event("stopping" if name == "EarlyStopping" else "checkpoint", node, **keywords)
        if name in ("dump", "save", "to_pickle") and any(isinstance(a, Scaler) for a in arguments):
            self.event("scaler-saved", node)
        if name in _DRAWS and ("random" in text or "rng" in text or "generator" in text):
            return Data(f"{text}:{node.lineno}", drawn=node.lineno if name in _LABELS_DRAWN else 0)
        if name.startswith("read_"):
            return Data(f"{text}:{node.lineno}")
        return next((a for a in arguments if type(a) is Data), UNKNOWN)

    # networks

    def _sequential(self, node: ast.Call, arguments: list[Any], keywords: Keywords) -> Network:
        given = arguments[0] if arguments else keywords.get("layers", [])
        items = given if isinstance(given, list) else [UNKNOWN]
        kept = [item for item in items if isinstance(item, Layer)]
        whole = all(isinstance(item, (Layer, Tensor)) for item in items)
        network = Network(kept if whole else _after_unknown(items), whole, node.lineno)
        self.networks.append(network)
        return network

    def _functional(self, node: ast.Call, outputs: list[Any]) -> Network:
        path = outputs[0] if outputs and isinstance(outputs[0], Tensor) else Tensor()
        network = Network(list(path), bool(path), node.lineno)
        self.networks.append(network)
        return network

    def _module(self, made: Module, node: ast.Call) -> Network:
        path: Any = Tensor()
        if made.call is not None:
            outer, self.known = self.known, {**self.known, **made}
            arguments = made.call.args.args
            if len(arguments) > 1:
                self.known[arguments[1].arg] = Tensor()
            for statement in made.call.body:
                if isinstance(statement, ast.Return):
                    path = self.value(statement.value)
                else:
                    self._statement(statement)
            self.known = outer
        network = Network(list(path) if isinstance(path, Tensor) else [], isinstance(path, Tensor), node.lineno)
        self.networks.append(network)
        return network

    def network_method(
        self, network: Network, name: str, node: ast.Call, arguments: list[Any], keywords: Keywords
    ) -> Any:
        """`model.add(...)`, `compile`, `fit`, `evaluate`, `save`."""
        if name == "add" and arguments:
            if isinstance(arguments[0], Layer):
                network.layers.append(arguments[0])
            elif not isinstance(arguments[0], Tensor):
                network.layers, network.is_whole = [], False
        elif name == "compile":
            self._compile(network, node, dict(zip(("optimizer", "loss"), arguments, strict=False)) | keywords)
        elif name in ("fit", "evaluate", "predict"):
            given = dict(zip(("x", "y"), arguments, strict=False)) | keywords
            self.event(name, node, network=network, **{k: v for k, v in given.items() if k != "network"})
        elif name == "save":
            self.event("save", node, network=network)
        return UNKNOWN

    def _compile(self, network: Network, node: ast.Call, given: dict[str, Any]) -> None:
        network.line = node.lineno
        loss = given.get("loss")
        if isinstance(loss, Network):
            network.loss, network.from_logits = loss.loss, loss.from_logits
        elif isinstance(loss, str):
            network.loss = snake(loss)
        metrics = given.get("metrics")
        network.metrics = [m for m in metrics if isinstance(m, str)] if isinstance(metrics, list) else []

    # rows

    def scaler_method(self, scaler: Scaler, name: str, node: ast.Call, arguments: list[Any], keywords: Keywords) -> Any:
        """`scaler.fit(x)`, `fit_transform`, `transform`."""
        rows = next((a for a in [*arguments, *keywords.values()] if isinstance(a, Data)), None)
        if rows is None:
            return UNKNOWN
        if name in ("fit", "fit_transform"):
            self.event("scaler-fit", node, rows=rows)
        if name == "fit_transform" and not rows.part:
            return replace(rows, scaled=node.lineno)
        return scaler if name == "fit" else rows

    def data_method(self, rows: Data, name: str, node: ast.Call, arguments: list[Any], keywords: Keywords) -> Any:
        """What is called on rows gives rows, or a number of them."""
        if name == "dropna":
            self.event("dropna", node, rows=rows)
        if name in _STATISTICS:
            return Statistic(rows.root, rows.part)
        return rows

    def _split(self, node: ast.Call, arguments: list[Any], keywords: Keywords) -> list[Any]:
        rows = [a if isinstance(a, Data) else Data(f"{ast.unparse(node)}:{i}") for i, a in enumerate(arguments)]
        stratified = any(k.arg == "stratify" for k in node.keywords)
        self.event("split", node, rows=rows, stratified=stratified, shuffled=keywords.get("shuffle") is not False)
        found: list[Any] = []
        for part in rows:
            held = "validation" if part.part == "train" else "test"
            found += [replace(part, part="train"), replace(part, part=held)]
        return found


def _named(name: str) -> Any:
    """Rows, where a name says so: nothing else is called x_train."""
    is_rows = _ROWS.match(name) or (_part(name) and name[0] in "xyXY")
    return Data(name, _part(name)) if is_rows else UNKNOWN


def _part(name: str) -> str:
    match = _PART.search(name)
    if not match:
        return ""
    word = match[2].lower()
    return "validation" if word in ("val", "valid", "validation", "dev") else word


def _after_unknown(items: list[Any]) -> list[Layer]:
    """The layers after the last one that is not known: the head can still be judged."""
    kept: list[Layer] = []
    for item in items:
        kept = [*kept, item] if isinstance(item, Layer) else []
    return kept


_METHODS: dict[type, Callable[..., Any]] = {
    Network: Reader.network_method, Scaler: Reader.scaler_method, Data: Reader.data_method,
    Statistic: Reader.data_method,
}  # fmt: skip
