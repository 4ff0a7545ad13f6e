"""Errors as pages: what happened, why, and the way on. The API has its own handler; nothing else maps errors."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import defaults

from crowd.kernel.errors import BadInput, CrowdError
from crowd.labeling.errors import LabelingError

PROBLEM = "application/problem+json"


class ErrorPages:
    """Turns our errors, raised anywhere below a page, into a page; for scripts, into problem details (RFC 9457)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, LabelingError):
            exception = BadInput(exception.sentence)
        if isinstance(exception, DataError):  # a number or a text that no column can hold
            exception = BadInput(_("A value is too large, or has characters that cannot be stored."))
        if not isinstance(exception, CrowdError) or request.path.startswith("/api/"):
            return None
        return problem(exception) if wants_json(request) else error_page(request, exception)


def error_page(request: HttpRequest, error: CrowdError) -> HttpResponse:
    context = {
        "status": error.status,
        "title": _title(error.status),
        "sentence": error.message,
        "faults": error.places,
    }
    return render(request, "web/error.html", context, status=error.status)


def problem(error: CrowdError, **more: Any) -> JsonResponse:
    body = {"type": "about:blank", "title": HTTPStatus(error.status).phrase, "status": error.status}
    figures = {name: value for name, value in error.data.items() if name not in (*body, "detail", "code")}
    figures |= {"errors": error.places} if error.places else {}
    body |= {"detail": str(error.message), "code": error.code} | figures | more
    return JsonResponse(body, status=error.status, content_type=PROBLEM)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or sign-in changed in another tab: nothing was done, and the way on is short."""
    sentence = _(
        "This page was open for so long that it expired, or you signed in or out in another tab. "
        "Nothing was changed. Go back, load the page again, and send it once more."
    )
    if wants_json(request):
        return JsonResponse({"status": 403, "code": "expired", "detail": sentence}, status=403, content_type=PROBLEM)
    context = {"status": 403, "title": _("This page has expired"), "sentence": sentence, "again": _came_from(request)}
    return render(request, "web/error.html", context, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's handler400: Django's, which would read again for its page the form that could not be read."""
    request.POST = QueryDict()  # empty is what is left of it
    return defaults.bad_request(request, exception)


def _came_from(request: HttpRequest) -> str:
    """The page with the form, which can be loaded; the address itself may only take forms."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    return urlsplit(referer).path if referer and ours else request.path


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.META.get("HTTP_ACCEPT", "")


def _title(status: int) -> str:
    titles = {
        400: _("Something in the input is wrong"),
        403: _("This is not for you"),
        404: _("There is nothing here"),
        409: _("This cannot be done any more"),
        429: _("A little too fast"),
        503: _("A part of the site does not answer"),
    }
    return titles.get(status, _("This did not work"))
