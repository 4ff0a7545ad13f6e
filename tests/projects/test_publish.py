"""From a draft to an open project: what it costs, what keeps it back, and that it is paid once."""

from decimal import Decimal
from typing import Any

import pytest

from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger import queries as ledger
from crowd.ledger.errors import KeyConflict
from crowd.ledger.models import Account, Transfer
from crowd.projects import access, pricing, queries
from crowd.projects.errors import BudgetShort, Incomplete
from crowd.projects.models import Project
from crowd.projects.services import budget, draft, items, publish, reserves
from crowd.projects.states import ProjectState
from crowd.users.models import AuditEntry, Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CENT, make_draft, make_open, texts
from tests.races import errors, meeting, together

pytestmark = pytest.mark.django_db


def test_a_draft_is_priced_paid_and_opened(requester: User, organisation: Organisation) -> None:
    project = make_draft(
        actor=requester,
        organisation=organisation,
        rows=texts(12, gold=2),
        redundancy=3,
        gold_share=Decimal("0.1"),
        quiz_length=2,
        quiz_cap=5,
        extra_budget_micros=10 * CENT,
    )
    price = queries.price(project)
    assert (price.slots, price.gold_answers) == (30, 4 + 10)  # ceil(30 x 0.1 / 0.9) = 4
    assert price.fee_micros == 8_000  # 20 % of 4 cents
    assert price.total_micros == 44 * 48_000 + 100_000
    assert price.total_fee_micros == (44 + 2) * 8_000  # the extra reserve pays for two more answers

    purse = make.make_money(organisation, price.total_micros)
    publish.publish(actor=requester, project_id=project.pk)

    project.refresh_from_db()
    assert project.state == ProjectState.OPEN
    assert ledger.balance(purse) == 0
    assert ledger.balance(reserves.escrow(project)) == price.total_micros
    assert project.gold_reserve_micros == 14 * 48_000
    assert project.extra_reserve_micros == 100_000
    assert project.planned_slots == 30
    assert AuditEntry.objects.filter(action="project.publish", subject_id=project.pk).count() == 1
    all_is_well()


def test_one_micro_short_is_refused_with_the_shortfall_and_its_parts(
    requester: User, organisation: Organisation
) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(3), redundancy=2)
    purse = make.make_money(organisation, 6 * 48_000 - 1)

    with pytest.raises(BudgetShort) as refused:
        publish.publish(actor=requester, project_id=project.pk)

    assert refused.value.data["shortfall_micros"] == 1
    assert refused.value.data["wanted_micros"] == 288_000
    assert refused.value.data["parts"]["slots"] == 6
    assert refused.value.data["parts"]["slots_micros"] == 288_000
    project.refresh_from_db()
    assert (project.state, project.planned_slots, project.fee_micros) == (ProjectState.DRAFT, 0, 0)
    assert ledger.balance(purse) == 287_999

    make.make_money(organisation, 1)
    publish.publish(actor=requester, project_id=project.pk)
    assert ledger.balance(purse) == 0
    all_is_well()


def test_everything_that_is_missing_is_said_at_once(requester: User, organisation: Organisation) -> None:
    project = draft.create(
        actor=requester,
        organisation=organisation,
        title="Nothing here",
        reward_micros=CENT,
        gold_share="0.1",
        quiz_length=3,
        quiz_cap=1,
        minimum_accuracy="0.7",
    )
    with pytest.raises(Incomplete) as refused:
        publish.publish(actor=requester, project_id=project.pk)
    assert refused.value.data["missing"] == [
        "There is no label config.",
        "There are no tasks to be answered.",
        "A share of gold is wanted, but there are no gold tasks.",
        "The quiz is longer than there are gold tasks.",
        "A minimum accuracy needs gold tasks.",
    ]
    assert not Transfer.objects.exists()


def test_gold_alone_is_no_work(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(2, gold=2))
    with pytest.raises(Incomplete, match="no tasks to be answered"):
        publish.publish(actor=requester, project_id=project.pk)


def test_a_second_publish_is_refused_and_moves_nothing(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation)
    before = Transfer.objects.count()
    with pytest.raises(WrongState):
        publish.publish(actor=requester, project_id=project.pk)
    publish.pause(actor=requester, project_id=project.pk, reason="lunch")
    with pytest.raises(WrongState):  # a paused project is resumed, not published
        publish.publish(actor=requester, project_id=project.pk)
    assert Transfer.objects.count() == before


