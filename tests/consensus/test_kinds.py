"""One story for every judged kind: config, item, five workers' answers, gold passed and failed, consensus, export."""

import csv
import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

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
from tests.projects.uploads.uploading import bring, zipped
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


CUT = '[{"label": ' + 3 * '"x'
DEEP = "[" * 40 + "]" * 40
ODD = (  # in the place of an answer of any kind: what JSON cannot say, what cannot be stored, what is no answer
    ("NaN", "", ""),
    ('[{"x": 1}, {"x": -Infinity}]', "[1].x", "not a number that JSON knows"),
    ('[{"x": [1, 1e400]}]', "[0].x[1]", "too large a number"),
    ('{"a": "\\u0000"}', ".a", "NUL character"),
    ('[{"\\ud800": 1}]', "[0]", "half of a character"),
    ('{"a": 1, "a": 2}', "", "appears twice"),
    (DEEP, "[0]" * 30, "nested too deep"),
    (CUT, "", "not JSON"),
    ("[[[]]]", "", ""),
    ('[{"label": {"a": 1}}]', "", ""),
    ("-1e308", "", ""),
    (json.dumps("x" * 100_000), "", ""),
    (json.dumps({"x" * 1_000: 1}), "", ""),
)


class Doors:
    """The two ways in for an answer. A draft is there; whatever is refused, it stays, and so does the task."""

    def __init__(self, worker: Worker, project: Project) -> None:
        self.held = take.take_next(worker=worker, project_id=project.pk)
        self.client = Client()
        self.client.force_login(worker.user)
        self.fields = {"u0.q": ["what was typed so far"]}
        draft = {"attempt": self.held.attempt, "fields": self.fields}
        assert self.client.put(self.draft, draft, "application/json").status_code == 200

    @property
    def draft(self) -> str:
        return reverse("web:draft", args=[self.held.pk])

    def refuse(self, text: str, place: str, words: str) -> None:
        """The JSON of an answer to the question; `place` within it, "" for anywhere."""
        self.refuse_api(text, place, words)
        self.refuse_page(text, place, words)

    def refuse_api(self, text: str, place: str, words: str) -> None:
        body = f'{{"value": {{"q": {text}}}}}'
        address = reverse("api:submit", args=[self.held.pk])
        self._refused(self.client.post(address, body, "application/json"), place, words)

    def refuse_page(self, text: str, place: str, words: str) -> None:
        sent = {"u0.q": text, "attempt": self.held.attempt}
        address = reverse("web:submit", args=[self.held.pk])
        self._refused(self.client.post(address, sent, headers={"Accept": "application/json"}), place, words)

    def _refused(self, response: Any, place: str, words: str) -> None:
        assert response.status_code == 400, (response.status_code, response.content[:300])
        said = response.json()
        ((path, reason),) = (said.get("errors") or {"": said["detail"]}).items()
        assert f"q{place}" in path or not (place or path), (path, place)
        assert words in reason, (path, reason)
        assert len(response.content) < 4_000

    def nothing_is_lost(self) -> None:
        self.held.refresh_from_db()
        assert self.held.state == "active"
        assert self.client.get(self.draft).json()["fields"] == self.fields


def refused(example: Example, doors: Doors) -> None:
    for value, path, words in example.wrong:
        text = json.dumps(value)
        is_json = "NaN" not in text and not re.search(r"\d{300}", text)
        doors.refuse(text, path.removeprefix("q"), words if is_json else "number")
    for text, place, words in ODD:
        doors.refuse(text, place, words)
    doors.nothing_is_lost()


@pytest.mark.parametrize("example", EXAMPLES, ids=ids)
def test_a_kind_from_config_to_export(example: Example, requester: User, organisation: Organisation) -> None:
    project = posted(requester, organisation, example)
    question = parse(example.config).question("q")
    if example.kind != "transcript":  # which the page sends as it was typed
        refused(example, Doors(make.make_worker(), project))
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
    assert rows[0]["cannot_answer"] == {"unclear": 1}
    said = [json.loads(line) for line in exports.lines(project, "answers", "jsonl")]
    ordinary = [row for row in said if not row["gold"]]
    assert [row["answer"].get("q") for row in ordinary] == [*example.answers, None]
    assert ordinary[5]["cannot_answer"]["reason"] == "unclear"
    flat = csv.DictReader(io.StringIO(b"".join(exports.lines(project, "items", "csv")).decode("utf-8-sig")))
    assert [row["cannot_answer.unclear"] for row in flat] == ["1"]
    assert "consensus.q.details" in (flat.fieldnames or [])
    all_is_well()


