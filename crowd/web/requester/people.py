"""The workers of a project, by pseudonym: what they did here, and what their requester may do about it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crowd.assignments.configs import parsed
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import pause
from crowd.bonuses.models import Bonus
from crowd.bonuses.services import Gift, give
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.labeling.kinds import Choice
from crowd.projects.models import Project, TeamInvitation, TeamMember
from crowd.projects.services import team as teams
from crowd.web.forms import PageForm
from crowd.web.requester.money_field import MoneyField
from crowd.web.requester.pages import attempt, deed, page, paged, person, show, to
from crowd.web.requester.project import frame, worker_lines
from crowd.web.requester.results import SEEN, lines
from crowd.web.requester.setup.steps import member_project
from workers.models import Worker
from workers.services import blocks
from workers.services.pseudonyms import pseudonyms_for, worker_by_pseudonym


class BlockForm(PageForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The worker reads it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("For so many days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy("Empty: until you lift it."),
        widget=forms.NumberInput(attrs={"class": "short"}),
    )


class BonusForm(PageForm):
    amount = MoneyField(label=gettext_lazy("Amount"), help_text=gettext_lazy("The site's fee comes on top."))
    reason = forms.CharField(
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("The worker reads it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reference = forms.CharField(max_length=100, widget=forms.HiddenInput)  # a page that is sent twice gives once


class LinkForm(PageForm):
    uses = forms.IntegerField(
        label=gettext_lazy("For so many workers"),
        min_value=1,
        max_value=teams.MAX_USES,
        initial=5,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Good for so many days"),
        min_value=1,
        max_value=teams.MAX_DAYS,
        initial=14,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )


@page()
def workers(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    listed = paged(request, Participation.objects.filter(project=project).order_by("-submitted_count", "pk"))
    context = {"page": listed, "workers": worker_lines(project, list(listed))}
    return show(request, "workers", frame(project, "workers") | context)


@page()
def worker(request: HttpRequest, project_id: int, pseudonym: str) -> HttpResponse:
    project = member_project(request, project_id)
    return show(request, "worker", _context(request, project, pseudonym, BlockForm(), BlockForm(prefix="block")))


@page("POST")
def stop(request: HttpRequest, project_id: int, pseudonym: str) -> HttpResponse:
    """Pause him on this project, or end the pause; the reason is his to read."""
    project = member_project(request, project_id)
    form = BlockForm(request.POST)
    act = pause.lift if request.POST.get("deed") == "lift" else pause.pause
    found = _participation(project, pseudonym)
    if form.is_valid():
        done = attempt(
            form,
            lambda: act(
                actor=person(request),
                project_id=project_id,
                worker_id=found.worker_id,
                reason=form.cleaned_data["reason"],
            ),
        )
        if done:
            messages.success(request, _("Done. The worker reads your reason."))
            return to("worker", project_id, pseudonym)
    return show(request, "worker", _context(request, project, pseudonym, form, BlockForm(prefix="block")))


@page("POST")
def block(request: HttpRequest, project_id: int, pseudonym: str) -> HttpResponse:
    """Keep him from all projects of the organisation."""
    project = member_project(request, project_id)
    form = BlockForm(request.POST, prefix="block")
    if form.is_valid():
        days = form.cleaned_data["days"]
        done = attempt(
            form,
            lambda: blocks.block_for_organisation(
                actor=person(request),
                organisation_id=project.organisation_id,
                pseudonym=pseudonym,
                reason=form.cleaned_data["reason"],
                ends_at=clock.now() + timedelta(days=days) if days else None,
            ),
        )
        if done:
            messages.success(request, _("The worker is kept from your organisation's projects."))
            return to("worker", project_id, pseudonym)
    return show(request, "worker", _context(request, project, pseudonym, BlockForm(), form))


@page("POST")
def bonus(request: HttpRequest, project_id: int, pseudonym: str) -> HttpResponse:
    """Money beyond the reward, at once and for good."""
    project = member_project(request, project_id)
    form = BonusForm(request.POST, prefix="bonus")
    found = _participation(project, pseudonym)
    if form.is_valid():
        given = form.cleaned_data
        gift = Gift(amount_micros=given["amount"] or 0, reason=given["reason"], reference=given["reference"])
        done = attempt(
            form,
            lambda: give(actor=person(request), project_id=project_id, worker_id=found.worker_id, gift=gift),
        )
        if done:
            messages.success(request, _("The bonus is paid. The worker reads your reason."))
            return to("worker", project_id, pseudonym)
    context = _context(request, project, pseudonym, BlockForm(), BlockForm(prefix="block"))
    return show(request, "worker", context | {"bonus_form": form})


@page("GET", "POST")
def team(request: HttpRequest, project_id: int) -> HttpResponse:
    """The members, and links to come in by; POST makes a link, which is shown this once."""
    project = member_project(request, project_id)
    form = LinkForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        made = attempt(
            form,
            lambda: teams.invite(
                actor=person(request),
                project_id=project_id,
                uses=given["uses"],
                good_for=timedelta(days=given["days"]),
            ),
        )
        if made:
            request.session["team_link"] = request.build_absolute_uri(f"/teams/{made[1]}/")
            return to("team", project_id)
    rows = paged(request, TeamMember.objects.filter(project=project, removed_at=None).order_by("-pk"))
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in rows])
    context = {
        "form": form,
        "page": rows,
        "members": [(codes[one.worker_id], one) for one in rows],
        "links": TeamInvitation.objects.filter(project=project, revoked_at=None).order_by("-pk")[:50],
        "link": request.session.pop("team_link", None),
        "now": clock.now(),
    }
    return show(request, "team", frame(project, "team") | context)


@deed
def remove_member(request: HttpRequest, project_id: int, pseudonym: str) -> HttpResponse:
    teams.remove(actor=person(request), project_id=project_id, pseudonym=pseudonym)
    messages.success(request, _("The worker is no longer in the team. What he holds he may finish, and is paid for."))
    return to("team", project_id)


@deed
def revoke_link(request: HttpRequest, project_id: int, invitation_id: int) -> HttpResponse:
    teams.revoke(actor=person(request), project_id=project_id, invitation_id=invitation_id)
    messages.success(request, _("The link no longer works; who came by it stays."))
    return to("team", project_id)


def _context(
    request: HttpRequest, project: Project, pseudonym: str, stop_form: BlockForm, block_form: BlockForm
) -> dict[str, Any]:
    found = _participation(project, pseudonym)
    rows = Assignment.objects.filter(project=project, worker=found.worker_id, state__in=SEEN)
    ((code, line),) = worker_lines(project, [found])
    recent = list(rows.select_related("task__item").order_by("-pk")[:20])
    return frame(project, "workers") | {
        "code": code,
        "line": line,
        "matrices": [one for one in (_matrix(project, score) for score in line.scores) if one],
        "lines": lines(request, project, recent),
        "stop_form": stop_form,
        "block_form": block_form,
        "bonus_form": BonusForm(prefix="bonus", initial={"reference": uuid4().hex}),
        "bonuses": Bonus.objects.filter(project=project, worker=found.worker_id).order_by("-pk")[:20],
        "answers": ngettext("%(n)s answer", "%(n)s answers", found.submitted_count) % {"n": found.submitted_count},
    }


def _matrix(project: Project, score: Any) -> dict[str, Any] | None:
    """A confusion matrix with its labels: rows what is true, columns what he said."""
    if not score.confusion or project.config_id is None:
        return None
    question = parsed(project.config_id).question(score.question)
    if not isinstance(question, Choice) or len(score.confusion) != len(question.labels):
        return None
    names = [label.name for label in question.labels]
    rows = [
        (name, [{"share": value, "right": place == number} for place, value in enumerate(row)])
        for number, (name, row) in enumerate(zip(names, score.confusion, strict=True))
    ]
    return {"question": question, "names": names, "rows": rows}


def _participation(project: Project, pseudonym: str) -> Participation:
    worker = worker_by_pseudonym(project.organisation, pseudonym)
    found = Participation.objects.filter(project=project, worker=worker).first()
    if found is None:
        raise NotFound
    return found


@page("GET", "POST")
def join_team(request: HttpRequest, token: str) -> HttpResponse:
    """Behind a team's link, for a worker: what it is, and one button. A login that is no worker becomes one first."""
    if not Worker.objects.filter(user=person(request)).exists():
        messages.info(request, _("Say first that you want to work; then open the link once more."))
        return redirect("web:join-worker")
    if request.method == "POST":
        member = teams.join(actor=person(request), token=token)
        messages.success(request, _("You are in the team."))
        return redirect("web:offer", project_id=member.project_id)
    return show(request, "join_team", {})
