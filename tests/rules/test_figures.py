"""Every collector as a story: a worker does something, the rule sees it, and then."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import give_back, take
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.reject import reject
from crowd.consensus.models import Proposal
from crowd.consensus.services import proposals
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import clock
from crowd.projects.models import Project, Task
from crowd.projects.services import budget
from crowd.review.errors import FoundByRule
from crowd.review.services import appeals
from crowd.rules.services import contest, decide
from crowd.users.models import Organisation, User
from qualifications.models import Qualification
from qualifications.services import grants
from tests import make
from tests.check import all_is_well
from tests.make_project import make_open, texts
from tests.rules.working import Answer, always, fired, is_paused, on, work
from workers.models import Worker

pytestmark = pytest.mark.django_db

DESCRIBE: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [{"id": "words", "kind": "text", "text": "Describe it."}],
}


def test_gold_below_the_mark_pauses_and_the_worker_reads_his_figures(
    project: Project, requester: User, worker: Worker, other_worker: Worker, client: Client
) -> None:
    on(requester, project, "gold", [("answers", "at_least", 4), ("wrong_share", "above", 40)], "pause", hours=24)
    work(other_worker, project, always("good"), limit=12)
    work(worker, project, always("good", gold="bad"), limit=3)
    assert fired(project, worker) == []  # three gold answers are too few to say

    work(worker, project, always("good", gold="bad"), limit=1)
    (firing,) = fired(project, worker)
    inside = Participation.objects.get(worker=worker)

    assert firing.state == "done"
    assert firing.evidence["figures"]["wrong_share"] == 100
    assert len(firing.evidence["assignments"]) == firing.evidence["events"]
    assert inside.state == "paused"
    assert "share of gold tasks answered wrong: 100 % (the rule: > 40 %)" in inside.pause_reason
    assert fired(project, worker) == [firing]  # looked at again, nothing happens twice
    assert not is_paused(project, other_worker)
    with pytest.raises(FoundByRule) as refused:  # there is one place to contest it
        appeals.against_pause(worker=worker, project_id=project.pk, text="It was irony.")
    assert refused.value.data["firing"] == firing.pk
    client.force_login(worker.user, backend="django.contrib.auth.backends.ModelBackend")
    led = client.get(f"/work/appeals/projects/{project.pk}/")
    assert led.headers["Location"] == f"/work/record/{firing.pk}/contest/"
    clock.advance(timedelta(hours=25))
    assert contest.end_due() == 1
    assert not is_paused(project, worker)
    assert len(fired(project, worker)) == 1  # the old evidence is used up
    all_is_well()


def test_who_differs_from_the_merged_answers_is_asked_less_of(
    requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(12), redundancy=3)
    crowd = [make.make_worker() for _number in range(2)]
    make.make_money(organisation, 10**8)
    budget.add_budget(actor=requester, project_id=project.pk, reserve="extra", amount_micros=48_000 * 8)
    on(
        requester,
        project,
        "consensus",
        [("answers", "at_least", 5), ("differ_share", "above", 50)],
        "redundancy",
        more=1,
    )
    work(worker, project, always("bad"), limit=10)
    for one in crowd:
        work(one, project, always("good"), limit=12)
    aggregate(project.pk)
    (firing,) = fired(project, worker)

    assert firing.evidence["figures"] == {"answers": 10, "agree_share": 0, "differ_share": 100}
    assert firing.result["asked"] == 8  # as many as the reserve pays for
    assert Task.objects.filter(project=project, needed=4).count() == 8
    assert not fired(project, crowd[0])
    all_is_well()


def test_the_fast_are_told_but_not_who_asked_for_more_time(
    project: Project, requester: User, worker: Worker, other_worker: Worker
) -> None:
    on(
        requester,
        project,
        "time",
        [("fast_answers", "at_least", 3)],
        "warn",
        settings={"fast_s": 5, "window": 10},
        text="Please read each text.",
    )
    Worker.objects.filter(pk=other_worker.pk).update(time_percent=150)
    for one in (worker, other_worker):
        work(one, project, always("good"), limit=4, seconds=1)
    (firing,) = fired(project, worker)

    assert firing.state == "done"
    assert fired(project, other_worker) == []
    work(worker, project, always("good"), limit=4, seconds=1)
    assert [one.number for one in fired(project, worker)] == [1, 2]  # by four new answers, not by the old ones
    all_is_well()


def test_returns_in_a_row_count_unless_the_task_was_the_reason(
    project: Project, requester: User, worker: Worker, other_worker: Worker
) -> None:
    on(requester, project, "returns", [("in_a_row", "at_least", 3)], "pause")
    for one, why in ((worker, "no_time"), (other_worker, "unclear")):
        for _number in range(3):
            held = take.take_next(worker=one, project_id=project.pk)
            clock.advance(timedelta(seconds=1))
            give_back.return_task(worker=one, assignment_id=held.pk, reason=why)

    assert len(fired(project, worker)) == 1
    assert fired(project, other_worker) == []
    assert is_paused(project, worker)
    assert not is_paused(project, other_worker)


@pytest.mark.parametrize(("figure", "most"), [("in_hour", 5), ("in_day", 8)])
def test_answers_an_hour_and_a_day(figure: str, most: int, project: Project, requester: User, worker: Worker) -> None:
    on(requester, project, "pace", [(figure, "at_least", most)], "pause", hours=1)
    work(worker, project, always("good"), limit=4)
    clock.advance(timedelta(hours=2))
    work(worker, project, always("good"), limit=3)
    assert fired(project, worker) == []
    work(worker, project, always("good"), limit=2)
    (firing,) = fired(project, worker)
    assert firing.evidence["figures"] == {"in_hour": 5, "in_day": 9}


def test_income_of_a_day_has_a_limit_and_what_was_earned_stays(
    project: Project, requester: User, worker: Worker
) -> None:
    on(requester, project, "income", [("in_day", "at_least", "0.20")], "pause", hours=24)
    work(worker, project, always("good"), limit=5)
    (firing,) = fired(project, worker)
    assert firing.evidence["figures"]["in_day"] == pytest.approx(0.2)
    assert "$0.20" in Participation.objects.get(worker=worker).pause_reason
    assert Assignment.objects.filter(worker=worker, state="submitted").count() == 5
    all_is_well()


def test_a_share_of_rejected_answers_leads_to_a_training_that_lets_him_in_again(
    project: Project, requester: User, worker: Worker, skill: Qualification
) -> None:
    on(
        requester,
        project,
        "acceptance",
        [("decided", "at_least", 2), ("rejected_share", "at_least", 50)],
        "train",
        qualification=skill.pk,
    )
    work(worker, project, always("good"), limit=6)
    ids = list(Assignment.objects.filter(worker=worker, is_gold=False).values_list("pk", flat=True))[:2]
    reject(
        actor=requester,
        project_id=project.pk,
        assignment_ids=ids,
        grounds=Grounds(evidence="written", reason="No."),
        reopen=False,
    )
    assert len(fired(project, worker)) == 1
    assert is_paused(project, worker)
    assert contest.end_due() == 0
    clock.advance(timedelta(minutes=5))
    grants.award_many(skill, [grants.Award(worker_id=worker.pk)], actor=None, now=clock.now())  # as a passed test does
    assert contest.end_due() == 1
    assert not is_paused(project, worker)
    all_is_well()


def test_errors_shared_with_another_worker_are_shown_to_a_person(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(48), redundancy=6)
    honest = [make.make_worker() for _number in range(4)]
    on(requester, project, "shared_errors", [("shared_errors", "at_least", 8)], "block", scope="project", text="Alone.")
    for place, one in enumerate(honest):  # each wrong in places of his own
        work(one, project, wrong_at(2 * place), limit=48)
    for one in (worker, other_worker):  # the same quarter wrong
        work(one, project, lambda held: {"mood": mood(held, held.task_id % 4 == 1)}, limit=48)
    aggregate(project.pk)
    (firing,) = fired(project, worker)

    assert firing.state == "proposed"
    assert firing.evidence["with_worker"] == other_worker.pk
    assert not is_paused(project, worker)
    assert not any(fired(project, one) for one in honest)
    decide.follow(actor=requester, firing_id=firing.pk, reason="I have compared the answers.")
    inside = Participation.objects.get(worker=worker)
    assert inside.state == "paused"
    assert "I have compared the answers." in inside.pause_reason
    assert len(fired(project, worker)) == 1
    all_is_well()


def wrong_at(place: int) -> Answer:
    return lambda held: {"mood": mood(held, held.task_id % 8 == place)}


def mood(held: Assignment, wrong: bool) -> str:
    true = "good" if held.task_id % 3 else "bad"
    return {"good": "bad", "bad": "good"}[true] if wrong else true


def test_the_same_answer_in_a_row_says_something_only_where_others_answer_differently(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    mixed = make_open(actor=requester, organisation=organisation, rows=texts(30), redundancy=2)
    plain = make_open(actor=requester, organisation=organisation, rows=texts(30), redundancy=2)
    for project in (mixed, plain):
        on(requester, project, "straight_lining", [("odds", "at_least", 1000)], "pause")
    work(other_worker, mixed, lambda held: {"mood": "good" if held.task_id % 2 else "bad"}, limit=30)
    work(other_worker, plain, always("good"), limit=30)
    for project in (mixed, plain):
        work(worker, project, always("good"), limit=25)

    assert len(fired(mixed, worker)) == 1
    assert fired(plain, worker) == []
    assert fired(mixed, other_worker) == []


def test_copied_free_text(requester: User, organisation: Organisation, worker: Worker, other_worker: Worker) -> None:
    project = make_open(actor=requester, organisation=organisation, rows=texts(8), redundancy=2, label_config=DESCRIBE)
    on(requester, project, "copied_text", [("others", "at_least", 3)], "reject", text="These texts are another's.")
    work(other_worker, project, lambda held: {"words": f"A long text about number {held.task_id}"}, limit=8)
    work(worker, project, lambda held: {"words": f"a long  TEXT about number {held.task_id}"}, limit=5)
    (firing,) = fired(project, worker)

    assert firing.result["proposed"] == 5
    assert fired(project, other_worker) == []
    some = list(Proposal.objects.filter(assignment__worker=worker).order_by("pk"))
    assert {one.evidence for one in some} == {"rule"}
    assert some[0].facts["figures"]["others"] == 5
    assert Assignment.objects.filter(worker=worker, state="submitted").count() == 5  # nothing is withheld by a rule
    proposals.reject(actor=requester, project_id=project.pk, proposal_ids=[some[0].pk], reason="Copied.")
    all_is_well()
