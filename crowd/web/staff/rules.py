"""Rules of all projects, for staff: blocks from the whole site to decide, and what workers contest."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.rules import access, words
from crowd.rules.models import Firing
from crowd.rules.services import contest, decide
from crowd.rules.states import FiringState
from crowd.rules.terms import parse
from crowd.rules.vocabulary import Action, Scope
from crowd.users.access import is_member
from crowd.users.models import User
from crowd.web.doors import user_of
from crowd.web.forms import PageForm
from crowd.web.staff import kit
from crowd.web.staff.kit import Act, Row, Table, staff_page
from crowd.web.templatetags.crowd_web import when

SITE = Q(terms__action=Action.BLOCK, terms__parameters__scope=Scope.SITE)
CONTESTED = Q(contested_at__isnull=False, answered_at=None)


class WhyForm(PageForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        help_text=gettext_lazy("The worker reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@staff_page()
def rule_list(request: HttpRequest) -> Any:
    """What waits for staff first; `?state=all` is the whole log."""
    rows = access.firings_for_staff(user_of(request))
    if request.GET.get("state") != "all":
        rows = rows.filter((SITE & Q(state=FiringState.PROPOSED)) | CONTESTED)
    found, after = kit.newest(request, rows)
    head = [_("What"), _("Project"), _("Worker"), _("Found"), _("When"), _("State")]
    lines = [
        Row(
            [
                kit.link(Action(one.terms["action"]).label, "rule", firing_id=one.pk),
                one.project.title,
                kit.worker(one.worker_id),
                "; ".join(_found(one)),
                when(one.at),
                kit.status("pending", _("contested")) if _contested(one) else kit.state(one),
            ]
        )
        for one in found
    ]
    tabs = kit.state_tabs(request, [("", _("Waits for staff"))], _("All"))
    return kit.listing(request, _("Rules"), Table(head, lines, empty=_("Nothing waits."), next=after), tabs=tabs)


@staff_page("GET", "POST")
def rule(request: HttpRequest, firing_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(access.firings_for_staff(actor), firing_id)
    return kit.detail(request, lambda: _acts(one, actor), lambda: _page(one))


def _acts(one: Firing, actor: User) -> list[Act]:
    found = []
    own = is_member(actor, one.project.organisation) if access.is_for_staff(one) else False
    barred = _("Somebody else has to decide: this is a project of your own organisation.") if own else ""
    if access.is_for_staff(one) and one.state == FiringState.PROPOSED:
        found = [
            Act(
                "follow",
                _("Block from the site"),
                _("He can take no task anywhere until the end of the block. What he earned stays his."),
                WhyForm,
                lambda reason: decide.follow(actor=actor, firing_id=one.pk, reason=reason),
                _("Blocked. The worker reads why."),
                kind="danger",
                barred=barred,
            ),
            Act(
                "dismiss",
                _("Do nothing"),
                _("The log keeps your reason."),
                WhyForm,
                lambda reason: decide.dismiss(actor=actor, firing_id=one.pk, reason=reason),
                _("Dismissed."),
                barred=barred,
            ),
        ]
    if _contested(one):
        found += [_answer(one, actor, undo=undo, barred=barred) for undo in (True, False)]
    return found


def _answer(one: Firing, actor: User, *, undo: bool, barred: str) -> Act:
    if one.decided_by_id == actor.pk:
        barred = _("You decided this yourself; somebody else must answer.")
    return Act(
        "undo" if undo else "stands",
        _("Take it back") if undo else _("It stands"),
        _("Everything that the rule did to him is undone.") if undo else _("The worker reads why."),
        WhyForm,
        lambda reason: contest.answer(actor=actor, firing_id=one.pk, undo=undo, text=reason),
        _("Answered."),
        barred=barred,
    )


def _page(one: Firing) -> dict[str, Any]:
    facts = [
        (_("Project"), one.project.title),
        (_("Organisation"), one.project.organisation.name),
        (_("Worker"), kit.worker(one.worker_id)),
        (_("Rule"), words.sentence(parse(one.terms), currency=one.project.currency)),
        (_("Found"), "; ".join(_found(one))),
        (_("When"), when(one.at)),
        (_("State"), kit.state(one)),
        (_("The worker says"), one.contest or "–"),
        (_("Answer"), one.answer or "–"),
    ]
    title = Action(one.terms["action"]).label
    return {"title": title, "facts": facts, "tables": [kit.history(one)], "here": "rules"}


def _contested(one: Firing) -> bool:
    return one.contested_at is not None and one.answered_at is None


def _found(one: Firing) -> list[str]:
    return words.findings(parse(one.terms), one.evidence["figures"], currency=one.project.currency)
