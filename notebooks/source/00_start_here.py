# ---
# jupyter:
#   course:
#     question: "Does my machine work, and how do I study this course?"
# ---

# %% [markdown]
# # Start here: your machine learns to copy letters
#
# **The question of this lesson: does my machine work, and how do I study this course?**
#
# When you are through, you will be able to
#
# * read from one line what your lessons run on,
# * train a small neural network on pictures and say whether it learned anything,
# * answer an exercise and understand what its check tells you,
# * find your way through a lesson: predictions, proofs, exercises, quiz.
#
# **You need:** to be able to read Python. No knowledge of neural networks yet.
# **It takes** {times}, and less than a minute to run on two CPU cores.
#
# Run the cells from top to bottom: click into one and press *Shift + Enter*.

# %% tags=["setup"]
import course_lib

run = course_lib.setup()

# %% [markdown]
# That line says what a result depends on most: the version of the course, the libraries that do the computing, the
# device, the *profile*, and the *seed* from which all randomness starts. Send it along when you report a problem, and with
# it this list of versions:

# %%
from course_lib.runtime import environment_report

for name, description in environment_report().items():
    print(f"{name:>14}  {description}")

# %% [markdown]
# **The profile sizes some experiments.** Without a GPU it is `cpu`: small data, small networks, real results, and no lesson
# that takes longer than about a minute. With a GPU it is `gpu`: the same lessons, and a few trainings or samples that are larger,
# where all that the text says stays true. A lesson asks for numbers like this, and you can override the choice with the
# environment variable `COURSE_PROFILE`. (`COURSE_SEED` does the same for the seed: with another one every number below
# changes a little, and no conclusion should.)

# %%
epochs = run.pick(cpu=8, gpu=16)
print(f"this notebook will train for {epochs} epochs")

# %% [markdown]
# ## What do the pictures look like?
#
# The course brings its own pictures, so that you can study on a train. They are called *glyphs*: ten letters in twelve
# fonts, turned, shifted, scaled and thickened at random. Every picture is an array of 28 × 28 = 784 numbers between 0
# (paper) and 1 (ink). We know exactly how each was drawn, which will be worth a lot later.

# %%
from course_lib import datasets, plotting

data = datasets.load("glyphs")
print(data)
plotting.image_grid(data.x_train[:60], columns=15, title="real: 60 of the training pictures")
plotting.show(
    alt="Sixty small grey pictures in four rows of fifteen: capital letters in many fonts, upright and slanted, thin "
    "and bold, each turned, shifted and scaled a little differently."
)

# %% [markdown]
# The first three rows of the summary are the *splits*. A model learns from **train**; you make choices by looking at
# **validation**; **test** is opened once, at the end. A number measured on the data a model was trained on says
# little: a model that has learned them by heart would look perfect.
#
# ## Can a network copy a picture through 16 numbers?
#
# Here is the first model of the course, an *autoencoder*. It is a pair of functions:
#
# * the **encoder** turns a picture $x$ (784 numbers) into a **code** $z$ of only 16 numbers;
# * the **decoder** turns the code back into a picture $\hat x$ (784 numbers).
#
# Both start with random weights and are trained together to make $\hat x$ like $x$. (`set_random_seed` starts all random
# numbers anew. Every training of the course begins so: you see what we saw, and no answer of yours changes a number
# further down.) Nobody tells them what the 16 numbers should mean. The error that training makes small is the squared difference, summed over the pixels of a picture:
#
# $$L(x) = \sum_{i=1}^{784} (x_i - \hat x_i)^2 .$$
#
# **Before you run the next two cells, guess:** 16 numbers for 784 pixels, 49 times fewer. Will the copies be readable?

# %%
import keras

from course_lib import networks
from course_lib.models import Autoencoder

keras.utils.set_random_seed(run.seed)
encoder = networks.dense_encoder((28, 28, 1), latent_dim=16)
decoder = networks.dense_decoder(16, (28, 28, 1))
autoencoder = Autoencoder(encoder, decoder)
print(f"{autoencoder.count_params():,} weights to learn")

