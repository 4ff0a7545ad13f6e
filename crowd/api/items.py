"""Items, the files they come in, and the tasks that are cut from them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crowd.api.body import Filters, Input
from crowd.api.deeds import Call, Endpoint, FormEndpoint, deed
from crowd.api.fields import Facts, Id, Row
from crowd.api.paging import Page
from crowd.assignments.services import task_review
from crowd.kernel.errors import NotFound
from crowd.projects.access import project_for
from crowd.projects.imports.options import Options
from crowd.projects.imports.sources import FORMATS
from crowd.projects.models import Item, Task, Upload
from crowd.projects.services import items, uploads
from crowd.projects.states import ImportState, TaskState
from crowd.users.states import Scope

COLUMN = "A column's name; empty: there is none."
SAID = {
    "key_column": "Your own name of the row, once in a project.",
    "gold_column": "The known answer. " + COLUMN,
    "gold_reason_column": "Why it is right. " + COLUMN,
    "redundancy_column": "How many answers this row wants. " + COLUMN,
    "url_column": "The address of the media, if it is not in the column that workers see.",
    "known_keys": "Of a row whose key is there already: refuse, or skip.",
    "skip_bad_rows": "Import the good ones all the same.",
    "delimiter": "Of a CSV: comma, semicolon or tab.",
    "guarded": "The CSV has an apostrophe before what a spreadsheet takes for a formula, as our exports have: drop it.",
}
OPTIONS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        name: {"type": "boolean" if isinstance(usual, bool) else "string", "default": usual, "description": SAID[name]}
        for name, usual in Options().to_json().items()
    },
}


class ItemOut(Row):
    """`data` are all columns as they came; `gold` is the known answer."""

    data = serializers.DictField()  # type: ignore[assignment]
    gold = serializers.DictField(allow_null=True)

    class Meta:
        model = Item
        fields = ["id", "key", "data", "media", "upload", "redundancy", "gold", "gold_reason", "created_at"]


class RowError(Facts):
    row = serializers.IntegerField()
    column = serializers.CharField(allow_null=True)
    reason = serializers.CharField()


class UploadOut(Row):
    """What became of rows that were sent; `errors` names the first thousand bad ones."""

    options = serializers.DictField()
    errors = RowError(many=True)  # type: ignore[assignment]

    class Meta:
        model = Upload
        fields = ["id", "state", "format", "filename", "options", "rows_good", "rows_bad", "rows_known", "errors"]
        fields += ["created_at", "finished_at"]


@extend_schema_field(OPTIONS)
class RowOptions(serializers.DictField):
    """Which columns mean something, and what to do with bad rows; read by the service, which names what is wrong."""


@extend_schema_field(OPTIONS)
class RowOptionsInForm(serializers.JSONField):
    """The same in a form, as JSON."""


class NewItems(Input):
    rows = serializers.ListField(child=serializers.DictField(), help_text="From 1 to 1,000 rows.")
    options = RowOptions(required=False)


class NewUpload(Input):
    file = serializers.FileField()
    format = serializers.ChoiceField(choices=FORMATS)
    options = RowOptionsInForm(required=False)


class Count(Facts):
    count = serializers.IntegerField()


class ItemFilter(Filters):
    key = serializers.CharField(required=False)
    upload = Id(required=False)


class UploadFilter(Filters):
    state = serializers.ChoiceField(choices=ImportState.choices, required=False)


class TaskOut(Row):
    """`needed` answers are paid for; `filled` of these places are held, `answered` of them have a counting answer."""

    payload = serializers.DictField()
    source = serializers.DictField()  # type: ignore[assignment]
    gold = serializers.DictField(allow_null=True)

    class Meta:
        model = Task
        fields = ["id", "item", "state", "payload", "source", "units", "redundancy", "needed", "filled", "answered"]
        fields += ["open", "is_gold", "gold", "gold_reason", "cannot_answer_count", "rejected_count"]


class TaskDecision(Input):
    reason = serializers.CharField(max_length=task_review.MAX_REASON)


class TaskFilter(Filters):
    """state=review: those that wait for you: reported or rejected too often, or their last slot paid for a leaving."""

    state = serializers.ChoiceField(choices=TaskState.choices, required=False)
    is_gold = serializers.BooleanField(required=False, allow_null=True, default=None)
    item = Id(required=False)


class Items(Endpoint):
    @deed("Items of a project", scope=Scope.READ, gives=ItemOut, filters=ItemFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        project = project_for(call.user, project_id)
        return call.page.of(Item.objects.filter(**call.filters), project=project.pk)

    @deed("Add items", scope=Scope.PROJECTS, takes=NewItems, gives=UploadOut, status=201)
    def post(self, call: Call, project_id: int) -> Upload:
        """All rows or none, unless `skip_bad_rows` was said. A published project pays for them at once."""
        return items.add(actor=call.user, project_id=project_id, **call.data)

    @deed("Take all items out of a draft", scope=Scope.PROJECTS, gives=Count)
    def delete(self, call: Call, project_id: int) -> dict[str, int]:
        return {"count": items.clear(actor=call.user, project_id=project_id)}


class ItemView(Endpoint):
    @deed("Take one item out of a draft", scope=Scope.PROJECTS, status=204)
    def delete(self, call: Call, project_id: int, item_id: int) -> None:
        items.remove(actor=call.user, project_id=project_id, item_id=item_id)


class Uploads(FormEndpoint):
    @deed("Files of items", scope=Scope.READ, gives=UploadOut, filters=UploadFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        return call.page.of(Upload.objects.filter(project=project_for(call.user, project_id), **call.filters))

    @deed("Send a file of items", scope=Scope.PROJECTS, rate="heavy", takes=NewUpload, gives=UploadOut, status=202)
    def post(self, call: Call, project_id: int) -> Upload:
        """It is worked through afterwards; look at the upload to see what became of it."""
        file = call.data.pop("file")
        return uploads.receive(
            actor=call.user, project_id=project_id, stream=file, filename=file.name or "", **call.data
        )


class UploadView(Endpoint):
    @deed("What became of a file", scope=Scope.READ, gives=UploadOut)
    def get(self, call: Call, project_id: int, upload_id: int) -> Upload:
        found = Upload.objects.filter(project=project_for(call.user, project_id), pk=upload_id).first()
        if found is None:
            raise NotFound
        return found


class Tasks(Endpoint):
    @deed("Tasks of a project", scope=Scope.READ, gives=TaskOut, filters=TaskFilter, pages=True)
    def get(self, call: Call, project_id: int) -> Page:
        wanted: dict[str, Any] = {name: value for name, value in call.filters.items() if value is not None}
        project = project_for(call.user, project_id)
        return call.page.of(Task.objects.filter(**wanted), project=project.pk)


class TaskView(Endpoint):
    @deed("One task", scope=Scope.READ, gives=TaskOut)
    def get(self, call: Call, project_id: int, task_id: int) -> Task:
        found = Task.objects.filter(project=project_for(call.user, project_id), pk=task_id).first()
        if found is None:
            raise NotFound
        return found


class TaskAskedAgain(Endpoint):
    @deed("Ask workers again about a task that waits for you", scope=Scope.PROJECTS, takes=TaskDecision, gives=TaskOut)
    def post(self, call: Call, project_id: int, task_id: int) -> Task:
        """The answers that it lacks are paid for from the surplus, then from your available money."""
        return task_review.ask_again(actor=call.user, project_id=project_id, task_id=task_id, **call.data)


class TaskClosed(Endpoint):
    @deed("Close a task that waits for you", scope=Scope.PROJECTS, takes=TaskDecision, gives=TaskOut)
    def post(self, call: Call, project_id: int, task_id: int) -> Task:
        """Nobody is asked any more; what was answered stays. The price of its free slots goes to the surplus."""
        return task_review.close(actor=call.user, project_id=project_id, task_id=task_id, **call.data)
