"""Specialists by the API: a requester sets them up and reads how far they are, workers see what they pay and demand."""

from typing import Any

import pytest

from crowd.assignments.models import Assignment
from crowd.consensus.jobs import aggregate_project
from crowd.users.models import Organisation, User
from tests import make
from tests.api.conftest import SignIn
from tests.check import all_is_well
from tests.make_project import make_draft, texts
from workers.models import Worker

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
CALL = {"cannot_answer": {"reason": "needs_expert"}}


def test_a_hard_task_goes_to_a_specialist(
    requester: User, organisation: Organisation, worker: Worker, other_worker: Worker, sign_in: SignIn
) -> None:
    doctors = make.make_qualification(organisation=organisation, name="Doctors")
    make.make_grant(doctors, other_worker)
    project = make_draft(actor=requester, organisation=organisation, rows=texts(1), redundancy=2)
    make.make_money(organisation, 10_000_000)
    browser, place = sign_in(requester), f"{V1}/projects/{project.pk}"
    demand = {"qualification": doctors.pk, "comparator": "Exists"}
    tier = {"name": "Doctors", "reward": "0.10", "budget": "0.30", "expert_calls": 1, "requirements": [demand]}
    tier["most_answers"] = 3

    refused = browser.put(f"{place}/tiers/", {"tiers": [tier | {"expert_calls": None}]}, format="json")
    assert refused.status_code == 400
    assert "tiers.0.below_posterior" in refused.json()["errors"]
    (stored,) = browser.put(f"{place}/tiers/", {"tiers": [tier]}, format="json").json()
    assert (stored["number"], stored["reward"]["amount"], stored["requirements"][0]["name"]) == (1, "0.10", "Doctors")
    assert browser.get(f"{place}/price/").json()["tier_reserves"]["amount"] == "0.30"
    assert browser.post(f"{place}/publish/", {}, format="json").status_code == 200

    first, second = sign_in(worker.user), sign_in(other_worker.user)
    (shown,) = first.get(f"{V1}/offers/{project.pk}/").json()["tiers"]
    assert (shown["name"], shown["reward"]["amount"], shown["tasks_left"]) == ("Doctors", "0.10", False)
    assert "You need “Doctors”" in shown["lacking"][0]
    assert second.get(f"{V1}/offers/{project.pk}/").json()["tiers"][0]["lacking"] == []

    held = first.post(f"{place}/next/", {}, format="json").json()
    assert held["tier"] == 0
    answer: dict[str, Any] = {"value": CALL, "take_next": False}
    assert first.post(f"{V1}/assignments/{held['id']}/submit/", answer, format="json").status_code == 200
    aggregate_project(project.pk)
    assert first.get(f"{V1}/offers/{project.pk}/").json()["tasks_left"] is False
    assert second.get(f"{V1}/offers/{project.pk}/").json()["tasks_left"] is True
    hard = second.post(f"{place}/next/", {}, format="json").json()
    assert (hard["tier"], hard["reward"]["amount"]) == (1, "0.10")
    answer["value"] = {"mood": "good"}
    assert second.post(f"{V1}/assignments/{hard['id']}/submit/", answer, format="json").status_code == 200

    (line,) = browser.get(f"{place}/tiers/").json()
    assert (line["tasks"], line["done"], line["waiting"]) == (1, 1, 0)
    assert (line["most_answers"], line["not_bought"]) == (3, 2)
    assert (line["reserve"]["amount"], line["spent"]["amount"]) == ("0.18", "0.12")
    more = {"reserve": "tier-1", "amount": "0.12"}
    assert browser.post(f"{place}/budget/", more, format="json").status_code == 200
    assert browser.get(f"{place}/tiers/").json()[0]["reserve"]["amount"] == "0.30"
    assert Assignment.objects.get(pk=hard["id"]).fee_micros == 20_000
    all_is_well()
