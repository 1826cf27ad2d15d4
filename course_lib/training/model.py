"""The base of every model: data checked before training, compilation chosen for the learner, evaluation repeatable.

Keras' `fit` is the trainer. A model's `call` returns named ingredients and its `compute_loss` is the objective; what
stands here is what all models share around that.
"""

import contextlib
import itertools
import time

import keras
import numpy as np
from keras import ops

from course_lib.contracts.arguments import real_number, whole_number, whole_numbers
from course_lib.contracts.batches import Batch, BatchContract
from course_lib.contracts.containers import is_in_memory
from course_lib.contracts.data import DataContract, root_mean_square
from course_lib.contracts.networks import has_convolutions
from course_lib.runtime import has_accelerator
from course_lib.training.callbacks import Progress, ResumableTraining, StopAtNaN, in_a_notebook, watches_batches
from course_lib.training.devices import require_equal_shares, shares
from course_lib.training.passing_line import with_a_sign_of_life
from course_lib.training.pipelines import (
    Pipeline,
    ReplayedEpochs,
    WatchPipelines,
    is_pipeline,
    length,
    what_to_give,
)
from course_lib.training.resident import (
    BeginEpoch,
    EpochBatches,
    EpochRows,
    compiled_steps,
    readable,
    resident_train_function,
    without_autotuning,
)

_BATCH_SIZE = 128
_AT_ONCE = 2.0  # seconds: who interrupts twice within them wants more to end than one training
_STEPS_PER_EXECUTION = 32
_XLA_EARNS_ITS_COMPILATION = 3e8  # steps × weights; a compilation takes about three seconds on two cores


