"""What the rules look at: networks, rows and what is done with them, read from a script or from a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "?", "__bool__": lambda self: False})()

CROSSENTROPIES = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
DISTANCES = ("mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "mean_squared_logarithmic_error",
             "mean_absolute_percentage_error")  # fmt: skip
SHORT = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "bce": "binary_crossentropy",
         "mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error"}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One layer: what it is, and what it was given.

    Args:
        kind: str. The name of its class.
        arguments: dict. Those that are known, by name.
        line: int. Where it is made, 0 if that is not known.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0

    @property
    def activation(self) -> str:
        """The name of its activation: "" for none, "?" if it is not known."""
        if self.kind in ("Softmax", "ReLU"):
            return self.kind.lower()
        given = self.arguments.get("activation")
        if given is None or given == "linear":
            return ""
        return given if isinstance(given, str) else "?"

    @property
    def units(self) -> int | None:
        """How many there are, where that is known."""
        given = self.arguments.get("units")
        return given if isinstance(given, int) else None


@dataclass
class Network:
    """A network with what it was compiled with.

    Args:
        layers: list of Layer, from the input to the output; those that are known.
        is_whole: bool. Whether they are all.
        line: int. Where it is compiled, or else made.
        loss: str. "" where it is not known.
        from_logits: bool.
        metrics: list of str. Names.
    """

    layers: list[Layer] = field(default_factory=list)
    is_whole: bool = True
    line: int = 0
    loss: str = ""
    from_logits: bool = False
    metrics: list[str] = field(default_factory=list)

    @property
    def last(self) -> Layer | None:
        """The layer that gives the output: an activation layer counts as part of the one before."""
        return self.layers[-1] if self.layers else None

    @property
    def head(self) -> tuple[str, int | None]:
        """(activation, units) of the output; ("?", None) where it is not known."""
        if not self.layers:
            return "?", None
        last = self.layers[-1]
        if last.kind in ("Activation", "Softmax", "ReLU") and len(self.layers) > 1:
            return last.activation, self.layers[-2].units
        return (last.activation, last.units) if last.kind == "Dense" else ("?", None)


@dataclass(frozen=True)
class Data:
    """Rows that a script handles.

    Args:
        root: str. Where they came from first.
        part: "train", "test", "validation", or "" for all rows.
        scaled: int. The line in which they were scaled by numbers of all rows; 0 if they were not.
        drawn: int. The line in which they were drawn at random, 0 if they were not.
    """

    root: str
    part: str = ""
    scaled: int = 0
    drawn: int = 0


@dataclass(frozen=True)
class Event:
    """Something that a script does.

    Args:
        kind: "split", "scaler-fit", "fit", "evaluate", "dropna", "seed", "stopping", "save", ...
        line: int.
        values: dict.
    """

    kind: str
    line: int
    values: Mapping[str, Any] = field(default_factory=dict)


def snake(name: str) -> str:
    """The name of a function for that of its class.

    >>> snake("SparseCategoricalCrossentropy"), snake("mse")
    ('sparse_categorical_crossentropy', 'mean_squared_error')
    """
    if name.lower() in SHORT:
        return SHORT[name.lower()]
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))
