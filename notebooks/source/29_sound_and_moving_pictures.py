# ---
# jupyter:
#   course:
#     part: "Part IV · In practice"
#     question: "What must a model know that unfolds in time?"
#     gpu: true
# ---

# %% [markdown]
# # Speech, sound and moving pictures: what a model must know of time
#
# **The question.** A face is there at once. A word and a film are not: they have a *before* and an *after*. What must a
# model know that unfolds in time, and which judge notices when it does not?
#
# In this lesson you will
#
# * **make** vowels from a source and a filter, and **read** them in a spectrogram;
# * **prove** when a spectrogram can be undone, **see** what it forgets, and **repair** a lost phase;
# * **train** a VAE and a GAN that speak vowels, and **judge** them by an instrument;
# * **predict** the pitch of a buzz from the architecture alone;
# * **show** to which faults a judge of frames is blind, and (deeper) **compute** in nats why a model of single frames flickers;
# * **train** a generator in time, with a judge of frames and with a judge of pairs.
#
# *To know before:* GANs ({lesson: gan_theory}), labels as a condition ({lesson: conditional_gans_and_hybrids}), the price of
# a mean-field q ({lesson: the_elbo}), principal components ({lesson: linear_algebra_and_dynamics}). *Time:* {times};
# about 45 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A buzz and a tube
#
# Say a long "ee", then a long "ah", on one note. The vocal folds do the same in both: they let through a pulse of air,
# some hundred times a second. That is the **source**, and this number the **pitch** $f_0$. What differs is the tube of
# throat and mouth, the **filter**. It rings at a few frequencies, the **formants**: with a resonance at the angle $\theta_j$,
#
# $$x=\prod_{j=1}^3\frac1{1-2r_j\cos\theta_j\,z^{-1}+r_j^2z^{-2}}\;\text{source},\qquad\theta_j=\frac{2\pi F_j}{8000},\quad r_j=e^{-\pi B_j/8000}.$$
#
# ($z^{-1}$ is a delay of one sample; there are 8,000 samples a second; $B_j$ is the width of a resonance.) The formants here are
# the means of 33 men (Peterson & Barney, 1952). **Predict:** what happens to the spectrum of a vowel if the pitch rises, and what if
# the tube gets shorter?

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Audio
from keras import layers, ops

from course_lib import datasets, networks, plotting, signals
from course_lib.datasets import FORMANTS, VOWELS, pulses, vocal_tract

RATE = 8000  # samples a second

source = pulses(np.full(4000, 110.0))
hertz = np.fft.rfftfreq(4000, 1 / RATE)
figure, axes = plt.subplots(3, 1, figsize=(8, 5), layout="constrained", sharex=True, sharey=True)
for ax, v in zip(axes, (0, 2, 4), strict=True):
    impulse = np.eye(1, 4000)[0]
    tube = signals.decibels(abs(np.fft.rfft(vocal_tract(impulse, FORMANTS[v]))))
    voice = signals.decibels(abs(np.fft.rfft(vocal_tract(source, FORMANTS[v]) * np.hanning(4000))))
    ax.plot(hertz, voice, color=plotting.PALETTE[0], linewidth=0.7, label="voice: pulses through the tube")
    ax.plot(hertz, tube, color="black", label="the tube alone")
    ax.set(ylabel=f"“{VOWELS[v]}”, dB", ylim=(-60, 5))
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False)
axes[-1].set_xlabel("Hz")
plotting.show(
    alt="Three spectra, of ee, ah and oo. Each is a comb of narrow lines 110 Hz apart below a smooth black curve with three "
    "hills. The hills lie elsewhere in each vowel; the comb is the same."
)

# %% [markdown]
# The comb is the source: a higher pitch pulls its teeth apart. The hills are the filter: a shorter tube moves all of them to
# the right, by the same factor. **You hear:** the five vowels ee, eh, ah, aw, oo, one after the other, on one note, rather like
# a robot: a buzzing machine that opens and closes its mouth.

# %%
five = [vocal_tract(pulses(np.full(3200, 110.0)), formants) for formants in FORMANTS]
Audio(np.concatenate([sound / abs(sound).max() for sound in five]), rate=RATE)

# %% [markdown]
# ## A picture of sound, and back
#
# Cut the sound into frames of $N=256$ samples, one every $H=64$, weigh each with a window $w$ and take its Fourier
# transform:
#
# $$S_{mk}=\sum_n w_n\,x_{n+mH}\,e^{-2\pi ikn/N}.$$
#
# That is the **short-time Fourier transform**; its magnitudes $|S|$ are the **spectrogram**. To go back, transform each frame
# back, weigh it once more, add, and divide by $\sum_mw^2_{n-mH}$. Does that restore the sound? Two windows, almost alike:
# the periodic Hann window $\sin^2(\pi n/N)$, and the symmetric one, with $N-1$ in place of $N$.

# %% tags=["proof"]
from scipy import signal

rng = np.random.default_rng(run.seed)
x = rng.normal(size=2048)
spectrum = signals.stft(x)
back = signals.istft(spectrum, 2048)
oracle = signal.ShortTimeFFT(signals.hann(256), 64, RATE, phase_shift=None)
ripples = {}
for name, window in {"periodic": signals.hann(256), "symmetric": np.hanning(256)}.items():
    squares = signals.overlap_add(np.tile(window**2, (20, 1)), 64)[256:-256]
    ripples[name] = squares.max() - squares.min()
    print(f"{name:9} window: Σw² = {squares.mean():.4f}, ripple {ripples[name]:.1e}")
print(f"there and back: error {abs(back - x).max():.1e}; against SciPy {abs(oracle.stft(x).T - spectrum).max():.1e}")
assert abs(back - x).max() < 1e-12, "the sound must come back"
assert abs(oracle.stft(x).T - spectrum).max() < 1e-10, "SciPy's transform must be the same"
assert ripples["periodic"] < 1e-12 < ripples["symmetric"], "only the periodic window must have no ripple"

# %% [markdown]
# It does, to the last digit, *with the phase*; only with the periodic window is the divisor one number, 1.5. Two traps lie here. **Sample 0:** the window begins with $w_0=0$. If the first frame
# began at the first sample, that sample would have no weight at all and be lost; so the library puts zeros before the sound. **The
# division:** without it the sound comes back 1.5 times as loud, which nobody hears, and every error measured from then on is wrong.
#
# **Exercise {exercise: SUM_OF_WINDOWS}.** So a window and a hop must fit. Return $\sum_mw^2_{n-mH}$ at the samples $n=0,\dots,H-1$ in the middle of a long
# sound, `(hop,)`, for any window whose length is a multiple of `hop`.


