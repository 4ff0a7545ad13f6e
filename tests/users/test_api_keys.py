"""API keys: shown once, known by digest, good for what they are good for, and gone when revoked."""

from datetime import timedelta

import pytest

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound, TooMany
from crowd.users import queries
from crowd.users.errors import AccountClosed
from crowd.users.models import ApiKey, AuditEntry, User
from crowd.users.services import api_keys
from workers.services import accounts


def test_a_key_acts_for_its_user_and_its_secret_is_stored_nowhere(requester: User) -> None:
    key, secret = api_keys.create(user=requester, name=" notebook ", scopes=["projects", "read", "read"])
    assert secret.startswith(f"ck_{key.prefix}_")
    assert (key.name, key.scopes) == ("notebook", ["projects", "read"])
    found = api_keys.authenticate(secret)
    assert found is not None
    assert found.user == requester
    stored = f"{ApiKey.objects.values()}{AuditEntry.objects.values()}"
    assert secret.split("_", 2)[2] not in stored


def test_what_is_no_key_opens_nothing(requester: User) -> None:
    _key, secret = api_keys.create(user=requester, name="a", scopes=["read"])
    wrong = ["", "ck_", secret[:-1], secret + "x", secret.upper(), "Bearer " + secret, "ck_" + "x" * 200]
    assert [api_keys.authenticate(one) for one in wrong] == [None] * len(wrong)


def test_a_revoked_key_is_dead_at_once(requester: User) -> None:
    key, secret = api_keys.create(user=requester, name="a", scopes=["read"])
    for _again in range(2):
        api_keys.revoke(actor=requester, key_id=key.pk)
    assert api_keys.authenticate(secret) is None
    assert not queries.api_keys(requester).exists()
    assert AuditEntry.objects.filter(action="revoke").count() == 1


def test_only_its_owner_and_staff_revoke_a_key(requester: User, stranger: User, staff: User) -> None:
    key, secret = api_keys.create(user=requester, name="a", scopes=["read"])
    with pytest.raises(NotFound):
        api_keys.revoke(actor=stranger, key_id=key.pk)
    assert api_keys.authenticate(secret) is not None
    api_keys.revoke(actor=staff, key_id=key.pk, reason="leaked")
    assert api_keys.authenticate(secret) is None


def test_a_key_ends_at_its_time(requester: User) -> None:
    ends = clock.now() + timedelta(days=1)
    _key, secret = api_keys.create(user=requester, name="a", scopes=["read"], expires_at=ends)
    assert api_keys.authenticate(secret) is not None
    clock.advance(timedelta(days=1))
    assert api_keys.authenticate(secret) is None


def test_a_key_of_a_switched_off_login_is_dead(requester: User) -> None:
    _key, secret = api_keys.create(user=requester, name="a", scopes=["read"])
    requester.is_active = False
    requester.save()
    assert api_keys.authenticate(secret) is None


def test_use_is_noted_once_a_minute(requester: User) -> None:
    key, secret = api_keys.create(user=requester, name="a", scopes=["read"])
    used = []
    for seconds in (0, 59, 2):
        clock.advance(timedelta(seconds=seconds))
        api_keys.authenticate(secret)
        used.append(ApiKey.objects.get(pk=key.pk).last_used_at)
    assert used[0] is not None
    assert used[0] == used[1]
    assert used[2] == used[0] + timedelta(seconds=61)


@pytest.mark.parametrize(
    ("name", "scopes", "minutes", "place"),
    [
        ("", ["read"], 5, "name"),
        ("x" * 101, ["read"], 5, "name"),
        ("a", [], 5, "scopes"),
        ("a", ["everything"], 5, "scopes"),
        ("a", ["read"], 0, "expires_at"),
    ],
)
def test_a_bad_key_is_refused(requester: User, name: str, scopes: list[str], minutes: int, place: str) -> None:
    ends = clock.now() + timedelta(minutes=minutes)
    with pytest.raises(BadInput) as refused:
        api_keys.create(user=requester, name=name, scopes=scopes, expires_at=ends)
    assert list(refused.value.data["errors"]) == [place]


def test_only_staff_get_a_staff_key(requester: User, staff: User) -> None:
    with pytest.raises(NotAllowed):
        api_keys.create(user=requester, name="a", scopes=["staff"])
    assert api_keys.create(user=staff, name="a", scopes=["staff"])


def test_there_is_a_limit(requester: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "MAX_KEYS", 1)
    key, _secret = api_keys.create(user=requester, name="a", scopes=["read"])
    with pytest.raises(TooMany):
        api_keys.create(user=requester, name="b", scopes=["read"])
    api_keys.revoke(actor=requester, key_id=key.pk)
    assert api_keys.create(user=requester, name="b", scopes=["read"])


def test_a_closed_account_has_no_keys(requester: User) -> None:
    _key, secret = api_keys.create(user=requester, name="a", scopes=["read"])
    accounts.close_account(user=requester)
    assert api_keys.authenticate(secret) is None
    with pytest.raises(AccountClosed):
        api_keys.create(user=requester, name="b", scopes=["read"])
