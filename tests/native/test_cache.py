"""The folder of compiled code: what is found again, what is not trusted, and that code from it does the same."""

from __future__ import annotations

import base64
import errno
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import chainrule.primitives  # noqa: F401  # Programs are made of them
from chainrule import config
from chainrule.errors import ArgumentError, IndexRangeError
from chainrule.executors.native import building, cache, compile_program, keys, linking, units
from chainrule.executors.native.living import living
from chainrule.ir import Program, parse_program

TABLE = np.linspace(-1, 1, 40, dtype="float32")
TEXT = """program f(%0: float32[40,3], %1: int32[5,1], %2: float64[7]) -> (float32[5,3], float64[7], float32[40]) {
  %3: float32[40,3] = exp(%0)
  %4: float32[5,3] = gather(%3, %1)
  %5: float64[7] = sin(%2)
  %6: float32[40] = constant() {value=TABLE}
  %7: float32[40,1] = slice(%0) {start=(0, 0), stop=(40, 1), strides=(1, 1)}
  %8: float32[40] = reshape(%7) {shape=(40,)}
  %9: float32[40] = mul(%6, %8)
  return %4, %5, %9
}"""
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")


def program(text: str = TEXT) -> Program:
    """A Program with a call of the C library, a constant array and an index that may be out of range."""
    data = base64.b64encode(TABLE.tobytes()).decode()
    return parse_program(text.replace("TABLE", f'float32[40]<base64 "{data}">'))


def arrays() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.standard_normal((40, 3)).astype("float32"), np.arange(5, dtype="int32")[:, None], rng.random(7) * 1e5]


