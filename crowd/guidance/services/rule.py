"""A ruling: what is right where accurate workers disagreed, decided once for all cases that are alike.

In one transaction:
1. it becomes an edge case in the next version of the guidelines, which everybody confirms before his next task;
2. chosen cases become gold, and an item of a training, with the ruling as their reason;
3. chosen cases are asked anew: their answers stop counting, and as many are asked as money lasts for. Whoever gave one
   is paid as usual;
4. of all others the label is what was decided, whatever was said (`crowd.consensus.services.decide`);
5. no answer to any of the cases that was given before counts against anybody: not for rules, not for the pay policy,
   not for the model (`ruled_at` of the task).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.configs import parsed
from crowd.assignments.models import Assignment
from crowd.assignments.services import recount
from crowd.assignments.states import AssignmentState
from crowd.consensus.services import decide, proposals
from crowd.gold.services import keys as gold_keys
from crowd.guidance import groups, parts
from crowd.guidance.groups import Group, Like
from crowd.guidance.models import Ruling, RulingCase
from crowd.kernel import clock, locks
from crowd.kernel.errors import BadInput
from crowd.projects.access import locked_for, project_for
from crowd.projects.models import GuidelinesVersion, Project, Task
from crowd.projects.services import config, reserves
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.access import managed_qualification
from qualifications.services import tests

MAX_TEXT = 2000


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """Which cases are asked anew, which become gold, and the training (a qualification) that learns them."""

    ask_anew: Collection[int] = ()
    make_gold: Collection[int] = ()
    training: int | None = None


def rule(
    *, actor: User, project_id: int, like: Like, decided: str, text: str, then: Consequences = Consequences()
) -> Ruling:
    """Raises NotFound, BadInput (naming the field), Conflict when the group is no longer there, WrongState."""
    text = text.strip()
    project_for(actor, project_id)
    with transaction.atomic(durable=True):
        locks.shared(locks.Gate.PROJECT, project_id)
        project = locked_for(actor, project_id, *reserves.RUNNING)
        group = groups.group_of(project, like)
        _check(project, group, decided, text, then)
        now = clock.now()
        version = _version(project, like, decided, text, actor, now)
        ruling = Ruling.objects.create(
            project=project,
            **{name: getattr(like, name) for name in Like.__dataclass_fields__},
            decided=decided,
            text=text,
            version=version,
            decided_by=actor,
            decided_at=now,
        )
        _apply(ruling, project, group, then, actor, now)
        audit.record(
            actor=actor,
            action="guidance.rule",
            subject=ruling,
            organisation=project.organisation,
            after={"cases": len(group.cases), "anew": sorted(then.ask_anew), "gold": sorted(then.make_gold)},
            reason=text,
            now=now,
        )
    return ruling


def _check(project: Project, group: Group, decided: str, text: str, then: Consequences) -> None:
    faults = {}
    if not text or len(text) > MAX_TEXT or "\x00" in text:
        faults["text"] = _("Say in up to %(most)d characters why; it stands in the guidelines.") % {"most": MAX_TEXT}
    assert project.config_id is not None
    labels = [
        label.name
        for one in parts.closed(parsed(project.config_id))
        if one.id == group.like.question
        for label in one.labels
    ]
    if decided not in labels:
        faults["decided"] = _("One of %(these)s.") % {"these": ", ".join(labels)}
    ours = set(group.task_ids)
    for place, chosen in (("ask_anew", then.ask_anew), ("make_gold", then.make_gold)):
        if set(chosen) - ours:
            faults[place] = _("Only cases of this group.")
    if set(then.ask_anew) & set(then.make_gold):
        faults["make_gold"] = _("A case that is asked anew cannot be gold.")
    if faults:
        raise BadInput(errors=faults)


def _version(project: Project, like: Like, decided: str, text: str, actor: User, now: datetime) -> GuidelinesVersion:
    """The guidelines with this case in them, as the label's own part where they have parts."""
    case = _("%(one)s or %(other)s%(where)s? %(decided)s: %(text)s") % {
        "one": like.one,
        "other": like.other,
        "where": f" ({like.item_group})" if like.item_group else "",
        "decided": decided,
        "text": text,
    }
    current = project.guidelines
    if current is not None and current.parts:
        more = parts.with_case(current.parts, question=like.question, label=decided, case=case)
        return config.next_guidelines(project, text=parts.compose(more), parts=more, actor=actor, now=now)
    before = current.text.rstrip() if current is not None else ""
    head = _("## Decided cases")
    section = f"- {case}" if head in before else f"{head}\n\n- {case}"
    joint = "\n" if head in before else "\n\n"
    return config.next_guidelines(project, text=f"{before}{joint}{section}".strip(), parts={}, actor=actor, now=now)


def _apply(ruling: Ruling, project: Project, group: Group, then: Consequences, actor: User, now: datetime) -> None:
    tasks = Task.objects.select_for_update(no_key=True).order_by("id").in_bulk(group.task_ids)
    Task.objects.filter(pk__in=tasks).update(ruled_at=now)
    proposals.drop(list(tasks), now=now)
    anew = recount.ask_anew(project, sorted(then.ask_anew), now=now)
    keys = [(case.task_id, case.unit) for case in group.cases if case.task_id not in then.ask_anew]
    decide.decide(project, question=ruling.question, keys=keys, label=ruling.decided, now=now)
    gold = {id: _make_gold(tasks[id], ruling, project, actor, now) for id in sorted(then.make_gold)}
    RulingCase.objects.bulk_create(
        [
            RulingCase(ruling=ruling, task_id=id, asked_anew=anew.get(id, 0), made_gold=gold.get(id, False))
            for id in tasks
        ]
    )
    if then.training is not None:
        _teach(ruling, [tasks[id] for id in sorted(then.make_gold)], then.training, actor, now)


def _make_gold(task: Task, ruling: Ruling, project: Project, actor: User, now: datetime) -> bool:
    """Not while somebody holds it: he took it for an ordinary task."""
    held = Assignment.objects.filter(project_id=project.pk, task=task, state=AssignmentState.ACTIVE).exists()
    if held or task.units != 1:
        return False
    task.refresh_from_db()
    gold_keys.make_locked(project, task, key=_key(ruling), gold_reason=ruling.text, actor=actor, now=now)
    return True


def _key(ruling: Ruling) -> Mapping[str, Any]:
    return {ruling.question: ruling.decided}


def _teach(ruling: Ruling, tasks: Collection[Task], training: int, actor: User, now: datetime) -> None:
    """Each case becomes an item of the training's next version, explained by the ruling."""
    qualification = managed_qualification(actor, training)
    items = [{"payload": task.payload, "key": dict(_key(ruling)), "explanation": ruling.text} for task in tasks]
    if not items:
        raise BadInput(errors={"training": _("Choose a case that becomes gold: the training shows it too.")})
    tests.add_items(qualification, items, actor=actor, now=now)
