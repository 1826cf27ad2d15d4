import functools
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from course_lib import networks
from course_lib.datasets import DataError
from course_lib.models import Autoencoder
from course_lib.training.resuming import ResumableTraining, _without_names
from tests.killed import EPOCHS, IMAGES, KILLED_IN, TRAININGS, EndInTheMiddle, train
from tests.small import small_vae, values

pytestmark = pytest.mark.backend
ROOT = Path(__file__).resolve().parents[2]


def everything(model):
    """Weights, random streams and optimiser of a model."""
    return values([*model.variables, *model.optimizer.variables])


def interrupted(*arguments):
    raise KeyboardInterrupt


def new(name, seed=0):
    """A model that begins with the same weights each time."""
    keras.utils.set_random_seed(seed)
    return TRAININGS[name][0]()


@functools.cache
def uninterrupted(name):
    """A model and its training in one piece, with which the others are compared."""
    model = new(name)
    return model, train(name, model)


def train_and_interrupt(name, folder, **options):
    with pytest.raises(KeyboardInterrupt):
        train(name, new(name), EndInTheMiddle(interrupted), ResumableTraining(folder), **options)


def assert_same_training(resumed, whole):
    for name, values_of_epochs in whole[1].history.items():
        np.testing.assert_allclose(resumed[1].history[name], values_of_epochs, rtol=1e-6, err_msg=name)
    assert resumed[1].epoch == whole[1].epoch
    for variable, a, b in zip(whole[0].variables, everything(resumed[0]), everything(whole[0]), strict=False):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7, err_msg=variable.path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["autoencoder", *(pytest.param(name, marks=pytest.mark.exhaustive) for name in ("vae", "gan"))]
)
def test_a_process_killed_in_the_middle_of_an_epoch_loses_nothing(name, tmp_path):
    command = [sys.executable, "-m", "tests.killed", name, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KERAS_BACKEND": keras.backend.backend()}
    process = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    assert process.returncode not in (0, 1), "the process should have been killed"
    assert len(list(tmp_path.glob("after-epoch-*.npz"))) == KILLED_IN

    whole = uninterrupted(name)
    resumed = new(name, seed=99)  # nothing may depend on the seeds of the new process
    assert_same_training((resumed, train(name, resumed, ResumableTraining(tmp_path))), whole)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAININGS)
def test_an_interrupted_training_continues_as_if_nothing_had_happened(name, tmp_path, capsys):
    whole = uninterrupted(name)
    train_and_interrupt(name, tmp_path)
    resumed = new(name, seed=99)
    assert_same_training((resumed, train(name, resumed, ResumableTraining(tmp_path))), whole)
    assert f"Resumed after epoch {KILLED_IN} of {EPOCHS}" in capsys.readouterr().out


@pytest.mark.slow
def test_the_same_cell_run_again_goes_on_with_the_same_model_object(tmp_path):
    whole = uninterrupted("vae")
    model = new("vae")
    with pytest.raises(KeyboardInterrupt):
        train("vae", model, EndInTheMiddle(interrupted), ResumableTraining(tmp_path))
    assert_same_training((model, train("vae", model, ResumableTraining(tmp_path))), whole)


@pytest.mark.slow
def test_a_finished_training_is_restored_without_training(tmp_path, capsys):
    first = small_vae()
    history = train("vae", first, ResumableTraining(tmp_path))
    again = small_vae()
    assert_same_training((again, train("vae", again, ResumableTraining(tmp_path))), (first, history))
    assert f"Finished after epoch {EPOCHS}" in capsys.readouterr().out


@pytest.mark.exhaustive
def test_a_finished_training_goes_on_when_more_epochs_are_asked_for(tmp_path):
    whole = new("vae")
    whole = whole, train("vae", whole, epochs=EPOCHS + 2)
    train("vae", new("vae"), ResumableTraining(tmp_path))
    longer = new("vae", seed=99)
    assert_same_training((longer, train("vae", longer, ResumableTraining(tmp_path), epochs=EPOCHS + 2)), whole)


@pytest.mark.slow
def test_a_training_that_stopped_early_stays_stopped(tmp_path):
    stop = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=1e6)
    history = train("vae", small_vae(), stop, ResumableTraining(tmp_path))
    assert len(history.epoch) < EPOCHS
    assert train("vae", small_vae(), ResumableTraining(tmp_path)).epoch == history.epoch


@pytest.mark.slow
def test_a_later_fit_without_the_folder_starts_at_its_own_first_epoch(tmp_path):
    train_and_interrupt("vae", tmp_path)
    model = small_vae()
    with pytest.raises(KeyboardInterrupt):
        train("vae", model, EndInTheMiddle(interrupted), ResumableTraining(tmp_path))  # resumed, and interrupted again
    assert train("vae", model, epochs=2).epoch == [0, 1]
    train("vae", model, ResumableTraining(tmp_path))
    assert train("vae", model, epochs=2).epoch == [0, 1]


@pytest.mark.slow
def test_only_every_so_many_epochs_are_kept_and_the_last(tmp_path):
    train("vae", small_vae(), ResumableTraining(tmp_path, every=3))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after-epoch-000003.npz", "after-epoch-000005.npz"]


def in_the_largest_array(path):
    """The position of a byte that is a number's, not one of the file's own notes."""
    with zipfile.ZipFile(path) as archive:
        largest = max(archive.infolist(), key=lambda info: info.file_size)
    return largest.header_offset + 30 + len(largest.filename) + largest.file_size - 4


