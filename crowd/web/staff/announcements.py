"""What staff tell everybody, all workers, or all requesters."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import clock
from crowd.talk.models import Announcement
from crowd.talk.services import announcing
from crowd.talk.services.announcing import Wording
from crowd.talk.states import Audience
from crowd.users.models import User
from crowd.web import page_time
from crowd.web.doors import user_of
from crowd.web.forms import PageForm
from crowd.web.staff import kit
from crowd.web.staff.kit import Act, Row, Table, staff_page
from crowd.web.talk.announcements import AnnouncementForm
from crowd.web.templatetags.crowd_web import when


class SiteForm(AnnouncementForm):
    audience = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        choices=[(one.value, one.label) for one in Audience if one != Audience.PROJECT],
        widget=forms.RadioSelect,
    )
    field_order = ("audience", "title", "text", "days")


@staff_page()
def announcement_list(request: HttpRequest) -> Any:
    found, after = kit.newest(request, Announcement.objects.select_related("made_by", "project"))
    head = [_("What"), _("For whom"), _("By"), _("Begins"), _("Ends"), _("State")]
    lines = [
        Row(
            [
                kit.link(one.title, "announcement", announcement_id=one.pk),
                one.project.title if one.project else one.get_audience_display(),
                kit.person(one.made_by),
                when(one.starts_at),
                when(one.ends_at),
                _state(one),
            ]
        )
        for one in found
    ]
    make = {"address": kit.address("new-announcement"), "label": _("Announce")}
    table, areas = Table(head, lines, empty=_("None."), next=after), kit.talk_areas("announcements")
    return kit.listing(request, _("Announcements"), table, make=make, areas=areas)


@staff_page("GET", "POST")
def new_announcement(request: HttpRequest) -> Any:
    form = SiteForm(request.POST or None, initial={"days": 7})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        ends = clock.now() + timedelta(days=given["days"])
        said = Wording(title=given["title"], text=given["text"], ends_at=ends)
        with form.answering():
            announcing.announce(actor=user_of(request), audience=given["audience"], said=said, key=given["key"])
            messages.success(request, _("Announced."))
            return redirect("web:staff:announcements")
    context = {"title": _("Announce"), "form": form, "submit": _("Announce")}
    return render(request, "web/staff/form.html", context, status=400 if form.errors else 200)


@staff_page("GET", "POST")
def announcement(request: HttpRequest, announcement_id: int) -> Any:
    one = kit.one(Announcement.objects.select_related("made_by", "project"), announcement_id)
    return kit.detail(request, lambda: _acts(one, user_of(request)), lambda: _page(one))


def _acts(one: Announcement, actor: User) -> list[Act]:
    if one.withdrawn_at is not None:
        return []
    return [
        Act(
            "withdraw",
            _("Withdraw"),
            _("Nobody is shown it any more."),
            PageForm,
            lambda: announcing.withdraw(actor=actor, announcement_id=one.pk),
            _("Withdrawn."),
            kind="danger",
        )
    ]


def _page(one: Announcement) -> dict[str, Any]:
    facts = [
        (_("For whom"), one.project.title if one.project else one.get_audience_display()),
        (_("Text"), one.text),
        (_("By"), kit.person(one.made_by)),
        (_("Begins"), when(one.starts_at)),
        (_("Ends"), when(one.ends_at)),
        (_("State"), _state(one)),
    ]
    crumb = {"address": kit.address("announcements"), "label": _("Announcements")}
    return {"title": one.title, "facts": facts, "tables": [kit.history(one)], "crumb": crumb}


def _state(one: Announcement) -> Any:
    now = page_time.now()
    if one.withdrawn_at is not None:
        return kit.status("", _("withdrawn"))
    if one.starts_at > now:
        return kit.status("pending", _("not begun"))
    return kit.status("open", _("shown")) if one.ends_at > now else kit.status("", _("over"))
