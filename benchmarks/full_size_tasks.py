"""What `make benchmark-full-size` trains: networks and recipes of papers, what was published, and what must match.

The published figures (3.00; 86.76; 4.67 bits; 7.86 ± .07; 3.17) were compared with copies of the papers' tables and
captions. The recipes were entered from memory, without the papers at hand: look at the place that is named before you
cite one. What a paper leaves open, or does otherwise, stands in `differs`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FACES, MNIST, FASHION, CIFAR = "faces", "mnist", "fashion_mnist", "cifar10"
DATA = {FACES: "faces, 64 × 64 × 3", MNIST: "MNIST", FASHION: "Fashion-MNIST", CIFAR: "CIFAR-10"}
OPTIONS = {FACES: {"size": 64}}
SCORES = ("error", "elbo", "bits", "frechet")  # what a row may be judged by, each of the course's own kinds


@dataclass(frozen=True)
class Task:
    """One row: a model at its published size on one data set.

    Attributes:
        title: The model, in words.
        lesson: The lesson that it belongs to, by name.
        data: A key of `DATA`.
        make: Function `(shape, seed)` to a compiled model.
        batch_size, updates: Of the recipe. Instead of `updates`, `passes` over the data.
        part: Updates between two looks at the clock; about half a minute on two cores, where one update takes less.
        scores: Names from `SCORES`.
        recipe: Whose it is, and what it asks.
        published: The published figure, or why there is none to be set beside it.
        match: What must match before the figure may be compared.
        differs: What differs from the paper here, whatever the number of passes.
        binary: Whether the pixels are drawn black or white: "anew" at each presentation, "once", or "" for grey ones.
        labelled: Whether the model is told the label.
        standardised: Whether data come to the model with mean 0 and variance 1.
    """

    title: str
    lesson: str
    data: str
    make: Callable
    batch_size: int
    part: int
    scores: tuple[str, ...]
    recipe: str
    published: str
    match: str
    differs: str
    updates: int | None = None
    passes: int | None = None
    binary: str = ""
    labelled: bool = False
    standardised: bool = False


def adam(rate, **options):
    import keras

    return keras.optimizers.Adam(rate, **options)


# --- models ----------------------------------------------------------------------------------------------------------


def autoencoder(shape, seed):
    from course_lib import models, networks

    encoder, decoder = networks.conv_encoder(shape, 30, (64, 128)), networks.conv_decoder(30, shape, (128, 64))
    model = models.Autoencoder(encoder, decoder)
    model.compile(adam(1e-3))
    return model


def conv_vae(shape, seed):
    from benchmarks.mnist import binarised
    from course_lib import networks
    from course_lib.formulas.likelihoods import bernoulli_log_prob

    encoder = networks.conv_gaussian_encoder(shape, 50, (64, 128))
    decoder = networks.conv_decoder(50, shape, (128, 64))
    model = binarised("vae")(encoder, decoder, bernoulli_log_prob, seed=seed)
    model.compile(adam(1e-3))
    return model


def conditional_vae(shape, seed):
    from course_lib import models, networks
    from course_lib.formulas.likelihoods import bernoulli_log_prob

    encoder = networks.dense_conditional_encoder(shape, 50, 10, (500, 500), "softplus")
    decoder = networks.dense_conditional_decoder(50, shape, 10, (500, 500), "softplus")
    model = models.ConditionalVAE(encoder, decoder, bernoulli_log_prob, num_classes=10, seed=seed)
    model.compile(adam(3e-4))
    return model


def beta_vae(shape, seed):
    from benchmarks import full_size_networks as sizes
    from course_lib import models
    from course_lib.formulas.likelihoods import gaussian

    encoder = sizes.strided_gaussian_encoder(shape, 32, (32, 32, 64, 64), 4, 256)
    decoder = sizes.strided_decoder(shape, 32, (64, 64, 32, 32), 4, 256)
    model = models.VAE(encoder, decoder, gaussian(0.01), beta=4.0, seed=seed)
    model.compile(adam(1e-4))
    return model


def vq_vae(codes):
    def make(shape, seed):
        from benchmarks import full_size_networks as sizes
        from course_lib import models
        from course_lib.formulas.likelihoods import gaussian
        from course_lib.layers import VectorQuantizer

        quantizer = VectorQuantizer(512, 64, commitment=0.25, ema_decay=0.99, seed=seed)
        coders = sizes.vq_encoder(shape, 64, codes), sizes.vq_decoder(shape, 64, codes)
        model = models.VQVAE(*coders, quantizer, gaussian(0.001), seed=seed)
        model.compile(adam(2e-4))
        return model

    return make


def gan(generator, discriminator, objective, seed, penalty=None, rate=2e-4, **momenta):
    from course_lib import models
    from course_lib.formulas import adversarial, gradient_penalties

    penalty = penalty and gradient_penalties.GradientPenalty(penalty)
    model = models.GAN(generator, discriminator, getattr(adversarial, objective), seed=seed, penalty=penalty)
    model.compile(adam(rate, **{"beta_1": 0.5, **momenta}))
    return model


def dcgan(filters):
    def make(shape, seed):
        from benchmarks import full_size_networks as sizes

        players = sizes.dcgan_generator(shape, filters), sizes.dcgan_discriminator(shape, filters[::-1])
        return gan(*players, "non_saturating", seed)

    return make


def wgan(shape, seed):
    from benchmarks import full_size_networks as sizes

    filters = (512, 256, 128, 64)
    generator = sizes.dcgan_generator(shape, filters, noise_dim=128)
    critic = sizes.dcgan_discriminator(shape, filters[::-1], batch_norm=False)
    return gan(generator, critic, "wasserstein", seed, penalty=10.0, rate=1e-4, beta_1=0.0, beta_2=0.9)


def residual_wgan(shape, seed):
    import keras

    from benchmarks import full_size_networks as sizes

    falling = keras.optimizers.schedules.PolynomialDecay(2e-4, 100_000, 0.0)
    players = sizes.residual_generator(shape), sizes.residual_critic(shape)
    return gan(*players, "wasserstein", seed, penalty=10.0, rate=falling, beta_1=0.0, beta_2=0.9)


def vae_gan(shape, seed):
    import keras

    from benchmarks import full_size_networks as sizes
    from course_lib import models
    from course_lib.formulas import adversarial
    from course_lib.formulas.likelihoods import gaussian

    encoder = sizes.strided_gaussian_encoder(shape, 128, (64, 128, 256), 5, 2048, batch_norm=True)
    decoder = sizes.strided_decoder(shape, 128, (256, 128, 32), 5, batch_norm=True)
    discriminator = sizes.vae_gan_discriminator(shape)
    model = models.VAEGAN(encoder, decoder, discriminator, gaussian(1.0), adversarial.non_saturating, seed=seed)
    model.compile(keras.optimizers.RMSprop(3e-4))
    return model


def denoiser(shape, seed):
    from benchmarks import full_size_networks as sizes
    from course_lib import models

    model = models.Denoiser(sizes.unet(shape), seed=seed)
    model.compile(adam(2e-4))
    return model


# --- rows ------------------------------------------------------------------------------------------------------------

NONE = "none on these data"
PIXELS_DRAWN = "the pixels drawn black or white anew at each presentation, the test images drawn once"
ONE_TO_ONE = "one step of the critic for each of the generator, in one simultaneous update, where the paper takes five"

TASKS = {
    "autoencoder": Task(
        "convolutional autoencoder",
        "autoencoders",
        MNIST,
        autoencoder,
        batch_size=128,
        passes=200,
        part=60,
        scores=("error",),
        recipe="the course's own: 200 passes, Adam with 0.001, code of 30 numbers, 64 and 128 channels",
        published="squared error 3.00 for a code of 30 numbers (Hinton & Salakhutdinov, 2006, figure 2B)",
        match="the length of the code; grey test images in [0, 1]; the error summed over the pixels of an image",
        differs="theirs is dense, 784–1000–500–250–30, trained layer by layer first",
    ),
    "vae_mnist": Task(
        "convolutional VAE",
        "the_variational_autoencoder",
        MNIST,
        conv_vae,
        batch_size=128,
        passes=200,
        part=60,
        scores=("elbo", "frechet"),
        recipe="the course's own: 200 passes, Adam with 0.001, 50 latents, 64 and 128 channels",
        published="none for these networks; −86.76 nats, log p(x), for dense ones (Burda et al., 2016, table 1)",
        match=f"{PIXELS_DRAWN}; 60,000 training images; the ELBO is a smaller number than their bound with 5,000 draws",
        differs="theirs is dense, 2 × 200 units, 3,280 passes: `make benchmark-mnist` trains that one",
        binary="anew",
    ),
    "vae_fashion": Task(
        "convolutional VAE",
        "the_variational_autoencoder",
        FASHION,
        conv_vae,
        batch_size=128,
        passes=200,
        part=60,
        scores=("elbo", "frechet"),
        recipe="as on MNIST",
        published=NONE,
        match=PIXELS_DRAWN,
        differs="no paper is followed",
        binary="anew",
    ),
    "conditional_vae": Task(
        "conditional VAE",
        "conditioning_and_rare_classes",
        MNIST,
        conditional_vae,
        batch_size=100,
        passes=200,
        part=200,
        scores=("elbo", "frechet"),
        recipe="the course's own: 200 passes, Adam with 0.0003; 50 latents, 2 × 500 softplus units on each side",
        published="none: Kingma et al. (2014) report errors of classification",
        match="the label given on both sides: log p(x | label) is another number than log p(x)",
        differs="theirs has one hidden layer of 500 and infers missing labels; here all are given. Pixels are drawn "
        "once, not anew",
        binary="once",
        labelled=True,
    ),
    "beta_vae": Task(
        "β-VAE, β = 4",
        "rate_distortion_and_beta",
        FACES,
        beta_vae,
        batch_size=64,
        passes=200,
        part=20,
        scores=("error", "elbo", "bits", "frechet"),
        recipe="networks of Higgins et al. (2017) for 64 × 64 photographs, Adam with 0.0001; 200 passes are ours",
        published=f"{NONE}: Higgins et al. (2017) report a score of disentanglement on shapes",
        match="the variance of the likelihood (here 0.01) as well as β: only their product means something",
        differs="other data and another β; the bound is judged with β = 1",
    ),
    "vq_vae": Task(
        "VQ-VAE",
        "discrete_codes",
        FACES,
        vq_vae(1),
        batch_size=128,
        updates=250_000,
        part=2,
        scores=("error", "elbo", "bits"),
        recipe="van den Oord et al. (2017), section 4: 256 channels, K = 512, Adam with 0.0002, 250,000 updates",
        published=NONE,
        match="likelihood and prior of the symbols: bits here are under uniform symbols",
        differs="codes follow running means (their appendix A.1); no prior is learned, so nothing is generated",
    ),
    "vq_vae_cifar": Task(
        "VQ-VAE",
        "discrete_codes",
        CIFAR,
        vq_vae(10),
        batch_size=128,
        updates=250_000,
        part=4,
        scores=("error", "elbo", "bits"),
        recipe="van den Oord et al. (2017), section 4.1: 8 × 8 × 10 symbols, K = 512, 250,000 updates",
        published="4.67 bits per dimension (van den Oord et al., 2017, section 4.1)",
        match="the likelihood, the prior of the symbols and the length of a code, which the paper does not state",
        differs="a Gaussian of variance 0.001, uniform symbols; codes follow running means (their appendix A.1)",
    ),
    "dcgan_mnist": Task(
        "DCGAN",
        "training_a_gan",
        MNIST,
        dcgan((256, 128)),
        batch_size=128,
        passes=25,
        part=20,
        scores=("frechet",),
        recipe="Radford et al. (2016), section 4: Adam with 0.0002 and β₁ = 0.5, batches of 128; 25 passes are ours",
        published="none: the paper shows pictures",
        match="nothing to be compared",
        differs="two doublings, as 28 pixels allow; both networks in one simultaneous update",
    ),
    "dcgan": Task(
        "DCGAN",
        "training_a_gan",
        FACES,
        dcgan((1024, 512, 256, 128)),
        batch_size=128,
        passes=25,
        part=1,
        scores=("frechet",),
        recipe="Radford et al. (2016), figure 1 and section 4: 1,024 to 128 channels, Adam with 0.0002 and β₁ = 0.5; "
        "25 passes are ours",
        published="none: the paper shows pictures",
        match="nothing to be compared",
        differs="other data; both networks in one simultaneous update",
    ),
    "wgan_gp": Task(
        "WGAN-GP",
        "wasserstein_gans",
        FACES,
        wgan,
        batch_size=64,
        updates=200_000,
        part=4,
        scores=("frechet",),
        recipe="Gulrajani et al. (2017), algorithm 1 and figure 2: DCGAN's networks, 200,000 updates",
        published=NONE,
        match="nothing to be compared",
        differs=f"other data; no normalisation in the critic; {ONE_TO_ONE}",
    ),
    "wgan_gp_cifar": Task(
        "WGAN-GP, residual",
        "wasserstein_gans",
        CIFAR,
        residual_wgan,
        batch_size=64,
        updates=100_000,
        part=4,
        scores=("frechet",),
        recipe="Gulrajani et al. (2017), appendix: residual networks of 128 channels, Adam from 0.0002 falling to 0",
        published="Inception score 7.86 ± 0.07 (Gulrajani et al., 2017, section 5.4)",
        match="the score: it needs the Inception network, which the course does not have, and 50,000 samples",
        differs=ONE_TO_ONE,
    ),
    "vae_gan": Task(
        "VAE-GAN",
        "conditional_gans_and_hybrids",
        FACES,
        vae_gan,
        batch_size=64,
        passes=100,
        part=4,
        scores=("error", "frechet"),
        recipe="networks of Larsen et al. (2016), table 1, RMSProp with 0.0003; 100 passes are ours",
        published=NONE,
        match="nothing to be compared",
        differs="a likelihood of the pixels (variance 1) in the place of the discriminator's features; the decoder has "
        "three convolutions where theirs has four; other data",
    ),
    "denoiser": Task(
        "denoiser",
        "where_next",
        FACES,
        denoiser,
        batch_size=128,
        updates=800_000,
        part=1,
        scores=("frechet",),
        recipe="U-Net of Ho et al. (2020), appendix B: 128 to 256 channels, Adam with 0.0002, 800,000 updates",
        published="FID 3.17 on CIFAR-10 (Ho et al., 2020, table 1)",
        match="data, features (Inception), 50,000 samples, and the running mean of the weights",
        differs="the network answers the clean image, at 64 × 64; 50 steps a sample; no running mean of the weights",
        standardised=True,
    ),
}


def task_of(name):
    """The task of that name; a clear error for another one."""
    if name not in TASKS:
        raise ValueError(f"a task should be one of {', '.join(TASKS)}; got {name!r}.")
    return TASKS[name]


def updates_in_all(task, num_train):
    """The updates of a recipe on so many training images."""
    return task.updates if task.updates is not None else task.passes * (num_train // task.batch_size)


@dataclass
class Sets:
    """Images of a task: what is trained on, what is judged on, and real images that nobody was trained on."""

    train: np.ndarray
    labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    fresh: np.ndarray


def sets_of(task):
    """Load the data of a task.

    Where there are 2,000 test images, half of them are judged and the others are the fresh real ones; else those are
    the validation images. Whatever is neither trains. The order is random: MNIST's first test images are easier.

    Raises:
        ValueError, DataError: If the course has no such data, or they can be neither found nor downloaded.
    """
    from course_lib.datasets import load

    data = load(task.data, **OPTIONS.get(task.data, {}))
    order = np.random.default_rng(1).permutation(len(data.x_test))
    test, labels = data.x_test[order], data.y_test[order]
    if len(test) >= 2_000:
        half = len(test) // 2
        train, train_labels = (
            np.concatenate([data.x_train, data.x_validation]),
            np.concatenate([data.y_train, data.y_validation]),
        )
        sets = Sets(train, train_labels, test[:half], labels[:half], test[half:])
    else:
        sets = Sets(data.x_train, data.y_train, test, labels, data.x_validation)
    if not task.binary:
        return sets
    sets.test, sets.fresh = (drawn(images, seed) for seed, images in enumerate((sets.test, sets.fresh)))
    if task.binary == "once":
        sets.train = drawn(sets.train, seed=2)
    return sets


def drawn(images, seed):
    """Black and white pixels, drawn once from grey ones."""
    return (np.random.default_rng(seed).random(images.shape, dtype="float32") < images).astype("float32")
