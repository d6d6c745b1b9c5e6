"""`TensorBoard`: the numbers of a training in the files that TensorBoard shows."""

from __future__ import annotations

import os
import warnings
from typing import Any

from ..errors import ArgumentError
from ..serialization import builtin
from .callback import Callback
from .events import EventWriter, histogram_summary, scalar_summary, text_summary


@builtin
class TensorBoard(Callback):
    """Write loss and metrics, and histograms of the weights, as events for TensorBoard.

    Training goes to the folder `train` below `log_dir`, validation and evaluation to `validation`.

    Args:
        log_dir: where (default 'logs').
        histogram_freq: epochs between two histograms of all weights; 0 (default): none.
        write_graph: write the architecture as text at the beginning (default True).
        write_images: weights as images: accepted, and warned of, as it is without effect.
        write_steps_per_second: also write how many batches a second were trained on (default False).
        update_freq: 'epoch' (default), 'batch', or a number of batches: how often to write loss and metrics. All but
            'epoch' cut epochs into single batches.
        profile_batch: accepted; `fit(profile=True)` shows where the time goes.
        embeddings_freq, embeddings_metadata: accepted, and warned of, as they are without effect.

    Raises: ArgumentError: an update_freq that is none.
    """

    def __init__(
        self,
        log_dir: Any = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: Any = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        is_number = isinstance(update_freq, int) and not isinstance(update_freq, bool) and update_freq > 0
        if update_freq not in ("epoch", "batch") and not is_number:
            raise ArgumentError(
                f"TensorBoard: expected update_freq 'epoch', 'batch' or a positive integer; got {update_freq!r}."
            )
        if write_images or embeddings_freq:
            warnings.warn("TensorBoard: images of weights and embeddings are not written.", stacklevel=2)
        self.log_dir, self.histogram_freq, self.write_graph = os.fspath(log_dir), histogram_freq, write_graph
        self.write_images, self.write_steps_per_second = write_images, write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq, self.embeddings_metadata = embeddings_freq, embeddings_metadata
        self._writers: dict[str, EventWriter] = {}
        self._step = self._tested = 0
        self._is_training = False
        self._began = (0.0, 0)

    def _watches_batches(self, kind: str) -> bool:
        return self.update_freq != "epoch" and kind == "train"

    def _writer(self, name: str) -> EventWriter:
        if name not in self._writers:
            self._writers[name] = EventWriter(os.path.join(self.log_dir, name))
        return self._writers[name]

    def _write(self, name: str, step: int, logs: dict[str, Any], prefix: str) -> None:
        numbers = {key: value for key, value in logs.items() if isinstance(value, (int, float))}
        self._writer(name).write(step, [scalar_summary(prefix + key, value) for key, value in numbers.items()])
        self._writer(name).flush()

    def on_train_begin(self, logs: Any = None) -> None:
        """Write the architecture."""
        self._is_training = True
        if self.write_graph and "train" not in self._writers:
            lines: list[str] = []
            self.model.summary(print_fn=lines.append)
            self._writer("train").write(0, [text_summary("keras", "\n".join(lines))])

    def on_train_end(self, logs: Any = None) -> None:
        """Close the files."""
        self._is_training = False
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Look at the clock."""
        self._began = (_now(), self._iterations())

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write the numbers of every `update_freq`-th batch."""
        if self.update_freq == "epoch":
            return
        self._step += 1
        if self._step % self.update_freq == 0:
            self._write("train", self._step, logs or {}, "batch_")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the numbers of the epoch, and the histograms."""
        logs = dict(logs or {})
        held = {key.removeprefix("val_"): value for key, value in logs.items() if key.startswith("val_")}
        trained = {key: value for key, value in logs.items() if not key.startswith("val_")}
        if self.write_steps_per_second:
            seconds, steps = _now() - self._began[0], self._iterations() - self._began[1]
            trained["steps_per_second"] = steps / max(seconds, 1e-9)
        self._write("train", epoch, trained, "epoch_")
        if held:
            self._write("validation", epoch, held, "epoch_")
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            found = [histogram_summary(f"{v.path}/histogram", v.numpy()) for v in self.model.weights]
            self._writer("train").write(epoch, found)
            self._writer("train").flush()

    def on_test_end(self, logs: Any = None) -> None:
        """Write the numbers of an evaluation that is none of a training."""
        if not self._is_training:
            step = self._iterations()
            self._write("validation", step, logs or {}, "evaluation_")

    def _iterations(self) -> int:
        optimizer = self.model.optimizer
        return 0 if optimizer is None else int(optimizer.iterations.numpy())


def _now() -> float:
    import time

    return time.perf_counter()
