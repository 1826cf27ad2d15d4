"""Planted bugs of what a model reads and what it refuses: pipelines, shapes that broadcast, answers that look right."""

from tests.mutants.bug import planted_in

_RESIDENT = ("course_lib/training/resident.py", "tests/training/test_model.py")
_TRAINING = ("course_lib/training/model.py", "tests/training/test_model.py")
_PARALLEL_GAN = ("course_lib/models/parallel_gan.py", "tests/models/test_parallel_gan.py")
_TWO_SAMPLE = ("course_lib/metrics/two_sample_test.py", "tests/metrics/test_two_sample_test.py")
_MEMORISATION = ("course_lib/metrics/memorisation.py", "tests/metrics/test_memorisation.py")
_SLOPES = ("course_lib/formulas/gradient_penalties.py", "tests/formulas/test_gradient_penalties.py")
_AMORTISATION = ("course_lib/metrics/amortisation_gap.py", "tests/metrics/test_amortisation_gap.py")
_IMPORTANCE = ("course_lib/metrics/importance_weighted.py", "tests/metrics/test_importance_weighted.py")
_CALLBACKS = ("course_lib/training/callbacks.py", "tests/training/test_callbacks.py")
_VQVAE = ("course_lib/models/vqvae.py", "tests/models/test_vqvae.py")
_CHECKS_06 = ("course_lib/exercises/the_reparameterization_trick.py", "tests/exercises/test_lessons.py")
_CHECKS_09 = ("course_lib/exercises/tighter_bounds.py", "tests/exercises/test_lessons.py")
_CHECKS_12 = ("course_lib/exercises/training_a_gan.py", "tests/exercises/test_training_a_gan.py")
_CHECKS_14 = ("course_lib/exercises/wasserstein_gans.py", "tests/exercises/test_wasserstein_gans.py")
_RULES = ("tools/editions/lesson_rules.py", "tests/tools/editions/test_build_notebooks.py")
_DOORS = ("course_lib/training/pipelines.py", "tests/training/test_pipelines.py")
_BATCH = ("course_lib/contracts/batches.py", "tests/contracts/test_batches.py")
_ARGUMENTS = ("course_lib/training/model.py", "tests/training/test_arguments.py")
_BREAKS = ("course_lib/training/model.py", "tests/training/test_breaks.py")
_LOOP = ("course_lib/training/resident.py", "tests/training/test_breaks.py")
_GUARD = ("course_lib/training/callbacks.py", "tests/training/test_breaks.py")

