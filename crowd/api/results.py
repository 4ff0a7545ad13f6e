"""What came out of a project: consensus, aggregation runs, exports."""

from typing import Any

from django.http import StreamingHttpResponse
from rest_framework import serializers

from crowd.api.body import Filters
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row
from crowd.api.paging import Page
from crowd.consensus import exports
from crowd.consensus.models import AggregationRun, Consensus
from crowd.kernel import hints
from crowd.labeling.formats import csv_rows, json_lines
from crowd.projects.access import project_for
from crowd.users.states import Scope

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


class ConsensusOut(Row):
    """The merged answer to one question about one unit of a task."""

    value = serializers.JSONField()
    distribution = serializers.DictField(child=serializers.FloatField())

    class Meta:
        model = Consensus
        fields = ["task", "unit", "question", "value", "posterior", "distribution", "tied", "answers", "agreement"]
        fields += ["run"]


class ConsensusFilter(Filters):
    task = Id(required=False)
    question = serializers.CharField(required=False)


class RunOut(Row):
    """One execution: what went in, with which method and software, and what it found about the whole."""

    parameters = serializers.DictField()
    software = serializers.DictField()
    figures = serializers.DictField()

    class Meta:
        model = AggregationRun
        fields = ["id", "state", "method", "parameters", "software", "answers", "input_sha256", "figures", "error"]
        fields += ["started_at", "finished_at"]


class ExportFilter(Filters):
    of = serializers.ChoiceField(choices=["items", "answers"], default="items")
    as_ = serializers.ChoiceField(choices=sorted(MEDIA_TYPES), default="csv")

    def get_fields(self) -> dict[str, Any]:
        """`as` is a word of Python's own."""
        fields = super().get_fields()
        fields["as"] = fields.pop("as_")
        return fields


class Started(Facts):
    started = serializers.BooleanField(help_text="False: it will start within a minute or so.")


class ConsensusView(Endpoint):
    @deed("Merged answers", scope=Scope.READ, gives=ConsensusOut, filters=ConsensusFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return call.page.of(Consensus.objects.filter(project=project_for(call.user, project_id), **call.filters))


class Runs(Endpoint):
    @deed("Aggregation runs", scope=Scope.READ, gives=RunOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return call.page.of(AggregationRun.objects.filter(project=project_for(call.user, project_id)))

    @deed("Aggregate now", scope=Scope.PROJECTS, rate="heavy", gives=Started, status=202)
    def post(self, call: Call, project_id: int) -> dict[str, bool]:
        project = project_for(call.user, project_id)
        return {"started": hints.send("consensus.aggregate_project", project.pk)}


class Export(Endpoint):
    @deed("All results as a file", scope=Scope.READ, rate="heavy", filters=ExportFilter, file="text/csv")
    def get(self, call: Call, project_id: int) -> StreamingHttpResponse:
        """Items with their merged answers, or the counting answers one by one; as CSV or JSON Lines, streamed."""
        project = project_for(call.user, project_id)
        rows, columns = exports.of(project, call.filters["of"], flat=call.filters["as"] == "csv")
        lines = csv_rows.lines(rows, columns) if call.filters["as"] == "csv" else json_lines.lines(rows)
        name = f"project-{project.pk}-{call.filters['of']}.{call.filters['as']}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return StreamingHttpResponse(lines, content_type=MEDIA_TYPES[call.filters["as"]], headers=headers)
