"""Tests of qualifications: made by requesters and staff, taken by workers, graded at once."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Amount, Facts, Money, Row, Time
from crowd.api.paging import Page
from crowd.kernel import clock
from crowd.kernel.errors import NotFound
from crowd.users.states import Scope
from qualifications import queries
from qualifications.access import managed_qualification, qualification_for
from qualifications.models import Attempt, Test, TestPay
from qualifications.services import attempts, test_pay, tests
from qualifications.services.marking import Feedback


class PaperOut(Facts):
    """Answer the items in this order, within the deadline; of a training one by one, `answered` of them are done."""

    attempt = serializers.IntegerField(source="attempt.pk")
    deadline = Time(source="attempt.deadline")
    pays = Money("attempt.pays_micros", "attempt.currency", allow_null=True)
    training = serializers.BooleanField(source="attempt.test.training")
    answered = serializers.IntegerField()
    config = serializers.DictField()
    items = serializers.ListField(child=serializers.DictField())


class AttemptOut(Row):
    """`pays`: what it was promised when it began, paid when it was handed in, passed or not."""

    pays = Money("pays_micros", allow_null=True)

    class Meta:
        model = Attempt
        fields = ["id", "qualification", "state", "started_at", "deadline", "submitted_at", "score", "passed", "pays"]


class FeedbackOut(Facts):
    """`answer` is the right one, where yours was not. After the last item the attempt is graded."""

    item = serializers.IntegerField(source="place")
    right = serializers.BooleanField()
    answer = serializers.DictField(allow_null=True)
    explanation = serializers.CharField()
    attempt = AttemptOut()


class TestFacts(Facts):
    """What a test is like, before it begins, and what it pays: one try, passed or not. 0: nothing, `unpaid` says why.

    `typical_s`: the median of the newest tries. `retry_at`: when you may try (again); `closed` says why you cannot.
    """

    items = serializers.IntegerField()
    drawn = serializers.BooleanField(help_text="From a larger pool: another try asks other questions.")
    training = serializers.BooleanField()
    time_limit_s = serializers.IntegerField()
    typical_s = serializers.IntegerField(allow_null=True)
    pays = Money("pays_micros", allow_null=True, help_text="null: this test is not paid.")
    unpaid = serializers.CharField()
    pass_mark = serializers.IntegerField()
    retry_delay_s = serializers.IntegerField(allow_null=True)
    valid_days = serializers.IntegerField(allow_null=True)
    closed = serializers.CharField()
    retry_at = Time(allow_null=True)


class ItemAnswer(Input):
    item = serializers.IntegerField(min_value=0, help_text="Its place in the paper, from 0 on.")
    answer = serializers.JSONField()


class Beginning(Input):
    pays = Amount(
        source="pays_micros",
        required=False,
        help_text="What you read that it pays: if that has changed, it does not begin.",
    )
    currency = serializers.CharField(source="pays_currency", required=False, help_text="Of `pays`, as you read it.")


class TestPayIn(Input):
    currency = serializers.CharField()
    reward = Amount(source="reward_micros", help_text="Of each try from now on, once a worker; “0”: none is paid.")
    add = Amount(source="add_micros", required=False, help_text="So much more is set aside, with the site's fee in it.")
    key = serializers.CharField(required=False, help_text="Your own: with the same one it is set aside once.")


class TestPayOut(Facts):
    """`reserve` is set aside, and promised to nobody: `tries` more are paid for."""

    reward = Money("reward_micros")
    fee = Money("fee_micros")
    reserve = Money("reserve_micros")
    tries = serializers.IntegerField()


class TestPayBackOut(Facts):
    returned_micros = serializers.IntegerField()


class TestAnswers(Input):
    answers = serializers.ListField(child=serializers.JSONField(), help_text="One an item, in order.")


class NewTest(Input):
    config = serializers.DictField(help_text="A label config.")
    items = serializers.ListField(
        child=serializers.DictField(),
        help_text="[{“payload”: {...}, “key”: gold, “points”: 1, “explanation”: “...”, “pool”: “easy”}]; instead of a "
        "key “scores”: {question: {“options”: [{“answer”: ..., “score”: 5}], “default”: 0}}.",
    )
    pass_mark = serializers.IntegerField(min_value=0, max_value=100, help_text="The least value that passes.")
    time_limit_s = serializers.IntegerField()
    retry_delay_s = serializers.IntegerField(required=False, allow_null=True, help_text="null: one try for ever.")
    mapping = serializers.DictField(
        required=False,
        help_text="Points to value. {}: the share of the points in per cent; {“kind”: “sum”}; {“kind”: “percentage”, "
        "“maximum”: 15}; {“kind”: “scale”, “multiplier”: 0.5}; {“kind”: “range”, “ranges”: [{“from”: 0, “to”: 5, "
        "“value”: 10}], “otherwise”: 0}.",
    )
    draw = serializers.DictField(
        child=serializers.IntegerField(),
        required=False,
        help_text="How many items a try gets of each pool, “” for items without one. {}: all of them, in order.",
    )
    training = serializers.BooleanField(
        default=False, help_text="One item after the other, with the explanation after each wrong answer."
    )


class TestOut(Row):
    config = serializers.DictField()
    items = serializers.ListField(child=serializers.DictField())
    mapping = serializers.DictField()
    draw = serializers.DictField(child=serializers.IntegerField())

    class Meta:
        model = Test
        fields = [
            *("version", "config", "items", "mapping", "draw", "training"),
            *("pass_mark", "time_limit_s", "retry_delay_s", "created_at"),
        ]


class MyAttempts(Endpoint):
    @deed("The tests that I took", scope=Scope.READ, gives=AttemptOut, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.attempts_of(call.worker))


class AttemptStart(Endpoint):
    @deed("Begin the test of a qualification", scope=Scope.WORK, takes=Beginning, gives=PaperOut, status=201)
    def post(self, call: Call, qualification_id: int) -> attempts.Paper:
        """Asked again while it runs: the same paper."""
        return attempts.start_attempt(user=call.user, qualification_id=qualification_id, **call.data)


class AttemptSubmission(Endpoint):
    @deed("Hand in a test; it is graded at once", scope=Scope.WORK, takes=TestAnswers, gives=AttemptOut)
    def post(self, call: Call, attempt_id: int) -> Attempt:
        return attempts.submit_attempt(user=call.user, attempt_id=attempt_id, given=call.data["answers"])


class AttemptItem(Endpoint):
    @deed("Answer the next item of a training", scope=Scope.WORK, takes=ItemAnswer, gives=FeedbackOut)
    def post(self, call: Call, attempt_id: int) -> Feedback:
        """What was right, and why; the first answer to each item counts."""
        place, given = call.data["item"], call.data["answer"]
        return attempts.answer_item(user=call.user, attempt_id=attempt_id, place=place, given=given)


class TestView(Endpoint):
    @deed("What the test of a qualification is like", scope=Scope.READ, gives=TestFacts)
    def get(self, call: Call, qualification_id: int) -> Any:
        qualification = qualification_for(call.user, qualification_id)
        return queries.test_for(call.worker, qualification, now=clock.now())


class TestPayView(Endpoint):
    @deed("What a test pays, and what is set aside for it", scope=Scope.READ, gives=TestPayOut)
    def get(self, call: Call, qualification_id: int) -> TestPay:
        found = TestPay.objects.filter(qualification=managed_qualification(call.user, qualification_id)).first()
        if found is None:
            raise NotFound(_("This test is not paid."))
        return found

    @deed(
        "Say what a test pays, and set money aside", scope=Scope.MONEY, rate="money", takes=TestPayIn, gives=TestPayOut
    )
    def put(self, call: Call, qualification_id: int) -> TestPay:
        """Tries under way keep what they were promised."""
        return test_pay.set_pay(actor=call.user, qualification_id=qualification_id, **call.data)


class TestPayBack(Endpoint):
    @deed("Take back what is set aside for a test", scope=Scope.MONEY, rate="money", gives=TestPayBackOut)
    def post(self, call: Call, qualification_id: int) -> Any:
        """All that is promised to nobody."""
        return {"returned_micros": test_pay.take_back(actor=call.user, qualification_id=qualification_id)}


class Tests(Endpoint):
    @deed("The versions of a qualification's test, with keys", scope=Scope.READ, gives=TestOut, pages=True)
    def get(self, call: Call, qualification_id: int) -> Page:
        qualification = managed_qualification(call.user, qualification_id)
        return call.page.of(Test.objects.filter(qualification=qualification))

    @deed("Make a test, or its next version", scope=Scope.PROJECTS, takes=NewTest, gives=TestOut, status=201)
    def post(self, call: Call, qualification_id: int) -> Test:
        config, items = call.data.pop("config"), call.data.pop("items")
        return tests.create_test(
            actor=call.user,
            qualification_id=qualification_id,
            config=config,
            items=items,
            rules=tests.Rules(**call.data),
        )
