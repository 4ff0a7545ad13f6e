"""The gallery: every ready question is a label config, with a sample item and a right answer to it."""

import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from crowd.assignments.services import take
from crowd.labeling.answers import validate
from crowd.labeling.config import DATA_KINDS, parse
from crowd.labeling.kinds import KINDS
from crowd.projects.errors import BadRows
from crowd.projects.models import Project
from crowd.projects.services import draft, items, publish
from crowd.projects.services.config import set_config
from crowd.users.models import Organisation, User
from crowd.web.requester import gallery, results
from crowd.web.requester.pages import address
from tests import make
from tests.make_project import CENT, IMAGE, make_draft, make_open
from workers.models import Worker


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
def test_a_ready_question_opens_in_the_form_and_what_is_too_much_for_it_as_json(
    client: Client, requester: User, organisation: Organisation
) -> None:
    project = make_draft(actor=requester, organisation=organisation, label_config=IMAGE)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(address("setup-question", project.pk), {"ready": "boxes"})
    assert [form["kind"].value() for form in page.context["formset"]] == ["choice", "boxes"]
    assert page.context["units"][0].media.endswith("street.svg")  # a sample: the project has no picture yet
    page = client.get(address("setup-question", project.pk), {"ready": "pictures-same"})
    assert page.context["about"]["beside"].value() == "B"
    config = IMAGE | {"questions": [{**IMAGE["questions"][0], "labels": [f"bird {n}" for n in range(1_001)]}]}
    set_config(actor=requester, project_id=project.pk, config=config)
    page = client.get(address("setup-question", project.pk), follow=True)
    shown = json.loads(page.context["form"]["config"].value())
    assert len(shown["questions"][0]["labels"]) == 1_001
    assert shown["data"] == {"kind": "image", "field": "image", "format": "plain"}


MARKDOWN = """# Tea

Boil **fresh** water, <script>alert(1)</script> and see [more](https://a.example "there").

![A kettle](https://a.example/kettle.png)

| tea | minutes |
| --- | ------- |
| black | 4 |
"""


@pytest.mark.django_db
def test_a_text_is_shown_in_the_form_that_its_question_says(
    client: Client, requester: User, organisation: Organisation, worker: Worker
) -> None:
    project = draft.create(actor=requester, organisation=organisation, title="Tea", reward_micros=CENT, redundancy=1)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    here = address("setup-question", project.pk)
    page = client.get(here, {"ready": "summary"})
    sent = {f"q-{name}": value for name, value in page.context["formset"].management_form.initial.items()}
    sent |= {one.html_name: one.value() for one in page.context["formset"][0] if one.value() not in (None, False)}
    sent |= {"format": page.context["about"]["format"].value(), "pass_mark": 1}
    assert client.post(here, sent).status_code == 302
    items.add(actor=requester, project_id=project.pk, rows=[{"text": MARKDOWN}])
    assert client.get(here).context["about"]["format"].value() == "markdown"  # also where it is changed later
    make.make_money(organisation, 100 * CENT)
    publish.publish(actor=requester, project_id=project.pk)
    for page in (client.post(address("setup-preview", project.pk), sent), task_page(worker, project)):
        shown = page.content.decode().partition("data-item")[2]
        assert "<h2>Tea</h2>" in shown
        assert "<strong>fresh</strong>" in shown
        assert "&lt;script&gt;alert(1)" in shown
        assert "<img" not in shown
        assert "A kettle" in shown
        assert 'href="https://a.example" title="there" target="_blank" rel="noopener noreferrer nofollow"' in shown
        assert "<th>minutes</th>" in shown


@pytest.mark.django_db
def test_a_chat_is_shown_turn_by_turn_to_whoever_looks_at_it(
    client: Client, requester: User, organisation: Organisation, worker: Worker
) -> None:
    ready = gallery.ready("chat-answer")
    assert ready is not None
    with pytest.raises(BadRows) as refused:
        make_draft(actor=requester, organisation=organisation, label_config=ready.config, rows=[{"chat": [{"a": 1}]}])
    assert "role and text" in refused.value.data["rows"][0]["reason"]
    rows = [dict(ready.sample), {"chat": "Ann: Hi <b>\nthere\nBo: Hello"}]
    project = make_open(actor=requester, organisation=organisation, label_config=ready.config, rows=rows)
    client.force_login(requester, backend="django.contrib.auth.backends.ModelBackend")
    pages = [client.get(address("task", project.pk, one.pk)) for one in project.tasks.order_by("pk")]
    found = [re.findall(r"<li class=.turn.*?</li>", page.content.decode(), re.DOTALL) for page in pages]
    assert [re.sub(r"<.*?>", "", turn) for turn in found[0]] == [
        "User: How many legs has a spider?\n",
        "Assistant: A spider is an insect. 🕷️ It has eight legs.",
    ]
    assert "<strong>Ann</strong>: Hi &lt;b&gt;\nthere\n" in found[1][0]
    worked_at = task_page(worker, project).content.decode()  # one of the two
    assert any("".join(turns) in worked_at for turns in found)
    assert "Assistant: A spider" in results.sample(project.tasks.order_by("pk")[0])


def task_page(worker: Worker, project: Project) -> Any:
    held = take.take_next(worker=worker, project_id=project.pk)
    client = Client()
    client.force_login(worker.user)
    return client.get(f"/work/tasks/{held.pk}/")
