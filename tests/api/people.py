"""Signing up as people do: by allauth's headless API, with the link from the mail."""

import re
from typing import Any

from django.core import mail
from rest_framework.test import APIClient

from crowd.users.models import User

PASSWORD = "correct horse battery"
SIGN_UP = "/_allauth/browser/v1/auth/signup"
SIGN_IN = "/_allauth/browser/v1/auth/login"
VERIFY = "/_allauth/browser/v1/auth/email/verify"


def sign_up(email: str) -> tuple[APIClient, User]:
    """A browser whose person has just confirmed his address, and is signed in."""
    browser = APIClient()
    answer = browser.post(SIGN_UP, {"email": email, "password": PASSWORD})
    assert answer.status_code == 401, answer.content  # not signed in before the address is confirmed
    (letter,) = [one for one in mail.outbox if one.to == [email]]
    found = re.search(r"confirm-email/([^/\s]+)", str(letter.body))
    assert found, letter.body
    browser.post(VERIFY, {"key": found[1]})
    assert browser.post(SIGN_IN, {"email": email, "password": PASSWORD}).status_code == 200
    return browser, User.objects.get(email=email)


def results(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def made(response: Any, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.content
    body: dict[str, Any] = response.json()
    return body
