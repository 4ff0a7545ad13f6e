"""Rules of a project: written as a sentence, tried on what was done, switched on and off; what they did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel.errors import BadInput
from crowd.projects.models import Project
from crowd.rules import access, words
from crowd.rules.errors import StopsEverybody
from crowd.rules.finding import Finding
from crowd.rules.models import Firing, Rule
from crowd.rules.services import contest, decide, switch
from crowd.rules.states import FiringState, RuleState
from crowd.rules.terms import (
    FIGURES,
    PARAMETERS,
    SETTINGS,
    STOPPING,
    WITH_QUALIFICATION,
    WITH_TEXT,
    Action,
    Collector,
    Comparator,
    Number,
    Scope,
    Terms,
    parse,
)
from crowd.web.forms import PageForm
from crowd.web.requester.pages import attempt, deed, page, paged, person, sentence, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.setup.steps import member_project
from qualifications.models import Qualification
from workers.services.pseudonyms import pseudonyms_for

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


@dataclass(frozen=True)
class Line:
    """A rule with its sentence, and how often it fired."""

    rule: Rule
    sentence: str
    fired: int


@page()
def rules(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    listed = access.rules_of(person(request), project_id)
    lines = [Line(one, _sentence(project, parse(one.terms)), one.firings.count()) for one in listed]
    waiting = access.firings_of(person(request), project_id).filter(state=FiringState.PROPOSED).count()
    context = {"lines": lines, "kind_form": KindForm(), "waiting": waiting}
    return show(request, "rules", frame(project, "rules") | context)


@page("GET", "POST")
def new(request: HttpRequest, project_id: int) -> HttpResponse:
    return _written(request, member_project(request, project_id), None)


@page("GET", "POST")
def edit(request: HttpRequest, project_id: int, rule_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    return _written(request, project, access.rule_for(person(request), project_id, rule_id))


@page()
def rule(request: HttpRequest, project_id: int, rule_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    return _show_rule(request, project, access.rule_for(person(request), project_id, rule_id))


@page("POST")
def turn(request: HttpRequest, project_id: int, rule_id: int) -> HttpResponse:
    """On or off; what would stop everybody is refused on the page that shows whom."""
    project = member_project(request, project_id)
    where: dict[str, Any] = {"actor": person(request), "project_id": project_id, "rule_id": rule_id}
    try:
        if request.POST.get("turn") == "on":
            switch.switch_on(**where, although=bool(request.POST.get("although")))
            messages.success(request, _("The rule is on. It looks once a minute."))
        else:
            switch.switch_off(**where)
            messages.success(request, _("The rule is off. What it did stays as it is."))
    except StopsEverybody as refused:
        found = access.rule_for(person(request), project_id, rule_id)
        return _show_rule(request, project, found, refused=sentence(refused), status=409)
    return to("rule", project_id, rule_id)


@deed
def remove(request: HttpRequest, project_id: int, rule_id: int) -> HttpResponse:
    switch.remove(actor=person(request), project_id=project_id, rule_id=rule_id)
    messages.success(request, _("The rule is gone. The log of what it did stays."))
    return to("rules", project_id)


@page()
def log(request: HttpRequest, project_id: int) -> HttpResponse:
    """What the rules did, newest first, with what waits for a person."""
    project = member_project(request, project_id)
    listed = paged(request, access.firings_of(person(request), project_id))
    return show(request, "rule_log", frame(project, "rules") | {"page": listed, "lines": firing_lines(project, listed)})


@page("GET", "POST")
def firing(request: HttpRequest, project_id: int, firing_id: int) -> HttpResponse:
    """One firing with its evidence; here it is decided, and what the worker contests is answered."""
    project = member_project(request, project_id)
    found = access.firing_for(person(request), project_id, firing_id)
    decision = DecisionForm(request.POST if "follow" in request.POST else None)
    answer = AnswerForm(request.POST if "undo" in request.POST else None)
    decided = decision.is_valid() and attempt(decision, lambda: _decide(request, found, decision.cleaned_data))
    answered = answer.is_valid() and attempt(answer, lambda: _answer(request, found, answer.cleaned_data))
    if decided or answered:
        messages.success(request, _("Done. The log keeps it with your name."))
        return to("firing", project_id, firing_id)
    (line,) = firing_lines(project, [found])
    context = line | {"decision_form": decision, "answer_form": answer, "for_staff": access.is_for_staff(found)}
    return show(request, "firing", frame(project, "rules") | context)


def _decide(request: HttpRequest, found: Firing, given: Mapping[str, Any]) -> bool:
    act = decide.follow if given["follow"] == "yes" else decide.dismiss
    act(actor=person(request), firing_id=found.pk, reason=given["reason"])
    return True


def _answer(request: HttpRequest, found: Firing, given: Mapping[str, Any]) -> bool:
    undo = given["undo"] == "yes"
    contest.answer(actor=person(request), firing_id=found.pk, undo=undo, text=given["text"])
    return True


def _written(request: HttpRequest, project: Project, found: Rule | None) -> HttpResponse:
    """The form of a rule; a service's refusal stands at its place in the sentence, and what was typed stays."""
    collector, action = _kind(request, found)
    form = RuleForm(project, collector, action, request.POST or None, initial=_initial(found, collector, action))
    if form.is_valid():
        try:
            made = _save(request, project, found, form.terms())
        except BadInput as error:
            form.place(error)
        else:
            messages.success(request, _("The rule is written, and off. Below is what it would have done so far."))
            return to("rule", project.pk, made.pk)
    kind = KindForm(initial={"collector": collector, "action": action})
    context = {"form": form, "kind_form": kind, "rule": found, "action": Action(action).label, "collector": collector}
    return show(request, "rule_form", frame(project, "rules") | context, status=400 if form.errors else 200)


