r"""Lossless coding with a probability model: a stack of symbols in one integer, and bits back.

A symbol of probability p costs −log₂ p bits. The coder is *asymmetric numeral systems* without renormalisation: the
whole message is one Python integer. Exact, a few lines, and slow beyond some 100,000 symbols: for learning.
"""

import numpy as np

from course_lib.contracts.arguments import finite_float64, whole_number

_MOST_BITS = 40  # float64 rounds whole numbers from 2⁵³ on


class Ans:
    r"""A stack of symbols, held in one whole number (range variant of asymmetric numeral systems).

    Every symbol has a frequency f in a table with the sum M, and the sum c of the frequencies before it:

    $$\text{push: } s \mapsto \lfloor s/f \rfloor \, M + c + (s \bmod f), \qquad
      \text{pop: } s \mapsto f \, \lfloor s/M \rfloor + (s \bmod M) - c$$

    A push multiplies the state by M/f, or 1/p: it adds −log₂ p bits. A pop is its exact inverse, for every state ≥ 0.
    It is a stack: what was pushed last is popped first.

    Args:
        state: Whole number ≥ 0. Random bits to begin with: `int.from_bytes(rng.bytes(100), "little")`.

    Raises:
        ValueError: If the state is no whole number ≥ 0.

    Example:
        >>> stack = Ans()
        >>> stack.push([0, 2, 1], [1, 2, 1])  # three symbols with the frequencies 1, 2, 1
        >>> stack.state, stack.num_bits
        (44, 6)
        >>> stack.pop(np.tile([1, 2, 1], (3, 1))).tolist(), stack.state
        ([0, 2, 1], 1)

    Reference:
        Duda (2013), Asymmetric numeral systems, arXiv:1311.2540.
    """

    def __init__(self, state=1):
        self.state = whole_number(state, "state")

    @property
    def num_bits(self):
        """Whole number: the bits of the state, which is what has to be stored."""
        return self.state.bit_length()

    def push(self, symbols, frequencies):
        """Put symbols on the stack, the last one first, so that `pop` returns them in order.

        Args:
            symbols: Integers, `(n,)`, each in 0 … k − 1. An empty list leaves the stack as it is.
            frequencies: Integers, `(n, k)`, a table for each symbol, or `(k,)`, one for all.

        Raises:
            ValueError: If a symbol is none of the table, or has frequency 0: it could never be popped; or a table holds
                other than whole numbers ≥ 0, or zeros only; or there are not as many tables as symbols.

        Example:
            >>> stack = Ans(1000)
            >>> stack.push([1], [11, 3, 2])  # ⌊1000 / 3⌋ · 16 + 11 + 1000 mod 3: longer by log₂ (16/3) = 2.4 bits
            >>> stack.state
            5340

        Reference:
            Duda (2009), Asymmetric numeral systems, arXiv:0902.0271.
        """
        frequencies = _tables(frequencies)
        symbols = _symbols(symbols, num_symbols=frequencies.shape[-1])
        if frequencies.ndim == 2 and len(frequencies) not in (1, len(symbols)):
            raise ValueError(
                f"frequencies should hold a table for each of the {len(symbols)} symbols, (n, k), or one for all, "
                f"(k,); got {len(frequencies)} tables."
            )
        frequencies = np.broadcast_to(frequencies, (len(symbols), frequencies.shape[-1]))
        starts = np.cumsum(frequencies, axis=1) - frequencies
        rows = np.arange(len(symbols))
        chosen, starts = frequencies[rows, symbols], starts[rows, symbols]
        if not chosen.all():
            raise ValueError(
                "a symbol of frequency 0 cannot be coded: its length −log₂ 0 is infinite. Give every symbol at least "
                "1, as quantise_probabilities does."
            )
        totals = frequencies.sum(axis=1)
        for frequency, start, total in zip(*(each[::-1].tolist() for each in (chosen, starts, totals)), strict=True):
            self.state = self.state // frequency * total + start + self.state % frequency

    def pop(self, frequencies):
        """Take symbols from the stack.

        On a state of random bits this *draws* them, with the probabilities of the table.

        Args:
            frequencies: Integers, `(n, k)`, the tables with which they were pushed; or `(k,)`, for one symbol.

        Returns:
            Int64 array, `(n,)`, each in 0 … k − 1.

        Raises:
            ValueError: If a table holds other than whole numbers ≥ 0, or zeros only.

        Example:
            >>> stack = Ans(5340)
            >>> stack.pop([11, 3, 2]).tolist(), stack.state
            ([1], 1000)

        Reference:
            Duda (2009), Asymmetric numeral systems, arXiv:0902.0271.
        """
        frequencies = np.atleast_2d(_tables(frequencies))
        ends = np.cumsum(frequencies, axis=1)
        symbols = np.empty(len(frequencies), "int64")
        for number, (table, end) in enumerate(zip(frequencies, ends, strict=True)):
            rest, place = divmod(self.state, int(end[-1]))
            symbols[number] = symbol = int(np.searchsorted(end, place, side="right"))
            frequency = int(table[symbol])
            self.state = frequency * rest + place - int(end[symbol]) + frequency
        return symbols


