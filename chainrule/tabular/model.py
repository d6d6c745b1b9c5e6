"""`TableModel`: everything that turns a row as it stands in a file into an answer, and the folder that holds it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..data import Table, TableEncoder, Target
from ..data.frames import table_of
from ..errors import ChainruleError, FileError, UnsupportedError
from ..files import read_bytes, write_atomically
from ..models import load_model
from ..models.saving import write_model
from . import conformal, scores
from .network import committee, members

FORMAT = 2
NETWORK, PREPARATION = "network.keras", "table.json"


class TableModel:
    """Networks, the encoder of each, and what their outputs mean.

    Args:
        networks: sequence of Model, (n, width) -> (n, outputs); their outputs are averaged.
        encoders: sequence of TableEncoder, one a network: each learnt from the rows that its network was trained on.
        target: Target.
        prior: what is known without looking at a row: the share of each class in training, or mean and deviation of
            the target's values.
        weights: sequence of float or None, default None (all alike). How much each network counts; they sum to 1.
        held: dict or None, default None. From `conformal.summary`: how wrong the networks were on rows held out.
    """

    def __init__(
        self, networks: Sequence[Any], encoders: Sequence[TableEncoder], target: Target, prior: Sequence[float],
        weights: Sequence[float] | None = None, held: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.networks, self.encoders, self.target = list(networks), list(encoders), target
        self.prior, self.held = [float(p) for p in prior], held
        self.weights = [float(w) for w in weights] if weights else [1 / len(self.networks)] * len(self.networks)

    @property
    def names(self) -> list[str]:
        """The columns of the training table."""
        return self.encoders[0].names

    def outputs(self, table: Table | Any, notes: list[str] | None = None) -> np.ndarray:
        """Answer for the rows of a table.

        Args:
            table: Table of n rows, or a data frame.
            notes: list or None, default None. Sentences about unusual cells are appended to it.

        Returns:
            float64 array: probabilities (n, classes), or values (n,).

        Raises:
            DataError: a column is missing.
        """
        table = table_of(table)
        total: Any = 0.0
        x: Any = None
        last = None  # networks of one fold stand side by side and share their encoder
        for network, encoder, weight in zip(self.networks, self.encoders, self.weights, strict=True):
            x = x if encoder is last else encoder.transform(table, [] if notes is None else notes)
            last = encoder
            total = total + weight * outputs_of(network, x, self.target, self.prior)
            notes = None  # the other encoders would say the same
        return total / total.sum(1, keepdims=True) if self.target.is_classification else total

    def within(self, outputs: np.ndarray, coverage: float) -> np.ndarray:
        """What holds the truth with a probability of at least `coverage`, if new rows are like those of the training.

        Args:
            outputs: float64 array, from `outputs`.
            coverage: float between 0 and 1.

        Returns:
            bool (n, classes), the classes of each row's set; or float64 (n, 2), the ends of each row's interval.

        Raises:
            ArgumentError: the coverage is out of range.
            UnsupportedError: the model had no rows held out.
        """
        limit = conformal.radius(self.held, coverage)
        if self.target.is_classification:
            return conformal.class_sets(outputs, limit)
        return np.stack([outputs - limit, outputs + limit], axis=1)

    def answers(self, outputs: np.ndarray) -> list[Any]:
        """The label as it stands in the data, or the value, for each row of `outputs`."""
        if self.target.is_classification:
            return [self.target.labels[c] for c in scores.chosen_classes(outputs, self.target.threshold)]
        return [float(v) for v in outputs]

    def score(self, outputs: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
        """Scores of outputs against class numbers or values."""
        if self.target.is_classification:
            return scores.classification_scores(truth, outputs, self.target.threshold)
        return scores.regression_scores(truth, outputs)

    def baseline(self, truth: np.ndarray) -> dict[str, Any]:
        """Scores of answering without looking: the commonest class of the training rows, or their mean."""
        if self.target.is_classification:
            return scores.classification_scores(truth, np.tile(self.prior, (len(truth), 1)))
        return scores.regression_scores(truth, np.full(len(truth), self.prior[0]))

    def save(self, folder: str) -> None:
        """Write the networks and the preparation of the data into a folder that exists.

        Raises:
            FileError: it cannot be written.
        """
        write_model(committee(self.networks, self.weights), os.path.join(folder, NETWORK), True, as_keras=False)
        config = {
            "format": FORMAT, "target": self.target.to_config(), "prior": self.prior,
            "weights": self.weights, "held": self.held,
            "encoders": [encoder.to_config() for encoder in self.encoders],
        }  # fmt: skip
        write_json(os.path.join(folder, PREPARATION), config)

    @classmethod
    def load(cls, folder: str) -> TableModel:
        """Read what `save` wrote. No code is taken from the files.

        Args:
            folder: str.

        Raises:
            FileError: there is no such folder, it was not written by `chainrule fit`, or one of its files is damaged.
            UnsupportedError: it was written by a later version.
        """
        path = os.path.join(folder, PREPARATION)
        if not os.path.isdir(folder):
            what = "that is a file" if os.path.exists(folder) else "there is no such folder"
            raise FileError(f"{folder}: expected a folder written by `chainrule fit`; {what}.")
        if not os.path.exists(path):
            raise FileError(f"{folder}: expected a folder written by `chainrule fit`; it has no {PREPARATION}.")
        target, encoders, prior, more = _read_preparation(path)
        networks = _read_networks(os.path.join(folder, NETWORK))
        if [n.input_shape[-1] for n in networks] != [e.width for e in encoders]:
            raise FileError(f"{folder}: {NETWORK} and {PREPARATION} do not belong together. Fit the model again.")
        return cls(networks, encoders, target, prior, **more)


def outputs_of(network: Any, x: np.ndarray, target: Target, prior: Sequence[float]) -> np.ndarray:
    """What one network says of encoded rows.

    Args:
        network: Model.
        x: float32 (n, width).
        target: Target.
        prior: mean and deviation of a regression target; not used for classes.

    Returns:
        float64 array: probabilities (n, classes), or values (n,).
    """
    raw = np.asarray(network.predict(x, batch_size=1024, verbose=0), np.float64)
    if target.task == "binary":
        return np.concatenate([1.0 - raw, raw], axis=1)
    if target.task == "multiclass":
        return raw / raw.sum(1, keepdims=True)
    return raw[:, 0] * prior[1] + prior[0]


def _read_preparation(path: str) -> tuple[Target, list[TableEncoder], list[float], dict[str, Any]]:
    content = read_bytes(path)
    try:
        config = json.loads(content)
        if config["format"] > FORMAT:
            raise UnsupportedError(
                f"{path} has format {config['format']}; this chainrule reads up to {FORMAT}. Update chainrule."
            )
        target = Target.from_config(config["target"])
        prior = [float(p) for p in config["prior"]]
        encoders = [TableEncoder.from_config(encoder) for encoder in config["encoders"]]
        if len(prior) != (len(target.labels) if target.is_classification else 2) or not encoders:
            raise ValueError("its parts do not fit together")
        more = {"weights": config.get("weights"), "held": config.get("held")}  # format 1 has neither
        if len(more["weights"] or encoders) != len(encoders):
            raise ValueError("there is not one weight for each network")
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise FileError(f"{path} is damaged ({type(error).__name__}: {error}). Fit the model again.") from None
    return target, encoders, prior, more


def _read_networks(path: str) -> list[Any]:
    try:
        return members(load_model(path, compile=False))
    except ChainruleError as error:
        raise FileError(f"{error} Fit the model again.") from None
    except Exception as error:  # whatever a damaged description makes the layers say
        raise FileError(f"{path} is damaged ({type(error).__name__}: {error}). Fit the model again.") from None


def write_json(path: str, value: Any) -> None:
    """Write plain data as JSON that people can read, atomically.

    Args:
        path: str.
        value: of JSON's types; no NaN.

    Raises:
        FileError: it cannot be written.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, (text + "\n").encode())
