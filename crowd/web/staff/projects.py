"""One project as staff look at it: what it asks and pays, reports about it, and whether it goes on."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.projects import queries
from crowd.projects.models import Project, Report, Review, Task
from crowd.projects.services import reviews
from crowd.projects.states import ProjectState, ReviewState
from crowd.users.access import is_member
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import exam, forms, kit, seen
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, staff_page
from crowd.web.templatetags.crowd_web import duration, when

SAMPLE = 8


@staff_page("GET", "POST")
def project(request: HttpRequest, project_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Project.objects.select_related("organisation", "config", "guidelines", "created_by"), project_id)
    return kit.detail(request, lambda: _project_acts(one, actor), lambda: _project_page(one, actor))


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
                ngettext(
                    "The project goes on. %(count)s worker reads the reason.",
                    "The project goes on. %(count)s workers read the reason.",
                    reported,
                )
                % {"count": reported},
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


def _project_page(one: Project, reader: User) -> dict[str, Any]:
    one.refresh_from_db(fields=["state", "pause_reason"])
    price = queries.price(one)
    facts: list[tuple[str, Any]] = [
        (_("Requester"), link(one.organisation, "requester", organisation_id=one.organisation_id)),
        (_("Made by"), one.created_by.get_full_name()),
        (_("For"), one.get_workforce_display()),
        (_("Published"), when(one.published_at)),
        (_("Reward of a task"), amount(one.reward_micros, one.currency)),
        (_("Expected time"), duration(one.expected_s)),
        (_("Hourly rate by that"), _hourly(one)),
        (_("Pay floor"), amount(floor, one.currency) if (floor := queries.pay_floor(one)) else "–"),
        (_("Price"), amount(price.total_micros, one.currency)),
        (_("Personal data"), one.get_personal_data_display()),
        (_("Warnings"), ", ".join(one.content_warnings) or _("none")),
        (_("Accepts by itself after"), duration(one.auto_accept_s)),
    ]
    facts += [(_("Why it is paused"), one.pause_reason)] if one.pause_reason else []
    if one.floor_missing_micros:
        facts.append((_("Missing for the pay floor"), amount(one.floor_missing_micros, one.currency)))
    tables = [
        exam.questions(one.config.config if one.config else {}, _("What it asks")),
        _samples(one, reader),
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


def _samples(one: Project, reader: User) -> Table:
    """Its first tasks, with the columns and files that workers get to see."""
    config = one.config.config if one.config else {}
    tasks = Task.objects.filter(project=one).order_by("pk")[:SAMPLE]
    at_once = not one.content_warnings
    numbered = enumerate(tasks, start=1) if config else ()
    lines = [
        Row([str(task.pk), seen.by_workers(task, config, reader, number=number, at_once=at_once)])
        for number, task in numbered
    ]
    return Table([_("Task"), _("What workers see of it")], lines, _("Its first tasks"), _("No tasks yet."))
