"""A requester's day through the pages, as the browser sends it: forms in, pages out."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crowd.assignments.models import Assignment
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.models import Proposal
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import clock, money
from crowd.labeling.kinds import Question
from crowd.ledger.services import self_check
from crowd.projects.models import Item, Project, StagedFile, Task
from crowd.projects.services import reviews
from crowd.projects.states import ProjectState
from crowd.users.models import Organisation, User
from crowd.web.requester import kept, pages, urls
from crowd.web.requester import money as money_page
from tests import make, make_project
from workers.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)
CSV = b"id,text,gold\n1,what a day,\n2,how sad,\n3,I am glad,good\n"


def to(name: str, *args: Any) -> str:
    return reverse(f"web:requester:{name}", args=args)


@pytest.fixture
def site(client: Client, requester: User) -> Client:
    client.force_login(requester)
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def question_form(**more: Any) -> dict[str, Any]:
    return {
        "q-TOTAL_FORMS": "1",
        "q-INITIAL_FORMS": "0",
        "q-0-text": "Which mood?",
        "q-0-kind": "choice",
        "q-0-id": "mood",
        "q-0-labels": "good | Good | g\nbad | Bad | b",
        "q-0-required": "on",
        "q-0-scored": "on",
        "guidelines": "# How\nSay what you **feel**.",
        "cannot_answer": "on",
        "pass_mark": "1.0",
    } | more


def draft_with_data(site: Client, organisation: Organisation, content: bytes = CSV) -> Project:
    """A draft whose file is staged, its columns chosen as guessed."""
    site.post(to("new-project", organisation.pk), {"title": "Moods", "currency": "USD"})
    project = Project.objects.latest("pk")
    file = SimpleUploadedFile("moods.csv", content)
    site.post(to("setup-data", project.pk), {"how": "file", "file": file})
    site.post(
        to("setup-columns", project.pk), {"kind": "text", "field": "text", "key_column": "id", "gold_column": "gold"}
    )
    return project


def test_from_a_new_organisation_to_an_open_project(client: Client) -> None:
    """Every step by its form; the file comes before the question, and is imported once there is one."""
    person = make.make_user("new@example.org")
    client.force_login(person)
    assert client.get(to("home")).headers["Location"] == to("new-organisation")
    client.post(to("new-organisation"), {"name": "Lab"})
    organisation = Organisation.objects.get(name="Lab")

    project = draft_with_data(client, organisation)
    assert StagedFile.objects.filter(project=project).exists()
    assert not Item.objects.filter(project=project).exists()
    answered = client.post(to("setup-question", project.pk), question_form())
    assert answered.headers["Location"] == to("setup-workers", project.pk)
    assert Item.objects.filter(project=project).count() == 3
    assert Task.objects.get(project=project, is_gold=True).gold == {"units": [{"mood": "good"}]}
    client.post(
        to("setup-workers", project.pk),
        {
            "workforce": "public",
            "personal_data": "none",
            "r-TOTAL_FORMS": "1",
            "r-INITIAL_FORMS": "0",
            "r-0-qualification": "",
            "r-0-comparator": "GreaterThanOrEqualTo",
        },
    )
    unused = "1 task has a known answer, but none is given out"
    assert unused in text_of(client.get(to("setup-check", project.pk)))
    client.post(to("setup-quality", project.pk), quality_form(gold_share="10"))
    assert unused not in text_of(client.get(to("setup-check", project.pk)))
    client.post(to("setup-price", project.pk), price_form(reward="0.10", expected_s="9"))
    project.refresh_from_db()
    assert (project.reward_micros, project.expected_s, str(project.gold_share)) == (100_000, 9, "0.1000")

    short = client.post(to("setup-check", project.pk))
    assert "there is not enough money" in text_of(short)
    make.make_money(organisation, 100 * money.MICROS)
    client.post(to("setup-check", project.pk))

    project.refresh_from_db()
    assert project.state == ProjectState.OPEN
    self_check()


def quality_form(**more: str) -> dict[str, str]:
    return {
        "redundancy": "3",
        "aggregation_method": "dawid-skene",
        "gold_share": "0",
        "quiz_length": "0",
        "quiz_cap": "0",
        "minimum_accuracy": "",
        "cannot_answer_limit": "2",
        "aggregate_every": "100",
    } | more


def unfolded(page: str) -> list[str]:
    """The folds of a form that stand open: where something is wrong, or not as usual."""
    return re.findall(r'<details class="fold" open><summary><strong>([^<]+)<', page)


def price_form(**more: str) -> dict[str, str]:
    return {
        "currency": "USD",
        "reward": "0.05",
        "expected_s": "",
        "time_limit_s": "10",
        "grace_s": "2",
        "pay_policy": "delay",
        "pay_threshold": "",
        "auto_accept_s": "7",
        "extra_budget": "",
    } | more


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("photo.png", b"\x89PNG", "Put all of them into one .zip"),
        ("book.xlsx", b"PK", "Save it there as CSV"),
        ("data.csv", b"", "empty"),
        ("data.csv", b"text,text\na,b\n", "text"),
        ("data.csv", "text\n\xff".encode("latin-1"), "UTF-8"),
        ("data.zip", b"no zip at all", "zip"),
        ("data.exe", b"MZ", "of a kind that we do not read"),
    ],
)
def test_a_file_that_cannot_be_read_is_answered_beside_the_field(
    site: Client, organisation: Organisation, name: str, content: bytes, words: str
) -> None:
    site.post(to("new-project", organisation.pk), {"title": "Moods", "currency": "USD"})
    project = Project.objects.latest("pk")

    answered = site.post(to("setup-data", project.pk), {"how": "file", "file": SimpleUploadedFile(name, content)})

    assert answered.status_code == 200
    assert words in text_of(answered)
    assert 'class="fault"' in text_of(answered)
    assert not StagedFile.objects.exists()


def test_bad_rows_are_named_and_the_good_ones_may_go_on(site: Client, organisation: Organisation) -> None:
    project = draft_with_data(site, organisation, b"id,text,gold\n1,fine,\n1,the same key,\n3,odd,purple\n")

    answered = site.post(to("setup-question", project.pk), question_form(), follow=True)

    assert "was not imported" in text_of(answered)
    assert "purple" in text_of(answered)
    assert not Item.objects.filter(project=project).exists()
    columns = {"kind": "text", "field": "text", "key_column": "id", "gold_column": "gold", "skip_bad_rows": "on"}
    site.post(to("setup-columns", project.pk), columns)
    assert [item.key for item in Item.objects.filter(project=project)] == ["1"]


def test_a_form_that_is_wrong_keeps_what_was_typed(site: Client, organisation: Organisation) -> None:
    project = draft_with_data(site, organisation)

    answered = site.post(
        to("setup-question", project.pk), question_form(**{"q-0-labels": "", "guidelines": "My rules"})
    )

    assert answered.status_code == 200
    assert "This kind of question needs labels." in text_of(answered)
    assert "My rules" in text_of(answered)
    assert "Which mood?" in text_of(answered)


def test_the_preview_shows_the_question_on_the_first_row_and_stores_nothing(
    site: Client, organisation: Organisation
) -> None:
    project = draft_with_data(site, organisation)

    answered = text_of(site.post(to("setup-preview", project.pk), question_form()))

    assert "what a day" in answered
    assert "Good" in answered
    project.refresh_from_db()
    assert project.config is None


def test_walking_through_checks_answers_and_stores_nothing(site: Client, organisation: Organisation) -> None:
    project = draft_with_data(site, organisation)
    site.post(to("setup-question", project.pk), question_form())
    gold = [task.is_gold for task in Task.objects.filter(project=project).order_by("ring", "pk")].index(True) + 1

    assert "must be answered" in text_of(site.post(f"{to('walk', project.pk)}?n={gold}", {}))
    told = text_of(site.post(f"{to('walk', project.pk)}?n={gold}", {"u0.mood": "bad"}))

    assert "its known answer is" in told
    on = site.post(f"{to('walk', project.pk)}?n={gold}", {"u0.mood": "bad", "shown_gold": "1"})
    assert on.headers["Location"] == f"{to('walk', project.pk)}?n={gold + 1}"


def test_a_sandbox_is_for_the_own_team_and_says_so(site: Client, organisation: Organisation) -> None:
    site.post(to("new-project", organisation.pk), {"title": "Trial", "currency": "XTS"})
    project = Project.objects.latest("pk")
    shown = text_of(site.get(to("setup-data", project.pk)))

    assert (project.currency, project.workforce) == ("XTS", "team")
    assert "sandbox" in shown
    site.post(to("test-money", organisation.pk), {"amount": "25"})
    assert "25.00" in text_of(site.get(to("money", organisation.pk)))


@pytest.fixture
def running(organisation: Organisation, requester: User, worker: Worker, other_worker: Worker) -> Project:
    """Three tasks and a gold one, two answers each, all there; the workers differ in one."""
    rows = make_project.texts(4, gold=1)
    project = make_project.make_open(
        actor=requester, organisation=organisation, rows=rows, redundancy=2, gold_share="0.2"
    )
    for one, of_the_first in ((worker, "good"), (other_worker, "bad")):
        held: Assignment | None = take.take_next(worker=one, project_id=project.pk)
        while held is not None:
            text = held.task.payload["units"][0]["text"]
            mood = of_the_first if text == "text 0" else "good"  # whatever order the ring gives them in
            held = submit(worker=one, assignment_id=held.pk, value={"mood": mood}).next
    aggregate(project.pk)
    return project


def pages_of(project: Project) -> list[str]:
    """Every page of a running project that is looked at."""
    names = ("project", "live", "words", "funds", "close", "results", "answers", "proposals", "items", "workers")
    steps = [f"setup-{name}" for name in ("data", "question", "workers", "quality", "price")]
    task = Task.objects.filter(project=project, is_gold=False).first()
    assert task is not None
    return [to(name, project.pk) for name in (*names, *steps, "walk")] + [to("task", project.pk, task.pk)]


def test_every_page_of_a_running_project_opens(site: Client, running: Project) -> None:
    organisation = running.organisation_id
    others = [
        to(name, organisation) for name in ("organisation", "members", "money", "statement", "history", "withdraw")
    ]

    opened = {address: site.get(address).status_code for address in [*pages_of(running), *others]}

    assert set(opened.values()) == {200}, opened


def test_the_project_page_tells_how_far_how_sure_and_where_the_money_is(site: Client, running: Project) -> None:
    shown = text_of(site.get(to("project", running.pk)))

    assert "Krippendorff" in shown
    assert "Accuracy on gold" in shown
    assert "Where the money is" in shown
    code = text_of(site.get(to("workers", running.pk)))
    assert "worker@example.org" not in code


def test_figures_of_a_large_project_are_counted_now_and_then(
    site: Client, running: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(kept, "LARGE", 1)
    of_figures = [
        to(name, running.pk) for name in ("project", "live", "funds", "exports", "guidance", "gold", "workers")
    ]
    first = [text_of(site.get(page)) for page in of_figures]
    Assignment.objects.filter(project=running).update(reward_micros=9_990_000)
    assert [site.get(page).status_code for page in of_figures] == [200] * len(of_figures)
    assert spent(first[0]) == spent(text_of(site.get(of_figures[0])))

    cache.delete(f"web:kept:{running.pk}:overview:fresh")  # as if the minute were over
    assert spent(first[0]) != spent(text_of(site.get(of_figures[0])))

    counted = cache.get(f"web:kept:{running.pk}:overview")
    assert not any(isinstance(value, Question) for one in counted["questions"] for value in one.values())
    cache.set(f"web:kept:{running.pk}:overview", counted | {"questions": [counted["questions"][0] | {"id": "gone"}]})
    assert "Merged answers" not in text_of(site.get(of_figures[0]))  # of another version, and not asked any more
    make.make_money(running.organisation, 2_000_000)
    before = site.get(of_figures[0]).context["spend"].total_micros
    raised = {"reserve": "gold", "amount": "1", "key": "raised"}
    assert site.post(to("funds", running.pk), raised).status_code == 302
    after = site.get(of_figures[0]).context
    assert (after["spend"].total_micros - before, len(after["questions"])) == (1_000_000, 1)

    assert listed(site, running) == (3, 3)
    make.make_money(running.organisation, 10_000_000)
    file = SimpleUploadedFile("more.csv", b"text\nmore\nstill more\n")
    assert site.post(to("items", running.pk), {"how": "file", "file": file}).status_code == 302
    assert (site.get(of_figures[0]).context["progress"].tasks, listed(site, running)) == (5, (5, 3))


def listed(site: Client, project: Project) -> tuple[int, int]:
    """Its tasks, and how many of them are done, as the list of all projects has it."""
    lines = site.get(to("organisation", project.organisation_id)).context["lines"]
    (found,) = [progress for one, progress in lines if one.pk == project.pk]
    return found.tasks, found.done


def test_a_list_of_many_projects_asks_no_more_than_one_of_few(
    site: Client,
    running: Project,
    requester: User,
    django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed(site, running)  # what a process asks for once
    with CaptureQueriesContext(connection) as few:
        assert listed(site, running) == (3, 3)
    for _project in range(5):
        make_project.make_open(actor=requester, organisation=running.organisation, rows=make_project.texts(1))
    with django_assert_num_queries(len(few)):
        assert listed(site, running) == (3, 3)

    monkeypatch.setattr(money_page, "PROJECTS", 4)
    of_all = to("money", running.organisation_id)
    assert len(site.get(of_all).context["reserves"]) == 4
    second = site.get(of_all, {"page": "2", "currency": "USD"})
    assert len(second.context["reserves"]) == 2
    assert 'href="?currency=USD&amp;page=1"' in text_of(second)


def spent(page: str) -> list[str]:
    return re.findall(r"\$[0-9,.]+", page)


def test_no_more_of_a_long_list_is_counted_than_is_near(
    site: Client, running: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    Item.objects.bulk_create(Item(project=running, data={"text": f"text {number}"}) for number in range(100))
    monkeypatch.setattr(pages, "ROWS_AHEAD", 40)
    assert "page 1 of 2+" in text_of(site.get(to("items", running.pk)))
    assert "page 2 of 3" in text_of(site.get(to("items", running.pk), {"page": 2}))
    assert "page 3 of 3" in text_of(site.get(to("items", running.pk), {"page": 999_999_999_999}))
    assert "page 1 of" in text_of(site.get(to("items", running.pk), {"page": "x"}))


def test_accepting_says_first_what_it_costs(site: Client, running: Project) -> None:
    chosen = Assignment.objects.filter(project=running, state="submitted", is_gold=False)[:2]
    ids = [one.pk for one in chosen]

    asked = text_of(site.post(to("decide", running.pk), {"deed": "accept", "assignment": ids}))

    assert "$0.096" in asked  # two rewards of four cents, and a fifth of that to the site
    assert not Assignment.objects.filter(project=running, state="accepted").exists()
    site.post(to("decide", running.pk), {"deed": "accept", "assignment": ids, "confirmed": "1"})
    assert set(Assignment.objects.filter(state="accepted").values_list("pk", flat=True)) == set(ids)
    self_check()


def test_rejecting_needs_a_reason_and_keeps_the_choice(site: Client, running: Project) -> None:
    one = Assignment.objects.filter(project=running, state="submitted", is_gold=False).latest("pk")
    form = {"deed": "reject", "assignment": [one.pk], "confirmed": "1", "evidence": "written", "reopen": "on"}

    refused = site.post(to("decide", running.pk), form | {"reason": " "})

    assert "A rejection needs a reason" in text_of(refused)
    assert f'name="assignment" value="{one.pk}"' in text_of(refused)
    site.post(to("decide", running.pk), form | {"reason": "It says the opposite."})
    one.refresh_from_db()
    assert one.state == "rejected"


def test_proposals_are_followed_many_at_once_and_say_first_what_it_costs(site: Client, running: Project) -> None:
    rows = list(Assignment.objects.filter(project=running, state="submitted", is_gold=False).order_by("pk")[:2])
    made = [
        Proposal.objects.create(project=running, assignment=one, evidence="consensus", created_at=clock.now())
        for one in rows
    ]
    here, chosen = to("proposals", running.pk), {"proposal": [one.pk for one in made]}
    assert text_of(site.get(here)).count('name="proposal"') == 2
    assert "Choose at least one" in text_of(site.post(here, {"deed": "accept"}, follow=True))

    asked = text_of(site.post(here, chosen | {"deed": "reject"}))
    assert "Reject 2 answers?" in asked
    assert "stay reserved" in asked
    assert Proposal.objects.filter(state="open").count() == 2
    assert "A rejection needs a reason" in text_of(site.post(here, chosen | {"deed": "reject", "confirmed": "1"}))
    site.post(here, chosen | {"deed": "reject", "confirmed": "1", "reason": "All others saw a smile."})

    assert {one.state for one in Assignment.objects.filter(pk__in=[one.pk for one in rows])} == {"rejected"}
    self_check()


def test_results_are_filtered_by_label_worker_and_key(site: Client, running: Project) -> None:
    everything = text_of(site.get(to("results", running.pk)))
    assert everything.count('data-label="Merged"') == 3
    assert "No result fits" in text_of(site.get(to("results", running.pk), {"key": "none such"}))
    unknown = text_of(site.get(to("results", running.pk), {"worker": "nobody"}))
    assert 'class="fault"' in unknown
    assert "data-label" in text_of(site.get(to("results", running.pk), {"label": "good"}))


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("of", ["items", "answers"])
def test_results_come_as_files(site: Client, running: Project, of: str, kind: str) -> None:
    answered = site.get(to("export", running.pk, of, kind))

    body = b"".join(answered.streaming_content).decode()  # type: ignore[attr-defined]
    assert "attachment" in answered.headers["Content-Disposition"]
    assert body.count("\n") == (3 if of == "items" else Assignment.objects.filter(counts=True).count()) + (
        kind == "csv"
    )


def test_pause_close_and_what_they_say(site: Client, running: Project) -> None:
    site.post(to("pause", running.pk), {"back": to("project", running.pk)})
    again = site.post(to("pause", running.pk), {"back": to("project", running.pk)}, follow=True)

    assert 'class="notice bad"' in text_of(again)
    site.post(to("close", running.pk), {"reason": "enough"})
    running.refresh_from_db()
    assert running.state == ProjectState.CLOSING


def test_how_items_are_cut_is_seen_before_it_is_done(site: Client, organisation: Organisation) -> None:
    site.post(to("new-project", organisation.pk), {"title": "Moods", "currency": "USD"})
    project = Project.objects.latest("pk")
    text = "It is fine. I like it! Or not?"
    site.post(
        to("setup-data", project.pk), {"how": "file", "file": SimpleUploadedFile("a.csv", f"text\n{text}\n".encode())}
    )
    by_sentence = {"kind": "text", "field": "text", "split-kind": "sentence", "split-size": "1"}

    shown = text_of(site.post(to("setup-pieces", project.pk), by_sentence))
    assert "becomes 3 tasks" in shown
    assert "<li>I like it!</li>" in shown
    assert "cannot be cut by" in text_of(site.post(to("setup-pieces", project.pk), by_sentence | {"kind": "image"}))
    wrong = text_of(site.post(to("setup-columns", project.pk), by_sentence | {"split-size": "0.5"}))
    assert 'class="fault" id="id_split-size_error"' in wrong
    assert 'value="0.5"' in wrong
    site.post(to("setup-columns", project.pk), by_sentence)
    site.post(to("setup-question", project.pk), question_form())
    assert [one.payload["units"][0]["text"] for one in project.tasks.order_by("pk")] == [
        "It is fine.",
        "I like it!",
        "Or not?",
    ]

    assert "cut anew" in text_of(site.post(to("setup-split", project.pk), {"split-kind": "none"}, follow=True))
    assert project.tasks.count() == 1


def test_what_staff_did_not_pass_is_asked_about_again(site: Client, running: Project, staff: User) -> None:
    reviews.stop(actor=staff, project_id=running.pk, reason="Let us look.")
    looked_at = text_of(site.get(to("project", running.pk)))
    assert "Staff are looking at this project" in looked_at
    assert "Resume" not in looked_at
    reviews.refuse(actor=staff, project_id=running.pk, reason="It asks for addresses.")

    assert "It asks for addresses." in text_of(site.get(to("project", running.pk)))
    site.post(to("review-again", running.pk), {"back": to("project", running.pk)})

    review = reviews.standing(running)
    assert review is not None
    assert review.state == "waiting"
    assert "Ask again" not in text_of(site.get(to("project", running.pk)))


def test_members_are_invited_come_in_and_go(site: Client, organisation: Organisation, stranger: User) -> None:
    told = text_of(site.post(to("members", organisation.pk), {"email": stranger.email, "role": "member"}, follow=True))
    token = told.split("/invitations/")[1].split("/")[0]
    guest = Client()
    guest.force_login(stranger)

    assert "Rita" in text_of(guest.get(f"/invitations/{token}/"))
    guest.post(f"/invitations/{token}/")

    assert guest.get(to("organisation", organisation.pk)).status_code == 200
    site.post(to("remove-member", organisation.pk, stranger.pk))
    assert guest.get(to("organisation", organisation.pk)).status_code == 404


def test_a_stranger_a_worker_and_staff_see_nothing_of_it(
    running: Project, stranger: User, worker: Worker, staff: User, requester: User
) -> None:
    """Every address of the requester's pages that names an organisation or a project, generated from the URL table."""
    task, one = Task.objects.filter(project=running).first(), Assignment.objects.filter(project=running).first()
    assert task is not None
    assert one is not None
    values = {
        "organisation_id": running.organisation_id,
        "project_id": running.pk,
        "user_id": requester.pk,
        "task_id": task.pk,
        "upload_id": running.uploads.latest("pk").pk,
        "invitation_id": 1,
        "pseudonym": "w-1",
        "export_id": 1,
        "appeal_id": 1,
        "rule_id": 1,
        "firing_id": 1,
        "qualification_id": 1,
        "of": "items",
        "kind": "csv",
    }
    addresses = []
    for pattern in urls.urlpatterns:
        names = set(pattern.pattern.regex.groupindex)
        if names & {"organisation_id", "project_id"}:
            addresses.append(
                reverse(f"web:requester:{pattern.name}", kwargs={name: values.get(name, 1) for name in names})
            )
    assert len(addresses) > 40

    seen = {}
    for person in (stranger, worker.user, staff):
        client = Client()
        client.force_login(person)
        for address in addresses:
            for method in (client.get, client.post):
                status = method(address).status_code
                if status not in (404, 405):
                    seen[person.email, method.__name__, address] = status
    assert seen == {}
    guest = Client()
    assert {guest.get(address).status_code for address in addresses} <= {302, 405}


