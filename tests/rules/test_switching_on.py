"""Before a rule is on: what it would have done, and what is refused."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from crowd.assignments.services import pause as pausing
from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.projects.models import Project
from crowd.rules.errors import StillOn, StopsEverybody
from crowd.rules.models import Rule
from crowd.rules.services import switch
from crowd.rules.terms import parse
from crowd.users.models import User
from tests import make
from tests.rules.working import always, fired, work
from workers.models import Worker

pytestmark = pytest.mark.django_db


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
