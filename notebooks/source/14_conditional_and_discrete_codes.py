# ---
# jupyter:
#   course:
#     part: "Part II · Latent variables, the ELBO and the VAE"
#     question: "How do we steer generation, and can codes be symbols?"
#     gpu: true
# ---

# %% [markdown]
# # Conditional and discrete codes: a letter on request, and codes that are symbols
#
# **The question.** A VAE draws *some* letter. How do we steer it: this letter, this half of an image, this rare class? And
# must a code be a list of numbers, or can it be a word in an alphabet of its own?
#
# In this lesson you will
#
# * **condition** a VAE on a label, and **predict** how many nats a label can save;
# * **fill in** the missing half of an image, and **prove** the method on a model whose answer is exact;
# * **report** a model class by class, **find the bug** in a weighted loss, and **decide** what helps a rare class;
# * **look up** the nearest code, **say** which term of a VQ-VAE moves which part, and **revive** dead codes;
# * **learn** the grammar of the codes, and **draw** from it.
#
# *To know before:* {lesson: the_reparameterization_trick} (straight-through gradients), the ELBO
# ({lesson: the_elbo}), probabilistic PCA ({lesson: probabilistic_pca_and_monte_carlo}).
# *Time:* {times}; about 45 seconds to run on two CPU cores, less on a GPU.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A letter on request
#
# The VAE of a set of letters is $p(x)=\int p(z)\,p(x\mid z)\,dz$: which letter comes out is decided by the draw of $z$, and you
# have no say in it. So give the label $y$ to *both* networks, and model each letter's images separately:
#
# $$p(x\mid y)=\int p(z)\,p(x\mid z,y)\,dz .$$
#
# Nothing in lesson {number: the_elbo}'s derivation changes if every density carries "given $y$":
#
# 1. $\log p(x\mid y)=\log\int p(z)\,p(x\mid z,y)\,dz=\log\mathbb E_{q}\Big[\frac{p(z)\,p(x\mid z,y)}{q(z\mid x,y)}\Big]$ for any
#    $q(z\mid x,y)$ that is positive where it matters;
# 2. the logarithm of a mean is at least the mean of the logarithms (Jensen), so
#    $\log p(x\mid y)\ge\mathbb E_q\big[\log p(x\mid z,y)\big]-\mathrm{KL}\big(q(z\mid x,y)\,\|\,p(z)\big)$.
#
# This is the **conditional VAE** (Kingma et al., 2014; Sohn, Lee & Yan, 2015, who also let the prior depend on $y$). Note what
# is missing: $p(y)$. How often a letter occurs is not learned; when you generate, the letter is your choice.
#
# In code, the label enters as a one-hot vector beside the data, and beside $z$:

# %%
from course_lib import show
from course_lib.models import ConditionalVAE

show(ConditionalVAE.call)

# %% [markdown]
# We train it on the glyphs: ten letters in twelve fonts, here in pure black and white (so that the Bernoulli formula is a
# probability). `fit(x, y)` takes integer labels.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np

from course_lib import datasets, networks, plotting
from course_lib.formulas import bernoulli_log_prob

glyphs, SHAPE = datasets.load("glyphs"), (28, 28, 1)
letters = np.array(glyphs.class_names)
x_train, x_test = ((x > 0.5).astype("float32") for x in (glyphs.x_train, glyphs.x_test))
y_train, y_test = glyphs.y_train, glyphs.y_test

keras.utils.set_random_seed(run.seed)
encoder = networks.dense_conditional_encoder(SHAPE, 5, 10, (256,))
decoder = networks.dense_conditional_decoder(5, SHAPE, 10, (256,))
model = ConditionalVAE(encoder, decoder, bernoulli_log_prob, num_classes=10, seed=run.seed)
model.compile(keras.optimizers.Adam(0.003))
history = model.fit(x_train, y_train, epochs=6, validation_data=(x_test, y_test))

# %% [markdown]
# Now draw five codes $z$ from the prior, and decode **each of them with all ten labels**. Down a column the label is the same,
# along a row the code. **Predict:** what will the images of one *row* have in common?

# %%
z = np.random.default_rng(1).normal(size=(5, 5)).astype("float32")
generated = model.decode(np.repeat(z, 10, axis=0), np.tile(np.arange(10), 5))
plotting.image_grid(generated, columns=10, title="generated: one code a row, one label a column")
plotting.show(
    alt="A grid of generated letters, five rows of one code each and ten columns of one label each. Down a column "
    "the letter is the same; along a row weight, slant and size are alike."
)

# %% [markdown]
# The letter comes from the label. Whatever the label does not say is left to $z$: weight, slant, serifs, size, place. Nobody told
# the model that there is such a thing as a font; but with the prior the same for all labels, a code that means "bold and
# upright" for every letter is the cheapest thing to learn.
#
# Do the samples *obey*? Looking is not measuring. Let a judge that has never seen the model name them: a classifier of real
# images. And obeying is not enough: a model with *one* image per letter would obey perfectly. So also compare the
# **variance within a letter** with the real one. (A decoded mean is smoother than an image: the variance of $x$ is that of the
# means, plus the mean of the pixels' own variance $p(1-p)$.)

# %% tags=["proof"]
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

keras.utils.set_random_seed(run.seed)
judge = make_pipeline(PCA(40), SVC(C=10)).fit(x_train[:3000].reshape(-1, 784), y_train[:3000])
asked = np.repeat(np.arange(10), 50)
samples = model.sample(500, asked, seed=run.seed)
obeyed = np.mean(judge.predict(samples.reshape(-1, 784)) == asked)
real_names = np.mean(judge.predict(x_test[:500].reshape(-1, 784)) == y_test[:500])


