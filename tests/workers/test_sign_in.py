"""A request begins with one statement: the session with its login and worker. What it says is checked, not believed."""

from typing import Any
from unittest.mock import Mock

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from tests import make
from tests.browser.world import ready_worker
from workers import sign_in


@pytest.mark.django_db
def test_the_session_decides_who_it_is_and_not_the_list_of_sessions(client: Client) -> None:
    wanda = ready_worker().user
    client.force_login(wanda, backend=settings.AUTHENTICATION_BACKENDS[0])
    client.get("/work/")
    asked: list[str] = []

    def listen(execute: Any, statement: str, *rest: Any) -> Any:
        asked.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(listen):
        assert client.get("/work/").wsgi_request.user == wanda
    assert sign_in.SESSION in asked
    assert sign_in.BY_ID not in asked  # it came with the session

    UserSession.objects.update(user=make.make_user("somebody@example.org"))
    assert client.get("/work/").wsgi_request.user == wanda
    UserSession.objects.all().delete()
    assert client.get("/work/").wsgi_request.user == wanda

    wanda.is_active = False
    wanda.save()
    assert not client.get("/work/").wsgi_request.user.is_authenticated


@pytest.mark.django_db(transaction=True)
def test_a_kept_connection_that_died_is_noticed_by_the_first_statement(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanda = ready_worker().user
    client.force_login(wanda, backend=settings.AUTHENTICATION_BACKENDS[0])
    kept: Any = connections["default"]
    kept.connection.close()
    kept.health_check_done = False  # as at the beginning of each request
    monkeypatch.setattr(kept, "is_usable", Mock(side_effect=AssertionError("a question before the question")))
    assert client.get("/work/").wsgi_request.user == wanda
