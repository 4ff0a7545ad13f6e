"""One worker in one project, and one rejection of his: what was measured, by which rule, and what can be mended."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crowd.assignments.models import Participation, Rejection
from crowd.assignments.services import pause, reject
from crowd.assignments.states import ParticipationState, RejectionState
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit
from crowd.web.staff.kit import Act, address, amount, link, person, staff_page
from crowd.web.staff.worker_tables import accuracy
from crowd.web.templatetags.crowd_web import percent, when

SOME = 30


@staff_page("GET", "POST")
def participation(request: HttpRequest, worker_id: int, project_id: int) -> Any:
    """One worker in one project: his gold, his rejections, and the pause."""
    actor = user_of(request)
    rows = Participation.objects.filter(worker=worker_id, project=project_id).select_related("project", "worker")
    one = kit.one(rows, rows.values_list("pk", flat=True).first() or 0)
    return kit.detail(request, lambda: _pause_acts(one, actor), lambda: _participation_page(one))


@staff_page("GET", "POST")
def rejection(request: HttpRequest, rejection_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Rejection.objects.select_related("project", "assignment", "rejected_by"), rejection_id)

    def acts() -> list[Act]:
        if one.state != RejectionState.HELD:
            return []
        return [
            Act(
                "overturn",
                _("Overturn it"),
                _("The answer is accepted and paid from what is held for it. Worker and requester read the reason."),
                forms.Reason,
                lambda reason: reject.overturn(actor=actor, assignment_id=one.assignment_id, reason=reason),
                _("Overturned: the answer is accepted and paid."),
            )
        ]

    return kit.detail(request, acts, lambda: _rejection_page(one))


def _pause_acts(one: Participation, actor: User) -> list[Act]:
    one.refresh_from_db(fields=["state"])
    where: dict[str, int] = {"project_id": one.project_id, "worker_id": one.worker_id}
    own = _("This is you.") if one.worker.user_id == actor.pk else ""
    if one.state == ParticipationState.ACTIVE:
        says = _(
            "He takes no more tasks of this project. His %(count)s answers no longer count towards it: where others "
            "can replace them, their slots are offered again. What he has earned stays his. He reads the reason."
        )
        return [
            Act(
                "pause",
                _("Pause him in this project"),
                says % {"count": one.submitted_count},
                forms.Reason,
                lambda reason: pause.pause(actor=actor, reason=reason, **where),
                _("Paused."),
                kind="danger",
                barred=own,
            )
        ]
    return [
        Act(
            "lift",
            _("Lift the pause"),
            _("He may go on, and his answers count again where slots are free. Gold he missed before is forgiven."),
            forms.Reason,
            lambda reason: pause.lift(actor=actor, reason=reason, **where),
            _("The pause is lifted."),
            barred=own,
        )
    ]


def _participation_page(one: Participation) -> dict[str, Any]:
    one.refresh_from_db()
    wanted = one.project.minimum_accuracy
    facts: list[tuple[str, Any]] = [
        (_("Project"), link(one.project.title, "project", project_id=one.project_id)),
        (_("Worker"), kit.worker(one.worker_id)),
        (_("Joined"), when(one.joined_at)),
        (_("Answers"), one.submitted_count),
        (_("Right on gold"), f"{one.gold_right} / {one.gold_right + one.gold_wrong}"),
        (_("Accuracy on gold, 95 % interval"), accuracy(one)),
        (_("The project asks for"), percent(float(wanted) if wanted is not None else None)),
    ]
    if one.paused_at:
        facts += [(_("Paused"), when(one.paused_at)), (_("Reason"), one.pause_reason)]
        facts += [(_("Rule and figures"), ", ".join(f"{k}: {v}" for k, v in one.pause_evidence.items()))]
    return {
        "title": _("Worker %(id)s in %(project)s") % {"id": one.worker_id, "project": one.project.title},
        "badge": kit.state(one),
        "crumb": {"address": address("worker", worker_id=one.worker_id), "label": str(one.worker)},
        "facts": facts,
        "tables": [kit.history(one)],
    }


def _rejection_page(one: Rejection) -> dict[str, Any]:
    one.refresh_from_db()
    facts: list[tuple[str, Any]] = [
        (_("Project"), link(one.project.title, "project", project_id=one.project_id)),
        (_("Worker"), kit.worker(one.assignment.worker_id)),
        (_("Reward that is held"), amount(one.assignment.reward_micros, one.project.currency)),
        (_("Rests on"), one.get_evidence_display()),
        (_("Figures"), ", ".join(f"{name}: {value}" for name, value in one.facts.items()) or "–"),
        (_("Reason"), one.reason),
        (_("Rejected"), kit.format_html("{} · {}", when(one.rejected_at), person(one.rejected_by))),
        (_("Final"), when(one.held_until)),
    ]
    facts += [(_("What became of it"), one.resolution)] if one.resolution else []
    back = address("worker", worker_id=one.assignment.worker_id)
    return {
        "title": _("Rejection %(id)s") % {"id": one.pk},
        "badge": kit.state(one),
        "crumb": {"address": back, "label": _("Worker %(id)s") % {"id": one.assignment.worker_id}},
        "facts": facts,
        "tables": [kit.history(one)],
    }
