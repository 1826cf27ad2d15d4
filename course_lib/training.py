"""The base of every model: data checked before training, compilation chosen for the learner, evaluation repeatable.

Keras' `fit` is the trainer. A model's `call` returns named ingredients and its `compute_loss` is the objective; what
stands here is what all models share around that.
"""

import keras
import numpy as np
from keras import ops

from course_lib.arguments import finite_float64, real_number, whole_number
from course_lib.data_contract import DataContract
from course_lib.inspection import has_convolutions
from course_lib.resident import (
    BeginEpoch,
    EpochBatches,
    EpochRows,
    compiled_steps,
    labels_beside_data,
    readable,
    resident_train_function,
    without_autotuning,
)
from course_lib.runtime import has_accelerator

_BATCH_SIZE = 128
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
    epoch_batches = None  # the `EpochBatches` of the `fit` that is running on data in memory

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

    def compile(self, optimizer=None, loss=None, *, jit_compile="auto", steps_per_execution="auto", **kwargs):
        """Choose the optimiser; compilation is chosen for you.

        On TensorFlow, data in memory stay with the compiled code and 32 steps run in one execution; dense models are
        compiled with XLA if the training is long enough to earn it, convolutional ones never on a CPU, where that is
        many times slower. JAX always compiles. On PyTorch neither applies.

        Args:
            optimizer: A Keras optimiser or its name; None is Adam with the model's default learning rate.
            loss: Must stay None: the objective is the model's own `compute_loss`.
            jit_compile: `"auto"`, True (from the first step) or False.
            steps_per_execution: `"auto"` or an integer (PyTorch: 1).
            **kwargs: As for `keras.Model.compile`.

        Raises:
            ValueError: If a loss is given.
        """
        if loss is not None:
            raise ValueError(
                f"{type(self).__name__} brings its own objective, compute_loss; got loss={loss!r} as well. Drop it: "
                "compile(optimizer=...). The likelihood or objective is chosen when the model is made."
            )
        jit, steps = self._fast_defaults()
        self._choose_jit = jit_compile == "auto"
        self._compiled_steps, self._test_functions = {}, {}
        super().compile(
            optimizer=keras.optimizers.Adam(self.default_learning_rate) if optimizer is None else optimizer,
            jit_compile=jit if jit_compile == "auto" else jit_compile,
            steps_per_execution=steps if steps_per_execution == "auto" else steps_per_execution,
            **kwargs,
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
        **kwargs,
    ):
        """Train on `x`; like `keras.Model.fit`, with the data checked first.

        Args:
            x: Array `(n, ...)`, or a `tf.data.Dataset`, `PyDataset` or `DataLoader` of batches of `x` alone. For a
                conditional model, of pairs `(x, y)`; a `DataLoader` of `((x, y),)`.
            y: Integers `(n,)` for a conditional model, beside an array `x`; else None (or `x` itself).
            batch_size: Integer; None is 128.
            epochs: Integer, passes over the data.
            verbose: `"auto"` shows one calm line an epoch; 0 nothing; 1 and 2 are Keras' own displays.
            callbacks: List of Keras callbacks.
            validation_split: Share of an array `x` kept for validation.
            validation_data: What `x` may be, or a tuple `(x, y)` or `(x, y, sample_weight)`; evaluated after each
                epoch on the same draws.
            **kwargs: As for `keras.Model.fit`.

        Returns:
            A Keras `History`: losses per epoch, in nats per example (or the model's own unit).

        Raises:
            ValueError: If data or networks do not fit, before training starts.
        """
        self.check_networks()
        if not self.compiled:
            self.compile()
        x, labels = self._checked_pair(x, y)
        batch_size = _BATCH_SIZE if batch_size is None else whole_number(batch_size, "batch_size", 1)
        epochs = whole_number(epochs, "epochs")
        validation_batch_size = kwargs.pop("validation_batch_size", None) or batch_size
        if validation_data is not None:
            validation_data = self._checked_validation(validation_data, validation_batch_size)
        if verbose == "auto":
            from course_lib.callbacks import Progress

            callbacks, verbose = [*_as_list(callbacks), Progress()], 0
        options = {
            "epochs": epochs,
            "verbose": verbose,
            "callbacks": callbacks,
            "validation_data": validation_data,
            "validation_batch_size": validation_batch_size,
            **kwargs,
        }
        if not is_array(x):
            return super().fit(x, validation_split=validation_split, **options)
        sample_weight = _weights(options.pop("sample_weight", None), len(x))
        if validation_split:
            (x, labels, sample_weight), held_out = _split((x, labels, sample_weight), validation_split)
            options["validation_data"] = _as_validation_data(*held_out, validation_batch_size)
        return self._fit_resident(x, labels, sample_weight, batch_size, options)

    def _fit_resident(self, x, labels, sample_weight, batch_size, options):
        """`fit` on data in memory, in an order that derives from (seed, epoch)."""
        if not self.built:
            self(x[:1] if labels is None else (x[:1], labels[:1]))
        seed = getattr(self, "seed", None)
        batches = {
            "x": x,
            "labels": labels,
            "batch_size": min(batch_size, len(x)),
            "sample_weight": sample_weight,
            "seed": np.random.randint(2**31) if seed is None else seed,  # noqa: NPY002  follows setup's seed
            "shuffle": options.get("shuffle", True),
        }
        options["shuffle"] = False  # the batches come in the order of their epoch
        steps = self.steps_per_execution
        in_one_loop = keras.backend.backend() == "tensorflow" and not self.run_eagerly and steps > 1
        self.epoch_batches = EpochRows(steps, **batches) if in_one_loop else EpochBatches(**batches)
        options["callbacks"] = [*_as_list(options["callbacks"]), BeginEpoch(self.epoch_batches)]
        try:
            if in_one_loop:
                return self._fit_in_one_loop(self.epoch_batches, options)
            return super().fit(readable(self.epoch_batches), **options)
        finally:
            self.epoch_batches = None

    def _fit_in_one_loop(self, rows, options):
        """TensorFlow: `fit` over numbers of chunks of rows, each of which is many steps in one call."""
        import tensorflow as tf

        self.optimizer.build(self.trainable_variables)  # variables cannot be made inside the compiled loop
        compiled = self._compiled_for(options["epochs"] * len(rows.x) / rows.batch_size)
        self.train_function = resident_train_function(compiled, rows)
        steps, self.steps_per_execution = self.steps_per_execution, 1
        try:
            return super().fit(without_autotuning(tf.data.Dataset.range(len(rows))), **options)
        finally:
            self.steps_per_execution, self.train_function = steps, None

    def _compiled_for(self, num_steps):
        """The compiled steps; left to itself, XLA must earn its compilation by the length of the training."""
        earned = num_steps * self.count_params() >= _XLA_EARNS_ITS_COMPILATION
        jit_compile = bool(self.jit_compile) and (earned or not self._choose_jit)
        if jit_compile not in self._compiled_steps:
            self._compiled_steps[jit_compile] = compiled_steps(self, jit_compile)
        return self._compiled_steps[jit_compile]

    def evaluate(self, x=None, y=None, batch_size=None, verbose=0, **kwargs):
        """Average the losses over a data set, on the same random draws every time.

        Args:
            x: Array `(n, ...)`, or an iterable of batches as for `fit`.
            y: As for `fit`.
            batch_size: Integer; None is 128. The last, smaller batch counts by its size.
            verbose: As in Keras.
            **kwargs: As for `keras.Model.evaluate`, such as `return_dict=True`.

        Returns:
            The loss and the tracked terms, means over all examples.

        Raises:
            ValueError: If data or networks do not fit.
        """
        if not kwargs.get("_use_cached_eval_dataset", False):  # else called by fit, which has checked
            self.check_networks()
            if not self.compiled:
                self.compile()
            x, labels = self._checked_pair(x, y)
            batch_size = _BATCH_SIZE if batch_size is None else whole_number(batch_size, "batch_size", 1)
            if is_array(x):
                x = _in_order(x, labels, kwargs.pop("sample_weight", None), batch_size)
            batch_size = None
        for layer in self.evaluation_draws:
            layer.rewind()
        return super().evaluate(x, batch_size=batch_size, verbose=verbose, **kwargs)

    def _checked_pair(self, x, y, name="x", label_name="y"):
        """Data and labels (None for a model without), each held to its contract; a pipeline brings its own labels."""
        y = None if y is x else y
        x = self._checked_input(x, name)
        if self.label_contract() is None:
            self._refuse_labels(y)
            return x, None
        if is_array(x):
            return x, self.label_contract().checked(y, len(x), label_name)
        if y is not None:
            raise ValueError(f"{name} is a pipeline of batches: let it bring the labels, and give no {label_name}.")
        return x, None

    def _checked_input(self, x, name):
        if x is None:
            raise ValueError(f"{name} is None: expected data, {self.data_contract()}.")
        if is_array(x):
            return self.data_contract().checked(x, name)
        batch = _first_batch(x)
        if batch is None:
            return x
        examples, labels, _ = keras.utils.unpack_x_y_sample_weight(batch)
        if self.label_contract() is None:
            self._refuse_labels(labels)
            self.data_contract().checked(examples, f"the first batch of {name}")
            return x
        beside = labels is None and isinstance(examples, (tuple, list)) and len(examples) == 2
        examples, labels = examples if beside else (examples, labels)
        examples = self.data_contract().checked(examples, f"the first batch of {name}")
        self.label_contract().checked(labels, len(examples), f"the labels of the first batch of {name}")
        return x if beside else labels_beside_data(x)

    def _checked_validation(self, validation_data, batch_size):
        if not isinstance(validation_data, (tuple, list)):
            x, labels = self._checked_pair(validation_data, None, "validation_data", "y of validation_data")
            return _as_validation_data(x, labels, None, batch_size)
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(tuple(validation_data))
        x, labels = self._checked_pair(x, y, "validation_data", "y of validation_data")
        return _as_validation_data(x, labels, sample_weight, batch_size)

    def _refuse_labels(self, y):
        if y is not None:
            raise ValueError(
                f"{type(self).__name__} learns from x alone; got y of shape {tuple(getattr(y, 'shape', ()))} as well. "
                "Call fit(x), and map a dataset of pairs to its first part: dataset.map(lambda x, y: x)."
            )

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
        if not self.compiled:
            return None
        return {
            "optimizer": keras.optimizers.serialize(self.optimizer),
            "jit_compile": self.jit_compile,
            "steps_per_execution": self.steps_per_execution,
        }

    def compile_from_config(self, config):
        self.compile(
            optimizer=keras.optimizers.deserialize(config["optimizer"]),
            # what was chosen on one backend need not exist on another
            **({} if keras.backend.backend() == "torch" else {k: config[k] for k in config if k != "optimizer"}),
        )
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

    Example:
        >>> in_batches(lambda x: 2 * x, np.arange(5), batch_size=2).tolist()
        [0, 2, 4, 6, 8]
    """
    starts = range(0, len(arrays[0]), batch_size)
    parts = [function(*(array[start : start + batch_size] for array in arrays)) for start in starts]
    return np.concatenate([to_numpy(part) for part in parts])


def to_numpy(tensor):
    """Any backend's tensor as a NumPy array, bfloat16 included (as float32).

    Example:
        >>> to_numpy(ops.ones(2)).tolist()
        [1.0, 1.0]
    """
    if keras.backend.standardize_dtype(tensor.dtype) == "bfloat16":
        tensor = ops.cast(tensor, "float32")
    return ops.convert_to_numpy(tensor)


def is_array(x):
    """Whether `x` is data held in memory (an array, a tensor, a nested list) rather than a pipeline of batches."""
    return isinstance(x, (list, np.ndarray)) or (hasattr(x, "shape") and hasattr(x, "dtype"))


def _first_batch(x):
    """The first batch of a pipeline that can be read again from the start; None for a generator."""
    if isinstance(x, keras.utils.PyDataset):
        return x[0]
    if hasattr(x, "__iter__") and not hasattr(x, "__next__"):
        return next(iter(x), None)
    return None


def _split(arrays, validation_split):
    """The last share of the rows of each array (or None) for validation, as Keras does it."""
    x = arrays[0]
    if not 0 < real_number(validation_split, "validation_split") < 1:
        raise ValueError(f"validation_split must lie between 0 and 1; got {validation_split}.")
    boundary = int(len(x) * (1 - validation_split))
    if not 0 < boundary < len(x):
        raise ValueError(f"validation_split={validation_split} leaves one part of {len(x)} examples empty.")
    return (
        tuple(None if array is None else array[:boundary] for array in arrays),
        tuple(None if array is None else array[boundary:] for array in arrays),
    )


def _as_validation_data(x, labels, sample_weight, batch_size):
    """What Keras is told: batches in order, or the pipeline that was given."""
    if is_array(x):
        return _in_order(x, labels, sample_weight, batch_size)
    if sample_weight is not None:
        raise ValueError("validation_data is a pipeline of batches: let it bring the weights, and give none beside it.")
    return x


def _in_order(x, labels, sample_weight, batch_size):
    """Batches of arrays as they stand, with their weights, which Keras drops where an array comes without targets."""
    weights = _weights(sample_weight, len(x))
    return readable(EpochBatches(x, min(batch_size, len(x)), weights, shuffle=False, labels=labels))


def _weights(sample_weight, num_examples):
    if sample_weight is None:
        return None
    sample_weight = finite_float64(sample_weight, "sample_weight").reshape(-1)
    if len(sample_weight) != num_examples or (sample_weight < 0).any() or not sample_weight.any():
        found = f"{len(sample_weight)} numbers" if len(sample_weight) != num_examples else f"{sample_weight.min():g} …"
        raise ValueError(
            f"sample_weight must hold a number ≥ 0 for each of the {num_examples} examples, not all 0; got {found}."
        )
    return sample_weight.astype("float32")


def _as_list(callbacks):
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
