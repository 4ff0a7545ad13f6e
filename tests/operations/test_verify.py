"""`verify` asks everything of one moment, says what does not hold, and notices each fault that it is there for."""

import json
import logging
from io import StringIO

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from crowd.assignments.models import Rejection
from crowd.assignments.services import accept, reject, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.bonuses.services import Gift, give
from crowd.consensus.models import AggregationRun, Consensus, Decision
from crowd.guidance.models import Ruling, RulingCase
from crowd.kernel import clock
from crowd.kernel.invariants import Invariant, broken
from crowd.ledger import invariants as ledger_invariants
from crowd.ledger.services import deposits, withdrawals
from crowd.notices.models import Letter
from crowd.operations import jobs
from crowd.operations.verify import invariants, verify
from crowd.payouts.services import batches, outcome, sending
from crowd.payouts.services.request import request
from crowd.projects.models import ConfigVersion, Project, Task
from crowd.projects.services import config
from crowd.review.services import appeals
from crowd.rules.models import Firing, Rule
from crowd.talk.models import Topic
from crowd.talk.services import messages, tickets
from crowd.users.models import Organisation, User
from qualifications.states import System
from tests import make
from tests.make_project import make_draft, make_open, texts
from workers.models import Worker

UNIT = 1_000_000
GROUNDS = Grounds(evidence="written", reason="The text is clearly about the weather.")
A_TRANSFER = "(SELECT min(id) FROM ledger_transfer WHERE kind = 'reward')"
AN_ACCOUNT = "INSERT INTO ledger_account (holder, holder_id, purpose, currency, guarded, folded_micros, folded_through)"
A_FILE = """WITH file AS (
    INSERT INTO projects_mediafile
        (project_id, storage_name, filename, content_type, size, sha256, source_url, created_at)
    SELECT max(id), '', '', '', 0, '', '', now() FROM projects_project RETURNING id)"""

A_TEST = """WITH test AS (
    INSERT INTO qualifications_test
        (qualification_id, version, config, items, mapping, draw, training, pass_mark, time_limit_s, created_by_id,
         created_at)
    VALUES (1, 1, '{}', '[]', '{}', '{}', false, 50, 60, 1, now()) RETURNING id)"""

