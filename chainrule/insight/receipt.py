"""What went into a model and what came out of it, as hashes that anybody can compute again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from .. import __version__, config
from ..data import Table
from ..data.duplicates import row_hashes
from ..errors import FileError, UnsupportedError
from ..executors import host
from ..files import read_bytes
from ..ir import Equation, Program

FORMAT = 1
_NAMES = ("program", "weights", "answers", "machine")
FILE = "receipt.json"
_CHUNK = 1 << 22
_PLACES = re.compile(r' @ "[^"\n]*"(?: "[^"\n]*")?$', re.MULTILINE)  # where equations come from: it changes no result


def receipt_of(fitted: Any, data: str, test: str | None, words: Sequence[str]) -> dict[str, Any]:
    """The receipt of a training.

    Args:
        fitted: Fitted, from `chainrule.tabular`, as it was trained: the Programs are taken from its networks.
        data: str. The path of the table.
        test: str or None. The path of the table of test rows, if there was one.
        words: sequence of str. The words of the command after `chainrule`.

    Returns:
        dict of JSON's types: `format`, `command`, `hashes` (SHA-256 in hexadecimal digits: `data`, `test`, `program`,
        `weights`, `answers`, `machine`), `machine`, `versions`, `speed` (None where it is not known).
    """
    problem, networks = fitted.problem, fitted.model.networks
    hashes = {
        "data": data_hash(data, [problem.train.table, problem.test.table]),
        "test": data_hash(test, [problem.test.table]) if test else None,
        "program": program_hash(networks),
        "weights": weights_hash(networks),
        "answers": array_hash([fitted.outputs]),
        "machine": machine_hash(),
    }
    return {
        "format": FORMAT, "command": list(words), "hashes": hashes, "machine": machine(), "versions": versions(),
        "speed": speed(networks, fitted.training_seconds), "interrupted": fitted.interrupted,
    }  # fmt: skip


def compare(then: dict[str, Any], now: dict[str, Any]) -> dict[str, bool]:
    """For each hash whether it is the same.

    Args:
        then, now: receipts.

    >>> compare({"hashes": {"data": "a", "test": None}}, {"hashes": {"data": "b", "test": None}})
    {'data': False}
    """
    before, after = then["hashes"], now["hashes"]
    return {name: before[name] == after[name] for name in before if before[name] or after[name]}


def read_receipt(folder: str) -> dict[str, Any]:
    """The receipt of a model.

    Args:
        folder: str. Written by `chainrule fit`.

    Raises:
        FileError: there is none, or it is damaged.
        UnsupportedError: it was written by a later version.
    """
    path = os.path.join(folder, FILE)
    if os.path.isdir(folder) and not os.path.exists(path):
        raise FileError(f"{folder} has no {FILE}, so there is nothing to compare with. Fit the model again.")
    content = read_bytes(path)
    try:
        found = json.loads(content)
        if found["format"] > FORMAT:
            raise UnsupportedError(
                f"{path} has format {found['format']}; this chainrule reads up to {FORMAT}. Update chainrule."
            )
        parts = {**found["hashes"], **found["machine"], **found["versions"]}
        if not {"data", "test", *_NAMES, "processor", "chainrule"} <= set(parts):
            raise ValueError("parts of it are missing")
        return {"interrupted": False, **found, "command": [str(word) for word in found["command"]]}
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise FileError(f"{path} is damaged ({type(error).__name__}: {error}). Fit the model again.") from None


def data_hash(path: str, tables: Sequence[Table]) -> str:
    """SHA-256 of a file; of the cells of the tables where the path is none of a file.

    Args:
        path: str.
        tables: the tables that were read from it.
    """
    if not os.path.isfile(path):
        return array_hash([row_hashes(table) for table in tables])
    return file_hash(path)


def file_hash(path: str) -> str:
    """SHA-256 of a file, read piece by piece.

    Raises:
        FileError: it cannot be read.
    """
    made = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while piece := file.read(_CHUNK):
                made.update(piece)
    except OSError:
        made.update(read_bytes(path))  # which says what is wrong
    return made.hexdigest()


def array_hash(arrays: Sequence[np.ndarray]) -> str:
    """SHA-256 of arrays: their shapes, dtypes and numbers.

    >>> array_hash([np.zeros(2)]) == array_hash([np.zeros(2)]) != array_hash([np.zeros(2, np.float32)])
    True
    """
    made = hashlib.sha256()
    for array in arrays:
        made.update(f"{array.shape} {array.dtype.str}".encode())
        made.update(np.ascontiguousarray(array).tobytes())
    return made.hexdigest()


def weights_hash(networks: Sequence[Any]) -> str:
    """SHA-256 of all weights of networks, in their order."""
    return array_hash([np.asarray(weight) for network in networks for weight in network.get_weights()])


def program_hash(networks: Sequence[Any]) -> str:
    """SHA-256 of the Programs that trained networks: every equation with its shapes and parameters.

    Names of layers and lines of source are no part of it.
    """
    made = hashlib.sha256()
    for network in networks:
        for text in sorted(listing(program) for _, program in _trained(network)):
            made.update(text.encode() + b"\0")
    return made.hexdigest()


def listing(program: Program) -> str:
    """The text of a Program without the names of layers and the lines of source that its equations come from."""
    return _PLACES.sub("", str(program))


def _trained(network: Any) -> Iterator[tuple[str, Program]]:
    """The Programs of a network that were run for each epoch: of training, of measuring on validation rows."""
    for key, compiled in network._engine._cache.items():
        if key[0] in ("train", "test"):
            yield key[0], compiled.program


def machine() -> dict[str, Any]:
    """The processor, the system, how many threads are used."""
    named = re.search(r"^(?:model name|CPU part)\s*:\s*(.+)$", host.processor(), re.MULTILINE)
    return {
        "processor": named.group(1).strip() if named else platform.processor() or platform.machine(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}", "threads": config.threads(),
    }  # fmt: skip


def versions() -> dict[str, str]:
    """What took part in the computation."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"chainrule": __version__, "Python": platform.python_version(), "NumPy": np.__version__}
    with suppress(PackageNotFoundError):
        found["llvmlite"] = version("llvmlite")
    executor, *_, compiler = host.surroundings()
    return found | {"executor": executor, "compiler": compiler[:12]} | host.choices()


