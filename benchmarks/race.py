"""Contenders of one task take turns, an epoch each, so that what disturbs the machine disturbs all alike.

Standard library only.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

from benchmarks.tasks import CONTENDERS, TASKS

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 400  # seconds for one answer
PAUSE = 0.05  # seconds between two epochs: threads that wait by spinning come to rest


class Failed(Exception):  # noqa: N818  its message is kept as the contender's result
    """A contender ended or fell silent; the message says how."""


class Runner:
    """A contender's process.

    Args:
        task: Name of the task.
        contender: A `Contender`.
        python: The Python that runs it.
        steps: Steps an epoch.
        epochs: Epochs that it will be asked for at most.
    """

    def __init__(self, task, contender, python, steps, epochs):
        self.contender, self.steps, self.epochs = contender, steps, epochs
        command = [str(python), "-m", "benchmarks.worker", task, contender.name]
        command += ["--steps", str(steps), "--epochs", str(epochs)]
        self.process = start(command, KERAS_BACKEND=contender.backend)
        self.last_words = deque(maxlen=4)
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()
        self.answers = []

    def listen(self):
        self.last_words.extend(line.strip() for line in self.process.stderr if line.strip())

    def ask(self, question=None):
        """The answer to a question (at first: that it is ready); raises `Failed`."""
        watchdog = threading.Timer(PATIENCE, self.process.kill)
        watchdog.start()
        try:
            if question:
                self.process.stdin.write(question + "\n")
                self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = ""
        finally:
            watchdog.cancel()
        if not line:
            raise Failed(self.how_it_ended())
        return json.loads(line)

    def how_it_ended(self):
        code = self.process.wait()
        self.listener.join(timeout=5)
        return f"ended with code {code}: {self.last_words[-1] if self.last_words else 'without a word'}"[:300]

    def stop(self):
        try:
            self.process.stdin.close()
            self.process.wait(timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


def start(command, **variables):
    """A process of the checkout that speaks through pipes."""
    bending = ("PYTHONHOME", "VIRTUAL_ENV", "MPLBACKEND")  # the last would keep a lesson's figures from being shown
    environment = {name: value for name, value in os.environ.items() if name not in bending}
    environment.update(PYTHONPATH=str(ROOT), TF_CPP_MIN_LOG_LEVEL="2", **variables)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=str(ROOT), env=environment, text=True, encoding="utf-8", **pipes)


def race(name, pythons, quick=False, say=print, contenders=None):
    """Run one task's contenders in turn.

    Args:
        name: Of the task.
        pythons: Dict from environment to its Python.
        quick: Whether a few steps are enough, to see that all of it works.
        say: Called with a line of progress.
        contenders: Those that take part; None means all.

    Returns:
        Dict from contender to its result, or to `{"error": why}`.
    """
    results, runners = {}, []
    for contender in CONTENDERS[name] if contenders is None else contenders:
        steps, epochs = size(TASKS[name], contender, quick)
        try:
            runner = Runner(name, contender, pythons[contender.environment], steps, epochs + 1)
            runners.append(runner)
            results[contender.name] = {"few": contender.few, "steps": steps, **runner.ask()}
        except (Failed, OSError) as error:
            results[contender.name] = {"error": str(error)}
            say(f"  {contender.name}: {error}")
    try:
        take_turns(runners, results, say)
    finally:
        for runner in runners:
            runner.stop()
    return results


def size(task, contender, quick):
    """Steps an epoch and timed epochs."""
    steps, epochs = contender.steps or task.steps, contender.epochs or task.epochs
    if quick:
        steps, epochs = max(1, min(steps, -(-task.steps // 10))), min(epochs, 3)
    return steps, epochs


def take_turns(runners, results, say):
    for turn in range(max((runner.epochs for runner in runners), default=0)):
        for runner in runners:
            result = results[runner.contender.name]
            if "error" in result or turn >= runner.epochs:
                continue
            time.sleep(PAUSE)
            try:
                runner.answers.append(runner.ask("epoch"))
            except Failed as error:
                results[runner.contender.name] = {"error": str(error)}
                say(f"  {runner.contender.name}: {error}")
        say(f"  turn {turn + 1}", end="\r" if sys.stdout.isatty() else "\n")
    for runner in runners:
        if "error" not in results[runner.contender.name]:
            results[runner.contender.name].update(measured(runner.answers))


def measured(answers):
    """What a contender's epochs showed; the first one, with its compilation, is kept apart."""
    seconds, losses = [answer["seconds"] for answer in answers], [answer["loss"] for answer in answers]
    return {
        "first_seconds": round(answers[0]["set_up_seconds"] + seconds[0], 4),
        "seconds": [round(number, 5) for number in seconds[1:]],
        "processor_seconds": [round(answer["processor_seconds"], 5) for answer in answers[1:]],
        "losses": [round(losses[0], 4), round(losses[-1], 4)],
        "peak_megabytes": answers[-1]["peak_megabytes"],
    }
