"""The further tiers of a project: specialists who get what others could not settle."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Amount, Facts, Money
from crowd.api.project_terms import RequirementIn, RequirementOut, read_conditions
from crowd.consensus import tiers as reports
from crowd.projects import queries
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.projects.services import tiers
from crowd.users.states import Scope

SHARE: Mapping[str, Any] = {"max_digits": 5, "decimal_places": 4, "allow_null": True, "default": None}


class TierIn(Input):
    """What sends a task here is whatever is not null of the last three; one of them must be."""

    name = serializers.CharField(max_length=100)
    reward = Amount(source="reward_micros")
    redundancy = serializers.IntegerField(default=1, min_value=1, max_value=100, help_text="Answers by specialists.")
    most_answers = serializers.IntegerField(
        allow_null=True,
        default=None,
        min_value=2,
        max_value=100,
        help_text="Buy further answers of theirs, one by one, up to so many a task; null: exactly `redundancy`.",
    )
    budget = Amount(
        source="budget_micros",
        default=0,
        help_text="Set aside at publish; for a tier added later, at once. Of one that runs, raise the reserve.",
    )
    requirements = RequirementIn(
        many=True, source="conditions", help_text="What makes a specialist, on top of what the project demands."
    )
    below_posterior = serializers.DecimalField(**SHARE, help_text="The merged answer is less sure than this.")
    above_disagreement = serializers.DecimalField(
        **SHARE, help_text="More than this share of the answers differ from the merged one."
    )
    expert_calls = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, help_text="So many workers said that it needs an expert."
    )


class TiersIn(Input):
    tiers = TierIn(many=True, help_text="From the lowest on. They replace those before; at most five.")


class TierOut(Facts):
    """`waiting` tasks should go up to it and cannot, because its reserve is used up or somebody holds them.
    `not_bought` answers were not bought for the tasks that are done, of the `most_answers` for each; null: fixed."""

    number = serializers.IntegerField(source="tier.number")
    name = serializers.CharField(source="tier.name")
    reward = Money("tier.reward_micros", "tier.project.currency")
    fee = Money("tier.fee_micros", "tier.project.currency")
    redundancy = serializers.IntegerField(source="tier.redundancy")
    most_answers = serializers.IntegerField(source="tier.most_answers", allow_null=True)
    below_posterior = serializers.DecimalField(
        source="tier.below_posterior", max_digits=5, decimal_places=4, allow_null=True
    )
    above_disagreement = serializers.DecimalField(
        source="tier.above_disagreement", max_digits=5, decimal_places=4, allow_null=True
    )
    expert_calls = serializers.IntegerField(source="tier.expert_calls", allow_null=True)
    budget = Money("tier.budget_micros", "tier.project.currency")
    reserve = Money("tier.reserve_micros", "tier.project.currency")
    requirements = RequirementOut(many=True)
    tasks = serializers.IntegerField()
    done = serializers.IntegerField()
    waiting = serializers.IntegerField()
    not_bought = serializers.IntegerField(allow_null=True)
    spent = Money("spent_micros", "tier.project.currency")


class ProjectTiers(Endpoint):
    @deed("Specialists for hard tasks, and how far they are", scope=Scope.READ, gives=TierOut, many=True)
    def get(self, call: Call, project_id: int) -> Any:
        return _shown(project_for(call.user, project_id))

    @deed("Set the tiers of specialists", scope=Scope.MONEY, takes=TiersIn, gives=TierOut, many=True)
    def put(self, call: Call, project_id: int) -> Any:
        """Of a published project reward and redundancy stay, and no tier goes; what is added is paid for at once."""
        project = project_for(call.user, project_id)
        wanted = [one | {"conditions": read_conditions(project, one["conditions"])} for one in call.data["tiers"]]
        tiers.set_tiers(actor=call.user, project_id=project_id, tiers=wanted)
        return _shown(project)


def _shown(project: Project) -> list[dict[str, Any]]:
    asked = queries.demands_of([project.pk])
    return [
        vars(line) | {"spent_micros": line.spent_micros, "requirements": asked.get((project.pk, line.tier.number), [])}
        for line in reports.lines(project)
    ]
