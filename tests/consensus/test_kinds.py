"""One story for every judged kind: config, item, five workers' answers, gold passed and failed, consensus, export."""

import csv
import io
import json
from typing import Any

import pytest

from crowd.assignments.errors import AnswerRefused
from crowd.assignments.models import Assignment
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus import exports, methods
from crowd.consensus.models import Consensus, WorkerScore
from crowd.consensus.services.aggregate import aggregate
from crowd.labeling.config import parse
from crowd.projects.models import Project, Task
from crowd.projects.services import publish
from crowd.users.models import Organisation, User
from qualifications.scoring import agreement
from tests import make
from tests.check import all_is_well
from tests.labeling.examples import EXAMPLES, Example, ids
from tests.make_project import CHOICE, make_draft, make_open
from tests.media import FILES
from tests.projects.test_uploads import bring, zipped
from workers.models import Worker

pytestmark = pytest.mark.django_db
QUIZ = {"quiz_length": 1, "quiz_cap": 10}  # the known answer comes first
CANNOT = {"cannot_answer": {"reason": "unclear", "comment": ""}}


def posted(actor: User, organisation: Organisation, example: Example) -> Project:
    """A published project with one ordinary item and a gold one, each of which shows what the example shows."""
    settings: dict[str, Any] = {"redundancy": 6, "cannot_answer_limit": 2} | QUIZ
    key = json.dumps({"q": example.key})
    if example.data not in FILES:
        rows = [example.unit, example.unit | {"gold": {"q": example.key}}]
        return make_open(actor=actor, organisation=organisation, rows=rows, label_config=example.config, **settings)
    name, content = FILES[example.data]()
    extra = list(example.shown)
    manifest = io.StringIO()
    writer = csv.writer(manifest)
    writer.writerow(["shown", "gold", *extra])
    for row in ("", key):
        writer.writerow([name if row else f"2{name}", row, *example.shown.values()])
    project = make_draft(actor=actor, organisation=organisation, label_config=example.config, **settings)
    files = {"manifest_csv": manifest.getvalue().encode(), name.replace(".", "_"): content}
    upload = bring(actor, project, zipped(**files, **{f"2{name}".replace(".", "_"): content}), "zip")
    assert upload.errors == []
    make.make_money(organisation, 10**8)
    return publish.publish(actor=actor, project_id=project.pk)


def answer(worker: Worker, project: Project, value: Any) -> Assignment:
    held = take.take_next(worker=worker, project_id=project.pk)
    return submit(worker=worker, assignment_id=held.pk, value=value, take_next=False).assignment


@pytest.mark.parametrize("example", EXAMPLES, ids=ids)
def test_a_kind_from_config_to_export(example: Example, requester: User, organisation: Organisation) -> None:
    project = posted(requester, organisation, example)
    question = parse(example.config).question("q")
    for value in (*({"q": said} for said in example.answers), CANNOT):
        worker = make.make_worker()
        right = answer(worker, project, {"q": example.key})
        assert (right.gold_score, right.gold_passed) == (1.0, True)
        answer(worker, project, value)
    missed = answer(make.make_worker(), project, {"q": example.bad})
    assert missed.gold_score is not None
    assert missed.gold_score < parse(example.config).pass_mark
    assert missed.gold_passed is False

    aggregate(project.pk)
    merged = Consensus.objects.get(task__is_gold=False)
    assert merged.answers == 5
    near = [agreement(question, value, example.key) for value in example.answers]
    found = agreement(question, merged.value, example.key)
    assert found >= sorted(near)[2]  # at least as near to the truth as the middle worker
    assert found > near[4]  # and nearer than the careless one
    assert merged.agreement == pytest.approx(
        sum(agreement(question, value, merged.value) for value in example.answers) / 5
    )
    assert question.accept(merged.value, "q") == merged.value  # what is merged is an answer of its kind
    assert WorkerScore.objects.filter(question="q").count() >= 5

    rows = [json.loads(line) for line in exports.lines(project, "items", "jsonl")]
    assert rows[0]["consensus"]["q"]["value"] == merged.value
    said = [json.loads(line) for line in exports.lines(project, "answers", "jsonl")]
    ordinary = [row for row in said if not row["gold"]]
    assert [row["answer"].get("q") for row in ordinary] == [*example.answers, None]
    assert ordinary[5]["cannot_answer"]["reason"] == "unclear"
    flat = csv.DictReader(io.StringIO(b"".join(exports.lines(project, "items", "csv")).decode("utf-8-sig")))
    assert "consensus.q.details" in (flat.fieldnames or [])
    all_is_well()


def test_a_mark_outside_its_own_item_is_refused_and_nothing_is_stored(
    requester: User, organisation: Organisation
) -> None:
    project = posted(requester, organisation, EXAMPLES[0])
    shown = Task.objects.filter(project=project).first()
    assert shown is not None
    assert {name: shown.payload["units"][0]["shown"][name] for name in ("width", "height")} == {
        "width": 200,
        "height": 100,
    }
    worker = make.make_worker()
    held = take.take_next(worker=worker, project_id=project.pk)
    outside = [EXAMPLES[0].key[0] | {"x": 150.0}]
    with pytest.raises(AnswerRefused) as caught:
        submit(worker=worker, assignment_id=held.pk, value={"q": outside})
    assert "q[0].width" in str(caught.value.data)
    held.refresh_from_db()
    assert held.state == "active"


def test_a_question_that_the_crowd_did_not_ask_itself_has_no_consensus(
    requester: User, organisation: Organisation
) -> None:
    """Two of three say there is nothing to explain: the one explanation is no result, and comes to be one later."""
    why = {"id": "why", "kind": "text", "text": "Why?", "when": {"question": "mood", "is": "bad"}}
    config = {**CHOICE, "questions": [*CHOICE["questions"], why]}
    rows = [{"text": "a"}]
    project = make_open(actor=requester, organisation=organisation, rows=rows, label_config=config, redundancy=5)
    said: list[dict[str, Any]] = [{"mood": "bad", "why": "rude"}, {"mood": "good"}, {"mood": "good"}]
    for value in said:
        answer(make.make_worker(), project, value)
    aggregate(project.pk)
    assert [row.question for row in Consensus.objects.all()] == ["mood"]
    for _ in range(2):
        answer(make.make_worker(), project, {"mood": "bad", "why": "rude"})
    aggregate(project.pk)
    assert {row.question: row.value for row in Consensus.objects.all()} == {"mood": "bad", "why": "rude"}
    all_is_well()


def test_a_decided_answer_that_is_no_single_label_has_no_distribution() -> None:
    decided = methods.clamped({(1, 0): ["cat", "dog"], (2, 0): {"choice": "left"}, (3, 0): "cat"})
    assert [(one.value, one.posterior, one.distribution) for one in decided.values()] == [
        (["cat", "dog"], 1.0, {}),
        ({"choice": "left"}, 1.0, {}),
        ("cat", 1.0, {"cat": 1.0}),
    ]
