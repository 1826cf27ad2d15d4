import keras
import numpy as np
import pytest

from course_lib.training import callbacks
from course_lib.training.callbacks import KeepBest, KLWarmup, Progress, ResumableTraining, SamplePictures, describe
from tests.small import binary_images, small_gan, small_vae

pytestmark = pytest.mark.backend


class Handle:
    """What a notebook gives back for an updatable display: keeps every state that was shown."""

    def __init__(self):
        self.shown = []

    def update(self, content):
        self.shown.append(content)


@pytest.fixture
def notebook(monkeypatch):
    handle = Handle()
    monkeypatch.setattr(callbacks, "_notebook_display", lambda: handle)
    return handle


def follow(callback, epochs, first=0, last=None, logs=None):
    """Take a callback through a training as `fit` does."""
    callback.set_params({"epochs": epochs})
    callback.on_train_begin()
    for epoch in range(first, epochs if last is None else last):
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"loss": 100 - epoch} if logs is None else logs)
    callback.on_train_end()
    return callback


def shown_epochs(lines):
    return [int(line.split("epoch")[1].split("/")[0]) for line in lines]


@pytest.mark.parametrize("epochs", [1, 2, 5, 10])
def test_a_short_training_shows_every_epoch(epochs, capsys):
    follow(Progress(), epochs)
    assert shown_epochs(capsys.readouterr().out.splitlines()) == list(range(1, epochs + 1))


@pytest.mark.parametrize("epochs", [11, 25, 99, 100, 101, 999, 12_345])
@pytest.mark.parametrize("max_lines", [5, 10])
def test_a_long_training_shows_about_max_lines_the_first_and_the_last_among_them(epochs, max_lines, capsys):
    follow(Progress(max_lines), epochs)
    shown = shown_epochs(capsys.readouterr().out.splitlines())
    assert max_lines / 2 < len(shown) <= max_lines + 1
    assert (shown[0], shown[-1]) == (1, epochs)
    assert shown == sorted(set(shown))


@pytest.mark.parametrize("live", [False, True])
def test_the_last_epoch_is_shown_when_training_stops_early(live, capsys, request):
    handle = request.getfixturevalue("notebook") if live else None
    progress = follow(Progress(), epochs=100, last=37)
    lines = handle.shown[-1].text.splitlines() if live else capsys.readouterr().out.splitlines()
    assert shown_epochs(lines) == [1, 10, 20, 30, 37]
    assert progress.lines == lines


def test_a_resumed_training_counts_on(capsys):
    follow(Progress(), epochs=8, first=5)
    assert shown_epochs(capsys.readouterr().out.splitlines()) == [6, 7, 8]


def test_each_line_holds_the_epoch_and_the_losses_and_nothing_that_changes_from_run_to_run(capsys):
    follow(Progress(), 12, logs={"kl": 21.4, "loss": 98.1234, "val_loss": 99.0})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "epoch  1/12  loss 98.12 · kl 21.40 · validation loss 99.00"
    assert len({len(line) for line in lines}) == 1  # columns stand below each other


def test_a_second_training_starts_with_an_empty_page(notebook):
    progress = follow(Progress(), 3)
    follow(progress, 2)
    assert shown_epochs(progress.lines) == [1, 2]


def test_in_a_notebook_one_display_shows_the_running_epoch_and_ends_with_the_lasting_lines(notebook, capsys):
    progress = follow(Progress(max_lines=4), epochs=40)
    assert capsys.readouterr().out == ""
    assert len(notebook.shown) == 41
    states = [shown_epochs(repr(state).splitlines()) for state in notebook.shown]
    assert [state[-1] for state in states[:40]] == list(range(1, 41))
    assert states[14] == [1, 10, 15]
    assert states[-1] == shown_epochs(progress.lines) == [1, 10, 20, 30, 40]


