"""Text in the `call` or the step of a subclass of Model: what is made of it, found out once, done before each Program.

A Program has numbers only. So the model is tried out on its first batch, operation by operation, with `SeenText` where
there is text: what layers make of it is written down as a `Reading`. From then on a batch takes what the Reading makes
of its text to the Program in place of the text, and there `HiddenText` answers the same calls with these tensors.
"""

from __future__ import annotations

import functools
import itertools
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import MissingNameError, UnsupportedError
from ...ir import Tensor
from .strings import Text, is_text, text_array

_LONG = 100  # a list this long that begins with plain values is data, and is not looked through
_KEY = "text"  # how the names of what was made of a text begin
_numbers = itertools.count()
_readings: weakref.WeakValueDictionary[int, Reading] = weakref.WeakValueDictionary()


@dataclass(frozen=True)
class Place:
    """One of the texts of a Reading: an input of the model (the first ones), or what an operation gave."""

    number: int


@dataclass(frozen=True)
class Step:
    """An operation on texts, with a `Place` for each text among its arguments."""

    operation: Callable[..., Any]
    args: Any
    kwargs: Any
    gives_text: bool
    inputs: tuple[int, ...]  # the places of the texts it takes


class Reading:
    """What a model makes of the texts among its inputs.

    Args: texts: how many there are.
    """

    def __init__(self, texts: int) -> None:
        self.texts = texts
        self.steps: list[Step] = []
        self.id = next(_numbers)
        _readings[self.id] = self

    def number_of(self, operation: Any, args: Any, kwargs: Any) -> int | None:
        """The place of what an operation gives; None if it is not known."""
        for number, step in enumerate(self.steps):
            if step.operation == operation and _same((step.args, step.kwargs), (args, kwargs)):
                return self.texts + number
        return None

    def add(self, operation: Any, args: Any, kwargs: Any, gives_text: bool) -> int:
        """Write down an operation; returns the place of what it gives."""
        known = self.number_of(operation, args, kwargs)
        if known is not None:
            return known
        inputs = tuple(place.number for place in _of_kind((args, kwargs), Place))
        self.steps.append(Step(operation, args, kwargs, gives_text, inputs))
        return self.texts + len(self.steps) - 1

    def read(self, texts: list[Text]) -> list[dict[str, np.ndarray]]:
        """For each text the numbers that are made of it, by names that say which they are.

        What several texts go into stands with the first of them.
        """
        values: dict[int, Any] = dict(enumerate(texts))
        found = [{f"{_KEY}:{self.id}:{k}": np.zeros(len(text), "int8")} for k, text in enumerate(texts)]
        owner = list(range(self.texts))
        for number, step in enumerate(self.steps, self.texts):
            args, kwargs = _filled((step.args, step.kwargs), values)
            owner.append(owner[step.inputs[0]])
            values[number] = result = step.operation(*args, **kwargs)
            if not step.gives_text:
                found[owner[-1]][f"{_KEY}:{self.id}:{owner[-1]}:{number}"] = np.asarray(result)
        return found


class SeenText(Text):
    """Text of the first batch, whose way through the model is written down."""

    reading: Reading | None = None  # what NumPy makes of it by itself is not followed
    place: Place

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key) if self.reading is None else follow(_item, (self, key), {})

    def __eq__(self, other: Any) -> Any:
        return super().__eq__(other) if self.reading is None else follow(_equal, (self, other), {})

    __hash__ = None  # type: ignore[assignment]


class HiddenText:
    """Text of a batch inside a Program, where only what was made of it is known.

    Args: reading; place: which text of it this is; values: the tensors by the places of what they were.
    """

    dtype = "string"

    def __init__(self, reading: Reading, place: Place, values: Mapping[int, Any]) -> None:
        self.reading, self.place, self.values = reading, place, values

    def __getitem__(self, key: Any) -> Any:
        return follow(_item, (self, key), {})

    def __eq__(self, other: Any) -> Any:
        return follow(_equal, (self, other), {})

    __hash__ = None  # type: ignore[assignment]

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise self._unknown()

    def __getattr__(self, name: str) -> Any:
        raise MissingNameError(f"{name!r}: {self._unknown()}")

    def _unknown(self) -> UnsupportedError:
        return UnsupportedError(
            "text inside a compiled step is for layers such as StringLookup, Hashing and TextVectorization and for "
            "tf.strings; other functions cannot read it there. Make numbers of it before `fit`."
        )


Followed = (SeenText, HiddenText)


