"""A sign of life for a person who waits: the epoch of a quiet training, on one line that goes when its cell ends."""

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
        The same list where a program runs the notebook, where there is none, or where `Progress` shows the epochs.

    Example:
        >>> with_a_sign_of_life([])
        []
    """
    shell = shell_of_a_person()
    if shell is None or any(isinstance(callback, Progress) for callback in callbacks):
        return callbacks
    return [*callbacks, PassingLine(CellLine.here(shell))]


class PassingLine(keras.callbacks.Callback):
    """Shows the epoch and its losses on a `CellLine`, which does not stay.

    It looks at epochs alone, so that the steps of a training stay what they were.

    Args:
        line: A `CellLine`.

    Example:
        >>> from types import SimpleNamespace
        >>> line = SimpleNamespace(trainings=1)
        >>> PassingLine(line).words(epoch=2, epochs=15, logs={"loss": 98.1234})
        'epoch 3/15  loss 98.12'
    """

    def __init__(self, line):
        super().__init__()
        self.line = line

    def on_train_begin(self, logs=None):
        self.line.trainings += 1

    def on_epoch_begin(self, epoch, logs=None):
        self.line.show(self.words(epoch, self.params["epochs"]))

    def on_epoch_end(self, epoch, logs=None):
        self.line.show(self.words(epoch, self.params["epochs"], logs))

    def words(self, epoch, epochs, logs=None):
        """What the line says in an epoch, counted from 0; from a cell's second training on, which one it is."""
        which = f"training {self.line.trainings}, " if self.line.trainings > 1 else ""
        return f"{which}epoch {epoch + 1}/{epochs}  {describe(logs or {})}".strip()


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

    def show(self, words):
        """Show these words in the place of those before, unless those came just now."""
        if time.monotonic() - self.shown_at < _PAUSE:
            return
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
