"""Where a requester starts: his organisations, and the projects of one of them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments.queries import Progress, progress, progress_of
from crowd.kernel import money, replica
from crowd.ledger.queries import of_holder
from crowd.ledger.states import Holder, Purpose
from crowd.projects.models import Project
from crowd.projects.services import draft
from crowd.projects.states import ProjectState, Workforce
from crowd.users import queries
from crowd.users.access import organisation_for
from crowd.users.models import Organisation
from crowd.users.services import organisations
from crowd.web.forms import PageForm
from crowd.web.requester.kept import is_large, kept
from crowd.web.requester.pages import attempt, page, paged, person, show, to


class OrganisationForm(PageForm):
    name = forms.CharField(
        label=gettext_lazy("Name of the organisation"),
        help_text=gettext_lazy("Workers see it beside every project. It may be your own name."),
        max_length=150,
    )


class NewProject(PageForm):
    """`money` is real or for trying out: a sandbox is a project in test money, for the requester's own team."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, help_text=gettext_lazy("Workers read it."))
    currency = forms.ChoiceField(label=gettext_lazy("Money"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        real = [(code, _("%(code)s, for work by the crowd") % {"code": code}) for code in money.currencies()[:-1]]
        test = (money.TEST_CURRENCY, _("Test money: a sandbox to try everything with your own team"))
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*real, test]
        field.initial = real[0][0]


@page()
def home(request: HttpRequest) -> HttpResponse:
    """Straight on where there is one organisation, or none; otherwise the choice."""
    memberships = list(queries.memberships(person(request)))
    if not memberships:
        return to("new-organisation")
    if len(memberships) == 1:
        return to("organisation", memberships[0].organisation_id)
    return show(request, "home", {"memberships": memberships})


@page("GET", "POST")
def new_organisation(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None)
    if form.is_valid():
        made = attempt(form, lambda: organisations.create_organisation(actor=person(request), **form.cleaned_data))
        if made:
            return to("organisation", made.pk)
    return show(request, "organisation_new", {"form": form})


@page()
@replica.reads
def organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    found = organisation_for(person(request), organisation_id)
    state = request.GET.get("state", "")
    rows = Project.objects.filter(organisation=found).order_by("-pk")
    shown = rows.filter(state=state) if state in ProjectState.values else rows.exclude(_discarded())
    listed = paged(request, shown, size=30)
    context = {
        "organisation": found,
        "page": listed,
        "lines": _lines(list(listed)),
        "tabs": _tabs(found, state),
        "balances": balances(found),
        "here": "projects",
    }
    return show(request, "organisation", context)


@page("GET", "POST")
def new_project(request: HttpRequest, organisation_id: int) -> HttpResponse:
    found = organisation_for(person(request), organisation_id)
    form = NewProject(request.POST or None)
    if form.is_valid():
        made = attempt(form, lambda: _make(request, found, **form.cleaned_data))
        if made:
            return to("setup-data", made.pk)
    return show(request, "project_new", {"form": form, "organisation": found})


def balances(found: Organisation) -> list[dict[str, Any]]:
    """By currency: what is available, on its way out, and reserved for projects that run."""
    held = of_holder(holder=Holder.ORGANISATION, holder_id=found.pk)
    currencies = sorted({currency for _purpose, currency in held}, key=lambda code: (code == money.TEST_CURRENCY, code))
    return [
        {
            "currency": currency,
            "available": held.get((Purpose.AVAILABLE, currency), 0),
            "in_transit": held.get((Purpose.IN_TRANSIT, currency), 0),
        }
        for currency in currencies
    ]


def _make(request: HttpRequest, found: Organisation, *, title: str, currency: str) -> Project:
    """A sandbox is for the own team; a reward has to be something until the price is thought about."""
    test = currency == money.TEST_CURRENCY
    settings = {"workforce": Workforce.TEAM.value} if test else {}
    reward = 5 * money.MICROS // 100
    return draft.create(
        actor=person(request), organisation=found, title=title, currency=currency, reward_micros=reward, **settings
    )


def _discarded() -> Q:
    return Q(state=ProjectState.CLOSED, published_at=None)


def _tabs(found: Organisation, state: str) -> list[dict[str, Any]]:
    counts = dict(Project.objects.filter(organisation=found).values_list("state").annotate(number=Count("pk")))
    kept = Project.objects.filter(organisation=found).exclude(_discarded()).count()
    tabs = [{"label": _("All"), "href": "?", "count": kept, "current": state not in ProjectState.values}]
    for value, label in ProjectState.choices:
        if counts.get(value):
            tabs.append({"label": label, "href": f"?state={value}", "count": counts[value], "current": state == value})
    return tabs


@kept("progress")
def _progress(project: Project) -> Progress:
    return progress(project)


def _lines(listed: Sequence[Project]) -> list[tuple[Project, Progress | None]]:
    """Each with how far it is; a draft is not under way."""
    running = [one for one in listed if one.state != ProjectState.DRAFT]
    found = progress_of([one.pk for one in running if not is_large(one)])
    found |= {one.pk: _progress(one) for one in running if is_large(one)}
    return [(one, found.get(one.pk)) for one in listed]
