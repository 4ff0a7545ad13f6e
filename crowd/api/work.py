"""The worker's loop: take, submit, return; and what became of his answers.

Nothing here tells gold from other tasks: neither a field, nor a word, nor the shape of an answer. Afterwards a
rejection says its evidence, and a project that explains misses says what would have been right.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.errors import problem
from crowd.api.fields import Facts, Id, Money, TaskNumber, Time
from crowd.api.media import payload
from crowd.api.paging import Page
from crowd.api.project_terms import ConfigOut, GuidelinesOut
from crowd.api.requester_assignments import RejectionOut
from crowd.assignments import configs, guidelines, queries
from crowd.assignments.models import Answer, Assignment, Participation, Rejection
from crowd.assignments.services import drafts, give_back, leave, submit, take
from crowd.assignments.states import AssignmentState, ReturnReason
from crowd.kernel.errors import CrowdError
from crowd.review import queries as review
from crowd.users.models import User
from crowd.users.states import Scope

MAX_ACTIVE_MS = 2**31 - 1


class WorkLine(Facts):
    """One of my assignments. `due_at`: undecided then, it is accepted and paid."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    project_title = serializers.CharField(source="project.title")
    task = TaskNumber(source="task_id", read_only=True)
    state = serializers.ChoiceField(choices=AssignmentState.choices)
    attempt = serializers.IntegerField()
    reward = Money("reward_micros", "project.currency")
    tier = serializers.IntegerField(help_text="0: the project's own; else one of its tiers for harder tasks.")
    taken_at = Time()
    deadline = Time()
    submitted_at = Time(allow_null=True)
    due_at = Time(allow_null=True)
    decided_at = Time(allow_null=True)


class TaskShown(Facts):
    """What the worker looks at: as many units as he answers for."""

    units = serializers.IntegerField()
    payload = serializers.DictField()


class SentBack(Facts):
    """A reviewer asks you to look again. Declined, or late, your answer before stands and is decided as usual."""

    attempt = serializers.IntegerField(source="rework_of", help_text="That stands unless you submit another.")
    reason = serializers.CharField(source="rework_reason")
    extra = Money("rework_reward_micros", "project.currency", help_text="Part of the reward.")
    changes = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Lines (sign, text) of the guidelines that differ from those by which you answered.",
    )
    unread = serializers.IntegerField(
        allow_null=True, help_text="The version to confirm as `guidelines_read` when you submit. null: you have."
    )


class WorkOut(WorkLine):
    """An assignment with everything that it takes to answer it, as it stood when it was taken.

    What was sent back is answered by the guidelines as they are now.
    """

    shown = TaskShown(source="*")
    config = ConfigOut()
    guidelines = GuidelinesOut(allow_null=True)
    answer = serializers.DictField(allow_null=True, help_text="What you submitted for this attempt.")
    rejection = RejectionOut(allow_null=True)
    sent_back = SentBack(allow_null=True)


class Ended(Facts):
    """Why there is no next assignment: `code` for programs, `detail` for people."""

    code = serializers.CharField()
    detail = serializers.CharField()


class MissedOut(Facts):
    """A task whose answer is known was answered wrongly: what is `right`, and why. Go on by asking for the next one."""

    right = serializers.DictField()
    reason = serializers.CharField()


class SubmittedOut(Facts):
    """`counted`: the answer fills a place of its task and will be paid or decided about; false when it came too late.

    `again`: the same answer had been stored before. `next` is the assignment to go on with, else `ended` says why not.
    """

    assignment = WorkLine()
    answer = serializers.IntegerField(source="answer.id", help_text="The same for every repetition of this submit.")
    counted = serializers.BooleanField()
    again = serializers.BooleanField()
    missed = MissedOut(allow_null=True)
    next = WorkOut(allow_null=True)
    ended = Ended(allow_null=True)


class NewAnswer(Input):
    value = serializers.JSONField(help_text="{“units”: [{question: value}]}, or {“cannot_answer”: {“reason”: ...}}.")
    attempt = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=32_767)
    active_ms = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MAX_ACTIVE_MS)
    take_next = serializers.BooleanField(default=True)
    guidelines_read = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="Where it was sent back: the version of the guidelines that you have read (`sent_back.unread`).",
    )


class Taking(Input):
    guidelines_read = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The version of the guidelines that you have read. Without it `guidelines_unread` says what to read.",
    )


class GivingBack(Input):
    reason = serializers.ChoiceField(choices=ReturnReason.choices, default=ReturnReason.NOT_SAID)


class TimeSpent(Input):
    active_ms = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2**31 - 1, help_text="Without it: all that has passed."
    )


class WorkingOn(Input):
    attempt = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=32_767, help_text="Without it: the one that you hold."
    )


class RenewedOut(Facts):
    """`renews`: whether saying so again, now or later, may still give more time."""

    deadline = Time()
    renews = serializers.BooleanField()


class Left(Facts):
    assignment = serializers.IntegerField(source="assignment_id")
    left_at = Time()
    seconds = serializers.IntegerField(help_text="That are paid: active ones, never more than had passed.")
    reward = Money("reward_micros", "assignment.project.currency")


class WorkFilter(Filters):
    project = Id(required=False)
    state = serializers.ChoiceField(choices=AssignmentState.choices, required=False)


