"""Whether labels depend on items, on groups of workers, or on time."""

from typing import Any

from django.http import StreamingHttpResponse
from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Row
from crowd.consensus.access import bias_report_for
from crowd.consensus.bias import rows
from crowd.consensus.models import BiasReport
from crowd.consensus.services import bias_reports
from crowd.labeling.formats import csv_rows
from crowd.users.states import Scope


class WantedBias(Input):
    question = serializers.CharField(max_length=100, help_text="With labels or a rating for an answer.")
    label = serializers.CharField(  # type: ignore[assignment]
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="Of a question with several labels: whether this one is chosen.",
    )
    column = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="Of the items, to group them by."
    )


class BiasFilter(WantedBias, Filters):
    pass


class BiasReportOut(Row):
    """`figures` are null until it was counted; while it is counted anew they are the older ones.

    Shares come with 95 % intervals; so does the mean `difference` of ratings from the merged ones, and from gold.
    Groups of workers are shown from ten people on and rounded, `group` null being all the others; `..._test` says how
    often chance alone gives groups as unlike as these (`p`), how unlike they are (`effect`, Cramér's V), and whether
    they are too small to tell (`thin`).
    """

    figures = serializers.JSONField()

    class Meta:
        model = BiasReport
        fields = ["question", "label", "column", "state", "asked_at", "counted_at", "figures"]


class BiasView(Endpoint):
    @deed("Labels by items, workers and time", scope=Scope.READ, gives=BiasReportOut, filters=BiasFilter)
    def get(self, call: Call, project_id: int) -> BiasReport:
        """Ask for it first: a job counts it."""
        return bias_report_for(call.user, project_id, **call.filters)

    @deed("Have it counted", scope=Scope.READ, rate="heavy", takes=WantedBias, gives=BiasReportOut, status=202)
    def post(self, call: Call, project_id: int) -> BiasReport:
        """Anew where it was counted before; asked again meanwhile, it is the same one."""
        return bias_reports.ask(actor=call.user, project_id=project_id, **call.data)


class BiasFile(Endpoint):
    @deed("The same as CSV", scope=Scope.READ, filters=BiasFilter, files=("text/csv",))
    def get(self, call: Call, project_id: int) -> Any:
        """Empty but for its head before it was counted."""
        found = bias_report_for(call.user, project_id, **call.filters)
        lines = csv_rows.lines(rows.rows(found.figures) if found.figures else [], rows.COLUMNS)
        headers = {"Content-Disposition": f'attachment; filename="project-{project_id}-bias.csv"'}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
