"""A worker's pages without a browser: what they answer, and that nothing typed is lost."""

import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from crowd.assignments.models import Answer, Assignment, Participation
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.labeling import config as label_config
from crowd.projects.models import Project, Report
from crowd.projects.services import config, reviews
from crowd.users.models import Organisation, User
from crowd.web import asking, navigation
from crowd.web.requester import gallery
from crowd.web.worker import home
from tests.browser.world import ready_worker
from tests.make_project import make_open, texts
from workers.models import Worker
from workers.services import wishes

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Worker:
    return ready_worker()


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_open(actor=requester, organisation=organisation)


@pytest.fixture
def client(client: Client, worker: Worker) -> Client:
    client.force_login(worker.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def read(client: Client, address: str, status: int = 200) -> str:
    """The words of a page, tags and runs of space taken out."""
    answer = client.get(address)
    assert answer.status_code == status, address
    return words(answer.content)


def words(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def test_the_list_goes_on_and_tells_what_is_expected_and_what_was_measured(
    client: Client, worker: Worker, requester: User, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "PAGE", 2)
    for name in ("First", "Second", "Third"):
        make_open(actor=requester, organisation=organisation, title=name, expected_s=10)

    page = read(client, "/work/")
    assert "Third" in page
    assert "First" not in page
    assert "$14.40 expected" in page  # 4 cents in 10 seconds
    older = re.findall(r'rel="next" href="([^"]+)"', client.get("/work/").content.decode())
    assert "First" in read(client, f"/work/{older[0]}")

    make_open(actor=requester, organisation=organisation, title="Unhurried", expected_s=100)
    found = read(client, "/work/?words=ir+ST")
    assert "First" in found
    assert "Third" not in found
    assert "Unhurried" not in read(client, "/work/?hourly=1,50")
    assert "Unhurried" in read(client, "/work/?hourly=1.40&kind=text&show=ready")
    assert "Nothing fits" in read(client, "/work/?kind=image")
    wrong = read(client, "/work/?hourly=much&kind=none")
    assert "“much” is not an amount of money." in wrong
    assert "Unhurried" in wrong  # what is typed wrong leaves nothing out
    onward = re.findall(r'rel="next" href="([^"]+)"', client.get("/work/?words=t").content.decode())
    assert "words=t&amp;before=" in onward[0]

    wishes.mark_requester(worker=worker, organisation=organisation, mark="hidden")
    assert "Third" not in read(client, "/work/")
    assert "Third" in read(client, "/work/?show=hidden")


@pytest.mark.parametrize(("path", "title"), [("tests/5/", "Qualifications"), ("appeals/blocks/5/", "My record")])
def test_the_bar_shows_where_a_page_belongs(worker: Worker, path: str, title: str) -> None:
    request = RequestFactory().get(f"/work/{path}")
    request.user = worker.user

    assert [one.title for one in navigation.site(request)["frame"].links if one.current] == [title]


def test_who_finds_nothing_left_is_told_what_is_next_and_when_the_board_opens(
    client: Client, worker: Worker, project: Project
) -> None:
    while (way := client.post(f"/work/projects/{project.pk}/start/").headers["Location"]).startswith("/work/tasks/"):
        submit(worker=worker, assignment_id=int(way.split("/")[3]), value={"mood": "good"}, take_next=False)

    assert way == f"/work/projects/{project.pk}/end/"
    assert client.get(way).status_code == 200
    assert client.get("/work/board/").status_code == 403


def test_a_quiz_is_told_of_before_it_starts_also_from_the_list(
    client: Client, worker: Worker, requester: User, organisation: Organisation
) -> None:
    quiz: dict[str, Any] = {"rows": texts(6, gold=4), "quiz_length": 4, "quiz_cap": 9, "quiz_pass": 3}
    project = make_open(actor=requester, organisation=organisation, **quiz)
    start = f"/work/projects/{project.pk}/start/"
    assert "It starts with a quiz of 4 tasks" in words(client.post(start, follow=True).content)
    config.set_guidelines(actor=requester, project_id=project.pk, text="Read, then decide.")
    told = client.post(start, follow=True)
    assert "Read this first" in words(told.content)
    assert "With 3 of 4 right you go on" in words(told.content)
    assert not Participation.objects.exists()

    way = client.post(start, {"guidelines_read": "1"}).headers["Location"]
    held = Assignment.objects.get(pk=int(way.split("/")[3]))
    while Participation.objects.get().paused_at is None:  # wrong on purpose
        held = submit(worker=worker, assignment_id=held.pk, value={"mood": "bad"}).next or held
    ended = client.get(f"/work/projects/{project.pk}/end/")
    assert "<h1>You are paused on this project</h1>" in ended.content.decode()
    assert 'href="/work/record/">What was measured' in ended.content.decode()
    assert Participation.objects.get().pause_reason in words(ended.content)


def test_the_record_says_at_once_what_became_of_the_answers(client: Client, worker: Worker, project: Project) -> None:
    for _number in range(2):
        held = take.take_next(worker=worker, project_id=project.pk)
        submit(worker=worker, assignment_id=held.pk, value={"mood": "good"}, take_next=False)

    assert "Submitted 2 Accepted 0 Rejected 0" in read(client, "/work/record/")


def test_a_page_that_was_open_too_long_says_so_and_leads_on(worker: Worker, project: Project) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(worker.user, backend="django.contrib.auth.backends.ModelBackend")
    held = take.take_next(worker=worker, project_id=project.pk)
    place = f"/work/tasks/{held.pk}/submit/"

    page = strict.post(place, {"u0.mood": "good"}, headers={"referer": f"http://testserver/work/tasks/{held.pk}/"})
    script = strict.post(place, {"u0.mood": "good"}, headers={"accept": "application/json"})

    assert page.status_code == script.status_code == 403
    assert "This page has expired" in words(page.content)
    assert f'href="/work/tasks/{held.pk}/"' in page.content.decode()  # the page he came from, not what only takes forms
    assert script.json()["code"] == "expired"
    assert not Answer.objects.exists()


def test_an_old_tab_that_submits_another_answer_is_told_which_one_stands(client: Client, project: Project) -> None:
    worker = Worker.objects.get()
    held = take.take_next(worker=worker, project_id=project.pk)
    place = f"/work/tasks/{held.pk}/submit/"
    first = client.post(place, {"u0.mood": "good", "attempt": "1"})
    assert first.status_code == 302

    again = client.post(place, {"u0.mood": "good", "attempt": "1"})
    other = client.post(place, {"u0.mood": "bad", "attempt": "1"})

    assert again.headers["Location"] == first.headers["Location"]  # the same once more leads on as before
    assert other.headers["Location"] == f"/work/tasks/{held.pk}/"
    shown = read(client, other.headers["Location"])
    assert "The stored one stands." in shown
    assert "Go on with the next task" in shown
    assert Answer.objects.get().value == {"units": [{"mood": "good"}]}


def test_a_project_is_reported_once_and_the_answer_of_staff_stands_in_the_record(
    client: Client, project: Project, staff: User
) -> None:
    place = f"/work/projects/{project.pk}/report/"
    assert place in client.get(f"/work/projects/{project.pk}/").content.decode()

    wrong = client.post(place, {"text": "It wants my password."})
    assert "Please choose what is wrong." in words(wrong.content)
    assert "It wants my password." in words(wrong.content)
    assert not Report.objects.exists()

    client.post(place, {"kind": "personal", "text": "It wants my password."})
    assert "You reported this project" in read(client, place)
    client.post(place, {"kind": "personal"})
    assert Report.objects.count() == 1

    reviews.dismiss_reports(actor=staff, project_id=project.pk, note="They took the question out.")
    assert "They took the question out." in read(client, "/work/record/")
    assert "What is wrong?" in read(client, place)


@pytest.mark.parametrize("odd", ["²", "9" * 5000, "-1"])
def test_a_number_that_is_none_is_as_if_it_were_not_sent(
    client: Client, requester: User, organisation: Organisation, project: Project, odd: str
) -> None:
    for place in ("/work/", "/work/earnings/"):
        assert read(client, f"{place}?before={odd}") == read(client, f"{place}?before=x")
    client.post(f"/work/projects/{project.pk}/start/", {"guidelines_read": odd})
    place = f"/work/tasks/{Assignment.objects.get(state='active').pk}/submit/"
    assert client.post(place, {"u0.mood": "good", "attempt": odd, "active_ms": odd}).status_code == 302
    assert Answer.objects.count() == 1

    client.force_login(requester)
    for name in ("history", "money"):
        address = reverse(f"web:requester:{name}", args=[organisation.pk])
        assert client.get(f"{address}?before={odd}").status_code == 200


def test_nobody_is_sent_to_a_page_that_is_none_of_ours(client: Client, project: Project) -> None:
    address, sent = reverse("web:mark-requester", args=[project.pk]), {"mark": "saved"}
    for odd in ("nowhere", "//evil.example/", "https://evil.example/", "/\\evil.example", "a\0b", "-1"):
        answer = client.post(address, sent | {"next": odd})
        assert (answer.status_code, answer["Location"]) == (302, reverse("web:work"))

    assert client.post(address, sent | {"next": "/work/record/?page=1"})["Location"] == "/work/record/?page=1"


def test_what_no_column_can_hold_is_the_readers_mistake_and_no_fault_of_ours(client: Client) -> None:
    assert "has characters that cannot be stored" in read(client, "/work/earnings/?currency=%00", 400)


def test_guidelines_are_told_each_reader_in_his_own_language(
    client: Client, worker: Worker, requester: User, project: Project
) -> None:
    text = "# How\n\n![a happy cat](https://example.org/cat.png)"
    config.set_guidelines(actor=requester, project_id=project.pk, text=text)
    page = f"/work/tasks/{take.take_next(worker=worker, project_id=project.pk, guidelines_read=1).pk}/"

    for language, picture in (("en", "[picture: a happy cat]"), ("de", "[Bild: a happy cat]"), ("en", "[picture:")):
        answer = client.get(page, headers={"accept-language": language})
        assert f"<h3>How</h3>\n<p><em>{picture}" in answer.content.decode()


def test_what_is_kept_of_a_page_for_everybody_depends_on_no_item() -> None:
    """Fragments of `_task.html` are kept by config, for all of its items: their questions must read alike."""
    labels = {"labels": ["good", "bad", "so so"]}
    settings: dict[str, dict[str, Any]] = {
        "choice": labels,
        "multi-choice": labels,
        "number": {"unit": "cm"},
        "rating": {"lowest": 1, "highest": 5},
        "transcript": {},
        "text": {"help": "A line."},
    }
    assert set(settings) == asking.PLAIN
    for kind, more in settings.items():
        assert _asked(kind, more, "one") == _asked(kind, more, "other"), kind
    assert _asked("ranking", labels, "one") != _asked("ranking", labels, "other")  # and this would be seen


def _asked(kind: str, more: dict[str, Any], seed: str) -> str:
    """The question's HTML about an item of its own."""
    when = {"when": [{"question": "first", "is": ["yes"]}]}
    first = {"id": "first", "kind": "choice", "text": "Is it?", "labels": ["yes", "no"]}
    asked = {"id": "it", "kind": kind, "text": "Which?", **more, **when}
    parsed = label_config.parse({"data": {"kind": "row"}, "questions": [first, asked]}).to_json()
    columns = {name: f"{seed} {name}" for name in ("text", "good", "bad", "so so", seed)}
    unit = asking.unit(0, columns, parsed, seed)
    assert [one.kind in asking.PLAIN for one in unit.questions] == [True, kind in asking.PLAIN]
    return render_to_string("web/worker/_question.html", {"question": unit.questions[1]})


IN_A_TOOL = [
    *(("image", kind, {}) for kind in ("boxes", "masks")),
    ("image", "keypoints", {"skeleton": ["head", "foot"], "edges": []}),
    ("text", "spans", {}),
    ("text", "relations", {"of": "first"}),
    ("audio", "segments", {}),
    ("series", "segments", {}),
    ("video", "tracks", {}),
]


@pytest.mark.parametrize(("data", "kind", "more"), IN_A_TOOL, ids=lambda one: one if isinstance(one, str) else "")
def test_no_label_is_given_a_key_of_the_tool_that_marks_with_it(data: str, kind: str, more: dict[str, Any]) -> None:
    """Else with many labels nothing could be marked, or put right, by keys."""
    names = [f"kind {number}" for number in range(40)]
    first = {"id": "first", "kind": "spans", "text": "Who?", "labels": ["one", "two"]}
    asked = {"id": "it", "kind": kind, "text": "Which?", "labels": names, **more}
    before = [first] if kind == "relations" else []
    config = label_config.parse({"data": {"kind": data, "field": data}, "questions": [*before, asked]})
    unit = asking.unit(0, gallery.sample(config), config.to_json())
    drawn = render_to_string("web/worker/_question.html", {"question": unit.questions[-1]})
    told = re.findall(r'data-shortcut="(\w)"', drawn + render_to_string("web/tools/_shown.html", {"unit": unit}))
    keys = {one.key for one in unit.questions[-1].choices} - {""}
    assert len(told) > 1
    assert len(keys) >= 20
    assert not keys.intersection(told), "".join(sorted(keys.intersection(told)))
