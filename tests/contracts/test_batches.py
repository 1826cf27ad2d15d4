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
OF_TABLES = BatchContract("VAE", DataContract((3, 4)))


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
        (RECONSTRUCTING, (X, X, np.arange(6) - 1), "sample_weight must hold a number ≥ 0"),
        (RECONSTRUCTING, (X, X, np.ones(5)), "each of the 6 examples, not all 0; got 5 numbers"),
        (RECONSTRUCTING, (X * np.nan, X), "x must be finite"),
        (RECONSTRUCTING, (X, X * np.nan), "y must be finite"),
        (RECONSTRUCTING, X[0], r"got \(4,\), a single example. Let the pipeline make batches: dataset.batch\(128\)"),
        (OF_TABLES, X[:3], r"got \(3, 4\), a single example"),
        (OF_TABLES, X, r"x must have shape \(examples, 3, 4\)"),
        (RECONSTRUCTING, {"image": X, "label": Y}, r"keys 'image', 'label'.*lambda batch: batch\['image'\]\)"),
        (CONDITIONAL, {"image": X, "label": Y}, r"lambda batch: \(batch\['image'\], batch\['label'\]\)"),
        (RECONSTRUCTING, tuple(X), "got 6 parts"),
        (CONDITIONAL, X, "y is missing: this model is conditional"),
        (CONDITIONAL, (X, Y + 1), "y must lie in 0 … 2, for 3 classes"),
        (CONDITIONAL, (X, np.eye(3)[Y]), "One-hot"),
        (CONDITIONAL, ((X, Y), Y), "no target of shape"),
        (
            CONDITIONAL,
            (X, np.linspace(0.1, 1, 6)),
            r"float64. Weights\? They come third: \(x, labels, weights\). Labels\?",
        ),
        (CONDITIONAL, (X, np.ones(6)), r"Weights\? They come third.*Labels\? Convert them: y.astype\('int32'\)"),
        (RECONSTRUCTING, (X, X, np.ones((6, 4))), r"must have shape \(6,\).*got \(6, 4\). Weigh whole examples"),
        (RECONSTRUCTING, (X, X, np.ones((1, 6))), r"got \(1, 6\). .*np.ravel\(sample_weight\)"),
        (RECONSTRUCTING, (X, X, 2.0), r"got \(\). One weight for all\? Leave it out, or np.ones\(6\)"),
        (RECONSTRUCTING, (X, X, np.full(6, 1e16)), r"at most 1e\+15.*got 1e\+16. Divide by their mean"),
        (RECONSTRUCTING, (X, X, list("abcdef")), "Convert it first to numbers of one shape"),
        (RECONSTRUCTING, (None, X), "x is None: expected an array"),
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
        (RECONSTRUCTING, None, r"^x is None: expected an array of shape \(examples, 4\). Call fit\(x\).$"),
        (CONDITIONAL, None, r"Call fit\(x, labels\).$"),
        (BatchContract("VAE", DataContract(None)), None, "expected an array of examples. Call"),
        (RECONSTRUCTING, (X, 1 - X), r"got a tuple of 2. Hand its parts over one by one: fit\(noisy, clean\)"),
        (RECONSTRUCTING, [X, 1 - X], r"got a list of 2. Hand its parts over one by one: fit\(noisy, clean\)"),
        (PLAIN, [X, 1 - X], r"got a list of 2. Hand its parts over one by one: fit\(x\)"),
        (RECONSTRUCTING, (X, Y), r"got a tuple of 2. Hand its parts over one by one: fit\(x\)"),
        (CONDITIONAL, (X, Y, Y), r"got a tuple of 3. Hand its parts over one by one: fit\(x, labels\)"),
        (RECONSTRUCTING, ((X, Y), (X, Y)), r"\(x_train, y_train\), \(x_test, y_test\) = x; then fit\(x_train\)"),
        (CONDITIONAL, ((X, Y), X), r"got a tuple of 2. Hand its parts over one by one: fit\(x, labels\)"),
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
        (LabelContract(3), {True: 1.0}, "labels 0 … 2 as its keys; got True"),
        (LabelContract(3), {0.5: 1.0}, "labels 0 … 2 as its keys; got 0.5"),
        (LabelContract(3), {0: 0, 1: 0.0, 2: 0}, r"class_weight must hold .* each of the 3 classes, not all 0"),
        (LabelContract(3), {0: 1e16}, r"class_weight must be at most 1e\+15.*got 1e\+16. Divide by their mean"),
        (LabelContract(3), {"cat": 1.0}, "labels 0 … 2 as its keys; got 'cat'"),
        (LabelContract(3), {0: -1.0}, "must be ≥ 0; got -1"),
        (LabelContract(3), {0: 2.0, 1: -1.0}, "must be ≥ 0; got -1"),
        (LabelContract(3), {0: np.nan}, "should be one finite number"),
        (LabelContract(3), [1.0, 2.0, 3.0], "should be a dictionary from a label to its weight"),
    ],
)
def test_class_weights_that_mean_nothing_are_refused(labels, class_weight, message):
    with pytest.raises(ValueError, match=message):
        BatchContract("VAE", DATA, labels, class_weight=class_weight)


