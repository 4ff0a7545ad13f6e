"""Every address of the API. Ids that no table could hold do not match, and addresses end with a slash."""

from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import IntConverter

from crowd.api import api_keys, docs, me, organisations


class IdConverter(IntConverter):
    regex = "[0-9]{1,18}"


register_converter(IdConverter, "id")
app_name = "api"

ORGANISATION = "organisations/<id:organisation_id>/"

PEOPLE = [
    path("me/", me.MeView.as_view(), name="me"),
    path("me/data/", me.MeData.as_view(), name="my-data"),
    path("me/close/", me.MeClose.as_view(), name="close-account"),
    path("worker/", me.WorkerView.as_view(), name="worker"),
    path("api-keys/", api_keys.ApiKeys.as_view(), name="api-keys"),
    path("api-keys/<id:key_id>/", api_keys.ApiKeyView.as_view(), name="api-key"),
    path("organisations/", organisations.Organisations.as_view(), name="organisations"),
    path("invitations/accept/", organisations.InvitationAcceptance.as_view(), name="accept-invitation"),
    path(ORGANISATION, organisations.OrganisationView.as_view(), name="organisation"),
    path(f"{ORGANISATION}members/", organisations.Members.as_view(), name="members"),
    path(f"{ORGANISATION}members/<id:user_id>/", organisations.Member.as_view(), name="member"),
    path(f"{ORGANISATION}invitations/", organisations.Invitations.as_view(), name="invitations"),
    path(f"{ORGANISATION}invitations/<id:invitation_id>/", organisations.InvitationView.as_view(), name="invitation"),
    path(f"{ORGANISATION}audit/", organisations.OrganisationAudit.as_view(), name="organisation-audit"),
]

DOCS = [
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.page, name="docs"),
]

urlpatterns: list[URLPattern] = [
    *PEOPLE,
    *DOCS,
    re_path("", docs.nowhere, name="nowhere"),
]
