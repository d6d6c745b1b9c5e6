"""Images: where a network looks (Grad-CAM), and its integrated gradients, as arrays and as pictures.

With A_c the maps of the last convolution and f the output, before its softmax or sigmoid where there is one,

    alpha_c = mean over places of  df / dA_c,        map = max(0, sum over c of  alpha_c A_c),

brought to the size of the image. Source: Selvaraju et al. 2017, arXiv:1610.02391, eq. 1 and 2.
"""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np

from ... import ops, transforms
from ...errors import ArgumentError, UnsupportedError, did_you_mean, listed
from ...files import write_atomically
from ...layers import InputLayer, Layer
from ...models import Model
from ...utils.images import array_to_img

_SMALLEST = 256  # pixels that the longer side of a picture has at least, up to whole multiples


def grad_cam(model: Any, images: Any, *, layer: str | None = None, output: int | None = None) -> np.ndarray:
    """Where in each image the evidence for an output is.

    Args:
        model: Model made by Sequential or the functional API, with one input of images, channels last.
        images: array (n, height, width, channels), or one image without the first axis.
        layer: str or None. The layer whose maps are read; default None: the last one that gives maps (a convolution,
            or what follows it).
        output: int or None. Which output; default None: of each image the largest.

    Returns:
        float64 array (n, height, width), each from 0 (no evidence) to its largest value; 0 everywhere where nothing
        speaks for the output. For one image (height, width).

    Raises:
        ArgumentError: no such layer or output, or no layer gives maps.
        UnsupportedError: it is no model of chainrule with a graph.

    >>> from chainrule import Sequential, layers
    >>> net = Sequential([layers.Input((4, 4, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)])
    >>> grad_cam(net, np.ones((5, 4, 4, 1), "float32")).shape
    (5, 4, 4)
    """
    x = np.asarray(images, np.float32)
    single = x.ndim == 3
    x = x[None] if single else x
    if x.ndim != 4:
        raise ArgumentError(f"grad_cam: expected images (n, height, width, channels); got shape {np.shape(images)}.")
    maps_of, rest = _halves(model, layer)
    maps = np.asarray(maps_of.predict(x, verbose=0), np.float64)
    if output is None:
        chosen = np.asarray(model.predict(x, verbose=0)).reshape(len(x), -1).argmax(1)
    else:
        chosen = np.full(len(x), output)
    slopes = _slopes(rest, maps, chosen)
    weights = slopes.mean((1, 2))
    heat = np.maximum(np.einsum("nhwc,nc->nhw", maps, weights), 0.0)
    resized = ops.image.resize(heat[..., None].astype(np.float32), x.shape[1:3], data_format="channels_last")
    found = np.asarray(resized, np.float64)[..., 0]
    return found[0] if single else found


def _halves(model: Any, name: str | None) -> tuple[Model, Model]:
    """The model up to a layer that gives maps, and from there to its output."""
    if not isinstance(model, Model) or model._graph is None or len(model.inputs) != 1:
        raise UnsupportedError(
            f"grad_cam: expected a Sequential or functional model with one input; got {type(model).__name__}."
        )
    layers = [layer for layer in model.layers if not isinstance(layer, InputLayer)]
    mapped = {layer.name: layer for layer in layers if len(_shape(layer)) == 4}
    if not mapped:
        raise ArgumentError("grad_cam: no layer of the model gives maps (height, width, channels).")
    if name is not None and name not in mapped:
        raise ArgumentError(f"grad_cam: no layer {name!r} gives maps; {listed(mapped)} do.{did_you_mean(name, mapped)}")
    start = mapped[name or list(mapped)[-1]].output
    return Model(model.inputs[0], start), Model(start, model.outputs[0])


def _shape(layer: Layer) -> tuple[Any, ...]:
    try:
        return tuple(layer.output.shape)
    except (AttributeError, ValueError):  # called more than once, or with several outputs
        return ()


def _slopes(rest: Model, maps: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The gradient of the chosen output of each image by its maps; of probabilities that of what is before them."""
    units = int(rest.outputs[0].shape[-1] or 0)
    if not ((chosen >= 0) & (chosen < units)).all():
        raise ArgumentError(f"grad_cam: expected an output from 0 to {units - 1}; got {int(chosen.max())}.")

    def score(x: Any, picked: Any) -> Any:
        found = rest(x)
        before = getattr(found, "logits", None)
        return ops.sum((found if before is None else before[1]) * picked)

    run = transforms.compile(transforms.grad(score))
    return np.asarray(run(maps.astype(np.float32), np.eye(units, dtype=np.float32)[chosen]), np.float64)


def overlay(image: Any, heat: Any, *, strength: float = 0.6) -> np.ndarray:
    """An image in grey with what an explanation says of its places in colour: red for, blue against.

    Args:
        image: array (height, width), or with 1, 3 or 4 channels; of any range.
        heat: array (height, width), or (height, width, channels), which are added.
        strength: float from 0 to 1, default 0.6. How much of the colour covers the image where it is strongest.

    Returns:
        uint8 array (height, width, 3).

    Raises:
        ArgumentError: sizes do not fit.

    >>> overlay(np.zeros((1, 3)), np.array([[1.0, 0.0, -0.5]]), strength=1.0).tolist()
    [[[255, 0, 0], [0, 0, 0], [0, 0, 128]]]
    """
    grey, values = np.asarray(image, np.float64), np.asarray(heat, np.float64)
    grey = grey[..., :3].mean(-1) if grey.ndim == 3 else grey
    values = values.sum(-1) if values.ndim == 3 else values
    if grey.ndim != 2 or grey.shape != values.shape:
        raise ArgumentError(
            f"overlay: expected an image and a heat of one height and width; got shapes {np.shape(image)} and "
            f"{np.shape(heat)}."
        )
    span = np.ptp(grey)
    grey = (grey - grey.min()) / span if span > 0 else np.zeros_like(grey)
    largest = np.abs(values).max()
    share = strength * (np.abs(values) / largest if largest > 0 else values)[..., None]
    colour = np.where((values > 0)[..., None], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0])
    return np.asarray(np.round(255 * ((1 - share) * grey[..., None] + share * colour)), np.uint8)


def save_overlay(path: Any, image: Any, heat: Any, *, strength: float = 0.6, overwrite: bool = False) -> None:
    """Write an overlay as a PNG file; small ones enlarged, so that a place can be seen. Needs Pillow.

    Args:
        path: the file's name, which ends in .png.
        image, heat, strength: as of `overlay`.
        overwrite: bool, default False. Whether a file of that name may be replaced.

    Raises:
        ArgumentError: another ending, or sizes that do not fit.
        FileError: it exists already, or cannot be written.
        UnsupportedError: Pillow is missing.
    """
    if not os.fspath(path).lower().endswith(".png"):
        raise ArgumentError(f"save_overlay: expected a name that ends in .png; got {os.fspath(path)!r}.")
    picture = overlay(image, heat, strength=strength)
    times = max(1, _SMALLEST // max(picture.shape[:2]))
    picture = picture.repeat(times, 0).repeat(times, 1)
    buffer = io.BytesIO()
    array_to_img(picture, "channels_last", scale=False).save(buffer, format="PNG")
    write_atomically(path, buffer.getvalue(), overwrite)
