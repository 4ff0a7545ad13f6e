"""Another version of what is asked, while it is answered: what becomes of old labels, what it touches and costs, and
only then the change. The new questions come from the pages on which they are edited (`setup/question.py`)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments.configs import parsed
from crowd.consensus.services import reconfigure as service
from crowd.consensus.services.reconfigure import ConfigPlan, Wanted
from crowd.kernel.errors import NotFound
from crowd.labeling import strict_json
from crowd.labeling.config import LabelConfig, parse
from crowd.labeling.errors import ConfigError
from crowd.labeling.kinds import Label, Question
from crowd.ledger.queries import of_holder
from crowd.ledger.states import Holder, Purpose
from crowd.projects.models import Project, Task
from crowd.projects.services.budget import whole_slots_of_surplus
from crowd.web.forms import PageForm
from crowd.web.paging import whole
from crowd.web.requester.pages import attempt, page, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.results import sample
from crowd.web.requester.setup.steps import member_project

DROP, BECOMES = "-", "+"
MOST_CHOICES = 20_000  # lines of all menus together; where there are more, a program writes the mapping better
MOST_NAMED = 100


@dataclass(frozen=True)
class Pair:
    """One question in both versions: the labels that only the one has, and those that only the other has."""

    before: Question
    after: Question

    @cached_property
    def gone(self) -> list[str]:
        return _missing(self.before, self.after)

    @cached_property
    def added(self) -> list[str]:
        return _missing(self.after, self.before)


@dataclass(frozen=True)
class Group:
    """One question that both versions ask: what is gone, what is new in it, and the fields about them."""

    question: Question
    gone: Sequence[tuple[str, BoundField]]
    added: Sequence[str]
    again: BoundField | None


class MappingForm(PageForm):
    """The new config as it was written, and what becomes of every label that it does not have any more."""

    too_many_gone = gettext_lazy(
        "So many labels are gone that the mapping is better sent by a program: POST to config/changes in the API."
    )
    config = forms.CharField(widget=forms.HiddenInput)
    guidelines = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, old: LabelConfig, new: LabelConfig, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old, self.new = old, new
        for number, pair in enumerate(self._pairs if not self.too_many else ()):
            self.fields |= _becoming(number, pair)
            if 0 < len(pair.after.label_names) <= MOST_NAMED:
                self.fields[f"again{number}"] = _asked_again(pair.after)

    @cached_property
    def too_many(self) -> bool:
        """Whether so many labels are gone that a page cannot ask what becomes of each; then it has no fields."""
        return sum(len(one.gone) * (len(one.after.label_names) + 2) for one in self._pairs) > MOST_CHOICES

    @property
    def maps(self) -> bool:
        """Whether there is something to say."""
        return any(pair.gone for pair in self._pairs)

    def clean(self) -> None:
        if self.too_many:
            raise forms.ValidationError(self.too_many_gone)

    @property
    def groups(self) -> list[Group]:
        """The questions whose labels are asked about."""
        return [] if self.too_many else [self._group(number, pair) for number, pair in enumerate(self._pairs)]

    @property
    def new_questions(self) -> list[Question]:
        return [one for one in self.new.questions if one.id not in self.old.ids]

    @property
    def dropped_questions(self) -> list[Question]:
        return [one for one in self.old.questions if one.id not in self.new.ids]

    def wanted(self) -> Wanted:
        """Of a form that is valid; before anything was chosen, that nothing is renamed and nothing asked again."""
        return Wanted(config=json.loads(self["config"].value()), mapping=self._mapping(), ask_again=self._ask_again())

    def _mapping(self) -> dict[str, dict[str, str | None]]:
        return {
            pair.after.id: {name: _target(self._said(f"m{number}-{place}")) for place, name in enumerate(pair.gone)}
            for number, pair in enumerate(self._pairs)
            if pair.gone
        }

    def _ask_again(self) -> dict[str, list[str]]:
        named = {pair.after.id: self._said(f"again{number}") for number, pair in enumerate(self._pairs)}
        return {id: list(labels) for id, labels in named.items() if labels}

    def _said(self, name: str) -> Any:
        return self.cleaned_data.get(name) if self.is_bound else None

    @cached_property
    def _pairs(self) -> list[Pair]:
        return [Pair(self.old.question(one.id), one) for one in self.new.questions if one.id in self.old.ids]

    def _group(self, number: int, pair: Pair) -> Group:
        rows = [(label, self[f"m{number}-{place}"]) for place, label in enumerate(pair.gone)]
        name = f"again{number}"
        return Group(pair.after, rows, pair.added, self[name] if name in self.fields else None)


@page("GET", "POST")
def reconfigure(request: HttpRequest, project_id: int) -> HttpResponse:
    """POST: the change as it is looked at, or, with `confirm`, done. It begins where the questions are edited."""
    project = member_project(request, project_id)
    if request.method == "GET":
        return to("setup-question", project_id)
    try:
        new = parse(strict_json.loads(request.POST.get("config", "")))
    except (strict_json.JsonError, ConfigError, TypeError, AttributeError) as error:
        raise NotFound from error  # not what our page sent
    form = MappingForm(_config(project), new, request.POST)
    plan = _plan(request, project, form) if form.is_valid() else None
    if plan and request.POST.get("confirm") and _is_as_shown(request, form, plan):
        done = attempt(form, lambda: _change(request, project, form, plan))
        if done is not None:
            return done
    return _shown(request, project, form, plan)


def begin(request: HttpRequest, project: Project, config: Mapping[str, Any], guidelines: str) -> HttpResponse:
    """What has been edited is more than words: on to what becomes of the answers."""
    new = parse(config)
    initial = {"config": json.dumps(config, ensure_ascii=False), "guidelines": guidelines}
    form = MappingForm(_config(project), new, initial=initial)
    return _shown(request, project, form, None if form.maps else _plan(request, project, form))


def _config(project: Project) -> LabelConfig:
    if project.config_id is None:
        raise NotFound
    return parsed(project.config_id)


def _plan(request: HttpRequest, project: Project, form: MappingForm) -> ConfigPlan | None:
    def look() -> ConfigPlan:
        return service.plan(actor=person(request), project_id=project.pk, wanted=form.wanted())

    if form.is_bound:
        return attempt(form, look)
    return look()


def _is_as_shown(request: HttpRequest, form: MappingForm, plan: ConfigPlan) -> bool:
    """Only what somebody has seen is done: the same mapping, and not for more money."""
    if request.POST.get("looked") == _key(form):
        return True
    form.add_error(None, _("You chose otherwise than was shown. Here is what it comes to now."))
    return False


def _change(request: HttpRequest, project: Project, form: MappingForm, plan: ConfigPlan) -> HttpResponse:
    shown, text = whole(request.POST.get("at_most_micros", "")), form.cleaned_data["guidelines"]
    version, done = service.reconfigure(
        actor=person(request),
        project_id=project.pk,
        wanted=form.wanted(),
        at_most_micros=plan.price_micros if shown is None else shown,
        guidelines=text if text or project.guidelines else None,
    )
    said = _("Version %(version)s is asked from now on. Tasks asked again: %(tasks)s.")
    messages.success(request, said % {"version": version.version, "tasks": done.tasks})
    return to("project", project.pk)


def _shown(request: HttpRequest, project: Project, form: MappingForm, plan: ConfigPlan | None) -> HttpResponse:
    held = of_holder(holder=Holder.ORGANISATION, holder_id=project.organisation_id)
    tasks = Task.objects.filter(project=project, pk__in=plan.first).select_related("item") if plan else []
    context = {
        "form": form,
        "plan": plan,
        "tasks": [(one, sample(one)) for one in tasks],
        "version": project.config.version if project.config else 0,
        "looked": _key(form) if plan else "",
        "available": held.get((Purpose.AVAILABLE, project.currency), 0),
        "from_surplus": min(plan.price_micros, whole_slots_of_surplus(project)) if plan else 0,
    }
    status = 400 if form.is_bound and form.errors else 200
    return show(request, "reconfigure", frame(project, "words") | context, status=status)


def _key(form: MappingForm) -> str:
    wanted = form.wanted()
    return json.dumps([wanted.mapping, wanted.ask_again], sort_keys=True)


def _missing(one: Question, other: Question) -> list[str]:
    """The labels of one that the other does not have."""
    there = {label.name for label in _labels(other)}
    return [label.name for label in _labels(one) if label.name not in there]


def _labels(question: Question) -> Iterator[Label]:
    return iter(getattr(question, "labels", ()))


def _becoming(number: int, pair: Pair) -> dict[str, forms.Field]:
    """A menu for each label that is gone. Where one went and one came, it was probably renamed."""
    becomes = _("becomes %(label)s")
    new = [(BECOMES + one.name, becomes % {"label": one.title or one.name}) for one in _labels(pair.after)]
    choices = [("", _("choose …")), *new, (DROP, _("is dropped: answers with it say nothing any more"))]
    likely = BECOMES + pair.added[0] if len(pair.gone) == len(pair.added) == 1 else ""
    return {
        f"m{number}-{place}": forms.ChoiceField(label=name, choices=choices, initial=likely)
        for place, name in enumerate(pair.gone)
    }


def _asked_again(after: Question) -> forms.Field:
    return forms.MultipleChoiceField(
        label=gettext_lazy("Ask again, too, where the merged answer is"),
        required=False,
        choices=[(one.name, one.title or one.name) for one in _labels(after)],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("As for tasks that a new label might fit better."),
    )


def _target(said: str | None) -> str | None:
    return said.removeprefix(BECOMES) if said and said != DROP else None
