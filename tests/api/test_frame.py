"""What every address of the API has in common: errors, sign-in, keys, pages, throttles, idempotency."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client, override_settings
from rest_framework.test import APIClient

from crowd.kernel import clock
from crowd.users.models import ApiKey, Organisation, User
from tests.api.conftest import SignIn

Said = Callable[[Any, int], dict[str, Any]]
pytestmark = pytest.mark.django_db


# --- Errors ------------------------------------------------------------------------------------------------------
def test_an_address_that_does_not_exist_is_problem_details_too(anybody: APIClient, said: Said) -> None:
    assert said(anybody.get("/api/v1/nothing/"), 404)["code"] == "not_found"


def test_a_missing_slash_is_said_instead_of_losing_the_body(browser: APIClient, said: Said) -> None:
    assert "slash" in said(browser.post("/api/v1/organisations", {"name": "X"}), 404)["detail"]


def test_a_method_that_is_not_there_is_said(browser: APIClient, said: Said) -> None:
    assert said(browser.delete("/api/v1/me/"), 405)["code"] == "method_not_allowed"


def test_a_field_that_means_nothing_is_named(browser: APIClient, said: Said) -> None:
    body = said(browser.post("/api/v1/organisations/", {"name": "Lab", "nmae": "Lab"}), 400)

    assert body["errors"] == {"nmae": "There is no such field."}


def test_what_is_wrong_deep_inside_is_named_by_its_place(browser: APIClient, said: Said) -> None:
    body = said(browser.post("/api/v1/api-keys/", {"name": "k", "scopes": ["read", "everything"]}), 400)

    assert list(body["errors"]) == ["scopes[1]"]


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        (b"{", "not JSON"),
        (b'{"name": "A", "name": "B"}', "twice"),
        (b'{"name": NaN}', "NaN"),
        (b'{"name": "a\\u0000b"}', "NUL"),
        (b'{"name": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_json_with_traps_in_it_is_refused(browser: APIClient, said: Said, sent: bytes, word: str) -> None:
    response = browser.post("/api/v1/organisations/", sent, content_type="application/json")

    assert word in said(response, 400)["detail"]


def test_a_request_that_is_too_large_is_refused(browser: APIClient, said: Said) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100):
        response = browser.post("/api/v1/organisations/", {"name": "A" * 200})

    assert said(response, 413)["code"] == "too_large"


def test_what_is_not_json_is_refused(browser: APIClient, said: Said) -> None:
    form = browser.post("/api/v1/organisations/", "name=x", content_type="application/x-www-form-urlencoded")

    assert "application/json" in said(form, 415)["detail"]


def test_a_list_is_not_an_object(browser: APIClient, said: Said) -> None:
    said(browser.post("/api/v1/organisations/", ["name"]), 400)


@pytest.mark.parametrize("error", [OperationalError("connection refused"), InterfaceError("connection already closed")])
def test_a_stopped_database_is_said_plainly(browser: APIClient, said: Said, error: Exception) -> None:
    with patch("crowd.api.organisations.queries.memberships", side_effect=error):
        response = browser.get("/api/v1/organisations/")

    body = said(response, 503)
    assert body["code"] == "unavailable"
    assert body["detail"].startswith("The database does not answer")
    assert response["Retry-After"]


def test_a_fault_of_ours_shows_nothing_of_itself(requester: User) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    with patch("crowd.api.organisations.queries.memberships", side_effect=RuntimeError("secret place")):
        response = client.get("/api/v1/organisations/")

    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    assert b"secret" not in response.content


# --- Sign-in -----------------------------------------------------------------------------------------------------
def test_nobody_sees_nothing(anybody: APIClient, said: Said) -> None:
    response = anybody.get("/api/v1/me/")

    assert said(response, 401)["code"] == "not_signed_in"
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_browser_must_show_that_it_is_no_foreign_page(sign_in: SignIn, requester: User, said: Said) -> None:
    client = sign_in(requester, csrf=True)

    said(client.post("/api/v1/organisations/", {"name": "Lab"}), 403)
    client.get("/accounts/email/")  # a page with a form gives the cookie
    token = client.cookies["csrftoken"].value
    assert client.post("/api/v1/organisations/", {"name": "Lab"}, HTTP_X_CSRFTOKEN=token).status_code == 201


def test_a_key_acts_for_its_user(with_key: SignIn, requester: User, organisation: Organisation) -> None:
    me = with_key(requester).get("/api/v1/me/").json()

    assert me["email"] == requester.email
    assert me["organisations"] == [{"id": organisation.pk, "name": organisation.name, "role": "owner"}]


@pytest.mark.parametrize("header", ["Bearer ck_nothing", "Basic cmVxdWVzdGVyOng=", "Bearer", "ck_x"])
def test_a_key_that_is_none_is_refused(anybody: APIClient, said: Said, header: str) -> None:
    body = said(anybody.get("/api/v1/me/", HTTP_AUTHORIZATION=header), 401)

    assert header.startswith("Bearer") or "Bearer ck_" in body["detail"]


def test_a_withdrawn_or_expired_key_is_refused(with_key: SignIn, requester: User, said: Said) -> None:
    client = with_key(requester)
    ApiKey.objects.update(expires_at=clock.now() + timedelta(hours=1))
    assert client.get("/api/v1/me/").status_code == 200

    clock.advance(timedelta(hours=2))

    said(client.get("/api/v1/me/"), 401)


def test_a_key_does_only_what_it_is_for(with_key: SignIn, requester: User, said: Said) -> None:
    body = said(with_key(requester, "work").get("/api/v1/me/"), 403)

    assert (body["code"], body["scope"]) == ("scope_missing", "read")


def test_no_key_makes_another_key(with_key: SignIn, requester: User, said: Said) -> None:
    body = said(with_key(requester).post("/api/v1/api-keys/", {"name": "stronger", "scopes": ["money"]}), 403)

    assert body["scope"] == "session"


# --- Pages -------------------------------------------------------------------------------------------------------
def test_a_list_is_read_page_by_page_and_shows_each_row_once(browser: APIClient) -> None:
    for number in range(5):
        browser.post("/api/v1/api-keys/", {"name": f"key {number}", "scopes": ["read"]})

    names, cursor = [], ""
    while cursor is not None:
        page = browser.get("/api/v1/api-keys/", {"limit": "2", "cursor": cursor}).json()
        names += [row["name"] for row in page["results"]]
        browser.post("/api/v1/api-keys/", {"name": "made meanwhile", "scopes": ["read"]})
        cursor = page["next"]

    assert names == [f"key {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("query", [{"cursor": "nonsense"}, {"limit": 0}, {"limit": 10_000}, {"page": 2}])
def test_a_page_that_is_none_is_refused(browser: APIClient, said: Said, query: dict[str, Any]) -> None:
    assert list(said(browser.get("/api/v1/api-keys/", query), 400)["errors"]) == list(query)


# --- Throttles ---------------------------------------------------------------------------------------------------
def test_who_asks_too_often_waits(
    sign_in: SignIn, with_key: SignIn, requester: User, stranger: User, said: Said
) -> None:
    browser, program = sign_in(requester), with_key(requester)
    rates = {"read": "3/min", "write": "1/min"}
    with override_settings(CROWD_API_RATES=rates):
        assert [browser.get("/api/v1/me/").status_code for _time in range(2)] == [200, 200]
        last = program.get("/api/v1/me/")  # counts for the same person
        response = browser.get("/api/v1/me/")
        others = sign_in(stranger).get("/api/v1/me/")
        write = browser.post("/api/v1/organisations/", {"name": "Lab"})

    assert said(response, 429)["code"] == "too_many"
    assert 0 < int(response["Retry-After"]) <= 61
    assert (last.status_code, last["RateLimit-Policy"]) == (200, '"read";q=3;w=60')
    assert re.fullmatch('"read";r=0;t=[1-9][0-9]?', last["RateLimit"])
    assert (others.status_code, write.status_code) == (200, 201)


# --- Idempotency -------------------------------------------------------------------------------------------------
def test_the_same_key_twice_is_one_deed(browser: APIClient) -> None:
    once: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": "lab-1"}

    first = browser.post("/api/v1/organisations/", {"name": "Lab"}, **once)
    second = browser.post("/api/v1/organisations/", {"name": "Lab"}, **once)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Organisation.objects.filter(name="Lab").count() == 1


def test_the_same_key_for_something_else_is_refused(browser: APIClient, said: Said) -> None:
    once: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": "lab-1"}
    browser.post("/api/v1/organisations/", {"name": "Lab"}, **once)

    said(browser.post("/api/v1/organisations/", {"name": "Lab 2"}, **once), 422)
    said(browser.post("/api/v1/api-keys/", {"name": "Lab", "scopes": ["read"]}, **once), 422)
    assert not Organisation.objects.filter(name="Lab 2").exists()


def test_a_key_that_failed_may_try_again(browser: APIClient, said: Said) -> None:
    once: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": "lab-1"}

    said(browser.post("/api/v1/organisations/", {"name": ""}, **once), 400)

    assert browser.post("/api/v1/organisations/", {"name": "Lab"}, **once).status_code == 201


def test_keys_of_two_people_have_nothing_to_do_with_each_other(
    sign_in: SignIn, requester: User, stranger: User
) -> None:
    once: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": "lab-1"}
    for user in (requester, stranger):
        assert sign_in(user).post("/api/v1/organisations/", {"name": "Lab"}, **once).status_code == 201

    assert Organisation.objects.filter(name="Lab").count() == 2
