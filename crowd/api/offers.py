"""Projects as a worker sees them, and the tasks that he may choose from where a project lets him."""

from typing import Any

from rest_framework import serializers

from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Money, Row, TaskNumber, Time
from crowd.api.media import payload
from crowd.api.organisations import Token
from crowd.api.paging import Page
from crowd.api.project_terms import ConfigOut, GuidelinesOut, RequirementOut
from crowd.assignments import eligibility, offers, queries
from crowd.assignments.models import Participation
from crowd.assignments.states import ParticipationState
from crowd.kernel import clock
from crowd.projects import pricing
from crowd.projects import queries as projects
from crowd.projects.models import Project, Task, TeamMember
from crowd.projects.services import team
from crowd.projects.states import PersonalData, ProjectState, Warning, Workforce
from crowd.review import queries as review
from crowd.users.states import Scope
from qualifications.requirements import ways
from qualifications.requirements.ways import Kind
from workers.models import Worker


class TierShown(Facts):
    """Harder tasks of the project: what each pays, what they ask for, and what you lack for it (empty: nothing)."""

    number = serializers.IntegerField(source="tier.number")
    name = serializers.CharField(source="tier.name")
    reward = Money("tier.reward_micros", "tier.project.currency")
    demands = serializers.ListField(child=serializers.CharField())
    lacking = serializers.ListField(child=serializers.CharField())
    tasks_left = serializers.BooleanField(source="left")


class OfferOut(Facts):
    """`lacking` says in words what keeps you out; empty: you may take a task."""

    id = serializers.IntegerField(source="project.pk")
    title = serializers.CharField(source="project.title")
    description = serializers.CharField(source="project.description")
    organisation = serializers.CharField(source="project.organisation.name")
    state = serializers.ChoiceField(choices=ProjectState.choices, source="project.state")
    reward = Money("project.reward_micros", "project.currency")
    workforce = serializers.ChoiceField(choices=Workforce.choices, source="project.workforce")
    time_limit_s = serializers.IntegerField(source="project.time_limit_s")
    auto_accept_s = serializers.IntegerField(
        source="project.auto_accept_s", help_text="Paid this long after submitting, at the latest."
    )
    personal_data = serializers.ChoiceField(choices=PersonalData.choices, source="project.personal_data")
    content_warnings = serializers.ListField(
        child=serializers.ChoiceField(choices=Warning.choices), source="project.content_warnings"
    )
    choose_tasks = serializers.BooleanField(source="project.choose_tasks")
    tasks_left = serializers.BooleanField()
    lacking = serializers.ListField(child=serializers.CharField())
    tiers = TierShown(many=True)


class MyParticipation(Facts):
    """Me in one project. A pause says why, and on which figures it rests."""

    project = serializers.IntegerField(source="project.pk")
    title = serializers.CharField(source="project.title")
    state = serializers.ChoiceField(choices=ParticipationState.choices)
    joined_at = Time()
    submitted = serializers.IntegerField(source="submitted_count")
    paused_at = Time(allow_null=True)
    pause_reason = serializers.CharField()
    pause_evidence = serializers.DictField()


class QuizOut(Facts):
    """Before the first ordinary task: `length` tasks, of which `right` pass; paid as work, passed or not."""

    length = serializers.IntegerField()
    right = serializers.IntegerField(allow_null=True)
    pay = Money("pay_micros", "currency")
    seconds = serializers.FloatField(allow_null=True)


class PaceOut(Facts):
    """What an hour comes to. `seconds` and `hourly` are measured on the newest `answers`, null of too few.

    `expected_*`: as the requester thinks, if he said so. `floor`: what an hour is topped up to at least; null: none.
    """

    answers = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)
    hourly = Money("hourly_micros", "currency", allow_null=True)
    expected_seconds = serializers.IntegerField(allow_null=True)
    expected_hourly = Money("expected_hourly_micros", "currency", allow_null=True)
    floor = Money("floor_micros", "currency", allow_null=True)


