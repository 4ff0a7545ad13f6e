"""A requester tells all workers of his project something."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.talk import access
from crowd.talk.models import Announcement
from crowd.talk.services import announcing
from crowd.talk.services.announcing import Wording
from crowd.web import page_time
from crowd.web.paging import newest
from crowd.web.requester.pages import attempt, deed, page, person, show, to
from crowd.web.requester.project import frame
from crowd.web.talk.announcements import AnnouncementForm


@page("GET", "POST")
def announcements(request: HttpRequest, project_id: int) -> HttpResponse:
    actor = person(request)
    project = access.member_project(actor, project_id)
    form = AnnouncementForm(request.POST or None, initial={"days": 7})
    if request.method == "POST" and form.is_valid():
        given, now = form.cleaned_data, clock.now()
        said = Wording(title=given["title"], text=given["text"], ends_at=now + timedelta(days=given["days"]))
        made = attempt(
            form,
            lambda: announcing.announce_in_project(actor=actor, project_id=project_id, said=said, key=given["key"]),
        )
        if made:
            messages.success(request, _("Announced. Everybody who has worked here is told."))
            return to("announcements", project_id)
    found, following = newest(request, Announcement.objects.filter(project=project))
    context = {"form": form, "announcements": found, "next": following, "first": "before" not in request.GET}
    wrong = 400 if form.errors else 200
    return show(request, "announcements", frame(project, "messages") | context | {"now": page_time.now()}, status=wrong)


@deed
def withdraw(request: HttpRequest, project_id: int, announcement_id: int) -> HttpResponse:
    """The number in the address is the project's own: another's is not there."""
    access.announcement_in(access.member_project(person(request), project_id), announcement_id)
    announcing.withdraw(actor=person(request), announcement_id=announcement_id)
    messages.success(request, _("Withdrawn: nobody is shown it any more."))
    return to("announcements", project_id)
