"""The whole domain as hypothesis drives it: anybody does anything at any time, beside a model small enough to be right.

The model knows every assignment's state and what each worker was to be paid. After every step the database must say the
same, and at the end every invariant must hold; then everything is brought to its end, and no escrow may hold a cent.
"""

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from crowd.assignments.models import Assignment, Participation, Rejection
from crowd.assignments.services import accept, give_back, pause, reject, take, task_review
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import submit
from crowd.assignments.states import AssignmentState as State
from crowd.assignments.states import RejectionState
from crowd.bonuses import services as bonuses
from crowd.bonuses.models import Bonus
from crowd.bonuses.services import Gift
from crowd.gold.services import keys
from crowd.kernel import clock
from crowd.ledger.services import fold
from crowd.payouts.services import batches, outcome, sending
from crowd.payouts.services.request import request
from crowd.projects.models import Project, Task
from crowd.projects.services import items, publish
from crowd.projects.states import ProjectState
from crowd.review.models import Appeal
from crowd.review.services import appeals
from crowd.review.states import AppealState
from tests import make
from tests.operations.model import UNIT, Model, having, picks, terms

GOOD, BAD, REPORT = {"mood": "good"}, {"mood": "bad"}, {"cannot_answer": {"reason": "unclear"}}
VALUES = (GOOD, GOOD, GOOD, BAD, BAD, BAD, REPORT, REPORT)
GROUNDS = Grounds(evidence="written", reason="The text is clearly about the weather.")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Domain(Model):
    """What people do. Each rule does one thing, and says in the model what must have come of it."""

    @initialize(
        terms=terms, first=st.lists(st.tuples(picks, st.lists(picks, min_size=1, max_size=4)), min_size=2, max_size=5)
    )
    def begin(self, terms: dict[str, Any], first: list[tuple[int, list[int]]]) -> None:
        """People, money, a first project, and some answers in it: else most of what follows would be about nothing."""
        self.requester = make.make_user()
        self.organisation = make.make_organisation(owner=self.requester)
        self.staff, self.other_staff = make.make_staff(), make.make_staff()
        self.workers = [make.make_worker() for _number in range(3)]
        for worker in self.workers:
            make.make_payout_profile(worker)
            self.paid_out[worker.pk] = self.bonuses[worker.pk] = 0
        self.skill = make.make_qualification(organisation=self.organisation)
        make.make_grant(self.skill, self.workers[-1])
        clock.advance(4 * DAY)  # a new payout profile waits that long
        self._fund(60)
        self._post(terms)
        for who, labels in first:
            self._work(who, 0, labels)

    # --- the requester ------------------------------------------------------------------------------------------
    @rule(terms=terms)
    @precondition(lambda self: Project.objects.count() < 3)
    def post(self, terms: dict[str, Any]) -> None:
        self._post(terms)

    @rule()
    def fund(self) -> None:
        self._fund(10)

    @rule(pick=picks)
    def add_items(self, pick: int) -> None:
        if project := self._project(pick):
            rows = [{"text": f"more {Assignment.objects.count()} {pick}"}]
            self._try(items.add, actor=self.requester, project_id=project.pk, rows=rows, rng=Random(pick))

    @rule(pick=picks)
    def pause_or_resume(self, pick: int) -> None:
        if project := self._project(pick, ProjectState.OPEN, ProjectState.PAUSED):
            deed = publish.pause if project.state == ProjectState.OPEN else publish.resume
            deed(actor=self.requester, project_id=project.pk)

    @rule(pick=picks)
    def begin_closing(self, pick: int) -> None:
        if pick > 5 and (project := self._project(pick, ProjectState.OPEN, ProjectState.PAUSED)):
            publish.start_closing(actor=self.requester, project_id=project.pk)

    @rule(pick=picks)
    @having(State.ACTIVE, State.SUBMITTED, State.ACCEPTED)
    def pause_or_lift_worker(self, pick: int) -> None:
        if inside := self._pick(pick, list(Participation.objects.exclude(project__state="closed").order_by("id"))):
            deed = pause.pause if inside.state == "active" else pause.lift
            deed(actor=self.requester, project_id=inside.project_id, worker_id=inside.worker_id, reason="Let us talk.")

    @rule(pick=picks)
    @having(State.SUBMITTED)
    def accept(self, pick: int) -> None:
        if (one := self._assignment(pick, State.SUBMITTED)) is not None:
            project = self.given[one].project
            assert accept.accept(actor=self.requester, project_id=project, assignment_ids=[one]) == 1
            assert accept.accept(actor=self.requester, project_id=project, assignment_ids=[one]) == 0
            self.given[one].state = State.ACCEPTED

    @rule(pick=picks, reopen=st.booleans())
    @having(State.SUBMITTED)
    def reject(self, pick: int, reopen: bool) -> None:
        if (one := self._assignment(pick, State.SUBMITTED)) is not None:
            told = {"project_id": self.given[one].project, "assignment_ids": [one], "reopen": reopen}
            done = self._try(reject.reject, actor=self.requester, grounds=GROUNDS, **told)
            assert (done is None) == self._is_quiz(one)
            if done is not None:
                self.given[one].state = State.REJECTED

    @rule(pick=picks, again=st.booleans())
    @having(State.SUBMITTED, State.REJECTED)
    def decide_about_task(self, pick: int, again: bool) -> None:
        """Tasks that were reported or rejected too often wait for the requester."""
        if task := self._pick(pick, list(Task.objects.filter(state="review", is_gold=False).order_by("id"))):
            deed = task_review.ask_again if again else task_review.close
            self._try(
                deed, actor=self.requester, project_id=task.project_id, task_id=task.pk, reason="It is clear enough."
            )

    @rule(pick=picks, retire=st.booleans())
    @having(State.SUBMITTED, State.ACCEPTED)
    def change_key(self, pick: int, retire: bool) -> None:
        gold = list(Task.objects.filter(is_gold=True).exclude(state="retired").order_by("id"))
        if task := self._pick(pick, gold):
            told: dict[str, Any] = {"actor": self.requester, "project_id": task.project_id, "task_id": task.pk}
            if retire:
                self._try(keys.retire, **told, why="It was unclear.")
            else:
                self._try(keys.correct, **told, key=BAD if pick % 2 else GOOD, why="It was wrong.")

    @rule(pick=picks, good=st.booleans())
    @having(State.SUBMITTED, State.ACCEPTED)
    def make_gold(self, pick: int, good: bool) -> None:
        """What was answered to it stays as it is."""
        if task := self._pick(pick, list(Task.objects.filter(is_gold=False, answered__gt=0).order_by("id"))):
            key = GOOD if good else BAD
            self._try(keys.make, actor=self.requester, project_id=task.project_id, task_id=task.pk, key=key)

    @rule(pick=picks, reference=st.sampled_from(["", "a", "b"]))
    @having(State.SUBMITTED, State.ACCEPTED)
    def give_bonus(self, pick: int, reference: str) -> None:
        """Under one reference once in a project, and to nobody else."""
        if one := self._pick(pick, list(Participation.objects.filter(submitted_count__gt=0).order_by("id"))):
            before, gift = Bonus.objects.count(), Gift(amount_micros=UNIT, reason="Thanks.", reference=reference)
            told: dict[str, Any] = {"project_id": one.project_id, "worker_id": one.worker_id, "gift": gift}
            given = self._try(bonuses.give, actor=self.requester, **told)
            self.bonuses[one.worker_id] += UNIT * (given is not None and Bonus.objects.count() > before)

    # --- workers ------------------------------------------------------------------------------------------------
    @rule(who=picks, pick=picks)
    def take(self, who: int, pick: int) -> None:
        self._take(who, pick)

    def _take(self, who: int, pick: int) -> None:
        worker, project = self.workers[who % 3], self._project(pick)
        if project is None:
            return
        held = self._held(worker, project.pk)
        got = self._try(take.take_next, worker=worker, project_id=project.pk, random=Random(pick))
        if held is not None and self.given[held].deadline > clock.now():
            assert got is not None
            assert (got.pk, got.attempt) == (held, self.given[held].attempt)
        elif got is not None:
            self._notice_time(worker, project.pk)
            self._note(got, worker)

    @rule(who=picks, pick=picks, labels=st.lists(picks, min_size=1, max_size=4))
    def work(self, who: int, pick: int, labels: list[int]) -> None:
        """One task after the other."""
        self._work(who, pick, labels)

    def _work(self, who: int, pick: int, labels: list[int]) -> None:
        self._take(who, pick)
        for label in labels:
            held = [
                one
                for one, known in sorted(self.given.items())
                if known.worker == self.workers[who % 3] and known.state == State.ACTIVE
            ]
            if held:
                self._submit(held[0], label, go_on=True)

    @rule(pick=picks, label=picks, go_on=st.booleans())
    @having(State.ACTIVE, State.EXPIRED, State.SUBMITTED)
    def submit(self, pick: int, label: int, go_on: bool) -> None:
        """Also what he has returned or let expire, or submitted already: then the same again, or something else."""
        one = self._assignment(pick, State.ACTIVE, State.EXPIRED, State.SUBMITTED)
        if one is not None:
            self._submit(one, label, go_on=go_on)

    def _submit(self, one: int, label: int, *, go_on: bool) -> None:
        known, now, value = self.given[one], clock.now(), VALUES[label]
        before = known.state
        done = self._try(
            submit,
            worker=known.worker,
            assignment_id=one,
            value=value,
            attempt=known.attempt,
            take_next=go_on,
            random=Random(label),  # a run must go the same way when it is looked at again
        )
        if known.value:
            assert (done is not None) == (known.value == value)  # the same is an echo, another is refused
            assert done is None or done.again
        elif before == State.ACTIVE or done is not None:
            assert done is not None
            in_time = now <= known.deadline + timedelta(seconds=120)
            assert done.counted <= in_time
            assert done.counted or now > known.deadline
            known.value = value
            known.state = State.SUBMITTED if done.counted else State.EXPIRED
        if done is not None and go_on and before != State.ACTIVE:
            self._notice_time(known.worker, known.project)
        if done is not None and done.next is not None and done.next.pk != self._held(known.worker, known.project):
            self._note(done.next, known.worker)

    @rule(pick=picks)
    @having(State.ACTIVE)
    def give_back(self, pick: int) -> None:
        if (one := self._assignment(pick, State.ACTIVE)) is not None:
            for _again in range(2):
                give_back.return_task(worker=self.given[one].worker, assignment_id=one)
            self.given[one].state = State.RETURNED

    @rule(pick=picks)
    @having(State.REJECTED)
    def appeal(self, pick: int) -> None:
        if rejection := self._pick(pick, list(Rejection.objects.filter(state=RejectionState.HELD).order_by("id"))):
            worker = self.given[rejection.assignment_id].worker
            self._try(appeals.against_rejection, worker=worker, rejection_id=rejection.pk, text="It is about my mood.")

    @rule(who=picks)
    @having(State.ACCEPTED)
    def be_paid(self, who: int) -> None:
        """Ask for everything; the batch is approved by another, sent, and the bank confirms or fails it."""
        worker = self.workers[who % 3]
        asked = self._try(request, actor=worker.user, currency="USD")
        if asked is None:
            assert self._owed(worker) < 1_000_000
            return
        batch = batches.build(actor=self.staff, provider="csv", currency="USD", payout_ids=[asked.pk])
        batches.approve(actor=self.other_staff, batch_id=batch.pk)
        sending.send(actor=self.staff, batch_id=batch.pk)
        if who < 5:
            outcome.confirm(actor=self.staff, payout_id=asked.pk)
            self.paid_out[worker.pk] += asked.amount_micros
        else:
            outcome.fail(actor=self.staff, payout_id=asked.pk, reason="The account is closed.")

    # --- staff, time, jobs --------------------------------------------------------------------------------------
    @rule(pick=picks, granted=st.booleans())
    @having(State.REJECTED)
    def decide_appeal(self, pick: int, granted: bool) -> None:
        if found := self._pick(pick, list(Appeal.objects.filter(state=AppealState.OPEN).order_by("id"))):
            deed = appeals.grant if granted else appeals.uphold
            deed(actor=self.staff, appeal_id=found.pk, reason="We looked.")
            if granted and found.rejection is not None:
                self.given[found.rejection.assignment_id].state = State.ACCEPTED

    @rule(by=st.sampled_from([MINUTE, 11 * MINUTE, DAY, 8 * DAY]))
    def wait(self, by: timedelta) -> None:
        clock.advance(by)

    @rule(job=picks)
    def beat(self, job: int) -> None:
        """A sweep, with the jobs that it would send."""
        (self._expire, self._recount, self._settle, self._decide, self._merge, self._close, fold.fold, self._settle)[
            job
        ]()
