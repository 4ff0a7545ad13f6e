"""Qualifications: what workers can browse and hold; what requesters and staff make and grant."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Filters, Input, read_small
from crowd.api.deeds import Call, Endpoint, FormEndpoint, deed
from crowd.api.fields import Facts, Row, Time
from crowd.api.items import RowError
from crowd.api.paging import Page
from crowd.kernel import clock
from crowd.users.access import organisation_for, require_staff
from crowd.users.states import Scope
from qualifications import queries
from qualifications.access import managed_qualification, qualification_for
from qualifications.models import Grant, Qualification
from qualifications.services import catalogue, grant_files, grants
from qualifications.states import Asking, GrantState
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


def codes_for(qualification: Qualification, ids: list[int]) -> dict[int, str]:
    organisation = qualification.organisation
    return pseudonyms_for(organisation, ids) if organisation else {one: f"#{one}" for one in ids}


def _shown(qualification: Qualification, rows: list[Grant]) -> list[dict[str, Any]]:
    codes = codes_for(qualification, [one.worker_id for one in rows])
    names = ("state", "value", "reason", "granted_at", "expires_at")
    return [{**{name: getattr(one, name) for name in names}, "worker": codes[one.worker_id]} for one in rows]
