"""Staff are made by superusers, and unmade."""

import pytest

from crowd.kernel.errors import NotAllowed, NotFound
from crowd.users.access import require_staff
from crowd.users.errors import AccountClosed
from crowd.users.models import AuditEntry, User
from crowd.users.services import staff as service
from workers.services import accounts


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root@example.org", "correct horse")


def test_a_superuser_makes_staff_and_takes_it_back(superuser: User, requester: User) -> None:
    service.grant_staff(actor=superuser, user_id=requester.pk, reason="hired")
    requester.refresh_from_db()
    require_staff(requester)
    service.withdraw_staff(actor=superuser, user_id=requester.pk, reason="left")
    requester.refresh_from_db()
    with pytest.raises(NotAllowed):
        require_staff(requester)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "reason")) == [
        ("grant_staff", "hired"),
        ("withdraw_staff", "left"),
    ]


def test_nobody_else_does(staff: User, requester: User, superuser: User) -> None:
    for actor in (staff, requester):
        with pytest.raises(NotAllowed):
            service.grant_staff(actor=actor, user_id=requester.pk, reason="x")
    with pytest.raises(NotAllowed):
        service.withdraw_staff(actor=superuser, user_id=superuser.pk, reason="x")
    with pytest.raises(NotFound):
        service.grant_staff(actor=superuser, user_id=0, reason="x")


def test_a_closed_account_is_made_no_staff(superuser: User, requester: User) -> None:
    accounts.close_account(user=requester)
    with pytest.raises(AccountClosed):
        service.grant_staff(actor=superuser, user_id=requester.pk, reason="x")


def test_switched_off_staff_is_none(staff: User) -> None:
    staff.is_active = False
    with pytest.raises(NotAllowed):
        require_staff(staff)
