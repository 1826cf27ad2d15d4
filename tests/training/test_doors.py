"""What comes in by a pipeline and trains nothing, or never again, or not what was meant, is refused with a repair."""

import keras
import numpy as np
import pytest

from course_lib.contracts.data import DataContract, root_mean_square
from course_lib.formulas import likelihoods
from course_lib.training.model import to_numpy
from course_lib.training.pipelines import Pipeline, in_tf_data, in_words_of
from course_lib.training.resuming import ResumableTraining
from tests.small import small_gan, small_vae
from tests.training.test_pipelines import HAS, InOrder, batches, conditional_vae, dataset, vae

pytestmark = [pytest.mark.backend, pytest.mark.filterwarnings("ignore:Your input ran out of data")]
needs_tensorflow = pytest.mark.skipif(not HAS["tensorflow"], reason="tf.data is TensorFlow's")
RNG = np.random.default_rng(0)
X = RNG.random((32, 4, 4, 1)).astype("float32")
Y = (np.arange(32) % 3).astype("int32")
SIZE = 16
READ_ONCE = "a generator can be read once"


def updates(model):
    return int(to_numpy(model.optimizer.iterations))


def endless():
    while True:
        yield X[:SIZE]


# --- a generator ends


def test_a_generator_that_has_ended_trains_no_second_epoch():
    model = vae()
    with pytest.raises(
        ValueError, match=r"x is a generator that ended after 3 batches, in epoch 1: " + READ_ONCE
    ) as no:
        model.fit((X[:4] for _ in range(3)), epochs=3, verbose=0)
    assert str(no.value).endswith("Give steps_per_epoch and one that does not end, or a PyDataset or tf.data.Dataset.")
    assert updates(model) == 3
    model.fit((X[:4] for _ in range(3)), epochs=1, verbose=0)
    assert updates(model) == 6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "steps", "taken", "sentence"),
    [
        (2, 2, 2, "after 2 batches, in epoch 1"),
        (3, 2, 3, "after 3 batches, in epoch 2"),
        (1, 3, 1, "after 1 batch, in"),
    ],
)
def test_a_generator_that_ends_where_steps_are_counted_is_not_begun_again(given, steps, taken, sentence):
    model = vae()
    with pytest.raises(ValueError, match=f"{sentence}.*Give one that does not end"):
        model.fit((X[:4] for _ in range(given)), epochs=4, steps_per_epoch=steps, verbose=0)
    assert updates(model) == taken


@pytest.mark.slow
def test_a_generator_that_has_just_enough_trains_to_its_end():
    model = vae()
    held_out = (X[:4] for _ in range(4))
    model.fit((X[:4] for _ in range(4)), epochs=2, steps_per_epoch=2, verbose=0, initial_epoch=0)
    model.fit(X[:4], epochs=2, validation_data=held_out, validation_steps=2, verbose=0)
    assert updates(model) == 6


@pytest.mark.slow
def test_a_generator_cannot_be_evaluated_after_each_epoch_unless_steps_are_counted():
    for given in (batches(X), endless()):  # where this is broken, the first ends
        with pytest.raises(
            ValueError, match=r"validation_data is a generator.*Give validation_steps and one that does"
        ):
            vae().fit(X, validation_data=given, verbose=0)
    counted = {"epochs": 4, "validation_data": (X[:4] for _ in range(4)), "validation_steps": 2}
    if keras.backend.backend() != "tensorflow":  # the other trainers evaluate on the batches of the first evaluation
        assert np.isfinite(vae().fit(X[:4], verbose=0, **counted).history["val_loss"]).all()
        assert len(list(counted["validation_data"])) == 2
    else:
        with pytest.raises(ValueError, match=r"validation_data .* that ended after 4 batches, in evaluation 2"):
            vae().fit(X[:4], verbose=0, **counted)
    assert "val_loss" in vae().fit(X[:4], validation_data=endless(), validation_steps=2, verbose=0).history


def test_a_generator_that_was_read_before_says_so():
    read = batches(X)
    model = vae()
    model.fit(read, verbose=0)
    with pytest.raises(ValueError, match=f"pipeline without batches.*{READ_ONCE[2:]}"):
        model.fit(read, verbose=0)


