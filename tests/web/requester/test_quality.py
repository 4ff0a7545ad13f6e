"""How sure a project's answers become and what that costs: redundancy, further answers, specialists."""

import re

import pytest
from django.test import Client

from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import money
from crowd.projects.states import ProjectState
from crowd.users.models import Organisation, User
from tests import make, make_project
from tests.web.requester.forms import price_form, quality_form, text_of, to

pytestmark = pytest.mark.django_db(transaction=True)


def unfolded(page: str) -> list[str]:
    """The folds of a form that stand open: where something is wrong, or not as usual."""
    return re.findall(r'<details class="fold" open><summary><strong>([^<]+)<', page)


def test_what_being_right_costs_is_drawn_from_an_earlier_project_and_what_was_saved_is_shown(
    site: Client, requester: User, organisation: Organisation
) -> None:
    earlier = make_project.make_open(
        actor=requester, organisation=organisation, rows=make_project.texts(12), redundancy=4, title="Earlier"
    )
    for number in range(4):
        someone = make.make_worker()
        for place in range(12):
            held = take.take_next(worker=someone, project_id=earlier.pk)
            mood = "good" if (held.task_id % 2 == 0) != (number == 3 and place % 3 == 0) else "bad"
            submit(worker=someone, assignment_id=held.id, value={"mood": mood}, take_next=False)
    aggregate(earlier.pk)

    project = make_project.make_draft(
        actor=requester, organisation=organisation, rows=make_project.texts(6), reward_micros=100_000
    )
    step = to("setup-quality", project.pk)
    assert "Earlier" in text_of(site.get(step))
    drawn = text_of(site.get(step, {"from": earlier.pk}))
    assert "exactly 4" in drawn
    assert "as needed, until 95 % sure" in drawn
    assert "$480.00" in drawn  # four answers of 12 cents to a thousand tasks
    assert "It has too few" not in drawn

    assert unfolded(drawn) == []
    wrong = quality_form(quiz_pass="-1", repeat_share="10", most_answers="")
    assert unfolded(text_of(site.post(step, wrong))) == ["A quiz at the start", "Repeats, for opinions"]
    site.post(step, quality_form(redundancy="2", most_answers="5", target_posterior="75", least_gain=""))
    assert unfolded(text_of(site.get(step))) == ["Further answers, only where they are needed"]
    site.post(to("setup-price", project.pk), price_form(reward="0.10", extra_budget="1"))
    make.make_money(organisation, 100 * money.MICROS)
    site.post(to("setup-check", project.pk))
    project.refresh_from_db()
    assert (project.most_answers, str(project.target_posterior), str(project.least_gain)) == (5, "0.7500", "0.0010")
    assert (project.state, project.extra_reserve_micros) == (ProjectState.OPEN, money.MICROS)
    for someone in (make.make_worker(), make.make_worker()):
        held = take.take_next(worker=someone, project_id=project.pk)
        submit(worker=someone, assignment_id=held.id, value={"mood": "good"}, take_next=False)
    overview = text_of(site.get(to("project", project.pk)))
    assert "Answers not bought" in overview


def test_hard_tasks_are_sent_to_specialists_who_are_said_on_a_page(
    site: Client, requester: User, organisation: Organisation
) -> None:
    doctors = make.make_qualification(organisation=organisation, name="Doctors of law")
    project = make_project.make_draft(actor=requester, organisation=organisation, rows=make_project.texts(2))
    step, rows = to("setup-tiers", project.pk), {"t1r-TOTAL_FORMS": "1", "t1r-INITIAL_FORMS": "0"}
    demand = {"t1r-0-qualification": str(doctors.pk), "t1r-0-comparator": "Exists"}
    terms = {"t1-name": "Lawyers", "t1-reward": "0.10", "t1-redundancy": "1", "t1-budget": "0.30"}
    terms["t1-most_answers"] = "3"
    for half in ({"t1-expert_calls": "1"}, {"t1-redundancy": "2"}, demand):
        nameless = text_of(site.post(step, rows | {"t1-redundancy": "1"} | half))  # nothing that was typed is dropped
        assert nameless.count("Who they are") == 2  # the field, and the fault that leads to it
    refused = text_of(site.post(step, rows | demand | terms))
    assert "Say what sends a task to this tier." in refused
    assert "Lawyers" in refused
    assert site.post(step, rows | demand | terms | {"t1-expert_calls": "1"}).status_code == 302
    assert "Lawyers" in text_of(site.get(to("setup-quality", project.pk)))
    assert "Lawyers" in text_of(site.get(to("setup-price", project.pk)))
    assert "Doctors of law" in text_of(site.get(step))

    make.make_money(organisation, 100 * money.MICROS)
    site.post(to("setup-check", project.pk))
    someone = make.make_worker()
    held = take.take_next(worker=someone, project_id=project.pk)
    value = {"cannot_answer": {"reason": "needs_expert"}}
    submit(worker=someone, assignment_id=held.id, value=value, take_next=False)
    assert "1 wait to go there" in text_of(site.get(step))
    assert "Lawyers" in text_of(site.get(to("project", project.pk)))
    (key,) = re.findall('name="key" value="([0-9a-f]{32})"', site.get(to("funds", project.pk)).content.decode())
    for _again in range(2):  # the same page sent twice
        assert site.post(to("funds", project.pk), {"reserve": "tier-1", "amount": "1", "key": key}).status_code == 302
    assert project.tiers.get().reserve_micros == 1_300_000
    assert "Lawyers" in text_of(site.get(to("funds", project.pk)))
