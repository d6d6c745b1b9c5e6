"""`BackupAndRestore`: a training that was broken off goes on where it was."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..serialization import builtin
from ..variables import Variable
from .callback import Callback

_FORMAT = 1


@builtin
class BackupAndRestore(Callback):
    """Keep weights, state of the optimizer and number of the epoch on disk while training, and go on from there.

    If a training is broken off (by an error, Ctrl-C, or the end of the process), the next `fit` of a model like this
    with a callback for the same folder starts at the epoch that was not finished. When training ends as it should,
    the backup is deleted.

    Args:
        backup_dir: a folder for this training alone.
        save_freq: 'epoch' (default): after each epoch; a number: also after so many batches, which cuts epochs into
            single batches.
        double_checkpoint: keep the backup before the last one as well (default False).
        delete_checkpoint: delete the backup when training has ended as it should (default True).
        save_before_preemption: accepted for Keras scripts; True is refused.

    Raises: ArgumentError: an argument that makes no sense.
    """

    def __init__(
        self,
        backup_dir: Any,
        save_freq: Any = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
        save_before_preemption: bool = False,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ArgumentError("BackupAndRestore: expected a folder as backup_dir; got an empty name.")
        if save_freq != "epoch" and (not isinstance(save_freq, int) or isinstance(save_freq, bool) or save_freq < 1):
            raise ArgumentError(
                f"BackupAndRestore: expected save_freq 'epoch' or a positive integer; got {save_freq!r}."
            )
        if save_before_preemption:
            raise ArgumentError("BackupAndRestore: save_before_preemption needs a cluster that announces preemption.")
        self.backup_dir, self.save_freq = os.fspath(backup_dir), save_freq
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint
        self._epoch = self._unsaved = 0

    def _watches_batches(self, kind: str) -> bool:
        return kind == "train" and self.save_freq != "epoch"

    def on_train_begin(self, logs: Any = None) -> None:
        """Take over a backup, if there is one."""
        for folder in (self.backup_dir, self._previous()):
            found = _read(folder)
            if found is not None:
                _restore(self.model, found)
                self.model._initial_epoch = int(found["epoch"])
                return

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Remember which epoch it is."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save when `save_freq` batches have passed; a restored training begins this epoch anew."""
        if self.save_freq == "epoch":
            return
        self._unsaved += 1
        if self._unsaved >= self.save_freq:
            self._unsaved = 0
            self._save(self._epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save: the next epoch is the one to begin with."""
        self._save(epoch + 1)

    def on_train_end(self, logs: Any = None) -> None:
        """Delete the backup, unless Ctrl-C ended the training."""
        import sys

        if self.delete_checkpoint and not issubclass(sys.exc_info()[0] or Exception, KeyboardInterrupt):
            for folder in (self.backup_dir, self._previous()):
                shutil.rmtree(folder, ignore_errors=True)

    def _previous(self) -> str:
        return self.backup_dir.rstrip("/\\") + ".previous"

    def _save(self, epoch: int) -> None:
        """Write a new folder beside the old one, and give it its name."""
        new = self.backup_dir.rstrip("/\\") + ".new"
        shutil.rmtree(new, ignore_errors=True)
        os.makedirs(new)
        state = _state(self.model)
        arrays: dict[str, Any] = {str(k): v._value.numpy() for k, v in enumerate(state)}
        np.savez(os.path.join(new, "state.npz"), **arrays)
        with open(os.path.join(new, "training.json"), "w", encoding="utf-8") as file:
            json.dump({"format": _FORMAT, "epoch": epoch, "shapes": [list(v.shape) for v in state]}, file)
        shutil.rmtree(self._previous(), ignore_errors=True)
        if os.path.isdir(self.backup_dir):
            os.rename(self.backup_dir, self._previous())
        os.rename(new, self.backup_dir)
        if not self.double_checkpoint:
            shutil.rmtree(self._previous(), ignore_errors=True)


def _state(model: Any) -> list[Variable]:
    """Everything that training changes: weights, slots, random generators, the order of the rows."""
    if not model.optimizer.built:
        model.optimizer.build(model._trained())
    return list(dict.fromkeys([*model._engine.state("train"), model._shuffling().state]))


def _read(folder: str) -> dict[str, Any] | None:
    """A backup: the number of the epoch and the arrays; None if there is no whole one."""
    try:
        with open(os.path.join(folder, "training.json"), encoding="utf-8") as file:
            about: dict[str, Any] = json.load(file)
        with np.load(os.path.join(folder, "state.npz"), allow_pickle=False) as arrays:
            about["arrays"] = [arrays[str(k)] for k in range(len(about["shapes"]))]
    except (OSError, ValueError, KeyError):
        return None
    return about if about.get("format") == _FORMAT else None


def _restore(model: Any, found: dict[str, Any]) -> None:
    state = _state(model)
    if [list(v.shape) for v in state] != found["shapes"]:
        raise ArgumentError(
            "BackupAndRestore: the backup is of another model or optimizer: expected state of shapes "
            f"{[tuple(v.shape) for v in state]}; the backup has {[tuple(s) for s in found['shapes']]}. Delete the "
            "folder, or give another backup_dir."
        )
    for variable, array in zip(state, found["arrays"], strict=True):
        variable.assign(array)
