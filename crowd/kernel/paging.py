"""Many rows, a page at a time: constant memory also behind a transaction pooler, where no cursor stays."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db.models import QuerySet

R = TypeVar("R")


def pages(rows: QuerySet[Any, R], *, size: int, by: str = "pk") -> Iterator[list[R]]:
    """All rows in the order of `by`, at most `size` in a list, one statement a list.

    `by` names a field that tells the rows apart, not null, and is among those that named rows have. Each page is read
    when it is asked for: what is added or taken out behind it meanwhile is seen, unlike with a cursor.
    """
    rest = rows.order_by(by)
    while some := list(rest[:size]):
        yield some
        if len(some) < size:
            return
        rest = rows.order_by(by).filter(**{f"{by}__gt": getattr(some[-1], by)})
