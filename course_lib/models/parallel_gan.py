import dataclasses

import keras
from keras import ops

from course_lib.contracts.arguments import whole_number
from course_lib.contracts.containers import is_in_memory
from course_lib.layers import ParallelDense
from course_lib.models.gan import GAN


@keras.saving.register_keras_serializable(package="course_lib")
class ParallelGAN(GAN):
    r"""Several independent GANs that are trained as one: five seeds for little more than the time of one.

    Their networks are made of `ParallelDense`, which reads a batch as `copies` blocks and sends each through the
    weights of its own copy. The loss is the *sum* of the copies' losses,

    $$L = \sum_c L_c(\theta_c), \qquad \nabla_{\theta_c} L = \nabla_{\theta_c} L_c,$$

    and Adam treats every number by itself: so this is exactly what training each GAN alone on its blocks would be.
    Packs never mix copies. The metrics are means over the copies; `loss` is the sum.

    Args:
        generator: Keras model of layers that keep the copies apart, from noise to data, as for a `GAN`.
        discriminator: Likewise, from data to one logit an example.
        objective: One of `course_lib.formulas.adversarial`.
        copies: Integer ≥ 1, how many GANs there are.
        **kwargs: As for a `GAN`: `seed`, `penalty`, `packing`.

    Raises:
        ValueError: As a `GAN` does; if the layers are made for another number of copies; in `fit` and `evaluate`, if a
            batch cannot be dealt to the copies, or examples have weights.

    Example:
        >>> from course_lib import networks
        >>> from course_lib.formulas import adversarial
        >>> generator = networks.parallel_generator(2, 2, copies=5, hidden_units=(16,))
        >>> discriminator = networks.parallel_discriminator(2, copies=5, hidden_units=(16,))
        >>> gan = ParallelGAN(generator, discriminator, adversarial.non_saturating, copies=5, seed=0)
        >>> gan.sample_copies(100).shape
        (5, 100, 2)
    """

    def __init__(self, generator, discriminator, objective, copies, **kwargs):
        self.copies = whole_number(copies, "copies", 1)
        super().__init__(generator, discriminator, objective, **kwargs)
        for name, network in (("generator", generator), ("discriminator", discriminator)):
            made_for = {layer.copies for layer in network.layers if isinstance(layer, ParallelDense)}
            if made_for - {self.copies}:
                raise ValueError(
                    f"The {name}'s layers are made for {' and '.join(map(str, sorted(made_for)))} copies, the model "
                    f"for {self.copies}: copies would share weights. Build both networks with copies={self.copies}."
                )

    def packs(self, x):
        """What the discriminator sees: each example beside those that follow it in the block of its own copy.

        Args:
            x: Tensor `(copies * n, ..., size)`.

        Returns:
            Tensor `(copies * n, ..., packing * size)`.
        """
        blocks = ops.reshape(x, (self.copies, -1, *x.shape[1:]))
        rolled = [ops.roll(blocks, -step, axis=1) for step in range(self.packing)]
        return ops.reshape(ops.concatenate(rolled, axis=-1), (-1, *x.shape[1:-1], self.packing * x.shape[-1]))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        if sample_weight is not None:
            raise ValueError(
                "A ParallelGAN takes no sample_weight: one weighted mean would mix its copies. Leave it out."
            )
        mean_and_penalty = super().compute_loss(x, y, y_pred, None, training)
        return self.copies * mean_and_penalty - (self.copies - 1) * self.weight_penalty()  # the penalty counts once

    def fit(self, x=None, y=None, batch_size=None, **kwargs):
        """Train on `x`; as for a `GAN`, where every batch is dealt to the copies in equal parts.

        Args:
            x: Array `(n, ...)`, n a multiple of `copies`, or a pipeline of such batches.
            y: Must stay None.
            batch_size: A multiple of `copies`: examples for all copies together. None is 100 for each copy.
            **kwargs: As for a `GAN`.

        Returns:
            A Keras `History`.

        Raises:
            ValueError: If a batch cannot be dealt, and as for a `GAN`.
        """
        return super().fit(x, y, batch_size=self._dealt(x, batch_size), **kwargs)

    def evaluate(self, x=None, y=None, batch_size=None, **kwargs):
        """Average the losses over a data set; see `fit` and `GAN`."""
        return super().evaluate(x, y, batch_size=self._dealt(x, batch_size), **kwargs)

    def sample(self, num_samples, seed=None):
        """Refuse: samples of several models in one array would be judged as one; see `sample_copies`.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            f"sample would mix the {self.copies} copies in one array. Use sample_copies(num_samples), an array "
            "(copies, num_samples, ...)."
        )

    def sample_copies(self, num_samples, seed=None):
        """Draw samples of each copy.

        Args:
            num_samples: Integer, samples of each copy.
            seed: Integer for repeatable draws, or None.

        Returns:
            NumPy array `(copies, num_samples, ...)`, in data space.
        """
        noise = self.sample_noise.draw(self.copies * num_samples, seed)
        samples = ops.convert_to_numpy(self.generator(noise, training=False))
        return samples.reshape(self.copies, num_samples, *samples.shape[1:])

    def _dealt(self, x, batch_size):
        if not is_in_memory(x):
            return batch_size
        batch_size = 100 * self.copies if batch_size is None else batch_size
        if len(x) % self.copies or batch_size % self.copies:
            raise ValueError(
                f"{self.copies} copies share every batch equally: len(x) and batch_size must be multiples of "
                f"{self.copies}; got {len(x)} and {batch_size}. Drop a few examples, or change batch_size."
            )
        return batch_size

    def batch_contract(self, class_weight=None):
        return dataclasses.replace(super().batch_contract(class_weight), multiple_of=self.copies)

    def get_config(self):
        return {**super().get_config(), "copies": self.copies}