@pytest.mark.slow
def test_progress_follows_a_real_training(capsys):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", loss="mse")
    x, y = np.ones((20, 2)), np.ones((20, 1))
    stop = keras.callbacks.EarlyStopping("loss", min_delta=1e9, patience=2)
    history = model.fit(x, y, epochs=50, verbose=0, callbacks=[Progress(), stop], validation_data=(x, y)).history
    lines = capsys.readouterr().out.splitlines()
    assert shown_epochs(lines)[-1] == len(history["loss"]) < 50
    assert lines[-1].split("  ")[-1] == describe({name: numbers[-1] for name, numbers in history.items()})


@pytest.mark.parametrize(
    ("logs", "words"),
    [
        ({}, ""),
        ({"loss": 98.1234, "val_loss": 99.0}, "loss 98.12 · validation loss 99.00"),
        (
            {"kl": 1.0, "loss": 3.0, "reconstruction": 2.0, "val_kl": 4.0, "val_loss": 6.0},
            "loss 3.000 · kl 1.000 · reconstruction 2.000 · validation loss 6.000 · validation kl 4.000",
        ),
        ({"discriminator_loss": 1.3862, "loss": 2.0}, "loss 2.000 · discriminator loss 1.386"),
        ({"interval_width": 0.5}, "interval width 0.5000"),
        ({"loss": 1234.4}, "loss 1234"),
        ({"loss": 0.0}, "loss 0.000"),
        ({"loss": -3.25}, "loss -3.250"),
        ({"loss": float("nan")}, "loss nan"),
        ({"loss": np.float32(2.5)}, "loss 2.500"),
    ],
)
def test_losses_in_words(logs, words):
    assert describe(logs) == words


class Painter:
    """Makes a new picture each time, numbered by how many it has made."""

    def __init__(self):
        self.made = 0

    def __call__(self):
        self.made += 1
        return np.full((2, 4, 4, 1), self.made / 100)


@pytest.mark.parametrize(("every", "kept"), [(1, [0, 1, 2, 3, 4, 5, 6, 7]), (3, [0, 3, 6]), (7, [0, 7]), (8, [0])])
def test_pictures_are_kept_before_the_first_and_after_the_chosen_epochs(every, kept):
    painter = Painter()
    pictures = follow(SamplePictures(painter, every=every), 7).pictures
    assert list(pictures) == kept
    assert painter.made == len(kept)
    assert [round(100 * picture.mean()) for picture in pictures.values()] == list(range(1, len(kept) + 1))


def test_pictures_of_a_resumed_training_are_called_by_the_epochs_trained_so_far():
    assert list(follow(SamplePictures(Painter(), every=2), epochs=8, first=5).pictures) == [5, 6, 8]


def test_pictures_are_made_by_the_model_as_it_is_after_the_epoch():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False)])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    kept = SamplePictures(make=lambda: float(model.get_weights()[0][0, 0]))
    model.fit(np.ones((1, 1)), np.ones((1, 1)), epochs=3, verbose=0, callbacks=[kept])
    assert list(kept.pictures.values()) == pytest.approx([0, 0.2, 0.36, 0.488])  # w += 0.1 · 2 (1 − w)


def test_pictures_are_drawn_live_in_a_notebook(notebook):
    drawn = follow(SamplePictures(Painter(), draw=lambda pictures: tuple(pictures), every=2), 4)
    assert notebook.shown == [(0,), (0, 2), (0, 2, 4)]
    assert drawn.display is notebook


def test_pictures_without_a_way_to_draw_them_are_kept_quietly(notebook, capsys):
    follow(SamplePictures(Painter()), 3)
    assert notebook.shown == []
    assert capsys.readouterr().out == ""


def test_outside_a_notebook_nothing_is_drawn(capsys):
    def draw(pictures):
        raise AssertionError("there is nobody to draw for")

    assert len(follow(SamplePictures(Painter(), draw=draw), 3).pictures) == 4
    assert capsys.readouterr().out == ""


