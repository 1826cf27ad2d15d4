"""The page "Your own data" of the README runs as it stands: on a folder of images, a CSV, a WAV, a text, a memmap."""

import contextlib
import linecache
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.io import wavfile

from course_lib import networks
from course_lib.formulas.likelihoods import bernoulli_log_prob
from course_lib.models import VAE, ConditionalVAE

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
PAGE = re.search(r"^## Your own data\n(.*?)^## ", README, flags=re.MULTILINE | re.DOTALL)[1]
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
RNG = np.random.default_rng(0)


def block(part):
    """The number and the code of the one block that holds a line."""
    [found] = [(number, code) for number, code in enumerate(BLOCKS) if part in code]
    return found


def run(part, namespace):
    """Run a block as it is printed, for one epoch and step by step: what is tested here is that the data come in."""
    number, code = block(part)
    code = re.sub(r"epochs=\d+", "epochs=1, verbose=0", code)
    name = f"<block {number} of the README>"
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)  # tf.data reads lambdas' source
    exec(compile(code, name, "exec"), namespace)
    return namespace


@pytest.fixture
def namespace(tmp_path, monkeypatch):
    """What the block of imports gives, in a folder of its own, with a `VAE` that needs no compilation."""
    monkeypatch.chdir(tmp_path)

    class Eager(VAE):
        def compile(self, *arguments, **options):
            super().compile(*arguments, **options | {"run_eagerly": True})

    return run("from scipy.io import wavfile", {"__name__": "readme"}) | {"VAE": Eager}


def is_trained(vae):
    history = vae.history.history
    return len(history["loss"]) == 1 and np.isfinite([*history.values()]).all()


def photos(folder):
    """Forty images of three modes and several sizes, some of them in a folder within."""
    (folder / "more").mkdir(parents=True)
    for number in range(40):
        mode = ("L", "RGB", "RGBA")[number % 3]
        values = RNG.integers(0, 256, (50 + number, 70, len(mode)), dtype="uint8")
        values[0, 0], values[0, 1] = 0, 255
        where = folder / "more" if number % 2 else folder
        Image.fromarray(values.squeeze(), mode).save(where / f"{number}.png")


@pytest.mark.slow
def test_a_folder_of_images_trains_and_is_held_out_in_part(namespace, tmp_path):
    photos(tmp_path / "photos")
    result = run("image_dataset_from_directory", namespace)
    assert is_trained(result["vae"])
    assert "val_loss" in result["vae"].history.history
    assert result["pictures"].shape == (8, 60, 90, 1)
    assert sum(len(batch) for part in (result["train"], result["held_out"]) for batch in part) == 40


def test_a_folder_that_is_not_divided_is_refused_with_the_sentence_of_the_page(namespace, tmp_path):
    photos(tmp_path / "photos")
    _, code = block("image_dataset_from_directory")
    with pytest.raises(ValueError, match="In batch 1 of x: x must lie in") as refused:
        exec(code.replace("x / 255", "x").replace("epochs=10", "verbose=0"), namespace)
    quoted = re.search(r'"(In batch 1 of x:.*?) …"', PAGE.replace("\n", " "))[1]
    assert without_range(str(refused.value)).startswith(without_range(quoted))


def without_range(sentence):
    """A resized image need not hold its brightest pixel any more."""
    return re.sub(r"from [\d.]+ to \d+(\.\d+)?", "from … to …", sentence)


