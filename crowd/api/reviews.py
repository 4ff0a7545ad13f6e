"""Staff look at projects: at an organisation's first public one, at those that workers report, at any they want to."""

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row
from crowd.api.paging import Page
from crowd.api.projects import ProjectLine
from crowd.api.staff_money import StaffReason
from crowd.assignments.services import report_project
from crowd.projects.models import Project, Report, Review
from crowd.projects.services import reviews
from crowd.projects.states import ReportKind, ReviewState
from crowd.users.access import require_staff
from crowd.users.states import Scope


class ReviewOut(Row):
    """`reason` is what the requester reads."""

    class Meta:
        model = Review
        fields = ["id", "project", "state", "cause", "asked_at", "decided_by", "decided_at", "reason"]


class MyReport(Row):
    """`outcome` is what staff answered."""

    class Meta:
        model = Report
        fields = ["id", "project", "kind", "text", "reported_at", "handled_at", "outcome"]


class StaffReport(MyReport):
    class Meta(MyReport.Meta):
        fields = [*MyReport.Meta.fields, "worker", "handled_by"]


class NewReport(Input):
    kind = serializers.ChoiceField(choices=ReportKind.choices)
    text = serializers.CharField(required=False, allow_blank=True)


class ReviewNote(Input):
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class Answer(Input):
    note = serializers.CharField(max_length=2000, help_text="The workers who reported read it.")


class Answered(Facts):
    answered = serializers.IntegerField(help_text="Reports that were open.")


class ReviewFilter(Filters):
    state = serializers.ChoiceField(choices=ReviewState.choices, required=False)


class ReportFilter(Filters):
    project = Id(required=False)
    open = serializers.BooleanField(required=False, allow_null=True, default=None, source="handled_at__isnull")


class ProjectReport(Endpoint):
    @deed("Report a project to staff", scope=Scope.WORK, takes=NewReport, gives=MyReport, status=201)
    def post(self, call: Call, project_id: int) -> Report:
        """The requester never learns who it was."""
        return report_project.report(actor=call.user, project_id=project_id, **call.data)


class MyReports(Endpoint):
    @deed("My reports, and what staff answered", scope=Scope.READ, gives=MyReport, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(Report.objects.filter(worker=call.worker))


class ReviewAgain(Endpoint):
    @deed("Ask staff to look again", scope=Scope.PROJECTS, gives=ReviewOut)
    def post(self, call: Call, project_id: int) -> Review:
        return reviews.ask_again(actor=call.user, project_id=project_id)


class Reviews(Endpoint):
    @deed("Projects that staff look at", scope=Scope.STAFF, gives=ReviewOut, filters=ReviewFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Review.objects.filter(**call.filters))


class Reports(Endpoint):
    @deed("What workers reported", scope=Scope.STAFF, gives=StaffReport, filters=ReportFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        wanted = {name: value for name, value in call.filters.items() if value is not None}
        return call.page.of(Report.objects.filter(**wanted))


class ReviewApproval(Endpoint):
    @deed("Let a project go on", scope=Scope.STAFF, takes=ReviewNote, gives=ProjectLine)
    def post(self, call: Call, project_id: int) -> Project:
        return reviews.approve(actor=call.user, project_id=project_id, **call.data)


class ReviewRefusal(Endpoint):
    @deed(
        "Do not let a project go on; its requester reads why", scope=Scope.STAFF, takes=StaffReason, gives=ProjectLine
    )
    def post(self, call: Call, project_id: int) -> Project:
        return reviews.refuse(actor=call.user, project_id=project_id, **call.data)


class ProjectStop(Endpoint):
    @deed("Stop a project to look at it", scope=Scope.STAFF, takes=StaffReason, gives=ProjectLine)
    def post(self, call: Call, project_id: int) -> Project:
        return reviews.stop(actor=call.user, project_id=project_id, **call.data)


class ReportsDismissed(Endpoint):
    @deed("Answer the reports and let the project stand", scope=Scope.STAFF, takes=Answer, gives=Answered)
    def post(self, call: Call, project_id: int) -> dict[str, int]:
        return {"answered": reviews.dismiss_reports(actor=call.user, project_id=project_id, **call.data)}
