"""Planted wrong labels are found, in arrays and in folders."""

import numpy as np
import pytest
from PIL import Image

from course_lib import datasets
from course_lib.datasets.suspect_labels import suspect_labels


def clouds(count=400, seed=0):
    """Three clouds far apart, and the labels of 12 points changed: dict of arrays, and who was planted."""
    rng = np.random.default_rng(seed)
    truth, centres = rng.integers(0, 3, size=count), 30 * np.eye(3) + 1e6
    points, given = centres[truth] + rng.normal(size=(count, 3)), truth.copy()
    wrong = rng.choice(count, 12, replace=False)
    given[wrong] = (truth[wrong] + 1 + rng.integers(0, 2, size=12)) % 3
    sets, planted = {"abc"[label]: points[given == label] for label in range(3)}, {}
    for row in wrong:
        place = int(np.sum(given[:row] == given[row]))
        planted[f"{'abc'[given[row]]} {place}"] = "abc"[truth[row]]
    return sets, planted


@pytest.mark.parametrize("count", [60, 700])
def test_planted_wrong_labels_are_found_and_nothing_else(count):
    sets, planted = clouds(count)
    found = suspect_labels(sets, num_neighbours=7)
    assert {suspect.name: suspect.neighbours_say for suspect in found} == planted


def test_the_votes_are_those_of_all_distances_by_brute_force():
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(600, 2)), rng.integers(0, 3, size=600)
    found = suspect_labels({str(label): x[labels == label] for label in range(3)}, num_neighbours=5)
    order = np.argsort(labels, kind="stable")
    x, labels = x[order], labels[order]
    apart = ((x[:, None] - x) ** 2).sum(axis=-1) + np.diag(np.full(600, np.inf))
    votes = (labels[np.argsort(apart, axis=1)[:, :5], None] == np.arange(3)).mean(axis=1)
    own = votes[np.arange(600), labels]
    names = np.array([f"{label} {row - np.searchsorted(labels, label)}" for row, label in enumerate(labels)])
    expected = {name: share for name, share, most in zip(names, own, votes.max(axis=1), strict=True) if most > share}
    assert {suspect.name: suspect.agree for suspect in found} == pytest.approx(expected)
    assert [suspect.agree for suspect in found] == sorted(expected.values())


def test_a_tie_is_no_suspicion_and_a_point_does_not_vote_for_itself():
    assert suspect_labels({"a": np.array([[0.0], [1.0]]), "b": np.array([[0.5]])}, num_neighbours=2) == [
        ("b 0", "a", 0.0)
    ]


def test_digits_with_twenty_wrong_labels():
    digits, rng = datasets.load("digits"), np.random.default_rng(2)
    given, wrong = digits.y_train.copy(), rng.choice(len(digits.y_train), 20, replace=False)
    given[wrong] = (given[wrong] + rng.integers(1, 10, size=20)) % 10
    found = suspect_labels({str(label): digits.x_train[given == label] for label in range(10)})
    names = {f"{given[row]} {int(np.sum(given[:row] == given[row]))}" for row in wrong}
    assert len(names & {suspect.name for suspect in found}) >= 19
    assert len(found) <= 40


def test_a_folder_of_pictures_with_one_in_the_wrong_place(tmp_path):
    across, down = np.meshgrid(np.linspace(0, 1, 30), np.linspace(0, 1, 40))
    rng = np.random.default_rng(3)
    for name, slope in [*((f"cats/{n}.png", across) for n in range(5)), *((f"dogs/{n}.png", down) for n in range(5))]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pixels = (200 * slope + rng.uniform(0, 20, slope.shape)).astype("uint8")
        Image.fromarray(pixels).save(tmp_path / name)
    (tmp_path / "dogs/3.png").rename(tmp_path / "cats/lost.png")
    (tmp_path / "cats/torn.jpg").write_bytes(b"no picture")
    assert suspect_labels(tmp_path, num_neighbours=3) == [("cats/lost.png", "dogs", 0.0)]


def test_examples_with_nan_are_left_out():
    sets = {"a": np.array([[0.0], [1.0], [np.nan], [9.6]]), "b": np.array([[9.3], [9.4], [np.inf]])}
    assert suspect_labels(sets, num_neighbours=1) == [("a 3", "b", 0.0)]


@pytest.mark.parametrize(
    ("examples", "neighbours", "message"),
    [
        ({"a": np.zeros((20, 3))}, 10, "at least two labels; got a"),
        ({"a": np.zeros((2, 3)), "b": np.zeros((2, 3))}, 4, "num_neighbours should lie in 1"),
        ("no such folder", 1, "a dictionary of arrays or a folder"),
    ],
)
def test_what_cannot_be_judged_is_refused(examples, neighbours, message):
    with pytest.raises(ValueError, match=message):
        suspect_labels(examples, neighbours)
