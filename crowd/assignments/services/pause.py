"""Pausing a worker on one project, and lifting it. Both are followed by a recount of his answers (see `recount`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crowd.assignments import quiz
from crowd.assignments.models import Participation
from crowd.assignments.services import gate
from crowd.assignments.states import PARTICIPATION, ParticipationState
from crowd.kernel import hints
from crowd.kernel.errors import BadInput, NotAllowed, NotFound
from crowd.notices.services.notify import notify
from crowd.projects.access import project_for
from crowd.projects.models import Project
from crowd.quality.accuracy import NOBODY, Others, QuizMark, quiz_mark, should_pause
from crowd.users.models import User
from crowd.users.services import audit
from workers.models import Worker

RECORD = "/work/record/"  # where the worker reads about it

GOLD_RULES = ("quiz", "gold_accuracy", "gold_and_consensus")
PAUSE_FIELDS = [
    "state",
    "paused_at",
    "pause_reason",
    "pause_evidence",
    "lifted_at",
    "forgiven_right",
    "forgiven_wrong",
    "recount_due",
]


def if_below_minimum(participation: Participation, *, project: Project, now: datetime, others: Others = NOBODY) -> bool:
    """Pause him if he failed the quiz that he has just ended, or if what is known says that he is below the project's
    minimum: gold, and with `others` also his answers to ordinary tasks. Needs the participation's lock.

    Nobody is stopped in the middle of a quiz: its length and pay were promised.
    """
    if participation.state == ParticipationState.PAUSED or participation.submitted_count < project.quiz_length:
        return False
    grounds = _failed_quiz(participation, project) or _below_minimum(participation, project, others)
    if grounds is None:
        return False
    _pause(participation, project=project, actor=None, reason=grounds.reason, facts=grounds.facts, now=now)
    return True


@dataclass(frozen=True)
class Grounds:
    """Why a rule pauses: in words with the worker's figures, and the figures."""

    reason: str
    facts: Mapping[str, object]


def pass_mark(project: Project) -> QuizMark | None:
    """The right answers that pass the project's quiz, and how often a good worker would fail it.

    The requester's own mark, or the highest one that its error rate allows (crowd.quality). None: it cannot be failed.
    """
    length, minimum, own = project.quiz_length, project.minimum_accuracy, project.quiz_pass
    if not length or (own is None and (minimum is None or not 0 < minimum < 1)):
        return None
    if own is None:
        return quiz_mark(length, float(minimum or 0))
    return QuizMark(own, 0.0)


def _failed_quiz(participation: Participation, project: Project) -> Grounds | None:
    """Right after his last quiz task; a lifted pause is not the quiz's business any more."""
    mark, total = pass_mark(project), participation.gold_right + participation.gold_wrong
    if (
        mark is None
        or participation.submitted_count != project.quiz_length
        or participation.forgiven_wrong
        or not total
    ):
        return None
    if participation.gold_right * project.quiz_length >= mark.right * total:
        return None
    reason = _(
        "%(right)d of your %(total)d quiz answers were right; going on here asks for %(mark)d of %(length)d. The quiz "
        "is paid like all other work. You can contest this from your record."
    ) % {"right": participation.gold_right, "total": total, "mark": mark.right, "length": project.quiz_length}
    facts = {
        "rule": "quiz",
        "right": participation.gold_right,
        "wrong": participation.gold_wrong,
        "mark": mark.right,
        "length": project.quiz_length,
    }
    return Grounds(reason, facts)


def _below_minimum(participation: Participation, project: Project, others: Others) -> Grounds | None:
    minimum = project.minimum_accuracy
    right = participation.gold_right - participation.forgiven_right
    wrong = participation.gold_wrong - participation.forgiven_wrong
    if minimum is None or not 0 < minimum < 1:
        return None
    quiz = pass_mark(project)
    error = quiz.error if quiz else 0.0
    if not should_pause(right, wrong, float(minimum), quiz_error=error, others=others):
        return None
    alone = should_pause(right, wrong, float(minimum), quiz_error=error)
    facts: dict[str, object] = {"rule": "gold_accuracy", "right": right, "wrong": wrong, "minimum": str(minimum)}
    figures = {"right": right, "total": right + wrong, "minimum": round(minimum * 100)}
    told = (
        _(
            "%(right)d of your %(total)d answers to tasks whose answer is known were right; this project asks for "
            "%(minimum)d %%."
        )
        % figures
    )
    if not alone:
        facts |= {"rule": "gold_and_consensus", "compared": len(others.chance)}
        facts["agreeing"] = round(float(others.chance.sum()), 1)
        told += (
            " "
            + _("By the other workers' answers about %(agreeing)s of your %(compared)s other answers are right.")
            % facts
        )
    return Grounds(told + " " + _("Your earnings are not affected. You can contest this from your record."), facts)


def by_rule(
    participation: Participation,
    *,
    project: Project,
    reason: str,
    facts: Mapping[str, object],
    now: datetime,
    actor: User | None = None,
) -> bool:
    """Pause him because a rule says so, or a person (`actor`) who followed it; False when he is paused already.

    Needs the participation's lock.
    """
    if participation.state == ParticipationState.PAUSED:
        return False
    _pause(participation, project=project, actor=actor, reason=reason, facts=facts, now=now)
    return True


def lift_locked(
    participation: Participation, *, project: Project, actor: User | None, reason: str, now: datetime
) -> None:
    """End a pause, inside a transaction that holds the participation. `actor` None: it ends by itself."""
    PARTICIPATION.check(participation.state, ParticipationState.ACTIVE)
    _lift(participation, project=project, actor=actor, reason=reason, now=now)


