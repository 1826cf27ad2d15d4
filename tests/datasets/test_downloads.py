"""Where downloads are looked for and kept, and a whole file's digests. Loading itself: `test_mnist.py`."""

import hashlib
import re
import sys
from pathlib import Path

import pytest

from course_lib.datasets import DataError, downloads

ROOT = Path(__file__).resolve().parents[2]


def test_a_relative_course_data_is_found_from_the_clone_too(tmp_path, monkeypatch):
    clone, lesson = tmp_path / "clone", tmp_path / "clone" / "notebooks"
    for folder in (lesson, tmp_path / "shared"):
        folder.mkdir(parents=True)
    monkeypatch.setattr(downloads, "__file__", str(clone / "course_lib" / "datasets" / "downloads.py"))
    monkeypatch.chdir(lesson)
    monkeypatch.setenv("COURSE_DATA", "../shared")
    assert downloads.given_folder().resolve() == (tmp_path / "shared").resolve()


def test_the_cache_is_in_the_clone_else_in_the_users_cache_folder_and_can_be_moved(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_CACHE", raising=False)
    assert downloads.cache_folder() == ROOT / "data" / "cache"
    monkeypatch.setattr(
        downloads, "__file__", str(tmp_path / "site-packages" / "course_lib" / "datasets" / "downloads.py")
    )
    for platform, variable in (("linux", "XDG_CACHE_HOME"), ("win32", "LOCALAPPDATA")):
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setenv(variable, str(tmp_path / platform))
        assert downloads.cache_folder() == tmp_path / platform / "generative-models-course"
        monkeypatch.delenv(variable)
        assert downloads.cache_folder().is_relative_to(Path.home())
    monkeypatch.setattr(sys, "platform", "darwin")
    assert downloads.cache_folder() == Path.home() / "Library" / "Caches" / "generative-models-course"
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "elsewhere"))
    assert downloads.cache_folder() == tmp_path / "elsewhere"


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_a_file_is_held_to_every_digest(algorithm, tmp_path):
    path, content = tmp_path / "file.tar.gz", bytes(range(256)) * 9000  # read in more than one piece
    path.write_bytes(content)
    right = {name: hashlib.new(name, content).hexdigest() for name in ("md5", "sha256")}
    downloads.check_file(path, right, "Repair.")
    wrong = right | {algorithm: hashlib.new(algorithm, content[:-1]).hexdigest()}
    sentence = f"its {algorithm.upper()} should be {wrong[algorithm]}, but it is {right[algorithm]}.*truncated.*Repair"
    with pytest.raises(DataError, match=re.escape(str(path)) + f".*{sentence}"):
        downloads.check_file(path, wrong, "Repair.")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DataError, match=r"file that can be read, but: .*Repair"):
        downloads.check_file(tmp_path, {"md5": ""}, "Repair.")


def test_a_given_file_is_one_that_is_there(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert downloads.given_file("x.npz") is None
    (tmp_path / "x.npz").touch()
    assert downloads.given_file("x.npz") == tmp_path / "x.npz"
    monkeypatch.delenv("COURSE_DATA")
    assert downloads.given_file("x.npz") is None
