import numpy as np
import pytest
from sklearn import datasets as sklearn_datasets
from sklearn.neighbors import KNeighborsClassifier

from course_lib.datasets import load
from course_lib.datasets.dataset import SPLITS
from course_lib.datasets.digits import stratified_split


def rows_of(images):
    return [image.tobytes() for image in images]


def test_every_scan_is_in_exactly_one_split_with_its_label():
    data = load("digits")
    pixels, labels = sklearn_datasets.load_digits(return_X_y=True)
    known = dict(zip(rows_of((pixels / 16).astype("float32")), labels, strict=True))
    assert len(known) == 1797, "scikit-learn has no duplicate scans"
    seen = []
    for split in SPLITS:
        x, y = data.split(split)
        assert [known[row] for row in rows_of(x)] == y.tolist()
        seen += rows_of(x)
    assert len(seen) == len(set(seen)) == 1797


def test_pixels_are_the_17_levels_of_the_scanner():
    levels = np.unique(load("digits").x_train)
    np.testing.assert_array_equal(levels, np.arange(17, dtype="float32") / 16)


def test_classes_keep_their_proportions():
    data = load("digits")
    sizes = {split: np.bincount(data.split(split)[1], minlength=10) for split in SPLITS}
    total = sum(sizes.values())
    np.testing.assert_allclose(sizes["test"], 0.2 * total, atol=0.5)
    np.testing.assert_allclose(sizes["validation"], 0.1 * total, atol=0.5)
    assert [int(size.sum()) for size in sizes.values()] == [1259, 179, 359]


def test_the_split_is_repeatable_shuffled_and_chosen_by_the_seed():
    first, again, other = load("digits"), load("digits"), load("digits", seed=1)
    np.testing.assert_array_equal(first.x_train, again.x_train)
    assert not np.array_equal(first.x_test, other.x_test)
    assert len(np.unique(first.y_train[:100])) == 10


def test_labels_match_the_images():
    data = load("digits")
    neighbour = KNeighborsClassifier(1).fit(data.x_train.reshape(-1, 64), data.y_train)
    assert neighbour.score(data.x_test.reshape(-1, 64), data.y_test) > 0.95


@pytest.mark.parametrize(("validation", "test"), [(0.0, 0.2), (0.5, 0.5), (0.1, 0.0), (0.6, 0.6)])
def test_fractions_that_empty_a_split_are_refused(validation, test):
    with pytest.raises(ValueError, match=f"got {validation} and {test}. Try 0.1 and 0.2"):
        load("digits", validation_fraction=validation, test_fraction=test)


@pytest.mark.parametrize("seed", range(5))
def test_stratified_split_is_a_partition_of_the_rows(seed):
    labels = np.random.default_rng(seed).integers(0, 4, size=200)
    parts = stratified_split(labels, 0.15, 0.25, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(200))
