"""Guidelines by label, questions about them, and rulings on what accurate workers disagree about."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row, Time
from crowd.api.paging import Page
from crowd.assignments.configs import parsed
from crowd.assignments.queries import visible_to
from crowd.guidance import groups, parts, queries
from crowd.guidance.groups import Group, Like
from crowd.guidance.models import Doubt, Ruling
from crowd.guidance.services import doubts, reopen, rule, write
from crowd.guidance.services.reopen import Which
from crowd.projects.access import project_for
from crowd.projects.models import GuidelinesVersion
from crowd.users.states import Scope


class PartsIn(Input):
    intro = serializers.CharField(required=False, allow_blank=True)
    labels = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text='`{"question", "label", "definition", "examples", "counter_examples", "edge_cases"}`',
    )


class PartsOut(Row):
    class Meta:
        model = GuidelinesVersion
        fields = ["version", "text", "parts", "created_at"]


class EffectOut(Facts):
    """Answers given under one version (null: before there were guidelines)."""

    version = serializers.IntegerField(allow_null=True)
    answers = serializers.IntegerField()
    gold_right = serializers.IntegerField()
    gold_wrong = serializers.IntegerField()
    gold_accuracy = serializers.FloatField(allow_null=True)
    labels = serializers.ListField(help_text="`[question, label, share]`")


class DoubtOut(Row):
    class Meta:
        model = Doubt
        fields = ["id", "project", "quote", "text", "asked_at", "answer", "answered_at"]


class NewDoubt(Input):
    text = serializers.CharField(max_length=doubts.MAX_TEXT)
    quote = serializers.CharField(required=False, allow_blank=True, help_text="The sentence that is meant.")


class DoubtAnswer(Input):
    text = serializers.CharField(max_length=doubts.MAX_TEXT, help_text="Everybody who works here reads it.")


class DoubtFilter(Filters):
    open = serializers.BooleanField(required=False, allow_null=True, default=None, source="answered_at__isnull")


class LikeOut(Facts):
    question = serializers.CharField()
    one = serializers.CharField()
    other = serializers.CharField()
    column = serializers.CharField()
    item_group = serializers.CharField()
    said_reason = serializers.CharField()


class GroupOut(LikeOut):
    """`cost`: merged labels that are expected to be wrong."""

    cost = serializers.FloatField()
    cases = serializers.JSONField(help_text='`[{"task", "unit", "said", "posterior"}]`')


class GroupFilter(Filters):
    column = serializers.CharField(required=False, default="", help_text="Of the items, that puts them into groups.")


class RulingOut(LikeOut):
    id = serializers.IntegerField()
    decided = serializers.CharField()
    text = serializers.CharField()
    version = serializers.IntegerField()
    decided_at = Time()
    cases = serializers.JSONField(help_text='`[{"task", "asked_anew", "made_gold"}]`')


class NewRuling(Input):
    question = serializers.CharField()
    one = serializers.CharField()
    other = serializers.CharField()
    column = serializers.CharField(required=False, allow_blank=True, default="")
    item_group = serializers.CharField(required=False, allow_blank=True, default="")
    said_reason = serializers.CharField(required=False, allow_blank=True, default="")
    decided = serializers.CharField(help_text="The label that is right.")
    text = serializers.CharField(max_length=rule.MAX_TEXT, help_text="Why; it stands in the guidelines.")
    ask_anew = serializers.ListField(child=Id(), required=False, default=list)
    make_gold = serializers.ListField(child=Id(), required=False, default=list)
    training = Id(required=False, allow_null=True, default=None)


class ReopeningFilter(Filters):
    question = serializers.CharField(required=False, default="")
    merged = serializers.CharField(
        required=False, default="", source="label", help_text="Tasks whose merged answer to `question` this label is."
    )
    below = serializers.FloatField(required=False, allow_null=True, default=None, help_text="Of their posterior.")


class Reopening(Input):
    question = serializers.CharField(required=False, allow_blank=True, default="")
    merged = serializers.CharField(required=False, allow_blank=True, default="", source="label")
    below = serializers.FloatField(required=False, allow_null=True, default=None)
    at_most_micros = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=2**62,
        help_text="Refused with 409 where it costs more.",
    )


class ReopeningOut(Facts):
    """`slots` answers are asked for again, for `price_micros`, of which the project's surplus pays a part."""

    tasks = serializers.IntegerField()
    answers = serializers.IntegerField(help_text="By earlier versions; they stop counting and are paid as usual.")
    slots = serializers.IntegerField()
    price_micros = serializers.IntegerField()
    from_surplus_micros = serializers.IntegerField()


