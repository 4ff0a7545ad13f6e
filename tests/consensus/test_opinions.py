"""Opinions have no right answer: no gold, no accuracy, no pay by consensus; the result is how the answers spread."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from crowd.assignments.services import take
from crowd.assignments.services.submit import submit
from crowd.consensus import exports
from crowd.consensus.models import Consensus, Proposal, WorkerScore
from crowd.consensus.services.aggregate import aggregate
from crowd.consensus.services.settle import settle
from crowd.labeling.config import parse
from crowd.labeling.errors import ConfigError
from crowd.projects.errors import Incomplete
from crowd.users.models import Organisation, User
from tests import make
from tests.check import all_is_well
from tests.make_project import CHOICE, make_open, texts

pytestmark = pytest.mark.django_db
TASTE = {"id": "taste", "kind": "choice", "text": "Do you like it?", "labels": ["yes", "no"], "asks": "opinion"}
BOTH: dict[str, Any] = {**CHOICE, "questions": [*CHOICE["questions"], TASTE]}
CONSENSUS = {"pay_policy": "consensus", "pay_threshold": Decimal("0.6")}


def test_an_opinion_is_never_scored() -> None:
    asked = parse(BOTH).question("taste")
    assert (asked.is_opinion, asked.scored) == (True, False)
    assert parse(parse(BOTH).to_json()) == parse(BOTH)
    with pytest.raises(ConfigError, match="no right answer"):
        parse({**CHOICE, "questions": [TASTE | {"scored": True}]})
    with pytest.raises(ConfigError, match="asks"):
        parse({**CHOICE, "questions": [TASTE | {"asks": "mood"}]})


def test_pay_cannot_be_decided_by_opinions_alone(requester: User, organisation: Organisation) -> None:
    only = {**CHOICE, "questions": [TASTE]}
    with pytest.raises(Incomplete, match="Opinions cannot decide about pay"):
        make_open(actor=requester, organisation=organisation, label_config=only, **CONSENSUS)


def test_opinions_spread_measure_nobody_and_cost_nobody_his_pay(requester: User, organisation: Organisation) -> None:
    """Four like it and one does not; all agree about the mood, which alone decides about pay."""
    project = make_open(
        actor=requester, organisation=organisation, rows=texts(1), label_config=BOTH, redundancy=5, **CONSENSUS
    )
    for number in range(5):
        worker = make.make_worker()
        held = take.take_next(worker=worker, project_id=project.id)
        value = {"mood": "good", "taste": "yes" if number else "no"}
        submit(worker=worker, assignment_id=held.id, value=value, take_next=False)
    aggregate(project.id)
    merged = Consensus.objects.get(question="taste")
    assert (merged.value, merged.posterior, merged.answers, merged.agreement) == ("yes", None, 5, 0.8)
    assert merged.distribution == {"yes": 0.8, "no": 0.2}
    # Wilson's interval of 4 of 5 at 95 %, as statsmodels' proportion_confint(4, 5, method="wilson") gives it.
    assert merged.intervals["yes"] == pytest.approx([0.37552, 0.96379], abs=1e-4)
    assert set(WorkerScore.objects.values_list("question", flat=True)) == {"mood"}
    assert settle(project.id) == 5
    assert not Proposal.objects.exists()
    rows = csv.DictReader(io.StringIO(b"".join(exports.lines(project, "items", "csv")).decode("utf-8-sig")))
    (row,) = list(rows)
    assert row["consensus.taste.value"] == "yes"
    assert "0.8" in row["consensus.taste.distribution"]
    assert "consensus.mood.distribution" not in row
    all_is_well()
