"""After a key was corrected or retired: everything that the old one had caused is worked out anew.

Answer by answer, each worker under his own lock, in transactions of their own; it can be stopped and repeated at any
point. For each answer to the task:
1. its score by the key as it is now. What was right by the key of its day never turns against its worker: it then
   counts neither way;
2. the tallies of its worker, and his pause, if a rule would not stop him any more. His answers count again where no
   other took their place: none is collected twice;
3. rejections over gold that do not stand any more, of this answer or over his accuracy, are taken back and paid;
   proposals to reject are dropped;
4. he is told.
At the end what is measured of these workers' skills is counted anew.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction

from crowd.assignments import configs
from crowd.assignments.models import Answer, Assignment, Participation, Rejection
from crowd.assignments.services import gate, gold, pause, restore, skills
from crowd.assignments.states import Evidence
from crowd.consensus.models import Proposal
from crowd.consensus.services.wanted import want_merge
from crowd.consensus.states import ProposalState
from crowd.gold.models import Revision
from crowd.gold.states import REVISION, Change, RevisionState
from crowd.kernel import clock, locks
from crowd.labeling.answers import validate
from crowd.notices.services.notify import notify
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.quality.accuracy import BetaAccuracy
from workers.models import Worker

RECORD = "/work/record/"
CHUNK = 200


def due(*, limit: int = 100) -> list[int]:
    """Ids of revisions that are not worked through: for the sweep."""
    return list(Revision.objects.filter(state=RevisionState.DUE).order_by("id").values_list("id", flat=True)[:limit])


def repair(revision_id: int) -> Revision:
    """Work one revision through to its end, after those before it about the same task: a key that was corrected and
    then retired is retired, whichever job comes first. Twice in a row changes nothing more."""
    revision = Revision.objects.select_related("project").get(id=revision_id)
    before = Revision.objects.filter(task=revision.task_id, state=RevisionState.DUE, id__lt=revision_id)
    for earlier in list(before.order_by("id").values_list("id", flat=True)):
        repair(earlier)
    while revision.state == RevisionState.DUE:
        answers = Assignment.objects.filter(
            project_id=revision.project_id, task_id=revision.task_id, is_gold=True, id__gt=revision.through
        ).exclude(submitted_at=None)
        rows = list(answers.order_by("id").values_list("id", "worker_id")[:CHUNK])
        for assignment_id, worker_id in rows:
            _repair_one(revision_id, assignment_id, worker_id)
        if not rows:
            _recount_skills(revision)
            _finish(revision_id)
        revision.refresh_from_db()
    return revision


def _repair_one(revision_id: int, assignment_id: int, worker_id: int) -> None:
    with transaction.atomic(durable=True):
        revision = Revision.objects.get(id=revision_id)
        locks.shared(locks.Gate.PROJECT, revision.project_id)  # before the project's row, as who closes it does
        project = reserves.lock(revision.project_id)
        entry = gate.enter(project_id=project.id, worker_id=worker_id)
        revision = Revision.objects.select_for_update(no_key=True).get(id=revision_id)
        if revision.through >= assignment_id or revision.state == RevisionState.DONE:
            return  # another runner was first
        done = _put_right(revision, project, entry.inside, assignment_id, entry.now)
        revision.through = assignment_id
        revision.found = dict(Counter(revision.found) + Counter(done))
        revision.save(update_fields=["through", "found"])


def _put_right(
    revision: Revision, project: Project, participation: Participation, assignment_id: int, now: datetime
) -> dict[str, int]:
    assignment = Assignment.objects.select_related("task").get(id=assignment_id)
    before, after = assignment.gold_passed, _verdict(revision, assignment)
    done = {
        "answers": 1,
        "righted": int(bool(after) and not before),
        "voided": int(after is None and before is not None),
    }
    if after != before:
        _tally(assignment, participation, before, after)
    paid = _restore(revision, project, participation, now)
    done |= {"overturned": paid["overturned"], "repaid_micros": paid["micros"]}
    done["dropped"] = _drop_proposals(project, participation, now)
    done["lifted"] = int(pause.lift_if_unfounded(participation, project=project, reason=revision.reason, now=now))
    if after != before or done["lifted"] or done["overturned"]:
        _tell(revision, project, participation, done, now)
    return done


def _verdict(revision: Revision, assignment: Assignment) -> bool | None:
    """Whether the answer is right by what is known now; None: it counts neither way."""
    before = assignment.gold_passed
    if revision.change == Change.RETIRED:
        return before if revision.keep_answers else None
    stored = Answer.objects.get(
        project_id=assignment.project_id, assignment_id=assignment.id, attempt=assignment.attempt
    )
    given = validate(configs.parsed(assignment.config_id), stored.value, units=assignment.task.units)
    gold.judge(assignment, given)
    if assignment.gold_passed:
        return True
    return False if before is False else None


def _tally(assignment: Assignment, participation: Participation, before: bool | None, after: bool | None) -> None:
    Assignment.objects.filter(id=assignment.id).update(gold_passed=after, gold_score=assignment.gold_score)
    participation.gold_right += int(after is True) - int(before is True)
    participation.gold_wrong += int(after is False) - int(before is False)
    participation.forgiven_right = min(participation.forgiven_right, participation.gold_right)
    participation.forgiven_wrong = min(participation.forgiven_wrong, participation.gold_wrong)
    participation.save(update_fields=["gold_right", "gold_wrong", "forgiven_right", "forgiven_wrong"])


def _restore(revision: Revision, project: Project, participation: Participation, now: datetime) -> dict[str, int]:
    rejections = restore.over_gold(project, participation.worker_id).select_related("assignment")
    unfounded = [one.assignment_id for one in rejections if not _stands(one, project, participation)]
    micros = restore.restore(project, unfounded, reason=revision.reason, now=now) if unfounded else 0
    return {"overturned": len(unfounded), "micros": micros}


def _stands(rejection: Rejection, project: Project, participation: Participation) -> bool:
    """A gold answer must still be missed; another was rejected for the worker's accuracy, which must still be short."""
    if rejection.assignment.is_gold:
        return rejection.assignment.gold_passed is False
    return not _accurate_enough(project, participation)