def test_redundancies_of_single_tasks_are_priced_exactly(requester: User, organisation: Organisation) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "one", "times": 1},
        {"text": "seven", "times": "7"},
        {"text": "as the project", "times": None},
    ]
    project = make_draft(actor=requester, organisation=organisation, redundancy=4)
    items.add(actor=requester, project_id=project.pk, rows=rows, options={"redundancy_column": "times"})
    assert queries.price(project).slots == 1 + 7 + 4
    draft.edit(actor=requester, project_id=project.pk, redundancy=2)
    assert queries.price(project).slots == 1 + 7 + 2


def test_a_team_may_work_for_nothing_and_then_no_money_moves(requester: User, organisation: Organisation) -> None:
    project = make_open(
        actor=requester, organisation=organisation, reward_micros=0, workforce="team", rows=texts(5, gold=1)
    )
    assert (project.state, project.fee_micros, project.gold_reserve_micros) == (ProjectState.OPEN, 0, 0)
    assert project.planned_slots == 12
    assert not Account.objects.exists()
    items.add(actor=requester, project_id=project.pk, rows=texts(1))
    assert not Account.objects.exists()
    with pytest.raises(BadInput, match="reward is 0"):
        budget.add_budget(actor=requester, project_id=project.pk, reserve="extra", amount_micros=CENT)


def test_test_money_pays_for_a_project_in_test_money_only(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(1), redundancy=1, currency="XTS")
    make.make_money(organisation, 10 * CENT, "USD")
    with pytest.raises(BudgetShort) as refused:
        publish.publish(actor=requester, project_id=project.pk)
    assert (refused.value.currency, refused.value.available_micros) == ("XTS", 0)
    make.make_money(organisation, 48_000, "XTS")
    publish.publish(actor=requester, project_id=project.pk)
    all_is_well()


def test_the_fee_is_rounded_up_once_and_stays_as_published(
    requester: User, organisation: Organisation, settings: Any
) -> None:
    settings.CROWD_FEE_RATE = Decimal("0.333")
    project = make_open(actor=requester, organisation=organisation, reward_micros=10, rows=texts(1))
    assert (project.fee_micros, project.fee_rate) == (4, Decimal("0.333"))  # 3.33 micros
    settings.CROWD_FEE_RATE = Decimal("0.5")
    assert queries.price(Project.objects.get(pk=project.pk)).fee_micros == 4


def test_a_replay_names_its_gold_answers(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(3, gold=1), redundancy=1)
    make.make_money(organisation, 100 * CENT)
    published = publish.publish(actor=requester, project_id=project.pk, gold_answers=7)
    assert published.gold_reserve_micros == 7 * 48_000


def test_pause_resume_and_closing(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation)
    paused = publish.pause(actor=requester, project_id=project.pk, reason="A label is missing.")
    assert (paused.state, paused.pause_reason) == (ProjectState.PAUSED, "A label is missing.")
    with pytest.raises(WrongState):
        publish.pause(actor=requester, project_id=project.pk)
    resumed = publish.resume(actor=requester, project_id=project.pk)
    assert (resumed.state, resumed.pause_reason) == (ProjectState.OPEN, "")
    closing = publish.start_closing(actor=requester, project_id=project.pk)
    assert closing.state == ProjectState.CLOSING
    assert closing.closing_at is not None
    for refused in (publish.pause, publish.resume, publish.start_closing):
        with pytest.raises(WrongState):
            refused(actor=requester, project_id=project.pk)
    actions = AuditEntry.objects.filter(subject_type="projects.project").order_by("id").values_list("action", flat=True)
    assert list(actions)[-3:] == ["project.pause", "project.resume", "project.close"]


def test_a_draft_is_neither_resumed_nor_closed_but_thrown_away(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation)
    for refused in (publish.pause, publish.resume, publish.start_closing):
        with pytest.raises(WrongState):
            refused(actor=requester, project_id=project.pk)
    assert draft.discard(actor=requester, project_id=project.pk).state == ProjectState.CLOSED
    with pytest.raises(WrongState):
        publish.publish(actor=requester, project_id=project.pk)