# By the invariant's name: a fault that no service would make.
FAULTS = {
    "left": """
        INSERT INTO assignments_leaving (assignment_id, attempt, worker_id, left_at, seconds, reward_micros, fee_micros)
        SELECT id, attempt, worker_id, now(), 1, 1, 0 FROM assignments_assignment LIMIT 1""",
    "users.owned": "UPDATE users_membership SET role = 'member'",
    "users.erased": "UPDATE users_user SET erased_at = now()",
    "users.keys": "UPDATE users_personkey SET wrapped_key = NULL",
    "workers.blocked": "UPDATE workers_worker SET state = 'blocked'",
    "workers.closed": "UPDATE users_user SET closed_at = now()",
    "qualifications.system": """
        INSERT INTO qualifications_grant (qualification_id, worker_id, state, value, granted_at, reason)
        SELECT id, 1, 'granted', 100, now(), '' FROM qualifications_qualification WHERE system = 'locale'""",
    "qualifications.graded": f"""{A_TEST}
        INSERT INTO qualifications_attempt (test_id, qualification_id, worker_id, state, started_at, deadline, drawn)
        SELECT id, 1, 1, 'submitted', now(), now(), '{{}}' FROM test""",
    "qualifications.test_escrow": """
        INSERT INTO qualifications_testpay (qualification_id, currency, reward_micros, fee_micros, reserve_micros)
        VALUES (1, 'USD', 1, 0, 5)""",
    "qualifications.test_paid": f"""{A_TEST}
        INSERT INTO qualifications_attempt (test_id, qualification_id, worker_id, state, started_at, deadline, drawn,
                                            submitted_at, answers, score, passed, reward_micros, currency)
        SELECT id, 1, 1, 'submitted', now(), now(), '{{}}', now(), '[]', 0, false, 5, 'USD' FROM test""",
    "qualifications.test_payer": f"""{A_TEST}
        INSERT INTO qualifications_attempt (test_id, qualification_id, worker_id, state, started_at, deadline, drawn,
                                            reward_micros, fee_micros, currency)
        SELECT test.id, of_site.id, 1, 'active', now(), now(), '{{}}', 5, 1, 'USD'
        FROM test, qualifications_qualification of_site WHERE of_site.organisation_id IS NULL LIMIT 1""",
    "ledger.folded": "UPDATE ledger_account SET folded_micros = folded_micros + 1 WHERE purpose = 'fees'",
    "ledger.total": "UPDATE ledger_account SET folded_micros = folded_micros + 1 WHERE purpose = 'fees'",
    "ledger.currency": f"UPDATE ledger_transfer SET currency = 'EUR' WHERE id = {A_TRANSFER}",
    "ledger.below_zero": "UPDATE ledger_account SET folded_micros = -10 * 1000000 WHERE purpose = 'escrow'",
    "ledger.places": f"{AN_ACCOUNT} VALUES ('platform', 0, 'escrow', 'USD', false, 0, 0)",
    "ledger.movements": "DELETE FROM ledger_transfer WHERE key LIKE 'deposit:%'",
    "ledger.in_transit": "UPDATE ledger_withdrawal SET state = 'done'",
    "ledger.test_money": "UPDATE ledger_withdrawal SET currency = 'XTS'",
    "tasks in one project with their item": """
        UPDATE projects_task SET project_id = (SELECT max(id) FROM projects_project)""",
    "free slots are open": "UPDATE projects_task SET open = false WHERE open",
    "published projects are complete": "UPDATE projects_project SET published_at = NULL WHERE state = 'open'",
    "drafts hold no money": "UPDATE projects_project SET surplus_micros = 1 WHERE state = 'draft'",
    "current versions are a project's own": """
        UPDATE projects_project SET config_id = (SELECT min(id) FROM projects_configversion)""",
    "items become tasks": "DELETE FROM projects_task WHERE id = (SELECT max(id) FROM projects_task)",
    "media in one project with their item": f"{A_FILE} UPDATE projects_item SET media_id = (SELECT id FROM file)",
    "payouts.in_transit": "UPDATE payouts_payout SET amount_micros = amount_micros + 1 WHERE state = 'requested'",
    "payouts.transfers": "UPDATE payouts_payout SET state = 'failed' WHERE state = 'confirmed'",
    "payouts.batches": "UPDATE payouts_batch SET state = 'approved' WHERE state = 'settled'",
    "payouts.files": "UPDATE payouts_batch SET file_sha256 = ''",
    "payouts.real_money": "UPDATE payouts_payout SET currency = 'XTS'",
    "task_counters": "UPDATE projects_task SET answered = answered - 1 WHERE answered > 0",
    "task_open": "UPDATE projects_task SET open = NOT open WHERE NOT is_gold AND filled < needed",
    "redundancy": """
        ALTER TABLE projects_task DROP CONSTRAINT projects_task_counters;
        UPDATE projects_task SET needed = filled - 1, open = false WHERE filled > 0""",
    "once": """
        ALTER TABLE assignments_assignment DROP CONSTRAINT assignments_once_and_one_repeat;
        CREATE TEMPORARY TABLE again ON COMMIT DROP AS SELECT * FROM assignments_assignment WHERE state = 'submitted';
        UPDATE again SET id = id + 1000000;
        INSERT INTO assignments_assignment SELECT * FROM again""",
    "states": """
        ALTER TABLE assignments_assignment DROP CONSTRAINT assignments_state;
        UPDATE assignments_assignment SET state = 'odd' WHERE state = 'submitted'""",
    "switched_off": "ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_append_only",
    "in_force": "ALTER TABLE assignments_assignment DROP CONSTRAINT assignments_state",
    "answered": "DELETE FROM assignments_answer",
    "answer_orphans": "DELETE FROM projects_configversion",
    "tallies": "UPDATE assignments_participation SET submitted_count = submitted_count + 1",
    "paid_once": f"DELETE FROM ledger_transfer WHERE id = {A_TRANSFER}",
    "rejections": "DELETE FROM assignments_rejection",
    "holding": "UPDATE assignments_assignment SET state = 'active', opened_at = taken_at",
    "tiers": "UPDATE projects_task SET tier = 1 WHERE filled > answered AND NOT is_gold",
    "repeats": f"UPDATE assignments_participation SET repeat_spent_micros = repeat_spent_micros + 9 * {UNIT}",
    "contributed": """
        WITH file AS (
            INSERT INTO projects_mediafile (project_id, storage_name, filename, content_type, size, sha256, source_url)
            SELECT project_id, '', '', '', 1, repeat('0', 64), '' FROM assignments_assignment LIMIT 1
            RETURNING id, project_id, sha256)
        INSERT INTO assignments_contribution (assignment_id, unit, question, media_id, sha256, answered_at)
        SELECT a.id, 0, 'photo', file.id, file.sha256, now()
        FROM file JOIN assignments_assignment a USING (project_id) LIMIT 1""",
    "gold_reserve": f"UPDATE assignments_participation SET quiz_owed_micros = quiz_owed_micros + 9 * {UNIT}",
    "notices.ended": "UPDATE notices_letter SET ended_at = now()",
    "notices.whose": """
        UPDATE notices_notice n SET letter_id = l.id FROM notices_letter l WHERE n.mail AND l.user_id <> n.user_id""",
    "notices.erased": "UPDATE users_user SET erased_at = now()",
    "bonuses.paid": "DELETE FROM ledger_transfer WHERE kind = 'bonus_fee'",
    "decided": "UPDATE rules_firing SET state = 'followed'",
    "firings": "UPDATE rules_firing SET worker_id = 0",
    "contests": "UPDATE rules_firing SET answered_at = now()",
    "ruled": "UPDATE projects_task SET ruled_at = NULL",
    "consensus.parts": """
        INSERT INTO consensus_votepart (project_id, number, rows, sha256, data)
        SELECT max(id), 1000, 0, '', '' FROM projects_project""",
    "decisions": "UPDATE consensus_decision SET value = '\"bad\"'",
    "ruling_version": "UPDATE projects_guidelinesversion SET project_id = 0",
    "talk.last": "UPDATE talk_thread SET last_id = last_id + 1",
    "talk.about": """
        UPDATE talk_message SET assignment_id = (SELECT max(id) FROM assignments_assignment a WHERE a.worker_id <> (
            SELECT min(worker_id) FROM talk_thread))""",
    "talk.board": "UPDATE talk_topic SET posts = posts + 1",
    "talk.erased": "UPDATE users_user SET erased_at = now()",
    "talk.sides": "UPDATE talk_message SET side = 'requester'",
    "review.decided": "UPDATE review_appeal SET decided_at = now()",
    "review.rewards": "UPDATE assignments_rejection SET state = 'released'",
    "review.kept": "DELETE FROM review_appeal",
    "top_ups": "UPDATE assignments_participation SET top_up_due_micros = 5, topped_up_micros = 5",
    "escrow": "UPDATE projects_project SET surplus_micros = surplus_micros + 1 WHERE state = 'open'",
}


