import functools
import math
import subprocess
import sys

import numpy as np
import pytest

from course_lib import source
from course_lib.exercises import Exercise, check
from course_lib.source import show, source_of


class Sample:
    """A class to show.

    With a second paragraph.
    """

    tolerance = 0.1

    @property
    def size(self):
        """The size.

        In bytes.
        """
        return 3

    @classmethod
    def make(cls):
        r"""Makes one: \o/

        With care.
        """
        return cls()

    @functools.cached_property
    def weight(self):
        """
        Starts on the second line.

        And goes on.
        """
        return 1.0


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


@decorated
def half(x):
    """Halves."""
    return x / 2


def test_a_function_is_printed_below_its_file(capsys):
    show(check)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["# course_lib/exercises/engine.py", "def check(label, exercise, answer):"]
    assert '    """Say how an answer stands: the line under every exercise of the lessons."""' in lines
    assert "    verdict, name = exercise.judge(answer), name_of(exercise)" in lines
    assert not any("Args:" in line for line in lines)


def test_what_is_shown_runs_and_is_what_the_library_runs():
    namespace = dict(vars(source))
    exec(source_of(source.source_of), namespace)
    assert namespace["source_of"](half) == source_of(half)


def test_a_method_loses_its_indentation():
    assert source_of(Exercise.judge).startswith("def judge(self, answer):\n    ")


def test_docstrings_are_cut_to_their_first_line_all_the_way_down():
    text = source_of(Sample)
    compile(text, "sample", "exec")
    assert text.splitlines()[1] == '    """A class to show."""'
    assert '        """The size."""' in text
    assert r'        r"""Makes one: \o/"""' in text
    assert '        """Starts on the second line."""' in text
    assert not any(words in text for words in ("second paragraph", "In bytes", "With care", "goes on"))
    assert text.endswith("return 1.0")


def test_docstrings_can_be_shown_in_full():
    assert "With a second paragraph." in source_of(Sample, docstring=True)


def test_wrappers_are_looked_through():
    expected = 'def half(x):\n    """Halves."""\n    return x / 2'
    assert source_of(half).endswith(expected)
    assert source_of(functools.partial(half, 2)).endswith(expected)
    assert "return 3" in source_of(Sample.size)
    assert "return cls()" in source_of(Sample.make)
    assert "return 1.0" in source_of(Sample.__dict__["weight"])


def test_code_of_another_package_shows_no_folder_of_this_machine(capsys):
    show(np.linalg.norm)
    assert capsys.readouterr().out.startswith("# numpy/linalg/_linalg.py\n")


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (len, "received the builtin_function_or_method `len`"),
        (dict, "received the type `dict`"),
        (Sample(), "an object of type Sample: show its class, Sample"),
        (math, "received the module `math`: name one of its functions or classes"),
        (3, "an object of type int"),
        (eval("lambda x: x"), "whose source is at hand, received the function `<lambda>`"),
    ],
)
def test_what_has_no_python_source_is_refused_with_a_reason(thing, words):
    with pytest.raises(ValueError, match="Expected") as refusal:
        show(thing)
    assert words in str(refusal.value)


def test_in_a_notebook_the_source_is_highlighted_and_still_text(monkeypatch):
    import IPython
    from IPython import display

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: type("Shell", (), {"kernel": True})())
    monkeypatch.setattr(display, "display", lambda data, raw: shown.append(data))
    show(half)
    assert shown[0]["text/markdown"] == f"```python\n{shown[0]['text/plain']}\n```"
    assert shown[0]["text/plain"].endswith("return x / 2")
    show(half, folded="Open it when x < 1")
    before, code, after = shown[1]["text/markdown"].partition(shown[0]["text/markdown"])
    assert (before, after) == ("<details><summary>Open it when x &lt; 1</summary>\n\n", "\n\n</details>")
    assert code
    assert shown[1]["text/plain"] == shown[0]["text/plain"]


def test_importing_show_imports_neither_ipython_nor_keras():
    code = "import sys, course_lib.source; assert not {'IPython', 'keras'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