# %% [markdown]
# Each of the two is a chain of three layers, 784 → 256 → 128 → 16 numbers and back. The weights say how much each number
# counts for each of the next. (Lesson {number: autoencoders} builds such networks in the open.)
#
# Now train. An *epoch* is one pass over the 20,000 training pictures. While it runs you see the loss fall, and ten
# pictures from the validation split as the network would copy them at that moment: it has never been trained on these ten.

# %%
from course_lib.training import SamplePictures

ten = data.x_validation[:10]
film = SamplePictures(
    make=lambda: autoencoder.reconstruct(ten),
    draw=lambda pictures: plotting.still(plotting.filmstrip(pictures, real=ten)),
    every=epochs // 4,
    alt="Rows of ten letters: real ones, and the network's copies untrained and after more and more epochs, from nearly "
    "blank paper to blurred letters to soft but faithful ones.",
)
keras.utils.set_random_seed(run.seed)
history = autoencoder.fit(data.x_train, epochs=epochs, validation_data=data.x_validation, callbacks=[film])

# %% [markdown]
# Read the picture row by row. *Untrained*, the network answers with almost blank paper, whatever it is shown. After a
# quarter of the training there are blurred letters, mostly the right ones; at the end each has the right slant and nearly the right weight of
# the stroke. What is lost is fine detail: thin strokes and serifs come out softer than they went in. All of this passed
# through 16 numbers.
#
# These rows are **reconstructions**: copies of pictures that went in. They are not *generated*. The difference
# is the subject of this course. Ask of every figure which of the two it shows.
#
# Each line of the log gives the error of training and of validation pictures, both in two units: `loss` is per picture
# (the sum over 784 pixels above), `mse` is per pixel.

# %%
plotting.curves(
    {"training": history.history["loss"], "validation": history.history["val_loss"]},
    xlabel="epoch",
    ylabel="squared error per picture",
)
plotting.show(
    alt="Two curves of the squared error per picture against the epoch, for training and validation pictures. Both "
    "fall quickly, then slowly; in the first epoch training lies far above validation, then the two stay close together."
)

# %% [markdown]
# Both curves fall quickly and then slowly, and from the second epoch on they stay close together: what the network learned on
# the training pictures holds for pictures it has not seen. (In the first epoch training looks worse. Its number is a mean
# over the whole epoch, bad beginning included; validation is measured at the epoch's end.)
#
# ## Did it learn anything? A proof cell
#
# "The loss goes down" proves little; you will meet programs in this course that are quite wrong while their loss falls
# beautifully. So we always ask: *compared with what?* The laziest copier ignores its input and always answers with
# one picture. The best it can do is the mean picture $\bar x$, and its error is the variance of the data
# ({lesson: autoencoders} shows why).
#
# **Guess first:** by what factor does our network beat the laziest copier, on test pictures?

# %% tags=["proof"]
import numpy as np

mean_picture = data.x_train.mean(axis=0)
lazy = np.square(data.x_test - mean_picture).sum(axis=(1, 2, 3)).mean()
learned = np.square(data.x_test - autoencoder.reconstruct(data.x_test)).sum(axis=(1, 2, 3)).mean()
print(f"always the mean picture: {lazy:5.1f} per picture")
print(f"through 16 numbers:      {learned:5.1f} per picture, {lazy / learned:.1f} times less")
assert learned < lazy / 3, "a trained autoencoder must copy far better than the best single picture"

# %% [markdown]
# That was a **proof cell**, the most important kind in this course. One side is what you built; the other is something
# that knows the answer without it (here the mean picture, later integrals, exact models, known optima). It prints both and
# ends in an `assert`, whose message says in words what must hold. If it ever fails on your machine, that is a
# discovery: report it.
#
# One thing remains of the question at the top. How long did your machine need to get here, counted from the start of this
# notebook's kernel and with your reading time included?

# %%
import time

import psutil

