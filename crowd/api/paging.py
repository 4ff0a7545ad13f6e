"""Lists by cursor: newest first, keyed on the id, so that a list that grows meanwhile shows nothing twice.

A cursor is opaque: what it says today may be something else tomorrow.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from crowd.api.body import Filters
from crowd.api.fields import MAX_ID
from crowd.kernel.errors import BadInput
from crowd.kernel.newest import newest_of

MOST = 200
PREFIX = "before:"


class Paging(Filters):
    """What every list may be asked for."""

    cursor = serializers.CharField(required=False, help_text="`next` of the page before.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST, default=50)


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the cursor of those after them; None at the end."""

    rows: Sequence[Any]
    next: str | None


@dataclass(frozen=True)
class Asked:
    """Which page is wanted: at most `limit` rows whose id, or what else the list is in order of, is below `before`."""

    before: int | None
    limit: int

    def of(self, rows: QuerySet[Any], *, by: str = "pk", project: int | None = None) -> Page:
        """The page of a queryset, whatever its order was. by: the whole number of each row that it is in order of.
        project: whose the rows are, of a large table (`newest_of`)."""
        older = rows if self.before is None else rows.filter(**{f"{by}__lt": self.before})
        ordered = older.order_by(f"-{by}") if project is None else newest_of(older, project)
        return self._page(list(ordered[: self.limit + 1]), lambda row: int(getattr(row, by)))

    def read(self, query: Callable[..., Sequence[Any]], id_of: Callable[[Any], int] = lambda row: int(row.id)) -> Page:
        """The page of a query that takes `before` and `limit`."""
        return self._page(query(before=self.before, limit=self.limit + 1), id_of)

    def _page(self, found: Sequence[Any], id_of: Callable[[Any], int]) -> Page:
        shown = found[: self.limit]
        return Page(shown, cursor(id_of(shown[-1])) if len(found) > self.limit else None)


def asked(values: dict[str, Any]) -> Asked:
    """Takes `cursor` and `limit` out of the checked values. Raises BadInput."""
    text = values.pop("cursor", None)
    return Asked(None if text is None else _opened(text), values.pop("limit", 50))


def cursor(before: int) -> str:
    return base64.urlsafe_b64encode(f"{PREFIX}{before}".encode()).decode().rstrip("=")


def _opened(text: str) -> int:
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        before = int(plain.removeprefix(PREFIX)) if plain.startswith(PREFIX) else 0
    except (binascii.Error, ValueError):
        before = 0
    if not 0 < before <= MAX_ID:
        raise BadInput(errors={"cursor": _("This is no cursor of this list.")})
    return before
