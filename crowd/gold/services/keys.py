"""The key of a gold task: given to an ordinary task, corrected, retired.

A correction changes the key at once: whoever answers from now on is scored by the new one. Everything that the old key
had caused is put right afterwards, by a job (`repair`), and its workers are told.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.configs import parsed
from crowd.assignments.models import Assignment
from crowd.assignments.states import AssignmentState
from crowd.gold.errors import AlreadyGold, BeingAnswered, KeyRefused, NotGold
from crowd.gold.models import Contest, Revision
from crowd.gold.states import Change, ContestState, RevisionState
from crowd.kernel import clock, hints, locks
from crowd.kernel.errors import BadInput, Conflict, NotFound
from crowd.labeling.errors import AnswerError
from crowd.labeling.gold_keys import parse_gold
from crowd.projects.access import project_for
from crowd.projects.models import Item, Project, Task
from crowd.projects.services import reserves
from crowd.projects.states import ProjectState, TaskState
from crowd.users.models import User
from crowd.users.services import audit

MAX_REASON = 2_000
CHANGING = (ProjectState.DRAFT, ProjectState.OPEN, ProjectState.PAUSED)


def correct(
    *, actor: User, project_id: int, task_id: int, key: Any, why: str, gold_reason: str | None = None
) -> Revision:
    """Another key for a gold task, at any time, also after the project was closed. Members and staff may.

    `why` is read by the workers whose record changes; `gold_reason` (None: as it was) by those who miss it from now on.
    Raises NotFound, NotGold, KeyRefused, BadInput.
    """
    with transaction.atomic(durable=True):
        project, task, now = _locked(actor, project_id, task_id)
        if not task.is_gold:
            raise NotGold
        after, before = _key(project, task, key), task.gold
        task.gold = after
        task.gold_reason = task.gold_reason if gold_reason is None else _text(gold_reason, "gold_reason", empty=True)
        task.save(update_fields=["gold", "gold_reason"])
        _follow_item(task)
        return _revise(actor, project, task, Change.CORRECTED, before, _text(why, "why"), now)


def retire(*, actor: User, project_id: int, task_id: int, why: str, keep_answers: bool = False) -> Revision:
    """Nobody gets this gold task any more. Its answers are taken out of everybody's accuracy, as those of a key that
    nobody could meet; with `keep_answers` they stay as they were scored, as those of a key that merely became known.

    Raises NotFound, NotGold, BadInput.
    """
    with transaction.atomic(durable=True):
        project, task, now = _locked(actor, project_id, task_id)
        if not task.is_gold or task.state == TaskState.RETIRED:
            raise NotGold
        task.state = TaskState.RETIRED
        task.save(update_fields=["state"])
        return _revise(actor, project, task, Change.RETIRED, task.gold, _text(why, "why"), now, keep_answers)


def make(*, actor: User, project_id: int, task_id: int, key: Any, gold_reason: str = "") -> Revision:
    """An ordinary task becomes gold: labeled by the requester or staff, or proposed from a sure consensus.

    It leaves the ring with its answers, which stay paid and in the results; who gave one never gets it as gold. Slots
    that nobody took go to the surplus. Raises NotFound, AlreadyGold, BeingAnswered, KeyRefused, BadInput, Conflict.
    """
    with transaction.atomic(durable=True):
        project, task, now = _locked(actor, project_id, task_id)
        return make_locked(project, task, key=key, gold_reason=gold_reason, actor=actor, now=now)


def make_locked(project: Project, task: Task, *, key: Any, gold_reason: str, actor: User, now: datetime) -> Revision:
    """Inner: as `make`, for somebody who was let in; needs the locks of the project and the task."""
    if task.is_gold:
        raise AlreadyGold
    if project.state not in CHANGING or task.state == TaskState.RETIRED:
        raise Conflict(_("This cannot be done: the project is %(state)s.") % {"state": project.get_state_display()})
    if Assignment.objects.filter(project_id=project.id, task=task, state=AssignmentState.ACTIVE).exists():
        raise BeingAnswered
    task.gold, task.gold_reason = _key(project, task, key), _text(gold_reason, "gold_reason", empty=True)
    free = task.needed - task.filled
    if project.state != ProjectState.DRAFT and free:
        reserves.to_surplus(project, free * reserves.slot_price(project, task.tier))
    task.tier = 0
    task.is_gold, task.open, task.state = True, False, TaskState.LIVE
    task.needed = task.filled = task.answered = task.cannot_answer_count = 0
    task.save()
    _follow_item(task)
    return _revise(actor, project, task, Change.MADE, None, task.gold_reason or _("made gold"), now)


def _locked(actor: User, project_id: int, task_id: int) -> tuple[Project, Task, datetime]:
    """The gate is taken alone for this moment: whoever was just submitting was scored by the old key, and the repair
    sees him; whoever comes after is scored by the new one."""
    project_for(actor, project_id)
    locks.exclusive(locks.Gate.PROJECT, project_id)
    project = reserves.lock(project_id)
    task = Task.objects.select_for_update(no_key=True).filter(project=project, id=task_id).first()
    if task is None:
        raise NotFound
    return project, task, clock.now()


def _key(project: Project, task: Task, key: Any) -> dict[str, Any]:
    """The canonical key. A gold task without an answer is no gold task."""
    if project.config_id is None or key is None or (isinstance(key, str | Mapping | list) and not key):
        raise KeyRefused(_("A gold task needs an answer: say what is right here."), errors={"key": _("Missing.")})
    try:
        return parse_gold(parsed(project.config_id), key, task.units, task.shown_units).to_json()
    except AnswerError as error:
        raise KeyRefused(error.message, path=error.path, errors={"key": error.sentence}) from error


def _text(text: str, place: str, *, empty: bool = False) -> str:
    text = text.strip()
    if not text and not empty:
        raise BadInput(errors={place: _("Please say why; the workers concerned read it.")})
    if len(text) > MAX_REASON:
        raise BadInput(errors={place: _("This has more than %(most)s characters.") % {"most": MAX_REASON}})
    return text


def _follow_item(task: Task) -> None:
    """The item keeps the same key, where it was cut into this one task and nothing else stands on its page."""
    alone = task.units == 1 and Task.objects.filter(item_id=task.item_id).count() == 1
    if alone:
        Item.objects.filter(id=task.item_id).update(gold=task.gold, gold_reason=task.gold_reason)


def _revise(
    actor: User,
    project: Project,
    task: Task,
    change: Change,
    before: Any,
    reason: str,
    now: datetime,
    keep_answers: bool = False,
) -> Revision:
    revision = Revision(
        project=project,
        task=task,
        change=change,
        before=before,
        after=task.gold,
        reason=reason,
        keep_answers=keep_answers,
        made_by=actor,
        made_at=now,
        state=RevisionState.DONE if change == Change.MADE else RevisionState.DUE,
    )
    if project.state == ProjectState.DRAFT:  # its tasks may still be cut anew, and nobody has answered one
        revision.state = RevisionState.DONE
    else:
        revision.save(force_insert=True)
    contests = Contest.objects.filter(task=task, state=ContestState.OPEN)
    contests.update(state=ContestState.UPHELD, reply=reason, decided_by=actor, decided_at=now)
    audit.record(
        actor=actor,
        action=f"gold.{change.value}",
        subject=task,
        organisation=project.organisation,
        before={"key": before},
        after={"key": task.gold, "keep_answers": keep_answers},
        reason=reason,
        now=now,
    )
    if revision.state == RevisionState.DUE:
        hints.after_commit("gold.repair", revision.pk)
    return revision
