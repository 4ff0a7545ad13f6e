"""Addresses of the pages. Each audience keeps its own list."""

from django.urls import URLPattern, URLResolver, include, path

from crowd.web import files, guest
from crowd.web.account import join, keys, notices, settings
from crowd.web.requester import members, people
from crowd.web.talk import announcements, help, reporting
from crowd.web.worker.urls import urlpatterns as work

app_name = "web"

ACCOUNT = [
    path("account/", settings.account, name="account"),
    path("language/", settings.language, name="language"),
    path("account/notices/", notices.choices, name="notice-choices"),
    path("account/keys/", keys.keys, name="api-keys"),
    path("account/keys/<int:key_id>/withdraw/", keys.withdraw, name="withdraw-key"),
    path("account/work/", settings.about_me, name="about-me"),
    path("account/data/", settings.data, name="my-data"),
    path("account/close/", settings.close, name="close-account"),
    path("account/delete/", settings.erase, name="erase-account"),
    path("notices/", notices.inbox, name="notices"),
    path("notices/read/", notices.read_all, name="read-notices"),
    path("notices/<int:notice_id>/", notices.open_one, name="notice"),
    path("join/", join.join, name="join"),
    path("join/worker/", join.join_worker, name="join-worker"),
    path("join/requester/", join.join_requester, name="join-requester"),
    path("join/agree/", join.agree, name="agree"),
]

TALK = [
    path("announcements/", announcements.listed, name="announcements"),
    path("announcements/<int:announcement_id>/dismiss/", announcements.dismiss, name="dismiss"),
    path("help/", help.listed, name="help"),
    path("help/new/", help.ask, name="ask-help"),
    path("help/<int:ticket_id>/", help.ticket, name="ticket"),
    path("help/<int:ticket_id>/close/", help.close, name="close-ticket"),
    path("messages/<int:message_id>/report/", reporting.message, name="report-message"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("work/", include(work)),  # first, for most ask here
    path("", guest.home, name="home"),
    path("terms/", guest.terms_page, name="terms"),
    path("privacy/", guest.privacy_page, name="privacy"),
    *ACCOUNT,
    *TALK,
    path("files/<int:media_id>/", files.contribution, name="contribution"),
    path("invitations/<slug:token>/", members.join, name="invitation"),  # users.services.invitations.LINK
    path("teams/<slug:token>/", people.join_team, name="join-team"),
    path("requester/", include("crowd.web.requester.urls")),
    path("staff/", include("crowd.web.staff.urls")),
]
