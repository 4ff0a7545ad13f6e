"""Projects as a worker meets them: the list, one project, and the end of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from crowd.assignments import eligibility, guidelines, offers, queries
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import renewal
from crowd.assignments.states import AssignmentState, ParticipationState
from crowd.kernel import clock
from crowd.projects import pricing
from crowd.projects.models import Project
from crowd.projects.states import Warning
from crowd.review import queries as review
from crowd.review.services.ratings import SCALE
from qualifications.requirements import ways
from workers.models import RequesterMark, Worker
from workers.states import Mark


@dataclass(frozen=True)
class Line:
    """One project in the list; `holding` is the id of a task of his that waits there."""

    project: Project
    pace: offers.Pace
    record: offers.Record
    left: int
    lacking: Sequence[str]
    mark: str
    holding: int | None
    tiers: Sequence[eligibility.Reach] = ()

    @property
    def best_micros(self) -> int:
        """What the best paid tasks pay that he may be given."""
        return max([self.project.reward_micros, *(one.tier.reward_micros for one in self.tiers if one.verdict.met)])

    @property
    def expected_hourly_micros(self) -> int | None:
        """By the time that the requester expects."""
        return pricing.hourly_micros(self.project.reward_micros, self.project.expected_s)

    @property
    def hourly_micros(self) -> int | None:
        return self.pace.hourly_micros(self.project.reward_micros)


WANTED: dict[str, Callable[[Line], object]] = {
    "": lambda one: one.mark != Mark.HIDDEN,
    "ready": lambda one: one.mark != Mark.HIDDEN and not one.lacking and (one.left or one.holding),
    "saved": lambda one: one.mark == Mark.SAVED,
    "hidden": lambda one: one.mark == Mark.HIDDEN,
}
MOST_PAGES = 10  # looked through for one page of what is wanted


def lines(worker: Worker, found: Sequence[queries.Offer]) -> list[Line]:
    left = offers.tasks_left({one.project.pk: reached(one) for one in found})
    marks = dict(RequesterMark.objects.filter(worker=worker).values_list("organisation_id", "mark"))
    held = dict(
        Assignment.objects.filter(queries.OPENED, worker=worker, state=AssignmentState.ACTIVE, deadline__gt=clock.now())
        .order_by("-pk")
        .values_list("project_id", "pk")
    )
    return [
        Line(
            project=one.project,
            pace=offers.pace(one.project),
            record=offers.record(one.project.organisation_id),
            left=left.get(one.project.pk, 0),
            lacking=one.lacking,
            mark=marks.get(one.project.organisation_id, ""),
            holding=held.get(one.project.pk),
            tiers=one.tiers,
        )
        for one in found
    ]


def reached(offer: queries.Offer) -> list[int]:
    return [one.tier.number for one in offer.tiers if one.verdict.met]


@dataclass(frozen=True)
class Listed:
    """A page of the list. `next` is the cursor of the one after it, if there is more to look through."""

    lines: list[Line]
    next: int | None


def listed(
    worker: Worker,
    *,
    show: str = "",
    among: Q | None = None,
    fits: Callable[[Line], bool] = lambda _line: True,
    before: int | None = None,
    limit: int = 50,
) -> Listed:
    """`show` is "" (what he can do now first, hidden requesters left out), "ready", "saved" or "hidden".

    Further narrowed by the project (`among`) and by how it stands to him (`fits`).
    """
    wanted = WANTED.get(show, WANTED[""])
    kept: list[Line] = []
    for _page in range(MOST_PAGES):
        found = lines(worker, queries.offers(worker, among=among, before=before, limit=limit))
        kept += [one for one in found if wanted(one) and fits(one)]
        before = found[-1].project.pk if len(found) == limit else None
        if before is None or len(kept) >= limit:
            break
    return Listed(sorted(kept, key=_first_what_he_can_do), before)


def _first_what_he_can_do(one: Line) -> tuple[bool, ...]:
    return (not one.holding, bool(one.lacking), not one.left, one.mark != Mark.SAVED)


def one(worker: Worker, project_id: int) -> dict[str, Any]:
    project = queries.visible_to(worker, project_id)
    standing = eligibility.standing(worker, project, clock.now())
    (line,) = lines(worker, [queries.offer(worker, project, standing)])
    inside = Participation.objects.filter(worker=worker, project=project).first()
    warnings = [str(label) for value, label in Warning.choices if value in project.content_warnings]
    return {
        "line": line,
        "project": project,
        "participation": inside,
        "requester": review.record(project.organisation_id),
        "review_plan": review.plan_of(project),
        "rating": review.my_rating(worker, project),
        "scale": SCALE,
        "ways": ways(worker, standing.unmet),
        "preview": queries.previewable(worker, project, standing),
        "warnings": warnings,
        "warned_minutes": settings.CROWD_WARNED_MINUTES,
        "time_limit_s": (limit := renewal.limit_of(project, worker.time_percent).total_seconds()),
        "longest_s": renewal.MOST * limit,
        "quiz": quiz_ahead(project, inside),
        "unasked": standing.unasked,
    }


def quiz_ahead(project: Project, inside: Participation | None) -> offers.Quiz | None:
    """The quiz that he is told of before he starts."""
    return offers.quiz(project) if inside is None else None


def is_quiz_untold(worker: Worker, project_id: int) -> bool:
    """Whether a quiz would begin that no page tells of: there are no guidelines to be read before it."""
    quizzed = Project.objects.filter(pk=project_id, quiz_length__gt=0)
    if not quizzed.exists() or Participation.objects.filter(worker=worker, project=project_id).exists():
        return False  # the usual case, which is to cost no more than this
    return guidelines.unread(queries.visible_to(worker, project_id), None) is None


def ended(worker: Worker, project: Project) -> dict[str, Any]:
    """Why he gets no further task here, in words, and what he could do next."""
    lacking = queries.lacking(worker, project, clock.now())
    inside = Participation.objects.filter(worker=worker, project=project).first()
    others = [other for other in listed(worker, show="ready", limit=20).lines if other.project.pk != project.pk]
    paused = inside is not None and inside.state == ParticipationState.PAUSED
    why = inside.pause_reason if inside and paused else _why(project, inside, lacking)
    return {"project": project, "why": why, "paused": paused, "participation": inside, "others": others[:5]}


def _why(project: Project, inside: Participation | None, lacking: Sequence[str]) -> str:
    """Where he is not paused."""
    if lacking:
        return " ".join(lacking)
    limit = project.max_tasks_per_worker
    if limit is not None and inside is not None and inside.taken_count >= limit:
        return _("You have done the %(limit)d tasks that one person may do here.") % {"limit": limit}
    if project.state != "open":
        return _("The project gives out no tasks at the moment.")
    return _("You have done every task here that is free for you. Tasks come back when others return them.")
