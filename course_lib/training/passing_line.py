"""A sign of life for a person who waits: how far a quiet training is, on one line that goes when its cell ends."""

import functools
import html
import time

import keras

from course_lib.runtime import shell_of_a_person
from course_lib.training.callbacks import Progress, describe

_PAUSE = 0.3  # seconds between two states of the line: nobody reads faster


def with_a_sign_of_life(callbacks):
    """The callbacks of a quiet training, and where a person waits for it in a notebook, a `PassingLine`.

    Args:
        callbacks: List of Keras callbacks.

    Returns:
        The same list where a program runs the notebook, where there is none, or where another shows the epochs.

    Example:
        >>> with_a_sign_of_life([])
        []
    """
    shell = shell_of_a_person()
    if shell is None or any(isinstance(callback, (Progress, PassingLine)) for callback in callbacks):
        return callbacks
    return [*callbacks, PassingLine(CellLine.here(shell))]


def watch_plain_keras():
    """Let `fit(verbose=0)` of every Keras model show the line, not only of the course's own; `setup` calls it.

    Example:
        >>> watch_plain_keras()
        >>> keras.Model.fit.shows_a_sign_of_life
        True
        >>> del keras.Model.fit  # as it was
    """
    quiet_fit = keras.Model.fit
    if hasattr(quiet_fit, "shows_a_sign_of_life"):
        return

    @functools.wraps(quiet_fit)
    def fit(self, *args, **kwargs):
        callbacks = kwargs.get("callbacks")
        if kwargs.get("verbose") == 0 and not isinstance(callbacks, keras.callbacks.CallbackList):
            kwargs["callbacks"] = with_a_sign_of_life(keras.tree.flatten(callbacks or []))
        return quiet_fit(self, *args, **kwargs)

    fit.shows_a_sign_of_life = True
    keras.Model.fit = fit


class PassingLine(keras.callbacks.Callback):
    """Shows the epoch, the step within a long one, and the losses on a `CellLine`, which does not stay.

    Within an epoch it asks for no losses: a training need not wait for them, and its steps stay what they were.

    Args:
        line: A `CellLine`.

    Example:
        >>> from types import SimpleNamespace
        >>> passing = PassingLine(SimpleNamespace(trainings=1))
        >>> passing.set_params({"epochs": 15, "steps": 47})
        >>> passing.words(epoch=2, logs={"loss": 98.1234})
        'epoch 3/15  loss 98.12'
        >>> passing.words(epoch=3, step=32)
        'epoch 4/15, step 33/47'
    """

    may_miss_batches = True  # called once for each execution of many steps, that is enough

    def __init__(self, line):
        super().__init__()
        self.line, self.epoch, self.latest = line, 0, ""

    def on_train_begin(self, logs=None):
        self.line.trainings += 1

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        if self.line.is_due():
            self.line.show(self.words(epoch))

    def on_train_batch_begin(self, batch, logs=None):  # the end of a batch has losses that JAX would be waited for
        if batch and self.line.is_due():
            self.line.show(self.words(self.epoch, batch) + self.latest)

    def on_epoch_end(self, epoch, logs=None):
        self.latest = f" (epoch {epoch + 1}: {describe(logs)})" if logs else ""
        if self.line.is_due():
            self.line.show(self.words(epoch, logs=logs))

    def words(self, epoch, step=None, logs=None):
        """What the line says in an epoch, counted from 0; from a cell's second training on, which one it is."""
        which = f"training {self.line.trainings}, " if self.line.trainings > 1 else ""
        steps = f"/{self.params['steps']}" if self.params["steps"] else ""
        where = "" if step is None else f", step {step + 1}{steps}"
        return f"{which}epoch {epoch + 1}/{self.params['epochs']}{where}  {describe(logs or {})}".strip()


class CellLine:
    """One line under the cell that runs, for all its trainings; when the cell ends, it is gone.

    Args:
        shell: The IPython shell that runs the cell.

    Attributes:
        trainings: How many trainings of the cell have begun.
    """

    running = None  # the line of the cell that runs

    def __init__(self, shell):
        self.shell, self.trainings, self.display, self.shown_at = shell, 0, None, -float("inf")
        shell.events.register("post_run_cell", self.end)

    @classmethod
    def here(cls, shell):
        """The line of the cell that runs, the same one for all its trainings."""
        cls.running = cls.running or cls(shell)
        return cls.running

    def is_due(self):
        """Whether the words shown last have been there long enough to be read."""
        return time.monotonic() - self.shown_at >= _PAUSE

    def show(self, words):
        """Show these words in the place of those before."""
        self.shown_at = time.monotonic()
        if self.display is None:
            from IPython.display import display

            self.display = display(_in_mime_types(words), raw=True, display_id=True)
        else:
            self.display.update(_in_mime_types(words), raw=True)

    def end(self, result=None):
        """Take the line away. Called by IPython when the cell has ended, however it did."""
        self.shell.events.unregister("post_run_cell", self.end)
        CellLine.running = None
        if self.display is not None:
            self.display.update(_in_mime_types(""), raw=True)


def _in_mime_types(words):
    return {"text/plain": words, "text/html": html.escape(words)}  # JupyterLab wraps HTML by words
