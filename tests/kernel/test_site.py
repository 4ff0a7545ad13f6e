"""What every page of the site does: health, outages, the reader's zone, and what a browser is told to allow."""

import logging
import socket
import time
from contextlib import suppress
from io import StringIO
from unittest.mock import patch

import psycopg
import pytest
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from crowd.kernel import cache
from crowd.kernel.cache import PatientClient, PatientRedisCache
from crowd.kernel.outage import OutageMiddleware, PlainOutages
from crowd.kernel.zone import ReaderZoneMiddleware


def answer_to(path: str, error: Exception, cause: Exception | None = None) -> HttpResponse | None:
    """When a view raised this; None: it is no outage, and others answer."""
    error.__cause__ = cause
    return OutageMiddleware(lambda request: HttpResponse()).process_exception(RequestFactory().get(path), error)


@pytest.mark.django_db
def test_a_healthy_site_says_so(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


def test_a_stopped_database_is_said_plainly_on_a_page(client: Client) -> None:
    with patch("crowd.kernel.health.connection.cursor", side_effect=OperationalError("connection refused")):
        answer = client.get("/healthz")

    assert answer.status_code == 503
    assert "database does not answer" in answer.content.decode()
    assert answer["Retry-After"]


def test_a_stopped_database_is_said_plainly_to_programs() -> None:
    answer = answer_to("/api/v1/projects/", InterfaceError("connection already closed"))

    assert answer is not None
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert b'"code": "unavailable"' in answer.content


@pytest.mark.parametrize("path", ["/api/v1/projects/", "/work/"])
def test_a_database_that_is_gone_before_any_view_is_reached_is_an_outage_too(path: str) -> None:
    browser = Client(raise_request_exception=False, headers={"Accept": "text/html", "Accept-Language": "de"})
    with patch("crowd.users.activity._is_due", side_effect=OperationalError("connection refused")):
        answer = browser.get(path)

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert ("<h1>Ein Teil der Seite" in answer.content.decode()) == (path == "/work/")


def test_a_fault_of_ours_is_a_page_in_the_readers_language_without_a_database() -> None:
    browser = Client(raise_request_exception=False, headers={"Accept": "text/html", "Accept-Language": "de"})
    with patch("crowd.users.activity._is_due", side_effect=RuntimeError("a bug")):
        answer = browser.get("/work/")

    assert answer.status_code == 500
    assert '<html lang="de">' in answer.content.decode()


def test_a_deadlock_is_no_outage() -> None:
    assert answer_to("/", OperationalError("deadlock"), psycopg.errors.DeadlockDetected()) is None


def test_a_server_that_shuts_down_is_an_outage() -> None:
    answer = answer_to("/", OperationalError("terminated"), psycopg.errors.AdminShutdown())
    assert answer is not None
    assert answer.status_code == 503


def test_without_its_cache_the_site_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "AWAY_S", 0)  # it is asked each time
    monkeypatch.setattr(PatientClient, "away_until", 0.0)
    nobody = PatientRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_timeout": 1}})

    nobody.set("key", 1)
    assert nobody.get("key", 7) == 7
    assert nobody.add("key", 1)
    assert nobody.get_many(["key"]) == {}
    assert not nobody.delete("key")


def test_a_silent_cache_is_waited_for_once_and_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PatientClient, "away_until", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system accepts for it, and nobody reads
        where = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        settings = {"OPTIONS": {"socket_timeout": 0.5}}
        for thread_own in (PatientRedisCache(where, settings), PatientRedisCache(where, settings)):
            assert thread_own.get("key", 7) == 7
            assert thread_own.add("key", 1)
            assert thread_own.get_many(["key"]) == {}
        assert asked(silent) == 1
        assert 0 < PatientClient.away_until - time.monotonic() <= 5

        monkeypatch.setattr(PatientClient, "away_until", time.monotonic())
        assert PatientRedisCache(where, settings).get("key", 7) == 7
        assert asked(silent) == 1
        assert PatientRedisCache(where, settings).get("key", 7) == 7
        assert asked(silent) == 0  # away again


def asked(silent: socket.socket) -> int:
    """How many have come to this place since it was asked last."""
    silent.setblocking(False)
    came = 0
    with suppress(BlockingIOError):
        while True:
            silent.accept()[0].close()
            came += 1
    return came


def logged(error: Exception, cause: Exception | None = None, while_at: Exception | None = None) -> str:
    """What stands in the log when a job ends with this error."""
    log, out = logging.Logger("job"), StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(PlainOutages())
    log.addHandler(handler)
    error.__cause__, error.__context__, error.__suppress_context__ = cause, while_at, cause is not None
    try:
        raise error
    except type(error):
        log.exception("Task x raised: %s", error)
    return out.getvalue()


def test_the_log_says_an_outage_in_one_line_and_anything_else_with_its_place() -> None:
    plain = "The {} does not answer, what is due now is done later. Task x raised: {}\n"
    assert logged(OperationalError("refused\nIs it there?")) == plain.format("database", "refused")
    assert logged(RuntimeError("not sent"), BrokerError("refused")) == plain.format("broker", "not sent")
    assert "Traceback" in logged(OperationalError("deadlock"), psycopg.errors.DeadlockDetected())
    assert "Traceback" in logged(KeyError("x"))
    assert "Traceback" in logged(KeyError("x"), while_at=OperationalError("refused"))  # a fault of our own
    assert logged(InternalError("aborted"), while_at=OperationalError("refused")) == plain.format("database", "aborted")


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [("Asia/Kolkata", "Asia/Kolkata"), ("Nowhere/Land", "UTC"), ("../../etc/passwd", "UTC"), ("", "UTC")],
)
def test_times_show_in_the_readers_zone(cookie: str, zone: str) -> None:
    site = ReaderZoneMiddleware(lambda request: HttpResponse(timezone.get_current_timezone_name()))
    request = RequestFactory().get("/")
    request.COOKIES["zone"] = cookie

    assert site(request).content.decode() == zone
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
def test_the_browser_is_told_to_run_nothing_foreign(client: Client) -> None:
    policy = client.get("/accounts/login/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    assert "unsafe-eval" not in policy
