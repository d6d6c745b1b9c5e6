"""A function whose `if`, `while` and `for` may be about tensors: its own source, with calls in their place.

The syntax tree of the function is taken, as its file has it; each of these statements becomes a call that decides, when
it runs, whether Python can go on or a part of a Program has to be recorded (`branching.py`, `looping.py`). Nothing else
is changed.

    while i < n:                    def body():
        total += i        ->            nonlocal total, i
        i += 1                          total += i; i += 1
                                    flow.loop_while(lambda: i < n, body, get, put, names, line)
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
import types
from collections.abc import Callable, Sequence
from typing import Any

from . import looping

_FLOW = "_flow_of_tensors"  # what the calls go to
_JUMPS = (ast.Return, ast.Break, ast.Continue)
_UNSUITED = (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.NamedExpr)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def rewritten(function: Callable[..., Any]) -> Callable[..., Any] | None:
    """The function with its statements about numbers replaced; None where there are none or the source is not known.

    >>> rewritten(abs) is None  # written in C: no source
    True
    """
    if inspect.ismethod(function):
        inner = rewritten(function.__func__)
        return None if inner is None else types.MethodType(inner, function.__self__)
    function = inspect.unwrap(function)
    tree = _tree(function)
    if tree is None or any(isinstance(node, _UNSUITED) for node in ast.walk(tree)):
        return None
    maker = _Statements(tree)
    tree.body = maker.tail(tree.body)
    if not maker.count:
        return None
    tree.body = [*maker.beginnings(), *tree.body]
    return _function(function, tree)


def loops_over_tensors(function: Callable[..., Any]) -> bool:
    """Whether a function says `for ... in tf.range(...)`: known or not, its rounds should not be written out."""
    tree = _tree(inspect.unwrap(function))
    sources = [node.iter for node in ast.walk(tree) if isinstance(node, ast.For)] if tree else []
    names = [s.func for s in sources if isinstance(s, ast.Call)]
    return any(isinstance(name, ast.Attribute) and name.attr == "range" for name in names)


def _tree(function: Callable[..., Any]) -> ast.FunctionDef | None:
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return None
    made = tree.body[0]
    if not isinstance(made, ast.FunctionDef):
        return None
    made.decorator_list = []
    ast.increment_lineno(made, first - 1)
    return made


def _function(function: Any, tree: ast.FunctionDef) -> Callable[..., Any]:
    """A function of the same name, defaults, globals and surroundings."""
    free = (*function.__code__.co_freevars, _FLOW)
    outer = ast.parse(f"def maker({', '.join(free)}): pass").body[0]
    assert isinstance(outer, ast.FunctionDef)
    tree.args.defaults = [ast.Constant(None) for _ in tree.args.defaults]
    tree.args.kw_defaults = [d and ast.Constant(None) for d in tree.args.kw_defaults]
    outer.body = [tree]
    module = ast.fix_missing_locations(ast.Module([outer], []))
    code = compile(module, function.__code__.co_filename, "exec")
    inner = _inner(_inner(code, "maker"), tree.name)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    cells[_FLOW] = types.CellType(looping)
    closure = tuple(cells[name] for name in inner.co_freevars)
    made = types.FunctionType(inner, function.__globals__, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _inner(code: types.CodeType, name: str) -> types.CodeType:
    return next(c for c in code.co_consts if isinstance(c, types.CodeType) and c.co_name == name)


class _Statements(ast.NodeTransformer):
    """Replaces the statements of one function."""

    def __init__(self, tree: ast.FunctionDef) -> None:
        arguments = tree.args
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        self.arguments = {a.arg for a in given if a is not None}
        self.names: set[str] = set()  # that the new functions assign to
        self.count = 0

    def beginnings(self) -> list[ast.stmt]:
        """What is assigned in a branch is a name of the whole function."""
        return _parsed("\n".join(f"{name} = {_FLOW}.UNDEFINED" for name in sorted(self.names - self.arguments)))

    def tail(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements at the end of the function: a `return` in an `if` takes the rest as the other branch."""
        done: list[ast.stmt] = []
        for k, s in enumerate(statements):
            if isinstance(s, ast.If) and _holds(s, ast.Return) and not _holds(s, (ast.Break, ast.Continue)):
                return [*done, *self._choice(s, statements[k + 1 :])]
            done += self._replaced(s)
        return done

    def _choice(self, s: ast.If, rest: Sequence[ast.stmt]) -> list[ast.stmt]:
        last = ast.copy_location(ast.Return(ast.Constant(None)), s)
        sides = [[*part, *([] if _ends(part) else [*_copies(rest), last])] for part in (s.body, s.orelse)]
        names = _assigned([*sides[0], *sides[1]])
        test = self.visit(s.test)
        then, other = (self._defined(self.tail(side), names) for side in sides)
        state, arguments = self._state(names, s)
        call = _parsed(f"return {_FLOW}.choose({{test}}, {then[0].name}, {other[0].name}, {arguments})", test, s)
        return [*then, *other, *state, *call]

    def _replaced(self, s: ast.stmt) -> list[ast.stmt]:
        if isinstance(s, ast.If):
            return self._if(s)
        if isinstance(s, ast.While) and not s.orelse and not _holds(s, ast.Return):
            return self._while(s)
        if isinstance(s, ast.For) and not s.orelse and not _holds(s, (ast.Return, ast.Break)):
            return self._for(s)
        if isinstance(s, (ast.With, ast.Try)):
            for field in ("body", "orelse", "finalbody"):
                if hasattr(s, field):
                    setattr(s, field, self._block(getattr(s, field)))
            return [s]
        return [s] if isinstance(s, (*_SCOPES, ast.For, ast.While)) else [self.visit(s)]

    def _block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        return [made for s in statements for made in self._replaced(s)]

    def _if(self, s: ast.If) -> list[ast.stmt]:
        if _holds(s, _JUMPS):
            return [s]
        names = _assigned([s])
        test = self.visit(s.test)
        then, other = (self._defined(self._block(part), names) for part in (s.body, s.orelse))
        state, arguments = self._state(names, s)
        call = _parsed(f"{_FLOW}.branch({{test}}, {then[0].name}, {other[0].name}, {arguments})", test, s)
        return [*then, *other, *state, *call]

    def _while(self, s: ast.While) -> list[ast.stmt]:
        stop = self._fresh("stop") if _holds(s, ast.Break) else None
        body = self._without_jumps(s.body, stop)
        names = _assigned(body)
        test = self.visit(s.test)
        made = self._defined(self._block(body), names)
        text = "{test}" if stop is None else f"{_FLOW}.both(lambda: {_FLOW}.negated({stop}), lambda: {{test}})"
        state, arguments = self._state(names, s)
        call = _parsed(f"{_FLOW}.loop_while(lambda: {text}, {made[0].name}, {arguments})", test, s)
        return [*(_parsed(f"{stop} = False") if stop else []), *made, *state, *call]

    def _for(self, s: ast.For) -> list[ast.stmt]:
        item = self._fresh("item")
        take = ast.copy_location(ast.Assign([s.target], ast.Name(item, ast.Load())), s)
        body = [take, *self._without_jumps(s.body, None)]
        names = _assigned(body)
        made = self._defined(self._block(body), names, item)
        state, arguments = self._state(names, s)
        source, text = self.visit(s.iter), "{test}"
        if isinstance(source, ast.Call) and not source.keywords and _last_name(source.func) == "range":
            values = ast.Tuple([source.func, *source.args], ast.Load())
            source, text = ast.copy_location(values, s), f"{_FLOW}.Numbers(*{{test}})"
        call = _parsed(f"{_FLOW}.loop_for({text}, {made[0].name}, {arguments})", source, s)
        return [*made, *state, *call]

    def _without_jumps(self, statements: Sequence[ast.stmt], stop: str | None) -> list[ast.stmt]:
        """`continue` and `break` at the end of branches: what comes after goes into the other branch."""
        done: list[ast.stmt] = []
        for k, s in enumerate(statements):
            if isinstance(s, ast.Continue):
                return done
            if isinstance(s, ast.Break) and stop:
                return [*done, *_parsed(f"{stop} = True")]
            if isinstance(s, ast.If) and _holds(s, (ast.Break, ast.Continue)):
                rest = statements[k + 1 :]
                sides = [[*part, *([] if _ends(part) else _copies(rest))] for part in (s.body, s.orelse)]
                then, other = (self._without_jumps(side, stop) for side in sides)
                made = ast.If(s.test, then or [ast.Pass()], other)
                return [*done, ast.fix_missing_locations(ast.copy_location(made, s))]
            done.append(s)
        return done

    def _defined(self, body: list[ast.stmt], names: list[str], argument: str = "") -> list[ast.FunctionDef]:
        made = _parsed(f"def {self._fresh('part')}({argument}):\n    {_nonlocal(names)}")[0]
        assert isinstance(made, ast.FunctionDef)
        made.body = [*made.body, *body]
        self.names |= set(names)
        return [made]

    def _state(self, names: list[str], s: ast.stmt) -> tuple[list[ast.stmt], str]:
        """Functions that give and take the names, and the arguments that say so."""
        get, put = self._fresh("get"), self._fresh("put")
        row = "".join(f"{name}, " for name in names)
        text = f"def {get}(): return ({row})\ndef {put}(values):\n    {_nonlocal(names)}\n"
        text += f"    ({row}) = values\n" if names else "    pass\n"
        return _parsed(text), f"{get}, {put}, {tuple(names)!r}, {s.lineno}"

    def _fresh(self, word: str) -> str:
        self.count += 1
        return f"_{word}_{self.count}"

    # inside expressions

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`a and b`, `a or b`"""
        word = "both" if isinstance(node.op, ast.And) else "either"
        found: ast.expr = self.visit(node.values[-1])
        for value in reversed(node.values[:-1]):
            found = _expression(f"{_FLOW}.{word}(lambda: {{0}}, lambda: {{1}})", [self.visit(value), found], node)
        return found

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """`not a`"""
        self.generic_visit(node)
        return _expression(f"{_FLOW}.negated({{0}})", [node.operand], node) if isinstance(node.op, ast.Not) else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """`a if test else b`"""
        self.count += 1
        self.generic_visit(node)
        text = f"{_FLOW}.choose({{0}}, lambda: {{1}}, lambda: {{2}}, None, None, (), {node.lineno})"
        return _expression(text, [node.test, node.body, node.orelse], node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        """Functions inside are left alone."""
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        """Functions inside are left alone."""
        return node


def _holds(s: ast.AST, kinds: Any) -> bool:
    """Whether a statement holds such a jump that leaves it; those of loops and functions inside do not."""
    for child in ast.iter_child_nodes(s):
        if isinstance(child, kinds):
            return True
        inner = ast.Return if isinstance(child, (ast.For, ast.While)) else kinds
        given = kinds if isinstance(kinds, tuple) else (kinds,)
        wanted = tuple(k for k in given if inner is kinds or k is ast.Return)
        if wanted and not isinstance(child, _SCOPES) and _holds(child, wanted):
            return True
    return False


def _ends(statements: Sequence[ast.stmt]) -> bool:
    """Whether nothing can come after these statements."""
    if not statements:
        return False
    last = statements[-1]
    if isinstance(last, ast.If):
        return _ends(last.body) and _ends(last.orelse)
    return isinstance(last, (*_JUMPS, ast.Raise))


def _copies(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    return copy.deepcopy(list(statements))


def _assigned(statements: Sequence[ast.stmt]) -> list[str]:
    """The names that statements assign to, in order; not those inside functions and comprehensions."""
    found: dict[str, None] = {}

    def look(node: ast.AST) -> None:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = None
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update((a.asname or a.name.split(".")[0], None) for a in node.names)
        if not isinstance(node, (*_SCOPES, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            for child in ast.iter_child_nodes(node):
                look(child)

    for s in statements:
        look(s)
    return list(found)


def _nonlocal(names: list[str]) -> str:
    return f"nonlocal {', '.join(names)}" if names else "pass"


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _expression(text: str, parts: list[ast.expr], place: ast.expr) -> ast.expr:
    """An expression from text, {0}, {1}, ... being expressions."""
    names = [f"_part_{k}" for k in range(len(parts))]
    made = _placed(ast.parse(text.format(*names), mode="eval").body, place)
    return ast.fix_missing_locations(_Put(dict(zip(names, parts, strict=True))).visit(made))


class _Put(ast.NodeTransformer):
    """Expressions in the place of names."""

    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The expression, if the name stands for one."""
        return self.parts.get(node.id, node)


def _parsed(text: str, test: ast.expr | None = None, place: ast.stmt | None = None) -> list[ast.stmt]:
    """Statements from text, {test} being an expression."""
    if test is None or place is None:
        return ast.parse(text).body
    made = _placed(ast.parse(text.format(test="_part_0")).body[0], place)
    return [_Put({"_part_0": test}).visit(made)]


def _placed(made: Any, place: ast.AST) -> Any:
    for node in ast.walk(made):
        ast.copy_location(node, place)
    return made


__all__ = ["loops_over_tensors", "rewritten"]