def recount_if_paused(participation: Participation) -> None:
    """He was paused while he held a task, and has now finished it: that answer does not count either."""
    if participation.state == ParticipationState.PAUSED and not participation.recount_due:
        Participation.objects.filter(id=participation.id).update(recount_due=True)
        hints.after_commit("assignments.recount", participation.id)


def pause(*, actor: User, project_id: int, worker_id: int, reason: str) -> Participation:
    """By the requester or staff, with a reason that the worker reads.

    Raises NotFound, NotAllowed (nobody himself), BadInput, WrongState.
    """
    return _by_hand(actor, project_id, worker_id, reason, ParticipationState.PAUSED)


def lift(*, actor: User, project_id: int, worker_id: int, reason: str) -> Participation:
    """End a pause. His answers count again where their slots are free. Raises as `pause`."""
    return _by_hand(actor, project_id, worker_id, reason, ParticipationState.ACTIVE)


def lift_granted(*, project_id: int, worker_id: int, since: datetime, actor: User | None, reason: str) -> bool:
    """An appeal against the pause that began at `since` is granted. False: that one has ended already. Inner."""
    entry = gate.enter(project_id=project_id, worker_id=worker_id)
    one = entry.participation
    if one is None or one.state != ParticipationState.PAUSED or one.paused_at != since:
        return False
    project = Project.objects.select_related("organisation").get(pk=project_id)
    _lift(one, project=project, actor=actor, reason=reason, now=entry.now, tell=False)
    return True


def _by_hand(actor: User, project_id: int, worker_id: int, reason: str, state: ParticipationState) -> Participation:
    if not reason.strip():
        raise BadInput(errors={"reason": _("Please say why; the worker reads it.")})
    project = project_for(actor, project_id)
    with transaction.atomic(durable=True):
        entry = gate.enter(project_id=project.id, worker_id=worker_id)
        participation, now = entry.participation, entry.now
        if participation is None:
            raise NotFound
        if participation.worker.user_id == actor.pk:
            raise NotAllowed(_("Somebody else must do this."))
        PARTICIPATION.check(participation.state, state)
        if state == ParticipationState.PAUSED:
            _pause(participation, project=project, actor=actor, reason=reason, facts={"rule": "by_hand"}, now=now)
        else:
            _lift(participation, project=project, actor=actor, reason=reason, now=now)
    return participation


def lift_if_unfounded(participation: Participation, *, project: Project, reason: str, now: datetime) -> bool:
    """End a pause by a rule that would not stop him any more, after his gold answers were scored anew.

    Nothing is forgiven: what counts is what stands now. Needs the participation's lock.
    """
    rule = participation.pause_evidence.get("rule")
    if participation.state != ParticipationState.PAUSED or rule not in GOLD_RULES:
        return False
    unfit = (
        _unfit_for_quiz(participation, project) if rule == "quiz" else _below_minimum(participation, project, NOBODY)
    )
    if unfit:
        return False
    _lift(participation, project=project, actor=None, reason=reason, now=now, forgive=False)
    return True


def _unfit_for_quiz(participation: Participation, project: Project) -> bool:
    """Whether the answers that were his quiz still fail it."""
    mark = pass_mark(project)
    scored = quiz.answers(project, [participation.worker_id]).values()
    passed = [one for one in scored if one is not None]
    return mark is not None and sum(passed) * project.quiz_length < mark.right * len(passed)


def _pause(
    participation: Participation,
    *,
    project: Project,
    actor: User | None,
    reason: str,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    PARTICIPATION.check(participation.state, ParticipationState.PAUSED)
    participation.state, participation.paused_at = ParticipationState.PAUSED, now
    participation.pause_reason, participation.pause_evidence = reason, dict(facts)
    _save(participation)
    _record(participation, project, actor, "participation.pause", reason, facts, now)
    _tell(participation, project, "paused", reason, now)


def _lift(
    participation: Participation,
    *,
    project: Project,
    actor: User | None,
    reason: str,
    now: datetime,
    forgive: bool = True,
    tell: bool = True,
) -> None:
    """The rule forgets what it paused him for, or his next wrong answer would pause him again for the old ones."""
    before = {"right": participation.gold_right, "wrong": participation.gold_wrong}
    participation.state, participation.paused_at = ParticipationState.ACTIVE, None
    participation.lifted_at = now
    participation.pause_reason, participation.pause_evidence = "", {}
    if forgive:
        participation.forgiven_right, participation.forgiven_wrong = participation.gold_right, participation.gold_wrong
    _save(participation)
    _record(participation, project, actor, "participation.lift", reason, before, now)
    if tell:  # else the appeal's end tells him
        _tell(participation, project, "pause_lifted", reason, now)


def _save(participation: Participation) -> None:
    participation.recount_due = True
    participation.save(update_fields=PAUSE_FIELDS)
    hints.after_commit("assignments.recount", participation.id)


def _record(
    participation: Participation,
    project: Project,
    actor: User | None,
    action: str,
    reason: str,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=participation,
        organisation=project.organisation,
        after=dict(facts),
        reason=reason,
        now=now,
    )


def _tell(participation: Participation, project: Project, kind: str, reason: str, now: datetime) -> None:
    user_id = Worker.objects.values_list("user_id", flat=True).get(pk=participation.worker_id)
    notify(user_id=user_id, kind=kind, data={"project": project.title, "reason": reason}, link=RECORD, now=now)
