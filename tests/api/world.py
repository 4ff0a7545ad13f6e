"""A small marketplace with one thing of every kind in it, all of it somebody's; and every address with who may use it.

`CASES` is the table behind two tests: who may use an address can (the control), and nobody else can.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from crowd.api.fields import TaskNumber
from crowd.assignments.models import Assignment, Contribution, Rejection
from crowd.assignments.services import batches as held_batches
from crowd.assignments.services import pause, reject, slots, submit, take
from crowd.assignments.services.grounds import Grounds
from crowd.consensus.models import Proposal
from crowd.consensus.services import bias_reports, exporting
from crowd.gold.services import contests
from crowd.guidance.services import doubts
from crowd.kernel import clock
from crowd.ledger.models import Account
from crowd.ledger.services import corrections, deposits, withdrawals
from crowd.notices.models import Notice
from crowd.payouts.services import batches, request, sending
from crowd.projects import media
from crowd.projects.models import Item, MediaFile, Project, Task, TeamMember
from crowd.projects.services import items, publish, reviews, team
from crowd.review.models import TaskReview
from crowd.review.services import appeals, plans, reviewing
from crowd.rules.models import Firing
from crowd.rules.services import contest, switch
from crowd.talk.services import announcing, board, complaints, messages, tickets
from crowd.users import terms
from crowd.users.models import User
from crowd.users.services import api_keys, invitations
from qualifications.services import attempts, catalogue, grants, requests, test_pay, tests
from tests import make, make_project
from workers.models import Worker
from workers.services import blocks, payout_profile
from workers.services.pseudonyms import pseudonym_for

CENT = make_project.CENT
PROFILE = {
    "legal_name": "Wanda Worker",
    "address": "Street 1, Town",
    "date_of_birth": "1990-05-04",
    "country": "DE",
    "method": "bank_transfer",
    "iban": "DE89370400440532013000",
}
ANSWER = {"mood": "good"}
RULES: dict[str, Any] = {"pass_mark": 50, "time_limit_s": 600}
TEST: dict[str, Any] = {"config": make_project.CHOICE, "items": [{"payload": {"text": "x"}, "key": "good"}]}


@dataclass
class World:
    """Ids of things, by the name that they have in the addresses, and the people."""

    people: dict[str, User] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)


def build() -> World:
    world = World()
    _people(world)
    _projects(world)
    _work(world)
    _rules(world)
    _talk(world)
    _qualifications(world)
    _money(world)
    return world


def _people(world: World) -> None:
    people = world.people
    for name in (
        "owner",
        "colleague",
        "worker",
        "other_worker",
        "other_team_worker",
        "stranger_worker",
        "stranger_requester",
    ):
        people[name] = make.make_user(f"{name}@example.org")
    for name in ("staff", "other_staff"):
        people[name] = make.make_staff(f"{name}@example.org")
    people["superuser"] = make.make_staff("superuser@example.org", is_superuser=True)
    people["newcomer"] = make.make_user("newcomer@example.org")
    organisation = make.make_organisation(owner=people["owner"], name="Hidden Lab", members=(people["colleague"],))
    make.make_organisation(owner=people["stranger_requester"], name="Strangers")
    make.make_money(organisation, 10_000 * CENT)
    for name in ("worker", "other_worker", "stranger_worker"):
        world.ids[name] = make.make_worker(user=people[name])
    invitation, token = invitations.invite(
        actor=people["owner"], organisation_id=organisation.pk, email="newcomer@example.org"
    )
    key, _secret = api_keys.create(user=people["owner"], name="k", scopes=["read"])
    world.ids |= {"organisation": organisation, "organisation_id": organisation.pk, "key_id": key.pk}
    world.ids |= {"invitation_id": invitation.pk, "token": token, "user_id": people["colleague"].pk}


def _projects(world: World) -> None:
    owner, organisation = world.people["owner"], world.ids["organisation"]
    settings = {"actor": owner, "organisation": organisation, "workforce": "team", "title": "Hidden project"}
    draft = make_project.make_draft(rows=make_project.texts(3), **settings)
    project = make_project.make_open(
        rows=make_project.texts(8, gold=2),
        gold_share="0.2",
        choose_tasks=True,
        explain_misses=True,
        redundancy=2,
        **settings,
    )
    Project.objects.filter(pk=project.pk).update(gold_share=0)  # its reserve stays; who gets which task is not by lot
    link, token = team.invite(actor=owner, project_id=project.pk, uses=9)
    for name in ("worker", "other_worker"):
        team.join(actor=world.people[name], token=token)
    paused = make_project.make_open(rows=make_project.texts(1), **settings)
    publish.pause(actor=owner, project_id=paused.pk)
    waiting = Task.objects.get(project=paused)
    slots.take_out(waiting)
    world.ids["waiting_task"] = waiting.pk
    for name in ("waiting_project", "refused_project"):
        world.ids[name] = make_project.make_open(rows=make_project.texts(1), **settings).pk
        reviews.stop(actor=world.people["staff"], project_id=world.ids[name], reason="Let us look.")
    reviews.refuse(actor=world.people["staff"], project_id=world.ids["refused_project"], reason="Not so.")
    file = MediaFile.objects.create(
        project=project,
        storage_name=default_storage.save("media/hidden.txt", ContentFile(b"0123456789")),
        filename="hidden.png",
        content_type="image/png",
        size=10,
        sha256="a" * 64,
    )
    world.ids |= {"project_id": project.pk, "draft": draft.pk, "paused": paused.pk, "team_token": token}
    world.ids |= {"link": link.pk, "media": media.sign(file, owner), "item": Item.objects.filter(project=draft)[0].pk}
    export = exporting.ask(actor=owner, project_id=project.pk, of="items", format="csv")
    world.ids |= {"upload_id": project.uploads.get().pk, "export_id": exporting.write(export_id=export.pk).pk}


def _work(world: World) -> None:
    """The worker has one answer submitted, two rejected, one proposed for rejection, and holds one more."""
    worker, project_id, owner = world.ids["worker"], world.ids["project_id"], world.people["owner"]
    done = [_answered(worker, project_id) for _time in range(4)]
    world.ids["missed"] = _missed(worker, project_id, 0).pk
    held = take.take_next(worker=worker, project_id=project_id)
    grounds = Grounds(evidence="written", reason="Too short.")
    reject.reject(actor=owner, project_id=project_id, assignment_ids=[done[1].pk], grounds=grounds, reopen=False)
    second = reject.reject(
        actor=owner, project_id=project_id, assignment_ids=[done[3].pk], grounds=grounds, reopen=False
    ).rejections[0]
    proposal = Proposal.objects.create(
        project_id=project_id, assignment=done[2], evidence="consensus", facts={}, created_at=clock.now()
    )
    first = Rejection.objects.get(assignment=done[1])
    appeal = appeals.against_rejection(worker=worker, rejection_id=first.pk, text="Hidden project: it was right.")
    with transaction.atomic():  # in a project of its own: while it waits there, nothing else is rejected
        held_batch = held_batches.hold(
            Project.objects.get(pk=world.ids["paused"]),
            [],
            share=0.5,
            actor=owner,
            reason="All wrong.",
            reopen=False,
            now=clock.now(),
        ).held
    assert held_batch is not None
    world.ids |= {"appeal_id": appeal.pk, "held_batch_id": held_batch.pk}
    world.ids |= {"rejection_id": second.pk, "second_rejection": second.pk, "second_rejected": done[3].pk}
    bias_reports.ask(actor=owner, project_id=project_id, question="mood")
    other = world.ids["other_worker"]
    _answered(other, project_id)
    contested = _missed(other, project_id, 1)
    contests.contest(worker=other, assignment_id=contested.pk, text="It is ironic.")
    items.add(actor=owner, project_id=project_id, rows=[{"text": "Hidden project: one that nobody has answered."}])
    free = Task.objects.filter(project=project_id).latest("pk")
    plans.name_reviewer(actor=owner, project_id=project_id, pseudonym=pseudonym_for(world.ids["organisation"], worker))
    review = TaskReview.objects.create(project_id=project_id, task=free, cause="sample", opened_at=clock.now())
    world.ids["review_id"] = reviewing.take(worker=worker, project_id=project_id).pk
    assert world.ids["review_id"] == review.pk
    world.ids["gold_task"] = contested.task_id
    pause.pause(actor=owner, project_id=project_id, worker_id=other.pk, reason="Let us talk.")
    member = make.make_worker(user=world.people["other_team_worker"])
    TeamMember.objects.create(project_id=project_id, worker=member)
    world.ids |= {"submitted": done[0].pk, "rejected": done[1].pk, "proposal": proposal.pk, "held": held.pk}
    world.ids["media_id"] = _brought(held).media_id
    world.ids |= {one: terms.current(one).version for one in terms.AGREED}
    world.ids["notice_id"] = Notice.objects.filter(user=worker.user)[0].pk
    world.ids["task_id"] = Task.objects.filter(project=project_id, open=True).exclude(assignments__state="active")[0].pk
    world.ids["task_number"] = TaskNumber().to_representation(world.ids["task_id"])
    for name, one in (("pseudonym", worker), ("paused_pseudonym", other)):
        world.ids[name] = pseudonym_for(world.ids["organisation"], one)


def _brought(held: Assignment) -> Contribution:
    """A file that waits for its answer."""
    sha256 = "0" * 64
    kept = MediaFile.objects.create(
        project_id=held.project_id, storage_name="none", filename="Hidden.jpg", size=1, sha256=sha256
    )
    return Contribution.objects.create(assignment=held, unit=0, question="photo", media=kept, sha256=sha256)


def rule(action: str, **parameters: Any) -> dict[str, Any]:
    """Terms that hold for who has answered ten in a day, which nobody has here."""
    conditions = [{"figure": "in_day", "comparator": "at_least", "value": "10"}]
    return {"collector": "pace", "conditions": conditions, "action": action, "parameters": parameters}


def _rules(world: World) -> None:
    """One rule that is off, one that is on; and for each state in which somebody may do something, a firing."""
    owner, project_id, worker, now = world.people["owner"], world.ids["project_id"], world.ids["worker"], clock.now()
    terms = rule("block", scope="organisation", days=3, text="Because.")
    off, on = (switch.create(actor=owner, project_id=project_id, terms=terms) for _time in range(2))
    switch.switch_on(actor=owner, project_id=project_id, rule_id=on.pk)
    site = on.terms | {"parameters": terms["parameters"] | {"scope": "site"}}
    told = rule("warn", text="Hidden words.")
    kinds = {"firing_id": (on.terms, "proposed"), "site_firing": (site, "proposed")}
    kinds |= {"told": (told, "done"), "contested": (told, "done")}
    for number, (name, (said, state)) in enumerate(kinds.items(), start=1):
        facts = {"figures": {"in_day": 10, "in_hour": 1}, "events": 10, "since": None, "assignments": []}
        firing = Firing.objects.create(
            rule=on,
            project_id=project_id,
            worker=worker,
            number=number,
            state=state,
            terms=said,
            evidence=facts,
            at=now,
        )
        world.ids[name] = firing.pk
    world.ids["doubt_id"] = doubts.ask(worker=worker, project_id=project_id, text="Hidden question?").pk
    contest.contest(worker=worker, firing_id=world.ids["contested"], text="Hidden contest.")
    world.ids |= {"rule_id": off.pk, "rule_on": on.pk}


def _talk(world: World) -> None:
    owner, project_id, worker = world.people["owner"], world.ids["project_id"], world.ids["worker"]
    asked = messages.write_as_worker(worker=worker, project_id=project_id, text="Hidden project: why?")
    said = messages.write_as_requester(
        actor=owner, project_id=project_id, pseudonym=world.ids["pseudonym"], text="Hidden project: so."
    )
    complaint = complaints.report_message(actor=owner, message_id=asked.pk, reason="Rude.")
    Worker.objects.filter(pk=worker.pk).update(accepted_count=50)
    worker.refresh_from_db()
    board.choose_handle(worker=worker, name="wanda")
    topic = board.begin(worker=worker, title="Hidden project", text="Hidden project: who knows?")
    own = topic.all_posts.get()
    theirs = make.make_worker(accepted_count=50)
    board.choose_handle(worker=theirs, name="otto")
    reply = board.reply(worker=theirs, topic_id=topic.pk, text="I do.")
    week = clock.now() + timedelta(days=7)
    told = announcing.Wording(title="Hidden project", text="It ends on Friday.", ends_at=week)
    notice = announcing.announce_in_project(actor=owner, project_id=project_id, said=told)
    site = announcing.Wording(title="To everybody", text="The site rests on Sunday.", ends_at=week)
    shown = announcing.announce(actor=world.people["staff"], audience="all", said=site)
    world.ids |= {"topic_id": topic.pk, "own_post": own.pk, "post_id": reply.pk}
    world.ids |= {"announcement_id": notice.pk, "site_announcement": shown.pk}
    ticket = tickets.ask(user=worker.user, category="work", subject="Hidden project", text="Help!")
    tickets.answer(actor=world.people["staff"], ticket_id=ticket.pk, text="So.")
    world.ids |= {"message_id": said.pk, "thread_id": said.thread_id}
    world.ids |= {"complaint_id": complaint.pk, "ticket_id": ticket.pk}


def _answered(worker: Worker, project_id: int) -> Assignment:
    assignment = take.take_next(worker=worker, project_id=project_id)
    return submit.submit(worker=worker, assignment_id=assignment.pk, value=ANSWER, take_next=False).assignment


def _missed(worker: Worker, project_id: int, place: int) -> Assignment:
    """A gold task that he got wrong."""
    task = Task.objects.filter(project=project_id, is_gold=True).order_by("pk")[place]
    assignment = take.take_named(worker=worker, project_id=project_id, task_id=task.pk, privileged=True)
    return submit.submit(worker=worker, assignment_id=assignment.pk, value={"mood": "bad"}, take_next=False).assignment


def _qualifications(world: World) -> None:
    owner, organisation = world.people["owner"], world.ids["organisation"]
    mine = catalogue.create(actor=owner, organisation_id=organisation.pk, name="Hidden skill", public=False)
    shown = catalogue.create(actor=owner, organisation_id=organisation.pk, name="Shown skill")
    for one in (mine, shown):
        tests.create_test(actor=owner, qualification_id=one.pk, rules=tests.Rules(**RULES), **TEST)
    grants.grant(actor=owner, qualification_id=mine.pk, worker=world.ids["pseudonym"], value=70)
    test_pay.set_pay(actor=owner, qualification_id=mine.pk, currency="USD", reward_micros=50_000, add_micros=60_000)
    paper = attempts.start_attempt(user=world.people["worker"], qualification_id=shown.pk)
    teaching = catalogue.create(actor=owner, organisation_id=organisation.pk, name="Shown training", asking="decided")
    tests.create_test(actor=owner, qualification_id=teaching.pk, rules=tests.Rules(training=True, **RULES), **TEST)
    lesson = attempts.start_attempt(user=world.people["worker"], qualification_id=teaching.pk)
    asked = requests.ask(user=world.people["worker"], qualification_id=teaching.pk)
    staff = world.people["staff"]
    doctor = catalogue.create(actor=staff, organisation_id=None, name="Doctor", asking="document")
    shown_to_staff = requests.ask(user=world.people["worker"], qualification_id=doctor.pk, document=b"%PDF-1.7")
    world.ids |= {"lesson": lesson.attempt.pk, "request_id": asked.pk, "document_request": shown_to_staff.pk}
    world.ids |= {
        "training": teaching.pk,
        "site_qualification": doctor.pk,
        "qualification_id": mine.pk,
        "attempt_id": paper.attempt.pk,
        "shown_qualification": shown.pk,
    }


def _money(world: World) -> None:
    staff, other, people, organisation = (
        world.people["staff"],
        world.people["other_staff"],
        world.people,
        world.ids["organisation"],
    )
    facts = {"organisation_id": organisation.pk, "amount_micros": 100 * CENT, "currency": "USD"}
    deposit = deposits.record(actor=staff, reference="bank 1", **facts)
    withdrawal = withdrawals.ask(actor=people["owner"], **facts)
    purse = make.make_money(world.ids["worker"], 5_000 * CENT)
    fees = Account.objects.get(holder="organisation", holder_id=organisation.pk, purpose="available")
    correction = corrections.record(
        actor=staff, debit_id=fees.pk, credit_id=purse.pk, amount_micros=CENT, reason="typo"
    )
    payout_profile.save(actor=people["worker"], fields=PROFILE)
    payouts = [request.request(actor=people["worker"], currency="USD", amount_micros=200 * CENT) for _time in range(4)]
    queue, opened, approved, sent = payouts
    ids = world.ids
    for name, payout in (("open_batch", opened), ("approved_batch", approved), ("sent_batch", sent)):
        ids[name] = batches.build(actor=staff, provider="csv", currency="USD", payout_ids=[payout.pk]).pk
    for name in ("approved_batch", "sent_batch"):
        batches.approve(actor=other, batch_id=ids[name])
    sending.send(actor=staff, batch_id=ids["sent_batch"])
    block = blocks.block_for_organisation(
        actor=people["owner"], organisation_id=organisation.pk, pseudonym=ids["paused_pseudonym"], reason="Spam"
    )
    site = blocks.block_on_site(actor=staff, worker_id=ids["other_worker"].pk, reason="Spam")
    ids["results"] = f"reference,result\n{sending.reference(sent)},confirmed\n".encode()
    ids |= {"deposit_id": deposit.pk, "withdrawal_id": withdrawal.pk, "correction_id": correction.pk}
    ids |= {"account_id": purse.pk, "purse": fees.pk, "payout": queue.pk, "sent_payout": sent.pk, "block_id": block.pk}
    ids |= {"site_block": site.pk, "worker_id": ids["worker"].pk}
