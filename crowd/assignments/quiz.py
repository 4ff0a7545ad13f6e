"""The quiz: a worker's first gold in a project. It is paid as work, passed or not, so nobody can reject it."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment
from crowd.kernel import sql
from crowd.kernel.errors import Conflict
from crowd.projects.models import Project

# Each worker's first ones are read from an index, however many he has given since.
FIRST = """
SELECT gold.id, gold.gold_passed FROM unnest(%(workers)s::bigint[]) worker
CROSS JOIN LATERAL (
    SELECT a.id, a.gold_passed FROM assignments_assignment a
    WHERE a.project_id = %(project)s AND a.worker_id = worker AND a.is_gold AND a.submitted_at IS NOT NULL
    ORDER BY a.submitted_at, a.id LIMIT %(length)s) gold
"""


def answers(project: Project, worker_ids: Collection[int]) -> dict[int, bool | None]:
    """The ids of the answers that are these workers' quiz, each with whether it passed (None: its key was dropped)."""
    if not project.quiz_length:
        return {}
    asked = {"project": project.id, "workers": list(worker_ids), "length": project.quiz_length}
    return dict(sql.rows(FIRST, asked))


def among(project: Project, assignments: Collection[Assignment]) -> set[int]:
    """The ids of those of these answers that are of a quiz."""
    protected = answers(project, {one.worker_id for one in assignments if one.is_gold})
    return {one.id for one in assignments if one.id in protected}


def refuse(project: Project, assignments: Collection[Assignment]) -> None:
    """Raises Conflict if one of these, which are to be rejected, is of a quiz."""
    found = sorted(among(project, assignments))
    if found:
        raise Conflict(_("Answers of the quiz are paid, right or wrong: they cannot be rejected."), assignments=found)
