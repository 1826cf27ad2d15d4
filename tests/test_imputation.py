import numpy as np
import pytest

from course_lib import networks
from course_lib.exact import ProbabilisticPCA
from course_lib.formulas.likelihoods import categorical_log_prob, gaussian
from course_lib.imputation import impute
from course_lib.models import VAE
from tests.small import IMAGE, binary_images, small_vae

pytestmark = pytest.mark.backend
WEIGHTS = np.array([[1.2, 0.3], [0.5, -0.9], [-0.7, 0.4], [0.2, 1.1]])
MEAN, VARIANCE = np.array([0.5, -1.0, 2.0, 0.0]), 0.4
EXACT = ProbabilisticPCA(WEIGHTS, MEAN, VARIANCE)
OBSERVED = np.array([True, False, True, False])


def linear_vae(log_var_shift=0.0, mean_shift=0.0):
    """The model of probabilistic PCA; its encoder is the mean-field posterior, or a wrong one."""
    vae = VAE(
        networks.dense_gaussian_encoder((4,), 2, ()), networks.dense_decoder(2, (4,), ()), gaussian(VARIANCE), seed=0
    )
    precision = WEIGHTS.T @ WEIGHTS + VARIANCE * np.eye(2)
    slopes = np.linalg.solve(precision, WEIGHTS.T).T  # (4, 2)
    log_var = np.log(VARIANCE / np.diag(precision)) + log_var_shift
    vae.encoder.set_weights([slopes, -MEAN @ slopes + mean_shift, np.zeros((4, 2)), log_var])
    vae.decoder.set_weights([WEIGHTS.T, MEAN])
    return vae


def data(n=12):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 2)) @ WEIGHTS.T + MEAN + np.sqrt(VARIANCE) * rng.normal(size=(n, 4))


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [{}, {"log_var_shift": 1.5}, {"mean_shift": 0.6, "log_var_shift": 1.0}])
def test_the_answer_is_the_exact_conditional_mean_even_with_a_wrong_encoder(wrong):
    x = data()
    x[:, ~OBSERVED] = np.nan
    exact = EXACT.impute(x, OBSERVED)
    answers = np.array([impute(linear_vae(**wrong), x, OBSERVED, 4000, 3, seed=seed) for seed in range(6)])
    assert np.array_equal(answers[0][:, OBSERVED], x[:, OBSERVED].astype("float32"))
    error = answers.std(axis=0) / np.sqrt(6)
    assert np.abs(answers.mean(axis=0) - exact)[:, ~OBSERVED].mean() < 0.06
    assert (np.abs(answers.mean(axis=0) - exact) < 6 * error + 0.05)[:, ~OBSERVED].all()
    start = np.where(OBSERVED, x, MEAN)
    assert np.abs(start - exact)[:, ~OBSERVED].mean() > 0.3  # there was something to find


def test_each_example_may_miss_other_values():
    x, masks = data(6), np.random.default_rng(0).random((6, 4)) < 0.5
    masks[0], masks[1] = True, False  # nothing missing, everything missing
    answers = np.mean([impute(linear_vae(0.5), x, masks, 4000, 3, seed=seed) for seed in range(4)], axis=0)
    for row, mask, answer in zip(x, masks, answers, strict=True):
        exact = EXACT.impute(row[None], mask)[0] if mask.any() else MEAN
        assert answer == pytest.approx(exact, abs=0.12)


def test_what_stands_in_the_place_of_a_missing_value_does_not_matter():
    x = data(3)
    answers = []
    for rubbish in (np.nan, 1e6, 0.0):
        x[:, ~OBSERVED] = rubbish
        answers.append(impute(linear_vae(), x, OBSERVED, 50, 2, seed=3))
    assert np.array_equal(answers[0], answers[1])
    assert np.array_equal(answers[0], answers[2])


def test_images_are_filled_with_probabilities_and_repeat_with_the_seed():
    vae, x = small_vae(), binary_images(5)
    top = np.zeros(IMAGE, bool)
    top[:2] = True
    filled = impute(vae, x, top, num_samples=20, num_rounds=2)
    assert np.array_equal(filled[:, :2], x[:, :2])
    assert 0 < filled[:, 2:].min() <= filled[:, 2:].max() < 1
    assert np.array_equal(filled, impute(vae, x, top, num_samples=20, num_rounds=2))
    assert not np.array_equal(filled, impute(vae, x, top, num_samples=20, num_rounds=2, seed=1))


def test_the_answer_does_not_depend_on_how_the_rows_are_grouped(monkeypatch):
    x, answers = data(7), []
    for rows in (20_000, 60_000 // 2):
        monkeypatch.setattr("course_lib.imputation._ROWS_AT_ONCE", rows)
        answers.append(impute(linear_vae(), x, OBSERVED, 8000, 1, seed=2))
    assert answers[0] == pytest.approx(answers[1], abs=0.1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: impute(linear_vae(), data(), [1, 0, 1, 0]), r"observed must be Booleans.* got int64 of shape \(4,\)"),
        (lambda: impute(linear_vae(), data(), [True, False]), r"of shape \(4,\) or \(12, 4\)"),
        (lambda: impute(linear_vae(), np.full((2, 4), np.nan), OBSERVED), "must be finite"),
        (lambda: impute(small_vae(), 5 * binary_images(2), np.ones(IMAGE, bool)), r"must lie in \[0, 1\]"),
        (lambda: impute(linear_vae(), data(), OBSERVED, num_samples=0), "num_samples should be at least 1"),
        (lambda: impute(linear_vae(), data(), OBSERVED, num_rounds=0), "num_rounds should be at least 1"),
        (
            lambda: impute(
                VAE(
                    networks.dense_gaussian_encoder((3,), 2),
                    networks.dense_decoder(2, (3, 4)),
                    categorical_log_prob,
                ),
                np.zeros((2, 3), int),
                np.ones(3, bool),
            ),
            "data are symbols",
        ),
    ],
)
def test_what_cannot_be_filled_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
