"""`manage.py demo` on a small scale: it fills a site through the services, says what came of it, and works twice."""

import re
import sys
from collections.abc import Callable
from io import StringIO
from random import Random

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from crowd.assignments.models import Answer, Assignment
from crowd.assignments.services import take
from crowd.consensus.models import Consensus
from crowd.labeling.config import DATA_KINDS
from crowd.labeling.kinds import KINDS
from crowd.ledger.models import Deposit, Withdrawal
from crowd.operations.demo import cast, crowd, digits
from crowd.operations.demo.showcase.shows import SHOWS
from crowd.operations.management.commands import demo
from crowd.payouts.models import Batch, Payout
from crowd.projects.models import MediaFile, Project, Report, Review
from crowd.projects.states import ProjectState
from crowd.users.models import Organisation, User
from crowd.users.services import api_keys
from tests.check import all_is_well
from tests.make_project import in_force
from workers.models import Worker

pytest.importorskip("sklearn", reason="the digits come with scikit-learn (requirements/demo.txt)")
SMALL = ("--items", "60", "--crowd", "8")


@pytest.fixture
def demo_site(settings: Settings) -> None:
    settings.CROWD_DEMO = True
    settings.CROWD_PAYOUT_MINIMUM = "0.1"  # so small a demo earns nobody a whole dollar


@pytest.fixture
def run(demo_site: None, transactional_db: None) -> Callable[..., str]:
    """The demo, and what it printed."""

    def run(*options: str) -> str:
        out = StringIO()
        call_command("demo", "--no-serve", *SMALL, *options, stdout=out)
        return out.getvalue()

    return run


@pytest.mark.slow
def test_the_report_says_what_came_of_it_and_a_second_run_adds_projects_and_no_people(run: Callable[..., str]) -> None:
    """One after the other, for each takes ten seconds."""
    assert_the_report_is_true(run())
    before = [User.objects.count(), Worker.objects.count(), Organisation.objects.count()]
    text = run("--seed", "1")

    assert "ledger balanced" in text
    assert [User.objects.count(), Worker.objects.count(), Organisation.objects.count()] == before
    titles = set(Project.objects.values_list("title", flat=True))
    assert titles >= {"Handwritten digits", "Handwritten digits (2)", "Handwritten digits: pilot (2)"}
    assert Project.objects.filter(state=ProjectState.DRAFT).count() == 1
    all_is_well()


def assert_the_report_is_true(text: str) -> None:
    assert "The items are real: 60 handwritten digits" in text
    assert "The crowd is simulated: 8 workers" in text
    right = re.search(r"Right +consensus ([0-9.]+) %, majority vote ([0-9.]+) %", text)
    assert right is not None
    assert all(80 < float(share) <= 100 for share in right.groups())
    assert re.search(r"Found bad +[01] of 1 bad workers were paused: guesser", text)
    assert re.search(r"Money +paid to workers \$\d+\.\d+, fees \$\d+\.\d+, returned to the requester \$2\.\d+", text)
    assert_the_crowd_knows_more_than_one_of_it(text)
    assert "ledger balanced" in text
    assert "clean: " in text
    assert_there_is_something_of_everything()
    assert_every_kind_of_data_can_be_labeled()


def assert_the_crowd_knows_more_than_one_of_it(text: str) -> None:
    assert f"{len(SHOWS)} projects of things that this program made" in text
    alike = re.search(r"Like the truth +one by one ([0-9.]+), together ([0-9.]+)", text)
    assert alike is not None
    alone, together = map(float, alike.groups())
    assert 0.5 < alone < together < 1


def assert_there_is_something_of_everything() -> None:
    states = dict(Project.objects.values_list("title", "state"))
    assert states == {
        "Handwritten digits: pilot": ProjectState.CLOSED,
        "Handwritten digits": ProjectState.OPEN,
        "Do they like it?": ProjectState.DRAFT,
        "Is it about the delivery?": ProjectState.PAUSED,
    } | {show.title: ProjectState.OPEN for show in SHOWS}
    assert_somebody_is_needed()
    assert MediaFile.objects.filter(project__title__startswith="Handwritten").count() == 60
    walter = Worker.objects.get(user__email="walter@demo.example")
    project = Project.objects.get(title="Handwritten digits")
    quiz = take.take_next(worker=walter, project_id=project.pk, guidelines_read=in_force(project))
    assert quiz.is_gold
    paid = Assignment.objects.filter(state="accepted").count()
    assert paid > 0.8 * Assignment.objects.filter(submitted_at__isnull=False).count()


