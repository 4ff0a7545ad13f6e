"""From a new organisation to an open project, a form at a time: what is wrong is said beside its field."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crowd.kernel import money
from crowd.ledger.services import self_check
from crowd.projects.models import Item, Project, StagedFile, Task
from crowd.projects.states import ProjectState
from crowd.users.models import Organisation
from tests import make
from tests.web.requester.forms import draft_with_data, price_form, quality_form, question_form, text_of, to

pytestmark = pytest.mark.django_db(transaction=True)


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
