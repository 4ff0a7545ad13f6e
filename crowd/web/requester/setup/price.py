"""The price step: expected time, reward, the hourly rate that follows, when answers are paid, and the total's parts."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import money
from crowd.ledger.queries import of_holder
from crowd.ledger.states import Holder, Purpose
from crowd.projects import queries
from crowd.projects.models import Project
from crowd.projects.pricing import Price
from crowd.projects.services import draft
from crowd.projects.states import PayPolicy
from crowd.web.forms import PageForm
from crowd.web.requester.money_field import MoneyField
from crowd.web.requester.pages import attempt, page, person, show, to
from crowd.web.requester.setup.shares import PercentField, TimeField
from crowd.web.requester.setup.steps import after, context, member_project

MINUTE_S = 60
DAY_S = 24 * 3600
HOUR_S = 3600


class PriceForm(PageForm):
    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    expected_s = forms.IntegerField(
        label=gettext_lazy("Expected time for one task, in seconds"),
        required=False,
        min_value=1,
        max_value=DAY_S,
        widget=forms.NumberInput(attrs={"class": "short"}),
        help_text=gettext_lazy(
            "Walk through a few of your own tasks to find out. Workers see it, and then what they measured."
        ),
    )
    reward = MoneyField(
        label=gettext_lazy("Reward for one accepted answer"), widget=forms.TextInput(attrs={"class": "short"})
    )
    pay_floor = MoneyField(
        label=gettext_lazy("Pay floor: an hour comes to at least"),
        required=False,
        widget=forms.TextInput(attrs={"class": "short"}),
        help_text=gettext_lazy(
            "Where tasks take longer than expected, workers are topped up to this. It can be higher than the site's."
        ),
    )
    time_limit_s = TimeField(
        label=gettext_lazy("Time limit for one task, in minutes"),
        each_s=MINUTE_S,
        help_text=gettext_lazy("Then the task goes to somebody else. Be generous: it is no measure of diligence."),
    )
    grace_s = TimeField(label=gettext_lazy("Late answers are still taken for, in minutes"), each_s=MINUTE_S)
    pay_policy = forms.ChoiceField(
        label=gettext_lazy("Who is paid before the delay ends"), choices=PayPolicy.choices, widget=forms.RadioSelect
    )
    pay_threshold = PercentField(label=gettext_lazy("Threshold of that rule, in %"), required=False)
    auto_accept_s = TimeField(
        label=gettext_lazy("Delay, in days"),
        each_s=DAY_S,
        max_value=30,
        help_text=gettext_lazy("At its end every answer that nobody decided about is accepted and paid."),
    )
    extra_budget = MoneyField(
        label=gettext_lazy("Set aside for further answers on doubtful tasks"),
        required=False,
        widget=forms.TextInput(attrs={"class": "short"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, _sort(code)) for code in money.currencies()]

    def settings(self) -> dict[str, Any]:
        """As the service wants them."""
        given = dict(self.cleaned_data)
        given["reward_micros"] = given.pop("reward")
        given["pay_floor_micros"] = given.pop("pay_floor") or 0
        given["extra_budget_micros"] = given.pop("extra_budget") or 0
        return given


@page("GET", "POST")
def price(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    form = PriceForm(request.POST or None, initial=_initial(project))
    if form.is_valid():
        done = attempt(form, lambda: draft.edit(actor=person(request), project_id=project_id, **form.settings()))
        if done:
            messages.success(request, _("The price is saved."))
            return to(after("price"), project_id)
    return show(request, "setup/price", context(project, "price", form=form, **parts(project)))


@page("POST")
def live(request: HttpRequest, project_id: int) -> HttpResponse:
    """The parts for what is in the form now, stored nowhere: a part of a page, asked for while typing."""
    project = member_project(request, project_id)
    form = PriceForm(request.POST)
    form.is_valid()
    given = form.cleaned_data
    for name in ("reward", "extra_budget", "pay_floor"):
        if name in given:
            setattr(project, f"{name}_micros", given[name] or 0)
    project.expected_s = given.get("expected_s")
    project.currency = given.get("currency") or project.currency
    return show(request, "setup/_parts", {"project": project, **parts(project)})


def parts(project: Project) -> dict[str, Any]:
    """The price, what the organisation has, what is missing, and what a worker earns in an hour."""
    found: Price = queries.price(project)
    held = of_holder(holder=Holder.ORGANISATION, holder_id=project.organisation_id)
    available = held.get((Purpose.AVAILABLE, project.currency), 0)
    return {
        "price": found,
        "available": available,
        "shortfall": max(found.total_micros - available, 0),
        "hourly": hourly(project),
        "floor": queries.pay_floor(project),
        "site_floor": queries.site_floor(project.currency),
    }


def hourly(project: Project) -> int | None:
    """Micros an hour at the expected time, whole cents of them; None where no time is said."""
    return int(round(project.reward_micros * HOUR_S / project.expected_s, -4)) if project.expected_s else None


def _initial(project: Project) -> dict[str, Any]:
    plain = ("currency", "expected_s", "time_limit_s", "grace_s", "pay_policy", "pay_threshold", "auto_accept_s")
    return {name: getattr(project, name) for name in plain} | {
        "reward": project.reward_micros,
        "pay_floor": project.pay_floor_micros or None,
        "extra_budget": project.extra_budget_micros or None,
    }


def _sort(code: str) -> str:
    return _("test money (sandbox)") if code == money.TEST_CURRENCY else code
