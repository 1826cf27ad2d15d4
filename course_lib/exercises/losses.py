"""The two losses of a GAN, written in `keras.ops`: judged by their values, and then by one round that they train."""

import warnings

import numpy as np

from course_lib.exercises import comparison, fitting
from course_lib.exercises.engine import NOT_YET, RIGHT, Exercise, Mistake


class TwoLosses:
    """What judges two losses, functions of `(real_logits, fake_logits, generator_logits)`.

    Args:
        reference: The right function, in `keras.ops`.
        inputs: Function from a `numpy.random.Generator` to three arrays of logits `(n,)`.
        mistakes: Of `Mistake`, whose answers are functions of three arrays in NumPy.
        edges: Function to a list of further triples of arrays, or None.
        up_to_constants: Whether a constant may be added to each loss: their values at logits 0 are subtracted.

    Attributes:
        values: The `Exercise` about the values alone.
        mistakes: The mistakes, handed in as a learner would.
    """

    def __init__(self, reference, inputs, mistakes, edges=None, up_to_constants=False):
        self.reference, self.up_to_constants, self.right = reference, up_to_constants, None
        own = [Mistake(each.name, self.measured(_in_tensors(each.answer)), each.sentence) for each in mistakes]
        self.values = Exercise(self.measured(reference), inputs, tuple(own), edges=edges)
        self.mistakes = tuple(
            Mistake(each.name, lambda each=each: _in_tensors(each.answer), each.sentence) for each in mistakes
        )

    def measured(self, losses, left=None):
        """The losses as functions of arrays; what leaves `keras.ops` is noted in the list `left`."""

        def values(real_logits, fake_logits, generator_logits):
            from keras import ops

            logits = [np.append(each, 0.0) for each in (real_logits, fake_logits, generator_logits)]
            result = losses(*(ops.convert_to_tensor(each[:, None].astype("float32")) for each in logits))
            if not isinstance(result, tuple | list) or any(map(comparison.is_nothing_but_holes, result)):
                return result
            if left is not None:
                left.extend(each for each in result if not ops.is_tensor(each))
            return tuple(self.of_the_examples(np.array(ops.convert_to_numpy(each), "float64")) for each in result)

        return values

    def of_the_examples(self, values):
        """One value for each example, without the one at logits 0 that was added."""
        if values.shape not in ((len(values), 1), (len(values),)) if values.ndim else True:
            return values
        values = values.reshape(-1)
        return values[:-1] - values[-1] * self.up_to_constants

    def judge(self, answer):
        """For `judge_with`: None if right, else a sentence."""
        if not callable(answer):
            return "hand over the function itself, not its result."
        left = []
        verdict = self.values.judge(self.measured(answer, left))
        if verdict not in (RIGHT, *filter(lambda said: said.startswith(NOT_YET), [verdict])):
            raise NotImplementedError  # a hole
        if verdict != RIGHT:
            return verdict.removeprefix(NOT_YET)
        if left:
            return (
                "the values are right, but they are no tensors: what leaves `keras.ops`, for NumPy for one, has no "
                "gradient. Write `ops` where you wrote `np`."
            )
        self.right = self.right or self.round(self.reference)
        try:
            moved = self.round(answer)
        except Exception as error:  # whatever a framework raises where its tensors have no values yet
            return fitting.stopped_in_fit(error)
        start = [_weights(player) for player in _players()]
        for name, one, other, before in zip(("generator", "discriminator"), moved, self.right, start, strict=True):
            if np.abs(one - before).max() < 1e-6:
                return (
                    f"the values are right, but the {name} does not move: no gradient passes. Is something held fixed "
                    "(`stop_gradient`)?"
                )
            if np.abs(one - other).max() > 1e-4:
                return f"the values are right, but training does not move the {name} as it should."
        return None

    def round(self, losses):
        """The weights of a generator and of a discriminator after two rounds with two losses, the second of few."""
        import keras

        from course_lib.models import GAN

        players = _players()
        gan = GAN(*players, losses, seed=0)
        gan.compile(keras.optimizers.SGD(0.1), jit_compile=False)
        x = np.random.default_rng(1).normal(size=(8, 1)).astype("float32")
        with warnings.catch_warnings(action="ignore"):  # that gradients do not exist is said by the check
            gan.fit(x, batch_size=5, shuffle=False, verbose=0)
        return list(map(_weights, players))


def _players():
    """A generator and a discriminator, the same each time."""
    from course_lib.networks import dense_discriminator, dense_generator

    players = dense_generator(2, (1,), (3,), output_activation=None), dense_discriminator((1,), (3,))
    rng = np.random.default_rng(0)
    for player in players:
        player.set_weights([rng.normal(size=weight.shape) for weight in player.get_weights()])
    return players


def _weights(player):
    return np.concatenate([weight.ravel() for weight in player.get_weights()])


def _in_tensors(losses):
    """Losses in NumPy as functions of tensors."""

    def of_tensors(real_logits, fake_logits, generator_logits):
        from keras import ops

        logits = [ops.convert_to_numpy(each).reshape(-1) for each in (real_logits, fake_logits, generator_logits)]
        return tuple(ops.convert_to_tensor(np.float32(each)) for each in losses(*logits))

    return of_tensors