@pytest.mark.slow
def test_a_broken_file_is_an_error_that_names_the_one_before(tmp_path):
    train_and_interrupt("vae", tmp_path)
    newest = tmp_path / "after-epoch-000002.npz"
    whole = newest.read_bytes()
    flipped = bytearray(whole)
    flipped[in_the_largest_array(newest)] ^= 1
    for broken in (whole[: len(whole) // 2], bytes(flipped), b"", b"not an npz"):
        newest.write_bytes(broken)
        with pytest.raises(DataError, match=r"after-epoch-000002(.|\n)*resume from after-epoch-000001.npz"):
            train("vae", small_vae(), ResumableTraining(tmp_path))
    newest.unlink()
    assert len(train("vae", small_vae(), ResumableTraining(tmp_path)).epoch) == EPOCHS


@pytest.mark.slow
def test_the_only_file_broken_is_an_error_and_no_new_start(tmp_path):
    train_and_interrupt("vae", tmp_path)
    (tmp_path / "after-epoch-000001.npz").unlink()
    (tmp_path / "after-epoch-000002.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match="delete it to train from the beginning"):
        train("vae", small_vae(), ResumableTraining(tmp_path))
    assert (tmp_path / "after-epoch-000002.npz").read_bytes() == b"PK"


@pytest.mark.slow
def test_what_a_killed_process_left_unfinished_is_removed(tmp_path):
    (tmp_path / ".after-epoch-000001.npz.1-ab.part").write_bytes(b"half")
    train("vae", small_vae(), ResumableTraining(tmp_path), epochs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["after-epoch-000001.npz"]


@pytest.mark.slow
def test_a_disk_that_fills_up_leaves_the_last_epoch_whole(tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise OSError("No space left on device")

    folder = ResumableTraining(tmp_path)
    train_and_interrupt("vae", tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(np.lib.format, "write_array", full)
    with pytest.raises(OSError, match="No space"):
        train("vae", small_vae(), folder)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("difference", "model", "options"),
    [
        ("model", lambda: small_vae(beta=2.0), {}),
        ("model", lambda: small_vae(seed=7), {}),
        ("shapes of the weights", lambda: small_vae(hidden=(17,)), {}),
        ("batch_size", small_vae, {"batch_size": 20}),
        ("shuffle", small_vae, {"shuffle": False}),
        ("sample_weight", small_vae, {"sample_weight": np.ones(100)}),
    ],
)
def test_another_training_in_the_same_folder_is_refused(difference, model, options, tmp_path):
    train_and_interrupt("vae", tmp_path)
    with pytest.raises(ValueError, match=f"differs in: .*{difference}"):
        train("vae", model(), ResumableTraining(tmp_path), **options)


@pytest.mark.slow
def test_other_data_and_another_optimiser_are_refused(tmp_path):
    train_and_interrupt("vae", tmp_path)
    with pytest.raises(ValueError, match="differs in: data"):
        small_vae().fit(1 - IMAGES, batch_size=16, epochs=2, verbose=0, callbacks=[ResumableTraining(tmp_path)])
    model = small_vae()
    model.compile(keras.optimizers.Adam(0.5))
    with pytest.raises(ValueError, match="differs in: optimizer"):
        train("vae", model, ResumableTraining(tmp_path))


@pytest.mark.slow
def test_a_training_of_another_backend_is_refused(tmp_path):
    train_and_interrupt("vae", tmp_path)
    newest = max(tmp_path.glob("*.npz"))
    with np.load(newest) as kept:
        arrays = dict(kept)
    facts = json.loads(arrays["facts"].tobytes())
    facts["identity"]["backend"] = "another"
    np.savez(newest, **arrays | {"facts": np.frombuffer(json.dumps(facts).encode(), "uint8")})
    with pytest.raises(ValueError, match="differs in: backend"):
        train("vae", small_vae(), ResumableTraining(tmp_path))


def test_the_counted_names_of_keras_do_not_make_another_training():
    first = _without_names(Autoencoder(*named_networks("a")).get_config())
    assert json.dumps(first) == json.dumps(_without_names(Autoencoder(*named_networks("b")).get_config()))


def named_networks(name):
    encoder = keras.Sequential(
        [keras.Input((2,), name=f"in_{name}"), keras.layers.Dense(1, name=name)], name=f"e_{name}"
    )
    return encoder, networks.dense_decoder(1, (2,), ())


@pytest.mark.parametrize("every", [0, -1, 1.5, "epoch"])
def test_every_must_be_a_number_of_epochs(every):
    with pytest.raises(ValueError, match="every must be an integer ≥ 1"):
        ResumableTraining("folder", every=every)


@pytest.mark.slow
def test_pipelines_resume_too(tmp_path):
    """Their order is theirs; everything else continues."""

    class Two(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return (IMAGES[50 * index : 50 * index + 50],)

    whole, first, resumed = new("vae"), new("vae"), new("vae", seed=99)
    whole.fit(Two(), epochs=2, verbose=0, shuffle=False)
    first.fit(Two(), epochs=1, verbose=0, shuffle=False, callbacks=[ResumableTraining(tmp_path)])
    resumed.fit(Two(), epochs=2, verbose=0, shuffle=False, callbacks=[ResumableTraining(tmp_path)])
    for a, b in zip(everything(resumed), everything(whole), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
