"""The planted bugs: each a small change to a copy of the course that a named test file must notice.

`make mutants` plants them one by one and fails if one survives. Most are mistakes that published code makes; the rest
are the ways in which this library could quietly go wrong. `before` must occur exactly once in the file.
"""

from tests.mutants import (
    builder,
    classroom,
    clinic,
    coding_and_detection,
    colab,
    diffusion,
    doors,
    downloads,
    engine,
    faces,
    full_size,
    gan_lesson,
    gan_theory,
    gan_training,
    gans_and_hybrids,
    gate,
    judging,
    own_inputs,
    patients,
    pipelines,
    profiles,
    quantifiers,
    recipes,
    several_devices,
    slides,
    sounds,
    stability,
    teaching,
    text,
    transport_and_modes,
    workbook,
)
from tests.mutants.bug import planted_in

_DIVERGENCES = ("course_lib/formulas/divergences.py", "tests/formulas/test_divergences.py")
_ARGUMENTS = ("course_lib/contracts/arguments.py", "tests/contracts/test_arguments.py")
_EVENTS = ("course_lib/formulas/events.py", "tests/formulas/test_likelihoods.py")
_LIKELIHOODS = ("course_lib/formulas/likelihoods.py", "tests/formulas/test_likelihoods.py")
_ADVERSARIAL = ("course_lib/formulas/adversarial.py", "tests/formulas/test_adversarial.py")
_SAMPLING = ("course_lib/layers/sampling.py", "tests/layers/test_sampling.py")
_NOISE = ("course_lib/layers/noise.py", "tests/layers/test_noise.py")
_VAE = ("course_lib/models/vae.py", "tests/models/test_vae.py")
_GAN = ("course_lib/models/gan.py", "tests/models/test_gan.py")
_HELD_STILL = ("course_lib/models/adversaries.py", "tests/models/test_gan.py")
_AUTOENCODER = ("course_lib/models/autoencoder.py", "tests/models/test_autoencoder.py")
_GRADIENTS = ("course_lib/formulas/gradients.py", "tests/formulas/test_gradients.py")
_PENALTIES = ("course_lib/formulas/penalties.py", "tests/formulas/test_penalties.py")
_TRAINING = ("course_lib/training/model.py", "tests/training/test_model.py")
_RESIDENT = ("course_lib/training/resident.py", "tests/training/test_model.py")
_BATCH = ("course_lib/contracts/batches.py", "tests/contracts/test_batches.py")
_CONTRACT = ("course_lib/contracts/data.py", "tests/contracts/test_data.py")
_OPTIMIZERS = ("course_lib/training/optimizers.py", "tests/training/test_optimizers.py")
_IMPORTANCE = ("course_lib/metrics/importance_weighted.py", "tests/metrics/test_importance_weighted.py")
_FRECHET = ("course_lib/metrics/frechet_distance.py", "tests/metrics/test_frechet_distance.py")
_PRECISION = ("course_lib/metrics/precision_recall.py", "tests/metrics/test_precision_recall.py")
_PROBE = ("course_lib/metrics/linear_probe.py", "tests/metrics/test_linear_probe.py")
_NEAREST = ("course_lib/metrics/nearest_distance.py", "tests/metrics/test_nearest_distance.py")
_TWO_STAGE = ("course_lib/models/two_stage.py", "tests/models/test_two_stage.py")
_LATENT = ("course_lib/latent.py", "tests/test_latent.py")
_PCA = ("course_lib/exact/principal_components.py", "tests/exact/test_principal_components.py")
_PARTS = ("course_lib/models/parts.py", "tests/models/test_vae.py")
_PPCA = ("course_lib/exact/probabilistic_pca.py", "tests/exact/test_probabilistic_pca.py")
_ARCHIVE = ("course_lib/datasets/archive.py", "tests/datasets/test_archive.py")
_MNIST = ("course_lib/datasets/mnist.py", "tests/datasets/test_mnist.py")
_DATASET = ("course_lib/datasets/dataset.py", "tests/datasets/test_mnist.py")
_DIGITS = ("course_lib/datasets/digits.py", "tests/datasets/test_digits.py")
_GLYPHS = ("course_lib/datasets/glyphs.py", "tests/datasets/test_glyphs.py")
_RESTARTING = ("course_lib/training/restarting.py", "tests/training/test_restarting.py")
_RESUMING = ("course_lib/training/resuming.py", "tests/training/test_resuming.py")
_GUMBEL = ("course_lib/layers/gumbel_softmax.py", "tests/layers/test_gumbel_softmax.py")
_LABELS = ("course_lib/contracts/labels.py", "tests/contracts/test_labels.py")
_QUANTIZER = ("course_lib/layers/vector_quantizer.py", "tests/layers/test_vector_quantizer.py")
_MASKED = ("course_lib/layers/masked_dense.py", "tests/layers/test_masked_dense.py")
_CONDITIONAL = ("course_lib/models/conditional_vae.py", "tests/models/test_conditional_vae.py")
_CODE_PRIOR = ("course_lib/models/code_prior.py", "tests/models/test_code_prior.py")
_VQVAE = ("course_lib/models/vqvae.py", "tests/models/test_vqvae.py")
_IMPUTATION = ("course_lib/imputation.py", "tests/test_imputation.py")
_PRIORS = ("course_lib/priors.py", "tests/test_priors.py")
_CALLBACKS = ("course_lib/training/callbacks.py", "tests/training/test_callbacks.py")
_ACTIVE = ("course_lib/metrics/active_units.py", "tests/metrics/test_active_units.py")
_GAP = ("course_lib/metrics/mutual_information_gap.py", "tests/metrics/test_mutual_information_gap.py")
_RATE = ("course_lib/metrics/rate_and_distortion.py", "tests/metrics/test_rate_and_distortion.py")
_IWAE = ("course_lib/models/iwae.py", "tests/models/test_iwae.py")
_COMPILATION = ("course_lib/metrics/compilation.py", "tests/metrics/test_importance_weighted.py")
_AMORTISATION = ("course_lib/metrics/amortisation_gap.py", "tests/metrics/test_amortisation_gap.py")
_MEAN_FIELD = ("course_lib/exact/mean_field.py", "tests/exact/test_mean_field.py")
_ENGINE = ("course_lib/exercises/engine.py", "tests/exercises/test_engine.py")
_LINEAR_VAE = ("course_lib/exact/linear_vae.py", "tests/exact/test_linear_vae.py")
_ELLIPSES = ("course_lib/plotting.py", "tests/test_plotting.py")

_KL = "return 0.5 * sum_over_event(ops.exp(log_var) + ops.square(mean) - 1.0 - log_var)"
_GENERAL_KL = "terms = log_var_p - log_var_q + ops.exp(log_var_q - log_var_p) + squared_distance - 1.0"
_GAUSSIAN = "return -0.5 * sum_over_event(_LOG_2_PI + log_var + ops.square((x - mean) * finite_exp(-0.5 * log_var)))"
_BERNOULLI = "return -sum_over_event(x * ops.softplus(-logits) + (1.0 - x) * ops.softplus(logits))"
_DRAW = "return mean + ops.exp(0.5 * log_var) * noise"
_NORMAL = 'noise = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.seed_generator)'


