"""`run_script`: what `python script.py` does, with `keras` and `tensorflow` meaning chainrule."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType, TracebackType

from ..errors import ChainruleError, DataError, FileError, did_you_mean
from .finder import active

_PACKAGE = str(Path(__file__).resolve().parents[1])
_HERE = str(Path(__file__).resolve().parent)


def run_script(path: str | Path, arguments: Sequence[str] = (), debug: bool = False) -> int:
    """Run a Python file as the main program; `sys.argv`, `sys.path[0]`, `__name__` and `__file__` are what it expects.

    Args:
        path: the script.
        arguments: what follows its name in `sys.argv`.
        debug: whether tracebacks show the lines inside chainrule as well (default False).

    Returns: the exit status: 0, what the script gave to `sys.exit`, or 1 after an uncaught exception, whose traceback
        has then been printed.

    Raises:
        FileError: there is no such file, or it cannot be read; DataError: it is not text.
        KeyboardInterrupt: as it came.
    """
    source = _read(Path(path))
    with active(), _as_main(Path(path), arguments) as main:
        try:
            exec(compile(source, str(path), "exec", dont_inherit=True), main.__dict__)
        except SystemExit as stop:
            return _status(stop)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            _report(error, debug)
            return 1
    return 0


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise FileError(f"run: {str(path)!r} is a folder; give the script in it.")
    if not path.exists():
        near = [file.name for file in path.parent.glob("*.py")] if path.parent.is_dir() else []
        raise FileError(f"run: there is no script {str(path)!r}.{did_you_mean(path.name, near)}")
    try:
        source = path.read_bytes()
    except OSError as error:
        raise FileError(f"run: cannot read {str(path)!r}: {error.strerror}.") from None
    if b"\0" in source:
        raise DataError(f"run: {str(path)!r} is not a Python script: it holds null bytes.")
    return source


@contextmanager
def _as_main(path: Path, arguments: Sequence[str]) -> Iterator[ModuleType]:
    """A fresh `__main__` for the script; what there was before comes back afterwards."""
    main = ModuleType("__main__")
    main.__dict__.update(
        __builtins__=builtins, __file__=str(path.absolute()), __cached__=None, __spec__=None,
        __loader__=SourceFileLoader("__main__", str(path.absolute())), __annotations__={},
    )  # fmt: skip
    before = sys.argv, sys.path, sys.modules["__main__"]
    sys.argv, sys.modules["__main__"] = [str(path), *arguments], main
    if not sys.flags.safe_path:  # the entry that Python made for `chainrule` itself gives way to the script's
        sys.path = [str(path.resolve().parent), *sys.path[1:]]
    try:
        yield main
    finally:
        sys.argv, sys.path, sys.modules["__main__"] = before


def _status(stop: SystemExit) -> int:
    if stop.code is None or isinstance(stop.code, int):
        return int(stop.code or 0)
    print(stop.code, file=sys.stderr)
    return 1


def _report(error: BaseException, debug: bool) -> None:
    """Print the traceback as Python would, through the hook that the script may have set."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        link = pending.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            link.__traceback__ = _visible(link.__traceback__, isinstance(link, ChainruleError), debug)
            pending += [link.__cause__, link.__context__]
    sys.excepthook(type(error), error, error.__traceback__)


def _visible(trace: TracebackType | None, ours: bool, debug: bool) -> TracebackType | None:
    """The frames worth showing: never those that run the script or answer an import; for an error that chainrule
    raises on purpose (its message says where and what) none inside chainrule, unless `debug`."""
    if trace is None:
        return None
    rest = _visible(trace.tb_next, ours, debug)
    file = trace.tb_frame.f_code.co_filename
    runner = file.startswith((_HERE, "<frozen importlib"))
    inside = file.startswith(_PACKAGE)
    if file == __file__ or (not debug and (runner or (ours and inside))):
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
