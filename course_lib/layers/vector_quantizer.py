import random

import keras
from keras import ops

from course_lib.contracts.arguments import real_number, whole_number
from course_lib.formulas.events import sum_over_event

_NEVER_USED = 1e-5  # below this, the mean of a code's vectors is a quotient of roundings: the code stays where it is


@keras.saving.register_keras_serializable(package="course_lib")
class VectorQuantizer(keras.layers.Layer):
    r"""Replaces each vector by the nearest of K learned ones: a code that is a symbol.

    $$k(z) = \arg\min_j \|z - e_j\|^2, \qquad \frac{\partial\,\text{output}}{\partial z} := I, \qquad
      L(z) = \underbrace{\|\bar z - e_k\|^2}_{\text{codebook}}
      + \gamma \underbrace{\|z - \bar e_k\|^2}_{\text{commitment}}$$

    A bar holds still. The first term moves the code to its vectors, the second the vectors to their code, and the
    gradient of what follows passes *straight through* to z, as if nothing had been rounded. Both terms are sums over
    the values of an example, one number each; nothing depends on the rest of the batch.

    With `ema_decay` the codes follow the running means of their vectors instead of the codebook loss:
    $N_j \leftarrow \lambda N_j + (1 - \lambda) n_j$, $m_j \leftarrow \lambda m_j + (1 - \lambda) \sum_{i \to j} z_i$,
    $e_j = m_j / N_j$, in training only. There every vector of a batch counts once, whatever its sample weight.

    A code that is nobody's nearest is never moved: it is dead. With `revive_below`, a code whose running count $N_j$
    (vectors per batch) has fallen below that number takes the place of a vector drawn from the batch. The counts then
    begin at 0, so that the first batch places every code.

    Args:
        num_codes: Integer K ≥ 2.
        code_dim: Integer ≥ 1, the length of a vector.
        commitment: Weight γ ≥ 0 of the commitment term.
        ema_decay: λ in [0, 1), or None for the codebook loss.
        revive_below: Number > 0, or None for no revival; needs `ema_decay`.
        seed: Integer ≥ 0 or None, for the first codes and the revivals.

    Call arguments:
        z: Floats, `(batch, ..., code_dim)`.
        training: Whether running means are updated.

    Returns of a call:
        A dict: `"quantized"`, like z, float32; `"codes"`, int32 `(batch, ...)`; `"codebook"` and `"commitment"`, the
        two squared distances, float32 `(batch,)`; `"loss"`, their weighted sum (without `"codebook"` under EMA).

    Raises:
        ValueError: If an argument means nothing, or the vectors have another length.

    Example:
        >>> quantizer = VectorQuantizer(2, code_dim=1)
        >>> _ = quantizer.codebook.assign([[0.0], [1.0]])
        >>> outputs = quantizer(ops.array([[[0.2], [0.9], [5.0]]]))
        >>> ops.convert_to_numpy(outputs["codes"]).tolist()
        [[0, 1, 1]]

    Reference:
        van den Oord et al. (2017), arXiv:1711.00937, eq. 1–3 and appendix A.1; revival: Dhariwal et al. (2020),
        arXiv:2005.00341, section 3.1; Zeghidour et al. (2021), arXiv:2107.03312, section III-C.
    """

    def __init__(self, num_codes, code_dim, commitment=0.25, ema_decay=None, revive_below=None, seed=None, **kwargs):
        super().__init__(autocast=False, **kwargs)  # half precision would name other codes
        self.num_codes = whole_number(num_codes, "num_codes", 2)
        self.code_dim = whole_number(code_dim, "code_dim", 1)
        self.commitment = real_number(commitment, "commitment")
        self.ema_decay, self.revive_below = ema_decay, revive_below
        self._check_options()
        self.seed = random.randint(1, 10**9) if seed is None else whole_number(seed, "seed", 0, 2**32 - 1)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        first = keras.initializers.RandomUniform(-1 / self.num_codes, 1 / self.num_codes, seed=self.seed)
        self.codebook = self._variable("codebook", (self.num_codes, self.code_dim), first, trainable=ema_decay is None)
        if ema_decay is not None:
            self.counts = self._variable("counts", (self.num_codes,), "ones" if revive_below is None else "zeros")
            self.sums = self._variable("sums", (self.num_codes, self.code_dim), "zeros")
            self.sums.assign(self.codebook * self.counts[:, None])
        self.built = True  # nothing is left to make; Keras would read a batch of data to find that out

    def call(self, z, training=None):
        z = ops.cast(z, "float32")
        if len(z.shape) < 2 or z.shape[-1] != self.code_dim:
            raise ValueError(
                f"VectorQuantizer expects vectors of length {self.code_dim}, (batch, ..., {self.code_dim}); got "
                f"{tuple(z.shape)}. Give the encoder that many features per position."
            )
        codes = self.nearest(z)
        chosen = self.lookup(codes)
        codebook = sum_over_event(ops.square(ops.stop_gradient(z) - chosen))
        commitment = sum_over_event(ops.square(z - ops.stop_gradient(chosen)))
        if self.ema_decay is not None and training:
            self._follow(ops.stop_gradient(z), codes)
        return {
            "quantized": z + ops.stop_gradient(chosen - z),
            "codes": codes,
            "codebook": codebook,
            "commitment": commitment,
            "loss": self.commitment * commitment + (codebook if self.ema_decay is None else 0.0),
        }

    def nearest(self, z):
        """The number of the nearest code, the first of equals: floats `(..., code_dim)` to int32 `(...)`."""
        codebook = ops.convert_to_tensor(self.codebook)
        distances = ops.sum(ops.square(codebook), axis=1) - 2 * ops.matmul(z, ops.transpose(codebook))  # + ‖z‖²
        return ops.cast(ops.argmin(distances, axis=-1), "int32")

    def lookup(self, codes):
        """The vectors of codes: int32 `(...)` to float32 `(..., code_dim)`."""
        return ops.take(self.codebook, codes, axis=0)

    def _follow(self, z, codes):
        """One step of the running means, and of the revival of dead codes."""
        vectors = ops.reshape(z, (-1, self.code_dim))
        chosen = ops.one_hot(ops.reshape(codes, (-1,)), self.num_codes, dtype="float32")  # (vectors, num_codes)
        decay = self.ema_decay
        counts = decay * self.counts + (1 - decay) * ops.sum(chosen, axis=0)
        sums = decay * self.sums + (1 - decay) * ops.matmul(ops.transpose(chosen), vectors)
        used = counts > _NEVER_USED
        means = sums / ops.where(used, counts, 1.0)[:, None]
        codebook = ops.where(used[:, None], means, ops.convert_to_tensor(self.codebook))
        if self.revive_below is not None:
            dead = counts < self.revive_below
            codebook = ops.where(dead[:, None], self._drawn_from(vectors), codebook)
            counts = ops.where(dead, self.revive_below, counts)
            sums = ops.where(dead[:, None], codebook * self.revive_below, sums)
        self.counts.assign(counts)
        self.sums.assign(sums)
        self.codebook.assign(codebook)

    def _drawn_from(self, vectors):
        """One of the batch's vectors for each code."""
        uniform = keras.random.uniform((self.num_codes,), dtype="float32", seed=self.seed_generator)
        number = ops.shape(vectors)[0]
        rows = ops.cast(uniform * ops.cast(number, "float32"), "int32")
        return ops.take(vectors, ops.minimum(rows, number - 1), axis=0)

    def _variable(self, name, shape, initializer, trainable=False):
        return self.add_weight(
            shape=shape, initializer=initializer, trainable=trainable, dtype="float32", autocast=False, name=name
        )

    def _check_options(self):
        if self.commitment < 0:
            raise ValueError(f"commitment, the weight of the commitment term, must be ≥ 0; got {self.commitment!r}.")
        if self.ema_decay is not None and not 0 <= real_number(self.ema_decay, "ema_decay") < 1:
            raise ValueError(f"ema_decay must lie in [0, 1), such as 0.99, or be None; got {self.ema_decay!r}.")
        if self.revive_below is not None and not real_number(self.revive_below, "revive_below") > 0:
            raise ValueError(f"revive_below, a number of vectors per batch, must be > 0; got {self.revive_below!r}.")
        if self.revive_below is not None and self.ema_decay is None:
            raise ValueError("revive_below needs the running counts: give an ema_decay as well, such as 0.99.")

    def compute_output_shape(self, z_shape):
        shapes = dict.fromkeys(("codebook", "commitment", "loss"), (z_shape[0],))
        return {"quantized": tuple(z_shape), "codes": tuple(z_shape[:-1]), **shapes}

    def get_config(self):
        options = ("num_codes", "code_dim", "commitment", "ema_decay", "revive_below", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in options}}


