"""Train the four small models of the explorable `latent_walk`, and write their weights as scripts.

`python -m tools.editions.latent_walk` (two minutes) writes glyphs.js and faces.js in docs/explorables/latent_walk.
Each holds the decoders of an autoencoder and of a VAE with two latents, of equal shape and trained on the same pictures
with the same seed; where both encoders put some pictures; and a few pictures to be explained. Both use the likelihood
N(x; decoder(z), σ²I) with the same fixed σ, so that log p(x|z) can be compared.

Weights are rounded to 16 bits *before* anything is said about them: the page's numbers are exact for what it holds.
A new training on another machine gives other weights in the last digits; so the files are kept, and not made anew.
"""

import base64
import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "explorables" / "latent_walk"
WIDTHS = (64, 48)
LETTERS = ("A", "E", "M", "S", "Z")
SETS = {"glyphs": 0.2, "faces": 0.1}  # the pictures, and σ of the likelihood, in units of a pixel
NUM_CODES, NUM_EXAMPLES = 300, 6


def pictures(name):
    """Training pictures `(n, height, width, channels)`, float32 in [0, 1], and their labels with the labels' names."""
    from course_lib import datasets
    from course_lib.datasets.glyphs import LETTERS as ALL

    if name == "faces":
        faces = datasets.load("faces", size=16)
        return faces.x_train, faces.y_train, ["bare", "glasses", "hat", "glasses and hat"]
    glyphs = datasets.load("glyphs")
    wanted = np.array([ALL.index(letter) for letter in LETTERS])
    chosen = np.isin(glyphs.y_train, wanted)
    return glyphs.x_train[chosen], np.searchsorted(wanted, glyphs.y_train[chosen]), list(LETTERS)


def trained(x, deviation, variational, epochs=40, seed=0):
    """An encoder and a decoder, trained by the ELBO, or by the likelihood of the decoded code alone."""
    import keras

    from course_lib.formulas import likelihoods
    from course_lib.models import VAE, Autoencoder
    from course_lib.networks import dense_encoder, dense_gaussian_encoder, dense_generator

    keras.utils.set_random_seed(seed)
    shape = x.shape[1:]
    decoder = dense_generator(2, shape, WIDTHS)  # ends in a sigmoid
    if variational:
        encoder = dense_gaussian_encoder(shape, 2, (256, 64))
        model = VAE(encoder, decoder, likelihoods.gaussian(deviation**2), seed=seed)
    else:
        encoder = dense_encoder(shape, 2, (256, 64))
        model = Autoencoder(encoder, decoder)
    model.compile(keras.optimizers.Adam(2e-3))
    model.fit(x, batch_size=128, epochs=epochs, verbose=0)
    return model


def layers_of(decoder):
    """Matrices and biases of the decoder, rounded to 16 bits: list of float16 arrays."""
    return [np.asarray(each, dtype="float16") for each in decoder.get_weights()]


def packed(array):
    """An array as text: base64 of its little-endian bytes."""
    return base64.b64encode(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()).decode("ascii")


def script(name):
    """The text of the script of one set of pictures."""
    x, labels, names = pictures(name)
    answer = {"shape": x.shape[1:], "widths": WIDTHS, "deviation": SETS[name], "labels": names}
    examples = x[:NUM_EXAMPLES]
    answer["examples"] = packed(np.round(255 * examples).astype("uint8"))
    answer["num_examples"] = NUM_EXAMPLES
    answer["label_of_code"] = [int(each) for each in labels[:NUM_CODES]]
    for kind in ("autoencoder", "vae"):
        model = trained(x, SETS[name], kind == "vae")
        codes = model.encode(x[:NUM_CODES])
        codes = codes[0] if kind == "vae" else codes  # the means
        answer[kind] = {"weights": packed(np.concatenate([each.ravel() for each in layers_of(model.decoder)]))}
        answer[kind]["codes"] = [[round(float(each), 3) for each in code] for code in codes]
    return f'"use strict";\n// Written by tools/editions/latent_walk.py.\nLatentWalk.{name} = {json.dumps(answer)};\n'


def read(name):
    """What a script holds: dict with `examples` `(n, …)` in [0, 1], and for each kind `codes` and float64 `weights`."""
    text = (FOLDER / f"{name}.js").read_text("utf-8")
    held = json.loads(re.search(r"^LatentWalk\.\w+ = (.*);$", text, re.MULTILINE)[1])
    size = int(np.prod(held["shape"]))
    pixels = np.frombuffer(base64.b64decode(held["examples"]), dtype="uint8")
    held["examples"] = pixels.reshape(-1, size).astype("float64") / 255
    for kind in ("autoencoder", "vae"):
        flat = np.frombuffer(base64.b64decode(held[kind]["weights"]), dtype="<f2").astype("float64")
        held[kind]["weights"] = _unraveled(flat, [2, *held["widths"], size])
    return held


def _unraveled(flat, widths):
    arrays, at = [], 0
    for inputs, outputs in pairwise(widths):
        arrays.append(flat[at : at + inputs * outputs].reshape(inputs, outputs))
        at += inputs * outputs
        arrays.append(flat[at : at + outputs])
        at += outputs
    return arrays


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for each in SETS:
        (FOLDER / f"{each}.js").write_text(script(each), "utf-8")
