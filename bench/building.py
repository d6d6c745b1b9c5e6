"""C files as functions: compiled by gcc into a folder that goes away, called through ctypes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent / "c"
FLAGS = ["-O3", "-march=native", "-shared", "-fPIC", "-std=gnu11"]
WIDE = "-mprefer-vector-width=512"  # else gcc vectorizes for 256 bits on processors that have 512


def built(name: str, *flags: str) -> ctypes.CDLL:
    """`c/NAME.c` as a library. Raises OSError: there is no gcc, or it refuses."""
    if not shutil.which("gcc"):
        raise OSError("no gcc")
    with tempfile.TemporaryDirectory() as folder:
        made = str(Path(folder, name + ".so"))
        command = ["gcc", *FLAGS, *flags, str(FOLDER / f"{name}.c"), "-o", made, "-lm"]
        done = subprocess.run([*command, WIDE], capture_output=True, text=True, check=False)
        if done.returncode:  # not an x86: the flag is unknown
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"gcc: {done.stderr[:400]}")
        return ctypes.CDLL(made)
