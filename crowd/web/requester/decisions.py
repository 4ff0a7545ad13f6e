"""Accepting and rejecting: what is asked, and what it will do and cost, said before it is done."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.assignments.models import Assignment
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.reject import MAX_REOPENINGS
from crowd.assignments.states import AssignmentState, Evidence
from crowd.projects.models import Project
from crowd.projects.services import reserves
from crowd.web.forms import NeededChar, NeededChoice, PageForm
from crowd.web.paging import whole


class DecisionForm(PageForm):
    deed = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("accept", gettext_lazy("accept")), ("reject", gettext_lazy("reject"))],
        widget=forms.RadioSelect,
    )
    evidence = NeededChoice(
        label=gettext_lazy("The rejection rests on"), choices=Evidence.choices, initial=Evidence.WRITTEN, required=False
    )
    reason = NeededChar(
        label=gettext_lazy("Reason, in words to the worker"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("He reads exactly this, and may contest it."),
    )
    reopen = forms.BooleanField(label=gettext_lazy("Ask somebody else instead"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("deed") == "reject" and not given.get("reason", "").strip():
            self.add_error("reason", _("A rejection needs a reason; the worker reads it."))
        return given

    def grounds(self) -> Grounds:
        given = self.cleaned_data
        return Grounds(evidence=given["evidence"] or Evidence.WRITTEN, reason=given["reason"])


def cost_of(project: Project, rows: Sequence[Assignment], deed: str) -> dict[str, int]:
    """What a decision about these would do: pay, keep back, ask again; and how many of them cannot be decided."""
    open_ = [one for one in rows if one.state == AssignmentState.SUBMITTED]
    counting = [one for one in open_ if not one.is_gold and one.counts]
    own = [one for one in counting if one.tier == one.task.tier]  # what went up since has others to ask already
    again = [one for one in own if one.task.rejected_count < MAX_REOPENINGS]
    prices = {tier: reserves.slot_price(project, tier) for tier in {one.tier for one in again}}
    each = sum(one.reward_micros + one.fee_micros for one in open_)
    return {
        "deciding": len(open_),
        "decided": len(rows) - len(open_),
        "pays_micros": each if deed == "accept" else 0,
        "held_micros": each if deed == "reject" else 0,
        "again": len(again) if deed == "reject" else 0,
        "again_micros": sum(prices[one.tier] for one in again) if deed == "reject" else 0,
    }


def ids_of(texts: Sequence[str]) -> list[int]:
    """The numbers among what a form sent, each once."""
    return list(dict.fromkeys(number for text in texts if (number := whole(text)) is not None))