@pytest.fixture
def project(requester: User, organisation: Organisation, worker: Worker, other_worker: Worker) -> Project:
    """Of one worker an answer accepted (on gold), one submitted, one rejected, one active. A draft beside it."""
    project = make_open(actor=requester, organisation=organisation, rows=texts(4, gold=1), quiz_length=1, quiz_cap=2)
    first, _second, third = answers(worker, project, 3)
    answers(other_worker, project, 1)
    accept.accept(actor=requester, project_id=project.pk, assignment_ids=[first])
    reject.reject(actor=requester, project_id=project.pk, assignment_ids=[third], grounds=GROUNDS)
    appeals.against_rejection(worker=worker, rejection_id=Rejection.objects.get().pk, text="It is about my mood.")
    make_draft(actor=requester, organisation=organisation)
    return project


def answers(worker: Worker, project: Project, count: int) -> list[int]:
    """So many, one after the other; he holds the next one afterwards."""
    held, ids = take.take_next(worker=worker, project_id=project.pk), []
    for _number in range(count):
        ids.append(held.pk)
        following = submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}).next
        assert following is not None
        held = following
    return ids


@pytest.fixture
def world(
    project: Project, organisation: Organisation, requester: User, worker: Worker, staff: User, other_staff: User
) -> Project:
    """The project, and money on all its ways: a deposit, a withdrawal, a payout on its way and one that has ended."""
    deposit = deposits.record(
        actor=staff, organisation_id=organisation.pk, amount_micros=9 * UNIT, currency="USD", reference="B 1"
    )
    deposits.approve(actor=other_staff, deposit_id=deposit.pk)
    withdrawals.ask(actor=requester, organisation_id=organisation.pk, amount_micros=2 * UNIT, currency="USD")
    make.system_qualification(System.LOCALE)
    make.make_money(worker, 9 * UNIT)
    make.make_payout_profile(worker)
    paid = request(actor=worker.user, currency="USD", amount_micros=4 * UNIT)
    batch = batches.build(actor=staff, provider="csv", currency="USD", payout_ids=[paid.pk])
    batches.approve(actor=other_staff, batch_id=batch.pk)
    sending.send(actor=staff, batch_id=batch.pk)
    outcome.confirm(actor=staff, payout_id=paid.pk)
    request(actor=worker.user, currency="USD", amount_micros=3 * UNIT)
    give(actor=requester, project_id=project.pk, worker_id=worker.pk, gift=Gift(amount_micros=UNIT, reason="Thanks."))
    now = clock.now()
    Letter.objects.bulk_create([Letter(user=one, created_at=now, next_try_at=now) for one in (requester, worker.user)])
    rule = Rule.objects.create(project=project, terms={}, created_by=requester, created_at=now)
    Firing.objects.create(rule=rule, project=project, worker=worker, number=1, terms={}, evidence={}, at=now)
    make_ruling(project, requester)
    messages.write_as_worker(worker=worker, project_id=project.pk, text="Why?")
    tickets.ask(user=worker.user, category="other", subject="Help", text="Please.")
    Topic.objects.create(worker=worker, title="Empty", begun_at=now)
    return project


