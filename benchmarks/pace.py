"""When a contender trains its next epoch: whoever times it says so, so that contenders can take turns."""

from time import perf_counter, process_time


class Finished(Exception):  # noqa: N818  no error
    """Nothing more is to be trained."""


class Pace:
    """Times epochs. A contender calls `begin`, trains one epoch to its very end, and calls `end` with its mean loss.

    This one asks for a number of epochs, one after the other, and keeps what it saw.

    Args:
        epochs: Integer.

    Attributes:
        seconds: Of each epoch so far.
        processor_seconds: Likewise, summed over the cores: less disturbed by what else the machine does.
        losses: The mean loss of each (of a GAN, the discriminator's).
        set_up_seconds: From the making of this object to the first epoch.
    """

    def __init__(self, epochs):
        self.epochs = epochs
        self.seconds, self.processor_seconds, self.losses = [], [], []
        self.made, self.set_up_seconds = perf_counter(), None

    def begin(self):
        """Wait for one's turn; raise `Finished` if there is none."""
        if self.set_up_seconds is None:
            self.set_up_seconds = perf_counter() - self.made
        if not self.wait():
            raise Finished
        self.began, self.processor_began = perf_counter(), process_time()

    def end(self, loss):
        self.seconds.append(perf_counter() - self.began)
        self.processor_seconds.append(process_time() - self.processor_began)
        self.losses.append(float(loss))
        self.tell()

    def wait(self):
        return len(self.seconds) < self.epochs

    def tell(self):
        pass

    def run(self, epoch):
        """Train by calling a function that trains one epoch and returns its mean loss."""
        try:
            while True:
                self.begin()
                self.end(epoch())
        except Finished:
            pass


def keras_callback(pace):
    """A Keras callback that lets each epoch of `fit` begin and end with the pace."""
    import keras

    class Follow(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            pace.begin()

        def on_epoch_end(self, epoch, logs=None):
            pace.end(logs.get("discriminator_loss", logs.get("loss")) + logs.get("penalty", 0.0))

    return Follow()
