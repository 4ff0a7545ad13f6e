"""The gallery: every ready question is a label config, with a sample item and a right answer to it."""

import json

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from crowd.labeling.answers import validate
from crowd.labeling.config import DATA_KINDS, parse
from crowd.labeling.kinds import KINDS
from crowd.users.models import Organisation, User
from crowd.web.requester import gallery
from crowd.web.requester.pages import address
from tests.make_project import IMAGE, make_draft


def test_every_ready_question_parses_and_its_sample_answers_it() -> None:
    files = {path.stem for path in gallery.PLACE.glob("*.json")}
    assert files == {one.slug for one in gallery.gallery()}
    assert len(files) >= 25
    for one in gallery.gallery():
        config = parse(one.config)
        assert validate(config, one.answer, 1, [one.sample]).to_json() == {"units": [dict(one.answer)]}, one.slug
        assert set(one.kinds) <= set(DATA_KINDS), one.slug
        assert one.data["kind"] in one.kinds, one.slug
        shown = one.sample.get(one.data.get("field", ""))
        if isinstance(shown, dict) and "media" in shown:
            assert finders.find(shown["media"]), one.slug
    assert {asked["kind"] for one in gallery.gallery() for asked in one.questions} == set(KINDS)


@pytest.mark.django_db
def test_a_ready_question_that_the_form_cannot_hold_opens_as_json(
    client: Client, requester: User, organisation: Organisation
) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(address("setup-question", project.pk), {"ready": "boxes"}, follow=True)
    shown = json.loads(page.context["form"]["config"].value())
    assert [one["kind"] for one in shown["questions"]] == ["choice", "boxes"]
    assert shown["data"] == {"kind": "image", "field": "image", "format": "plain"}
