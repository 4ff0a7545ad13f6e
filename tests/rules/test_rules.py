"""Every collector and every action of the rules, as stories: a worker does something, the rule sees it, and then."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import give_back, take
from crowd.assignments.services import pause as pausing
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.reject import reject
from crowd.assignments.services.submit import submit
from crowd.consensus.models import Proposal
from crowd.consensus.services import proposals
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.notices.models import Notice
from crowd.projects.models import Project, Requirement, Task
from crowd.projects.services import budget
from crowd.review.errors import FoundByRule
from crowd.review.services import appeals
from crowd.rules.errors import NotContestable, StillOn, StopsEverybody
from crowd.rules.models import Firing, Rule
from crowd.rules.services import contest, decide, evaluate, switch
from crowd.rules.terms import parse
from crowd.users.models import Organisation, User
from qualifications.models import Grant, Qualification
from qualifications.services import grants
from tests import make
from tests.check import all_is_well
from tests.make_project import in_force, make_open, texts
from workers.models import Block, Worker

pytestmark = pytest.mark.django_db

Answer = Callable[[Assignment], Mapping[str, Any]]
DESCRIBE: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [{"id": "words", "kind": "text", "text": "Describe it."}],
}


def always(mood: str, *, gold: str | None = None) -> Answer:
    return lambda held: {"mood": gold if gold and held.is_gold else mood}


def work(worker: Worker, project: Project, answer: Answer, *, limit: int, seconds: float = 10) -> int:
    """So many answers, each after so many seconds; the number given."""
    for number in range(limit):
        try:
            held = take.take_next(
                worker=worker, project_id=project.pk, guidelines_read=in_force(project), random=Random(worker.pk)
            )
        except Exception:  # there is no more
            return number
        clock.advance(timedelta(seconds=seconds))
        submit(worker=worker, assignment_id=held.pk, value=answer(held), take_next=False)
    return limit


def on(
    actor: User,
    project: Project,
    collector: str,
    conditions: Sequence[tuple[str, str, object]],
    action: str,
    *,
    although: bool = True,
    settings: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Rule:
    """A rule, written and switched on."""
    terms = {
        "collector": collector,
        "settings": settings or {},
        "conditions": [{"figure": f, "comparator": c, "value": v} for f, c, v in conditions],
        "action": action,
        "parameters": parameters,
    }
    rule = switch.create(actor=actor, project_id=project.pk, terms=terms)
    return switch.switch_on(actor=actor, project_id=project.pk, rule_id=rule.pk, although=although)


def fired(project: Project, worker: Worker) -> list[Firing]:
    evaluate.evaluate(project.pk)
    return list(Firing.objects.filter(project=project, worker=worker).order_by("pk"))


def is_paused(project: Project, worker: Worker) -> bool:
    return Participation.objects.get(project=project, worker=worker).state == "paused"


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    """Everybody's first four tasks are gold."""
    return make_open(
        actor=requester, organisation=organisation, rows=texts(40, gold=4), quiz_length=4, quiz_cap=9, redundancy=2
    )


@pytest.fixture
def skill(organisation: Organisation) -> Qualification:
    return make.make_qualification(organisation=organisation, name="Moods")


# --- Collectors ------------------------------------------------------------------------------------------------------
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


# --- Actions ---------------------------------------------------------------------------------------------------------
def test_grant_with_a_share_as_its_value_and_revoke_what_other_projects_ask_for_only_by_a_person(
    project: Project, requester: User, organisation: Organisation, worker: Worker, skill: Qualification
) -> None:
    on(
        requester,
        project,
        "gold",
        [("answers", "at_least", 3), ("right_share", "at_least", 90)],
        "grant",
        qualification=skill.pk,
        value_from="right_share",
    )
    work(worker, project, always("good"), limit=8)
    fired(project, worker)
    held = Grant.objects.get(worker=worker, qualification=skill)
    assert (held.state, held.value, held.granted_by) == ("granted", 100, None)

    other = make_open(actor=requester, organisation=organisation, rows=texts(1))
    Requirement.objects.create(project=other, qualification=skill, comparator="Exists")
    on(requester, project, "pace", [("in_day", "at_least", 9)], "revoke", qualification=skill.pk)
    work(worker, project, always("good"), limit=2)
    firing = fired(project, worker)[-1]
    held.refresh_from_db()
    assert (firing.state, held.state) == ("proposed", "granted")
    decide.follow(actor=requester, firing_id=firing.pk)
    held.refresh_from_db()
    assert (held.state, held.granted_by) == ("revoked", requester)
    contest.contest(worker=worker, firing_id=firing.pk, text="I did nothing wrong.")
    clock.advance(timedelta(days=8))
    assert contest.answer_overdue() == 1  # nobody answered: the worker is right
    held.refresh_from_db()
    assert (held.state, held.value) == ("granted", 100)
    all_is_well()


