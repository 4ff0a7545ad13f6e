"""A worker's measured skills, and the signed record of them that he takes to other sites and brings from them."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import ANYBODY, Call, Endpoint, deed
from crowd.api.fields import Facts, Row, Time
from crowd.kernel import clock, signing
from crowd.users.states import Scope
from qualifications import queries
from qualifications.models import BroughtRecord
from qualifications.services import records


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
