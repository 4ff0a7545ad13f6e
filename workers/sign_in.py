"""Sessions in the database, as Django keeps them, and API keys, read together with the login that they are of and its
worker.

Every request begins with this look, most of them as a worker: one statement, planned already, instead of three or four.
"""

from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth import middleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.core import signing
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from crowd.kernel import sql
from crowd.users.models import ApiKey, User
from workers.models import Worker

PERSON = f"{sql.columns(User, 'u')}, {sql.columns(Worker, 'w')}"
BY_ID = f"SELECT {PERSON} FROM users_user u LEFT JOIN workers_worker w ON w.user_id = u.id WHERE u.id = %(user)s"  # noqa: S608 (constants)
SESSION = f"""
SELECT s.session_data, {PERSON}
FROM django_session s LEFT JOIN usersessions_usersession of ON of.session_key = s.session_key
LEFT JOIN users_user u ON u.id = of.user_id LEFT JOIN workers_worker w ON w.user_id = u.id
WHERE s.session_key = %(key)s AND s.expire_date > now()
"""  # noqa: S608 (constants)
KEY = f"""
SELECT crowd_now(), {sql.columns(ApiKey, "k")}, {PERSON}
FROM users_apikey k JOIN users_user u ON u.id = k.user_id LEFT JOIN workers_worker w ON w.user_id = u.id
WHERE k.digest = %(digest)s AND k.revoked_at IS NULL
"""  # noqa: S608 (constants)


class SessionStore(db.SessionStore):
    """`person` is who allauth's list of sessions says that it is of; the session itself decides (PersonBackend)."""

    person: User | None = None

    def load(self) -> dict[str, Any]:
        found = sql.first_rows(SESSION, {"key": self.session_key})
        if not found:
            self._session_key = None
            return {}
        self.person = _person(found[0], 1)
        return self.decode(found[0][0])

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """As Django's; that the text is ours, which does not change, is found out once a process."""
        try:
            return dict(self.serializer().loads(_signed(session_data, self.key_salt, settings.SECRET_KEY)))
        except Exception:  # what is no session is Django's to judge
            return super().decode(session_data)


class _Plain:
    """A serializer that leaves the text as it is."""

    def loads(self, data: bytes) -> bytes:
        return data


@lru_cache(maxsize=4096)
def _signed(session_data: str | bytes, salt: str, _key: str) -> bytes:
    """What was signed. Raises BadSignature."""
    found: bytes = signing.loads(session_data, salt=salt, serializer=_Plain)  # type: ignore[arg-type]
    return found


_reading: ContextVar[SessionStore | None] = ContextVar("reading", default=None)  # whose user is asked for


class PersonMiddleware(middleware.AuthenticationMiddleware):
    """Django's own, which lets the backend see what came with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: user_of(request))  # type: ignore[assignment]  # as Django's own does


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's; a login that did not come with the session is read together with the worker that he may be."""

    def get_user(self, user_id: int) -> User | None:
        session = _reading.get()
        user = session.person if session else None
        if user is None or user.pk != user_id:
            found = sql.rows(BY_ID, {"user": user_id})
            user = _person(found[0], 0) if found else None
        return user if user and self.user_can_authenticate(user) else None


def user_of(request: HttpRequest) -> User | AnonymousUser:
    """Who the session says that it is, if it still may."""
    token = _reading.set(request.session)  # type: ignore[arg-type]  # SESSION_ENGINE is this module
    try:
        return middleware.get_user(request)
    finally:
        _reading.reset(token)


def key_with_person(digest: str) -> tuple[ApiKey, datetime] | None:
    """For `api_keys.authenticate`."""
    found = sql.first_rows(KEY, {"digest": digest})
    if not found:
        return None
    (row,) = found
    key, user = sql.read(ApiKey, row, 1), _person(row, 1 + sql.width(ApiKey))
    assert user is not None
    key.user = user
    return key, row[0]


def _person(row: sql.Row, start: int) -> User | None:
    if row[start] is None:
        return None
    user, place = sql.read(User, row, start), start + sql.width(User)
    worker = None if row[place] is None else sql.read(Worker, row, place)
    User._meta.get_field("worker").set_cached_value(user, worker)
    if worker is not None:
        worker.user = user
    return user
