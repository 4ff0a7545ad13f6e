"""API keys, made and withdrawn by a person on a page of his own."""

import re

import pytest
from django.test import Client
from rest_framework.test import APIClient

from crowd.users.models import ApiKey, User
from tests import make

pytestmark = pytest.mark.django_db
PAGE = "/account/keys/"


def status(key: str, address: str) -> int:
    return int(APIClient().get(f"/api/v1/{address}/", HTTP_AUTHORIZATION=f"Bearer {key}").status_code)


def test_from_the_page_to_the_program_and_back(requester: User, client: Client) -> None:
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")

    refused = client.post(PAGE, {"name": "nightly", "scopes": ["staff"], "days": "30"})
    answer = client.post(PAGE, {"name": "nightly", "scopes": ["read"], "days": "30"})

    assert refused.context["form"].errors.keys() == {"scopes"}
    assert answer["Cache-Control"] == "no-store"
    (secret,) = re.findall(r"ck_\w{8}_[\w-]{40,}", answer.content.decode())
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.expires_at is not None) == ("nightly", ["read"], True)
    assert (status(secret, "me"), status(secret, "staff/audit")) == (200, 403)
    page = client.get(PAGE).content.decode()
    assert f"ck_{key.prefix}_" in page
    assert secret not in page

    stranger = Client()
    stranger.force_login(make.make_user("other@example.org"), backend="django.contrib.auth.backends.ModelBackend")
    assert stranger.post(f"{PAGE}{key.pk}/withdraw/").status_code == 404
    assert client.post(f"{PAGE}{key.pk}/withdraw/").status_code == 302
    assert status(secret, "me") == 401