def make_ruling(project: Project, requester: User) -> None:
    """On one task, as the service leaves it."""
    version = config.set_guidelines(actor=requester, project_id=project.pk, text="Good is good.")
    said = {"question": "mood", "one": "bad", "other": "good", "decided": "good", "text": "It is."}
    ruling = Ruling.objects.create(
        project=project, version=version, decided_by=requester, decided_at=clock.now(), **said
    )
    task = Task.objects.filter(project=project, is_gold=False).earliest("pk")
    task.ruled_at = clock.now()
    task.save(update_fields=["ruled_at"])
    RulingCase.objects.create(ruling=ruling, task=task)
    about = {"project": project, "task": task, "question": "mood", "value": "good"}
    Decision.objects.create(**about, decided_at=clock.now())
    run = AggregationRun.objects.create(project=project, method="dawid-skene", started_at=clock.now())
    shown = ConfigVersion.objects.get(project=project)
    Consensus.objects.create(**about, posterior=1.0, answers=1, config=shown, run=run)


def do_harm(statement: str) -> None:
    """Past the triggers and foreign keys that would forbid it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute(statement)
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def test_each_fault_is_noticed(world: Project) -> None:
    assert broken(invariants()) == {}
    unnoticed = []
    for name, fault in FAULTS.items():
        with transaction.atomic():
            do_harm(fault)
            if name not in broken(invariants()):
                unnoticed.append(name)
            transaction.set_rollback(True)
    assert unnoticed == []
    assert broken(invariants()) == {}


def test_every_invariant_is_broken_once() -> None:
    names = [invariant.name for invariant in invariants()]
    assert len(set(names)) == len(names)
    assert set(names) == FAULTS.keys()


@pytest.mark.django_db(transaction=True)
class TestTheCommand:
    def test_it_says_of_each_statement_that_it_holds(self, world: Project) -> None:
        out = StringIO()
        call_command("verify", stdout=out)
        lines = out.getvalue().splitlines()
        assert len(lines) == len(FAULTS)
        assert all(line.startswith("ok ") for line in lines)

    def test_it_shows_what_is_broken_and_fails(self, world: Project) -> None:
        do_harm(FAULTS["drafts hold no money"])
        out = StringIO()
        with pytest.raises(CommandError, match=f"1 of {len(FAULTS)} statements do not hold"):
            call_command("verify", stdout=out)
        found = out.getvalue()
        assert "BROKEN  projects: Before publish no reserve of a project is above zero." in found
        assert json.dumps({"id": Project.objects.get(state="draft").pk}) in found

    def test_as_json_it_gives_every_row(self, world: Project) -> None:
        do_harm(FAULTS["payouts.real_money"])
        out = StringIO()
        with pytest.raises(CommandError):
            call_command("verify", "--json", stdout=out)
        found = json.loads(out.getvalue())
        assert found["holds"] is False
        (statement,) = [one for one in found["statements"] if one["name"] == "payouts.real_money"]
        assert len(statement["rows"]) == 2

    def test_it_can_write_nothing_and_sees_one_moment(self, world: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        seen = []

        def look() -> list[dict[str, object]]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
                )
                seen.append(cursor.fetchone())
            return []

        monkeypatch.setattr(ledger_invariants, "INVARIANTS", [Invariant("look", "Looks.", look)])
        assert all(finding.holds for finding in verify())
        assert seen == [("repeatable read", "on")]

    def test_every_day_a_job_asks_and_complains_loudly(self, world: Project, caplog: pytest.LogCaptureFixture) -> None:
        jobs.verify_daily()
        assert not caplog.records
        do_harm(FAULTS["escrow"])
        with caplog.at_level(logging.CRITICAL), pytest.raises(jobs.Broken, match="escrow"):
            jobs.verify_daily()
        assert "A project's escrow is the sum of its parts." in caplog.text


def test_beat_knows_only_jobs_that_there_are() -> None:
    current_app.loader.import_default_modules()
    wanted = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert wanted <= set(current_app.tasks)
    assert "crowd.operations.jobs.verify" in wanted