def test_a_generator_ends_where_a_training_is_kept(tmp_path):
    with pytest.raises(ValueError, match=r"x is a generator that ended after 3 batches"):
        vae().fit(
            (X[:4] for _ in range(3)), verbose=0, epochs=4, steps_per_epoch=1, callbacks=[ResumableTraining(tmp_path)]
        )


@needs_tensorflow
def test_a_dataset_made_of_one_generator_is_not_trained_on_in_vain():
    import tensorflow as tf

    read = (X[:4] for _ in range(3))
    given = tf.data.Dataset.from_generator(lambda: read, output_signature=tf.TensorSpec((None, 4, 4, 1)))
    with pytest.raises(
        ValueError, match=r"x must give its batches again in each epoch; got none after the first 2 bat"
    ):
        vae().fit(given, epochs=3, verbose=0)


@needs_tensorflow
@pytest.mark.parametrize("call", ["fit", "evaluate", "predict", "validation"])
def test_a_dataset_made_of_one_generator_does_not_lose_its_first_batch_in_silence(call):
    import tensorflow as tf

    def given(make):
        return tf.data.Dataset.from_generator(make, output_signature=tf.TensorSpec((None, 4, 4, 1)))

    def read(data):
        model = vae()
        if call == "validation":
            return model.fit(X[:4], epochs=1, verbose=0, validation_data=data)
        return model.fit(data, epochs=1, verbose=0) if call == "fit" else getattr(model, call)(data)

    one = (X[:4] for _ in range(3))
    sentence = "must give its batches again in each epoch; got none after the first 2 batches, and one that was read"
    with pytest.raises(ValueError, match=f"(x|validation_data) {sentence}.*from_generator"):
        read(given(lambda: one))
    read(given(lambda: (X[:4] for _ in range(3))))


# --- nothing that counts


@pytest.mark.slow
@pytest.mark.parametrize("door", [batches, InOrder, dataset] if HAS["tensorflow"] else [batches, InOrder])
def test_a_pipeline_whose_weights_are_all_0_trains_nothing_and_says_so(door):
    nothing = np.zeros(len(X), "float32")
    sentence = "must give examples that count; got weights of 0 alone"
    with pytest.raises(ValueError, match=f"x {sentence}"):
        vae().fit(door(X, X, nothing), verbose=0)
    with pytest.raises(ValueError, match=f"x {sentence}"):
        vae().evaluate(door(X, X, nothing))
    steps = {"validation_steps": 2} if door is batches else {}
    with pytest.raises(ValueError, match=rf"validation_data {sentence}"):
        vae().fit(X, verbose=0, validation_data=door(X, X, nothing), **steps)
    some = np.r_[nothing[:-1], 1.0].astype("float32")  # in the last batch
    assert vae().fit(door(X, X, some), verbose=0).history["loss"][0] > 0


def test_classes_that_weigh_nothing_in_a_pipeline_are_seen_at_its_end():
    with pytest.raises(ValueError, match=r"class_weight included"):
        conditional_vae().fit(InOrder(X, 0 * Y), verbose=0, class_weight={0: 0.0})
    with pytest.raises(ValueError, match=r"not all 0"):
        conditional_vae().fit(X, 0 * Y, verbose=0, class_weight={0: 0.0})


def test_no_side_of_a_split_may_weigh_nothing():
    for weights, side in (
        (np.r_[np.zeros(24), np.ones(8)], "trained on"),
        (np.r_[np.ones(24), np.zeros(8)], "held out"),
    ):
        with pytest.raises(ValueError, match=f"weights of 0 alone for the .* that are {side}"):
            vae().fit(X, sample_weight=weights, validation_split=0.25, verbose=0)
    vae().fit(X, sample_weight=np.arange(32) % 2, validation_split=0.25, verbose=0)  # some of each side may


# --- nothing that can be learned


def quiet(scale):
    return (scale * RNG.normal(size=(32, 4, 4, 1))).astype("float32")


def gaussian_vae(variance=0.01):
    model = small_vae(log_likelihood=likelihoods.gaussian(variance))
    model.compile(run_eagerly=True)
    return model


