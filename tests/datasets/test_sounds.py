"""Tests of the sounds that the course makes, of moving letters, and of the loader of spoken digits."""

import io
import wave
import zipfile

import numpy as np
import pytest
from scipy import signal

from course_lib.datasets import DataError, load
from course_lib.datasets.sounds import FORMANTS, pulses, vocal_tract
from course_lib.datasets.spoken_digits import in_the_middle, load_spoken_digits


def test_a_tone_is_its_formula():
    data = load("tones", num_train=20, num_validation=1, num_test=1, num_samples=512)
    known = data.factors["train"]
    angles = 2 * np.pi * known["bin"][:, None] * np.arange(512) / 256 + known["phase"][:, None]
    assert np.allclose(data.x_train, known["amplitude"][:, None] * np.cos(angles), atol=2e-5)
    assert np.array_equal(data.y_train, np.minimum(np.log2(known["bin"] / 4), 3).astype(int))


def test_pulses_are_a_sum_of_cosines():
    train = pulses(np.full(500, 130.0), start=0.2)
    angles = 2 * np.pi * (130 * np.arange(500) / 8000) + 2 * np.pi * 0.2
    assert np.allclose(train, sum(np.cos(k * angles) for k in range(1, 31)), atol=1e-8)


def test_the_tract_has_the_response_of_its_poles():
    rings = vocal_tract(np.eye(1, 4000)[0], FORMANTS[1])
    poles = np.exp((-np.pi * np.array([80, 100, 120]) + 2j * np.pi * FORMANTS[1]) / 8000)
    _, response = signal.freqz([1], np.poly([*poles, *poles.conj()]).real, worN=2001, include_nyquist=True)
    assert np.allclose(np.fft.rfft(rings), response, atol=1e-6 * abs(response).max())


def test_vowels_have_their_formants_and_factors():
    data = load("vowels", num_train=50, num_validation=5, num_test=5)
    known = data.factors["train"]
    assert np.allclose(known["formants"], known["scale"][:, None] * FORMANTS[data.y_train])
    assert np.bincount(data.y_train).tolist() == [10] * 5
    assert np.allclose(abs(data.x_train).max(axis=1), 0.9)
    assert 90 <= known["pitch"].min() < known["pitch"].max() <= 220


def test_the_period_of_a_vowel_is_that_of_its_pitch():
    data = load("vowels", num_train=5, lowest_pitch=125, highest_pitch=126)
    middle = data.x_train[:, 900:1156]
    lags = [np.mean([np.corrcoef(x[:128], x[lag : lag + 128])[0, 1] for x in middle]) for lag in range(40, 100)]
    assert abs(40 + int(np.argmax(lags)) - 64) <= 1


def test_letters_move_by_one_pixel_a_frame():
    data = load("moving_glyphs", letters="AZ")
    assert data.x_test.shape == (400, 14, 14, 8)
    for clip, direction in zip(data.x_test[:20], data.factors["test"]["direction"], strict=False):
        for t in range(7):
            assert np.array_equal(np.roll(clip[..., t], direction, axis=1), clip[..., t + 1])


def test_a_letter_starts_where_its_factor_says():
    letters, glyphs = load("moving_glyphs", letters="B"), load("glyphs")
    small = glyphs.x_test[glyphs.y_test == 1][0].reshape(14, 2, 14, 2).mean(axis=(1, 3))
    assert np.allclose(letters.x_test[0, ..., 0], np.roll(small, letters.factors["test"]["start"][0], axis=1))


def test_an_unknown_letter_is_refused():
    with pytest.raises(ValueError, match="some of ABEGKMQRSZ"):
        load("moving_glyphs", letters="AX")


def recording(values, rate=8000):
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.asarray(values, "<i2").tobytes())
    return content.getvalue()


def packed(path, rate=8000):
    with zipfile.ZipFile(path, "w") as archive:
        for digit in range(10):
            for speaker in "abcdef":
                for number in range(50):
                    values = [0, 1000 * (digit + 1), -3000] * (1 + number % 3)
                    archive.writestr(f"x/recordings/{digit}_{speaker}_{number}.wav", recording(values, rate))


def test_spoken_digits_are_split_as_their_authors_have_it(tmp_path, monkeypatch):
    packed(tmp_path / "fsdd.zip")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    data = load_spoken_digits(num_samples=8)
    assert (len(data.x_train), len(data.x_validation), len(data.x_test)) == (2400, 300, 300)
    assert set(np.unique(data.factors["test"]["length"])) == {3, 6, 9}
    assert np.allclose(abs(data.x_train).max(axis=1), 0.9)


@pytest.mark.parametrize(("rate", "message"), [(16_000, "8,000 samples a second"), (None, "should be fsdd.zip")])
def test_another_file_is_refused(tmp_path, monkeypatch, rate, message):
    if rate:
        packed(tmp_path / "fsdd.zip", rate)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=message):
        load_spoken_digits()


def test_a_long_sound_is_cut_at_both_ends():
    assert np.allclose(in_the_middle(np.arange(1.0, 8.0), 3), [0.54, 0.72, 0.9])
    assert np.allclose(in_the_middle(np.array([1.0, 2.0]), 5), [0, 0.45, 0.9, 0, 0])