seconds = time.time() - psutil.Process().create_time()
print("less than a minute" if seconds < 60 else f"{seconds:.0f} seconds")

# %% [markdown]
# ## How do the exercises work?
#
# You replace each `...`, run the cell, then run the one below it, and it answers. There are three kinds of answer. Here they
# are for a tiny exercise, *the mean picture of an array of pictures*, with three colleagues handing in their solutions:

# %%
from course_lib.exercises import check
from course_lib.exercises import start_here as exercises

colleagues = {
    "Ada has not begun:": lambda images: ...,
    "Ben averages too far:": lambda images: images.mean(),
    "Cleo has it:": lambda images: images.mean(axis=0),
}
for name, answer in colleagues.items():
    print(name, exercises.MEAN_PICTURE.judge(answer), sep="\n  ")

# %% [markdown]
# *Not answered yet*, *not yet* with what is wrong, *right*. A check knows the classic mistakes of its exercise by name, and
# after several attempts it begins to give hints. If you are stuck: after two tries, `solution("…")` with the exercise's
# number shows one way to solve it. The page `contents.md`, in the list of files, shows what you have solved.
#
# **Exercise {exercise: SQUARED_ERROR}.** Your turn, with the error from above. Write the squared error of each picture: the sum over
# its pixels of $(x_i - \hat x_i)^2$, *one number for each picture*. `x` and `x_hat` have the shape
# `(pictures, 28, 28, 1)`, the answer has the shape `(pictures,)`. Replace the `...`.


# %% tags=["exercise"]
def squared_error(x, x_hat):
    # BEGIN SOLUTION
    return np.square(x - x_hat).sum(axis=(1, 2, 3))
    # END SOLUTION


# %%
check(exercises.SQUARED_ERROR, squared_error)

# %% [markdown]
# Try a wrong answer on purpose, too: leave the square away, or take `.mean(axis=(1, 2, 3))` instead of the sum, and read what
# the check says. Sum or mean looks like a detail. In lesson {number: what_a_likelihood_decides} you will see well-known programs that optimise something
# other than what they say, only because a mean stood where a sum belongs.
#
# **Exercise {exercise: TIMES_SMALLER}.** A code of 16 numbers replaces 784. Suppose each number is stored in 4 bytes, and each pixel of
# the original in 1 byte. How many times smaller is the code than the picture, in bytes?

# %% tags=["exercise"]
# BEGIN SOLUTION
times_smaller = 784 / (16 * 4)
# END SOLUTION

# %%
check(exercises.TIMES_SMALLER, times_smaller)

# %% [markdown]
# ## What is a lesson made of?
#
# All lessons have the rhythm of this one. A **question** stands at the top and is answered at the end. Before a
# surprising cell you are asked to **guess**: do it, on paper; being wrong is how it sticks. **Proof cells** compare with
# something that knows the answer. **Exercises** stand where the idea is fresh, and nothing later depends on your
# answers, so that you can always go on. A **quiz** closes the lesson.
#
# The code of the models is not hidden. Whatever you import from `course_lib`, you can read; what you see is the
# source that is tested and that ran above:

# %%
course_lib.show(Autoencoder.compute_loss)