def variance_within(images, labels, own=0.0):
    return np.mean([(images[labels == k].var(axis=0) + own).sum() for k in range(10)])


spread = variance_within(samples, asked, (samples * (1 - samples)).mean(axis=0))
real_spread = variance_within(x_test, y_test)
print(f"named as asked: {obeyed:.2f} of the samples; rightly named: {real_names:.2f} of real images")
print(f"variance within a letter: samples {spread:.1f}, real {real_spread:.1f} (summed over the pixels, ink²)")
assert obeyed > 0.8, "samples must be named as the letter that was asked for"
assert 0.6 < spread / real_spread < 1.4, "and they must vary within a letter as real ones do"

# %% [markdown]
# ### What is a label worth?
#
# **Exercise {exercise: SAVED_BY_THE_LABEL}: predict.** Whoever knows the label is less surprised by the image. By Bayes' rule
# $p(x\mid y)\,p(y)=p(x)\,p(y\mid x)$, and there are ten letters, all equally frequent. What is the *most* that a label can add to
# the log-probability of an image, $\log p(x\mid y)-\log p(x)$, in nats?

# %% tags=["exercise"]
# BEGIN SOLUTION
most_saved = np.log(10)
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import conditional_and_discrete_codes as exercises

check(exercises.SAVED_BY_THE_LABEL, most_saved)

# %% [markdown]
# The same rule turns the model round: $p(y\mid x)\propto p(x\mid y)\,p(y)$. A model that can *draw* each letter can *read*. Put in
# the ELBO for $\log p(x\mid y)$, for each of the ten labels, and name the image by the best. Nobody trained a classifier.

# %% tags=["proof"]
few, of_few = x_test[:500], y_test[:500]
scores = np.stack([np.mean([model.elbo(few, k) for _ in range(3)], axis=0) for k in range(10)])  # (label, image)
named = scores.argmax(axis=0)
right = scores[of_few, np.arange(500)]
saved = right - (np.logaddexp.reduce(scores, axis=0) - np.log(10))
print(f"read rightly: {np.mean(named == of_few):.3f} of {len(few)} images")
print(f"the label saves {saved.mean():.2f} nats on average, {saved.max():.2f} at most; the bound {np.log(10):.2f}")
assert np.mean(named == of_few) > 0.9, "the conditional model must read what it can draw"

# %% [markdown]
# (ELBOs stand in for $\log p(x\mid y)$, and $\log p(x)$ is their mean over labels, $\log\frac1{10}\sum_y p(x\mid y)$.) Most images
# save nearly all that can be saved: there is no doubt which letter they are. Compare the nats of a conditional model with those of
# *another*, unconditional model, and this bound need not hold: then two networks are compared, and not one with itself.

# %% [markdown]
# ## The missing half
#
# Steering by a *part* of the image: the top is seen, $x_o$, the bottom is missing, $x_m$. Which bottom would you expect? For a
# Gaussian that is a formula. Split mean and covariance into the seen and the missing part; then
#
# $$\mathbb E[x_m\mid x_o]=\mu_m+C_{mo}\,C_{oo}^{-1}\,(x_o-\mu_o),$$
#
# because $x_m-C_{mo}C_{oo}^{-1}x_o$ is uncorrelated with $x_o$ (compute the covariance: $C_{mo}-C_{mo}C_{oo}^{-1}C_{oo}=0$), for
# Gaussians therefore independent of it, and so it keeps its own mean, whatever $x_o$ is.
#
# **Exercise {exercise: CONDITIONAL_MEAN}.** Write it. `x` is `(n, d)`; `observed` is a mask of `d` Booleans, the same for all rows. Return whole rows.
# The missing entries of `x` hold nothing of use.


# %% tags=["exercise"]
def my_imputation(x, observed, mean, covariance):
    # BEGIN SOLUTION
    filled = x.copy()
    known = covariance[np.ix_(observed, observed)]
    slopes = np.linalg.solve(known, covariance[np.ix_(observed, ~observed)])
    filled[:, ~observed] = mean[~observed] + (x - mean)[:, observed] @ slopes
    return filled
    # END SOLUTION


# %%
check(exercises.CONDITIONAL_MEAN, my_imputation)

# %% [markdown]
# For a VAE there is no formula, but there is a latent: the pixels are independent *given* $z$. So
#
# 1. $\mathbb E[x_m\mid x_o]=\int \mathbb E[x_m\mid z]\;p(z\mid x_o)\,dz$: decode, and average over what $z$ could be;
# 2. $p(z\mid x_o)\propto p(z)\,p(x_o\mid z)$ cannot be drawn from. Draw from something near it, $r(z)$, and correct by
#    *weights*: $\;w_k=\frac{p(x_o\mid z_k)\,p(z_k)}{r(z_k)}$, divided by their sum;
# 3. for $r$ take the encoder. It wants a whole image: give it $x_o$ and a *guess* of $x_m$, and put the answer in place of the
#    guess, a few times (Rezende et al., 2014, appendix F; the weights: Mattei & Frellsen, 2019).
#
# The guess only decides where to look. The weights make the answer right, whatever the guess and however wrong the encoder: as
# the number of draws grows it becomes the model's own conditional mean. **Proof** on a VAE whose answer is known: a linear
# decoder, which makes it probabilistic PCA, and an encoder that is *deliberately wrong*.

# %% tags=["proof"]
from course_lib.exact import ProbabilisticPCA
from course_lib.formulas import gaussian
from course_lib.imputation import impute
from course_lib.models import VAE

