"""Every door by which data come in: what is trained on is the same, and what does not fit is refused at its batch."""

import functools
import importlib.util

import keras
import numpy as np
import pytest

from course_lib import layers, networks
from course_lib.formulas import likelihoods
from course_lib.models import IWAE, VAE, VQVAE, Autoencoder, ConditionalVAE
from course_lib.training.model import to_numpy
from course_lib.training.pipelines import Pipeline, in_tf_data, is_pipeline, length, what_to_give
from course_lib.training.resuming import ResumableTraining
from tests.small import small_gan, values

pytestmark = [
    pytest.mark.backend,
    pytest.mark.filterwarnings(
        "ignore:Your input ran out of data"
    ),  # Keras' own, where a pipeline does not tell its end
]
RNG = np.random.default_rng(0)
X = RNG.random((96, 4, 4, 1)).astype("float32")
Y = (np.arange(96) % 3).astype("int32")
NOISY = np.clip(X + RNG.normal(scale=0.2, size=X.shape), 0, 1).astype("float32")
WEIGHTS = np.linspace(0, 2, 96).astype("float32")
CLASS_WEIGHT = {0: 1.0, 1: 5.0, 2: 0.0}
SIZE = 16
HAS = {name: importlib.util.find_spec(name) is not None for name in ("tensorflow", "torch")}


def batches(*arrays):
    """Batches in order, as tuples (one array alone stays alone)."""
    for begin in range(0, len(arrays[0]), SIZE):
        parts = tuple(array[begin : begin + SIZE] for array in arrays)
        yield parts if len(parts) > 1 else parts[0]


class InOrder(keras.utils.PyDataset):
    def __init__(self, *arrays, **options):
        super().__init__(**options)
        self.read = list(batches(*arrays))

    def __len__(self):
        return len(self.read)

    def __getitem__(self, index):
        return self.read[index]


def dataset(*arrays):
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(SIZE)


def loader(*arrays, **options):
    import torch

    tensors = torch.utils.data.TensorDataset(*map(torch.from_numpy, arrays))
    return torch.utils.data.DataLoader(tensors, batch_size=SIZE, **options)


DOORS = {"PyDataset": InOrder, "generator": batches}
DOORS |= {"several workers": lambda *arrays: InOrder(*arrays, workers=2)}
DOORS |= {"tf.data": dataset} if HAS["tensorflow"] else {}
DOORS |= {"DataLoader": loader} if HAS["torch"] else {}
every_door = pytest.mark.parametrize("door", DOORS)


def eager(model):
    """Step by step in Python: what is tested here is what comes in, not how it is compiled."""
    model.compile(keras.optimizers.Adam(1e-2), run_eagerly=True)
    return model


def autoencoder():
    keras.utils.set_random_seed(0)
    return eager(Autoencoder(networks.dense_encoder((4, 4, 1), 2, (8,)), networks.dense_decoder(2, (4, 4, 1), (8,))))


def vae(model_class=VAE):
    keras.utils.set_random_seed(0)
    encoder = networks.dense_gaussian_encoder((4, 4, 1), 2, (8,))
    decoder = networks.dense_decoder(2, (4, 4, 1), (8,))
    return eager(model_class(encoder, decoder, likelihoods.bernoulli_log_prob, seed=0))


def conditional_vae():
    keras.utils.set_random_seed(0)
    encoder = networks.dense_conditional_encoder((4, 4, 1), 2, 3, (8,))
    decoder = networks.dense_conditional_decoder(2, (4, 4, 1), 3, (8,))
    return eager(ConditionalVAE(encoder, decoder, likelihoods.bernoulli_log_prob, num_classes=3, seed=0))


def vqvae():
    keras.utils.set_random_seed(0)
    encoder, decoder = networks.dense_grid_encoder((4, 4, 1), (2,), 2), networks.dense_grid_decoder((2,), 2, (4, 4, 1))
    return eager(VQVAE(encoder, decoder, layers.VectorQuantizer(4, 2, seed=0), likelihoods.bernoulli_log_prob))