# %% [markdown]
# Three things to know about your files. The lessons you open with `make course` are *your copies*, in the folder
# `workbook/`; an update of the course never overwrites them. To begin a lesson afresh, delete its copy and call `make course`
# again. The solved lessons come with `make solutions`.
#
# ## Quiz
#
# <details><summary><b>1.</b> A friend trains an autoencoder and reports: "the loss fell from 90 to 40, it works". What do you ask?</summary>
#
# Compared with what, and on which data? If always answering with the mean picture costs 40 as well, nothing was learned. And
# a loss on training pictures may only show what was learned by heart. And in which unit: per picture or per pixel?
# </details>
#
# <details><summary><b>2.</b> Are the pictures in the rows of the film strip generated by the model?</summary>
#
# No. Each is the copy of a real picture that went into the encoder: a reconstruction. To generate would mean to make a new
# letter without being shown one; an autoencoder has no rule for choosing a code by itself. Lesson {number: the_latent_space} shows what happens if you
# try, and lesson {number: the_variational_autoencoder} gives it that rule.
# </details>
#
# <details><summary><b>3.</b> Why did we keep the test pictures away until the proof cell?</summary>
#
# Every look at a split while you make choices (how long to train, how wide the code) fits those choices to it. A number is
# only honest on data that had no say in anything.
# </details>
#
# ## In this lesson you have …
#
# * read what your lessons run on, and how the profile sizes them,
# * trained an autoencoder on 20,000 letters and seen its copies become readable,
# * compared its error with the best single picture, on pictures it had never seen,
# * met the three answers of a check, and written your first two solutions.
#
# **So, does your machine work?** If no cell ended in a red error, yes. And the answer to how to study: guess, run, compare, and let
# the checks tell you what is wrong.
#
# **To take home:** *an error says something only beside another that it is compared with, and on pictures that the network has
# never seen.*
#
# ## Go further
#
# * Change `latent_dim=16` (and the decoder's 16) to 2, and run the notebook again. Which letters are still told apart? Then try 64.
#   You are choosing now, so compare the errors on validation pictures.
# * With a GPU, or with patience: `data = datasets.load("mnist")` trains on 50,000 handwritten digits (one download). The cells
#   below it need no change.
#
# ## References
#
# * G. E. Hinton and R. R. Salakhutdinov (2006). Reducing the dimensionality of data with neural networks. *Science* 313.
# * D. P. Kingma and J. Ba (2015). Adam: a method for stochastic optimization. arXiv:1412.6980 (the optimiser that `fit` used).

# %% [markdown] tags=["slide"]
# # Start here: your machine learns to copy letters
#
# **Does my machine work? And how do I study this course?**
#
# You need to be able to read Python. No knowledge of neural networks yet.

# %% [markdown] tags=["notes"]
# 2 min. The first meeting. Everybody should have called `make course` at home; walk around while they sit down and find those who have not. Colab is the way out.

# %% [markdown] tags=["slide"]
# ## What you will be able to do
#
# + read from one line what your lessons run on;
# + train a small network on pictures, and say whether it learned anything;
# + answer an exercise, and understand what its check tells you;
# + find your way through a lesson.

# %% [markdown] tags=["notes"]
# 1 min. Read it aloud, no more.

# %% [markdown] tags=["slide"]
# ## Run the first cell · {minutes} minutes
#
# Click into it and press *Shift + Enter*:
#
# {output: setup}
#
# - the versions, the device
# - the *profile*: small without a GPU, larger with one
# - the *seed*, from which all randomness starts

# %% [markdown] tags=["notes"]
# 8 min. Wait until everybody sees their own line. The usual trouble: a kernel of another environment; the notebook opened outside `make course`. This line is what to send along when one reports a problem.

# %% [markdown] tags=["slide"]
# ## The pictures
#
# {output: what-do-the-pictures-look-like-2}

# %% [markdown] tags=["notes"]
# 2 min. Every picture is 28 × 28 numbers between 0, paper, and 1, ink. We know how each was drawn; that will be worth a lot later.

# %% [markdown] tags=["slide"]
# ## Ten letters in twelve fonts
#
# {figure: what-do-the-pictures-look-like-2}

# %% [markdown] tags=["notes"]
# 1 min. Turned, shifted, scaled, thickened at random.

# %% [markdown] tags=["slide"]
# ## Three splits
#
# | split | use |
# |---|---|
# | **train** | the model learns from it |
# | **validation** | you choose by looking at it |
# | **test** | opened once, at the end |
#
# Why not measure on the pictures that it was trained on?

# %% [markdown] tags=["notes"]
# 2 min. A model that has learned them by heart would look perfect. Let somebody say it.

