"""`tf.train`: checkpoints of custom training loops; the numbers of Variables, in safetensors files."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ArgumentError, FileError, listed
from ...files import read_bytes, write_atomically
from ...models.archive import pack_tensors, unpack_tensors
from ...variables import Variable

_SUFFIX = ".safetensors"
_LIST = "checkpoint.json"


def _tracked(name: str, value: Any) -> dict[str, Variable]:
    """The Variables in something, by names that do not depend on what else was made before."""
    if isinstance(value, Variable):
        return {name: value}
    parts = getattr(value, "variables", None)
    if callable(parts):
        parts = parts()
    if parts is None and isinstance(value, (list, tuple)):
        parts = value
    found: dict[str, Variable] = {}
    for k, part in enumerate(parts if parts is not None else []):
        found.update(_tracked(f"{name}/{k}", part))
    return found


class Status:
    """What `restore` gives: assertions about what was restored.

    Args: unused: names in the file that nothing stands for; missing: Variables that the file lacks.
    """

    def __init__(self, unused: list[str], missing: list[str]) -> None:
        self.unused, self.missing = unused, missing

    def assert_consumed(self) -> Status:
        """Raises: ArgumentError: something of the file was not used, or a Variable is not in it."""
        if self.unused or self.missing:
            raise ArgumentError(f"restore: unused in the file: {self.unused}; not in the file: {self.missing}.")
        return self

    def assert_existing_objects_matched(self) -> Status:
        """Raises: ArgumentError: a Variable is not in the file."""
        if self.missing:
            raise ArgumentError(f"restore: not in the file: {self.missing}.")
        return self

    def expect_partial(self) -> Status:
        """Without complaints."""
        return self


class Checkpoint:
    """Models, optimizers and Variables that are saved together.

    Args: root: accepted as one more; each keyword names one: `Checkpoint(model=model, optimizer=optimizer)`.
    """

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        self.save_counter = Variable(np.int64(0), dtype="int64", trainable=False, name="save_counter")
        self._objects = {**({} if root is None else {"root": root}), **kwargs}
        self.__dict__.update(kwargs)

    def _variables(self) -> dict[str, Variable]:
        found = {"save_counter": self.save_counter}
        for name, value in self._objects.items():
            found.update(_tracked(name, value))
        return found

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Save into a file of this name (and the ending of its kind), which comes back."""
        arrays = {name: v.numpy() for name, v in self._variables().items()}
        path = Path(str(file_prefix))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(str(path) + _SUFFIX, pack_tensors(arrays))
        return str(path)

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Save under a name with a number that rises; the name comes back."""
        self.save_counter.assign(int(self.save_counter.numpy()) + 1)
        path = self.write(f"{file_prefix}-{int(self.save_counter.numpy())}")
        _keep_list(Path(path).parent, [*_kept(Path(path).parent), Path(path).name])
        return path

    def read(self, save_path: Any, options: Any = None) -> Status:
        """Load a file; what is built later is not filled.

        Raises: FileError: there is none; ArgumentError: a Variable has another shape than in the file.
        """
        path = str(save_path)
        file = path if path.endswith(_SUFFIX) else path + _SUFFIX
        arrays = unpack_tensors(read_bytes(file), file)
        variables = self._variables()
        for name in variables.keys() & arrays.keys():
            if variables[name].shape != arrays[name].shape:
                raise ArgumentError(f"restore: {name} has shape {variables[name].shape}; the file, "
                                    f"{arrays[name].shape}. Was it written by another model?")  # fmt: skip
            variables[name].assign(arrays[name])
        return Status(sorted(arrays.keys() - variables.keys()), sorted(variables.keys() - arrays.keys()))

    def restore(self, save_path: Any, options: Any = None) -> Status:
        """Load a file as `read`; None: nothing is loaded, as scripts begin that way."""
        return Status([], []) if save_path is None else self.read(save_path)


def _kept(folder: Path) -> list[str]:
    try:
        names = json.loads(read_bytes(folder / _LIST))
    except FileError:
        names = []
    return [name for name in names if (folder / (name + _SUFFIX)).exists()]


def _keep_list(folder: Path, names: list[str]) -> None:
    write_atomically(folder / _LIST, json.dumps(list(dict.fromkeys(names))).encode())


def latest_checkpoint(checkpoint_dir: Any, latest_filename: Any = None) -> str | None:
    """The name of the newest checkpoint in a folder, None if there is none."""
    names = _kept(Path(str(checkpoint_dir)))
    return os.path.join(str(checkpoint_dir), names[-1]) if names else None


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """Names and shapes of what a checkpoint holds, or the newest one of a folder.

    Raises: FileError: there is none.
    """
    return [(name, list(array.shape)) for name, array in sorted(_arrays(ckpt_dir_or_file).items())]


def load_variable(ckpt_dir_or_file: Any, name: str) -> np.ndarray:
    """An array of a checkpoint by its name. Raises: FileError: there is none; ArgumentError: it has no such array."""
    arrays = _arrays(ckpt_dir_or_file)
    if name not in arrays:
        raise ArgumentError(f"{ckpt_dir_or_file}: no Variable is named {name!r}; there are {listed(sorted(arrays))}.")
    return arrays[name]


def _arrays(place: Any) -> dict[str, np.ndarray]:
    path = str(place)
    newest = latest_checkpoint(path) if os.path.isdir(path) else None
    file = (newest or path).removesuffix(_SUFFIX) + _SUFFIX
    return unpack_tensors(read_bytes(file), file)


class CheckpointManager:
    """The newest few checkpoints of a folder.

    Args: checkpoint; directory; max_to_keep: None: all; checkpoint_name: default 'ckpt'; step_counter: numbers them
        instead of a count; the others are accepted.
    """

    def __init__(
        self, checkpoint: Checkpoint, directory: Any, max_to_keep: int | None,
        keep_checkpoint_every_n_hours: Any = None, checkpoint_name: str = "ckpt", step_counter: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        self.checkpoint, self.directory, self._most = checkpoint, str(directory), max_to_keep
        self._name, self._step = checkpoint_name, step_counter

    @property
    def checkpoints(self) -> list[str]:
        """The names, from the oldest to the newest."""
        return [os.path.join(self.directory, name) for name in _kept(Path(self.directory))]

    @property
    def latest_checkpoint(self) -> str | None:
        """The newest name, None if there is none."""
        return latest_checkpoint(self.directory)

    def save(self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None) -> str:
        """Save, and remove the oldest ones beyond `max_to_keep`."""
        number = checkpoint_number if checkpoint_number is not None else self._step
        folder = Path(self.directory)
        if number is None:
            last = [int(m[1]) for name in _kept(folder) if (m := re.search(r"-(\d+)$", name))]
            number = max(last, default=0) + 1
        path = self.checkpoint.write(folder / f"{self._name}-{int(number)}")
        names = [*(n for n in _kept(folder) if n != Path(path).name), Path(path).name]
        for name in names[: -self._most] if self._most else []:
            (folder / (name + _SUFFIX)).unlink()
        _keep_list(folder, names[-self._most :] if self._most else names)
        return path

    def restore_or_initialize(self) -> str | None:
        """Load the newest one; its name, None if there is none."""
        self.checkpoint.restore(self.latest_checkpoint)
        return self.latest_checkpoint


__all__ = ["Checkpoint", "CheckpointManager", "latest_checkpoint", "list_variables", "load_variable"]
