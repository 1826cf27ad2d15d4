"""Sound and its spectrogram: the short-time Fourier transform, its inverse, and a phase for magnitudes."""

import numpy as np

from course_lib.contracts.arguments import finite_float64, whole_number


def hann(size):
    r"""The *periodic* Hann window, $w_n = \sin^2(\pi n / N)$ for n = 0 … N − 1.

    At a hop of N/4 four copies add up to 2, and their squares to 1.5, at every sample. The symmetric window, which
    ends in 0 as it begins, has a ripple.

    Args:
        size: N, at least 2.

    Returns:
        Float64 array `(N,)`.

    Example:
        >>> hann(4).round(6).tolist()
        [0.0, 0.5, 1.0, 0.5]
    """
    size = whole_number(size, "size", 2)
    return np.square(np.sin(np.pi * np.arange(size) / size))


def stft(x, size=256, hop=64):
    r"""The short-time Fourier transform: the spectrum of each windowed frame.

    $$S_{mk} = \sum_n w_n\, x_{n + mH}\, e^{-2\pi i k n / N}$$

    The sound stands between zeros, N − H of them before it, so that each of its samples lies in N/H frames (in the
    first frame alone, sample 0 would have the weight 0 and could never be restored).

    Args:
        x: Floats, `(..., samples)`: one sound, or several of one length.
        size: N, the samples of a frame.
        hop: H, the samples from frame to frame; it must divide N, and N/H be at least 3, or squared windows do not
            add up to a constant.

    Returns:
        Complex128 array `(..., frames, N // 2 + 1)`, with `frames = num_frames(samples, size, hop)`.

    Raises:
        ValueError: If `x` is no array of finite numbers, or size and hop do not fit.

    Example:
        >>> tone = np.cos(2 * np.pi * 8 * np.arange(1024) / 256)
        >>> abs(stft(tone))[7, 6:11].round(6).tolist()
        [0.0, 32.0, 64.0, 32.0, 0.0]

    Reference:
        Allen & Rabiner (1977), A unified approach to short-time Fourier analysis and synthesis, Proc. IEEE 65.
    """
    x, size, hop = finite_float64(x, "x"), *_frame(size, hop)
    if x.ndim < 1 or not x.shape[-1]:
        raise ValueError(f"x should have shape (..., samples), with at least one sample; got {x.shape}.")
    frames = num_frames(x.shape[-1], size, hop)
    margins = [(0, 0)] * (x.ndim - 1) + [(size - hop, (frames - 1) * hop + hop - x.shape[-1])]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, margins), size, axis=-1)[..., ::hop, :]
    return np.fft.rfft(windows * hann(size), axis=-1)