def test_accept_the_rest_and_ask_anew(project: Project, requester: User, worker: Worker, other_worker: Worker) -> None:
    make.make_money(project.organisation, 10**8)
    on(requester, project, "pace", [("in_day", "at_least", 4)], "accept")
    on(requester, project, "pace", [("in_day", "at_least", 6)], "reopen")
    work(worker, project, always("good"), limit=5)
    (firing,) = fired(project, worker)
    assert firing.result["accepted"] == 5
    work(worker, project, always("good"), limit=3)
    reopened = fired(project, worker)[-1]
    counting = Assignment.objects.filter(worker=worker, is_gold=False, counts=True)
    assert reopened.result["reopened"] > 0
    assert counting.count() == 0
    assert not is_paused(project, worker)
    all_is_well()


def test_a_block_beyond_the_project_is_decided_by_a_person_of_its_scope_and_can_be_contested(
    project: Project, requester: User, colleague: User, stranger: User, staff: User, worker: Worker
) -> None:
    blocks = {
        scope: on(
            requester, project, "pace", [("in_day", "at_least", 3)], "block", scope=scope, days=10, text="Too many."
        )
        for scope in ("organisation", "site")
    }
    work(worker, project, always("good"), limit=3)
    ours, sites = fired(project, worker)
    assert {one.state for one in (ours, sites)} == {"proposed"}
    assert Block.objects.count() == 0
    with pytest.raises(NotFound):
        decide.follow(actor=stranger, firing_id=ours.pk)
    with pytest.raises(NotAllowed):
        decide.follow(actor=requester, firing_id=sites.pk)
    decide.dismiss(actor=staff, firing_id=sites.pk, reason="Too little.")
    decide.follow(actor=requester, firing_id=ours.pk)
    block = Block.objects.get()
    assert (block.organisation, block.created_by) == (project.organisation, requester)
    assert "number of answers within 24 hours: 3 (the rule: ≥ 3)" in block.reason
    assert blocks["site"].pk == sites.rule_id

    with pytest.raises(FoundByRule):
        contest.against_block(worker=worker, block_id=block.pk, text="Nobody said how many.")
    contest.contest(worker=worker, firing_id=ours.pk, text="Nobody said how many.")
    with pytest.raises(NotContestable):
        contest.contest(worker=worker, firing_id=ours.pk, text="Once more.")
    with pytest.raises(NotAllowed):  # not by whom it was decided
        contest.answer(actor=requester, firing_id=ours.pk, undo=False, text="No.")
    contest.answer(actor=colleague, firing_id=ours.pk, undo=True, text="He is right.")
    block.refresh_from_db()
    ours.refresh_from_db()
    assert block.lifted_by == colleague
    assert ours.state == "undone"
    all_is_well()


def test_a_block_of_the_whole_site_is_answered_by_staff_and_silence_does_not_lift_it(
    project: Project, requester: User, colleague: User, staff: User, worker: Worker, client: Client
) -> None:
    on(requester, project, "pace", [("in_day", "at_least", 3)], "block", scope="site", days=30, text="Too many.")
    work(worker, project, always("good"), limit=3)
    (firing,) = fired(project, worker)
    decide.follow(actor=staff, firing_id=firing.pk)
    contest.contest(worker=worker, firing_id=firing.pk, text="I am quick.")
    assert Notice.objects.get(kind="site_block_contested").user == staff
    for member in (requester, colleague):
        with pytest.raises(NotAllowed):
            contest.answer(actor=member, firing_id=firing.pk, undo=True, text="He is ours.")
    page = reverse("web:requester:firing", args=[project.pk, firing.pk])
    client.force_login(colleague, backend="django.contrib.auth.backends.ModelBackend")
    assert 'name="undo"' not in client.get(page).content.decode()
    client.force_login(worker.user, backend="django.contrib.auth.backends.ModelBackend")
    assert "contested; staff answer it" in client.get(reverse("web:record")).content.decode()

    clock.advance(contest.ANSWER_WITHIN * 2)
    assert contest.answer_overdue() == 0
    assert Block.objects.get().lifted_at is None
    second = make.make_user(is_staff=True)
    contest.answer(actor=second, firing_id=firing.pk, undo=True, text="He is.")
    assert Block.objects.get().lifted_by == second
    all_is_well()


