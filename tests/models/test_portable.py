import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from course_lib import networks
from course_lib.formulas import adversarial, gradient_penalties, likelihoods, penalties
from course_lib.models import GAN, VAE, Autoencoder
from tests.small import IMAGE, binary_images, data_of, every_model, small_gan, small_vae, values

pytestmark = pytest.mark.backend

ROOT = Path(__file__).resolve().parents[2]
MODELS = every_model()
X = binary_images(16)


def laplace(x, mean):
    return -ops.sum(ops.abs(x - mean), axis=(1, 2, 3))


class Laplace:
    """A likelihood with a number of its own."""

    def __init__(self, scale):
        self.scale = scale

    def __call__(self, x, mean):
        return -ops.sum(ops.abs(x - mean), axis=(1, 2, 3)) / self.scale

    def get_config(self):
        return {"scale": self.scale}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def own_objective(real, fake, generated):
    return adversarial.hinge(real, fake, generated)


class OwnPenalty(penalties.Penalty):
    def __call__(self, encoder, x, codes):
        return self.weight * ops.sum(ops.abs(codes), axis=-1)


FACTS = likelihoods.Likelihood(mean=lambda mean: mean)


@pytest.fixture
def nobody_registered():
    """What a test registers with Keras is forgotten after it."""
    names, objects = keras.src.saving.object_registration.GLOBAL_CUSTOM_NAMES, keras.saving.get_custom_objects()
    before = dict(names), dict(objects)
    yield
    for now, then in zip((names, objects), before, strict=True):
        now.clear()
        now.update(then)


