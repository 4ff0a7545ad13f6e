"""Organisations, who belongs to them, and what was done in them."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import SESSION, Call, Endpoint, deed
from crowd.api.fields import Row
from crowd.api.me import MyOrganisation
from crowd.api.paging import Page, cursor
from crowd.users import queries
from crowd.users.access import organisation_for
from crowd.users.models import AuditEntry, Invitation, Membership, Organisation
from crowd.users.services import invitations, organisations
from crowd.users.states import Role, Scope


class OrganisationOut(Row):
    class Meta:
        model = Organisation
        fields = ["id", "name", "created_at"]


class OrganisationName(Input):
    name = serializers.CharField()


class MemberOut(Row):
    user = serializers.IntegerField(source="user_id")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")

    class Meta:
        model = Membership
        fields = ["user", "email", "name", "role", "created_at"]


class MemberRole(Input):
    role = serializers.ChoiceField(choices=Role.choices)


class InvitationOut(Row):
    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "created_at", "expires_at"]


class NewInvitationOut(InvitationOut):
    """`token` is shown this once; it is also in the link that was mailed."""

    token = serializers.CharField()

    class Meta(InvitationOut.Meta):
        fields = [*InvitationOut.Meta.fields, "token"]


class NewInvitation(Input):
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices, default=Role.MEMBER)


class Token(Input):
    token = serializers.CharField(max_length=200)


class AuditOut(Row):
    """`actor` is the name of a member; null for the site itself, its staff and workers."""

    actor = serializers.CharField(allow_null=True)

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "actor", "action", "subject_type", "subject_id", "reason"]


class Organisations(Endpoint):
    @deed("The organisations that I belong to", scope=Scope.READ, gives=MyOrganisation, many=True)
    def get(self, call: Call) -> Any:
        return queries.memberships(call.user)

    @deed(
        "Make an organisation; its maker owns it",
        scope=SESSION,
        takes=OrganisationName,
        gives=OrganisationOut,
        status=201,
    )
    def post(self, call: Call) -> Organisation:
        return organisations.create_organisation(actor=call.user, **call.data)


class OrganisationView(Endpoint):
    @deed("One organisation", scope=Scope.READ, gives=OrganisationOut)
    def get(self, call: Call, organisation_id: int) -> Organisation:
        return organisation_for(call.user, organisation_id)

    @deed("Rename an organisation", scope=SESSION, takes=OrganisationName, gives=OrganisationOut)
    def patch(self, call: Call, organisation_id: int) -> Organisation:
        return organisations.rename(actor=call.user, organisation_id=organisation_id, **call.data)


class Members(Endpoint):
    @deed("Who belongs to an organisation", scope=Scope.READ, gives=MemberOut, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        return call.page.of(queries.members(organisation_for(call.user, organisation_id)))


class Member(Endpoint):
    @deed("Change a member's role", scope=SESSION, takes=MemberRole, gives=MemberOut)
    def patch(self, call: Call, organisation_id: int, user_id: int) -> Membership:
        return organisations.change_role(actor=call.user, organisation_id=organisation_id, user_id=user_id, **call.data)

    @deed("Take a member out; anybody himself", scope=SESSION, status=204)
    def delete(self, call: Call, organisation_id: int, user_id: int) -> None:
        organisations.remove_member(actor=call.user, organisation_id=organisation_id, user_id=user_id)


class Invitations(Endpoint):
    @deed("Invitations that nobody has accepted", scope=SESSION, gives=InvitationOut, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        return call.page.of(queries.open_invitations(organisation_for(call.user, organisation_id, owner=True)))

    @deed("Invite a person by e-mail", scope=SESSION, takes=NewInvitation, gives=NewInvitationOut, status=201)
    def post(self, call: Call, organisation_id: int) -> Invitation:
        invitation: Any
        invitation, invitation.token = invitations.invite(actor=call.user, organisation_id=organisation_id, **call.data)
        return invitation  # type: ignore[no-any-return]


class InvitationView(Endpoint):
    @deed("Withdraw an invitation", scope=SESSION, status=204)
    def delete(self, call: Call, organisation_id: int, invitation_id: int) -> None:
        invitations.revoke(actor=call.user, organisation_id=organisation_id, invitation_id=invitation_id)


class InvitationAcceptance(Endpoint):
    @deed("Accept an invitation into an organisation", scope=SESSION, takes=Token, gives=MyOrganisation)
    def post(self, call: Call) -> Membership:
        return invitations.accept(user=call.user, token=call.data["token"])


class OrganisationAudit(Endpoint):
    @deed("What was done in an organisation", scope=Scope.READ, gives=AuditOut, pages=True)
    def get(self, call: Call, organisation_id: int) -> Page:
        organisation = organisation_for(call.user, organisation_id)
        found = queries.audit_of_organisation(organisation, before=call.page.before, limit=call.page.limit)
        names = queries.audit_actors(organisation, found.entries)
        return Page([_named(entry, names) for entry in found.entries], cursor(found.next) if found.next else None)


def _named(entry: Any, names: dict[int, str]) -> dict[str, Any]:
    shown = {name: getattr(entry, name) for name in AuditOut.Meta.fields if name != "actor"}
    return shown | {"actor": names.get(entry.actor_id)}
