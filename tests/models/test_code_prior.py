import itertools

import keras
import numpy as np
import pytest
from keras import ops

from course_lib.models import CodePrior
from tests.small import gradients

pytestmark = pytest.mark.backend


def all_grids(shape, num_codes):
    grids = itertools.product(range(num_codes), repeat=int(np.prod(shape)))
    return np.array(list(grids), "int32").reshape(-1, *shape)


def random_prior(shape, num_codes, hidden=(24, 24)):
    prior, rng = CodePrior(shape, num_codes, hidden, seed=0), np.random.default_rng(0)
    prior.network.set_weights([rng.normal(size=weight.shape) for weight in prior.network.get_weights()])
    return prior


@pytest.mark.parametrize(("shape", "num_codes"), [((4,), 3), ((2, 3), 2), ((1,), 5)])
def test_the_probabilities_of_all_grids_sum_to_one(shape, num_codes):
    prior = random_prior(shape, num_codes)
    log_probs = prior.log_prob(all_grids(shape, num_codes)).astype("float64")
    assert np.exp(log_probs).sum() == pytest.approx(1.0, abs=1e-5)
    assert log_probs.std() > 0.1


def test_a_later_code_leaves_the_earlier_logits_as_they_were_and_every_earlier_one_matters():
    prior, codes = random_prior((2, 3), 4), np.random.default_rng(1).integers(0, 4, (20, 2, 3))
    before = ops.convert_to_numpy(prior(codes.astype("int32"))).reshape(20, 6, 4)
    for position in range(6):
        changed = codes.reshape(20, 6).copy()
        changed[:, position] = (changed[:, position] + 1) % 4
        after = ops.convert_to_numpy(prior(changed.reshape(20, 2, 3).astype("int32"))).reshape(20, 6, 4)
        moved = np.abs(after - before).max(axis=(0, 2))
        assert (moved[: position + 1] == 0).all(), "a position may not see itself or what comes later"
        assert (moved[position + 1 :] > 1e-3).all(), "a position must see all that came before"


def test_log_prob_is_the_sum_of_conditional_log_probabilities():
    prior, codes = random_prior((5,), 3), np.random.default_rng(2).integers(0, 3, (30, 5)).astype("int32")
    logits = ops.convert_to_numpy(prior(codes)).astype("float64")
    conditional = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    expected = sum(conditional[np.arange(30), i, codes[:, i]] for i in range(5))
    assert prior.log_prob(codes) == pytest.approx(expected, rel=1e-4)


def test_samples_have_the_probabilities_that_log_prob_says():
    prior, n = random_prior((3,), 2, (8,)), 20_000
    grids = all_grids((3,), 2)
    probabilities = np.exp(prior.log_prob(grids).astype("float64"))
    samples = prior.sample(n, seed=5)
    found = np.array([(samples == grid).all(axis=1).mean() for grid in grids])
    assert (np.abs(found - probabilities) < 5 * np.sqrt(probabilities / n) + 1e-4).all()
    assert samples.dtype == np.int32


def test_samples_repeat_with_their_seed_alone():
    prior = random_prior((4,), 3)
    assert np.array_equal(prior.sample(9, seed=1), prior.sample(9, seed=1))
    assert not np.array_equal(prior.sample(9, seed=1), prior.sample(9, seed=2))
    assert not np.array_equal(prior.sample(9), prior.sample(9))


@pytest.mark.slow
def test_a_fitted_prior_learns_the_dependence_of_neighbours():
    """k₂ = k₁ with probability 0.9: the entropy of the pair is known."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    first = rng.integers(0, 4, 4000)
    codes = np.stack([first, np.where(rng.random(4000) < 0.9, first, rng.integers(0, 4, 4000))], axis=1)
    prior = CodePrior(2, 4, (16,), seed=0)
    prior.compile(keras.optimizers.Adam(0.02))
    history = prior.fit(codes, epochs=8, batch_size=100, verbose=0, validation_data=codes[:500]).history
    joint = np.full((4, 4), 0.025 / 4) + 0.9 / 4 * np.eye(4)
    entropy = -(joint * np.log(joint)).sum()
    assert -prior.log_prob(all_grids((2,), 4)).mean() > entropy
    assert float(-(joint.ravel() * prior.log_prob(all_grids((2,), 4))).sum()) == pytest.approx(entropy, abs=0.02)
    assert history["loss"][-1] == pytest.approx(entropy, abs=0.1)
    assert prior.evaluate(codes) == pytest.approx(-prior.log_prob(codes).mean(), rel=1e-4)


def test_the_loss_is_the_mean_negative_log_probability_and_moves_every_weight():
    prior, codes = random_prior((4,), 3), np.random.default_rng(2).integers(0, 3, (30, 4))
    prior.compile()
    loss = prior.compute_loss(x=ops.convert_to_tensor(codes), y_pred=prior(codes))
    assert float(ops.convert_to_numpy(loss)) == pytest.approx(-prior.log_prob(codes).mean(), rel=1e-5)
    weights = np.arange(30) / 10
    weighted = prior.compute_loss(x=ops.convert_to_tensor(codes), y_pred=prior(codes), sample_weight=weights)
    assert float(ops.convert_to_numpy(weighted)) == pytest.approx(
        -np.average(prior.log_prob(codes), weights=weights), rel=1e-5
    )
    assert all(np.abs(gradient).max() > 0 for gradient in gradients(prior, codes, 1e-2))


def test_saving_and_loading_keeps_the_probabilities(tmp_path):
    prior, codes = random_prior((2, 2), 3), all_grids((2, 2), 3)
    prior.save(tmp_path / "prior.keras")
    loaded = keras.models.load_model(tmp_path / "prior.keras")
    assert loaded.log_prob(codes) == pytest.approx(prior.log_prob(codes), abs=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CodePrior((4,), 1), "num_codes should be at least 2"),
        (lambda: CodePrior((4, 0), 3), "code_shape should be at least 1"),
        (lambda: CodePrior((9,), 3, (7,)), "hidden_units should be at least 8; got 7"),
        (lambda: CodePrior((4,), 3).log_prob(np.zeros((2, 5), int)), r"codes must have shape \(examples, 4\)"),
        (lambda: CodePrior((4,), 3).log_prob(np.full((2, 4), 3)), r"must lie in \[0, 2\] for 3 codes"),
        (lambda: CodePrior((4,), 3).fit(np.zeros((2, 4))), "must hold integers that name symbols"),
        (lambda: CodePrior((4,), 3).sample(0), "num_samples should be at least 1"),
    ],
)
def test_what_fits_no_grid_of_codes_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
