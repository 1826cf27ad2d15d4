import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Ridge

from course_lib.datasets import DataError, archive, glyphs, load
from course_lib.datasets.dataset import SPLITS

ROOT = Path(__file__).resolve().parents[2]
RANGES = {
    "rotation": (-20, 20),
    "scale": (0.75, 1.0),
    "shift_x": (-2, 2),
    "shift_y": (-2, 2),
    "thickness": (0.1, 0.6),
}


@pytest.fixture(scope="module")
def data():
    return load("glyphs")


@pytest.fixture(scope="module")
def train(data):
    return data.x_train[..., 0].astype("float64"), data.factors["train"]


def test_the_file_in_git_stays_below_four_megabytes():
    assert glyphs.glyphs_path().stat().st_size < 4_000_000


def test_sizes_and_ranges_are_those_of_the_card(data):
    assert [data.split(split)[0].shape for split in SPLITS] == [(size, 28, 28, 1) for size in (20_000, 2_000, 2_000)]
    for split in SPLITS:
        x = data.split(split)[0]
        assert x.min() == 0.0
        assert x.max() == 1.0


def test_letters_are_exactly_balanced_and_fonts_as_nearly_as_possible(data):
    for split in SPLITS:
        letters, fonts = data.factors[split]["letter"], data.factors[split]["font"]
        counts = np.zeros((10, 12), int)
        np.add.at(counts, (letters, fonts), 1)
        assert set(counts.sum(axis=1)) == {len(letters) // 10}
        assert np.ptp(counts) <= 1
        assert np.ptp(counts.sum(axis=0)) <= 1


def test_no_image_occurs_twice_in_or_across_splits(data):
    images = [image.tobytes() for split in SPLITS for image in data.split(split)[0]]
    assert len(images) == len(set(images)) == 24_000


def test_no_pose_occurs_twice_across_splits(data):
    poses = [set(zip(*(data.factors[split][name].tolist() for name in glyphs.POSE), strict=True)) for split in SPLITS]
    assert len(set.union(*poses)) == sum(map(len, poses))


def test_the_order_is_shuffled(data):
    for split in SPLITS:
        assert np.bincount(data.split(split)[1][:500], minlength=10).min() > 25


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", RANGES)
def test_poses_are_uniform_over_their_range(data, split, name):
    low, high = RANGES[name]
    values = data.factors[split][name]
    assert values.dtype == np.float32
    assert stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue > 1e-3


def test_factors_are_independent_of_each_other(train):
    _, factors = train
    correlation = np.corrcoef([factors[name] for name in ("letter", "font", *RANGES)])
    assert np.abs(correlation - np.eye(7)).max() < 5 / np.sqrt(20_000)
    for name in RANGES:
        for kind in ("letter", "font"):
            groups = [factors[name][factors[kind] == value] for value in np.unique(factors[kind])]
            assert stats.f_oneway(*groups).pvalue > 1e-4


def test_labels_are_the_letter_factor(data):
    for split in SPLITS:
        np.testing.assert_array_equal(data.split(split)[1], data.factors[split]["letter"])
    assert data.class_names == glyphs.LETTERS


def test_nothing_is_clipped_at_the_border(data):
    for split in SPLITS:
        x = data.split(split)[0]
        assert max(x[:, 0].max(), x[:, -1].max(), x[:, :, 0].max(), x[:, :, -1].max()) == 0.0


def test_every_image_is_legible_ink_with_grey_edges(train):
    images, _ = train
    assert images.max(axis=(1, 2)).min() > 0.5
    assert 0.08 < ((images > 0) & (images < 1)).mean() < 0.2
    assert np.unique(images).size == 86


def test_centre_of_mass_follows_the_shift_pixel_by_pixel(train):
    images, factors = train
    along_x, along_y = images.sum(axis=1), images.sum(axis=2)
    pixels = np.arange(28) - 13.5
    for ink, name in ((along_x, "shift_x"), (along_y, "shift_y")):
        centre = ink @ pixels / ink.sum(axis=1)
        fit = stats.linregress(factors[name], centre)
        assert fit.slope == pytest.approx(1.0, abs=5 * fit.stderr)
        assert fit.rvalue > 0.8


def test_ink_grows_with_thickness_and_with_scale(train):
    images, factors = train
    for font in range(12):
        rows = factors["font"] == font
        ink = images[rows].sum(axis=(1, 2))
        # within a font: the letter and the rotation move the ink too, but less
        assert stats.spearmanr(factors["thickness"][rows], ink).statistic > 0.3
        assert stats.spearmanr(factors["scale"][rows], ink).statistic > 0.3


def test_spread_grows_in_proportion_to_scale(train):
    images, factors = train
    rows = factors["letter"] == glyphs.LETTERS.index("S")
    ink, pixels = images[rows], np.arange(28) - 13.5
    total = ink.sum(axis=(1, 2))
    variance = sum(
        np.sum(marginal * pixels**2, axis=1) / total - (marginal @ pixels / total) ** 2
        for marginal in (ink.sum(axis=1), ink.sum(axis=2))
    )
    fit = stats.linregress(np.log(factors["scale"][rows]), 0.5 * np.log(variance))
    assert 0.8 < fit.slope < 1.1
    assert fit.rvalue > 0.8


def test_the_rotation_can_be_read_off_the_pixels_with_its_sign(train):
    images, factors = train
    rows = (factors["letter"] == glyphs.LETTERS.index("E")) & (factors["font"] == 0)
    # the upright stem of an E leans to the left at the top when it is turned anticlockwise
    ink, pixels = images[rows], np.arange(28) - 13.5
    total = ink.sum(axis=(1, 2))
    x, y = ink.sum(axis=1) @ pixels / total, ink.sum(axis=2) @ pixels / total
    covariance = np.einsum("nyx,y,x->n", ink, pixels, pixels) / total - x * y
    assert stats.pearsonr(factors["rotation"][rows], covariance).statistic > 0.8


def test_a_linear_classifier_reads_the_letters_far_above_chance(data):
    images, validation, test = (x.reshape(len(x), -1) for x in (data.x_train[:5000], data.x_validation, data.x_test))
    classifier = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.05).fit(images, data.y_train[:5000])
    assert classifier.score(validation, data.y_validation) > 0.8
    assert classifier.score(test, data.y_test) > 0.8


