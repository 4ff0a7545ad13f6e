"""Who is asking: a signed-in browser (session, with CSRF token), or a program with an API key."""

from typing import cast

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from crowd.users.models import ApiKey, User
from crowd.users.services import api_keys
from workers.sign_in import key_with_person


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ck_...`. Another kind of Authorization is an error, not somebody unknown."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        header = request.headers.get("authorization", "")
        if not header:
            return None
        kind, _space, secret = header.partition(" ")
        if kind.lower() != "bearer":
            raise NotAuthenticated
        key = api_keys.authenticate(secret.strip(), find=key_with_person)
        if key is None:
            raise AuthenticationFailed(_("This API key is not known, was revoked or has expired."))
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


SIGN_IN = [KeyAuthentication, SessionAuthentication]


def user_of(request: Request) -> User:
    return cast(User, request.user)


def key_of(request: Request) -> ApiKey | None:
    """None when he signed in himself."""
    return request.auth if isinstance(request.auth, ApiKey) else None
