"""Where a running project's money is. Reads only; the caller has passed the project's door."""

from dataclasses import dataclass

from django.db.models import F, Q, Sum

from crowd.assignments.models import Assignment, Leaving, Rejection
from crowd.assignments.states import AssignmentState, RejectionState
from crowd.ledger.models import Account, Transfer
from crowd.ledger.queries import of_holder
from crowd.ledger.states import Holder, Kind, Purpose
from crowd.projects.models import Project


@dataclass(frozen=True)
class Spend:
    """Where the project's money is: paid out for good, promised for answers that are there or due, or still free.

    `paid` + `topped_up` + `fees` + `undecided` + `held` + `active` + `rest` is what was reserved so far, less what
    went back.
    """

    paid_micros: int
    fees_micros: int
    undecided_micros: int  # submitted, not decided
    held_micros: int  # rejected, within the appeal window
    active_micros: int  # tasks in workers' hands
    rest_micros: int  # free slots, gold, extra answers, surplus
    topped_up_micros: int = 0  # towards the pay floor

    @property
    def spent_micros(self) -> int:
        return self.paid_micros + self.topped_up_micros + self.fees_micros

    @property
    def waiting_micros(self) -> int:
        """Promised for answers that are there or under way, and not decided for good."""
        return self.undecided_micros + self.held_micros + self.active_micros

    @property
    def total_micros(self) -> int:
        return self.spent_micros + self.waiting_micros + self.rest_micros


def spend(project: Project) -> Spend:
    """From the assignments that were paid, and the escrow as the ledger has it."""
    each = F("reward_micros") + F("fee_micros")
    states = Assignment.objects.filter(project=project).aggregate(
        paid=Sum("reward_micros", filter=Q(state=AssignmentState.ACCEPTED), default=0),
        fees=Sum("fee_micros", filter=Q(state=AssignmentState.ACCEPTED), default=0),
        undecided=Sum(each, filter=Q(state=AssignmentState.SUBMITTED), default=0),
        active=Sum(each, filter=Q(state=AssignmentState.ACTIVE), default=0),
    )
    held = Rejection.objects.filter(project=project, state=RejectionState.HELD).aggregate(
        held=Sum(F("assignment__reward_micros") + F("assignment__fee_micros"), default=0)
    )["held"]
    escrow = of_holder(holder=Holder.PROJECT, holder_id=project.pk).get((Purpose.ESCROW, project.currency), 0)
    rest = escrow - states["undecided"] - states["active"] - held
    topped_up, more_fees = _topped_up(project)
    left, fees_on_left = _left_with_pay(project)
    paid, fees = states["paid"] + left, states["fees"] + more_fees + fees_on_left
    return Spend(paid, fees, states["undecided"], held, states["active"], rest, topped_up)


def _left_with_pay(project: Project) -> tuple[int, int]:
    """Paid to those who left content that was warned of, and the fees on it."""
    if not project.content_warnings:
        return 0, 0
    found = Leaving.objects.filter(assignment__project=project)
    sums = found.aggregate(paid=Sum("reward_micros", default=0), fees=Sum("fee_micros", default=0))
    return sums["paid"], sums["fees"]


def _topped_up(project: Project) -> tuple[int, int]:
    """Paid towards the pay floor, and the fees on it."""
    if not project.pay_floor_micros:
        return 0, 0
    account = Account.objects.filter(holder=Holder.PROJECT, holder_id=project.pk, purpose=Purpose.ESCROW)
    moved = Transfer.objects.filter(debit__in=account, kind__in=[Kind.TOP_UP, Kind.TOP_UP_FEE])
    sums = dict(moved.values_list("kind").annotate(sum=Sum("amount_micros")))
    return sums.get(Kind.TOP_UP, 0), sums.get(Kind.TOP_UP_FEE, 0)
