"""Programs and browsers that talk to the API. `sign_in(user)` is a browser, `with_key(user, scopes)` a program."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from crowd.users.models import User
from crowd.users.services import api_keys
from crowd.users.states import Scope

SignIn = Callable[..., APIClient]


@pytest.fixture
def sign_in() -> SignIn:
    def signed_in(user: User, *, csrf: bool = False) -> APIClient:
        client = APIClient(enforce_csrf_checks=csrf)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def with_key() -> SignIn:
    def program(user: User, *scopes: str) -> APIClient:
        _key, secret = api_keys.create(user=user, name="program", scopes=scopes or [str(one) for one in NORMAL])
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return program


NORMAL = (Scope.READ, Scope.WORK, Scope.PROJECTS, Scope.MONEY)


@pytest.fixture
def anybody() -> APIClient:
    return APIClient()


@pytest.fixture
def browser(sign_in: SignIn, requester: User) -> APIClient:
    """The requester, signed in."""
    return sign_in(requester)


@pytest.fixture
def said() -> Callable[[Any, int], dict[str, Any]]:
    """said(response, 404) is the problem's body, after a look at its form."""

    def problem(response: Any, status: int) -> dict[str, Any]:
        assert response.status_code == status, response.content
        assert response["Content-Type"] == "application/problem+json"
        body: dict[str, Any] = response.json()
        assert body["status"] == status
        assert body["type"] == "about:blank"
        assert body["title"]
        assert body["detail"]
        assert body["code"]
        return body

    return problem
