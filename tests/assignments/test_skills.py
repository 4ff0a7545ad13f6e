"""A worker's skill follows his known answers on all projects of a kind, and fades with time."""

from datetime import timedelta

import pytest

from crowd.assignments.models import Assignment
from crowd.assignments.services import skills, take
from crowd.assignments.services.submit import submit
from crowd.gold.services import keys, repair
from crowd.kernel import clock
from crowd.users.models import Organisation, User
from qualifications import skills as formula
from qualifications.models import Qualification, SkillAccuracy
from qualifications.requirements import Condition, check
from tests import check as checks
from tests.make_project import make_open, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def answer(worker: Worker, project_id: int, right: int, wrong: int) -> None:
    """So many known answers, and none more: only gold is in the way of a quiz."""
    for number in range(right + wrong):
        held = take.take_next(worker=worker, project_id=project_id)
        assert held.is_gold
        submit(
            worker=worker, assignment_id=held.id, value={"mood": "good" if number < right else "bad"}, take_next=False
        )


def quiz(requester: User, organisation: Organisation, length: int, currency: str = "USD") -> int:
    rows = texts(length + 2, gold=length)
    settings = {"quiz_length": length, "quiz_cap": 5, "gold_share": "0.1", "currency": currency}
    return make_open(actor=requester, organisation=organisation, rows=rows, **settings).pk


def value(worker: Worker) -> int | None:
    return formula.value(SkillAccuracy.objects.get(worker=worker), clock.now())


def test_a_skill_is_carried_across_projects_and_fades(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker
) -> None:
    answer(worker, quiz(requester, organisation, 4), right=4, wrong=0)
    answer(other_worker, quiz(requester, organisation, 6, "XTS"), right=6, wrong=0)
    assert skills.fold() == 0  # today's are told tomorrow
    clock.advance(DAY + timedelta(hours=1))
    assert skills.fold() == 0  # four are too few to say anything
    assert SkillAccuracy.objects.get().worker == worker  # test money leaves no mark
    skill = Qualification.objects.get(system="accuracy")
    assert (skill.subject, skill.name) == ("text/choice", "Accuracy: text/choice")
    demand = [Condition(skill, "GreaterThanOrEqualTo", (70,))]
    assert check(worker, demand, now=clock.now()).unmet[0].misses[0].held is None

    answer(worker, quiz(requester, organisation, 4), right=3, wrong=1)
    clock.advance(DAY)
    version = Worker.objects.get(pk=worker.pk).eligibility_version
    assert skills.fold() == 1
    assert skills.fold() == 0
    assert Worker.objects.get(pk=worker.pk).eligibility_version == version + 1
    assert value(worker) == 80  # (7 + 1) / (8 + 2), the older four a little less
    verdict = check(worker, demand, now=clock.now())
    assert (verdict.met, verdict.valid_until) == (True, clock.now() + DAY)

    clock.advance(formula.HALF_LIFE / 2)
    assert value(worker) == 78  # the same answers weigh less beside what nobody knows
    clock.advance(formula.HALF_LIFE / 2)
    assert value(worker) is None  # of eight, four are left
    checks.all_is_well()


def test_a_corrected_key_mends_the_skill(requester: User, organisation: Organisation, worker: Worker) -> None:
    answer(worker, quiz(requester, organisation, 6), right=3, wrong=3)
    clock.advance(DAY)
    skills.fold()
    assert value(worker) == 50
    missed = Assignment.objects.filter(worker=worker, is_gold=True, gold_passed=False).earliest("pk")
    revision = keys.correct(
        actor=requester, project_id=missed.project_id, task_id=missed.task_id, key="bad", why="It is ironic."
    )
    repair.repair(revision.pk)
    assert value(worker) == 62  # four of six
    Assignment.objects.filter(worker=worker, is_gold=True).update(gold_passed=None)  # none of them was gold after all
    assert skills.recount([worker.pk], cut=skills.last_midnight(clock.now())) == 1
    assert not SkillAccuracy.objects.exists()


def test_the_kinds_of_work_in_a_config() -> None:
    question = {"id": "a", "kind": "choice"}
    config = {"data": {"kind": "image"}, "questions": [question, question | {"kind": "text"}, question]}
    assert formula.kinds(config) == ["image/choice", "image/text"]
    config["questions"] = [question | {"scored": False}]
    assert formula.kinds(config) == []
