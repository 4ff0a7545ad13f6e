"""The workers of a project, as its requester knows them: by pseudonym, with what they did here."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Time
from crowd.api.paging import Page
from crowd.assignments.models import Participation
from crowd.assignments.repeats import Steadiness, steadiness
from crowd.assignments.services import pause
from crowd.assignments.states import ParticipationState
from crowd.consensus.models import WorkerScore
from crowd.kernel.errors import NotFound
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.quality.accuracy import BetaAccuracy
from crowd.users.states import Scope
from workers.services.pseudonyms import pseudonyms_for, worker_by_pseudonym

PLAIN = ("state", "joined_at", "submitted_count", "gold_right", "gold_wrong", "paused_at", "pause_reason")


class ScoreOut(Facts):
    """What the model inferred from all answers to one question; `confusion[true][said]` in the order of the labels."""

    question = serializers.CharField()
    answers = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True)
    agreement = serializers.FloatField(allow_null=True)
    confusion = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()), allow_null=True)


class ProjectWorkerOut(Facts):
    """`gold_accuracy` is the mean of what his gold answers say, careful while they are few. Of `repeats`, opinions that
    he gave twice, `repeats_same` said the same again; `self_agreement` holds the true share in 95 of 100 cases."""

    worker = serializers.CharField(help_text="The pseudonym in this organisation.")
    state = serializers.ChoiceField(choices=ParticipationState.choices)
    joined_at = Time()
    submitted = serializers.IntegerField(source="submitted_count")
    gold_right = serializers.IntegerField()
    gold_wrong = serializers.IntegerField()
    gold_accuracy = serializers.FloatField(allow_null=True)
    repeats = serializers.IntegerField()
    repeats_same = serializers.IntegerField()
    self_agreement = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="From and to; null without a repeat."
    )
    paused_at = Time(allow_null=True)
    pause_reason = serializers.CharField()
    scores = ScoreOut(many=True)


class WorkerFilter(Filters):
    state = serializers.ChoiceField(choices=ParticipationState.choices, required=False)


class Why(Input):
    reason = serializers.CharField(max_length=2000, help_text="The worker reads it.")


class ProjectWorkers(Endpoint):
    @deed("Workers of a project", scope=Scope.READ, gives=ProjectWorkerOut, filters=WorkerFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        page = call.page.of(Participation.objects.filter(project=project, **call.filters))
        return Page(_shown(project, page.rows), page.next)


class ProjectWorker(Endpoint):
    @deed("One worker of a project", scope=Scope.READ, gives=ProjectWorkerOut)
    def get(self, call: Call, project_id: int, pseudonym: str) -> Any:
        project = project_for(call.user, project_id)
        return _one(project, _worker_id(project, pseudonym))


class ProjectWorkerPause(Endpoint):
    @deed("Give a worker no more tasks here for now", scope=Scope.PROJECTS, takes=Why, gives=ProjectWorkerOut)
    def post(self, call: Call, project_id: int, pseudonym: str) -> Any:
        project = project_for(call.user, project_id)
        worker_id = _worker_id(project, pseudonym)
        pause.pause(actor=call.user, project_id=project_id, worker_id=worker_id, **call.data)
        return _one(project, worker_id)


class ProjectWorkerLift(Endpoint):
    @deed("End a worker's pause", scope=Scope.PROJECTS, takes=Why, gives=ProjectWorkerOut)
    def post(self, call: Call, project_id: int, pseudonym: str) -> Any:
        project = project_for(call.user, project_id)
        worker_id = _worker_id(project, pseudonym)
        pause.lift(actor=call.user, project_id=project_id, worker_id=worker_id, **call.data)
        return _one(project, worker_id)


def _worker_id(project: Project, pseudonym: str) -> int:
    return worker_by_pseudonym(project.organisation, pseudonym).pk


def _one(project: Project, worker_id: int) -> Any:
    found = list(Participation.objects.filter(project=project, worker=worker_id))
    if not found:
        raise NotFound
    return _shown(project, found)[0]


def _shown(project: Project, rows: Sequence[Any]) -> Sequence[Any]:
    """Pseudonym and scores, each in one query for all of them."""
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in rows])
    steady = steadiness(project, list(codes)) if project.repeat_share else {}
    scores = list(WorkerScore.objects.filter(project=project, worker__in=codes).order_by("question"))
    return [
        {
            **{name: getattr(one, name) for name in PLAIN},
            "worker": codes[one.worker_id],
            "gold_accuracy": _gold_accuracy(one),
            **_of_repeats(steady.get(one.worker_id)),
            "scores": [score for score in scores if score.worker_id == one.worker_id],
        }
        for one in rows
    ]


def _of_repeats(found: Steadiness | None) -> dict[str, Any]:
    if found is None:
        return {"repeats": 0, "repeats_same": 0, "self_agreement": None}
    interval = [round(bound, 4) for bound in found.interval]
    return {"repeats": found.repeats, "repeats_same": found.same, "self_agreement": interval}


def _gold_accuracy(one: Participation) -> float | None:
    if not one.gold_right + one.gold_wrong:
        return None
    return round(BetaAccuracy(one.gold_right, one.gold_wrong).mean, 4)
