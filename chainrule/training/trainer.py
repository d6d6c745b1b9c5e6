"""`Trainer`: compile, fit, evaluate, predict. A model is a Layer that is also a Trainer."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np

from .. import config, optimizers
from ..callbacks import CallbackList, History
from ..callbacks.callback import plain_logs
from ..errors import ArgumentError, NotBuiltError, did_you_mean
from ..executors import profile as measured
from ..ir import Tensor, eager
from ..ir.tree import map_structure
from ..metrics import Mean
from ..variables import SeedGenerator, StateScope, Variable
from . import custom
from .checker import look
from .compiled import check_names
from .data import ArrayData, BatchedData, array_data, unpack_validation, with_class_weight
from .engine import Engine
from .loop import Plan, Runner, is_due, run_predict, run_test, run_train
from .measuring import Measuring
from .stream import StreamData, make_data, split_rows
from .text import without_text


class Trainer(custom.Steps, Measuring):
    """The training half of a model. See `chainrule.Model` for the whole."""

    trainable_variables: list[Variable]
    stop_training = stop_evaluating = stop_predicting = False
    run_eagerly = False
    compute_dtype: Any
    variable_dtype: Any
    steps_per_execution = 1
    loss: Any = None
    history: Any = None
    _made_engine: Engine | None = None
    _shuffle_seed: SeedGenerator | None = None
    _frozen_at_compile: frozenset[Any] | None = None
    _untracked = frozenset(  # attributes of training; what they hold is no part of the model
        ("_weights", "_losses", "_inbound", "optimizer", "loss", "history", "_made_engine", "_shuffle_seed", "_kept")
        + ("_given", "_compile_arguments", "_compile_loss", "_compile_metrics", "_loss_tracker", "_frozen_at_compile")
        + ("_metrics_together",)
    )

    # what the other half provides

    def _forward(self, x: Any, training: bool) -> Any:
        raise NotImplementedError

    def _prepare(self, x: Any) -> None:
        """Create the weights for inputs like these, if they do not exist yet."""
        raise NotImplementedError

    def _numbers(self, x: Any, training: bool = False) -> Any:
        """Data with all done that comes before the compiled part."""
        return x

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
        """Choose how the model is trained. Which layers are trainable is taken over as it is now.

        Args:
            optimizer: a name ('adam', 'sgd', ...) or an optimizer (default 'rmsprop').
            loss: a name, a Loss, a function (y_true, y_pred); for several outputs a list or a dict by output name, or
                nested as they are. A function may stand for a branch of nested outputs, and gets all of it; several
                losses of one output, or of a branch, are a list and are added. Without one, that of the call before
                stays, as metrics do.
            loss_weights: a factor for each loss: nested as `loss` is, or one after the other.
            metrics: names, Metric objects or functions; for several outputs lists of them, a dict, or nested as they.
            weighted_metrics: metrics that take sample weights into account.
            run_eagerly: compute step by step instead of compiling whole epochs, so that `call` can look at values
                (default False).
            steps_per_execution: batches between two calls of a callback's batch methods (default 1).
            jit_compile: accepted for Keras scripts; everything is always compiled.
            auto_scale_loss: under the policy 'mixed_float16' wrap the optimizer in a `LossScaleOptimizer` (default
                True).
        Raises: ArgumentError: a name that is not known.
        """
        check_names(loss, metrics, weighted_metrics)
        self.optimizer = optimizers.get(optimizer)
        if self.optimizer is None:
            raise ArgumentError("compile: expected an optimizer; got None.")
        is_scaled = isinstance(self.optimizer, optimizers.LossScaleOptimizer)
        if auto_scale_loss and self.compute_dtype == "float16" != self.variable_dtype and not is_scaled:
            self.optimizer = optimizers.LossScaleOptimizer(self.optimizer, name="loss_scale_optimizer")
        if loss is None:
            loss, loss_weights = (self._compile_arguments.get(key) for key in ("loss", "loss_weights"))
        if metrics is None and weighted_metrics is None:
            metrics, weighted_metrics = (self._compile_arguments.get(key) for key in ("metrics", "weighted_metrics"))
        self.loss, self.run_eagerly, self.jit_compile = loss, bool(run_eagerly), jit_compile
        self.steps_per_execution = _positive("steps_per_execution", steps_per_execution)
        self._compile_arguments = {
            "optimizer": optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics,
            "weighted_metrics": weighted_metrics, "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution, "jit_compile": jit_compile,
        }  # fmt: skip
        self._loss_tracker = Mean(name="loss")
        self._compile_loss = self._compile_metrics = None
        self._made_engine = Engine(self)
        self._frozen_at_compile = self._frozen()
        self._kept.clear()
        self.stop_training = False
        self._compiled = True
        look("compile", self)

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._compiled

    @property
    def _engine(self) -> Engine:
        if self._made_engine is None:
            self._made_engine = Engine(self)
        return self._made_engine

    def _require_compiled(self, method: str) -> None:
        if not self._compiled:
            raise NotBuiltError(f"{method}: call model.compile(optimizer=..., loss=...) first.")

    def _frozen(self) -> frozenset[Any]:
        return frozenset(layer for layer in self._flatten_layers() if not layer._trainable)

    @contextmanager
    def _as_compiled(self) -> Iterator[None]:
        """Inside, the layers are trainable or frozen as they were when `compile` was called."""
        frozen = self._frozen_at_compile
        if frozen is None:
            yield
            return
        layers = self._flatten_layers()
        now = [(layer, layer._trainable, [(v, v.trainable) for v in layer._own()]) for layer in layers]
        try:
            for layer, was, weights in now:
                layer.__dict__["_trainable"] = layer not in frozen
                for v, is_trainable in weights:  # one that is frozen by itself stays so
                    v.trainable = v.began_trainable and layer not in frozen and (is_trainable or not was)
            yield
        finally:
            for layer, trainable, weights in now:
                layer.__dict__["_trainable"] = trainable
                for v, is_trainable in weights:
                    v.trainable = is_trainable

    def _shuffling(self) -> SeedGenerator:
        """Where the order of the rows comes from; the same model and seed give the same orders."""
        if self._shuffle_seed is None:
            self._shuffle_seed = SeedGenerator(name="shuffle")
        return self._shuffle_seed

    def _setup(self, data: ArrayData | StreamData, training: bool) -> None:
        """Everything that must exist before a step is recorded: weights, losses, metrics, optimizer slots."""
        kind = "train" if training else "test"
        if isinstance(data, StreamData):
            data.is_whole = custom.is_own(self, kind) and data.class_weight is None
        first = data.peek() if isinstance(data, StreamData) else data
        if custom.is_own(self, kind):
            custom.set_up(self, first, training)
            return
        first = first.apart()
        self._prepare(first.x)
        if self._compile_metrics is None:
            self._setup_outputs(first)
        if not training:
            return
        self._try_own_loss(first)
        trained = self._trained()
        if not trained:
            warnings.warn("fit: there is nothing to train, no weight of the model is trainable.", stacklevel=4)
        if not self.optimizer.built:
            self.optimizer.build(trained)

    def _try_own_loss(self, data: ArrayData) -> None:
        """Layers that only a `compute_loss` of the user's calls make their weights."""
        if type(self).compute_loss is Measuring.compute_loss or all(layer.built for layer in self._flatten_layers()):
            return
        x, y, weight = (map_structure(lambda a: None if a is None else Tensor(a[:2]), part) for part in data.parts)
        with eager(), StateScope():  # what the trial assigns is forgotten
            self._loss_of(x, y, self._forward(x, True), weight, True)

    def _trained(self) -> list[Variable]:
        """The weights that training changes, as it was when `compile` was called."""

        def find() -> list[Variable]:
            with self._as_compiled():
                return self.trainable_variables

        return self._remembered("trained", find)

    def _data(self, kind: str, x: Any, y: Any = None, sample_weight: Any = None) -> ArrayData | StreamData:
        """What a method is given, with all done that comes before the compiled part."""
        x = self._numbers(x, training=kind == "train")
        return make_data(x, y, sample_weight, partial(without_text, self, kind))

    def _one_batch(self, kind: str, x: Any, y: Any, sample_weight: Any, class_weight: Any = None) -> ArrayData:
        """The same for one batch."""
        data = self._data(kind, x, y, sample_weight)
        if isinstance(data, StreamData):
            raise ArgumentError(f"{kind}_on_batch: expected the arrays of one batch; got a {type(x).__name__}.")
        return with_class_weight(data, class_weight)

    # fit

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
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
        profile: bool = False,
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
            shuffle: a new order of the rows for each epoch (of the batches, for a `PyDataset`).
            class_weight: `{class: weight}`; sample_weight: a weight for each row.
            steps_per_epoch: batches an epoch (default all); the next epoch goes on with the batches that follow.
            validation_steps: batches of validation (default all).
            validation_batch_size: rows a batch of validation (default `batch_size`).
            validation_freq: validate every so many epochs, or after the epochs in a list.
            profile: at the end print where the time went, by layer and kernel (see `chainrule.profile`).

        Returns: `History`: `.history["loss"]`, `["val_loss"]`, ... one number an epoch.
        Raises: ArgumentError, DataError, DTypeError, ShapeError: what is given does not fit.
        """
        self._require_compiled("fit")
        self._warn_changed_trainable()
        data, validation = self._data("train", x, y, sample_weight), None
        if validation_data is not None:
            held, *others = unpack_validation(validation_data)
            validation = self._data("test", held, *others)
        elif validation_split:
            data, validation = split_rows(data, validation_split)
        if isinstance(data, StreamData):
            data.class_weight, data.seed = class_weight, self._shuffling() if shuffle else None
        else:
            data = with_class_weight(data, class_weight)
        batch = _batch_size(data, batch_size)
        epochs = min(_count("epochs", epochs), config.max_epochs() or sys.maxsize)
        steps_per_epoch = _limited(data, batch, _optional("steps_per_epoch", steps_per_epoch), self.steps_per_execution)
        validation_batch = _batch_size(validation, validation_batch_size or batch)
        validation_steps = _optional("validation_steps", validation_steps)
        if validation is not None:
            validation_steps = _limited(validation, validation_batch, validation_steps, self.steps_per_execution)
        plan = Plan(
            data, validation, batch, epochs, _count("initial_epoch", initial_epoch),
            data.order if isinstance(data, BatchedData) else bool(shuffle),
            steps_per_epoch, validation_steps, validation_batch, validation_freq,
        )  # fmt: skip
        is_due(validation_freq, 0)  # says so now if it makes no sense
        self._setup(data, training=True)
        if isinstance(data, ArrayData):
            look("fit", self, data, validation, validation_split)
        if validation is not None and custom.is_own(self, "train"):
            self._setup(validation, training=False)
        self.stop_training = False
        chosen = self._callbacks(callbacks, verbose, steps_per_epoch or _batches(data, batch), epochs, add_history=True)
        with measured(verbose=True) if profile else nullcontext():
            run_train(self, plan, chosen)
        history: History = self.history
        return history

    def _callbacks(
        self, callbacks: Any, verbose: Any, steps: int | None, epochs: int = 1, add_history: bool = False
    ) -> CallbackList:
        if isinstance(callbacks, CallbackList):
            return callbacks
        return CallbackList(
            callbacks, add_history=add_history, add_progbar=verbose != 0, model=self, verbose=verbose, epochs=epochs,
            steps=steps,
        )  # fmt: skip

    def _warn_changed_trainable(self) -> None:
        was = self._frozen_at_compile or frozenset()
        changed = [layer for layer in self._flatten_layers() if (layer in was) == layer._trainable]
        if changed:
            names = ", ".join(repr(layer.name) for layer in changed[:5])
            warnings.warn(
                f"`trainable` of {names} was changed after compile(); it takes effect when compile() is called again.",
                stacklevel=3,
            )

    # evaluate and predict

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics on data, nothing trained.

        Args: as of `fit`; steps: only so many batches (default all); return_dict: a dict by name (default False).

        Returns: the loss alone if there are no metrics, else a list in the order of `metrics_names`, the loss first.
        """
        self._require_compiled("evaluate")
        _refuse("evaluate", kwargs)
        data = self._data("test", x, y, sample_weight)
        batch = _batch_size(data, batch_size)
        steps = _limited(data, batch, _optional("steps", steps), self.steps_per_execution)
        self._setup(data, training=False)
        chosen = self._callbacks(callbacks, verbose, _batches(data, batch, steps))
        logs = run_test(Runner(self, "test", chosen), data, batch, steps)
        return logs if return_dict else self._values(logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for all rows of x, as NumPy arrays.

        Args: as of `evaluate`.

        With `verbose=0` and an array of a shape that was seen before it costs a few microseconds more than the
        computation itself; `model(x)` computes operation by operation and takes far longer.
        """
        is_plain = verbose == 0 and callbacks is None and steps is None and config.max_steps_per_epoch() is None
        again = self._engine.again.find(x, batch_size) if is_plain else None
        if again is not None:
            return again(x)
        data = self._data("predict", x)
        if isinstance(data, BatchedData) and data.order:  # the outputs come in the order of the pass
            data = StreamData(self._numbers(x), partial(without_text, self, "predict"))
        batch = _batch_size(data, batch_size)
        steps = _limited(data, batch, _optional("steps", steps), self.steps_per_execution)
        if isinstance(data, StreamData):
            data.is_whole = custom.is_own(self, "predict")
        if not custom.is_own(self, "predict"):
            self._prepare((data.peek() if isinstance(data, StreamData) else data).apart().x)
        chosen = self._callbacks(callbacks, verbose, _batches(data, batch, steps))
        runner = Runner(self, "predict", chosen)
        outputs = run_predict(runner, data, batch, steps)
        if is_plain and runner.whole is not None and isinstance(data, ArrayData) and isinstance(data.x, np.ndarray):
            self._engine.again.remember(x, batch_size, data.arrays[0].dtype, runner.whole)
        return outputs

    # one batch

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """One step on one batch; returns the loss (and metrics) of this batch before the step."""
        return self._on_batch("train", self._one_batch("train", x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Loss and metrics of one batch."""
        return self._on_batch("test", self._one_batch("test", x, y, sample_weight), return_dict)

    def _on_batch(self, kind: str, data: ArrayData, return_dict: bool) -> Any:
        self._require_compiled(f"{kind}_on_batch")
        self._setup(data, training=kind == "train")
        self.reset_metrics()
        ((_, reported),) = self._engine.run_batch(kind, data.parts)
        logs = self._logs() if reported is None else plain_logs(reported)
        return logs if return_dict else self._values(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy arrays."""
        rows = len(x) if isinstance(x, np.ndarray) and x.ndim else array_data(without_text(self, "predict", x)).rows
        return self.predict(x, batch_size=rows or None, verbose=0)


def _limited(data: Any, batch: Any, steps: int | None, piece: int) -> int | None:
    """So many batches, but no more than `config.set_max_steps_per_epoch` allows; and always whole pieces of them."""
    limit = config.max_steps_per_epoch()
    found = steps if limit is None else min(steps or _batches(data, batch) or limit, limit)
    return None if found is None else -(-found // piece) * piece


def _whole_number(name: str, value: Any, least: int) -> int:
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_whole or value < least:
        kind = "a positive integer" if least else "an integer of 0 or more"
        raise ArgumentError(f"expected {name} to be {kind}; got {value!r}.")
    return int(value)


def _positive(name: str, value: Any) -> int:
    return _whole_number(name, value, 1)


def _batch_size(data: Any, given: Any) -> int:
    """The rows of a batch: those of a data set of batches, else as given, else 32."""
    if isinstance(data, BatchedData):
        return data.batch
    return _positive("batch_size", 32 if given is None else given)


def _count(name: str, value: Any) -> int:
    return _whole_number(name, value, 0)


def _optional(name: str, value: Any) -> int | None:
    return _whole_number(name, value, 0) or None if value is not None else None


def _refuse(method: str, unknown: Mapping[str, Any]) -> None:
    for name in unknown:
        known = ("x", "y", "batch_size", "verbose", "sample_weight", "steps", "callbacks", "return_dict")
        raise ArgumentError(f"{method}: unknown argument {name!r}.{did_you_mean(name, known)}")


def _batches(data: ArrayData | StreamData, batch: int, most: int | None = None) -> int | None:
    """How many batches a pass has; None where that is not known."""
    if isinstance(data, StreamData):
        return most or len(data) or None
    full = -(-data.rows // batch)
    return full if most is None else min(most, full)
