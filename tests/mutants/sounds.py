"""Planted bugs of spectrograms, of the sounds and films that the course makes, and of what judges them."""

from tests.mutants.bug import planted_in

_SIGNALS = ("course_lib/signals.py", "tests/test_signals.py")
_SOUNDS = ("course_lib/datasets/sounds.py", "tests/datasets/test_sounds.py")
_SPOKEN = ("course_lib/datasets/spoken_digits.py", "tests/datasets/test_sounds.py")
_FILMS = ("course_lib/datasets/moving_glyphs.py", "tests/datasets/test_sounds.py")
_FORMANTS = ("course_lib/metrics/formants.py", "tests/metrics/test_formants.py")
_SLOW = ("course_lib/exact/state_space.py", "tests/exact/test_state_space.py")
_CHECKS = ("course_lib/exercises/sound_and_moving_pictures.py", "tests/exercises/test_sound_and_moving_pictures.py")

BUGS = (
    planted_in(_SIGNALS, "the symmetric window", "np.arange(size) / size))", "np.arange(size) / (size - 1)))"),
    planted_in(_SIGNALS, "no zeros before the sound", "[(size - hop, (frames - 1) * hop + hop - x.shape[-1])]", "[(0, (frames - 1) * hop + size - x.shape[-1])]"),
    planted_in(_SIGNALS, "an inverse that is not divided", "/ np.square(window).sum() * hop", "/ 1.0"),
    planted_in(_SIGNALS, "an inverse divided by the sum of the window", "/ np.square(window).sum() * hop", "/ window.sum() * hop"),
    planted_in(_SIGNALS, "an inverse that weighs its frames once", "np.fft.irfft(spectrum, size, axis=-1) * window", "np.fft.irfft(spectrum, size, axis=-1)"),
    planted_in(_SIGNALS, "an inverse that begins in the zeros", "[..., size - hop :][..., :num_samples]", "[..., :num_samples]"),
    planted_in(_SIGNALS, "pieces laid too late", "added[..., number : number + frames, :] +=", "added[..., overlaps - 1 - number : overlaps - 1 - number + frames, :] +="),
    planted_in(_SIGNALS, "the error of the spectrum that was just built", "errors.append(_norm(abs(projected) - magnitudes) / scale)", "errors.append(_norm(abs(magnitudes * unit) - magnitudes) / scale)"),
    planted_in(_SIGNALS, "a repair that keeps its own magnitudes", "istft(magnitudes * unit, num_samples", "istft(estimate, num_samples"),
    planted_in(_SIGNALS, "the phase of the real part", "unit = np.exp(1j * np.angle(estimate))", "unit = np.sign(estimate.real) + 0j"),
    planted_in(_SIGNALS, "momentum that brakes", "projected + momentum * (projected - before)", "projected - momentum * (projected - before)"),
    planted_in(_SIGNALS, "every bin counted once", "weights = np.full(one_sided.shape[-1], 2.0)", "weights = np.full(one_sided.shape[-1], 1.0)"),
    planted_in(_SIGNALS, "decibels of a power", "return 20 * np.log10(", "return 10 * np.log10("),
    planted_in(_SIGNALS, "the decibels of a power, undone", 'finite_float64(levels, "levels") / 20)', 'finite_float64(levels, "levels") / 10)'),
    planted_in(_SIGNALS, "half a window of overlap is let through", "size // hop < 3", "size // hop < 2"),
    planted_in(_SOUNDS, "a filter of half the bandwidth", "np.exp(-np.pi * np.asarray(bandwidths) / RATE)", "np.exp(-np.pi * np.asarray(bandwidths) / RATE / 2)"),
    planted_in(_SOUNDS, "poles that are squared once too often", "radius**2])", "radius**4])"),
    planted_in(_SOUNDS, "pulses with one partial tone too many", "np.ceil(RATE / 2 / pitch.max()) - 1", "np.ceil(RATE / 2 / pitch.max())"),
    planted_in(_SOUNDS, "pulses with a constant", "/ np.where(top, 1.0, np.sin(half)) - 1))", "/ np.where(top, 1.0, np.sin(half))))"),
    planted_in(_SOUNDS, "pulses of twice the pitch", "half = np.pi * (start", "half = 2 * np.pi * (start"),
    planted_in(_SOUNDS, "a tube that only the first formant knows", "formants = scale[:, None] * FORMANTS[vowels]", "formants = np.hstack([scale[:, None] * FORMANTS[vowels][:, :1], FORMANTS[vowels][:, 1:]])"),
    planted_in(_SOUNDS, "tones without their phase", "/ FRAME) + phase[:, None]", "/ FRAME)"),
    planted_in(_FILMS, "letters that move the other way", "direction[keep, None] * np.arange(num_frames)", "-direction[keep, None] * np.arange(num_frames)"),
    planted_in(_FILMS, "letters that leave for good", "- steps[:, None, :]) % width", "- steps[:, None, :]).clip(0, width - 1)"),
    planted_in(_FILMS, "every letter starts in the middle", "moved = start[keep, None] +", "moved = 0 * start[keep, None] +"),
    planted_in(_FILMS, "factors of other letters", '"start": start[keep].astype', '"start": start[: keep.sum()].astype'),
    planted_in(_SPOKEN, "the test recordings are trained on", "zip(SPLITS, (numbers >= 10,", "zip(SPLITS, (numbers >= 0,"),
    planted_in(_SPOKEN, "recordings of any rate", "if kind != (1, 2, 8000):", "if kind[:2] != (1, 2):"),
    planted_in(_SPOKEN, "sounds cut at their end only", "sound = sound[-missing // 2 :][:num_samples]", "sound = sound[:num_samples]"),
    planted_in(_FORMANTS, "the sign of the prediction", "[[1.0], -linear_prediction(x, order)]", "[[1.0], linear_prediction(x, order)]"),
    planted_in(_FORMANTS, "frequencies of half the rate", "rate / (2 * np.pi)", "rate / (4 * np.pi)"),
    planted_in(_FORMANTS, "real poles are formants", "roots[roots.imag > 1e-9]", "roots[roots.imag >= 0]"),
    planted_in(_FORMANTS, "correlations of one lag too few", "solve_toeplitz(lags[:-1], lags[1:])", "solve_toeplitz(lags[:-1], lags[:-1])"),
    planted_in(_SLOW, "a filter that starts from the innovation", "mean, variance, total = 0.0, innovation / (1 - coefficient**2), 0.0", "mean, variance, total = 0.0, innovation, 0.0"),
    planted_in(_SLOW, "a filter that forgets the innovation", "coefficient**2 * variance + innovation", "coefficient**2 * variance"),
    planted_in(_SLOW, "a gain without the noise", "gain = variance / spread", "gain = variance / (spread + noise)"),
    planted_in(_SLOW, "ends like the middle", "diagonal[[0, -1]] = 1 / innovation + 1 / noise", "diagonal[[0, -1]] = diagonal[1] if num_frames > 2 else diagonal[0]"),
    planted_in(_SLOW, "a price for one neighbour only", "np.sqrt(d**2 - 4 * c**2)", "np.sqrt(d**2 - c**2)"),
    planted_in(_CHECKS, "windows that are not squared", "reference=lambda window, hop: _folded(np.square(window), hop)", "reference=lambda window, hop: _folded(window, hop)"),
    planted_in(_CHECKS, "a repair of another phase", "reference=lambda x, a, stft, istft: istft(a * np.exp(1j * np.angle(stft(x))))", "reference=lambda x, a, stft, istft: istft(a * np.exp(-1j * np.angle(stft(x))))"),
)  # fmt: skip