def trained(model, *data, epochs=1, **options):
    """Weights after training in order."""
    model.fit(*data, epochs=epochs, shuffle=False, verbose=0, **options)
    return values(model.trainable_variables)


@functools.cache
def from_arrays(kind):
    """The weights that arrays in memory lead to."""
    make, data, options = {
        "x": (vae, (X,), {}),
        "noisy": (vae, (NOISY,), {}),
        "noisy and clean": (vae, (NOISY, X), {}),
        "weights": (vae, (X,), {"sample_weight": WEIGHTS}),
        "labels": (conditional_vae, (X, Y), {}),
        "labels and weights": (conditional_vae, (X, Y), {"sample_weight": WEIGHTS}),
        "class weights": (conditional_vae, (X, Y), {"class_weight": CLASS_WEIGHT}),
    }[kind]
    return trained(make(), *data, batch_size=SIZE, **options)


def differ(a, b):
    return max(np.abs(one - other).max() for one, other in zip(a, b, strict=True)) > 1e-3


def assert_same(a, b):
    for one, other in zip(a, b, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


@pytest.mark.slow
@every_door
def test_every_door_trains_as_arrays_do(door):
    assert_same(trained(vae(), DOORS[door](X)), from_arrays("x"))


@pytest.mark.slow
@every_door
def test_every_door_takes_noisy_data_and_clean_targets(door):
    assert_same(trained(vae(), DOORS[door](NOISY, X)), from_arrays("noisy and clean"))
    assert differ(from_arrays("noisy and clean"), from_arrays("noisy"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [autoencoder, *(pytest.param(make, marks=pytest.mark.exhaustive) for make in (vqvae, lambda: vae(IWAE)))]
)
def test_every_model_that_reconstructs_takes_noisy_data_and_clean_targets(make):
    given = trained(make(), NOISY, X, batch_size=SIZE)
    assert_same(trained(make(), InOrder(NOISY, X)), given)
    assert differ(given, trained(make(), NOISY, batch_size=SIZE))


@pytest.mark.slow
@every_door
def test_every_door_takes_labels_and_weights(door):
    assert_same(trained(conditional_vae(), DOORS[door](X, Y, WEIGHTS)), from_arrays("labels and weights"))


@pytest.mark.slow
def test_labels_and_a_target_come_together():
    pairs = (((x, y), clean) for x, y, clean in batches(NOISY, Y, X))
    copies = (((x, y), x) for x, y in batches(NOISY, Y))
    assert differ(trained(conditional_vae(), pairs), trained(conditional_vae(), copies))


@pytest.mark.slow
@every_door
def test_every_door_takes_weights(door):
    assert_same(trained(vae(), DOORS[door](X, X, WEIGHTS)), from_arrays("weights"))
    assert differ(from_arrays("weights"), from_arrays("x"))
    model = vae()
    assert model.evaluate(DOORS[door](X, X, WEIGHTS), return_dict=True)["kl"] == pytest.approx(
        model.evaluate(X, sample_weight=WEIGHTS, batch_size=SIZE, return_dict=True)["kl"], rel=1e-5
    )


@pytest.mark.slow
@every_door
def test_class_weights_reach_every_door(door):
    found = trained(conditional_vae(), DOORS[door](X, Y), class_weight=CLASS_WEIGHT)
    assert_same(found, from_arrays("class weights"))
    assert differ(found, from_arrays("labels"))


def broken(kind):
    x, y = X.copy(), Y.copy()
    if kind == "NaN":
        x[70, 1, 1] = np.nan
    elif kind == "bytes":
        x[64:] *= 255
    elif kind == "labels":
        y[70] = 3
    return x, y


@pytest.mark.slow
@every_door
@pytest.mark.parametrize("kind", ["NaN", "bytes", "labels"])
def test_a_later_batch_that_does_not_fit_ends_the_training_at_its_number(door, kind):
    sentences = {"NaN": "x must be finite", "bytes": "x must lie in", "labels": "y must lie in 0 … 2"}
    x, y = broken(kind)
    model = conditional_vae()
    with pytest.raises(ValueError, match=f"In batch 5 of x: {sentences[kind]}") as caught:
        model.fit(DOORS[door](x, y), verbose=0, shuffle=False)
    assert caught.value.__cause__ is None
    assert all(np.isfinite(value).all() for value in values(model.trainable_variables))
    with pytest.raises(ValueError, match=f"In batch 5 of x: {sentences[kind]}"):
        model.evaluate(DOORS[door](x, y))
    if kind == "NaN":
        counted = {"validation_steps": 6} if door == "generator" else {}
        with pytest.raises(ValueError, match=f"In batch 5 of validation_data: {sentences[kind]}"):
            model.fit(X, Y, verbose=0, validation_data=DOORS[door](x, y), **counted)


@pytest.mark.slow
@every_door
def test_symbols_outside_the_alphabet_are_refused_in_every_batch(door):
    keras.utils.set_random_seed(0)
    symbols = RNG.integers(0, 3, (96, 5)).astype("int32")
    encoder = networks.dense_gaussian_encoder((5,), 2, (8,))
    model = eager(VAE(encoder, networks.dense_decoder(2, (5, 3), (8,)), likelihoods.categorical_log_prob, seed=0))
    model.fit(DOORS[door](symbols), verbose=0)
    symbols[80] = 3
    with pytest.raises(ValueError, match="In batch 6 of x: x must lie in"):
        model.fit(DOORS[door](symbols), verbose=0, shuffle=False)


@pytest.mark.slow
@every_door
def test_evaluation_and_prediction_read_every_door(door):
    model = vae()
    assert model.evaluate(DOORS[door](X)) == pytest.approx(model.evaluate(X, batch_size=SIZE), rel=1e-5)
    np.testing.assert_allclose(model.predict(DOORS[door](X)), model.reconstruct(X), atol=1e-6)
    np.testing.assert_allclose(model.predict(DOORS[door](X), steps=2), model.reconstruct(X[:32]), atol=1e-6)
    given = conditional_vae()
    np.testing.assert_allclose(given.predict(DOORS[door](X, Y)), given.reconstruct(X, Y), atol=1e-6)


def test_a_gan_takes_no_targets():
    with pytest.raises(ValueError, match="GAN learns from x alone"):
        small_gan().fit((pair for pair in [(np.zeros((8, 2)), np.zeros((8, 2)))]), verbose=0)


@pytest.mark.slow
def test_an_endless_generator_stops_where_steps_are_counted():
    def endless():
        while True:
            yield X[:SIZE], X[:SIZE]

    model = autoencoder()
    model.fit(endless(), steps_per_epoch=5, epochs=2, verbose=0)
    assert int(to_numpy(model.optimizer.iterations)) == 10


@pytest.mark.parametrize("given", [iter(()), InOrder(X[:0]), dataset(X[:0]) if HAS["tensorflow"] else iter(())])
def test_a_pipeline_without_batches_is_refused(given):
    with pytest.raises(ValueError, match="x is a pipeline without batches"):
        vae().fit(given, verbose=0)


def test_a_batch_with_other_parts_than_the_first_is_refused():
    with pytest.raises(ValueError, match=r"In batch 2 of x: it has 1 parts .* the first had 2"):
        vae().fit((batch for batch in [(X[:16], 1 - X[:16]), X[:16]]), verbose=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 32}, "leave out batch_size"),
        ({"sample_weight": np.ones(96)}, r"batches of \(x, x, sample_weight\)"),
        ({"validation_split": 0.2}, "validation_split takes its share of an array"),
        ({"y": 1 - X}, "let it bring the targets, and give no y"),
        ({"validation_data": (InOrder(X), None, np.ones(96))}, r"batches of \(x, x, sample_weight\)"),
    ],
)
def test_what_a_pipeline_must_bring_itself_is_not_given_beside_it(options, message):
    with pytest.raises(ValueError, match=message):
        vae().fit(InOrder(X), verbose=0, **options)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ({"image": X}, r"x\['image'\]"),
        ("pictures/", "pictures"),
        (3, "x should be an array of examples, or a tf.data.Dataset"),
        (lambda: X, "got function"),
    ],
)
def test_what_is_no_data_is_named(x, message):
    with pytest.raises(ValueError, match=message):
        vae().fit(x, verbose=0)


