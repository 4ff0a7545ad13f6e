"""What one was told: the list, the marks, and how one wants to be told."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crowd.notices import queries
from crowd.notices.services import reading
from crowd.notices.states import Audience
from crowd.users.models import Membership, User
from crowd.web.doors import signed_in, user_of
from crowd.web.forms import PageForm
from crowd.web.paging import newest
from workers.models import Worker


class ChoicesForm(PageForm):
    """One choice a kind, in groups by what the person does here."""

    def __init__(self, *args: object, choices: list[queries.Choice], **options: object) -> None:
        super().__init__(*args, **options)
        self.kinds = choices
        for one in choices:
            self.fields[one.name] = forms.ChoiceField(
                label=one.label, choices=[(how.value, how.label) for how in one.kind.open_to], initial=one.how.value
            )

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        return [
            (str(Audience(audience).label), [self[one.name] for one in kinds])
            for audience, kinds in _grouped(self.kinds).items()
        ]


@signed_in
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    found, following = newest(request, queries.notices_of(user_of(request)))
    context = {"notices": [queries.read(one) for one in found], "next": following, "first": "before" not in request.GET}
    return render(request, "web/account/notices.html", context)


@signed_in
@require_POST
def open_one(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Read from now on, and on to what it is about."""
    return redirect(reading.open_notice(user=user_of(request), notice_id=notice_id).link)


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    reading.mark_read(user=user_of(request))
    return redirect("web:notices")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    mine = [one for one in queries.choices_of(user) if one.audience in _audiences(user)]
    form = ChoicesForm(request.POST or None, choices=mine)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            reading.choose(user=user, choices=form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("web:notice-choices")
    return render(request, "web/account/notice_choices.html", {"form": form}, status=400 if form.errors else 200)


def _grouped(choices: list[queries.Choice]) -> dict[str, list[queries.Choice]]:
    return {audience: kinds for audience in Audience if (kinds := [one for one in choices if one.audience == audience])}


def _audiences(user: User) -> set[str]:
    found = {
        Audience.ANYBODY: True,
        Audience.WORKER: Worker.objects.filter(user=user).exists(),
        Audience.REQUESTER: Membership.objects.filter(user=user).exists(),
        Audience.STAFF: user.is_staff,
    }
    return {str(audience) for audience, is_one in found.items() if is_one}
