import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from course_lib import datasets, features
from course_lib.datasets import archive
from course_lib.datasets.archive import DataError

pytestmark = pytest.mark.backend

ROOT = Path(__file__).resolve().parents[1]


def weights_of_file():
    return archive.read_npz(ROOT / "data" / "letter_features.npz", features.DIGESTS, "")


@pytest.fixture(scope="module")
def glyphs():
    return datasets.load("glyphs")


@pytest.fixture
def weights():
    return weights_of_file()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A package in an empty place, so that its file of weights can be changed or missing."""
    monkeypatch.setattr(archive, "__file__", str(tmp_path / "course_lib" / "datasets" / "archive.py"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "letter_features.npz"


def as_keras_network(weights):
    """The same network in Keras, with its two heads."""
    inputs = keras.Input((784,))
    hidden = keras.layers.Dense(128, "relu", name="hidden")(inputs)
    feature = keras.layers.Dense(32, name="feature")(hidden)
    plain = keras.layers.Rescaling(list(map(float, weights["deviation"])), list(map(float, weights["mean"])))(feature)
    heads = [keras.layers.Dense(n, name=name)(keras.ops.relu(plain)) for name, n in (("letter", 10), ("font", 12))]
    network = keras.Model(inputs, [feature, *heads])
    for name in ("hidden", "feature", "letter", "font"):
        network.get_layer(name).set_weights([weights[f"{name}_kernel"], weights[f"{name}_bias"]])
    return network


def test_features_and_scores_are_those_of_the_same_network_in_keras(weights, glyphs):
    images = glyphs.x_test[:300]
    network = as_keras_network(weights)
    feature, letters, fonts = map(keras.ops.convert_to_numpy, network(images.reshape(-1, 784)))
    np.testing.assert_allclose(features.letter_features(images), feature, atol=1e-4)
    for scores, logits in zip(features.letter_scores(images), (letters, fonts), strict=True):
        expected = keras.ops.convert_to_numpy(keras.ops.log_softmax(logits, axis=-1))
        np.testing.assert_allclose(scores, expected, atol=1e-3)


def test_the_features_have_mean_zero_and_variance_one_over_the_training_images(glyphs):
    found = features.letter_features(glyphs.x_train)
    assert found.shape == (20_000, 32)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(found.std(axis=0), 1, atol=0.01)


def test_the_network_names_letters_and_fonts_as_often_as_the_card_says(glyphs):
    letters, fonts = features.letter_scores(glyphs.x_test)
    assert np.mean(letters.argmax(axis=1) == glyphs.y_test) == pytest.approx(0.998, abs=0.001)
    assert np.mean(fonts.argmax(axis=1) == glyphs.factors["test"]["font"]) == pytest.approx(0.92, abs=0.002)
    card = (ROOT / "data" / "letter_features.md").read_text("utf-8")
    assert "| test | 99.8 % | 92.0 % |" in card


def test_it_reads_black_and_white_images_too(glyphs):
    letters, fonts = features.letter_scores(glyphs.x_test > 0.5)
    assert np.mean(letters.argmax(axis=1) == glyphs.y_test) > 0.99
    assert np.mean(fonts.argmax(axis=1) == glyphs.factors["test"]["font"]) > 0.8


def test_the_last_axis_the_dtype_and_the_company_of_an_image_change_nothing(glyphs, monkeypatch):
    images = glyphs.x_test[:25]
    whole = features.letter_features(images)
    np.testing.assert_array_equal(features.letter_features(images[..., 0]), whole)
    np.testing.assert_allclose(features.letter_features(images.astype("float64")), whole, atol=1e-6)
    np.testing.assert_allclose(features.letter_features(images[7:8]), whole[7:8], atol=1e-6)
    monkeypatch.setattr(features, "_CHUNK_ROWS", 7)
    np.testing.assert_allclose(features.letter_features(images), whole, atol=1e-6)


def test_scores_are_log_probabilities(glyphs):
    for scores, count in zip(features.letter_scores(glyphs.x_test[:50]), (10, 12), strict=True):
        assert scores.shape == (50, count)
        np.testing.assert_allclose(np.exp(scores.astype("float64")).sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (np.zeros((2, 784)), r"shape \(n, 28, 28\)"),
        (np.zeros((2, 28, 28, 3)), r"got \(2, 28, 28, 3\)"),
        (np.zeros((28, 28, 1)), r"got \(28, 28, 1\)"),
        (np.zeros((0, 28, 28)), "at least one"),
        (np.full((1, 28, 28), 255), r"lie in \[0, 1\]"),
        (np.full((1, 28, 28), -0.1), "np.clip"),
        (np.full((1, 28, 28), np.nan), r"lie in \[0, 1\]"),
        (np.full((1, 28, 28), "ink"), "real numbers"),
    ],
)
def test_other_images_are_refused_with_what_was_expected(images, sentence):
    with pytest.raises(ValueError, match=sentence):
        features.letter_features(images)


def test_a_missing_file_says_how_to_get_it(elsewhere):
    with pytest.raises(DataError, match=r"at neither.*git checkout"):
        features.letter_features(np.zeros((1, 28, 28)))


def test_a_changed_weight_is_refused(elsewhere, weights):
    weights["feature_bias"][3] += 1
    np.savez(elsewhere, **weights)
    with pytest.raises(DataError, match=r"letter_features\.npz.*feature_bias.*git checkout"):
        features.letter_features(np.zeros((1, 28, 28)))


def test_a_truncated_file_is_refused(elsewhere):
    elsewhere.write_bytes((ROOT / "data" / "letter_features.npz").read_bytes()[:5000])
    with pytest.raises(DataError, match="truncated or changed"):
        features.letter_features(np.zeros((1, 28, 28)))


def test_pickled_objects_are_never_loaded(elsewhere, weights):
    np.savez(elsewhere, **{**weights, "mean": np.array([{}], dtype=object)})
    with pytest.raises(DataError, match="allow_pickle"):
        features.letter_features(np.zeros((1, 28, 28)))


def test_an_installed_package_finds_its_own_copy(elsewhere):
    installed = elsewhere.parents[1] / "course_lib" / "data" / "letter_features.npz"
    installed.parent.mkdir(parents=True)
    shutil.copy(ROOT / "data" / "letter_features.npz", installed)
    assert features.letter_features_path() == installed
    assert features.letter_features(np.zeros((1, 28, 28))).shape == (1, 32)


def test_the_wheel_carries_the_file_and_git_keeps_it_small():
    line = '"data/letter_features.npz" = "course_lib/data/letter_features.npz"'
    assert line in (ROOT / "pyproject.toml").read_text("utf-8")
    assert (ROOT / "data" / "letter_features.npz").stat().st_size < 300_000


def test_the_card_states_every_digest_and_the_size():
    card = (ROOT / "data" / "letter_features.md").read_text("utf-8")
    for name, digest in features.DIGESTS.items():
        assert f"| `{name}` |" in card
        assert digest in card
    assert f"{(ROOT / 'data' / 'letter_features.npz').stat().st_size:,} bytes" in card
    shapes = [weight.size for name, weight in weights_of_file().items() if name not in ("mean", "deviation")]
    assert f"{sum(shapes):,} weights" in card
