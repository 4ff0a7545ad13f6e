"""Answers are accepted and rejected, and results are filtered and taken home as files."""

import pytest
from django.test import Client

from crowd.assignments.models import Assignment
from crowd.consensus.models import Proposal
from crowd.kernel import clock
from crowd.ledger.services import self_check
from crowd.projects.models import Project
from tests.web.requester.forms import text_of, to

pytestmark = pytest.mark.django_db(transaction=True)


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
