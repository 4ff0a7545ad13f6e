"""Joining as a worker, and what a worker tells about himself."""

import pytest

from crowd.kernel.errors import BadInput, NotAllowed
from crowd.users.errors import AccountClosed
from crowd.users.models import AuditEntry, User
from crowd.users.services import audit
from tests import make
from tests.races import together
from workers.access import worker_for
from workers.errors import AlreadyWorker
from workers.models import Worker
from workers.services import accounts, profile


def test_a_login_joins_once(stranger: User) -> None:
    with pytest.raises(NotAllowed):
        worker_for(stranger)
    worker = profile.become_worker(user=stranger, country="us", subdivision="us-ca", languages=["en", "pt-BR", "en"])
    assert (worker.country, worker.subdivision, worker.languages) == ("US", "US-CA", ["en", "pt-BR"])
    assert worker.locale == "US-CA"
    assert worker_for(stranger) == worker
    with pytest.raises(AlreadyWorker):
        profile.become_worker(user=stranger, country="DE")


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"country": ""}, "country"),
        ({"country": "UK"}, "country"),
        ({"country": "Germany"}, "country"),
        ({"country": "DE", "subdivision": "US-CA"}, "subdivision"),
        ({"country": "DE", "subdivision": "DE-BERLIN"}, "subdivision"),
        ({"country": "DE", "languages": ["english"]}, "languages"),
        ({"country": "DE", "languages": [f"a{letter}" for letter in "abcdefghijklmnopqrstu"]}, "languages"),
    ],
)
def test_what_is_told_must_make_sense(stranger: User, told: dict[str, object], place: str) -> None:
    with pytest.raises(BadInput) as refused:
        profile.become_worker(user=stranger, **told)  # type: ignore[arg-type]
    assert list(refused.value.data["errors"]) == [place]
    assert not Worker.objects.exists()


def test_moving_is_checked_anew_and_logged_unreadably(worker: Worker) -> None:
    profile.update_profile(user=worker.user, country="AT", languages=["de"])
    worker.refresh_from_db()
    assert (worker.country, worker.eligibility_version) == ("AT", 1)
    entry = AuditEntry.objects.get(action="move")
    assert "AT" not in str(entry.after)
    assert [audit.unsealed(side["locale"]) for side in (entry.before, entry.after)] == ["DE", "AT"]
    profile.update_profile(user=worker.user, country="AT", languages=["de", "en"])
    assert AuditEntry.objects.filter(action="move").count() == 1


def test_a_closed_account_neither_joins_nor_moves(worker: Worker, stranger: User) -> None:
    accounts.close_account(user=worker.user)
    accounts.close_account(user=stranger)
    with pytest.raises(AccountClosed):
        profile.update_profile(user=worker.user, country="AT")
    with pytest.raises(AccountClosed):
        profile.become_worker(user=stranger, country="AT")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_make_one_worker() -> None:
    user = make.make_user()
    outcomes = together(*[lambda: profile.become_worker(user=user, country="DE")] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyWorker", "Worker"]
