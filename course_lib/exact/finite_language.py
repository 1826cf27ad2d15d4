"""Languages with finitely many sentences: entropies by summing over all of them, in NumPy."""

from itertools import chain, combinations

import numpy as np

from course_lib.contracts.arguments import real_number, whole_number


def every_string(num_symbols, length):
    """All strings of a length, in the order of the digits.

    Args:
        num_symbols: Integer V ≥ 1.
        length: Integer L ≥ 1; V to the power of L must not be more than ten million.

    Returns:
        Int32 array, `(V**L, L)`.

    Raises:
        ValueError: If there are more than ten million.

    Example:
        >>> every_string(2, 2).tolist()
        [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    num_symbols, length = whole_number(num_symbols, "num_symbols", 1), whole_number(length, "length", 1)
    if num_symbols**length > 10**7:
        raise ValueError(f"{num_symbols} symbols at {length} places make {num_symbols**length:,} strings; take fewer.")
    return np.indices((num_symbols,) * length, "int32").reshape(length, -1).T


def entropy(strings, probabilities, places=None):
    r"""Entropy of the symbols at some places.

    $$H(x_S) = -\sum_{x_S} p(x_S) \log p(x_S)$$

    Args:
        strings: Integers, `(n, L)`: all strings with a probability above 0.
        probabilities: Floats, `(n,)`: non-negative, sum 1.
        places: Iterable of integers in 0 … L − 1; None is all of them.

    Returns:
        Float: nats. 0 for no places.

    Raises:
        ValueError: If the shapes do not fit, the probabilities are no distribution, or a place is none.

    Example:
        >>> round(entropy([[0, 0], [1, 1]], [0.5, 0.5], places=[1]), 4)  # log 2
        0.6931

    Reference:
        Shannon (1948), A mathematical theory of communication, Bell System Technical Journal 27.
    """
    strings, probabilities = _language(strings, probabilities)
    length = strings.shape[1]
    places = range(length) if places is None else _places(places, length, "each of the places")
    _, group = np.unique(strings[:, places], axis=0, return_inverse=True)
    shares = np.bincount(group.reshape(-1), probabilities)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def conditional_entropy(strings, probabilities, place, seen):
    r"""Entropy that is left in one symbol when some others are seen.

    $$H(x_t \mid x_S) = H(x_t, x_S) - H(x_S)$$

    Args:
        strings: Integers, `(n, L)`: all strings with a probability above 0.
        probabilities: Floats, `(n,)`.
        place: Integer t.
        seen: Iterable of integers, the set S; may be empty.

    Returns:
        Float: nats.

    Raises:
        ValueError: As of `entropy`.

    Example:
        >>> copies = [[0, 0], [1, 1]], [0.5, 0.5]
        >>> round(conditional_entropy(*copies, 1, []), 4), abs(round(conditional_entropy(*copies, 1, [0]), 4))
        (0.6931, 0.0)

    Reference:
        Shannon (1948), A mathematical theory of communication, Bell System Technical Journal 27.
    """
    strings, probabilities = _language(strings, probabilities)
    [place] = _places([place], strings.shape[1], "place")
    seen = _places(seen, strings.shape[1], "each of the places seen")
    return entropy(strings, probabilities, [place, *seen]) - entropy(strings, probabilities, seen)


def total_correlation(strings, probabilities):
    r"""How much the symbols tell about each other: $\sum_t H(x_t) - H(x)$, in nats.

    Args:
        strings: Integers, `(n, L)`: all strings with a probability above 0.
        probabilities: Floats, `(n,)`.

    Returns:
        Float ≥ 0: nats; 0 if and only if the symbols are independent.

    Raises:
        ValueError: As of `entropy`.

    Example:
        >>> round(total_correlation([[0, 0], [1, 1]], [0.5, 0.5]), 4)
        0.6931

    Reference:
        Watanabe (1960), Information theoretical analysis of multivariate correlation, IBM Journal 4.
    """
    strings, probabilities = _language(strings, probabilities)
    alone = sum(entropy(strings, probabilities, [place]) for place in range(strings.shape[1]))
    return alone - entropy(strings, probabilities)


def price_of_word_dropout(strings, probabilities, rate):
    r"""The lowest loss of a model that predicts each symbol from a history with holes.

    Every symbol of the history is hidden independently with probability r, and the model sees which ones:

    $$c(r) = \sum_t \sum_{S \subseteq \{1, \dots, t-1\}} (1 - r)^{|S|}\, r^{\,t - 1 - |S|}\, H(x_t \mid x_S)$$

    So c(0) is the entropy of the language, and c(1) the sum of its symbols' entropies.

    Args:
        strings: Integers, `(n, L)`: all strings with a probability above 0.
        probabilities: Floats, `(n,)`.
        rate: Float r in [0, 1].

    Returns:
        Float: nats per string.

    Raises:
        ValueError: If the rate lies outside of [0, 1]; and as of `entropy`.

    Example:
        >>> round(price_of_word_dropout([[0, 0], [1, 1]], [0.5, 0.5], rate=0.5), 4)  # log 2 + ½ log 2
        1.0397

    Reference:
        Word dropout is that of Bowman et al. (2016), Generating sentences from a continuous space, arXiv:1511.06349.
    """
    strings, probabilities = _language(strings, probabilities)
    rate = real_number(rate, "rate")
    if not 0 <= rate <= 1:
        raise ValueError(f"rate should be a probability, in [0, 1]; got {rate}.")
    total = 0.0
    for place in range(strings.shape[1]):
        for seen in chain.from_iterable(combinations(range(place), size) for size in range(place + 1)):
            weight = (1 - rate) ** len(seen) * rate ** (place - len(seen))
            total += weight * conditional_entropy(strings, probabilities, place, seen)
    return total


def _places(places, length, name):
    if not np.iterable(places) or isinstance(places, str):
        raise ValueError(f"{name} should stand in a list; got {places!r}. Write it as a list: [{places!r}].")
    return [whole_number(place, name, 0, length - 1) for place in places]


def _language(strings, probabilities):
    strings, probabilities = np.asarray(strings), np.asarray(probabilities, "float64")
    if strings.ndim != 2 or strings.dtype.kind not in "iu" or probabilities.shape != strings.shape[:1]:
        raise ValueError(
            "strings should be integers (n, length), with one probability for each, (n,); got "
            f"{strings.dtype} {strings.shape} and {probabilities.shape}."
        )
    if not (probabilities >= 0).all() or not np.isclose(probabilities.sum(), 1.0):
        raise ValueError(f"probabilities should be non-negative with sum 1; their sum is {probabilities.sum()}.")
    return strings, probabilities