weights, center, variance = np.array([[1.2, 0.3], [0.5, -0.9], [-0.7, 0.4], [0.2, 1.1]]), np.array([0.5, -1, 2, 0]), 0.4
keras.utils.set_random_seed(run.seed)
linear = VAE(
    networks.dense_gaussian_encoder((4,), 2, ()), networks.dense_decoder(2, (4,), ()), gaussian(variance), seed=run.seed
)
linear.decoder.set_weights([weights.T, center])
slopes = np.random.default_rng(3).normal(scale=0.1, size=(4, 2))
linear.encoder.set_weights([slopes, np.array([0.6, -0.6]), 0 * slopes, np.full(2, 0.5)])  # wrong in place and in width

seen = np.array([True, False, True, False])
rows = np.random.default_rng(run.seed).normal(size=(5, 4)) + center
exact = ProbabilisticPCA(weights, center, variance).impute(rows, seen)
answers = np.array([impute(linear, rows, seen, num_samples=4000, num_rounds=2, seed=s) for s in range(8)])
error = answers.std(axis=0)[:, ~seen].max() / np.sqrt(8)
largest = np.abs(answers.mean(axis=0) - exact).max()
print(f"largest difference from the exact conditional mean {largest:.4f} ± {error:.4f}")
assert largest < 6 * error + 0.02, "imputation must give the exact conditional mean, even with a wrong encoder"

# %% [markdown]
# Now letters. Each column: a real image, what is seen of it, and two fillings: given the *right* label, and given the **next
# letter** of the alphabet of this data set. **Before you look:** the top of a K is not the top of an M. What will a model do that is
# told "this is an M"?

# %% tags=["proof"]
top = np.zeros(SHAPE, bool)
top[:14] = True
columns = np.array([np.flatnonzero(y_test == k)[3] for k in range(10)])
real = x_test[columns]
filled = {
    name: np.concatenate([impute(model.given((k + shift) % 10), real[k : k + 1], top) for k in range(10)])
    for name, shift in (("filled in, right label", 0), ("filled in, next letter", 1))
}
plotting.image_rows({"real": real, "seen": real * top, **filled})
plotting.show(
    alt="Four rows of ten letters: real ones, their visible upper halves, the lower half filled in for the right "
    "label, where style follows the seen half, and for the next letter, where another letter is completed."
)
hidden = ~np.broadcast_to(top, real.shape)
for name, images in filled.items():
    wrong = np.square(images - real)[hidden].mean()
    print(f"{name}: mean squared error of the missing pixels {wrong:.3f}")
blank = np.square(x_train[:, 14:].mean(axis=0) - real[:, 14:]).mean()
right_error = np.square(filled["filled in, right label"] - real)[hidden].mean()
print(f"the mean of all training images instead: {blank:.3f}")
assert right_error < 0.8 * blank, "the seen half and the label must tell more than the mean image"

# %% [markdown]
# Given the right label, weight and slant of the hidden half follow the seen one. Given a wrong label, the model does what it was
# asked: it looks for the code under which that letter looks like this from above, and draws its other half. `model.given(k)` is the
# ordinary VAE of one letter, with the label filled in. Imputed pixels are **means**: they are grey where the model is unsure.

# %% [markdown]
# ## The rare class
#
# Real data are not balanced. Take four letters: 1,000 images each of B, E and K, and only 25 of R.

# %%
chosen = [1, 2, 4, 7]
sizes = dict(zip(chosen, (1000, 1000, 1000, 25), strict=True))
picked = np.concatenate([np.flatnonzero(y_train == k)[: sizes[k]] for k in chosen])
x_rare, y_rare = x_train[picked], np.searchsorted(chosen, y_train[picked])
mask = np.isin(y_test, chosen)
x_four, y_four = x_test[mask], np.searchsorted(chosen, y_test[mask])

# %% [markdown]
# Six trainings from two starts are to come, so they get a function: a VAE, or with labels a conditional VAE. They shall differ in *one*
# thing, and initial weights are a thing: from another start the ELBO of R is another by several nats. So each training is
# told from which start, and begins there with the same weights, the same order of the data and the same noise. (The conditional
# network has other layers, and its start is its own.)


# %%
def trained(x, y=None, start=0, epochs=12, optimizer=None, network=VAE, **fit):
    seed = run.seed + 100 * start
    keras.utils.set_random_seed(seed)
    with_label = () if y is None else (4,)
    build_encoder = networks.dense_gaussian_encoder if y is None else networks.dense_conditional_encoder
    build_decoder = networks.dense_decoder if y is None else networks.dense_conditional_decoder
    parts = build_encoder(SHAPE, 6, *with_label, (128,)), build_decoder(6, SHAPE, *with_label, (128,))
    made = network(*parts, bernoulli_log_prob, *with_label, seed=seed)
    made.compile(optimizer() if optimizer else keras.optimizers.Adam(0.005))
    made.fit(x, y, epochs=epochs, verbose=0, **fit)
    return made


# %% [markdown]
# First a VAE trained on all 3,025 images, with nothing done about R. Averaged over data like these (1 in 121 an R) its ELBO hardly
# knows that there are Rs. So ask **class by class**, on test images, of which there are 200 of each.
#
# **Exercise {exercise: PER_CLASS_REPORT}.** Write the report: the mean of `values` within each class, as an array of `num_classes` numbers, NaN for
# a class without examples (the mean of nothing is NaN already).


# %% tags=["exercise"]
def per_class(values, labels, num_classes):
    # BEGIN SOLUTION
    return np.array([values[labels == k].mean() for k in range(num_classes)])
    # END SOLUTION


# %%
check(exercises.PER_CLASS_REPORT, per_class)

# %% [markdown]
# (The next cell has such a report of its own, so that nothing depends on yours. It trains from two starts, and averages three
# draws of every ELBO.)

# %%
reports = {}  # name → a table (start, class)


