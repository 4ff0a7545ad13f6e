"""Items of a project and the files they came in; more of them for a project that runs, paid for at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from crowd.kernel.errors import CrowdError, NotFound
from crowd.kernel.newest import newest_of
from crowd.projects.models import Item, Project, Task, Upload
from crowd.projects.services import uploads
from crowd.projects.services.staging import AT_ONCE
from crowd.projects.states import ImportState
from crowd.web.requester.kept import forget
from crowd.web.requester.pages import blame, page, paged, person, show, to
from crowd.web.requester.project import frame
from crowd.web.requester.setup.data import FileForm
from crowd.web.requester.setup.steps import member_project


@page("GET", "POST")
def items(request: HttpRequest, project_id: int) -> HttpResponse:
    """POST adds a file, read as the first one was; its money is reserved with the import."""
    project = member_project(request, project_id)
    form = FileForm(request.POST or None, request.FILES or None, initial={"how": "file"})
    if request.method == "POST" and form.is_valid():
        try:
            upload = _receive(request, project, form)
            return to("upload", project_id, upload.pk)
        except CrowdError as error:
            if error.status in (403, 404):
                raise
            blame(form, error)
    listed = paged(request, newest_of(Item.objects.all(), project.pk))
    columns = list(dict.fromkeys(name for one in listed for name, value in one.data.items() if _tells(one, value)))[:8]
    tasks = dict(Task.objects.filter(item__in=[one.pk for one in listed]).values_list("item", "pk"))
    context = {
        "form": form,
        "page": listed,
        "columns": columns,
        "rows": [(one, [one.data.get(name, "") for name in columns], tasks.get(one.pk)) for one in listed],
        "uploads": Upload.objects.filter(project=project).order_by("-pk")[:10],
    }
    return show(request, "items", frame(project, "items") | context)


@page()
def upload(request: HttpRequest, project_id: int, upload_id: int) -> HttpResponse:
    project = member_project(request, project_id)
    found = Upload.objects.filter(project=project, pk=upload_id).first()
    if found is None:
        raise NotFound
    waits = found.state in (ImportState.WAITING, ImportState.RUNNING)
    return show(request, "upload", frame(project, "items") | {"upload": found, "waits": waits})


def _receive(request: HttpRequest, project: Project, form: FileForm) -> Upload:
    given = form.given()
    before = Upload.objects.filter(project=project, state=ImportState.DONE).order_by("-pk").first()
    options = {name: value for name, value in (before.options if before else {}).items() if name != "guarded"}
    made = uploads.receive(
        actor=person(request),
        project_id=project.pk,
        stream=given.stream,
        filename=given.filename,
        format=given.format,
        options=options,
    )
    if (form.cleaned_data["file"].size or 0) <= AT_ONCE and given.format != "zip":
        made = uploads.process(upload_id=made.pk)
    if made.state == ImportState.DONE:
        forget(project.pk)
        messages.success(request, _("%(n)s rows were imported and are paid for.") % {"n": made.rows_good})
    return made


def _tells(one: Item, value: Any) -> bool:
    """An empty cell and the key, which has a column of its own, say nothing."""
    return value not in ("", None, one.key)
