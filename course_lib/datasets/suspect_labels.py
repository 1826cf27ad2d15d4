"""Labels that the nearest neighbours contradict, in arrays or in a folder of pictures."""

from typing import NamedTuple

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.datasets.named_examples import named_examples, set_of

_ROWS = 512


class Suspect(NamedTuple):
    """An example whose neighbours have another label.

    Attributes:
        name: String, `"cats 17"` or the file.
        neighbours_say: String, the label that most of its neighbours have.
        agree: Float in [0, 1], the share of its neighbours that have its own label.

    Example:
        >>> suspect = Suspect("cats 17", neighbours_say="dogs", agree=0.1)
        >>> f"{suspect.name}: {1 - suspect.agree:.0%} of its neighbours are no cats, most are {suspect.neighbours_say}"
        'cats 17: 90% of its neighbours are no cats, most are dogs'

    Reference:
        Wilson (1972), Asymptotic properties of nearest neighbor rules using edited data, IEEE Trans.
        Syst. Man Cybern. 2.
    """

    name: str
    neighbours_say: str
    agree: float


def suspect_labels(examples, num_neighbours=10):
    """Find examples that look like those of another label: perhaps mislabelled, perhaps only hard. Look at them.

    Each example is compared with its nearest neighbours among all the others, by Euclidean distance; it is suspect if
    another label is more frequent among them than its own.

    Args:
        examples: Dict from a label to numbers `(n, ...)`, all with the same shape of an example; or a folder with one
            folder of pictures for each label, which are compared in grey, as thumbnails of 16×16 pixels. Examples with
            NaN and files that are no picture are left out (`duplicates` names them).
        num_neighbours: Integer ≥ 1, smaller than the number of examples.

    Returns:
        List of `Suspect(name, neighbours_say, agree)`, the least agreement first.

    Raises:
        ValueError: If there are fewer than two labels, or too few examples.

    Example:
        >>> low, high = np.arange(6.0)[:, None], 100 + np.arange(6.0)[:, None]
        >>> suspect_labels({"low": np.append(low, [[102.5]], axis=0), "high": high}, num_neighbours=3)
        [Suspect(name='low 6', neighbours_say='high', agree=0.0)]

    Reference:
        Wilson (1972), Asymptotic properties of nearest neighbor rules using edited data, IEEE Trans.
        Syst. Man Cybern. 2.
    """
    named = [(name, row) for name, _, row in named_examples(examples) if row is not None and np.isfinite(row).all()]
    labels, own = np.unique([set_of(name) for name, _ in named], return_inverse=True)
    if len(labels) < 2:
        raise ValueError(f"examples should have at least two labels; got {', '.join(labels) or 'none'}.")
    nearest = _nearest(
        np.array([row for _, row in named]), whole_number(num_neighbours, "num_neighbours", 1, len(own) - 1)
    )
    votes = np.stack([(own[nearest] == label).mean(axis=1) for label in range(len(labels))], axis=1)
    agree, most = votes[np.arange(len(own)), own], votes.max(axis=1)
    suspects = [
        Suspect(named[row][0], str(labels[votes[row].argmax()]), float(agree[row]))
        for row in np.flatnonzero(most > agree)
    ]
    return sorted(suspects, key=lambda suspect: suspect.agree)


def _nearest(rows, count):
    """The places of the nearest rows of each, itself left out: integers, `(n, count)`."""
    rows = rows - rows.mean(axis=0)  # numbers far from 0 would lose their digits in the product
    squares, places = np.einsum("ij,ij->i", rows, rows), []
    for start in range(0, len(rows), _ROWS):
        apart = squares - 2 * rows[start : start + _ROWS] @ rows.T
        block = np.arange(len(apart))
        apart[block, start + block] = np.inf
        places.append(np.argpartition(apart, count - 1, axis=1)[:, :count])
    return np.concatenate(places)
