"""JupyterLab as `make course` starts it: calm, with the course's settings. No browser is needed here."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tools import course

SETTINGS = json.loads(
    (course.JUPYTER_SETTINGS / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8")
)
SCHEMAS = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"


@pytest.mark.skipif(not SCHEMAS.exists(), reason="JupyterLab is not installed here")
@pytest.mark.parametrize("plugin", SETTINGS)
def test_each_setting_is_one_that_the_installed_jupyterlab_has(plugin):
    package, name = plugin.split(":")
    known = json.loads((SCHEMAS / package / f"{name}.json").read_text(encoding="utf-8"))["properties"]
    assert set(SETTINGS[plugin]) <= set(known)
    for setting, value in SETTINGS[plugin].items():
        kinds = {"boolean": bool, "string": str, "object": dict}
        assert isinstance(value, kinds[known[setting]["type"]])
        if "oneOf" in known[setting]:
            assert value in [each["const"] for each in known[setting]["oneOf"]]
        if setting == "codeCellConfig":
            assert set(value) <= set(known[setting]["default"])


@pytest.mark.parametrize(
    ("variables", "system", "quiet"),
    [
        ({}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", False),
        ({"JUPYTER_RUNTIME_DIR": "/tmp/j"}, "linux", True),
        ({"JUPYTER_RUNTIME_DIR": "/scratch/" + 60 * "x"}, "linux", False),
        ({"JUPYTER_DATA_DIR": "/scratch/" + 60 * "x"}, "linux", False),
    ],
)
def test_sockets_are_files_where_their_paths_are_short_enough(monkeypatch, variables, system, quiet):
    monkeypatch.setattr(course.Path, "home", lambda: Path("/home/ada"))
    assert bool(course.quiet_transport(variables, system)) == quiet


def test_a_learners_own_folders_of_settings_come_first():
    assert course.with_settings({})["JUPYTER_CONFIG_PATH"] == str(course.JUPYTER_SETTINGS)
    both = course.with_settings({"JUPYTER_CONFIG_PATH": "/mine"})["JUPYTER_CONFIG_PATH"]
    assert both == os.pathsep.join(["/mine", str(course.JUPYTER_SETTINGS)])


def get(address, path, token, data=None):
    request = urllib.request.Request(f"{address}{path}", data, {"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


@pytest.mark.slow
@pytest.mark.skipif(not SCHEMAS.exists(), reason="JupyterLab is not installed here")
def test_jupyterlab_opens_with_these_settings_and_its_terminal_stays_calm(tmp_path):
    log, home = tmp_path / "log.txt", tmp_path / "home"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    home.mkdir()
    lesson = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    lesson["cells"] = [{"cell_type": "code", "id": "one", "metadata": {}, "source": "1", "outputs": []}]
    (tmp_path / "lesson.ipynb").write_text(json.dumps(lesson), "utf-8")
    variables = {**os.environ, "HOME": str(home), "JUPYTER_RUNTIME_DIR": "/tmp" if os.name == "posix" else str(home)}
    command = [sys.executable, "-m", "jupyterlab", *course.JUPYTER_OPTIONS, *course.quiet_transport(variables)]
    command += ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=secret"]
    with log.open("w") as file:
        server = subprocess.Popen(
            command, cwd=tmp_path, env=course.with_settings(variables), stdout=file, stderr=subprocess.STDOUT
        )
    try:
        for _ in range(240):
            time.sleep(0.25)
            with contextlib.suppress(OSError):
                get(address, "/api", "secret")
                break
        settings = {each["id"]: each for each in get(address, "/lab/api/settings", "secret")["settings"]}
        for plugin, wanted in SETTINGS.items():
            defaults = settings[plugin]["schema"]["properties"]
            assert {name: defaults[name]["default"] for name in wanted} == wanted
        assert get(address, "/api/contents/lesson.ipynb", "secret")["type"] == "notebook"
        kernel = get(address, "/api/kernels", "secret", b"{}")
        time.sleep(6)
        assert get(address, f"/api/kernels/{kernel['id']}", "secret")["id"] == kernel["id"]
    finally:
        server.terminate()
        server.wait(20)
    loud = [
        line for line in log.read_text().splitlines() if re.search("warn|error|eavesdrop|trusted", line, re.IGNORECASE)
    ]
    assert loud == []
