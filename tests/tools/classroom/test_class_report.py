"""tools/classroom/verdicts.py and class_report.py: what is read from the notebooks of a class, and what is said."""

import csv
import html.parser
import importlib
import io
import json
import re
from contextlib import redirect_stdout

import pytest

from course_lib.exercises import check, contents
from course_lib.exercises import linear_algebra_and_dynamics as exercises
from tools.classroom import class_report, verdicts
from tools.classroom.verdicts import Verdict, read_class, read_notebook

LESSON = "linear_algebra_and_dynamics"
FILE = f"01_{LESSON}"
NAMES = contents.EXERCISES[LESSON]
BY_N = exercises.COVARIANCE.reference


def by_n_minus_1(x):
    return BY_N(x) * len(x) / (len(x) - 1)


def printed(number, answer):
    """The output of a check, as a notebook keeps it."""
    with redirect_stdout(io.StringIO()) as out:
        check(f"1.{number}", getattr(exercises, NAMES[number - 1]), answer)
    return [{"output_type": "stream", "name": "stdout", "text": out.getvalue().splitlines(keepends=True)}]


def raised(text, name="AssertionError"):
    return [{"output_type": "error", "ename": name, "evalue": text, "traceback": []}]


def notebook(outputs, left_out=(), lesson=LESSON):
    """A lesson with the checks of all its exercises and some outputs, number → outputs."""
    first = f"from course_lib.exercises import check\nfrom course_lib.exercises import {lesson} as exercises\n\n"
    cells = [{"cell_type": "markdown", "source": "# A lesson", "metadata": {}}]
    for number, name in enumerate(contents.EXERCISES[lesson], start=1):
        label = f"{int(contents.LESSONS[lesson])}.{number}"
        source = (first if number == 1 else "") + f'check("{label}", exercises.{name}, answer)'
        if number not in left_out:
            cells.append({"cell_type": "code", "source": source, "outputs": outputs.get(number, []), "metadata": {}})
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def states(path):
    return [verdict.state for verdict in read_notebook(path)[1].values()]


# --- a notebook ---


def test_verdicts_are_read_from_what_a_check_prints_or_raises(tmp_path):
    outputs = {
        1: printed(1, BY_N),
        2: printed(2, ...),
        3: printed(3, 0.5),
        4: raised("Exercise 1.4: not yet: a part of your answer is still empty (`...` or None)."),
        5: raised("name 'largest_step' is not defined", "NameError"),
    }
    path = write(tmp_path / f"{FILE}.ipynb", notebook(outputs))
    lesson, found = read_notebook(path)
    assert lesson == LESSON
    assert list(found) == list(NAMES)
    assert states(path) == ["right", "empty", "wrong", "wrong", "stopped", "not run"]
    assert found[NAMES[2]].mistakes == ("the last one",)
    assert found[NAMES[3]].mistakes == ()
    assert found[NAMES[4]].said == "NameError: name 'largest_step' is not defined"


def test_a_time_limit_is_a_stop(tmp_path):
    path = write(tmp_path / "x.ipynb", notebook({1: raised("", "CellTimeoutError")}))
    assert read_notebook(path)[1]["COVARIANCE"] == Verdict("stopped", said="CellTimeoutError")


def test_every_named_mistake_of_the_lesson_is_recognised_by_its_name():
    for number, name in enumerate(NAMES, start=1):
        exercise = getattr(exercises, name)
        for mistake in exercise.mistakes:
            [output] = printed(number, exercise.handed_in(mistake.answer))
            cell = {"outputs": [output], "source": ""}
            verdict = verdicts.verdict_of(cell, f"1.{number}", exercise)
            if mistake.name == "as found":
                assert verdict.state == "empty"
            else:
                assert (verdict.state, verdict.mistakes) == ("wrong", (mistake.name,)), (name, mistake.name)


def test_two_mistakes_in_one_answer_are_both_counted():
    said = " And: ".join(mistake.sentence for mistake in exercises.COVARIANCE.mistakes[:2])
    found = verdicts.understood(f"not yet: {said}", exercises.COVARIANCE)
    assert found.mistakes == ("not centred", "divided by n − 1")


def test_the_last_verdict_of_a_cell_counts_and_hints_are_no_part_of_it():
    said = exercises.COVARIANCE.mistakes[0].sentence
    text = f"shapes\nExercise 1.1: right\nExercise 1.1: not yet: {said}\n    Hint 1 of 2: Look.\n"
    cell = {"outputs": [{"output_type": "stream", "text": text}]}
    assert verdicts.verdict_of(cell, "1.1", exercises.COVARIANCE).mistakes == ("not centred",)
    assert verdicts.verdict_of(cell, "1.11", exercises.COVARIANCE).state == "not run"


