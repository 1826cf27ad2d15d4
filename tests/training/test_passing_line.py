"""A quiet training shows a person in a notebook that it lives, on a line that goes when the cell ends."""

import inspect
import json
import re
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from course_lib import runtime
from course_lib.training import Progress, passing_line
from course_lib.training import model as training
from course_lib.training.callbacks import watches_batches
from course_lib.training.passing_line import CellLine, PassingLine, watch_plain_keras, with_a_sign_of_life
from tests.small import binary_images, small_vae

ROOT = Path(__file__).resolve().parents[2]
DATA = binary_images(48)

pytestmark = pytest.mark.backend


class Notebook:
    """A notebook that a person works in: `cells` holds, for each display, all that it has shown."""

    def __init__(self):
        self.kernel, self.cells, self.waiting = object(), [], []
        self.parent_header = {"metadata": {"cellId": "training"}}
        self.events = SimpleNamespace(
            register=lambda event, function: self.waiting.append((event, function)),
            unregister=lambda event, function: self.waiting.remove((event, function)),
        )

    def display(self, content, raw, display_id):
        assert raw
        assert display_id
        states = [content]
        self.cells.append(states)
        return SimpleNamespace(update=lambda content, raw: states.append(content))

    def end_cell(self):
        for event, function in list(self.waiting):
            assert event == "post_run_cell"
            function(None)

    def words(self):
        return [[state["text/plain"] for state in states] for states in self.cells]


@pytest.fixture
def notebook(monkeypatch):
    made = Notebook()
    display = pytest.importorskip("IPython.display")
    monkeypatch.setattr(display, "display", made.display)
    monkeypatch.setattr(passing_line, "shell_of_a_person", lambda: made)
    monkeypatch.setattr(passing_line, "_PAUSE", 0.0)
    yield made
    made.end_cell()


def fit(model=None, **options):
    return (model or small_vae()).fit(DATA, **{"epochs": 3, "verbose": 0, "batch_size": 16} | options)


def test_a_person_sees_each_epoch_with_its_losses_and_nothing_when_the_cell_has_ended(notebook, capsys):
    losses = fit().history["loss"]
    [states] = notebook.words()
    assert states[0] == "epoch 1/3"
    ends = [state for state in states if re.match(r"epoch \d/3  ", state)]
    assert [float(state.split("loss ")[1].split()[0]) for state in ends] == pytest.approx(losses, rel=1e-3)
    notebook.end_cell()
    assert notebook.cells[0][-1] == {"text/plain": "", "text/html": ""}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("eagerly", [False, True])
def test_within_a_long_epoch_the_line_goes_on(notebook, eagerly):
    model = small_vae()
    model.compile(steps_per_execution=2 if keras.backend.backend() != "torch" else 1, run_eagerly=eagerly)
    losses = fit(model, epochs=2, batch_size=6).history["loss"]  # eight steps an epoch
    [states] = notebook.words()
    assert states[0] == "epoch 1/2"
    steps = [state for state in states if "step" in state]
    every = 1 if keras.backend.backend() == "torch" else 2
    numbers = [number for number in range(1, 9, every) if number > 1]
    assert [re.match(r"epoch (\d)/2, step (\d)/8", state).groups() for state in steps] == [
        (str(epoch), str(number)) for epoch in (1, 2) for number in numbers
    ]
    assert steps[0] == f"epoch 1/2, step {numbers[0]}/8"  # no loss is known yet
    loss = steps[-1].split("(epoch 1: loss ")[1].split()[0]
    assert float(loss) == pytest.approx(losses[0], rel=1e-3)


def plain_model():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def watched():
    assert "fit" not in vars(keras.Model)
    watch_plain_keras()
    yield
    del keras.Model.fit


def test_a_plain_keras_model_has_the_line_too_and_is_trained_as_before(notebook, watched):
    x, y = np.ones((12, 4), "float32"), np.ones((12, 2), "float32")

    def history(**options):
        keras.utils.set_random_seed(0)
        return plain_model().fit(x, y, batch_size=4, epochs=2, **options).history["loss"]

    losses = history(verbose=0)
    [states] = notebook.words()
    assert states[0] == "epoch 1/2"
    assert "epoch 1/2, step 3/3" in states
    assert [float(state.split("loss ")[1]) for state in states if re.match(r"epoch \d/2  ", state)] == pytest.approx(
        losses, rel=1e-3
    )
    notebook.end_cell()
    assert notebook.words()[0][-1] == ""
    del keras.Model.fit
    assert history(verbose=0) == losses
    watch_plain_keras()


def test_keras_own_display_and_callbacks_are_left_alone(notebook, watched, capsys):
    x, y, epochs = np.ones((4, 4), "float32"), np.ones((4, 2), "float32"), []
    mine = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epochs.append(epoch))
    plain_model().fit(x, y, verbose=2, callbacks=mine)
    assert notebook.cells == []
    assert "loss" in capsys.readouterr().out
    plain_model().fit(x, y, verbose=0, callbacks=mine)
    assert (epochs, len(notebook.cells)) == ([0, 0], 1)
    model = plain_model()
    model.fit(x, y, verbose=0, callbacks=keras.callbacks.CallbackList([mine], add_history=True, model=model))
    assert epochs == [0, 0, 0]
    with pytest.raises(TypeError, match="unexpected keyword argument 'epoch'"):
        plain_model().fit(x, y, verbose=0, epoch=3)


