"""Callbacks for notebooks: progress that a person can follow live and that leaves a few calm lines behind."""

import math

import keras
from keras import ops

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.training.resuming import ResumableTraining

__all__ = [
    "KLWarmup",
    "KeepBest",
    "Progress",
    "ResumableTraining",
    "SamplePictures",
    "StopAtNaN",
    "describe",
    "in_a_notebook",
    "watches_batches",
]
_BATCH_EVENTS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")


class Progress(keras.callbacks.Callback):
    """Shows one line an epoch: the epoch and its losses, no times, so that a stored notebook stays the same.

    In a notebook one display is updated in place and keeps about ten lines, the last epoch among them; elsewhere
    lines are printed as they come.

    Args:
        max_lines: Integer ≥ 2, about how many epochs to show of a long training.

    Example:
        >>> Progress(max_lines=5).lines
        []
    """

    def __init__(self, max_lines=10):
        super().__init__()
        self.max_lines = max_lines
        self.lines = []
        self.latest = None
        self.display = None

    def on_train_begin(self, logs=None):
        self.lines, self.latest, self.display = [], None, _notebook_display()

    def on_epoch_end(self, epoch, logs=None):
        epochs = self.params["epochs"]
        line = f"epoch {epoch + 1:{len(str(epochs))}d}/{epochs}  {describe(logs or {})}"
        every = max(1, -(-epochs // self.max_lines))
        lasting = epoch == 0 or (epoch + 1) % every == 0
        if self.display is not None:
            self.display.update(_Text("\n".join([*self.lines, line])))
        elif lasting:
            print(line)
        if lasting:
            self.lines.append(line)
        self.latest = line

    def on_train_end(self, logs=None):
        if self.latest is not None and self.latest not in self.lines:  # the last epoch, planned or not
            self.lines.append(self.latest)
            if self.display is None:
                print(self.latest)
        if self.display is not None:
            self.display.update(_Text("\n".join(self.lines)))


class StopAtNaN(keras.callbacks.Callback):
    """Ends a training whose loss is no longer a finite number; every `fit` has one, so that nothing trains on in vain.

    On TensorFlow each execution is looked at, on the other backends every 32nd step, so that they need not wait.

    Raises:
        ValueError: While training, with the step at which the loss was seen to be NaN or infinite, and what to try.

    Example:
        >>> StopAtNaN().check({"loss": 1.5}, step=1)
    """

    def __init__(self):
        super().__init__()
        self.epoch, self.seen = None, 0
        self.every = 1 if keras.backend.backend() == "tensorflow" else 32

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.seen = epoch, 0

    def on_train_batch_end(self, batch, logs=None):
        if (batch + 1) % self.every == 0:
            self.check(logs, batch + 1)

    def on_epoch_end(self, epoch, logs=None):
        self.check(logs)

    def check(self, logs, step=None, exact=False):
        """Look at the loss.

        Args:
            logs: Dict with the `"loss"`, a number or a tensor.
            step: Integer, how many steps the epoch has taken; None at its end.
            exact: Whether it was this step, rather than one of those since the last look.
        """
        loss = float(ops.convert_to_numpy((logs or {}).get("loss", 0.0)))
        if math.isfinite(loss):
            self.seen = step or self.seen
            return
        raise ValueError(
            f"The training broke {self._where(step, exact)}: the loss is {loss:g}. The weights are spoiled; make the "
            "model anew. Then try, one at a time: a smaller learning rate, compile(keras.optimizers.Adam(1e-4)); steps "
            "of bounded size, keras.optimizers.Adam(clipnorm=1.0); data of unit scale; a likelihood with a larger "
            "variance. The epochs before are in model.history.history."
        )

    def _where(self, step, exact):
        epoch = "" if self.epoch is None else f" of epoch {self.epoch + 1}"
        if step is None:
            return f"after step {self.seen}{epoch}"
        if exact or step <= self.seen + 1:
            return f"at step {step}{epoch}"
        return f"between steps {self.seen + 1} and {step}{epoch}"


def watches_batches(callback):
    """Whether a callback asks for every batch: then steps must not run unseen, many in one execution.

    Args:
        callback: A Keras callback. Keras' own that save or write once an epoch do not count, nor does one that says of
            itself that it `may_miss_batches`.

    Returns:
        Bool.

    Example:
        >>> watches_batches(keras.callbacks.TerminateOnNaN()), watches_batches(keras.callbacks.EarlyStopping())
        (True, False)
    """
    once_an_epoch = "epoch" in (getattr(callback, "save_freq", None), getattr(callback, "update_freq", None))
    if once_an_epoch or getattr(callback, "may_miss_batches", False):
        return False
    events = (*_BATCH_EVENTS, "on_test_batch_begin", "on_test_batch_end")
    return any(not getattr(getattr(callback, name, None), "_is_default", False) for name in events)


class TrainedBefore(int):
    """Nought epochs of this training, for a model that had been trained before: a number with words of its own.

    Example:
        >>> TrainedBefore() == 0, TrainedBefore().words
        (True, 'trained before')
    """

    words = "trained before"


class SamplePictures(keras.callbacks.Callback):
    """Keeps pictures of what the model makes after chosen epochs, and shows them live in a notebook.

    Args:
        make: Function of no arguments that returns images `(n, height, width, 1)` in [0, 1], such as
            `lambda: vae.sample(8, seed=0)`.
        draw: Function of `{epoch: images}` that returns a Matplotlib figure, or None to keep pictures without showing.
        every: Integer, keep a picture after every so many epochs (and before the first).
        alt: String for those who do not see what `draw` draws: what it shows, and what one should see.

    Attributes:
        pictures: Dict from the number of epochs trained to a NumPy array of images. Where the model had been trained
            before, that of the first picture is a `TrainedBefore`, which `plotting.filmstrip` does not call untrained.

    Example:
        >>> SamplePictures(make=lambda: None, every=5).pictures
        {}
    """

    def __init__(self, make, draw=None, every=1, alt=None):
        super().__init__()
        self.make, self.draw, self.every, self.alt = make, draw, every, alt
        self.pictures = {}
        self.display = None
        self.started = False

    def on_train_begin(self, logs=None):
        self.display = _notebook_display() if self.draw else None
        self.started = False

    def on_epoch_begin(self, epoch, logs=None):
        if not self.started:  # epoch is not 0 where a training is resumed
            self.started = True
            self._keep(epoch if epoch or not getattr(self.model, "was_trained", False) else TrainedBefore())

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every == 0:
            self._keep(epoch + 1)

    def _keep(self, epochs):
        made = self.make()
        kept = {epochs if each == epochs else each: images for each, images in self.pictures.items()}
        self.pictures.clear()  # where the number was there already, its words are replaced, too
        self.pictures.update({**kept, epochs: made})
        if self.display is not None:
            text = {"metadata": {"image/png": {"alt": self.alt}}} if self.alt else {}
            self.display.update(self.draw(self.pictures), **text)


class KLWarmup(keras.callbacks.Callback):
    r"""Raises β, the weight of a VAE's KL divergence, in a straight line from 0, one step an epoch.

    $$\beta_{\text{epoch}} = \beta \cdot \min(1,\; \text{epoch} / \text{epochs}), \qquad \text{epoch} = 0, 1, 2, \dots$$

    β derives from the number of the epoch alone, so that a resumed training goes on where it was. While β rises, it
    pushes the loss up, and neither it nor the validation loss can be compared between epochs: compare `vae.elbo`, or
    the sum of `reconstruction` and `kl`.

    Args:
        epochs: Integer ≥ 1, the first epoch (counted from 0) that trains with the full β.
        beta: The β to end with, ≥ 0. None is 1, for a VAE whose own β is not larger.

    Raises:
        ValueError: If an argument is no such number, or, when training starts, the model has no β, or one above 1 and
            none was given here.

    Example:
        >>> [KLWarmup(epochs=4).beta_of(epoch) for epoch in (0, 1, 4, 9)]
        [0.0, 0.25, 1.0, 1.0]

    Reference:
        Bowman et al. (2016), Generating sentences from a continuous space, arXiv:1511.06349, section 3.1; linear:
        Sønderby et al. (2016), Ladder variational autoencoders, arXiv:1602.02282, section 2.3.
    """

    def __init__(self, epochs, beta=None):
        super().__init__()
        self.epochs = whole_number(epochs, "epochs", 1)
        self.beta, self._chosen = 1.0 if beta is None else real_number(beta, "beta"), beta is not None
        if self.beta < 0:
            raise ValueError(f"beta, the weight to end with, must be ≥ 0; got {beta!r}.")

    def beta_of(self, epoch):
        """The weight in an epoch, counted from 0."""
        return self.beta * min(1.0, epoch / self.epochs)

    def on_train_begin(self, logs=None):
        if not hasattr(self.model, "beta"):
            raise ValueError(f"KLWarmup raises the beta of a VAE; a {type(self.model).__name__} has none. Remove it.")
        if not self._chosen and float(self.model.beta) > 1:  # a smaller one may be what an interrupted warm-up left
            raise ValueError(
                f"The model has beta = {float(self.model.beta):g}, and KLWarmup(epochs) would end at 1. Say which is "
                f"meant: KLWarmup({self.epochs}, beta=...)."
            )

    def on_epoch_begin(self, epoch, logs=None):
        self.model.beta = self.beta_of(epoch)


class KeepBest(keras.callbacks.Callback):
    """Ends a training with the weights of the epoch whose score was lowest, by a score of your own.

    The losses of a GAN do not say how good its samples are; a score does that looks at them. The best weights stay in
    memory, moving averages included; the optimiser and the random streams stay where the last epoch left them. A
    score of NaN is never the best.

    Args:
        score: Function from the model to one number, lower is better, such as
            `lambda gan: metrics.frechet_distance(held_out, gan.sample(1000, seed=0))`. Let it draw with a fixed seed.
        every: Integer ≥ 1, score after every so many epochs.

    Attributes:
        scores: Dict from the number of epochs trained to the score.
        best_epoch: The number of epochs trained that had the lowest score; None before the first one.

    Raises:
        ValueError: If the score is no function, or `every` is no such integer.

    Example:
        >>> KeepBest(score=lambda model: 0.0, every=5).scores
        {}
    """

    def __init__(self, score, every=1):
        super().__init__()
        if not callable(score):
            raise ValueError(f"score must be a function from the model to one number, lower is better; got {score!r}.")
        self.score = score
        self.every = whole_number(every, "every", 1)
        self._forget()

    def _forget(self):
        self.scores, self.best_epoch, self.best_weights = {}, None, None

    def on_train_begin(self, logs=None):
        self._forget()

    def on_epoch_end(self, epoch, logs=None):
        epochs = epoch + 1
        if epochs % self.every:
            return
        score = self.scores[epochs] = float(self.score(self.model))
        lowest = math.inf if self.best_epoch is None else self.scores[self.best_epoch]
        if score < lowest:
            self.best_epoch, self.best_weights = epochs, self.model.get_weights()

    def on_train_end(self, logs=None):
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)
            self.best_weights = None


def describe(logs):
    """Losses in words: `loss 98.12 · kl 21.40 · validation loss 99.01`.

    Args:
        logs: Dict from a Keras log name to a number.

    Returns:
        String; four significant digits, which is what an epoch can tell.

    Example:
        >>> describe({"loss": 98.1234, "val_loss": 99.0})
        'loss 98.12 · validation loss 99.00'
    """
    names = sorted(logs, key=lambda name: (name.startswith("val_"), name.removeprefix("val_") != "loss"))
    return " · ".join(f"{_in_words(name)} {_digits(float(logs[name]))}" for name in names)


def _in_words(name):
    held_out = "validation " if name.startswith("val_") else ""
    return held_out + name.removeprefix("val_").replace("_", " ")


def _digits(number):
    text = f"{number:#.4g}"
    return f"{number:.0f}" if text.endswith(".") else text


def in_a_notebook():
    """Whether this runs in the kernel of a notebook.

    Returns:
        Bool.

    Example:
        >>> in_a_notebook()
        False
    """
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def _notebook_display():
    """A handle on a display that can be updated in place; None outside a notebook kernel."""
    if not in_a_notebook():
        return None
    from IPython.display import display

    return display(_Text(""), display_id=True)


class _Text:
    """Plain text for a display."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text