def _kind(request: HttpRequest, found: Rule | None) -> tuple[str, str]:
    """Which collector and action: as the address asks, else as the rule has it."""
    terms = found.terms if found else {"collector": Collector.GOLD, "action": Action.PAUSE}
    collector, action = (request.GET.get(name, terms[name]) for name in ("collector", "action"))
    if collector not in Collector.values or action not in Action.values:
        raise BadInput
    return collector, action


def _initial(found: Rule | None, collector: str, action: str) -> dict[str, Any]:
    if found is None:
        return {}
    terms = parse(found.terms)
    initial: dict[str, Any] = dict(terms.settings) if terms.collector == collector else {}
    initial |= dict(terms.parameters) if terms.action == action else {}
    for place, one in enumerate(terms.conditions if terms.collector == collector else ()):
        initial |= {f"figure_{place}": one.figure, f"comparator_{place}": one.comparator, f"value_{place}": one.value}
    return initial


def _save(request: HttpRequest, project: Project, found: Rule | None, terms: Mapping[str, Any]) -> Rule:
    where: dict[str, Any] = {"actor": person(request), "project_id": project.pk, "terms": terms}
    return switch.create(**where) if found is None else switch.edit(**where, rule_id=found.pk)


def _show_rule(
    request: HttpRequest, project: Project, found: Rule, *, refused: str = "", status: int = 200
) -> HttpResponse:
    terms = parse(found.terms)
    run = switch.dry_run(project, terms)
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in run.findings])
    context = {
        "rule": found,
        "sentence": _sentence(project, terms),
        "run": run,
        "hits": [(codes[one.worker_id], one, _figures(project, terms, one)) for one in _sorted(run.findings)],
        "is_on": found.state == RuleState.ON,
        "refused": refused,
        "ask_although": terms.action in STOPPING and run.looked_at and run.share >= switch.MOST_STOPPED,
    }
    return show(request, "rule", frame(project, "rules") | context, status=status)


def _sorted(found: Sequence[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: (not one.holds, -one.participation.submitted_count))


def _figures(project: Project, terms: Terms, one: Finding) -> list[str]:
    return words.findings(terms, one.figures, currency=project.currency)


def _sentence(project: Project, terms: Terms) -> str:
    number = terms.parameters.get("qualification")
    name = Qualification.objects.filter(pk=number).values_list("name", flat=True).first() if number else ""
    return words.sentence(terms, currency=project.currency, qualification=name or "")


def firing_lines(project: Project, firings: Sequence[Firing] | Any) -> list[dict[str, Any]]:
    """Each firing with the pseudonym of its worker, its rule in words, and what it found."""
    shown = list(firings)
    others = [one.evidence["with_worker"] for one in shown if "with_worker" in one.evidence]
    codes = pseudonyms_for(project.organisation, [*(one.worker_id for one in shown), *others])
    return [_firing_line(project, one, codes) for one in shown]


def _firing_line(project: Project, one: Firing, codes: Mapping[int, str]) -> dict[str, Any]:
    terms = parse(one.terms)
    return {
        "firing": one,
        "code": codes[one.worker_id],
        "other": codes.get(one.evidence.get("with_worker", 0)),
        "action": Action(terms.action).label,
        "sentence": _sentence(project, terms),
        "findings": words.findings(terms, one.evidence["figures"], currency=project.currency),
        "decides": one.state == FiringState.PROPOSED,
        "contested": one.contested_at is not None and one.answered_at is None,
    }
