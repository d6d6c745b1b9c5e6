"""JAX by hand: what its documentation shows for speed. Options: `loop` ('scan': an epoch a call, or 'step')."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import work as works
from ..work import Work

Parameters = Any


def train(work: Work, options: dict[str, Any]) -> Callable[[int], float]:
    """Epochs with buffers given back, the order of rows drawn on the host while the last epoch still runs."""
    x, y = (jnp.asarray(a) for a in works.data(work))
    make, apply = NETWORKS[work["network"]]
    parameters = make(work)
    mean, square = (jax.tree.map(jnp.zeros_like, parameters) for _ in range(2))
    state = (parameters, mean, square, jnp.float32(0))
    step = functools.partial(adam_step, lambda p, x, y: LOSSES[works.loss(work)](apply(work, p, x), y))
    epoch = {"scan": scanned, "step": stepped}[options.get("loop", "scan")](step, work)
    random, kept = np.random.default_rng(0), [state]

    def run(times: int) -> float:
        for _ in range(times):
            kept[0], loss = epoch(kept[0], x, y, random.permutation(work["rows"]))
        return float(jnp.mean(loss))

    return run


def predict(work: Work, options: dict[str, Any]) -> Callable[[int], None]:
    """So many calls of the compiled function with one row each, from array to array."""
    make, apply = NETWORKS[work["network"]]
    parameters, x = make(work), works.data({**work, "rows": 1})[0]
    call = jax.jit(lambda p, x: HEADS[works.loss(work)](apply(work, p, x)))

    def run(times: int) -> None:
        for _ in range(times):
            np.asarray(call(parameters, x))

    return run


def adam_step(loss: Callable[..., Any], state: Any, batch: tuple[Any, Any]) -> tuple[Any, Any]:
    """One step of Adam (Kingma and Ba 2015) with Keras's constants."""
    p, m, v, t = state
    value, g = jax.value_and_grad(loss)(p, *batch)
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    p = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), p, m, v)
    return (p, m, v, t), value


def scanned(step: Callable[..., Any], work: Work) -> Callable[..., Any]:
    """The whole epoch as one compiled function."""
    count = works.steps(work)

    @functools.partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, x: Any, y: Any, order: Any) -> tuple[Any, Any]:
        order = order[: count * work["batch"]]
        batches = jax.tree.map(lambda a: a[order].reshape(count, work["batch"], *a.shape[1:]), (x, y))
        return lax.scan(step, state, batches)

    return epoch


def stepped(step: Callable[..., Any], work: Work) -> Callable[..., Any]:
    """A call of a compiled function each step; the batch is gathered inside it."""

    @functools.partial(jax.jit, donate_argnums=0)
    def one(state: Any, x: Any, y: Any, rows: Any) -> tuple[Any, Any]:
        return step(state, (x[rows], y[rows]))

    def epoch(state: Any, x: Any, y: Any, order: Any) -> tuple[Any, Any]:
        for k in range(works.steps(work)):
            state, loss = one(state, x, y, order[k * work["batch"] : (k + 1) * work["batch"]])
        return state, loss

    return epoch


LOSSES = {
    "bce": lambda z, y: jnp.mean(jnp.maximum(z, 0) - z * y + jnp.log1p(jnp.exp(-jnp.abs(z)))),
    "mse": lambda z, y: jnp.mean((z - y) ** 2),
    "ce": lambda z, y: -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1)),
}
HEADS = {"bce": jax.nn.sigmoid, "mse": lambda z: z, "ce": jax.nn.softmax}


def _weights(*shapes: tuple[int, ...]) -> list[Any]:
    """Glorot's uniform weights, then zeros, for each shape."""
    random = np.random.default_rng(1)
    found = []
    for shape in shapes:
        patch = int(np.prod(shape[:-2]))
        limit = np.sqrt(6 / (patch * (shape[-2] + shape[-1])))
        found.append((jnp.asarray(random.uniform(-limit, limit, shape).astype(np.float32)), jnp.zeros(shape[-1])))
    return found


def _make_dense(work: Work) -> Parameters:
    return _weights(*zip(work["units"], work["units"][1:], strict=False))


def _apply_dense(work: Work, parameters: Parameters, x: Any) -> Any:
    for w, b in parameters[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = parameters[-1]
    return x @ w + b


def _make_cnn(work: Work) -> Parameters:
    side, channels, shapes = work["side"], 1, []
    for filters in work["filters"]:
        shapes.append((3, 3, channels, filters))
        side, channels = (side - 2) // 2, filters
    return _weights(*shapes, (side**2 * channels, work["hidden"]), (work["hidden"], work["classes"]))


def _apply_cnn(work: Work, parameters: Parameters, x: Any) -> Any:
    count = len(work["filters"])
    for w, b in parameters[:count]:
        x = lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = _pooled(jax.nn.relu(x + b))
    return _apply_dense(work, parameters[count:], x.reshape(len(x), -1))


def _pooled(x: Any) -> Any:
    """2x2 by reshaping: on CPUs its gradient is faster than that of `lax.reduce_window`."""
    n, h, w, c = x.shape
    return x[:, : h // 2 * 2, : w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))


def _make_transformer(work: Work) -> Parameters:
    width = work["width"]
    shapes = [(width, 3 * width), (width, width), (width, 4 * width), (4 * width, width)]
    return [(_weights(*shapes), _plain(width), _plain(width)) for _ in range(work["blocks"])]


def _plain(width: int) -> tuple[Any, Any]:
    return jnp.ones(width), jnp.zeros(width)


def _apply_transformer(work: Work, parameters: Parameters, x: Any) -> Any:
    heads = (*x.shape[:2], work["heads"], work["width"] // work["heads"])
    for (into, out, up, down), first, second in parameters:
        joined = _normal(x, first) @ into[0] + into[1]
        q, k, v = (a.reshape(heads) for a in jnp.split(joined, 3, axis=-1))
        mixed = jax.nn.dot_product_attention(q, k, v, is_causal=work["causal"])
        x = x + mixed.reshape(x.shape) @ out[0] + out[1]
        hidden = jax.nn.gelu(_normal(x, second) @ up[0] + up[1], approximate=False)
        x = x + hidden @ down[0] + down[1]
    return x


def _normal(x: Any, parameters: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    return centred * lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-3) * parameters[0] + parameters[1]


def _make_lstm(work: Work) -> Parameters:
    units = work["units"]
    (into, _), (around, bias), head = _weights((work["features"], 4 * units), (units, 4 * units), (units, 1))
    return {"into": into, "around": around, "bias": bias.at[units : 2 * units].set(1.0), "head": head}


def _apply_lstm(work: Work, parameters: Parameters, x: Any) -> Any:
    """The products with the inputs of all moments are one; the scan does what must be done in order."""
    given = jnp.swapaxes(x @ parameters["into"] + parameters["bias"], 0, 1)

    def moment(carry: tuple[Any, Any], given: Any) -> tuple[Any, None]:
        h, c = carry
        i, f, g, o = jnp.split(given + h @ parameters["around"], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zero = jnp.zeros((x.shape[0], work["units"]))
    (h, _), _ = lax.scan(moment, (zero, zero), given)
    w, b = parameters["head"]
    return h @ w + b


NETWORKS = {
    "dense": (_make_dense, _apply_dense),
    "cnn": (_make_cnn, _apply_cnn),
    "transformer": (_make_transformer, _apply_transformer),
    "lstm": (_make_lstm, _apply_lstm),
}
