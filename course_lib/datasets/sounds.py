"""Sounds made by the course, every factor known: tones, and vowels by source and filter."""

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.datasets.dataset import SPLITS, Dataset

RATE = 8000  # samples a second
FRAME = 256  # a tone of `tones` has a whole number of periods in so many samples

VOWELS = ("ee", "eh", "ah", "aw", "oo")  # as in beet, bet, father, bought, boot

FORMANTS = np.array(
    [
        [270.0, 2290.0, 3010.0],
        [530.0, 1840.0, 2480.0],
        [730.0, 1090.0, 2440.0],
        [570.0, 840.0, 2410.0],
        [300.0, 870.0, 2240.0],
    ]
)  # Hz: means of 33 men, Peterson & Barney (1952), table II

BANDWIDTHS = np.array([80.0, 100.0, 120.0])  # Hz


def load_tones(*, num_train=1000, num_validation=200, num_test=200, num_samples=2048, seed=0):
    r"""Load pure tones, $a\cos(2\pi k n / 256 + \varphi)$: k periods in 256 samples, so k lies in the centre of a bin.

    Factors, independent of each other: `bin`, int32, k = 4 … 64 (125 to 2,000 Hz at 8 kHz); `amplitude`, 0.1 to 0.9;
    `phase`, radians, 0 to 2π. The class is the octave above 125 Hz.

    Args:
        num_train, num_validation, num_test: Sounds of the splits.
        num_samples: Of a sound; 8,000 are a second.
        seed: Integer; each split has a stream of its own.

    Returns:
        `Dataset` of points `(n, num_samples)`.

    Example:
        >>> data = load_tones(num_train=10, num_samples=512)
        >>> data.x_train.shape, sorted(data.factors["train"])
        ((10, 512), ['amplitude', 'bin', 'phase'])
    """
    octaves = ("125 Hz", "250 Hz", "500 Hz", "1,000 Hz")

    def draw(rng, count):
        periods, amplitude = rng.integers(4, 65, size=count), rng.uniform(0.1, 0.9, size=count)
        phase = rng.uniform(0, 2 * np.pi, size=count)
        angles = 2 * np.pi * np.outer(periods, np.arange(num_samples) / FRAME) + phase[:, None]
        factors = {"bin": periods.astype("int32"), "amplitude": amplitude, "phase": phase}
        return amplitude[:, None] * np.cos(angles), np.minimum(np.log2(periods / 4), 3), factors

    return _dataset("tones", draw, (num_train, num_validation, num_test), num_samples, octaves, seed)


def load_vowels(
    *, num_train=1000, num_validation=200, num_test=200, num_samples=2048, lowest_pitch=90, highest_pitch=220, seed=0
):
    """Load five vowels, made by source and filter: pulses of the vocal folds through three resonances of the tract.

    Factors, independent of each other but for the last: `pitch`, Hz, the pulses a second in the middle of the
    sound (it falls by a tenth from end to end); `scale`, 0.9 to 1.2: all resonances times this, large for a short
    tract; `formants`, `(n, 3)`, Hz: where the resonances are, the scale times `FORMANTS` of the vowel. Each sound has
    the peak 0.9, and fades in and out.

    Args:
        num_train, num_validation, num_test: Sounds of the splits; the vowels are balanced.
        num_samples: Of a sound, at 8 kHz.
        lowest_pitch, highest_pitch: Hz, the ends of the pitches that are drawn.
        seed: Integer; each split has a stream of its own.

    Returns:
        `Dataset` of points `(n, num_samples)`, with the vowels ee, eh, ah, aw and oo as classes.

    Example:
        >>> data = load_vowels(num_train=10, num_validation=5, num_test=5)
        >>> data.x_train.shape, data.class_names
        ((10, 2048), ('ee', 'eh', 'ah', 'aw', 'oo'))

    Reference:
        Fant (1960), Acoustic theory of speech production. Peterson & Barney (1952), Control methods used in a study of
        the vowels, J. Acoust. Soc. Am. 24, table II.
    """

    def draw(rng, count):
        vowels = rng.permutation(np.arange(count) % len(VOWELS))
        pitch, scale = rng.uniform(lowest_pitch, highest_pitch, size=count), rng.uniform(0.9, 1.2, size=count)
        formants = scale[:, None] * FORMANTS[vowels]
        start = rng.uniform(0, 1, size=count)
        glide = np.linspace(1.05, 0.95, num_samples)
        sounds = np.stack(
            [vocal_tract(pulses(f0 * glide, at), peaks) for f0, at, peaks in zip(pitch, start, formants, strict=True)]
        )
        sounds *= fade(num_samples)
        sounds *= 0.9 / abs(sounds).max(axis=1, keepdims=True)
        return sounds, vowels, {"pitch": pitch, "scale": scale, "formants": formants}

    return _dataset("vowels", draw, (num_train, num_validation, num_test), num_samples, VOWELS, seed)


