"""Optimisers that the course needs and Keras does not have."""

import keras


@keras.saving.register_keras_serializable(package="course_lib")
class ScaledAdam(keras.optimizers.Adam):
    """Adam with its own step scale for each variable: two learning rates in one optimiser.

    A variable's step is its Adam step times its scale; a scale of 0 leaves the variable exactly as it was.

    Args:
        step_scales: One number ≥ 0 for each trainable variable, in the model's order.
        **kwargs: As for `keras.optimizers.Adam`.

    Raises:
        ValueError: If a scale is negative or not finite, weight decay is asked for, or there is not one scale for each
            variable.

    Example:
        >>> variables = [keras.Variable([1.0]), keras.Variable([1.0])]
        >>> optimizer = ScaledAdam(step_scales=[1.0, 0.0], learning_rate=0.1)
        >>> optimizer.apply([keras.ops.ones(1), keras.ops.ones(1)], variables)
        >>> [round(float(variable.numpy()[0]), 3) for variable in variables]
        [0.9, 1.0]

    Reference:
        Kingma & Ba (2015), arXiv:1412.6980; two time scales: Heusel et al. (2017), arXiv:1706.08500.
    """

    def __init__(self, step_scales, learning_rate=0.001, **kwargs):
        if not all(0 <= scale < float("inf") for scale in step_scales):
            raise ValueError(
                f"Step scales must be finite numbers ≥ 0; got {list(step_scales)}. A scale of 0 holds still."
            )
        if kwargs.get("weight_decay"):
            raise ValueError(
                f"ScaledAdam scales Adam's steps, not weight decay, which would move held variables too; got "
                f"weight_decay={kwargs['weight_decay']}. Leave it out, or use keras.optimizers.AdamW without scales."
            )
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.step_scales = [float(scale) for scale in step_scales]

    def build(self, variables):
        if len(variables) != len(self.step_scales):
            raise ValueError(
                f"Expected one step scale for each of the {len(variables)} trainable variables; got "
                f"{len(self.step_scales)}. Was a network frozen or changed after compile? Call compile again."
            )
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        scale = self.step_scales[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * scale)

    def get_config(self):
        return {**super().get_config(), "step_scales": self.step_scales}
