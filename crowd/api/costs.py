"""What labels cost and what was saved by asking only as often as needed."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Money
from crowd.consensus import costs
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.users.states import Scope


class CostFilter(Filters):
    of = serializers.IntegerField(
        required=False, help_text="A pilot or an earlier project of yours whose answers the curve is drawn from."
    )


class PointOut(Facts):
    """`answers` a task in the mean; `rightness` is the share expected to come out right."""

    answers = serializers.FloatField()
    rightness = serializers.FloatField()


class AdaptivePointOut(PointOut):
    target = serializers.FloatField()


class SavedOut(Facts):
    """Of the tasks that are complete, against `most_answers` for each of them."""

    tasks = serializers.IntegerField()
    answers = serializers.IntegerField()
    not_bought = serializers.IntegerField()
    saved = Money("micros")


class CurveOut(Facts):
    tasks = serializers.IntegerField()
    fixed = PointOut(many=True)
    adaptive = AdaptivePointOut(many=True)


class CostOut(Facts):
    """`saved` is null where every task gets the same number of answers, `curve` where there are too few answers."""

    saved = SavedOut(allow_null=True)
    curve = CurveOut(allow_null=True)


class ProjectCost(Endpoint):
    @deed("What being right costs, and what was saved", scope=Scope.READ, gives=CostOut, filters=CostFilter)
    def get(self, call: Call, project_id: int) -> Any:
        project = project_for(call.user, project_id)
        source = project_for(call.user, call.filters["of"]) if "of" in call.filters else project
        return {"saved": _saved(project), "curve": _curve(source, project)}


def _saved(project: Project) -> dict[str, Any] | None:
    found = costs.saved(project)
    return None if found is None else {**vars(found), "currency": project.currency}


def _curve(source: Project, project: Project) -> dict[str, Any] | None:
    found = costs.curve(source, most=project.most_answers, least_gain=float(project.least_gain))
    if found is None:
        return None
    adaptive = [{"target": target, **vars(point)} for target, point in found.adaptive]
    return {"tasks": found.tasks, "fixed": found.fixed, "adaptive": adaptive}
