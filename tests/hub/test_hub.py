"""The recipe for a room of computers (`hub/`): settings, the student's workbook, limits. No hub is started."""

import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools import course

ROOT = Path(__file__).resolve().parents[2]
HUB = ROOT / "hub"


class Config:
    """Stands for traitlets' config object: any section, any setting."""

    def __init__(self):
        self.sections = {}

    def __getattr__(self, name):
        return self.__dict__["sections"].setdefault(name, SimpleNamespace())


def configured(monkeypatch, folder, **variables):
    """What the configuration sets, with these environment variables."""
    for name in ("HUB_URL", "HUB_STUDENTS", "HUB_MEMORY", "HUB_THREADS", "HUB_IDLE", "HUB_TRIAL", "HUB_TRIAL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HUB_STATE": str(folder), **variables}.items():
        monkeypatch.setenv(name, value)
    path, config = HUB / "jupyterhub_config.py", Config()
    names = {"__file__": str(path), "get_config": lambda: config}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), names)
    return config


def module(name):
    spec = importlib.util.spec_from_file_location(f"hub_{name}", HUB / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_a_class_logs_in_with_the_machines_users(monkeypatch, tmp_path):
    config = configured(monkeypatch, tmp_path)
    assert config.JupyterHub.authenticator_class == "pam"
    assert config.PAMAuthenticator.allowed_groups == {"students"}
    assert not hasattr(config.Authenticator, "allow_all")
    assert not hasattr(config.JupyterHub, "spawner_class"), "each server runs as its own system user"
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000", "reached through a web server with https only"


def test_a_trial_is_another_thing_and_needs_its_word(monkeypatch, tmp_path):
    config = configured(monkeypatch, tmp_path, HUB_TRIAL="a-word", HUB_TRIAL_TOKEN="secret")
    assert config.JupyterHub.authenticator_class == "dummy"
    assert config.DummyAuthenticator.password == "a-word"
    assert config.JupyterHub.spawner_class == "simple"
    assert [each["name"] for each in config.JupyterHub.services] == ["idle-culler", "trial"]


def test_without_a_trial_no_service_may_act_for_students(monkeypatch, tmp_path):
    config = configured(monkeypatch, tmp_path, HUB_TRIAL_TOKEN="secret")
    assert [each["name"] for each in config.JupyterHub.services] == ["idle-culler"]
    [role] = config.JupyterHub.load_roles
    assert not any(scope.startswith(("admin", "access", "tokens")) for scope in role["scopes"])


def test_the_kernel_of_all_students_is_the_python_of_the_course(monkeypatch, tmp_path):
    config = configured(monkeypatch, tmp_path)
    kernel = json.loads((tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json").read_text("utf-8"))
    assert kernel["argv"][0] == str(ROOT / ".venv" / "bin" / "python")
    assert kernel["env"]["PYTHONPATH"] == str(ROOT)
    assert config.Spawner.environment["JUPYTER_PATH"] == str(tmp_path / "jupyter")


def test_students_have_the_settings_of_make_course(monkeypatch, tmp_path):
    config = configured(monkeypatch, tmp_path)
    assert config.Spawner.environment["JUPYTER_CONFIG_PATH"] == course.with_settings({})["JUPYTER_CONFIG_PATH"]
    folder = Path(config.Spawner.environment["JUPYTER_CONFIG_PATH"])
    assert (folder / "labconfig" / "default_setting_overrides.json").exists()
    news = [option for option in course.JUPYTER_OPTIONS if option.startswith("--LabApp") and "log" not in option]
    assert set(news) <= set(config.Spawner.args)


def paths_in(text):
    """What a text names of the course's folder: in /srv/course, or under a folder of the checkout."""
    inside = re.findall(r"/srv/course/([\w./-]+\w)", text)
    return {*inside, *re.findall(r"(?<![\w./-])((?:hub|tools|docs|notebooks)/[\w./-]*\w)", text)}


@pytest.mark.parametrize("name", ["hub/install.sh", "hub/Dockerfile", "hub/tljh.md", "docs/hub.md"])
def test_each_path_of_the_recipe_is_there(name):
    found = {path for path in paths_in((ROOT / name).read_text("utf-8")) if not path.startswith(".venv")}
    assert found or name.endswith("Dockerfile")
    assert sorted(path for path in found if not (ROOT / path).exists()) == []


def test_idle_kernels_and_servers_are_closed_and_busy_ones_are_not(monkeypatch, tmp_path):
    config = configured(monkeypatch, tmp_path, HUB_IDLE="10")
    assert "--MappingKernelManager.cull_idle_timeout=600" in config.Spawner.args
    assert "--MappingKernelManager.cull_connected=True" in config.Spawner.args
    assert "--MappingKernelManager.cull_busy=False" in config.Spawner.args
    assert "--timeout=1800" in config.JupyterHub.services[0]["command"]


def test_each_student_gets_a_share_of_the_machine(monkeypatch, tmp_path):
    config = configured(monkeypatch, tmp_path, HUB_THREADS="1", HUB_MEMORY="4", HUB_STUDENTS="25")
    environment = config.Spawner.environment
    assert {environment[name] for name in environment if name.endswith("THREADS")} == {"1"}
    assert len([name for name in environment if name.endswith("THREADS")]) == 5
    assert environment["HUB_MEMORY"] == "4"
    assert config.JupyterHub.active_server_limit == 25


def test_a_students_workbook_is_made_at_login_and_never_overwritten(tmp_path):
    student, lessons = module("student"), tmp_path / "notebooks"
    lessons.mkdir()
    (tmp_path / "home").mkdir()
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (lessons / "00_start.ipynb").write_text(json.dumps(notebook), "utf-8")
    folder, _ = student.make_workbook(lessons, tmp_path / "home")
    mine = folder / "00_start.ipynb"
    assert folder == tmp_path / "home" / "workbook"
    assert mine.exists()
    cell = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": ["my answer"]}
    mine.write_text(json.dumps({**notebook, "cells": [cell]}), "utf-8")
    student.make_workbook(lessons, tmp_path / "home")
    assert "my answer" in mine.read_text("utf-8")


def test_the_server_opens_the_workbook_with_the_hubs_python(tmp_path):
    command = module("student").server_command(tmp_path, ["--port=1"])
    assert command[:3] == [sys.executable, "-m", "jupyterhub.singleuser"]
    assert f"--ServerApp.root_dir={tmp_path}" in command
    assert command[-1] == "--port=1"
    assert ("--allow-root" in command) == (os.geteuid() == 0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the recipe is for Linux")
def test_a_process_that_wants_too_much_memory_is_refused_and_not_the_machine():
    code = (
        f"import sys; sys.path[:0] = [{str(HUB)!r}, {str(ROOT)!r}]\n"
        "import student\n"
        "student.take_limits(0.5)\n"
        "small = bytearray(50 * 2**20)\n"
        "try:\n    bytearray(2**30)\nexcept MemoryError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["refused"], done.stderr
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != 2**29, (
        "and the limit was taken by the student's process alone"
    )


def test_the_hubs_pins_are_those_of_the_course():
    pins = dict(line.split("==") for line in (HUB / "requirements.txt").read_text().splitlines() if "==" in line)
    lock = ROOT / "requirements.lock"
    if not lock.exists():
        pytest.skip("a copy of the course without its locks")
    for name in ("jupyterlab", "ipywidgets"):
        assert f"{name}=={pins[name]} " in lock.read_text("utf-8"), f"{name}: one version in both environments"


def test_what_was_not_built_says_so():
    for name in ("Dockerfile", "tljh.md"):
        assert "NOT BUILT" in (HUB / name).read_text("utf-8").splitlines()[0], name