def test_a_verdict_that_is_displayed_is_read_like_one_that_is_printed():
    cell = {"outputs": [{"output_type": "display_data", "data": {"text/plain": ["Exercise 1.1: ", "right"]}}]}
    assert verdicts.verdict_of(cell, "1.1", exercises.COVARIANCE).state == "right"


def test_a_lesson_is_known_by_its_checks_whatever_its_name_and_its_import(tmp_path):
    path = write(tmp_path / "homework final (2).ipynb", notebook({}, left_out=(1,)))
    assert read_notebook(path)[0] == LESSON
    assert states(path)[0] == "missing"


# --- a folder ---


def test_bad_notebooks_are_named_and_the_others_are_read(tmp_path):
    good = notebook({1: printed(1, BY_N)})
    write(tmp_path / "ada" / f"{FILE}.ipynb", good)
    write(tmp_path / "ben" / f"{FILE}.ipynb", '{"cells": [')
    write(tmp_path / "cy" / f"{FILE}.ipynb", '["a list"]')
    write(tmp_path / "di" / "homework.ipynb", notebook({}, left_out=(2,)))
    write(tmp_path / "ed" / "notes.ipynb", {"cells": [{"cell_type": "code", "source": "1 + 1", "outputs": []}]})
    (tmp_path / "flo").mkdir()
    (tmp_path / "flo" / f"{FILE}.ipynb").write_bytes(b"\xff\xfe\x00broken")
    write(tmp_path / "ada" / ".ipynb_checkpoints" / f"{FILE}-checkpoint.ipynb", good)
    found = read_class(tmp_path)
    assert [(work.student, work.right) for work in found.works] == [("ada", 1), ("di", 0)]
    text = "\n".join(found.problems)
    assert len(found.problems) == 6
    assert f"ben/{FILE}.ipynb: expected a notebook, came no JSON" in text
    assert f"cy/{FILE}.ipynb: expected a notebook with a list of cells, came other JSON" in text
    assert "di/homework.ipynb: expected a check of exercise 1.2, came none" in text
    assert f"di/homework.ipynb: it is the lesson `{FILE}` under another name" in text
    assert "ed/notes.ipynb: expected a lesson of this course, came a notebook without its checks" in text
    assert f"flo/{FILE}.ipynb: expected a notebook, came no JSON (UnicodeDecodeError" in text


def test_students_are_folders_or_the_names_of_files(tmp_path):
    write(tmp_path / "Ada Lovelace_123_file" / FILE / f"{FILE}.ipynb", notebook({}))
    write(tmp_path / f"ben_{FILE}.ipynb", notebook({}))
    assert [work.student for work in read_class(tmp_path).works] == ["Ada Lovelace_123_file", "ben"]


def test_what_nbgrader_ran_is_read_rather_than_what_was_handed_in(tmp_path):
    for who in ("ada", "ben"):
        write(tmp_path / "submitted" / who / FILE / f"{FILE}.ipynb", notebook({1: printed(1, by_n_minus_1)}))
    write(tmp_path / "source" / FILE / f"{FILE}.ipynb", notebook({}))
    handed_in = read_class(tmp_path)
    assert not handed_in.is_graded
    assert [work.right for work in handed_in.works] == [0, 0]
    write(tmp_path / "autograded" / "ada" / FILE / f"{FILE}.ipynb", notebook({1: printed(1, BY_N)}))
    graded = read_class(tmp_path)
    assert graded.is_graded
    assert [(work.student, work.right) for work in graded.works] == [("ada", 1)]
    [problem] = graded.problems
    assert problem.startswith(f"ben/{FILE}/{FILE}.ipynb: it was handed in and not graded: call `nbgrader autograde`")
    assert "nbgrader's own run" in class_report.summary_of(graded)
    assert "as they were handed in" in class_report.summary_of(handed_in)


def test_of_two_copies_the_better_one_counts(tmp_path):
    write(tmp_path / "ada" / f"{FILE} copy.ipynb", notebook({1: printed(1, BY_N)}))
    write(tmp_path / "ada" / f"{FILE}.ipynb", notebook({}))
    found = read_class(tmp_path)
    assert [work.path.name for work in found.works] == [f"{FILE} copy.ipynb"]
    assert found.problems[0].startswith(f"ada/{FILE}.ipynb: the same student has this lesson twice")