class Next(Endpoint):
    @deed("My task in this project, or the next one", scope=Scope.WORK, takes=Taking, gives=WorkOut)
    def post(self, call: Call, project_id: int) -> Any:
        """Asking again gives the same assignment, until it is submitted or given back."""
        return full(take.take_next(worker=call.worker, project_id=project_id, **call.data), call.user)


class TaskTake(Endpoint):
    @deed("Take a task that I choose", scope=Scope.WORK, takes=Taking, gives=WorkOut)
    def post(self, call: Call, project_id: int, task_id: int) -> Any:
        """Only where the project lets workers choose."""
        task_id = TaskNumber.task_id(task_id)
        taken = take.take_named(worker=call.worker, project_id=project_id, task_id=task_id, **call.data)
        return full(taken, call.user)


class MyAssignments(Endpoint):
    @deed("My assignments", scope=Scope.READ, gives=WorkLine, filters=WorkFilter, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.of_worker(call.worker).filter(**call.filters).select_related("project"))


class MyAssignment(Endpoint):
    @deed("One of my assignments", scope=Scope.READ, gives=WorkOut)
    def get(self, call: Call, assignment_id: int) -> Any:
        return full(queries.assignment_of(call.worker, assignment_id), call.user)


class Submission(Endpoint):
    @deed("Submit an answer, and go on with the next task", scope=Scope.WORK, takes=NewAnswer, gives=SubmittedOut)
    def post(self, call: Call, assignment_id: int) -> dict[str, Any]:
        """The same value for the same attempt again returns what is stored; another value is refused."""
        done = submit.submit(
            worker=call.worker,
            assignment_id=assignment_id,
            value=call.data["value"],
            attempt=call.data.get("attempt"),
            time=submit.Time(active_ms=call.data.get("active_ms")),
            take_next=call.data["take_next"],
            guidelines_read=call.data.get("guidelines_read"),
        )
        following = full(done.next, call.user) if done.next else None
        is_plain = done.counted and not done.again and done.assignment.rework_of is None  # then it is as it is stored
        line = done.assignment if is_plain else _fresh(done.assignment)
        return {**vars(done), "assignment": line, "next": following, "ended": _ended(done.ended)}


class Renewal(Endpoint):
    @deed("Say that I am at work on it: its time is renewed", scope=Scope.WORK, takes=WorkingOn, gives=RenewedOut)
    def post(self, call: Call, assignment_id: int) -> Any:
        """In the last quarter of the time to half of the limit from now, at most to twice the limit from when you took
        it; before that nothing moves. Every ten seconds is often enough. Of what was sent back nothing is renewed."""
        return drafts.at_work(worker=call.worker, assignment_id=assignment_id, attempt=call.data.get("attempt"))


class GiveBack(Endpoint):
    @deed("Give a task back, at no cost", scope=Scope.WORK, takes=GivingBack, gives=WorkLine)
    def post(self, call: Call, assignment_id: int) -> Assignment:
        return _fresh(give_back.return_task(worker=call.worker, assignment_id=assignment_id, **call.data))


class Leave(Endpoint):
    @deed("Leave what was warned of, with pay for the time", scope=Scope.WORK, takes=TimeSpent, gives=Left)
    def post(self, call: Call, assignment_id: int) -> Any:
        """Once an attempt; leaving again is having left."""
        return leave.leave(worker=call.worker, assignment_id=assignment_id, **call.data)


class MyRejections(Endpoint):
    class MyRejection(RejectionOut):
        """`held_until`: until then you can ask staff to overturn it."""

        id = serializers.IntegerField()
        assignment = WorkLine()

    @deed("Answers of mine that were rejected, and why", scope=Scope.READ, gives=MyRejection, pages=True)
    def get(self, call: Call) -> Page:
        mine = Rejection.objects.filter(assignment__worker=call.worker)
        return call.page.of(mine.select_related("assignment__project"))


def full(assignment: Assignment, user: User) -> Mapping[str, Any] | Any:
    """The assignment as its worker sees it, with everything that he needs to answer it."""
    one: Any = assignment if assignment._state.fields_cache.keys() >= {"project", "task"} else _fresh(assignment)
    is_new = one.state == AssignmentState.ACTIVE and one.rework_of is None  # nothing was said of it yet
    one.config = configs.version(one.config_id)
    one.guidelines = configs.guidelines(one.guidelines_id) if one.guidelines_id else None
    one.units = one.task.units
    one.payload = payload(one.task, config=one.config.config, user=user)
    one.answer = None if is_new else _stored(one)
    one.rejection = None if is_new else queries.rejection_of(one)
    one.rework_reason = review.why_sent_back(one)
    one.sent_back = _sent_back(one) if one.rework_of is not None else None
    return one


def _stored(one: Assignment) -> Any:
    stored = Answer.objects.filter(project=one.project_id, assignment=one, attempt=one.attempt).first()
    return stored.value if stored else None


def _sent_back(one: Any) -> Any:
    inside = Participation.objects.get(project=one.project_id, worker=one.worker_id)
    found = guidelines.unread(one.project, inside)
    one.changes = guidelines.since(one, one.project)
    one.unread = found.version.version if found else None
    one.guidelines = one.project.guidelines
    return one


def _fresh(assignment: Assignment) -> Assignment:
    return Assignment.objects.select_related("project", "task").get(pk=assignment.pk)


def _ended(reason: CrowdError | None) -> Mapping[str, Any] | None:
    return None if reason is None else problem(reason)


__all__: Sequence[str] = ["full"]
