"""The counters of a ring task, in one place. Every function here needs the lock of the task's row and saves it.

Free slots (`needed - filled`) are paid for: their price stands in the project's escrow. So a change here either leaves
their number as it was, or its caller moves money (crowd.projects.services.reserves).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from crowd.projects.models import Task, Tier
from crowd.projects.states import TASK, TaskState

COUNTERS = ["tier", "redundancy", "needed", "bought", "filled", "answered", "cannot_answer_count", "open"]
STOP_MANY = """
UPDATE projects_task t
SET filled = t.filled - n.answers, answered = t.answered - n.answers,
    cannot_answer_count = t.cannot_answer_count - n.reports,
    bought = t.bought - least(t.bought, n.answers), needed = t.needed - least(t.bought, n.answers),
    open = t.filled - n.answers < t.needed - least(t.bought, n.answers),
    ruled_at = coalesce(%(ruled_at)s::timestamptz, t.ruled_at)
FROM unnest(%(tasks)s::bigint[], %(answers)s::int[], %(reports)s::int[]) AS n(task_id, answers, reports)
WHERE t.id = n.task_id
"""


def missing(task: Task) -> int:
    """So many more answers does it take until as many labels can come as the task wants: a report is no label."""
    return max(0, task.redundancy - (task.needed - task.cannot_answer_count))


def may_reopen(task: Task, *, tier: int) -> bool:
    """Whether the place of an answer that was taken in that tier is somebody else's to take: a task that went up since
    has others to ask already; one that was made gold or closed asks nobody any more."""
    return task.tier == tier and not task.is_gold and task.state != TaskState.RETIRED


def give_back(task: Task) -> None:
    """An active assignment ended without an answer: its slot, and the price with it, is free again."""
    task.filled -= 1
    _save(task)


def stop_counting(task: Task, *, cannot_answer: bool, reopen: bool) -> None:
    """An answer counts no more. `reopen` asks somebody else, and the caller has reserved a price for it; else the slot
    closes with it, until the answer counts again. Gold has no slots: nothing changes."""
    if task.is_gold:
        return
    task.filled -= 1
    task.answered -= 1
    task.cannot_answer_count -= int(cannot_answer)
    if not reopen:
        task.needed -= 1
    _save(task)


def stop_many(stopped: Sequence[tuple[Any, ...]], *, ruled_at: datetime | None) -> None:
    """Answers to many live tasks count no more, and their slots are offered again but for those that were bought, which
    consensus buys anew; what was said until `ruled_at`, where it is given, counts against nobody.

    `stopped`: by task its id, how many answers, and how many of those are reports that it cannot be answered.
    """
    columns = zip(*stopped, strict=True) if stopped else ((), (), ())
    tasks, answers, reports = (list(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(STOP_MANY, {"tasks": tasks, "answers": answers, "reports": reports, "ruled_at": ruled_at})


def count_again(task: Task, *, tier: int, cannot_answer: bool) -> bool | None:
    """An answer, taken in that tier, counts again where its place is not taken by another.

    The free slots of a task that went up since are not for it: they are the specialists'.
    True: it takes a free slot, whose price the caller returns to the surplus. False: its own slot, closed in the
    meantime, opens for it. None: there is no place, nothing changed.
    """
    if task.is_gold:
        return None
    takes_free = task.tier == tier and task.filled < task.needed
    if not takes_free and not missing(task):
        return None
    task.needed += int(not takes_free)
    task.filled += 1
    task.answered += 1
    task.cannot_answer_count += int(cannot_answer)
    _save(task)
    return takes_free


def add_slots(task: Task, count: int) -> None:
    """The caller has reserved the price of `count` further answers."""
    task.needed += count
    _save(task)


def buy(task: Task) -> None:
    """One further answer, asked for by consensus; the caller took its price from the reserve for such answers."""
    task.bought += 1
    add_slots(task, 1)


def unbuy(task: Task) -> None:
    """A bought slot that is still free is closed again; its price is the caller's to return."""
    task.bought -= 1
    task.needed -= 1
    _save(task)


def withdraw(task: Task, count: int) -> None:
    """Free slots that nobody is wanted for any more; the caller returns their price to the surplus."""
    task.needed -= count
    _save(task)


def send_up(task: Task, *, tier: int, count: int) -> None:
    """`count` answers by the workers of that tier, whose price the caller took from its reserve. Nobody holds it, and
    the price of the free slots that it had is the caller's to return: what is free from now on is this tier's."""
    if task.state == TaskState.REVIEW:
        TASK.check(task.state, TaskState.LIVE)
        task.state = TaskState.LIVE
    task.tier = tier
    task.bought = 0
    task.needed = task.filled + count
    task.redundancy = task.needed - task.cannot_answer_count
    _save(task)


def take_out(task: Task) -> None:
    """To the requester's review: nobody gets it any more; who holds it finishes."""
    TASK.check(task.state, TaskState.REVIEW)
    task.state = TaskState.REVIEW
    _save(task)


def _save(task: Task) -> None:
    task.open = task.state == TaskState.LIVE and not task.is_gold and task.filled < task.needed
    task.save(update_fields=[*COUNTERS, "state"])
    if task.state == TaskState.LIVE and not task.is_gold and task.answered >= task.needed:
        look_again(task)


def look_again(task: Task) -> None:
    """It became complete without a new answer: whether it is to go up is not left to the next aggregation."""
    above = Tier.objects.filter(project=task.project_id, number=task.tier + 1)
    above.exclude(through_run=0).update(through_run=0)
