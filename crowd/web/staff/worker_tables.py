"""What a worker's page tells of him, in tables: his work and its evidence, rejections, blocks, payouts."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crowd.assignments.models import Participation, Rejection
from crowd.kernel import clock
from crowd.payouts.models import Payout
from crowd.projects.models import Report
from crowd.quality.accuracy import BetaAccuracy
from crowd.web.staff import kit
from crowd.web.staff.kit import Row, Table, amount, link, person
from crowd.web.templatetags.crowd_web import when
from qualifications import queries as qualifications
from workers.models import Block, Worker

SOME = 30


def work(one: Worker) -> Table:
    rows = Participation.objects.filter(worker=one).select_related("project").order_by("-pk")[:SOME]
    head = [_("Project"), _("Answers#"), _("Right on gold#"), _("Accuracy#"), _("State"), _("Why")]
    lines = [
        Row(
            [
                link(each.project.title, "participation", worker_id=one.pk, project_id=each.project_id),
                each.submitted_count,
                f"{each.gold_right} / {each.gold_right + each.gold_wrong}",
                accuracy(each),
                kit.state(each),
                each.pause_reason or "–",
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Work, and the evidence of it"))


def accuracy(of: Participation) -> str:
    """“94 % (91 to 96)”: the mean and the middle 95 % of what gold allows to be believed."""
    if not of.gold_right + of.gold_wrong:
        return "–"
    found = BetaAccuracy(of.gold_right, of.gold_wrong)
    low, high = found.interval()
    figures = {"mean": round(100 * found.mean), "low": round(100 * low), "high": round(100 * high)}
    return _("%(mean)s %% (%(low)s to %(high)s)") % figures


def rejections(one: Worker) -> Table:
    rows = Rejection.objects.filter(assignment__worker=one).select_related("project").order_by("-pk")[:SOME]
    head = [_("Rejection"), _("Project"), _("Rests on"), _("Reason"), _("When"), _("State")]
    lines = [
        Row(
            [
                link(_("Rejection %(id)s") % {"id": each.pk}, "rejection", rejection_id=each.pk),
                link(each.project.title, "project", project_id=each.project_id),
                each.get_evidence_display(),
                each.reason,
                when(each.rejected_at),
                kit.state(each),
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Rejected answers"))


def blocks(one: Worker) -> Table:
    now = clock.now()
    rows = Block.objects.filter(worker=one).select_related("organisation", "created_by").order_by("-pk")[:SOME]
    head = [_("From"), _("Reason"), _("By"), _("Since"), _("Until"), _("State")]
    lines = [
        Row(
            [
                each.organisation.name if each.organisation else _("the whole site"),
                each.reason,
                person(each.created_by),
                when(each.created_at),
                when(each.ends_at) if each.ends_at else _("lifted by hand"),
                _block_state(each, now),
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Blocks"))


def _block_state(block: Block, now: datetime) -> Any:
    if block.lifted_at:
        return kit.status("", _("lifted"))
    over = block.ends_at is not None and block.ends_at <= now
    return kit.status("", _("over")) if over else kit.status("blocked", _("in force"))


def reports(one: Worker) -> Table:
    rows = Report.objects.filter(worker=one).select_related("project").order_by("-pk")[:SOME]
    head = [_("Project"), _("What is wrong"), _("In his words"), _("When")]
    lines = [
        Row(
            [
                link(each.project.title, "project", project_id=each.project_id),
                each.get_kind_display(),
                each.text,
                when(each.reported_at),
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Projects that he reported"))


def skills(one: Worker) -> Table:
    head = [_("Qualification"), _("Of"), _("Value#"), _("Since")]
    lines = [
        Row(
            [
                link(each.qualification.name, "qualification", qualification_id=each.qualification_id),
                each.qualification.organisation.name if each.qualification.organisation else _("the site"),
                each.value,
                when(each.granted_at),
            ]
        )
        for each in qualifications.held_by(one, now=clock.now())
    ]
    return Table(head, lines, _("Qualifications"))


def payouts(one: Worker) -> Table:
    head = [_("Payout"), _("Amount#"), _("Asked for"), _("State"), _("Reason")]
    rows = Payout.objects.filter(worker=one).order_by("-pk")[:SOME]
    lines = [
        Row(
            [
                link(_("Payout %(id)s") % {"id": each.pk}, "payout", payout_id=each.pk),
                amount(each.amount_micros, each.currency),
                when(each.requested_at),
                kit.state(each),
                each.reason or "–",
            ]
        )
        for each in rows
    ]
    return Table(head, lines, _("Payouts"))


def tables(one: Worker) -> list[Table]:
    """Those that say something of him."""
    found = [work(one), rejections(one), blocks(one), reports(one), skills(one), payouts(one)]
    return [table for table in found if table.rows]
