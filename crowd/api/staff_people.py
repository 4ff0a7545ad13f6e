"""Staff: workers of the whole site, blocks, rejections that are overturned, who is staff, and the audit log."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import SESSION, Call, Endpoint, deed
from crowd.api.fields import Facts, Id, Row, Time
from crowd.api.paging import Page
from crowd.api.requester_assignments import RejectionOut
from crowd.api.staff_money import StaffReason
from crowd.assignments.models import Rejection
from crowd.assignments.services import reject
from crowd.assignments.states import RejectionState
from crowd.kernel.errors import NotFound
from crowd.users.access import require_staff
from crowd.users.models import AuditEntry, User
from crowd.users.services import staff
from crowd.users.states import Scope
from workers.models import Block, Worker
from workers.services import blocks
from workers.states import WorkerState


class SiteBlockOut(Row):
    class Meta:
        model = Block
        fields = ["id", "organisation", "reason", "created_at", "ends_at", "lifted_at"]


class StaffWorkerOut(Row):
    class Meta:
        model = Worker
        fields = ["id", "state", "country", "subdivision", "languages", "joined_at", "submitted_count"]
        fields += ["accepted_count", "rejected_count"]


class StaffWorkerDetail(StaffWorkerOut):
    user = serializers.IntegerField(source="user_id")
    email = serializers.EmailField(source="user.email")
    blocks = SiteBlockOut(many=True)

    class Meta(StaffWorkerOut.Meta):
        fields = [*StaffWorkerOut.Meta.fields, "user", "email", "blocks"]


class StaffWorkerFilter(Filters):
    state = serializers.ChoiceField(choices=WorkerState.choices, required=False)
    email = serializers.CharField(required=False, source="user__email__iexact")


class NewSiteBlock(Input):
    reason = serializers.CharField(help_text="The worker reads it.")
    ends_at = Time(required=False, allow_null=True)


class LiftReason(Input):
    reason = serializers.CharField(required=False, allow_blank=True)


class StaffRejectionOut(RejectionOut):
    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id")
    assignment = serializers.IntegerField(source="assignment_id")
    rejected_by = serializers.IntegerField(source="rejected_by_id")


class RejectionFilter(Filters):
    state = serializers.ChoiceField(choices=RejectionState.choices, required=False)
    project = Id(required=False)


class StaffAuditOut(Row):
    before = serializers.DictField()
    after = serializers.DictField()

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "actor", "action", "subject_type", "subject_id", "organisation", "before", "after"]
        fields += ["reason"]


class AuditFilter(Filters):
    subject_type = serializers.CharField(required=False, help_text="“projects.project”")
    subject_id = Id(required=False)
    organisation = Id(required=False)
    actor = Id(required=False)
    action = serializers.CharField(required=False)


class StaffMember(Facts):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    is_staff = serializers.BooleanField()


class StaffWorkers(Endpoint):
    @deed("Workers of the site", scope=Scope.STAFF, gives=StaffWorkerOut, filters=StaffWorkerFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Worker.objects.filter(**call.filters))


class StaffWorker(Endpoint):
    @deed("One worker, with his blocks", scope=Scope.STAFF, gives=StaffWorkerDetail)
    def get(self, call: Call, worker_id: int) -> Any:
        require_staff(call.user)
        return _worker(worker_id)


class StaffWorkerBlock(Endpoint):
    @deed("Keep a worker from the whole site", scope=Scope.STAFF, takes=NewSiteBlock, gives=StaffWorkerDetail)
    def post(self, call: Call, worker_id: int) -> Any:
        """What he has earned stays his, visible and payable."""
        blocks.block_on_site(actor=call.user, worker_id=worker_id, **call.data)
        return _worker(worker_id)


class StaffBlockLift(Endpoint):
    @deed("Lift a block of the site", scope=Scope.STAFF, takes=LiftReason, gives=SiteBlockOut)
    def post(self, call: Call, block_id: int) -> Block:
        require_staff(call.user)
        return blocks.lift(actor=call.user, block_id=block_id, **call.data)


class StaffRejections(Endpoint):
    @deed("Rejections", scope=Scope.STAFF, gives=StaffRejectionOut, filters=RejectionFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Rejection.objects.filter(**call.filters))


class Overturning(Endpoint):
    @deed(
        "Overturn a rejection: the answer is accepted and paid",
        scope=Scope.STAFF,
        takes=StaffReason,
        gives=StaffRejectionOut,
    )
    def post(self, call: Call, assignment_id: int) -> Rejection:
        return reject.overturn(actor=call.user, assignment_id=assignment_id, **call.data)


class StaffAudit(Endpoint):
    @deed("The audit log", scope=Scope.STAFF, gives=StaffAuditOut, filters=AuditFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(AuditEntry.objects.filter(**call.filters))


class StaffGrant(Endpoint):
    @deed("Make a person staff (superusers only)", scope=SESSION, takes=StaffReason, gives=StaffMember)
    def post(self, call: Call, user_id: int) -> User:
        return staff.grant_staff(actor=call.user, user_id=user_id, **call.data)

    @deed("A person is staff no longer (superusers only)", scope=SESSION, takes=StaffReason, gives=StaffMember)
    def delete(self, call: Call, user_id: int) -> User:
        return staff.withdraw_staff(actor=call.user, user_id=user_id, **call.data)


def _worker(worker_id: int) -> Any:
    found: Any = Worker.objects.select_related("user").filter(pk=worker_id).first()
    if found is None:
        raise NotFound
    return found