# %% [markdown] tags=["slide"]
# ## An autoencoder
#
# $$x\;\xrightarrow{\;\text{encoder}\;}\;z\;\xrightarrow{\;\text{decoder}\;}\;\hat x$$
#
# 784 numbers → 16 numbers → 784 numbers
#
# . . .
#
# $$L(x)=\sum_{i=1}^{784}(x_i-\hat x_i)^2$$
#
# Nobody tells the two what the 16 numbers should mean.

# %% [markdown] tags=["notes"]
# 3 min. Both start with random weights and are trained together. Say "sum over the pixels" clearly: sum or mean will be a theme of the course.

# %% [markdown] tags=["slide"]
# ## Predict: 16 numbers for 784 pixels. Readable?
#
# 49 times fewer.
#
# . . .
#
# {figure: can-a-network-copy-a-picture-through-16-numbers-4}

# %% [markdown] tags=["notes"]
# 3 min. Vote: readable, blurred, hopeless. Read the picture row by row. These are *reconstructions*, not generated: the difference is the subject of the course.

# %% [markdown] tags=["slide"]
# ## The two curves
#
# {figure: can-a-network-copy-a-picture-through-16-numbers-6}
#
# What would it mean if the second one rose?

# %% [markdown] tags=["notes"]
# 2 min. Over-fitting: the training pictures learned by heart. Here they stay together.

# %% [markdown] tags=["slide"]
# ## "The loss goes down" proves little
#
# Compared with what?
#
# . . .
#
# The laziest copier always answers with *one* picture. The best one is the mean picture.
#
# . . .
#
# **Predict:** by what factor does the network beat it?

# %% [markdown] tags=["notes"]
# 2 min. Write some guesses on the board. The error of the mean picture is the variance of the data.

# %% [markdown] tags=["slide"]
# ## A proof cell
#
# {output: did-it-learn-anything-a-proof-cell-2}
#
# + One side is what you built.
# + The other knows the answer without it.
# + It ends in an `assert` whose message says what must hold.

# %% [markdown] tags=["notes"]
# 2 min. If one ever fails on their machine, that is a discovery: report it.

# %% [markdown] tags=["slide"]
# ## Three colleagues, three answers
#
# {output: how-do-the-exercises-work-2}
#
# A check knows the classic mistakes by name.

# %% [markdown] tags=["notes"]
# 2 min. After several attempts it begins to give hints. Nothing later in a lesson depends on an answer.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: SQUARED_ERROR} · {minutes} minutes
#
# The squared error of each picture, the sum over its pixels:
#
# $$\sum_i(x_i-\hat x_i)^2$$
#
# `x` and `x_hat`: `(pictures, 28, 28, 1)`. The answer: `(pictures,)`.
#
# Then try a wrong answer on purpose.

# %% [markdown] tags=["notes"]
# 7 min. Let them leave the square away, or take a mean, and read what the check says. Usual wrong answers: a sum over the pictures too; the mean over the pixels.

# %% [markdown] tags=["slide"]
# ## Exercise {exercise: TIMES_SMALLER} · {minutes} minutes
#
# A code of 16 numbers replaces 784. A number of the code takes 4 bytes, a pixel 1 byte.
#
# **How many times smaller is the code, in bytes?**

# %% [markdown] tags=["notes"]
# 3 min. 784 / 64 = 12.25. The usual wrong answer: 49, numbers counted in place of bytes.

# %% [markdown] tags=["slide"]
# ## Quiz: the loss of a program falls beautifully. Has it learned what we wanted?
#
# . . .
#
# Not proven. Compared with what? And is the number the one that it claims to be?
#
# . . .
#
# You will meet programs that are quite wrong while their loss falls.

# %% [markdown] tags=["notes"]
# 2 min. Ask for an example from their own experience.

# %% [markdown] tags=["slide"]
# ## To take home
#
# Your machine works: it copied letters through 16 numbers, with about a quarter of the laziest copier's error.
#
# Predict before you run. Ask *compared with what?*
#
# *At home:* the rest of this lesson; then the next one.

# %% [markdown] tags=["notes"]
# 1 min. Where solutions are: `make solutions`. Ask them to write their predictions down, on paper.