def _symbols(symbols, num_symbols):
    symbols = np.atleast_1d(np.asarray(symbols))
    if symbols.size == 0:
        return np.zeros(0, "int64")  # NumPy takes an empty list for floats
    are_integers = symbols.ndim == 1 and symbols.dtype.kind in "iu"
    if not are_integers or symbols.min() < 0 or symbols.max() >= num_symbols:
        got = f"from {symbols.min()} to {symbols.max()}" if are_integers else f"of shape {symbols.shape}"
        raise ValueError(
            f"symbols should be integers in 0 … {num_symbols - 1}, (n,), places in the table; got {symbols.dtype} "
            f"{got}."
        )
    return symbols


def _tables(frequencies):
    tables = np.asarray(frequencies)
    if tables.dtype.kind not in "iu" or tables.ndim not in (1, 2) or tables.shape[-1] == 0 or tables.min(initial=0) < 0:
        raise ValueError(
            f"frequencies should be whole numbers ≥ 0, (k,) or (n, k); got {tables.dtype} of shape {tables.shape}. "
            "From probabilities: quantise_probabilities(p)."
        )
    if not tables.any(axis=-1).all():
        raise ValueError("frequencies should hold at least one that is positive for each symbol; got a table of zeros.")
    return tables.astype("int64")


def quantise_probabilities(probabilities, precision=16):
    r"""Whole frequencies with the sum 2^precision, each at least 1, as near to the probabilities as rounding allows.

    Coding with them costs $\mathrm{KL}(p \,\|\, f/2^b)$ more than the entropy, for a precision of b bits. Each symbol
    gets 1 for certain, and the rest is shared in proportion, by the largest remainders.

    Args:
        probabilities: Numbers ≥ 0, `(..., k)`, with the sum 1 along the last axis.
        precision: Bits, at most 40; 2^precision is more than k.

    Returns:
        Int64 array, `(..., k)`.

    Raises:
        ValueError: If the numbers are no probabilities, or the precision is too low for so many symbols, or too high.

    Example:
        >>> quantise_probabilities([0.5, 0.499, 0.001, 0.0], precision=4).tolist()
        [7, 7, 1, 1]
    """
    probabilities = finite_float64(probabilities, "probabilities")
    if not probabilities.ndim or probabilities.min(initial=0) < 0 or not np.allclose(probabilities.sum(axis=-1), 1):
        raise ValueError("probabilities should be at least 0, with the sum 1 along the last axis. Divide by the sum.")
    num_symbols = probabilities.shape[-1]
    lowest = int(num_symbols).bit_length()
    total = 2 ** whole_number(precision, "precision", lowest, _MOST_BITS)
    shares = probabilities / probabilities.sum(axis=-1, keepdims=True) * (total - num_symbols)
    frequencies = np.floor(shares).astype("int64")
    missing = total - num_symbols - frequencies.sum(axis=-1, keepdims=True)
    order = np.argsort(np.argsort(frequencies - shares, axis=-1, kind="stable"), axis=-1, kind="stable")
    return frequencies + 1 + (order < missing)