def is_followed(value: Any) -> bool:
    """Whether a value is text on its way through a model that is tried out or recorded."""
    return isinstance(value, Followed) and value.reading is not None


def follow(operation: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What an operation makes of texts that are followed: text again, or a tensor.

    Raises: UnsupportedError: in a Program, when it was not done as the model was tried out.
    """
    texts = list(_of_kind((args, kwargs), Followed))
    reading, first = texts[0].reading, texts[0]
    written = _mapped((args, kwargs), Followed, lambda text: text.place)
    if isinstance(first, HiddenText):
        number = reading.number_of(operation, *written)
        if number is None:
            raise first._unknown()
        is_seen = not reading.steps[number - reading.texts].gives_text
        return first.values[number] if is_seen else HiddenText(reading, Place(number), first.values)
    plain, named = _mapped((args, kwargs), Followed, lambda text: text.view(Text))
    result = operation(*plain, **named)
    number = reading.add(operation, *written, gives_text=is_text(result))
    return seen(result, reading, number) if is_text(result) else result


def reads_text(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of texts that follows them on their way through a model."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return follow(wrapper, args, kwargs) if followed_in(args, kwargs) else function(*args, **kwargs)

    return wrapper


def seen(text: Any, reading: Reading, number: int) -> SeenText:
    """Text that is followed from here on."""
    found = text_array(text).view(SeenText)
    found.reading, found.place = reading, Place(number)
    return found


def followed_in(args: Any, kwargs: Any) -> bool:
    """Whether there is text among the arguments that is followed."""
    return next(_of_kind((args, kwargs), Followed), None) is not None


def hidden(tree: Any) -> Any:
    """The inputs of a Program as the model knows them: `HiddenText` in place of what was made of it."""
    parts = [part for part in _of_kind(tree, dict) if is_read(part)]
    if not parts:
        return tree
    made = [(key.split(":"), value) for part in parts for key, value in part.items()]
    values = {int(words[3]): value for words, value in made if len(words) == 4}

    def restored(part: dict[str, Any]) -> HiddenText:
        _, reading, number = min(part, key=len).split(":")[:3]
        return HiddenText(_readings[int(reading)], Place(int(number)), values)

    return _mapped(tree, dict, restored)


def is_read(value: Any) -> bool:
    """Whether a value stands for a text, as what was made of it."""
    return isinstance(value, dict) and bool(value) and str(next(iter(value))).startswith(f"{_KEY}:")


def texts_in(tree: Any) -> list[Any]:
    """All texts in nested inputs, in order."""
    return list(_of_kind(tree, None))


def with_texts(tree: Any, parts: list[Any]) -> Any:
    """The same nesting with other values in place of the texts."""
    source = iter(parts)
    return _mapped(tree, None, lambda _: next(source))


def _is_one(value: Any, kinds: Any) -> bool:
    if kinds is None:
        return is_text(value)
    if kinds is Followed:
        return is_followed(value)
    return isinstance(value, kinds) and (kinds is not dict or is_read(value))


def _of_kind(tree: Any, kinds: Any) -> Iterator[Any]:
    if _is_one(tree, kinds):
        yield tree
    elif isinstance(tree, (list, tuple)) and (len(tree) < _LONG or not isinstance(tree[0], (int, float, str))):
        for item in tree:
            yield from _of_kind(item, kinds)
    elif isinstance(tree, Mapping):
        for key in sorted(tree, key=str):
            yield from _of_kind(tree[key], kinds)


def _mapped(tree: Any, kinds: Any, function: Callable[[Any], Any]) -> Any:
    if _is_one(tree, kinds):
        return function(tree)
    if isinstance(tree, (list, tuple)):
        items = [_mapped(item, kinds, function) for item in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    if isinstance(tree, Mapping):
        found = {key: _mapped(tree[key], kinds, function) for key in sorted(tree, key=str)}
        return {key: found[key] for key in tree}
    return tree


def _filled(tree: Any, values: Mapping[int, Any]) -> Any:
    return _mapped(tree, Place, lambda place: values[place.number])


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except (TypeError, ValueError):  # arrays among them
        return repr(one) == repr(other)


def _item(text: Any, key: Any) -> Any:
    return text[key]


def _equal(one: Any, other: Any) -> Any:
    return Tensor(np.asarray(np.asarray(one, object) == np.asarray(other, object), bool))


__all__ = [
    "HiddenText", "Reading", "SeenText", "follow", "followed_in", "hidden", "is_followed", "is_read", "reads_text",
    "seen", "texts_in", "with_texts",
]  # fmt: skip
