"""What a batch may hold, door by door: NumPy alone, no model."""

import numpy as np
import pytest

from course_lib.contracts.batches import Batch, BatchContract, checked_weights
from course_lib.contracts.data import DataContract
from course_lib.contracts.labels import LabelContract

RNG = np.random.default_rng(0)
X = RNG.random((6, 4))
Y = np.array([0, 1, 2, 0, 1, 2])
DATA = DataContract((4,), 0.0, 1.0, because="bernoulli_log_prob")
PLAIN = BatchContract("GAN", DATA)
RECONSTRUCTING = BatchContract("VAE", DATA, target=DATA)
CONDITIONAL = BatchContract("ConditionalVAE", DATA, LabelContract(3), target=DATA)


def test_parts_are_what_keras_takes_and_x_stands_in_for_a_target_that_weights_need():
    weights = np.arange(6.0)
    assert len(Batch(X).parts()) == 1
    assert len(Batch(X, target=X + 1).parts()) == 2
    inputs, target, given = Batch(X, labels=Y, weights=weights).parts()
    assert inputs[0] is X
    assert inputs[1] is Y
    assert target is X
    assert given is weights
    assert Batch(X, target=X + 1, weights=weights).parts()[1].max() > 1


def test_rows_are_taken_of_every_part():
    batch = Batch(X, Y, X + 1, np.arange(6.0)).rows(slice(2, 4))
    assert [part.tolist() for part in batch] == [X[2:4].tolist(), [2, 0], (X + 1)[2:4].tolist(), [2.0, 3.0]]
    assert len(batch) == 2


@pytest.mark.parametrize(
    ("contract", "batch", "expected"),
    [
        (PLAIN, X, (X, None, None, None)),
        (PLAIN, (X,), (X, None, None, None)),
        (PLAIN, [X], (X, None, None, None)),
        (PLAIN, (X, None, np.ones(6)), (X, None, None, np.ones(6))),
        (RECONSTRUCTING, (X, 1 - X), (X, None, 1 - X, None)),
        (RECONSTRUCTING, (X, X), (X, None, None, None)),
        (RECONSTRUCTING, (X, X.copy(), Y), (X, None, X, Y)),
        (RECONSTRUCTING, (X + RNG.normal(size=X.shape), X), (None, None, X, None)),
        (CONDITIONAL, (X, Y), (X, Y, None, None)),
        (CONDITIONAL, [X, Y], (X, Y, None, None)),
        (CONDITIONAL, (X, Y, np.ones(6)), (X, Y, None, np.ones(6))),
        (CONDITIONAL, ((X, Y),), (X, Y, None, None)),
        (CONDITIONAL, ((X, Y), 1 - X), (X, Y, 1 - X, None)),
        (CONDITIONAL, ([X, Y], 1 - X, np.ones(6)), (X, Y, 1 - X, np.ones(6))),
    ],
)
def test_each_form_of_a_batch_is_read(contract, batch, expected):
    for found, wanted in zip(contract.read_batch(batch), expected, strict=True):
        if wanted is None:
            assert found is None or found.shape == X.shape
        else:
            np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_what_is_read_has_the_dtypes_that_models_take():
    x, labels, target, weights = CONDITIONAL.read_batch(((X, Y), 1 - X, np.arange(6)))
    assert (x.dtype, labels.dtype, target.dtype, weights.dtype) == ("float32", "int32", "float32", "float32")


