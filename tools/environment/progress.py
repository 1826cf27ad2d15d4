"""A pytest plugin of `tools/course.py`: the longest files come first, and calm lines say what is tested and how long.

Instead of a dot for each test there is now and then a line with the share that is done, the minutes that are left and
the files that are being tested (on a terminal it is one line that changes); each lesson gets a line of its own when it
has run. A failure is named at once and explained at the end, as pytest does it. Works in one process and with
pytest-xdist, in whose workers only the order is kept.
"""

import time
from collections import Counter
from pathlib import Path

import pytest

from tools.environment import durations

SECONDS_BETWEEN_LINES = {True: 1.0, False: 15.0}  # on a terminal, in a log
NAMES_SHOWN = 3


def pytest_addoption(parser):
    parser.addoption("--progress", metavar="TITLE", default=None, help="say calmly how a run with that title goes")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    title = config.getoption("progress")
    if title is None:
        return
    handed = getattr(config, "workerinput", {})
    seconds = handed["durations"] if "durations" in handed else durations.recorded(title, own_record(config))
    config.pluginmanager.register(LongestFirst(seconds), "longest-first")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config, reporter, title, seconds), "calm-progress")


def own_record(config):
    return config.rootpath / ".cache" / "durations.json"


def file_of(nodeid):
    return nodeid.split("::", 1)[0]


class LongestFirst:
    """Orders the files by how long they took, so that no worker is left with a long one at the end."""

    def __init__(self, seconds):
        self.seconds = seconds

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        tests = Counter(file_of(item.nodeid) for item in items)
        expected = durations.Forecast(tests, self.seconds).expected
        items.sort(key=lambda item: -expected[file_of(item.nodeid)])

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node):
        """All workers of pytest-xdist must have the same order: they get the record from here."""
        node.workerinput["durations"] = self.seconds


class Progress:
    """Says how a run goes, and keeps what its files took."""

    def __init__(self, config, reporter, title, seconds, clock=time.monotonic):
        self.config, self.reporter, self.title, self.seconds, self.clock = config, reporter, title, seconds, clock
        self.workers = getattr(config.option, "numprocesses", None) or 1
        self.changing = bool(getattr(reporter, "isatty", False))
        self.forecast, self.begun, self.took = None, {}, Counter()
        self.done, self.failed, self.said, self.open_line = 0, set(), 0.0, False

    # --- what is heard

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self):
        self.say("  reading the tests …")
        workers = self.config.pluginmanager.get_plugin("terminaldistreporter")
        if workers is not None:  # what pytest-xdist says of its workers until they are ready
            workers.ensure_show_status = workers.rewrite = lambda *words, **options: None

    def pytest_collection_finish(self, session):
        self.begin([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        self.begin(ids)

    def begin(self, nodeids):
        if self.forecast is not None or not nodeids:
            return
        tests = Counter(file_of(nodeid) for nodeid in nodeids)
        self.forecast = durations.Forecast(tests, self.seconds, min(self.workers, len(tests)))
        self.started = self.said = self.clock()
        noun = "cells of lessons" if self.lessons else "checks"
        self.say(f"  {len(nodeids):,} {noun} in {len(tests)} files: about {durations.in_words(self.forecast.total)}")

    @property
    def lessons(self):
        return self.title == "lessons"

    def pytest_runtest_logstart(self, nodeid):
        self.begun[file_of(nodeid)] = True
        self.tell_sometimes()

    def pytest_runtest_logreport(self, report):
        self.took[file_of(report.nodeid)] += report.duration
        if report.failed:
            self.failed.add(file_of(report.nodeid))
            self.say(f"  FAILED  {report.nodeid}" + ("" if report.when == "call" else f" (in its {report.when})"))

    def pytest_runtest_logfinish(self, nodeid):
        if self.forecast is None:
            return
        name = file_of(nodeid)
        self.done += 1
        self.forecast.finished(name)
        if self.lessons and self.forecast.is_over(name):
            self.tell_lesson(name)
        else:
            self.tell_sometimes()

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report):
        """No letter for each test; pytest still counts them for its closing line."""
        if report.skipped and not hasattr(report, "wasxfail"):
            return "skipped", "", "SKIPPED"
        if report.when == "call" and not hasattr(report, "wasxfail"):
            return report.outcome, "", report.outcome.upper()
        return ("error", "", "ERROR") if report.failed else None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus):
        self.close_line()
        if self.forecast is not None and exitstatus == 0:
            whole = {name: self.took[name] for name in self.forecast.tests if self.forecast.is_over(name)}
            durations.record(self.title, whole, own_record(self.config))

    # --- what is said

    def tell_sometimes(self):
        now = self.clock()
        if self.forecast is None or now - self.said < SECONDS_BETWEEN_LINES[self.changing]:
            return
        self.said = now
        share, left = self.forecast.remaining(now - self.started)
        running = [name for name in self.begun if not self.forecast.is_over(name)]
        names = [name.removeprefix("tests/").removesuffix(".py").replace("test_", "") for name in running]
        what = f" · now {', '.join(names[:NAMES_SHOWN])}" if names else ""
        self.say(
            f"  {100 * share:3.0f} %  {self.done:,} of {sum(self.forecast.tests.values()):,} done · "
            f"about {durations.in_words(left)} left{what}",
            stays=not self.changing,
        )

    def tell_lesson(self, name):
        _, left = self.forecast.remaining(self.clock() - self.started)
        over = sum(map(self.forecast.is_over, self.forecast.tests))
        rest = f", about {durations.in_words(left)} left" if over < len(self.forecast.tests) else ""
        verdict = "FAILED" if name in self.failed else "ran"
        so_far = f"{over} of {len(self.forecast.tests)}"
        self.say(f"  {Path(name).stem} {verdict}, {self.took[name]:.0f} s · {so_far}{rest}")

    def say(self, words, stays=True):
        """Print a line; on a terminal one that does not stay is overwritten by the next."""
        width = self.reporter._tw.fullwidth - 1
        if self.open_line:
            self.reporter.write("\r" + " " * width + "\r")
        self.reporter.write(words if stays else words[:width])
        self.open_line = not stays
        if stays:
            self.reporter.write("\n")
        self.reporter._tw.flush()

    def close_line(self):
        if self.open_line:
            self.reporter.write("\r" + " " * (self.reporter._tw.fullwidth - 1) + "\r")
            self.open_line = False
