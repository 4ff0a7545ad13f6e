"""The forms of an organisation's qualifications."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.projects.models import Project, Task
from crowd.users.models import Organisation
from crowd.web.exams import SHORT, ExamForm
from crowd.web.forms import PageForm
from qualifications import queries
from qualifications.models import GrantRequest, Qualification
from qualifications.services import catalogue, grants, tests
from qualifications.states import Asking, RequestState
from workers.services.pseudonyms import pseudonyms_for

SHOWN_ROWS = 50
LARGEST_FILE = 5 * 1024**2
TESTABLE = ("text", "row")  # kinds of data whose gold can be asked in a test


class QualificationForm(PageForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=catalogue.MAX_NAME)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        help_text=gettext_lazy("What somebody can do who holds it, and how it is earned. Workers read it."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    public = forms.BooleanField(
        label=gettext_lazy("Listed for all workers, who may take its test"), required=False, initial=True
    )

    asking = forms.ChoiceField(
        label=gettext_lazy("When a worker asks for it"),
        required=False,
        choices=[(one.value, one.label) for one in Asking if one != Asking.DOCUMENT],
    )
    valid_days = forms.IntegerField(
        label=gettext_lazy("Lasts so many days"),
        required=False,
        min_value=1,
        max_value=catalogue.MOST["valid_days"],
        help_text=gettext_lazy("When earned by its test or by asking. Empty: for good."),
        widget=forms.NumberInput(attrs=SHORT),
    )

    def clean_valid_days(self) -> int:
        return self.cleaned_data["valid_days"] or 0


class DecideForm(PageForm):
    """About one of those who ask."""

    request_id = forms.TypedChoiceField(label=gettext_lazy("Who asks"), coerce=int)
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("grant", gettext_lazy("grant it")), ("refuse", gettext_lazy("refuse"))],
        widget=forms.RadioSelect,
    )
    value = forms.IntegerField(
        label=gettext_lazy("Value, if granted"),
        min_value=0,
        max_value=grants.MAX_VALUE,
        initial=grants.MAX_VALUE,
        widget=forms.NumberInput(attrs=SHORT),
    )
    reason = forms.CharField(
        label=gettext_lazy("Note to the worker"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Whoever is refused must read why."),
    )

    def __init__(self, one: Qualification, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["request_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.pk, code) for code, each in waiting(one)]


class EditForm(QualificationForm):
    active = forms.BooleanField(
        label=gettext_lazy("In use: its test may be taken. What was granted stays granted in any case."),
        required=False,
    )


class GrantForm(PageForm):
    worker = forms.CharField(
        label=gettext_lazy("Worker"), max_length=60, help_text=gettext_lazy("The pseudonym, as in your results.")
    )
    value = forms.IntegerField(
        label=gettext_lazy("Value"),
        min_value=0,
        max_value=grants.MAX_VALUE,
        initial=grants.MAX_VALUE,
        help_text=gettext_lazy("0 to 100. A project may ask for a least value."),
        widget=forms.NumberInput(attrs=SHORT),
    )
    days = forms.IntegerField(
        label=gettext_lazy("For so many days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy("Empty: for good."),
        widget=forms.NumberInput(attrs=SHORT),
    )
    reason = forms.CharField(label=gettext_lazy("Note to the worker"), required=False, max_length=2000)


class RevocationForm(PageForm):
    worker = forms.CharField(label=gettext_lazy("Worker"), max_length=60)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2000, help_text=gettext_lazy("The worker reads it.")
    )


class FileForm(PageForm):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("Columns: worker, and if you like value and reason. All rows are granted, or none."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv"}),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(
                _("This file is too large: five megabytes are enough for twenty thousand rows.")
            )
        content: bytes = file.read()
        return content


class TestForm(ExamForm):
    """From gold that there is already, or, for experts, written out."""

    field_order = ("project", "count", "written")
    project = forms.ChoiceField(
        label=gettext_lazy("Take question and gold of this project"),
        required=False,
        help_text=gettext_lazy("Projects with texts or rows of columns that have gold; its reasons explain mistakes."),
    )
    count = forms.IntegerField(
        label=gettext_lazy("So many of its gold tasks"),
        min_value=1,
        max_value=tests.MOST_ASKED,
        initial=10,
        widget=forms.NumberInput(attrs=SHORT),
    )

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["written"].required = False
        self.fields["written"].label = gettext_lazy("or a test of your own (JSON)")
        field = self.fields["project"]
        assert isinstance(field, forms.ChoiceField)
        found = Project.objects.filter(organisation=organisation, tasks__is_gold=True).select_related("config")
        fitting = [one for one in found.distinct().order_by("-pk") if one.config and _kind(one) in TESTABLE]
        field.choices = [("", _("none")), *((str(one.pk), one.title) for one in fitting)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("project") and not given.get("written", "").strip() and not self.errors:
            self.add_error("project", _("Choose a project whose gold is asked, or write the test below."))
        return given

    def content(self) -> dict[str, Any] | None:
        """Of the test that is taken from gold."""
        chosen = self.cleaned_data["project"]
        return _from_gold(int(chosen), self.cleaned_data["count"]) if chosen else None


def _from_gold(project_id: int, count: int) -> dict[str, Any]:
    """The project's question with the first of its gold; the form offered only the organisation's own projects."""
    project = Project.objects.select_related("config").get(pk=project_id)
    assert project.config is not None
    gold = Task.objects.filter(project=project, is_gold=True).order_by("pk")[:count]
    return {"config": project.config.config, "items": [_item(one) for one in gold]}


def _item(gold: Task) -> dict[str, Any]:
    return {"payload": gold.payload, "key": gold.gold, "explanation": gold.gold_reason[: tests.MAX_EXPLANATION]}


def waiting(one: Qualification) -> list[tuple[str, GrantRequest]]:
    """Those who ask, by pseudonym; the longest first."""
    assert one.organisation is not None
    rows = list(queries.requests_for(one).filter(state=RequestState.OPEN).order_by("pk")[:SHOWN_ROWS])
    codes = pseudonyms_for(one.organisation, [each.worker_id for each in rows])
    return [(codes[each.worker_id], each) for each in rows]


def _kind(project: Project) -> str:
    return str(project.config.config["data"]["kind"]) if project.config else ""
