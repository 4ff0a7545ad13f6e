"""Specialists for hard tasks: a page beside the quality step, also for a project that runs."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.consensus import tiers as reports
from crowd.kernel.errors import CrowdError
from crowd.projects.models import Project, Requirement, Tier
from crowd.projects.services import tiers as service
from crowd.projects.states import ProjectState
from crowd.web.forms import NeededChar, PageForm
from crowd.web.requester.money_field import MoneyField
from crowd.web.requester.pages import page, person, sentence, show, to
from crowd.web.requester.setup.shares import PercentField
from crowd.web.requester.setup.steps import context, member_project
from crowd.web.requester.setup.workers import RequirementForms, conditions_of, form_choices, requirement_rows

SHORT = {"class": "short"}


class TierForm(PageForm):
    name = NeededChar(label=gettext_lazy("Who they are"), required=False, max_length=100)
    reward = MoneyField(label=gettext_lazy("Reward for one of their answers"), widget=forms.TextInput(attrs=SHORT))
    redundancy = forms.IntegerField(
        label=gettext_lazy("Answers by them for each task"),
        min_value=1,
        max_value=100,
        initial=1,
        widget=forms.NumberInput(attrs=SHORT),
    )
    most_answers = forms.IntegerField(
        label=gettext_lazy("Up to so many where they leave doubt"),
        required=False,
        min_value=2,
        max_value=100,
        widget=forms.NumberInput(attrs=SHORT),
        help_text=gettext_lazy(
            "Then one to begin with is enough: further ones are asked one by one, only while it is worth the reward. "
            "Empty: every task there gets exactly the number above."
        ),
    )
    budget = MoneyField(
        label=gettext_lazy("Set aside for them"),
        widget=forms.TextInput(attrs=SHORT),
        required=False,
        help_text=gettext_lazy("Once it is used up, tasks stay where they are and you are told; the rest comes back."),
    )
    below_posterior = PercentField(
        label=gettext_lazy("A task goes to them when its merged answer is less sure than, in %"),
        required=False,
        min_value=50,
        max_value=99.99,
    )
    above_disagreement = PercentField(
        label=gettext_lazy("or when more of its answers differ from the merged one than, in %"),
        required=False,
        max_value=99.99,
    )
    expert_calls = forms.IntegerField(
        label=gettext_lazy("or when so many workers say that it needs an expert"),
        required=False,
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput(attrs=SHORT),
        help_text=gettext_lazy("They say so in place of an answer. Leave empty what shall send nothing."),
    )

    demands = False  # something is demanded of a new tier, in the rows beside

    def terms(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return given | {"reward_micros": given.pop("reward"), "budget_micros": given.pop("budget") or 0}

    def clean_name(self) -> str:
        """Asked for here and not by `required`: a tier of which nothing is said needs none."""
        name: str = self.cleaned_data["name"]
        if not name:
            raise forms.ValidationError(self.fields["reward"].error_messages["required"])
        return name

    def full_clean(self) -> None:
        """A tier of which nothing is said is none: nothing is missing of it."""
        super().full_clean()
        if self.is_bound and not self.wanted:
            self._errors = forms.utils.ErrorDict()

    @property
    def wanted(self) -> bool:
        """Somebody typed something. The number of answers stands there from the start."""
        typed = {name: self.data.get(self.add_prefix(name), "").strip() for name in self.fields}
        answers = typed.pop("redundancy")
        return self.demands or any(typed.values()) or answers not in ("", str(self["redundancy"].initial))


class Pair:
    """One tier on the page: its terms, and what it demands."""

    def __init__(self, project: Project, request: HttpRequest, number: int, tier: Tier | None) -> None:
        self.number, self.tier = number, tier
        post = request.POST or None
        self.form = TierForm(post, prefix=f"t{number}", initial=_initial(tier) if tier else None)
        rows = Requirement.objects.filter(project=project, tier=number)
        self.rows = RequirementForms(
            post, prefix=f"t{number}r", initial=requirement_rows(rows), form_kwargs=form_choices(project)
        )
        self.form.demands = tier is None and post is not None and any(_is_filled(row) for row in self.rows)

    def is_valid(self) -> bool:
        return not self.form.wanted or (self.form.is_valid() and self.rows.is_valid())


@page("GET", "POST")
def tiers(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    there = {one.number: one for one in Tier.objects.filter(project=project)}
    pairs = [Pair(project, request, n, there.get(n)) for n in range(1, min(len(there) + 1, service.MOST) + 1)]
    valid = [pair.is_valid() for pair in pairs]  # of each, so that each shows its faults
    if request.method == "POST" and all(valid) and _save(request, project, pairs):
        messages.success(request, _("The tiers are saved."))
        return to("setup-tiers", project_id)
    lines = {line.tier.number: line for line in reports.lines(project)} if project.state != ProjectState.DRAFT else {}
    shown = [(pair, lines.get(pair.number)) for pair in pairs]
    return show(request, "setup/tiers", context(project, "quality", pairs=shown))


def _save(request: HttpRequest, project: Project, pairs: Sequence[Pair]) -> bool:
    """What a service refuses stands beside the field of its tier."""
    kept = [pair for pair in pairs if pair.form.wanted]
    wanted = [pair.form.terms() | {"conditions": conditions_of(project, pair.rows)} for pair in kept]
    try:
        service.set_tiers(actor=person(request), project_id=project.pk, tiers=wanted)
    except CrowdError as error:
        if error.status in (403, 404):
            raise
        _blame(kept, error)
        return False
    return True


def _blame(kept: Sequence[Pair], error: CrowdError) -> None:
    for place, words in error.places.items():
        _tiers, number, name = [*place.split(".", 2), "", ""][:3]
        form = kept[int(number)].form if number.isdecimal() else kept[0].form
        name = name.removesuffix("_micros")
        form.add_error(name if name in form.fields else None, words)
    if not error.places and kept:
        kept[0].form.add_error(None, sentence(error))
    elif not kept:
        raise error


def _is_filled(row: Form) -> bool:
    return any(row.data.get(row.add_prefix(name), "").strip() for name in ("qualification", "value"))


def _initial(tier: Tier) -> dict[str, Any]:
    plain = ("name", "redundancy", "most_answers", "below_posterior", "above_disagreement", "expert_calls")
    return {name: getattr(tier, name) for name in plain} | {"reward": tier.reward_micros, "budget": tier.budget_micros}
