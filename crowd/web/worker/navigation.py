"""The links of the worker's area: title and name of the address."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crowd.review import queries
from crowd.users.models import User
from crowd.web import page_time

LINKS: list[tuple[str | Promise, str]] = [
    (_("Work"), "web:work"),
    (_("Qualifications"), "web:qualifications"),
    (_("Earnings"), "web:earnings"),
    (_("My record"), "web:record"),
    (_("Messages"), "web:threads"),
    (_("Board"), "web:board"),
]
# Where the pages belong whose address does not begin with that of their link.
BELONG = {"tests": "web:qualifications", "appeals": "web:record"}
REVIEWS = (_("Reviews"), "web:reviews")


def links(user: User) -> list[tuple[str | Promise, str]]:
    """Reviews only for those who review somewhere, beside the work."""
    return [LINKS[0], REVIEWS, *LINKS[1:]] if queries.reviews_somewhere(user, page_time.now()) else LINKS