def test_a_reserve_is_raised_once_for_a_key(requester: User, organisation: Organisation) -> None:
    project = make_open(actor=requester, organisation=organisation)
    purse = make.make_money(organisation, 30 * CENT)
    for _repeated in range(2):
        budget.add_budget(actor=requester, project_id=project.pk, reserve="extra", amount_micros=10 * CENT, key="a")
    budget.add_budget(actor=requester, project_id=project.pk, reserve="gold", amount_micros=5 * CENT, key="a")
    project.refresh_from_db()
    assert (project.extra_reserve_micros, project.gold_reserve_micros) == (10 * CENT, 5 * CENT)
    assert ledger.balance(purse) == 15 * CENT
    with pytest.raises(KeyConflict):
        budget.add_budget(actor=requester, project_id=project.pk, reserve="extra", amount_micros=CENT, key="a")
    with pytest.raises(BudgetShort) as refused:
        budget.add_budget(actor=requester, project_id=project.pk, reserve="extra", amount_micros=20 * CENT)
    assert refused.value.shortfall_micros == 5 * CENT
    all_is_well()


@pytest.mark.parametrize("amount", [0, -1, 10**16, 1.5, True])
def test_bad_amounts_raise_no_reserve(requester: User, organisation: Organisation, amount: Any) -> None:
    project = make_open(actor=requester, organisation=organisation)
    with pytest.raises(BadInput):
        budget.add_budget(actor=requester, project_id=project.pk, reserve="extra", amount_micros=amount)
    project.refresh_from_db()
    assert project.extra_reserve_micros == 0


def test_members_may_and_strangers_find_nothing(
    requester: User, colleague: User, stranger: User, staff: User, organisation: Organisation
) -> None:
    project = make_draft(actor=colleague, organisation=organisation, rows=texts(1))
    make.make_money(organisation, 100 * CENT)
    for nobody in (stranger, staff):
        with pytest.raises(NotFound):
            publish.publish(actor=nobody, project_id=project.pk)
    publish.publish(actor=colleague, project_id=project.pk)
    for nobody in (stranger, staff):
        for forbidden in (publish.pause, publish.resume, publish.start_closing):
            with pytest.raises(NotFound):
                forbidden(actor=nobody, project_id=project.pk)
        with pytest.raises(NotFound):
            budget.add_budget(actor=nobody, project_id=project.pk, reserve="gold", amount_micros=1)
    with pytest.raises(NotFound):
        access.project_for(stranger, project.pk)
    assert access.project_for(staff, project.pk) == project  # staff may look
    with pytest.raises(NotFound):
        access.project_for(requester, 10**12)


def _publish_twice(requester: User, project: Project) -> list[Any]:
    return together(*[lambda: publish.publish(actor=requester, project_id=project.pk)] * 2)


@pytest.mark.django_db(transaction=True)
def test_of_two_publishes_at_once_one_is_done(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(3))
    make.make_money(organisation, 1_000 * CENT)
    monkeypatch.setattr(publish, "what_is_missing", meeting(publish.what_is_missing))

    results = _publish_twice(requester, project)

    assert [type(error) for error in errors(results)] == [WrongState]
    assert AuditEntry.objects.filter(action="project.publish").count() == 1
    all_is_well()


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_both_publish(
    requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(3))
    make.make_money(organisation, 1_000 * CENT)
    monkeypatch.setattr(publish, "what_is_missing", meeting(publish.what_is_missing))
    monkeypatch.setattr(publish, "locked_for", lambda _user, id, *_states: Project.objects.get(pk=id))

    results = _publish_twice(requester, project)

    assert errors(results) == []
    assert AuditEntry.objects.filter(action="project.publish").count() == 2
    # Even then the key of the transfer keeps the money from moving twice.
    assert Transfer.objects.filter(kind="reserve").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_projects_at_once_do_not_spend_the_same_money(requester: User, organisation: Organisation) -> None:
    projects = [make_draft(actor=requester, organisation=organisation, rows=texts(3)) for _ in range(2)]
    purse = make.make_money(organisation, 9 * 48_000)  # enough for one

    results = together(*[lambda id=one.pk: publish.publish(actor=requester, project_id=id) for one in projects])

    assert [type(error) for error in errors(results)] == [BudgetShort]
    assert ledger.balance(purse) == 0
    all_is_well()


@pytest.mark.parametrize(
    ("slots", "share", "answers"),
    [(0, "0.1", 0), (9, "0.1", 1), (10, "0.1", 2), (30, "0.1", 4), (1, "0.9", 9), (100, "0", 0), (3, "0.25", 1)],
)
def test_the_gold_share_is_of_all_answers(slots: int, share: str, answers: int) -> None:
    assert pricing.share_answers(slots, Decimal(share)) == answers


def test_many_small_additions_cost_what_one_large_one_does() -> None:
    share, planned, total = Decimal("0.07"), 11, 0
    for added in [1] * 50 + [3] * 20:
        total += pricing.added_answers(planned, added, share)
        planned += added
    assert total == pricing.added_answers(11, 110, share)
