"""What a review does: verdicts carried out, the reviewer's own answer, his pay. Inner: all under the project's lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from crowd.assignments import configs
from crowd.assignments.errors import AnswerRefused
from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import accept, batches, reject, rework
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.states import AssignmentState, Evidence
from crowd.kernel.errors import Conflict
from crowd.labeling.answers import validate
from crowd.labeling.errors import AnswerError
from crowd.ledger.services import accounts
from crowd.ledger.services.posting import Posting, post
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.notices.services.notify import notify
from crowd.projects.models import Project, Task
from crowd.projects.services import reserves
from crowd.review.errors import ReserveShort
from crowd.review.models import ReviewPlan, TaskReview
from crowd.review.states import Cause, Deed, ReviewState
from crowd.users.models import Membership
from workers.models import Worker


@dataclass(frozen=True, kw_only=True)
class Verdict:
    assignment_id: int
    deed: str
    comment: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"assignment": self.assignment_id, "deed": str(self.deed), "comment": self.comment}


def carry_out(
    review: TaskReview,
    project: Project,
    answers: Mapping[int, Assignment],
    verdicts: Sequence[Verdict],
    worker: Worker,
    now: datetime,
) -> None:
    by_deed = {deed: [one for one in verdicts if one.deed == deed] for deed in Deed}
    good = [answers[one.assignment_id] for one in (*by_deed[Deed.ACCEPT], *by_deed[Deed.FIX])]
    accept.refuse_own(worker.user, list(answers.values()))
    accept.accept_locked(good, project=project, now=now)
    fixed = [one.assignment_id for one in by_deed[Deed.FIX]]
    Assignment.objects.filter(pk__in=fixed).update(corrected=True)
    _reject(review, project, by_deed[Deed.REJECT], worker, now)
    if by_deed[Deed.REWORK]:
        _send_back(review, project, [(answers[v.assignment_id], v.comment) for v in by_deed[Deed.REWORK]], now)


def _reject(review: TaskReview, project: Project, verdicts: Sequence[Verdict], worker: Worker, now: datetime) -> None:
    """Where they are so many that staff look first, they are put to them, and the answers stay undecided."""
    facts = {"review": review.pk}
    if verdicts and _is_held(facts, project, verdicts, worker, now):
        return
    for verdict in verdicts:
        grounds = Grounds(evidence=Evidence.WRITTEN, reason=verdict.comment, facts=facts)
        made = reject.reject_many(
            project, [verdict.assignment_id], actor=worker.user, grounds=grounds, reopen=False, now=now
        )
        reject.tell(made, project, verdict.comment, now)


def _is_held(
    facts: Mapping[str, Any], project: Project, verdicts: Sequence[Verdict], worker: Worker, now: datetime
) -> bool:
    if waiting := batches.waiting(project):
        batches.add(waiting, _lines(facts, project, verdicts, worker))
        return True
    share = batches.too_many(project, [one.assignment_id for one in verdicts], now=now)
    if share is not None:
        lines, reason = _lines(facts, project, verdicts, worker), verdicts[0].comment
        batches.hold(project, lines, share=share, actor=worker.user, reason=reason, reopen=False, now=now)
    return share is not None


def _lines(
    facts: Mapping[str, Any], project: Project, verdicts: Sequence[Verdict], worker: Worker
) -> list[batches.Line]:
    said = {one.assignment_id: one.comment for one in verdicts}
    return [
        batches.line(
            one,
            Grounds(evidence=Evidence.WRITTEN, reason=said[one.pk], facts=dict(facts)),
            actor=worker.user,
            reopen=False,
        )
        for one in reject.check_all(project, list(said), worker.user)
    ]


def _send_back(review: TaskReview, project: Project, chosen: Sequence[tuple[Assignment, str]], now: datetime) -> None:
    plan = ReviewPlan.objects.filter(project=project).first() or ReviewPlan()
    price = (plan.rework_reward_micros, plan.rework_fee_micros)
    check_reserve(project, sum(price) * len(chosen))
    task = Task.objects.get(pk=review.task_id)  # under its lock; rejections beside may have changed it
    for one, comment in chosen:
        until = now + timedelta(hours=plan.rework_hours)
        rework.send_back(one, task=task, project=project, price=price, until=until, now=now)
        data = {
            "project": project.title,
            "reason": comment,
            "hours": plan.rework_hours,
            "extra_micros": price[0],
            "currency": project.currency,
        }
        user_id = Worker.objects.values_list("user_id", flat=True).get(pk=one.worker_id)
        notify(user_id=user_id, kind="sent_back", data=data, link=f"/work/tasks/{one.pk}/", now=now)


def store(worker: Worker, task: Task, project: Project, value: Any, now: datetime) -> None:
    """The reviewer's answer: a row of his own for the task; a later one takes the place of an earlier one."""
    assert project.config_id is not None
    try:
        given = validate(configs.parsed(project.config_id), value, task.units, task.shown_units)
    except AnswerError as error:
        raise AnswerRefused(error.message, path=error.path) from error
    one = (
        Assignment.objects.select_for_update(no_key=True)
        .filter(project=project, task=task, worker=worker, is_repeat=False)
        .first()
    )
    if one is not None and not one.for_review:
        raise Conflict(_("You have answered this task as a worker: somebody else reviews it."))
    if one is None:
        one = Assignment(project=project, task=task, worker=worker, attempt=0, is_gold=False, for_review=True)
        one.reward_micros = one.fee_micros = 0
        _tally(project, worker)
    one.attempt, one.state, one.counts = one.attempt + 1, AssignmentState.ACCEPTED, False
    one.config_id, one.guidelines_id = project.config_id, project.guidelines_id
    one.taken_at = one.opened_at = one.deadline = one.submitted_at = one.decided_at = now
    one.save()
    Answer.objects.create(
        project=project,
        assignment=one,
        attempt=one.attempt,
        task=task,
        worker=worker,
        config_id=project.config_id,
        value=given.to_json(),
        cannot_answer=given.cannot_answer.reason if given.cannot_answer else "",
        submitted_at=now,
        elapsed_ms=0,
    )