# %% tags=["exercise"]
def sum_of_windows(window, hop):
    # BEGIN SOLUTION
    return np.square(window).reshape(-1, hop).sum(axis=0)
    # END SOLUTION


# %%
from course_lib.exercises import check
from course_lib.exercises import sound_and_moving_pictures as exercises

check(exercises.SUM_OF_WINDOWS, sum_of_windows)

# %% [markdown]
# What do the magnitudes alone know? Take tones $a\cos(2\pi kn/N+\varphi)$, each in the centre of a bin $k$, with the loudness $a$ and
# the phase $\varphi$ drawn. **Predict** a column of $|S|$, and what changes in it from frame to frame.

# %% tags=["proof"]
tones = datasets.load("tones", num_train=100, seed=run.seed)
known = tones.factors["train"]
columns = abs(signals.stft(tones.x_train))[:, 4:-4]  # the frames that lie within the sound: (100, frames, bins)
for number in (0, 1):
    a, k, phase = (float(known[factor][number]) for factor in ("amplitude", "bin", "phase"))
    seen = columns[number, 0, int(k) - 2 : int(k) + 3]
    print(f"a = {a:.3f}, k = {k:.0f}, φ = {phase:.2f}, a·N/4 = {a * 64:.2f}; bins k ± 2: {seen.round(2)}")
expected = np.zeros((100, 1, 129))
for beside, share in {-1: 1 / 8, 0: 1 / 4, 1: 1 / 8}.items():
    expected[np.arange(100), 0, known["bin"] + beside] = known["amplitude"] * 256 * share
assert abs(columns - expected).max() < 1e-4, "a·N/4 in its bin, a·N/8 beside, 0 elsewhere, in every frame"

# %% [markdown]
# $a\cdot N/4$ in its bin, half of it in the two beside (that is the window's own spectrum), zero elsewhere, the same in every
# frame. $\varphi$ is nowhere: **the spectrogram forgets the phase.** Of a vowel it keeps what we need:

# %%
clean = datasets.load("vowels", num_train=5, lowest_pitch=105, highest_pitch=115, seed=run.seed)
figure, axes = plt.subplots(1, 5, figsize=(8, 2.4), layout="constrained", sharey=True)
for v, ax in enumerate(axes):
    sound = clean.x_train[clean.y_train == v][0]
    level = 10 * np.round(signals.decibels(abs(signals.stft(sound)), -50) / 10)  # steps of 10 dB
    image = ax.imshow(level.T, origin="lower", aspect="auto", extent=(-0.012, 0.268, 0, 4), interpolation="nearest")
    ax.set(title=f"“{VOWELS[v]}”", xlabel="seconds", xticks=[0, 0.2])
axes[0].set_ylabel("kHz")
figure.colorbar(image, ax=axes, label="dB")
plotting.show(
    alt="Five spectrograms of a quarter of a second. Narrow horizontal lines, the multiples of the pitch, are bright where "
    "the formants lie: at the bottom and far up for ee, close together at the bottom for aw and oo."
)

# %% [markdown]
# ## A phase for a picture
#
# A model will make magnitudes $A$. To hear them we need a phase. **Griffin and Lim** (1984): guess one, and repeat
#
# $$x\leftarrow\operatorname{istft}(A\,e^{i\varphi}),\qquad\varphi\leftarrow\arg\operatorname{stft}(x).$$
#
# The first step finds the sound nearest to the picture, the second the picture nearest to the sound among those with the
# magnitudes $A$. So the error $\big\||\operatorname{stft}(x)|-A\big\|$ **never rises**. **Predict:** what does it do with *momentum*, where each
# new phase is taken beyond the point reached?

# %% tags=["proof"]
magnitudes = abs(signals.stft(clean.x_train[0]))
_, plain = signals.griffin_lim(magnitudes, 2048, 99, seed=run.seed)
_, pushed = signals.griffin_lim(magnitudes, 2048, 99, momentum=0.99, seed=run.seed)
true_phase = np.angle(signals.stft(clean.x_train[0]))
_, fixed = signals.griffin_lim(magnitudes, 2048, 5, phase=true_phase)
ax = plotting.curves({"plain": plain, "with momentum": pushed}, "repairs", "relative error", x=range(100))
plotting.show(alt="Two falling curves of the error against the number of repairs; the one with momentum ends lower.")
for name, errors in {"plain": plain, "momentum": pushed}.items():
    print(f"{name:8} after 0, 1, 10, 99 repairs: {errors[[0, 1, 10, 99]].round(4)}", end=", ")
    print(f"rises {np.sum(np.diff(errors) > 1e-12)} times")
print(f"from the true phase: {fixed.max():.1e}")
assert np.all(np.diff(plain) < 1e-12), "without momentum the error must never rise"
assert np.diff(pushed).max() > 1e-12, "with momentum it must rise"
assert pushed[-1] < plain[-1], "and end lower all the same"
assert fixed.max() < 1e-12, "the true phase must be a fixed point"

# %% [markdown]
# A theorem about each step is no theorem about the end. The plain method never rises, and slows to a crawl; the other one rises again and again, and
# ends lower. Two traps: measure the error of the *sound* (transform it again, as here), not of the spectrum that you have just built, whose magnitudes
# are $A$ by construction; and $A$ is a magnitude, neither its square nor its logarithm.
#
# **Exercise {exercise: REPAIR}: one repair.** `x` is the sound so far, `magnitudes` is $A$. Return the next sound. The transforms are handed to you: `stft(x)` gives a complex
# spectrum, `istft(spectrum)` a sound.


# %% tags=["exercise"]
def repair(x, magnitudes, stft, istft):
    # BEGIN SOLUTION
    return istft(magnitudes * np.exp(1j * np.angle(stft(x))))
    # END SOLUTION


# %%
check(exercises.REPAIR, repair)

# %% [markdown]
# ## Two models that speak
#
# Now let networks make the pictures. Vowels of a sixth of a second, pitch and length of the tube drawn for each; the
# picture is the level in dB, from −60 (0) to the loudest (1). A network gets the vowel and a code, and makes
# the picture. **Mind:** these are logarithms. Undo them *before* Griffin and Lim (`from_decibels`).

# %%
from course_lib.formulas import adversarial, gradient_penalties, likelihoods
from course_lib.metrics import formants
from course_lib.models import GAN, ConditionalGAN, ConditionalVAE

SAMPLES = 1280
vowels = datasets.load(
    "vowels", num_train=2000, num_samples=SAMPLES, lowest_pitch=100, highest_pitch=140, seed=run.seed
)


