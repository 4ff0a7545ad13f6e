"""Export of one's own data: the page and the API say the same, and every app that keeps something says its part."""

import pytest
from django.test import Client

from tests.api import world as worlds

pytestmark = pytest.mark.django_db


def test_the_page_and_the_api_give_away_everything_that_was_written_and_decided(client: Client) -> None:
    world = worlds.build()
    client.force_login(world.people["worker"])
    page = client.get("/account/data/").json()
    by_api = client.get("/api/v1/me/data/").json()["data"]

    assert page.pop("exported_at")
    assert set(page) == set(by_api)
    assert len(page["payouts"]) == 4
    assert [one["text"] for one in page["questions"]] == ["Hidden question?"]
    assert page["appeals"][0]["text"].startswith("Hidden project")
    assert {"account", "worker", "answers", "projects", "notices"} <= set(page)

    client.force_login(world.people["other_worker"])
    assert [one["text"] for one in client.get("/account/data/").json()["gold_contests"]] == ["It is ironic."]
