"""The text form of a Program: what `print(program)` shows, and what `parse_program` reads back.

    program affine(%0: float32[4,2], %1: float32[2,3]) -> (float32[4,3]) {
      %2: float32[4,3] = dot_general(%0, %1) {batch=((), ()), contract=((1,), (0,))} @ "dense" "train.py:7"
      return %2
    }
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ProgramError
from .program import NOWHERE, PRIMITIVES, Equation, Params, Program, Var, Where
from .types import TensorType

_READABLE = 16  # arrays up to this many elements are printed as numbers, larger ones as base64


def print_program(program: Program, indent: str = "") -> str:
    """The text of a Program, sub-programs nested."""
    names: dict[Var, str] = {}
    inputs = ", ".join(f"{_name(v, names)}: {v.type}" for v in program.inputs)
    results = ", ".join(str(v.type) for v in program.outputs)
    lines = [f"program {_program_name(program.name)}({inputs}) -> ({results}) {{"]
    lines += [f"{indent}  {print_equation(eq, names, indent + '  ')}" for eq in program.equations]
    lines += [f"{indent}  return {', '.join(_name(v, names) for v in program.outputs)}".rstrip(), indent + "}"]
    return "\n".join(lines)


def print_equation(equation: Equation, names: dict[Var, str], indent: str = "") -> str:
    """One equation on one line (sub-programs take more)."""
    inputs = ", ".join(_name(v, names) for v in equation.inputs)
    outputs = ", ".join(f"{_name(v, names)}: {v.type}" for v in equation.outputs)
    text = f"{outputs} = " if outputs else ""
    text += f"{equation.primitive.name}({inputs})"
    if equation.params:
        pairs = (f"{key}={_print_value(equation.params[key], indent)}" for key in sorted(equation.params))
        text += " {" + ", ".join(pairs) + "}"
    if equation.where != NOWHERE:
        text += f" @ {_quoted(equation.where.layer)} {_quoted(equation.where.source)}"
    return text


def _name(v: Var, names: dict[Var, str]) -> str:
    return names.setdefault(v, f"%{len(names)}")


def _program_name(name: str) -> str:
    return name if re.fullmatch(_WORD, name) else _quoted(name)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _print_value(value: Any, indent: str) -> str:
    if isinstance(value, Program):
        return print_program(value, indent)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(_print_value(v, indent) for v in value) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, np.ndarray):
        return _print_array(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    raise ProgramError(f"a parameter of type {type(value).__name__} has no text form.")


def _print_array(array: np.ndarray) -> str:
    shape = ",".join(map(str, array.shape))
    if array.size <= _READABLE:
        numbers = ", ".join(repr(n) for n in array.ravel().tolist())
        return f"{array.dtype.name}[{shape}]<{numbers}>"
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return f"{array.dtype.name}[{shape}]<base64 {_quoted(data)}>"


_WORD = r"[A-Za-z_][\w.]*"
_TOKEN = re.compile(
    rf"""\s*(?:(?P<string>"(?:\\.|[^"\\])*")|(?P<var>%\d+)|(?P<number>-?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|inf\b|nan\b))
    |(?P<word>{_WORD})|(?P<mark>->|[()\[\]{{}}<>,:=@]))""",
    re.VERBOSE,
)
_WORDS = {"None": None, "True": True, "False": False}


def parse_program(text: str) -> Program:
    """Read what `print_program` wrote.

    >>> p = parse_program("program f(%0: float32[2]) -> (float32[2]) { %1: float32[2] = neg(%0) return %1 }")
    >>> str(parse_program(str(p))) == str(p)
    True
    """
    parser = _Parser(text)
    program = parser.program()
    if parser.kind != "end":
        parser.fail("the end of the text")
    return program


class _Parser:
    """Recursive descent, one method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0
        self.advance()

    def advance(self) -> str:
        previous = getattr(self, "token", "")
        match = _TOKEN.match(self.text, self.position)
        if match:
            self.kind, self.token = str(match.lastgroup), match.group(str(match.lastgroup))
            self.position = match.end()
        elif self.text[self.position :].strip():
            self.kind, self.token = "unknown", self.text[self.position :].strip()[:10]
        else:
            self.kind, self.token = "end", ""
        return previous

    def fail(self, expected: str) -> None:
        line = self.text.count("\n", 0, self.position) + 1
        raise ProgramError(f"line {line} of the Program text: expected {expected}; got {self.token!r}.")

    def take(self, token: str) -> None:
        if self.token != token:
            self.fail(repr(token))
        self.advance()

    def take_kind(self, kind: str) -> str:
        if self.kind != kind:
            self.fail(f"a {kind}")
        return self.advance()

    def accept(self, token: str) -> bool:
        if self.token == token and self.kind != "string":
            self.advance()
            return True
        return False

    def program(self) -> Program:
        self.take("program")
        name = self.string() if self.kind == "string" else self.take_kind("word")
        values: dict[str, Var] = {}
        self.take("(")
        inputs = tuple(self.definition(values) for _ in self.items(")"))
        self.take("->")
        self.take("(")
        results = tuple(self.type() for _ in self.items(")"))
        self.take("{")
        equations = []
        while not self.accept("return"):
            equations.append(self.equation(values))
        outputs = []
        while self.kind == "var":
            outputs.append(self.use(values))
            self.accept(",")
        self.take("}")
        program = Program(name, inputs, tuple(equations), tuple(outputs))
        if program.output_types != results:
            listed = [", ".join(map(str, types)) for types in (results, program.output_types)]
            raise ProgramError(f"program {name!r}: expected results ({listed[0]}); it returns ({listed[1]}).")
        return program

    def items(self, close: str) -> Iterator[None]:
        """Yield once for each item of a comma-separated list, up to `close`."""
        while not self.accept(close):
            yield
            if self.token != close:
                self.take(",")

    def definition(self, values: dict[str, Var]) -> Var:
        name = self.take_kind("var")
        self.take(":")
        if name in values:
            raise ProgramError(f"V1: {name} is defined twice.")
        values[name] = Var(self.type())
        return values[name]

    def use(self, values: dict[str, Var]) -> Var:
        name = self.take_kind("var")
        if name not in values:
            raise ProgramError(f"V1: {name} is used before it is defined.")
        return values[name]

    def type(self) -> TensorType:
        dtype = self.take_kind("word")
        self.take("[")
        return TensorType(dtype, tuple(self.size() for _ in self.items("]")))

    def size(self) -> int:
        if not self.token.isdecimal():
            self.fail("a size")
        return int(self.advance())

    def equation(self, values: dict[str, Var]) -> Equation:
        outputs: list[Var] = []
        while self.kind == "var":
            outputs.append(self.definition(values))
            self.accept(",")
        if outputs:
            self.take("=")
        name = self.take_kind("word")
        if name not in PRIMITIVES:
            raise ProgramError(f"V3: {name!r} is not a registered primitive.")
        self.take("(")
        inputs = tuple(self.use(values) for _ in self.items(")"))
        params = Params()
        if self.accept("{"):
            for _ in self.items("}"):
                key = self.take_kind("word")
                self.take("=")
                params[key] = self.value()
        where = Where(self.string(), self.string()) if self.accept("@") else NOWHERE
        return Equation(PRIMITIVES[name], inputs, params, tuple(outputs), where)

    def string(self) -> str:
        return re.sub(r"\\(.)", r"\1", self.take_kind("string")[1:-1])

    def value(self) -> Any:
        if self.kind == "string":
            return self.string()
        if self.kind == "number":
            return _number(self.advance())
        if self.accept("("):
            return tuple(self.value() for _ in self.items(")"))
        if self.token == "program":
            return self.program()
        if self.token in _WORDS:
            return _WORDS[self.advance()]
        return self.array()

    def array(self) -> np.ndarray:
        type = self.type()
        self.take("<")
        try:
            if self.accept("base64"):
                array = np.frombuffer(base64.b64decode(self.string()), type.dtype).reshape(type.shape)
                self.take(">")
            else:
                array = np.array([self.value() for _ in self.items(">")], type.dtype).reshape(type.shape)
        except (ValueError, OverflowError, TypeError) as error:
            raise ProgramError(f"expected the elements of a {type}; got something else ({error}).") from None
        array.flags.writeable = False
        return array


def _number(token: str) -> int | float:
    return int(token) if re.fullmatch(r"-?\d+", token) else float(token)
