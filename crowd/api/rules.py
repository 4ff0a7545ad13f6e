"""The rules of a project: written, tried on what was done, switched on; what they did, and who decided about it."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Time
from crowd.api.paging import Page
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.rules import access, words
from crowd.rules.finding import Finding
from crowd.rules.models import Firing, Rule
from crowd.rules.services import contest, decide, switch
from crowd.rules.states import FiringState, RuleState
from crowd.rules.terms import parse
from crowd.rules.vocabulary import Action, Collector
from crowd.users.states import Scope
from workers.services.pseudonyms import pseudonyms_for


class TermsIn(Input):
    """docs/rules.md has every figure, setting and parameter."""

    collector = serializers.ChoiceField(choices=Collector.choices)
    settings = serializers.DictField(required=False, help_text="`window`, `fast_s`, `least_answers`, `least_chars`.")
    conditions = serializers.ListField(
        child=serializers.DictField(), help_text='`{"figure", "comparator", "value"}`; all must hold.'
    )
    action = serializers.ChoiceField(choices=Action.choices)
    parameters = serializers.DictField(required=False, help_text="Of the action.")


class RuleOut(Facts):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RuleState.choices)
    sentence = serializers.CharField(help_text="The rule in words.")
    terms = serializers.JSONField()
    created_at = Time()
    switched_at = Time(allow_null=True)
    dry_run = serializers.JSONField(help_text="What was shown before it was switched on.")


class HitOut(Facts):
    worker = serializers.CharField(help_text="The pseudonym in this organisation.")
    figures = serializers.JSONField()
    holds = serializers.BooleanField(help_text="It holds now: he is hit as soon as the rule is on.")
    first_at = Time(allow_null=True)
    first_answers = serializers.IntegerField(allow_null=True, help_text="After how many answers it held first.")


class DryRunOut(Facts):
    at = Time()
    workers = serializers.IntegerField(help_text="Who have answered something.")
    looked_at = serializers.IntegerField()
    now = serializers.IntegerField()
    ever = serializers.IntegerField()
    hits = HitOut(many=True)


class FiringOut(Facts):
    """`evidence`: the figures, and the assignments they rest on. `reason` is what the worker reads."""

    id = serializers.IntegerField()
    rule = serializers.IntegerField()
    project = serializers.IntegerField()
    worker = serializers.CharField()
    state = serializers.ChoiceField(choices=FiringState.choices)
    terms = serializers.JSONField()
    evidence = serializers.JSONField()
    result = serializers.JSONField()
    findings = serializers.ListField(child=serializers.CharField())
    at = Time()
    ends_at = Time(allow_null=True)
    decided_at = Time(allow_null=True)
    decision = serializers.CharField()
    contested_at = Time(allow_null=True)
    contest = serializers.CharField()
    answer_due_at = Time(allow_null=True)
    answered_at = Time(allow_null=True)
    answer = serializers.CharField()


class MyFiringOut(Facts):
    id = serializers.IntegerField()
    project = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=FiringState.choices)
    action = serializers.ChoiceField(choices=Action.choices)
    reason = serializers.CharField(help_text="What happened and why, with your figures.")
    decision = serializers.CharField()
    at = Time()
    ends_at = Time(allow_null=True)
    may_contest = serializers.BooleanField()
    contested_at = Time(allow_null=True)
    answer_due_at = Time(allow_null=True)
    answer = serializers.CharField()


class Although(Input):
    although = serializers.BooleanField(
        required=False, default=False, help_text="Yes, although it would stop half of the workers or more."
    )


class RuleDecision(Input):
    follow = serializers.BooleanField()
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class Contest(Input):
    text = serializers.CharField(max_length=2000, help_text="Why it is wrong.")


class ContestAnswer(Input):
    undo = serializers.BooleanField()
    text = serializers.CharField(max_length=2000, help_text="The worker reads it.")


class FiringFilter(Filters):
    state = serializers.ChoiceField(choices=FiringState.choices, required=False)
    open_contest = serializers.BooleanField(required=False, allow_null=True, default=None)


class Rules(Endpoint):
    @deed("Rules of a project", scope=Scope.READ, gives=RuleOut, many=True)
    def get(self, call: Call, project_id: int) -> Any:
        rules = access.rules_of(call.user, project_id)
        return [_rule(one, project_for(call.user, project_id)) for one in rules]

    @deed("Write a rule; it is off", scope=Scope.PROJECTS, takes=TermsIn, raw=True, gives=RuleOut, status=201)
    def post(self, call: Call, project_id: int) -> Any:
        made = switch.create(actor=call.user, project_id=project_id, terms=call.data)
        return _rule(made, project_for(call.user, project_id))


class RuleView(Endpoint):
    @deed("One rule", scope=Scope.READ, gives=RuleOut)
    def get(self, call: Call, project_id: int, rule_id: int) -> Any:
        return _rule(access.rule_for(call.user, project_id, rule_id), project_for(call.user, project_id))

    @deed("Write a rule anew while it is off", scope=Scope.PROJECTS, takes=TermsIn, raw=True, gives=RuleOut)
    def put(self, call: Call, project_id: int, rule_id: int) -> Any:
        rule = switch.edit(actor=call.user, project_id=project_id, rule_id=rule_id, terms=call.data)
        return _rule(rule, project_for(call.user, project_id))

    @deed("Remove a rule that is off; what it did stays in the log", scope=Scope.PROJECTS, status=204)
    def delete(self, call: Call, project_id: int, rule_id: int) -> None:
        switch.remove(actor=call.user, project_id=project_id, rule_id=rule_id)


class RuleDryRun(Endpoint):
    @deed("What a rule would have done so far", scope=Scope.READ, rate="write", gives=DryRunOut)
    def get(self, call: Call, project_id: int, rule_id: int) -> Any:
        rule = access.rule_for(call.user, project_id, rule_id)
        project = project_for(call.user, project_id)
        return dry_run_shown(project, switch.dry_run(project, parse(rule.terms)))


class RuleOn(Endpoint):
    @deed("Switch a rule on", scope=Scope.PROJECTS, takes=Although, gives=RuleOut)
    def post(self, call: Call, project_id: int, rule_id: int) -> Any:
        """Refused with `stops_everybody`, `hits` and `workers` where it would have stopped everybody, or half."""
        rule = switch.switch_on(actor=call.user, project_id=project_id, rule_id=rule_id, **call.data)
        return _rule(rule, project_for(call.user, project_id))


class RuleOff(Endpoint):
    @deed("Switch a rule off", scope=Scope.PROJECTS, gives=RuleOut)
    def post(self, call: Call, project_id: int, rule_id: int) -> Any:
        rule = switch.switch_off(actor=call.user, project_id=project_id, rule_id=rule_id)
        return _rule(rule, project_for(call.user, project_id))


class Firings(Endpoint):
    @deed("What the rules of a project did", scope=Scope.READ, gives=FiringOut, filters=FiringFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        page = call.page.of(_filtered(access.firings_of(call.user, project_id), call))
        return Page(_firings(project, page.rows), page.next)


class FiringDecision(Endpoint):
    @deed("Follow what a rule proposes, or do not", scope=Scope.PROJECTS, takes=RuleDecision, gives=FiringOut)
    def post(self, call: Call, project_id: int, firing_id: int) -> Any:
        """A block from the whole site is for staff, at its own address."""
        access.firing_for(call.user, project_id, firing_id)
        return _decided(call, firing_id)


class FiringAnswer(Endpoint):
    @deed("Answer what a worker contests", scope=Scope.PROJECTS, takes=ContestAnswer, gives=FiringOut)
    def post(self, call: Call, project_id: int, firing_id: int) -> Any:
        """By somebody else than who decided it. `undo` takes it back."""
        access.firing_for(call.user, project_id, firing_id)
        firing = contest.answer(actor=call.user, firing_id=firing_id, **call.data)
        return _firings(access.project_of(firing), [firing])[0]


class StaffFirings(Endpoint):
    @deed("What rules of all projects did", scope=Scope.STAFF, gives=FiringOut, filters=FiringFilter, pages=True)
    def get(self, call: Call) -> Page:
        page = call.page.of(_filtered(access.firings_for_staff(call.user), call))
        return Page([_firings(one.project, [one])[0] for one in page.rows], page.next)


class StaffFiringDecision(Endpoint):
    @deed("Decide about a block from the whole site", scope=Scope.STAFF, takes=RuleDecision, gives=FiringOut)
    def post(self, call: Call, firing_id: int) -> Any:
        access.firings_for_staff(call.user)
        return _decided(call, firing_id)


class MyFirings(Endpoint):
    @deed("What rules found about me", scope=Scope.READ, gives=MyFiringOut, pages=True)
    def get(self, call: Call) -> Page:
        page = call.page.of(access.firings_about(call.worker))
        return Page([mine(one) for one in page.rows], page.next)


class MyContest(Endpoint):
    @deed("Contest what a rule did", scope=Scope.WORK, takes=Contest, gives=MyFiringOut)
    def post(self, call: Call, firing_id: int) -> Any:
        firing = contest.contest(worker=call.worker, firing_id=firing_id, **call.data)
        firing.project = access.project_of(firing)
        return mine(firing)


def mine(firing: Firing) -> dict[str, Any]:
    """A firing as its worker reads it."""
    plain = ("id", "state", "decision", "at", "ends_at", "contested_at", "answer_due_at", "answer")
    terms, project = parse(firing.terms), firing.project
    return {name: getattr(firing, name) for name in plain} | {
        "project": project.pk,
        "title": project.title,
        "action": terms.action,
        "reason": words.reason(terms, firing.evidence["figures"], currency=project.currency),
        "may_contest": contest.may_contest(firing),
    }


def dry_run_shown(project: Project, run: switch.DryRun) -> dict[str, Any]:
    codes = pseudonyms_for(project.organisation, [one.worker_id for one in run.findings])
    counts = {name: getattr(run, name) for name in ("at", "workers", "looked_at", "now", "ever")}
    return counts | {"hits": [_hit(one, codes[one.worker_id]) for one in run.findings]}


def _hit(one: Finding, code: str) -> dict[str, Any]:
    first = one.first
    return {
        "worker": code,
        "figures": dict(one.figures),
        "holds": one.holds,
        "first_at": first.at if first else None,
        "first_answers": first.answers if first else None,
    }


def _rule(rule: Rule, project: Project) -> dict[str, Any]:
    plain = ("id", "state", "terms", "created_at", "switched_at", "dry_run")
    sentence = words.sentence(parse(rule.terms), currency=project.currency)
    return {name: getattr(rule, name) for name in plain} | {"sentence": sentence}


def _filtered(firings: Any, call: Call) -> Any:
    state, contested = call.filters.get("state"), call.filters.get("open_contest")
    firings = firings.filter(state=state) if state else firings
    if contested is not None:
        firings = firings.filter(contested_at__isnull=not contested, answered_at=None)
    return firings


def _firings(project: Project, firings: Iterable[Firing]) -> list[dict[str, Any]]:
    firings = list(firings)
    others = [one.evidence["with_worker"] for one in firings if "with_worker" in one.evidence]
    codes = pseudonyms_for(project.organisation, [*(one.worker_id for one in firings), *others])
    plain = [name for name in FiringOut._declared_fields if name not in ("rule", "project", "worker", "findings")]
    return [
        {name: getattr(one, name) for name in plain}
        | {
            "rule": one.rule_id,
            "project": one.project_id,
            "worker": codes[one.worker_id],
            "findings": words.findings(parse(one.terms), one.evidence["figures"], currency=project.currency),
            "evidence": one.evidence | {"with_worker": codes.get(one.evidence.get("with_worker", 0))},
        }
        for one in firings
    ]


def _decided(call: Call, firing_id: int) -> Any:
    follow, reason = call.data["follow"], call.data["reason"]
    act = decide.follow if follow else decide.dismiss
    firing = act(actor=call.user, firing_id=firing_id, reason=reason)
    return _firings(access.project_of(firing), [firing])[0]
