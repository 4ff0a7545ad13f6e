"""Announcements: what everybody reads, what a requester tells the workers of a project, what staff tell the site."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import Call, Endpoint, deed
from crowd.api.fields import Row
from crowd.api.paging import Page
from crowd.kernel import clock
from crowd.talk import access, writing
from crowd.talk.models import Announcement
from crowd.talk.services import announcing
from crowd.talk.services.announcing import Wording
from crowd.talk.states import Audience
from crowd.users.access import require_staff
from crowd.users.states import Scope


class AnnouncementOut(Row):
    class Meta:
        model = Announcement
        fields = ["id", "audience", "project", "title", "text", "starts_at", "ends_at", "withdrawn_at"]


class NewAnnouncement(Input):
    title = serializers.CharField(max_length=announcing.MAX_TITLE)
    text = serializers.CharField(max_length=writing.MAX_TEXT)
    starts_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Without it: now.")
    ends_at = serializers.DateTimeField(required=False, help_text="Without it: in a week.")


class NewSiteAnnouncement(NewAnnouncement):
    audience = serializers.ChoiceField(choices=[one for one in Audience.choices if one[0] != Audience.PROJECT])


class Announcements(Endpoint):
    @deed("What was announced to me", scope=Scope.READ, gives=AnnouncementOut, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(access.announcements_for(call.user))


class DismissedAnnouncement(Endpoint):
    @deed("I have read it", scope=Scope.READ, rate="write", status=204)
    def post(self, call: Call, announcement_id: int) -> None:
        announcing.dismiss(user=call.user, announcement_id=announcement_id)


class ProjectAnnouncements(Endpoint):
    @deed("What was announced in a project", scope=Scope.READ, gives=AnnouncementOut, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = access.member_project(call.user, project_id)
        return call.page.of(Announcement.objects.filter(project=project))

    @deed(
        "Tell all workers of a project", scope=Scope.PROJECTS, takes=NewAnnouncement, gives=AnnouncementOut, status=201
    )
    def post(self, call: Call, project_id: int) -> Announcement:
        return announcing.announce_in_project(actor=call.user, project_id=project_id, said=_said(call.data))


class ProjectAnnouncement(Endpoint):
    @deed("Withdraw it", scope=Scope.PROJECTS, gives=AnnouncementOut)
    def delete(self, call: Call, project_id: int, announcement_id: int) -> Announcement:
        access.announcement_in(access.member_project(call.user, project_id), announcement_id)
        return announcing.withdraw(actor=call.user, announcement_id=announcement_id)


class StaffAnnouncements(Endpoint):
    @deed("All announcements", scope=Scope.STAFF, gives=AnnouncementOut, pages=True)
    def get(self, call: Call) -> Page:
        require_staff(call.user)
        return call.page.of(Announcement.objects.all())

    @deed("Tell everybody, workers, or requesters", scope=Scope.STAFF, takes=NewSiteAnnouncement, gives=AnnouncementOut,
          status=201)  # fmt: skip
    def post(self, call: Call) -> Announcement:
        return announcing.announce(actor=call.user, audience=call.data["audience"], said=_said(call.data))


class StaffAnnouncement(Endpoint):
    @deed("Withdraw one, the site's or a project's", scope=Scope.STAFF, gives=AnnouncementOut)
    def delete(self, call: Call, announcement_id: int) -> Announcement:
        require_staff(call.user)
        return announcing.withdraw(actor=call.user, announcement_id=announcement_id)


def _said(data: dict[str, Any]) -> Wording:
    ends = data.get("ends_at") or (data.get("starts_at") or clock.now()) + timedelta(days=7)
    return Wording(title=data["title"], text=data["text"], starts_at=data.get("starts_at"), ends_at=ends)
