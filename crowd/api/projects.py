"""Projects of requesters: settings, price, and the way through their states."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Amount, Facts, Money, Row
from crowd.api.paging import Page
from crowd.assignments import queries as assignments
from crowd.projects import queries
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.projects.services import budget, draft, publish
from crowd.projects.states import PayPolicy, PersonalData, ProjectState, Warning, Workforce
from crowd.users.access import organisation_for
from crowd.users.states import Scope


class ProjectSettings(Input):
    """Settings of a project. After publishing only what stays fair to workers may change."""

    title = serializers.CharField(required=False, max_length=200)
    description = serializers.CharField(required=False, help_text="Workers read it in the list of projects.")
    workforce = serializers.ChoiceField(choices=Workforce.choices, required=False)
    personal_data = serializers.ChoiceField(choices=PersonalData.choices, required=False)
    content_warnings = serializers.MultipleChoiceField(choices=Warning.choices, required=False)
    split = serializers.DictField(required=False, help_text="How items are cut into tasks: {“by”: “sentence”, ...}.")
    currency = serializers.CharField(required=False)
    reward_micros = serializers.IntegerField(required=False, min_value=0, help_text="Millionths of the currency unit.")
    extra_budget_micros = serializers.IntegerField(required=False, min_value=0)
    pay_floor_micros = serializers.IntegerField(
        required=False, min_value=0, help_text="What an hour comes to at least, topped up; only higher than the site's."
    )
    redundancy = serializers.IntegerField(required=False, min_value=1, max_value=1000, help_text="Answers per task.")
    most_answers = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=2,
        max_value=1000,
        help_text="Buy further answers, one by one, up to so many a task; null: exactly `redundancy`.",
    )
    target_posterior = serializers.DecimalField(
        required=False,
        max_digits=5,
        decimal_places=4,
        help_text="A merged answer as sure as this gets no further ones.",
    )
    least_gain = serializers.DecimalField(
        required=False,
        max_digits=5,
        decimal_places=4,
        help_text="A further answer must be expected to raise the chance of being right by more than this.",
    )
    expected_s = serializers.IntegerField(required=False, allow_null=True, help_text="How long one task takes.")
    time_limit_s = serializers.IntegerField(required=False)
    grace_s = serializers.IntegerField(required=False)
    choose_tasks = serializers.BooleanField(required=False)
    max_tasks_per_worker = serializers.IntegerField(required=False, allow_null=True)
    gold_share = serializers.DecimalField(required=False, max_digits=5, decimal_places=4)
    gold_intervals = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Less gold for the proven: [{“from”: 50, “share”: “0.05”}], from so many submitted tasks on.",
    )
    repeat_share = serializers.DecimalField(
        required=False,
        max_digits=5,
        decimal_places=4,
        help_text="For opinions: the share of a worker's tasks that he answered himself before; they are paid.",
    )
    repeat_after = serializers.IntegerField(required=False, help_text="With so many of his answers between.")
    quiz_length = serializers.IntegerField(required=False)
    quiz_pass = serializers.IntegerField(
        required=False, allow_null=True, help_text="Right answers that pass; null: set by minimum_accuracy."
    )
    explain_misses = serializers.BooleanField(
        required=False, help_text="Whoever misses a gold task is shown the answer and the reason."
    )
    quiz_cap = serializers.IntegerField(required=False, help_text="How many quizzes you pay for.")
    minimum_accuracy = serializers.DecimalField(required=False, allow_null=True, max_digits=5, decimal_places=4)
    auto_accept_s = serializers.IntegerField(required=False)
    pay_policy = serializers.ChoiceField(choices=PayPolicy.choices, required=False)
    pay_threshold = serializers.DecimalField(required=False, allow_null=True, max_digits=5, decimal_places=4)
    aggregation_method = serializers.CharField(required=False)
    aggregation_parameters = serializers.DictField(required=False)
    aggregate_every = serializers.IntegerField(required=False)
    cannot_answer_limit = serializers.IntegerField(required=False)


SETTINGS = list(ProjectSettings().fields)


class ProjectOut(Row):
    """`reward` is paid for one accepted answer, `fee` on top of it to the site; a draft has no fee yet."""

    config_version = serializers.IntegerField(source="config.version", default=None, allow_null=True)
    guidelines_version = serializers.IntegerField(source="guidelines.version", default=None, allow_null=True)
    reward = Money("reward_micros")
    fee = Money("fee_micros")
    gold_reserve = Money("gold_reserve_micros")
    repeat_reserve = Money("repeat_reserve_micros")
    extra_reserve = Money("extra_reserve_micros")
    corrections_reserve = Money("corrections_reserve_micros")
    review_reserve = Money("review_reserve_micros")
    floor_reserve = Money("floor_reserve_micros")
    floor_missing = Money("floor_missing_micros")
    surplus = Money("surplus_micros")
    split = serializers.DictField()
    aggregation_parameters = serializers.DictField()
    gold_intervals = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = Project
        fields = ["id", "organisation", "state", *SETTINGS, "reward", "fee", "config_version", "guidelines_version"]
        fields += [
            "gold_reserve",
            "repeat_reserve",
            "extra_reserve",
            "corrections_reserve",
            "review_reserve",
            "floor_reserve",
            "floor_missing",
            "surplus",
            "created_at",
            "published_at",
            "pause_reason",
        ]
        fields += ["closing_at", "closed_at"]


class ProjectLine(Row):
    """A project in a list."""

    reward = Money("reward_micros")

    class Meta:
        model = Project
        fields = ["id", "organisation", "state", "title", "reward", "workforce", "created_at", "published_at"]


class ProjectFilter(Filters):
    state = serializers.ChoiceField(choices=ProjectState.choices, required=False)


class PriceOut(Facts):
    """What publishing costs, and the parts that add up to `total`; `total_fee` is contained in them."""

    reward = Money("reward_micros")
    fee = Money("fee_micros")
    slots = serializers.IntegerField(help_text="Answers wanted of ordinary tasks.")
    slots_price = Money("slots_micros")
    gold_answers = serializers.IntegerField(help_text="Answers to gold tasks that are paid for ahead.")
    gold_reserve = Money("gold_reserve_micros")
    repeat_answers = serializers.IntegerField(help_text="Repeats that are paid for ahead.")
    repeat_reserve = Money("repeat_reserve_micros")
    extra_reserve = Money("extra_reserve_micros")
    floor_reserve = Money("floor_reserve_micros")
    tier_reserves = Money("tiers_micros")
    total_fee = Money("total_fee_micros")
    total = Money("total_micros")


class ProgressOut(Facts):
    """`slots` answers are paid for, `answered` of them are there and count."""

    tasks = serializers.IntegerField()
    done = serializers.IntegerField()
    in_review = serializers.IntegerField()
    slots = serializers.IntegerField()
    answered = serializers.IntegerField()
    gold_answers = serializers.IntegerField()
    workers = serializers.IntegerField()


class Reason(Input):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class Budget(Input):
    reserve = serializers.CharField(
        max_length=20, help_text="“gold”, “repeats”, “extra”, “review”, “floor”, “tier-1” and so on."
    )
    amount = Amount(source="amount_micros")


class Projects(Endpoint):
    @deed("Projects of an organisation", scope=Scope.READ, gives=ProjectLine, filters=ProjectFilter, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        organisation = organisation_for(call.user, organisation_id)
        return call.page.of(Project.objects.filter(organisation=organisation, **call.filters))

    @deed("Make a draft", scope=Scope.PROJECTS, takes=ProjectSettings, raw=True, gives=ProjectOut, status=201)
    def post(self, call: Call, organisation_id: int) -> Project:
        organisation = organisation_for(call.user, organisation_id)
        return draft.create(actor=call.user, organisation=organisation, **call.data)


class ProjectView(Endpoint):
    @deed("One project", scope=Scope.READ, gives=ProjectOut)
    def get(self, call: Call, project_id: int) -> Project:
        return project_for(call.user, project_id)

    @deed("Change settings", scope=Scope.PROJECTS, takes=ProjectSettings, raw=True, gives=ProjectOut)
    def patch(self, call: Call, project_id: int) -> Project:
        return draft.edit(actor=call.user, project_id=project_id, **call.data)


class ProjectPrice(Endpoint):
    @deed("What publishing costs, in parts", scope=Scope.READ, gives=PriceOut)
    def get(self, call: Call, project_id: int) -> Any:
        return queries.price(project_for(call.user, project_id))


class ProjectProgress(Endpoint):
    @deed("How far the project is", scope=Scope.READ, gives=ProgressOut)
    def get(self, call: Call, project_id: int) -> Any:
        return assignments.progress(project_for(call.user, project_id))


class ProjectPublish(Endpoint):
    @deed("Reserve the price and open the project for work", scope=Scope.MONEY, gives=ProjectOut)
    def post(self, call: Call, project_id: int) -> Project:
        return publish.publish(actor=call.user, project_id=project_id)


class ProjectPause(Endpoint):
    @deed("Give out no more tasks for now", scope=Scope.PROJECTS, takes=Reason, gives=ProjectOut)
    def post(self, call: Call, project_id: int) -> Project:
        return publish.pause(actor=call.user, project_id=project_id, **call.data)


class ProjectResume(Endpoint):
    @deed("Give out tasks again", scope=Scope.PROJECTS, gives=ProjectOut)
    def post(self, call: Call, project_id: int) -> Project:
        return publish.resume(actor=call.user, project_id=project_id)


class ProjectClose(Endpoint):
    @deed("Give out no more tasks for ever", scope=Scope.PROJECTS, takes=Reason, gives=ProjectOut)
    def post(self, call: Call, project_id: int) -> Project:
        """What was taken is finished, decided and paid; then the project is closed and the rest returned."""
        return publish.start_closing(actor=call.user, project_id=project_id, **call.data)


class ProjectDiscard(Endpoint):
    @deed("Throw a draft away", scope=Scope.PROJECTS, gives=ProjectOut)
    def post(self, call: Call, project_id: int) -> Project:
        return draft.discard(actor=call.user, project_id=project_id)


class ProjectBudget(Endpoint):
    @deed("Raise a reserve of a published project", scope=Scope.MONEY, takes=Budget, gives=ProjectOut)
    def post(self, call: Call, project_id: int) -> Project:
        return budget.add_budget(actor=call.user, project_id=project_id, **call.data)
