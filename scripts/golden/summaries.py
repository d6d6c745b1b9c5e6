"""What `summary` prints: tests/golden/summaries.json."""

from __future__ import annotations

from typing import Any

from common import case, keras, write
from summary_models import MODELS, OPTIONS

if __name__ == "__main__":

    def printed(name: str, options: dict[str, Any]) -> str:
        keras.backend.clear_session()
        found: list[str] = []
        MODELS[name](keras).summary(print_fn=lambda text, **_: found.append(text), **options)
        return "".join(found)

    write(
        "summaries.json",
        "model: of scripts/golden/summary_models.py; text: what model.summary(**options) prints in 80 columns",
        cases=[case(model=name, options=more, text=printed(name, more)) for name in MODELS for more in OPTIONS],
    )
