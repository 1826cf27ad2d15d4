"""Planted bugs of conditional GANs and of the hybrids of VAE and GAN."""

from tests.mutants.bug import planted_in

_SHARED = ("course_lib/models/adversaries.py", "tests/models/test_adversaries.py")
_SHARED_BY_AAE = ("course_lib/models/adversaries.py", "tests/models/test_adversarial_autoencoder.py")
_SHARED_BY_VAE_GAN = ("course_lib/models/adversaries.py", "tests/models/test_vae_gan.py")
_CONDITIONAL = ("course_lib/models/conditional_gan.py", "tests/models/test_conditional_gan.py")
_AUXILIARY = ("course_lib/models/auxiliary_classifier_gan.py", "tests/models/test_auxiliary_classifier_gan.py")
_VAE_GAN = ("course_lib/models/vae_gan.py", "tests/models/test_vae_gan.py")
_AAE = ("course_lib/models/adversarial_autoencoder.py", "tests/models/test_adversarial_autoencoder.py")

BUGS = (
    # what all of them share
    planted_in(_SHARED, "samples that the discriminator moves", "fixed, moving = ops.stop_gradient(samples), samples", "fixed, moving = samples, samples"),
    planted_in(_SHARED, "samples that hold still for both", "fixed, moving = ops.stop_gradient(samples), samples", "fixed, moving = ops.stop_gradient(samples), ops.stop_gradient(samples)"),
    planted_in(_SHARED, "the momentum of Adam's default", "else learning_rate, beta_1=0.5)", "else learning_rate, beta_1=0.9)"),
    planted_in(_SHARED, "a learning rate that is ignored", "default_learning_rate if learning_rate is None else learning_rate", "default_learning_rate"),
    planted_in(_SHARED, "a learning rate of 0 taken for none", "if learning_rate is None else learning_rate", "if not learning_rate else learning_rate"),
    planted_in(_SHARED, "an optimiser given together with scales", "if chosen:\n", "if False:\n"),
    planted_in(_SHARED, "scales noticed only beside a learning rate", "learning_rate is not None or any(", "learning_rate is not None and any("),
    planted_in(_SHARED, "two time scales exchanged", "autoencoder_scale=(autoencoder_scale, self.encoder", "autoencoder_scale=(discriminator_scale, self.encoder"),
    # conditional GAN
    planted_in(_CONDITIONAL, "a generator without its label", "return self.generator([noise(x), one_hot], training=training)", "return self.generator([noise(x), 0 * one_hot], training=training)"),
    planted_in(_CONDITIONAL, "a discriminator without the label of data", '"real_logits": self.discriminator([x, one_hot], training=training),', '"real_logits": self.discriminator([x, 0 * one_hot], training=training),'),
    planted_in(_CONDITIONAL, "samples judged with other labels", "judged_twice(self.discriminator, samples, training, beside=(one_hot,))", "judged_twice(self.discriminator, samples, training, beside=(ops.roll(one_hot, 1, axis=-1),))"),
    planted_in(_CONDITIONAL, "samples of another class than asked for", "return self.generator([ops.convert_to_tensor(z), self.one_hot(labels)], training=False)", "return self.generator([ops.convert_to_tensor(z), self.one_hot(0 * labels)], training=False)"),
    planted_in(_CONDITIONAL, "a conditional penalty that moves the generator", 'self.penalty(judge, x, ops.stop_gradient(answers["samples"]), position)', 'self.penalty(judge, x, answers["samples"], position)'),
    planted_in(_CONDITIONAL, "evaluation on the noise of training", "noise = self.noise if training else self.evaluation_noise", "noise = self.noise"),
    # auxiliary classifier
    planted_in(_AUXILIARY, "a classifier that is rewarded for mistakes", '-categorical_log_prob(x[1], y_pred[name])', 'categorical_log_prob(x[1], y_pred[name])'),
    planted_in(_AUXILIARY, "a classification weight that is forgotten", "return adversarial + self.classification_weight * weighted_mean(", "return adversarial + weighted_mean("),
    planted_in(_AUXILIARY, "a generator that is not asked for its class", "self.classification_weight * weighted_mean(real + fake + generated, sample_weight)", "self.classification_weight * weighted_mean(real + fake, sample_weight)"),
    # VAE-GAN
    planted_in(_VAE_GAN, "an encoder that learns to deceive", '"rebuilt": ops.stop_gradient(y_pred["z"])', '"rebuilt": y_pred["z"]'),
    planted_in(_VAE_GAN, "reconstructions alone judged", 'decoded = {"drawn": noise(x), ', "decoded = {"),
    planted_in(_VAE_GAN, "adversarial losses summed over two kinds of samples", "(sum(losses) / len(pairs) for losses in zip(*pairs, strict=True))", "(sum(losses) for losses in zip(*pairs, strict=True))"),
    planted_in(_SHARED_BY_VAE_GAN, "the adversarial weight on the discriminator", "return weighted_mean(discriminator_loss + self.adversarial_weight * generator_loss, sample_weight)", "return weighted_mean(self.adversarial_weight * discriminator_loss + generator_loss, sample_weight)"),
    planted_in(_VAE_GAN, "a VAE-GAN without its bound", "return bound + self.adversarial_loss(", "return 0 * bound + self.adversarial_loss("),
    planted_in(_VAE_GAN, "logits judged for images", "return likelihoods.facts(self.log_likelihood).mean(*as_tuple(self.decoder(codes, training=training)))", "return as_tuple(self.decoder(codes, training=training))[0]"),
    planted_in(_VAE_GAN, "the same draws in training and evaluation", "noise = self.noise if training else self.evaluation_noise", "noise = self.evaluation_noise"),
    # adversarial autoencoder
    planted_in(_AAE, "codes judged real and the prior judged fake", '"real_logits": self.discriminator(prior(x), training=training),\n            "fake_logits": fake_logits,', '"real_logits": fake_logits,\n            "fake_logits": self.discriminator(prior(x), training=training),'),
    planted_in(_SHARED_BY_AAE, "an adversarial weight that is forgotten", "return weighted_mean(discriminator_loss + self.adversarial_weight * generator_loss, sample_weight)", "return weighted_mean(discriminator_loss + generator_loss, sample_weight)"),
    planted_in(_AAE, "an adversarial autoencoder without reconstruction", "return reconstruction + self.adversarial_loss(", "return 0 * reconstruction + self.adversarial_loss("),
    planted_in(_AAE, "codes that no sample is made of", "return self.decode(to_numpy(self.sample_noise.draw(num_samples, seed)))", "return self.decode(0 * to_numpy(self.sample_noise.draw(num_samples, seed)))"),
    planted_in(_AAE, "weight penalties forgotten beside a discriminator", "reconstruction += self.weight_penalty()", "pass"),
)  # fmt: skip
