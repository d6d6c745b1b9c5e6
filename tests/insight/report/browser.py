"""Chromium without a window, for looking at a report as a reader does."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PROGRAM = next((path for path in map(shutil.which, NAMES) if path), None)
needs_browser = pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed (apt-get install chromium)")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


class Visit:
    """One look at a page: what the console said, which addresses were asked for.

    Args:
        page: the file.
        folder: an empty folder for the browser's profile and files.
        flags: of this visit.
    """

    def __init__(self, page: Path, folder: Path, *flags: str) -> None:
        folder.mkdir(parents=True)
        net = folder / "net.json"
        line = [str(PROGRAM), *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={net}", *flags,
                page.as_uri()]  # fmt: skip
        done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        self.out = done.stdout
        self.console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        self.asked = addresses(net)


def addresses(net: Path) -> set[str]:
    """The addresses of a log of the browser's network; it may have been cut off at its end."""
    text = net.read_text(encoding="utf-8", errors="replace").rstrip().rstrip(",")
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = json.loads(f"{text}]}}")
    own = {"update.googleapis.com", "clients2.google.com", "accounts.google.com"}  # the browser's, not the page's
    urls = {e["params"]["url"] for e in found["events"] if isinstance(e.get("params"), dict) and "url" in e["params"]}
    return {url for url in urls if url.startswith("http") and urlsplit(url).hostname not in own}
