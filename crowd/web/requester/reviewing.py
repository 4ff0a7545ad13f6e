"""What a requester sets about reviews: which tasks, who looks at them, what it pays; and what came out."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import money
from crowd.review import queries
from crowd.review.models import ReviewPlan
from crowd.review.services import plans
from crowd.web.forms import PageForm
from crowd.web.requester.money_field import MoneyField
from crowd.web.requester.pages import attempt, page, paged, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.setup.steps import member_project
from workers.services.pseudonyms import pseudonyms_for

SHORT = {"class": "short"}


class PlanForm(PageForm):
    share = forms.DecimalField(
        label=gettext_lazy("Drawn by lot, per cent of all tasks"), min_value=0, max_value=100, required=False,
        widget=forms.NumberInput(attrs=SHORT),
    )  # fmt: skip
    low_posterior = forms.DecimalField(
        label=gettext_lazy("Where we are less sure of the merged answer than so many per cent"),
        min_value=0, max_value=100, required=False, widget=forms.NumberInput(attrs=SHORT),
    )  # fmt: skip
    disagreement = forms.BooleanField(label=gettext_lazy("Where workers disagree"), required=False)
    new_worker_answers = forms.IntegerField(
        label=gettext_lazy("New workers, until they have given so many answers"), min_value=0, max_value=1000,
        required=False, widget=forms.NumberInput(attrs=SHORT),
    )  # fmt: skip
    two_levels = forms.BooleanField(label=gettext_lazy("A second reviewer decides what is to change"), required=False)
    reward_micros = MoneyField(
        label=gettext_lazy("A review pays"), required=False, widget=forms.TextInput(attrs=SHORT),
        help_text=gettext_lazy("Members of your organisation review for nothing."),
    )  # fmt: skip
    rework_reward_micros = MoneyField(
        label=gettext_lazy("Rework pays on top"), required=False, widget=forms.TextInput(attrs=SHORT),
        help_text=gettext_lazy("Workers are told before they begin, also when it is nothing."),
    )  # fmt: skip
    rework_hours = forms.IntegerField(
        label=gettext_lazy("Hours for rework"), min_value=1, max_value=720, widget=forms.NumberInput(attrs=SHORT)
    )

    def settings(self) -> dict[str, Any]:
        given = self.cleaned_data
        low = given["low_posterior"]
        return given | {
            "share": (given["share"] or 0) / 100,
            "low_posterior": float(low) / 100 if low is not None else None,
            "new_worker_answers": given["new_worker_answers"] or 0,
            "reward_micros": given["reward_micros"] or 0,
            "rework_reward_micros": given["rework_reward_micros"] or 0,
        }


class ReviewerForm(PageForm):
    pseudonym = forms.CharField(label=gettext_lazy("A worker's code"), max_length=20)
    level = forms.TypedChoiceField(
        label=gettext_lazy("Level"),
        coerce=int,
        choices=[(1, gettext_lazy("first")), (2, gettext_lazy("first and second"))],
    )


@page("GET", "POST")
def reviews(request: HttpRequest, project_id: int) -> HttpResponse:
    found = member_project(request, project_id)
    act, actor = request.POST.get("act", ""), person(request)
    plan = queries.plan_of(found) or ReviewPlan(project=found)
    form = PlanForm(request.POST if act == "plan" else None, initial=_initial(plan))
    naming = ReviewerForm(request.POST if act == "name" else None)
    if form.is_valid() and _saved(form, lambda: plans.set_plan(actor=actor, project_id=found.pk, **form.settings())):
        messages.success(request, _("Saved. It holds for tasks that are complete from now on, and for those so far."))
        return to("reviews", project_id)
    if naming.is_valid() and _saved(
        naming, lambda: plans.name_reviewer(actor=actor, project_id=found.pk, **naming.cleaned_data)
    ):
        messages.success(request, _("The reviewer is named."))
        return to("reviews", project_id)
    if act == "remove":
        plans.remove_reviewer(actor=actor, project_id=found.pk, pseudonym=request.POST.get("pseudonym", ""))
        return to("reviews", project_id)
    rows, named = paged(request, queries.reviews_of(found)), list(queries.reviewers_of(found))
    codes = pseudonyms_for(found.organisation, [one.worker_id for one in named])
    context = {"form": form, "naming": naming, "rows": rows, "plan": plan}
    context["named"] = [(one, codes[one.worker_id]) for one in named]
    return show(request, "reviews", frame(found, "proposals") | context)


def _saved(form: PageForm, call: Callable[[], object]) -> bool:
    return attempt(form, call) is not None


def _initial(plan: ReviewPlan) -> dict[str, Any]:
    return {
        "share": round(plan.share * 100, 1),
        "low_posterior": None if plan.low_posterior is None else round(plan.low_posterior * 100, 1),
        "disagreement": plan.disagreement,
        "new_worker_answers": plan.new_worker_answers,
        "two_levels": plan.two_levels,
        "reward_micros": money.decimal(plan.reward_micros),
        "rework_reward_micros": money.decimal(plan.rework_reward_micros),
        "rework_hours": plan.rework_hours,
    }
