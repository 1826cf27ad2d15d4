import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats
from scipy.spatial.distance import cdist

from course_lib.formulas.gradients import input_gradient
from course_lib.layers import VectorQuantizer
from course_lib.layers.vector_quantizer import Perplexity, perplexity

pytestmark = pytest.mark.backend
RNG = np.random.default_rng(0)
BOOK = RNG.normal(size=(5, 3)).astype("float32")


def numbers(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def quantizer(book=BOOK, **options):
    layer = VectorQuantizer(*book.shape, seed=0, **options)
    layer.codebook.assign(book)
    if layer.ema_decay is not None:
        layer.counts.assign(np.ones(len(book)))
        layer.sums.assign(book)
    return layer


def vectors(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=(*shape, 3)).astype("float32")


@pytest.mark.parametrize("shape", [(7,), (4, 6), (2, 3, 5)])
def test_every_vector_gets_the_nearest_code(shape):
    z = vectors(*shape)
    outputs = quantizer()(z)
    codes = cdist(z.reshape(-1, 3), BOOK).argmin(axis=1)
    assert np.array_equal(numbers(outputs["codes"]).reshape(-1), codes)
    assert numbers(outputs["codes"]).shape == shape
    assert keras.backend.standardize_dtype(outputs["codes"].dtype) == "int32"
    assert numbers(outputs["quantized"]).reshape(-1, 3) == pytest.approx(BOOK[codes], abs=1e-6)


def test_both_terms_are_the_squared_distance_summed_over_the_example():
    z = vectors(4, 6)
    outputs = quantizer(commitment=0.4)(z)
    distance = cdist(z.reshape(-1, 3), BOOK, "sqeuclidean").min(axis=1).reshape(4, 6).sum(axis=1)
    assert numbers(outputs["codebook"]) == pytest.approx(distance, rel=1e-5)
    assert numbers(outputs["commitment"]) == pytest.approx(distance, rel=1e-5)
    assert numbers(outputs["loss"]) == pytest.approx(1.4 * distance, rel=1e-5)


def test_with_running_means_the_loss_is_the_commitment_alone():
    outputs = quantizer(commitment=0.4, ema_decay=0.9)(vectors(4, 6))
    assert numbers(outputs["loss"]) == pytest.approx(0.4 * numbers(outputs["commitment"]), rel=1e-6)
    assert quantizer(ema_decay=0.9).trainable_variables == []


def test_the_gradient_passes_straight_through():
    weights = ops.convert_to_tensor(RNG.normal(size=(6, 3)).astype("float32"))
    found = input_gradient(lambda z: ops.sum(weights * quantizer()(z)["quantized"], axis=(1, 2)), vectors(4, 6))
    assert numbers(found) == pytest.approx(np.broadcast_to(numbers(weights), (4, 6, 3)), abs=1e-6)


def test_the_commitment_pulls_the_vectors_to_their_code_and_the_codebook_term_does_not_move_them():
    z = vectors(4, 6)
    chosen = BOOK[cdist(z.reshape(-1, 3), BOOK).argmin(axis=1)].reshape(z.shape)
    layer = quantizer(commitment=0.4)
    assert numbers(input_gradient(lambda z: layer(z)["loss"], z)) == pytest.approx(0.8 * (z - chosen), abs=1e-5)
    assert numbers(input_gradient(lambda z: layer(z)["commitment"], z)) == pytest.approx(2 * (z - chosen), abs=1e-5)


class Gradients(keras.Model):
    """A model whose loss is one of the quantizer's terms, so that one step of SGD shows the codebook's gradient."""

    def __init__(self, layer, term):
        super().__init__()
        self.layer, self.term = layer, term

    def call(self, z):
        return self.layer(z, training=True)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(y_pred[self.term]) + 0.0 * ops.sum(self.layer.codebook)


def codebook_gradient(z, term):
    model = Gradients(quantizer(), term)
    model.compile(keras.optimizers.SGD(1.0), jit_compile=False)
    model.fit(z, batch_size=len(z), epochs=1, verbose=0)
    return BOOK - numbers(model.layer.codebook)


def test_the_codebook_term_moves_each_code_to_its_vectors_and_the_commitment_moves_no_code():
    z = vectors(4, 6)
    codes = cdist(z.reshape(-1, 3), BOOK).argmin(axis=1)
    expected = np.array([2 * (BOOK[k] - z.reshape(-1, 3)[codes == k]).sum(axis=0) for k in range(5)]) / 4
    assert codebook_gradient(z, "codebook") == pytest.approx(expected, abs=1e-5)
    assert codebook_gradient(z, "loss") == pytest.approx(expected, abs=1e-5)
    assert codebook_gradient(z, "commitment") == pytest.approx(0 * BOOK, abs=1e-7)


def test_repeating_a_batch_changes_neither_loss_nor_gradients():
    z = vectors(4, 6)
    twice = np.concatenate([z, z])
    losses = [numbers(ops.mean(quantizer()(each)["loss"])) for each in (z, twice)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert codebook_gradient(twice, "loss") == pytest.approx(codebook_gradient(z, "loss"), abs=1e-6)
    once, again = (numbers(input_gradient(lambda z: quantizer()(z)["loss"], each)) for each in (z, twice))
    assert np.array_equal(again[:4], once)


def running_means(batches, decay, book=BOOK):
    """Appendix A.1 of van den Oord et al. (2017), in NumPy."""
    counts, sums, book = np.ones(len(book)), book.astype("float64"), book.astype("float64")
    for z in batches:
        z = z.reshape(-1, 3)
        codes = cdist(z, book).argmin(axis=1)
        counts = decay * counts + (1 - decay) * np.bincount(codes, minlength=len(book))
        sums = decay * sums + (1 - decay) * np.array([z[codes == k].sum(axis=0) for k in range(len(book))])
        book = sums / counts[:, None]
    return counts, book


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
def test_codes_follow_the_running_means_of_their_vectors(decay):
    far = np.concatenate([BOOK[:4], [[50.0, 0, 0]]]).astype("float32")  # the last is nobody's nearest
    layer, batches = quantizer(far, ema_decay=decay), [vectors(4, 6, seed=seed) for seed in range(5)]
    if decay == 0:
        layer = quantizer(ema_decay=decay)
        far, batches = BOOK, [np.concatenate([batch, BOOK[None].repeat(4, 0)], axis=1) for batch in batches]
    for batch in batches:
        layer(batch, training=True)
    counts, book = running_means(batches, decay, far)
    assert numbers(layer.counts) == pytest.approx(counts, rel=1e-4)
    assert numbers(layer.codebook) == pytest.approx(book, rel=1e-4, abs=1e-5)


def test_running_means_rest_outside_training_and_depend_on_the_size_of_the_batch():
    layer = quantizer(ema_decay=0.5)
    layer(vectors(4, 6))
    layer(vectors(4, 6), training=False)
    assert np.array_equal(numbers(layer.codebook), BOOK)
    books = []
    for z in (vectors(4, 6), vectors(4, 6).repeat(2, axis=0)):
        layer = quantizer(ema_decay=0.5)
        layer(z, training=True)
        books.append(numbers(layer.codebook))
    assert not np.allclose(*books)


def test_a_code_that_nobody_uses_stays_where_it_is_however_long():
    far = np.concatenate([BOOK[:4], [[50.0, -3.0, 2.0]]]).astype("float32")
    layer = quantizer(far, ema_decay=0.1)
    for _ in range(60):  # 0.1⁶⁰ is no float32
        layer(vectors(4, 6), training=True)
    assert numbers(layer.codebook)[4] == pytest.approx(far[4], rel=1e-2)
    assert np.isfinite(numbers(layer.codebook)).all()


@pytest.mark.slow
def test_revival_puts_dead_codes_on_vectors_of_the_batch_and_raises_the_perplexity():
    book = np.tile([[100.0, 0.0, 0.0]], (16, 1)).astype("float32") + np.arange(16)[:, None]
    book[0] = 0.0  # the only one near the data
    z = vectors(8, 16)
    found = {}
    for name, revive_below in {"without": None, "with": 0.5}.items():
        layer = quantizer(book, ema_decay=0.9, revive_below=revive_below)
        for _ in range(60):
            layer(z, training=True)
        found[name] = float(perplexity(layer(z)["codes"], 16))
    assert found["without"] == pytest.approx(1.0)
    assert found["with"] > 8


def test_only_dead_codes_are_revived_and_each_takes_a_vector_of_the_batch():
    z, book = vectors(8, 16), np.concatenate([BOOK[:3], [[90.0, 0, 0], [80.0, 0, 0]]]).astype("float32")
    layer, plain = (quantizer(book, ema_decay=0.5, revive_below=below) for below in (0.6, None))
    for each in (layer, plain):
        each(z, training=True)
    revived, rested = numbers(layer.codebook), numbers(plain.codebook)
    assert np.array_equal(revived[:3], rested[:3])
    assert cdist(revived[3:], z.reshape(-1, 3)).min(axis=1) == pytest.approx([0, 0], abs=1e-6)
    assert numbers(layer.counts)[3:] == pytest.approx([0.6, 0.6])
    assert numbers(layer.sums)[3:] == pytest.approx(0.6 * revived[3:], rel=1e-5)


def test_with_revival_the_first_batch_places_every_code():
    z = vectors(8, 16) + 7.0
    layer = VectorQuantizer(32, 3, ema_decay=0.99, revive_below=1.0, seed=3)
    nearest_at_first = numbers(layer.nearest(z))
    layer(z, training=True)
    exact = cdist(numbers(layer.codebook), z.reshape(-1, 3)).min(axis=1) < 1e-5
    frequent = np.bincount(nearest_at_first.ravel(), minlength=32) >= 100  # alive: on the mean of its vectors
    assert (exact | frequent).all()
    assert np.abs(numbers(layer.codebook) - 7).max() < 5
    assert len(np.unique(numbers(layer.codebook), axis=0)) > 20  # drawn with replacement from 128


@pytest.mark.parametrize("probabilities", [(0.25, 0.25, 0.25, 0.25), (0.7, 0.1, 0.2, 0.0), (1.0, 0.0, 0.0, 0.0)])
def test_perplexity_is_the_exponential_of_the_entropy(probabilities):
    codes = np.repeat(np.arange(4), np.round(200 * np.array(probabilities)).astype(int))
    assert float(perplexity(codes.reshape(2, 100), 4)) == pytest.approx(np.exp(stats.entropy(probabilities)), rel=1e-5)


def test_the_metric_counts_over_all_batches_and_forgets_on_reset():
    metric, codes = Perplexity(6), np.random.default_rng(0).integers(0, 6, (3, 40))
    for batch in codes:
        metric.update_state(ops.convert_to_tensor(batch))
    assert float(metric.result()) == pytest.approx(np.exp(stats.entropy(np.bincount(codes.ravel()))), rel=1e-5)
    metric.reset_state()
    metric.update_state(ops.zeros((2, 3), "int32"))
    assert float(metric.result()) == pytest.approx(1.0)


def test_half_precision_names_the_same_codes():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        outputs = quantizer()(vectors(4, 6))
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.array_equal(numbers(outputs["codes"]), numbers(quantizer()(vectors(4, 6))["codes"]))
    assert keras.backend.standardize_dtype(outputs["quantized"].dtype) == "float32"


def test_a_copy_from_its_configuration_has_the_same_options():
    layer = VectorQuantizer(7, 3, commitment=0.5, ema_decay=0.9, revive_below=0.3, seed=4)
    copy = VectorQuantizer.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert np.array_equal(numbers(copy.codebook), numbers(layer.codebook))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_codes": 1}, "num_codes should be at least 2; got 1"),
        ({"code_dim": 0}, "code_dim should be at least 1; got 0"),
        ({"commitment": -1.0}, "commitment, the weight of the commitment term, must be ≥ 0; got -1.0"),
        ({"ema_decay": 1.0}, r"ema_decay must lie in \[0, 1\), such as 0.99, or be None; got 1.0"),
        ({"ema_decay": 0.9, "revive_below": 0.0}, "must be > 0; got 0.0"),
        ({"revive_below": 1.0}, "revive_below needs the running counts: give an ema_decay as well"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        VectorQuantizer(**{"num_codes": 4, "code_dim": 3, **options})


def test_vectors_of_another_length_are_refused():
    with pytest.raises(ValueError, match="expects vectors of length 3"):
        quantizer()(np.zeros((2, 4), "float32"))
