"""The patients of the bug clinic, and how they are planted in living functions."""

import importlib

import keras
import numpy as np
import pytest
from keras import ops

from course_lib import patients
from course_lib.formulas import standard_normal_kl
from course_lib.layers import Sampling
from course_lib.patients import PATIENTS, Patient, patient, planted
from tests.small import binary_images, small_vae


def kl():
    return float(standard_normal_kl([[2.0, 0.0]], [[0.0, 0.0]])[0])


@pytest.mark.parametrize("each", PATIENTS, ids=lambda each: each.name)
def test_every_patient_is_planted_and_cured(each):
    module = importlib.import_module(each.file.removesuffix(".py").replace("/", "."))
    before = {name: getattr(value, "__code__", None) for name, value in vars(module).items()}
    vae, x = small_vae(), binary_images(6)
    with planted(each):
        y_pred = vae(x, training=True)
        vae.compute_loss(x, y_pred=y_pred)
    assert {name: getattr(value, "__code__", None) for name, value in vars(module).items()} == before


def test_a_planted_bug_acts_where_the_function_was_imported_before_and_is_taken_out():
    assert kl() == 2.0
    with planted(patient("KL without ½")):
        assert kl() == 4.0
    assert kl() == 2.0


def test_a_planted_bug_is_taken_out_after_an_error_too():
    seen = []

    def stops():
        with planted(patient("KL averaged over latents")):
            seen.append(kl())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stops()
    assert [*seen, kl()] == [1.0, 2.0]


def test_a_layer_that_exists_has_the_bug_too():
    layer = Sampling(seed=0)
    with planted(patient("noise shared across the batch")):
        shared = ops.convert_to_numpy(layer(ops.zeros((5, 2)), ops.zeros((5, 2))))
    own = ops.convert_to_numpy(layer(ops.zeros((5, 2)), ops.zeros((5, 2))))
    assert np.ptp(shared, axis=0).max() == 0 < np.ptp(own, axis=0).min()


def test_a_model_that_is_made_inside_is_trained_with_the_bug():
    x, rates = binary_images(200), {}
    for name in ("no KL", ""):
        keras.utils.set_random_seed(0)
        with planted(patient(name)) if name else planted(patient("β ignored")):  # at β = 1 it changes nothing
            vae = small_vae()
            vae.compile(keras.optimizers.Adam(1e-2))
            rates[name] = vae.fit(x, epochs=5, batch_size=20, verbose=0).history["kl"][-1]
    assert rates["no KL"] > 1.5 * rates[""]


@pytest.mark.parametrize(
    ("before", "what"),
    [
        ("ops", "it occurs"),
        ("nowhere to be found", "it occurs 0 times"),
        ("from keras import ops\n", "inside of a function"),
    ],
)
def test_a_bug_that_cannot_be_planted_is_refused(before, what):
    with (
        pytest.raises(ValueError, match=what),
        planted(Patient("x", "course_lib/formulas/divergences.py", before, "", "tests/formulas/test_divergences.py")),
    ):
        pass


def test_a_default_is_no_part_of_the_code_that_can_be_exchanged():
    text = "class A:\n    def f(self, x=1):\n        return x\n"
    assert patients.place_of(text, "return x") == "A.f"
    with pytest.raises(ValueError, match="stands in none"):
        patients.place_of(text, "x=1")


def test_a_patient_that_is_not_there_is_refused_with_the_names_of_those_who_are():
    with pytest.raises(ValueError, match="no KL"):
        patient("no such bug")


def test_names_and_changes_are_all_different():
    assert len({each.name for each in PATIENTS}) == len({(each.file, each.after) for each in PATIENTS}) == len(PATIENTS)
    assert patients.patient("β ignored") in PATIENTS
