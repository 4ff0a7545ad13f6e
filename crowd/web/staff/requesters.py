"""Requesters: organisations, their projects, the first one that is looked at before it goes public, and reports."""

import json
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from crowd.ledger import queries as ledger
from crowd.ledger.states import Holder, Purpose
from crowd.projects import queries as projects
from crowd.projects.models import Item, Project, Report, Review
from crowd.projects.services import reviews
from crowd.projects.states import ProjectState, ReviewState
from crowd.users import queries as users
from crowd.users.access import is_member
from crowd.users.models import Organisation, User
from crowd.users.services.notes import note
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, staff_page
from crowd.web.templatetags.crowd_web import duration, when

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


@staff_page("GET", "POST")
def project(request: HttpRequest, project_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Project.objects.select_related("organisation", "config", "guidelines", "created_by"), project_id)
    return kit.detail(request, lambda: _project_acts(one, actor), lambda: _project_page(one))


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


def _project_acts(one: Project, actor: User) -> list[Act]:
    one.refresh_from_db(fields=["state", "pause_reason"])
    barred = _("This is a project of your own organisation.") if is_member(actor, one.organisation) else ""
    reported = Report.objects.filter(project=one, handled_at=None).count()
    answered = " " + _("%(count)s workers who reported it read the note.") % {"count": reported} if reported else ""
    if (review := reviews.standing(one)) is not None:
        let_go = Act(
            "pass",
            _("Let it go on"),
            _("The project opens for workers at once.") + answered,
            forms.Reply,
            lambda note: reviews.approve(actor=actor, project_id=one.pk, note=note),
            _("The project is open."),
            barred=barred,
        )
        hold = Act(
            "refuse",
            _("Do not pass it"),
            _("It stays paused. The requester reads the reason, may mend it and ask again, or close it."),
            forms.Reason,
            lambda reason: reviews.refuse(actor=actor, project_id=one.pk, reason=reason),
            _("Not passed; the requester reads why."),
            kind="danger",
            barred=barred,
        )
        return [let_go] if barred or review.state == ReviewState.REFUSED else [let_go, hold]
    acts = []
    if reported:
        acts.append(
            Act(
                "dismiss",
                _("Answer the reports"),
                _("The project goes on. %(count)s workers read the reason.") % {"count": reported},
                forms.Reason,
                lambda reason: reviews.dismiss_reports(actor=actor, project_id=one.pk, note=reason),
                _("Answered."),
                barred=barred,
            )
        )
    if one.state in (ProjectState.OPEN, ProjectState.PAUSED):
        acts.append(
            Act(
                "stop",
                _("Stop it, to look at it"),
                _("No new work is given out; tasks in hand may be finished and are paid. Only staff open it again."),
                forms.Reason,
                lambda reason: reviews.stop(actor=actor, project_id=one.pk, reason=reason),
                _("Stopped."),
                kind="danger",
                barred=barred,
            )
        )
    return acts


def _project_page(one: Project) -> dict[str, Any]:
    one.refresh_from_db(fields=["state", "pause_reason"])
    price = projects.price(one)
    facts: list[tuple[str, Any]] = [
        (_("Requester"), link(one.organisation, "requester", organisation_id=one.organisation_id)),
        (_("Made by"), one.created_by.get_full_name()),
        (_("For"), one.get_workforce_display()),
        (_("Published"), when(one.published_at)),
        (_("Reward of a task"), amount(one.reward_micros, one.currency)),
        (_("Expected time"), duration(one.expected_s)),
        (_("Hourly rate by that"), _hourly(one)),
        (_("Price"), amount(price.total_micros, one.currency)),
        (_("Personal data"), one.get_personal_data_display()),
        (_("Warnings"), ", ".join(one.content_warnings) or _("none")),
        (_("Accepts by itself after"), duration(one.auto_accept_s)),
    ]
    facts += [(_("Why it is paused"), one.pause_reason)] if one.pause_reason else []
    samples = Item.objects.filter(project=one).order_by("pk")[:SAMPLE]
    items = [Row([str(each.pk), _short(each.data)]) for each in samples]
    tables = [
        _questions(one),
        Table([_("Item"), _("What workers see of it")], items, _("Its first items"), _("No items yet.")),
        _reports(one),
        _reviews(one),
        kit.history(one),
    ]
    guidelines = one.guidelines.text if one.guidelines else ""
    body = "\n\n".join(part for part in (one.description, guidelines) if part)
    return {
        "title": one.title,
        "badge": kit.state(one),
        "crumb": {"address": address("reviews"), "label": _("Projects to look at")},
        "facts": facts,
        "tables": tables,
        "text": {"title": _("What it says to workers"), "body": body} if body else None,
    }


def _questions(one: Project) -> Table:
    asked = one.config.config["questions"] if one.config else []
    lines = [
        Row([each.get("text") or each["id"], each["kind"].replace("_", " "), _labels(each), each.get("help") or "–"])
        for each in asked
    ]
    return Table([_("Question"), _("Kind"), _("Answers"), _("Help")], lines, _("What it asks"), _("Nothing yet."))


def _labels(question: dict[str, Any]) -> str:
    labels = question.get("labels") or []
    return (
        ", ".join(str(one.get("title") or one["name"]) if isinstance(one, dict) else str(one) for one in labels) or "–"
    )


def _reports(one: Project) -> Table:
    rows = Report.objects.filter(project=one).select_related("worker").order_by("handled_at", "-pk")[:50]
    head = [_("Worker"), _("What is wrong"), _("In his words"), _("When"), _("Answer")]
    lines = [
        Row(
            [
                kit.worker(each.worker_id),
                each.get_kind_display(),
                each.text or "–",
                when(each.reported_at),
                each.outcome or kit.status("pending", _("open")),
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Reports from workers"), _("None."))


def _reviews(one: Project) -> Table:
    rows = Review.objects.filter(project=one).select_related("decided_by").order_by("-pk")
    head = [_("Why"), _("Asked"), _("State"), _("Decided by"), _("Reason")]
    lines = [
        Row(
            [
                each.get_cause_display(),
                when(each.asked_at),
                kit.state(each),
                kit.person(each.decided_by) if each.decided_by else "–",
                each.reason or "–",
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Looked at before"), _("Not yet."))


def _hourly(one: Project) -> Any:
    return amount(one.reward_micros * 3600 // one.expected_s, one.currency) if one.expected_s else "–"


def _short(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
