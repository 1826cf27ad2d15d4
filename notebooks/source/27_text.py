# ---
# jupyter:
#   course:
#     part: "Part IV · In practice"
#     question: "What changes when data are symbols?"
#     gpu: true
# ---

# %% [markdown]
# # Text: what changes when data are symbols?
#
# **The question.** A pixel can be a little darker. A word cannot be a little more *dog*. Which parts of this course survive that, and
# which do not?
#
# In this lesson you will
#
# * **write** the shift that makes a network a language model, and **catch** two that are none, by adding up all strings;
# * **convert** nats per sentence into a perplexity per word;
# * **explain** why a VAE of text ignores its code, and **read off** what word dropout pays for it;
# * **find** two bugs in a word dropout (deeper: and **write** a policy gradient whose baseline brings no bias);
# * **train** text GANs in two ways, and **rank** generators by counting instead of by reading;
# * **compare** three compressors on the prose of this course, in bits per character (deeper: and a network with an n-gram).
#
# *To know before:* {lesson: the_elbo}, {lesson: the_reparameterization_trick} (score function, Gumbel-softmax), {lesson: gan_theory} ($D^*$).
# *Time:* {times}; about 40 seconds to run on two CPU cores.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# ## A language in which everything is known
#
# Of English nobody knows the entropy. So we begin with a language small enough to know all about it: sentences of five words, with
# 19 words in all.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops

from course_lib import datasets, plotting
from course_lib.exact import conditional_entropy, entropy, every_string, price_of_word_dropout, total_correlation

data = datasets.load("sentences")
grammar = data.density
sentences, p = grammar.sentences, grammar.probabilities
print(data)
print("; ".join(grammar.read(data.x_train[:4])))

# %% [markdown]
# A *topic* is drawn (animals or people, ½ each), a *number* (singular 0.6), the first word (½ each of two), subject and object of that topic
# (0.5, 0.3, 0.2) and a verb (0.7, 0.3). Topic and number stand nowhere: they show in the words. That makes 144 sentences, each with an exact
# probability.
#
# The choices are independent, and a sentence tells all of them, so the entropy of a sentence is the sum of theirs. **Predict:** is it more or less than the sum of the
# entropies of the five *words*?


# %% tags=["proof"]
def h(*shares):
    return -sum(share * np.log(share) for share in shares)


of_choices = h(0.5, 0.5) + h(0.6, 0.4) + h(0.5, 0.5) + 2 * h(0.5, 0.3, 0.2) + h(0.7, 0.3)
of_words = [entropy(sentences, p, [place]) for place in range(5)]
after = [conditional_entropy(sentences, p, place, range(place)) for place in range(5)]
H = entropy(sentences, p)
print(f"entropy: of the choices {of_choices:.6f}, of the 144 sentences {H:.6f} nats")
print(f"sum of the entropies of the five words {sum(of_words):.6f}, difference {total_correlation(sentences, p):.6f}")
assert abs(H - of_choices) < 1e-12, "the entropy of independent choices must be the sum of theirs"
assert abs(sum(after) - H) < 1e-12, "and word after word, each given those before it, it must add up to the same"

# %%
figure, ax = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
ax.bar(np.arange(5) - 0.2, of_words, 0.38, color="0.75", label="of the word alone: $H(x_t)$")
ax.bar(np.arange(5) + 0.2, after, 0.38, color=plotting.PALETTE[0], label="given the words before: $H(x_t\\mid x_{<t})$")
ax.set_xticks(range(5), ["the / a / some", "subject", "verb", "the", "object"])
ax.set(ylabel="nats", ylim=(0, 3.4))
ax.legend(frameon=False)
plotting.show(
    alt="Two bars for each of the five words: its entropy alone and given the words before it. For the first word they are equal, the fourth "
    "is certain, and for subject, verb and object the second bar is clearly shorter."
)

# %% [markdown]
# The grey bars add up to 6.43 nats and the blue ones to the entropy, 4.73. The difference, 1.70 nats, is the **total correlation**: what the words
# tell about each other.
#
# A model of text is quoted by its **perplexity**, the exponential of its nats *per word*: among how many equally likely words it hesitates.
#
# **Exercise {exercise: PERPLEXITY_PER_WORD}.** What is the perplexity per word of a perfect model of this language? (`H` holds its nats per sentence.)

# %% tags=["exercise"]
# BEGIN SOLUTION
perplexity_per_word = np.exp(H / 5)
# END SOLUTION

# %%
from course_lib.exercises import check
from course_lib.exercises import text as exercises

check(exercises.PERPLEXITY_PER_WORD, perplexity_per_word)

# %% [markdown]
# ## One word after the other
#
# Every distribution of sentences is a product of distributions of single words, each given those before it:
#
# $$\log p(x)=\sum_{t=1}^L\log p(x_t\mid x_1,\dots,x_{t-1}) .$$
#
# A network computes all L terms in one pass if its answer at position $t$ sees nothing from $t$ on. A **causal** convolution looks at its own
# position and backwards, so it would see $x_t$ itself. Hence its input is **shifted**: at position $t$ it is given $x_{t-1}$, and a *begin*
# symbol at the first. That is "teacher forcing": while learning, the true words stand before, not the network's own.

# %%
figure, frames = plt.subplots(1, 3, figsize=(9, 2.5), layout="constrained")
for ax, (name, reach, inputs) in zip(
    frames,
    (
        ("causal, shifted", (-2, -1, 0), ["begin", "$x_1$", "$x_2$", "$x_3$"]),
        ("causal, not shifted", (-2, -1, 0), ["$x_1$", "$x_2$", "$x_3$", "$x_4$"]),
        ("shifted, looks both ways", (-1, 0, 1), ["begin", "$x_1$", "$x_2$", "$x_3$"]),
    ),
    strict=True,
):
    for place in range(4):
        for step in reach:
            if 0 <= place + step < 4:
                told = inputs[place + step] == f"$x_{place + 1}$"
                line = {"color": plotting.PALETTE[5], "lw": 2} if told else {"color": "0.7", "lw": 1}
                ax.plot([place + step, place], [0, 1], **line)
        ax.text(place, -0.12, inputs[place], ha="center", va="top")
        ax.text(place, 1.1, f"$p(x_{place + 1})$", ha="center")
    ax.set(title=name, xlim=(-0.5, 3.5), ylim=(-0.45, 1.4))
    ax.axis("off")
plotting.show(
    alt="Three small networks of four positions. In the causal, shifted one no line leads from a symbol to its own prediction. In the one "
    "that is not shifted, and in the one that looks both ways, thick lines lead from symbols straight to their own predictions."
)

# %% [markdown]
# Thick lines: a prediction is told what it predicts.
#
# **Exercise {exercise: SHIFTED}.** Write the shift: `x` holds integers `(n, L)`, and `begin` is the number of the begin symbol.


# %% tags=["exercise"]
def shifted(x, begin):
    # BEGIN SOLUTION
    return np.concatenate([np.full((len(x), 1), begin, x.dtype), x[:, :-1]], axis=1)
    # END SOLUTION


# %%
check(exercises.SHIFTED, shifted)

# %% [markdown]
# ## A language model is a distribution: add it up
#
# A wrong shift does not crash: the loss falls, and faster than it should. What gives it away? A distribution sums to 1. With 4 symbols
# and 6 places there are 4,096 strings, so we ask the network for *all* of them and add up. The data: strings in which every symbol is
# equally likely, so that nothing can be learned. Their entropy is $6\log4=8.318$ nats, and **no** distribution has a lower expected loss.
#
# Four networks: a causal convolution and a recurrent one (GRU: it carries a memory from word to word), both with the shift; a convolution
# that looks both ways; a causal one without the shift. **Predict** the loss of each after four passes, and its sum.


# %%
def history(x, begin):
    return np.concatenate([np.full((len(x), 1), begin, "int32"), x[:, :-1]], axis=1)


