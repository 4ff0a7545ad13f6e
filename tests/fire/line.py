"""A signed-in person's line to the site, and what goes wrong with lines."""

import json
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
TIMEOUT_S = 20.0
LOST = (OSError, HTTPException)  # the line broke: whether anything was done is not known
CSRF = "f" * 32


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0  # until it was there

    @property
    def told(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> str:
        return str(self.told.get("code", ""))


def as_json(method: str, path: str, told: Any = None, **headers: str) -> Request:
    body = b"" if told is None else json.dumps(told).encode()
    return Request(method, path, {"Content-Type": "application/json", **headers}, body)


def as_form(path: str, told: Mapping[str, Any]) -> Request:
    """As the page's script sends a form."""
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request("POST", path, kind, urlencode(told).encode())


class Line:
    """One kept-alive connection; a broken one is made anew at the next request."""

    def __init__(self, port: int, session: str = "", timeout: float = TIMEOUT_S, source: str = HOST) -> None:
        self.port, self.timeout, self.source = port, timeout, (source, 0)
        self.signed = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF} if session else {}
        self._connection: HTTPConnection | None = None

    def ask(self, request: Request) -> Reply:
        """Raises one of LOST."""
        self._connection, began = self._connection or self._new(), time.monotonic()
        try:
            self._connection.request(request.method, request.path, request.body, {**self.signed, **request.headers})
            answer = self._connection.getresponse()
            headers, body = {name.lower(): value for name, value in answer.getheaders()}, answer.read()
            return Reply(answer.status, headers, body, time.monotonic() - began)
        except LOST:
            self.close()
            raise

    def _new(self) -> HTTPConnection:
        return HTTPConnection(HOST, self.port, timeout=self.timeout, source_address=self.source)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def cut(self, request: Request, share: float) -> None:
        """Send this share of it, and hang up without reading an answer. Raises OSError."""
        sent = self.raw(request)
        with closing(socket.create_connection((HOST, self.port), self.timeout, self.source)) as wire:
            wire.sendall(sent[: max(1, int(len(sent) * share))])

    def raw(self, request: Request) -> bytes:
        headers = {**self.signed, **request.headers, "Host": f"{HOST}:{self.port}"}
        headers["Content-Length"] = str(len(request.body))
        lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + request.body
