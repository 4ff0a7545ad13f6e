"""python -m tests.scaling.work PROJECT WORKER...: these workers label the whole project, each in a thread of his own.

In a process of its own, with the settings of a site, so that DATABASE_URL says through what.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.db import connections  # noqa: E402

from crowd.assignments.errors import NoWork  # noqa: E402
from crowd.assignments.services import take  # noqa: E402
from crowd.assignments.services.submit import submit  # noqa: E402
from workers.models import Worker  # noqa: E402


def label(project: int, worker_id: int) -> int:
    """How many answers he gave."""
    worker, given = Worker.objects.select_related("user").get(pk=worker_id), 0
    try:
        while True:
            held = take.take_next(worker=worker, project_id=project)
            submit(worker=worker, assignment_id=held.pk, value={"mood": "good"})  # and takes the next one
            given += 1
    except NoWork:
        pass
    finally:
        connections.close_all()
    return given


if __name__ == "__main__":
    project, *workers = map(int, sys.argv[1:])
    with ThreadPoolExecutor(len(workers)) as pool:
        print(sum(pool.map(lambda one: label(project, one), workers)))
