import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from course_lib import datasets
from course_lib.datasets.dataset import SPLITS, Dataset, as_images, from_density

IMAGES, LABELS = np.full((6, 4, 4, 1), 0.5, "float32"), np.arange(6, dtype="int32") % 3


def made_up(**changes):
    parts = {f"x_{split}": IMAGES for split in SPLITS} | {f"y_{split}": LABELS for split in SPLITS}
    return Dataset(**({"name": "made up", **parts, "class_names": ("a", "b", "c")} | changes))


def test_importing_the_package_needs_numpy_only():
    code = (
        "import sys; from course_lib import datasets; datasets.load('ring'); datasets.load('glyphs');"
        "print(sorted({name.split('.')[0] for name in sys.modules} & "
        "{'keras', 'tensorflow', 'sklearn', 'scipy', 'matplotlib', 'PIL', 'jax', 'torch'}))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


OF_FILES = {"mnist", "fashion_mnist", "cifar10", "shakespeare", "spoken_digits"}  # which the course does not have


@pytest.mark.parametrize("name", sorted({*datasets.names()} - OF_FILES))
def test_every_offline_data_set_keeps_the_contract(name):
    data = datasets.load(name)
    assert data.name == name
    for split in SPLITS:
        x, y = data.split(split)
        assert x.dtype == (np.int32 if data.is_text else np.float32)
        assert y.dtype == np.int32
        assert y.shape == x.shape[:1]
        assert set(np.unique(y)) == set(range(len(data.class_names)))
    assert data.is_image == (data.density is None and not data.is_text and name not in ("tones", "vowels"))
    assert name in repr(data)
    assert f"{len(data.x_train):,}" in repr(data)


def test_symbols_are_whole_numbers_from_0():
    text = np.arange(12, dtype="int32").reshape(6, 2)
    assert made_up(x_train=text, x_validation=text, x_test=text).is_text
    with pytest.raises(ValueError, match=r"the test split.*lie in \[0, inf\]"):
        made_up(x_train=text, x_validation=text, x_test=text - 1)
    with pytest.raises(ValueError, match=r"the train split.*int32 sequences"):
        made_up(x_train=text.astype("int64"), x_validation=text, x_test=text)


@pytest.mark.parametrize(
    ("name", "closest"),
    [
        ("glyph", "glyphs"),
        ("MNIST", "mnist"),
        ("fashion-mnist", "fashion_mnist"),
        ("CIFAR-10", "cifar10"),
        ("moon", "moons"),
        ("vowel", "vowels"),
    ],
)
def test_an_unknown_name_is_answered_with_all_names_and_the_closest(name, closest):
    with pytest.raises(ValueError, match=f"got '{name}'. Did you mean '{closest}'") as caught:
        datasets.load(name)
    assert all(known in str(caught.value) for known in datasets.names())


def test_a_name_like_no_other_gets_no_guess():
    with pytest.raises(ValueError, match="should be one of glyphs, digits") as caught:
        datasets.load("zzzz")
    assert "Did you mean" not in str(caught.value)


def test_an_unknown_option_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"num_modes.*got 'num_mode'. Did you mean 'num_modes'"):
        datasets.load("ring", num_mode=3)
    with pytest.raises(ValueError, match=r"'glyphs' should be one of \(none\); got 'seed'"):
        datasets.load("glyphs", seed=3)


def test_options_reach_the_density_and_the_splits():
    data = datasets.load("ring", num_modes=5, radius=3.0, num_train=50, num_validation=20, num_test=10)
    assert [len(data.split(split)[0]) for split in SPLITS] == [50, 20, 10]
    assert len(data.class_names) == 5
    np.testing.assert_allclose(np.linalg.norm(data.x_train, axis=1), 3.0, atol=0.15)