def assert_every_kind_of_data_can_be_labeled() -> None:
    """As the worker whom it prints: each show's task page with its own tools, some answers before, more wanted."""
    client = Client()
    client.force_login(
        User.objects.get(email="wanda@demo.example"), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert {question["kind"] for show in SHOWS for question in show.config["questions"]} == set(KINDS)
    assert {show.config["data"]["kind"] for show in SHOWS} == set(DATA_KINDS)
    for show in SHOWS:
        project = Project.objects.get(title=show.title)
        page = client.post(f"/work/projects/{project.pk}/start/", follow=True).content.decode()
        for question in show.config["questions"]:
            assert f'data-kind="{question["kind"]}"' in page, show.title
        answered = Answer.objects.filter(project=project)
        assert answered.count() >= 15, show.title
        assert not answered.filter(worker__user__email="wanda@demo.example").exists()
        merged = Consensus.objects.filter(project=project, answers__gte=2).values("task").distinct()
        assert merged.count() >= 6, show.title


def assert_somebody_is_needed() -> None:
    """Each of those whom a visitor can be finds something to do."""
    assert dict(Payout.objects.values_list("state", "batch")) == {
        "confirmed": Batch.objects.get().pk,
        "requested": None,
    }
    assert list(Deposit.objects.filter(state="pending").values_list("recorded_by__email")) == [("staff@demo.example",)]
    assert Withdrawal.objects.filter(state="pending").count() == 1
    assert Review.objects.get(state="waiting").project.organisation.name == "Small Press"
    assert Report.objects.filter(handled_at=None).count() == 1
    client = Client()
    for email, address, words in (
        ("requester@demo.example", "/requester/", b"Handwritten digits"),
        ("walter@demo.example", "/work/", b"Handwritten digits"),
        ("walter@demo.example", "/work/qualifications/", b"Reads reviews with care"),
        ("staff@demo.example", "/staff/", b"Is it about the delivery?"),
        ("second.staff@demo.example", "/staff/", b"to approve"),
    ):
        client.force_login(User.objects.get(email=email), backend="django.contrib.auth.backends.ModelBackend")
        assert words in client.get(address, follow=True).content


def test_a_visitor_is_told_how_to_sign_in(
    demo_site: None, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(on_ready: Callable[[str], None]) -> int:
        on_ready("http://127.0.0.1:8000")
        return 0

    monkeypatch.setattr(demo, "serve", serve)
    monkeypatch.setattr(demo.Command, "_fill", lambda self, settings: cast.assemble(8))  # the rest is told above
    out = StringIO()
    call_command("demo", *SMALL, stdout=out)

    text = out.getvalue()
    assert "Serving http://127.0.0.1:8000" in text
    (line,) = [line for line in text.splitlines() if "requester@demo.example" in line]
    key = api_keys.authenticate(line.split()[-1])
    assert key is not None
    assert key.user.email == "requester@demo.example"
    assert "crowd-demo" in text
    assert User.objects.get(email="wanda@demo.example").check_password("crowd-demo")


@pytest.mark.django_db
@pytest.mark.parametrize("missing", ["CROWD_DEMO", "CROWD_LOCAL", "CROWD_CLOCK_MAY_SHIFT"])
def test_it_never_runs_on_a_site_for_others(demo_site: None, settings: Settings, missing: str) -> None:
    """It would make staff whose password everybody knows."""
    setattr(settings, missing, False)
    with pytest.raises(CommandError, match="CROWD_DEMO=1"):
        call_command("demo", "--no-serve", *SMALL)
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("options", [("--items", "59"), ("--crowd", "7")])
def test_so_small_that_nothing_could_be_seen(demo_site: None, options: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="at least"):
        call_command("demo", "--no-serve", *options)


def test_without_its_pictures_it_says_what_to_install(
    demo_site: None, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(CommandError, match=re.escape("requirements/demo.txt")):
        call_command("demo", "--no-serve", *SMALL)


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [
        (crowd.CAREFUL, 0.96, 0.995),
        (crowd.AVERAGE, 0.90, 0.96),
        (crowd.HASTY, 0.78, 0.90),
        (crowd.GUESSER, 0.07, 0.13),
        (crowd.ONE_KEY, 0.07, 0.13),
        (crowd.CONTRARY, 0.0, 0.0),
        (crowd.TIRING, 0.07, 0.15),
    ],
)
def test_the_simulated_people_are_as_good_as_they_are_called(kind: crowd.Kind, least: float, most: float) -> None:
    person, random, items = crowd.Person(3, kind), Random(5), digits.load()
    said = [crowd.answer(person, digit, done, random) for done, digit in enumerate(items)]
    answered = [(one["digit"], digit.label) for one, digit in zip(said, items, strict=True) if "digit" in one]
    assert least <= sum(given == right for given, right in answered) / len(answered) <= most


def test_mistakes_are_those_that_people_make() -> None:
    """A 9 is more often taken for one that looks like it than for others."""
    nines = [digit.mistaken for digit in digits.load() if digit.label == "9"]
    chance = np.mean(nines, axis=0)
    assert chance[9] == 0
    assert chance[3] > 5 * chance[6]