def push_with_bits_back(stack, examples, posterior, likelihood, prior):
    r"""Code examples with a model that has a latent z (bits back).

    For each example: *pop* z with q(z | x), which takes bits off the stack; push x with p(x | z); push z with p(z). The
    net length is

    $$\log_2 q(z \mid x) - \log_2 p(x \mid z) - \log_2 p(z),$$

    on average −ELBO / ln 2 bits, that is −log₂ p(x) plus the KL from q to the posterior in bits.

    Args:
        stack: `Ans`, with some random bits on it, or the first z is no draw from q.
        examples: Integers, `(n, features)`, symbols.
        posterior: Function from an example `(features,)` to frequencies of z, `(latents, bins)`.
        likelihood: Function from z `(latents,)` to frequencies of x, `(features, symbols)`.
        prior: Frequencies of z, `(latents, bins)`.

    Returns:
        Int64 array, `(n, latents)`: the z that were used.

    Raises:
        ValueError: If a symbol is none of its table, or has frequency 0, or a table is none, as `Ans.push` and
            `Ans.pop`. The examples before it are on the stack by then.

    Example:
        >>> stack, prior, noise = Ans(2**40 + 12345), np.array([[2, 2]]), np.array([[3, 1], [1, 3]])
        >>> def posterior(x):
        ...     return noise[x]
        >>> def likelihood(z):
        ...     return noise[z]
        >>> used = push_with_bits_back(stack, [[0], [1], [1]], posterior, likelihood, prior)
        >>> stack.num_bits  # three more than before: one for each coin
        44
        >>> pop_with_bits_back(stack, 3, posterior, likelihood, prior).ravel().tolist(), stack.state - 2**40
        ([0, 1, 1], 12345)

    Reference:
        Townsend, Bird & Barber (2019), Practical lossless compression with latent variables using bits back coding,
        arXiv:1901.04866.
    """
    used = []
    for x in np.asarray(examples):
        z = stack.pop(posterior(x))
        stack.push(x, likelihood(z))
        stack.push(z, prior)
        used.append(z)
    return np.array(used)


def pop_with_bits_back(stack, num_examples, posterior, likelihood, prior):
    """Decode what `push_with_bits_back` coded; afterwards the stack holds the bits that it held before.

    It runs the same steps backwards: the last example comes first, and z is pushed back with q.

    Args:
        stack: `Ans`.
        num_examples: How many.
        posterior, likelihood, prior: As for coding, and giving *exactly* the same frequencies.

    Returns:
        Int64 array, `(num_examples, features)`, in the order in which they were coded.

    Raises:
        ValueError: If the number of examples is no whole number ≥ 0, or a table is none, as `Ans.pop`. Other tables
            than those of the coder raise nothing: they give other examples.

    Example:
        >>> stack, prior, noise = Ans(2**40 + 12345), np.array([[2, 2]]), np.array([[3, 1], [1, 3]])
        >>> model = (lambda x: noise[x], lambda z: noise[z], prior)
        >>> used = push_with_bits_back(stack, [[0], [1], [1]], *model)
        >>> pop_with_bits_back(stack, 1, *model).tolist()  # the last one first
        [[1]]
        >>> pop_with_bits_back(stack, 2, *model).tolist(), stack.state - 2**40
        ([[0], [1]], 12345)

    Reference:
        Townsend, Bird & Barber (2019), Practical lossless compression with latent variables using bits back coding,
        arXiv:1901.04866.
    """
    examples = []
    for _ in range(whole_number(num_examples, "num_examples")):
        z = stack.pop(prior)
        x = stack.pop(likelihood(z))
        stack.push(z, posterior(x))
        examples.append(x)
    return np.array(examples[::-1])
