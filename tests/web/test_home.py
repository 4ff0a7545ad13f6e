"""The page at the root of the site, until there are more."""

import re

import pytest
from django.test import Client

from crowd.users.models import User

pytestmark = pytest.mark.django_db


def links(page: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', page)


def test_a_stranger_reads_what_this_is_and_finds_every_door(client: Client) -> None:
    page = client.get("/").content.decode()

    assert "paid for every accepted answer" in page
    assert "/api/v1/docs/" in links(page)
    assert "/accounts/login/" in links(page)
    assert [client.get(place).status_code for place in links(page)] == [200] * len(links(page))


def test_who_is_signed_in_reads_as_whom_and_can_sign_out(client: Client, requester: User) -> None:
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/").content.decode()

    assert f"You are signed in as {requester.email}." in page
    assert 'action="/accounts/logout/" method="post"' in page
    assert "/accounts/login/" not in links(page)
    assert "/admin/" not in links(page)


def test_its_style_is_allowed_by_the_content_security_policy(client: Client) -> None:
    answer = client.get("/")

    (nonce,) = re.findall(r'<style nonce="([^"]+)">', answer.content.decode())

    assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]
