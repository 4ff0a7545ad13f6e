"""The pay floor: reserved at publish, measured on workers' own time, topped up once, owed where money is missing, and
paid first when the project closes."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from crowd.assignments import pay_floor
from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import accept, reject, restore, take, top_ups
from crowd.assignments.services.grounds import Grounds
from crowd.assignments.services.submit import Time, submit
from crowd.consensus.services.close import close_project
from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.ledger.models import Transfer
from crowd.ledger.queries import of_holder
from crowd.notices.models import Notice
from crowd.projects import queries
from crowd.projects.errors import FloorMissing, Incomplete
from crowd.projects.models import Project, Tier
from crowd.projects.services import budget, draft, publish
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, make_draft, make_open, texts
from tests.races import errors, together
from workers.models import Worker

EACH = 4 * CENT
HOURLY = 720 * CENT  # a cent for each five seconds; 4 cents are enough for 20 s
FEE = 0.2


def work(worker: Worker, project: Project, answers: int, *, seconds: float) -> list[int]:
    """So many answers of that much active time, of which the server saw as much."""
    ids = []
    for _number in range(answers):
        held = take.take_next(worker=worker, project_id=project.pk)
        clock.advance(timedelta(seconds=seconds))
        time = Time(active_ms=round(seconds * 1000))
        submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}, time=time, take_next=False)
        ids.append(held.pk)
    return ids


@pytest.fixture
def people() -> list[Worker]:
    return [make.make_worker() for _number in range(5)]


def open_project(requester: User, organisation: Organisation, **settings: Any) -> Project:
    wanted = {"rows": texts(10), "redundancy": 5, "pay_floor_micros": HOURLY, "expected_s": 16, "pay_policy": "at_once"}
    return make_open(actor=requester, organisation=organisation, **(wanted | settings))


def paid_to(worker: Worker) -> int:
    return sum(
        Transfer.objects.filter(kind="top_up", credit__holder_id=worker.pk).values_list("amount_micros", flat=True)
    )


def accept_all(requester: User, project: Project) -> None:
    ids = Assignment.objects.filter(project=project, state="submitted").values_list("pk", flat=True)
    accept.accept(actor=requester, project_id=project.pk, assignment_ids=list(ids))


@pytest.mark.django_db
class TestBeforePublishing:
    def test_the_reserve_is_a_part_of_the_price_for_a_quarter_more_than_the_expected_time(
        self, requester: User, organisation: Organisation
    ) -> None:
        sketch = make_draft(
            actor=requester,
            organisation=organisation,
            rows=texts(10),
            redundancy=3,
            pay_floor_micros=HOURLY,
            expected_s=20,
        )
        price = queries.price(sketch)
        # 25 s must pay 5 cents: one cent and its fee for each of 30 answers.
        assert (price.top_up_micros, price.top_up_fee_micros) == (CENT, CENT // 5)
        assert price.floor_reserve_micros == 30 * round(CENT * (1 + FEE))
        assert price.total_micros == 30 * round(EACH * (1 + FEE)) + price.floor_reserve_micros

    @override_settings(CROWD_PAY_FLOOR={"USD": 10})
    def test_the_sites_floor_holds_for_all_and_a_projects_own_is_only_higher(
        self, requester: User, organisation: Organisation
    ) -> None:
        sketch = make_draft(actor=requester, organisation=organisation, rows=texts(2))
        with pytest.raises(Incomplete, match="how long one task is expected to take"):
            publish.publish(actor=requester, project_id=sketch.pk)
        with pytest.raises(BadInput, match="can only be higher"):
            draft.edit(actor=requester, project_id=sketch.pk, expected_s=20, pay_floor_micros=900 * CENT)
        make.make_money(organisation, 10 * 100 * CENT)
        draft.edit(actor=requester, project_id=sketch.pk, expected_s=20)
        told = (
            "$0.04 for 20 s comes to $7.20 an hour; on this site an hour pays at least $10.00. Raise the "
            "reward to at least $0.055556, or correct the expected time, in the step “Price”."
        )
        with pytest.raises(Incomplete) as refused:  # a top-up is for time that nobody foresaw
            publish.publish(actor=requester, project_id=sketch.pk)
        assert refused.value.data["missing"] == [told]
        draft.edit(actor=requester, project_id=sketch.pk, reward_micros=6 * CENT)
        specialists = Tier.objects.create(
            project=sketch, number=1, name="Doctors", reward_micros=5 * CENT, budget_micros=100 * CENT, expert_calls=1
        )
        with pytest.raises(Incomplete, match="Raise the reward of “Doctors” to at least"):
            publish.publish(actor=requester, project_id=sketch.pk)
        specialists.delete()
        assert publish.publish(actor=requester, project_id=sketch.pk).pay_floor_micros == 1000 * CENT

    def test_what_was_promised_may_only_become_better(self, requester: User, organisation: Organisation) -> None:
        project = open_project(requester, organisation)
        for worse in ({"pay_floor_micros": HOURLY - 1}, {"expected_s": 15}, {"expected_s": None}):
            with pytest.raises(Exception, match="may only become"):
                draft.edit(actor=requester, project_id=project.pk, **worse)
        assert draft.edit(actor=requester, project_id=project.pk, pay_floor_micros=HOURLY + 1).pay_floor_micros > HOURLY


@pytest.mark.django_db
def test_the_typical_worker_is_measured_and_everybody_is_topped_up_once(
    requester: User, organisation: Organisation, people: list[Worker], client: Client
) -> None:
    project = open_project(requester, organisation)
    for person in people[:3]:
        work(person, project, 6, seconds=30)
    assert pay_floor.measure(project) == []  # fifteen count, as no worker counts for more than five
    work(people[3], project, 8, seconds=500)  # somebody who fell asleep over it
    work(people[4], project, 8, seconds=1)  # and somebody who races
    accept_all(requester, project)
    budget_for(requester, project, 300 * CENT)
    elsewhere = pay_floor.Measured(tier=1, reward_micros=EACH, answers=20, seconds=90, each_micros=18 * CENT)
    Project.objects.filter(pk=project.pk).update(floor_measured=pay_floor.kept([elsewhere]))

    assert top_ups.top_up(project.pk) == 5
    assert top_ups.top_up(project.pk) == 0
    with patch.object(pay_floor, "measure", side_effect=AssertionError("nothing was accepted since")):
        assert top_ups.top_up(project.pk) == 0
    measured, rare = pay_floor.known(Project.objects.get(pk=project.pk))
    assert rare == elsewhere  # of a tier that nobody answered in lately
    assert (measured.seconds, measured.each_micros) == (30, 6 * CENT)
    assert [paid_to(person) for person in people] == [12 * CENT, 12 * CENT, 12 * CENT, 16 * CENT, 16 * CENT]
    all_is_well()

    client.force_login(people[0].user, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get(reverse("web:earnings")).content.decode()
    assert "topped up to the pay floor" in shown
    assert "an answer takes 30.0 s, so it pays $0.06 instead of $0.04." in shown
    assert "takes 90" not in shown


@pytest.mark.django_db
def test_nothing_is_taken_back_when_others_become_quicker(
    requester: User, organisation: Organisation, people: list[Worker]
) -> None:
    project = open_project(requester, organisation, rows=texts(12), expected_s=40)
    for person in people[:4]:
        work(person, project, 5, seconds=30)
    accept_all(requester, project)
    top_ups.top_up(project.pk)
    before = [paid_to(person) for person in people]
    for person in people[:4]:
        work(person, project, 6, seconds=10)
    accept_all(requester, project)

    assert top_ups.top_up(project.pk) == 0
    assert [paid_to(person) for person in people] == before
    all_is_well()

    with patch.object(pay_floor, "NEWEST", 10):  # what comes seldom is not among the newest, and holds on
        (still,) = pay_floor.measure(Project.objects.get(pk=project.pk))
    assert (still.answers, still.seconds) == (20, 10)


def budget_for(requester: User, project: Project, micros: int) -> None:
    make.make_money(project.organisation, micros)
    budget.add_budget(actor=requester, project_id=project.pk, reserve="floor", amount_micros=micros)


@pytest.fixture
def short(requester: User, organisation: Organisation, people: list[Worker]) -> Project:
    """Four workers took 30 s for five answers each; the reserve was made for 20 s and holds nothing. 40 cents and fees
    are owed."""
    project = open_project(requester, organisation)
    for person in people[:4]:
        work(person, project, 5, seconds=30)
    accept_all(requester, project)
    return project


@pytest.mark.django_db
class TestWhereMoneyIsMissing:
    def test_the_project_rests_all_are_told_and_paid_as_soon_as_it_is_there(
        self, requester: User, short: Project, people: list[Worker], staff: User, client: Client
    ) -> None:
        assert top_ups.top_up(short.pk) == 0
        short.refresh_from_db()
        assert (short.state, short.floor_missing_micros) == ("paused", round(40 * CENT * (1 + FEE)))
        top_ups.top_up(short.pk)
        told = dict(Notice.objects.filter(kind__startswith="floor_missing").values_list("user", "kind"))
        assert told == {requester.pk: "floor_missing", staff.pk: "floor_missing_at"}  # once, not at every look
        with pytest.raises(FloorMissing, match=r"Add \$0.48 to it first"):
            publish.resume(actor=requester, project_id=short.pk)
        client.force_login(people[0].user, backend="django.contrib.auth.backends.ModelBackend")
        assert "are owed to you towards the pay floor" in client.get(reverse("web:earnings")).content.decode()

        budget_for(requester, short, 48 * CENT)
        assert top_ups.top_up(short.pk) == 4
        assert {paid_to(person) for person in people[:4]} == {10 * CENT}
        publish.resume(actor=requester, project_id=short.pk)
        assert "are owed to you" not in client.get(reverse("web:earnings")).content.decode()
        all_is_well()

    def test_whoever_the_money_does_for_is_paid(self, requester: User, short: Project, people: list[Worker]) -> None:
        budget_for(requester, short, 25 * CENT)
        assert top_ups.top_up(short.pk) == 2
        short.refresh_from_db()
        assert short.floor_missing_micros == 48 * CENT - 25 * CENT
        all_is_well()


@pytest.mark.django_db
class TestClosing:
    def test_what_is_owed_is_paid_first_out_of_all_that_is_left(
        self, requester: User, short: Project, organisation: Organisation, people: list[Worker]
    ) -> None:
        publish.start_closing(actor=requester, project_id=short.pk)
        assert close_project(short.pk)
        assert {paid_to(person) for person in people[:4]} == {10 * CENT}
        returned = Transfer.objects.get(key=f"project:{short.pk}:close").amount_micros
        assert returned == 30 * round(EACH * (1 + FEE)) - 48 * CENT  # the slots nobody took, less what was owed
        all_is_well()

    def test_where_that_does_not_do_closing_waits_for_the_money(
        self, requester: User, organisation: Organisation, people: list[Worker], client: Client
    ) -> None:
        project = open_project(requester, organisation, rows=texts(5), redundancy=4)
        for person in people[:4]:
            work(person, project, 5, seconds=30)
        accept_all(requester, project)
        publish.start_closing(actor=requester, project_id=project.pk)
        assert not close_project(project.pk)
        project.refresh_from_db()
        assert (project.state, project.floor_missing_micros) == ("closing", 48 * CENT)
        assert Notice.objects.filter(kind="floor_missing", user=requester).count() == 1
        all_is_well()
        with patch("crowd.consensus.services.close.aggregate", side_effect=AssertionError("merged for nothing")):
            assert not close_project(project.pk)

        make.make_money(organisation, 50 * CENT)
        client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
        place = reverse("web:requester:funds", args=[project.pk])
        assert '<option value="floor">' in client.get(place).content.decode()  # what it waits for, and nothing else
        client.post(place, {"reserve": "floor", "amount": "0.50"})
        assert close_project(project.pk)
        assert Transfer.objects.get(key=f"project:{project.pk}:close").amount_micros == 2 * CENT
        all_is_well()

    def test_of_few_answers_the_expected_time_is_believed(
        self, requester: User, organisation: Organisation, people: list[Worker]
    ) -> None:
        project = open_project(requester, organisation, expected_s=30)
        work(people[0], project, 3, seconds=500)
        accept_all(requester, project)
        assert top_ups.top_up(project.pk) == 0
        publish.start_closing(actor=requester, project_id=project.pk)
        assert close_project(project.pk)
        assert paid_to(people[0]) == 3 * 2 * CENT

    @pytest.mark.parametrize("overturned", [True, False], ids=["overturned", "final"])
    def test_for_a_held_reward_its_top_up_is_held_too(
        self, requester: User, staff: User, short: Project, people: list[Worker], overturned: bool
    ) -> None:
        (late,) = work(people[4], short, 1, seconds=30)
        grounds = Grounds(evidence="written", reason="It is clearly about the weather.")
        reject.reject(actor=requester, project_id=short.pk, assignment_ids=[late], grounds=grounds, reopen=False)
        publish.start_closing(actor=requester, project_id=short.pk)
        assert close_project(short.pk)
        short.refresh_from_db()
        assert short.floor_reserve_micros == round(2 * CENT * (1 + FEE))
        all_is_well()

        if overturned:
            reject.overturn(actor=staff, assignment_id=late, reason="It was not.")
        else:
            clock.advance(timedelta(days=20))
            assert reject.release_due() == 1
        assert top_ups.due_for_looking() == [short.pk]
        top_ups.top_up(short.pk)
        assert paid_to(people[4]) == (2 * CENT if overturned else 0)
        short.refresh_from_db()
        assert short.floor_reserve_micros == 0
        assert of_holder(holder="project", holder_id=short.pk)["escrow", "USD"] == 0
        all_is_well()

    def test_what_is_kept_for_a_held_reward_is_not_spent_on_what_the_site_repaid(
        self, requester: User, staff: User, short: Project, people: list[Worker]
    ) -> None:
        """The site repays the first, whose key was wrong, without a top-up; the second's is there when he is right."""
        (first,) = work(people[4], short, 1, seconds=30)
        over_gold = Grounds(evidence="gold", reason="Too much gold was missed.")
        reject.reject(actor=requester, project_id=short.pk, assignment_ids=[first], grounds=over_gold, reopen=False)
        clock.advance(timedelta(days=20))
        assert reject.release_due() == 1
        last = make.make_worker()
        (second,) = work(last, short, 1, seconds=30)
        grounds = Grounds(evidence="written", reason="It is clearly about the weather.")
        reject.reject(actor=requester, project_id=short.pk, assignment_ids=[second], grounds=grounds, reopen=False)
        publish.start_closing(actor=requester, project_id=short.pk)
        assert close_project(short.pk)
        closed = Project.objects.get(pk=short.pk)
        assert restore.restore(closed, [first], reason="The key was wrong.", now=clock.now()) == EACH
        top_ups.top_up(short.pk)
        assert paid_to(people[4]) == 0

        reject.overturn(actor=staff, assignment_id=second, reason="It was not.")
        assert top_ups.top_up(short.pk) == 1
        assert paid_to(last) == 2 * CENT
        all_is_well()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_jobs_pay_once(self, requester: User, short: Project, people: list[Worker]) -> None:
        budget_for(requester, short, 100 * CENT)
        found = together(lambda: top_ups.top_up(short.pk), lambda: top_ups.top_up(short.pk))
        assert not errors(found)
        assert sum(found) == 4
        assert {paid_to(person) for person in people[:4]} == {10 * CENT}
        all_is_well()

    def test_a_job_while_the_project_closes(self, requester: User, short: Project, people: list[Worker]) -> None:
        budget_for(requester, short, 20 * CENT)
        publish.start_closing(actor=requester, project_id=short.pk)
        assert not errors(together(lambda: top_ups.top_up(short.pk), lambda: close_project(short.pk)))
        assert {paid_to(person) for person in people[:4]} == {10 * CENT}
        assert Project.objects.get(pk=short.pk).state == "closed"
        all_is_well()

    def test_a_job_that_dies_between_two_payments_is_carried_on(
        self, requester: User, short: Project, people: list[Worker], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        budget_for(requester, short, 100 * CENT)
        monkeypatch.setattr(top_ups, "CHUNK", 2)
        whole, calls = top_ups._pay_some, []

        def dying(project_id: int) -> int:
            calls.append(project_id)
            if len(calls) == 2:
                raise SystemError("killed")
            return whole(project_id)

        monkeypatch.setattr(top_ups, "_pay_some", dying)
        with pytest.raises(SystemError):
            top_ups.top_up(short.pk)
        assert Participation.objects.filter(topped_up_micros__gt=0).count() == 2
        all_is_well()
        assert top_ups.top_up(short.pk) == 2
        assert {paid_to(person) for person in people[:4]} == {10 * CENT}
        all_is_well()
