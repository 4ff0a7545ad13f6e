"""Appeals of workers, and rejections that were asked for in masses: what speaks for either side, and the decision."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crowd.assignments import configs
from crowd.assignments.models import Answer, Assignment, HeldBatch, Rejection
from crowd.assignments.states import AssignmentState, HeldState
from crowd.review import access
from crowd.review.models import Appeal
from crowd.review.services import appeals, held, peers
from crowd.review.states import AppealState
from crowd.users.access import is_member
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.staff import forms, kit, seen
from crowd.web.staff.kit import Act, Row, Table, address, amount, link, person, staff_page
from crowd.web.templatetags.crowd_web import percent, when
from crowd.web.worker.words import REASON_WORDS, in_words

SOME = 50
LONGEST = 200


@staff_page()
def appeal_list(request: HttpRequest) -> Any:
    states = [(str(value), label) for value, label in AppealState.choices]
    rows = kit.by_state(request, access.with_all(), AppealState.values)
    found, following = kit.newest(request, rows)
    head = [_("Appeal"), _("Worker"), _("Against"), _("Opened"), _("To decide"), _("State")]
    lines = [
        Row(
            [
                link(_("Appeal %(id)s") % {"id": one.pk}, "appeal", appeal_id=one.pk),
                kit.worker(one.worker_id),
                f"{one.get_subject_display()} · {one.project or one.organisation or _('the site')}",
                when(one.opened_at),
                when(one.due_at),
                kit.state(one),
            ]
        )
        for one in found
    ]
    table = Table(head, lines, empty=_("No appeal is in this state."), next=following)
    return kit.listing(request, _("Appeals"), table, tabs=kit.state_tabs(request, states, _("all")))


@staff_page("GET", "POST")
def appeal(request: HttpRequest, appeal_id: int) -> Any:
    actor = user_of(request)
    one = access.appeal_for_staff(actor, appeal_id)
    return kit.detail(request, lambda: _acts(one, actor), lambda: _page(one, actor))


@staff_page("GET", "POST")
def held_batch(request: HttpRequest, held_batch_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(HeldBatch.objects.select_related("project__organisation", "asked_by", "decided_by"), held_batch_id)
    return kit.detail(request, lambda: _batch_acts(one, actor), lambda: _batch_page(one))


def _acts(one: Appeal, actor: User) -> list[Act]:
    one.refresh_from_db(fields=["state"])
    if one.state != AppealState.OPEN:
        return []
    barred = "" if access.may_decide(actor, one) else _("You had a part in it, or it is about your own organisation.")
    right = {
        "rejection": _("The answer is accepted and paid from what is held for it."),
        "pause": _("The pause ends; his answers count again where slots are free."),
        "block": _("The block ends at once."),
    }[one.subject]
    grant = Act(
        "grant",
        _("Grant it"),
        right + " " + _("Worker and requester read the reason."),
        forms.Reason,
        lambda reason: appeals.grant(actor=actor, appeal_id=one.pk, reason=reason),
        _("Granted."),
        barred=barred,
    )
    uphold = Act(
        "uphold",
        _("Do not grant it"),
        _("What was decided stands, for good. The worker reads the reason."),
        forms.Reason,
        lambda reason: appeals.uphold(actor=actor, appeal_id=one.pk, reason=reason),
        _("Not granted."),
        kind="danger",
        barred=barred,
    )
    return [grant, uphold]


def _page(one: Appeal, reader: User) -> dict[str, Any]:
    one = access.with_all().get(pk=one.pk)
    decided_by = User.objects.filter(pk=access.who_decided(one) or 0).first()
    facts: list[tuple[str, Any]] = [
        (_("Worker"), kit.worker(one.worker_id)),
        (_("Against"), one.get_subject_display()),
        (_("Decided then"), kit.format_html("{} · {}", when(one.about_at), person(decided_by))),
        (_("In the worker's words"), one.text),
        (_("Opened"), when(one.opened_at)),
        (_("To decide"), when(one.due_at)),
    ]
    facts += _rejection_facts(one.rejection) if one.rejection else []
    if one.participation is not None:
        where = {"worker_id": one.worker_id, "project_id": one.participation.project_id}
        facts.append((_("The pause, its rule and figures"), link(one.project, "participation", **where)))
    if one.block is not None:
        facts += [(_("Block of"), one.organisation or _("the whole site")), (_("Reason"), one.block.reason)]
    if one.decided_at:
        facts += [(_("Decided"), kit.format_html("{} · {}", when(one.decided_at), person(one.decided_by)))]
        facts += [(_("Why"), one.reason)]
    return {
        "title": _("Appeal %(id)s") % {"id": one.pk},
        "badge": kit.state(one),
        "crumb": {"address": address("appeals"), "label": _("Appeals")},
        "facts": facts,
        "tables": [*_answers(one, reader), kit.history(one)],
    }


def _rejection_facts(one: Rejection) -> list[tuple[str, Any]]:
    return [
        (_("Rejection"), link(_("Rejection %(id)s") % {"id": one.pk}, "rejection", rejection_id=one.pk)),
        (_("Project"), link(one.project.title, "project", project_id=one.project_id)),
        (_("Reward that is held"), amount(one.assignment.reward_micros, one.project.currency)),
        (_("Rests on"), one.get_evidence_display()),
        (_("Figures"), _short(one.facts) if one.facts else "–"),
        (_("Reason"), one.reason),
    ]


def _answers(appeal: Appeal, reader: User) -> list[Table]:
    """The contested answer beside what all others said to the same task; those asked since then are the peers."""
    if appeal.rejection is None:
        return []
    one = appeal.rejection.assignment
    given = Answer.objects.filter(project_id=one.project_id, task_id=one.task_id).order_by("id")[:SOME]
    asked = {each.pk for each in peers.answers(appeal)}
    lines = [
        Row([_whose(each, one, asked), kit.worker(each.worker_id), _said(each.value), when(each.submitted_at)])
        for each in given
    ]
    key = [Row([_("Known answer (gold)"), "–", _units(one.task.gold or {}), "–"])] if one.is_gold else []
    config, at_once = configs.raw(one.config_id), not one.project.content_warnings
    saw = seen.by_workers(one.task, config, reader, at_once=at_once)
    item = Table([_("What was shown")], [Row([saw])], _("The task"))
    told = peers.told(appeal) if appeal.state == AppealState.OPEN else appeal.evidence
    title = _("Answers to it")
    if told.get("asked"):
        words = _("Answers to it; of %(asked)s asked again, %(answered)s answered, %(same)s of them as he did")
        title = words % told
    return [item, Table([_("Whose"), _("Worker"), _("Answer"), _("When")], key + lines, title)]


def _whose(answer: Answer, contested: Assignment, peers_: set[int]) -> str:
    if answer.assignment_id == contested.pk:
        return _("contested")
    return _("asked again, blind") if answer.pk in peers_ else _("other worker")


def _said(value: Mapping[str, Any]) -> str:
    """An answer in words; its questions by their ids, as in the requester's files."""
    if "cannot_answer" in value:
        return str(REASON_WORDS[value["cannot_answer"]["reason"]])
    return _units(value)


