"""The forms of a project's rules: one rule as a sentence, what is decided of it, what is answered."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel.errors import BadInput
from crowd.projects.models import Project
from crowd.rules.vocabulary import (
    FIGURES,
    PARAMETERS,
    SETTINGS,
    WITH_QUALIFICATION,
    WITH_TEXT,
    Action,
    Collector,
    Comparator,
    Number,
    Scope,
)
from crowd.web.forms import PageForm
from qualifications.models import Qualification

CONDITIONS = 3


class KindForm(PageForm):
    """What a rule looks at and what it does: the rest of its sentence depends on these two."""

    collector = forms.ChoiceField(label=gettext_lazy("When I look at"), choices=Collector.choices)
    action = forms.ChoiceField(label=gettext_lazy("it may"), choices=Action.choices, initial=Action.PAUSE)


class RuleForm(PageForm):
    """The sentence of one collector and one action. Faults of the terms stand at their place in it."""

    def __init__(self, project: Project, collector: str, action: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.collector, self.action = collector, action
        for name, number in SETTINGS.get(collector, {}).items():
            self.fields[name] = _number_field(number)
        figures = [(name, figure.words) for name, figure in FIGURES[collector].items()]
        for place in range(CONDITIONS):
            self._condition(place, figures)
        self._parameters(project)

    def _condition(self, place: int, figures: Sequence[tuple[str, Any]]) -> None:
        none = [("", "–")] if place else []
        self.fields[f"figure_{place}"] = forms.ChoiceField(
            label=_("Figure"), choices=[*none, *figures], required=not place
        )
        self.fields[f"comparator_{place}"] = forms.ChoiceField(
            label=_("Comparison"), choices=Comparator.choices, initial=Comparator.AT_LEAST
        )
        self.fields[f"value_{place}"] = forms.CharField(
            label=_("Value"),
            required=not place,
            widget=forms.TextInput(attrs={"class": "short", "inputmode": "decimal"}),
        )

    def _parameters(self, project: Project) -> None:
        if self.action == Action.BLOCK:
            self.fields["scope"] = forms.ChoiceField(label=_("from"), choices=Scope.choices)
        if self.action in WITH_QUALIFICATION:
            own = Qualification.objects.filter(organisation=project.organisation, active=True, system="")
            choices = [(str(one.pk), one.name) for one in own.order_by("name")]
            self.fields["qualification"] = forms.ChoiceField(label=_("Qualification"), choices=choices)
        shares = [(name, one.words) for name, one in FIGURES[self.collector].items() if one.unit == "percent"]
        if self.action == Action.GRANT and shares:
            self.fields["value_from"] = forms.ChoiceField(
                label=_("with the value of"), choices=[("", _("the number below")), *shares], required=False
            )
        for name, number in PARAMETERS.get(self.action, {}).items():
            self.fields[name] = _number_field(number)
        if self.action in WITH_TEXT:
            self.fields["text"] = forms.CharField(
                label=_("Reason, in words to the worker"),
                required=self.action != Action.WARN,
                max_length=2000,
                help_text=_("He reads it together with his figures."),
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def setting_fields(self) -> list[Any]:
        return [self[name] for name in SETTINGS.get(self.collector, {})]

    @property
    def conditions(self) -> list[list[Any]]:
        return [[self[f"{part}_{place}"] for part in ("figure", "comparator", "value")] for place in range(CONDITIONS)]

    @property
    def parameter_fields(self) -> list[Any]:
        first = {f"{part}_{place}" for part in ("figure", "comparator", "value") for place in range(CONDITIONS)}
        return [
            self[name] for name in self.fields if name not in first and name not in SETTINGS.get(self.collector, {})
        ]

    def terms(self) -> dict[str, Any]:
        """As crowd.rules.terms reads them; a number with a comma is one."""
        given = self.cleaned_data
        return {
            "collector": self.collector,
            "settings": {name: given.get(name) for name in SETTINGS.get(self.collector, {})},
            "conditions": [
                {
                    "figure": given[f"figure_{place}"],
                    "comparator": given[f"comparator_{place}"],
                    "value": given[f"value_{place}"].replace(",", "."),
                }
                for place in range(CONDITIONS)
                if given.get(f"figure_{place}")
            ],
            "action": self.action,
            "parameters": {field.name: given.get(field.name) for field in self.parameter_fields},
        }

    def place(self, error: BadInput) -> None:
        """Each fault of the terms beside the field it is about."""
        used = [place for place in range(CONDITIONS) if self.cleaned_data.get(f"figure_{place}")]
        for place, fault in (error.places or {"": str(error.message)}).items():
            self.add_error(self._field(place, used), fault)

    def _field(self, place: str, used: Sequence[int]) -> str | None:
        if place.startswith("conditions["):
            number, part = int(place[11 : place.index("]")]), place.rpartition(".")[2]
            return f"{part}_{used[number]}"
        name = place.rpartition(".")[2]
        return name if name in self.fields else None


def _number_field(number: Number) -> forms.IntegerField:
    return forms.IntegerField(
        label=str(number.words),
        required=False,
        min_value=number.least,
        max_value=number.most,
        initial=number.default,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )


class DecisionForm(PageForm):
    follow = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("yes", gettext_lazy("do it")), ("no", gettext_lazy("do nothing"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("If you do it, the worker reads it beside his figures."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AnswerForm(PageForm):
    undo = forms.ChoiceField(
        label=gettext_lazy("Answer"),
        choices=[("yes", gettext_lazy("he is right: take it back")), ("no", gettext_lazy("it stands"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("Why, in words to the worker"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
