"""From answers to consensus."""

import pytest

from crowd.assignments.services import reject
from crowd.assignments.services.grounds import Grounds
from crowd.consensus.models import AggregationRun, Consensus, WorkerScore
from crowd.consensus.services.aggregate import aggregate
from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.consensus.settling.crowd import answer, crowd
from tests.make_project import CHOICE, make_open, texts

pytestmark = pytest.mark.django_db


def test_the_consensus_says_how_sure_it_is_and_from_how_many_answers(project: Project) -> None:
    for worker, mood in zip(crowd(3), ("good", "good", "bad"), strict=True):
        answer(worker, project, mood)
    run = aggregate(project.id)
    assert run is not None
    row = Consensus.objects.get()
    assert (row.value, row.answers) == ("good", 3)
    assert row.agreement == pytest.approx(2 / 3)
    assert row.posterior == row.distribution["good"] > row.distribution["bad"]
    assert WorkerScore.objects.filter(accuracy__gt=0).count() == 3


def test_the_same_answers_give_the_same_run(project: Project) -> None:
    for worker in crowd(3):
        answer(worker, project, "good")
    first, second = aggregate(project.id), aggregate(project.id)
    assert first is not None
    assert second is not None
    assert (first.input_sha256, first.figures) == (second.input_sha256, second.figures)
    assert Consensus.objects.count() == 1


def test_nothing_is_aggregated_before_the_first_answer(project: Project) -> None:
    assert aggregate(project.id) is None
    assert not AggregationRun.objects.exists()


def test_a_rejected_answer_does_not_vote_but_its_worker_is_known_by_it(project: Project, requester: User) -> None:
    first, second = crowd(2)
    answer(first, project, "good")
    (bad,) = answer(second, project, "bad")
    aggregate(project.id)
    before = Consensus.objects.get()
    assert before.tied
    grounds = Grounds(evidence="written", reason="It is plainly good.")
    reject.reject(actor=requester, project_id=project.id, assignment_ids=[bad.id], grounds=grounds, reopen=False)
    aggregate(project.id)
    after = Consensus.objects.get()
    assert (after.value, after.answers, after.tied) == ("good", 1, False)
    assert WorkerScore.objects.get(worker=second).answers == 1


def test_gold_is_clamped_and_teaches_who_is_good(requester: User, organisation: Organisation) -> None:
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(13, gold=12), quiz_length=12, quiz_cap=2, redundancy=2
    )
    good, bad = crowd(2)
    for worker, on_gold, plain in ((good, "good", "bad"), (bad, "bad", "good")):
        answer(worker, project, *[on_gold] * 12, plain)
    aggregate(project.id)
    row = Consensus.objects.get()  # the gold tasks have none: their answer is known
    assert (row.value, row.tied) == ("bad", False)


def test_numbers_and_texts_have_no_posterior(requester: User, organisation: Organisation) -> None:
    config = {
        "data": {"kind": "text", "field": "text"},
        "questions": [
            {"id": "count", "kind": "number", "text": "How many?"},
            {"id": "title", "kind": "text", "text": "A title?"},
            {"id": "tags", "kind": "multi-choice", "text": "Which?", "labels": ["a", "b", "c"]},
        ],
    }
    project = make_open(actor=requester, organisation=organisation, rows=texts(1), redundancy=3, label_config=config)
    said = [(3, "a red car", ["a", "b"]), (4, "a red cat", ["a", "b"]), (90, "nothing", ["c"])]
    for worker, (count, title, tags) in zip(crowd(3), said, strict=True):
        answer(worker, project, {"count": count, "title": title, "tags": tags})
    aggregate(project.id)
    rows = {row.question: row for row in Consensus.objects.all()}
    assert rows["count"].value == 4
    assert rows["title"].value in ("a red car", "a red cat")
    assert rows["tags"].value == ["a", "b"]
    assert rows["count"].posterior is None
    assert rows["title"].posterior is None
    assert rows["tags"].posterior is not None


def test_pages_of_units_are_merged_unit_by_unit(requester: User, organisation: Organisation) -> None:
    config = CHOICE | {"data": {"kind": "row"}}
    project = make_open(
        actor=requester,
        organisation=organisation,
        rows=texts(3),
        redundancy=1,
        label_config=config,
        split={"by": "rows", "size": 3},
    )
    (worker,) = crowd(1)
    answer(worker, project, {"units": [{"mood": "good"}, {"mood": "bad"}, {"mood": "good"}]})
    aggregate(project.id)
    assert list(Consensus.objects.order_by("unit").values_list("unit", "value")) == [
        (0, "good"),
        (1, "bad"),
        (2, "good"),
    ]