def _units(value: Mapping[str, Any]) -> str:
    return " | ".join(in_words(unit) for unit in value.get("units", [])) or _short(value)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _batch_acts(one: HeldBatch, actor: User) -> list[Act]:
    one.refresh_from_db(fields=["state"])
    if one.state != HeldState.HELD:
        return []
    barred = _("This is a project of your own organisation.") if is_member(actor, one.project.organisation) else ""
    return [
        Act(
            "pass",
            _("Let them pass"),
            _("Those that nobody has accepted meanwhile are rejected in the requester's name; each can be appealed."),
            forms.Reply,
            lambda note: held.let_pass(actor=actor, batch_id=one.pk, note=note),
            _("They are carried out."),
            kind="danger",
            barred=barred,
        ),
        Act(
            "refuse",
            _("Do not let them pass"),
            _("Nothing changes. The requester reads the reason; what he does not decide is paid in its time."),
            forms.Reason,
            lambda reason: held.refuse(actor=actor, batch_id=one.pk, note=reason),
            _("They are not carried out."),
            barred=barred,
        ),
    ]


def _batch_page(one: HeldBatch) -> dict[str, Any]:
    one.refresh_from_db()
    lines = {line["assignment"]: line for line in one.lines}  # the last, where he was asked to answer once more
    found = list(Assignment.objects.filter(pk__in=list(lines)).order_by("pk")[:SOME])
    said = {
        each.assignment_id: each
        for each in Answer.objects.filter(project=one.project_id, assignment__in=found).order_by("attempt")
        if each.attempt <= lines[each.assignment_id]["attempt"]
    }
    asked = User.objects.in_bulk({line["by"] for line in one.lines})
    open_ = Assignment.objects.filter(pk__in=list(lines), state=AssignmentState.SUBMITTED).count()
    facts: list[tuple[str, Any]] = [
        (_("Project"), link(one.project.title, "project", project_id=one.project_id)),
        (_("Requester"), one.project.organisation.name),
        (_("Rejections"), _("%(n)s, of which %(open)s are still undecided") % {"n": len(lines), "open": open_}),
        (_("Share of all decided, these included"), percent(one.share)),
        (_("Workers"), Assignment.objects.filter(pk__in=list(lines)).values("worker").distinct().count()),
        (_("Asked"), kit.format_html("{} · {}", when(one.asked_at), person(one.asked_by))),
    ]
    facts += (
        [(_("Decided"), kit.format_html("{} · {}", when(one.decided_at), person(one.decided_by)))] if one.note else []
    )
    head = [_("Answer"), _("Worker"), _("Said"), _("Evidence"), _("Reason"), _("Asked by"), _("State")]
    rows = [
        Row(
            [
                str(each.pk),
                kit.worker(each.worker_id),
                _said(said[each.pk].value) if each.pk in said else "–",
                _short(lines[each.pk]["facts"]) if lines[each.pk]["facts"] else lines[each.pk]["evidence"],
                lines[each.pk]["reason"],
                person(asked.get(lines[each.pk]["by"])),
                kit.state(each),
            ]
        )
        for each in found
    ]
    title = _("The first %(n)s") % {"n": SOME} if len(lines) > SOME else _("All of them")
    return {
        "title": _("%(count)s rejections at once") % {"count": len(lines)},
        "badge": kit.state(one),
        "crumb": {"address": address("today"), "label": _("Today")},
        "facts": facts,
        "tables": [Table(head, rows, title), kit.history(one)],
    }
