"""Who belongs to an organisation, who is invited, and what was done in it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import clock
from crowd.users import queries
from crowd.users.access import organisation_for
from crowd.users.models import Membership, Organisation
from crowd.users.services import invitations, organisations
from crowd.users.states import Role
from crowd.web.forms import PageForm
from crowd.web.requester.home import OrganisationForm
from crowd.web.requester.pages import attempt, deed, page, person, show, to


class InviteForm(PageForm):
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=Role.choices,
        initial=Role.MEMBER,
        help_text=gettext_lazy("Owners invite people, move money out and make test money. Members do everything else."),
    )


@page("GET", "POST")
def members(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """The list; POST invites."""
    found = organisation_for(person(request), organisation_id)
    form = InviteForm(request.POST or None)
    if form.is_valid():
        sent = attempt(
            form,
            lambda: invitations.invite(actor=person(request), organisation_id=organisation_id, **form.cleaned_data),
        )
        if sent:
            link = request.build_absolute_uri(invitations.LINK.format(token=sent[1]))
            request.session["invitation_link"] = {"email": sent[0].email, "link": link}
            return to("members", organisation_id)
    return show(request, "members", _context(request, found, form))


@page("GET", "POST")
def rename(request: HttpRequest, organisation_id: int) -> HttpResponse:
    found = organisation_for(person(request), organisation_id, owner=True)
    form = OrganisationForm(request.POST or None, initial={"name": found.name})
    if form.is_valid():
        done = attempt(
            form,
            lambda: organisations.rename(actor=person(request), organisation_id=organisation_id, **form.cleaned_data),
        )
        if done:
            messages.success(request, _("The organisation is called %(name)s now.") % {"name": done.name})
            return to("members", organisation_id)
    return show(request, "organisation_rename", {"form": form, "organisation": found, "here": "members"})


@deed
def change_role(request: HttpRequest, organisation_id: int, user_id: int) -> HttpResponse:
    organisation_for(person(request), organisation_id, owner=True)
    role = request.POST.get("role", "")
    organisations.change_role(actor=person(request), organisation_id=organisation_id, user_id=user_id, role=role)
    messages.success(request, _("The role was changed."))
    return to("members", organisation_id)


@deed
def remove(request: HttpRequest, organisation_id: int, user_id: int) -> HttpResponse:
    organisations.remove_member(actor=person(request), organisation_id=organisation_id, user_id=user_id)
    if user_id == person(request).pk:
        messages.success(request, _("You have left the organisation."))
        return to("home")
    messages.success(request, _("The member was taken out."))
    return to("members", organisation_id)


@deed
def revoke(request: HttpRequest, organisation_id: int, invitation_id: int) -> HttpResponse:
    invitations.revoke(actor=person(request), organisation_id=organisation_id, invitation_id=invitation_id)
    messages.success(request, _("The invitation was withdrawn; its link no longer works."))
    return to("members", organisation_id)


@page("GET", "POST")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link in the mail: what it is, and one button."""
    if request.method == "POST":
        member = invitations.accept(user=person(request), token=token)
        messages.success(request, _("You belong to %(name)s now.") % {"name": member.organisation.name})
        return to("organisation", member.organisation_id)
    return show(request, "join", {"invitation": invitations.describe(token, now=clock.now()), "token": token})


def _context(request: HttpRequest, found: Organisation, form: forms.Form) -> dict[str, object]:
    mine = Membership.objects.get(organisation=found, user=person(request))
    owner = mine.role == Role.OWNER
    return {
        "organisation": found,
        "form": form,
        "members": queries.members(found),
        "owner": owner,
        "me": person(request).pk,
        "roles": Role.choices,
        "invitations": queries.open_invitations(found) if owner else [],
        "sent": request.session.pop("invitation_link", None),
        "now": clock.now(),
        "here": "members",
    }
