"""The page of the playground and its events, served on this machine only."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ...errors import ArgumentError, ChainruleError, FileError
from .page import page
from .points import Points
from .session import Session

HOST = "127.0.0.1"
_SILENCE = 10.0  # seconds after which a line is sent that says nothing, so that a closed page is noticed
_MOST = 100_000  # bytes of a request
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:"


class Playground:
    """A server for one table. `serve` returns when it is stopped.

    Args:
        points: Points.
        port: int, default 8421; 0 for any that is free.
        lang: 'en' (default) or 'zh'.

    Raises: FileError: the port is taken. ArgumentError: it is no port.
    """

    def __init__(self, points: Points, port: int = 8421, lang: str = "en") -> None:
        if not 0 <= port < 65536:
            raise ArgumentError(f"--port: expected a number from 0 to 65535; got {port}.")
        self.session, self.lang = Session(points), lang
        try:
            self.http = _Server((HOST, port), _Handler)
        except OSError as error:
            raise FileError(
                f"play: port {port} of this machine cannot be used ({error.strerror}). Choose another with --port, or "
                "--port 0 for any that is free."
            ) from None
        self.http.playground = self
        self.port = self.http.server_address[1]

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://{HOST}:{self.port}/"

    def serve(self) -> None:
        """Train and serve until `stop` is called from another thread, or Ctrl-C."""
        self.session.start()
        try:
            self.http.serve_forever(poll_interval=0.1)
        finally:
            self.session.stop()
            self.http.server_close()

    def stop(self) -> None:
        """End `serve`."""
        self.session._stopped.set()
        self.http.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    playground: Playground


class _Handler(BaseHTTPRequestHandler):
    """GET: the page, what it needs, the events, the mathematics. POST: settings, and running or not."""

    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a GET."""
        path = urlsplit(self.path)
        if not self._is_local():
            return
        if path.path == "/":
            self._send(page(self.server.playground.lang), "text/html; charset=utf-8")
        elif path.path == "/start":
            session = self.server.playground.session
            self._json(session.ask(lambda: {**session.describe(), "points": session.scatter()}))
        elif path.path == "/mathematics":
            session, lang = self.server.playground.session, self.server.playground.lang
            self._send(session.ask(lambda: session.mathematics(lang)), "text/html; charset=utf-8")
        elif path.path == "/events":
            self._events(parse_qs(path.query, keep_blank_values=True))
        else:
            self._send("there is nothing here", "text/plain", HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Answer a POST: JSON in, JSON out."""
        if not self._is_local() or not self._is_own():
            return
        session = self.server.playground.session
        try:
            values = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _MOST)) or b"{}")
            if not isinstance(values, dict):
                raise ArgumentError("play: expected a JSON object.")
            if self.path == "/settings":
                session.change(values)
                self._json(session.ask(lambda: {**session.describe(), "points": session.scatter()}))
            elif self.path == "/run":
                session.running, session.single = bool(values.get("running")), bool(values.get("single"))
                self._json({"running": session.running})
            else:
                self._send("there is nothing here", "text/plain", HTTPStatus.NOT_FOUND)
        except (ChainruleError, ValueError) as error:
            self._json({"error": str(error)}, HTTPStatus.BAD_REQUEST)

    def _is_local(self) -> bool:
        """Refuse names of this machine that another site may have given it."""
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        if host in (HOST, "localhost"):
            return True
        self._send("this page is for this machine only", "text/plain", HTTPStatus.FORBIDDEN)
        return False

    def _is_own(self) -> bool:
        """Refuse what another page sends: it cannot send JSON unasked."""
        origin, kind = self.headers.get("Origin"), self.headers.get("Content-Type", "")
        own = (f"http://{HOST}:{self.server.playground.port}", f"http://localhost:{self.server.playground.port}")
        if kind.startswith("application/json") and origin in (None, *own):
            return True
        self._send("only the page itself may change this", "text/plain", HTTPStatus.FORBIDDEN)
        return False

    def _events(self, query: dict[str, list[str]]) -> None:
        """Server-sent events: the latest picture whenever there is a new one. Who is slow misses some."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        session, seen = self.server.playground.session, -1
        try:
            while not session.is_stopped:
                latest, version = session.newer_than(seen, _SILENCE)
                text = ": still here\n\n" if version == seen else f"data: {json.dumps(latest, allow_nan=False)}\n\n"
                seen = version
                self.wfile.write(text.encode())
                self.wfile.flush()
                if "once" in query:
                    return
        except (BrokenPipeError, ConnectionResetError):
            return

    def _json(self, value: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(value, allow_nan=False), "application/json", status)

    def _send(self, text: str, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", _POLICY)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal for each request."""
