"""One source of truth: pyproject.toml, requirements.lock and environment.yml say the same."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools.environment import find_python
from tools.environment import lock as lock_tool

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BACKENDS_LOCK = (ROOT / "requirements-backends.lock").read_text(encoding="utf-8")
ENVIRONMENT_TEXT = (ROOT / "environment.yml").read_text(encoding="utf-8")
ENVIRONMENT = yaml.safe_load(ENVIRONMENT_TEXT)
EXTRAS = PROJECT["project"]["optional-dependencies"]
DIRECT = [Requirement(line) for line in PROJECT["project"]["dependencies"] + EXTRAS["dev"]]


def pins(lines):
    """Name → version, for requirements that are all of the form name==version; marker."""
    requirements = [Requirement(line) for line in lines]
    versions = {}
    for requirement in requirements:
        [specifier] = requirement.specifier
        assert specifier.operator == "==", f"{requirement} is not an exact pin"
        assert canonicalize_name(requirement.name) not in versions, f"{requirement.name} is pinned twice"
        versions[canonicalize_name(requirement.name)] = specifier.version
    return versions


def locked():
    return pins(lock_tool.pins(LOCK))


def locked_for_backends():
    return pins(line for line in BACKENDS_LOCK.splitlines() if line and not line.startswith("#"))


def pip_section():
    [section] = [entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict)]
    return section


def leaks(text):
    """Lines of a lock that name a place: an address, a local path, an index."""
    pattern = re.compile(r"://|@|^\s*-(?!-hash)|--(?!hash=)|file:|(?<![\w.])/\w", re.MULTILINE)
    code = [line.split("#")[0] for line in text.splitlines()]
    return [line for line in code if pattern.search(line)]


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda requirement: requirement.name)
def test_every_direct_dependency_is_pinned_within_its_bounds(requirement):
    assert requirement.specifier.contains(locked()[canonicalize_name(requirement.name)])


def test_every_pin_has_a_hash():
    entries = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == len(locked()) > 100
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry.splitlines()[0]


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.lock")))
def test_the_locks_name_no_place(name):
    assert leaks((ROOT / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example.org/simple",
        "--find-links wheels",
        "-i https://packages.example.org/simple",
        "-f wheels",
        "-e .",
        "keras @ https://packages.example.org/keras-3.15.1.whl",
        "keras @ file:keras-3.15.1.whl",
        "/opt/wheels/keras-3.15.1.whl",
    ],
)
def test_a_place_in_a_lock_is_seen(line):
    assert leaks(f"{LOCK}{line}\n") == [line]


def test_environment_yml_is_written_from_the_lock():
    assert lock_tool.environment_file(LOCK) == ENVIRONMENT_TEXT, "call `make lock ARGS=--environment-only`"


def test_environment_yml_has_the_pins_of_the_lock_and_then_the_course():
    *requirements, course = pip_section()
    assert pins(requirements) == locked()
    assert course == "-e ."
    assert {str(Requirement(line).marker) for line in requirements} == {
        str(Requirement(line).marker) for line in lock_tool.pins(LOCK)
    }


def test_environment_yml_uses_a_python_that_the_course_supports():
    [python] = [entry for entry in ENVIRONMENT["dependencies"] if str(entry).startswith("python=")]
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.14"
    assert tuple(map(int, python.removeprefix("python=").split("."))) in find_python.SUPPORTED
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    minors = [(3, minor) for minor in range(8, 20) if supported.contains(f"3.{minor}.0")]
    assert tuple(minors) == find_python.SUPPORTED


@pytest.mark.slow
def test_pip_accepts_exactly_the_section_of_environment_yml(tmp_path):
    if any(installed(line) is False for line in pip_section()[:-1]):
        pytest.skip("this environment was not made from requirements.lock")
    requirements = tmp_path / "condaenv.requirements.txt"
    requirements.write_text("\n".join(pip_section()), encoding="utf-8")
    offline = ["--dry-run", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    run = subprocess.run(
        [sys.executable, "-m", "pip", "install", *offline, "-r", str(requirements)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "Would install generative-models-course" in run.stdout


def installed(line):
    """Whether that pin is installed here; None where its marker does not apply to this machine."""
    requirement = Requirement(line)
    if requirement.marker and not requirement.marker.evaluate():
        return None
    try:
        return requirement.specifier.contains(importlib.metadata.version(requirement.name))
    except importlib.metadata.PackageNotFoundError:
        return False


def test_the_course_can_be_installed_without_downloading_a_build_tool():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert PROJECT["build-system"]["requires"] == ["hatchling"]
    assert "hatchling" in locked()
    assert "dev-mode-dirs" in wheel or "editables" in locked(), "hatchling's editable installation imports `editables`"


def test_the_extras_exist_and_are_about_the_backends():
    assert set(EXTRAS) == {"gpu", "jax", "torch", "dev"}
    [gpu] = map(Requirement, EXTRAS["gpu"])
    [tensorflow] = [requirement for requirement in DIRECT if requirement.name == "tensorflow"]
    assert (gpu.name, gpu.extras, gpu.specifier) == ("tensorflow", {"and-cuda"}, tensorflow.specifier)
    assert gpu.marker.evaluate({"sys_platform": "linux"})
    assert not gpu.marker.evaluate({"sys_platform": "darwin"})
    assert [Requirement(EXTRAS[name][0]).name for name in ("jax", "torch")] == ["jax", "torch"]


def test_learners_do_not_download_the_other_backends_nor_nbgrader():
    assert not {"jax", "jaxlib", "torch", "nbgrader"} & set(locked())
    assert "tensorflow" not in locked_for_backends()


def test_the_classroom_has_nbgrader_alone_and_what_it_unpacks_with():
    text = (ROOT / "requirements-classroom.lock").read_text("utf-8")
    found = pins(line for line in text.splitlines() if line and not line.startswith("#"))
    assert found["nbgrader"] == "0.9.6"
    assert "setuptools" in found  # Python 3.12 has none of its own
    assert not {"tensorflow", "keras", "numpy"} & set(found)


def test_the_backends_are_tested_with_the_versions_that_learners_have():
    learners, backends = locked(), locked_for_backends()
    for name in ("keras", "numpy", "scipy", "scikit-learn", "matplotlib", "pytest", "hypothesis", "ipython"):
        assert backends[name] == learners[name], name
    for name in ("jax", "torch"):
        assert Requirement(EXTRAS[name][0]).specifier.contains(backends[name])


def test_the_lock_pins_what_colab_has():
    text = (ROOT / "requirements-colab.lock").read_text()
    pins = dict(line.split("==") for line in text.splitlines() if "==" in line and not line.startswith("#"))
    colabs = {"tensorflow": "2.20.0", "keras": "3.13.2", "jax": "0.7.2", "numpy": "2.1.3", "scipy": "1.16.3"}
    colabs |= {"matplotlib": "3.10.0", "scikit-learn": "1.6.1", "pandas": "2.2.3", "ipywidgets": "7.7.1"}
    colabs |= {"ipython": "7.34.0", "ipykernel": "6.17.1"}
    assert {name: pins[name] for name in colabs} == colabs
    assert not [name for name in pins if "generative-models" in name]
