"""Staff: payouts in batches. One builds, another approves; the file is built once and gives the same bytes again."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers

from crowd.api.body import Filters, Input, read_small
from crowd.api.deeds import Call, Endpoint, FormEndpoint, deed
from crowd.api.fields import Facts, Money, Row, ids
from crowd.api.paging import Page
from crowd.api.staff_money import Reference, StaffReason
from crowd.kernel.errors import BadInput
from crowd.payouts import queries
from crowd.payouts.access import batch_for
from crowd.payouts.models import Batch, Payout
from crowd.payouts.services import batches, outcome, sending
from crowd.payouts.states import BatchState, PayoutState
from crowd.users.access import require_staff
from crowd.users.states import Scope


class StaffPayoutOut(Row):
    """Where it goes is masked here; the file of its batch tells the provider."""

    amount = Money("amount_micros")
    masked = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = Payout
        fields = ["id", "worker", "state", "amount", "method", "masked", "batch", "provider_reference", "reason"]
        fields += ["requested_at", "decided_at", "decided_by", "finished_at"]


class BatchOut(Row):
    payouts = serializers.IntegerField(source="sums.payouts")
    amount = Money("sums.amount_micros")

    class Meta:
        model = Batch
        fields = ["id", "state", "provider", "payouts", "amount", "built_by", "built_at", "approved_by", "approved_at"]
        fields += ["sent_at", "settled_at", "file_sha256"]


class PayoutFilter(Filters):
    """state=requested: the queue."""

    state = serializers.ChoiceField(choices=PayoutState.choices, required=False)
    currency = serializers.CharField(required=False)
    batch = serializers.IntegerField(required=False)


class BatchFilter(Filters):
    state = serializers.ChoiceField(choices=BatchState.choices, required=False)


class NewBatch(Input):
    provider = serializers.CharField(default="csv", help_text="How it is paid.")
    currency = serializers.CharField()
    payouts = ids(source="payout_ids")


class Results(Input):
    file = serializers.FileField(help_text="What the provider says became of each payout.")


class ResultsOut(Facts):
    confirmed = serializers.IntegerField()
    failed = serializers.IntegerField()
    known = serializers.IntegerField(help_text="Rows that said what was known already.")


class Payouts(Endpoint):
    @deed("Payouts", scope=Scope.STAFF, gives=StaffPayoutOut, filters=PayoutFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Payout.objects.filter(**call.filters))


class PayoutConfirmation(Endpoint):
    @deed("A payout arrived", scope=Scope.STAFF, takes=Reference, gives=StaffPayoutOut)
    def post(self, call: Call, payout_id: int) -> Payout:
        return outcome.confirm(actor=call.user, payout_id=payout_id, **call.data)


class PayoutFailure(Endpoint):
    @deed(
        "A payout failed; the money is the worker's again", scope=Scope.STAFF, takes=StaffReason, gives=StaffPayoutOut
    )
    def post(self, call: Call, payout_id: int) -> Payout:
        return outcome.fail(actor=call.user, payout_id=payout_id, **call.data)


class PayoutRefusal(Endpoint):
    @deed("A payout is not sent", scope=Scope.STAFF, takes=StaffReason, gives=StaffPayoutOut)
    def post(self, call: Call, payout_id: int) -> Payout:
        return outcome.refuse(actor=call.user, payout_id=payout_id, **call.data)


class Batches(Endpoint):
    @deed("Batches", scope=Scope.STAFF, gives=BatchOut, filters=BatchFilter, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        page = call.page.of(Batch.objects.filter(**call.filters).defer("file", "file_key"))
        return Page([_summed(batch) for batch in page.rows], page.next)

    @deed("Build a batch of requested payouts", scope=Scope.STAFF, takes=NewBatch, gives=BatchOut, status=201)
    def post(self, call: Call) -> Any:
        return _summed(batches.build(actor=call.user, **call.data))


class BatchView(Endpoint):
    @deed("One batch", scope=Scope.STAFF, gives=BatchOut)
    def get(self, call: Call, batch_id: int) -> Any:
        return _summed(batch_for(call.user, batch_id))


class BatchApproval(Endpoint):
    @deed("Approve a batch, as the second person", scope=Scope.STAFF, gives=BatchOut)
    def post(self, call: Call, batch_id: int) -> Any:
        return _summed(batches.approve(actor=call.user, batch_id=batch_id))


class BatchRefusal(Endpoint):
    @deed("Give up a batch that was not sent", scope=Scope.STAFF, takes=StaffReason, gives=BatchOut)
    def post(self, call: Call, batch_id: int) -> Any:
        return _summed(batches.refuse(actor=call.user, batch_id=batch_id, **call.data))


class BatchSending(Endpoint):
    @deed("Build the file of an approved batch", scope=Scope.STAFF, gives=BatchOut)
    def post(self, call: Call, batch_id: int) -> Any:
        return _summed(sending.send(actor=call.user, batch_id=batch_id))


class BatchFile(Endpoint):
    @deed("The file of a sent batch, always the same bytes", scope=Scope.STAFF, rate="heavy", files=("text/csv",))
    def get(self, call: Call, batch_id: int) -> HttpResponse:
        file = sending.download(actor=call.user, batch_id=batch_id)
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "X-Content-Type-Options": "nosniff"}
        return HttpResponse(file.content, content_type=file.content_type, headers=headers)


class BatchResults(FormEndpoint):
    @deed("Confirm and fail by the provider's file", scope=Scope.STAFF, rate="heavy", takes=Results, gives=ResultsOut)
    def post(self, call: Call, batch_id: int) -> outcome.Report:
        """All rows or none; the same file again changes nothing."""
        text = _text(read_small(call.data["file"]))
        return outcome.take_results(actor=call.user, batch_id=batch_id, text=text)


def _summed(batch: Any) -> Any:
    batch.sums = queries.sums_of(batch)
    return batch


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(errors={"file": f"This is not UTF-8: byte {error.start + 1}."}) from error
