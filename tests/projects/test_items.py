"""Rows become items, items become tasks; rows that cannot be used are all named, and then nothing is added."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from crowd.kernel.errors import BadInput, NotFound
from crowd.kernel.transitions import WrongState
from crowd.ledger import queries as ledger
from crowd.projects import queries
from crowd.projects.errors import BadRows, BudgetShort, NoConfig
from crowd.projects.models import Item, Project, Task, Upload
from crowd.projects.services import draft, items, reserves
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import ROW, make_draft, make_open, texts

pytestmark = pytest.mark.django_db

TWO_QUESTIONS: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [
        {"id": "mood", "kind": "choice", "text": "Mood?", "labels": ["good", "bad"]},
        {"id": "topics", "kind": "multi-choice", "text": "Topics?", "labels": ["sport", "music"]},
    ],
}


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_draft(actor=requester, organisation=organisation)


def test_a_row_becomes_an_item_with_all_its_columns_and_a_task_without_the_hidden_ones(
    requester: User, project: Project
) -> None:
    row = {"id": 17, "text": "Hello", "extra": {"deep": [1, None]}, "gold": "good", "gold_reason": "A greeting."}
    plain = {"id": "b", "text": "Well", "gold": "", "times": 5}
    upload = items.add(
        actor=requester,
        project_id=project.pk,
        rows=[row, plain],
        options={"key_column": "id", "redundancy_column": "times"},
    )
    first, second = Item.objects.order_by("id")
    assert (first.data, second.data) == (row, plain)
    assert (first.key, second.key) == ("17", "b")
    assert (first.gold, second.gold) == ({"units": [{"mood": "good"}]}, None)
    gold, ordinary = Task.objects.order_by("id")
    assert gold.payload == {"units": [{"text": "Hello", "extra": {"deep": [1, None]}}]}
    assert (gold.is_gold, gold.open, gold.needed, gold.redundancy) == (True, False, 0, 3)
    assert (gold.gold, gold.gold_reason) == ({"units": [{"mood": "good"}]}, "A greeting.")
    assert (ordinary.is_gold, ordinary.open, ordinary.needed, ordinary.redundancy) == (False, True, 5, 5)
    assert ordinary.payload == {"units": [{"text": "Well"}]}
    assert 0 <= ordinary.ring < 2**31
    assert (upload.state, upload.rows_good, upload.format) == ("done", 2, "json")
    all_is_well()


def test_the_ring_comes_from_the_rng_alone(requester: User, organisation: Organisation) -> None:
    rings = []
    for _run in range(2):
        project = make_draft(actor=requester, organisation=organisation)
        items.add(actor=requester, project_id=project.pk, rows=texts(20), rng=Random(7))
        rings.append(list(Task.objects.filter(project=project).order_by("id").values_list("ring", flat=True)))
    assert rings[0] == rings[1]
    assert len(set(rings[0])) == 20


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"txt": "a"}, "text", "missing"),
        ({"text": ""}, "text", "no text"),
        ({"text": "  \n"}, "text", "no text"),
        ({"text": 5}, "text", "must be text"),
        ({"text": None}, "text", "missing"),
        ({"text": "a", "gold": "god"}, "gold", "Did you mean 'good'"),
        ({"text": "a", "gold": {"mod": "good"}}, "gold", "not a question"),
        ({"text": "a", "gold": 1}, "gold", "name of a label"),
        ({"text": "a", "times": 0}, "times", "from 1 to 1000"),
        ({"text": "a", "times": "many"}, "times", "from 1 to 1000"),
        ({"text": "a", "times": "99999999999"}, "times", "from 1 to 1000"),
        ({"text": "a", "times": 2.5}, "times", "must be text"),
        ({"text": "a", "id": ""}, "id", "from 1 to 200"),
        ({"text": "a", "id": "x" * 201}, "id", "from 1 to 200"),
        ({"text": "a", "id": ["x"]}, "id", "must be text"),
        ({"text": "a", "id": "taken"}, "id", "Row 1 has the same key"),
        ({"text": "a", "id": "known"}, "id", "has an item with this key"),
        ({"text": "a", "gold_reason": "x" * 5001}, "gold_reason", "more than 5000"),
        ({"text": "a\x00b"}, "", "NUL"),
        ({"text": "a\ud800b"}, "", "half of a character"),
        ({"text": float("nan")}, "", "NaN"),
        ({" ": "a"}, " ", "no name for a column"),
        ({"text": "x" * 1_000_001}, "", "too large"),
        ("text", "", "must be an object"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_added(
    requester: User, project: Project, row: Any, column: str, reason: str
) -> None:
    options = {"key_column": "id", "redundancy_column": "times"}
    items.add(actor=requester, project_id=project.pk, rows=[{"text": "old", "id": "known"}], options=options)
    if isinstance(row, dict):
        row = {"id": "fresh", **row}

    with pytest.raises(BadRows) as refused:
        items.add(actor=requester, project_id=project.pk, rows=[{"text": "good", "id": "taken"}, row], options=options)

    (fault,) = refused.value.data["rows"]
    assert (fault["row"], fault["column"]) == (2, column)
    assert reason in fault["reason"]
    assert "row 2" in str(refused.value.message)
    assert Item.objects.count() == Task.objects.count() == Upload.objects.count() == 1


def test_bad_rows_are_skipped_where_that_was_said(requester: User, project: Project) -> None:
    rows = [{"text": "a"}, {"text": ""}, {"text": "b", "gold": "ugly"}, {"text": "c"}]
    upload = items.add(actor=requester, project_id=project.pk, rows=rows, options={"skip_bad_rows": True})
    assert (upload.rows_good, upload.rows_bad) == (2, 2)
    assert [error["row"] for error in upload.errors] == [2, 3]
    assert Task.objects.count() == 2


def test_known_keys_are_skipped_where_that_was_said(requester: User, project: Project) -> None:
    options = {"key_column": "id", "known_keys": "skip"}
    rows = [{"text": "a", "id": "1"}, {"text": "b", "id": "2"}]
    items.add(actor=requester, project_id=project.pk, rows=rows[:1], options=options)
    upload = items.add(actor=requester, project_id=project.pk, rows=rows, options=options)
    assert (upload.rows_good, upload.rows_known, upload.rows_bad) == (1, 1, 0)
    assert Item.objects.count() == 2


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"key_colum": "id"}, "key_colum"),
        ({"key_column": 5}, "key_column"),
        ({"skip_bad_rows": "yes"}, "skip_bad_rows"),
        ({"known_keys": "replace"}, "known_keys"),
        ({"gold_column": "text"}, "gold_column"),
        ({"url_column": "link"}, "url_column"),
        ({"delimiter": "|"}, "delimiter"),
    ],
)
def test_a_wrong_option_is_named(requester: User, project: Project, options: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInput) as refused:
        items.add(actor=requester, project_id=project.pk, rows=texts(1), options=options)
    assert list(refused.value.data["errors"]) == [place]


def test_items_need_a_config_and_come_in_measured_numbers(requester: User, organisation: Organisation) -> None:
    project = draft.create(actor=requester, organisation=organisation, title="Bare", reward_micros=1)
    with pytest.raises(NoConfig):
        items.add(actor=requester, project_id=project.pk, rows=texts(1))
    for count in (0, 1001):
        with pytest.raises(BadInput, match="1000"):
            items.add(actor=requester, project_id=project.pk, rows=texts(count))


def test_gold_over_several_questions_is_an_object(requester: User, organisation: Organisation) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "a", "gold": {"mood": "good", "topics": ["music", "sport"]}},
        {"text": "b", "gold": '{"mood": "bad"}'},
    ]
    make_draft(actor=requester, organisation=organisation, rows=rows, label_config=TWO_QUESTIONS)
    assert [task.gold for task in Task.objects.order_by("id")] == [
        {"units": [{"mood": "good", "topics": ["sport", "music"]}]},
        {"units": [{"mood": "bad"}]},
    ]


def test_rows_share_pages_but_gold_and_other_redundancies_keep_to_themselves(
    requester: User, organisation: Organisation
) -> None:
    rows: list[dict[str, Any]] = [{"a": number} for number in range(7)]
    rows[1]["gold"], rows[4]["gold"] = "yes", "no"
    rows[2]["gold"] = {"cannot_answer": {"reason": "unclear"}}
    rows[5]["times"] = 9
    project = make_draft(actor=requester, organisation=organisation, label_config=ROW, split={"by": "rows", "size": 2})
    items.add(actor=requester, project_id=project.pk, rows=rows, options={"redundancy_column": "times"}, rng=Random(1))

    ids = list(Item.objects.order_by("id").values_list("pk", flat=True))
    pages = {tuple(unit["a"] for unit in task.payload["units"]): task for task in Task.objects.filter(project=project)}
    assert set(pages) == {(0, 3), (1, 4), (2,), (5,), (6,)}
    assert pages[0, 3].source == {"items": [ids[0], ids[3]]}
    assert (pages[0, 3].units, pages[0, 3].item_id, pages[0, 3].is_gold) == (2, ids[0], False)
    assert pages[1, 4].gold == {"units": [{"same": "yes"}, {"same": "no"}]}
    assert pages[2,].gold == {"cannot_answer": {"reason": "unclear", "comment": ""}}
    assert (pages[5,].redundancy, pages[6,].redundancy) == (9, 3)
    assert queries.price(project).slots == 3 + 9 + 3
    all_is_well()


def test_a_column_of_rows_is_paged_by_itself(requester: User, organisation: Organisation) -> None:
    label_config = {**ROW, "data": {"kind": "row", "field": "pairs"}}
    row: dict[str, Any] = {"shop": "x", "pairs": [{"left": 1}, {"left": 2}, {"left": 3}]}
    gold: dict[str, Any] = {"pairs": [{"left": 4}, {"left": 5}], "gold": {"units": [{"same": "yes"}, {"same": "no"}]}}
    make_draft(
        actor=requester,
        organisation=organisation,
        label_config=label_config,
        rows=[row, gold],
        split={"by": "rows", "size": 2},
    )
    first, second, known = Task.objects.order_by("id")
    assert first.payload == {"units": [{"shop": "x", "left": 1}, {"shop": "x", "left": 2}]}
    assert (second.units, second.source) == (1, {"start": 2, "end": 3})
    assert (known.is_gold, known.units, known.gold) == (True, 2, gold["gold"])


def test_text_is_cut_and_remembers_where(requester: User, organisation: Organisation) -> None:
    text = "One here. Two there.\n\nThree."
    make_draft(actor=requester, organisation=organisation, rows=[{"text": text}], split={"by": "sentence"})
    tasks = list(Task.objects.order_by("id"))
    assert len(tasks) == 3
    for task in tasks:
        (unit,) = task.payload["units"]
        assert unit["text"] == text[task.source["start"] : task.source["end"]]


def test_gold_that_would_be_cut_is_refused(requester: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, split={"by": "sentence"})
    rows = [{"text": "Whole.", "gold": "good"}, {"text": "One. Two.", "gold": "good"}]
    with pytest.raises(BadRows) as refused:
        items.add(actor=requester, project_id=project.pk, rows=rows)
    ((fault,),) = [refused.value.data["rows"]]
    assert (fault["row"], "must stay whole" in fault["reason"]) == (2, True)


def test_an_addition_pays_for_itself_or_does_not_happen(requester: User, organisation: Organisation) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(10, gold=1), gold_share=Decimal("0.25"), redundancy=1
    )
    assert (project.planned_slots, project.gold_reserve_micros) == (9, 3 * 48_000)
    purse = make.make_money(organisation, 5 * 48_000 - 1)

    with pytest.raises(BudgetShort) as refused:  # 4 slots and (13 x .25/.75 = 5) - 3 = 2 gold answers
        items.add(actor=requester, project_id=project.pk, rows=texts(4))
    assert refused.value.shortfall_micros == 48_000 + 1
    assert refused.value.data["parts"]["gold_answers"] == 2
    assert (Item.objects.count(), Task.objects.count(), Upload.objects.count()) == (10, 10, 1)

    for _one in range(3):
        items.add(actor=requester, project_id=project.pk, rows=texts(1))
    project.refresh_from_db()
    assert (project.planned_slots, project.gold_reserve_micros) == (12, 4 * 48_000)
    assert ledger.balance(purse) == 48_000 - 1
    free = sum(task.needed for task in Task.objects.filter(is_gold=False)) * 48_000
    assert ledger.balance(reserves.escrow(project)) == free + project.gold_reserve_micros
    items.add(actor=requester, project_id=project.pk, rows=texts(1, gold=1))  # gold alone costs nothing
    assert ledger.balance(purse) == 48_000 - 1
    all_is_well()


def test_items_leave_a_draft_and_only_a_draft(requester: User, stranger: User, organisation: Organisation) -> None:
    project = make_draft(actor=requester, organisation=organisation, rows=texts(3))
    (first, *_others) = Item.objects.order_by("id")
    with pytest.raises(NotFound):
        items.remove(actor=stranger, project_id=project.pk, item_id=first.pk)
    items.remove(actor=requester, project_id=project.pk, item_id=first.pk)
    with pytest.raises(NotFound):
        items.remove(actor=requester, project_id=project.pk, item_id=first.pk)
    assert Task.objects.count() == 2
    assert items.clear(actor=requester, project_id=project.pk) == 2
    assert not Task.objects.exists()
    published = make_open(actor=requester, organisation=organisation)
    for forbidden in (
        lambda: items.clear(actor=requester, project_id=published.pk),
        lambda: items.remove(actor=requester, project_id=published.pk, item_id=1),
    ):
        with pytest.raises(WrongState):
            forbidden()


def test_a_row_leaves_its_page(requester: User, organisation: Organisation) -> None:
    rows = [{"a": number} for number in range(5)]
    split = {"by": "rows", "size": 2}
    project = make_draft(actor=requester, organisation=organisation, label_config=ROW, rows=rows, split=split)
    second = Item.objects.order_by("id")[1]
    items.remove(actor=requester, project_id=project.pk, item_id=second.pk)
    pages = [[unit["a"] for unit in task.payload["units"]] for task in Task.objects.order_by("id")]
    assert pages == [[0, 2], [3, 4]]
    all_is_well()


def test_a_stranger_adds_nothing(stranger: User, project: Project) -> None:
    with pytest.raises(NotFound):
        items.add(actor=stranger, project_id=project.pk, rows=texts(1))
