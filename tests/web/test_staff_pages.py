"""Staff's pages as a browser sends their forms: what many at once do is shown first, and nothing is done by looking."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from celery.contrib.testing.app import TestApp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crowd.assignments.services import report_project
from crowd.kernel import clock, money
from crowd.kernel.job_runs import NotedTask
from crowd.kernel.models import JobRun
from crowd.ledger import queries
from crowd.ledger.models import Account, Correction, Deposit, Transfer
from crowd.ledger.services import corrections, deposits, self_check
from crowd.projects.models import Report
from crowd.projects.states import ReportKind
from crowd.users import terms
from crowd.users.models import AuditEntry, Membership, Organisation, User
from crowd.users.services import terms as agreeing
from crowd.web.staff.site import SOME
from qualifications.models import GrantRequest, Qualification
from tests import make, make_project
from tests.web.requester.forms import text_of
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def to(name: str, **kwargs: Any) -> str:
    return reverse(f"web:staff:{name}", kwargs=kwargs)


@pytest.fixture
def site(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def recorded(by: User, organisation: Organisation, dollars: int) -> Deposit:
    return deposits.record(
        actor=by,
        organisation_id=organisation.pk,
        amount_micros=dollars * money.MICROS,
        currency="USD",
        reference=f"TX-{dollars}",
    )


def test_many_deposits_are_shown_before_they_are_approved_and_ones_own_is_left_out(
    site: Client, staff: User, other_staff: User, organisation: Organisation
) -> None:
    theirs = [recorded(other_staff, organisation, dollars) for dollars in (10, 20)]
    mine = recorded(staff, organisation, 40)
    chosen = {"chosen": [one.pk for one in [*theirs, mine]]}

    shown = text_of(site.get(to("approve-deposits"), chosen))
    assert "2 will be credited: $30.00" in shown
    assert "Somebody else has to decide" in shown
    assert not Transfer.objects.exists()
    site.post(to("approve-deposits"), chosen)

    assert [one.state for one in Deposit.objects.order_by("pk")] == ["done", "done", "pending"]
    again = site.post(to("approve-deposits"), chosen, follow=True)
    assert "Approved: 0." in text_of(again)
    self_check()


def test_the_page_of_a_deposit_does_nothing_for_a_member_of_the_organisation(
    site: Client, staff: User, other_staff: User, organisation: Organisation
) -> None:
    deposit = recorded(other_staff, organisation, 10)
    Membership.objects.create(organisation=organisation, user=staff)

    page = site.post(to("deposit", deposit_id=deposit.pk), {"act": "approve"})

    assert page.status_code == 400
    assert "Nobody decides about money of his own" in text_of(page)
    assert not Transfer.objects.exists()


def test_a_transfer_leads_to_its_counter_transfer_filled_in(site: Client, organisation: Organisation) -> None:
    make.make_money(organisation, 5 * money.MICROS)
    transfer = Transfer.objects.get()
    page = text_of(site.get(to("transfer", transfer_id=transfer.pk)))
    asked = f"debit_id={transfer.credit_id}&amp;credit_id={transfer.debit_id}&amp;amount_micros=5"
    assert asked in page

    given = {"debit_id": transfer.credit_id, "credit_id": transfer.debit_id, "amount_micros": "5"}
    refused = site.post(to("new-correction"), given)
    assert (refused.status_code, 'value="5"' in text_of(refused)) == (400, True)
    site.post(to("new-correction"), given | {"reason": "Credited to the wrong one."})

    assert Correction.objects.get().amount_micros == 5 * money.MICROS
    assert Transfer.objects.count() == 1


def test_a_note_is_kept_for_staff_alone(site: Client, organisation: Organisation) -> None:
    page = site.post(
        to("requester", organisation_id=organisation.pk), {"act": "note", "text": "Pays late."}, follow=True
    )

    assert "Pays late." in text_of(page)
    assert AuditEntry.objects.get(action="note").organisation is None
    log = text_of(site.get(to("audit"), {"action": "note", "subject_type": "users.organisation"}))
    assert "note written<br>" in log
    assert f">organisation {organisation.pk}</a></td>" in log
    assert '<option value="build_batch">batch built</option>' in log  # every deed can be looked for by its words
    assert log.count("batch built") == 1


def test_reports_wait_on_todays_page_and_their_answer_reaches_who_reported(
    site: Client, requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_project.make_open(actor=requester, organisation=organisation)
    report_project.report(actor=worker.user, project_id=project.pk, kind=ReportKind.UNFAIR, text="All rejected.")

    assert "Reports about Moods" in text_of(site.get(to("today")))
    page = text_of(site.get(to("project", project_id=project.pk)))
    assert "All rejected." in page
    payload = project.tasks.earliest("pk").payload["units"][0]
    assert f'<span class="muted">text</span> {payload["text"]}</div>' in page  # as workers see it
    site.post(to("project", project_id=project.pk), {"act": "dismiss", "reason": "They were empty."})

    assert Report.objects.get().outcome == "They were empty."
    assert "Reports about" not in text_of(site.get(to("today")))


def test_a_job_that_failed_waits_on_todays_page_until_it_went_well(site: Client, settings: Any) -> None:
    settings.CELERY_BEAT_SCHEDULE = {"try": {"task": "trying", "schedule": 60}}
    app, fails = TestApp(), [True]

    @app.task(name="trying", base=NotedTask)
    def trying() -> None:
        if fails.pop():
            raise RuntimeError("No disk.")
        return

    trying.apply()
    assert "Job failed: trying" in text_of(site.get(to("today")))
    assert "RuntimeError: No disk." in text_of(site.get(to("jobs")))
    fails.append(False)
    trying.apply()

    run = JobRun.objects.get()
    assert (run.runs, run.failures, run.error) == (2, 1, "")
    assert "Job failed" not in text_of(site.get(to("today")))

    now = clock.now()
    JobRun.objects.bulk_create(JobRun(name=f"merge {n:02}", started_at=now, error="Odd.") for n in range(40))
    JobRun.objects.create(name="pay 7", started_at=now, error="Odd.")
    said = text_of(site.get(to("today")))
    assert said.count("Job failed: merge") == said.count("Job failed: merge (40)") == 1  # a line for each job
    assert "Job failed: pay 7" in said
    assert text_of(site.get(to("jobs"))).count("Odd.") == SOME


def test_a_credential_is_made_asked_for_verified_and_granted_on_pages(
    site: Client, client: Client, staff: User, other_staff: User, worker: Worker
) -> None:
    site.post(to("new-qualification"), {"name": "Nurse", "public": "on", "asking": "document"})
    nurse = Qualification.objects.get(name="Nurse")
    client.force_login(worker.user)
    versions = {one: terms.current(one).version for one in terms.AGREED}
    agreeing.accept(user=worker.user, versions=versions, adult=True)
    sent = {"message": "See there.", "document": SimpleUploadedFile("l.pdf", b"%PDF-1.7 licence")}
    client.post(reverse("web:ask-qualification", args=[nurse.pk]), sent)
    asked = GrantRequest.objects.get()

    client.force_login(staff)
    assert "Request for “Nurse”" in text_of(site.get(to("today")))
    assert "See there." in text_of(site.get(to("qualification", qualification_id=nurse.pk)))
    file = site.get(to("request-document", request_id=asked.pk))
    assert (file.content, file.headers["Content-Type"]) == (b"%PDF-1.7 licence", "application/pdf")
    assert "attachment" in file.headers["Content-Disposition"]
    decision = {"act": "grant-request", "request_id": asked.pk, "value": "90"}
    here = to("qualification", qualification_id=nurse.pk)
    assert "What a document proves has an end" in text_of(site.post(here, decision))
    until = f"{clock.now() + timedelta(days=400):%Y-%m-%dT%H:%M}"
    site.post(here, decision | {"expires_at": until})
    assert nurse.grants.get().value == 90
    assert "Request for" not in text_of(site.get(to("today")))

    written = {"config": make_project.CHOICE, "items": [{"payload": {"text": "x"}, "key": "good"}]}
    exam = {"act": "test", "pass_mark": "80", "minutes": "5", "training": "on", "written": json.dumps(written)}
    assert "from 1 to 1 items can be drawn" in text_of(site.post(here, exam | {"draw": "2"}))
    assert "Pay for its test" not in text_of(site.get(here))
    site.post(here, exam)
    assert nurse.tests.get().training
    questions, _title, keyed = text_of(site.get(here)).partition("Items and their keys")
    assert "<div>good, bad</div>" in questions
    assert "all items, in order" in questions
    assert re.findall("<div>(x|good)</div>", keyed) == ["x", "good"]
    assert keyed.index("The test as JSON</summary>") < keyed.index("&quot;questions&quot;")

    pay = {"act": "pay", "reward_micros": "0.50", "currency": "USD", "add_micros": "1"}
    short = text_of(site.post(here, pay))
    purse = Account.objects.get(holder="platform", purpose="available")  # there for a correction to fill
    assert "$1.00 are missing" in short
    assert f"Account {purse.pk}" in short
    fees = make.make_fees(money.MICROS)
    moved = {"debit_id": fees.pk, "credit_id": purse.pk, "amount_micros": "1", "reason": "For tests."}
    site.post(to("new-correction"), moved)
    corrections.approve(actor=other_staff, correction_id=Correction.objects.get().pk)
    site.post(here, pay)
    assert "for 2 further tries" in text_of(site.get(here))
    site.post(here, {"act": "pay-back"})
    assert "for 0 further tries" in text_of(site.get(here))
    assert queries.balance(purse) == money.MICROS
    self_check()