def test_a_data_set_of_the_course_and_a_path_are_named(tmp_path):
    from course_lib import datasets

    assert what_to_give(datasets.load("digits")).endswith("hand over one of them, x.x_train.")
    with pytest.raises(ValueError, match=tmp_path.name):
        vae().fit(tmp_path, verbose=0)


@pytest.mark.skipif(not HAS["torch"], reason="needs PyTorch")
def test_torch_gives_bare_tensors_and_single_examples_too():
    import torch

    bare = torch.utils.data.DataLoader(torch.from_numpy(X), batch_size=SIZE)
    assert_same(trained(vae(), bare), from_arrays("x"))
    assert "DataLoader(x, 128)" in what_to_give(torch.utils.data.TensorDataset(torch.from_numpy(X)))


@pytest.mark.slow
@pytest.mark.skipif(not HAS["tensorflow"], reason="tf.data is TensorFlow's")
def test_shapes_that_a_dataset_has_forgotten_are_those_of_its_first_batch():
    import tensorflow as tf

    forgets = tf.data.Dataset.from_tensor_slices(X).map(lambda v: tf.py_function(lambda a: a, [v], tf.float32))
    assert_same(trained(vae(), forgets.batch(SIZE)), from_arrays("x"))
    without_signature = tf.data.Dataset.from_generator(lambda: iter([X[:48], X[48:]]), tf.float32)
    vae().fit(without_signature, verbose=0)
    with pytest.raises(ValueError, match=r"Let the pipeline make batches: dataset.batch\(128\)"):
        vae().fit(tf.data.Dataset.from_tensor_slices(X), verbose=0)


