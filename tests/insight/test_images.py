"""Grad-CAM and integrated gradients of images against closed forms, and the pictures of them."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import Input, Model, Sequential, layers
from chainrule.errors import ArgumentError, FileError, UnsupportedError
from chainrule.insight import explain


def filled(net, seed: int = 0):
    """The net with normal weights."""
    generator = np.random.default_rng(seed)
    net.set_weights([generator.normal(size=w.shape) * 0.4 for w in net.get_weights()])
    return net


def pictures(count: int = 4, size: int = 8, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((count, size, size, 3)).astype(np.float32)


def pooled(ending: str | None) -> Model:
    """Convolution, mean over all places, one dense layer: what class activation maps were made for."""
    x = Input((8, 8, 3))
    maps = layers.Conv2D(5, 3, padding="same", activation="relu", name="maps")(x)
    y = layers.Dense(4, name="scores")(layers.GlobalAveragePooling2D()(maps))
    if ending == "layer":
        y = layers.Softmax()(y)
    elif ending:
        y = layers.Activation(ending)(y)
    return filled(Model(x, y))


@pytest.mark.parametrize("ending", [None, "layer", "softmax", "sigmoid"])
def test_after_a_mean_over_places_it_is_the_class_activation_map(ending):
    """Zhou et al. 2016: relu(sum of w_c A_c), here over the number of places; softmax and sigmoid change nothing."""
    net, x = pooled(ending), pictures()
    maps = np.asarray(Model(net.input, net.get_layer("maps").output).predict(x, verbose=0), np.float64)
    kernel = net.get_layer("scores").get_weights()[0]
    for k in range(4):
        expected = np.maximum(maps @ kernel[:, k].astype(np.float64), 0) / 64
        assert np.abs(explain.grad_cam(net, x, output=k) - expected).max() < 1e-6
    best = np.asarray(net.predict(x, verbose=0)).argmax(1)
    own = explain.grad_cam(net, x)
    for i, k in enumerate(best):
        assert np.abs(own[i] - explain.grad_cam(net, x[i], output=int(k))).max() < 1e-6


def test_of_any_net_the_weights_are_mean_slopes():
    """Slopes by central differences in the maps."""
    inside = [layers.Conv2D(3, 3, padding="same", activation="tanh", name="maps"), layers.Flatten(),
              layers.Dense(6, activation="tanh"), layers.Dense(2)]  # fmt: skip
    net, x = filled(Sequential([layers.Input((8, 8, 3)), *inside])), pictures(1)
    maps = np.asarray(Sequential([layers.Input((8, 8, 3)), inside[0]]).predict(x, verbose=0), np.float64)
    (w1, b1), (w2, b2) = (layer.get_weights() for layer in inside[2:])

    def score(a):
        return float((np.tanh(a.reshape(1, -1) @ w1 + b1) @ w2 + b2)[0, 1])

    alpha = np.zeros(3)
    for place in np.ndindex(*maps.shape):
        there, back = maps.copy(), maps.copy()
        there[place] += 1e-4
        back[place] -= 1e-4
        alpha[place[-1]] += (score(there) - score(back)) / 2e-4 / 64
    heat = np.maximum(maps[0] @ alpha, 0)
    assert heat.max() > 0.005
    for layer in (None, "maps"):
        assert np.abs(explain.grad_cam(net, x[0], output=1, layer=layer) - heat).max() < 1e-7


def test_maps_of_another_size_are_brought_to_that_of_the_image():
    net = filled(Sequential([layers.Input((8, 8, 3)), layers.Conv2D(3, 3, strides=2, padding="same"), layers.Flatten(),
                             layers.Dense(2)]))  # fmt: skip
    heat = explain.grad_cam(net, pictures(), output=0)
    assert heat.shape == (4, 8, 8) and (heat >= 0).all() and heat.any()


def test_the_place_that_decides_is_found():
    net = Sequential([layers.Input((12, 12, 1)), layers.Conv2D(1, 3, padding="same", kernel_initializer="ones"),
                      layers.GlobalMaxPooling2D(), layers.Dense(2)])  # fmt: skip
    net.layers[-1].set_weights([np.array([[1.0, -1.0]]), np.zeros(2)])
    x = np.zeros((12, 12, 1), np.float32)
    x[7:10, 2:5] = 1
    heat = explain.grad_cam(net, x, output=0)
    assert np.unravel_index(heat.argmax(), heat.shape) == (8, 3)
    assert not explain.grad_cam(net, x, output=1).any()  # nothing speaks for it


def test_of_a_linear_net_each_pixel_gets_its_weight_times_its_value():
    net = filled(Sequential([layers.Input((4, 4, 1)), layers.Flatten(), layers.Dense(2)]))
    image = np.random.default_rng(0).random((4, 4, 1)).astype(np.float32)
    kernel, _ = net.get_weights()
    for baseline in (0.0, 0.5, np.full((4, 4, 1), 0.25)):
        values, gap = explain.pixel_gradients(net, image, output=1, baseline=baseline)
        assert values.ravel() == pytest.approx((image - baseline).ravel() * kernel[:, 1], abs=1e-5)
        assert abs(gap) < 1e-5


def test_of_a_convolutional_net_the_pixels_add_up():
    net, x = pooled("softmax"), pictures(1)[0]
    values, gap = explain.pixel_gradients(net, x, steps=128)
    p = np.asarray(net.predict(np.stack([x, np.zeros_like(x)]), verbose=0))
    k = int(p[0].argmax())
    assert abs(gap) < 1e-3 and values.shape == x.shape
    assert values.sum() == pytest.approx(p[0, k] - p[1, k], abs=1e-3)


def test_pictures_are_written(tmp_path):
    from PIL import Image

    image = np.zeros((8, 4, 3))
    image[0, 0] = 1
    heat = np.zeros((8, 4))
    heat[1, 1], heat[2, 2] = 2, -2
    path = tmp_path / "seen.png"
    explain.save_overlay(path, image, heat, strength=1.0)
    with Image.open(path) as picture:
        assert picture.size == (128, 256) and picture.mode == "RGB"
        assert [picture.getpixel((32 * c + 16, 32 * r + 16)) for r, c in ((0, 0), (1, 1), (2, 2), (5, 3))] == [
            (255, 255, 255), (255, 0, 0), (0, 0, 255), (0, 0, 0)]  # fmt: skip
    with pytest.raises(FileError, match="exists already"):
        explain.save_overlay(path, image, heat)
    explain.save_overlay(path, image, np.zeros((8, 4, 3)), overwrite=True)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: explain.grad_cam(pooled(None), pictures(), layer="map"), ArgumentError, "Did you mean 'maps'"),
        (lambda: explain.grad_cam(pooled(None), pictures(), output=4), ArgumentError, "an output from 0 to 3; got 4"),
        (lambda: explain.grad_cam(pooled(None), np.zeros((8, 8))), ArgumentError, r"got shape \(8, 8\)"),
        (lambda: explain.grad_cam(Sequential([layers.Input((2,)), layers.Dense(1)]), pictures()), ArgumentError,
         "no layer of the model gives maps"),
        (lambda: explain.grad_cam(len, pictures()), UnsupportedError, "got builtin_function_or_method"),
        (lambda: explain.pixel_gradients(pooled(None), pictures()[0], output=9), ArgumentError, "got 9"),
        (lambda: explain.overlay(np.zeros((2, 2)), np.zeros((3, 2))), ArgumentError, r"shapes \(2, 2\) and \(3, 2\)"),
        (lambda: explain.save_overlay("a.gif", np.zeros((2, 2)), np.zeros((2, 2))), ArgumentError, "ends in .png"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