class UnsupervisedModel(keras.Model):
    """A Keras model that learns from `x` alone, or from `x` and the labels that it is conditioned on.

    Subclasses are handed their networks and define `call`, `compute_loss` and `data_contract`; they list random
    layers used in evaluation in `evaluation_draws`, so that every `evaluate` uses the same draws and curves can be
    compared from epoch to epoch. A conditional model defines `label_contract`; it is then trained by `fit(x, y)`, and
    its `call` and `compute_loss` get the pair `(x, labels)` in the place of `x`.
    """

    default_learning_rate = 1e-3
    takes_targets = False  # whether `fit(x, target)` teaches to give back something else than x: clean data from noisy
    was_trained = False  # whether `fit` has begun to change the weights, be it to its end or not
    epoch_batches = None  # the batches of the `fit` that is running, where the course itself reads them
    kinds_of_batches = EpochBatches, EpochRows  # what they are made of, for data in memory

    def data_contract(self):
        """Return the `DataContract` that `fit`, `evaluate` and the model's methods hold data to."""
        return DataContract(event_shape=None)

    def label_contract(self):
        """Return the `LabelContract` of a conditional model; None, as here, for a model that takes no labels."""

    def check_networks(self):
        """Raise a `ValueError` if the networks cannot work together; called before training starts."""

    def weight_penalty(self):
        """What the weight regularisers of the networks (`kernel_regularizer`) add to the loss: a scalar, 0 without."""
        return sum(self.losses)

    @property
    def evaluation_draws(self):
        """Random layers (with `rewind()`) whose draws `evaluate` repeats."""
        return ()

    def compile(
        self,
        optimizer=None,
        loss=None,
        *,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly=False,
        steps_per_execution="auto",
        jit_compile="auto",
        auto_scale_loss=True,
    ):
        """Choose the optimiser; compilation is chosen for you.

        On TensorFlow, data in memory stay with the compiled code and 32 steps run in one execution; dense models are
        compiled with XLA if the training is long enough to earn it, convolutional ones never on a CPU, where that is
        many times slower. JAX always compiles. On PyTorch neither applies.

        Args:
            optimizer: A Keras optimiser or its name; None is Adam with the model's default learning rate.
            loss, loss_weights, metrics, weighted_metrics: Must stay None: the objective is the model's own
                `compute_loss`, and what it is made of is tracked already.
            run_eagerly: As in Keras: step by step in Python, to look into a model with a debugger.
            steps_per_execution: `"auto"` or an integer (PyTorch: 1). Left to itself it is 1 where a callback asks for
                every batch, or steps are counted by `steps_per_epoch`, `validation_steps` or `steps`.
            jit_compile: `"auto"`, True (from the first step) or False.
            auto_scale_loss: As in Keras, for mixed precision in float16.

        Raises:
            ValueError: If a loss or metrics are given.
        """
        self._refuse_own_objective(loss=loss, loss_weights=loss_weights)
        self._refuse_own_metrics(metrics=metrics, weighted_metrics=weighted_metrics)
        jit, steps = self._fast_defaults()
        self._choose_jit, self._choose_steps = jit_compile == "auto", steps_per_execution == "auto"
        self._compiled_steps, self._train_functions, self._test_functions = {}, {}, {}
        super().compile(
            optimizer=keras.optimizers.Adam(self.default_learning_rate) if optimizer is None else optimizer,
            run_eagerly=run_eagerly,
            jit_compile=(jit and not run_eagerly) if self._choose_jit else jit_compile,
            steps_per_execution=steps if self._choose_steps else steps_per_execution,
            auto_scale_loss=auto_scale_loss,
        )

    def _refuse_own_objective(self, **given):
        for name, value in given.items():
            if value is not None:
                raise ValueError(
                    f"{type(self).__name__} brings its own objective, compute_loss; got {name}={value!r} as well. Drop "
                    "it: compile(optimizer=...). The likelihood or objective is chosen when the model is made."
                )

    def _refuse_own_metrics(self, **given):
        for name, value in given.items():
            if value is not None and len(value):
                raise ValueError(
                    f"{type(self).__name__} tracks the terms of its own loss; got {name}={value!r} as well, which "
                    "would compare a target with a dictionary of ingredients. Drop it, and compute from "
                    "course_lib.metrics, or from sample and reconstruct, in a keras.callbacks.LambdaCallback."
                )

    def _fast_defaults(self):
        """Whether to use XLA, and how many steps to run per execution (see `benchmarks/`)."""
        backend = keras.backend.backend()
        if backend == "torch":
            return False, 1
        slow_under_xla = has_convolutions(self) and not has_accelerator()
        compilable = all(layer.supports_jit for layer in self._flatten_layers())  # turned images have no XLA kernel
        if backend == "jax":
            return compilable, 1  # JAX runs nothing fast uncompiled, and its steps are dispatched ahead anyway
        return compilable and not slow_under_xla, _STEPS_PER_EXECUTION

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
    ):
        """Train on `x`; like `keras.Model.fit`, with the data checked first.

        Args:
            x: Array or table `(n, ...)`, or a pipeline of batches: a `tf.data.Dataset`, `PyDataset`, `DataLoader` or
                generator of `x`, `(x, y)` or `(x, y, sample_weight)`. Every batch is checked.
            y: Integers `(n,)` for a conditional model. For one that reconstructs, what is to be given back in the
                place of x, such as the clean data of a noisy x; else None (or `x` itself). A pipeline brings its own.
            batch_size: Integer; None is 128. A pipeline has its own.
            epochs: Integer, passes over the data.
            verbose: `"auto"` shows one calm line an epoch; 0 nothing that stays (a person in a notebook sees one line
                that goes when the cell ends); 1 and 2 are Keras' own displays.
            callbacks: List of Keras callbacks.
            validation_split: Share of an array `x` kept for validation.
            validation_data: What `x` may be, or a tuple `(x, y)` or `(x, y, sample_weight)`; evaluated after each
                epoch on the same draws.
            shuffle: Whether arrays come in a new order in each epoch, and the batches of a `PyDataset`.
            class_weight: Dict from a label to its weight, for a conditional model; times `sample_weight`.
            sample_weight: Numbers ≥ 0, `(n,)`, beside an array; a pipeline brings them third.
            initial_epoch: Integer, the epoch (counted from 0) at which to start.
            steps_per_epoch: Integer, batches that make an epoch, for data without an end.
            validation_steps, validation_batch_size, validation_freq: As for `keras.Model.fit`.

        Returns:
            A Keras `History`: losses per epoch, in nats per example (or the model's own unit). In a notebook, an
            interrupted training ends in a sentence and returns the epochs so far; interrupted twice within two seconds,
            and everywhere else, it raises `KeyboardInterrupt`.

        Raises:
            ValueError: If data or networks do not fit, before training starts; at a batch of a pipeline that does not
                fit; and at the step at which the loss ceases to be a finite number (unless
                `keras.callbacks.TerminateOnNaN` is there to end the training).
        """
        self._prepare()
        epochs, initial_epoch = whole_number(epochs, "epochs"), whole_number(initial_epoch, "initial_epoch")
        steps_per_epoch = _count_or_none(steps_per_epoch, "steps_per_epoch")
        validation_steps = _count_or_none(validation_steps, "validation_steps")
        validation_batch_size = _count_or_none(validation_batch_size, "validation_batch_size")
        callbacks = _as_list(callbacks)
        data = self._read(x, y, sample_weight, batch_size, class_weight=class_weight)
        batch_size = _BATCH_SIZE if batch_size is None else whole_number(batch_size, "batch_size", 1)
        validation_batch_size = validation_batch_size or batch_size
        held_out = None
        if validation_data is not None:
            held_out = self._checked_validation(validation_data, validation_batch_size)
        elif validation_split and isinstance(data, Batch):
            data, rest = _split(data, validation_split)
            held_out = _in_order(rest, validation_batch_size)
        elif validation_split:
            raise ValueError(
                "validation_split takes its share of an array; x is a pipeline. Split it yourself, a tf.data.Dataset "
                "by dataset.take(n) and dataset.skip(n), and give validation_data."
            )
        if isinstance(held_out, Pipeline) and held_out.is_read_once and validation_steps is None:
            raise ValueError(
                "validation_data is a generator, which can be read once and need not end; expected data that can be "
                "evaluated after each epoch. Give validation_steps and one that does not end, or an array, a PyDataset "
                "or tf.data.Dataset."
            )
        if isinstance(data, Batch):
            learned = data.x if data.target is None else data.target
            self.data_contract().require_loudness(root_mean_square(learned) if learned.dtype == "float32" else 0.0)
        if verbose == "auto":
            callbacks, verbose = [*callbacks, Progress()], 0
        elif not verbose:
            callbacks = with_a_sign_of_life(callbacks)
        if isinstance(data, Pipeline) or isinstance(held_out, Pipeline):
            callbacks = [*callbacks, WatchPipelines(data, held_out, steps_per_epoch, validation_steps)]
        options = {
            "epochs": epochs,
            "verbose": verbose,
            "callbacks": callbacks,
            "validation_data": held_out.for_keras() if isinstance(held_out, Pipeline) else held_out,
            "validation_batch_size": validation_batch_size,
            "shuffle": shuffle,
            "initial_epoch": initial_epoch,
            "steps_per_epoch": steps_per_epoch,
            "validation_steps": validation_steps,
            "validation_freq": _frequency(validation_freq),
        }
        if not self.built:
            parts = data.first if isinstance(data, Pipeline) else data.rows(slice(1)).parts()
            self(keras.tree.map_structure(lambda part: part[:1], parts[0]))
        before = getattr(self, "history", None)
        try:
            with self._whole_after_errors(data, held_out):
                if isinstance(data, Batch) and steps_per_epoch is None:
                    return self._fit_in_memory(data, batch_size, options)
                return self._fit_as_keras_does(data, batch_size, options)
        except KeyboardInterrupt:
            if not in_a_notebook() or time.monotonic() - UnsupervisedModel._interrupted_at < _AT_ONCE:
                raise
            UnsupervisedModel._interrupted_at = time.monotonic()
            return self._ended_calmly(before, initial_epoch, epochs)
        finally:
            self.was_trained = True

    _interrupted_at = -float("inf")  # when a training was interrupted last, of whatever model

    def _ended_calmly(self, before, initial_epoch, epochs):
        """Say what an interrupted training leaves; its history."""
        history = getattr(self, "history", None)
        if history is before or not hasattr(history, "epoch"):  # interrupted before the first step
            history = keras.callbacks.History()
            history.set_model(self)
            history.on_train_begin()
        whole = len(history.epoch)
        print(
            f"Stopped in epoch {initial_epoch + whole + 1} of {epochs}. The model keeps the weights of this moment, "
            f"the history {whole} whole epoch{'' if whole == 1 else 's'}.\n"
            "To train on: run this cell again. To start afresh: run the cell that makes the model, then this one.\n"
            "To stop the cells that follow, too: interrupt twice."
        )
        return history

    def _prepare(self):
        """What must hold before anything is trained or evaluated."""
        strategy = getattr(self, "distribute_strategy", None)
        if strategy is not None and strategy.num_replicas_in_sync > 1:
            raise ValueError(
                f"On TensorFlow this course trains on one device; got a {type(strategy).__name__} of "
                f"{strategy.num_replicas_in_sync} replicas, whose losses would be added up and whose noise would "
                "repeat. Make the model outside strategy.scope(), or start the program with KERAS_BACKEND=jax and "
                "keras.distribution.DataParallel()."
            )
        self.check_networks()
        if not self.compiled:
            self.compile()

    def _fit_in_memory(self, data, batch_size, options):
        """`fit` on data in memory, in an order that derives from (seed, epoch)."""
        batches = {
            "x": data.x,
            "labels": data.labels,
            "target": data.target,
            "sample_weight": data.weights,
            "batch_size": min(batch_size, len(data)),
            "seed": self._order_seed(),
            "shuffle": bool(options["shuffle"]),
        }
        options["shuffle"] = False  # the batches come in the order of their epoch
        steps = self.steps_per_execution if self._plain(options) else 1
        in_one_loop = keras.backend.backend() == "tensorflow" and not self.run_eagerly and steps > 1
        of_arrays, of_rows = self.kinds_of_batches
        self.epoch_batches = of_rows(steps, **batches) if in_one_loop else of_arrays(**batches)
        options["callbacks"] = [*options["callbacks"], BeginEpoch(self.epoch_batches)]
        try:
            if in_one_loop:
                return self._fit_in_one_loop(self.epoch_batches, options)
            with self._steps_for(options, options["epochs"] * len(self.epoch_batches)):
                return super().fit(readable(self.epoch_batches), **_stopping_at_nan(options))
        finally:
            self.epoch_batches = None

    def _fit_in_one_loop(self, rows, options):
        """TensorFlow: `fit` over the batches' numbers, while the data stay with the compiled steps."""
        import tensorflow as tf

        self.optimizer.build(self.trainable_variables)  # variables cannot be made inside the compiled loop
        compiled = self._compiled_for(options["epochs"] * rows.num_batches)
        options = _stopping_at_nan(options)
        watch = next((callback.check for callback in options["callbacks"] if isinstance(callback, StopAtNaN)), None)
        self.train_function = resident_train_function(compiled, rows, watch or (lambda logs, step, exact: None))
        try:
            return super().fit(without_autotuning(tf.data.Dataset.range(rows.num_batches)), **options)
        finally:
            self.train_function = None

    def _fit_as_keras_does(self, data, batch_size, options):
        """Pipelines, and steps that are counted: Keras' own way, unchanged."""
        kept = [callback for callback in options["callbacks"] if isinstance(callback, ResumableTraining)]
        is_batch = isinstance(data, Batch)
        try:
            if is_batch:
                if kept:
                    raise ValueError("ResumableTraining keeps whole epochs of arrays: leave out steps_per_epoch.")
                inputs, target, weights = (*data.parts(), None, None)[:3]
                source = {"x": inputs, "y": target, "sample_weight": weights, "batch_size": batch_size}
            elif kept or (options["steps_per_epoch"] is None and data.is_read_in_order):
                steps, shuffle = options.pop("steps_per_epoch"), options.pop("shuffle")
                batches = ReplayedEpochs(data, steps, self._order_seed(), shuffle, keeps_digests=bool(kept))
                self.epoch_batches, source = batches, {"x": readable(batches), "shuffle": False}
                options["callbacks"] = [*options["callbacks"], BeginEpoch(batches)]
            else:
                source = {"x": data.for_keras()}
                options["shuffle"] = options["shuffle"] and _can_be_shuffled(source["x"])
            steps = options.get("steps_per_epoch") or (len(data) // batch_size if is_batch else length(data.source))
            with self._steps_for(options, None if steps is None else options["epochs"] * steps):
                return super().fit(**source, **_stopping_at_nan(options))
        finally:
            self.epoch_batches = None

    def _order_seed(self):
        seed = getattr(self, "seed", None)
        return np.random.randint(2**31) if seed is None else seed  # noqa: NPY002  follows setup's seed

    def _plain(self, options):
        """Whether several steps may run in one execution unseen: nobody counts them, or was asked to."""
        counted = options.get("steps_per_epoch") or options.get("validation_steps") or options.get("steps")
        watched = any(watches_batches(callback) for callback in options.get("callbacks") or [])
        return not self._choose_steps or not (counted or watched or self._under_a_strategy())

    @contextlib.contextmanager
    def _whole_after_errors(self, *read):
        """However it ends, the model has its weights; and what was wrong with a batch is said in the course's words."""
        try:
            yield
        except BaseException as error:
            if hasattr(self, "jax_state_sync"):  # on JAX, Keras holds the weights itself while it trains
                self.jax_state_sync()
            kept = [source.error for source in read if isinstance(source, Pipeline) and source.error is not None]
            if kept and isinstance(error, Exception) and error is not kept[0]:
                raise kept[0] from kept[0].__cause__  # without the backend's error around it
            raise

    def _under_a_strategy(self):
        return getattr(self, "_distribute_strategy", None) is not None

    @contextlib.contextmanager
    def _steps_for(self, options, num_steps=None):
        """Keras' own way with as many steps per execution as may run unseen, and the function compiled for that."""
        steps, jit_compile = self.steps_per_execution, self.jit_compile
        self.steps_per_execution = steps if self._plain(options) else 1
        if keras.backend.backend() == "tensorflow":
            self.jit_compile = self._earns_compilation(num_steps)
        kind = self.steps_per_execution, self.jit_compile
        self.train_function = self._train_functions.get(kind)
        try:
            yield
        finally:
            self._train_functions[kind] = self.train_function
            self.steps_per_execution, self.jit_compile, self.train_function = steps, jit_compile, None

    def _earns_compilation(self, num_steps):
        """Whether to compile with XLA: as was asked for; left to itself, if the training is long enough to earn it."""
        earned = num_steps is None or num_steps * self.count_params() >= _XLA_EARNS_ITS_COMPILATION
        return bool(self.jit_compile) and (earned or not self._choose_jit)

    def _compiled_for(self, num_steps):
        """The compiled steps of the loop over resident data."""
        jit_compile = self._earns_compilation(num_steps)
        if jit_compile not in self._compiled_steps:
            self._compiled_steps[jit_compile] = compiled_steps(self, jit_compile)
        return self._compiled_steps[jit_compile]

    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose=0,
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
        **kwargs,
    ):
        """Average the losses over a data set, on the same random draws every time.

        Args:
            x: Array or table `(n, ...)`, or a pipeline of batches as for `fit`.
            y: As for `fit`.
            batch_size: Integer; None is 128. The last, smaller batch counts by its size.
            verbose: As in Keras.
            sample_weight: Numbers ≥ 0, `(n,)`, beside an array.
            steps: Integer, how many batches to evaluate; None for all.
            callbacks: List of Keras callbacks.
            return_dict: Whether to name the values.
            **kwargs: Keras' own, for the evaluation after an epoch.

        Returns:
            The loss and the tracked terms, means over all examples.

        Raises:
            ValueError: If data or networks do not fit.
        """
        options = {"verbose": verbose, "steps": steps, "callbacks": callbacks, "return_dict": return_dict, **kwargs}
        for layer in self.evaluation_draws:
            layer.rewind()
        if kwargs.get("_use_cached_eval_dataset", False):  # called by fit, which has checked
            return super().evaluate(x, **options)
        self._prepare()
        options["steps"] = _count_or_none(steps, "steps")
        watched = {**options, "callbacks": _as_list(callbacks)}
        data = self._read(x, y, sample_weight, batch_size)
        batch_size = _BATCH_SIZE if batch_size is None else whole_number(batch_size, "batch_size", 1)
        batches = _in_order(data, batch_size) if isinstance(data, Batch) else data.for_keras()
        with self._whole_after_errors(data), self._steps_for(watched):
            losses = super().evaluate(batches, **options)
        if isinstance(data, Pipeline):
            data.require_weight()
            if steps is None:
                data.require_again()
        return losses

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """One step on one batch, checked as by `fit`; as for `keras.Model`.

        Args:
            x: Array `(n, ...)`; for a conditional model beside y, or the pair `(x, labels)`.
            y, sample_weight, class_weight: As for `fit`.
            return_dict: Whether to name the losses.

        Returns:
            The loss and the tracked terms of this batch.

        Raises:
            ValueError: If data or networks do not fit, or the loss is not a finite number.
        """
        self._prepare()
        parts = _own_share(self._read(x, y, sample_weight, class_weight=class_weight))
        with self._steps_for({"steps": 1}):
            logs = super().train_on_batch(*parts, return_dict=True)
        StopAtNaN().check(logs, int(ops.convert_to_numpy(self.optimizer.iterations)), exact=True)
        return logs if return_dict else self._flatten_metrics_in_order(logs)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """The losses of one batch, checked as by `evaluate`; as for `keras.Model`."""
        self._prepare()
        for layer in self.evaluation_draws:
            layer.rewind()
        parts = _own_share(self._read(x, y, sample_weight))
        with self._steps_for({"steps": 1}):
            return super().test_on_batch(*parts, return_dict=return_dict)

    def predict(self, x, batch_size=None, verbose=0, steps=None, callbacks=None):
        """What the model makes of data: their reconstructions, in data space; see `reconstruct`.

        Args:
            x: Array `(n, ...)`, for a conditional model the pair `(x, labels)`; or a pipeline as for `fit`.
            batch_size: Integer, how many to reconstruct at once; None is 1,000.
            verbose: Ignored: nothing is shown.
            steps: Integer, how many batches of a pipeline to read; None for all.
            callbacks: Must stay None.

        Returns:
            NumPy array, `(n, ...)`.

        Raises:
            ValueError: If the model reconstructs nothing, or the data do not fit.
        """
        if not hasattr(self, "reconstruct"):
            raise ValueError(
                f"A {type(self).__name__} reconstructs nothing, so that there is nothing to predict from x. "
                f"It makes new data: {'sample_copies' if hasattr(self, 'copies') else 'sample'}(num_samples)."
            )
        if callbacks:
            raise ValueError("predict takes no callbacks here. Call reconstruct batch by batch, and yours between.")
        data = self._read(x)
        if isinstance(data, Batch):
            size = 1000 if batch_size is None else whole_number(batch_size, "batch_size", 1)
            batches = (data.rows(slice(begin, begin + size)).parts() for begin in range(0, len(data), size))
        else:
            count = None if steps is None else whole_number(steps, "steps", 1)
            batches = itertools.islice(next(data.epochs(seed=0, shuffle=False)), count)
        inputs = (parts[0] if isinstance(parts[0], tuple) else parts[:1] for parts in batches)
        answers = np.concatenate([self.reconstruct(*given) for given in inputs])
        if isinstance(data, Pipeline) and steps is None:
            data.require_again()
        return answers

    def predict_on_batch(self, x):
        """The reconstructions of one batch; see `predict`."""
        return self.predict(x)

    def batch_contract(self, class_weight=None):
        """The `BatchContract` that arrays and every batch of a pipeline are held to."""
        data = self.data_contract()
        target = data if self.takes_targets else None
        return BatchContract(type(self).__name__, data, self.label_contract(), target, class_weight)

    def _read(self, x, y=None, sample_weight=None, batch_size=None, class_weight=None, name="x", label_name="y"):
        """A checked `Batch` of data in memory, or the `Pipeline` that checks each of its batches."""
        contract = self.batch_contract(class_weight)
        if not is_pipeline(x):
            if x is not None and not is_in_memory(x) and not isinstance(x, tuple):
                raise ValueError(what_to_give(x, name))
            return contract.read(x, y, sample_weight, name, label_name)
        if batch_size is not None:
            raise ValueError(f"{name} is a pipeline, which has batches of its own: leave out batch_size.")
        if y is not None and y is not x:
            what = "labels" if contract.labels is not None else "targets"
            raise ValueError(f"{name} is a pipeline of batches: let it bring the {what}, and give no {label_name}.")
        if sample_weight is not None:
            before = "x, y" if contract.labels is not None else "x, x"
            raise ValueError(
                f"{name} is a pipeline of batches: let it bring the weights, and give none beside it. They come third: "
                f"batches of ({before}, sample_weight)."
            )
        return Pipeline(x, contract, name)

    def _checked_validation(self, validation_data, batch_size):
        """Batches in order for Keras, or a `Pipeline`."""
        x, y, sample_weight = validation_data, None, None
        if isinstance(validation_data, (tuple, list)):
            x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(tuple(validation_data))
        data = self._read(x, y, sample_weight, name="validation_data", label_name="y of validation_data")
        return _in_order(data, batch_size) if isinstance(data, Batch) else data

    def build(self, *shapes, **named_shapes):
        """Nothing of its own to make: networks build themselves when they are called first."""
        self.built = True

    def make_test_function(self, force=False):
        """One function for each number of steps per execution, of which Keras remembers only the last.

        On TensorFlow without XLA: evaluation is not worth a compilation for each size of batch.
        """
        kept = self._test_functions.get(self.steps_per_execution)
        if kept is not None and not force:
            self.test_function = kept
            return
        jit_compile = self.jit_compile
        self.jit_compile = jit_compile and keras.backend.backend() != "tensorflow"
        try:
            super().make_test_function(force=True)
        finally:
            self.jit_compile = jit_compile
        self._test_functions[self.steps_per_execution] = self.test_function

    def get_compile_config(self):
        """The arguments of `compile` as they were given: what `"auto"` means is chosen where the model is loaded."""
        if not self.compiled:
            return None
        return {
            "optimizer": keras.optimizers.serialize(self.optimizer),
            "run_eagerly": self.run_eagerly,
            "jit_compile": "auto" if self._choose_jit else self.jit_compile,
            "steps_per_execution": "auto" if self._choose_steps else self.steps_per_execution,
        }

    def compile_from_config(self, config):
        config = dict(config)
        if keras.backend.backend() == "torch":  # what was asked for on another backend need not exist there
            config = {name: value for name, value in config.items() if name in ("optimizer", "run_eagerly")}
        self.compile(**{**config, "optimizer": keras.optimizers.deserialize(config["optimizer"])})
        self.optimizer.build(self.trainable_variables)