BUGS = (
    planted_in(_RESIDENT, "pipelines that wait for the thread that tunes them", "options.autotune.enabled = False", "options.autotune.enabled = True"),
    planted_in(_RESIDENT, "a pipeline that keeps the order of its first epoch", "lambda: (batches[i] for i in range(len(batches)))", "lambda kept=[batches[i] for i in range(len(batches))]: iter(kept)"),
    planted_in(_TRAINING, "a training loop that waits for its tuning", "super().fit(without_autotuning(tf.data.Dataset.range(rows.num_batches)), **options)", "super().fit(tf.data.Dataset.range(rows.num_batches), **options)"),
    planted_in(_TRAINING, "weights beside a pipeline that nobody reads", "        if sample_weight is not None:\n            before", "        if False:\n            before"),
    planted_in(_PARALLEL_GAN, "samples of all copies in one heap", "    def sample(self, num_samples, seed=None):", "    def mixed(self, num_samples, seed=None):"),
    planted_in(_PARALLEL_GAN, "a judge of one copy for all", "if made_for - {self.copies}:", "if False:"),
    planted_in(_TWO_SAMPLE, "labels in a column against labels in a row", "if named.shape != labels.shape or not np.isin", "if not np.isin"),
    planted_in(_TWO_SAMPLE, "probabilities counted as wrong labels", " or not np.isin(named, (0, 1)).all()", ""),
    planted_in(_MEMORISATION, "one held-out example as a yardstick", '2, names=("held_out", "train")', '1, names=("held_out", "train")'),
    planted_in(_SLOPES, "one position for a whole batch", "if len(position.shape) != 1 or len(sizes) > 1:", "if len(position.shape) != 1:"),
    planted_in(_AMORTISATION, "a width of one for all latents", "_check_shapes((len(x), noise.shape[-1]), mean, log_var)", "_check_shapes((len(x), np.shape(mean)[-1]), mean, log_var)"),
    planted_in(_IMPORTANCE, "weights of zero divided by zero", "np.where(np.isneginf(largest), 0.0, largest)", "largest"),
    planted_in(_CALLBACKS, "a warm-up that lowers the price it was to reach", "if not self._chosen and float(self.model.beta) > 1:", "if False:"),
    planted_in(_VQVAE, "a word for a distribution of words", "if not (prior is None or isinstance(prior, CodePrior)):", "if False:"),
    planted_in(_CHECKS_06, "a draw that cannot be repeated accepted", 'return None if np.array_equal(first, second) else "noise of its own"', "return None"),
    planted_in(_CHECKS_09, "a minimum taken out unnoticed", "    logs[0, 1] -= 1000.0\n    logs[-1, 2] -= 6000.0\n", ""),
    planted_in(_CHECKS_12, "samples labelled generated in the generator's step", 'return None if all(np.all(said == 1.0) for who, _, said in notes if who == "G") else "labelled generated"', "return None"),
    planted_in(_CHECKS_14, "a penalty of one weight asked for", "float(rng.uniform(2, 12))", "10.0"),
    planted_in(_RULES, "a lesson that shows what the library was", "return [f\"it shows a source", "return [] and [f\"it shows a source"),
    # every door, every batch, every option
    planted_in(_DOORS, "only the first batch is looked at", "read = self.contract.read_batch(batch)", "from course_lib.contracts.batches import Batch; read = Batch(*batch[:1] if isinstance(batch, (tuple, list)) else (batch,)) if number else self.contract.read_batch(batch)"),
    planted_in(_DOORS, "the number of the batch counted from nought", 'f"In batch {number + 1} of {self.name}: ', 'f"In batch {number} of {self.name}: '),
    planted_in(_DOORS, "the first batch of a generator lost", "self.source = itertools.chain([batch], iterator)", "self.source = iterator"),
    planted_in(_DOORS, "a dataset tuned by a thread that its end must wait for", "self.source, self.contract, self.name = _untuned(source), contract, name", "self.source, self.contract, self.name = source, contract, name"),
    planted_in(_DOORS, "workers of a PyDataset forgotten", "workers=source.workers,", "workers=1,"),
    planted_in(_DOORS, "epochs that a resumed run did not read", 'enumerate(kept["digests"][:epochs])', 'enumerate(kept["digests"][:0])'),
    planted_in(_DOORS, "a pipeline that does not repeat itself trusted", "if self.digests[epoch] != digest:", "if False:"),
    planted_in(_DOORS, "parts that come and go", "if number and len(parts) != len(self.first):", "if False:"),
    planted_in(_BATCH, "a target dropped", "        target = None if target is x else target\n", "        target = None\n"),
    planted_in(_BATCH, "a target unchecked", "target = self.target.checked(target, label_name)", "target = np.asarray(target, 'float32')"),
    planted_in(_BATCH, "noise held to the range of its target", "data = replace(data, minimum=None, maximum=None)", "data = replace(data)"),
    planted_in(_BATCH, "weights that class weights forget", "by_class if weights is None else weights * by_class", "by_class"),
    planted_in(_BATCH, "a class left out weighs nothing", 'np.ones(self.labels.num_classes)', 'np.zeros(self.labels.num_classes)'),
    planted_in(_BATCH, "weights without a target, which Keras drops", "        if self.weights is not None:\n            return inputs, target, self.weights", "        if self.weights is not None and self.target is not None:\n            return inputs, target, self.weights"),
    planted_in(_ARGUMENTS, "class weights forgotten", "data = self._read(x, y, sample_weight, batch_size, class_weight=class_weight)", "data = self._read(x, y, sample_weight, batch_size)"),
    planted_in(_ARGUMENTS, "counted steps run 32 at a time", "not (counted or watched or self._under_a_strategy())", "not watched"),
    planted_in(_ARGUMENTS, "batches that a callback asks for run unseen", "not (counted or watched or self._under_a_strategy())", "not counted"),
    planted_in(_TRAINING, "steps of an epoch forgotten for arrays", "if isinstance(data, Batch) and steps_per_epoch is None:", "if isinstance(data, Batch):"),
    planted_in(_ARGUMENTS, "validation after every epoch", '"validation_freq": _frequency(validation_freq),', '"validation_freq": 1,'),
    planted_in(_ARGUMENTS, "training from the first epoch", '"initial_epoch": initial_epoch,', '"initial_epoch": 0,'),
    planted_in(_ARGUMENTS, "metrics accepted and useless", "self._refuse_own_metrics(metrics=metrics, weighted_metrics=weighted_metrics)", "pass"),
    planted_in(_ARGUMENTS, "a target that evaluate forgets", "labels=labels, target=target)", "labels=labels)"),
    planted_in(_ARGUMENTS, "one batch unchecked", "parts = _own_share(self._read(x, y, sample_weight, class_weight=class_weight))", "parts = (x, y, sample_weight)"),
    planted_in(_BREAKS, "a broken training trains on", 'return {**options, "callbacks": [StopAtNaN(), *callbacks]}', "return options"),
    planted_in(_GUARD, "an infinite loss taken for one", "if math.isfinite(loss):", "if not math.isnan(loss):"),
    planted_in(_LOOP, "a loop that goes on after the break", " & tf.math.is_finite(loss)", ""),
    planted_in(_BREAKS, "NaN for an answer", 'if answers.dtype.kind == "f" and np.isnan(answers).any():', "if False:"),
    planted_in(_BREAKS, "a checkpoint that keeps what was chosen for it", '"auto" if self._choose_steps else self.steps_per_execution', "self.steps_per_execution"),
    planted_in(_BREAKS, "replicas whose losses are added", "strategy.num_replicas_in_sync > 1:", "strategy.num_replicas_in_sync > 9:"),
)  # fmt: skip
