"""What bad input gets: a clear message naming the place, a status below 500, and nothing half-done."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from crowd.assignments.models import Answer
from crowd.ledger.models import Transfer
from crowd.projects.models import Item, MediaFile, Project, Task
from crowd.projects.services import uploads
from crowd.users.models import AuditEntry, Organisation, User
from tests import make, make_project
from tests.api.conftest import SignIn
from tests.api.people import made
from workers.models import Worker

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
Said = Callable[[Any, int], dict[str, Any]]
CHOICE = make_project.CHOICE
TYPO = CHOICE | {"questions": [{"id": "mood", "kind": "chioce", "text": "?", "labels": ["a", "b"]}]}


@pytest.fixture
def draft(requester: User, organisation: Organisation) -> Project:
    return make_project.make_draft(actor=requester, organisation=organisation, rows=make_project.texts(2))


def state() -> dict[str, int]:
    """How much of everything there is: bad input adds nothing to it."""
    return {model.__name__: model.objects.count() for model in (Project, Item, Task, MediaFile, Transfer, Answer)} | {
        "AuditEntry": AuditEntry.objects.count()
    }


@dataclass(frozen=True)
class Bad:
    """`path` and `body` are sent to a draft; `place` must stand in `errors`, `word` in the sentences."""

    method: str
    path: str
    body: Any
    place: str
    word: str
    status: int = 400


SETTINGS = [
    Bad("patch", "", {"reward_micros": -1}, "reward_micros", "negative"),
    Bad("patch", "", {"reward_micros": 0}, "reward_micros", "private team"),
    Bad("patch", "", {"reward_micros": "4 cents"}, "reward_micros", "whole number"),
    Bad("patch", "", {"reward_micros": 10**18}, "reward_micros", "too large"),
    Bad("patch", "", {"redundancy": 0}, "redundancy", "from 1"),
    Bad("patch", "", {"gold_share": 1}, "gold_share", "0.9"),
    Bad("patch", "", {"gold_share": "a lot"}, "gold_share", "number"),
    Bad("patch", "", {"currency": "ZZZ"}, "currency", "ZZZ"),
    Bad("patch", "", {"titel": "x"}, "titel", "no such field"),
    Bad("patch", "", {"state": "open"}, "state", "no such field"),
    Bad("patch", "", {"pay_policy": "consensus"}, "pay_threshold", "threshold"),
    Bad("patch", "", {"auto_accept_s": 40 * 24 * 3600}, "auto_accept_s", "from 0"),
    Bad("patch", "", {"split": {"by": "syllable"}}, "split.by", "syllable"),
    Bad("patch", "", {"aggregation_method": "magic"}, "aggregation_method", "one of"),
    Bad("put", "config/", {"config": TYPO}, "questions[0].kind", "choice"),
    Bad("put", "config/", {"config": {"data": {"kind": "text"}}}, "data.field", ""),
    Bad("put", "config/", {"config": "choice"}, "config", "dictionary"),
    Bad("put", "config/", {}, "config", "required"),
    Bad("put", "guidelines/", {"text": 7 * ["x"]}, "text", "string"),
    Bad("put", "guidelines/", {"text": "x" * 100_001}, "text", "100000"),
    Bad("put", "requirements/", {"requirements": [{"qualification": 1}]}, "requirements[0].comparator", "required"),
    Bad("put", "exclusions/", {"projects": ["mine"]}, "projects[0]", "integer"),
    Bad("post", "budget/", {"reserve": "extra", "amount": "-1"}, "amount", "negative"),
    Bad("post", "budget/", {"reserve": "gold", "amount": "0.0000001"}, "amount", "six digits"),
    Bad("post", "budget/", {"reserve": "gold", "amount": 0.1}, "amount", "text"),
    Bad("post", "team-invitations/", {"uses": 0}, "uses", "1"),
]
ROWS = [
    Bad("post", "items/", {"rows": [{"tekst": "no such column"}]}, "", "text"),
    Bad(
        "post",
        "items/",
        {"rows": [{"text": "x", "gold": "wonderful"}]},
        "",
        "1 row cannot be used; nothing was added: row 1, gold: mood: 'wonderful'",
    ),
    Bad("post", "items/", {"rows": [{"text": "x", "gold": {"any_of": [{"mood": "good", "weight": 2}]}}]}, "", "not 2"),
    Bad("post", "items/", {"rows": []}, "", "From 1"),
    Bad("post", "items/", {"rows": 1001 * [{"text": "x"}]}, "", "1000"),
    Bad("post", "items/", {"rows": "text"}, "rows", "list"),
    Bad("post", "items/", {"rows": [{"text": "x"}], "options": {"key_colum": "k"}}, "key_colum", "no such option"),
    Bad("post", "items/", {"rows": [{"text": "x"}], "options": {"key_column": "k"}}, "", "k"),
    Bad("post", "assignments/accept/", {"assignments": []}, "assignments", "at least 1"),
    Bad("post", "assignments/accept/", {"assignments": [10**30]}, "assignments[0]", ""),
    Bad("post", "assignments/accept/", {"assignments": [12345]}, "", "", 404),
    Bad("post", "assignments/reject/", {"assignments": [1], "reason": " "}, "reason", "blank"),
    Bad("post", "assignments/reject/", {"assignments": [1], "reason": "x", "evidence": "taste"}, "evidence", "taste"),
    Bad("post", "workers/ANOBODY/pause/", {"reason": "x"}, "", "ANOBODY", 404),
    Bad("post", "pause/", {}, "", "draft", 409),
]


@pytest.mark.parametrize("bad", [*SETTINGS, *ROWS], ids=lambda bad: f"{bad.path}{bad.body}"[:60])
def test_it_is_refused_with_its_place(bad: Bad, draft: Project, browser: APIClient, said: Said) -> None:
    before = state()

    response = getattr(browser, bad.method)(f"{V1}/projects/{draft.pk}/{bad.path}", bad.body)
    body = said(response, bad.status)

    assert bad.word in str(body)
    if bad.place:
        assert bad.place in body["errors"]
    assert state() == before


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


FILES = {
    "a missing column": ("csv", b"txt\nx\n", "text"),
    "an unknown label": ("csv", b"text,gold\nx,wonderful\n", "wonderful"),
    "a wrong encoding": ("csv", "text\nschön\n".encode("latin-1"), "UTF-8"),
    "a quotation mark never closed": ("csv", b'text\n"x\n', "quotation"),
    "no header": ("csv", b"\n", "header"),
    "a list instead of lines": ("jsonl", b'[{"text": "x"}]', "list"),
    "a line that is no JSON": ("jsonl", b"{text: x}\n", "JSON"),
    "a broken zip": ("zip", b"PK\x03\x04 this was a zip once", "zip"),
    "a zip with a foreign path": ("zip", zipped("../x.txt", b"x"), "x.txt"),
}


@pytest.mark.parametrize(("format", "content", "word"), FILES.values(), ids=FILES.keys())
def test_a_bad_file_is_reported_and_nothing_is_imported(
    format: str, content: bytes, word: str, draft: Project, browser: APIClient
) -> None:
    before = state()
    here = f"{V1}/projects/{draft.pk}/uploads/"
    sent = browser.post(here, {"file": SimpleUploadedFile("x", content), "format": format}, format="multipart")
    number = made(sent, 202)["id"] if sent.status_code == 202 else None
    if number is None:  # said at once
        assert sent.status_code == 400
        assert word in str(sent.json())
    else:
        uploads.process(upload_id=number)
        report = made(browser.get(f"{here}{number}/"))
        assert report["state"] == "refused"
        assert any(word in error["reason"] or word == error["column"] for error in report["errors"])

    assert state() == before


@pytest.mark.parametrize(
    ("address", "word"),
    [("http://127.0.0.1/x.png", "127.0.0.1"), ("http://[::1]/x.png", "::1"), ("file:///etc/passwd", "http")],
)
def test_an_address_inside_is_not_fetched(
    address: str, word: str, requester: User, organisation: Organisation, browser: APIClient
) -> None:
    draft = make_project.make_draft(actor=requester, organisation=organisation, label_config=make_project.IMAGE)
    here = f"{V1}/projects/{draft.pk}"

    number = made(browser.post(f"{here}/items/", {"rows": [{"image": address}]}), 201)["id"]
    uploads.process(upload_id=number)

    report = made(browser.get(f"{here}/uploads/{number}/"))
    assert report["state"] == "refused"
    assert (report["errors"][1]["row"], report["errors"][1]["column"]) == (1, "image")
    assert not Item.objects.filter(project=draft).exists()


def test_too_large_a_file_is_refused_before_it_is_read(
    draft: Project, browser: APIClient, said: Said, settings: Any
) -> None:
    settings.CROWD_UPLOAD_LIMIT_BYTES = 10
    big = SimpleUploadedFile("x.csv", b"text\n" + b"x" * (1024 * 1024 + 100))

    response = browser.post(f"{V1}/projects/{draft.pk}/uploads/", {"file": big, "format": "csv"}, format="multipart")

    assert said(response, 413)["code"] == "too_large"


def test_a_file_in_a_format_that_is_none(draft: Project, browser: APIClient, said: Said) -> None:
    file = SimpleUploadedFile("x.xls", b"x")

    response = browser.post(f"{V1}/projects/{draft.pk}/uploads/", {"file": file, "format": "xls"}, format="multipart")

    assert list(said(response, 400)["errors"]) == ["format"]


def test_publishing_says_everything_that_is_missing(
    requester: User, organisation: Organisation, browser: APIClient, said: Said
) -> None:
    empty = made(
        browser.post(f"{V1}/organisations/{organisation.pk}/projects/", {"title": "T", "reward_micros": 1}), 201
    )

    body = said(browser.post(f"{V1}/projects/{empty['id']}/publish/"), 400)

    assert body["code"] == "project_incomplete"
    assert len(body["missing"]) == 2


def test_a_second_publish_changes_nothing(
    draft: Project, organisation: Organisation, browser: APIClient, said: Said
) -> None:
    make.make_money(organisation, 100 * make_project.CENT)
    made(browser.post(f"{V1}/projects/{draft.pk}/publish/"))
    before = state()

    assert said(browser.post(f"{V1}/projects/{draft.pk}/publish/"), 409)["code"] == "wrong_state"
    assert state() == before


ANSWERS = {
    "an unknown label": ({"mood": "wonderful"}, "mood"),
    "an unknown question": ({"mod": "good"}, "mod"),
    "nothing": ({}, "mood"),
    "a list": (["good"], ""),
    "nothing at all": (None, ""),
    "a number": ({"mood": 7}, "mood"),
    "two units where there is one": ({"units": [{"mood": "good"}, {"mood": "bad"}]}, "units"),
    "a reason that is none": ({"cannot_answer": {"reason": "bored"}}, "reason"),
}


@pytest.mark.parametrize(("value", "place"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_that_does_not_fit(
    value: Any, place: str, requester: User, organisation: Organisation, worker: Worker, sign_in: SignIn, said: Said
) -> None:
    project = make_project.make_open(actor=requester, organisation=organisation)
    client = sign_in(worker.user)
    held = made(client.post(f"{V1}/projects/{project.pk}/next/"))
    before = state()

    body = said(client.post(f"{V1}/assignments/{held['id']}/submit/", {"value": value}), 400)

    assert body["code"] == ("bad_input" if value is None else "answer_refused")
    assert place in str(body["errors"])
    assert state() == before
    assert made(client.get(f"{V1}/assignments/{held['id']}/"))["state"] == "active"


def test_an_answer_to_somebody_elses_assignment(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker, sign_in: SignIn, said: Said
) -> None:
    project = make_project.make_open(actor=requester, organisation=organisation)
    held = made(sign_in(worker.user).post(f"{V1}/projects/{project.pk}/next/"))

    response = sign_in(other_worker.user).post(f"{V1}/assignments/{held['id']}/submit/", {"value": {"mood": "good"}})

    said(response, 404)
    assert not Answer.objects.exists()


MONEY = [
    ("withdrawals/", {"amount": "1", "currency": "XTS"}, 400, "no_test_money"),
    ("withdrawals/", {"amount": "0", "currency": "USD"}, 400, "bad_input"),
    ("withdrawals/", {"amount": "0.001", "currency": "USD"}, 400, "bad_input"),
    ("withdrawals/", {"amount": "1e999", "currency": "USD"}, 400, "bad_input"),
    ("withdrawals/", {"amount": "Infinity", "currency": "USD"}, 400, "bad_input"),
    ("withdrawals/", {"amount": "1", "currency": "GBP"}, 400, "bad_input"),
    ("withdrawals/", {"amount": "1", "currency": "USD"}, 409, "not_enough_money"),
    ("test-money/", {"amount": "99999999999"}, 400, "bad_input"),
]


@pytest.mark.parametrize(("path", "body", "status", "code"), MONEY, ids=str)
def test_money_that_cannot_move(
    path: str, body: Any, status: int, code: str, organisation: Organisation, browser: APIClient, said: Said
) -> None:
    before = state()

    assert said(browser.post(f"{V1}/organisations/{organisation.pk}/{path}", body), status)["code"] == code
    assert state() == before
