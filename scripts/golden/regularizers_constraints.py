"""Golden values of regularizers (with gradients) and constraints: tests/golden/regularizers_constraints.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, tf, write

MATRIX = [[0.5, -1.0, 0.0], [1.5, 0.25, -3.0], [-0.75, 2.0, 0.1], [0.0, 0.0, 0.0]]
VECTOR = [0.5, -1.0, 0.25, 0.0]
FILTERS = np.round(np.sin(np.arange(24) * 1.3) * 2, 2).reshape(2, 2, 2, 3)
SPHERE = [[0.6, 0.8, 0.0], [0.0, 1.0, 0.0], [0.5, -0.5, 1.0]]

REGULARIZERS: dict[str, list[tuple[dict[str, Any], list[Any]]]] = {
    "L1": [({}, [MATRIX, VECTOR]), ({"l1": 0.3}, [MATRIX, VECTOR, FILTERS])],
    "L2": [({}, [MATRIX, VECTOR]), ({"l2": 0.3}, [MATRIX, VECTOR, FILTERS])],
    "L1L2": [
        ({}, [MATRIX]),
        ({"l1": 0.1, "l2": 0.2}, [MATRIX, VECTOR]),
        ({"l1": 0.1}, [MATRIX]),
        ({"l2": 0.2}, [MATRIX]),
    ],
    "OrthogonalRegularizer": [({}, [SPHERE, MATRIX[:3]]), ({"factor": 0.1, "mode": "columns"}, [SPHERE, MATRIX[:3]])],
}
CONSTRAINTS: dict[str, list[tuple[dict[str, Any], list[Any]]]] = {
    "NonNeg": [({}, [MATRIX, VECTOR])],
    "UnitNorm": [({}, [MATRIX, VECTOR]), ({"axis": 1}, [MATRIX]), ({"axis": [0, 1, 2]}, [FILTERS])],
    "MaxNorm": [({}, [MATRIX, VECTOR]), ({"max_value": 1.0}, [MATRIX, VECTOR]),
                ({"max_value": 1.0, "axis": 1}, [MATRIX]),
                ({"max_value": 1.5, "axis": [0, 1, 2]}, [FILTERS])],
    "MinMaxNorm": [({}, [MATRIX, VECTOR]), ({"min_value": 1.2, "max_value": 2.0}, [MATRIX, VECTOR]),
                   ({"min_value": 0.5, "max_value": 1.0, "rate": 0.4, "axis": 1}, [MATRIX]),
                   ({"min_value": 1.0, "max_value": 1.5, "rate": 0.5, "axis": [0, 1, 2]}, [FILTERS])],
}  # fmt: skip


def regularizer_case(name: str, config: dict[str, Any], x: Any) -> dict[str, Any]:
    """The penalty and its gradient by x."""
    value = tf.constant(x, "float32")
    with tf.GradientTape() as tape:
        tape.watch(value)
        penalty = getattr(keras.regularizers, name)(**config)(value)
    return case(**{"class": name}, config=config, x=x, expected=penalty, gradient=tape.gradient(penalty, value))


def constraint_case(name: str, config: dict[str, Any], x: Any) -> dict[str, Any]:
    """What the constraint makes of x."""
    made = {key: tuple(value) if isinstance(value, list) else value for key, value in config.items()}
    return case(
        **{"class": name},
        config=config,
        x=x,
        expected=getattr(keras.constraints, name)(**made)(np.asarray(x, "float32")),
    )


def names(module: Any) -> dict[str, dict[str, str]]:
    """Every string that the module's get() takes, with the class it gives."""
    return {string: {"class": found.__name__} for string, found in sorted(module.ALL_OBJECTS_DICT.items())}


if __name__ == "__main__":
    from keras.src import constraints, regularizers

    write(
        "regularizers_constraints.json",
        "regularizers: keras.regularizers.CLASS(**config)(x) == expected, gradient is by x; constraints: "
        "keras.constraints.CLASS(**config)(x) == expected (float32); names: string -> class that get() gives",
        regularizers=[
            regularizer_case(n, config, x) for n, rows in REGULARIZERS.items() for config, xs in rows for x in xs
        ],
        constraints=[
            constraint_case(n, config, x) for n, rows in CONSTRAINTS.items() for config, xs in rows for x in xs
        ],
        regularizer_names=names(regularizers),
        constraint_names=names(constraints),
    )
