"""A key changes while somebody is submitting: no answer is left scored by a key that is gone."""

from threading import Event
from typing import Any

import pytest

from crowd.assignments.models import Assignment
from crowd.assignments.services import gold, take
from crowd.assignments.services.submit import submit
from crowd.gold.services import keys, repair
from crowd.kernel import locks
from crowd.users.models import Organisation, User
from tests.check import all_is_well
from tests.make_project import make_open, texts
from tests.races import PATIENCE_S, errors, together, wait_for
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_an_answer_on_its_way_while_the_key_changes(
    requester: User, organisation: Organisation, worker: Worker, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """He is scored by the old key; before that is committed, the key is corrected and its effects are put right."""
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(2, gold=1), quiz_length=1, quiz_cap=1, redundancy=1
    )
    held = take.take_next(worker=worker, project_id=project.id)
    scored, corrected, judge = Event(), Event(), gold.judge

    def slow(*args: Any) -> None:
        judge(*args)
        if not scored.is_set():
            scored.set()
            wait_for(corrected)

    monkeypatch.setattr(gold, "judge", slow)
    if not locked:
        monkeypatch.setattr(locks, "exclusive", lambda *args: None)

    def correct() -> None:
        scored.wait(PATIENCE_S)
        revision = keys.correct(
            actor=requester, project_id=project.id, task_id=held.task_id, key="bad", why="It is ironic."
        )
        repair.repair(revision.pk)
        corrected.set()

    results = together(
        lambda: submit(worker=worker, assignment_id=held.id, value={"mood": "bad"}, take_next=False), correct
    )
    assert errors(results) == []
    assert Assignment.objects.get(pk=held.pk).gold_passed is locked  # right by the new key; the control left it wrong
    all_is_well()
