"""A worker who missed a gold task says that its key is wrong. The requester changes the key, or says why it stays."""

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments import queries
from crowd.assignments.models import Assignment
from crowd.gold.errors import NothingToContest
from crowd.gold.models import Contest
from crowd.gold.states import CONTEST, ContestState
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.notices.services.notify import notify, notify_members
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.users.models import User
from workers.models import Worker

MAX_TEXT = 2_000


def contest(*, worker: Worker, assignment_id: int, text: str) -> Contest:
    """Where the project told him that he missed it, and once. The requester is told.

    Raises NotFound (also for somebody else's), NothingToContest, BadInput.
    """
    queries.assignment_of(worker, assignment_id)
    text = _checked(text, _("Please say why another answer is right."))
    with transaction.atomic(durable=True):
        one = Assignment.objects.select_for_update(of=("self",), no_key=True).select_related("project__organisation")
        missed = one.filter(id=assignment_id, gold_passed=False, project__explain_misses=True).first()
        if missed is None or Contest.objects.filter(assignment_id=assignment_id).exists():
            raise NothingToContest
        now = clock.now()
        made = Contest.objects.create(
            project=missed.project, task_id=missed.task_id, assignment=missed, text=text, contested_at=now
        )
        link = f"/requester/projects/{missed.project_id}/tasks/{missed.task_id}/"
        data = {"project": missed.project.title, "text": text}
        notify_members(organisation=missed.project.organisation, kind="gold_contested", data=data, link=link, now=now)
    return made


def keep(*, actor: User, project_id: int, task_id: int, reply: str) -> int:
    """The key stays: every open contest of this task is answered, in words that their workers read; how many."""
    project = project_for(actor, project_id)
    reply = _checked(reply, _("Please say why the key is right; the worker reads it."))
    with transaction.atomic(durable=True):
        now = clock.now()
        contests = Contest.objects.select_for_update(of=("self",), no_key=True).select_related("assignment__worker")
        found = list(contests.filter(project=project, task_id=task_id, state=ContestState.OPEN).order_by("id"))
        for one in found:
            _answer(one, project, actor, reply)
            one.decided_at = now
            one.save(update_fields=["state", "reply", "decided_by", "decided_at"])
            notify(
                user_id=one.assignment.worker.user_id,
                kind="gold_kept",
                data={"project": project.title, "reason": reply},
                link=f"/work/tasks/{one.assignment_id}/",
                now=now,
            )
    if not found:
        raise NotFound
    return len(found)


def _answer(one: Contest, project: Project, actor: User, reply: str) -> None:
    CONTEST.check(one.state, ContestState.KEPT)
    one.state, one.reply, one.decided_by = ContestState.KEPT, reply, actor


def _checked(text: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise BadInput(errors={"text": missing})
    if len(text) > MAX_TEXT:
        raise BadInput(errors={"text": _("This has more than %(most)s characters.") % {"most": MAX_TEXT}})
    return text
