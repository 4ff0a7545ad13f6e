"""An organisation's qualifications: made, granted, taken back, given a test. Workers are known by pseudonym only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.users.access import organisation_for
from crowd.web import exams
from crowd.web.requester import test_pay
from crowd.web.requester.pages import attempt, page, paged, person, show, to
from crowd.web.requester.qualification_forms import (
    SHOWN_ROWS,
    DecideForm,
    EditForm,
    FileForm,
    GrantForm,
    QualificationForm,
    RevocationForm,
    TestForm,
    waiting,
)
from qualifications import queries
from qualifications.access import managed_qualification
from qualifications.errors import BadRows, NameTaken
from qualifications.models import Qualification
from qualifications.services import catalogue, grant_files, grants, requests
from qualifications.states import GrantState
from workers.services.pseudonyms import pseudonyms_for


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
        "waiting": waiting(one),
        "page": held,
        "holders": [(codes[each.worker_id], each) for each in held],
        "test": test,
        "pay": test_pay.pay_of(one),
        "asked": [question["text"] for question in test.config["questions"]] if test else [],
        "here": "qualifications",
    }
