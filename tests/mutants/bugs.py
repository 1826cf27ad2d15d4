"""The planted bugs: each a small change to a copy of the course that a named test file must notice.

`make mutants` plants them one by one and fails if one survives. Most are mistakes that published code makes; the rest
are the ways in which this library could quietly go wrong. `before` must occur exactly once in the file.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """One planted bug.

    Attributes:
        name: What is wrong, in words.
        file: The file that is changed, from the root of the checkout.
        before: The text that is replaced; it must occur exactly once.
        after: The text that replaces it.
        tests: The test file that must go red.
    """

    name: str
    file: str
    before: str
    after: str
    tests: str


_DIVERGENCES = ("course_lib/divergences.py", "tests/test_divergences.py")
_ARGUMENTS = ("course_lib/arguments.py", "tests/test_arguments.py")
_EVENTS = ("course_lib/events.py", "tests/test_likelihoods.py")
_LIKELIHOODS = ("course_lib/likelihoods.py", "tests/test_likelihoods.py")
_ADVERSARIAL = ("course_lib/adversarial.py", "tests/test_adversarial.py")
_SAMPLING = ("course_lib/layers/sampling.py", "tests/test_layers_sampling.py")
_NOISE = ("course_lib/layers/noise.py", "tests/test_layers_noise.py")
_VAE = ("course_lib/models/vae.py", "tests/test_models_vae.py")
_GAN = ("course_lib/models/gan.py", "tests/test_models_gan.py")
_AUTOENCODER = ("course_lib/models/autoencoder.py", "tests/test_models_autoencoder.py")
_GRADIENTS = ("course_lib/gradients.py", "tests/test_gradients.py")
_PENALTIES = ("course_lib/penalties.py", "tests/test_penalties.py")
_TRAINING = ("course_lib/training.py", "tests/test_training.py")
_RESIDENT = ("course_lib/resident.py", "tests/test_training.py")
_CONTRACT = ("course_lib/data_contract.py", "tests/test_data_contract.py")
_OPTIMIZERS = ("course_lib/optimizers.py", "tests/test_optimizers.py")
_IMPORTANCE = ("course_lib/metrics/importance_weighted.py", "tests/test_metrics_importance_weighted.py")
_FRECHET = ("course_lib/metrics/frechet_distance.py", "tests/test_metrics_frechet_distance.py")
_PRECISION = ("course_lib/metrics/precision_recall.py", "tests/test_metrics_precision_recall.py")
_PROBE = ("course_lib/metrics/linear_probe.py", "tests/test_metrics_linear_probe.py")
_NEAREST = ("course_lib/metrics/nearest_distance.py", "tests/test_metrics_nearest_distance.py")
_TWO_STAGE = ("course_lib/models/two_stage.py", "tests/test_models_two_stage.py")
_LATENT = ("course_lib/latent.py", "tests/test_latent.py")
_PCA = ("course_lib/exact/principal_components.py", "tests/test_exact_principal_components.py")
_PARTS = ("course_lib/models/parts.py", "tests/test_models_vae.py")
_PPCA = ("course_lib/exact/probabilistic_pca.py", "tests/test_exact_probabilistic_pca.py")
_ARCHIVE = ("course_lib/archive.py", "tests/test_archive.py")
_MNIST = ("course_lib/datasets/mnist.py", "tests/test_datasets_mnist.py")
_DIGITS = ("course_lib/datasets/digits.py", "tests/test_datasets_digits.py")
_GLYPHS = ("course_lib/datasets/glyphs.py", "tests/test_datasets_glyphs.py")
_RESUMING = ("course_lib/resuming.py", "tests/test_resuming.py")
_GUMBEL = ("course_lib/layers/gumbel_softmax.py", "tests/test_layers_gumbel_softmax.py")
_LABELS = ("course_lib/labels.py", "tests/test_labels.py")
_QUANTIZER = ("course_lib/layers/vector_quantizer.py", "tests/test_layers_vector_quantizer.py")
_MASKED = ("course_lib/layers/masked_dense.py", "tests/test_layers_masked_dense.py")
_CONDITIONAL = ("course_lib/models/conditional_vae.py", "tests/test_models_conditional_vae.py")
_CODE_PRIOR = ("course_lib/models/code_prior.py", "tests/test_models_code_prior.py")
_VQVAE = ("course_lib/models/vqvae.py", "tests/test_models_vqvae.py")
_IMPUTATION = ("course_lib/imputation.py", "tests/test_imputation.py")
_PRIORS = ("course_lib/priors.py", "tests/test_priors.py")
_CALLBACKS = ("course_lib/callbacks.py", "tests/test_callbacks.py")
_ACTIVE = ("course_lib/metrics/active_units.py", "tests/test_metrics_active_units.py")
_GAP = ("course_lib/metrics/mutual_information_gap.py", "tests/test_metrics_mutual_information_gap.py")
_RATE = ("course_lib/metrics/rate_and_distortion.py", "tests/test_metrics_rate_and_distortion.py")
_IWAE = ("course_lib/models/iwae.py", "tests/test_models_iwae.py")
_COMPILATION = ("course_lib/metrics/compilation.py", "tests/test_metrics_importance_weighted.py")
_AMORTISATION = ("course_lib/metrics/amortisation_gap.py", "tests/test_metrics_amortisation_gap.py")
_MEAN_FIELD = ("course_lib/exact/mean_field.py", "tests/test_exact_mean_field.py")
_ENGINE = ("course_lib/exercises/engine.py", "tests/test_exercises_engine.py")
_LINEAR_VAE = ("course_lib/exact/linear_vae.py", "tests/test_exact_linear_vae.py")
_ELLIPSES = ("course_lib/plotting.py", "tests/test_plotting.py")

_KL = "return 0.5 * sum_over_event(ops.exp(log_var) + ops.square(mean) - 1.0 - log_var)"
_GENERAL_KL = "terms = log_var_p - log_var_q + ops.exp(log_var_q - log_var_p) + squared_distance - 1.0"
_GAUSSIAN = "return -0.5 * sum_over_event(_LOG_2_PI + log_var + ops.square((x - mean) * finite_exp(-0.5 * log_var)))"
_BERNOULLI = "return -sum_over_event(x * ops.softplus(-logits) + (1.0 - x) * ops.softplus(logits))"
_DRAW = "return mean + ops.exp(0.5 * log_var) * noise"
_NORMAL = 'noise = keras.random.normal(ops.shape(mean), dtype="float32", seed=self.seed_generator)'


def _planted(name, place, before, after):
    file, tests = place
    return Bug(name, file, before, after, tests)


BUGS = (
    # divergences
    _planted("KL without ½", _DIVERGENCES, _KL, _KL.replace("0.5 * ", "")),
    _planted("KL with a flipped sign", _DIVERGENCES, _KL, _KL.replace("0.5", "-0.5")),
    _planted("KL averaged over latents", _DIVERGENCES, _KL, _KL.replace("sum_over_event", "(lambda v: ops.mean(v, -1))")),
    _planted("KL summed over the batch", _DIVERGENCES, _KL, _KL.replace("sum_over_event", "ops.sum")),
    _planted("KL of log-variance read as variance", _DIVERGENCES, _KL, _KL.replace("ops.exp(log_var)", "log_var")),
    _planted("KL of log-variance read as σ", _DIVERGENCES, _KL, _KL.replace("ops.exp(log_var)", "ops.square(log_var)")),
    _planted("KL with 1 + μ² − σ²", _DIVERGENCES, _KL, "return 0.5 * sum_over_event(1.0 + ops.square(mean) - ops.exp(log_var))"),
    _planted("KL in half precision", _EVENTS, 'ops.cast(real_tensor(tensor), "float32") for', "real_tensor(tensor) for"),
    _planted("KL of p and q swapped", _DIVERGENCES, _GENERAL_KL, _GENERAL_KL.replace("log_var_p - log_var_q +", "log_var_q - log_var_p +")),
    _planted("KL with the wrong variance below", _DIVERGENCES, "finite_exp(-0.5 * log_var_p)", "finite_exp(-0.5 * log_var_q)"),
    _planted("KL without −1", _DIVERGENCES, _GENERAL_KL, _GENERAL_KL.replace(" - 1.0", "")),
    _planted("categorical KL reversed", _DIVERGENCES, "expected(ops.exp(log_q), log_q - log_p)", "expected(ops.exp(log_p), log_p - log_q)"),
    _planted("JSD without its halves", _DIVERGENCES, "return 0.5 * sum_over_event(terms)\n\n\ndef gaussian_frechet", "return sum_over_event(terms)\n\n\ndef gaussian_frechet"),
    _planted("Fréchet distance of variances", _DIVERGENCES, "finite_exp(0.5 * ops.maximum", "finite_exp(ops.maximum"),
    # likelihoods
    _planted("mean instead of sum over pixels", _EVENTS, "return ops.sum(values, axis=tuple(range(1, len(values.shape))))", "return ops.mean(values, axis=tuple(range(1, len(values.shape))))"),
    _planted("sum over the last axis only", _EVENTS, "return ops.sum(values, axis=tuple(range(1, len(values.shape))))", "return ops.sum(values, axis=-1)"),
    _planted("BCE from probabilities", _LIKELIHOODS, _BERNOULLI, "return sum_over_event(x * ops.log(logits + 1e-7) + (1.0 - x) * ops.log(1.0 - logits + 1e-7))"),
    _planted("BCE with a second sigmoid", _LIKELIHOODS, _BERNOULLI, _BERNOULLI.replace("(-logits)", "(-ops.sigmoid(logits))").replace("(logits)", "(ops.sigmoid(logits))")),
    _planted("BCE with x and 1 − x swapped", _LIKELIHOODS, _BERNOULLI, _BERNOULLI.replace("(-logits)", "(LOGITS)").replace("(logits)", "(-logits)").replace("(LOGITS)", "(logits)")),
    _planted("BCE of the ink alone", _LIKELIHOODS, _BERNOULLI, "return -sum_over_event(x * ops.softplus(-logits))"),
    _planted("Gaussian without its constant", _LIKELIHOODS, _GAUSSIAN, _GAUSSIAN.replace("_LOG_2_PI + ", "")),
    _planted("Gaussian without its log-variance", _LIKELIHOODS, _GAUSSIAN, _GAUSSIAN.replace("log_var + ops", "ops")),
    _planted("Gaussian with σ for σ²", _LIKELIHOODS, _GAUSSIAN, _GAUSSIAN.replace("-0.5 * log_var", "-0.25 * log_var")),
    _planted("fixed variance as σ", _LIKELIHOODS, "math.log(self.variance)", "2.0 * math.log(self.variance)"),
    _planted("fixed variance ignored", _LIKELIHOODS, "math.log(self.variance)", "0.0"),
    _planted("categorical over the wrong axis", _LIKELIHOODS, "expected(x, ops.log_softmax(logits, axis=-1))", "expected(x, ops.log_softmax(logits, axis=1))"),
    _planted("shapes that broadcast are accepted", _EVENTS, "if not _same_shape(x.shape, other.shape):", "if False:"),
    _planted("the Bernoulli mean is its logit", _LIKELIHOODS, "mean=ops.sigmoid", "mean=lambda logits: logits"),
    # adversarial objectives
    _planted("labels swapped", _ADVERSARIAL, "return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated)", "return ops.softplus(real) + ops.softplus(-fake), ops.softplus(-generated)"),
    _planted("non-saturating loss that saturates", _ADVERSARIAL, "ops.softplus(fake), ops.softplus(-generated)", "ops.softplus(fake), -ops.softplus(generated)"),
    _planted("generator that helps the discriminator", _ADVERSARIAL, "ops.softplus(fake), ops.softplus(-generated)", "ops.softplus(fake), ops.softplus(generated)"),
    _planted("discriminator without real data", _ADVERSARIAL, "return ops.softplus(-real) + ops.softplus(fake), ops.softplus(-generated)", "return ops.softplus(fake), ops.softplus(-generated)"),
    _planted("hinge without its margin", _ADVERSARIAL, "ops.relu(1.0 - real)", "ops.relu(-real)"),
    _planted("critic upside down", _ADVERSARIAL, "return fake - real, -generated", "return real - fake, -generated"),
    _planted("logits that broadcast", _ADVERSARIAL, "return [ops.reshape(values, (-1,)) for values in logits]", "return logits"),
    # the reparameterisation
    _planted("noise missing", _SAMPLING, _DRAW, "return mean + 0.0 * noise"),
    _planted("z = μ exp(½ log σ²)", _SAMPLING, _DRAW, "return mean * ops.exp(0.5 * log_var) + 0.0 * noise"),
    _planted("σ² for σ", _SAMPLING, _DRAW, _DRAW.replace("0.5 * log_var", "log_var")),
    _planted("log σ² read as σ", _SAMPLING, _DRAW, _DRAW.replace("ops.exp(0.5 * log_var)", "log_var")),
    _planted("noise shared across the batch", _SAMPLING, _NORMAL, _NORMAL.replace("ops.shape(mean)", "(1, mean.shape[-1])")),
    _planted("noise shared across latents", _SAMPLING, _NORMAL, _NORMAL.replace("ops.shape(mean)", "(ops.shape(mean)[0], 1)")),
    _planted("noise constant from call to call", _SAMPLING, _NORMAL, _NORMAL.replace("self.seed_generator", "0")),
    _planted("uniform noise", _SAMPLING, _NORMAL, _NORMAL.replace("random.normal", "random.uniform")),
    _planted("the draw in half precision", _SAMPLING, "super().__init__(autocast=False, **kwargs)", "super().__init__(**kwargs)"),
    _planted("rewinding forgotten", _SAMPLING, "self.seed_generator.state.assign([self.seed, 0])", "pass"),
    _planted("a generator's noise constant", _NOISE, "ops.shape(x)[0], self.seed_generator)", "ops.shape(x)[0], self.seed)"),
    # the VAE
    _planted("β on the reconstruction", _VAE, "weighted_mean(reconstruction + self.beta * kl, sample_weight)", "weighted_mean(self.beta * reconstruction + kl, sample_weight)"),
    _planted("β ignored", _VAE, "weighted_mean(reconstruction + self.beta * kl, sample_weight)", "weighted_mean(reconstruction + kl, sample_weight)"),
    _planted("no KL", _VAE, "weighted_mean(reconstruction + self.beta * kl, sample_weight)", "weighted_mean(reconstruction, sample_weight)"),
    _planted("the likelihood with the wrong sign", _VAE, "reconstruction = -self.log_likelihood(x", "reconstruction = self.log_likelihood(x"),
    _planted("noise drawn anew inside evaluate", _VAE, "return (self.evaluation_sampling,)", "return ()"),
    _planted("evaluation disturbs the training stream", _VAE, "sampling = self.sampling if training else self.evaluation_sampling", "sampling = self.sampling"),
    _planted("training without noise", _VAE, "z = sampling(mean, log_var)", "z = mean if training else sampling(mean, log_var)"),
    _planted("no gradient through σ", _VAE, "z = sampling(mean, log_var)", "z = sampling(mean, ops.stop_gradient(log_var))"),
    _planted("mean and log-variance swapped", _VAE, "return heads[:, 0], heads[:, 1]", "return heads[:, 1], heads[:, 0]"),
    _planted("sample returns reconstructions' codes", _VAE, "self.decode(self.prior.sample(num_samples, seed))", "self.decode(0.0 * self.prior.sample(num_samples, seed))"),
    _planted("sample from a wider prior", _VAE, "self.decode(self.prior.sample(num_samples, seed))", "self.decode(2.0 * self.prior.sample(num_samples, seed))"),
    _planted("sample shows logits", _VAE, "return in_batches(lambda batch: mean(*as_tuple(self.decoder(batch, training=False))), z)", "return in_batches(lambda batch: as_tuple(self.decoder(batch, training=False))[0], z)"),
    _planted("ELBO with β", _VAE, "return reconstruction - self.kl(y_pred)", "return reconstruction - 2.0 * self.kl(y_pred)"),
    _planted("the networks are not checked", _VAE, "        check_decoder(self.decoder, self.log_likelihood, input_shape(self.encoder))\n", ""),
    # the GAN
    _planted("the discriminator's loss moves the generator", _GAN, "self.discriminator(ops.stop_gradient(samples), training=training)", "self.discriminator(samples, training=training)"),
    _planted("the generator's loss moves the discriminator", _GAN, "held_still = [ops.stop_gradient(weight.value) for", "held_still = [weight.value for"),
    _planted("the generator gets no gradient", _GAN, '"generator_logits": self.judge_held_still(samples, training=training)', '"generator_logits": self.judge_held_still(ops.stop_gradient(samples), training=training)'),
    _planted("real data are judged twice", _GAN, "self.discriminator(ops.stop_gradient(samples), training=training)", "self.discriminator(x, training=training)"),
    _planted("real and fake swapped", _GAN, 'y_pred["real_logits"], y_pred["fake_logits"], y_pred["generator_logits"]', 'y_pred["fake_logits"], y_pred["real_logits"], y_pred["generator_logits"]'),
    _planted("D and G swapped in the time scales", _GAN, "scales = [generator_scale] * len(self.generator.trainable_variables)", "scales = [discriminator_scale] * len(self.generator.trainable_variables)"),
    _planted("the generator's loss forgotten", _GAN, "return weighted_mean(discriminator_loss + generator_loss, sample_weight)", "return weighted_mean(discriminator_loss, sample_weight)"),
    _planted("frozen D accepted", _GAN, "if network.built and not network.trainable_variables:", "if False:"),
    _planted("a discriminator's sigmoid accepted", _GAN, 'in ("sigmoid", "softmax", "hard_sigmoid")', "in ()"),
    _planted("inference-mode judge", _GAN, "stateless_call(held_still, state, samples, training=training)", "stateless_call(held_still, state, samples, training=False)"),
    _planted("samples in training mode", _GAN, "self.generator(batch, training=False)", "self.generator(batch, training=True)"),
    _planted("evaluation draws anew", _GAN, "return (self.evaluation_noise,)", "return ()"),
    # the autoencoder
    _planted("squared error averaged over pixels", _AUTOENCODER, "return sum_over_event(ops.square(x - reconstruction))", "return sum_over_event(ops.square(x - reconstruction)) / x.shape[-1]"),
    _planted("mse reported per picture", _AUTOENCODER, "error / values_per_example", "error"),
    _planted("the autoencoder ignores its likelihood", _AUTOENCODER, "reconstruction = error if self.log_likelihood is None else", "reconstruction = error if True else"),
    # training
    _planted("weights divided by the batch size", _TRAINING, "return ops.sum(sample_weight * values) / ops.where(total > 0, total, 1.0)", "return ops.mean(sample_weight * values)"),
    _planted("in_batches drops the last slice", _TRAINING, "starts = range(0, len(arrays[0]), batch_size)", "starts = range(0, len(arrays[0]) - batch_size + 1, batch_size)"),
    _planted("evaluate with another number of steps", _TRAINING, "kept = self._test_functions.get(self.steps_per_execution)", "kept = next(iter(self._test_functions.values()), None)"),
    _planted("validation data unchecked", ("course_lib/training.py", "tests/test_models_vae.py"), "validation_data = self._checked_validation(validation_data)", "pass"),
    _planted("validation weights dropped", _TRAINING, "        return _weighted(x, sample_weight, _BATCH_SIZE, labels)\n", "        pass\n"),
    _planted("labels accepted", _TRAINING, "            self._refuse_labels(y)\n            return x, None", "            return x, None"),
    _planted("the order does not follow the epoch", _RESIDENT, "np.random.default_rng((self.seed, epoch))", "np.random.default_rng(self.seed)"),
    _planted("the last batch dropped", _RESIDENT, "return -(-self.full_batches // self.steps) + (self.rest > 0)", "return -(-self.full_batches // self.steps)"),
    _planted("padding rows trained on", _RESIDENT, "lambda step: step < count[0], body", "lambda step: step < tf.shape(rows)[0], body"),
    _planted("a resumed run begins at epoch 0", _RESIDENT, "self.batches.begin_epoch(epoch)", "pass"),
    _planted("a step scale ignored", _OPTIMIZERS, "learning_rate * scale)", "learning_rate)"),
    # data contracts
    _planted("NaN accepted", _CONTRACT, "if not (np.isfinite(low) and np.isfinite(high)):", "if False:"),
    _planted("0–255 accepted", _CONTRACT, "above = self.maximum is not None and high > self.maximum", "above = False"),
    _planted("labels as images accepted", _CONTRACT, "if expected is None or _fits(x.shape[1:], expected):", "if True:"),
    # metrics
    _planted("importance weights without log-mean-exp", _IMPORTANCE, "chunk = np.logaddexp.reduce(log_weights, axis=0)", "chunk = log_weights.sum(axis=0)"),
    _planted("importance weights not divided by K", _IMPORTANCE, "return total - np.log(num_samples)", "return total"),
    _planted("the proposal's density forgotten", _IMPORTANCE, "return log_joint - gaussian_log_prob(z, mean, log_var)", "return log_joint"),
    _planted("the prior forgotten", _IMPORTANCE, " + _log_prior(vae, z)", ""),
    _planted("examples and draws mixed up", _IMPORTANCE, ".reshape(-1, draws).T", ".reshape(draws, -1)"),
    _planted("Fréchet distance without the trace term", _FRECHET, " - 2 * overlap", ""),
    _planted("Fréchet distance of roots", _FRECHET, "return float(max(distance, 0.0))", "return float(np.sqrt(max(distance, 0.0)))"),
    _planted("precision and recall swapped", _PRECISION, "return _covered(generated, real, num_neighbors), _covered(real, generated, num_neighbors)", "return _covered(real, generated, num_neighbors), _covered(generated, real, num_neighbors)"),
    _planted("a point is its own neighbour", _PRECISION, "start + np.arange(len(chunk))] = np.inf", "start + np.arange(len(chunk))] = 0.0"),
    # exact models
    _planted("residual of the first components", _PCA, "variances[rank:]", "variances[:rank]"),
    _planted("pPCA covariance divided by n − 1", _PPCA, "(x - mean).T @ (x - mean) / len(x))", "(x - mean).T @ (x - mean) / (len(x) - 1))"),
    _planted("pPCA's ELBO without the spread", _PPCA, "(distance + spread)", "distance"),
    # data
    _planted("a checksum not compared", _ARCHIVE, "if found != expected:", "if False:"),
    _planted("a download left half-written", _ARCHIVE, "yield unfinished\n        unfinished.replace(path)", "yield path"),
    _planted("pickled data read", _ARCHIVE, "read_array(entry, allow_pickle=False)", "read_array(entry, allow_pickle=True)"),
    _planted("MNIST's checksums not compared", _MNIST, "    check_digests(arrays, MNIST_DIGESTS, path, repair)\n", "    pass\n"),
    _planted("MNIST's validation images also in training", _MNIST, "x_train=images[:-num_validation]", "x_train=images"),
    _planted("a data split that leaks", _DIGITS, "rows[num_test + num_validation :]", "rows[num_test:]"),
    _planted("factors in the wrong order", _GLYPHS, "dict(zip(POSE, poses, strict=True))", "dict(zip(POSE, poses[::-1], strict=True))"),
    # exercises
    _planted("a check that accepts a named mistake", _ENGINE, "        if not any(differences):\n            return RIGHT", "        if not all(differences):\n            return RIGHT"),
    _planted("a check that knows no mistake", _ENGINE, "        for mistake in self.mistakes:\n            if self._is_made", "        for mistake in ():\n            if self._is_made"),
    _planted("a hole counts as right", _ENGINE, "        if comparison.is_nothing_but_holes(answer):\n            return UNANSWERED", "        if comparison.is_nothing_but_holes(answer):\n            return RIGHT"),
    # latent space
    _planted("a probe judged on what it was fitted to", _PROBE, ".score(test_codes, test_labels))", ".score(train_codes, train_labels))"),
    _planted("a probe with the penalty upside down", _PROBE, "C=1.0 / regularisation", "C=regularisation"),
    _planted("a probe without standardised features", _PROBE, "make_pipeline(StandardScaler(), ", "make_pipeline("),
    _planted("the nearest distance squared", _NEAREST, "np.linalg.norm(samples - reference[nearest], axis=1)", "np.square(samples - reference[nearest]).sum(axis=1)"),
    _planted("the nearest row by the product alone", _NEAREST, "(half_squares - chunk @ reference.T)", "(-chunk @ reference.T)"),
    _planted("the nearest row without the half", _NEAREST, "half_squares = 0.5 * ", "half_squares = "),
    _planted("the nearest distance in the wrong direction", _NEAREST, "reference, samples = feature_pair(", "samples, reference = feature_pair("),
    _planted("two-stage samples that are reconstructions", _TWO_STAGE, "        density.fit(codes)\n", "        density.fit(codes)\n        density.sample = lambda num_samples: codes[:num_samples]\n"),
    _planted("two-stage samples from N(0, I)", _TWO_STAGE, "codes = _draw(self.fitted, num_samples, seed)", "codes = np.random.default_rng(seed).normal(size=(num_samples, 2))"),
    _planted("the seed of two-stage samples ignored", _TWO_STAGE, "density.random_state = seed", "pass"),
    _planted("mixture samples in the order of the components", _TWO_STAGE, "return np.random.default_rng(seed).permutation(codes)", "return codes"),
    _planted("the density given is fitted itself", _TWO_STAGE, "density = _fresh(self.density)", "density = self.density"),
    _planted("sampling a density that was never fitted", _TWO_STAGE, "if self.fitted is None:", "if False:"),
    _planted("a walk that stops short", _LATENT, "np.linspace(0, 1, num_steps)[:, None]", "np.linspace(0, 1, num_steps, endpoint=False)[:, None]"),
    _planted("a walk that starts at the end", _LATENT, "    return (1 - t) * start + t * end\n\n\ndef spherical_walk", "    return t * start + (1 - t) * end\n\n\ndef spherical_walk"),
    _planted("a sphere's half angle", _LATENT, "angle = 2 * np.arctan2", "angle = np.arctan2"),
    _planted("a spherical walk not divided by its sine", _LATENT, " / np.sin(angle)", ""),
    # input at the edges
    _planted("a NaN where a variance is too small for float32", _EVENTS, "ops.exp(ops.minimum(x, _LARGEST_EXPONENT))", "ops.exp(x)"),
    _planted("0 times the logarithm of 0", _EVENTS, "ops.where(probabilities == 0, 0.0, values)", "values"),
    _planted("an integer that names no symbol is certain", _LIKELIHOODS, "ops.where(is_symbol, log_probabilities, -math.inf), axis=-1, initial=-math.inf", "ops.where(is_symbol, log_probabilities, -math.inf), axis=-1, initial=0.0"),
    _planted("symbols cut to integers", _LIKELIHOODS, 'if "float" in keras.backend', 'if "string" in keras.backend'),
    _planted("log-variances that broadcast in the KL", _DIVERGENCES, '    require_same_shape(mean, log_var, "log_var", "mean")\n', ""),
    _planted("infinity minus infinity in the Fréchet distance", _DIVERGENCES, "larger * (1.0 - ops.exp(-0.5 * ops.abs(log_var_a - log_var_b)))", "ops.exp(0.5 * log_var_a) - ops.exp(0.5 * log_var_b)"),
    _planted("impossible categories in the JSD", _DIVERGENCES, "ops.maximum(log, _IMPOSSIBLE)", "log"),
    _planted("one real logit against a batch of fakes", _ADVERSARIAL, "if len({values.shape[0] for values in logits} - {None}) > 1:", "if False:"),
    _planted("a parser's exception from a broken archive", _ARCHIVE, "except Exception as error:", "except (OSError, ValueError, zipfile.BadZipFile) as error:"),
    _planted("a decompressor's exception from a broken download", _MNIST, "except (OSError, EOFError, zlib.error) as error:", "except (OSError, EOFError) as error:"),
    _planted("a Boolean counts", _ARGUMENTS, "isinstance(value, numbers.Integral) and not isinstance(value, bool)", "isinstance(value, numbers.Integral)"),
    _planted("squares that overflow", _ARGUMENTS, "if x.size and np.abs(x).max() > _LARGEST:", "if False:"),
    # regularised autoencoders
    _planted("a gradient that cannot be differentiated again", _GRADIENTS, "return tape.gradient(total, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)", "return tf.stop_gradient(tape.gradient(total, x, unconnected_gradients=tf.UnconnectedGradients.ZERO))"),
    _planted("a Jacobian of the summed code", _GRADIENTS, "ops.cast(function(x), \"float32\") * chosen", "ops.cast(function(x), \"float32\")"),
    _planted("a Jacobian averaged over the batch", _GRADIENTS, "return ops.sum(ops.reshape(squares, (ops.shape(x)[0], -1)), axis=1)", "return ops.sum(ops.reshape(squares, (ops.shape(x)[0], -1)), axis=1) / ops.cast(ops.shape(x)[0], \"float32\")"),
    _planted("the examples of a Jacobian mixed up", _GRADIENTS, "chosen = ops.tile(ops.eye(units), (ops.shape(x)[0], 1))", "chosen = ops.repeat(ops.eye(units), ops.shape(x)[0], axis=0)"),
    _planted("a penalty averaged over the code", _PENALTIES, "return sum_over_event(ops.abs(*as_float32(codes)))", "return ops.mean(ops.abs(*as_float32(codes)), axis=-1)"),
    _planted("a penalty summed over the batch", _PENALTIES, "return sum_over_event(ops.square(*as_float32(codes)))", "return ops.sum(ops.square(codes)) * ops.ones_like(codes[:, 0])"),
    _planted("L2 without its square", _PENALTIES, "return sum_over_event(ops.square(*as_float32(codes)))", "return sum_over_event(ops.abs(*as_float32(codes)))  # L2"),
    _planted("data whose squares overflow float32 accepted", _CONTRACT, "_LARGEST = 1e15", "_LARGEST = 3e38"),
    _planted("sparsity of single activities", _PENALTIES, "ops.mean(activations, axis=0)", "activations"),
    _planted("sparsity the other way round", _PENALTIES, "kl = target * (math.log(target) - ops.log(activity))", "kl = activity * (ops.log(activity) - math.log(target))"),
    _planted("sparsity without its second term", _PENALTIES, "    kl += (1 - target) * (math.log(1 - target) - ops.log(1 - activity))\n", ""),
    _planted("sparsity averaged over the units", _PENALTIES, "return ops.sum(kl) * ops.ones_like(activations[:, 0])", "return ops.mean(kl) * ops.ones_like(activations[:, 0])"),
    _planted("the contractive penalty of a noisy encoder", _PENALTIES, "encoder(x, training=False), x)", "encoder(x, training=True), x)"),
    _planted("the strength of a penalty ignored", _PENALTIES, "return self.weight * l1(codes)", "return l1(codes)"),
    _planted("a penalty that is logged but not in the loss", _AUTOENCODER, "weighted_mean(reconstruction + self._penalties(y_pred, sample_weight), sample_weight)", "weighted_mean(reconstruction + 0.0 * self._penalties(y_pred, sample_weight), sample_weight)"),
    _planted("weight decay forgotten", _AUTOENCODER, " + self.weight_penalty()\n        if", "\n        if"),
    _planted("weight decay divided by the batch", _AUTOENCODER, " + self.weight_penalty()\n        if", ' + self.weight_penalty() / ops.cast(ops.shape(codes)[0], "float32")\n        if'),
    _planted("an augmented input with the old target", _AUTOENCODER, 'return {"target": target, "codes"', 'return {"target": x, "codes"'),
    _planted("augmentation in evaluation", _AUTOENCODER, "if training and self.augmentation is not None else x", "if self.augmentation is not None else x"),
    _planted("augmentation left out", _AUTOENCODER, "if training and self.augmentation is not None else x", "if False else x"),
    _planted("an activity regulariser accepted", _PARTS, '        if getattr(layer, "activity_regularizer", None) is not None:', "        if False:"),
    _planted("a denoiser in inference mode", _AUTOENCODER, "codes = self.encoder(target, training=training)", "codes = self.encoder(target, training=False)"),
    _planted("XLA for images that are turned", ("course_lib/training.py", "tests/test_models_autoencoder.py"), "return compilable and not slow_under_xla", "return not slow_under_xla"),
    # evaluation and weights
    _planted("evaluate returns the last batch only", _TRAINING, "return super().evaluate(x, batch_size=batch_size,", "return super().evaluate(x[-batch_size:] if batch_size else x, batch_size=batch_size,"),
    _planted("the surrogate's value for the bound", _IMPORTANCE, "chunk = np.logaddexp.reduce(log_weights, axis=0)", "total_weight = np.logaddexp.reduce(log_weights, axis=0)\n        chunk = (np.exp(log_weights - total_weight) * log_weights).sum(axis=0) + np.log(len(log_weights))"),
    _planted("a batch without weight divides by zero", _TRAINING, "ops.where(total > 0, total, 1.0)", "total"),
    _planted("a VAE's weight decay forgotten", _VAE, ", sample_weight) + self.weight_penalty()", ", sample_weight)"),
    _planted("a GAN's weight decay forgotten", _GAN, ", sample_weight) + self.weight_penalty()", ", sample_weight)"),
    _planted("symbols without a logit accepted", _PARTS, "maximum = facts.maximum if logits is None else logits[0][-1] - 1", "maximum = facts.maximum"),
    _planted("weights read in the loop's own body", _RESIDENT, '@tf.function(reduce_retracing=True, experimental_attributes={"_noinline": True})', "@tf.autograph.experimental.do_not_convert"),
    # interrupted training
    _planted("a resumed run with another optimiser state", _RESUMING, "return [*model.variables, *model.optimizer.variables]", "return list(model.variables)"),
    _planted("a resumed run with fresh random streams", _RESUMING, "return [*model.variables, *model.optimizer.variables]", "return [*model.weights, *model.optimizer.variables]"),
    _planted("a resumed run with another order of the data", _RESUMING, '_batches(self.model).seed = facts["order"]', "pass"),
    _planted("a resumed run that skips an epoch", _RESUMING, "epochs if done else len(self.logs)", "epochs if done else len(self.logs) + 1"),
    _planted("curves that begin at the interruption", _RESUMING, "            self.model.history.history = {", "            _ = {"),
    _planted("evaluation draws of another process", _RESUMING, "            layer.seed = seed\n", "            pass\n"),
    _planted("a broken file begins anew in silence", _RESUMING, "        if kept:\n            self._resume(kept)", "        if kept:\n            try:\n                self._resume(kept)\n            except Exception:\n                self.logs = []"),
    _planted("the training of another model continued", _RESUMING, "        if differing:\n", "        if False:\n"),
    _planted("a finished training is trained again", _RESUMING, "done = facts[\"finished\"] and facts[\"epochs\"] >= epochs", "done = False"),
    _planted("a later fit begins in the middle", _RESUMING, "    def on_epoch_begin(self, epoch, logs=None):\n        self.model._initial_epoch = None", "    def on_epoch_begin(self, epoch, logs=None):\n        pass"),
    _planted("kept after every epoch, whatever was asked", _RESUMING, "if len(self.logs) % self.every == 0:", "if True:"),
    _planted("a training of another backend is continued", _RESUMING, "        \"backend\": keras.backend.backend(),\n", ""),
    _planted("the last epoch not kept", _RESUMING, "            self._keep(finished=True)\n", ""),
    # discrete draws
    _planted("Gumbel noise without its second logarithm", _GUMBEL, "return -ops.log(-ops.log(uniform))", "return -ops.log(uniform)"),
    _planted("Gumbel noise of the wrong sign", _GUMBEL, "return -ops.log(-ops.log(uniform))", "return ops.log(-ops.log(uniform))"),
    _planted("no Gumbel noise at all", _GUMBEL, "logits + self._gumbel(ops.shape(logits))", "logits"),
    _planted("one Gumbel noise for the whole batch", _GUMBEL, "self._gumbel(ops.shape(logits))", "self._gumbel((1, *logits.shape[1:]))"),
    _planted("the Gumbel temperature multiplies", _GUMBEL, ") / self.temperature", ") * self.temperature"),
    _planted("the Gumbel temperature cools the logits alone", _GUMBEL, "(logits + self._gumbel(ops.shape(logits))) / self.temperature", "logits / self.temperature + self._gumbel(ops.shape(logits))"),
    _planted("a Gumbel-softmax that is never hard", _GUMBEL, "return straight_through(soft) if self.hard else soft", "return soft"),
    _planted("a Gumbel-softmax that is always hard", _GUMBEL, "return straight_through(soft) if self.hard else soft", "return straight_through(soft)"),
    _planted("a hard Gumbel draw without a gradient", _GUMBEL, "return one_hot + (soft - ops.stop_gradient(soft))", "return one_hot"),
    _planted("straight-through that returns the soft Gumbel value", _GUMBEL, "return one_hot + (soft - ops.stop_gradient(soft))", "return ops.stop_gradient(one_hot - one_hot) + soft"),
    _planted("straight-through that doubles the Gumbel gradient", _GUMBEL, "one_hot + (soft - ops.stop_gradient(soft))", "one_hot + 2 * (soft - ops.stop_gradient(soft))"),
    _planted("infinite Gumbel noise where the uniform is zero", _GUMBEL, "minval=_SMALLEST_UNIFORM, ", ""),
    _planted("Gumbel draws in half precision", _GUMBEL, "super().__init__(autocast=False, **kwargs)", "super().__init__(**kwargs)"),
    _planted("a Gumbel layer that repeats its draws", _GUMBEL, "seed=self.seed_generator)", "seed=self.seed)"),
    _planted("a Gumbel layer rewound to another seed", _GUMBEL, "self.seed_generator.state.assign([self.seed, 0])", "self.seed_generator.state.assign([self.seed + 1, 0])"),
    _planted("a Gumbel temperature forgotten in the copy", _GUMBEL, "temperature = float(ops.convert_to_numpy(self._temperature))", "temperature = 1.0"),
    _planted("a Gumbel temperature of zero accepted", _GUMBEL, 'if not real_number(value, "temperature") > 0:', 'if not real_number(value, "temperature") >= 0:'),
    _planted("a single Gumbel logit accepted", _GUMBEL, "if len(logits.shape) < 2 or logits.shape[-1] < 2:", "if len(logits.shape) < 2:"),
    # labels, conditional models, discrete codes
    _planted("labels in the order of the data, rows shuffled", _RESIDENT, "(self.x[rows], self.labels[rows])", "(self.x[rows], self.labels[: len(rows)])"),
    _planted("labels of the compiled loop left unshuffled", _RESIDENT, "return tuple(tf.gather(each, rows) for each in part)", "return tf.gather(part[0], rows), part[1][: tf.shape(rows)[0]]"),
    _planted("labels of the validation split from the front", _TRAINING, "tuple(None if array is None else array[boundary:] for array in arrays)", "(arrays[0][boundary:], *(None if a is None else a[: len(a) - boundary] for a in arrays[1:]))"),
    _planted("labels of evaluate never checked", _TRAINING, "return x, self.label_contract().checked(y, len(x), label_name)", "return x, y"),
    _planted("labels of a weighted evaluation forgotten", _TRAINING, "shuffle=False, labels=labels)", "shuffle=False)"),
    _planted("the labels of another training continued", ("course_lib/resuming.py", "tests/test_models_conditional_vae.py"), "if batches.labels is not None:", "if False:"),
    _planted("labels beyond the classes accepted", _LABELS, "if low < 0 or high >= self.num_classes:", "if low < 0:"),
    _planted("negative labels accepted", _LABELS, "if low < 0 or high >= self.num_classes:", "if high >= self.num_classes:"),
    _planted("labels that are floats accepted", _LABELS, 'if labels.dtype.kind == "f":', "if False:"),
    _planted("class weights that favour frequent classes", _LABELS, "(len(labels) / (num_classes * counts))[labels]", "(num_classes * counts / len(labels))[labels]"),
    _planted("class weights whose sum is not the number of examples", _LABELS, "(len(labels) / (num_classes * counts))", "(len(labels) / counts)"),
    _planted("a conditional encoder without its label", _CONDITIONAL, "self.encoder([x, one_hot], training=training)", "self.encoder([x, 0 * one_hot], training=training)"),
    _planted("a conditional decoder without its label", _CONDITIONAL, "self.decoder([z, one_hot], training=training)", "self.decoder([z, 0 * one_hot], training=training)"),
    _planted("samples of the first class alone", _CONDITIONAL, "decode(ops.convert_to_numpy(self.prior.sample(num_samples, seed=seed)), labels)", "decode(ops.convert_to_numpy(self.prior.sample(num_samples, seed=seed)), 0 * labels)"),
    _planted("a conditional bound without its divergence", _CONDITIONAL, "*y_pred[\"parameters\"]) - self.kl(y_pred)", "*y_pred[\"parameters\"])"),
    _planted("the VAE of one class with another label", _CONDITIONAL, "_with_label(network, label, self.num_classes)", "_with_label(network, 0, self.num_classes)"),
    _planted("imputation weights without the prior", _IMPUTATION, "_numbers(vae.prior.log_prob(z)) - _numbers", "-_numbers"),
    _planted("imputation weights without the proposal", _IMPUTATION, " - _numbers(gaussian_log_prob(z, mean, log_var))", ""),
    _planted("imputation judged by its own guess", _IMPUTATION, "np.where(known, given, 0.0)", "np.where(True, given, 0.0)"),
    _planted("imputation without weights", _IMPUTATION, "weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))", "weights = np.ones_like(log_weights)"),
    _planted("imputation that changes what was observed", _IMPUTATION, "np.where(observed[part], filled[part], means)", "means"),
    _planted("imputation that begins at what stood there", _IMPUTATION, "np.where(observed, x, start)", "np.nan_to_num(x)"),
    _planted("the farthest code instead of the nearest", _QUANTIZER, "ops.argmin(distances", "ops.argmax(distances"),
    _planted("the nearest code by the inner product", _QUANTIZER, "ops.sum(ops.square(codebook), axis=1) - 2 *", "-2 *"),
    _planted("no gradient through the quantizer", _QUANTIZER, "z + ops.stop_gradient(chosen - z)", "ops.stop_gradient(chosen)"),
    _planted("a gradient to the codebook through the output", _QUANTIZER, '"quantized": z + ops.stop_gradient(chosen - z)', '"quantized": chosen'),
    _planted("a codebook term that moves the encoder", _QUANTIZER, "ops.square(ops.stop_gradient(z) - chosen)", "ops.square(z - chosen)"),
    _planted("a commitment that moves the codebook", _QUANTIZER, "ops.square(z - ops.stop_gradient(chosen))", "ops.square(z - chosen)"),
    _planted("a quantizer's loss averaged over the event", _QUANTIZER, "commitment = sum_over_event(", "commitment = ops.mean(ops.mean(ops.square(z - ops.stop_gradient(chosen)), -1), tuple(range(1, len(z.shape) - 1))) + 0 * sum_over_event("),
    _planted("commitment on the codebook's term", _QUANTIZER, "self.commitment * commitment + (codebook if self.ema_decay is None else 0.0)", "commitment + self.commitment * (codebook if self.ema_decay is None else 0.0)"),
    _planted("running means that also follow the gradient", _QUANTIZER, "(codebook if self.ema_decay is None else 0.0)", "codebook"),
    _planted("running means updated by evaluation", _QUANTIZER, "if self.ema_decay is not None and training:", "if self.ema_decay is not None:"),
    _planted("running sums with another decay", _QUANTIZER, "sums = decay * self.sums + (1 - decay) *", "sums = self.sums + (1 - decay) *"),
    _planted("running means of the vectors, not by their counts", _QUANTIZER, "sums / ops.where(used, counts, 1.0)[:, None]", "sums"),
    _planted("a running mean that never moves its code", _QUANTIZER, "        self.codebook.assign(codebook)\n", ""),
    _planted("unused codes that drift to infinity", _QUANTIZER, "used = counts > _NEVER_USED", "used = counts > -1.0"),
    _planted("codes alive that are revived", _QUANTIZER, "dead = counts < self.revive_below", "dead = counts > -1.0"),
    _planted("a revived code that forgets its place", _QUANTIZER, "sums = ops.where(dead[:, None], codebook * self.revive_below, sums)", "pass"),
    _planted("a revived code that is dead again", _QUANTIZER, "counts = ops.where(dead, self.revive_below, counts)", "pass"),
    _planted("dead codes that all take one vector", _QUANTIZER, "keras.random.uniform((self.num_codes,), dtype", "keras.random.uniform((1,), dtype"),
    _planted("perplexity in bits, raised to e", _QUANTIZER, "shares * ops.log(ops.where(shares > 0, shares, 1.0))", "shares * ops.log2(ops.where(shares > 0, shares, 1.0))"),
    _planted("perplexity of the last batch", _QUANTIZER, "self.counts.assign(self.counts + _counts(codes, self.num_codes))", "self.counts.assign(_counts(codes, self.num_codes))"),
    _planted("a masked layer that sees too much", _MASKED, "[:, None] <= np.asarray(self.output_degrees)", "[:, None] <= 1 + np.asarray(self.output_degrees)"),
    _planted("a masked layer without its mask", _MASKED, "self.kernel * ops.cast(self.mask, self.compute_dtype)", "self.kernel"),
    _planted("a code prior that sees the code it predicts", _CODE_PRIOR, "np.arange(self.num_positions) - 1, self.num_codes)", "np.arange(self.num_positions), self.num_codes)"),
    _planted("a code prior blind to the neighbour", _CODE_PRIOR, "np.arange(self.num_positions) - 1, self.num_codes)", "np.arange(self.num_positions) - 2, self.num_codes)"),
    _planted("a code prior of independent positions", _CODE_PRIOR, "hidden = np.arange(units) % max(1, self.num_positions - 1)", "hidden = np.zeros(units, int) + self.num_positions"),
    _planted("codes drawn from the most probable", _CODE_PRIOR, "keras.random.categorical(logits, 1, seed=stream))[:, 0]", "ops.argmax(logits, axis=-1))"),
    _planted("codes drawn without what came before", _CODE_PRIOR, "logits = self(codes.reshape(num_samples, *self.code_shape), training=False)", "logits = self(0 * codes.reshape(num_samples, *self.code_shape), training=False)"),
    _planted("a VQ-VAE that decodes the vectors unrounded", _VQVAE, 'self.decoder(quantized["quantized"], training=training)', "self.decoder(self.encoder(x, training=training), training=training)"),
    _planted("a VQ-VAE without the quantizer's loss", _VQVAE, 'weighted_mean(reconstruction + y_pred["loss"], sample_weight)', "weighted_mean(reconstruction, sample_weight)"),
    _planted("a VQ-VAE without its weights", _VQVAE, 'weighted_mean(reconstruction + y_pred["loss"], sample_weight)', 'weighted_mean(reconstruction + y_pred["loss"])'),
    _planted("a VQ-VAE's bound without the cost of the codes", _VQVAE, "return likelihood + self.prior.log_prob(codes)", "return likelihood"),
    _planted("uniform codes that cost one position", _VQVAE, "math.prod(self.code_shape) * math.log(self.quantizer.num_codes)", "math.log(self.quantizer.num_codes)"),
    _planted("samples that ignore the fitted prior", _VQVAE, "if self.prior is not None:\n            return self.decode", "if False:\n            return self.decode"),
    _planted("a prior whose weights the VQ-VAE owns", _VQVAE, 'object.__setattr__(self, "_prior", prior)  # not', "self._prior = prior  # not"),
    # priors, free bits, rate and distortion
    _planted("a mixture prior without its weights", _PRIORS, "(-1, num_components)) + ops.log_softmax(logits), axis=-1)", "(-1, num_components)) - ops.log(1.0 * num_components), axis=-1)"),
    _planted("a mixture prior with unnormalised weights", _PRIORS, "ops.log_softmax(logits), axis=-1)", "logits, axis=-1)"),
    _planted("the mean of the components' log-densities", _PRIORS, "return ops.logsumexp(ops.reshape", "return ops.mean(ops.reshape"),
    _planted("components mixed up between examples", _PRIORS, "ops.repeat(z, num_components, axis=0)", "ops.tile(z, (num_components, 1))"),
    _planted("a mixture drawn with variances for deviations", _PRIORS, "return mean + ops.exp(0.5 * log_var) * keras", "return mean + ops.exp(log_var) * keras"),
    _planted("a mixture drawn without its weights", _PRIORS, "keras.random.categorical(ops.expand_dims(logits, 0)", "keras.random.categorical(0 * ops.expand_dims(logits, 0)"),
    _planted("a mixture's component tells its noise", _PRIORS, "    if not isinstance(seed, keras.random.SeedGenerator):", "    if seed is None:"),
    _planted("a prior's KL with the wrong sign", _PRIORS, "return gaussian_log_prob(z, mean, log_var) - self.log_prob(z)", "return self.log_prob(z) - gaussian_log_prob(z, mean, log_var)"),
    _planted("a prior's KL without log q", _PRIORS, "return gaussian_log_prob(z, mean, log_var) - self.log_prob(z)", "return -self.log_prob(z)"),
    _planted("the pseudo-inputs are not learned", _PRIORS, "as_float32(*self.encoder(self.pseudo_inputs, training=False))", "as_float32(*self.encoder(ops.stop_gradient(self.pseudo_inputs), training=False))"),
    _planted("the VampPrior holds the encoder still", _PRIORS, "as_float32(*self.encoder(self.pseudo_inputs, training=False))", "[ops.stop_gradient(part) for part in as_float32(*self.encoder(self.pseudo_inputs, training=False))]"),
    _planted("the divergences of dimensions mixed up", _PRIORS, "return ops.reshape(each, (-1, self.latent_dim))", "return ops.transpose(ops.reshape(each, (self.latent_dim, -1)))"),
    _planted("the given prior ignored in the loss", _VAE, 'return self.prior.kl(y_pred["mean"], y_pred["log_var"], y_pred.get("z"))', 'return _standard_normal(self.latent_dim).kl(y_pred["mean"], y_pred["log_var"])'),
    _planted("the given prior ignored by sample", _VAE, "self.decode(self.prior.sample(num_samples, seed))", "self.decode(_standard_normal(self.latent_dim).sample(num_samples, seed))"),
    _planted("a prior judged at the mean for the draw", _VAE, '"z": z, "parameters"', '"z": mean, "parameters"'),
    _planted("a loaded VampPrior with an encoder of its own", _VAE, '{**config["config"], "encoder": encoder}', 'config["config"]'),
    _planted("a prior that is not saved", _VAE, '"prior": keras.saving.serialize_keras_object(self.given_prior)', '"prior": None'),
    _planted("free bits for every example", _VAE, "return sum_over_event(ops.where(means > free_bits, kl, free_bits))", "return sum_over_event(ops.maximum(kl, free_bits))"),
    _planted("free bits the other way round", _VAE, "ops.where(means > free_bits, kl, free_bits)", "ops.where(means > free_bits, free_bits, kl)"),
    _planted("free bits on the total", _VAE, "return sum_over_event(ops.where(means > free_bits, kl, free_bits))", "return ops.where(ops.sum(means) > free_bits, sum_over_event(kl), free_bits)"),
    _planted("free bits blind to sample weights", _VAE, "weighted_mean(kl[:, j], sample_weight) for j", "weighted_mean(kl[:, j]) for j"),
    _planted("free bits forgotten in the loss", _VAE, "        if self.free_bits:\n            kl =", "        if False:\n            kl ="),
    _planted("free bits shown as the KL", _VAE, "        self.kl_tracker.update_state(kl, sample_weight)\n        if self.free_bits:\n            kl = with_free_bits(self.kl_of_dimensions(y_pred), self.free_bits, sample_weight)\n", "        if self.free_bits:\n            kl = with_free_bits(self.kl_of_dimensions(y_pred), self.free_bits, sample_weight)\n        self.kl_tracker.update_state(kl, sample_weight)\n"),
    _planted("free bits with a prior that has no dimensions", _VAE, "if self.free_bits and not isinstance(prior, StandardNormal):", "if False:"),
    _planted("a warm-up in one step", _CALLBACKS, "self.beta * min(1.0, epoch / self.epochs)", "self.beta * min(1.0, epoch // self.epochs)"),
    _planted("a warm-up that goes on rising", _CALLBACKS, "self.beta * min(1.0, epoch / self.epochs)", "self.beta * epoch / self.epochs"),
    _planted("a warm-up that begins at its second step", _CALLBACKS, "self.beta * min(1.0, epoch / self.epochs)", "self.beta * min(1.0, (epoch + 1) / self.epochs)"),
    _planted("a warm-up that ends at 1", _CALLBACKS, "return self.beta * min(1.0, epoch / self.epochs)", "return min(1.0, epoch / self.epochs)"),
    _planted("activity as a deviation", _ACTIVE, "return means.var(axis=0)", "return means.std(axis=0)"),
    _planted("activity as a second moment", _ACTIVE, "return means.var(axis=0)", "return (means**2).mean(axis=0)"),
    _planted("a threshold that counts", _ACTIVE, "(unit_activities(means) > threshold)", "(unit_activities(means) >= threshold)"),
    _planted("a gap that is not normalised", _GAP, "return (first - second) / entropies", "return first - second"),
    _planted("a gap to the worst dimension", _GAP, "np.sort(mutual_information(codes, factors, num_bins), axis=0)[-2:]", "np.sort(mutual_information(codes, factors, num_bins), axis=0)[[0, -1]]"),
    _planted("information in bits", _GAP, "np.log(joint[seen] / independent[seen])", "np.log2(joint[seen] / independent[seen])"),
    _planted("one bin too many", _GAP, "np.minimum((code - low) / width, num_bins - 1)", "(code - low) / width"),
    _planted("the rate against N(0, I) under any prior", _RATE, "vae.prior.kl(mean, log_var, z)", '__import__("course_lib.divergences").divergences.standard_normal_kl(mean, log_var)'),
    _planted("the distortion with the wrong sign", _RATE, "-vae.log_likelihood(x, *parameters)]", "vae.log_likelihood(x, *parameters)]"),
    _planted("the distortion of the mean code", _RATE, "z = mean + ops.exp(0.5 * log_var) * keras", "z = mean + 0.0 * ops.exp(0.5 * log_var) * keras"),
    _planted("draws summed, not averaged", _RATE, "return total / num_samples", "return total"),
    # tighter bounds
    _planted("an IWAE that climbs the mean of the logarithms", _IWAE, "ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples)", "ops.mean(log_weights, axis=1)"),
    _planted("an IWAE's surrogate for its loss", _IWAE, "return ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples)", "return ops.sum(ops.stop_gradient(ops.softmax(log_weights, axis=1)) * log_weights, axis=1)"),
    _planted("an IWAE without log K", _IWAE, " - math.log(self.num_samples)", ""),
    _planted("an IWAE without log q", _IWAE, "gaussian_log_prob(y_pred[\"z\"], mean, log_var) - self.prior", "-self.prior"),
    _planted("an IWAE without its prior", _IWAE, " - self.prior.log_prob(y_pred[\"z\"])", ""),
    _planted("an IWAE with the standard normal for every prior", _IWAE, "self.prior.log_prob(y_pred[\"z\"])", "gaussian_log_prob(y_pred[\"z\"], ops.zeros_like(y_pred[\"z\"]), 0.0)"),
    _planted("an IWAE that mixes examples and draws", _IWAE, "return ops.reshape(log_likelihood, (-1, self.num_samples)), self._log_ratio(y_pred)", "return ops.transpose(ops.reshape(log_likelihood, (self.num_samples, -1))), self._log_ratio(y_pred)"),
    _planted("an IWAE with one draw for all K", _IWAE, "z = sampling(self._copies(mean), self._copies(log_var))", "z = self._copies(sampling(mean, log_var))"),
    _planted("an IWAE's gradient through uniform weights", _IWAE, "return ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples)", "return ops.mean(log_weights, axis=1) + ops.stop_gradient(ops.logsumexp(log_weights, axis=1) - math.log(self.num_samples) - ops.mean(log_weights, axis=1))"),
    _planted("an IWAE's weight decay forgotten", _IWAE, ", sample_weight) + self.weight_penalty()", ", sample_weight)"),
    _planted("an IWAE's examples not weighted", _IWAE, "weighted_mean(-bound, sample_weight)", "weighted_mean(-bound)"),
    _planted("an IWAE with another beta", _IWAE, '"beta, the weight of the KL divergence,") != 1:', '"beta, the weight of the KL divergence,") < 0:'),
    _planted("an IWAE with free bits that do nothing", _IWAE, "        if self.free_bits:", "        if False:"),
    _planted("an IWAE's K forgotten in the copy", _IWAE, 'return {**super().get_config(), "num_samples": self.num_samples}', "return super().get_config()"),
    _planted("an IWAE's bound for its ELBO", _IWAE, "            return ops.mean(log_likelihood - log_ratio, axis=1)", "            return self._log_mean_exp(log_likelihood - log_ratio)"),
    _planted("an IWAE that evaluates on training draws", _IWAE, "self.sampling if training else self.evaluation_sampling", "self.sampling"),
    _planted("fast Bernoulli weights without the sign of the logits", _IMPORTANCE, "1.0 + ops.exp(-ops.abs(logits))", "1.0 + ops.exp(-logits)"),
    _planted("fast Bernoulli weights whose products overflow", _IMPORTANCE, "_LARGEST_GROUP = 100", "_LARGEST_GROUP = 1000"),
    _planted("fast Bernoulli weights that drop pixels", _IMPORTANCE, "ops.sum(ops.log(ops.prod(factors, axis=2)), axis=1)", "ops.log(ops.prod(factors, axis=2))[:, 0]"),
    _planted("log-mean-exp without its mean", _IMPORTANCE, "return np.logaddexp.reduce(log_weights, axis=0) - np.log(len(log_weights))", "return np.logaddexp.reduce(log_weights, axis=0)"),
    _planted("log-mean-exp that overflows", _IMPORTANCE, "return np.logaddexp.reduce(log_weights, axis=0) - np.log(len(log_weights))", "return np.log(np.exp(log_weights).mean(axis=0))"),
    _planted("an effective sample size of one maximum for all", _IMPORTANCE, "np.exp(log_weights - log_weights.max(axis=0))", "np.exp(log_weights - log_weights.max())"),
    _planted("an effective sample size that is the inverse", _IMPORTANCE, "return np.square(weights.sum(axis=0)) / np.square(weights).sum(axis=0)", "return np.square(weights).sum(axis=0) / np.square(weights.sum(axis=0))"),
    _planted("an effective sample size of the largest weight", _IMPORTANCE, "return np.square(weights.sum(axis=0)) / np.square(weights).sum(axis=0)", "return weights.sum(axis=0)"),
    _planted("a standard normal for the model's own prior", _IMPORTANCE, 'prior = getattr(vae, "prior", None)\n    return', "prior = None\n    return"),
    _planted("the compiled weights of old networks", _COMPILATION, "    return _by_tensorflow(function, networks) if backend", "    compiled.kept = getattr(compiled, \"kept\", None) or _by_tensorflow(function, networks)\n    return compiled.kept if backend"),
    _planted("everything compiled, however short", _COMPILATION, "for each in networks if each.built) < _EARNED", "for each in networks if each.built) < 0"),
    _planted("an amortisation gap that keeps the last place", _AMORTISATION, "better = elbo > highest  # never true of NaN", "better = elbo == elbo"),
    _planted("an amortisation gap by descent", _AMORTISATION, "q = q + rate * mean / (np.sqrt(square) + _TINY)", "q = q - rate * mean / (np.sqrt(square) + _TINY)"),
    _planted("an amortisation gap without the rate", _AMORTISATION, "vae.log_likelihood(x, *parameters) - rate,", "vae.log_likelihood(x, *parameters),"),
    _planted("the rate of an amortisation gap against N(0, I) under any prior", _AMORTISATION, "standard_normal_kl(mean, log_var) if prior is None else", "standard_normal_kl(mean, log_var) if True else"),
    _planted("noise of an amortisation gap with deviation one", _AMORTISATION, "z = mean + ops.exp(0.5 * log_var) * noise", "z = mean + noise"),
    _planted("an amortisation gap that moves the mean alone", _AMORTISATION, "        q = q + rate", "        mean[:, 1] = 0.0\n        q = q + rate"),
    _planted("an amortisation gap with fresh noise in every step", _AMORTISATION, "    draws = noise.shape[0] // x.shape[0]\n", "    draws = noise.shape[0] // x.shape[0]\n    noise = keras.random.normal(noise.shape)\n"),
    _planted("the ELBO of a best posterior for the start's", _AMORTISATION, "best, highest, first = q.copy(), elbo.copy(), elbo", "best, highest, first = q.copy(), elbo.copy(), elbo - 1.0"),
    _planted("mean-field variances of the posterior's entries", _MEAN_FIELD, "return 1.0 / precisions,", "return np.diag(np.asarray(covariance, dtype=float)),"),
    _planted("a mean-field gap without its half", _MEAN_FIELD, "float(0.5 * (np.log(precisions)", "float((np.log(precisions)"),
    _planted("a mean-field gap with the determinant's sign", _MEAN_FIELD, "log_determinant = -2.0", "log_determinant = 2.0"),
    # the linear VAE, and ellipses
    _planted("a linear VAE whose posteriors have no width", _LINEAR_VAE, "    distortion = missed + s @ column_lengths\n", "    distortion = missed\n"),
    _planted("a linear VAE's beta on the reconstruction", _LINEAR_VAE, "distortion / (2 * sigma2) + beta * rate", "beta * distortion / (2 * sigma2) + rate"),
    _planted("a linear VAE's rate without its half", _LINEAR_VAE, "return 0.5 * (np.exp(self.log_var) + code_variance - 1.0 - self.log_var)", "return np.exp(self.log_var) + code_variance - 1.0 - self.log_var"),
    _planted("a linear VAE's rate averaged over latents", _LINEAR_VAE, "return float(self.rates.sum())", "return float(self.rates.mean())"),
    _planted("a linear VAE's variance with half its slope", _LINEAR_VAE, "[0.5 * len(covariance) - distortion / (2 * sigma2)]", "[0.5 * (0.5 * len(covariance) - distortion / (2 * sigma2))]"),
    _planted("a linear VAE's decoder that ignores the noise", _LINEAR_VAE, "- encoded.T + decoder * s) / sigma2", "- encoded.T) / sigma2"),
    _planted("a linear VAE fitted in the wrong unit", _LINEAR_VAE, "return LinearVAE(decoder * np.sqrt(scale), encoder,", "return LinearVAE(decoder, encoder,"),
    _planted("a linear VAE fitted to data divided by n − 1", _LINEAR_VAE, "(table - mean).T @ (table - mean) / len(table)", "(table - mean).T @ (table - mean) / (len(table) - 1)"),
    _planted("a linear VAE fitted with beta 1 whatever is asked", _LINEAR_VAE, "_whitened(covariance / scale, q, beta,", "_whitened(covariance / scale, q, 1.0,"),
    _planted("a linear VAE's fixed variance in the wrong unit", _LINEAR_VAE, "None if learned else variance / scale)", "None if learned else variance)"),
    _planted("ellipses of variances for deviations", _ELLIPSES, "np.linalg.cholesky(covariances)", "covariances"),
    _planted("ellipses that lean the other way", _ELLIPSES, "mean[:, None] + factor @ circle", "mean[:, None] + factor.T @ circle"),
    _planted("ellipses of radius one whatever is asked", _ELLIPSES, "circle = radius * np.stack", "circle = np.stack"),
)  # fmt: skip