# --- Before it is switched on ----------------------------------------------------------------------------------------
def test_a_rule_that_would_stop_everybody_is_refused_with_the_number(
    project: Project, requester: User, worker: Worker, other_worker: Worker
) -> None:
    for one in (worker, other_worker, make.make_worker()):
        work(one, project, always("good"), limit=5)
    rule = on_draft(requester, project, "pace", [("in_day", "at_least", 5)], "pause")
    with pytest.raises(StopsEverybody) as refused:
        switch.switch_on(actor=requester, project_id=project.pk, rule_id=rule.pk, although=True)
    assert refused.value.data == {"hits": 3, "workers": 3}
    assert "all 3 workers" in str(refused.value)
    work(worker, project, always("good"), limit=3)
    work(other_worker, project, always("good"), limit=3)
    switch.edit(
        actor=requester,
        project_id=project.pk,
        rule_id=rule.pk,
        terms=rule.terms | {"conditions": [{"figure": "in_day", "comparator": "at_least", "value": "8"}]},
    )
    with pytest.raises(StopsEverybody, match="2 of 3"):
        switch.switch_on(actor=requester, project_id=project.pk, rule_id=rule.pk)
    switch.switch_on(actor=requester, project_id=project.pk, rule_id=rule.pk, although=True)
    with pytest.raises(StillOn):
        switch.edit(actor=requester, project_id=project.pk, rule_id=rule.pk, terms=rule.terms)


def test_what_it_would_have_done_is_what_it_does(
    project: Project, requester: User, worker: Worker, other_worker: Worker
) -> None:
    work(worker, project, always("good", gold="bad"), limit=14)
    work(other_worker, project, always("good"), limit=14)
    rule = on_draft(requester, project, "gold", [("answers", "at_least", 3), ("wrong_share", "above", 50)], "pause")
    run = switch.dry_run(project, parse(rule.terms))
    (found,) = run.findings
    assert (run.workers, run.now, found.worker_id) == (2, 1, worker.pk)
    assert found.first is not None
    assert found.first.answers == 3  # as soon as the third gold answer was wrong
    switch.switch_on(actor=requester, project_id=project.pk, rule_id=rule.pk, although=True)
    (firing,) = fired(project, worker)
    assert firing.evidence["figures"] == dict(found.figures)
    pausing.lift(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="We talked.")
    clock.advance(timedelta(seconds=1))
    assert len(fired(project, worker)) == 1


def on_draft(
    actor: User, project: Project, collector: str, conditions: Sequence[tuple[str, str, object]], action: str
) -> Rule:
    terms = {
        "collector": collector,
        "conditions": [{"figure": f, "comparator": c, "value": v} for f, c, v in conditions],
        "action": action,
    }
    return switch.create(actor=actor, project_id=project.pk, terms=terms)


@pytest.mark.parametrize(
    ("terms", "place", "words"),
    [
        ({"collector": "horoscope"}, "collector", "gold"),
        ({"conditions": []}, "conditions", "1 to 5"),
        (
            {"conditions": [{"figure": "wrong_share", "comparator": "above", "value": 140}]},
            "conditions[0].value",
            "100",
        ),
        ({"conditions": [{"figure": "in_hour", "comparator": "above", "value": 1}]}, "conditions[0].figure", "answers"),
        ({"conditions": [{"figure": "answers", "comparator": "at_least", "value": 0}]}, "conditions", "100 %"),
        ({"conditions": [{"figure": "right_share", "comparator": "above", "value": 60}]}, "conditions", "wrong way"),
        ({"settings": {"window": 0}}, "settings.window", "whole number"),
        ({"settings": {"moon": 1}}, "settings.moon", "nothing"),
        ({"action": "block", "parameters": {"days": 3}}, "parameters.text", "reason"),
        ({"action": "revoke", "parameters": {"qualification": 10**9}}, "parameters.qualification", "qualification"),
        ({"parameters": {"hours": "soon"}}, "parameters.hours", "whole number"),
    ],
)
def test_bad_terms_are_refused_at_their_place(
    terms: dict[str, Any], place: str, words: str, project: Project, requester: User
) -> None:
    good = {
        "collector": "gold",
        "conditions": [{"figure": "wrong_share", "comparator": "above", "value": 40}],
        "action": "pause",
    }
    with pytest.raises(BadInput) as refused:
        switch.create(actor=requester, project_id=project.pk, terms=good | terms)
    assert words in refused.value.data["errors"][place]
    assert Rule.objects.count() == 0
