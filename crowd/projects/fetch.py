"""Fetching a requester's media from the web, through a guard: see `addresses` for where we go.

Names are resolved once, and the connection goes to the address that was checked; redirects begin from the start.
A file has a largest size and the whole fetch a longest time, however slowly the bytes drip.
"""

import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, BinaryIO
from urllib.parse import quote, urljoin, urlsplit

import httpcore
from django.conf import settings
from django.utils.translation import gettext as _

from crowd.projects import addresses
from crowd.projects.errors import FetchRefused

MAX_REDIRECTS = 5
MAX_URL = 4_000
STEP_SECONDS = 15.0  # for one read or write; the whole has CROWD_FETCH_SECONDS
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PORTS = {"http": 80, "https": 443}
PLAIN = "%!$&'()*+,;=:@/?-._~[]"  # what stays as it is in a path or a query


@dataclass(frozen=True)
class Target:
    """A web address in parts as they go on the wire: other scripts by IDNA in the host, by percent signs elsewhere."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def fetch(url: str, into: BinaryIO) -> None:
    """Write what is at a web address into an empty file. Raises FetchRefused with a sentence for the requester."""
    deadline = time.monotonic() + settings.CROWD_FETCH_SECONDS
    try:
        for _step in range(MAX_REDIRECTS + 1):
            redirect = _get(parse(url), into, deadline)
            if not redirect:
                return
            url = _joined(url, redirect)
    except httpcore.TimeoutException as error:
        raise FetchRefused(_("It took too long to answer.")) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise FetchRefused(_("It could not be reached: %(error)s") % {"error": str(error)[:200]}) from error
    raise FetchRefused(_("There are more than %(most)s redirects.") % {"most": MAX_REDIRECTS})


def parse(url: str) -> Target:
    """Raises FetchRefused for what is no plain web address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode()
    except ValueError as error:  # UnicodeError is one too
        raise FetchRefused(_("This is not a web address.")) from error
    if parts.scheme not in PORTS or not host or len(url) > MAX_URL:
        raise FetchRefused(_("This is not a web address (http:// or https://)."))
    if parts.username is not None or parts.password is not None:
        raise FetchRefused(_("An address with a user name or password in it is not fetched."))
    if any(ord(character) <= 32 or ord(character) == 127 for character in url):
        raise FetchRefused(_("There is a space or a control character in this address."))
    path = quote(parts.path or "/", safe=PLAIN) + (f"?{quote(parts.query, safe=PLAIN)}" if parts.query else "")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def _joined(url: str, redirect: str) -> str:
    try:
        return urljoin(url, redirect)
    except ValueError as error:  # "http://["
        raise FetchRefused(_("This is not a web address.")) from error


def _get(target: Target, into: BinaryIO, deadline: float) -> str:
    """The file is written, or the address of a redirect is returned."""
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    headers = [
        ("Host", target.name),
        ("User-Agent", "crowd-import/1"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "identity"),
    ]
    seconds = {"timeout": {"connect": STEP_SECONDS, "read": STEP_SECONDS, "write": STEP_SECONDS}}
    pool = httpcore.ConnectionPool(ssl_context=_certificates(), network_backend=_Guarded(deadline))
    with pool, pool.stream("GET", url, headers=headers, extensions=seconds) as response:
        answered = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in REDIRECTS and answered.get(b"location"):
            return answered[b"location"]
        if response.status != 200:
            raise FetchRefused(_("The server answered %(status)s.") % {"status": response.status})
        if answered.get(b"content-encoding", "identity") != "identity":
            raise FetchRefused(_("The server sends the file in a packed form that was not asked for."))
        _write(response.iter_stream(), into, int(answered.get(b"content-length", 0)))
    return ""


def _write(chunks: Iterable[bytes], into: BinaryIO, promised: int) -> None:
    limit = settings.CROWD_FETCH_LIMIT_BYTES
    written = 0
    too_large = FetchRefused(_("The file is larger than %(most)s bytes.") % {"most": limit})
    if promised > limit:
        raise too_large
    for chunk in chunks:
        written += len(chunk)
        if written > limit:
            raise too_large
        into.write(chunk)


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Guarded(httpcore.NetworkBackend):
    """Connects to checked addresses only, and to what was checked: the name is resolved here, and only here."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError()
        for address in addresses.resolve(host, port):
            try:
                stream = self._plain.connect_tcp(address, port, _left(self._deadline, timeout))
                return _Timed(stream, self._deadline)
            except httpcore.ConnectError as error:
                failure = error
        raise failure


class _Timed(httpcore.NetworkStream):
    """A stream that ends with the deadline, though each single byte may arrive in time."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _Timed(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return min(left, timeout or STEP_SECONDS)
