"""Tests keep compiled code in a folder of their own, which makes them faster the next time."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("CHAINRULE_CACHE", str(Path(__file__).parent / ".pytest_cache" / "code"))
