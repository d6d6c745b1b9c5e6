"""`Trainer`: compile, fit, evaluate, predict. A model is a Layer that is also a Trainer."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import optimizers
from ..callbacks import CallbackList, History
from ..errors import ArgumentError, NotBuiltError
from ..ir import Tensor, eager
from ..ir.tree import flatten
from ..metrics import Mean, Metric
from ..primitives.arithmetic import as_operand
from ..variables import Variable
from .compiled import CompileLoss, CompileMetrics, flat, total_with, variables_of
from .data import ArrayData, StreamData, array_data, make_data, unpack_validation
from .engine import Engine
from .loop import run_predict, run_test, run_train


class Trainer:
    """The training half of a model. See `chainrule.Model` for the whole."""

    # what the other half provides
    variables: list[Variable]
    trainable_variables: list[Variable]
    optimizer: Any = None
    stop_training = False
    history: Any = None

    def _forward(self, x: Any, training: bool) -> Any:
        raise NotImplementedError

    def _prepare(self, x: Any) -> None:
        """Create the weights for inputs like these, if they do not exist yet."""
        raise NotImplementedError

    def _output_names(self, y_pred: Any) -> list[str]:
        raise NotImplementedError

    # compile

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Choose how the model is trained.

        Args:
            optimizer: a name ('adam', 'sgd', ...) or an optimizer (default 'rmsprop').
            loss: a name, a Loss, a function (y_true, y_pred); for several outputs a list or a dict by output name.
            loss_weights: a factor for each output's loss.
            metrics: names, Metric objects or functions; for several outputs lists of them, or a dict.
            weighted_metrics: metrics that take sample weights into account.
            run_eagerly, steps_per_execution, jit_compile, auto_scale_loss: accepted for Keras scripts. A whole epoch
                is always compiled; `run_eagerly=True` computes step by step instead, so that values can be looked at.
        """
        self.optimizer = optimizers.get(optimizer)
        self.run_eagerly = bool(run_eagerly)
        self.steps_per_execution, self.jit_compile = steps_per_execution, jit_compile
        self._compile_arguments = {
            "optimizer": optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics,
            "weighted_metrics": weighted_metrics, "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution, "jit_compile": jit_compile,
        }  # fmt: skip
        self._loss_tracker = Mean(name="loss")
        self._compile_loss: CompileLoss | None = None
        self._compile_metrics: CompileMetrics | None = None
        self._engine = Engine(self)
        self.stop_training = False
        self._compiled = True

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return bool(self.__dict__.get("_compiled"))

    def _require_compiled(self, method: str) -> None:
        if not self.compiled:
            raise NotBuiltError(f"{method}: call model.compile(optimizer=..., loss=...) first.")

    @property
    def loss(self) -> Any:
        """The loss as given to `compile`."""
        return self._compile_arguments["loss"]

    def _setup(self, data: ArrayData, training: bool) -> None:
        """Everything that must exist before a step is recorded: weights, losses, metrics, optimizer slots."""
        self._prepare(data.x)
        if self._compile_loss is None and self._compile_metrics is None:
            self._setup_outputs(data)
        if training and not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)

    def _setup_outputs(self, data: ArrayData) -> None:
        y_pred = self._output_symbols(data.x)
        names = self._output_names(y_pred)
        arguments = self._compile_arguments
        targets = flat(data.y, len(names), names, "y")
        y_shapes = [None if y is None else (None, *np.shape(y)[1:]) for y in targets]
        shapes = [t.shape for t in flatten(y_pred)]
        if arguments["loss"] is not None:
            self._compile_loss = CompileLoss(arguments["loss"], arguments["loss_weights"], names, y_shapes, shapes)
        self._compile_metrics = CompileMetrics(arguments["metrics"], arguments["weighted_metrics"], names)
        self._compile_metrics.build(y_shapes, shapes)
        self._create_lazy_state(shapes, targets)

    def _output_symbols(self, x: Any) -> Any:
        raise NotImplementedError

    def _create_lazy_state(self, shapes: list[Any], targets: list[Any]) -> None:
        """Metrics that make their state at the first update are given one row, outside of every recording."""
        assert self._compile_metrics is not None
        for k, _, metric, _ in self._compile_metrics.entries:
            if targets[k] is not None and not metric.variables:
                with eager():
                    fake = np.zeros((1, *shapes[k][1:]), "float32")
                    metric.update_state(as_operand(targets[k][:1]), as_operand(fake))
                metric.reset_state()

    # one step, as recorded

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Tensor:
        """The number that training makes small: the compiled losses plus what layers added. May be overridden."""
        loss = None
        if self._compile_loss is not None:
            names, outputs = self._compile_loss.names, flatten(y_pred)
            targets = flat(y, len(names), names, "y")
            loss = self._compile_loss(targets, outputs, flat(sample_weight, len(names), names, "sample_weight"))
        return total_with(loss, self.losses)  # type: ignore[attr-defined]

    def _update_metrics(self, loss: Tensor, x: Any, y: Any, y_pred: Any, weight: Any) -> None:
        count = float(next(a for a in flatten(x) if a is not None).shape[0])
        self._loss_tracker.update_state(loss, sample_weight=count)
        if self._compile_metrics is not None:
            names = self._compile_metrics.names
            weights = flat(weight, len(names), names, "sample_weight")
            self._compile_metrics.update(flat(y, len(names), names, "y"), flatten(y_pred), weights)

    @property
    def metrics(self) -> list[Metric]:
        """The loss tracker, the compiled metrics, and metrics held by layers."""
        own = super().metrics  # type: ignore[misc]
        if not self.compiled:
            return own
        trackers = [t for t in (self._compile_loss.trackers if self._compile_loss else []) if t is not None]
        compiled = self._compile_metrics.metrics if self._compile_metrics else []
        return list(dict.fromkeys([self._loss_tracker, *trackers, *compiled, *own]))

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns."""
        return list(self._logs()) if self.compiled else []

    def _metric_state(self) -> list[Variable]:
        return variables_of(self.metrics)

    def _all_state(self) -> list[Variable]:
        return list(dict.fromkeys([*self.variables, *self.optimizer.variables, *self._metric_state()]))

    def reset_metrics(self) -> None:
        """Start counting again."""
        for metric in self.metrics:
            metric.reset_state()

    def _logs(self) -> dict[str, Any]:
        """The current values of loss and metrics, the loss first."""
        logs: dict[str, Any] = {"loss": self._loss_tracker.result()}
        for tracker in self._compile_loss.trackers if self._compile_loss else []:
            if tracker is not None:
                logs[tracker.name] = tracker.result()
        if self._compile_metrics is not None:
            logs.update(self._compile_metrics.results())
        for metric in super().metrics:  # type: ignore[misc]
            logs[metric.name] = metric.result()
        return {key: _plain(value) for key, value in logs.items()}

    # fit

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Sequence[Any] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> History:
        """Train for a number of epochs.

        Args:
            x, y: arrays, lists, data frames (or lists, dicts of them), one row a sample; or a generator,
                `PyDataset` or iterable of batches as x alone.
            batch_size: rows a step (default 32); the last batch of an epoch may be smaller and counts too.
            epochs, initial_epoch: training runs from epoch `initial_epoch` to `epochs`.
            verbose: 1 a progress bar, 2 a line an epoch, 0 silent ('auto': 1).
            callbacks: objects of `chainrule.callbacks`.
            validation_split: this fraction of the LAST rows is used for validation.
            validation_data: (x, y) or (x, y, sample_weight), or batches.
            shuffle: a new order of the rows for each epoch.
            class_weight: `{class: weight}`; sample_weight: a weight for each row.
            steps_per_epoch, validation_steps: how many batches an epoch has (default all).
            validation_batch_size, validation_freq: of validation.

        Returns: `History`: `.history["loss"]`, `["val_loss"]`, ... one number an epoch.
        """
        self._require_compiled("fit")
        data = make_data(x, y, sample_weight, class_weight)
        validation = self._validation(validation_data)
        if validation_split and validation is None:
            if isinstance(data, StreamData):
                raise ArgumentError("fit: validation_split needs arrays; pass validation_data for a generator.")
            data, validation = data.split(validation_split)
        first = data.peek() if isinstance(data, StreamData) else data
        batch = _positive("batch_size", 32 if batch_size is None else batch_size)
        self._setup(first, training=True)
        if validation_split and isinstance(data, ArrayData) and isinstance(validation, ArrayData):
            _warn_missing_classes(data, validation)
        self.stop_training = False
        chosen = CallbackList.of(
            callbacks, self, verbose=_verbosity(verbose), epochs=epochs, steps=_steps(data, batch, steps_per_epoch),
        )  # fmt: skip
        return run_train(
            self, data, validation, batch, epochs, initial_epoch, chosen, shuffle, steps_per_epoch,
            validation_steps, validation_batch_size or batch, validation_freq,
        )  # fmt: skip

    def _validation(self, validation_data: Any) -> ArrayData | StreamData | None:
        if validation_data is None:
            return None
        return make_data(*unpack_validation(validation_data))

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Sequence[Any] | None = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics on data, nothing trained.

        Returns: the loss alone if there are no metrics, else a list `[loss, metric, ...]` in the order of
            `metrics_names`; a dict by name with `return_dict=True`.
        """
        self._require_compiled("evaluate")
        data = make_data(x, y, sample_weight)
        batch = _positive("batch_size", 32 if batch_size is None else batch_size)
        self._setup(data.peek() if isinstance(data, StreamData) else data, training=False)
        chosen = CallbackList.of(
            callbacks, self, verbose=_verbosity(verbose), epochs=1, steps=_steps(data, batch, steps), mode="test"
        )
        logs = run_test(self, data, batch, chosen, steps)
        if return_dict:
            return logs
        values = list(logs.values())
        return values[0] if len(values) == 1 else values

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Sequence[Any] | None = None,
    ) -> Any:
        """The outputs for all rows of x, as NumPy arrays."""
        data = make_data(x, None)
        batch = _positive("batch_size", 32 if batch_size is None else batch_size)
        first = data.peek() if isinstance(data, StreamData) else data
        self._prepare(first.x)
        if "_engine" not in self.__dict__:
            self._engine = Engine(self)
        chosen = CallbackList.of(
            callbacks, self, verbose=_verbosity(verbose), epochs=1, steps=_steps(data, batch, steps), mode="predict"
        )
        return run_predict(self, data, batch, chosen, steps)

    # one batch

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """One step on one batch; returns loss (and metrics) since they were last reset."""
        return self._on_batch("train", array_data(x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch."""
        return self._on_batch("test", array_data(x, y, sample_weight), return_dict)

    def _on_batch(self, kind: str, data: ArrayData, return_dict: bool) -> Any:
        self._require_compiled(f"{kind}_on_batch")
        self._setup(data, training=kind == "train")
        for _ in self._engine.run_pieces(kind, data.parts, np.arange(data.rows), data.rows, 1):
            pass
        logs = self._logs()
        values = list(logs.values())
        return logs if return_dict else values[0] if len(values) == 1 else values

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy arrays."""
        return self.predict(x, batch_size=array_data(x).rows, verbose=0)


def _plain(value: Any) -> Any:
    array = np.asarray(value)
    return float(array) if array.ndim == 0 else array


def _positive(name: str, value: Any) -> int:
    if int(value) < 1:
        raise ArgumentError(f"expected {name} to be a positive integer; got {value}.")
    return int(value)


def _verbosity(verbose: Any) -> int:
    return 1 if verbose in ("auto", True) else int(verbose)


def _steps(data: ArrayData | StreamData, batch: int, most: int | None) -> int | None:
    if isinstance(data, StreamData):
        return most or len(data) or None
    full = -(-data.rows // batch)
    return full if most is None else min(most, full)


def _warn_missing_classes(train: ArrayData, validation: ArrayData) -> None:
    """validation_split takes the last rows: say so when a class is missing in one part."""
    y, v = (np.asarray(d.y) if isinstance(d.y, np.ndarray) else None for d in (train, validation))
    if y is None or v is None or (y.dtype.kind == "f" and len(np.unique(y)) > 20):
        return
    classes, held = (set(np.unique(a).tolist()) for a in (y, v))
    if len(classes | held) <= 20 and classes != held and (y.ndim == 1 or y.shape[-1] == 1):
        warnings.warn(
            f"validation_split takes the last rows: classes {sorted(held)} there, {sorted(classes)} in the rest. "
            "Shuffle the rows before, or pass validation_data.",
            stacklevel=3,
        )

