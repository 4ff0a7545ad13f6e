"""Writing a rule, seeing what it would have done, and switching it on and off. By members of the organisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.models import Participation
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.projects.access import locked_for
from crowd.projects.models import Project
from crowd.projects.services.record import record
from crowd.rules import history
from crowd.rules.errors import StillOn, StopsEverybody
from crowd.rules.finding import Finding, find
from crowd.rules.models import Rule
from crowd.rules.states import RULE, RuleState
from crowd.rules.terms import Terms, parse
from crowd.rules.vocabulary import STOPPING, WITH_QUALIFICATION
from crowd.users.models import User
from qualifications import access as qualifications

MOST_RULES = 50
WORKERS = 100
MOST_WORKERS = 2000  # whom a dry run looks at: those with the most answers
MOST_STOPPED = 0.5
"""A rule that stops this share of the workers is switched on only by somebody who says that he means it."""


@dataclass(frozen=True)
class DryRun:
    """What a rule would have done. `findings`: of the workers for whom it holds now, or would have held before."""

    at: datetime
    workers: int  # who have answered something
    looked_at: int
    findings: tuple[Finding, ...]

    @property
    def now(self) -> int:
        """For how many it holds now: who is hit as soon as it is on."""
        return sum(one.holds for one in self.findings)

    @property
    def ever(self) -> int:
        return len(self.findings)

    @property
    def share(self) -> float:
        """Of the workers looked at, those whom it would have hit at some time."""
        return self.ever / self.looked_at if self.looked_at else 0.0


def create(*, actor: User, project_id: int, terms: Mapping[str, Any]) -> Rule:
    """A rule that is off. Raises NotFound, BadInput (naming each place)."""
    read = parse(terms)
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        _check_qualification(project, read)
        if Rule.objects.filter(project=project, removed_at=None).count() >= MOST_RULES:
            raise BadInput(_("A project has at most %(most)d rules.") % {"most": MOST_RULES})
        now = clock.now()
        rule = Rule.objects.create(project=project, terms=read.to_json(), created_by=actor, created_at=now)
        record(actor, project, "rule.create", now=now, after={"rule": rule.pk, "terms": rule.terms})
    return rule


def edit(*, actor: User, project_id: int, rule_id: int, terms: Mapping[str, Any]) -> Rule:
    """Other terms for a rule that is off. Raises NotFound, BadInput, StillOn."""
    read = parse(terms)
    with transaction.atomic(durable=True):
        project, rule = _locked(actor, project_id, rule_id)
        if rule.state == RuleState.ON:
            raise StillOn
        _check_qualification(project, read)
        before, rule.terms = rule.terms, read.to_json()
        rule.save(update_fields=["terms"])
        record(
            actor,
            project,
            "rule.edit",
            now=clock.now(),
            before={"rule": rule.pk, "terms": before},
            after={"terms": rule.terms},
        )
    return rule


def remove(*, actor: User, project_id: int, rule_id: int) -> None:
    """No longer listed; the log of what it did stays. Raises NotFound, StillOn."""
    with transaction.atomic(durable=True):
        project, rule = _locked(actor, project_id, rule_id)
        if rule.state == RuleState.ON:
            raise StillOn
        rule.removed_at = clock.now()
        rule.save(update_fields=["removed_at"])
        record(actor, project, "rule.remove", now=rule.removed_at, before={"rule": rule.pk, "terms": rule.terms})


def switch_on(*, actor: User, project_id: int, rule_id: int, although: bool = False) -> Rule:
    """From the next look on it is in force, also for what was done before.

    A rule that would stop everybody is refused with the number; one that would stop half of them or more needs
    `although`. Raises NotFound, WrongState, StopsEverybody.
    """
    with transaction.atomic(durable=True):
        project, rule = _locked(actor, project_id, rule_id)
        RULE.check(rule.state, RuleState.ON)
        terms = parse(rule.terms)
        _check_qualification(project, terms)
        run = dry_run(project, terms)
        _refuse(terms, run, although)
        rule.state, rule.switched_by, rule.switched_at = RuleState.ON, actor, run.at
        rule.dry_run = {"workers": run.workers, "now": run.now, "ever": run.ever, "at": run.at.isoformat()}
        rule.save()
        record(actor, project, "rule.on", now=run.at, after={"rule": rule.pk, "dry_run": rule.dry_run})
    return rule


def switch_off(*, actor: User, project_id: int, rule_id: int) -> Rule:
    """It fires no more; what it did stays, and is contested or lifted one by one. Raises NotFound, WrongState."""
    with transaction.atomic(durable=True):
        project, rule = _locked(actor, project_id, rule_id)
        RULE.check(rule.state, RuleState.OFF)
        now = clock.now()
        rule.state, rule.switched_by, rule.switched_at = RuleState.OFF, actor, now
        rule.save()
        record(actor, project, "rule.off", now=now, after={"rule": rule.pk})
    return rule


def dry_run(project: Project, terms: Terms) -> DryRun:
    """What the rule would have done to the workers there have been, had it been asked after each of their answers.

    Looks at the MOST_WORKERS with the most answers, at the last LOOK_BACK assignments of each; agreement is with the
    merged answers as they are now. Reads only.
    """
    now = clock.now()
    answered = Participation.objects.filter(project=project, submitted_count__gt=0).select_related("worker")
    inside = list(answered.order_by("-submitted_count", "id")[:MOST_WORKERS])
    found: list[Finding] = []
    for start in range(0, len(inside), WORKERS):
        some = inside[start : start + WORKERS]
        past = history.read(project, [one.worker_id for one in some], rules=[terms])
        findings = find(terms, past, some, now=now, since={}, look_back=True)
        found += [one for one in findings if one.holds or one.first]
    return DryRun(now, answered.count(), len(inside), tuple(found))


def _refuse(terms: Terms, run: DryRun, although: bool) -> None:
    if terms.action not in STOPPING or not run.looked_at:
        return
    facts = {"hits": run.ever, "workers": run.looked_at}
    if run.ever == run.looked_at and run.looked_at > 1:
        raise StopsEverybody(
            _("This rule would have stopped all %(workers)d workers there have been. It says more about the tasks.")
            % facts,
            **facts,
        )
    if run.share >= MOST_STOPPED and not although:
        raise StopsEverybody(
            _("This rule would have stopped %(hits)d of %(workers)d workers. Say that you mean it, or ask for less.")
            % facts,
            **facts,
        )


def _check_qualification(project: Project, terms: Terms) -> None:
    """The organisation's own: what the site thinks of a worker is not for one project to say."""
    if terms.action not in WITH_QUALIFICATION:
        return
    number = terms.parameters["qualification"]
    place = {"parameters.qualification": _("Your organisation has no such qualification.")}
    try:
        found = qualifications.usable_by(project.organisation, [number])[number]
    except NotFound as error:
        raise BadInput(errors=place) from error
    if found.organisation_id != project.organisation_id or found.system:
        raise BadInput(errors=place)


def _locked(actor: User, project_id: int, rule_id: int) -> tuple[Project, Rule]:
    project = locked_for(actor, project_id)
    rule = Rule.objects.select_for_update(no_key=True).filter(project=project, pk=rule_id, removed_at=None).first()
    if rule is None:
        raise NotFound
    return project, rule