def word_network(num_symbols, length, units=64, code_dim=0, padding="causal", kernel=None):
    """Logits of every word from the words put in; two symbols more than words: begin and hidden."""
    words = keras.Input((length,), dtype="int32")
    code = [keras.Input((code_dim,))] if code_dim else []
    told = [layers.Reshape((1, code_dim))(each) + ops.zeros((1, length, code_dim)) for each in code]
    parts = [layers.Embedding(num_symbols + 2, 32)(words), *told]
    features = layers.Concatenate()(parts) if code else parts[0]
    features = layers.Conv1D(units, kernel or length, padding=padding, activation="relu")(features)
    features = layers.Conv1D(units, 1, activation="relu")(features)
    return keras.Model([words, *code] if code else words, layers.Conv1D(num_symbols, 1)(features))


def recurrent_network(num_symbols, length, units=32):
    words = keras.Input((length,), dtype="int32")
    features = layers.GRU(units, return_sequences=True)(layers.Embedding(num_symbols + 2, 16)(words))
    return keras.Model(words, layers.Dense(num_symbols)(features))


# %% [markdown]
# The loss is Keras' own, a mean over the words. `log_probs` returns the log-probability of each string: the sum over its words.

# %%
word_loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def log_probs(network, inputs, targets):
    logs = ops.log_softmax(network(inputs))
    return np.take_along_axis(ops.convert_to_numpy(logs), targets[..., None], axis=-1)[..., 0].sum(
        axis=1, dtype="float64"
    )


strings = every_string(4, 6)  # (4096, 6)

# %% tags=["proof"]
right, itself = history(strings, 4), strings
trials = {
    "causal convolution": (lambda: word_network(4, 6), right),
    "GRU": (lambda: recurrent_network(4, 6), right),
    "looks both ways": (lambda: word_network(4, 6, padding="same", kernel=3), right),
    "not shifted": (lambda: word_network(4, 6), itself),
}
sums, losses = {}, {}
for name, (build, inputs) in trials.items():
    keras.utils.set_random_seed(run.seed)
    network = build()
    before = np.exp(log_probs(network, inputs, strings)).sum()
    network.compile(keras.optimizers.Adam(0.02), word_loss, jit_compile=False)
    network.fit(inputs, strings, batch_size=256, epochs=4, verbose=0)
    logs = log_probs(network, inputs, strings)
    sums[name], losses[name] = np.exp(logs).sum(), -logs.mean()
    print(f"{name:19} sum before {before:8.6f}, after {sums[name]:13.6f}; loss {losses[name]:.4f} of 8.3178 nats")
for name in ("causal convolution", "GRU"):
    assert abs(sums[name] - 1) < 1e-4, "the probabilities of all strings must add up to 1"
    assert losses[name] > 6 * np.log(4) - 1e-4, "and no distribution may cost less than the entropy"
for name in ("looks both ways", "not shifted"):
    assert min(sums[name] / 10, 6 * np.log(4) - losses[name]) > 1, "a leak must show in both"

# %% [markdown]
# The first two are distributions, before and after training. The other two are not: their "probabilities" add up to a thousand and more, and
# their losses lie below the entropy, which is impossible. Before training they are off by a few per cent at most: untrained networks hardly use their
# inputs, so the leak is still shut. Test a trained one.
#
# For real text you cannot add up all strings. What you can do: give the network one sentence twice, changed at word $t$ only, and compare the
# answers at positions up to $t$. They must be *equal*.

# %% [markdown]
# ## Why a VAE of text ignores its code
#
# Now give the decoder a code $z$ besides the words before, and train it as a VAE. Its ELBO is at most the model's own $\log p(x)$, and the mean of that is at most
# $-H$, for every model. Here are two. The *first* forgets $z$: its decoder is the language
# itself, its $q$ the prior. The *second* keeps one bit: $z$ is the topic, $p(z)$ is ½, ½, and the decoder is the language of that topic.
# **Predict** which has the higher ELBO.

# %% tags=["proof"]
of_topic = np.stack([np.where(grammar.topics == z, p / 0.5, 0.0) for z in (0, 1)])  # p(x | z), two rows of 144
posterior = (np.arange(2)[:, None] == grammar.topics).astype("float64")  # the topic shows: q(z | x) is 0 or 1
with np.errstate(divide="ignore", invalid="ignore"):
    distortion = -np.nansum(p * posterior * np.log(of_topic))
    rate = np.nansum(p * posterior * np.log(posterior / 0.5))
print(f"forgets z:       rate {0:.6f} + distortion {H:.6f} = {H:.6f} nats")
print(f"codes the topic: rate {rate:.6f} + distortion {distortion:.6f} = {rate + distortion:.6f} nats")
assert abs(rate - np.log(2)) < 1e-12, "the topic must cost one bit"
assert abs(rate + distortion - H) < 1e-12, "and must save exactly as much"

# %% [markdown]
# Equal. A topic in $z$ costs one bit, and saves one bit of words, at the subject: from there on the decoder knows the topic from the words before. So the likelihood
# *cannot prefer* a model that uses $z$ (Chen et al., 2017), and an encoder that is not exact pays extra. Collapse is not a failure of
# training here: it is one of the optima, and the nearest.
#
# ## Word dropout has a price list
#
# A way out (Bowman et al., 2016): **word dropout**. While training, every word of the history is hidden independently with
# probability $r$: it is replaced by a symbol *hidden*. Then $z$ has something to tell. What does it cost? A model without $z$ that predicts from a
# history with holes can at best reach
#
# $$c(r)=\sum_t\sum_{S\subseteq\{1,\dots,t-1\}}(1-r)^{|S|}\,r^{\,t-1-|S|}\;H(x_t\mid x_S) ,$$
#
# since with the words $S$ left to see, what remains of $x_t$ is $H(x_t\mid x_S)$. So $c(0)=H$, and $c(1)$ is the sum of the words' entropies.
# An ELBO with $z$ is still at most $-H$. So **$z$ can save at most $c(r)-H$: nothing at all at $r=0$**.
#
# **Exercise {exercise: WORD_DROPOUT}: find the bug.** `history` is `(n, L)` with the begin symbol first; `uniform` holds numbers in [0, 1), `(n, L)`, drawn for
# you. It runs, and the model trains. (Two things are wrong.)


# %% tags=["exercise"]
def drop_words(history, uniform, rate, hidden, training):
    # BEGIN SOLUTION
    drop = uniform < rate
    drop[:, 0] = False
    return np.where(drop & training, hidden, history)
    # INSTEAD
    # drop = uniform < rate
    # return np.where(drop, hidden, history)
    # END SOLUTION


# %%
check(exercises.WORD_DROPOUT, drop_words)

# %% [markdown]
# We need no luck for the test: in four history words there are only 16 patterns of holes, so we train on *all* of them, with the
# probabilities of the sentences as weights. One network then knows all the $H(x_t\mid x_S)$, and weighing the patterns gives its loss at
# *every* rate. **Predict** the shape of $c(r)$ between $r=0$ and $1$.

# %%
from itertools import product

BEGIN, HIDDEN = 19, 20
holes = np.array(list(product((False, True), repeat=4)))  # (16, 4): which history words are hidden
seen = np.tile(history(sentences, BEGIN), (16, 1, 1))  # (16, 144, 5)
seen[..., 1:][np.broadcast_to(holes[:, None], (16, 144, 4))] = HIDDEN
seen, said = seen.reshape(-1, 5), np.tile(sentences, (16, 1))
keras.utils.set_random_seed(run.seed)
reader = word_network(19, 5)
rate_of_learning = keras.optimizers.schedules.CosineDecay(0.015, 30 * 9)
reader.compile(keras.optimizers.Adam(rate_of_learning), word_loss, jit_compile=False)
weights = np.tile(p * 144, 16)[:, None].repeat(5, axis=1)
reader.fit(seen, said, sample_weight=weights, batch_size=256, epochs=30, verbose=0)
loss_with = -(log_probs(reader, seen, said).reshape(16, 144) @ p)  # (16,): nats per sentence, for each pattern

# %% [markdown]
# At rate $r$, a pattern of $m$ holes has the probability $r^m(1-r)^{4-m}$. Beside it the exact price, from the entropies:

# %% tags=["proof"]
rates = np.linspace(0, 1, 21)
price = np.array([price_of_word_dropout(sentences, p, r) for r in rates])
chance = np.array([np.prod(np.where(holes, r, 1 - r), axis=1) for r in rates])  # (21, 16)
reached = chance @ loss_with
for r in (0, 5, 10, 15, 20):
    print(
        f"r = {rates[r]:.2f}: exact {price[r]:.4f}, network {reached[r]:.4f}, z can save at most {price[r] - H:.4f} nats"
    )
assert (reached > price - 1e-5).all(), "no network may cost less than c(r)"
assert (reached < price + 0.02).all(), "and a trained one must come near"

# %%
figure, ax = plt.subplots(figsize=(5.2, 3), layout="constrained")
ax.fill_between(rates, H, price, color="0.92")
ax.plot(rates, price, color=plotting.PALETTE[0], label="c(r), exact: without z")
ax.plot(rates[::4], reached[::4], "o", color=plotting.PALETTE[5], label="one network, trained")
ax.axhline(H, color="0.3", linestyle="--", linewidth=1)
ax.text(0.98, H + 0.05, "the entropy H", ha="right")
ax.text(0.8, 5.3, "what z can save", ha="center")
ax.set(xlabel="word dropout r", ylabel="nats per sentence", ylim=(4.5, 6.6))
ax.legend(frameon=False, loc="upper left")
plotting.show(
    alt="The price of word dropout against its rate: a curve that rises from the entropy, 4.73 nats, at rate 0 to 6.43 at rate 1. The points of "
    "the trained network lie on it. The area between the curve and the entropy is what a code can save."
)

# %% [markdown]
# The network lies on the curve, and the curve bends up a little: the more is hidden, the more the next hole costs. For reading papers:
# a loss with dropout is *not* the model's loss on text, and losses at unequal $r$ cannot be compared.
#
# ### And the code?
#
# Two VAEs with two latents: the first decoder sees the whole history, the second only hidden words ($r=1$). They differ in nothing else.
# **Predict** their KL.

# %%
from course_lib.contracts import DataContract
from course_lib.formulas import categorical_log_prob, jensen_shannon, standard_normal_kl
from course_lib.layers import Sampling
from course_lib.training import UnsupervisedModel, weighted_mean


class SentenceVAE(UnsupervisedModel):
    def __init__(self, encoder, decoder, hide):
        super().__init__()
        self.encoder, self.decoder, self.hide = encoder, decoder, hide
        self.sampling = Sampling(seed=run.seed)

    def call(self, x, training=None):
        mean, log_var = self.encoder(x)
        words = ops.full_like(x, HIDDEN) if self.hide else ops.roll(x, 1, axis=1)
        before = ops.where(ops.arange(5) == 0, BEGIN, words)
        return {"mean": mean, "log_var": log_var, "logits": self.decoder([before, self.sampling(mean, log_var)])}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        kl = standard_normal_kl(y_pred["mean"], y_pred["log_var"])
        return weighted_mean(kl - categorical_log_prob(x, y_pred["logits"]), sample_weight)

    def data_contract(self):
        return DataContract((5,), 0, 18, symbols=True)


# %% [markdown]
# Each of 300 steps sees all 144 sentences, weighted by their probabilities. The bound is then measured with a hundred draws.

# %% tags=["proof"]
words, found, vaes = keras.Input((5,), dtype="int32"), {}, {}
for hide in (False, True):
    keras.utils.set_random_seed(run.seed)
    features = layers.Dense(64, activation="relu")(layers.Flatten()(layers.Embedding(19, 16)(words)))
    encoder = keras.Model(words, [layers.Dense(2)(features), layers.Dense(2)(features)])
    vae = vaes[hide] = SentenceVAE(encoder, word_network(19, 5, code_dim=2), hide)
    vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.015, 300)))
    rows = {"sample_weight": np.tile(p, 300), "batch_size": 144, "shuffle": False}
    vae.fit(np.tile(sentences, (300, 1)), verbose=0, **rows)
    many = np.tile(sentences, (100, 1))
    parts = vae(many)
    kl = ops.convert_to_numpy(standard_normal_kl(parts["mean"], parts["log_var"])).reshape(100, 144) @ p
    nll = -ops.convert_to_numpy(categorical_log_prob(many, parts["logits"])).reshape(100, 144) @ p
    found[hide] = kl.mean(), (kl + nll).mean(), (kl + nll).std() / 10
    print(
        f"{'hidden' if hide else 'whole'} history: KL {kl.mean():.3f}, −ELBO {found[hide][1]:.4f} ± {found[hide][2]:.4f} nats"
    )
assert all(bound > H - 4 * error for _, bound, error in found.values()), "no −ELBO may lie below the entropy"
assert found[False][0] < 0.15, "with the history, the code must be ignored"
assert found[False][1] < H + 0.1, "and at no cost"
assert found[True][0] > 0.8, "without it, the code must be used"
assert H < found[True][1] < price[-1] - 0.6, "and must save a good part of what it can"

# %% [markdown]
# With the whole history the code says next to nothing, and the bound stands at the entropy within a tenth of a nat. Without it, the code carries one or two
# nats and pays for itself: the bound gains a good part of the possible 1.70. The price: it speaks each word without having heard the one before. Rates between 0 and 1
# trade one for the other, and $c(r)$ is the price list.

# %% [markdown] tags=["deeper"]
# ### What does the code say?
#
# The encoder's means of all 144 sentences. **Predict:** what would you write down, if you had two numbers for a sentence?

# %%
mean, _ = vaes[True].encoder(sentences)
figure, frames = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for ax, (name, label, kinds) in zip(
    frames,
    (("topic", grammar.topics, ("animals", "people")), ("number", grammar.numbers, ("singular", "plural"))),
    strict=True,
):
    plotting.scatter(ops.convert_to_numpy(mean), label, kinds, ax=ax)
    ax.set_title(f"coloured by {name}")
plotting.show(
    alt="The encoder's means of all 144 sentences in the plane, twice: coloured by topic and by number. The sentences lie in a few groups, which "
    "follow the topic, the number, or both."
)

# %% [markdown]
# The groups follow what stands nowhere in the words, the topic and, if training has found both, the number: what words have in common is what a
# code is worth paying for. With some starts it finds one of the two only, and stays there: a second optimum, and a worse one.

# %% [markdown]
# ## Why GANs hate symbols
#
# A generator of words ends in probabilities, and then a word is chosen. A discriminator's gradient has to pass through that choice. Two ways
# to let it pass come to mind, and both fail.
#
# *Take the largest*, `argmax`: its slope is 0, wherever it has one. *Hand over the probabilities* in the place of a word: then the
# discriminator need not know any language. Three probabilities are a point in a triangle: a real word is one of its corners, exactly; a softmax never is.
#
# **Predict:** here the generator is *perfect*. It draws from the true distribution of three words, and softens each draw at temperature τ
# (Gumbel-softmax). What can a discriminator learn at τ = 1, and what at τ = 0.1?

# %% tags=["proof"]
rng = np.random.default_rng(run.seed)
true = np.array([0.5, 0.3, 0.2])
noisy = np.log(true) + rng.gumbel(size=(20_000, 3))
soft = {}
for temperature in (1.0, 0.1):
    scaled = np.exp((noisy - noisy.max(axis=1, keepdims=True)) / temperature)
    soft[temperature] = scaled / scaled.sum(axis=1, keepdims=True)
    chosen = np.bincount(soft[temperature].argmax(axis=1), minlength=3) / 20_000
    beside = np.sort(scaled, axis=1)[:, :-1].sum(axis=1)  # what stands beside the largest: 0 for a real word
    caught = np.mean(beside > 0)
    answers = np.array([[1.0, 0.0], [1 - caught, caught]])  # "a corner", "none": of words, of softened draws
    with np.errstate(divide="ignore"):
        jsd = float(jensen_shannon(*np.log(answers)[:, None])[0])
    print(
        f"τ = {temperature}: words chosen {chosen.round(2)}; "
        f"D that asks for corners is right on {caught:.0%}, JSD {jsd:.4f}"
    )
    assert np.abs(chosen - true).max() < 0.02, "the largest entries must be draws from the true distribution"
    assert caught == 1, "and yet every soft draw must be told from a word"
    assert abs(jsd - np.log(2)) < 1e-6, "so the JSD must be log 2, the largest that there is"
