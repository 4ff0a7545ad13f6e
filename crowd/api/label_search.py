"""The labels of a taxonomy, found by their words or level by level: a page never holds a whole tree."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts
from crowd.assignments import configs
from crowd.assignments.queries import assignment_of
from crowd.kernel.errors import NotFound
from crowd.labeling import label_search
from crowd.labeling.config import LabelConfig
from crowd.projects.access import project_for
from crowd.users.states import Scope


class LabelFilter(Filters):
    question = serializers.CharField(required=False, default="", help_text="By default the first with a tree.")
    words = serializers.CharField(required=False, default="", max_length=200, help_text="Parts of the title or the id.")
    under = serializers.CharField(required=False, default="", help_text="Without words: what is below this label.")


class LabelFound(Facts):
    """A label of a tree; `path` are the titles from the top down to it."""

    id = serializers.CharField()
    title = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    more = serializers.BooleanField(help_text="Whether there are labels below it.")


class AssignmentLabels(Endpoint):
    @deed("Labels to choose from", scope=Scope.READ, gives=LabelFound, many=True, filters=LabelFilter)
    def get(self, call: Call, assignment_id: int) -> list[dict[str, Any]]:
        """At most fifty; of the config that the task was taken with."""
        return _found(configs.parsed(assignment_of(call.worker, assignment_id).config_id), call.filters)


class ProjectLabels(Endpoint):
    @deed("Labels of a project's tree", scope=Scope.READ, gives=LabelFound, many=True, filters=LabelFilter)
    def get(self, call: Call, project_id: int) -> list[dict[str, Any]]:
        project = project_for(call.user, project_id)
        if project.config_id is None:
            raise NotFound
        return _found(configs.parsed(project.config_id), call.filters)


def _found(config: LabelConfig, wanted: dict[str, str]) -> list[dict[str, Any]]:
    found = label_search.found(config, **wanted)
    if found is None:
        raise NotFound
    return found
