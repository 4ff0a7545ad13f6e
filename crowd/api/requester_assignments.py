"""What workers did in a project, as its requester sees it: answers, decisions, proposals, workers by pseudonym.

Whoever does not pay for an answer does not get it: its value is shown while it is submitted or accepted, not when it
was rejected or came too late to count.
"""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Money, Time, ids
from crowd.api.paging import Page
from crowd.assignments import queries
from crowd.assignments.models import Assignment, Rejection
from crowd.assignments.services import accept, batches, reject
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.states import AssignmentState, Evidence, RejectionState
from crowd.consensus.models import Proposal
from crowd.consensus.services import proposals
from crowd.consensus.states import ProposalState
from crowd.kernel.errors import NotFound
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.users.states import Scope
from workers.services.pseudonyms import pseudonyms_for, worker_by_pseudonym

PAID_OR_MAY_BE = (AssignmentState.SUBMITTED, AssignmentState.ACCEPTED)


class RejectionOut(Facts):
    """The reward is held until `held_until`; staff may overturn the rejection until then."""

    state = serializers.ChoiceField(choices=RejectionState.choices)
    evidence = serializers.ChoiceField(choices=Evidence.choices)
    facts = serializers.DictField()
    reason = serializers.CharField()
    reopened = serializers.BooleanField()
    rejected_at = Time()
    held_until = Time()
    resolution = serializers.CharField()


class AnswerValueOut(Facts):
    value = serializers.DictField()
    late = serializers.BooleanField()
    submitted_at = Time()
    elapsed_ms = serializers.IntegerField()
    active_ms = serializers.IntegerField(allow_null=True)


class AssignmentOut(Facts):
    """`worker` is his pseudonym in this organisation. `counts`: the answer fills a slot of its task."""

    id = serializers.IntegerField()
    task = serializers.IntegerField(source="task_id")
    worker = serializers.CharField()
    state = serializers.ChoiceField(choices=AssignmentState.choices)
    attempt = serializers.IntegerField()
    counts = serializers.BooleanField()
    is_gold = serializers.BooleanField()
    is_repeat = serializers.BooleanField(help_text="He had answered the task before: no further answer to it.")
    gold_score = serializers.FloatField(allow_null=True)
    gold_passed = serializers.BooleanField(allow_null=True)
    tier = serializers.IntegerField(help_text="Of its task when it was taken; 0: the project's own.")
    reward = Money("reward_micros", "project.currency")
    taken_at = Time()
    submitted_at = Time(allow_null=True)
    due_at = Time(allow_null=True, help_text="Undecided then, it is accepted.")
    decided_at = Time(allow_null=True)
    answer = AnswerValueOut(allow_null=True)
    rejection = RejectionOut(allow_null=True)


class AssignmentFilter(Filters):
    task = Id(required=False)
    worker = serializers.CharField(required=False, help_text="A pseudonym.")
    state = serializers.ChoiceField(choices=AssignmentState.choices, required=False)
    is_gold = serializers.BooleanField(required=False, allow_null=True, default=None)


class Chosen(Input):
    assignments = ids()


class Refusal(Chosen):
    evidence = serializers.ChoiceField(choices=Evidence.choices, default=Evidence.WRITTEN)
    reason = serializers.CharField(help_text="The workers read it.")
    reopen = serializers.BooleanField(default=True, help_text="Ask somebody else in their place.")


class Accepted(Facts):
    accepted = serializers.IntegerField(help_text="How many were accepted now.")


class Rejected(Facts):
    """`held`: so many rejections at once wait for staff; until they have looked, nothing has changed."""

    rejected = serializers.IntegerField()
    held = serializers.IntegerField(allow_null=True, help_text="The number of the batch that waits.")


class Dismissed(Facts):
    dismissed = serializers.IntegerField()