# --- the report ---


@pytest.fixture
def report(tmp_path):
    """The report of a class of four, one of whom did another lesson, too."""
    source = tmp_path / "work"
    for who, answer in {"ada": BY_N, "ben": by_n_minus_1, "=cy()": by_n_minus_1, "di": lambda x: x[0]}.items():
        write(
            source / who / f"{FILE}.ipynb",
            notebook({1: printed(1, answer), 3: printed(3, 0.5 if who == "di" else ...)}),
        )
    write(source / "ada" / "00_start_here.ipynb", notebook({}, lesson="start_here"))
    write(source / "ed" / "x.ipynb", "nothing")
    assert class_report.main([str(source)]) == 0
    return source / "class-report"


def test_the_table_has_a_row_a_student_and_a_column_an_exercise(report):
    with (report / "class.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[:5] == ["student", "right", "0.1 SQUARED_ERROR", "0.2 TIMES_SMALLER", "1.1 COVARIANCE"]
    assert [row[0] for row in rows] == ["'=cy()", "ada", "ben", "di"]  # no formula for a spreadsheet
    assert rows[1][1:6] == ["1", "not run", "not run", "right", "not run"]
    assert rows[2][1:6] == ["0", "", "", "wrong", "not run"]


def test_mistakes_are_counted_among_those_who_handed_in_and_the_most_frequent_come_first(report):
    text = (report / "report.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| \d+ of", line)]
    assert rows[0].startswith("| 2 of 4 | 1.1 COVARIANCE | divided by n − 1 | you divided by n − 1 (as `np.cov` does")
    assert rows[1].startswith("| 1 of 4 | 1.3 LEFT_OVER | the last one | ")
    assert len(rows) == 2
    assert "| 1.1 COVARIANCE | 1 | 3 | 0 | 0 | 0 | 0 | 1 |" in text
    assert "| 1.3 LEFT_OVER | 0 | 1 | 3 | 0 | 0 | 0 | 0 |" in text
    assert "4 students, 5 notebooks, of 00_start_here, 01_linear" in text


def test_report_and_page_name_no_student_and_the_remarks_do(report):
    for name in ("report.md", "report.html"):
        text = (report / name).read_text("utf-8")
        assert not re.search(r"\b(?:ada|ben|cy|di|ed)\b", text.replace("ed by", ""))
        assert "1 remark on a notebook stands in problems.txt" in text
    assert (report / "problems.txt").read_text("utf-8").startswith("ed/x.ipynb: expected a notebook, came no JSON")


class Reader(html.parser.HTMLParser):
    """The elements of a page, and what its links and sources lead to."""

    def __init__(self):
        super().__init__()
        self.tags, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_semantic_and_needs_no_network(report):
    text = (report / "report.html").read_text("utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    names = [tag for tag, _ in reader.tags]
    assert names.count("caption") == names.count("table") == names.count("thead") == 2
    assert {attributes.get("scope") for tag, attributes in reader.tags if tag == "th"} == {"col", "row"}
    assert ("html", {"lang": "en"}) in reader.tags
    assert all(
        attributes.get("aria-hidden") == "true" for _, attributes in reader.tags if attributes.get("class") == "bar"
    )
    assert not {"script", "link", "img", "iframe"} & set(names)
    assert "http://" not in text
    assert "https://" not in text


def test_what_a_notebook_says_cannot_become_html_or_break_a_table():
    row = class_report.table("a < b", ["<i>"], [["1.1", 3]])
    assert "<caption>a &lt; b</caption>" in row
    assert "&lt;i&gt;" in row
    assert class_report.cell("a | b\n<img>") == "a \\| b &lt;img>"


def test_code_and_emphasis_of_a_sentence_are_seen_on_the_page():
    said = class_report.with_code("`x < 1` keeps *two* of them, a * b * c.")
    assert said == "<code>x &lt; 1</code> keeps <em>two</em> of them, a * b * c."


def test_a_folder_without_notebooks_is_refused_in_a_sentence(tmp_path, capsys):
    assert class_report.main([str(tmp_path / "nothing")]) == 1
    assert "Expected a folder, came" in capsys.readouterr().err
    assert class_report.main([str(tmp_path)]) == 1
    assert "Expected notebooks of lessons in" in capsys.readouterr().err


def test_the_contents_have_the_exercises_that_the_modules_have():
    for lesson, names in contents.EXERCISES.items():
        module = importlib.import_module(f"course_lib.exercises.{lesson}")
        assert all(hasattr(module, name) for name in names)