PLAIN: tuple[tuple[dict[str, Any], tuple[tuple[str, str, str], ...]], ...] = (
    ({"kind": "choice", "labels": ["a", "b"]}, (('"c"', "", "not one of"), ('["a"]', "", ""), ("1", "", ""))),
    (
        {"kind": "multi-choice", "labels": ["a", "b"]},
        (('["a", "c"]', "[1]", "not one of"), ('["a", "a"]', "", "twice"), ('"c"', "", ""), ("[[]]", "[0]", "")),
    ),
    (
        {"kind": "number", "minimum": 0, "maximum": 9},
        (("-1", "", "0"), ("10", "", "9"), ('"nan"', "", ""), ("true", "", ""), ("[1]", "", ""), ("1e308", "", "9")),
    ),
    ({"kind": "text", "max_length": 5}, (('"longer"', "", "at most 5"), ("5", "", ""), ('{"text": "a"}', "", ""))),
    (
        {"kind": "contribution", "takes": "image", "consent": "Mine.", "licence": "CC0"},
        (('{"file": 1, "consent": true}', "", ""), ('{"file": "../x", "consent": true}', "", ""), ('"x"', "", "")),
    ),
)


@pytest.mark.parametrize(("fields", "wrong"), PLAIN, ids=[fields["kind"] for fields, _wrong in PLAIN])
def test_what_is_wrong_in_a_plain_field_is_refused_by_the_api_and_the_draft_stays(
    fields: dict[str, Any], wrong: Any, requester: User, organisation: Organisation
) -> None:
    config = {**CHOICE, "questions": [{"id": "q", "text": "?", **fields}]}
    project = make_open(actor=requester, organisation=organisation, rows=[{"text": "a"}], label_config=config)
    doors = Doors(make.make_worker(), project)
    for text, place, words in wrong:
        doors.refuse_api(text, place, words)
    doors.nothing_is_lost()


def test_a_number_that_is_none_and_a_tampered_draft_are_refused_by_the_page(
    requester: User, organisation: Organisation
) -> None:
    config = {**CHOICE, "questions": [{"id": "q", "text": "?", "kind": "number"}]}
    project = make_open(actor=requester, organisation=organisation, rows=[{"text": "a"}], label_config=config)
    doors = Doors(make.make_worker(), project)
    for text in ("nan", "inf", "-1e999", "one", "1;2"):
        doors.refuse_page(text, "", "")
    attempt = doors.held.attempt
    for draft, place in (
        ("{", "draft"), ("[]", "draft"), ('{"fields": {}}', "draft"), ('{"attempt": "x", "fields": {}}', "draft"),
        ('{"attempt": 1, "fields": {"u0.q": 5}}', "draft"), ('{"attempt": NaN, "fields": {}}', "attempt"),
        ('{"attempt": 1, "fields": {"u0.q": ["\\u0000"]}}', "fields.u0.q[0]"),
        (json.dumps({"attempt": attempt, "fields": {"u0.q": ["x" * 5_000_000]}}), "value"),
    ):  # fmt: skip
        answered = doors.client.put(doors.draft, draft, "application/json", headers={"Accept": "application/json"})
        assert (answered.status_code, list(answered.json()["errors"])) == (400, [place]), draft[:60]
    of_another = {"attempt": attempt + 1, "fields": {}}
    assert doors.client.put(doors.draft, of_another, "application/json").status_code == 409
    doors.nothing_is_lost()


CLOSED: list[tuple[dict[str, Any], Any, Any]] = [  # the question, what is right, what is not
    ({"kind": "choice", "labels": ["yes", "no"]}, "yes", "no"),
    ({"kind": "multi-choice", "labels": ["a", "b", "c"]}, ["a", "b"], ["c"]),
    ({"kind": "number", "tolerance": 0.5}, 3.0, 9.0),
    ({"kind": "text"}, "a cup", "something else"),
]


@pytest.mark.parametrize(
    ("asked", "right", "wrong"), CLOSED, ids=lambda one: one["kind"] if isinstance(one, dict) else ""
)
def test_closed_kinds_too(
    asked: dict[str, Any], right: Any, wrong: Any, requester: User, organisation: Organisation
) -> None:
    """Five workers' answers, one of them wrong, and gold passed and failed."""
    config = {"data": {"kind": "text", "field": "text"}, "questions": [{"id": "q", "text": "What?", **asked}]}
    rows: list[dict[str, Any]] = [{"text": "one"}, {"text": "two", "gold": {"q": right}}]
    project = make_open(
        actor=requester, organisation=organisation, rows=rows, label_config=config, redundancy=5, **QUIZ
    )
    for value in (right, right, right, right, wrong):
        worker = make.make_worker()
        assert answer(worker, project, {"q": value}).gold_passed is (value == right)
        answer(worker, project, {"q": value})
    aggregate(project.pk)
    merged = Consensus.objects.get(task__is_gold=False)
    assert (merged.answers, merged.value) == (5, right)
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