slope = (noisy + np.array([1e-6, 0, 0])).argmax(axis=1) - noisy.argmax(axis=1)
print(f"argmax: {np.mean(slope != 0):.0%} of the choices change when a logit moves by a millionth")
assert not slope.any(), "argmax must have slope 0"

# %%
figure, frames = plt.subplots(1, 2, figsize=(7, 2.9), layout="constrained")
corners = np.array([[0, 0], [1, 0], [0.5, 0.87]])
for ax, temperature in zip(frames, (1.0, 0.1), strict=True):
    ax.fill(*corners.T, facecolor="none", edgecolor="0.7")
    ax.scatter(
        *(soft[temperature][:800] @ corners).T, s=5, color=plotting.PALETTE[5], label="softened draws", linewidths=0
    )
    ax.scatter(*corners.T, s=60, color=plotting.PALETTE[0], label="words", zorder=3)
    ax.set(title=f"τ = {temperature}", aspect="equal")
    ax.axis("off")
frames[1].legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
plotting.show(
    alt="Two triangles whose corners are words. At temperature 1 the softened draws fill the triangle; at 0.1 they crowd at the corners and the "
    "edges, and none is exactly in a corner."
)

# %% [markdown]
# The choices are draws from the truth, and the discriminator is still right every time: words and softened draws have disjoint supports, as in
# {lesson: gan_theory}. JSD = log 2 (its answers alone give that, and it cannot be more) and $D^*$ has no slope, whatever the generator's distribution of words may be. So one either lets
# *words* pass with a gradient that is not theirs (straight-through: value a corner, slope that of the softmax), or does without a
# gradient through the choice. That is the **policy gradient** (the score function of lesson {number: the_reparameterization_trick}; formula in the next
# section, deeper): a word becomes likelier if its reward lies above a *baseline*.

# %% [markdown] tags=["deeper"]
# ### The policy gradient
#
# In lesson {number: the_reparameterization_trick} the score function moved a distribution without any slope of the reward:
#
# $$\nabla_\theta\,\mathbb E_{q_\theta}[R(x)]=\mathbb E_{q_\theta}\big[(R(x)-b)\,\nabla_\theta\log q_\theta(x)\big] .$$
#
# In reinforcement learning this is **REINFORCE** (Williams, 1992), and $b$ the **baseline**. For one word with logits θ,
# $\nabla_\theta\log q(k)=e_k-q$ ($e_k$: 1 at the word $k$, 0 elsewhere). The vocabulary is small, so the exact gradient and the exact variance are sums.

# %% tags=["proof"]
V = 8
rng = np.random.default_rng(run.seed)
theta, rewards = rng.normal(size=V), rng.uniform(1, 3, size=V)
q = np.exp(theta) / np.exp(theta).sum()
exact = q * (rewards - q @ rewards)
draws = rng.choice(V, size=40_000, p=q)
variance = {}
for name, baseline in (("no baseline", 0.0), ("baseline E[R]", q @ rewards)):
    each = (rewards - baseline)[:, None] * (np.eye(V) - q)  # one row for each word that may be drawn
    variance[name] = q @ np.square(each).sum(axis=1) - np.square(exact).sum()
    estimate, error = each[draws].mean(axis=0), each[draws].std(axis=0) / 200
    z = np.abs(estimate - exact) / error
    print(
        f"{name:13}: exact variance of one draw {variance[name]:.3f}, "
        f"40,000 draws off by at most {z.max():.1f} standard errors"
    )
    assert np.allclose(q @ each, exact), "the expectation must be the gradient, with any constant baseline"
    assert z.max() < 4.5, "and draws must agree with it"
print(f"the baseline divides the variance by {variance['no baseline'] / variance['baseline E[R]']:.1f}")
assert variance["no baseline"] > 3 * variance["baseline E[R]"], "and a baseline must make it much smaller"

# %% [markdown] tags=["deeper"]
# ### From a batch
#
# **Exercise {exercise: POLICY_GRADIENT}.** $E[R]$ is not known in practice. Estimate the gradient from a batch: `draws` are $n$ words, drawn from the softmax of
# `logits` `(V,)`, and `rewards` what each got, `(n,)`. Take as the baseline of a draw the mean reward of the *other* draws. Return the estimate of
# $\nabla_\theta E[R]$, `(V,)`. (Why the others? See what the check says of the mean over all.)


# %% tags=["exercise"]
def policy_gradient(logits, draws, rewards):
    # BEGIN SOLUTION
    q = np.exp(logits - logits.max())
    q = q / q.sum()
    others = (rewards.sum() - rewards) / (len(rewards) - 1)
    return ((rewards - others)[:, None] * (np.eye(len(q))[draws] - q)).mean(axis=0)
    # END SOLUTION


# %%
check(exercises.POLICY_GRADIENT, policy_gradient)

# %% [markdown]
# With this baseline the $-q$ of $e_k-q$ drops out: over the batch, the $R_i-b_i$ add up to 0. An answer without it is right, too. With a
# constant $b$ it would not be.

# %% [markdown] tags=["deeper"]
# ### The other road, straight through
#
# Straight through is usually the less noisy road, but its gradient is one of another problem. How wrong is it? With two words nothing need be drawn: the
# choice is $y=\sigma\big((\ell+g)/\tau\big)$ with logistic noise $g$, and both gradients are integrals.

# %% tags=["proof"]
g = np.linspace(-60, 60, 600_001)
density = 0.25 / np.cosh(g / 2) ** 2  # of the logistic distribution
logit = 1.0
exact_slope = 0.25 / np.cosh(logit / 2) ** 2  # d/dl of the probability of the second word: the reward is y itself
bias = {}
for tau in (1.0, 0.5, 0.1):
    relaxed_slope = np.trapezoid(density * 0.25 / np.cosh((logit + g) / (2 * tau)) ** 2 / tau, g)
    bias[tau] = abs(relaxed_slope - exact_slope)
    print(f"τ = {tau}: gradient {relaxed_slope:.5f}, exact {exact_slope:.5f}, bias {bias[tau]:.5f}")
assert bias[1.0] > bias[0.5] > bias[0.1] > 0, "the bias must fall with the temperature, and not be 0"

# %% [markdown]
# The colder, the smaller the bias (and the larger the variance, lesson {number: the_reparameterization_trick}).

# %% [markdown] tags=["deeper"]
# ## What does a reward train that says nothing?
#
# Give every word the same reward, 1. The expected gradient is exactly 0: there is nothing to learn. **Predict** what 2,000 steps of one draw each do to the
# entropy of the words, without a baseline and with one. (The baseline 1 would make every step 0, by arithmetic. So ours has to be learned: the running mean of
# the rewards so far, from 0.)

# %% tags=["proof"]
steps, size, runs = 2000, 0.2, 20
first = np.eye(V)[0] * size - size / V
after_one = np.exp(first) / np.exp(first).sum()
fall = np.log(V) + (after_one * np.log(after_one)).sum()
print(f"first step: the entropy falls by {fall:.5f}, in theory about {size**2 / 2 / V * (1 - 1 / V):.5f} nats")
rng, course = np.random.default_rng(run.seed), {}
for name, follow in (("no baseline", 0.0), ("running mean", 0.1)):
    theta, baseline, course[name] = np.zeros((runs, V)), 0.0, []
    for _ in range(steps):
        q = np.exp(theta - theta.max(axis=1, keepdims=True))
        q /= q.sum(axis=1, keepdims=True)
        course[name].append(-(q * np.log(q)).sum(axis=1).mean())
        drawn = (q.cumsum(axis=1) < rng.uniform(size=(runs, 1))).sum(axis=1).clip(max=V - 1)
        theta += size * (1.0 - baseline) * (np.eye(V)[drawn] - q)
        baseline += follow * (1.0 - baseline)
    print(f"{name:12}: mean entropy of {runs} runs {course[name][0]:.4f} → {course[name][-1]:.4f} nats")
assert abs(fall / (size**2 / 2 / V * (1 - 1 / V)) - 1) < 0.15, "the first step must cost about η²/2 · 1/V · (1 − 1/V)"
assert course["no baseline"][-1] < 1.0, "without a baseline most of the entropy must be lost"
assert course["running mean"][-1] > np.log(V) - 0.03, "with one next to nothing may move"

