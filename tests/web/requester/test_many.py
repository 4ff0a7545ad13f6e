"""Where much is listed: figures are kept for a while, and no more is asked or counted than is shown."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crowd.assignments.models import Assignment
from crowd.labeling.kinds import Question
from crowd.projects.models import Item, Project
from crowd.users.models import User
from crowd.web.jobs import count_figure
from crowd.web.requester import kept, pages
from crowd.web.requester import money as money_page
from tests import make, make_project
from tests.web.requester.forms import text_of, to

pytestmark = pytest.mark.django_db(transaction=True)


def test_figures_of_a_large_project_are_counted_now_and_then(
    site: Client, running: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LARGE", 1)
    of_figures = [
        to(name, running.pk) for name in ("project", "live", "funds", "exports", "guidance", "gold", "workers")
    ]
    first = [text_of(site.get(page)) for page in of_figures]
    Assignment.objects.filter(project=running).update(reward_micros=9_990_000)
    assert [site.get(page).status_code for page in of_figures] == [200] * len(of_figures)
    assert spent(first[0]) == spent(text_of(site.get(of_figures[0])))

    kept.cache.delete(f"web:kept:{running.pk}:overview:fresh")  # as if the minute were over
    assert spent(first[0]) == spent(text_of(site.get(of_figures[0])))  # nobody waits
    count_figure(running.pk, "overview")  # what that look asked for
    assert spent(first[0]) != spent(text_of(site.get(of_figures[0])))

    counted = kept.cache.get(f"web:kept:{running.pk}:overview")
    assert not any(isinstance(value, Question) for one in counted["questions"] for value in one.values())
    kept.cache.set(
        f"web:kept:{running.pk}:overview", counted | {"questions": [counted["questions"][0] | {"id": "gone"}]}
    )
    assert "Merged answers" not in text_of(site.get(of_figures[0]))  # of another version, and not asked any more
    make.make_money(running.organisation, 2_000_000)
    before = site.get(of_figures[0]).context["spend"].total_micros
    raised = {"reserve": "gold", "amount": "1", "key": "raised"}
    assert site.post(to("funds", running.pk), raised).status_code == 302
    after = site.get(of_figures[0]).context
    assert (after["spend"].total_micros - before, len(after["questions"])) == (1_000_000, 1)

    assert listed(site, running) == (3, 3)
    make.make_money(running.organisation, 10_000_000)
    file = SimpleUploadedFile("more.csv", b"text\nmore\nstill more\n")
    assert site.post(to("items", running.pk), {"how": "file", "file": file}).status_code == 302
    assert (site.get(of_figures[0]).context["progress"].tasks, listed(site, running)) == (5, (5, 3))


def listed(site: Client, project: Project) -> tuple[int, int]:
    """Its tasks, and how many of them are done, as the list of all projects has it."""
    lines = site.get(to("organisation", project.organisation_id)).context["lines"]
    (found,) = [progress for one, progress in lines if one.pk == project.pk]
    return found.tasks, found.done


def test_a_list_of_many_projects_asks_no_more_than_one_of_few(
    site: Client,
    running: Project,
    requester: User,
    django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed(site, running)  # what a process asks for once
    with CaptureQueriesContext(connection) as few:
        assert listed(site, running) == (3, 3)
    for _project in range(5):
        make_project.make_open(actor=requester, organisation=running.organisation, rows=make_project.texts(1))
    with django_assert_num_queries(len(few)):
        assert listed(site, running) == (3, 3)

    monkeypatch.setattr(money_page, "PROJECTS", 4)
    of_all = to("money", running.organisation_id)
    assert len(site.get(of_all).context["reserves"]) == 4
    second = site.get(of_all, {"page": "2", "currency": "USD"})
    assert len(second.context["reserves"]) == 2
    assert 'href="?currency=USD&amp;page=1"' in text_of(second)


def spent(page: str) -> list[str]:
    return re.findall(r"\$[0-9,.]+", page)


def test_no_more_of_a_long_list_is_counted_than_is_near(
    site: Client, running: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    Item.objects.bulk_create(Item(project=running, data={"text": f"text {number}"}) for number in range(100))
    monkeypatch.setattr(pages, "ROWS_AHEAD", 40)
    assert "page 1 of 2+" in text_of(site.get(to("items", running.pk)))
    assert "page 2 of 3" in text_of(site.get(to("items", running.pk), {"page": 2}))
    assert "page 3 of 3" in text_of(site.get(to("items", running.pk), {"page": 999_999_999_999}))
    assert "page 1 of" in text_of(site.get(to("items", running.pk), {"page": "x"}))
