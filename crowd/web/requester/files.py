"""Results as files: small ones at once, streamed while they are read; large ones written by a job and kept a while."""

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.consensus import exports as rows
from crowd.consensus.access import export_for
from crowd.consensus.models import Export
from crowd.consensus.services import exporting
from crowd.consensus.states import ExportState
from crowd.projects.models import Project
from crowd.web.requester.kept import kept
from crowd.web.requester.pages import page, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.setup.steps import member_project

TITLES = {
    "items": gettext_lazy("Items with their merged answers"),
    "answers": gettext_lazy("Answers one by one"),
}
SIZES = {of: kept(f"size:{of}")(partial(rows.size, kind=of)) for of in rows.OF}
FORMATS = {"csv": "CSV", "jsonl": "JSON Lines"}


@dataclass(frozen=True)
class Kind:
    """Items or answers: about how many rows, and whether a job has to write them."""

    of: str
    title: str | Promise
    size: int

    @property
    def large(self) -> bool:
        return self.size > rows.LARGE


@page()
def export(request: HttpRequest, project_id: int, of: str, kind: str) -> HttpResponseBase:
    """The file itself where it is small; otherwise the page on which it is asked for."""
    project = member_project(request, project_id)
    if _size(project, of) > rows.LARGE:
        words = _("This file is large: have it written below, and download it when it is ready.")
        messages.info(request, words)
        return to("exports", project_id)
    headers = {"Content-Disposition": f'attachment; filename="{rows.filename(project, of, kind)}"'}
    return StreamingHttpResponse(rows.lines(project, of, kind), content_type=rows.MEDIA_TYPES[kind], headers=headers)


@page("GET", "POST")
def exports(request: HttpRequest, project_id: int) -> HttpResponse:
    """Every file there is; POST has a large one written."""
    project = member_project(request, project_id)
    if request.method == "POST":
        of, kind = request.POST.get("of", ""), request.POST.get("as", "")
        exporting.ask(actor=person(request), project_id=project_id, of=of, format=kind)
        return to("exports", project_id)
    return show(request, "exports", frame(project, "") | _context(project))


@page()
def file(request: HttpRequest, project_id: int, export_id: int) -> HttpResponseBase:
    member_project(request, project_id)
    return exporting.download(export_for(person(request), project_id, export_id))


def _size(project: Project, of: str) -> int:
    return SIZES[of](project)


def _context(project: Project) -> dict[str, object]:
    asked = list(Export.objects.filter(project=project).select_related("asked_by").order_by("-pk")[:20])
    return {
        "kinds": [Kind(of, title, _size(project, of)) for of, title in TITLES.items()],
        "formats": FORMATS,
        "lines": [(one, TITLES[one.of], FORMATS[one.format]) for one in asked],
        "waits": any(one.state in (ExportState.WAITING, ExportState.RUNNING) for one in asked),
        "days": settings.CROWD_EXPORT_DAYS,
    }