def istft(spectrum, num_samples, size=256, hop=64):
    r"""The sound whose short-time Fourier transform is nearest to `spectrum`, in squares.

    $$x_n = \frac{\sum_m w_{n - mH}\, y_m(n - mH)}{\sum_m w_{n - mH}^2}, \qquad y_m = \text{inverse transform of } S_m$$

    Where `spectrum` is the transform of a sound, this is the sound.

    Args:
        spectrum: Complex numbers, `(..., frames, size // 2 + 1)`.
        num_samples: Of the sound.
        size, hop: As in `stft`.

    Returns:
        Float64 array `(..., num_samples)`.

    Raises:
        ValueError: If the shapes do not fit each other.

    Example:
        >>> x = np.random.default_rng(0).normal(size=1000)
        >>> bool(np.allclose(istft(stft(x), 1000), x, atol=1e-12))
        True

    Reference:
        Griffin & Lim (1984), Signal estimation from modified short-time Fourier transform, IEEE Trans. ASSP 32, eq. 6.
    """
    spectrum, (size, hop) = np.asarray(spectrum), _frame(size, hop)
    num_samples = whole_number(num_samples, "num_samples", 1)
    shape = (num_frames(num_samples, size, hop), size // 2 + 1)
    if spectrum.shape[-2:] != shape:
        raise ValueError(
            f"the spectrum of {num_samples} samples should have shape (..., *{shape}); got {spectrum.shape}."
        )
    window = hann(size)
    pieces = np.fft.irfft(spectrum, size, axis=-1) * window
    return overlap_add(pieces, hop)[..., size - hop :][..., :num_samples] / np.square(window).sum() * hop


def overlap_add(pieces, hop):
    """Lay pieces over each other, each `hop` samples after the one before, and add.

    Args:
        pieces: Floats, `(..., frames, size)`.
        hop: It must divide `size`.

    Returns:
        Float64 array `(..., (frames - 1) * hop + size)`.

    Example:
        >>> overlap_add(np.ones((3, 4)), 2).tolist()
        [1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0]
    """
    *batch, frames, size = pieces.shape
    overlaps = size // hop
    blocks = pieces.reshape(*batch, frames, overlaps, hop)
    added = np.zeros((*batch, frames + overlaps - 1, hop))
    for number in range(overlaps):
        added[..., number : number + frames, :] += blocks[..., number, :]
    return added.reshape(*batch, -1)


def num_frames(num_samples, size=256, hop=64):
    """How many frames `stft` makes of so many samples.

    Example:
        >>> num_frames(1024)
        19
    """
    return -(-num_samples // hop) + size // hop - 1


def griffin_lim(magnitudes, num_samples, iterations=60, hop=64, momentum=0.0, phase=None, seed=0):
    r"""A sound with nearly these magnitudes: guess the phase, and repair the guess again and again.

    $$x \leftarrow \operatorname{istft}(A\,e^{i\varphi}), \qquad \varphi \leftarrow \arg \operatorname{stft}(x)$$

    Without momentum the error never rises (each of the two steps is a nearest point); with it, it may, and often ends
    lower. The error is that of the *estimate*, $\big\| |\operatorname{stft}(x)| - A \big\| / \|A\|$ over all N bins.

    Args:
        magnitudes: Floats ≥ 0, `(..., frames, size // 2 + 1)`: A. Not their logarithms.
        num_samples: Of the sound.
        iterations: How many repairs after the first guess.
        hop: As in `stft`.
        momentum: α ≥ 0: how far beyond the new point the next phase is taken (0.99 is usual).
        phase: Where to start, in radians, of the shape of `magnitudes`; None draws it.
        seed: For the draw.

    Returns:
        The sound, float64 `(..., num_samples)`, and its relative error after each repair, `(iterations + 1, ...)`.

    Raises:
        ValueError: If a magnitude is negative, or shapes do not fit.

    Example:
        >>> tone = np.cos(2 * np.pi * 8 * np.arange(1024) / 256)
        >>> sound, errors = griffin_lim(abs(stft(tone)), 1024, iterations=20)
        >>> bool(np.all(np.diff(errors) < 1e-12)), sound.shape
        (True, (1024,))

    Reference:
        Griffin & Lim (1984), section III; the momentum: Perraudin, Balazs & Søndergaard (2013), WASPAA.
    """
    magnitudes = finite_float64(magnitudes, "magnitudes")
    if magnitudes.size and magnitudes.min() < 0:
        raise ValueError(
            f"magnitudes should not be negative; the smallest is {magnitudes.min():.3g}. "
            "Are these logarithms or decibels? Undo them first."
        )
    size = 2 * (magnitudes.shape[-1] - 1)
    draw = np.random.default_rng(seed).uniform(-np.pi, np.pi, size=magnitudes.shape)
    estimate, before, errors = np.exp(1j * (draw if phase is None else phase)), 0.0, []
    scale = np.maximum(_norm(magnitudes), 1e-300)
    for number in range(whole_number(iterations, "iterations") + 1):
        unit = np.exp(1j * np.angle(estimate))
        sound = istft(magnitudes * unit, num_samples, size, hop)
        projected = stft(sound, size, hop)
        errors.append(_norm(abs(projected) - magnitudes) / scale)
        estimate = projected + momentum * (projected - before) if number else projected
        before = projected
    return sound, np.array(errors)


def decibels(magnitudes, floor=-80.0):
    r"""Magnitudes as levels, $20 \log_{10}(A / \max A)$, not below `floor`.

    Args:
        magnitudes: Floats ≥ 0, of any shape.
        floor: The lowest level, below 0.

    Returns:
        Float64 array of the same shape, in dB, 0 for the largest.

    Example:
        >>> decibels([1.0, 0.1, 0.0]).tolist()
        [0.0, -20.0, -80.0]
    """
    magnitudes = finite_float64(magnitudes, "magnitudes")
    smallest = 10 ** (floor / 20)
    return 20 * np.log10(np.maximum(magnitudes / max(magnitudes.max(), 1e-300), smallest))


def from_decibels(levels):
    r"""Levels as magnitudes, $10^{L / 20}$: what `decibels` does, undone, but for the loudness of the loudest.

    Args:
        levels: Floats, of any shape, in dB.

    Returns:
        Float64 array of the same shape, 1 at 0 dB.

    Example:
        >>> from_decibels([0.0, -20.0]).tolist()
        [1.0, 0.1]
    """
    return 10 ** (finite_float64(levels, "levels") / 20)


def _norm(one_sided):
    """The norm over all N bins, of which the half that is kept has every inner one twice."""
    weights = np.full(one_sided.shape[-1], 2.0)
    weights[[0, -1]] = 1.0
    return np.sqrt((np.square(abs(one_sided)) * weights).sum(axis=(-2, -1)))


def _frame(size, hop):
    size, hop = whole_number(size, "size", 2), whole_number(hop, "hop", 1)
    if size % 2 or size % hop or size // hop < 3:
        raise ValueError(
            f"size should be even and a multiple of hop, at least three times it; got {size} and {hop}. Try 256 and 64."
        )
    return size, hop