def report(name, x, y=None, **how):
    models = [trained(x, y, start, **how) for start in range(2)]
    labels = () if y is None else (y_four,)
    values = [np.mean([model.elbo(x_four, *labels) for _ in range(3)], axis=0) for model in models]
    reports[name] = np.array([[of_one[y_four == k].mean() for k in range(4)] for of_one in values])
    means, gains = reports[name].mean(axis=0), reports[name][:, 3] - reports["as it is"][:, 3]
    cells = "  ".join(f"{letters[c]} {mean:6.1f}" for c, mean in zip(chosen, means, strict=True))
    print(f"{name:13} {cells} nats;  R behind by {means[:3].mean() - means[3]:4.1f}", end=";  ")
    print(f"R against its twin, start by start: {gains[0]:+5.1f} {gains[1]:+5.1f}")
    return models[0]


plain = report("as it is", x_rare)

# %% [markdown]
# "Behind" says how far R stays behind the mean of the other three: many nats. A mean over the data as they come hides it,
# because R's share of that mean is less than one percent. Now what? Three remedies are often named: give the rare class
# **weight**, show it **more often**, or use **weight decay**. One of the three only *sounds* like a remedy.
#
# ### Weights, and a bug in them
#
# Give example $i$ the weight $w_i=\frac{n}{C\,n_{y_i}}$, where $n_{y_i}$ is the number of examples of its class (of $C$): then
# every class has the same total. Here is a VAE as one finds it, with a loss of its own. It is trained twice, from the same
# start and on every third image: without weights, and with an R that weighs about 40 times a K. **Predict** the difference.

# %% tags=["proof"]
from keras import ops

from course_lib.contracts import class_weights


class AsFound(VAE):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(-self.log_likelihood(x, *y_pred["parameters"]) + self.kl(y_pred))


losses = {}
for name, weight in (("no weights", None), ("weights", class_weights(y_rare, 4))):
    found = trained(x_rare[::3], epochs=4, network=AsFound, sample_weight=None if weight is None else weight[::3])
    losses[name] = found.history.history["loss"]
    print(f"{name:10} loss of the first and the last epoch: {losses[name][0]:.4f}, {losses[name][-1]:.4f} nats")
assert losses["weights"] == losses["no weights"], "the weights of the model as found must have no effect at all"

# %% [markdown]
# Not a small difference: **none**, to the last digit. Whoever writes a loss must apply the weights in it. Keras hands them over and
# does nothing more; nobody warns you.
#
# How should they enter? A weight of 2 should mean *two copies*. Let $\ell_i$ be the loss of example $i$; with $w_i$ copies of each,
# there are $\sum_i w_i$ examples, and their mean is
#
# $$\frac{\sum_i w_i\,\ell_i}{\sum_i w_i}\,.$$
#
# Keras' own losses divide by the *number of rows* instead. That is the same only if the weights of every batch happen to have
# the mean 1; otherwise the scale of the loss, and with it the step of plain gradient descent, changes from batch to batch.
# Losses 1 and 3, weights 0 and 3:

# %% tags=["proof"]
by_keras = float(keras.losses.MeanSquaredError()([[0.0], [0.0]], [[1.0], [3**0.5]], sample_weight=[0.0, 3.0]))
print(f"Keras: (0 · 1 + 3 · 3) / 2 = {by_keras:.2f}; mean of the copies: (0 · 1 + 3 · 3) / 3 = {9 / 3:.2f}")
assert abs(by_keras - 4.5) < 1e-4, "Keras divides by the number of rows"

# %% [markdown]
# **Exercise {exercise: WEIGHTED_LOSS}: find the bug.** The line of the loss, in NumPy. Repair it: `losses` and `weights` are `(batch,)`.


# %% tags=["exercise"]
def weighted_loss(losses, weights):
    # BEGIN SOLUTION
    return np.sum(weights * losses) / np.sum(weights)
    # INSTEAD
    # return np.mean(losses)
    # END SOLUTION


# %%
check(exercises.WEIGHTED_LOSS, weighted_loss)

# %% [markdown]
# **Proof**, with the library's VAE, that a weight is a number of copies: in the loss *and* in the step that follows. Copies must see
# the same noise, so the noise is switched off.


# %% tags=["proof"]
class NoNoise(keras.layers.Layer):
    def call(self, mean, log_var):
        return mean


def one_step(x, sample_weight=None):
    keras.utils.set_random_seed(run.seed)
    parts = networks.dense_gaussian_encoder(SHAPE, 2, (16,)), networks.dense_decoder(2, SHAPE, (16,))
    vae = VAE(*parts, bernoulli_log_prob, seed=run.seed)
    vae.sampling = NoNoise()
    vae.compile(keras.optimizers.SGD(1e-4))
    loss = vae.fit(x, batch_size=len(x), sample_weight=sample_weight, verbose=0).history["loss"][0]
    return loss, np.concatenate([w.ravel() for w in vae.get_weights()])


copies = np.arange(30) % 4
(weighted, by_weight), (repeated, by_copies) = (
    one_step(x_rare[:30], copies),
    one_step(x_rare[:30].repeat(copies, axis=0)),
)
print(f"weighted loss {weighted:.4f}, loss of the copies {repeated:.4f} nats")
print(f"largest difference of a weight after the step {np.abs(by_weight - by_copies).max():.1e}")
assert abs(weighted - repeated) < 1e-3, "the weighted loss must be that of repeated data"
assert np.abs(by_weight - by_copies).max() < 1e-6, "and so must its gradient"

