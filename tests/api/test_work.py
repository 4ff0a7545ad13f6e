"""The worker's side: what he sees of projects, his loop, his pause, his money."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from crowd.assignments.models import Answer, Assignment
from crowd.assignments.services import pause
from crowd.kernel import clock
from crowd.projects.models import Project
from crowd.projects.services import draft, team
from crowd.users.models import Organisation, User
from crowd.users.services import api_keys
from crowd.users.states import Scope
from qualifications.models import Qualification
from tests import make, make_project
from tests.api.conftest import SignIn
from tests.api.people import made, results
from tests.statements import on_the_wire
from workers.models import Worker
from workers.services import blocks

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
GOOD = {"mood": "good"}
Said = Callable[[Any, int], dict[str, Any]]


@pytest.fixture
def project(requester: User, organisation: Organisation) -> Project:
    return make_project.make_open(
        actor=requester, organisation=organisation, rows=make_project.texts(3), redundancy=2, auto_accept_s=0
    )


@pytest.fixture
def client(sign_in: SignIn, worker: Worker) -> APIClient:
    return sign_in(worker.user)


def take(client: APIClient, project: Project) -> dict[str, Any]:
    return made(client.post(f"{V1}/projects/{project.pk}/next/"))


def submit(client: APIClient, assignment: dict[str, Any], value: Any = GOOD, **more: Any) -> Any:
    return client.post(f"{V1}/assignments/{assignment['id']}/submit/", {"value": value} | more)


def test_a_program_submits_with_four_statements(worker: Worker, requester: User, organisation: Organisation) -> None:
    """Its key with who it is of, and the three of the page's door."""
    rows = make_project.texts(4)
    project = make_project.make_open(actor=requester, organisation=organisation, rows=rows, redundancy=1)
    _key, secret = api_keys.create(user=worker.user, name="Mine", scopes=[Scope.WORK])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    following = made(submit(client, take(client, project)))["next"]
    with on_the_wire() as statements:
        done = made(submit(client, following))
    assert done["assignment"]["state"] == "submitted"
    assert done["next"]["shown"]["units"] == 1
    assert len(statements) == 4, statements


# --- Joining -----------------------------------------------------------------------------------------------------
def test_becoming_a_worker_once(sign_in: SignIn, said: Said) -> None:
    client = sign_in(make.make_user())
    said(client.get(f"{V1}/offers/"), 403)

    made(client.post(f"{V1}/worker/", {"country": "FR", "languages": ["fr"], "adult": True}), 201)

    assert results(client.get(f"{V1}/offers/")) == []
    assert said(client.post(f"{V1}/worker/", {"country": "FR", "adult": True}), 409)["code"] == "already_worker"
    assert list(
        said(sign_in(make.make_user()).post(f"{V1}/worker/", {"country": "FR", "adult": False}), 400)["errors"]
    ) == ["adult"]
    assert list(said(client.put(f"{V1}/worker/", {"country": "Atlantis"}), 400)["errors"]) == ["country"]


def test_a_block_is_read_with_its_reason(
    client: APIClient, project: Project, worker: Worker, staff: User, said: Said
) -> None:
    blocks.block_on_site(actor=staff, worker_id=worker.pk, reason="Copied answers.")

    assert made(client.get(f"{V1}/worker/"))["blocks"][0]["reason"] == "Copied answers."
    assert said(client.post(f"{V1}/projects/{project.pk}/next/"), 403)["code"] == "worker_stopped"
    assert made_list(client.get(f"{V1}/earnings/")) == []  # still open to him


# --- Offers ------------------------------------------------------------------------------------------------------
def test_an_offer_says_what_it_pays_and_what_keeps_me_out(
    client: APIClient, browser: APIClient, project: Project, staff: User
) -> None:
    skill = made(browser.post(f"{V1}/organisations/{project.organisation_id}/qualifications/", {"name": "Birds"}), 201)
    demand = {"requirements": [{"qualification": skill["id"], "comparator": "Exists"}]}
    assert browser.put(f"{V1}/projects/{project.pk}/requirements/", demand).status_code == 200

    (offer,) = results(client.get(f"{V1}/offers/"))
    detail = made(client.get(f"{V1}/offers/{project.pk}/"))

    assert offer["reward"] == {"micros": 40_000, "amount": "0.04", "currency": "USD"}
    assert "Birds" in offer["lacking"][0]
    assert detail["requirements"][0]["name"] == "Birds"
    assert detail["config"]["config"]["questions"][0]["id"] == "mood"
    assert client.post(f"{V1}/projects/{project.pk}/next/").json()["unmet"] == offer["lacking"]