# %%
ax = plotting.curves(course, "step", "entropy in nats, mean of 20 runs")
plotting.show(
    ax.figure,
    alt="Entropy of the words against steps. With the running mean as baseline it stays near log 8, 2.08 nats. Without one it falls, fast at first, to less than half.",
)

# %% [markdown]
# Whatever is drawn becomes more likely, and is drawn more often: each run drifts towards a word of its own. No reward asked for it. The running
# mean needs a few steps to learn the reward, and from then on nothing moves. So
# when a text generator under policy gradients collapses, do not blame the reward before you have looked at the variance.

# %% [markdown]
# ## Two text GANs, judged by counting
#
# Now the game itself, on our language. The generator is plain: the logits of a word are a sum of tables, one for each word before it.
# The discriminator is a sum of tables of pairs of words. Both can express all that this language needs. And since a generator of words
# *has* a probability for each sentence, we need not read samples: we compute $q(x)$ of all 144 sentences, and so
#
# * **its grammar**: how much of its probability lies on sentences of the language, $\sum_xq(x)$;
# * **KL(p‖q)**: how much it is off, in nats, missing sentences included.
#
# Three trainings of the same generator, fifteen epochs each: maximum likelihood; a GAN with straight-through Gumbel-softmax; a GAN with the policy gradient
# (reward $\log D$, baseline the batch's mean).

# %%
from course_lib.layers import GumbelSoftmax


class Speaker(UnsupervisedModel):
    def __init__(self, way):
        super().__init__()
        self.way, self.choose = way, GumbelSoftmax(1.0, hard=True, seed=run.seed)
        self.tables = self.add_weight(shape=(5, 5, 19, 19), initializer="zeros", name="tables")
        self.first = self.add_weight(shape=(5, 19), initializer="zeros", name="first")
        self.pairs = self.add_weight(shape=(5, 5, 19, 19), initializer="zeros", name="pairs")

    def logits(self, words):  # of each word, from those before it: (n, 5, 19)
        earlier = np.triu(np.ones((5, 5), "float32"), 1)[:, :, None, None]
        return ops.einsum("nsv,stvw->ntw", words, self.tables * earlier) + self.first

    def speak(self, num_samples):
        said = []
        for t in range(5):
            before = sum(ops.matmul(said[s], self.tables[s, t]) for s in range(t))
            said.append(self.choose(before + ops.tile(self.first[t : t + 1], (num_samples, 1))))
        return ops.stack(said, axis=1)  # (n, 5, 19), one-hot

    def score(self, words, pairs):  # the discriminator's logit
        return ops.sum(ops.einsum("nsv,stvw->ntw", words, pairs) * words, axis=(1, 2))


# %% [markdown]
# The two losses, in one `compute_loss`; what is not to move is held still.


# %%
class TextGAN(Speaker):
    def data_contract(self):
        return DataContract((5,), 0, 18, symbols=True)

    def call(self, x, training=None):
        return x

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        real, said = ops.one_hot(x, 19), self.speak(250)
        frozen, judge = ops.stop_gradient(said), ops.stop_gradient(self.pairs)
        loss = ops.mean(ops.softplus(-self.score(real, self.pairs)) + ops.softplus(self.score(frozen, self.pairs)))
        if self.way == "maximum likelihood":
            return loss - ops.mean(categorical_log_prob(x, self.logits(real)))
        if self.way == "straight through":
            return loss + ops.mean(ops.softplus(-self.score(said, judge)))
        reward = -ops.softplus(-self.score(frozen, judge))
        log_q = ops.sum(ops.log_softmax(self.logits(frozen)) * frozen, axis=(1, 2))
        return loss - ops.mean((reward - ops.mean(reward)) * log_q)


# %% [markdown]
# **Predict** the order of the three, in grammar and in KL.


# %%
def judged(model):
    log_q = categorical_log_prob(sentences, model.logits(ops.one_hot(sentences, 19)))
    log_q = ops.convert_to_numpy(log_q).astype("float64")
    return np.exp(log_q).sum(), p @ (np.log(p) - log_q)


ways, curves = ("maximum likelihood", "policy gradient", "straight through"), {}
speakers = {}
for way in ways:
    keras.utils.set_random_seed(run.seed)
    speakers[way] = TextGAN(way)
    speakers[way].compile(keras.optimizers.Adam(0.02, beta_1=0.5))
    curves[way] = [judged(speakers[way])]
    for _ in range(5):
        speakers[way].fit(data.x_train, batch_size=250, epochs=3, verbose=0)
        curves[way].append(judged(speakers[way]))

# %%
figure, frames = plt.subplots(1, 2, figsize=(8.4, 3), layout="constrained")
for which, (ax, label) in enumerate(zip(frames, ("grammatical probability", "KL(p‖q) in nats"), strict=True)):
    for index, way in enumerate(ways):
        values = [each[which] for each in curves[way]]
        ax.plot(np.arange(6) * 3, values, "o-", ms=3, color=plotting.PALETTE[(0, 2, 5)[index]], label=way)
    ax.set(xlabel="epoch", ylabel=label)
frames[1].set_ylim(0, 2.5)
frames[0].legend(frameon=False)
plotting.show(
    alt="Two panels against epochs for three generators. Left, the grammatical probability: all rise towards 1, the straight-through GAN highest. "
    "Right, the KL divergence: maximum likelihood and the policy gradient fall towards 0, the straight-through GAN turns and rises."
)

# %% [markdown]
# The last values, and two sentences of each:

# %% tags=["proof"]
for way in ways:
    grammatical, kl = curves[way][-1]
    said = ops.convert_to_numpy(ops.argmax(speakers[way].speak(4), axis=-1))
    print(f"{way:18}: grammatical {grammatical:.3f}, KL(p‖q) {kl:.3f} nats")
    print(f"{'says':>18}: {'; '.join(grammar.read(said)[:2])}")
final = {way: curves[way][-1] for way in ways}
assert final["straight through"][0] > 0.95, "the straight-through GAN must speak grammatically"
assert final["straight through"][0] > final["maximum likelihood"][0], "more so than maximum likelihood"
assert final["straight through"][1] > 5 * final["maximum likelihood"][1], "and be the farther from the language"
assert final["policy gradient"][1] < 0.3, "while the policy gradient must come near it"

# %% [markdown]
# Read samples alone, and the straight-through GAN is the best of the three: it makes the fewest mistakes. It is the worst *distribution*: it says a few
# sentences too often and hardly ever the others, and its curve on the right even rises while the left one rises. That is mode
# dropping as in {lesson: stability_and_mode_collapse}, and no reader of twenty samples sees it. The policy gradient with a baseline comes close
# to the language, on 19 words and five places. On a real vocabulary its variance is what stands in the way. (Maximum likelihood is stopped early here: its
# curve is still falling.)

# %% [markdown] tags=["deeper"]
# ### Is the game to blame?
#
# Take noise and poor discriminators away: a generator with one logit for each sentence, the exact $D^*=p/(p+q)$ after every step, and the
# exact gradient of $E_q[R]$. Three rewards are in use: $D^*$, $\log D^*$ and $\log\frac{D^*}{1-D^*}$. **Predict** which of them lead to $q=p$.

# %% tags=["proof"]
rng, left = np.random.default_rng(run.seed), {}
start = rng.normal(size=144)
for name, reward in (
    ("D", lambda p, q: p / (p + q)),
    ("log D", lambda p, q: np.log(p / (p + q))),
    ("log D/(1 − D)", lambda p, q: np.log(p / q)),
):
    theta = start.copy()
    for _ in range(6000):
        q = np.exp(theta - theta.max())
        q /= q.sum()
        value = reward(p, q)
        theta += 50 * q * (value - q @ value)
    left[name] = p @ np.log(p / q)
    print(f"reward {name:13}: KL(p‖q) left {abs(left[name]):.0e} nats")
assert max(left.values()) < 1e-6, "with an exact D and exact gradients each reward must lead to the language itself"

