"""A requester in the browser: from sign-up to a published project, watching it, taking the results away."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crowd.assignments.models import Assignment, Participation
from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus.models import Proposal
from crowd.consensus.services import exporting
from crowd.consensus.services.aggregate import aggregate
from crowd.kernel import clock, money
from crowd.ledger.services import self_check
from crowd.projects import queries
from crowd.projects.models import Project
from crowd.projects.services import items, publish
from crowd.users.models import Organisation, User
from qualifications.services import catalogue, grants
from tests import make, make_project
from tests.browser.conftest import NewContext, until
from tests.browser.looks import look
from tests.browser.world import sign_up
from workers.models import Worker
from workers.services.pseudonyms import pseudonyms_for

CSV = (
    "id;review;gold;gold_reason\n"
    "r1;The room was clean and the breakfast wonderful. We will be back!;;\n"
    "r2;Never again. Two hours of waiting and cold soup.;;\n"
    "r3;A hotel near the station. It has 40 rooms.;;\n"
    "r4;Best holiday of my life!;positive;Plain praise.\n"
)


def choose_file(page: Page, tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Look at it").first.click()


def test_from_sign_up_to_a_published_project_with_a_real_csv(
    page: Page, axe: Callable[[Page], None], shot: Any, tmp_path: Path
) -> None:
    """Nobody is there yet; at the end people can work. A wrong file and a shortfall lie on the way."""
    sign_up(page, "rita@example.org")
    page.get_by_role("link", name="Make an organisation").click()
    axe(page)
    page.get_by_label("Name of your organisation").fill("Rita's Lab")
    page.get_by_label("I have read and agree").check()
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Title").fill("Hotel reviews")
    axe(page)
    page.get_by_role("button", name="Start").click()

    choose_file(page, tmp_path, "photo.png", "no")
    assert "Put all of them into one .zip" in page.locator(".fault").inner_text()
    axe(page)
    choose_file(page, tmp_path, "reviews.csv", CSV)
    assert page.get_by_label("Column that is shown").input_value() == "review"
    assert page.get_by_label("Column with your own key").input_value() == "id"
    assert page.get_by_label("Column with known answers").input_value() == "gold"
    cutting = [page.get_by_label(label) for label in ("So many together", "Column with the length in seconds")]
    assert [one.is_visible() for one in cutting] == [False, False]  # only what the chosen way of cutting asks for
    page.get_by_label("Cut items").select_option("sentence")
    assert [one.is_visible() for one in cutting] == [True, False]
    page.get_by_label("Cut items").select_option("none")
    axe(page)
    shot(page, "requester-columns")
    page.get_by_role("button", name="Go on to the question").click()

    axe(page)
    shot(page, "requester-gallery")
    page.get_by_role("link", name="Sentiment of a text").click()
    preview = page.locator("#preview")
    assert "The room was clean" in preview.inner_text()
    page.get_by_label("Question", exact=True).first.fill("How does the guest feel?")
    until(lambda: "How does the guest feel?" in preview.inner_text(), what="the preview follows what is typed")
    axe(page)
    shot(page, "requester-question")
    page.get_by_role("button", name="Save and go on").click()

    assert "4 rows are imported" in page.locator(".notice").first.inner_text()
    axe(page)
    shot(page, "requester-who")
    page.get_by_role("button", name="Save and go on").click()
    axe(page)
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Expected time for one task, in seconds").fill("20")
    page.get_by_label("Reward for one accepted answer").fill("0,10")
    until(lambda: "$1.08" in page.locator("#parts").inner_text(), what="nine answers of twelve cents")
    assert "$18.00" in page.locator("#parts").inner_text()
    axe(page)
    shot(page, "requester-price")
    page.get_by_role("button", name="Save and go on").click()

    axe(page)
    page.get_by_role("button", name="Reserve $1.08 and publish").click()
    assert "$1.08 are missing" in page.locator(".notice.bad").inner_text()
    shot(page, "requester-shortfall")
    make.make_money(Organisation.objects.get(), 5 * money.MICROS)
    page.get_by_role("button", name="Reserve $1.08 and publish").click()

    assert "open for work" in page.locator(".notice.good").inner_text()
    axe(page)
    assert page.faults == []  # type: ignore[attr-defined]
    self_check()


def test_walking_through_as_a_worker(
    page: Page,
    sign_in: Callable[..., None],
    axe: Callable[[Page], None],
    shot: Any,
    requester: User,
    organisation: Organisation,
) -> None:
    project = make_project.make_draft(
        actor=requester, organisation=organisation, rows=make_project.texts(3, gold=1), title="Walk"
    )
    sign_in(requester)

    page.goto(f"/requester/projects/{project.pk}/walk/")
    axe(page)
    shot(page, "requester-walk")
    seen_gold = False
    for _number in range(3):
        page.get_by_label("bad").check()
        page.get_by_role("button", name="Submit").click()
        if page.get_by_text("its known answer is").count():
            seen_gold = True
            page.get_by_label("good").check()
            page.get_by_role("button", name="Go on").click()

    assert seen_gold
    assert "task 1 of 3" in page.locator(".head").inner_text()


@pytest.fixture
def running(organisation: Organisation, requester: User) -> Project:
    """Forty texts and four gold ones in a public project, five workers of different care half way through."""
    rows = [{"text": f"Review {n}: {'lovely' if n % 3 else 'awful'} stay.", "key": f"r{n}"} for n in range(40)] + [
        {"text": f"Gold {n}: lovely.", "gold": "good", "key": f"g{n}"} for n in range(4)
    ]
    project = make_project.make_draft(
        actor=requester,
        organisation=organisation,
        title="Hotel reviews",
        redundancy=3,
        gold_share="0.1",
        minimum_accuracy="0.6",
    )
    items.add(actor=requester, project_id=project.pk, rows=rows, options={"key_column": "key"})
    project.refresh_from_db()
    make.make_money(organisation, queries.price(project).total_micros + 30 * money.MICROS)
    publish.publish(actor=requester, project_id=project.pk)
    for number in range(5):
        work(make.make_worker(), project, tasks=14, wrong_every=number + 2)
    aggregate(project.pk)
    return project


def work(worker: Worker, project: Project, *, tasks: int, wrong_every: int) -> None:
    held = take.take_next(worker=worker, project_id=project.pk)
    for number in range(1, tasks + 1):
        right = "good" if "lovely" in json.dumps(held.task.payload) else "bad"
        wrong = {"good": "bad", "bad": "good"}[right]
        done = submit(
            worker=worker, assignment_id=held.pk, value={"mood": wrong if number % wrong_every == 0 else right}
        )
        if done.next is None:
            return
        held = done.next


def test_watching_answers_come_in_deciding_and_exporting(
    page: Page, sign_in: Callable[..., None], axe: Callable[[Page], None], shot: Any, requester: User, running: Project
) -> None:
    sign_in(requester)
    page.goto(f"/requester/projects/{running.pk}/")
    axe(page)
    shot(page, "requester-project")
    before = page.get_by_role("progressbar").get_attribute("aria-valuenow")

    work(make.make_worker(), running, tasks=6, wrong_every=100)

    until(
        lambda: page.get_by_role("progressbar").get_attribute("aria-valuenow") != before,
        what="the page follows by itself",
    )
    page.get_by_role("link", name="Results", exact=True).click()
    axe(page)
    shot(page, "requester-results")
    page.get_by_role("link", name="Answers", exact=True).click()
    axe(page)
    page.locator("input[name=assignment]:enabled").first.check()
    page.get_by_role("button", name="Accept the chosen").click()
    assert "are paid now" in page.locator("main").inner_text()
    axe(page)
    shot(page, "requester-accept")
    page.get_by_role("button", name="Accept and pay").click()
    assert "accepted" in page.locator(".notice.good").inner_text()
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Answers, CSV").click()
    lines = Path(str(download.value.path())).read_text().splitlines()
    assert lines[0].startswith("assignment,task,unit,item,key,worker")
    assert len(lines) > 60
    assert page.faults == []  # type: ignore[attr-defined]
    self_check()


PAGES = [
    "/requester/organisations/{organisation}/",
    "/requester/organisations/{organisation}/money/",
    "/requester/organisations/{organisation}/money/statement/",
    "/requester/organisations/{organisation}/members/",
    "/requester/organisations/{organisation}/qualifications/",
    "/requester/organisations/{organisation}/qualifications/{qualification}/",
    "/requester/organisations/{organisation}/history/",
    "/requester/projects/{project}/",
    "/requester/projects/{project}/results/",
    "/requester/projects/{project}/answers/",
    "/requester/projects/{project}/proposals/",
    "/requester/projects/{project}/exports/",
    "/requester/projects/{project}/workers/",
    "/requester/projects/{project}/workers/{worker}/",
    "/requester/projects/{project}/tasks/{task}/",
    "/requester/projects/{project}/items/",
    "/requester/projects/{project}/money/",
    "/requester/projects/{project}/words/",
    "/requester/projects/{project}/rules/new/?collector=gold&action=block",
    "/requester/projects/{project}/setup/question/",
    "/requester/projects/{project}/setup/quality/",
]


def a_qualification(project: Project, requester: User, holder: int) -> int:
    made = catalogue.create(
        actor=requester, organisation_id=project.organisation_id, name="Reads hotel reviews", description="With care."
    )
    code = pseudonyms_for(project.organisation, [holder])[holder]
    grants.grant(actor=requester, qualification_id=made.pk, worker=code, value=80, reason="Good work in spring.")
    return made.pk


def a_proposal(project: Project) -> None:
    against = {"said": "bad", "consensus": "good", "posterior": 0.98, "answers": 3}
    for one in Assignment.objects.filter(project=project, state="submitted", is_gold=False).order_by("pk")[:3]:
        Proposal.objects.create(
            project=project,
            assignment=one,
            evidence="consensus",
            facts={"against": [against]},
            created_at=clock.now(),
        )
    exporting.ask(actor=project.created_by, project_id=project.pk, of="answers", format="csv")


def test_every_page_of_a_running_project_is_fit_for_a_hand(
    page: Page, sign_in: Callable[..., None], axe: Callable[[Page], None], requester: User, running: Project
) -> None:
    """With much on it; test_every_page looks at each with little on it, on a desk too."""
    someone = Participation.objects.filter(project=running).order_by("pk")[0].worker_id
    values = {
        "organisation": running.organisation_id,
        "project": running.pk,
        "worker": pseudonyms_for(running.organisation, [someone])[someone],
        "task": running.tasks.order_by("pk")[0].pk,
        "qualification": a_qualification(running, requester, someone),
    }
    a_proposal(running)
    sign_in(requester)
    look(page, phone=True, dark=True)
    for address in PAGES:
        page.goto(address.format(**values))
        axe(page)


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)])
def test_a_question_of_another_kind_is_made_in_the_form_and_tried_out_beside_it(
    new_context: NewContext,
    sign_in: Callable[..., None],
    axe: Callable[[Page], None],
    requester: User,
    organisation: Organisation,
    phone: bool,
    dark: bool,
) -> None:
    """Boxes only where there is a vehicle; then masks; the preview is drawn on, and its condition holds."""
    project = make_project.make_draft(
        actor=requester, organisation=organisation, label_config=make_project.IMAGE, title="Streets"
    )
    context = new_context(phone=phone, dark=dark)
    sign_in(requester, context)
    page = context.new_page()
    page.goto(f"/requester/projects/{project.pk}/setup/question/?ready=boxes")
    preview, second = page.locator("#preview"), page.locator("fieldset.question").nth(1)
    assert second.get_by_label("Answered by").input_value() == "boxes"
    tool = preview.locator("crowd-marks")
    expect(tool).to_be_hidden()
    preview.get_by_label("yes").check()
    expect(tool).to_be_visible()
    picture = preview.locator("img").bounding_box()
    assert picture is not None
    expect(preview.locator("crowd-marks[data-ready]")).to_be_visible()
    drag(page, picture)
    expect(preview.locator("[data-mark]")).to_have_count(1)
    axe(page)

    second.get_by_label("Answered by").select_option("masks")
    expect(second.get_by_label("They may be turned")).to_have_count(0)
    assert second.get_by_label("Labels").input_value().startswith("car |")
    second.locator("[name$=when-0-value]").fill("no")
    expect(preview.locator("""[data-kind=masks][data-when*='"no"']""")).to_have_count(1)
    preview.get_by_label("no").check()
    expect(preview.locator("crowd-masks")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Save and go on").click()
    project.refresh_from_db()
    assert project.config is not None
    stored = project.config.config["questions"][1]
    assert (stored["kind"], stored["when"]) == ("masks", [{"question": "seen", "is": ["no"]}])


def drag(page: Page, place: Any) -> None:
    page.mouse.move(place["x"] + 20, place["y"] + 20)
    page.mouse.down()
    page.mouse.move(place["x"] + 80, place["y"] + 60, steps=4)
    page.mouse.up()
