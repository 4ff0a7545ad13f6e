"""A report on bias: asked for by whoever may read the project, counted by a job, kept with the time it was counted.

The job's message is only a hint, the sweep finds what was forgotten. Counting reads only; whoever counts twice writes
the same.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from crowd.consensus.bias import report
from crowd.consensus.models import BiasReport
from crowd.consensus.states import RunState
from crowd.kernel import clock, hints
from crowd.kernel.errors import BadInput
from crowd.projects.access import project_for
from crowd.users.models import User

JOB = "consensus.count_bias"
MOST_REPORTS = 20  # a project: the one counted longest ago goes
PATIENCE = timedelta(minutes=10)  # after which whoever counts is taken for dead
MAX_ATTEMPTS = 3


def ask(*, actor: User, project_id: int, question: str, label: str = "", column: str = "") -> BiasReport:
    """Have it counted, anew where it was counted before; while that is under way, asking again changes nothing.

    label: of a question with several. column: of the items, "" for no groups of items. Raises NotFound, BadInput with
    `errors`.
    """
    with transaction.atomic(durable=True):
        project = project_for(actor, project_id)
        report.check(project, question, column, label)
        now = clock.now()
        asked = {"asked_by": actor, "asked_at": now, "alive_at": now, "attempt": 0, "state": RunState.RUNNING}
        one, is_new = BiasReport.objects.get_or_create(
            project=project, question=question, label=label, column=column, defaults=asked
        )
        ended = BiasReport.objects.filter(pk=one.pk).exclude(state=RunState.RUNNING)
        if is_new or ended.update(**asked):
            _forget_oldest(project.pk)
            hints.after_commit(JOB, one.pk)
    one.refresh_from_db()
    return one


def count(report_id: int) -> None:
    """Count one that is asked for; nothing to do for any other."""
    one = BiasReport.objects.select_related("project").filter(pk=report_id, state=RunState.RUNNING).first()
    if one is None:
        return
    try:
        subject = report.check(one.project, one.question, one.column, one.label)
    except BadInput:  # what is asked has changed meanwhile
        _end(one, state=RunState.FAILED)
        return
    now = clock.now()
    _end(one, state=RunState.DONE, figures=report.figures(one.project, subject, one.column, now=now), counted_at=now)


def due() -> list[int]:
    """Those to send to a job once more; after some attempts they have failed."""
    silent = BiasReport.objects.filter(state=RunState.RUNNING, alive_at__lt=clock.now() - PATIENCE)
    silent.filter(attempt__gte=MAX_ATTEMPTS).update(state=RunState.FAILED)
    ids = list(silent.order_by("id").values_list("id", flat=True))
    BiasReport.objects.filter(pk__in=ids).update(alive_at=clock.now(), attempt=F("attempt") + 1)
    return ids


def _end(one: BiasReport, **result: object) -> None:
    with transaction.atomic(durable=True):
        BiasReport.objects.filter(pk=one.pk, state=RunState.RUNNING).update(**result)


def _forget_oldest(project_id: int) -> None:
    rows = BiasReport.objects.filter(project=project_id).exclude(state=RunState.RUNNING).order_by("-asked_at")
    BiasReport.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[MOST_REPORTS:])).delete()
