"""What the task page shows: the item, the questions with their keys, the guidelines, the draft."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.assignments import configs, guidelines, offers, warned
from crowd.assignments.models import Assignment, Draft, Participation
from crowd.assignments.services import drafts
from crowd.assignments.states import ReturnReason
from crowd.kernel import clock
from crowd.labeling.answers import REASONS
from crowd.projects import shown
from crowd.projects.models import Project, Tier
from crowd.review import queries as reviews
from crowd.web import asking
from crowd.web.files import media_address
from crowd.web.templatetags.crowd_web import duration
from crowd.web.worker.words import REASON_WORDS
from workers.models import Worker

NO_DRAFT: dict[str, Any] = {"fields": {}, "revision": 0, "active_ms": 0}


def context(assignment: Assignment, worker: Worker, inside: Participation | None = None) -> dict[str, Any]:
    """For templates/web/worker/task.html; `assignment` with project and task.

    `inside` is his participation, given where the task was opened this moment: then less has to be asked.
    """
    project = assignment.project
    now = assignment.opened_at if inside else clock.now()
    is_new = inside is not None and assignment.attempt == 1  # nobody can have typed anything here
    tiers = inside.tiers if inside else tiers_of(assignment)
    draft, start = None if is_new else drafts.draft_of(assignment), _start(assignment)
    return frame(assignment, payload(assignment, worker, now)) | {
        "rework_reason": reviews.why_sent_back(assignment),
        "rework_changes": guidelines.since(assignment, project),
        "warned": warned.terms(assignment, worker, now or clock.now()) if project.content_warnings else None,
        "takes": takes(project),
        "left": left_words(offers.tasks_left_in(project.pk, tiers)),
        "tier": tier_of(assignment),
        "deadline": iso(assignment.deadline),
        "now": iso(now),
        "draft": _draft(draft) if draft or not start else NO_DRAFT | {"fields": start},
        "is_predicted": bool(start),
    }


def frame(assignment: Assignment, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from the assignment's row and the versions that it names, and asks nobody else."""
    config = configs.raw(assignment.config_id)
    return {
        "assignment": assignment,
        "project": assignment.project,
        "units": [asking.unit(number, one, config, str(assignment.pk)) for number, one in enumerate(payload["units"])],
        "cannot_answer": [(reason, REASON_WORDS[reason]) for reason in REASONS] if config["cannot_answer"] else [],
        "guidelines": _guidelines(assignment),
        "has_media": config["data"]["kind"] in shown.MEDIA_KINDS,
        "return_reasons": ReturnReason.choices,
    }


def payload(assignment: Assignment, worker: Worker, now: datetime | None) -> dict[str, Any]:
    """What the task shows, its files as addresses that are good for him."""
    config = configs.raw(assignment.config_id)
    return shown.payload(assignment.task, config=config, user=worker.user, address=media_address, now=now)


def left_words(left: int) -> str:
    if left >= offers.MOST:
        return _("more than %(most)s left") % {"most": offers.MOST}
    return ngettext("%(left)s left", "%(left)s left", left) % {"left": left}


def takes(project: Project) -> str:
    """How long an answer was measured to take, in words; "" where nobody knows yet."""
    seconds = offers.pace(project).seconds
    return duration(seconds) if seconds else ""


def tier_of(assignment: Assignment) -> Tier | None:
    """None: the project's own terms."""
    if not assignment.tier:
        return None
    return Tier.objects.filter(project=assignment.project_id, number=assignment.tier).first()


def iso(time: datetime | None) -> str:
    return time.isoformat() if time else ""


def tiers_of(assignment: Assignment) -> list[int]:
    """Those of which he is given tasks in this project."""
    inside = Participation.objects.filter(project=assignment.project_id, worker=assignment.worker_id)
    return inside.values_list("tiers", flat=True).get()


def media(assignment: Assignment, worker: Worker) -> list[str]:
    """The addresses of the files that a task will show, the same ones that its page will have."""
    config = configs.raw(assignment.config_id)
    found = payload(assignment, worker, None)
    units = [asking.unit(number, one, config) for number, one in enumerate(found["units"])]
    return [file for one in units for file in one.files]


def _guidelines(assignment: Assignment) -> dict[str, Any] | None:
    """The text as it stood when the task was taken, of what was sent back as it is now; the page renders it, and keeps
    that for others."""
    id = assignment.project.guidelines_id if assignment.rework_of else assignment.guidelines_id
    version = configs.guidelines(id) if id else None
    if version is None or not version.text.strip():
        return None
    return {"id": id, "version": version.version, "text": version.text}


def _start(assignment: Assignment) -> dict[str, list[str]]:
    """What stands in the fields before he begins; what was sent back begins with his own answer."""
    if assignment.rework_of or not configs.raw(assignment.config_id)["data"].get("prediction"):
        return {}
    return asking.started(configs.parsed(assignment.config_id), assignment.task.shown_units)


def _draft(draft: Draft | None) -> dict[str, Any]:
    if draft is None:
        return NO_DRAFT
    return {"fields": draft.value, "revision": draft.revision, "active_ms": draft.active_ms}
