"""Layers that multiply by a matrix of weights."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import activations, constraints, initializers, ops, regularizers
from ..errors import ArgumentError, ShapeError
from ..serialization import builtin
from .adapting import Adaptable, Matrix
from .checks import known_size, label, positive_integer
from .spec import InputSpec


class Weighted(Adaptable):
    """What `Dense` and `EinsumDense` share: a kernel, a bias, an activation."""

    kernel = Matrix()

    def _keep(
        self, activation: Any, kernel_initializer: Any, bias_initializer: Any, kernel_regularizer: Any,
        bias_regularizer: Any, kernel_constraint: Any, bias_constraint: Any,
    ) -> None:  # fmt: skip
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def _add_kernel(self, shape: Sequence[int], initializer: Any = None) -> None:
        chosen = initializer or self.kernel_initializer
        self._add_matrix(shape, chosen, self.kernel_regularizer, self.kernel_constraint)

    def _add_bias(self, shape: Sequence[int] | None) -> None:
        self.bias = None
        if shape is not None:
            self.bias = self.add_weight(
                shape, self.bias_initializer, regularizer=self.bias_regularizer, constraint=self.bias_constraint,
                name="bias",
            )  # fmt: skip

    def _finished(self, y: Any) -> Any:
        y = y if self.bias is None else y + self.bias
        return y if self.activation is None else self.activation(y)  # scripts take it away: layer.activation = None

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


@builtin
class Dense(Weighted):
    """Every output sees every input: `activation(inputs @ kernel + bias)`, over the last axis.

    Args:
        units: int, the size of the output's last axis.
        activation: name or function (default None: linear).
        use_bias: whether a bias is added (default True).
        kernel_initializer: of the weights (default 'glorot_uniform').
        bias_initializer: of the bias (default 'zeros').
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss (default None).
        kernel_constraint, bias_constraint: functions applied to the weights after each update (default None).

    Shapes: (batch, ..., n) -> (batch, ..., units). Weights: kernel (n, units), bias (units,).
    Raises: ArgumentError: units is not a positive integer. ShapeError: the last axis has another size than before.
    Source: Rosenblatt 1958, "The perceptron"; with hidden layers, Rumelhart, Hinton and Williams 1986.

    Example:
    >>> layer = Dense(2, kernel_initializer="ones")
    >>> layer([[1.0, 2.0, 3.0]]).tolist()
    [[6.0, 6.0]]
    >>> [(w.name, w.shape) for w in layer.weights]
    [('kernel', (3, 2)), ('bias', (2,))]
    """

    modes = ("int8", "int4", "gptq", "awq")

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **self._take_variants(kwargs))
        self.units = positive_integer(self, "units", units)
        self.use_bias = use_bias
        self._keep(
            activation, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint,
        )  # fmt: skip
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Create kernel and bias."""
        size = known_size(self, input_shape)
        self._add_kernel((size, self.units))
        self._add_bias((self.units,) if self.use_bias else None)
        self.input_spec = InputSpec(min_ndim=2, axes={-1: size})
        self._finish_build()

    def get_config(self) -> dict[str, Any]:
        """As every layer's, but that no regularizer of the activity is no entry, as in Keras's files."""
        config = super().get_config()
        return {key: value for key, value in config.items() if key != "activity_regularizer" or value is not None}

    def _kept_scale(self, scale: np.ndarray) -> np.ndarray:
        return scale[0]

    def _spread_scale(self, scale: Any, shape: tuple[int, ...]) -> Any:
        return scale

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """`activation(inputs @ kernel + bias)`."""
        return self._finished(ops.matmul(self._seen(inputs), self._matrix()))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape with `units` on the last axis."""
        return (*input_shape[:-1], self.units)


@builtin
class EinsumDense(Weighted):
    """A dense layer whose product is an equation: `activation(einsum(equation, inputs, kernel) + bias)`.

    Args:
        equation: `"input letters,kernel letters->output letters"`; `...` stands for further axes of the input.
        output_shape: sizes of the output without the batch axis (with `...` in front: of the lettered axes only); an
            int for one axis, None where the size is that of the input.
        activation: name or function (default None: linear).
        bias_axes: the output letters along which the bias varies (default None: no bias).
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint, bias_constraint:
            as for `Dense`.

    Shapes: as the equation says. Weights: kernel, and bias if bias_axes is given.
    Raises: ArgumentError: the equation does not read `ab,bc->ac`, or a letter of the kernel has no size.

    Example:
    >>> layer = EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")
    >>> layer.build((None, 7, 3))
    >>> layer.compute_output_shape((None, 7, 3)), layer.kernel.shape, layer.bias.shape
    ((None, 7, 4), (3, 4), (4,))
    """

    modes = ("int8", "int4", "gptq", "awq")

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**self._take_variants(kwargs))
        self.equation = equation
        self.output_shape = tuple(output_shape) if isinstance(output_shape, (list, tuple)) else (output_shape,)
        self.bias_axes = bias_axes
        self._keep(
            activation, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint,
        )  # fmt: skip
        self._terms()

    _input_rank: int | None = None

    def _terms(self) -> tuple[str, str, str]:
        """The letters of the input, the kernel and the output."""
        left, arrow, output = self.equation.replace(" ", "").partition("->")
        inputs, comma, kernel = left.partition(",")
        if not arrow or not comma or not kernel.isalpha() or not inputs or not output:
            raise ArgumentError(
                f"{label(self)}: expected an equation such as 'ab,bc->ac' or '...x,xy->...y'; got {self.equation!r}."
            )
        missing = set(self.bias_axes or "") - set(output)
        if missing:
            raise ArgumentError(
                f"{label(self)}: expected bias_axes to be letters of the output {output!r}; got {self.bias_axes!r}."
            )
        return inputs, kernel, output

    def build(self, input_shape: Any) -> None:
        """Create kernel and bias, their shapes found from the equation."""
        inputs, kernel, output = self._terms()
        self._input_rank = len(input_shape)
        sizes = self._sizes(input_shape)
        self._add_kernel([self._size(sizes, letter, input_shape) for letter in kernel], self._fitted(kernel, output))
        self._add_bias(self._bias_shape(sizes, inputs, output, input_shape))
        axes = {axis: sizes[letter] for letter, axis in _axes(inputs) if letter in kernel}
        self.input_spec = InputSpec(ndim=None if "..." in inputs else len(inputs), axes=axes)
        self._finish_build()

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The sizes of the letters of the output, those of `...` from the input."""
        inputs, _, output = self._terms()
        sizes = self._sizes(input_shape)
        front, dots, back = output.partition("...")
        begin = len(inputs.partition("...")[0])
        hidden = input_shape[begin : begin + len(input_shape) - len(inputs.replace("...", ""))] if dots else ()
        return (*[sizes[c] for c in front], *hidden, *[sizes[c] for c in back])

    def _sizes(self, input_shape: Any) -> dict[str, int | None]:
        """What each letter stands for; None where it is not known."""
        inputs, _, output = self._terms()
        sizes = _axis_sizes(inputs, input_shape)
        lettered = output.replace("...", "")
        lettered = lettered if output.startswith("...") else lettered[1:]
        if lettered and len(lettered) != len(self.output_shape):  # with nothing to say, it does not matter
            raise ShapeError(
                f"expected output_shape to give the sizes of the axes {', '.join(lettered)} of {self.equation!r}; "
                f"got {self.output_shape}."
            )
        for letter, size in zip(lettered, self.output_shape, strict=False):
            known = sizes.get(letter)
            if None not in (known, size) and known != size:
                raise ShapeError(f"expected size {known} for {letter!r} of {self.equation!r}; got output_shape "
                                 f"{self.output_shape} for input {tuple(input_shape)}.")  # fmt: skip
            sizes[letter] = known if size is None else size
        return sizes

    def _fitted(self, kernel: str, output: str) -> Any:
        """The initializer, knowing which axes of the kernel are outputs if it scales by their sizes."""
        given = self.kernel_initializer
        if not isinstance(given, initializers.VarianceScaling) or None not in (given.input_axes, given.output_axes):
            return given
        fitted = copy.copy(given)
        fitted.input_axes = [axis for axis, letter in enumerate(kernel) if letter not in output]
        fitted.output_axes = [axis for axis, letter in enumerate(kernel) if letter in output]
        return fitted

    def _size(self, sizes: dict[str, int | None], letter: str, input_shape: Any) -> int:
        size = sizes.get(letter)
        if size is None:
            raise ShapeError(f"expected a known size for {letter!r} of {self.equation!r}; got output_shape "
                             f"{self.output_shape} for input {tuple(input_shape)}.")  # fmt: skip
        return size

    def _bias_shape(
        self, sizes: dict[str, int | None], inputs: str, output: str, input_shape: Any
    ) -> list[int] | None:  # fmt: skip
        """From the first bias axis to the end of the output, size 1 on the axes that the bias does not depend on."""
        if not self.bias_axes:
            return None
        hidden = len(input_shape) - len(inputs.replace("...", ""))
        letters = output.replace("...", "." * hidden)
        first = min(letters.index(letter) for letter in self.bias_axes)
        tail = letters[first:]
        return [self._size(sizes, c, input_shape) if c in self.bias_axes else 1 for c in tail]

    # few bits: axes that are summed over; a scale lies in files as the output has its axes

    def _axes_of_inputs(self, rank: int) -> tuple[int, ...]:
        inputs, _, output = self._terms()
        return tuple(axis for letter, axis in _axes(inputs) if letter not in output)

    def _axes_of_matrix(self) -> tuple[int, ...]:
        _, kernel, output = self._terms()
        return tuple(axis for axis, letter in enumerate(kernel) if letter not in output)

    def _order_in_output(self) -> list[int]:
        """The axes of the kernel that are not summed over, as the output has them."""
        _, kernel, output = self._terms()
        return sorted(
            (axis for axis, letter in enumerate(kernel) if letter in output), key=lambda a: output.index(kernel[a])
        )

    def _kept_scale(self, scale: np.ndarray) -> np.ndarray:
        inputs, kernel, output = self._terms()
        hidden = (self._input_rank or 0) - len(inputs.replace("...", ""))
        letters = output.replace("...", "." * hidden)
        sizes = dict(zip(kernel, scale.shape, strict=True))
        return scale.transpose(*self._axes_of_matrix(), *self._order_in_output()).reshape(
            [sizes[letter] if letter in kernel else 1 for letter in letters]
        )

    def _spread_scale(self, scale: Any, shape: tuple[int, ...]) -> Any:
        order, summed = self._order_in_output(), self._axes_of_matrix()
        scale = ops.reshape(scale, [shape[axis] for axis in order] + [1] * len(summed))
        return ops.transpose(scale, np.argsort([*order, *summed]).tolist())

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """`activation(einsum(equation, inputs, kernel) + bias)`."""
        return self._finished(ops.einsum(self.equation, self._seen(inputs), self._matrix()))


def _axes(term: str) -> list[tuple[str, int]]:
    """Letters with the axes that they name: from the front before `...`, from the end after it.

    >>> _axes("a...bc")
    [('a', 0), ('b', -2), ('c', -1)]
    """
    front, _, back = term.partition("...")
    return [*zip(front, range(len(front)), strict=True), *zip(back, range(-len(back), 0), strict=True)]


def _axis_sizes(term: str, shape: Sequence[int | None]) -> dict[str, int | None]:
    letters = _axes(term)
    if len(shape) < len(letters) or (len(shape) > len(letters) and "..." not in term):
        raise ShapeError(f"expected input with the axes {term!r}; got shape {tuple(shape)}.")
    return {letter: shape[axis] for letter, axis in letters}
