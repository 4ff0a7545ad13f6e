"""Export of one's own data: the page and the API say the same, and every app that keeps something says its part."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crowd.rules.models import Firing
from crowd.users.models import User
from tests.api import world as worlds
from workers.models import Worker

pytestmark = pytest.mark.django_db

# What names a person as who did something: it stands in the audit log, which he is given as his actions.
DEEDS = {"created_by", "decided_by", "handled_by", "hidden_by", "lifted_by", "granted_by", "invited_by", "accepted_by"}
DEEDS |= {"recorded_by", "rejected_by", "resolved_by", "asked_by", "built_by", "approved_by", "given_by", "made_by"}
DEEDS |= {"answered_by", "switched_by", "named_by"}
ELSEWHERE = {
    "users.PersonKey.user": "the key that encrypts what he is given",
    "users.Organisation.members": "the memberships, as organisations",
    "ledger.Transfer.actor": "a deed",
    "notices.Letter.user": "which notices went into it, and when, is said by the notices",
    "talk.Reply.author": "the replies of his tickets; staff's are deeds",
    "talk.Thread.worker": "by its messages",
    "talk.Topic.worker": "by its posts",
    "talk.Dismissal.user": "that a bar was closed",
    "admin.LogEntry.user": "the admin only reads",
    "account.EmailAddress.user": "the address of the account",
    "mfa.Authenticator.user": "secrets, which are shown once",
    "usersessions.UserSession.user": "shown and ended in the account",
}


def about_people() -> Iterator[tuple[str, str, str]]:
    """Every column that points at a login or a worker: its name, its table, its column."""
    for model in apps.get_models():
        for one in model._meta.get_fields():
            if getattr(one, "concrete", False) and one.related_model in (User, Worker):
                yield f"{model._meta.label}.{one.name}", model._meta.db_table, getattr(one, "column", None) or one.name


def test_the_page_and_the_api_give_away_everything_that_was_written_and_decided(client: Client) -> None:
    world = worlds.build()
    client.force_login(world.people["worker"])
    page = client.get("/account/data/").json()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        by_api = client.get("/api/v1/me/data/").json()["data"]
    read = " ".join(one["sql"] for one in asked)  # before the next request forgets it

    assert page.pop("exported_at")
    assert set(page) == set(by_api)
    assert len(page["payouts"]) == 4
    assert [one["text"] for one in page["questions"]] == ["Hidden question?"]
    assert page["appeals"][0]["text"].startswith("Hidden project")
    assert {"account", "worker", "answers", "projects", "notices"} <= set(page)
    assert {"time_percent", "shown_warnings", "in_reports"} <= set(page["worker"])

    contested = Firing.objects.get(contested_at__isnull=False).worker.user
    client.force_login(contested)
    assert [one["contest"] for one in client.get("/account/data/").json()["rules"] if one["contest"]]
    client.force_login(world.people["other_worker"])
    assert [one["text"] for one in client.get("/account/data/").json()["gold_contests"]] == ["It is ironic."]

    columns = {name: f'"{table}"."{column}"' for name, table, column in about_people()}
    missing = {name for name, column in columns.items() if column not in read and name.split(".")[-1] not in DEEDS}
    assert missing == set(ELSEWHERE)  # a table about people that nobody thought of, or one that need not stand here
