"""Qualifications that workers ask for, and who decides about that."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers

from crowd.api.body import Input, read_small
from crowd.api.deeds import Call, Endpoint, FormEndpoint, deed
from crowd.api.fields import Facts, Row, Time
from crowd.api.paging import Page
from crowd.api.qualifications import codes_for
from crowd.kernel.downloads import attachment
from crowd.users.states import Scope
from qualifications import queries
from qualifications.access import managed_qualification
from qualifications.models import GrantRequest, Qualification
from qualifications.services import requests
from qualifications.states import RequestState


class RequestOut(Row):
    """What a worker asked for. A document is never part of it: staff read it at an address of its own."""

    class Meta:
        model = GrantRequest
        fields = ["id", "qualification", "state", "message", "asked_at", "decided_at", "reason"]


class RequestForDecision(Facts):
    """`worker` is the pseudonym in the organisation; for qualifications of the site “#12”."""

    id = serializers.IntegerField()
    worker = serializers.CharField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    message = serializers.CharField()
    document_type = serializers.CharField()
    asked_at = Time()
    decided_at = Time(allow_null=True)
    reason = serializers.CharField()


class NewRequest(Input):
    message = serializers.CharField(required=False, allow_blank=True, default="")
    document = serializers.FileField(required=False, help_text="PDF, PNG or JPEG, at most 5 MB; only staff read it.")


class Granting(Input):
    value = serializers.IntegerField(default=100, min_value=0, max_value=100)
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    expires_at = Time(required=False, allow_null=True, help_text="Must be said where a document proves it.")


class RequestRefusalIn(Input):
    reason = serializers.CharField(help_text="The worker reads it.")


class MyRequests(Endpoint):
    @deed("The qualifications that I asked for", scope=Scope.READ, gives=RequestOut, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.requests_of(call.worker))


class RequestWithdrawal(Endpoint):
    @deed("Withdraw a request of mine", scope=Scope.WORK, gives=RequestOut)
    def post(self, call: Call, request_id: int) -> GrantRequest:
        return requests.withdraw(user=call.user, request_id=request_id)


class Requests(FormEndpoint):
    @deed("What workers asked for", scope=Scope.READ, gives=RequestForDecision, pages=True)
    def get(self, call: Call, qualification_id: int) -> Page:
        qualification = managed_qualification(call.user, qualification_id)
        page = call.page.of(queries.requests_for(qualification))
        return Page(_asked(qualification, list(page.rows)), page.next)

    @deed("Ask for a qualification", scope=Scope.WORK, takes=NewRequest, gives=RequestOut, status=201)
    def post(self, call: Call, qualification_id: int) -> GrantRequest:
        """Granted at once, decided by a person, or verified by staff from a document, as its `asking` says."""
        file = call.data.get("document")
        return requests.ask(
            user=call.user,
            qualification_id=qualification_id,
            message=call.data["message"],
            document=read_small(file) if file else None,
        )


class RequestGranting(Endpoint):
    @deed("Grant what a worker asked for", scope=Scope.PROJECTS, takes=Granting, gives=RequestForDecision)
    def post(self, call: Call, request_id: int) -> Any:
        done = requests.grant_request(actor=call.user, request_id=request_id, **call.data)
        return _asked(done.qualification, [done])[0]


class RequestRefusal(Endpoint):
    @deed("Refuse what a worker asked for", scope=Scope.PROJECTS, takes=RequestRefusalIn, gives=RequestForDecision)
    def post(self, call: Call, request_id: int) -> Any:
        done = requests.refuse_request(actor=call.user, request_id=request_id, reason=call.data["reason"])
        return _asked(done.qualification, [done])[0]


class RequestDocument(Endpoint):
    @deed("The document of a request", scope=Scope.STAFF, files=("application/pdf", "image/png", "image/jpeg"))
    def get(self, call: Call, request_id: int) -> HttpResponse:
        content, kind = requests.document_of(actor=call.user, request_id=request_id)
        return attachment(content, kind, f"document-{request_id}.{kind.split('/')[1]}")


def _asked(qualification: Qualification, rows: list[GrantRequest]) -> list[dict[str, Any]]:
    codes = codes_for(qualification, [one.worker_id for one in rows])
    names = ("id", "state", "message", "document_type", "asked_at", "decided_at", "reason")
    return [{**{name: getattr(one, name) for name in names}, "worker": codes[one.worker_id]} for one in rows]
