"""What rules do, and what a person decides of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crowd.assignments.models import Assignment
from crowd.consensus.jobs import aggregate_project
from crowd.gold.services import keys
from crowd.kernel import clock
from crowd.kernel.errors import NotAllowed, NotFound
from crowd.notices.models import Notice
from crowd.projects.models import Project, Requirement, Task
from crowd.projects.services import budget, publish
from crowd.projects.services.tiers import set_tiers
from crowd.review.errors import FoundByRule
from crowd.rules.errors import NotContestable
from crowd.rules.services import contest, decide
from crowd.users.models import Membership, Organisation, User
from crowd.users.states import Role
from qualifications.models import Grant, Qualification
from qualifications.requirements import Condition
from qualifications.states import Comparator
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, make_draft, make_open, texts
from tests.rules.working import always, fired, is_paused, on, work
from workers.models import Block, Worker

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(("action", "parameters"), [("redundancy", {"more": 1}), ("reopen", {})])
def test_what_went_up_or_was_made_gold_since_is_asked_of_nobody_here(
    action: str,
    parameters: dict[str, Any],
    requester: User,
    organisation: Organisation,
    worker: Worker,
    skill: Qualification,
) -> None:
    """Three answers: to a task that specialists have now, to one that is gold now, to one that is as it was."""
    project = make_draft(actor=requester, organisation=organisation, rows=texts(4), redundancy=2)
    doctors = {"name": "Doctors", "reward_micros": 10 * CENT, "redundancy": 1, "budget_micros": 60 * CENT}
    conditions = [Condition(skill, Comparator.EXISTS)]
    set_tiers(actor=requester, project_id=project.pk, tiers=[doctors | {"expert_calls": 1, "conditions": conditions}])
    make.make_money(organisation, 10**8)
    publish.publish(actor=requester, project_id=project.pk)
    budget.add_budget(actor=requester, project_id=project.pk, reserve="extra", amount_micros=48 * CENT)
    work(worker, project, lambda _held: {"cannot_answer": {"reason": "needs_expert"}}, limit=1)
    work(worker, project, always("good"), limit=2)
    aggregate_project(project.pk)
    made, stays = Task.objects.filter(project=project, tier=0, answered=1).order_by("pk")
    keys.make(actor=requester, project_id=project.pk, task_id=made.pk, key="good")
    on(requester, project, "pace", [("in_day", "at_least", 3)], action, **parameters)
    (firing,) = fired(project, worker)
    needed = dict(Task.objects.filter(project=project, answered__lte=1).values_list("pk", "needed"))
    free = Task.objects.filter(project=project, tier=1).values_list("needed", "filled")
    assert (firing.state, needed[made.pk]) == ("done", 0)
    assert needed[stays.pk] == (3 if action == "redundancy" else 2)
    assert [needed - filled for needed, filled in free] == [1]
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
    both = make.make_user(is_staff=True)  # whose own organisation wants the block
    Membership.objects.create(organisation=project.organisation, user=both, role=Role.MEMBER)
    for deed in (decide.follow, decide.dismiss):
        with pytest.raises(NotAllowed):
            deed(actor=both, firing_id=firing.pk, reason="We know him.")
    decide.follow(actor=staff, firing_id=firing.pk)
    contest.contest(worker=worker, firing_id=firing.pk, text="I am quick.")
    with pytest.raises(NotAllowed):
        contest.answer(actor=both, firing_id=firing.pk, undo=False, text="We know him.")
    assert {one.user for one in Notice.objects.filter(kind="site_block_contested")} == {staff, both}
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
