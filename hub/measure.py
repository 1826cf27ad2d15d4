"""What a class costs: made-up students run a lesson at the same time, and memory and seconds are measured.

    HUB_TRIAL_TOKEN=… .venv-hub/bin/python hub/measure.py --url http://127.0.0.1:8000 --students 3 linear_algebra

It talks to a hub that was started with HUB_TRIAL and HUB_TRIAL_TOKEN (docs/hub.md), on the same machine, through its
REST API, as a browser would: starts each student's server, opens the lesson in the *student's* workbook, runs all its
cells, and stops the servers. Memory is the proportional set size of all of a student's processes: a page of memory that
students share counts once.
"""

import argparse
import asyncio
import json
import os
import time
import uuid
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

MIB = 2**20


class Hub:
    """The REST API of a hub, with a token that may act for its users."""

    def __init__(self, url, token):
        self.url, self.headers, self.client = url.rstrip("/"), {"Authorization": f"token {token}"}, AsyncHTTPClient()

    async def call(self, path, method="GET", body=None, good=(200, 201, 202, 204)):
        content = None if method in ("GET", "DELETE") else json.dumps(body or {})
        request = HTTPRequest(self.url + path, method, self.headers, content, request_timeout=180)
        answer = await self.client.fetch(request, raise_error=False)
        if answer.code not in good:
            raise RuntimeError(f"{method} {path}: {answer.code} {answer.body[:300]!r}")
        return json.loads(answer.body) if answer.body else None

    async def start(self, name):
        await self.call(f"/hub/api/users/{name}", "POST", good=(201, 409))
        await self.call(f"/hub/api/users/{name}/server", "POST", good=(201, 202, 400))
        for _ in range(240):
            servers = (await self.call(f"/hub/api/users/{name}"))["servers"]
            if servers.get("", {}).get("ready"):
                return
            await asyncio.sleep(0.5)
        raise RuntimeError(f"the server of {name} did not start")

    async def stop(self, name):
        await self.call(f"/hub/api/users/{name}/server", "DELETE", good=(202, 204, 400))

    async def run(self, name, lesson):
        """Run a lesson of a student's workbook in a fresh kernel; return errors, seconds and the memory at the end."""
        began = time.monotonic()
        files = await self.call(f"/user/{name}/api/contents/")
        [path] = [
            each["path"] for each in files["content"] if lesson in each["path"] and each["path"].endswith(".ipynb")
        ]
        notebook = (await self.call(f"/user/{name}/api/contents/{path}"))["content"]
        kernel = (await self.call(f"/user/{name}/api/kernels", "POST", {"name": "python3"}))["id"]
        address = f"{self.url.replace('http', 'ws', 1)}/user/{name}/api/kernels/{kernel}/channels"
        socket = await websocket_connect(HTTPRequest(address, headers=self.headers, request_timeout=60))
        errors = []
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for cell in cells:
            wrong = await self.execute(socket, "".join(cell["source"]))
            if wrong and "raises-exception" not in cell["metadata"].get("tags", []):
                errors.append(f"{cell.get('id')}: {wrong}")
        seconds = time.monotonic() - began
        memory = memory_of(name)
        socket.close()
        await self.call(f"/user/{name}/api/kernels/{kernel}", "DELETE")
        return {"student": name, "cells": len(cells), "errors": errors, "seconds": seconds, **memory}

    async def execute(self, socket, code):
        """Run a cell; return the error that it raised, or nothing."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number, "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await socket.write_message(json.dumps(message))
        wrong = None
        while True:
            text = await socket.read_message()
            if text is None:
                raise RuntimeError("the kernel is gone (its memory may have run out)")
            reply = json.loads(text)
            if reply["parent_header"].get("msg_id") != number:
                continue
            if reply["msg_type"] == "error":
                wrong = f"{reply['content']['ename']}: {reply['content']['evalue']}"
            if reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
                return wrong


def memory_of(name):
    """The memory of a student's processes in MiB: server and kernel, proportional; resident; what the limit counts."""
    server = kernel = resident = data = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"JUPYTERHUB_USER={name}".encode() not in (process / "environ").read_bytes().split(b"\0"):
                continue
            sizes = numbers_of(process / "smaps_rollup")
            kernels = "ipykernel_launcher" in (process / "cmdline").read_text()
            server, kernel = server + sizes["Pss"] * (not kernels), kernel + sizes["Pss"] * kernels
            resident += sizes["Rss"] * kernels
            data = max(data, numbers_of(process / "status")["VmData"] * kernels)
        except (OSError, KeyError):  # it ended meanwhile
            continue
    return {"server": server / 1024, "kernel": kernel / 1024, "resident": resident / 1024, "data": data / 1024}


def numbers_of(path):
    """The lines `Name:  123 kB` of a file in /proc."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {line[0].rstrip(":"): int(line[1]) for line in lines if len(line) > 1 and line[-1] == "kB"}


async def measure(hub, lesson, students):
    names = [f"student{number:02d}" for number in range(1, students + 1)]
    began = time.monotonic()
    await asyncio.gather(*map(hub.start, names))
    print(f"{students} servers ready after {time.monotonic() - began:.1f} s")
    results = await asyncio.gather(*(hub.run(name, lesson) for name in names))
    for each in results:
        print(
            f"{each['student']}  {lesson}: {each['cells']} cells, {len(each['errors'])} errors, "
            f"{each['seconds']:.0f} s, "
            f"server {each['server']:.0f} MiB, kernel {each['kernel']:.0f} MiB (resident {each['resident']:.0f}, "
            f"data {each['data']:.0f})"
        )
        print("".join(f"    {error}\n" for error in each["errors"]), end="")
    await asyncio.gather(*map(hub.stop, names))
    return sum(len(each["errors"]) for each in results)


def main():
    parser = argparse.ArgumentParser(description="Made-up students run lessons on a hub in trial mode.")
    parser.add_argument("lessons", nargs="+", help="parts of the files' names, such as the_elbo")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--students", type=int, default=3)
    options = parser.parse_args()
    hub = Hub(options.url, os.environ["HUB_TRIAL_TOKEN"])
    errors = sum(asyncio.run(measure(hub, lesson, options.students)) for lesson in options.lessons)
    raise SystemExit(min(1, errors))


if __name__ == "__main__":
    main()
