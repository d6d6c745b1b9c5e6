"""A module cut into units, and LLVM's part: the text of a unit in, object code out.

Every kernel is a unit, and so is `run` with what it calls besides. Units are compiled in parallel, and each different
one once: Programs share many of their kernels, and the folder of compiled code keeps them. In one piece LLVM's time
would grow faster than the text.
"""

from __future__ import annotations

import ctypes
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ... import config
from . import cache
from .keys import surroundings
from .machine import target
from .threads import crew

_HEAD = re.compile("^define (.*?)(?: noinline)? {$")
_CALLED = re.compile(r"@([\w.]+)\(")
_KERNEL = re.compile(r"define internal [^\n]*@kernel\d+\(")
_VECTOR = re.compile(r"<\d+ x (?:half|float|double)>")
_SCALAR = re.compile(r" = (?:fadd|fsub|fmul|fdiv|fneg|fcmp|call) (?:[a-z]+ )*(?:half|float|double) ")
_ASKED = re.compile("; passes: (.*)")
PASSES = {  # whether loops become vectors and are unrolled; None: only what changes becomes a register
    "all": True,
    "scalars": False,
    "registers": None,
}
_LEVELS = {"registers": 1}  # of LLVM's choice of instructions; else 3. Only their order is another one, sooner found
_KEPT = 4096  # units whose object code the process remembers


class Unit(NamedTuple):
    """A piece of a module that can be compiled alone.

    `passes`: which of LLVM's run over it, one of `PASSES`; `in_a_hurry`: good instructions are not worth the time they
    take. `run` only calls: LLVM would need 0.1 milliseconds for each line, and save less than a nanosecond of a round.
    """

    text: str
    passes: str = "all"
    in_a_hurry: bool = False


class Stages(NamedTuple):
    """What becomes of a unit: object code and, if wanted, the optimized text and the assembly."""

    code: bytes
    optimized: str = ""
    assembly: str = ""


def cut(text: str) -> list[Unit]:
    """The units of a module. A kernel is named after its text, whatever module it stands in."""
    parts = [part.strip("\n") for part in text.split("\n\n")]
    kernels = [part for part in parts if _KERNEL.match(part)]
    functions = [part[: part.rindex("\n}") + 2] for part in parts if part.startswith("define") and part not in kernels]
    lines = [line for part in parts if part not in kernels for line in part.split("\n")]
    attributes = [line for line in lines if line.startswith("attributes")]
    declared = {_name(line): line for line in lines if line.startswith("declare")}
    units, names = [], dict[str, str]()
    for kernel in kernels:
        name, named = _named_after_text(kernel)
        names[_name(kernel)] = name
        units.append(Unit(_complete([named], declared, attributes), _passes_for(named)))
        declared[name] = _HEAD.sub(r"declare \1", named[: named.index("\n")])
    rest = [_CALLED.sub(lambda m: f"@{names.get(m[1], m[1])}(", function) for function in functions]
    run = _complete(rest, declared, attributes)  # which only calls the others
    return [*units, Unit(run, "registers", in_a_hurry=True)]


def _name(line: str) -> str:
    found = _CALLED.search(line)
    assert found, line
    return found[1]


def _named_after_text(function: str) -> tuple[str, str]:
    """A kernel under a name made of its text, for other units to call."""
    text = _CALLED.sub("@kernel(", function, count=1).replace("define internal", "define", 1)
    name = f"kernel_{digest(text).hex()}"
    return name, text.replace("@kernel(", f"@{name}(", 1)


