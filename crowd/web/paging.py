"""Lists by cursor, for pages: newest first, keyed on the id; one that grows meanwhile shows nothing twice.

The cursor is a whole number of the address, and `whole` reads each such number.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row_ = TypeVar("Row_", bound=Model)
PAGE = 50


def whole(text: str) -> int | None:
    """The whole number that a request says: an id, a cursor, a count; None where it is none or has over 18 digits."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def newest(
    request: HttpRequest, rows: QuerySet[Row_], *, size: int = PAGE, by: str = "pk"
) -> tuple[list[Row_], int | None]:
    """The page of rows that ?before= asks for, newest first, and the cursor of the one after it.

    by: the whole number that rows are in order of, each another one.
    """
    before = whole(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(**{f"{by}__lt": before})
    found = list(rows.order_by(f"-{by}")[: size + 1])
    return found[:size], getattr(found[size - 1], by) if len(found) > size else None
