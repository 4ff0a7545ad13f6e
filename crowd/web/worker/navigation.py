"""The links of the worker's area: title and name of the address."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LINKS: list[tuple[str | Promise, str]] = [
    (_("Work"), "web:work"),
    (_("Qualifications"), "web:qualifications"),
    (_("Earnings"), "web:earnings"),
    (_("My record"), "web:record"),
    (_("Messages"), "web:threads"),
]
