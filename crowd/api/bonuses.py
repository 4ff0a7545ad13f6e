"""Bonuses: money beyond the reward, given to somebody who worked on a project."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Amount, Facts, Money, Time
from crowd.api.paging import Page
from crowd.bonuses.models import Bonus
from crowd.bonuses.services import Gift, give
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.users.states import Scope
from workers.services.pseudonyms import pseudonyms_for, worker_by_pseudonym


class BonusOut(Facts):
    """`fee` came on top of `amount`, both out of the organisation's available money."""

    id = serializers.IntegerField()
    worker = serializers.CharField(help_text="The pseudonym in this organisation.")
    assignment = serializers.IntegerField(source="assignment_id", allow_null=True)
    amount = Money("amount_micros")
    fee = Money("fee_micros")
    currency = serializers.CharField()
    reason = serializers.CharField()
    reference = serializers.CharField()
    given_at = Time()


class BonusIn(Input):
    amount = Amount()
    reason = serializers.CharField(max_length=2000, help_text="The worker reads it.")
    reference = serializers.CharField(
        max_length=100, default="", help_text="Your own: under one reference a bonus is given once."
    )
    assignment = serializers.IntegerField(required=False, help_text="The answer that it is for, if it is for one.")


class Bonuses(Endpoint):
    @deed("Bonuses given in a project", scope=Scope.READ, gives=BonusOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        page = call.page.of(Bonus.objects.filter(project=project))
        return Page(_shown(project, page.rows), page.next)


class GiveBonus(Endpoint):
    @deed("Give a worker a bonus", scope=Scope.MONEY, takes=BonusIn, gives=BonusOut, status=201)
    def post(self, call: Call, project_id: int, pseudonym: str) -> Any:
        project = project_for(call.user, project_id)
        worker = worker_by_pseudonym(project.organisation, pseudonym)
        gift = Gift(
            amount_micros=call.data["amount"],
            reason=call.data["reason"],
            reference=call.data["reference"],
            assignment_id=call.data.get("assignment"),
        )
        bonus = give(actor=call.user, project_id=project_id, worker_id=worker.pk, gift=gift)
        return _shown(project, [bonus])[0]


def _shown(project: Project, rows: Sequence[Any]) -> list[dict[str, Any]]:
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in rows])
    own = ("id", "assignment_id", "amount_micros", "fee_micros", "reason", "reference", "given_at")
    return [
        {name: getattr(one, name) for name in own} | {"worker": codes[one.worker_id], "currency": project.currency}
        for one in rows
    ]
