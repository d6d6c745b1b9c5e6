"""`tf.image`: colours by formulas of their own, and cuts by chance."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from chainrule.compat import active
from chainrule.errors import ArgumentError

X = np.random.default_rng(0).uniform(0, 1, (4, 5, 3)).astype("float32")
BYTES = (X * 255).astype("uint8")


@pytest.fixture(name="image")
def image_module() -> Iterator[Any]:
    with active():
        import tensorflow

        yield tensorflow.image


def by_pixel(x: np.ndarray, change: Any) -> np.ndarray:
    rows = [colorsys.hsv_to_rgb(*change(*colorsys.rgb_to_hsv(*pixel))) for pixel in x.reshape(-1, 3).astype(float)]
    return np.reshape(rows, x.shape)


def test_hue_and_saturation(image: Any) -> None:
    turned, pale = by_pixel(X, lambda h, s, v: ((h + 0.3) % 1, s, v)), by_pixel(X, lambda h, s, v: (h, s * 0.4, v))
    np.testing.assert_allclose(image.adjust_hue(X, 0.3), turned, atol=1e-5)
    np.testing.assert_allclose(image.adjust_saturation(np.stack([X, X]), 0.4), [pale, pale], atol=1e-5)
    strong = by_pixel(X, lambda h, s, v: (h, min(1.0, 3 * s), v))
    np.testing.assert_allclose(image.adjust_saturation(X, 3.0), strong, atol=1e-5)


def test_whole_numbers_stay_whole(image: Any) -> None:
    found = np.asarray(image.adjust_brightness(BYTES, 0.1))
    assert found.dtype == "uint8"
    np.testing.assert_allclose(found.astype(float), np.minimum(BYTES / 255 + 0.1, 1) * 255, atol=1)
    mean = (BYTES / 255).mean((0, 1))
    expected = np.clip((BYTES / 255 - mean) * 2 + mean, 0, 1) * 255
    np.testing.assert_allclose(np.asarray(image.adjust_contrast(BYTES, 2.0)).astype(float), expected, atol=1)


@pytest.mark.parametrize(("name", "low", "high"), [
    ("brightness", -0.2, 0.2), ("contrast", 0.5, 2.0), ("saturation", 0.2, 0.8), ("hue", -0.1, 0.1),
])  # fmt: skip
def test_by_chance_it_is_something_between(image: Any, name: str, low: float, high: float) -> None:
    limits = (high,) if low == -high else (low, high)
    found = [np.asarray(getattr(image, f"random_{name}")(X, *limits, seed=seed)) for seed in range(6)]
    assert len({a.tobytes() for a in found}) == 6
    assert np.array_equal(found[0], getattr(image, f"random_{name}")(X, *limits, seed=0))
    change = np.linspace(low, high, 4001)
    for a in found:  # the number that explains the most telling element explains all
        options = [getattr(image, f"adjust_{name}")(X[:1, :1], np.float32(c)) for c in change[::400]]
        spread = np.ptp([np.asarray(o) for o in options], axis=0).ravel()
        k = int(spread.argmax())
        edge = sorted(float(np.ravel(o)[k]) for o in (options[0], options[-1]))
        if name in ("brightness", "saturation"):  # monotonic
            assert edge[0] - 1e-5 <= a[0, 0].ravel()[k] <= edge[1] + 1e-5


def test_cuts_are_blocks_of_the_image(image: Any) -> None:
    places = set()
    for seed in range(20):
        block = np.asarray(image.random_crop(X, (2, 3, 3), seed=seed))
        found = [(r, c) for r in range(3) for c in range(3) if np.array_equal(X[r : r + 2, c : c + 3], block)]
        assert len(found) == 1
        places.add(found[0])
    assert len(places) > 4
    for size in ((5, 5, 3), (2, 3)):
        with pytest.raises(ArgumentError, match="expected a size within"):
            image.random_crop(X, size)
    with pytest.raises(ArgumentError, match="lower <= upper"):
        image.random_contrast(X, 2.0, 1.0)