def digest(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _complete(functions: Sequence[str], declared: dict[str, str], attributes: Sequence[str]) -> str:
    """The text of a unit: functions, and the declarations of what they call and do not hold."""
    held = set(map(_name, functions))
    called = dict.fromkeys(name for function in functions for name in _CALLED.findall(function))
    needed = [declared[name] for name in called if name in declared and name not in held]
    return "\n\n".join([*functions, "\n".join(needed), *attributes]) + "\n"


def _passes_for(function: str) -> str:
    """What a kernel asks for; else none, where all arithmetic is on vectors already."""
    asked = _ASKED.search(function)
    if asked:
        return asked[1]
    return "registers" if _VECTOR.search(function) and not _SCALAR.search(function) else "all"


_known: OrderedDict[str, bytes] = OrderedDict()  # key -> object code, the last used at the end


def compile_units(units: Sequence[Unit]) -> list[bytes]:
    """The object code of each different unit: what this process knows, what the folder has, and the rest compiled."""
    wanted = {_key(unit): unit for unit in units}
    found = {key: code for key in wanted if (code := _known.get(key) or _kept(key))}
    new = _in_parallel({key: unit for key, unit in wanted.items() if key not in found})
    for key, code in new.items():
        cache.save(key, {}, code)
    found |= new
    for key in wanted:
        _known[key] = found[key]
        _known.move_to_end(key)
    while len(_known) > _KEPT:
        _known.popitem(last=False)
    return [found[key] for key in wanted]


def _key(unit: Unit) -> str:
    return digest("\n\n".join([unit.text, *surroundings()])).hex()


def _kept(key: str) -> bytes | None:
    found = cache.load(key)
    return found[1] if found else None


def _in_parallel(units: dict[str, Unit]) -> dict[str, bytes]:
    """Every thread takes the longest unit that is left."""
    waiting = sorted(units, key=lambda key: len(units[key].text))
    found: dict[str, bytes] = {}
    errors: list[BaseException] = []

    def work(thread: int) -> int:
        try:
            while not errors:
                key = waiting.pop()
                found[key] = compile_unit(units[key]).code
        except IndexError:  # nothing is left
            pass
        except BaseException as error:
            errors.append(error)
        return 0

    threads = min(config.threads(), len(units))
    if units:
        target()  # LLVM is made ready by one thread
    if threads < 2 or crew().run(work, threads) is None:
        work(0)
    if errors:
        raise errors[0]
    return found


def compile_unit(unit: Unit, keep_text: bool = False) -> Stages:
    """LLVM's part."""
    import llvmlite.binding as llvm

    host = target(0 if unit.in_a_hurry else _LEVELS.get(unit.passes, 3))
    with llvm.parse_assembly(unit.text, llvm.create_context()) as module:
        _optimize(module, host, PASSES[unit.passes])
        shown = (str(module), host.emit_assembly(module)) if keep_text else ()
        return Stages(_emit(module, host), *shown)


def _optimize(module: Any, host: Any, vectors: bool | None) -> None:
    """LLVM's level 1, with both vectorisers or without; or hardly anything (see `PASSES`)."""
    import llvmlite.binding as llvm

    with llvm.create_pipeline_tuning_options(speed_level=1) as options:
        options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = bool(vectors)
        options.loop_interleaving = bool(vectors)
        with llvm.create_pass_builder(host, options) as builder:
            if vectors is None:
                passes = llvm.create_new_module_pass_manager()
                passes.add_sroa_pass()
            else:
                passes = builder.getModulePassManager()
            _unlocked("LLVMPY_RunNewModulePassManager")(passes, module, builder)


def _emit(module: Any, host: Any) -> bytes:
    """As `host.emit_object`, but by several threads at once."""
    from llvmlite.binding import ffi

    with ffi.OutputString() as error:
        buffer = _unlocked("LLVMPY_TargetMachineEmitToMemory")(host, module, 1, error)
        if not buffer:
            raise RuntimeError(str(error))
    try:
        return ctypes.string_at(ffi.lib.LLVMPY_GetBufferStart(buffer), ffi.lib.LLVMPY_GetBufferSize(buffer))
    finally:
        ffi.lib.LLVMPY_DisposeMemoryBuffer(buffer)


def _unlocked(name: str) -> Callable[..., Any]:
    """A function of LLVM without llvmlite's lock, under which only one thread at a time would compile.

    LLVM needs no lock: each unit has its own context and module, each thread its own target machine.
    """
    from llvmlite.binding import ffi

    function = getattr(ffi.lib, name)
    unlocked: Callable[..., Any] = getattr(function, "_cfn", function)
    return unlocked