def test_a_team_is_joined_by_its_link(
    site: Client, organisation: Organisation, requester: User, worker: Worker
) -> None:
    project = make_project.make_open(actor=requester, organisation=organisation, workforce="team")
    told = text_of(site.post(to("team", project.pk), {"uses": "2", "days": "7"}, follow=True))
    link = "/teams/" + told.split("/teams/")[1].split("/")[0] + "/"
    guest = Client()
    guest.force_login(worker.user)

    assert guest.get(link).status_code == 200
    assert guest.post(link).headers["Location"] == reverse("web:offer", kwargs={"project_id": project.pk})

    assert "Take out" in text_of(site.get(to("team", project.pk)))
    assert "/teams/" not in text_of(site.get(to("team", project.pk)))


def test_what_being_right_costs_is_drawn_from_an_earlier_project_and_what_was_saved_is_shown(
    site: Client, requester: User, organisation: Organisation
) -> None:
    earlier = make_project.make_open(
        actor=requester, organisation=organisation, rows=make_project.texts(12), redundancy=4, title="Earlier"
    )
    for number in range(4):
        someone = make.make_worker()
        for place in range(12):
            held = take.take_next(worker=someone, project_id=earlier.pk)
            mood = "good" if (held.task_id % 2 == 0) != (number == 3 and place % 3 == 0) else "bad"
            submit(worker=someone, assignment_id=held.id, value={"mood": mood}, take_next=False)
    aggregate(earlier.pk)

    project = make_project.make_draft(
        actor=requester, organisation=organisation, rows=make_project.texts(6), reward_micros=100_000
    )
    step = to("setup-quality", project.pk)
    assert "Earlier" in text_of(site.get(step))
    drawn = text_of(site.get(step, {"from": earlier.pk}))
    assert "exactly 4" in drawn
    assert "as needed, until 95 % sure" in drawn
    assert "$480.00" in drawn  # four answers of 12 cents to a thousand tasks
    assert "It has too few" not in drawn

    assert unfolded(drawn) == []
    wrong = quality_form(quiz_pass="-1", repeat_share="10", most_answers="")
    assert unfolded(text_of(site.post(step, wrong))) == ["A quiz at the start", "Repeats, for opinions"]
    site.post(step, quality_form(redundancy="2", most_answers="5", target_posterior="75", least_gain=""))
    assert unfolded(text_of(site.get(step))) == ["Further answers, only where they are needed"]
    site.post(to("setup-price", project.pk), price_form(reward="0.10", extra_budget="1"))
    make.make_money(organisation, 100 * money.MICROS)
    site.post(to("setup-check", project.pk))
    project.refresh_from_db()
    assert (project.most_answers, str(project.target_posterior), str(project.least_gain)) == (5, "0.7500", "0.0010")
    assert (project.state, project.extra_reserve_micros) == (ProjectState.OPEN, money.MICROS)
    for someone in (make.make_worker(), make.make_worker()):
        held = take.take_next(worker=someone, project_id=project.pk)
        submit(worker=someone, assignment_id=held.id, value={"mood": "good"}, take_next=False)
    overview = text_of(site.get(to("project", project.pk)))
    assert "Answers not bought" in overview


