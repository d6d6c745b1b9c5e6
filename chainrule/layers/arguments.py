"""What layers are made and called with: arguments looked up and put in order."""

from __future__ import annotations

import inspect
from typing import Any

from ..errors import ArgumentError, ChainruleError, ShapeError, listed
from ..serialization import serialize_keras_object
from .trees import leaves, map_tensors


class UnsavableLayerError(ChainruleError, NotImplementedError):
    """A layer cannot say how it was made."""

    def __init__(self, label: str, argument: str) -> None:
        super().__init__(
            f"{label}: its argument {argument!r} is not kept as self.{argument}. Define get_config() so that "
            "the layer can be saved."
        )


def kept_argument(layer: Any, cls: type, parameter: inspect.Parameter) -> Any:
    """An argument of a layer as plain data: what it keeps under that name, or what it was made with.

    Raises: UnsavableLayerError: it keeps nothing, and was made with what JSON cannot hold.
    """
    if parameter.name in vars(layer):
        kept = vars(layer)[parameter.name]
        return kept if is_plain(kept) else serialize_keras_object(kept)  # tuples stay tuples, as Keras has them
    value = _given_argument(cls, layer._given, parameter)
    if not is_plain(value):
        raise UnsavableLayerError(layer._label(), parameter.name)
    return value


def _given_argument(cls: type, given: tuple[tuple[Any, ...], dict[str, Any]], parameter: inspect.Parameter) -> Any:
    """What a layer was made with for a parameter; its default if nothing was given."""
    args, kwargs = given
    names = list(inspect.signature(cls.__init__).parameters)[1:]  # type: ignore[misc]
    place = names.index(parameter.name)
    if parameter.kind is not parameter.KEYWORD_ONLY and place < len(args):
        return args[place]
    return kwargs.get(parameter.name, parameter.default)


def is_plain(value: Any) -> bool:
    """Whether JSON can hold a value as it is.

    >>> is_plain([1, "a", None]), is_plain(object())
    (True, False)
    """
    if isinstance(value, (list, tuple)):
        return all(is_plain(item) for item in value)
    return value is None or isinstance(value, (bool, int, float, str))


def first_input(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a layer is mainly called on: its first argument, or the first one by name that holds a tensor."""
    return args[0] if args else next((value for value in kwargs.values() if leaves(value)), None)


def shapes_for(
    method: Any, parameters: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What `build` or `compute_output_shape` is called with: the shape of the first input, or those it asks for.

    Args: method; parameters: those of `call`, in order; args, kwargs: what `call` is given.
    """
    every = [p for p in inspect.signature(method).parameters.values() if p.kind != p.VAR_KEYWORD]
    wanted = [p for p in every if p.default is p.empty or p.name.endswith("_shape")] or every
    if len(wanted) == 1 or any(p.kind == p.VAR_POSITIONAL for p in wanted):
        return (map_tensors(first_input(args, kwargs), lambda t: t.shape),), {}
    named = dict(zip(parameters, args, strict=False)) | kwargs
    shapes = {f"{k}_shape": map_tensors(v, lambda t: t.shape) for k, v in named.items() if leaves(v)}
    for p in wanted:
        if p.default is p.empty and not (p.name.endswith("_shape") and p.name.removesuffix("_shape") in parameters):
            raise ArgumentError(
                f"{method.__name__}: expected each of its arguments to be called like one of call(), followed by "
                f"_shape, {listed([f'{name}_shape' for name in parameters])}; got {p.name!r}."
            )
    return (), {p.name: shapes[p.name] for p in wanted if p.name in shapes}


def declared_shape(kwargs: dict[str, Any]) -> tuple[int | None, ...] | None:
    """The input shape, batch axis included, that a first layer was given; takes its arguments out of `kwargs`."""
    batch = kwargs.pop("batch_size", None)
    dim, shape = kwargs.pop("input_dim", None), kwargs.pop("input_shape", None)
    whole = kwargs.pop("batch_input_shape", kwargs.pop("batch_shape", None))
    if whole is not None:
        return tuple(whole)
    if shape is not None:
        return (batch, *(shape if isinstance(shape, (list, tuple)) else (shape,)))
    return None if dim is None else (batch, int(dim))


def call_defaults(cls: type) -> dict[str, Any]:
    """The parameters of `call` in order, with their defaults (None if there is none)."""
    found = cls.__dict__.get("_defaults_of_call")
    if found is None:
        parameters = list(inspect.signature(cls.call).parameters.values())[1:]  # type: ignore[attr-defined]
        found = {p.name: None if p.default is p.empty else p.default for p in parameters}
        cls._defaults_of_call = found  # type: ignore[attr-defined]
    return found


_GONE = {
    "evaluate_generator": "Use evaluate(generator).",
    "fit_generator": "Use fit(generator): it takes generators, too.",
    "predict_classes": "Use np.argmax(model.predict(x), axis=-1), or model.predict(x) > 0.5 for one output.",
    "predict_generator": "Use predict(generator).",
    "predict_proba": "Use predict(x).",
}  # methods that Keras 2 had


def gone(name: str) -> str:
    """What to do instead of a method that Keras 2 had; nothing for other names.

    >>> gone("fit_generator")
    ' Use fit(generator): it takes generators, too.'
    """
    return f" {_GONE[name]}" if name in _GONE else ""


def known_arguments(*classes: type) -> set[str]:
    """The arguments that layers of these classes may be given."""
    names = {name for cls in classes for name in inspect.signature(cls.__init__).parameters}  # type: ignore[misc]
    shapes = {"input_shape", "input_dim", "batch_input_shape", "batch_shape", "batch_size"}
    return names - {"self", "args", "kwargs"} | shapes


def weight_arguments(
    given: tuple[Any, ...], shape: Any, initializer: Any, dtype: Any, name: str | None
) -> tuple[tuple[int, ...], Any, Any, str | None]:
    """The arguments of `add_weight`, some of which may stand without their names: shape, initializer, dtype.

    In scripts of older versions the first one is the name.

    >>> weight_arguments(("kernel",), [2, 3], None, None, None)
    ((2, 3), None, None, 'kernel')
    """
    if given and isinstance(given[0], str):
        name, given = given[0], given[1:]
    if len(given) > 3 or (given and shape is not None):
        raise ArgumentError("add_weight: expected shape, initializer and dtype at most without names, each once.")
    shape, initializer, dtype = (*given, *(shape, initializer, dtype)[len(given) :])
    if isinstance(shape, int):
        raise ArgumentError(f"add_weight: expected shape to be a tuple of sizes; got {shape}. Write ({shape},).")
    if any(n is None for n in shape or ()):
        raise ShapeError(f"add_weight: expected sizes that are known; got shape {tuple(shape)}.")
    return tuple(int(n) for n in shape or ()), initializer, dtype, name
