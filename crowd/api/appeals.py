"""Appeals against rejections, pauses and blocks; rejections that wait for staff; what workers say of requesters."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row, Time
from crowd.api.paging import Page
from crowd.assignments import queries as assignments
from crowd.assignments.models import HeldBatch
from crowd.assignments.states import HeldState
from crowd.kernel.errors import BadInput, NotFound
from crowd.projects.access import project_for
from crowd.review import access, queries
from crowd.review.models import Appeal, Rating
from crowd.review.services import appeals, held, peers, ratings
from crowd.review.states import AppealState
from crowd.rules.services import contest
from crowd.users.access import require_staff
from crowd.users.states import Scope
from workers.services.pseudonyms import pseudonyms_for

REASON = "The worker reads it, and the requester."


class AppealOut(Row):
    """One subject of the three is set: the rejection, the block, or the project that he is paused on."""

    class Meta:
        model = Appeal
        fields = ["id", "subject", "rejection", "block", "project", "text", "state", "opened_at", "due_at"]
        fields += ["decided_at", "reason"]


class NewAppeal(Input):
    """Exactly one of `rejection`, `project` (a pause there) and `block`."""

    rejection = Id(required=False)
    project = Id(required=False)
    block = Id(required=False)
    text = serializers.CharField(help_text="Why it is wrong; whoever decides reads it.")


class RatingOut(Row):
    class Meta:
        model = Rating
        fields = ["project", "pay", "clarity", "fairness", "rated_at"]


class NewRating(Input):
    pay = serializers.IntegerField(help_text="From 1 (bad) to 5 (good).")
    clarity = serializers.IntegerField()
    fairness = serializers.IntegerField()


class RatingsOut(Facts):
    """Means from 1 to 5; null where fewer than five workers have rated."""

    pay = serializers.FloatField(allow_null=True)
    clarity = serializers.FloatField(allow_null=True)
    fairness = serializers.FloatField(allow_null=True)


class RecordOut(Facts):
    """`decided`, `acceptance` and `pay_seconds` (median) of 90 days; appeals and ratings of a year."""

    decided = serializers.IntegerField()
    acceptance = serializers.FloatField(allow_null=True)
    pay_seconds = serializers.FloatField(allow_null=True)
    appeals = serializers.IntegerField(help_text="That were decided.")
    appeals_lost = serializers.IntegerField()
    ratings = RatingsOut()


class ProjectAppealOut(AppealOut):
    worker = serializers.CharField(source="pseudonym")

    class Meta(AppealOut.Meta):
        fields = [*AppealOut.Meta.fields, "worker"]


class StaffAppealOut(AppealOut):
    """`evidence`: what further workers, asked blind, said to the task: asked, answered, same, values."""

    worker = serializers.IntegerField(source="worker_id")
    organisation = serializers.IntegerField(source="organisation_id", allow_null=True)
    evidence = serializers.DictField()

    class Meta(AppealOut.Meta):
        fields = [*AppealOut.Meta.fields, "worker", "organisation", "evidence"]


class AppealFilter(Filters):
    state = serializers.ChoiceField(choices=AppealState.choices, required=False)


class Decision(Input):
    reason = serializers.CharField(help_text=REASON)


class HeldOut(Row):
    """Rejections that were so many at once that staff look first; `lines` have assignment, attempt, evidence, facts,
    the reason that its worker will read, and whether somebody else is asked in his place."""

    asked_at = Time()
    lines = serializers.SerializerMethodField()

    class Meta:
        model = HeldBatch
        fields = ["id", "project", "state", "lines", "reason", "share", "asked_at", "decided_at", "note"]

    def get_lines(self, one: HeldBatch) -> list[dict[str, Any]]:
        """A reviewer is a worker, whose account is none of the requester's business."""
        return [{name: value for name, value in line.items() if name != "by"} for line in one.lines]


class StaffHeldOut(HeldOut):
    """The same, and in each line by whose account it was asked."""

    def get_lines(self, one: HeldBatch) -> list[dict[str, Any]]:
        return list(one.lines)


class HeldFilter(Filters):
    state = serializers.ChoiceField(choices=HeldState.choices, required=False)


class AppealNote(Input):
    note = serializers.CharField(required=False, allow_blank=True, default="")