def weighted_mean(values, sample_weight=None):
    r"""The mean over the batch, taken once: $\sum_i w_i \ell_i / \sum_i w_i$.

    Dividing by the sum of the weights makes a weight of 2 the same as an example that occurs twice. A batch without
    weight has no mean: it gives 0, and moves nothing.

    Args:
        values: Floats, `(batch,)`.
        sample_weight: Numbers ≥ 0, `(batch,)`, or None for equal weights.

    Returns:
        Float32 scalar.

    Example:
        >>> float(weighted_mean(ops.array([1.0, 4.0]), ops.array([2.0, 1.0])))
        2.0
    """
    if sample_weight is None:
        return ops.mean(values)
    sample_weight = ops.reshape(ops.cast(sample_weight, values.dtype), (-1,))
    total = ops.sum(sample_weight)
    return ops.sum(sample_weight * values) / ops.where(total > 0, total, 1.0)


def in_batches(function, *arrays, batch_size=1000):
    """Apply a function to slices of arrays and join the answers: the memory of `predict` without its fixed cost.

    Args:
        function: From slices to one tensor `(slice, ...)`.
        *arrays: NumPy arrays of equal length.
        batch_size: Integer, the length of a slice.

    Returns:
        NumPy array, the joined answers.

    Raises:
        ValueError: If an answer is NaN.

    Example:
        >>> in_batches(lambda x: 2 * x, np.arange(5), batch_size=2).tolist()
        [0, 2, 4, 6, 8]
    """
    starts = range(0, len(arrays[0]), batch_size)
    parts = [function(*(array[start : start + batch_size] for array in arrays)) for start in starts]
    answers = np.concatenate([to_numpy(part) for part in parts])
    if answers.dtype.kind == "f" and np.isnan(answers).any():
        raise ValueError(
            "The model answers NaN: its weights were spoiled, most likely by a training that broke. Make the model "
            "anew and train it with a smaller learning rate, or load weights that were saved before."
        )
    return answers


