"""The page of the playground: one HTML file (`page.html`) with its words put in; no request leaves the machine."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

from ..words import TEXTS, Words

NAMES = [key.partition(".")[2] for key in TEXTS if key.startswith("play.")]


def page(lang: str = "en") -> str:
    """The page as HTML.

    Args:
        lang: 'en' (default) or 'zh'.

    >>> "<script" in page() and "http://" not in page() and "https://" not in page()
    True
    """
    words = {name: Words(lang)(f"play.{name}") for name in NAMES}
    given = {**{key: escape(text) for key, text in words.items()}, "lang": lang}
    given["words"] = json.dumps(words, ensure_ascii=False)
    text = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", lambda found: given.get(found[1], found[0]), text)
