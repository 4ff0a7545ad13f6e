"""Requesters: organisations, their projects, the first one that is looked at before it goes public, and reports."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from crowd.ledger import queries as ledger
from crowd.ledger.states import Holder, Purpose
from crowd.projects.models import Project, Report, Review
from crowd.projects.states import ProjectState, ReviewState
from crowd.users import queries as users
from crowd.users.models import Organisation
from crowd.users.services.notes import note
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, staff_page
from crowd.web.templatetags.crowd_web import when

SAMPLE = 8
LONGEST = 300


@staff_page()
def requester_list(request: HttpRequest) -> Any:
    find = request.GET.get("find", "").strip()
    wanted = Q(name__icontains=find) | Q(members__email__icontains=find) if find else Q()
    rows: Any = Organisation.objects.filter(wanted).distinct()
    live = Q(projects__state__in=[ProjectState.OPEN, ProjectState.PAUSED, ProjectState.CLOSING])
    rows = rows.annotate(people=Count("memberships", distinct=True), live=Count("projects", filter=live, distinct=True))
    found, after = kit.newest(request, rows)
    head = [_("Requester"), _("Since"), _("Members#"), _("Running projects#")]
    lines = [
        Row([link(one.name, "requester", organisation_id=one.pk), when(one.created_at), one.people, one.live])
        for one in found
    ]
    search = forms.WorkerSearch(request.GET)
    search.fields["find"].label = _("Name, or a member's e-mail address")
    return kit.listing(
        request,
        _("Requesters"),
        Table(head, lines, empty=_("No requester is found this way."), next=after),
        filters=search,
        areas=areas(request),
    )


@staff_page()
def review_list(request: HttpRequest) -> Any:
    rows = Review.objects.select_related("project__organisation", "decided_by")
    found, after = kit.newest(request, kit.by_state(request, rows, ReviewState.values))
    head = [_("Project"), _("Requester"), _("Why"), _("Waits since"), _("State")]
    lines = [
        Row(
            [
                link(one.project.title, "project", project_id=one.project_id),
                link(one.project.organisation, "requester", organisation_id=one.project.organisation_id),
                one.get_cause_display(),
                when(one.asked_at),
                kit.state(one),
            ]
        )
        for one in found
    ]
    return kit.listing(
        request,
        _("Projects to look at"),
        Table(head, lines, empty=_("No project here."), next=after),
        lead=_("They rest until staff let them go on: first ones for the public, and those that workers reported."),
        tabs=kit.state_tabs(request, ReviewState.choices, _("all")),
        areas=areas(request),
    )


@staff_page()
def report_list(request: HttpRequest) -> Any:
    rows = Report.objects.select_related("project__organisation").filter(handled_at=None)
    found, after = kit.newest(request, rows)
    head = [_("Project"), _("Requester"), _("What is wrong"), _("In the worker's words"), _("When")]
    lines = [
        Row(
            [
                link(one.project.title, "project", project_id=one.project_id),
                link(one.project.organisation, "requester", organisation_id=one.project.organisation_id),
                one.get_kind_display(),
                one.text or "–",
                when(one.reported_at),
            ]
        )
        for one in found
    ]
    return kit.listing(
        request,
        _("Reports from workers"),
        Table(head, lines, empty=_("Nobody has reported anything that is not answered."), next=after),
        areas=areas(request),
    )


@staff_page("GET", "POST")
def requester(request: HttpRequest, organisation_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Organisation.objects.all(), organisation_id)

    def acts() -> list[Act]:
        says = _("For other staff. The requester does not see it.")
        write = lambda text: note(actor=actor, subject=one, text=text)  # noqa: E731
        return [Act("note", _("Write a note"), says, forms.Note, write, _("The note is written."), kind="")]

    return kit.detail(request, acts, lambda: _requester_page(one))


def areas(request: HttpRequest) -> list[dict[str, Any]]:
    pairs = [(_("Requesters"), "requesters"), (_("Projects to look at"), "reviews"), (_("Reports"), "reports")]
    places = [(title, address(name)) for title, name in pairs]
    return [{"title": title, "address": place, "current": request.path == place} for title, place in places]


def _requester_page(one: Organisation) -> dict[str, Any]:
    held = ledger.of_holder(holder=Holder.ORGANISATION, holder_id=one.pk)
    names = {Purpose.AVAILABLE: _("Available"), Purpose.IN_TRANSIT: _("On the way out")}
    facts: list[tuple[str, Any]] = [(_("Since"), when(one.created_at))]
    facts += [
        (names.get(Purpose(purpose), purpose), amount(micros, currency))
        for (purpose, currency), micros in sorted(held.items())
    ]
    people = [
        Row([each.user.get_full_name(), each.user.email, each.get_role_display(), when(each.created_at)])
        for each in users.members(one)
    ]
    rows = Project.objects.filter(organisation=one).order_by("-pk")[:50]
    head = [_("Project"), _("For"), _("Reward#"), _("Published"), _("State")]
    work = [
        Row(
            [
                link(each.title, "project", project_id=each.pk),
                each.get_workforce_display(),
                amount(each.reward_micros, each.currency),
                when(each.published_at),
                kit.state(each),
            ]
        )
        for each in rows
    ]
    return {
        "title": one.name,
        "crumb": {"address": address("requesters"), "label": _("Requesters")},
        "facts": facts,
        "tables": [
            Table([_("Name"), _("E-mail address"), _("Role"), _("Since")], people, _("Members"), _("Nobody.")),
            Table(head, work, _("Projects"), _("None yet.")),
            kit.history(one, title=_("History and notes")),
        ],
    }
