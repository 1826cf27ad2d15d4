import numpy as np
import pytest
from scipy.signal import lfilter

from course_lib.datasets import FORMANTS, pulses, vocal_tract
from course_lib.metrics import formants, linear_prediction


@pytest.mark.parametrize("vowel", range(5))
def test_a_whisper_gives_its_formants_away(vowel):
    noise = np.random.default_rng(vowel).normal(size=16_000)
    assert abs(formants(vocal_tract(noise, FORMANTS[vowel])) - FORMANTS[vowel]).max() < 25


@pytest.mark.parametrize("pitch", [100.0, 220.0])
@pytest.mark.parametrize("vowel", range(5))
def test_a_voice_gives_them_away_to_half_its_pitch(vowel, pitch):
    sound = vocal_tract(pulses(np.full(8000, pitch)), FORMANTS[vowel])[2000:6000]
    assert abs(formants(sound) - FORMANTS[vowel]).max() < pitch / 2


def test_the_coefficients_of_a_known_process_are_found():
    x = lfilter([1], [1, -1.2, 0.6], np.random.default_rng(0).normal(size=50_000))
    assert np.allclose(linear_prediction(x, 2), [1.2, -0.6], atol=0.03)


def test_missing_formants_are_nan():
    x = lfilter([1], [1, -0.9], np.random.default_rng(0).normal(size=5000))
    assert np.isnan(formants(x, order=1)).all()


@pytest.mark.parametrize(
    ("x", "message"),
    [(np.zeros(100), "silent"), (np.ones(4), "longer than the order"), (np.ones((2, 99)), "one sound")],
)
def test_what_is_no_sound_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        formants(x)