def test_pixels_know_the_pose_on_images_that_were_not_fitted(data):
    design, test = (x.reshape(len(x), -1) for x in (data.x_train[:5000], data.x_test))
    shares = {"shift_x": 0.7, "shift_y": 0.8, "scale": 0.5, "rotation": 0.5, "thickness": 0.2}
    factors, truth = (np.stack([data.factors[split][name] for name in shares], axis=1) for split in ("train", "test"))
    guess = Ridge(30.0).fit(design, factors[:5000]).predict(test)
    explained = 1 - np.square(guess - truth).mean(axis=0) / truth.var(axis=0)
    assert (explained > list(shares.values())).all(), explained


def test_a_changed_pixel_is_refused(tmp_path, monkeypatch):
    arrays = archive.read_npz(glyphs.glyphs_path(), glyphs.DIGESTS, "")
    arrays["x_test"][7, 14, 14] ^= 1
    np.savez(tmp_path / "glyphs.npz", **arrays)
    monkeypatch.setattr(glyphs, "glyphs_path", lambda: tmp_path / "glyphs.npz")
    with pytest.raises(DataError, match=r"glyphs\.npz.*x_test.*git checkout"):
        load("glyphs")


def test_a_missing_file_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "__file__", str(tmp_path / "course_lib" / "datasets" / "archive.py"))
    with pytest.raises(DataError, match=r"glyphs\.npz.*at neither.*git checkout -- data/glyphs\.npz"):
        load("glyphs")


def test_the_card_states_every_digest_font_and_range():
    card = (ROOT / "data" / "glyphs.md").read_text("utf-8")
    for name, digest in glyphs.DIGESTS.items():
        assert f"| `{name}` |" in card
        assert digest in card
    for name in (*glyphs.FONTS, *glyphs.POSE):
        assert name in card


@pytest.mark.slow
def test_the_installed_wheel_carries_the_glyphs(tmp_path):
    pytest.importorskip("hatchling", reason="building the wheel needs hatchling (extra: dev)")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path / "wheels", ROOT]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    target, elsewhere = tmp_path / "target", tmp_path / "elsewhere"
    subprocess.run(
        [*pip, "install", "--no-deps", "--target", target, wheel], check=True, capture_output=True, text=True
    )
    elsewhere.mkdir()
    code = (
        f"import sys; sys.path.insert(0, {str(target)!r})\n"
        "from course_lib.datasets import downloads, glyphs, load\n"
        "print(glyphs.glyphs_path()); print(load('glyphs').x_test.sum()); print(downloads.cache_folder())"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=elsewhere, check=True, capture_output=True, text=True)
    path, ink, cache = result.stdout.splitlines()
    assert Path(path) == (target / "course_lib" / "data" / "glyphs.npz").resolve()
    assert float(ink) == pytest.approx(float(load("glyphs").x_test.sum()), rel=1e-6)
    assert not Path(cache).is_relative_to(target), "downloads should not go into the installed package"
    assert not Path(cache).is_relative_to(ROOT)
