"""Where a person was when he asked for help: read off the page's address, as far as he may see it."""

import re
from dataclasses import dataclass

from crowd.assignments.models import Assignment
from crowd.assignments.queries import visible_to
from crowd.kernel.errors import NotFound
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.users.models import User
from workers.models import Worker

# Others may have a key in their address: an invitation, a new password.
PAGES = ("/work/", "/requester/", "/staff/", "/account/", "/notices/", "/messages/", "/announcements/")
PROJECT = re.compile(r"^/(?:work|requester|staff)/projects/(\d{1,18})/")
ASSIGNMENT = re.compile(r"^/work/tasks/(\d{1,18})/")
MAX_PAGE = 300


@dataclass(frozen=True)
class Place:
    page: str = ""
    project: Project | None = None
    assignment: Assignment | None = None


def place_of(user: User, page: str) -> Place:
    """What a page of this site is about; nothing for what is no page of ours, or nobody's business."""
    page = page.partition("?")[0]
    if not page.startswith(PAGES) or len(page) > MAX_PAGE or "\x00" in page:
        return Place()
    if held := ASSIGNMENT.match(page):
        assignment = assignment_of(user, int(held[1]))
        return Place(page, assignment.project if assignment else None, assignment)
    inside = PROJECT.match(page)
    return Place(page, seen_project(user, int(inside[1])) if inside else None)


def assignment_of(user: User, assignment_id: int) -> Assignment | None:
    """One of his own."""
    mine = Assignment.objects.select_related("project").filter(worker__user=user, opened_at__isnull=False)
    return mine.filter(pk=assignment_id).first()


def seen_project(user: User, project_id: int) -> Project | None:
    """As a member, as staff, or as a worker."""
    try:
        return project_for(user, project_id)
    except NotFound:
        worker = Worker.objects.filter(user=user).first()
    try:
        return visible_to(worker, project_id) if worker else None
    except NotFound:
        return None