def forget() -> None:
    """As in a new process."""
    building._known.clear()
    units._known.clear()
    cache._tidy.cache_clear()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "made" / "by us"))
    forget()
    yield tmp_path / "made" / "by us"
    forget()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each unit that LLVM compiles."""
    compiled: list[str] = []
    real = units.compile_unit

    def compile_unit(unit: units.Unit, keep_text: bool = False) -> units.Stages:
        compiled.append(unit.text)
        return real(unit, keep_text)

    monkeypatch.setattr(units, "compile_unit", compile_unit)
    return compiled


def run(text: str = TEXT) -> list[bytes]:
    forget()
    return [a.tobytes() for a in compile_program(program(text))(arrays())]


def entry(folder: Path) -> Path:
    """The file of the Program; the others are of its kernels."""
    return folder / f"{keys.key_of(living(program()), '')}.code"


def test_a_second_process_compiles_nothing_and_has_the_same_bits(made: list[str], folder: Path) -> None:
    first = run()
    assert made and entry(folder).is_file()
    made.clear()
    assert run() == first and not made


def test_within_a_process_the_code_is_the_same(made: list[str]) -> None:
    first, second = (compile_program(program()) for _ in range(2))
    assert first._code is second._code


def test_kernels_are_shared_by_programs(made: list[str]) -> None:
    run()
    before = len(made)
    run(TEXT.replace("return %4, %5, %9", "return %9, %4, %5").replace(
        "(float32[5,3], float64[7], float32[40])", "(float32[40], float32[5,3], float64[7])"
    ))  # fmt: skip
    assert len(made) == before + 1  # `run` alone


def test_where_equations_come_from_does_not_matter(made: list[str]) -> None:
    run(TEXT.replace("sin(%2)", 'sin(%2) @ "wave" "a.py:1"'))
    made.clear()
    run(TEXT.replace("sin(%2)", 'sin(%2) @ "other" "b.py:2"'))
    assert not made


CHANGES = [("exp(%0)", "neg(%0)"), ("start=(0, 0), stop=(40, 1)", "start=(0, 1), stop=(40, 2)"), ("%4, %5,", "%4, %2,")]


@pytest.mark.parametrize("change", CHANGES)
def test_what_does_matter(change: tuple[str, str], made: list[str]) -> None:
    run()
    made.clear()
    run(TEXT.replace(*change))
    assert made


def test_constants_matter_to_the_bit() -> None:
    text = "program f() -> (float32[2]) {{ %0: float32[2] = constant() {{value=float32[2]<{}, 1.0>}} return %0 }}"
    kinds = [keys.key_of(parse_program(text.format(number))) for number in ("0.0", "-0.0", "nan")]
    assert len(set(kinds)) == 3


def test_faults_of_cached_code_say_the_same() -> None:
    messages = []
    for _ in range(2):
        forget()
        wrong = arrays()
        wrong[1] = wrong[1] + 38
        with pytest.raises(IndexRangeError, match="got 40 at position") as caught:
            compile_program(program())(wrong)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def flip(data: bytes) -> bytes:
    return data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]


def other_head(**changes: object) -> Callable[[bytes], bytes]:
    """A file that is whole, and says something else about itself."""

    def change(data: bytes) -> bytes:
        size = struct.unpack_from("<Q", data, 48)[0]
        head = json.loads(data[64 : 64 + size])
        text = json.dumps(head | changes).encode()
        body = struct.pack("<QQ", len(text), len(data) - 64 - size) + text + data[64 + size :]
        return data[:16] + cache.hashlib.blake2b(body, digest_size=32).digest() + body

    return change


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a bit of the code": flip,
    "a bit of the head": lambda d: d[:70] + bytes([d[70] ^ 4]) + d[71:],
    "cut short": lambda d: d[:-100],
    "only the beginning": lambda d: d[:20],
    "empty": lambda d: b"",
    "too long": lambda d: d + b"\0",
    "another format": lambda d: b"chainrule code 0" + d[16:],
    "another processor or version": other_head(**{"made for": "0" * 32}),
    "another program": other_head(key="0" * 40),
    "no facts": other_head(facts={}),
    "no dictionary": lambda d: other_head()(d).replace(b"{", b"[", 1),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_is_not_right_is_made_anew(damage: str, folder: Path) -> None:
    first = run()
    good = entry(folder).read_bytes()
    entry(folder).write_bytes(DAMAGE[damage](good))
    assert run() == first
    assert entry(folder).read_bytes() == good


def test_the_change_of_a_head_is_a_whole_file(folder: Path) -> None:
    """Otherwise the tests above would only test the checksum."""
    run()
    data = entry(folder).read_bytes()
    assert other_head()(data) == data


def test_damaged_kernels_are_made_anew(folder: Path) -> None:
    first = run()
    for path in folder.iterdir():
        path.write_bytes(flip(path.read_bytes()))
    assert run() == first


@pytest.mark.parametrize("what", ["host", "_llvm", "_compiler"])
def test_another_processor_llvm_or_compiler_means_other_code(
    what: str, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    made.clear()
    monkeypatch.setattr(keys, what, lambda: "another one")
    run()
    assert made


def test_the_processor_is_described() -> None:
    assert len(keys.host()) > 20 and "MHz" not in keys.host()
    assert keys._host_of_llvm()[0]


@pytest.mark.parametrize("value", ["", "off", "OFF"])
def test_no_cache(value: str, made: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CACHE", value)
    first = run()
    made.clear()
    assert run() == first and made
    assert not folder.exists()


def test_a_folder_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "file" / "folder"))
    assert run() == run()


@ON_POSIX
def test_a_folder_that_cannot_be_written(folder: Path, made: list[str]) -> None:
    first = run()
    made.clear()
    os.chmod(folder, 0o500)
    try:
        assert run() == first and not made  # it can be read
        run(TEXT.replace("exp", "neg"))
    finally:
        os.chmod(folder, 0o700)


@pytest.mark.parametrize("begun", [False, True])
def test_a_file_system_that_is_read_only(
    begun: bool, folder: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the superuser, whom modes do not stop, can write there. What lies there is used."""
    first = run() if begun else []
    refused: list[str] = []

    def refuse(path: str, *arguments: object, **named: object) -> int:
        refused.append(str(path))
        raise OSError(errno.EROFS, "read-only file system")

    for name in ("makedirs", "mkdir", "open", "utime", "unlink", "replace"):
        monkeypatch.setattr(os, name, refuse)
    made.clear()
    assert run() == (first or run()) and bool(made) != begun
    assert refused and all(path.startswith(str(folder)) for path in refused)


@ON_POSIX
def test_folder_and_files_are_private(folder: Path) -> None:
    run()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@ON_POSIX
