"""Lists of one project's rows, the newest first, out of tables that hold those of all projects."""

from typing import TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


def newest_of(rows: models.QuerySet[M], project_id: int) -> models.QuerySet[M]:
    """The rows of this project, newest first, by the index of (project, id), which their table must have.

    The project is given as a range, so that it is part of the order. Given as one value it is none for the planner,
    which then may walk the primary key from its end, through all that came later in other projects: of a large project
    that is over, each page would read millions of rows.
    """
    return rows.filter(project__gte=project_id, project__lte=project_id).order_by("-project_id", "-pk")