def machine_hash() -> str:
    """SHA-256 of what the last bits may depend on: processor, compiler, NumPy, executor, filters, C library."""
    parts = [*host.surroundings(), np.__version__, *(f"{name} {value}" for name, value in host.choices().items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def speed(networks: Sequence[Any], seconds: float) -> dict[str, float] | None:
    """How fast the machine computed while training, and the share of what it can do at most.

    Args:
        networks: as they were trained.
        seconds: float. How long the training took.

    Returns:
        `flops_per_second` (multiplications and additions of products of matrices) and `share_of_peak` of all threads;
        None where there is nothing to count or to compare with.
    """
    done = sum(flops(program) * _runs(network) for network in networks for _, program in _trained(network))
    most = host.peak_flops() if done and seconds > 0 else None
    return None if most is None else {"flops_per_second": done / seconds, "share_of_peak": done / seconds / most}


def _runs(network: Any) -> int:
    """How many epochs a network was trained for."""
    history = getattr(network, "history", None)
    return len(history.epoch) if history is not None else 0


def flops(program: Program) -> float:
    """Multiplications and additions of the products of matrices in a Program, loops unrolled.

    >>> from chainrule.ir import parse_program
    >>> flops(parse_program('''program f(%0: float32[4,2], %1: float32[2,3]) -> (float32[4,3]) {
    ...   %2: float32[4,3] = dot_general(%0, %1) {batch=((), ()), contract=((1,), (0,))}
    ...   return %2
    ... }'''))
    48.0
    """
    return sum(_flops(equation) for equation in program.equations)


def _flops(equation: Equation) -> float:
    inside = [flops(sub) for sub in equation.params.programs()]
    name = equation.primitive.name
    if name == "loop":
        return float(equation.params.length * sum(inside))
    if name != "dot_general":
        return max(inside, default=0.0)
    left = equation.inputs[0].type.shape
    summed = float(np.prod([left[axis] for axis in equation.params.contract[0]], initial=1.0))
    return 2.0 * equation.outputs[0].type.size * summed
