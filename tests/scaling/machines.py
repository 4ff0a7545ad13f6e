"""Web machines of one site: each a gunicorn as deploy/ has it, with a working folder of its own; they share the tests'
database, a bucket, a Redis, and what a site's environment file says. Jobs run wherever a test runs them."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener, urlopen

from django.conf import settings

from crowd.kernel.postgres import server
from tests.fire.line import Reply
from tests.fire.parts import Program, replaced, unit
from tests.operations.waiting import eventually
from tests.ports import free_port
from tests.projects import s3_server
from tests.projects.s3_server import Bucket

START_S = 120


@contextmanager
def machines(bucket: Bucket, **told: str) -> Iterator[Sequence[int]]:
    """The ports of two. `told` is set in the environment of both."""
    folder, ports = Path(mkdtemp(prefix="crowd-machines-")), [free_port(), free_port()]
    redis = f"{folder}/redis.sock"
    options = ["--port", "0", "--unixsocket", redis, "--save", "", "--appendonly", "no"]
    parts = [Program("redis", ["redis-server", *options], os.environ, folder / "redis.log")]
    shared = _kept() | {
        "CROWD_URL": f"http://127.0.0.1:{ports[0]}",
        "CROWD_SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": _address(),
        "CACHE_URL": f"unix://{redis}?db=1",
        "CELERY_BROKER_URL": f"redis+socket://{redis}",
        "DJANGO_SETTINGS_MODULE": "tests.fire.settings",
        "CROWD_S3_BUCKET": s3_server.BUCKET,
        "CROWD_S3_ENDPOINT": bucket.endpoint,
        "CROWD_S3_REGION": s3_server.REGION,
    }
    for port in ports:
        command = replaced(unit("web").command, bind=f"127.0.0.1:{port}", workers=1)
        own = {"CROWD_DATA": f"{folder}/{port}", "TMPDIR": str(folder)}
        parts.append(Program(f"web {port}", command, shared | own | told, folder / f"{port}.log"))
    try:
        for part in parts:
            part.start()
        for port in ports:
            assert eventually(partial(_answers, port), START_S, every=0.1), (folder / f"{port}.log").read_text()
        yield ports
        assert not list(folder.glob("*/media")), "a file was kept where the other machine does not find it"
    finally:
        for part in parts:
            part.stop()
        shutil.rmtree(folder)


def _kept() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("CROWD_", "DATABASE_"))}


def _address() -> str:
    """DATABASE_URL of the tests' database."""
    of = settings.DATABASES["default"]
    secret = f":{quote(of['PASSWORD'])}" if of.get("PASSWORD") else ""
    port = of.get("PORT") or server.PORT
    return f"postgresql://{of['USER']}{secret}@/{of['NAME']}?host={quote(str(of['HOST']), safe='')}&port={port}"


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class _Stay(HTTPRedirectHandler):
    """A redirect is an answer like others: the next request may go to the other machine."""

    def redirect_request(self, *_given: Any) -> None:
        return None


class Person:
    """A browser whose requests go to the machines in turn; cookies know no ports."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports, self.cookies, self.turn = ports, CookieJar(), 0
        self.opener = build_opener(HTTPCookieProcessor(self.cookies), _Stay)

    def ask(self, path: str, body: bytes | None = None, *, method: str = "", **headers: str) -> Reply:
        self.turn += 1
        said = {name.replace("_", "-"): value for name, value in headers.items()} | {"X-CSRFToken": self._token()}
        address = f"http://127.0.0.1:{self.ports[self.turn % len(self.ports)]}{path}"
        request = Request(address, body, said, method=method or None)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return _reply(answer.status, answer.headers, answer)
        except HTTPError as error:
            return _reply(error.code, error.headers, error)

    def _token(self) -> str:
        return next((one.value or "" for one in self.cookies if one.name == "csrftoken"), "")


def _reply(status: int, headers: HTTPMessage | Any, body: IO[bytes] | Any) -> Reply:
    return Reply(status, {name.lower(): value for name, value in headers.items()}, body.read())
