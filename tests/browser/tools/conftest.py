"""For the stories of all tools: a task that is open, and pictures to be asked about."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from crowd.projects.models import Project
from crowd.users.models import Organisation, User
from tests.browser import world
from tests.browser.conftest import SignIn
from tests.browser.drawing import of_files, picture
from tests.browser.tools.answering import Open
from workers.models import Worker


@pytest.fixture
def open_task_in(sign_in: SignIn) -> Callable[[Page, Project], str]:
    """open_task_in(page, project) brings a worker to its first task, in this page; its address."""

    def bring(page: Page, project: Project) -> str:
        worker: Worker = world.ready_worker()
        sign_in(worker.user, page.context)
        page.goto(f"/work/projects/{project.pk}/")
        page.get_by_role("button", name="Start").first.click()
        page.locator("#task[data-ready]").wait_for()
        return page.url

    return bring


@pytest.fixture
def open_task(page: Page, open_task_in: Callable[[Page, Project], str]) -> Open:
    """open_task(project) brings a worker to its first task; the page is ready when it returns."""

    def bring(project: Project) -> Locator:
        open_task_in(page, project)
        return page.locator("[data-tool]").last

    return bring


@pytest.fixture
def pictures(requester: User, organisation: Organisation) -> Callable[[dict[str, Any]], Project]:
    """pictures(question) is a published project that asks it about two drawn pictures."""

    def post(*questions: dict[str, Any]) -> Project:
        named = [{"id": f"q{place}" if place else "q", "text": "Mark it."} | one for place, one in enumerate(questions)]
        return of_files(requester, organisation, "image", picture(), "png", named)

    return post
