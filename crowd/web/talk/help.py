"""Help, from any page: what is sent along is seen before, and may be taken out; the promised time is said before."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crowd.talk import access, queries
from crowd.talk.places import Place, place_of
from crowd.talk.services import tickets
from crowd.talk.states import Category
from crowd.users.models import User
from crowd.web import page_time
from crowd.web.doors import signed_in, user_of
from crowd.web.forms import Keyed
from crowd.web.paging import newest
from crowd.web.talk.fields import NEEDED, words
from crowd.web.templatetags.crowd_web import duration


class ReplyForm(Keyed):
    text = words(gettext_lazy("Your reply"), rows=4)


class AskForm(Keyed):
    """`along`: what of the place is sent; ticked at first, and all there is to be sent."""

    category = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose what it is about.")},
    )
    subject = forms.CharField(
        label=gettext_lazy("In a few words"), max_length=tickets.MAX_SUBJECT, error_messages=NEEDED
    )
    text = words(gettext_lazy("What happened, and what you would like"), rows=6)
    along = forms.MultipleChoiceField(
        label=gettext_lazy("Sent along, so that you need not describe it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    place = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.where = place
        hours = {one: duration(tickets.promise(one).total_seconds()) for one in Category}
        promised = [
            (one.value, _("%(about)s: answered within %(time)s") % {"about": one.label, "time": hours[one]})
            for one in Category
        ]
        self.fields["category"].choices = promised  # type: ignore[attr-defined]
        self.fields["along"].choices = _along(place)  # type: ignore[attr-defined]
        if not _along(place):
            del self.fields["along"]

    def chosen(self) -> tickets.Where:
        ticked = set(self.cleaned_data.get("along", ()))
        project, assignment = self.where.project, self.where.assignment
        return tickets.Where(
            page=self.where.page if "page" in ticked else "",
            project=project.pk if project and "project" in ticked else None,
            assignment=assignment.pk if assignment and "assignment" in ticked else None,
        )


@signed_in
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    found, following = newest(request, queries.tickets_of(user_of(request)))
    context = {"tickets": found, "next": following, "first": "before" not in request.GET}
    return render(request, "web/talk/tickets.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = _ask_form(request, user)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("category", "subject", "text", "key")}
        with form.answering():
            ticket = tickets.ask(user=user, where=form.chosen(), **given)
            messages.success(request, _("Sent. You are told when it is answered."))
            return redirect("web:ticket", ticket_id=ticket.pk)
    return render(request, "web/talk/ask.html", {"form": form}, status=400 if form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, ticket_id: int) -> HttpResponse:
    found = access.ticket_of(user_of(request), ticket_id)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form.answering():
            tickets.reply(user=user_of(request), ticket_id=ticket_id, **form.cleaned_data)
            messages.success(request, _("Sent."))
            return redirect("web:ticket", ticket_id=ticket_id)
    context = {"ticket": found, "replies": queries.replies_of(found), "form": form}
    context["open"] = tickets.takes_replies(found, page_time.now())
    return render(request, "web/talk/ticket.html", context, status=400 if form.errors else 200)


@signed_in
@require_POST
def close(request: HttpRequest, ticket_id: int) -> HttpResponse:
    tickets.close(user=user_of(request), ticket_id=ticket_id)
    messages.success(request, _("Closed. A reply opens it again."))
    return redirect("web:ticket", ticket_id=ticket_id)


def _ask_form(request: HttpRequest, user: User) -> AskForm:
    if request.method == "POST":
        return AskForm(place_of(user, request.POST.get("place", "")), request.POST)
    place = place_of(user, request.GET.get("from", ""))
    told = {"place": place.page, "along": [name for name, _label in _along(place)]}
    return AskForm(place, initial=told)


def _along(place: Place) -> list[tuple[str, str]]:
    found = []
    if place.page:
        found.append(("page", _("the page you came from: %(page)s") % {"page": place.page}))
    if place.project:
        found.append(("project", _("the project: %(title)s") % {"title": place.project.title}))
    if place.assignment:
        found.append(("assignment", _("your task there, number %(id)s") % {"id": place.assignment.pk}))
    return found
