"""What hypothesis knows of the domain while it drives it (tests.operations.domain), and how its knowledge follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition

from crowd.assignments.models import Assignment
from crowd.assignments.services import give_back, recount, reject
from crowd.assignments.states import AssignmentState as State
from crowd.consensus import jobs
from crowd.consensus.services import close, settle
from crowd.gold.services import repair
from crowd.kernel import clock
from crowd.kernel.errors import CrowdError
from crowd.ledger.models import Deposit
from crowd.ledger.queries import of_holder
from crowd.ledger.services import deposits
from crowd.ledger.states import Holder
from crowd.payouts.models import Payout
from crowd.projects.models import Project
from crowd.projects.services import publish
from crowd.projects.services.tiers import set_tiers
from crowd.projects.states import ProjectState
from crowd.review.models import Appeal
from crowd.review.services import appeals
from crowd.review.states import AppealState
from crowd.users.models import Organisation, User
from qualifications.models import Qualification
from qualifications.requirements import Condition
from qualifications.states import Comparator
from tests.check import all_is_well
from tests.make_project import CENT, make_draft, texts
from workers.models import Worker

T = TypeVar("T")
UNIT = 100 * CENT
CLOCK: dict[str, Any] = {"time_limit_s": 600, "grace_s": 120}
LONG = timedelta(days=100)  # every window and every delay has passed
picks = st.integers(0, 7)
terms = st.fixed_dictionaries(
    {
        "redundancy": st.integers(1, 3),
        "auto_accept_s": st.sampled_from([0, 24 * 3600, 9 * 24 * 3600]),
        "pay_policy": st.sampled_from(["delay", "at_once"]),
        "gold": st.sampled_from([0, 2, 3]),
        "quiz_length": st.sampled_from([0, 2]),
        "minimum_accuracy": st.sampled_from([None, "0.7"]),
        "most_answers": st.sampled_from([None, 5]),
        "tier": st.booleans(),
    }
)


def having(*states: str) -> Any:
    """Only where the model knows an assignment in one of these states."""
    return precondition(lambda self: any(known.state in states for known in self.given.values()))


@dataclass
class Given:
    """What the model knows of an assignment."""

    worker: Worker
    project: int
    state: str
    deadline: datetime
    reward: int
    attempt: int
    value: dict[str, Any] | None = None


class Model(RuleBasedStateMachine):
    """Each run is a transaction that is rolled back: `crowd_now` stands still in it but for `clock.advance`."""

    def __init__(self) -> None:
        super().__init__()
        self.requester: User
        self.organisation: Organisation
        self.staff: User
        self.other_staff: User
        self.workers: list[Worker] = []
        self.skill: Qualification  # the last of them holds it
        self.block = transaction.atomic()
        self.block._from_testcase = True  # type: ignore[attr-defined]  # services' own durable ones may open inside
        self.block.__enter__()
        self.given: dict[int, Given] = {}
        self.paid_out: dict[int, int] = {}
        self.bonuses: dict[int, int] = {}

    def teardown(self) -> None:
        try:
            all_is_well()
            self._end_everything()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    # --- what must hold after every step ------------------------------------------------------------------------
    @invariant()
    def states_agree(self) -> None:
        stored = dict(Assignment.objects.values_list("id", "state"))
        assert stored == {one: known.state for one, known in self.given.items()}

    @invariant()
    def everybody_has_what_he_was_to_be_paid(self) -> None:
        for worker in self.workers:
            purse = of_holder(holder=Holder.WORKER, holder_id=worker.pk)
            assert sum(purse.values()) == self._owed(worker)
        connection.check_constraints()

    # --- how the model follows ----------------------------------------------------------------------------------
    def _expire(self) -> None:
        give_back.expire_due()
        for known in self.given.values():
            if known.state == State.ACTIVE and known.deadline <= clock.now():
                known.state = State.EXPIRED

    def _notice_time(self, worker: Worker, project: int) -> None:
        """Who asks for a task finds on the way that the time of the one he held has run out."""
        held = self._held(worker, project)
        if held is not None and self.given[held].deadline <= clock.now():
            self.given[held].state = State.EXPIRED

    def _recount(self) -> None:
        for one in recount.due():
            recount.recount(one)
        for one in repair.due():
            repair.repair(one)

    def _settle(self) -> None:
        for project in Project.objects.exclude(state__in=[ProjectState.DRAFT, ProjectState.CLOSED]):
            settle.settle(project.pk)
        self._adopt_accepted()

    def _merge(self) -> None:
        for project_id in jobs.due_for_aggregation():
            jobs.aggregate_project(project_id)
        self._adopt_accepted()

    def _decide(self) -> None:
        """Silence: overdue appeals are granted, rejections whose window has passed are final."""
        overdue = Appeal.objects.filter(state=AppealState.OPEN, due_at__lte=clock.now())
        granted = [one.rejection.assignment_id for one in overdue.select_related("rejection") if one.rejection]
        appeals.grant_overdue()
        for one in granted:
            self.given[one].state = State.ACCEPTED
        reject.release_due()

    def _close(self) -> None:
        for project in Project.objects.filter(state=ProjectState.CLOSING):
            closed = close.close_project(project.pk)
            self._adopt_accepted()
            here = {known.state for known in self.given.values() if known.project == project.pk}
            assert closed == (not here & {State.ACTIVE, State.SUBMITTED})

    def _adopt_accepted(self) -> None:
        """A job accepts what is due, or what the policy pays at once; and does nothing else to an answer."""
        for one in Assignment.objects.select_related("project").filter(state=State.ACCEPTED):
            known = self.given[one.pk]
            if known.state != State.ACCEPTED:
                assert known.state == State.SUBMITTED
                due = one.due_at is not None and one.due_at <= clock.now()
                assert (
                    due or one.project.pay_policy == "at_once" or "cannot_answer" in (known.value or {})
                )  # which another confirmed
                known.state = State.ACCEPTED

    def _end_everything(self) -> None:
        for project in Project.objects.filter(state__in=[ProjectState.OPEN, ProjectState.PAUSED]):
            publish.start_closing(actor=self.requester, project_id=project.pk)
        for _round in range(2):
            clock.advance(LONG)
            for job in (self._expire, self._recount, self._merge, self._settle, self._decide, self._close):
                job()
        all_is_well()
        self.states_agree()
        self.everybody_has_what_he_was_to_be_paid()
        for project in Project.objects.exclude(published_at=None):
            assert project.state == ProjectState.CLOSED
            assert sum(of_holder(holder=Holder.PROJECT, holder_id=project.pk).values()) == 0

    # --- hands --------------------------------------------------------------------------------------------------
    def _try(self, deed: Callable[..., T], **told: Any) -> T | None:
        """None where it is refused with one of our own errors; any other is a fault."""
        try:
            return deed(**told)
        except CrowdError:
            return None

    def _post(self, terms: dict[str, Any]) -> None:
        settings = {name: value for name, value in terms.items() if name not in ("gold", "quiz_length", "tier")}
        if gold := terms["gold"]:
            quiz = terms["quiz_length"]
            settings |= {"gold_share": "0.8", "quiz_length": quiz, "quiz_cap": 4 * quiz}
        if terms["most_answers"]:
            settings["extra_budget_micros"] = 5 * UNIT
        draft = make_draft(
            actor=self.requester,
            organisation=self.organisation,
            rows=texts(2 + gold, gold=gold),
            reward_micros=2 * UNIT,
            **CLOCK,
            **settings,
        )
        if terms["tier"]:
            set_tiers(actor=self.requester, project_id=draft.pk, tiers=[self._specialists()])
        self._try(publish.publish, actor=self.requester, project_id=draft.pk)

    def _specialists(self) -> dict[str, Any]:
        """The last of the workers; they earn twice as much."""
        conditions = [Condition(self.skill, Comparator.EXISTS)]
        what = {"name": "Hard", "below_posterior": "0.9", "conditions": conditions}
        return what | {"reward_micros": 4 * UNIT, "redundancy": 1, "budget_micros": 10 * UNIT}

    def _fund(self, units: int) -> None:
        deposit = deposits.record(
            actor=self.staff,
            organisation_id=self.organisation.pk,
            amount_micros=units * UNIT,
            currency="USD",
            reference=f"B {Payout.objects.count()} {clock.now()} {Deposit.objects.count()}",
        )
        deposits.approve(actor=self.other_staff, deposit_id=deposit.pk)

    def _note(self, got: Assignment, worker: Worker) -> None:
        known = self.given.get(got.pk)
        assert known is None or known.state in (State.RETURNED, State.EXPIRED)
        self.given[got.pk] = Given(worker, got.project_id, str(got.state), got.deadline, got.reward_micros, got.attempt)

    def _owed(self, worker: Worker) -> int:
        accepted = [known for known in self.given.values() if known.worker == worker and known.state == State.ACCEPTED]
        return sum(known.reward for known in accepted) + self.bonuses[worker.pk] - self.paid_out[worker.pk]

    def _is_quiz(self, one: int) -> bool:
        """Whether it is of the first gold that its worker answered in the project."""
        asked = Assignment.objects.select_related("project").get(pk=one)
        gold = Assignment.objects.filter(project=asked.project, worker=asked.worker, is_gold=True)
        answered = sorted(gold.exclude(submitted_at=None).values_list("submitted_at", "pk"))
        return (asked.submitted_at, one) in answered[: asked.project.quiz_length]

    def _held(self, worker: Worker, project: int) -> int | None:
        active = [
            one
            for one, known in self.given.items()
            if known.worker == worker and known.project == project and known.state == State.ACTIVE
        ]
        return active[0] if active else None

    def _assignment(self, pick: int, *states: str) -> int | None:
        return self._pick(pick, [one for one, known in sorted(self.given.items()) if known.state in states])

    def _project(self, pick: int, *states: str) -> Project | None:
        found = Project.objects.filter(state__in=states or [ProjectState.OPEN]).order_by("id")
        return self._pick(pick, list(found))

    @staticmethod
    def _pick(pick: int, among: Sequence[T]) -> T | None:
        return among[pick % len(among)] if among else None
