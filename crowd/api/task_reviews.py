"""Reviews by experts: what the requester sets, and what reviewers do. A reviewer sees answers without their workers."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Amount, Facts, Money, Row, Time
from crowd.api.media import payload
from crowd.api.paging import Page
from crowd.api.work import WorkLine
from crowd.assignments.models import Assignment
from crowd.kernel.errors import NotFound
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.review import queries
from crowd.review.models import Reviewer, ReviewPlan, TaskReview
from crowd.review.services import plans, reviewing, reworks
from crowd.review.services.verdicts import Verdict
from crowd.review.states import Deed
from crowd.users.states import Scope
from workers.models import Worker
from workers.services.pseudonyms import pseudonyms_for


class PlanOut(Row):
    """`share`, `low_posterior`, `disagreement` and `new_worker_answers` each choose tasks; prices are of one each."""

    reward = Money("reward_micros", "project.currency")
    rework_reward = Money("rework_reward_micros", "project.currency")

    class Meta:
        model = ReviewPlan
        fields = ["share", "low_posterior", "disagreement", "new_worker_answers", "two_levels", "rework_hours"]
        fields += ["reward", "rework_reward"]


class NewPlan(Input):
    share = serializers.DecimalField(max_digits=4, decimal_places=3, required=False)
    low_posterior = serializers.FloatField(required=False, allow_null=True)
    disagreement = serializers.BooleanField(required=False)
    new_worker_answers = serializers.IntegerField(required=False)
    two_levels = serializers.BooleanField(required=False)
    rework_hours = serializers.IntegerField(required=False)
    reward = Amount(required=False)
    rework_reward = Amount(required=False)


class ReviewerOut(Facts):
    worker = serializers.CharField(help_text="His pseudonym.")
    level = serializers.IntegerField()


class NewReviewer(Input):
    worker = serializers.CharField()
    level = serializers.IntegerField(default=1, help_text="2: also decides what a first reviewer wants to change.")


class TaskReviewOut(Row):
    task = serializers.IntegerField(source="task_id")
    verdicts = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = TaskReview
        fields = [
            "id",
            "task",
            "round",
            "level",
            "cause",
            "state",
            "opened_at",
            "verdicts",
            "carried_out",
            "decided_at",
        ]


class StandingAnswer(Facts):
    assignment = serializers.IntegerField()
    state = serializers.CharField()
    value = serializers.DictField()


class ReviewInHand(TaskReviewOut):
    """The task as workers see it, and its answers side by side."""

    taken_until = Time(allow_null=True)
    reward = Money("reward_micros", "project.currency")
    shown = serializers.DictField()
    answers = StandingAnswer(many=True)

    class Meta(TaskReviewOut.Meta):
        fields = [*TaskReviewOut.Meta.fields, "taken_until", "reward", "shown", "answers"]


class NewVerdict(Input):
    assignment = serializers.IntegerField(min_value=1)
    deed = serializers.ChoiceField(choices=Deed.choices)
    comment = serializers.CharField(required=False, allow_blank=True, default="", help_text="To the worker.")


class Decided(Input):
    verdicts = NewVerdict(many=True, help_text="One about each answer.")
    value = serializers.JSONField(required=False, allow_null=True, help_text="Your own answer.")


class ProjectReviewPlan(Endpoint):
    @deed("Which tasks experts review, and for what", scope=Scope.READ, gives=PlanOut)
    def get(self, call: Call, project_id: int) -> ReviewPlan:
        project = project_for(call.user, project_id)
        return queries.plan_of(project) or ReviewPlan(project=project)

    @deed("Set which tasks experts review, and for what", scope=Scope.PROJECTS, takes=NewPlan, gives=PlanOut)
    def put(self, call: Call, project_id: int) -> ReviewPlan:
        given = {
            {"reward": "reward_micros", "rework_reward": "rework_reward_micros"}.get(name, name): value
            for name, value in call.data.items()
        }
        return plans.set_plan(actor=call.user, project_id=project_id, **given)


class Reviewers(Endpoint):
    @deed("Reviewers of a project", scope=Scope.READ, gives=ReviewerOut, many=True)
    def get(self, call: Call, project_id: int) -> list[dict[str, Any]]:
        return _reviewers(project_for(call.user, project_id))

    @deed("Name a reviewer", scope=Scope.PROJECTS, takes=NewReviewer, gives=ReviewerOut, many=True, status=201)
    def post(self, call: Call, project_id: int) -> list[dict[str, Any]]:
        plans.name_reviewer(
            actor=call.user, project_id=project_id, pseudonym=call.data["worker"], level=call.data["level"]
        )
        return _reviewers(project_for(call.user, project_id))


class ReviewerView(Endpoint):
    @deed("He reviews no more here", scope=Scope.PROJECTS, status=204)
    def delete(self, call: Call, project_id: int, pseudonym: str) -> None:
        plans.remove_reviewer(actor=call.user, project_id=project_id, pseudonym=pseudonym)


class ProjectReviews(Endpoint):
    @deed("Reviews of a project", scope=Scope.READ, gives=TaskReviewOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return call.page.of(queries.reviews_of(project_for(call.user, project_id)))


class NextReview(Endpoint):
    @deed("My review in this project, or the next one", scope=Scope.WORK, gives=ReviewInHand)
    def post(self, call: Call, project_id: int) -> Any:
        """Asking again gives the same one, until it is decided or its time is over."""
        return _in_hand(reviewing.take(worker=call.worker, project_id=project_id).pk, call.worker)


class MyReview(Endpoint):
    @deed("A review that I have in hand, or have decided", scope=Scope.READ, gives=ReviewInHand)
    def get(self, call: Call, review_id: int) -> Any:
        return _in_hand(review_id, call.worker)


class ReviewDecision(Endpoint):
    @deed("Decide a review: all of it happens, or nothing", scope=Scope.WORK, takes=Decided, gives=TaskReviewOut)
    def post(self, call: Call, review_id: int) -> TaskReview:
        verdicts = [
            Verdict(assignment_id=one["assignment"], deed=one["deed"], comment=one["comment"].strip())
            for one in call.data["verdicts"]
        ]
        value = call.data.get("value")
        return reviewing.decide(worker=call.worker, review_id=review_id, verdicts=verdicts, value=value)


class ReworkDecline(Endpoint):
    @deed("Let my answer stand that was sent back", scope=Scope.WORK, gives=WorkLine)
    def post(self, call: Call, assignment_id: int) -> Assignment:
        return reworks.decline(worker=call.worker, assignment_id=assignment_id)


def _reviewers(project: Project) -> list[dict[str, Any]]:
    named: list[Reviewer] = list(queries.reviewers_of(project))
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in named])
    return [{"worker": codes[one.worker_id], "level": one.level} for one in named]


def _in_hand(review_id: int, worker: Worker) -> Any:
    found: Any = TaskReview.objects.select_related("project__config", "task__item").filter(
        pk=review_id, reviewer=worker
    )
    found = found.first()
    if found is None:
        raise NotFound
    config = found.project.config.config if found.project.config else {}
    found.shown = payload(found.task, config=config, user=worker.user)
    found.answers = [
        {"assignment": one.pk, "state": one.state, "value": answer.value}
        for one, answer in queries.standing_answers(found)
    ]
    return found