def test_data_far_below_the_stated_deviation_are_refused():
    x = quiet(3e-6)
    sentence = r"x must not be far below the deviation that gaussian\(0.01\) states, or.*at least 0.00025; got 2.*e-06"
    for given in (x, InOrder(x)):
        with pytest.raises(ValueError, match=sentence) as refused:
            gaussian_vae().fit(given, verbose=0)
    repaired = eval(str(refused.value).split("largest value: ")[1].split(". Or")[0], {"x": x, "np": np})
    assert np.isfinite(gaussian_vae().fit(repaired, verbose=0).history["loss"]).all()
    gaussian_vae(float(str(refused.value).split("gaussian(")[-1].rstrip(").")))
    DataContract((4, 4, 1), quietest=1e-3).require_loudness(root_mean_square(x * 1000))
    with pytest.raises(ValueError, match=r"far below the deviation"):  # what is to be given back counts
        gaussian_vae().fit(quiet(1.0), x, verbose=0)


def test_silence_and_quiet_examples_among_others_are_data():
    model = gaussian_vae()
    model.fit(np.zeros_like(X), verbose=0)
    model.fit(InOrder(np.r_[quiet(1e-6)[:SIZE], quiet(0.1)[:SIZE]]), verbose=0)
    assert model.evaluate(quiet(1e-6)) is not None
    assert model.reconstruct(quiet(1e-6)[:1]).shape == (1, 4, 4, 1)


# --- the user's own errors


class DiskGoneError(RuntimeError):
    pass


class Failing(InOrder):
    def __getitem__(self, index):
        if index > 2:  # later than what Keras looks at before it trains
            raise DiskGoneError("disk gone")
        return super().__getitem__(index)


def failing_generator():
    for _ in range(3):
        yield X[:SIZE]
    raise DiskGoneError("disk gone")


FOUR = np.concatenate([X, X])
FAILING = {"PyDataset": lambda: Failing(FOUR), "workers": lambda: Failing(FOUR, workers=2)}
FAILING |= {"generator": failing_generator}
FAILING |= {"DataLoader": lambda: loader_of(failing_generator)} if HAS["torch"] else {}


def loader_of(made):
    import torch

    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            return made()

    return torch.utils.data.DataLoader(Stream(), batch_size=None)


@pytest.mark.slow
@pytest.mark.parametrize("door", FAILING)
def test_an_error_of_the_users_own_code_arrives_as_it_was_raised(door):
    model = vae()
    with pytest.raises(DiskGoneError, match=r"^disk gone$") as caught:
        model.fit(FAILING[door](), verbose=0, shuffle=False)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    with pytest.raises(DiskGoneError, match=r"^disk gone$"):
        model.evaluate(FAILING[door]())
    with pytest.raises(DiskGoneError, match=r"^disk gone$"):
        model.fit(X, verbose=0, validation_data=FAILING[door](), validation_steps=4)


# --- None, and numbers that are none


def test_none_is_called_none():
    for call in (lambda model: model.fit(verbose=0), lambda model: model.fit(None, verbose=0)):
        with pytest.raises(
            ValueError, match=r"^x is None: expected an array of shape \(examples, 4, 4, 1\). Call fit\(x"
        ):
            call(vae())
    for given, number in (([None, X[:4]], 1), ([X[:4], None], 2)):
        with pytest.raises(ValueError, match=rf"^In batch {number} of x: x is None: expected an array of shape"):
            vae().fit(iter(given), verbose=0)


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "2"])
@pytest.mark.parametrize(
    "name", ["steps_per_epoch", "validation_steps", "validation_batch_size", "validation_freq", "batch_size"]
)
def test_what_is_counted_must_be_a_number_of_at_least_1(name, value):
    with pytest.raises(ValueError, match=f"^{name} should be"):
        vae().fit(X, validation_data=X, verbose=0, **{name: value})


def test_counts_elsewhere_are_read_too():
    with pytest.raises(ValueError, match=r"^steps should be at least 1; got 0"):
        vae().evaluate(X, steps=0)
    with pytest.raises(ValueError, match=r"^initial_epoch should be at least 0; got -1"):
        vae().fit(X, verbose=0, initial_epoch=-1)
    with pytest.raises(ValueError, match=r"^each number in validation_freq should be at least 1; got 0"):
        vae().fit(X, validation_data=X, verbose=0, validation_freq=[0, 2])


