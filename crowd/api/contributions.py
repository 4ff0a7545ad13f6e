"""Files that workers bring as answers: sent before the answer that names them, seen by who may see it."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import Call, Endpoint, FormEndpoint, deed
from crowd.api.fields import Facts
from crowd.api.media import address
from crowd.assignments.models import Contribution
from crowd.assignments.services import contributions
from crowd.projects import media, shown
from crowd.review.contributions import contribution_for
from crowd.users.models import User
from crowd.users.states import Scope

EXTENT = ("width", "height", "seconds", "pages")


class NewContribution(Input):
    file = serializers.FileField()
    question = serializers.CharField(max_length=64)
    unit = serializers.IntegerField(required=False, default=0, min_value=0, max_value=32_767)


class ContributionOut(Facts):
    """`file`, `name` and `sha256` go into the answer as they are. `url` is good for an hour or two, for you; so is
    `copy`, a smaller one of a large picture, null where there is none."""

    file = serializers.IntegerField()
    name = serializers.CharField()
    sha256 = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    pages = serializers.IntegerField(allow_null=True)
    url = serializers.CharField()
    copy = serializers.CharField(allow_null=True)


class AssignmentFiles(FormEndpoint):
    @deed("Bring a file for my task", scope=Scope.WORK, takes=NewContribution, gives=ContributionOut, status=201)
    def post(self, call: Call, assignment_id: int) -> dict[str, Any]:
        """The same file again is the one that is there. Pictures lose what they tell about place and camera; digest
        and size are of what is kept."""
        file = call.data.pop("file")
        brought = contributions.bring(
            worker=call.worker, assignment_id=assignment_id, stream=file, filename=file.name or "", **call.data
        )
        return _told(brought, call.user)


class ContributionView(Endpoint):
    @deed("A file that a worker brought", scope=Scope.READ, gives=ContributionOut)
    def get(self, call: Call, media_id: int) -> dict[str, Any]:
        """For its worker, and where the answer is paid for or may be also for the requester and his reviewers."""
        return _told(contribution_for(call.user, media_id), call.user)


def _told(brought: Contribution, user: User) -> dict[str, Any]:
    file = brought.media
    kept = {name: getattr(file, name) for name in ("sha256", "content_type", "size", *EXTENT)}
    found = shown.links(file, {}, user=user, address=address)
    named = address(media.sign(file, user, named=True))
    return {"file": file.pk, "name": file.filename, "url": named, "copy": found.get("copy"), **kept}