def test_a_class_may_be_named_by_a_whole_number_of_any_kind():
    contract = BatchContract("ConditionalVAE", DATA, LabelContract(3), class_weight={1.0: 2.0, np.int64(2): 0.5})
    assert contract.read(X, Y).weights.tolist() == [1, 2, 0.5, 1, 2, 0.5]


@pytest.mark.parametrize("weights", [None, [1, 0, 0, 1, 0, 0]])
def test_class_weights_that_leave_no_example_with_a_weight_are_refused(weights):
    contract = BatchContract(
        "ConditionalVAE", DATA, LabelContract(3), class_weight={1: 0.0, 0: 0.0 if weights else 1.0}
    )
    with pytest.raises(ValueError, match=r"class_weight must hold .* not all 0, which trains nothing"):
        contract.read(X, Y if weights else np.ones(6, int), weights)
    assert contract.read_batch((X, np.ones(6, int))).weights.tolist() == [0] * 6, "another batch may have some"


@pytest.mark.parametrize("largest", [1e-50, 1e-30])
def test_weights_that_vanish_in_float32_are_no_weights(largest):
    with pytest.raises(ValueError, match=r"not all 0.*Divide by their mean: sample_weight / np.mean\(sample_weight\)"):
        RECONSTRUCTING.read(X, sample_weight=np.linspace(0, largest, 6))
    weights = np.full(6, largest)
    assert RECONSTRUCTING.read(X, sample_weight=weights / np.mean(weights)).weights.tolist() == [1] * 6
    assert checked_weights([1e-40, 1.0], 2).tolist() == [0, 1], "as compiled code counts them"


def test_tables_whose_rows_have_other_names_are_not_paired_by_their_order():
    pd = pytest.importorskip("pandas")
    x, y = pd.DataFrame(X), pd.Series(Y)
    shuffled = x.sample(frac=1, random_state=0)
    with pytest.raises(
        ValueError, match=r"x and y must have the same rows; got an index .*y.loc\[x.index\]"
    ) as refused:
        CONDITIONAL.read(shuffled, y)
    np.testing.assert_array_equal(CONDITIONAL.read(shuffled, y.loc[shuffled.index]).labels, Y[shuffled.index])
    assert str(refused.value).endswith("under other names? y.to_numpy().")
    assert CONDITIONAL.read(shuffled, y.to_numpy()).labels.tolist() == Y.tolist()
    with pytest.raises(ValueError, match=r"x and sample_weight must have the same rows.*sample_weight.loc"):
        RECONSTRUCTING.read(x, sample_weight=pd.Series(np.ones(6), index=range(1, 7)))
    assert CONDITIONAL.read(x, y).labels.tolist() == Y.tolist()


def test_a_batch_must_be_shared_out_evenly():
    contract = BatchContract("ParallelGAN", DATA, multiple_of=4)
    with pytest.raises(ValueError, match="a multiple of 4 examples; got 6"):
        contract.read_batch(X)
    assert len(contract.read_batch(X[:4])) == 4


def test_only_a_batch_may_weigh_nothing():
    assert checked_weights(np.zeros(3), 3, all_zero=True).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="not all 0"):
        checked_weights(np.zeros(3), 3)
