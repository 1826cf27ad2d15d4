"""One contender in a process of its own: `python -m benchmarks.worker TASK CONTENDER [--steps N] [--epochs N]`.

It builds itself, says that it is ready, and trains one epoch for each line that it reads. Answers are lines of JSON.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import sys

from benchmarks.memory import peak_megabytes
from benchmarks.pace import Pace
from benchmarks.tasks import CONTENDERS, TASKS

PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "torch", "numpy")


class Asked(Pace):
    """A pace set from outside: one line in, one epoch, one line out."""

    def __init__(self, epochs, questions, answers):
        super().__init__(epochs)
        self.questions, self.answers = questions, answers

    def wait(self):
        return self.questions.readline().strip() == "epoch"

    def tell(self):
        self.say(
            seconds=self.seconds[-1],
            processor_seconds=self.processor_seconds[-1],
            loss=self.losses[-1],
            set_up_seconds=self.set_up_seconds,
            peak_megabytes=peak_megabytes(),
        )

    def say(self, **answer):
        print(json.dumps(answer), file=self.answers, flush=True)


def main(words=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("contender")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--epochs", type=int, default=1)
    asked_for = parser.parse_args(words)
    answers = own_standard_output()
    task = TASKS[asked_for.task]
    contender = next(one for one in CONTENDERS[task.name] if one.name == asked_for.contender)
    trainer = importlib.import_module(f"benchmarks.{contender.module}").Trainer(task, task.data(asked_for.steps))
    pace = Asked(asked_for.epochs, sys.stdin, answers)
    pace.say(parameters=int(trainer.num_parameters()), versions=versions(), platform=platform_of(contender.backend))
    trainer.train(pace)


def own_standard_output():
    """Keep the standard output for the answers; what frameworks print goes where errors go."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def platform_of(backend):
    """What JAX computes on, such as "cpu" or "gpu"."""
    if backend != "jax":
        return None
    import jax

    return jax.devices()[0].platform


def versions():
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    main()
