"""A training that is interrupted in a notebook ends calmly; everywhere else the interrupt goes on."""

import keras
import numpy as np
import pytest

from course_lib import plotting
from course_lib.training import SamplePictures
from course_lib.training import model as training
from course_lib.training.callbacks import TrainedBefore
from tests.small import small_vae

DATA = np.random.default_rng(0).random((48, 4, 4, 1)).astype("float32")

pytestmark = pytest.mark.backend


class Stop(keras.callbacks.Callback):
    """Ctrl-C in an epoch, after its first step or before any."""

    def __init__(self, epoch, event="on_train_batch_end"):
        super().__init__()
        self.epoch, self.now = epoch, -1
        setattr(self, event, self.stop)

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def stop(self, *arguments, **options):
        if self.now == self.epoch:
            raise KeyboardInterrupt


@pytest.fixture
def in_notebook(monkeypatch):
    monkeypatch.setattr(training, "in_a_notebook", lambda: True)
    monkeypatch.setattr(training.UnsupervisedModel, "_interrupted_at", -float("inf"))


def fit(model, *callbacks, **options):
    return model.fit(DATA, **{"epochs": 4, "verbose": 0, "batch_size": 16, "callbacks": list(callbacks)} | options)


def test_an_interrupted_training_returns_its_whole_epochs_and_says_how_to_go_on(in_notebook, capsys):
    model = small_vae()
    history = fit(model, Stop(2))
    said = capsys.readouterr().out
    assert len(history.history["loss"]) == len(history.epoch) == 2
    assert history is model.history
    assert "Stopped in epoch 3 of 4" in said
    assert "2 whole epochs" in said
    assert "To start afresh: run the cell that makes the model" in said
    assert all(len(line) <= 113 for line in said.splitlines())


def test_after_an_interrupt_training_goes_on(in_notebook):
    model = small_vae()
    fit(model, Stop(1))
    before = model.evaluate(DATA)[0]
    history = fit(model, epochs=30)
    assert len(history.epoch) == 30
    assert model.evaluate(DATA)[0] < before


def test_interrupted_before_its_first_step_a_training_has_an_empty_history_and_not_the_one_before(in_notebook):
    model = small_vae()
    first = fit(model)
    second = fit(model, Stop(-1, event="on_train_begin"))
    assert (len(first.epoch), len(second.epoch), second.history) == (4, 0, {})


def test_interrupted_before_keras_has_its_callbacks_a_training_has_an_empty_history_too(in_notebook, monkeypatch):
    model = small_vae()
    first = fit(model)

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(training.UnsupervisedModel, "_fit_in_memory", interrupted)
    second = fit(model)
    assert (len(first.epoch), len(second.epoch), second.history) == (4, 0, {})


def test_interrupted_twice_at_once_a_training_raises_and_later_it_does_not(in_notebook, monkeypatch):
    model, now = small_vae(), [100.0]
    monkeypatch.setattr(training.time, "monotonic", lambda: now[0])
    fit(model, Stop(0))
    now[0] += 1.0
    with pytest.raises(KeyboardInterrupt):
        fit(model, Stop(0))
    now[0] += 10.0
    assert fit(model, Stop(0)).epoch == []


def test_outside_a_notebook_an_interrupt_goes_on(capsys):
    with pytest.raises(KeyboardInterrupt):
        fit(small_vae(), Stop(1))
    assert capsys.readouterr().out == ""


def test_an_error_of_the_data_is_no_interrupt(in_notebook):
    with pytest.raises(ValueError, match="x must have shape"):
        small_vae().fit(DATA[:, :3], verbose=0)


# --- what a film calls its first picture -------------------------------------------------------------------------


def rows(model, film):
    fit(model, film, epochs=2)
    pictures = plotting.filmstrip({epoch: np.zeros((3, 4, 4)) for epoch in film.pictures})
    return [label.get_text() for label in pictures.get_yticklabels()]


@pytest.mark.parametrize("stopped", [False, True])
def test_a_trained_network_is_never_called_untrained(in_notebook, stopped):
    model, film = small_vae(), SamplePictures(lambda: None)
    assert rows(model, film) == ["untrained", "1 epoch", "2 epochs"]
    if stopped:
        fit(model, Stop(0))
    model.compile()  # a new optimiser makes no new weights
    assert rows(model, SamplePictures(lambda: None)) == ["trained before", "1 epoch", "2 epochs"]
    assert rows(model, film) == ["trained before", "1 epoch", "2 epochs"]  # the same callback once more, in its order


def test_the_first_picture_of_a_trained_network_is_found_under_nought_still():
    model, film = small_vae(), SamplePictures(lambda: "picture")
    fit(model)
    fit(model, film, epochs=1)
    assert film.pictures[0] == "picture"
    assert isinstance(next(iter(film.pictures)), TrainedBefore)