# %% [markdown]
# All three. The objective is innocent. Left to suspect are a discriminator that has not kept up, the variance of one road, and the bias of the
# other, the one that failed here.

# %% [markdown]
# ## Fluent is not right
#
# "How good are the samples?" is often answered by another language model: the lower its average $-\log p(x)$ of them, the better. We have the
# best judge there can be, the true $p$. Let a generator sharpen the language with a temperature, $q\propto p^{1/T}$. **Predict:** which $T$
# does the true judge like best?

# %% tags=["proof"]
cross, off, sharpened = {}, {}, {}
for T in (1.5, 1.0, 0.7, 0.5, 0.3):
    q = sharpened[T] = p ** (1 / T) / (p ** (1 / T)).sum()
    cross[T], off[T] = -q @ np.log(p), p @ np.log(p / q)
    print(f"T = {T}: judged {cross[T]:.4f} nats, KL(p‖q) {off[T]:.4f} nats")
best = -np.log(p.max())
print(f"one sentence for ever: judged {best:.4f} nats, KL(p‖q) infinite ({grammar.read(sentences[[p.argmax()]])[0]})")
assert cross[1.0] > cross[0.7] > cross[0.5] > cross[0.3] > best, "the judge must like it the better the less is said"
assert off[1.0] < 1e-12 < off[0.7] < off[0.5] < off[0.3], "while the language is left ever farther behind"
assert abs(cross[1.0] - H) < 1e-12, "the truth itself must be judged with its entropy"

# %%
figure, ax = plt.subplots(figsize=(5, 3), layout="constrained")
order = sorted(cross)
ax.plot([cross[T] for T in order], [off[T] for T in order], "o-", color=plotting.PALETTE[0])
for T in order:
    ax.annotate(f"T = {T}", (cross[T], off[T]), textcoords="offset points", xytext=(6, 6) if T != 1 else (-12, -15))
ax.axvline(best, color=plotting.PALETTE[5], linestyle="--")
ax.text(best + 0.03, 0.5, "one sentence\nfor ever", color=plotting.PALETTE[5])
ax.set(
    xlabel="judged by the truth: nats per sentence (low = “good”)",
    ylabel="KL(p‖q) in nats",
    xlim=(3.5, 5.3),
    ylim=(-0.15, 1.15),
)
plotting.show(
    alt="KL from the language against the judgement of the true model, for five temperatures. The colder, the better the judgement and the larger "
    "the KL; a dashed line on the far left marks a generator of one sentence, judged best of all."
)

# %% [markdown]
# The truth itself is *not* judged best. A measure that becomes a target stops being a measure (Goodhart's law): a score of samples alone cannot
# see what is *not* said. It needs its counterpart, the likelihood of real text under the generator.
#
# **Exercise {exercise: RANK}.** Three generators of this language. Of each you are told the nats per sentence at which *the true model* judges its samples,
# and the nats at which *it* predicts real sentences: **A** 4.33 and 4.94; **B** 4.73 and 4.74; **C** 3.64 and 11.2. Rank them as
# models of the language, the best first, in a string such as `"CBA"`.

# %% tags=["exercise"]
# BEGIN SOLUTION
ranking = "BAC"
# END SOLUTION

# %%
check(exercises.RANK, ranking)

# %% [markdown]
# ## The course's own prose
#
# Now real text: the prose of this course, in small letters, 41 characters, every digit written 0. Three lessons are
# kept for testing, two for choosing.

# %%
prose = datasets.load("prose", length=32)
train, validation, test = (datasets.read_prose(x) for x in (prose.x_train, prose.x_validation, prose.x_test))
ALPHABET = sorted(set(train + validation + test))
print(f"{len(ALPHABET)} characters in use; {len(train):,} characters to learn from, {len(test):,} to test on")
print(test[:93], "…")

# %% [markdown]
# Its measure is **bits per character**: $-\log_2p(\text{text})$ over the number of characters. A compressed file has the same measure:
# a language model with an arithmetic coder *is* a compressor, and every compressor is a language model. So zlib, bz2 and lzma are rivals. A fair
# one has read the training text as well: what *more* does it need for the test text?
#
# **Exercise {exercise: BITS_PER_CHARACTER}: find the bug.** `compress` is a function of bytes. With lzma this one
# gives a few hundredths of a bit per character, far below what anybody has ever reached on English.


# %% tags=["exercise"]
def bits_per_character(compress, train, test):
    # BEGIN SOLUTION
    more = len(compress((train + test).encode())) - len(compress(train.encode()))
    return 8 * more / len(test)
    # INSTEAD
    # seen = train + test
    # more = len(compress((seen + test).encode())) - len(compress(seen.encode()))
    # return 8 * more / len(test)
    # END SOLUTION


# %%
check(exercises.BITS_PER_CHARACTER, bits_per_character)

# %% [markdown]
# What the three say, alone and having read the other lessons:

# %%
import bz2
import lzma
import zlib

rivals = {"every character alike": np.log2(len(ALPHABET))}
for name, compress in (("zlib", zlib.compress), ("bz2", bz2.compress), ("lzma", lzma.compress)):
    more = len(compress((train + test).encode())) - len(compress(train.encode()))
    rivals[f"{name}, having read the rest"] = 8 * more / len(test)
    alone = 8 * len(compress(test.encode())) / len(test)
    print(f"{name:5}: {alone:.2f} bits per character alone, {8 * more / len(test):.2f} having read the other lessons")

# %% [markdown]
# Zlib looks back 32,768 characters only, so most of what it read is forgotten. Bz2 sorts characters by the contexts in which they stand.

# %% [markdown] tags=["deeper"]
# ### An n-gram and a network
#
# The oldest language model counts (Shannon, 1951). An **n-gram** predicts a character from the $k$ before it, by how often it followed them. Rare
# contexts are the trouble. So the counts of length $k$ are mixed with the answer of length $k-1$, which gets the more weight the more *different*
# characters have followed (Witten & Bell, 1991):
#
# $$p_k(c\mid h)=\frac{n(hc)+d(h)\,p_{k-1}(c\mid h')}{n(h)+d(h)} ,$$
#
# with $n(hc)$ how often $c$ followed $h$, $n(h)$ how often anything did, $d(h)$ how many different characters did, and $h'$ the history
# without its first character. At the bottom stands $p_{-1}=1/41$.

# %%
from collections import Counter


class NGram:
    def __init__(self, text, order):
        self.followed = Counter()
        for k in range(order + 1):
            self.followed.update(text[i : i + k + 1] for i in range(len(text) - k))
        self.total, self.different = Counter(), Counter()
        for piece, count in self.followed.items():
            self.total[piece[:-1]] += count
            self.different[piece[:-1]] += 1

    def probability(self, character, history):
        answer = 1 / len(ALPHABET)
        for k in range(len(history) + 1):
            h = history[len(history) - k :]
            if h not in self.total:
                return answer
            share = self.followed[h + character] + self.different[h] * answer
            answer = share / (self.total[h] + self.different[h])
        return answer

    def bits(self, text, order):
        return -np.mean([np.log2(self.probability(c, text[max(0, i - order) : i])) for i, c in enumerate(text)])


# %% [markdown]
# **Predict:** how many characters back is best, with 130,000 to learn from? That is a choice, so the test text must not make it: it is made on the
# two validation lessons.

# %% tags=["proof"]
ngram = NGram(train, 6)
bits = {order: ngram.bits(validation, order) for order in range(7)}
best_order = min(bits, key=bits.get)
for history_ in ("the entro", "q", "", "zzzzzz"):
    total = sum(ngram.probability(c, history_[-best_order:]) for c in ALPHABET)
    assert abs(total - 1) < 1e-9, "after every history, seen or not, the probabilities must add up to 1"
print("bits per character of the validation lessons, by the length of the history:")
print("; ".join(f"{k}: {b:.3f}" for k, b in bits.items()))
assert bits[0] > bits[1] > bits[2] > bits[3], "a longer history must help, as long as it has been seen"
assert bits[6] > bits[best_order], "and a history that is too long must not"

# %% [markdown]
# And a network: a causal convolution over the last 21 characters, with the same shift as above. It is trained on pieces of 96 characters. In the
# test each piece of 96 begins 64 characters after the one before and only its last 64 predictions count, so that each has at least 32 characters before it.


