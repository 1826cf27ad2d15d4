"""How long each test file took, for what comes first and for how long it will take.

tests/durations.json holds the seconds of a machine with two cores; .cache/durations.json those of this machine, once it
has run the tests, and these count. `python -m tools.environment.durations` takes them into tests/durations.json, for
everybody.
Standard library only, and readable by Python 3.8.
"""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVERYBODYS = ROOT / "tests" / "durations.json"
OWN = ROOT / ".cache" / "durations.json"
SECONDS_OF_A_NEW_TEST = 0.1
INSTEAD = {"lessons": (), "library": ("all",), "all": ("library",)}  # where a run has no record of its own


def stored(path):
    """Title of a run → file → seconds."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def recorded(title, own=OWN, everybodys=EVERYBODYS):
    """File → seconds of a run with that title: `library`, `check`, `lessons`, `all`, or another environment's."""
    seconds = {}
    for known in (title, *INSTEAD.get(title, ("check", "library"))):
        for path in (own, everybodys):
            seconds = {**stored(path).get(known, {}), **seconds}
    return seconds


def record(title, seconds, own=OWN):
    """Keep what a run's files took, beside what is known of others."""
    known = stored(own)
    known[title] = {**known.get(title, {}), **{name: round(took, 2) for name, took in seconds.items()}}
    own.parent.mkdir(exist_ok=True)
    own.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def in_words(seconds):
    """A duration as one says it: nobody wants to know the seconds of minutes."""
    if seconds < 50:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min"


class Forecast:
    """How much of a run is done, and how long the rest will take.

    Args:
        tests: File → number of its tests.
        seconds: File → seconds that it took before; unknown files get a guess.
        workers: Number of processes that share the files.
    """

    def __init__(self, tests, seconds, workers=1):
        guess = {name: SECONDS_OF_A_NEW_TEST * count for name, count in tests.items()}
        self.expected = {name: seconds.get(name, guess[name]) for name in tests}
        self.tests, self.workers = dict(tests), workers
        self.left = dict(tests)

    def finished(self, name):
        """A test of that file has ended."""
        self.left[name] = max(0, self.left.get(name, 1) - 1)

    def is_over(self, name):
        return not self.left.get(name)

    @property
    def total(self):
        """Seconds that the whole run should take."""
        return max(sum(self.expected.values()) / self.workers, max(self.expected.values(), default=0.0))

    def remaining(self, elapsed):
        """Share of the work that is done, and the seconds that the rest will take if this machine goes on as it did."""
        ahead = [self.expected[name] * self.left[name] / count for name, count in self.tests.items() if self.left[name]]
        whole = sum(self.expected.values())
        done = whole - sum(ahead)
        trust = 20.0  # seconds for which the record is believed rather than this run's beginning
        pace = (elapsed * self.workers + trust) / (done + trust)
        return done / whole if whole else 1.0, pace * max(sum(ahead) / self.workers, max(ahead, default=0.0))


def main():
    """Take what was measured here into everybody's record; files that are gone leave it."""
    everybodys = stored(EVERYBODYS)
    for title, seconds in stored(OWN).items():
        everybodys[title] = {**everybodys.get(title, {}), **seconds}
    kept = {
        title: {name: took for name, took in sorted(seconds.items()) if (ROOT / name).exists()}
        for title, seconds in sorted(everybodys.items())
    }
    EVERYBODYS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"{sum(map(len, kept.values()))} durations are in {EVERYBODYS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