@pytest.mark.parametrize("guard", ["accept", "preview", "discover"])
def test_a_guard_hides_what_it_says_until_it_is_met(
    guard: str, client: APIClient, browser: APIClient, project: Project, worker: Worker, said: Said
) -> None:
    open_to_all = make_project.make_open(
        actor=project.created_by, organisation=project.organisation, choose_tasks=True, title="Older"
    )
    skill = made(browser.post(f"{V1}/organisations/{project.organisation_id}/qualifications/", {"name": "Birds"}), 201)
    demand = {"qualification": skill["id"], "comparator": "Exists", "guard": guard}
    place = f"{V1}/projects/{open_to_all.pk}"
    (told,) = made_list(browser.put(f"{place}/requirements/", {"requirements": [demand]}))
    assert (told["guard"], told["group"]) == (guard, 0)

    offered = [offer["id"] for offer in results(client.get(f"{V1}/offers/?limit=2"))]
    shown = client.get(f"{V1}/offers/{open_to_all.pk}/")

    assert (open_to_all.pk in offered) is (guard != "discover")
    assert project.pk in offered  # the page is filled up behind what is hidden
    assert shown.status_code == (404 if guard == "discover" else 200)
    if guard != "discover":
        assert made(shown)["preview"] is (made(shown)["config"] is not None) is (guard == "accept")
        assert [way["kind"] for way in made(shown)["ways"]] == ["hand"]
    assert client.get(f"{V1}/offers/{open_to_all.pk}/tasks/").status_code == {"accept": 200, "preview": 403}.get(
        guard, 404
    )
    refused = said(client.post(f"{place}/next/"), 404 if guard == "discover" else 403)
    assert refused["code"] == ("not_found" if guard == "discover" else "not_eligible")

    make.make_grant(Qualification.objects.get(pk=skill["id"]), worker)

    assert made(client.get(f"{V1}/offers/{open_to_all.pk}/"))["config"]["config"]["questions"]
    assert take(client, open_to_all)["state"] == "active"


def test_content_with_a_warning_is_for_who_agreed_to_see_it(
    client: APIClient, requester: User, organisation: Organisation, said: Said
) -> None:
    project = make_project.make_open(
        actor=requester, organisation=organisation, content_warnings=["medical"], choose_tasks=True
    )
    place = f"{V1}/projects/{project.pk}"
    lacking = ["It shows medical images, which you have not agreed to see."]

    assert made(client.get(f"{V1}/offers/{project.pk}/"))["lacking"] == lacking
    assert said(client.post(f"{place}/next/"), 403)["unmet"] == lacking
    assert said(client.get(f"{V1}/offers/{project.pk}/tasks/"), 403)["unmet"] == lacking

    made(client.put(f"{V1}/worker/wishes/", {"time_percent": 100, "shown_warnings": ["medical"]}))
    first = take(client, project)
    draft.edit(actor=requester, project_id=project.pk, content_warnings=["medical", "violence"])

    assert made(submit(client, first))["ended"]["code"] == "not_eligible"  # checked anew once a warning was added


def test_changed_terms_are_agreed_to_before_the_next_task(
    client: APIClient, project: Project, said: Said, settings: Any, tmp_path: Path
) -> None:
    first = take(client, project)
    changed = tmp_path / "terms.md"
    changed.write_text("# New terms")
    settings.CROWD_TERMS_FILE = str(changed)

    assert made(submit(client, first))["ended"]["code"] == "terms_not_agreed"  # the answer is kept
    assert said(client.post(f"{V1}/projects/{project.pk}/next/"), 403)["documents"] == ["terms"]
    read: Any = client.get(f"{V1}/me/terms/").json()
    texts = {one["document"]: one for one in read}
    assert [texts[one]["agreed"] for one in ("terms", "privacy")] == [False, True]
    old = said(client.post(f"{V1}/me/terms/", {"terms": "old", "privacy": texts["privacy"]["version"]}), 409)
    assert old["code"] == "text_changed"

    made(client.post(f"{V1}/me/terms/", {name: one["version"] for name, one in texts.items()}))

    assert take(client, project)["state"] == "active"


def test_a_team_project_is_seen_by_who_joined_by_its_link(
    client: APIClient, requester: User, organisation: Organisation, said: Said
) -> None:
    project = make_project.make_open(actor=requester, organisation=organisation, workforce="team")
    _link, token = team.invite(actor=requester, project_id=project.pk)
    assert results(client.get(f"{V1}/offers/")) == []
    said(client.get(f"{V1}/offers/{project.pk}/"), 404)

    made(client.post(f"{V1}/teams/join/", {"token": token}))

    assert [offer["id"] for offer in results(client.get(f"{V1}/offers/"))] == [project.pk]