def test_hard_tasks_are_sent_to_specialists_who_are_said_on_a_page(
    site: Client, requester: User, organisation: Organisation
) -> None:
    doctors = make.make_qualification(organisation=organisation, name="Doctors of law")
    project = make_project.make_draft(actor=requester, organisation=organisation, rows=make_project.texts(2))
    step, rows = to("setup-tiers", project.pk), {"t1r-TOTAL_FORMS": "1", "t1r-INITIAL_FORMS": "0"}
    demand = {"t1r-0-qualification": str(doctors.pk), "t1r-0-comparator": "Exists"}
    terms = {"t1-name": "Lawyers", "t1-reward": "0.10", "t1-redundancy": "1", "t1-budget": "0.30"}
    terms["t1-most_answers"] = "3"
    for half in ({"t1-expert_calls": "1"}, {"t1-redundancy": "2"}, demand):
        nameless = text_of(site.post(step, rows | {"t1-redundancy": "1"} | half))  # nothing that was typed is dropped
        assert nameless.count("Who they are") == 2  # the field, and the fault that leads to it
    refused = text_of(site.post(step, rows | demand | terms))
    assert "Say what sends a task to this tier." in refused
    assert "Lawyers" in refused
    assert site.post(step, rows | demand | terms | {"t1-expert_calls": "1"}).status_code == 302
    assert "Lawyers" in text_of(site.get(to("setup-quality", project.pk)))
    assert "Lawyers" in text_of(site.get(to("setup-price", project.pk)))
    assert "Doctors of law" in text_of(site.get(step))

    make.make_money(organisation, 100 * money.MICROS)
    site.post(to("setup-check", project.pk))
    someone = make.make_worker()
    held = take.take_next(worker=someone, project_id=project.pk)
    value = {"cannot_answer": {"reason": "needs_expert"}}
    submit(worker=someone, assignment_id=held.id, value=value, take_next=False)
    assert "1 wait to go there" in text_of(site.get(step))
    assert "Lawyers" in text_of(site.get(to("project", project.pk)))
    (key,) = re.findall('name="key" value="([0-9a-f]{32})"', site.get(to("funds", project.pk)).content.decode())
    for _again in range(2):  # the same page sent twice
        assert site.post(to("funds", project.pk), {"reserve": "tier-1", "amount": "1", "key": key}).status_code == 302
    assert project.tiers.get().reserve_micros == 1_300_000
    assert "Lawyers" in text_of(site.get(to("funds", project.pk)))


@pytest.mark.parametrize("role", ["requester", "worker"])
def test_a_guest_who_says_what_he_comes_for_is_led_there_once_he_signed_up(client: Client, role: str) -> None:
    (way,) = re.findall(rf'href="(/accounts/signup/\?next=/join/{role}/)"', client.get("/").content.decode())

    assert f'name="next" value="/join/{role}/"' in client.get(way).content.decode()
