"""What waits for whoever signs in: money and a newcomer's project for staff, a test for workers, a worker's report."""

import csv
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crowd.assignments.services.report_project import report
from crowd.kernel import clock
from crowd.ledger.services import deposits, withdrawals
from crowd.operations.demo.cast import UNIT, Cast
from crowd.operations.demo.posting import CENT, SEED
from crowd.payouts.errors import BelowMinimum
from crowd.payouts.models import Payout
from crowd.payouts.services import request
from crowd.projects import queries
from crowd.projects.errors import ReportedAlready
from crowd.projects.models import Project
from crowd.projects.services import config, draft, items, publish, reviews
from crowd.projects.states import ReportKind, ReviewCause
from crowd.users.models import Organisation, User
from crowd.users.services import organisations
from qualifications.models import Qualification
from qualifications.services import catalogue, tests
from workers.models import PayoutProfile
from workers.services import payout_profile

NEWCOMER = "newcomer@demo.invalid"
NEWCOMERS = "Small Press"
TEST_NAME = "Reads reviews with care"
PROFILE = {
    "legal_name": "Somebody Simulated",
    "address": "Example Street 2\n1000-001 Lisboa",
    "date_of_birth": "1985-06-01",
    "country": "PT",
    "method": "bank_transfer",
    "iban": "PT50 0002 0123 1234 5678 9015 4",
}
DELIVERY: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [
        {"id": "delivery", "kind": "choice", "text": "Is the review about the delivery?", "labels": ["yes", "no"]}
    ],
}
LIKES: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [{"id": "likes", "kind": "choice", "text": "Does the writer like it?", "labels": ["yes", "no"]}],
}
PAPER = [
    ("I have bought a second one for my mother.", "yes"),
    ("It would be lovely, if it worked.", "no"),
    ("Not once has it let me down.", "yes"),
    ("The best thing about it is the box.", "no"),
]


def leave_work(cast: Cast, main: Project) -> None:
    """For staff a deposit, a withdrawal, a payout and a project; for workers a test; for the requester a report."""
    _deposit_and_withdrawal(cast, main)
    _payout(cast)
    _newcomers_project(cast)
    _test(cast)
    try:
        reporter = cast.crowd[1][1].user
        report(actor=reporter, project_id=main.pk, kind=ReportKind.BROKEN, text="Some pictures are nearly empty.")
    except ReportedAlready:
        pass


def _deposit_and_withdrawal(cast: Cast, main: Project) -> None:
    """One of the staff wrote a payment down, and the other has to approve it; the requester wants something back."""
    where: dict[str, Any] = {"organisation_id": cast.organisation.pk, "currency": "USD"}
    deposits.record(actor=cast.staff, amount_micros=250 * UNIT, reference=f"DEMO-{main.pk}-b", **where)
    withdrawals.ask(actor=cast.requester, amount_micros=5 * UNIT, reason="Left over from the pilot.", **where)


def _payout(cast: Cast) -> Payout | None:
    """The first of the crowd who has earned enough asks for it."""
    for _person, worker in cast.crowd[1:]:
        if not PayoutProfile.objects.filter(worker=worker).exists():
            payout_profile.save(actor=worker.user, fields=PROFILE)
        try:
            return request.request(actor=worker.user, currency="USD")
        except BelowMinimum:
            continue
    return None


def _newcomers_project(cast: Cast) -> None:
    """An organisation's first: staff look at it before workers see it. The demo's own setting would let it through."""
    owner = User.objects.filter(email=NEWCOMER).first() or User.objects.create_user(NEWCOMER)
    if Organisation.objects.filter(memberships__user=owner).exists():
        return
    organisation = organisations.create_organisation(actor=owner, name=NEWCOMERS)
    project = _about_delivery(owner, organisation)
    paid = deposits.record(
        actor=cast.staff,
        organisation_id=organisation.pk,
        amount_micros=-(-queries.price(project).total_micros // UNIT) * UNIT,  # whole dollars
        currency="USD",
        reference=f"DEMO-{project.pk}",
    )
    deposits.approve(actor=cast.other_staff, deposit_id=paid.pk)
    publish.publish(actor=owner, project_id=project.pk)
    with transaction.atomic(durable=True):
        project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        reviews.begin(project, ReviewCause.FIRST, now=clock.now())
        project.save(update_fields=["state", "pause_reason"])


def _about_delivery(owner: User, organisation: Organisation) -> Project:
    project = draft.create(
        actor=owner,
        organisation=organisation,
        title="Is it about the delivery?",
        description="Reviews of one sentence. Say whether the writer talks of the delivery.",
        currency="USD",
        reward_micros=4 * CENT,
        redundancy=2,
    )
    config.set_config(actor=owner, project_id=project.pk, config=DELIVERY)
    with (SEED / "reviews.csv").open(encoding="utf-8", newline="") as stream:
        rows: list[Mapping[str, Any]] = list(csv.DictReader(stream))
    items.add(actor=owner, project_id=project.pk, rows=rows, options={"key_column": "key"})
    project.refresh_from_db()
    return project


def _test(cast: Cast) -> None:
    if Qualification.objects.filter(organisation=cast.organisation, name=TEST_NAME).exists():
        return
    words = "You can tell what a writer feels from one sentence, also where it is said with a twist."
    made = catalogue.create(
        actor=cast.requester, organisation_id=cast.organisation.pk, name=TEST_NAME, description=words
    )
    tests.create_test(
        actor=cast.requester,
        qualification_id=made.pk,
        config=LIKES,
        items=[{"payload": {"text": text}, "key": {"units": [{"likes": label}]}} for text, label in PAPER],
        rules=tests.Rules(pass_mark=75, time_limit_s=300, retry_delay_s=24 * 3600),
    )
