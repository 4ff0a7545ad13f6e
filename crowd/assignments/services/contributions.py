"""Files that workers bring as answers: kept when they come, named by the answer, deleted where none ever does.

A file belongs to one assignment and question. Its holder alone can bring it, while the task is his; the same file again
is the one that is there. A submit takes only files of its own assignment, so that nobody can name somebody else's.
"""

from datetime import datetime, timedelta
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments import configs
from crowd.assignments.errors import AnswerRefused, NotHeld
from crowd.assignments.models import Assignment, Contribution
from crowd.assignments.queries import assignment_of
from crowd.assignments.services import gate
from crowd.assignments.states import AssignmentState
from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.labeling.answers import AnswerValue
from crowd.labeling.config import LabelConfig
from crowd.labeling.kinds import Contribution as Asked
from crowd.projects import copies
from crowd.projects.imports import brought
from crowd.projects.imports.rows import Stored
from crowd.projects.models import MediaFile
from workers.models import Worker

MOST_WAITING = 20  # files of one assignment that are in no answer
KEPT = timedelta(days=7)
CHUNK = 200


def bring(
    *, worker: Worker, assignment_id: int, question: str, stream: BinaryIO, filename: str, unit: int = 0
) -> Contribution:
    """Keep a file for a question of a task that he holds. Raises NotFound, NotHeld, BadInput, TooLarge."""
    assignment = assignment_of(worker, assignment_id, "task")
    _check_held(assignment)
    asked = _asked(configs.parsed(assignment.config_id), question)
    if not 0 <= unit < assignment.task.units:
        raise BadInput(errors={"unit": _("There is no such part of the task.")})
    folder = f"contributions/{assignment.project_id}/{assignment.pk}"
    stored = brought.keep(stream, question=asked, folder=folder, filename=filename)
    try:
        kept = _kept(worker, assignment_id, (unit, question), stored)
    except BaseException:
        copies.remove(stored.storage_name)
        raise
    if kept.media.storage_name != stored.storage_name:  # it was there already
        copies.remove(stored.storage_name)
    return kept


def claim(assignment: Assignment, config: LabelConfig, given: AnswerValue, *, now: datetime) -> None:
    """Inner: needs the participation's lock. The files that an answer names are in it from now on. Raises AnswerRefused
    for one that was not brought for this question of this assignment, or is described otherwise than it is."""
    asked = [one.id for one in config.questions if isinstance(one, Asked) and one.takes_file]
    wanted = {(unit, id): said[id] for unit, said in enumerate(given.units) for id in asked if id in said}
    if not wanted:
        return
    ids = [value["file"] for value in wanted.values()]
    rows = Contribution.objects.select_for_update(no_key=True, of=("self",)).select_related("media")
    found = rows.filter(assignment=assignment, media__in=ids)
    mine = {(one.unit, one.question, one.media_id): one for one in found.order_by("id")}
    for (unit, id), value in wanted.items():
        one = mine.get((unit, id, value["file"]))
        if one is None or (one.sha256, one.media.filename) != (value["sha256"], value["name"]):
            raise AnswerRefused(_("This file was not brought for this task."), path=f"units[{unit}].{id}.file")
    Contribution.objects.filter(pk__in=[one.pk for one in mine.values()], answered_at=None).update(answered_at=now)


def sweep() -> int:
    """Delete files that came into no answer, of tasks that nobody holds any more; their number. Can be repeated."""
    idle = Contribution.objects.filter(answered_at=None, created_at__lt=clock.now() - KEPT)
    idle = idle.exclude(assignment__state=AssignmentState.ACTIVE).order_by("created_at")
    number = 0
    while done := _delete_some(list(idle.values_list("pk", flat=True)[:CHUNK])):
        number += done
    return number


def _delete_some(ids: list[int]) -> int:
    with transaction.atomic(durable=True):
        rows = Contribution.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
        free = list(rows.filter(answered_at=None).select_related("media"))
        Contribution.objects.filter(pk__in=[one.pk for one in free]).delete()
        MediaFile.objects.filter(pk__in=[one.media_id for one in free]).delete()
        names = [one.media.storage_name for one in free]
    for name in names:  # whoever dies here leaves a file that nothing points at, never a row without its file
        copies.remove(name)
    return len(free)


def _asked(config: LabelConfig, question: str) -> Asked:
    asked = config.question(question) if question in config.ids else None
    if not isinstance(asked, Asked) or not asked.takes_file:
        raise BadInput(errors={"question": _("This question takes no file.")})
    return asked


def _check_held(assignment: Assignment) -> None:
    if assignment.state != AssignmentState.ACTIVE or assignment.opened_at is None:
        raise NotHeld(state=assignment.state)


def _kept(worker: Worker, assignment_id: int, place: tuple[int, str], stored: Stored) -> Contribution:
    unit, question = place
    with transaction.atomic(durable=True):
        entry = gate.enter_by_assignment(assignment_id=assignment_id, worker_id=worker.id)
        assignment = Assignment.objects.get(pk=assignment_id)
        _check_held(assignment)
        his = Contribution.objects.filter(assignment=assignment).select_related("media")
        known = his.filter(unit=unit, question=question, sha256=stored.sha256).first()
        if known is not None:
            return known
        if his.filter(answered_at=None).count() >= MOST_WAITING:
            message = _("%(most)s files wait for this task already. Submit one of them, or return the task.")
            raise BadInput(errors={"file": message % {"most": MOST_WAITING}})
        media = MediaFile.objects.create(project_id=assignment.project_id, created_at=entry.now, **vars(stored))
        return Contribution.objects.create(
            assignment=assignment,
            unit=unit,
            question=question,
            media=media,
            sha256=stored.sha256,
            created_at=entry.now,
        )
