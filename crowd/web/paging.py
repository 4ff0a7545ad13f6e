"""Lists by cursor, for pages: newest first, keyed on the id; one that grows meanwhile shows nothing twice."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row_ = TypeVar("Row_", bound=Model)
PAGE = 50


def newest(request: HttpRequest, rows: QuerySet[Row_], *, size: int = PAGE) -> tuple[list[Row_], int | None]:
    """The page of rows that ?before= asks for, newest first, and the cursor of the one after it."""
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
