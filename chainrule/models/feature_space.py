"""`FeatureSpace`: the columns of a table, each turned into numbers in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..errors import ArgumentError, NotBuiltError, did_you_mean
from ..layers import (
    CategoryEncoding,
    Discretization,
    HashedCrossing,
    Hashing,
    Identity,
    Input,
    IntegerLookup,
    Layer,
    Normalization,
    Rescaling,
    StringLookup,
)
from ..layers.preprocessing.strings import is_text, text_array
from ..ops.symbolic import KerasTensor
from ..serialization import builtin, deserialize_keras_object, serialize_keras_object
from .model import Model


@builtin
class Feature:
    """How one column is read.

    Args: dtype: of the column, 'string' for text; preprocessor: a layer, or how Keras names one; output_mode: 'int',
        'one_hot' or 'float'.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        if output_mode not in ("int", "one_hot", "float"):
            raise ArgumentError(f"Feature: expected output_mode 'int', 'one_hot' or 'float'; got {output_mode!r}.")
        self.dtype, self.output_mode = str(dtype), output_mode
        self.preprocessor = preprocessor

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal feature."""
        return {"dtype": self.dtype, "preprocessor": serialize_keras_object(self.preprocessor),
                "output_mode": self.output_mode}  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Feature:
        """A feature like the one that `config` came from."""
        return cls(config["dtype"], deserialize_keras_object(config["preprocessor"]), config["output_mode"])


@builtin
class Cross:
    """A combination of columns.

    Args: feature_names: names of columns; crossing_dim: int, the number of bins; output_mode: 'int' or 'one_hot'.
    """

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        if output_mode not in ("int", "one_hot"):
            raise ArgumentError(f"Cross: expected output_mode 'int' or 'one_hot'; got {output_mode!r}.")
        self.feature_names, self.crossing_dim = tuple(feature_names), crossing_dim
        self.output_mode = output_mode

    @property
    def name(self) -> str:
        """The names of the columns, joined."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal cross."""
        return {"feature_names": list(self.feature_names), "crossing_dim": self.crossing_dim,
                "output_mode": self.output_mode}  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Cross:
        """A cross like the one that `config` came from."""
        return cls(**config)