def levels(x):
    """Pictures in [0, 1], `(n, frames, bins, 1)`."""
    return np.stack([1 + signals.decibels(abs(signals.stft(sound)), -60) / 60 for sound in x])[..., None].astype(
        "float32"
    )


def sounds(pictures):
    magnitudes = signals.from_decibels(60 * (np.clip(pictures[..., 0], 0, 1) - 1))
    return signals.griffin_lim(magnitudes, SAMPLES, 15, momentum=0.99, seed=run.seed)[0]


x_train, x_test = levels(vowels.x_train), levels(vowels.x_test)
print(x_train.shape)

# %% [markdown]
# The VAE works on the pictures themselves, with a code of three numbers: what is drawn for a vowel is its pitch, the length of
# its tube, and where in a period it begins.

# %%
keras.utils.set_random_seed(run.seed)
shape = x_train.shape[1:]
vae = ConditionalVAE(
    networks.dense_conditional_encoder(shape, 3, 5, (128,)),
    networks.dense_conditional_decoder(3, shape, 5, (128,)),
    likelihoods.gaussian(0.03),
    num_classes=5,
    seed=run.seed,
)
vae.compile(keras.optimizers.Adam(0.002))
history = vae.fit(x_train, vowels.y_train, batch_size=50, epochs=30, verbose=0).history
print(f"rate: {history['kl'][-1]:.1f} nats a vowel")

# %% [markdown]
# About five nats for each of three numbers: it is told to about a hundredth of its range.
#
# For the GAN, whose game is slower, we first squeeze each picture to 16 numbers by principal components
# ({lesson: linear_algebra_and_dynamics}), each scaled to variance 1; the way back is a matrix. A little of the penalty R1
# ({lesson: stability_and_mode_collapse}) keeps it from saying each vowel in one way only.

# %%
from sklearn.decomposition import PCA

squeeze = PCA(16, whiten=True, random_state=run.seed)
codes = squeeze.fit_transform(x_train.reshape(len(x_train), -1))
print(f"16 numbers keep {squeeze.explained_variance_ratio_.sum():.0%} of the variance")
keras.utils.set_random_seed(run.seed)
gan = ConditionalGAN(
    networks.dense_conditional_generator(4, (16,), 5, (64, 64), output_activation=None),
    networks.dense_conditional_discriminator((16,), 5, (64, 64)),
    adversarial.non_saturating,
    num_classes=5,
    seed=run.seed,
    penalty=gradient_penalties.R1(0.1),
)
gan.compile(keras.optimizers.Adam(0.002, beta_1=0.5))
history = gan.fit(codes, vowels.y_train, batch_size=50, epochs=80, verbose=0)

# %% [markdown]
# **Exercise {exercise: BACK_FROM_LEVELS}: find the bug.** A colleague turns pictures back into magnitudes. Nothing fails, but every vowel is dull, as if spoken through a
# blanket: `back(level(A))` is not $A$. Repair `back`, so that it undoes `level` for magnitudes between 0.001 and 1.


# %% tags=["exercise"]
def level(magnitude):
    return 1 + 20 * np.log10(np.maximum(magnitude, 1e-3)) / 60


def back(picture):
    # BEGIN SOLUTION
    return 10 ** (60 * (picture - 1) / 20)
    # INSTEAD
    # return 10 ** (60 * (picture - 1) / 10)
    # END SOLUTION


# %%
check(exercises.BACK_FROM_LEVELS, back)

# %% [markdown]
# ### Judged by an instrument
#
# Who says what they say? A classifier would be one more network. Here the physics has an inverse: if a sound is a source through
# three resonances, then six numbers predict each sample from the six before it, and the **poles** of this **linear prediction** are the resonances.
# **How well does it find formants that we have planted?** Between the teeth of the comb the tube is not seen, so expect up to half a pitch.

# %% tags=["proof"]
worst = {}
for name, voice in {
    "noise (a whisper)": rng.normal(size=16_000),
    "pulses, 100 Hz": pulses(np.full(8000, 100.0)),
    "pulses, 220 Hz": pulses(np.full(8000, 220.0)),
}.items():
    found = np.array([formants(vocal_tract(voice, planted)[2000:6000]) for planted in FORMANTS])
    worst[name] = abs(found - FORMANTS).max()
    print(f"{name:18} farthest formant {worst[name]:.0f} Hz off")
assert worst["noise (a whisper)"] < 25, "a whisper must give its formants away"
assert worst["pulses, 100 Hz"] < 50, "and a voice to half its pitch"
assert worst["pulses, 220 Hz"] < 110, "and a voice to half its pitch"

# %% [markdown]
# Good enough to name vowels: the vowel heard is the one whose formants fit best, up to one factor for the length of the tube. **Predict:**
# which of the two models says more often what was asked, and which varies more?


# %%
def heard(x):
    """The vowel nearest to each sound, and its scale of the tube."""
    found = np.nan_to_num(np.stack([formants(sound[300:980]) for sound in x]), nan=4000.0)
    away = np.log(found)[:, None] - np.log(FORMANTS)  # (n, vowels, formants)
    scale = np.clip(away.mean(axis=2, keepdims=True), np.log(0.85), np.log(1.25))
    vowel = np.square(away - scale).sum(axis=2).argmin(axis=1)
    return vowel, np.exp(scale[np.arange(len(x)), vowel, 0])


def mean_deviation(groups):
    """The mean of the standard deviations of some groups of numbers, and its standard error."""
    squares = [(group - group.mean()) ** 2 for group in groups]
    errors = [each.std() / (4 * len(each) * each.mean()) ** 0.5 for each in squares]  # d√v = dv / (2√v)
    return np.mean([each.mean() ** 0.5 for each in squares]), np.hypot.reduce(errors) / len(groups)


# %% tags=["proof"]
asked = np.repeat(np.arange(5), 60)
of_gan = squeeze.inverse_transform(np.asarray(gan.sample(300, asked))).reshape(300, *shape)
made = {"real": x_test, "VAE": np.asarray(vae.sample(300, asked)), "GAN": of_gan}
said = {name: sounds(pictures) for name, pictures in made.items()}
right, spread, error = {}, {}, {}
for name, x in said.items():
    meant = vowels.y_test if name == "real" else asked
    vowel, scale = heard(x)
    right[name] = np.mean(vowel == meant)
    spread[name], error[name] = mean_deviation([scale[(meant == v) & (vowel == v)] for v in range(5)])
    print(f"{name:5} heard as asked: {right[name]:.2f};", end=" ")
    print(f"spread of the tube within a vowel {spread[name]:.3f} ± {error[name]:.3f}")
