"""Tests of the short-time Fourier transform, its inverse, and Griffin and Lim's repair of a phase."""

import numpy as np
import pytest
from scipy import signal

from course_lib import signals

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("size", "hop"), [(256, 64), (128, 32), (64, 16), (255 * 2, 170)])
@pytest.mark.parametrize("num_samples", [1, 100, 1000, 1024, 1025])
def test_the_inverse_restores_every_sample(size, hop, num_samples):
    x = RNG.normal(size=(2, num_samples))
    back = signals.istft(signals.stft(x, size, hop), num_samples, size, hop)
    assert abs(back - x).max() < 1e-12


def test_the_transform_is_that_of_scipy():
    x = RNG.normal(size=1024)
    oracle = signal.ShortTimeFFT(signal.windows.hann(256, sym=False), 64, 8000, phase_shift=None)
    assert abs(oracle.stft(x).T - signals.stft(x)).max() < 1e-10


def test_the_window_is_scipys_periodic_one():
    assert np.allclose(signals.hann(256), signal.windows.hann(256, sym=False), atol=1e-15)


def test_a_tone_in_the_centre_of_a_bin_has_its_known_column():
    tone = 0.7 * np.cos(2 * np.pi * 20 * np.arange(1024) / 256 + 1)
    column = abs(signals.stft(tone))[6]
    expected = np.zeros(129)
    expected[19:22] = 0.7 * 256 / np.array([8, 4, 8])
    assert abs(column - expected).max() < 1e-10


def test_the_inverse_is_the_nearest_sound():
    spectrum = RNG.normal(size=(19, 129)) + 1j * RNG.normal(size=(19, 129))
    spectrum[:, [0, -1]] = spectrum[:, [0, -1]].real

    def distance(x):
        weights = np.full(129, 2.0)
        weights[[0, -1]] = 1
        return (np.square(abs(signals.stft(x) - spectrum)) * weights).sum()

    best = signals.istft(spectrum, 1024)
    for _ in range(5):
        assert distance(best) < distance(best + 1e-3 * RNG.normal(size=1024))


def test_without_momentum_the_error_never_rises():
    magnitudes = abs(signals.stft(RNG.normal(size=(3, 1024))))
    sound, errors = signals.griffin_lim(magnitudes, 1024, 40)
    assert sound.shape == (3, 1024)
    assert errors.shape == (41, 3)
    assert np.all(np.diff(errors, axis=0) < 1e-12)
    assert np.all(errors[-1] < 0.7 * errors[0])


def test_with_momentum_it_may_rise_and_ends_lower():
    magnitudes = abs(signals.stft(np.cumsum(RNG.normal(size=1024))))
    _, plain = signals.griffin_lim(magnitudes, 1024, 99)
    _, pushed = signals.griffin_lim(magnitudes, 1024, 99, momentum=0.99)
    assert np.any(np.diff(pushed) > 0)
    assert pushed[-1] < plain[-1]


def test_the_true_phase_is_a_fixed_point():
    x = RNG.normal(size=1000)
    spectrum = signals.stft(x)
    sound, errors = signals.griffin_lim(abs(spectrum), 1000, 3, phase=np.angle(spectrum))
    assert errors.max() < 1e-12
    assert abs(sound - x).max() < 1e-10


def test_the_error_is_that_of_the_estimate():
    magnitudes = abs(signals.stft(RNG.normal(size=1024))) + 1
    sound, errors = signals.griffin_lim(magnitudes, 1024, 5)
    weights = np.full(129, 2.0)
    weights[[0, -1]] = 1
    off = (np.square(abs(signals.stft(sound)) - magnitudes) * weights).sum()
    assert errors[-1] == pytest.approx(np.sqrt(off / (np.square(magnitudes) * weights).sum()))


def test_decibels_are_twenty_times_the_logarithm():
    assert np.allclose(signals.decibels([[2.0, 0.2], [0.002, 0.0]]), [[0, -20], [-60, -80]])


def test_decibels_can_be_undone():
    magnitudes = np.array([[1.0, 0.3], [0.002, 0.05]])
    assert np.allclose(signals.from_decibels(signals.decibels(magnitudes)), magnitudes, rtol=1e-12)
    assert np.allclose(signals.from_decibels([0.0, -20.0, -60.0]), [1, 0.1, 0.001], rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: signals.stft(np.ones(100), 256, 60), "multiple of hop"),
        (lambda: signals.stft(np.ones(100), 256, 128), "multiple of hop"),
        (lambda: signals.stft(1.0), "at least one sample"),
        (lambda: signals.istft(np.ones((3, 129)), 1024), "should have shape"),
        (lambda: signals.griffin_lim(-np.ones((19, 129)), 1024), "Are these logarithms"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
