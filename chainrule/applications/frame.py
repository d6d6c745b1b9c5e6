"""What the named architectures have in common: the image that goes in, the top, and weights from files."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import layers, utils
from ..config import image_data_format
from ..errors import ArgumentError, FileError, UnsupportedError
from ..models import Model

Body = Callable[[Any], Any]
_ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/"


@dataclass(frozen=True)
class Form:
    """What a user says about an architecture.

    Args:
        include_top: the layers that name a class, too (default True).
        weights: 'imagenet' (default): of a file among those of Keras on this machine; the path of a file; None: random.
        input_tensor: the result of an Input, or of layers, that the network is put on.
        input_shape: (rows, columns, channels).
        pooling: without the top: 'avg' or 'max' over all places; None (default): the last maps themselves.
        classes, classifier_activation: of the top (default 1000, 'softmax'); name: of the model.
    """

    include_top: bool = True
    weights: Any = "imagenet"
    input_tensor: Any = None
    input_shape: Any = None
    pooling: str | None = None
    classes: int = 1000
    classifier_activation: Any = "softmax"
    name: str = ""


Part = Callable[[Any, Form], Any]


@dataclass(frozen=True)
class Kind:
    """What an architecture is, apart from its layers.

    Args: title: its name in messages; size: of an image, if nothing is said; least: the smallest; file: the weights,
        `{}` being '_notop' or nothing.
    """

    title: str
    size: int
    least: int
    file: str
    notop: str = "_notop"


def build(kind: Kind, form: Form, body: Body, top: Body | None = None, pooled: Body | None = None) -> Model:
    """The model: body, top (default: the mean over all places, and a Dense layer) and weights.

    Args: kind, form; body, top: functions of a symbolic tensor; pooled: what the pooling without a top is made of.

    Raises: ArgumentError: a setting that does not fit; FileError: weights that are not there.
    """
    image = image_of(kind, form)
    x = body(image)
    if form.include_top:
        x = (top or (lambda x: named_top(x, form)))(x)
    else:
        x = (pooled or (lambda x: pooling_of(x, form)))(x)
    inputs = image if form.input_tensor is None else utils.get_source_inputs(form.input_tensor)
    model = Model(inputs, x, name=form.name)
    load(kind, form, model)
    return model


def architecture(kind: Kind, usual: str, body: Part, top: Part | None = None) -> Callable[..., Model]:
    """The public function of an architecture whose settings are those of `Form`.

    Args: kind; usual: the name that the model has if nothing is said; body, top: functions of a symbolic tensor and the
        Form (default top: as of `build`).
    """

    def network(
        include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
        pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = usual,
    ) -> Model:  # fmt: skip
        form = Form(include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name)
        return build(kind, form, lambda x: body(x, form), (lambda x: top(x, form)) if top else None)

    network.__name__ = network.__qualname__ = kind.title
    network.__doc__ = f"The network {kind.title}. Args: as of `chainrule.applications.frame.Form`."
    return network


def image_of(kind: Kind, form: Form) -> Any:
    """The symbolic image."""
    if image_data_format() != "channels_last":
        raise UnsupportedError(f"{kind.title}: expected image_data_format 'channels_last'; got 'channels_first'.")
    if form.pooling not in (None, "avg", "max"):
        raise ArgumentError(f"{kind.title}: expected pooling to be None, 'avg' or 'max'; got {form.pooling!r}.")
    if form.weights == "imagenet" and form.include_top and form.classes != 1000:
        raise ArgumentError(f"{kind.title}: with weights='imagenet' and the top there are 1000 classes; got "
                            f"classes={form.classes}. Leave the top off, or use weights=None.")  # fmt: skip
    if form.input_tensor is not None:
        return form.input_tensor
    return layers.Input(_shape(kind, form))


def _shape(kind: Kind, form: Form) -> tuple[int | None, ...]:
    usual = kind.size if form.include_top else None
    shape = tuple(form.input_shape) if form.input_shape is not None else (usual, usual, 3)
    if len(shape) != 3:
        raise ArgumentError(f"{kind.title}: expected input_shape (rows, columns, channels); got {shape}.")
    if any(n is not None and n < kind.least for n in shape[:2]):
        raise ArgumentError(f"{kind.title}: expected images of at least {kind.least} x {kind.least}; got {shape}.")
    if form.weights == "imagenet" and shape[2] != 3:
        raise ArgumentError(f"{kind.title}: weights='imagenet' are for 3 channels; got input_shape {shape}.")
    return shape


def named_top(x: Any, form: Form, dropout: float = 0.0, **dense: Any) -> Any:
    """The mean over all places, and a Dense layer named 'predictions'."""
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = layers.Dropout(dropout, name="top_dropout")(x) if dropout else x
    return layers.Dense(form.classes, activation=form.classifier_activation, name="predictions", **dense)(x)


def pooling_of(x: Any, form: Form) -> Any:
    """The mean or the maximum over all places, or neither."""
    if form.pooling == "avg":
        return layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return layers.GlobalMaxPooling2D(name="max_pool")(x) if form.pooling == "max" else x


def load(kind: Kind, form: Form, model: Model) -> None:
    """Read the weights, if there are to be any."""
    if form.weights is None:
        return
    if form.weights != "imagenet":
        model.load_weights(os.fspath(form.weights))
        return
    name = kind.file.format("" if form.include_top else kind.notop)
    try:
        path = utils.get_file(name, cache_subdir="models")
    except FileError:
        raise FileError(
            f"{kind.title}: weights='imagenet' are read from the file {name} in ~/.keras/models (or "
            f"$KERAS_HOME/models), and it is not there; nothing is downloaded. Put it there (Keras has it below "
            f"{_ADDRESS}), give the path of a file, or use weights=None for random ones."
        ) from None
    model.load_weights(path)


def conv(x: Any, filters: int, size: Any, name: str | None = None, **kwargs: Any) -> Any:
    """A convolution."""
    return layers.Conv2D(filters, size, name=name, **kwargs)(x)


def rounded(filters: float, divisor: int = 8) -> int:
    """A number of filters as a multiple of `divisor`, at most a tenth below.

    >>> rounded(33), rounded(11)
    (32, 16)
    """
    found = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * filters else found


def padding_for(x: Any, size: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """What is put around maps before a window of `size` moves over them in steps of 2, so that it ends at their end."""
    rows, columns = x.shape[1:3]
    less = (1, 1) if rows is None else (1 - rows % 2, 1 - columns % 2)
    half = size // 2
    return (half - less[0], half), (half - less[1], half)