assert right["real"] > 0.95, "the instrument must hear what real vowels say"
assert right["GAN"] > right["VAE"] > 0.5, "both models must say what was asked, and the GAN more often"
assert spread["GAN"] < spread["real"] + 3 * np.hypot(error["GAN"], error["real"]), "it must not vary more than the data"
assert min(spread.values()) > spread["real"] / 2, "and neither model may say each vowel in one way only"

# %% [markdown]
# Two numbers, as for pictures ({lesson: judging_generative_models}): *is it what was asked*, and *does it vary as the data do*. The first row
# is the ceiling: real pictures, with their phase guessed. The GAN says nearly always what was asked; the VAE is misheard more often.
# Neither says each vowel in one way only: their spreads are near that of the data (their errors count sounds, not trainings). It is no verdict on VAEs
# and GANs: these two work on different pictures.
# (What the VAE gets wrong: a draw of the prior may land where no picture has its code, {lesson: the_variational_autoencoder}.)
#
# The pictures, one of each vowel (time to the right, frequency up, dark is loud):

# %%
rows = {name: [made[name][60 * v] for v in range(5)] for name in ("VAE", "GAN")}
rows = {"real": [x_test[vowels.y_test == v][0] for v in range(5)], **rows}
turned = {name: np.stack(row)[..., 0].clip(0, 1).transpose(0, 2, 1)[:, ::-1] for name, row in rows.items()}
figure, ax = plt.subplots(figsize=(5, 7), layout="constrained")
plotting.image_rows(turned, ax=ax).set_aspect(1 / 3)
plotting.show(
    alt="Three rows of five spectrograms, ee to oo. Real ones are sharp lines, dark in two or three bands, the formants. Those "
    "of the VAE and of the GAN have such bands, but their lines are washed out, most of all high up."
)

# %% [markdown]
# The dark bands, the formants, are there in both. The fine lines are washed out: each
# pitch has them elsewhere. Where the VAE is unsure of the pitch, it paints their mean, which is grey; the GAN's 16 components have little room for them.
#
# **You hear** five vowels of the VAE, ee to oo, each a sixth of a second: a rough buzz, as its phase is guessed, in which the
# colour changes from vowel to vowel.

# %%
Audio(np.concatenate(said["VAE"][::60]), rate=RATE)

# %% [markdown]
# And five of the GAN, as rough:

# %%
Audio(np.concatenate(said["GAN"][::60]), rate=RATE)

# %% [markdown]
# ## The buzz is in the architecture
#
# Some models make the waveform itself, by transposed convolutions: each value is painted as a kernel of width $K$, each
# painted $s$ samples after the one before. **Predict** for a kernel of ones and a constant input: the pattern for $K=3$, $s=2$; for 25 and 4;
# for 24 and 4.

