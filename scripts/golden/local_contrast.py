"""Contrast made larger place by place: tests/golden/local_contrast.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, write

CASES: list[tuple[dict[str, Any], tuple[int, ...]]] = [
    ({}, (2, 16, 24, 3)), ({"tile_grid_size": [2, 3]}, (1, 9, 13, 2)),
    ({"clip_limit": 1.5, "tile_grid_size": [2, 2], "value_range": [0.0, 1.0]}, (7, 6, 1)),
    ({"clip_limit": 0.0, "tile_grid_size": [1, 1]}, (1, 5, 4, 3)),
]  # fmt: skip


def image(shape: tuple[int, ...], highest: float) -> np.ndarray:
    """Whole numbers from 0 to 255, of the range from 0 to highest."""
    count = np.arange(np.prod(shape))
    return ((count * count * 31 + count * 7) % 256 / 255 * highest).reshape(shape).astype("float32")


if __name__ == "__main__":
    name = "ContrastLimitedAdaptiveHistogramEqualization"
    found = []
    for config, shape in CASES:
        given = {k: tuple(v) if isinstance(v, list) else v for k, v in config.items()}
        layer = getattr(keras.layers, name)(**given)
        x = image(shape, given.get("value_range", (0, 255))[1])
        found.append(case(config=config, x=x, y=np.round(np.asarray(layer(x), "float64"), 4)))
    write("local_contrast.json", f"keras.layers.{name}(**config)(x) == y", cases=found)
