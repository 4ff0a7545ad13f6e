"""What a run begins with: a requester with two paid projects, and workers who are signed in."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.test import Client

from crowd.projects import queries
from crowd.projects.models import Project
from crowd.projects.services import items, publish
from crowd.users.models import Organisation, User
from tests import make
from tests.make_project import make_draft, texts

CHUNK = 1000
OTHERS = 2
MONEY = 10_000 * 1_000_000
# Gold, a quiz, tasks that run out of time, pay by time; and answers bought where a task needs them, pay by consensus.
TERMS: tuple[dict[str, Any], ...] = (
    {"title": "By time", "redundancy": 3, "gold_share": Decimal("0.1"), "quiz_length": 2, "auto_accept_s": 3},
    {
        "title": "By consensus",
        "redundancy": 2,
        "most_answers": 4,
        "extra_budget_micros": 20 * 1_000_000,
        "pay_policy": "consensus",
        "pay_threshold": Decimal("0.6"),
        "auto_accept_s": 5,
    },
)
CLOCK: dict[str, Any] = {"time_limit_s": 10, "grace_s": 2, "aggregate_every": 50}


@dataclass(frozen=True)
class World:
    projects: list[int]
    requester: str  # session keys
    workers: list[str]
    others: list[str]  # workers who behave badly


def build(*, workers: int, tasks: int) -> World:
    """`tasks` a project, a tenth of them gold in the first one."""
    requester = make.make_user("requester@example.org", name="Rita Requester")
    organisation = make.make_organisation(owner=requester)
    make.make_money(organisation, MONEY)
    projects = [_posted(requester, organisation, tasks, CLOCK | terms, workers) for terms in TERMS]
    people = [_session(make.make_worker().user) for _number in range(workers + OTHERS)]
    return World([one.pk for one in projects], _session(requester), people[:workers], people[workers:])


def _posted(requester: User, organisation: Organisation, tasks: int, terms: dict[str, Any], workers: int) -> Project:
    gold = tasks // 10 if "gold_share" in terms else 0
    if "quiz_length" in terms:
        terms |= {"quiz_cap": 4 * workers}
    draft = make_draft(actor=requester, organisation=organisation, **terms)
    rows = texts(tasks, gold=gold)
    for first in range(0, tasks, CHUNK):
        items.add(actor=requester, project_id=draft.pk, rows=rows[first : first + CHUNK])
    draft.refresh_from_db()
    assert queries.price(draft).total_micros < MONEY / 3
    return publish.publish(actor=requester, project_id=draft.pk)


def _session(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.cookies["sessionid"].value