class ProposalOut(Facts):
    """An answer that the pay policy would not accept early. Who says nothing, pays when it is due."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ProposalState.choices)
    evidence = serializers.ChoiceField(choices=Evidence.choices)
    facts = serializers.DictField()
    created_at = Time()
    assignment = AssignmentOut()


class ProposalFilter(Filters):
    state = serializers.ChoiceField(choices=ProposalState.choices, required=False)


class ChosenProposals(Input):
    proposals = ids()


class RefusalAsProposed(ChosenProposals):
    reason = serializers.CharField(help_text="The workers read it.")
    reopen = serializers.BooleanField(default=False)


class Assignments(Endpoint):
    @deed("Assignments and their answers", scope=Scope.READ, gives=AssignmentOut, filters=AssignmentFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        wanted = Assignment.objects.filter(queries.OPENED, **_wanted(project, call.filters))
        page = call.page.of(wanted, project=project.pk)
        return Page(shown(project, page.rows), page.next)


class AssignmentView(Endpoint):
    @deed("One assignment", scope=Scope.READ, gives=AssignmentOut)
    def get(self, call: Call, project_id: int, assignment_id: int) -> Any:
        project = project_for(call.user, project_id)
        found = Assignment.objects.filter(queries.OPENED, project=project, pk=assignment_id).first()
        if found is None:
            raise NotFound
        return shown(project, [found])[0]


class Acceptance(Endpoint):
    @deed("Accept answers now, which pays their workers", scope=Scope.MONEY, takes=Chosen, gives=Accepted)
    def post(self, call: Call, project_id: int) -> dict[str, int]:
        chosen = call.data["assignments"]
        return {"accepted": accept.accept(actor=call.user, project_id=project_id, assignment_ids=chosen)}


class Rejections(Endpoint):
    @deed("Reject answers, all on the same grounds, or none", scope=Scope.MONEY, takes=Refusal, gives=Rejected)
    def post(self, call: Call, project_id: int) -> dict[str, Any]:
        grounds = Grounds(evidence=call.data["evidence"], reason=call.data["reason"])
        done = reject.reject(
            actor=call.user,
            project_id=project_id,
            assignment_ids=call.data["assignments"],
            grounds=grounds,
            reopen=call.data["reopen"],
        )
        return _outcome(done)


class Proposals(Endpoint):
    @deed("Answers proposed for rejection", scope=Scope.READ, gives=ProposalOut, filters=ProposalFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        page = call.page.of(Proposal.objects.filter(project=project, **call.filters).select_related("assignment"))
        assignments = shown(project, [one.assignment for one in page.rows])
        rows = [vars(one) | {"assignment": its} for one, its in zip(page.rows, assignments, strict=True)]
        return Page(rows, page.next)


class ProposalsFollowed(Endpoint):
    @deed("Reject as proposed", scope=Scope.MONEY, takes=RefusalAsProposed, gives=Rejected)
    def post(self, call: Call, project_id: int) -> dict[str, Any]:
        chosen = call.data.pop("proposals")
        done = proposals.reject(actor=call.user, project_id=project_id, proposal_ids=chosen, **call.data)
        return _outcome(done)


class ProposalsDismissed(Endpoint):
    @deed("Accept what was proposed for rejection", scope=Scope.MONEY, takes=ChosenProposals, gives=Dismissed)
    def post(self, call: Call, project_id: int) -> dict[str, int]:
        chosen = call.data["proposals"]
        return {"dismissed": proposals.dismiss(actor=call.user, project_id=project_id, proposal_ids=chosen)}


def _outcome(done: batches.Outcome) -> dict[str, Any]:
    return {"rejected": len(done.rejections), "held": done.held.pk if done.held else None}


def shown(project: Project, assignments: Sequence[Assignment]) -> Sequence[Any]:
    """The assignments with pseudonym, answer and rejection, each in one query for all of them."""
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in assignments])
    answers = queries.answers_of([one for one in assignments if one.state in PAID_OR_MAY_BE])
    rejections = {one.assignment_id: one for one in Rejection.objects.filter(assignment__in=assignments)}
    for one in assignments:
        one.project = project
    return [
        _Shown(one, worker=codes[one.worker_id], answer=answers.get(one.id), rejection=rejections.get(one.id))
        for one in assignments
    ]


class _Shown:
    """An assignment with some of its names meaning something else."""

    def __init__(self, assignment: Assignment, **instead: Any) -> None:
        self._assignment = assignment
        self.__dict__.update(instead)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assignment, name)


def _wanted(project: Project, filters: dict[str, Any]) -> dict[str, Any]:
    wanted = {name: value for name, value in filters.items() if value is not None}
    if "worker" in wanted:
        wanted["worker"] = worker_by_pseudonym(project.organisation, wanted["worker"])
    return wanted