def test_toy_splits_are_repeatable_and_independent_of_each_other_and_of_fresh_samples():
    first, again, other = (datasets.load("mixture_1d", seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.x_train, again.x_train)
    samples = [first.x_train, first.x_validation, first.x_test, other.x_train]
    samples += [first.density.sample(10_000, seed=seed) for seed in range(3)]
    for index, sample in enumerate(samples):
        for another in samples[index + 1 :]:
            assert not np.isin(sample[:2000].astype("float32"), another.astype("float32")).all()
            size = min(len(sample), len(another))
            assert abs(np.corrcoef(sample[:size, 0], another[:size, 0])[0, 1]) < 5 / np.sqrt(size)


def test_toy_points_follow_their_density():
    data = datasets.load("mixture_1d", num_train=5000)
    line = np.linspace(-12, 12, 20_001)
    density = np.exp(data.density.log_density(line[:, None]))
    cumulative = np.cumsum(density) * (line[1] - line[0])
    assert cumulative[-1] == pytest.approx(1.0, abs=1e-6)
    verdict = stats.kstest(data.x_train[:, 0], lambda x: np.interp(x, line, cumulative))
    assert verdict.pvalue > 1e-3


def test_the_dataset_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        made_up().x_train = IMAGES


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"x_train": IMAGES.astype("float64")}, "the train split.*float32.*got float64"),
        ({"x_test": IMAGES[..., 0]}, r"the test split.*got float32 \(6, 4, 4\)"),
        ({"x_validation": IMAGES[:, :3]}, r"the validation split.*\(4, 4, 1\); got \(3, 4, 1\)"),
        ({"y_train": LABELS[:5]}, r"y should be int32 \(6,\).*got int32 \(5,\)"),
        ({"y_test": LABELS.astype("int64")}, "y should be int32.*got int64"),
        ({"x_test": IMAGES * 255}, "127.5.*Divide images of 0–255 by 255"),
        ({"x_test": -IMAGES}, "range from -0.5"),
        ({"x_test": np.where(np.arange(6)[:, None, None, None] == 3, np.nan, IMAGES)}, "finite"),
        ({"y_test": LABELS + 1}, "labels should lie in 0…2.*from 1 to 3"),
        ({"y_test": LABELS - 1}, "labels should lie in 0…2.*from -1 to 1"),
        ({"x_validation": IMAGES[:0], "y_validation": LABELS[:0]}, "the validation split.*not be empty"),
        ({"factors": {"train": {"angle": np.zeros(5)}}}, "factor 'angle' should have 6 values; got 5"),
        ({"factors": {"training": {"angle": np.zeros(6)}}}, "per split.*got {'training'}"),
        ({"factors": {"train": {"a": LABELS}, "test": {"b": LABELS}}}, "the same factors"),
        ({"x_unseen": IMAGES}, "the unseen split.*NumPy arrays; got ndarray and NoneType"),
        ({"x_unseen": 2 * IMAGES, "y_unseen": LABELS[:5]}, r"the unseen split.*y should be int32 \(6,\)"),
        ({"factors": {"unseen": {"a": LABELS}}}, "per split.*got {'unseen'}"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        made_up(**changes)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_points_may_have_any_finite_value_only(value):
    points = np.array([[-300.0, 2.0], [5.0, 1e6]], "float32")
    parts = {f"x_{split}": points for split in SPLITS} | {f"y_{split}": LABELS[:2] for split in SPLITS}
    made_up(**parts)
    with pytest.raises(ValueError, match="finite"):
        made_up(**(parts | {"x_test": np.where(points == 5.0, np.float32(value), points)}))


def test_an_unknown_split_is_answered_with_the_names():
    with pytest.raises(ValueError, match="train, validation, test; got 'val'"):
        made_up().split("val")


def test_an_empty_toy_split_is_refused():
    with pytest.raises(ValueError, match="num_test should be at least 1; got 0"):
        from_density("ring", datasets.load("ring").density, num_test=0)


def test_bytes_become_images_in_the_unit_interval():
    pixels = np.arange(256, dtype="uint8").reshape(1, 16, 16)
    images = as_images(pixels)
    assert images.shape == (1, 16, 16, 1)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images.ravel(), np.arange(256) / 255, rtol=1e-7)


def test_a_fourth_split_of_unseen_combinations_is_there_where_it_is_given():
    assert made_up().splits == SPLITS
    data = made_up(x_unseen=IMAGES, y_unseen=LABELS, factors={"unseen": {"angle": LABELS}})
    assert data.splits == (*SPLITS, "unseen")
    assert data.split("unseen")[0] is data.x_unseen
    assert "unseen          6 images" in repr(data)
    assert "unseen" not in repr(made_up())
