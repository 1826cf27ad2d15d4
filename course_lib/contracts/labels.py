"""The labels that a conditional model takes beside its data, and what a rare one weighs. NumPy only."""

from dataclasses import dataclass

import numpy as np

from course_lib.contracts.arguments import real_array
from course_lib.contracts.containers import as_number, indexable, is_text, kind_of, variable


@dataclass(frozen=True)
class LabelContract:
    """The labels that a model accepts: integers 0 … num_classes − 1, one for each example.

    Attributes:
        num_classes: Integer ≥ 2.
    """

    num_classes: int

    def checked(self, labels, num_examples, name="y", hint=""):
        """Return the labels as int32, or raise.

        Args:
            labels: Array-like of integers (or Booleans), `(num_examples,)`; a Series of them too.
            num_examples: Integer, how many there must be; None for any number.
            name: What they are called, for the message.
            hint: A sentence for numbers that are no labels, such as what they may be instead.

        Returns:
            Int32 array, `(num_examples,)`.

        Raises:
            ValueError: If labels are missing, are no integers, have another shape or length, or leave the range.

        Example:
            >>> LabelContract(3).checked([0, 2], num_examples=2).dtype
            dtype('int32')
        """
        if labels is None:
            raise ValueError(
                f"{name} is missing: this model is conditional and needs an integer label 0 … {self.num_classes - 1} "
                "for each example. Call fit(x, y)."
            )
        _refuse_class_names(labels, name)
        original, labels = labels, real_array(labels, name)
        self._check_shape(labels, num_examples, original, name)
        if labels.dtype.kind == "f":
            raise ValueError(
                f"{name} must hold integers that name classes; got {labels.dtype}. {hint + ' Labels? ' if hint else ''}"
                f"{_of_floats(labels, original, name)}"
            )
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= self.num_classes:
            raise ValueError(
                f"{name} must lie in 0 … {self.num_classes - 1}, for {self.num_classes} classes; got labels from {low} "
                f"to {high}. Number the classes from 0, or make the model with num_classes={high + 1 - min(low, 0)}."
                + _renumbered(labels, self.num_classes, name)
            )
        return labels.astype("int32")

    def _check_shape(self, labels, num_examples, original, name):
        expected = "n" if num_examples is None else num_examples
        if labels.ndim == 1 and labels.size and num_examples in (None, len(labels)):
            return
        repair, code = "Give every example its own label.", indexable(original, name)
        if labels.ndim == 2 and labels.shape[1] == self.num_classes:
            repair = f"One-hot vectors? Name the class: np.argmax({code}, axis=1)."
        elif labels.ndim == 2 and labels.shape[1] == 1:
            repair = f"Drop the last axis: {code}[:, 0]."
        elif labels.ndim == 0:
            repair = f"One class for all? np.full({expected}, {labels})."
        raise ValueError(f"{name} must have shape ({expected},), one label per example; got {labels.shape}. {repair}")


def _refuse_class_names(labels, name):
    """Refuse names of classes with the code that numbers them."""
    is_column = kind_of(labels) == "column"
    if not is_column and kind_of(labels) is not None:
        return
    try:
        array = np.asarray(labels.to_numpy() if is_column else labels)
    except (TypeError, ValueError, RuntimeError):
        return
    names = [each for each in array.flat if isinstance(each, (str, bytes))] if array.dtype.kind in "OUST" else []
    if not names or array.ndim != 1:
        return
    kinds = sorted({each if isinstance(each, str) else each.decode() for each in names})
    raise ValueError(
        f"{name} must be an array of real numbers, integers that name classes; got names: {', '.join(kinds[:6])}"
        f"{', …' if len(kinds) > 6 else ''}. Number them: {_numbered(labels, array, variable(name))}."
    )


def _numbered(labels, array, code):
    """Code that numbers names of classes: by the categories of a table's column, or by their order."""
    if hasattr(labels, "cat") and hasattr(labels.cat, "codes"):
        return f"{code} = {code}.cat.codes"
    if hasattr(labels, "codes"):
        return f"{code} = {code}.codes"
    plain = code if is_text(array) else f"np.asarray({code}, str)"  # None cannot be sorted among names
    return f"classes, {code} = np.unique({plain}, return_inverse=True)"


def _of_floats(labels, original, name):
    if not np.isfinite(labels).all():
        return "Some are NaN: drop the examples without a label."
    if np.all(labels == np.round(labels)):
        return f"Convert them: {as_number(original, name, 'int32')}."
    return (
        "They lie between whole numbers: put them into classes, here by the median: "
        f"np.digitize({variable(name)}, [np.median({variable(name)})])."
    )


def _renumbered(labels, num_classes, name):
    """Code for labels that are as few as the classes, such as 1 … 3 or 10, 20, 30."""
    if len(np.unique(labels)) > num_classes:
        return ""
    return f" By code: np.unique({variable(name)}, return_inverse=True)[1]."


def class_weights(labels, num_classes):
    r"""Weights that make every class count alike: $w_i = n / (C\, n_{y_i})$, whose mean over the examples is 1.

    Args:
        labels: Integers, `(n,)`, in which every class occurs.
        num_classes: Integer C ≥ 2.

    Returns:
        Float64 array, `(n,)`, for `fit(..., sample_weight=...)`.

    Raises:
        ValueError: If the labels are none, or a class is missing: no weight can make up for it.

    Example:
        >>> class_weights([0, 0, 0, 1], num_classes=2).round(3).tolist()
        [0.667, 0.667, 0.667, 2.0]

    Reference:
        King & Zeng (2001), Logistic regression in rare events data, Political Analysis 9, section 3.2.
    """
    labels = LabelContract(num_classes).checked(labels, None, "labels")
    counts = np.bincount(labels, minlength=num_classes)
    if not counts.all():
        raise ValueError(
            f"class {int(np.argmin(counts))} does not occur among the {len(labels)} labels: no weight makes up for "
            "examples that are missing. Collect some, or leave the class out."
        )
    return (len(labels) / (num_classes * counts))[labels]
