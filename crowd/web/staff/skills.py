"""Qualifications: the site's own are made here; organisations' are looked at."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from crowd.kernel.downloads import attachment
from crowd.users.models import User
from crowd.web import exams
from crowd.web.doors import user_of
from crowd.web.exams import ExamForm
from crowd.web.staff import exam, forms, kit, test_pay
from crowd.web.staff.kit import Act, Row, Table, address, link, staff_page, status
from crowd.web.templatetags.crowd_web import when
from qualifications import queries
from qualifications.models import Qualification
from qualifications.services import catalogue, grants, requests
from qualifications.states import GrantState, RequestState

WAITING = 50  # requests to choose from


@staff_page()
def qualification_list(request: HttpRequest) -> Any:
    granted = Count("grants", filter=Q(grants__state=GrantState.GRANTED), distinct=True)
    rows: Any = Qualification.objects.select_related("organisation").annotate(
        holders=granted, versions=Count("tests", distinct=True)
    )
    found, after = kit.newest(request, rows)
    head = [_("Qualification"), _("Of"), _("Kind"), _("Holders#"), _("Test"), _("State")]
    lines = [
        Row(
            [
                link(one.name, "qualification", qualification_id=one.pk),
                one.organisation.name if one.organisation else _("the site"),
                _kind(one),
                "–" if one.system else one.holders,
                _("version %(number)s") % {"number": one.versions} if one.versions else "–",
                kit.status("active" if one.active else "", _("in use") if one.active else _("no longer")),
            ]
        )
        for one in found
    ]
    return kit.listing(
        request,
        _("Qualifications"),
        Table(head, lines, empty=_("None yet."), next=after),
        make={"address": address("new-qualification"), "label": _("New qualification of the site")},
    )


@staff_page("GET", "POST")
def new_qualification(request: HttpRequest) -> Any:
    form = forms.NewLanguage(request.POST or None, initial={"public": True})
    if form.is_valid():
        with form.answering():
            made = catalogue.create(actor=user_of(request), organisation_id=None, **form.cleaned_data)
            messages.success(request, _("Made. Grant it below, or give it a test."))
            return redirect(address("qualification", qualification_id=made.pk))
    context = {
        "title": _("New qualification of the site"),
        "lead": _("Any project may ask for it."),
        "form": form,
        "submit": _("Make it"),
        "back": address("qualifications"),
    }
    return render(request, "web/staff/form.html", context, status=400 if form.errors else 200)


@staff_page("GET", "POST")
def qualification(request: HttpRequest, qualification_id: int) -> Any:
    actor = user_of(request)
    one = kit.one(Qualification.objects.select_related("organisation"), qualification_id)
    return kit.detail(request, lambda: _acts(one, actor), lambda: _page(one))


@staff_page()
def document(request: HttpRequest, request_id: int) -> Any:
    """What a worker showed; that it was read stands in the log."""
    content, kind = requests.document_of(actor=user_of(request), request_id=request_id)
    return attachment(content, kind, f"document-{request_id}.{kind.split('/')[1]}")


def _kind(one: Qualification) -> str:
    if one.measured:
        return _("read by the site, never granted")
    if one.system:
        return _("language %(code)s, tested") % {"code": one.subject}
    return _("public") if one.public else _("not listed")


def _acts(one: Qualification, actor: User) -> list[Act]:
    if one.measured:
        return []
    where: dict[str, Any] = {"actor": actor, "qualification_id": one.pk}
    fields = ("name", "description", "public", "asking", "auto_value", "valid_days", "active")
    return [
        *_deciding(one, actor),
        Act(
            "grant",
            _("Grant it"),
            _("The worker holds it from now on, with this value. Granted again, the value changes."),
            forms.Grant,
            lambda **given: grants.grant(**where, **given),
            _("Granted."),
        ),
        Act(
            "test",
            _("Give it a test"),
            _("Workers can earn it by the test, which replaces the one before."),
            ExamForm,
            lambda **given: exams.create(given, actor=actor, qualification_id=one.pk),
            _("The test is there."),
            kind="",
        ),
        *(test_pay.acts(one, actor) if one.organisation is None and one.tests.exists() else []),
        Act(
            "revoke",
            _("Take it back"),
            _("The worker no longer holds it, reads the reason, and cannot regain it by its test."),
            forms.Revocation,
            lambda **given: grants.revoke(**where, **given),
            _("Taken back."),
            kind="danger",
        ),
        Act(
            "edit",
            _("Change it"),
            _("Projects that ask for it go on asking for it."),
            forms.EditQualification,
            lambda **given: catalogue.edit(**where, changes=catalogue.Edit(**given)),
            _("Changed."),
            kind="",
            initial={name: getattr(one, name) for name in fields},
        ),
    ]


def _deciding(one: Qualification, actor: User) -> list[Act]:
    """Where workers wait for an answer."""
    waiting = list(queries.requests_for(one).filter(state=RequestState.OPEN).order_by("pk")[:WAITING])
    if not waiting:
        return []
    names = [(each.pk, _("%(id)s, worker %(worker)s") % {"id": each.pk, "worker": each.worker_id}) for each in waiting]
    who: dict[str, Any] = {"actor": actor}
    return [
        Act(
            "grant-request",
            _("Grant a request"),
            _("The worker holds it from now on, and is told. Look at his document first."),
            forms.chosen_from(forms.RequestGrant, "request_id", names),
            lambda **given: requests.grant_request(**who, **given),
            _("Granted."),
        ),
        Act(
            "refuse-request",
            _("Refuse a request"),
            _("The worker reads why, and may ask again after a week."),
            forms.chosen_from(forms.RequestRefusal, "request_id", names),
            lambda **given: requests.refuse_request(**who, **given),
            _("Refused."),
            kind="danger",
        ),
    ]


def _asked(one: Qualification) -> Table:
    head = [_("Request"), _("Worker"), _("Asked"), _("What he says"), _("Document"), _("State")]
    lines = [
        Row(
            [
                each.pk,
                kit.worker(each.worker_id),
                when(each.asked_at),
                each.message or "–",
                link(_("read it"), "request-document", request_id=each.pk) if each.document_type else "–",
                status("pending" if each.state == RequestState.OPEN else each.state, each.get_state_display()),
            ]
        )
        for each in queries.requests_for(one)[:50]
    ]
    return Table(head, lines, _("Asked for"), _("Nobody has asked for it."))


def _page(one: Qualification) -> dict[str, Any]:
    one.refresh_from_db()
    test = one.tests.order_by("-version").first()
    facts: list[tuple[str, Any]] = [
        (_("Of"), one.organisation.name if one.organisation else _("the site")),
        (_("Kind"), _kind(one)),
        (_("Description"), one.description or "–"),
        (_("Asked for"), one.get_asking_display()),
    ]
    if test is not None:
        facts += [
            *exam.facts(test),
            *(test_pay.facts(one) if one.organisation is None else []),
        ]
    head = [_("Worker"), _("Value#"), _("Since"), _("Until"), _("State"), _("Reason")]
    lines = [
        Row(
            [
                kit.worker(each.worker_id),
                each.value,
                when(each.granted_at),
                when(each.expires_at),
                kit.state(each),
                each.reason or "–",
            ]
        )
        for each in queries.holders(one)[:50]
    ]
    badge = kit.status("active" if one.active else "", _("in use") if one.active else _("no longer"))
    context = {
        "title": one.name,
        "badge": badge,
        "crumb": {"address": address("qualifications"), "label": _("Qualifications")},
        "facts": facts,
        "tables": [
            *(exam.tables(test) if test is not None else []),
            *([_asked(one)] if one.asking else []),
            Table(head, lines, _("Who holds it"), _("Nobody yet.")),
            kit.history(one),
        ],
    }
    if test is not None:
        context["folded"] = exam.written(test)
    return context
