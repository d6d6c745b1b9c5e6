"""Any compiled network as an estimator of scikit-learn, for its pipelines, searches and cross-validation.

This module imports scikit-learn, and is imported when one of its names is first used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from ..errors import ArgumentError, DataError, NotBuiltError
from ..models import Model
from ..models.cloning import clone_model
from ..serialization import deserialize_keras_object


class _Wrapped(BaseEstimator):  # type: ignore[misc]
    """What the three do: a model is made, and fitted to targets with at least two axes.

    Args:
        model: a compiled model, of which every `fit` trains a copy with new weights; or a function of X, y and
            `model_kwargs` that makes one.
        warm_start: train on from the last fit, and the model itself instead of a copy (default False).
        model_kwargs: dict, for a function (default None); fit_kwargs: dict, for `Model.fit` (default None).

    Attributes: model_: the fitted model; history_: what `Model.fit` gave back; n_features_in_.
    """

    def __init__(
        self, model: Model | Callable[..., Model], warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None, fit_kwargs: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.model, self.warm_start, self.model_kwargs, self.fit_kwargs = model, warm_start, model_kwargs, fit_kwargs

    def __sklearn_clone__(self) -> Any:
        """A copy without what was learnt: models are not copied, since `fit` does that."""
        return type(self)(self.model, self.warm_start, self.model_kwargs, self.fit_kwargs)

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Any:
        """Train.

        Args: X: (rows, columns); y: (rows,) or (rows, targets); kwargs: for `Model.fit`, before `fit_kwargs`.
        Raises: NotBuiltError: the model is not compiled; ArgumentError: it is no model; DataError: y.
        """
        X, y = validate_data(self, X, y, multi_output=True)
        self._targets_like(y)
        numbers = self._as_numbers(y)
        model = self._model_for(X, numbers)
        self.history_ = model.fit(X, numbers, **{**(self.fit_kwargs or {}), **kwargs})
        self.model_ = model
        return self

    def _model_for(self, x: np.ndarray, y: np.ndarray) -> Model:
        if self.warm_start and hasattr(self, "model_"):
            return self.model_
        if isinstance(self.model, Model):
            model = self.model if self.warm_start else clone_model(self.model)
            compiled = self.model.get_compile_config()
            if not model.compiled and compiled is not None:
                model.compile_from_config(deserialize_keras_object(compiled))
        else:
            model = self.model(X=x, y=y, **(self.model_kwargs or {}))
        if not isinstance(model, Model):
            raise ArgumentError(f"{type(self).__name__}: expected model to make a Model; got {type(model).__name__}.")
        if not model.compiled:
            raise NotBuiltError(f"{type(self).__name__}: expected a compiled model; call compile(...) on it.")
        return model

    def _raw(self, x: Any) -> np.ndarray:
        check_is_fitted(self)
        verbose = (self.fit_kwargs or {}).get("verbose", "auto")
        return np.asarray(self.model_.predict(validate_data(self, x, reset=False), verbose=verbose))

    def _targets_like(self, y: np.ndarray) -> None:
        """Keep what is to be known of the targets."""
        self._is_flat = y.ndim == 1

    def _as_numbers(self, y: np.ndarray) -> np.ndarray:
        return y.reshape(-1, 1) if y.ndim == 1 else y

    def predict(self, X: Any) -> np.ndarray:
        """The targets of new rows. Args: X: (rows, columns)."""
        found = self._raw(X)
        return found[:, 0] if self._is_flat and found.ndim == 2 and found.shape[1] == 1 else found


class SKLearnClassifier(ClassifierMixin, _Wrapped):  # type: ignore[misc]
    """A network that tells classes apart. It is trained on one column a class: a softmax over as many outputs fits.

    Args: model, warm_start, model_kwargs, fit_kwargs: a compiled model or a function that makes one; see the others.

    Attributes: classes_: the classes, sorted; model_; history_.

    Example:
    >>> import chainrule
    >>> def network(X, y):
    ...     model = chainrule.Sequential([chainrule.Input(X.shape[1:]), chainrule.layers.Dense(y.shape[1], "softmax")])
    ...     model.compile("adam", "categorical_crossentropy")
    ...     return model
    >>> estimator = SKLearnClassifier(network, fit_kwargs={"epochs": 100, "verbose": 0})
    >>> estimator.fit([[0.0], [0.1], [0.9], [1.0]] * 25, ["low", "low", "high", "high"] * 25).classes_.tolist()
    ['high', 'low']
    """

    def _targets_like(self, y: np.ndarray) -> None:
        kind = type_of_target(y, raise_unknown=True)
        if kind not in ("binary", "multiclass"):
            raise DataError(f"SKLearnClassifier: expected one class a row; got targets of the kind {kind!r}.")
        self._is_flat = y.ndim == 1
        self.classes_ = np.unique(y)
        if len(self.classes_) == 1:
            raise DataError(f"SKLearnClassifier can't train when only one class is present: {self.classes_[0]!r}.")

    def _as_numbers(self, y: np.ndarray) -> np.ndarray:
        return (y.reshape(-1, 1) == self.classes_).astype("float64")

    def decision_function(self, X: Any) -> np.ndarray:
        """What the network says of each class. Args: X: (rows, columns)."""
        return self._raw(X)

    def predict(self, X: Any) -> np.ndarray:
        """The class of new rows. Args: X: (rows, columns)."""
        scores = self._raw(X)
        found = self.classes_[scores.argmax(axis=1)]
        return found if self._is_flat else found.reshape(-1, 1)


class SKLearnRegressor(RegressorMixin, _Wrapped):  # type: ignore[misc]
    """A network that predicts numbers.

    Args: model, warm_start, model_kwargs, fit_kwargs: as for `SKLearnClassifier`.

    Example:
    >>> import chainrule
    >>> model = chainrule.Sequential([chainrule.Input((2,)), chainrule.layers.Dense(1)])
    >>> model.compile("adam", "mse")
    >>> estimator = SKLearnRegressor(model, fit_kwargs={"verbose": 0})
    >>> estimator.fit([[0.0, 1.0], [1.0, 0.0]], [1.0, 2.0]).predict([[0.5, 0.5]]).shape
    (1,)
    """


class SKLearnTransformer(TransformerMixin, _Wrapped):  # type: ignore[misc]
    """A network that makes columns out of columns, for the steps after it.

    Args: model, warm_start, model_kwargs, fit_kwargs: as for `SKLearnClassifier`.

    Example:
    >>> import chainrule
    >>> model = chainrule.Sequential([chainrule.Input((2,)), chainrule.layers.Dense(3)])
    >>> model.compile("adam", "mse")
    >>> transformer = SKLearnTransformer(model, fit_kwargs={"epochs": 1, "verbose": 0})
    >>> transformer.fit([[0.0, 1.0], [1.0, 0.0]], [[1.0, 2.0, 3.0]] * 2).transform([[0.5, 0.5]]).shape
    (1, 3)
    """

    def transform(self, X: Any) -> np.ndarray:
        """The columns that the network makes. Args: X: (rows, columns)."""
        return self._raw(X)


__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
