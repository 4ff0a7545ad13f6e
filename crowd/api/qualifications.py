"""Qualifications: what workers can browse, earn by a test and hold; what requesters and staff make and grant."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from rest_framework import serializers

from crowd.api.body import Filters, Input, read_small
from crowd.api.deeds import ANYBODY, Call, Endpoint, FormEndpoint, deed
from crowd.api.fields import Facts, Row, Time
from crowd.api.items import RowError
from crowd.api.paging import Page
from crowd.kernel import clock, signing
from crowd.kernel.downloads import attachment
from crowd.users.access import organisation_for, require_staff
from crowd.users.states import Scope
from qualifications import queries
from qualifications.access import managed_qualification, qualification_for
from qualifications.models import Attempt, BroughtRecord, Grant, GrantRequest, Qualification, Test
from qualifications.services import attempts, catalogue, grant_files, grants, records, requests, tests
from qualifications.services.marking import Feedback
from qualifications.states import Asking, GrantState, RequestState
from workers.services.pseudonyms import pseudonyms_for

ASKING = "What happens when a worker asks for it; “” means that nobody can."
VALID = "How long it lasts when earned by a test or by asking; 0: for good."


class QualificationOut(Row):
    """`organisation` is null for those of the site; `system` ones are read from the worker and never granted."""

    class Meta:
        model = Qualification
        fields = [
            *("id", "organisation", "name", "description", "system", "subject"),
            *("public", "active", "asking", "auto_value", "valid_days", "created_at"),
        ]


class ListedOut(QualificationOut):
    """`has_test` or `asking`: you can earn it yourself."""

    has_test = serializers.BooleanField()

    class Meta(QualificationOut.Meta):
        fields = [*QualificationOut.Meta.fields, "has_test"]


class MyGrant(Row):
    qualification = QualificationOut()

    class Meta:
        model = Grant
        fields = ["qualification", "value", "granted_at", "expires_at", "reason"]


class PaperOut(Facts):
    """Answer the items in this order, within the deadline; of a training one by one, `answered` of them are done."""

    attempt = serializers.IntegerField(source="attempt.pk")
    deadline = Time(source="attempt.deadline")
    training = serializers.BooleanField(source="attempt.test.training")
    answered = serializers.IntegerField()
    config = serializers.DictField()
    items = serializers.ListField(child=serializers.DictField())


class AttemptOut(Row):
    class Meta:
        model = Attempt
        fields = ["id", "qualification", "state", "started_at", "deadline", "submitted_at", "score", "passed"]


class FeedbackOut(Facts):
    """`answer` is the right one, where yours was not. After the last item the attempt is graded."""

    item = serializers.IntegerField(source="place")
    right = serializers.BooleanField()
    answer = serializers.DictField(allow_null=True)
    explanation = serializers.CharField()
    attempt = AttemptOut()


class TestFacts(Facts):
    """What a test is like, before it begins. It is not paid; a quiz at the beginning of a project is.

    `typical_s`: the median of the newest tries. `retry_at`: when you may try (again); `closed` says why you cannot.
    """

    items = serializers.IntegerField()
    drawn = serializers.BooleanField(help_text="From a larger pool: another try asks other questions.")
    training = serializers.BooleanField()
    time_limit_s = serializers.IntegerField()
    typical_s = serializers.IntegerField(allow_null=True)
    pays = serializers.IntegerField(help_text="Micros; 0: it is not paid.")
    pass_mark = serializers.IntegerField()
    retry_delay_s = serializers.IntegerField(allow_null=True)
    valid_days = serializers.IntegerField(allow_null=True)
    closed = serializers.CharField()
    retry_at = Time(allow_null=True)


class SkillOut(Facts):
    """Known answers of one kind of work, older ones counting less; `value` is null where they are too few."""

    qualification = serializers.IntegerField(source="skill.qualification_id")
    kind = serializers.CharField(source="skill.qualification.subject")
    value = serializers.IntegerField(allow_null=True)
    right = serializers.FloatField()
    wrong = serializers.FloatField()
    as_of = Time(source="skill.as_of")


class SignedRecordOut(Facts):
    """A JSON Web Signature (RFC 7515, flattened, EdDSA): `payload` is the record, base64url."""

    protected = serializers.CharField()
    payload = serializers.CharField()
    signature = serializers.CharField()


class RecordKeyOut(Facts):
    """What this site's records are signed with: Ed25519, 32 bytes, base64url."""

    site = serializers.CharField()
    key = serializers.CharField()


class SignedRecordIn(Input):
    record = serializers.DictField(help_text="As another site gave it.")


