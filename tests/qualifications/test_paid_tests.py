"""A requester pays for his test: once a worker, passed or not, out of money set aside; said before it begins."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotAllowed
from crowd.ledger.errors import NotEnoughMoney, SecondPersonNeeded
from crowd.ledger.models import Account, Transfer
from crowd.ledger.queries import of_holder
from crowd.ledger.services import corrections
from crowd.notices.models import Notice
from crowd.users.models import Organisation, User
from qualifications import queries
from qualifications.errors import PayChanged
from qualifications.models import Qualification
from qualifications.models import TestPay as Pay
from qualifications.services import attempts, test_pay
from qualifications.services.tests import Rules, create_test
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, CHOICE
from tests.races import errors, together
from workers.models import Worker

ITEMS = [{"payload": {"text": "I love it"}, "key": {"mood": "good"}}]
RIGHT, WRONG = [{"mood": "good"}], [{"mood": "bad"}]
RULES = Rules(pass_mark=100, time_limit_s=600, retry_delay_s=0)
PAYS, PRICE = 50 * CENT, 60 * CENT


@pytest.fixture
def moods(requester: User, organisation: Organisation) -> Qualification:
    made = make.make_qualification(organisation=organisation, name="Moods")
    create_test(actor=requester, qualification_id=made.pk, config=CHOICE, items=ITEMS, rules=RULES)
    make.make_money(organisation, 1000 * CENT)
    return made


def pay_for(actor: User, moods: Qualification, tries: int, **changes: Any) -> Pay:
    terms: dict[str, Any] = {"currency": "USD", "reward_micros": PAYS, "add_micros": tries * PRICE} | changes
    return test_pay.set_pay(actor=actor, qualification_id=moods.pk, **terms)


def begin(worker: Worker, moods: Qualification, pays: int | None = None) -> int:
    return attempts.start_attempt(user=worker.user, qualification_id=moods.pk, pays_micros=pays).attempt.pk


def hand_in(worker: Worker, attempt_id: int, given: list[Any] = WRONG) -> None:
    attempts.submit_attempt(user=worker.user, attempt_id=attempt_id, given=given)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def earned(worker: Worker) -> int:
    return of_holder(holder="worker", holder_id=worker.pk).get(("available", "USD"), 0)


def told(worker: Worker, moods: Qualification) -> tuple[int | None, str]:
    facts = queries.test_for(worker, moods, now=clock.now())
    return facts.pays_micros, facts.unpaid


@pytest.mark.django_db
def test_one_try_is_paid_passed_or_not_as_it_was_said_before(
    requester: User, organisation: Organisation, moods: Qualification, worker: Worker
) -> None:
    assert told(worker, moods) == (None, "")
    pay_for(requester, moods, 2, key="May")
    assert pay_for(requester, moods, 2, key="May").reserve_micros == 2 * PRICE  # once
    assert told(worker, moods) == (PAYS, "")
    tried = begin(worker, moods, PAYS)
    all_is_well()
    assert begin(worker, moods) == tried  # the same paper, and no further promise
    hand_in(worker, tried)
    hand_in(worker, tried)
    assert (earned(worker), Pay.objects.get().reserve_micros) == (PAYS, PRICE)
    assert of_holder(holder="platform")["fees", "USD"] == 10 * CENT
    all_is_well()

    assert told(worker, moods) == (0, "One try is paid, and yours was.")
    hand_in(worker, begin(worker, moods, 0), RIGHT)
    assert earned(worker) == PAYS

    member = make.make_worker(user=requester)
    assert told(member, moods)[0] == 0  # nobody pays himself
    late, last = make.make_worker(), make.make_worker()
    used_up = partial(Notice.objects.filter, kind="test_reserve_used_up", user=requester)
    assert not used_up().exists()
    run_out = begin(late, moods)
    assert browser(requester).get(used_up().get().link).status_code == 200
    assert told(last, moods) == (0, "What was set aside for it is used up.")
    with pytest.raises(PayChanged):
        begin(last, moods, PAYS)
    clock.advance(timedelta(minutes=12))
    assert attempts.expire_overdue() == 1
    assert told(last, moods) == (PAYS, "")  # what nobody earned is there for the next
    all_is_well()
    again = begin(late, moods)  # his time ran out unpaid: a further try is paid
    assert used_up().count() == 1  # not told again of what he knows
    test_pay.set_pay(actor=requester, qualification_id=moods.pk, currency="USD", reward_micros=CENT)
    hand_in(late, again)
    assert (run_out != again, earned(late)) == (True, PAYS)  # as it was promised
    all_is_well()

    pay_for(requester, moods, 1)
    begin(make.make_worker(), moods)
    assert used_up().count() == 2  # what was added since is used up too
    pay_for(requester, moods, 1)
    assert test_pay.take_back(actor=requester, qualification_id=moods.pk) == PRICE
    assert test_pay.take_back(actor=requester, qualification_id=moods.pk) == 0
    assert of_holder(holder="test", holder_id=moods.pk)["escrow", "USD"] == PRICE  # of who is at it
    assert of_holder(holder="organisation", holder_id=organisation.pk)["available", "USD"] == 1000 * CENT - 3 * PRICE
    all_is_well()


@pytest.mark.django_db
def test_what_cannot_be(requester: User, staff: User, stranger: User, moods: Qualification, worker: Worker) -> None:
    with pytest.raises(BadInput) as refused:
        pay_for(requester, moods, 1, reward_micros=0, key="k" * 41)
    assert refused.value.data["errors"].keys() == {"add_micros", "key"}
    with pytest.raises(NotEnoughMoney):
        pay_for(requester, moods, 100)
    for somebody in (staff, stranger):
        with pytest.raises(Exception, match=r"only its members say so|has no such"):
            pay_for(somebody, moods, 1)
    of_site = make.make_qualification(name="Of the site")
    with pytest.raises(NotAllowed, match="Only staff"):
        pay_for(requester, of_site, 0)
    assert not Pay.objects.exists()

    pay_for(requester, moods, 1)
    begin(worker, moods)
    with pytest.raises(Conflict, match="money in USD"):
        pay_for(requester, moods, 0, currency="XTS")
    hand_in(worker, attempts.start_attempt(user=worker.user, qualification_id=moods.pk).attempt.pk)
    assert pay_for(requester, moods, 0, currency="XTS").currency == "XTS"

    assert moods.organisation is not None
    make.make_money(moods.organisation, PRICE, "XTS")
    pay_for(requester, moods, 1, currency="XTS")
    client = browser(make.make_worker().user)  # who had read of as many dollars
    client.post(reverse("web:begin-test", args=[moods.pk]), {"pays_micros": str(PAYS), "pays_currency": "USD"})
    page = client.get(reverse("web:qualification", args=[moods.pk])).content.decode()
    assert "has just changed" in page
    assert '<input type="hidden" name="pays_currency" value="XTS">' in page
    start = partial(client.post, reverse("api:start-attempt", args=[moods.pk]), content_type="application/json")
    assert start({"pays": "0.50", "currency": "USD"}).json()["code"] == "test_pay_changed"
    assert start({"pays": "0.50", "currency": "XTS"}).status_code == 201
    all_is_well()


KEY = 'name="pay-key" value="([0-9a-f]{32})"'


@pytest.mark.django_db
def test_the_site_pays_for_its_own_out_of_its_own(staff: User, other_staff: User, worker: Worker) -> None:
    """Its money comes from its fees, by two people; it takes no fee from itself, and pays none of its staff."""
    of_site = make.make_qualification(name="Moods")
    create_test(actor=staff, qualification_id=of_site.pk, config=CHOICE, items=ITEMS, rules=RULES)
    with pytest.raises(NotEnoughMoney):
        pay_for(staff, of_site, 1)
    fees, purse = make.make_fees(2 * PAYS), Account.objects.get(holder="platform", purpose="available")
    terms: dict[str, Any] = {"debit_id": fees.pk, "credit_id": purse.pk, "amount_micros": 2 * PAYS}
    moved = corrections.record(actor=staff, **terms, reason="For tests.")
    with pytest.raises(SecondPersonNeeded):
        corrections.approve(actor=staff, correction_id=moved.pk)
    corrections.approve(actor=other_staff, correction_id=moved.pk)

    assert pay_for(staff, of_site, 0, add_micros=2 * PAYS, key="May").price_micros == PAYS
    assert pay_for(staff, of_site, 0, add_micros=2 * PAYS, key="May").tries == 2  # once
    assert told(make.make_worker(user=other_staff), of_site) == (0, "Staff are not paid for the site's tests.")
    tried = begin(worker, of_site, PAYS)
    all_is_well()
    hand_in(worker, tried)
    assert earned(worker) == PAYS
    assert told(worker, of_site) == (0, "One try is paid, and yours was.")
    begin(make.make_worker(), of_site, PAYS)
    used_up = Notice.objects.filter(kind="site_test_reserve_used_up").order_by("user")
    assert [one.user for one in used_up] == [staff, other_staff]
    clock.advance(timedelta(minutes=12))
    assert attempts.expire_overdue() == 1
    assert test_pay.take_back(actor=other_staff, qualification_id=of_site.pk) == PAYS
    assert of_holder(holder="platform") == {("fees", "USD"): 0, ("available", "USD"): PAYS}
    all_is_well()


@pytest.mark.django_db
def test_on_the_pages(requester: User, moods: Qualification, worker: Worker, client: Client) -> None:
    organisation = moods.organisation_id

    def go(user: User) -> None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def text(name: str, *args: Any) -> str:
        return client.get(reverse(name, args=args)).content.decode()

    go(requester)
    page = reverse("web:requester:qualification", args=[organisation, moods.pk])
    terms = {"deed": "pay", "pay-reward": "0.50", "pay-currency": "USD"}
    assert "$990.00 are missing" in client.post(page, terms | {"pay-add": "1000"}).content.decode()
    terms |= {"pay-key": found[1] if (found := re.search(KEY, client.get(page).content.decode())) else ""}
    for _again in range(2):  # the same page sent twice
        assert client.post(page, terms | {"pay-add": "0.60"}).status_code == 302
    assert "for 1 further try" in client.get(page).content.decode()
    other = client.post(page, terms | {"pay-add": "0.70"}).content.decode()
    assert "This page was sent before with another amount" in other
    assert terms["pay-key"] not in other  # who goes on nevertheless means it
    assert "Set aside for tests" in text("web:requester:money", organisation)

    go(worker.user)
    assert "when you hand it in, passed or not" in text("web:qualification", moods.pk)
    start = reverse("web:begin-test", args=[moods.pk])
    assert client.post(start, {"pays_micros": "1"})["Location"] == reverse("web:qualification", args=[moods.pk])
    assert "has just changed" in text("web:qualification", moods.pk)
    sheet = client.post(start, {"pays_micros": str(PAYS)})["Location"]
    client.post(sheet, {"u0.mood": "bad"})
    assert "$0.50 for it are among your earnings." in text("web:qualification", moods.pk)
    earnings = text("web:earnings")
    assert "paid for a test" in earnings
    assert "Moods" in earnings

    go(requester)
    assert "Moods <span" in text("web:requester:statement", organisation)
    all_is_well()


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_last_paid_try(requester: User, moods: Qualification) -> None:
    pay_for(requester, moods, 1)
    people = [make.make_worker(), make.make_worker()]

    def work(worker: Worker) -> int:
        tried = begin(worker, moods)
        hand_in(worker, tried)
        return earned(worker)

    found = together(lambda: work(people[0]), lambda: work(people[1]))
    assert not errors(found)
    assert sorted(found) == [0, PAYS]
    assert Transfer.objects.filter(kind="test_reward").count() == 1
    all_is_well()