def pulses(pitch, start=0.0):
    r"""A train of pulses with no partial tone above 4 kHz: $\sum_{k=1}^K \cos k\varphi$ with $K f_0 < 4$ kHz.

    Args:
        pitch: f₀ at each sample, Hz, `(samples,)`.
        start: Where in its period the train begins, 0 to 1.

    Returns:
        Float64 array `(samples,)`.

    Example:
        >>> train = pulses(np.full(800, 100.0))
        >>> np.flatnonzero(train > 20).tolist()
        [0, 80, 160, 240, 320, 400, 480, 560, 640, 720]
    """
    pitch = np.asarray(pitch, "float64")
    number = np.ceil(RATE / 2 / pitch.max()) - 1
    half = np.pi * (start + np.concatenate([[0.0], np.cumsum(pitch[:-1])]) / RATE)
    top = abs(np.sin(half)) < 1e-9
    return np.where(top, number, 0.5 * (np.sin((2 * number + 1) * half) / np.where(top, 1.0, np.sin(half)) - 1))


def vocal_tract(source, formants, bandwidths=BANDWIDTHS):
    r"""Filter a source by resonances: $\prod_j 1 / (1 - 2 r_j \cos\theta_j z^{-1} + r_j^2 z^{-2})$.

    $\theta = 2\pi F / 8000$ is where a resonance lies, $r = e^{-\pi B / 8000}$ how sharp it is.

    Args:
        source: Floats, `(samples,)`.
        formants: F, Hz.
        bandwidths: B, Hz, as many.

    Returns:
        Float64 array `(samples,)`.

    Example:
        >>> rings = vocal_tract(np.eye(1, 4000)[0], [1000.0], [80.0])
        >>> int(np.argmax(abs(np.fft.rfft(rings)))) * 2
        1000
    """
    from scipy.signal import lfilter

    radii, angles = np.exp(-np.pi * np.asarray(bandwidths) / RATE), 2 * np.pi * np.asarray(formants) / RATE
    denominator = np.ones(1)
    for radius, angle in zip(radii, angles, strict=True):
        denominator = np.convolve(denominator, [1, -2 * radius * np.cos(angle), radius**2])
    return lfilter([1.0], denominator, source)


def fade(num_samples, length=160):
    """Weights `(num_samples,)` that rise from 0 to 1 in `length` samples and fall again at the end."""
    ramp = np.minimum(np.arange(num_samples), np.arange(num_samples)[::-1]) / length
    return np.sin(0.5 * np.pi * np.minimum(ramp, 1.0)) ** 2


def _dataset(name, draw, counts, num_samples, class_names, seed):
    whole_number(num_samples, "num_samples", FRAME)
    arrays, factors = {}, {}
    for number, (split, count) in enumerate(zip(SPLITS, counts, strict=True)):
        rng = np.random.default_rng([whole_number(seed, "seed"), number])
        x, y, known = draw(rng, whole_number(count, f"num_{split}", 1))
        arrays |= {f"x_{split}": x.astype("float32"), f"y_{split}": y.astype("int32")}
        factors[split] = {
            factor: value if value.dtype.kind == "i" else value.astype("float32") for factor, value in known.items()
        }
    return Dataset(name, **arrays, class_names=class_names, factors=factors)