def test_the_display_is_a_notebook_kernel_s_and_none_elsewhere(monkeypatch):
    ipython = pytest.importorskip("IPython")
    display = pytest.importorskip("IPython.display")
    asked = []
    monkeypatch.setattr(
        display, "display", lambda content, display_id: asked.append((repr(content), display_id)) or "handle"
    )
    for shell, handle in ((None, None), (object(), None), (type("Shell", (), {"kernel": 1})(), "handle")):
        monkeypatch.setattr(ipython, "get_ipython", lambda shell=shell: shell)
        assert callbacks._notebook_display() == handle
    assert asked == [("", True)]


class BetaSeen(keras.callbacks.Callback):
    """Notes the β with which each epoch was trained."""

    def __init__(self):
        super().__init__()
        self.betas = []

    def on_epoch_end(self, epoch, logs=None):
        trained_with = (logs["loss"] - logs["reconstruction"]) / logs["kl"]
        self.betas.append((trained_with, float(self.model.beta)))


@pytest.mark.slow
@pytest.mark.parametrize(("epochs", "beta"), [(4, 1.0), (3, 0.5), (1, 2.0)])
def test_the_loss_is_trained_with_a_beta_that_rises_in_a_line_from_zero(epochs, beta):
    vae, seen = small_vae(), BetaSeen()
    vae.fit(binary_images(200), epochs=6, batch_size=50, verbose=0, callbacks=[KLWarmup(epochs, beta), seen])
    expected = [beta * min(1, epoch / epochs) for epoch in range(6)]
    assert [stated for _, stated in seen.betas] == pytest.approx(expected)
    assert [trained for trained, _ in seen.betas] == pytest.approx(expected, abs=2e-3)


@pytest.mark.slow
def test_a_warm_up_that_goes_on_in_the_middle_has_the_beta_of_its_epoch():
    whole, later = BetaSeen(), BetaSeen()
    small_vae().fit(binary_images(40), epochs=5, verbose=0, callbacks=[KLWarmup(8), whole])
    small_vae().fit(binary_images(40), epochs=5, initial_epoch=3, verbose=0, callbacks=[KLWarmup(8), later])
    assert [stated for _, stated in later.betas] == [stated for _, stated in whole.betas[3:]] == [3 / 8, 4 / 8]


