import importlib.metadata
import importlib.util
import os
import platform
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib import runtime
from course_lib.runtime import Runtime, environment_report, has_accelerator, setup

ROOT = Path(__file__).resolve().parents[1]
NAMES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def python(code, path=ROOT, **environment):
    """Run a script of its own, and return what it wrote to standard output and to standard error."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("KERAS_BACKEND", "COURSE_PROFILE", "COURSE_SEED", "TF_CPP_MIN_LOG_LEVEL")
    }
    kept |= {"PYTHONPATH": os.pathsep.join([str(path), str(ROOT)])} | environment
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=kept,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(autouse=True)
def _no_choices(monkeypatch):
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    monkeypatch.delenv("COURSE_SEED", raising=False)


@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_the_profile_comes_from_the_environment(profile, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", profile)
    run = setup(backend=False)
    assert run.profile == profile
    assert run.pick(cpu="few", gpu="many") == {"cpu": "few", "gpu": "many"}[profile]


@pytest.mark.parametrize("profile", [None, ""])
def test_without_an_accelerator_the_profile_is_cpu(profile, monkeypatch):
    if profile is not None:
        monkeypatch.setenv("COURSE_PROFILE", profile)
    assert setup(backend=False).profile == "cpu"


@pytest.mark.parametrize("profile", ["GPU", "tpu", "fast"])
def test_an_unknown_profile_is_refused(profile, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", profile)
    with pytest.raises(ValueError, match="COURSE_PROFILE must be one of cpu, gpu") as caught:
        setup(backend=False)
    assert repr(profile) in str(caught.value)


def test_pick_wants_both_sizes_by_name():
    run = Runtime("none", "CPU (2 cores)", "gpu", 0)
    assert run.pick(cpu=5, gpu=100) == 100
    with pytest.raises(TypeError):
        run.pick(5, 100)
    with pytest.raises(TypeError):
        run.pick(cpu=5)


def test_without_a_backend_one_line_says_so(capsys):
    run = setup(seed=7, backend=False)
    (line,) = capsys.readouterr().out.splitlines()
    assert line == f"course_lib {course_lib.__version__} · no backend needed · {run.device} · profile cpu · seed 7"
    assert (run.backend, run.seed) == ("none", 7)
    assert run.device.startswith("CPU (")


def test_without_a_backend_python_and_numpy_repeat_from_the_seed():
    draws = []
    for seed in (3, 3, 4):
        setup(seed, backend=False)
        draws.append((random.random(), np.random.rand()))  # noqa: NPY002  the global stream is what is seeded
    assert draws[0] == draws[1]
    assert not set(draws[0]) & set(draws[2])


@pytest.mark.parametrize(("said", "seed"), [(None, 0), ("", 0), ("0", 0), ("2", 2), ("2147483647", 2147483647)])
def test_the_seed_comes_from_the_environment(said, seed, monkeypatch, capsys):
    if said is not None:
        monkeypatch.setenv("COURSE_SEED", said)
    run = setup(backend=False)
    from_the_environment = random.random()
    setup(seed, backend=False)
    assert (run.seed, random.random()) == (seed, from_the_environment)
    assert capsys.readouterr().out.splitlines()[0].endswith(f"· seed {seed}")


@pytest.mark.parametrize("seed", [0, 7])
def test_a_seed_in_the_call_comes_before_the_environment(seed, monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "3")
    assert setup(seed, backend=False).seed == seed


@pytest.mark.parametrize("said", ["one", "-1", "1.5", " 2", "²", "1_000", "2147483648"])
def test_an_impossible_seed_is_refused(said, monkeypatch):
    monkeypatch.setenv("COURSE_SEED", said)
    with pytest.raises(ValueError, match="COURSE_SEED must be a whole number from 0 to 2147483647") as caught:
        setup(backend=False)
    assert repr(said) in str(caught.value)


@pytest.mark.backend
def test_one_line_says_what_a_lesson_runs_on(capsys):
    import keras

    run = setup(seed=5)
    (line,) = capsys.readouterr().out.splitlines()
    name = keras.backend.backend()
    versions = f"Keras {keras.__version__} on {NAMES[name]} {importlib.metadata.version(name)}"
    assert line == f"course_lib {course_lib.__version__} · {versions} · {run.device} · profile {run.profile} · seed 5"
    assert (run.backend, run.seed) == (name, 5)
    assert run.profile == ("gpu" if has_accelerator() else "cpu")


@pytest.mark.backend
def test_everything_random_repeats_from_the_seed():
    import keras
    from keras import ops

    def draws(seed):
        setup(seed)
        dense = keras.layers.Dense(3)
        dense.build((None, 2))
        return [
            random.random(),
            np.random.rand(),  # noqa: NPY002  the global stream is what is seeded
            *ops.convert_to_numpy(keras.random.normal((3,))),
            *ops.convert_to_numpy(dense.kernel).ravel(),
            *ops.convert_to_numpy(keras.layers.Dropout(0.5)(ops.ones((20,)), training=True)),
        ]

    first, again, other = draws(3), draws(3), draws(4)
    assert first == again
    assert first[:5] != other[:5]


@pytest.mark.backend
def test_the_report_of_the_environment_is_true():
    import keras

    report = environment_report()
    assert report["course_lib"] == course_lib.__version__
    assert report["Python"] == platform.python_version()
    assert platform.machine() in report["system"]
    assert report["backend"] == keras.backend.backend()
    assert report["device"]
    for package in ("keras", "numpy", "scipy", report["backend"]):
        assert report[package] == importlib.metadata.version(package)
    assert None not in report.values()


@pytest.mark.backend
def test_a_machine_with_an_accelerator_gets_the_gpu_profile_and_names_it(monkeypatch, capsys):
    monkeypatch.setattr(runtime, "_accelerator", lambda: "NVIDIA T4")
    assert (setup().profile, setup().device) == ("gpu", "NVIDIA T4")
    assert "NVIDIA T4 · profile gpu" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_PROFILE", "cpu")
    assert setup().profile == "cpu"


@pytest.mark.parametrize("name", ["theano", "TensorFlow", "pytorch"])
def test_an_unknown_backend_is_refused_before_anything_is_loaded(name, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", name)
    with pytest.raises(ValueError, match="KERAS_BACKEND must be one of tensorflow, jax, torch") as caught:
        setup()
    assert repr(name) in str(caught.value)


@pytest.mark.parametrize("name", ["tensorflow", "jax", "torch"])
def test_a_backend_that_is_not_installed_is_named_with_the_way_to_install_it(name, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setenv("KERAS_BACKEND", name)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda module, *rest: None if module == name else found(module, *rest)
    )
    with pytest.raises(ModuleNotFoundError, match=f"asks for {name}, which is not installed") as caught:
        setup()
    assert f"pip install {name}" in str(caught.value)
    assert "unset KERAS_BACKEND" in str(caught.value)


def test_theory_loads_neither_keras_nor_a_backend():
    done = python(
        """
        import sys, course_lib
        course_lib.setup(backend=False)
        print(sorted({"keras", "tensorflow", "jax", "torch", "matplotlib"} & set(sys.modules)))
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    line, loaded = done.stdout.splitlines()
    assert "no backend needed" in line
    assert loaded == "[]"


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="needs TensorFlow, which is what talks")
def test_tensorflow_starts_without_a_word_and_errors_are_heard_again_afterwards():
    done = python(
        """
        import os, sys, course_lib
        run = course_lib.setup(seed=1)
        os.write(2, b"native messages are heard\\n")
        print("so are Python's", file=sys.stderr)
        import keras
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(keras.ops.ones((2, 1)), keras.ops.ones((2, 1)), verbose=0)
        print(run.backend, keras.backend.backend(), run.pick(cpu="small", gpu="large"))
        """,
        COURSE_PROFILE="gpu",
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == ["native messages are heard", "so are Python's"]
    line, answers = done.stdout.splitlines()
    assert line.startswith(f"course_lib {course_lib.__version__} · Keras ")
    assert line.endswith("· profile gpu · seed 1")
    assert answers == "tensorflow tensorflow large"


BROKEN_KERAS = """
import os
os.write(2, b"the driver is too old\\n")
raise ImportError("broken on purpose")
"""


def test_what_a_failing_start_wrote_is_shown(tmp_path):
    """With a Keras that writes to file descriptor 2 and breaks, and a backend that is there."""
    (tmp_path / "keras.py").write_text(BROKEN_KERAS)
    (tmp_path / "torch.py").write_text("")
    done = python("import course_lib; course_lib.setup()", path=tmp_path, KERAS_BACKEND="torch")
    assert done.returncode != 0
    assert "the driver is too old" in done.stderr
    assert "ImportError: broken on purpose" in done.stderr
    assert done.stdout == ""


def test_the_standard_error_is_kept_back_and_then_given_back(capfd):
    before = os.fstat(2)
    with runtime._quiet_start():
        os.write(2, b"noise\n")
        assert os.fstat(2).st_ino != before.st_ino
    os.write(2, b"heard\n")
    assert (os.fstat(2).st_dev, os.fstat(2).st_ino) == (before.st_dev, before.st_ino)
    assert capfd.readouterr().err == "heard\n"


def test_the_standard_error_is_given_back_after_a_failure_too(capfd):
    before = os.fstat(2)

    def start():
        with runtime._quiet_start():
            os.write(2, b"the driver is too old\n")
            raise RuntimeError("no device")

    with pytest.raises(RuntimeError, match="no device"):
        start()
    assert (os.fstat(2).st_dev, os.fstat(2).st_ino) == (before.st_dev, before.st_ino)
    assert "the driver is too old" in capfd.readouterr().err


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="lists its open files")
def test_quiet_starts_leave_no_file_open():
    def open_files():
        return len(os.listdir("/dev/fd"))  # noqa: PTH208

    before = open_files()
    for _ in range(5):
        with runtime._quiet_start():
            pass
    assert open_files() == before


def test_a_process_without_a_standard_error_starts_all_the_same():
    done = python(
        """
        import os
        from course_lib import runtime
        os.close(2)
        with runtime._quiet_start():
            print("started")
        """
    )
    assert done.stdout == "started\n"
    assert done.returncode == 0


@pytest.mark.backend
def test_a_lesson_reads_images_as_the_course_does_whatever_keras_was_told():
    import keras

    keras.config.set_image_data_format("channels_first")
    try:
        setup(seed=0)
        assert keras.config.image_data_format() == "channels_last"
        assert keras.layers.RandomTranslation(0.1, 0.1).data_format == "channels_last"
    finally:
        keras.config.set_image_data_format("channels_last")