# %%
def character_network(units):
    x = keras.Input((None,), dtype="int32")
    features = layers.Embedding(len(ALPHABET) + 1, 48)(x)
    features = layers.Conv1D(units, 6, padding="causal", activation="relu")(features)
    features = layers.Conv1D(units, 4, padding="causal", dilation_rate=5, activation="relu")(features)
    return keras.Model(x, layers.Dense(len(ALPHABET))(features))


number = {c: i for i, c in enumerate(ALPHABET)}
coded, coded_test = (np.array([number[c] for c in text], "int32") for text in (train, test))
pieces = coded[: len(coded) // 96 * 96].reshape(-1, 96)
epochs, units, rate = run.pick(cpu=(3, 96, 0.008), gpu=(10, 128, 0.004))
keras.utils.set_random_seed(run.seed)
writer = character_network(units)
step = keras.optimizers.schedules.CosineDecay(rate, epochs * (len(pieces) // 16 + 1))
writer.compile(keras.optimizers.Adam(step), word_loss, jit_compile=False)
losses_of_writer = writer.fit(history(pieces, len(ALPHABET)), pieces, batch_size=16, epochs=epochs, verbose=0)

# %%
windows = np.stack([coded_test[i : i + 96] for i in range(0, len(coded_test) - 96, 64)])
logs = ops.log_softmax(writer(history(windows, len(ALPHABET))))
logs = np.take_along_axis(ops.convert_to_numpy(logs), windows[..., None], axis=-1)[:, 32:, 0]
network_bits = -logs.mean() / np.log(2)

ngram_bits = ngram.bits(test, best_order)
rivals |= {"frequencies of characters": ngram.bits(test, 0), "network": network_bits}
rivals |= {f"n-gram, {best_order} characters back": ngram_bits}
print(f"test lessons: network {network_bits:.3f}, n-gram {ngram_bits:.3f} bits per character")
figure, ax = plt.subplots(figsize=(6.6, 2.9), layout="constrained")
bars = ax.barh(list(rivals)[::-1], list(rivals.values())[::-1], color=plotting.PALETTE[0])
ax.bar_label(bars, fmt="%.2f", padding=3)
ax.set(xlabel="bits per character of the test lessons", xlim=(0, 6))
plotting.show(
    alt="Bars of bits per character on the test lessons: every character alike 5.4, frequencies of characters 4.2, and between 1.9 and 2.7 the three "
    "compressors, the network and the n-gram."
)

# %% [markdown]
# Bz2, which sorts by context, counts in effect what the n-gram counts: they end close together. And the network? It trains for a few seconds on less text than a short book, and has to learn what the
# n-gram simply looks up. With a thousand times the text the order turns round. Quote a network's bits beside an n-gram's: it costs two seconds.

# %% [markdown] tags=["deeper"]
# ### How much text?
#
# The n-gram learns from an eighth of the text, a quarter, a half and all of it: every eighth piece of 1,000 characters, and so on. **Predict:** does the best length
# of history stay the same? (Tested on the first 19,200 characters of the test text; above it was all of it.)
#
# If you have `tinyshakespeare.txt`, a million characters of plays, name its folder in the environment variable `COURSE_DATA`: then this section counts there. Otherwise the course's prose does.

# %%
import textwrap

try:
    corpus = datasets.load("shakespeare", length=32)
except datasets.DataError as error:
    print(textwrap.fill(f"{error} So the prose it is.", 95, break_on_hyphens=False))
    corpus = prose
parts = corpus.x_train, corpus.x_validation[:600], corpus.x_test[:600]
learn, choose, judge = (datasets.read_prose(x) for x in parts)

# %% tags=["proof"]
growth = {}
for part in (8, 4, 2, 1):
    text = "".join(learn[i : i + 1000] for i in range(0, len(learn), 1000 * part))
    counts = NGram(text, 5)
    order = min(range(2, 6), key=lambda k, counts=counts: counts.bits(choose, k))
    growth[len(text)] = order, counts.bits(judge, order)
    print(f"{len(text):9,} characters: {order} back is best, {growth[len(text)][1]:.3f} bits per character of the test")
orders, costs = np.transpose(list(growth.values()))
assert (np.diff(costs) < -0.05).all(), "every doubling of the text must help"
assert (np.diff(orders) >= 0).all(), "with more text no shorter history may be best"
assert orders[-1] > orders[0], "and in the end a longer one must be"

# %% [markdown]
# More text lets longer histories be counted, and every doubling helped, the last one as well. So compare bits per character only of models that
# have read the same text.

# %% [markdown] tags=["deeper"]
# ### Samples to read
#
# Both write on from the same beginning, each character drawn from its probabilities.


# %%
def network_probabilities(history_):
    last = np.array([[len(ALPHABET), *(number[c] for c in history_[-31:])]], "int32")
    return ops.convert_to_numpy(ops.softmax(writer(last)[0, -1]))


def ngram_probabilities(history_):
    return np.array([ngram.probability(c, history_[-best_order:]) for c in ALPHABET])


for name, probabilities in (("n-gram", ngram_probabilities), ("network", network_probabilities)):
    rng, said = np.random.default_rng(run.seed), "the decoder "
    for _ in range(200):
        chances = probabilities(said).astype("float64")
        said += ALPHABET[rng.choice(len(ALPHABET), p=chances / chances.sum())]
    print(textwrap.fill(f"{name}: {said}", 90), end="\n\n")

# %% [markdown]
# It has the sound of this course, and no sense. Both know what follows within a few characters, and nothing of what a sentence is about. **Do not judge by
# these two lines**: they are one draw each, and the last sections were about what samples hide.

# %% [markdown]
# ## Quiz
#
# <details><summary><b>1.</b> Your language model reaches a loss of 0.01 nats a word on English. What do you do?</summary>
#
# Look for the leak. Change a word and see whether predictions at or before its place change; look at the shift and at the padding of
# the convolutions. English has an entropy, and it is not nearly 0.
# </details>
#
# <details><summary><b>2.</b> The KL of your text VAE is 0. Is the training broken?</summary>
#
# Not by that alone. If the decoder sees all words before, a code has nothing to save, and KL 0 is an optimum. To have a
# code used, take something away from the decoder, and say what it costs.
# </details>
#
# <details><summary><b>3.</b> "A softmax at τ = 0.01 is as good as a word, so a GAN can be trained on it." Right?</summary>
#
# No. No softened draw is ever exactly a word, so a discriminator that looks for exact zeros is right every time. In float32 many of the draws
# do round to words, and there the slope rounds to 0.
# </details>
#
# <details><summary><b>4.</b> All 200 samples that you read are flawless. What do you know?</summary>
#
# That the generator makes few mistakes. Not what it never says: one sentence for ever would be flawless as well. Ask for the likelihood of
# real text.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# * **written** the shift, and **caught** two networks that are no distributions, by adding up all strings;
# * **converted** nats per sentence into a perplexity per word;
# * **explained** collapse as an optimum, and **read off** what word dropout costs and what a code can save;
# * **found** two bugs in a word dropout (deeper: and **written** a policy gradient whose baseline brings no bias);
# * **trained** two text GANs, and **ranked** generators by what they leave out;
# * **compared** three compressors, in bits per character (deeper: and a network with an n-gram).
#
# What changes when data are symbols? Likelihoods become *easier*: a sum of exact terms, one for each word. Everything that needs a slope in the data
# becomes harder: the GAN, first of all. And the best sentences do not make the best model.
#
# **Go further.** On a GPU, give the character network four layers of 256 and a million characters of Shakespeare, or a library; from which size on does it
# beat the n-gram?
#
# **References.** Shannon (1951), *Prediction and entropy of printed English*, [doi:10.1002/j.1538-7305.1951.tb01366.x](https://doi.org/10.1002/j.1538-7305.1951.tb01366.x). ·
# Witten & Bell (1991), *The zero-frequency problem*, [doi:10.1109/18.87000](https://doi.org/10.1109/18.87000). · Williams (1992), *Simple
# statistical gradient-following algorithms for connectionist reinforcement learning*, [doi:10.1007/BF00992696](https://doi.org/10.1007/BF00992696). ·
# Bowman et al. (2016), *Generating sentences from a continuous space*, arXiv:1511.06349. · Chen et al. (2017), *Variational lossy autoencoder*,
# arXiv:1611.02731. · Jang, Gu & Poole (2017), *Categorical reparameterization with Gumbel-softmax*, arXiv:1611.01144. · Yu et al. (2017), *SeqGAN*,
# arXiv:1609.05473. · Caccia et al. (2020), *Language GANs falling short*, arXiv:1811.02549.

# %% [markdown] tags=["slide"]
# # Text: what changes when data are symbols?
#
# A pixel can be a little darker. A word cannot be a little more *dog*.
#
# **Which parts of this course survive that, and which do not?**

# %% [markdown] tags=["notes"]
# 1 min. Needed: the ELBO, the score function, the optimal discriminator. Let them guess: which gets easier, likelihoods or GANs?

# %% [markdown] tags=["slide"]
# ## A language in which everything is known
#
# 144 sentences of five words, 19 words. A hidden *topic* and *number*. **More nats in the sentence, or in its words one by one?**
#
# . . .
#
# {figure: a-language-in-which-everything-is-known-5}
#
# Grey adds up to 6.43 nats, blue to the entropy, 4.73.

# %% [markdown] tags=["notes"]
# 3 min. Vote: is the entropy of a sentence more or less than the sum over its words? The difference is the total correlation.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: PERPLEXITY_PER_WORD} · {minutes} minutes
#
# A perfect model has 4.73 nats per sentence of five words.
#
# **What is its perplexity per word?**

# %% [markdown] tags=["notes"]
# 2 min. The exponential of the nats per word: 2.58. Usual wrong answers: per sentence, 113; two to the power of nats.

# %% [markdown] tags=["slide"]
# ## One word after the other
#
# $$\log p(x)=\sum_{t=1}^L\log p(x_t\mid x_1,\dots,x_{t-1})$$
#
# **Where is a prediction told what it predicts?**
#
# . . .
#
# {figure: one-word-after-the-other-2}

# %% [markdown] tags=["notes"]
# 3 min. Name the three networks (causal and shifted; causal, not shifted; shifted, looks both ways) and let them draw the lines first. Thick lines are leaks. Shifted and causal, both are needed. Teacher forcing: the true words stand before.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: SHIFTED} · {minutes} minutes
#
#     def shifted(x, begin):
#         """x (n, L) -> (n, L)"""
#
# **Which column is new, and which one goes?**

# %% [markdown] tags=["notes"]
# 3 min. A column of begin, all but the last. Usual wrong answers: a shift to the left; np.roll, which tells the first word how it ends.

# %% [markdown] tags=["slide"]
# ## Predict: which sum has each network?
#
# All 4,096 strings of 6 symbols out of 4. Random data: entropy $6\log4=8.32$ nats.
#
# - a causal convolution; a GRU
# - a convolution that looks both ways; one whose input is not shifted
#
# . . .
#
# {output: a-language-model-is-a-distribution-add-it-up-5}

# %% [markdown] tags=["notes"]
# 3 min. A loss below the entropy is impossible. Untrained, all look nearly right: test a trained network.

# %% [markdown] tags=["slide"]
# ## Quiz: 0.01 nats a word on English. What now?
#
# . . .
#
# Look for the leak: change one word. Does an answer at or before its place move?
#
# . . .
#
# English has an entropy, and it is not nearly 0.

# %% [markdown] tags=["notes"]
# 2 min. It works for any size of model, where nobody can add up all strings.

# %% [markdown] tags=["slide"]
# ## Predict: which ELBO is higher?
#
# - *Forgets z:* the decoder is the language, the rate is 0.
# - *Codes the topic:* one bit in $z$.
#
# . . .
#
# {output: why-a-vae-of-text-ignores-its-code-2}

# %% [markdown] tags=["notes"]
# 3 min. Equal: the bit paid is the bit saved. So collapse is an optimum here, no failure of training.

# %% [markdown] tags=["slide"]
# ## Word dropout: hide words at a rate r
#
# $$c(r)=\sum_t\sum_S(1-r)^{|S|}r^{\,t-1-|S|}H(x_t\mid x_S)$$
#
# The best loss without a code.
#
# **What can z save, at most?**

# %% [markdown] tags=["notes"]
# 3 min. c(r) − H, so nothing at r = 0. S are the words left to see. Ask for c(0) and c(1).

# %% [markdown] tags=["slide"]
# ## Word dropout has a price list
#
# {figure: word-dropout-has-a-price-list-6}

# %% [markdown] tags=["notes"]
# 2 min. One network, trained on all 16 patterns of holes, gives all points. Losses at unequal rates cannot be compared.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: WORD_DROPOUT} · {minutes} minutes
#
# **Find two bugs.**
#
#     def drop_words(history, uniform, rate,
#                    hidden, training):
#         drop = uniform < rate
#         return np.where(drop, hidden, history)

# %% [markdown] tags=["notes"]
# 3 min. It drops words in use as well, and the begin symbol. Usual wrong answer: scaling, as for numbers.

# %% [markdown] tags=["slide"]
# ## Two VAEs
#
# Whole history, or hidden history. **Predict the KL.**
#
# . . .
#
# {output: and-the-code-4}

# %% [markdown] tags=["notes"]
# 2 min. The first stands at the entropy with an empty code. The second pays in fluency: no word has heard the one before.

# %% [markdown] tags=["slide"]
# ## Why GANs hate symbols
#
# The generator here is *perfect*, its draws softened.
#
# {figure: why-gans-hate-symbols-3}

# %% [markdown] tags=["notes"]
# 3 min. No softened draw is exactly a corner: disjoint supports, D is right every time. Argmax has slope 0. What else?

# %% [markdown] tags=["slide"]
# ## Two ways round
#
# + **Straight through:** the value of a word, the slope of the softmax. Biased.
# + **Policy gradient:** no slope needed. Noisy.
#
# $$\nabla\,\mathbb E[R]=\mathbb E\big[(R-b)\,\nabla\log q(x)\big]$$

# %% [markdown] tags=["notes"]
# 2 min. The baseline b changes the variance, not the mean, if it does not know the draw's own reward.

# %% [markdown] tags=["slide"]
# ## Predict: three trainings of one generator
#
# Maximum likelihood, policy gradient, straight through. **Which makes the fewest mistakes? Which is the best distribution?**
#
# . . .
#
# {figure: two-text-gans-judged-by-counting-7}

# %% [markdown] tags=["notes"]
# 3 min. Then ask which one they would have chosen by reading samples. The straight-through GAN makes the fewest mistakes and is the worst distribution: mode dropping. Samples do not show what is never said.

# %% [markdown] tags=["slide"]
# ## Fluent is not right
#
# The best judge there is, the true $p$. Temperature $T$:
#
# {figure: fluent-is-not-right-3}

# %% [markdown] tags=["notes"]
# 3 min. Goodhart: the truth is not judged best, one sentence for ever is. Ask for the other half: how well are real sentences predicted?

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: RANK} · {minutes} minutes
#
# Nats of its samples under the truth · of real sentences under the model:
#
# - **A** 4.33 · 4.94
# - **B** 4.73 · 4.74
# - **C** 3.64 · 11.2
#
# **Rank them.**

# %% [markdown] tags=["notes"]
# 2 min. B, A, C, by the second number: entropy plus KL. C nearly always says one thing.

# %% [markdown] tags=["slide"]
# ## The course's own prose
#
# Bits per character: a model with an arithmetic coder *is* a compressor.
#
# {figure: an-n-gram-and-a-network-7}

# %% [markdown] tags=["notes"]
# 3 min. On so little text, counting beats the network. Quote an n-gram beside a network. The training text may be read first, the test text not.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Likelihoods of symbols are exact sums: **add them up**.
#
# What needs a slope in the data gets hard. And the best sentences do not make the best model.
#
# *At home:* exercises {exercise: POLICY_GRADIENT} and {exercise: BITS_PER_CHARACTER}.

# %% [markdown] tags=["notes"]
# 1 min. The two at home: a baseline without bias, and a compressor that had read the test.