class BroughtOut(Row):
    skills = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = BroughtRecord
        fields = ["site", "skills", "brought_at"]


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


class ItemAnswer(Input):
    item = serializers.IntegerField(min_value=0, help_text="Its place in the paper, from 0 on.")
    answer = serializers.JSONField()


class TestAnswers(Input):
    answers = serializers.ListField(child=serializers.JSONField(), help_text="One an item, in order.")


class NewQualification(Input):
    name = serializers.CharField()
    description = serializers.CharField(required=False, allow_blank=True)
    public = serializers.BooleanField(default=True)
    asking = serializers.ChoiceField(choices=Asking.choices, required=False, help_text=ASKING)
    auto_value = serializers.IntegerField(required=False, min_value=0, max_value=100, help_text="Granted at once.")
    valid_days = serializers.IntegerField(required=False, min_value=0, help_text=VALID)


class NewSiteQualification(NewQualification):
    language = serializers.CharField(
        required=False, allow_blank=True, help_text="“pt-BR”: how well somebody knows it, earned by its test."
    )


class QualificationEdit(Input):
    name = serializers.CharField(required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    public = serializers.BooleanField(required=False, allow_null=True, default=None)
    active = serializers.BooleanField(required=False, allow_null=True, default=None)
    asking = serializers.ChoiceField(choices=Asking.choices, required=False, help_text=ASKING)
    auto_value = serializers.IntegerField(required=False, min_value=0, max_value=100)
    valid_days = serializers.IntegerField(required=False, min_value=0, help_text=VALID)


class GrantOut(Facts):
    """`worker` is the pseudonym in the organisation; for qualifications of the site, which staff grant, “#12”."""

    worker = serializers.CharField()
    state = serializers.ChoiceField(choices=GrantState.choices)
    value = serializers.IntegerField()
    reason = serializers.CharField()
    granted_at = Time()
    expires_at = Time(allow_null=True)


class NewGrant(Input):
    worker = serializers.CharField(help_text="A pseudonym; for staff also an e-mail address or “#12”.")
    value = serializers.IntegerField(default=100, min_value=0, max_value=100)
    reason = serializers.CharField(required=False, allow_blank=True)
    expires_at = Time(required=False, allow_null=True)


class Revocation(Input):
    worker = serializers.CharField()
    reason = serializers.CharField(help_text="The worker reads it.")


class GrantFile(Input):
    file = serializers.FileField(help_text="CSV with the columns worker, value, reason.")
    skip_bad_rows = serializers.BooleanField(default=False)


class GrantReport(Facts):
    granted = serializers.IntegerField()
    bad = RowError(many=True)


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


class QualificationFilter(Filters):
    name = serializers.CharField(required=False, source="name__icontains", help_text="A part of the name.")


class Listed(Endpoint):
    @deed("Qualifications to browse", scope=Scope.READ, gives=ListedOut, filters=QualificationFilter, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.listed().filter(**call.filters))


class QualificationView(Endpoint):
    @deed("One qualification", scope=Scope.READ, gives=QualificationOut)
    def get(self, call: Call, qualification_id: int) -> Qualification:
        return qualification_for(call.user, qualification_id)

    @deed("Change a qualification", scope=Scope.PROJECTS, takes=QualificationEdit, gives=QualificationOut)
    def patch(self, call: Call, qualification_id: int) -> Qualification:
        changes = catalogue.Edit(**call.data)
        return catalogue.edit(actor=call.user, qualification_id=qualification_id, changes=changes)


class MyGrants(Endpoint):
    @deed("The qualifications that I hold", scope=Scope.READ, gives=MyGrant, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.held_by(call.worker, now=clock.now()))


class MyAttempts(Endpoint):
    @deed("The tests that I took", scope=Scope.READ, gives=AttemptOut, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.attempts_of(call.worker))


class AttemptStart(Endpoint):
    @deed("Begin the test of a qualification", scope=Scope.WORK, gives=PaperOut, status=201)
    def post(self, call: Call, qualification_id: int) -> attempts.Paper:
        """Asked again while it runs: the same paper."""
        return attempts.start_attempt(user=call.user, qualification_id=qualification_id)


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
        return {"pays": 0, **vars(queries.test_for(call.worker, qualification, now=clock.now()))}


class MySkills(Endpoint):
    @deed("What is measured of my skills", scope=Scope.READ, gives=SkillOut, many=True)
    def get(self, call: Call) -> Any:
        return queries.skills_of(call.worker, now=clock.now())


class MyRecord(Endpoint):
    @deed("My record, signed, to take to another site", scope=Scope.READ, gives=SignedRecordOut)
    def get(self, call: Call) -> dict[str, str]:
        """My skills, and the qualifications that are public or the site's; good for 90 days."""
        return records.issue(user=call.user)

    @deed("Bring my record from another site", scope=Scope.WORK, takes=SignedRecordIn, gives=BroughtOut)
    def post(self, call: Call) -> BroughtRecord:
        """Of a site that this one trusts, about my own e-mail address. A newer one replaces it."""
        return records.bring(user=call.user, document=call.data["record"])


class RecordKey(Endpoint):
    @deed("By what this site's records are checked", scope=ANYBODY, gives=RecordKeyOut)
    def get(self, call: Call) -> dict[str, str]:
        return {"site": settings.CROWD_URL, "key": signing.public_key()}


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
    @deed("The document of a request", scope=Scope.STAFF, file="application/octet-stream")
    def get(self, call: Call, request_id: int) -> HttpResponse:
        content, kind = requests.document_of(actor=call.user, request_id=request_id)
        return attachment(content, kind, f"document-{request_id}.{kind.split('/')[1]}")


class OrganisationQualifications(Endpoint):
    @deed("What the organisation's projects may demand", scope=Scope.READ, gives=QualificationOut, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        return call.page.of(queries.usable(organisation_for(call.user, organisation_id)))

    @deed("Make a qualification", scope=Scope.PROJECTS, takes=NewQualification, gives=QualificationOut, status=201)
    def post(self, call: Call, organisation_id: int) -> Qualification:
        return catalogue.create(actor=call.user, organisation_id=organisation_id, **call.data)


class SiteQualifications(Endpoint):
    @deed("Qualifications of the site", scope=Scope.STAFF, gives=QualificationOut, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Qualification.objects.filter(organisation=None))

    @deed(
        "Make a qualification of the site",
        scope=Scope.STAFF,
        takes=NewSiteQualification,
        gives=QualificationOut,
        status=201,
    )
    def post(self, call: Call) -> Qualification:
        return catalogue.create(actor=call.user, organisation_id=None, **call.data)


class Grants(Endpoint):
    @deed("Who holds a qualification, or held it", scope=Scope.READ, gives=GrantOut, pages=True)
    def get(self, call: Call, qualification_id: int) -> Page:
        qualification = managed_qualification(call.user, qualification_id)
        page = call.page.of(queries.holders(qualification))
        return Page(_shown(qualification, list(page.rows)), page.next)

    @deed("Grant a qualification, or change its value", scope=Scope.PROJECTS, takes=NewGrant, gives=GrantOut)
    def post(self, call: Call, qualification_id: int) -> Any:
        one = grants.grant(actor=call.user, qualification_id=qualification_id, **call.data)
        return _shown(managed_qualification(call.user, qualification_id), [one])[0]


class GrantRevocation(Endpoint):
    @deed("Take a qualification back", scope=Scope.PROJECTS, takes=Revocation, gives=GrantOut)
    def post(self, call: Call, qualification_id: int) -> Any:
        one = grants.revoke(actor=call.user, qualification_id=qualification_id, **call.data)
        return _shown(managed_qualification(call.user, qualification_id), [one])[0]


class GrantFiles(FormEndpoint):
    @deed("Grant to many by CSV", scope=Scope.PROJECTS, rate="heavy", takes=GrantFile, gives=GrantReport)
    def post(self, call: Call, qualification_id: int) -> grant_files.Report:
        """All rows or none, unless `skip_bad_rows` was said."""
        return grant_files.grant_from_csv(
            actor=call.user,
            qualification_id=qualification_id,
            data=read_small(call.data["file"]),
            skip_bad_rows=call.data["skip_bad_rows"],
        )


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


def _asked(qualification: Qualification, rows: list[GrantRequest]) -> list[dict[str, Any]]:
    codes = _codes(qualification, [one.worker_id for one in rows])
    names = ("id", "state", "message", "document_type", "asked_at", "decided_at", "reason")
    return [{**{name: getattr(one, name) for name in names}, "worker": codes[one.worker_id]} for one in rows]


def _codes(qualification: Qualification, ids: list[int]) -> dict[int, str]:
    organisation = qualification.organisation
    return pseudonyms_for(organisation, ids) if organisation else {one: f"#{one}" for one in ids}


def _shown(qualification: Qualification, rows: list[Grant]) -> list[dict[str, Any]]:
    codes = _codes(qualification, [one.worker_id for one in rows])
    names = ("state", "value", "reason", "granted_at", "expires_at")
    return [{**{name: getattr(one, name) for name in names}, "worker": codes[one.worker_id]} for one in rows]
