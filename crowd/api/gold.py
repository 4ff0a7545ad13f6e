"""Gold of a project: what its answers say about the keys; making, correcting, retiring and contesting them."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Time
from crowd.gold import queries
from crowd.gold.models import Contest, Revision
from crowd.gold.services import contests, keys
from crowd.gold.states import Change, ContestState, RevisionState
from crowd.projects.access import project_for
from crowd.users.states import Scope

KEY = "An answer, or {“any_of”: [...]} of several, each with a “weight” from 0 to 1 where it is not 1."


class GoldAuditOut(Facts):
    """`doubt`: probability that `instead`, and not the key, is right, by workers' accuracy on all other gold.

    `leak`: how much better later workers meet it than earlier ones, in standard errors; 3 is suspicious.
    """

    task = serializers.IntegerField(source="task.pk")
    key = serializers.DictField(source="task.gold")
    shown = serializers.IntegerField()
    missed = serializers.IntegerField()
    exposure = serializers.FloatField(help_text="Share of the project's workers who have answered it.")
    doubt = serializers.FloatField(source="doubt.probability")
    instead = serializers.DictField(allow_null=True)
    leak = serializers.FloatField()
    contests = serializers.IntegerField(help_text="Open ones.")
    flags = serializers.ListField(child=serializers.ChoiceField(choices=["doubtful", "leaked", "contested"]))


class ProposedOut(Facts):
    """An ordinary task whose consensus is so sure that it would do as gold."""

    task = serializers.IntegerField(source="task.pk")
    key = serializers.DictField()
    posterior = serializers.FloatField()
    answers = serializers.IntegerField()


class RevisionOut(Facts):
    """A change of a key. `found` are sums of what was put right: answers, righted, voided, lifted, repaid_micros ..."""

    id = serializers.IntegerField(allow_null=True, help_text="null in a draft, where nothing has to be put right.")
    task = serializers.IntegerField(source="task_id")
    change = serializers.ChoiceField(choices=Change.choices)
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=RevisionState.choices)
    found = serializers.DictField()
    made_at = Time()
    finished_at = Time(allow_null=True)


class ContestOut(Facts):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ContestState.choices)
    text = serializers.CharField()
    reply = serializers.CharField()
    contested_at = Time()


class NewGoldKey(Input):
    key = serializers.JSONField(help_text=KEY)
    gold_reason = serializers.CharField(required=False, allow_blank=True, help_text="Whoever misses it may read it.")


class CorrectedKey(NewGoldKey):
    why = serializers.CharField(help_text="The workers whose record changes read it.")


class Retirement(Input):
    why = serializers.CharField(help_text="The workers whose record changes read it.")
    keep_answers = serializers.BooleanField(
        default=False, help_text="The key was right and merely became known: answers stay as they were scored."
    )


class ContestIn(Input):
    text = serializers.CharField(help_text="Why another answer is right.")


class ReplyIn(Input):
    reply = serializers.CharField(help_text="Why the key is right; the workers read it.")


class Kept(Facts):
    count = serializers.IntegerField()


class Audit(Endpoint):
    @deed("Gold tasks, those with the most reason to look first", scope=Scope.READ, gives=GoldAuditOut, many=True)
    def get(self, call: Call, project_id: int) -> list[queries.Audited]:
        return queries.audit(project_for(call.user, project_id))


class ProposedGold(Endpoint):
    @deed("Tasks that would make good gold", scope=Scope.READ, gives=ProposedOut, many=True)
    def get(self, call: Call, project_id: int) -> list[queries.Proposed]:
        return queries.proposed(project_for(call.user, project_id))


class Revisions(Endpoint):
    @deed("Changes of keys, and what was put right", scope=Scope.READ, gives=RevisionOut, many=True)
    def get(self, call: Call, project_id: int) -> list[Revision]:
        return list(queries.revisions(project_for(call.user, project_id)))


class TaskGold(Endpoint):
    @deed("Make a task gold", scope=Scope.PROJECTS, takes=NewGoldKey, gives=RevisionOut, status=201)
    def post(self, call: Call, project_id: int, task_id: int) -> Revision:
        """It leaves the ring with its answers; who gave one never gets it as gold."""
        return keys.make(actor=call.user, project_id=project_id, task_id=task_id, **call.data)


class Correction(Endpoint):
    @deed("Correct a key", scope=Scope.PROJECTS, takes=CorrectedKey, gives=RevisionOut, status=201)
    def post(self, call: Call, project_id: int, task_id: int) -> Revision:
        """What the old key had caused is put right by a job: accuracy, pauses, rejections, pay. Workers are told."""
        return keys.correct(actor=call.user, project_id=project_id, task_id=task_id, **call.data)


class Retiring(Endpoint):
    @deed("Retire a gold task", scope=Scope.PROJECTS, takes=Retirement, gives=RevisionOut, status=201)
    def post(self, call: Call, project_id: int, task_id: int) -> Revision:
        return keys.retire(actor=call.user, project_id=project_id, task_id=task_id, **call.data)


class KeyKept(Endpoint):
    @deed("Answer who contests a key that stays", scope=Scope.PROJECTS, takes=ReplyIn, gives=Kept)
    def post(self, call: Call, project_id: int, task_id: int) -> dict[str, Any]:
        return {"count": contests.keep(actor=call.user, project_id=project_id, task_id=task_id, **call.data)}


class Contesting(Endpoint):
    @deed("Contest the key of a task that I missed", scope=Scope.WORK, takes=ContestIn, gives=ContestOut, status=201)
    def post(self, call: Call, assignment_id: int) -> Contest:
        """Where the project explains misses; once for each answer."""
        return contests.contest(worker=call.worker, assignment_id=assignment_id, **call.data)
