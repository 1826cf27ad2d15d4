"""The lesson that trains a GAN keeps one training on the mounted drive: what its own cells do with and without one."""

import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tests.killed import KILLED_IN

ROOT = Path(__file__).resolve().parents[1]
[SOURCE] = (ROOT / "notebooks" / "source").glob("*_training_a_gan.py")
EPOCHS = 4
KILLED = """\
import sys
from tests.killed import EndInTheMiddle, kill_this_process
from tests.test_lesson_training_a_gan import train
train(sys.argv[1], EndInTheMiddle(kill_this_process))
"""


def cells():
    """The code cells of the lesson."""
    parts = SOURCE.read_text("utf-8").split("\n# %%")
    return [part.partition("\n")[2] for part in parts if not part.startswith(" [markdown]")]


def training_code(drive):
    """What the lesson imports, its digits and its DCGAN's training, shorter and with the drive elsewhere."""
    [training] = [cell for cell in cells() if "ResumableTraining(" in cell]
    [before] = [cell for cell in cells() if "def dcgan(" in cell]
    shorter = {
        "/content/drive/MyDrive": str(drive),
        "cpu=18": f"cpu={EPOCHS}",
        "callbacks=[best, *kept]": "callbacks=[*others, best, *kept]",
    }
    for old, new in shorter.items():
        assert training.count(old) == 1, old
        training = training.replace(old, new)
    assert training.count("every=6") == 2
    imports = [node for cell in cells() if "%" not in cell for node in ast.parse(cell).body]
    imports = [ast.unparse(node) for node in imports if isinstance(node, (ast.Import, ast.ImportFrom))]
    return "\n".join([*imports, before, training.replace("every=6", "every=1")])


def train(drive, *others):
    """Run these cells; return their names."""
    run = SimpleNamespace(seed=0, profile="cpu", pick=lambda cpu, gpu: cpu)
    names = {"run": run, "others": others}
    exec(training_code(drive), names)
    return names


def kept_in(drive):
    return sorted(path.name for path in Path(drive).rglob("*") if path.is_file())


@pytest.mark.exhaustive
def test_the_training_outlives_its_session_where_there_is_a_drive(tmp_path, capfd):
    whole = train(tmp_path / "no drive")
    assert not (tmp_path / "no drive").exists(), "without a drive nothing is written"
    assert whole["best"].best_epoch == EPOCHS, "else a resumed run could not find it"
    drive = tmp_path / "MyDrive"
    drive.mkdir()
    done = subprocess.run([sys.executable, "-c", KILLED, str(drive)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert kept_in(drive) == [f"after-epoch-{epoch:06d}.npz" for epoch in range(1, KILLED_IN + 1)]
    keras.backend.clear_session()
    resumed = train(drive)
    assert f"Resumed after epoch {KILLED_IN} of {EPOCHS}" in capfd.readouterr().out
    assert list(resumed["best"].scores) == list(range(KILLED_IN + 1, EPOCHS + 1))
    again = train(drive)
    assert f"Finished after epoch {EPOCHS} of {EPOCHS}" in capfd.readouterr().out
    for other in (resumed, again):
        assert other["score"] == pytest.approx(whole["score"], rel=1e-5)
        for a, b in zip(whole["convolutional"].get_weights(), other["convolutional"].get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def test_the_lesson_keeps_it_in_a_folder_of_its_own_for_each_profile():
    [training] = [cell for cell in cells() if "ResumableTraining(" in cell]
    assert 'folder = drive / "generative-models-course" / "trainings" / f"training_a_gan_{run.profile}"' in training
    assert "[best, *kept]" in training, "KeepBest comes first: its best weights are what is kept at the end"
