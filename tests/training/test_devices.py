"""Several devices: the same training as on one, and refused in words where it would not be."""

import json
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from course_lib.contracts import BatchContract, DataContract
from course_lib.contracts.batches import Batch
from course_lib.training import ResumableTraining, devices, resuming
from course_lib.training.devices import Shares, require_equal_share, require_equal_shares, shares
from course_lib.training.model import _own_share
from course_lib.training.pipelines import Pipeline
from course_lib.training.resident import EpochBatches
from tests.small import binary_images, every_model, small_vae

pytestmark = pytest.mark.backend
BACKEND = keras.backend.backend()
MODELS = list(every_model())
TOGETHER = ["VAE", "VQVAE", "GAN"]  # what two processes train


@pytest.fixture
def shared_by(monkeypatch):
    """A function that sets a distribution of so many devices, which no backend is asked to use."""

    def by(number, processes=1, process=0):
        mesh = SimpleNamespace(axis_names=["model", "batch"], shape=(3, number))
        distribution = SimpleNamespace(device_mesh=mesh, batch_dim_name="batch")
        monkeypatch.setattr(keras.distribution, "distribution", lambda: distribution)
        monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
        monkeypatch.setattr(devices, "_processes", lambda: (processes, process))

    return by


def test_a_distribution_says_who_shares_a_batch(shared_by):
    assert shares() == Shares(1, 1, 0)
    shared_by(4, processes=2, process=1)
    assert shares() == Shares(4, 2, 1)


@pytest.mark.parametrize(
    ("n", "batch_size", "words"),
    [
        (20, 10, r"batch_size must be a multiple of 4; got 10. Give batch_size=8"),
        (20, 3, r"got 3. Give batch_size=4"),
        (22, 8, r"the last batch must have a multiple of 4 examples; got 6 .*Leave some out: x\[:20\]"),
    ],
    ids=["uneven", "fewer than devices", "uneven at the end"],
)
def test_batches_without_equal_shares_are_refused_before_the_training(n, batch_size, words, shared_by):
    shared_by(4)
    require_equal_shares(20, 8)
    with pytest.raises(ValueError, match=words):
        EpochBatches(np.arange(n), batch_size)


def test_a_batch_of_a_pipeline_is_shared_by_the_devices_of_this_process(shared_by):
    shared_by(4, processes=2)
    require_equal_share(6)
    batches = (np.zeros((size, 2), "float32") for size in (6, 6, 5))
    read = Pipeline(batches, BatchContract("Autoencoder", DataContract((2,)))).for_keras()
    assert [len(next(read)[0]) for _ in range(2)] == [6, 6]
    with pytest.raises(ValueError, match=r"In batch 3 of x: 2 devices share .*; got 5.*drop_remainder"):
        next(read)


def test_the_processes_read_each_batch_together_once_and_in_its_order(shared_by):
    options = {"x": np.arange(20), "batch_size": 8, "seed": 5, "sample_weight": np.arange(20.0)}
    whole = EpochBatches(**options)
    wanted = [whole[i][0].tolist() for i in range(3)]
    read = []
    for process in (0, 1):
        shared_by(4, 2, process)
        own = EpochBatches(**options)
        assert len(own) == 3
        assert all((own[i][0] == own[i][2]).all() for i in range(3))
        read.append([own[i][0].tolist() for i in range(3)])
    assert [first + second for first, second in zip(*read, strict=True)] == wanted


def test_one_batch_by_hand_is_shared_too(shared_by):
    shared_by(4, 2, 1)
    assert _own_share(Batch(np.arange(8)))[0].tolist() == [4, 5, 6, 7]
    with pytest.raises(ValueError, match="multiple of 4; got 6"):
        _own_share(Batch(np.arange(6)))


@pytest.mark.parametrize("process", [0, 1])
def test_of_several_processes_the_first_one_keeps_the_training_and_all_wait(process, monkeypatch, tmp_path):
    waited = []
    monkeypatch.setattr(resuming, "shares", lambda: Shares(2, 2, process))
    monkeypatch.setattr(resuming, "wait_for_all", waited.append)
    left = tmp_path / ".another.part"
    left.touch()
    small_vae().fit(binary_images(16), epochs=2, verbose=0, callbacks=[ResumableTraining(tmp_path)])
    names = sorted(path.name for path in tmp_path.iterdir())
    kept = ["after-epoch-000001.npz", "after-epoch-000002.npz"]
    assert names == (kept if process == 0 else [left.name])
    assert waited == ["kept after epoch 1", "kept after epoch 2", "kept after epoch 2"]


@pytest.mark.skipif(BACKEND == "jax", reason="there it divides the work")
def test_a_distribution_that_would_divide_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(keras.distribution, "distribution", lambda: SimpleNamespace())
    made, x = small_vae(), binary_images(16)
    for call in (made.fit, made.evaluate, made.train_on_batch, made.test_on_batch):
        with pytest.raises(ValueError, match=rf"with JAX; got a SimpleNamespace on {BACKEND}.*KERAS_BACKEND=jax"):
            call(x)


# --- on JAX, in processes of their own


def started(file, models, *words):
    command = [sys.executable, "-m", "tests.on_devices", str(file), *models, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ))


def read_all(*running):
    for file, process in running:
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said[-3000:]
        yield json.loads(file.read_text("utf-8"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """What came of every model without a distribution, and on two devices."""
    folder = tmp_path_factory.mktemp("devices")
    files = folder / "one.json", folder / "two.json"
    one, two = started(files[0], MODELS), started(files[1], MODELS, "--devices", 2)
    return tuple(read_all((files[0], one), (files[1], two)))


def require_same(found, wanted, devices, tolerance):
    assert (found["devices"], wanted["devices"]) == (devices, 1)
    for part in ("history", "evaluation", "one batch"):
        assert found[part].keys() == wanted[part].keys()
        for name in wanted[part]:
            assert found[part][name] == pytest.approx(wanted[part][name], rel=tolerance, abs=tolerance), (part, name)
    for part in ("samples", "weights"):
        assert found[part] == pytest.approx(wanted[part], rel=tolerance, abs=tolerance), part


@pytest.mark.slow
@pytest.mark.skipif(BACKEND != "jax", reason="distributions are JAX's")
@pytest.mark.parametrize("name", MODELS)
def test_two_devices_train_what_one_trains(name, trained):
    one, two = trained
    require_same(two[name], one[name], devices=2, tolerance=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(BACKEND != "jax", reason="distributions are JAX's")
def test_two_processes_of_two_devices_go_on_with_the_training_of_one_device_and_end_where_it_ends(trained, tmp_path):
    options = ["--folder", tmp_path / "runs"]
    first = tmp_path / "first.json"
    list(read_all((first, started(first, TOGETHER, *options, "--epochs", 1))))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    files = [tmp_path / f"{process}.json" for process in (0, 1)]
    together = [*options, "--devices", 2, "--process"]
    running = [started(file, TOGETHER, *together, i, 2, port) for i, file in enumerate(files)]
    for process in list(read_all(*zip(files, running, strict=True))):
        for name in TOGETHER:
            require_same(process[name], trained[0][name], devices=4, tolerance=1e-5)
    kept = [sorted(path.name for path in (tmp_path / "runs" / name).iterdir()) for name in TOGETHER]
    assert kept == [["after-epoch-000001.npz", "after-epoch-000002.npz"]] * len(TOGETHER)