class GuidelinesReopening(Endpoint):
    @deed("What reopening tasks would cost", scope=Scope.READ, gives=ReopeningOut, filters=ReopeningFilter)
    def get(self, call: Call, project_id: int) -> Any:
        """Tasks with answers by an earlier version of the guidelines: by label, by posterior, or all of them."""
        return reopen.plan(actor=call.user, project_id=project_id, which=Which(**call.filters))

    @deed("Reopen tasks after a change", scope=Scope.PROJECTS, takes=Reopening, gives=ReopeningOut)
    def post(self, call: Call, project_id: int) -> Any:
        """All or nothing: the price is reserved at the same moment."""
        given = dict(call.data)
        most = given.pop("at_most_micros")
        return reopen.reopen(actor=call.user, project_id=project_id, which=Which(**given), at_most_micros=most)


class GuidanceParts(Endpoint):
    @deed("Write guidelines label by label", scope=Scope.PROJECTS, takes=PartsIn, raw=True, gives=PartsOut)
    def put(self, call: Call, project_id: int) -> Any:
        """A new version. Its text is composed of the parts; workers are shown the difference before they go on."""
        return write.write(actor=call.user, project_id=project_id, data=call.data)


class GuidanceEffects(Endpoint):
    @deed("What each version of the guidelines changed", scope=Scope.READ, gives=EffectOut, many=True)
    def get(self, call: Call, project_id: int) -> Any:
        project = project_for(call.user, project_id)
        closed = [one.id for one in parts.closed(parsed(project.config_id))] if project.config_id else []
        plain = ("answers", "gold_right", "gold_wrong", "gold_accuracy", "labels")
        return [
            {name: getattr(one, name) for name in plain} | {"version": one.version.version if one.version else None}
            for one in queries.effects(project, questions=closed)
        ]


class Doubts(Endpoint):
    @deed("Questions about the guidelines", scope=Scope.READ, gives=DoubtOut, filters=DoubtFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        wanted = {name: value for name, value in call.filters.items() if value is not None}
        return call.page.of(Doubt.objects.filter(project=project_for(call.user, project_id), **wanted))


class DoubtAnswering(Endpoint):
    @deed("Answer a question, for everybody", scope=Scope.PROJECTS, takes=DoubtAnswer, gives=DoubtOut)
    def post(self, call: Call, project_id: int, doubt_id: int) -> Doubt:
        return doubts.answer(actor=call.user, project_id=project_id, doubt_id=doubt_id, **call.data)


class OfferDoubts(Endpoint):
    @deed("Questions that were answered", scope=Scope.READ, gives=DoubtOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return call.page.of(queries.published(visible_to(call.worker, project_id)))

    @deed("Ask about the guidelines", scope=Scope.WORK, takes=NewDoubt, gives=DoubtOut, status=201)
    def post(self, call: Call, project_id: int) -> Doubt:
        """The requester learns what is asked, never who asks."""
        return doubts.ask(worker=call.worker, project_id=project_id, **call.data)


class Disagreements(Endpoint):
    @deed(
        "What accurate workers disagree about, the most costly first",
        scope=Scope.READ,
        gives=GroupOut,
        filters=GroupFilter,
        many=True,
    )
    def get(self, call: Call, project_id: int) -> Any:
        found = groups.groups(project_for(call.user, project_id), **call.filters)
        return [_group(one) for one in found[: groups.SHOWN]]


class Rulings(Endpoint):
    @deed("Rulings of a project", scope=Scope.READ, gives=RulingOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        mine = Ruling.objects.filter(project=project_for(call.user, project_id)).select_related("version")
        page = call.page.of(mine)
        return Page([_ruling(one) for one in page.rows], page.next)

    @deed("Rule on a disagreement, once for all like cases", scope=Scope.PROJECTS, takes=NewRuling, gives=RulingOut)
    def post(self, call: Call, project_id: int) -> Any:
        """Everything that names the group, as the list gives it. Asked anew is only what `ask_anew` names."""
        given = dict(call.data)
        like = Like(**{name: given.pop(name) for name in Like.__dataclass_fields__})
        then = rule.Consequences(**{name: given.pop(name) for name in rule.Consequences.__dataclass_fields__})
        return _ruling(rule.rule(actor=call.user, project_id=project_id, like=like, then=then, **given))


def _like(of: Any) -> dict[str, Any]:
    return {name: getattr(of, name) for name in Like.__dataclass_fields__}


def _group(one: Group) -> dict[str, Any]:
    cases: list[Mapping[str, Any]] = [
        {"task": case.task_id, "unit": case.unit, "said": dict(case.said), "posterior": case.posterior}
        for case in one.cases
    ]
    return _like(one.like) | {"cost": one.cost, "cases": cases}


def _ruling(one: Ruling) -> dict[str, Any]:
    cases = [
        {"task": case.task_id, "asked_anew": case.asked_anew, "made_gold": case.made_gold}
        for case in one.cases.order_by("task")
    ]
    plain = {name: getattr(one, name) for name in ("id", "decided", "text", "decided_at")}
    return _like(one) | plain | {"version": one.version.version, "cases": cases}
