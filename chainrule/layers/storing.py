"""What a layer keeps in files beyond its config: its weights, and how it was built. Layers may override all of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, MutableMapping
from typing import Any

from ..errors import ArgumentError
from ..variables import Variable, current_path, naming


class Storing:
    """The half of `Layer` that files of Keras ask."""

    name: str
    _built_for: tuple[int | None, ...] | None = None  # the shape that it was built for, if it was one; () for none

    def _own(self) -> list[Variable]:
        raise NotImplementedError

    def build(self, *shapes: Any) -> None:
        """Create the weights."""
        raise NotImplementedError

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            marks = not cls.__module__.startswith("chainrule.")
            cls.build = _named(vars(cls)["build"], marks)  # type: ignore[method-assign]

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the weights of this very layer into `store`, under '0', '1', ...; override it to keep more.

        Args: store: takes arrays by name; written to files in Keras's layout.
        """
        for index, variable in enumerate(self._saved_variables()):
            store[str(index)] = variable.numpy()

    def load_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Take the weights of this very layer from `store`.

        Raises: ArgumentError: their number differs.
        """
        own = self._saved_variables()
        if len(own) != len(store):
            raise ArgumentError(f"layer {self.name!r}: expected {len(own)} arrays; the file has {len(store)}.")
        for index, variable in enumerate(own):
            variable.assign(store[str(index)])
        self._settled()

    def _saved_variables(self) -> list[Variable]:
        """The weights of this very layer in the order in which files have them."""
        return self._own()

    def _settled(self) -> list[Variable]:
        """After a file was read: put in order what files do not have; the weights that are meant."""
        return []

    def get_build_config(self) -> dict[str, Any] | None:
        """Plain data for `build_from_config`: None unless a layer overrides it, as the shapes are known anyway."""
        return None

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Create the weights as `get_build_config` says: `build` for its `input_shape`, or for shapes by name."""
        shapes = config.get("shapes_dict")
        if config.get("input_shape") is not None:
            self.build(tuple(config["input_shape"]))
        elif shapes:
            self.build(**shapes)


def described_class(layer: Any) -> Any:
    """The class whose arguments `get_config` gives: that of the layer, but ours where the user's adds its own."""
    if not overrides(layer, "get_config"):
        return type(layer)
    return next(cls for cls in type(layer).__mro__ if cls.__module__.startswith("chainrule."))


def _named(build: Callable[..., Any], marks: bool) -> Callable[..., Any]:
    """A `build` that makes weights below the layer's name; one of the user's makes the layer know that it is built."""

    @functools.wraps(build)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        with naming(self.name, self):
            self._path = current_path()
            shape = next(iter([*args, *kwargs.values()]), None) or ()
            if isinstance(shape, (list, tuple)) and all(n is None or isinstance(n, int) for n in shape):
                self._built_for = tuple(shape)
            result = build(self, *args, **kwargs)
        if marks:
            self.built = True
        return result

    return wrapper


def overrides(layer: Any, method: str) -> bool:
    """Whether a class of the user's defines a method of these.

    >>> overrides(Storing(), "save_own_variables")
    False
    """
    return any(method in vars(c) for c in type(layer).__mro__ if not c.__module__.startswith("chainrule."))