@builtin
class FeatureSpace(Model):
    """Columns of a table as one vector a row, or as a dict of them.

    Args:
        features: a dict of column names with what `FeatureSpace.float_normalized()` and its like give, or their names.
        output_mode: 'concat' (default): one vector, columns in the order of their names, then crosses;
            'dict': one for each column.
        crosses: combinations of columns, as `FeatureSpace.cross(...)` or a tuple of names (default none).
        crossing_dim, hashing_dim, num_discretization_bins: defaults for columns given by name (default 32).
        name: default None.

    Inputs: a dict of arrays (batch,) or (batch, 1), strings or numbers; or of single values.
    Raises: ArgumentError: an unknown kind or column; NotBuiltError: it has to be adapted first.

    Example:
    >>> space = FeatureSpace({"size": "float", "kind": FeatureSpace.string_categorical(num_oov_indices=0)})
    >>> space.adapt({"size": [1.0, 2.0, 3.0], "kind": ["b", "a", "b"]})
    >>> space({"size": [5.0], "kind": ["a"]}).tolist()
    [[0.0, 1.0, 5.0]]
    """

    def __init__(
        self, features: Mapping[str, Any], output_mode: str = "concat", crosses: Any = None, crossing_dim: int = 32,
        hashing_dim: int = 32, num_discretization_bins: int = 32, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        if not features:
            raise ArgumentError("FeatureSpace: expected at least one feature; got none.")
        if output_mode not in ("concat", "dict"):
            raise ArgumentError(f"FeatureSpace: expected output_mode 'concat' or 'dict'; got {output_mode!r}.")
        self.output_mode = output_mode
        self.crossing_dim, self.hashing_dim = crossing_dim, hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {name: self._feature(feature) for name, feature in features.items()}
        self.crosses = [self._cross(cross) for cross in crosses or []]
        self.preprocessors = {name: feature.preprocessor for name, feature in self.features.items()}
        self.crossers = {cross.name: HashedCrossing(cross.crossing_dim) for cross in self.crosses}
        self._encoders: dict[str, Layer] = {}
        self._symbols: dict[str, KerasTensor] | None = None
        self._encoded: Any = None
        if not self._adaptable():
            self._connect()

    def _feature(self, given: Any) -> Feature:
        if isinstance(given, Mapping):
            given = deserialize_keras_object(dict(given))
        if isinstance(given, Feature):
            return given
        sizes = {"float_discretized": self.num_discretization_bins, "string_hashed": self.hashing_dim,
                 "integer_hashed": self.hashing_dim}  # fmt: skip
        if given not in KINDS:
            raise ArgumentError(
                f"FeatureSpace: expected one of {', '.join(KINDS)}; got {given!r}.{did_you_mean(str(given), KINDS)}"
            )
        make = getattr(FeatureSpace, given)
        found: Feature = make(sizes[given]) if given in sizes else make()
        return found

    def _cross(self, given: Any) -> Cross:
        if isinstance(given, Mapping):
            given = deserialize_keras_object(dict(given))
        cross = given if isinstance(given, Cross) else Cross(given, self.crossing_dim)
        for name in cross.feature_names:
            if name not in self.features:
                raise ArgumentError(
                    f"FeatureSpace: cross {cross.name!r} expected names of features; got {name!r}."
                    f"{did_you_mean(name, list(self.features))}"
                )
        return cross

    # kinds of features

    @classmethod
    def cross(cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Combinations of the values of several columns, hashed into `crossing_dim` bins."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """A column read by a layer of the user's; output_mode 'float', 'int' or 'one_hot'."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Numbers as they are."""
        return Feature("float32", Identity(dtype="float32", name=name), "float")

    @classmethod
    def float_rescaled(cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
        """Numbers times scale plus offset."""
        return Feature("float32", Rescaling(scale, offset, name=name), "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Numbers brought to mean 0 and variance 1."""
        return Feature("float32", Normalization(axis=-1, name=name), "float")

    @classmethod
    def float_discretized(
        cls, num_bins: int, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Numbers as one of num_bins ranges that share the data out evenly, or with the given boundaries."""
        bins = None if bin_boundaries is not None else num_bins
        return Feature("float32", Discretization(bin_boundaries, bins, name=name), output_mode)

    @classmethod
    def integer_categorical(
        cls, max_tokens: int | None = None, num_oov_indices: int = 1, output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:  # fmt: skip
        """Integers that name categories."""
        layer = IntegerLookup(max_tokens, num_oov_indices, name=name)
        return Feature("int64", layer, output_mode)

    @classmethod
    def string_categorical(
        cls, max_tokens: int | None = None, num_oov_indices: int = 1, output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:  # fmt: skip
        """Strings that name categories."""
        return Feature("string", StringLookup(max_tokens, num_oov_indices, name=name), output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Strings hashed into num_bins bins."""
        return Feature("string", Hashing(num_bins, name=name), output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Integers hashed into num_bins bins."""
        return Feature("int64", Hashing(num_bins, name=name), output_mode)

    # adapting

    def _adaptable(self) -> list[str]:
        """The columns whose layers learn from data, and have not yet."""
        found = []
        for name, layer in self.preprocessors.items():
            learns = isinstance(layer, (IntegerLookup, StringLookup)) and layer._terms is None
            learns |= isinstance(layer, Discretization) and layer.bin_boundaries is None
            learns |= isinstance(layer, Normalization) and layer.input_mean is None and not layer.built
            found += [name] if learns else []
        return found

    def adapt(self, dataset: Any) -> None:
        """Let each column's layer learn from data, and put the parts together.

        Args: dataset: a dict of arrays, or an iterable of such dicts, without labels.
        """
        batches = [dataset] if isinstance(dataset, Mapping) else list(_batches(dataset))
        for batch in batches:
            if not isinstance(batch, Mapping):
                raise ArgumentError(
                    f"FeatureSpace.adapt: expected dicts of columns; got {type(batch).__name__}. Leave labels out: "
                    "ds.map(lambda x, y: x)."
                )
        for name, layer in self.preprocessors.items():
            if hasattr(layer, "adapt"):
                parts = [self._column(name, batch[name]).reshape(-1, 1) for batch in batches]
                if not (isinstance(layer, Discretization) and layer.num_bins is None):
                    layer.adapt(np.concatenate(parts))
        self._connect()

    # the graph

    def _connect(self) -> None:
        self._symbols = {
            name: Input(shape=(1,), name=name, dtype=feature.dtype) for name, feature in self.features.items()
        }
        self._encoded = self._encode(self._symbols)
        self.built = True

    def get_inputs(self) -> dict[str, KerasTensor]:
        """A symbolic input for each column."""
        self._check_adapted()
        assert self._symbols is not None
        return self._symbols

    def get_encoded_features(self) -> Any:
        """What becomes of the symbolic inputs."""
        self._check_adapted()
        return self._encoded

    def _check_adapted(self) -> None:
        if self._symbols is None:
            raise NotBuiltError(
                f"FeatureSpace: call adapt(data) first; {', '.join(self._adaptable())} learn from data."
            )

    def _encode(self, columns: Mapping[str, Any]) -> Any:
        names = sorted(self.preprocessors)  # the order in Keras
        found = {name: self.preprocessors[name](columns[name]) for name in names}
        for cross in self.crosses:
            found[cross.name] = self.crossers[cross.name]([found[name] for name in cross.feature_names])
        modes = {name: feature.output_mode for name, feature in self.features.items()}
        modes |= {cross.name: cross.output_mode for cross in self.crosses}
        ready = {name: self._as_mode(name, value, modes[name]) for name, value in found.items()}
        if self.output_mode == "dict":
            return ready
        return ops.concatenate([ops.cast(value, "float32") for value in ready.values()], -1)

    def _as_mode(self, name: str, value: Any, mode: str) -> Any:
        if mode != "one_hot":
            return value
        if name not in self._encoders:
            self._encoders[name] = CategoryEncoding(self._cardinality(name), output_mode="multi_hot")
        return self._encoders[name](value)

    def _cardinality(self, name: str) -> int:
        layer: Any = self.crossers.get(name) or self.preprocessors[name]
        if isinstance(layer, (IntegerLookup, StringLookup)):
            return layer.vocabulary_size()
        if isinstance(layer, Discretization):
            return len(layer.bin_boundaries or ()) + 1
        if hasattr(layer, "num_bins"):
            return int(layer.num_bins)
        raise ArgumentError(f"FeatureSpace: expected the layer of {name!r} to say how many values it has; use 'int'.")

    # calling

    def _column(self, name: str, value: Any) -> np.ndarray:
        """One column as an array."""
        if self.features[name].dtype == "string":
            return text_array(value if is_text(value) else np.asarray(value))
        return np.asarray(value).astype(self.features[name].dtype)

    def __call__(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        self._check_adapted()
        if not isinstance(data, Mapping):
            raise ArgumentError(f"FeatureSpace: expected a dict of columns; got {type(data).__name__}.")
        missing = [name for name in self.features if name not in data]
        if missing:
            raise ArgumentError(f"FeatureSpace: expected a column {missing[0]!r}; got {', '.join(map(repr, data))}.")
        if any(isinstance(value, KerasTensor) for value in data.values()):
            return self._encode(data)
        columns = {name: self._column(name, data[name]) for name in self.features}
        single = all(not column.ndim for column in columns.values())
        found = self._encode({name: column.reshape(-1, 1) if column.ndim < 2 else column
                              for name, column in columns.items()})  # fmt: skip
        if not single:
            return found
        return {key: value[0] for key, value in found.items()} if isinstance(found, dict) else found[0]

    # files

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal space; what `adapt` found is among them, or in the weights."""
        return {
            "features": {name: serialize_keras_object(feature) for name, feature in self.features.items()},
            "output_mode": self.output_mode, "crosses": [serialize_keras_object(cross) for cross in self.crosses],
            "crossing_dim": self.crossing_dim, "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins, "name": self.name, "adapted": self.built,
        }  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A space like the one that `config` came from."""
        adapted = config.get("adapted", False)
        space = cls(**{key: value for key, value in config.items() if key != "adapted"})
        if adapted and space._symbols is None:
            space._connect()
        return space


def _batches(dataset: Any) -> Iterable[Any]:
    if not isinstance(dataset, Iterable):
        kind = type(dataset).__name__
        raise ArgumentError(f"FeatureSpace.adapt: expected a dict or an iterable of dicts; got {kind}.")
    return dataset


KINDS = (
    "float", "float_rescaled", "float_normalized", "float_discretized", "integer_categorical", "string_categorical",
    "string_hashed", "integer_hashed",
)  # fmt: skip
