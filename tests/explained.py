"""How many wrong answers to the choices and predictions get a sentence that teaches.

`python -m tests.explained keep FILE` writes a reproducible set of wrong answers, `python -m tests.explained judge FILE`
judges it: with another checkout in PYTHONPATH the same set can be put to an older engine.
"""

import itertools
import math
import pickle
import sys
from pathlib import Path

import numpy as np

from course_lib.exercises import all_exercises

MOST = 400
CHANGES = (
    lambda r: 2 * r,
    lambda r: r / 2,
    lambda r: -r,
    lambda r: 0.0,
    lambda r: r + 1,
    lambda r: r * r,
    lambda r: 1 / r,
)


def main(word, file):
    if word == "keep":
        Path(file).write_bytes(pickle.dumps(wrong_answers()))
    else:
        report(pickle.loads(Path(file).read_bytes()))


def wrong_answers():
    """Name of an exercise → its wrong answers, the same each time."""
    exercises = all_exercises()
    found = {name: list(_of(exercise)) for name, exercise in exercises.items() if _is_a_value(exercise)}
    return {
        name: [each for each in answers if exercises[name].judge(each) != "right"] for name, answers in found.items()
    }


def report(answers):
    """Print the shares, by exercise and together."""
    exercises, shares, kinds = all_exercises(), {}, {}
    for name, wrong in answers.items():
        if name in exercises and wrong:
            explained = [_is_explained(exercises[name], each) for each in wrong]
            kind = "numbers" if _is_of_numbers(wrong[0]) else "choices"
            shares[name] = np.mean(explained)
            kinds.setdefault(kind, []).extend(explained)
            print(f"{name:45} {sum(explained):4} of {len(wrong):4}")
    for kind, explained in kinds.items():
        print(f"{kind}: {sum(explained)} of {len(explained)} wrong answers get a sentence, {np.mean(explained):.1%}")
    print(f"mean over {len(shares)} exercises: {np.mean(list(shares.values())):.1%}")


def _is_a_value(exercise):
    return exercise.inputs is None and exercise.judge_with is None


def _is_explained(exercise, answer):
    verdict = exercise.judge(answer)
    return any(mistake.sentence in verdict for mistake in exercise.mistakes)


def _is_of_numbers(answer):
    if isinstance(answer, dict | tuple):
        values = answer.values() if isinstance(answer, dict) else answer
        return all(map(_is_of_numbers, values))
    return isinstance(answer, int | float | np.number)


def _of(exercise):
    right = exercise.handed_in(exercise.reference)
    known = [exercise.handed_in(mistake.answer) for mistake in exercise.mistakes]
    if isinstance(right, set | frozenset):
        return _sets(exercise.words)
    if isinstance(right, str):
        return _orders(exercise.words) if len(right) > 1 and len(exercise.words[0]) == 1 else list(exercise.words)
    if isinstance(right, dict | tuple):
        return _combinations(right, known, exercise.words)
    return [*known, *(change(right) for change in CHANGES if math.isfinite(right) and right)]


def _sets(words):
    return [set(each) for size in range(len(words) + 1) for each in itertools.combinations(words, size)]


def _orders(words):
    return ["".join(each) for each in itertools.permutations(words)]


def _combinations(right, known, words):
    """Every entry with every value that it can have: all answers, or some of them."""
    keys = list(right) if isinstance(right, dict) else list(range(len(right)))
    known = [each for each in known if isinstance(each, type(right)) and len(each) == len(right)]
    choices = [_values(right[key], [each[key] for each in known], words) for key in keys]
    if math.prod(map(len, choices)) <= MOST:
        drawn = itertools.product(*choices)
    else:
        rng = np.random.default_rng(0)
        drawn = [[each[rng.integers(len(each))] for each in choices] for _ in range(MOST)]
    made = [dict(zip(keys, each, strict=True)) if isinstance(right, dict) else tuple(each) for each in drawn]
    return list({repr(each): each for each in made}.values())


def _values(right, known, words):
    if isinstance(right, set | frozenset):
        return [each for each in _sets(words) if each]
    if isinstance(right, str):
        steps = len(words[0]) == 1 and len(right) > 1
        return [right, *known] if steps else list(words)
    generic = [change(float(right)) for change in CHANGES[:3]] if math.isfinite(right) and right else [1.0]
    return list(dict.fromkeys([float(right), *map(float, known), *generic]))


if __name__ == "__main__":
    main(*sys.argv[1:])
