"""A language in which everything can be computed: 144 sentences of five words, each with its exact probability."""

from dataclasses import dataclass, field
from itertools import product

import numpy as np

from course_lib.contracts.arguments import whole_number
from course_lib.datasets.dataset import SPLITS, Dataset

TOPICS = {"animals": ("dog", "cat", "bird"), "people": ("king", "nurse", "poet")}
_NUMBERS = {"singular": 0.6, "plural": 0.4}
_FIRST_WORDS = {"singular": ("the", "a"), "plural": ("the", "some")}
_VERBS = {"singular": ("sees", "likes"), "plural": ("see", "like")}
_OF_NOUNS, _OF_VERBS = (0.5, 0.3, 0.2), (0.7, 0.3)


@dataclass(frozen=True, eq=False)
class Grammar:
    r"""A distribution over finitely many sentences, all of them listed.

    Each sentence is made by independent choices: a topic (½, ½), a number (singular 0.6, plural 0.4), the first word
    (½, ½ among the two that fit the number), the subject (0.5, 0.3, 0.2 among the topic's nouns), the verb (0.7, 0.3),
    and an object of the same topic (0.5, 0.3, 0.2); "the" stands before it. Topic and number are not written down: they
    have to be read off the words.

    Attributes:
        vocabulary: Tuple of the 19 words; a symbol is a place in it.
        sentences: Int32 `(144, 5)`, every sentence once.
        probabilities: Float64 `(144,)`: their probabilities, which sum to 1.
        topics: Int32 `(144,)`: 0 for animals, 1 for people.
        numbers: Int32 `(144,)`: 0 for singular, 1 for plural.

    Example:
        >>> grammar = Grammar()
        >>> grammar.read(grammar.sentences[:2]), round(grammar.entropy, 4)
        (['the dog sees the dog', 'the dog sees the cat'], 4.7295)
    """

    vocabulary: tuple[str, ...] = field(init=False)
    sentences: np.ndarray = field(init=False, repr=False)
    probabilities: np.ndarray = field(init=False, repr=False)
    topics: np.ndarray = field(init=False, repr=False)
    numbers: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        rows = []
        for (topic, nouns), (number, share) in product(enumerate(TOPICS.values()), _NUMBERS.items()):
            subjects = nouns if number == "singular" else [f"{noun}s" for noun in nouns]
            for first, subject, verb, noun in product(range(2), range(3), range(2), range(3)):
                words = _FIRST_WORDS[number][first], subjects[subject], _VERBS[number][verb], "the", nouns[noun]
                chance = 0.5 * share * 0.5 * _OF_NOUNS[subject] * _OF_VERBS[verb] * _OF_NOUNS[noun]
                rows.append((words, chance, topic, list(_NUMBERS).index(number)))
        words, chances, topics, numbers = zip(*rows, strict=True)
        vocabulary = tuple(dict.fromkeys(word for column in zip(*words, strict=True) for word in column))
        place = {word: index for index, word in enumerate(vocabulary)}
        object.__setattr__(self, "vocabulary", vocabulary)
        object.__setattr__(self, "sentences", np.array([[place[word] for word in row] for row in words], "int32"))
        object.__setattr__(self, "probabilities", np.array(chances))
        object.__setattr__(self, "topics", np.array(topics, "int32"))
        object.__setattr__(self, "numbers", np.array(numbers, "int32"))

    @property
    def entropy(self):
        """The entropy of a sentence, in nats: no model can have a lower expected −log p."""
        return float(-np.sum(self.probabilities * np.log(self.probabilities)))

    def log_prob(self, sentences):
        """Exact log p.

        Args:
            sentences: Integers, `(n, 5)`.

        Returns:
            Float64 array, `(n,)`: nats; −∞ for what is no sentence of the language.

        Raises:
            ValueError: If the shape is another one, or these are no integers.
        """
        sentences = np.asarray(sentences)
        length = self.sentences.shape[1]
        if sentences.dtype.kind not in "iu" or sentences.ndim != 2 or sentences.shape[1] != length:
            raise ValueError(
                f"sentences should be integers (n, {length}), places in the vocabulary; got {sentences.dtype} "
                f"{sentences.shape}."
            )
        known = {tuple(row): chance for row, chance in zip(self.sentences.tolist(), self.probabilities, strict=True)}
        chances = np.array([known.get(tuple(row), 0.0) for row in sentences.tolist()])
        with np.errstate(divide="ignore"):
            return np.log(chances)

    def sample(self, num_samples, seed=0):
        """Draws: int32 `(num_samples, 5)`."""
        return self.sample_labelled(num_samples, seed)[0]

    def sample_labelled(self, num_samples, seed=0):
        """Draws with their topic: int32 `(num_samples, 5)` and int32 `(num_samples,)`."""
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(self.sentences), size=whole_number(num_samples, "num_samples"), p=self.probabilities)
        return self.sentences[chosen], self.topics[chosen]

    def read(self, sentences):
        """Sentences as text: list of strings. A symbol beyond the vocabulary is written "…"."""
        words = (*self.vocabulary, "…")
        return [" ".join(words[min(symbol, len(self.vocabulary))] for symbol in row) for row in np.asarray(sentences)]


def load_sentences(num_train=5000, num_validation=1000, num_test=1000, seed=0):
    """Draw sentences from the `Grammar`.

    Args:
        num_train, num_validation, num_test: Sizes of the splits, positive.
        seed: Integer ≥ 0.

    Returns:
        `Dataset` of int32 sequences `(n, 5)` of 19 symbols, labelled by topic, with the grammar as `density`.

    Example:
        >>> data = load_sentences(num_train=100)
        >>> data.x_train.shape, data.density.read(data.x_train[:1])
        ((100, 5), ['the dog sees the dog'])
    """
    grammar, splits = Grammar(), {}
    for index, (split, size) in enumerate(zip(SPLITS, (num_train, num_validation, num_test), strict=True)):
        size = whole_number(size, f"num_{split}", 1)
        split_seed = int(np.random.SeedSequence([whole_number(seed, "seed"), index]).generate_state(1)[0])
        splits[f"x_{split}"], splits[f"y_{split}"] = grammar.sample_labelled(size, split_seed)
    return Dataset("sentences", **splits, class_names=tuple(TOPICS), density=grammar)