@pytest.mark.skipif(not HAS["tensorflow"], reason="tf.data is TensorFlow's")
@pytest.mark.parametrize("asked", [None, True, False])
def test_a_dataset_is_not_tuned_by_a_thread_that_its_end_must_wait_for_unless_it_was_asked_for(asked):
    import tensorflow as tf

    options = tf.data.Options()
    if asked is not None:
        options.autotune.enabled = asked
    read = Pipeline(dataset(X).with_options(options), vae().batch_contract())
    assert read.source.options().autotune.enabled is bool(asked)
    assert read.for_keras().options().autotune.enabled is bool(asked)


def test_kinds_and_lengths_are_told_apart():
    assert is_pipeline(InOrder(X))
    assert is_pipeline(batches(X))
    assert not is_pipeline(X)
    assert not is_pipeline({"x": X})
    assert length(InOrder(X)) == 6
    assert length(batches(X)) is None


def test_a_checked_pipeline_keeps_its_workers():
    source = InOrder(X, workers=3, use_multiprocessing=False, max_queue_size=4)
    checked = Pipeline(source, vae().batch_contract()).for_keras()
    assert (checked.workers, checked.use_multiprocessing, checked.max_queue_size) == (3, False, 4)
    assert checked.num_batches == 6


# --- resuming


def shuffled(seed):
    def made(*arrays):
        import tensorflow as tf

        return tf.data.Dataset.from_tensor_slices(arrays[0]).shuffle(96, seed=seed).batch(SIZE)

    return made


def counted(*arrays):
    """A generator that never repeats an epoch's order."""
    order = np.random.default_rng(5)
    while True:
        yield arrays[0][order.choice(96, SIZE)]


RESUMED = {"PyDataset": (InOrder, {}), "generator": (counted, {"steps_per_epoch": 4})}
RESUMED |= {"tf.data": (shuffled(3), {})} if HAS["tensorflow"] else {}
RESUMED |= (
    {"tf.data, steps counted": (lambda x: shuffled(3)(x).repeat(), {"steps_per_epoch": 4})} if HAS["tensorflow"] else {}
)
RESUMED |= {"DataLoader": (lambda x: loader(x, shuffle=True, generator=seeded_generator()), {})} if HAS["torch"] else {}


