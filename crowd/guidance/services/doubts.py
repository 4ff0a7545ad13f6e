"""Questions about the guidelines: asked by a worker at the sentence he doubts, answered for everybody."""

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments.queries import visible_to
from crowd.guidance.models import Doubt
from crowd.kernel import clock
from crowd.kernel.errors import BadInput, Conflict, NotFound, TooMany
from crowd.notices.services.notify import notify, notify_members
from crowd.projects.access import locked_for
from crowd.users.models import User
from crowd.users.services import audit
from workers.models import Worker

MAX_TEXT = 2000
MOST_OPEN = 5  # of one worker in one project


def ask(*, worker: Worker, project_id: int, text: str, quote: str = "") -> Doubt:
    """The requester is told what, never who. Raises NotFound, BadInput, TooMany."""
    faults = {name: fault for name, value in (("text", text), ("quote", quote)) if (fault := _fault(value))}
    if not text.strip():
        faults["text"] = _("What do you want to know?")
    if faults:
        raise BadInput(errors=faults)
    with transaction.atomic(durable=True):
        project = visible_to(worker, project_id)
        locked = Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
        if Doubt.objects.filter(project=project, worker=locked, answered_at=None).count() >= MOST_OPEN:
            raise TooMany(_("%(most)d of your questions wait for an answer here.") % {"most": MOST_OPEN})
        now = clock.now()
        doubt = Doubt.objects.create(
            project=project,
            worker=worker,
            version=project.guidelines,
            quote=quote.strip(),
            text=text.strip(),
            asked_at=now,
        )
        data = {"project": project.title, "text": doubt.text}
        link = f"/requester/projects/{project.pk}/guidance/"
        notify_members(organisation=project.organisation, kind="question_asked", data=data, link=link, now=now)
    return doubt


def answer(*, actor: User, project_id: int, doubt_id: int, text: str) -> Doubt:
    """Once, for everybody who works here; whoever asked is told. Raises NotFound, BadInput, Conflict."""
    if not text.strip() or _fault(text):
        raise BadInput(errors={"text": _fault(text) or _("Please answer; all workers read it.")})
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        doubt = Doubt.objects.select_related("worker").filter(project=project, pk=doubt_id).first()
        if doubt is None:
            raise NotFound
        if doubt.answered_at is not None:
            raise Conflict(_("This was answered already."))
        doubt.answer, doubt.answered_by, doubt.answered_at = text.strip(), actor, clock.now()
        doubt.save(update_fields=["answer", "answered_by", "answered_at"])
        data = {"project": project.title, "answer": doubt.answer}
        link = f"/work/projects/{project.pk}/"
        notify(user_id=doubt.worker.user_id, kind="question_answered", data=data, link=link, now=doubt.answered_at)
        audit.record(
            actor=actor,
            action="guidance.answer",
            subject=doubt,
            organisation=project.organisation,
            reason=doubt.answer,
            now=doubt.answered_at,
        )
    return doubt


def _fault(text: str) -> str:
    too_long = len(text) > MAX_TEXT or "\x00" in text
    return _("At most %(most)d characters.") % {"most": MAX_TEXT} if too_long else ""
