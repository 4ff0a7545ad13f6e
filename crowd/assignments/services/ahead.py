"""The assignment that is reserved ahead of the current one, so that its media can load: opened, yielded, given up.

It is active and holds its slot like any other, but nobody has seen it: `opened_at` is empty. Its clock starts when it
is opened. Until then it lives as long as the current one and a minute more; it makes way at once for somebody who would
else get nothing; and when it lapses, that is no expiry in any record, and its worker may be given the task again.
Everything here needs the project's gate and the participation's lock (`gate.enter`).
"""

from datetime import timedelta

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import claim, give_back
from crowd.assignments.services.gate import Entry, lock_gold_reserve
from crowd.assignments.states import AssignmentState
from crowd.kernel import sql
from crowd.projects.models import Project, Task
from crowd.projects.states import TaskState

OUTLIVES = timedelta(minutes=1)  # the current assignment's deadline
RESERVED = f"state = '{AssignmentState.ACTIVE}' AND %s.opened_at IS NULL"  # as the index that holds them says it

# For the statement that reads assignment `a`.
OF_SAME_WORKER = f"""
(SELECT n.id FROM assignments_assignment n
 WHERE n.project_id = a.project_id AND n.worker_id = a.worker_id AND n.{RESERVED % "n"})
"""

OPEN = f"""
WITH opened AS (
    UPDATE assignments_assignment a SET taken_at = %(now)s, opened_at = %(now)s, deadline = %(deadline)s,
        config_id = %(config)s, guidelines_id = %(guidelines)s
    WHERE a.id = %(assignment)s AND a.{RESERVED % "a"} AND a.deadline > %(now)s RETURNING a.*)
SELECT {sql.columns(Assignment, "opened")}, {sql.columns(Task, "t")}
FROM opened JOIN projects_task t ON t.id = opened.task_id
"""

# Somebody whose row is locked is about to open his: he is passed over, so that nobody ever waits here.
YIELDING = f"""
SELECT r.id, {sql.columns(Participation, "p")}
FROM assignments_assignment r
JOIN projects_task t ON t.id = r.task_id
JOIN assignments_participation p ON p.project_id = r.project_id AND p.worker_id = r.worker_id
WHERE r.project_id = %(project)s AND r.{RESERVED % "r"} AND NOT r.is_gold AND NOT r.is_repeat AND t.state = %(live)s
  AND t.tier = ANY(%(tiers)s::smallint[]) AND {claim.NOT_HIS}
ORDER BY r.taken_at DESC LIMIT 1 FOR NO KEY UPDATE OF p SKIP LOCKED
"""


def open_(assignment_id: int, entry: Entry, *, project: Project) -> Assignment | None:
    """Its clock starts, and it shows what is asked now. None: its time was over; it has lapsed."""
    found = sql.rows(
        OPEN,
        {
            "assignment": assignment_id,
            "now": entry.now,
            "deadline": claim.deadline(entry, project),
            "config": project.config_id,
            "guidelines": project.guidelines_id,
        },
    )
    if not found:
        lock_gold_reserve(entry, project.id)
        lapse(assignment_id, participation=entry.inside)
        return None
    assignment = sql.read(Assignment, found[0])
    assignment.task = sql.read(Task, found[0], sql.width(Assignment))
    assignment.project = project
    return assignment


def lapse(assignment_id: int, *, participation: Participation) -> None:
    """Its slot is free again."""
    reserved = Assignment.objects.filter(id=assignment_id, state=AssignmentState.ACTIVE, opened_at=None).first()
    if reserved is not None:
        give_back.expire_locked(reserved, participation=participation)


def make_way(entry: Entry, *, project: Project) -> bool:
    """Whether a reserved task that this worker may do has lapsed for him: the newest, by whoever holds it."""
    worker_id, tiers = entry.inside.worker_id, [0, *entry.inside.tiers]
    found = sql.rows(YIELDING, {"project": project.id, "worker": worker_id, "tiers": tiers, "live": TaskState.LIVE})
    if not found:
        return False
    lapse(found[0][0], participation=sql.read(Participation, found[0], 1))
    return True