def test_a_model_of_the_course_has_one_line_where_plain_keras_is_watched_too(notebook, watched):
    watch_plain_keras()  # a set-up cell that is run again
    fit(epochs=1)
    assert [state for state in notebook.words()[0] if "loss" not in state and "step" not in state] == ["epoch 1/1"]
    assert inspect.signature(keras.Model.fit).parameters["epochs"].default == 1  # what Shift-Tab shows


def test_all_trainings_of_a_cell_share_one_line_and_are_counted(notebook):
    for _ in range(3):
        fit(epochs=1)
    [states] = notebook.words()
    firsts = [state for state in states if "loss" not in state and "step" not in state]
    assert firsts == ["epoch 1/1", "training 2, epoch 1/1", "training 3, epoch 1/1"]


def test_the_next_cell_has_a_line_of_its_own_and_counts_anew(notebook):
    for _ in range(2):
        fit(epochs=1)
        notebook.end_cell()
        assert notebook.waiting == []
    assert [states[0] for states in notebook.words()] == ["epoch 1/1", "epoch 1/1"]


def test_after_an_interrupt_the_line_goes_too(notebook, monkeypatch):
    monkeypatch.setattr(training, "in_a_notebook", lambda: True)
    monkeypatch.setattr(training.UnsupervisedModel, "_interrupted_at", -float("inf"))

    def interrupted(epoch, logs):
        raise KeyboardInterrupt

    fit(callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=interrupted)])
    notebook.end_cell()
    assert notebook.words()[0][-1] == ""


def test_the_line_changes_no_faster_than_one_reads(notebook, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(passing_line, "_PAUSE", 0.3)
    monkeypatch.setattr(passing_line.time, "monotonic", lambda: now[0])
    line = CellLine(notebook)
    for tenth in range(10):
        now[0] = tenth / 10
        if line.is_due():
            line.show(str(tenth))
    assert notebook.words() == [["0", "3", "6", "9"]]
    CellLine.running = line
    line.end()


@pytest.mark.parametrize("options", [{"verbose": "auto"}, {"callbacks": [Progress()]}])
def test_where_progress_is_shown_there_is_no_second_line(notebook, options):
    fit(**options)
    assert notebook.cells == []


def test_where_no_person_waits_there_is_none(capsys, monkeypatch):
    assert with_a_sign_of_life([]) == []
    fit()
    assert capsys.readouterr().out == ""
    program = Notebook()
    program.parent_header = {"metadata": {}}  # nbclient and nbval name no cell
    monkeypatch.setattr(passing_line, "shell_of_a_person", lambda: runtime.shell_of_a_person(program))
    assert with_a_sign_of_life([]) == []


def test_the_set_up_cell_watches_plain_keras_where_a_person_works_and_nowhere_else(monkeypatch, capsys):
    for shell, watches in ((None, False), (Notebook(), True)):
        monkeypatch.setattr(runtime, "shell_of_a_person", lambda shell=shell: shell)
        runtime.setup(seed=0)
        assert ("fit" in vars(keras.Model)) is watches
    del keras.Model.fit
    runtime.setup(seed=0, backend=False)  # a lesson of pure theory
    assert "fit" not in vars(keras.Model)


def test_the_training_is_the_same_with_the_line(notebook, monkeypatch):
    assert not watches_batches(PassingLine(CellLine(notebook)))  # so that 32 steps run in one execution as before

    def weights():
        keras.utils.set_random_seed(0)
        model = small_vae()
        fit(model)
        return model.get_weights()

    with_line = weights()
    assert notebook.cells != []
    monkeypatch.setattr(passing_line, "shell_of_a_person", lambda: None)
    for one, other in zip(with_line, weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_stored_lessons_have_no_such_line():
    found = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                shown = "".join(output.get("data", {}).get("text/html", "none"))
                found += [path.name] if re.fullmatch(r"|(training \d+, )?epoch \d+/\d+.*", shown) else []
    assert found == []


@pytest.mark.slow
def test_in_a_real_kernel_a_person_s_notebook_keeps_nothing_and_a_program_s_has_nothing(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    from tests.exercises.test_notebook import InJupyterLab

    code = (
        "from course_lib import setup\n"
        "setup(0)\n"
        "import keras\n"
        "from tests.small import binary_images, small_vae\n"
        "small_vae().fit(binary_images(16), epochs=2, verbose=0)\n"
        "plain = keras.Sequential([keras.layers.Dense(1)])\n"
        "plain.compile('sgd', 'mse')\n"
        "plain.fit(binary_images(16), binary_images(16), verbose=0)\n"
        "print('trained')"
    )
    outputs = []
    for kind, options in ((InJupyterLab, {}), (nbclient.NotebookClient, {"kernel_name": "python3"})):
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        kind(made, resources={"metadata": {"path": str(ROOT)}}, **options).execute()
        outputs.append(made.cells[0].outputs)
    [of_person, of_program] = (["".join(output.get("text", "")) for output in each] for each in outputs)
    assert [output.data for output in outputs[0] if "data" in output] == [{"text/plain": "", "text/html": ""}]
    assert [output for output in outputs[1] if "data" in output] == []
    assert "".join(of_person) == "".join(of_program)
    assert "".join(of_person).endswith("trained\n")
