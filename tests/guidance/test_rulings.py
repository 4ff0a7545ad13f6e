"""Disagreement among accurate workers is ruled on once; guidelines by label; questions at the sentence in doubt."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import pause, recount, reject, restore
from crowd.assignments.services.grounds import Grounds
from crowd.consensus import answers
from crowd.consensus.models import Consensus, Proposal, WorkerScore
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.settle import settle
from crowd.guidance import groups, queries
from crowd.guidance.groups import Like
from crowd.guidance.models import Doubt, RulingCase
from crowd.guidance.services import doubts, reopen, rule, write
from crowd.guidance.services.reopen import Which
from crowd.guidance.services.rule import Consequences
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotFound, TooMany
from crowd.ledger.queries import of_holder
from crowd.ledger.states import Holder, Purpose
from crowd.notices.models import Notice
from crowd.projects.errors import BudgetShort
from crowd.projects.models import Project, Task, Tier
from crowd.projects.services import config, reserves
from crowd.users.models import Organisation, User
from qualifications.services import catalogue, tests
from tests import make
from tests.check import all_is_well
from tests.make_project import CHOICE, make_open
from tests.rules.working import work
from workers.models import Worker

pytestmark = pytest.mark.django_db

LIKE = Like("mood", "good", "bad", "kind", "irony", "")


def mood_of(held: Assignment) -> str:
    return "bad" if "bad" in held.task.payload["units"][0]["text"] else "good"


@pytest.fixture
def disputed(requester: User, organisation: Organisation) -> Project:
    """Eight plain texts on which six workers agree; four ironic ones, on which they are of two minds."""
    rows: list[dict[str, Any]] = [
        {"text": f"{name} {n}", "kind": "plain"} for n in range(4) for name in ("good", "bad")
    ]
    rows += [{"text": f"ironic {n}", "kind": "irony"} for n in range(4)]
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=rows,
        redundancy=6,
        pay_policy="consensus",
        pay_threshold="0.6",
    )
    make.make_money(organisation, 10**9)
    return project


def argue(project: Project, *, people: int = 6) -> list[Worker]:
    """Every second worker takes irony for blame; the last one answers at random, and is not accurate."""
    crowd = [make.make_worker() for _number in range(people)]
    for place, one in enumerate(crowd):
        work(one, project, minds(place), limit=20)
    aggregate(project.pk)
    return crowd


def minds(place: int) -> Any:
    def answer(held: Assignment) -> dict[str, str]:
        ironic = "ironic" in held.task.payload["units"][0]["text"]
        return {"mood": ("bad" if place % 2 else "good") if ironic else mood_of(held)}

    return answer


def test_a_ruling_settles_all_cases_that_are_alike_and_counts_against_nobody(
    disputed: Project, requester: User, organisation: Organisation, client: Client
) -> None:
    training = catalogue.create(actor=requester, organisation_id=organisation.pk, name="Moods")
    tests.create_test(
        actor=requester,
        qualification_id=training.pk,
        config=CHOICE,
        items=[{"payload": {"text": "x"}, "key": "good"}],
        rules=tests.Rules(pass_mark=50, time_limit_s=600, training=True),
    )
    crowd = argue(disputed)
    (group,) = groups.groups(disputed, column="kind")
    assert (group.like, len(group.cases)) == (LIKE, 4)
    assert group.cost == pytest.approx(sum(1 - one.posterior for one in group.cases))
    anew, gold = group.task_ids[:2], group.task_ids[2:3]
    tier = Tier.objects.create(project=disputed, number=1, name="Doctors", reward_micros=100_000, expert_calls=1)
    Task.objects.filter(pk=anew[0]).update(tier=1)  # one had gone up: it costs what specialists cost
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    place = reverse("web:requester:ruling", args=[disputed.pk])
    assert "$0.048 or, by specialists, $0.10." in client.get(place, vars(LIKE)).content.decode()
    Task.objects.filter(pk=anew[0]).update(tier=0)
    tier.delete()
    ruling = rule.rule(
        actor=requester,
        project_id=disputed.pk,
        like=LIKE,
        decided="bad",
        text="Irony means the opposite of what it says.",
        then=Consequences(ask_anew=anew, make_gold=gold, training=training.pk),
    )
    disputed.refresh_from_db()

    assert disputed.guidelines == ruling.version
    assert "good or bad (irony)? bad: Irony means the opposite" in ruling.version.text
    assert groups.groups(disputed, column="kind") == []
    cases = {one.task_id: one for one in RulingCase.objects.filter(ruling=ruling)}
    assert [cases[id].asked_anew for id in group.task_ids] == [6, 6, 0, 0]
    task = Task.objects.get(pk=gold[0])
    assert (task.is_gold, task.gold_reason) == (True, ruling.text)
    assert training.tests.order_by("-version")[0].items[-1]["explanation"] == ruling.text
    assert Task.objects.get(pk=anew[0]).open
    assert not Task.objects.get(pk=group.task_ids[3]).open
    taught = answers.given(project_id=disputed.pk, question="mood").taught()
    assert {key[0] for key in taught.keys} & set(group.task_ids) == set()  # what was said before teaches nothing
    aggregate(disputed.pk)
    for merged in Consensus.objects.filter(task_id__in=group.task_ids[2:]):  # gold or not: it is what was decided
        assert (merged.value, merged.posterior, merged.answers) == ("bad", 1.0, 6)
    assert all((one.accuracy or 0) > 0.9 for one in WorkerScore.objects.all())  # they agreed on the plain ones
    settle(disputed.pk)
    assert Proposal.objects.count() == 0  # the one half is not blamed for what was decided afterwards

    fresh = make.make_worker()
    work(fresh, disputed, minds(0), limit=3)  # gold among them, and the two cases that are asked anew
    again = Assignment.objects.filter(worker=fresh, task_id__in=anew)
    assert again.count() == 2
    assert {one.guidelines for one in again} == {ruling.version}
    before = Assignment.objects.filter(task_id__in=gold, worker__in=crowd)
    assert {one.gold_passed for one in before} == {None}
    assert set(Participation.objects.filter(worker__in=crowd).values_list("gold_wrong", flat=True)) == {0}
    with pytest.raises(Conflict):
        rule.rule(actor=requester, project_id=disputed.pk, like=LIKE, decided="bad", text="Once more.")
    pause.pause(actor=requester, project_id=disputed.pk, worker_id=crowd[0].pk, reason="Let us look.")
    recount.recount(Participation.objects.get(project=disputed, worker=crowd[0]).pk)
    paused = Assignment.objects.filter(worker=crowd[0], task__is_gold=False)
    assert not paused.filter(counts=True).exists()  # what was ruled on counts no longer than the rest
    all_is_well()


def test_a_ruling_is_refused_at_its_field(disputed: Project, requester: User, stranger: User) -> None:
    argue(disputed)
    where: dict[str, Any] = {"project_id": disputed.pk, "like": LIKE}
    for given, field in (
        ({"decided": "ugly", "text": "x"}, "decided"),
        ({"decided": "bad", "text": " "}, "text"),
        ({"decided": "bad", "text": "x", "then": Consequences(ask_anew=[10**9])}, "ask_anew"),
    ):
        with pytest.raises(BadInput) as refused:
            rule.rule(actor=requester, **where, **given)
        assert field in refused.value.data["errors"]
    with pytest.raises(NotFound):
        rule.rule(actor=stranger, **where, decided="bad", text="x")
    assert disputed.guidelines is None


def test_guidelines_by_label_are_one_text_and_a_ruling_is_an_edge_case_of_its_label(
    disputed: Project, requester: User
) -> None:
    label = {
        "question": "mood",
        "label": "bad",
        "definition": "The writer is unhappy.\r\nOr angry.",
        "examples": ["I hate it."],
        "counter_examples": ["It is raining."],
    }
    first = write.write(actor=requester, project_id=disputed.pk, data={"intro": "Read twice.", "labels": [label]})
    assert first.text.startswith(
        "Read twice.\n\n## bad\n\nThe writer is unhappy.\nOr angry.\n\n**Examples**\n\n- I hate it."
    )
    sent = first.text.replace("\n", "\r\n")  # the text in a form's field, as a browser sends it back
    assert config.set_guidelines(actor=requester, project_id=disputed.pk, text=sent) == first
    argue(disputed)
    ruling = rule.rule(actor=requester, project_id=disputed.pk, like=LIKE, decided="bad", text="Irony blames.")
    (part,) = ruling.version.parts["labels"]
    assert part["definition"] == "The writer is unhappy.\nOr angry."
    assert part["edge_cases"] == ["good or bad (irony)? bad: Irony blames."]
    assert "**Edge cases**\n\n- good or bad (irony)?" in ruling.version.text
    with pytest.raises(BadInput) as refused:
        write.write(actor=requester, project_id=disputed.pk, data={"labels": [label | {"label": "blue"}]})
    assert "labels[0].label" in refused.value.data["errors"]


def test_what_a_version_changed_is_seen_before_and_after(disputed: Project, requester: User, worker: Worker) -> None:
    argue(disputed, people=2)
    config.set_guidelines(actor=requester, project_id=disputed.pk, text="Irony is bad.")
    work(worker, disputed, lambda held: {"mood": "bad"}, limit=5)
    after, before = queries.effects(disputed, questions=["mood"])
    assert (after.version is not None, before.version) == (True, None)
    assert (after.answers, before.answers) == (5, 24)
    assert after.labels == [("mood", "bad", 1.0)]
    assert {label: share for _question, label, share in before.labels} == {"good": 0.5, "bad": 0.5}


def test_after_a_change_the_requester_chooses_which_tasks_are_asked_again_and_sees_the_price(
    disputed: Project, requester: User, staff: User, organisation: Organisation, stranger: User, worker: Worker
) -> None:
    crowd = argue(disputed)
    each = disputed.price_micros
    here: dict[str, Any] = {"actor": requester, "project_id": disputed.pk}
    with pytest.raises(Conflict):  # nothing has changed
        reopen.reopen(**here, which=Which())
    config.set_guidelines(actor=requester, project_id=disputed.pk, text="Irony is bad.")

    everything, doubtful = reopen.plan(**here, which=Which()), reopen.plan(**here, which=Which(below=0.9))
    assert (everything.tasks, everything.answers, everything.price_micros) == (12, 72, 72 * each)
    assert (doubtful.tasks, doubtful.slots) == (4, 24)
    bad = reopen.plan(**here, which=Which(question="mood", label="bad"))
    assert bad.tasks == Consensus.objects.filter(value="bad").count()
    for which, place in ((Which(label="bad"), "label"), (Which(below=2), "below"), (Which(question="x"), "question")):
        with pytest.raises(BadInput) as refused:
            reopen.plan(**here, which=which)
        assert place in refused.value.data["errors"]
    with pytest.raises(NotFound):
        reopen.plan(actor=stranger, project_id=disputed.pk, which=Which())
    with pytest.raises(Conflict):
        reopen.reopen(**here, which=Which(below=0.9), at_most_micros=doubtful.price_micros - 1)

    blamed = Assignment.objects.filter(task__payload__units__0__text="ironic 0", worker=crowd[1])
    Proposal.objects.create(
        project=disputed, assignment=blamed.get(), evidence="consensus", facts={}, created_at=clock.now()
    )
    before = escrow_and_available(disputed)
    assert reopen.reopen(**here, which=Which(below=0.9), at_most_micros=doubtful.price_micros) == doubtful
    after = escrow_and_available(disputed)
    assert (after[0] - before[0], before[1] - after[1]) == (24 * each, 24 * each)
    asked = Task.objects.filter(project=disputed, open=True)
    assert {(one.needed, one.filled, one.answered) for one in asked} == {(6, 0, 0)}
    assert reopen.plan(**here, which=Which(below=0.9)).tasks == 0  # nothing is asked again twice
    all_is_well()

    again = [one.pk for one in asked]
    inside = Participation.objects.get(project=disputed, worker=crowd[0])
    for deed in (pause.pause, pause.lift):  # the places that were asked anew are not his again
        deed(actor=requester, project_id=disputed.pk, worker_id=crowd[0].pk, reason="Let us look.")
        recount.recount(inside.pk)
    assert set(Task.objects.filter(pk__in=again).values_list("filled", flat=True)) == {0}
    kept = Assignment.objects.filter(worker=crowd[0]).exclude(task__in=again)
    assert set(kept.values_list("counts", flat=True)) == {True}
    late = list(Assignment.objects.filter(worker=crowd[2], task__in=again).values_list("pk", flat=True)[:2])
    grounds = Grounds(evidence="gold", reason="Missed.")
    reject.reject(actor=requester, project_id=disputed.pk, assignment_ids=late, grounds=grounds)
    reject.overturn(actor=staff, assignment_id=late[0], reason="It was right.")
    restore.restore(reserves.lock(disputed.pk), late[1:], reason="The key was wrong.", now=clock.now())
    back = Assignment.objects.filter(pk__in=late)
    assert set(back.values_list("state", "counts")) == {("accepted", False)}  # paid, and in nobody's place
    all_is_well()
    for fresh in [worker, *[make.make_worker() for _number in range(5)]]:
        assert work(fresh, disputed, minds(1), limit=20) == 4
    aggregate(disputed.pk)
    assert set(Consensus.objects.filter(task__in=again).values_list("value", "answers")) == {("bad", 6)}
    settle(disputed.pk)  # what was said before is paid, and counts against nobody
    assert [one.state for one in Proposal.objects.all()] == ["lapsed"]
    old = Assignment.objects.filter(task__in=again, worker__in=crowd)
    assert set(old.values_list("state", "counts")) == {("accepted", False)}
    all_is_well()


def test_what_cannot_be_paid_is_not_reopened(disputed: Project, requester: User, organisation: Organisation) -> None:
    argue(disputed)
    config.set_guidelines(actor=requester, project_id=disputed.pk, text="Irony is bad.")
    _escrow, available = escrow_and_available(disputed)
    make.take_money(organisation, available)
    with pytest.raises(BudgetShort):
        reopen.reopen(actor=requester, project_id=disputed.pk, which=Which())
    assert not Task.objects.filter(project=disputed, open=True).exists()
    assert not Assignment.objects.filter(project=disputed, counts=False).exists()
    all_is_well()


def escrow_and_available(project: Project) -> tuple[int, int]:
    of = [(Holder.PROJECT, project.pk, Purpose.ESCROW)]
    of += [(Holder.ORGANISATION, project.organisation_id, Purpose.AVAILABLE)]
    first, second = (of_holder(holder=one, holder_id=id)[purpose, "USD"] for one, id, purpose in of)
    return first, second


def test_a_question_at_a_sentence_is_answered_for_everybody(
    disputed: Project, requester: User, worker: Worker, other_worker: Worker, stranger: User
) -> None:
    doubt = doubts.ask(worker=worker, project_id=disputed.pk, quote="Read twice.", text="Also when it is short?")
    assert Notice.objects.filter(user=requester, kind="question_asked").count() == 1
    with pytest.raises(NotFound):
        doubts.answer(actor=stranger, project_id=disputed.pk, doubt_id=doubt.pk, text="Yes.")
    assert list(queries.published(disputed)) == []
    doubts.answer(actor=requester, project_id=disputed.pk, doubt_id=doubt.pk, text="Yes.")
    assert [one.answer for one in queries.published(disputed)] == ["Yes."]
    assert Notice.objects.filter(user=worker.user, kind="question_answered").count() == 1
    with pytest.raises(Conflict):
        doubts.answer(actor=requester, project_id=disputed.pk, doubt_id=doubt.pk, text="No.")
    for _time in range(doubts.MOST_OPEN):
        doubts.ask(worker=other_worker, project_id=disputed.pk, text="And?")
    with pytest.raises(TooMany):
        doubts.ask(worker=other_worker, project_id=disputed.pk, text="And?")
    assert Doubt.objects.count() == 1 + doubts.MOST_OPEN
