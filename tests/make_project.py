"""Builders of projects, through the services: what a requester would do, shortened."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from crowd.kernel import money
from crowd.projects import queries
from crowd.projects.models import GuidelinesVersion, Project
from crowd.projects.services import config, draft, items, publish
from crowd.users.models import Organisation, User
from tests import make

CENT = money.MICROS // 100

CHOICE: dict[str, Any] = {
    "data": {"kind": "text", "field": "text"},
    "questions": [{"id": "mood", "kind": "choice", "text": "Which mood?", "labels": ["good", "bad"]}],
}
ROW: dict[str, Any] = {
    "data": {"kind": "row"},
    "questions": [{"id": "same", "kind": "choice", "text": "The same product?", "labels": ["yes", "no"]}],
}
IMAGE: dict[str, Any] = {
    "data": {"kind": "image", "field": "image"},
    "questions": [{"id": "animal", "kind": "choice", "text": "Which animal?", "labels": ["cat", "dog"]}],
}


def texts(count: int, *, gold: int = 0) -> list[dict[str, Any]]:
    """So many rows for CHOICE, the last `gold` of them with a known answer."""
    plain = [{"text": f"text {number}"} for number in range(count - gold)]
    return plain + [{"text": f"gold {number}", "gold": "good", "gold_reason": "It says so."} for number in range(gold)]


def make_draft(
    *,
    actor: User,
    organisation: Organisation,
    rows: Sequence[Mapping[str, Any]] = (),
    label_config: Mapping[str, Any] = CHOICE,
    seed: int = 1,
    **settings: Any,
) -> Project:
    """A draft with a config and items; by default 4 cents a task in dollars."""
    settings = {"title": "Moods", "reward_micros": 4 * CENT} | settings
    project = draft.create(actor=actor, organisation=organisation, **settings)
    config.set_config(actor=actor, project_id=project.pk, config=label_config)
    if rows:
        items.add(actor=actor, project_id=project.pk, rows=rows, rng=Random(seed))
    project.refresh_from_db()
    return project


def make_open(*, actor: User, organisation: Organisation, **settings: Any) -> Project:
    """A published project, its price paid into the organisation's account before."""
    settings = {"rows": texts(3)} | settings
    project = make_draft(actor=actor, organisation=organisation, **settings)
    price = queries.price(project)
    if price.total_micros:
        make.make_money(organisation, price.total_micros, project.currency)
    return publish.publish(actor=actor, project_id=project.pk)


def in_force(project: Project) -> int | None:
    """The version of the guidelines that a worker confirms before a task."""
    versions = GuidelinesVersion.objects.filter(project=project).order_by("-version")
    return versions.values_list("version", flat=True).first()
