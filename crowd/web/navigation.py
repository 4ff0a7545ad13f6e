"""What stands in the bar at the top: the links of the area that a page is in, and the areas that a person may enter."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from crowd.notices import queries as notices
from crowd.talk import queries as talk
from crowd.talk.models import Announcement
from crowd.users.models import Membership, User
from crowd.web import page_time
from crowd.web.requester import navigation as requester
from crowd.web.staff import navigation as staff
from crowd.web.worker import navigation as worker
from workers.models import Worker


@dataclass(frozen=True)
class Link:
    title: str
    address: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class Site:
    """For every template, as `frame`; what the pages of signing in call `site` is something else."""

    name: str
    operator: str
    contact: str
    demo: bool
    links: list[Link]
    areas: list[Link]
    unread: int  # notices
    announcements: Any  # those to be read, asked for where a page shows them


AREAS = {"requester": requester.LINKS, "staff": staff.LINKS}
BELONG = {"work": worker.BELONG, "staff": staff.BELONG}


def site(request: HttpRequest) -> dict[str, Any]:
    """The context processor; nothing is asked of the database until a template shows it."""
    return {"frame": SimpleLazyObject(lambda: _site(request))}


def home_of(user: User) -> str:
    """Where somebody who signed in begins his day; a newcomer says first what he came for."""
    areas = areas_of(user)
    return areas[0].address if areas else reverse("web:join")


def areas_of(user: User) -> list[Link]:
    found = []
    if user.is_staff:
        found.append(Link(_("Staff"), "/staff/"))
    if Membership.objects.filter(user=user).exists():
        found.append(Link(_("My projects"), "/requester/"))
    if Worker.objects.filter(user=user).exists():
        found.append(Link(_("Work"), reverse("web:work")))
    return found


def _site(request: HttpRequest) -> Site:
    user = getattr(request, "user", None)
    signed_in = isinstance(user, User) and user.is_authenticated
    areas = areas_of(user) if signed_in and isinstance(user, User) else []
    return Site(
        name=settings.CROWD_SITE_NAME,
        operator=settings.CROWD_OPERATOR_NAME,
        contact=settings.CROWD_OPERATOR_ADDRESS if "@" in settings.CROWD_OPERATOR_ADDRESS else "",
        demo=settings.CROWD_DEMO,
        links=_links(request.path, user, areas) if signed_in and isinstance(user, User) else [],
        areas=areas,
        unread=notices.unread_count(user) if signed_in and isinstance(user, User) else 0,
        announcements=SimpleLazyObject(lambda: _announced(user) if isinstance(user, User) and signed_in else []),
    )


def _announced(user: User) -> list[Announcement]:
    return list(talk.current_announcements(user, page_time.now()))


def _links(path: str, user: User, areas: list[Link]) -> list[Link]:
    """Those of the area of the page; on pages of no area of his, such as the account's, of where he begins his day."""
    area, part = [*path.split("/"), ""][1:3]
    entered = [one.address.strip("/") for one in areas]
    if area not in entered:
        area = entered[0] if entered else ""
    if part in (belong := BELONG.get(area, {})):
        path = reverse(belong[part])
    links = worker.links(user) if area == "work" else AREAS.get(area, ())
    pairs = [(str(title), reverse(name)) for title, name in links]
    inside = [address for _title, address in pairs if path.startswith(address)]
    nearest = max(inside, key=len, default="")
    threads = reverse("web:threads")
    if area == "work" and path.endswith("/messages/"):
        nearest = threads  # those about a project stand under its address
    counts = {threads: talk.unread_of_worker(user)} if area == "work" else {}
    return [Link(title, address, address == nearest, counts.get(address, 0)) for title, address in pairs]
