"""What was done in an organisation, in words: the audit log's deeds and things as a person calls them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.projects.models import Project
from crowd.users import queries
from crowd.users.access import organisation_for
from crowd.users.models import AuditEntry, Organisation
from crowd.web.deeds import in_words, thing
from crowd.web.paging import whole
from crowd.web.requester.pages import address, page, person, show


@dataclass(frozen=True)
class Line:
    """`title` and `href` of the thing; who is no member of the organisation stays nameless to it."""

    entry: AuditEntry
    who: str
    deed: str
    title: str
    href: str


@page()
def history(request: HttpRequest, organisation_id: int) -> HttpResponse:
    found = organisation_for(person(request), organisation_id)
    before = whole(request.GET.get("before", ""))
    entries = queries.audit_of_organisation(found, before=before)
    context = {"organisation": found, "lines": _lines(found, entries.entries), "next": entries.next, "here": "history"}
    return show(request, "history", context)


def _lines(found: Organisation, entries: Sequence[AuditEntry]) -> list[Line]:
    names = queries.audit_actors(found, entries)
    ids = [one.subject_id for one in entries if one.subject_type == "projects.project"]
    projects = Project.objects.filter(organisation=found).in_bulk(ids)
    return [_line(one, _who(one, names), projects) for one in entries]


def _who(one: AuditEntry, names: dict[int, str]) -> str:
    if one.actor_id is None:
        return _("the site")
    return names.get(one.actor_id, _("staff or a worker")) or _("a member")


def _line(one: AuditEntry, who: str, projects: dict[int, Project]) -> Line:
    deed = in_words(one.action)
    project = projects.get(one.subject_id) if one.subject_type == "projects.project" else None
    if project is not None:
        return Line(one, who, deed, project.title, address("project", project.pk))
    own = one.subject_type == "users.organisation"
    return Line(one, who, deed, _("the organisation") if own else thing(one.subject_type, one.subject_id), "")