# %% tags=["proof"]
keras.utils.set_random_seed(run.seed)
figure, axes = plt.subplots(2, 3, figsize=(9, 3.6), layout="constrained")
for (width, stride), (above, below) in zip(((3, 2), (25, 4), (24, 4)), axes.T, strict=True):
    paint = layers.Conv1DTranspose(
        1, width, stride, use_bias=False, kernel_initializer="ones", data_format="channels_last"
    )
    wave = ops.convert_to_numpy(paint(np.ones((1, 200, 1), "float32")))[0, width : 720 // stride * stride, 0][:320]
    spectrum = abs(np.fft.rfft(wave - wave.mean()))
    above.stem(wave[:12], basefmt=" ")
    below.plot(np.fft.rfftfreq(len(wave)), spectrum, color=plotting.PALETTE[0])
    above.set(title=f"kernel {width}, stride {stride}", ylim=(0, 8), xlabel="sample", xticks=range(0, 12, 2))
    below.set(xlabel="frequency / sampling rate", ylim=(-8, 180))
    counts = wave[:stride].astype(int).tolist()
    print(f"kernel {width}, stride {stride}: overlaps {counts}")
    if width % stride:
        peak = np.fft.rfftfreq(len(wave))[spectrum.argmax()]
        assert np.isclose(peak, 1 / stride) or np.isclose(peak % (1 / stride), 0), "the buzz must lie at rate / stride"
    else:
        assert np.ptp(wave) == 0, "where the stride divides the kernel the overlaps must be even"
axes[0, 0].set_ylabel("overlaps")
axes[1, 0].set_ylabel("magnitude")
plotting.show(
    alt="Above, the overlaps: 1 2 1 2; 6 6 6 7; and a flat row of 6. Below their spectra: a peak at one half of the sampling "
    "rate; peaks at one quarter and at its double; and nothing for kernel 24, stride 4."
)

# %% [markdown]
# The overlaps are even only if the stride divides the kernel. Otherwise there is a **buzz at exactly the sampling rate divided by the stride**
# (and at its multiples), before any training, whatever the data (in pictures: a checkerboard; Odena et al., 2016). **Is 24 and 4 cured, then?** The kernel of ones is a *mean* kernel. Draw 500
# random ones, and paint the same constant:

# %% tags=["proof"]
kernels = np.random.default_rng(run.seed).normal(1, 0.3, size=(500, 24))
painted = np.stack([signals.overlap_add(np.tile(kernel, (40, 1)), 4)[24:-24] for kernel in kernels])
period = abs(painted[:, 4:] - painted[:, :-4]).max()
ripple, ripple_of_mean = np.ptp(painted, axis=1).mean(), np.ptp(painted.mean(axis=0))
print(
    f"kernel 24, stride 4: ripple of one random kernel {ripple:.2f}, of the mean of 500 {ripple_of_mean:.2f}, around 6"
)
assert period < 1e-12, "what a kernel paints must repeat after the stride"
assert ripple > 0.5 > 0.2 > ripple_of_mean, "each random kernel must buzz, and their mean hardly"

# %% [markdown]
# No: each single kernel buzzes, at the same pitch; the mean hardly does. **Divisibility cures the mean only**; the rest has to be learned, or the signal is
# first stretched by interpolation and then convolved.
#
# **Exercise {exercise: BUZZ}.** A waveform model for 16,000 samples a second. For each design say at how many Hz its lowest buzz lies, or 0 if its overlaps are even:
# `"a"`: one layer, kernel 25, stride 4 · `"b"`: one layer, kernel 16, stride 8 · `"c"`: one layer, kernel 9, stride 8 · `"d"`: two layers of kernel 25 and stride 4, one
# after the other (the first makes a signal of a quarter of the rate).

# %% tags=["exercise"]
# BEGIN SOLUTION
buzz = {"a": 4000, "b": 0, "c": 2000, "d": 1000}
# END SOLUTION

# %%
check(exercises.BUZZ, buzz)

# %% [markdown] tags=["deeper"]
# ## Why a model of single frames flickers, in nats
#
# The simplest film: one number a frame that moves slowly, seen in noise,
#
# $$x_t=\phi\,x_{t-1}+\mathcal N(0,q),\qquad y_t=x_t+\mathcal N(0,r)$$
#
# ($q$ and $r$ are variances; a *distribution* $q$ is written with its argument.) Its exact $\log p(y)$ comes frame by frame (Kalman, 1960). A per-frame VAE has a $q(x\mid y)=\prod_tq(x_t)$ with independent frames.
# What is the best of them worth? The exact posterior has a tridiagonal precision matrix, with $d=\frac{1+\phi^2}q+\frac1r$ on and $-c=-\frac\phi q$ beside the diagonal.
# The mean-field formula ({lesson: the_elbo}) then says that a frame loses, in a long film,
#
# $$\tfrac12\ln\frac{2d}{d+\sqrt{d^2-4c^2}}\text{ nats}.$$

# %%
from scipy.stats import multivariate_normal

from course_lib.exact import (
    kalman_log_likelihood,
    mean_field_gaussian,
    posterior_precision,
    price_of_independent_frames,
)

# %% tags=["proof"]
model = {"coefficient": 0.9, "innovation": 0.19, "noise": 0.5}
covariance = 0.9 ** abs(np.subtract.outer(np.arange(60), np.arange(60))) + 0.5 * np.eye(60)  # q / (1 − φ²) = 1
y = multivariate_normal(np.zeros(60), covariance).rvs(random_state=run.seed)
kalman, whole = kalman_log_likelihood(y, **model), multivariate_normal(np.zeros(60), covariance).logpdf(y)
print(f"log p(y): frame by frame {kalman:.6f}, as one normal law of 60 dimensions {whole:.6f} nats")
assert abs(kalman - whole) < 1e-9, "the filter must agree with the normal law of all frames"
price = price_of_independent_frames(**model)
for frames in (40, 400):
    posterior = np.linalg.inv(posterior_precision(frames, **model))
    variances, lost = mean_field_gaussian(posterior)
    print(f"{frames} frames: the best independent q loses {lost / frames:.6f} nats a frame; formula {price:.6f}")
assert abs(lost / frames - price) < 1e-4, "and lose what the formula says, in a long film"
jumps = {
    "exact": posterior[200, 200] + posterior[201, 201] - 2 * posterior[200, 201],
    "independent": 2 * variances[200],
}
print("variance of x[t+1] − x[t]:", {name: round(float(value), 4) for name, value in jumps.items()})
assert jumps["independent"] > 1.15 * jumps["exact"], "and flicker"

# %% [markdown]
# An eighth of a nat a frame, and the differences from frame to frame vary by a fifth more: **flicker is what the lost nats look like.**

# %% [markdown]
# ## Who notices that the frames are shuffled?
#
# Letters that move one pixel a frame, to the left or to the right, and come in again at the other side. Eight frames:

# %%
film = datasets.load("moving_glyphs", letters="A")
clips = film.x_train
shuffled = np.stack([clip[..., rng.permutation(8)] for clip in clips[:500]])
rows = {"real": clips[0], "another": clips[5], "shuffled": shuffled[0]}
border = ((0, 0), (1, 1), (1, 1))
plotting.image_rows({name: np.pad(x.transpose(2, 0, 1), border, constant_values=0.3) for name, x in rows.items()})
plotting.show(
    alt="Three rows of eight frames: the letter A moves by a pixel a frame; another A does so; and the first one in another "
    "order, where it jumps."
)

# %% [markdown]
# Shuffle the frames of each clip. **Predict:** which scores of single frames notice: mean ink, sharpness, distance to the nearest real frame, *any* classifier?
# And what share of steps from frame to frame is still one pixel? (The step is measured: where two frames, one of them moved, agree best.)


# %% tags=["proof"]
def steps(clips):
    """Pixels to the right from frame to frame, −6 … 7: the shift of the best circular correlation."""
    spectra = np.fft.fft2(clips, axes=(1, 2))
    agreement = np.fft.ifft2(np.conj(spectra[..., :-1]) * spectra[..., 1:], axes=(1, 2)).real[:, 0]
    return (agreement.argmax(axis=1) + 6) % 14 - 6


def score_of_frames(clips):
    frames = clips.transpose(0, 3, 1, 2)
    return np.sort(np.square(np.diff(frames, axis=3)).sum(axis=(2, 3)), axis=1).sum()


print(f"sharpness, summed over frames: {score_of_frames(clips[:500]):.6f} and {score_of_frames(shuffled):.6f}")
single = {name: np.mean(abs(steps(x)) == 1) for name, x in {"real": clips[:500], "shuffled": shuffled}.items()}
print(f"steps of one pixel: real {single['real']:.3f}, shuffled {single['shuffled']:.3f}; by counting 2/8 = 0.25")
assert score_of_frames(clips[:500]) == score_of_frames(shuffled), "a score of frames must be exactly blind"
assert single["real"] == 1, "each real step must be one pixel"
assert abs(single["shuffled"] - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 500), "of a shuffled clip one step in four"

# %% [markdown]
# None of them: a sum over frames does not know their order. One step in four is left: of the 28 pairs of eight frames, 7 are neighbours.
# So a film needs a judge of frames *and* one of pairs.
#
# **Exercise {exercise: PAIRS_OF_FRAMES}: what a judge of pairs sees.** `clips` is `(n, height, width, frames)`. Return all pairs of neighbours, in time and of one clip, as
# `(n · (frames − 1), height, width, 2)`: first all pairs of clip 0, then of clip 1, and so on.


# %% tags=["exercise"]
def pairs_of_frames(clips):
    # BEGIN SOLUTION
    pairs = np.stack([clips[..., :-1], clips[..., 1:]], axis=-1)  # (n, height, width, frames - 1, 2)
    return np.moveaxis(pairs, 3, 1).reshape(-1, *clips.shape[1:3], 2)
    # END SOLUTION


# %%
check(exercises.PAIRS_OF_FRAMES, pairs_of_frames)

# %% [markdown]
# ## A generator in time
#
# A generator that makes one frame after the other, with a memory (GRU). We squeeze each frame to two numbers. **Predict** what the plane
# looks like: a letter that moves round and comes back ({lesson: linear_algebra_and_dynamics}).

# %%
frames = clips.transpose(0, 3, 1, 2).reshape(-1, 196)
mean = frames.mean(axis=0)
variances, axes_of_frames = np.linalg.eigh(np.cov(frames.T))
plane = axes_of_frames[:, -2:] * np.sqrt(variances[-2:])
codes = ((frames - mean) @ np.linalg.pinv(plane).T).reshape(-1, 8, 2).astype("float32")
print("largest variances:", variances[:-6:-1].round(3))


def pictures(codes):
    return (codes @ plane.T + mean).reshape(-1, 8, 14, 14).transpose(0, 2, 3, 1)


print(f"steps of one pixel, seen through two numbers a frame: {np.mean(abs(steps(pictures(codes[:500]))) == 1):.3f}")

# %% [markdown]
# Moved pictures are as frequent as unmoved ones, so the covariance does not change if all is moved. Its eigenvectors are then waves, in pairs of
# nearly equal variance (2.38 and 2.37), sine and cosine: the letter's position is an *angle*, and a clip is an arc on a ring.
#
# Two judges. Each is one small network, applied to every frame, or to every pair of neighbours; its logits are averaged.


# %%
def judge(pairs):
    clip = keras.Input((16,))
    features = layers.Reshape((8, 2))(clip)
    if pairs:
        features = ops.concatenate([features[:, :-1], features[:, 1:]], axis=-1)
    for units in (64, 64):
        features = layers.Dense(units, activation="leaky_relu")(features)
    return keras.Model(clip, ops.mean(layers.Dense(1)(features), axis=1))


def generator_in_time():
    noise = keras.Input((8,))
    memory = layers.GRU(64, return_sequences=True, unroll=True)(layers.RepeatVector(8)(noise))
    features = layers.Dense(64, activation="relu")(memory)
    return keras.Model(noise, layers.Reshape((16,))(layers.Dense(2)(features)))


films = {"real": codes[:400]}
for name in ("frames", "pairs"):
    keras.utils.set_random_seed(run.seed)
    gan = GAN(generator_in_time(), judge(name == "pairs"), adversarial.non_saturating, seed=run.seed)
    gan.compile(keras.optimizers.Adam(0.002, beta_1=0.5), jit_compile=False)
    gan.fit(codes.reshape(-1, 16), batch_size=50, epochs=32, verbose=0)
    films[f"judge of {name}"] = np.asarray(gan.sample(400)).reshape(-1, 8, 2)

# %% [markdown]
# **Predict:** what will the film look like that only a judge of frames has seen? And is anything wrong with the other one?

# %% tags=["proof"]
figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained", sharex=True, sharey=True)
table = {}
for ax, (name, made) in zip(axes, films.items(), strict=True):
    ax.plot(*made.reshape(-1, 2).T, ".", color="lightgrey", markersize=2)
    for number, clip in enumerate(made[:3]):
        ax.plot(*clip.T, ".-", color=plotting.PALETTE[number], linewidth=1)
    ax.set(title=name, aspect="equal")
    moved = steps(pictures(made))
    table[name] = np.mean(abs(moved) == 1), np.mean(abs(moved.sum(axis=1)) == 7)
    print(f"{name:16} steps of one pixel {table[name][0]:.2f}; all seven in one direction {table[name][1]:.2f}")
plotting.show(
    alt="Three planes. Real clips are arcs of eight points on a grey ring. Under the judge of frames the points lie on the "
    "ring, but a clip stops, or jumps along it. Under the judge of pairs a clip goes to and fro in small steps."
)
assert table["judge of pairs"][0] > table["judge of frames"][0] + 0.2, "a judge of pairs must teach steps"
assert table["real"] == (1, 1), "real letters must move steadily"

# %% [markdown]
# The judge of frames is content with the ring. The judge of pairs teaches steps (some inside the ring, where no letter is), and is blind to what needs *three* frames to be seen: whether the letter
# goes on in its direction. What a judge does not look at, a generator need not learn.

# %% [markdown] tags=["deeper"]
# ## Real speech
#
# Now people speak: ten digits, by six speakers (Jackson et al., 2018). The file is yours to get: `fsdd.zip` in the folder that the environment variable
# `COURSE_DATA` names; `datasets.load("spoken_digits")` says how. With the `gpu` profile a larger VAE learns to speak them. No formula knows the formants of a "seven", so the judge is a classifier, and
# its accuracy on *real* test recordings is the ceiling.

# %%
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC


def speak_digits(speech):
    """A VAE of spoken digits: its accuracy, that of real recordings, and ten clips in a row."""
    x, y = levels(speech.x_train), speech.y_train
    keras.utils.set_random_seed(run.seed)
    speaker = ConditionalVAE(
        networks.dense_conditional_encoder(x.shape[1:], 16, 10, (512,)),
        networks.dense_conditional_decoder(16, x.shape[1:], 10, (512,)),
        likelihoods.gaussian(0.1),
        num_classes=10,
        seed=run.seed,
    )
    speaker.compile(keras.optimizers.Adam(0.001))
    speaker.fit(x, y, batch_size=50, epochs=20, verbose=0)
    said = np.asarray(speaker.sample(300, np.arange(300) % 10))
    judge = make_pipeline(PCA(40), SVC(C=10)).fit(x.reshape(len(x), -1), y)
    real = judge.score(levels(speech.x_test).reshape(300, -1), speech.y_test)
    magnitudes = signals.from_decibels(60 * (np.clip(said[:10, ..., 0], 0, 1) - 1))
    clips, _ = signals.griffin_lim(magnitudes, speech.x_train.shape[1], 60, momentum=0.99)
    return judge.score(said.reshape(300, -1), np.arange(300) % 10), real, np.concatenate(clips)


# %% [markdown]
# Without the file, or with the `cpu` profile, the cell says so and goes on. **You hear**, if you have it, the digits 0 to 9 in half a second each, mumbled: on one run
# the judge heard 34 % of the VAE's digits as asked (10 % would be chance), and 96 % of the real ones. A word is harder than a vowel, which stands still.

# %%
clip = None
if run.profile == "gpu":
    try:
        of_samples, of_real, clip = speak_digits(datasets.load("spoken_digits"))
        print(f"heard as asked: samples {of_samples:.2f}, real recordings {of_real:.2f}")
    except datasets.DataError as error:
        print(error)
else:
    print("spoken digits: with COURSE_PROFILE=gpu, and fsdd.zip in COURSE_DATA")
None if clip is None else Audio(clip, rate=RATE)

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> Two sounds have the same spectrogram. Are they the same sound?</summary>
#
# Not necessarily: −x has the spectrogram of x. With overlapping frames little more than this sign is lost, for most sounds; but to find the phase again is hard, and Griffin and Lim may get stuck.
# </details>
#
# <details><summary><b>2.</b> "Our vocoder's error falls at every iteration, so it converges to the sound." What do you say?</summary>
#
# That it falls is a theorem, and says nothing about where it ends. It may rest far from 0. With momentum it rises now and then, and ends lower.
# </details>
#
# <details><summary><b>3.</b> A waveform GAN hums at 2,000 Hz, at 16,000 samples a second. What do you look at first?</summary>
#
# Its strides: 16,000/2,000 = 8. A transposed convolution with the stride 8, or several whose strides multiply to 8, and a kernel that it does not divide.
# </details>
#
# <details><summary><b>4.</b> Each frame of a generated film, shown alone, fools everyone. Is the film good?</summary>
#
# That is not known. Frames in a random order would pass the same test. Ask about pairs, and about longer pieces.
# </details>
#
# <details><summary><b>5.</b> A VAE codes each frame by itself, and its reconstructions flicker. Is its decoder too small?</summary>
#
# Not for that reason. A q of independent frames cannot hold what neighbouring frames tell of each other: it loses nats at every frame, and what it draws jumps more than the truth.
# Let q look at the neighbours, and let its draws depend on each other.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **made** vowels from a source and a filter, and **read** pitch and formants in a spectrogram;
# * **proved** that a spectrogram with its phase can be undone to the last digit, **seen** that the magnitudes forget the phase, and **repaired** a lost one;
# * **trained** a VAE and a GAN that speak vowels, and **judged** them by linear prediction, for accuracy and for spread;
# * **predicted** a buzz from kernel and stride, before any training;
# * **shown** that a judge of frames does not see the order, and (deeper) **computed** that frames without each other cost 0.12 nats a frame here;
# * **trained** a generator in time, and **seen** that a judge of frames teaches no steps, and a judge of pairs no direction.
#
# What must a model know that unfolds in time? **What neighbouring moments tell of each other. And what a judge does not look at, a generator need not learn: time least of all.**
#
# **Go further.** Give the films a third judge, of triples of frames: does the letter now keep its direction? Train the vowels with pitches from 90 to 220 Hz: what becomes of the
# accuracies, and of the comb? Let the signal in `model` and `covariance` move faster: does flicker cost more, or less?
#
# **References.** Peterson & Barney (1952), *Control methods used in a study of the vowels*, J. Acoust. Soc. Am. 24. · Fant (1960), *Acoustic theory of speech production*, Mouton. ·
# Kalman (1960), *A new approach to linear filtering and prediction problems*, J. Basic Engineering 82. · Atal & Hanauer (1971), *Speech analysis and synthesis by linear prediction of the speech wave*,
# J. Acoust. Soc. Am. 50. · Allen & Rabiner (1977), *A unified approach to short-time Fourier analysis and synthesis*, Proc. IEEE 65. · Griffin & Lim (1984), *Signal estimation from modified short-time
# Fourier transform*, IEEE Trans. ASSP 32. · Perraudin, Balazs & Søndergaard (2013), *A fast Griffin–Lim algorithm*, WASPAA. · Odena, Dumoulin & Olah (2016),
# [*Deconvolution and checkerboard artifacts*](https://distill.pub/2016/deconv-checkerboard/), Distill. · Tulyakov et al. (2018), *MoCoGAN: decomposing motion and content for video generation*,
# [arXiv:1707.04993](https://arxiv.org/abs/1707.04993). · Donahue, McAuley & Puckette (2019), *Adversarial audio synthesis*, [arXiv:1802.04208](https://arxiv.org/abs/1802.04208). · Clark, Donahue & Simonyan (2019), *Adversarial video
# generation on complex datasets*, [arXiv:1907.06571](https://arxiv.org/abs/1907.06571). · Jackson et al. (2018), *Free Spoken Digit Dataset*, [doi:10.5281/zenodo.1342401](https://doi.org/10.5281/zenodo.1342401).

# %% [markdown] tags=["slide"]
# # Speech, sound and moving pictures: what a model must know of time
#
# A face is there at once. A word and a film have a *before* and an *after*.
#
# **What must a model know that unfolds in time? And which judge notices when it does not?**

# %% [markdown] tags=["notes"]
# 1 min. Two halves: sound, then films. Each has a place where the model looks good and is not.

# %% [markdown] tags=["slide"]
# ## A buzz and a tube
#
# + **Source:** the vocal folds, $f_0$ pulses a second: the *pitch*.
# + **Filter:** throat and mouth ring at a few frequencies: the *formants*.
# + "ee" and "ah" on one note: same source, other filter.
# + A short tube moves all formants by one factor.

# %% [markdown] tags=["notes"]
# 3 min. Let everyone say ee and ah on one note with a hand on the throat, then whisper both: the source is gone and the vowel is still there. Play the first clip.

# %% [markdown] tags=["slide"]
# ## Predict: what moves if the pitch rises? If the tube gets shorter?
#
# {figure: a-buzz-and-a-tube-2}

# %% [markdown] tags=["notes"]
# 3 min. The teeth of the comb move apart; the hills move to the right. The usual mistake: to take the teeth for formants.

# %% [markdown] tags=["slide"]
# ## A picture of sound
#
# $$S_{mk}=\sum_n w_n\,x_{n+mH}\,e^{-2\pi ikn/N}$$
#
# + frames of $N=256$ samples, one every $H=64$;
# + $|S|$ is the *spectrogram*;
# + back: transform, weigh again, add, divide by $\sum_mw^2_{n-mH}$.
#
# . . .
#
# Is the sum the same at every sample?

# %% [markdown] tags=["notes"]
# 3 min. Draw four overlapping windows. Exercise {exercise: SUM_OF_WINDOWS} is this sum; homework.

# %% [markdown] tags=["slide"]
# ## There and back
#
# {output: a-picture-of-sound-and-back-2}
#
# + sin²(πn/N), not N − 1.
# + Sample 0 has the weight 0: zeros before the sound.

# %% [markdown] tags=["notes"]
# 2 min. The two windows differ in the last sample. A ripple of less than a per mille is inaudible, and it is a wrong theorem.

# %% [markdown] tags=["slide"]
# ## Predict: what does a spectrogram forget?
#
# A tone $a\cos(2\pi kn/N+\varphi)$ in the centre of bin $k$: which numbers stand in its column, and what changes from frame to frame?
#
# . . .
#
# {output: a-picture-of-sound-and-back-5}
#
# φ is nowhere.

# %% [markdown] tags=["notes"]
# 2 min. Nothing changes from frame to frame. The half beside is the window's own spectrum.

# %% [markdown] tags=["slide"]
# ## Five vowels
#
# {figure: a-picture-of-sound-and-back-7}
#
# Lines: the pitch. Bright bands: the formants.

# %% [markdown] tags=["notes"]
# 2 min. Hide the titles first and let them name ee. The lines fall: so does the pitch.

# %% [markdown] tags=["slide"]
# ## A phase for a picture: Griffin and Lim
#
# $$x\leftarrow\operatorname{istft}(A\,e^{i\varphi}),\qquad\varphi\leftarrow\arg\operatorname{stft}(x)$$
#
# + each step is a nearest point, so the error never rises;
# + the true phase is a fixed point.
#
# . . .
#
# **And with momentum?**

# %% [markdown] tags=["notes"]
# 3 min. Two sets and a zigzag between them, on the board. Let them vote: lower, higher, diverges. Exercise {exercise: REPAIR}.

# %% [markdown] tags=["slide"]
# ## It rises, and ends lower
#
# {figure: a-phase-for-a-picture-2}

# %% [markdown] tags=["notes"]
# 2 min. A theorem about each step is no theorem about the end. Measure the error of the sound, not of the spectrum that was just built.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: BACK_FROM_LEVELS} · {minutes} minutes
#
# ```python
# def level(magnitude):
#     return 1 + 20 * np.log10(np.maximum(magnitude, 1e-3)) / 60
#
# def back(picture):
#     return 10 ** (60 * (picture - 1) / 10)
# ```
#
# Nothing fails. Every vowel is dull. What is wrong?

# %% [markdown] tags=["notes"]
# 3 min. In pairs. 10 is for powers, 20 for magnitudes: as it stands, every magnitude is squared. Usual wrong answer: the clipping at −60 dB.

# %% [markdown] tags=["slide"]
# ## Two models that speak
#
# + Vowel and code in, picture in dB out.
# + A conditional VAE on pictures; a conditional GAN on 16 principal components.
# + Judge: *linear prediction*. Six numbers predict a sample from the six before; their poles are the formants.
#
# {output: judged-by-an-instrument-2}

# %% [markdown] tags=["notes"]
# 3 min. An instrument, not one more network: first measure it on planted formants. Between the teeth of the comb the tube is not seen: half a pitch.

# %% [markdown] tags=["slide"]
# ## Predict: who says what was asked, and who varies?
#
# . . .
#
# {output: judged-by-an-instrument-5}

# %% [markdown] tags=["notes"]
# 3 min. The first row is the ceiling. Two numbers, since a model that says each vowel in one way only could be right every time. Play both clips.

# %% [markdown] tags=["slide"]
# ## Predict: what hums here, before any training?
#
# Transposed convolution, a kernel of ones, a constant input:
#
# kernel 3, stride 2 · kernel 25, stride 4 · kernel 24, stride 4

# %% [markdown] tags=["notes"]
# 2 min. Let them count overlaps on paper for the first: 1 2 1 2.

# %% [markdown] tags=["slide"]
# ## The buzz is in the architecture
#
# {figure: the-buzz-is-in-the-architecture-2}
#
# At the sampling rate divided by the stride, and at its multiples.

# %% [markdown] tags=["notes"]
# 3 min. In pictures it is the checkerboard. And 24 with 4 cures the mean kernel only: every single random kernel has a period of four. Exercise {exercise: BUZZ}.

# %% [markdown] tags=["slide"]
# ## Quiz: a waveform GAN hums at 2,000 Hz, at 16,000 samples a second. Where do you look?
#
# . . .
#
# At its strides: 16,000 / 2,000 = 8.
#
# A stride of 8, or strides that multiply to 8, and a kernel that they do not divide.

# %% [markdown] tags=["notes"]
# 1 min. The usual answer is "more training".

# %% [markdown] tags=["slide"]
# ## Why single frames flicker, in nats
#
# $$x_t=\phi\,x_{t-1}+\mathcal N(0,q),\qquad y_t=x_t+\mathcal N(0,r)$$
#
# The best q with independent frames loses
#
# $$\tfrac12\ln\frac{2d}{d+\sqrt{d^2-4c^2}}\text{ nats a frame}$$
#
# {output: why-a-model-of-single-frames-flickers-in-nats-3 3-4}

# %% [markdown] tags=["notes"]
# 3 min. d and c are the entries of the posterior's precision, on and beside the diagonal: the mean-field formula again. A fifth more variance from frame to frame is what the eye calls flicker. Leave out the derivation.

# %% [markdown] tags=["slide"]
# ## Predict: which scores of frames notice a shuffled film?
#
# {figure: who-notices-that-the-frames-are-shuffled-2}

# %% [markdown] tags=["notes"]
# 2 min. None: a sum over frames does not know their order. Of the steps one in four is left. Exercise {exercise: PAIRS_OF_FRAMES} writes what sees it.

# %% [markdown] tags=["slide"]
# ## A generator in time
#
# + Two principal components a frame: a letter that goes round is a *ring*.
# + A memory (GRU) makes one frame after the other.
# + A judge of frames; or a judge of pairs.
#
# . . .
#
# **Draw the clips on the ring, for each judge.**

# %% [markdown] tags=["notes"]
# 3 min. If everything is moved, the covariance stays: sine and cosine, with equal variances. They should draw before the next slide.

# %% [markdown] tags=["slide"]
# ## What a judge does not see
#
# {figure: a-generator-in-time-6}
#
# {output: a-generator-in-time-6}

# %% [markdown] tags=["notes"]
# 4 min. The most important slide. Frames: on the ring, and anyhow. Pairs: steps of one pixel, back and forth. It takes three frames to see a direction. Ask what the next judge misses.

# %% [markdown] tags=["slide"]
# ## Quiz: each frame of a generated film fools everyone. Is the film good?
#
# . . .
#
# That is not known: its frames in a random order would pass the same test.

# %% [markdown] tags=["notes"]
# 1 min. Ask for a test that would fail, and for a film that passes this one too.

# %% [markdown] tags=["slide"]
# ## To take home
#
# **A model in time must know what neighbouring moments tell of each other.**
#
# What a judge does not look at, a generator need not learn: time least of all.
#
# *At home:* exercises {exercise: SUM_OF_WINDOWS}, {exercise: REPAIR} and {exercise: PAIRS_OF_FRAMES}. Say a vowel, and whisper it.

# %% [markdown] tags=["notes"]
# 1 min. Real speech, for whoever has the recordings, is the last section.