def to_numpy(tensor):
    """Any backend's tensor as a NumPy array, bfloat16 included (as float32).

    Example:
        >>> to_numpy(ops.ones(2)).tolist()
        [1.0, 1.0]
    """
    if keras.backend.standardize_dtype(tensor.dtype) == "bfloat16":
        tensor = ops.cast(tensor, "float32")
    return ops.convert_to_numpy(tensor)


def _split(data, validation_split):
    """The last share of the rows for validation, as Keras does it: two batches."""
    if not 0 < real_number(validation_split, "validation_split") < 1:
        raise ValueError(f"validation_split must lie between 0 and 1; got {validation_split}.")
    boundary = int(len(data) * (1 - validation_split))
    if not 0 < boundary < len(data):
        raise ValueError(f"validation_split={validation_split} leaves one part of {len(data)} examples empty.")
    parts = data.rows(slice(None, boundary)), data.rows(slice(boundary, None))
    for part, words in zip(parts, ("trained on", "held out"), strict=True):
        if part.weights is not None and not part.weights.any():
            raise ValueError(
                f"validation_split={validation_split} must leave examples that count on both sides; got weights of 0 "
                f"alone for the {len(part)} that are {words}. Shuffle the data first, or give validation_data."
            )
    return parts


def _own_share(batch):
    """The parts of one batch that this process hands to its devices: all of them, where it is alone."""
    require_equal_shares(len(batch), len(batch))
    return batch.rows(shares().of(np.arange(len(batch)))).parts()


