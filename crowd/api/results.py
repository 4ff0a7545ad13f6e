"""What came out of a project: consensus, aggregation runs, exports."""

from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row
from crowd.api.paging import Page
from crowd.consensus import exports, wholes
from crowd.consensus.access import export_for
from crowd.consensus.models import AggregationRun, Consensus
from crowd.consensus.models import Export as ExportRow
from crowd.consensus.services import exporting
from crowd.kernel import hints
from crowd.projects.access import project_for
from crowd.users.states import Scope

AS = sorted(exports.MEDIA_TYPES)
FILES = tuple(kind.partition(";")[0] for kind in exports.MEDIA_TYPES.values())


class ConsensusOut(Row):
    """The merged answer to one question about one unit of a task."""

    value = serializers.JSONField()
    distribution = serializers.DictField(child=serializers.FloatField())
    intervals = serializers.DictField(
        child=serializers.ListField(child=serializers.FloatField()),
        help_text="Of an opinion: the 95 % interval of each label's share; an opinion has no posterior.",
    )

    sure = serializers.FloatField(
        allow_null=True,
        help_text="What further answers are bought by: the posterior of labels; the probability that a number is "
        "within its tolerance; of other answers how far they are alike; null where the kind tells nothing.",
    )
    details = serializers.JSONField(
        help_text="Of marks: `posteriors` of each, in the order of `value`, and the `doubtful` ones that are left out."
    )
    whole = serializers.JSONField(
        allow_null=True,
        help_text="Where it was asked for, of a task that shows a piece of its item (a tile, clip or part of a text): "
        "`value` and `details` as exports tell them, in places of the whole item, each thing once, at the first piece "
        "that shows it; `tasks` in the details are those that do. `value` itself is in places of what the task shows, "
        f"as answers and decisions are. Null beyond {wholes.PIECES} pieces of the items on the page: ask for one "
        "`task` at a time, or, where one item has more, for the file of items (`export`). Else null.",
    )

    class Meta:
        model = Consensus
        fields = [
            "task",
            "unit",
            "question",
            "value",
            "posterior",
            "distribution",
            "intervals",
            "details",
            "sure",
            "tied",
            "answers",
            "agreement",
            "whole",
        ]
        fields += ["run"]


class ConsensusFilter(Filters):
    task = Id(required=False)
    question = serializers.CharField(required=False)
    whole = serializers.BooleanField(
        default=False, help_text="Tell `whole` too, which reads all pieces of the items: as rarely as files."
    )


class RunOut(Row):
    """One execution: what went in, with which method and software, and what it found about the whole."""

    parameters = serializers.DictField()
    software = serializers.DictField()
    figures = serializers.DictField()

    class Meta:
        model = AggregationRun
        fields = ["id", "state", "method", "parameters", "software", "answers", "input_sha256", "figures", "error"]
        fields += ["started_at", "finished_at"]


class NewExport(Input):
    of = serializers.ChoiceField(choices=list(exports.OF), default="items")
    as_ = serializers.ChoiceField(choices=AS, default="csv")

    def get_fields(self) -> dict[str, Any]:
        """`as` is a word of Python's own."""
        fields = super().get_fields()
        fields["as"] = fields.pop("as_")
        return fields


class ExportFilter(NewExport, Filters):
    pass


class ExportOut(Row):
    """A file that a job writes: `rows` of about `rows_expected` are there; done, it is kept until `delete_at`."""

    class Meta:
        model = ExportRow
        fields = ["id", "state", "of", "format", "rows", "rows_expected", "size", "asked_at", "finished_at"]
        fields += ["delete_at"]


class Started(Facts):
    started = serializers.BooleanField(help_text="False: it will start within a minute or so.")


class ConsensusView(Endpoint):
    @deed("Merged answers", scope=Scope.READ, gives=ConsensusOut, filters=ConsensusFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project, filters = project_for(call.user, project_id), dict(call.filters)
        is_whole = filters.pop("whole")
        page = call.page.of(Consensus.objects.filter(project=project, **filters))
        if is_whole:
            wholes.tell(project, page.rows)
        return page

    def rate_kinds(self) -> list[str]:
        """Whole items are put together as rarely as files are asked for."""
        is_whole = self.request.query_params.get("whole") in serializers.BooleanField.TRUE_VALUES
        return [*super().rate_kinds(), *(["heavy"] if is_whole else [])]


class Runs(Endpoint):
    @deed("Aggregation runs", scope=Scope.READ, gives=RunOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return call.page.of(AggregationRun.objects.filter(project=project_for(call.user, project_id)))

    @deed("Aggregate now", scope=Scope.PROJECTS, rate="heavy", gives=Started, status=202)
    def post(self, call: Call, project_id: int) -> dict[str, bool]:
        project = project_for(call.user, project_id)
        return {"started": hints.send("consensus.aggregate_project", project.pk)}


class Export(Endpoint):
    @deed("All results as a file", scope=Scope.READ, rate="heavy", filters=ExportFilter, files=FILES)
    def get(self, call: Call, project_id: int) -> StreamingHttpResponse:
        """Items with their merged answers, or the counting answers one by one; as CSV or JSON Lines, streamed.

        Among the answers, `repeat` marks what somebody said when he was given a task again: it is no further vote.
        Hundreds of thousands of rows take minutes: have them written by a job instead (`exports`).
        """
        project = project_for(call.user, project_id)
        lines = exports.lines(project, call.filters["of"], call.filters["as"])
        name = exports.filename(project, call.filters["of"], call.filters["as"])
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return StreamingHttpResponse(lines, content_type=exports.MEDIA_TYPES[call.filters["as"]], headers=headers)


class Exports(Endpoint):
    @deed("Files of results", scope=Scope.READ, gives=ExportOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return call.page.of(ExportRow.objects.filter(project=project_for(call.user, project_id)))

    @deed(
        "Have results written to a file", scope=Scope.READ, rate="heavy", takes=NewExport, gives=ExportOut, status=202
    )
    def post(self, call: Call, project_id: int) -> ExportRow:
        """For large projects: a job writes it. One of a kind at a time; asked again meanwhile, it is the same one."""
        return exporting.ask(actor=call.user, project_id=project_id, of=call.data["of"], format=call.data["as"])


class ExportView(Endpoint):
    @deed("What became of a file of results", scope=Scope.READ, gives=ExportOut)
    def get(self, call: Call, project_id: int, export_id: int) -> ExportRow:
        return export_for(call.user, project_id, export_id)


class ExportFile(Endpoint):
    @deed("A file of results", scope=Scope.READ, rate="heavy", files=FILES)
    def get(self, call: Call, project_id: int, export_id: int) -> HttpResponseBase:
        return exporting.download(export_for(call.user, project_id, export_id))