def _accurate_enough(project: Project, participation: Participation) -> bool:
    accuracy = BetaAccuracy(participation.gold_right, participation.gold_wrong).mean
    return accuracy >= float(project.pay_threshold or 0)


def _drop_proposals(project: Project, participation: Participation, now: datetime) -> int:
    """Proposals over gold that would not be made any more: the answers go on undecided, and are judged anew."""
    open_ = Proposal.objects.filter(
        project_id=project.id,
        assignment__worker_id=participation.worker_id,
        state=ProposalState.OPEN,
        evidence=Evidence.GOLD,
    ).select_related("assignment")
    accurate = _accurate_enough(project, participation)
    dropped = [
        one.pk for one in open_ if (one.assignment.gold_passed is not False if one.assignment.is_gold else accurate)
    ]
    Proposal.objects.filter(pk__in=dropped).update(state=ProposalState.DISMISSED, decided_at=now)
    return len(dropped)


def _tell(
    revision: Revision, project: Project, participation: Participation, done: dict[str, int], now: datetime
) -> None:
    data: dict[str, Any] = {
        "project": project.title,
        "reason": revision.reason,
        "right": participation.gold_right,
        "total": participation.gold_right + participation.gold_wrong,
        "repaid_micros": done["repaid_micros"],
        "currency": project.currency,
    }
    user_id = Worker.objects.values_list("user_id", flat=True).get(pk=participation.worker_id)
    notify(user_id=user_id, kind="gold_corrected", data=data, link=RECORD, now=now)


def _recount_skills(revision: Revision) -> None:
    """What is measured of whoever answered the task, on all projects of its kind."""
    answered = Assignment.objects.filter(project_id=revision.project_id, task_id=revision.task_id, is_gold=True)
    with transaction.atomic(durable=True):
        workers = answered.exclude(submitted_at=None).values_list("worker_id", flat=True)
        skills.recount(list(workers), cut=skills.last_midnight(clock.now()))


def _finish(revision_id: int) -> None:
    """The consensus is merged anew: the key is a part of it."""
    with transaction.atomic(durable=True):
        revision = Revision.objects.select_for_update(no_key=True).get(id=revision_id)
        if revision.state == RevisionState.DONE:
            return
        REVISION.check(revision.state, RevisionState.DONE)
        revision.state, revision.finished_at = RevisionState.DONE, clock.now()
        revision.save(update_fields=["state", "finished_at"])
        want_merge(revision.project_id)
