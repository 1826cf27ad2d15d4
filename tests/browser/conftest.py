"""The Chromium of this machine, for all tests that look at a page."""

import os
import shutil

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
BROWSER = os.environ.get("CHROMIUM") or BROWSER


@pytest.fixture(scope="module")
def browser():
    if not BROWSER:
        pytest.fail("no Chromium was found on this machine: install one, or name it, CHROMIUM=/path/to/it")
    from playwright.sync_api import sync_playwright  # where these tests are left out, this file is read all the same

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"] if root else [])
        yield opened
        opened.close()
