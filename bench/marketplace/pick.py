"""What picking somebody's next task reads: buffers of 8 kB, as EXPLAIN counts them, the rows as the runs left them.

How many tasks there are, how many answers he gave before, and a snapshot that somebody holds open must not matter.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections, transaction
from django.db.models import Exists, OuterRef

from bench.marketplace.measure import COUNTED_BY, Case
from crowd.assignments.models import Participation
from crowd.assignments.services import claim
from crowd.kernel import sql
from crowd.projects.models import Task

MOST = 1.5  # as many as in the smallest project


def buffers(pick: str, inside: Participation, **more: Any) -> int:
    """Of one pick by one worker. `pick`: a statement of crowd.assignments.services.claim; `more`: what else it asks.

    Inner: the row that it locks stays locked until the transaction ends.
    """
    facts = {"project": inside.project_id, "worker": inside.worker_id, "cursor": inside.cursor, "tiers": [0], **more}
    plan = sql.rows(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {pick}", facts)[0][0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def of(case: Case) -> float:
    """The median over those of the case's people who answered most, in projects that have tasks left."""
    left = Task.objects.filter(project=OuterRef("project"), open=True)
    inside = Participation.objects.filter(project__in=case.projects, submitted_count__gt=0)
    found = []
    for one in inside.order_by(Exists(left).desc(), "-submitted_count", "pk")[:COUNTED_BY]:
        with transaction.atomic():
            buffers(claim.FROM_RING, one)  # what earlier runs left to be cleaned up by the way is not counted
            found.append(buffers(claim.FROM_RING, one))
            transaction.set_rollback(True)
    connections.close_all()
    return statistics.median(found)


def told(found: Mapping[str, float]) -> str:
    """`found`: by the case's title, the smallest first."""
    first = next(iter(found.values()))
    each = [f"{title} {pages:.0f} ({pages / first:.2f})" for title, pages in found.items()]
    return f"Buffers of picking the next task, by those of the first ({MOST} at most): {', '.join(each)}."


def breaches(found: Mapping[str, float]) -> Sequence[str]:
    """Titles of the cases that read too much."""
    first = next(iter(found.values()))
    return [title for title, pages in found.items() if pages > MOST * first]
