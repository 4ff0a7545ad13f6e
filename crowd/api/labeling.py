"""The rules of label configs, for programs and editors."""

from typing import Any

from rest_framework import serializers

from crowd.api.deeds import ANYBODY, Call, Endpoint, deed
from crowd.api.fields import Facts
from crowd.labeling.config import schema


class LabelConfigSchemaOut(Facts):
    """JSON Schema (draft 2020-12) of a label config."""

    schema = serializers.DictField()


class LabelConfigSchema(Endpoint):
    @deed("What a label config may be", scope=ANYBODY, gives=LabelConfigSchemaOut)
    def get(self, call: Call) -> dict[str, Any]:
        return {"schema": schema()}
