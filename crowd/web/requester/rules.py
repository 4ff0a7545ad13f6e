"""Rules of a project: written as a sentence, tried on what was done, switched on and off; what they did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.kernel.errors import BadInput
from crowd.projects.models import Project
from crowd.rules import access, words
from crowd.rules.errors import StopsEverybody
from crowd.rules.finding import Finding
from crowd.rules.models import Firing, Rule
from crowd.rules.services import contest, decide, switch
from crowd.rules.states import FiringState, RuleState
from crowd.rules.terms import Terms, parse
from crowd.rules.vocabulary import STOPPING, Action, Collector
from crowd.web.requester.pages import attempt, deed, page, paged, person, sentence, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.rule_forms import AnswerForm, DecisionForm, KindForm, RuleForm
from crowd.web.requester.setup.steps import member_project
from qualifications.models import Qualification
from workers.services.pseudonyms import pseudonyms_for


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
