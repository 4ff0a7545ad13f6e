"""The steps of a new project, in order, and the door to a draft."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crowd.kernel.money import TEST_CURRENCY
from crowd.projects.access import project_for
from crowd.projects.models import Item, Project, StagedFile
from crowd.projects.states import ProjectState
from crowd.users.access import organisation_for
from crowd.web.requester.pages import address, person

STEPS: tuple[tuple[str, Promise], ...] = (
    ("data", _("Data")),
    ("question", _("Question")),
    ("workers", _("Who may work")),
    ("quality", _("Quality")),
    ("price", _("Price")),
    ("check", _("Check and publish")),
)


@dataclass(frozen=True)
class Step:
    slug: str
    label: str | Promise
    number: int
    href: str
    current: bool
    done: bool


def member_project(request: HttpRequest, project_id: int) -> Project:
    """A project that the person may change: of an organisation of his. Raises NotFound, for staff too."""
    project = project_for(person(request), project_id)
    organisation_for(person(request), project.organisation_id)
    return project


def staged_of(project: Project) -> StagedFile | None:
    return StagedFile.objects.filter(project=project).first()


def steps(project: Project, current: str) -> list[Step]:
    done = {
        "data": Item.objects.filter(project=project).exists() or staged_of(project) is not None,
        "question": project.config is not None,
    }
    return [
        Step(slug, label, number, address(f"setup-{slug}", project.pk), slug == current, done.get(slug, False))
        for number, (slug, label) in enumerate(STEPS, start=1)
    ]


def after(slug: str) -> str:
    """The name of the page that follows this step."""
    slugs = [one for one, _label in STEPS]
    return f"setup-{slugs[min(slugs.index(slug) + 1, len(slugs) - 1)]}"


def context(project: Project, current: str, **more: Any) -> dict[str, Any]:
    """What every step shows."""
    return {
        "project": project,
        "organisation": project.organisation,
        "steps": steps(project, current),
        "step": current,
        "is_draft": project.state == ProjectState.DRAFT,
        "sandbox": project.currency == TEST_CURRENCY,
        "here": "projects",
        **more,
    }