@pytest.mark.slow
def test_a_csv_trains_on_what_is_standardised_by_its_training_rows(namespace, tmp_path):
    table = pd.DataFrame({"age": RNG.integers(18, 90, 200), "income": RNG.normal(30_000, 9_000, 200), "town": "Ulm"})
    table["planet"] = 3  # a column of one value
    table.loc[3, "income"] = None
    table.to_csv(tmp_path / "people.csv", index=False)
    result = run("pd.read_csv", namespace)
    assert is_trained(result["vae"])
    assert len(result["train"]) + len(result["held_out"]) == 199
    assert result["people"].shape == (8, 2)
    assert 10_000 < result["people"][:, 1].mean() < 50_000, "samples are in the units of the file"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channels", "dtype"), [(1, "int16"), (2, "int16"), (1, "uint8"), (2, "int32"), (1, "float32")]
)
def test_a_wav_file_trains_in_windows_and_comes_back_as_sound(namespace, tmp_path, channels, dtype):
    wave = RNG.normal(scale=0.12, size=(20_000, channels)).clip(-0.9, 0.9)
    scale, shift = {"int16": (2**15, 0), "uint8": (128, 128), "int32": (2**31, 0), "float32": (1, 0)}[dtype]
    wavfile.write(tmp_path / "sound.wav", 8000, (wave * scale + shift).astype(dtype).squeeze())
    result = run("wavfile.read", namespace)
    assert is_trained(result["vae"])
    np.testing.assert_allclose(result["sound"], wave.mean(axis=1), atol=0.01)
    last, first = result["train"][-1], result["held_out"][0]
    assert (last.__array_interface__["data"][0] + last.nbytes) <= first.__array_interface__["data"][0], (
        "they share none"
    )
    rate, sound = wavfile.read(tmp_path / "new.wav")
    assert (rate, sound.shape, sound.dtype) == (8000, (1024,), np.int16)


@pytest.mark.slow
def test_a_text_trains_as_symbols_and_comes_back_as_text(namespace, tmp_path, capsys):
    (tmp_path / "book.txt").write_text("Fünf Füchse fangen flinke Flöhe.\n" * 40, encoding="utf-8")
    result = run("book.txt", namespace)
    assert is_trained(result["vae"])
    assert result["lines"].shape == (41, 32)
    assert "".join(result["alphabet"][result["lines"][0]]) == "Fünf Füchse fangen flinke Flöhe."
    printed = eval(capsys.readouterr().out)
    assert [len(line) for line in printed] == [32] * 8
    assert set("".join(printed)) <= set(result["alphabet"])


@pytest.mark.slow
def test_pairs_weights_and_labels_go_beside_x(namespace):
    x, shape = RNG.random((40, 3, 3, 1)), (3, 3, 1)
    conditional = ConditionalVAE(
        networks.dense_conditional_encoder(shape, 2, 4, (8,)),
        networks.dense_conditional_decoder(2, shape, 4, (8,)),
        bernoulli_log_prob,
        num_classes=4,
    )
    conditional.compile(run_eagerly=True)
    vae = namespace["VAE"](
        networks.dense_gaussian_encoder(shape, 2, (8,)), networks.dense_decoder(2, shape, (8,)), bernoulli_log_prob
    )
    beside = {"noisy": x + RNG.normal(size=x.shape), "clean": x, "weights": np.arange(40), "labels": np.arange(40) % 4}
    with contextlib.redirect_stdout(None):
        run("vae.fit(noisy, clean)", namespace | beside | {"x": x, "vae": vae, "conditional_vae": conditional})
    assert is_trained(vae)
    assert is_trained(conditional)
    for batch in ((beside["noisy"], x), (x, x, beside["weights"])):
        assert is_trained_on(vae, batch)
    assert is_trained_on(conditional, (x, beside["labels"]))


def is_trained_on(model, batch):
    """Whether a pipeline of one batch, as the page says it, is accepted."""
    return np.isfinite(model.fit(iter([batch]), epochs=1, steps_per_epoch=1, verbose=0).history["loss"]).all()


@pytest.mark.slow
def test_bytes_on_disk_train_by_a_pydataset_and_by_tf_data(namespace, tmp_path):
    file = np.lib.format.open_memmap(tmp_path / "images.npy", "w+", "uint8", (130, 64, 64, 1))
    file[:] = RNG.integers(0, 256, file.shape, dtype="uint8")
    file.flush()
    result = run("keras.utils.PyDataset", namespace)
    vae, batches = result["vae"], result["Images"]()
    assert is_trained(vae)
    assert vae.sample(2).shape == (2, 64, 64, 1)
    assert (len(batches), batches[0].shape, batches[0].dtype) == (2, (128, 64, 64, 1), np.float32)
    assert len(batches[1]) == 2, "the last images are trained on, too"
    result = run("tf.data.Dataset.range", result)
    assert is_trained(vae)
    assert isinstance(result["images"], np.memmap)
    assert sorted(len(batch) for batch in result["read"]) == [2, 128]
