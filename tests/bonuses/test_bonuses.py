"""A requester gives a bonus: paid once, with its fee, told to the worker, and to nobody who did not work for him."""

from functools import partial
from threading import Event

import pytest
from django.test import Client
from django.urls import resolve, reverse

from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.bonuses.models import Bonus
from crowd.bonuses.services import Gift, give
from crowd.kernel.errors import BadInput, Conflict, NotFound
from crowd.ledger.errors import NotEnoughMoney
from crowd.ledger.models import Transfer
from crowd.notices.models import Notice
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from tests.races import PATIENCE_S, together, wait_for
from workers.models import Worker
from workers.services import accounts
from workers.services.pseudonyms import pseudonym_for

HALF = 500_000
THANKS = Gift(amount_micros=HALF, reason="You found the broken items.", reference="r1")


@pytest.fixture
def project(requester: User, organisation: Organisation, worker: Worker) -> Project:
    """One answer was given; two units of money are left."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(2), redundancy=1)
    held = take.take_next(worker=worker, project_id=project.id)
    submit(worker=worker, assignment_id=held.id, value={"mood": "good"}, take_next=False)
    make.make_money(organisation, 2_000_000)
    return project


@pytest.mark.django_db
def test_a_bonus_is_paid_with_its_fee_and_told(requester: User, project: Project, worker: Worker) -> None:
    bonus = give(actor=requester, project_id=project.pk, worker_id=worker.pk, gift=THANKS)

    moved = Transfer.objects.filter(subject_ref=bonus.pk, kind__in=["bonus", "bonus_fee"])
    assert dict(moved.values_list("kind", "amount_micros")) == {"bonus": HALF, "bonus_fee": HALF // 5}
    notice = Notice.objects.get(user=worker.user, kind="bonus")
    assert notice.data["reason"] == THANKS.reason
    resolve(notice.link)  # leads somewhere
    all_is_well()


@pytest.mark.django_db
def test_under_one_reference_it_is_given_once_and_another_gift_is_refused(
    requester: User, project: Project, worker: Worker
) -> None:
    first = give(actor=requester, project_id=project.pk, worker_id=worker.pk, gift=THANKS)
    assert give(actor=requester, project_id=project.pk, worker_id=worker.pk, gift=THANKS).pk == first.pk

    with pytest.raises(Conflict):
        more = Gift(amount_micros=HALF + 1, reason="More.", reference="r1")
        give(actor=requester, project_id=project.pk, worker_id=worker.pk, gift=more)
    assert Transfer.objects.filter(kind="bonus").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("gift", "refused"),
    [
        (Gift(amount_micros=0, reason="Thanks."), BadInput),
        (Gift(amount_micros=HALF, reason="  "), BadInput),
        (Gift(amount_micros=2_000_000, reason="All there is, but for the fee."), NotEnoughMoney),
        (Gift(amount_micros=HALF, reason="For no answer of his.", assignment_id=10**9), NotFound),
    ],
    ids=["nothing", "no reason", "too much", "no such answer"],
)
def test_what_cannot_be_given_moves_nothing(
    requester: User, project: Project, worker: Worker, gift: Gift, refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        give(actor=requester, project_id=project.pk, worker_id=worker.pk, gift=gift)
    assert not Transfer.objects.filter(kind="bonus").exists()
    all_is_well()


@pytest.mark.django_db
def test_only_who_worked_here_is_given_one_and_only_a_member_gives(
    requester: User, stranger: User, project: Project, worker: Worker, other_worker: Worker
) -> None:
    with pytest.raises(NotFound):
        give(actor=requester, project_id=project.pk, worker_id=other_worker.pk, gift=THANKS)
    with pytest.raises(NotFound):
        give(actor=stranger, project_id=project.pk, worker_id=worker.pk, gift=THANKS)


@pytest.mark.django_db(transaction=True)
def test_the_same_request_twice_at_once_pays_once(requester: User, project: Project, worker: Worker) -> None:
    """The project's row is locked before the reference is looked up; the database's constraint stands behind."""

    def one() -> Bonus:
        return give(actor=requester, project_id=project.pk, worker_id=worker.pk, gift=THANKS)

    first, second = together(one, one)
    assert first == second
    assert Transfer.objects.filter(kind="bonus").count() == 1
    all_is_well()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_who_is_erased_at_this_moment_is_given_nothing_that_nobody_could_ask_for(
    requester: User, project: Project, worker: Worker, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """The bonus comes when it is seen that nothing is left to pay, and before the erasure is committed."""
    looked, given = Event(), Event()

    def nothing_left(_user: User) -> None:
        looked.set()
        wait_for(given)

    def thank() -> Bonus:
        looked.wait(PATIENCE_S)
        try:
            return give(actor=requester, project_id=project.pk, worker_id=worker.pk, gift=THANKS)
        finally:
            given.set()

    if not locked:
        monkeypatch.setattr(Worker.objects, "select_for_update", lambda **_options: Worker.objects.all())
    erase = partial(accounts.erase, actor=worker.user, user=worker.user, nothing_left=nothing_left)
    bonus, _erased = together(thank, erase)
    assert isinstance(bonus, Conflict) is locked
    assert Bonus.objects.exists() is not locked


@pytest.mark.django_db
def test_from_the_workers_page_a_page_sent_twice_gives_once_and_a_mistake_keeps_what_was_typed(
    client: Client, requester: User, project: Project, worker: Worker
) -> None:
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    code = pseudonym_for(project.organisation, worker)
    page = client.get(reverse("web:requester:worker", args=[project.pk, code]))
    reference = page.context["bonus_form"]["reference"].value()
    address = reverse("web:requester:bonus", args=[project.pk, code])

    wrong = client.post(address, {"bonus-amount": "x", "bonus-reason": "Careful.", "bonus-reference": reference})
    assert wrong.context["bonus_form"].errors["amount"]
    assert "Careful." in wrong.content.decode()

    right = {"bonus-amount": "0.50", "bonus-reason": "Careful.", "bonus-reference": reference}
    for _again in range(2):
        assert client.post(address, right).status_code == 302
    assert Bonus.objects.get().amount_micros == HALF
    assert "Careful." in client.get(reverse("web:requester:worker", args=[project.pk, code])).content.decode()
