"""What the exercises on hybrids accept beside their references, and what they say to half an answer."""

import numpy as np
import pytest

from course_lib.exercises import conditional_gans_and_hybrids


def _shown_as_asked(generate, noise, labels, rng):
    return generate(noise, labels), labels


def _rolled(generate, noise, labels, rng):
    asked = np.roll(labels, 5)
    return generate(noise, asked), list(asked)


@pytest.mark.parametrize("answer", [_shown_as_asked, _rolled])
def test_fake_pairs_accepts_every_order_of_the_labels_that_is_also_shown(answer):
    assert conditional_gans_and_hybrids.FAKE_PAIRS.judge(answer) == "right"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (3, "hand over the function itself"),
        (lambda generate, noise, labels, rng: None, "returns None"),
        (lambda generate, noise, labels, rng: generate(noise, labels), "a pair is expected"),
        (lambda generate, noise, labels, rng: (noise, labels), "what `generate(noise, …)` returns"),
        (lambda generate, noise, labels, rng: (generate(noise, labels), labels[:3]), "one label for each sample"),
        (lambda generate, noise, labels, rng: (generate(noise, labels), np.roll(labels, 4)), "was not made for"),
    ],
)
def test_fake_pairs_says_what_is_missing(answer, sentence):
    verdict = conditional_gans_and_hybrids.FAKE_PAIRS.judge(answer)
    assert verdict.startswith("not yet: ")
    assert sentence in verdict


def _by_broadcasting(features, labels):
    members = labels[:, None] == np.unique(labels)
    means = members.T @ features / members.sum(axis=0)[:, None]
    return np.square(features - means[members.argmax(axis=1)]).sum() / len(features)


def test_within_class_variance_accepts_another_way_to_write_it():
    assert conditional_gans_and_hybrids.WITHIN_CLASS_VARIANCE.judge(_by_broadcasting) == "right"


def _by_search(values, weights):
    errors = np.abs(values[:, None] - values) @ weights
    return values[errors.argmin()]


def test_best_constant_accepts_a_search_over_the_values():
    assert conditional_gans_and_hybrids.BEST_CONSTANT.judge(_by_search) == "right"


def test_labelled_logit_accepts_the_ratio_of_the_joint_densities():
    def answer(log_p, log_q, data_share, sample_share):
        return np.log(data_share * np.exp(log_p)) - np.log(sample_share * np.exp(log_q))

    assert conditional_gans_and_hybrids.LABELLED_LOGIT.judge(answer) == "right"


@pytest.mark.parametrize(
    "wiring",
    [
        conditional_gans_and_hybrids.LOSSES_OF_A_VAE_GAN,
        conditional_gans_and_hybrids.LOSSES_OF_AN_ADVERSARIAL_AUTOENCODER,
    ],
    ids=["VAE-GAN", "AAE"],
)
def test_wirings_without_a_name_are_refused_by_their_network(wiring):
    wrong = {"encoder": {"tell apart"}, "decoder": {"reconstruction"}, "discriminator": {"tell apart"}}
    assert "encoder: it" in wiring.judge(wrong)


def test_pulls_may_be_written_with_exponentials():
    def answer(logit, weight):
        return 1 / (1 + np.exp(-logit)), -weight / (1 + np.exp(logit))

    assert conditional_gans_and_hybrids.MISSING_BARS.judge(answer) == "right"


def _pair_by_pair(made, target, logits, weight):
    losses = np.maximum(-logits, 0) + np.log1p(np.exp(-np.abs(logits)))
    return [sum(abs(a - b)) + weight * loss for a, b, loss in zip(made, target, losses, strict=True)]


def test_paired_loss_accepts_another_stable_logarithm_pair_by_pair():
    assert conditional_gans_and_hybrids.PAIRED_LOSS.judge(_pair_by_pair) == "right"