@pytest.mark.slow
def test_a_resumed_warm_up_ends_with_the_weights_of_the_uninterrupted_one(tmp_path):
    def train(epochs, folder):
        keras.utils.set_random_seed(0)
        vae = small_vae()
        vae.fit(
            binary_images(120),
            epochs=epochs,
            batch_size=40,
            verbose=0,
            callbacks=[KLWarmup(4), ResumableTraining(tmp_path / folder)],
        )
        return vae

    whole = train(5, "whole")
    train(2, "parts")
    resumed = train(5, "parts")
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert float(resumed.beta) == 1.0


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: KLWarmup(0), "epochs should be at least 1"),
        (lambda: KLWarmup(2.5), "epochs should be an integer"),
        (lambda: KLWarmup(3, -1.0), "beta, the weight to end with, must be ≥ 0"),
        (lambda: KLWarmup(3, float("nan")), "beta should be one finite number"),
        (
            lambda: small_gan().fit(np.zeros((8, 2)), verbose=0, callbacks=[KLWarmup(3)]),
            "raises the beta of a VAE; a GAN has none",
        ),
        (
            lambda: small_vae(beta=4.0).fit(binary_images(8), verbose=0, callbacks=[KLWarmup(3)]),
            r"The model has beta = 4, and KLWarmup\(epochs\) would end at 1",
        ),
    ],
)
def test_a_warm_up_that_means_nothing_is_refused(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


class Remembered:
    """Stands for a model: its weights are the number of epochs it has been trained."""

    def __init__(self):
        self.weights = []

    def get_weights(self):
        return list(self.weights)

    def set_weights(self, weights):
        self.weights = list(weights)


def scored(scores, every=1):
    """KeepBest after a training whose model scored `scores`, epoch by epoch; returns it with the model."""
    model, coming = Remembered(), iter(scores)
    keep = KeepBest(lambda model: next(coming), every=every)
    keep.set_model(model)
    keep.on_train_begin()
    for epoch in range(every * len(scores)):
        model.weights = [epoch + 1]
        keep.on_epoch_end(epoch)
    keep.on_train_end()
    return keep, model


@pytest.mark.parametrize(
    ("scores", "every", "best"),
    [
        ([3.0, 1.0, 2.0], 1, 2),
        ([3.0, 1.0, 1.0], 1, 2),  # the first of equals
        ([5.0, 4.0, 3.0], 2, 6),
        ([float("nan"), 2.0, float("nan")], 1, 2),
        ([-1.0, 0.0], 1, 1),
    ],
)
def test_a_training_ends_with_the_weights_of_its_lowest_score(scores, every, best):
    keep, model = scored(scores, every)
    assert keep.best_epoch == best
    assert model.weights == [best]
    assert list(keep.scores) == [every * (index + 1) for index in range(len(scores))]


def test_without_a_score_that_is_a_number_the_last_weights_stay():
    keep, model = scored([float("nan"), float("nan")])
    assert (keep.best_epoch, model.weights) == (None, [2])


@pytest.mark.slow
def test_the_best_weights_of_a_gan_come_back_bit_for_bit():
    points, at_best = np.random.default_rng(0).normal(size=(200, 2)), []
    gan, scores = small_gan(), iter([2.0, 1.0, 3.0])

    def score(model):
        at_best.append(model.get_weights())
        return next(scores)

    gan.fit(points, epochs=3, verbose=0, callbacks=[KeepBest(score)])
    assert all(np.array_equal(a, b) for a, b in zip(gan.get_weights(), at_best[1], strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(gan.get_weights(), at_best[2], strict=True))


@pytest.mark.slow
def test_the_best_weights_of_a_resumable_training_are_kept_with_it_and_come_back_without_training(tmp_path):
    points, at_epoch = np.random.default_rng(0).normal(size=(200, 2)), {}
    scores = {1: 0.5, 2: 4.0, 3: 1.0, 4: 3.0}

    def started(seed, stop_after=None):
        gan = small_gan(seed=0)
        gan.set_weights([weight + 0.01 * seed for weight in gan.get_weights()])  # a resumed run must not begin here

        def score(model):
            epoch = len(at_epoch) + 1
            if stop_after is not None and epoch > stop_after:
                raise KeyboardInterrupt
            at_epoch[epoch] = model.get_weights()
            return scores[epoch]

        keep = KeepBest(score)
        gan.fit(points, epochs=4, verbose=0, callbacks=[keep, ResumableTraining(tmp_path)])
        return gan, keep

    with pytest.raises(KeyboardInterrupt):
        started(seed=0, stop_after=2)
    gan, keep = started(seed=1)
    assert keep.scores == {3: 1.0, 4: 3.0}  # in the numbers of the whole run; what was scored before is forgotten
    assert all(np.array_equal(a, b) for a, b in zip(gan.get_weights(), at_epoch[3], strict=True))
    finished, keep = started(seed=2)
    assert (len(at_epoch), keep.best_epoch) == (4, None), "a finished training is not trained again"
    assert all(np.array_equal(a, b) for a, b in zip(finished.get_weights(), gan.get_weights(), strict=True))


@pytest.mark.parametrize(("options", "sentence"), [({"score": 3.0}, "score must be"), ({"every": 0}, "every")])
def test_a_score_or_an_interval_that_means_nothing_is_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        KeepBest(**{"score": lambda model: 0.0, **options})


def test_live_pictures_carry_their_text(notebook, monkeypatch):
    given = []
    monkeypatch.setattr(notebook, "update", lambda drawn, **more: given.append(more), raising=False)
    follow(SamplePictures(Painter(), draw=tuple, alt="Ten letters."), 1)
    follow(SamplePictures(Painter(), draw=tuple), 1)
    assert given == 2 * [{"metadata": {"image/png": {"alt": "Ten letters."}}}] + [{}, {}]