class MyAppeals(Endpoint):
    @deed("My appeals", scope=Scope.READ, gives=AppealOut, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.appeals_of(call.worker))

    @deed(
        "Appeal against a rejection, a pause or a block", scope=Scope.WORK, takes=NewAppeal, gives=AppealOut, status=201
    )
    def post(self, call: Call) -> Appeal:
        """Within the time that its notice names. Undecided in its time, it is granted."""
        named = [name for name in ("rejection", "project", "block") if call.data.get(name)]
        if len(named) != 1:
            raise BadInput(errors={"rejection": "Name one rejection, one project or one block."})
        worker, text, (name,) = call.worker, call.data["text"], named
        if name == "rejection":
            return appeals.against_rejection(worker=worker, rejection_id=call.data[name], text=text)
        if name == "project":
            return appeals.against_pause(worker=worker, project_id=call.data[name], text=text)
        return contest.against_block(worker=worker, block_id=call.data[name], text=text)


class MyRating(Endpoint):
    @deed("Rate the requester of a project I worked in", scope=Scope.WORK, takes=NewRating, gives=RatingOut)
    def put(self, call: Call, project_id: int) -> Rating:
        assignments.visible_to(call.worker, project_id)
        return ratings.rate(worker=call.worker, project_id=project_id, **call.data)


class RequesterRecord(Endpoint):
    @deed("The record of a project's requester", scope=Scope.READ, gives=RecordOut)
    def get(self, call: Call, project_id: int) -> queries.Record:
        return queries.record(assignments.visible_to(call.worker, project_id).organisation_id)


class ProjectAppeals(Endpoint):
    @deed("What workers contest in a project", scope=Scope.READ, gives=ProjectAppealOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        page = call.page.of(queries.appeals_about(project))
        codes = pseudonyms_for(project.organisation, [one.worker_id for one in page.rows])
        for one in page.rows:
            one.pseudonym = codes[one.worker_id]
        return page


class ProjectAppealGivenIn(Endpoint):
    @deed("Give in: the appeal is granted", scope=Scope.MONEY, takes=Decision, gives=AppealOut)
    def post(self, call: Call, project_id: int, appeal_id: int) -> Appeal:
        if not queries.appeals_about(project_for(call.user, project_id)).filter(pk=appeal_id).exists():
            raise NotFound
        return appeals.grant(actor=call.user, appeal_id=appeal_id, **call.data)


class ProjectHeldBatches(Endpoint):
    @deed("Rejections that wait for staff", scope=Scope.READ, gives=HeldOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return call.page.of(HeldBatch.objects.filter(project=project_for(call.user, project_id)))


class StaffAppeals(Endpoint):
    @deed("Appeals", scope=Scope.STAFF, gives=StaffAppealOut, filters=AppealFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        page = call.page.of(access.with_all().filter(**call.filters))
        for one in page.rows:
            one.evidence = peers.told(one) if one.state == AppealState.OPEN else one.evidence
        return page


class AppealGranting(Endpoint):
    @deed("Grant an appeal", scope=Scope.STAFF, takes=Decision, gives=StaffAppealOut)
    def post(self, call: Call, appeal_id: int) -> Appeal:
        require_staff(call.user)
        return appeals.grant(actor=call.user, appeal_id=appeal_id, **call.data)


class AppealUpholding(Endpoint):
    @deed("Do not grant an appeal: what was decided stands", scope=Scope.STAFF, takes=Decision, gives=StaffAppealOut)
    def post(self, call: Call, appeal_id: int) -> Appeal:
        require_staff(call.user)
        return appeals.uphold(actor=call.user, appeal_id=appeal_id, **call.data)


class StaffHeldBatches(Endpoint):
    @deed("Rejections that wait for staff", scope=Scope.STAFF, gives=StaffHeldOut, filters=HeldFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(HeldBatch.objects.filter(**call.filters))


class HeldBatchPassing(Endpoint):
    @deed("Let rejections pass", scope=Scope.STAFF, takes=AppealNote, gives=StaffHeldOut)
    def post(self, call: Call, held_batch_id: int) -> Any:
        held.let_pass(actor=call.user, batch_id=held_batch_id, **call.data)
        return HeldBatch.objects.get(pk=held_batch_id)


class HeldBatchRefusal(Endpoint):
    @deed("Do not let rejections pass", scope=Scope.STAFF, takes=AppealNote, gives=StaffHeldOut)
    def post(self, call: Call, held_batch_id: int) -> Any:
        held.refuse(actor=call.user, batch_id=held_batch_id, **call.data)
        return HeldBatch.objects.get(pk=held_batch_id)