def test_the_epochs_of_a_validation_may_be_named():
    history = vae().fit(X, validation_data=X, verbose=0, epochs=3, validation_freq=(3, 1)).history
    assert len(history["val_loss"]) == 2


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        ([print], r"got <built-in function print>. A function\? .*LambdaCallback"),
        (print, "got <built-in function print>"),
        ([keras.callbacks.EarlyStopping], r"got the class EarlyStopping. Make one: EarlyStopping\(...\)"),
    ],
)
def test_callbacks_must_be_callbacks(callbacks, message):
    for call in (vae().fit, vae().evaluate):
        with pytest.raises(ValueError, match=message):
            call(X, verbose=0, callbacks=callbacks)


# --- advice in the words of the door


@needs_tensorflow
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("labels", [np.eye(3, dtype="float32")[Y], Y[:, None], Y.astype("float32")])
def test_the_repair_of_labels_can_be_followed_in_the_pipeline(labels, weighted):
    import tensorflow as tf

    source = dataset(X, labels, *([np.ones(32, "float32")] if weighted else []))
    contract = conditional_vae().batch_contract()
    with pytest.raises(ValueError, match=r"In batch 1 of x: y must .* In the pipeline: ") as refused:
        Pipeline(source, contract)
    code = str(refused.value).split(" In the pipeline: ")[1].removesuffix(".")
    assert "numpy_function" not in code
    repaired = Pipeline(eval(code, {"dataset": source, "tf": tf}), contract)
    np.testing.assert_array_equal(repaired.first[0][1], Y[:SIZE])
    assert len(repaired.first) == (3 if weighted else 1)


@needs_tensorflow
def test_ragged_and_sparse_batches_are_made_dense_in_the_pipeline():
    import tensorflow as tf

    contract = small_gan().batch_contract()
    ragged = tf.data.Dataset.from_tensor_slices(tf.ragged.constant([[1.0], [1.0, 2.0], [1.0, 2.0, 3.0]])).ragged_batch(
        2
    )
    sparse = tf.data.Dataset.from_tensor_slices(tf.sparse.from_dense(np.eye(2, dtype="float32"))).batch(2)
    for source, expected in ((ragged, [[1, 0], [1, 2]]), (sparse, [[1, 0], [0, 1]])):
        with pytest.raises(ValueError, match=r"In batch 1 of x: .* In the pipeline: dataset.map") as refused:
            Pipeline(source, contract)
        code = str(refused.value).split(" In the pipeline: ")[1].removesuffix(".")
        repaired = Pipeline(eval(code, {"dataset": source, "tf": tf}), contract)
        assert repaired.first[0].tolist() == expected


def test_what_depends_on_all_labels_is_not_repaired_batch_by_batch():
    spec = (None, None)
    assert in_tf_data("By code: np.unique(y, return_inverse=True)[1].", spec) == ""
    assert in_tf_data("Name the class: np.argmax(y, axis=1).", None) == "", "there is no y"
    assert in_tf_data("Name the class: np.argmax(y, axis=1).", ((None, None), None)) == "", "y is elsewhere"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("dataset", "Leave them out: dataset.map(lambda x, y: x)."),
        ("generator", "Leave them out: (x for x, y in generator)."),
        ("PyDataset", "Leave them out: return x from __getitem__."),
        ("loader", "Leave them out: let its data set return x."),
    ],
)
def test_advice_is_given_in_the_words_of_the_pipeline(kind, sentence):
    assert in_words_of("Leave them out: dataset.map(lambda x, y: x).", kind) == sentence


def test_a_generator_of_single_examples_is_not_told_to_call_batch():
    with pytest.raises(ValueError, match=r"a single example. Let it give batches, np.stack of 128 examples.$"):
        vae().fit(iter(X), verbose=0)
    with pytest.raises(ValueError, match=r"out of it: \(batch\['image'\] for batch in generator\)"):
        vae().fit(iter([{"image": X}]), verbose=0)
    if HAS["torch"]:
        import torch

        with pytest.raises(ValueError, match=r"DataLoader\(dataset, batch_size=128\)"):
            vae().fit(torch.utils.data.DataLoader(X, batch_size=None), verbose=0)
