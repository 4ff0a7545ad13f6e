"""Signing up through the site's own pages and its headless API: by e-mail address, confirmed by mail."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from crowd.users.models import User
from tests import make

FORM = {"email": "New.Person@Example.org", "password1": "long enough words", "password2": "long enough words"}

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str) -> bool:
    client.post(reverse("account_login"), {"login": email, "password": password})
    return "_auth_user_id" in client.session


def test_a_person_signs_up_confirms_and_signs_in(client: Client) -> None:
    client.cookies["zone"] = "Europe/Berlin"
    client.post(reverse("web:language"), {"language": "de"})
    client.post(reverse("account_signup"), FORM, headers={"accept-language": "en"})
    user = User.objects.get()
    assert (user.email, user.timezone, user.language) == ("new.person@example.org", "Europe/Berlin", "de")
    assert "_auth_user_id" not in client.session  # not before the address is confirmed
    link = re.search(r"https?://\S+/accounts/confirm-email/\S+", str(mail.outbox[0].body))
    assert link is not None
    assert not sign_in(client, user.email, FORM["password1"])
    client.post(link[0])
    assert EmailAddress.objects.get(user=user).verified
    elsewhere = Client()  # somebody who reads English was signed in here before
    elsewhere.post(reverse("web:language"), {"language": "en"})
    assert sign_in(elsewhere, "NEW.person@example.ORG", FORM["password1"])
    welcome = elsewhere.get("/account/")
    assert welcome.headers["Content-Language"] == "de"
    assert "Erfolgreich als " in welcome.text
    elsewhere.post(reverse("web:language"), {"language": "en", "next": "/account/"})
    assert elsewhere.get("/account/").headers["Content-Language"] == "en"
    user.refresh_from_db()
    assert user.language == "en"  # of mail too
    assert sign_in(client, user.email, FORM["password1"])
    assert client.get("/account/").headers["Content-Language"] == "en"  # here it was German


@pytest.mark.parametrize("odd", ["foo", "?x", "%", "//example.org/", "https://testserver.example.org/", ""])
def test_the_choice_of_a_language_leads_back_to_a_page_or_home(client: Client, odd: str) -> None:
    chosen = client.post(reverse("web:language"), {"language": "de", "next": odd})
    assert (chosen.status_code, chosen.headers["Location"]) == (302, reverse("web:home"))
    back = client.post(reverse("web:language"), {"language": "de", "next": "/sign/?of=50%"})
    assert back.headers["Location"] == "/sign/?of=50%"
    unsafe = client.post(reverse("web:language"), {"language": "de", "next": "http://testserver/"}, secure=True)
    assert unsafe.headers["Location"] == reverse("web:home")


def test_a_wrong_password_or_zone_gets_nowhere(client: Client) -> None:
    client.cookies["zone"] = "../../etc/passwd"
    client.post(reverse("account_signup"), FORM)
    user = User.objects.get()
    assert user.timezone == "UTC"
    EmailAddress.objects.filter(user=user).update(verified=True)
    assert not sign_in(Client(), user.email, "something else")


def test_who_finds_a_browser_left_open_adds_no_address_of_his(client: Client) -> None:
    """A confirmed one of his could be made the first, and the password be sent there."""
    user = make.make_user("owner@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    assert sign_in(client, user.email, "correct horse")
    session = client.session
    (signed_in,) = session["account_authentication_methods"]
    session["account_authentication_methods"] = [signed_in | {"at": signed_in["at"] - 3600}]
    session.save()

    asked = client.post(reverse("account_email"), {"email": "thief@example.org", "action_add": ""})

    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="thief@example.org").exists()
    done = client.post(asked.headers["Location"], {"password": "correct horse"}, follow=True)
    assert done.status_code == 200
    assert EmailAddress.objects.filter(user=user, email="thief@example.org").exists()  # what was asked for goes on


def test_an_address_is_taken_only_once(client: Client) -> None:
    make.make_user("new.person@example.org")
    client.post(reverse("account_signup"), FORM)
    assert User.objects.count() == 1


def test_a_weak_password_is_refused(client: Client) -> None:
    client.post(reverse("account_signup"), FORM | {"password1": "short", "password2": "short"})
    assert not User.objects.exists()


def test_the_headless_api_signs_up_too(client: Client) -> None:
    body = {"email": "api@example.org", "password": "long enough words"}
    response = client.post("/_allauth/app/v1/auth/signup", body, content_type="application/json")
    assert response.status_code == 401  # verification of the address is pending
    assert {flow["id"] for flow in response.json()["data"]["flows"] if flow.get("is_pending")} == {"verify_email"}
    assert mail.outbox[0].to == ["api@example.org"]


def test_where_somebody_is_signed_in_is_written_at_once_from_elsewhere_and_else_each_five_minutes(
    settings: Any,
) -> None:
    user = make.make_user("new.person@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    client = Client(headers={"User-Agent": "Firefox"})
    assert sign_in(client, user.email, "correct horse")
    assert client.session["_auth_user_backend"] == "workers.sign_in.PersonBackend"  # one statement, with the worker

    def seen(**more: str) -> UserSession:
        client.get("/account/", headers=more)
        return UserSession.objects.get()

    first = seen()
    assert seen().last_seen_at == first.last_seen_at
    moved = seen(User_Agent="Chromium")
    assert (first.user_agent, moved.user_agent) == ("Firefox", "Chromium")
    assert seen(User_Agent="Chromium", X_Forwarded_For="203.0.113.5").last_seen_at == moved.last_seen_at  # he says so
    settings.CROWD_PROXIES = settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    told = seen(User_Agent="Chromium", X_Forwarded_For="203.0.113.5, 203.0.113.6")  # our proxy says so
    assert told.ip == "203.0.113.6"
    cache.clear()  # five minutes
    assert seen(User_Agent="Chromium").last_seen_at > told.last_seen_at
    Client().get("/account/")
    assert UserSession.objects.count() == 1