def _in_order(data, batch_size):
    """Batches of data in memory as they stand."""
    x, labels, target, weights = data
    return readable(EpochBatches(x, min(batch_size, len(x)), weights, shuffle=False, labels=labels, target=target))


def _can_be_shuffled(source):
    """Keras puts the batches of a PyDataset with an end in a new order, and warns where it cannot."""
    return isinstance(source, keras.utils.PyDataset) and source.num_batches is not None


def _stopping_at_nan(options):
    """The options of `fit` with the callback that ends a training that has broken, unless Keras' own does it calmly."""
    callbacks = options["callbacks"]
    if any(isinstance(callback, keras.callbacks.TerminateOnNaN) for callback in callbacks):
        return options
    return {**options, "callbacks": [StopAtNaN(), *callbacks]}


def _as_list(callbacks):
    if callbacks is None:
        return []
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return list(callbacks.callbacks)
    callbacks = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
    for callback in callbacks:
        if isinstance(callback, type) and issubclass(callback, keras.callbacks.Callback):
            raise ValueError(
                f"callbacks should hold Keras callbacks; got the class {callback.__name__}. Make one: "
                f"{callback.__name__}(...)."
            )
        if not isinstance(callback, keras.callbacks.Callback):
            raise ValueError(
                f"callbacks should hold Keras callbacks; got {callback!r}. A function? Say when to call it: "
                "keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs))."
            )
    return callbacks


def _count_or_none(value, name):
    return None if value is None else whole_number(value, name, 1)


def _frequency(validation_freq):
    """After every so many epochs, or the numbers of the epochs, counted from 1, as Keras takes them."""
    if isinstance(validation_freq, (list, tuple, set, range)):
        return list(whole_numbers(sorted(validation_freq), "validation_freq", 1, minimum_length=1))
    return whole_number(validation_freq, "validation_freq", 1)
