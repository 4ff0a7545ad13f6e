"""The links of the requester's area: title and name of the address."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LINKS: list[tuple[str | Promise, str]] = [(_("Projects"), "web:requester:home")]
