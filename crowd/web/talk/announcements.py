"""What was announced: the list, and taking one out of the bar."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crowd.talk import access
from crowd.talk.services import announcing
from crowd.web.doors import page_of_ours, signed_in, user_of
from crowd.web.forms import Keyed
from crowd.web.paging import newest
from crowd.web.talk.fields import PLAIN, words


class AnnouncementForm(Keyed):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=announcing.MAX_TITLE)
    text = words(gettext_lazy("Text"), rows=4, says=PLAIN)
    days = forms.IntegerField(
        label=gettext_lazy("Shown for so many days, until dismissed"),
        min_value=1,
        max_value=announcing.MOST_DAYS,
        initial=7,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )


@signed_in
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    found, following = newest(request, access.announcements_for(user_of(request)))
    context = {"announcements": found, "next": following, "first": "before" not in request.GET}
    return render(request, "web/talk/announcements.html", context)


@signed_in
@require_POST
def dismiss(request: HttpRequest, announcement_id: int) -> HttpResponse:
    announcing.dismiss(user=user_of(request), announcement_id=announcement_id)
    return redirect(page_of_ours(request, request.POST.get("back", ""), otherwise=reverse("web:announcements")))