BUGS = (
    # divergences
    planted_in(_DIVERGENCES, "KL with a flipped sign", _KL, _KL.replace("0.5", "-0.5")),
    planted_in(_DIVERGENCES, "KL summed over the batch", _KL, _KL.replace("sum_over_event", "ops.sum")),
    planted_in(_DIVERGENCES, "KL of log-variance read as variance", _KL, _KL.replace("ops.exp(log_var)", "log_var")),
    planted_in(_DIVERGENCES, "KL of log-variance read as σ", _KL, _KL.replace("ops.exp(log_var)", "ops.square(log_var)")),
    planted_in(_EVENTS, "KL in half precision", 'ops.cast(real_tensor(tensor), "float32") for', "real_tensor(tensor) for"),
    planted_in(_DIVERGENCES, "KL of p and q swapped", _GENERAL_KL, _GENERAL_KL.replace("log_var_p - log_var_q +", "log_var_q - log_var_p +")),
    planted_in(_DIVERGENCES, "KL with the wrong variance below", "finite_exp(-0.5 * log_var_p)", "finite_exp(-0.5 * log_var_q)"),
    planted_in(_DIVERGENCES, "KL without −1", _GENERAL_KL, _GENERAL_KL.replace(" - 1.0", "")),
    planted_in(_DIVERGENCES, "categorical KL reversed", "expected(ops.exp(log_q), log_q - log_p)", "expected(ops.exp(log_p), log_p - log_q)"),
    planted_in(_DIVERGENCES, "JSD without its halves", "return 0.5 * sum_over_event(terms)\n\n\ndef gaussian_frechet", "return sum_over_event(terms)\n\n\ndef gaussian_frechet"),
    planted_in(_DIVERGENCES, "Fréchet distance of variances", "finite_exp(0.5 * ops.maximum", "finite_exp(ops.maximum"),
    # likelihoods
    planted_in(_EVENTS, "mean instead of sum over pixels", "return ops.sum(values, axis=tuple(range(1, len(values.shape))))", "return ops.mean(values, axis=tuple(range(1, len(values.shape))))"),
    planted_in(_EVENTS, "sum over the last axis only", "return ops.sum(values, axis=tuple(range(1, len(values.shape))))", "return ops.sum(values, axis=-1)"),
    planted_in(_LIKELIHOODS, "BCE of the ink alone", _BERNOULLI, "return -sum_over_event(x * ops.softplus(-logits))"),
    planted_in(_LIKELIHOODS, "Gaussian without its constant", _GAUSSIAN, _GAUSSIAN.replace("_LOG_2_PI + ", "")),
    planted_in(_LIKELIHOODS, "Gaussian without its log-variance", _GAUSSIAN, _GAUSSIAN.replace("log_var + ops", "ops")),
    planted_in(_LIKELIHOODS, "Gaussian with σ for σ²", _GAUSSIAN, _GAUSSIAN.replace("-0.5 * log_var", "-0.25 * log_var")),
    planted_in(_LIKELIHOODS, "fixed variance as σ", "math.log(self.variance)", "2.0 * math.log(self.variance)"),
    planted_in(_LIKELIHOODS, "fixed variance ignored", "math.log(self.variance)", "0.0"),
    planted_in(_LIKELIHOODS, "categorical over the wrong axis", "expected(x, ops.log_softmax(logits, axis=-1))", "expected(x, ops.log_softmax(logits, axis=1))"),
    planted_in(_EVENTS, "shapes that broadcast are accepted", "if not _same_shape(x.shape, other.shape):", "if False:"),
    planted_in(_LIKELIHOODS, "the Bernoulli mean is its logit", "mean=ops.sigmoid", "mean=lambda logits: logits"),
    # adversarial objectives
    planted_in(_ADVERSARIAL, "labels swapped", "return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated)", "return ops.softplus(real) + ops.softplus(-fake), ops.softplus(-generated)"),
    planted_in(_ADVERSARIAL, "non-saturating loss that saturates", "ops.softplus(fake), ops.softplus(-generated)", "ops.softplus(fake), -ops.softplus(generated)"),
    planted_in(_ADVERSARIAL, "generator that helps the discriminator", "ops.softplus(fake), ops.softplus(-generated)", "ops.softplus(fake), ops.softplus(generated)"),
    planted_in(_ADVERSARIAL, "discriminator without real data", "return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated)", "return ops.softplus(fake), ops.softplus(-generated)"),
    planted_in(_ADVERSARIAL, "hinge without its margin", "ops.relu(1.0 - real)", "ops.relu(-real)"),
    planted_in(_ADVERSARIAL, "critic upside down", "return fake - real, -generated", "return real - fake, -generated"),
    planted_in(_ADVERSARIAL, "logits that broadcast", "return [ops.reshape(values, (-1,)) for values in logits]", "return logits"),
    # the reparameterisation
    planted_in(_SAMPLING, "log σ² read as σ", _DRAW, _DRAW.replace("ops.exp(0.5 * log_var)", "log_var")),
    planted_in(_SAMPLING, "the draw in half precision", "super().__init__(autocast=False, **kwargs)", "super().__init__(**kwargs)"),
    planted_in(_SAMPLING, "rewinding forgotten", "self.seed_generator.state.assign([self.seed, 0])", "pass"),
    planted_in(_NOISE, "a generator's noise constant", "ops.shape(x)[0], self.seed_generator)", "ops.shape(x)[0], self.seed)"),
    # the VAE
    planted_in(_VAE, "β on the reconstruction", "weighted_mean(reconstruction + self.beta * kl, sample_weight)", "weighted_mean(self.beta * reconstruction + kl, sample_weight)"),
    planted_in(_VAE, "the likelihood with the wrong sign", "reconstruction = -self.log_likelihood(x", "reconstruction = self.log_likelihood(x"),
    planted_in(_VAE, "noise drawn anew inside evaluate", "return (self.evaluation_sampling,)", "return ()"),
    planted_in(_VAE, "evaluation disturbs the training stream", "sampling = self.sampling if training else self.evaluation_sampling", "sampling = self.sampling"),
    planted_in(_VAE, "training without noise", "z = sampling(mean, log_var)", "z = mean if training else sampling(mean, log_var)"),
    planted_in(_VAE, "mean and log-variance swapped", "return heads[:, 0], heads[:, 1]", "return heads[:, 1], heads[:, 0]"),
    planted_in(_VAE, "sample returns reconstructions' codes", "self.decode(self.prior.sample(num_samples, seed))", "self.decode(0.0 * self.prior.sample(num_samples, seed))"),
    planted_in(_VAE, "sample from a wider prior", "self.decode(self.prior.sample(num_samples, seed))", "self.decode(2.0 * self.prior.sample(num_samples, seed))"),
    planted_in(_VAE, "sample shows logits", "return in_batches(lambda batch: mean(*as_tuple(self.decoder(batch, training=False))), z)", "return in_batches(lambda batch: as_tuple(self.decoder(batch, training=False))[0], z)"),
    planted_in(_VAE, "ELBO with β", "return reconstruction - self.kl(y_pred)", "return reconstruction - 2.0 * self.kl(y_pred)"),
    planted_in(_VAE, "the networks are not checked", "        check_decoder(self.decoder, self.log_likelihood, input_shape(self.encoder))\n", ""),
    # the GAN
    planted_in(_GAN, "the discriminator's loss moves the generator", "self.discriminator(ops.stop_gradient(samples), training=training)", "self.discriminator(samples, training=training)"),
    planted_in(_HELD_STILL, "the generator's loss moves the discriminator", "weights = [ops.stop_gradient(weight.value) for", "weights = [weight.value for"),
    planted_in(_GAN, "the generator gets no gradient", '"generator_logits": self.discriminator_held_still(samples, training=training)', '"generator_logits": self.discriminator_held_still(ops.stop_gradient(samples), training=training)'),
    planted_in(_GAN, "real data are judged twice", "self.discriminator(ops.stop_gradient(samples), training=training)", "self.discriminator(x, training=training)"),
    planted_in(_GAN, "real and fake swapped", 'y_pred["real_logits"], y_pred["fake_logits"], y_pred["generator_logits"]', 'y_pred["fake_logits"], y_pred["real_logits"], y_pred["generator_logits"]'),
    planted_in(_GAN, "D and G swapped in the time scales", "generator_scale=(generator_scale, self.generator", "generator_scale=(discriminator_scale, self.generator"),
    planted_in(_GAN, "the generator's loss forgotten", "return weighted_mean(discriminator_loss + generator_loss, sample_weight)", "return weighted_mean(discriminator_loss, sample_weight)"),
    planted_in(_HELD_STILL, "frozen D accepted", "if network.built and not network.trainable_variables:", "if False:"),
    planted_in(_HELD_STILL, "a discriminator's sigmoid accepted", 'if {"sigmoid", "softmax", "hard_sigmoid"} & set(_final_activations(discriminator)):', "if False:"),
    planted_in(_HELD_STILL, "inference-mode judge", "mode = {\"training\": training} if", "mode = {\"training\": False} if"),
    planted_in(_GAN, "samples in training mode", "self.generator(batch, training=False)", "self.generator(batch, training=True)"),
    planted_in(_GAN, "evaluation draws anew", "return (self.evaluation_noise,)", "return ()"),
    # the autoencoder
    planted_in(_AUTOENCODER, "squared error averaged over pixels", "return sum_over_event(ops.square(x - reconstruction))", "return sum_over_event(ops.square(x - reconstruction)) / x.shape[-1]"),
    planted_in(_AUTOENCODER, "mse reported per picture", "error / values_per_example", "error"),
    planted_in(_AUTOENCODER, "the autoencoder ignores its likelihood", "reconstruction = error if self.log_likelihood is None else", "reconstruction = error if True else"),
    # training
    planted_in(_TRAINING, "weights divided by the batch size", "return ops.sum(sample_weight * values) / ops.where(total > 0, total, 1.0)", "return ops.mean(sample_weight * values)"),
    planted_in(_TRAINING, "in_batches drops the last slice", "starts = range(0, len(arrays[0]), batch_size)", "starts = range(0, len(arrays[0]) - batch_size + 1, batch_size)"),
    planted_in(_TRAINING, "evaluate with another number of steps", "kept = self._test_functions.get(self.steps_per_execution)", "kept = next(iter(self._test_functions.values()), None)"),
    planted_in(("course_lib/training/model.py", "tests/models/test_vae.py"), "validation data unchecked", "held_out = self._checked_validation(validation_data, validation_batch_size)", "held_out = validation_data"),
    planted_in(_TRAINING, "validation weights dropped", "data = self._read(x, y, sample_weight, name=\"validation_data\"", "data = self._read(x, y, name=\"validation_data\""),
    planted_in(_BATCH, "labels accepted", "        if self.target is None:\n            raise ValueError(", "        if False:\n            raise ValueError("),
    planted_in(_RESIDENT, "the order does not follow the epoch", "np.random.default_rng((self.seed, epoch))", "np.random.default_rng(self.seed)"),
    planted_in(_RESIDENT, "the last batch dropped", "return -(-self.full_batches // self.steps) + (self.rest > 0)", "return -(-self.full_batches // self.steps)"),
    planted_in(_RESIDENT, "padding rows trained on", "return (step < count[0]) & tf.math", "return (step < tf.shape(rows)[0]) & tf.math"),
    planted_in(_RESIDENT, "a resumed run begins at epoch 0", "self.batches.begin_epoch(epoch)", "pass"),
    planted_in(_OPTIMIZERS, "a step scale ignored", "learning_rate * scale)", "learning_rate)"),
    # data contracts
    planted_in(_CONTRACT, "NaN accepted", "if not (np.isfinite(low) and np.isfinite(high)):", "if False:"),
    planted_in(_CONTRACT, "0–255 accepted", "above = self.maximum is not None and high > self.maximum", "above = False"),
    planted_in(_CONTRACT, "labels as images accepted", "if expected is None or _fits(x.shape[1:], expected):", "if True:"),
    # metrics
    planted_in(_IMPORTANCE, "importance weights without log-mean-exp", "chunk = np.logaddexp.reduce(log_weights, axis=0)", "chunk = log_weights.sum(axis=0)"),
    planted_in(_IMPORTANCE, "importance weights not divided by K", "return total - np.log(num_samples)", "return total"),
    planted_in(_IMPORTANCE, "the proposal's density forgotten", "return log_joint - gaussian_log_prob(z, mean, log_var)", "return log_joint"),
    planted_in(_IMPORTANCE, "the prior forgotten", " + _log_prior(vae, z)", ""),
    planted_in(_IMPORTANCE, "examples and draws mixed up", ".reshape(-1, draws).T", ".reshape(draws, -1)"),
    planted_in(_FRECHET, "Fréchet distance without the trace term", " - 2 * overlap", ""),
    planted_in(_FRECHET, "Fréchet distance of roots", "return float(max(distance, 0.0))", "return float(np.sqrt(max(distance, 0.0)))"),
    planted_in(_PRECISION, "precision and recall swapped", "return _covered(generated, real, num_neighbors), _covered(real, generated, num_neighbors)", "return _covered(real, generated, num_neighbors), _covered(generated, real, num_neighbors)"),
    planted_in(_PRECISION, "a point is its own neighbour", "start + np.arange(len(chunk))] = np.inf", "start + np.arange(len(chunk))] = 0.0"),
    # exact models
    planted_in(_PCA, "residual of the first components", "variances[rank:]", "variances[:rank]"),
    planted_in(_PPCA, "pPCA covariance divided by n − 1", "(x - mean).T @ (x - mean) / len(x))", "(x - mean).T @ (x - mean) / (len(x) - 1))"),
    planted_in(_PPCA, "pPCA's ELBO without the spread", "(distance + spread)", "distance"),
    # data
    planted_in(_ARCHIVE, "a checksum not compared", "if found != expected:", "if False:"),
    planted_in(_ARCHIVE, "a download left half-written", "yield unfinished\n        unfinished.replace(path)", "yield path"),
    planted_in(_ARCHIVE, "pickled data read", "read_array(entry, allow_pickle=False)", "read_array(entry, allow_pickle=True)"),
    planted_in(_MNIST, "MNIST's checksums not compared", "    check_digests(arrays, MNIST_DIGESTS, path, repair)\n", "    pass\n"),
    planted_in(_DATASET, "MNIST's validation images also in training", "x_train=images[:-num_validation]", "x_train=images"),
    planted_in(_DIGITS, "a data split that leaks", "rows[num_test + num_validation :]", "rows[num_test:]"),
    planted_in(_GLYPHS, "factors in the wrong order", "dict(zip(POSE, poses, strict=True))", "dict(zip(POSE, poses[::-1], strict=True))"),
    # exercises
    planted_in(_ENGINE, "a check that accepts a named mistake", "        if not any(differences):\n            return RIGHT", "        if not all(differences):\n            return RIGHT"),
    planted_in(_ENGINE, "a check that knows no mistake", "        for mistake in self.mistakes:\n            results = self._results", "        for mistake in ():\n            results = self._results"),
    planted_in(_ENGINE, "a hole counts as right", "        if comparison.is_nothing_but_holes(answer):\n            return UNANSWERED", "        if comparison.is_nothing_but_holes(answer):\n            return RIGHT"),
    # latent space
    planted_in(_PROBE, "a probe judged on what it was fitted to", ".score(test_codes, test_labels))", ".score(train_codes, train_labels))"),
    planted_in(_PROBE, "a probe with the penalty upside down", "C=1.0 / regularisation", "C=regularisation"),
    planted_in(_PROBE, "a probe without standardised features", "make_pipeline(StandardScaler(), ", "make_pipeline("),
    planted_in(_NEAREST, "the nearest distance squared", "np.linalg.norm(samples - reference[nearest], axis=1)", "np.square(samples - reference[nearest]).sum(axis=1)"),
    planted_in(_NEAREST, "the nearest row by the product alone", "(half_squares - chunk @ reference.T)", "(-chunk @ reference.T)"),
    planted_in(_NEAREST, "the nearest row without the half", "half_squares = 0.5 * ", "half_squares = "),
    planted_in(_NEAREST, "the nearest distance in the wrong direction", "reference, samples = feature_pair(", "samples, reference = feature_pair("),
    planted_in(_TWO_STAGE, "two-stage samples that are reconstructions", "        density.fit(codes)\n", "        density.fit(codes)\n        density.sample = lambda num_samples: codes[:num_samples]\n"),
    planted_in(_TWO_STAGE, "two-stage samples from N(0, I)", "codes = _draw(self.fitted, num_samples, seed)", "codes = np.random.default_rng(seed).normal(size=(num_samples, 2))"),
    planted_in(_TWO_STAGE, "the seed of two-stage samples ignored", "density.random_state = seed", "pass"),
    planted_in(_TWO_STAGE, "mixture samples in the order of the components", "return np.random.default_rng(seed).permutation(codes)", "return codes"),
    planted_in(_TWO_STAGE, "the density given is fitted itself", "density = _fresh(self.density)", "density = self.density"),
    planted_in(_TWO_STAGE, "sampling a density that was never fitted", "if self.fitted is None:", "if False:"),
    planted_in(_LATENT, "a walk that stops short", "np.linspace(0, 1, num_steps)[:, None]", "np.linspace(0, 1, num_steps, endpoint=False)[:, None]"),
    planted_in(_LATENT, "a walk that starts at the end", "    return (1 - t) * start + t * end\n\n\ndef spherical_walk", "    return t * start + (1 - t) * end\n\n\ndef spherical_walk"),
    planted_in(_LATENT, "a sphere's half angle", "angle = 2 * np.arctan2", "angle = np.arctan2"),
    planted_in(_LATENT, "a spherical walk not divided by its sine", " / np.sin(angle)", ""),
    # input at the edges
    planted_in(_EVENTS, "a NaN where a variance is too small for float32", "ops.exp(ops.minimum(x, _LARGEST_EXPONENT))", "ops.exp(x)"),
    planted_in(_EVENTS, "0 times the logarithm of 0", "ops.where(probabilities == 0, 0.0, values)", "values"),
    planted_in(_LIKELIHOODS, "an integer that names no symbol is certain", "ops.where(is_symbol, log_probabilities, -math.inf), axis=-1, initial=-math.inf", "ops.where(is_symbol, log_probabilities, -math.inf), axis=-1, initial=0.0"),
    planted_in(_LIKELIHOODS, "symbols cut to integers", 'if "float" in keras.backend', 'if "string" in keras.backend'),
    planted_in(_DIVERGENCES, "log-variances that broadcast in the KL", '    require_same_shape(mean, log_var, "log_var", "mean")\n', ""),
    planted_in(_DIVERGENCES, "infinity minus infinity in the Fréchet distance", "larger * (1.0 - ops.exp(-0.5 * ops.abs(log_var_a - log_var_b)))", "ops.exp(0.5 * log_var_a) - ops.exp(0.5 * log_var_b)"),
    planted_in(_DIVERGENCES, "impossible categories in the JSD", "ops.maximum(log, _IMPOSSIBLE)", "log"),
    planted_in(_ADVERSARIAL, "one real logit against a batch of fakes", "if len({values.shape[0] for values in logits} - {None}) > 1:", "if False:"),
    planted_in(_ARCHIVE, "a parser's exception from a broken archive", "except Exception as error:", "except (OSError, ValueError, zipfile.BadZipFile) as error:"),
    planted_in(_MNIST, "a decompressor's exception from a broken download", "except (OSError, EOFError, zlib.error) as error:", "except (OSError, EOFError) as error:"),
    planted_in(_ARGUMENTS, "a Boolean counts", "isinstance(value, numbers.Integral) and not isinstance(value, bool)", "isinstance(value, numbers.Integral)"),
    planted_in(_ARGUMENTS, "squares that overflow", "if x.size and np.abs(x).max() > _LARGEST:", "if False:"),
    # regularised autoencoders
    planted_in(_GRADIENTS, "a gradient that cannot be differentiated again", "return tape.gradient(total, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)", "return tf.stop_gradient(tape.gradient(total, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))"),
    planted_in(_GRADIENTS, "a Jacobian of the summed code", "ops.cast(function(x), \"float32\") * chosen", "ops.cast(function(x), \"float32\")"),
    planted_in(_GRADIENTS, "a Jacobian averaged over the batch", "return ops.sum(ops.reshape(squares, (ops.shape(x)[0], -1)), axis=1)", "return ops.sum(ops.reshape(squares, (ops.shape(x)[0], -1)), axis=1) / ops.cast(ops.shape(x)[0], \"float32\")"),
    planted_in(_GRADIENTS, "the examples of a Jacobian mixed up", "chosen = ops.tile(ops.eye(units), (ops.shape(x)[0], 1))", "chosen = ops.repeat(ops.eye(units), ops.shape(x)[0], axis=0)"),
    planted_in(_PENALTIES, "a penalty averaged over the code", "return sum_over_event(ops.abs(*as_float32(codes)))", "return ops.mean(ops.abs(*as_float32(codes)), axis=-1)"),
    planted_in(_PENALTIES, "a penalty summed over the batch", "return sum_over_event(ops.square(*as_float32(codes)))", "return ops.sum(ops.square(codes)) * ops.ones_like(codes[:, 0])"),
    planted_in(_PENALTIES, "L2 without its square", "return sum_over_event(ops.square(*as_float32(codes)))", "return sum_over_event(ops.abs(*as_float32(codes)))  # L2"),
    planted_in(_CONTRACT, "data whose squares overflow float32 accepted", "_LARGEST = 1e15", "_LARGEST = 3e38"),
    planted_in(_PENALTIES, "sparsity of single activities", "ops.mean(activations, axis=0)", "activations"),
    planted_in(_PENALTIES, "sparsity the other way round", "kl = target * (math.log(target) - ops.log(activity))", "kl = activity * (ops.log(activity) - math.log(target))"),
    planted_in(_PENALTIES, "sparsity without its second term", "    kl += (1 - target) * (math.log(1 - target) - ops.log(1 - activity))\n", ""),
    planted_in(_PENALTIES, "sparsity averaged over the units", "return ops.sum(kl) * ops.ones_like(activations[:, 0])", "return ops.mean(kl) * ops.ones_like(activations[:, 0])"),
    planted_in(_PENALTIES, "the contractive penalty of a noisy encoder", "encoder(x, training=False), x)", "encoder(x, training=True), x)"),
    planted_in(_PENALTIES, "the strength of a penalty ignored", "return self.weight * l1(codes)", "return l1(codes)"),
    planted_in(_AUTOENCODER, "a penalty that is logged but not in the loss", "weighted_mean(reconstruction + self._penalties(y_pred, sample_weight), sample_weight)", "weighted_mean(reconstruction + 0.0 * self._penalties(y_pred, sample_weight), sample_weight)"),
    planted_in(_AUTOENCODER, "weight decay forgotten", " + self.weight_penalty()\n        if", "\n        if"),
    planted_in(_AUTOENCODER, "weight decay divided by the batch", " + self.weight_penalty()\n        if", ' + self.weight_penalty() / ops.cast(ops.shape(codes)[0], "float32")\n        if'),
    planted_in(_AUTOENCODER, "an augmented input with the old target", 'return {"target": target, "codes"', 'return {"target": x, "codes"'),
    planted_in(_AUTOENCODER, "augmentation in evaluation", "if training and self.augmentation is not None else x", "if self.augmentation is not None else x"),
    planted_in(_AUTOENCODER, "augmentation left out", "if training and self.augmentation is not None else x", "if False else x"),
    planted_in(_PARTS, "an activity regulariser accepted", '        if getattr(layer, "activity_regularizer", None) is not None:', "        if False:"),
    planted_in(_AUTOENCODER, "a denoiser in inference mode", "codes = self.encoder(target, training=training)", "codes = self.encoder(target, training=False)"),
    planted_in(("course_lib/training/model.py", "tests/models/test_autoencoder.py"), "XLA for images that are turned", "return compilable and not slow_under_xla", "return not slow_under_xla"),
    # evaluation and weights
    planted_in(_TRAINING, "evaluate returns the last batch only", "batches = _in_order(data, batch_size) if", "batches = _in_order(data.rows(slice(-batch_size, None)), batch_size) if"),
    planted_in(_IMPORTANCE, "the surrogate's value for the bound", "chunk = np.logaddexp.reduce(log_weights, axis=0)", "total_weight = np.logaddexp.reduce(log_weights, axis=0)\n        chunk = (np.exp(log_weights - total_weight) * log_weights).sum(axis=0) + np.log(len(log_weights))"),
    planted_in(_TRAINING, "a batch without weight divides by zero", "ops.where(total > 0, total, 1.0)", "total"),
    planted_in(_VAE, "a VAE's weight decay forgotten", ", sample_weight) + self.weight_penalty()", ", sample_weight)"),
    planted_in(_GAN, "a GAN's weight decay forgotten", ", sample_weight) + self.weight_penalty()", ", sample_weight)"),
    planted_in(_PARTS, "symbols without a logit accepted", "maximum = facts.maximum if logits is None else logits[0][-1] - 1", "maximum = facts.maximum"),
    planted_in(_RESIDENT, "weights read in the loop's own body", '@tf.function(reduce_retracing=True, experimental_attributes={"_noinline": True})', "@tf.autograph.experimental.do_not_convert"),
    # interrupted training
    planted_in(_RESTARTING, "a new start with the old optimiser", "optimizer is not None and optimizer.built", "False"),
    planted_in(_RESTARTING, "a new start with the old noise", "for variable in model.variables if", "for variable in model.weights if"),
    planted_in(_RESTARTING, "a new start with the old order of the examples", "        model.seed = like.seed", "        pass"),
    planted_in(_RESTARTING, "a new start that evaluates on the old draws", "        layer.seed = fresh.seed", "        pass"),
    planted_in(_RESUMING, "a resumed run with another optimiser state", "return [*model.variables, *model.optimizer.variables]", "return list(model.variables)"),
    planted_in(_RESUMING, "a resumed run with fresh random streams", "return [*model.variables, *model.optimizer.variables]", "return [*model.weights, *model.optimizer.variables]"),
    planted_in(_RESUMING, "a resumed run with another order of the data", '_batches(self.model).go_on(facts["order"], len(facts["logs"]))', "pass"),
    planted_in(_RESUMING, "a resumed run that skips an epoch", "epochs if done else len(self.logs)", "epochs if done else len(self.logs) + 1"),
    planted_in(_RESUMING, "curves that begin at the interruption", "            self.model.history.history = {", "            _ = {"),
    planted_in(_RESUMING, "evaluation draws of another process", "            layer.seed = seed\n", "            pass\n"),
    planted_in(_RESUMING, "a broken file begins anew in silence", "        if kept:\n            self._resume(kept)", "        if kept:\n            try:\n                self._resume(kept)\n            except Exception:\n                self.logs = []"),
    planted_in(_RESUMING, "the training of another model continued", "        if differing:\n", "        if False:\n"),
    planted_in(_RESUMING, "a finished training is trained again", "done = facts[\"finished\"] and facts[\"epochs\"] >= epochs", "done = False"),
    planted_in(_RESUMING, "a later fit begins in the middle", "    def on_epoch_begin(self, epoch, logs=None):\n        self.model._initial_epoch = None", "    def on_epoch_begin(self, epoch, logs=None):\n        pass"),
    planted_in(_RESUMING, "kept after every epoch, whatever was asked", "if len(self.logs) % self.every == 0:", "if True:"),
    planted_in(_RESUMING, "a training of another backend is continued", "        \"backend\": keras.backend.backend(),\n", ""),
    planted_in(_RESUMING, "the last epoch not kept", "            self._keep(finished=True)\n", ""),
    # discrete draws
    planted_in(_GUMBEL, "Gumbel noise without its second logarithm", "return -ops.log(-ops.log(uniform))", "return -ops.log(uniform)"),
    planted_in(_GUMBEL, "Gumbel noise of the wrong sign", "return -ops.log(-ops.log(uniform))", "return ops.log(-ops.log(uniform))"),
    planted_in(_GUMBEL, "no Gumbel noise at all", "logits + self._gumbel(ops.shape(logits))", "logits"),
    planted_in(_GUMBEL, "one Gumbel noise for the whole batch", "self._gumbel(ops.shape(logits))", "self._gumbel((1, *logits.shape[1:]))"),
    planted_in(_GUMBEL, "the Gumbel temperature multiplies", ") / self.temperature", ") * self.temperature"),
    planted_in(_GUMBEL, "the Gumbel temperature cools the logits alone", "(logits + self._gumbel(ops.shape(logits))) / self.temperature", "logits / self.temperature + self._gumbel(ops.shape(logits))"),
    planted_in(_GUMBEL, "a Gumbel-softmax that is never hard", "return straight_through(soft) if self.hard else soft", "return soft"),
    planted_in(_GUMBEL, "a Gumbel-softmax that is always hard", "return straight_through(soft) if self.hard else soft", "return straight_through(soft)"),
    planted_in(_GUMBEL, "a hard Gumbel draw without a gradient", "return one_hot + (soft - ops.stop_gradient(soft))", "return one_hot"),
    planted_in(_GUMBEL, "straight-through that returns the soft Gumbel value", "return one_hot + (soft - ops.stop_gradient(soft))", "return ops.stop_gradient(one_hot - one_hot) + soft"),
    planted_in(_GUMBEL, "straight-through that doubles the Gumbel gradient", "one_hot + (soft - ops.stop_gradient(soft))", "one_hot + 2 * (soft - ops.stop_gradient(soft))"),
    planted_in(_GUMBEL, "infinite Gumbel noise where the uniform is zero", "minval=_SMALLEST_UNIFORM, ", ""),
    planted_in(_GUMBEL, "Gumbel draws in half precision", "super().__init__(autocast=False, **kwargs)", "super().__init__(**kwargs)"),
    planted_in(_GUMBEL, "a Gumbel layer that repeats its draws", "seed=self.seed_generator)", "seed=self.seed)"),
    planted_in(_GUMBEL, "a Gumbel layer rewound to another seed", "self.seed_generator.state.assign([self.seed, 0])", "self.seed_generator.state.assign([self.seed + 1, 0])"),
    planted_in(_GUMBEL, "a Gumbel temperature forgotten in the copy", "temperature = float(ops.convert_to_numpy(self._temperature))", "temperature = 1.0"),
    planted_in(_GUMBEL, "a Gumbel temperature of zero accepted", 'if not real_number(value, "temperature") > 0:', 'if not real_number(value, "temperature") >= 0:'),
    planted_in(_GUMBEL, "a single Gumbel logit accepted", "if len(logits.shape) < 2 or logits.shape[-1] < 2:", "if len(logits.shape) < 2:"),
    # labels, conditional models, discrete codes
    planted_in(("course_lib/contracts/batches.py", "tests/training/test_model.py"), "labels in the order of the data, rows shuffled", "return Batch(*(None if part is None else part[rows] for part in self))", "return Batch(self.x[rows], *(None if part is None else part[: len(self.x[rows])] for part in self[1:]))"),
    planted_in(_RESIDENT, "labels of the compiled loop left unshuffled", "return tuple(tf.gather(each, rows) for each in part)", "return tf.gather(part[0], rows), part[1][: tf.shape(rows)[0]]"),
    planted_in(_TRAINING, "labels of the validation split from the front", "data.rows(slice(None, boundary)), data.rows(slice(boundary, None))", "data.rows(slice(None, boundary)), data.rows(slice(boundary, None))._replace(labels=None if data.labels is None else data.labels[: len(data) - boundary])"),
    planted_in(_BATCH, "labels never checked", "labels = self.labels.checked(labels, len(x), label_name, hint)", "labels = np.asarray(labels)"),
    planted_in(_TRAINING, "labels of a weighted evaluation forgotten", "shuffle=False, labels=labels, target=target)", "shuffle=False, target=target)"),
    planted_in(("course_lib/training/resident.py", "tests/models/test_conditional_vae.py"), "the labels of another training continued", '"labels": self.data.labels, ', ""),
    planted_in(_LABELS, "labels beyond the classes accepted", "if low < 0 or high >= self.num_classes:", "if low < 0:"),
    planted_in(_LABELS, "negative labels accepted", "if low < 0 or high >= self.num_classes:", "if high >= self.num_classes:"),
    planted_in(_LABELS, "labels that are floats accepted", 'if labels.dtype.kind == "f":', "if False:"),
    planted_in(_LABELS, "class weights that favour frequent classes", "(len(labels) / (num_classes * counts))[labels]", "(num_classes * counts / len(labels))[labels]"),
    planted_in(_LABELS, "class weights whose sum is not the number of examples", "(len(labels) / (num_classes * counts))", "(len(labels) / counts)"),
    planted_in(_CONDITIONAL, "a conditional encoder without its label", "self.encoder([x, one_hot], training=training)", "self.encoder([x, 0 * one_hot], training=training)"),
    planted_in(_CONDITIONAL, "a conditional decoder without its label", "self.decoder([z, one_hot], training=training)", "self.decoder([z, 0 * one_hot], training=training)"),
    planted_in(_CONDITIONAL, "samples of the first class alone", "decode(ops.convert_to_numpy(self.prior.sample(num_samples, seed=seed)), labels)", "decode(ops.convert_to_numpy(self.prior.sample(num_samples, seed=seed)), 0 * labels)"),
    planted_in(_CONDITIONAL, "a conditional bound without its divergence", "*y_pred[\"parameters\"]) - self.kl(y_pred)", "*y_pred[\"parameters\"])"),
    planted_in(_CONDITIONAL, "the VAE of one class with another label", "_with_label(network, label, self.num_classes)", "_with_label(network, 0, self.num_classes)"),
    planted_in(_IMPUTATION, "imputation weights without the prior", "_numbers(vae.prior.log_prob(z)) - _numbers", "-_numbers"),
    planted_in(_IMPUTATION, "imputation weights without the proposal", " - _numbers(gaussian_log_prob(z, mean, log_var))", ""),
    planted_in(_IMPUTATION, "imputation judged by its own guess", "np.where(known, given, 0.0)", "np.where(True, given, 0.0)"),
    planted_in(_IMPUTATION, "imputation without weights", "weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))", "weights = np.ones_like(log_weights)"),
    planted_in(_IMPUTATION, "imputation that changes what was observed", "np.where(observed[part], filled[part], means)", "means"),
    planted_in(_IMPUTATION, "imputation that begins at what stood there", "np.where(observed, x, start)", "np.nan_to_num(x)"),
    planted_in(_QUANTIZER, "the farthest code instead of the nearest", "ops.argmin(distances", "ops.argmax(distances"),
    planted_in(_QUANTIZER, "the nearest code by the inner product", "ops.sum(ops.square(codebook), axis=1) - 2 *", "-2 *"),
    planted_in(_QUANTIZER, "no gradient through the quantizer", "z + ops.stop_gradient(chosen - z)", "ops.stop_gradient(chosen)"),
    planted_in(_QUANTIZER, "a gradient to the codebook through the output", '"quantized": z + ops.stop_gradient(chosen - z)', '"quantized": chosen'),
    planted_in(_QUANTIZER, "a codebook term that moves the encoder", "ops.square(ops.stop_gradient(z) - chosen)", "ops.square(z - chosen)"),
    planted_in(_QUANTIZER, "a commitment that moves the codebook", "ops.square(z - ops.stop_gradient(chosen))", "ops.square(z - chosen)"),
    planted_in(_QUANTIZER, "a quantizer's loss averaged over the event", "commitment = sum_over_event(", "commitment = ops.mean(ops.mean(ops.square(z - ops.stop_gradient(chosen)), -1), tuple(range(1, len(z.shape) - 1))) + 0 * sum_over_event("),
    planted_in(_QUANTIZER, "commitment on the codebook's term", "self.commitment * commitment + (codebook if self.ema_decay is None else 0.0)", "commitment + self.commitment * (codebook if self.ema_decay is None else 0.0)"),
    planted_in(_QUANTIZER, "running means that also follow the gradient", "(codebook if self.ema_decay is None else 0.0)", "codebook"),
    planted_in(_QUANTIZER, "running means updated by evaluation", "if self.ema_decay is not None and training:", "if self.ema_decay is not None:"),
    planted_in(_QUANTIZER, "running sums with another decay", "sums = decay * self.sums + (1 - decay) *", "sums = self.sums + (1 - decay) *"),
    planted_in(_QUANTIZER, "running means of the vectors, not by their counts", "sums / ops.where(used, counts, 1.0)[:, None]", "sums"),
    planted_in(_QUANTIZER, "a running mean that never moves its code", "        self.codebook.assign(codebook)\n", ""),
    planted_in(_QUANTIZER, "unused codes that drift to infinity", "used = counts > _NEVER_USED", "used = counts > -1.0"),
    planted_in(_QUANTIZER, "codes alive that are revived", "dead = counts < self.revive_below", "dead = counts > -1.0"),
    planted_in(_QUANTIZER, "a revived code that forgets its place", "sums = ops.where(dead[:, None], codebook * self.revive_below, sums)", "pass"),
    planted_in(_QUANTIZER, "a revived code that is dead again", "counts = ops.where(dead, self.revive_below, counts)", "pass"),
    planted_in(_QUANTIZER, "dead codes that all take one vector", "keras.random.uniform((self.num_codes,), dtype", "keras.random.uniform((1,), dtype"),
    planted_in(_QUANTIZER, "perplexity in bits, raised to e", "shares * ops.log(ops.where(shares > 0, shares, 1.0))", "shares * ops.log2(ops.where(shares > 0, shares, 1.0))"),
    planted_in(_QUANTIZER, "perplexity of the last batch", "self.counts.assign(self.counts + _counts(codes, self.num_codes))", "self.counts.assign(_counts(codes, self.num_codes))"),
    planted_in(_MASKED, "a masked layer that sees too much", "[:, None] <= np.asarray(self.output_degrees)", "[:, None] <= 1 + np.asarray(self.output_degrees)"),
    planted_in(_MASKED, "a masked layer without its mask", "self.kernel * ops.cast(self.mask, self.compute_dtype)", "self.kernel"),
    planted_in(_CODE_PRIOR, "a code prior that sees the code it predicts", "np.arange(self.num_positions) - 1, self.num_codes)", "np.arange(self.num_positions), self.num_codes)"),
    planted_in(_CODE_PRIOR, "a code prior blind to the neighbour", "np.arange(self.num_positions) - 1, self.num_codes)", "np.arange(self.num_positions) - 2, self.num_codes)"),
    planted_in(_CODE_PRIOR, "a code prior of independent positions", "hidden = np.arange(units) % max(1, self.num_positions - 1)", "hidden = np.zeros(units, int) + self.num_positions"),
    planted_in(_CODE_PRIOR, "codes drawn from the most probable", "keras.random.categorical(logits, 1, seed=stream))[:, 0]", "ops.argmax(logits, axis=-1))"),
    planted_in(_CODE_PRIOR, "codes drawn without what came before", "logits = self(codes.reshape(num_samples, *self.code_shape), training=False)", "logits = self(0 * codes.reshape(num_samples, *self.code_shape), training=False)"),
    planted_in(_VQVAE, "a VQ-VAE that decodes the vectors unrounded", 'self.decoder(quantized["quantized"], training=training)', "self.decoder(self.encoder(x, training=training), training=training)"),
    planted_in(_VQVAE, "a VQ-VAE without the quantizer's loss", 'weighted_mean(reconstruction + y_pred["loss"], sample_weight)', "weighted_mean(reconstruction, sample_weight)"),
    planted_in(_VQVAE, "a VQ-VAE without its weights", 'weighted_mean(reconstruction + y_pred["loss"], sample_weight)', 'weighted_mean(reconstruction + y_pred["loss"])'),
    planted_in(_VQVAE, "a VQ-VAE's bound without the cost of the codes", "return likelihood + self.prior.log_prob(codes)", "return likelihood"),
    planted_in(_VQVAE, "uniform codes that cost one position", "math.prod(self.code_shape) * math.log(self.quantizer.num_codes)", "math.log(self.quantizer.num_codes)"),
    planted_in(_VQVAE, "samples that ignore the fitted prior", "if self.prior is not None:\n            return self.decode", "if False:\n            return self.decode"),
    planted_in(_VQVAE, "a prior whose weights the VQ-VAE owns", 'object.__setattr__(self, "_prior", prior)  # not', "self._prior = prior  # not"),
    # priors, free bits, rate and distortion
    planted_in(_PRIORS, "a mixture prior without its weights", "(-1, num_components)) + ops.log_softmax(logits), axis=-1)", "(-1, num_components)) - ops.log(1.0 * num_components), axis=-1)"),
    planted_in(_PRIORS, "a mixture prior with unnormalised weights", "ops.log_softmax(logits), axis=-1)", "logits, axis=-1)"),
    planted_in(_PRIORS, "the mean of the components' log-densities", "return ops.logsumexp(ops.reshape", "return ops.mean(ops.reshape"),
    planted_in(_PRIORS, "components mixed up between examples", "ops.reshape(each, (-1, num_components))", "ops.transpose(ops.reshape(each, (num_components, -1)))"),
    planted_in(_PRIORS, "a mixture drawn with variances for deviations", "return mean + ops.exp(0.5 * log_var) * keras", "return mean + ops.exp(log_var) * keras"),
    planted_in(_PRIORS, "a mixture drawn without its weights", "keras.random.categorical(ops.expand_dims(logits, 0)", "keras.random.categorical(0 * ops.expand_dims(logits, 0)"),
    planted_in(_PRIORS, "a mixture's component tells its noise", "    if not isinstance(seed, keras.random.SeedGenerator):", "    if seed is None:"),
    planted_in(_PRIORS, "a prior's KL with the wrong sign", "return gaussian_log_prob(z, mean, log_var) - self.log_prob(z)", "return self.log_prob(z) - gaussian_log_prob(z, mean, log_var)"),
    planted_in(_PRIORS, "a prior's KL without log q", "return gaussian_log_prob(z, mean, log_var) - self.log_prob(z)", "return -self.log_prob(z)"),
    planted_in(_PRIORS, "the pseudo-inputs are not learned", "as_float32(*self.encoder(self.pseudo_inputs, training=False))", "as_float32(*self.encoder(ops.stop_gradient(self.pseudo_inputs), training=False))"),
    planted_in(_PRIORS, "the VampPrior holds the encoder still", "as_float32(*self.encoder(self.pseudo_inputs, training=False))", "[ops.stop_gradient(part) for part in as_float32(*self.encoder(self.pseudo_inputs, training=False))]"),
    planted_in(_PRIORS, "the divergences of dimensions mixed up", "return ops.reshape(each, (-1, self.latent_dim))", "return ops.transpose(ops.reshape(each, (self.latent_dim, -1)))"),
    planted_in(_VAE, "the given prior ignored in the loss", 'return self.prior.kl(y_pred["mean"], y_pred["log_var"], y_pred.get("z"))', 'return _standard_normal(self.latent_dim).kl(y_pred["mean"], y_pred["log_var"])'),
    planted_in(_VAE, "the given prior ignored by sample", "self.decode(self.prior.sample(num_samples, seed))", "self.decode(_standard_normal(self.latent_dim).sample(num_samples, seed))"),
    planted_in(_VAE, "a prior judged at the mean for the draw", '"z": z, "parameters"', '"z": mean, "parameters"'),
    planted_in(_VAE, "a loaded VampPrior with an encoder of its own", '{**config["config"], "encoder": encoder}', 'config["config"]'),
    planted_in(_VAE, "a prior that is not saved", '"prior": keras.saving.serialize_keras_object(self.given_prior)', '"prior": None'),
    planted_in(_VAE, "free bits for every example", "return sum_over_event(ops.where(means > free_bits, kl, free_bits))", "return sum_over_event(ops.maximum(kl, free_bits))"),
    planted_in(_VAE, "free bits the other way round", "ops.where(means > free_bits, kl, free_bits)", "ops.where(means > free_bits, free_bits, kl)"),
    planted_in(_VAE, "free bits on the total", "return sum_over_event(ops.where(means > free_bits, kl, free_bits))", "return ops.where(ops.sum(means) > free_bits, sum_over_event(kl), free_bits)"),
    planted_in(_VAE, "free bits blind to sample weights", "weighted_mean(kl[:, j], sample_weight) for j", "weighted_mean(kl[:, j]) for j"),
    planted_in(_VAE, "free bits forgotten in the loss", "        if self.free_bits:\n            kl =", "        if False:\n            kl ="),
    planted_in(_VAE, "free bits shown as the KL", "        self.kl_tracker.update_state(kl, sample_weight)\n        if self.free_bits:\n            kl = with_free_bits(self.kl_of_dimensions(y_pred), self.free_bits, sample_weight)\n", "        if self.free_bits:\n            kl = with_free_bits(self.kl_of_dimensions(y_pred), self.free_bits, sample_weight)\n        self.kl_tracker.update_state(kl, sample_weight)\n"),
    planted_in(_VAE, "free bits with a prior that has no dimensions", "if self.free_bits and not isinstance(prior, StandardNormal):", "if False:"),
    planted_in(_CALLBACKS, "a warm-up in one step", "self.beta * min(1.0, epoch / self.epochs)", "self.beta * min(1.0, epoch // self.epochs)"),
    planted_in(_CALLBACKS, "a warm-up that goes on rising", "self.beta * min(1.0, epoch / self.epochs)", "self.beta * epoch / self.epochs"),
    planted_in(_CALLBACKS, "a warm-up that begins at its second step", "self.beta * min(1.0, epoch / self.epochs)", "self.beta * min(1.0, (epoch + 1) / self.epochs)"),
    planted_in(_CALLBACKS, "a warm-up that ends at 1", "return self.beta * min(1.0, epoch / self.epochs)", "return min(1.0, epoch / self.epochs)"),
    planted_in(_ACTIVE, "activity as a deviation", "return means.var(axis=0)", "return means.std(axis=0)"),
    planted_in(_ACTIVE, "activity as a second moment", "return means.var(axis=0)", "return (means**2).mean(axis=0)"),
    planted_in(_ACTIVE, "a threshold that counts", "(unit_activities(means) > threshold)", "(unit_activities(means) >= threshold)"),
    planted_in(_GAP, "a gap that is not normalised", "return (first - second) / entropies", "return first - second"),
    planted_in(_GAP, "a gap to the worst dimension", "np.sort(mutual_information(codes, factors, num_bins), axis=0)[-2:]", "np.sort(mutual_information(codes, factors, num_bins), axis=0)[[0, -1]]"),
    planted_in(_GAP, "information in bits", "np.log(joint[seen] / independent[seen])", "np.log2(joint[seen] / independent[seen])"),
    planted_in(_GAP, "one bin too many", "np.minimum((code - low) / width, num_bins - 1)", "(code - low) / width"),
    planted_in(_RATE, "the rate against N(0, I) under any prior", "vae.prior.kl(mean, log_var, z)", '__import__("course_lib.formulas.divergences").divergences.standard_normal_kl(mean, log_var)'),
    planted_in(_RATE, "the distortion with the wrong sign", "-vae.log_likelihood(x, *parameters)]", "vae.log_likelihood(x, *parameters)]"),
    planted_in(_RATE, "the distortion of the mean code", "z = mean + ops.exp(0.5 * log_var) * keras", "z = mean + 0.0 * ops.exp(0.5 * log_var) * keras"),
    planted_in(_RATE, "draws summed, not averaged", "return total / num_samples", "return total"),
    # tighter bounds
    planted_in(_IWAE, "an IWAE that climbs the mean of the logarithms", "ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples)", "ops.mean(log_weights, axis=1)"),
    planted_in(_IWAE, "an IWAE's surrogate for its loss", "return ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples)", "return ops.sum(ops.stop_gradient(ops.softmax(log_weights, axis=1)) * log_weights, axis=1)"),
    planted_in(_IWAE, "an IWAE without log K", " - math.log(self.num_samples)", ""),
    planted_in(_IWAE, "an IWAE without log q", "gaussian_log_prob(y_pred[\"z\"], mean, log_var) - self.prior", "-self.prior"),
    planted_in(_IWAE, "an IWAE without its prior", " - self.prior.log_prob(y_pred[\"z\"])", ""),
    planted_in(_IWAE, "an IWAE with the standard normal for every prior", "self.prior.log_prob(y_pred[\"z\"])", "gaussian_log_prob(y_pred[\"z\"], ops.zeros_like(y_pred[\"z\"]), 0.0)"),
    planted_in(_IWAE, "an IWAE that mixes examples and draws", "return ops.reshape(log_likelihood, (-1, self.num_samples)), self._log_ratio(y_pred)", "return ops.transpose(ops.reshape(log_likelihood, (self.num_samples, -1))), self._log_ratio(y_pred)"),
    planted_in(_IWAE, "an IWAE with one draw for all K", "z = sampling(self._copies(mean), self._copies(log_var))", "z = self._copies(sampling(mean, log_var))"),
    planted_in(_IWAE, "an IWAE's gradient through uniform weights", "return ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples)", "return ops.mean(log_weights, axis=1) + ops.stop_gradient(ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples) - ops.mean(log_weights, axis=1))"),
    planted_in(_IWAE, "an IWAE's weight decay forgotten", ", sample_weight) + self.weight_penalty()", ", sample_weight)"),
    planted_in(_IWAE, "an IWAE's examples not weighted", "weighted_mean(-bound, sample_weight)", "weighted_mean(-bound)"),
    planted_in(_IWAE, "an IWAE with another beta", '"beta, the weight of the KL divergence,") != 1:', '"beta, the weight of the KL divergence,") < 0:'),
    planted_in(_IWAE, "an IWAE with free bits that do nothing", "        if self.free_bits:", "        if False:"),
    planted_in(_IWAE, "an IWAE's K forgotten in the copy", 'return {**super().get_config(), "num_samples": self.num_samples}', "return super().get_config()"),
    planted_in(_IWAE, "an IWAE's bound for its ELBO", "return self._of_log_weights(x, lambda log_weights: ops.mean(log_weights, axis=1))", "return self._of_log_weights(x, self._log_mean_exp)"),
    planted_in(_IWAE, "an IWAE that evaluates on training draws", "self.sampling if training else self.evaluation_sampling", "self.sampling"),
    planted_in(_IMPORTANCE, "fast Bernoulli weights without the sign of the logits", "1.0 + ops.exp(-ops.abs(logits))", "1.0 + ops.exp(-logits)"),
    planted_in(_IMPORTANCE, "fast Bernoulli weights whose products overflow", "_LARGEST_GROUP = 100", "_LARGEST_GROUP = 1000"),
    planted_in(_IMPORTANCE, "fast Bernoulli weights that drop pixels", "ops.sum(ops.log(ops.prod(factors, axis=2)), axis=1)", "ops.log(ops.prod(factors, axis=2))[:, 0]"),
    planted_in(_IMPORTANCE, "log-mean-exp without its mean", "return np.logaddexp.reduce(log_weights, axis=0) - np.log(len(log_weights))", "return np.logaddexp.reduce(log_weights, axis=0)"),
    planted_in(_IMPORTANCE, "log-mean-exp that overflows", "return np.logaddexp.reduce(log_weights, axis=0) - np.log(len(log_weights))", "return np.log(np.exp(log_weights).mean(axis=0))"),
    planted_in(_IMPORTANCE, "an effective sample size of one maximum for all", "largest = log_weights.max(axis=0)", "largest = log_weights.max()"),
    planted_in(_IMPORTANCE, "an effective sample size that is the inverse", "return np.square(weights.sum(axis=0)) / np.where(squares == 0.0, 1.0, squares)", "return squares / np.square(weights.sum(axis=0))"),
    planted_in(_IMPORTANCE, "an effective sample size of the largest weight", "return np.square(weights.sum(axis=0)) / np.where(squares == 0.0, 1.0, squares)", "return weights.sum(axis=0)"),
    planted_in(_IMPORTANCE, "a standard normal for the model's own prior", 'prior = getattr(vae, "prior", None)\n    return', "prior = None\n    return"),
    planted_in(_COMPILATION, "the compiled weights of old networks", "    return _by_tensorflow(function, networks) if backend", "    compiled.kept = getattr(compiled, \"kept\", None) or _by_tensorflow(function, networks)\n    return compiled.kept if backend"),
    planted_in(_COMPILATION, "everything compiled, however short", "for each in networks if each.built) < _EARNED", "for each in networks if each.built) < 0"),
    planted_in(_AMORTISATION, "an amortisation gap that keeps the last place", "better = elbo > highest  # never true of NaN", "better = elbo == elbo"),
    planted_in(_AMORTISATION, "an amortisation gap by descent", "q = q + rate * mean / (np.sqrt(square) + _TINY)", "q = q - rate * mean / (np.sqrt(square) + _TINY)"),
    planted_in(_AMORTISATION, "an amortisation gap without the rate", "vae.log_likelihood(x, *parameters) - rate,", "vae.log_likelihood(x, *parameters),"),
    planted_in(_AMORTISATION, "the rate of an amortisation gap against N(0, I) under any prior", "standard_normal_kl(mean, log_var) if prior is None else", "standard_normal_kl(mean, log_var) if True else"),
    planted_in(_AMORTISATION, "noise of an amortisation gap with deviation one", "z = mean + ops.exp(0.5 * log_var) * noise", "z = mean + noise"),
    planted_in(_AMORTISATION, "an amortisation gap that moves the mean alone", "        q = q + rate", "        mean[:, 1] = 0.0\n        q = q + rate"),
    planted_in(_AMORTISATION, "an amortisation gap with fresh noise in every step", "    draws = noise.shape[0] // x.shape[0]\n", "    draws = noise.shape[0] // x.shape[0]\n    noise = keras.random.normal(noise.shape)\n"),
    planted_in(_AMORTISATION, "the ELBO of a best posterior for the start's", "best, highest, first = q.copy(), elbo.copy(), elbo", "best, highest, first = q.copy(), elbo.copy(), elbo - 1.0"),
    planted_in(_MEAN_FIELD, "mean-field variances of the posterior's entries", "return 1.0 / precisions,", "return np.diag(np.asarray(covariance, dtype=float)),"),
    planted_in(_MEAN_FIELD, "a mean-field gap without its half", "float(0.5 * (np.log(precisions)", "float((np.log(precisions)"),
    planted_in(_MEAN_FIELD, "a mean-field gap with the determinant's sign", "log_determinant = -2.0", "log_determinant = 2.0"),
    # the linear VAE, and ellipses
    planted_in(_LINEAR_VAE, "a linear VAE whose posteriors have no width", "    distortion = missed + s @ column_lengths\n", "    distortion = missed\n"),
    planted_in(_LINEAR_VAE, "a linear VAE's beta on the reconstruction", "distortion / (2 * sigma2) + beta * rate", "beta * distortion / (2 * sigma2) + rate"),
    planted_in(_LINEAR_VAE, "a linear VAE's rate without its half", "return 0.5 * (np.exp(self.log_var) + code_variance - 1.0 - self.log_var)", "return np.exp(self.log_var) + code_variance - 1.0 - self.log_var"),
    planted_in(_LINEAR_VAE, "a linear VAE's rate averaged over latents", "return float(self.rates.sum())", "return float(self.rates.mean())"),
    planted_in(_LINEAR_VAE, "a linear VAE's variance with half its slope", "[0.5 * len(covariance) - distortion / (2 * sigma2)]", "[0.5 * (0.5 * len(covariance) - distortion / (2 * sigma2))]"),
    planted_in(_LINEAR_VAE, "a linear VAE's decoder that ignores the noise", "- encoded.T + decoder * s) / sigma2", "- encoded.T) / sigma2"),
    planted_in(_LINEAR_VAE, "a linear VAE fitted in the wrong unit", "return LinearVAE(decoder * np.sqrt(scale), encoder,", "return LinearVAE(decoder, encoder,"),
    planted_in(_LINEAR_VAE, "a linear VAE fitted to data divided by n − 1", "(table - mean).T @ (table - mean) / len(table)", "(table - mean).T @ (table - mean) / (len(table) - 1)"),
    planted_in(_LINEAR_VAE, "a linear VAE fitted with beta 1 whatever is asked", "_whitened(covariance / scale, q, beta,", "_whitened(covariance / scale, q, 1.0,"),
    planted_in(_LINEAR_VAE, "a linear VAE's fixed variance in the wrong unit", "None if learned else variance / scale)", "None if learned else variance)"),
    planted_in(_ELLIPSES, "ellipses of variances for deviations", "np.linalg.cholesky(covariances)", "covariances"),
    planted_in(_ELLIPSES, "ellipses that lean the other way", "mean[:, None] + factor @ circle", "mean[:, None] + factor.T @ circle"),
    planted_in(_ELLIPSES, "ellipses of radius one whatever is asked", "circle = radius * np.stack", "circle = np.stack"),
    *gan_training.BUGS,
    *transport_and_modes.BUGS,
    *gans_and_hybrids.BUGS,
    *judging.BUGS,
    *coding_and_detection.BUGS,
    *gan_theory.BUGS,
    *gan_lesson.BUGS,
    *stability.BUGS,
    *pipelines.BUGS,
    *builder.BUGS,
    *classroom.BUGS,
    *colab.BUGS,
    *diffusion.BUGS,
    *profiles.BUGS,
    *quantifiers.BUGS,
    *own_inputs.BUGS,
    *doors.BUGS,
    *downloads.BUGS,
    *engine.BUGS,
    *faces.BUGS,
    *full_size.BUGS,
    *recipes.BUGS,
    *slides.BUGS,
    *sounds.BUGS,
    *several_devices.BUGS,
    *teaching.BUGS,
    *text.BUGS,
    *workbook.BUGS,
    *gate.BUGS,
    *clinic.BUGS,
    *patients.BUGS,
)  # fmt: skip