def _tally(project: Project, worker: Worker) -> None:
    inside = Participation.objects.get(project=project, worker=worker)
    inside.taken_count += 1
    inside.submitted_count += 1
    inside.save(update_fields=["taken_count", "submitted_count"])


def price_for(worker: Worker, project: Project) -> tuple[int, int]:
    """Members review for nothing: it is their own project."""
    plan = ReviewPlan.objects.filter(project=project).first()
    member = Membership.objects.filter(organisation=project.organisation_id, user=worker.user_id).exists()
    return (0, 0) if plan is None or member else (plan.reward_micros, plan.fee_micros)


def check_reserve(project: Project, micros: int) -> None:
    """What the reserve holds must pay for every review in hand, and this. Raises ReserveShort."""
    promised = TaskReview.objects.filter(project=project, state=ReviewState.TAKEN)
    sums = promised.aggregate(reward=Sum("reward_micros", default=0), fee=Sum("fee_micros", default=0))
    free = project.review_reserve_micros - sums["reward"] - sums["fee"]
    if micros > free:
        raise ReserveShort(wanted_micros=micros, free_micros=max(0, free), currency=project.currency)


def pay(review: TaskReview, project: Project, worker: Worker, now: datetime) -> None:
    """Out of the review reserve, once by its key."""
    if not review.reward_micros:
        return
    project.review_reserve_micros -= review.reward_micros + review.fee_micros
    project.save(update_fields=["review_reserve_micros"])
    open_ = partial(accounts.open, currency=project.currency)
    share = partial(Posting, debit=reserves.escrow(project), project_ref=project.pk)
    purse = open_(holder=Holder.WORKER, holder_id=worker.pk, purpose=Purpose.AVAILABLE)
    key = f"review:{review.pk}"
    postings = [share(key=f"{key}:reward", kind=Kind.REWARD, credit=purse, amount_micros=review.reward_micros)]
    if review.fee_micros:
        fees = open_(holder=Holder.PLATFORM, purpose=Purpose.FEES)
        postings.append(share(key=f"{key}:fee", kind=Kind.FEE, credit=fees, amount_micros=review.fee_micros))
    post(postings, now=now)


def open_review(after: TaskReview, *, level: int, cause: Cause, now: datetime) -> TaskReview:
    return TaskReview.objects.create(
        project_id=after.project_id, task_id=after.task_id, round=after.round, level=level, cause=cause, opened_at=now
    )
