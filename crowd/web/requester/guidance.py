"""How guidelines grow: written label by label, asked about, ruled on where accurate workers disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments.configs import parsed
from crowd.guidance import groups, parts, queries
from crowd.guidance.groups import Group, Like
from crowd.guidance.models import Ruling
from crowd.guidance.services import doubts, reopen, rule, write
from crowd.guidance.services.reopen import Which
from crowd.kernel.errors import NotFound
from crowd.labeling.config import LabelConfig
from crowd.ledger.queries import of_holder
from crowd.ledger.states import Holder, Purpose
from crowd.projects.models import Item, Project, Task
from crowd.projects.services import reserves
from crowd.users.models import User
from crowd.web.forms import PageForm
from crowd.web.paging import whole
from crowd.web.requester.decisions import ids_of
from crowd.web.requester.kept import forget, kept
from crowd.web.requester.pages import attempt, page, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.setup.steps import member_project
from qualifications.models import Qualification

LIKE = tuple(Like.__dataclass_fields__)
SAMPLES = 3


class PartsForm(PageForm):
    """A definition and three lists, one line an entry, for each label."""

    intro = forms.CharField(
        label=gettext_lazy("For all labels"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, config: LabelConfig, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.labels = [(one.id, label.name) for one in parts.closed(config) for label in one.labels]
        for place in range(len(self.labels)):
            for name, words in _WORDS.items():
                self.fields[f"{name}_{place}"] = forms.CharField(
                    label=words, required=False, widget=forms.Textarea(attrs={"rows": 2})
                )

    @property
    def sections(self) -> list[tuple[str, list[Any]]]:
        return [(label, [self[f"{name}_{place}"] for name in _WORDS]) for place, (_q, label) in enumerate(self.labels)]

    def data_of_parts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "intro": given["intro"],
            "labels": [
                {"question": question, "label": label, "definition": given[f"definition_{place}"]}
                | {name: given[f"{name}_{place}"].splitlines() for name in parts.LISTS}
                for place, (question, label) in enumerate(self.labels)
            ],
        }

    @classmethod
    def initial_of(cls, config: LabelConfig, stored: Mapping[str, Any], text: str) -> dict[str, Any]:
        """Guidelines that were written as one text become the introduction."""
        initial: dict[str, Any] = {"intro": stored.get("intro", "") if stored else text}
        known = {(one["question"], one["label"]): one for one in stored.get("labels", ())}
        labels = [(one.id, label.name) for one in parts.closed(config) for label in one.labels]
        for place, key in enumerate(labels):
            one = known.get(key, {})
            initial[f"definition_{place}"] = one.get("definition", "")
            initial |= {f"{name}_{place}": "\n".join(one.get(name, ())) for name in parts.LISTS}
        return initial


_WORDS = {
    "definition": gettext_lazy("What it means"),
    "examples": gettext_lazy("Examples, one a line"),
    "counter_examples": gettext_lazy("Not this label, one a line"),
    "edge_cases": gettext_lazy("Edge cases, one a line"),
}


class AnswerForm(PageForm):
    text = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=doubts.MAX_TEXT,
        help_text=gettext_lazy("Everybody who works here reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RulingForm(PageForm):
    decided = forms.ChoiceField(label=gettext_lazy("Right is"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=rule.MAX_TEXT,
        help_text=gettext_lazy("It stands in the guidelines from now on, as an edge case of this label."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    training = forms.ChoiceField(
        label=gettext_lazy("Training that shows the gold cases too"), required=False, choices=[("", "–")]
    )

    def __init__(self, project: Project, group: Group, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        assert project.config_id is not None
        (question,) = [one for one in parts.closed(parsed(project.config_id)) if one.id == group.like.question]
        first = [group.like.one, group.like.other]
        rest = [label.name for label in question.labels if label.name not in first]
        self.fields["decided"] = forms.ChoiceField(
            label=_("Right is"), widget=forms.RadioSelect, choices=[(name, name) for name in [*first, *rest]]
        )
        self.fields["training"].choices = [("", "–"), *_trainings(project)]  # type: ignore[attr-defined]


def _trainings(project: Project) -> list[tuple[str, str]]:
    own = Qualification.objects.filter(organisation=project.organisation, active=True, tests__training=True)
    return [(str(one.pk), one.name) for one in own.distinct().order_by("name")]


@page("GET", "POST")
def guidance(request: HttpRequest, project_id: int) -> HttpResponse:
    """Questions that wait, disagreements that wait, and what each version changed. POST answers a question."""
    project = member_project(request, project_id)
    answering = whole(request.POST.get("doubt", "")) or 0
    form = AnswerForm(request.POST or None)
    if form.is_valid():
        text = form.cleaned_data["text"]
        where: dict[str, Any] = {"actor": person(request), "project_id": project_id}
        if attempt(form, lambda: doubts.answer(**where, doubt_id=answering, text=text)):
            messages.success(request, _("Answered. Everybody who works here can read it."))
            return to("guidance", project_id)
    column = request.GET.get("column", "")
    context = {
        "waiting": [(one, form if one.pk == answering else AnswerForm()) for one in queries.waiting(project)[:50]],
        "answered": queries.published(project)[:20],
        "groups": [(one, urlencode(asdict(one.like))) for one in _groups(project, column)],
        "columns": _columns(project),
        "column": column,
        "effects": _effects(project),
        "rulings": Ruling.objects.filter(project=project).select_related("version").order_by("-pk")[:20],
    }
    return show(request, "guidance", frame(project, "guidance") | context, status=400 if form.errors else 200)


def _groups(project: Project, column: str) -> list[Group]:
    return groups.groups(project, column=column)[: groups.SHOWN] if column else _largest_groups(project)


@kept("groups")
def _largest_groups(project: Project) -> list[Group]:
    return groups.groups(project, column="")[: groups.SHOWN]


@kept("effects")
def _effects(project: Project) -> list[queries.Effect]:
    closed = [one.id for one in parts.closed(parsed(project.config_id))] if project.config_id else []
    return queries.effects(project, questions=closed)


@page("GET", "POST")
def by_label(request: HttpRequest, project_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    if project.config_id is None:
        raise NotFound
    config, current = parsed(project.config_id), project.guidelines
    stored, text = (current.parts, current.text) if current else ({}, "")
    form = PartsForm(config, request.POST or None, initial=PartsForm.initial_of(config, stored, text))
    if form.is_valid():
        data = form.data_of_parts()
        if attempt(form, lambda: write.write(actor=person(request), project_id=project_id, data=data)):
            messages.success(request, _("Saved. Workers are shown what has changed before their next task."))
            return to("guidance", project_id)
    return show(request, "guidance_labels", frame(project, "guidance") | {"form": form})


@page("GET", "POST")
def ruling(request: HttpRequest, project_id: int) -> HttpResponse:
    """One group of disagreements with its cases; here it is decided. The address names the group."""
    project = member_project(request, project_id)
    group = groups.group_of(project, Like(**{name: request.GET.get(name, "") for name in LIKE}))
    form = RulingForm(project, group, request.POST or None)
    anew, gold = (ids_of(request.POST.getlist(name)) for name in ("anew", "gold"))
    if form.is_valid() and attempt(form, lambda: _rule(person(request), project, group, form, anew, gold)):
        forget(project.pk, "groups")
        messages.success(request, _("Decided, once for all of these. It stands in the guidelines from now on."))
        return to("guidance", project_id)
    context = {"form": form, "group": group, "cases": _shown(group, anew, gold), "prices": _prices(project, group)}
    return show(request, "ruling", frame(project, "guidance") | context, status=400 if form.errors else 200)


def _prices(project: Project, group: Group) -> list[int]:
    """What an answer that is asked anew costs, in micros, by the tiers in which these tasks stand; the least first."""
    tiers = Task.objects.filter(pk__in=group.task_ids).order_by().values_list("tier", flat=True).distinct()
    return sorted({reserves.slot_price(project, tier) for tier in tiers})


class WhichForm(PageForm):
    """By label and posterior; the fields are named as they stand in the address."""

    label = forms.ChoiceField(label=gettext_lazy("Whose merged answer is"), required=False)
    below = forms.IntegerField(
        label=gettext_lazy("And whose posterior is below, in per cent"), required=False, min_value=1, max_value=100
    )

    def __init__(self, config: LabelConfig, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels = [(one, label.name) for one in parts.closed(config) for label in one.labels]
        named = [
            (f"{one.id}/{name}", name if len(parts.closed(config)) == 1 else f"{one.text} {name}")
            for one, name in labels
        ]
        self.fields["label"].choices = [("", _("any")), *named]  # type: ignore[attr-defined]

    def which(self) -> Which:
        question, _slash, label = self.cleaned_data["label"].partition("/")
        below = self.cleaned_data["below"]
        return Which(question=question, label=label, below=below / 100 if below else None)


@page("GET", "POST")
def reopening(request: HttpRequest, project_id: int) -> HttpResponse:
    """Which tasks are asked again after a change of the guidelines. The address says which; POST does what is shown."""
    project = member_project(request, project_id)
    if project.config_id is None:
        raise NotFound
    form = WhichForm(parsed(project.config_id), request.GET if "label" in request.GET else None)
    where: dict[str, Any] = {"actor": person(request), "project_id": project_id}
    which = form.which() if form.is_valid() else None
    plan = reopen.plan(**where, which=which) if which else None
    shown = whole(request.POST.get("at_most_micros", ""))
    if plan and which and request.method == "POST":
        most = plan.price_micros if shown is None else shown
        done = attempt(form, lambda: reopen.reopen(**where, which=which, at_most_micros=most))
        if done:
            forget(project.pk, "groups")
            messages.success(request, _("Asked again: %(tasks)d tasks.") % {"tasks": done.tasks})
            return to("guidance", project_id)
    held = of_holder(holder=Holder.ORGANISATION, holder_id=project.organisation_id)
    context = {"form": form, "plan": plan, "available": held.get((Purpose.AVAILABLE, project.currency), 0)}
    return show(request, "reopening", frame(project, "guidance") | context, status=400 if form.errors else 200)


def _rule(
    actor: User, project: Project, group: Group, form: RulingForm, anew: Sequence[int], gold: Sequence[int]
) -> bool:
    given = form.cleaned_data
    then = rule.Consequences(
        ask_anew=anew, make_gold=gold, training=int(given["training"]) if given["training"] else None
    )
    rule.rule(
        actor=actor, project_id=project.pk, like=group.like, decided=given["decided"], text=given["text"], then=then
    )
    return True


def _shown(group: Group, anew: Sequence[int], gold: Sequence[int]) -> list[dict[str, Any]]:
    """The most doubtful first; `answers` stop counting if it is asked anew."""
    tasks = Task.objects.in_bulk(group.task_ids)
    return [
        {
            "case": case,
            "sample": _sample(tasks[case.task_id]),
            "said": sorted(case.said.items(), key=lambda pair: -pair[1]),
            "answers": tasks[case.task_id].answered,
            "anew": case.task_id in anew,
            "gold": case.task_id in gold,
        }
        for case in sorted(group.cases, key=lambda one: one.posterior)
        if case.task_id in tasks
    ]


def _sample(task: Task) -> str:
    return ", ".join(str(value) for unit in task.payload.get("units", ()) for value in unit.values())[:200]


def _columns(project: Project) -> list[str]:
    """Of the items, those that may put them into groups."""
    first = Item.objects.filter(project=project).order_by("pk").first()
    return sorted(name for name, value in first.data.items() if isinstance(value, str)) if first else []
