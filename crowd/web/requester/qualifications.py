"""An organisation's qualifications: made, granted, taken back, given a test. Workers are known by pseudonym only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.projects.models import Project, Task
from crowd.users.access import organisation_for
from crowd.users.models import Organisation
from crowd.web import exams
from crowd.web.exams import SHORT, ExamForm
from crowd.web.forms import PageForm
from crowd.web.requester import test_pay
from crowd.web.requester.pages import attempt, page, paged, person, show, to
from qualifications import queries
from qualifications.access import managed_qualification
from qualifications.errors import BadRows, NameTaken
from qualifications.models import GrantRequest, Qualification
from qualifications.services import catalogue, grant_files, grants, requests, tests
from qualifications.states import Asking, GrantState, RequestState
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
        field.choices = [(each.pk, code) for code, each in _waiting(one)]


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


@page("GET", "POST")
def qualifications(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """The list; POST makes one."""
    organisation = organisation_for(person(request), organisation_id)
    form = QualificationForm(request.POST or None)
    if form.is_valid():
        made = attempt(
            form,
            lambda: _named(
                lambda: catalogue.create(actor=person(request), organisation_id=organisation_id, **form.cleaned_data)
            ),
        )
        if made:
            messages.success(request, _("Made. Grant it to workers, or give it a test by which they earn it."))
            return to("qualification", organisation_id, made.pk)
    granted = Count("grants", filter=Q(grants__state=GrantState.GRANTED), distinct=True)
    rows = Qualification.objects.filter(organisation=organisation).annotate(
        holders=granted, version=Max("tests__version")
    )
    context = {"organisation": organisation, "form": form, "page": paged(request, rows.order_by("name"))}
    return show(request, "qualifications", context | {"here": "qualifications"})


@page("GET", "POST")
def qualification(request: HttpRequest, organisation_id: int, qualification_id: int) -> HttpResponse:
    """Who holds it, its test, and what can be done; each form says by `deed` which it is, and keeps what was typed."""
    one = _door(request, organisation_id, qualification_id)
    sent = request.POST.get("deed", "")
    forms_ = {name: make(one, None) for name, make in FORMS.items()}
    if sent in FORMS:
        forms_[sent] = form = FORMS[sent](one, request)
        if form.is_valid() and attempt(form, lambda: DEEDS[sent](request, one, form)) is not None:
            return to("qualification", organisation_id, qualification_id)
    return show(request, "qualification", _context(request, one, forms_) | {"sent": sent})


def _door(request: HttpRequest, organisation_id: int, qualification_id: int) -> Qualification:
    organisation_for(person(request), organisation_id)
    one = managed_qualification(person(request), qualification_id)
    if one.organisation_id != organisation_id:
        raise NotFound
    return one


EDITED = ("name", "description", "public", "asking", "valid_days", "active")
FORMS: dict[str, Any] = {
    "grant": lambda _one, request: GrantForm(request and request.POST),
    "revoke": lambda _one, request: RevocationForm(request and request.POST, prefix="revoke"),
    "file": lambda _one, request: FileForm(request and request.POST, request and request.FILES, prefix="file"),
    "edit": lambda one, request: EditForm(
        request and request.POST,
        prefix="edit",
        initial={name: getattr(one, name) for name in EDITED},
    ),
    "decide": lambda one, request: DecideForm(one, request and request.POST, prefix="decide"),
    "test": lambda one, request: TestForm(one.organisation, request and request.POST, prefix="test"),
    "pay": test_pay.pay_form,
    "pay_back": test_pay.back_form,
}


def _grant(request: HttpRequest, one: Qualification, form: forms.Form) -> bool:
    given = dict(form.cleaned_data)
    days = given.pop("days")
    expires_at = clock.now() + timedelta(days=days) if days else None
    try:
        grants.grant(actor=person(request), qualification_id=one.pk, expires_at=expires_at, **given)
    except NotFound as error:
        raise BadInput(errors={"worker": str(error.message)}) from error
    messages.success(request, _("Granted."))
    return True


def _revoke(request: HttpRequest, one: Qualification, form: forms.Form) -> bool:
    try:
        grants.revoke(actor=person(request), qualification_id=one.pk, **form.cleaned_data)
    except NotFound as error:
        raise BadInput(errors={"worker": str(error.message)}) from error
    messages.success(request, _("Taken back. The worker reads your reason."))
    return True


def _file(request: HttpRequest, one: Qualification, form: forms.Form) -> bool:
    try:
        report = grant_files.grant_from_csv(
            actor=person(request), qualification_id=one.pk, data=form.cleaned_data["file"]
        )
    except BadRows as error:
        raise BadInput(errors={"file": _bad_rows(error.data["rows"])}) from error
    except BadInput as error:
        raise BadInput(errors={"file": " ".join(error.places.values()) or str(error.message)}) from error
    words = ngettext("%(n)s worker was granted it.", "%(n)s workers were granted it.", report.granted)
    messages.success(request, words % {"n": report.granted})
    return True


def _edit(request: HttpRequest, one: Qualification, form: forms.Form) -> bool:
    changes = catalogue.Edit(**form.cleaned_data)
    _named(lambda: catalogue.edit(actor=person(request), qualification_id=one.pk, changes=changes))
    messages.success(request, _("Changed."))
    return True


def _test(request: HttpRequest, one: Qualification, form: TestForm) -> bool:
    exams.create(form.cleaned_data, actor=person(request), qualification_id=one.pk, content=form.content())
    messages.success(request, _("The test is there. Workers who began the one before may still hand that in."))
    return True


def _decide(request: HttpRequest, one: Qualification, form: DecideForm) -> bool:
    given = dict(form.cleaned_data)
    if given.pop("decision") == "grant":
        requests.grant_request(actor=person(request), **given)
        messages.success(request, _("Granted. The worker is told."))
    else:
        requests.refuse_request(actor=person(request), request_id=given["request_id"], reason=given["reason"])
        messages.success(request, _("Refused. The worker reads your reason."))
    return True


DEEDS: dict[str, Any] = {
    "decide": _decide,
    "grant": _grant,
    "revoke": _revoke,
    "file": _file,
    "edit": _edit,
    "test": _test,
    "pay": test_pay.say_pay,
    "pay_back": test_pay.take_back,
}


def _named(call: Callable[[], Qualification]) -> Qualification:
    """That a name is taken is said beside the name."""
    try:
        return call()
    except NameTaken as error:
        raise BadInput(errors={"name": str(error.message)}) from error


def _from_gold(project_id: int, count: int) -> dict[str, Any]:
    """The project's question with the first of its gold; the form offered only the organisation's own projects."""
    project = Project.objects.select_related("config").get(pk=project_id)
    assert project.config is not None
    gold = Task.objects.filter(project=project, is_gold=True).order_by("pk")[:count]
    return {"config": project.config.config, "items": [_item(one) for one in gold]}


def _item(gold: Task) -> dict[str, Any]:
    return {"payload": gold.payload, "key": gold.gold, "explanation": gold.gold_reason[: tests.MAX_EXPLANATION]}


def _waiting(one: Qualification) -> list[tuple[str, GrantRequest]]:
    """Those who ask, by pseudonym; the longest first."""
    assert one.organisation is not None
    rows = list(queries.requests_for(one).filter(state=RequestState.OPEN).order_by("pk")[:SHOWN_ROWS])
    codes = pseudonyms_for(one.organisation, [each.worker_id for each in rows])
    return [(codes[each.worker_id], each) for each in rows]


def _kind(project: Project) -> str:
    return str(project.config.config["data"]["kind"]) if project.config else ""


def _bad_rows(rows: list[dict[str, Any]]) -> str:
    """The first of them, in words; nothing was granted."""
    said = [_("row %(row)s, %(column)s: %(reason)s") % one for one in rows[:10]]
    return " ".join([_("Nothing was granted."), *said, *([_("And more.")] if len(rows) > len(said) else [])])


def _context(request: HttpRequest, one: Qualification, forms_: dict[str, Any]) -> dict[str, Any]:
    assert one.organisation is not None
    held = paged(request, queries.holders(one), size=SHOWN_ROWS)
    codes = pseudonyms_for(one.organisation, [each.worker_id for each in held])
    test = one.tests.order_by("-version").first()
    return {
        "organisation": one.organisation,
        "qualification": one,
        "forms": forms_,
        "waiting": _waiting(one),
        "page": held,
        "holders": [(codes[each.worker_id], each) for each in held],
        "test": test,
        "pay": test_pay.pay_of(one),
        "asked": [question["text"] for question in test.config["questions"]] if test else [],
        "here": "qualifications",
    }
