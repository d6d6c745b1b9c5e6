"""`RemoteMonitor`: the numbers of each epoch, sent to a server."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from typing import Any

from ..serialization import builtin
from .callback import Callback


@builtin
class RemoteMonitor(Callback):
    """Send the numbers of each epoch to a server as JSON, by POST to `root + path`.

    Args:
        root: the address of the server (default 'http://localhost:9000').
        path: below it (default '/publish/epoch/end/').
        field: the name of the form's field that the JSON stands in, without `send_as_json` (default 'data').
        headers: further headers, a dict.
        send_as_json: send the JSON itself, as application/json, instead of a form (default False).

    A server that cannot be reached is warned of, and training goes on.
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        self.root, self.path, self.field, self.headers, self.send_as_json = root, path, field, headers, send_as_json

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Send the numbers, and that of the epoch."""
        from urllib.parse import urlencode
        from urllib.request import Request, urlopen

        text = json.dumps({"epoch": epoch, **(logs or {})})
        body = text if self.send_as_json else urlencode({self.field: text})
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        request = Request(self.root + self.path, body.encode(), {"Content-Type": kind, **(self.headers or {})})
        try:
            with urlopen(request, timeout=10):
                pass
        except OSError as error:
            warnings.warn(f"RemoteMonitor: could not reach {self.root}: {error}.", stacklevel=2)
