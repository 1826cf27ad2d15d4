import keras
import numpy as np
import pytest

from course_lib.training import restart
from tests.small import binary_images, data_of, every_model, small_gan, small_vae, values

pytestmark = pytest.mark.backend
X = binary_images(64)
POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
MAKERS = {"VAE": (small_vae, X), "GAN": (small_gan, POINTS)}


def fresh(name, seed):
    keras.utils.set_random_seed(seed)
    return MAKERS[name][0](seed=seed)


def trained(name, model, seed):
    """Everything that is known after a training: weights, random streams, optimiser, and a look at the same data."""
    keras.utils.set_random_seed(seed)
    model.fit(MAKERS[name][1], batch_size=16, epochs=3, verbose=0)
    return [
        *values([*model.weights, *model.optimizer.variables]),
        model.evaluate(MAKERS[name][1], return_dict=True)["loss"],
    ]


@pytest.mark.parametrize("name", MAKERS)
def test_a_training_begun_anew_is_the_training_of_a_fresh_model(name):
    other = fresh(name, 5)
    other.compile()
    expected = trained(name, other, 5)
    model = fresh(name, 1)
    model.compile()
    first = trained(name, model, 1)
    start = fresh(name, 5)
    before = values(start.weights)
    restart(model, start)
    found = trained(name, model, 5)
    for one, exact in zip(found, expected, strict=True):
        assert one == pytest.approx(exact, abs=1e-6)
    assert any(not np.array_equal(a, b) for a, b in zip(first, found, strict=True))  # another start is another training
    for kept, untouched in zip(before, values(start.weights), strict=True):
        assert np.array_equal(kept, untouched)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", list(every_model()))
def test_every_model_can_begin_anew(name):
    def made(seed):
        keras.utils.set_random_seed(seed)
        return every_model()[name]

    def known(model, seed):
        keras.utils.set_random_seed(seed)
        model.fit(*data_of(name), batch_size=16, epochs=2, verbose=0)
        return values([*model.weights, *model.optimizer.variables])

    other, model = made(5), made(1)
    other.compile()
    model.compile()
    expected, _ = known(other, 5), known(model, 1)
    restart(model, made(5))
    for one, exact in zip(known(model, 5), expected, strict=True):
        assert one == pytest.approx(exact, abs=1e-6)


def test_a_model_that_was_not_trained_may_begin_anew_too():
    model, start = fresh("VAE", 1), fresh("VAE", 2)
    restart(model, start)
    assert all(np.array_equal(a, b) for a, b in zip(values(model.weights), values(start.weights), strict=True))


def test_other_networks_are_refused():
    with pytest.raises(ValueError, match="Build both with the same function"):
        restart(small_vae(), small_vae(hidden=(17,)))
    with pytest.raises(ValueError, match="Build both with the same function"):
        restart(small_vae(), small_vae(hidden=(16, 16)))
