"""The quiz: a worker's first gold in a project. It is paid as work, passed or not, so nobody can reject it."""

from collections.abc import Collection

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from crowd.assignments.models import Assignment
from crowd.kernel.errors import Conflict
from crowd.projects.models import Project


def answers(project: Project, worker_ids: Collection[int]) -> dict[int, bool | None]:
    """The ids of the answers that are these workers' quiz, each with whether it passed (None: its key was dropped)."""
    if not project.quiz_length:
        return {}
    place = Window(RowNumber(), partition_by=F("worker_id"), order_by=[F("submitted_at"), F("id")])
    gold = Assignment.objects.filter(
        project_id=project.id, worker_id__in=worker_ids, is_gold=True, submitted_at__isnull=False
    )
    first = gold.annotate(place=place).filter(place__lte=project.quiz_length)
    return dict(first.values_list("id", "gold_passed"))


def among(project: Project, assignments: Collection[Assignment]) -> set[int]:
    """The ids of those of these answers that are of a quiz."""
    protected = answers(project, {one.worker_id for one in assignments if one.is_gold})
    return {one.id for one in assignments if one.id in protected}


def refuse(project: Project, assignments: Collection[Assignment]) -> None:
    """Raises Conflict if one of these, which are to be rejected, is of a quiz."""
    found = sorted(among(project, assignments))
    if found:
        raise Conflict(_("Answers of the quiz are paid, right or wrong: they cannot be rejected."), assignments=found)
