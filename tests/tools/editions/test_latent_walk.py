"""The weights of the explorable `latent_walk`, as they are stored, and how they are packed."""

import json

import numpy as np
import pytest
from scipy.special import expit

from tools.editions import latent_walk


def decoded(weights, codes):
    hidden = codes
    for matrix, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        hidden = np.maximum(hidden @ matrix + bias, 0)
    return expit(hidden @ weights[-2] + weights[-1])


@pytest.mark.parametrize("name", latent_walk.SETS)
def test_the_stored_decoders_explain_the_stored_pictures(name):
    assert (latent_walk.FOLDER / f"{name}.js").stat().st_size <= 300_000
    held = latent_walk.read(name)
    assert held["deviation"] == latent_walk.SETS[name]
    x, outside = held["examples"], {}
    for kind in ("autoencoder", "vae"):
        weights, codes = held[kind]["weights"], np.array(held[kind]["codes"])
        assert [each.shape for each in weights[1::2]] == [(64,), (48,), (x.shape[1],)]
        error = np.square(x - decoded(weights, codes[: len(x)])).mean()
        assert error < 0.8 * np.square(x - x.mean(axis=0)).mean(), "its own code must explain a picture"
        outside[kind] = np.mean(np.square(codes).sum(axis=1) > 9.21)  # where N(0, I) puts 1 %
    assert outside["autoencoder"] > 0.7 > 0.3 > outside["vae"], "what the page is there to show"


@pytest.mark.parametrize("name", latent_walk.SETS)
def test_the_stored_pictures_are_the_courses(name):
    x, labels, names = latent_walk.pictures(name)
    held = latent_walk.read(name)
    first = x[: latent_walk.NUM_EXAMPLES].reshape(latent_walk.NUM_EXAMPLES, -1)
    assert np.abs(held["examples"] - first).max() < 0.5 / 255 + 1e-6
    assert held["label_of_code"] == labels[: latent_walk.NUM_CODES].tolist()
    assert held["labels"] == names


def test_what_is_packed_is_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(latent_walk, "FOLDER", tmp_path)
    arrays = [np.arange(6).reshape(2, 3), np.full(3, 0.5), np.full((3, 1), -1e-3), np.array([65504.0])]
    flat = np.concatenate([each.ravel() for each in arrays]).astype("float16")
    held = {"shape": [1], "widths": [3], "examples": latent_walk.packed(np.array([51], dtype="uint8"))}
    held |= {kind: {"weights": latent_walk.packed(flat)} for kind in ("autoencoder", "vae")}
    (tmp_path / "dots.js").write_text(f"LatentWalk.dots = {json.dumps(held)};\n")
    read = latent_walk.read("dots")
    assert read["examples"].tolist() == [[0.2]]
    for was, now in zip(arrays, read["vae"]["weights"], strict=True):
        assert np.array_equal(was.astype("float16"), now)