@keras.saving.register_keras_serializable(package="course_lib")
class Perplexity(keras.metrics.Metric):
    """The perplexity of all codes seen since the last reset: of an epoch, not the mean over batches.

    Args:
        num_codes: Integer K ≥ 2.
        name: Name in the logs.

    Example:
        >>> metric = Perplexity(4)
        >>> metric.update_state(ops.array([[0, 1]]))
        >>> metric.update_state(ops.array([[2, 3]]))
        >>> round(float(metric.result()), 3)  # 2 for each batch alone
        4.0
    """

    def __init__(self, num_codes, name="perplexity", **kwargs):
        super().__init__(name=name, **kwargs)
        self.num_codes = whole_number(num_codes, "num_codes", 2)
        self.counts = self.add_variable(shape=(self.num_codes,), initializer="zeros", dtype="float32", name="counts")

    def update_state(self, codes, sample_weight=None):
        self.counts.assign(self.counts + _counts(codes, self.num_codes))

    def result(self):
        return _perplexity_of(ops.convert_to_tensor(self.counts))

    def get_config(self):
        return {**super().get_config(), "num_codes": self.num_codes}


def perplexity(codes, num_codes):
    r"""How many codes are in use, counted by their entropy: $\exp(-\sum_j p_j \log p_j)$, with $p_j$ their shares.

    1 if all vectors share one code, `num_codes` if all codes are equally frequent.

    Args:
        codes: Integers in [0, num_codes), any shape.
        num_codes: Integer ≥ 2.

    Returns:
        Float32 scalar, between 1 and `num_codes`.

    Example:
        >>> round(float(perplexity(ops.array([0, 0, 3, 3]), num_codes=8)), 3)
        2.0

    Reference:
        Jelinek et al. (1977), Perplexity, a measure of the difficulty of speech recognition tasks.
    """
    return _perplexity_of(_counts(ops.convert_to_tensor(codes), num_codes))


def _counts(codes, num_codes):
    return ops.sum(ops.one_hot(ops.reshape(ops.cast(codes, "int32"), (-1,)), num_codes, dtype="float32"), axis=0)


def _perplexity_of(counts):
    shares = counts / ops.maximum(ops.sum(counts), 1.0)
    return ops.exp(-ops.sum(shares * ops.log(ops.where(shares > 0, shares, 1.0))))
