"""Golden values of every keras.activations function: tests/golden/activations.json."""

from __future__ import annotations

from functools import partial
from typing import Any

from common import case, keras, np, tf, write

VECTOR = [-100.0, -20.0, -6.0, -3.0, -2.5, -1.5, -1.0, -0.75, -0.5, -0.3, -0.1, -0.001, 0.0,
          0.001, 0.1, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 3.0, 6.0, 7.5, 20.0, 100.0]  # fmt: skip
MATRIX = [[-1.0, 0.0, 1.0, 2.0], [0.5, 0.5, -0.25, 3.0], [100.0, -100.0, 0.0, 99.0]]
SMALL = [[-1.0, 0.0, 1.0], [0.5, -0.25, 3.0]]
CUBE = np.round(np.sin(np.arange(24) * 1.7) * 3, 3).reshape(2, 3, 4)

KWARGS: dict[str, list[dict[str, Any]]] = {
    "relu": [{}, {"negative_slope": 0.1}, {"max_value": 5.0}, {"threshold": 0.5}, {"max_value": 6.0, "threshold": 1.0},
             {"negative_slope": 0.2, "max_value": 2.0, "threshold": 0.5}],
    "leaky_relu": [{}, {"negative_slope": 0.01}, {"negative_slope": 0.5}],
    "elu": [{}, {"alpha": 0.5}, {"alpha": 2.0}],
    "celu": [{}, {"alpha": 0.5}, {"alpha": 2.0}],
    "gelu": [{}, {"approximate": True}, {"approximate": False}],
    "hard_shrink": [{}, {"threshold": 1.0}],
    "soft_shrink": [{}, {"threshold": 1.0}],
    "squareplus": [{}, {"b": 1}, {"b": 0.5}],
    "threshold": [{"threshold": 0.5, "default_value": -2.0}, {"threshold": 0.0, "default_value": 0.0},
                  {"threshold": -1.0, "default_value": 7.0}],
}  # fmt: skip
ALONG_AXIS = {
    "softmax": [({}, MATRIX), ({"axis": -1}, MATRIX), ({"axis": 0}, MATRIX), ({"axis": 1}, CUBE), ({"axis": -2}, CUBE)],
    "log_softmax": [({}, MATRIX), ({"axis": 0}, MATRIX), ({"axis": 1}, CUBE), ({"axis": -1}, CUBE)],
    "sparsemax": [({}, MATRIX), ({"axis": -1}, CUBE)],
    "glu": [({}, MATRIX), ({"axis": -1}, CUBE), ({"axis": 0}, CUBE)],
}


def activation_case(name: str, kwargs: dict[str, Any], x: Any) -> dict[str, Any]:
    """The value, and the gradient of sum(cotangent * value) by x."""
    function = partial(getattr(keras.activations, name), **kwargs)
    size = np.prod(function(tf.constant(x, "float32")).shape)
    cotangent = np.round(1 + 0.5 * np.cos(np.arange(size)), 2).reshape(function(tf.constant(x, "float32")).shape)
    value, gradient = value_and_gradient(function, tf.constant(x, "float32"), cotangent)
    gradient = np.where(is_trustworthy(function, x, cotangent, gradient), gradient.astype(object), None)
    return case(function=name, kwargs=kwargs, x=x, expected=value, cotangent=cotangent, gradient=gradient)


def value_and_gradient(function: Any, x: Any, cotangent: Any) -> tuple[Any, Any]:
    """function(x), and d sum(cotangent * function(x)) / d x."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = function(x)
        total = tf.reduce_sum(value * tf.constant(cotangent, x.dtype))
    return value.numpy(), tape.gradient(total, x).numpy()


def is_trustworthy(function: Any, x: Any, cotangent: Any, gradient: Any, step: float = 1e-6) -> Any:
    """Where the gradient lies between the slopes to the left and to the right (TensorFlow's celu at 0 does not)."""
    x = np.asarray(x, "float64")
    here, good = function(tf.constant(x, "float64")).numpy(), np.ones(x.shape, bool)
    for index in np.ndindex(x.shape):
        move = np.zeros(x.shape)
        move[index] = step
        left = np.sum(cotangent * (here - function(tf.constant(x - move, "float64")).numpy())) / step
        right = np.sum(cotangent * (function(tf.constant(x + move, "float64")).numpy() - here)) / step
        slack = 1e-3 * (1 + max(abs(left), abs(right)))
        good[index] = min(left, right) - slack <= gradient[index] <= max(left, right) + slack
    return good


def cases() -> list[dict[str, Any]]:
    """Every public function, in alphabetical order."""
    found = []
    names = [
        n for n in dir(keras.activations) if not n.startswith("_") and n not in ("get", "serialize", "deserialize")
    ]
    for name in names:
        if name in ALONG_AXIS:
            found += [activation_case(name, kwargs, x) for kwargs, x in ALONG_AXIS[name]]
            continue
        found += [activation_case(name, kwargs, VECTOR) for kwargs in KWARGS.get(name, [{}])]
        found.append(activation_case(name, KWARGS.get(name, [{}])[0], SMALL))
    for name in ("softmax", "log_softmax"):
        found.append(activation_case(name, {}, [0.5, -1.0, 2.0]))
    return found


def names() -> dict[str, str]:
    """Every string that keras.activations.get takes, with the name of the function it gives."""
    from keras.src.activations import ALL_OBJECTS_DICT

    return {string: function.__name__ for string, function in sorted(ALL_OBJECTS_DICT.items())}


if __name__ == "__main__":
    write(
        "activations.json",
        "keras.activations.FUNCTION(x, **kwargs) == expected; gradient is d sum(cotangent * expected) / d x "
        "(null where TensorFlow's is none: outside the slopes to the left and right); "
        "names: string -> function that get() gives",
        cases=cases(),
        names=names(),
    )