@pytest.mark.parametrize(
    ("contract", "batch", "message"),
    [
        (PLAIN, (X, Y), r"GAN learns from x alone; got y of shape \(6,\) as well"),
        (PLAIN, (X, 1 - X), r"GAN learns from x alone; got y of shape \(6, 4\)"),
        (RECONSTRUCTING, (X, Y), r"no target of shape \(examples, 4\). Labels\? Leave them out"),
        (RECONSTRUCTING, (X, np.ones(6)), r"Weights\? They come third"),
        (RECONSTRUCTING, (X, 255 * X), r"y must lie in \[0, 1\] for bernoulli_log_prob"),
        (RECONSTRUCTING, (X, X[:5]), "y must be as long as x: 6 examples, each with its target; got 5"),
        (RECONSTRUCTING, (X, X[:, :3]), r"y must have shape \(examples, 4\)"),
        (RECONSTRUCTING, 255 * X, r"x must lie in \[0, 1\]"),
        (RECONSTRUCTING, (X, X, -np.ones(6)), "sample_weight must hold a number ≥ 0"),
        (RECONSTRUCTING, (X, X, np.ones(5)), "each of the 6 examples, not all 0; got 5 numbers"),
        (RECONSTRUCTING, (X * np.nan, X), "x must be finite"),
        (RECONSTRUCTING, (X, X * np.nan), "y must be finite"),
        (RECONSTRUCTING, X[0], r"got \(4,\), a single example. Let the pipeline make batches: dataset.batch\(128\)"),
        (RECONSTRUCTING, {"image": X, "label": Y}, r"keys 'image', 'label'.*lambda batch: batch\['image'\]\)"),
        (CONDITIONAL, {"image": X, "label": Y}, r"lambda batch: \(batch\['image'\], batch\['label'\]\)"),
        (RECONSTRUCTING, tuple(X), "got 6 parts"),
        (CONDITIONAL, X, "y is missing: this model is conditional"),
        (CONDITIONAL, (X, Y + 1), "y must lie in 0 … 2, for 3 classes"),
        (CONDITIONAL, (X, np.eye(3)[Y]), "One-hot"),
        (CONDITIONAL, ((X, Y), Y), "no target of shape"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_repair(contract, batch, message):
    with pytest.raises(ValueError, match=message):
        contract.read_batch(batch)


def test_noise_may_lead_out_of_the_range_that_a_target_has():
    noisy = X + RNG.normal(size=X.shape)
    assert RECONSTRUCTING.read(noisy, X).x.min() < 0
    with pytest.raises(ValueError, match="must lie in"):
        RECONSTRUCTING.read(noisy)


def test_symbols_stay_symbols_beside_a_target():
    symbols = DataContract((4,), 0, 2, symbols=True, because="categorical_log_prob")
    contract = BatchContract("VAE", symbols, target=symbols)
    with pytest.raises(ValueError, match="x must lie in"):
        contract.read(np.full((2, 4), 3), np.full((2, 4), 2))


@pytest.mark.parametrize(
    ("contract", "x", "message"),
    [
        (RECONSTRUCTING, None, "x is None: expected data"),
        (RECONSTRUCTING, (X, Y), r"got a tuple of 2. Hand its parts over one by one: fit\(x\)"),
        (CONDITIONAL, (X, Y, Y), r"got a tuple of 3. Hand its parts over one by one: fit\(x, labels\)"),
        (RECONSTRUCTING, ((X, Y), (X, Y)), r"\(x_train, y_train\), \(x_test, y_test\) = x; then fit\(x_train\)"),
        (CONDITIONAL, ((X, Y), (X, Y)), r"then fit\(x_train, y_train\)"),
    ],
)
def test_tuples_are_taken_apart_by_the_user(contract, x, message):
    with pytest.raises(ValueError, match=message):
        contract.read(x)


def test_a_pair_of_data_and_labels_is_data_of_a_conditional_model():
    assert CONDITIONAL.read((X, Y)).labels.tolist() == Y.tolist()
    assert CONDITIONAL.read([X, Y], None).labels.tolist() == Y.tolist()


def test_class_weights_multiply_weights_and_a_class_left_out_weighs_one():
    contract = BatchContract("ConditionalVAE", DATA, LabelContract(3), class_weight={0: 2.0, 2: 0.5})
    assert contract.read(X, Y).weights.tolist() == [2, 1, 0.5, 2, 1, 0.5]
    assert contract.read(X, Y, np.arange(6)).weights.tolist() == [0, 1, 1, 6, 4, 2.5]
    assert contract.read_batch((X, Y)).weights.tolist() == [2, 1, 0.5, 2, 1, 0.5]


@pytest.mark.parametrize(
    ("labels", "class_weight", "message"),
    [
        (None, {0: 1.0}, r"class_weight needs classes, and VAE learns from x alone.*contracts.class_weights"),
        (LabelContract(3), {3: 1.0}, "labels 0 … 2 as its keys; got 3"),
        (LabelContract(3), {"cat": 1.0}, "labels 0 … 2 as its keys; got 'cat'"),
        (LabelContract(3), {0: -1.0}, "must be ≥ 0; got -1"),
        (LabelContract(3), {0: np.nan}, "should be one finite number"),
        (LabelContract(3), [1.0, 2.0, 3.0], "should be a dictionary from a label to its weight"),
    ],
)
def test_class_weights_that_mean_nothing_are_refused(labels, class_weight, message):
    with pytest.raises(ValueError, match=message):
        BatchContract("VAE", DATA, labels, class_weight=class_weight)


def test_a_batch_must_be_shared_out_evenly():
    contract = BatchContract("ParallelGAN", DATA, multiple_of=4)
    with pytest.raises(ValueError, match="a multiple of 4 examples; got 6"):
        contract.read_batch(X)
    assert len(contract.read_batch(X[:4])) == 4


def test_only_a_batch_may_weigh_nothing():
    assert checked_weights(np.zeros(3), 3, all_zero=True).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="not all 0"):
        checked_weights(np.zeros(3), 3)
