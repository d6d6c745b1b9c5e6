"""Which loss is computed from which outputs: what `compile` was given as `loss` and `loss_weights`, spread out.

A loss may be given for one output, or for a branch of nested outputs: it then gets targets and outputs of the whole
branch, nested as the outputs are. A list of another kind than the outputs it stands for (a list where they are a
dict or a tuple), or for one output, holds several losses of the same outputs, which are added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError, UnknownNameError, did_you_mean, listed
from ..ir.tree import flatten, unflatten

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Term:
    """One loss of the sum.

    Args: loss: as `compile` was given it; weight: its factor; place: the numbers of its outputs, nested as they are
        (one number for one output); path: the keys and places that lead there.
    """

    loss: Any
    weight: float
    place: Any
    path: Path

    @property
    def is_single(self) -> bool:
        """Whether it is the loss of one output."""
        return isinstance(self.place, int)

    def label(self, names: Sequence[str]) -> str:
        """Its name in the logs, from the names of the outputs."""
        if self.is_single:
            return names[self.place]
        last = self.place if isinstance(self.place, Mapping) else [names[k] for k in flatten(self.place)]
        return "/".join(map(str, self.path)) or "_".join(str(name).rpartition("/")[2] for name in last)


def terms_of(loss: Any, weights: Any, outputs: Any, names: Sequence[str]) -> list[Term]:
    """The losses that are added.

    Args: loss, weights: as `compile` was given them; outputs: nested as those of the model; names: of the outputs.
    Raises: UnknownNameError, ArgumentError: there is no such output.

    >>> [(t.loss, t.weight, t.place, t.path) for t in terms_of(["mse", None], [2.0, 1.0], [0, 0], ["a", "b"])]
    [('mse', 2.0, 0, (0,))]
    >>> [t.label(["x", "y"]) for t in terms_of([print, ("mse", "mae")], None, (0, 0), ["x", "y"])]
    ['x_y', 'x', 'y']
    """
    places = unflatten(outputs, list(range(len(names))))
    if not _is_nested(loss) or _is_by_name(loss, places, names):
        found = _by_name(loss, weights, places, names)
    else:
        found = list(_walk(loss, _weights_like(loss, weights, names), places, ()))
    if not found:
        raise ArgumentError("compile: expected a loss for at least one output; got None for all.")
    return found


def _is_nested(tree: Any) -> bool:
    return isinstance(tree, (list, tuple)) or (isinstance(tree, Mapping) and "class_name" not in tree)


def _is_by_name(loss: Any, places: Any, names: Sequence[str]) -> bool:
    """Whether a dict speaks of outputs by their names, and not by the keys of a dict of outputs."""
    if not isinstance(loss, Mapping):
        return False
    return not isinstance(places, Mapping) or (not set(loss) <= set(places) and set(loss) <= set(names))


def _by_name(loss: Any, weights: Any, places: Any, names: Sequence[str]) -> list[Term]:
    """One entry for each output, by name, or one for all."""
    if _is_nested(loss):
        given, weights = by_names(loss, names, "loss"), _weights_like(loss, weights, names)
        factors = [None] * len(names) if weights is None else by_names(weights, names, "loss_weights")
    else:
        given, factors = [loss] * len(names), _weights_of_outputs(weights, names)
    return [
        term
        for (path, place), entry, factor in zip(leaves_of(places), given, factors, strict=True)
        for term in _walk(entry, factor, place, path)
    ]


def _weights_of_outputs(weights: Any, names: Sequence[str]) -> list[Any]:
    """A factor for each output, where one loss is meant for all."""
    if isinstance(weights, Mapping):
        return by_names(weights, names, "loss_weights")
    if isinstance(weights, (list, tuple)):
        if len(weights) != len(names):
            raise _wrong_count(weights, len(names))
        return list(weights)
    return [weights] * len(names)


def by_names(spec: Mapping[str, Any], names: Sequence[str], what: str) -> list[Any]:
    """The entries of a dict in the order of the names; None where there is none.

    >>> by_names({"b": 1}, ["a", "b"], "loss")
    [None, 1]
    """
    for key in spec:
        if key not in names:
            raise _unknown(key, names, what)
    return [spec.get(name) for name in names]


def _unknown(key: Any, names: Sequence[Any], what: str) -> UnknownNameError:
    known = [str(name) for name in names]
    hint = did_you_mean(str(key), known)
    return UnknownNameError(f"{what}: no output is named {key!r}; the outputs are {listed(known)}.{hint}")


def _weights_like(loss: Any, weights: Any, names: Sequence[str]) -> Any:
    """The factors nested as the losses are; None for all without."""
    if weights is None or _fit(loss, weights):
        return weights
    if isinstance(weights, Mapping):
        if isinstance(loss, Mapping):
            return {key: weights.get(key) for key in loss} if set(weights) <= set(loss) else by_names(
                weights, list(loss), "loss_weights")  # fmt: skip
        return _weights_like(loss, by_names(weights, names, "loss_weights"), names)
    losses = flatten(loss)
    if not _is_nested(weights):
        return unflatten(loss, [weights] * len(losses))
    factors = flatten(weights)
    if len(factors) != len(losses):
        raise _wrong_count(weights, len(losses))
    return unflatten(loss, factors)


def _wrong_count(weights: Any, losses: int) -> ArgumentError:
    return ArgumentError(f"loss_weights must match the number of losses: expected {losses}; got {weights!r}.")


def _fit(loss: Any, weights: Any) -> bool:
    """Whether factors are nested as the losses are; a list may stand for a tuple."""
    if not _is_nested(loss):
        return not _is_nested(weights)
    if isinstance(loss, Mapping):
        return isinstance(weights, Mapping) and set(weights) == set(loss) and all(
            _fit(loss[key], weights[key]) for key in loss)  # fmt: skip
    return isinstance(weights, (list, tuple)) and len(weights) == len(loss) and all(map(_fit, loss, weights))


def _walk(loss: Any, weights: Any, place: Any, path: Path) -> Iterator[Term]:
    """The terms of a branch of the outputs."""
    if loss is None:
        return
    if not _is_nested(loss):
        if isinstance(loss, (str, Mapping)) and not isinstance(place, int):
            raise ArgumentError(
                f"loss: {loss!r} is for one output, and stands where {len(flatten(place))} are meant. A list as long "
                "as there are outputs, nested as they are, names one for each."
            )
        yield Term(loss, as_weight(weights), place, path)
        return
    items = [] if isinstance(loss, Mapping) else list(loss)
    if items and len(flatten(place)) == len(items) and not any(map(_is_nested, items)):
        factors = [_part(weights, k) for k in range(len(items))]
        for (more, k), item, factor in zip(leaves_of(place), items, factors, strict=True):
            yield from _walk(item, factor, k, path + more)
    elif items and not isinstance(place, type(loss)) and not _has_name_each(items, place):
        for k, item in enumerate(items):
            yield from _walk(item, _part(weights, k), place, path)
    else:
        yield from _walk_into(loss, weights, place, path)


def _has_name_each(items: Sequence[Any], place: Any) -> bool:
    """Whether entries are one an output though the list is of another kind: a name is never meant for a branch."""
    fits = isinstance(place, (list, tuple)) and len(place) == len(items)
    return fits and any(isinstance(item, str) for item in items)


def _walk_into(loss: Any, weights: Any, place: Any, path: Path) -> Iterator[Term]:
    """The terms of a branch whose parts have losses of their own."""
    is_dict = isinstance(loss, Mapping)
    fits = isinstance(place, Mapping) if is_dict else isinstance(place, (list, tuple))
    known = (list(place) if is_dict else list(range(len(place)))) if fits else []
    where = f"loss of {'/'.join(map(str, path))!r}" if path else "loss"
    if not is_dict and len(known) != len(loss):
        raise UnknownNameError(f"{where}: expected {len(known)} entries, one an output; got {len(loss)}.")
    for key, entry in loss.items() if is_dict else enumerate(loss):
        if entry is None:
            continue
        if key not in known:
            raise _unknown(key, known, where)
        yield from _walk(entry, _part(weights, key), place[key], (*path, key))


def _part(weights: Any, key: Any) -> Any:
    return weights[key] if _is_nested(weights) else weights


def leaves_of(places: Any, path: Path = ()) -> list[tuple[Path, int]]:
    """The numbers of the outputs, each with the keys and places that lead to it.

    >>> leaves_of({"b": [1, 2], "a": 0})
    [(('a',), 0), (('b', 0), 1), (('b', 1), 2)]
    """
    if isinstance(places, Mapping):
        return [leaf for key in sorted(places) for leaf in leaves_of(places[key], (*path, key))]
    if isinstance(places, (list, tuple)):
        return [leaf for k, item in enumerate(places) for leaf in leaves_of(item, (*path, k))]
    return [(path, places)]


def as_weight(weight: Any) -> float:
    """A factor as a number; without one, 1.

    Raises: ArgumentError: it is none.
    """
    try:
        return 1.0 if weight is None else float(weight)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"compile: expected loss_weights to be numbers; got {weight!r}. The third argument of compile is "
            "loss_weights: write metrics=[...] with its name."
        ) from None
