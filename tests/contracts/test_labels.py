import numpy as np
import pytest

from course_lib.contracts.labels import LabelContract, class_weights

CONTRACT = LabelContract(3)


@pytest.mark.parametrize("labels", [[0, 2, 1], np.array([0, 2, 1], "uint8"), np.array([0, 2, 1], ">i8"), (0, 2, 1)])
def test_integers_of_any_kind_become_int32(labels):
    checked = CONTRACT.checked(labels, 3)
    assert checked.dtype == np.int32
    assert checked.tolist() == [0, 2, 1]


def test_booleans_are_two_classes():
    assert LabelContract(2).checked(np.array([True, False]), 2).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, r"labels is missing: this model is conditional and needs an integer label 0 … 2"),
        (
            [0.0, 1.0, 2.0],
            r"must hold integers that name classes; got float64. .*np.asarray\(labels\).astype\('int32'\)",
        ),
        ([0.0, np.nan, 2.0], "Some are NaN: drop the examples without a label"),
        ([0.0, 0.5, 2.0], "They lie between whole numbers: put them into classes"),
        ([0, 1, 3], r"must lie in 0 … 2, for 3 classes; got labels from 0 to 3. .*num_classes=4"),
        ([0, 1, -1], "must lie in 0 … 2, for 3 classes; got labels from -1 to 1"),
        ([0, 1], r"must have shape \(3,\), one label per example; got \(2,\)"),
        (np.eye(3), r"got \(3, 3\). One-hot vectors\? Name the class: np.argmax\(labels, axis=1\)"),
        ([[0], [1], [2]], r"Drop the last axis: np.asarray\(labels\)\[:, 0\]"),
        (1, r"One class for all\? np.full\(3, 1\)"),
        (["a", "b", "c"], "must be an array of real numbers"),
    ],
)
def test_anything_else_is_refused_with_the_way_to_repair_it(labels, message):
    with pytest.raises(ValueError, match=message):
        CONTRACT.checked(labels, 3, "labels")


def test_class_weights_give_every_class_the_same_sum_and_the_data_their_number():
    labels = np.random.default_rng(0).choice(3, size=200, p=[0.7, 0.28, 0.02])
    weights = class_weights(labels, 3)
    assert np.bincount(labels, weights) == pytest.approx([200 / 3] * 3)
    assert weights.sum() == pytest.approx(200)


def test_a_class_that_does_not_occur_has_no_weight():
    with pytest.raises(ValueError, match="class 1 does not occur among the 2 labels"):
        class_weights([0, 2], 3)
