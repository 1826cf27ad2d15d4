"""Planted bugs of the trainings at published sizes: their instalments, their scores and their page."""

from tests.mutants.bug import planted_in

_TESTED = "tests/benchmarks/test_full_size.py"
_PARTS, _RUN = ("benchmarks/instalments.py", _TESTED), ("benchmarks/full_size.py", _TESTED)

BUGS = (
    planted_in(_PARTS, "every part on the first batches", "span = range(epoch * updates, (epoch + 1) * updates)", "span = range(updates)"),
    planted_in(_PARTS, "one order for all passes", "default_rng((seed, number))", "default_rng(seed)"),
    planted_in(_PARTS, "batches of a pass that overlap", "[place * batch_size : (place + 1) * batch_size]", "[place : place + batch_size]"),
    planted_in(_PARTS, "a stop that keeps nothing", "if ends or now - self.kept_at > PAUSE:", "if now - self.kept_at > PAUSE:"),
    planted_in(_PARTS, "a training that never stops", "            raise OutOfTimeError", "            pass"),
    planted_in(_RUN, "seconds of the last part alone", 'sum(entry["seconds"] for entry in logs)', 'logs[-1]["seconds"]'),
    planted_in(_RUN, "a station that is called the end", '"finished": len(logs) * task.part >= updates,', '"finished": True,'),
    planted_in(_RUN, "a page that forgets what has no row", "len(finished) == len(rows) and all(runs.values())", "len(finished) == len(rows)"),
    planted_in(_RUN, "a page that forgets its stations", "if rows and len(finished) == len(rows) and", "if rows and"),
    planted_in(_RUN, "a shorter training over a longer one", 'if key in runs and runs[key]["updates"] > found["updates"]:', "if False:"),
    planted_in(_RUN, "a row that waits unseen", 'results.setdefault("waiting", {})[name] =', "reason ="),
    planted_in(_RUN, "bits that grow with the likelihood", "return 8.0 - np.asarray(nats)", "return 8.0 + np.asarray(nats)"),
    planted_in(_RUN, "noise that leaves the levels", "((255 * images + noise) / 256)", "(images + noise / 256)"),
    planted_in(_RUN, "probabilities judged as pixels", "return tasks.drawn(images, seed=3) if task.binary else images", "return images"),
    planted_in(_RUN, "an error per value", ".reshape(number, -1).sum(axis=1))", ".reshape(number, -1).mean(axis=1))"),
    planted_in(_RUN, "a picture of a shorter training", 'if kept and found["updates"] == longest(', 'if kept or longest('),
    planted_in(_RUN, "pixels' means taken for their variance", "scale = (few - middle).std()", "scale = few.std()"),
)  # fmt: skip