@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_what_others_may_write_is_not_read(mode: int, folder: Path, made: list[str]) -> None:
    run()
    for path in folder.iterdir():
        os.chmod(path, mode)
    made.clear()
    run()
    assert made


@ON_POSIX
def test_a_folder_that_others_may_write_is_not_used(folder: Path, made: list[str]) -> None:
    folder.mkdir(parents=True)
    os.chmod(folder, 0o777)
    run()
    assert not list(folder.iterdir())


@ON_POSIX
def test_files_of_another_user_are_not_read(folder: Path, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    made.clear()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    run()
    assert made


def test_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHAINRULE_CACHE", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does for a user without a home
    assert config.cache_folder() == ""
    assert run() == run()


def test_the_folder_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CHAINRULE_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert config.cache_folder() == str(tmp_path / "chainrule")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the standard says: not absolute, not valid
    assert os.path.isabs(config.cache_folder()) and "relative" not in config.cache_folder()


def test_a_limit_that_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_CACHE_MB", "much")
    with pytest.raises(ArgumentError, match="CHAINRULE_CACHE_MB"):
        config.cache_bytes()


def test_the_oldest_go_first(folder: Path) -> None:
    folder.mkdir(parents=True)
    for i in range(10):
        (folder / f"{i}.code").write_bytes(bytes(4096))
        os.utime(folder / f"{i}.code", (1000 - i, 1000 - i))
    (folder / "of somebody else").write_bytes(bytes(100_000))
    cache.remove_oldest(str(folder), 10 * 4096)
    assert len(list(folder.iterdir())) == 11
    cache.remove_oldest(str(folder), 5 * 4096)
    assert {p.name for p in folder.iterdir()} == {"0.code", "1.code", "2.code", "3.code", "of somebody else"}


def test_what_is_used_is_no_longer_the_oldest(folder: Path) -> None:
    run()
    os.utime(entry(folder), (1, 1))
    run()
    assert entry(folder).stat().st_mtime > 1


def test_saving_keeps_to_the_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    os.chmod(folder, 0o700)
    (folder / "old.code").write_bytes(bytes(3 << 20))
    os.utime(folder / "old.code", (1, 1))
    (folder / "left.part").write_bytes(b"")
    os.utime(folder / "left.part", (1, 1))
    monkeypatch.setenv("CHAINRULE_CACHE_MB", "2")
    run()
    assert not (folder / "old.code").exists() and not (folder / "left.part").exists()
    assert entry(folder).exists()


PROCESS = """
import sys, numpy as np
from tests.native.test_cache import arrays, program
from chainrule.executors.native import compile_program
for _ in range(3):
    found = [a.tobytes().hex() for a in compile_program(program())(arrays())]
print(*found, "llvmlite" in sys.modules)
"""


def test_two_processes_at_once(folder: Path) -> None:
    root = Path(__file__).parent.parent.parent
    start = lambda: subprocess.Popen([sys.executable, "-c", PROCESS], stdout=subprocess.PIPE, cwd=root, text=True)  # noqa: E731
    outputs = [process.communicate()[0].split() for process in [start() for _ in range(3)]]
    assert outputs[0][:-1] == outputs[1][:-1] == outputs[2][:-1] == [b.hex() for b in run()]
    assert not list(folder.glob("*.part"))
    if linking.lay_out is not None and entry_is_image(folder):
        assert start().communicate()[0].split()[-1] == "False"  # loading needs no LLVM


def entry_is_image(folder: Path) -> bool:
    found = cache.load(entry(folder).stem)
    return found is not None and "entry" in found[0]


def test_llvm_links_what_we_cannot(made: list[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    expected = run()
    for path in folder.iterdir():
        path.unlink()
    monkeypatch.setattr(linking, "lay_out", lambda objects: None)
    assert run() == expected and not entry_is_image(folder)
    made.clear()
    assert run() == expected and not made


@ON_POSIX
def test_a_system_that_allows_no_such_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run()

    def refuse(start: int, size: int) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(linking, "_make_executable", refuse)
    assert run() == expected
    monkeypatch.setenv("CHAINRULE_CACHE", "off")
    assert run() == expected
