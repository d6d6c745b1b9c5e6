"""The kinds of networks by name, and how each is trained unless the user says otherwise.

Sizes and rates are those of the publications where they fit the time a table may take, else smaller; `network.py` and
docs/design/024-networks-for-tables.md tell what was measured.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import architectures

AUTO = "auto"


@dataclass(frozen=True)
class Preset:
    """A kind of network.

    Args:
        make: function (row, Making) -> output.
        about: str. What it is, for the user.
        settings: dict of fields of `Plan` that differ from those of `mlp`; a pair is (below 10,000 rows, from there).
        work: function (Plan, Layout, outputs) -> multiplications of one row on its way forward.
        speed: float. So many of them, forward and back counted six times, a processor does in a second, as measured.
    """

    make: Callable[[Any, architectures.Making], Any]
    about: str
    settings: dict[str, Any]
    work: Callable[[Any, Any, int], float]
    speed: float


def _dense_work(plan: Any, layout: Any, outputs: int) -> float:
    return _dense_of(plan, layout.width, outputs)


def _dense_of(plan: Any, inputs: int, outputs: int) -> float:
    sizes = [inputs, *plan.layers, outputs]
    return float(sum(a * b for a, b in itertools.pairwise(sizes)))


def _member_work(plan: Any, layout: Any, outputs: int) -> float:
    return plan.members * _dense_work(plan, layout, outputs)


def _resnet_work(plan: Any, layout: Any, outputs: int) -> float:
    width = plan.layers[0] if plan.layers else 1
    return float(layout.width * width + sum(4 * width * units for units in plan.layers) + width * outputs)


def _wave_work(plan: Any, layout: Any, outputs: int) -> float:
    waves = 64 * len(layout.numbers)
    return _dense_of(plan, len(layout.without_pieces) + 3 * len(layout.numbers), outputs) + 4 * waves  # 4: cosines


def _token_work(plan: Any, layout: Any, outputs: int) -> float:
    width, tokens = (plan.layers[0] if plan.layers else 8), max(layout.groups, default=0) + 2
    block = 4 * width * width + 2 * tokens * width + 4 * width * width
    return float(layout.width * tokens * width + 4 * len(plan.layers) * tokens * block)  # 4: small products are slow


PRESETS = {
    "mlp": Preset(architectures.mlp, "dense layers", {}, _dense_work, 1.2e11),
    "resnet": Preset(
        architectures.resnet, "dense blocks with a way around each",
        {"layers": ((128, 128), (192, 192)), "dropout": 0.3, "weight_decay": 1.0}, _resnet_work, 7e10,
    ),
    "tabm": Preset(
        architectures.tabm, "several networks in one that share most of their weights",
        {"layers": ((128, 128), (192, 192)), "members": (16, 8), "dropout": 0.1, "learning_rate": 2e-3,
         "weight_decay": 0.3, "patience": (16, 8)}, _member_work, 8e10,
    ),
    "realmlp": Preset(
        architectures.realmlp, "waves of the numbers, scaled layers, rates that come and go",
        {"layers": (256, 256), "dropout": 0.3, "learning_rate": 0.03, "weight_decay": 0.1, "epochs": (96, 24),
         "patience": (24, 24), "schedule": "waves"}, _wave_work, 4e10,
    ),
    "wide-and-deep": Preset(
        architectures.wide_and_deep, "a linear model beside dense layers", {}, _dense_work, 1.2e11,
    ),
    "ft-transformer": Preset(
        architectures.ft_transformer, "columns that attend to one another",
        {"layers": (32, 32), "dropout": 0.1, "learning_rate": 1e-3, "weight_decay": 0.01, "patience": (16, 8)},
        _token_work, 7e10,
    ),
}  # fmt: skip


_CLEAR: tuple[tuple[str, int, dict[str, Any]], ...] = (  # the preset ("": any), from so many rows on, what differs
    ("", 0, {"dropout": 0.0, "weight_decay": 0.1}),
    ("tabm", 0, {"members": 4}),
    ("mlp", 0, {"batch_size": 32, "epochs": 200, "patience": 20}),
    ("mlp", 5_000, {"batch_size": 64}),
    ("mlp", 10_000, {"batch_size": 128}),
    ("mlp", 20_000, {"layers": (128, 64)}),
    ("mlp", 100_000, {"batch_size": 512, "epochs": 100, "patience": 100, "schedule": "waves", "learning_rate": 3e-3,
                      "networks": 4}),
)  # fmt: skip


def setting(name: str, field: str, rows: int) -> Any:
    """What a preset says of a field of `Plan`; None if nothing.

    >>> setting("tabm", "members", 600), setting("tabm", "members", 20_000), setting("mlp", "dropout", 600)
    (16, 8, None)
    """
    value = PRESETS[name].settings.get(field)
    if isinstance(value, tuple) and (field != "layers" or isinstance(value[0], tuple)):
        return value[rows >= 10_000]
    return value


def of_clear_rows(name: str, rows: int) -> dict[str, Any]:
    """Fields of `Plan` where the columns leave hardly any doubt about the target (`clearness.py`).

    Args:
        name: str. The preset.
        rows: int. Rows that train or decide when to stop.

    >>> of_clear_rows("tabm", 20_000)
    {'dropout': 0.0, 'weight_decay': 0.1, 'members': 4}
    """
    found: dict[str, Any] = {}
    for preset, least, fields in _CLEAR:
        if preset in ("", name) and rows >= least:
            found |= fields
    return found