# %% [markdown]
# ### What helps, and what does not
#
# **Weight decay** pulls every weight towards 0 in each step, by $\eta\lambda\theta$ with the learning rate $\eta$ (in plain
# gradient descent: the gradient of $\frac\lambda2\|\theta\|^2$ in the loss). There is no $y$ in it. The classes enter through $\frac1n\sum_i\nabla\ell_i$ as before, R with the share $\frac{25}{3025}$. It keeps weights small, which may help
# *all* classes against over-fitting. (The word "weight" is another weight.)
#
# **Resampling** shows each R forty times an epoch. On average that is the gradient of the weighted loss, with less noise: a batch
# of 128 holds 32 Rs, where the weighted one holds a single R that counts like 30.
#
# **Conditioning** changes neither. It lets B, E and K *help*: what they teach about style holds for R, too; and you can ask for as
# many Rs as you like. Put them in order before you run it: by how far R stays behind.

# %% tags=["proof"]
counts = np.bincount(y_rare)
again = np.repeat(np.arange(len(y_rare)), 1000 // counts[y_rare])
report("weight decay", x_rare, optimizer=lambda: keras.optimizers.AdamW(0.005, weight_decay=0.1))
report("class weights", x_rare, sample_weight=class_weights(y_rare, 4))
report("resampled", x_rare[again], epochs=9)  # as many steps as the others
report("25 Rs alone", x_rare[y_rare == 3], epochs=40)  # no remedy, but a control
conditional = report("conditional", x_rare, y_rare, network=ConditionalVAE)
print("mean of the four classes:", {name: round(float(table.mean()), 1) for name, table in reports.items()})
behind = {name: table[:, :3].mean() - table[:, 3].mean() for name, table in reports.items()}
gain = {name: (table - reports["as it is"])[:, 3].mean() for name, table in reports.items()}
closed = behind["as it is"] - behind["resampled"]
assert closed > 6, "resampling must bring the rare class much closer"
assert abs(behind["weight decay"] - behind["as it is"]) < closed / 2, "weight decay must not do what resampling does"
assert gain["resampled"] > gain["weight decay"] + 1, "and R itself must gain, beside the twin that decays"
assert gain["conditional"] > 1, "the conditional model must be better for R than its twin without labels"
assert reports["conditional"].mean() > reports["as it is"].mean() + 1, "and nobody must pay for it"
assert reports["as it is"][:, 3].mean() > reports["25 Rs alone"][:, 3].mean() + 20, "B, E and K must help R by far most"

# %% [markdown]
# Read each row beside "as it is", its twin. **Weight decay** moves every column by a nat or so, and leaves R where it was.
# (A decay twenty times as strong does close the gap, by spoiling all four: so read R's own column, not the difference.)
# Class weights and resampling move R from last to first or nearly so, mostly by taking from the others: R gains up to
# several nats (with another seed the weights gained it nothing), the other three *together* lose more, and the mean over the
# four classes is *worse* than before. That is not because they ask for another
# distribution, in which one letter in four is an R: of *that* one, the mean of the four classes is the very ELBO. The same 25 Rs are
# seen again and again and learnt by heart, which does little for new ones, and the others pay for it.
#
# *25 Rs alone* is the control that one forgets. Without B, E and K, an R costs some fifty nats more: what the frequent classes teach
# about strokes and styles is by far the best that a rare one gets, and no remedy gives as much. (Its 40 passes are kind to it: with as
# many updates as the others it learns the 25 by heart, and new Rs cost about 250 nats.) The conditional model keeps it, and
# rebalances nothing: R stays behind, yet it gains nats, and nobody pays. (At most $\log121=4.8$ of them can be the
# label's own: exercise {exercise: SAVED_BY_THE_LABEL}, with $p(y)=\frac1{121}$.) And it can be *asked*. How many of 200 samples does the judge of the first
# section call an R?

# %% tags=["proof"]
drawn = {"generated, as it is": plain.sample(200, seed=2), "generated, asked for R": conditional.sample(200, 3, seed=2)}
plotting.image_rows({"real R, of the 25": x_rare[y_rare == 3][:8]} | {name: each[:8] for name, each in drawn.items()})
plotting.show(
    alt="Three rows of eight images: real Rs, samples of the plain model, which are other letters, and samples of "
    "the conditional model asked for R, some of them an R and some half a B."
)
share = {name: np.mean(letters[judge.predict(each.reshape(-1, 784))] == "R") for name, each in drawn.items()}
print(", ".join(f"{name}: {100 * value:.0f} % named R" for name, value in share.items()))
assert share["generated, asked for R"] > share["generated, as it is"] + 0.15, "asking must bring out many more Rs"

# %% [markdown]
# The plain model *should* draw an R once in 121 times: that is how its data are. A generative model of unbalanced data is not broken
# if it is unbalanced. Reweighting, resampling and asking are three ways of wanting something else, and each says so openly. None of
# them is more data: 25 examples stay 25 examples, and many an R on request is still half a B. **Augmentation** makes new
# Rs from old ones: turn and shift the 25 a little ({lesson: regularised_autoencoders}). That adds the variation which
# you know to be harmless, and no new fonts.

# %% [markdown] tags=["deeper"]
# ## Codes that are symbols
#
# A letter is one of ten, its font one of twelve. Much of what we name comes in kinds, and a language has a *finite* alphabet.
# So let the code be a grid of symbols (van den Oord et al., 2017): there is a **codebook** of $K$ vectors $e_1,\dots,e_K$, and each
# vector $z$ that the encoder makes is replaced by the nearest one,
#
# $$k=\arg\min_j\|z-e_j\|^2,\qquad z\;\to\;e_k .$$
#
# **Exercise {exercise: NEAREST_CODE}.** Look them up: `z` is `(batch, positions, length)`, `codebook` is `(K, length)`; return the numbers of the
# nearest codes, `(batch, positions)`.


# %% tags=["exercise"]
def nearest_code(z, codebook):
    # BEGIN SOLUTION
    return np.square(z[..., None, :] - codebook).sum(axis=-1).argmin(axis=-1)
    # END SOLUTION


# %%
check(exercises.NEAREST_CODE, nearest_code)

# %% [markdown]
# Rounding has the slope 0 almost everywhere: no gradient would reach the encoder. The way out is lesson {number: the_reparameterization_trick}'s straight-through, here
# without noise: *compute* with $e_k$, *differentiate* as if it had been $z$. And since nothing then tells the codebook where to
# go, two more terms are needed; a bar holds still what stands under it:
#
# $$L=\underbrace{-\log p(x\mid e_k)}_{\text{log-likelihood}}
#   +\underbrace{\|\bar z-e_k\|^2}_{\text{codebook}}+\gamma\underbrace{\|z-\bar e_k\|^2}_{\text{commitment}} .$$
#
# **Exercise {exercise: WHO_MOVES}.** Who is moved by each term? For each, answer `"encoder"`, `"decoder"`, `"codebook"`, `"both networks"` (encoder and
# decoder) or `"all three"`, in a dictionary with the keys `"log-likelihood"`, `"codebook"` and `"commitment"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
moves = {"log-likelihood": "both networks", "codebook": "codebook", "commitment": "encoder"}
# END SOLUTION

# %%
check(exercises.WHO_MOVES, moves)

# %% [markdown]
# In the library, the straight-through line and the two terms:

# %%
from course_lib.layers import VectorQuantizer

show(VectorQuantizer.call)

# %% [markdown]
# There is a second way to move the codebook. Write $i\to k$ if code $k$ is the nearest one of the vector $z_i$. The code that
# minimises $\sum_{i\to k}\|z_i-e_k\|^2$ is the **mean** of its vectors (set the derivative $2\sum_{i\to k}(e_k-z_i)$ to 0):
# that is *k-means*. So keep running counts and sums, *exponential moving averages* with a share $\rho$ of the old
# (`ema_decay`): with the $n_k$ vectors of code $k$ in this batch,
# $N_k\leftarrow\rho N_k+(1-\rho)n_k$ and $m_k\leftarrow\rho m_k+(1-\rho)\sum_{i\to k}z_i$; and put $e_k=m_k/N_k$. Then
# the codebook term is not needed.
#
# The two ways differ in something that is easy to overlook. Both squared distances are sums over *one* example, so repeating every
# example of a batch changes neither loss nor gradients. Do the running means notice? **Predict**, then let one step of each be
# taken on a batch and on the same batch twice.

# %% tags=["proof"]
from course_lib.models import VQVAE


def one_vq_step(x, **options):
    keras.utils.set_random_seed(run.seed)
    book = VectorQuantizer(8, 2, seed=run.seed, **options)
    parts = networks.dense_grid_encoder(SHAPE, (3,), 2, (16,)), networks.dense_grid_decoder((3,), 2, SHAPE, (16,))
    vqvae = VQVAE(*parts, book, bernoulli_log_prob, seed=run.seed)
    vqvae.compile(keras.optimizers.SGD(1e-3))
    loss = vqvae.fit(x, batch_size=len(x), verbose=0).history["loss"][0]
    return loss, [w.copy() for w in vqvae.encoder.get_weights()], ops.convert_to_numpy(book.codebook)


once, twice = x_rare[:32], x_rare[:32].repeat(2, axis=0)
for name, options in (("codebook term", {}), ("running means", {"ema_decay": 0.9})):
    (loss, encoder_1, book_1), (loss_2, encoder_2, book_2) = one_vq_step(once, **options), one_vq_step(twice, **options)
    of_encoder = max(np.abs(a - b).max() for a, b in zip(encoder_1, encoder_2, strict=True))
    of_book = np.abs(book_1 - book_2).max()
    print(f"{name}: loss {loss:.4f}, of the doubled batch {loss_2:.4f}; ", end="")
    print(f"largest difference after the step: encoder {of_encoder:.0e}, codebook {of_book:.0e}")
    assert abs(loss - loss_2) < 1e-3, "repeating a batch must not change the loss"
    assert of_encoder < 1e-5, "nor what the encoder learns from it"
    assert (of_book < 1e-5) == (name == "codebook term"), "the running means, and they alone, must count the copies"

# %% [markdown]
# The running means count vectors *per batch*, so they notice. It is no fault; but a model with them trains differently with
# another batch size, and it counts an example of weight 2 once.

# %% [markdown]
# ### Dead codes
#
# A code that is nobody's nearest gets no gradient and no mean. It stays where it is, for ever: it is **dead**. How many codes
# are in use is measured by the **perplexity** $\exp\big(-\sum_k p_k\log p_k\big)$ of their shares $p_k$: $K$ if all are equally
# frequent, 1 if one code does everything.
#
# Here is a planted case: points in the plane, and 16 codes of which only one starts near them. The repair: a code whose running
# count falls below a small number is **revived**, which means it is put on a vector drawn from the batch (Dhariwal et al., 2020;
# Zeghidour et al., 2021). **Predict** both perplexities after 100 batches.

# %% tags=["proof"]
from course_lib.layers import perplexity

points, _ = datasets.load("moons").split("train")
far_away = np.random.default_rng(run.seed).normal(size=(16, 2)) * 0.1 + [[12.0, 8.0]]
far_away[0] = 0.0
figure, frames = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
in_use = {}
for ax, (name, revive_below) in zip(
    frames, (("start", None), ("without revival", None), ("with revival", 1.0)), strict=True
):
    layer = VectorQuantizer(16, 2, ema_decay=0.9, revive_below=revive_below, seed=run.seed)
    for variable, value in ((layer.codebook, far_away), (layer.counts, np.ones(16)), (layer.sums, far_away)):
        variable.assign(value)
    for batch in range(0 if name == "start" else 100):
        layer(points[batch * 100 : batch * 100 + 100], training=True)
    in_use[name] = float(perplexity(layer(points)["codes"], 16))
    ax.scatter(*points[:1000].T, s=3, color="0.7", linewidths=0)
    ax.scatter(*ops.convert_to_numpy(layer.codebook).T, s=30, color=plotting.PALETTE[5])
    ax.set(title=f"{name}: perplexity {in_use[name]:.1f}", xlabel="$z_1$", ylabel="$z_2$")
plotting.show(
    alt="Three panels of points on two half-moons with 16 codes: at the start all but one lie far away; without "
    "revival one sits in the middle of the points and the others stay away; with revival they spread over the "
    "points."
)
assert in_use["without revival"] < 1.01 < 8 < in_use["with revival"], "revival must bring dead codes into use"

# %% [markdown]
# Grey: the points; orange: the codes. Without revival one code serves all points, from their middle, and fifteen lie dead at the upper right
# where they began. With it the codes have spread over the data within these 100 batches (note the narrower axes).

# %% [markdown]
# ### Letters in an alphabet of 32 symbols
#
# Now a VQ-VAE of all ten letters: 16 positions, each one of 32 codes. **Exercise {exercise: PRICE_OF_THE_CODE}: predict.** How many *bits* are needed to
# write down such a code, at most? (An image as it is takes 784.)

# %% tags=["exercise"]
# BEGIN SOLUTION
most_bits = 16 * np.log2(32)
# END SOLUTION

# %%
check(exercises.PRICE_OF_THE_CODE, most_bits)

# %% [markdown]
# A tenth of the raw image, then; if the words are not all equally frequent, less. But the image does not come back exactly. To
# write down *all* of it one pays for the word and for what it leaves unsaid: in bits, the negative bound divided by log 2
# (it is printed below). We train on all letters:

# %%
keras.utils.set_random_seed(run.seed)
vqvae = VQVAE(
    networks.dense_grid_encoder(SHAPE, (16,), 4, (256,)),
    networks.dense_grid_decoder((16,), 4, SHAPE, (256,)),
    VectorQuantizer(32, 4, ema_decay=0.95, revive_below=2.0, seed=run.seed),
    bernoulli_log_prob,
    seed=run.seed,
)
vqvae.compile(keras.optimizers.Adam(0.003))
history = vqvae.fit(x_train, epochs=6)
codes = vqvae.encode(x_train)
print("the first image as a word:", codes[0])

# %% [markdown]
# `quantization` is the squared distance to the nearest code, `perplexity` that of all codes of the epoch: nearly all 32 are in use.
# And the images?

# %%
plotting.image_rows(
    {"real": x_test[:12], "reconstructed": vqvae.reconstruct(x_test[:12]), "generated": vqvae.sample(12, seed=0)}
)
plotting.show(
    alt="Three rows of twelve images: real letters, their good reconstructions by the VQ-VAE, and generated images "
    "from random words of codes, mostly scribble."
)

# %% [markdown]
# The reconstructions are good: the words say what the letter was. The generated images are mostly scribble, although every symbol in
# them is a legal one. **What went wrong?** Nothing yet. They were made from *random words*, all $32^{16}$ equally likely; and random words are
# as little a language here as "xqzt" is English.

# %% [markdown] tags=["deeper"]
# ## The grammar of the codes
#
# The loss of a VQ-VAE holds no KL divergence, and no prior. To generate, we need a distribution $p(k_1,\dots,k_{16})$ over words; and any
# such distribution makes the VQ-VAE a proper model, with a bound that costs two lines. The image could have come from every word:
#
# 1. $\log p(x)=\log\sum_{k}p(k)\,p(x\mid e_k)$, a sum over all $32^{16}$ words;
# 2. all terms are positive, so keep one of them, the word $k(x)$ that the encoder chose:
#    $\;\log p(x)\ge\log p\big(x\mid e_{k(x)}\big)+\log p\big(k(x)\big)$.
#
# With uniform words the second part is $-16\log 32=-55.5$ nats for every image. A better grammar makes the words that *do* occur
# cheaper. Any distribution can be written as one symbol after the other,
#
# $$\log p(k_1,\dots,k_N)=\sum_{i}\log p(k_i\mid k_1,\dots,k_{i-1}),$$
#
# and one network can give all $N$ terms in one pass, if connections are cut so that the answer for position $i$ depends on
# nothing but the positions *before* $i$ (MADE, Germain et al., 2015). Give every hidden unit a degree $d$: it may see the
# symbols of the positions up to $d$, and the answer for position $i$ may see hidden units of a degree below $i$. All other weights are
# multiplied by 0. **Proof** for a tiny grammar, before it has learned anything: its
# probabilities over *all* words sum to 1, and changing a symbol moves no answer at or before its place.

# %% tags=["proof"]
from itertools import product

from course_lib.models import CodePrior

tiny = CodePrior((4,), num_codes=3, hidden_units=(32,), seed=run.seed)
rng = np.random.default_rng(run.seed)
tiny.network.set_weights([rng.normal(size=w.shape) for w in tiny.network.get_weights()])
words = np.array(list(product(range(3), repeat=4)), "int32")
total = np.exp(tiny.log_prob(words).astype("float64")).sum()
print(f"the probabilities of all {len(words)} words sum to {total:.7f}")
assert abs(total - 1) < 1e-5, "an exact distribution must sum to one"
before = ops.convert_to_numpy(tiny(words))
for place in range(4):
    changed = words.copy()
    changed[:, place] = (changed[:, place] + 1) % 3
    moved = np.abs(ops.convert_to_numpy(tiny(changed)) - before).max(axis=(0, 2)) > 0
    print(f"another symbol at place {place} moves the answers for the places {np.flatnonzero(moved).tolist()}")
    assert np.flatnonzero(moved).tolist() == list(range(place + 1, 4)), "a symbol may move only the answers after it"

# %% [markdown]
# The answer for place 0 depends on nothing: it is the frequency of the first symbol. Now the real grammar, trained on the words of the
# training images by plain maximum likelihood. It is a model of its own; the VQ-VAE is handed it to sample from.

# %% tags=["proof"]
prior = CodePrior((16,), num_codes=32, hidden_units=(256,), seed=run.seed)
prior.compile(keras.optimizers.Adam(0.003))
keras.utils.set_random_seed(run.seed)
prior.fit(codes, epochs=6, verbose=0)
uniform_bound, uniform_images = vqvae.elbo(x_test), vqvae.sample(12, seed=0)
vqvae.set_prior(prior)
gain = vqvae.elbo(x_test) - uniform_bound
error = gain.std() / np.sqrt(len(gain))
print(f"bound with uniform words {uniform_bound.mean():.1f}, with the grammar {vqvae.elbo(x_test).mean():.1f} nats")
print(f"the grammar makes a word cheaper by {gain.mean():.1f} ± {error:.1f} nats of 55.5, on test images")
assert gain.mean() > 5 * error + 3, "a grammar learned from training images must help on test images"
rows = {"generated, random words": uniform_images} | {
    f"generated, grammar ({seed})": vqvae.sample(12, seed=seed) for seed in (0, 1)
}
plotting.image_rows(rows)
plotting.show(
    alt="Three rows of twelve generated images: from random words of codes, mostly scribble, and twice from words "
    "drawn by the grammar, where more of them look like letters."
)

# %% [markdown]
# The same decoder, the same codebook: what changed is which words are said. Twelve pictures do not show how much that helps;
# the nats of the bound do. Not every sample is a letter yet: a grammar of a few
# seconds' learning makes mistakes. Autoencoder first, density of its codes afterwards: that is the two-stage generator of
# {lesson: the_latent_space}, but with an exact density of symbols in place of a Gaussian.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> In a conditional VAE, does z still encode the letter?</summary>
#
# It could, but it would pay for it twice: in KL, for something the decoder is told anyway. What is left for z is style.
# </details>
#
# <details><summary><b>2.</b> "Our rare class is generated badly, so we increased the weight decay." Sensible?</summary>
#
# Weight *decay* shrinks the network's weights, whatever class an example has. Class *weights*, resampling and conditioning know about
# classes. The names are a trap.
# </details>
#
# <details><summary><b>3.</b> You pass `sample_weight` to `fit`, and your model overrides `compute_loss`. What must you check?</summary>
#
# That the weights are used there at all, and that the loss is divided by their sum. Train twice, with and without: if the curves are
# equal to the last digit, they are not used.
# </details>
#
# <details><summary><b>4.</b> A VQ-VAE has 512 codes and a perplexity of 9. Is the codebook too small?</summary>
#
# No: too much of it is dead or hardly used. A larger book would not help. Revive codes, or let them follow running means, or begin on the data.
# </details>
#
# <details><summary><b>5.</b> Does a VQ-VAE without a prior over its codes define p(x)?</summary>
#
# Only if you say which words are how likely. With uniform words it is a model, and a poor one: its samples show it. The
# reconstructions look good either way, and tell nothing about it.
# </details>
#
# <details><summary><b>6.</b> An imputed half looks grey and soft. Is the model bad?</summary>
#
# Not necessarily. It is a mean over all halves that fit the seen one. Where they differ, a mean is grey.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **conditioned** a VAE on a label, seen style and letter part ways, and **predicted** that ten labels save at most log 10 = 2.3 nats;
# * **filled in** missing halves by weighted draws, and **proved** the method on probabilistic PCA, with a wrong encoder;
# * **reported** class by class, **found the bug** in a loss that ignored its weights, shown that Σwℓ/Σw is repetition, and that weight
#   decay is no remedy for a rare class;
# * **looked up** nearest codes, **said** which term moves what, and **revived** dead codes;
# * **learned** a grammar of words, exact and causal, and **drawn** letters from it.
#
# How do we steer generation? By giving the model what we know: a label, or a part. And yes, codes can be symbols, if we also learn
# which words they form.
#
# **Go further.** On a GPU, let the VQ-VAE have `positions=(49,)` and 256 codes, train it for 60 epochs, and give its grammar two hidden layers of
# 1,024. Or *ask* for letters from the grammar: train one `CodePrior` for each letter. By which bound would you compare the ten with the one?
#
# **References.** Kingma, Rezende, Mohamed & Welling (2014), *Semi-supervised learning with deep generative models*, arXiv:1406.5298. ·
# Rezende, Mohamed & Wierstra (2014), *Stochastic backpropagation and approximate inference in deep generative models*,
# arXiv:1401.4082. · Sohn, Lee & Yan (2015), *Learning structured output representation using deep conditional generative
# models*, NeurIPS. · Germain, Gregor, Murray & Larochelle (2015), *MADE: masked autoencoder for distribution estimation*,
# arXiv:1502.03509. · van den Oord, Vinyals & Kavukcuoglu (2017), *Neural discrete representation learning*, arXiv:1711.00937. ·
# Mattei & Frellsen (2019), *MIWAE: deep generative modelling and imputation of incomplete data sets*, arXiv:1812.02633. ·
# Dhariwal et al. (2020), *Jukebox: a generative model for music*, arXiv:2005.00341. · Zeghidour et al. (2021), *SoundStream: an
# end-to-end neural audio codec*, arXiv:2107.03312.