class WayOut(Facts):
    """How to get a qualification that you lack. `test` and `ask`: begin it, or ask for it, at its address."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    qualification = serializers.IntegerField(source="qualification.pk")
    name = serializers.CharField(source="qualification.name")
    sentence = serializers.CharField()


class ReworkTerms(Facts):
    """An answer may be sent back: what answering again adds to its reward, and the hours for it."""

    extra = Money("rework_reward_micros", "project.currency")
    hours = serializers.IntegerField(source="rework_hours")


class OfferDetail(OfferOut):
    """`guidelines` and `config` are null where a requirement that you do not meet guards them (`preview`)."""

    pace = PaceOut()
    quiz = QuizOut(allow_null=True)
    rework = ReworkTerms(allow_null=True)
    preview = serializers.BooleanField()
    guidelines = GuidelinesOut(allow_null=True)
    config = ConfigOut(allow_null=True)
    requirements = RequirementOut(many=True)
    ways = WayOut(many=True)
    participation = MyParticipation(allow_null=True)


class ChoosableTask(Row):
    id = TaskNumber(read_only=True)
    payload = serializers.DictField()

    class Meta:
        model = Task
        fields = ["id", "units", "payload"]


class Joined(Row):
    class Meta:
        model = TeamMember
        fields = ["project", "joined_at"]


class Offers(Endpoint):
    @deed("Open projects that I can see", scope=Scope.READ, gives=OfferOut, pages=True)
    def get(self, call: Call) -> Page:
        def read(*, before: int | None, limit: int) -> list[queries.Offer]:
            return queries.offers(call.worker, before=before, limit=limit)

        return call.page.read(read, lambda offer: int(offer.project.pk))


class Offer(Endpoint):
    @deed("One project, with guidelines and what it demands", scope=Scope.READ, gives=OfferDetail)
    def get(self, call: Call, project_id: int) -> dict[str, Any]:
        project = queries.visible_to(call.worker, project_id)
        standing = eligibility.standing(call.worker, project, clock.now())
        preview = queries.previewable(call.worker, project, standing)
        return {
            "project": project,
            "tasks_left": queries.offer(call.worker, project, standing).tasks_left,
            "tiers": standing.tiers,
            "pace": _pace(project),
            "quiz": _quiz(project),
            "rework": review.plan_of(project),
            "lacking": standing.lacking,
            "ways": ways(call.worker, standing.unmet),
            "preview": preview,
            "guidelines": project.guidelines if preview else None,
            "config": project.config if preview else None,
            "requirements": projects.conditions(project),
            "participation": _participation(call.worker, project),
        }


class OfferTasks(Endpoint):
    @deed("Tasks to choose from", scope=Scope.READ, gives=ChoosableTask, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        """Only where the project lets workers choose."""
        project = queries.visible_to(call.worker, project_id)
        page = call.page.of(queries.choosable(call.worker, project))
        for task in page.rows:
            assert project.config is not None
            task.payload = payload(task, config=project.config.config, user=call.user)
        return page


class Participations(Endpoint):
    @deed("The projects that I worked in", scope=Scope.READ, gives=MyParticipation, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(Participation.objects.filter(worker=call.worker).select_related("project"))


class TeamJoining(Endpoint):
    @deed("Join a project's private team by its link", scope=Scope.WORK, takes=Token, gives=Joined)
    def post(self, call: Call) -> TeamMember:
        return team.join(actor=call.user, token=call.data["token"])


def _quiz(project: Project) -> dict[str, Any] | None:
    quiz = offers.quiz(project)
    return None if quiz is None else vars(quiz) | {"currency": project.currency}


def _pace(project: Project) -> dict[str, Any]:
    found, expected = offers.pace(project), project.expected_s
    return {
        "answers": found.answers,
        "seconds": found.seconds,
        "hourly_micros": found.hourly_micros(project.reward_micros),
        "expected_seconds": expected,
        "expected_hourly_micros": pricing.hourly_micros(project.reward_micros, expected),
        "floor_micros": project.pay_floor_micros or None,
        "currency": project.currency,
    }


def _participation(worker: Worker, project: Project) -> Participation | None:
    return Participation.objects.filter(worker=worker, project=project).select_related("project").first()
