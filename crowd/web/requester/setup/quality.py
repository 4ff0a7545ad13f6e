"""The quality step: how many answers, how they are merged, gold, and when somebody is stopped."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.projects.fields import METHODS
from crowd.projects.models import Project, Task
from crowd.projects.services import draft
from crowd.web.folding import Fold, FoldingForm
from crowd.web.requester import costs as costs_page
from crowd.web.requester.pages import attempt, page, person, show, to
from crowd.web.requester.setup.shares import IntervalsField, PercentField
from crowd.web.requester.setup.steps import after, context, member_project

METHOD_WORDS = {
    "auto": gettext_lazy("automatic: held-out answers decide"),
    "dawid-skene": gettext_lazy("Dawid-Skene: weighs workers by their confusion"),
    "majority-vote": gettext_lazy("majority: every answer counts the same"),
    "one-coin": gettext_lazy("one-coin: weighs workers by one accuracy"),
    "glad": gettext_lazy("GLAD: weighs workers and the difficulty of tasks"),
    "mace": gettext_lazy("MACE: finds workers who guess"),
}
SHORT = {"class": "short"}
AS_IT_WAS = ("target_posterior", "least_gain", "repeat_share", "repeat_after")  # left empty


FOLDS = (
    Fold(
        gettext_lazy("Further answers, only where they are needed"),
        gettext_lazy("Easy tasks get few answers, those in doubt more: the same certainty for less money."),
        ("most_answers", "target_posterior", "least_gain"),
    ),
    Fold(
        gettext_lazy("A quiz at the start"),
        gettext_lazy("A worker's first tasks are all gold, and who does not pass goes no further."),
        ("quiz_length", "quiz_cap", "quiz_pass"),
    ),
    Fold(
        gettext_lazy("How gold is given out and explained"),
        gettext_lazy("Less of it for the proven; what a worker reads who misses one."),
        ("gold_intervals", "explain_misses"),
    ),
    Fold(
        gettext_lazy("Repeats, for opinions"),
        gettext_lazy("Whether a worker says the same again, where no answer is known to be right."),
        ("repeat_share", "repeat_after"),
    ),
    Fold(
        gettext_lazy("How answers are merged"),
        gettext_lazy("The method, how often, and when a task counts as one that cannot be answered."),
        ("aggregation_method", "aggregate_every", "cannot_answer_limit"),
    ),
)


class QualityForm(FoldingForm):
    FOLDS = FOLDS
    redundancy = forms.IntegerField(
        label=gettext_lazy("Answers for each task"),
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput(attrs=SHORT),
        help_text=gettext_lazy("By different workers. Three is a fair start; one is enough where you check yourself."),
    )
    most_answers = forms.IntegerField(
        label=gettext_lazy("Up to so many where they leave doubt"),
        min_value=2,
        max_value=1000,
        required=False,
        widget=forms.NumberInput(attrs=SHORT),
        help_text=gettext_lazy(
            "Then two to begin with are enough: further answers are bought one by one, only for tasks that need them. "
            "Empty: every task gets exactly the number above."
        ),
    )
    target_posterior = PercentField(
        label=gettext_lazy("Buy no more once a merged answer is so sure, in %"),
        required=False,
        min_value=50,
        max_value=Decimal("99.99"),
    )
    least_gain = PercentField(
        label=gettext_lazy("Nor when one more would raise that by less than, in %"),
        required=False,
        max_value=50,
        help_text=gettext_lazy("Some tasks stay in doubt for ever. What you set aside on the next page pays."),
    )
    aggregation_method = forms.ChoiceField(label=gettext_lazy("Answers are merged by"))
    gold_share = PercentField(
        label=gettext_lazy("Share of gold among a worker's tasks, in %"),
        max_value=90,
        help_text=gettext_lazy("Tasks whose answer you know. They look like all others, and are paid like them."),
    )
    gold_intervals = IntervalsField(
        label=gettext_lazy("Less gold for workers who have proven themselves"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "“50: 10, 200: 5” is 10 % from 50 submitted tasks on, 5 % from 200 on. Empty: never less."
        ),
    )
    quiz_length = forms.IntegerField(
        label=gettext_lazy("Gold tasks at a worker's start"),
        min_value=0,
        max_value=1000,
        widget=forms.NumberInput(attrs=SHORT),
        help_text=gettext_lazy("A quiz before the first ordinary task; 0 for none."),
    )
    quiz_cap = forms.IntegerField(
        label=gettext_lazy("Quizzes that you pay for"), min_value=0, widget=forms.NumberInput(attrs=SHORT)
    )
    quiz_pass = forms.IntegerField(
        label=gettext_lazy("Right answers that pass the quiz"),
        min_value=1,
        max_value=1000,
        required=False,
        widget=forms.NumberInput(attrs=SHORT),
        help_text=gettext_lazy(
            "Empty: as many as at most 1 good worker of 200 fails, by the accuracy that you ask for."
        ),
    )
    explain_misses = forms.BooleanField(
        label=gettext_lazy("Show whoever misses a gold task the answer and your reason"),
        required=False,
        help_text=gettext_lazy("Workers learn from it, and what is gold gets about sooner."),
    )
    minimum_accuracy = PercentField(
        label=gettext_lazy("Pause a worker whose accuracy on gold is below, in %"),
        required=False,
        help_text=gettext_lazy("Only once the figures leave little doubt. His earnings stay his."),
    )
    repeat_share = PercentField(
        label=gettext_lazy("Share of repeats among a worker's tasks, in %"),
        required=False,
        max_value=50,
        help_text=gettext_lazy(
            "Opinions have no gold. A repeat is an item that he answered himself: it is paid, counts as no further "
            "answer, and tells whether he says the same again. Where workers choose from a list, one stands in it "
            "now and then, unmarked; who remembers an item and passes it by gets it as soon as he lets us choose."
        ),
    )
    repeat_after = forms.IntegerField(
        label=gettext_lazy("With so many answers between"),
        min_value=1,
        max_value=1000,
        required=False,
        widget=forms.NumberInput(attrs=SHORT),
        help_text=gettext_lazy("So many that he does not remember what he said."),
    )
    cannot_answer_limit = forms.IntegerField(
        label=gettext_lazy("Take a task out after so many say it cannot be answered"),
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput(attrs=SHORT),
    )
    aggregate_every = forms.IntegerField(
        label=gettext_lazy("Merge anew after so many answers"), min_value=1, widget=forms.NumberInput(attrs=SHORT)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["aggregation_method"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, METHOD_WORDS.get(name, name)) for name in METHODS]


@page("GET", "POST")
def quality(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    initial = {name: getattr(project, name) for name in QualityForm.base_fields}
    new = Project()
    usual = {name: getattr(new, name) for name in initial}
    form = QualityForm(request.POST or None, initial=initial, usual=usual)
    if form.is_valid() and attempt(form, lambda: _save(request, project, form)) is not None:
        messages.success(request, _("Quality is saved."))
        return to(after("quality"), project_id)
    gold = Task.objects.filter(project=project, is_gold=True).count()
    cost = costs_page.of_draft(project, request.GET.get("from", ""))
    about = {"gold": gold, "cost": cost, "tiers": project.tiers.order_by("number")}
    return show(request, "setup/quality", context(project, "quality", form=form, **about))


def _save(request: HttpRequest, project: Project, form: QualityForm) -> Project:
    """Parameters belong to a method: another one begins with its own."""
    given = dict(form.cleaned_data)
    given = {name: value for name, value in given.items() if value is not None or name not in AS_IT_WAS}
    if given["aggregation_method"] != project.aggregation_method:
        given["aggregation_parameters"] = {}
    return draft.edit(actor=person(request), project_id=project.pk, **given)