# --- The loop ----------------------------------------------------------------------------------------------------
def test_asking_again_gives_the_same_task(client: APIClient, project: Project) -> None:
    first, second = take(client, project), take(client, project)

    assert first == second
    assert first["state"] == "active"
    assert first["deadline"].endswith("Z")


def test_the_answer_and_the_next_task_come_together(client: APIClient, project: Project) -> None:
    held = take(client, project)

    said = made(submit(client, held))

    assert (said["assignment"]["state"], said["counted"], said["again"]) == ("submitted", True, False)
    assert said["next"]["id"] != held["id"]
    assert said["next"]["shown"]["payload"]["units"][0]["text"]
    assert made(client.get(f"{V1}/assignments/{held['id']}/"))["answer"] == {"units": [GOOD]}


def test_the_last_answer_says_why_there_is_no_next(client: APIClient, project: Project) -> None:
    current, said = take(client, project), {}
    while current:
        said = made(submit(client, current))
        current = said["next"]

    assert said["ended"]["code"] == "no_work"
    assert said["ended"]["detail"]


def test_the_same_answer_again_is_an_echo_and_another_is_refused(
    client: APIClient, project: Project, said: Said
) -> None:
    held = take(client, project)
    made(submit(client, held, attempt=1))

    again = made(submit(client, held, attempt=1, take_next=False))
    other = said(submit(client, held, {"mood": "bad"}, attempt=1), 409)

    assert (again["again"], again["next"], again["ended"]) == (True, None, None)
    assert (other["code"], other["stored"]) == ("different_answer", {"units": [GOOD]})
    assert Answer.objects.count() == 1


def test_the_same_request_with_its_key_gives_the_same_response(client: APIClient, project: Project) -> None:
    held = take(client, project)
    address = f"{V1}/assignments/{held['id']}/submit/"

    first = client.post(address, {"value": GOOD}, HTTP_IDEMPOTENCY_KEY="a")
    second = client.post(address, {"value": GOOD}, HTTP_IDEMPOTENCY_KEY="a")

    assert first.json() == second.json()
    assert (first.json()["again"], Assignment.objects.count()) == (False, 2)


def test_giving_back_with_a_reason(client: APIClient, project: Project, said: Said) -> None:
    held = take(client, project)
    address = f"{V1}/assignments/{held['id']}/return/"

    said(client.post(address, {"reason": "bored"}), 400)
    assert made(client.post(address, {"reason": "unclear"}))["state"] == "returned"
    assert made(client.post(address, {}))["state"] == "returned"
    assert said(submit(client, held), 409)["code"] == "not_held"


def test_a_program_at_work_has_its_time_renewed(client: APIClient, project: Project, said: Said) -> None:
    held = take(client, project)
    address = f"{V1}/assignments/{held['id']}/renew/"
    limit = timedelta(seconds=project.time_limit_s)

    assert made(client.post(address, {})) == {"deadline": held["deadline"], "renews": True}  # it has time enough
    clock.advance(0.8 * limit)
    first = made(client.post(address, {"attempt": 1}, HTTP_IDEMPOTENCY_KEY="a"))
    assert first["deadline"] > held["deadline"]
    clock.advance(0.4 * limit)
    assert made(client.post(address, {"attempt": 1}, HTTP_IDEMPOTENCY_KEY="a")) == first
    clock.advance(0.05 * limit)
    made(client.post(address, {}))
    clock.advance(0.4 * limit)
    last = made(client.post(address, {}))
    most = datetime.fromisoformat(held["taken_at"]) + 2 * limit
    assert (datetime.fromisoformat(last["deadline"]), last["renews"]) == (most, False)
    assert said(client.post(address, {"attempt": 2}), 409)["code"] == "not_held"


def test_tasks_are_chosen_only_where_that_is_on(client: APIClient, project: Project, said: Said) -> None:
    task = take(client, project)["task"]

    assert said(client.get(f"{V1}/offers/{project.pk}/tasks/"), 403)["code"] == "tasks_not_chosen"
    assert said(client.post(f"{V1}/projects/{project.pk}/tasks/{task}/take/"), 403)["code"] == "tasks_not_chosen"


def test_the_number_of_a_task_does_not_tell_a_worker_when_it_came(
    client: APIClient, requester: User, organisation: Organisation
) -> None:
    """Known answers often come first in a file, or in one of their own: ids that are near each other would be gold."""
    rows = make_project.texts(6)
    project = make_project.make_open(actor=requester, organisation=organisation, rows=rows, choose_tasks=True)
    ids = sorted(project.tasks.values_list("pk", flat=True))

    numbers = [task["id"] for task in results(client.get(f"{V1}/offers/{project.pk}/tasks/"))]
    chosen = made(client.post(f"{V1}/projects/{project.pk}/tasks/{numbers[2]}/take/"))

    assert len(set(numbers)) == len(ids)
    assert max(numbers) - min(numbers) > 2**40
    assert chosen["task"] == numbers[2]
    assert client.post(f"{V1}/projects/{project.pk}/tasks/{ids[0]}/take/").status_code == 409
    assert client.post(f"{V1}/projects/{project.pk}/tasks/{2**55}/take/").status_code == 404