def are_same(one, another):
    answers = [np.concatenate([each.ravel() for each in values(model.trainable_variables)]) for model in (one, another)]
    return np.array_equal(*answers) and type(one) is type(another)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_export_says_what_can_be_exported(name, tmp_path):
    model = MODELS[name]
    for arguments in ({}, {"format": "onnx"}, {"verbose": False}):
        with pytest.raises(ValueError, match=f"^{name} should be exported network by network; got") as caught:
            model.export(tmp_path / "exported", **arguments)
    assert not list(tmp_path.iterdir())
    calls = str(caught.value).split("Export what you serve: ")[1].split(". To keep")[0].split(", ")
    assert len(calls) == sum(
        hasattr(model, each) for each in ("encoder", "decoder", "generator", "discriminator", "network")
    )
    if keras.backend.backend() == "tensorflow":
        for call in calls:
            eval(call.replace("(path)", "(path, verbose=False)"), {"model": model, "path": str(tmp_path / call[:12])})
        assert len(list(tmp_path.iterdir())) == len(calls)


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a SavedModel is read by TensorFlow")
def test_an_exported_decoder_makes_what_the_model_makes(tmp_path):
    import tensorflow as tf

    vae = small_vae()
    vae.fit(X, epochs=1, verbose=0)
    vae.decoder.export(str(tmp_path / "decoder"), verbose=False)
    z = np.ones((3, 2), "float32")
    exported = tf.saved_model.load(str(tmp_path / "decoder"))  # its variables live as long as it does
    served = exported.serve(z).numpy()
    assert 1 / (1 + np.exp(-served)) == pytest.approx(vae.decode(z), abs=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_saved_and_loaded(name, tmp_path):
    model = MODELS[name]
    if not model.built:
        model.fit(*data_of(name), epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    assert are_same(model, keras.saving.load_model(tmp_path / "model.keras"))


def test_the_old_format_is_refused_before_anything_is_written(tmp_path):
    for end in ("model.h5", "model.hdf5"):
        with pytest.raises(ValueError, match=r"got .*model\.h.*end in .keras"):
            small_vae().save(tmp_path / end)
    assert not list(tmp_path.iterdir())


def with_own(part):
    """A model with one part of its user's."""
    if part in ("objective", "objective lambda", "penalty of a GAN"):
        objectives = {"objective": own_objective, "objective lambda": lambda *logits: adversarial.hinge(*logits)}
        generator = networks.dense_generator(2, (2,), (4,), output_activation=None)
        judge, penalty = networks.dense_discriminator((2,), (4,)), _slope if part == "penalty of a GAN" else None
        return GAN(generator, judge, objectives.get(part, adversarial.hinge), penalty=penalty)
    coders = networks.dense_encoder(IMAGE, 2, (4,)), networks.dense_decoder(2, IMAGE, (4,))
    return Autoencoder(*coders, penalty={"penalty": OwnPenalty(0.1)}.get(part, _of_codes))


def _of_codes(encoder, x, codes):
    return ops.sum(ops.square(codes), axis=-1)


class _Slope(gradient_penalties.R1):
    pass


_slope = _Slope(1.0)
OWN = ["objective", "objective lambda", "penalty of a GAN", "penalty", "penalty by a function"]


@pytest.mark.parametrize("part", OWN)
def test_a_part_of_ones_own_that_could_not_be_loaded_is_refused_before_anything_is_written(
    part, tmp_path, nobody_registered
):
    model, path = with_own(part), tmp_path / "model.keras"
    path.write_text("the last good copy")
    with pytest.raises(ValueError, match=r"would be saved, but could not be loaded: its (objective|penalty)") as caught:
        model.save(path)
    assert path.read_text() == "the last good copy"
    with pytest.raises(ValueError, match=r"could not be loaded.*call model.save\(path\).*already emptied its file"):
        keras.saving.save_model(model, tmp_path / "other.keras")
    assert "emptied" not in str(caught.value)
    code = str(caught.value).rsplit(": ", 1)[1].removesuffix(".")
    if "lambda" in part:
        assert code == "model.objective = my_function"
        model.objective = own_objective
        code = "keras.saving.register_keras_serializable()(model.objective)"
    eval(code, {"keras": keras, "model": model})  # the repair runs on the trained model
    model.save(path)
    assert are_same(model, keras.saving.load_model(path))


def test_a_checkpoint_of_a_model_that_could_not_be_loaded_is_refused(tmp_path, nobody_registered):
    model = with_own("penalty")
    saving = keras.callbacks.ModelCheckpoint(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="could not be loaded"):
        model.fit(X, epochs=1, verbose=0, callbacks=[saving])
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_registered_likelihood_is_saved_and_loaded(tmp_path, nobody_registered):
    likelihoods.register(laplace, FACTS)
    model = small_vae(log_likelihood=laplace)
    model.fit(X, epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.log_likelihood is laplace
    assert loaded.reconstruct(X) == pytest.approx(model.reconstruct(X), abs=1e-6)


def test_a_registered_object_speaks_for_its_class(tmp_path, nobody_registered):
    likelihoods.register(Laplace(0.5), FACTS)
    model = small_vae(log_likelihood=Laplace(0.25))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.log_likelihood.scale == 0.25
    assert loaded.reconstruct(X).shape == X.shape


@pytest.mark.slow
def test_a_likelihood_without_a_name_trains_and_is_not_saved(tmp_path):
    nameless = likelihoods.register(lambda x, mean: laplace(x, mean), FACTS)
    model = small_vae(log_likelihood=nameless)
    model.fit(X, epochs=1, verbose=0)
    with pytest.raises(
        ValueError, match=r"its log_likelihood, '<lambda>', is a lambda.*model.log_likelihood = my_function"
    ):
        model.save(tmp_path / "model.keras")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("function", "facts"), [("laplace", FACTS), (laplace, lambda mean: mean), (laplace, None)])
def test_what_cannot_be_registered_is_refused(function, facts):
    with pytest.raises(ValueError, match="register takes a function"):
        likelihoods.register(function, facts)


def test_a_model_whose_function_is_not_known_says_which_one_is_missing(tmp_path, nobody_registered):
    likelihoods.register(laplace, FACTS)
    small_vae(log_likelihood=laplace).save(tmp_path / "model.keras")
    keras.saving.get_custom_objects().pop("own>laplace")
    with pytest.raises(
        ValueError, match=r"saved with a log_likelihood of its user's, 'laplace'.*likelihoods\.register"
    ):
        keras.saving.load_model(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", custom_objects={"own>laplace": laplace})
    assert loaded.log_likelihood is laplace


PROGRAM = """
import sys
import keras
from keras import ops
from course_lib import networks
from course_lib.formulas import likelihoods
from course_lib.models import VAE
from tests.small import binary_images, small_vae

def laplace(x, mean):
    return -ops.sum(ops.abs(x - mean), axis=(1, 2, 3))

if "save" not in sys.argv:
    try:
        keras.saving.load_model(sys.argv[1])
    except ValueError as error:
        print(error)
likelihoods.register(laplace, likelihoods.Likelihood(mean=lambda mean: mean))
if "save" in sys.argv:
    small_vae(log_likelihood=laplace).save(sys.argv[1])
else:
    print(keras.saving.load_model(sys.argv[1]).reconstruct(binary_images(2)).shape)
"""


@pytest.mark.exhaustive
def test_a_registered_likelihood_is_loaded_in_another_session(tmp_path):
    def run(*words):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "model.keras"), *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run("save").returncode == 0
    before, after = run().stdout.split("\n")[-3:-1]
    assert "'laplace', which is not known in this session" in before
    assert after == "(2, 4, 4, 1)"


def test_what_the_course_brings_is_saved_as_before(tmp_path):
    gan = small_gan()
    gan.save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").objective is adversarial.non_saturating
    vae = VAE(*[getattr(small_vae(), name) for name in ("encoder", "decoder")], likelihoods.gaussian(0.25))
    vae.save(tmp_path / "vae.keras")
    assert keras.saving.load_model(tmp_path / "vae.keras").log_likelihood.variance == 0.25
