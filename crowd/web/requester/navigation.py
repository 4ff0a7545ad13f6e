"""The links of the requester's area: title and name of the address."""

from django.utils.functional import Promise

LINKS: list[tuple[str | Promise, str]] = []