def test_a_pause_is_read_with_its_reason_and_how_it_ends(
    client: APIClient, project: Project, requester: User, worker: Worker
) -> None:
    held = take(client, project)
    pause.pause(actor=requester, project_id=project.pk, worker_id=worker.pk, reason="Let us talk first.")

    said = made(submit(client, held))  # what he holds he may finish
    (mine,) = results(client.get(f"{V1}/participations/"))

    assert said["counted"]
    assert said["ended"]["code"] == "worker_stopped"
    assert (mine["state"], mine["pause_reason"]) == ("paused", "Let us talk first.")


def test_lists_of_mine(client: APIClient, project: Project, sign_in: SignIn, other_worker: Worker) -> None:
    held = take(client, project)
    take(sign_in(other_worker.user), project)

    assert [one["id"] for one in results(client.get(f"{V1}/assignments/", {"state": "active"}))] == [held["id"]]
    assert results(client.get(f"{V1}/assignments/", {"project": "999"})) == []


# --- Tests of skills ---------------------------------------------------------------------------------------------
def test_earning_a_qualification_by_its_test(client: APIClient, browser: APIClient, organisation: Organisation) -> None:
    made_one = browser.post(f"{V1}/organisations/{organisation.pk}/qualifications/", {"name": "Moods"})
    here = f"{V1}/qualifications/{made(made_one, 201)['id']}"
    items = [{"payload": {"text": "hooray"}, "key": "good"}, {"payload": {"text": "alas"}, "key": "bad"}]
    test = {"config": make_project.CHOICE, "items": items, "pass_mark": 100, "time_limit_s": 60}
    made(browser.post(f"{here}/tests/", test), 201)
    (listed,) = results(client.get(f"{V1}/qualifications/"))

    paper = client.post(f"{here}/attempts/")
    graded = made(client.post(f"{V1}/attempts/{paper.json()['attempt']}/submit/", {"answers": [GOOD, {"mood": "bad"}]}))

    assert listed["has_test"]
    assert "key" not in str(paper.json()["items"])
    assert (graded["score"], graded["passed"]) == (100, True)
    (grant,) = results(client.get(f"{V1}/grants/"))
    assert (grant["qualification"]["name"], grant["value"]) == ("Moods", 100)
    (holder,) = results(browser.get(f"{here}/grants/"))
    assert holder["worker"].startswith("A")


# --- Money -------------------------------------------------------------------------------------------------------
def test_what_was_earned_line_by_line(client: APIClient, browser: APIClient, project: Project) -> None:
    ids = [take(client, project)["id"]]
    ids.append(made(submit(client, {"id": ids[0]}))["next"]["id"])
    made(submit(client, {"id": ids[1]}, take_next=False))
    browser.post(f"{V1}/projects/{project.pk}/assignments/accept/", {"assignments": ids})

    (purse,) = made_list(client.get(f"{V1}/earnings/"))
    page = client.get(f"{V1}/earnings/statement/", {"currency": "USD", "limit": "1"}).json()
    (newest,) = page["results"]
    rest = client.get(f"{V1}/earnings/statement/", {"currency": "USD", "cursor": page["next"]}).json()

    assert purse["available"] == {"micros": 80_000, "amount": "0.08", "currency": "USD"}
    assert (purse["payable"]["micros"], purse["pending"]["micros"]) == (0, 0)  # below the smallest payout
    assert (newest["kind"], newest["balance"]["micros"], newest["subject"]) == ("reward", 80_000, ids[1])
    assert (len(rest["results"]), rest["next"]) == (1, None)
    assert results(client.get(f"{V1}/earnings/statement/", {"currency": "EUR"})) == []


def test_no_payout_without_a_profile_or_below_the_smallest(client: APIClient, worker: Worker, said: Said) -> None:
    make.make_money(worker, 50 * make_project.CENT)
    payout = {"currency": "USD"}
    assert said(client.post(f"{V1}/payouts/", payout), 409)["code"] == "no_payout_profile"
    said(client.get(f"{V1}/payout-profile/"), 404)
    make.make_payout_profile(worker)

    body = said(client.post(f"{V1}/payouts/", payout), 409)

    assert (body["code"], body["minimum_micros"]) == ("below_minimum", 1_000_000)


def made_list(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()
    return rows
