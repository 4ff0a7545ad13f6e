"""Staff look at many rejections that were asked for at once, and let them pass or not."""

import json
from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments import quiz
from crowd.assignments.models import HeldBatch, Rejection
from crowd.assignments.services import batches, reject
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.states import HELD_BATCH, AssignmentState, HeldState
from crowd.consensus.services import proposals
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.notices.services.notify import notify_members
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.review.errors import NotTheOne
from crowd.users.access import is_member, require_staff
from crowd.users.models import User
from crowd.users.services import audit


def let_pass(*, actor: User, batch_id: int, note: str = "") -> int:
    """Carry them out, in the name of who asked; what was accepted meanwhile stays so. The number rejected.

    Raises NotAllowed, NotFound, NotTheOne (it is his own organisation's), WrongState.
    """
    return _decide(actor, batch_id, HeldState.PASSED, note)


def refuse(*, actor: User, batch_id: int, note: str) -> int:
    """Carry out none of them; the requester reads why. Raises as `let_pass`, and BadInput without a note."""
    if not note.strip():
        raise BadInput(errors={"note": _("Please say why; the requester reads it.")})
    return _decide(actor, batch_id, HeldState.REFUSED, note)


def _decide(actor: User, batch_id: int, state: HeldState, note: str) -> int:
    require_staff(actor)
    where = HeldBatch.objects.select_related("project__organisation").filter(pk=batch_id).first()
    if where is None:
        raise NotFound
    if is_member(actor, where.project.organisation):
        raise NotTheOne
    with transaction.atomic(durable=True):
        project = reserves.lock(where.project_id)
        batch = (
            HeldBatch.objects.select_for_update(of=("self",), no_key=True).select_related("asked_by").get(pk=batch_id)
        )
        HELD_BATCH.check(batch.state, state)
        now = clock.now()
        batch.state, batch.decided_by, batch.decided_at, batch.note = state, actor, now, note.strip()
        batch.save(update_fields=["state", "decided_by", "decided_at", "note"])
        done = _carry_out(batch, project, now) if state == HeldState.PASSED else 0
        action = f"rejections.{state}"
        audit.record(actor=actor, action=action, subject=batch, organisation=project.organisation, reason=note, now=now)
        data = {"project": project.title, "count": done, "reason": batch.note}
        kind, link = f"rejections_{state}", batches.address(project)
        notify_members(organisation=project.organisation, kind=kind, data=data, link=link, now=now)
    return done


def _carry_out(batch: HeldBatch, project: Project, now: datetime) -> int:
    """The answers that were meant and that nobody has accepted meanwhile, each group of equal grounds in one go."""
    _tasks, found = reject.lock_with_tasks(project, [line["assignment"] for line in batch.lines])
    paid = quiz.among(project, found)  # asked for before quizzes were spared
    open_ = {one.id: one.attempt for one in found if one.state == AssignmentState.SUBMITTED and one.id not in paid}
    groups: dict[str, list[int]] = defaultdict(list)
    for line in batch.lines:
        if open_.get(line["assignment"]) == line["attempt"]:
            del open_[line["assignment"]]  # asked twice, it is rejected once
            same = [line["evidence"], line["facts"], line["reason"], line["by"], line["reopen"]]
            groups[json.dumps(same, sort_keys=True)].append(line["assignment"])
    done: dict[str, list[Rejection]] = defaultdict(list)
    for said, ids in groups.items():
        evidence, facts, reason, by, reopen = json.loads(said)
        grounds = Grounds(evidence=evidence, reason=reason, facts=facts)
        actor = User.objects.get(pk=by)
        done[reason] += reject.reject_many(project, ids, actor=actor, grounds=grounds, reopen=reopen, now=now)
    for reason, some in done.items():
        reject.tell(some, project, reason, now)
    rejected = [one.assignment_id for some in done.values() for one in some]
    proposals.follow(rejected, actor=batch.asked_by, now=now)
    return len(rejected)
