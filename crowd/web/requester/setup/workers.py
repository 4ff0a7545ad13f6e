"""The step of who may work: the crowd or a team, what is demanded of workers, whose workers stay out, warnings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.projects.models import Exclusion, Project, Requirement
from crowd.projects.services import draft, requirements
from crowd.projects.states import PersonalData, ProjectState, Warning, Workforce
from crowd.web.forms import PageForm
from crowd.web.requester.pages import attempt, page, person, show, to
from crowd.web.requester.setup.steps import after, context, member_project
from qualifications.access import usable_by
from qualifications.models import Qualification
from qualifications.queries import usable
from qualifications.requirements import Condition
from qualifications.states import SINGLE, Comparator, Guard, System

WORDS = {
    Comparator.GREATER_THAN_OR_EQUAL: gettext_lazy("is at least"),
    Comparator.LESS_THAN_OR_EQUAL: gettext_lazy("is at most"),
    Comparator.EXISTS: gettext_lazy("is there"),
    Comparator.DOES_NOT_EXIST: gettext_lazy("is not there"),
    Comparator.EQUAL: gettext_lazy("is exactly"),
    Comparator.NOT_EQUAL: gettext_lazy("is not"),
    Comparator.IN: gettext_lazy("is one of"),
    Comparator.NOT_IN: gettext_lazy("is none of"),
    Comparator.GREATER_THAN: gettext_lazy("is more than"),
    Comparator.LESS_THAN: gettext_lazy("is less than"),
}
# A guard as what is hidden; groups by letters, as a form has them.
GUARDS = [
    (Guard.ACCEPT.value, gettext_lazy("nothing")),
    (Guard.PREVIEW.value, gettext_lazy("the guidelines")),
    (Guard.DISCOVER.value, gettext_lazy("the whole project")),
]
GROUPS = [
    (0, gettext_lazy("always")),
    *(
        (number, format_lazy(gettext_lazy("or another of group {letter}"), letter=letter))
        for number, letter in enumerate("ABCDE", 1)
    ),
]
SETTINGS = ("workforce", "personal_data", "content_warnings", "max_tasks_per_worker", "choose_tasks")


class WhoForm(PageForm):
    workforce = forms.ChoiceField(label=gettext_lazy("Who works"), choices=Workforce.choices, widget=forms.RadioSelect)
    max_tasks_per_worker = forms.IntegerField(
        label=gettext_lazy("At most so many tasks for one worker"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    choose_tasks = forms.BooleanField(
        label=gettext_lazy("Workers choose their tasks from a list"),
        required=False,
        help_text=gettext_lazy(
            "The list is in the API, for programs; on our pages everybody is given the next task. A quiz comes first "
            "and is given out; afterwards gold stands in the list unmarked and comes to who asks for the next task."
        ),
    )
    personal_data = forms.ChoiceField(
        label=gettext_lazy("Personal data in the items"),
        choices=PersonalData.choices,
        help_text=gettext_lazy("About the people who appear in your data, not about workers."),
    )
    content_warnings = forms.MultipleChoiceField(
        label=gettext_lazy("Workers are warned of"),
        required=False,
        help_text=gettext_lazy(
            "They may leave such a task at any time, and the time that they spent on it is paid: out of what is left "
            "over in the project, then out of your available money; else the task is asked one answer less."
        ),
        choices=Warning.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    exclusions = forms.MultipleChoiceField(
        label=gettext_lazy("Keep out whoever answered in"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Project.objects.filter(organisation=project.organisation_id).exclude(pk=project.pk)
        listed = others.exclude(state=ProjectState.DRAFT).order_by("-pk")[:50]
        field = self.fields["exclusions"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(one.pk), one.title) for one in listed]
        if not field.choices:
            del self.fields["exclusions"]


class RequirementForm(PageForm):
    """One condition; a row without a qualification is none."""

    qualification = forms.ChoiceField(label=gettext_lazy("Qualification"), required=False)
    comparator = forms.ChoiceField(label=gettext_lazy("Condition"), choices=[(k.value, v) for k, v in WORDS.items()])
    value = forms.CharField(
        label=gettext_lazy("Value"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("95, or DE, AT, CH")}),
    )
    group = forms.TypedChoiceField(label=gettext_lazy("Holds"), coerce=int, required=False, choices=GROUPS, initial=0)
    guard = forms.ChoiceField(
        label=gettext_lazy("Without it, hide"), required=False, choices=GUARDS, initial=Guard.ACCEPT.value
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], systems: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.systems = systems
        field = self.fields["qualification"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("none")), *choices]

    def clean(self) -> dict[str, Any]:
        """The value as numbers or as countries, whatever the qualification holds."""
        given = super().clean() or {}
        cells = [cell.strip() for cell in given.get("value", "").replace(";", ",").split(",") if cell.strip()]
        about_place = self.systems.get(given.get("qualification", "")) == System.LOCALE
        given["locales"] = tuple(cell.upper() for cell in cells) if about_place else ()
        numbers = [] if about_place else cells
        if not all(cell.lstrip("-").isdecimal() and len(cell) < 10 for cell in numbers):
            self.add_error("value", _("These must be whole numbers."))
            numbers = []
        given["values"] = tuple(int(cell) for cell in numbers)
        return given


RequirementForms = formset_factory(RequirementForm, extra=1, max_num=20, absolute_max=20)


@page("GET", "POST")
def workers(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    form = WhoForm(project, request.POST or None, initial=_initial(project))
    rows = _rows(project, request)
    if request.method == "POST" and request.POST.get("more"):
        return show(request, "setup/workers", context(project, "workers", form=form, rows=_one_more(project, request)))
    valid = request.method == "POST" and form.is_valid() and rows.is_valid()
    if valid and attempt(form, lambda: _save(request, project, form, rows)):
        messages.success(request, _("Who may work is saved."))
        return to(after("workers"), project_id)
    return show(request, "setup/workers", context(project, "workers", form=form, rows=rows))


def _save(request: HttpRequest, project: Project, form: WhoForm, rows: Any) -> bool:
    actor, given = person(request), form.cleaned_data
    draft.edit(actor=actor, project_id=project.pk, **{name: given[name] for name in SETTINGS})
    conditions = conditions_of(project, rows)
    requirements.set_requirements(actor=actor, project_id=project.pk, conditions=conditions)
    others = [int(one) for one in given.get("exclusions", [])]
    requirements.set_exclusions(actor=actor, project_id=project.pk, other_ids=others)
    return True


def conditions_of(project: Project, rows: Any) -> list[Condition]:
    """What a valid set of rows demands."""
    named = [row.cleaned_data for row in rows if row.cleaned_data.get("qualification")]
    known = usable_by(project.organisation, [int(one["qualification"]) for one in named])
    return [
        Condition(
            known[int(one["qualification"])],
            one["comparator"],
            one["values"],
            one["locales"],
            guard=one["guard"] or Guard.ACCEPT,
            group=one["group"] or 0,
        )
        for one in named
    ]


def _initial(project: Project) -> dict[str, Any]:
    out = Exclusion.objects.filter(project=project).values_list("other", flat=True)
    return {name: getattr(project, name) for name in SETTINGS} | {"exclusions": [str(one) for one in out]}


def _rows(project: Project, request: HttpRequest) -> Any:
    initial = requirement_rows(Requirement.objects.filter(project=project, tier=0))
    return RequirementForms(request.POST or None, prefix="r", initial=initial, form_kwargs=form_choices(project))


def requirement_rows(stored: QuerySet[Requirement]) -> list[dict[str, Any]]:
    """What the rows of the form begin with."""
    return [
        {
            "qualification": str(row.qualification_id),
            "comparator": row.comparator,
            "value": ", ".join([*map(str, row.values), *row.locales]),
            "guard": row.guard,
            "group": row.group,
        }
        for row in stored.order_by("pk")
    ]


def _one_more(project: Project, request: HttpRequest) -> Any:
    data = request.POST.copy()
    data["r-TOTAL_FORMS"] = str(min(int(data.get("r-TOTAL_FORMS") or 0) + 1, 20))
    return RequirementForms(data, prefix="r", form_kwargs=form_choices(project))


def form_choices(project: Project) -> dict[str, Any]:
    found = list(usable(project.organisation))
    return {
        "choices": [(str(one.pk), _named(one)) for one in found],
        "systems": {str(one.pk): one.system for one in found},
    }


def _named(one: Qualification) -> str:
    """Those there is one of are told by what they measure; skills and languages by their names."""
    return one.get_system_display() if one.system in SINGLE else one.name
