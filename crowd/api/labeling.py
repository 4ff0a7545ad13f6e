"""The rules of label configs, for programs and editors; another config for a project that is being answered."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import ANYBODY, Call, Endpoint, deed
from crowd.api.fields import Facts
from crowd.consensus.services import reconfigure
from crowd.consensus.services.reconfigure import Wanted
from crowd.labeling.config import schema
from crowd.users.states import Scope


class LabelConfigSchemaOut(Facts):
    """JSON Schema (draft 2020-12) of a label config."""

    schema = serializers.DictField()


class LabelConfigSchema(Endpoint):
    @deed("What a label config may be", scope=ANYBODY, gives=LabelConfigSchemaOut)
    def get(self, call: Call) -> dict[str, Any]:
        return {"schema": schema()}


class ConfigChangeIn(Input):
    config = serializers.DictField()
    mapping = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_null=True)),
        required=False,
        default=dict,
        help_text="By question: what each old label becomes, null where it is dropped. Others keep their names. "
        "Of a choice within a record: `field.label`.",
    )
    ask_again = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        default=dict,
        help_text="By question: tasks whose merged answer is one of these labels are asked again too.",
    )
    only_look = serializers.BooleanField(required=False, default=False, help_text="Say what it would cost, do nothing.")
    at_most_micros = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=2**62, help_text="Else 409."
    )


class ConfigChangeOut(Facts):
    """`answers` of `tasks` stop counting (they are paid as usual); `slots` are asked again for `price_micros`."""

    version = serializers.IntegerField(allow_null=True)
    tasks = serializers.IntegerField()
    answers = serializers.IntegerField()
    slots = serializers.IntegerField()
    price_micros = serializers.IntegerField()
    touched = serializers.IntegerField(help_text="Answers that read otherwise in the new version.")
    first = serializers.ListField(child=serializers.IntegerField(), help_text="At most fifty of the tasks, by id.")


class ConfigChanges(Endpoint):
    @deed("Change what may be answered", scope=Scope.PROJECTS, takes=ConfigChangeIn, gives=ConfigChangeOut)
    def post(self, call: Call, project_id: int) -> dict[str, Any]:
        given = dict(call.data)
        look, most = given.pop("only_look"), given.pop("at_most_micros")
        wanted = Wanted(**given)
        if look:
            return {"version": None, **asdict(reconfigure.plan(actor=call.user, project_id=project_id, wanted=wanted))}
        version, found = reconfigure.reconfigure(
            actor=call.user, project_id=project_id, wanted=wanted, at_most_micros=most
        )
        return {"version": version.version, **asdict(found)}
