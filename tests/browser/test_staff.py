"""A day of two members of staff in their browsers: one writes down, the other agrees, and one payout fails."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from crowd.kernel import money
from crowd.ledger import queries
from crowd.ledger.models import Deposit
from crowd.ledger.services import self_check
from crowd.ledger.states import Holder, Purpose
from crowd.payouts.models import Batch, Payout
from crowd.payouts.services import request
from crowd.payouts.services.sending import reference
from crowd.payouts.states import BatchState, PayoutState
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests import make, make_project
from tests.browser.conftest import NewContext, SignIn
from workers.models import Worker

Check = Callable[[Page], None]
Shot = Callable[[Page, str], None]


@pytest.fixture
def first(page: Page, sign_in: SignIn, staff: User) -> Page:
    """The browser of the one who writes down and builds."""
    Client().get("/")  # what the first request of a process takes its time for is not what is tested here
    sign_in(staff)
    return page


@pytest.fixture
def second(new_context: NewContext, sign_in: SignIn, other_staff: User) -> Page:
    """The browser of the one who agrees."""
    context: BrowserContext = new_context()
    sign_in(other_staff, context)
    return context.new_page()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def card(page: Page, title: str) -> Any:
    return page.locator("section.card").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_a_deposit_is_written_down_by_one_and_credited_by_another(
    first: Page, second: Page, organisation: Organisation, axe: Check, shot: Shot
) -> None:
    first.goto("/staff/deposits/new/")
    first.get_by_label("Organisation").select_option(label="Rita's Lab")
    first.get_by_label("Amount").fill("250.0.0")
    first.get_by_label("The bank's reference").fill("TX-4711")
    press(first, "Record it")
    expect(first.locator(".field.wrong")).to_contain_text("Amount")
    expect(first.get_by_label("The bank's reference")).to_have_value("TX-4711")  # what was typed is kept
    axe(first)
    first.get_by_label("Amount").fill("250.00")
    press(first, "Record it")
    expect(card(first, "Approve")).to_contain_text("Somebody else has to decide")

    second.goto("/staff/")
    expect(second.get_by_role("heading", name="Today")).to_be_visible()
    axe(second)
    shot(second, "staff-today-deposit")
    second.get_by_role("link", name="Deposit").last.click()
    expect(card(second, "Approve")).to_contain_text("Credits $250.00 to Rita's Lab")
    axe(second)
    shot(second, "staff-deposit")
    press(second, "Approve")

    expect(second.get_by_text("Done.")).to_be_visible()
    assert Deposit.objects.get().decided_by is not None
    held = queries.of_holder(holder=Holder.ORGANISATION, holder_id=organisation.pk)
    assert held[(Purpose.AVAILABLE, "USD")] == 250 * money.MICROS
    self_check()


def test_a_batch_is_built_approved_sent_and_one_of_its_payouts_fails(
    first: Page,
    second: Page,
    worker: Worker,
    other_worker: Worker,
    axe: Check,
    shot: Shot,
    settings: Any,
) -> None:
    settings.CROWD_PAYOUT_HOLD_HOURS = 0
    payouts = [_asked(one, dollars) for one, dollars in ((worker, 12), (other_worker, 30))]

    first.goto("/staff/payouts/")
    for box in first.get_by_role("checkbox").all():
        box.check()
    axe(first)
    shot(first, "staff-payouts")
    first.get_by_role("button", name="Build a batch of the chosen …").click()
    expect(first.locator("main")).to_contain_text("Payouts: 2, together $42.00")
    assert not Batch.objects.exists()  # so far it was only shown
    axe(first)
    shot(first, "staff-batch-before")
    press(first, "Build the batch")
    batch = Batch.objects.get()
    expect(card(first, "Approve")).to_contain_text("Somebody else has to decide")

    second.goto(f"/staff/payouts/batches/{batch.pk}/")
    axe(second)
    shot(second, "staff-batch")
    press(second, "Approve")
    expect(second.get_by_text("Now its file can be built")).to_be_visible()
    press(second, "Build the file")
    with second.expect_download() as download:
        second.get_by_role("link", name="Download the file").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 3

    second.get_by_role("link", name="Take over the provider's results …").click()
    wrong = "reference,result\nP999999,confirmed\n"
    second.get_by_label("The provider's file").set_input_files(_file(wrong))
    press(second, "Read the file")
    expect(second.locator(".field.wrong")).to_contain_text("row 2: P999999 is not in this batch.")
    paid, failed = (reference(one) for one in payouts)
    said = f"reference,result,provider_reference,reason\n{paid},confirmed,B-1,\n{failed},failed,,Account closed\n"
    second.get_by_label("The provider's file").set_input_files(_file(said))
    press(second, "Read the file")
    expect(second.locator("main")).to_contain_text("1 are noted as paid, 1 as failed")
    assert {one.state for one in Payout.objects.all()} == {PayoutState.SENT}  # so far it was only shown
    axe(second)
    shot(second, "staff-results-before")
    press(second, "Take over")

    expect(second.locator("main")).to_contain_text("Account closed")
    assert list(Payout.objects.order_by("pk").values_list("state", flat=True)) == ["confirmed", "failed"]
    batch.refresh_from_db()
    assert batch.state == BatchState.SETTLED
    back = queries.of_holder(holder=Holder.WORKER, holder_id=other_worker.pk)
    assert back[(Purpose.AVAILABLE, "USD")] == 40 * money.MICROS  # all that he has, the failed 30 among it
    self_check()


def test_a_first_project_is_looked_at_and_a_worker_blocked_with_its_consequences_said_before(
    first: Page,
    requester: User,
    organisation: Organisation,
    worker: Worker,
    axe: Check,
    shot: Shot,
    settings: Any,
) -> None:
    settings.CROWD_REVIEW_FIRST_PROJECT = True
    project = make_project.make_open(actor=requester, organisation=organisation)

    first.goto("/staff/")
    first.get_by_role("link", name="Project to look at: Moods").click()
    axe(first)
    shot(first, "staff-project")
    press(first, "Let it go on")
    expect(first.get_by_text("The project is open.")).to_be_visible()
    assert Project.objects.get(pk=project.pk).state == "open"

    first.goto("/staff/workers/")
    first.get_by_role("checkbox", name=f"Worker {worker.pk}").check()
    axe(first)
    shot(first, "staff-workers")
    first.get_by_role("button", name="Block the chosen …").click()
    expect(first.locator("main")).to_contain_text("what he has earned stays his")
    press(first, "Block 1")
    expect(first.locator(".field.wrong")).to_contain_text("Reason")
    first.get_by_label("Reason").fill("Sold his account.")
    press(first, "Block 1")
    expect(first.get_by_text("Blocked: 1.")).to_be_visible()
    worker.refresh_from_db()
    assert worker.state == "blocked"
    first.goto(f"/staff/workers/{worker.pk}/")
    expect(first.locator("main")).to_contain_text("Sold his account.")
    axe(first)
    shot(first, "staff-worker")
    self_check()


def test_staff_without_a_second_factor_are_led_to_setting_one_up(first: Page, settings: Any) -> None:
    settings.CROWD_STAFF_SECOND_FACTOR = True

    first.goto("/staff/ledger/")

    assert "/accounts/2fa/" in first.url
    expect(first.locator("main")).to_contain_text("Staff sign in with a second factor.")


def _asked(worker: Worker, dollars: int) -> Payout:
    make.make_money(worker, 40 * money.MICROS)
    make.make_payout_profile(worker)
    return request.request(actor=worker.user, currency="USD", amount_micros=dollars * money.MICROS)


def _file(text: str) -> Any:
    return {"name": "results.csv", "mimeType": "text/csv", "buffer": text.encode()}


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, False), (False, True), (True, True)])
def test_todays_page_and_the_books_in_every_light(
    new_context: NewContext,
    sign_in: SignIn,
    staff: User,
    organisation: Organisation,
    worker: Worker,
    axe: Check,
    shot: Shot,
    phone: bool,
    dark: bool,
) -> None:
    _asked(worker, 12)
    make.make_money(organisation, 300 * money.MICROS)
    context = new_context(phone=phone, dark=dark)
    sign_in(staff, context)
    page = context.new_page()
    for name, address in (("today", ""), ("ledger", "ledger/"), ("jobs", "jobs/"), ("audit", "audit/")):
        page.goto(f"/staff/{address}")
        axe(page)
        shot(page, f"staff-{name}{'-phone' if phone else ''}{'-dark' if dark else ''}")
