"""Staff look at a project: an organisation's first public one before workers see it, others when workers report them.

A project with a standing review (waiting or refused) is paused, and only passing the review opens it again; its
requester may close it and have his money back. Lock order: Project, then Review and Reports.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.projects.access import locked_for
from crowd.projects.errors import UnderReview, WrongState
from crowd.projects.models import Project, Report, Review
from crowd.projects.services.record import record
from crowd.projects.states import REVIEW, ProjectState, ReviewCause, ReviewState, Workforce
from crowd.users.access import is_member, require_staff
from crowd.users.models import User

MAX_REASON = 2_000


def is_needed(project: Project) -> bool:
    """Whether it is its organisation's first for the public: no other one was published that staff let stand. Inner."""
    if not settings.CROWD_REVIEW_FIRST_PROJECT or project.workforce != Workforce.PUBLIC:
        return False
    others = Project.objects.filter(organisation=project.organisation_id, workforce=Workforce.PUBLIC)
    published = others.exclude(pk=project.pk).filter(published_at__isnull=False)
    standing = Review.objects.exclude(state=ReviewState.PASSED).values("project")
    return not published.exclude(pk__in=standing).exists()


def begin(project: Project, cause: ReviewCause, *, now: datetime, actor: User | None = None, reason: str = "") -> None:
    """Pause the project until staff have looked. Inner: needs the project's lock; does not save the project's state."""
    if standing(project) is None:
        Review.objects.create(project=project, cause=cause, asked_at=now)
    project.state, project.pause_reason = ProjectState.PAUSED, reason or _why(cause)
    record(actor, project, "project.review", now=now, after={"cause": cause.value}, reason=reason)


def standing(project: Project) -> Review | None:
    """The review that keeps the project paused, if there is one."""
    return Review.objects.filter(project=project).exclude(state=ReviewState.PASSED).first()


def refuse_while_standing(project: Project) -> None:
    """Raises UnderReview. For whoever would open the project; needs its lock."""
    review = standing(project)
    if review is None:
        return
    message = None
    if review.state == ReviewState.REFUSED:
        message = _("Staff did not pass this project: %(reason)s Mend it and ask them to look again.") % {
            "reason": review.reason
        }
    raise UnderReview(message, state=review.state)


def approve(*, actor: User, project_id: int, note: str = "") -> Project:
    """Staff let it go on: the project opens, open reports are answered with the note. Raises NotFound, WrongState."""
    with transaction.atomic(durable=True):
        project, review = _to_decide(actor, project_id)
        now = clock.now()
        _decide(review, ReviewState.PASSED, actor, now, note)
        _answer_reports(project, actor, now, note)
        if project.state == ProjectState.PAUSED:
            project.state, project.pause_reason = ProjectState.OPEN, ""
            project.save(update_fields=["state", "pause_reason"])
        record(actor, project, "project.review.pass", now=now, reason=note)
    return project


def refuse(*, actor: User, project_id: int, reason: str) -> Project:
    """It stays paused, and the requester reads why. Raises NotFound, BadInput, WrongState."""
    reason = _reason(reason)
    with transaction.atomic(durable=True):
        project, review = _to_decide(actor, project_id)
        now = clock.now()
        _decide(review, ReviewState.REFUSED, actor, now, reason)
        project.pause_reason = _("Staff did not pass this project: %(reason)s") % {"reason": reason}
        project.save(update_fields=["pause_reason"])
        record(actor, project, "project.review.refuse", now=now, reason=reason)
    return project


def ask_again(*, actor: User, project_id: int) -> Review:
    """The requester mended what staff did not like. Members. Raises NotFound, WrongState while staff still look."""
    with transaction.atomic(durable=True):
        project = locked_for(actor, project_id)
        review = Review.objects.filter(project=project).exclude(state=ReviewState.PASSED).first()
        if review is None:
            raise NotFound
        REVIEW.check(review.state, ReviewState.WAITING)
        now = clock.now()
        review.state, review.asked_at = ReviewState.WAITING, now
        review.save(update_fields=["state", "asked_at"])
        record(actor, project, "project.review.ask_again", now=now)
    return review


def stop(*, actor: User, project_id: int, reason: str) -> Project:
    """Staff take a project from the public at once, to look at it. The requester reads the reason.

    Raises NotAllowed, NotFound, BadInput, WrongState unless it is open or paused.
    """
    reason = _reason(reason)
    with transaction.atomic(durable=True):
        project = _locked(actor, project_id, ProjectState.OPEN, ProjectState.PAUSED)
        begin(project, ReviewCause.STAFF, now=clock.now(), actor=actor, reason=reason)
        project.save(update_fields=["state", "pause_reason"])
    return project


def dismiss_reports(*, actor: User, project_id: int, note: str) -> int:
    """Staff looked and let the project stand; the reporters read the note. How many were answered."""
    note = _reason(note)
    with transaction.atomic(durable=True):
        project = _locked(actor, project_id)
        now = clock.now()
        answered = _answer_reports(project, actor, now, note)
        if answered:
            record(actor, project, "project.reports.dismiss", now=now, after={"reports": answered}, reason=note)
    return answered


def _to_decide(actor: User, project_id: int) -> tuple[Project, Review]:
    project = _locked(actor, project_id)
    review = standing(project)
    if review is None:
        raise NotFound(_("Nothing about this project waits for staff."))
    return project, review


def _locked(actor: User, project_id: int, *states: ProjectState) -> Project:
    """For staff who are no members of its organisation."""
    require_staff(actor)
    project = Project.objects.select_for_update(no_key=True).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    if is_member(actor, project.organisation):
        raise NotAllowed(_("Somebody else has to decide: this is a project of your own organisation."))
    if states and project.state not in states:
        raise WrongState(_("This cannot be done: the project is %(state)s.") % {"state": project.get_state_display()})
    return project


def _decide(review: Review, state: ReviewState, actor: User, now: datetime, reason: str) -> None:
    REVIEW.check(review.state, state)
    review.state, review.decided_by, review.decided_at, review.reason = state, actor, now, reason
    review.save(update_fields=["state", "decided_by", "decided_at", "reason"])


def _answer_reports(project: Project, actor: User, now: datetime, note: str) -> int:
    open_ones = Report.objects.filter(project=project, handled_at=None)
    return open_ones.update(handled_at=now, handled_by=actor, outcome=note or _("Staff looked at it and let it go on."))


def _reason(text: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_REASON or "\x00" in text:
        raise BadInput(errors={"reason": _("Please say why, in up to %(most)s characters.") % {"most": MAX_REASON}})
    return text


def _why(cause: ReviewCause) -> str:
    if cause == ReviewCause.FIRST:
        return _("Staff look at an organisation's first public project before workers see it.")
    return _("Workers reported this project. It rests until staff have looked at it.")
