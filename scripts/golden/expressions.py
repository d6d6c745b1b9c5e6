"""Calls written out, with unusual dtypes, axes and values: tests/golden/expressions.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, np, write

X = "np.array([[1.5, -2.0, 0.5], [3.0, 4.0, -1.0]], 'float32')"
I8 = "np.array([[3, -2, 1], [2, 5, -4]], 'int8')"
LABELS, POINTS = "np.array([0, 2, 1, 1])", "np.array([[0.9, 0.4], [1.2, 0.7], [0.3, 0.8], [2.0, 0.1]], 'float32')"
EXPRESSIONS = (
    # None and ends that are not given
    "ops.arange(5, None, None)",
    "ops.arange(2.5, 8, None)",
    "ops.arange(1, 4, step=None, dtype='float32')",
    "ops.clip(np.array([1, 5, -2]), 0, 3)",
    f"ops.max({X}, axis=1, initial=2.0)",
    f"ops.min({I8}, initial=-9)",
    # dtypes
    *(f"ops.{f}(np.ones(3, 'float16'), {w})" for f in ("arctan2", "logaddexp", "logaddexp2") for w in (0.5, 3)),
    *(f"ops.{f}(np.array([1, 7], 'uint8'), -1)" for f in ("add", "multiply", "maximum", "floor_divide")),
    "ops.mod(np.array([True, False]), True)",
    "ops.fmod(np.array([True, False]), True)",
    "ops.power(np.array([True, False]), 2)",
    f"ops.dot({I8}, {I8}.T)",
    f"ops.matmul({I8}, {I8}.T)",
    "ops.vdot(np.array([1, 2], 'int8'), np.array([3, 4], 'int8'))",
    f"ops.einsum('ij,kj->ik', {I8}, {I8})",
    f"ops.einsum('ij->ji', {I8})",
    "ops.outer(np.array([True, False]), np.array([True, True]))",
    "ops.average(np.array([[1, 2], [3, 5]], 'float16'), axis=1, weights=np.array([1, 3], 'float32'))",
    f"ops.layer_normalization({I8})",
    f"ops.rms_normalization({I8})",
    "ops.stop_gradient(np.array([True, False]))",
    f"ops.view({X})",
    "ops.view(np.array([1, 2], 'int32'))",
    "ops.view(2)",
    "ops.saturate_cast(np.array([1.7, -1.7, 3e9]), 'int32')",
    "ops.saturate_cast(np.array([0.5, -1.7]), 'bool')",
    # axes and shapes
    f"ops.normalize({X}, axis=None, order=1)",
    f"ops.normalize({X}, axis=None, order=2)",
    "ops.argsort(np.float32(3))",
    "ops.logsumexp(np.zeros((0, 3), 'float32'), axis=0)",
    # large values
    "ops.arcsinh(np.array([-np.inf, -3e38, -5.0, -0.5, 0.0, 0.9, 1.1, 1e5, np.inf], 'float32'))",
    "ops.arcsinh(np.array([300.0, 6e4, -200.0], 'float16'))",
    "ops.arccosh(np.array([1.0, 1.5, 2.5, 1e5, 3e38, np.inf], 'float32'))",
    # losses
    f"losses.circle({LABELS}, {POINTS})",
    f"losses.circle({LABELS}, {POINTS}, gamma=2.0, remove_diagonal=False)",
    f"losses.Circle(gamma=3.0, margin=0.2)({LABELS}, {POINTS})",
    "losses.dice(np.zeros((2, 3), 'float32'), np.zeros((2, 3), 'float32'))",
    "losses.Dice(axis=(1,))(np.eye(2, dtype='float32'), np.zeros((2, 2), 'float32'))",
    "losses.tversky(np.zeros((2, 3), 'float32'), np.zeros((2, 3), 'float32'), alpha=0.3)",
    "losses.MeanSquaredError()(np.zeros((0, 2), 'float32'), np.zeros((0, 2), 'float32'))",
    # symbolic tensors
    "losses.mean_squared_error(keras.Input((4, 3)), keras.Input((4, 3)))",
    "losses.sparse_categorical_crossentropy(keras.Input((), dtype='int32'), keras.Input((3,)))",
    "losses.binary_crossentropy(keras.Input((3,)), keras.Input((3,)), from_logits=True)",
    "metrics.categorical_accuracy(keras.Input((3,)), keras.Input((3,)))",
    # refused
    "ops.gcd(np.array([4.0, 6.0]), 2)",
    "ops.lcm(4.0, 6)",
    f"ops.sum({X}, axis=(0, 0))",
    f"ops.mean({X}, axis=(1, -1))",
    "ops.power(np.array([2, 3], 'int32'), -1)",
)


def evaluated(expression: str) -> dict[str, Any]:
    names = {"np": np, "keras": keras, "ops": keras.ops, "losses": keras.losses, "metrics": keras.metrics}
    try:
        found = eval(expression, names)
    except Exception:
        return case(call=expression, refused=True)
    dtype = keras.backend.standardize_dtype(found.dtype)
    if isinstance(found, keras.KerasTensor):
        return case(call=expression, dtype=dtype, shape=list(found.shape))
    values = np.asarray(found)
    values = values.astype("float64") if values.dtype.kind not in "biu" else values
    return case(call=expression, dtype=dtype, shape=list(values.shape), values=values)


if __name__ == "__main__":
    write("expressions.json", "eval(call), or whether it is refused", cases=[evaluated(e) for e in EXPRESSIONS])