def seeded_generator():
    import torch

    return torch.Generator().manual_seed(7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "door", [pytest.param(door, marks=() if door == "PyDataset" else pytest.mark.exhaustive) for door in RESUMED]
)
def test_a_resumed_pipeline_comes_in_the_order_of_the_run_that_was_never_interrupted(door, tmp_path):
    make, options = RESUMED[door]

    def run(epochs, folder, x=X):
        model = vae()
        model.fit(make(x), epochs=epochs, verbose=0, callbacks=[ResumableTraining(folder)], **options)
        return values(model.trainable_variables)

    whole = run(4, tmp_path / "whole")
    run(2, tmp_path / "parts")
    for a, b in zip(whole, run(4, tmp_path / "parts"), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="in epoch 1 it gives other batches"):
        run(6, tmp_path / "parts", x=1 - X)


@pytest.mark.slow
@pytest.mark.skipif(not HAS["tensorflow"], reason="tf.data is TensorFlow's")
def test_a_run_that_is_kept_is_the_run_that_is_not(tmp_path):
    def run(*callbacks):
        model = vae()
        model.fit(shuffled(3)(X), epochs=3, verbose=0, callbacks=list(callbacks))
        return values(model.trainable_variables)

    for a, b in zip(run(), run(ResumableTraining(tmp_path)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.skipif(not HAS["tensorflow"], reason="tf.data is TensorFlow's")
def test_a_shuffle_without_a_seed_cannot_be_resumed_and_says_so(tmp_path):
    def run(epochs):
        model = vae()
        keras.utils.set_random_seed(epochs)  # another process
        model.fit(shuffled(None)(X), epochs=epochs, verbose=0, callbacks=[ResumableTraining(tmp_path)])

    run(1)
    with pytest.raises(ValueError, match=r"a shuffle needs a seed: dataset.shuffle\(10_000, seed=0\)"):
        run(2)


def test_what_cannot_be_resumed_says_what_to_give(tmp_path):
    with pytest.raises(ValueError, match=r"Say it: fit\(..., steps_per_epoch=100\)"):
        vae().fit(batches(X), verbose=0, callbacks=[ResumableTraining(tmp_path)])
    with pytest.raises(ValueError, match="leave out steps_per_epoch"):
        vae().fit(X, verbose=0, steps_per_epoch=2, callbacks=[ResumableTraining(tmp_path)])


UNFIT = {
    "bytes": np.rint(255 * X),
    "bytes, colour": np.rint(255 * X).astype("uint8"),
    "no channels": X[..., 0],
    "channels first": np.moveaxis(X, -1, 1),
    "colour": np.repeat(X, 3, axis=-1),
    "from -1": 2 * X - 1,
}


@pytest.mark.slow
@pytest.mark.skipif("tf.data" not in DOORS, reason="needs TensorFlow")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", UNFIT)
def test_the_repair_of_a_tf_data_pipeline_can_be_followed_in_the_pipeline(kind, weighted):
    import tensorflow as tf

    unfit = UNFIT[kind]
    source = dataset(unfit, X, WEIGHTS) if weighted else dataset(unfit)
    if weighted and kind == "from -1":  # noisy data may leave the range of the likelihood
        assert np.isfinite(vae().fit(source, verbose=0).history["loss"]).all()
        return
    with pytest.raises(ValueError, match=r"In batch 1 of x: .* In the pipeline: ") as refused:
        vae().fit(source, verbose=0)
    code = str(refused.value).split(" In the pipeline: ")[1].removesuffix(".")
    repaired = eval(code, {"dataset": source, "tf": tf, "np": np})
    assert np.isfinite(vae().fit(repaired, verbose=0).history["loss"]).all()


@pytest.mark.parametrize(
    "sentence",
    [
        "Standardise each column: (x - x.mean(axis=0)) / x.std(axis=0).",
        "From the least to the largest value: np.clip((x - 2.0) / 3.0, 0, 1).",
        "Reshape the data, or build the networks for its shape.",
    ],
)
def test_what_depends_on_all_the_data_is_not_repaired_batch_by_batch(sentence):
    assert in_tf_data(sentence, None) == ""
