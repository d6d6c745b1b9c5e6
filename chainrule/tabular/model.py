"""`TableModel`: everything that turns a row as it stands in a file into an answer, and the folder that holds it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..data import Table, TableEncoder, Target
from ..errors import FileError, UnsupportedError
from ..files import read_bytes, write_atomically
from ..models import Sequential, load_model
from . import scores

FORMAT = 1
NETWORK, PREPARATION, METRICS, LOG = "network.keras", "table.json", "metrics.json", "log.csv"


class TableModel:
    """An encoder fitted on training rows, a network, and what its outputs mean.

    Args: network; encoder; target; scale: (mean, deviation) of the target's training values, for regression.
    """

    def __init__(
        self, network: Sequential, encoder: TableEncoder, target: Target, scale: Sequence[float] = (0.0, 1.0)
    ) -> None:
        self.network, self.encoder, self.target = network, encoder, target
        self.scale = (float(scale[0]), float(scale[1]))

    def outputs(self, table: Table, notes: list[str] | None = None) -> np.ndarray:
        """Probabilities (n, classes), or values (n,), for the rows of a table."""
        return self.outputs_of(self.encoder.transform(table, notes))

    def outputs_of(self, x: np.ndarray) -> np.ndarray:
        """The same for encoded rows."""
        raw = np.asarray(self.network.predict(x, batch_size=1024, verbose=0), np.float64)
        if self.target.task == "binary":
            return np.concatenate([1.0 - raw, raw], axis=1)
        if self.target.task == "multiclass":
            return raw / raw.sum(1, keepdims=True)
        return raw[:, 0] * self.scale[1] + self.scale[0]

    def answers(self, outputs: np.ndarray) -> list[Any]:
        """The label as it stands in the data, or the value, for each row of `outputs`."""
        if self.target.is_classification:
            return [self.target.labels[c] for c in outputs.argmax(1)]
        return [float(v) for v in outputs]

    def score(self, outputs: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
        """Scores of outputs against class numbers or values."""
        if self.target.is_classification:
            return scores.classification_scores(truth, outputs)
        return scores.regression_scores(truth, outputs)

    def save(self, folder: str) -> None:
        """Write the network and the preparation of the data into a folder."""
        self.network.save(os.path.join(folder, NETWORK))
        config = {
            "format": FORMAT, "target": self.target.to_config(), "encoder": self.encoder.to_config(),
            "scale": list(self.scale),
        }  # fmt: skip
        write_json(os.path.join(folder, PREPARATION), config)

    @classmethod
    def load(cls, folder: str) -> TableModel:
        """Read what `save` wrote."""
        path = os.path.join(folder, PREPARATION)
        if not os.path.isdir(folder):
            raise FileError(f"{folder}: expected a folder written by `chainrule fit`; there is no such folder.")
        if not os.path.exists(path):
            raise FileError(f"{folder}: expected a folder written by `chainrule fit`; it has no {PREPARATION}.")
        try:
            config = json.loads(read_bytes(path))
            if config["format"] > FORMAT:
                raise UnsupportedError(f"{path} has format {config['format']}; this chainrule reads up to {FORMAT}.")
            target, encoder = Target.from_config(config["target"]), TableEncoder.from_config(config["encoder"])
        except (KeyError, ValueError, TypeError) as error:
            raise FileError(f"{path} is damaged ({type(error).__name__}: {error}). Fit the model again.") from None
        return cls(load_model(os.path.join(folder, NETWORK), compile=False), encoder, target, config["scale"])


def write_json(path: str, value: Any) -> None:
    """Write plain data as JSON that people can read, atomically."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, (text + "\n").encode())
